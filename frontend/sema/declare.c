// SPDX-License-Identifier: MIT
// Declaring: a walk over the items of a module that enters each name into its namespace, before any
// type is looked at, so that order does not matter. Sections are transparent. What stands inside
// impls is kept for check_impls, since it belongs to a type and not to a namespace.
#include "frontend/sema/check.h"

#include <assert.h>

static void declare_items(struct checker *c, struct namespace *n, struct ast_item *const *items,
                          int32_t count);

// What declarations are called outside of sema: two that may stand in one program have different
// paths. Those of the program's own file are plain, unless the library has the same name.
static const char *join_path(struct checker *c, const struct namespace *n, const char *owner,
                             const char *name) {
    if (!*n->path && symbol_find_here(c->prelude, owner ? owner : name))
        return str_format(c->arena, "%s.%s%s%s", n->module->name, owner ? owner : "",
                          owner ? "." : "", name)
            .data;
    return str_format(c->arena, "%s%s%s%s", n->path, owner ? owner : "", owner ? "." : "", name)
        .data;
}

struct sema_function *function_new(struct checker *c, struct ast_item *item,
                                   struct namespace *scope, enum function_kind kind,
                                   const char *owner) {
    struct sema_function *f = arena_new(c->arena, struct sema_function);
    f->name = item->name.text ? item->name.text : "invariant";
    f->path = join_path(c, scope, owner, f->name);
    f->kind = kind;
    f->module = c->module;
    f->item = item;
    f->span = item->name.text ? ast_name_span(item->span, item->name) : item->span;
    f->scope = scope;
    f->result = c->t_unit;
    f->actor = scope->actor;
    if (item->kind != ITEM_INVARIANT && item->kind != ITEM_FIELD) {
        f->body = item->function->body;
        f->is_async = item->function->is_async;
        read_annotations(c, f, item);
    }
    f->number = c->functions.len;
    vec_push(c->arena, &c->functions, f);
    return f;
}

static void declare_function(struct checker *c, struct namespace *n, struct ast_item *item) {
    struct symbol *s = symbol_new(c, n, SYMBOL_FUNCTION, item->name, item->span);
    s->function = function_new(c, item, n, FUNCTION_FREE, NULL);
}

static void declare_struct(struct checker *c, struct namespace *n, struct ast_item *item) {
    struct sema_struct *t = arena_new(c->arena, struct sema_struct);
    t->name = item->name.text;
    t->path = join_path(c, n, NULL, t->name);
    t->module = c->module;
    t->item = item;
    t->scope = n;
    t->is_distinct = item->kind == ITEM_TYPE;
    t->shape = t->is_distinct ? SHAPE_TUPLE : item->structure->shape;
    read_struct_annotations(c, t);
    vec_push(c->arena, &c->structs, t);
    t->number = c->structs.len;
    symbol_new(c, n, SYMBOL_STRUCT, item->name, item->span)->structure = t;
}

static void declare_enum(struct checker *c, struct namespace *n, struct ast_item *item) {
    struct sema_enum *t = arena_new(c->arena, struct sema_enum);
    t->name = item->name.text;
    t->path = join_path(c, n, NULL, t->name);
    t->module = c->module;
    t->item = item;
    t->scope = n;
    vec_push(c->arena, &c->enums, t);
    t->number = c->enums.len;
    symbol_new(c, n, SYMBOL_ENUM, item->name, item->span)->enumeration = t;
}

static void declare_type(struct checker *c, struct namespace *n, struct ast_item *item) {
    if (item->type->is_distinct) {
        declare_struct(c, n, item);
        return;
    }
    struct alias *a = arena_new(c->arena, struct alias);
    a->item = item;
    a->module = c->module;
    a->scope = n;
    vec_push(c->arena, &c->aliases, a);
    symbol_new(c, n, SYMBOL_ALIAS, item->name, item->span)->alias = a;
}

static void declare_const(struct checker *c, struct namespace *n, struct ast_item *item) {
    struct sema_const *k = arena_new(c->arena, struct sema_const);
    k->name = item->name.text;
    k->path = join_path(c, n, NULL, k->name);
    k->module = c->module;
    k->item = item;
    k->scope = n;
    k->value = item->constant->value;
    vec_push(c->arena, &c->consts, k);
    symbol_new(c, n, SYMBOL_CONST, item->name, item->span)->constant = k;
}

