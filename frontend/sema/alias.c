// SPDX-License-Identifier: MIT
// Names that stand for a part of a container, and copies of parts. On each way through a body: is a
// name used behind a change of what it is a part of, and is what is written to a copy read by
// anybody?
#include "frontend/sema/way.h"

// ---- names for parts

// The places that an alias is a part of, from the nearest: another one may lie between it and the
// container.
enum { CHAIN_MAX = 16 };
struct chain {
    struct root at[CHAIN_MAX];
    int32_t count;
};

struct aliases {
    struct checker *c;
    struct sema_variable *const *at;
    int32_t count;
    struct chain chains[WAY_ITEMS];
    bool told[WAY_ITEMS];
};

static struct chain chain_of(struct checker *c, const struct sema_variable *v) {
    struct chain chain = {.count = 0};
    while (v && v->is_alias && v->subject && chain.count < CHAIN_MAX) {
        struct root r = place_root(c, v->subject);
        chain.at[chain.count++] = r;
        v = r.variable;
    }
    return chain;
}

static bool is_part_of(const struct chain *chain, struct root changed) {
    for (int32_t i = 0; i < chain->count; i++)
        if (roots_overlap(chain->at[i], changed))
            return true;
    return false;
}

static bool is_in_fields(const struct chain *chain, uint64_t fields) {
    for (int32_t i = 0; i < chain->count; i++) {
        int32_t field = chain->at[i].state;
        if (field >= 0 && fields >> (field < STATE_FIELDS ? field : STATE_FIELDS - 1) & 1)
            return true;
    }
    return false;
}

static void over(void *context, const struct step *s, struct way_state *state) {
    struct aliases *a = context;
    if (s->kind != STEP_BIND && s->kind != STEP_CHANGE && s->kind != STEP_STATE)
        return;
    struct root changed = s->kind == STEP_CHANGE ? place_root(a->c, s->place) : (struct root){0};
    for (int32_t i = 0; i < a->count; i++) {
        if (s->kind == STEP_BIND && a->at[i] == s->variable)
            state->because[i] = NULL;
        else if (!state->because[i] &&
                 ((s->kind == STEP_CHANGE && is_part_of(&a->chains[i], changed)) ||
                  (s->kind == STEP_STATE && is_in_fields(&a->chains[i], s->fields))))
            state->because[i] = s;
    }
}

static void say_stale(struct aliases *a, int32_t i, const struct step *change, struct span span) {
    struct checker *c = a->c;
    const struct sema_variable *v = a->at[i];
    if (a->told[i])
        return;
    a->told[i] = true;
    struct diag *d =
        diag_add(c->sink, P2037, span, "`%s` stands for a part of what has changed since", v->name);
    diag_primary(c->sink, d, "used here");
    diag_label(c->sink, d, v->subject->span, "it stands for a part of this");
    diag_label(c->sink, d, change->span,
               change->by_others ? "here other messages may be taken, and change it"
               : change->is_name ? "here another name begins to stand for a part of it"
                                 : "changed here");
    diag_note(c->sink, d, "Use `%s` before the change, or look it up again behind it.", v->name);
}

static void look_at(void *context, const struct step *s, const struct way_state *state) {
    struct aliases *a = context;
    if (s->kind != STEP_USE && s->kind != STEP_TAKE && s->kind != STEP_WRITE &&
        s->kind != STEP_ASSIGN)
        return;
    for (int32_t i = 0; i < a->count; i++)
        if (a->at[i] == s->variable && state->because[i])
            say_stale(a, i, state->because[i], s->span);
}

static void check_stale(struct aliases *a, const struct way *w) {
    for (int32_t i = 0; i < a->count; i++)
        a->chains[i] = chain_of(a->c, a->at[i]);
    way_walk(a->c, w, over, look_at, a);
}

// ---- copies

struct copies {
    struct checker *c;
    struct sema_variable *const *at;
    int32_t count;
    uint64_t read; // that somebody reads somewhere
};

