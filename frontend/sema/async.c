// SPDX-License-Identifier: MIT
// What waits and what runs beside: closures, `async { }` blocks, `await`, `async.join` and its kin,
// `async with`.
#include "frontend/sema/check.h"

static bool may_await(const struct checker *c) {
    return c->body->is_async;
}

static bool require_async(struct checker *c, struct span span, const char *what) {
    if (may_await(c))
        return true;
    struct diag *d = diag_add(c->sink, P2026, span, "%s cannot stand here", what);
    struct sema_function *f = c->body->function;
    if (c->body->closure) {
        diag_primary(c->sink, d, "this closure is not async");
        diag_note(c->sink, d, "`|x| async { ... }` gives a future that can be waited for.");
    } else if (f && f->kind == FUNCTION_INVARIANT) {
        diag_primary(c->sink, d, "an invariant does not wait");
    } else if (f && f->item) {
        diag_primary(c->sink, d, "`%s` is not async", f->name);
        diag_label(c->sink, d, f->span, "write `async function %s`", f->name);
    } else {
        diag_primary(c->sink, d, "nothing waits here");
    }
    return false;
}

struct type *task_result(struct checker *c, struct type *t) {
    (void)c;
    t = resolve(t);
    return t->kind == TYPE_FUTURE ? resolve(t->args[0]) : NULL;
}

// `async.join` and its kin wait by themselves, and so do the operations of channels and locks:
// `await` before them changes nothing.
static bool waits_itself(struct checker *c, const struct ast_expr *e) {
    struct sema_expr *at = info(c, e);
    if (e->kind != EXPR_CALL || at->role != ROLE_CALL)
        return false;
    if (at->call->kind == CALL_FUNCTION)
        return at->call->use.function->waits;
    return at->call->kind >= CALL_JOIN && at->call->kind <= CALL_MAP;
}

static struct type *say_nothing_to_await(struct checker *c, struct ast_expr *e, struct type *t) {
    struct ast_expr *inner = e->operand;
    struct sema_expr *at = info(c, inner);
    if (at->role == ROLE_CALL && at->call->kind == CALL_SELF_SEND) {
        struct diag *d =
            diag_add(c->sink, P2030, e->span, "an actor cannot wait for its own message");
        diag_primary(c->sink, d, "the message is taken only when this handler has ended");
        diag_note(c->sink, d,
                  "Without `await` it is sent and handled later; a function of the "
                  "actor, `self.name(...)`, runs at once.");
        return c->t_error;
    }
    struct diag *d = diag_add(c->sink, P2027, e->span, "there is nothing to wait for");
    diag_primary(c->sink, d, "this is `%s`, not a future", type_show(c->prog, t));
    if (e->span.start < inner->span.start) {
        struct span word = {e->span.source, e->span.start, inner->span.start};
        diag_fix(c->sink, d, word, STR(""), "take `await` away");
    }
    return t;
}

struct type *check_await(struct checker *c, struct ast_expr *e) {
    c->awaited = e->operand;
    struct type *t = resolve(check(c, e->operand, NULL));
    require_async(c, e->span, "`await`");
    if (t->kind == TYPE_FUTURE)
        return t->args[0];
    if (t->kind == TYPE_ERROR || t->kind == TYPE_NEVER || waits_itself(c, e->operand))
        return t;
    if (t->kind == TYPE_VAR && t->var->kind == VAR_ANY) {
        struct type *inner = type_new_var(c, e->span);
        unify(c, t, type_make(c->prog, TYPE_FUTURE, &inner, 1));
        return inner;
    }
    return say_nothing_to_await(c, e, t);
}

// ---- closures -----------------------------------------------------------------------------------

struct frame {
    struct closure_frame tries;
    struct sema_closure *closure;
    struct type *result;
    bool is_async;
    struct loop_frame *loop;
    struct span result_span;
};

static struct sema_closure *enter(struct checker *c, struct ast_expr *e, struct frame *outer,
                                  bool is_async, struct type *result) {
    struct body *b = c->body;
    outer->tries = (struct closure_frame){.outer = b->frame};
    outer->closure = b->closure;
    outer->result = b->result;
    outer->is_async = b->is_async;
    outer->loop = b->loop;
    outer->result_span = b->result_span;
    struct sema_closure *closure = arena_new(c->arena, struct sema_closure);
    closure->expr = e;
    closure->function = b->function;
    closure->parent = b->closure;
    closure->id = b->closure_count++;
    closure->is_async = is_async;
    closure->result = result;
    closure->has_result = resolve(result)->kind != TYPE_VAR;
    keep_slot(c, &closure->result);
    info(c, e)->role = ROLE_CLOSURE;
    info(c, e)->closure = closure;
    if (!is_async)
        number_closure(c, closure);
    b->frame = &outer->tries;
    b->closure = closure;
    b->result = result;
    b->is_async = is_async;
    b->loop = NULL;
    b->result_span = (struct span){0};
    return closure;
}

