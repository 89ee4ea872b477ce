// SPDX-License-Identifier: MIT
// Blocks, statements, conditions, matches, loops and jumps.
#include "frontend/mir/build/lower.h"

// ---- where a value goes -------------------------------------------------------------------------

// Branches meet in one place: the wanted one, or a new local.
static struct mir_place meeting(struct fn *fn, struct mir_type *t, const struct mir_place *want) {
    if (t->kind == MIR_UNIT || t->kind == MIR_NEVER)
        return no_place();
    return want ? *want : local_place(temp(fn, t));
}

static void arrive(struct fn *fn, struct mir_place to, struct mir_operand value, int32_t end,
                   bool *is_used, struct span span) {
    if (!is_reached(fn))
        return;
    if (to.local != MIR_NO_PLACE)
        assign(fn, to, value, span);
    jump(fn, end, span);
    *is_used = true;
}

static struct mir_operand met(struct fn *fn, struct mir_place to, struct mir_type *t, int32_t end,
                              bool is_used) {
    enter(fn, is_used ? end : -1);
    if (!is_used)
        return dead(fn, t);
    return to.local == MIR_NO_PLACE ? const_unit(fn) : operand_of(fn, to);
}

static const struct mir_place *wanted(const struct mir_place *to) {
    return to->local == MIR_NO_PLACE ? NULL : to;
}

// ---- blocks and statements ----------------------------------------------------------------------

static void lower_let(struct fn *fn, const struct ast_stmt *s, bool rest_writes) {
    struct ast_pattern *p = s->let.pattern;
    const struct sema_pattern *known = sema_of_pattern(fn->module, p);
    if (!s->let.value)
        return; // it gets its local where it is assigned to
    if (p->kind == PATTERN_BIND && known->variable && !p->bind.inner) {
        struct sema_variable *v = known->variable;
        if (v->type->kind == TYPE_FUTURE && !v->is_mutated && is_cold_call(fn, s->let.value)) {
            struct cold *cold = lower_cold(fn, s->let.value);
            bind(fn, v, no_place());
            binding_of(fn, v)->cold = cold;
            return;
        }
        int32_t local = variable_local(fn, v);
        fn->label = v->name;
        lower_to(fn, s->let.value, local_place(local));
        fn->label = NULL;
        bind(fn, v, local_place(local));
        return;
    }
    if (p->kind == PATTERN_WILDCARD) {
        lower_void(fn, s->let.value);
        return;
    }
    struct subject subject = lower_subject(fn, s->let.value);
    index_subject(fn, p, &subject, s->let.value->span);
    int32_t fail = block_new(fn);
    match_subject(fn, p, &subject, !rest_writes, fail);
    int32_t here = fn->block;
    enter(fn, fail);
    if (s->let.otherwise)
        lower_block(fn, s->let.otherwise, NULL);
    leave(fn, MIR_UNREACHABLE, const_unit(fn), s->span);
    enter(fn, here);
}

static bool rest_writes(struct fn *fn, const struct ast_block *b, int32_t from) {
    struct ast_block rest = *b;
    rest.stmts.at += from;
    rest.stmts.len -= from;
    return block_writes(fn, &rest);
}

static void lower_stmt(struct fn *fn, const struct ast_block *b, int32_t at, int32_t *defers) {
    const struct ast_stmt *s = &b->stmts.at[at];
    switch (s->kind) {
    case STMT_LET:
        lower_let(fn, s, s->let.pattern->kind == PATTERN_BIND || rest_writes(fn, b, at + 1));
        break;
    case STMT_EXPR:
        lower_void(fn, s->expr);
        break;
    case STMT_DEFER:
        push_defer(fn, s->expr, s->span);
        (*defers)++;
        break;
    case STMT_BIND:
        lower_binding(fn, s);
        break;
    }
}

struct mir_operand lower_block(struct fn *fn, struct ast_block *b, const struct mir_place *want) {
    int32_t defers = 0;
    for (int32_t i = 0; i < b->stmts.len && is_reached(fn); i++)
        lower_stmt(fn, b, i, &defers);
    struct mir_operand value = const_unit(fn);
    if (b->value && is_reached(fn)) {
        value = lower(fn, b->value, want);
        if (defers > 0 && is_reached(fn))
            value = keep(fn, value, b->value->span);
    }
    while (defers-- > 0)
        pop_defer(fn, b->span);
    return value;
}

// ---- if -----------------------------------------------------------------------------------------

