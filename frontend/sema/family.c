// SPDX-License-Identifier: MIT
// Capability families: `capability F covers G { Read(path: String), Write, Both = Read + Write }`.
// What clauses say of a declared family is held to it, and sums are replaced by their parts where
// an actor or a function holds them, so that all that compares capabilities later knows single ones
// alone.
#include "frontend/sema/check.h"

#define PARTS_DEPTH_MAX 16 // sums of sums

static struct ast_item *family_named(struct checker *c, const char *name) {
    for (int32_t i = 0; i < c->families.len; i++)
        if (c->families.at[i]->name.text == name)
            return c->families.at[i];
    return NULL;
}

static struct ast_capability_member *member_named(struct ast_item *family, const char *name) {
    for (int32_t i = 0; i < family->capability->members.len; i++)
        if (family->capability->members.at[i].name.text == name)
            return &family->capability->members.at[i];
    return NULL;
}

void declare_family(struct checker *c, struct ast_item *item) {
    struct ast_item *first = family_named(c, item->name.text);
    if (first) {
        struct diag *d = diag_add(c->sink, P2005, ast_name_span(item->span, item->name),
                                  "the family `%s` is declared twice", item->name.text);
        diag_primary(c->sink, d, "declared again here");
        diag_label(c->sink, d, ast_name_span(first->span, first->name), "the first one is here");
        return;
    }
    vec_push(c->arena, &c->families, item);
}

// ---- what a clause says -------------------------------------------------------------------------

typedef VEC(struct ast_ability) ability_vec;

static void say_unknown_member(struct checker *c, struct ast_item *family, const char *name,
                               struct span span) {
    struct diag *d =
        diag_add(c->sink, P3004, span, "`%s` has no capability `%s`", family->name.text, name);
    const char **all = arena_array(c->arena, const char *, family->capability->members.len);
    for (int32_t i = 0; i < family->capability->members.len; i++)
        all[i] = family->capability->members.at[i].name.text;
    const char *near = diag_nearest(str_from(name), all, family->capability->members.len);
    if (near)
        diag_primary(c->sink, d, "did you mean `%s`?", near);
    else
        diag_primary(c->sink, d, "not in this family");
    diag_label(c->sink, d, ast_name_span(family->span, family->name),
               "the family is declared here");
}

static void check_arguments(struct checker *c, const struct ast_ability *a,
                            const struct ast_capability_member *member) {
    if (a->args.len <= member->params.len)
        return;
    struct diag *d = diag_add(c->sink, P3004, a->span, "`%s` is a capability of %d parameters",
                              member->name.text, (int)member->params.len);
    diag_primary(c->sink, d, "here are %d", (int)a->args.len);
}

static void put_ability(struct checker *c, ability_vec *out, const struct ast_ability *from,
                        const struct ast_path *path) {
    struct ast_ability made = *from;
    made.path = *path;
    vec_push(c->arena, out, made);
}

// `Family.Part`, the family being the one at hand where the part is a name alone.
static struct ast_path part_path(struct checker *c, struct ast_item *family,
                                 const struct ast_path *part) {
    if (part->names.len != 1)
        return *part;
    struct ast_path path = {.span = part->span};
    path.names.len = 2;
    path.names.at = arena_array(c->arena, struct ast_name, 2);
    path.names.at[0] = family->name;
    path.names.at[1] = part->names.at[0];
    return path;
}

static void expand(struct checker *c, const struct ast_ability *a, const struct ast_path *path,
                   ability_vec *out, int depth) {
    struct ast_item *family = path->names.len ? family_named(c, path->names.at[0].text) : NULL;
    if (!family || depth == 0) {
        put_ability(c, out, a, path);
        return;
    }
    struct ast_capability *k = family->capability;
    if (path->names.len == 1) {
        put_ability(c, out, a, path);
        for (int32_t i = 0; i < k->covers.len; i++)
            expand(c, a, &k->covers.at[i], out, depth - 1);
        return;
    }
    struct ast_capability_member *member = member_named(family, path->names.at[1].text);
    if (!member) {
        put_ability(c, out, a, path);
        return;
    }
    if (member->parts.len == 0)
        put_ability(c, out, a, path);
    for (int32_t i = 0; i < member->parts.len; i++) {
        struct ast_path part = part_path(c, family, &member->parts.at[i]);
        expand(c, a, &part, out, depth - 1);
    }
}

