// SPDX-License-Identifier: MIT
// Methods: which functions belong to which types. A type's table is found by its head (the struct,
// enum, actor or kind); several impls of one head may hold methods of the same name, and the first
// whose Self fits the receiver is meant. `impl Trait for Type` adds its functions, and the defaults
// of the trait, to the type.
#include "frontend/sema/check.h"

// ---- the tables
// -----------------------------------------------------------------------------------

void method_add(struct checker *c, struct type *self, struct sema_function *f, struct span span) {
    struct method_table *table = methods_of(c->prog, self);
    if (!table) {
        struct diag *d =
            diag_add(c->sink, P2050, span, "`%s` cannot have an `impl`", type_show(c->prog, self));
        diag_primary(c->sink, d, "only types that are declared can");
        return;
    }
    struct method *m = arena_new(c->arena, struct method);
    m->function = f;
    struct method *first = pointer_map_get(&table->map, f->name);
    if (!first) {
        pointer_map_put(c->arena, &table->map, f->name, m);
        vec_push(c->arena, &table->names, f->name);
        return;
    }
    while (first->next)
        first = first->next;
    first->next = m;
}

struct method *method_find(struct checker *c, struct type *self, const char *name) {
    struct method_table *table = methods_of(c->prog, self);
    struct method *m = table ? pointer_map_get(&table->map, name) : NULL;
    if (!m && self->kind == TYPE_REF && methods_of_kind(c->prog, TYPE_REF))
        m = pointer_map_get(&methods_of_kind(c->prog, TYPE_REF)->map, name);
    return m;
}

// ---- matching an impl
// ---------------------------------------------------------------------------------

struct matching {
    const sema_type_params *params;
    struct type **args; // as many
};

// Does `pattern`, whose parameters are to be found, become `t`? `t` may have parameters of others.
static bool matches(struct matching *m, struct type *pattern, struct type *t) {
    t = resolve(t);
    if (pattern->kind == TYPE_PARAM)
        for (int32_t i = 0; i < m->params->len; i++)
            if (m->params->at[i] == pattern->param) {
                if (!m->args[i])
                    m->args[i] = t;
                return m->args[i] == t || t->kind == TYPE_VAR;
            }
    if (pattern == t || t->kind == TYPE_VAR)
        return true;
    if (pattern->kind != t->kind || pattern->arg_count != t->arg_count ||
        pattern->kind == TYPE_PARAM || pattern->structure != t->structure)
        return false;
    for (int32_t i = 0; i < t->arg_count; i++)
        if (!matches(m, pattern->args[i], t->args[i]))
            return false;
    return t->arg_count > 0 || pattern == t;
}

static bool impl_matches(struct arena *a, struct sema_impl *impl, struct type *self,
                         const sema_types *trait_args, struct type ***out) {
    struct matching m = {&impl->params, arena_array(a, struct type *, impl->params.len + 1)};
    if (!matches(&m, impl->self_type, self) || trait_args->len != impl->trait_args.len)
        return false;
    for (int32_t i = 0; i < trait_args->len; i++)
        if (!matches(&m, impl->trait_args.at[i], trait_args->at[i]))
            return false;
    *out = m.args;
    return true;
}

struct sema_impl *impl_find(struct typed_program *p, struct sema_trait *trait, struct type *self,
                            const sema_types *trait_args, struct type ***args) {
    struct method_table *table = methods_of(p, resolve(self));
    for (int32_t i = 0; table && i < table->impls.len; i++)
        if (table->impls.at[i]->trait == trait &&
            impl_matches(p->arena, table->impls.at[i], self, trait_args, args))
            return table->impls.at[i];
    return NULL;
}