static int32_t copy_of(const struct copies *k, const struct sema_variable *v) {
    for (int32_t i = 0; v && i < k->count; i++)
        if (k->at[i] == v)
            return i;
    return -1;
}

static bool reads(const struct step *s) {
    return (s->kind == STEP_USE || s->kind == STEP_TAKE) && !s->is_own;
}

static uint64_t over_copy(void *context, const struct step *s, uint64_t later) {
    int32_t i = copy_of(context, s->variable);
    if (i < 0)
        return later;
    if (reads(s))
        return later | (uint64_t)1 << i;
    return s->kind == STEP_ASSIGN || s->kind == STEP_BIND ? later & ~((uint64_t)1 << i) : later;
}

// A part of it is changed, and nobody reads it behind that; or nobody reads it at all.
static bool is_lost(const struct copies *k, int32_t i, const struct step *s, uint64_t later) {
    uint64_t bit = (uint64_t)1 << i;
    if (s->kind != STEP_WRITE && s->kind != STEP_ASSIGN)
        return false;
    return !(k->read & bit) || (s->kind == STEP_WRITE && s->is_own && !(later & bit));
}

static void say_lost(struct checker *c, const struct sema_variable *v, struct span span,
                     bool is_read) {
    struct diag *d = diag_add(c->sink, P2011, span, "this changes a copy");
    diag_primary(c->sink, d,
                 is_read ? "`%s` is changed, and nothing reads it from here on"
                         : "`%s` is changed, and nothing reads it",
                 v->name);
    if (v->copied->kind == EXPR_CLOSURE) {
        diag_label(c->sink, d, v->span, "it copies what the closure is given");
        diag_note(c->sink, d, "What a closure is given stays the caller's: it can give `%s` back.",
                  v->name);
        return;
    }
    diag_label(c->sink, d, v->copied->span, "it was copied from here");
    diag_note(c->sink, d, "What is to change there is written there, without `%s`.", v->name);
}

static void check_copies(struct copies *k, const struct way *w) {
    for (int32_t i = 0; i < w->spots.len; i++)
        for (int32_t s = 0; s < w->spots.at[i]->steps.len; s++) {
            int32_t n = copy_of(k, w->spots.at[i]->steps.at[s].variable);
            if (n >= 0 && reads(&w->spots.at[i]->steps.at[s]))
                k->read |= (uint64_t)1 << n;
        }
    const struct step *lost[WAY_ITEMS] = {NULL};
    uint64_t *before = way_backward(k->c, w, over_copy, k);
    for (int32_t i = w->spots.len; i-- > 0;) {
        const struct spot *at = w->spots.at[i];
        uint64_t later = way_behind(at, before);
        for (int32_t s = at->steps.len; s-- > 0;) {
            int32_t n = copy_of(k, at->steps.at[s].variable);
            if (n >= 0 && is_lost(k, n, &at->steps.at[s], later) &&
                (!lost[n] || at->steps.at[s].span.start < lost[n]->span.start))
                lost[n] = &at->steps.at[s];
            later = way_before(at, before, &at->steps.at[s], later, over_copy, k);
        }
    }
    for (int32_t n = 0; n < k->count; n++)
        if (lost[n])
            say_lost(k->c, k->at[n], lost[n]->span, k->read >> n & 1);
}

void check_aliases(struct checker *c, const struct flow_body *b, const struct way *w) {
    for (int32_t from = 0; from < b->aliases.len; from += WAY_ITEMS) {
        struct aliases *a = arena_new(c->arena, struct aliases);
        *a = (struct aliases){.c = c, .at = b->aliases.at + from, .count = b->aliases.len - from};
        a->count = a->count < WAY_ITEMS ? a->count : WAY_ITEMS;
        check_stale(a, w);
    }
    for (int32_t from = 0; from < b->copies.len; from += WAY_ITEMS) {
        struct copies k = {.c = c, .at = b->copies.at + from, .count = b->copies.len - from};
        k.count = k.count < WAY_ITEMS ? k.count : WAY_ITEMS;
        check_copies(&k, w);
    }
}