static void check_clause(struct checker *c, const struct ast_ability *a) {
    struct ast_item *family = a->path.names.len ? family_named(c, a->path.names.at[0].text) : NULL;
    if (!family || a->path.names.len < 2)
        return;
    const struct ast_name *name = &a->path.names.at[1];
    struct ast_capability_member *member = member_named(family, name->text);
    if (!member)
        say_unknown_member(c, family, name->text, a->path.span);
    else
        check_arguments(c, a, member);
}

static bool mentions_family(struct checker *c, const struct ast_ability *at, int32_t count) {
    for (int32_t i = 0; i < count; i++)
        if (at[i].path.names.len && family_named(c, at[i].path.names.at[0].text))
            return true;
    return false;
}

// The list, sums replaced by their parts.
static ability_vec expanded(struct checker *c, const struct ast_ability *at, int32_t count) {
    ability_vec out = {0};
    for (int32_t i = 0; i < count; i++) {
        check_clause(c, &at[i]);
        expand(c, &at[i], &at[i].path, &out, PARTS_DEPTH_MAX);
    }
    return out;
}

// The type of what an operation of a service asks a capability for, or NULL: it cannot be told
// there.
static struct type *asked_type(struct checker *c, const struct sema_function *f,
                               const struct ast_expr *e) {
    int32_t field;
    if (e->kind == EXPR_STRING || e->kind == EXPR_INT)
        return c->t_string;
    if (e->kind == EXPR_MEMBER) {
        struct type *t = asked_type(c, f, e->member.object);
        t = t ? resolve(t) : NULL;
        bool is_field =
            t && t->kind == TYPE_STRUCT && field_find(c, t, e->member.name.text, &field);
        return is_field ? sema_field_type(c->prog, t, -1, field) : NULL;
    }
    for (int32_t i = 0; e->kind == EXPR_NAME && i < f->params.len; i++)
        if (f->params.at[i].name == e->name.text)
            return f->params.at[i].type;
    return NULL;
}

static void check_asked(struct checker *c, const struct sema_function *f) {
    for (int32_t i = 0; i < f->capabilities.len; i++)
        for (int32_t k = 0; k < f->capabilities.at[i].args.len; k++) {
            const struct ast_expr *e = f->capabilities.at[i].args.at[k];
            if (asked_type(c, f, e))
                continue;
            struct diag *d = diag_add(c->sink, P3008, e->span,
                                      "what this capability is asked for cannot be told");
            diag_primary(c->sink, d, "a literal, a parameter or a field of one can stand here");
        }
}

void expand_clause(struct checker *c, struct sema_clause *k) {
    if (!mentions_family(c, k->capabilities.at, k->capabilities.len))
        return;
    ability_vec all = expanded(c, k->capabilities.at, k->capabilities.len);
    LIST_OF(k->capabilities, all);
}

void check_families(struct checker *c) {
    for (int32_t i = 0; i < c->functions.len; i++) {
        struct sema_function *f = c->functions.at[i];
        if (f->service)
            check_asked(c, f);
        if (!mentions_family(c, f->capabilities.at, f->capabilities.len))
            continue;
        ability_vec all = expanded(c, f->capabilities.at, f->capabilities.len);
        LIST_OF(f->capabilities, all);
    }
    for (int32_t i = 0; i < c->actors.len; i++) {
        struct sema_actor *a = c->actors.at[i];
        if (!mentions_family(c, a->capabilities.at, a->capabilities.len))
            continue;
        ability_vec all = expanded(c, a->capabilities.at, a->capabilities.len);
        LIST_OF(a->capabilities, all);
    }
}

void note_attenuated(struct checker *c, struct sema_call *call, int32_t field,
                     const struct ast_path *key) {
    struct ast_ability named = {.path = *key, .span = key->span};
    ability_vec all = expanded(c, &named, 1);
    VEC(struct sema_narrowed) list = {0};
    for (int32_t i = 0; i < call->narrowed.len; i++)
        vec_push(c->arena, &list, call->narrowed.at[i]);
    for (int32_t i = 0; i < all.len; i++) {
        struct sema_narrowed n = {ability_text(c, &all.at[i]), field};
        vec_push(c->arena, &list, n);
    }
    LIST_OF(call->narrowed, list);
}
