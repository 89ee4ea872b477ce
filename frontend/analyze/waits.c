// SPDX-License-Identifier: MIT
// Questions that wait for each other without need, and actors that are waited for by many.
#include "frontend/analyze/inner.h"

#include <assert.h>

const char *bottleneck_word(enum bottleneck_kind kind) {
    static const char *const words[] = {"one-by-one", "in-a-row", "growth", "fan-in", "held"};
    assert((size_t)kind < sizeof words / sizeof *words);
    return words[kind];
}

static bool is_ask(const struct mir_inst *in) {
    return in->op == MIR_OP_ASK || in->op == MIR_OP_ASK_TIMEOUT;
}

static const char *message_name(const struct mir_module *m, const struct mir_inst *in) {
    const struct mir_actor *a = mir_find_actor(m, in->actor);
    return a && in->message >= 0 && in->message < a->messages.len ? a->messages.at[in->message].name
                                                                  : "?";
}

// Does the message only look? Then nobody can tell in which order two of them were answered.
static bool only_looks(const struct mir_module *m, const struct mir_inst *ask) {
    const struct mir_function *h = handler_of(m, ask->actor, ask->message);
    return h && h->writes == 0 && !h->suspends && h->effects.len == 0;
}

// ---- what follows from what ---------------------------------------------------------------------

// Whether operands come, within the block, from the local at hand. Places that are written through
// count as depending, too.
struct taint {
    bool *locals;
    int32_t count;
    bool self;
};

static bool reads(const struct taint *t, const struct mir_operand *o) {
    if (o->kind == MIR_CONST)
        return false;
    if (o->place.local == MIR_SELF)
        return t->self;
    if (o->place.local >= 0 && o->place.local < t->count && t->locals[o->place.local])
        return true;
    for (int32_t i = 0; i < o->place.projs.len; i++)
        if (o->place.projs.at[i].index && reads(t, o->place.projs.at[i].index))
            return true;
    return false;
}

static bool reads_any(const struct taint *t, const struct mir_inst *in) {
    for (int32_t i = 0; i < in->args.len; i++)
        if (reads(t, &in->args.at[i]))
            return true;
    return false;
}

static void pass_on(struct taint *t, const struct mir_inst *in) {
    if (in->dst.local >= 0 && in->dst.local < t->count)
        t->locals[in->dst.local] = true;
    t->self |= in->dst.local == MIR_SELF;
    bool writes = in->op == MIR_OP_CALL || (mir_op_flags(in->op) & MIR_FLAG_W);
    for (int32_t i = 0; writes && i < in->args.len; i++)
        if (in->args.at[i].kind != MIR_CONST && in->args.at[i].place.local >= 0)
            t->locals[in->args.at[i].place.local] = true;
}

// The question that is waited for at instruction `at`: `f = ask …; wait (f); v = take f`.
static const struct mir_inst *asked_and_awaited(const struct mir_block *b, int32_t at) {
    const struct mir_inst *ask = &b->insts.at[at];
    if (!is_ask(ask) || at + 1 >= b->insts.len || ask->dst.local < 0)
        return NULL;
    const struct mir_inst *wait = &b->insts.at[at + 1];
    bool waits = wait->op == MIR_OP_WAIT && wait->args.len == 1 &&
                 wait->args.at[0].kind != MIR_CONST &&
                 wait->args.at[0].place.local == ask->dst.local;
    return waits ? ask : NULL;
}

// Acts that others see, between two questions, keep them in their order.
static bool is_seen(const struct mir_module *m, const struct mir_inst *in) {
    if (in->op == MIR_OP_CALL) {
        const struct mir_function *g = mir_find_function(m, in->function);
        return !g || g->suspends || g->effects.len > 0 || g->writes;
    }
    return in->op == MIR_OP_APPLY || (mir_op_flags(in->op) & (MIR_FLAG_V | MIR_FLAG_R)) != 0;
}

// ---- in a row -----------------------------------------------------------------------------------

struct look {
    struct arena *a;
    struct analysis *all;
    const struct mir_function *f;
};

static void say_in_a_row(struct look *l, const struct mir_inst *first,
                         const struct mir_inst *second) {
    const struct mir_module *m = l->all->module;
    struct bottleneck b = {.kind = BOTTLENECK_IN_A_ROW, .loc = second->loc};
    b.what = str_format(l->a,
                        "`%s.%s` is asked only when `%s.%s` (line %d) is answered, and does not "
                        "need its answer",
                        second->actor, message_name(m, second), first->actor,
                        message_name(m, first), (int)first->loc.line);
    b.advice = STR("`async.join` waits for both at once");
    vec_push(l->a, &l->all->bottlenecks, b);
}

