// SPDX-License-Identifier: MIT
// Frames: one segment of a strand, block by block, with calls on an explicit stack. A failure goes
// to the block's unwind, else out of the function, frame by frame.
#include "tests/differential/interp/interp.h"

#include <assert.h>
#include <stdlib.h>

enum { DEPTH_MAX = 10000, STEPS_PER_SEGMENT_MAX = 50000000 };

static const struct mir_block *block_of(const struct frame *f) {
    return &f->function->blocks.at[f->block];
}

static const struct mir_inst *inst_of(const struct frame *f) {
    return &block_of(f)->insts.at[f->inst];
}

// ---- frames -------------------------------------------------------------------------------------

struct frame *frame_new(struct interp *in, const struct mir_function *function,
                        struct value *args) {
    (void)in;
    struct frame *f = calloc(1, sizeof *f);
    if (!f)
        abort();
    f->function = function;
    f->locals = calloc((size_t)function->locals.len + 1, sizeof *f->locals);
    f->mutated = calloc((size_t)function->param_count + 1, sizeof *f->mutated);
    if (!f->locals || !f->mutated)
        abort();
    for (int32_t i = 0; i < function->param_count; i++) {
        f->locals[i] = args[i];
        f->mutated[i].local = MIR_NO_PLACE;
    }
    return f;
}

static void push(struct interp *in, struct frame *f) {
    f->caller = in->strand->top;
    in->strand->top = f;
}

// What `mut` parameters hold goes back to the caller, also when the function fails. An item whose
// buffer has shrunk meanwhile has no place to go back to.
static void give_back(struct interp *in, struct frame *f) {
    bool failing = in->failing;
    struct value failure = in->failure;
    for (int32_t i = 0; i < f->function->param_count; i++) {
        if (f->mutated[i].local == MIR_NO_PLACE)
            continue;
        in->failing = false;
        if (!store(in, f->caller, &f->mutated[i], f->locals[i]))
            value_drop(in->error_type, in->failure);
        f->locals[i] = value_zero;
    }
    in->failing = failing;
    in->failure = failure;
}

static void pop(struct interp *in) {
    struct frame *f = in->strand->top;
    in->strand->top = f->caller;
    give_back(in, f);
    if (f->cyclic)
        in->strand->depth--;
    for (int32_t i = 0; i < f->function->locals.len; i++)
        value_drop(f->function->locals.at[i].type, f->locals[i]);
    value_drop(in->error_type, f->caught);
    free(f->locals);
    free(f->mutated);
    free(f);
}

static void go(struct frame *f, int32_t block) {
    f->block = block;
    f->inst = 0;
}

// ---- calls --------------------------------------------------------------------------------------

// The place with its indexes found, so that it stays the same place.
static bool settle_place(struct interp *in, struct frame *f, const struct mir_place *p,
                         struct mir_place *out) {
    *out = (struct mir_place){.local = p->local};
    for (int32_t i = 0; i < p->projs.len; i++) {
        struct mir_proj proj = p->projs.at[i];
        if (proj.kind == MIR_PROJ_INDEX) {
            struct value index;
            if (!evaluate(in, f, proj.index, &index))
                return false;
            struct mir_operand *o = arena_new(in->arena, struct mir_operand);
            o->kind = MIR_CONST;
            o->type = proj.index->type;
            o->value.bits = index.bits;
            proj.index = o;
        }
        vec_push(in->arena, &out->projs, proj);
    }
    return place_at(in, f, p, false) != NULL;
}

static bool too_deep(struct interp *in, const struct frame *f, const struct mir_function *callee) {
    bool cyclic = callee->cycle && callee->cycle == f->function->cycle;
    return cyclic && in->strand->depth >= DEPTH_MAX;
}

// The places of the `mut` arguments.
static bool settle_written(struct interp *in, struct frame *f, const struct mir_inst *i,
                           struct mir_place *places) {
    for (int32_t n = 0; n < i->args.len; n++)
        if (mir_arg_is_written(in->module, i, n) &&
            !settle_place(in, f, &i->args.at[n].place, &places[n]))
            return false;
    return true;
}