static void leave(struct checker *c, const struct frame *outer) {
    struct body *b = c->body;
    b->frame = outer->tries.outer;
    b->closure = outer->closure;
    b->result = outer->result;
    b->is_async = outer->is_async;
    b->loop = outer->loop;
    b->result_span = outer->result_span;
}

// The value of the body is the result, unless it never comes to its end.
static void take_result(struct checker *c, struct type *t, struct type *result) {
    if (resolve(t)->kind != TYPE_NEVER)
        return;
    result = resolve(result);
    if (result->kind == TYPE_VAR && result->var->kind == VAR_ANY)
        result->var->bound = c->t_never;
}

struct type *check_async_block(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct type *wanted = want && want->type ? resolve(want->type) : NULL;
    struct type *result =
        wanted && wanted->kind == TYPE_FUTURE ? wanted->args[0] : type_new_var(c, e->span);
    struct frame outer;
    struct sema_closure *closure = enter(c, e, &outer, true, result);
    struct want body = {.type = result, .is_return = closure->has_result};
    int32_t mark = locals_mark(c);
    struct type *t = check_block(c, e->block, &body);
    locals_reset(c, mark);
    take_result(c, t, result);
    leave(c, &outer);
    close_tries(c, &outer.tries, closure);
    return type_make(c->prog, TYPE_FUTURE, &result, 1);
}

static void closure_param(struct checker *c, struct ast_expr *e, int32_t i, struct type *hint) {
    struct ast_closure_param *p = &e->closure->params.at[i];
    struct sema_closure *closure = info(c, e)->closure;
    closure->in_out[i] = hint && hint->kind == TYPE_INOUT;
    if (closure->in_out[i])
        hint = hint->args[0];
    struct type *t = p->type ? type_of_expr(c, p->type)
                     : hint  ? hint
                             : type_new_var(c, p->pattern->span);
    if (p->type && hint && !unify(c, hint, t)) {
        struct want want = {.type = hint, .what = "this parameter"};
        say_mismatch(c, p->type->span, t, &want);
    }
    closure->params.at[i] = t;
    keep_slot(c, &closure->params.at[i]);
    check_pattern(c, p->pattern, t, NULL);
    check_let_pattern(c, p->pattern);
    struct sema_pattern *at = &c->module->patterns[p->pattern->id];
    bool plain = p->pattern->kind == PATTERN_BIND && !p->pattern->bind.inner;
    if (!closure->in_out[i] || !plain)
        note_copied_param(c, p->pattern, e);
    closure->variables.at[i] = plain && at->role == PATTERN_ROLE_BIND ? at->variable : NULL;
    if (plain && closure->variables.at[i]) {
        closure->variables.at[i]->kind = VARIABLE_PARAM;
        closure->variables.at[i]->is_pattern = false;
    }
}

static bool hint_fits(struct checker *c, struct ast_expr *e, struct type *hint, int32_t count) {
    if (!hint || hint->kind != TYPE_FN)
        return false;
    if (hint->arg_count - 1 == count)
        return true;
    struct diag *d =
        diag_add(c->sink, P2006, e->span, "a function of %d parameter%s is wanted, this one has %d",
                 (int)hint->arg_count - 1, hint->arg_count == 2 ? "" : "s", (int)count);
    diag_primary(c->sink, d, "wanted is `%s`", type_show(c->prog, hint));
    return false;
}

