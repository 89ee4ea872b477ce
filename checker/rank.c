// SPDX-License-Identifier: MIT
// Finding ranks. Classes that lie on no circle of classes are ordered without the solver; what
// remains is a linear program a stage: by Farkas' lemma "never up under these conditions" is a
// linear question about the coefficients and the multipliers together, and closing as many edges as
// possible each time is complete for such ranks.
#include "checker/rank.h"

#include <assert.h>

// ---- circles of classes ---------------------------------------------------------------------

// Levels of the strongly connected components: an edge between two of them goes down.
static void fill_levels(const struct web *w, const bool *open, int64_t *level) {
    int32_t n = w->classes.len;
    bool *reach = arena_array(w->arena, bool, n *n + 1);
    for (int32_t e = 0; e < w->edges.len; e++)
        if (open[e])
            reach[w->edges.at[e]->from * n + w->edges.at[e]->to] = true;
    for (int32_t k = 0; k < n; k++)
        for (int32_t i = 0; i < n; i++)
            for (int32_t j = 0; j < n && reach[i * n + k]; j++)
                reach[i * n + j] |= reach[k * n + j];
    // How many classes can be reached that do not reach back: strictly less behind each such edge.
    for (int32_t i = 0; i < n; i++) {
        level[i] = 0;
        for (int32_t j = 0; j < n; j++)
            level[i] += reach[i * n + j] && !reach[j * n + i];
    }
}

static struct rank_stage stage_new(const struct web *w) {
    struct rank_stage s = {arena_array(w->arena, struct rank_row, w->classes.len + 1),
                           arena_array(w->arena, struct rank_step, w->edges.len + 1)};
    return s;
}

// A component that has an edge inside has all its classes at one level, and the count above is the
// same for all of them; so edges inside stay level and edges between go down.
static bool order_classes(const struct web *w, struct rank *r) {
    int64_t *level = arena_array(w->arena, int64_t, w->classes.len + 1);
    struct rank_stage s = stage_new(w);
    bool closed = false;
    fill_levels(w, r->open, level);
    for (int32_t c = 0; c < w->classes.len; c++)
        s.rows[c].constant = level[c];
    for (int32_t e = 0; e < w->edges.len; e++) {
        const struct web_edge *edge = w->edges.at[e];
        if (!r->open[e])
            continue;
        assert(level[edge->from] >= level[edge->to]);
        bool strict = level[edge->from] > level[edge->to];
        s.steps[e] = (struct rank_step){
            true, strict, 1, arena_array(w->arena, int64_t, edge->closed->con_count + 1)};
        closed = closed || strict;
    }
    if (!closed)
        return false;
    for (int32_t e = 0; e < w->edges.len; e++)
        r->open[e] = r->open[e] && !s.steps[e].strict;
    vec_push(w->arena, &r->stages, s);
    return true;
}

// ---- the linear program ---------------------------------------------------------------------

struct unknowns {
    const struct web *w;
    struct lp *lp;
    int32_t *constant, *attrs,
        *params;           // by class; attrs by class * VAL_ATTRS_MAX + i, params alike
    int32_t *strict;       // by edge
    int32_t **multipliers; // by edge, then condition
    int32_t count;
    struct rational *solution;
};

// A linear equation being put together.
struct row {
    struct arena *arena;
    VEC(int32_t) vars;
    VEC(int64_t) coefs;
};

static void row_add(struct row *r, int32_t var, int64_t coef) {
    if (!coef)
        return;
    vec_push(r->arena, &r->vars, var);
    vec_push(r->arena, &r->coefs, coef);
}

static int64_t coef_in(struct lin l, int32_t var) {
    if (var < 0)
        return l.c;
    for (int32_t i = 0; i < l.count; i++)
        if (l.t[i].var == var)
            return l.t[i].coef;
    return 0;
}

static void add_unknowns(struct unknowns *u, const struct rank *r) {
    const struct web *w = u->w;
    struct arena *a = w->arena;
    u->constant = arena_array(a, int32_t, w->classes.len + 1);
    u->attrs = arena_array(a, int32_t, w->classes.len * VAL_ATTRS_MAX + 1);
    u->params = arena_array(a, int32_t, w->classes.len * WEB_PARAMS_MAX + 1);
    for (int32_t c = 0; c < w->classes.len; c++) {
        u->constant[c] = lp_var(u->lp, false, 0, false, 0);
        for (int32_t i = 0; i < w->classes.at[c]->attr_count; i++)
            u->attrs[c * VAL_ATTRS_MAX + i] = lp_var(u->lp, false, 0, false, 0);
        for (int32_t i = 0; i < w->params; i++)
            u->params[c * WEB_PARAMS_MAX + i] = lp_var(u->lp, false, 0, false, 0);
    }
    u->strict = arena_array(a, int32_t, w->edges.len + 1);
    u->multipliers = arena_array(a, int32_t *, w->edges.len + 1);
    for (int32_t e = 0; e < w->edges.len; e++) {
        if (!r->open[e])
            continue;
        const struct closed *c = w->edges.at[e]->closed;
        u->strict[e] = lp_var(u->lp, true, 0, true, 1);
        u->multipliers[e] = arena_array(a, int32_t, c->con_count + 1);
        for (int32_t i = 0; i < c->con_count; i++)
            u->multipliers[e][i] = lp_var(u->lp, c->cons[i].rel == CON_GE, 0, false, 0);
    }
}

