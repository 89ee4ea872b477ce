// SPDX-License-Identifier: MIT
// Reading and writing places on one path. A read may split the path: an element of a buffer can be
// one of several, a field of the actor can have been set by several.
#include "checker/web.h"

#include <assert.h>

bool path_feasible(struct exec *x, const struct path *p) {
    return smt_feasible(x->w->smt, p->cons);
}

void path_assume(struct exec *x, struct path *p, enum con_rel rel, struct lin l) {
    p->cons = cons_add(x->a, p->cons, (struct con){rel, l});
}

int32_t exec_fresh(struct exec *x, const struct cons **cons, const struct mir_type *t) {
    int32_t var = x->next_var++;
    if (t && mir_type_is_unsigned(t))
        *cons = cons_add(x->a, *cons, (struct con){CON_GE, lin_var(var)});
    return var;
}

struct lin path_int(struct exec *x, struct path *p, const struct val *v) {
    if (v && v->kind == VAL_INT)
        return v->n;
    return lin_var(exec_fresh(x, &p->cons, v ? v->type : NULL));
}

void path_note_stored(struct exec *x, const struct mir_type *t, struct mir_loc loc) {
    if (!x->record || x->stored || t->kind == MIR_FN || !mir_type_holds(t, MIR_REPLY))
        return;
    x->stored = true;
    x->stored_at = loc;
}

// ---- constants ------------------------------------------------------------------------------

static const struct val *constant(struct exec *x, const struct mir_operand *o) {
    int64_t n = (int64_t)o->value.bits;
    bool in_range =
        n <= LIN_COEFFICIENT_MAX && n >= (mir_type_is_unsigned(o->type) ? 0 : -LIN_COEFFICIENT_MAX);
    if (mir_type_is_int(o->type) && in_range)
        return val_int(x->a, o->type, lin_const(n));
    if (o->type->kind == MIR_BOOL)
        return val_bool(x->a, o->type, (struct con){CON_GE, lin_const(n ? 0 : -1)});
    return val_top(x->a, o->type);
}

// ---- reading --------------------------------------------------------------------------------

static void walk(struct exec *x, const struct mir_function *f, const struct path *p,
                 const struct val *v, const struct mir_place *place, int32_t at, struct reads *out);

static const struct mir_type *step_type(const struct mir_type *t, const struct mir_proj *j) {
    switch (j->kind) {
    case MIR_PROJ_FIELD:
        return t->kind == MIR_STRUCT ? t->fields.at[j->field].type : NULL;
    case MIR_PROJ_VARIANT:
        return t->kind == MIR_ENUM ? t->variants.at[j->variant].types.at[j->field] : NULL;
    case MIR_PROJ_INDEX:
        return t->kind == MIR_BUFFER ? t->element : NULL;
    }
    return NULL;
}

// A part of an unknown value, as old as the whole.
static const struct val *part_of(struct exec *x, const struct val *whole,
                                 const struct mir_type *t) {
    const struct val *v = val_top(x->a, t);
    return whole->kind == VAL_TOP && whole->older ? val_older(x->a, v, whole->n) : v;
}

static void walk_index(struct exec *x, const struct mir_function *f, const struct path *p,
                       const struct val *v, const struct mir_place *place, int32_t at,
                       struct reads *out) {
    struct reads indexes = {0};
    place_read(x, f, p, place->projs.at[at].index, &indexes);
    for (int32_t i = 0; i < indexes.v.len; i++) {
        struct path *q = path_copy(x, indexes.v.at[i].path, f);
        struct lin e = path_int(x, q, indexes.v.at[i].val), room;
        path_assume(x, q, CON_GE, e);
        if (lin_add(&room, v->n, -1, e)) {
            room.c -= 1;
            path_assume(x, q, CON_GE, room);
        }
        struct reads elements = {0};
        buffer_read(x, f, q, v, &e, &elements);
        for (int32_t k = 0; k < elements.v.len; k++)
            walk(x, f, elements.v.at[k].path, elements.v.at[k].val, place, at + 1, out);
    }
}

static void walk(struct exec *x, const struct mir_function *f, const struct path *p,
                 const struct val *v, const struct mir_place *place, int32_t at,
                 struct reads *out) {
    if (at == place->projs.len) {
        vec_push(x->a, &out->v, (struct read){(struct path *)(uintptr_t)p, v});
        return;
    }
    const struct mir_proj *j = &place->projs.at[at];
    if (v->kind == VAL_STRUCT && j->kind == MIR_PROJ_FIELD && v->items[j->field]) {
        walk(x, f, p, v->items[j->field], place, at + 1, out);
    } else if (v->kind == VAL_ENUM && j->kind == MIR_PROJ_VARIANT) {
        if (v->variant == j->variant && v->items[j->field]) // of another variant: not on this path
            walk(x, f, p, v->items[j->field], place, at + 1, out);
    } else if (v->kind == VAL_BUF && j->kind == MIR_PROJ_INDEX) {
        walk_index(x, f, p, v, place, at, out);
    } else {
        const struct mir_type *t = step_type(v->type, j);
        if (!t)
            web_give_up(x->w, f->loc, "a place in `%s` has a shape that is not understood",
                        f->name);
        else
            walk(x, f, p, part_of(x, v, t), place, at + 1, out);
    }
}

