// SPDX-License-Identifier: MIT
// Checking an expression: the dispatch over its kind, what becomes of a value where another type is
// wanted, and how a disagreement is told. Types flow both ways: `want` comes from outside, the type
// of the expression goes back; branches pass the want on to their ends, so that each end is told
// apart.
#include "frontend/sema/check.h"

struct sema_expr *info(struct checker *c, const struct ast_expr *e) {
    return &c->module->exprs[e->id];
}

struct type *set_type(struct checker *c, struct ast_expr *e, struct type *t) {
    struct sema_expr *at = info(c, e);
    at->type = t;
    keep_slot(c, &at->type);
    return t;
}

struct type *type_new_var(struct checker *c, struct span span) {
    return type_var_new(c, VAR_ANY, span);
}

// ---- disagreement -------------------------------------------------------------------------------

static bool is_enum(const struct type *t, const struct sema_enum *e) {
    return t->kind == TYPE_ENUM && t->enumeration == e;
}

static bool is_number(const struct type *t) {
    return type_is_integer(t) || type_is_float(t) ||
           (t->kind == TYPE_VAR && t->var->kind != VAR_ANY);
}

// The way out, where there is a usual one.
static void suggest(struct checker *c, struct diag *d, struct span span, struct type *have,
                    struct type *want) {
    struct sema_known *k = &c->prog->known;
    struct span end = {span.source, span.end, span.end};
    if (have->kind == TYPE_FUTURE && can_unify(c, have->args[0], want)) {
        struct span start = {span.source, span.start, span.start};
        diag_fix(c->sink, d, start, STR("await "), "wait for it");
    } else if ((is_enum(have, k->result) || is_enum(have, k->option)) &&
               can_unify(c, have->args[0], want)) {
        diag_fix(c->sink, d, end, STR("?"), "take the value out, pass %s on",
                 is_enum(have, k->result) ? "an `Err`" : "`None`");
    } else if (type_is_unit(have)) {
        return; // nothing is made of nothing
    } else if (is_enum(want, k->option) && can_unify(c, want->args[0], have)) {
        diag_note(c->sink, d, "`Some(...)` makes an `Option` of it.");
    } else if (is_enum(want, k->result) && can_unify(c, want->args[0], have)) {
        diag_note(c->sink, d, "`Ok(...)` makes a `Result` of it.");
    } else if (is_number(have) && (type_is_integer(want) || type_is_float(want))) {
        diag_note(c->sink, d, "`%s(...)` converts, and traps when the value does not fit.",
                  type_show(c->prog, want));
    } else if (want->kind == TYPE_TRAIT) {
        diag_note(c->sink, d, "`impl %s for %s { ... }` would make it one.", want->trait->name,
                  type_show(c->prog, have));
    } else if (want->kind == TYPE_STRUCT && want->structure == k->string) {
        diag_note(c->sink, d, "`format!(\"{}\", ...)` makes text of any value.");
    } else if (want->kind == TYPE_STRUCT && want->structure->is_distinct &&
               can_unify(c, want->structure->fields.at[0].type, have)) {
        diag_note(c->sink, d, "`%s(...)` makes one of it.", want->structure->name);
    } else if (have->kind == TYPE_STRUCT && have->structure->is_distinct &&
               can_unify(c, have->structure->fields.at[0].type, want)) {
        diag_fix(c->sink, d, end, STR(".value"), "take the value out");
    }
}

void say_mismatch(struct checker *c, struct span span, struct type *have, const struct want *want) {
    struct type *wanted = zonk(c, want->type);
    have = zonk(c, have);
    if ((have->flags | wanted->flags) & TYPE_HAS_ERROR)
        return;
    struct diag *d = diag_add(c->sink, P2003, span, "expected `%s`, found `%s`",
                              type_show(c->prog, wanted), type_show(c->prog, have));
    if (want->what)
        diag_primary(c->sink, d, "%s has to be `%s`", want->what, type_show(c->prog, wanted));
    else
        diag_primary(c->sink, d, "this is `%s`", type_show(c->prog, have));
    if (want->because.source)
        diag_label(c->sink, d, want->because, "`%s` because of this", type_show(c->prog, wanted));
    suggest(c, d, span, have, wanted);
}

