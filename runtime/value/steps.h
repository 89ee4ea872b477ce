// SPDX-License-Identifier: MIT
// The explicit stack of the walks over values: one step for each composite value that is open. It
// begins in the caller's frame and grows on the heap, so that a value's depth is bounded by memory
// alone.
//
// Include this in the files of runtime/value only.
#ifndef PRISM_VALUE_STEPS_H
#define PRISM_VALUE_STEPS_H

#include "runtime/value/value.h"

#include <assert.h>
#include <string.h>

// An open value: fields (STRUCT, ENUM) or items (BUFFER: a and b are buffers, or boxes) from `at`
// to `count`. A walk over one value leaves b NULL.
struct step {
    const prism_type *type;
    const void *a, *b;
    uint64_t at, count;
};

enum { STEPS_INLINE = 16 };
struct steps {
    prism_cx *cx;
    struct step *items;
    uint32_t len, capacity;
    struct step first[STEPS_INLINE];
};

static inline void steps_begin(struct steps *s, prism_cx *cx) {
    s->cx = cx;
    s->items = s->first;
    s->len = 0;
    s->capacity = STEPS_INLINE;
}

static inline void steps_end(struct steps *s) {
    if (s->items != s->first)
        prism_free(s->cx, s->items, s->capacity * sizeof *s->items);
}

static inline void steps_grow(struct steps *s) {
    struct step *more = prism_alloc(s->cx, 2 * s->capacity * sizeof *more);
    memcpy(more, s->items, s->len * sizeof *more);
    steps_end(s);
    s->items = more;
    s->capacity *= 2;
}

static inline void steps_push(struct steps *s, struct step step) {
    if (s->len == s->capacity)
        steps_grow(s);
    s->items[s->len++] = step;
}

static inline struct step *steps_top(struct steps *s) {
    assert(s->len > 0);
    return &s->items[s->len - 1];
}

static inline void steps_pop(struct steps *s) {
    assert(s->len > 0);
    s->len--;
}

static inline const prism_variant *value_variant(const prism_type *type, const void *value) {
    uint32_t tag;
    memcpy(&tag, value, sizeof tag);
    assert(type->kind == PRISM_ENUM && tag < type->count);
    return &type->variants[tag];
}

static inline const prism_buffer *value_buffer(const void *value) {
    const prism_buffer *b;
    memcpy(&b, value, sizeof b);
    return b;
}

// How many items a buffer or box of that type has, and where they lie.
static inline uint64_t items_count(const prism_type *type, const void *object) {
    assert(type->kind == PRISM_BUFFER);
    return type->flags & PRISM_BOX ? object != NULL : prism_buffer_len(object);
}
static inline const unsigned char *items_of(const prism_type *type, const void *object) {
    assert(type->kind == PRISM_BUFFER && object);
    return type->flags & PRISM_BOX ? ((const prism_boxed *)object)->data
                                   : ((const prism_buffer *)object)->data;
}

// The box is transparent: what holds a value of a type that contains itself. NULL if it is empty.
static inline const void *value_in_box(const prism_type *type, const void *value) {
    const prism_boxed *b;
    assert(type->flags & PRISM_BOX);
    memcpy(&b, value, sizeof b);
    return b ? b->data : NULL;
}

// The type and place of the child at `at` of an open value.
static inline const prism_type *step_child(const struct step *s, const void **a, const void **b) {
    if (s->type->kind == PRISM_BUFFER) {
        const prism_type *element = s->type->element;
        *a = items_of(s->type, s->a) + s->at * element->size;
        *b = s->b ? items_of(s->type, s->b) + s->at * element->size : NULL;
        return element;
    }
    const prism_field *fields =
        s->type->kind == PRISM_ENUM ? value_variant(s->type, s->a)->fields : s->type->fields;
    *a = (const char *)s->a + fields[s->at].offset;
    *b = s->b ? (const char *)s->b + fields[s->at].offset : NULL;
    return fields[s->at].type;
}

// Whether a buffer's items of this type are their bytes: integers, without padding, in memory
// order.
static inline bool type_is_integer(const prism_type *type) {
    return type->kind >= PRISM_BOOL && type->kind <= PRISM_U64;
}

#endif
