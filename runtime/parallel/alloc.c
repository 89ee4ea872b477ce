// SPDX-License-Identifier: MIT
// Memory: size classes with a free list per worker. Lists that grow past two batches give one to the
// depot, empty ones take one from it, so that memory freed by consumers comes back to producers
// (magazines and depot: Bonwick and Adams, "Magazines and Vmem", USENIX 2001).
#include "runtime/parallel/runtime.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 256 << 10 };

static void out_of_memory(size_t bytes) {
    fprintf(stderr, "prism: the machine has no %zu bytes of memory left to give\n", bytes);
    exit(70);
}

static void keep_chunk(struct memory *m, void *chunk) {
    if (m->chunk_count == m->chunk_room) {
        m->chunk_room = m->chunk_room ? m->chunk_room * 2 : 16;
        m->chunks = realloc(m->chunks, m->chunk_room * sizeof *m->chunks);
        if (!m->chunks)
            out_of_memory(m->chunk_room * sizeof *m->chunks);
    }
    m->chunks[m->chunk_count++] = chunk;
}

// Fresh zeroed memory; the tail of the chunk before is given up.
static void *carve(struct memory *m, size_t bytes) {
    if (m->chunk_left < bytes) {
        m->chunk = aligned_alloc(64, CHUNK_BYTES);
        if (!m->chunk)
            out_of_memory(CHUNK_BYTES);
        memset(m->chunk, 0, CHUNK_BYTES);
        m->chunk_left = CHUNK_BYTES;
        keep_chunk(m, m->chunk);
    }
    void *block = m->chunk;
    m->chunk += bytes;
    m->chunk_left -= bytes;
    return block;
}

static bool take_batch(struct depot *d, struct free_list *list, uint32_t class) {
    // Racy peek: missing a batch only costs a fresh block.
    if (!__atomic_load_n(&d->batches[class], __ATOMIC_RELAXED))
        return false;
    pthread_mutex_lock(&d->lock);
    struct block *batch = d->batches[class];
    if (batch)
        __atomic_store_n(&d->batches[class], batch->next_batch, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&d->lock);
    list->first = batch;
    list->count = batch ? BATCH_BLOCKS : 0;
    return batch;
}

static void give_batch(struct depot *d, struct block *batch, uint32_t class) {
    pthread_mutex_lock(&d->lock);
    batch->next_batch = d->batches[class];
    __atomic_store_n(&d->batches[class], batch, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&d->lock);
}

// What happens once in a batch, or for what is large; kept out of the paths that every message takes.
#define SELDOM __attribute__((noinline, cold))

static inline void *first_block(struct free_list *list) {
    struct block *block = list->first;
    list->first = block->next;
    list->count--;
    return block;
}

SELDOM static void *get_from_elsewhere(struct worker *w, uint32_t class) {
    struct free_list *list = &w->memory.lists[class];
    if (list->spare) {
        list->first = list->spare;
        list->count = BATCH_BLOCKS;
        list->spare = NULL;
    } else if (!take_batch(&w->rt->depot, list, class)) {
        return carve(&w->memory, (size_t)(class + 1) * CLASS_BYTES);
    }
    return first_block(list);
}

SELDOM static void make_room(struct worker *w, uint32_t class) {
    struct free_list *list = &w->memory.lists[class];
    if (list->spare)
        give_batch(&w->rt->depot, list->spare, class);
    list->spare = list->first;
    list->first = NULL;
    list->count = 0;
}

// ---- cells ------------------------------------------------------------------------------------------

static void remember_cell(struct memory *m, struct cell *c) {
    if (m->cell_count == m->cell_room) {
        m->cell_room = m->cell_room ? m->cell_room * 2 : 64;
        m->cells = realloc(m->cells, m->cell_room * sizeof *m->cells);
        if (!m->cells)
            out_of_memory(m->cell_room * sizeof *m->cells);
    }
    m->cells[m->cell_count++] = c;
}

static void exchange_cells(struct depot *d, struct memory *m, uint32_t want) {
    pthread_mutex_lock(&d->lock);
    while (m->free_cell_count > want) {
        struct cell *c = m->free_cells;
        m->free_cells = c->sched.free_next;
        m->free_cell_count--;
        c->sched.free_next = d->cells;
        __atomic_store_n(&d->cells, c, __ATOMIC_RELAXED);
    }
    while (m->free_cell_count < want && d->cells) {
        struct cell *c = d->cells;
        __atomic_store_n(&d->cells, c->sched.free_next, __ATOMIC_RELAXED);
        c->sched.free_next = m->free_cells;
        m->free_cells = c;
        m->free_cell_count++;
    }
    pthread_mutex_unlock(&d->lock);
}

struct cell *memory_get_cell(struct depot *d, struct memory *m) {
    if (!m->free_cells && __atomic_load_n(&d->cells, __ATOMIC_RELAXED))
        exchange_cells(d, m, BATCH_BLOCKS);
    struct cell *c = m->free_cells;
    if (c) {
        m->free_cells = c->sched.free_next;
        m->free_cell_count--;
        return c;
    }
    c = carve(m, (sizeof *c + 63) & ~(size_t)63);
    remember_cell(m, c);
    return c;
}

void memory_put_cell(struct depot *d, struct memory *m, struct cell *c) {
    c->sched.free_next = m->free_cells;
    m->free_cells = c;
    if (++m->free_cell_count > 4 * BATCH_BLOCKS)
        exchange_cells(d, m, 2 * BATCH_BLOCKS);
}

void memory_end(struct memory *m) {
    for (uint32_t i = 0; i < m->chunk_count; i++)
        free(m->chunks[i]);
    free(m->chunks);
    free(m->cells);
    *m = (struct memory){0};
}

static inline uint32_t class_of(size_t bytes) {
    size_t classes = bytes ? (bytes - 1) / CLASS_BYTES : 0;
    return classes < CLASS_COUNT ? (uint32_t)classes : CLASS_COUNT;
}

SELDOM static void *get_large(struct worker *w, size_t bytes) {
    void *block = aligned_alloc(16, (bytes + 15) & ~(size_t)15);
    if (!block)
        out_of_memory(bytes);
    w->memory.blocks_live++;
    return block;
}

SELDOM static void put_large(struct worker *w, void *memory) {
    w->memory.blocks_live--;
    free(memory);
}

void *prism_alloc(prism_cx *cx, size_t bytes) {
    struct worker *w = worker_of(cx);
    uint32_t class = class_of(bytes);
    if (PRISM_RARE(class >= CLASS_COUNT))
        return get_large(w, bytes);
    struct free_list *list = &w->memory.lists[class];
    w->memory.blocks_live++;
    if (PRISM_RARE(!list->first))
        return get_from_elsewhere(w, class);
    return first_block(list);
}

void prism_free(prism_cx *cx, void *memory, size_t bytes) {
    struct worker *w = worker_of(cx);
    uint32_t class = class_of(bytes);
    if (PRISM_RARE(class >= CLASS_COUNT)) {
        put_large(w, memory);
        return;
    }
    struct free_list *list = &w->memory.lists[class];
    w->memory.blocks_live--;
    if (PRISM_RARE(list->count == BATCH_BLOCKS))
        make_room(w, class);
    struct block *block = memory;
    block->next = list->first;
    list->first = block;
    list->count++;
}
