// SPDX-License-Identifier: MIT
// Starting actors, with what they are given besides their arguments; and supervised tasks, which
// are actors: one whose state is what the task was made of, and which runs it when it starts. So a
// task is restarted, stopped and named as any child is, and nothing else knows of it.
#include "frontend/mir/build/lower.h"

// Without options: so many restarts within that time. With `maxRetries` alone: in all its life.
enum { RETRIES_USUAL = 3 };
#define WINDOW_USUAL_NS INT64_C(5000000000)

// What is said of a spawn, and what it is; a message that asks for a child has what is said.
struct terms {
    bool has_retries, has_window, has_name, has_mailbox, confines;
    struct mir_operand retries, window, name, policy, room, ceiling;
};

static struct mir_type *bytes_type(struct build *b) {
    return mir_type_of(b->module, MIR_BUFFER, mir_type_prim(b->module, MIR_U8));
}

// ---- the options --------------------------------------------------------------------------------

static struct mir_operand lower_option(struct fn *fn, struct ast_expr *e) {
    struct mir_operand value = keep(fn, lower(fn, e, NULL), e->span);
    return is_reached(fn) ? operand_of(fn, materialize(fn, value, e->span)) : value;
}

static struct mir_operand to_i64(struct fn *fn, struct mir_operand a, struct span span) {
    return op1(fn, MIR_OP_CONVERT, a, prim(fn, MIR_I64), NULL, span);
}

static void lower_mailbox(struct fn *fn, struct ast_expr *e, struct terms *t) {
    struct mir_operand value = lower_option(fn, e);
    if (!is_reached(fn))
        return;
    if (value.type->kind != MIR_ENUM) {
        struct mir_operand room =
            op1(fn, MIR_OP_CONVERT, value, prim(fn, MIR_U32), NULL, e->span);
        value = call_std(fn, "blocking_mailbox", &room, 1, e->span);
    }
    value = operand_of(fn, materialize(fn, value, e->span));
    struct mir_operand tag = op1(fn, MIR_OP_TAG, value, prim(fn, MIR_U32), NULL, e->span);
    t->policy = to_i64(fn, tag, e->span);
    t->room = to_i64(fn, call_std(fn, "mailbox_room", &value, 1, e->span), e->span);
    t->has_mailbox = true;
}

// False: one of the options does not come to its end.
static bool lower_terms(struct fn *fn, struct sema_call *call, struct mir_operand *args,
                        int32_t count, struct terms *t, struct span span) {
    bool any = call->retries || call->within || call->name || call->mailbox;
    for (int32_t i = 0; any && i < count && is_reached(fn); i++)
        args[i] = operand_of(fn, materialize(fn, keep(fn, args[i], span), span));
    if (call->retries && is_reached(fn)) {
        struct mir_operand n = lower_option(fn, call->retries);
        if (is_reached(fn))
            t->retries = to_i64(fn, n, call->retries->span);
        t->has_retries = true;
    }
    if (call->within && is_reached(fn)) {
        struct mir_operand ns = nanoseconds(fn, call->within);
        if (is_reached(fn))
            t->window = operand_of(fn, materialize(fn, ns, call->within->span));
        t->has_window = true;
    }
    if (call->name && is_reached(fn)) {
        struct mir_operand text = lower_option(fn, call->name);
        if (is_reached(fn))
            t->name = operand_of(fn, place_field(fn, text.place, 0));
        t->has_name = true;
    }
    if (call->mailbox && is_reached(fn))
        lower_mailbox(fn, call->mailbox, t);
    return is_reached(fn);
}

// Handed to the actor that is spawned next.
static void put_terms(struct fn *fn, const struct terms *t, struct span span) {
    struct mir_inst i = inst(fn, MIR_OP_CONFINE, span);
    if (t->confines) {
        inst_arg(fn, &i, t->ceiling);
        put(fn, i);
    }
    if (t->has_name) {
        i = inst(fn, MIR_OP_ENDOW_NAME, span);
        inst_arg(fn, &i, t->name);
        put(fn, i);
    }
    if (t->has_mailbox) {
        i = inst(fn, MIR_OP_ENDOW_MAILBOX, span);
        inst_arg(fn, &i, t->policy);
        inst_arg(fn, &i, t->room);
        put(fn, i);
    }
}

