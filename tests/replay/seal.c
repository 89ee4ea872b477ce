// SPDX-License-Identifier: MIT
// seal IN OUT OFFSET BITS: a copy of a trace whose byte at OFFSET is changed by exclusive or,
// and whose checksum is right nevertheless: damage that only the trace's meaning can show.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { BYTES_MAX = 1 << 20, SUM_BYTES = 9 }; // the head of a byte string, and eight bytes

static int write_all(const char *path, const unsigned char *bytes, size_t len) {
    FILE *file = fopen(path, "wb");
    size_t written = file ? fwrite(bytes, 1, len, file) : 0;
    return file && fclose(file) == 0 && written == len ? 0 : 74;
}

int main(int argc, char **argv) {
    static unsigned char bytes[BYTES_MAX];
    if (argc != 5)
        return 2;
    FILE *file = fopen(argv[1], "rb");
    size_t len = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file)
        fclose(file);
    size_t offset = strtoull(argv[3], NULL, 10);
    if (len < SUM_BYTES || offset >= len - SUM_BYTES)
        return 2;
    bytes[offset] ^= (unsigned char)strtoul(argv[4], NULL, 0);
    uint64_t sum = XXH3_64bits(bytes, len - SUM_BYTES);
    for (size_t i = 0; i < 8; i++)
        bytes[len - 8 + i] = (unsigned char)(sum >> (56 - 8 * i));
    return write_all(argv[2], bytes, len);
}
