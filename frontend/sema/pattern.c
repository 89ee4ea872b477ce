// SPDX-License-Identifier: MIT
// Patterns: what they are matched with, what they bind. A subject of type Error is open: there a
// path names the type that is asked for. Names bound by match, if let and while let remember the
// place that was matched: writing through them writes there (place.c).
#include "frontend/sema/check.h"

struct pattern_frame {
    struct ast_expr *subject;          // NULL in let, for and closures
    int32_t mark;                      // locals before the pattern
    VEC(struct sema_variable *) first; // bound by the first alternative of the or-pattern around
    bool in_or;                        // a later alternative: names must be those of the first
    int32_t found;
};

static void check_part(struct checker *c, struct pattern_frame *f, struct ast_pattern *p,
                       struct type *t);

static struct sema_pattern *at(struct checker *c, struct ast_pattern *p) {
    return &c->module->patterns[p->id];
}

static void say_pattern(struct checker *c, struct ast_pattern *p, struct type *t,
                        const char *what) {
    if (t->kind == TYPE_ERROR)
        return;
    struct diag *d = diag_add(c->sink, P2014, p->span, "this pattern never matches `%s`",
                              type_show(c->prog, zonk(c, t)));
    diag_primary(c->sink, d, "%s", what);
}

// ---- names --------------------------------------------------------------------------------------

static void bind_again(struct checker *c, struct pattern_frame *f, struct ast_pattern *p,
                       struct type *t) {
    for (int32_t i = 0; i < f->first.len; i++) {
        struct sema_variable *v = f->first.at[i];
        if (v->name != p->bind.binding.name.text)
            continue;
        struct want want = {
            .type = v->type, .what = "the name in each alternative", .because = v->span};
        if (!unify(c, v->type, t))
            say_mismatch(c, p->span, t, &want);
        at(c, p)->variable = v;
        c->module->bindings[p->bind.binding.id] = v;
        f->found++;
        return;
    }
    struct diag *d = diag_add(c->sink, P2039, p->span, "`%s` is not bound by each alternative",
                              p->bind.binding.name.text);
    diag_primary(c->sink, d, "the first alternative has no such name");
    at(c, p)->variable = local_new(c, &p->bind.binding, p->span, t, VARIABLE_LOCAL);
}

static void check_bind(struct checker *c, struct pattern_frame *f, struct ast_pattern *p,
                       struct type *t) {
    at(c, p)->role = PATTERN_ROLE_BIND;
    if (p->bind.inner)
        check_part(c, f, p->bind.inner, t);
    if (f->in_or) {
        bind_again(c, f, p, t);
        return;
    }
    for (int32_t i = f->mark; i < c->body->locals.len; i++)
        if (c->body->locals.at[i].name == p->bind.binding.name.text) {
            struct diag *d =
                diag_add(c->sink, P2039, p->span, "`%s` is bound twice", p->bind.binding.name.text);
            diag_primary(c->sink, d, "bound again here");
            diag_label(c->sink, d, c->body->locals.at[i].variable->span, "the first one is here");
            c->body->locals.at[i].variable->is_used = true;
            break;
        }
    struct sema_variable *v = local_new(c, &p->bind.binding, p->span, t, VARIABLE_LOCAL);
    v->is_pattern = f->subject != NULL;
    v->subject = f->subject;
    at(c, p)->variable = v;
    vec_push(c->arena, &f->first, v);
}

// ---- paths --------------------------------------------------------------------------------------

struct target {
    struct type *type; // the enum or struct, or NULL
    int32_t variant;   // or -1
    struct sema_const *constant;
};

static const char *nearest_variant(struct checker *c, const struct sema_enum *e, const char *name) {
    const char **all = arena_array(c->arena, const char *, e->variants.len);
    for (int32_t i = 0; i < e->variants.len; i++)
        all[i] = e->variants.at[i].name;
    return variant_find(e, name) >= 0 ? name : diag_nearest(str_from(name), all, e->variants.len);
}