struct type *check_closure(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct ast_closure *ast = e->closure;
    int32_t count = ast->params.len;
    struct type *hint = want && want->type ? resolve(want->type) : NULL;
    bool has_hint = hint && hint->kind == TYPE_FN;
    bool fits = hint_fits(c, e, hint, count);
    struct type *result = ast->result ? type_of_expr(c, ast->result)
                          : fits      ? type_fn_result(hint)
                                      : type_new_var(c, ast->body->span);
    struct frame outer;
    struct sema_closure *closure = enter(c, e, &outer, false, result);
    closure->params.len = closure->variables.len = count;
    closure->params.at = arena_array(c->arena, struct type *, count + 1);
    closure->variables.at = arena_array(c->arena, struct sema_variable *, count + 1);
    closure->in_out = arena_array(c->arena, bool, count + 1);
    int32_t mark = locals_mark(c);
    for (int32_t i = 0; i < count; i++)
        closure_param(c, e, i,
                      fits                               ? hint->args[i]
                      : hint && hint->kind == TYPE_ERROR ? hint
                                                         : NULL);
    if (type_is_unit(resolve(result))) {
        check_discard(c, ast->body);
    } else {
        struct want body = {.type = result,
                            .what = fits ? "what this function gives" : NULL,
                            .is_return = closure->has_result};
        take_result(c, check(c, ast->body, &body), result);
    }
    locals_reset(c, mark);
    leave(c, &outer);
    close_tries(c, &outer.tries, closure);
    struct type **args = arena_array(c->arena, struct type *, count + 1);
    for (int32_t i = 0; i < count; i++)
        args[i] = closure->in_out[i] ? type_make(c->prog, TYPE_INOUT, &closure->params.at[i], 1)
                                     : closure->params.at[i];
    args[count] = result;
    return has_hint && !fits ? c->t_error : type_make(c->prog, TYPE_FN, args, count + 1);
}

// ---- async.… ----------------------------------------------------------------------------------

static struct sema_call *async_call(struct checker *c, struct ast_expr *e, enum call_kind kind) {
    struct sema_call *call = arena_new(c->arena, struct sema_call);
    call->kind = kind;
    call->args.len = e->call.args.len;
    call->args.at = arena_array(c->arena, struct sema_arg, e->call.args.len);
    for (int32_t i = 0; i < e->call.args.len; i++)
        call->args.at[i] = (struct sema_arg){e->call.args.at[i].value, i, false};
    info(c, e)->role = ROLE_CALL;
    info(c, e)->call = call;
    return call;
}

// What a branch gives; NULL after a diagnostic.
static struct type *branch_type(struct checker *c, struct ast_expr *e) {
    struct type *t = resolve(check(c, e, NULL));
    struct type *result = task_result(c, t);
    if (result || t->kind == TYPE_ERROR)
        return result ? result : c->t_error;
    struct diag *d = diag_add(c->sink, P2027, e->span, "there is nothing to wait for");
    diag_primary(c->sink, d, "this is `%s`, not a future", type_show(c->prog, t));
    return c->t_error;
}

static bool is_list(struct checker *c, struct type *t) {
    return t->kind == TYPE_STRUCT && t->structure == c->prog->known.list && c->prog->known.list;
}

// The one argument is a list of futures: of what. It is checked in any case.
static struct type *listed_future(struct checker *c, struct ast_expr *e) {
    if (e->call.args.len != 1)
        return NULL;
    struct type *t = resolve(check(c, e->call.args.at[0].value, NULL));
    return is_list(c, t) ? task_result(c, t->args[0]) : NULL;
}

static struct type *check_try_join_list(struct checker *c, struct ast_expr *e, struct type *item) {
    struct type *args[2] = {type_new_var(c, e->span), type_new_var(c, e->span)};
    struct want want = {.type = type_enum(c->prog, c->prog->known.result, args),
                        .what = "each branch"};
    if (!unify(c, want.type, item))
        say_mismatch(c, e->call.args.at[0].value->span, item, &want);
    args[0] = type_struct(c->prog, c->prog->known.list, args);
    return type_enum(c->prog, c->prog->known.result, args);
}

// What a branch gives that may have been checked already.
static struct type *branch_type_once(struct checker *c, struct ast_expr *branch, bool checked) {
    struct type *t = checked ? info(c, branch)->type : NULL;
    struct type *result = t ? task_result(c, resolve(t)) : NULL;
    return result ? result : branch_type(c, branch);
}

