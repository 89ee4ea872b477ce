// SPDX-License-Identifier: MIT
// Counts: dup, drop and share.
//
// The number line of a count: n > 0 references of one home, plain; 0 immortal, never changed; n < 0
// minus the references of several homes, atomic. A count goes from positive to negative before its
// object leaves its home (prism_share) and from -1 to 1 when its only owner wants to write
// (buffer.c).
//
// A walk recurses into fields, which the program's types bound, but never from one heap object into
// another: drop chains dead objects through their counts, and keeps a stack of boxes, which do not
// know their type; share keeps a stack.
#include "runtime/value/steps.h"

#include <assert.h>
#include <string.h>

// Up needs no order: whoever counts up holds a reference already.
void prism_count_up_shared(int64_t *count) {
    int64_t before = __atomic_fetch_sub(count, 1, __ATOMIC_RELAXED);
    assert(before < 0);
    (void)before;
}

// Release: our reads of the object come before another's last count. Acquire: those of all others
// come before our freeing of it.
bool prism_count_down_shared(int64_t *count) {
    int64_t before = __atomic_fetch_add(count, 1, __ATOMIC_ACQ_REL);
    assert(before < 0);
    return before == -1;
}

static void count_up(int64_t *count) {
    int64_t n = prism_count(count);
    if (n > 0)
        *count = n + 1;
    else if (n < 0)
        prism_count_up_shared(count);
}

// True when that was the last reference.
static bool count_down(int64_t *count) {
    int64_t n = prism_count(count);
    if (n > 0)
        return (*count = n - 1) == 0;
    return n < 0 && prism_count_down_shared(count);
}

// ---- dup ------------------------------------------------------------------------------------

static void dup_fields(prism_cx *cx, const prism_field *fields, uint32_t count, const char *value) {
    for (uint32_t i = 0; i < count; i++)
        if (!(fields[i].type->flags & PRISM_PLAIN))
            prism_dup(cx, fields[i].type, value + fields[i].offset);
}

void prism_dup(prism_cx *cx, const prism_type *type, const void *value) {
    void *handle = NULL;
    switch ((enum prism_kind)type->kind) {
    case PRISM_STRUCT:
        dup_fields(cx, type->fields, type->count, value);
        return;
    case PRISM_ENUM: {
        const prism_variant *v = value_variant(type, value);
        dup_fields(cx, v->fields, v->field_count, value);
        return;
    }
    case PRISM_BUFFER:
    case PRISM_FN:
    case PRISM_ERROR: // each begins with its count
        memcpy(&handle, value, sizeof handle);
        if (handle)
            count_up(handle);
        return;
    case PRISM_REPLY:
        memcpy(&handle, value, sizeof handle);
        prism_reply_dup(handle);
        return;
    case PRISM_FUTURE:
        memcpy(&handle, value, sizeof handle);
        prism_future_dup(handle);
        return;
    case PRISM_SCOPE:
        memcpy(&handle, value, sizeof handle);
        prism_scope_dup(handle);
        return;
    case PRISM_TOKEN:
        memcpy(&handle, value, sizeof handle);
        prism_token_dup(handle);
        return;
    default:
        return;
    }
}

// ---- drop -----------------------------------------------------------------------------------

enum { DEAD_BUFFER, DEAD_CLOSURE, DEAD_ERROR, DEAD_KINDS };

// Objects that nobody refers to any more. The chain runs through their counts: the next one's
// address with its kind in the low bits.
struct dead {
    uintptr_t first;
    struct steps boxes; // `type` is that of the box
};

static void dead_begin(struct dead *dead, prism_cx *cx) {
    dead->first = 0;
    steps_begin(&dead->boxes, cx);
}

static void dead_push(struct dead *dead, void *object, unsigned kind) {
    static_assert(sizeof(uintptr_t) <= sizeof(int64_t), "a count holds an address");
    assert(((uintptr_t)object & 15) == 0 && kind < DEAD_KINDS);
    *(int64_t *)object = (int64_t)dead->first;
    dead->first = (uintptr_t)object | kind;
}

static void drop_value(prism_cx *cx, struct dead *dead, const prism_type *type, void *value);

