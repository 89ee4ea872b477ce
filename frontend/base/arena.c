// SPDX-License-Identifier: MIT
// The arena: blocks that double up to a bound, freed together.
#include "frontend/base/base.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    ARENA_BLOCK_BYTES_MIN = 16 << 10,
    ARENA_HUGE_BYTES_MIN = 8 << 20,
    ARENA_BLOCK_BYTES_MAX = 32 << 20,
};

struct arena_block {
    struct arena_block *before;
    size_t used, size;
    max_align_t data[];
};

static void out_of_memory(size_t size) {
    fprintf(stderr, "prism: the machine has no %zu bytes of memory left to give\n", size);
    exit(70);
}

static struct arena_block *add_block(struct arena *a, size_t at_least) {
    size_t size = a->last ? a->last->size * 2 : ARENA_BLOCK_BYTES_MIN;
    if (size > ARENA_BLOCK_BYTES_MAX)
        size = ARENA_BLOCK_BYTES_MAX;
    if (size < at_least)
        size = at_least;
    struct arena_block *b = calloc(1, sizeof *b + size); // large ones are zero untouched
    if (!b)
        out_of_memory(size);
    if (size >= ARENA_HUGE_BYTES_MIN) // a page fault costs more than what is put into the page
        madvise((void *)(((uintptr_t)b + 4095) & ~(uintptr_t)4095), size - 4096, MADV_HUGEPAGE);
    b->before = a->last;
    b->size = size;
    a->last = b;
    return b;
}

void *arena_alloc(struct arena *a, size_t size) {
    const size_t align = _Alignof(max_align_t);
    assert(size <= SIZE_MAX - align);
    size = (size + align - 1) & ~(align - 1);
    struct arena_block *b = a->last;
    if (!b || b->size - b->used < size)
        b = add_block(a, size);
    void *p = (char *)b->data + b->used;
    b->used += size;
    a->used_bytes += size;
    return p;
}

void arena_free(struct arena *a) {
    for (struct arena_block *b = a->last; b;) {
        struct arena_block *before = b->before;
        free(b);
        b = before;
    }
    *a = (struct arena){0};
}

struct arena_mark arena_mark(const struct arena *a) {
    return (struct arena_mark){a->last, a->last ? a->last->used : 0};
}

void arena_release(struct arena *a, struct arena_mark mark) {
    while (a->last != mark.last) {
        struct arena_block *before = a->last->before;
        free(a->last);
        a->last = before;
    }
    if (!a->last)
        return;
    assert(a->last->used >= mark.used);
    memset((char *)a->last->data + mark.used, 0, a->last->used - mark.used);
    a->last->used = mark.used;
}

void *vec_grow(struct arena *a, void *at, int32_t *cap, int32_t len, size_t item_size) {
    assert(*cap <= INT32_MAX / 2);
    int32_t wider = *cap ? *cap * 2 : 8;
    void *grown = arena_alloc(a, (size_t)wider * item_size);
    if (len)
        memcpy(grown, at, (size_t)len * item_size);
    *cap = wider;
    return grown;
}
