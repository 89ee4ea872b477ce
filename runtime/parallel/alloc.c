// SPDX-License-Identifier: MIT
// Memory: size classes with a free list per worker. Lists that grow past two batches give one to
// the depot, empty ones take one from it, so that memory freed by consumers comes back to producers
// (magazines and depot: Bonwick and Adams, "Magazines and Vmem", USENIX 2001).
#include "runtime/parallel/runtime.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { REGION_BYTES = 16 << 20 };

// Zeroed pages at a multiple of CHUNK_BYTES. The system is asked for many at once.
static char *map_pages(struct depot *d) {
    pthread_mutex_lock(&d->lock);
    if (d->region_left < CHUNK_BYTES) {
        d->region = large_map(REGION_BYTES, CHUNK_BYTES, PROT_READ | PROT_WRITE);
        d->region_left = REGION_BYTES;
        // Who needs a second one needs much; the first is not worth clearing pages that large.
        if (d->regions++)
            madvise(d->region, REGION_BYTES, MADV_HUGEPAGE); // a wish
    }
    char *memory = d->region;
    d->region += CHUNK_BYTES;
    d->region_left -= CHUNK_BYTES;
    pthread_mutex_unlock(&d->lock);
    return memory;
}

static struct chunk *new_chunk(struct depot *d, struct memory *m, bool of_cells) {
    char *memory = map_pages(d);
    struct chunk *c = of_cells ? calloc(1, sizeof *c) : (struct chunk *)(void *)memory;
    if (!c)
        large_refused(sizeof *c);
    c->memory = memory;
    c->of_cells = of_cells;
    c->carved = of_cells ? 0 : (sizeof *c + 63) & ~63u;
    c->next = m->chunks;
    m->chunks = c;
    return c;
}

void memory_unmap(struct chunk *c) {
    bool apart = c->of_cells;
    munmap(c->memory, CHUNK_BYTES);
    if (apart)
        free(c);
}

// Fresh zeroed memory; the tail of the chunk before is given up.
static void *carve(struct depot *d, struct memory *m, struct chunk **from, uint32_t bytes,
                   bool of_cells) {
    if (!*from || CHUNK_BYTES - (*from)->carved < bytes)
        *from = new_chunk(d, m, of_cells);
    if (bytes % 64 == 0)
        (*from)->carved = ((*from)->carved + 63) & ~63u;
    void *block = (*from)->memory + (*from)->carved;
    (*from)->carved += bytes;
    return block;
}

