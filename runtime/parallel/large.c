// SPDX-License-Identifier: MIT
// Blocks that are larger than all classes. The C library has most of them. Huge ones are mappings
// of their own, of whole huge pages at such an address: a list that is filled from one end to the
// other is cleared a huge page at a time, which costs a tenth of what the faults of its small pages
// do, and when it grows its pages move to another address instead of being copied. Some are kept
// when they are freed, since to get a page cleared costs more than most programs do with it.
#include "runtime/parallel/runtime.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// Of the kernel's interface; <sys/mman.h> hides it behind _GNU_SOURCE, under which <pthread.h>
// wants the system's <sched.h>, a name that a runtime's own header has.
enum { MAY_MOVE = 1, FIXED = 2 };

enum { PAGE_BYTES = 2 << 20, HUGE_BYTES_LEAST = 4 << 20, KEPT_BYTES_MAX = 64 << 20 };

void *large_refused(size_t bytes) {
    fprintf(stderr, "prism: the machine has no %zu bytes of memory left to give\n", bytes);
    exit(70);
}

static bool is_huge(size_t bytes) {
    return bytes >= HUGE_BYTES_LEAST;
}

static size_t pages_of(size_t bytes) {
    size_t room = (bytes + PAGE_BYTES - 1) & ~(size_t)(PAGE_BYTES - 1);
    return room < bytes ? (size_t)large_refused(bytes) : room;
}

char *large_map(size_t room, size_t alignment, int protection) {
    size_t more = room + alignment;
    char *at = more < room ? MAP_FAILED
                           : mmap(NULL, more, protection,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        large_refused(room);
    size_t before = -(uintptr_t)at % alignment;
    if (before)
        munmap(at, before);
    munmap(at + before + room, alignment - before);
    return at + before;
}

// ---- those that are kept ------------------------------------------------------------------------

// At the start of a free block.
struct huge {
    struct huge *next;
    size_t room;
};

// The smallest that is large enough, what is too much of it given back; or NULL.
static void *take_kept(struct depot *d, size_t room) {
    if (!__atomic_load_n(&d->huge_bytes, __ATOMIC_RELAXED)) // a miss costs only a fresh block
        return NULL;
    pthread_mutex_lock(&d->lock);
    struct huge **best = NULL;
    for (struct huge **at = &d->huge; *at; at = &(*at)->next)
        if ((*at)->room >= room && (!best || (*at)->room < (*best)->room))
            best = at;
    struct huge *h = best ? *best : NULL;
    if (h) {
        *best = h->next;
        __atomic_sub_fetch(&d->huge_bytes, h->room, __ATOMIC_RELAXED);
        __atomic_sub_fetch(&d->free_bytes, h->room, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&d->lock);
    if (h && h->room > room)
        munmap((char *)h + room, h->room - room);
    return h;
}

static bool keep(struct depot *d, void *memory, size_t room) {
    pthread_mutex_lock(&d->lock);
    bool fits = d->huge_bytes + room <= KEPT_BYTES_MAX;
    if (fits) {
        struct huge *h = memory;
        *h = (struct huge){.next = d->huge, .room = room};
        d->huge = h;
        __atomic_add_fetch(&d->huge_bytes, room, __ATOMIC_RELAXED);
        __atomic_add_fetch(&d->free_bytes, room, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&d->lock);
    return fits;
}

void large_trim(struct depot *d) {
    struct huge *next;
    for (struct huge *h = d->huge; h; h = next) {
        next = h->next;
        munmap(h, h->room);
    }
    d->huge = NULL;
    __atomic_store_n(&d->huge_bytes, 0, __ATOMIC_RELAXED);
}

// ---- getting, growing, freeing ------------------------------------------------------------------

void *large_get(struct depot *d, size_t bytes) {
    if (!is_huge(bytes)) {
        void *block = malloc(bytes);
        return block ? block : large_refused(bytes);
    }
    size_t room = pages_of(bytes);
    void *block = take_kept(d, room);
    if (!block) {
        block = large_map(room, PAGE_BYTES, PROT_READ | PROT_WRITE);
        madvise(block, room, MADV_HUGEPAGE); // a wish
    }
    return block;
}

void large_put(struct depot *d, void *memory, size_t bytes) {
    if (!is_huge(bytes))
        free(memory);
    else if (!keep(d, memory, pages_of(bytes)))
        munmap(memory, pages_of(bytes));
}

static void *move_pages(char *memory, size_t old, size_t room) {
    if (syscall(SYS_mremap, memory, old, room, 0, NULL) >= 0) // there are addresses behind it
        return memory;
    char *to = large_map(room, PAGE_BYTES, PROT_NONE);
    if (syscall(SYS_mremap, memory, old, room, MAY_MOVE | FIXED, to) < 0)
        large_refused(room);
    return to;
}

void *large_grow(struct depot *d, void *memory, size_t bytes, size_t wanted) {
    assert(wanted >= bytes);
    if (is_huge(bytes)) {
        size_t old = pages_of(bytes), room = pages_of(wanted);
        return room == old ? memory : move_pages(memory, old, room);
    }
    if (!is_huge(wanted)) {
        void *grown = realloc(memory, wanted);
        return grown ? grown : large_refused(wanted);
    }
    void *grown = large_get(d, wanted);
    memcpy(grown, memory, bytes);
    free(memory);
    return grown;
}
