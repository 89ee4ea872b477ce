// SPDX-License-Identifier: MIT
// Methods: which functions belong to which types. A type's table is found by its head (the struct,
// enum, actor or kind); several impls of one head may hold methods of the same name, and the first
// whose Self fits the receiver is meant. `impl Trait for Type` adds its functions, and the defaults
// of the trait, to the type.
#include "frontend/sema/check.h"

enum { IMPL_DEPTH_MAX = 16 }; // impls that ask for impls: beyond that a type is taken at its word

// ---- the tables ---------------------------------------------------------------------------------

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
    if (!m && methods_of_kind(c->prog, TYPE_REF) && is_reference(c, self))
        m = pointer_map_get(&methods_of_kind(c->prog, TYPE_REF)->map, name);
    return m;
}

// ---- matching an impl ---------------------------------------------------------------------------

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

bool inherits(const struct sema_trait *trait, const struct sema_trait *from) {
    for (int32_t i = 0; i < trait->parents.len; i++)
        if (trait->parents.at[i].trait == from || inherits(trait->parents.at[i].trait, from))
            return true;
    return false;
}

// An impl whose trait nobody knows may be the one that is missed.
static bool may_be_lost(struct checker *c, const struct type *t) {
    for (int32_t i = 0; i < c->impls.len; i++) {
        const struct type *self = c->impls.at[i]->self_type;
        if (c->impls.at[i]->is_lost && self && self->kind == t->kind &&
            self->structure == t->structure)
            return true;
    }
    return false;
}

static bool implements_within(struct checker *c, struct type *t, struct sema_trait *trait,
                              const sema_types *args, int depth);

// What is asked of the parameters of an impl holds for the types that stand for them.
static bool impl_holds(struct checker *c, const struct sema_impl *impl, struct type *const *args,
                       int depth) {
    sema_types by = {arena_array(c->arena, struct type *, impl->params.len), impl->params.len};
    for (int32_t i = 0; i < by.len; i++)
        by.at[i] = args[i] ? args[i] : c->t_error;
    int32_t count = by.len + impl->inner->wheres.len;
    for (int32_t i = 0; depth > 0 && i < count; i++) {
        const struct where_bound *where = i < by.len ? NULL : &impl->inner->wheres.at[i - by.len];
        const struct sema_type_param *p = where ? where->like : impl->params.at[i];
        struct type *t = where ? sema_subst(c->prog, where->subject, &impl->params, &by) : by.at[i];
        if (!satisfies(c, t, p->bounds))
            return false;
        for (int32_t k = 0; k < p->traits.len; k++) {
            struct sema_trait_ref ref = subst_trait_ref(c, &p->traits.at[k], &impl->params, &by);
            if (!implements_within(c, t, ref.trait, &ref.args, depth - 1))
                return false;
        }
    }
    return true;
}

static bool asks(struct checker *c, const struct sema_type_param *p, const struct sema_trait *trait,
                 const sema_types *args) {
    for (int32_t i = 0; p && i < p->traits.len; i++)
        if (p->traits.at[i].trait == trait && same_trait_args(c, &p->traits.at[i].args, args))
            return true;
    return false;
}

static bool implements_within(struct checker *c, struct type *t, struct sema_trait *trait,
                              const sema_types *args, int depth) {
    struct type **found;
    t = resolve(t);
    struct sema_trait_ref own = {.args = {t->args, t->arg_count}};
    if (t->kind == TYPE_TRAIT) {
        own.trait = t->trait;
        if (trait_brings(c, &own, t, trait, args))
            return true;
    }
    if (t->kind == TYPE_PARAM)
        return asks(c, t->param, trait, args);
    if (asks(c, asked_of(c, t), trait, args))
        return true;
    if (t->kind == TYPE_ASSOC)
        return asks(c, t->assoc->like, trait, args);
    const struct sema_impl *impl = impl_find(c->prog, trait, t, args, &found);
    return impl ? impl_holds(c, impl, found, depth) : may_be_lost(c, t);
}