// Goes on where this part of a condition, which has no pattern, holds.
static void lower_part(struct fn *fn, struct ast_expr *value, int32_t no) {
    if (value->kind == EXPR_BINARY && value->binary.op == BINARY_AND &&
        entry(fn, value)->role == ROLE_NONE) {
        lower_part(fn, value->binary.left, no);
        lower_part(fn, value->binary.right, no);
        return;
    }
    struct mir_operand condition = lower(fn, value, NULL);
    if (!is_reached(fn))
        return;
    int32_t yes = block_new(fn);
    branch(fn, condition, yes, no, value->span);
    enter(fn, yes);
}

// What is done where a condition holds: a block, whose value goes to `to`, or nowhere.
struct then {
    struct ast_block *block;
    const struct mir_place *to;
    int32_t end;
    bool *is_used;
};

static void lower_then(struct fn *fn, const struct then *t) {
    if (!is_reached(fn))
        return;
    struct mir_operand value = lower_block(fn, t->block, t->to ? wanted(t->to) : NULL);
    if (t->to)
        arrive(fn, *t->to, value, t->end, t->is_used, t->block->span);
    else
        jump(fn, t->end, t->block->span);
}

// Does it where the condition holds, goes to `no` where it does not. What its patterns name is a
// copy unless nothing else is done before the names are gone: `may_alias`.
static void lower_condition(struct fn *fn, const struct ast_condition *c, bool may_alias,
                            int32_t no, const struct then *then) {
    if (!c || !is_reached(fn)) {
        lower_then(fn, then);
        return;
    }
    if (!c->pattern) {
        lower_part(fn, c->value, no);
        lower_condition(fn, c->rest, may_alias, no, then);
        return;
    }
    struct subject s = lower_subject(fn, c->value);
    index_subject(fn, c->pattern, &s, c->value->span);
    struct choices choices;
    choices_begin(fn, &choices, c->pattern);
    bool several = choices.at.len > 0;
    for (bool more = true; more;) {
        int32_t fail = several ? block_new(fn) : no;
        match_subject(fn, c->pattern, &s, may_alias && !c->rest, fail);
        lower_condition(fn, c->rest, may_alias, no, then);
        more = choices_next(fn, &choices);
        if (several)
            enter(fn, fail);
    }
    if (several)
        jump(fn, no, c->value->span);
}

struct mir_operand lower_if(struct fn *fn, struct ast_expr *e, const struct mir_place *want) {
    bool holds;
    if (!e->branch.condition.pattern && !e->branch.condition.rest &&
        lower_type_condition(fn, e->branch.condition.value, &holds)) {
        if (holds)
            return lower_block(fn, e->branch.then, want);
        return e->branch.otherwise ? lower(fn, e->branch.otherwise, want) : const_unit(fn);
    }
    struct mir_type *t = mir_type_of_expr(fn, e);
    struct mir_place to = meeting(fn, t, want);
    int32_t no = block_new(fn), end = block_new(fn);
    bool is_used = false;
    struct then then = {e->branch.then, &to, end, &is_used};
    lower_condition(fn, &e->branch.condition, !block_writes(fn, e->branch.then), no, &then);
    enter(fn, no);
    if (e->branch.otherwise) {
        struct mir_operand value = lower(fn, e->branch.otherwise, wanted(&to));
        arrive(fn, to, value, end, &is_used, e->branch.otherwise->span);
    } else {
        jump(fn, end, e->span);
        is_used = true;
    }
    return met(fn, to, t, end, is_used);
}

// ---- match --------------------------------------------------------------------------------------

static void lower_arm_once(struct fn *fn, const struct ast_arm *arm, const struct subject *s,
                           struct mir_place to, int32_t fail, int32_t next, int32_t end,
                           bool *is_used) {
    bool may_alias = !writes(fn, arm->body) && !(arm->guard && writes(fn, arm->guard));
    match_subject(fn, arm->pattern, s, may_alias, fail);
    if (arm->guard && is_reached(fn)) {
        lower_part(fn, arm->guard, next);
    }
    if (!is_reached(fn))
        return;
    struct mir_operand value = lower(fn, arm->body, wanted(&to));
    arrive(fn, to, value, end, is_used, arm->body->span);
}

static void lower_arm(struct fn *fn, const struct ast_arm *arm, const struct subject *s,
                      struct mir_place to, int32_t next, int32_t end, bool *is_used) {
    struct choices choices;
    choices_begin(fn, &choices, arm->pattern);
    for (bool more = true; more;) {
        int32_t fail = next;
        if (choices.at.len > 0)
            fail = block_new(fn);
        lower_arm_once(fn, arm, s, to, fail, next, end, is_used);
        more = choices_next(fn, &choices);
        if (fail != next)
            enter(fn, fail);
    }
    jump(fn, next, arm->pattern->span);
}

