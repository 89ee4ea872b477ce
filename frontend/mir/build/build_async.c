// SPDX-License-Identifier: MIT
// Futures: starting tasks, waiting, taking results.
//
// A task runs a function: that of the call, or the body of `async {}` with its captures. An ask
// gives a future of what the handler replies; what the program sees, Result<T, AskError<E>>, is
// made of it when it is taken ("settled"), or by a small task where such a future is a value.
#include "frontend/mir/build/lower.h"

// ---- settling an ask ----------------------------------------------------------------------------

static int32_t variant_named(const struct sema_enum *e, const char *name) {
    for (int32_t i = 0; i < e->variants.len; i++)
        if (strcmp(e->variants.at[i].name, name) == 0)
            return i;
    assert(!"the library's enums have the variants that the language needs");
    return 0;
}

static struct mir_operand make_err(struct fn *fn, struct type *result, const char *why,
                                   struct mir_operand *inner, const struct mir_place *want,
                                   struct span span) {
    struct type *ask_error = result->args[1];
    struct mir_operand error =
        make_struct(fn, ask_error, variant_named(ask_error->enumeration, why), inner, inner ? 1 : 0,
                    NULL, span);
    return make_struct(fn, result, 1, &error, 1, want, span);
}

// The handler replied: its own Result becomes part of the ask's.
static void settle_reply(struct fn *fn, const struct started *s, struct mir_operand reply,
                         struct mir_place to, int32_t end, struct span span) {
    bool is_result =
        s->raw->kind == TYPE_ENUM && s->raw->enumeration == fn->b->program->known.result;
    if (!is_result) {
        assign(fn, to, make_struct(fn, s->type, 0, &reply, 1, &to, span), span);
        jump(fn, end, span);
        return;
    }
    struct mir_operand tag = op1(fn, MIR_OP_TAG, reply, prim(fn, MIR_U32), NULL, span);
    struct mir_operand ok = const_int(fn, MIR_U32, 0);
    int32_t good = block_new(fn), bad = block_new(fn);
    branch(fn, op2(fn, MIR_OP_EQ, tag, ok, prim(fn, MIR_BOOL), NULL, span), good, bad, span);
    enter(fn, good);
    struct mir_operand value = operand_of(fn, typed_field(fn, reply.place, s->raw, 0, 0));
    assign(fn, to, make_struct(fn, s->type, 0, &value, 1, &to, span), span);
    jump(fn, end, span);
    enter(fn, bad);
    struct mir_operand error = operand_of(fn, typed_field(fn, reply.place, s->raw, 1, 0));
    assign(fn, to, make_err(fn, s->type, "Failed", &error, &to, span), span);
    jump(fn, end, span);
}

static struct mir_operand take(struct fn *fn, struct mir_operand future,
                               const struct mir_place *want, struct span span) {
    return op1(fn, MIR_OP_TAKE, future, future.type->element, want, span);
}

static struct mir_operand settle(struct fn *fn, const struct started *s,
                                 const struct mir_place *want, struct span span) {
    static const struct {
        enum failure kind;
        const char *variant;
    } failures[] = {{FAILURE_TIMEOUT, "Timeout"},
                    {FAILURE_STOPPED, "Stopped"},
                    {FAILURE_CRASHED, "Crashed"},
                    {FAILURE_DROPPED, "Dropped"}};
    struct mir_place to = want ? *want : local_place(temp(fn, mir_type_for(fn->b, s->type)));
    struct mir_operand outcome = op1(fn, MIR_OP_OUTCOME, s->future, prim(fn, MIR_I64), NULL, span);
    int32_t end = block_new(fn);
    for (int i = 0; i < 4; i++) {
        int32_t yes = block_new(fn), no = block_new(fn);
        struct mir_operand kind = const_int(fn, MIR_I64, failures[i].kind);
        branch(fn, op2(fn, MIR_OP_EQ, outcome, kind, prim(fn, MIR_BOOL), NULL, span), yes, no,
               span);
        enter(fn, yes);
        assign(fn, to, make_err(fn, s->type, failures[i].variant, NULL, &to, span), span);
        jump(fn, end, span);
        enter(fn, no);
    }
    settle_reply(fn, s, take(fn, s->future, NULL, span), to, end, span);
    enter(fn, end);
    return operand_of(fn, to);
}

