// SPDX-License-Identifier: MIT
// Builtins: calls that are operations of MIR. frontend/sema/builtins.def says what each takes and
// gives.
#include "frontend/mir/build/lower.h"

// How a builtin becomes an operation: receiver and arguments are its operands, in that order.
struct plain {
    enum mir_op op;
    int32_t number; // of the instruction
    bool has_result, is_plain;
};

static const struct plain plain_ops[BUILTIN_COUNT] = {
    [BUILTIN_BUF_NEW] = {MIR_OP_BUF_NEW, 0, true, true},
    [BUILTIN_BUF_WITH_ROOM] = {MIR_OP_BUF_NEW, 0, true, true},
    [BUILTIN_BUF_LEN] = {MIR_OP_BUF_LEN, 0, true, true},
    [BUILTIN_BUF_PUSH] = {MIR_OP_BUF_PUSH, 0, false, true},
    [BUILTIN_BUF_POP] = {MIR_OP_BUF_POP, 0, true, true},
    [BUILTIN_BUF_INSERT] = {MIR_OP_BUF_INSERT, 0, false, true},
    [BUILTIN_BUF_REMOVE] = {MIR_OP_BUF_REMOVE, 0, true, true},
    [BUILTIN_BUF_TRUNCATE] = {MIR_OP_BUF_TRUNCATE, 0, false, true},
    [BUILTIN_BUF_RESERVE] = {MIR_OP_BUF_RESERVE, 0, false, true},
    [BUILTIN_BUF_APPEND] = {MIR_OP_BUF_APPEND, 0, false, true},
    [BUILTIN_BUF_SLICE] = {MIR_OP_BUF_SLICE, 0, true, true},
    [BUILTIN_BUF_OPEN] = {MIR_OP_BUF_OPEN, 0, false, true},
    [BUILTIN_BUF_PUT] = {MIR_OP_BUF_PUT, 0, false, true},
    [BUILTIN_WAITS] = {MIR_OP_WAITS, 0, true, true},
    [BUILTIN_SHOW] = {MIR_OP_SHOW, 0, true, true},
    [BUILTIN_ENCODE_JSON] = {MIR_OP_ENCODE, MIR_JSON, true, true},
    [BUILTIN_ENCODE_JSON_PRETTY] = {MIR_OP_ENCODE, MIR_JSON_PRETTY, true, true},
    [BUILTIN_ENCODE_CBOR] = {MIR_OP_ENCODE, MIR_CBOR, true, true},
    [BUILTIN_HASH] = {MIR_OP_HASH, 0, true, true},
    [BUILTIN_COMPARE] = {MIR_OP_CMP, 0, true, true},
    [BUILTIN_ADD_WRAP] = {MIR_OP_ADDW, 0, true, true},
    [BUILTIN_SUB_WRAP] = {MIR_OP_SUBW, 0, true, true},
    [BUILTIN_MUL_WRAP] = {MIR_OP_MULW, 0, true, true},
    [BUILTIN_F64_BITS] = {MIR_OP_BITS, 0, true, true},
    [BUILTIN_F64_OF_BITS] = {MIR_OP_BITS, 0, true, true},
    [BUILTIN_SQRT] = {MIR_OP_MATH, MIR_SQRT, true, true},
    [BUILTIN_FLOOR] = {MIR_OP_MATH, MIR_FLOOR, true, true},
    [BUILTIN_CEIL] = {MIR_OP_MATH, MIR_CEIL, true, true},
    [BUILTIN_TRUNC] = {MIR_OP_MATH, MIR_TRUNC, true, true},
    [BUILTIN_ROUND] = {MIR_OP_MATH, MIR_ROUND, true, true},
    [BUILTIN_POW] = {MIR_OP_MATH, MIR_POW, true, true},
    [BUILTIN_SIN] = {MIR_OP_MATH, MIR_SIN, true, true},
    [BUILTIN_COS] = {MIR_OP_MATH, MIR_COS, true, true},
    [BUILTIN_EXP] = {MIR_OP_MATH, MIR_EXP, true, true},
    [BUILTIN_LN] = {MIR_OP_MATH, MIR_LN, true, true},
    [BUILTIN_NOW] = {MIR_OP_NOW, 0, true, true},
    [BUILTIN_NOW_WALL] = {MIR_OP_NOW_WALL, 0, true, true},
    [BUILTIN_SLEEP] = {MIR_OP_SLEEP, 0, false, true},
    [BUILTIN_YIELD] = {MIR_OP_YIELD, 0, false, true},
    [BUILTIN_RANDOM] = {MIR_OP_RANDOM, 0, true, true},
    [BUILTIN_CORES] = {MIR_OP_CORES, 0, true, true},
    [BUILTIN_NODE_NEW] = {MIR_OP_NODE_NEW, 0, true, true},
    [BUILTIN_NODE_DO] = {MIR_OP_NODE_DO, 0, true, true},
    [BUILTIN_BUGGIFY] = {MIR_OP_BUGGIFY, 0, true, true},
    [BUILTIN_SCOPE_CANCEL] = {MIR_OP_SCOPE_CANCEL, 0, false, true},
    [BUILTIN_SCOPE_CANCELLED] = {MIR_OP_SCOPE_CANCELLED, 0, true, true},
    [BUILTIN_TOKEN_NEW] = {MIR_OP_TOKEN, 0, true, true},
    [BUILTIN_TOKEN_CANCEL] = {MIR_OP_TOKEN_CANCEL, 0, false, true},
    [BUILTIN_TOKEN_CANCELLED] = {MIR_OP_TOKEN_CANCELLED, 0, true, true},
    [BUILTIN_ANSWER] = {MIR_OP_ANSWER, 0, false, true},
    [BUILTIN_HOLD] = {MIR_OP_HOLD, 0, false, true},
    [BUILTIN_UNHOLD] = {MIR_OP_UNHOLD, 0, true, true},
    [BUILTIN_MASK] = {MIR_OP_MASK, 0, true, true},
    [BUILTIN_TRUST] = {MIR_OP_TRUST, 0, true, true},
    [BUILTIN_CEILING] = {MIR_OP_CEILING, 0, true, true},
    [BUILTIN_WANTED] = {MIR_OP_WANTED, 0, true, true},
    [BUILTIN_STOP] = {MIR_OP_STOP, 0, false, true},
    [BUILTIN_KILL] = {MIR_OP_KILL, 0, false, true},
    [BUILTIN_MAILBOX_SIZE] = {MIR_OP_MAILBOX, 0, true, true},
    [BUILTIN_ACTOR_NAME] = {MIR_OP_ACTOR_NAME, 0, true, true},
    [BUILTIN_ERROR_OF] = {MIR_OP_ERROR_OF, 0, true, true},
    [BUILTIN_ERROR_KIND] = {MIR_OP_ERROR_KIND, 0, true, true},
};

