// SPDX-License-Identifier: MIT
// Linear terms, conditions and values. A term that would not fit is refused, never rounded: the
// caller then takes a fresh variable, which says less and stays true.
#include "checker/sym.h"

#include <assert.h>
#include <inttypes.h>

// ---- linear terms ---------------------------------------------------------------------------

static bool fits(int64_t v) {
    return v <= LIN_COEFFICIENT_MAX && v >= -LIN_COEFFICIENT_MAX;
}

static bool madd(int64_t *out, int64_t a, int64_t factor, int64_t b) {
    int64_t product;
    if (__builtin_mul_overflow(factor, b, &product) || __builtin_add_overflow(a, product, out))
        return false;
    return fits(*out);
}

bool lin_add(struct lin *out, struct lin a, int64_t factor, struct lin b) {
    struct lin r = {0};
    if (!madd(&r.c, a.c, factor, b.c))
        return false;
    for (int32_t i = 0, j = 0; i < a.count || j < b.count;) {
        struct lin_term t;
        if (j == b.count || (i < a.count && a.t[i].var < b.t[j].var)) {
            t = a.t[i++];
        } else {
            bool both = i < a.count && a.t[i].var == b.t[j].var;
            t = (struct lin_term){b.t[j].var, 0};
            if (!madd(&t.coef, both ? a.t[i].coef : 0, factor, b.t[j].coef))
                return false;
            i += both;
            j++;
        }
        if (t.coef == 0)
            continue;
        if (r.count == LIN_TERMS_MAX)
            return false;
        r.t[r.count++] = t;
    }
    *out = r;
    return true;
}

bool lin_replace(struct lin *out, struct lin a, int32_t var, struct lin by) {
    for (int32_t i = 0; i < a.count; i++) {
        if (a.t[i].var != var)
            continue;
        int64_t coef = a.t[i].coef;
        struct lin rest;
        return lin_add(&rest, a, -coef, lin_var(var)) && lin_add(out, rest, coef, by);
    }
    *out = a;
    return true;
}

bool lin_eq(struct lin a, struct lin b) {
    if (a.c != b.c || a.count != b.count)
        return false;
    for (int32_t i = 0; i < a.count; i++)
        if (a.t[i].var != b.t[i].var || a.t[i].coef != b.t[i].coef)
            return false;
    return true;
}

// ---- conditions -----------------------------------------------------------------------------

const struct cons *cons_add(struct arena *a, const struct cons *rest, struct con con) {
    if (con_known(con) == 1)
        return rest;
    struct cons *c = arena_new(a, struct cons);
    *c = (struct cons){con, rest};
    return c;
}

bool con_eq(struct con a, struct con b) {
    return a.rel == b.rel && lin_eq(a.l, b.l);
}

int con_known(struct con c) {
    if (c.l.count)
        return -1;
    switch (c.rel) {
    case CON_GE:
        return c.l.c >= 0;
    case CON_EQ:
        return c.l.c == 0;
    case CON_NE:
        return c.l.c != 0;
    }
    return -1;
}

// ---- values ---------------------------------------------------------------------------------

const struct val *val_top(struct arena *a, const struct mir_type *t) {
    struct val *v = arena_new(a, struct val);
    v->kind = VAL_TOP;
    v->type = t;
    return v;
}

const struct val *val_older(struct arena *a, const struct val *v, struct lin birth) {
    if (!v || !v->type || !mir_type_holds(v->type, MIR_REF))
        return v;
    struct val *w = arena_new(a, struct val);
    *w = *v;
    if (v->kind == VAL_TOP || (v->kind == VAL_REF && !v->attr_count)) {
        w->older = true;
        w->n = birth;
    }
    if (v->count) {
        w->items = arena_array(a, const struct val *, v->count);
        for (int32_t i = 0; i < v->count; i++)
            w->items[i] = val_older(a, v->items[i], birth);
    }
    return w;
}

const struct val *val_int(struct arena *a, const struct mir_type *t, struct lin n) {
    struct val *v = arena_new(a, struct val);
    v->kind = VAL_INT;
    v->type = t;
    v->n = n;
    return v;
}

const struct val *val_bool(struct arena *a, const struct mir_type *t, struct con c) {
    struct val *v = arena_new(a, struct val);
    v->kind = VAL_BOOL;
    v->type = t;
    v->cond = c;
    return v;
}

