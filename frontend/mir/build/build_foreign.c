// SPDX-License-Identifier: MIT
// A foreign function is its model, with the name that C has for it: what reads MIR reads the model,
// and the C that is made of it calls the real one where things are real.
#include "frontend/mir/build/lower.h"

void lower_foreign(struct fn *fn) {
    const struct sema_function *f = fn->instance->function;
    struct mir_inst call = inst(fn, MIR_OP_CALL, f->span);
    struct env env = {.params = &f->model->type_params};
    call.function = instance_of(fn->b, f->model, env, NULL)->mir->name;
    for (int32_t i = 0; i < f->params.len; i++)
        inst_arg(fn, &call, operand_of(fn, local_place(i)));
    fn->f->foreign = intern(&fn->b->module->names, str_from(f->name));
    leave(fn, MIR_RETURN, put_value(fn, call, fn->f->result, NULL), f->span);
}
