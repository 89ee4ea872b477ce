// SPDX-License-Identifier: MIT
// Services: `service S` is a namespace of operations without bodies. `provider P for S` is a struct
// with its impl, `model M for S` an actor that takes each operation as a message of that name; both
// have to do all that the service says. `bind S = x;` at the entry or in a test says which it is.
#include "frontend/sema/check.h"

// ---- declaring ----------------------------------------------------------------------------------

static void declare_operation(struct checker *c, struct sema_service *s, struct ast_item *item) {
    struct sema_function *f = function_new(c, item, s->scope, FUNCTION_FREE, NULL);
    f->service = s;
    f->is_async = true; // an answer takes time
    struct ast_clauses *own = &item->function->clauses, *all = &s->item->service->clauses;
    if (!own->has_effects && all->has_effects) {
        own->has_effects = true;
        own->effects.at = all->effects.at;
        own->effects.len = all->effects.len;
        own->effects_span = all->effects_span;
    }
    if (!own->has_capabilities && all->has_capabilities) {
        own->has_capabilities = true;
        own->capabilities.at = all->capabilities.at;
        own->capabilities.len = all->capabilities.len;
        own->capabilities_span = all->capabilities_span;
    }
    symbol_new(c, s->scope, SYMBOL_FUNCTION, item->name, item->span)->function = f;
    vec_push(c->arena, &s->operations, f);
}

void declare_service(struct checker *c, struct namespace *n, struct ast_item *item) {
    struct sema_service *s = arena_new(c->arena, struct sema_service);
    s->name = item->name.text;
    s->path = str_format(c->arena, "%s%s", n->path, s->name).data;
    s->module = c->module;
    s->item = item;
    s->span = ast_name_span(item->span, item->name);
    s->scope = namespace_new(c, n, s->name);
    s->scope->path = str_format(c->arena, "%s.", s->path).data;
    s->scope->service = s;
    symbol_new(c, n, SYMBOL_MODULE, item->name, item->span)->module = s->scope;
    vec_push(c->arena, &c->services, s);
    for (int32_t i = 0; i < item->service->members.len; i++) {
        struct ast_item *member = item->service->members.at[i];
        if (member->kind == ITEM_FUNCTION)
            declare_operation(c, s, member);
        else
            declare_within(c, s->scope, member);
    }
}

// ---- providers: a struct and an impl ------------------------------------------------------------

static struct ast_item *item_like(struct checker *c, const struct ast_item *item,
                                  enum ast_item_kind kind) {
    struct ast_item *made = arena_new(c->arena, struct ast_item);
    *made = *item;
    made->kind = kind;
    return made;
}

static struct ast_item *struct_of(struct checker *c, struct ast_item *item) {
    struct ast_item *made = item_like(c, item, ITEM_STRUCT);
    struct ast_actor *provider = item->actor;
    made->structure = arena_new(c->arena, struct ast_struct);
    made->structure->shape = SHAPE_RECORD;
    made->structure->generics = provider->generics;
    made->structure->clauses.wheres.at = provider->clauses.wheres.at;
    made->structure->clauses.wheres.len = provider->clauses.wheres.len;
    VEC(struct ast_field) fields = {0};
    for (int32_t i = 0; i < provider->members.len; i++)
        if (provider->members.at[i]->kind == ITEM_FIELD) {
            struct ast_field field = *provider->members.at[i]->field;
            field.span = provider->members.at[i]->span;
            vec_push(c->arena, &fields, field);
        }
    LIST_OF(made->structure->fields, fields);
    return made;
}

static struct ast_type_expr *path_of(struct checker *c, const struct ast_item *item,
                                     struct ast_name name) {
    struct ast_type_expr *t = arena_new(c->arena, struct ast_type_expr);
    t->kind = TYPE_EXPR_PATH;
    t->id =
        c->module->ast->type_count; // the tables have an entry more, for what nobody has written
    t->span = ast_name_span(item->span, name);
    t->path.segments.at = arena_new(c->arena, struct ast_type_segment);
    t->path.segments.len = 1;
    t->path.segments.at[0].name = name;
    return t;
}

// The provider's own type, `Rows<T>`.
static struct ast_type_expr *subject_of(struct checker *c, const struct ast_item *item) {
    struct ast_type_expr *t = path_of(c, item, item->name);
    const struct ast_generics *own = &item->actor->generics;
    if (own->params.len == 0)
        return t;
    struct ast_type_args *args = arena_new(c->arena, struct ast_type_args);
    args->span = t->span;
    args->args.len = own->params.len;
    args->args.at = arena_array(c->arena, struct ast_type_arg, own->params.len);
    for (int32_t i = 0; i < own->params.len; i++)
        args->args.at[i].type = path_of(c, item, own->params.at[i].name);
    t->path.segments.at[0].args = args;
    return t;
}

