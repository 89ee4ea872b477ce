// SPDX-License-Identifier: MIT
// Control flow: if, match, loops, return, break, continue and `?`. A branch that never comes to its
// end has the type Never and has no say in the type of the whole.
#include "frontend/sema/check.h"

static void check_condition(struct checker *c, struct ast_condition *k) {
    for (; k; k = k->rest) {
        if (!k->pattern) {
            check_as(c, k->value, c->t_bool, "a condition", (struct span){0});
            continue;
        }
        struct type *t = check(c, k->value, NULL);
        check_pattern(c, k->pattern, t, k->value);
        note_copies(c, k->pattern, k->value);
    }
}

static bool wants_value(const struct want *want) {
    return want && !want->is_discard && !want->is_hint;
}

// The type so far and that of one more branch.
static struct type *join_branch(struct checker *c, struct ast_expr *e, struct type *sofar,
                                struct type *t, const struct want *want, struct span first) {
    t = resolve(t);
    if (want && want->is_discard)
        return sofar && t->kind == TYPE_NEVER ? sofar : t->kind == TYPE_NEVER ? t : c->t_unit;
    if (wants_value(want))
        return !sofar || sofar->kind == TYPE_NEVER ? t : sofar;
    return join_types(c, e, sofar, t, first);
}

// The type of a branch's value, when a coercion stands behind it.
static struct type *branch_value(struct checker *c, struct ast_expr *e, struct type *t) {
    return info(c, e)->coercion != COERCE_NONE ? info(c, e)->to : t;
}

static struct ast_expr *last_of(struct ast_block *b, struct ast_expr *other) {
    return b->value ? b->value : other;
}

struct type *check_if(struct checker *c, struct ast_expr *e, const struct want *want) {
    int32_t mark = locals_mark(c);
    check_condition(c, &e->branch.condition);
    if (!e->branch.otherwise) {
        struct want none = {.type = c->t_unit, .is_discard = true};
        check_block(c, e->branch.then, &none);
        locals_reset(c, mark);
        return c->t_unit;
    }
    struct type *t = check_block(c, e->branch.then, want);
    locals_reset(c, mark);
    t = join_branch(c, e, NULL, t, want, (struct span){0});
    struct ast_expr *otherwise = e->branch.otherwise;
    struct type *other = branch_value(c, otherwise, check(c, otherwise, want));
    struct ast_expr *blame =
        otherwise->kind == EXPR_BLOCK ? last_of(otherwise->block, otherwise) : otherwise;
    return join_branch(c, blame, t, other, want, last_of(e->branch.then, e)->span);
}

struct type *check_match(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct ast_expr *subject = e->match.subject;
    struct type *t = check(c, subject, NULL);
    struct type *result = NULL;
    struct span first = {0};
    for (int32_t i = 0; i < e->match.arms.len; i++) {
        struct ast_arm *arm = &e->match.arms.at[i];
        int32_t mark = locals_mark(c);
        check_pattern(c, arm->pattern, t, subject);
        note_copies(c, arm->pattern, subject);
        if (arm->guard)
            check_as(c, arm->guard, c->t_bool, "a guard", (struct span){0});
        struct type *body = branch_value(c, arm->body, check(c, arm->body, want));
        struct type *before = result;
        result = join_branch(c, arm->body, result, body, want, first);
        if (!before || before->kind == TYPE_NEVER)
            first = arm->body->span;
        locals_reset(c, mark);
    }
    vec_push(c->arena, &c->body->matches, e);
    return result ? result : c->t_never;
}

// ---- select

static bool is_channel_call(struct checker *c, const struct ast_expr *e, const char *name) {
    struct sema_expr *at = info(c, e);
    return e->kind == EXPR_CALL && at->role == ROLE_CALL && at->call->kind == CALL_FUNCTION &&
           sema_is_channel_method(at->call->use.function, name);
}

