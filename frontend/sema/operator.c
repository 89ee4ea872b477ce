// SPDX-License-Identifier: MIT
// Operators, assignments, indexes, ranges and struct literals. On numbers operators are the
// machine's; on structs they are the methods add, sub, mul, div, rem and neg of the library.
#include "frontend/sema/check.h"

static bool is_arithmetic(enum ast_binary op) {
    return op <= BINARY_REM;
}
static bool is_bitwise(enum ast_binary op) {
    return op >= BINARY_SHL && op <= BINARY_BIT_XOR;
}
static bool is_shift(enum ast_binary op) {
    return op == BINARY_SHL || op == BINARY_SHR;
}

static bool is_number(struct checker *c, struct type *t) {
    return type_is_integer(t) || type_is_float(t) ||
           (t->kind == TYPE_VAR && t->var->kind != VAR_ANY) ||
           ((t->kind == TYPE_PARAM || t->kind == TYPE_ASSOC) && satisfies(c, t, BOUND_NUMBER));
}
static bool is_integer(struct checker *c, struct type *t) {
    return type_is_integer(t) || (t->kind == TYPE_VAR && t->var->kind == VAR_INTEGER) ||
           ((t->kind == TYPE_PARAM || t->kind == TYPE_ASSOC) && satisfies(c, t, BOUND_INTEGER));
}

static struct span op_span(const struct ast_expr *e, int32_t start, enum ast_binary op,
                           bool is_compound) {
    int32_t len = (int32_t)strlen(syntax_binary_text(op)) + is_compound;
    return (struct span){e->span.source, start, start + len};
}

static const char *method_name(struct checker *c, enum ast_binary op) {
    switch (op) {
    case BINARY_ADD:
        return W(add);
    case BINARY_SUB:
        return W(sub);
    case BINARY_MUL:
        return W(mul);
    case BINARY_DIV:
        return W(div);
    case BINARY_REM:
        return W(rem);
    default:
        return NULL;
    }
}

static struct type *say_operator(struct checker *c, struct span span, enum ast_binary op,
                                 struct ast_expr *left, struct ast_expr *right) {
    struct type *l = resolve(info(c, left)->type), *r = resolve(info(c, right)->type);
    bool is_told = !(l->kind == TYPE_VAR && l->var->kind == VAR_ANY);
    if (l->kind == TYPE_ERROR || r->kind == TYPE_ERROR || (!is_told && c->sink->errors))
        return c->t_error; // that follows from what has been said
    struct diag *d = diag_add(c->sink, P2015, span, "`%s` does not work on `%s` and `%s`",
                              syntax_binary_text(op), type_show(c->prog, l), type_show(c->prog, r));
    diag_primary(c->sink, d, "not for these");
    diag_label(c->sink, d, left->span, "`%s`", type_show(c->prog, l));
    diag_label(c->sink, d, right->span, "`%s`", type_show(c->prog, r));
    struct sema_struct *string = c->prog->known.string;
    if (op == BINARY_ADD && string && (l == c->t_string || r == c->t_string))
        diag_note(c->sink, d, "`format!(\"{}{}\", a, b)` puts values into a text.");
    else if (is_number(c, l) && is_number(c, r))
        diag_note(c->sink, d, "Nothing converts by itself: `%s(...)` does.", type_show(c->prog, l));
    return c->t_error;
}

// A method of the left side's type; NULL if it has none.
static struct type *by_method(struct checker *c, struct ast_expr *e, enum ast_binary op,
                              struct ast_expr *left, struct ast_expr *right) {
    struct type *l = resolve(info(c, left)->type);
    const char *name = method_name(c, op);
    struct method *m =
        name && (l->kind == TYPE_STRUCT || l->kind == TYPE_ENUM) ? method_find(c, l, name) : NULL;
    if (!m)
        return NULL;
    struct ast_arg *arg = arena_new(c->arena, struct ast_arg);
    arg->value = right;
    struct type *t = call_method(c, e, left, m, arg, 1, NULL, e->span, NULL);
    info(c, e)->role = ROLE_OPERATOR;
    return t;
}

