// SPDX-License-Identifier: MIT
// What meets the runtime: actors, replies, tasks, scopes, waiting, time, failures as values.
#include "frontend/emit/inner.h"

#include <assert.h>

static const char *arg(struct body *b, const struct mir_inst *i, int32_t n) {
    return lend(b, &i->args.at[n]);
}

// Stores the result of a runtime call, after a look at cx->failure if it may fail.
static void result(struct body *b, const struct mir_inst *i, const char *call, bool may_fail) {
    const struct mir_type *t = place_type(b, &i->dst);
    const char *value = c_temp(b, t, call);
    drop_moved(b, i, 0);
    if (may_fail)
        fail_if_failed(b);
    hold(b, t, value);
    store(b, &i->dst, value);
}

static void action(struct body *b, const struct mir_inst *i, const char *call, bool may_fail) {
    line(b, "%s;", call);
    drop_moved(b, i, 0);
    if (may_fail)
        fail_if_failed(b);
}

// ---- messages -------------------------------------------------------------------------------

static const struct mir_function *handler_of(struct body *b, const struct mir_inst *i) {
    const struct mir_actor *a = mir_find_actor(b->e->m, i->actor);
    const struct mir_function *f = mir_find_function(b->e->m, a->messages.at[i->message].handler);
    assert(f);
    return f;
}

static const char *message_of(struct body *b, const struct mir_inst *i) {
    return emit_format(b->e, "&messages_%s[%d]", b->e->actors[emit_actor_index(b->e, i->actor)],
                       i->message);
}

// The receiver is looked at before the arguments are packed, so that those are the last thing
// that can fail.
static void send(struct body *b, const struct mir_inst *i, const char *function, int32_t first,
                 bool asks) {
    const char *to = temp_of(b, "prism_ref", arg(b, i, 0));
    const char *timeout = first == 2 ? temp_of(b, "int64_t", arg(b, i, 1)) : "-1";
    const char *args = pack_args(b, handler_of(b, i), i, first, i->args.len);
    const char *call = asks ? emit_format(b->e, "prism_ask(cx, %s, %s, %s, %s, %s)", to,
                                          message_of(b, i), args, timeout, site_here(b))
                            : emit_format(b->e, "%s(cx, %s, %s, %s, %s)", function, to,
                                          message_of(b, i), args, site_here(b));
    if (!asks) {
        line(b, "%s;", call);
        if (mir_op_flags(i->op) & MIR_FLAG_T)
            fail_if_failed(b);
        return;
    }
    const struct mir_type *t = place_type(b, &i->dst);
    const char *future = c_temp(b, t, call);
    hold(b, t, future);
    store(b, &i->dst, future);
}

// The actors that take it are known: the type of the one at hand is looked for among them.
static void tell_any(struct body *b, const struct mir_inst *i) {
    struct emitter *e = b->e;
    const char *name = emit_quoted(e, str_from(i->function));
    const struct mir_function *handler = NULL;
    struct text takers = {.arena = e->arena};
    int32_t count = 0;
    for (int32_t k = 0; k < e->m->actors.len; k++) {
        const struct mir_actor *a = e->m->actors.at[k];
        struct mir_inst told = {.actor = a->name, .message = mir_message_taking(a, i)};
        if (told.message < 0)
            continue;
        handler = handler_of(b, &told);
        text_printf(&takers, "%s{&%s, %s}", count++ ? ", " : "",
                    e->actors[emit_actor_index(e, a->name)], message_of(b, &told));
    }
    const char *to = temp_of(b, "prism_ref", arg(b, i, 0));
    if (count == 0) {
        for (int32_t n = 1; n < i->args.len; n++) {
            const struct mir_type *t = i->args.at[n].type;
            const char *dropped = emit_drop(e, t, c_temp(b, t, own(b, &i->args.at[n])));
            if (dropped)
                line(b, "%s", dropped);
        }
        release(b);
        line(b, "prism_tell_any(cx, %s, NULL, 0, %s, NULL, %s);", to, name, site_here(b));
        return;
    }
    const char *args = pack_args(b, handler, i, 1, i->args.len);
    const char *list = emit_format(e, "takers%d", ++b->temp_count);
    line(b, "static const prism_taker %s[] = {%s};", list, takers.data);
    b->temps = true;
    line(b, "prism_tell_any(cx, %s, %s, %d, %s, %s, %s);", to, list, count, name, args,
         site_here(b));
}