struct operands {
    struct mir_operand *at;
    int32_t len;
};

// The receiver, if there is one, then the arguments.
static struct operands operands_of(struct fn *fn, struct sema_call *call) {
    struct operands all = {0};
    struct mir_operand receiver = {0};
    if (call->receiver) {
        if (call->receiver_mut) {
            struct mir_place p = lower_place(fn, call->receiver);
            if (is_reached(fn))
                receiver = operand_of(fn, p);
        } else {
            bool any_actor = entry(fn, call->receiver)->coercion == COERCE_UNTYPED;
            receiver =
                any_actor ? lower_raw(fn, call->receiver, NULL) : lower(fn, call->receiver, NULL);
            for (int32_t i = 0; i < call->args.len; i++)
                if (writes(fn, call->args.at[i].value))
                    receiver = keep(fn, receiver, call->receiver->span);
        }
    }
    int32_t count;
    struct mir_operand *args = lower_args(fn, call, &count);
    all.at = arena_array(fn->b->arena, struct mir_operand, count + 1);
    if (call->receiver)
        all.at[all.len++] = receiver;
    for (int32_t i = 0; i < count; i++)
        all.at[all.len++] = args[i];
    return all;
}

static struct mir_operand put_plain(struct fn *fn, const struct plain *p, struct sema_call *call,
                                    struct type *type, const struct mir_place *want,
                                    struct span span) {
    struct operands a = operands_of(fn, call);
    if (!is_reached(fn))
        return const_unit(fn);
    struct mir_inst i = inst(fn, p->op, span);
    i.number = p->number;
    for (int32_t k = 0; k < a.len; k++)
        inst_arg(fn, &i, a.at[k]);
    if (p->has_result)
        return put_value(fn, i, mir_type_for(fn->b, type), want);
    put(fn, i);
    return const_unit(fn);
}

static struct mir_operand lower_print(struct fn *fn, struct sema_call *call, struct span span) {
    struct operands a = operands_of(fn, call);
    if (!is_reached(fn))
        return const_unit(fn);
    if (a.at[0].kind != MIR_CONST)
        return unbuilt(fn, P8030, span, "the stream to print to has to be the literal 1 or 2");
    struct mir_inst i = inst(fn, MIR_OP_PRINT, span);
    i.number = (int32_t)a.at[0].value.bits;
    inst_arg(fn, &i, a.at[1]);
    put(fn, i);
    return const_unit(fn);
}

