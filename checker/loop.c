// SPDX-License-Identifier: MIT
// Loops, summarised for any number of rounds. What a loop changes is guessed and then checked: an
// integer either grows by the same amount each round (then it is its first value plus that times
// the round) or is unknown; everything else is joined until another round adds nothing. Only the
// last run, from the summary, records what happens.
//
// Conditions under which every round goes back to the header hold for all rounds before the present
// one; a path that leaves the loop is told so: that `i < n` held a round ago makes it leave with i
// == n.
#include "checker/web.h"

enum { ATTEMPTS_MAX = 12 };

struct leaf {
    int32_t var;
    struct lin first;
    int64_t step;
    bool linear, seen;
};

struct summary {
    struct exec *x;
    const struct cfg *c;
    const struct cfg_loop *loop;
    int32_t k; // the variable that counts rounds
    VEC(struct leaf) leaves;
    const struct val **locals; // the joined first values, by local
    const struct val *self;
    bool guessing; // leaves are plain variables, not yet terms in k
};

// ---- which places change --------------------------------------------------------------------

static bool changes(const struct summary *s, int32_t local) {
    return s->loop->modified[local] && s->locals[local];
}

static bool field_changes(const struct summary *s, int32_t field) {
    return (s->loop->self_written >> (field > 63 ? 63 : field) & 1) && s->self &&
           s->self->items[field];
}

// ---- the header's state ---------------------------------------------------------------------

static struct lin leaf_term(struct summary *s, const struct leaf *l) {
    struct lin t;
    if (!s->guessing && l->linear && lin_add(&t, l->first, l->step, lin_var(s->k)))
        return t;
    return lin_var(l->var);
}

static struct lin next_leaf(struct summary *s, struct lin first, int32_t *at,
                            const struct mir_type *t, const struct cons **cons) {
    if (*at == s->leaves.len) {
        struct leaf l = {.var = s->x->next_var++, .first = first, .linear = true};
        vec_push(s->x->a, &s->leaves, l);
    }
    const struct leaf *l = &s->leaves.at[(*at)++];
    if (!t || mir_type_is_unsigned(t))
        *cons = cons_add(s->x->a, *cons, (struct con){CON_GE, lin_var(l->var)});
    return leaf_term(s, l);
}

static const struct val *at_header(struct summary *s, const struct val *v, int32_t *at,
                                   const struct cons **cons) {
    if (!v)
        return NULL;
    struct val *w = arena_new(s->x->a, struct val);
    *w = *v;
    if (v->kind == VAL_INT) {
        w->n = next_leaf(s, v->n, at, v->type, cons);
    } else if (v->kind == VAL_BUF) {
        w->n = next_leaf(s, v->n, at, NULL, cons);
    } else if (v->count) {
        w->items = arena_array(s->x->a, const struct val *, v->count);
        for (int32_t i = 0; i < v->count; i++)
            w->items[i] = at_header(s, v->items[i], at, cons);
    }
    return w;
}

static struct path *header_path(struct summary *s, const struct path *entry) {
    struct path *p = path_copy(s->x, entry, s->c->f);
    int32_t at = 0;
    p->cons = cons_add(s->x->a, p->cons, (struct con){CON_GE, lin_var(s->k)});
    for (int32_t l = 0; l < s->c->f->locals.len; l++)
        if (changes(s, l))
            p->locals[l] = at_header(s, s->locals[l], &at, &p->cons);
    if (!s->self)
        return p;
    struct val *self = val_tuple(s->x->a, VAL_STRUCT, s->self->type, s->self->count);
    for (int32_t i = 0; i < s->self->count; i++) {
        self->items[i] = s->self->items[i];
        if (!field_changes(s, i))
            continue;
        self->items[i] = at_header(s, s->self->items[i], &at, &p->cons);
        p->written |= (uint64_t)1 << (i > 63 ? 63 : i);
    }
    p->self = self;
    return p;
}

// ---- comparing a round's end with its beginning ---------------------------------------------

static bool observe(struct summary *s, struct leaf *l, const struct lin *end) {
    struct lin step, begin = leaf_term(s, l);
    if (!l->linear)
        return false;
    bool constant = end && lin_add(&step, *end, -1, begin) && step.count == 0;
    if (s->guessing) {
        if (!constant || (l->seen && l->step != step.c))
            l->linear = false;
        else
            l->step = step.c;
        l->seen = true;
        return false;
    }
    if (constant && step.c == l->step)
        return false;
    l->linear = false;
    return true; // the guess was wrong: once more with less
}