static void spawn(struct body *b, const struct mir_inst *i) {
    const struct mir_actor *a = mir_find_actor(b->e->m, i->actor);
    const struct mir_function *init = mir_find_function(b->e->m, a->init);
    const char *type = b->e->actors[emit_actor_index(b->e, i->actor)];
    const char *call;
    if (i->op == MIR_OP_SPAWN) {
        const char *args = pack_args(b, init, i, 0, i->args.len);
        call = emit_format(b->e, "prism_spawn(cx, &%s, %s, %s)", type, args, site_here(b));
    } else {
        const char *retries = temp_of(b, "int64_t", arg(b, i, 1));
        const char *window = temp_of(b, "int64_t", arg(b, i, 2));
        const char *args = pack_args(b, init, i, 3, i->args.len);
        call = emit_format(b->e, "prism_spawn_child(cx, %s, %s, %s, &%s, %s, %s)", arg(b, i, 0),
                           retries, window, type, args, site_here(b));
    }
    store(b, &i->dst, temp_of(b, "prism_ref", call));
}

static void answer(struct body *b, const struct mir_inst *i) {
    const char *reply = arg(b, i, 0);
    const struct mir_type *t = i->args.at[1].type;
    const char *value = c_temp(b, t, own(b, &i->args.at[1]));
    release(b);
    line(b, "prism_answer(cx, %s, &%s, &%s, %s);", reply, emit_type(b->e, t)->descriptor, value,
         site_here(b));
    if (i->args.at[0].kind == MIR_MOVE) {
        line(b, "%s", emit_drop(b->e, i->args.at[0].type, reply));
        line(b, "%s = NULL;", reply);
    }
    fail_if_failed(b);
}

static void task(struct body *b, const struct mir_inst *i) {
    static const char *const kinds[] = {"PRISM_ISOLATED", "PRISM_BRANCH", "PRISM_FREE"};
    const struct mir_function *f = mir_find_function(b->e->m, i->function);
    int32_t count = i->args.len - i->has_scope;
    const char *scope = "NULL", *token = "NULL";
    if (i->has_scope && i->args.at[count].type->kind == MIR_SCOPE)
        scope = temp_of(b, "prism_scope *", arg(b, i, count));
    else if (i->has_scope)
        token = temp_of(b, "prism_token *", arg(b, i, count));
    const char *args = pack_args(b, f, i, 0, count);
    const struct mir_type *t = place_type(b, &i->dst);
    const char *future = c_temp(b, t,
                                emit_format(b->e, "prism_task(cx, &fn_%s, %s, %s, %s, %s, %s)",
                                            emit_function(b->e, f)->c, args, kinds[i->number],
                                            scope, token, site_here(b)));
    drop_moved(b, i, count);
    hold(b, t, future);
    store(b, &i->dst, future);
}

// ---- waiting --------------------------------------------------------------------------------

static void wait(struct body *b, const struct mir_inst *i) {
    struct emitter *e = b->e;
    const char *function = i->op == MIR_OP_WAIT ? "prism_wait" : "prism_wait_any";
    const char *all, *count;
    if (i->args.len == 1 && i->args.at[0].type->kind == MIR_BUFFER) {
        const char *buffer = temp_of(b, "prism_buffer *", arg(b, i, 0));
        count = emit_format(e, "prism_buffer_len(%s)", buffer);
        all = emit_format(e, "(%s ? (prism_future **)%s->data : NULL)", buffer, buffer);
    } else if (i->args.len == 0) {
        all = "NULL";
        count = "0";
    } else {
        struct text list = {.arena = e->arena};
        for (int32_t n = 0; n < i->args.len; n++)
            text_printf(&list, "%s%s", n ? ", " : "", arg(b, i, n));
        all = emit_format(e, "t%d", ++b->temp_count);
        b->temps = true;
        line(b, "prism_future *%s[] = {%s};", all, list.data);
        count = emit_format(e, "%d", i->args.len);
    }
    suspend_at(b, i->state,
               emit_format(e, "%s(cx, %s, %s, %s)", function, all, count, site_here(b)));
    if (i->op == MIR_OP_WAIT_ANY)
        store(b, &i->dst, "prism_wait_winner(cx)");
}