// ---- coercion -----------------------------------------------------------------------------------

static struct type *coerced(struct checker *c, struct ast_expr *e, enum sema_coercion how,
                            struct type *to) {
    struct sema_expr *at = info(c, e);
    at->coercion = how;
    at->to = to;
    keep_slot(c, &at->to);
    return to;
}

// `return other.send(M)` in a handler hands its reply on.
static bool is_forward(struct checker *c, const struct ast_expr *e, const struct type *t) {
    struct sema_function *f = c->body->function;
    struct sema_expr *at = info(c, e);
    return t->kind == TYPE_FUTURE && f && f->kind == FUNCTION_MESSAGE && !c->body->closure &&
           at->role == ROLE_CALL && at->call->kind == CALL_SEND;
}

// What stands where an error is wanted needs no types of its own.
static void poison(struct checker *c, struct type *t) {
    t = resolve(t);
    if (t->kind == TYPE_VAR && t->var->kind == VAR_ANY)
        t->var->bound = c->t_error;
    for (int32_t i = 0; (t->flags & TYPE_HAS_VAR) && i < t->arg_count; i++)
        poison(c, t->args[i]);
}

// `return self.send(M)`: the actor answers when it takes that message.
static bool is_forward_to_self(struct checker *c, const struct ast_expr *e, struct type *wanted) {
    const struct sema_expr *at = info(c, e);
    const struct sema_function *f = c->body->function;
    if (e->kind != EXPR_CALL || at->role != ROLE_CALL || at->call->kind != CALL_SELF_SEND ||
        type_is_unit(wanted) || !f || f->kind != FUNCTION_MESSAGE || c->body->closure)
        return false;
    return unify(c, wanted, use_type(c, &at->call->use, at->call->use.function->result));
}

struct type *coerce(struct checker *c, struct ast_expr *e, struct type *t,
                    const struct want *want) {
    struct type *wanted = resolve(want->type);
    t = resolve(t);
    note_value(c, e, t, want);
    if (want->is_discard || t->kind == TYPE_NEVER || t->kind == TYPE_ERROR || t == wanted)
        return t;
    if (wanted->kind == TYPE_ERROR)
        poison(c, t);
    if (wanted->kind == TYPE_REF && !wanted->actor && is_reference(c, t))
        return coerced(c, e, COERCE_UNTYPED, wanted);
    if (wanted->kind == TYPE_TRAIT && t->kind != TYPE_TRAIT &&
        !(t->kind == TYPE_VAR && t->var->kind == VAR_ANY)) {
        sema_types args = {wanted->args, wanted->arg_count};
        if (implements(c, settle(c, t), wanted->trait, &args))
            return coerced(c, e, COERCE_TRAIT, wanted);
    }
    if (want->is_return && c->body->takes_reply && !c->body->closure && type_is_unit(t))
        return wanted; // the reply was taken: the end needs no value
    if (want->is_return && is_forward(c, e, t) && unify(c, wanted, t->args[0]))
        return coerced(c, e, COERCE_FORWARD, wanted);
    if (want->is_return && is_forward_to_self(c, e, wanted))
        return coerced(c, e, COERCE_FORWARD, wanted);
    if (want->is_return && is_enum(wanted, c->prog->known.result) &&
        !is_enum(t, c->prog->known.result) && !(t->kind == TYPE_VAR && t->var->kind == VAR_ANY) &&
        unify(c, wanted->args[0], t))
        return coerced(c, e, COERCE_OK, wanted);
    if (unify(c, wanted, t))
        return wanted;
    say_mismatch(c, e->span, t, want);
    return c->t_error;
}

