// SPDX-License-Identifier: MIT
// Moves and drops, by liveness: late copies, early drops (Reinking, Xie, de Moura, Leijen:
// "Perceus").
//
// A local that is ours holds something exactly where it is live. So: an operand that is kept moves
// when its local is dead afterwards; what an operation was the last to need is dropped behind it;
// what is dead on one of the ways out of a block is dropped where that way leads. Dropping what was
// never written or has moved is allowed (it is all zero), which saves splitting edges.
#include "frontend/mir/own.h"

#include <assert.h>

struct owner {
    struct mir_module *m;
    struct mir_function *f;
    struct arena *scratch;
    struct live live;
    struct bits ours;   // locals that this function drops
    struct bits *drops; // by block: what is dropped at its beginning
    struct bits now;    // live before the place at hand
    struct bits after;  // live behind the operation at hand
    struct bits moved;  // by the operation at hand
    struct bits some;   // a set for passing use
    VEC(struct mir_inst) reversed;
};

// ---- moves --------------------------------------------------------------------------------------

struct counter {
    int32_t local, count;
};

static void count_local(void *context, int32_t local) {
    struct counter *c = context;
    c->count += local == c->local;
}

static bool is_whole_local(const struct mir_operand *o) {
    return o->kind != MIR_CONST && o->place.local >= 0 && o->place.projs.len == 0;
}

// Would the local still be needed if the operation took it?
static bool is_needed(const struct owner *o, int32_t b, const struct mir_inst *i, int32_t local) {
    bool rewritten = i->dst.local == local && i->dst.projs.len == 0;
    if (!rewritten && bits_has(o->after, local))
        return true;
    int32_t unwind = o->f->blocks.at[b].unwind;
    return unwind >= 0 && mir_inst_traps(o->m, o->f, i) && bits_has(o->live.in[unwind], local);
}

// Turns kept operands into moves. A local that is also looked at does not move; one that is kept
// twice moves at its last place.
static void move_operands(struct owner *o, int32_t b, struct mir_inst *i) {
    for (int32_t n = i->args.len; n-- > 0;) {
        struct mir_operand *arg = &i->args.at[n];
        if (!is_whole_local(arg) || !bits_has(o->ours, arg->place.local) ||
            bits_has(o->moved, arg->place.local) || !own_consumes(o->m, i, n))
            continue;
        struct counter all = {.local = arg->place.local};
        flow_inst_reads(i, count_local, &all);
        int32_t kept = 0;
        for (int32_t k = 0; k < i->args.len; k++)
            kept += is_whole_local(&i->args.at[k]) && own_consumes(o->m, i, k) &&
                    i->args.at[k].place.local == all.local;
        if (all.count != kept || is_needed(o, b, i, all.local))
            continue;
        arg->kind = MIR_MOVE;
        bits_add(o->moved, all.local);
    }
}

static void move_end(struct owner *o, int32_t b) {
    struct mir_terminator *t = &o->f->blocks.at[b].end;
    if ((t->kind != MIR_RETURN && t->kind != MIR_RAISE) || !is_whole_local(&t->value) ||
        !bits_has(o->ours, t->value.place.local))
        return;
    int32_t unwind = o->f->blocks.at[b].unwind;
    if (t->kind == MIR_RAISE && unwind >= 0 && bits_has(o->live.in[unwind], t->value.place.local))
        return;
    t->value.kind = MIR_MOVE;
}

// ---- drops --------------------------------------------------------------------------------------

static struct mir_inst drop_inst(struct owner *o, int32_t local, struct mir_loc loc) {
    struct mir_inst drop = {.op = MIR_OP_DROP, .loc = loc};
    drop.dst.local = MIR_NO_PLACE;
    struct mir_operand place = {.kind = MIR_COPY, .type = o->f->locals.at[local].type};
    place.place.local = local;
    vec_push(o->m->arena, &drop.args, place);
    return drop;
}

// What is live at `from`, ours and not live at the beginning of `to` is dropped there.
static void drop_at(struct owner *o, struct bits from, int32_t to) {
    for (int32_t w = 0; w < from.words; w++)
        o->drops[to].at[w] |= from.at[w] & o->ours.at[w] & ~o->live.in[to].at[w];
}

// Behind the operation: what was live before it or written by it, and is dead now.
static void drop_behind(struct owner *o, const struct mir_inst *i) {
    struct bits dead = o->some;
    bits_copy(dead, o->now);
    if (i->dst.local >= 0)
        bits_add(dead, i->dst.local);
    bool rewritten = i->dst.local >= 0 && i->dst.projs.len == 0;
    for (int32_t w = 0; w < dead.words; w++)
        dead.at[w] &= o->ours.at[w] & ~o->after.at[w] & ~o->moved.at[w];
    // What was moved and written again in one operation holds something.
    if (rewritten && bits_has(o->ours, i->dst.local) && !bits_has(o->after, i->dst.local))
        bits_add(dead, i->dst.local);
    for (int32_t local = o->f->locals.len; local-- > 0;)
        if (bits_has(dead, local))
            vec_push(o->scratch, &o->reversed, drop_inst(o, local, i->loc));
}