static void drop_fields(prism_cx *cx, struct dead *dead, const prism_field *fields, uint32_t count,
                        char *value) {
    for (uint32_t i = 0; i < count; i++)
        if (!(fields[i].type->flags & PRISM_PLAIN))
            drop_value(cx, dead, fields[i].type, value + fields[i].offset);
}

static void drop_counted(struct dead *dead, void *object, unsigned kind) {
    if (object && count_down(object))
        dead_push(dead, object, kind);
}

static void drop_value(prism_cx *cx, struct dead *dead, const prism_type *type, void *value) {
    void *handle = NULL;
    switch ((enum prism_kind)type->kind) {
    case PRISM_STRUCT:
        drop_fields(cx, dead, type->fields, type->count, value);
        return;
    case PRISM_ENUM: {
        const prism_variant *v = value_variant(type, value);
        drop_fields(cx, dead, v->fields, v->field_count, value);
        return;
    }
    case PRISM_BUFFER:
        memcpy(&handle, value, sizeof handle);
        if (!(type->flags & PRISM_BOX))
            drop_counted(dead, handle, DEAD_BUFFER);
        else if (handle && count_down(handle))
            steps_push(&dead->boxes, (struct step){.type = type, .a = handle});
        return;
    case PRISM_FN:
        memcpy(&handle, value, sizeof handle);
        drop_counted(dead, handle, DEAD_CLOSURE);
        return;
    case PRISM_ERROR:
        memcpy(&handle, value, sizeof handle);
        drop_counted(dead, handle, DEAD_ERROR);
        return;
    case PRISM_REPLY:
        memcpy(&handle, value, sizeof handle);
        prism_reply_drop(cx, handle);
        return;
    case PRISM_FUTURE:
        memcpy(&handle, value, sizeof handle);
        prism_future_drop(cx, handle);
        return;
    case PRISM_SCOPE:
        memcpy(&handle, value, sizeof handle);
        prism_scope_drop(cx, handle);
        return;
    case PRISM_TOKEN:
        memcpy(&handle, value, sizeof handle);
        prism_token_drop(cx, handle);
        return;
    default:
        return;
    }
}

static void free_buffer(prism_cx *cx, struct dead *dead, prism_buffer *b) {
    const prism_type *element = b->element;
    if (!(element->flags & PRISM_PLAIN))
        for (uint64_t i = 0; i < b->len; i++)
            drop_value(cx, dead, element, b->data + i * element->size);
    prism_put(cx, b, sizeof *b + b->capacity * element->size);
}

static void free_closure(prism_cx *cx, struct dead *dead, prism_closure *c) {
    drop_value(cx, dead, c->captures, c->data);
    prism_free(cx, c, sizeof *c + c->captures->size);
}

static void free_error(prism_cx *cx, struct dead *dead, prism_error *e) {
    if (e->type)
        drop_value(cx, dead, e->type, e->data);
    prism_free(cx, e, sizeof *e + e->data_bytes);
}

static void free_box(prism_cx *cx, struct dead *dead, const prism_type *element, prism_boxed *b) {
    if (!(element->flags & PRISM_PLAIN))
        drop_value(cx, dead, element, b->data);
    prism_put(cx, b, sizeof *b + element->size);
}

static void free_boxes(prism_cx *cx, struct dead *dead) {
    while (dead->boxes.len) {
        struct step last = *steps_top(&dead->boxes);
        steps_pop(&dead->boxes);
        free_box(cx, dead, last.type->element, (prism_boxed *)last.a);
    }
}

static void free_dead(prism_cx *cx, struct dead *dead) {
    for (free_boxes(cx, dead); dead->first; free_boxes(cx, dead)) {
        void *object = (void *)(dead->first & ~(uintptr_t)15);
        unsigned kind = dead->first & 15;
        dead->first = (uintptr_t) * (int64_t *)object;
        if (kind == DEAD_BUFFER)
            free_buffer(cx, dead, object);
        else if (kind == DEAD_CLOSURE)
            free_closure(cx, dead, object);
        else
            free_error(cx, dead, object);
    }
    steps_end(&dead->boxes);
}

void prism_drop(prism_cx *cx, const prism_type *type, void *value) {
    struct dead dead;
    dead_begin(&dead, cx);
    drop_value(cx, &dead, type, value);
    free_dead(cx, &dead);
}