struct mir_operand lower_match(struct fn *fn, struct ast_expr *e, const struct mir_place *want) {
    struct mir_type *t = mir_type_of_expr(fn, e);
    struct subject s = lower_subject(fn, e->match.subject);
    if (!is_reached(fn))
        return dead(fn, t);
    if (e->match.arms.len)
        index_subject(fn, e->match.arms.at[0].pattern, &s, e->match.subject->span);
    struct mir_place to = meeting(fn, t, want);
    int32_t end = block_new(fn);
    bool is_used = false;
    for (int32_t i = 0; i < e->match.arms.len; i++) {
        int32_t next = block_new(fn);
        lower_arm(fn, &e->match.arms.at[i], &s, to, next, end, &is_used);
        enter(fn, next);
    }
    leave(fn, MIR_UNREACHABLE, const_unit(fn), e->span); // matches are exhaustive
    return met(fn, to, t, end, is_used);
}

// ---- loops --------------------------------------------------------------------------------------

static struct loop loop_push(struct fn *fn, const char *label, struct mir_place value) {
    return (struct loop){
        .outer = fn->loops,
        .label = label,
        .next = block_new(fn),
        .out = block_new(fn),
        .cleanups = fn->cleanups,
        .value = value,
    };
}

void lower_while(struct fn *fn, struct ast_expr *e) {
    struct loop loop = loop_push(fn, e->while_loop.label, no_place());
    fn->loops = &loop;
    jump(fn, loop.next, e->span);
    enter(fn, loop.next);
    struct then then = {.block = e->while_loop.body, .end = loop.next};
    lower_condition(fn, &e->while_loop.condition, !block_writes(fn, e->while_loop.body), loop.out,
                    &then);
    fn->loops = loop.outer;
    enter(fn, loop.out);
}

struct mir_operand lower_loop(struct fn *fn, struct ast_expr *e, const struct mir_place *want) {
    struct mir_type *t = mir_type_of_expr(fn, e);
    struct mir_place to = meeting(fn, t, want);
    struct loop loop = loop_push(fn, e->loop.label, to);
    fn->loops = &loop;
    jump(fn, loop.next, e->span);
    enter(fn, loop.next);
    lower_block(fn, e->loop.body, NULL);
    jump(fn, loop.next, e->span);
    fn->loops = loop.outer;
    return met(fn, to, t, loop.out, loop.is_out_used);
}

// The pattern of a `for` with an element; the loop goes on where it fits, which is always.
static void lower_element(struct fn *fn, struct ast_expr *e, struct mir_place element) {
    int32_t fail = block_new(fn);
    lower_pattern(fn, e->for_loop.pattern, element, !block_writes(fn, e->for_loop.body), fail);
    int32_t here = fn->block;
    enter(fn, fail);
    leave(fn, MIR_UNREACHABLE, const_unit(fn), e->span);
    enter(fn, here);
    lower_block(fn, e->for_loop.body, NULL);
}

// A loop that counts `at` from where it stands up to `end`. `each` makes the element.
struct counted {
    struct ast_expr *e;
    const struct sema_for *loop;
    struct mir_place sequence; // FOR_BUFFER, FOR_INDEXED
    bool is_buffer;            // in MIR: lists are buffers
};

static void lower_counted_body(struct fn *fn, const struct counted *c, struct mir_operand at) {
    struct ast_expr *e = c->e;
    if (c->loop->kind == FOR_RANGE) {
        lower_element(fn, e, at.place);
        return;
    }
    if (c->is_buffer) {
        lower_element(fn, e, place_index(fn, c->sequence, at));
        return;
    }
    struct instance *item_at = use_instance(fn, &c->loop->at, false, e->span);
    struct mir_inst i = inst(fn, MIR_OP_CALL, e->for_loop.iterable->span);
    i.function = item_at->mir->name;
    inst_arg(fn, &i, operand_of(fn, c->sequence));
    inst_arg(fn, &i, at);
    lower_element(fn, e, materialize(fn, put_value(fn, i, item_at->mir->result, NULL), e->span));
}

