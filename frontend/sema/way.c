// SPDX-License-Identifier: MIT
// Makes the graph of a body's ways, in the order in which it runs, and finds what is so at its
// points. A `defer` runs on each way out of its block: it stands in the graph once for failures and
// `return`, which lead from one to the next outside of it, and again where its block ends or a loop
// is left.
#include "frontend/sema/way.h"

struct deferred {
    struct ast_expr *expr;
    struct deferred *outer;
};

struct way_loop {
    const char *label;
    struct deferred *defers; // that are there where it begins
    int32_t again, behind;
    struct way_loop *outer;
};

struct builder {
    struct checker *c;
    struct way *way;
    way_closures *closures;
    struct way_loop *loop;
    struct deferred *defers; // the innermost first
    int32_t now;             // the spot at hand
    int32_t fails, returns;  // where failures and `return` lead to; -1: out of the body
    bool is_task;            // others of the actor's turns come between its waits
    uint64_t beside;         // fields of the state that what it has started may change meanwhile
};

static void visit(struct builder *b, struct ast_expr *e);
static void look(struct builder *b, struct ast_expr *e);
static void visit_block(struct builder *b, struct ast_block *block);
static void visit_call(struct builder *b, struct ast_expr *e, bool is_dropped);

// ---- the graph

static int32_t spot_new(struct builder *b) {
    struct spot *s = arena_new(b->c->arena, struct spot);
    s->fails = b->fails;
    vec_push(b->c->arena, &b->way->spots, s);
    return b->way->spots.len - 1;
}

static void lead(struct builder *b, int32_t from, int32_t to) {
    if (to >= 0)
        vec_push(b->c->arena, &b->way->spots.at[from]->next, to);
}

// A new spot behind the one at hand.
static void go_on(struct builder *b) {
    int32_t s = spot_new(b);
    lead(b, b->now, s);
    b->now = s;
}

// Nothing comes to what follows.
static void jump(struct builder *b, int32_t to) {
    lead(b, b->now, to);
    b->now = spot_new(b);
}

static void put(struct builder *b, struct step s) {
    vec_push(b->c->arena, &b->way->spots.at[b->now]->steps, s);
}

static void put_variable(struct builder *b, enum step_kind kind, struct sema_variable *v,
                         struct span span) {
    put(b, (struct step){.kind = kind, .variable = v, .span = span});
}

static void may_fail(struct builder *b, struct span span) {
    if (b->fails >= 0)
        put(b, (struct step){.kind = STEP_FAIL, .span = span});
}

static void put_state(struct builder *b, uint64_t fields, struct span span, bool by_others) {
    if (fields)
        put(b, (struct step){
                   .kind = STEP_STATE, .fields = fields, .span = span, .by_others = by_others});
}

// The body at hand waits: the state may be another one behind it, in a task and in a reentrant
// actor all of it.
static void put_wait(struct builder *b, struct span span) {
    const struct sema_function *f = b->c->body->function;
    if (f->actor)
        put_state(b, b->is_task || f->actor->is_reentrant ? UINT64_MAX : b->beside, span, true);
}

// ---- places

static struct sema_expr *at(struct builder *b, const struct ast_expr *e) {
    return info(b->c, e);
}

// The variable that a place begins in, or NULL.
static struct sema_variable *root_of(struct builder *b, const struct ast_expr *e) {
    struct sema_expr *known = at(b, e);
    if (known->role == ROLE_LOCAL)
        return known->variable;
    if (e->kind == EXPR_MEMBER && known->role == ROLE_FIELD)
        return root_of(b, e->member.object);
    if (e->kind == EXPR_INDEX && is_place(b->c, e))
        return root_of(b, e->index.object);
    if (e->kind == EXPR_UNARY && e->unary.op == UNARY_PLACE)
        return root_of(b, e->unary.operand);
    if (e->kind == EXPR_CALL && is_place(b->c, e))
        return root_of(b, known->call->receiver);
    return NULL;
}

