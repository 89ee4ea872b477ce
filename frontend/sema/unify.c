// SPDX-License-Identifier: MIT
// Unification. A variable stands for a type that is not known yet; integer and float literals have
// variables that only take numbers. A binding is never undone, except by can_unify, which keeps a
// trail. What was still open when it was written into a table is noted as a slot and filled when
// the body ends.
#include "frontend/sema/check.h"

struct type *resolve(struct type *t) {
    for (;;) {
        struct type *known = NULL;
        if (t->kind == TYPE_VAR)
            known = t->var->bound;
        else if (t->kind == TYPE_ASSOC && (t->flags & TYPE_HAS_VAR))
            known = assoc_target(t->assoc, t->args, t->arg_count);
        if (!known)
            return t;
        t = known;
    }
}

static bool occurs(const struct type *var, struct type *t) {
    t = resolve(t);
    if (t == var)
        return true;
    if (!(t->flags & TYPE_HAS_VAR))
        return false;
    for (int32_t i = 0; i < t->arg_count; i++)
        if (occurs(var, t->args[i]))
            return true;
    return false;
}

static bool var_takes(const struct type_var *v, const struct type *t) {
    switch (v->kind) {
    case VAR_ANY:
        return t->kind != TYPE_INOUT; // that is said of a parameter, and is no type of values
    case VAR_INTEGER:
        return type_is_integer(t) || (type_is_float(t) && !v->is_whole) ||
               (t->kind == TYPE_PARAM && t->param->bounds & (BOUND_NUMBER | BOUND_INTEGER));
    case VAR_FLOAT:
        return type_is_float(t) || (t->kind == TYPE_PARAM && t->param->bounds & BOUND_NUMBER);
    }
    return false;
}

struct trail {
    struct type_var *at[64];
    int32_t len;
    bool is_full;
};

static void bind(struct trail *trail, struct type *var, struct type *t) {
    if (trail && trail->len < 64)
        trail->at[trail->len++] = var->var;
    else if (trail)
        trail->is_full = true;
    var->var->bound = t;
}

static bool bind_var(struct trail *trail, struct type *var, struct type *t) {
    if (t->kind == TYPE_VAR) {
        if ((var->var->is_whole && t->var->kind == VAR_FLOAT) ||
            (t->var->is_whole && var->var->kind == VAR_FLOAT))
            return false;
        if (trail == NULL)
            t->var->is_whole = var->var->is_whole = var->var->is_whole || t->var->is_whole;
        // The more special of the two stays; of two kinds of number the one with the longer ways to
        // it, so that no way becomes long.
        bool stays = t->var->kind == VAR_ANY ||
                     (t->var->kind == VAR_INTEGER && var->var->kind == VAR_FLOAT) ||
                     (t->var->kind == var->var->kind && t->var->rank < var->var->rank);
        struct type *from = stays ? t : var, *to = stays ? var : t;
        if (trail == NULL && to->var->rank <= from->var->rank)
            to->var->rank = from->var->rank + 1;
        bind(trail, from, to);
        return true;
    }
    if (t->kind == TYPE_ERROR || (var_takes(var->var, t) && !occurs(var, t))) {
        bind(trail, var, t);
        return true;
    }
    return false;
}

static bool unify_trail(struct trail *trail, struct type *a, struct type *b, int depth) {
    a = resolve(a);
    b = resolve(b);
    if (a == b)
        return true;
    if (a->kind == TYPE_VAR)
        return bind_var(trail, a, b);
    if (b->kind == TYPE_VAR)
        return bind_var(trail, b, a);
    if (a->kind == TYPE_ERROR || b->kind == TYPE_ERROR)
        return true;
    if (a->kind != b->kind || a->arg_count != b->arg_count || depth == 0)
        return false;
    // What functions may do is compared when it is known of all (latent.c).
    bool is_same = a->structure == b->structure || a->kind == TYPE_FN;
    if (a->kind == TYPE_PARAM || !is_same || a->arg_count == 0)
        return a->arg_count == 0 && a->kind != TYPE_PARAM && a->structure == b->structure;
    for (int32_t i = 0; i < a->arg_count; i++)
        if (!unify_trail(trail, a->args[i], b->args[i], depth - 1))
            return false;
    return true;
}

