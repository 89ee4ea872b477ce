// SPDX-License-Identifier: MIT
// Regions: `async with` and its catches, `defer`, and the ways out of them; `?`.
//
// `async with` opens a scope, `s`. Its blocks look so:
//
//   s = scope.open        failures go outwards
//   … body …              failures go to `pad`; every way out closes s
//   scope.close s         failures go to `closing`
//   goto end
//   pad:      e = caught; scope.close s; goto catches
//   closing:  e = caught; goto catches
//   catches:  tests in turn, each with its body; else raise e
#include "frontend/mir/build/lower.h"

// ---- ways out -----------------------------------------------------------------------------------

static void close_scope(struct fn *fn, struct mir_operand scope, struct span span) {
    struct mir_inst i = inst(fn, MIR_OP_SCOPE_CLOSE, span);
    inst_arg(fn, &i, scope);
    put(fn, i);
}

struct mir_operand put_caught(struct fn *fn, struct span span) {
    return put_value(fn, inst(fn, MIR_OP_CAUGHT, span), prim(fn, MIR_ERROR), NULL);
}

static struct mir_operand put_mask(struct fn *fn, struct mir_operand level, struct span span) {
    return op1(fn, MIR_OP_MASK, level, prim(fn, MIR_I64), NULL, span);
}

// What a `defer` does is let be: neither a cancellation nor a deadline from outside interrupts it.
// Failures of it go on outwards, unmasked again.
static void lower_deferred(struct fn *fn, struct cleanup *c, struct span span) {
    int32_t unwind = fn->unwind, pad = block_new(fn);
    struct mir_operand was = put_mask(fn, const_int(fn, MIR_I64, (uint64_t)-1), span);
    set_unwind(fn, pad);
    lower_void(fn, c->deferred);
    set_unwind(fn, unwind);
    if (is_reached(fn))
        put_mask(fn, was, span);
    int32_t here = fn->block;
    enter(fn, pad);
    struct mir_operand e = put_caught(fn, span);
    put_mask(fn, was, span);
    leave(fn, MIR_RAISE, e, span);
    enter(fn, here);
}

static void run_cleanup(struct fn *fn, struct cleanup *c, struct span span) {
    set_unwind(fn, c->unwind);
    fn->cleanups = c->outer;
    if (c->kind == CLEANUP_SCOPE)
        close_scope(fn, c->scope, span);
    else if (c->kind == CLEANUP_DEFER)
        lower_deferred(fn, c, span);
}

void run_cleanups(struct fn *fn, struct cleanup *outer, struct span span) {
    struct cleanup *kept = fn->cleanups;
    int32_t unwind = fn->unwind;
    for (struct cleanup *c = kept; c != outer && is_reached(fn); c = c->outer)
        run_cleanup(fn, c, span);
    fn->cleanups = kept;
    fn->unwind = unwind; // of what is built next; the block at hand stays outside
}

// ---- defer --------------------------------------------------------------------------------------

// The pad's block is made here and filled when the region ends.
void push_defer(struct fn *fn, struct ast_expr *deferred, struct span span) {
    (void)span;
    struct cleanup *c = arena_new(fn->b->arena, struct cleanup);
    *c = (struct cleanup){.kind = CLEANUP_DEFER,
                          .outer = fn->cleanups,
                          .unwind = fn->unwind,
                          .deferred = deferred,
                          .pad = block_new(fn)};
    fn->cleanups = c;
    set_unwind(fn, c->pad);
}

void pop_defer(struct fn *fn, struct span span) {
    struct cleanup *c = fn->cleanups;
    assert(c && c->kind == CLEANUP_DEFER);
    bool is_here = is_reached(fn);
    if (is_here)
        run_cleanup(fn, c, span);
    int32_t here = fn->block;
    fn->cleanups = c->outer;
    fn->unwind = c->unwind;
    enter(fn, c->pad);
    struct mir_operand e = put_caught(fn, span);
    lower_deferred(fn, c, span);
    leave(fn, MIR_RAISE, e, span);
    enter(fn, here);
}

// ---- async with ---------------------------------------------------------------------------------

struct region {
    struct ast_async_with *with;
    const struct sema_with *info;
    struct mir_operand scope;
    struct mir_place error; // what was caught; only if there are catches
    int32_t pad, closing, catches, end;
    struct mir_place to;
    struct mir_type *type;
    bool is_end_used;
    struct cleanup catch_frame, scope_frame;
    int32_t unwind; // outside
};

