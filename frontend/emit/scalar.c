// SPDX-License-Identifier: MIT
// Arithmetic, comparison, conversion, text and hash of values.
#include "frontend/emit/inner.h"

#include <assert.h>

static bool is_signed(const struct mir_type *t) {
    return t->kind >= MIR_I8 && t->kind <= MIR_I64;
}
static bool is_integer(const struct mir_type *t) {
    return t->kind >= MIR_I8 && t->kind <= MIR_U64;
}
static bool is_float(const struct mir_type *t) {
    return t->kind == MIR_F32 || t->kind == MIR_F64;
}
// Compared by C's operators.
static bool is_word(const struct mir_type *t) {
    return t->kind >= MIR_BOOL && t->kind <= MIR_F64;
}

static int width_bits(const struct mir_type *t) {
    static const int widths[] = {8, 16, 32, 64};
    assert(is_integer(t));
    return widths[(t->kind - MIR_I8) % 4];
}

// Stores a value that does not look at the operands any more after this.
static void finish(struct body *b, const struct mir_inst *i, const struct mir_type *t,
                   const char *value) {
    bool moves = false;
    for (int32_t n = 0; n < i->args.len; n++)
        moves |= i->args.at[n].kind == MIR_MOVE && !i->args.at[n].type->plain;
    if (moves || !t->plain)
        value = c_temp(b, t, value);
    drop_moved(b, i, 0);
    hold(b, t, value);
    store(b, &i->dst, value);
}

static const struct mir_type *result_type(struct body *b, const struct mir_inst *i) {
    return place_type(b, &i->dst);
}

// ---- arithmetic -----------------------------------------------------------------------------

static void checked(struct body *b, const struct mir_inst *i, const char *builtin, const char *x,
                    const char *y) {
    const struct mir_type *t = result_type(b, i);
    const char *value = c_temp(b, t, "0");
    open_block(b, "if (PRISM_RARE(__builtin_%s_overflow(%s, %s, &%s))) {", builtin, x, y, value);
    c_trap(b, "OVERFLOW", NULL);
    close_block(b);
    store(b, &i->dst, value);
}

static void wrapped(struct body *b, const struct mir_inst *i, const char *builtin) {
    const char *x = lend(b, &i->args.at[0]), *y = lend(b, &i->args.at[1]);
    const char *value = c_temp(b, result_type(b, i), "0");
    line(b, "(void)__builtin_%s_overflow(%s, %s, &%s);", builtin, x, y, value);
    store(b, &i->dst, value);
}

static bool is_constant(const struct mir_operand *o, int64_t value) {
    return o->kind == MIR_CONST && (int64_t)o->value.bits == value;
}

static void divide(struct body *b, const struct mir_inst *i, const char *x, const char *y) {
    const struct mir_type *t = result_type(b, i);
    const struct mir_operand *divisor = &i->args.at[1];
    if (divisor->kind != MIR_CONST || is_constant(divisor, 0)) {
        open_block(b, "if (PRISM_RARE(%s == 0)) {", y);
        c_trap(b, "DIVISION", NULL);
        close_block(b);
    }
    if (is_signed(t) && (divisor->kind != MIR_CONST || is_constant(divisor, -1))) {
        open_block(b, "if (PRISM_RARE(%s == -1 && %s == INT%d_MIN)) {", y, x, width_bits(t));
        c_trap(b, "OVERFLOW", NULL);
        close_block(b);
    }
    store(b, &i->dst,
          emit_format(b->e, "(%s)(%s %c %s)", emit_type(b->e, t)->c, x,
                      i->op == MIR_OP_DIV ? '/' : '%', y));
}

static void arithmetic(struct body *b, const struct mir_inst *i) {
    static const struct {
        char sign;
        const char *builtin;
    } ops[] = {{'+', "add"}, {'-', "sub"}, {'*', "mul"}, {'/', NULL}, {'%', NULL}};
    size_t op = (size_t)(i->op - MIR_OP_ADD);
    const char *x = lend(b, &i->args.at[0]), *y = lend(b, &i->args.at[1]);
    const struct mir_type *t = result_type(b, i);
    if (is_float(t) && i->op == MIR_OP_REM)
        store(b, &i->dst,
              emit_format(b->e, "__builtin_fmod%s(%s, %s)", t->kind == MIR_F32 ? "f" : "", x, y));
    else if (is_float(t))
        store(b, &i->dst, emit_format(b->e, "%s %c %s", x, ops[op].sign, y));
    else if (ops[op].builtin)
        checked(b, i, ops[op].builtin, x, y);
    else
        divide(b, i, x, y);
}