static void lower_counted(struct fn *fn, const struct counted *c, struct mir_operand low,
                          struct mir_operand high, bool is_inclusive) {
    struct ast_expr *e = c->e;
    struct mir_place counter = local_place(temp(fn, low.type));
    assign(fn, counter, low, e->span);
    struct mir_operand at = operand_of(fn, counter), one = const_int(fn, low.type->kind, 1);
    struct loop loop = loop_push(fn, e->for_loop.label, no_place());
    int32_t head = block_new(fn), body = block_new(fn);
    jump(fn, head, e->span);
    enter(fn, head);
    struct mir_operand more =
        op2(fn, is_inclusive ? MIR_OP_LE : MIR_OP_LT, at, high, prim(fn, MIR_BOOL), NULL, e->span);
    branch(fn, more, body, loop.out, e->span);
    enter(fn, body);
    fn->loops = &loop;
    lower_counted_body(fn, c, at);
    fn->loops = loop.outer;
    jump(fn, loop.next, e->span);
    enter(fn, loop.next);
    if (is_inclusive) { // the last one may be the largest of its type
        int32_t step = block_new(fn);
        branch(fn, op2(fn, MIR_OP_LT, at, high, prim(fn, MIR_BOOL), NULL, e->span), step, loop.out,
               e->span);
        enter(fn, step);
    }
    op2(fn, MIR_OP_ADDW, at, one, low.type, &counter, e->span);
    jump(fn, head, e->span);
    enter(fn, loop.out);
}

static void lower_for_range(struct fn *fn, const struct counted *c) {
    struct ast_expr *range = c->e->for_loop.iterable;
    if (range->kind == EXPR_RANGE && range->range.low && range->range.high) {
        struct mir_operand low = keep(fn, lower(fn, range->range.low, NULL), range->span);
        struct mir_operand high = keep(fn, lower(fn, range->range.high, NULL), range->span);
        if (low.kind == MIR_CONST)
            low.type = high.type;
        if (is_reached(fn))
            lower_counted(fn, c, low, high, range->range.is_inclusive);
        return;
    }
    struct mir_operand value = keep(fn, lower(fn, range, NULL), range->span);
    if (!is_reached(fn))
        return;
    struct mir_place p = materialize(fn, value, range->span);
    lower_counted(fn, c, operand_of(fn, place_field(fn, p, 0)),
                  operand_of(fn, place_field(fn, p, 1)), false);
}

// Over what the sequence was at the beginning.
static void lower_for_sequence(struct fn *fn, struct counted *c) {
    struct ast_expr *e = c->e, *iterable = e->for_loop.iterable;
    struct mir_operand value = lower(fn, iterable, NULL);
    if (!is_reached(fn))
        return;
    if (block_writes(fn, e->for_loop.body))
        value = keep(fn, value, iterable->span);
    c->sequence = materialize(fn, value, iterable->span);
    c->is_buffer = value.type->kind == MIR_BUFFER;
    struct mir_operand len;
    if (c->is_buffer) {
        len = op1(fn, MIR_OP_BUF_LEN, operand_of(fn, c->sequence), prim(fn, MIR_U64), NULL,
                  iterable->span);
    } else {
        struct instance *callee = use_instance(fn, &c->loop->len, false, e->span);
        struct mir_inst i = inst(fn, MIR_OP_CALL, iterable->span);
        i.function = callee->mir->name;
        inst_arg(fn, &i, operand_of(fn, c->sequence));
        len = put_value(fn, i, prim(fn, MIR_U64), NULL);
    }
    lower_counted(fn, c, const_int(fn, MIR_U64, 0), len, false);
}

static struct mir_operand next_item(struct fn *fn, const struct sema_use *use,
                                    struct mir_operand iterator, struct ast_expr *e) {
    struct span span = e->for_loop.iterable->span;
    if (use->function->waits)
        return lower_inline(fn, use, iterator, NULL, NULL, span);
    struct instance *next = use_instance(fn, use, false, e->span);
    struct mir_inst i = inst(fn, MIR_OP_CALL, span);
    i.function = next->mir->name;
    inst_arg(fn, &i, iterator);
    return put_value(fn, i, next->mir->result, NULL);
}