// What of it is only fields of a variable can be taken out of it and leave a hole behind.
static struct sema_variable *holder_of(struct builder *b, const struct ast_expr *e) {
    struct sema_expr *known = at(b, e);
    if (known->role == ROLE_LOCAL)
        return known->variable;
    if (e->kind == EXPR_MEMBER && known->role == ROLE_FIELD)
        return holder_of(b, e->member.object);
    return NULL;
}

static bool is_affine(struct builder *b, const struct ast_expr *e) {
    struct type *t = at(b, e)->type;
    return t && !type_is_copyable(b->c, t);
}

// The place changes: the variable that it begins in does, and what stands for parts of it no longer
// does.
static void put_change(struct builder *b, struct ast_expr *e, struct span span) {
    put(b, (struct step){.kind = STEP_CHANGE, .place = e, .span = span});
}

static void put_write(struct builder *b, struct ast_expr *e, struct span span, bool is_own) {
    struct sema_variable *v = root_of(b, e);
    if (v)
        put(b, (struct step){.kind = STEP_WRITE, .variable = v, .span = span, .is_own = is_own});
    put_change(b, e, span);
}

// The indexes and keys on the way to a place, without reading it.
static void reach(struct builder *b, struct ast_expr *e) {
    struct sema_expr *known = at(b, e);
    if (known->role == ROLE_LOCAL || known->role == ROLE_SELF_FIELD)
        return;
    if (e->kind == EXPR_MEMBER && known->role == ROLE_FIELD) {
        reach(b, e->member.object);
    } else if (e->kind == EXPR_INDEX && is_place(b->c, e)) {
        reach(b, e->index.object);
        visit(b, e->index.index);
        may_fail(b, e->span);
    } else if (e->kind == EXPR_UNARY && e->unary.op == UNARY_PLACE) {
        reach(b, e->unary.operand);
    } else {
        look(b, e);
    }
}

// The place is read, by nobody who takes what is in it.
static void look(struct builder *b, struct ast_expr *e) {
    struct sema_expr *known = at(b, e);
    if (known->role == ROLE_LOCAL) {
        put_variable(b, STEP_USE, known->variable, e->span);
    } else if (e->kind == EXPR_MEMBER && known->role == ROLE_FIELD) {
        look(b, e->member.object);
    } else if (e->kind == EXPR_INDEX && is_place(b->c, e)) {
        look(b, e->index.object);
        visit(b, e->index.index);
        may_fail(b, e->span);
    } else if (e->kind == EXPR_UNARY && e->unary.op == UNARY_PLACE) {
        look(b, e->unary.operand);
    } else if (known->role == ROLE_CALL && known->call) {
        visit_call(b, e, false);
    } else if (known->role != ROLE_SELF_FIELD) {
        visit(b, e);
    }
}

// What is in the place is taken, if it cannot be copied.
static void take(struct builder *b, struct ast_expr *e) {
    if (!is_affine(b, e)) {
        look(b, e);
        return;
    }
    struct sema_variable *v = holder_of(b, e);
    if (v)
        put_variable(b, STEP_TAKE, v, e->span);
    else {
        look(b, e);
        put(b, (struct step){.kind = STEP_COPY, .place = e, .span = e->span});
    }
}

// ---- patterns

