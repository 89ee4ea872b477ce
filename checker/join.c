// SPDX-License-Identifier: MIT
// Joining and blurring values: what is kept when two ways meet, and when a fact has to stop
// growing.
#include "checker/web.h"

static const struct val *join_tuples(struct exec *x, const struct val *a, const struct val *b) {
    struct val *v = val_tuple(x->a, a->kind, a->type, a->count);
    v->variant = a->variant;
    v->function = a->function;
    bool same = true;
    for (int32_t i = 0; i < a->count; i++) {
        v->items[i] = val_join(x, a->items[i], b->items[i]);
        same = same && v->items[i] == a->items[i];
    }
    return same ? a : v;
}

static const struct val *class_only(struct exec *x, const struct val *ref) {
    struct val *v = arena_new(x->a, struct val);
    *v = *ref;
    v->attr_count = 0;
    v->older = false;
    v->n = lin_const(0);
    return v;
}

const struct val *val_join(struct exec *x, const struct val *a, const struct val *b) {
    if (!a || !b || val_eq(a, b))
        return a; // not written on one of the ways: nobody may read it there
    if (a->kind == VAL_TOP && !a->older)
        return a;
    if (a->kind != b->kind)
        return val_top(x->a, a->type);
    switch (a->kind) {
    case VAL_INT:
        return a;
    case VAL_STRUCT:
        return join_tuples(x, a, b);
    case VAL_ENUM:
        return a->variant == b->variant ? join_tuples(x, a, b) : val_top(x->a, a->type);
    case VAL_CLOSURE:
        return a->function == b->function ? join_tuples(x, a, b) : val_top(x->a, a->type);
    case VAL_REF:
        if (a->class != b->class)
            return val_top(x->a, a->type);
        return a->attr_count || a->older ? class_only(x, a) : a;
    case VAL_BUF: {
        const struct val *v = buffer_join(x, a, b);
        return val_eq(v, a) ? a : v;
    }
    default:
        return val_top(x->a, a->type);
    }
}

const struct val *val_blur(struct exec *x, const struct val *v, bool refs) {
    if (!v)
        return NULL;
    switch (v->kind) {
    case VAL_TOP:
        return refs && v->older ? val_top(x->a, v->type) : v;
    case VAL_INT:
    case VAL_BOOL:
        return val_top(x->a, v->type);
    case VAL_REF:
        return refs && (v->attr_count || v->older) ? class_only(x, v) : v;
    case VAL_BUF: {
        struct val *b = arena_new(x->a, struct val);
        *b = *v;
        b->n = lin_var(x->next_var++);
        return b;
    }
    case VAL_STRUCT:
    case VAL_ENUM:
    case VAL_CLOSURE: {
        struct val *t = val_tuple(x->a, v->kind, v->type, v->count);
        t->variant = v->variant;
        t->function = v->function;
        for (int32_t i = 0; i < v->count; i++)
            t->items[i] = val_blur(x, v->items[i], refs);
        return t;
    }
    default:
        return v;
    }
}