// The task that settles: future in, Result out.
void lower_settle(struct fn *fn) {
    struct started s = {.future = operand_of(fn, local_place(0)),
                        .is_ask = true,
                        .type = fn->instance->type,
                        .raw = fn->instance->raw};
    struct span span = {0};
    wait_for(fn, &s.future, 1, span);
    leave(fn, MIR_RETURN, settle(fn, &s, NULL, span), span);
}

// ---- small tasks around a future ----------------------------------------------------------------

static struct instance *around(struct fn *fn, enum code_kind kind, const char *word,
                               struct type *type, struct type *raw, struct mir_type *future) {
    struct build *b = fn->b;
    struct str key = str_format(b->arena, "%s:%d,%d", word, (int)type->id, (int)raw->id);
    struct instance *i = map_get(&b->instances, key);
    if (i)
        return i;
    const char *name = str_format(b->arena, "$%s<%s>", word, type_path(b, raw)).data;
    i = instance_new(b, kind, name);
    map_put(b->arena, &b->instances, key, i);
    i->function = fn->instance->function;
    i->module = fn->module;
    i->type = type;
    i->raw = raw;
    i->mir->result = mir_type_for(b, type);
    mir_local_new(b->module, i->mir, future, NULL);
    vec_push(b->arena, &i->mir->modes, MIR_PARAM_LEND);
    i->mir->param_count = 1;
    return i;
}

static struct mir_operand task_around(struct fn *fn, struct instance *i, struct mir_operand future,
                                      const struct mir_operand *in, struct span span) {
    struct mir_inst task = inst(fn, MIR_OP_TASK, span);
    task.function = i->mir->name;
    task.number = MIR_TASK_BRANCH;
    inst_arg(fn, &task, future);
    if (in) {
        inst_arg(fn, &task, *in);
        task.has_scope = true;
    }
    return put_value(fn, task, mir_type_of(fn->b->module, MIR_FUTURE, i->mir->result), NULL);
}

// ---- starting -----------------------------------------------------------------------------------

static struct mir_operand put_task(struct fn *fn, struct mir_inst task, struct instance *body,
                                   enum mir_task_kind kind, const struct mir_operand *in) {
    task.function = body->mir->name;
    if (kind == MIR_TASK_FREE && body->mir->self)
        kind = MIR_TASK_ISOLATED;
    task.number = (int32_t)kind;
    if (in) {
        inst_arg(fn, &task, *in);
        task.has_scope = true;
    }
    return put_value(fn, task, mir_type_of(fn->b->module, MIR_FUTURE, body->mir->result), NULL);
}

struct mir_operand put_free_task(struct fn *fn, struct mir_inst task, struct instance *body) {
    return put_task(fn, task, body, MIR_TASK_FREE, NULL);
}

// The function of a call that is to be run as a task, whose arguments are those of `task`.
static struct instance *call_of_task(struct fn *fn, struct ast_expr *e, struct mir_inst *task) {
    struct sema_call *call = entry(fn, e)->call;
    if (call->use.function->builtin != BUILTIN_NONE) {
        unbuilt(fn, P8030, e->span, "this operation as a task is not compiled yet");
        return NULL;
    }
    if (say_place_kept(fn, call, e->span)) {
        enter(fn, -1);
        return NULL;
    }
    if (call->use.function->self != SELF_NONE && call->receiver)
        inst_arg(fn, task, lower_receiver(fn, call));
    int32_t count;
    struct mir_operand *args = lower_args(fn, call, &count);
    for (int32_t i = 0; i < count && is_reached(fn); i++)
        inst_arg(fn, task, args[i]);
    if (!is_reached(fn))
        return NULL;
    return call->kind == CALL_ACTOR
               ? instance_of(fn->b, call->use.function, use_env(fn, &call->use),
                             fn->instance->actor)
               : use_instance(fn, &call->use, call->kind == CALL_TRAIT, e->span);
}