// Do its names take something out of what is matched, rather than stand for a part of it?
static bool pattern_takes(struct builder *b, const struct ast_pattern *p) {
    switch (p->kind) {
    case PATTERN_BIND: {
        struct sema_variable *v = b->c->module->patterns[p->id].variable;
        return (v && !v->is_alias && !type_is_copyable(b->c, v->type)) ||
               (p->bind.inner && pattern_takes(b, p->bind.inner));
    }
    case PATTERN_CALL:
        for (int32_t i = 0; i < p->call.elements.len; i++)
            if (pattern_takes(b, p->call.elements.at[i]))
                return true;
        return false;
    case PATTERN_TUPLE:
        for (int32_t i = 0; i < p->tuple.elements.len; i++)
            if (pattern_takes(b, p->tuple.elements.at[i]))
                return true;
        return false;
    case PATTERN_STRUCT:
        for (int32_t i = 0; i < p->record.fields.len; i++)
            if (pattern_takes(b, p->record.fields.at[i].pattern))
                return true;
        return false;
    case PATTERN_OR:
        return pattern_takes(b, p->any.alternatives.at[0]);
    default:
        return false;
    }
}

static bool bind_names(struct builder *b, const struct ast_pattern *p) {
    bool is_alias = false;
    switch (p->kind) {
    case PATTERN_BIND: {
        struct sema_variable *v = b->c->module->patterns[p->id].variable;
        if (v)
            put_variable(b, STEP_BIND, v, p->span);
        is_alias = v && v->is_alias;
        return (p->bind.inner && bind_names(b, p->bind.inner)) || is_alias;
    }
    case PATTERN_CALL:
        for (int32_t i = 0; i < p->call.elements.len; i++)
            is_alias |= bind_names(b, p->call.elements.at[i]);
        return is_alias;
    case PATTERN_TUPLE:
        for (int32_t i = 0; i < p->tuple.elements.len; i++)
            is_alias |= bind_names(b, p->tuple.elements.at[i]);
        return is_alias;
    case PATTERN_STRUCT:
        for (int32_t i = 0; i < p->record.fields.len; i++)
            is_alias |= bind_names(b, p->record.fields.at[i].pattern);
        return is_alias;
    case PATTERN_OR:
        return bind_names(b, p->any.alternatives.at[0]);
    default:
        return false;
    }
}

// Binds the names of a pattern. One that stands for a part of what is matched has that part for
// itself: what stood for a part of the same before does no more.
static void bind(struct builder *b, const struct ast_pattern *p, struct ast_expr *subject) {
    struct spot *s = b->way->spots.at[b->now];
    int32_t first = s->steps.len;
    if (!bind_names(b, p) || !subject)
        return;
    struct step change = {
        .kind = STEP_CHANGE, .place = subject, .span = subject->span, .is_name = true};
    put(b, change);
    for (int32_t i = s->steps.len - 1; i > first; i--)
        s->steps.at[i] = s->steps.at[i - 1];
    s->steps.at[first] = change;
}

static void visit_subject(struct builder *b, struct ast_expr *e, bool takes) {
    if (!is_place(b->c, e))
        visit(b, e);
    else if (takes)
        take(b, e);
    else
        look(b, e);
}

// ---- calls

static bool consumes(const struct sema_call *call) {
    return call->kind == CALL_LIMITED || (call->kind == CALL_FUNCTION && call->use.function &&
                                          call->use.function->builtin == BUILTIN_ANSWER);
}

static bool is_function(const struct sema_call *call) {
    return call->kind == CALL_FUNCTION || call->kind == CALL_TRAIT || call->kind == CALL_ACTOR;
}

// Does the call change what it is called on? What finds a place changes nothing by that, but
// `or_insert` may.
static bool changes_receiver(const struct sema_call *call) {
    const struct sema_projection *p = is_function(call) ? call->use.function->projection : NULL;
    return p ? p->index->self == SELF_MUT : call->receiver_mut;
}

static void visit_args(struct builder *b, struct sema_call *call) {
    for (int32_t order = 0; order < call->args.len; order++)
        for (int32_t i = 0; i < call->args.len; i++) {
            struct sema_arg *arg = &call->args.at[i];
            if (!arg->value || arg->order != order)
                continue;
            if (arg->is_mut)
                look(b, arg->value);
            else
                visit(b, arg->value);
        }
    struct ast_expr *options[] = {call->timeout, call->retries, call->within,
                                  call->name,    call->mailbox, call->capabilities};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i])
            visit(b, options[i]);
    for (int32_t i = 0; call->format && i < call->format->pieces.len; i++)
        if (call->format->pieces.at[i].value)
            visit_subject(b, call->format->pieces.at[i].value, false);
}

