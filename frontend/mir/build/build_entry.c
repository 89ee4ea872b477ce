// SPDX-License-Identifier: MIT
// The entry: `main` itself, or, where that gives a `Result`, a function that runs it.
#include "frontend/mir/build/lower.h"

struct instance *entry_instance(struct build *b, struct sema_function *main) {
    struct env none = {.params = &main->type_params};
    if (type_is_unit(main->result))
        return instance_of(b, main, none, NULL);
    struct instance *i =
        instance_new(b, CODE_ENTRY, str_format(b->arena, "%s$entry", main->path).data);
    i->function = main;
    i->module = main->module;
    i->env = none;
    i->span = main->span;
    i->mir->loc = loc_of(b, main->span);
    return i;
}

// `main` gives a `Result`: the program fails with its error.
void lower_entry(struct fn *fn) {
    struct sema_function *f = fn->instance->function;
    struct instance *body = instance_of(fn->b, f, fn->env, NULL);
    struct mir_inst call = inst(fn, MIR_OP_CALL, f->span);
    call.function = body->mir->name;
    struct mir_place result = put_value(fn, call, body->mir->result, NULL).place;
    struct mir_operand tag =
        op1(fn, MIR_OP_TAG, operand_of(fn, result), prim(fn, MIR_U32), NULL, f->span);
    struct mir_operand is_err =
        op2(fn, MIR_OP_EQ, tag, const_int(fn, MIR_U32, 1), prim(fn, MIR_BOOL), NULL, f->span);
    int32_t bad = block_new(fn), good = block_new(fn);
    branch(fn, is_err, bad, good, f->span);
    enter(fn, bad);
    raise_error(fn, operand_of(fn, typed_field(fn, result, f->result, 1, 0)), f->span);
    enter(fn, good);
    leave(fn, MIR_RETURN, const_unit(fn), f->span);
}
