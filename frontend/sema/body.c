// SPDX-License-Identifier: MIT
// Bodies: blocks and their statements, and what frames them: the parameters of a function before,
// and after it what could only be told at the end: open types, ranges of literals, missing arms,
// unused variables.
#include "frontend/sema/check.h"

// ---- statements ---------------------------------------------------------------------------------

// A future that nobody waits for is a call that never runs.
static bool is_cold(struct checker *c, const struct ast_expr *e) {
    if (e->kind == EXPR_ASYNC)
        return true;
    const struct sema_expr *at = info(c, e);
    return e->kind == EXPR_CALL && at->role == ROLE_CALL &&
           (at->call->kind == CALL_FUNCTION || at->call->kind == CALL_ACTOR ||
            at->call->kind == CALL_TRAIT) &&
           at->call->use.function->is_async && resolve(at->type)->kind == TYPE_FUTURE;
}

static void say_cold(struct checker *c, const struct ast_expr *e, struct span name) {
    struct diag *d = diag_add(c->sink, P2046, e->span, "nothing happens here without `await`");
    if (e->kind == EXPR_ASYNC)
        diag_primary(c->sink, d, "this only makes a future");
    else
        diag_primary(c->sink, d, "`%s` is async: the call alone does not run it",
                     info(c, e)->call->use.function->name);
    if (name.source)
        diag_label(c->sink, d, name, "nothing waits for it");
    struct span start = {e->span.source, e->span.start, e->span.start};
    diag_fix(c->sink, d, start, STR("await "), "run it and wait");
    diag_note(c->sink, d, "`spawn(...)` runs it beside what follows.");
}

// A value that nobody takes.
void check_stmt_value(struct checker *c, struct ast_expr *e, struct type *t) {
    if (t->kind == TYPE_ENUM && t->enumeration == c->prog->known.result && e->kind != EXPR_ASSIGN) {
        struct diag *d = diag_add(c->sink, P2031, e->span, "a `Result` is dropped");
        diag_primary(c->sink, d, "an `Err` would go unnoticed here");
        diag_note(c->sink, d,
                  "`?` passes an `Err` on, `let _ = ...` says that it does not matter.");
        return;
    }
    if (is_cold(c, e))
        say_cold(c, e, (struct span){0});
}

// `let x = call()` of an async function: it runs where `x` is waited for, or never.
static void note_cold(struct checker *c, struct ast_stmt *s) {
    struct ast_pattern *p = s->let.pattern;
    if (!s->let.value || !is_cold(c, s->let.value))
        return;
    if (p->kind == PATTERN_WILDCARD)
        say_cold(c, s->let.value, p->span);
    struct sema_variable *v =
        p->kind == PATTERN_BIND ? local_find(c, p->bind.binding.name.text) : NULL;
    if (v)
        v->cold = s->let.value;
}

// `let f = |x| ...`: what f does is what stands there. What it becomes later is held to its type.
static void note_given(struct checker *c, struct ast_stmt *s, const struct type *t) {
    struct ast_pattern *p = s->let.pattern;
    if (t->kind != TYPE_FN || t->clause || p->kind != PATTERN_BIND || !s->let.value)
        return;
    struct sema_variable *v = local_find(c, p->bind.binding.name.text);
    if (v)
        v->given = s->let.value;
}

// `let x: T;`: see assigned.c.
static void check_late(struct checker *c, struct ast_stmt *s, struct type *t) {
    const struct sema_function *f = c->body->function;
    const struct ast_pattern *p = s->let.pattern;
    bool is_name = p->kind == PATTERN_BIND && !p->bind.inner;
    check_pattern(c, s->let.pattern, t, NULL);
    if (is_name)
        c->module->patterns[p->id].variable->is_late = true;
    if (is_name && f && f->body)
        return;
    struct diag *d = diag_add(c->sink, P2054, s->span, "this needs a value");
    diag_primary(c->sink, d,
                 is_name ? "within a value there is no later" : "only a name may get one later");
}