static bool compare(struct summary *s, const struct val *first, const struct val *end,
                    int32_t *at) {
    if (!first)
        return false;
    bool again = false;
    if (first->kind == VAL_INT || first->kind == VAL_BUF) {
        bool same = end && end->kind == first->kind;
        again = observe(s, &s->leaves.at[(*at)++], same ? &end->n : NULL);
    } else {
        bool same = end && end->kind == first->kind && end->count == first->count &&
                    end->variant == first->variant;
        for (int32_t i = 0; i < first->count; i++)
            again |= compare(s, first->items[i], same ? end->items[i] : NULL, at);
    }
    return again;
}

static bool compare_all(struct summary *s, const struct path *back) {
    bool again = false;
    int32_t at = 0;
    for (int32_t l = 0; l < s->c->f->locals.len; l++)
        if (changes(s, l))
            again |= compare(s, s->locals[l], back->locals[l], &at);
    for (int32_t i = 0; s->self && i < s->self->count; i++)
        if (field_changes(s, i))
            again |= compare(s, s->self->items[i], back->self->items[i], &at);
    return again;
}

// Joins what is no integer into the first values; true if something was new.
static bool join_all(struct summary *s, const struct path *back) {
    bool again = false;
    for (int32_t l = 0; l < s->c->f->locals.len; l++) {
        if (!changes(s, l))
            continue;
        const struct val *v = val_join(s->x, s->locals[l], back->locals[l]);
        again |= !val_eq(v, s->locals[l]);
        s->locals[l] = v;
    }
    if (!s->self)
        return again;
    struct val *self = val_tuple(s->x->a, VAL_STRUCT, s->self->type, s->self->count);
    for (int32_t i = 0; i < self->count; i++) {
        self->items[i] = s->self->items[i];
        if (!field_changes(s, i))
            continue;
        self->items[i] = val_join(s->x, s->self->items[i], back->self->items[i]);
        again |= !val_eq(self->items[i], s->self->items[i]);
    }
    s->self = self;
    return again;
}

// ---- running --------------------------------------------------------------------------------

static void run_body(struct summary *s, int32_t loop, struct path *header, struct paths *backs,
                     struct outcomes *out) {
    struct paths entries = {0};
    vec_push(s->x->a, &entries.v, header);
    vec_push(s->x->a, &s->x->loop_vars, s->k);
    exec_region(s->x, s->c, loop, &entries, backs, out);
    s->x->loop_vars.len--;
    for (int32_t i = 0; s->x->shared && i < backs->v.len; i++)
        exec_publish(s->x, backs->v.at[i], true);
}

static bool guess(struct summary *s, int32_t loop, const struct path *entry) {
    struct paths backs = {0};
    struct outcomes out = {0};
    s->guessing = true;
    s->leaves.len = 0;
    struct path *header = header_path(s, entry);
    run_body(s, loop, header, &backs, &out);
    for (int32_t i = 0; i < backs.v.len; i++)
        compare_all(s, backs.v.at[i]);
    s->guessing = false;
    return backs.v.len > 0;
}

// Looks for a summary that a further round confirms.
static bool settle(struct summary *s, int32_t loop, const struct path *entry) {
    bool rounds = guess(s, loop, entry);
    for (int attempt = 0; attempt < ATTEMPTS_MAX && !web_stopped(s->x->w); attempt++) {
        struct paths backs = {0};
        struct outcomes out = {0};
        run_body(s, loop, header_path(s, entry), &backs, &out);
        bool joined = false, wrong = false;
        for (int32_t i = 0; i < backs.v.len; i++)
            wrong |= compare_all(s, backs.v.at[i]);
        for (int32_t i = 0; i < backs.v.len; i++)
            joined |= join_all(s, backs.v.at[i]);
        if (joined || (backs.v.len && !rounds))
            rounds = guess(s, loop, entry);
        else if (!wrong)
            return true;
    }
    return false;
}

// ---- leaving --------------------------------------------------------------------------------

struct conditions {
    VEC(struct con) v;
};

static bool only_older(struct con c, int32_t k) {
    for (int32_t i = 0; i < c.l.count; i++)
        if (c.l.t[i].var > k)
            return false;
    return true;
}

