// SPDX-License-Identifier: MIT
// Names and members: locals first, then namespaces outwards; `a.b` selects from modules, types,
// variants, an actor's own state, and fields. A name that is no value in itself (a type before its
// `.`, a callee) has ROLE_STATIC.
#include "frontend/sema/check.h"

#include <ctype.h>
#include <stdlib.h>

// ---- what is no value ---------------------------------------------------------------------------

static void mark_static(struct checker *c, struct ast_expr *e) {
    info(c, e)->role = ROLE_STATIC;
    info(c, e)->type = c->t_unit;
}

struct type *self_type_here(struct checker *c) {
    for (struct namespace *n = c->scope; n; n = n->parent)
        if (n->self_type)
            return n->self_type;
    return NULL;
}

// What is private is seen within the module that declares it, and in what is nested there.
static bool is_within(struct checker *c, const struct namespace *home) {
    if (home == c->prelude) // which is around everything
        return c->module->is_std;
    for (struct namespace *n = c->scope; n; n = n->parent)
        if (n == home)
            return true;
    return false;
}

void check_visible(struct checker *c, struct symbol *s, struct span span) {
    if (!s->is_private || s->is_told || is_within(c, s->home))
        return;
    s->is_told = true;
    struct diag *d = diag_add(c->sink, P2023, span, "`%s` is private", s->name);
    diag_primary(c->sink, d, "only its own module sees it");
    diag_label(c->sink, d, s->span, "it is declared here");
}

void check_unique(struct checker *c, struct symbol *s, struct span span) {
    if (!s->rival || s->is_told)
        return;
    s->is_told = true;
    struct diag *d = diag_add(c->sink, P2005, span, "`%s` is in two modules", s->name);
    diag_primary(c->sink, d, "it is not said which one is meant");
    diag_label(c->sink, d, s->span, "one is declared here");
    diag_label(c->sink, d, s->rival->span, "another one here");
    diag_note(c->sink, d, "`import module.%s;` says it, or `module.%s` where it is used.", s->name,
              s->name);
}

struct symbol *symbol_of_path(struct checker *c, const struct ast_type_expr *t) {
    const struct ast_type_segment *at = t->path.segments.at;
    struct symbol *s = symbol_find(c->scope, at[0].name.text);
    if (s)
        check_unique(c, s, t->span);
    for (int32_t i = 0; i < t->path.segments.len; i++) {
        if (!s) {
            say_unknown(c, at[i].name, t->span, true);
            return NULL;
        }
        if (i + 1 == t->path.segments.len)
            break;
        bool is_module = s->kind == SYMBOL_MODULE;
        s = is_module ? symbol_find_here(s->module, at[i + 1].name.text) : NULL;
        if (s)
            check_visible(c, s, ast_name_span(t->span, at[i + 1].name));
    }
    return s;
}

void check_field_visible(struct checker *c, const struct type *t, int32_t index, struct span span) {
    if (t->kind != TYPE_STRUCT || !t->structure->fields.at[index].is_private ||
        is_within(c, t->structure->scope->parent))
        return;
    const struct sema_field *field = &t->structure->fields.at[index];
    struct diag *d = diag_add(c->sink, P2023, span, "the field `%s` of `%s` is private",
                              field->name, t->structure->name);
    diag_primary(c->sink, d, "only its own module sees it");
    diag_label(c->sink, d, field->span, "it is declared here");
}

bool static_path(struct checker *c, struct ast_expr *e, struct static_ref *out) {
    *out = (struct static_ref){.span = e->span};
    if (e->kind == EXPR_NAME) {
        out->args = e->name.type_args;
        if (e->name.text == W(Self) && (out->type = self_type_here(c))) {
            mark_static(c, e);
            return true;
        }
        if (local_find(c, e->name.text) || !(out->symbol = symbol_find(c->scope, e->name.text)))
            return false;
        check_unique(c, out->symbol, e->span);
    } else if (e->kind == EXPR_MEMBER) {
        struct static_ref object;
        if (!static_path(c, e->member.object, &object) || !object.symbol ||
            object.symbol->kind != SYMBOL_MODULE)
            return false;
        out->args = e->member.type_args;
        out->service = object.symbol->module->service ? object.args : NULL;
        if (!(out->symbol = symbol_find_here(object.symbol->module, e->member.name.text)))
            return false;
        check_visible(c, out->symbol, ast_name_span(e->span, e->member.name));
    } else {
        return false;
    }
    mark_static(c, e);
    return true;
}

