// SPDX-License-Identifier: MIT
// Written types: paths with arguments, tuples, functions; aliases. What is asked of them is in
// bound.c.
#include "frontend/sema/check.h"

static const struct {
    const char *name;
    unsigned bound;
} markers[] = {
    {"Send", BOUND_SEND},     {"Sync", BOUND_SYNC},
    {"Hash", BOUND_HASH},     {"Eq", BOUND_EQ},
    {"Ord", BOUND_ORD},       {"Clone", BOUND_CLONE},
    {"Number", BOUND_NUMBER}, {"Integer", BOUND_INTEGER},
    {"Copy", BOUND_CLONE},    {"Show", 0},
    {"Data", BOUND_DATA},     {"Actor", BOUND_ACTOR},
};

static const struct {
    const char *name;
    enum type_kind kind;
    bool is_builtin;
} builtin_types[] = {
#define PRIM(id, name, bits, is_signed) {name, TYPE_##id, false},
#include "frontend/sema/types.def"
#undef PRIM
    {"usize", TYPE_U64, false},     {"isize", TYPE_I64, false},   {"Never", TYPE_NEVER, false},
    {"Error", TYPE_FAILURE, false}, {"Scope", TYPE_SCOPE, false}, {"TaskToken", TYPE_TOKEN, false},
    {"Buffer", TYPE_BUFFER, true},  {"Reply", TYPE_REPLY, true},  {"Future", TYPE_FUTURE, true},
    {"Task", TYPE_FUTURE, true},    {"ActorRef", TYPE_REF, true},
};

static struct ast_name name_of(struct checker *c, const char *text) {
    return (struct ast_name){intern(c->names, str_from(text)), 0, 0};
}

void declare_prelude(struct checker *c) {
    struct span nowhere = {0};
    for (size_t i = 0; i < sizeof builtin_types / sizeof builtin_types[0]; i++) {
        bool is_builtin = builtin_types[i].is_builtin;
        struct symbol *s = symbol_new(c, c->prelude, is_builtin ? SYMBOL_BUILTIN : SYMBOL_TYPE,
                                      name_of(c, builtin_types[i].name), nowhere);
        if (is_builtin)
            s->builtin = builtin_types[i].kind;
        else
            s->type = type_prim(c->prog, builtin_types[i].kind);
    }
    for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++)
        symbol_new(c, c->prelude, SYMBOL_MARKER, name_of(c, markers[i].name), nowhere)->marker =
            markers[i].bound;
}

// ---- arguments ----------------------------------------------------------------------------------

sema_types type_args_of(struct checker *c, struct ast_type_args *args) {
    sema_types out = {0};
    if (!args)
        return out;
    out.at = arena_array(c->arena, struct type *, args->args.len);
    for (int32_t i = 0; i < args->args.len; i++)
        if (!args->args.at[i].name.text)
            out.at[out.len++] = type_of_expr(c, args->args.at[i].type);
    return out;
}

// `Item = i64` says something where a trait is asked for, and nowhere else.
static void refuse_equals(struct checker *c, const struct ast_type_args *args) {
    for (int32_t i = 0; args && i < args->args.len; i++) {
        const struct ast_type_arg *arg = &args->args.at[i];
        if (!arg->name.text)
            continue;
        struct diag *d = diag_add(c->sink, P2008, ast_name_span(args->span, arg->name),
                                  "`%s = ...` is no type argument", arg->name.text);
        diag_primary(c->sink, d, "this is said where a trait is asked for: `T: Trait<%s = ...>`",
                     arg->name.text);
    }
}

bool args_fit(struct checker *c, const char *name, struct ast_type_args *args, int32_t want,
              struct span span, struct span declared, bool is_bound, sema_types *out) {
    if (!is_bound)
        refuse_equals(c, args);
    if (!args && want > 0 && c->body) {
        out->len = want;
        out->at = arena_array(c->arena, struct type *, want);
        for (int32_t i = 0; i < want; i++)
            out->at[i] = type_var_new(c, VAR_ANY, span);
        return true;
    }
    *out = type_args_of(c, args);
    if (out->len == want)
        return true;
    struct diag *d =
        diag_add(c->sink, P2008, args ? args->span : span, "`%s` takes %d type argument%s, not %d",
                 name, (int)want, want == 1 ? "" : "s", (int)out->len);
    diag_primary(c->sink, d, want ? "%d %s needed here" : "none belong here", (int)want,
                 want == 1 ? "is" : "are");
    if (declared.source)
        diag_label(c->sink, d, declared, "`%s` is declared here", name);
    return false;
}

