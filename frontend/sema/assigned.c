// SPDX-License-Identifier: MIT
// `let x: T;` gives x no value: one has to be assigned on every way to where it is used, and only
// once if x is not `mut`. Of each such variable two things are followed: whether it may have no
// value, and whether it may have one.
#include "frontend/sema/way.h"

enum { LATE_MAX = WAY_ITEMS / 2 }; // variables that are followed at once

struct late {
    struct checker *c;
    struct sema_variable *const *at;
    int32_t count;
    bool told[LATE_MAX];
};

static int32_t index_of(const struct late *l, const struct sema_variable *v) {
    for (int32_t i = 0; v && i < l->count; i++)
        if (l->at[i] == v)
            return i;
    return -1;
}

static void over(void *context, const struct step *s, struct way_state *state) {
    int32_t i = index_of(context, s->variable);
    if (i < 0)
        return;
    const struct step **lacks = &state->because[2 * i], **has = lacks + 1;
    if (s->kind == STEP_LATE) {
        *lacks = s;
        *has = NULL;
    } else if (s->kind == STEP_ASSIGN) {
        *lacks = NULL;
        *has = *has ? *has : s;
    }
}

static void say_lacks(struct late *l, const struct sema_variable *v, bool maybe, struct span span) {
    struct diag *d =
        diag_add(l->c->sink, P2054, span,
                 maybe ? "`%s` may have no value here" : "`%s` has no value here", v->name);
    diag_primary(l->c->sink, d,
                 maybe ? "there is a way to here on which none was assigned" : "used here");
    diag_label(l->c->sink, d, v->span, "declared here without a value");
}

static void say_again(struct late *l, const struct sema_variable *v, const struct step *first,
                      struct span span) {
    struct diag *d = diag_add(l->c->sink, P2010, span, "`%s` cannot change", v->name);
    bool same = first->span.start == span.start;
    diag_primary(l->c->sink, d,
                 same ? "assigned again here, in a later round of the loop"
                      : "assigned again here");
    if (!same)
        diag_label(l->c->sink, d, first->span, "it may have a value from here");
    struct span start = {v->span.source, v->span.start, v->span.start};
    diag_fix(l->c->sink, d, start, STR("mut "), "write `mut %s`", v->name);
}

static void look_at(void *context, const struct step *s, const struct way_state *state) {
    struct late *l = context;
    int32_t i = index_of(l, s->variable);
    if (i < 0 || l->told[i])
        return;
    const struct step *lacks = state->because[2 * i], *has = state->because[2 * i + 1];
    bool is_use = s->kind == STEP_USE || s->kind == STEP_TAKE || s->kind == STEP_WRITE;
    l->told[i] = true;
    if (is_use && lacks)
        say_lacks(l, l->at[i], has, s->span);
    else if (s->kind == STEP_ASSIGN && has && !l->at[i]->is_mut)
        say_again(l, l->at[i], has, s->span);
    else
        l->told[i] = false;
}

void check_assigned(struct checker *c, const struct flow_body *b, const struct way *w) {
    for (int32_t from = 0; from < b->late.len; from += LATE_MAX) {
        struct late l = {.c = c, .at = b->late.at + from, .count = b->late.len - from};
        l.count = l.count < LATE_MAX ? l.count : LATE_MAX;
        way_walk(c, w, over, look_at, &l);
    }
}