bool implements(struct checker *c, struct type *t, struct sema_trait *trait,
                const sema_types *args) {
    return implements_within(c, t, trait, args, IMPL_DEPTH_MAX);
}

// ---- associated types ---------------------------------------------------------------------------

struct sema_assoc *assoc_find(const struct sema_trait *trait, const char *name) {
    for (int32_t i = 0; i < trait->assocs.len; i++)
        if (trait->assocs.at[i]->name == name)
            return trait->assocs.at[i];
    return NULL;
}

// What `T: Trait<Item = X>` says of an associated type; NULL if it says nothing.
static struct type *told_by(const struct sema_type_param *p, const struct sema_assoc *assoc,
                            struct type *const *trait_args, int32_t count) {
    for (int32_t i = 0; i < p->traits.len; i++) {
        const struct sema_trait_ref *ref = &p->traits.at[i];
        bool same = ref->trait == assoc->trait && ref->args.len == count;
        for (int32_t k = 0; same && k < count; k++)
            same = ref->args.at[k] == resolve(trait_args[k]);
        for (int32_t k = 0; same && k < ref->equals.len; k++)
            if (ref->equals.at[k].assoc == assoc)
                return ref->equals.at[k].type;
    }
    return NULL;
}

struct type *assoc_target(struct sema_assoc *assoc, struct type *const *args, int32_t count) {
    struct type *base = resolve(args[0]);
    struct typed_program *p = assoc->program;
    const struct sema_type_param *param = base->kind == TYPE_PARAM   ? base->param
                                          : base->kind == TYPE_ASSOC ? base->assoc->like
                                                                     : NULL;
    struct type *told = param ? told_by(param, assoc, args + 1, count - 1) : NULL;
    if (told)
        return told;
    if (base->kind == TYPE_PARAM || base->kind == TYPE_ASSOC || base->kind == TYPE_VAR)
        return NULL;
    sema_types trait_args = {(struct type **)args + 1, count - 1};
    struct type **impl_args;
    struct sema_impl *impl = impl_find(p, assoc->trait, base, &trait_args, &impl_args);
    for (int32_t i = 0; impl && i < impl->targets.len; i++) {
        if (impl->types.at[i]->name.text != assoc->name)
            continue;
        sema_types by = {impl_args, impl->params.len};
        for (int32_t k = 0; k < by.len; k++)
            if (!by.at[k])
                by.at[k] = type_prim(p, TYPE_NEVER);
        return sema_subst(p, impl->targets.at[i], &impl->params, &by);
    }
    return type_prim(p, TYPE_ERROR); // the bound that is not met is told where it is asked for
}

// ---- traits as types ----------------------------------------------------------------------------

static bool mentions(const struct type *t, const struct sema_type_param *param) {
    if (t->kind == TYPE_PARAM)
        return t->param == param;
    for (int32_t i = 0; i < t->arg_count; i++)
        if (mentions(t->args[i], param))
            return true;
    return false;
}

// Why a function cannot be called on a value of which only the trait is known, or NULL.
static const char *undispatchable(const struct sema_function *f) {
    const struct sema_type_param *self = f->type_params.at[0];
    if (f->self == SELF_NONE)
        return "it has no `self` that would say whose it is";
    if (f->type_params.len > 1 + f->trait->item->trait->generics.params.len)
        return "it has type parameters of its own";
    if (mentions(f->result, self))
        return "its result is `Self`, which is not known then";
    for (int32_t i = 0; i < f->params.len; i++)
        if (mentions(f->params.at[i].type, self))
            return "it takes another `Self`, and two need not be of one type";
    return NULL;
}