// The part of (rank of the value) that multiplies variable `var` (-1: the constant part).
static void rank_part(const struct unknowns *u, struct row *row, const struct val *v, int32_t var,
                      int64_t sign) {
    int32_t c = v->class;
    for (int32_t i = 0; i < v->attr_count; i++)
        row_add(row, u->attrs[c * VAL_ATTRS_MAX + i], sign * coef_in(v->attrs[i], var));
    if (var >= 0 && var < u->w->params)
        row_add(row, u->params[c * WEB_PARAMS_MAX + var], sign);
    if (var < 0)
        row_add(row, u->constant[c], sign);
}

// from - to - strict = (something >= 0) + sum of multipliers * conditions, variable by variable.
static void add_edge(struct unknowns *u, int32_t e) {
    const struct closed *c = u->w->edges.at[e]->closed;
    for (int32_t var = -1; var < u->w->params + c->vars; var++) {
        struct row row = {.arena = u->w->arena};
        rank_part(u, &row, c->vals[0], var, 1);
        rank_part(u, &row, c->vals[1], var, -1);
        for (int32_t i = 0; i < c->con_count; i++)
            row_add(&row, u->multipliers[e][i], -coef_in(c->cons[i].l, var));
        if (var < 0)
            row_add(&row, u->strict[e], -1);
        lp_add(u->lp, row.vars.at, row.coefs.at, row.vars.len, 0, var < 0 ? LP_GE : LP_EQ);
    }
}

// As many edges as possible; among those ranks one with small numbers, so that it can be read.
static void add_goals(struct unknowns *u, const struct rank *r) {
    const struct web *w = u->w;
    struct row closed = {.arena = w->arena}, size = {.arena = w->arena};
    for (int32_t e = 0; e < w->edges.len; e++)
        if (r->open[e])
            row_add(&closed, u->strict[e], 1);
    lp_maximize(u->lp, closed.vars.at, closed.coefs.at, closed.vars.len);
    for (int32_t c = 0; c < w->classes.len; c++)
        for (int32_t i = -1; i < w->classes.at[c]->attr_count; i++) {
            int32_t var = i < 0 ? u->constant[c] : u->attrs[c * VAL_ATTRS_MAX + i];
            int32_t bound = lp_var(u->lp, true, 0, false, 0);
            lp_add(u->lp, (int32_t[]){bound, var}, (int64_t[]){1, 1}, 2, 0, LP_GE);
            lp_add(u->lp, (int32_t[]){bound, var}, (int64_t[]){1, -1}, 2, 0, LP_GE);
            row_add(&size, bound, -1);
            u->count = bound + 1;
        }
    lp_maximize(u->lp, size.vars.at, size.coefs.at, size.vars.len);
}

// ---- whole numbers --------------------------------------------------------------------------

static int64_t gcd(int64_t a, int64_t b) {
    while (b) {
        int64_t t = a % b;
        a = b;
        b = t;
    }
    return a < 0 ? -a : a;
}

static bool lcm_with(int64_t *l, int64_t den) {
    return !__builtin_mul_overflow(*l / gcd(*l, den), den, l) && *l <= LIN_COEFFICIENT_MAX;
}

static bool scaled(struct rational q, int64_t by, int64_t *out) {
    assert(by % q.den == 0);
    return !__builtin_mul_overflow(q.num, by / q.den, out) && *out <= LIN_COEFFICIENT_MAX &&
           *out >= -LIN_COEFFICIENT_MAX;
}

static bool read_rows(const struct unknowns *u, struct rank_stage *s, int64_t *scale) {
    const struct web *w = u->w;
    bool fine = true;
    for (int pass = 0; pass < 2; pass++)
        for (int32_t c = 0; c < w->classes.len; c++) {
            struct rank_row *row = &s->rows[c];
            for (int32_t i = -1; i < w->classes.at[c]->attr_count + w->params && fine; i++) {
                int32_t k = i - w->classes.at[c]->attr_count;
                int32_t var = i < 0   ? u->constant[c]
                              : k < 0 ? u->attrs[c * VAL_ATTRS_MAX + i]
                                      : u->params[c * WEB_PARAMS_MAX + k];
                int64_t *to = i < 0 ? &row->constant : k < 0 ? &row->attrs[i] : &row->params[k];
                fine = pass == 0 ? lcm_with(scale, u->solution[var].den)
                                 : scaled(u->solution[var], *scale, to);
            }
        }
    return fine;
}