static struct type *arithmetic(struct checker *c, struct ast_expr *e, enum ast_binary op,
                               int32_t op_start, struct ast_expr *left, struct ast_expr *right,
                               struct type *hint) {
    bool is_compound = e->kind == EXPR_ASSIGN;
    struct type *l =
        is_compound ? resolve(info(c, left)->type) : resolve(check_hint(c, left, hint));
    if (l->kind == TYPE_VAR && l->var->kind == VAR_ANY)
        l = default_now(c, l);
    struct type *result = by_method(c, e, op, left, right);
    if (result)
        return result;
    struct type *r = resolve(check_hint(c, right, is_shift(op) ? NULL : l));
    l = resolve(l);
    if (l->kind == TYPE_NEVER || r->kind == TYPE_NEVER)
        return c->t_never;
    bool fits = is_arithmetic(op) ? is_number(c, l) : is_integer(c, l);
    if (is_bitwise(op) && !is_shift(op) && l->kind == TYPE_BOOL)
        fits = true;
    if (l->kind == TYPE_VAR && l->var->kind == VAR_ANY)
        unify(c, l, r), l = resolve(l), fits = is_number(c, l);
    if (fits && is_shift(op) && is_integer(c, r)) {
        if (r->kind == TYPE_VAR)
            unify(c, r, c->t_u64);
        return l;
    }
    if (!fits || is_shift(op) || !unify(c, l, r))
        return say_operator(c, op_span(e, op_start, op, is_compound), op, left, right);
    return resolve(l);
}

// Can values of the type be compared? Says why if not.
static struct sema_type_param *unbound(struct checker *c, struct type *t, unsigned bounds) {
    t = resolve(t);
    const struct sema_type_param *asked = asked_of(c, t);
    if (asked && (asked->bounds & bounds))
        return NULL;
    if (t->kind == TYPE_PARAM && !(t->param->bounds & bounds) && !c->module->is_std)
        return t->param;
    for (int32_t i = 0; t->kind != TYPE_FN && i < t->arg_count; i++) {
        struct sema_type_param *param = unbound(c, t->args[i], bounds);
        if (param)
            return param;
    }
    return NULL;
}

// Of a type parameter it has to be asked that its values can be compared.
static bool is_asked(struct checker *c, struct type *t, struct span span, unsigned bound) {
    unsigned enough = BOUND_ORD | BOUND_NUMBER | BOUND_INTEGER;
    if (bound == BOUND_EQ)
        enough |= BOUND_EQ | BOUND_HASH | BOUND_ACTOR;
    struct sema_type_param *param = unbound(c, t, enough);
    const char *wanted = bound == BOUND_EQ ? "Eq" : "Ord";
    if (!param)
        return true;
    struct diag *d =
        diag_add(c->sink, P2015, span, "values of `%s` cannot be compared", type_show(c->prog, t));
    diag_primary(c->sink, d, "`%s` may be any type", param->name);
    if (param->span.source)
        diag_label(c->sink, d, param->span, "nothing is asked of `%s`", param->name);
    diag_note(c->sink, d, "`where %s: %s` asks for it.", param->name, wanted);
    return false;
}

bool comparable(struct checker *c, struct type *t, struct span span, unsigned bound) {
    if (!is_asked(c, t, span, bound))
        return false;
    if (satisfies(c, t, bound))
        return true;
    struct type *part = worst_part(c, t, bound);
    t = resolve(t);
    struct diag *d =
        diag_add(c->sink, P2015, span, "values of `%s` cannot be compared", type_show(c->prog, t));
    const char *why = bound == BOUND_ORD && part && resolve(part)->kind == TYPE_REF
                          ? "has no order"
                          : "is never known to be equal";
    if (part && part != t)
        diag_primary(c->sink, d, "there is `%s` in them, which %s", type_show(c->prog, part), why);
    else
        diag_primary(c->sink, d, "a value of this type %s", why);
    diag_note(c->sink, d, "A `match`, or methods such as `is_ok()`, look at a part of them.");
    return false;
}

