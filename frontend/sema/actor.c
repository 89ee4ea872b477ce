// SPDX-License-Identifier: MIT
// Calls of actors: `ref.send(M(x))`, `tell`, `ask`, `ref.fooBar(x)`, `self.…`, `A.spawn(…)`. The
// argument of a sending is a message of the receiver: it is looked up there and is no value.
#include "frontend/sema/check.h"

#include <ctype.h>

static struct sema_call *call_new(struct checker *c, struct ast_expr *e, enum call_kind kind) {
    struct sema_call *call = arena_new(c->arena, struct sema_call);
    call->kind = kind;
    info(c, e)->role = ROLE_CALL;
    info(c, e)->call = call;
    return call;
}

static void mark_static(struct checker *c, struct ast_expr *e) {
    info(c, e)->role = ROLE_STATIC;
    info(c, e)->type = c->t_unit;
}

static struct type *skip_args(struct checker *c, struct ast_expr *e) {
    for (int32_t i = 0; i < e->call.args.len; i++)
        check(c, e->call.args.at[i].value, NULL);
    return c->t_error;
}

static struct sema_message *message_find(struct sema_actor *a, const char *name) {
    for (int32_t i = 0; i < a->messages.len; i++)
        if (a->messages.at[i].name == name)
            return &a->messages.at[i];
    return NULL;
}

static void say_no_message(struct checker *c, struct sema_actor *a, struct ast_name name,
                           struct span holder) {
    struct span span = ast_name_span(holder, name);
    struct diag *d =
        diag_add(c->sink, P2028, span, "`%s` takes no message `%s`", a->name, name.text);
    const char **all = arena_array(c->arena, const char *, a->messages.len);
    for (int32_t i = 0; i < a->messages.len; i++)
        all[i] = a->messages.at[i].name;
    const char *near = diag_nearest(str_from(name.text), all, a->messages.len);
    if (near) {
        diag_primary(c->sink, d, "did you mean `%s`?", near);
        diag_fix(c->sink, d, span, str_from(near), "write `%s`", near);
    } else {
        diag_primary(c->sink, d, "not a message of this actor");
    }
    diag_label(c->sink, d, a->span, "the actor is declared here");
}

static void say_needed(struct checker *c, struct sema_actor *a, const struct ast_expr *call) {
    const struct ast_expr *given = call->call.args.len ? call->call.args.at[0].value : NULL;
    struct diag *d =
        diag_add(c->sink, P2028, given ? given->span : call->span, "a message is needed here");
    if (!a->messages.len)
        diag_primary(c->sink, d, "`%s` takes none", a->name);
    else if (given && given->kind == EXPR_STRUCT)
        diag_primary(c->sink, d, "what a message has stands in parentheses: `M(name: value)`");
    else
        diag_primary(c->sink, d, "such as `%s`, as `%s` declares it", a->messages.at[0].name,
                     a->name);
}

// ---- the message of a sending -------------------------------------------------------------------

struct message_expr {
    struct ast_name name;
    struct ast_expr *at;
    struct ast_arg *args;
    int32_t arg_count;
};

static bool is_path(const struct ast_expr *e) {
    while (e->kind == EXPR_MEMBER)
        e = e->member.object;
    return e->kind == EXPR_NAME;
}

// `M`, `M(x, y)`, `A.M(x)`, `module.A.M(x)`
static bool read_message(struct checker *c, struct ast_expr *e, struct message_expr *out) {
    *out = (struct message_expr){.at = e};
    struct ast_expr *callee = e;
    if (e->kind == EXPR_CALL) {
        callee = e->call.callee;
        out->args = e->call.args.at;
        out->arg_count = e->call.args.len;
        mark_static(c, e);
    }
    if (callee->kind == EXPR_NAME) {
        out->name = (struct ast_name){callee->name.text, callee->span.start, callee->span.end};
    } else if (callee->kind == EXPR_MEMBER && is_path(callee->member.object)) {
        out->name = callee->member.name;
    } else {
        return false;
    }
    for (; callee->kind == EXPR_MEMBER; callee = callee->member.object)
        mark_static(c, callee);
    mark_static(c, callee);
    return true;
}