// `ActorRef`, `ActorRef<Counter>`; and `ActorRef<A>` of a type parameter, which then stands for
// references to actors: what an actor is called is the type of references to it.
static struct type *ref_type(struct checker *c, struct ast_type_args *args, struct span span) {
    if (!args)
        return type_ref(c->prog, NULL, NULL);
    if (args->args.len != 1) {
        sema_types ignored;
        args_fit(c, "ActorRef", args, 1, span, (struct span){0}, false, &ignored);
        return c->t_error;
    }
    struct type *t = resolve(type_of_expr(c, args->args.at[0].type));
    if (t->kind == TYPE_REF || t->kind == TYPE_ERROR)
        return t;
    if (t->kind == TYPE_PARAM)
        return ask_actor(c, t, args->args.at[0].type->span) ? t : c->t_error;
    if (satisfies(c, t, BOUND_ACTOR) && t->kind != TYPE_VAR)
        return t;
    struct diag *d = diag_add(c->sink, P2014, args->args.at[0].type->span, "`%s` is not an actor",
                              type_show(c->prog, t));
    diag_primary(c->sink, d, "`ActorRef<X>` refers to an actor `X`");
    return c->t_error;
}

// What an alias stands for, once and for all.
void resolve_alias(struct checker *c, struct alias *a) {
    if (a->state == 2)
        return;
    if (a->state == 1) {
        struct diag *d = diag_add(c->sink, P2041, ast_name_span(a->item->span, a->item->name),
                                  "the type `%s` is defined by itself", a->item->name.text);
        diag_primary(c->sink, d, "following it never comes to an end");
        a->target = c->t_error;
        return;
    }
    struct sema_module *module = c->module;
    struct namespace *scope = c->scope;
    struct body *body = c->body;
    c->module = a->module;
    c->scope = namespace_new(c, a->scope, NULL);
    c->body = NULL;
    a->state = 1;
    a->params = declare_generics(c, c->scope, &a->item->type->generics, a->item->span);
    struct type *target = type_of_expr(c, a->item->type->target);
    if (!a->target)
        a->target = target;
    a->state = 2;
    c->module = module;
    c->scope = scope;
    c->body = body;
}

static struct type *alias_type(struct checker *c, struct alias *a, struct ast_type_args *args,
                               struct span span) {
    resolve_alias(c, a);
    if (a->state == 1)
        return c->t_error;
    sema_types given;
    if (!args_fit(c, a->item->name.text, args, a->params.len, span,
                  ast_name_span(a->item->span, a->item->name), false, &given))
        return c->t_error;
    for (int32_t i = 0; i < given.len; i++)
        if (a->params.at[i]->bounds & BOUND_ACTOR)
            ask_actor(c, given.at[i], span);
    return sema_subst(c->prog, a->target, &a->params, &given);
}

static struct type *builtin_type(struct checker *c, struct symbol *s, struct ast_type_args *args,
                                 struct span span) {
    if (s->builtin == TYPE_REF)
        return ref_type(c, args, span);
    sema_types given;
    if (!args_fit(c, s->name, args, 1, span, (struct span){0}, false, &given))
        return c->t_error;
    return type_make(c->prog, s->builtin, given.at, 1);
}

static void say_not_type(struct checker *c, struct symbol *s, struct span span) {
    struct diag *d =
        diag_add(c->sink, P2002, span, "`%s` is %s, not a type", s->name, symbol_phrase(s));
    diag_primary(c->sink, d, "a type is needed here");
    if (s->span.source)
        diag_label(c->sink, d, s->span, "`%s` is declared here", s->name);
}

