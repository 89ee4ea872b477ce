// SPDX-License-Identifier: MIT
// Actors: their state, what makes it, messages, hooks, invariants; and what is said to actors.
#include "frontend/mir/build/lower.h"

static const char *function_name(struct build *b, struct actor_instance *a,
                                 struct sema_function *f) {
    return f ? instance_of(b, f, a->env, a)->mir->name : NULL;
}

static void fill_messages(struct build *b, struct actor_instance *a) {
    for (int32_t i = 0; i < a->actor->messages.len; i++) {
        struct sema_function *handler = a->actor->messages.at[i].handler;
        struct mir_message m = {
            .name = a->actor->messages.at[i].name,
            .result = mir_type_for(b, subst(b, &a->env, handler->result)),
            .handler = function_name(b, a, handler),
            .loc = loc_of(b, handler->span),
        };
        for (int32_t k = 0; k < handler->params.len; k++)
            vec_push(b->arena, &m.params,
                     mir_type_for(b, subst(b, &a->env, handler->params.at[k].type)));
        vec_push(b->arena, &a->mir->messages, m);
    }
}

static struct str source_text(struct build *b, struct span s) {
    (void)b;
    if (!s.source || s.end <= s.start)
        return STR("");
    return (struct str){s.source->text.data + s.start, (size_t)(s.end - s.start)};
}

// As it is written, but for parts of a sum, which have its arguments.
static struct str ability_text(struct build *b, const struct ast_ability *a) {
    struct text out = {.arena = b->arena};
    for (int32_t i = 0; i < a->path.names.len; i++)
        text_printf(&out, "%s%s", i ? "." : "", a->path.names.at[i].text);
    for (int32_t i = 0; i < a->args.len; i++)
        text_printf(&out, "%s%.*s", i ? ", " : "(", STR_ARGS(source_text(b, a->args.at[i]->span)));
    if (a->args.len)
        text_putc(&out, ')');
    return text_str(&out);
}

static void fill_hooks(struct build *b, struct actor_instance *a) {
    a->mir->init = function_name(b, a, a->actor->init);
    a->mir->on_start = function_name(b, a, a->actor->on_start);
    a->mir->on_stop = function_name(b, a, a->actor->on_stop);
    a->mir->on_shutdown = function_name(b, a, a->actor->on_shutdown);
    a->mir->on_child_failure = function_name(b, a, a->actor->on_child_failure);
    a->mir->strategy = (enum mir_strategy)a->actor->strategy;
    for (int32_t i = 0; i < a->actor->invariants.len; i++) {
        struct sema_function *f = a->actor->invariants.at[i];
        struct mir_invariant made = {.text = source_text(b, f->value->span),
                                     .function = function_name(b, a, f)};
        vec_push(b->arena, &a->mir->invariants, made);
    }
}

static void fill_rest(struct build *b, struct actor_instance *a) {
    static const enum mir_mailbox policies[] = {
        [MAILBOX_BLOCK] = MIR_MAILBOX_BLOCK,
        [MAILBOX_REJECT] = MIR_MAILBOX_REJECT,
        [MAILBOX_DROP_OLDEST] = MIR_MAILBOX_DROP_OLDEST,
    };
    a->mir->reentrant = a->actor->is_reentrant;
    a->mir->measured = a->actor->memory != NULL;
    a->mir->model = a->actor->item->actor->flavour == ACTOR_MODEL;
    a->mir->handle = a->actor->handle;
    if (a->actor->has_mailbox) {
        a->mir->mailbox = policies[a->actor->mailbox_policy];
        a->mir->mailbox_limit = (int32_t)a->actor->mailbox_limit;
    }
    for (int32_t i = 0; i < a->actor->capabilities.len; i++)
        vec_push(b->arena, &a->mir->capabilities,
                 ability_text(b, &a->actor->capabilities.at[i]));
}

