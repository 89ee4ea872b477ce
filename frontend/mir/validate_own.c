// SPDX-License-Identifier: MIT
// Lowered MIR: no local that the function has to drop may hold something when the function returns
// or ends. (When it is left by a failure, the emitter drops all of them.) Forward, over paths: a
// local holds something from being written until it is moved or dropped.
#include "frontend/mir/flow.h"
#include "frontend/mir/own.h"
#include "frontend/mir/validate.h"

struct walk {
    struct validator *v;
    struct flow flow;
    struct bits *in; // by block: locals that may hold something when it begins
    struct bits now, failing;
};

static void gives_up(struct walk *w, const struct mir_operand *o) {
    if (o->kind != MIR_CONST && o->place.local >= 0 && o->place.projs.len == 0)
        bits_remove(w->now, o->place.local);
}

static void take_inst(struct walk *w, const struct mir_inst *i) {
    for (int32_t n = 0; n < i->args.len; n++)
        if (i->args.at[n].kind == MIR_MOVE)
            gives_up(w, &i->args.at[n]);
    if (mir_inst_traps(w->v->module, w->v->function, i))
        bits_unite(w->failing, w->now);
    if (i->op == MIR_OP_DROP)
        gives_up(w, &i->args.at[0]);
    if (i->dst.local >= 0 && own_is_ours(w->v->function, i->dst.local))
        bits_add(w->now, i->dst.local);
}

static void take_block(struct walk *w, int32_t b) {
    const struct mir_block *block = &w->v->function->blocks.at[b];
    bits_copy(w->now, w->in[b]);
    memset(w->failing.at, 0, sizeof *w->failing.at * (size_t)w->failing.words);
    for (int32_t i = 0; i < block->insts.len; i++)
        take_inst(w, &block->insts.at[i]);
    if (flow_end_has_value(&block->end) && block->end.value.kind == MIR_MOVE)
        gives_up(w, &block->end.value);
    if (flow_end_fails(w->v->function, b))
        bits_unite(w->failing, w->now);
}

static bool spread(struct walk *w, int32_t b) {
    bool changed = false;
    take_block(w, b);
    for (int32_t i = 0; i < w->flow.after[b].to.len; i++)
        changed |= bits_unite(w->in[w->flow.after[b].to.at[i]], w->now);
    if (w->flow.may_fail[b])
        changed |= bits_unite(w->in[w->v->function->blocks.at[b].unwind], w->failing);
    return changed;
}

static void report(struct walk *w, int32_t b) {
    const struct mir_function *f = w->v->function;
    enum mir_term end = f->blocks.at[b].end.kind;
    take_block(w, b);
    w->v->block = b;
    for (int32_t i = 0; i < f->locals.len; i++)
        if ((end == MIR_RETURN || end == MIR_END) && bits_has(w->now, i))
            mir_wrong(w->v, P9009, "_%d may still hold something when the function returns",
                      (int)i);
    w->v->block = -1;
}

void mir_validate_own(struct validator *v) {
    const struct mir_function *f = v->function;
    struct arena scratch = {0};
    struct walk w = {.v = v, .flow = flow_of(&scratch, v->module, f)};
    w.in = arena_array(&scratch, struct bits, f->blocks.len);
    w.now = bits_new(&scratch, f->locals.len);
    w.failing = bits_new(&scratch, f->locals.len);
    for (int32_t b = 0; b < f->blocks.len; b++)
        w.in[b] = bits_new(&scratch, f->locals.len);
    for (int32_t i = 0; i < f->param_count; i++)
        if (own_is_ours(f, i))
            bits_add(w.in[0], i);
    for (bool changed = true; changed;) {
        changed = false;
        for (int32_t i = 0; i < w.flow.order_len; i++)
            changed |= spread(&w, w.flow.order[i]);
    }
    for (int32_t i = 0; i < w.flow.order_len; i++)
        report(&w, w.flow.order[i]);
    arena_free(&scratch);
}