static struct mir_operand put_spawn(struct fn *fn, struct mir_actor *actor, const char *child,
                                    const struct terms *t, const struct mir_operand *args,
                                    int32_t count, const struct mir_place *want,
                                    struct span span) {
    put_terms(fn, t, span);
    actor->own_mailboxes = actor->own_mailboxes || t->has_mailbox;
    struct mir_inst i = inst(fn, child ? MIR_OP_SPAWN_CHILD : MIR_OP_SPAWN, span);
    i.actor = actor->name;
    if (child) {
        struct mir_operand name = {.kind = MIR_CONST, .value.text = str_from(child)};
        name.type = bytes_type(fn->b);
        uint64_t window = t->has_retries ? (uint64_t)-1 : WINDOW_USUAL_NS;
        inst_arg(fn, &i, name);
        inst_arg(fn, &i, t->has_retries ? t->retries : const_int(fn, MIR_I64, RETRIES_USUAL));
        inst_arg(fn, &i, t->has_window ? t->window : const_int(fn, MIR_I64, window));
    }
    for (int32_t k = 0; k < count; k++)
        inst_arg(fn, &i, args[k]);
    return put_value(fn, i, mir_type_ref(fn->b->module, actor->name), want);
}

// ---- a supervisor is asked for a child: a message for each kind of child and set of options -----

void put_adoption(struct build *b, struct actor_instance *a, const struct instance *i) {
    struct mir_message m = {
        .name = intern(&b->module->names,
                       i->child->is_task ? STR("begin_task") : STR("spawn_child")),
        .result = i->mir->result,
        .handler = i->mir->name,
        .loc = i->child->loc,
    };
    for (int32_t k = 0; k < i->mir->param_count; k++)
        vec_push(b->arena, &m.params, i->mir->locals.at[k].type);
    vec_push(b->arena, &a->mir->messages, m);
}

static bool same_terms(const struct terms *a, const struct terms *b) {
    return a->has_retries == b->has_retries && a->has_window == b->has_window &&
           a->has_name == b->has_name && a->has_mailbox == b->has_mailbox &&
           a->confines == b->confines;
}

// Behind the child's own arguments.
static void declare_terms(struct build *b, struct mir_function *f, const struct terms *t) {
    struct mir_type *number = mir_type_prim(b->module, MIR_I64);
    if (t->has_retries)
        add_param(b, f, number, false, NULL);
    if (t->has_window)
        add_param(b, f, number, false, NULL);
    if (t->has_name)
        add_param(b, f, bytes_type(b), false, NULL);
    for (int i = 0; t->has_mailbox && i < 2; i++)
        add_param(b, f, number, false, NULL);
    if (t->confines)
        add_param(b, f, bytes_type(b), false, NULL);
}

static void tell_terms(struct fn *fn, struct mir_inst *i, const struct terms *t) {
    if (t->has_retries)
        inst_arg(fn, i, t->retries);
    if (t->has_window)
        inst_arg(fn, i, t->window);
    if (t->has_name)
        inst_arg(fn, i, t->name);
    if (t->has_mailbox) {
        inst_arg(fn, i, t->policy);
        inst_arg(fn, i, t->room);
    }
    if (t->confines)
        inst_arg(fn, i, t->ceiling);
}

// From the parameters that declare_terms has added; gives how many are the child's own.
static int32_t told_terms(struct fn *fn, struct terms *t) {
    int32_t at = fn->f->param_count;
    at -= t->has_retries + t->has_window + t->has_name + 2 * t->has_mailbox + t->confines;
    int32_t own = at;
    if (t->has_retries)
        t->retries = operand_of(fn, local_place(at++));
    if (t->has_window)
        t->window = operand_of(fn, local_place(at++));
    if (t->has_name)
        t->name = operand_of(fn, local_place(at++));
    if (t->has_mailbox) {
        t->policy = operand_of(fn, local_place(at++));
        t->room = operand_of(fn, local_place(at++));
    }
    if (t->confines)
        t->ceiling = operand_of(fn, local_place(at++));
    return own;
}

// Which message of the supervisor makes a child of that kind; `args` are of the types that its init
// takes.
static int32_t adoption(struct fn *fn, struct actor_instance *a, struct mir_actor *child,
                        const char *name, const struct mir_operand *args, int32_t count,
                        const struct terms *terms, struct span span) {
    struct build *b = fn->b;
    int32_t own = a->actor->messages.len;
    for (int32_t i = 0; i < a->adopts.len; i++)
        if (a->adopts.at[i]->child == child && same_terms(a->adopts.at[i]->terms, terms))
            return own + i;
    struct instance *i = instance_new(
        b, CODE_ADOPT, str_format(b->arena, "%s.spawn<%s>", a->mir->name, child->name).data);
    struct terms *said = arena_new(b->arena, struct terms);
    *said = *terms;
    i->module = fn->module;
    i->span = span;
    i->actor = a;
    i->child = child;
    i->label = name;
    i->terms = said;
    i->mir->loc = child->loc;
    i->mir->self = a->state;
    i->mir->result = mir_type_ref(b->module, child->name);
    for (int32_t k = 0; k < count; k++)
        add_param(b, i->mir, args[k].type, false, NULL);
    declare_terms(b, i->mir, terms);
    child->own_mailboxes = child->own_mailboxes || terms->has_mailbox;
    vec_push(b->arena, &a->adopts, i);
    if (a->is_filled)
        put_adoption(b, a, i);
    return own + a->adopts.len - 1;
}