// What an arm waits for, and so what its pattern is given.
static struct type *check_operation(struct checker *c, struct ast_expr *e) {
    struct type *t = resolve(check(c, e, NULL));
    if (t->kind == TYPE_ERROR || is_channel_call(c, e, "recv") || is_channel_call(c, e, "send"))
        return t;
    struct type *result = task_result(c, t);
    if (result)
        return result;
    struct diag *d = diag_add(c->sink, P2027, e->span, "there is nothing to wait for");
    diag_primary(c->sink, d, "an arm waits for `channel.recv()`, `channel.send(x)` or a future");
    return c->t_error;
}

struct type *check_select(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct type *result = NULL;
    struct span first = {0};
    for (int32_t i = 0; i < e->select.arms.len; i++) {
        struct ast_select_arm *arm = &e->select.arms.at[i];
        int32_t mark = locals_mark(c);
        if (arm->guard)
            check_as(c, arm->guard, c->t_bool, "a guard", (struct span){0});
        if (arm->pattern) {
            struct type *t = check_operation(c, arm->operation);
            check_pattern(c, arm->pattern, t, NULL);
            check_let_pattern(c, arm->pattern);
        }
        struct type *body = branch_value(c, arm->body, check(c, arm->body, want));
        struct type *before = result;
        result = join_branch(c, arm->body, result, body, want, first);
        if (!before || before->kind == TYPE_NEVER)
            first = arm->body->span;
        locals_reset(c, mark);
    }
    return result ? result : c->t_never;
}

// ---- loops --------------------------------------------------------------------------------------

static void loop_enter(struct checker *c, struct loop_frame *frame, const char *label,
                       struct type *value) {
    *frame = (struct loop_frame){.label = label, .value = value, .outer = c->body->loop};
    c->body->loop = frame;
}

static void loop_body(struct checker *c, struct loop_frame *frame, struct ast_block *b) {
    struct want none = {.type = c->t_unit, .is_discard = true};
    check_block(c, b, &none);
    c->body->loop = frame->outer;
}

static struct sema_use use_of(struct checker *c, struct method *m, struct type *self,
                              struct span span) {
    struct sema_use use = instantiate(c, m->function, NULL, span);
    unify(c, use_type(c, &use, m->function->self_type), self);
    return use;
}

static struct type *option_item(struct checker *c, struct type *t) {
    t = resolve(t);
    return t->kind == TYPE_ENUM && t->enumeration == c->prog->known.option ? t->args[0] : NULL;
}

static struct type *iterate_next(struct checker *c, struct sema_for *loop, struct type *t,
                                 struct span span) {
    struct method *next = method_find(c, t, W(next));
    if (!next)
        return NULL;
    loop->next = use_of(c, next, t, span);
    loop->iterator = t;
    keep_slot(c, &loop->iterator);
    return option_item(c, use_type(c, &loop->next, next->function->result));
}

// What a `for` goes over, and how; NULL: it cannot.
static struct type *iterate(struct checker *c, struct sema_for *loop, struct type *t,
                            struct span span) {
    struct type *item = NULL;
    if (t->kind == TYPE_STRUCT && t->structure == c->prog->known.range) {
        loop->kind = FOR_RANGE;
        return t->args[0];
    }
    if (t->kind == TYPE_BUFFER) {
        loop->kind = FOR_BUFFER;
        return t->args[0];
    }
    struct method *len = method_find(c, t, W(len)), *at = method_find(c, t, W(item_at));
    if (len && at) {
        loop->kind = FOR_INDEXED;
        loop->len = use_of(c, len, t, span);
        loop->at = use_of(c, at, t, span);
        return use_type(c, &loop->at, at->function->result);
    }
    loop->kind = FOR_NEXT;
    if ((item = iterate_next(c, loop, t, span)))
        return item;
    struct method *iter = method_find(c, t, W(iter));
    if (!iter)
        return NULL;
    loop->kind = FOR_ITER;
    loop->iter = use_of(c, iter, t, span);
    return iterate_next(c, loop, resolve(use_type(c, &loop->iter, iter->function->result)), span);
}

