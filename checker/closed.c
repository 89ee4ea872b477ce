// SPDX-License-Identifier: MIT
// Closed facts. Closing keeps the conditions that are connected to the values, simplifies them, and
// renames the variables in the order in which the values show them; facts that say the same then
// mostly have the same key. Opening gives fresh variables.
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

// ---- keys -----------------------------------------------------------------------------------

static void put_val(struct text *t, const struct val *v) {
    if (!v) {
        text_put(t, STR("-"));
        return;
    }
    text_printf(t, "%d:%d", (int)v->kind, v->type ? v->type->id : -1);
    if (v->older) {
        text_putc(t, '^');
        lin_print(t, v->n, 0, NULL);
    }
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

// ---- closing --------------------------------------------------------------------------------

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

static void keep_connected(struct renaming *r, struct closed *c, const struct con *all,
                           int32_t count) {
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

// ---- simplifying ----------------------------------------------------------------------------
//
// Conditions may be dropped at any time: a fact with fewer of them says less, and covers more. Here
// they go when nothing is lost: a variable that equals a term is replaced by it, one that the
// values do not show and that is bounded from one side only always exists, and a few are eliminated
// by combining bounds.

struct simplify {
    struct arena *arena;
    int32_t params;
    const struct val **vals;
    int32_t val_count;
    struct con *cons;
    int32_t count, cap;
};

static bool lin_has(struct lin l, int32_t var) {
    for (int32_t i = 0; i < l.count; i++)
        if (l.t[i].var == var)
            return true;
    return false;
}

static int64_t coef_of(struct lin l, int32_t var) {
    for (int32_t i = 0; i < l.count; i++)
        if (l.t[i].var == var)
            return l.t[i].coef;
    return 0;
}

static bool val_has(const struct val *v, int32_t var) {
    if (!v)
        return false;
    if (lin_has(v->n, var) || lin_has(v->cond.l, var))
        return true;
    for (int32_t i = 0; i < v->attr_count; i++)
        if (lin_has(v->attrs[i], var))
            return true;
    for (int32_t i = 0; i < v->count; i++)
        if (val_has(v->items[i], var))
            return true;
    return false;
}

static bool shown(const struct simplify *s, int32_t var) {
    for (int32_t i = 0; i < s->val_count; i++)
        if (val_has(s->vals[i], var))
            return true;
    return false;
}

static const struct val *val_replace(struct arena *a, const struct val *v, int32_t var,
                                     struct lin by, bool *exact) {
    if (!v || !val_has(v, var))
        return v;
    struct val *w = arena_new(a, struct val);
    *w = *v;
    *exact =
        *exact && lin_replace(&w->n, v->n, var, by) && lin_replace(&w->cond.l, v->cond.l, var, by);
    for (int32_t i = 0; i < v->attr_count; i++)
        *exact = *exact && lin_replace(&w->attrs[i], v->attrs[i], var, by);
    if (v->count) {
        w->items = arena_array(a, const struct val *, v->count);
        for (int32_t i = 0; i < v->count; i++)
            w->items[i] = val_replace(a, v->items[i], var, by, exact);
    }
    return w;
}

// Everything with `var` replaced; nothing changes when a term would not fit.
static bool replace_all(struct simplify *s, int32_t var, struct lin by, int32_t without) {
    const struct val **vals = arena_array(s->arena, const struct val *, s->val_count + 1);
    struct con *cons = arena_array(s->arena, struct con, s->cap);
    bool exact = true;
    int32_t n = 0;
    for (int32_t i = 0; i < s->val_count; i++)
        vals[i] = val_replace(s->arena, s->vals[i], var, by, &exact);
    for (int32_t i = 0; i < s->count && exact; i++) {
        if (i == without)
            continue;
        cons[n] = s->cons[i];
        exact = lin_replace(&cons[n++].l, s->cons[i].l, var, by);
    }
    if (!exact)
        return false;
    s->vals = vals;
    s->cons = cons;
    s->count = n;
    return true;
}

// Uses one equation, if there is a usable one, to get rid of a variable: best of one that is not
// shown.
static bool use_equation(struct simplify *s) {
    for (int pass = 0; pass < 2; pass++)
        for (int32_t i = 0; i < s->count; i++) {
            struct lin l = s->cons[i].l;
            for (int32_t k = l.count - 1; s->cons[i].rel == CON_EQ && k >= 0; k--) {
                int32_t var = l.t[k].var;
                int64_t coef = l.t[k].coef;
                struct lin rest, by;
                if (var < s->params || (coef != 1 && coef != -1) || (pass == 0 && shown(s, var)))
                    continue;
                if (lin_add(&rest, l, -coef, lin_var(var)) &&
                    lin_add(&by, lin_const(0), -coef, rest) && replace_all(s, var, by, i))
                    return true;
            }
        }
    return false;
}

static bool same_terms(struct lin a, struct lin b) {
    b.c = a.c;
    return lin_eq(a, b);
}

// Drops what always holds, what stands twice and what a stronger condition says.
static void tidy(struct simplify *s) {
    int32_t n = 0;
    for (int32_t i = 0; i < s->count; i++) {
        struct con c = s->cons[i];
        bool drop = con_known(c) == 1;
        for (int32_t k = 0; k < n && !drop; k++) {
            if (con_eq(s->cons[k], c)) {
                drop = true;
            } else if (c.rel == CON_GE && s->cons[k].rel == CON_GE &&
                       same_terms(s->cons[k].l, c.l)) {
                if (c.l.c < s->cons[k].l.c)
                    s->cons[k].l.c = c.l.c;
                drop = true;
            }
        }
        if (!drop)
            s->cons[n++] = c;
    }
    s->count = n;
}

// Eliminates `var`, that the values do not show, when that does not make more conditions.
static bool eliminate(struct simplify *s, int32_t var) {
    int32_t lower = 0, upper = 0;
    for (int32_t i = 0; i < s->count; i++) {
        int64_t c = coef_of(s->cons[i].l, var);
        if (c && (s->cons[i].rel != CON_GE || (c != 1 && c != -1)))
            return false;
        lower += c > 0;
        upper += c < 0;
    }
    if (lower + upper == 0 || lower * upper > lower + upper)
        return false;
    struct con *cons = arena_array(s->arena, struct con, s->cap);
    int32_t n = 0;
    for (int32_t i = 0; i < s->count; i++)
        if (!coef_of(s->cons[i].l, var))
            cons[n++] = s->cons[i];
    for (int32_t i = 0; i < s->count; i++)
        for (int32_t k = 0; k < s->count; k++) {
            if (coef_of(s->cons[i].l, var) <= 0 || coef_of(s->cons[k].l, var) >= 0)
                continue;
            struct con c = {CON_GE, {0}};
            if (n < s->cap && lin_add(&c.l, s->cons[i].l, 1, s->cons[k].l))
                cons[n++] = c;
        }
    s->cons = cons;
    s->count = n;
    return true;
}

static void simplify(struct simplify *s, int32_t vars) {
    while (use_equation(s))
        continue;
    tidy(s);
    for (bool more = true; more;) {
        more = false;
        for (int32_t v = s->params; v < s->params + vars; v++)
            if (!shown(s, v) && eliminate(s, v)) {
                tidy(s);
                more = true;
            }
    }
}

static int con_cmp(struct con a, struct con b) {
    if (a.rel != b.rel)
        return a.rel < b.rel ? -1 : 1;
    for (int32_t i = 0; i < a.l.count && i < b.l.count; i++) {
        if (a.l.t[i].var != b.l.t[i].var)
            return a.l.t[i].var < b.l.t[i].var ? -1 : 1;
        if (a.l.t[i].coef != b.l.t[i].coef)
            return a.l.t[i].coef < b.l.t[i].coef ? -1 : 1;
    }
    if (a.l.count != b.l.count)
        return a.l.count < b.l.count ? -1 : 1;
    return a.l.c < b.l.c ? -1 : a.l.c > b.l.c;
}

static void sort_cons(struct closed *c) {
    for (int32_t i = 1; i < c->con_count; i++)
        for (int32_t j = i; j > 0 && con_cmp(c->cons[j], c->cons[j - 1]) < 0; j--) {
            struct con t = c->cons[j];
            c->cons[j] = c->cons[j - 1];
            c->cons[j - 1] = t;
        }
}

// Numbers the variables anew, by what is shown first.
static void renumber(struct arena *a, int32_t params, struct closed *c) {
    struct renaming r = {.arena = a, .params = params, .next = params};
    for (int32_t i = 0; i < c->val_count; i++)
        c->vals[i] = rename_val(&r, c->vals[i]);
    for (int32_t i = 0; i < c->con_count; i++)
        c->cons[i].l = rename_lin(&r, c->cons[i].l);
    c->vars = r.next - params;
}

// ---- the door -------------------------------------------------------------------------------

// The path's conditions from old to new.
static struct con *in_order(struct arena *a, const struct cons *cons, int32_t *count) {
    int32_t n = 0;
    for (const struct cons *k = cons; k; k = k->rest)
        n++;
    struct con *all = arena_array(a, struct con, n + 1);
    *count = n;
    for (const struct cons *k = cons; k; k = k->rest)
        all[--n] = k->con;
    assert(n == 0);
    return all;
}

const struct closed *closed_make(struct arena *a, int32_t params, const struct cons *cons,
                                 const struct val *const *vals, int32_t count) {
    struct renaming r = {.arena = a, .params = params, .next = params};
    struct closed *c = arena_new(a, struct closed);
    c->val_count = count;
    c->vals = arena_array(a, const struct val *, count + 1);
    for (int32_t i = 0; i < count; i++)
        c->vals[i] = rename_val(&r, vals[i]);
    int32_t n;
    const struct con *all = in_order(a, cons, &n);
    keep_connected(&r, c, all, n);
    struct simplify s = {a, params, c->vals, count, c->cons, c->con_count, 4 * c->con_count + 4};
    simplify(&s, r.next - params);
    c->vals = s.vals;
    c->cons = s.cons;
    c->con_count = s.count;
    sort_cons(c);
    renumber(a, params, c);
    fill_key(a, c);
    return c;
}

const struct val **closed_open(struct arena *a, int32_t params, const struct closed *c,
                               int32_t *next, const struct cons **cons) {
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