static void fill_message(struct checker *c, struct sema_call *call, struct sema_actor *a,
                         struct type **type_args, const struct message_expr *m,
                         struct sema_message *message) {
    struct sema_function *f = message->handler;
    call->actor = a;
    call->message = message->index;
    call->use.function = f;
    call->use.type_args.at = type_args;
    call->use.type_args.len = a->params.len;
    check_args(c, call, m->at->span, message->name, &f->params, &call->use, m->args, m->arg_count,
               f->span);
    for (int32_t i = 0; i < f->params.len; i++)
        if (f->params.at[i].is_mut && m->args) {
            struct diag *d = diag_add(c->sink, P2010, f->params.at[i].span,
                                      "a message's parameter cannot be in-out");
            diag_primary(c->sink, d, "the sender is elsewhere by then");
            break;
        }
}

// What the asker gets: Future<Result<T, AskError<E>>>, the handler's own Result flattened in.
static struct type *ask_type(struct checker *c, struct type *t) {
    struct sema_known *k = &c->prog->known;
    if (!k->result || !k->ask_error)
        return c->t_error;
    t = resolve(t);
    struct type *value = t, *error = c->t_unit;
    if (t->kind == TYPE_ENUM && t->enumeration == k->result) {
        value = t->args[0];
        error = t->args[1];
    }
    struct type *args[2] = {value, type_enum(c->prog, k->ask_error, &error)};
    struct type *result = type_enum(c->prog, k->result, args);
    return type_make(c->prog, TYPE_FUTURE, &result, 1);
}

static void read_timeout(struct checker *c, struct ast_expr *e, struct sema_call *call) {
    for (int32_t i = 1; i < e->call.args.len; i++) {
        struct ast_arg *arg = &e->call.args.at[i];
        if (call->kind == CALL_ASK && arg->name.text == W(timeout) && !call->timeout) {
            call->timeout = arg->value;
            check_as(c, arg->value, c->t_duration, "the timeout", (struct span){0});
            continue;
        }
        struct diag *d = diag_add(c->sink, P2007, arg->value->span, "this does not belong here");
        diag_primary(c->sink, d,
                     call->kind == CALL_ASK ? "`ask` takes a message and `timeout:`"
                                            : "a sending takes one message");
        check(c, arg->value, NULL);
    }
}

static bool purity_holds(struct checker *c, struct span span) {
    const struct sema_function *f = c->body->function;
    if (f && f->actor && f->actor->is_monitor && !c->body->is_pure) {
        struct diag *d = diag_add(c->sink, P2084, span, "a monitor only looks on");
        diag_primary(c->sink, d, "this would do something");
        return false;
    }
    if (!c->body->is_pure)
        return true;
    struct diag *d = diag_add(c->sink, P2038, span, "an invariant only looks");
    diag_primary(c->sink, d, "this would do something");
    return false;
}

// `name`, `module.name`, `outer.inner.name`
static const struct symbol *named_by(struct checker *c, const struct ast_expr *e) {
    if (e->kind == EXPR_NAME)
        return symbol_find(c->scope, e->name.text);
    const struct symbol *in = e->kind == EXPR_MEMBER ? named_by(c, e->member.object) : NULL;
    bool is_module = in && in->kind == SYMBOL_MODULE;
    return is_module ? symbol_find_here(in->module, e->member.name.text) : NULL;
}

// The message of a module that a name, `M` or `Module.M`, stands for; NULL: it is none.
static struct sema_function *open_message(struct checker *c, const struct ast_expr *e) {
    const struct ast_expr *callee = e->kind == EXPR_CALL ? e->call.callee : e;
    const struct symbol *s = named_by(c, callee);
    return s && s->kind == SYMBOL_MESSAGE ? s->function : NULL;
}

// To an `ActorRef` of any actor: a message that is declared in a module, or a value for `on`.
static struct type *tell_any(struct checker *c, struct ast_expr *e, struct type *ref,
                             enum call_kind kind) {
    struct ast_name method = e->call.callee->member.name;
    if (kind != CALL_TELL || e->call.args.len != 1) {
        struct diag *d = diag_add(c->sink, P2083, e->span,
                                  "what is behind an `ActorRef` of no actor can only be told");
        diag_primary(c->sink, d, "`tell` takes a message of a module, or a value");
        if (ref->kind == TYPE_REF)
            diag_note(c->sink, d,
                      "Who answers, and what, only the reference to an actor says: "
                      "`ActorRef<X>`.");
        else
            diag_note(c->sink, d,
                      "What `%s` answers a trait says that is asked of it: `%s: Trait`, with an "
                      "`async function` that each actor implements.",
                      type_show(c->prog, ref), type_show(c->prog, ref));
        for (int32_t i = 0; i < e->call.args.len; i++)
            if (!open_message(c, e->call.args.at[i].value))
                check_loosely(c, e->call.args.at[i].value, method.text);
        return c->t_error;
    }
    struct ast_expr *said = e->call.args.at[0].value;
    struct sema_call *call = call_new(c, e, CALL_TELL_ANY);
    mark_static(c, e->call.callee);
    call->receiver = e->call.callee->member.object;
    struct want any = {.type = type_ref(c->prog, NULL, NULL)};
    coerce(c, call->receiver, ref, &any);
    struct sema_function *f = open_message(c, said);
    struct message_expr m;
    if (f && read_message(c, said, &m)) {
        call->use = instantiate(c, f, NULL, said->span);
        check_args(c, call, said->span, f->name, &f->params, &call->use, m.args, m.arg_count,
                   f->span);
    } else {
        struct sema_arg *arg = arena_new(c->arena, struct sema_arg);
        arg->value = said;
        check(c, said, NULL);
        call->args.at = arg;
        call->args.len = 1;
    }
    return c->t_unit;
}

