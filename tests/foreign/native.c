// SPDX-License-Identifier: MIT
// What tests/foreign/main.prism declares.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

double add_all(int8_t a, uint16_t b, int64_t c, float d, double e, bool f, uint32_t g) {
    return a + b + (double)c + (double)d + e + f + g;
}

uint64_t count_bytes(const unsigned char *data, size_t len, uint8_t byte) {
    uint64_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += data[i] == byte;
    return count;
}

uint8_t last_byte(const unsigned char *data, size_t len) {
    return len ? data[len - 1] : 0;
}

void note(int32_t x) {
    fprintf(stderr, "noted %d\n", (int)x);
}

// CRC-32 of ISO 3309.
unsigned long crc32(unsigned long seed, const unsigned char *data, size_t len) {
    uint32_t crc = (uint32_t)~seed;
    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (0xedb88320u & -(crc & 1));
    }
    return ~crc & 0xffffffffu;
}