// A reference is compared with one of which the actor is not known.
static void same_reference_type(struct checker *c, struct ast_expr *left, struct type **l,
                                struct ast_expr *right, struct type **r) {
    const struct type *a = resolve(*l), *b = resolve(*r);
    if (!is_reference(c, *l) || !is_reference(c, *r))
        return;
    struct want as_left = {.type = *l}, as_right = {.type = *r};
    if (a->kind == TYPE_REF && !a->actor)
        *r = coerce(c, right, *r, &as_left);
    else if (b->kind == TYPE_REF && !b->actor)
        *l = coerce(c, left, *l, &as_right);
}

static struct type *comparison(struct checker *c, struct ast_expr *e) {
    enum ast_binary op = e->binary.op;
    struct ast_expr *left = e->binary.left, *right = e->binary.right;
    struct type *l = check(c, left, NULL);
    struct type *r = check_hint(c, right, l);
    if (op == BINARY_EQ || op == BINARY_NE)
        same_reference_type(c, left, &l, right, &r);
    struct span span = op_span(e, e->binary.op_start, op, false);
    if (resolve(l)->kind == TYPE_NEVER || resolve(r)->kind == TYPE_NEVER)
        return c->t_bool;
    if (!unify(c, l, r)) {
        say_operator(c, span, op, left, right);
        return c->t_bool;
    }
    unsigned bound = op == BINARY_EQ || op == BINARY_NE ? BOUND_EQ : BOUND_ORD;
    comparable(c, l, span, bound);
    return c->t_bool;
}

struct type *check_operator(struct checker *c, struct ast_expr *e, const struct want *want) {
    enum ast_binary op = e->binary.op;
    if (op == BINARY_AND || op == BINARY_OR) {
        check_as(c, e->binary.left, c->t_bool, "each side", (struct span){0});
        check_as(c, e->binary.right, c->t_bool, "each side", (struct span){0});
        return c->t_bool;
    }
    if (op >= BINARY_EQ)
        return comparison(c, e);
    struct type *hint = want && want->type && !want->is_discard ? resolve(want->type) : NULL;
    if (hint && !is_number(c, hint))
        hint = NULL;
    return arithmetic(c, e, op, e->binary.op_start, e->binary.left, e->binary.right, hint);
}

// What is wanted of `-x` or `!x` is wanted of x, if it is something that these can give: they give
// no `Result`, which a bare value may become.
static struct type *operand_hint(struct checker *c, const struct want *want) {
    struct type *t = want && want->type && !want->is_discard ? resolve(want->type) : NULL;
    return t && (t->kind == TYPE_BOOL || is_number(c, t)) ? t : NULL;
}

static struct type *negate(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct ast_expr *operand = e->unary.operand;
    struct type *hint = operand_hint(c, want);
    int32_t literals = c->body->literals.len;
    check_hint(c, operand, hint);
    if (operand->kind == EXPR_INT && c->body->literals.len > literals)
        c->body->literals.at[literals].is_negative = true;
    struct type *t = resolve(info(c, operand)->type);
    if (is_number(c, t) || t->kind == TYPE_ERROR || t->kind == TYPE_NEVER) {
        if (t->kind <= TYPE_U64 && t->kind >= TYPE_U8 && operand->kind != EXPR_INT) {
            struct diag *d = diag_add(c->sink, P2015, e->span, "`%s` has no negative values",
                                      type_show(c->prog, t));
            diag_primary(c->sink, d, "this could only trap, or be zero");
        }
        return t;
    }
    struct method *m = method_find(c, t, W(neg));
    if (m) {
        struct type *result = call_method(c, e, operand, m, NULL, 0, NULL, e->span, NULL);
        info(c, e)->role = ROLE_OPERATOR;
        return result;
    }
    struct diag *d =
        diag_add(c->sink, P2015, e->span, "`-` does not work on `%s`", type_show(c->prog, t));
    diag_primary(c->sink, d, "not a number");
    return c->t_error;
}