struct type *symbol_self_type(struct checker *c, struct symbol *s, struct ast_type_args *args,
                              struct span span) {
    sema_types given = {0};
    switch (s->kind) {
    case SYMBOL_TYPE:
        return args_fit(c, s->name, args, 0, span, s->span, false, &given) ? s->type : c->t_error;
    case SYMBOL_PARAM:
        return args_fit(c, s->name, args, 0, span, s->span, false, &given) ? s->param->type
                                                                           : c->t_error;
    case SYMBOL_BUILTIN:
        return builtin_type(c, s, args, span);
    case SYMBOL_ALIAS:
        return alias_type(c, s->alias, args, span);
    case SYMBOL_STRUCT:
        if (!args_fit(c, s->name, args, s->structure->params.len, span, s->span, false, &given))
            return c->t_error;
        return note_applied(c, type_struct(c->prog, s->structure, given.at), span);
    case SYMBOL_ENUM:
        if (!args_fit(c, s->name, args, s->enumeration->params.len, span, s->span, false, &given))
            return c->t_error;
        return note_applied(c, type_enum(c->prog, s->enumeration, given.at), span);
    case SYMBOL_ACTOR:
        if (!args_fit(c, s->name, args, s->actor->params.len, span, s->span, false, &given))
            return c->t_error;
        return note_applied(c, type_ref(c->prog, s->actor, given.at), span);
    case SYMBOL_TRAIT:
        if (!args_fit(c, s->name, args, s->trait->item->trait->generics.params.len, span, s->span,
                      false, &given))
            return c->t_error;
        vec_push(c->arena, &c->trait_uses, ((struct trait_use){s->trait, span}));
        return type_trait(c->prog, s->trait, given.at);
    case SYMBOL_MARKER: {
        struct diag *d = diag_add(c->sink, P2060, span, "`%s` cannot be used as a type", s->name);
        diag_primary(c->sink, d, "it is asked of types: `<T>(...) where T: %s`", s->name);
        return c->t_error;
    }
    default:
        say_not_type(c, s, span);
        return c->t_error;
    }
}

// ---- paths, tuples, functions -------------------------------------------------------------------

static struct type *self_type(struct checker *c, struct span span) {
    for (struct namespace *n = c->scope; n; n = n->parent)
        if (n->self_type)
            return n->self_type;
    struct diag *d = diag_add(c->sink, P2029, span, "there is no `Self` here");
    diag_primary(c->sink, d, "`Self` is the type of the `impl` around it");
    return c->t_error;
}

// `T.Item` of a type parameter; `Self.Item` in a trait.
static struct type *assoc_type(struct checker *c, struct type *base, struct ast_name name,
                               struct span span) {
    if (base->kind == TYPE_ERROR)
        return base;
    const struct sema_type_param *param = base->kind == TYPE_PARAM   ? base->param
                                          : base->kind == TYPE_ASSOC ? base->assoc->like
                                                                     : NULL;
    const struct sema_type_param *also = asked_of(c, base);
    int32_t own = param ? param->traits.len : 0, total = own + (also ? also->traits.len : 0);
    for (int32_t i = 0; i < total; i++) {
        const struct sema_trait_ref *ref =
            i < own ? &param->traits.at[i] : &also->traits.at[i - own];
        struct sema_assoc *assoc = assoc_find(ref->trait, name.text);
        if (!assoc)
            continue;
        struct type **args = arena_array(c->arena, struct type *, ref->args.len + 1);
        args[0] = base;
        for (int32_t k = 0; k < ref->args.len; k++)
            args[k + 1] = ref->args.at[k];
        return type_assoc(c->prog, assoc, args, ref->args.len + 1);
    }
    struct diag *d = diag_add(c->sink, P2002, ast_name_span(span, name), "`%s` has no type `%s`",
                              type_show(c->prog, base), name.text);
    diag_primary(c->sink, d,
                 param ? "none of the traits that are asked of it has it"
                       : "only type parameters have types of their traits");
    return c->t_error;
}

// `Self.Item` in an impl: what it says itself.
static struct ast_item *type_of_impl(struct checker *c, const char *name) {
    for (struct namespace *n = c->scope; n; n = n->parent)
        for (int32_t i = 0; n->impl && i < n->impl->types.len; i++)
            if (n->impl->types.at[i]->name.text == name)
                return n->impl->types.at[i];
    return NULL;
}