static struct type *raw_reply(struct fn *fn, const struct sema_call *call) {
    struct actor_instance *to =
        call->to_self ? fn->instance->actor : actor_instance_of(fn->b, type_of(fn, call->receiver));
    return subst(fn->b, &to->env, to->actor->messages.at[call->message].handler->result);
}

static bool is_limited(struct fn *fn, const struct ast_expr *e) {
    const struct sema_expr *s = entry(fn, e);
    return e->kind == EXPR_CALL && s->role == ROLE_CALL && s->call->kind == CALL_LIMITED;
}

// Something that has not begun: `async { … }`, a call.
static bool is_recipe(struct fn *fn, const struct ast_expr *e) {
    return e->kind == EXPR_ASYNC || is_limited(fn, e) || is_cold_call(fn, e);
}

struct instance *task_body(struct fn *fn, struct ast_expr *e, struct mir_inst *task) {
    e = bare(e);
    assert(is_recipe(fn, e));
    bool calls = e->kind != EXPR_ASYNC && !is_limited(fn, e);
    return calls ? call_of_task(fn, e, task) : task_instance(fn, e, task);
}

// A task that is under way already ends with what it is given to, as those do that begin there.
static void adopt(struct fn *fn, struct mir_operand scope, struct mir_operand future,
                  struct span span) {
    struct mir_inst i = inst(fn, MIR_OP_SCOPE_ADOPT, span);
    inst_arg(fn, &i, scope);
    inst_arg(fn, &i, future);
    put(fn, i);
}

struct started start(struct fn *fn, struct ast_expr *e, enum mir_task_kind kind,
                     const struct mir_operand *in) {
    e = bare(e);
    const struct sema_expr *s = entry(fn, e);
    struct type *type = value_type_of(fn, e);
    struct started made = {.type = type->kind == TYPE_FUTURE ? type->args[0] : type};
    if (e->kind == EXPR_NAME && s->role == ROLE_LOCAL) {
        struct binding *known = binding_of(fn, s->variable);
        if (known && known->cold)
            return start(fn, known->cold->expr, kind, in);
    }
    if (is_recipe(fn, e)) { // of one with a limit: awaits it, within its time
        struct mir_inst task = inst(fn, MIR_OP_TASK, e->span);
        struct instance *body = task_body(fn, e, &task);
        made.future = body ? put_task(fn, task, body, kind, in) : const_unit(fn);
    } else if (e->kind == EXPR_CALL && s->role == ROLE_CALL && s->call->kind == CALL_ASK) {
        made.is_ask = true;
        made.raw = raw_reply(fn, s->call);
        made.future = lower_actor_call(fn, s->call, type, NULL, e->span);
    } else {
        made.future = lower(fn, e, NULL);
        bool runs = is_reached(fn) && made.future.type->kind == MIR_FUTURE;
        if (in && in->type->kind == MIR_SCOPE && runs) {
            made.future = keep(fn, made.future, e->span);
            adopt(fn, *in, made.future, e->span);
        }
    }
    return made;
}

struct mir_operand start_value(struct fn *fn, struct ast_expr *e, enum mir_task_kind kind,
                               const struct mir_operand *in) {
    struct started s = start(fn, e, kind, in);
    if (!s.is_ask || !is_reached(fn))
        return s.future;
    struct instance *i = around(fn, CODE_SETTLE, "settle", s.type, s.raw, s.future.type);
    return task_around(fn, i, s.future, NULL, e->span);
}

// ---- waiting ------------------------------------------------------------------------------------

void wait_for(struct fn *fn, const struct mir_operand *futures, int32_t count, struct span span) {
    struct mir_inst i = inst(fn, MIR_OP_WAIT, span);
    for (int32_t k = 0; k < count; k++)
        inst_arg(fn, &i, futures[k]);
    put(fn, i);
}

static void end_group(struct fn *fn, struct cleanup *group, struct span span) {
    if (!group)
        return;
    int32_t normal;
    struct mir_operand error = close_group(fn, group, &normal, span);
    leave(fn, MIR_RAISE, error, span);
    enter(fn, normal);
}

