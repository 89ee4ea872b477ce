// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(void) {
    size_t len = 0, room = 64;
    char *text = malloc(room);
    for (int i = 0; i < 1000000; i++) {
        char number[24];
        size_t n = (size_t)snprintf(number, sizeof number, "%d", i);
        while (len + n + 6 > room)
            text = realloc(text, room *= 2);
        memcpy(text + len, "line ", 5);
        memcpy(text + len + 5, number, n);
        len += n + 5;
        text[len++] = '\n';
    }
    long lines = 0;
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    printf("%zu %ld\n", len, lines);
}
