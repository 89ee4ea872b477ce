// SPDX-License-Identifier: MIT
// Properties: tests whose inputs are chosen by decisions of the run.
//
// For each type of an input there is a function `$any<T>(depth)` that makes a value of `random`
// operations: small numbers mostly, short texts and lists. Fewer and smaller decisions give simpler
// values, which is what shrinking a failure comes down to.
#include "frontend/mir/build/lower.h"

enum {
    ANY_SMALL = 20,     // numbers are mostly between -20 and 20
    ANY_TEXT_MAX = 8,   // characters
    ANY_ITEMS_MAX = 6,  // of a list
    ANY_DEPTH_MAX = 4,  // deeper enums are of their simplest variant
    ANY_WIDE_ONE_IN = 8 // numbers of all sizes
};

static struct mir_operand draw(struct fn *fn, uint64_t low, uint64_t high) {
    return op2(fn, MIR_OP_RANDOM, const_int(fn, MIR_U64, low), const_int(fn, MIR_U64, high),
               prim(fn, MIR_U64), NULL, fn->instance->span);
}

static struct mir_operand to(struct fn *fn, struct mir_operand a, struct mir_type *t) {
    return a.type == t ? a : op1(fn, MIR_OP_CONVERT, a, t, NULL, fn->instance->span);
}

static struct mir_operand is(struct fn *fn, struct mir_operand a, uint64_t wanted) {
    return op2(fn, MIR_OP_EQ, a, const_int(fn, MIR_U64, wanted), prim(fn, MIR_BOOL), NULL,
               fn->instance->span);
}

// ---- numbers and texts
// ----------------------------------------------------------------------------

static int bits_of(enum mir_type_kind k) {
    static const int bits[] = {8, 16, 32, 64};
    return bits[(k - MIR_I8) % 4];
}

static void any_integer(struct fn *fn, struct mir_type *t) {
    struct span span = fn->instance->span;
    bool is_signed = t->kind <= MIR_I64;
    int32_t wide = block_new(fn), small = block_new(fn), negative = block_new(fn),
            positive = block_new(fn);
    branch(fn, is(fn, draw(fn, 0, ANY_WIDE_ONE_IN - 1), ANY_WIDE_ONE_IN - 1), wide, small, span);
    enter(fn, small);
    struct mir_operand n = to(fn, draw(fn, 0, is_signed ? 2 * ANY_SMALL : ANY_SMALL), t);
    if (is_signed)
        n = op2(fn, MIR_OP_SUB, n, const_int(fn, t->kind, ANY_SMALL), t, NULL, span);
    leave(fn, MIR_RETURN, n, span);
    enter(fn, wide);
    int bits = bits_of(t->kind) - is_signed;
    struct mir_operand w = to(fn, draw(fn, 0, bits == 64 ? UINT64_MAX : (1ull << bits) - 1), t);
    if (!is_signed) {
        leave(fn, MIR_RETURN, w, span);
        return;
    }
    branch(fn, is(fn, draw(fn, 0, 1), 1), negative, positive, span);
    enter(fn, negative);
    leave(fn, MIR_RETURN, op1(fn, MIR_OP_NEG, w, t, NULL, span), span);
    enter(fn, positive);
    leave(fn, MIR_RETURN, w, span);
}

static struct mir_operand any_float(struct fn *fn, struct mir_type *t) {
    struct span span = fn->instance->span;
    struct mir_operand thousand = {.kind = MIR_CONST, .type = t}, ten = thousand;
    thousand.value.number = 1000;
    ten.value.number = 10;
    struct mir_operand n = to(fn, draw(fn, 0, 2000), t);
    n = op2(fn, MIR_OP_SUB, n, thousand, t, NULL, span);
    return op2(fn, MIR_OP_DIV, n, ten, t, NULL, span);
}

static struct mir_operand any_letter(struct fn *fn) {
    return draw(fn, 'a', 'z');
}

// ---- buffers
// --------------------------------------------------------------------------------------

static struct mir_operand call_any(struct fn *fn, struct type *t) {
    struct span span = fn->instance->span;
    struct instance *i = any_instance(fn->b, t, span);
    struct mir_inst call = inst(fn, MIR_OP_CALL, span);
    call.function = i->mir->name;
    struct mir_operand depth = const_int(fn, MIR_U64, 0);
    if (fn->instance->kind == CODE_ANY)
        depth = op2(fn, MIR_OP_ADDW, operand_of(fn, local_place(0)), const_int(fn, MIR_U64, 1),
                    prim(fn, MIR_U64), NULL, span);
    inst_arg(fn, &call, depth);
    return put_value(fn, call, i->mir->result, NULL);
}