static void put_effects(struct builder *b, struct ast_expr *e, struct sema_call *call,
                        bool is_own) {
    if (call->receiver && changes_receiver(call))
        put_write(b, call->receiver, e->span, is_own);
    for (int32_t i = 0; i < call->args.len; i++)
        if (call->args.at[i].value && call->args.at[i].is_mut)
            put_write(b, call->args.at[i].value, call->args.at[i].value->span, false);
    if (call->kind == CALL_ACTOR) {
        put_state(b, call->use.function->state_writes, e->span, false);
        if (call->use.function->runs_beside)
            b->beside |= call->use.function->state_writes;
    }
    bool waits = is_function(call) && call->use.function->waits;
    if (waits || (call->kind >= CALL_JOIN && call->kind <= CALL_MAP))
        put_wait(b, e->span);
    if (!consumes(call))
        may_fail(b, e->span);
}

// `is_dropped`: nobody wants what the call gives.
static void visit_call(struct builder *b, struct ast_expr *e, bool is_dropped) {
    struct sema_call *call = at(b, e)->call;
    struct ast_expr *receiver = call->receiver;
    bool is_std = is_function(call) && call->use.function->module->is_std;
    bool is_own =
        (is_dropped && is_std) || (is_function(call) && type_is_unit(call->use.function->result));
    struct sema_variable *v = receiver && call->receiver_mut ? root_of(b, receiver) : NULL;
    if (v && is_own) {
        reach(b, receiver);
        put(b,
            (struct step){.kind = STEP_USE, .variable = v, .span = receiver->span, .is_own = true});
    } else if (receiver) {
        visit_subject(b, receiver, consumes(call));
    }
    visit_args(b, call);
    put_effects(b, e, call, is_own && is_std);
    if (resolve(at(b, e)->type)->kind == TYPE_NEVER)
        b->now = spot_new(b); // it does not come back
}

// What a closure mentions is taken along.
static void visit_closure(struct builder *b, struct ast_expr *e) {
    struct sema_closure *closure = at(b, e)->closure;
    if (!closure)
        return;
    for (int32_t i = 0; i < closure->captures.len; i++) {
        struct sema_variable *v = closure->captures.at[i];
        put_variable(b, !type_is_copyable(b->c, v->type) ? STEP_TAKE : STEP_USE, v, e->span);
    }
    if (e->kind == EXPR_ASYNC && closure->uses_self)
        b->beside |=
            closure->calls_own ? b->c->body->function->state_writes : closure->state_writes;
    vec_push(b->c->arena, b->closures, e);
}

// ---- control

// Runs what was deferred since `until`, the last one first.
static void run_defers(struct builder *b, const struct deferred *until) {
    struct deferred *kept = b->defers;
    for (struct deferred *d = kept; d != until; d = d->outer) {
        b->defers = d->outer;
        look(b, d->expr);
    }
    b->defers = kept;
}

static void visit_defer(struct builder *b, struct ast_expr *e) {
    struct deferred *d = arena_new(b->c->arena, struct deferred);
    *d = (struct deferred){e, b->defers};
    int32_t now = b->now, unwinds = spot_new(b);
    b->now = unwinds;
    look(b, e);
    lead(b, b->now, b->fails);
    if (b->returns != b->fails)
        lead(b, b->now, b->returns);
    b->defers = d;
    b->now = now;
    b->fails = b->returns = unwinds;
    go_on(b);
}