struct val *val_tuple(struct arena *a, enum val_kind kind, const struct mir_type *t,
                      int32_t count) {
    struct val *v = arena_new(a, struct val);
    v->kind = kind;
    v->type = t;
    v->count = count;
    v->items = arena_array(a, const struct val *, count ? count : 1);
    return v;
}

static bool older_eq(const struct val *a, const struct val *b) {
    return a->older == b->older && (!a->older || lin_eq(a->n, b->n));
}

static bool refs_eq(const struct val *a, const struct val *b) {
    if (a->class != b->class || a->attr_count != b->attr_count || !older_eq(a, b))
        return false;
    for (int32_t i = 0; i < a->attr_count; i++)
        if (!lin_eq(a->attrs[i], b->attrs[i]))
            return false;
    return true;
}

static bool bufs_eq(const struct val *a, const struct val *b) {
    if (!lin_eq(a->n, b->n) || a->any != b->any || a->pattern_count != b->pattern_count)
        return false;
    for (int32_t i = 0; i < a->pattern_count; i++)
        if (!str_eq(a->patterns[i]->key, b->patterns[i]->key))
            return false;
    return true;
}

bool val_eq(const struct val *a, const struct val *b) {
    if (a == b)
        return true;
    if (!a || !b || a->kind != b->kind || a->type != b->type || a->count != b->count)
        return false;
    for (int32_t i = 0; i < a->count; i++)
        if (!val_eq(a->items[i], b->items[i]))
            return false;
    switch (a->kind) {
    case VAL_TOP:
        return older_eq(a, b);
    case VAL_STRUCT:
    case VAL_REPLY:
        return true;
    case VAL_INT:
        return lin_eq(a->n, b->n);
    case VAL_BOOL:
        return con_eq(a->cond, b->cond);
    case VAL_ENUM:
        return a->variant == b->variant;
    case VAL_REF:
        return refs_eq(a, b);
    case VAL_BUF:
        return bufs_eq(a, b);
    case VAL_CLOSURE:
        return a->function == b->function;
    }
    return false;
}

bool mir_type_is_int(const struct mir_type *t) {
    return t->kind >= MIR_I8 && t->kind <= MIR_U64;
}

bool mir_type_is_unsigned(const struct mir_type *t) {
    return t->kind >= MIR_U8 && t->kind <= MIR_U64;
}

static bool holds(const struct mir_type *t, enum mir_type_kind kind, int depth) {
    if (t->kind == kind)
        return true;
    if (depth > 16) // recursive through a buffer: say yes, which is the careful answer
        return true;
    switch (t->kind) {
    case MIR_STRUCT:
        for (int32_t i = 0; i < t->fields.len; i++)
            if (holds(t->fields.at[i].type, kind, depth + 1))
                return true;
        return false;
    case MIR_ENUM:
        for (int32_t i = 0; i < t->variants.len; i++)
            for (int32_t j = 0; j < t->variants.at[i].types.len; j++)
                if (holds(t->variants.at[i].types.at[j], kind, depth + 1))
                    return true;
        return false;
    case MIR_BUFFER:
    case MIR_FUTURE:
        return holds(t->element, kind, depth + 1);
    case MIR_FN: // what a closure captured is not in its type
        return kind == MIR_REF || kind == MIR_REPLY || kind == MIR_FUTURE;
    default:
        return false;
    }
}

bool mir_type_holds(const struct mir_type *t, enum mir_type_kind kind) {
    return holds(t, kind, 0);
}

// ---- text -----------------------------------------------------------------------------------

void lin_print(struct text *out, struct lin l, int32_t params, const char *const *names) {
    bool first = true;
    for (int32_t i = 0; i < l.count; i++) {
        int64_t c = l.t[i].coef;
        text_printf(out, "%s", c < 0 ? (first ? "-" : " - ") : (first ? "" : " + "));
        if (c != 1 && c != -1)
            text_printf(out, "%" PRId64 "*", c < 0 ? -c : c);
        if (l.t[i].var < params && names)
            text_printf(out, "%s", names[l.t[i].var]);
        else
            text_printf(out, "_%d", l.t[i].var);
        first = false;
    }
    if (first)
        text_printf(out, "%" PRId64, l.c);
    else if (l.c)
        text_printf(out, " %c %" PRId64, l.c < 0 ? '-' : '+', l.c < 0 ? -l.c : l.c);
}

void con_print(struct text *out, struct con c, int32_t params, const char *const *names) {
    static const char *const words[] = {" >= 0", " == 0", " != 0"};
    lin_print(out, c.l, params, names);
    text_printf(out, "%s", words[c.rel]);
}