static struct mir_operand lower_trap(struct fn *fn, struct sema_call *call, enum failure kind,
                                     struct span span) {
    struct operands a = operands_of(fn, call);
    if (!is_reached(fn))
        return const_unit(fn);
    struct mir_operand text = a.at[0];
    raise_text(fn, kind, text, span);
    return const_unit(fn);
}

static struct mir_operand lower_crash(struct fn *fn, struct sema_call *call, struct span span) {
    struct operands a = operands_of(fn, call);
    if (!is_reached(fn))
        return const_unit(fn);
    struct mir_operand error = a.at[0];
    if (error.type->kind != MIR_ERROR)
        error = op1(fn, MIR_OP_ERROR_OF, error, prim(fn, MIR_ERROR), NULL, span);
    leave(fn, MIR_RAISE, error, span);
    return const_unit(fn);
}

// spawn(f), scope.spawn(f), spawn_with_cancellation(token, f)
static struct mir_operand lower_spawn_task(struct fn *fn, struct sema_call *call) {
    struct ast_expr *task = call->args.at[call->args.len - 1].value;
    struct ast_expr *where = call->receiver;
    if (!where && call->args.len > 1)
        where = call->args.at[0].value;
    if (!where)
        return start_value(fn, task, MIR_TASK_FREE, scope_around(fn));
    struct mir_operand in = keep(fn, lower(fn, where, NULL), where->span);
    if (is_reached(fn) && call->use.function->builtin == BUILTIN_SPAWN_IN_TOKEN) {
        struct mir_place token = materialize(fn, in, where->span);
        in = operand_of(fn, typed_field(fn, token, value_type_of(fn, where), -1, 0));
    }
    return start_value(fn, task, MIR_TASK_FREE, &in);
}

struct sema_function *std_function(const struct build *b, const char *name) {
    const struct typed_program *p = b->program;
    for (int32_t i = 0; i < p->functions.len; i++)
        if (p->functions.at[i]->module->is_std && strcmp(p->functions.at[i]->name, name) == 0)
            return p->functions.at[i];
    assert(!"the library has what the compiler calls");
    return NULL;
}

// The task, and one that waits for it and logs its failure.
static struct mir_operand lower_spawn_watched(struct fn *fn, struct sema_call *call,
                                              struct span span) {
    struct mir_operand task = start_value(fn, call->args.at[0].value, MIR_TASK_FREE, NULL);
    if (!is_reached(fn))
        return const_unit(fn);
    struct sema_use use = {.function = std_function(fn->b, "watch_task"),
                           .type_args = call->use.type_args};
    struct mir_inst i = inst(fn, MIR_OP_TASK, span);
    struct mir_function *f = use_instance(fn, &use, false, span)->mir;
    i.function = f->name;
    i.number = MIR_TASK_BRANCH;
    inst_arg(fn, &i, task);
    put_value(fn, i, mir_type_of(fn->b->module, MIR_FUTURE, f->result), NULL);
    return const_unit(fn);
}

static struct mir_operand lower_fits(struct fn *fn, struct sema_call *call,
                                     const struct mir_place *want, struct span span) {
    struct operands a = operands_of(fn, call);
    if (!is_reached(fn))
        return const_unit(fn);
    struct env env = use_env(fn, &call->use);
    struct mir_inst i = inst(fn, MIR_OP_FITS, span);
    inst_arg(fn, &i, a.at[0]);
    i.type = mir_type_for(fn->b, env.args.at[1]);
    return put_value(fn, i, prim(fn, MIR_BOOL), want);
}

// Only of floats equality is another thing than what their total order says.
static struct mir_operand lower_same(struct fn *fn, struct sema_call *call,
                                     const struct mir_place *want, struct span span) {
    struct operands a = operands_of(fn, call);
    if (!is_reached(fn))
        return const_bool(fn, false);
    struct mir_type *boolean = prim(fn, MIR_BOOL);
    const struct mir_type *t = a.at[0].type;
    if (!mir_type_reaches(fn->b->module, t, MIR_F64) &&
        !mir_type_reaches(fn->b->module, t, MIR_F32))
        return op2(fn, MIR_OP_EQ, a.at[0], a.at[1], boolean, want, span);
    struct mir_operand order = op2(fn, MIR_OP_CMP, a.at[0], a.at[1], prim(fn, MIR_I64), NULL, span);
    return op2(fn, MIR_OP_EQ, order, const_int(fn, MIR_I64, 0), boolean, want, span);
}