struct mir_operand finish(struct fn *fn, const struct started *s, const struct mir_place *want,
                          struct span span) {
    if (!is_reached(fn))
        return dead(fn, mir_type_for(fn->b, s->type));
    return s->is_ask ? settle(fn, s, want, span) : take(fn, s->future, want, span);
}

struct mir_operand lower_await(struct fn *fn, struct ast_expr *operand, struct type *result,
                               const struct mir_place *want, struct span span) {
    operand = bare(operand);
    const struct sema_expr *s = entry(fn, operand);
    if (operand->kind == EXPR_NAME && s->role == ROLE_LOCAL) {
        struct binding *known = binding_of(fn, s->variable);
        if (known && known->cold)
            return lower_await(fn, known->cold->expr, result, want, span);
    }
    if (is_cold_call(fn, operand))
        return lower_call_entry(fn, s->call, result, want, operand->span);
    if (is_limited(fn, operand))
        return lower_limited(fn, s->call, result, want, operand->span);
    if (value_type_of(fn, operand)->kind != TYPE_FUTURE)
        return lower(fn, operand, want);
    struct cleanup *group = operand->kind == EXPR_ASYNC ? open_group(fn, span) : NULL;
    struct started f = start(fn, operand, MIR_TASK_BRANCH, group ? &group->scope : NULL);
    struct mir_operand value = const_unit(fn);
    if (is_reached(fn)) {
        f.future = keep(fn, f.future, span);
        wait_for(fn, &f.future, 1, span);
        value = finish(fn, &f, want, span);
    }
    end_group(fn, group, span);
    return is_reached(fn) ? value : const_unit(fn);
}

// ---- join and its like --------------------------------------------------------------------------

static bool is_hot(struct fn *fn, struct ast_expr *e) {
    e = bare(e);
    const struct sema_expr *s = entry(fn, e);
    return e->kind == EXPR_CALL && s->role == ROLE_CALL &&
           (s->call->kind == CALL_SEND || s->call->kind == CALL_ASK);
}

struct many {
    struct started *at;
    struct mir_operand *futures;
    int32_t len;
    struct cleanup *group; // NULL: nothing to cancel
};

static struct many start_all(struct fn *fn, struct sema_call *call, bool needs_group,
                             struct span span) {
    struct many m = {.len = call->args.len};
    m.at = arena_array(fn->b->arena, struct started, m.len + 1);
    m.futures = arena_array(fn->b->arena, struct mir_operand, m.len + 1);
    for (int32_t i = 0; i < m.len; i++)
        needs_group = needs_group || !is_hot(fn, call->args.at[i].value);
    if (needs_group)
        m.group = open_group(fn, span);
    for (int32_t i = 0; i < m.len; i++) {
        m.at[i] =
            start(fn, call->args.at[i].value, MIR_TASK_BRANCH, m.group ? &m.group->scope : NULL);
        m.at[i].future = m.futures[i] =
            is_reached(fn) ? keep(fn, m.at[i].future, span) : const_unit(fn);
    }
    return m;
}

// The failure of a branch ends the wait for all; that of an ask is a value, so for each of these it
// is waited to its end.
static void wait_for_joined(struct fn *fn, const struct many *m, struct span span) {
    struct mir_operand *others = arena_array(fn->b->arena, struct mir_operand, m->len + 1);
    int32_t count = 0;
    for (int32_t i = 0; i < m->len; i++)
        if (!m->at[i].is_ask)
            others[count++] = m->futures[i];
    if (count || m->len == 0)
        wait_for(fn, others, count, span);
    for (int32_t i = 0; i < m->len && is_reached(fn); i++)
        if (m->at[i].is_ask)
            wait_for(fn, &m->futures[i], 1, span);
}

static struct mir_operand tuple_of(struct fn *fn, struct type *type, struct mir_operand *values,
                                   int32_t count, const struct mir_place *want, struct span span) {
    if (type->kind != TYPE_TUPLE || (count == 1 && type->arg_count != 1))
        return values[0];
    return make_struct(fn, type, -1, values, count, want, span);
}