static bool say_unknown_path(struct checker *c, struct ast_path *path, int32_t i, struct type *t) {
    struct ast_name name = path->names.at[i];
    bool is_single = path->names.len == 1;
    const char *meant =
        is_single && t->kind == TYPE_ENUM ? nearest_variant(c, t->enumeration, name.text) : NULL;
    if (!meant) { // among plain values only constants have names
        say_unknown(c, name, path->span,
                    !(is_single && t->kind >= TYPE_BOOL && t->kind <= TYPE_F64));
        return false;
    }
    struct diag *d = diag_add(c->sink, P2002, path->span, "there is no `%s` here", name.text);
    if (meant == name.text)
        diag_primary(c->sink, d, "it is a variant of `%s`", t->enumeration->name);
    else
        diag_primary(c->sink, d, "did you mean `%s.%s`?", t->enumeration->name, meant);
    diag_fix(c->sink, d, path->span, str_format(c->arena, "%s.%s", t->enumeration->name, meant),
             "write `%s.%s`", t->enumeration->name, meant);
    return false;
}

// What a path in a pattern means; false after a diagnostic.
static bool find_target(struct checker *c, struct ast_path *path, struct type *t,
                        struct target *out) {
    *out = (struct target){.variant = -1};
    struct symbol *s = NULL;
    struct type *type = NULL;
    for (int32_t i = 0; i < path->names.len; i++) {
        struct ast_name name = path->names.at[i];
        bool last = i == path->names.len - 1;
        if (i == 0 && name.text == W(Self)) {
            for (struct namespace *n = c->scope; n && !type; n = n->parent)
                type = n->self_type;
        } else if (type) {
            out->variant =
                type->kind == TYPE_ENUM ? variant_find(type->enumeration, name.text) : -1;
            if (out->variant < 0 || !last) {
                say_no_member(c, type, name, path->span);
                return false;
            }
            break;
        } else {
            s = i == 0 ? symbol_find(c->scope, name.text) : symbol_find_here(s->module, name.text);
            if (!s)
                return say_unknown_path(c, path, i, t);
            if (i == 0)
                check_unique(c, s, path->span);
            else
                check_visible(c, s, ast_name_span(path->span, name));
            if (s->kind == SYMBOL_CONST && last) {
                out->constant = s->constant;
                return true;
            }
            if (s->kind == SYMBOL_VARIANT && last) {
                struct symbol owner = *s;
                owner.kind = SYMBOL_ENUM;
                out->variant = s->variant;
                type = symbol_self_type(c, &owner, NULL, path->span);
            } else if (s->kind == SYMBOL_STRUCT || s->kind == SYMBOL_ENUM ||
                       s->kind == SYMBOL_ALIAS) {
                type = symbol_self_type(c, s, NULL, path->span);
            } else if (s->kind != SYMBOL_MODULE || last) {
                struct diag *d =
                    diag_add(c->sink, P2014, path->span, "`%s` is %s", s->name, symbol_phrase(s));
                diag_primary(c->sink, d, "a pattern names variants, structs and constants");
                return false;
            }
        }
    }
    out->type = type;
    return type && type->kind != TYPE_ERROR;
}

static struct sema_field *fields_of(const struct target *to, int32_t *count,
                                    enum ast_shape *shape) {
    if (to->variant >= 0) {
        struct sema_variant *v = &to->type->enumeration->variants.at[to->variant];
        *count = v->fields.len;
        *shape = v->shape;
        return v->fields.at;
    }
    *count = to->type->kind == TYPE_STRUCT ? to->type->structure->fields.len : 0;
    *shape = to->type->kind == TYPE_STRUCT ? to->type->structure->shape : SHAPE_UNIT;
    return to->type->kind == TYPE_STRUCT ? to->type->structure->fields.at : NULL;
}

