// SPDX-License-Identifier: MIT
// Integers and conditions. Overflow traps in Prism, so on the path that goes on a sum is the sum.
#include "checker/ops.h"

struct con ops_negated(struct con c) {
    struct con n = c;
    switch (c.rel) {
    case CON_GE:
        if (!lin_add(&n.l, lin_const(-1), -1, c.l)) // cannot fail: the numbers are those of c
            n.l = lin_const(0);
        return n;
    case CON_EQ:
        n.rel = CON_NE;
        return n;
    case CON_NE:
        n.rel = CON_EQ;
        return n;
    }
    return n;
}

static const struct mir_type *result_type(const struct mir_function *f, const struct mir_inst *in) {
    return mir_place_type(f, &in->dst);
}

static bool both_ints(const struct mir_inst *in) {
    return mir_type_is_int(in->args.at[0].type) && mir_type_is_int(in->args.at[1].type);
}

static void give_int(struct exec *x, const struct mir_function *f, struct path *p,
                     const struct mir_inst *in, struct lin l, struct paths *next) {
    ops_result(x, f, p, in, val_int(x->a, result_type(f, in), l), next);
}

static bool implied(struct exec *x, const struct path *p, struct lin at_least_zero) {
    struct con not = ops_negated((struct con){CON_GE, at_least_zero});
    return !smt_feasible(x->w->smt, cons_add(x->a, p->cons, not ));
}

static void sum(struct exec *x, const struct mir_function *f, struct path *p,
                const struct mir_inst *in, struct lin a, struct lin b, struct paths *next) {
    struct lin r;
    bool exact = false;
    if (in->op == MIR_OP_ADD)
        exact = lin_add(&r, a, 1, b);
    else if (in->op == MIR_OP_SUB)
        exact = lin_add(&r, a, -1, b);
    else if (a.count == 0)
        exact = lin_add(&r, lin_const(0), a.c, b);
    else if (b.count == 0)
        exact = lin_add(&r, lin_const(0), b.c, a);
    if (!exact)
        r = lin_var(exec_fresh(x, &p->cons, result_type(f, in)));
    else if (in->op == MIR_OP_SUB && mir_type_is_unsigned(result_type(f, in)))
        path_assume(x, p, CON_GE, r);
    if (con_known((struct con){CON_GE, r}) != 0 || !mir_type_is_unsigned(result_type(f, in)))
        give_int(x, f, p, in, r, next);
}

// q = a / d for a constant d > 0 and a >= 0: d*q <= a < d*q + d.
static void quotient(struct exec *x, const struct mir_function *f, struct path *p,
                     const struct mir_inst *in, struct lin a, struct lin d, struct paths *next) {
    struct lin q = lin_var(exec_fresh(x, &p->cons, result_type(f, in))), rest;
    if (d.count == 0 && d.c > 0 && implied(x, p, a) && lin_add(&rest, a, -d.c, q)) {
        path_assume(x, p, CON_GE, rest);
        struct lin room;
        if (lin_add(&room, lin_const(d.c - 1), -1, rest))
            path_assume(x, p, CON_GE, room);
        path_assume(x, p, CON_GE, q);
    }
    give_int(x, f, p, in, q, next);
}

// a % b for a >= 0, b > 0: nothing to take off, b once, or b more often.
static void remainder_of(struct exec *x, const struct mir_function *f, struct path *p,
                         const struct mir_inst *in, struct lin a, struct lin b,
                         struct paths *next) {
    struct lin positive = b, over, once, twice, below, below2;
    positive.c -= 1;
    if (mir_type_is_unsigned(result_type(f, in)))
        path_assume(x, p, CON_GE, positive);
    bool linear = lin_add(&over, a, -1, b) && lin_add(&below, lin_const(-1), -1, over) &&
                  lin_add(&twice, over, -1, b) && lin_add(&below2, lin_const(-1), -1, twice);
    if (!linear || !implied(x, p, positive) || !implied(x, p, a)) {
        give_int(x, f, p, in, lin_var(exec_fresh(x, &p->cons, result_type(f, in))), next);
        return;
    }
    once = over;
    struct path *q = path_copy(x, p, f);
    path_assume(x, q, CON_GE, below);
    if (path_feasible(x, q))
        give_int(x, f, q, in, a, next);
    q = path_copy(x, p, f);
    path_assume(x, q, CON_GE, over);
    path_assume(x, q, CON_GE, below2);
    if (path_feasible(x, q))
        give_int(x, f, q, in, once, next);
    q = path_copy(x, p, f);
    path_assume(x, q, CON_GE, twice);
    if (!path_feasible(x, q))
        return;
    struct lin r = lin_var(x->next_var++), room;
    path_assume(x, q, CON_GE, r);
    if (lin_add(&room, b, -1, r)) {
        room.c -= 1;
        path_assume(x, q, CON_GE, room);
    }
    give_int(x, f, q, in, r, next);
}

