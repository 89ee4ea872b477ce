// SPDX-License-Identifier: MIT
// Counting different executions: a set of hashes, open addressing.
#include "command/command.h"

#include <stdlib.h>
#include <string.h>

enum { BEHAVIOURS_MAX = 1000000 };
// An entry is a hash, the lowest bits of which tell how many samples showed it, 3 for more; 0: a
// free place.
enum { TIMES = 3 };

static uint64_t entry_of(uint64_t hash) {
    uint64_t entry = hash & ~(uint64_t)TIMES;
    return entry ? entry : TIMES + 1;
}

// Where the entry's hash is, or would be.
static uint64_t *place_of(uint64_t *table, uint64_t capacity, uint64_t entry) {
    uint64_t i = entry / (TIMES + 1) & (capacity - 1);
    while (table[i] && table[i] / (TIMES + 1) != entry / (TIMES + 1))
        i = (i + 1) & (capacity - 1);
    return &table[i];
}

static void grow(struct behaviours *b) {
    uint64_t capacity = b->capacity ? b->capacity * 2 : 1024;
    uint64_t *wider = calloc(capacity, sizeof *wider);
    if (!wider)
        abort();
    for (uint64_t i = 0; i < b->capacity; i++)
        if (b->seen[i])
            *place_of(wider, capacity, b->seen[i]) = b->seen[i];
    free(b->seen);
    b->seen = wider;
    b->capacity = capacity;
}

// The hash's entry, made if need be; NULL if there is no room for another one.
static uint64_t *entry_for(struct behaviours *b, uint64_t entry) {
    if (b->count * 2 >= b->capacity && b->count < BEHAVIOURS_MAX)
        grow(b);
    uint64_t *place = place_of(b->seen, b->capacity, entry);
    if (*place)
        return place;
    if (b->count == BEHAVIOURS_MAX)
        return NULL;
    b->count++;
    *place = entry & ~(uint64_t)TIMES;
    return place;
}

void behaviours_add(struct behaviours *b, uint64_t hash, uint64_t run) {
    uint64_t before = b->count;
    entry_for(b, entry_of(hash));
    bool is_new = b->count > before;
    uint64_t bit = run % WINDOW, mask = 1ull << (bit % 64);
    b->window[bit / 64] = is_new ? b->window[bit / 64] | mask : b->window[bit / 64] & ~mask;
}

void behaviours_sampled(struct behaviours *b, uint64_t hash) {
    uint64_t *entry = entry_for(b, entry_of(hash));
    uint64_t times = entry ? *entry & TIMES : TIMES;
    if (times == TIMES)
        return;
    *entry += 1;
    b->times[times + 1]++;
    if (times)
        b->times[times]--;
}

void behaviours_restore(struct behaviours *b, uint64_t entry) {
    uint64_t *place = entry_for(b, entry_of(entry)), times = entry & TIMES;
    if (!place || *place & TIMES)
        return;
    *place += times;
    b->times[times] += times > 0;
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
