// SPDX-License-Identifier: MIT
// Signatures: once all names are declared, the types of fields, parameters and results are read.
// Each function has type parameters of its own, those of its impl or trait included, so that a
// method may ask more of them than its neighbours do.
#include "frontend/sema/check.h"

typedef VEC(struct sema_type_param *) param_list;

static void append_params(struct checker *c, param_list *list, sema_type_params more) {
    for (int32_t i = 0; i < more.len; i++)
        vec_push(c->arena, list, more.at[i]);
}

// ---- functions ----------------------------------------------------------------------------------

// `Self` of a trait's functions: any type that implements it.
static void declare_trait_self(struct checker *c, struct sema_trait *trait, param_list *list) {
    struct sema_type_param *self = arena_new(c->arena, struct sema_type_param);
    self->name = W(Self);
    self->span = ast_name_span(trait->item->span, trait->item->name);
    c->scope->self_type = type_param_new(c->prog, self);
    vec_push(c->arena, list, self);
    sema_type_params own =
        declare_generics(c, c->scope, &trait->item->trait->generics, trait->item->span);
    append_params(c, list, own);
    struct sema_trait_ref *ref = arena_new(c->arena, struct sema_trait_ref);
    ref->trait = trait;
    ref->args.len = own.len;
    ref->args.at = arena_array(c->arena, struct type *, own.len);
    for (int32_t i = 0; i < own.len; i++)
        ref->args.at[i] = own.at[i]->type;
    ask_trait(c, self, *ref);
}

static void outer_generics(struct checker *c, struct sema_function *f, param_list *list) {
    if (f->kind == FUNCTION_TRAIT) {
        declare_trait_self(c, f->trait, list);
        f->self_type = c->scope->self_type;
    } else if (f->impl) {
        struct ast_impl *impl = f->impl->item->impl;
        append_params(c, list, declare_generics(c, c->scope, &impl->generics, f->impl->item->span));
        declare_wheres(c, c->scope, &impl->clauses);
        f->self_type = type_of_expr(c, impl->subject);
        c->scope->self_type = f->self_type;
        c->scope->impl = f->impl;
    } else if (f->service) {
        struct ast_service *service = f->service->item->service;
        append_params(c, list,
                      declare_generics(c, c->scope, &service->generics, f->service->item->span));
        declare_wheres(c, c->scope, &service->clauses);
    } else if (f->actor) {
        append_params(c, list, f->actor->params);
    }
}

static struct sema_param read_param(struct checker *c, struct ast_param *p) {
    return (struct sema_param){
        .name = p->binding.name.text,
        .type = p->type ? type_of_expr(c, p->type) : c->t_error, // see check_monitors
        .is_mut = p->binding.is_mut,
        .default_value = p->default_value,
        .span = p->span,
    };
}

static void read_abilities(struct checker *c, struct sema_function *f) {
    struct ast_clauses *clauses = &f->item->function->clauses;
    f->has_effects = clauses->has_effects;
    f->has_capabilities = clauses->has_capabilities;
    f->capabilities.at = clauses->capabilities.at;
    f->capabilities.len = clauses->capabilities.len;
    (void)c;
}

static void check_self(struct checker *c, struct sema_function *f) {
    f->self = f->item->function->self;
    if (f->self == SELF_NONE || f->kind == FUNCTION_METHOD || f->kind == FUNCTION_TRAIT)
        return;
    struct span span = f->item->function->self_span;
    struct diag *d = diag_add(c->sink, P2029, span, "`self` is not a parameter here");
    diag_primary(c->sink, d,
                 f->actor ? "an actor's functions have it without writing it"
                          : "only the functions of an `impl` have it");
    diag_fix(c->sink, d, span, STR(""), "take it away");
    f->self = SELF_NONE;
}

// Who takes a message has to know what is in it, and nobody says types to a test. What is written
// nonetheless is any type, so that nothing follows from it.
static void refuse_generics(struct checker *c, struct sema_function *f, sema_type_params own) {
    if (!own.len)
        return;
    const char *what = f->item->kind == ITEM_MESSAGE ? "a message"
                       : f->service                  ? "an operation of a service"
                                                     : "a test";
    struct diag *d =
        diag_add(c->sink, P2055, own.at[0]->span, "%s has no type parameters of its own", what);
    diag_primary(c->sink, d, f->kind == FUNCTION_TEST ? "nobody says which type that is"
                                                      : "who takes it has to know its types");
    if (f->actor || f->service)
        diag_note(c->sink, d, "`%s<%s>` can have them: it is there once for each type.",
                  f->actor ? f->actor->name : f->service->name, own.at[0]->name);
    for (int32_t i = 0; i < own.len; i++)
        own.at[i]->type = c->t_error;
}

