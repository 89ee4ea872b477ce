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
    struct symbol *s = symbol_of_path(c, bound);
    if (!s) {
        p->bounds = ~0u; // whatever it is, it may ask for anything
        return;
    }
    if (s->kind == SYMBOL_MARKER) {
        p->bounds |= s->marker;
        return;
    }
    if (s->kind != SYMBOL_TRAIT) {
        struct diag *d = diag_add(c->sink, P2042, bound->span, "`%s` is %s, not a trait", s->name,
                                  symbol_phrase(s));
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

typedef VEC(struct pending_bound) bound_list;

// What `p`, with these in the place of those parameters, asks of the type.
static void ask(struct checker *c, bound_list *to, struct sema_type_param *p,
                const sema_type_params *params, const sema_types *args, struct type *type,
                struct span span) {
    if (!p->bounds && !p->traits.len)
        return;
    struct pending_bound b = {.type = type, .param = p, .span = span};
    b.traits.len = p->traits.len;
    b.traits.at = arena_array(c->arena, struct sema_trait_ref, p->traits.len);
    for (int32_t k = 0; k < p->traits.len; k++)
        b.traits.at[k] = subst_trait_ref(c, &p->traits.at[k], params, args);
    vec_push(c->arena, to, b);
}

// The same of all of them, and of what the `where` clauses of the namespace are about.
static void ask_all(struct checker *c, bound_list *to, const sema_type_params *params,
                    const sema_types *args, const struct namespace *wheres, struct span span) {
    for (int32_t i = 0; i < params->len; i++)
        ask(c, to, params->at[i], params, args, args->at[i], span);
    for (int32_t i = 0; wheres && i < wheres->wheres.len; i++) {
        const struct where_bound *where = &wheres->wheres.at[i];
        ask(c, to, where->like, params, args, sema_subst(c->prog, where->subject, params, args),
            span);
    }
}

void ask_bounds(struct checker *c, const struct sema_use *use, struct span span) {
    const struct sema_function *f = use->function;
    bound_list asked = {0};
    ask_all(c, &asked, &f->type_params, &use->type_args, f->item ? f->scope : NULL, span);
    for (int32_t i = 0; i < asked.len; i++)
        vec_push(c->arena, &c->body->bounds, asked.at[i]);
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

// ---- whether it holds ---------------------------------------------------------------------------

static const char *bound_name(unsigned missing) {
    static const struct {
        unsigned bound;
        const char *name;
    } names[] = {{BOUND_HASH, "Hash"},     {BOUND_EQ, "Eq"},           {BOUND_ORD, "Ord"},
                 {BOUND_NUMBER, "Number"}, {BOUND_INTEGER, "Integer"}, {BOUND_SEND, "Send"},
                 {BOUND_SYNC, "Sync"},     {BOUND_CLONE, "Clone"},     {BOUND_DATA, "Data"},
                 {BOUND_ACTOR, "Actor"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (missing & names[i].bound)
            return names[i].name;
    return "?";
}

static void say_bound(struct checker *c, const struct pending_bound *b, struct type *t,
                      const char *name) {
    struct diag *d =
        diag_add(c->sink, P2042, b->span, "`%s` is not `%s`", type_show(c->prog, t), name);
    diag_primary(c->sink, d, "this asks for it");
    struct type *part = str_is(str_from(name), "Data") ? worst_encoded(c, t) : NULL;
    if (part && part->kind == TYPE_PARAM)
        diag_note(c->sink, d, "ask it of `%s` as well: `where %s: Data`", part->param->name,
                  part->param->name);
    else if (part)
        diag_note(c->sink, d, "`%s` has no form in JSON and CBOR", type_show(c->prog, part));
    else if (t->kind == TYPE_PARAM)
        diag_note(c->sink, d, "`where %s: %s` asks for it.", t->param->name, name);
    if (b->param->span.source)
        diag_label(c->sink, d, b->param->span, "`%s` has to be `%s`", b->param->name, name);
}

static void check_trait_bound(struct checker *c, const struct pending_bound *b, struct type *t,
                              const struct sema_trait_ref *ref) {
    struct type *found;
    if (t->kind == TYPE_ERROR || t->kind == TYPE_NEVER)
        return;
    if (!implements(c, t, ref->trait, &ref->args)) {
        const struct sema_trait_ref plain = {.trait = ref->trait, .args = ref->args};
        say_bound(c, b, t, trait_text(c, &plain));
        return;
    }
    const struct sema_equal *wrong = unequal(c, t, ref, &found);
    if (!wrong)
        return;
    struct diag *d = diag_add(c->sink, P2042, b->span, "`%s` of `%s` is `%s`, not `%s`",
                              wrong->assoc->name, type_show(c->prog, t), type_show(c->prog, found),
                              type_show(c->prog, zonk(c, wrong->type)));
    diag_primary(c->sink, d, "this asks for `%s`", trait_text(c, ref));
    if (b->param->span.source)
        diag_label(c->sink, d, b->param->span, "of `%s`", b->param->name);
}

void check_bound(struct checker *c, const struct pending_bound *b) {
    struct type *t = zonk(c, b->type);
    if (b->param->bounds == ~0u)
        return; // nobody knows what for, which has been told
    for (unsigned bit = 1; bit <= BOUND_LAST; bit <<= 1)
        if ((b->param->bounds & bit) && !satisfies(c, t, bit)) {
            say_bound(c, b, t, bound_name(bit));
            break;
        }
    for (int32_t k = 0; k < b->traits.len; k++) {
        struct sema_trait_ref ref = b->traits.at[k];
        for (int32_t m = 0; m < ref.args.len; m++)
            ref.args.at[m] = zonk(c, ref.args.at[m]);
        check_trait_bound(c, b, t, &ref);
    }
}

// ---- types of declarations with arguments -------------------------------------------------------

// The parameters of what a type is made from, and where its `where` clauses are kept.
static const sema_type_params *params_of(const struct type *t, const struct namespace **wheres) {
    if (t->kind == TYPE_STRUCT)
        return *wheres = t->structure->scope, &t->structure->params;
    if (t->kind == TYPE_ENUM)
        return *wheres = t->enumeration->scope, &t->enumeration->params;
    return *wheres = t->actor->scope, &t->actor->params;
}

static void ask_applied(struct checker *c, bound_list *to, struct type *t, struct span span) {
    const struct namespace *wheres;
    const sema_type_params *params = params_of(t, &wheres);
    sema_types args = {t->args, t->arg_count};
    ask_all(c, to, params, &args, wheres, span);
}

struct type *note_applied(struct checker *c, struct type *t, struct span span) {
    if (t->arg_count == 0 || c->module->is_std)
        return t;
    bound_list asked = {0};
    if (c->body) {
        ask_applied(c, &asked, t, span);
        for (int32_t i = 0; i < asked.len; i++)
            vec_push(c->arena, &c->body->bounds, asked.at[i]);
    } else {
        vec_push(c->arena, &c->applied, ((struct applied){t, span, c->scope}));
    }
    return t;
}

bool ask_actor(struct checker *c, struct type *t, struct span span) {
    if (t->kind == TYPE_PARAM && !c->body)
        t->param->bounds |= BOUND_ACTOR;
    static struct sema_type_param actor = {.name = "A", .bounds = BOUND_ACTOR};
    struct pending_bound b = {.type = t, .param = &actor, .span = span};
    check_bound(c, &b);
    return t->kind != TYPE_PARAM || (t->param->bounds & BOUND_ACTOR);
}

typedef VEC(struct span) spans;

// `ActorRef<A>` in what is declared with A asks that it be an actor of all that is given in its
// place, also by declarations that only hand on a parameter of their own.
static void hand_on_actors(struct checker *c) {
    bool more = true;
    while (more) {
        more = false;
        for (int32_t i = 0; i < c->applied.len; i++) {
            const struct type *t = c->applied.at[i].type;
            const struct namespace *ignored;
            const sema_type_params *params = params_of(t, &ignored);
            for (int32_t k = 0; k < params->len; k++) {
                if (!(params->at[k]->bounds & BOUND_ACTOR) || t->args[k]->kind != TYPE_PARAM ||
                    (t->args[k]->param->bounds & BOUND_ACTOR))
                    continue;
                t->args[k]->param->bounds |= BOUND_ACTOR;
                more = true;
            }
        }
    }
}

// The head of an `impl` is read once for each of its functions.
static bool is_said(const spans *said, struct span span) {
    for (int32_t i = 0; i < said->len; i++)
        if (said->at[i].source == span.source && said->at[i].start == span.start)
            return true;
    return false;
}

void check_applied(struct checker *c) {
    struct namespace *scope = c->scope;
    spans said = {0};
    hand_on_actors(c);
    for (int32_t i = 0; i < c->applied.len; i++) {
        const struct applied *at = &c->applied.at[i];
        int32_t errors = c->sink->errors;
        bound_list asked = {0};
        if (is_said(&said, at->span))
            continue;
        ask_applied(c, &asked, at->type, at->span);
        c->scope = at->scope;
        for (int32_t k = 0; k < asked.len; k++)
            check_bound(c, &asked.at[k]);
        if (c->sink->errors > errors)
            vec_push(c->arena, &said, at->span);
    }
    c->scope = scope;
}