bool unify(struct checker *c, struct type *a, struct type *b) {
    (void)c;
    return unify_trail(NULL, a, b, SEMA_TYPE_DEPTH_MAX);
}

bool can_unify(struct checker *c, struct type *a, struct type *b) {
    (void)c;
    struct trail trail = {.len = 0};
    bool can = unify_trail(&trail, a, b, SEMA_TYPE_DEPTH_MAX);
    for (int32_t i = 0; i < trail.len; i++)
        trail.at[i]->bound = NULL;
    return can;
}

struct type *settle(struct checker *c, struct type *t) {
    t = resolve(t);
    if (t->kind != TYPE_VAR || t->var->kind == VAR_ANY)
        return t;
    return t->var->bound = t->var->kind == VAR_INTEGER ? c->t_i64 : c->t_f64;
}

void keep_slot(struct checker *c, struct type **slot) {
    if (((*slot)->flags & TYPE_HAS_VAR) && c->body)
        vec_push(c->arena, &c->body->slots, slot);
}

// ---- markers ------------------------------------------------------------------------------------

// What values are looked at for: whether they are equal, which comes first, which references have
// no say in, or putting them into JSON and back, which values of traits are not for either.
enum use { USE_COMPARED, USE_ORDERED, USE_ENCODED };

// A type with variables is another object each time it is met, so a recursive one is known by its
// form.
struct looked {
    const struct type *type;
    const struct looked *outer;
};

static bool same_form(const struct type *a, const struct type *b) {
    if (a == b)
        return true;
    bool same = a->kind == b->kind && a->structure == b->structure && a->arg_count == b->arg_count;
    for (int32_t i = 0; same && i < a->arg_count; i++)
        same = same_form(resolve(a->args[i]), resolve(b->args[i]));
    return same;
}

static struct type *worst_for(struct checker *c, struct type *t, enum use use);

static struct type *worst_of_fields(struct checker *c, struct type *t, int32_t variant,
                                    int32_t count, enum use use) {
    for (int32_t i = 0; i < count; i++) {
        struct type *part = worst_for(c, sema_field_type(c->prog, t, variant, i), use);
        if (part)
            return part;
    }
    return NULL;
}

// Types that have no end are refused where the program is compiled; here is no further look.
enum { WORST_DEPTH_MAX = 300 };

static struct type *worst_of_parts(struct checker *c, struct type *t, enum use use) {
    struct type *worst = NULL;
    if (c->worst_depth == WORST_DEPTH_MAX)
        return NULL;
    c->worst_depth++;
    if (t->kind == TYPE_BUFFER)
        worst = worst_for(c, t->args[0], use);
    else if (t->kind == TYPE_TUPLE)
        worst = worst_of_fields(c, t, -1, t->arg_count, use);
    else if (t->kind == TYPE_STRUCT)
        worst = worst_of_fields(c, t, -1, t->structure->fields.len, use);
    for (int32_t i = 0; t->kind == TYPE_TRAIT && !worst && i < t->trait->implementers.len; i++)
        worst = worst_for(c, t->trait->implementers.at[i].type, use);
    for (int32_t v = 0; t->kind == TYPE_ENUM && !worst && v < t->enumeration->variants.len; v++)
        worst = worst_of_fields(c, t, v, t->enumeration->variants.at[v].fields.len, use);
    c->worst_depth--;
    return worst;
}

static struct type *worst_of_open(struct checker *c, struct type *t, enum use use) {
    for (const struct looked *at = c->looked; at; at = at->outer)
        if (same_form(t, at->type))
            return NULL;
    struct looked here = {t, c->looked};
    c->looked = &here;
    struct type *worst = worst_of_parts(c, t, use);
    c->looked = here.outer;
    return worst;
}