// `next` gives an option until there is nothing any more.
static void lower_for_next(struct fn *fn, struct ast_expr *e, const struct sema_for *info) {
    struct mir_operand value = lower(fn, e->for_loop.iterable, NULL);
    if (info->kind == FOR_ITER) {
        struct instance *iter = use_instance(fn, &info->iter, false, e->span);
        struct mir_inst i = inst(fn, MIR_OP_CALL, e->for_loop.iterable->span);
        i.function = iter->mir->name;
        inst_arg(fn, &i, value);
        value = put_value(fn, i, iter->mir->result, NULL);
    }
    if (!is_reached(fn))
        return;
    struct mir_place iterator = local_place(temp(fn, value.type));
    assign(fn, iterator, value, e->span);
    struct loop loop = loop_push(fn, e->for_loop.label, no_place());
    fn->loops = &loop;
    jump(fn, loop.next, e->span);
    enter(fn, loop.next);
    struct mir_operand item = next_item(fn, &info->next, operand_of(fn, iterator), e);
    struct mir_operand tag = op1(fn, MIR_OP_TAG, item, prim(fn, MIR_U32), NULL, e->span);
    struct mir_operand some = const_int(fn, MIR_U32, 1);
    int32_t body = block_new(fn);
    branch(fn, op2(fn, MIR_OP_EQ, tag, some, prim(fn, MIR_BOOL), NULL, e->span), body, loop.out,
           e->span);
    enter(fn, body);
    lower_element(fn, e, place_variant(fn, item.place, 1, 0));
    jump(fn, loop.next, e->span);
    fn->loops = loop.outer;
    enter(fn, loop.out);
}

void lower_for(struct fn *fn, struct ast_expr *e) {
    struct counted c = {.e = e, .loop = entry(fn, e)->loop};
    switch (c.loop->kind) {
    case FOR_RANGE:
        lower_for_range(fn, &c);
        break;
    case FOR_BUFFER:
    case FOR_INDEXED:
        lower_for_sequence(fn, &c);
        break;
    default:
        lower_for_next(fn, e, c.loop);
    }
}

// ---- jumps --------------------------------------------------------------------------------------

static struct loop *loop_named(struct fn *fn, const char *label) {
    struct loop *loop = fn->loops;
    while (loop && label && loop->label != label)
        loop = loop->outer;
    assert(loop);
    return loop;
}

// Reading an element may trap, which the blocks that are left here still catch: it is read before.
static struct mir_operand read_now(struct fn *fn, struct mir_operand value, struct span span) {
    for (int32_t i = 0; value.kind == MIR_COPY && i < value.place.projs.len; i++)
        if (value.place.projs.at[i].kind == MIR_PROJ_INDEX)
            return op1(fn, MIR_OP_USE, value, value.type, NULL, span);
    return keep(fn, value, span);
}

// A function that gives Result<(), E> and comes to its end, or returns nothing, gives Ok(()).
static bool ends_well(const struct fn *fn) {
    const struct type *t = fn->instance->kind == CODE_FUNCTION ? fn->result : NULL;
    return t && t->kind == TYPE_ENUM && t->enumeration == fn->b->program->known.result &&
           type_is_unit(t->args[0]) && !fn->instance->function->takes_reply;
}

void lower_return(struct fn *fn, struct mir_operand value, struct span span) {
    if (!is_reached(fn))
        return;
    if (fn->cleanups)
        value = read_now(fn, value, span);
    run_cleanups(fn, NULL, span);
    if (fn->f->result->kind == MIR_UNIT)
        value = const_unit(fn);
    else if (value.type->kind == MIR_UNIT && ends_well(fn))
        value = make_struct(fn, fn->result, 0, &value, 1, NULL, span);
    if (value.type != fn->f->result) { // a handler that took its reply, and gives nothing
        bool handles = fn->instance->function->kind == FUNCTION_MESSAGE;
        leave(fn, handles ? MIR_END : MIR_UNREACHABLE, const_unit(fn), span);
        return;
    }
    leave(fn, MIR_RETURN, value, span);
}

void lower_jump(struct fn *fn, struct ast_expr *e) {
    struct ast_expr *value = e->jump.value;
    if (e->kind == EXPR_RETURN) {
        if (value && lower_forward(fn, value, e->span))
            return;
        struct mir_operand result = value ? lower(fn, value, NULL) : const_unit(fn);
        lower_return(fn, result, e->span);
        return;
    }
    struct loop *loop = loop_named(fn, e->jump.label);
    if (value) {
        if (loop->value.local != MIR_NO_PLACE)
            lower_to(fn, value, loop->value);
        else
            lower_void(fn, value);
    }
    if (!is_reached(fn))
        return;
    run_cleanups(fn, loop->cleanups, e->span);
    if (e->kind == EXPR_BREAK)
        loop->is_out_used = true;
    jump(fn, e->kind == EXPR_BREAK ? loop->out : loop->next, e->span);
}
