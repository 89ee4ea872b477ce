// SPDX-License-Identifier: MIT
// Supervisors: their strategy, their children, the function that decides about failures. A child is
// a field of the supervisor; its recipe, `A.spawn(arguments, maxRetries: n, within: d)`, is what
// the field begins with, so it is checked as any field's value is.
#include "frontend/sema/check.h"

#include <ctype.h>

// ---- declaring ----------------------------------------------------------------------------------

static bool says_spawn(struct checker *c, const struct ast_expr *e) {
    if (e->kind != EXPR_CALL || e->call.callee->kind != EXPR_MEMBER)
        return false;
    const char *name = e->call.callee->member.name.text;
    return name == W(spawn) || name == c->words.w.new_;
}

static bool is_recipe(struct checker *c, const struct ast_expr *e, const char **name) {
    struct sema_function *f = c->body->function;
    if (!f || f->kind != FUNCTION_INIT)
        return false;
    for (int32_t i = 0; i < f->actor->fields.len; i++) {
        const struct sema_actor_field *field = &f->actor->fields.at[i];
        if (field->is_child && field->field.value == e) {
            *name = field->field.name;
            return true;
        }
    }
    return false;
}

void check_strategy(struct checker *c, struct sema_actor *a) {
    static const char *const names[] = {"OneForOne", "OneForAll", "RestForOne"};
    struct ast_expr *e = a->item->actor->strategy;
    if (!e)
        return;
    if (!a->is_supervisor) {
        struct diag *d = diag_add(c->sink, P2081, e->span, "only a supervisor has a strategy");
        diag_primary(c->sink, d, "`%s` is an actor", a->name);
        return;
    }
    struct ast_name name = {0};
    if (e->kind == EXPR_NAME)
        name = (struct ast_name){e->name.text, e->span.start, e->span.end};
    else if (e->kind == EXPR_MEMBER && e->member.object->kind == EXPR_NAME &&
             strcmp(e->member.object->name.text, "RestartStrategy") == 0)
        name = e->member.name;
    for (int i = 0; name.text && i < 3; i++)
        if (strcmp(name.text, names[i]) == 0) {
            a->strategy = (enum sema_strategy)i;
            return;
        }
    struct span span = name.text ? ast_name_span(e->span, name) : e->span;
    struct diag *d = diag_add(c->sink, P2081, span, "this is no strategy of a supervisor");
    const char *near = name.text ? diag_nearest(str_from(name.text), names, 3) : NULL;
    if (near) {
        diag_primary(c->sink, d, "did you mean `%s`?", near);
        diag_fix(c->sink, d, span, str_from(near), "write `%s`", near);
    } else {
        diag_primary(c->sink, d, "there are `OneForOne`, `OneForAll` and `RestForOne`");
    }
}

struct type *child_type(struct checker *c, struct ast_expr *recipe) {
    struct static_ref ref;
    bool right = says_spawn(c, recipe) &&
                 static_path(c, recipe->call.callee->member.object, &ref) && ref.symbol &&
                 ref.symbol->kind == SYMBOL_ACTOR;
    if (!right) {
        struct diag *d =
            diag_add(c->sink, P2081, recipe->span, "a child is an actor to be spawned");
        diag_primary(c->sink, d, "such as `Worker.spawn(maxRetries: 3)`");
        return c->t_error;
    }
    struct sema_actor *child = ref.symbol->actor;
    if (child->params.len && !ref.args) {
        struct diag *d =
            diag_add(c->sink, P2081, ref.span, "the types of this child are not given");
        diag_primary(c->sink, d, "they have to be written: `%s::<...>.spawn(...)`", child->name);
        return c->t_error;
    }
    return symbol_self_type(c, ref.symbol, ref.args, ref.span);
}

// ---- the decision -------------------------------------------------------------------------------

static bool is_untyped_ref(const struct type *t) {
    return t->kind == TYPE_REF && !t->actor;
}