static struct type *check_for(struct checker *c, struct ast_expr *e) {
    struct sema_for *loop = arena_new(c->arena, struct sema_for);
    info(c, e)->role = ROLE_FOR;
    info(c, e)->loop = loop;
    struct ast_expr *iterable = e->for_loop.iterable;
    struct type *t = default_now(c, check(c, iterable, NULL));
    struct type *item = t->kind == TYPE_ERROR ? c->t_error : iterate(c, loop, t, iterable->span);
    if (!item) {
        struct diag *d = diag_add(c->sink, P2015, iterable->span, "`for` cannot go over `%s`",
                                  type_show(c->prog, t));
        diag_primary(c->sink, d, "a range or a collection is needed");
        if (type_is_integer(t))
            diag_note(c->sink, d, "`0..n` counts from 0 up to, not including, `n`.");
        item = c->t_error;
    }
    loop->item = item;
    keep_slot(c, &loop->item);
    int32_t mark = locals_mark(c);
    struct loop_frame frame;
    check_pattern(c, e->for_loop.pattern, item, NULL);
    check_let_pattern(c, e->for_loop.pattern);
    note_copies(c, e->for_loop.pattern, iterable);
    loop_enter(c, &frame, e->for_loop.label, NULL);
    loop_body(c, &frame, e->for_loop.body);
    locals_reset(c, mark);
    return c->t_unit;
}

struct type *check_loops(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct loop_frame frame;
    if (e->kind == EXPR_FOR)
        return check_for(c, e);
    if (e->kind == EXPR_WHILE) {
        int32_t mark = locals_mark(c);
        check_condition(c, &e->while_loop.condition);
        loop_enter(c, &frame, e->while_loop.label, NULL);
        loop_body(c, &frame, e->while_loop.body);
        locals_reset(c, mark);
        return c->t_unit;
    }
    struct type *value = wants_value(want) ? want->type : type_new_var(c, e->span);
    loop_enter(c, &frame, e->loop.label, value);
    loop_body(c, &frame, e->loop.body);
    if (!frame.has_break) {
        value = resolve(value);
        if (value->kind == TYPE_VAR && !wants_value(want))
            value->var->bound = c->t_never;
        return c->t_never;
    }
    return value;
}

// ---- leaving ------------------------------------------------------------------------------------

static struct loop_frame *loop_find(struct checker *c, struct ast_expr *e) {
    struct loop_frame *at = c->body->loop;
    while (at && e->jump.label && at->label != e->jump.label)
        at = at->outer;
    if (at)
        return at;
    const char *word = e->kind == EXPR_BREAK ? "break" : "continue";
    struct diag *d = e->jump.label && c->body->loop
                         ? diag_add(c->sink, P2021, e->span, "no loop around this is called `'%s`",
                                    e->jump.label)
                         : diag_add(c->sink, P2021, e->span, "`%s` stands outside of a loop", word);
    diag_primary(c->sink, d, "there is nothing to leave");
    if (c->body->closure)
        diag_note(c->sink, d, "A closure cannot leave the loop that it stands in.");
    return NULL;
}

static void check_break(struct checker *c, struct ast_expr *e) {
    struct loop_frame *loop = loop_find(c, e);
    if (!loop) {
        if (e->jump.value)
            check(c, e->jump.value, NULL);
        return;
    }
    loop->has_break = true;
    struct want want = {.type = loop->value, .what = "what the loop gives"};
    if (!e->jump.value) {
        if (loop->value && !unify(c, loop->value, c->t_unit))
            say_mismatch(c, e->span, c->t_unit, &want);
        return;
    }
    if (loop->value) {
        check(c, e->jump.value, &want);
        return;
    }
    check(c, e->jump.value, NULL);
    struct diag *d = diag_add(c->sink, P2021, e->jump.value->span, "only `loop` gives a value");
    diag_primary(c->sink, d, "`for` and `while` may also end by themselves, without one");
}