struct type *check_announce(struct checker *c, struct ast_expr *e) {
    struct ast_expr *said = e->call.args.len == 1 ? e->call.args.at[0].value : NULL;
    struct sema_function *f = said ? open_message(c, said) : NULL;
    struct message_expr m;
    if (!said || local_find(c, W(announce)) || symbol_find(c->scope, W(announce)))
        return NULL;
    if (!read_message(c, said, &m) || !f) {
        struct diag *d = diag_add(c->sink, P2001, said->span, "this is no message of a module");
        diag_primary(c->sink, d, "a `message` that stands outside of actors is announced");
        return c->t_unit;
    }
    mark_static(c, e->call.callee);
    purity_holds(c, e->span);
    struct sema_call *call = call_new(c, e, CALL_ANNOUNCE);
    call->use = instantiate(c, f, NULL, said->span);
    check_args(c, call, said->span, f->name, &f->params, &call->use, m.args, m.arg_count, f->span);
    return c->t_unit;
}

static struct type *send_to(struct checker *c, struct ast_expr *e, struct type *ref,
                            enum call_kind kind) {
    struct sema_actor *a = ref->kind == TYPE_REF ? ref->actor : NULL;
    purity_holds(c, e->span);
    if (!a)
        return tell_any(c, e, ref, kind);
    mark_static(c, e->call.callee);
    struct sema_call *call = call_new(c, e, kind);
    call->receiver = e->call.callee->member.object;
    struct message_expr m;
    if (e->call.args.len == 0 || !read_message(c, e->call.args.at[0].value, &m)) {
        say_needed(c, a, e);
        return c->t_error;
    }
    struct sema_message *message = message_find(a, m.name.text);
    if (!message) {
        say_no_message(c, a, m.name, m.at->span);
        for (int32_t i = 0; i < m.arg_count; i++)
            check(c, m.args[i].value, NULL);
        return c->t_error;
    }
    fill_message(c, call, a, ref->args, &m, message);
    read_timeout(c, e, call);
    struct type *t = use_type(c, &call->use, message->handler->result);
    if (kind == CALL_TELL)
        return c->t_unit;
    return kind == CALL_ASK ? ask_type(c, t) : type_make(c->prog, TYPE_FUTURE, &t, 1);
}

// `fooBar` and `foo_bar` mean the message `FooBar`, or one of that very name, as models have them.
static struct sema_message *message_called(struct checker *c, struct sema_actor *a,
                                           const char *name) {
    struct text camel = {.arena = c->arena};
    bool begins = true;
    for (const char *at = name; *at; at++) {
        if (*at != '_')
            text_putc(&camel, begins ? (char)toupper((unsigned char)*at) : *at);
        begins = *at == '_';
    }
    struct sema_message *found = message_find(a, intern(c->names, text_str(&camel)));
    return found ? found : message_find(a, name);
}

struct type *check_bus_call(struct checker *c, struct ast_expr *e, struct sema_actor *a,
                            struct type *bus) {
    struct ast_name name = e->call.callee->member.name;
    struct sema_message *message = a->is_bus ? message_called(c, a, name.text) : NULL;
    if (!message || bus->kind != TYPE_REF)
        return NULL;
    mark_static(c, e->call.callee);
    mark_static(c, e->call.callee->member.object);
    purity_holds(c, e->span);
    struct sema_call *call = call_new(c, e, CALL_SEND);
    call->bus = bus;
    keep_slot(c, &call->bus);
    struct message_expr m = {name, e, e->call.args.at, e->call.args.len};
    fill_message(c, call, a, bus->args, &m, message);
    struct type *t = use_type(c, &call->use, message->handler->result);
    return type_make(c->prog, TYPE_FUTURE, &t, 1);
}