// Of a subject whose mistake has been told nobody knows the arguments of its type; nor is anything
// more to be told of what they are the types of.
static void leave_unknown(struct checker *c, struct type *t) {
    for (int32_t i = 0; i < t->arg_count; i++) {
        struct type *arg = resolve(t->args[i]);
        if (arg->kind == TYPE_VAR)
            arg->var->bound = c->t_error;
    }
}

// Enters what the path means; false: nothing below it can be checked.
static bool enter_target(struct checker *c, struct ast_pattern *p, struct ast_path *path,
                         struct type *t, struct target *to) {
    t = default_now(c, t);
    if (!find_target(c, path, t, to))
        return false;
    struct sema_pattern *out = at(c, p);
    if (to->constant) {
        check_const(c, to->constant);
        out->role = PATTERN_ROLE_CONST;
        out->constant = to->constant;
        struct want want = {.type = t, .what = "the subject"};
        if (to->constant->adapts && type_is_integer(resolve(t)))
            check_fits(c, resolve(t), to->constant->magnitude, to->constant->is_negative, p->span);
        else if (!unify(c, t, to->constant->type))
            say_mismatch(c, p->span, to->constant->type, &want);
        return true;
    }
    out->variant = to->variant;
    if (t->kind == TYPE_FAILURE) {
        out->role = PATTERN_ROLE_TYPE;
        for (uint8_t i = 0; i < KNOWN_FAILURES; i++) {
            if (to->type == c->prog->known.failures[i]) {
                out->role = PATTERN_ROLE_FAILURE;
                out->failure = i;
            }
        }
        out->as = to->type;
        keep_slot(c, &out->as);
        return true;
    }
    out->role = to->variant >= 0 ? PATTERN_ROLE_VARIANT : PATTERN_ROLE_STRUCT;
    if (to->variant < 0 && to->type->kind == TYPE_ENUM) {
        say_pattern(c, p, t, "this names the whole enum, not one of its variants");
        return false;
    }
    if (!unify(c, to->type, t)) {
        say_pattern(c, p, t,
                    str_format(c->arena, "it matches `%s`", type_show(c->prog, to->type)).data);
        return false;
    }
    if (resolve(t)->kind == TYPE_ERROR)
        leave_unknown(c, to->type);
    return true;
}

static void bind_nothing(struct checker *c, struct pattern_frame *f, struct ast_pattern *p) {
    at(c, p)->is_wrong = true;
    // Names are bound all the same, so that the body gives no errors of its own.
    switch (p->kind) {
    case PATTERN_CALL:
        for (int32_t i = 0; i < p->call.elements.len; i++)
            check_part(c, f, p->call.elements.at[i], c->t_error);
        break;
    case PATTERN_STRUCT:
        for (int32_t i = 0; i < p->record.fields.len; i++)
            check_part(c, f, p->record.fields.at[i].pattern, c->t_error);
        break;
    case PATTERN_TUPLE:
        for (int32_t i = 0; i < p->tuple.elements.len; i++)
            check_part(c, f, p->tuple.elements.at[i], c->t_error);
        break;
    default:
        break;
    }
}

static void check_path(struct checker *c, struct ast_pattern *p, struct type *t) {
    struct target to;
    if (!enter_target(c, p, &p->path, t, &to)) {
        at(c, p)->is_wrong = true;
        return;
    }
    if (to.constant)
        return;
    int32_t count;
    enum ast_shape shape;
    fields_of(&to, &count, &shape);
    if (shape == SHAPE_UNIT || at(c, p)->role >= PATTERN_ROLE_TYPE)
        return;
    struct diag *d =
        diag_add(c->sink, P2014, p->span, "`%s` has %d field%s",
                 p->path.names.at[p->path.names.len - 1].text, (int)count, count == 1 ? "" : "s");
    diag_primary(c->sink, d,
                 shape == SHAPE_TUPLE ? "`(..)` leaves them out" : "`{ .. }` leaves them out");
    struct span end = {p->span.source, p->span.end, p->span.end};
    diag_fix(c->sink, d, end, shape == SHAPE_TUPLE ? STR("(..)") : STR(" { .. }"),
             "leave its fields out");
}

