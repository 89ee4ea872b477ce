// SPDX-License-Identifier: MIT
// Literals, operators, ranges, assignment, and values that are put together of others.
#include "frontend/mir/build/lower.h"

// ---- literals -----------------------------------------------------------------------------------

static bool is_wide_signed(const struct mir_type *t) {
    return t->kind >= MIR_I8 && t->kind <= MIR_I64;
}

static struct mir_operand number(struct fn *fn, struct mir_type *t, uint64_t bits) {
    if (t->kind == MIR_F32 || t->kind == MIR_F64) {
        struct mir_operand o = {.kind = MIR_CONST, .type = t};
        o.value.number = (double)bits;
        return o;
    }
    return const_int(fn, t->kind, bits);
}

struct mir_operand whole_number(struct fn *fn, struct mir_type *t, uint64_t magnitude,
                                bool is_negative) {
    struct mir_operand o = number(fn, t, magnitude);
    if (is_negative && is_wide_signed(t))
        o.value.bits = 0 - o.value.bits;
    else if (is_negative)
        o.value.number = -o.value.number;
    return o;
}

struct mir_operand make_string(struct fn *fn, struct mir_operand bytes,
                               const struct mir_place *want, struct span span) {
    struct sema_struct *string = fn->b->program->known.string;
    assert(string);
    struct mir_type *t = mir_type_for(fn->b, string->self_type);
    return op1(fn, MIR_OP_MAKE, bytes, t, want, span);
}

struct mir_operand lower_literal(struct fn *fn, struct ast_expr *e, const struct mir_place *want) {
    struct mir_type *t = mir_type_of_expr(fn, e);
    switch (e->kind) {
    case EXPR_INT:
        return number(fn, t, e->int_value);
    case EXPR_FLOAT: {
        struct mir_operand o = {.kind = MIR_CONST, .type = t};
        o.value.number = t->kind == MIR_F32 ? (double)(float)e->float_value : e->float_value;
        return o;
    }
    case EXPR_CHAR:
        return const_int(fn, MIR_CHAR, e->char_value);
    case EXPR_BOOL:
        return const_bool(fn, e->bool_value);
    default:
        if (t->kind == MIR_BUFFER)
            return const_text(fn, e->string);
        return make_string(fn, const_text(fn, e->string), want, e->span);
    }
}

// ---- unary --------------------------------------------------------------------------------------

struct mir_operand lower_unary(struct fn *fn, struct ast_expr *e, const struct mir_place *want) {
    if (entry(fn, e)->role == ROLE_OPERATOR)
        return lower_call(fn, e, want);
    if (e->unary.op == UNARY_PLACE)
        return lower(fn, e->unary.operand, want);
    struct mir_type *t = mir_type_of_expr(fn, e);
    struct ast_expr *operand = e->unary.operand;
    if (e->unary.op == UNARY_NEGATE && (operand->kind == EXPR_INT || operand->kind == EXPR_FLOAT)) {
        struct mir_operand o = lower_literal(fn, operand, NULL);
        if (is_wide_signed(t))
            o.value.bits = 0 - o.value.bits;
        else
            o.value.number = -o.value.number;
        return o;
    }
    struct mir_operand a = lower(fn, operand, NULL);
    return op1(fn, e->unary.op == UNARY_NEGATE ? MIR_OP_NEG : MIR_OP_NOT, a, t, want, e->span);
}

// ---- binary -------------------------------------------------------------------------------------

static const enum mir_op binary_ops[] = {
    [BINARY_ADD] = MIR_OP_ADD,     [BINARY_SUB] = MIR_OP_SUB,     [BINARY_MUL] = MIR_OP_MUL,
    [BINARY_DIV] = MIR_OP_DIV,     [BINARY_REM] = MIR_OP_REM,     [BINARY_SHL] = MIR_OP_SHL,
    [BINARY_SHR] = MIR_OP_SHR,     [BINARY_BIT_AND] = MIR_OP_AND, [BINARY_BIT_OR] = MIR_OP_OR,
    [BINARY_BIT_XOR] = MIR_OP_XOR, [BINARY_AND] = MIR_OP_AND,     [BINARY_OR] = MIR_OP_OR,
    [BINARY_EQ] = MIR_OP_EQ,       [BINARY_NE] = MIR_OP_NE,       [BINARY_LT] = MIR_OP_LT,
    [BINARY_LE] = MIR_OP_LE,       [BINARY_GT] = MIR_OP_GT,       [BINARY_GE] = MIR_OP_GE,
};

