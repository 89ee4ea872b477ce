// SPDX-License-Identifier: MIT
// Formats and assertions.
#include "frontend/mir/build/lower.h"

// ---- text ---------------------------------------------------------------------------------------

// The bytes of a value as `{}` shows it: what its own `to_string` says, if it has one.
static struct mir_operand show(struct fn *fn, struct mir_operand a, struct type *t,
                               struct span span) {
    const struct sema_known *known = &fn->b->program->known;
    if (type_is_known(fn->b, t, known->string))
        return operand_of(fn, place_field(fn, materialize(fn, a, span), 0));
    struct instance *to_string = method_instance(fn->b, t, "to_string", 0);
    if (!to_string || to_string->mir->result != mir_type_for(fn->b, known->string->self_type))
        return op1(fn, MIR_OP_SHOW, a, const_text(fn, STR("")).type, NULL, span);
    struct mir_inst call = inst(fn, MIR_OP_CALL, span);
    call.function = to_string->mir->name;
    inst_arg(fn, &call, a);
    struct mir_operand text = put_value(fn, call, to_string->mir->result, NULL);
    return operand_of(fn, place_field(fn, text.place, 0));
}

// A function of the library's `Format`; `of` is what its type parameter is, or NULL.
static struct instance *format_function(struct fn *fn, const char *name, struct type *of) {
    const struct typed_program *p = fn->b->program;
    struct sema_function *f = NULL;
    for (int32_t i = 0; i < p->functions.len && !f; i++) {
        struct sema_function *at = p->functions.at[i];
        if (at->self_type && at->self_type == p->known.format->self_type &&
            strcmp(at->name, name) == 0)
            f = at;
    }
    assert(f && f->type_params.len == (of != NULL));
    struct env env = {.params = &f->type_params};
    if (of) {
        env.args.at = arena_array(fn->b->arena, struct type *, 1);
        env.args.at[0] = of;
        env.args.len = 1;
    }
    return instance_of(fn->b, f, env, NULL);
}

// The bytes of the text that it gives.
static struct mir_operand call_format(struct fn *fn, struct instance *f,
                                      const struct mir_operand *args, int32_t count,
                                      struct span span) {
    struct mir_inst call = inst(fn, MIR_OP_CALL, span);
    call.function = f->mir->name;
    for (int32_t i = 0; i < count; i++)
        inst_arg(fn, &call, args[i]);
    struct mir_operand text = put_value(fn, call, f->mir->result, NULL);
    return operand_of(fn, place_field(fn, text.place, 0));
}

static bool is_text(const struct fn *fn, const struct type *t) {
    return type_is_known(fn->b, t, fn->b->program->known.string);
}

// Before it is put into its width.
static struct mir_operand show_by(struct fn *fn, struct mir_operand a, struct type *t,
                                  const struct sema_format_spec *how, struct span span) {
    if (how->form == '?' && (is_text(fn, t) || t->kind == TYPE_CHAR))
        return call_format(fn, format_function(fn, "quoted", t), &a, 1, span);
    if (how->form == '?')
        return op1(fn, MIR_OP_SHOW, a, const_text(fn, STR("")).type, NULL, span);
    if (how->form) {
        uint64_t base = how->form == 'b' ? 2 : how->form == 'o' ? 8 : 16;
        struct mir_operand args[] = {a, const_int(fn, MIR_U64, base),
                                     const_bool(fn, how->form == 'X')};
        return call_format(fn, format_function(fn, "in_base", t), args, 3, span);
    }
    if (how->precision < 0)
        return show(fn, a, t, span);
    struct mir_operand digits = const_int(fn, MIR_U64, (uint64_t)how->precision);
    if (is_text(fn, t))
        return call_format(fn, format_function(fn, "cut", NULL), (struct mir_operand[]){a, digits},
                           2, span);
    struct mir_type *f64 = prim(fn, MIR_F64);
    if (a.type != f64)
        a = op1(fn, MIR_OP_CONVERT, a, f64, NULL, span);
    return call_format(fn, format_function(fn, "fixed", NULL), (struct mir_operand[]){a, digits}, 2,
                       span);
}

static struct mir_operand shown(struct fn *fn, const struct sema_format_piece *p) {
    const struct sema_format_spec *how = &p->spec;
    struct span span = p->value->span;
    struct mir_operand a = lower(fn, p->value, NULL);
    if (!is_reached(fn))
        return const_text(fn, STR(""));
    struct type *t = value_type_of(fn, p->value);
    struct mir_operand bytes = show_by(fn, a, t, how, span);
    if (how->width == 0 && !how->plus)
        return bytes;
    bool is_number = type_is_integer(t) || type_is_float(t);
    char side = how->side ? how->side : is_number ? '>' : '<';
    struct mir_operand args[] = {
        make_string(fn, bytes, NULL, span),
        const_int(fn, MIR_U64, (uint64_t)how->width),
        const_int(fn, MIR_CHAR, how->fill ? how->fill : ' '),
        const_int(fn, MIR_CHAR, (uint64_t)side),
        const_bool(fn, how->plus),
        const_bool(fn, how->zeros),
    };
    return call_format(fn, format_function(fn, "framed", NULL), args, 6, span);
}

