// SPDX-License-Identifier: MIT
// Suspension points get their numbers, and locals that live across one get a place in the frame.
// The back edges of a function that suspends are points, too, but rare ones: there the emitter
// saves what does not live in the frame, so that a loop's locals can live in registers.
#include "frontend/mir/flow.h"

struct suspender {
    struct mir_module *m;
    struct mir_function *f;
    struct live live;
    struct bits now, frame;
    int32_t states;
};

static void into_frame(void *context, int32_t local) {
    bits_add(*(struct bits *)context, local);
}

// What has to be there when the operation goes on; `now` is what is live behind it.
static void keep_across(struct suspender *s, int32_t b, const struct mir_inst *i) {
    int32_t unwind = s->f->blocks.at[b].unwind;
    bool whole = i->dst.local >= 0 && i->dst.projs.len == 0;
    bool was_there = whole && bits_has(s->frame, i->dst.local);
    bits_unite(s->frame, s->now);
    if (whole && !was_there)
        bits_remove(s->frame, i->dst.local); // written only when it goes on
    if (unwind >= 0)
        bits_unite(s->frame, s->live.in[unwind]);
    if (i->dst.local != MIR_NO_PLACE && !whole) {
        if (i->dst.local >= 0)
            bits_add(s->frame, i->dst.local);
        flow_place_reads(&i->dst, into_frame, &s->frame);
    }
    if (i->op != MIR_OP_CALL && i->op != MIR_OP_APPLY)
        return;
    for (int32_t n = 0; n < i->args.len; n++) {
        const struct mir_operand *o = &i->args.at[n];
        // What is handed to a call moves into its frame; to a function value all is lent.
        bool stays = o->kind == MIR_COPY || (i->op == MIR_OP_APPLY && o->kind == MIR_MOVE);
        if (stays && (!o->type->plain || mir_arg_is_written(s->m, i, n)))
            flow_operand_reads(o, into_frame, &s->frame);
    }
}

// `now` is what is live before the operation.
static void mark_fresh(struct suspender *s, struct mir_inst *i) {
    i->fresh = i->dst.local >= s->f->param_count && i->dst.projs.len == 0 &&
               !bits_has(s->now, i->dst.local);
}

static void suspend_block(struct suspender *s, int32_t b) {
    struct mir_block *block = &s->f->blocks.at[b];
    live_before_end(&s->live, b, s->now);
    for (int32_t i = block->insts.len; i-- > 0;) {
        if (s->f->suspends && mir_inst_suspends(s->m, &block->insts.at[i]))
            keep_across(s, b, &block->insts.at[i]);
        live_step_back(&s->live, b, &block->insts.at[i], s->now);
        mark_fresh(s, &block->insts.at[i]);
    }
}

static void number_states(struct suspender *s) {
    for (int32_t b = 0; b < s->f->blocks.len; b++)
        for (int32_t i = 0; i < s->f->blocks.at[b].insts.len; i++) {
            struct mir_inst *inst = &s->f->blocks.at[b].insts.at[i];
            inst->state = mir_inst_suspends(s->m, inst) ? ++s->states : 0;
        }
}

static void suspend_function(struct mir_module *m, struct mir_function *f) {
    struct arena scratch = {0};
    struct suspender s = {.m = m, .f = f, .live = live_of(&scratch, m, f)};
    s.now = bits_new(&scratch, f->locals.len);
    s.frame = bits_new(&scratch, f->locals.len);
    for (int32_t n = 0; n < s.live.flow.order_len; n++)
        suspend_block(&s, s.live.flow.order[n]);
    if (f->suspends)
        number_states(&s);
    for (int32_t i = f->param_count; f->suspends && i < f->locals.len; i++)
        f->locals.at[i].frame = bits_has(s.frame, i);
    arena_free(&scratch);
}

void mir_suspend(struct mir_module *m) {
    for (int32_t n = 0; n < m->functions.len; n++)
        suspend_function(m, m->functions.at[n]);
}