static void open_region(struct fn *fn, struct region *r, struct span span) {
    struct mir_inst open = inst(fn, MIR_OP_SCOPE_OPEN, span);
    if (r->info->kind == WITH_TIMEOUT)
        inst_arg(fn, &open, nanoseconds(fn, r->info->duration));
    r->scope = put_value(fn, open, prim(fn, MIR_SCOPE), NULL);
    r->unwind = fn->unwind;
    r->pad = block_new(fn);
    r->closing = r->catches = -1;
    if (r->with->catches.len > 0) {
        r->closing = block_new(fn);
        r->catches = block_new(fn);
        r->error = local_place(temp(fn, prim(fn, MIR_ERROR)));
        r->catch_frame = (struct cleanup){.kind = CLEANUP_CATCH,
                                          .outer = fn->cleanups,
                                          .unwind = fn->unwind,
                                          .with = r->info,
                                          .tree = r->with};
        fn->cleanups = &r->catch_frame;
    }
    r->scope_frame = (struct cleanup){.kind = CLEANUP_SCOPE,
                                      .outer = fn->cleanups,
                                      .unwind = r->closing >= 0 ? r->closing : r->unwind,
                                      .scope = r->scope};
    fn->cleanups = &r->scope_frame;
    set_unwind(fn, r->pad);
}

static void catch_into(struct fn *fn, struct region *r, struct mir_operand caught,
                       struct span span) {
    assign(fn, r->error, caught, span);
    jump(fn, r->catches, span);
}

static void fill_pads(struct fn *fn, struct region *r, struct span span) {
    enter(fn, r->pad);
    struct mir_operand e = put_caught(fn, span);
    close_scope(fn, r->scope, span);
    if (r->catches < 0) {
        leave(fn, MIR_RAISE, e, span);
        return;
    }
    catch_into(fn, r, e, span);
    enter(fn, r->closing);
    catch_into(fn, r, put_caught(fn, span), span);
}

static void set_block_unwind(struct fn *fn, int32_t block, int32_t unwind) {
    fn->f->blocks.at[block].unwind = unwind;
}

static void is_kind(struct fn *fn, struct mir_operand kind, enum mir_op op, enum failure wanted,
                    int32_t fail, struct span span) {
    struct mir_operand number = const_int(fn, MIR_I64, (uint64_t)wanted);
    int32_t next = block_new(fn);
    branch(fn, op2(fn, op, kind, number, prim(fn, MIR_BOOL), NULL, span), next, fail, span);
    enter(fn, next);
}

// Goes on here if the catch matches the error, else at `next`.
static void lower_catch(struct fn *fn, const struct ast_catch *c, const struct sema_catch *info,
                        struct mir_place error, int32_t next) {
    if (info->kind == CATCH_ANY) {
        struct mir_operand kind =
            op1(fn, MIR_OP_ERROR_KIND, operand_of(fn, error), prim(fn, MIR_I64), NULL, c->span);
        is_kind(fn, kind, MIR_OP_NE, FAILURE_CANCELLED, next, c->span);
    }
    if (c->pattern)
        lower_pattern(fn, c->pattern, error, true, next);
    if (c->guard && is_reached(fn)) {
        int32_t yes = block_new(fn);
        branch(fn, lower(fn, c->guard, NULL), yes, next, c->span);
        enter(fn, yes);
    }
}

static void put_result(struct fn *fn, struct region *r, struct mir_operand value,
                       struct span span) {
    if (!is_reached(fn))
        return;
    if (r->to.local != MIR_NO_PLACE)
        assign(fn, r->to, value, span);
}

static void lower_catches(struct fn *fn, struct region *r, struct span span) {
    enter(fn, r->catches);
    for (int32_t i = 0; i < r->with->catches.len; i++) {
        int32_t next = block_new(fn);
        lower_catch(fn, &r->with->catches.at[i], &r->info->catches.at[i], r->error, next);
        if (is_reached(fn)) {
            struct ast_block *body = r->with->catches.at[i].body;
            put_result(fn, r, lower_block(fn, body, NULL), body->span);
            r->is_end_used = r->is_end_used || is_reached(fn);
            jump(fn, r->end, body->span);
        }
        enter(fn, next);
    }
    leave(fn, MIR_RAISE, operand_of(fn, r->error), span);
}

struct mir_operand lower_with(struct fn *fn, struct ast_expr *e, const struct mir_place *want) {
    struct region r = {.with = e->async_with, .info = entry(fn, e)->with, .to = no_place()};
    struct span span = e->span;
    r.type = mir_type_of_expr(fn, e);
    if (r.type->kind != MIR_UNIT && r.type->kind != MIR_NEVER)
        r.to = want ? *want : local_place(temp(fn, r.type));
    r.end = block_new(fn);
    struct cleanup *outer = fn->cleanups;
    open_region(fn, &r, span);
    if (r.info->variable)
        bind(fn, r.info->variable, r.scope.place);
    put_result(fn, &r, lower_block(fn, r.with->body, r.to.local == MIR_NO_PLACE ? NULL : &r.to),
               span);
    if (is_reached(fn)) {
        set_unwind(fn, r.scope_frame.unwind);
        close_scope(fn, r.scope, span);
        r.is_end_used = true;
        jump(fn, r.end, span);
    }
    fn->cleanups = outer;
    fn->unwind = r.unwind;
    set_block_unwind(fn, r.pad, r.scope_frame.unwind);
    fill_pads(fn, &r, span);
    if (r.catches >= 0)
        lower_catches(fn, &r, span);
    enter(fn, r.is_end_used ? r.end : -1);
    if (!r.is_end_used)
        return dead(fn, r.type);
    return r.to.local == MIR_NO_PLACE ? const_unit(fn) : operand_of(fn, r.to);
}