static struct mir_operand lower_join(struct fn *fn, struct sema_call *call, struct type *type,
                                     const struct mir_place *want, struct span span) {
    struct many m = start_all(fn, call, false, span);
    wait_for_joined(fn, &m, span);
    struct mir_operand *values = arena_array(fn->b->arena, struct mir_operand, m.len + 1);
    for (int32_t i = 0; i < m.len; i++)
        values[i] = finish(fn, &m.at[i], NULL, span);
    end_group(fn, m.group, span);
    if (!is_reached(fn))
        return const_unit(fn);
    return tuple_of(fn, type, values, m.len, want, span);
}

static struct mir_operand lower_race(struct fn *fn, struct sema_call *call, struct type *type,
                                     struct span span) {
    struct mir_type *t = mir_type_for(fn->b, type);
    struct mir_place to = local_place(temp(fn, t));
    struct many m = start_all(fn, call, true, span);
    struct mir_inst any = inst(fn, MIR_OP_WAIT_ANY, span);
    for (int32_t i = 0; i < m.len; i++)
        inst_arg(fn, &any, m.futures[i]);
    struct mir_operand winner = put_value(fn, any, prim(fn, MIR_U64), NULL);
    int32_t end = block_new(fn);
    for (int32_t i = 0; i < m.len; i++) {
        int32_t next = block_new(fn), here = block_new(fn);
        struct mir_operand index = const_int(fn, MIR_U64, (uint64_t)i);
        branch(fn, op2(fn, MIR_OP_EQ, winner, index, prim(fn, MIR_BOOL), NULL, span), here, next,
               span);
        enter(fn, here);
        if (m.futures[i].type->element->kind == MIR_NEVER) { // it has failed
            finish(fn, &m.at[i], NULL, span);
            leave(fn, MIR_UNREACHABLE, const_unit(fn), span);
        } else {
            assign(fn, to, finish(fn, &m.at[i], &to, span), span);
        }
        jump(fn, end, span);
        enter(fn, next);
    }
    leave(fn, MIR_UNREACHABLE, const_unit(fn), span);
    enter(fn, end);
    end_group(fn, m.group, span);
    return t->kind == MIR_UNIT ? const_unit(fn) : operand_of(fn, to);
}

// A loop over the items of a buffer; the caller fills the body and ends it with `each_end`.
struct each {
    struct mir_operand at;
    struct mir_place counter;
    int32_t head, out;
};

static struct each each_begin(struct fn *fn, struct mir_place buffer, struct span span) {
    struct mir_operand len =
        op1(fn, MIR_OP_BUF_LEN, operand_of(fn, buffer), prim(fn, MIR_U64), NULL, span);
    struct each e = {.counter = local_place(temp(fn, prim(fn, MIR_U64)))};
    assign(fn, e.counter, const_int(fn, MIR_U64, 0), span);
    e.at = operand_of(fn, e.counter);
    e.head = block_new(fn);
    e.out = block_new(fn);
    jump(fn, e.head, span);
    enter(fn, e.head);
    int32_t body = block_new(fn);
    branch(fn, op2(fn, MIR_OP_LT, e.at, len, prim(fn, MIR_BOOL), NULL, span), body, e.out, span);
    enter(fn, body);
    return e;
}

static void each_end(struct fn *fn, struct each *e, struct span span) {
    op2(fn, MIR_OP_ADDW, e->at, const_int(fn, MIR_U64, 1), prim(fn, MIR_U64), &e->counter, span);
    jump(fn, e->head, span);
    enter(fn, e->out);
}

static void push_to(struct fn *fn, struct mir_operand buffer, struct mir_operand item,
                    struct span span) {
    struct mir_inst i = inst(fn, MIR_OP_BUF_PUSH, span);
    inst_arg(fn, &i, buffer);
    inst_arg(fn, &i, item);
    put(fn, i);
}

