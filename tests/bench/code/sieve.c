// SPDX-License-Identifier: MIT
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
int main(void) {
    size_t n = 20000000;
    bool *composite = calloc(n, 1);
    long count = 0;
    for (size_t i = 2; i < n; i++) {
        if (composite[i])
            continue;
        count++;
        for (size_t k = i * i; k < n; k += i)
            composite[k] = true;
    }
    printf("%ld\n", count);
}