// ---- try ----------------------------------------------------------------------------------------

static bool may_catch(struct fn *fn, const struct sema_catch *c, const struct type *error) {
    return c->kind == CATCH_ANY || error->kind == TYPE_FAILURE ||
           (c->kind == CATCH_TYPE && subst(fn->b, &fn->env, c->type) == error);
}

void raise_error(struct fn *fn, struct mir_operand error, struct span span) {
    if (error.type->kind != MIR_ERROR)
        error = op1(fn, MIR_OP_ERROR_OF, error, prim(fn, MIR_ERROR), NULL, span);
    leave(fn, MIR_RAISE, error, span);
}

// Does a catch match whatever the error of its type is?
static bool takes_all(struct fn *fn, const struct ast_catch *c) {
    if (c->guard || !c->pattern || c->pattern->kind == PATTERN_BIND)
        return !c->guard;
    const struct sema_pattern *known = sema_of_pattern(fn->module, c->pattern);
    return c->pattern->kind == PATTERN_PATH && known->role == PATTERN_ROLE_TYPE &&
           known->variant < 0;
}

// The error goes to a catch of this function that matches it; what none of them does goes on here.
static void raise_to_catches(struct fn *fn, struct mir_operand error, const struct type *type,
                             struct span span) {
    struct mir_place raised = {.local = MIR_NO_PLACE};
    for (const struct cleanup *c = fn->cleanups; c; c = c->outer)
        for (int32_t i = 0; c->kind == CLEANUP_CATCH && i < c->with->catches.len; i++) {
            const struct ast_catch *catch = &c->tree->catches.at[i];
            if (!may_catch(fn, &c->with->catches.at[i], type))
                continue;
            if (takes_all(fn, catch)) {
                raise_error(fn, error, span);
                return;
            }
            if (raised.local == MIR_NO_PLACE)
                raised = materialize(
                    fn, op1(fn, MIR_OP_ERROR_OF, error, prim(fn, MIR_ERROR), NULL, span), span);
            int32_t next = block_new(fn);
            lower_catch(fn, catch, &c->with->catches.at[i], raised, next);
            if (is_reached(fn))
                leave(fn, MIR_RAISE, operand_of(fn, raised), span);
            enter(fn, next);
        }
}

// The error leaves: to a catch of this function, else as the function's result says.
static void leave_with(struct fn *fn, const struct sema_try *try, struct mir_operand error,
                       struct type *type, struct span span) {
    if (try->kind == TRY_CRASH) {
        raise_error(fn, error, span);
        return;
    }
    raise_to_catches(fn, error, type, span);
    if (!is_reached(fn))
        return;
    struct type *result = subst(fn->b, &fn->env, try->result);
    if (try->to_error) {
        error = op1(fn, MIR_OP_ERROR_OF, error, prim(fn, MIR_ERROR), NULL, span);
    } else if (try->from) {
        struct instance *from = use_instance(fn, try->from, false, span);
        struct mir_inst i = inst(fn, MIR_OP_CALL, span);
        i.function = from->mir->name;
        inst_arg(fn, &i, error);
        error = put_value(fn, i, from->mir->result, NULL);
    }
    if (try->kind == TRY_RETURN)
        error = make_struct(fn, result, 1, &error, 1, NULL, span);
    lower_return(fn, error, span);
}