static void visit_condition(struct builder *b, struct ast_condition *k, int32_t otherwise) {
    for (; k; k = k->rest) {
        visit_subject(b, k->value, k->pattern && pattern_takes(b, k->pattern));
        if (otherwise >= 0)
            lead(b, b->now, otherwise);
        go_on(b);
        if (k->pattern)
            bind(b, k->pattern, k->value);
    }
}

static void visit_if(struct builder *b, struct ast_expr *e) {
    int32_t otherwise = spot_new(b), behind = spot_new(b);
    visit_condition(b, &e->branch.condition, otherwise);
    visit_block(b, e->branch.then);
    lead(b, b->now, behind);
    b->now = otherwise;
    if (e->branch.otherwise)
        visit(b, e->branch.otherwise);
    lead(b, b->now, behind);
    b->now = behind;
}

static void visit_match(struct builder *b, struct ast_expr *e) {
    bool takes = false;
    for (int32_t i = 0; i < e->match.arms.len; i++)
        takes |= pattern_takes(b, e->match.arms.at[i].pattern);
    visit_subject(b, e->match.subject, takes);
    int32_t behind = spot_new(b);
    for (int32_t i = 0; i < e->match.arms.len; i++) {
        struct ast_arm *arm = &e->match.arms.at[i];
        int32_t next = spot_new(b);
        lead(b, b->now, next); // it does not match
        go_on(b);
        bind(b, arm->pattern, e->match.subject);
        if (arm->guard) {
            visit(b, arm->guard);
            lead(b, b->now, next);
            go_on(b);
        }
        visit(b, arm->body);
        lead(b, b->now, behind);
        b->now = next;
    }
    b->now = behind; // one of them matches
}

static void visit_select(struct builder *b, struct ast_expr *e) {
    for (int32_t i = 0; i < e->select.arms.len; i++) {
        if (e->select.arms.at[i].guard)
            visit(b, e->select.arms.at[i].guard);
        if (e->select.arms.at[i].operation)
            visit(b, e->select.arms.at[i].operation);
    }
    put_wait(b, e->span);
    may_fail(b, e->span);
    int32_t before = b->now, behind = spot_new(b);
    for (int32_t i = 0; i < e->select.arms.len; i++) {
        b->now = before;
        go_on(b);
        if (e->select.arms.at[i].pattern)
            bind(b, e->select.arms.at[i].pattern, NULL);
        visit(b, e->select.arms.at[i].body);
        lead(b, b->now, behind);
    }
    b->now = behind;
}

// `k`: of a `while`; `p`: of a `for`; neither: a `loop`, which ends by `break` alone.
static void visit_loop(struct builder *b, struct ast_expr *e, const char *label,
                       struct ast_pattern *p, struct ast_condition *k, struct ast_block *body) {
    go_on(b);
    struct way_loop loop = {label, b->defers, b->now, spot_new(b), b->loop};
    if (k)
        visit_condition(b, k, loop.behind);
    if (p) {
        may_fail(b, e->span);
        lead(b, b->now, loop.behind);
        go_on(b);
        bind(b, p, NULL);
    }
    b->loop = &loop;
    visit_block(b, body);
    b->loop = loop.outer;
    lead(b, b->now, loop.again);
    b->now = loop.behind;
}

static void visit_jump(struct builder *b, struct ast_expr *e) {
    if (e->jump.value)
        visit(b, e->jump.value);
    if (e->kind == EXPR_RETURN) {
        jump(b, b->returns);
        return;
    }
    struct way_loop *loop = b->loop;
    while (loop && e->jump.label && loop->label != e->jump.label)
        loop = loop->outer;
    if (!loop)
        return; // that has been told
    run_defers(b, loop->defers);
    jump(b, e->kind == EXPR_BREAK ? loop->behind : loop->again);
}

