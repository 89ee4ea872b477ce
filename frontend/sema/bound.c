// SPDX-License-Identifier: MIT
// What is asked of types: the bounds of a type parameter, `where` clauses about other types, and
// what a trait asks for besides itself. A trait that is asked for brings those that it asks for,
// with the arguments at hand put in; `Item = i64` in one tells a type that the trait leaves open.
#include "frontend/sema/check.h"

// ---- references to traits -----------------------------------------------------------------------

struct sema_trait_ref subst_trait_ref(struct checker *c, const struct sema_trait_ref *ref,
                                      const sema_type_params *params, const sema_types *by) {
    struct sema_trait_ref out = {.trait = ref->trait};
    out.args.len = ref->args.len;
    out.args.at = arena_array(c->arena, struct type *, ref->args.len);
    for (int32_t i = 0; i < ref->args.len; i++)
        out.args.at[i] = sema_subst(c->prog, ref->args.at[i], params, by);
    out.equals.len = ref->equals.len;
    out.equals.at = arena_array(c->arena, struct sema_equal, ref->equals.len);
    for (int32_t i = 0; i < ref->equals.len; i++)
        out.equals.at[i] = (struct sema_equal){
            ref->equals.at[i].assoc, sema_subst(c->prog, ref->equals.at[i].type, params, by)};
    return out;
}

struct sema_trait_ref trait_parent(struct checker *c, const struct sema_trait_ref *of, int32_t at,
                                   struct type *self) {
    sema_types by = {arena_array(c->arena, struct type *, of->args.len + 1), of->args.len + 1};
    by.at[0] = self;
    for (int32_t i = 0; i < of->args.len; i++)
        by.at[i + 1] = of->args.at[i];
    return subst_trait_ref(c, &of->trait->parents.at[at], &of->trait->params, &by);
}

bool same_trait_args(struct checker *c, const sema_types *a, const sema_types *b) {
    for (int32_t i = 0; i < a->len && i < b->len; i++)
        if (zonk(c, a->at[i]) != zonk(c, b->at[i]) && !can_unify(c, a->at[i], b->at[i]))
            return false;
    return a->len == b->len;
}

bool trait_brings(struct checker *c, const struct sema_trait_ref *have, struct type *self,
                  const struct sema_trait *trait, const sema_types *args) {
    if (have->trait == trait)
        return same_trait_args(c, &have->args, args);
    for (int32_t i = 0; i < have->trait->parents.len; i++) {
        struct sema_trait_ref parent = trait_parent(c, have, i, self);
        if (trait_brings(c, &parent, self, trait, args))
            return true;
    }
    return false;
}

const char *trait_text(struct checker *c, const struct sema_trait_ref *ref) {
    struct text out = {.arena = c->arena};
    int32_t total = ref->args.len + ref->equals.len;
    text_printf(&out, "%s", ref->trait->name);
    for (int32_t i = 0; i < total; i++) {
        const struct sema_equal *equal =
            i < ref->args.len ? NULL : &ref->equals.at[i - ref->args.len];
        text_put(&out, i ? STR(", ") : STR("<"));
        if (equal)
            text_printf(&out, "%s = ", equal->assoc->name);
        text_printf(&out, "%s", type_show(c->prog, equal ? equal->type : ref->args.at[i]));
    }
    text_printf(&out, "%s", total ? ">" : "");
    return out.data;
}

// ---- asking -------------------------------------------------------------------------------------

static void add_equals(struct checker *c, struct sema_trait_ref *to,
                       const struct sema_trait_ref *more) {
    int32_t total = to->equals.len + more->equals.len;
    struct sema_equal *all = arena_array(c->arena, struct sema_equal, total);
    for (int32_t i = 0; i < total; i++)
        all[i] = i < to->equals.len ? to->equals.at[i] : more->equals.at[i - to->equals.len];
    to->equals.at = all;
    to->equals.len = total;
}