void prism_buffer_free(prism_cx *cx, prism_buffer *b) {
    struct dead dead;
    dead_begin(&dead, cx);
    free_buffer(cx, &dead, b);
    free_dead(cx, &dead);
}

void prism_closure_dup(const prism_closure *lend) {
    if (lend)
        count_up(&((prism_closure *)lend)->count);
}

void prism_closure_drop(prism_cx *cx, prism_closure *own) {
    struct dead dead;
    dead_begin(&dead, cx);
    drop_counted(&dead, own, DEAD_CLOSURE);
    free_dead(cx, &dead);
}

void prism_error_dup(const prism_error *lend) {
    if (lend)
        count_up(&((prism_error *)lend)->count);
}

void prism_error_drop(prism_cx *cx, prism_error *own) {
    struct dead dead;
    dead_begin(&dead, cx);
    drop_counted(&dead, own, DEAD_ERROR);
    free_dead(cx, &dead);
}

// ---- share ----------------------------------------------------------------------------------

static void share_value(struct steps *todo, const prism_type *type, void *value, bool unique);

// What hangs below an object that several may reach is reached by several, too. Below one that is
// unique, each object is judged by its own count. Negative or zero: done when it became so.
static void share_counted(struct steps *todo, int64_t *count, const prism_type *below, void *items,
                          uint64_t item_count, bool unique) {
    int64_t n = prism_count(count);
    if (n <= 0)
        return;
    unique = unique && n == 1;
    if (!unique)
        *count = -n;
    if (!below || (below->flags & PRISM_PLAIN) || !item_count)
        return;
    // `b` is not a second value here; it says whether all owners above are unique.
    steps_push(todo, (struct step){below, items, unique ? items : NULL, 0, item_count});
}

static void share_fields(struct steps *todo, const prism_field *fields, uint32_t count, char *value,
                         bool unique) {
    for (uint32_t i = 0; i < count; i++)
        if (!(fields[i].type->flags & PRISM_PLAIN))
            share_value(todo, fields[i].type, value + fields[i].offset, unique);
}

static void share_value(struct steps *todo, const prism_type *type, void *value, bool unique) {
    void *handle = NULL;
    switch ((enum prism_kind)type->kind) {
    case PRISM_STRUCT:
        share_fields(todo, type->fields, type->count, value, unique);
        return;
    case PRISM_ENUM: {
        const prism_variant *v = value_variant(type, value);
        share_fields(todo, v->fields, v->field_count, value, unique);
        return;
    }
    case PRISM_BUFFER: {
        memcpy(&handle, value, sizeof handle);
        if (handle) // begins with its count
            share_counted(todo, handle, type->element, (void *)items_of(type, handle),
                          items_count(type, handle), unique);
        return;
    }
    case PRISM_FN: {
        memcpy(&handle, value, sizeof handle);
        prism_closure *c = handle;
        if (c)
            share_counted(todo, &c->count, c->captures, c->data, 1, unique);
        return;
    }
    case PRISM_ERROR: {
        memcpy(&handle, value, sizeof handle);
        prism_error *e = handle;
        if (e)
            share_counted(todo, &e->count, e->type, e->data, 1, unique);
        return;
    }
    default: // handles are atomic or confined by themselves
        return;
    }
}

static void share_rest(struct steps *todo) {
    while (todo->len) {
        struct step *top = steps_top(todo);
        if (top->at == top->count) {
            steps_pop(todo);
            continue;
        }
        struct step now = *top;
        top->at++;
        void *item = (char *)now.a + now.at * now.type->size;
        share_value(todo, now.type, item, now.b != NULL);
    }
    steps_end(todo);
}

void prism_share(prism_cx *cx, const prism_type *type, void *value) {
    struct steps todo;
    steps_begin(&todo, cx);
    share_value(&todo, type, value, true);
    share_rest(&todo);
}

void prism_error_share(prism_cx *cx, prism_error *lend) {
    struct steps todo;
    steps_begin(&todo, cx);
    share_counted(&todo, &lend->count, lend->type, lend->data, 1, true);
    share_rest(&todo);
}