static bool read_step(const struct unknowns *u, int32_t e, int64_t rows_scale,
                      struct rank_step *step) {
    const struct closed *c = u->w->edges.at[e]->closed;
    // Rows were multiplied by rows_scale, so multipliers are, too; then by `scale` to be whole.
    int64_t all = rows_scale;
    for (int32_t i = 0; i < c->con_count; i++)
        if (!lcm_with(&all, u->solution[u->multipliers[e][i]].den))
            return false;
    step->open = true;
    step->strict = u->solution[u->strict[e]].num > 0;
    step->scale = all / rows_scale;
    step->multipliers = arena_array(u->w->arena, int64_t, c->con_count + 1);
    for (int32_t i = 0; i < c->con_count; i++)
        if (!scaled(u->solution[u->multipliers[e][i]], all, &step->multipliers[i]))
            return false;
    return true;
}

static bool solve_stage(const struct web *w, struct rank *r) {
    struct unknowns u = {.w = w, .lp = lp_new(w->smt)};
    add_unknowns(&u, r);
    for (int32_t e = 0; e < w->edges.len; e++)
        if (r->open[e])
            add_edge(&u, e);
    add_goals(&u, r);
    u.solution = arena_array(w->arena, struct rational, u.count + 1);
    if (!lp_solve(u.lp, u.solution))
        return false;
    struct rank_stage s = stage_new(w);
    int64_t scale = 1;
    bool closed = false;
    if (!read_rows(&u, &s, &scale))
        return false;
    for (int32_t e = 0; e < w->edges.len; e++) {
        if (r->open[e] && !read_step(&u, e, scale, &s.steps[e]))
            return false;
        closed = closed || s.steps[e].strict;
    }
    if (!closed)
        return false;
    for (int32_t e = 0; e < w->edges.len; e++)
        r->open[e] = r->open[e] && !s.steps[e].strict;
    vec_push(w->arena, &r->stages, s);
    return true;
}

struct rank rank_find(const struct web *w) {
    struct rank r = {.open = arena_array(w->arena, bool, w->edges.len + 1)};
    for (int32_t e = 0; e < w->edges.len; e++)
        r.open[e] = true;
    bool progress = true;
    while (progress && r.stages.len < RANK_STAGES_MAX) {
        order_classes(w, &r);
        int32_t left = 0;
        for (int32_t e = 0; e < w->edges.len; e++)
            left += r.open[e];
        r.complete = left == 0;
        if (r.stages.len <= 1)
            r.needed = left;
        if (!r.complete)
            progress = solve_stage(w, &r);
        else
            return r;
    }
    return r;
}

// ---- in words -------------------------------------------------------------------------------

static void put_term(struct text *out, bool *first, int64_t coef, struct str name) {
    if (!coef)
        return;
    text_printf(out, "%s", coef < 0 ? (*first ? "-" : " - ") : (*first ? "" : " + "));
    if (coef != 1 && coef != -1)
        text_printf(out, "%lld ", (long long)(coef < 0 ? -coef : coef));
    text_put(out, name);
    *first = false;
}

static void put_row(const struct web *w, int32_t class, const struct rank_row *row,
                    struct text *out) {
    bool first = true;
    const struct web_class *c = w->classes.at[class];
    for (int32_t i = 0; i < w->params; i++)
        put_term(out, &first, row->params[i], str_from(w->param_names[i]));
    for (int32_t i = 0; i < c->attr_count; i++)
        put_term(out, &first, row->attrs[i],
                 i == 0               ? STR("birth")
                 : c->attr_count == 2 ? STR("index")
                                      : str_format(out->arena, "index%d", i));
    if (row->constant || first)
        text_printf(out, first ? "%s%lld" : "%s %lld",
                    first               ? ""
                    : row->constant < 0 ? " -"
                                        : " +",
                    (long long)(first || row->constant > 0 ? row->constant : -row->constant));
}

void rank_print(const struct web *w, const struct rank *r, struct text *out) {
    for (int32_t c = 0; c < w->classes.len; c++) {
        const struct web_class *class = w->classes.at[c];
        text_printf(out, "%s%.*s: (", c ? "; " : "",
                    STR_ARGS(class->actor ? str_from(class->actor->name) : class->name));
        for (int32_t s = 0; s < r->stages.len; s++) {
            if (s)
                text_put(out, STR(", "));
            put_row(w, c, &r->stages.at[s].rows[c], out);
        }
        text_putc(out, ')');
    }
}