// `a && b`, `a || b`: the second is evaluated only if the first leaves it open.
static struct mir_operand lower_lazy(struct fn *fn, struct ast_expr *e,
                                     const struct mir_place *want) {
    bool is_and = e->binary.op == BINARY_AND;
    struct mir_place to = want && want->projs.len == 0 && fn->is_temp.len > want->local &&
                                  want->local >= 0 && fn->is_temp.at[want->local]
                              ? *want
                              : local_place(temp(fn, prim(fn, MIR_BOOL)));
    int32_t second = block_new(fn), known = block_new(fn), end = block_new(fn);
    struct mir_operand a = lower(fn, e->binary.left, NULL);
    branch(fn, a, is_and ? second : known, is_and ? known : second, e->span);
    enter(fn, known);
    assign(fn, to, const_bool(fn, !is_and), e->span);
    jump(fn, end, e->span);
    enter(fn, second);
    lower_to(fn, e->binary.right, to);
    jump(fn, end, e->span);
    enter(fn, end);
    return operand_of(fn, to);
}

static struct mir_operand apply_binary(struct fn *fn, enum ast_binary op, struct mir_operand a,
                                       struct mir_operand b, struct mir_type *t,
                                       const struct mir_place *want, struct span span) {
    if ((op == BINARY_SHL || op == BINARY_SHR) && b.type->kind != MIR_U64) {
        if (b.kind == MIR_CONST)
            b.type = prim(fn, MIR_U64);
        else
            b = op1(fn, MIR_OP_CONVERT, b, prim(fn, MIR_U64), NULL, span);
    }
    return op2(fn, binary_ops[op], a, b, t, want, span);
}

// `==` and `!=` are what the type's own `equals` says, if it has one, else structural.
struct mir_operand lower_compare(struct fn *fn, enum mir_op op, const struct mir_operand *sides,
                                 struct type *type, const struct mir_place *want,
                                 struct span span) {
    struct mir_type *boolean = prim(fn, MIR_BOOL);
    struct instance *equals =
        op == MIR_OP_EQ || op == MIR_OP_NE ? method_instance(fn->b, type, "equals", 1) : NULL;
    if (!equals || equals->mir->result != boolean)
        return op2(fn, op, sides[0], sides[1], boolean, want, span);
    struct mir_inst call = inst(fn, MIR_OP_CALL, span);
    call.function = equals->mir->name;
    inst_arg(fn, &call, sides[0]);
    inst_arg(fn, &call, sides[1]);
    if (op == MIR_OP_EQ)
        return put_value(fn, call, boolean, want);
    return op1(fn, MIR_OP_NOT, put_value(fn, call, boolean, NULL), boolean, want, span);
}

struct mir_operand lower_binary(struct fn *fn, struct ast_expr *e, const struct mir_place *want) {
    if (entry(fn, e)->role == ROLE_OPERATOR)
        return lower_call(fn, e, want);
    if (e->binary.op == BINARY_AND || e->binary.op == BINARY_OR)
        return lower_lazy(fn, e, want);
    struct mir_operand a = lower(fn, e->binary.left, NULL);
    if (writes(fn, e->binary.right))
        a = keep(fn, a, e->binary.left->span);
    struct mir_operand b = lower(fn, e->binary.right, NULL);
    if (!is_reached(fn))
        return const_unit(fn);
    if (e->binary.op == BINARY_EQ || e->binary.op == BINARY_NE) {
        struct mir_operand sides[] = {a, b};
        return lower_compare(fn, binary_ops[e->binary.op], sides, value_type_of(fn, e->binary.left),
                             want, e->span);
    }
    return apply_binary(fn, e->binary.op, a, b, mir_type_of_expr(fn, e), want, e->span);
}

// A range as a value: those of low and the end that is not part of it that there are.
struct mir_operand lower_range(struct fn *fn, struct ast_expr *e, const struct mir_place *want) {
    struct mir_operand parts[2];
    int32_t count = 0;
    if (e->range.low)
        parts[count++] = lower(fn, e->range.low, NULL);
    if (count && e->range.high && writes(fn, e->range.high))
        parts[0] = keep(fn, parts[0], e->span);
    if (e->range.high) {
        struct mir_operand high = lower(fn, e->range.high, NULL);
        if (e->range.is_inclusive)
            high = op2(fn, MIR_OP_ADD, high, number(fn, high.type, 1), high.type, NULL, e->span);
        parts[count++] = high;
    }
    return make_struct(fn, type_of(fn, e), -1, parts, count, want, e->span);
}

// ---- assignment ---------------------------------------------------------------------------------