void check_trait_uses(struct checker *c) {
    for (int32_t i = 0; i < c->trait_uses.len; i++) {
        struct trait_use *use = &c->trait_uses.at[i];
        if (use->trait->assocs.len) {
            struct diag *d = diag_add(c->sink, P2060, use->span, "`%s` cannot be used as a type",
                                      use->trait->name);
            diag_primary(c->sink, d, "a value of any type that implements it");
            diag_label(c->sink, d, use->trait->assocs.at[0]->span,
                       "`%s` would differ from value to value", use->trait->assocs.at[0]->name);
            continue;
        }
        for (int32_t k = 0; k < use->trait->functions.len; k++) {
            struct sema_function *f = use->trait->functions.at[k];
            const char *why = undispatchable(f);
            if (!why)
                continue;
            struct diag *d = diag_add(c->sink, P2060, use->span, "`%s` cannot be used as a type",
                                      use->trait->name);
            diag_primary(c->sink, d, "a value of any type that implements it");
            diag_label(c->sink, d, f->span, "`%s`: %s", f->name, why);
            diag_note(c->sink, d, "A type parameter does: `<T>(...) where T: %s`.",
                      use->trait->name);
            break;
        }
    }
}

// ---- checking impls -----------------------------------------------------------------------------

static void read_trait(struct checker *c, struct sema_impl *impl) {
    struct ast_type_expr *t = impl->item->impl->trait;
    if (t->kind != TYPE_EXPR_PATH)
        return;
    struct ast_type_segment *last = &t->path.segments.at[t->path.segments.len - 1];
    struct symbol *s = symbol_of_path(c, t);
    if (!s) {
        impl->is_lost = true;
        return;
    }
    if (s->kind == SYMBOL_MARKER)
        return; // satisfied by structure anyway
    if (s->kind != SYMBOL_TRAIT) {
        struct diag *d =
            diag_add(c->sink, P2042, t->span, "`%s` is %s, not a trait", s->name, symbol_phrase(s));
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

// Of one type but for what functions may do.
static bool same_type(struct checker *c, struct type *a, struct type *b) {
    return unify(c, a, b) && (!((a->flags | b->flags) & TYPE_HAS_CLAUSE) || a == b);
}

static void compare_with_trait(struct checker *c, struct sema_impl *impl, struct sema_function *of,
                               struct sema_function *f) {
    const char *why = NULL;
    if (f->is_constant != of->is_constant)
        why = of->is_constant ? "a constant is wanted" : "a function is wanted";
    else if (f->params.len != of->params.len || f->self != of->self)
        why = "the parameters differ";
    else if (f->type_params.len - impl->params.len !=
             of->type_params.len - 1 - impl->trait_args.len)
        why = "the type parameters differ";
    else if (f->is_async != of->is_async)
        why = "one is `async`, the other is not";
    if (!why) {
        sema_types args = trait_view(c, impl, of, f);
        for (int32_t i = 0; i < f->params.len && !why; i++)
            if (!same_type(c, f->params.at[i].type,
                           sema_subst(c->prog, of->params.at[i].type, &of->type_params, &args)) ||
                f->params.at[i].is_mut != of->params.at[i].is_mut)
                why = str_format(c->arena, "the parameter `%s` differs", f->params.at[i].name).data;
        if (!why &&
            !same_type(c, f->result, sema_subst(c->prog, of->result, &of->type_params, &args)))
            why = of->is_constant ? "the type differs" : "the result differs";
    }
    if (!why)
        return;
    struct diag *d = diag_add(c->sink, P2052, f->span, "`%s` is not as the trait `%s` wants it",
                              f->name, impl->trait->name);
    diag_primary(c->sink, d, "%s", why);
    diag_label(c->sink, d, of->span, "the trait declares it here");
}

static void missing(struct checker *c, struct sema_impl *impl, const char *name, struct span of) {
    struct diag *d = diag_add(c->sink, P2052, impl->item->impl->trait->span,
                              "`%s` of the trait `%s` is missing", name, impl->trait->name);
    diag_primary(c->sink, d, "this impl has no `%s`", name);
    diag_label(c->sink, d, of, "the trait asks for it here");
}

static void check_equals(struct checker *c, struct sema_impl *impl,
                         const struct sema_trait_ref *ref) {
    struct type *found;
    const struct sema_equal *wrong = unequal(c, impl->self_type, ref, &found);
    if (!wrong)
        return;
    struct diag *d =
        diag_add(c->sink, P2042, impl->item->impl->trait->span, "`%s` of `%s` is `%s`, not `%s`",
                 wrong->assoc->name, type_show(c->prog, impl->self_type), type_show(c->prog, found),
                 type_show(c->prog, wrong->type));
    diag_primary(c->sink, d, "`%s` asks for `%s`", impl->trait->name, trait_text(c, ref));
}

static void check_assoc(struct checker *c, struct sema_impl *impl, struct sema_assoc *assoc) {
    for (int32_t i = 0; i < impl->types.len; i++) {
        struct type *t = impl->targets.at[i];
        if (impl->types.at[i]->name.text != assoc->name)
            continue;
        for (int32_t k = 0; k < assoc->like->traits.len; k++) {
            struct sema_trait_ref *ref = &assoc->like->traits.at[k];
            if (t->kind == TYPE_ERROR || implements(c, t, ref->trait, &ref->args)) {
                check_equals(c, impl, ref);
                continue;
            }
            struct diag *d =
                diag_add(c->sink, P2042, impl->types.at[i]->type->target->span,
                         "`%s` does not implement `%s`", type_show(c->prog, t), ref->trait->name);
            diag_primary(c->sink, d, "this stands for `%s`", assoc->name);
            diag_label(c->sink, d, assoc->span, "the trait `%s` asks for it here",
                       impl->trait->name);
        }
        return;
    }
    missing(c, impl, assoc->name, assoc->span);
}

static void check_types(struct checker *c, struct sema_impl *impl) {
    for (int32_t i = 0; i < impl->trait->assocs.len; i++)
        check_assoc(c, impl, impl->trait->assocs.at[i]);
    for (int32_t i = 0; i < impl->types.len; i++) {
        struct ast_item *item = impl->types.at[i];
        if (assoc_find(impl->trait, item->name.text))
            continue;
        struct diag *d =
            diag_add(c->sink, P2052, ast_name_span(item->span, item->name),
                     "the trait `%s` has no type `%s`", impl->trait->name, item->name.text);
        diag_primary(c->sink, d, "not part of the trait");
    }
    struct sema_trait_ref own = {.trait = impl->trait, .args = impl->trait_args};
    c->scope = impl->inner;
    for (int32_t i = 0; i < impl->trait->parents.len; i++) {
        struct sema_trait_ref parent = trait_parent(c, &own, i, impl->self_type);
        if (implements(c, impl->self_type, parent.trait, &parent.args)) {
            check_equals(c, impl, &parent);
            continue;
        }
        struct diag *d =
            diag_add(c->sink, P2052, impl->item->impl->trait->span, "`%s` does not implement `%s`",
                     type_show(c->prog, impl->self_type), trait_text(c, &parent));
        diag_primary(c->sink, d, "`%s` asks for `%s` too", impl->trait->name,
                     trait_text(c, &parent));
        diag_note(c->sink, d, "`impl %s for %s { ... }` is needed beside this one.",
                  trait_text(c, &parent), type_show(c->prog, impl->self_type));
    }
}

static void check_against_trait(struct checker *c, struct sema_impl *impl) {
    struct span span = impl->item->impl->trait->span;
    check_types(c, impl);
    for (int32_t i = 0; i < impl->trait->functions.len; i++) {
        struct sema_function *of = impl->trait->functions.at[i];
        struct sema_function *f = impl_function(impl, of->name);
        if (f) {
            compare_with_trait(c, impl, of, f);
            for (int32_t k = 0; k < of->params.len && k < f->params.len; k++)
                vec_push(c->arena, &c->param_pairs,
                         ((struct param_pair){of->params.at[k].open, f->params.at[k].open}));
            // Whoever calls the trait's function may get this one.
            vec_push(c->arena, &c->calls,
                     ((struct call_edge){.caller = of, .callee = f, .span = f->span}));
        } else if (of->body) {
            method_add(c, impl->self_type, of, span);
        } else {
            missing(c, impl, of->name, of->span);
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

// `impl Stack<T>` of a T that nobody declares means `impl<T> Stack<T>`: that is said once, and T is
// taken for declared from then on.
static void declare_missing(struct checker *c, struct sema_impl *impl, struct ast_name name,
                            struct span holder) {
    struct ast_generics *g = &impl->item->impl->generics;
    for (int32_t i = 0; i < g->params.len; i++)
        if (g->params.at[i].name.text == name.text)
            return;
    struct span span = ast_name_span(holder, name);
    struct diag *d = diag_add(c->sink, P2002, span, "there is no type `%s`", name.text);
    diag_primary(c->sink, d, "`impl<%s>` declares it", name.text);
    struct span word = impl->item->span;
    struct str text = {word.source->text.data + word.start, (size_t)(word.end - word.start)};
    word.start = word.end = word.start + (int32_t)strlen("impl");
    if (g->params.len == 0 && str_starts(text, STR("impl")))
        diag_fix(c->sink, d, word, str_format(c->arena, "<%s>", name.text), "declare it");
    struct ast_generic *all = arena_array(c->arena, struct ast_generic, g->params.len + 1);
    for (int32_t i = 0; i < g->params.len; i++)
        all[i] = g->params.at[i];
    all[g->params.len] = (struct ast_generic){.name = name, .span = span};
    g->params.at = all;
    g->params.len++;
}

static void find_missing(struct checker *c, struct sema_impl *impl, struct ast_type_expr *t) {
    for (int32_t i = 0; t->kind == TYPE_EXPR_PATH && i < t->path.segments.len; i++) {
        const struct ast_type_segment *at = &t->path.segments.at[i];
        bool is_letter = at->name.text[0] >= 'A' && at->name.text[0] <= 'Z' && !at->name.text[1];
        if (t->path.segments.len == 1 && is_letter && !symbol_find(impl->scope, at->name.text))
            declare_missing(c, impl, at->name, t->span);
        for (int32_t k = 0; at->args && k < at->args->args.len; k++)
            find_missing(c, impl, at->args->args.at[k].type);
    }
}

void declare_impl_generics(struct checker *c) {
    for (int32_t i = 0; i < c->impls.len; i++) {
        struct sema_impl *impl = c->impls.at[i];
        if (impl->module->is_std)
            continue;
        find_missing(c, impl, impl->item->impl->subject);
        if (impl->item->impl->trait)
            find_missing(c, impl, impl->item->impl->trait);
    }
}

static void read_impl(struct checker *c, struct sema_impl *impl) {
    struct ast_impl *ast = impl->item->impl;
    c->module = impl->module;
    c->scope = impl->inner = namespace_new(c, impl->scope, NULL);
    impl->params = declare_generics(c, c->scope, &ast->generics, impl->item->span);
    declare_wheres(c, c->scope, &ast->clauses);
    impl->self_type = type_of_expr(c, ast->subject);
    c->scope->self_type = impl->self_type;
    c->scope->impl = impl;
    if (ast->trait)
        read_trait(c, impl);
    for (int32_t i = 0; i < impl->types.len; i++)
        vec_push(c->arena, &impl->targets, type_of_expr(c, impl->types.at[i]->type->target));
    if (impl->self_type->kind == TYPE_ERROR)
        return;
    for (int32_t i = 0; i < impl->functions.len; i++)
        method_add(c, impl->self_type, impl->functions.at[i], ast->subject->span);
    struct method_table *table = methods_of(c->prog, impl->self_type);
    if (impl->trait && impl->params.len == 0)
        vec_push(c->arena, &impl->trait->implementers,
                 ((struct sema_implementer){impl->self_type, impl->trait_args}));
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