static void declare_assoc(struct checker *c, struct sema_trait *t, struct ast_item *item) {
    struct sema_assoc *assoc = arena_new(c->arena, struct sema_assoc);
    assoc->name = item->name.text;
    assoc->trait = t;
    assoc->item = item;
    assoc->span = ast_name_span(item->span, item->name);
    assoc->number = ++c->assoc_count;
    assoc->program = c->prog;
    assoc->like = arena_new(c->arena, struct sema_type_param);
    assoc->like->name = assoc->name;
    assoc->like->span = assoc->span;
    type_param_new(c->prog, assoc->like);
    vec_push(c->arena, &t->assocs, assoc);
}

static void declare_trait(struct checker *c, struct namespace *n, struct ast_item *item) {
    struct sema_trait *t = arena_new(c->arena, struct sema_trait);
    t->number = c->traits.len + 1;
    t->name = item->name.text;
    t->path = join_path(c, n, NULL, t->name);
    t->module = c->module;
    t->item = item;
    t->scope = n;
    VEC(struct sema_function *) functions = {0};
    for (int32_t i = 0; i < item->trait->members.len; i++) {
        struct ast_item *member = item->trait->members.at[i];
        if (member->kind == ITEM_TYPE) {
            declare_assoc(c, t, member);
            continue;
        }
        struct sema_function *f = member->kind == ITEM_CONST
                                      ? declare_typed_const(c, n, member, FUNCTION_TRAIT, t->name)
                                      : function_new(c, member, n, FUNCTION_TRAIT, t->name);
        f->trait = t;
        vec_push(c->arena, &functions, f);
    }
    LIST_OF(t->functions, functions);
    vec_push(c->arena, &c->traits, t);
    symbol_new(c, n, SYMBOL_TRAIT, item->name, item->span)->trait = t;
}

// Types belong to modules, or say what a trait leaves open.
static void say_own_type(struct checker *c, const struct ast_item *item) {
    struct diag *d = diag_add(c->sink, P2050, ast_name_span(item->span, item->name),
                              "`%s` cannot be declared in an `impl`", item->name.text);
    diag_primary(c->sink, d, "no trait asks for it");
    diag_note(c->sink, d, "`type %s = ...;` can stand before the `impl`.", item->name.text);
}

static void declare_impl(struct checker *c, struct namespace *n, struct ast_item *item) {
    struct sema_impl *impl = arena_new(c->arena, struct sema_impl);
    impl->item = item;
    impl->module = c->module;
    impl->scope = n;
    for (int32_t i = 0; i < item->impl->members.len; i++) {
        struct ast_item *member = item->impl->members.at[i];
        if (member->kind == ITEM_TYPE && item->impl->trait && !member->type->is_distinct) {
            vec_push(c->arena, &impl->types, member);
            continue;
        }
        if (member->kind == ITEM_TYPE) {
            say_own_type(c, member);
            continue;
        }
        struct ast_type_expr *subject = item->impl->subject;
        const char *owner =
            subject->kind == TYPE_EXPR_PATH
                ? subject->path.segments.at[subject->path.segments.len - 1].name.text
                : "impl";
        struct sema_function *f = member->kind == ITEM_CONST
                                      ? declare_typed_const(c, n, member, FUNCTION_METHOD, owner)
                                      : function_new(c, member, n, FUNCTION_METHOD, owner);
        f->impl = impl;
        vec_push(c->arena, &impl->functions, f);
    }
    vec_push(c->arena, &c->impls, impl);
}

static void declare_test(struct checker *c, struct namespace *n, struct ast_item *item) {
    struct sema_function *f = function_new(c, item, n, FUNCTION_TEST, NULL);
    const char *path = intern(c->names, str_from(f->path));
    struct sema_function *first = pointer_map_get(&c->tests_by_path, path);
    if (first) {
        struct diag *d = diag_add(c->sink, P2005, f->span, "there are two tests `%s`", f->name);
        diag_primary(c->sink, d, "the same name again");
        diag_label(c->sink, d, first->span, "the first one is here");
    } else {
        pointer_map_put(c->arena, &c->tests_by_path, path, f);
    }
    enum test_kind kind = item->kind == ITEM_PROPERTY     ? TEST_PROPERTY
                          : item->kind == ITEM_CHAOS_TEST ? TEST_CHAOS
                                                          : TEST_PLAIN;
    f->is_async = true;
    vec_push(c->arena, &c->tests, (struct sema_test){kind, f});
}