static bool added(const struct cons *c, const struct cons *until, struct con con) {
    for (; c && c != until; c = c->rest)
        if (con_eq(c->con, con))
            return true;
    return false;
}

// What every round assumed on its way back to the header, in terms that later rounds share.
static void of_all_rounds(struct summary *s, const struct paths *backs, const struct cons *until,
                          struct conditions *out) {
    if (!backs->v.len)
        return;
    for (const struct cons *c = backs->v.at[0]->cons; c && c != until; c = c->rest) {
        bool all = only_older(c->con, s->k);
        for (int32_t i = 1; all && i < backs->v.len; i++)
            all = added(backs->v.at[i]->cons, until, c->con);
        if (all)
            vec_push(s->x->a, &out->v, c->con);
    }
}

static void leave(struct summary *s, const struct outcome *o, const struct conditions *held,
                  struct outcomes *out) {
    struct exec *x = s->x;
    struct lin k = lin_var(s->k), before = k;
    before.c = -1;
    struct path *first = path_copy(x, o->path, s->c->f), *later = path_copy(x, o->path, s->c->f);
    path_assume(x, first, CON_EQ, k);
    path_assume(x, later, CON_GE, before);
    for (int32_t i = 0; i < held->v.len; i++) {
        struct lin l;
        if (lin_replace(&l, held->v.at[i].l, s->k, before))
            path_assume(x, later, held->v.at[i].rel, l);
    }
    if (path_feasible(x, first))
        vec_push(x->a, &out->v, (struct outcome){o->kind, first, o->value});
    if (path_feasible(x, later))
        vec_push(x->a, &out->v, (struct outcome){o->kind, later, o->value});
}

static void run_for_good(struct summary *s, int32_t loop, const struct path *entry,
                         struct outcomes *out) {
    struct paths backs = {0};
    struct outcomes all = {0};
    struct conditions held = {0};
    struct path *header = header_path(s, entry);
    const struct cons *until = header->cons;
    run_body(s, loop, header, &backs, &all);
    of_all_rounds(s, &backs, until, &held);
    for (int32_t i = 0; i < all.v.len; i++) {
        if (all.v.at[i].kind == OUT_EXIT || all.v.at[i].kind == OUT_RETURN)
            leave(s, &all.v.at[i], &held, out);
        else
            vec_push(s->x->a, &out->v, all.v.at[i]);
    }
}

static void one_entry(struct exec *x, const struct cfg *c, int32_t loop, const struct path *entry,
                      struct outcomes *out) {
    struct summary s = {.x = x, .c = c, .loop = &c->loops.at[loop], .k = x->next_var++};
    s.locals = arena_array(x->a, const struct val *, c->f->locals.len + 1);
    memcpy(s.locals, entry->locals, sizeof(*s.locals) * (size_t)c->f->locals.len);
    s.self = entry->self;
    bool record = x->record;
    x->record = false;
    bool settled = settle(&s, loop, entry);
    x->record = record;
    if (!settled)
        web_give_up(x->w, c->f->loc, "a loop in `%s` changes too much to be summed up", c->f->name);
    else
        run_for_good(&s, loop, entry, out);
}

// Fields that the loop writes have to be known when it begins.
static void load_written(struct exec *x, const struct cfg_loop *l, const struct path *entry,
                         struct paths *out) {
    vec_push(x->a, &out->v, (struct path *)(uintptr_t)entry);
    for (int32_t i = 0; entry->self && i < entry->self->count; i++) {
        if (!(l->self_written >> (i > 63 ? 63 : i) & 1))
            continue;
        struct paths wider = {0};
        for (int32_t k = 0; k < out->v.len; k++)
            web_load_field(x, out->v.at[k], i, &wider);
        *out = wider;
    }
}

void exec_loop(struct exec *x, const struct cfg *c, int32_t loop, const struct path *entry,
               struct outcomes *out) {
    struct paths entries = {0};
    if (x->shared) {
        struct path *p = path_copy(x, entry, c->f);
        exec_publish(x, p, true);
        vec_push(x->a, &entries.v, p);
    } else {
        load_written(x, &c->loops.at[loop], entry, &entries);
    }
    for (int32_t i = 0; i < entries.v.len && !web_stopped(x->w); i++)
        one_entry(x, c, loop, entries.v.at[i], out);
}