static void say_no_member_of_provider(struct checker *c, struct span span, const char *what) {
    struct diag *d = diag_add(c->sink, P2076, span, "a provider has no %s", what);
    diag_primary(c->sink, d, "it is made of fields, functions and constants");
}

static struct ast_item *impl_of(struct checker *c, struct ast_item *item) {
    struct ast_item *made = item_like(c, item, ITEM_IMPL);
    made->name = (struct ast_name){0};
    made->impl = arena_new(c->arena, struct ast_impl);
    made->impl->subject = subject_of(c, item);
    made->impl->generics = item->actor->generics;
    made->impl->clauses.wheres.at = item->actor->clauses.wheres.at;
    made->impl->clauses.wheres.len = item->actor->clauses.wheres.len;
    VEC(struct ast_item *) functions = {0};
    for (int32_t i = 0; i < item->actor->members.len; i++) {
        struct ast_item *member = item->actor->members.at[i];
        if (member->kind == ITEM_FUNCTION || member->kind == ITEM_CONST)
            vec_push(c->arena, &functions, member);
        else if (member->kind != ITEM_FIELD)
            say_no_member_of_provider(c, member->span,
                                      member->kind == ITEM_MESSAGE ? "messages"
                                      : member->kind == ITEM_HOOK  ? "hooks"
                                                                   : "such member");
    }
    LIST_OF(made->impl->members, functions);
    return made;
}

void declare_provider(struct checker *c, struct namespace *n, struct ast_item *item) {
    if (item->actor->mailbox)
        say_no_member_of_provider(c, ast_name_span(item->span, item->name), "mailbox");
    struct ast_item *structure = struct_of(c, item);
    declare_within(c, n, structure);
    declare_within(c, n, impl_of(c, item));
    struct stand_in s = {.item = item, .module = c->module, .scope = n};
    s.provider = c->structs.at[c->structs.len - 1];
    s.provider->is_provider = true;
    vec_push(c->arena, &c->stand_ins, s);
}

void declare_model(struct checker *c, struct namespace *n, struct ast_item *item,
                   struct sema_actor *model) {
    struct stand_in s = {.item = item, .module = c->module, .scope = n, .model = model};
    vec_push(c->arena, &c->stand_ins, s);
}

// ---- whom they stand for ------------------------------------------------------------------------

static struct sema_service *service_named(struct checker *c, const struct ast_name *names,
                                          int32_t count, struct span span) {
    struct symbol *s = symbol_at(c->scope, names, count);
    if (s && s->kind == SYMBOL_MODULE && s->module->service)
        return s->module->service;
    struct diag *d = diag_add(c->sink, P2070, span, "`%s` is no service",
                              count ? names[count - 1].text : "this");
    diag_primary(c->sink, d, s ? "it is %s" : "nothing of that name is declared here",
                 s ? symbol_phrase(s) : "");
    return NULL;
}

static struct sema_service *service_of_type(struct checker *c, const struct ast_type_expr *t) {
    if (t->kind != TYPE_EXPR_PATH)
        return NULL;
    struct ast_name *names = arena_array(c->arena, struct ast_name, t->path.segments.len);
    for (int32_t i = 0; i < t->path.segments.len; i++)
        names[i] = t->path.segments.at[i].name;
    return service_named(c, names, t->path.segments.len, t->span);
}

static struct sema_function *handler_of(const struct sema_actor *model, const char *name) {
    for (int32_t i = 0; i < model->messages.len; i++)
        if (model->messages.at[i].name == name)
            return model->messages.at[i].handler;
    return NULL;
}

static struct sema_function *does(struct checker *c, const struct stand_in *s, const char *name) {
    if (s->model)
        return handler_of(s->model, name);
    struct method *m = method_find(c, s->provider->self_type, name);
    return m ? m->function : NULL;
}

// What the one who stands in has to do: the operation, with the arguments that it stands for.
struct signature {
    const struct sema_function *function;
    const sema_type_params *params;
    sema_types by;
};

static struct type *seen(struct checker *c, const struct signature *s, struct type *t) {
    return s->params->len == s->by.len ? sema_subst(c->prog, t, s->params, &s->by) : t;
}

static struct signature asked_for(struct stand_in *s, struct sema_function *operation) {
    return (struct signature){operation, &operation->type_params, s->args};
}

// A method has parameters of its own in place of its type's.
static struct signature done_by(struct checker *c, const struct stand_in *s,
                                struct sema_function *f) {
    const sema_type_params *own = s->provider ? &s->provider->params : &s->model->params;
    struct signature out = {
        f, &f->type_params, {arena_array(c->arena, struct type *, own->len), own->len}};
    for (int32_t i = 0; i < own->len; i++)
        out.by.at[i] = own->at[i]->type;
    return out;
}