// ---- actors -------------------------------------------------------------------------------------

struct actor_parts {
    VEC(struct sema_actor_field) fields;
    VEC(struct sema_message) messages;
    VEC(struct sema_function *) functions, invariants;
};

static void say_twice(struct checker *c, struct span span, struct span first, const char *word,
                      const char *name) {
    struct diag *d = diag_add(c->sink, P2005, span, "the %s `%s` is declared twice", word, name);
    diag_primary(c->sink, d, "declared again here");
    diag_label(c->sink, d, first, "the first one is here");
}

// It is a function that the runtime calls, not a hook: it cannot wait.
static void declare_decision(struct checker *c, struct sema_actor *a, struct namespace *n,
                             struct ast_item *item) {
    struct span span = ast_name_span(item->span, item->name);
    if (!a->is_supervisor) {
        struct diag *d = diag_add(c->sink, P2081, span, "only a supervisor decides about failures");
        diag_primary(c->sink, d, "`%s` is an actor", a->name);
    } else if (a->on_child_failure) {
        say_twice(c, span, a->on_child_failure->span, "hook", item->name.text);
    } else {
        a->on_child_failure = function_new(c, item, n, FUNCTION_ACTOR, a->name);
    }
}

static void declare_hook(struct checker *c, struct sema_actor *a, struct namespace *n,
                         struct ast_item *item) {
    const char *name = item->name.text;
    if (name == W(on_child_failure)) {
        declare_decision(c, a, n, item);
        return;
    }
    struct sema_function **at = name == W(on_start)      ? &a->on_start
                                : name == W(on_stop)     ? &a->on_stop
                                : name == W(on_shutdown) ? &a->on_shutdown
                                                         : NULL;
    struct span span = ast_name_span(item->span, item->name);
    if (!at) {
        static const char *const hooks[] = {"on_start", "on_stop", "on_shutdown",
                                            "on_child_failure"};
        struct diag *d = diag_add(c->sink, P2085, span, "actors have no hook `%s`", name);
        const char *near = diag_nearest(str_from(name), hooks, 4);
        if (near) {
            diag_primary(c->sink, d, "did you mean `%s`?", near);
            diag_fix(c->sink, d, span, str_from(near), "write `%s`", near);
        } else {
            diag_primary(c->sink, d, "nobody would call it");
        }
        diag_note(c->sink, d, "There are `on_start`, `on_stop`, `on_shutdown`, and in a supervisor "
                              "`on_child_failure`.");
        return;
    }
    if (*at) {
        say_twice(c, span, (*at)->span, "hook", name);
        return;
    }
    *at = function_new(c, item, n, FUNCTION_HOOK, a->name);
    (*at)->is_async = true;
}

static void add_field(struct checker *c, struct actor_parts *parts, struct sema_actor_field f) {
    for (int32_t i = 0; i < parts->fields.len; i++)
        if (parts->fields.at[i].field.name == f.field.name) {
            say_twice(c, f.field.span, parts->fields.at[i].field.span, "field", f.field.name);
            return;
        }
    vec_push(c->arena, &parts->fields, f);
}

static void declare_field(struct checker *c, struct actor_parts *parts, struct ast_item *item) {
    struct sema_actor_field f = {
        .field = {.name = item->field->name.text, .value = item->field->value, .is_private = true},
        .item = item};
    f.field.span = ast_name_span(item->span, item->field->name);
    add_field(c, parts, f);
}

static void declare_children(struct checker *c, struct sema_actor *a, struct actor_parts *parts,
                             struct ast_item *item) {
    if (!a->is_supervisor) {
        struct diag *d = diag_add(c->sink, P2081, item->span, "only a supervisor has `children`");
        diag_primary(c->sink, d, "`%s` is an actor", a->name);
        return;
    }
    for (int32_t i = 0; i < item->children->children.len; i++) {
        const struct ast_child *child = &item->children->children.at[i];
        struct sema_actor_field f = {
            .field = {.name = child->name.text, .value = child->recipe, .is_private = true},
            .is_child = true,
            .item = item};
        f.field.span = ast_name_span(child->span, child->name);
        add_field(c, parts, f);
    }
}