static void own_inst(struct owner *o, int32_t b, struct mir_inst *i) {
    int32_t unwind = o->f->blocks.at[b].unwind;
    memset(o->moved.at, 0, sizeof *o->moved.at * (size_t)o->moved.words);
    bits_copy(o->after, o->now);
    live_step_back(&o->live, b, i, o->now);
    move_operands(o, b, i);
    drop_behind(o, i);
    vec_push(o->scratch, &o->reversed, *i);
    if (unwind < 0 || !mir_inst_traps(o->m, o->f, i))
        return;
    for (int32_t w = 0; w < o->some.words; w++)
        o->some.at[w] = o->now.at[w] & ~o->moved.at[w];
    drop_at(o, o->some, unwind);
}

static void own_block(struct owner *o, int32_t b) {
    struct mir_block *block = &o->f->blocks.at[b];
    o->reversed.at = NULL;
    o->reversed.len = o->reversed.cap = 0;
    live_before_end(&o->live, b, o->now);
    move_end(o, b);
    bits_copy(o->some, o->now);
    if (flow_end_has_value(&block->end) && block->end.value.kind == MIR_MOVE)
        bits_remove(o->some, block->end.value.place.local);
    for (int32_t i = 0; i < o->live.flow.after[b].to.len; i++)
        drop_at(o, o->some, o->live.flow.after[b].to.at[i]);
    if (block->unwind >= 0 && flow_end_fails(o->f, b))
        drop_at(o, o->some, block->unwind);
    for (int32_t i = block->insts.len; i-- > 0;)
        own_inst(o, b, &block->insts.at[i]);
    block->insts.len = 0;
    for (int32_t i = o->reversed.len; i-- > 0;)
        vec_push(o->m->arena, &block->insts, o->reversed.at[i]);
}

static void put_drops(struct owner *o, int32_t b) {
    struct mir_block *block = &o->f->blocks.at[b];
    VEC(struct mir_inst) out = {0};
    int32_t next = 0;
    if (block->insts.len && block->insts.at[0].op == MIR_OP_CAUGHT)
        vec_push(o->m->arena, &out, block->insts.at[next++]);
    struct mir_loc loc = next < block->insts.len ? block->insts.at[next].loc : block->end.loc;
    for (int32_t local = 0; local < o->f->locals.len; local++)
        if (bits_has(o->drops[b], local))
            vec_push(o->m->arena, &out, drop_inst(o, local, loc));
    if (out.len == next)
        return;
    for (; next < block->insts.len; next++)
        vec_push(o->m->arena, &out, block->insts.at[next]);
    block->insts.at = out.at;
    block->insts.len = out.len;
    block->insts.cap = out.cap;
}

static void own_function(struct mir_module *m, struct mir_function *f) {
    struct arena scratch = {0};
    struct owner o = {.m = m, .f = f, .scratch = &scratch, .live = live_of(&scratch, m, f)};
    o.ours = bits_new(&scratch, f->locals.len);
    o.now = bits_new(&scratch, f->locals.len);
    o.after = bits_new(&scratch, f->locals.len);
    o.moved = bits_new(&scratch, f->locals.len);
    o.some = bits_new(&scratch, f->locals.len);
    o.drops = arena_array(&scratch, struct bits, f->blocks.len);
    for (int32_t i = 0; i < f->locals.len; i++)
        if (own_is_ours(f, i))
            bits_add(o.ours, i);
    for (int32_t b = 0; b < f->blocks.len; b++)
        o.drops[b] = bits_new(&scratch, f->locals.len);
    for (int32_t p = 0; p < f->param_count; p++) // what is never needed
        if (bits_has(o.ours, p) && !bits_has(o.live.in[0], p))
            bits_add(o.drops[0], p);
    for (int32_t n = 0; n < o.live.flow.order_len; n++)
        own_block(&o, o.live.flow.order[n]);
    for (int32_t b = 0; b < f->blocks.len; b++)
        put_drops(&o, b);
    arena_free(&scratch);
}

void mir_own(struct mir_module *m) {
    assert(!m->lowered);
    m->lowered = true;
    own_modes(m);
    own_shape(m);
    for (int32_t n = 0; n < m->functions.len; n++)
        own_function(m, m->functions.at[n]);
}
