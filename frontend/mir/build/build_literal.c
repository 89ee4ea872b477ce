// SPDX-License-Identifier: MIT
// Values as a program would write them: for each type of a property's input there is a function
// `$literal<T>(text, value)` that appends the expression to a text. `{}` (the operation `show`)
// says less: it leaves out the names of enums and shows texts without quotes.
#include "frontend/mir/build/lower.h"

#include <math.h>

void literal_say(struct fn *fn, struct mir_operand text, struct str words) {
    struct mir_inst i = inst(fn, MIR_OP_BUF_APPEND, fn->instance->span);
    inst_arg(fn, &i, text);
    inst_arg(fn, &i, const_text(fn, words));
    put(fn, i);
}

static void append(struct fn *fn, struct mir_operand text, struct mir_operand bytes) {
    struct mir_inst i = inst(fn, MIR_OP_BUF_APPEND, fn->instance->span);
    inst_arg(fn, &i, text);
    inst_arg(fn, &i, bytes);
    put(fn, i);
}

static struct mir_type *bytes_type(struct fn *fn) {
    return mir_type_of(fn->b->module, MIR_BUFFER, prim(fn, MIR_U8));
}

static struct instance *literal_instance(struct build *b, struct type *t, struct span span) {
    struct str key = str_format(b->arena, "literal:%d", (int)t->id);
    struct instance *i = map_get(&b->instances, key);
    if (i)
        return i;
    i = instance_new(b, CODE_LITERAL, str_format(b->arena, "$literal<%s>", type_path(b, t)).data);
    map_put(b->arena, &b->instances, key, i);
    i->type = t;
    i->span = span;
    i->mir->loc = loc_of(b, span);
    i->mir->result = mir_type_prim(b->module, MIR_UNIT);
    struct mir_type *bytes = mir_type_of(b->module, MIR_BUFFER, mir_type_prim(b->module, MIR_U8));
    mir_local_new(b->module, i->mir, bytes, "text");
    mir_local_new(b->module, i->mir, mir_type_for(b, t), "value");
    vec_push(b->arena, &i->mir->modes, MIR_PARAM_MUT);
    vec_push(b->arena, &i->mir->modes, MIR_PARAM_LEND);
    i->mir->param_count = 2;
    return i;
}

void literal_put(struct fn *fn, struct mir_operand text, struct mir_operand value, struct type *t) {
    struct instance *i = literal_instance(fn->b, t, fn->instance->span);
    struct mir_inst call = inst(fn, MIR_OP_CALL, fn->instance->span);
    call.function = i->mir->name;
    inst_arg(fn, &call, text);
    inst_arg(fn, &call, value);
    put(fn, call);
}

// ---- the kinds of types -------------------------------------------------------------------------

static void put_shown(struct fn *fn, struct mir_operand text, struct mir_operand value) {
    append(fn, text, op1(fn, MIR_OP_SHOW, value, bytes_type(fn), NULL, fn->instance->span));
}

// What is no number has no literal; divisions by zero give it.
static void put_float(struct fn *fn, struct mir_operand text, struct mir_operand value) {
    static const struct {
        double number;
        const char *words;
    } odd[] = {{HUGE_VAL, "(1.0 / 0.0)"}, {-HUGE_VAL, "(-1.0 / 0.0)"}};
    struct span span = fn->instance->span;
    struct mir_type *boolean = prim(fn, MIR_BOOL);
    int32_t out = block_new(fn), next = block_new(fn), nan = block_new(fn);
    branch(fn, op2(fn, MIR_OP_EQ, value, value, boolean, NULL, span), next, nan, span);
    enter(fn, nan);
    literal_say(fn, text, STR("(0.0 / 0.0)"));
    jump(fn, out, span);
    enter(fn, next);
    for (int i = 0; i < 2; i++) {
        struct mir_operand bound = {.kind = MIR_CONST, .type = value.type};
        bound.value.number = odd[i].number;
        int32_t here = block_new(fn);
        next = block_new(fn);
        branch(fn, op2(fn, MIR_OP_EQ, value, bound, boolean, NULL, span), here, next, span);
        enter(fn, here);
        literal_say(fn, text, str_from(odd[i].words));
        jump(fn, out, span);
        enter(fn, next);
    }
    put_shown(fn, text, value);
    jump(fn, out, span);
    enter(fn, out);
}