void lower_adopt(struct fn *fn) {
    const struct instance *in = fn->instance;
    struct terms terms = *in->terms;
    const char *name = fn->label;
    fn->label = NULL;
    int32_t own = told_terms(fn, &terms);
    struct mir_operand *args = arena_array(fn->b->arena, struct mir_operand, own + 1);
    for (int32_t k = 0; k < own; k++)
        args[k] = operand_of(fn, local_place(k));
    struct mir_operand child =
        put_spawn(fn, in->child, name, &terms, args, own, NULL, in->span);
    leave(fn, MIR_RETURN, child, in->span);
}

static struct mir_inst ask_for_child(struct fn *fn, enum mir_op op, struct sema_call *call,
                                     struct mir_operand receiver, struct mir_actor *child,
                                     const struct mir_operand *args, int32_t count,
                                     const struct terms *terms, struct span span) {
    struct actor_instance *to = actor_instance_of(fn->b, type_of(fn, call->receiver));
    struct mir_inst i = inst(fn, op, span);
    i.actor = to->mir->name;
    i.message = adoption(fn, to, child, call->child, args, count, terms, span);
    inst_arg(fn, &i, receiver);
    for (int32_t k = 0; k < count; k++)
        inst_arg(fn, &i, args[k]);
    tell_terms(fn, &i, terms);
    return i;
}

// ---- supervised tasks ---------------------------------------------------------------------------

void lower_task_init(struct fn *fn) {
    for (int32_t i = 0; i < fn->f->param_count; i++)
        assign(fn, place_field(fn, local_place(MIR_SELF), i), operand_of(fn, local_place(i)),
               fn->instance->span);
    leave(fn, MIR_RETURN, const_unit(fn), fn->instance->span);
}

// An `Err` that it gives is a failure, since there is nobody to take it.
static void fail_with_err(struct fn *fn, struct mir_place result, struct type *t,
                          struct span span) {
    struct mir_operand tag =
        op1(fn, MIR_OP_TAG, operand_of(fn, result), prim(fn, MIR_U32), NULL, span);
    struct mir_operand is_err =
        op2(fn, MIR_OP_EQ, tag, const_int(fn, MIR_U32, 1), prim(fn, MIR_BOOL), NULL, span);
    int32_t bad = block_new(fn), good = block_new(fn);
    branch(fn, is_err, bad, good, span);
    enter(fn, bad);
    raise_error(fn, operand_of(fn, typed_field(fn, result, t, 1, 0)), span);
    enter(fn, good);
}

// Runs the task and ends.
void lower_task_run(struct fn *fn) {
    const struct instance *in = fn->instance;
    struct mir_inst call = inst(fn, MIR_OP_CALL, in->span);
    call.function = in->body->name;
    for (int32_t i = 0; i < in->body->param_count; i++)
        inst_arg(fn, &call, operand_of(fn, place_field(fn, local_place(MIR_SELF), i)));
    struct mir_type *result = in->body->result;
    if (result->kind == MIR_NEVER) {
        put(fn, call);
        leave(fn, MIR_UNREACHABLE, const_unit(fn), in->span);
        return;
    }
    if (result->kind == MIR_UNIT)
        put(fn, call);
    else if (in->type->kind == TYPE_ENUM && in->type->enumeration == fn->b->program->known.result)
        fail_with_err(fn, put_value(fn, call, result, NULL).place, in->type, in->span);
    else
        put_value(fn, call, result, NULL);
    struct mir_type *ref = mir_type_ref(fn->b->module, in->child->name);
    struct mir_inst stop = inst(fn, MIR_OP_STOP, in->span);
    inst_arg(fn, &stop, put_value(fn, inst(fn, MIR_OP_SELF_REF, in->span), ref, NULL));
    put(fn, stop);
    leave(fn, MIR_RETURN, const_unit(fn), in->span);
}

static struct instance *task_function(struct fn *fn, struct mir_actor *actor, enum code_kind kind,
                                      const char *word, struct span span) {
    struct build *b = fn->b;
    struct instance *i =
        instance_new(b, kind, str_format(b->arena, "%s.%s", actor->name, word).data);
    i->module = fn->module;
    i->span = span;
    i->child = actor;
    i->mir->loc = loc_of(b, span);
    i->mir->self = actor->state;
    i->mir->result = mir_type_prim(b->module, MIR_UNIT);
    return i;
}

