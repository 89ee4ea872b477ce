// SPDX-License-Identifier: MIT
// The arithmetic of a certificate. For an edge in a stage, scale * (rank of the one who waits -
// rank of the one it waits for) minus the sum of multiplier * condition has to be a number: all
// variables cancel. If that number is >= 0, and multipliers of inequalities are, too, the rank
// never goes up where the conditions hold; if it is > 0, it goes down. An edge is present in each
// stage until one in which it goes down; each has to have one.
#include "checker/recheck/recheck.h"

__extension__ typedef __int128 wide;

// The sum being put together: by variable, the constant last.
struct sum {
    wide *by_var;
    wide constant;
};

static void add(struct sum *s, const struct term *t, wide factor) {
    s->constant += factor * t->c;
    for (int32_t i = 0; i < t->count; i++)
        s->by_var[t->t[i].var] += factor * t->t[i].coef;
}

// Terms and factors are below 2^41 and there are less than 2^20 of them: sums stay below 2^125.
static void add_rank(const struct cert *c, struct sum *s, const struct level *r,
                     const struct term *attrs, int32_t attr_count, wide factor) {
    s->constant += factor * r->numbers.at[0];
    for (int32_t i = 0; i < attr_count; i++)
        add(s, &attrs[i], factor * r->numbers.at[1 + i]);
    for (int32_t i = 0; i < c->params; i++)
        s->by_var[i] += factor * r->numbers.at[1 + attr_count + i];
}

static bool step_holds(const struct cert *c, const struct stage *stage, int32_t index) {
    const struct edge *e = &c->edges.at[index];
    const struct step *step = &stage->steps[index];
    const struct level *from = &stage->ranks[e->from], *to = &stage->ranks[e->to];
    int32_t vars = c->params + e->vars;
    struct sum s = {arena_array(c->arena, wide, vars + 1), 0};
    if (!from->numbers.len || !to->numbers.len || step->scale <= 0 || step->scale >> 20)
        return false;
    add_rank(c, &s, from, e->from_attrs.at, e->from_attrs.len, step->scale);
    add_rank(c, &s, to, e->to_attrs.at, e->to_attrs.len, -step->scale);
    for (int32_t i = 0; i < e->conditions.len; i++) {
        if (!e->conditions.at[i].equation && step->multipliers.at[i] < 0)
            return false;
        add(&s, &e->conditions.at[i].term, -(wide)step->multipliers.at[i]);
    }
    for (int32_t v = 0; v < vars; v++)
        if (s.by_var[v])
            return false;
    return step->down ? s.constant > 0 : s.constant >= 0;
}

const char *order_holds(const struct cert *c) {
    for (int32_t e = 0; e < c->edges.len; e++) {
        bool down = false;
        const struct edge *edge = &c->edges.at[e];
        if (edge->from_attrs.len != c->classes.at[edge->from].attrs ||
            edge->to_attrs.len != c->classes.at[edge->to].attrs)
            return str_format(c->arena, "edge %d lacks attributes", e).data;
        for (int32_t s = 0; s < c->stages.len; s++) {
            const struct step *step = &c->stages.at[s].steps[e];
            if (step->present == down)
                return str_format(c->arena,
                                  "edge %d is missing in stage %d, or stands in it in vain", e, s)
                    .data;
            if (step->present && !step_holds(c, &c->stages.at[s], e))
                return str_format(c->arena, "edge %d does not descend in stage %d", e, s).data;
            down = down || (step->present && step->down);
        }
        if (!down)
            return str_format(c->arena, "edge %d never goes down", e).data;
    }
    return NULL;
}
