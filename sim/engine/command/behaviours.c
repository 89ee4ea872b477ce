// SPDX-License-Identifier: MIT
// Counting different executions: a set of hashes, open addressing.
#include "command/command.h"

#include <stdlib.h>
#include <string.h>

enum { BEHAVIOURS_MAX = 1000000 };

static bool insert(uint64_t *table, uint64_t capacity, uint64_t hash) {
    uint64_t i = hash & (capacity - 1);
    while (table[i]) {
        if (table[i] == hash)
            return false;
        i = (i + 1) & (capacity - 1);
    }
    table[i] = hash;
    return true;
}

static void grow(struct behaviours *b) {
    uint64_t capacity = b->capacity ? b->capacity * 2 : 1024;
    uint64_t *wider = calloc(capacity, sizeof *wider);
    if (!wider)
        abort();
    for (uint64_t i = 0; i < b->capacity; i++)
        if (b->seen[i])
            insert(wider, capacity, b->seen[i]);
    free(b->seen);
    b->seen = wider;
    b->capacity = capacity;
}

void behaviours_add(struct behaviours *b, uint64_t hash, uint64_t run) {
    if (b->count * 2 >= b->capacity && b->count < BEHAVIOURS_MAX)
        grow(b);
    bool is_new = b->count < BEHAVIOURS_MAX && insert(b->seen, b->capacity, hash + !hash);
    b->count += is_new;
    uint64_t bit = run % WINDOW, mask = 1ull << (bit % 64);
    b->window[bit / 64] = is_new ? b->window[bit / 64] | mask : b->window[bit / 64] & ~mask;
}

uint64_t behaviours_recent(const struct behaviours *b) {
    uint64_t recent = 0;
    for (int i = 0; i < 4; i++)
        recent += (uint64_t)__builtin_popcountll(b->window[i]);
    return recent;
}

void behaviours_free(struct behaviours *b) {
    free(b->seen);
    *b = (struct behaviours){0};
}