// What a buffer of futures gives, in a new buffer. All are waited for, up to the first failure; or
// in their order, so that of several failures that of the first one counts.
static struct mir_operand take_all(struct fn *fn, struct mir_operand futures, bool in_order,
                                   struct span span) {
    wait_for(fn, &futures, 1, span);
    struct mir_type *item = futures.type->element->element;
    struct mir_type *t = mir_type_of(fn->b->module, MIR_BUFFER, item);
    struct mir_operand made = put_value(fn, inst(fn, MIR_OP_BUF_NEW, span), t, NULL);
    struct each e = each_begin(fn, futures.place, span);
    struct mir_operand future = operand_of(fn, place_index(fn, futures.place, e.at));
    if (in_order)
        wait_for(fn, &future, 1, span);
    push_to(fn, made, take(fn, future, NULL, span), span);
    each_end(fn, &e, span);
    return made;
}

struct mir_operand lower_all_of_list(struct fn *fn, struct sema_call *call, struct span span) {
    struct mir_operand list = keep(fn, lower(fn, call->args.at[0].value, NULL), span);
    return is_reached(fn) ? take_all(fn, list, true, span) : list;
}

// Opens a group, and gives it all that a list of futures waits for.
static struct cleanup *adopt_list(struct fn *fn, struct mir_operand list, struct span span) {
    struct cleanup *group = open_group(fn, span);
    struct each e = each_begin(fn, list.place, span);
    adopt(fn, group->scope, operand_of(fn, place_index(fn, list.place, e.at)), span);
    each_end(fn, &e, span);
    return group;
}

static struct mir_operand lower_join_list(struct fn *fn, struct sema_call *call, struct span span) {
    struct mir_operand list = keep(fn, lower(fn, call->args.at[0].value, NULL), span);
    if (!is_reached(fn))
        return list;
    list = operand_of(fn, materialize(fn, list, span));
    struct cleanup *group = adopt_list(fn, list, span);
    struct mir_operand made = take_all(fn, list, false, span);
    end_group(fn, group, span);
    return made;
}

static struct mir_operand lower_race_list(struct fn *fn, struct sema_call *call, struct type *type,
                                          struct span span) {
    struct mir_operand list = keep(fn, lower(fn, call->args.at[0].value, NULL), span);
    if (!is_reached(fn))
        return list;
    list = operand_of(fn, materialize(fn, list, span));
    struct mir_place to = local_place(temp(fn, mir_type_for(fn->b, type)));
    struct cleanup *group = adopt_list(fn, list, span);
    struct mir_operand len = op1(fn, MIR_OP_BUF_LEN, list, prim(fn, MIR_U64), NULL, span);
    struct mir_operand none = const_int(fn, MIR_U64, 0);
    int32_t empty = block_new(fn), runs = block_new(fn);
    branch(fn, op2(fn, MIR_OP_EQ, len, none, prim(fn, MIR_BOOL), NULL, span), empty, runs, span);
    enter(fn, empty);
    raise_text(fn, FAILURE_UNWRAP, const_text(fn, STR("nobody takes part in the race")), span);
    enter(fn, runs);
    struct mir_inst any = inst(fn, MIR_OP_WAIT_ANY, span);
    inst_arg(fn, &any, list);
    struct mir_operand winner = put_value(fn, any, prim(fn, MIR_U64), NULL);
    struct mir_operand future = operand_of(fn, place_index(fn, list.place, winner));
    assign(fn, to, take(fn, future, &to, span), span);
    end_group(fn, group, span);
    return is_reached(fn) ? operand_of(fn, to) : const_unit(fn);
}

// async.map(list, |item| async { … }): a branch for each item.
// The items of what is gone over, as a list.
static struct mir_operand lower_items(struct fn *fn, struct ast_expr *e) {
    struct type *t = type_of(fn, e);
    struct mir_operand all = lower(fn, e, NULL);
    if (!is_reached(fn) || t->structure == fn->b->program->known.list)
        return all;
    struct instance *items = method_instance(fn->b, t, "items", 0);
    assert(items);
    struct mir_inst call = inst(fn, MIR_OP_CALL, e->span);
    call.function = items->mir->name;
    inst_arg(fn, &call, all);
    return put_value(fn, call, items->mir->result, NULL);
}