struct type *check_unary(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct ast_expr *operand = e->unary.operand;
    if (e->unary.op == UNARY_NEGATE)
        return negate(c, e, want);
    if (e->unary.op == UNARY_PLACE) {
        struct type *t = check(c, operand, NULL);
        info(c, e)->is_place = is_place(c, operand);
        return t;
    }
    struct type *t = resolve(check_hint(c, operand, operand_hint(c, want)));
    if (t->kind == TYPE_BOOL || is_integer(c, t) || t->kind == TYPE_ERROR || t->kind == TYPE_NEVER)
        return t;
    struct diag *d =
        diag_add(c->sink, P2015, e->span, "`!` does not work on `%s`", type_show(c->prog, t));
    diag_primary(c->sink, d, "not a `bool`, not an integer");
    return c->t_error;
}

// ---- assignment ---------------------------------------------------------------------------------

struct type *check_assign(struct checker *c, struct ast_expr *e) {
    struct ast_expr *target = e->assign.target, *value = e->assign.value;
    bool was_used = false;
    struct sema_variable *v = target->kind == EXPR_NAME ? local_find(c, target->name.text) : NULL;
    if (v)
        was_used = v->is_used;
    struct type *t = check(c, target, NULL);
    if (v && !e->assign.is_compound)
        v->is_used = was_used; // to be assigned to is no use
    if (e->assign.is_compound) {
        struct type *result =
            arithmetic(c, e, e->assign.op, e->assign.op_start, target, value, NULL);
        struct want want = {.type = t, .what = "the result"};
        if (resolve(result)->kind != TYPE_NEVER && !unify(c, t, result))
            say_mismatch(c, e->span, result, &want);
    } else {
        struct span because = v ? v->span : (struct span){0};
        check_as(c, value, t, NULL, because);
    }
    // That of a `let` without a value may get one: assigned.c sees to when.
    if (v && v->is_late && !e->assign.is_compound && v->owner == c->body->closure)
        v->is_mutated = true;
    else
        mutate_place(c, target, "assigned to");
    if (v && v->is_alias)
        v->is_used = true; // what it names has changed
    return c->t_unit;
}

// ---- index, range -------------------------------------------------------------------------------

static bool is_range(const struct checker *c, const struct type *t) {
    const struct sema_known *k = &c->prog->known;
    return t->kind == TYPE_STRUCT && (t->structure == k->range || t->structure == k->range_from ||
                                      t->structure == k->range_to || t->structure == k->range_full);
}

// Is it a range for all that can be told before it is checked?
static bool looks_like_range(struct checker *c, const struct ast_expr *e) {
    struct sema_variable *v = e->kind == EXPR_NAME ? local_find(c, e->name.text) : NULL;
    return e->kind == EXPR_RANGE || (v && is_range(c, resolve(v->type)));
}

struct type *check_index(struct checker *c, struct ast_expr *e) {
    struct ast_expr *object = e->index.object, *index = e->index.index;
    struct type *t = default_now(c, check(c, object, NULL));
    if (t->kind == TYPE_BUFFER) {
        info(c, e)->role = ROLE_INDEX;
        info(c, e)->is_place = is_place(c, object);
        check_as(c, index, c->t_u64, "a position", (struct span){0});
        return t->args[0];
    }
    bool is_part = looks_like_range(c, index);
    struct method *m = t->kind == TYPE_STRUCT && is_part ? method_find(c, t, W(sliced)) : NULL;
    if (t->kind == TYPE_STRUCT && !m)
        m = method_find(c, t, W(index));
    if (m) {
        struct ast_arg *arg = arena_new(c->arena, struct ast_arg);
        arg->value = index;
        struct type *result = call_method(c, e, object, m, arg, 1, NULL, e->span, NULL);
        info(c, e)->is_place = is_place(c, e);
        return result;
    }
    check(c, index, NULL);
    if (t->kind == TYPE_ERROR || t->kind == TYPE_NEVER)
        return t;
    struct diag *d =
        diag_add(c->sink, P2015, e->span, "`%s` has no positions", type_show(c->prog, t));
    diag_primary(c->sink, d, "`[...]` does not work on it");
    return c->t_error;
}

// The type of both ends, or of the one that there is.
static struct type *check_ends(struct checker *c, struct ast_expr *e) {
    struct type *low = e->range.low ? check(c, e->range.low, NULL) : NULL;
    struct type *high = e->range.high ? check_hint(c, e->range.high, low) : NULL;
    if (low && high && !unify(c, low, high)) {
        struct want want = {.type = low, .what = "the end", .because = e->range.low->span};
        say_mismatch(c, e->range.high->span, high, &want);
    }
    return low ? low : high;
}

