// SPDX-License-Identifier: MIT
// What can still be reached: from states, from locals that are live where a strand is suspended,
// from what is in flight. A reply that cannot was dropped; a task's failure that cannot is
// nobody's.
#include "tests/differential/interp/interp.h"

static void mark(const struct mir_type *t, struct value v);

static void mark_box(const struct mir_type *t, const struct box *b) {
    if (t->plain && t->kind != MIR_ERROR)
        return;
    for (uint64_t i = 0; b && i < b->len; i++)
        mark(value_item_type(t, b, i), b->items[i]);
}

static void mark_future(struct future *f) {
    if (!f || f->seen)
        return;
    f->seen = true;
    if (f->state == FUTURE_DONE)
        mark(f->type, f->value);
}

static void mark(const struct mir_type *t, struct value v) {
    switch (t->kind) {
    case MIR_STRUCT:
    case MIR_ENUM:
    case MIR_BUFFER:
    case MIR_FN:
    case MIR_ERROR:
        mark_box(t, v.box);
        return;
    case MIR_REPLY:
        if (v.reply)
            v.reply->seen = true;
        return;
    case MIR_FUTURE:
        mark_future(v.future);
        return;
    default:
        return;
    }
}

// ---- live locals --------------------------------------------------------------------------------

static const struct live *live_in_function(struct interp *in, const struct mir_function *f) {
    if (!in->has_live[f->index]) {
        in->has_live[f->index] = true;
        in->live[f->index] = live_of(in->arena, in->module, f);
    }
    return &in->live[f->index];
}

static void add_local(void *context, int32_t local) {
    bits_add(*(struct bits *)context, local);
}

// What is needed when the operation at which the frame stands is over, well or by failing.
static void live_at(struct interp *in, const struct frame *f, struct bits now) {
    const struct live *l = live_in_function(in, f->function);
    const struct mir_block *b = &f->function->blocks.at[f->block];
    live_before_end(l, f->block, now);
    for (int32_t i = b->insts.len; i-- > f->inst + 1;)
        live_step_back(l, f->block, &b->insts.at[i], now);
    const struct mir_inst *at = &b->insts.at[f->inst];
    if (at->dst.local >= 0 && at->dst.projs.len == 0)
        bits_remove(now, at->dst.local);
    if (at->dst.local >= 0 && at->dst.projs.len)
        bits_add(now, at->dst.local);
    if (at->dst.local != MIR_NO_PLACE)
        flow_place_reads(&at->dst, add_local, &now);
    if (b->unwind >= 0)
        bits_unite(now, l->in[b->unwind]);
}

static void mark_frame(struct interp *in, const struct strand *s, const struct frame *f) {
    struct arena scratch = {0};
    struct bits now = bits_new(&scratch, f->function->locals.len);
    if (s->wait == WAIT_START)
        bits_copy(now, live_in_function(in, f->function)->in[0]);
    else
        live_at(in, f, now);
    for (int32_t i = 0; i < f->function->locals.len; i++) {
        bool mut = i < f->function->param_count && f->function->modes.at[i] == MIR_PARAM_MUT;
        if (mut || bits_has(now, i))
            mark(f->function->locals.at[i].type, f->locals[i]);
    }
    mark(in->error_type, f->caught);
    arena_free(&scratch);
}

static void mark_cell(struct interp *in, const struct cell *c) {
    if (c->actor)
        mark(c->actor->state, c->state);
    const struct mir_function *init = mir_find_function(in->module, c->args ? c->actor->init : "");
    for (int32_t i = 0; c->args && c->status != CELL_GONE && i < init->param_count; i++)
        mark(init->locals.at[i].type, c->args[i]);
    for (int32_t i = 0; i < c->strands.len; i++) {
        const struct strand *s = c->strands.at[i];
        for (const struct frame *f = s->top; f; f = f->caller)
            mark_frame(in, s, f);
        for (int32_t k = 0; k < s->waits_for.len; k++)
            mark_future(s->waits_for.at[k]);
    }
}

static void mark_event(struct interp *in, const struct event *e) {
    if (e->kind == EVENT_MESSAGE)
        for (int32_t i = 0; i < e->message->params.len; i++)
            mark(e->message->params.at[i], e->args[i]);
    if (e->kind == EVENT_FAILED)
        mark(in->error_type, e->value);
    if (e->kind == EVENT_REPLY)
        mark(e->failed ? in->error_type : e->future->type, e->value);
}

void reach_crashed(struct interp *in, const struct cell *c) {
    for (int32_t i = 0; i < in->replies.len; i++)
        in->replies.at[i]->seen = false;
    mark(c->actor->state, c->state);
    for (int32_t i = 0; i < in->replies.len; i++)
        in->replies.at[i]->crashed |= in->replies.at[i]->seen;
}

void reach_check(struct interp *in) {
    if (in->replies.len == 0 && in->failures.len == 0)
        return;
    for (int32_t i = 0; i < in->replies.len; i++)
        in->replies.at[i]->seen = false;
    for (int32_t c = 0; c < in->cells.len; c++)
        for (int32_t i = 0; i < in->cells.at[c]->futures.len; i++)
            in->cells.at[c]->futures.at[i]->seen = false;
    for (int32_t c = 0; c < in->cells.len; c++)
        mark_cell(in, in->cells.at[c]);
    for (const struct event *e = in->first; e; e = e->next)
        mark_event(in, e);
    for (int32_t c = 0; c < in->cells.len; c++)
        for (int32_t i = 0; i < in->cells.at[c]->mail.len; i++)
            mark_event(in, in->cells.at[c]->mail.at[i]);
    int32_t kept = 0, replies = in->replies.len;
    for (int32_t i = 0; i < replies; i++) {
        struct reply *r = in->replies.at[i];
        if (!r->answered && r->seen)
            in->replies.at[kept++] = r;
        else if (!r->answered)
            reply_failure(in, r->to,
                          r->crashed     ? FAILURE_CRASHED
                          : r->of_handle ? FAILURE_STOPPED
                                         : FAILURE_DROPPED);
    }
    in->replies.len = kept;
    kept = 0;
    for (int32_t i = 0; i < in->failures.len; i++) {
        struct future *f = in->failures.at[i];
        if (f->state == FUTURE_FAILED && f->seen)
            in->failures.at[kept++] = f;
        else if (f->state == FUTURE_FAILED && !f->told && f->error.box->tag != FAILURE_CANCELLED)
            report_failure(in, "a task", f->error);
    }
    in->failures.len = kept;
}