static void declare_message(struct checker *c, struct sema_actor *a, struct namespace *n,
                            struct actor_parts *parts, struct ast_item *item) {
    struct span span = ast_name_span(item->span, item->name);
    for (int32_t i = 0; i < parts->messages.len; i++)
        if (parts->messages.at[i].name == item->name.text) {
            say_twice(c, span, parts->messages.at[i].handler->span, "message", item->name.text);
            return;
        }
    struct sema_function *f = function_new(c, item, n, FUNCTION_MESSAGE, a->name);
    f->is_async = true;
    struct sema_message m = {item->name.text, f, parts->messages.len};
    vec_push(c->arena, &parts->messages, m);
}

static void declare_mailbox(struct sema_actor *a, const struct ast_mailbox *mailbox) {
    a->has_mailbox = true;
    a->mailbox_policy = mailbox->policy;
    a->mailbox_size = mailbox->capacity;
}

static void declare_limit(struct checker *c, struct sema_actor *a, struct ast_item *item) {
    const struct ast_limit **at = item->limit->is_memory ? &a->memory : &a->grace;
    if (*at)
        say_twice(c, item->limit->span, (*at)->span, "limit",
                  item->limit->is_memory ? "memory" : "grace");
    *at = item->limit;
}

static void declare_member(struct checker *c, struct sema_actor *a, struct namespace *n,
                           struct actor_parts *parts, struct ast_item *item) {
    switch (item->kind) {
    case ITEM_FIELD:
        declare_field(c, parts, item);
        break;
    case ITEM_MESSAGE:
        declare_message(c, a, n, parts, item);
        break;
    case ITEM_HOOK:
        declare_hook(c, a, n, item);
        break;
    case ITEM_CONST:
        declare_const(c, n, item);
        break;
    case ITEM_FUNCTION: {
        struct sema_function *f = function_new(c, item, n, FUNCTION_ACTOR, a->name);
        symbol_new(c, n, SYMBOL_FUNCTION, item->name, item->span)->function = f;
        vec_push(c->arena, &parts->functions, f);
        break;
    }
    case ITEM_INVARIANT: {
        struct sema_function *f = function_new(c, item, n, FUNCTION_INVARIANT, a->name);
        f->value = item->invariant;
        f->result = c->t_bool;
        vec_push(c->arena, &parts->invariants, f);
        break;
    }
    case ITEM_MAILBOX:
        break; // the actor has it
    case ITEM_LIMIT:
        declare_limit(c, a, item);
        break;
    case ITEM_SECTION:
        for (int32_t i = 0; i < item->module->items.len; i++)
            declare_member(c, a, n, parts, item->module->items.at[i]);
        break;
    case ITEM_CHILDREN:
        declare_children(c, a, parts, item);
        break;
    default:
        assert(!"the parser lets nothing else stand in an actor");
        break;
    }
}

// `actor X { ... }`: what it holds is still to be written.
static void say_opaque(struct checker *c, const struct sema_actor *a) {
    struct diag *d = diag_add(c->sink, P2053, a->span, "the actor `%s` is a hole", a->name);
    diag_primary(c->sink, d, "starting it traps");
}