static bool takes_generics(const struct sema_function *f) {
    return f->item->kind != ITEM_MESSAGE && f->kind != FUNCTION_TEST && !f->service;
}

void signature_of(struct checker *c, struct sema_function *f) {
    if (f->kind == FUNCTION_INIT || f->kind == FUNCTION_INVARIANT) {
        if (f->actor)
            f->type_params = f->actor->params;
        return;
    }
    struct ast_function *ast = f->item->function;
    c->module = f->module;
    c->scope = f->scope = namespace_new(c, f->scope, NULL);
    param_list params = {0};
    outer_generics(c, f, &params);
    sema_type_params own = declare_generics(c, c->scope, &ast->generics, f->item->span);
    if (takes_generics(f))
        append_params(c, &params, own);
    else
        refuse_generics(c, f, own);
    declare_wheres(c, c->scope, &ast->clauses);
    LIST_OF(f->type_params, params);
    f->params.len = ast->params.len;
    f->params.at = arena_array(c->arena, struct sema_param, ast->params.len);
    for (int32_t i = 0; i < ast->params.len; i++)
        f->params.at[i] = read_param(c, &ast->params.at[i]);
    for (int32_t i = 0; i < f->params.len && f->item->kind != ITEM_MESSAGE; i++)
        open_param(c, &f->params.at[i]);
    if (ast->result)
        f->result = type_of_expr(c, ast->result);
    check_self(c, f);
    read_abilities(c, f);
    bool is_open = f->item->kind == ITEM_MESSAGE && !f->actor; // a message for any actor
    if (!f->body && f->kind != FUNCTION_TRAIT && f->kind != FUNCTION_FOREIGN &&
        f->builtin == BUILTIN_NONE && !f->service && !is_open) {
        struct diag *d = diag_add(c->sink, P2051, f->span, "`%s` has no body", f->name);
        diag_primary(c->sink, d, "`{ ... }` is missing");
    }
}

// ---- traits -------------------------------------------------------------------------------------

// Self and the trait's own parameters, as what it asks for is written with.
static void trait_params(struct checker *c, struct sema_trait *t) {
    param_list all = {0};
    c->module = t->module;
    c->scope = t->inner = namespace_new(c, t->scope, NULL);
    struct sema_type_param *self = arena_new(c->arena, struct sema_type_param);
    self->name = W(Self);
    t->inner->self_type = type_param_new(c->prog, self);
    vec_push(c->arena, &all, self);
    append_params(c, &all, declare_generics(c, t->inner, &t->item->trait->generics, t->item->span));
    LIST_OF(t->params, all);
}

static void say_circle(struct checker *c, const struct sema_trait *t, struct span span) {
    struct diag *d = diag_add(c->sink, P2041, span, "the trait `%s` asks for itself", t->name);
    diag_primary(c->sink, d, "this leads back to `%s`", t->name);
}

// What a trait, and each of its types, asks for besides: `trait A: B { type Item: C; … }`.
static void trait_parents(struct checker *c, struct sema_trait *t) {
    struct sema_type_param *asked = t->params.at[0];
    c->module = t->module;
    c->scope = t->inner;
    for (int32_t i = 0; i < t->item->trait->parents.len; i++)
        add_bound(c, asked, t->item->trait->parents.at[i]);
    for (int32_t i = 0; i < asked->traits.len; i++) {
        const struct sema_trait_ref *ref = &asked->traits.at[i];
        if (ref->trait != t && !inherits(ref->trait, t))
            vec_push(c->arena, &t->parents, *ref);
        else if (i == 0)
            say_circle(c, t, t->item->trait->parents.at[0]->span);
    }
    for (int32_t i = 0; i < t->assocs.len; i++)
        for (int32_t k = 0; k < t->assocs.at[i]->item->type->bounds.len; k++)
            add_bound(c, t->assocs.at[i]->like, t->assocs.at[i]->item->type->bounds.at[k]);
}

// ---- structs, enums -----------------------------------------------------------------------------

static struct type **own_args(struct checker *c, sema_type_params params) {
    struct type **args = arena_array(c->arena, struct type *, params.len);
    for (int32_t i = 0; i < params.len; i++)
        args[i] = params.at[i]->type;
    return args;
}

