// SPDX-License-Identifier: MIT
// Buffers: the one heap container. Written in place when there is one owner, copied when not.
//
// Room doubles while it is small, then grows by half as much again, so that n pushes copy O(n)
// items. A request for room that is only a wish (`buf.new n`, `reserve`) is cut to WISH_BYTES_MAX;
// what is needed is never cut.
#include "runtime/value/value.h"

#include <assert.h>
#include <string.h>

enum { DOUBLED_BYTES = 256, WISH_BYTES_MAX = 1 << 24 };

static size_t bytes_of(const prism_type *element, uint64_t capacity) {
    return sizeof(prism_buffer) + capacity * element->size;
}

static prism_buffer *allocate(prism_cx *cx, const prism_type *element, uint64_t capacity) {
    prism_buffer *b = prism_get(cx, bytes_of(element, capacity));
    b->count = 1;
    b->len = 0;
    b->capacity = capacity;
    b->element = element;
    return b;
}

static uint64_t cut_wish(const prism_type *element, uint64_t capacity) {
    uint64_t most = WISH_BYTES_MAX / element->size;
    return capacity < most ? capacity : most;
}

// Appends `count` items of `from`, each counted up.
static void copy_items(prism_cx *cx, prism_buffer *to, const void *from, uint64_t count) {
    const prism_type *element = to->element;
    unsigned char *at = to->data + to->len * element->size;
    assert(to->capacity - to->len >= count);
    if (count)
        memcpy(at, from, count * element->size);
    if (!(element->flags & PRISM_PLAIN))
        for (uint64_t i = 0; i < count; i++)
            prism_dup(cx, element, at + i * element->size);
    to->len += count;
}

prism_buffer *prism_buffer_new(prism_cx *cx, const prism_type *element, uint64_t capacity) {
    capacity = cut_wish(element, capacity);
    return capacity ? allocate(cx, element, capacity) : NULL;
}

// One reference is left when the count is 1, or -1: then nobody else can reach the object any more,
// and the acquire pairs with the release of the others' last count down (prism_count_down_shared).
static bool make_plain(int64_t *count) {
    if (prism_count(count) == 1)
        return true;
    if (__atomic_load_n(count, __ATOMIC_ACQUIRE) != -1)
        return false;
    *count = 1;
    return true;
}

static uint64_t grown(const prism_type *element, uint64_t old, uint64_t wanted) {
    uint64_t more = old + (old * element->size < DOUBLED_BYTES ? old : old / 2);
    uint64_t least = PRISM_FIRST_BYTES / element->size;
    more = more < least ? least : more;
    return more < wanted ? wanted : more;
}

void prism_buffer_own(prism_cx *cx, prism_buffer **b, const prism_type *element,
                      uint64_t capacity) {
    prism_buffer *old = *b;
    if (!old) {
        *b = capacity ? allocate(cx, element, grown(element, 0, capacity)) : NULL;
        return;
    }
    bool unique = make_plain(&old->count), fits = old->capacity >= capacity;
    if (unique && fits)
        return;
    uint64_t least = capacity > old->len ? capacity : old->len;
    uint64_t room = fits ? least : grown(element, old->len, least);
    if (unique) { // the items move
        *b = prism_grow(cx, old, bytes_of(element, old->capacity), bytes_of(element, room));
        (*b)->capacity = room;
        return;
    }
    *b = allocate(cx, element, room);
    copy_items(cx, *b, old->data, old->len);
    prism_buffer_drop(cx, old);
}

prism_boxed *prism_boxed_owned(prism_cx *cx, prism_boxed *own, const prism_type *element) {
    if (make_plain(&own->count))
        return own;
    prism_boxed *b = prism_get(cx, sizeof *b + element->size);
    b->count = 1;
    memcpy(b->data, own->data, element->size);
    prism_dup(cx, element, b->data);
    const prism_type box = {.kind = PRISM_BUFFER, .flags = PRISM_BOX, .element = element};
    prism_drop(cx, &box, &own);
    return b;
}