static void bitwise(struct body *b, const struct mir_inst *i) {
    const char *x = lend(b, &i->args.at[0]), *y = lend(b, &i->args.at[1]);
    char sign = i->op == MIR_OP_AND ? '&' : i->op == MIR_OP_OR ? '|' : '^';
    store(b, &i->dst,
          emit_format(b->e, "(%s)(%s %c %s)", emit_type(b->e, result_type(b, i))->c, x, sign, y));
}

// Left: what leaves at the top is gone. Right: as the sign says.
static void shift(struct body *b, const struct mir_inst *i) {
    const char *x = lend(b, &i->args.at[0]), *y = lend(b, &i->args.at[1]);
    const struct mir_type *t = result_type(b, i);
    const struct mir_operand *count = &i->args.at[1];
    if (count->kind != MIR_CONST || count->value.bits >= (uint64_t)width_bits(t)) {
        open_block(b, "if (PRISM_RARE(%s >= %d)) {", y, width_bits(t));
        c_trap(b, "SHIFT", NULL);
        close_block(b);
    }
    if (count->kind == MIR_CONST && count->value.bits >= (uint64_t)width_bits(t))
        y = "0"; // never reached, but C compilers look at it
    const char *c = emit_type(b->e, t)->c;
    store(b, &i->dst,
          i->op == MIR_OP_SHR ? emit_format(b->e, "(%s)(%s >> %s)", c, x, y)
                              : emit_format(b->e, "(%s)((uint64_t)%s << %s)", c, x, y));
}

static void negate(struct body *b, const struct mir_inst *i) {
    const char *x = lend(b, &i->args.at[0]);
    const struct mir_type *t = result_type(b, i);
    if (is_float(t))
        store(b, &i->dst, emit_format(b->e, "-%s", x));
    else
        checked(b, i, "sub", emit_format(b->e, "(%s)0", emit_type(b->e, t)->c), x);
}

static void invert(struct body *b, const struct mir_inst *i) {
    const char *x = lend(b, &i->args.at[0]);
    const struct mir_type *t = result_type(b, i);
    store(b, &i->dst,
          t->kind == MIR_BOOL ? emit_format(b->e, "!%s", x)
                              : emit_format(b->e, "(%s)~%s", emit_type(b->e, t)->c, x));
}

// ---- comparison -----------------------------------------------------------------------------

// The buffer of integers that a value is, or is a struct of, as text is; NULL when it is neither.
static const char *run_of(struct body *b, const struct mir_type *t, const char *lvalue,
                          const struct mir_type **element) {
    if (t->kind == MIR_STRUCT && t->mark == MIR_MARK_STRING) {
        lvalue = emit_format(b->e, "%s.%s", lvalue, emit_field(b->e, t, 0));
        t = t->fields.at[0].type;
    }
    if (t->kind != MIR_BUFFER || t->box || t->element->kind < MIR_BOOL ||
        t->element->kind > MIR_U64)
        return NULL;
    *element = t->element;
    return lvalue;
}

static bool is_tag_only(const struct mir_type *t) {
    for (int32_t i = 0; i < t->variants.len; i++)
        if (t->variants.at[i].types.len)
            return false;
    return t->kind == MIR_ENUM;
}

static const char *by_descriptor(struct body *b, const struct mir_inst *i, const char *function) {
    const char *x = lend_lvalue(b, &i->args.at[0]), *y = lend_lvalue(b, &i->args.at[1]);
    return emit_format(b->e, "%s(cx, &%s, &%s, &%s)", function,
                       emit_type(b->e, i->args.at[0].type)->descriptor, x, y);
}

// Text is compared in line.
static const char *equal(struct body *b, const struct mir_inst *i) {
    const struct mir_type *t = i->args.at[0].type, *element = NULL;
    if (!run_of(b, t, "", &element))
        return by_descriptor(b, i, "prism_equal");
    const char *x = run_of(b, t, lend(b, &i->args.at[0]), &element);
    const char *y = run_of(b, t, lend(b, &i->args.at[1]), &element);
    return emit_format(b->e, "prism_buffer_same(%s, %s, sizeof(%s))", x, y,
                       emit_type(b->e, element)->c);
}

static void compare(struct body *b, const struct mir_inst *i) {
    static const char *const signs[] = {"==", "!=", "<", "<=", ">", ">="};
    const char *sign = signs[i->op - MIR_OP_EQ];
    const struct mir_type *t = i->args.at[0].type;
    const char *value;
    if (is_word(t))
        value =
            emit_format(b->e, "%s %s %s", lend(b, &i->args.at[0]), sign, lend(b, &i->args.at[1]));
    else if (is_tag_only(t))
        value = emit_format(b->e, "%s.tag %s %s.tag", lend(b, &i->args.at[0]), sign,
                            lend(b, &i->args.at[1]));
    else if (i->op == MIR_OP_EQ)
        value = equal(b, i);
    else if (i->op == MIR_OP_NE)
        value = emit_format(b->e, "!%s", equal(b, i));
    else
        value = emit_format(b->e, "%s %s 0", by_descriptor(b, i, "prism_compare"), sign);
    finish(b, i, result_type(b, i), value);
}