static void take(struct body *b, const struct mir_inst *i) {
    const struct mir_type *t = i->args.at[0].type->element;
    const char *value = c_temp(b, t, emit_zero(b->e, t));
    line(b, "prism_take(cx, %s, &%s, &%s, %s);", arg(b, i, 0), emit_type(b->e, t)->descriptor,
         value, site_here(b));
    drop_moved(b, i, 0);
    fail_if_failed(b);
    hold(b, t, value);
    if (i->dst.local != MIR_NO_PLACE)
        store(b, &i->dst, value);
    else if (!t->plain)
        line(b, "%s", emit_drop(b->e, t, value));
}

static void suspend(struct body *b, const struct mir_inst *i, const char *format_call) {
    suspend_at(b, i->state, format_call);
}

// ---- failures as values ---------------------------------------------------------------------

static void error_of(struct body *b, const struct mir_inst *i) {
    const struct mir_type *t = i->args.at[0].type;
    const char *value = c_temp(b, t, own(b, &i->args.at[0]));
    release(b);
    const struct mir_type *error = place_type(b, &i->dst);
    const char *descriptor = emit_type(b->e, t)->descriptor;
    const char *call = i->op == MIR_OP_ERROR_TEXT
                           ? emit_format(b->e, "prism_error_said(cx, %d, &%s, &%s, %s)",
                                         (int)i->number, descriptor, value, site_here(b))
                           : emit_format(b->e, "prism_error_new(cx, &%s, &%s, %s)", descriptor,
                                         value, site_here(b));
    const char *made = c_temp(b, error, call);
    hold(b, error, made);
    store(b, &i->dst, made);
}

static void error_get(struct body *b, const struct mir_inst *i) {
    const struct mir_type *t = place_type(b, &i->dst);
    const char *value = c_temp(b, t, emit_zero(b->e, t));
    line(b, "prism_error_get(cx, %s, &%s, &%s);", arg(b, i, 0), emit_type(b->e, t)->descriptor,
         value);
    drop_moved(b, i, 0);
    hold(b, t, value);
    store(b, &i->dst, value);
}

// ---- services -------------------------------------------------------------------------------

static void bind(struct body *b, const struct mir_inst *i) {
    const char *value = c_temp(b, i->args.at[0].type, own(b, &i->args.at[0]));
    release(b);
    line(b, "prism_bind(cx, %d, &%s, &%s, %s);", (int)mir_find_service(b->e->m, i->function),
         emit_type(b->e, i->args.at[0].type)->descriptor, value, site_here(b));
    fail_if_failed(b);
}

static void bound(struct body *b, const struct mir_inst *i) {
    const struct mir_type *t = place_type(b, &i->dst);
    const char *value = c_temp(b, t, emit_zero(b->e, t));
    line(b, "prism_bound(cx, %d, &%s);", (int)mir_find_service(b->e->m, i->function), value);
    hold(b, t, value);
    store(b, &i->dst, value);
}

// A struct of one buffer stands for that buffer.
static const char *operand_of(struct body *b, const struct mir_operand *o) {
    const char *value = own(b, o);
    if (o->type->kind == MIR_I64)
        return emit_format(b->e, "{NULL, {.number = %s}}", value);
    if (o->type->kind == MIR_BUFFER)
        return emit_format(b->e, "{&%s, {.buffer = %s}}", emit_type(b->e, o->type)->descriptor,
                           value);
    const struct mir_type *buffer = o->type->fields.at[0].type;
    return emit_format(b->e, "{&%s, {.buffer = (%s).%s}}", emit_type(b->e, buffer)->descriptor,
                       c_temp(b, o->type, value), emit_field(b->e, o->type, 0));
}

static const char *outside_symbol(struct body *b, const char *name) {
    char *symbol = (char *)emit_format(b->e, "prism_outside_%s", name);
    for (char *at = symbol; *at; at++)
        *at = *at == '.' ? '_' : *at;
    return symbol;
}