struct type *static_type(struct checker *c, const struct static_ref *ref) {
    return ref->type ? ref->type : symbol_self_type(c, ref->symbol, ref->args, ref->span);
}

bool in_actor(struct checker *c) {
    struct sema_function *f = c->body->function;
    return f && f->actor;
}

// ---- variables and captures ---------------------------------------------------------------------

static void capture_once(struct checker *c, struct sema_closure *closure, struct sema_variable *v) {
    for (int32_t i = 0; i < closure->captures.len; i++)
        if (closure->captures.at[i] == v)
            return;
    int32_t len = closure->captures.len;
    if ((len & (len - 1)) == 0) { // room for twice as many at each power of two
        struct sema_variable **now =
            arena_array(c->arena, struct sema_variable *, len ? len * 2 : 1);
        if (len)
            memcpy(now, closure->captures.at, sizeof *now * (size_t)len);
        closure->captures.at = now;
    }
    closure->captures.at[closure->captures.len++] = v;
}

void add_capture(struct checker *c, struct sema_variable *v) {
    for (struct sema_closure *at = c->body->closure; at && at != v->owner; at = at->parent) {
        capture_once(c, at, v);
        v->is_captured = true;
    }
}

void note_self_use(struct checker *c, struct span span) {
    (void)span;
    for (struct sema_closure *at = c->body->closure; at; at = at->parent)
        at->uses_self = true;
}

struct type *check_variable(struct checker *c, struct ast_expr *e, struct sema_variable *v) {
    v->is_used = true;
    add_capture(c, v);
    struct sema_expr *at = info(c, e);
    at->role = ROLE_LOCAL;
    at->variable = v;
    at->is_place = true;
    return v->type;
}

static struct type *check_self(struct checker *c, struct ast_expr *e) {
    struct sema_function *f = c->body->function;
    if (f && f->self_variable)
        return check_variable(c, e, f->self_variable);
    struct diag *d;
    if (in_actor(c)) {
        d = diag_add(c->sink, P2029, e->span, "an actor's `self` is not a value");
        diag_primary(c->sink, d, "its fields and functions are used through `self.`");
        diag_note(c->sink, d, "`self.reference()` gives a reference to the actor.");
    } else {
        d = diag_add(c->sink, P2029, e->span, "there is no `self` here");
        diag_primary(c->sink, d, "only methods and actors have one");
        if (f && f->kind == FUNCTION_METHOD)
            diag_note(c->sink, d, "A method takes it as its first parameter: `function %s(self)`.",
                      f->name);
    }
    return c->t_error;
}

// ---- symbols as values --------------------------------------------------------------------------

int32_t variant_find(const struct sema_enum *t, const char *name) {
    for (int32_t i = 0; i < t->variants.len; i++)
        if (t->variants.at[i].name == name)
            return i;
    return -1;
}

static struct type *constructor(struct checker *c, struct ast_expr *e, struct type *t,
                                int32_t variant, int32_t count) {
    struct type **args = arena_array(c->arena, struct type *, count + 1);
    for (int32_t i = 0; i < count; i++)
        args[i] = sema_field_type(c->prog, t, variant, i);
    args[count] = t;
    info(c, e)->role = ROLE_CONSTRUCTOR;
    info(c, e)->index = variant;
    return type_make(c->prog, TYPE_FN, args, count + 1);
}

static struct type *shape_misused(struct checker *c, struct ast_expr *e, const char *name,
                                  struct span declared) {
    struct diag *d = diag_add(c->sink, P2022, e->span, "the fields of `%s` are missing", name);
    diag_primary(c->sink, d, "`%s { ... }` makes one", name);
    diag_label(c->sink, d, declared, "it is declared here");
    return c->t_error;
}

static struct type *variant_value(struct checker *c, struct ast_expr *e, struct type *t,
                                  int32_t variant) {
    struct sema_variant *v = &t->enumeration->variants.at[variant];
    if (v->shape == SHAPE_RECORD)
        return shape_misused(c, e, v->name, v->span);
    if (v->shape == SHAPE_TUPLE)
        return constructor(c, e, t, variant, v->fields.len);
    info(c, e)->role = ROLE_VARIANT;
    info(c, e)->index = variant;
    return t;
}