static struct type *check_join(struct checker *c, struct ast_expr *e, bool is_try) {
    int32_t count = e->call.args.len;
    struct sema_call *call = async_call(c, e, is_try ? CALL_TRY_JOIN : CALL_JOIN);
    struct type *item = listed_future(c, e);
    if (item) {
        call->kind = is_try ? CALL_TRY_JOIN_LIST : CALL_JOIN_LIST;
        return is_try ? check_try_join_list(c, e, item)
                      : type_struct(c->prog, c->prog->known.list, &item);
    }
    struct sema_enum *result = c->prog->known.result;
    struct type **types = arena_array(c->arena, struct type *, count);
    struct type *error = type_new_var(c, e->span);
    for (int32_t i = 0; i < count; i++) {
        struct ast_expr *branch = e->call.args.at[i].value;
        types[i] = resolve(branch_type_once(c, branch, count == 1));
        if (!is_try || types[i]->kind == TYPE_ERROR)
            continue;
        struct type *args[2] = {type_new_var(c, branch->span), error};
        struct want want = {.type = type_enum(c->prog, result, args), .what = "each branch"};
        if (!unify(c, want.type, types[i]))
            say_mismatch(c, branch->span, types[i], &want);
        types[i] = args[0];
    }
    struct type *tuple = type_make(c->prog, TYPE_TUPLE, types, count);
    struct type *args[2] = {tuple, error};
    return is_try ? type_enum(c->prog, result, args) : tuple;
}

static struct type *check_race(struct checker *c, struct ast_expr *e) {
    struct sema_call *call = async_call(c, e, CALL_RACE);
    struct type *item = listed_future(c, e);
    if (item) {
        call->kind = CALL_RACE_LIST;
        return item;
    }
    struct type *all = type_new_var(c, e->span);
    bool ends = false;
    for (int32_t i = 0; i < e->call.args.len; i++) {
        struct ast_expr *branch = e->call.args.at[i].value;
        struct type *t = branch_type_once(c, branch, e->call.args.len == 1);
        struct want want = {.type = all, .what = "each branch"};
        bool never = resolve(t)->kind == TYPE_NEVER; // it can only fail
        if (!never && !unify(c, all, t))
            say_mismatch(c, e->call.args.at[i].value->span, t, &want);
        ends = ends || !never;
    }
    return ends ? all : c->t_never;
}

static struct type *check_async_map(struct checker *c, struct ast_expr *e) {
    async_call(c, e, CALL_MAP);
    if (e->call.args.len != 2 || !c->prog->known.list) {
        struct diag *d =
            diag_add(c->sink, P2006, e->span, "`async.map` takes a list and a function");
        diag_primary(c->sink, d, "`async.map(list, |item| async { ... })`");
        return c->t_error;
    }
    struct type *item = type_new_var(c, e->span), *result = type_new_var(c, e->span);
    struct type *fn[2] = {item, type_make(c->prog, TYPE_FUTURE, &result, 1)};
    struct ast_expr *of = e->call.args.at[0].value;
    struct type *t = check(c, of, NULL), *items = items_of(c, t);
    struct type *list = type_struct(c->prog, c->prog->known.list, &item);
    struct want want = {.type = list, .what = "the first argument"};
    if (!items || !unify(c, item, items))
        coerce(c, of, t, &want);
    struct want function = {
        .type = type_make(c->prog, TYPE_FN, fn, 2), .what = "the function", .open = OPEN_VARIABLE};
    check(c, e->call.args.at[1].value, &function);
    note_called(c, e->call.args.at[1].value);
    return type_struct(c->prog, c->prog->known.list, &result);
}

struct type *check_async_call(struct checker *c, struct ast_expr *e, const char *name) {
    info(c, e->call.callee)->role = ROLE_STATIC;
    info(c, e->call.callee)->type = c->t_unit;
    require_async(c, e->span, str_format(c->arena, "`async.%s`", name).data);
    struct type *t = NULL;
    if (name == W(join) || name == W(try_join))
        t = check_join(c, e, name == W(try_join));
    else if (name == W(race) && e->call.args.len > 0)
        t = check_race(c, e);
    else if (name == W(map))
        t = check_async_map(c, e);
    if (t)
        return t;
    struct diag *d = diag_add(c->sink, P2004, ast_name_span(e->span, e->call.callee->member.name),
                              "there is no `async.%s`", name);
    diag_primary(c->sink, d, "there are `join`, `try_join`, `race` and `map`");
    for (int32_t i = 0; i < e->call.args.len; i++)
        check(c, e->call.args.at[i].value, NULL);
    return c->t_error;
}

// ---- async with ---------------------------------------------------------------------------------