// Quoted, as it is shown inside of a list: what stands between the brackets.
static void put_quoted(struct fn *fn, struct mir_operand text, struct mir_operand value) {
    struct span span = fn->instance->span;
    struct mir_type *list = mir_type_of(fn->b->module, MIR_BUFFER, value.type);
    struct mir_type *u64 = prim(fn, MIR_U64);
    struct mir_operand one = put_value(fn, inst(fn, MIR_OP_BUF_NEW, span), list, NULL);
    struct mir_inst push = inst(fn, MIR_OP_BUF_PUSH, span);
    inst_arg(fn, &push, one);
    inst_arg(fn, &push, value);
    put(fn, push);
    struct mir_operand shown = op1(fn, MIR_OP_SHOW, one, bytes_type(fn), NULL, span);
    struct mir_operand len = op1(fn, MIR_OP_BUF_LEN, shown, u64, NULL, span);
    struct mir_inst slice = inst(fn, MIR_OP_BUF_SLICE, span);
    inst_arg(fn, &slice, shown);
    inst_arg(fn, &slice, const_int(fn, MIR_U64, 1));
    inst_arg(fn, &slice, op2(fn, MIR_OP_SUBW, len, const_int(fn, MIR_U64, 1), u64, NULL, span));
    append(fn, text, put_value(fn, slice, bytes_type(fn), NULL));
}

// The fields of a tuple, a struct or a variant, with what stands around them.
static void put_fields(struct fn *fn, struct type *t, int32_t variant, enum ast_shape shape,
                       int32_t count) {
    struct mir_operand text = operand_of(fn, local_place(0));
    const char *open = shape == SHAPE_RECORD ? " { " : "(",
               *close = shape == SHAPE_RECORD ? " }" : ")";
    if (shape == SHAPE_UNIT)
        return;
    literal_say(fn, text, str_from(open));
    for (int32_t i = 0; i < count; i++) {
        if (i)
            literal_say(fn, text, STR(", "));
        if (shape == SHAPE_RECORD)
            literal_say(fn, text,
                        str_format(fn->b->arena, "%s: ",
                                   variant < 0
                                       ? t->structure->fields.at[i].name
                                       : t->enumeration->variants.at[variant].fields.at[i].name));
        struct mir_place field = typed_field(fn, local_place(1), t, variant, i);
        literal_put(fn, text, operand_of(fn, field),
                    sema_field_type(fn->b->program, t, variant, i));
    }
    if (t->kind == TYPE_TUPLE && count == 1)
        literal_say(fn, text, STR(","));
    literal_say(fn, text, str_from(close));
}

static void put_enum(struct fn *fn, struct type *t) {
    struct span span = fn->instance->span;
    const struct sema_enum *e = t->enumeration;
    struct mir_operand text = operand_of(fn, local_place(0));
    struct mir_operand tag =
        op1(fn, MIR_OP_TAG, operand_of(fn, local_place(1)), prim(fn, MIR_U32), NULL, span);
    int32_t out = block_new(fn);
    for (int32_t v = 0; v < e->variants.len; v++) {
        int32_t here = block_new(fn), next = block_new(fn);
        branch(fn,
               op2(fn, MIR_OP_EQ, tag, const_int(fn, MIR_U32, (uint64_t)v), prim(fn, MIR_BOOL),
                   NULL, span),
               here, next, span);
        enter(fn, here);
        if (!e->module->is_std)
            literal_say(fn, text, str_format(fn->b->arena, "%s.", e->name));
        literal_say(fn, text, str_from(e->variants.at[v].name));
        put_fields(fn, t, v, e->variants.at[v].shape, e->variants.at[v].fields.len);
        jump(fn, out, span);
        enter(fn, next);
    }
    jump(fn, out, span);
    enter(fn, out);
}