static void check_let(struct checker *c, struct ast_stmt *s) {
    struct type *type = s->let.type ? type_of_expr(c, s->let.type) : NULL;
    struct type *t;
    if (!s->let.value) {
        check_late(c, s, type ? type : type_new_var(c, s->let.pattern->span));
        return;
    }
    if (type) {
        struct type *known = resolve(type);
        bool is_open = known->kind == TYPE_FN && !known->clause;
        struct want want = {
            .type = type, .because = s->let.type->span, .open = is_open ? OPEN_VARIABLE : 0};
        t = check(c, s->let.value, &want);
        t = type;
    } else {
        t = check(c, s->let.value, NULL);
        struct sema_expr *at = info(c, s->let.value);
        if (at->coercion != COERCE_NONE)
            t = at->to;
    }
    if (s->let.otherwise) {
        int32_t mark = locals_mark(c);
        struct type *other = check_block(c, s->let.otherwise, NULL);
        locals_reset(c, mark);
        if (resolve(other)->kind != TYPE_NEVER && resolve(other)->kind != TYPE_ERROR) {
            struct diag *d = diag_add(c->sink, P2040, s->let.otherwise->span,
                                      "the `else` of a `let` must not come to its end");
            diag_primary(c->sink, d, "what follows has no values for the names");
            diag_note(c->sink, d, "`return`, `break`, `continue` or a trap leaves it.");
        }
    }
    check_pattern(c, s->let.pattern, t, NULL);
    if (!s->let.otherwise)
        check_let_pattern(c, s->let.pattern);
    if (s->let.value)
        note_copies(c, s->let.pattern, s->let.value);
    note_cold(c, s);
    note_given(c, s, resolve(t));
}

static bool check_stmt(struct checker *c, struct ast_stmt *s) {
    switch (s->kind) {
    case STMT_LET:
        check_let(c, s);
        return s->let.value && resolve(info(c, s->let.value)->type)->kind == TYPE_NEVER;
    case STMT_EXPR:
        check_discard(c, s->expr);
        return resolve(info(c, s->expr)->type)->kind == TYPE_NEVER;
    case STMT_DEFER: {
        struct loop_frame *loop = c->body->loop;
        c->body->loop = NULL;
        check_discard(c, s->expr);
        c->body->loop = loop;
        return false;
    }
    case STMT_BIND:
        check_binding(c, s);
        return false;
    }
    return false;
}

static void say_unreachable(struct checker *c, struct span after, struct span span) {
    struct diag *d = diag_add(c->sink, P2033, span, "this is never reached");
    diag_primary(c->sink, d, "nothing comes here");
    diag_label(c->sink, d, after, "this never goes on to what follows");
}

static struct span stmt_span(const struct ast_block *b, int32_t i) {
    return i < b->stmts.len ? b->stmts.at[i].span : b->value->span;
}

// The block ends without a value where one is wanted.
static void say_no_value(struct checker *c, struct ast_block *b, const struct want *want) {
    struct span end = {b->span.source, b->span.end > b->span.start ? b->span.end - 1 : b->span.end,
                       b->span.end};
    struct diag *d = diag_add(c->sink, P2047, end, "the value is missing: expected `%s`",
                              type_show(c->prog, zonk(c, want->type)));
    diag_primary(c->sink, d, "the block ends here without a value");
    if (want->because.source)
        diag_label(c->sink, d, want->because, "`%s` because of this",
                   type_show(c->prog, zonk(c, want->type)));
    struct ast_stmt *last = b->stmts.len ? &b->stmts.at[b->stmts.len - 1] : NULL;
    if (last && last->kind == STMT_EXPR && last->span.end > last->expr->span.end &&
        can_unify(c, info(c, last->expr)->type, want->type)) {
        struct span semicolon = {b->span.source, last->span.end - 1, last->span.end};
        diag_fix(c->sink, d, semicolon, STR(""), "take the `;` away");
    }
}