static void outside(struct body *b, const struct mir_inst *i) {
    struct emitter *e = b->e;
    const char *symbol = outside_symbol(b, i->function);
    const char *declaration = emit_format(e, "extern const prism_outside %s;\n", symbol);
    if (!map_get(&e->taken, str_from(declaration))) {
        map_put(e->arena, &e->taken, str_from(declaration), (void *)symbol);
        text_put(&e->prototypes, str_from(declaration));
    }
    struct text values = {.arena = e->arena};
    for (int32_t n = 0; n < i->args.len; n++)
        text_printf(&values, "%s%s", n ? ", " : "", operand_of(b, &i->args.at[n]));
    const char *operands = "NULL";
    if (i->args.len) {
        operands = emit_format(e, "t%d", ++b->temp_count);
        b->temps = true;
        line(b, "const prism_operand %s[] = {%s};", operands, values.data);
    }
    release(b);
    const struct mir_type *t = place_type(b, &i->dst);
    const char *future =
        c_temp(b, t,
               emit_format(e, "prism_start_outside(cx, &%s, %s, %d, &%s, %s)", symbol, operands,
                           (int)i->args.len, emit_type(e, t->element)->descriptor, site_here(b)));
    fail_if_failed(b);
    hold(b, t, future);
    store(b, &i->dst, future);
}

// ---- all of them ----------------------------------------------------------------------------

static void emit_wait(struct body *b, const struct mir_inst *i) {
    struct emitter *e = b->e;
    switch (i->op) {
    case MIR_OP_NEVER: {
        const struct mir_type *t = place_type(b, &i->dst)->element;
        const char *type =
            t->kind == MIR_UNIT ? "NULL" : emit_format(e, "&%s", emit_type(e, t)->descriptor);
        result(b, i, emit_format(e, "prism_never(cx, %s, %s)", type, site_here(b)), false);
        break;
    }
    case MIR_OP_WAIT:
    case MIR_OP_WAIT_ANY:
        wait(b, i);
        break;
    case MIR_OP_SLEEP:
        suspend(b, i, emit_format(e, "prism_sleep(cx, %s, %s)", arg(b, i, 0), site_here(b)));
        break;
    case MIR_OP_YIELD:
        suspend(b, i, emit_format(e, "prism_yield(cx, %s)", site_here(b)));
        break;
    case MIR_OP_SCOPE_CLOSE:
        suspend(b, i, emit_format(e, "prism_scope_close(cx, %s, %s)", arg(b, i, 0), site_here(b)));
        drop_moved(b, i, 0);
        break;
    case MIR_OP_TAKE:
        take(b, i);
        break;
    default:
        assert(i->op == MIR_OP_OUTCOME);
        result(b, i, emit_format(e, "prism_outcome(%s)", arg(b, i, 0)), false);
        break;
    }
}

static void emit_error(struct body *b, const struct mir_inst *i) {
    struct emitter *e = b->e;
    switch (i->op) {
    case MIR_OP_CAUGHT:
        result(b, i, "prism_caught(cx)", false);
        break;
    case MIR_OP_ERROR_KIND:
        result(b, i, emit_format(e, "prism_error_kind(%s)", arg(b, i, 0)), false);
        break;
    case MIR_OP_ERROR_OF:
    case MIR_OP_ERROR_TEXT:
        error_of(b, i);
        break;
    case MIR_OP_ERROR_IS:
        result(b, i,
               emit_format(e, "prism_error_is(%s, &%s)", arg(b, i, 0),
                           emit_type(e, i->type)->descriptor),
               false);
        break;
    default:
        assert(i->op == MIR_OP_ERROR_GET);
        error_get(b, i);
        break;
    }
}

