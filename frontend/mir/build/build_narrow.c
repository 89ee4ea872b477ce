// SPDX-License-Identifier: MIT
// Function values that do what takes leave: they do it within what their maker held as well as
// within what holds who calls them. So such a value takes its maker's ceiling along, and is a
// function around the one that is meant:
//
//   no ceiling was taken along: calls it
//   else: trust false; narrow; calls it, failing or not; widen; trust as before
//
// While a provider works, which does so for the program, a function that an actor gave it is the
// actor's.
#include "frontend/mir/build/lower.h"

static bool holds_all(const struct fn *fn) {
    const struct sema_function *f = fn->instance->function;
    return fn->instance->kind == CODE_FUNCTION &&
           (f->kind == FUNCTION_TEST || f == fn->b->program->entry);
}

void narrow_value(struct fn *fn, struct mir_inst *closure, struct instance *inner, bool is_limited,
                  struct span span) {
    struct build *b = fn->b;
    closure->function = inner->mir->name;
    if (!is_limited || holds_all(fn))
        return;
    const char *name = str_format(b->arena, "%s$narrowed%d", fn->instance->mir->name,
                                  (int)fn->instance->closure_count++)
                           .data;
    struct instance *i = instance_new(b, CODE_NARROWED, name);
    const struct mir_function *in = inner->mir;
    struct mir_type *bytes = const_text(fn, STR("")).type;
    int32_t captures = in->captures;
    i->function = fn->instance->function;
    i->module = fn->module;
    i->inner = inner;
    i->span = span;
    i->mir->loc = loc_of(b, span);
    i->mir->result = in->result;
    for (int32_t k = 0; k < in->param_count; k++) {
        if (k == captures)
            add_param(b, i->mir, bytes, false, "limits");
        add_param(b, i->mir, in->locals.at[k].type, in->modes.at[k] == MIR_PARAM_MUT,
                  in->locals.at[k].name);
    }
    if (captures == in->param_count)
        add_param(b, i->mir, bytes, false, "limits");
    i->mir->captures = captures + 1;
    inner->mir->captures = 0;
    i->narrowed_at = captures;
    inst_arg(fn, closure, put_value(fn, inst(fn, MIR_OP_CEILING, span), bytes, NULL));
    closure->function = i->mir->name;
}

static struct mir_inst inner_call(struct fn *fn) {
    const struct instance *i = fn->instance;
    struct mir_inst call = inst(fn, MIR_OP_CALL, i->span);
    call.function = i->inner->mir->name;
    for (int32_t k = 0; k < i->mir->param_count; k++)
        if (k != i->narrowed_at)
            inst_arg(fn, &call, operand_of(fn, local_place(k)));
    return call;
}

static void give(struct fn *fn, struct mir_operand value) {
    if (is_reached(fn))
        leave(fn, MIR_RETURN, value, fn->instance->span);
}

static struct mir_operand put_call(struct fn *fn, struct mir_inst call) {
    if (fn->f->result->kind != MIR_UNIT)
        return put_value(fn, call, fn->f->result, NULL);
    put(fn, call);
    return const_unit(fn);
}

static void widen(struct fn *fn, struct mir_operand before, struct mir_operand was) {
    struct mir_inst i = inst(fn, MIR_OP_WIDEN, fn->instance->span);
    inst_arg(fn, &i, before);
    put(fn, i);
    op1(fn, MIR_OP_TRUST, was, prim(fn, MIR_BOOL), NULL, fn->instance->span);
}

void lower_narrowed(struct fn *fn) {
    struct span span = fn->instance->span;
    struct mir_operand limits = operand_of(fn, local_place(fn->instance->narrowed_at));
    struct mir_operand len = op1(fn, MIR_OP_BUF_LEN, limits, prim(fn, MIR_U64), NULL, span);
    struct mir_operand none = const_int(fn, MIR_U64, 0);
    int32_t limited = block_new(fn), free = block_new(fn), pad = block_new(fn);
    branch(fn, op2(fn, MIR_OP_EQ, len, none, prim(fn, MIR_BOOL), NULL, span), free, limited, span);
    enter(fn, free);
    give(fn, put_call(fn, inner_call(fn)));
    enter(fn, limited);
    struct mir_operand was =
        op1(fn, MIR_OP_TRUST, const_bool(fn, false), prim(fn, MIR_BOOL), NULL, span);
    struct mir_operand before = op1(fn, MIR_OP_NARROW, limits, limits.type, NULL, span);
    int32_t outer = fn->unwind;
    set_unwind(fn, pad);
    struct mir_operand made = put_call(fn, inner_call(fn));
    set_unwind(fn, outer);
    widen(fn, before, was);
    give(fn, made);
    enter(fn, pad);
    struct mir_operand error = put_caught(fn, span);
    widen(fn, before, was);
    leave(fn, MIR_RAISE, error, span);
}