struct mir_operand lower_try(struct fn *fn, struct ast_expr *e, const struct mir_place *want) {
    (void)want;
    const struct sema_try *try = entry(fn, e)->try;
    struct mir_place value = lower_place(fn, e->operand);
    if (!is_reached(fn))
        return dead(fn, mir_type_of_expr(fn, e));
    if (writes(fn, e->operand) && !is_stable_place(fn, &value))
        value = keep(fn, operand_of(fn, value), e->span).place;
    struct type *type = value_type_of(fn, e->operand);
    bool is_option = type->enumeration == fn->b->program->known.option;
    int32_t good = is_option ? 1 : 0;
    struct mir_operand tag =
        op1(fn, MIR_OP_TAG, operand_of(fn, value), prim(fn, MIR_U32), NULL, e->span);
    struct mir_operand wanted = const_int(fn, MIR_U32, (uint64_t)good);
    int32_t yes = block_new(fn), no = block_new(fn);
    branch(fn, op2(fn, MIR_OP_EQ, tag, wanted, prim(fn, MIR_BOOL), NULL, e->span), yes, no,
           e->span);
    enter(fn, no);
    if (is_option) {
        struct type *result = subst(fn->b, &fn->env, try->result);
        if (try->kind == TRY_NONE)
            lower_return(fn, make_struct(fn, result, 0, NULL, 0, NULL, e->span), e->span);
        else
            trap(fn, FAILURE_UNWRAP, STR("`?` of `None`"), e->span);
    } else {
        leave_with(fn, try, operand_of(fn, typed_field(fn, value, type, 1, 0)), type->args[1],
                   e->span);
    }
    enter(fn, yes);
    return operand_of(fn, typed_field(fn, value, type, good, 0));
}

const struct mir_operand *scope_around(const struct fn *fn) {
    for (const struct cleanup *c = fn->cleanups; c; c = c->outer)
        if (c->kind == CLEANUP_SCOPE && !c->is_group)
            return &c->scope;
    return NULL;
}

// ---- scopes of the compiler's own ---------------------------------------------------------------

// The tasks of a join are in a scope of their own: when one fails, the others are cancelled.
static struct cleanup *open_group_until(struct fn *fn, const struct mir_operand *ns,
                                        struct span span) {
    struct mir_inst open = inst(fn, MIR_OP_SCOPE_OPEN, span);
    if (ns)
        inst_arg(fn, &open, *ns);
    struct mir_operand scope = put_value(fn, open, prim(fn, MIR_SCOPE), NULL);
    struct cleanup *c = arena_new(fn->b->arena, struct cleanup);
    *c = (struct cleanup){.kind = CLEANUP_SCOPE,
                          .outer = fn->cleanups,
                          .unwind = fn->unwind,
                          .scope = scope,
                          .is_group = true,
                          .pad = block_new(fn)};
    fn->cleanups = c;
    set_unwind(fn, c->pad);
    return c;
}

// Leaves it the normal way, and gives the error that its pad has caught; the pad is at hand then,
// and `*normal` is the block in which the normal way goes on.
struct mir_operand close_group(struct fn *fn, struct cleanup *c, int32_t *normal,
                               struct span span) {
    if (is_reached(fn)) {
        set_unwind(fn, c->unwind);
        close_scope(fn, c->scope, span);
    }
    *normal = fn->block;
    fn->cleanups = c->outer;
    fn->unwind = c->unwind;
    enter(fn, c->pad);
    struct mir_operand error = put_caught(fn, span);
    close_scope(fn, c->scope, span);
    return error;
}

struct cleanup *open_group(struct fn *fn, struct span span) {
    return open_group_until(fn, NULL, span);
}

// `await future.timeout(d)`: what runs out of time becomes an Err.
struct mir_operand lower_limited(struct fn *fn, struct sema_call *call, struct type *type,
                                 const struct mir_place *want, struct span span) {
    struct mir_place to = want ? *want : local_place(temp(fn, mir_type_for(fn->b, type)));
    struct mir_operand ns = keep(fn, nanoseconds(fn, call->timeout), span);
    if (!is_reached(fn))
        return dead(fn, mir_type_for(fn->b, type));
    struct cleanup *group = open_group_until(fn, &ns, span);
    struct mir_operand value = lower_await(fn, call->receiver, type->args[0], NULL, span);
    if (is_reached(fn))
        assign(fn, to, make_struct(fn, type, 0, &value, 1, &to, span), span);
    int32_t normal;
    struct mir_operand error = close_group(fn, group, &normal, span);
    int32_t late = block_new(fn), other = block_new(fn), end = block_new(fn);
    struct mir_operand kind = op1(fn, MIR_OP_ERROR_KIND, error, prim(fn, MIR_I64), NULL, span);
    struct mir_operand timeout = const_int(fn, MIR_I64, FAILURE_TIMEOUT);
    branch(fn, op2(fn, MIR_OP_EQ, kind, timeout, prim(fn, MIR_BOOL), NULL, span), late, other,
           span);
    enter(fn, other);
    leave(fn, MIR_RAISE, error, span);
    enter(fn, late);
    struct mir_operand why = make_struct(fn, type->args[1], -1, NULL, 0, NULL, span);
    assign(fn, to, make_struct(fn, type, 1, &why, 1, &to, span), span);
    jump(fn, end, span);
    enter(fn, normal);
    if (is_reached(fn))
        jump(fn, end, span);
    enter(fn, end);
    return operand_of(fn, to);
}