static void append(struct fn *fn, struct mir_operand to, struct mir_operand bytes,
                   struct span span) {
    struct mir_inst i = inst(fn, MIR_OP_BUF_APPEND, span);
    inst_arg(fn, &i, to);
    inst_arg(fn, &i, bytes);
    put(fn, i);
}

struct mir_operand lower_format(struct fn *fn, struct sema_format *f, struct span span) {
    if (!f || f->pieces.len == 0)
        return const_text(fn, STR(""));
    if (f->pieces.len == 1)
        return f->pieces.at[0].value ? shown(fn, &f->pieces.at[0])
                                     : const_text(fn, f->pieces.at[0].text);
    struct mir_operand text =
        put_value(fn, inst(fn, MIR_OP_BUF_NEW, span), const_text(fn, STR("")).type, NULL);
    for (int32_t i = 0; i < f->pieces.len; i++) {
        const struct sema_format_piece *p = &f->pieces.at[i];
        struct mir_operand bytes = p->value ? shown(fn, p) : const_text(fn, p->text);
        append(fn, text, bytes, span);
    }
    return text;
}

static void put_print(struct fn *fn, int32_t stream, struct mir_operand text, struct span span) {
    struct mir_inst i = inst(fn, MIR_OP_PRINT, span);
    i.number = stream;
    inst_arg(fn, &i, text);
    put(fn, i);
}

// ---- failing with a text that is made at run time -----------------------------------------------

void raise_text(struct fn *fn, enum failure kind, struct mir_operand text, struct span span) {
    if (text.kind == MIR_CONST) {
        trap(fn, kind, text.value.text, span);
        return;
    }
    if (text.type->kind == MIR_BUFFER)
        text = make_string(fn, text, NULL, span);
    struct mir_inst i = inst(fn, MIR_OP_ERROR_TEXT, span);
    i.number = (int32_t)kind;
    inst_arg(fn, &i, text);
    struct mir_operand error = put_value(fn, i, prim(fn, MIR_ERROR), NULL);
    leave(fn, MIR_RAISE, error, span);
}

struct str source_of(const struct ast_expr *e) {
    struct span s = e->span;
    if (!s.source || s.end <= s.start)
        return STR("");
    return (struct str){s.source->text.data + s.start, (size_t)(s.end - s.start)};
}

static bool is_literal(const struct ast_expr *e) {
    return (e->kind >= EXPR_INT && e->kind <= EXPR_BOOL) ||
           (e->kind == EXPR_UNARY && is_literal(e->unary.operand));
}

// "a == b: a is 3, b is 4", literals left out.
static struct mir_operand explain(struct fn *fn, struct str what, struct ast_expr *const *sides,
                                  const struct mir_operand *values, struct span span) {
    struct mir_operand text =
        put_value(fn, inst(fn, MIR_OP_BUF_NEW, span), const_text(fn, STR("")).type, NULL);
    append(fn, text, const_text(fn, what), span);
    const char *before = ": ";
    for (int i = 0; i < 2; i++) {
        if (is_literal(sides[i]))
            continue;
        struct str name = source_of(sides[i]);
        struct str said = str_format(fn->b->arena, "%s%.*s is ", before, STR_ARGS(name));
        append(fn, text, const_text(fn, said), span);
        append(fn, text, show(fn, values[i], value_type_of(fn, sides[i]), span), span);
        before = ", ";
    }
    return text;
}

static bool can_be_shown(const struct type *t) {
    return t->kind != TYPE_FN && t->kind != TYPE_FUTURE && t->kind != TYPE_SCOPE &&
           t->kind != TYPE_REPLY;
}

static void fail_assert(struct fn *fn, const struct sema_macro *m, struct mir_operand text,
                        struct span span) {
    if (m->format)
        text = lower_format(fn, m->format, span);
    raise_text(fn, FAILURE_ASSERT, text, span);
}

// Two sides that are compared.
static void assert_sides(struct fn *fn, const struct sema_macro *m, enum mir_op op,
                         struct ast_expr *const *sides, struct str what, struct span span) {
    struct mir_operand values[2];
    values[0] = keep(fn, lower(fn, sides[0], NULL), span);
    values[1] = keep(fn, lower(fn, sides[1], NULL), span);
    if (!is_reached(fn))
        return;
    int32_t good = block_new(fn), bad = block_new(fn);
    struct type *type = value_type_of(fn, sides[0]);
    branch(fn, lower_compare(fn, op, values, type, NULL, span), good, bad, span);
    enter(fn, bad);
    struct mir_operand text = const_text(fn, what);
    if (!m->format && can_be_shown(value_type_of(fn, sides[0])))
        text = explain(fn, what, sides, values, span);
    fail_assert(fn, m, text, span);
    enter(fn, good);
}