static struct mir_operand lower_map(struct fn *fn, struct sema_call *call, struct span span) {
    struct ast_expr *body = call->args.at[1].value;
    struct mir_operand list = keep(fn, lower_items(fn, call->args.at[0].value), span);
    if (!is_reached(fn))
        return list;
    struct mir_place items = materialize(fn, list, span);
    struct mir_operand closure = {0};
    struct mir_inst task = inst(fn, MIR_OP_TASK, body->span);
    struct instance *i = NULL;
    if (body->kind == EXPR_CLOSURE)
        i = task_instance(fn, body, &task);
    else
        closure = keep(fn, lower(fn, body, NULL), span);
    struct mir_type *result =
        i ? mir_type_of(fn->b->module, MIR_FUTURE, i->mir->result) : closure.type->element;
    struct cleanup *group = open_group(fn, span);
    struct mir_operand futures = put_value(fn, inst(fn, MIR_OP_BUF_NEW, span),
                                           mir_type_of(fn->b->module, MIR_BUFFER, result), NULL);
    struct each e = each_begin(fn, items, span);
    struct mir_operand item = operand_of(fn, place_index(fn, items, e.at)), future;
    if (i) {
        inst_arg(fn, &task, item);
        future = put_task(fn, task, i, MIR_TASK_BRANCH, &group->scope);
    } else {
        future = op2(fn, MIR_OP_APPLY, closure, item, result, NULL, span);
    }
    push_to(fn, futures, future, span);
    each_end(fn, &e, span);
    struct mir_operand made = take_all(fn, futures, false, span);
    end_group(fn, group, span);
    return made;
}

// ---- try_join -----------------------------------------------------------------------------------

// The task that fails with what its future gives as Err.
void lower_try_task(struct fn *fn) {
    struct span span = {0};
    struct mir_operand future = operand_of(fn, local_place(0));
    wait_for(fn, &future, 1, span);
    struct mir_operand value = take(fn, future, NULL, span);
    struct type *raw = fn->instance->raw;
    struct mir_operand tag = op1(fn, MIR_OP_TAG, value, prim(fn, MIR_U32), NULL, span);
    struct mir_operand ok = const_int(fn, MIR_U32, 0);
    int32_t good = block_new(fn), bad = block_new(fn);
    branch(fn, op2(fn, MIR_OP_EQ, tag, ok, prim(fn, MIR_BOOL), NULL, span), good, bad, span);
    enter(fn, bad);
    struct mir_operand error = operand_of(fn, typed_field(fn, value.place, raw, 1, 0));
    leave(fn, MIR_RAISE, op1(fn, MIR_OP_ERROR_OF, error, prim(fn, MIR_ERROR), NULL, span), span);
    enter(fn, good);
    leave(fn, MIR_RETURN, operand_of(fn, typed_field(fn, value.place, raw, 0, 0)), span);
}

static void start_tries(struct fn *fn, struct many *m, struct span span) {
    for (int32_t i = 0; i < m->len && is_reached(fn); i++) {
        struct started *s = &m->at[i];
        if (s->is_ask) {
            struct instance *settled =
                around(fn, CODE_SETTLE, "settle", s->type, s->raw, s->future.type);
            s->future = task_around(fn, settled, s->future, &m->group->scope, span);
        }
        struct instance *tried =
            around(fn, CODE_TRY, "try", s->type->args[0], s->type, s->future.type);
        s->future = task_around(fn, tried, s->future, &m->group->scope, span);
        s->type = s->type->args[0];
        s->is_ask = false;
        m->futures[i] = s->future;
    }
}

