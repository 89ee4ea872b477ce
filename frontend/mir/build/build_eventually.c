// SPDX-License-Identifier: MIT
// `assert_eventually!(p)`: faults end, the test's background tasks are stopped, then p is asked
// again and again, with pauses that grow, until it has been true three times in a row; if it is not
// by the time the pauses have become too long, the assertion is false.
#include "frontend/mir/build/lower.h"

enum { HELD_ENOUGH = 3 };
enum { PAUSE_GROWTH = 8 };
#define PAUSE_FIRST_NS 1000000ull       // 1 ms
#define PAUSE_LAST_NS  3600000000000ull // an hour: 8 pauses

static struct mir_operand number(struct fn *fn, uint64_t n) {
    return const_int(fn, MIR_I64, n);
}

static void set(struct fn *fn, int32_t local, struct mir_operand value, struct span span) {
    assign(fn, local_place(local), value, span);
}

static void branch_on(struct fn *fn, enum mir_op op, int32_t local, uint64_t with, int32_t yes,
                      int32_t no, struct span span) {
    struct mir_operand left = operand_of(fn, local_place(local));
    branch(fn, op2(fn, op, left, number(fn, with), prim(fn, MIR_BOOL), NULL, span), yes, no, span);
}

static void grow(struct fn *fn, enum mir_op op, int32_t local, uint64_t by, struct span span) {
    struct mir_operand now = operand_of(fn, local_place(local));
    set(fn, local, op2(fn, op, now, number(fn, by), prim(fn, MIR_I64), NULL, span), span);
}

void lower_eventually(struct fn *fn, const struct sema_macro *m, struct span span) {
    int32_t held = temp(fn, prim(fn, MIR_I64)), pause = temp(fn, prim(fn, MIR_I64));
    int32_t ask = block_new(fn), holds = block_new(fn), fails = block_new(fn), wait = block_new(fn),
            late = block_new(fn), good = block_new(fn), go_on = block_new(fn);
    fn->is_temp.at[held] = fn->is_temp.at[pause] = false;
    put(fn, inst(fn, MIR_OP_CALM, span));
    set(fn, held, number(fn, 0), span);
    set(fn, pause, number(fn, PAUSE_FIRST_NS), span);
    jump(fn, ask, span);
    enter(fn, ask);
    struct mir_operand p = lower(fn, m->args.at[0], NULL);
    branch(fn, p, holds, fails, span);
    enter(fn, holds);
    grow(fn, MIR_OP_ADD, held, 1, span);
    branch_on(fn, MIR_OP_GE, held, HELD_ENOUGH, good, wait, span);
    enter(fn, fails);
    set(fn, held, number(fn, 0), span);
    jump(fn, wait, span);
    enter(fn, wait);
    branch_on(fn, MIR_OP_GT, pause, PAUSE_LAST_NS, late, go_on, span);
    enter(fn, late);
    struct mir_operand text =
        m->format ? lower_format(fn, m->format, span) : const_text(fn, source_of(m->args.at[0]));
    raise_text(fn, FAILURE_ASSERT, text, span);
    enter(fn, go_on);
    struct mir_inst sleep = inst(fn, MIR_OP_SLEEP, span);
    inst_arg(fn, &sleep, operand_of(fn, local_place(pause)));
    put(fn, sleep);
    grow(fn, MIR_OP_MUL, pause, PAUSE_GROWTH, span);
    jump(fn, ask, span);
    enter(fn, good);
}