static void check_return(struct checker *c, struct ast_expr *e) {
    struct want want = {.type = c->body->result,
                        .what = c->body->closure ? "what this function gives" : NULL,
                        .because = c->body->result_span,
                        .is_return = !c->body->closure || c->body->closure->has_result};
    if (!c->body->result) {
        struct diag *d = diag_add(c->sink, P2021, e->span, "there is no function to return from");
        diag_primary(c->sink, d, "this is a value, not a body");
    } else if (e->jump.value) {
        check(c, e->jump.value, &want);
    } else if (c->body->takes_reply && !c->body->closure) {
        return;
    } else if (!unify(c, c->body->result, c->t_unit)) {
        struct type *t = resolve(c->body->result);
        bool is_result = t->kind == TYPE_ENUM && t->enumeration == c->prog->known.result;
        if (!is_result || !unify(c, t->args[0], c->t_unit))
            say_mismatch(c, e->span, c->t_unit, &want);
    }
}

struct type *check_jump(struct checker *c, struct ast_expr *e) {
    if (e->kind == EXPR_RETURN)
        check_return(c, e);
    else if (e->kind == EXPR_BREAK)
        check_break(c, e);
    else
        loop_find(c, e);
    return c->t_never;
}

// ---- `?` ----------------------------------------------------------------------------------------

static struct sema_function *from_function(struct checker *c) {
    struct symbol *s = symbol_find_here(c->prelude, W(From));
    return s && s->kind == SYMBOL_TRAIT && s->trait->functions.len ? s->trait->functions.at[0]
                                                                   : NULL;
}

// How an error of type `from` becomes one of type `to`; false if it cannot.
static bool convert_error(struct checker *c, struct sema_try *try, struct type *from,
                          struct type *to) {
    from = zonk(c, from);
    to = zonk(c, to);
    if (to->kind == TYPE_FAILURE && from->kind != TYPE_FAILURE && from->kind != TYPE_VAR) {
        try->to_error = true;
        return true;
    }
    if (unify(c, from, to))
        return true;
    struct sema_function *f = from_function(c);
    if (!f || f->type_params.len != 2)
        return false;
    struct type **args = arena_array(c->arena, struct type *, 2);
    args[0] = to;
    args[1] = from;
    sema_types type_args = {args, 2};
    struct sema_use *use = arena_new(c->arena, struct sema_use);
    if (!sema_implementation(c->prog, f, &type_args, use))
        return false;
    try->from = use;
    return true;
}

static void say_no_conversion(struct checker *c, struct ast_expr *e, struct type *from,
                              struct type *to) {
    if ((from->flags | to->flags) & TYPE_HAS_ERROR)
        return;
    struct diag *d = diag_add(c->sink, P2020, e->span, "`?` cannot turn `%s` into `%s`",
                              type_show(c->prog, zonk(c, from)), type_show(c->prog, zonk(c, to)));
    diag_primary(c->sink, d, "this error would have to become `%s`",
                 type_show(c->prog, zonk(c, to)));
    if (c->body->result_span.source)
        diag_label(c->sink, d, c->body->result_span, "errors leave the function as this says");
    diag_note(c->sink, d,
              "`impl From<%s> for %s { function from(value: %s) -> %s { ... } }` tells "
              "how, or `.map_err(|e| ...)` here.",
              type_show(c->prog, zonk(c, from)), type_show(c->prog, zonk(c, to)),
              type_show(c->prog, zonk(c, from)), type_show(c->prog, zonk(c, to)));
}

static bool crashes_here(struct checker *c, bool in_task) {
    struct sema_function *f = c->body->function;
    if (in_task)
        return true;
    if (c->body->closure || !f)
        return false;
    return f->kind == FUNCTION_HOOK || f->kind == FUNCTION_TEST ||
           (f->kind == FUNCTION_MESSAGE && type_is_unit(f->result)) ||
           (f->kind == FUNCTION_FREE && f->name == W(main) && type_is_unit(f->result));
}

