// SPDX-License-Identifier: MIT
// Tasks and their scopes, tokens, deadlines, sleeping.
#include "runtime/actor/parts.h"

// ---- members: tasks by their futures ---------------------------------------------------------------

void member_add(prism_future **members, prism_future *f) {
    assert(!f->member_next && !f->member_before);
    prism_future *first = *members;
    if (!first) {
        *members = f->member_before = f;
        return;
    }
    f->member_before = first->member_before;
    f->member_before->member_next = f;
    first->member_before = f;
}

void member_remove(prism_future **members, prism_future *f) {
    prism_future *first = *members, *next = f->member_next;
    assert(first && f->member_before);
    if (f == first)
        *members = next;
    else
        f->member_before->member_next = next;
    if (next)
        next->member_before = f->member_before;
    else if (f != first)
        first->member_before = f->member_before;
    f->member_next = f->member_before = NULL;
}

static void post_cancel(prism_cx *cx, prism_ref home, const prism_site *site) {
    struct envelope *e = sched_envelope_new(cx, 0);
    e->kind = ENVELOPE_CANCEL;
    e->generation = home.generation;
    e->site = site;
    sched_post(cx, home.cell, e);
}

void actor_cancel_home(prism_cx *cx, prism_ref home) {
    post_cancel(cx, home, NULL);
}

void member_cancel(prism_cx *cx, prism_future *f) {
    if (f->strand) {
        strand_cancel(cx, f->strand);
    } else if (f->task) {
        post_cancel(cx, (prism_ref){f->task, f->task_generation}, f->site);
        f->task = NULL; // once is enough
    }
}

struct strand *member_last_of(const prism_future *f) {
    const prism_scope *scope = f->scope;
    bool last = scope && scope->members == f && !f->member_next;
    return last && scope->owner && scope->owner->closing == scope ? scope->owner : NULL;
}

struct strand *member_ended(prism_cx *cx, prism_future *f) {
    struct strand *leaver = member_last_of(f);
    if (f->scope) {
        member_remove(&f->scope->members, f);
        prism_scope_drop(cx, f->scope);
        f->scope = NULL;
    } else if (f->token) {
        member_remove(&f->token->members, f);
        prism_token_drop(cx, f->token);
        f->token = NULL;
    }
    return leaver;
}

// ---- tasks ------------------------------------------------------------------------------------------

// Branches run within the turn of the handler that started them; those of a task are tasks themselves.
// So does what a handler's scope holds, since the handler does not end before it.
static enum strand_kind kind_of_task(prism_cx *cx, enum prism_task_kind kind,
                                     const prism_scope *scope) {
    const struct strand *whose = scope ? scope->owner : cx->strand;
    bool takes_turns = whose && whose->kind == STRAND_ISOLATED;
    if (!scope)
        takes_turns |= kind == PRISM_ISOLATED;
    return takes_turns && home_of(cx)->type ? STRAND_ISOLATED : STRAND_BRANCH;
}

static void bind(prism_cx *cx, prism_future *f, prism_scope *scope, prism_token *token) {
    assert(!scope || !token);
    if (scope) {
        assert(scope->home == f->home);
        prism_scope_dup(scope);
        f->scope = scope;
        member_add(&scope->members, f);
    } else if (token && token->home == f->home) {
        prism_token_dup(token);
        f->token = token;
        member_add(&token->members, f);
    }
    if ((scope && scope->cancelled) || (token && token->cancelled))
        member_cancel(cx, f);
}

prism_future *prism_task(prism_cx *cx, const prism_function *body, void *args, enum prism_task_kind kind,
                         prism_scope *scope, prism_token *token, const prism_site *site) {
    struct cell *home = home_of(cx);
    prism_future *f = future_new(cx, body->result, site);
    f->expected = true;
    struct reply_to to = {home, f};
    if (kind == PRISM_FREE) {
        share_value(cx, body->args, args);
        struct cell *c = sched_cell_new(cx, home, NULL, site);
        f->task = c;
        f->task_generation = c->generation;
        cell_set_node(c, home->node);
        c->status = CELL_RUNNING;
        ceiling_of_task(cx, c);
        strand_new(cx, c, STRAND_FREE, body, args, to, site)->trusted = strand_of(cx)->trusted; // its limits are the cell's
        sched_cell_ready(cx, c, true);
    } else {
        f->strand = strand_new(cx, home, kind_of_task(cx, kind, scope), body, args, to, site);
        f->strand->trusted = strand_of(cx)->trusted;
        f->strand->within = strand_of(cx)->within;
        prism_buffer_dup(f->strand->within);
        strand_post_start(cx, f->strand);
    }
    f->told = kind == PRISM_BRANCH && scope; // its expression has whatever comes of it
    if (scope || token)
        bind(cx, f, scope, token);
    return f;
}