static bool is_plain_variable(struct fn *fn, struct ast_expr *e) {
    return entry(fn, e)->role == ROLE_LOCAL || entry(fn, e)->role == ROLE_SELF_FIELD;
}

void lower_assign(struct fn *fn, struct ast_expr *e) {
    struct ast_expr *target = e->assign.target, *value = e->assign.value;
    if (entry(fn, e)->role == ROLE_OPERATOR) { // `a += b` of a type with an operator of its own
        struct mir_place to = lower_place(fn, target);
        struct mir_operand made = lower_call(fn, e, NULL);
        assign(fn, to, made, e->span);
        return;
    }
    if (!e->assign.is_compound && is_plain_variable(fn, target)) {
        if (entry(fn, target)->role == ROLE_LOCAL) {
            struct binding *known = binding_of(fn, entry(fn, target)->variable);
            if (known)
                known->cold = NULL;
        }
        lower_to(fn, value, lower_place(fn, target));
        return;
    }
    // The value first, then the place: nothing that the value changes is in the way.
    if (!e->assign.is_compound) {
        struct mir_operand made = lower(fn, value, NULL);
        if (writes(fn, target))
            made = keep(fn, made, value->span);
        assign(fn, lower_place(fn, target), made, e->span);
        return;
    }
    struct mir_operand b = lower(fn, value, NULL);
    if (writes(fn, target))
        b = keep(fn, b, value->span);
    struct mir_place to = lower_place(fn, target);
    if (!is_reached(fn))
        return;
    struct mir_operand a = operand_of(fn, to);
    apply_binary(fn, e->assign.op, a, b, a.type, &to, e->span);
}

// ---- conversion ---------------------------------------------------------------------------------

struct mir_operand convert(struct fn *fn, struct mir_operand a, struct type *to,
                           const struct mir_place *want, struct span span) {
    struct mir_type *t = mir_type_for(fn->b, to);
    if (a.type == t)
        return a;
    bool numbers = a.type->kind >= MIR_BOOL && a.type->kind <= MIR_F64 && t->kind >= MIR_CHAR &&
                   t->kind <= MIR_F64;
    if (!numbers)
        return unbuilt(fn, P8030, span, "this conversion is not compiled yet");
    return op1(fn, MIR_OP_CONVERT, a, t, want, span);
}

struct mir_operand nanoseconds(struct fn *fn, struct ast_expr *duration) {
    struct mir_operand d = lower(fn, duration, NULL);
    if (!is_reached(fn))
        return dead(fn, prim(fn, MIR_I64));
    struct mir_place p = materialize(fn, keep(fn, d, duration->span), duration->span);
    return operand_of(fn, place_field(fn, p, 0));
}

// ---- values of parts ----------------------------------------------------------------------------

// A value of its own type in a buffer of one item, for fields that are part of themselves.
struct mir_operand box_value(struct fn *fn, struct mir_operand a, struct span span) {
    struct mir_type *t = mir_type_box(fn->b->module, a.type);
    struct mir_inst make = inst(fn, MIR_OP_BUF_NEW, span);
    inst_arg(fn, &make, const_int(fn, MIR_U64, 1));
    struct mir_operand made = put_value(fn, make, t, NULL);
    struct mir_inst push = inst(fn, MIR_OP_BUF_PUSH, span);
    inst_arg(fn, &push, made);
    inst_arg(fn, &push, a);
    put(fn, push);
    return made;
}

struct mir_operand make_struct(struct fn *fn, struct type *t, int32_t variant,
                               struct mir_operand *fields, int32_t count,
                               const struct mir_place *want, struct span span) {
    if (type_is_unit(t))
        return const_unit(fn);
    if (type_is_transparent(t)) {
        assert(count == 1);
        return fields[0];
    }
    for (int32_t i = 0; i < count; i++)
        if (field_is_boxed(fn->b, t, variant, i))
            fields[i] = box_value(fn, fields[i], span);
    struct mir_inst i = inst(fn, variant >= 0 ? MIR_OP_VARIANT : MIR_OP_MAKE, span);
    i.number = variant >= 0 ? variant : 0;
    for (int32_t k = 0; k < count; k++)
        inst_arg(fn, &i, fields[k]);
    return put_value(fn, i, mir_type_for(fn->b, t), want);
}

static struct mir_operand lower_tuple(struct fn *fn, struct ast_expr *e,
                                      const struct mir_place *want) {
    int32_t count = e->sequence.elements.len;
    struct mir_operand *parts = arena_array(fn->b->arena, struct mir_operand, count + 1);
    for (int32_t i = 0; i < count; i++) {
        parts[i] = lower(fn, e->sequence.elements.at[i], NULL);
        for (int32_t k = i + 1; k < count; k++)
            if (writes(fn, e->sequence.elements.at[k]))
                parts[i] = keep(fn, parts[i], e->span);
    }
    return make_struct(fn, type_of(fn, e), -1, parts, count, want, e->span);
}