static void check_decision(struct checker *c, const struct sema_actor *a) {
    struct sema_function *f = a->on_child_failure;
    if (!f)
        return;
    const sema_params *p = &f->params;
    const struct sema_enum *decision = c->prog->known.supervision_decision;
    const struct type *result = resolve(f->result);
    bool fits = p->len == 3 && is_untyped_ref(resolve(p->at[0].type)) &&
                resolve(p->at[1].type)->kind == TYPE_FAILURE &&
                resolve(p->at[2].type)->kind == TYPE_U32 && result->kind == TYPE_ENUM &&
                result->enumeration == decision;
    bool is_plain = fits && !p->at[0].is_mut && !p->at[1].is_mut && !p->at[2].is_mut;
    if (is_plain && !f->is_async)
        return;
    struct diag *d = diag_add(c->sink, P2081, f->span, "`on_child_failure` has other types");
    diag_primary(c->sink, d, "they are fixed, since the runtime calls it");
    diag_note(c->sink, d,
              "`on_child_failure(child: ActorRef, error: Error, restartCount: u32) -> "
              "SupervisionDecision`");
}

void check_decisions(struct checker *c) {
    for (int32_t i = 0; i < c->actors.len; i++)
        check_decision(c, c->actors.at[i]);
}

// ---- the recipe's options -----------------------------------------------------------------------

static struct ast_expr **option(struct checker *c, struct sema_call *call, const char *name) {
    return name == W(maxRetries) ? &call->retries
           : name == W(within)   ? &call->within
           : name == W(name)     ? &call->name
           : name == W(mailbox)  ? &call->mailbox
                                 : NULL;
}

// So many messages that wait, which is a number or a `Mailbox`.
static void check_mailbox_option(struct checker *c, struct ast_expr *e) {
    struct symbol *s = symbol_find_here(c->prelude, intern(c->names, STR("Mailbox")));
    struct type *type = s && s->kind == SYMBOL_ENUM ? s->enumeration->self_type : c->t_error;
    struct type *t = default_now(c, check(c, e, NULL));
    if (type_is_integer(t)) {
        if (e->kind != EXPR_INT || e->int_value > 0)
            return;
        struct diag *d =
            diag_add(c->sink, P2048, e->span, "the size of a mailbox is a number of messages");
        diag_primary(c->sink, d, "at least 1");
        return;
    }
    struct want want = {.type = type, .what = "`mailbox`"};
    if (t != type && t->kind != TYPE_ERROR && type->kind != TYPE_ERROR)
        say_mismatch(c, e->span, t, &want);
}

static void take_option(struct checker *c, struct sema_call *call, struct ast_arg *arg,
                        struct span span) {
    struct ast_expr **slot = option(c, call, arg->name.text);
    if (*slot) {
        struct diag *d = diag_add(c->sink, P2007, ast_name_span(span, arg->name),
                                  "`%s` is given twice", arg->name.text);
        diag_primary(c->sink, d, "given again here");
    }
    *slot = arg->value;
    if (slot == &call->mailbox) {
        check_mailbox_option(c, arg->value);
        return;
    }
    struct type *type = slot == &call->retries  ? type_prim(c->prog, TYPE_U32)
                        : slot == &call->within ? c->t_duration
                                                : c->t_string;
    check_as(c, arg->value, type, str_format(c->arena, "`%s`", arg->name.text).data,
             (struct span){0});
}

// For those that somebody restarts.
static bool is_budget(struct checker *c, const char *name) {
    return name == W(maxRetries) || name == W(within);
}

// Those behind a form's first argument.
static void take_options_behind(struct checker *c, struct ast_expr *e, struct sema_call *call,
                                int32_t from, bool is_restarted) {
    for (int32_t i = from; i < e->call.args.len; i++) {
        struct ast_arg *arg = &e->call.args.at[i];
        bool fits = call && option(c, call, arg->name.text) &&
                    (is_restarted || !is_budget(c, arg->name.text));
        if (fits) {
            take_option(c, call, arg, e->span);
            continue;
        }
        check(c, arg->value, NULL);
        if (!call)
            continue;
        struct diag *d = diag_add(c->sink, P2007, arg->value->span, "this does not belong here");
        diag_primary(c->sink, d, "behind it stand %s`name:` and `mailbox:`",
                     is_restarted ? "`maxRetries:`, `within:`, " : "");
    }
}

