// SPDX-License-Identifier: MIT
// async.select: of several arms the first one that can go on does. Channels are polled in the order
// of the arms; when none has anything, all are watched, and what wakes the task is a reason to poll
// again. So an item is only ever taken by the arm that goes on. Futures are started once, and those
// that were not first are cancelled before the arm's body runs. `default` beside futures is one
// more of them, a task that does nothing and was started last: what is done by its turn comes
// before it.
#include "frontend/mir/build/lower.h"

#include <string.h>

struct arm {
    const struct ast_select_arm *ast;
    bool is_channel, is_send;
    struct mir_operand on;   // of a guard: does it take part?
    struct mir_operand item; // to be sent
    struct mir_operand channel;
    struct type *type;      // of the channel
    struct started future;  // of another arm
    struct mir_place value; // what the pattern is given
    int32_t body;           // block
};

struct select {
    struct fn *fn;
    struct span span;
    struct arm *arms;
    int32_t len, otherwise;        // otherwise: the arm `default`, or -1
    struct cleanup *group, *outer; // group: of the futures, NULL without one
};

static struct sema_use channel_method(struct fn *fn, const struct arm *arm, const char *name) {
    const struct typed_program *p = fn->b->program;
    struct sema_use use = {0};
    for (int32_t i = 0; i < p->functions.len && !use.function; i++)
        if (sema_is_channel_method(p->functions.at[i], name))
            use.function = p->functions.at[i];
    assert(use.function);
    use.type_args.at = arm->type->args;
    use.type_args.len = arm->type->arg_count;
    return use;
}

static struct mir_operand on_channel(struct select *s, const struct arm *arm, const char *name) {
    struct sema_use use = channel_method(s->fn, arm, name);
    struct mir_operand item = arm->item;
    return lower_inline(s->fn, &use, arm->channel, &item, NULL, s->span);
}

// Goes to `out` where the arm takes no part, and on otherwise.
static void only_if_on(struct select *s, const struct arm *arm, int32_t out) {
    if (!arm->ast->guard)
        return;
    int32_t here = block_new(s->fn);
    branch(s->fn, arm->on, here, out, s->span);
    enter(s->fn, here);
}

// Leaves the futures' group for the arm's body.
static void choose(struct select *s, int32_t arm) {
    run_cleanups(s->fn, s->outer, s->span);
    jump(s->fn, s->arms[arm].body, s->span);
}

static bool is_on_channel(struct fn *fn, const struct ast_expr *operation, const char *method) {
    const struct sema_expr *made = entry(fn, operation);
    return operation->kind == EXPR_CALL && made->role == ROLE_CALL &&
           made->call->kind == CALL_FUNCTION &&
           sema_is_channel_method(made->call->use.function, method);
}

static void begin_channel(struct select *s, struct arm *arm) {
    struct fn *fn = s->fn;
    struct sema_call *call = entry(fn, arm->ast->operation)->call;
    arm->type = value_type_of(fn, call->receiver);
    arm->channel = keep(fn, lower(fn, call->receiver, NULL), s->span);
    if (arm->is_send && is_reached(fn)) {
        int32_t count;
        arm->item = operand_of(
            fn, materialize(fn, keep(fn, lower_args(fn, call, &count)[0], s->span), s->span));
    }
    arm->value = local_place(temp(fn, mir_type_for(fn->b, value_type_of(fn, arm->ast->operation))));
}

static void put_never(struct fn *fn, struct mir_place to, struct mir_type *t, struct span span) {
    struct mir_inst never = inst(fn, MIR_OP_NEVER, span);
    assign(fn, to, put_value(fn, never, t, &to), span);
}

// What takes no part is not begun: in its stead stands a future that is never done.
static void begin_future(struct select *s, struct arm *arm) {
    struct fn *fn = s->fn;
    int32_t off = block_new(fn), next = block_new(fn);
    only_if_on(s, arm, off);
    struct started made = start(fn, arm->ast->operation, MIR_TASK_BRANCH, &s->group->scope);
    if (!is_reached(fn))
        return;
    struct mir_place to = local_place(temp(fn, made.future.type));
    assign(fn, to, made.future, s->span);
    jump(fn, next, s->span);
    if (arm->ast->guard) {
        enter(fn, off);
        put_never(fn, to, made.future.type, s->span);
        jump(fn, next, s->span);
    }
    enter(fn, next);
    arm->future = made;
    arm->future.future = operand_of(fn, to);
    arm->value = local_place(temp(fn, mir_type_for(fn->b, made.type)));
}