static struct mir_operand lower_decode(struct fn *fn, struct sema_call *call,
                                       const struct mir_place *want, struct span span) {
    const struct sema_function *f = call->use.function;
    struct operands a = operands_of(fn, call);
    if (!is_reached(fn))
        return const_unit(fn);
    struct env env = use_env(fn, &call->use);
    give_defaults(fn->b, env.args.at[0], span);
    struct mir_inst i = inst(fn, MIR_OP_DECODE, span);
    i.number = f->builtin == BUILTIN_DECODE_JSON ? MIR_JSON : MIR_CBOR;
    inst_arg(fn, &i, a.at[0]);
    return put_value(fn, i, mir_type_for(fn->b, subst(fn->b, &env, f->result)), want);
}

// A type is plain if nothing in its values is counted (mir_type.plain, which is not known yet).
static bool is_plain(struct fn *fn, const struct mir_type *t) {
    static const enum mir_type_kind counted[] = {MIR_BUFFER, MIR_FN,    MIR_REPLY, MIR_FUTURE,
                                                 MIR_SCOPE,  MIR_TOKEN, MIR_ERROR};
    bool plain = true;
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
        plain &= !mir_type_reaches(fn->b->module, t, counted[i]);
    return plain;
}

bool lower_type_condition(struct fn *fn, struct ast_expr *e, bool *holds) {
    if (e->kind != EXPR_CALL || entry(fn, e)->role != ROLE_CALL)
        return false;
    const struct sema_call *call = entry(fn, e)->call;
    if (call->kind != CALL_FUNCTION)
        return false;
    enum sema_builtin builtin = call->use.function->builtin;
    if (builtin != BUILTIN_IS_PLAIN && builtin != BUILTIN_IS_SAME)
        return false;
    struct env env = use_env(fn, &call->use);
    const struct mir_type *t = mir_type_for(fn->b, env.args.at[0]);
    *holds = builtin == BUILTIN_IS_PLAIN ? is_plain(fn, t)
                                         : t == mir_type_for(fn->b, env.args.at[1]);
    return true;
}

struct mir_operand lower_builtin(struct fn *fn, struct sema_call *call, struct type *type,
                                 const struct mir_place *want, struct span span) {
    enum sema_builtin builtin = call->use.function->builtin;
    const struct plain *p = &plain_ops[builtin];
    if (p->is_plain)
        return put_plain(fn, p, call, type, want, span);
    switch (builtin) {
    case BUILTIN_CONVERT: {
        struct operands a = operands_of(fn, call);
        return is_reached(fn) ? convert(fn, a.at[0], type, want, span) : const_unit(fn);
    }
    case BUILTIN_OUTSIDE: {
        struct operands a = operands_of(fn, call);
        return is_reached(fn)
                   ? lower_outside(fn, call->use.function->outside, a.at, a.len, type, want, span)
                   : const_unit(fn);
    }
    case BUILTIN_AS_SAME: {
        struct operands a = operands_of(fn, call);
        return is_reached(fn) ? a.at[0] : const_unit(fn);
    }
    case BUILTIN_SAME:
        return lower_same(fn, call, want, span);
    case BUILTIN_DECODE_JSON:
    case BUILTIN_DECODE_CBOR:
        return lower_decode(fn, call, want, span);
    case BUILTIN_FITS:
        return lower_fits(fn, call, want, span);
    case BUILTIN_PRINT:
        return lower_print(fn, call, span);
    case BUILTIN_TRAP:
        return lower_trap(fn, call, FAILURE_UNWRAP, span);
    case BUILTIN_HISTORY_FAILS:
        return lower_trap(fn, call, FAILURE_HISTORY, span);
    case BUILTIN_CAPABILITY_FAILS:
        return lower_trap(fn, call, FAILURE_CAPABILITY, span);
    case BUILTIN_ATTENUATE:
        return lower_attenuate(fn, call, span);
    case BUILTIN_CRASH:
        return lower_crash(fn, call, span);
    case BUILTIN_JOIN_ALL:
        return lower_all_of_list(fn, call, span);
    case BUILTIN_SPAWN_WATCHED:
        return lower_spawn_watched(fn, call, span);
    case BUILTIN_SPAWN:
    case BUILTIN_SPAWN_IN_SCOPE:
    case BUILTIN_SPAWN_IN_TOKEN:
        return lower_spawn_task(fn, call);
    default:
        return unbuilt(fn, P8030, span, "this part of the library is not compiled yet");
    }
}