void prism_scope_adopt(prism_cx *cx, prism_scope *scope, prism_future *f) {
    const struct strand *at_hand = strand_of(cx), *task = f->strand;
    bool runs = f->state == FUTURE_PENDING && (task || f->task);
    bool has_no_turn = task && task->kind == STRAND_ISOLATED && at_hand->kind == STRAND_HANDLER;
    if (!runs || f->scope || f->token || has_no_turn)
        return;
    f->told = true;
    bind(cx, f, scope, NULL);
}

void prism_calm(prism_cx *cx, const prism_site *site) {
    (void)site;
    for (prism_future *f = home_of(cx)->futures; f; f = f->next)
        if (f->task)
            member_cancel(cx, f);
    sched_calm(cx);
}

// ---- scopes -----------------------------------------------------------------------------------------

prism_scope *prism_scope_open(prism_cx *cx, int64_t timeout_ns, const prism_site *site) {
    struct strand *s = strand_of(cx);
    prism_scope *scope = zeroed(cx, sizeof *scope);
    scope->count = 2; // the caller's handle, and the strand's until it is closed
    scope->home = s->home;
    scope->owner = s;
    scope->outer = s->innermost;
    scope->depth = 1 + (scope->outer ? scope->outer->depth : 0);
    scope->site = site;
    s->innermost = scope;
    if (timeout_ns >= 0) {
        scope->deadline =
            (struct timer){.home = s->home, .use = TIMER_SCOPE, .of.scope = scope, .site = site};
        scope->deadline.deadline_ns = prism_now(cx, site) + timeout_ns;
        sched_timer_start(cx, &scope->deadline);
    }
    return scope;
}

static void cancel_members(prism_cx *cx, prism_scope *scope) {
    scope->cancelled = true;
    for (prism_future *f = scope->members; f; f = f->member_next)
        member_cancel(cx, f);
}

// The strand leaves the scope: no deadline any more, and the strand's handle is given back.
static void leave_scope(prism_cx *cx, struct strand *s, prism_scope *scope) {
    assert(s->innermost == scope);
    s->innermost = scope->outer;
    scope->owner = NULL;
    if (scope->deadline.state == TIMER_RUNNING)
        sched_timer_stop(cx, &scope->deadline);
    prism_scope_drop(cx, scope);
}

prism_status prism_scope_close(prism_cx *cx, prism_scope *scope, const prism_site *site) {
    struct strand *s = strand_of(cx);
    assert(scope->owner == s);
    while (s->innermost != scope) // left by a failure before it was closed
        leave_scope(cx, s, s->innermost);
    if (scope->deadline.state == TIMER_RUNNING)
        sched_timer_stop(cx, &scope->deadline);
    cancel_members(cx, scope);
    if (!scope->members) {
        leave_scope(cx, s, scope);
        return PRISM_DONE;
    }
    prism_status status = strand_suspend(cx, WAIT_SCOPE, site);
    assert(status == PRISM_SUSPENDED);
    s->closing = scope;
    return status;
}

void scope_closed(prism_cx *cx, struct strand *s) {
    assert(s->closing && !s->closing->members);
    leave_scope(cx, s, s->closing);
}

void scopes_abandon(prism_cx *cx, struct strand *s) {
    while (s->innermost) {
        cancel_members(cx, s->innermost);
        leave_scope(cx, s, s->innermost);
    }
}

void prism_scope_cancel(prism_cx *cx, prism_scope *scope, const prism_site *site) {
    (void)site;
    if (scope->home == cx->home)
        cancel_members(cx, scope);
}

