// SPDX-License-Identifier: MIT
// Fields of actors that messages make longer and nothing makes shorter. What a function does to its
// `mut` parameters and to the fields of `self` follows from its operations on buffers and from its
// callees, until nothing changes. A message that looks at the length of what it makes longer is
// taken to bound it.
#include "frontend/analyze/inner.h"

#define BITS 64

// Bit i: parameter i, or field i of self; what is beyond the last shares it.
struct change {
    uint64_t grows, shrinks, measured;
};
struct summary {
    struct change params, fields;
};

struct growth {
    struct arena *a;
    struct analysis *all;
    struct summary *of; // by function
};

static uint64_t bit(int32_t i) {
    return (uint64_t)1 << (i < BITS - 1 ? i : BITS - 1);
}

// Where a place begins: a parameter, or a field of self. *whole: nothing is picked out of it.
static bool root_of(const struct mir_function *f, const struct mir_place *p, bool *is_field,
                    int32_t *index, bool *whole) {
    *is_field = p->local == MIR_SELF;
    if (*is_field) {
        *index = p->projs.len && p->projs.at[0].kind == MIR_PROJ_FIELD ? p->projs.at[0].field : -1;
        *whole = p->projs.len == 1;
        return *index >= 0;
    }
    *index = p->local;
    *whole = p->projs.len == 0;
    return p->local >= 0 && p->local < f->param_count;
}

static void note(struct summary *s, bool is_field, int32_t index, struct change c) {
    struct change *to = is_field ? &s->fields : &s->params;
    to->grows |= c.grows ? bit(index) : 0;
    to->shrinks |= c.shrinks ? bit(index) : 0;
    to->measured |= c.measured ? bit(index) : 0;
}

static struct change of_op(enum mir_op op) {
    switch (op) {
    case MIR_OP_BUF_PUSH:
    case MIR_OP_BUF_INSERT:
    case MIR_OP_BUF_APPEND:
        return (struct change){.grows = 1};
    case MIR_OP_BUF_POP:
    case MIR_OP_BUF_REMOVE:
    case MIR_OP_BUF_TRUNCATE:
        return (struct change){.shrinks = 1};
    default:
        return (struct change){0};
    }
}

// What the instruction does to its operand `n`.
static struct change of_operand(const struct growth *g, const struct mir_inst *in, int32_t n) {
    if (in->op != MIR_OP_CALL)
        return n == 0 ? of_op(in->op) : (struct change){0};
    const struct mir_function *callee = mir_find_function(g->all->module, in->function);
    if (!callee)
        return (struct change){0};
    const struct change *c = &g->of[callee->index].params;
    struct str name = str_from(callee->name);
    bool measures = str_ends(name, STR(".len")) || str_ends(name, STR(".is_full"));
    return (struct change){c->grows & bit(n), c->shrinks & bit(n), measures && n == 0};
}

static bool is_place(const struct mir_operand *o) {
    return o->kind != MIR_CONST;
}

static void summarize_inst(struct growth *g, const struct mir_function *f,
                           const struct mir_inst *in, struct summary *s) {
    bool is_field, whole;
    int32_t index;
    for (int32_t n = 0; n < in->args.len; n++)
        if (is_place(&in->args.at[n]) &&
            root_of(f, &in->args.at[n].place, &is_field, &index, &whole))
            note(s, is_field, index, of_operand(g, in, n));
    if (in->dst.local != MIR_NO_PLACE && root_of(f, &in->dst, &is_field, &index, &whole) && whole)
        note(s, is_field, index, (struct change){.shrinks = 1});
    const struct mir_function *callee =
        in->op == MIR_OP_CALL ? mir_find_function(g->all->module, in->function) : NULL;
    if (callee && callee->self && callee->self == f->self) {
        s->fields.grows |= g->of[callee->index].fields.grows;
        s->fields.shrinks |= g->of[callee->index].fields.shrinks;
        s->fields.measured |= g->of[callee->index].fields.measured;
    }
}

static struct summary summarize(struct growth *g, const struct mir_function *f) {
    struct summary s = {0};
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++)
            summarize_inst(g, f, &f->blocks.at[b].insts.at[i], &s);
    return s;
}

static void summarize_all(struct growth *g) {
    const struct mir_module *m = g->all->module;
    g->of = arena_array(g->a, struct summary, m->functions.len + 1);
    for (bool changed = true; changed;) {
        changed = false;
        for (int32_t i = 0; i < m->functions.len; i++) {
            struct summary s = summarize(g, m->functions.at[i]);
            changed |= memcmp(&s, &g->of[i], sizeof s) != 0;
            g->of[i] = s;
        }
    }
}

// ---- actors -------------------------------------------------------------------------------------

// Where the function makes the field longer.
static bool growing_place(struct growth *g, const struct mir_function *f, int32_t field,
                          struct mir_loc *loc) {
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++) {
            struct summary s = {0};
            summarize_inst(g, f, &f->blocks.at[b].insts.at[i], &s);
            if (s.fields.grows & bit(field)) {
                *loc = f->blocks.at[b].insts.at[i].loc;
                return true;
            }
        }
    return false;
}

static void join(struct change *into, const struct growth *g, const char *function) {
    const struct mir_function *f = function ? mir_find_function(g->all->module, function) : NULL;
    if (!f)
        return;
    into->grows |= g->of[f->index].fields.grows;
    into->shrinks |= g->of[f->index].fields.shrinks;
    into->measured |= g->of[f->index].fields.measured;
}

static void say(struct growth *g, const struct party *p, int32_t field) {
    const char *name = p->actor->state->fields.at[field].name;
    for (int32_t i = 0; i < p->actor->messages.len; i++) {
        const struct mir_function *f = handler_of(g->all->module, p->actor->name, i);
        struct mir_loc loc;
        if (!f || !growing_place(g, f, field, &loc))
            continue;
        struct bottleneck b = {.kind = BOTTLENECK_GROWTH, .loc = loc};
        b.what = str_format(g->a, "`%s` makes `%s.%s` longer, and nothing makes it shorter",
                            p->actor->messages.at[i].name, p->name, name);
        b.advice = str_format(g->a, "remove from `%s`, or bound its length", name);
        vec_push(g->a, &g->all->bottlenecks, b);
        return;
    }
}

void find_growth(struct arena *a, struct analysis *all) {
    struct growth g = {.a = a, .all = all};
    summarize_all(&g);
    for (int32_t i = 0; i < all->parties.len; i++) {
        const struct party *p = &all->parties.at[i];
        if (p->kind != PARTY_ACTOR || p->is_library)
            continue;
        struct change all_of = {0};
        uint64_t free = 0;
        for (int32_t k = 0; k < p->actor->messages.len; k++) {
            struct change one = {0};
            join(&one, &g, p->actor->messages.at[k].handler);
            free |= one.grows & ~one.measured;
            all_of.shrinks |= one.shrinks;
        }
        join(&all_of, &g, p->actor->on_start);
        join(&all_of, &g, p->actor->on_child_failure);
        free &= ~all_of.shrinks;
        for (int32_t k = 0; k < p->actor->state->fields.len && k < BITS - 1; k++)
            if (free & bit(k))
                say(&g, p, k);
    }
}