// Up to `max` items; `item` NULL stands for letters as bytes.
static struct mir_operand any_buffer(struct fn *fn, struct type *item, uint64_t max) {
    struct span span = fn->instance->span;
    struct mir_type *of = item ? mir_type_for(fn->b, item) : prim(fn, MIR_U8);
    struct mir_operand made = put_value(fn, inst(fn, MIR_OP_BUF_NEW, span),
                                        mir_type_of(fn->b->module, MIR_BUFFER, of), NULL);
    struct mir_operand left = draw(fn, 0, max);
    struct mir_place counter = local_place(temp(fn, prim(fn, MIR_U64)));
    assign(fn, counter, const_int(fn, MIR_U64, 0), span);
    struct mir_operand at = operand_of(fn, counter);
    int32_t head = block_new(fn), body = block_new(fn), out = block_new(fn);
    jump(fn, head, span);
    enter(fn, head);
    branch(fn, op2(fn, MIR_OP_LT, at, left, prim(fn, MIR_BOOL), NULL, span), body, out, span);
    enter(fn, body);
    struct mir_inst push = inst(fn, MIR_OP_BUF_PUSH, span);
    inst_arg(fn, &push, made);
    inst_arg(fn, &push, item ? call_any(fn, item) : to(fn, any_letter(fn), of));
    put(fn, push);
    op2(fn, MIR_OP_ADDW, at, const_int(fn, MIR_U64, 1), prim(fn, MIR_U64), &counter, span);
    jump(fn, head, span);
    enter(fn, out);
    return made;
}

// ---- structs and enums
// ------------------------------------------------------------------------------

static struct mir_operand any_fields(struct fn *fn, struct type *t, int32_t variant,
                                     int32_t count) {
    struct mir_operand *parts = arena_array(fn->b->arena, struct mir_operand, count + 1);
    for (int32_t i = 0; i < count; i++)
        parts[i] = call_any(fn, sema_field_type(fn->b->program, t, variant, i));
    return make_struct(fn, t, variant, parts, count, NULL, fn->instance->span);
}

static int32_t simplest_variant(const struct sema_enum *e) {
    int32_t best = 0;
    for (int32_t i = 1; i < e->variants.len; i++)
        if (e->variants.at[i].fields.len < e->variants.at[best].fields.len)
            best = i;
    return best;
}

static void any_enum(struct fn *fn, struct type *t) {
    struct span span = fn->instance->span;
    int32_t count = t->enumeration->variants.len, simplest = simplest_variant(t->enumeration);
    struct mir_place which = local_place(temp(fn, prim(fn, MIR_U64)));
    int32_t deep = block_new(fn), free = block_new(fn), chosen = block_new(fn);
    struct mir_operand limit = const_int(fn, MIR_U64, ANY_DEPTH_MAX);
    branch(
        fn,
        op2(fn, MIR_OP_GT, operand_of(fn, local_place(0)), limit, prim(fn, MIR_BOOL), NULL, span),
        deep, free, span);
    enter(fn, deep);
    assign(fn, which, const_int(fn, MIR_U64, (uint64_t)simplest), span);
    jump(fn, chosen, span);
    enter(fn, free);
    assign(fn, which, draw(fn, 0, (uint64_t)count - 1), span);
    jump(fn, chosen, span);
    enter(fn, chosen);
    for (int32_t v = 0; v < count; v++) {
        int32_t here = block_new(fn), next = block_new(fn);
        branch(fn, is(fn, operand_of(fn, which), (uint64_t)v), here, next, span);
        enter(fn, here);
        leave(fn, MIR_RETURN, any_fields(fn, t, v, t->enumeration->variants.at[v].fields.len),
              span);
        enter(fn, next);
    }
    leave(fn, MIR_UNREACHABLE, const_unit(fn), span);
}

// A map or a set is collected from a list.
static bool any_collected(struct fn *fn, struct type *t) {
    struct build *b = fn->b;
    if (t->structure != b->program->known.map && t->structure != b->program->known.set)
        return false;
    for (int32_t i = 0; i < b->program->functions.len; i++) {
        struct sema_function *f = b->program->functions.at[i];
        if (strcmp(f->name, "collect_from") != 0 || !f->self_type ||
            f->self_type->kind != TYPE_STRUCT || f->self_type->structure != t->structure)
            continue;
        struct env env = {.params = &f->type_params, .args = {t->args, t->arg_count}};
        struct instance *callee = instance_of(b, f, env, NULL);
        struct mir_inst call = inst(fn, MIR_OP_CALL, fn->instance->span);
        call.function = callee->mir->name;
        inst_arg(fn, &call, call_any(fn, subst(b, &env, f->params.at[0].type)));
        leave(fn, MIR_RETURN, put_value(fn, call, callee->mir->result, NULL), fn->instance->span);
        return true;
    }
    return false;
}

static void any_struct(struct fn *fn, struct type *t) {
    struct span span = fn->instance->span;
    const struct sema_known *known = &fn->b->program->known;
    if (t->structure == known->string) {
        leave(fn, MIR_RETURN, make_string(fn, any_buffer(fn, NULL, ANY_TEXT_MAX), NULL, span),
              span);
        return;
    }
    if (type_is_transparent(t)) {
        leave(fn, MIR_RETURN, call_any(fn, sema_field_type(fn->b->program, t, -1, 0)), span);
        return;
    }
    if (any_collected(fn, t))
        return;
    if (t->structure->module->is_std && t->structure != known->duration) {
        unbuilt(fn, P8030, span, "an input of this type is not compiled yet");
        return;
    }
    leave(fn, MIR_RETURN, any_fields(fn, t, -1, t->structure->fields.len), span);
}

