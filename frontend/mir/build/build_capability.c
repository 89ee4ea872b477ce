// SPDX-License-Identifier: MIT
// What actors may do, as values and as guards. The library decides what lies within what
// (runtime/std/capability.prism); here it is called: by an operation of a service, before anybody
// is asked to do it; by `attenuate`; and what it gives is handed to the actor that is spawned next.
#include "frontend/mir/build/lower.h"

struct mir_operand call_std(struct fn *fn, const char *name, struct mir_operand *args,
                            int32_t count, struct span span) {
    struct sema_use use = {.function = std_function(fn->b, name)};
    struct mir_function *f = use_instance(fn, &use, false, span)->mir;
    struct mir_inst call = inst(fn, MIR_OP_CALL, span);
    call.function = f->name;
    for (int32_t i = 0; i < count; i++)
        inst_arg(fn, &call, args[i]);
    if (f->result->kind != MIR_UNIT)
        return put_value(fn, call, f->result, NULL);
    put(fn, call);
    return const_unit(fn);
}

static struct mir_operand text_value(struct fn *fn, struct str text, struct span span) {
    return keep(fn, make_string(fn, const_text(fn, text), NULL, span), span);
}

// ---- attenuate ----------------------------------------------------------------------------------

// `x.attenuate({ A.B: values, … })`: what each capability is narrowed to becomes lines of text,
// which have to lie within what x holds.
struct mir_operand lower_attenuate(struct fn *fn, struct sema_call *call, struct span span) {
    struct type *t = value_type_of(fn, call->args.at[0].value);
    struct mir_operand base = keep(fn, lower(fn, call->receiver, NULL), span);
    if (!is_reached(fn))
        return const_unit(fn);
    struct mir_operand record = keep(fn, lower(fn, call->args.at[0].value, NULL), span);
    if (!is_reached(fn))
        return const_unit(fn);
    struct mir_place fields = materialize(fn, record, span);
    struct mir_operand lines = text_value(fn, STR(""), span);
    for (int32_t i = 0; i < call->narrowed.len; i++) {
        const struct sema_narrowed *n = &call->narrowed.at[i];
        bool is_whole = t->args[n->field]->kind == TYPE_BOOL;
        struct mir_operand family = text_value(fn, str_from(n->family), span);
        struct mir_operand value = operand_of(fn, typed_field(fn, fields, t, -1, n->field));
        struct mir_operand args[] = {base, lines, family, value};
        lines = call_std(fn, is_whole ? "attenuated_whole" : "attenuated_to", args, 4, span);
    }
    struct mir_loc loc = loc_of(fn->b, span);
    struct mir_operand where =
        text_value(fn, str_format(fn->b->arena, "%s:%d", fn->module->name, (int)loc.line), span);
    struct mir_operand args[] = {base, lines, where};
    return call_std(fn, "attenuated", args, 3, span);
}

// Right before a spawn: nothing comes between, since its arguments are locals by then.
void hand_over(struct fn *fn, struct ast_expr *capabilities, struct mir_operand *args,
               int32_t count) {
    struct span span = capabilities->span;
    for (int32_t i = 0; i < count && is_reached(fn); i++)
        args[i] = operand_of(fn, materialize(fn, keep(fn, args[i], span), span));
    if (!is_reached(fn))
        return;
    struct mir_operand value = keep(fn, lower(fn, capabilities, NULL), span);
    if (!is_reached(fn))
        return;
    struct mir_operand text = call_std(fn, "capabilities_text", &value, 1, span);
    struct mir_inst confine = inst(fn, MIR_OP_CONFINE, span);
    inst_arg(fn, &confine, text);
    put(fn, confine);
}

// ---- guards -------------------------------------------------------------------------------------

// A parameter of the operation, or a field of one: `path`, `directory.path`.
static bool argument_place(struct fn *fn, const struct ast_expr *e, struct mir_place *out,
                           struct type **type) {
    const struct sema_function *f = fn->instance->function;
    if (e->kind == EXPR_NAME) {
        for (int32_t i = 0; i < f->params.len; i++)
            if (f->params.at[i].name == e->name.text) {
                *out = local_place(i);
                *type = f->params.at[i].type;
                return true;
            }
        return false;
    }
    if (e->kind != EXPR_MEMBER || !argument_place(fn, e->member.object, out, type) ||
        (*type)->kind != TYPE_STRUCT)
        return false;
    for (int32_t i = 0; i < (*type)->structure->fields.len; i++)
        if ((*type)->structure->fields.at[i].name == e->member.name.text) {
            *out = typed_field(fn, *out, *type, -1, i);
            *type = sema_field_type(fn->b->program, *type, -1, i);
            return true;
        }
    return false;
}