static void declare_actor(struct checker *c, struct namespace *n, struct ast_item *item) {
    if (item->actor->flavour == ACTOR_PROVIDER) {
        declare_provider(c, n, item);
        return;
    }
    struct sema_actor *a = arena_new(c->arena, struct sema_actor);
    a->name = item->name.text;
    a->path = join_path(c, n, NULL, a->name);
    a->module = c->module;
    a->item = item;
    a->span = ast_name_span(item->span, item->name);
    a->is_reentrant = item->actor->flavour == ACTOR_REENTRANT;
    read_actor_annotations(c, a);
    a->is_supervisor = item->actor->flavour == ACTOR_SUPERVISOR;
    a->is_bus = item->actor->flavour == ACTOR_EVENT_BUS;
    check_strategy(c, a);
    a->scope = namespace_new(c, n, a->name);
    a->scope->actor = a;
    symbol_new(c, n, SYMBOL_ACTOR, item->name, item->span)->actor = a;
    vec_push(c->arena, &c->actors, a);
    a->number = c->actors.len;
    if (item->actor->mailbox)
        declare_mailbox(a, item->actor->mailbox);
    if (item->actor->is_opaque)
        say_opaque(c, a);
    struct actor_parts parts = {0};
    for (int32_t i = 0; i < item->actor->members.len; i++)
        declare_member(c, a, a->scope, &parts, item->actor->members.at[i]);
    LIST_OF(a->fields, parts.fields);
    LIST_OF(a->messages, parts.messages);
    LIST_OF(a->functions, parts.functions);
    LIST_OF(a->invariants, parts.invariants);
    struct sema_function *init = arena_new(c->arena, struct sema_function);
    init->name = "init";
    init->path = join_path(c, n, a->name, "init");
    init->kind = FUNCTION_INIT;
    init->module = c->module;
    init->span = a->span;
    init->scope = a->scope;
    init->actor = a;
    init->result = c->t_unit;
    a->init = init;
    init->number = c->functions.len;
    vec_push(c->arena, &c->functions, init);
    if (item->actor->flavour == ACTOR_MODEL)
        declare_model(c, n, item, a);
}

// ---- modules ------------------------------------------------------------------------------------

static void declare_nested(struct checker *c, struct namespace *n, struct ast_item *item) {
    struct namespace *inner = namespace_new(c, n, item->name.text);
    inner->path = str_format(c->arena, "%s%s.", n->path, item->name.text).data;
    inner->item = item;
    symbol_new(c, n, SYMBOL_MODULE, item->name, item->span)->module = inner;
    declare_items(c, inner, item->module->items.at, item->module->items.len);
}

static void declare_item(struct checker *c, struct namespace *n, struct ast_item *item) {
    check_annotations(c, item);
    switch (item->kind) {
    case ITEM_MODULE:
        declare_nested(c, n, item);
        break;
    case ITEM_SECTION:
        declare_items(c, n, item->module->items.at, item->module->items.len);
        break;
    case ITEM_IMPORT:
        break; // declare_imports
    case ITEM_CONST:
        declare_const(c, n, item);
        break;
    case ITEM_STRUCT:
        declare_struct(c, n, item);
        break;
    case ITEM_ENUM:
        declare_enum(c, n, item);
        break;
    case ITEM_TYPE:
        declare_type(c, n, item);
        break;
    case ITEM_TRAIT:
        declare_trait(c, n, item);
        break;
    case ITEM_IMPL:
        declare_impl(c, n, item);
        break;
    case ITEM_FUNCTION:
        declare_function(c, n, item);
        break;
    case ITEM_ACTOR:
        declare_actor(c, n, item);
        break;
    case ITEM_MESSAGE:
        symbol_new(c, n, SYMBOL_MESSAGE, item->name, item->span)->function =
            function_new(c, item, n, FUNCTION_FREE, NULL);
        break;
    case ITEM_TEST:
    case ITEM_PROPERTY:
    case ITEM_CHAOS_TEST:
        declare_test(c, n, item);
        break;
    case ITEM_MONITOR:
        declare_monitor(c, n, item);
        break;
    case ITEM_SERVICE:
        declare_service(c, n, item);
        break;
    case ITEM_CAPABILITY:
        declare_family(c, item);
        break;
    case ITEM_EXTERN:
        declare_foreign(c, n, item);
        break;
    default:
        assert(!"an item that cannot stand in a module");
    }
}

static void declare_items(struct checker *c, struct namespace *n, struct ast_item *const *items,
                          int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        declare_item(c, n, items[i]);
        if (items[i]->visibility == VISIBILITY_PRIVATE && items[i]->name.text &&
            symbol_find_here(n, items[i]->name.text))
            symbol_find_here(n, items[i]->name.text)->is_private = true;
    }
}

void declare_within(struct checker *c, struct namespace *n, struct ast_item *item) {
    declare_items(c, n, &item, 1);
}

void declare_module(struct checker *c, struct sema_module *m) {
    c->module = m;
    struct namespace *n = m->scope;
    check_module_annotations(c, m->ast);
    declare_items(c, n, m->ast->items.at, m->ast->items.len);
}
