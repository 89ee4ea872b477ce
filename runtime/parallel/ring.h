// SPDX-License-Identifier: MIT
// The run queue of a worker: a bounded ring; its worker appends and takes in order of arrival, others steal
// half from the front. After the local queues of Go's and Tokio's schedulers in idea.
//
//   head   next to take; moved by CAS, by the worker and by thieves
//   tail   next to fill; written by the worker only
//
// Memory order: `tail` is stored with release after the slot, and loaded with acquire by thieves before they read slots.
// A slot read by a thief may be overwritten only after `head` has passed it, which makes the thief's CAS
// fail, so what it read is thrown away. Slots are atomic (relaxed), since that read and write do race.
#ifndef PRISM_PARALLEL_RING_H
#define PRISM_PARALLEL_RING_H

#include <stdbool.h>
#include <stdint.h>

struct cell;

enum { RING_SLOTS = 2048 };

struct ring {
    _Alignas(64) uint32_t head;
    _Alignas(64) uint32_t tail;
    struct cell *slots[RING_SLOTS];
};

static inline uint32_t ring_count(const struct ring *r) {
    uint32_t head = __atomic_load_n(&r->head, __ATOMIC_RELAXED);
    return __atomic_load_n(&r->tail, __ATOMIC_RELAXED) - head;
}

// The worker's: false when it is full.
static inline bool ring_push(struct ring *r, struct cell *c) {
    uint32_t tail = __atomic_load_n(&r->tail, __ATOMIC_RELAXED);
    // Acquire pairs with the thieves' CAS: what they read from this slot was read before it is filled again.
    if (tail - __atomic_load_n(&r->head, __ATOMIC_ACQUIRE) == RING_SLOTS)
        return false;
    __atomic_store_n(&r->slots[tail % RING_SLOTS], c, __ATOMIC_RELAXED);
    __atomic_store_n(&r->tail, tail + 1, __ATOMIC_RELEASE);
    return true;
}

// The worker's: NULL when it is empty.
static inline struct cell *ring_pop(struct ring *r) {
    uint32_t head = __atomic_load_n(&r->head, __ATOMIC_ACQUIRE);
    for (;;) {
        if (head == __atomic_load_n(&r->tail, __ATOMIC_RELAXED))
            return NULL;
        struct cell *c = __atomic_load_n(&r->slots[head % RING_SLOTS], __ATOMIC_RELAXED);
        if (__atomic_compare_exchange_n(&r->head, &head, head + 1, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_ACQUIRE))
            return c;
    }
}

// A thief's: moves half of the victim's cells, rounded up, to `out` (room for RING_SLOTS / 2); how many.
static inline uint32_t ring_steal(struct ring *victim, struct cell **out) {
    uint32_t head = __atomic_load_n(&victim->head, __ATOMIC_ACQUIRE);
    for (;;) {
        uint32_t count = __atomic_load_n(&victim->tail, __ATOMIC_ACQUIRE) - head;
        if (count == 0)
            return 0;
        count -= count / 2;
        if (count > RING_SLOTS / 2) { // head and tail were not of one moment
            head = __atomic_load_n(&victim->head, __ATOMIC_ACQUIRE);
            continue;
        }
        for (uint32_t i = 0; i < count; i++)
            out[i] = __atomic_load_n(&victim->slots[(head + i) % RING_SLOTS], __ATOMIC_RELAXED);
        if (__atomic_compare_exchange_n(&victim->head, &head, head + count, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_ACQUIRE))
            return count;
    }
}

#endif