void fill_actor(struct build *b, struct actor_instance *a) {
    for (int32_t i = 0; i < a->actor->fields.len; i++) {
        const struct sema_field *f = &a->actor->fields.at[i].field;
        struct mir_field made = {.name = intern(&b->module->names, str_from(f->name)),
                                 .type = mir_type_for(b, subst(b, &a->env, f->type))};
        vec_push(b->arena, &a->state->fields, made);
    }
    fill_hooks(b, a);
    if (a->actor->is_monitor)
        fill_monitor(b, a);
    else
        fill_messages(b, a);
    fill_rest(b, a);
    for (int32_t i = 0; i < a->adopts.len; i++)
        put_adoption(b, a, a->adopts.at[i]);
    a->is_filled = true;
}

// How long it may go on when it is stopped, how much it may keep.
static void limit(struct fn *fn, enum mir_op op, const struct ast_limit *limit) {
    if (!limit || !is_reached(fn))
        return;
    struct mir_inst i = inst(fn, op, limit->span);
    struct mir_operand value;
    if (op == MIR_OP_LIMIT_MEMORY) {
        value = keep(fn, lower(fn, limit->value, NULL), limit->span);
        if (!is_reached(fn))
            return;
        struct mir_operand unit = const_int(fn, MIR_U64, limit->unit);
        value = op2(fn, MIR_OP_MUL, value, unit, prim(fn, MIR_U64), NULL, limit->span);
        value = op1(fn, MIR_OP_CONVERT, value, prim(fn, MIR_I64), NULL, limit->span);
    } else {
        value = nanoseconds(fn, limit->value);
    }
    if (!is_reached(fn))
        return;
    inst_arg(fn, &i, value);
    put(fn, i);
}

// The parameters of the constructor, which are there for what is written; then that, in the order
// of the declaration.
void lower_init(struct fn *fn) {
    struct sema_actor *actor = fn->instance->actor->actor;
    if (actor->item->actor->is_opaque) {
        trap(fn, FAILURE_HOLE, str_from(actor->name), actor->span);
        return;
    }
    for (int32_t i = 0, param = 0; i < actor->fields.len; i++) {
        const struct sema_actor_field *field = &actor->fields.at[i];
        if (!field->is_param)
            continue;
        if (field->variable)
            bind(fn, field->variable, local_place(param));
        struct mir_place to = place_field(fn, local_place(MIR_SELF), i);
        assign(fn, to, operand_of(fn, local_place(param++)), field->field.span);
    }
    for (int32_t i = 0; i < actor->fields.len; i++) {
        const struct sema_actor_field *field = &actor->fields.at[i];
        if (field->is_param || !field->field.value)
            continue;
        fn->label = field->field.name;
        lower_to(fn, field->field.value, place_field(fn, local_place(MIR_SELF), i));
        fn->label = NULL;
    }
    limit(fn, MIR_OP_LIMIT_GRACE, actor->grace);
    limit(fn, MIR_OP_LIMIT_MEMORY, actor->memory);
    leave(fn, MIR_RETURN, const_unit(fn), actor->span);
}

// ---- saying something to an actor ---------------------------------------------------------------

struct mir_operand self_reference(struct fn *fn, struct span span) {
    if (fn->captures && fn->captures->has_ref)
        return operand_of(fn, local_place(fn->captured_fields + fn->captures->fields.len));
    assert(fn->instance->actor);
    struct mir_type *ref = mir_type_ref(fn->b->module, fn->instance->actor->mir->name);
    return put_value(fn, inst(fn, MIR_OP_SELF_REF, span), ref, NULL);
}

static struct actor_instance *receiver_of(struct fn *fn, struct sema_call *call) {
    if (call->kind == CALL_SELF_SEND || call->to_self)
        return fn->instance->actor;
    struct type *to = call->bus ? subst(fn->b, &fn->env, call->bus) : type_of(fn, call->receiver);
    return actor_instance_of(fn->b, to);
}

// Receiver and, for an ask with a timeout, the time; then the message's arguments.
static struct mir_inst message_inst(struct fn *fn, enum mir_op op, struct sema_call *call,
                                    struct span span) {
    struct actor_instance *to = receiver_of(fn, call);
    struct mir_operand receiver =
        call->kind == CALL_SELF_SEND || call->to_self ? self_reference(fn, span)
        : call->bus ? bound_bus(fn, subst(fn->b, &fn->env, call->bus), span)
                    : keep(fn, lower(fn, call->receiver, NULL), span);
    int32_t count;
    struct mir_operand *args = lower_args(fn, call, &count);
    struct mir_inst i = inst(fn, op, span);
    i.actor = to->mir->name;
    i.message = call->message;
    inst_arg(fn, &i, receiver);
    if (op == MIR_OP_ASK_TIMEOUT)
        inst_arg(fn, &i, nanoseconds(fn, call->timeout));
    for (int32_t k = 0; k < count; k++)
        inst_arg(fn, &i, args[k]);
    return i;
}