int32_t take_options(struct checker *c, struct ast_expr *e, struct sema_call *call,
                     struct ast_arg *others) {
    const char *child = NULL;
    int32_t count = 0;
    call->child = is_recipe(c, e, &child) ? child : NULL;
    for (int32_t i = 0; i < e->call.args.len; i++) {
        struct ast_arg *arg = &e->call.args.at[i];
        struct span span = arg->name.text ? ast_name_span(e->span, arg->name) : e->span;
        if (arg->name.text == W(capabilities)) {
            take_capabilities(c, call, arg->value);
        } else if (!option(c, call, arg->name.text)) {
            others[count++] = *arg;
        } else if (call->child || !is_budget(c, arg->name.text)) {
            take_option(c, call, arg, e->span);
        } else {
            struct diag *d = diag_add(c->sink, P2082, span, "nobody restarts this actor");
            diag_primary(c->sink, d, "`%s` is for the `children` of a supervisor", arg->name.text);
            check(c, arg->value, NULL);
        }
    }
    return count;
}

// ---- spawn_actor and its like -------------------------------------------------------------------

static struct type *say_no_recipe(struct checker *c, struct ast_expr *e, const char *form) {
    struct diag *d = diag_add(c->sink, P2081, e->span, "`%s` takes an actor to be spawned", form);
    diag_primary(c->sink, d, "such as `%s(Worker.new())`", form);
    for (int32_t i = 0; i < e->call.args.len; i++)
        check(c, e->call.args.at[i].value, NULL);
    return c->t_error;
}

// The recipe `A.new(...)` of a form's first argument is checked; what it is becomes what the form
// is.
static struct type *take_recipe(struct checker *c, struct ast_expr *e, const char *form) {
    struct ast_expr *recipe = e->call.args.len ? e->call.args.at[0].value : NULL;
    struct type *t = recipe && says_spawn(c, recipe) ? resolve(check(c, recipe, NULL)) : c->t_error;
    bool spawns =
        recipe && info(c, recipe)->role == ROLE_CALL && info(c, recipe)->call->kind == CALL_SPAWN;
    if (!spawns)
        return recipe && says_spawn(c, recipe) ? t : say_no_recipe(c, e, form);
    info(c, e)->role = ROLE_CALL;
    info(c, e)->call = info(c, recipe)->call;
    return t;
}

// A child is called as its actor is, with a small letter.
static const char *name_of_child(struct checker *c, const struct sema_actor *a) {
    struct str name = str_dup(c->arena, str_from(a->name));
    ((char *)name.data)[0] = (char)tolower((unsigned char)a->name[0]);
    return intern(c->names, name);
}

static struct type *spawn_supervised(struct checker *c, struct ast_expr *e, const char *form) {
    struct type *t = take_recipe(c, e, form);
    if (t->kind == TYPE_ERROR)
        return t;
    struct sema_call *call = info(c, e)->call;
    if (!in_actor(c)) {
        struct diag *d = diag_add(c->sink, P2081, e->span, "only an actor supervises");
        diag_primary(c->sink, d, "`spawn_actor` starts one that nobody restarts");
    }
    call->child = name_of_child(c, call->actor);
    take_options_behind(c, e, call, 1, true);
    note_self_use(c, e->span);
    check_keepable(c, e, call);
    return t;
}

static struct type *spawn_plain(struct checker *c, struct ast_expr *e, const char *form) {
    struct type *t = take_recipe(c, e, form);
    struct sema_call *call = t->kind == TYPE_REF ? info(c, e)->call : NULL;
    const struct ast_arg *second = e->call.args.len > 1 ? &e->call.args.at[1] : NULL;
    bool hands = second && (!second->name.text || second->name.text == W(capabilities));
    if (hands && call)
        take_capabilities(c, call, second->value);
    else if (hands)
        check(c, second->value, NULL);
    take_options_behind(c, e, call, hands ? 2 : 1, false);
    if (t->kind == TYPE_REF && strcmp(form, "spawn_supervisor") == 0 && !t->actor->is_supervisor) {
        struct diag *d = diag_add(c->sink, P2081, e->span, "`%s` is no supervisor", t->actor->name);
        diag_primary(c->sink, d, "`spawn_actor` starts an actor");
    }
    return t;
}