// Generics first, of all types: a type may be mentioned before it is read.
static void struct_generics(struct checker *c, struct sema_struct *s) {
    struct ast_item *item = s->item;
    c->module = s->module;
    c->scope = s->scope = namespace_new(c, s->scope, NULL);
    s->params = declare_generics(
        c, s->scope, s->is_distinct ? &item->type->generics : &item->structure->generics,
        item->span);
    s->self_type = type_struct(c->prog, s, own_args(c, s->params));
    s->scope->self_type = s->self_type;
}
static void enum_generics(struct checker *c, struct sema_enum *e) {
    c->module = e->module;
    c->scope = e->scope = namespace_new(c, e->scope, NULL);
    e->params = declare_generics(c, e->scope, &e->item->enumeration->generics, e->item->span);
    e->self_type = type_enum(c->prog, e, own_args(c, e->params));
    e->scope->self_type = e->self_type;
}

static const char *position_name(struct checker *c, int32_t i) {
    char name[16];
    snprintf(name, sizeof name, "%d", (int)i);
    return intern(c->names, str_from(name));
}

static void read_fields(struct checker *c, struct ast_field *from, int32_t count,
                        struct sema_field *to, struct span holder) {
    struct pointer_map seen = {0};
    for (int32_t i = 0; i < count; i++) {
        struct ast_field *f = &from[i];
        to[i] = (struct sema_field){
            .name = f->name.text ? f->name.text : position_name(c, i),
            .type = type_of_expr(c, f->type),
            .value = f->value,
            .is_private = f->visibility == VISIBILITY_PRIVATE,
            .span = f->name.text ? ast_name_span(holder, f->name) : f->span,
        };
        struct sema_field *first = pointer_map_get(&seen, to[i].name);
        if (first) {
            struct diag *d = diag_add(c->sink, P2005, to[i].span,
                                      "the field `%s` is declared twice", to[i].name);
            diag_primary(c->sink, d, "declared again here");
            diag_label(c->sink, d, first->span, "the first one is here");
        } else {
            pointer_map_put(c->arena, &seen, to[i].name, &to[i]);
        }
    }
}

static void struct_fields(struct checker *c, struct sema_struct *s) {
    struct ast_item *item = s->item;
    c->module = s->module;
    c->scope = s->scope;
    if (s->is_distinct) {
        s->fields.len = 1;
        s->fields.at = arena_new(c->arena, struct sema_field);
        *s->fields.at = (struct sema_field){.name = W(value),
                                            .type = type_of_expr(c, item->type->target),
                                            .span = item->type->target->span};
        return;
    }
    declare_wheres(c, s->scope, &item->structure->clauses);
    s->fields.len = item->structure->fields.len;
    s->fields.at = arena_array(c->arena, struct sema_field, s->fields.len);
    read_fields(c, item->structure->fields.at, s->fields.len, s->fields.at, item->span);
}

static void enum_variants(struct checker *c, struct sema_enum *e) {
    struct ast_enum *ast = e->item->enumeration;
    c->module = e->module;
    c->scope = e->scope;
    declare_wheres(c, e->scope, &ast->clauses);
    e->variants.len = ast->variants.len;
    e->variants.at = arena_array(c->arena, struct sema_variant, ast->variants.len);
    struct pointer_map seen = {0};
    for (int32_t i = 0; i < ast->variants.len; i++) {
        struct ast_variant *from = &ast->variants.at[i];
        struct sema_variant *v = &e->variants.at[i];
        v->name = from->name.text;
        v->shape = from->shape;
        v->span = ast_name_span(e->item->span, from->name);
        v->fields.len = from->fields.len;
        v->fields.at = arena_array(c->arena, struct sema_field, from->fields.len);
        read_fields(c, from->fields.at, from->fields.len, v->fields.at, e->item->span);
        struct sema_variant *first = pointer_map_get(&seen, v->name);
        if (first) {
            struct diag *d =
                diag_add(c->sink, P2005, v->span, "the variant `%s` is declared twice", v->name);
            diag_primary(c->sink, d, "declared again here");
            diag_label(c->sink, d, first->span, "the first one is here");
        } else {
            pointer_map_put(c->arena, &seen, v->name, v);
        }
    }
}

// ---- types that contain themselves --------------------------------------------------------------

// Finds a type among the parts that every value of `t` holds. What is behind a Buffer, a reference
// or a function need not be there; an enum may have a variant without it.
static bool holds(struct checker *c, struct type *t, const void *wanted, struct pointer_map *seen,
                  int depth) {
    if (depth == 0 || pointer_map_get(seen, t))
        return false;
    if (t->kind == TYPE_TUPLE) {
        for (int32_t i = 0; i < t->arg_count; i++)
            if (holds(c, t->args[i], wanted, seen, depth - 1))
                return true;
        return false;
    }
    if (t->kind != TYPE_STRUCT)
        return false;
    pointer_map_put(c->arena, seen, t, t);
    if (t->structure == wanted)
        return true;
    for (int32_t i = 0; i < t->structure->fields.len; i++)
        if (holds(c, sema_field_type(c->prog, t, -1, i), wanted, seen, depth - 1))
            return true;
    return false;
}