// A function that gives Result<(), E> may come to its end: it has then gone well.
static bool gives_ok(struct checker *c, const struct ast_block *b, const struct want *want) {
    struct type *t = resolve(want->type);
    return c->body->function && b == c->body->function->body && t->kind == TYPE_ENUM &&
           t->enumeration == c->prog->known.result && unify(c, t->args[0], c->t_unit);
}

struct type *check_block(struct checker *c, struct ast_block *b, const struct want *want) {
    int32_t mark = locals_mark(c);
    int32_t total = b->stmts.len + (b->value != NULL);
    bool diverges = false;
    for (int32_t i = 0; i < b->stmts.len; i++) {
        bool now = check_stmt(c, &b->stmts.at[i]);
        if (now && !diverges && i + 1 < total && !c->module->is_std)
            say_unreachable(c, stmt_span(b, i), stmt_span(b, i + 1));
        diverges |= now;
    }
    struct type *t = c->t_unit;
    if (b->value) {
        t = check(c, b->value, want);
        if (want && want->is_discard && resolve(t)->kind != TYPE_NEVER)
            t = c->t_unit;
        else if (info(c, b->value)->coercion != COERCE_NONE)
            t = info(c, b->value)->to;
    } else if (want && !want->is_discard && !want->is_hint && !diverges &&
               !(want->is_return && (c->body->takes_reply || gives_ok(c, b, want))) &&
               !unify(c, want->type, c->t_unit)) {
        say_no_value(c, b, want);
        t = c->t_error;
    }
    locals_reset(c, mark);
    return diverges ? c->t_never : t;
}

// ---- the end of a body --------------------------------------------------------------------------

static void say_open(struct checker *c, struct type *var) {
    if (var->var->is_reported)
        return;
    var->var->is_reported = true;
    var->var->bound = c->t_error;
    if (c->sink->errors > c->body->errors_before)
        return; // that is likely to come of what is wrong
    struct diag *d = diag_add(c->sink, P2009, var->var->span, "the type of this is not known");
    diag_primary(c->sink, d, "nothing that follows tells it");
    diag_note(c->sink, d, "Write it out: `let x: List<i64> = ...`, or `f::<i64>(...)`.");
}

// Binds what is still open: numbers to their defaults, the rest to an error that is told.
static void close_type(struct checker *c, struct type *t) {
    t = settle(c, t);
    if (t->kind == TYPE_VAR) {
        say_open(c, t);
        return;
    }
    if (t->flags & TYPE_HAS_VAR)
        for (int32_t i = 0; i < t->arg_count; i++)
            close_type(c, t->args[i]);
}

// `collect()` without a known target gives a List.
static void default_bounds(struct checker *c) {
    for (int32_t i = 0; i < c->body->bounds.len; i++) {
        struct pending_bound *b = &c->body->bounds.at[i];
        struct type *t = resolve(b->type);
        if (t->kind != TYPE_VAR || t->var->kind != VAR_ANY || !c->prog->known.list)
            continue;
        for (int32_t k = 0; k < b->traits.len; k++)
            if (b->traits.at[k].trait->module->is_std && b->traits.at[k].args.len == 1)
                unify(c, t, type_struct(c->prog, c->prog->known.list, b->traits.at[k].args.at));
    }
}

// The default of one variable that has to be known now.
struct type *default_now(struct checker *c, struct type *t) {
    t = resolve(t);
    if (t->kind != TYPE_VAR || !c->body)
        return t;
    if (t->var->kind != VAR_ANY)
        return settle(c, t);
    for (int32_t i = 0; i < c->body->bounds.len; i++) {
        struct pending_bound *b = &c->body->bounds.at[i];
        if (resolve(b->type) == t && b->traits.len && c->prog->known.list &&
            b->traits.at[0].trait->module->is_std && b->traits.at[0].args.len == 1) {
            unify(c, t, type_struct(c->prog, c->prog->known.list, b->traits.at[0].args.at));
            break;
        }
    }
    return resolve(t);
}