// What a supervised task is made of is needed again for the next time, and it has a life of its
// own.
static void check_task(struct checker *c, struct ast_expr *task) {
    const struct sema_expr *made = info(c, task);
    struct sema_closure *closure = task->kind == EXPR_ASYNC ? made->closure : NULL;
    bool calls = task->kind == EXPR_CALL && made->role == ROLE_CALL &&
                 (made->call->kind == CALL_FUNCTION || made->call->kind == CALL_TRAIT ||
                  made->call->kind == CALL_ACTOR) &&
                 made->call->use.function->builtin == BUILTIN_NONE;
    if (!closure && !calls) {
        struct diag *d = diag_add(c->sink, P2081, task->span, "this task cannot begin again");
        diag_primary(c->sink, d, "an `async { ... }` or the call of an async function could");
        return;
    }
    if ((closure && closure->uses_self) || (calls && made->call->kind == CALL_ACTOR)) {
        struct diag *d = diag_add(c->sink, P2081, task->span,
                                  "a supervised task has no part in an actor's state");
        diag_primary(c->sink, d, "it uses `self`");
        diag_note(c->sink, d,
                  "It is a child of the supervisor, which ends and begins again by "
                  "itself. Give it `self.reference()` and let it send messages.");
    }
    for (int32_t i = 0; closure && i < closure->captures.len; i++) {
        struct type *t = resolve(closure->captures.at[i]->type);
        if (type_is_copyable(c, t))
            continue;
        struct diag *d = diag_add(c->sink, P2081, task->span, "this task cannot begin again");
        diag_primary(c->sink, d, "it has taken `%s`, and a `%s` is there once",
                     closure->captures.at[i]->name, type_show(c->prog, t));
    }
    struct sema_call options = {.child = "task"};
    if (calls) {
        options.args = made->call->args;
        check_keepable(c, task, &options);
    }
}

// `spawn_with_supervision(supervisor, task, maxRetries: n, within: d, name: t)`: a task that the
// supervisor has as a child.
static struct type *spawn_task(struct checker *c, struct ast_expr *e, bool of_self) {
    struct ast_expr *task = e->call.args.at[1].value;
    struct sema_call *call = arena_new(c->arena, struct sema_call);
    call->kind = CALL_SPAWN_TASK;
    call->child = "task";
    call->receiver = of_self ? NULL : e->call.args.at[0].value;
    struct sema_arg *arg = arena_new(c->arena, struct sema_arg);
    arg->value = task;
    call->args.at = arg;
    call->args.len = 1;
    info(c, e)->role = ROLE_CALL;
    info(c, e)->call = call;
    struct type *t = resolve(check(c, task, NULL));
    take_options_behind(c, e, call, 2, true);
    if (call->mailbox) {
        struct diag *d = diag_add(c->sink, P2007, call->mailbox->span, "this does not belong here");
        diag_primary(c->sink, d, "a task is sent no messages");
    }
    if (of_self)
        note_self_use(c, e->span);
    if (t->kind == TYPE_FUTURE) {
        check_task(c, task);
    } else if (t->kind != TYPE_ERROR) {
        struct diag *d = diag_add(c->sink, P2081, task->span, "this is no task");
        diag_primary(c->sink, d, "this is `%s`", type_show(c->prog, t));
    }
    return c->t_unit;
}

static bool is_supervisor(struct checker *c, struct type *t) {
    (void)c;
    return t->kind == TYPE_REF && t->actor && t->actor->is_supervisor && !t->actor->params.len;
}