static void say_endless(struct checker *c, struct span span, const char *name, struct span field) {
    struct diag *d =
        diag_add(c->sink, P2041, span, "a value of `%s` would hold another one of it", name);
    diag_primary(c->sink, d, "none could ever be made");
    diag_label(c->sink, d, field, "here it holds the next one");
    diag_note(c->sink, d, "An `Option<%s>` may also hold none, a `List<%s>` any number.", name,
              name);
}

static void check_endless(struct checker *c) {
    for (int32_t i = 0; i < c->structs.len; i++) {
        struct sema_struct *s = c->structs.at[i];
        struct pointer_map seen = {0};
        for (int32_t k = 0; k < s->fields.len; k++)
            if (holds(c, s->fields.at[k].type, s, &seen, 100)) {
                say_endless(c, ast_name_span(s->item->span, s->item->name), s->name,
                            s->fields.at[k].span);
                break;
            }
    }
}

// ---- actors -------------------------------------------------------------------------------------

static void actor_generics(struct checker *c, struct sema_actor *a) {
    c->module = a->module;
    c->scope = a->scope;
    a->params = declare_generics(c, a->scope, &a->item->actor->generics, a->item->span);
    a->self_type = type_ref(c->prog, a, own_args(c, a->params));
}

static bool assigns(const struct ast_block *b, const char *field);

static bool stmt_assigns(const struct ast_expr *e, const char *field) {
    if (e->kind == EXPR_BLOCK)
        return assigns(e->block, field);
    if (e->kind != EXPR_ASSIGN || e->assign.is_compound)
        return false;
    const struct ast_expr *t = e->assign.target;
    return t->kind == EXPR_MEMBER && t->member.name.text == field &&
           t->member.object->kind == EXPR_SELF;
}

// Does the block assign `self.field` on its straight way?
static bool assigns(const struct ast_block *b, const char *field) {
    for (int32_t i = 0; i < b->stmts.len; i++)
        if (b->stmts.at[i].kind == STMT_EXPR && stmt_assigns(b->stmts.at[i].expr, field))
            return true;
    return b->value && stmt_assigns(b->value, field);
}

static void actor_fields(struct checker *c, struct sema_actor *a) {
    struct ast_actor *ast = a->item->actor;
    c->module = a->module;
    c->scope = a->scope;
    declare_wheres(c, a->scope, &ast->clauses);
    a->has_capabilities = ast->clauses.has_capabilities;
    a->capabilities.at = ast->clauses.capabilities.at;
    a->capabilities.len = ast->clauses.capabilities.len;
    a->capabilities_span = ast->clauses.capabilities_span;
    hold_bundle(c, a);
    a->has_effects = ast->clauses.has_effects;
    VEC(struct sema_param) params = {0};
    for (int32_t i = 0; i < a->fields.len; i++) {
        struct sema_actor_field *f = &a->fields.at[i];
        f->field.type =
            f->is_child ? child_type(c, f->field.value) : type_of_expr(c, f->item->field->type);
        if (f->field.value)
            continue;
        f->is_late = a->on_start && a->on_start->body && assigns(a->on_start->body, f->field.name);
        f->is_param = !f->is_late;
        if (f->is_param)
            vec_push(c->arena, &params,
                     (struct sema_param){
                         .name = f->field.name, .type = f->field.type, .span = f->field.span});
    }
    LIST_OF(a->init->params, params);
}

// ---- all of them --------------------------------------------------------------------------------

void check_signatures(struct checker *c) {
    for (int32_t i = 0; i < c->traits.len; i++)
        trait_params(c, c->traits.at[i]);
    for (int32_t i = 0; i < c->traits.len; i++)
        trait_parents(c, c->traits.at[i]);
    for (int32_t i = 0; i < c->structs.len; i++)
        struct_generics(c, c->structs.at[i]);
    for (int32_t i = 0; i < c->enums.len; i++)
        enum_generics(c, c->enums.at[i]);
    for (int32_t i = 0; i < c->actors.len; i++)
        actor_generics(c, c->actors.at[i]);
    for (int32_t i = 0; i < c->structs.len; i++)
        struct_fields(c, c->structs.at[i]);
    for (int32_t i = 0; i < c->enums.len; i++)
        enum_variants(c, c->enums.at[i]);
    for (int32_t i = 0; i < c->actors.len; i++)
        actor_fields(c, c->actors.at[i]);
    for (int32_t i = 0; i < c->aliases.len; i++)
        resolve_alias(c, c->aliases.at[i]);
    check_endless(c);
    for (int32_t i = 0; i < c->functions.len; i++)
        signature_of(c, c->functions.at[i]);
}