struct type *check_actor_call(struct checker *c, struct ast_expr *e, struct type *ref,
                              const struct want *want) {
    (void)want;
    struct ast_name name = e->call.callee->member.name;
    if (name.text == W(send))
        return send_to(c, e, ref, CALL_SEND);
    if (name.text == W(tell))
        return send_to(c, e, ref, CALL_TELL);
    if (name.text == W(ask))
        return send_to(c, e, ref, CALL_ASK);
    if (ref->kind != TYPE_REF)
        return NULL;
    if (strcmp(name.text, "spawn_child") == 0)
        return check_spawn_child(c, e, ref);
    if (!ref->actor)
        return NULL;
    struct sema_message *message = message_called(c, ref->actor, name.text);
    if (!message)
        return NULL;
    mark_static(c, e->call.callee);
    purity_holds(c, e->span);
    struct sema_call *call = call_new(c, e, CALL_SEND);
    call->receiver = e->call.callee->member.object;
    struct message_expr m = {name, e, e->call.args.at, e->call.args.len};
    fill_message(c, call, ref->actor, ref->args, &m, message);
    struct type *t = use_type(c, &call->use, message->handler->result);
    return type_make(c->prog, TYPE_FUTURE, &t, 1);
}

// ---- self ---------------------------------------------------------------------------------------

static struct type *self_ref(struct checker *c, struct ast_expr *e) {
    call_new(c, e, CALL_SELF_REF);
    return c->body->function->actor->self_type;
}

static struct type *self_reply(struct checker *c, struct ast_expr *e) {
    struct sema_function *f = c->body->function;
    call_new(c, e, CALL_SELF_REPLY);
    if (f->kind != FUNCTION_MESSAGE || c->body->closure) {
        struct diag *d = diag_add(c->sink, P2029, e->span, "there is no reply to take here");
        diag_primary(c->sink, d, "only the handler of a message has one to give");
        return c->t_error;
    }
    c->body->takes_reply = f->takes_reply = true;
    return type_make(c->prog, TYPE_REPLY, &f->result, 1);
}

// A reentrant actor may wait for its own messages.
static struct type *send_to_self(struct checker *c, struct ast_expr *e, enum call_kind kind) {
    struct type *t = send_to(c, e, c->body->function->actor->self_type, kind);
    if (info(c, e)->role == ROLE_CALL) {
        info(c, e)->call->receiver = NULL;
        info(c, e)->call->to_self = true;
    }
    return t;
}

static struct type *self_send(struct checker *c, struct ast_expr *e, bool is_ask) {
    struct sema_actor *a = c->body->function->actor;
    struct message_expr m;
    if (a->is_reentrant && e->call.callee->member.name.text != W(tell))
        return send_to_self(c, e, is_ask ? CALL_ASK : CALL_SEND);
    if (is_ask) {
        struct diag *d = diag_add(c->sink, P2030, e->span, "an actor cannot ask itself");
        diag_primary(c->sink, d, "it would wait for a message that it does not take");
        diag_note(c->sink, d, "A function of the actor can be called: `self.name(...)`.");
        for (int32_t i = 0; i < e->call.args.len; i++)
            check_loosely(c, e->call.args.at[i].value, W(ask));
        return c->t_error;
    }
    struct sema_call *call = call_new(c, e, CALL_SELF_SEND);
    if (e->call.args.len == 0 || !read_message(c, e->call.args.at[0].value, &m)) {
        say_needed(c, a, e);
        return c->t_error;
    }
    struct sema_message *message = message_find(a, m.name.text);
    if (!message) {
        say_no_message(c, a, m.name, m.at->span);
        return c->t_error;
    }
    fill_message(c, call, a, a->self_type->args, &m, message);
    read_timeout(c, e, call);
    return c->t_unit;
}

static struct type *self_function(struct checker *c, struct ast_expr *e, struct sema_function *f) {
    struct sema_call *call = call_new(c, e, CALL_ACTOR);
    for (struct sema_closure *at = c->body->closure; at; at = at->parent)
        at->calls_own = true;
    // A task, or a branch of a join, runs between other turns; so does what it waits for.
    f->runs_beside |= f->is_async && (c->awaited != e || c->body->closure);
    call->use = instantiate(c, f, e->call.callee->member.type_args, e->span);
    check_args(c, call, e->span, f->name, &f->params, &call->use, e->call.args.at, e->call.args.len,
               f->span);
    struct type *t = use_type(c, &call->use, f->result);
    return f->is_async ? type_make(c->prog, TYPE_FUTURE, &t, 1) : t;
}