bool sema_implementation(struct typed_program *p, struct sema_function *trait_function,
                         const sema_types *type_args, struct sema_use *out) {
    struct sema_trait *trait = trait_function->trait;
    assert(trait && type_args->len == trait_function->type_params.len);
    int32_t count = trait->item->trait->generics.params.len;
    sema_types trait_args = {type_args->at + 1, count};
    struct type **impl_args;
    struct sema_impl *impl = impl_find(p, trait, type_args->at[0], &trait_args, &impl_args);
    if (!impl)
        return false;
    for (int32_t i = 0; i < impl->functions.len; i++) {
        struct sema_function *f = impl->functions.at[i];
        if (f->name != trait_function->name)
            continue;
        int32_t own = type_args->len - 1 - count;
        out->function = f;
        out->type_args.len = impl->params.len + own;
        out->type_args.at = arena_array(p->arena, struct type *, out->type_args.len);
        for (int32_t k = 0; k < impl->params.len; k++)
            out->type_args.at[k] = impl_args[k] ? impl_args[k] : type_prim(p, TYPE_NEVER);
        for (int32_t k = 0; k < own; k++)
            out->type_args.at[impl->params.len + k] = type_args->at[1 + count + k];
        return out->type_args.len == f->type_params.len;
    }
    out->function = trait_function;
    out->type_args = *type_args;
    return trait_function->body != NULL;
}

// ---- checking impls
// -------------------------------------------------------------------------------------

static void read_trait(struct checker *c, struct sema_impl *impl) {
    struct ast_type_expr *t = impl->item->impl->trait;
    if (t->kind != TYPE_EXPR_PATH)
        return;
    struct ast_type_segment *last = &t->path.segments.at[t->path.segments.len - 1];
    struct symbol *s = symbol_find(c->scope, last->name.text);
    if (!s) {
        say_unknown(c, last->name, t->span, true);
        return;
    }
    if (s->kind == SYMBOL_MARKER || s->kind == SYMBOL_ABSENT)
        return; // satisfied by structure anyway
    if (s->kind != SYMBOL_TRAIT) {
        struct diag *d =
            diag_add(c->sink, P2042, t->span, "`%s` is a %s, not a trait", s->name, symbol_word(s));
        diag_primary(c->sink, d, "only traits are implemented for types");
        return;
    }
    impl->trait_args = type_args_of(c, last->args);
    int32_t want = s->trait->item->trait->generics.params.len;
    if (impl->trait_args.len != want) {
        struct diag *d =
            diag_add(c->sink, P2008, t->span, "`%s` takes %d type argument%s, not %d", s->name,
                     (int)want, want == 1 ? "" : "s", (int)impl->trait_args.len);
        diag_label(c->sink, d, s->span, "`%s` is declared here", s->name);
        return;
    }
    impl->trait = s->trait;
}

static struct sema_function *impl_function(struct sema_impl *impl, const char *name) {
    for (int32_t i = 0; i < impl->functions.len; i++)
        if (impl->functions.at[i]->name == name)
            return impl->functions.at[i];
    return NULL;
}

// The types of a trait's function as this impl must have them.
static sema_types trait_view(struct checker *c, struct sema_impl *impl, struct sema_function *of,
                             struct sema_function *f) {
    sema_types args = {arena_array(c->arena, struct type *, of->type_params.len),
                       of->type_params.len};
    int32_t count = impl->trait_args.len;
    sema_types own = {arena_array(c->arena, struct type *, impl->params.len), impl->params.len};
    for (int32_t i = 0; i < own.len; i++)
        own.at[i] = f->type_params.at[i]->type;
    for (int32_t i = 0; i < args.len; i++)
        args.at[i] = i == 0 ? f->self_type
                     : i <= count
                         ? sema_subst(c->prog, impl->trait_args.at[i - 1], &impl->params, &own)
                         : f->type_params.at[impl->params.len + i - 1 - count]->type;
    return args;
}

static void compare_with_trait(struct checker *c, struct sema_impl *impl, struct sema_function *of,
                               struct sema_function *f) {
    const char *why = NULL;
    if (f->params.len != of->params.len || f->self != of->self)
        why = "the parameters differ";
    else if (f->type_params.len - impl->params.len !=
             of->type_params.len - 1 - impl->trait_args.len)
        why = "the type parameters differ";
    else if (f->is_async != of->is_async)
        why = "one is `async`, the other is not";
    if (!why) {
        sema_types args = trait_view(c, impl, of, f);
        for (int32_t i = 0; i < f->params.len && !why; i++)
            if (!unify(c, f->params.at[i].type,
                       sema_subst(c->prog, of->params.at[i].type, &of->type_params, &args)) ||
                f->params.at[i].is_mut != of->params.at[i].is_mut)
                why = str_format(c->arena, "the parameter `%s` differs", f->params.at[i].name).data;
        if (!why && !unify(c, f->result, sema_subst(c->prog, of->result, &of->type_params, &args)))
            why = "the result differs";
    }
    if (!why)
        return;
    struct diag *d = diag_add(c->sink, P2052, f->span, "`%s` is not as the trait `%s` wants it",
                              f->name, impl->trait->name);
    diag_primary(c->sink, d, "%s", why);
    diag_label(c->sink, d, of->span, "the trait declares it here");
}