void ask_trait(struct checker *c, struct sema_type_param *p, struct sema_trait_ref ref) {
    for (int32_t i = 0; i < p->traits.len; i++)
        if (p->traits.at[i].trait == ref.trait &&
            same_trait_args(c, &p->traits.at[i].args, &ref.args)) {
            add_equals(c, &p->traits.at[i], &ref);
            return;
        }
    struct sema_trait_ref *all = arena_array(c->arena, struct sema_trait_ref, p->traits.len + 1);
    for (int32_t i = 0; i < p->traits.len; i++)
        all[i] = p->traits.at[i];
    all[p->traits.len++] = ref;
    p->traits.at = all;
    for (int32_t i = 0; i < ref.trait->parents.len; i++)
        ask_trait(c, p, trait_parent(c, &ref, i, p->type));
}

// `Item = i64` among the arguments of a bound.
static void read_equals(struct checker *c, struct sema_trait_ref *ref, struct ast_type_args *args) {
    for (int32_t i = 0; args && i < args->args.len; i++) {
        const struct ast_type_arg *arg = &args->args.at[i];
        if (!arg->name.text)
            continue;
        struct type *t = type_of_expr(c, arg->type);
        struct sema_assoc *assoc = assoc_find(ref->trait, arg->name.text);
        if (!assoc) {
            struct diag *d =
                diag_add(c->sink, P2002, ast_name_span(args->span, arg->name),
                         "the trait `%s` has no type `%s`", ref->trait->name, arg->name.text);
            diag_primary(c->sink, d, "not one of its types");
            continue;
        }
        struct sema_equal one = {assoc, t};
        add_equals(c, ref, &(struct sema_trait_ref){.equals = {&one, 1}});
    }
}

void add_bound(struct checker *c, struct sema_type_param *p, struct ast_type_expr *bound) {
    if (bound->kind != TYPE_EXPR_PATH)
        return;
    struct ast_type_segment *last = &bound->path.segments.at[bound->path.segments.len - 1];
    struct symbol *s =
        bound->path.segments.len == 1 ? symbol_find(c->scope, last->name.text) : NULL;
    if (s && s->kind == SYMBOL_MARKER) {
        p->bounds |= s->marker;
        return;
    }
    if (!s) {
        say_unknown(c, last->name, bound->span, true);
        p->bounds = ~0u; // whatever it is, it may ask for anything
        return;
    }
    if (s->kind != SYMBOL_TRAIT) {
        struct diag *d = diag_add(c->sink, P2042, bound->span, "`%s` is a %s, not a trait", s->name,
                                  symbol_word(s));
        diag_primary(c->sink, d, "only traits can be asked for here");
        return;
    }
    struct sema_trait_ref ref = {.trait = s->trait};
    struct body *body = c->body;
    c->body = NULL;
    bool fits = args_fit(c, s->name, last->args, s->trait->item->trait->generics.params.len,
                         bound->span, s->span, true, &ref.args);
    if (fits)
        read_equals(c, &ref, last->args);
    c->body = body;
    if (fits)
        ask_trait(c, p, ref);
}

sema_type_params declare_generics(struct checker *c, struct namespace *n, struct ast_generics *g,
                                  struct span holder) {
    sema_type_params out = {0};
    out.len = g->params.len;
    out.at = arena_array(c->arena, struct sema_type_param *, out.len);
    for (int32_t i = 0; i < out.len; i++) {
        struct sema_type_param *p = arena_new(c->arena, struct sema_type_param);
        p->name = g->params.at[i].name.text;
        p->span = ast_name_span(holder, g->params.at[i].name);
        type_param_new(c->prog, p);
        symbol_new(c, n, SYMBOL_PARAM, g->params.at[i].name, holder)->param = p;
        out.at[i] = p;
    }
    for (int32_t i = 0; i < out.len; i++)
        for (int32_t k = 0; k < g->params.at[i].bounds.len; k++)
            add_bound(c, out.at[i], g->params.at[i].bounds.at[k]);
    return out;
}

// ---- where --------------------------------------------------------------------------------------

static struct sema_type_param *where_here(const struct namespace *n, const struct type *t) {
    for (int32_t i = 0; i < n->wheres.len; i++)
        if (n->wheres.at[i].subject == t)
            return n->wheres.at[i].like;
    return NULL;
}

const struct sema_type_param *asked_of(struct checker *c, struct type *t) {
    t = zonk(c, t);
    if (!(t->flags & TYPE_HAS_PARAM) || t->kind == TYPE_PARAM)
        return NULL;
    const struct sema_type_param *like = NULL;
    for (const struct namespace *n = c->scope; n && !like; n = n->parent)
        like = where_here(n, t);
    return like;
}

