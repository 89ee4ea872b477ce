// SPDX-License-Identifier: MIT
// Control flow of a function and sets of locals.
#include "frontend/mir/flow.h"

#include <assert.h>

struct bits bits_new(struct arena *a, int32_t count) {
    int32_t words = (count + 63) / 64;
    return (struct bits){arena_array(a, uint64_t, words ? words : 1), words};
}

void bits_fill(struct bits s) {
    memset(s.at, 0xff, sizeof *s.at * (size_t)s.words);
}

void bits_copy(struct bits to, struct bits from) {
    assert(to.words == from.words);
    memcpy(to.at, from.at, sizeof *to.at * (size_t)to.words);
}

bool bits_unite(struct bits to, struct bits from) {
    uint64_t changed = 0;
    for (int32_t i = 0; i < to.words; i++) {
        changed |= from.at[i] & ~to.at[i];
        to.at[i] |= from.at[i];
    }
    return changed != 0;
}

bool bits_intersect(struct bits to, struct bits from) {
    uint64_t changed = 0;
    for (int32_t i = 0; i < to.words; i++) {
        changed |= to.at[i] & ~from.at[i];
        to.at[i] &= from.at[i];
    }
    return changed != 0;
}

bool flow_end_has_value(const struct mir_terminator *t) {
    return t->kind == MIR_IF || t->kind == MIR_SWITCH || t->kind == MIR_RETURN ||
           t->kind == MIR_RAISE;
}

void flow_targets(struct arena *a, const struct mir_terminator *t, struct mir_edges *out) {
    if (t->kind == MIR_GOTO || t->kind == MIR_IF)
        vec_push(a, &out->to, t->block);
    if (t->kind == MIR_SWITCH)
        for (int32_t i = 0; i < t->cases.len; i++)
            vec_push(a, &out->to, t->cases.at[i].block);
    if (t->kind == MIR_IF || t->kind == MIR_SWITCH)
        vec_push(a, &out->to, t->block_else);
}

bool flow_is_back(int32_t from, int32_t to) {
    return to <= from;
}

bool flow_end_fails(const struct mir_function *f, int32_t b) {
    const struct mir_terminator *t = &f->blocks.at[b].end;
    bool back = t->kind == MIR_GOTO && flow_is_back(b, t->block);
    if (t->kind == MIR_IF)
        back = flow_is_back(b, t->block) || flow_is_back(b, t->block_else);
    if (t->kind == MIR_SWITCH) {
        back = flow_is_back(b, t->block_else);
        for (int32_t i = 0; i < t->cases.len; i++)
            back |= flow_is_back(b, t->cases.at[i].block);
    }
    return back || mir_end_traps(t);
}

static bool block_may_fail(const struct mir_module *m, const struct mir_function *f,
                           const struct mir_block *b) {
    if (flow_end_fails(f, (int32_t)(b - f->blocks.at)))
        return true;
    for (int32_t i = 0; i < b->insts.len; i++)
        if (mir_inst_traps(m, f, &b->insts.at[i]))
            return true;
    return false;
}

// The edges by which a walk leaves block `b`: those of its terminator, then the one by failure.
static int32_t nth_exit(const struct flow *w, int32_t b, int32_t n) {
    if (n < w->after[b].to.len)
        return w->after[b].to.at[n];
    return n == w->after[b].to.len && w->may_fail[b] ? w->function->blocks.at[b].unwind : -1;
}

static void fill_order(struct flow *w, struct arena *a) {
    int32_t *path = arena_array(a, int32_t, w->count), *next = arena_array(a, int32_t, w->count);
    int32_t *post = arena_array(a, int32_t, w->count), depth = 0, done = 0;
    bool *seen = arena_array(a, bool, w->count);
    if (w->count == 0)
        return;
    path[depth++] = 0;
    seen[0] = true;
    while (depth) {
        int32_t to = nth_exit(w, path[depth - 1], next[depth - 1]++);
        if (to < 0) {
            post[done++] = path[--depth];
        } else if (!seen[to]) {
            seen[to] = true;
            next[depth] = 0;
            path[depth++] = to;
        }
    }
    w->order = arena_array(a, int32_t, done);
    w->order_len = done;
    for (int32_t i = 0; i < done; i++)
        w->order[i] = post[done - 1 - i];
}