static void lower_tell_any(struct fn *fn, struct sema_call *call, struct span span) {
    struct mir_operand receiver = keep(fn, lower(fn, call->receiver, NULL), span);
    int32_t count;
    struct mir_operand *args = lower_args(fn, call, &count);
    struct mir_inst i = inst(fn, MIR_OP_TELL_ANY, span);
    const char *name = call->use.function ? call->use.function->name : "on";
    i.function = intern(&fn->b->module->names, str_from(name));
    inst_arg(fn, &i, receiver);
    for (int32_t k = 0; k < count; k++)
        inst_arg(fn, &i, args[k]);
    put(fn, i);
}

static struct mir_type *reply_type(struct fn *fn, struct sema_call *call) {
    struct actor_instance *to = receiver_of(fn, call);
    struct sema_function *handler = to->actor->messages.at[call->message].handler;
    return mir_type_for(fn->b, subst(fn->b, &to->env, handler->result));
}

static struct mir_operand lower_reply(struct fn *fn, struct type *type,
                                      const struct mir_place *want, struct span span) {
    return put_value(fn, inst(fn, MIR_OP_REPLY, span), mir_type_for(fn->b, type), want);
}

struct mir_operand lower_actor_call(struct fn *fn, struct sema_call *call, struct type *type,
                                    const struct mir_place *want, struct span span) {
    switch (call->kind) {
    case CALL_SPAWN:
    case CALL_SPAWN_CHILD:
    case CALL_SPAWN_TASK:
        return lower_spawn(fn, call, type, want, span);
    case CALL_TELL:
    case CALL_SELF_SEND:
        put(fn, message_inst(fn, MIR_OP_TELL, call, span));
        return const_unit(fn);
    case CALL_TELL_ANY:
        lower_tell_any(fn, call, span);
        return const_unit(fn);
    case CALL_ANNOUNCE: {
        int32_t count;
        struct mir_operand *values = lower_args(fn, call, &count);
        tell_monitors(fn, call->use.function, values, count, span);
        return const_unit(fn);
    }
    case CALL_SEND:
    case CALL_ASK: {
        enum mir_op op = call->timeout ? MIR_OP_ASK_TIMEOUT : MIR_OP_ASK;
        struct mir_inst i = message_inst(fn, op, call, span);
        struct mir_type *t = mir_type_of(fn->b->module, MIR_FUTURE, reply_type(fn, call));
        return put_value(fn, i, t, want);
    }
    case CALL_SELF_REPLY:
        return lower_reply(fn, type, want, span);
    case CALL_SELF_REF:
        return self_reference(fn, span);
    default: {
        assert(call->kind == CALL_SELF_STOP);
        struct mir_inst i = inst(fn, MIR_OP_STOP, span);
        inst_arg(fn, &i, self_reference(fn, span));
        put(fn, i);
        return const_unit(fn);
    }
    }
}

// `return other.send(M)` in a handler: the other one replies.
bool lower_forward(struct fn *fn, struct ast_expr *value, struct span span) {
    const struct sema_expr *made = entry(fn, value);
    if (value->kind != EXPR_CALL || made->role != ROLE_CALL ||
        fn->instance->kind != CODE_FUNCTION || fn->instance->function->kind != FUNCTION_MESSAGE)
        return false;
    bool to_other = made->call->kind == CALL_SEND && fn->result->kind != TYPE_FUTURE;
    bool to_self = made->call->kind == CALL_SELF_SEND && !type_is_unit(fn->result);
    if (!to_other && !to_self)
        return false;
    put(fn, message_inst(fn, MIR_OP_FORWARD, made->call, span));
    run_cleanups(fn, NULL, span);
    leave(fn, MIR_END, const_unit(fn), span);
    return true;
}