static void order(struct body *b, const struct mir_inst *i) {
    const struct mir_type *t = i->args.at[0].type;
    if (!is_word(t) || is_float(t)) {
        finish(b, i, result_type(b, i), by_descriptor(b, i, "prism_compare"));
        return;
    }
    const char *x = lend(b, &i->args.at[0]), *y = lend(b, &i->args.at[1]);
    store(b, &i->dst, emit_format(b->e, "%s < %s ? -1 : %s > %s", x, y, x, y));
}

static void whole(struct body *b, const struct mir_inst *i, const char *function) {
    const char *x = lend_lvalue(b, &i->args.at[0]);
    finish(b, i, result_type(b, i),
           emit_format(b->e, "%s(cx, &%s, &%s)", function,
                       emit_type(b->e, i->args.at[0].type)->descriptor, x));
}

static void hash(struct body *b, const struct mir_inst *i) {
    const struct mir_type *t = i->args.at[0].type, *element = NULL;
    if (!run_of(b, t, "", &element)) {
        whole(b, i, "prism_hash");
        return;
    }
    const char *x = run_of(b, t, lend(b, &i->args.at[0]), &element);
    finish(b, i, result_type(b, i),
           emit_format(b->e, "prism_hash_run(%s, sizeof(%s))", x, emit_type(b->e, element)->c));
}

static const char *const formats[] = {"PRISM_JSON", "PRISM_JSON_PRETTY", "PRISM_CBOR"};

static void encode(struct body *b, const struct mir_inst *i) {
    const char *x = lend_lvalue(b, &i->args.at[0]);
    finish(b, i, result_type(b, i),
           emit_format(b->e, "prism_encode(cx, %s, &%s, &%s)", formats[i->number],
                       emit_type(b->e, i->args.at[0].type)->descriptor, x));
}

static void decode(struct body *b, const struct mir_inst *i) {
    const struct mir_type *t = result_type(b, i);
    const char *x = lend(b, &i->args.at[0]), *made = c_temp(b, t, emit_zero(b->e, t));
    line(b, "prism_decode(cx, %s, &%s, %s, (prism_decoded *)&%s);", formats[i->number],
         emit_type(b->e, t->fields.at[0].type->element)->descriptor, x, made);
    drop_moved(b, i, 0);
    hold(b, t, made);
    fail_if_failed(b);
    store(b, &i->dst, made);
}

// ---- conversion -----------------------------------------------------------------------------

// The condition under which a float is a value of an integer type: a whole number within its
// bounds, which nan is not. The bounds are powers of two (or one beside, where a double holds
// that), so they are exact; within them C's conversion is defined, and comes back equal if nothing
// was cut off.
static const char *float_fits(struct body *b, const char *x, const struct mir_type *to) {
    static const char *const above[] = {"0x1p7", "0x1p15", "0x1p31", "0x1p63",
                                        "0x1p8", "0x1p16", "0x1p32", "0x1p64"};
    static const char *const below[] = {"> -129.0", "> -32769.0", "> -2147483649.0", ">= -0x1p63",
                                        "> -1.0",   "> -1.0",     "> -1.0",          "> -1.0"};
    int at = to->kind - MIR_I8;
    return emit_format(b->e, "((double)%s %s && (double)%s < %s && (double)(%s)%s == (double)%s)",
                       x, below[at], x, above[at], emit_type(b->e, to)->c, x, x);
}

// Is every value of the one integer type a value of the other?
static bool widens(const struct mir_type *from, const struct mir_type *to) {
    if (!is_integer(from) || !is_integer(to) || (is_signed(from) && !is_signed(to)))
        return false;
    return width_bits(to) >= width_bits(from) + (is_signed(to) && !is_signed(from));
}

