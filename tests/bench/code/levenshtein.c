// SPDX-License-Identifier: MIT
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
static uint8_t *text(size_t len, uint64_t seed) {
    uint8_t *bytes = malloc(len);
    for (size_t i = 0; i < len; i++) {
        seed = (seed * 1103515245 + 12345) % 2147483648u;
        bytes[i] = (uint8_t)(97 + seed / 65536 % 26);
    }
    return bytes;
}
static uint64_t distance(const uint8_t *a, size_t m, const uint8_t *b, size_t n) {
    uint64_t *row = malloc((n + 1) * sizeof *row);
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; i < m; i++) {
        uint64_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            uint64_t up = row[j + 1], change = a[i] == b[j] ? diagonal : diagonal + 1;
            uint64_t gap = up < row[j] ? up + 1 : row[j] + 1;
            row[j + 1] = change < gap ? change : gap;
            diagonal = up;
        }
    }
    return row[n];
}
int main(void) {
    printf("%lu\n", distance(text(5000, 1), 5000, text(5000, 2), 5000));
}