// Another home learns of a cancellation by being cancelled itself.
static bool own_cancellation(const prism_cx *cx) {
    const struct strand *s = cx->strand;
    return s->cancelled;
}

bool prism_scope_cancelled(prism_cx *cx, const prism_scope *scope, const prism_site *site) {
    (void)site;
    return scope->home == cx->home && scope->cancelled ? true : own_cancellation(cx);
}

static void count_up(int64_t *count) {
    if (*count > 0)
        ++*count;
    else
        prism_count_up_shared(count);
}
static bool count_down(int64_t *count) {
    return *count > 0 ? --*count == 0 : prism_count_down_shared(count);
}

void prism_scope_dup(prism_scope *scope) {
    if (scope)
        count_up(&scope->count);
}

void prism_scope_drop(prism_cx *cx, prism_scope *scope) {
    if (!scope || !count_down(&scope->count))
        return;
    assert(!scope->owner && !scope->members);
    prism_free(cx, scope, sizeof *scope);
}

// ---- tokens -----------------------------------------------------------------------------------------

prism_token *prism_token_new(prism_cx *cx) {
    prism_token *t = zeroed(cx, sizeof *t);
    t->count = 1;
    t->home = home_of(cx);
    t->generation = t->home->generation;
    own_rest(cx, t->home); // others know the home from now on, even if it is a free task's
    return t;
}

void token_cancel_here(prism_cx *cx, prism_token *t) {
    __atomic_store_n(&t->cancelled, true, __ATOMIC_RELAXED);
    for (prism_future *f = t->members; f; f = f->member_next)
        member_cancel(cx, f);
}

void prism_token_cancel(prism_cx *cx, prism_token *t, const prism_site *site) {
    if (t->home == cx->home) {
        token_cancel_here(cx, t);
        return;
    }
    struct envelope *e = sched_envelope_new(cx, 0);
    e->kind = ENVELOPE_CANCEL;
    e->generation = t->generation;
    e->token = t;
    e->site = site;
    prism_token_dup(t);
    sched_post(cx, t->home, e);
}

bool prism_token_cancelled(prism_cx *cx, const prism_token *t, const prism_site *site) {
    (void)site;
    if (t->home == cx->home)
        return t->cancelled;
    return own_cancellation(cx);
}

void prism_token_dup(prism_token *t) {
    if (t)
        count_up(&t->count);
}

void prism_token_drop(prism_cx *cx, prism_token *t) {
    if (t && count_down(&t->count))
        prism_free(cx, t, sizeof *t);
}

// ---- time -------------------------------------------------------------------------------------------

struct strand *scope_timer_interrupts(const struct timer *t) {
    const prism_scope *scope = t->of.scope;
    struct strand *owner = scope->owner;
    bool felt = owner && strand_may_end_wait(owner) && scope->depth >= owner->masked;
    return felt && owner->wait != WAIT_START ? owner : NULL;
}

prism_status prism_sleep(prism_cx *cx, int64_t ns, const prism_site *site) {
    if (ns <= 0)
        return prism_yield(cx, site);
    struct strand *s = strand_of(cx);
    int64_t now = prism_now(cx, site);
    if (strand_suspend(cx, WAIT_SLEEP, site) == PRISM_DONE)
        return PRISM_DONE;
    s->sleep = (struct timer){.home = s->home, .use = TIMER_SLEEP, .of.strand = s, .site = site};
    s->sleep.deadline_ns = now + ns;
    sched_timer_start(cx, &s->sleep);
    return PRISM_SUSPENDED;
}

prism_status prism_spent(prism_cx *cx, const prism_site *site) {
    if (sched_let_go(cx) && cx->fuel >= 0)
        return PRISM_DONE;
    cx->fuel = PRISM_FUEL - cx->withheld;
    return prism_yield(cx, site);
}

prism_status prism_yield(prism_cx *cx, const prism_site *site) {
    if (strand_suspend(cx, WAIT_YIELD, site) == PRISM_DONE)
        return PRISM_DONE;
    strand_wake(cx, strand_of(cx));
    return PRISM_SUSPENDED;
}