// The actor that runs the task; one for each function that a task runs.
static struct mir_actor *task_actor(struct fn *fn, const struct instance *body, struct type *type,
                                    const struct ast_expr *e) {
    struct span span = e->span;
    struct build *b = fn->b;
    for (int32_t i = 0; i < b->task_actors.len; i++)
        if (b->task_actors.at[i]->body == body->mir)
            return b->task_actors.at[i]->child;
    const char *of = e->kind == EXPR_ASYNC ? fn->f->name : body->mir->name;
    const char *path = str_format(b->arena, "%s.task", of).data, *name = path;
    for (int i = 2; mir_find_actor(b->module, name); i++)
        name = str_format(b->arena, "%s$%d", path, i).data;
    struct mir_actor *actor = mir_actor_new(b->module, name);
    actor->is_task = true;
    actor->loc = loc_of(b, span);
    bool is_new;
    actor->state = mir_type_named(b->module, MIR_STRUCT,
                                  str_format(b->arena, "%s.state", name).data, &is_new);
    struct instance *init = task_function(fn, actor, CODE_TASK_INIT, "init", span);
    for (int32_t i = 0; i < body->mir->param_count; i++) {
        struct mir_type *t = body->mir->locals.at[i].type;
        const char *known = body->mir->locals.at[i].name;
        struct str called = known ? str_from(known) : str_format(b->arena, "_%d", (int)i);
        struct mir_field field = {.name = intern(&b->module->names, called), .type = t};
        vec_push(b->arena, &actor->state->fields, field);
        add_param(b, init->mir, t, false, body->mir->locals.at[i].name);
    }
    struct instance *run = task_function(fn, actor, CODE_TASK_RUN, "run", span);
    run->type = type;
    run->body = body->mir;
    actor->init = init->mir->name;
    actor->on_start = run->mir->name;
    vec_push(b->arena, &b->task_actors, run);
    return actor;
}

static struct mir_operand lower_spawn_task(struct fn *fn, struct sema_call *call,
                                           struct span span) {
    struct ast_expr *e = call->args.at[0].value;
    struct mir_inst task = inst(fn, MIR_OP_TASK, span);
    struct mir_operand receiver = const_unit(fn);
    if (call->receiver)
        receiver = keep(fn, lower(fn, call->receiver, NULL), span);
    struct instance *body = is_reached(fn) ? task_body(fn, e, &task) : NULL;
    struct terms terms = {0};
    if (!body || !lower_terms(fn, call, task.args.at, task.args.len, &terms, span))
        return const_unit(fn);
    struct mir_actor *actor = task_actor(fn, body, value_type_of(fn, e)->args[0], e);
    if (!call->receiver) {
        put_spawn(fn, actor, call->child, &terms, task.args.at, task.args.len, NULL, span);
        return const_unit(fn);
    }
    // It may do there what may be done both there and here.
    terms.confines = true;
    terms.ceiling = put_value(fn, inst(fn, MIR_OP_CEILING, span), bytes_type(fn->b), NULL);
    put(fn, ask_for_child(fn, MIR_OP_TELL, call, receiver, actor, task.args.at, task.args.len,
                          &terms, span));
    return const_unit(fn);
}

// ---- the forms ----------------------------------------------------------------------------------

struct mir_operand lower_spawn(struct fn *fn, struct sema_call *call, struct type *type,
                               const struct mir_place *want, struct span span) {
    if (call->kind == CALL_SPAWN_TASK)
        return lower_spawn_task(fn, call, span);
    bool asks = call->kind == CALL_SPAWN_CHILD;
    struct actor_instance *a = actor_instance_of(fn->b, asks ? type->args[0] : type);
    struct mir_operand receiver = const_unit(fn);
    if (asks)
        receiver = keep(fn, lower(fn, call->receiver, NULL), span);
    int32_t count;
    struct mir_operand *args = lower_args(fn, call, &count);
    struct terms terms = {0};
    if (!is_reached(fn) || !lower_terms(fn, call, args, count, &terms, span))
        return const_unit(fn);
    if (call->capabilities)
        hand_over(fn, call->capabilities, args, count);
    if (!is_reached(fn))
        return const_unit(fn);
    if (!asks)
        return put_spawn(fn, a->mir, call->child, &terms, args, count, want, span);
    struct mir_inst i =
        ask_for_child(fn, MIR_OP_ASK, call, receiver, a->mir, args, count, &terms, span);
    return put_value(fn, i, mir_type_for(fn->b, type), want);
}
