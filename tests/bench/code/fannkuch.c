// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
int main(void) {
    size_t n = 10, *p = malloc(n * sizeof *p), *f = malloc(n * sizeof *f),
           *count = malloc(n * sizeof *count);
    for (size_t i = 0; i < n; i++)
        p[i] = i;
    long most = 0, checksum = 0, round = 0;
    size_t r = n;
    for (;; round++) {
        for (; r != 1; r--)
            count[r - 1] = r;
        for (size_t i = 0; i < n; i++)
            f[i] = p[i];
        long flips = 0;
        for (size_t k; (k = f[0]) != 0; flips++)
            for (size_t low = 0, high = k; low < high; low++, high--) {
                size_t kept = f[low];
                f[low] = f[high];
                f[high] = kept;
            }
        most = flips > most ? flips : most;
        checksum += round % 2 == 0 ? flips : -flips;
        for (;; r++) {
            if (r == n) {
                printf("%ld %ld\n", checksum, most);
                return 0;
            }
            size_t first = p[0];
            for (size_t i = 0; i < r; i++)
                p[i] = p[i + 1];
            p[r] = first;
            if (--count[r] > 0)
                break;
        }
    }
}