static struct type *self_assoc(struct checker *c, struct ast_type_expr *t) {
    struct ast_type_segment *at = t->path.segments.at;
    struct ast_item *own = type_of_impl(c, at[1].name.text);
    struct type *base = own ? type_of_expr(c, own->type->target)
                            : assoc_type(c, self_type(c, t->span), at[1].name, t->span);
    for (int32_t i = 2; i < t->path.segments.len; i++)
        base = assoc_type(c, base, at[i].name, t->span);
    return base;
}

static struct type *path_type(struct checker *c, struct ast_type_expr *t) {
    struct ast_type_segment *at = t->path.segments.at;
    int32_t count = t->path.segments.len;
    if (at[0].name.text == W(Self)) {
        return count > 1 ? self_assoc(c, t) : self_type(c, t->span);
    }
    struct symbol *s = symbol_find(c->scope, at[0].name.text);
    if (s)
        check_unique(c, s, t->span);
    for (int32_t i = 0;; i++) {
        if (!s) {
            say_unknown(c, at[i].name, t->span, true);
            return c->t_error;
        }
        if (i == count - 1)
            return symbol_self_type(c, s, at[i].args, t->span);
        if (s->kind != SYMBOL_MODULE) {
            struct type *base = symbol_self_type(c, s, at[i].args, t->span);
            for (i++; i < count; i++)
                base = assoc_type(c, base, at[i].name, t->span);
            return base;
        }
        s = symbol_find_here(s->module, at[i + 1].name.text);
        if (s)
            check_visible(c, s, ast_name_span(t->span, at[i + 1].name));
    }
}

static struct type *function_type(struct checker *c, struct ast_type_expr *t) {
    int32_t count = t->function.params.len;
    struct type **args = arena_array(c->arena, struct type *, count + 1);
    for (int32_t i = 0; i < count; i++) {
        struct ast_type_expr *p = t->function.params.at[i];
        bool is_mut = p->kind == TYPE_EXPR_MUT;
        args[i] = type_of_expr(c, is_mut ? p->mutable : p);
        if (is_mut)
            args[i] = type_make(c->prog, TYPE_INOUT, &args[i], 1);
    }
    args[count] = type_of_expr(c, t->function.result);
    return type_fn(c->prog, args, count + 1, clause_of(c, t->function.clauses));
}

static struct type *tuple_type(struct checker *c, struct ast_type_expr *t) {
    int32_t count = t->tuple.elements.len;
    struct type **args = arena_array(c->arena, struct type *, count);
    for (int32_t i = 0; i < count; i++)
        args[i] = type_of_expr(c, t->tuple.elements.at[i]);
    return type_make(c->prog, TYPE_TUPLE, args, count);
}

struct type *type_of_expr(struct checker *c, struct ast_type_expr *t) {
    struct type *type = c->t_error;
    switch (t->kind) {
    case TYPE_EXPR_ERROR:
        break;
    case TYPE_EXPR_INFER:
        if (c->body) {
            type = type_var_new(c, VAR_ANY, t->span);
            break;
        }
        diag_primary(c->sink,
                     diag_add(c->sink, P2009, t->span, "a declaration needs its types written out"),
                     "`_` stands only inside of functions");
        break;
    case TYPE_EXPR_PATH:
        type = path_type(c, t);
        break;
    case TYPE_EXPR_TUPLE:
        type = tuple_type(c, t);
        break;
    case TYPE_EXPR_FUNCTION:
        type = function_type(c, t);
        break;
    case TYPE_EXPR_MUT: {
        struct diag *d = diag_add(c->sink, P1022, t->span, "`mut` is no part of a type");
        diag_primary(c->sink, d, "only a parameter of a function type has it: `mut T -> U`");
        diag_note(c->sink, d, "A name or a parameter that may change is declared so: `mut x: T`.");
        type_of_expr(c, t->mutable);
        break;
    }
    }
    c->module->types[t->id] = type;
    keep_slot(c, &c->module->types[t->id]);
    return type;
}
