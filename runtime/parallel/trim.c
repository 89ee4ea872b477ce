// SPDX-License-Identifier: MIT
// Giving memory back to the system, after much of it was needed for a time and is not any more.
//
// Done when all workers have been parked for TRIM_AFTER_NS (worker.c) and more is free in the depot
// than TRIM_BYTES and twice what could not be given back last time. So nobody who works pays for
// it, and nobody touches what is looked at: workers, spares too, hold still as long as the
// runtime's lock is held. Threads of the pool do not, so their chunks and lists are left alone, and
// the depot is locked.
//
// A chunk of blocks goes when all that was ever carved from it is in the free lists of workers or
// in the depot. Cells stay where they are, since refs to them may exist; when none in a chunk is in
// use, its pages are dropped: they read as zero from then on, a generation that no ref has, and a
// message that comes there finds an actor that is not the one meant. The next actor in such a cell
// has a generation of at least `generation_floor`, which is greater than any that was there before.
#include "runtime/parallel/runtime.h"

#include <malloc.h>
#include <sys/mman.h>

#define TRIM_BYTES (UINT64_C(8) << 20)

bool memory_worth_trimming(const struct depot *d) {
    uint64_t free_bytes = __atomic_load_n(&d->free_bytes, __ATOMIC_RELAXED);
    return free_bytes > TRIM_BYTES + 2 * d->kept_bytes;
}

// The workers', then the spares'.
static struct memory *nth_memory(struct runtime *rt, uint32_t i) {
    if (i < rt->worker_count)
        return &rt->workers[i].memory;
    i -= rt->worker_count;
    return i < rt->spare_count ? &rt->spares[i]->memory : NULL;
}

// ---- blocks -------------------------------------------------------------------------------------

static struct chunk *chunk_of(const prism_block *b) {
    return (struct chunk *)((uintptr_t)b & ~(uintptr_t)(CHUNK_BYTES - 1));
}

// All free blocks of a class, linked by `next`, out of the lists.
static prism_block *gather(struct runtime *rt, uint32_t class) {
    prism_block *all = NULL, *batch = rt->depot.batches[class], *next, *next_batch;
    struct memory *m;
    for (uint32_t i = 0; (m = nth_memory(rt, i)); i++) {
        prism_pool *list = &m->pools[class];
        prism_block *of[2] = {list->first, list->spare};
        for (int k = 0; k < 2; k++)
            for (prism_block *b = of[k]; b; b = next) {
                next = b->next;
                b->next = all;
                all = b;
                m->made--; // it is made by whoever gets it now; see put_back()
            }
        *list = (prism_pool){0};
    }
    for (; batch; batch = next_batch) {
        next_batch = batch->next_batch;
        for (prism_block *b = batch; b; b = next) {
            next = b->next;
            b->next = all;
            all = b;
            rt->workers[0].memory.made--;
        }
    }
    __atomic_store_n(&rt->depot.batches[class], NULL, __ATOMIC_RELAXED);
    return all;
}

static bool is_unused(const struct runtime *rt, const struct chunk *c) {
    for (uint32_t i = 0; i < rt->worker_count; i++)
        if (c == rt->workers[i].memory.chunk || c == rt->workers[i].memory.cell_chunk)
            return false;
    for (uint32_t i = 0; i < rt->spare_count; i++)
        if (c == rt->spares[i]->memory.chunk || c == rt->spares[i]->memory.cell_chunk)
            return false;
    return c->free == c->carved;
}

// Full batches go to the depot, the rest to the first worker.
static void put_back(struct runtime *rt, uint32_t class, prism_block *all) {
    prism_pool *list = &rt->workers[0].memory.pools[class];
    prism_block *next;
    for (prism_block *b = all; b; b = next) {
        next = b->next;
        if (chunk_of(b)->free == UINT32_MAX)
            continue;
        rt->workers[0].memory.made++;
        b->next = list->first;
        list->first = b;
        if (++list->count < BATCH_BLOCKS)
            continue;
        b->next_batch = rt->depot.batches[class];
        __atomic_store_n(&rt->depot.batches[class], b, __ATOMIC_RELAXED);
        __atomic_add_fetch(&rt->depot.free_bytes, BATCH_BLOCKS * (class + 1) * CLASS_BYTES,
                           __ATOMIC_RELAXED);
        *list = (prism_pool){0};
    }
}