void check_fits(struct checker *c, struct type *t, uint64_t magnitude, bool is_negative,
                struct span span) {
    static const struct {
        int bits;
        bool is_signed;
    } sizes[] = {
#define PRIM(id, name, bits, is_signed) [TYPE_##id] = {bits, is_signed},
#include "frontend/sema/types.def"
#undef PRIM
    };
    assert(type_is_integer(t));
    int bits = sizes[t->kind].bits;
    bool is_signed = sizes[t->kind].is_signed;
    uint64_t max = is_signed ? ((uint64_t)1 << (bits - 1)) - 1
                             : (bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1);
    uint64_t limit = is_negative ? (is_signed ? max + 1 : 0) : max;
    if (magnitude <= limit)
        return;
    struct diag *d =
        diag_add(c->sink, P2016, span, "%s%llu is not a value of `%s`", is_negative ? "-" : "",
                 (unsigned long long)magnitude, type_show(c->prog, t));
    if (is_signed)
        diag_primary(c->sink, d, "`%s` ends at %s%llu", type_show(c->prog, t),
                     is_negative ? "-" : "", (unsigned long long)limit);
    else
        diag_primary(c->sink, d, "`%s` goes from 0 to %llu", type_show(c->prog, t),
                     (unsigned long long)max);
}

static void check_literal(struct checker *c, const struct pending_literal *p) {
    struct type *t = resolve(info(c, p->expr)->type);
    if (p->is_integer && type_is_integer(t))
        check_fits(c, t, p->magnitude, p->is_negative, p->expr->span);
}

static void warn_unused(struct checker *c) {
    if (c->module->is_std)
        return;
    for (int32_t i = 0; i < c->body->variables.len; i++) {
        struct sema_variable *v = c->body->variables.at[i];
        if (v->is_used || v->kind != VARIABLE_LOCAL || resolve(v->type)->kind == TYPE_ERROR)
            continue;
        if (v->cold)
            say_cold(c, v->cold, v->span);
        if (v->cold || v->name[0] == '_' || c->sink->errors > c->body->errors_before)
            continue; // who would read it may be what is wrong
        if (v->copied && v->is_mutated)
            continue; // that is a change which is lost
        struct diag *d = diag_add(c->sink, P2032, v->span, "`%s` is never used", v->name);
        diag_primary(c->sink, d, "nothing reads it");
        diag_fix(c->sink, d, v->span, str_format(c->arena, "_%s", v->name),
                 "name it `_%s` if that is meant", v->name);
    }
}

// Begins with the lists of a body that is done, emptied.
struct body *body_begin(struct checker *c, struct sema_function *f) {
    struct body *b = c->spare;
    if (b)
        c->spare = b->next_spare;
    else
        b = arena_new(c->arena, struct body);
    struct body old = *b;
    *b = (struct body){.function = f, .errors_before = c->sink->errors};
#define KEEP(list) b->list.at = old.list.at, b->list.cap = old.list.cap
    KEEP(locals), KEEP(slots), KEEP(bounds), KEEP(literals), KEEP(matches), KEEP(variables);
#undef KEEP
    return c->body = b;
}

void body_end(struct checker *c) {
    struct body *b = c->body;
    default_bounds(c);
    settle_equals(c, 0);
    for (int32_t i = 0; i < b->slots.len; i++) {
        close_type(c, *b->slots.at[i]);
        *b->slots.at[i] = zonk(c, *b->slots.at[i]);
    }
    for (int32_t i = 0; i < b->bounds.len; i++)
        check_bound(c, &b->bounds.at[i]);
    for (int32_t i = 0; i < b->literals.len; i++)
        check_literal(c, &b->literals.at[i]);
    for (int32_t i = 0; i < b->matches.len; i++)
        check_exhaustive(c, b->matches.at[i]);
    warn_unused(c);
    if (c->sink->errors == b->errors_before)
        flow_keep(c);
    b->next_spare = c->spare;
    c->spare = b;
    c->body = NULL;
}