struct type *check_range(struct checker *c, struct ast_expr *e) {
    const struct sema_known *k = &c->prog->known;
    struct type *ends = check_ends(c, e);
    struct sema_struct *s = !ends           ? k->range_full
                            : !e->range.low ? k->range_to
                            : e->range.high ? k->range
                                            : k->range_from;
    if (!s) // a library without them
        return c->t_error;
    if (!ends)
        return type_struct(c->prog, s, NULL);
    struct type *t = resolve(ends);
    if (!is_integer(c, t) && t->kind != TYPE_ERROR && t->kind != TYPE_NEVER) {
        struct diag *d = diag_add(c->sink, P2015, e->span, "a range of `%s` cannot be counted",
                                  type_show(c->prog, t));
        diag_primary(c->sink, d, "ranges go over integers");
        return c->t_error;
    }
    if (t->kind == TYPE_VAR)
        t->var->is_whole = true;
    return type_struct(c->prog, s, &ends);
}

// ---- struct literals ----------------------------------------------------------------------------

// The struct or variant that a path names; TYPE_ERROR after a diagnostic.
static struct type *literal_type(struct checker *c, struct ast_type_expr *path, int32_t *variant) {
    *variant = -1;
    if (path->kind != TYPE_EXPR_PATH)
        return c->t_error;
    int32_t count = path->path.segments.len;
    struct ast_type_segment *at = path->path.segments.at;
    struct type *self = at[0].name.text == W(Self) && count == 2 ? self_type_here(c) : NULL;
    if (self && self->kind == TYPE_ENUM) {
        *variant = variant_find(self->enumeration, at[1].name.text);
        if (*variant < 0)
            say_no_member(c, self, at[1].name, path->span);
        return *variant < 0 ? c->t_error : self;
    }
    struct symbol *s = symbol_find(c->scope, at[0].name.text);
    for (int32_t i = 1; s && s->kind == SYMBOL_MODULE && i < count; i++, at++, count--)
        s = symbol_find_here(s->module, path->path.segments.at[i].name.text);
    if (count == 2 && s && (s->kind == SYMBOL_ENUM || s->kind == SYMBOL_ALIAS)) {
        struct type *t = symbol_self_type(c, s, at[0].args, path->span);
        if (t->kind == TYPE_ENUM && (*variant = variant_find(t->enumeration, at[1].name.text)) >= 0)
            return t;
        if (t->kind != TYPE_ERROR)
            say_no_member(c, t, at[1].name, path->span);
        return c->t_error;
    }
    if (s && s->kind == SYMBOL_VARIANT && count == 1) {
        struct symbol owner = *s;
        owner.kind = SYMBOL_ENUM;
        *variant = s->variant;
        return symbol_self_type(c, &owner, at[0].args, path->span);
    }
    return type_of_expr(c, path);
}

static int32_t field_at(const struct sema_field *fields, int32_t count, const char *name) {
    int32_t at = 0;
    while (at < count && fields[at].name != name)
        at++;
    return at;
}

static bool is_given(const struct ast_expr *e, const char *name) {
    for (int32_t i = 0; i < e->literal.fields.len; i++)
        if (e->literal.fields.at[i].name.text == name)
            return true;
    return false;
}

// The field that is meant by a name that none has, of those that are not given; `count` if that is
// not known.
static int32_t say_no_field(struct checker *c, struct ast_expr *e, const struct ast_field_value *f,
                            const struct sema_field *fields, int32_t count, const char *name) {
    struct span span = ast_name_span(e->span, f->name);
    struct diag *d = diag_add(c->sink, P2004, span, "`%s` has no field `%s`", name, f->name.text);
    VEC(const char *) free = {0};
    for (int32_t k = 0; k < count; k++)
        if (!is_given(e, fields[k].name))
            vec_push(c->arena, &free, fields[k].name);
    const char *near = diag_nearest(str_from(f->name.text), free.at, free.len);
    if (!near)
        return count;
    diag_primary(c->sink, d, "did you mean `%s`?", near);
    diag_fix(c->sink, d, span, str_from(near), "write `%s`", near);
    return field_at(fields, count, near);
}

