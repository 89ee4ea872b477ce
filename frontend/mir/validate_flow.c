// SPDX-License-Identifier: MIT
// Definite assignment: on every path each local is written before it is read. In lowered MIR a
// local that was moved or dropped counts as not written, and what fails has consumed what was moved
// into it.
#include "frontend/mir/flow.h"
#include "frontend/mir/validate.h"

struct walk {
    struct validator *v;
    struct flow flow;
    struct bits *in;     // by block: locals that are written whenever it begins
    struct bits now;     // where the walk stands
    struct bits failing; // what is written at every failure of the block so far
    bool reports;
};

static void take_place(struct walk *w, const struct mir_place *p);

static void read_local(struct walk *w, int32_t local) {
    if (local < 0 || bits_has(w->now, local) || !w->reports)
        return;
    mir_wrong(w->v, P9003, "_%d is read here, but it is not written on every path to here",
              (int)local);
    bits_add(w->now, local); // said once
}

static void take_operand(struct walk *w, const struct mir_operand *o) {
    if (o->kind == MIR_CONST)
        return;
    read_local(w, o->place.local);
    take_place(w, &o->place);
}

// The operands within a place.
static void take_place(struct walk *w, const struct mir_place *p) {
    for (int32_t i = 0; i < p->projs.len; i++)
        if (p->projs.at[i].kind == MIR_PROJ_INDEX)
            take_operand(w, p->projs.at[i].index);
}

static void unwrite(struct walk *w, const struct mir_operand *o) {
    if (o->kind == MIR_MOVE && o->place.local >= 0 && o->place.projs.len == 0)
        bits_remove(w->now, o->place.local);
}

static void fail_here(struct walk *w) {
    bits_intersect(w->failing, w->now);
}

static void take_inst(struct walk *w, const struct mir_inst *i) {
    bool drops = i->op == MIR_OP_DROP;
    for (int32_t n = 0; n < i->args.len && !drops; n++)
        take_operand(w, &i->args.at[n]);
    bool writes = i->dst.local != MIR_NO_PLACE;
    if (writes) {
        take_place(w, &i->dst);
        if (i->dst.projs.len)
            read_local(w, i->dst.local); // a part needs the whole
    }
    for (int32_t n = 0; n < i->args.len; n++)
        unwrite(w, &i->args.at[n]);
    if (mir_inst_traps(w->v->module, w->v->function, i))
        fail_here(w);
    if (drops && i->args.at[0].place.local >= 0)
        bits_remove(w->now, i->args.at[0].place.local);
    if (writes && i->dst.local >= 0 && i->dst.projs.len == 0)
        bits_add(w->now, i->dst.local);
}

// Walks a block from in[b]; leaves `now` at its end and `failing`.
static void take_block(struct walk *w, int32_t b) {
    const struct mir_block *block = &w->v->function->blocks.at[b];
    bits_copy(w->now, w->in[b]);
    bits_fill(w->failing);
    for (int32_t i = 0; i < block->insts.len; i++) {
        w->v->inst = &block->insts.at[i];
        take_inst(w, w->v->inst);
    }
    w->v->inst = NULL;
    w->v->end = &block->end;
    if (flow_end_has_value(&block->end)) {
        take_operand(w, &block->end.value);
        unwrite(w, &block->end.value);
    }
    if (flow_end_fails(w->v->function, b))
        fail_here(w);
    w->v->end = NULL;
}

static bool spread(struct walk *w, int32_t b) {
    bool changed = false;
    take_block(w, b);
    for (int32_t i = 0; i < w->flow.after[b].to.len; i++)
        changed |= bits_intersect(w->in[w->flow.after[b].to.at[i]], w->now);
    if (w->flow.may_fail[b])
        changed |= bits_intersect(w->in[w->v->function->blocks.at[b].unwind], w->failing);
    return changed;
}

void mir_validate_flow(struct validator *v) {
    const struct mir_function *f = v->function;
    struct arena scratch = {0};
    struct walk w = {.v = v, .flow = flow_of(&scratch, v->module, f)};
    w.in = arena_array(&scratch, struct bits, f->blocks.len);
    w.now = bits_new(&scratch, f->locals.len);
    w.failing = bits_new(&scratch, f->locals.len);
    for (int32_t b = 0; b < f->blocks.len; b++) {
        w.in[b] = bits_new(&scratch, f->locals.len);
        bits_fill(w.in[b]);
    }
    memset(w.in[0].at, 0, sizeof *w.in[0].at * (size_t)w.in[0].words);
    for (int32_t i = 0; i < f->param_count; i++)
        bits_add(w.in[0], i);
    for (bool changed = true; changed;) {
        changed = false;
        for (int32_t i = 0; i < w.flow.order_len; i++)
            changed |= spread(&w, w.flow.order[i]);
    }
    w.reports = true;
    for (int32_t i = 0; i < w.flow.order_len; i++) {
        v->block = w.flow.order[i];
        take_block(&w, v->block);
    }
    v->block = -1;
    arena_free(&scratch);
}