void declare_wheres(struct checker *c, struct namespace *n, struct ast_clauses *clauses) {
    for (int32_t i = 0; i < clauses->wheres.len; i++) {
        struct ast_where *where = &clauses->wheres.at[i];
        struct type *t = type_of_expr(c, where->subject);
        if (t->kind == TYPE_ERROR)
            continue;
        struct sema_type_param *like = t->kind == TYPE_PARAM ? t->param : where_here(n, t);
        if (!like) {
            like = arena_new(c->arena, struct sema_type_param);
            like->name = type_show(c->prog, t);
            like->span = where->subject->span;
            like->type = t;
            vec_push(c->arena, &n->wheres, ((struct where_bound){t, like}));
        }
        for (int32_t k = 0; k < where->bounds.len; k++)
            add_bound(c, like, where->bounds.at[k]);
    }
}

// ---- where it is used ---------------------------------------------------------------------------

static void ask(struct checker *c, const struct sema_use *use, struct sema_type_param *p,
                struct type *type, struct span span) {
    if (!p->bounds && !p->traits.len)
        return;
    struct pending_bound b = {.type = type, .param = p, .span = span};
    b.traits.len = p->traits.len;
    b.traits.at = arena_array(c->arena, struct sema_trait_ref, p->traits.len);
    for (int32_t k = 0; k < p->traits.len; k++)
        b.traits.at[k] =
            subst_trait_ref(c, &p->traits.at[k], &use->function->type_params, &use->type_args);
    vec_push(c->arena, &c->body->bounds, b);
}

void ask_bounds(struct checker *c, const struct sema_use *use, struct span span) {
    const struct sema_function *f = use->function;
    for (int32_t i = 0; i < f->type_params.len; i++)
        ask(c, use, f->type_params.at[i], use->type_args.at[i], span);
    for (int32_t i = 0; f->item && i < f->scope->wheres.len; i++)
        ask(c, use, f->scope->wheres.at[i].like, use_type(c, use, f->scope->wheres.at[i].subject),
            span);
}

// The type that is told by `Item = X` for the type at hand; NULL while that is not known.
static struct type *equal_target(struct checker *c, struct type *t,
                                 const struct sema_trait_ref *ref, const struct sema_equal *equal) {
    if (t->kind == TYPE_VAR || t->kind == TYPE_ERROR || t->kind == TYPE_NEVER)
        return NULL;
    struct type **args = arena_array(c->arena, struct type *, ref->args.len + 1);
    args[0] = t;
    for (int32_t i = 0; i < ref->args.len; i++)
        args[i + 1] = ref->args.at[i];
    return resolve(type_assoc(c->prog, equal->assoc, args, ref->args.len + 1));
}

struct type *items_of(struct checker *c, struct type *t) {
    struct symbol *s = symbol_find_here(c->prelude, W(Items));
    sema_types none = {0};
    t = default_now(c, t);
    if (!s || s->kind != SYMBOL_TRAIT || t->kind != TYPE_STRUCT ||
        !implements(c, t, s->trait, &none))
        return NULL;
    return resolve(type_assoc(c->prog, s->trait->assocs.at[0], &t, 1));
}

void settle_equals(struct checker *c, int32_t from) {
    for (int32_t i = from; i < c->body->bounds.len; i++) {
        const struct pending_bound *b = &c->body->bounds.at[i];
        for (int32_t k = 0; k < b->traits.len; k++)
            for (int32_t m = 0; m < b->traits.at[k].equals.len; m++) {
                const struct sema_equal *equal = &b->traits.at[k].equals.at[m];
                struct type *t = equal_target(c, resolve(b->type), &b->traits.at[k], equal);
                if (t)
                    unify(c, t, equal->type);
            }
    }
}

const struct sema_equal *unequal(struct checker *c, struct type *t,
                                 const struct sema_trait_ref *ref, struct type **found) {
    for (int32_t i = 0; i < ref->equals.len; i++) {
        *found = equal_target(c, t, ref, &ref->equals.at[i]);
        if (*found && !unify(c, *found, ref->equals.at[i].type))
            return &ref->equals.at[i];
    }
    return NULL;
}