// Two branches without a want: the type of both.
struct type *join_types(struct checker *c, struct ast_expr *e, struct type *a, struct type *b,
                        struct span first) {
    if (!a || resolve(a)->kind == TYPE_NEVER)
        return b;
    struct want want = {.type = a, .because = first, .open = OPEN_VARIABLE};
    note_value(c, e, resolve(b), &want);
    if (resolve(b)->kind == TYPE_NEVER || unify(c, a, b))
        return a;
    say_mismatch(c, e->span, b, &want);
    return c->t_error;
}

// ---- kinds --------------------------------------------------------------------------------------

static struct type *check_number(struct checker *c, const struct pending_literal *number,
                                 const struct want *want) {
    vec_push(c->arena, &c->body->literals, *number);
    struct type *t = want && !want->is_discard ? resolve(want->type) : NULL;
    if (t && ((number->is_integer && type_is_integer(t)) || type_is_float(t)))
        return t;
    return type_var_new(c, number->is_integer ? VAR_INTEGER : VAR_FLOAT, number->expr->span);
}

struct type *check_integer(struct checker *c, struct ast_expr *e, uint64_t magnitude,
                           bool is_negative, const struct want *want) {
    struct pending_literal number = {e, true, is_negative, magnitude};
    return check_number(c, &number, want);
}

static struct type *check_float(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct pending_literal number = {.expr = e};
    return check_number(c, &number, want);
}

static struct type *check_tuple(struct checker *c, struct ast_expr *e, const struct want *want) {
    int32_t count = e->sequence.elements.len;
    struct type *hint = want ? resolve(want->type) : NULL;
    bool fits = hint && hint->kind == TYPE_TUPLE && hint->arg_count == count;
    struct type **args = arena_array(c->arena, struct type *, count);
    bool diverges = false;
    for (int32_t i = 0; i < count; i++) {
        struct want part = want ? *want : (struct want){0};
        part.type = fits ? hint->args[i] : NULL;
        part.is_return = part.is_discard = false;
        part.open = 0;
        args[i] = check(c, e->sequence.elements.at[i], fits ? &part : NULL);
        if (!fits)
            note_part(c, e->sequence.elements.at[i], args[i]);
        diverges |= resolve(args[i])->kind == TYPE_NEVER;
    }
    return diverges ? c->t_never : type_make(c->prog, TYPE_TUPLE, args, count);
}

static struct type *check_list(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct sema_struct *list = c->prog->known.list;
    if (!list)
        return c->t_error;
    struct type *hint = want ? resolve(want->type) : NULL;
    struct type *item = hint && hint->kind == TYPE_STRUCT && hint->structure == list
                            ? hint->args[0]
                            : type_new_var(c, e->span);
    for (int32_t i = 0; i < e->sequence.elements.len; i++) {
        struct want part = {.type = item,
                            .what = "each item of the list",
                            .because = i ? e->sequence.elements.at[0]->span : (struct span){0}};
        check(c, e->sequence.elements.at[i], &part);
    }
    return type_struct(c->prog, list, &item);
}

static struct type *check_declared(struct checker *c, struct ast_expr *e, const struct want *want) {
    int32_t from = c->calls.len, first = c->uses.len;
    struct type *t =
        check_hint(c, e->declared.operand, want && !want->is_discard ? want->type : NULL);
    for (int32_t i = from; i < c->calls.len; i++)
        if (!c->calls.at[i].declared)
            c->calls.at[i].declared = e->declared.clauses;
    for (int32_t i = first; i < c->uses.len; i++)
        if (!c->uses.at[i].declared)
            c->uses.at[i].declared = e->declared.clauses;
    struct declared_expr declared = {c->body->function, e->declared.clauses, e->span};
    if (declared.caller)
        vec_push(c->arena, &c->declared, declared);
    return t;
}