// Elements by position, some left out at `rest`.
static void check_elements(struct checker *c, struct pattern_frame *f, struct ast_pattern *p,
                           struct ast_pattern *const *elements, int32_t given, int32_t rest,
                           struct type *t, int32_t variant, int32_t count) {
    struct sema_pattern *out = at(c, p);
    if (rest < 0 ? given != count : given > count) {
        struct diag *d =
            diag_add(c->sink, P2014, p->span, "%d element%s here, there %s %d", (int)given,
                     given == 1 ? "" : "s", count == 1 ? "is" : "are", (int)count);
        diag_primary(c->sink, d, "the number does not fit");
        if (given < count)
            diag_note(c->sink, d, "`..` leaves out the others, `_` leaves out one.");
        bind_nothing(c, f, p);
        return;
    }
    out->fields.len = given;
    out->fields.at = arena_array(c->arena, int32_t, given);
    for (int32_t i = 0; i < given; i++) {
        int32_t field = rest >= 0 && i >= rest ? count - (given - i) : i;
        out->fields.at[i] = field;
        check_part(c, f, elements[i], sema_field_type(c->prog, t, variant, field));
    }
}

static void check_call_pattern(struct checker *c, struct pattern_frame *f, struct ast_pattern *p,
                               struct type *t) {
    struct target to;
    if (!enter_target(c, p, &p->call.path, t, &to) || to.constant) {
        bind_nothing(c, f, p);
        return;
    }
    int32_t count;
    enum ast_shape shape;
    fields_of(&to, &count, &shape);
    // `NetworkError(_)` asks an Error for the type, whatever is in it.
    bool any = at(c, p)->role >= PATTERN_ROLE_TYPE && shape != SHAPE_TUPLE &&
               p->call.elements.len == 1 && p->call.elements.at[0]->kind == PATTERN_WILDCARD;
    if (any)
        return;
    if (shape != SHAPE_TUPLE) {
        say_pattern(c, p, t,
                    shape == SHAPE_UNIT ? "it has no fields: write it without `()`"
                                        : "its fields have names: write `{ name, .. }`");
        bind_nothing(c, f, p);
        return;
    }
    check_elements(c, f, p, p->call.elements.at, p->call.elements.len, p->call.rest, to.type,
                   to.variant, count);
}

static void check_struct_pattern(struct checker *c, struct pattern_frame *f, struct ast_pattern *p,
                                 struct type *t) {
    struct target to;
    if (!enter_target(c, p, &p->record.path, t, &to) || to.constant) {
        bind_nothing(c, f, p);
        return;
    }
    int32_t count, given = p->record.fields.len;
    enum ast_shape shape;
    struct sema_field *fields = fields_of(&to, &count, &shape);
    struct sema_pattern *out = at(c, p);
    out->fields.len = given;
    out->fields.at = arena_array(c->arena, int32_t, given);
    bool *seen = arena_array(c->arena, bool, count + 1);
    for (int32_t i = 0; i < given; i++) {
        struct ast_field_pattern *part = &p->record.fields.at[i];
        int32_t k = 0;
        while (k < count && fields[k].name != part->name.text)
            k++;
        if (k == count) {
            say_no_member(c, to.type, part->name, p->span);
            out->is_wrong = true;
            check_part(c, f, part->pattern, c->t_error);
            continue;
        }
        seen[k] = true;
        out->fields.at[i] = k;
        check_field_visible(c, to.type, k, ast_name_span(p->span, part->name));
        check_part(c, f, part->pattern, sema_field_type(c->prog, to.type, to.variant, k));
    }
    for (int32_t k = 0; k < count && !p->record.has_rest; k++)
        if (!seen[k]) {
            struct diag *d =
                diag_add(c->sink, P2014, p->span, "the field `%s` is left out", fields[k].name);
            diag_primary(c->sink, d, "`..` at the end leaves out all that is not named");
            break;
        }
}