// Leaves the group of a try_join: the error that its tasks fail with becomes an Err, which goes to
// `to`. `*end` is where both ways meet; at hand is the normal one, which is to put the values
// there.
static void leave_tries(struct fn *fn, struct cleanup *group, struct type *type,
                        struct mir_place to, int32_t *end, struct span span) {
    struct type *error = type->args[1];
    int32_t normal;
    struct mir_operand caught = close_group(fn, group, &normal, span);
    struct mir_inst is = inst(fn, MIR_OP_ERROR_IS, span);
    inst_arg(fn, &is, caught);
    is.type = mir_type_for(fn->b, error);
    int32_t ours = block_new(fn), other = block_new(fn);
    *end = block_new(fn);
    branch(fn, put_value(fn, is, prim(fn, MIR_BOOL), NULL), ours, other, span);
    enter(fn, other);
    leave(fn, MIR_RAISE, caught, span);
    enter(fn, ours);
    struct mir_operand err = op1(fn, MIR_OP_ERROR_GET, caught, is.type, NULL, span);
    assign(fn, to, make_struct(fn, type, 1, &err, 1, &to, span), span);
    jump(fn, *end, span);
    enter(fn, normal);
}

static struct mir_operand lower_try_join(struct fn *fn, struct sema_call *call, struct type *type,
                                         const struct mir_place *want, struct span span) {
    struct mir_place to = want ? *want : local_place(temp(fn, mir_type_for(fn->b, type)));
    struct many m = start_all(fn, call, true, span);
    start_tries(fn, &m, span);
    wait_for(fn, m.futures, m.len, span);
    struct mir_operand *values = arena_array(fn->b->arena, struct mir_operand, m.len + 1);
    for (int32_t i = 0; i < m.len; i++)
        values[i] = finish(fn, &m.at[i], NULL, span);
    int32_t end;
    leave_tries(fn, m.group, type, to, &end, span);
    if (is_reached(fn)) {
        struct mir_operand tuple = tuple_of(fn, type->args[0], values, m.len, NULL, span);
        assign(fn, to, make_struct(fn, type, 0, &tuple, 1, &to, span), span);
        jump(fn, end, span);
    }
    enter(fn, end);
    return operand_of(fn, to);
}

static struct mir_operand lower_try_join_list(struct fn *fn, struct sema_call *call,
                                              struct type *type, struct span span) {
    struct mir_operand list = keep(fn, lower(fn, call->args.at[0].value, NULL), span);
    if (!is_reached(fn))
        return list;
    list = operand_of(fn, materialize(fn, list, span));
    struct mir_place to = local_place(temp(fn, mir_type_for(fn->b, type)));
    struct type *value = type->args[0]->args[0];
    struct type *raw = value_type_of(fn, call->args.at[0].value)->args[0]->args[0];
    struct cleanup *group = adopt_list(fn, list, span);
    struct instance *tried = around(fn, CODE_TRY, "try", value, raw, list.type->element);
    struct mir_type *future = mir_type_of(fn->b->module, MIR_FUTURE, tried->mir->result);
    struct mir_operand futures = put_value(fn, inst(fn, MIR_OP_BUF_NEW, span),
                                           mir_type_of(fn->b->module, MIR_BUFFER, future), NULL);
    struct each e = each_begin(fn, list.place, span);
    struct mir_operand one = operand_of(fn, place_index(fn, list.place, e.at));
    push_to(fn, futures, task_around(fn, tried, one, &group->scope, span), span);
    each_end(fn, &e, span);
    struct mir_operand values = take_all(fn, futures, false, span);
    int32_t end;
    leave_tries(fn, group, type, to, &end, span);
    if (is_reached(fn)) {
        assign(fn, to, make_struct(fn, type, 0, &values, 1, &to, span), span);
        jump(fn, end, span);
    }
    enter(fn, end);
    return operand_of(fn, to);
}

struct mir_operand lower_async_call(struct fn *fn, struct sema_call *call, struct type *type,
                                    const struct mir_place *want, struct span span) {
    switch (call->kind) {
    case CALL_JOIN:
        return lower_join(fn, call, type, want, span);
    case CALL_JOIN_LIST:
        return lower_join_list(fn, call, span);
    case CALL_TRY_JOIN_LIST:
        return lower_try_join_list(fn, call, type, span);
    case CALL_RACE_LIST:
        return lower_race_list(fn, call, type, span);
    case CALL_TRY_JOIN:
        return lower_try_join(fn, call, type, want, span);
    case CALL_RACE:
        return lower_race(fn, call, type, span);
    default:
        assert(call->kind == CALL_MAP);
        return lower_map(fn, call, span);
    }
}
