// SPDX-License-Identifier: MIT
// Constants. An integer constant without a type of its own is like a literal: it takes the type
// that is asked of it, wherever it is used.
#include "frontend/sema/check.h"

// Wider than all integer types, so that what is computed of them is exact.
__extension__ typedef __int128 wide;

// A whole number of any of the integer types.
struct whole {
    bool is_negative;
    uint64_t magnitude;
};

// What no integer type has is no constant number.
static bool whole_of(wide value, struct whole *out) {
    if (value < INT64_MIN || value > (wide)UINT64_MAX)
        return false;
    *out = (struct whole){value < 0, value < 0 ? (uint64_t)-value : (uint64_t)value};
    return true;
}

static bool compute(enum ast_binary op, wide a, wide b, wide *out) {
    switch (op) {
    case BINARY_ADD:
        *out = a + b;
        return true;
    case BINARY_SUB:
        *out = a - b;
        return true;
    case BINARY_MUL:
        return !__builtin_mul_overflow(a, b, out);
    case BINARY_DIV:
    case BINARY_REM:
        if (b == 0)
            return false;
        *out = op == BINARY_DIV ? a / b : a % b;
        return true;
    default: // bits depend on the type
        return false;
    }
}

static bool fold(struct checker *c, const struct ast_expr *e, wide *out) {
    wide left, right;
    struct whole whole;
    switch (e->kind) {
    case EXPR_INT:
        *out = e->int_value;
        return true;
    case EXPR_UNARY:
        if (e->unary.op != UNARY_NEGATE || !fold(c, e->unary.operand, &left))
            return false;
        *out = -left;
        return true;
    case EXPR_BINARY:
        return fold(c, e->binary.left, &left) && fold(c, e->binary.right, &right) &&
               compute(e->binary.op, left, right, out) && whole_of(*out, &whole);
    case EXPR_NAME:
    case EXPR_MEMBER: {
        const struct sema_expr *at = info(c, e);
        if (at->role != ROLE_CONST || !at->constant->adapts)
            return false;
        *out = at->constant->magnitude;
        *out = at->constant->is_negative ? -*out : *out;
        return true;
    }
    default:
        return false;
    }
}

bool constant_count(struct checker *c, const struct ast_expr *e, int64_t *out) {
    const struct sema_expr *at = info(c, e);
    bool is_typed = at->role == ROLE_CONST && !at->constant->adapts;
    wide value;
    // What a constant of a type of its own is made of belongs to another place: a number is one
    // anywhere.
    if (is_typed && at->constant->value->kind != EXPR_INT)
        return false;
    if (!fold(c, is_typed ? at->constant->value : e, &value) || value < 1 || value >= INT32_MAX)
        return false;
    *out = (int64_t)value;
    return true;
}

void constant_fold(struct checker *c, struct sema_const *k) {
    wide value;
    struct whole whole;
    if (resolve(k->type)->kind != TYPE_I64 || !fold(c, k->value, &value) ||
        !whole_of(value, &whole))
        return;
    k->adapts = true;
    k->is_negative = whole.is_negative;
    k->magnitude = whole.magnitude;
}

struct type *constant_value(struct checker *c, struct ast_expr *e, struct sema_const *k,
                            const struct want *want) {
    check_const(c, k);
    info(c, e)->role = ROLE_CONST;
    info(c, e)->constant = k;
    if (!k->adapts)
        return k->type;
    return check_integer(c, e, k->magnitude, k->is_negative, want);
}