// A failure in the body leads to the catches, and out of it if none matches.
static void visit_with(struct builder *b, struct ast_async_with *with) {
    visit(b, with->resource);
    int32_t behind = spot_new(b), caught = spot_new(b), outside = b->fails;
    if (with->catches.len)
        b->fails = caught;
    go_on(b);
    visit_block(b, with->body);
    b->fails = outside;
    lead(b, b->now, behind);
    b->now = caught;
    for (int32_t i = 0; i < with->catches.len; i++) {
        struct ast_catch *k = &with->catches.at[i];
        int32_t next = spot_new(b);
        lead(b, b->now, next);
        go_on(b);
        if (k->pattern)
            bind(b, k->pattern, NULL);
        if (k->guard) {
            visit(b, k->guard);
            lead(b, b->now, next);
            go_on(b);
        }
        visit_block(b, k->body);
        lead(b, b->now, behind);
        b->now = next;
    }
    lead(b, b->now, outside);
    b->now = behind;
}

// The right side runs if the left one does not decide.
static void visit_shortcut(struct builder *b, struct ast_expr *e) {
    visit(b, e->binary.left);
    int32_t behind = spot_new(b);
    lead(b, b->now, behind);
    go_on(b);
    visit(b, e->binary.right);
    lead(b, b->now, behind);
    b->now = behind;
}

// ---- expressions

static void visit_assign(struct builder *b, struct ast_expr *e) {
    struct ast_expr *target = e->assign.target;
    struct sema_variable *v = root_of(b, target);
    visit(b, e->assign.value);
    reach(b, target);
    if (e->assign.is_compound) {
        if (v)
            put(b, (struct step){
                       .kind = STEP_USE, .variable = v, .span = target->span, .is_own = true});
        may_fail(b, e->span);
    }
    if (at(b, target)->role != ROLE_LOCAL) {
        put_write(b, target, target->span, true);
        return;
    }
    put_variable(b, STEP_ASSIGN, v, target->span);
    put_change(b, target, target->span);
}

static void visit_all(struct builder *b, struct ast_expr *const *all, int32_t count) {
    for (int32_t i = 0; i < count; i++)
        visit(b, all[i]);
}

static void visit_literal(struct builder *b, struct ast_expr *e) {
    for (int32_t i = 0; i < e->literal.fields.len; i++)
        visit(b, e->literal.fields.at[i].value);
    if (e->literal.base)
        visit(b, e->literal.base);
}

static void visit_macro(struct builder *b, struct ast_expr *e) {
    for (int32_t i = 0; i < e->macro.args.len; i++)
        visit_subject(b, e->macro.args.at[i].value, false);
    may_fail(b, e->span);
}

static void visit_binary(struct builder *b, struct ast_expr *e) {
    if (e->binary.op == BINARY_AND || e->binary.op == BINARY_OR) {
        visit_shortcut(b, e);
        return;
    }
    visit_subject(b, e->binary.left, false);
    visit_subject(b, e->binary.right, false);
    may_fail(b, e->span);
}

static void visit_await(struct builder *b, struct ast_expr *e) {
    visit(b, e->operand);
    put_wait(b, e->span);
    may_fail(b, e->span);
}

// `?` leaves the function, or leads to a catch.
static void visit_try(struct builder *b, struct ast_expr *e) {
    visit(b, e->operand);
    may_fail(b, e->span);
    lead(b, b->now, b->returns);
    go_on(b);
}