// `spawn_with_supervision(self, task)` in an actor that supervises nobody: what the task fails with
// is logged.
static struct type *spawn_watched(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct symbol *s = symbol_find_here(c->prelude, intern(c->names, STR("spawn_watched")));
    int32_t count = e->call.args.len;
    struct ast_expr *who =
        count >= 2 && !e->call.args.at[0].name.text && !e->call.args.at[1].name.text
            ? e->call.args.at[0].value
            : NULL;
    bool of_self = who && who->kind == EXPR_SELF && in_actor(c);
    if (of_self && c->body->function->actor->is_supervisor) {
        info(c, who)->role = ROLE_ACTOR_SELF;
        info(c, who)->type = c->t_unit;
        return spawn_task(c, e, true);
    }
    struct type *t = who && who->kind != EXPR_SELF ? resolve(check(c, who, NULL)) : NULL;
    if (t && is_supervisor(c, t))
        return spawn_task(c, e, false);
    if (!s || !of_self || count != 2) {
        struct diag *d =
            diag_add(c->sink, P2081, who ? who->span : e->span, "nobody supervises this task");
        diag_primary(c->sink, d, "a supervisor does, and an actor logs the failures of its own");
        diag_note(c->sink, d,
                  "`spawn_with_supervision(supervisor, async { ... })`, in an actor "
                  "`spawn_with_supervision(self, async { ... })`");
        for (int32_t i = t ? 1 : 0; i < count; i++)
            if (e->call.args.at[i].value->kind != EXPR_SELF)
                check(c, e->call.args.at[i].value, NULL);
        return c->t_error;
    }
    struct sema_expr *self = info(c, e->call.args.at[0].value);
    self->role = ROLE_ACTOR_SELF;
    self->type = c->t_unit;
    struct ast_expr *rest = arena_new(c->arena, struct ast_expr);
    *rest = *e;
    rest->call.args.at++;
    rest->call.args.len--;
    info(c, e->call.callee)->role = ROLE_STATIC;
    info(c, e->call.callee)->type = c->t_unit;
    return call_function(c, rest, s->function, NULL, NULL, want);
}

struct type *check_spawn_form(struct checker *c, struct ast_expr *e, const struct want *want) {
    const char *form = e->call.callee->name.text;
    if (strncmp(form, "spawn_", 6) != 0 || symbol_find(c->scope, form) != NULL)
        return NULL;
    bool supervised = strcmp(form, "spawn_supervised") == 0;
    bool plain = strcmp(form, "spawn_actor") == 0 || strcmp(form, "spawn_supervisor") == 0;
    if (strcmp(form, "spawn_with_supervision") == 0)
        return spawn_watched(c, e, want);
    if (!supervised && !plain)
        return NULL;
    info(c, e->call.callee)->role = ROLE_STATIC;
    info(c, e->call.callee)->type = c->t_unit;
    return supervised ? spawn_supervised(c, e, form) : spawn_plain(c, e, form);
}

// The supervisor is asked to make a child of its own.
struct type *check_spawn_child(struct checker *c, struct ast_expr *e, struct type *supervisor) {
    info(c, e->call.callee)->role = ROLE_STATIC;
    info(c, e->call.callee)->type = c->t_unit;
    struct ast_expr *receiver = e->call.callee->member.object;
    struct type *t = take_recipe(c, e, "spawn_child");
    if (t->kind == TYPE_ERROR)
        return t;
    if (!supervisor->actor || !supervisor->actor->is_supervisor || supervisor->actor->params.len) {
        struct diag *d = diag_add(c->sink, P2081, receiver->span,
                                  "only a supervisor is given children from outside");
        diag_primary(c->sink, d, "this is `%s`", type_show(c->prog, supervisor));
        return c->t_error;
    }
    struct sema_call *call = info(c, e)->call;
    call->kind = CALL_SPAWN_CHILD;
    call->receiver = receiver;
    call->child = name_of_child(c, call->actor);
    take_options_behind(c, e, call, 1, true);
    check_keepable(c, e, call);
    return type_make(c->prog, TYPE_FUTURE, &t, 1);
}

void check_keepable(struct checker *c, struct ast_expr *e, const struct sema_call *call) {
    for (int32_t i = 0; call->child && i < call->args.len; i++) {
        struct ast_expr *value = call->args.at[i].value;
        struct type *t = value ? resolve(info(c, value)->type) : NULL;
        if (!t || type_is_copyable(c, t))
            continue;
        struct diag *d =
            diag_add(c->sink, P2081, value->span, "a child cannot be made a second time from this");
        diag_primary(c->sink, d, "`%s` is there once", type_show(c->prog, t));
        diag_label(c->sink, d, e->span, "a restart runs this again");
    }
}
