// SPDX-License-Identifier: MIT
// Monitors. A test begins with making them known, each by a binding as that of a service; a handler
// of what one watches begins with telling it, if it is known, and so does `announce`. The monitor
// takes an event as an actor takes a message:
//
//   state by state, handler by handler: guard? then the next state, and what is to be done
//   none: a trap
//
// Of a monitor with type parameters there is an instance for each set of types with which a handler
// is lowered that it watches. A test starts those by a function, and an event that does not say
// which of them it is for is told by one; these are made anew when more have been found.
#include "frontend/mir/build/lower.h"

// ---- the actor ----------------------------------------------------------------------------------

// Its state is an enum, so that it is printed by name: the last field.
static struct mir_type *states_of(struct build *b, const struct actor_instance *a) {
    bool is_new;
    const char *name = str_format(b->arena, "%s.in", a->mir->name).data;
    struct mir_type *t = mir_type_named(b->module, MIR_ENUM, name, &is_new);
    for (int32_t i = 0; is_new && i < a->actor->states.len; i++) {
        struct mir_variant v = {
            .name = intern(&b->module->names, str_from(a->actor->states.at[i].name))};
        vec_push(b->arena, &t->variants, v);
    }
    return t;
}

// What the event says of the actor's type parameters; NULL: it may be any type.
static sema_types event_args(struct build *b, const struct actor_instance *monitor, int32_t event) {
    const sema_types *said = &monitor->actor->events.at[event].args;
    sema_types args = {arena_array(b->arena, struct type *, said->len + 1), said->len};
    for (int32_t i = 0; i < said->len; i++)
        args.at[i] = said->at[i] ? subst(b, &monitor->env, said->at[i]) : NULL;
    return args;
}

// "Cell<i64>.Put" where the text says `Cell.Put`.
static const char *event_name(struct build *b, const struct actor_instance *monitor,
                              int32_t event) {
    const struct sema_event *e = &monitor->actor->events.at[event];
    if (!e->args.len || e->is_any)
        return e->name;
    const struct sema_actor *a = e->function->actor;
    struct env env = {.params = &a->params, .args = event_args(b, monitor, event)};
    return str_format(b->arena, "%s%s.%s", a->name, env_suffix(b, &env, 0), e->function->name).data;
}

static struct instance *handler_of_event(struct build *b, struct actor_instance *a, int32_t event) {
    const struct sema_event *e = &a->actor->events.at[event];
    struct instance *i =
        instance_new(b, CODE_WATCH,
                     str_format(b->arena, "%s.on.%s", a->mir->name, event_name(b, a, event)).data);
    i->function = e->function;
    i->module = a->actor->module;
    i->env = a->env;
    i->actor = a;
    i->event = event;
    i->mir->loc = loc_of(b, a->actor->span);
    i->mir->self = a->state;
    i->mir->result = mir_type_prim(b->module, MIR_UNIT);
    sema_types args = event_args(b, a, event);
    for (int32_t k = 0; k < e->function->params.len && !e->is_any; k++) {
        struct sema_param *p = &e->function->params.at[k];
        struct type *t = p->type;
        if (args.len)
            t = sema_subst(b->program, t, &e->function->actor->params, &args);
        mir_local_new(b->module, i->mir, mir_type_for(b, t), p->name);
        vec_push(b->arena, &i->mir->modes, MIR_PARAM_LEND);
        i->mir->param_count++;
    }
    return i;
}

void fill_monitor(struct build *b, struct actor_instance *a) {
    struct mir_field state = {.name = intern(&b->module->names, STR("state")),
                              .type = states_of(b, a)};
    vec_push(b->arena, &a->state->fields, state);
    for (int32_t i = 0; i < a->actor->states.len; i++)
        vec_push(b->arena, &a->mir->hot, a->actor->states.at[i].is_hot);
    for (int32_t i = 0; i < a->actor->events.len; i++) {
        const struct instance *handler = handler_of_event(b, a, i);
        struct mir_message m = {.name = intern(&b->module->names, str_from(event_name(b, a, i))),
                                .result = handler->mir->result,
                                .handler = handler->mir->name,
                                .loc = handler->mir->loc};
        for (int32_t k = 0; k < handler->mir->param_count; k++)
            vec_push(b->arena, &m.params, handler->mir->locals.at[k].type);
        vec_push(b->arena, &a->mir->messages, m);
    }
}

