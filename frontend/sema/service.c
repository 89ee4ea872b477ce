// SPDX-License-Identifier: MIT
// Services: `service S` is a namespace of operations without bodies. `provider P for S` is a struct
// with its impl, `model M for S` an actor that takes each operation as a message of that name; both
// have to do all that the service says. `bind S = x;` at the entry or in a test says which it is.
#include "frontend/sema/check.h"

// ---- declaring
// --------------------------------------------------------------------------------------

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

static bool is_generic(const struct ast_generics *g) {
    return g->params.len > 0;
}

void declare_service(struct checker *c, struct namespace *n, struct ast_item *item) {
    struct sema_service *s = arena_new(c->arena, struct sema_service);
    s->name = item->name.text;
    s->path = str_format(c->arena, "%s%s", n->path, s->name).data;
    s->module = c->module;
    s->item = item;
    s->span = ast_name_span(item->span, item->name);
    if (is_generic(&item->service->generics))
        say_not_built(c, P8006, s->span, "a service with type parameters");
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

// ---- providers: a struct and an impl
// ----------------------------------------------------------------------

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

static struct ast_item *impl_of(struct checker *c, struct ast_item *item) {
    struct ast_item *made = item_like(c, item, ITEM_IMPL);
    struct ast_type_expr *subject = arena_new(c->arena, struct ast_type_expr);
    // The type behind `for` is no type but a service, so its entry in the tables is free.
    *subject = *item->actor->implements;
    subject->kind = TYPE_EXPR_PATH;
    subject->path.segments.at = arena_new(c->arena, struct ast_type_segment);
    subject->path.segments.len = 1;
    subject->path.segments.at[0].name = item->name;
    made->name = (struct ast_name){0};
    made->impl = arena_new(c->arena, struct ast_impl);
    made->impl->subject = subject;
    VEC(struct ast_item *) functions = {0};
    for (int32_t i = 0; i < item->actor->members.len; i++) {
        struct ast_item *member = item->actor->members.at[i];
        if (member->kind == ITEM_FUNCTION || member->kind == ITEM_CONST)
            vec_push(c->arena, &functions, member);
        else if (member->kind != ITEM_FIELD)
            say_not_built(c, P8006, member->span, "this member of a provider");
    }
    LIST_OF(made->impl->members, functions);
    return made;
}

void declare_provider(struct checker *c, struct namespace *n, struct ast_item *item) {
    if (is_generic(&item->actor->generics) || item->actor->mailbox)
        say_not_built(c, P8006, ast_name_span(item->span, item->name),
                      "a provider with type parameters or a mailbox");
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
    if (model->params.len || is_generic(&item->actor->generics))
        say_not_built(c, P8006, model->span, "a model with type parameters");
    vec_push(c->arena, &c->stand_ins, s);
}

// ---- whom they stand for
// ----------------------------------------------------------------------------------

static struct sema_service *service_named(struct checker *c, const struct ast_name *names,
                                          int32_t count, struct span span) {
    struct symbol *s = symbol_at(c->scope, names, count);
    if (s && s->kind == SYMBOL_MODULE && s->module->service)
        return s->module->service;
    struct diag *d = diag_add(c->sink, P2070, span, "`%s` is no service",
                              count ? names[count - 1].text : "this");
    diag_primary(c->sink, d, s ? "it is a %s" : "nothing of that name is declared here",
                 s ? symbol_word(s) : "");
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

static bool same_signature(const struct sema_function *a, const struct sema_function *b) {
    bool same = a->params.len == b->params.len && a->result == b->result;
    for (int32_t i = 0; same && i < a->params.len; i++)
        same = a->params.at[i].type == b->params.at[i].type && !b->params.at[i].is_mut;
    return same;
}

static const char *signature_text(struct checker *c, const struct sema_function *f) {
    struct text out = {.arena = c->arena};
    text_putc(&out, '(');
    for (int32_t i = 0; i < f->params.len; i++)
        text_printf(&out, "%s%s: %s", i ? ", " : "", f->params.at[i].name,
                    type_show(c->prog, f->params.at[i].type));
    text_printf(&out, ") -> %s", type_show(c->prog, f->result));
    return out.data;
}

static void check_operation(struct checker *c, const struct stand_in *s, struct sema_service *to,
                            struct sema_function *operation) {
    struct sema_function *f = does(c, s, operation->name);
    struct span name = ast_name_span(s->item->span, s->item->name);
    const char *word = s->model ? "message" : "function";
    if (!f) {
        struct diag *d = diag_add(c->sink, P2071, name, "`%s` does not do `%s.%s`",
                                  s->item->name.text, to->name, operation->name);
        diag_primary(c->sink, d, "the %s `%s%s` is missing", word, operation->name,
                     signature_text(c, operation));
        diag_label(c->sink, d, operation->span, "the service has it");
        return;
    }
    bool self_fits = s->model || f->self == SELF_READ;
    if (same_signature(operation, f) && self_fits)
        return;
    struct diag *d =
        diag_add(c->sink, P2072, f->span, "`%s` is not what `%s` asks for", f->name, to->name);
    diag_primary(c->sink, d, self_fits ? "it is `%s`" : "it has to take `self`",
                 signature_text(c, f));
    diag_label(c->sink, d, operation->span, "the service says `%s`", signature_text(c, operation));
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
        c->scope = s->scope;
        struct sema_service *to = service_of_type(c, s->item->actor->implements);
        if (!to)
            continue;
        s->service = to;
        for (int32_t k = 0; k < to->operations.len; k++)
            check_operation(c, s, to, to->operations.at[k]);
        if (s->provider && s->module->is_std && to->module->is_std && !to->standard)
            to->standard = s->provider;
    }
}

// ---- binding
// ------------------------------------------------------------------------------------------

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

static int32_t bound_index(struct checker *c, struct sema_service *to, const struct stand_in *s) {
    for (int32_t i = 0; i < to->bound.len; i++)
        if (to->bound.at[i].provider == s->provider && to->bound.at[i].model == s->model)
            return i;
    struct sema_stand_in made = {s->provider, s->model};
    vec_push(c->arena, &to->bound, made);
    return to->bound.len - 1;
}

static bool is_same_binding(const struct sema_bind *b, const struct sema_service *to,
                            const struct type *t) {
    return b->service == to && (to || b->bus == t);
}

static bool is_bound_twice(struct checker *c, const struct ast_stmt *s, struct sema_service *to,
                           const struct type *t) {
    for (int32_t i = 0; i < c->binds.len; i++) {
        if (c->binds.at[i].function != c->body->function ||
            !is_same_binding(&c->binds.at[i], to, t))
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
    struct symbol *s = path->names.len == 1 ? symbol_find(c->scope, path->names.at[0].text) : NULL;
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
    if (is_bound_twice(c, s, NULL, t))
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
    if (!to || t->kind == TYPE_ERROR || is_bound_twice(c, s, to, t))
        return;
    struct stand_in *found = stand_in_of(c, t);
    if (!found || found->service != to) {
        struct diag *d = diag_add(c->sink, P2075, s->bind.provider->span,
                                  "`%s` does not stand for `%s`", type_show(c->prog, t), to->name);
        diag_primary(c->sink, d, "a provider or a model of `%s` is needed", to->name);
        return;
    }
    struct sema_bind bind = {s, c->body->function, to, bound_index(c, to, found), NULL};
    vec_push(c->arena, &c->binds, bind);
}
