// SPDX-License-Identifier: MIT
// Handles: programs hold numbers, never descriptors, so that a handle that was closed stands for
// nothing and not for what was opened since. The table belongs to the process, as descriptors do.
#include "runtime/service/outside.h"

#include <stdlib.h>

#define NO_ENTRY UINT32_MAX

struct entry {
    struct handle handle;
    uint32_t generation, users; // users: operations under way
    uint32_t next_free; // of an entry that stands for nothing: the next such one, or NO_ENTRY
    bool closing;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t idle;
    struct entry *entries;
    uint32_t count, room, first_free;
} table = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, 0, 0, NO_ENTRY};

static uint32_t free_entry(void) {
    uint32_t free = table.first_free;
    if (free != NO_ENTRY) {
        table.first_free = table.entries[free].next_free;
        return free;
    }
    if (table.count == table.room) {
        table.room = table.room ? table.room * 2 : 16;
        table.entries = realloc(table.entries, table.room * sizeof *table.entries);
        if (!table.entries)
            abort();
    }
    table.entries[table.count] = (struct entry){0};
    return table.count++;
}

int64_t handle_new(struct handle handle) {
    pthread_mutex_lock(&table.lock);
    uint32_t at = free_entry();
    struct entry *e = &table.entries[at];
    *e = (struct entry){.handle = handle, .generation = e->generation + 1};
    int64_t number = (int64_t)((uint64_t)e->generation << 32 | at);
    pthread_mutex_unlock(&table.lock);
    return number;
}

// With the lock held.
static struct entry *find(int64_t number) {
    uint32_t at = (uint32_t)number, generation = (uint32_t)((uint64_t)number >> 32);
    if (number < 0 || at >= table.count)
        return NULL;
    struct entry *e = &table.entries[at];
    bool live = e->handle.kind != HANDLE_NONE && !e->closing && e->generation == generation;
    return live ? e : NULL;
}

bool handle_take(int64_t number, enum handle_kind kind, struct handle *out) {
    pthread_mutex_lock(&table.lock);
    struct entry *e = find(number);
    bool found = e && e->handle.kind == kind;
    if (found) {
        e->users++;
        *out = e->handle;
    }
    pthread_mutex_unlock(&table.lock);
    return found;
}

void handle_release(int64_t number) {
    pthread_mutex_lock(&table.lock);
    if (--table.entries[(uint32_t)number].users == 0)
        pthread_cond_broadcast(&table.idle);
    pthread_mutex_unlock(&table.lock);
}

bool handle_close(int64_t number, struct handle *out) {
    pthread_mutex_lock(&table.lock);
    struct entry *e = find(number);
    bool found = e != NULL;
    if (found) {
        e->closing = true;
        while (table.entries[(uint32_t)number].users) // the table may have moved meanwhile
            pthread_cond_wait(&table.idle, &table.lock);
        e = &table.entries[(uint32_t)number];
        *out = e->handle;
        e->handle.kind = HANDLE_NONE;
        e->closing = false;
        e->next_free = table.first_free;
        table.first_free = (uint32_t)number;
    }
    pthread_mutex_unlock(&table.lock);
    return found;
}