// Argument n is the callee's parameter n + first.
static void give_back_to(struct interp *in, struct frame *callee, const struct mir_inst *i,
                         const struct mir_place *places, int32_t first) {
    for (int32_t n = 0; n < i->args.len; n++)
        if (mir_arg_is_written(in->module, i, n))
            callee->mutated[n + first] = places[n];
}

static enum outcome call(struct interp *in, struct frame *f, const struct mir_inst *i,
                         struct value *a) {
    const struct mir_function *callee = mir_find_function(in->module, i->function);
    if (too_deep(in, f, callee)) {
        trap(in, FAILURE_DEPTH, (struct str){0}, i->loc);
        return OUTCOME_FAILED;
    }
    struct value args[MIR_PARAMS_MAX + 1];
    struct mir_place places[MIR_PARAMS_MAX + 1];
    if (!settle_written(in, f, i, places))
        return OUTCOME_FAILED;
    for (int32_t n = 0; n < i->args.len; n++)
        args[n] = value_keep(i->args.at[n].type, a[n]);
    struct frame *next = frame_new(in, callee, args);
    give_back_to(in, next, i, places, 0);
    next->cyclic = callee->cycle && callee->cycle == f->function->cycle;
    in->strand->depth += next->cyclic;
    push(in, next);
    return OUTCOME_SUSPENDED;
}

static enum outcome apply(struct interp *in, struct frame *f, const struct mir_inst *i,
                          const struct value *a) {
    const struct box *c = a[0].box;
    if (!c || in->strand->depth >= DEPTH_MAX) {
        trap(in, c ? FAILURE_DEPTH : FAILURE_UNREACHABLE, (struct str){0}, i->loc);
        return OUTCOME_FAILED;
    }
    struct value args[MIR_PARAMS_MAX + 1];
    struct mir_place places[MIR_PARAMS_MAX + 1];
    int32_t captures = c->function->captures;
    if (!settle_written(in, f, i, places))
        return OUTCOME_FAILED;
    for (int32_t n = 0; n < c->function->param_count; n++)
        args[n] = value_keep(c->function->locals.at[n].type,
                             n < captures ? c->items[n] : a[1 + n - captures]);
    struct frame *next = frame_new(in, c->function, args);
    give_back_to(in, next, i, places, captures - 1);
    next->cyclic = true;
    in->strand->depth++;
    push(in, next);
    return OUTCOME_SUSPENDED;
}

// ---- one operation ------------------------------------------------------------------------------

static bool evaluate_all(struct interp *in, struct frame *f, const struct mir_inst *i,
                         struct value *a) {
    bool writes = mir_op_flags(i->op) & MIR_FLAG_W;
    for (int32_t n = 0; n < i->args.len; n++) {
        a[n] = value_zero;
        if (writes && n == 0)
            continue;
        if (evaluate(in, f, &i->args.at[n], &a[n]))
            continue;
        while (n-- > 0)
            value_drop(i->args.at[n].type, a[n]);
        return false;
    }
    return true;
}

static void take_caught(struct frame *f, struct value *result) {
    *result = f->caught;
    f->caught = value_zero;
}

static enum outcome operate(struct interp *in, struct frame *f, const struct mir_inst *i,
                            struct value *a, struct value *result) {
    if (i->op == MIR_OP_CALL)
        return call(in, f, i, a);
    if (i->op == MIR_OP_APPLY)
        return apply(in, f, i, a);
    if (i->op == MIR_OP_CAUGHT)
        take_caught(f, result);
    else if (!data_operation(in, f, i, a, result))
        return world_operation(in, f, i, a, result);
    return in->failing ? OUTCOME_FAILED : OUTCOME_NEXT;
}