static void say_no_try(struct checker *c, struct ast_expr *e, bool is_option, struct type *result) {
    struct diag *d = diag_add(c->sink, P2019, e->span, "`?` has nowhere to pass %s on to",
                              is_option ? "`None`" : "an `Err`");
    diag_primary(c->sink, d, "the function gives `%s`, not %s", type_show(c->prog, zonk(c, result)),
                 is_option ? "an `Option`" : "a `Result`");
    struct sema_function *f = c->body->function;
    if (f && f->item && !c->body->closure && !is_option && type_is_unit(f->result))
        diag_label(c->sink, d, f->span, "it could give `Result<(), ...>`");
    diag_note(c->sink, d, "`match` or `unwrap_or` deals with it here.");
}

// Decides where a failure goes, once the result of what is left is known.
static void settle_try(struct checker *c, struct ast_expr *e, struct type *result, bool in_task) {
    struct sema_try *try = info(c, e)->try;
    struct type *t = resolve(info(c, e->operand)->type);
    result = resolve(result);
    try->result = result;
    keep_slot(c, &try->result);
    bool is_option = t->enumeration == c->prog->known.option;
    struct sema_enum *wanted = is_option ? c->prog->known.option : c->prog->known.result;
    if (result->kind == TYPE_ERROR)
        return;
    if (result->kind == TYPE_ENUM && result->enumeration == wanted) {
        try->kind = is_option ? TRY_NONE : TRY_RETURN;
        if (!is_option && !convert_error(c, try, t->args[1], result->args[1]))
            say_no_conversion(c, e, t->args[1], result->args[1]);
        return;
    }
    if ((crashes_here(c, in_task) || try->is_caught) && !is_option) {
        try->kind = TRY_CRASH;
        return;
    }
    try->kind = TRY_VALUE;
    if (!is_option && result->kind != TYPE_VAR && !type_is_unit(result) &&
        convert_error(c, try, t->args[1], result))
        return;
    say_no_try(c, e, is_option, result);
}

void close_tries(struct checker *c, struct closure_frame *frame, struct sema_closure *closure) {
    for (int32_t i = 0; i < frame->tries.len; i++)
        settle_try(c, frame->tries.at[i], closure->result, closure->is_async);
}

struct type *check_try(struct checker *c, struct ast_expr *e) {
    struct type *t = default_now(c, check(c, e->operand, NULL));
    if (t->kind == TYPE_ERROR || t->kind == TYPE_NEVER)
        return t;
    bool is_option = t->kind == TYPE_ENUM && t->enumeration == c->prog->known.option;
    bool is_result = t->kind == TYPE_ENUM && t->enumeration == c->prog->known.result;
    if (!is_option && !is_result) {
        struct diag *d =
            diag_add(c->sink, P2019, e->span, "`?` does not work on `%s`", type_show(c->prog, t));
        diag_primary(c->sink, d, "neither a `Result` nor an `Option`");
        struct span start = {e->span.source, e->span.start, e->span.start};
        if (t->kind == TYPE_FUTURE)
            diag_fix(c->sink, d, start, STR("await "), "wait for the value first");
        return c->t_error;
    }
    info(c, e)->role = ROLE_TRY;
    info(c, e)->try = arena_new(c->arena, struct sema_try);
    for (int32_t i = 0; i < c->body->catchers.len; i++)
        if (c->body->catchers.at[i] == c->body->closure)
            info(c, e)->try->is_caught = true;
    if (c->body->closure)
        vec_push(c->arena, &c->body->frame->tries, e);
    else if (c->body->result)
        settle_try(c, e, c->body->result, false);
    else
        say_no_try(c, e, is_option, c->t_unit);
    return t->args[0];
}