static struct type *self_closure(struct checker *c, struct ast_expr *e) {
    struct type *t = resolve(check(c, e->call.callee, NULL));
    if (t->kind != TYPE_FN)
        return skip_args(c, e), c->t_error;
    struct sema_call *call = call_new(c, e, CALL_CLOSURE);
    call->receiver = e->call.callee;
    note_called(c, e->call.callee);
    sema_params params = {arena_array(c->arena, struct sema_param, t->arg_count), t->arg_count - 1};
    for (int32_t i = 0; i < params.len; i++)
        params.at[i] = (struct sema_param){.name = "_", .type = t->args[i]};
    check_args(c, call, e->span, "this function", &params, NULL, e->call.args.at, e->call.args.len,
               (struct span){0});
    return type_fn_result(t);
}

static struct type *say_no_function(struct checker *c, struct ast_expr *e, struct sema_actor *a) {
    struct ast_name name = e->call.callee->member.name;
    struct span span = ast_name_span(e->call.callee->span, name);
    struct diag *d =
        diag_add(c->sink, P2004, span, "the actor `%s` has no function `%s`", a->name, name.text);
    struct str capital = str_dup(c->arena, str_from(name.text));
    ((char *)capital.data)[0] = (char)toupper((unsigned char)name.text[0]);
    const char **all = arena_array(c->arena, const char *, a->functions.len);
    for (int32_t i = 0; i < a->functions.len; i++)
        all[i] = a->functions.at[i]->name;
    const char *near = diag_nearest(str_from(name.text), all, a->functions.len);
    if (message_find(a, intern(c->names, capital)))
        diag_primary(c->sink, d, "`%s` is a message: `self.send(%s(...))` sends it", capital.data,
                     capital.data);
    else if (near)
        diag_primary(c->sink, d, "did you mean `%s`?", near);
    else
        diag_primary(c->sink, d, "not a function of this actor");
    return skip_args(c, e);
}

struct type *check_self_call(struct checker *c, struct ast_expr *e, const struct want *want) {
    (void)want;
    struct sema_actor *a = c->body->function->actor;
    struct ast_expr *callee = e->call.callee;
    const char *name = callee->member.name.text;
    mark_static(c, callee);
    info(c, callee->member.object)->role = ROLE_ACTOR_SELF;
    info(c, callee->member.object)->type = c->t_unit;
    note_self_use(c, e->span);
    for (int32_t i = 0; i < a->functions.len; i++)
        if (a->functions.at[i]->name == name)
            return self_function(c, e, a->functions.at[i]);
    for (int32_t i = 0; i < a->fields.len; i++)
        if (a->fields.at[i].field.name == name)
            return self_closure(c, e);
    if (name == W(reference))
        return self_ref(c, e);
    if (!purity_holds(c, e->span))
        return skip_args(c, e);
    if (name == W(reply))
        return self_reply(c, e);
    if (name == W(send) || name == W(tell) || name == W(ask))
        return self_send(c, e, name == W(ask));
    if (name == W(stop)) {
        call_new(c, e, CALL_SELF_STOP);
        return c->t_unit;
    }
    return say_no_function(c, e, a);
}

// ---- starting one -------------------------------------------------------------------------------

struct type *check_spawn(struct checker *c, struct ast_expr *e, struct symbol *s,
                         struct ast_type_args *given) {
    struct sema_actor *a = s->actor;
    mark_static(c, e->call.callee);
    struct type *t = symbol_self_type(c, s, given, e->span);
    struct sema_call *call = call_new(c, e, CALL_SPAWN);
    purity_holds(c, e->span);
    note_call(c, NULL, a, e->span);
    call->actor = a;
    call->use.function = a->init;
    call->use.type_args.at = t->args;
    call->use.type_args.len = a->params.len;
    if (t->kind == TYPE_ERROR)
        return skip_args(c, e);
    struct ast_arg *args = arena_array(c->arena, struct ast_arg, e->call.args.len + 1);
    int32_t count = take_options(c, e, call, args);
    check_args(c, call, e->span, a->name, &a->init->params, &call->use, args, count, a->span);
    check_keepable(c, e, call);
    return t;
}