// ---- an event -----------------------------------------------------------------------------------

static struct mir_operand call_code(struct fn *fn, struct sema_function *f, struct span span) {
    struct actor_instance *a = fn->instance->actor;
    struct instance *callee = instance_of(fn->b, f, a->env, a);
    struct mir_inst call = inst(fn, MIR_OP_CALL, span);
    call.function = callee->mir->name;
    for (int32_t i = 0; i < callee->mir->param_count; i++)
        inst_arg(fn, &call, operand_of(fn, local_place(i)));
    if (callee->mir->result->kind == MIR_UNIT) {
        put(fn, call);
        return const_unit(fn);
    }
    return put_value(fn, call, callee->mir->result, NULL);
}

static void go_on(struct fn *fn, const struct sema_watch *w, struct mir_place state) {
    struct span span = w->ast->span;
    int32_t next = block_new(fn);
    if (w->guard) {
        int32_t here = block_new(fn);
        branch(fn, call_code(fn, w->guard, w->ast->guard->span), here, next, span);
        enter(fn, here);
    }
    if (w->target >= 0 && w->target != w->state) {
        struct mir_inst to = inst(fn, MIR_OP_VARIANT, span);
        to.number = w->target;
        struct mir_type *t = mir_place_type(fn->f, &state);
        assign(fn, state, put_value(fn, to, t, NULL), span);
    }
    if (w->body)
        call_code(fn, w->body, span);
    leave(fn, MIR_RETURN, const_unit(fn), span);
    enter(fn, next);
}

static bool is_of(const struct sema_watch *w, int32_t state, int32_t event) {
    return w->state == state && w->event == event;
}

void lower_watch(struct fn *fn) {
    const struct sema_actor *a = fn->instance->actor->actor;
    int32_t event = fn->instance->event;
    struct mir_place state = place_field(fn, local_place(MIR_SELF), a->fields.len);
    struct mir_operand tag =
        op1(fn, MIR_OP_TAG, operand_of(fn, state), prim(fn, MIR_U32), NULL, a->span);
    for (int32_t s = 0; s < a->states.len; s++) {
        int32_t here = block_new(fn), other = block_new(fn);
        struct span span = a->states.at[s].span;
        branch(fn,
               op2(fn, MIR_OP_EQ, tag, const_int(fn, MIR_U32, (uint64_t)s), prim(fn, MIR_BOOL),
                   NULL, span),
               here, other, span);
        enter(fn, here);
        for (int32_t i = 0; i < a->watches.len && is_reached(fn); i++)
            if (is_of(&a->watches.at[i], s, event))
                go_on(fn, &a->watches.at[i], state);
        const char *text = str_format(fn->b->arena, "`%s%s` is in `%s`, where `%s` must not come",
                                      a->name, env_suffix(fn->b, &fn->env, 0), a->states.at[s].name,
                                      event_name(fn->b, fn->instance->actor, event))
                               .data;
        trap(fn, FAILURE_MONITOR, str_from(text), span);
        enter(fn, other);
    }
    leave(fn, MIR_UNREACHABLE, const_unit(fn), a->span);
}

// ---- who tells it -------------------------------------------------------------------------------

static struct type *ref_of(struct build *b, const struct actor_instance *monitor) {
    return type_ref(b->program, monitor->actor, monitor->env.args.at);
}

static void tell(struct fn *fn, struct actor_instance *monitor, int32_t event,
                 const struct mir_operand *values, int32_t count, struct span span) {
    struct type *ref = ref_of(fn->b, monitor);
    int32_t known = block_new(fn), on = block_new(fn);
    struct mir_place bound = bound_actor(fn, ref, span);
    struct mir_operand tag =
        op1(fn, MIR_OP_TAG, operand_of(fn, bound), prim(fn, MIR_U32), NULL, span);
    branch(fn, op2(fn, MIR_OP_EQ, tag, const_int(fn, MIR_U32, 1), prim(fn, MIR_BOOL), NULL, span),
           known, on, span);
    enter(fn, known);
    struct mir_inst i = inst(fn, MIR_OP_TELL, span);
    i.actor = monitor->mir->name;
    i.message = event;
    inst_arg(fn, &i, operand_of(fn, place_variant(fn, bound, 1, 0)));
    for (int32_t k = 0; k < count; k++)
        inst_arg(fn, &i, values[k]);
    put(fn, i);
    jump(fn, on, span);
    enter(fn, on);
}

