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

static struct ast_path part_path(struct checker *c, struct ast_item *family,
                                 const struct ast_path *part);

// How many values a capability may be narrowed by: a sum by as many as each of its parts, which
// then are narrowed by them. -1: it is of no declared family, so that is not known.
static int32_t values_of_path(struct checker *c, const struct ast_path *path, int depth) {
    struct ast_item *family = path->names.len > 1 ? family_named(c, path->names.at[0].text) : NULL;
    struct ast_capability_member *member =
        family ? member_named(family, path->names.at[1].text) : NULL;
    if (!member || depth == 0)
        return -1;
    int32_t least = member->parts.len ? -1 : member->params.len;
    for (int32_t i = 0; i < member->parts.len; i++) {
        struct ast_path part = part_path(c, family, &member->parts.at[i]);
        int32_t count = values_of_path(c, &part, depth - 1);
        if (least < 0 || (count >= 0 && count < least))
            least = count;
    }
    return least;
}

static void check_arguments(struct checker *c, const struct ast_ability *a,
                            const struct ast_capability_member *member) {
    int32_t count = values_of_path(c, &a->path, PARTS_DEPTH_MAX);
    if (count < 0 || a->args.len <= count)
        return;
    struct diag *d = diag_add(c->sink, P3004, a->span, "`%s` is a capability of %d parameter%s",
                              member->name.text, (int)count, count == 1 ? "" : "s");
    diag_primary(c->sink, d, "here %s %d", a->args.len == 1 ? "is" : "are", (int)a->args.len);
    if (member->parts.len > 0)
        diag_note(c->sink, d, "It is the sum of others, and has as many as each of them has.");
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

// What a bundle lists has been looked at once, however many actors hold it.
static bool is_bundle(struct checker *c, const struct ast_ability *at) {
    for (int32_t i = 0; i < c->bundles.len; i++)
        if (c->bundles.at[i].at == at)
            return true;
    return false;
}

// The list, sums replaced by their parts.
static ability_vec expanded(struct checker *c, const struct ast_ability *at, int32_t count) {
    ability_vec out = {0};
    bool is_new = !is_bundle(c, at);
    for (int32_t i = 0; i < count; i++) {
        if (is_new)
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

// ---- bundles ------------------------------------------------------------------------------------

typedef VEC(const char *) name_vec;

// `Family`, or `Family.Part`; what `IO` stands before is the same.
static const char *ability_name(struct checker *c, const struct ast_ability *a, int32_t names) {
    const struct ast_path *path = &a->path;
    int32_t first = path->names.len > 1 && !strcmp(path->names.at[0].text, "IO");
    if (path->names.len - first < names)
        return NULL;
    if (names == 1)
        return path->names.at[first].text;
    return str_format(c->arena, "%s.%s", path->names.at[first].text, path->names.at[first + 1].text)
        .data;
}

static void add_names(struct checker *c, name_vec *out, const struct ast_ability *at, int32_t count,
                      int32_t names) {
    for (int32_t i = 0; i < count; i++) {
        const char *name = ability_name(c, &at[i], names);
        if (name)
            vec_push(c->arena, out, name);
    }
}

// The families that are declared or asked for, or their capabilities that are asked for.
static name_vec known_names(struct checker *c, int32_t names) {
    name_vec out = {0};
    for (int32_t i = 0; names == 1 && i < c->families.len; i++)
        vec_push(c->arena, &out, c->families.at[i]->name.text);
    for (int32_t i = 0; i < c->functions.len; i++)
        add_names(c, &out, c->functions.at[i]->capabilities.at,
                  c->functions.at[i]->capabilities.len, names);
    for (int32_t i = 0; names == 2 && i < c->functions.len; i++)
        for (int32_t k = 0; k < c->functions.at[i]->capabilities.len; k++) {
            const char *family = ability_name(c, &c->functions.at[i]->capabilities.at[k], 1);
            if (family)
                vec_push(c->arena, &out, str_format(c->arena, "%s.ReadWrite", family).data);
        }
    return out;
}

// A name that is nearly a known one. False: it is known, or like none.
static bool say_misspelt(struct checker *c, const struct ast_ability *a, int32_t names,
                         const name_vec *known) {
    const char *name = ability_name(c, a, names);
    for (int32_t i = 0; name && i < known->len; i++)
        if (!strcmp(known->at[i], name))
            return false;
    const char *near = name ? diag_nearest(str_from(name), known->at, known->len) : NULL;
    if (!near)
        return false;
    struct diag *d = diag_add(c->sink, P3011, a->span, "nothing asks for `%s`", name);
    diag_primary(c->sink, d, "did you mean `%s`?", near);
    return true;
}

void check_bundles(struct checker *c) {
    if (c->bundles.len == 0)
        return;
    name_vec families = known_names(c, 1), parts = known_names(c, 2);
    for (int32_t i = 0; i < c->bundles.len; i++)
        for (int32_t k = 0; k < c->bundles.at[i].len; k++) {
            const struct ast_ability *a = &c->bundles.at[i].at[k];
            bool is_declared = a->path.names.len && family_named(c, a->path.names.at[0].text);
            if (is_declared)
                check_clause(c, a);
            else if (!say_misspelt(c, a, 1, &families))
                say_misspelt(c, a, 2, &parts);
        }
}

// ---- sums ---------------------------------------------------------------------------------------

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