static bool is_comparison(struct fn *fn, const struct ast_expr *e) {
    return e->kind == EXPR_BINARY && e->binary.op >= BINARY_EQ && entry(fn, e)->role == ROLE_NONE;
}

static void lower_assert(struct fn *fn, const struct sema_macro *m, struct span span) {
    static const enum mir_op ops[] = {
        [BINARY_EQ] = MIR_OP_EQ, [BINARY_NE] = MIR_OP_NE, [BINARY_LT] = MIR_OP_LT,
        [BINARY_LE] = MIR_OP_LE, [BINARY_GT] = MIR_OP_GT, [BINARY_GE] = MIR_OP_GE,
    };
    struct ast_expr *e = m->args.at[0];
    if (is_comparison(fn, e)) {
        struct ast_expr *sides[] = {e->binary.left, e->binary.right};
        assert_sides(fn, m, ops[e->binary.op], sides, source_of(e), span);
        return;
    }
    struct mir_operand condition = lower(fn, e, NULL);
    if (!is_reached(fn))
        return;
    int32_t good = block_new(fn), bad = block_new(fn);
    branch(fn, condition, good, bad, span);
    enter(fn, bad);
    fail_assert(fn, m, const_text(fn, source_of(e)), span);
    enter(fn, good);
}

static void lower_never(struct fn *fn, const struct sema_macro *m, struct span span) {
    struct mir_operand condition = lower(fn, m->args.at[0], NULL);
    if (!is_reached(fn))
        return;
    int32_t good = block_new(fn), bad = block_new(fn);
    branch(fn, condition, bad, good, span);
    enter(fn, bad);
    struct str text =
        str_format(fn->b->arena, "`%.*s` must never be so", STR_ARGS(source_of(m->args.at[0])));
    fail_assert(fn, m, const_text(fn, text), span);
    enter(fn, good);
}

// What is said is what the program says of it, if that has no values in it.
static void lower_sometimes(struct fn *fn, const struct sema_macro *m, struct span span) {
    struct mir_operand condition = lower(fn, m->args.at[0], NULL);
    if (!is_reached(fn))
        return;
    struct str text = source_of(m->args.at[0]);
    if (m->format && m->format->pieces.len == 1 && !m->format->pieces.at[0].value)
        text = m->format->pieces.at[0].text;
    struct mir_inst i = inst(fn, MIR_OP_SOMETIMES, span);
    inst_arg(fn, &i, condition);
    inst_arg(fn, &i, const_text(fn, text));
    put(fn, i);
}

static void lower_assert_pair(struct fn *fn, const struct sema_macro *m, struct span span) {
    bool is_eq = m->kind == MACRO_ASSERT_EQ;
    struct str what = str_format(fn->b->arena, "%.*s %s %.*s", STR_ARGS(source_of(m->args.at[0])),
                                 is_eq ? "==" : "!=", STR_ARGS(source_of(m->args.at[1])));
    assert_sides(fn, m, is_eq ? MIR_OP_EQ : MIR_OP_NE, m->args.at, what, span);
}

struct mir_operand lower_macro(struct fn *fn, struct ast_expr *e, const struct mir_place *want) {
    const struct sema_macro *m = entry(fn, e)->macro;
    switch (m->kind) {
    case MACRO_FORMAT:
        return make_string(fn, lower_format(fn, m->format, e->span), want, e->span);
    case MACRO_PRINT:
    case MACRO_EPRINT:
        put_print(fn, m->kind == MACRO_PRINT ? 1 : 2, lower_format(fn, m->format, e->span),
                  e->span);
        return const_unit(fn);
    case MACRO_ALWAYS:
    case MACRO_ASSERT:
        lower_assert(fn, m, e->span);
        return const_unit(fn);
    case MACRO_ASSERT_EQ:
    case MACRO_ASSERT_NE:
        lower_assert_pair(fn, m, e->span);
        return const_unit(fn);
    case MACRO_PANIC:
    case MACRO_UNREACHABLE: {
        bool is_panic = m->kind == MACRO_PANIC;
        struct mir_operand text =
            m->format ? lower_format(fn, m->format, e->span) : const_text(fn, STR(""));
        raise_text(fn, is_panic ? FAILURE_PANIC : FAILURE_UNREACHABLE, text, e->span);
        return const_unit(fn);
    }
    case MACRO_NEVER:
        lower_never(fn, m, e->span);
        return const_unit(fn);
    case MACRO_SOMETIMES:
        lower_sometimes(fn, m, e->span);
        return const_unit(fn);
    case MACRO_ASSERT_EVENTUALLY:
        break;
    }
    lower_eventually(fn, m, e->span);
    return const_unit(fn);
}