static void check_against_trait(struct checker *c, struct sema_impl *impl) {
    struct span span = impl->item->impl->trait->span;
    for (int32_t i = 0; i < impl->trait->functions.len; i++) {
        struct sema_function *of = impl->trait->functions.at[i];
        struct sema_function *f = impl_function(impl, of->name);
        if (f) {
            compare_with_trait(c, impl, of, f);
        } else if (of->body) {
            method_add(c, impl->self_type, of, span);
        } else {
            struct diag *d = diag_add(c->sink, P2052, span, "`%s` of the trait `%s` is missing",
                                      of->name, impl->trait->name);
            diag_primary(c->sink, d, "this impl has no `%s`", of->name);
            diag_label(c->sink, d, of->span, "the trait asks for it here");
        }
    }
    for (int32_t i = 0; i < impl->functions.len; i++) {
        struct sema_function *f = impl->functions.at[i];
        bool known = false;
        for (int32_t k = 0; k < impl->trait->functions.len; k++)
            known |= impl->trait->functions.at[k]->name == f->name;
        if (known)
            continue;
        struct diag *d = diag_add(c->sink, P2052, f->span, "the trait `%s` has no `%s`",
                                  impl->trait->name, f->name);
        diag_primary(c->sink, d, "not part of the trait");
        diag_note(c->sink, d, "It belongs into an `impl %s { ... }` of its own.",
                  type_show(c->prog, impl->self_type));
    }
}

static void check_duplicates(struct checker *c, struct sema_impl *impl) {
    for (int32_t i = 0; i < impl->functions.len; i++) {
        struct sema_function *f = impl->functions.at[i];
        struct method *m = method_find(c, impl->self_type, f->name);
        if (!m || impl->module->is_std)
            continue;
        for (; m && m->function != f; m = m->next) {
            if (m->function->module->is_std || (m->function->impl && m->function->impl->trait))
                continue;
            struct diag *d = diag_add(c->sink, P2005, f->span, "`%s` has two functions `%s`",
                                      type_show(c->prog, impl->self_type), f->name);
            diag_primary(c->sink, d, "declared again here");
            diag_label(c->sink, d, m->function->span, "the first one is here");
            break;
        }
    }
}

static void read_impl(struct checker *c, struct sema_impl *impl) {
    struct ast_impl *ast = impl->item->impl;
    c->module = impl->module;
    c->scope = namespace_new(c, impl->scope, NULL);
    impl->params = declare_generics(c, c->scope, &ast->generics, impl->item->span);
    declare_wheres(c, c->scope, &ast->clauses);
    impl->self_type = type_of_expr(c, ast->subject);
    c->scope->self_type = impl->self_type;
    if (ast->trait)
        read_trait(c, impl);
    if (impl->self_type->kind == TYPE_ERROR)
        return;
    for (int32_t i = 0; i < impl->functions.len; i++)
        method_add(c, impl->self_type, impl->functions.at[i], ast->subject->span);
    struct method_table *table = methods_of(c->prog, impl->self_type);
    if (impl->trait && table)
        vec_push(c->arena, &table->impls, impl);
    else if (!impl->trait)
        check_duplicates(c, impl);
}

void check_impls(struct checker *c) {
    for (int32_t i = 0; i < c->impls.len; i++)
        read_impl(c, c->impls.at[i]);
    for (int32_t i = 0; i < c->impls.len; i++)
        if (c->impls.at[i]->trait && c->impls.at[i]->self_type->kind != TYPE_ERROR)
            check_against_trait(c, c->impls.at[i]);
    resolve_projections(c);
}