static void look_behind(struct look *l, const struct mir_block *b, int32_t at) {
    const struct mir_module *m = l->all->module;
    const struct mir_inst *first = asked_and_awaited(b, at);
    if (!first || !is_own(m, first->loc) || !only_looks(m, first))
        return;
    struct taint t = {arena_array(l->a, bool, l->f->locals.len + 1), l->f->locals.len, false};
    t.locals[first->dst.local] = true;
    for (int32_t i = at + 2; i < b->insts.len; i++) {
        const struct mir_inst *in = &b->insts.at[i];
        const struct mir_inst *second = asked_and_awaited(b, i);
        if (second) {
            if (only_looks(m, second) && !reads_any(&t, second))
                say_in_a_row(l, first, second);
            return;
        }
        if (is_seen(m, in))
            return;
        if (reads_any(&t, in))
            pass_on(&t, in);
    }
}

// ---- one by one ---------------------------------------------------------------------------------

// In a loop, when nothing that the answers go into comes back to the question.
static void look_around(struct look *l, const struct mir_block *b, int32_t at, const bool *loops) {
    const struct mir_module *m = l->all->module;
    const struct mir_inst *ask = asked_and_awaited(b, at);
    if (!ask || !is_own(m, ask->loc) || !only_looks(m, ask))
        return;
    struct taint t = {arena_array(l->a, bool, l->f->locals.len + 1), l->f->locals.len, false};
    t.locals[ask->dst.local] = true;
    for (int round = 0; round < 2; round++)
        for (int32_t k = 0; k < l->f->blocks.len; k++)
            for (int32_t i = 0; loops[k] && i < l->f->blocks.at[k].insts.len; i++) {
                const struct mir_inst *in = &l->f->blocks.at[k].insts.at[i];
                if (in != ask && in->op != MIR_OP_WAIT && is_seen(m, in))
                    return;
                if (in != ask && reads_any(&t, in))
                    pass_on(&t, in);
            }
    if (reads_any(&t, ask))
        return;
    struct bottleneck found = {.kind = BOTTLENECK_ONE_BY_ONE, .loc = ask->loc};
    found.what = str_format(l->a, "`%s.%s` is asked in a loop, each time after the last answer",
                            ask->actor, message_name(m, ask));
    found.advice = STR("`async.map` asks all at once");
    vec_push(l->a, &l->all->bottlenecks, found);
}

static void look_into(struct arena *a, struct analysis *all, const struct mir_function *f) {
    struct look l = {a, all, f};
    const bool *loops = blocks_in_loops(a, f);
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++) {
            if (loops[b])
                look_around(&l, &f->blocks.at[b], i, loops);
            look_behind(&l, &f->blocks.at[b], i);
        }
}

// ---- many and one -------------------------------------------------------------------------------

static void join_name(struct text *out, const char *name) {
    text_printf(out, "%s`%s`", out->len ? ", " : "", name);
}

static bool waits(const struct mir_module *m, const struct mir_actor *a, const char **message) {
    for (int32_t i = 0; i < a->messages.len; i++) {
        const struct mir_function *h = mir_find_function(m, a->messages.at[i].handler);
        *message = a->messages.at[i].name;
        if (h && h->suspends)
            return true;
    }
    return false;
}

// Actors of the program that more than one sends to: other kinds of actors, or many of one kind.
static void look_at(struct arena *a, struct analysis *all, int32_t at) {
    const struct party *p = &all->parties.at[at];
    struct text senders = {.arena = a};
    int32_t count = 0, many = 0;
    bool *seen = arena_array(a, bool, all->parties.len);
    for (int32_t i = 0; i < all->links.len; i++) {
        const struct link *k = &all->links.at[i];
        const struct party *from = &all->parties.at[k->from];
        if (k->to != at || k->from == at || k->kind == LINK_SPAWNS || seen[k->from] ||
            from->kind != PARTY_ACTOR)
            continue;
        seen[k->from] = true;
        count++;
        many += from->is_many;
        join_name(&senders, from->name);
    }
    if (p->is_many || (count < 2 && !many))
        return;
    struct bottleneck b = {.kind = BOTTLENECK_FAN_IN, .loc = p->loc};
    b.what = str_format(a, "one `%s` takes what %.*s send, one message after another", p->name,
                        STR_ARGS(text_str(&senders)));
    b.advice = STR("several of them, each for a part of the work, if it is ever too slow");
    vec_push(a, &all->bottlenecks, b);
    const char *message;
    if (p->actor->reentrant || !waits(all->module, p->actor, &message))
        return;
    struct bottleneck held = {.kind = BOTTLENECK_HELD, .loc = p->loc};
    held.what = str_format(a, "while `%s.%s` waits, `%s` takes nothing else from %.*s", p->name,
                           message, p->name, STR_ARGS(text_str(&senders)));
    held.advice = STR("answer through `Reply`, or do the waiting in a task");
    vec_push(a, &all->bottlenecks, held);
}

void find_waits(struct arena *a, struct analysis *all) {
    const struct mir_module *m = all->module;
    for (int32_t i = 0; i < m->functions.len; i++)
        if (is_own(m, m->functions.at[i]->loc))
            look_into(a, all, m->functions.at[i]);
    for (int32_t i = 0; i < all->parties.len; i++)
        if (all->parties.at[i].kind == PARTY_ACTOR && !all->parties.at[i].is_library)
            look_at(a, all, i);
}