static void emit_environment(struct body *b, const struct mir_inst *i) {
    struct emitter *e = b->e;
    const char *site = site_here(b);
    switch (i->op) {
    case MIR_OP_NOW:
        result(b, i, emit_format(e, "prism_now(cx, %s)", site), false);
        break;
    case MIR_OP_NOW_WALL:
        result(b, i, emit_format(e, "prism_now_wall(cx, %s)", site), false);
        break;
    case MIR_OP_RANDOM:
        result(b, i,
               emit_format(e, "prism_random(cx, %s, %s, %s)", arg(b, i, 0), arg(b, i, 1), site),
               false);
        break;
    case MIR_OP_INPUT:
        result(b, i, emit_format(e, "prism_input(cx, %s, %s)", arg(b, i, 0), site), false);
        break;
    case MIR_OP_CORES:
        result(b, i, emit_format(e, "prism_cores(cx, %s)", site), false);
        break;
    case MIR_OP_LATENCY:
        result(b, i, emit_format(e, "prism_latency(cx, %s)", site), false);
        break;
    case MIR_OP_FAULT:
        result(b, i, emit_format(e, "prism_fault(cx, %s)", site), false);
        break;
    case MIR_OP_BIND:
        bind(b, i);
        break;
    case MIR_OP_BOUND:
        bound(b, i);
        break;
    case MIR_OP_OUTSIDE:
        outside(b, i);
        break;
    case MIR_OP_NODE_NEW:
        result(b, i, emit_format(e, "prism_node(cx, %s, %s)", arg(b, i, 0), site), false);
        break;
    case MIR_OP_NODE_DO:
        result(b, i,
               emit_format(e, "prism_node_do(cx, %s, %s, %s, %s)", arg(b, i, 0), arg(b, i, 1),
                           arg(b, i, 2), site),
               false);
        break;
    case MIR_OP_BUGGIFY:
        result(b, i, emit_format(e, "prism_buggify(cx, %s, %s)", arg(b, i, 0), site), false);
        break;
    case MIR_OP_SOMETIMES:
        action(b, i,
               emit_format(e, "prism_sometimes(cx, %s, %s, %s)", arg(b, i, 0), arg(b, i, 1), site),
               false);
        break;
    case MIR_OP_CALM:
        action(b, i, emit_format(e, "prism_calm(cx, %s)", site), false);
        break;
    default:
        assert(i->op == MIR_OP_PRINT);
        action(b, i, emit_format(e, "prism_print(cx, %d, %s, %s)", i->number, arg(b, i, 0), site),
               false);
        break;
    }
}

static void emit_scope(struct body *b, const struct mir_inst *i) {
    struct emitter *e = b->e;
    const char *site = site_here(b);
    switch (i->op) {
    case MIR_OP_SCOPE_OPEN:
        result(
            b, i,
            emit_format(e, "prism_scope_open(cx, %s, %s)", i->args.len ? arg(b, i, 0) : "-1", site),
            false);
        break;
    case MIR_OP_SCOPE_CANCEL:
        action(b, i, emit_format(e, "prism_scope_cancel(cx, %s, %s)", arg(b, i, 0), site), false);
        break;
    case MIR_OP_SCOPE_ADOPT:
        action(b, i, emit_format(e, "prism_scope_adopt(cx, %s, %s)", arg(b, i, 0), arg(b, i, 1)),
               false);
        break;
    case MIR_OP_SCOPE_CANCELLED:
        result(b, i, emit_format(e, "prism_scope_cancelled(cx, %s, %s)", arg(b, i, 0), site),
               false);
        break;
    case MIR_OP_TOKEN:
        result(b, i, "prism_token_new(cx)", false);
        break;
    case MIR_OP_TOKEN_CANCEL:
        action(b, i, emit_format(e, "prism_token_cancel(cx, %s, %s)", arg(b, i, 0), site), false);
        break;
    default:
        assert(i->op == MIR_OP_TOKEN_CANCELLED);
        result(b, i, emit_format(e, "prism_token_cancelled(cx, %s, %s)", arg(b, i, 0), site),
               false);
        break;
    }
}

// The message before a handle's last one: its holder has crashed.
static const char *crash_message(struct body *b, const struct mir_inst *i) {
    const struct mir_actor *a = mir_find_actor(b->e->m, i->args.at[0].type->name);
    struct mir_inst told = {.actor = a->name, .message = a->messages.len - 2};
    return message_of(b, &told);
}