// Does the path say that the sum is at most another value of its type? Then it did not wrap around.
// Values that share a comparison have one type, and a 64-bit unsigned one holds what its variables
// hold.
static bool stays_below(const struct path *p, struct lin sum, const struct mir_type *t) {
    for (const struct cons *c = p->cons; c; c = c->rest) {
        struct lin above;
        if (c->con.rel != CON_GE || !lin_add(&above, c->con.l, 1, sum) || above.c > 0)
            continue;
        bool one = above.count == 1 && above.t[0].coef == 1;
        if (above.count == 0 || (one && t->kind == MIR_U64))
            return true;
    }
    return false;
}

static void wrapping(struct exec *x, const struct mir_function *f, struct path *p,
                     const struct mir_inst *in, struct lin a, struct lin b, struct paths *next) {
    const struct mir_type *t = result_type(f, in);
    struct lin r;
    bool wide = t->kind == MIR_U64 || t->kind == MIR_I64;
    bool up = in->op == MIR_OP_ADDW && wide && b.count == 0 && b.c >= 0 && lin_add(&r, a, 1, b) &&
              stays_below(p, r, t) && (t->kind == MIR_U64 || implied(x, p, a));
    bool down = in->op == MIR_OP_SUBW && t->kind == MIR_U64 && lin_add(&r, a, -1, b) &&
                implied(x, p, b) && implied(x, p, r);
    if (!up && !down)
        r = lin_var(exec_fresh(x, &p->cons, t));
    give_int(x, f, p, in, r, next);
}

static void compare(struct exec *x, const struct mir_function *f, struct path *p,
                    const struct mir_inst *in, struct lin a, struct lin b, struct paths *next) {
    struct con c = {CON_GE, {0}};
    bool swap = in->op == MIR_OP_LT || in->op == MIR_OP_LE;
    if (!lin_add(&c.l, swap ? b : a, -1, swap ? a : b)) {
        ops_result(x, f, p, in, val_top(x->a, result_type(f, in)), next);
        return;
    }
    if (in->op == MIR_OP_EQ)
        c.rel = CON_EQ;
    else if (in->op == MIR_OP_NE)
        c.rel = CON_NE;
    else if (in->op == MIR_OP_LT || in->op == MIR_OP_GT)
        c.l.c -= 1;
    ops_result(x, f, p, in, val_bool(x->a, result_type(f, in), c), next);
}

bool ops_arithmetic(struct exec *x, const struct mir_function *f, const struct eval *e,
                    const struct mir_inst *in, struct paths *next) {
    struct path *p;
    switch (in->op) {
    case MIR_OP_NOT:
        if (e->vals[0]->kind != VAL_BOOL)
            return false;
        ops_result(x, f, e->path, in,
                   val_bool(x->a, result_type(f, in), ops_negated(e->vals[0]->cond)), next);
        return true;
    case MIR_OP_CONVERT:
        if (!mir_type_is_int(in->args.at[0].type) || !mir_type_is_int(result_type(f, in)))
            return false;
        p = path_copy(x, e->path, f);
        struct lin l = path_int(x, p, e->vals[0]);
        if (mir_type_is_unsigned(result_type(f, in)))
            path_assume(x, p, CON_GE, l);
        give_int(x, f, p, in, l, next);
        return true;
    case MIR_OP_ADD:
    case MIR_OP_SUB:
    case MIR_OP_MUL:
    case MIR_OP_DIV:
    case MIR_OP_REM:
    case MIR_OP_ADDW:
    case MIR_OP_SUBW:
    case MIR_OP_EQ:
    case MIR_OP_NE:
    case MIR_OP_LT:
    case MIR_OP_LE:
    case MIR_OP_GT:
    case MIR_OP_GE:
        break;
    default:
        return false;
    }
    if (!both_ints(in))
        return false;
    p = path_copy(x, e->path, f);
    struct lin a = path_int(x, p, e->vals[0]), b = path_int(x, p, e->vals[1]);
    if (in->op == MIR_OP_ADD || in->op == MIR_OP_SUB || in->op == MIR_OP_MUL)
        sum(x, f, p, in, a, b, next);
    else if (in->op == MIR_OP_ADDW || in->op == MIR_OP_SUBW)
        wrapping(x, f, p, in, a, b, next);
    else if (in->op == MIR_OP_DIV)
        quotient(x, f, p, in, a, b, next);
    else if (in->op == MIR_OP_REM)
        remainder_of(x, f, p, in, a, b, next);
    else
        compare(x, f, p, in, a, b, next);
    return true;
}