static void visit(struct builder *b, struct ast_expr *e) {
    struct sema_expr *known = at(b, e);
    bool is_found = e->kind == EXPR_CALL || known->role == ROLE_CALL; // by a method
    if (is_place(b->c, e) && (!is_found || resolve(known->type)->kind == TYPE_REPLY)) {
        take(b, e);
        return;
    }
    if ((known->role == ROLE_CALL || known->role == ROLE_OPERATOR) && e->kind != EXPR_ASSIGN &&
        known->call) {
        visit_call(b, e, false);
        return;
    }
    switch (e->kind) {
    case EXPR_MEMBER:
        if (known->role == ROLE_FIELD)
            visit_subject(b, e->member.object, false);
        break;
    case EXPR_INDEX:
        visit_subject(b, e->index.object, false);
        visit(b, e->index.index);
        may_fail(b, e->span);
        break;
    case EXPR_MACRO:
        visit_macro(b, e);
        break;
    case EXPR_TRY:
        visit_try(b, e);
        break;
    case EXPR_AWAIT:
        visit_await(b, e);
        break;
    case EXPR_DECLARED:
        visit(b, e->declared.operand);
        break;
    case EXPR_UNARY:
        visit_subject(b, e->unary.operand, false);
        may_fail(b, e->span);
        break;
    case EXPR_BINARY:
        visit_binary(b, e);
        break;
    case EXPR_RANGE:
        if (e->range.low)
            visit(b, e->range.low);
        if (e->range.high)
            visit(b, e->range.high);
        break;
    case EXPR_ASSIGN:
        visit_assign(b, e);
        break;
    case EXPR_TUPLE:
    case EXPR_LIST:
        visit_all(b, e->sequence.elements.at, e->sequence.elements.len);
        break;
    case EXPR_RECORD:
        for (int32_t i = 0; i < e->record.fields.len; i++)
            visit(b, e->record.fields.at[i].value);
        break;
    case EXPR_STRUCT:
        visit_literal(b, e);
        break;
    case EXPR_CLOSURE:
    case EXPR_ASYNC:
        visit_closure(b, e);
        break;
    case EXPR_BLOCK:
        visit_block(b, e->block);
        break;
    case EXPR_IF:
        visit_if(b, e);
        break;
    case EXPR_MATCH:
        visit_match(b, e);
        break;
    case EXPR_SELECT:
        visit_select(b, e);
        break;
    case EXPR_WHILE:
        visit_loop(b, e, e->while_loop.label, NULL, &e->while_loop.condition, e->while_loop.body);
        break;
    case EXPR_LOOP:
        visit_loop(b, e, e->loop.label, NULL, NULL, e->loop.body);
        break;
    case EXPR_FOR:
        visit(b, e->for_loop.iterable);
        visit_loop(b, e, e->for_loop.label, e->for_loop.pattern, NULL, e->for_loop.body);
        break;
    case EXPR_ASYNC_WITH:
        visit_with(b, e->async_with);
        break;
    case EXPR_RETURN:
    case EXPR_BREAK:
    case EXPR_CONTINUE:
        visit_jump(b, e);
        break;
    default:
        break;
    }
    if (resolve(known->type ? known->type : b->c->t_unit)->kind == TYPE_NEVER &&
        e->kind != EXPR_RETURN && e->kind != EXPR_BREAK && e->kind != EXPR_CONTINUE)
        b->now = spot_new(b); // it has not come to its end
}

static void visit_let(struct builder *b, struct ast_stmt *s) {
    if (!s->let.value) {
        put_variable(b, STEP_LATE, b->c->module->patterns[s->let.pattern->id].variable, s->span);
        return;
    }
    visit_subject(b, s->let.value, pattern_takes(b, s->let.pattern));
    if (s->let.otherwise) {
        int32_t before = b->now;
        go_on(b);
        visit_block(b, s->let.otherwise); // which does not come to its end
        b->now = before;
        go_on(b);
    }
    bind(b, s->let.pattern, NULL);
}

static void visit_block(struct builder *b, struct ast_block *block) {
    struct deferred *defers = b->defers;
    int32_t fails = b->fails, returns = b->returns;
    for (int32_t i = 0; i < block->stmts.len; i++) {
        struct ast_stmt *s = &block->stmts.at[i];
        if (s->kind == STMT_LET)
            visit_let(b, s);
        else if (s->kind == STMT_DEFER)
            visit_defer(b, s->expr);
        else if (s->kind == STMT_BIND)
            visit(b, s->bind.provider);
        else if (at(b, s->expr)->role == ROLE_CALL && s->expr->kind == EXPR_CALL)
            visit_call(b, s->expr, true);
        else
            look(b, s->expr);
    }
    if (block->value)
        visit(b, block->value);
    if (b->defers == defers)
        return;
    run_defers(b, defers);
    b->defers = defers;
    b->fails = fails;
    b->returns = returns;
    go_on(b);
}