static struct instance *follower(struct build *b, enum code_kind kind, const char *name) {
    struct instance *i = instance_new(b, kind, name);
    i->mir->result = mir_type_prim(b->module, MIR_UNIT);
    vec_push(b->arena, &b->followers, i);
    return i;
}

// What the parameters of a monitor are where `said`, which an event says, is `t`.
static void find_params(const struct sema_actor *a, const struct type *said, struct type *t,
                        sema_types *found) {
    if (said->kind == TYPE_PARAM) {
        for (int32_t i = 0; i < a->params.len; i++)
            if (a->params.at[i] == said->param)
                found->at[i] = t;
        return;
    }
    bool alike = said->kind == t->kind && said->arg_count == t->arg_count;
    for (int32_t i = 0; alike && i < said->arg_count; i++)
        find_params(a, said->args[i], t->args[i], found);
}

// A message of a module is any actor's message of that name and these types.
static bool is_open_event(struct build *b, const struct sema_function *event,
                          const struct sema_function *f, const sema_types *args) {
    bool same = !event->actor && f->actor && strcmp(event->name, f->name) == 0 &&
                event->params.len == f->params.len;
    for (int32_t i = 0; same && i < f->params.len; i++)
        same = event->params.at[i].type ==
               sema_subst(b->program, f->params.at[i].type, &f->actor->params, args);
    return same;
}

// Tells all instances of the monitor for which the event is. `args` are those of the actor whose
// message it is.
static void call_teller(struct fn *fn, struct sema_actor *a, int32_t event, const sema_types *args,
                        const struct mir_operand *values, int32_t count, struct span span) {
    struct build *b = fn->b;
    struct text key = {.arena = b->arena};
    text_printf(&key, "tell:%d:%d", (int)a->number, (int)event);
    for (int32_t i = 0; i < args->len; i++)
        text_printf(&key, ",%d", (int)args->at[i]->id);
    struct instance *i = map_get(&b->instances, text_str(&key));
    if (!i) {
        i = follower(b, CODE_TELLER, str_format(b->arena, "%s.tell", a->path).data);
        map_put(b->arena, &b->instances, text_str(&key), i);
        i->module = a->module;
        i->env = (struct env){.args = *args};
        i->watching = a;
        i->event = event;
        i->span = span;
        i->mir->loc = loc_of(b, span);
        for (int32_t k = 0; k < count; k++)
            add_param(b, i->mir, values[k].type, false, "value");
    }
    struct mir_inst call = inst(fn, MIR_OP_CALL, span);
    call.function = i->mir->name;
    for (int32_t k = 0; k < count; k++)
        inst_arg(fn, &call, values[k]);
    put(fn, call);
}

void lower_teller(struct fn *fn) {
    struct build *b = fn->b;
    const struct instance *i = fn->instance;
    struct mir_operand *values = arena_array(b->arena, struct mir_operand, i->mir->param_count + 1);
    for (int32_t k = 0; k < i->mir->param_count; k++)
        values[k] = operand_of(fn, local_place(k));
    for (int32_t k = 0; k < b->actors.len; k++) {
        struct actor_instance *monitor = b->actors.at[k];
        if (monitor->actor != i->watching)
            continue;
        sema_types said = event_args(b, monitor, i->event);
        bool same = true;
        for (int32_t m = 0; m < said.len && same; m++)
            same = !said.at[m] || said.at[m] == i->env.args.at[m];
        if (same)
            tell(fn, monitor, i->event, values, i->mir->param_count, i->span);
    }
    leave(fn, MIR_RETURN, const_unit(fn), i->span);
}