static struct type *struct_value(struct checker *c, struct ast_expr *e, struct type *t) {
    struct sema_struct *s = t->structure;
    if (s->shape == SHAPE_RECORD)
        return shape_misused(c, e, s->name, ast_name_span(s->item->span, s->item->name));
    if (s->shape == SHAPE_TUPLE)
        return constructor(c, e, t, -1, s->fields.len);
    info(c, e)->role = ROLE_STRUCT;
    return t;
}

// Those built in are operations; some of them are told by how their arguments are written.
static bool is_told_by_form(const struct sema_function *f) {
    switch (f->builtin) {
    case BUILTIN_SPAWN:
    case BUILTIN_SPAWN_IN_SCOPE:
    case BUILTIN_SPAWN_IN_TOKEN:
    case BUILTIN_SPAWN_WATCHED:
    case BUILTIN_JOIN_ALL:
    case BUILTIN_PRINT:
    case BUILTIN_ATTENUATE:
        return true;
    default:
        return f->builtin != BUILTIN_NONE && f->is_async;
    }
}

static struct type *param_type(struct checker *c, struct type *t, bool is_mut) {
    return is_mut ? type_make(c->prog, TYPE_INOUT, &t, 1) : t;
}

struct type *function_value(struct checker *c, struct ast_expr *e, struct sema_function *f,
                            struct ast_type_args *args) {
    struct sema_use *use = arena_new(c->arena, struct sema_use);
    *use = instantiate(c, f, args, e->span);
    int32_t self = f->self != SELF_NONE;
    bool has_mut = f->self == SELF_MUT;
    int32_t count = f->params.len + self;
    struct type **types = arena_array(c->arena, struct type *, count + 1);
    if (self)
        types[0] = param_type(c, use_type(c, use, f->self_type), has_mut);
    for (int32_t i = 0; i < f->params.len; i++) {
        bool is_mut = f->params.at[i].is_mut;
        types[i + self] = param_type(c, use_type(c, use, f->params.at[i].type), is_mut);
        has_mut |= is_mut;
    }
    types[count] = use_type(c, use, f->result);
    if (f->is_async)
        types[count] = type_make(c->prog, TYPE_FUTURE, &types[count], 1);
    info(c, e)->role = ROLE_FUNCTION;
    info(c, e)->use = use;
    if (is_told_by_form(f)) {
        struct diag *d = diag_add(c->sink, P2018, e->span, "`%s` is no value", f->name);
        diag_primary(c->sink, d, "how it is called is written out: `%s(...)`", f->name);
        diag_note(c->sink, d, "A closure around a call of it is one.");
        return c->t_error;
    }
    if (has_mut && f->is_async) {
        struct diag *d =
            diag_add(c->sink, P2061, e->span, "a place cannot be lent to a call that begins later");
        diag_primary(c->sink, d, "`%s` is `async` and has `mut` parameters", f->name);
        diag_note(c->sink, d, "Called through a value it would be a future, which has begun.");
        return c->t_error;
    }
    return type_make(c->prog, TYPE_FN, types, count + 1);
}

static const char *article(const char *word) {
    return strchr("aeiou", word[0]) ? "an" : "a";
}

static struct type *not_a_value(struct checker *c, struct ast_expr *e, struct symbol *s) {
    struct diag *d = diag_add(c->sink, P2018, e->span, "`%s` is %s %s, not a value", s->name,
                              article(symbol_word(s)), symbol_word(s));
    diag_primary(c->sink, d, "a value is needed here");
    if (s->span.source)
        diag_label(c->sink, d, s->span, "it is declared here");
    if (s->kind == SYMBOL_ACTOR)
        diag_note(c->sink, d, "`%s.spawn(...)` starts one.", s->name);
    return c->t_error;
}

