// SPDX-License-Identifier: MIT
// The peer in C, one thread: counts words as corpus/programs/wordcount does, and prints the N most
// frequent.
//   count N FILE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
    uint64_t hash, count;
    size_t start, len;
};

static char *letters;
static size_t letter_count, letter_room;
static struct word *entries;
static uint32_t *table;
static size_t entry_count, entry_room, table_size = 1024;

static void *grown(void *at, size_t bytes) {
    at = realloc(at, bytes);
    if (!at)
        exit(1);
    return at;
}

static void rebuild(void) {
    table_size *= 2;
    free(table);
    table = calloc(table_size, sizeof *table);
    for (size_t i = 0; i < entry_count; i++) {
        size_t place = entries[i].hash & (table_size - 1);
        while (table[place])
            place = (place + 1) & (table_size - 1);
        table[place] = (uint32_t)i + 1;
    }
}

static void add(const char *word, size_t len, uint64_t hash) {
    size_t place = hash & (table_size - 1);
    for (; table[place]; place = (place + 1) & (table_size - 1)) {
        struct word *w = &entries[table[place] - 1];
        if (w->hash == hash && w->len == len && !memcmp(letters + w->start, word, len)) {
            w->count++;
            return;
        }
    }
    if (entry_count == entry_room)
        entries = grown(entries, (entry_room = entry_room * 2 + 1024) * sizeof *entries);
    if (letter_count + len > letter_room)
        letters = grown(letters, letter_room = letter_room * 2 + 65536);
    memcpy(letters + letter_count, word, len);
    entries[entry_count++] = (struct word){hash, 1, letter_count, len};
    letter_count += len;
    table[place] = (uint32_t)entry_count;
    if (entry_count * 2 > table_size)
        rebuild();
}

static int by_count(const void *a, const void *b) {
    const struct word *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = memcmp(letters + x->start, letters + y->start, len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

int main(int argc, char **argv) {
    static char buffer[1 << 20], word[1 << 16];
    size_t len = 0, got, top = argc > 1 ? (size_t)atoll(argv[1]) : 10;
    uint64_t hash = 14695981039346656037u;
    FILE *in = argc > 2 ? fopen(argv[2], "rb") : stdin;
    if (!in)
        return 1;
    table = calloc(table_size, sizeof *table);
    while ((got = fread(buffer, 1, sizeof buffer, in)) > 0)
        for (size_t i = 0; i < got; i++) {
            char small = buffer[i] | 32;
            if (small >= 'a' && small <= 'z' && len < sizeof word) {
                word[len++] = small;
                hash = (hash ^ (unsigned char)small) * 1099511628211u;
            } else if (len) {
                add(word, len, hash ^ hash >> 29 ^ hash >> 47);
                len = 0;
                hash = 14695981039346656037u;
            }
        }
    if (len)
        add(word, len, hash ^ hash >> 29 ^ hash >> 47);
    qsort(entries, entry_count, sizeof *entries, by_count);
    for (size_t i = 0; i < top && i < entry_count; i++)
        printf("%llu %.*s\n", (unsigned long long)entries[i].count, (int)entries[i].len,
               letters + entries[i].start);
    return 0;
}