// The condition under which a conversion keeps the value; NULL when it always does. A float takes
// any
// number, rounded, but what is finite stays finite.
static const char *fits(struct body *b, const char *x, const struct mir_type *from,
                        const struct mir_type *to) {
    struct emitter *e = b->e;
    if (from == to || widens(from, to) || to->kind == MIR_F64 ||
        (to->kind == MIR_F32 && from->kind != MIR_F64))
        return NULL;
    if (to->kind == MIR_F32)
        return emit_format(
            e, "(!(__builtin_fabs(%s) <= 0x1.fffffep127) ? !__builtin_isfinite(%s) : true)", x, x);
    if (to->kind == MIR_CHAR)
        return emit_format(e,
                           "(%s >= 0 && (uint64_t)%s <= 0x10ffff && ((uint64_t)%s < 0xd800 || "
                           "(uint64_t)%s > 0xdfff))",
                           x, x, x, x);
    if (is_float(from))
        return float_fits(b, x, to);
    if (to->kind == MIR_BOOL)
        return emit_format(e, "(%s == 0 || %s == 1)", x, x);
    const char *t = c_temp(b, to, "0");
    return emit_format(e, "!__builtin_add_overflow(%s, 0, &%s)", x, t);
}

static void convert(struct body *b, const struct mir_inst *i) {
    const struct mir_type *from = i->args.at[0].type, *to = result_type(b, i);
    const char *x = lend(b, &i->args.at[0]);
    if (from->kind == MIR_BOOL)
        x = emit_format(b->e, "(uint8_t)%s", x);
    const char *condition = fits(b, x, from, to);
    if (condition) {
        open_block(b, "if (PRISM_RARE(!%s)) {", condition);
        c_trap(b, "CONVERT", NULL);
        close_block(b);
    }
    store(b, &i->dst, emit_format(b->e, "(%s)%s", emit_type(b->e, to)->c, x));
}

static void ask_fits(struct body *b, const struct mir_inst *i) {
    const char *x = lend(b, &i->args.at[0]);
    if (i->args.at[0].type->kind == MIR_BOOL)
        x = emit_format(b->e, "(uint8_t)%s", x);
    const char *condition = fits(b, x, i->args.at[0].type, i->type);
    store(b, &i->dst, condition ? condition : "true");
}

// All nan are one, whatever sign the machine gave them.
static void bits(struct body *b, const struct mir_inst *i) {
    const char *x = lend_lvalue(b, &i->args.at[0]);
    const char *value = c_temp(b, result_type(b, i), "0");
    line(b, "__builtin_memcpy(&%s, &%s, sizeof %s);", value, x, value);
    if (is_float(i->args.at[0].type))
        line(b, "%s = %s != %s ? 0x7ff8000000000000u : %s;", value, x, x, value);
    store(b, &i->dst, value);
}

// What is exact may be computed by the compiler of C; the rest it would round in its own way.
static void math(struct body *b, const struct mir_inst *i) {
    static const char *const names[] = {
        "__builtin_sqrt", "__builtin_floor", "__builtin_ceil", "__builtin_trunc", "__builtin_round",
        "prism_pow",      "prism_sin",       "prism_cos",      "prism_exp",       "prism_ln"};
    const char *x = lend(b, &i->args.at[0]), *name = names[i->number];
    store(b, &i->dst,
          i->number == MIR_POW ? emit_format(b->e, "%s(%s, %s)", name, x, lend(b, &i->args.at[1]))
                               : emit_format(b->e, "%s(%s)", name, x));
}

void emit_scalar(struct body *b, const struct mir_inst *i) {
    switch (i->op) {
    case MIR_OP_NEG:
        negate(b, i);
        break;
    case MIR_OP_NOT:
        invert(b, i);
        break;
    case MIR_OP_ADD:
    case MIR_OP_SUB:
    case MIR_OP_MUL:
    case MIR_OP_DIV:
    case MIR_OP_REM:
        arithmetic(b, i);
        break;
    case MIR_OP_ADDW:
        wrapped(b, i, "add");
        break;
    case MIR_OP_SUBW:
        wrapped(b, i, "sub");
        break;
    case MIR_OP_MULW:
        wrapped(b, i, "mul");
        break;
    case MIR_OP_AND:
    case MIR_OP_OR:
    case MIR_OP_XOR:
        bitwise(b, i);
        break;
    case MIR_OP_SHL:
    case MIR_OP_SHR:
        shift(b, i);
        break;
    case MIR_OP_CMP:
        order(b, i);
        break;
    case MIR_OP_HASH:
        hash(b, i);
        break;
    case MIR_OP_SHOW:
        whole(b, i, "prism_show");
        break;
    case MIR_OP_ENCODE:
        encode(b, i);
        break;
    case MIR_OP_DECODE:
        decode(b, i);
        break;
    case MIR_OP_CONVERT:
        convert(b, i);
        break;
    case MIR_OP_FITS:
        ask_fits(b, i);
        break;
    case MIR_OP_BITS:
        bits(b, i);
        break;
    case MIR_OP_MATH:
        math(b, i);
        break;
    default:
        assert(i->op >= MIR_OP_EQ && i->op <= MIR_OP_GE);
        compare(b, i);
        break;
    }
}