// A second time if something is started in it, which then counts at each wait.
struct way *way_build(struct checker *c, struct ast_block *block, struct ast_expr *expr,
                      bool is_task, way_closures *closures) {
    uint64_t beside = 0;
    for (;;) {
        closures->len = 0;
        struct builder b = {.c = c, .closures = closures, .fails = -1, .returns = -1};
        b.is_task = is_task;
        b.beside = beside;
        b.way = arena_new(c->arena, struct way);
        b.now = spot_new(&b);
        if (block)
            visit_block(&b, block);
        else
            visit(&b, expr);
        if (b.beside == beside)
            return b.way;
        beside = b.beside;
    }
}

// ---- what is so

static bool merge(struct way_state *into, const struct way_state *from) {
    bool is_new = !into->is_reached;
    into->is_reached = true;
    for (int i = 0; i < WAY_ITEMS; i++)
        if (from->because[i] && !into->because[i]) {
            into->because[i] = from->because[i];
            is_new = true;
        }
    return is_new;
}

// The state before each spot.
static struct way_state *forward(struct checker *c, const struct way *w, way_step *step,
                                 void *context) {
    struct way_state *before = arena_array(c->arena, struct way_state, w->spots.len);
    before[0].is_reached = true;
    for (bool is_new = true; is_new;) {
        is_new = false;
        for (int32_t i = 0; i < w->spots.len; i++) {
            if (!before[i].is_reached)
                continue;
            const struct spot *at = w->spots.at[i];
            struct way_state now = before[i];
            for (int32_t k = 0; k < at->steps.len; k++)
                if (at->steps.at[k].kind == STEP_FAIL)
                    is_new |= merge(&before[at->fails], &now);
                else
                    step(context, &at->steps.at[k], &now);
            for (int32_t k = 0; k < at->next.len; k++)
                is_new |= merge(&before[at->next.at[k]], &now);
        }
    }
    return before;
}

void way_walk(struct checker *c, const struct way *w, way_step *step, way_look *show,
              void *context) {
    const struct way_state *before = forward(c, w, step, context);
    for (int32_t i = 0; i < w->spots.len; i++) {
        struct way_state now = before[i];
        const struct spot *at = w->spots.at[i];
        for (int32_t k = 0; now.is_reached && k < at->steps.len; k++) {
            show(context, &at->steps.at[k], &now);
            step(context, &at->steps.at[k], &now);
        }
    }
}

uint64_t way_behind(const struct spot *at, const uint64_t *before) {
    uint64_t later = 0;
    for (int32_t k = 0; k < at->next.len; k++)
        later |= before[at->next.at[k]];
    return later;
}

uint64_t way_before(const struct spot *at, const uint64_t *before, const struct step *s,
                    uint64_t later, way_back_step *step, void *context) {
    return s->kind == STEP_FAIL ? later | before[at->fails] : step(context, s, later);
}

uint64_t *way_backward(struct checker *c, const struct way *w, way_back_step *step, void *context) {
    uint64_t *before = arena_array(c->arena, uint64_t, w->spots.len);
    for (bool is_new = true; is_new;) {
        is_new = false;
        for (int32_t i = w->spots.len; i-- > 0;) {
            const struct spot *at = w->spots.at[i];
            uint64_t now = way_behind(at, before);
            for (int32_t k = at->steps.len; k-- > 0;)
                now = way_before(at, before, &at->steps.at[k], now, step, context);
            is_new |= now != before[i];
            before[i] = now;
        }
    }
    return before;
}