static void begin_arms(struct select *s) {
    struct fn *fn = s->fn;
    for (int32_t i = 0; i < s->len && is_reached(fn); i++) {
        struct arm *arm = &s->arms[i];
        if (!arm->ast->operation)
            continue;
        if (arm->ast->guard)
            arm->on = operand_of(
                fn, materialize(fn, keep(fn, lower(fn, arm->ast->guard, NULL), s->span), s->span));
        if (arm->is_channel && is_reached(fn))
            begin_channel(s, arm);
        else if (is_reached(fn))
            begin_future(s, arm);
    }
}

static void poll_receive(struct select *s, int32_t i, int32_t next) {
    struct fn *fn = s->fn;
    struct arm *arm = &s->arms[i];
    struct mir_operand polled = on_channel(s, arm, "poll");
    struct mir_operand tag = op1(fn, MIR_OP_TAG, polled, prim(fn, MIR_U32), NULL, s->span);
    struct mir_operand some = const_int(fn, MIR_U32, 1);
    int32_t taken = block_new(fn);
    branch(fn, op2(fn, MIR_OP_EQ, tag, some, prim(fn, MIR_BOOL), NULL, s->span), taken, next,
           s->span);
    enter(fn, taken);
    assign(fn, arm->value, operand_of(fn, place_variant(fn, polled.place, 1, 0)), s->span);
}

static void poll_send(struct select *s, int32_t i, int32_t next) {
    struct fn *fn = s->fn;
    int32_t sent = block_new(fn);
    branch(fn, on_channel(s, &s->arms[i], "offer"), sent, next, s->span);
    enter(fn, sent);
    assign(fn, s->arms[i].value, const_unit(fn), s->span);
}

// Whatever a channel has, or has room for, is taken or given here.
static void poll_channels(struct select *s) {
    struct fn *fn = s->fn;
    for (int32_t i = 0; i < s->len && is_reached(fn); i++) {
        if (!s->arms[i].is_channel)
            continue;
        int32_t next = block_new(fn);
        only_if_on(s, &s->arms[i], next);
        if (s->arms[i].is_send)
            poll_send(s, i, next);
        else
            poll_receive(s, i, next);
        choose(s, i);
        enter(fn, next);
    }
}

// A future that is done when the channel is worth polling again.
static struct mir_operand watched(struct select *s, const struct arm *arm) {
    struct fn *fn = s->fn;
    const char *method = arm->is_send ? "watch_room" : "watch";
    if (!arm->ast->guard)
        return on_channel(s, arm, method);
    int32_t off = block_new(fn), next = block_new(fn);
    struct mir_type *t = mir_type_of(fn->b->module, MIR_FUTURE, prim(fn, MIR_UNIT));
    struct mir_place to = local_place(temp(fn, t));
    only_if_on(s, arm, off);
    assign(fn, to, on_channel(s, arm, method), s->span);
    jump(fn, next, s->span);
    enter(fn, off);
    put_never(fn, to, t, s->span);
    jump(fn, next, s->span);
    enter(fn, next);
    return operand_of(fn, to);
}

// The future of a task that does nothing.
static struct mir_operand moment(struct fn *fn, struct span span) {
    struct sema_use use = {.function = std_function(fn->b, "do_nothing")};
    const struct mir_function *f = use_instance(fn, &use, false, span)->mir;
    struct mir_inst task = inst(fn, MIR_OP_TASK, span);
    task.function = f->name;
    task.number = MIR_TASK_BRANCH;
    return put_value(fn, task, mir_type_of(fn->b->module, MIR_FUTURE, f->result), NULL);
}