struct type *symbol_value(struct checker *c, struct ast_expr *e, struct symbol *s,
                          struct ast_type_args *args, const struct want *want) {
    struct type *t;
    switch (s->kind) {
    case SYMBOL_FUNCTION:
        return function_value(c, e, s->function, args);
    case SYMBOL_CONST:
        return constant_value(c, e, s->constant, want);
    case SYMBOL_VARIANT: {
        struct symbol owner = *s;
        owner.kind = SYMBOL_ENUM;
        owner.name = s->enumeration->name;
        t = symbol_self_type(c, &owner, args, e->span);
        return t->kind == TYPE_ERROR ? t : variant_value(c, e, t, s->variant);
    }
    case SYMBOL_STRUCT:
    case SYMBOL_ALIAS:
        t = symbol_self_type(c, s, args, e->span);
        if (t->kind == TYPE_STRUCT)
            return struct_value(c, e, t);
        return t->kind == TYPE_ERROR ? t : not_a_value(c, e, s);
    default:
        return not_a_value(c, e, s);
    }
}

struct type *check_name(struct checker *c, struct ast_expr *e, const struct want *want) {
    if (e->kind == EXPR_SELF)
        return check_self(c, e);
    struct sema_variable *v = local_find(c, e->name.text);
    if (v)
        return check_variable(c, e, v);
    struct ast_name name = {e->name.text, e->span.start,
                            e->span.start + (int32_t)strlen(e->name.text)};
    if (e->name.text == W(Self)) {
        struct type *t = self_type_here(c);
        if (t && t->kind == TYPE_STRUCT)
            return struct_value(c, e, t);
    }
    struct symbol *s = symbol_find(c->scope, e->name.text);
    if (s)
        check_unique(c, s, e->span);
    if (!s) {
        say_unknown(c, name, e->span, false);
        return c->t_error;
    }
    return symbol_value(c, e, s, e->name.type_args, want);
}

// ---- members ------------------------------------------------------------------------------------

bool field_find(struct checker *c, struct type *t, const char *name, int32_t *index) {
    (void)c;
    if (t->kind == TYPE_STRUCT) {
        for (int32_t i = 0; i < t->structure->fields.len; i++)
            if (t->structure->fields.at[i].name == name)
                return *index = i, true;
        return false;
    }
    if (t->kind != TYPE_TUPLE || name[0] < '0' || name[0] > '9' || strlen(name) > 4)
        return false;
    *index = atoi(name);
    return *index < t->arg_count;
}

// As it is called on a reference: `fooBar` of `FooBar`.
static const char *message_as_method(struct checker *c, const char *name) {
    struct str small = str_dup(c->arena, str_from(name));
    ((char *)small.data)[0] = (char)tolower((unsigned char)name[0]);
    return small.data;
}

// What an actor has of this name, which a reference to it does not give.
static bool say_of_actor(struct checker *c, struct diag *d, const struct sema_actor *a,
                         const char *name) {
    for (int32_t i = 0; i < a->messages.len; i++)
        if (a->messages.at[i].name == name) {
            diag_primary(c->sink, d, "a message of `%s`: `send(%s)` sends it", a->name, name);
            return true;
        }
    bool has = false;
    for (int32_t i = 0; i < a->functions.len; i++)
        has |= a->functions.at[i]->name == name;
    for (int32_t i = 0; i < a->fields.len; i++)
        has |= a->fields.at[i].field.name == name;
    if (has) {
        diag_primary(c->sink, d, "`%s` has it for itself alone", a->name);
        diag_note(c->sink, d, "Others can only send it messages.");
    }
    bool is_sent = name == W(send) || name == W(tell) || name == W(ask);
    if (is_sent && !has) { // a reference has these, so it is the type
        diag_primary(c->sink, d, "messages go to one of them: `%s.spawn(...)` gives a reference",
                     a->name);
        return true;
    }
    return has;
}