static struct type *check_hole(struct checker *c, struct ast_expr *e) {
    struct diag *d = diag_add(c->sink, P2053, e->span, "here is a hole");
    diag_primary(c->sink, d, "reaching it traps");
    return c->t_never;
}

static struct type *check_kind(struct checker *c, struct ast_expr *e, const struct want *want) {
    switch (e->kind) {
    case EXPR_ERROR:
        return c->t_error;
    case EXPR_INT:
        return check_integer(c, e, e->int_value, false, want);
    case EXPR_FLOAT:
        return check_float(c, e, want);
    case EXPR_STRING:
        return c->t_string;
    case EXPR_CHAR:
        return c->t_char;
    case EXPR_BOOL:
        return c->t_bool;
    case EXPR_HOLE:
        return check_hole(c, e);
    case EXPR_SELF:
    case EXPR_NAME:
        return check_name(c, e, want);
    case EXPR_MEMBER:
        return check_member(c, e, want);
    case EXPR_CALL:
        return check_call(c, e, want);
    case EXPR_INDEX:
        return check_index(c, e);
    case EXPR_MACRO:
        return check_macro(c, e);
    case EXPR_TRY:
        return check_try(c, e);
    case EXPR_AWAIT:
        return check_await(c, e);
    case EXPR_DECLARED:
        return check_declared(c, e, want);
    case EXPR_UNARY:
        return check_unary(c, e, want);
    case EXPR_BINARY:
        return check_operator(c, e, want);
    case EXPR_RANGE:
        return check_range(c, e);
    case EXPR_ASSIGN:
        return check_assign(c, e);
    case EXPR_TUPLE:
        return check_tuple(c, e, want);
    case EXPR_LIST:
        return check_list(c, e, want);
    case EXPR_RECORD:
        return check_record(c, e, want);
    case EXPR_STRUCT:
        return check_struct_literal(c, e, want);
    case EXPR_CLOSURE:
        return check_closure(c, e, want);
    case EXPR_BLOCK:
        return check_block(c, e->block, want);
    case EXPR_IF:
        return check_if(c, e, want);
    case EXPR_MATCH:
        return check_match(c, e, want);
    case EXPR_WHILE:
    case EXPR_LOOP:
    case EXPR_FOR:
        return check_loops(c, e, want);
    case EXPR_ASYNC:
        return check_async_block(c, e, want);
    case EXPR_ASYNC_WITH:
        return check_async_with(c, e, want);
    case EXPR_SELECT:
        return check_select(c, e, want);
    case EXPR_RETURN:
    case EXPR_BREAK:
    case EXPR_CONTINUE:
        return check_jump(c, e);
    }
    return c->t_error;
}

// Does it give what one of its branches does, which fits by itself?
static bool is_branching(const struct ast_expr *e) {
    return e->kind == EXPR_BLOCK || (e->kind == EXPR_IF && e->branch.otherwise) ||
           e->kind == EXPR_MATCH || e->kind == EXPR_ASYNC_WITH;
}

struct type *check(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct type *t = set_type(c, e, check_kind(c, e, want));
    if (!want || want->is_hint)
        return t;
    if (want->is_discard) {
        if (!is_branching(e))
            check_stmt_value(c, e, resolve(t));
        return t;
    }
    return is_branching(e) && resolve(t)->kind != TYPE_NEVER ? t : coerce(c, e, t, want);
}

struct type *check_hint(struct checker *c, struct ast_expr *e, struct type *hint) {
    struct want want = {.type = hint, .is_hint = true};
    return check(c, e, hint ? &want : NULL);
}

struct type *check_as(struct checker *c, struct ast_expr *e, struct type *type, const char *what,
                      struct span because) {
    struct want want = {.type = type, .what = what, .because = because};
    return check(c, e, &want);
}

void check_discard(struct checker *c, struct ast_expr *e) {
    struct want want = {.type = c->t_unit, .is_discard = true};
    check(c, e, &want);
}