// Waits until a channel is worth polling again, or a future is done. Where there is a `default`,
// the channels have been looked at and are not waited for.
static void wait_for_any(struct select *s, int32_t again) {
    struct fn *fn = s->fn;
    struct mir_inst any = inst(fn, MIR_OP_WAIT_ANY, s->span);
    int32_t *arms = arena_array(fn->b->arena, int32_t, s->len + 1), count = 0;
    bool has_default = s->otherwise >= 0;
    for (int32_t i = 0; i < s->len; i++) {
        struct arm *arm = &s->arms[i];
        if (arm->ast->operation && !(has_default && arm->is_channel)) {
            inst_arg(fn, &any, arm->is_channel ? watched(s, arm) : arm->future.future);
            arms[count++] = i;
        }
    }
    if (has_default)
        inst_arg(fn, &any, moment(fn, s->span));
    struct mir_operand winner = put_value(fn, any, prim(fn, MIR_U64), NULL);
    for (int32_t k = 0; k < count; k++) {
        struct arm *arm = &s->arms[arms[k]];
        if (arm->is_channel)
            continue;
        int32_t here = block_new(fn), next = block_new(fn);
        struct mir_operand index = const_int(fn, MIR_U64, (uint64_t)k);
        branch(fn, op2(fn, MIR_OP_EQ, winner, index, prim(fn, MIR_BOOL), NULL, s->span), here, next,
               s->span);
        enter(fn, here);
        assign(fn, arm->value, finish(fn, &arm->future, &arm->value, s->span), s->span);
        choose(s, arms[k]);
        enter(fn, next);
    }
    if (has_default)
        choose(s, s->otherwise);
    else
        jump(fn, again, s->span);
}

static void run_arm(struct select *s, const struct arm *arm, const struct mir_place *to,
                    int32_t end) {
    struct fn *fn = s->fn;
    if (arm->ast->pattern) {
        int32_t fail = block_new(fn), here;
        lower_pattern(fn, arm->ast->pattern, arm->value, false, fail);
        here = fn->block;
        enter(fn, fail);
        leave(fn, MIR_UNREACHABLE, const_unit(fn), s->span);
        enter(fn, here);
    }
    if (to->local == MIR_NO_PLACE)
        lower_void(fn, arm->ast->body);
    else
        lower_to(fn, arm->ast->body, *to);
    if (is_reached(fn))
        jump(fn, end, s->span);
}

// The arms' blocks; those that wait for futures need a group.
static bool note_arms(struct select *s, struct ast_expr *e) {
    bool has_future = false;
    for (int32_t i = 0; i < s->len; i++) {
        struct arm *arm = &s->arms[i];
        arm->ast = &e->select.arms.at[i];
        arm->body = block_new(s->fn);
        if (!arm->ast->operation)
            s->otherwise = i;
        else
            arm->is_channel = is_on_channel(s->fn, arm->ast->operation, "recv") ||
                              is_on_channel(s->fn, arm->ast->operation, "send");
        arm->is_send = arm->is_channel && is_on_channel(s->fn, arm->ast->operation, "send");
        has_future |= arm->ast->operation && !arm->is_channel;
    }
    return has_future;
}

struct mir_operand lower_select(struct fn *fn, struct ast_expr *e, const struct mir_place *want) {
    struct select s = {.fn = fn, .span = e->span, .len = e->select.arms.len, .otherwise = -1};
    s.arms = arena_array(fn->b->arena, struct arm, s.len + 1);
    s.outer = fn->cleanups;
    struct mir_type *t = mir_type_of_expr(fn, e);
    bool gives = t->kind != MIR_UNIT && t->kind != MIR_NEVER;
    struct mir_place to = !gives ? no_place() : want ? *want : local_place(temp(fn, t));
    if (note_arms(&s, e))
        s.group = open_group(fn, e->span);
    begin_arms(&s);
    int32_t again = block_new(fn), end = block_new(fn), normal;
    jump(fn, again, e->span);
    enter(fn, again);
    poll_channels(&s);
    if (s.otherwise >= 0 && !s.group)
        choose(&s, s.otherwise);
    else
        wait_for_any(&s, again);
    if (s.group)
        leave(fn, MIR_RAISE, close_group(fn, s.group, &normal, e->span), e->span);
    for (int32_t i = 0; i < s.len; i++) {
        enter(fn, s.arms[i].body);
        run_arm(&s, &s.arms[i], &to, end);
    }
    enter(fn, end);
    return gives ? operand_of(fn, to) : const_unit(fn);
}
