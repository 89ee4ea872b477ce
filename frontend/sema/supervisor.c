// SPDX-License-Identifier: MIT
// Supervisors: their strategy, their children, the function that decides about failures. A child is
// a field of the supervisor; its recipe, `A.spawn(arguments, maxRetries: n, within: d)`, is what
// the field begins with, so it is checked as any field's value is.
#include "frontend/sema/check.h"

// ---- declaring
// --------------------------------------------------------------------------------------

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
        if (says_spawn(c, recipe) && static_path(c, recipe->call.callee->member.object, &ref) &&
            ref.symbol && ref.symbol->kind == SYMBOL_ABSENT)
            return c->t_error;
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

// ---- the decision
// -----------------------------------------------------------------------------------

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

// ---- the recipe's options
// ---------------------------------------------------------------------------

static void take_option(struct checker *c, struct sema_call *call, struct ast_arg *arg,
                        struct span span) {
    bool is_retries = arg->name.text == W(maxRetries);
    struct ast_expr **slot = is_retries ? &call->retries : &call->within;
    if (*slot) {
        struct diag *d = diag_add(c->sink, P2007, ast_name_span(span, arg->name),
                                  "`%s` is given twice", arg->name.text);
        diag_primary(c->sink, d, "given again here");
    }
    *slot = arg->value;
    struct type *type = is_retries ? type_prim(c->prog, TYPE_U32) : c->t_duration;
    check_as(c, arg->value, type, is_retries ? "`maxRetries`" : "`within`", (struct span){0});
}

static bool is_option(struct checker *c, const char *name) {
    return name == W(maxRetries) || name == W(within);
}

static bool is_reserved(struct checker *c, const char *name) {
    return name == W(capabilities) || name == W(name) || (name && strcmp(name, "mailbox") == 0);
}

int32_t take_options(struct checker *c, struct ast_expr *e, struct sema_call *call,
                     struct ast_arg *others) {
    const char *child = NULL;
    int32_t count = 0;
    call->child = is_recipe(c, e, &child) ? child : NULL;
    for (int32_t i = 0; i < e->call.args.len; i++) {
        struct ast_arg *arg = &e->call.args.at[i];
        struct span span = arg->name.text ? ast_name_span(e->span, arg->name) : e->span;
        if (is_reserved(c, arg->name.text)) {
            say_not_built(c, P8204, span, "this option of a child");
            check(c, arg->value, NULL);
        } else if (!is_option(c, arg->name.text)) {
            others[count++] = *arg;
        } else if (call->child) {
            take_option(c, call, arg, e->span);
        } else {
            struct diag *d = diag_add(c->sink, P2082, span, "nobody restarts this actor");
            diag_primary(c->sink, d, "`%s` is for the `children` of a supervisor", arg->name.text);
            check(c, arg->value, NULL);
        }
    }
    return count;
}

void check_keepable(struct checker *c, struct ast_expr *e, const struct sema_call *call) {
    for (int32_t i = 0; call->child && i < call->args.len; i++) {
        struct ast_expr *value = call->args.at[i].value;
        struct type *t = value ? resolve(info(c, value)->type) : NULL;
        if (!t || type_is_copyable(c, t))
            continue;
        struct diag *d =
            diag_add(c->sink, P2081, value->span, "a child cannot be made a second time from this");
        diag_primary(c->sink, d, "a `%s` is there once", type_show(c->prog, t));
        diag_label(c->sink, d, e->span, "a restart runs this again");
    }
}