void say_no_member(struct checker *c, struct type *t, struct ast_name name, struct span holder) {
    if (t->kind == TYPE_ERROR)
        return;
    struct span span = ast_name_span(holder, name);
    struct diag *d =
        diag_add(c->sink, P2004, span, "`%s` has no `%s`", type_show(c->prog, t), name.text);
    VEC(const char *) all = {0};
    if (t->kind == TYPE_STRUCT)
        for (int32_t i = 0; i < t->structure->fields.len; i++)
            vec_push(c->arena, &all, t->structure->fields.at[i].name);
    if (t->kind == TYPE_ENUM)
        for (int32_t i = 0; i < t->enumeration->variants.len; i++)
            vec_push(c->arena, &all, t->enumeration->variants.at[i].name);
    if (t->kind == TYPE_REF && t->actor)
        for (int32_t i = 0; i < t->actor->messages.len; i++)
            vec_push(c->arena, &all, message_as_method(c, t->actor->messages.at[i].name));
    if (t->kind == TYPE_TRAIT)
        for (int32_t i = 0; i < t->trait->functions.len; i++)
            vec_push(c->arena, &all, t->trait->functions.at[i]->name);
    struct method_table *table = methods_of(c->prog, t);
    for (int32_t i = 0; table && i < table->names.len; i++)
        vec_push(c->arena, &all, table->names.at[i]);
    const char *near = diag_nearest(str_from(name.text), all.at, all.len);
    if (t->kind == TYPE_REF && t->actor && say_of_actor(c, d, t->actor, name.text)) {
        return;
    } else if (near && strcmp(near, name.text) == 0) {
        diag_primary(c->sink, d, "it has one, which is its own module's alone");
    } else if (near) {
        diag_primary(c->sink, d, "did you mean `%s`?", near);
        diag_fix(c->sink, d, span, str_from(near), "write `%s`", near);
    } else {
        diag_primary(c->sink, d, "no field or method of this name");
    }
    if (t->kind == TYPE_FUTURE)
        diag_note(c->sink, d, "`await` gives the value that it is a future of.");
    if (t->kind == TYPE_ENUM &&
        (t->enumeration == c->prog->known.option || t->enumeration == c->prog->known.result))
        diag_note(c->sink, d, "`?` or a `match` takes the value out of it first.");
}

static struct type *self_member(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct sema_actor *a = c->body->function->actor;
    struct ast_name name = e->member.name;
    info(c, e->member.object)->role = ROLE_ACTOR_SELF;
    info(c, e->member.object)->type = c->t_unit;
    note_self_use(c, e->span);
    for (int32_t i = 0; i < a->fields.len; i++)
        if (a->fields.at[i].field.name == name.text) {
            struct sema_expr *at = info(c, e);
            at->role = ROLE_SELF_FIELD;
            at->index = i;
            bool begins = c->body->function->kind == FUNCTION_INIT;
            at->is_place = true;
            if (begins && !a->fields.at[i].is_param) { // those are there before all others
                struct diag *d = diag_add(c->sink, P2029, e->span, "the state is not there yet");
                diag_primary(c->sink, d,
                             "what a field begins with can look at the fields that "
                             "`%s.spawn(...)` is given, and at no others",
                             a->name);
                diag_note(c->sink, d, "`on_start` runs when all fields have values.");
            }
            return a->fields.at[i].field.type;
        }
    struct symbol *s = symbol_find_here(a->scope, name.text);
    if (s && s->kind == SYMBOL_CONST)
        return symbol_value(c, e, s, NULL, want);
    if (name.text == W(capabilities))
        return check_capabilities(c, e);
    struct span span = ast_name_span(e->span, name);
    struct diag *d =
        diag_add(c->sink, P2004, span, "the actor `%s` has no field `%s`", a->name, name.text);
    VEC(const char *) all = {0};
    for (int32_t i = 0; i < a->fields.len; i++)
        vec_push(c->arena, &all, a->fields.at[i].field.name);
    const char *near = diag_nearest(str_from(name.text), all.at, all.len);
    if (s)
        diag_primary(c->sink, d, "it is a function: `self.%s(...)` calls it", name.text);
    else if (near)
        diag_primary(c->sink, d, "did you mean `%s`?", near);
    else
        diag_primary(c->sink, d, "not a field");
    if (near && !s)
        diag_fix(c->sink, d, span, str_from(near), "write `%s`", near);
    return c->t_error;
}

static void say_no_operation(struct checker *c, const struct sema_service *service,
                             struct ast_name name, struct span holder) {
    struct span span = ast_name_span(holder, name);
    struct diag *d = diag_add(c->sink, P2001, span, "the service `%s` has no operation `%s`",
                              service->name, name.text);
    VEC(const char *) all = {0};
    for (int32_t i = 0; i < service->operations.len; i++)
        vec_push(c->arena, &all, service->operations.at[i]->name);
    const char *near = diag_nearest(str_from(name.text), all.at, all.len);
    diag_primary(c->sink, d, near ? "did you mean `%s`?" : "not declared", near);
    if (near)
        diag_fix(c->sink, d, span, str_from(near), "write `%s`", near);
}