// ---- the generator
// ----------------------------------------------------------------------------------

struct instance *any_instance(struct build *b, struct type *t, struct span span) {
    struct str key = str_format(b->arena, "any:%d", (int)t->id);
    struct instance *i = map_get(&b->instances, key);
    if (i)
        return i;
    i = instance_new(b, CODE_ANY, str_format(b->arena, "$any<%s>", type_path(b, t)).data);
    map_put(b->arena, &b->instances, key, i);
    i->type = t;
    i->span = span;
    i->mir->loc = loc_of(b, span);
    i->mir->result = mir_type_for(b, t);
    mir_local_new(b->module, i->mir, mir_type_prim(b->module, MIR_U64), "depth");
    vec_push(b->arena, &i->mir->modes, MIR_PARAM_LEND);
    i->mir->param_count = 1;
    return i;
}

void lower_any_value(struct fn *fn) {
    struct type *t = fn->instance->type;
    struct span span = fn->instance->span;
    if (type_is_integer(t)) {
        any_integer(fn, mir_type_for(fn->b, t));
        return;
    }
    switch (t->kind) {
    case TYPE_BOOL:
        leave(fn, MIR_RETURN, is(fn, draw(fn, 0, 1), 1), span);
        return;
    case TYPE_CHAR:
        leave(fn, MIR_RETURN, to(fn, to(fn, any_letter(fn), prim(fn, MIR_U32)), prim(fn, MIR_CHAR)),
              span);
        return;
    case TYPE_F32:
    case TYPE_F64:
        leave(fn, MIR_RETURN, any_float(fn, mir_type_for(fn->b, t)), span);
        return;
    case TYPE_BUFFER:
        leave(fn, MIR_RETURN, any_buffer(fn, t->args[0], ANY_ITEMS_MAX), span);
        return;
    case TYPE_TUPLE:
        leave(fn, MIR_RETURN, any_fields(fn, t, -1, t->arg_count), span);
        return;
    case TYPE_STRUCT:
        any_struct(fn, t);
        return;
    case TYPE_ENUM:
        any_enum(fn, t);
        return;
    default:
        unbuilt(fn, P8030, span, "an input of this type is not compiled yet");
    }
}

// ---- the test
// ---------------------------------------------------------------------------------------

// A test without parameters that draws the inputs and runs the property with them.
struct instance *property_instance(struct build *b, struct sema_function *f) {
    const char *name = str_format(b->arena, "%s$inputs", f->path).data;
    struct instance *i = instance_new(b, CODE_PROPERTY, name);
    i->function = f;
    i->module = f->module;
    i->env.params = &f->type_params;
    i->span = f->span;
    i->mir->loc = loc_of(b, f->span);
    return i;
}

static void say(struct fn *fn, struct mir_operand text, struct mir_operand bytes) {
    struct mir_inst i = inst(fn, MIR_OP_BUF_APPEND, fn->instance->span);
    inst_arg(fn, &i, text);
    inst_arg(fn, &i, bytes);
    put(fn, i);
}

// When the property fails: "inputs: list = [1, 2], n = 3", then on with the failure.
static void tell_inputs(struct fn *fn, const struct mir_inst *call) {
    struct sema_function *f = fn->instance->function;
    struct span span = f->span;
    struct mir_operand error =
        put_value(fn, inst(fn, MIR_OP_CAUGHT, span), prim(fn, MIR_ERROR), NULL);
    struct mir_type *bytes = const_text(fn, STR("")).type;
    struct mir_operand text = put_value(fn, inst(fn, MIR_OP_BUF_NEW, span), bytes, NULL);
    for (int32_t k = 0; k < f->params.len; k++) {
        struct str name =
            str_format(fn->b->arena, "%s%s = ", k ? ", " : "inputs: ", f->params.at[k].name);
        say(fn, text, const_text(fn, name));
        say(fn, text, op1(fn, MIR_OP_SHOW, call->args.at[k], bytes, NULL, span));
    }
    say(fn, text, const_text(fn, STR("\n")));
    struct mir_inst print = inst(fn, MIR_OP_PRINT, span);
    print.number = 2;
    inst_arg(fn, &print, text);
    put(fn, print);
    leave(fn, MIR_RAISE, error, span);
}

void lower_property(struct fn *fn) {
    struct instance *i = fn->instance;
    struct sema_function *f = i->function;
    struct instance *body = instance_of(fn->b, f, i->env, NULL);
    struct mir_inst call = inst(fn, MIR_OP_CALL, i->span);
    call.function = body->mir->name;
    for (int32_t k = 0; k < f->params.len; k++) {
        i->span = f->params.at[k].span;
        inst_arg(fn, &call, call_any(fn, subst(fn->b, &i->env, f->params.at[k].type)));
    }
    int32_t pad = block_new(fn);
    if (f->params.len > 0)
        set_unwind(fn, pad);
    put(fn, call);
    set_unwind(fn, -1);
    leave(fn, MIR_RETURN, const_unit(fn), f->span);
    enter(fn, pad);
    tell_inputs(fn, &call);
}
