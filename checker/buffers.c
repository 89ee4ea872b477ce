// SPDX-License-Identifier: MIT
// What is known of a Buffer: its length as a term, and patterns - "an element that was put at
// position p is v, if ..." - closed over everything, so that they mean the same on every path and
// in every round of a loop. Elements without references are not followed at all.
#include "checker/web.h"

enum { PATTERNS_MAX = 8 };

static bool followed(const struct mir_type *element) {
    return mir_type_holds(element, MIR_REF) || mir_type_holds(element, MIR_REPLY);
}

static struct val *copy_of(struct exec *x, const struct val *buf) {
    struct val *v = arena_new(x->a, struct val);
    *v = *buf;
    return v;
}

const struct val *buffer_new(struct exec *x, const struct mir_type *t) {
    struct val *v = arena_new(x->a, struct val);
    v->kind = VAL_BUF;
    v->type = t;
    v->any = !followed(t->element);
    return v;
}

static void add_pattern(struct exec *x, struct val *buf, const struct closed *pattern) {
    for (int32_t i = 0; i < buf->pattern_count; i++)
        if (str_eq(buf->patterns[i]->key, pattern->key))
            return;
    if (buf->pattern_count == PATTERNS_MAX) {
        buf->any = true;
        return;
    }
    const struct closed **wider = arena_array(x->a, const struct closed *, PATTERNS_MAX);
    for (int32_t i = 0; i < buf->pattern_count; i++)
        wider[i] = buf->patterns[i];
    wider[buf->pattern_count++] = pattern;
    buf->patterns = wider;
}

const struct val *buffer_put(struct exec *x, const struct path *p, const struct val *buf,
                             struct lin at, const struct val *v, struct lin length) {
    struct val *b = copy_of(x, buf);
    b->n = length;
    if (!followed(buf->type->element))
        return b;
    const struct val *vals[2] = {val_int(x->a, NULL, at), v};
    add_pattern(x, b, closed_make(x->a, x->w->params, p->cons, vals, 2));
    return b;
}

const struct val *buffer_join(struct exec *x, const struct val *a, const struct val *b) {
    struct val *v = copy_of(x, a);
    v->any = a->any || b->any;
    for (int32_t i = 0; i < b->pattern_count; i++)
        add_pattern(x, v, b->patterns[i]);
    return v;
}

const struct val *buffer_scramble(struct exec *x, const struct val *buf, struct lin length) {
    struct val *v = copy_of(x, buf);
    v->n = length;
    v->pattern_count = 0;
    v->patterns = NULL;
    for (int32_t i = 0; i < buf->pattern_count; i++) {
        const struct cons *cons = NULL;
        const struct val **open =
            closed_open(x->a, x->w->params, buf->patterns[i], &x->next_var, &cons);
        open[0] = val_int(x->a, NULL, lin_var(x->next_var++));
        add_pattern(x, v, closed_make(x->a, x->w->params, cons, open, 2));
    }
    return v;
}

void buffer_read(struct exec *x, const struct mir_function *f, const struct path *p,
                 const struct val *buf, const struct lin *index, struct reads *out) {
    if (buf->any)
        vec_push(x->a, &out->v,
                 (struct read){path_copy(x, p, f), val_top(x->a, buf->type->element)});
    for (int32_t i = 0; i < buf->pattern_count && !web_stopped(x->w); i++) {
        struct path *q = path_copy(x, p, f);
        const struct val **open =
            closed_open(x->a, x->w->params, buf->patterns[i], &x->next_var, &q->cons);
        struct lin gap;
        if (index && lin_add(&gap, open[0]->n, -1, *index))
            path_assume(x, q, CON_EQ, gap);
        if (path_feasible(x, q))
            vec_push(x->a, &out->v, (struct read){q, open[1]});
    }
}