static struct type *static_member(struct checker *c, struct ast_expr *e,
                                  const struct static_ref *ref, const struct want *want) {
    struct ast_name name = e->member.name;
    if (ref->symbol && ref->symbol->kind == SYMBOL_MODULE) {
        struct symbol *s = symbol_find_here(ref->symbol->module, name.text);
        if (s)
            return symbol_value(c, e, s, e->member.type_args, want);
        struct namespace *scope = c->scope, lone = *ref->symbol->module;
        if (lone.service) {
            say_no_operation(c, lone.service, name, e->span);
            return c->t_error;
        }
        lone.parent = NULL;
        c->scope = &lone;
        say_unknown(c, name, e->span, false);
        c->scope = scope;
        return c->t_error;
    }
    struct type *t = resolve(static_type(c, ref));
    if (t->kind == TYPE_ERROR)
        return t;
    if (t->kind == TYPE_ENUM) {
        int32_t variant = variant_find(t->enumeration, name.text);
        if (variant >= 0)
            return variant_value(c, e, t, variant);
    }
    struct sema_trait_ref *bound = NULL;
    struct method *m = param_method(c, t, name.text, &bound);
    if (!m)
        m = method_find(c, t, name.text);
    if (m && m->function->is_constant)
        return typed_const(c, e, m, t, bound);
    if (m) {
        struct type *fn = function_value(c, e, m->function, e->member.type_args);
        if (m->function->self_type)
            unify(c, use_type(c, info(c, e)->use, m->function->self_type), t);
        return fn;
    }
    say_no_member(c, t, name, e->span);
    return c->t_error;
}

static struct type *value_member(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct type *t = default_now(c, check(c, e->member.object, NULL));
    struct ast_name name = e->member.name;
    if (t->kind == TYPE_ERROR)
        return t;
    struct sema_expr *at = info(c, e);
    int32_t index;
    if (field_find(c, t, name.text, &index)) {
        at->role = ROLE_FIELD;
        at->index = index;
        at->is_place = is_place(c, e->member.object);
        check_field_visible(c, t, index, ast_name_span(e->span, name));
        return sema_field_type(c->prog, t, -1, index);
    }
    struct method *m = method_find(c, t, name.text);
    if (m && m->function->is_property)
        return call_method(c, e, e->member.object, m, NULL, 0, NULL, ast_name_span(e->span, name),
                           want);
    if (m && m->function->is_constant) {
        struct diag *d =
            diag_add(c->sink, P2018, e->span, "`%s` is a constant of the type", name.text);
        diag_primary(c->sink, d, "`%s.%s` is its value", type_show(c->prog, t), name.text);
        return c->t_error;
    }
    if (m) {
        struct span end = {e->span.source, e->span.end, e->span.end};
        struct diag *d = diag_add(c->sink, P2018, e->span, "`%s` is a method", name.text);
        diag_primary(c->sink, d, "it is called with `()`");
        diag_fix(c->sink, d, end, STR("()"), "call it");
        return c->t_error;
    }
    if (t->kind == TYPE_VAR) {
        struct diag *d = diag_add(c->sink, P2009, e->member.object->span,
                                  "the type of this has to be known here");
        diag_primary(c->sink, d, "`.%s` depends on it", name.text);
        return c->t_error;
    }
    say_no_member(c, t, name, e->span);
    return c->t_error;
}

static bool is_value_symbol(const struct symbol *s) {
    return s && (s->kind == SYMBOL_CONST || s->kind == SYMBOL_VARIANT ||
                 s->kind == SYMBOL_FUNCTION || s->kind == SYMBOL_MESSAGE);
}

struct type *check_member(struct checker *c, struct ast_expr *e, const struct want *want) {
    if (e->member.object->kind == EXPR_SELF && in_actor(c))
        return self_member(c, e, want);
    struct static_ref ref;
    if (static_path(c, e->member.object, &ref) && !is_value_symbol(ref.symbol))
        return static_member(c, e, &ref, want);
    return value_member(c, e, want);
}