static bool is_worst(const struct type *t, enum use use) {
    if (use == USE_ENCODED && t->kind == TYPE_STRUCT && t->structure->is_handle)
        return true;
    if (use == USE_ENCODED &&
        (t->kind == TYPE_REF || t->kind == TYPE_TRAIT || t->kind == TYPE_PARAM))
        return !(t->kind == TYPE_PARAM && (t->param->bounds & BOUND_DATA));
    if (use == USE_ORDERED && t->kind == TYPE_REF)
        return true;
    return t->kind == TYPE_FN || t->kind == TYPE_FAILURE ||
           (t->kind >= TYPE_REPLY && t->kind <= TYPE_TOKEN);
}

// The part of a value that is no data, and so is never equal, hashed or ordered; NULL if there is
// none. What was found for a type is kept, its own type while it is looked at.
static struct type *worst_for(struct checker *c, struct type *t, enum use use) {
    struct pointer_map *found = &c->worst[use];
    t = zonk(c, t);
    if (is_worst(t, use))
        return t;
    if (t->kind != TYPE_STRUCT && t->kind != TYPE_ENUM && t->kind != TYPE_TUPLE &&
        t->kind != TYPE_BUFFER && t->kind != TYPE_TRAIT)
        return NULL;
    if (t->flags & TYPE_HAS_VAR)
        return worst_of_open(c, t, use);
    struct type *known = pointer_map_get(found, t);
    if (known)
        return known == t ? NULL : known;
    pointer_map_put(c->arena, found, t, t);
    struct type *worst = worst_of_parts(c, t, use);
    if (worst)
        pointer_map_put(c->arena, found, t, worst);
    return worst;
}

struct type *worst_part(struct checker *c, struct type *t, unsigned bound) {
    return worst_for(c, t, bound & BOUND_ORD ? USE_ORDERED : USE_COMPARED);
}

struct type *worst_encoded(struct checker *c, struct type *t) {
    return worst_for(c, t, USE_ENCODED);
}

static bool satisfies_within(struct checker *c, struct type *t, unsigned bound, int depth) {
    t = resolve(t);
    const struct sema_type_param *asked = asked_of(c, t);
    if (asked)
        bound &= ~(asked->bounds | (asked->bounds & BOUND_INTEGER ? BOUND_NUMBER : 0));
    unsigned numbers = bound & (BOUND_NUMBER | BOUND_INTEGER);
    if (t->kind == TYPE_ERROR || t->kind == TYPE_VAR || t->kind == TYPE_NEVER)
        return true;
    if (t->kind == TYPE_PARAM) {
        unsigned has = t->param->bounds;
        if (has & BOUND_INTEGER)
            has |= BOUND_NUMBER;
        // Equality, order and hash are structural, and values are copied anyway: what a parameter
        // stands for has them, or its instance is refused.
        has |= BOUND_EQ | BOUND_ORD | BOUND_HASH | BOUND_SEND | BOUND_SYNC | BOUND_CLONE;
        return (bound & ~has) == 0;
    }
    if (t->kind == TYPE_ASSOC)
        return satisfies_within(c, t->assoc->like->type, bound, depth);
    if ((bound & BOUND_ACTOR) && t->kind != TYPE_REF)
        return false;
    bound &= ~(unsigned)BOUND_ACTOR; // of its arguments it is not asked
    if (numbers)
        return type_is_integer(t) || (type_is_float(t) && !(bound & BOUND_INTEGER));
    if (bound & BOUND_DATA)
        return !worst_encoded(c, t);
    if (bound & (BOUND_HASH | BOUND_EQ | BOUND_ORD))
        return !worst_part(c, t, bound);
    if (t->kind == TYPE_REPLY || t->kind == TYPE_FUTURE)
        return !(bound & ~(unsigned)BOUND_SEND);
    for (int32_t i = 0; depth > 0 && i < t->arg_count; i++)
        if (!satisfies_within(c, t->args[i], bound, depth - 1))
            return false;
    return true;
}

bool satisfies(struct checker *c, struct type *t, unsigned bound) {
    return satisfies_within(c, t, bound, 8);
}

bool is_reference(struct checker *c, struct type *t) {
    t = resolve(t);
    return t->kind != TYPE_VAR && t->kind != TYPE_ERROR && t->kind != TYPE_NEVER &&
           satisfies(c, t, BOUND_ACTOR);
}