static struct mir_operand argument(struct fn *fn, const struct ast_expr *e, struct span span) {
    struct mir_place place;
    struct type *type;
    if (e->kind == EXPR_STRING)
        return text_value(fn, e->string, span);
    if (e->kind == EXPR_INT)
        return text_value(fn, str_format(fn->b->arena, "%llu", (unsigned long long)e->int_value),
                          span);
    bool is_told = argument_place(fn, e, &place, &type);
    assert(is_told); // or sema has refused it
    (void)is_told;
    struct mir_operand value = operand_of(fn, place);
    if (type->kind == TYPE_STRUCT && type->structure == fn->b->program->known.string)
        return value;
    struct mir_operand shown =
        op1(fn, MIR_OP_SHOW, value, const_text(fn, STR("")).type, NULL, span);
    return keep(fn, make_string(fn, shown, NULL, span), span);
}

static void guard(struct fn *fn, struct mir_operand limits, const struct ast_ability *a,
                  struct span span) {
    struct text family = {.arena = fn->b->arena};
    for (int32_t i = 0; i < a->path.names.len; i++)
        text_printf(&family, "%s%s", i ? "." : "", a->path.names.at[i].text);
    struct mir_type *text = mir_type_for(fn->b, fn->b->program->known.string->self_type);
    struct mir_operand values = put_value(fn, inst(fn, MIR_OP_BUF_NEW, span),
                                          mir_type_of(fn->b->module, MIR_BUFFER, text), NULL);
    for (int32_t i = 0; i < a->args.len && is_reached(fn); i++) {
        struct mir_operand value = argument(fn, a->args.at[i], span);
        if (!is_reached(fn))
            return;
        struct mir_inst push = inst(fn, MIR_OP_BUF_PUSH, span);
        inst_arg(fn, &push, values);
        inst_arg(fn, &push, value);
        put(fn, push);
    }
    if (!is_reached(fn))
        return;
    struct mir_operand args[] = {limits, text_value(fn, text_str(&family), span), values};
    call_std(fn, "guard_capability", args, 3, span);
}

// A guard of the library's, which looks at the arguments.
static void guard_by(struct fn *fn, const char *name, struct mir_operand limits, int32_t count,
                     struct span span) {
    struct mir_operand *args = arena_array(fn->b->arena, struct mir_operand, count + 1);
    args[0] = limits;
    for (int32_t i = 0; i < count; i++)
        args[i + 1] = operand_of(fn, local_place(i));
    call_std(fn, name, args, count + 1, span);
}

void guard_operation(struct fn *fn, struct span span) {
    const struct sema_function *f = fn->instance->function;
    if (!f->capabilities.len && !f->guard)
        return;
    struct mir_type *bytes = const_text(fn, STR("")).type;
    struct mir_operand limits = put_value(fn, inst(fn, MIR_OP_CEILING, span), bytes, NULL);
    struct mir_operand len = op1(fn, MIR_OP_BUF_LEN, limits, prim(fn, MIR_U64), NULL, span);
    int32_t limited = block_new(fn), goes_on = block_new(fn);
    struct mir_operand none = const_int(fn, MIR_U64, 0);
    branch(fn, op2(fn, MIR_OP_EQ, len, none, prim(fn, MIR_BOOL), NULL, span), goes_on, limited,
           span);
    enter(fn, limited);
    if (f->guard)
        guard_by(fn, f->guard, limits, f->params.len, span);
    for (int32_t i = 0; !f->guard && i < f->capabilities.len && is_reached(fn); i++)
        guard(fn, limits, &f->capabilities.at[i], span);
    if (is_reached(fn))
        jump(fn, goes_on, span);
    enter(fn, goes_on);
}

static struct mir_operand set_trust(struct fn *fn, struct mir_operand trusted, struct span span) {
    return op1(fn, MIR_OP_TRUST, trusted, prim(fn, MIR_BOOL), NULL, span);
}

struct mir_operand call_trusted(struct fn *fn, struct mir_inst call, struct mir_type *result,
                                struct span span) {
    struct mir_operand was = set_trust(fn, const_bool(fn, true), span);
    int32_t pad = block_new(fn), normal, outer = fn->unwind;
    set_unwind(fn, pad);
    struct mir_operand made = const_unit(fn);
    if (result->kind == MIR_UNIT)
        put(fn, call);
    else
        made = put_value(fn, call, result, NULL);
    set_unwind(fn, outer);
    set_trust(fn, was, span);
    normal = fn->block;
    enter(fn, pad);
    struct mir_operand error = put_caught(fn, span);
    set_trust(fn, was, span);
    leave(fn, MIR_RAISE, error, span);
    enter(fn, normal);
    return made;
}