static void trim_blocks(struct runtime *rt) {
    prism_block *all[CLASS_COUNT];
    struct memory *m;
    for (uint32_t i = 0; (m = nth_memory(rt, i)); i++)
        for (struct chunk *c = m->chunks; c; c = c->next)
            if (!c->of_cells)
                c->free = (sizeof *c + 63) & ~63u;
    for (uint32_t class = 0; class < CLASS_COUNT; class ++) {
        all[class] = gather(rt, class);
        for (const prism_block *b = all[class]; b; b = b->next)
            chunk_of(b)->free += (class + 1) * CLASS_BYTES;
    }
    for (uint32_t i = 0; (m = nth_memory(rt, i)); i++)
        for (struct chunk *c = m->chunks; c; c = c->next)
            if (!c->of_cells && is_unused(rt, c))
                c->free = UINT32_MAX; // goes
    for (uint32_t class = 0; class < CLASS_COUNT; class ++)
        put_back(rt, class, all[class]);
    for (uint32_t i = 0; (m = nth_memory(rt, i)); i++)
        for (struct chunk **at = &m->chunks, *c; (c = *at);) {
            bool goes = !c->of_cells && c->free == UINT32_MAX;
            if (!goes) {
                at = &c->next;
                continue;
            }
            *at = c->next;
            memory_unmap(c);
        }
}

// ---- cells --------------------------------------------------------------------------------------

static struct cell *cell_at(const struct chunk *c, uint32_t at) {
    return (struct cell *)(void *)(c->memory + at);
}

static bool is_free(const struct cell *c) {
    const struct envelope *newest = __atomic_load_n(&c->sched.newest, __ATOMIC_ACQUIRE);
    bool claimed = newest == (const void *)&c->sched.anchor; // of a task
    return c->sched.collected && (!newest || claimed);
}

static void drop_pages(struct depot *d, struct chunk *c) {
    for (uint32_t at = 0; at < c->carved; at += CELL_BYTES)
        if (cell_at(c, at)->generation > d->generation_floor)
            d->generation_floor = cell_at(c, at)->generation;
    madvise(c->memory, CHUNK_BYTES, MADV_DONTNEED);
    c->is_bare = true;
    c->next_bare = d->bare;
    __atomic_store_n(&d->bare, c, __ATOMIC_RELAXED);
}

static void put_back_cells(struct depot *d, struct chunk *c) {
    for (uint32_t at = 0; at < c->carved; at += CELL_BYTES) {
        struct cell *cell = cell_at(c, at);
        if (!is_free(cell))
            continue;
        cell->sched.newest = NULL;
        cell->sched.free_next = d->cells;
        __atomic_store_n(&d->cells, cell, __ATOMIC_RELAXED);
        __atomic_add_fetch(&d->free_bytes, CELL_BYTES, __ATOMIC_RELAXED);
    }
}

static void trim_cells(struct runtime *rt) {
    struct depot *d = &rt->depot;
    struct memory *m;
    __atomic_store_n(&d->cells, NULL, __ATOMIC_RELAXED);
    for (uint32_t i = 0; (m = nth_memory(rt, i)); i++) {
        m->free_cells = m->free_tasks = NULL;
        m->free_cell_count = m->free_task_count = 0;
    }
    for (uint32_t i = 0; (m = nth_memory(rt, i)); i++)
        for (struct chunk *c = m->chunks; c; c = c->next) {
            if (!c->of_cells || c->is_bare)
                continue;
            c->free = 0;
            for (uint32_t at = 0; at < c->carved; at += CELL_BYTES)
                c->free += is_free(cell_at(c, at)) ? CELL_BYTES : 0;
            if (is_unused(rt, c))
                drop_pages(d, c);
            else
                put_back_cells(d, c);
        }
}

void memory_trim(struct runtime *rt) {
    struct depot *d = &rt->depot;
    pthread_mutex_lock(&d->lock);
    __atomic_store_n(&d->free_bytes, 0, __ATOMIC_RELAXED);
    trim_blocks(rt);
    trim_cells(rt);
    large_trim(d);
    d->kept_bytes = d->free_bytes;
    pthread_mutex_unlock(&d->lock);
    malloc_trim(0); // what large.c has from the C library
}