static void read_self(struct exec *x, const struct mir_function *f, const struct path *p,
                      const struct mir_place *place, struct reads *out) {
    if (!place->projs.len || place->projs.at[0].kind != MIR_PROJ_FIELD) {
        walk(x, f, p, val_top(x->a, f->self), place, 0, out);
        return;
    }
    struct paths loaded = {0};
    web_load_field(x, p, place->projs.at[0].field, &loaded);
    for (int32_t i = 0; i < loaded.v.len; i++)
        walk(x, f, loaded.v.at[i], loaded.v.at[i]->self, place, 0, out);
}

void place_read(struct exec *x, const struct mir_function *f, const struct path *p,
                const struct mir_operand *o, struct reads *out) {
    if (web_stopped(x->w))
        return;
    struct path *same = (struct path *)(uintptr_t)p;
    if (o->kind == MIR_CONST) {
        vec_push(x->a, &out->v, (struct read){same, constant(x, o)});
    } else if (o->place.local == MIR_SELF) {
        read_self(x, f, p, &o->place, out);
    } else {
        const struct val *v = p->locals[o->place.local];
        walk(x, f, p, v ? v : val_top(x->a, f->locals.at[o->place.local].type), &o->place, 0, out);
    }
}

// ---- writing --------------------------------------------------------------------------------

static const struct val *with(struct exec *x, const struct mir_function *f, struct path *p,
                              const struct val *v, const struct mir_type *t,
                              const struct mir_place *place, int32_t at, const struct val *in);

static const struct val *with_item(struct exec *x, const struct mir_function *f, struct path *p,
                                   const struct val *v, int32_t item, const struct mir_type *t,
                                   const struct mir_place *place, int32_t at,
                                   const struct val *in) {
    struct val *w = val_tuple(x->a, v->kind, v->type, v->count);
    w->variant = v->variant;
    for (int32_t i = 0; i < v->count; i++)
        w->items[i] = v->items[i];
    w->items[item] = with(x, f, p, v->items[item], t, place, at + 1, in);
    return w;
}

static const struct val *with_element(struct exec *x, const struct mir_function *f, struct path *p,
                                      const struct val *v, const struct mir_place *place,
                                      int32_t at, const struct val *in) {
    if (at + 1 < place->projs.len) { // a part of an element: its other parts are not known together
        struct val *w = arena_new(x->a, struct val);
        *w = *v;
        w->any = true;
        return w;
    }
    struct reads index = {0};
    place_read(x, f, p, place->projs.at[at].index, &index);
    struct lin e = index.v.len == 1 ? path_int(x, p, index.v.at[0].val) : lin_var(x->next_var++);
    return buffer_put(x, p, v, e, in, v->n);
}

// `v` with `in` written at the rest of the place; unknown wholes stay unknown, which covers it.
static const struct val *with(struct exec *x, const struct mir_function *f, struct path *p,
                              const struct val *v, const struct mir_type *t,
                              const struct mir_place *place, int32_t at, const struct val *in) {
    if (at == place->projs.len)
        return in;
    const struct mir_proj *j = &place->projs.at[at];
    const struct mir_type *inner = t ? step_type(t, j) : NULL;
    if (!v && t && t->kind == MIR_STRUCT)
        v = val_tuple(x->a, VAL_STRUCT, t, t->fields.len);
    if (!v || v->kind == VAL_TOP)
        return t ? val_top(x->a, t) : v;
    if (v->kind == VAL_STRUCT && j->kind == MIR_PROJ_FIELD)
        return with_item(x, f, p, v, j->field, inner, place, at, in);
    if (v->kind == VAL_ENUM && j->kind == MIR_PROJ_VARIANT && v->variant == j->variant)
        return with_item(x, f, p, v, j->field, inner, place, at, in);
    if (v->kind == VAL_BUF && j->kind == MIR_PROJ_INDEX)
        return with_element(x, f, p, v, place, at, in);
    return val_top(x->a, v->type);
}

void place_write(struct exec *x, const struct mir_function *f, struct path *p,
                 const struct mir_place *place, const struct val *v) {
    if (place->local == MIR_NO_PLACE)
        return;
    if (place->local >= 0) {
        const struct mir_type *t = f->locals.at[place->local].type;
        p->locals[place->local] = with(x, f, p, p->locals[place->local], t, place, 0, v);
        return;
    }
    if (!place->projs.len || !p->self) {
        web_give_up(x->w, f->loc, "`%s` replaces the whole state of its actor", f->name);
        return;
    }
    path_note_stored(x, f->self->fields.at[place->projs.at[0].field].type, f->loc);
    p->written |= (uint64_t)1 << (place->projs.at[0].field > 63 ? 63 : place->projs.at[0].field);
    p->self = with(x, f, p, p->self, f->self, place, 0, v);
}