static void check_tuple_pattern(struct checker *c, struct pattern_frame *f, struct ast_pattern *p,
                                struct type *t) {
    int32_t given = p->tuple.elements.len;
    t = resolve(t);
    if (t->kind == TYPE_VAR && p->tuple.rest < 0) {
        struct type **args = arena_array(c->arena, struct type *, given);
        for (int32_t i = 0; i < given; i++)
            args[i] = type_new_var(c, p->tuple.elements.at[i]->span);
        struct type *tuple = type_make(c->prog, TYPE_TUPLE, args, given);
        unify(c, t, tuple);
        t = tuple;
    }
    if (t->kind != TYPE_TUPLE) {
        say_pattern(c, p, t, "it matches tuples");
        bind_nothing(c, f, p);
        return;
    }
    check_elements(c, f, p, p->tuple.elements.at, given, p->tuple.rest, t, -1, t->arg_count);
}

static void check_or(struct checker *c, struct pattern_frame *f, struct ast_pattern *p,
                     struct type *t) {
    int32_t before = f->first.len;
    check_part(c, f, p->any.alternatives.at[0], t);
    bool outer = f->in_or;
    int32_t bound = f->first.len - before, outer_found = f->found;
    for (int32_t i = 1; i < p->any.alternatives.len; i++) {
        f->in_or = true;
        f->found = 0;
        check_part(c, f, p->any.alternatives.at[i], t);
        if (!outer && f->found < bound) {
            struct diag *d = diag_add(c->sink, P2039, p->any.alternatives.at[i]->span,
                                      "this alternative does not bind all names");
            diag_primary(c->sink, d, "the first one binds %d, this one %d", (int)bound,
                         (int)f->found);
        }
    }
    f->in_or = outer;
    f->found = outer ? outer_found + bound : outer_found;
}

static void check_range_pattern(struct checker *c, struct ast_pattern *p, struct type *t) {
    struct ast_expr *ends[2] = {p->range.low, p->range.high};
    for (int i = 0; i < 2; i++)
        if (ends[i])
            check_as(c, ends[i], t, "an end of the range", (struct span){0});
    t = settle(c, t);
    if (!type_is_integer(t) && t->kind != TYPE_CHAR && t->kind != TYPE_ERROR)
        say_pattern(c, p, t, "ranges match integers and characters");
}

static void check_part(struct checker *c, struct pattern_frame *f, struct ast_pattern *p,
                       struct type *t) {
    struct sema_pattern *out = at(c, p);
    out->type = t;
    out->variant = -1;
    keep_slot(c, &out->type);
    switch (p->kind) {
    case PATTERN_ERROR:
    case PATTERN_WILDCARD:
        break;
    case PATTERN_BIND:
        check_bind(c, f, p, t);
        break;
    case PATTERN_PATH:
        check_path(c, p, t);
        break;
    case PATTERN_CALL:
        check_call_pattern(c, f, p, t);
        break;
    case PATTERN_STRUCT:
        check_struct_pattern(c, f, p, t);
        break;
    case PATTERN_TUPLE:
        check_tuple_pattern(c, f, p, t);
        break;
    case PATTERN_LITERAL:
        check_as(c, p->literal, t, "the pattern", (struct span){0});
        break;
    case PATTERN_RANGE:
        check_range_pattern(c, p, t);
        break;
    case PATTERN_OR:
        check_or(c, f, p, t);
        break;
    }
}

void check_pattern(struct checker *c, struct ast_pattern *p, struct type *t,
                   struct ast_expr *subject) {
    struct pattern_frame f = {.subject = subject, .mark = c->body->locals.len};
    check_part(c, &f, p, t);
}
