// SPDX-License-Identifier: MIT
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef struct {
    char *word;
    long count;
} entry;
static entry *table;
static size_t room = 1024, used;
static uint64_t hash(const char *s) {
    uint64_t h = 1469598103934665603u;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    return h ^ h >> 32;
}
static entry *find(const char *word) {
    size_t i = hash(word) & (room - 1);
    while (table[i].word && strcmp(table[i].word, word))
        i = (i + 1) & (room - 1);
    return &table[i];
}
static void grow(void) {
    entry *old = table;
    size_t n = room;
    table = calloc(room *= 2, sizeof *table);
    for (size_t i = 0; i < n; i++)
        if (old[i].word)
            *find(old[i].word) = old[i];
    free(old);
}
int main(void) {
    uint64_t seed = 42;
    table = calloc(room, sizeof *table);
    for (int i = 0; i < 2000000; i++) {
        seed = (seed * 1103515245 + 12345) % 2147483648u;
        uint64_t n = seed / 65536 % 20000;
        char word[16];
        int len = 0;
        word[len++] = 'w';
        for (; n > 0; n /= 26)
            word[len++] = (char)(97 + n % 26);
        word[len] = 0;
        entry *e = find(word);
        if (!e->word) {
            if (++used * 2 > room) {
                grow();
                e = find(word);
            }
            e->word = strdup(word);
        }
        e->count++;
    }
    long most = 0;
    for (size_t i = 0; i < room; i++)
        if (table[i].word && table[i].count > most)
            most = table[i].count;
    printf("%zu %ld\n", used, most);
}