static bool take_batch(struct depot *d, prism_pool *list, uint32_t class) {
    // Racy peek: missing a batch only costs a fresh block.
    if (!__atomic_load_n(&d->batches[class], __ATOMIC_RELAXED))
        return false;
    pthread_mutex_lock(&d->lock);
    prism_block *batch = d->batches[class];
    if (batch) {
        __atomic_store_n(&d->batches[class], batch->next_batch, __ATOMIC_RELAXED);
        __atomic_sub_fetch(&d->free_bytes, BATCH_BLOCKS * (class + 1) * CLASS_BYTES,
                           __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&d->lock);
    list->first = batch;
    list->count = batch ? BATCH_BLOCKS : 0;
    return batch;
}

static void give_batch(struct depot *d, prism_block *batch, uint32_t class) {
    pthread_mutex_lock(&d->lock);
    batch->next_batch = d->batches[class];
    __atomic_store_n(&d->batches[class], batch, __ATOMIC_RELAXED);
    __atomic_add_fetch(&d->free_bytes, BATCH_BLOCKS * (class + 1) * CLASS_BYTES, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&d->lock);
}

// ---- cells --------------------------------------------------------------------------------------

static void exchange_cells(struct depot *d, struct memory *m, uint32_t want) {
    pthread_mutex_lock(&d->lock);
    while (m->free_cell_count > want) {
        struct cell *c = m->free_cells;
        m->free_cells = c->sched.free_next;
        m->free_cell_count--;
        c->sched.free_next = d->cells;
        __atomic_store_n(&d->cells, c, __ATOMIC_RELAXED);
        __atomic_add_fetch(&d->free_bytes, CELL_BYTES, __ATOMIC_RELAXED);
    }
    while (m->free_cell_count < want && d->cells) {
        struct cell *c = d->cells;
        __atomic_store_n(&d->cells, c->sched.free_next, __ATOMIC_RELAXED);
        c->sched.free_next = m->free_cells;
        m->free_cells = c;
        m->free_cell_count++;
        __atomic_sub_fetch(&d->free_bytes, CELL_BYTES, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&d->lock);
}

// One of cells whose memory was given back, to be carved like a new one, or NULL.
static struct chunk *take_bare(struct depot *d) {
    if (!__atomic_load_n(&d->bare, __ATOMIC_RELAXED))
        return NULL;
    pthread_mutex_lock(&d->lock);
    struct chunk *c = d->bare;
    if (c) {
        __atomic_store_n(&d->bare, c->next_bare, __ATOMIC_RELAXED);
        c->is_bare = false;
        c->carved = 0;
    }
    pthread_mutex_unlock(&d->lock);
    return c;
}

void memory_each_cell(const struct memory *m, void (*visit)(void *context, struct cell *),
                      void *context) {
    for (const struct chunk *c = m->chunks; c; c = c->next)
        for (uint32_t at = 0; c->of_cells && !c->is_bare && at < c->carved; at += CELL_BYTES)
            visit(context, (struct cell *)(void *)(c->memory + at));
}

struct cell *memory_get_cell(struct depot *d, struct memory *m) {
    if (!m->free_cells && __atomic_load_n(&d->cells, __ATOMIC_RELAXED))
        exchange_cells(d, m, BATCH_BLOCKS);
    struct cell *c = m->free_cells;
    if (c) {
        m->free_cells = c->sched.free_next;
        m->free_cell_count--;
        c->sched.anchor = NULL; // where free_next was
        return c;
    }
    if (!m->cell_chunk || CHUNK_BYTES - m->cell_chunk->carved < CELL_BYTES)
        m->cell_chunk = take_bare(d);
    return carve(d, m, &m->cell_chunk, CELL_BYTES, true);
}

void memory_put_cell(struct depot *d, struct memory *m, struct cell *c) {
    c->sched.free_next = m->free_cells;
    m->free_cells = c;
    if (++m->free_cell_count > 4 * BATCH_BLOCKS)
        exchange_cells(d, m, 2 * BATCH_BLOCKS);
}

void memory_end(struct memory *m) {
    struct chunk *next;
    for (struct chunk *c = m->chunks; c; c = next) {
        next = c->next;
        memory_unmap(c);
    }
    *m = (struct memory){0};
}

void *memory_get_slowly(struct worker *w, uint32_t class, size_t bytes) {
    struct memory *m = &w->memory;
    if (class == CLASS_COUNT) {
        m->large++;
        return large_get(&w->rt->depot, bytes);
    }
    prism_pool *list = &m->pools[class];
    if (list->spare) {
        list->first = list->spare;
        list->count = BATCH_BLOCKS;
        list->spare = NULL;
    } else if (!take_batch(&w->rt->depot, list, class)) {
        m->made++;
        return carve(&w->rt->depot, m, &m->chunk, (class + 1) * CLASS_BYTES, false);
    }
    prism_block *block = list->first;
    list->first = block->next;
    list->count--;
    return block;
}

void memory_put_slowly(struct worker *w, uint32_t class, void *memory, size_t bytes) {
    if (class == CLASS_COUNT) {
        w->memory.large--;
        large_put(&w->rt->depot, memory, bytes);
        return;
    }
    prism_pool *list = &w->memory.pools[class];
    if (list->spare)
        give_batch(&w->rt->depot, list->spare, class);
    list->spare = list->first;
    prism_block *block = memory;
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

void *prism_grow(prism_cx *cx, void *memory, size_t bytes, size_t wanted) {
    struct worker *w = worker_of(cx);
    if (memory_class(bytes) == CLASS_COUNT)
        return large_grow(&w->rt->depot, memory, bytes, wanted);
    void *grown = memory_get(w, wanted);
    memcpy(grown, memory, bytes);
    memory_put(w, memory, bytes);
    return grown;
}

// ---- what was not given back --------------------------------------------------------------------

int64_t memory_out(const struct memory *m) {
    int64_t out = m->made + m->large;
    for (uint32_t i = 0; i < CLASS_COUNT; i++)
        out -= m->pools[i].count + (m->pools[i].spare ? BATCH_BLOCKS : 0);
    return out;
}

int64_t depot_blocks(const struct depot *d) {
    int64_t blocks = 0;
    for (uint32_t i = 0; i < CLASS_COUNT; i++)
        for (const prism_block *b = d->batches[i]; b; b = b->next_batch)
            blocks += BATCH_BLOCKS;
    return blocks;
}

void depot_end(struct depot *d) {
    large_trim(d);
    if (d->region_left)
        munmap(d->region, d->region_left);
}