static bool read_resource(struct checker *c, struct sema_with *with, struct ast_expr *e) {
    const char *name = e->kind == EXPR_CALL && e->call.callee->kind == EXPR_NAME
                           ? e->call.callee->name.text
                           : NULL;
    int32_t wanted = 0;
    if (name == W(timeout) && name) {
        with->kind = WITH_TIMEOUT;
        wanted = 1;
    } else if (name == W(cancellation_scope) && name) {
        with->kind = WITH_CANCELLATION_SCOPE;
    } else if (name == W(error_boundary) && name) {
        with->kind = WITH_ERROR_BOUNDARY;
    } else {
        static const char *const all[] = {"timeout", "cancellation_scope", "error_boundary"};
        const char *near = name ? diag_nearest(str_from(name), all, 3) : NULL;
        struct diag *d = diag_add(c->sink, P2001, e->span, "`async with` cannot take this");
        diag_primary(c->sink, d,
                     near ? "did you mean `%s`?"
                          : "not `timeout(d)`, "
                            "`cancellation_scope()` or `error_boundary()`",
                     near);
        if (!near)
            diag_note(c->sink, d,
                      "A lock is held by `lock.with(|value| ...)`; what has to be done "
                      "at the end of a block is a `defer`.");
        return false;
    }
    info(c, e)->role = info(c, e->call.callee)->role = ROLE_STATIC;
    info(c, e)->type = info(c, e->call.callee)->type = c->t_unit;
    if (e->call.args.len != wanted) {
        struct diag *d = diag_add(c->sink, P2006, e->span, "`%s` takes %d argument%s", name,
                                  (int)wanted, wanted == 1 ? "" : "s");
        diag_primary(c->sink, d, wanted ? "such as `timeout(30.seconds)`" : "nothing belongs here");
        return false;
    }
    if (wanted) {
        with->duration = e->call.args.at[0].value;
        check_as(c, with->duration, c->t_duration, "the timeout", (struct span){0});
    }
    return true;
}

static struct sema_catch read_catch(struct checker *c, struct ast_catch *k) {
    struct sema_catch out = {CATCH_ANY, NULL};
    if (!k->pattern)
        return out;
    check_pattern(c, k->pattern, c->t_failure, NULL);
    struct sema_pattern *at = &c->module->patterns[k->pattern->id];
    if (at->role == PATTERN_ROLE_TYPE || at->role == PATTERN_ROLE_FAILURE) {
        out.kind = CATCH_TYPE;
        out.type = at->as;
    } else if (at->role == PATTERN_ROLE_BIND && at->variable) {
        at->variable->is_used = true; // naming what is ignored is no fault
    }
    return out;
}

static struct type *join_part(struct checker *c, struct ast_expr *e, struct type *sofar,
                              struct type *t, const struct want *want) {
    if (want && want->is_discard)
        return sofar->kind == TYPE_NEVER ? t : c->t_unit;
    return join_types(c, e, sofar, t, (struct span){0});
}

// Does it catch more than time running out?
static bool catches_errors(const struct ast_async_with *with) {
    for (int32_t i = 0; i < with->catches.len; i++) {
        const struct ast_pattern *p = with->catches.at[i].pattern;
        bool is_timeout = p && p->kind == PATTERN_PATH &&
                          strcmp(p->path.names.at[p->path.names.len - 1].text, "TimeoutError") == 0;
        if (!is_timeout)
            return true;
    }
    return false;
}

struct type *check_async_with(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct ast_async_with *ast = e->async_with;
    struct sema_with *with = arena_new(c->arena, struct sema_with);
    info(c, e)->role = ROLE_WITH;
    info(c, e)->with = with;
    require_async(c, e->span, "`async with`");
    bool known = read_resource(c, with, ast->resource);
    int32_t mark = locals_mark(c);
    if (ast->binding) {
        with->variable =
            local_new(c, ast->binding, e->span, type_prim(c->prog, TYPE_SCOPE), VARIABLE_LOCAL);
    }
    int32_t catchers = c->body->catchers.len;
    if (catches_errors(ast))
        vec_push(c->arena, &c->body->catchers, c->body->closure);
    struct type *t = resolve(check_block(c, ast->body, want));
    c->body->catchers.len = catchers;
    locals_reset(c, mark);
    with->catches.len = ast->catches.len;
    with->catches.at = arena_array(c->arena, struct sema_catch, ast->catches.len);
    for (int32_t i = 0; i < ast->catches.len; i++) {
        struct ast_catch *k = &ast->catches.at[i];
        with->catches.at[i] = read_catch(c, k);
        if (k->guard)
            check_as(c, k->guard, c->t_bool, "a guard", (struct span){0});
        t = resolve(join_part(c, e, t, check_block(c, k->body, want), want));
        locals_reset(c, mark);
    }
    return known ? t : c->t_error;
}