// False: there is a field that is not known.
static bool check_field_values(struct checker *c, struct ast_expr *e, struct type *t,
                               struct sema_literal *out, struct sema_field *fields, int32_t count,
                               const char *name) {
    bool are_known = true;
    for (int32_t i = 0; i < e->literal.fields.len; i++) {
        struct ast_field_value *f = &e->literal.fields.at[i];
        int32_t at = field_at(fields, count, f->name.text);
        struct span span = ast_name_span(e->span, f->name);
        bool is_known = at < count;
        if (!is_known)
            at = say_no_field(c, e, f, fields, count, name);
        if (at == count) {
            are_known = false;
            check(c, f->value, NULL);
            continue;
        }
        if (out->fields.at[at].value && is_known) {
            struct diag *d = diag_add(c->sink, P2007, span, "`%s` is given twice", f->name.text);
            diag_label(c->sink, d, out->fields.at[at].value->span, "the first one is here");
        }
        check_field_visible(c, t, at, span);
        char what[96];
        snprintf(what, sizeof what, "the field `%.60s`", f->name.text);
        check_as(c, f->value, sema_field_type(c->prog, t, out->variant, at), what, fields[at].span);
        out->fields.at[at] = (struct sema_arg){f->value, i, false};
    }
    return are_known;
}

static void say_missing_fields(struct checker *c, struct ast_expr *e, struct sema_literal *out,
                               struct sema_field *fields, int32_t count, const char *name) {
    struct text missing = {.arena = c->arena};
    int32_t number = 0;
    for (int32_t i = 0; i < count; i++)
        if (!out->fields.at[i].value && !fields[i].value)
            text_printf(&missing, "%s`%s`", number++ ? ", " : "", fields[i].name);
    if (number == 0)
        return;
    struct diag *d =
        diag_add(c->sink, P2022, e->literal.type->span, "`%s` needs %s", name, missing.data);
    diag_primary(c->sink, d, number == 1 ? "this field is missing" : "these fields are missing");
}

struct type *check_struct_literal(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct sema_literal *out = arena_new(c->arena, struct sema_literal);
    struct type *t = resolve(literal_type(c, e->literal.type, &out->variant));
    if (t->kind != TYPE_STRUCT && out->variant < 0) {
        if (t->kind != TYPE_ERROR) {
            struct diag *d = diag_add(c->sink, P2017, e->literal.type->span,
                                      "`%s` has no fields to give", type_show(c->prog, t));
            diag_primary(c->sink, d, "not a struct, not a variant");
        }
        for (int32_t i = 0; i < e->literal.fields.len; i++)
            check(c, e->literal.fields.at[i].value, NULL);
        return c->t_error;
    }
    struct type *wanted = want && want->type && !want->is_discard ? resolve(want->type) : NULL;
    if (wanted && wanted->kind == t->kind && can_unify(c, t, wanted))
        unify(c, t, wanted);
    bool is_enum = out->variant >= 0;
    struct sema_variant *v = is_enum ? &t->enumeration->variants.at[out->variant] : NULL;
    struct sema_field *fields = is_enum ? v->fields.at : t->structure->fields.at;
    int32_t count = is_enum ? v->fields.len : t->structure->fields.len;
    const char *name = is_enum ? v->name : t->structure->name;
    out->fields.len = count;
    out->fields.at = arena_array(c->arena, struct sema_arg, count);
    info(c, e)->role = is_enum ? ROLE_VARIANT : ROLE_STRUCT;
    info(c, e)->index = out->variant;
    info(c, e)->literal = out;
    bool are_known = check_field_values(c, e, t, out, fields, count, name);
    if (e->literal.base) {
        out->base = e->literal.base;
        check_as(c, e->literal.base, t, "what the rest comes from", (struct span){0});
    } else if (are_known) { // else one that is missing may be meant
        say_missing_fields(c, e, out, fields, count, name);
    }
    return t;
}
