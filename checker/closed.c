// SPDX-License-Identifier: MIT
// Closed facts. Closing renames the variables in the order in which the values show them and keeps the
// conditions that are connected to them; two facts that say the same in the same order then have the
// same key. Opening gives fresh variables.
#include "checker/sym.h"

#include <assert.h>
#include <inttypes.h>

// Old variable -> new one; small, so a list.
struct renaming {
    struct arena *arena;
    int32_t params;
    int32_t next; // for variables that are not in the list yet; -1: there must be none
    VEC(struct lin_term) pairs; // var: old, coef: new
};

static int32_t renamed(struct renaming *r, int32_t var) {
    if (var < r->params)
        return var;
    for (int32_t i = 0; i < r->pairs.len; i++)
        if (r->pairs.at[i].var == var)
            return (int32_t)r->pairs.at[i].coef;
    int32_t now = r->next++;
    vec_push(r->arena, &r->pairs, (struct lin_term){var, now});
    return now;
}

static bool is_renamed(const struct renaming *r, int32_t var) {
    for (int32_t i = 0; i < r->pairs.len; i++)
        if (r->pairs.at[i].var == var)
            return true;
    return false;
}

static struct lin rename_lin(struct renaming *r, struct lin l) {
    for (int32_t i = 0; i < l.count; i++)
        l.t[i].var = renamed(r, l.t[i].var);
    for (int32_t i = 1; i < l.count; i++)
        for (int32_t j = i; j > 0 && l.t[j].var < l.t[j - 1].var; j--) {
            struct lin_term t = l.t[j];
            l.t[j] = l.t[j - 1];
            l.t[j - 1] = t;
        }
    return l;
}

static const struct val *rename_val(struct renaming *r, const struct val *v) {
    if (!v)
        return NULL;
    struct val *w = arena_new(r->arena, struct val);
    *w = *v;
    w->n = rename_lin(r, v->n);
    w->cond.l = rename_lin(r, v->cond.l);
    for (int32_t i = 0; i < v->attr_count; i++)
        w->attrs[i] = rename_lin(r, v->attrs[i]);
    if (v->count) {
        w->items = arena_array(r->arena, const struct val *, v->count);
        for (int32_t i = 0; i < v->count; i++)
            w->items[i] = rename_val(r, v->items[i]);
    }
    return w;
}

// ---- keys -------------------------------------------------------------------------------------------

static void put_val(struct text *t, const struct val *v) {
    if (!v) {
        text_put(t, STR("-"));
        return;
    }
    text_printf(t, "%d:%d", (int)v->kind, v->type ? v->type->id : -1);
    switch (v->kind) {
    case VAL_INT:
        lin_print(t, v->n, 0, NULL);
        break;
    case VAL_BOOL:
        con_print(t, v->cond, 0, NULL);
        break;
    case VAL_REF:
        text_printf(t, "@%d", v->class);
        for (int32_t i = 0; i < v->attr_count; i++) {
            text_putc(t, ',');
            lin_print(t, v->attrs[i], 0, NULL);
        }
        break;
    case VAL_BUF:
        lin_print(t, v->n, 0, NULL);
        text_printf(t, "%s", v->any ? "any" : "");
        for (int32_t i = 0; i < v->pattern_count; i++) {
            text_putc(t, '<');
            text_put(t, v->patterns[i]->key);
            text_putc(t, '>');
        }
        break;
    case VAL_ENUM:
        text_printf(t, "#%d", v->variant);
        break;
    case VAL_CLOSURE:
        text_printf(t, "%s", v->function);
        break;
    default:
        break;
    }
    if (!v->count)
        return;
    text_putc(t, '(');
    for (int32_t i = 0; i < v->count; i++) {
        if (i)
            text_putc(t, ' ');
        put_val(t, v->items[i]);
    }
    text_putc(t, ')');
}

static void fill_key(struct arena *a, struct closed *c) {
    struct text t = {.arena = a};
    for (int32_t i = 0; i < c->val_count; i++) {
        if (i)
            text_putc(&t, ';');
        put_val(&t, c->vals[i]);
    }
    for (int32_t i = 0; i < c->con_count; i++) {
        text_putc(&t, '&');
        con_print(&t, c->cons[i], 0, NULL);
    }
    text_put(&t, STR(""));
    c->key = text_str(&t);
}

// ---- closing ----------------------------------------------------------------------------------------

static bool connected(const struct renaming *r, struct lin l) {
    bool only_params = true;
    for (int32_t i = 0; i < l.count; i++) {
        if (l.t[i].var < r->params)
            continue;
        only_params = false;
        if (is_renamed(r, l.t[i].var))
            return true;
    }
    return only_params;
}

static void keep_connected(struct renaming *r, struct closed *c, const struct con *all, int32_t count) {
    bool *taken = arena_array(r->arena, bool, count + 1);
    c->cons = arena_array(r->arena, struct con, count + 1);
    for (bool more = true; more;) {
        more = false;
        for (int32_t i = 0; i < count; i++) {
            if (taken[i] || !connected(r, all[i].l))
                continue;
            taken[i] = more = true;
            struct con k = {all[i].rel, rename_lin(r, all[i].l)};
            bool known = false;
            for (int32_t j = 0; j < c->con_count; j++)
                known = known || con_eq(c->cons[j], k);
            if (!known)
                c->cons[c->con_count++] = k;
        }
    }
}

const struct closed *closed_make(struct arena *a, int32_t params, const struct cons *cons,
                                 const struct val *const *vals, int32_t count) {
    struct renaming r = {.arena = a, .params = params, .next = params};
    struct closed *c = arena_new(a, struct closed);
    c->val_count = count;
    c->vals = arena_array(a, const struct val *, count + 1);
    for (int32_t i = 0; i < count; i++)
        c->vals[i] = rename_val(&r, vals[i]);
    int32_t n = 0;
    for (const struct cons *k = cons; k; k = k->rest)
        n++;
    struct con *all = arena_array(a, struct con, n + 1);
    for (const struct cons *k = cons; k; k = k->rest)
        all[--n] = k->con, assert(n >= 0);
    for (const struct cons *k = cons; k; k = k->rest)
        n++;
    keep_connected(&r, c, all, n);
    c->vars = r.next - params;
    fill_key(a, c);
    return c;
}

const struct val **closed_open(struct arena *a, int32_t params, const struct closed *c, int32_t *next,
                               const struct cons **cons) {
    struct renaming r = {.arena = a, .params = params, .next = *next};
    for (int32_t i = 0; i < c->vars; i++)
        renamed(&r, params + i);
    *next += c->vars;
    const struct val **out = arena_array(a, const struct val *, c->val_count + 1);
    for (int32_t i = 0; i < c->val_count; i++)
        out[i] = rename_val(&r, c->vals[i]);
    for (int32_t i = 0; i < c->con_count; i++)
        *cons = cons_add(a, *cons, (struct con){c->cons[i].rel, rename_lin(&r, c->cons[i].l)});
    assert(r.next == *next);
    return out;
}