static void put_items(struct fn *fn, struct type *item) {
    struct span span = fn->instance->span;
    struct mir_operand text = operand_of(fn, local_place(0));
    struct mir_type *u64 = prim(fn, MIR_U64), *boolean = prim(fn, MIR_BOOL);
    struct mir_place counter = local_place(temp(fn, u64));
    struct mir_operand at = operand_of(fn, counter);
    int32_t head = block_new(fn), body = block_new(fn), comma = block_new(fn), one = block_new(fn),
            out = block_new(fn);
    literal_say(fn, text, STR("["));
    struct mir_operand len =
        op1(fn, MIR_OP_BUF_LEN, operand_of(fn, local_place(1)), u64, NULL, span);
    assign(fn, counter, const_int(fn, MIR_U64, 0), span);
    jump(fn, head, span);
    enter(fn, head);
    branch(fn, op2(fn, MIR_OP_LT, at, len, boolean, NULL, span), body, out, span);
    enter(fn, body);
    branch(fn, op2(fn, MIR_OP_GT, at, const_int(fn, MIR_U64, 0), boolean, NULL, span), comma, one,
           span);
    enter(fn, comma);
    literal_say(fn, text, STR(", "));
    jump(fn, one, span);
    enter(fn, one);
    literal_put(fn, text, operand_of(fn, place_index(fn, local_place(1), at)), item);
    op2(fn, MIR_OP_ADDW, at, const_int(fn, MIR_U64, 1), u64, &counter, span);
    jump(fn, head, span);
    enter(fn, out);
    literal_say(fn, text, STR("]"));
}

// Of a map, a set or a queue: the list that it is collected from.
static bool put_collected(struct fn *fn, struct type *t) {
    struct instance *iter = method_instance(fn->b, t, "iter", 0);
    if (!iter || !t->structure->module->is_std)
        return false;
    struct mir_operand text = operand_of(fn, local_place(0));
    struct mir_inst call = inst(fn, MIR_OP_CALL, fn->instance->span);
    call.function = iter->mir->name;
    inst_arg(fn, &call, operand_of(fn, local_place(1)));
    struct mir_operand list = put_value(fn, call, iter->mir->result, NULL);
    literal_put(fn, text, list, subst(fn->b, &iter->env, iter->function->result));
    literal_say(fn, text, STR(".collect()"));
    return true;
}

static void put_struct(struct fn *fn, struct type *t) {
    struct mir_operand text = operand_of(fn, local_place(0)),
                       value = operand_of(fn, local_place(1));
    const struct sema_known *known = &fn->b->program->known;
    struct type *first =
        t->structure->fields.len ? sema_field_type(fn->b->program, t, -1, 0) : NULL;
    if (t->structure == known->string) {
        put_quoted(fn, text, value);
    } else if (t->structure == known->duration) {
        literal_say(fn, text, STR("Duration.from_nanoseconds("));
        literal_put(fn, text, operand_of(fn, typed_field(fn, local_place(1), t, -1, 0)), first);
        literal_say(fn, text, STR(")"));
    } else if (t->structure->is_distinct) {
        literal_say(fn, text, str_format(fn->b->arena, "%s(", t->structure->name));
        literal_put(fn, text, value, first);
        literal_say(fn, text, STR(")"));
    } else if (type_is_transparent(t)) {
        literal_put(fn, text, value, first);
    } else if (!put_collected(fn, t)) {
        literal_say(fn, text, str_from(t->structure->name));
        put_fields(fn, t, -1, t->structure->shape, t->structure->fields.len);
    }
}

void lower_literal_function(struct fn *fn) {
    struct type *t = fn->instance->type;
    struct mir_operand text = operand_of(fn, local_place(0)),
                       value = operand_of(fn, local_place(1));
    switch (t->kind) {
    case TYPE_F32:
    case TYPE_F64:
        put_float(fn, text, value);
        break;
    case TYPE_CHAR:
        put_quoted(fn, text, value);
        break;
    case TYPE_TUPLE:
        put_fields(fn, t, -1, SHAPE_TUPLE, t->arg_count);
        break;
    case TYPE_BUFFER:
        put_items(fn, t->args[0]);
        break;
    case TYPE_STRUCT:
        put_struct(fn, t);
        break;
    case TYPE_ENUM:
        put_enum(fn, t);
        break;
    default:
        put_shown(fn, text, value);
    }
    leave(fn, MIR_RETURN, const_unit(fn), fn->instance->span);
}