static bool same_signature(struct checker *c, const struct signature *a,
                           const struct signature *b) {
    const sema_params *x = &a->function->params, *y = &b->function->params;
    bool same =
        x->len == y->len && seen(c, a, a->function->result) == seen(c, b, b->function->result);
    for (int32_t i = 0; same && i < x->len; i++)
        same = seen(c, a, x->at[i].type) == seen(c, b, y->at[i].type) && !y->at[i].is_mut;
    return same;
}

static const char *signature_text(struct checker *c, const struct signature *s) {
    struct text out = {.arena = c->arena};
    const struct sema_function *f = s->function;
    text_putc(&out, '(');
    for (int32_t i = 0; i < f->params.len; i++)
        text_printf(&out, "%s%s: %s", i ? ", " : "", f->params.at[i].name,
                    type_show(c->prog, seen(c, s, f->params.at[i].type)));
    text_printf(&out, ") -> %s", type_show(c->prog, seen(c, s, f->result)));
    return out.data;
}

static void check_operation(struct checker *c, struct stand_in *s, struct sema_service *to,
                            struct sema_function *operation) {
    struct sema_function *f = does(c, s, operation->name);
    struct span name = ast_name_span(s->item->span, s->item->name);
    const char *word = s->model ? "message" : "function";
    struct signature asked = asked_for(s, operation);
    if (!f) {
        struct diag *d = diag_add(c->sink, P2071, name, "`%s` does not do `%s.%s`",
                                  s->item->name.text, to->name, operation->name);
        diag_primary(c->sink, d, "the %s `%s%s` is missing", word, operation->name,
                     signature_text(c, &asked));
        diag_label(c->sink, d, operation->span, "the service has it");
        return;
    }
    struct signature done = done_by(c, s, f);
    bool self_fits = s->model || f->self == SELF_READ;
    if (operation->item->function->generics.params.len)
        return; // that is said where the service stands
    if (same_signature(c, &asked, &done) && self_fits)
        return;
    struct diag *d =
        diag_add(c->sink, P2072, f->span, "`%s` is not what `%s` asks for", f->name, to->name);
    diag_primary(c->sink, d, self_fits ? "it is `%s`" : "it has to take `self`",
                 signature_text(c, &done));
    diag_label(c->sink, d, operation->span, "the service says `%s`", signature_text(c, &asked));
}

static void find_failure(struct checker *c, struct sema_service *s) {
    struct symbol *at = symbol_find_here(s->scope, intern(c->names, STR("failure")));
    if (at && at->kind == SYMBOL_CONST)
        s->failure = at->constant;
}

void check_services(struct checker *c) {
    for (int32_t i = 0; i < c->services.len; i++)
        find_failure(c, c->services.at[i]);
    for (int32_t i = 0; i < c->stand_ins.len; i++) {
        struct stand_in *s = &c->stand_ins.at[i];
        c->module = s->module;
        c->scope = s->provider ? s->provider->scope : s->model->scope;
        struct ast_type_expr *of = s->item->actor->implements;
        struct sema_service *to = service_of_type(c, of);
        if (!to ||
            !args_fit(c, to->name, of->path.segments.at[of->path.segments.len - 1].args,
                      to->item->service->generics.params.len, of->span, to->span, false, &s->args))
            continue;
        s->service = to;
        for (int32_t k = 0; k < to->operations.len; k++)
            check_operation(c, s, to, to->operations.at[k]);
        if (s->provider && s->module->is_std && to->module->is_std && !to->standard)
            to->standard = s->provider;
    }
}

// ---- binding ------------------------------------------------------------------------------------

static bool may_bind(const struct checker *c, const struct ast_stmt *s) {
    const struct sema_function *f = c->body->function;
    bool is_root = f && (f->kind == FUNCTION_TEST ||
                         (f->kind == FUNCTION_FREE && f->name == W(main) && !f->module->is_std));
    if (!is_root || c->body->closure || !f->body)
        return false;
    for (int32_t i = 0; i < f->body->stmts.len; i++)
        if (&f->body->stmts.at[i] == s)
            return true;
    return false;
}

static struct stand_in *stand_in_of(struct checker *c, const struct type *t) {
    for (int32_t i = 0; i < c->stand_ins.len; i++) {
        struct stand_in *s = &c->stand_ins.at[i];
        if ((t->kind == TYPE_STRUCT && s->provider == t->structure) ||
            (t->kind == TYPE_REF && s->model && s->model == t->actor))
            return s;
    }
    return NULL;
}

// The service's arguments for which a value of that type stands.
static sema_types args_bound(struct checker *c, const struct stand_in *s, const struct type *t) {
    const sema_type_params *own = s->provider ? &s->provider->params : &s->model->params;
    sema_types by = {t->args, t->arg_count};
    sema_types out = {arena_array(c->arena, struct type *, s->args.len), s->args.len};
    for (int32_t i = 0; i < out.len; i++)
        out.at[i] = sema_subst(c->prog, s->args.at[i], own, &by);
    return out;
}

