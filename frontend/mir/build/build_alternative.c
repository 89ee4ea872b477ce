// SPDX-License-Identifier: MIT
// Names of or-patterns that are written through: `A(n) | B(n) => n += 1`. In each alternative the
// name is another place, so what stands behind the pattern is lowered once for each of them. Names
// that are only read are copied where alternatives meet, and need none of this.
#include "frontend/mir/build/lower.h"

// How often an arm may be lowered, within those around it, which are lowered several times, too.
enum { ALTERNATIVES_MAX = 256 };

static int32_t chosen_at(const struct choices *c, const struct ast_pattern *p) {
    for (int32_t i = 0; i < c->at.len; i++)
        if (c->at.at[i].pattern == p)
            return i;
    return -1;
}

int32_t chosen_alternative(struct fn *fn, const struct ast_pattern *p) {
    for (const struct choices *c = fn->choices; c; c = c->outer) {
        int32_t i = chosen_at(c, p);
        if (i >= 0)
            return c->at.at[i].alternative;
    }
    return -1;
}

typedef VEC(struct ast_pattern *) pattern_list;

static pattern_list parts_within(struct fn *fn, const struct ast_pattern *p) {
    pattern_list all = {0};
    struct parts parts = parts_of(p);
    if (p->kind == PATTERN_BIND && p->bind.inner)
        vec_push(fn->b->arena, &all, p->bind.inner);
    for (int32_t i = 0; i < parts.count; i++)
        vec_push(fn->b->arena, &all, parts.at ? parts.at[i] : parts.fields[i].pattern);
    return all;
}

static bool is_chosen(struct fn *fn, const struct ast_pattern *p) {
    return p->kind == PATTERN_OR && pattern_binds_mutably(fn, p);
}

// In how many ways the alternatives can be chosen; no more than a bit above the limit.
static int32_t ways(struct fn *fn, const struct ast_pattern *p) {
    int32_t total = p->kind == PATTERN_OR ? 0 : 1;
    for (int32_t i = 0; p->kind == PATTERN_OR && i < p->any.alternatives.len; i++)
        total += ways(fn, p->any.alternatives.at[i]);
    if (p->kind == PATTERN_OR)
        return is_chosen(fn, p) ? total : 1;
    pattern_list parts = parts_within(fn, p);
    for (int32_t i = 0; i < parts.len && total <= ALTERNATIVES_MAX; i++)
        total *= ways(fn, parts.at[i]);
    return total;
}

// Those that are met for the first time begin with their first alternative.
static void choose(struct fn *fn, struct choices *c, struct ast_pattern *p) {
    if (is_chosen(fn, p)) {
        int32_t i = chosen_at(c, p);
        if (i < 0) {
            i = c->at.len;
            vec_push(fn->b->arena, &c->at, ((struct choice){p, 0}));
        }
        choose(fn, c, p->any.alternatives.at[c->at.at[i].alternative]);
        return;
    }
    pattern_list parts = parts_within(fn, p);
    for (int32_t i = 0; p->kind != PATTERN_OR && i < parts.len; i++)
        choose(fn, c, parts.at[i]);
}

void choices_begin(struct fn *fn, struct choices *c, struct ast_pattern *p) {
    *c = (struct choices){.outer = fn->choices, .pattern = p};
    if (!p || !pattern_binds_mutably(fn, p))
        return;
    int64_t copies = (int64_t)ways(fn, p) * (c->outer ? c->outer->copies : 1);
    c->copies = (int32_t)(copies < ALTERNATIVES_MAX ? copies : ALTERNATIVES_MAX);
    if (copies > ALTERNATIVES_MAX) {
        struct diag *d = diag_add(fn->b->sink, P8214, p->span,
                                  "too many alternatives give names that are written through");
        diag_primary(fn->b->sink, d, "what stands behind them is made once for each");
        diag_note(fn->b->sink, d,
                  "There may be %d, with those around. Arms of their own that call "
                  "a function are smaller.",
                  ALTERNATIVES_MAX);
        return;
    }
    fn->choices = c;
    choose(fn, c, p);
}

bool choices_next(struct fn *fn, struct choices *c) {
    fn->choices = c->outer;
    while (c->at.len > 0) {
        struct choice *last = &c->at.at[c->at.len - 1];
        if (++last->alternative < last->pattern->any.alternatives.len) {
            fn->choices = c;
            choose(fn, c, c->pattern);
            return true;
        }
        c->at.len--;
    }
    return false;
}
