// SPDX-License-Identifier: MIT
// Traits as types. The whole program is at hand, so a value of which only the trait is known is an
// enum of the types that implement it: plain data, compared, hashed, printed and sent as any other,
// and calling one of the trait's functions is a switch. Types of generic impls come to the enum
// when a value of them is first seen; functions that were made before are then made anew.
#include "frontend/mir/build/lower.h"

static struct trait_value *value_of(struct build *b, const struct type *t) {
    for (int32_t i = 0; i < b->trait_values.len; i++)
        if (b->trait_values.at[i].trait == t)
            return &b->trait_values.at[i];
    return NULL;
}

// `part` is the type of the field.
static void add_variant(struct build *b, struct type *trait, struct mir_type *made, struct type *t,
                        struct mir_type *part) {
    struct mir_variant v = {.name = intern(&b->module->names, str_from(type_path(b, t)))};
    vec_push(b->arena, &value_of(b, trait)->types, t);
    vec_push(b->arena, &v.types, part);
    vec_push(b->arena, &made->variants, v);
}

void fill_trait(struct build *b, struct type *t, struct mir_type *made) {
    vec_push(b->arena, &b->trait_values, (struct trait_value){.trait = t});
    made->mark = MIR_MARK_TRAIT;
    for (int32_t i = 0; i < t->trait->implementers.len; i++) {
        const struct sema_implementer *one = &t->trait->implementers.at[i];
        bool same = one->args.len == t->arg_count;
        for (int32_t k = 0; same && k < t->arg_count; k++)
            same = one->args.at[k] == t->args[k];
        if (same)
            add_variant(b, t, made, one->type, part_type(b, one->type));
    }
}

static int32_t variant_of(struct build *b, struct type *trait, struct type *of) {
    struct mir_type *made = mir_type_for(b, trait);
    struct trait_value *v = value_of(b, trait);
    for (int32_t i = 0; i < v->types.len; i++)
        if (v->types.at[i] == of)
            return i;
    // Boxed, since a value of the trait may be part of it.
    add_variant(b, trait, made, of, mir_type_box(b->module, mir_type_for(b, of)));
    return value_of(b, trait)->types.len - 1;
}

// The field's type where it is not the value's own.
static bool is_boxed(struct build *b, struct type *trait, int32_t variant) {
    return mir_type_for(b, trait)->variants.at[variant].types.at[0] !=
           mir_type_for(b, value_of(b, trait)->types.at[variant]);
}

struct mir_operand make_trait_value(struct fn *fn, struct mir_operand value, struct type *of,
                                    struct type *trait, const struct mir_place *want,
                                    struct span span) {
    if (of == trait)
        return value;
    int32_t variant = variant_of(fn->b, trait, of);
    if (is_boxed(fn->b, trait, variant))
        value = box_value(fn, value, span);
    struct mir_inst i = inst(fn, MIR_OP_VARIANT, span);
    i.number = variant;
    inst_arg(fn, &i, value);
    return put_value(fn, i, mir_type_for(fn->b, trait), want);
}

// ---- calling ------------------------------------------------------------------------------------

struct instance *dispatch_instance(struct build *b, struct sema_function *f, struct env env) {
    struct type *trait = env.args.at[0];
    struct str key = str_format(b->arena, "dispatch:%d:%d", (int)f->number, (int)trait->id);
    struct instance *i = map_get(&b->instances, key);
    if (i)
        return i;
    mir_type_for(b, trait);
    i = instance_new(b, CODE_DISPATCH,
                     str_format(b->arena, "%s.%s", type_path(b, trait), f->name).data);
    map_put(b->arena, &b->instances, key, i);
    i->function = f;
    i->module = f->module;
    i->env = env;
    i->type = trait;
    i->mir->loc = loc_of(b, f->span);
    i->mir->result = mir_type_for(b, subst(b, &env, f->result));
    declare_params(b, i);
    vec_push(b->arena, &b->dispatchers, i);
    return i;
}

static struct instance *target(struct fn *fn, struct type *t) {
    struct instance *i = fn->instance;
    struct sema_use use = {.function = i->function};
    use.type_args.len = i->env.args.len;
    use.type_args.at = arena_array(fn->b->arena, struct type *, i->env.args.len);
    for (int32_t k = 0; k < i->env.args.len; k++)
        use.type_args.at[k] = k == 0 ? t : i->env.args.at[k];
    return use_instance(fn, &use, true, i->function->span);
}

static void call_variant(struct fn *fn, int32_t variant) {
    struct type *trait = fn->instance->type;
    struct span span = fn->instance->function->span;
    struct instance *callee = target(fn, value_of(fn->b, trait)->types.at[variant]);
    if (!callee) {
        leave(fn, MIR_UNREACHABLE, const_unit(fn), span);
        return;
    }
    struct mir_place self = place_variant(fn, local_place(0), variant, 0);
    if (is_boxed(fn->b, trait, variant))
        self = place_index(fn, self, const_int(fn, MIR_U64, 0));
    struct mir_inst call = inst(fn, MIR_OP_CALL, span);
    call.function = callee->mir->name;
    inst_arg(fn, &call, operand_of(fn, self));
    for (int32_t k = 1; k < fn->f->param_count; k++)
        inst_arg(fn, &call, operand_of(fn, local_place(k)));
    bool is_unit = fn->f->result->kind == MIR_UNIT;
    if (is_unit) {
        put(fn, call);
        leave(fn, MIR_RETURN, const_unit(fn), span);
        return;
    }
    leave(fn, MIR_RETURN, put_value(fn, call, fn->f->result, NULL), span);
}

void lower_dispatch(struct fn *fn) {
    struct instance *i = fn->instance;
    struct span span = i->function->span;
    i->variants = value_of(fn->b, i->type)->types.len;
    struct mir_operand tag = op1(fn, MIR_OP_TAG, operand_of(fn, local_place(0)),
                                 prim(fn, MIR_U32), NULL, span);
    for (int32_t v = 0; v < i->variants; v++) {
        if (v + 1 == i->variants) {
            call_variant(fn, v);
            return;
        }
        int32_t here = block_new(fn), next = block_new(fn);
        branch(fn, op2(fn, MIR_OP_EQ, tag, const_int(fn, MIR_U32, (uint64_t)v),
                       prim(fn, MIR_BOOL), NULL, span),
               here, next, span);
        enter(fn, here);
        call_variant(fn, v);
        enter(fn, next);
    }
    leave(fn, MIR_UNREACHABLE, const_unit(fn), span);
}

bool lower_dispatchers(struct build *b) {
    bool any = false;
    for (int32_t i = 0; i < b->dispatchers.len; i++) {
        struct instance *d = b->dispatchers.at[i];
        if (d->variants == value_of(b, d->type)->types.len)
            continue;
        lower_again(b, d);
        any = true;
    }
    return any;
}