static int32_t bound_index(struct checker *c, struct sema_service *to, const struct stand_in *s,
                           struct type *t) {
    for (int32_t i = 0; i < to->bound.len; i++)
        if (to->bound.at[i].type == t)
            return i;
    struct sema_stand_in made = {s->provider, s->model, t, args_bound(c, s, t)};
    vec_push(c->arena, &to->bound, made);
    return to->bound.len - 1;
}

static bool is_same_binding(struct checker *c, const struct sema_bind *b,
                            const struct sema_service *to, const sema_types *args,
                            const struct type *t) {
    if (b->service != to || !to)
        return b->service == to && b->bus == t;
    return same_trait_args(c, &to->bound.at[b->index].args, args);
}

static bool is_bound_twice(struct checker *c, const struct ast_stmt *s, struct sema_service *to,
                           const sema_types *args, const struct type *t) {
    for (int32_t i = 0; i < c->binds.len; i++) {
        if (c->binds.at[i].function != c->body->function ||
            !is_same_binding(c, &c->binds.at[i], to, args, t))
            continue;
        struct diag *d = diag_add(c->sink, P2074, s->span, "`%s` is bound twice",
                                  to ? to->name : t->actor->name);
        diag_primary(c->sink, d, "a service stays what it was bound to");
        diag_label(c->sink, d, c->binds.at[i].stmt->span, "it is bound here");
        return true;
    }
    return false;
}

// The event bus that is named, or NULL.
static struct sema_actor *bus_named(struct checker *c, const struct ast_path *path) {
    struct symbol *s = symbol_at(c->scope, path->names.at, path->names.len);
    return s && s->kind == SYMBOL_ACTOR && s->actor->is_bus ? s->actor : NULL;
}

static void bind_bus(struct checker *c, struct ast_stmt *s, struct sema_actor *bus,
                     struct type *t) {
    if (t->kind == TYPE_ERROR)
        return;
    if (t->kind != TYPE_REF || t->actor != bus) {
        struct diag *d = diag_add(c->sink, P2075, s->bind.provider->span, "`%s` is no `%s`",
                                  type_show(c->prog, t), bus->name);
        diag_primary(c->sink, d, "such as `%s.spawn()`", bus->name);
        return;
    }
    if (t->flags & TYPE_HAS_VAR) {
        struct diag *d = diag_add(c->sink, P2009, s->bind.provider->span,
                                  "it cannot be told what this bus carries");
        diag_primary(c->sink, d, "`%s::<T>.spawn()` says it", bus->name);
        return;
    }
    if (is_bound_twice(c, s, NULL, NULL, t))
        return;
    struct sema_bind bind = {.stmt = s, .function = c->body->function, .bus = t};
    vec_push(c->arena, &c->binds, bind);
}

void check_binding(struct checker *c, struct ast_stmt *s) {
    const struct ast_path *name = &s->bind.service;
    struct sema_actor *bus = bus_named(c, name);
    struct sema_service *to =
        bus ? NULL : service_named(c, name->names.at, name->names.len, name->span);
    struct type *t = resolve(check(c, s->bind.provider, NULL));
    if (!may_bind(c, s)) {
        struct diag *d = diag_add(c->sink, P2073, s->span, "`bind` cannot stand here");
        diag_primary(c->sink, d, "only `main` and tests choose what a service is");
        diag_note(c->sink, d, "It stands in their body itself, not within a block or closure.");
        return;
    }
    if (bus)
        bind_bus(c, s, bus, t);
    if (!to || t->kind == TYPE_ERROR)
        return;
    struct stand_in *found = stand_in_of(c, t);
    if (!found || found->service != to) {
        struct diag *d = diag_add(c->sink, P2075, s->bind.provider->span,
                                  "`%s` does not stand for `%s`", type_show(c->prog, t), to->name);
        diag_primary(c->sink, d, "a provider or a model of `%s` is needed", to->name);
        return;
    }
    for (int32_t i = 0; i < t->arg_count; i++)
        settle(c, t->args[i]); // nothing that follows may tell another type
    t = zonk(c, t);
    if (t->flags & TYPE_HAS_VAR) {
        struct diag *d = diag_add(c->sink, P2009, s->bind.provider->span,
                                  "it cannot be told what this stands for");
        diag_primary(c->sink, d, "`%s::<...>` says it", found->item->name.text);
        return;
    }
    sema_types args = args_bound(c, found, t);
    if (is_bound_twice(c, s, to, &args, t))
        return;
    struct sema_bind bind = {s, c->body->function, to, bound_index(c, to, found, t), NULL};
    vec_push(c->arena, &c->binds, bind);
}