void prism_buffer_reserve(prism_cx *cx, prism_buffer **b, const prism_type *element,
                          uint64_t capacity) {
    prism_buffer_own(cx, b, element, cut_wish(element, capacity));
}

void prism_buffer_open(prism_cx *cx, prism_buffer **b, const prism_type *element, uint64_t len) {
    uint64_t before = prism_buffer_len(*b);
    assert(element->flags & PRISM_PLAIN);
    prism_buffer_own(cx, b, element, len);
    if (!*b)
        return;
    if (len > before)
        memset((*b)->data + before * element->size, 0, (len - before) * element->size);
    (*b)->len = len;
}

static unsigned char *item_at(prism_buffer *b, uint64_t at) {
    return b->data + at * b->element->size;
}

void prism_buffer_insert(prism_cx *cx, prism_buffer **b, const prism_type *element, uint64_t at,
                         void *own_item, const prism_site *site) {
    uint64_t len = prism_buffer_len(*b);
    if (at > len) {
        prism_drop(cx, element, own_item);
        prism_trap(cx, PRISM_INDEX, NULL, site);
        return;
    }
    prism_buffer_own(cx, b, element, len + 1);
    memmove(item_at(*b, at + 1), item_at(*b, at), (len - at) * element->size);
    memcpy(item_at(*b, at), own_item, element->size);
    (*b)->len = len + 1;
}

void prism_buffer_remove(prism_cx *cx, prism_buffer **b, const prism_type *element, uint64_t at,
                         void *out, const prism_site *site) {
    uint64_t len = prism_buffer_len(*b);
    if (at >= len) {
        prism_trap(cx, PRISM_INDEX, NULL, site);
        return;
    }
    prism_buffer_own(cx, b, element, 0);
    memcpy(out, item_at(*b, at), element->size);
    memmove(item_at(*b, at), item_at(*b, at + 1), (len - at - 1) * element->size);
    (*b)->len = len - 1;
}

void prism_buffer_truncate(prism_cx *cx, prism_buffer **b, const prism_type *element,
                           uint64_t len) {
    uint64_t before = prism_buffer_len(*b);
    if (len >= before)
        return;
    if (len == 0 && !make_plain(&(*b)->count)) { // nothing is worth a copy
        prism_buffer_drop(cx, *b);
        *b = NULL;
        return;
    }
    prism_buffer_own(cx, b, element, 0);
    (*b)->len = len; // first, so that the buffer is whole while items are dropped
    if (!(element->flags & PRISM_PLAIN))
        for (uint64_t i = len; i < before; i++)
            prism_drop(cx, element, item_at(*b, i));
}

void prism_buffer_append(prism_cx *cx, prism_buffer **b, const prism_type *element,
                         const prism_buffer *lend_items) {
    uint64_t count = prism_buffer_len(lend_items), len = prism_buffer_len(*b);
    if (!count)
        return;
    if ((element->flags & PRISM_PLAIN) && prism_buffer_ready(*b, len + count)) { // with itself too
        memcpy(item_at(*b, len), lend_items->data, count * element->size);
        (*b)->len = len + count;
        return;
    }
    prism_buffer *items = (prism_buffer *)lend_items;
    prism_buffer_dup(items); // it may be *b itself
    prism_buffer_own(cx, b, element, len + count);
    copy_items(cx, *b, items->data, count);
    prism_buffer_drop(cx, items);
}

prism_buffer *prism_buffer_slice(prism_cx *cx, const prism_buffer *lend, const prism_type *element,
                                 uint64_t from, uint64_t to, const prism_site *site) {
    if (from > to || to > prism_buffer_len(lend)) {
        prism_trap(cx, PRISM_INDEX, NULL, site);
        return NULL;
    }
    if (from == to)
        return NULL;
    prism_buffer *slice = allocate(cx, element, to - from);
    copy_items(cx, slice, lend->data + from * element->size, to - from);
    return slice;
}

prism_closure *prism_closure_new(prism_cx *cx, void (*code)(void), const prism_type *captures) {
    prism_closure *c = prism_alloc(cx, sizeof *c + captures->size);
    c->count = 1;
    c->code = code;
    c->captures = captures;
    return c;
}
