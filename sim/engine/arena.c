// SPDX-License-Identifier: MIT
// The world's memory: a bump pointer and free lists by size, at one fixed address. The addresses
// that an execution gets depend on nothing but its own events, so that they may stand in
// identities.
#define _GNU_SOURCE // MAP_FIXED_NOREPLACE
#include "world.h"

#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
enum { HIDES = true };
#define HIDE(at, bytes)   ASAN_POISON_MEMORY_REGION(at, bytes)
#define UNHIDE(at, bytes) ASAN_UNPOISON_MEMORY_REGION(at, bytes)
#else
enum { HIDES = false };
#define HIDE(at, bytes)   ((void)(at), (void)(bytes))
#define UNHIDE(at, bytes) ((void)(at), (void)(bytes))
#endif

enum { STEP = 16, FINE = 64, FINE_MAX = STEP * FINE }; // classes 1…64 hold up to 1024 bytes

prism_pool world_pools[PRISM_POOLS];

bool world_map(void) {
    for (uint32_t i = 0; i < PRISM_POOLS; i++)
        world_pools[i].count = PRISM_BATCH;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
    void *at = mmap((void *)WORLD_ADDRESS, WORLD_BYTES, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (at == MAP_FAILED)
        return false;
    if (at != (void *)WORLD_ADDRESS) { // a kernel that does not know NOREPLACE
        munmap(at, WORLD_BYTES);
        return false;
    }
    return true;
}

// The class of a size, and how many bytes its blocks have.
static uint32_t class_of(size_t bytes, size_t *block) {
    if (bytes <= FINE_MAX) {
        uint32_t class = (uint32_t)((bytes + STEP - 1) / STEP);
        class += class == 0;
        *block = (size_t) class * STEP;
        return class;
    }
    uint32_t power = 64 - (uint32_t)__builtin_clzll(bytes - 1); // 2^power >= bytes, from 11 on
    *block = (size_t)1 << power;
    return FINE + power - 10;
}

static void *block_alloc(struct world *w, size_t bytes) {
    size_t block;
    uint32_t class = class_of(bytes, &block);
    assert(class < SIZE_CLASSES);
    void *at = w->free_blocks[class];
    if (at) {
        UNHIDE(at, block);
        memcpy(&w->free_blocks[class], at, sizeof(void *));
        return at;
    }
    size_t used = (size_t)(w->top - (unsigned char *)w);
    if (used + block > WORLD_MEMORY_MAX)
        w->out_of_memory =
            true; // the execution ends with its segment; there is address space until then
    assert(block < WORLD_BYTES - used);
    at = w->top;
    w->top += block;
    UNHIDE(at, block);
    return at;
}

static void block_free(struct world *w, void *memory, size_t bytes) {
    size_t block;
    uint32_t class = class_of(bytes, &block);
    assert((uintptr_t)memory >= WORLD_ADDRESS && (unsigned char *)memory < w->top);
    memcpy(memory, &w->free_blocks[class], sizeof(void *));
    w->free_blocks[class] = memory;
    HIDE(memory, block);
}

void *prism_alloc(prism_cx *cx, size_t bytes) {
    struct world *w = (struct world *)cx;
    w->live_bytes += bytes;
    w->live_blocks++;
    return block_alloc(w, bytes);
}

void prism_free(prism_cx *cx, void *memory, size_t bytes) {
    struct world *w = (struct world *)cx;
    assert(w->live_blocks > 0 && w->live_bytes >= bytes);
    w->live_bytes -= bytes;
    w->live_blocks--;
    block_free(w, memory, bytes);
}

void *prism_grow(prism_cx *cx, void *memory, size_t bytes, size_t wanted) {
    void *grown = prism_alloc(cx, wanted);
    memcpy(grown, memory, bytes);
    prism_free(cx, memory, bytes);
    return grown;
}

void *world_table_alloc(struct world *w, size_t bytes) {
    return block_alloc(w, bytes);
}

void world_table_free(struct world *w, void *memory, size_t bytes) {
    if (memory)
        block_free(w, memory, bytes);
}

void *world_table_grow(struct world *w, void *table, uint32_t count, uint32_t *capacity,
                       size_t item) {
    uint32_t wider = *capacity ? *capacity * 2 : 16;
    void *grown = block_alloc(w, wider * item);
    if (count)
        memcpy(grown, table, count * item);
    world_table_free(w, table, *capacity * item);
    *capacity = wider;
    return grown;
}

// ---- copies -------------------------------------------------------------------------------------

static size_t block_of(uint32_t class) {
    return class <= FINE ? (size_t) class * STEP : (size_t)1 << (class - FINE + 10);
}

// What is free is hidden from the program (with the address sanitizer), not from a copy.
static void hide_free_blocks(const struct world *w) {
    for (uint32_t class = 1; HIDES && class < SIZE_CLASSES; class ++) {
        void *next;
        for (void *at = w->free_blocks[class]; at; at = next) {
            memcpy(&next, at, sizeof next);
            HIDE(at, block_of(class));
        }
    }
}

void world_copy(const struct world *w, void *to) {
    UNHIDE(w, world_bytes(w));
    memcpy(to, w, world_bytes(w));
    hide_free_blocks(w);
}

void world_put_back(const void *copy, size_t bytes) {
    struct world *w = WORLD;
    size_t used = world_bytes(w);
    UNHIDE(w, used > bytes ? used : bytes);
    memcpy(w, copy, bytes);
    if (used > world_bytes(w))
        HIDE(w->top, used - world_bytes(w));
    hide_free_blocks(w);
}

// An address says where in the arena the handle's object lies, which the schedule determines.
uint64_t prism_identity(const prism_type *type, const void *value) {
    if (type->kind == PRISM_REF) {
        const struct cell *cell = ((const prism_ref *)value)->cell;
        return cell ? WORLD->names[cell->sched.id].hash : 0; // the same under every schedule
    }
    if (type->kind == PRISM_REPLY) {
        const prism_reply *reply = *(prism_reply *const *)value;
        const struct cell *asker = reply ? reply->to.home : NULL;
        return asker ? name_hash(WORLD->names[asker->sched.id].hash, reply->to.future->number, 0)
                     : 0;
    }
    uintptr_t at;
    memcpy(&at, value, sizeof at);
    return at ? (at - WORLD_ADDRESS) / STEP : 0;
}
