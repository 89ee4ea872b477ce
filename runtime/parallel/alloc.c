// SPDX-License-Identifier: MIT
// Memory: size classes with a free list per worker. Lists that grow past two batches give one to the
// depot, empty ones take one from it, so that memory freed by consumers comes back to producers
// (magazines and depot: Bonwick and Adams, "Magazines and Vmem", USENIX 2001).
#include "runtime/parallel/runtime.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { CHUNK_BYTES = 256 << 10, HUGE_PAGE_BYTES = 2 << 20, HUGE_BYTES_LEAST = 4 << 20 };

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

// A block of several huge pages is made of them, if the system has any: it is written from one end to
// the other, and to clear a huge page costs a tenth of what the faults of its small ones do.
static void *get_large(struct memory *m, size_t bytes) {
    bool huge = bytes >= HUGE_BYTES_LEAST;
    size_t unit = huge ? HUGE_PAGE_BYTES : 16;
    size_t room = (bytes + unit - 1) & ~(unit - 1);
    void *block = aligned_alloc(unit, room);
    if (!block)
        out_of_memory(bytes);
    if (huge)
        madvise(block, room, MADV_HUGEPAGE); // a wish
    m->large++;
    return block;
}

void *memory_get_slowly(struct worker *w, uint32_t class, size_t bytes) {
    struct memory *m = &w->memory;
    if (class == CLASS_COUNT)
        return get_large(m, bytes);
    struct free_list *list = &m->lists[class];
    if (list->spare) {
        list->first = list->spare;
        list->count = BATCH_BLOCKS;
        list->spare = NULL;
    } else if (!take_batch(&w->rt->depot, list, class)) {
        m->made++;
        return carve(m, (size_t)(class + 1) * CLASS_BYTES);
    }
    struct block *block = list->first;
    list->first = block->next;
    list->count--;
    return block;
}

void memory_put_slowly(struct worker *w, uint32_t class, void *memory) {
    if (class == CLASS_COUNT) {
        w->memory.large--;
        free(memory);
        return;
    }
    struct free_list *list = &w->memory.lists[class];
    if (list->spare)
        give_batch(&w->rt->depot, list->spare, class);
    list->spare = list->first;
    struct block *block = memory;
    block->next = NULL;
    list->first = block;
    list->count = 1;
}

void *prism_alloc(prism_cx *cx, size_t bytes) {
    return memory_get(worker_of(cx), bytes);
}

void prism_free(prism_cx *cx, void *memory, size_t bytes) {
    memory_put(worker_of(cx), memory, bytes);
}

// ---- what was not given back ------------------------------------------------------------------------

int64_t memory_out(const struct memory *m) {
    int64_t out = m->made + m->large;
    for (uint32_t i = 0; i < CLASS_COUNT; i++)
        out -= m->lists[i].count + (m->lists[i].spare ? BATCH_BLOCKS : 0);
    return out;
}

int64_t depot_blocks(const struct depot *d) {
    int64_t blocks = 0;
    for (uint32_t i = 0; i < CLASS_COUNT; i++)
        for (const struct block *b = d->batches[i]; b; b = b->next_batch)
            blocks += BATCH_BLOCKS;
    return blocks;
}