static void emit_actor(struct body *b, const struct mir_inst *i) {
    struct emitter *e = b->e;
    switch (i->op) {
    case MIR_OP_SPAWN:
    case MIR_OP_SPAWN_CHILD:
        spawn(b, i);
        break;
    case MIR_OP_ACTOR_NAME:
        result(b, i, emit_format(e, "prism_actor_name(cx, %s)", arg(b, i, 0)), false);
        break;
    case MIR_OP_TELL:
        send(b, i, "prism_tell", 1, false);
        break;
    case MIR_OP_TELL_ANY:
        tell_any(b, i);
        break;
    case MIR_OP_FORWARD:
        send(b, i, "prism_forward", 1, false);
        break;
    case MIR_OP_ASK:
        send(b, i, NULL, 1, true);
        break;
    case MIR_OP_ASK_TIMEOUT:
        send(b, i, NULL, 2, true);
        break;
    case MIR_OP_REPLY:
        result(b, i, emit_format(e, "prism_reply_take(cx, %s)", site_here(b)), true);
        break;
    case MIR_OP_ANSWER:
        answer(b, i);
        break;
    case MIR_OP_HOLD:
        action(b, i,
               emit_format(e, "prism_hold(cx, %s, %s, %s, %s)", arg(b, i, 0), arg(b, i, 1),
                           crash_message(b, i), site_here(b)),
               false);
        break;
    case MIR_OP_UNHOLD:
        result(b, i, emit_format(e, "prism_unhold(cx, %s, %s)", arg(b, i, 0), arg(b, i, 1)), false);
        break;
    case MIR_OP_MASK:
        // Where nothing waits nothing can be interrupted.
        result(b, i, b->f->suspends ? emit_format(e, "prism_mask(cx, %s)", arg(b, i, 0)) : "0",
               false);
        break;
    case MIR_OP_TRUST:
        result(b, i, emit_format(e, "prism_trust(cx, %s)", arg(b, i, 0)), false);
        break;
    case MIR_OP_CEILING:
        result(b, i, "prism_ceiling(cx)", false);
        break;
    case MIR_OP_CONFINE:
        action(b, i, emit_format(e, "prism_confine(cx, %s)", arg(b, i, 0)), false);
        break;
    case MIR_OP_NARROW:
        result(b, i, emit_format(e, "prism_narrow(cx, %s)", arg(b, i, 0)), false);
        break;
    case MIR_OP_WIDEN:
        action(b, i, emit_format(e, "prism_widen(cx, %s)", arg(b, i, 0)), false);
        break;
    case MIR_OP_ENDOW_NAME:
        action(b, i, emit_format(e, "prism_endow_name(cx, %s)", arg(b, i, 0)), false);
        break;
    case MIR_OP_ENDOW_MAILBOX:
        action(b, i,
               emit_format(e, "prism_endow_mailbox(cx, %s, %s)", arg(b, i, 0), arg(b, i, 1)),
               false);
        break;
    case MIR_OP_LIMIT_GRACE:
        action(b, i, emit_format(e, "prism_limit_grace(cx, %s)", arg(b, i, 0)), false);
        break;
    case MIR_OP_LIMIT_MEMORY:
        action(b, i, emit_format(e, "prism_limit_memory(cx, %s)", arg(b, i, 0)), false);
        break;
    case MIR_OP_WANTED:
        result(b, i, emit_format(e, "prism_reply_wanted(%s)", arg(b, i, 0)), false);
        break;
    case MIR_OP_SELF_REF:
        result(b, i, "prism_self(cx)", false);
        break;
    case MIR_OP_KILL:
        action(b, i, emit_format(e, "prism_kill(cx, %s, %s)", arg(b, i, 0), site_here(b)), false);
        break;
    case MIR_OP_STOP:
        action(b, i, emit_format(e, "prism_stop(cx, %s, %s)", arg(b, i, 0), site_here(b)), false);
        break;
    default:
        assert(i->op == MIR_OP_MAILBOX);
        result(b, i, emit_format(e, "prism_mailbox_size(cx, %s, %s)", arg(b, i, 0), site_here(b)),
               false);
        break;
    }
}

void emit_world(struct body *b, const struct mir_inst *i) {
    if (i->op >= MIR_OP_SPAWN && i->op <= MIR_OP_ACTOR_NAME)
        emit_actor(b, i);
    else if (i->op == MIR_OP_TASK)
        task(b, i);
    else if (i->op == MIR_OP_SCOPE_CLOSE || (i->op >= MIR_OP_WAIT && i->op <= MIR_OP_YIELD))
        emit_wait(b, i);
    else if (i->op >= MIR_OP_SCOPE_OPEN && i->op <= MIR_OP_TOKEN_CANCELLED)
        emit_scope(b, i);
    else if (i->op >= MIR_OP_NOW && i->op <= MIR_OP_PRINT)
        emit_environment(b, i);
    else
        emit_error(b, i);
}