struct flow flow_of(struct arena *a, const struct mir_module *m, const struct mir_function *f) {
    struct flow w = {.module = m, .function = f, .count = f->blocks.len};
    w.after = arena_array(a, struct mir_edges, w.count);
    w.before = arena_array(a, struct mir_edges, w.count);
    w.fails = arena_array(a, struct mir_edges, w.count);
    w.may_fail = arena_array(a, bool, w.count);
    for (int32_t b = 0; b < w.count; b++) {
        const struct mir_block *block = &f->blocks.at[b];
        flow_targets(a, &block->end, &w.after[b]);
        for (int32_t i = 0; i < w.after[b].to.len; i++)
            vec_push(a, &w.before[w.after[b].to.at[i]].to, b);
        w.may_fail[b] = block->unwind >= 0 && block_may_fail(m, f, block);
        if (w.may_fail[b])
            vec_push(a, &w.fails[block->unwind].to, b);
    }
    fill_order(&w, a);
    return w;
}

// ---- liveness -----------------------------------------------------------------------------------

void flow_operand_reads(const struct mir_operand *o, each_local *each, void *context) {
    if (o->kind == MIR_CONST)
        return;
    if (o->place.local >= 0)
        each(context, o->place.local);
    flow_place_reads(&o->place, each, context);
}

void flow_place_reads(const struct mir_place *p, each_local *each, void *context) {
    for (int32_t i = 0; i < p->projs.len; i++)
        if (p->projs.at[i].kind == MIR_PROJ_INDEX)
            flow_operand_reads(p->projs.at[i].index, each, context);
}

void flow_inst_reads(const struct mir_inst *i, each_local *each, void *context) {
    for (int32_t n = 0; n < i->args.len; n++)
        flow_operand_reads(&i->args.at[n], each, context);
    if (i->dst.local == MIR_NO_PLACE)
        return;
    if (i->dst.local >= 0 && i->dst.projs.len)
        each(context, i->dst.local);
    flow_place_reads(&i->dst, each, context);
}

static void add_local(void *context, int32_t local) {
    bits_add(*(struct bits *)context, local);
}

void live_before_end(const struct live *l, int32_t b, struct bits now) {
    const struct mir_function *f = l->flow.function;
    const struct mir_block *block = &f->blocks.at[b];
    memset(now.at, 0, sizeof *now.at * (size_t)now.words);
    for (int32_t i = 0; i < l->flow.after[b].to.len; i++)
        bits_unite(now, l->in[l->flow.after[b].to.at[i]]);
    if (block->unwind >= 0 && flow_end_fails(f, b))
        bits_unite(now, l->in[block->unwind]);
    if (flow_end_has_value(&block->end))
        flow_operand_reads(&block->end.value, add_local, &now);
}

void live_step_back(const struct live *l, int32_t b, const struct mir_inst *i, struct bits now) {
    const struct mir_function *f = l->flow.function;
    int32_t unwind = f->blocks.at[b].unwind;
    if (i->dst.local >= 0 && i->dst.projs.len == 0)
        bits_remove(now, i->dst.local);
    if (unwind >= 0 && mir_inst_traps(l->flow.module, f, i))
        bits_unite(now, l->in[unwind]);
    flow_inst_reads(i, add_local, &now);
}

struct live live_of(struct arena *a, const struct mir_module *m, const struct mir_function *f) {
    struct live l = {.flow = flow_of(a, m, f)};
    struct bits now = bits_new(a, f->locals.len);
    l.in = arena_array(a, struct bits, f->blocks.len);
    for (int32_t b = 0; b < f->blocks.len; b++)
        l.in[b] = bits_new(a, f->locals.len);
    for (bool changed = true; changed;) {
        changed = false;
        for (int32_t n = l.flow.order_len; n-- > 0;) {
            int32_t b = l.flow.order[n];
            const struct mir_block *block = &f->blocks.at[b];
            live_before_end(&l, b, now);
            for (int32_t i = block->insts.len; i-- > 0;)
                live_step_back(&l, b, &block->insts.at[i], now);
            changed |= bits_unite(l.in[b], now);
        }
    }
    return l;
}