// Operands of a large list live on the heap.
static enum outcome run_inst(struct interp *in, struct frame *f) {
    const struct mir_inst *i = inst_of(f);
    struct value few[8], result = value_zero;
    struct value *a = i->args.len <= 8 ? few : calloc((size_t)i->args.len, sizeof *a);
    enum outcome outcome = OUTCOME_FAILED;
    if (evaluate_all(in, f, i, a)) {
        outcome = operate(in, f, i, a, &result);
        for (int32_t n = 0; n < i->args.len; n++)
            value_drop(i->args.at[n].type, a[n]);
    }
    if (a != few)
        free(a);
    if (outcome == OUTCOME_NEXT && store(in, f, &i->dst, result))
        f->inst++;
    return in->failing ? OUTCOME_FAILED : outcome;
}

// ---- the end of a block -------------------------------------------------------------------------

static int32_t chosen(const struct mir_terminator *t, struct value v) {
    if (t->kind == MIR_GOTO)
        return t->block;
    if (t->kind == MIR_IF)
        return v.bits ? t->block : t->block_else;
    for (int32_t i = 0; i < t->cases.len; i++)
        if (t->cases.at[i].value == v.bits)
            return t->cases.at[i].block;
    return t->block_else;
}

// Gives the value of a call to the caller, or ends the strand (true).
static bool return_from(struct interp *in, struct value v, struct value *result) {
    pop(in);
    struct frame *f = in->strand->top;
    if (!f) {
        *result = v;
        return true;
    }
    if (store(in, f, &inst_of(f)->dst, v))
        f->inst++;
    return false;
}

static bool run_end(struct interp *in, struct frame *f, struct value *result) {
    const struct mir_terminator *t = &block_of(f)->end;
    struct value v = value_zero;
    if (flow_end_has_value(t) && !evaluate(in, f, &t->value, &v))
        return false;
    switch (t->kind) {
    case MIR_RETURN:
        return return_from(in, v, result);
    case MIR_END:
        return return_from(in, value_zero, result);
    case MIR_TRAP:
        trap(in, (enum failure_kind)t->failure, t->text, t->loc);
        return false;
    case MIR_UNREACHABLE:
        trap(in, FAILURE_UNREACHABLE, (struct str){0}, t->loc);
        return false;
    case MIR_RAISE:
        in->failure = v.box ? v : error_new(FAILURE_UNREACHABLE, (struct str){0}, t->loc);
        in->failing = true;
        return false;
    default:
        go(f, chosen(t, v));
        return false;
    }
}

// Brings a failure to where it is caught; true if nobody does.
static bool unwind(struct interp *in) {
    while (in->strand->top) {
        struct frame *f = in->strand->top;
        int32_t to = block_of(f)->unwind;
        if (to < 0) {
            pop(in);
            continue;
        }
        value_drop(in->error_type, f->caught);
        f->caught = in->failure;
        in->failing = false;
        go(f, to);
        return false;
    }
    return true;
}

bool run_segment(struct interp *in, struct value *result) {
    *result = value_zero;
    for (int64_t steps = 0;; steps++) {
        if (in->failing && unwind(in))
            return true;
        struct frame *f = in->strand->top;
        if (steps > STEPS_PER_SEGMENT_MAX || in->steps_left-- <= 0) {
            fprintf(stderr, "error: %s\n", mir_failure_sentence(FAILURE_SPIN));
            exit(1);
        }
        if (f->inst == block_of(f)->insts.len) {
            if (run_end(in, f, result))
                return true;
        } else if (run_inst(in, f) == OUTCOME_SUSPENDED && in->strand->wait != WAIT_NOT) {
            return false;
        }
    }
}

struct value call_now(struct interp *in, const struct mir_function *f) {
    struct value none[1];
    return call_with(in, f, none);
}

struct value call_with(struct interp *in, const struct mir_function *f, struct value *args) {
    struct value result;
    push(in, frame_new(in, f, args));
    bool ended = run_segment(in, &result);
    assert(ended);
    (void)ended;
    return result;
}