// The monitor whose event the message is, or NULL. `args` are those of the actor whose message it
// is.
static struct actor_instance *watcher(struct build *b, const struct sema_actor *a,
                                      const struct sema_event *e, const struct sema_function *f,
                                      const sema_types *args) {
    if (e->function != f)
        return actor_instance_of(b, a->self_type);
    sema_types found = {arena_array(b->arena, struct type *, a->params.len + 1), a->params.len};
    for (int32_t i = 0; i < e->args.len; i++)
        if (e->args.at[i])
            find_params(a, e->args.at[i], args->at[i], &found);
    for (int32_t i = 0; i < found.len; i++)
        if (!found.at[i])
            return NULL;
    for (int32_t i = 0; i < e->args.len; i++)
        if (e->args.at[i] &&
            sema_subst(b->program, e->args.at[i], &a->params, &found) != args->at[i])
            return NULL;
    return actor_instance_of(b, type_ref(b->program, (struct sema_actor *)a, found.at));
}

void tell_monitors(struct fn *fn, const struct sema_function *f, const struct mir_operand *values,
                   int32_t count, struct span span) {
    const struct typed_program *p = fn->b->program;
    sema_types none = {0};
    const sema_types *args = f->actor ? &fn->instance->actor->env.args : &none;
    for (int32_t i = 0; i < p->actors.len && is_reached(fn); i++) {
        struct sema_actor *a = p->actors.at[i];
        for (int32_t e = 0; e < a->events.len; e++) {
            const struct sema_event *event = &a->events.at[e];
            if (event->function != f && !is_open_event(fn->b, event->function, f, args))
                continue;
            int32_t shown = event->is_any ? 0 : count;
            if (!event_says_params(a, event)) {
                static const sema_types open = {0};
                call_teller(fn, a, e, event->function == f ? args : &open, values, shown, span);
                continue;
            }
            struct actor_instance *monitor = watcher(fn->b, a, event, f, args);
            if (monitor)
                tell(fn, monitor, e, values, shown, span);
        }
    }
}

// ---- who starts them ----------------------------------------------------------------------------

static void start_one(struct fn *fn, struct actor_instance *monitor, struct span span) {
    struct type *ref = ref_of(fn->b, monitor);
    struct mir_inst spawn = inst(fn, MIR_OP_SPAWN, span);
    spawn.actor = monitor->mir->name;
    bind_actor(fn, ref, put_value(fn, spawn, mir_type_for(fn->b, ref), NULL), span);
}

static bool is_found(const struct actor_instance *a) {
    return a->actor->is_monitor && a->actor->params.len > 0;
}

static int32_t found_count(const struct build *b) {
    int32_t count = 0;
    for (int32_t i = 0; i < b->actors.len; i++)
        count += is_found(b->actors.at[i]);
    return count;
}

void lower_starter(struct fn *fn) {
    struct build *b = fn->b;
    for (int32_t i = 0; i < b->actors.len; i++)
        if (is_found(b->actors.at[i]))
            start_one(fn, b->actors.at[i], b->actors.at[i]->actor->span);
    leave(fn, MIR_RETURN, const_unit(fn), fn->instance->span);
}

bool lower_followers(struct build *b) {
    bool more = b->monitors != found_count(b);
    b->monitors = found_count(b);
    for (int32_t i = 0; i < b->followers.len && more; i++)
        lower_again(b, b->followers.at[i]);
    return more;
}

static void call_starter(struct fn *fn, struct span span) {
    struct build *b = fn->b;
    if (!b->starter) {
        b->starter = follower(b, CODE_STARTER, "start_monitors");
        b->starter->module = fn->module;
        b->starter->span = span;
        b->starter->mir->loc = loc_of(b, span);
    }
    struct mir_inst call = inst(fn, MIR_OP_CALL, span);
    call.function = b->starter->mir->name;
    put(fn, call);
}

void start_monitors(struct fn *fn, struct span span) {
    const struct typed_program *p = fn->b->program;
    bool more = false;
    for (int32_t i = 0; i < p->actors.len && is_reached(fn); i++) {
        const struct sema_actor *a = p->actors.at[i];
        if (a->is_monitor && a->params.len == 0)
            start_one(fn, actor_instance_of(fn->b, a->self_type), span);
        more |= a->is_monitor && a->params.len > 0;
    }
    if (more)
        call_starter(fn, span);
}