static struct mir_operand lower_list(struct fn *fn, struct ast_expr *e) {
    struct type *t = type_of(fn, e);
    if (!type_is_transparent(t) && t->kind != TYPE_BUFFER)
        return unbuilt(fn, P8030, e->span, "a literal of this kind of list is not compiled yet");
    int32_t count = e->sequence.elements.len;
    struct mir_inst make = inst(fn, MIR_OP_BUF_NEW, e->span);
    if (count > 0)
        inst_arg(fn, &make, const_int(fn, MIR_U64, (uint64_t)count));
    struct mir_operand made = put_value(fn, make, mir_type_for(fn->b, t), NULL);
    for (int32_t i = 0; i < count; i++) {
        struct ast_expr *element = e->sequence.elements.at[i];
        struct mir_operand value = lower(fn, element, NULL);
        struct mir_inst push = inst(fn, MIR_OP_BUF_PUSH, element->span);
        inst_arg(fn, &push, made);
        inst_arg(fn, &push, value);
        put(fn, push);
    }
    return made;
}

struct mir_operand lower_field_default(struct fn *fn, const struct type *t, int32_t field) {
    struct sema_module *module = fn->module;
    struct env env = fn->env;
    assert(t->kind == TYPE_STRUCT && t->structure->fields.at[field].value);
    fn->module = t->structure->module;
    fn->env.params = &t->structure->params;
    fn->env.args.at = t->args;
    fn->env.args.len = t->arg_count;
    struct mir_operand made = lower(fn, t->structure->fields.at[field].value, NULL);
    fn->module = module;
    fn->env = env;
    return made;
}

static struct mir_operand literal_field(struct fn *fn, struct type *t,
                                        const struct sema_literal *literal, int32_t field,
                                        const struct mir_operand *base) {
    struct ast_expr *value = literal->fields.at[field].value;
    if (value)
        return lower(fn, value, NULL);
    if (base)
        return operand_of(fn, typed_field(fn, base->place, t, literal->variant, field));
    return lower_field_default(fn, t, field);
}

static const char *field_name(const struct type *t, int32_t variant, int32_t field) {
    return t->kind == TYPE_ENUM ? t->enumeration->variants.at[variant].fields.at[field].name
                                : t->structure->fields.at[field].name;
}

// Fields in the order of the source, those that are not written last.
static struct mir_operand lower_struct_literal(struct fn *fn, struct ast_expr *e,
                                               const struct mir_place *want) {
    const struct sema_literal *literal = entry(fn, e)->literal;
    struct type *t = type_of(fn, e);
    int32_t count = literal->fields.len;
    struct mir_operand *parts = arena_array(fn->b->arena, struct mir_operand, count + 1);
    bool has_base = literal->base != NULL;
    struct mir_operand base = {0};
    for (int32_t order = 0; order < count; order++) {
        for (int32_t i = 0; i < count; i++) {
            const struct sema_arg *arg = &literal->fields.at[i];
            if (!arg->value || arg->order != order)
                continue;
            const char *label = fn->label;
            fn->label = field_name(t, literal->variant, i);
            parts[i] = lower(fn, arg->value, NULL);
            fn->label = label;
            for (int32_t k = 0; k < count; k++)
                if (literal->fields.at[k].value && literal->fields.at[k].order > order &&
                    writes(fn, literal->fields.at[k].value))
                    parts[i] = keep(fn, parts[i], e->span);
        }
    }
    if (has_base) {
        base.place = lower_place(fn, literal->base);
        base.kind = MIR_COPY;
    }
    for (int32_t i = 0; i < count; i++)
        if (!literal->fields.at[i].value)
            parts[i] = literal_field(fn, t, literal, i, has_base ? &base : NULL);
    if (!is_reached(fn))
        return dead(fn, mir_type_for(fn->b, t));
    return make_struct(fn, t, literal->variant, parts, count, want, e->span);
}

struct mir_operand lower_aggregate(struct fn *fn, struct ast_expr *e,
                                   const struct mir_place *want) {
    switch (e->kind) {
    case EXPR_TUPLE:
        return lower_tuple(fn, e, want);
    case EXPR_LIST:
        return lower_list(fn, e);
    default:
        return lower_struct_literal(fn, e, want);
    }
}
