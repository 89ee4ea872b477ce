// SPDX-License-Identifier: MIT
// Futures and replies: asking, answering, waiting, taking.
#include "runtime/actor/parts.h"

// ---- the life of a future -------------------------------------------------------------------------

prism_future *future_new(prism_cx *cx, const prism_type *type, const prism_site *site) {
    struct cell *home = home_of(cx);
    prism_future *f = prism_get(cx, sizeof *f + size_of(type));
    f->count = 1;
    f->expected = f->of_handle = false;
    f->state = FUTURE_PENDING;
    f->failure = PRISM_NONE;
    f->error = NULL;
    f->home = home;
    f->number = ++home->future_count;
    f->waited = 0;
    f->waiter = NULL;
    f->message = NULL;
    f->callee = (prism_ref){0};
    f->task = NULL;
    f->strand = NULL;
    f->scope = NULL;
    f->token = NULL;
    f->member_next = f->member_before = NULL;
    f->timer.home = NULL;
    f->timer.state = TIMER_IDLE;
    f->type = type;
    f->site = site;
    f->before = NULL;
    f->next = home->futures;
    if (f->next)
        f->next->before = f;
    home->futures = f;
    return f;
}

static void future_free(prism_cx *cx, prism_future *f) {
    assert(!f->expected && f->count == 0 && !f->waiter && !f->scope);
    if (f->state == FUTURE_DONE)
        drop_value(cx, f->type, f->value);
    if (f->error)
        prism_error_drop(cx, f->error);
    *(f->before ? &f->before->next : &f->home->futures) = f->next;
    if (f->next)
        f->next->before = f->before;
    prism_put(cx, f, sizeof *f + size_of(f->type));
}

void future_forget(prism_cx *cx, prism_future *f) {
    bool task = !f->message;
    bool unseen = f->state == FUTURE_FAILED && f->failure != PRISM_CANCELLED && !cx->failure;
    if (task && unseen && !f->told)
        sched_failed(cx, f->home, f->waiter, f->error);
}

static void post_withdraw(prism_cx *cx, prism_future *f, const prism_site *site) {
    struct envelope *e = sched_envelope_new(cx, 0);
    e->kind = ENVELOPE_WITHDRAW;
    e->generation = f->callee.generation;
    e->reply_to = (struct reply_to){f->home, f};
    e->site = site;
    sched_post(cx, f->callee.cell, e);
}

void prism_future_dup(prism_future *f) {
    if (f)
        f->count++;
}

void prism_future_drop(prism_cx *cx, prism_future *f) {
    if (!f || --f->count)
        return;
    future_forget(cx, f);
    if (f->timer.state == TIMER_RUNNING)
        sched_timer_stop(cx, &f->timer);
    if (f->of_handle && f->expected && f->state == FUTURE_PENDING)
        post_withdraw(cx, f, f->site); // the handle need not keep who waits no more
    if (!f->expected)
        future_free(cx, f);
}

static void fail(prism_cx *cx, prism_future *f, enum prism_failure_kind kind, prism_error *own) {
    assert(f->state == FUTURE_PENDING && kind != PRISM_NONE);
    f->state = FUTURE_FAILED;
    f->failure = kind;
    f->error = own ? own : prism_error_make(cx, kind, NULL, f->site);
}

// ---- asking and telling ---------------------------------------------------------------------------

// To or from a node that is down.
static inline bool is_lost(const prism_cx *cx, prism_ref to) {
    const struct cell *home = cx->home, *other = to.cell;
    return PRISM_RARE(home && (home->node || cell_node(other))) && node_loses(home, other);
}

// The sender is muted until there is room for it.
static void tell_and_wait(prism_cx *cx, prism_ref to, const prism_message *message, void *args,
                          const prism_site *site) {
    uint32_t bytes = size_of(message->handler->args);
    struct envelope *e = sched_envelope_new(cx, bytes);
    envelope_message(e, to.generation, message, (struct reply_to){0}, site);
    move_value(e->payload, args, bytes);
    mailbox_mute(cx, e, to.cell);
    sched_post(cx, to.cell, e);
}

// Cells are used again: what was read is the actor's own if its generation is still there afterwards.
static bool blocks(prism_ref to) {
    const struct cell *c = to.cell;
    uint8_t mail = __atomic_load_n(&c->mail, __ATOMIC_ACQUIRE);
    return mail == PRISM_MAILBOX_BLOCK &&
           __atomic_load_n(&c->generation, __ATOMIC_RELAXED) == to.generation;
}

__attribute__((noinline)) static void tell_slowly(prism_cx *cx, prism_ref to,
                                                  const prism_message *message, void *args,
                                                  const prism_site *site) {
    if (!to.cell || is_lost(cx, to)) {
        drop_value(cx, message->handler->args, args);
        return;
    }
    share_value(cx, message->handler->args, args);
    uint8_t mailbox = message->handler->mailbox;
    if (mailbox == PRISM_MAILBOX_BLOCK || (mailbox == PRISM_MAILBOX_OWN && blocks(to)))
        tell_and_wait(cx, to, message, args, site);
    else
        sched_tell(cx, to, message, args, site);
}

void prism_tell(prism_cx *cx, prism_ref to, const prism_message *message, void *args,
                const prism_site *site) {
    const struct cell *home = cx->home, *other = to.cell;
    const prism_type *type = message->handler->args;
    bool is_plain = (!type || (type->flags & PRISM_PLAIN)) && !message->handler->mailbox;
    if (is_plain && other && home && !home->node && !cell_node(other))
        sched_tell(cx, to, message, args, site);
    else
        tell_slowly(cx, to, message, args, site);
}

// Cells are used again: a type that was read is that of the actor meant if its generation is still
// there afterwards, since the next one's is written after that has changed.
void prism_tell_any(prism_cx *cx, prism_ref to, const prism_taker *takers, uint32_t count,
                    const char *name, void *args, const prism_site *site) {
    const struct cell *c = to.cell;
    const prism_actor_type *type = c ? __atomic_load_n(&c->type, __ATOMIC_ACQUIRE) : NULL;
    bool there = c && __atomic_load_n(&c->generation, __ATOMIC_RELAXED) == to.generation;
    for (uint32_t i = 0; i < count; i++)
        if (takers[i].type == type) {
            prism_tell(cx, to, takers[i].message, args, site);
            return;
        }
    if (count)
        drop_value(cx, takers[0].message->handler->args, args);
    if (there)
        sched_not_taken(cx, type, name, site);
}

prism_future *prism_ask(prism_cx *cx, prism_ref to, const prism_message *message, void *args,
                        int64_t timeout_ns, const prism_site *site) {
    prism_future *f = future_new(cx, message->handler->result, site);
    f->message = message;
    f->of_handle = message->handler->of_handle;
    f->callee = to;
    if (!to.cell) {
        drop_value(cx, message->handler->args, args);
        fail(cx, f, PRISM_STOPPED, NULL);
        return f;
    }
    bool lost = is_lost(cx, to);
    if (lost && f->home->node && f->home->node->down) { // cleaning up after its crash: nobody will answer
        drop_value(cx, message->handler->args, args);
        fail(cx, f, PRISM_STOPPED, NULL);
        return f;
    }
    if (timeout_ns >= 0) {
        f->timer = (struct timer){.home = f->home, .use = TIMER_ASK, .of.future = f, .site = site};
        f->timer.deadline_ns = prism_now(cx, site) + timeout_ns;
        sched_timer_start(cx, &f->timer);
    }
    if (lost) {
        drop_value(cx, message->handler->args, args);
        return f;
    }
    f->expected = true;
    share_value(cx, message->handler->args, args);
    sched_send(cx, to, message, args, (struct reply_to){f->home, f}, site);
    return f;
}

bool actor_travels(const struct envelope *e) {
    const prism_future *f = e->reply_to.home ? e->reply_to.future : NULL;
    if (e->kind == ENVELOPE_MESSAGE)
        return !e->message->handler->of_handle;
    return e->kind == ENVELOPE_REPLY && f && f->message && !f->of_handle;
}

void actor_lose(prism_cx *cx, struct envelope *e) {
    prism_future *f = e->reply_to.home ? e->reply_to.future : NULL;
    drop_value(cx, e->type, e->payload);
    if (e->kind == ENVELOPE_REPLY)
        prism_error_drop(cx, e->error);
    if (f)
        f->expected = false;
    if (f && f->count == 0)
        future_free(cx, f);
    sched_envelope_free(cx, e);
}

// ---- replies --------------------------------------------------------------------------------------

// Settles a future of cx->awaiter, whose segment waits for that on the stack below: what is to come
// after all that has arrived there may as well come now, if that is nothing. False: by an envelope.
static bool settle_now(prism_cx *cx, prism_future *f, const prism_type *type, void *value) {
    if (f->state != FUTURE_PENDING || f->waiter || !f->count || member_last_of(f) ||
        !sched_nothing_waits(cx, f->home))
        return false;
    share_value(cx, type, value);
    if (f->timer.state == TIMER_RUNNING)
        sched_timer_stop(cx, &f->timer);
    if (f->scope || f->token)
        member_ended(cx, f);
    f->expected = false;
    f->strand = NULL;
    f->task = NULL;
    f->state = FUTURE_DONE;
    move_value(f->value, value, size_of(f->type));
    return true;
}

void reply_post(prism_cx *cx, struct reply_to to, enum prism_failure_kind failure,
                const prism_error *error, const prism_type *type, void *value,
                const prism_site *site) {
    if (!to.home) {
        drop_value(cx, type, value);
        return;
    }
    if (to.home == cx->awaiter && failure == PRISM_NONE && settle_now(cx, to.future, type, value))
        return;
    share_value(cx, type, value);
    uint32_t bytes = size_of(type);
    struct envelope *e = sched_envelope_new(cx, bytes);
    e->kind = ENVELOPE_REPLY;
    e->failure = failure;
    e->reply_to = to;
    e->type = type;
    e->site = site;
    move_value(e->payload, value, bytes);
    if (error) {
        e->error = (prism_error *)error;
        prism_error_dup(e->error); // first: two homes have it now, which makes it shared
        prism_error_share(cx, e->error);
    }
    sched_post(cx, to.home, e);
}

prism_reply *prism_reply_take(prism_cx *cx, const prism_site *site) {
    struct strand *s = strand_of(cx);
    assert(s->kind == STRAND_HANDLER);
    if (s->reply_taken) {
        prism_trap(cx, PRISM_ANSWERED, "the handler's reply was taken already", site);
        return NULL;
    }
    s->reply_taken = true;
    prism_reply *r = zeroed(cx, sizeof *r);
    r->count = 1;
    r->to = s->reply_to;
    r->type = s->function->result;
    if (s->home->type->handle) {
        r->keeper = s->home;
        struct cell_rest *rest = own_rest(cx, s->home);
        r->next = rest->kept;
        if (r->next)
            r->next->before = r;
        rest->kept = r;
    }
    return r;
}

static void keep_no_more(prism_reply *r) {
    if (!r->keeper)
        return;
    *(r->before ? &r->before->next : &r->keeper->rest->kept) = r->next;
    if (r->next)
        r->next->before = r->before;
    r->keeper = NULL;
}

prism_reply *reply_kept(const struct cell *c, struct reply_to to) {
    prism_reply *r = c->rest->kept;
    while (r && (r->to.home != to.home || r->to.future != to.future))
        r = r->next;
    return r;
}

void reply_withdraw(prism_cx *cx, prism_reply *r, const prism_site *site) {
    assert(!r->answered);
    r->answered = r->withdrawn = true;
    keep_no_more(r);
    reply_post(cx, r->to, PRISM_CANCELLED, NULL, NULL, NULL, site);
}

bool prism_reply_wanted(const prism_reply *r) {
    return r && !r->withdrawn;
}

void prism_answer(prism_cx *cx, prism_reply *r, const prism_type *type, void *own_value,
                  const prism_site *site) {
    if (!r || r->answered) {
        drop_value(cx, type, own_value);
        prism_trap(cx, PRISM_ANSWERED, NULL, site);
        return;
    }
    r->answered = true;
    keep_no_more(r);
    reply_post(cx, r->to, PRISM_NONE, NULL, type, own_value, site);
}

void prism_forward(prism_cx *cx, prism_ref to, const prism_message *message, void *args,
                   const prism_site *site) {
    struct strand *s = strand_of(cx);
    assert(s->kind == STRAND_HANDLER);
    if (s->reply_taken) {
        drop_value(cx, message->handler->args, args);
        prism_trap(cx, PRISM_ANSWERED, "the handler's reply was taken already", site);
        return;
    }
    s->reply_taken = true;
    if (!to.cell) {
        drop_value(cx, message->handler->args, args);
        reply_post(cx, s->reply_to, PRISM_STOPPED, NULL, NULL, NULL, site);
        return;
    }
    share_value(cx, message->handler->args, args);
    sched_send(cx, to, message, args, s->reply_to, site);
}

void prism_reply_dup(prism_reply *r) {
    if (r && r->count > 0)
        r->count++;
    else if (r)
        prism_count_up_shared(&r->count);
}

void prism_reply_drop(prism_cx *cx, prism_reply *r) {
    if (!r)
        return;
    if (r->count > 1) {
        r->count--;
        return;
    }
    if (r->count < 0 && !prism_count_down_shared(&r->count))
        return;
    const struct cell *home = cx->home;
    bool crashed = home && home->status == CELL_CRASHING; // with the state that held it
    // What a handle owes is dropped when it ends.
    enum prism_failure_kind kind = r->keeper ? PRISM_STOPPED : PRISM_DROPPED;
    if (!r->answered)
        reply_post(cx, r->to, crashed ? PRISM_CRASHED : kind, NULL, NULL, NULL, NULL);
    keep_no_more(r);
    prism_free(cx, r, sizeof *r);
}

// ---- what a reply does when it is taken -----------------------------------------------------------

// Would `s` go on if one more of the futures that it waits for were done, or failed?
static bool completes(const struct strand *s, bool failed) {
    assert(s->wait == WAIT_ANY || (s->wait == WAIT_ALL && s->wait_pending > 0));
    return s->wait == WAIT_ANY || failed || s->wait_pending == 1;
}

// An answer that runs nothing now. Where one of several has a deadline, the order of answers and deadlines
// matters.
static enum take note_wants(const struct envelope *e) {
    const prism_future *f = e->reply_to.future;
    if (PRISM_RARE(f->home->status == CELL_CLOSING) && grace_waits_for(f))
        return TAKE_RUNS;
    if (f->state != FUTURE_PENDING)
        return TAKE_SILENT; // its time was up before
    if (f->waiter)
        return f->waiter->wait_timed ? TAKE_RUNS : TAKE_SILENT;
    const struct strand *owner = f->scope ? f->scope->owner : NULL;
    if (owner && owner->closing == f->scope)
        return TAKE_SILENT;
    if (owner && f->count == 0 && e->failure != PRISM_NONE && e->failure != PRISM_CANCELLED)
        return TAKE_RUNS; // a failure that nobody asks for is told at once
    if (f->home->status == CELL_GONE)
        return TAKE_SILENT; // nobody there waits for it, or cancels it, any more
    return f->count > 0 || f->task || owner ? TAKE_EARLY : TAKE_SILENT; // f->task: may be cancelled
}

// The strand that runs when this REPLY is taken, or NULL.
static struct strand *runs_then(const struct envelope *e) {
    const prism_future *f = e->reply_to.future;
    struct strand *waiter = f->state == FUTURE_PENDING ? f->waiter : NULL;
    if (waiter && completes(waiter, e->failure != PRISM_NONE))
        return waiter;
    return f->scope ? member_last_of(f) : NULL;
}

enum take reply_wants(const struct envelope *e) {
    const struct strand *now = runs_then(e);
    if (!now)
        return note_wants(e);
    return strand_has_turn(now) ? TAKE_RUNS : TAKE_LATER;
}

// Moves what the envelope brings into the future; returns true if the future is still there.
static void settle(prism_cx *cx, prism_future *f, struct envelope *e) {
    f->expected = false;
    f->strand = NULL;
    f->task = NULL;
    if (f->timer.state == TIMER_RUNNING)
        sched_timer_stop(cx, &f->timer);
    if (f->state == FUTURE_PENDING && f->waiter)
        f->waiter->wait_pending--;
    if (f->state != FUTURE_PENDING) { // timed out before
        drop_value(cx, e->type, e->payload);
        prism_error_drop(cx, e->error);
    } else if (e->failure == PRISM_NONE) {
        f->state = FUTURE_DONE;
        move_value(f->value, e->payload, size_of(f->type));
    } else {
        // What let a waiting strand go is what interrupted it, also where the handle has ended.
        bool lets_go = e->failure == PRISM_CANCELLED || e->failure == PRISM_STOPPED;
        bool withdrawn = f->waiter && f->waiter->withdrawing && lets_go;
        fail(cx, f, withdrawn ? strand_interruption(f->waiter) : e->failure, e->error);
    }
}

static uint64_t index_in_wait(const struct strand *s, const prism_future *f) {
    for (uint64_t i = 0; i < s->wait_count; i++)
        if (s->wait_for[i] == f)
            return i;
    return 0;
}

static void forget_failure(prism_cx *cx, struct strand *s) {
    prism_error_drop(cx, s->wait_failure);
    s->wait_failure = NULL;
}

// A wait for several ends as soon as one has failed. What is taken of those that are still pending is that failure; it
// stands for those of the others.
static void keep_failure(prism_cx *cx, struct strand *s, const prism_future *failed,
                         prism_future *const *futures, uint64_t count) {
    forget_failure(cx, s);
    s->wait_failure = failed->error;
    prism_error_dup(s->wait_failure);
    for (uint64_t i = 0; i < count; i++)
        futures[i]->told = true;
}

void reply_taken(prism_cx *cx, struct envelope *e) {
    prism_future *f = e->reply_to.future;
    struct strand *now = runs_then(e);
    struct cell *home = f->home;
    bool lets_end = PRISM_RARE(home->status == CELL_CLOSING) && grace_waits_for(f);
    settle(cx, f, e);
    struct strand *leaver = f->scope || f->token ? member_ended(cx, f) : NULL;
    if (now && now == f->waiter && now->wait == WAIT_ANY)
        now->winner = index_in_wait(now, f);
    if (now && now == f->waiter && f->state == FUTURE_FAILED)
        keep_failure(cx, now, f, now->wait_for, now->wait_count);
    if (f->count == 0) {
        future_forget(cx, f);
        future_free(cx, f);
    }
    if (leaver && leaver != now)
        strand_wake(cx, leaver);
    if (now)
        strand_run(cx, now);
    else if (lets_end)
        cell_strand_ended(cx, home);
}

enum take ask_timer_wants(const struct timer *t) {
    const prism_future *f = t->of.future;
    struct strand *waiter = f->state == FUTURE_PENDING ? f->waiter : NULL;
    if (!waiter)
        return f->state == FUTURE_PENDING ? TAKE_EARLY : TAKE_SILENT;
    return strand_has_turn(waiter) ? TAKE_RUNS : TAKE_LATER;
}

void ask_timer_taken(prism_cx *cx, struct timer *t) {
    prism_future *f = t->of.future;
    if (f->state != FUTURE_PENDING)
        return;
    struct strand *waiter = f->waiter;
    fail(cx, f, PRISM_TIMEOUT, NULL);
    if (waiter) {
        waiter->winner = index_in_wait(waiter, f);
        keep_failure(cx, waiter, f, waiter->wait_for, waiter->wait_count);
        strand_run(cx, waiter);
    }
}

// ---- waiting --------------------------------------------------------------------------------------

static bool is_satisfied(prism_future *const *futures, uint64_t count, enum wait_kind kind,
                         uint64_t *winner) {
    bool all = true;
    *winner = 0;
    for (uint64_t i = 0; i < count; i++) {
        enum future_state state = futures[i]->state;
        bool decides = kind == WAIT_ANY ? state != FUTURE_PENDING : state == FUTURE_FAILED;
        if (decides) {
            *winner = i;
            return true;
        }
        all &= state != FUTURE_PENDING;
    }
    return kind == WAIT_ALL && all;
}

static bool waits_for_handle(enum wait_kind kind, prism_future *const *futures, uint64_t count) {
    return kind == WAIT_ALL && count == 1 && futures[0]->of_handle &&
           futures[0]->state == FUTURE_PENDING;
}

// As most waits are: for one answer that has not come, by who is not interrupted.
static void wait_for_one(struct strand *s, enum wait_kind kind, prism_future *f,
                         const prism_site *site) {
    assert(s->frame && s->wait == WAIT_NOT && f->home == s->home && !f->waiter);
    s->wait = kind;
    s->wait_site = site;
    s->wait_count = s->wait_pending = 1;
    s->wait_timed = f->timer.home != NULL;
    s->wait_one = f;
    s->wait_for = &s->wait_one;
    f->count++;
    f->waiter = s;
    f->waited = f->number;
}

// Whose answers are waited for may give them now, if that is a small thing. Then the strand goes on
// in the same segment, as though it had waited and nothing else had come in between.
static void hurry(prism_cx *cx, prism_future *const *futures, uint64_t count) {
    for (uint64_t i = 0; i < count && futures[i]->state != FUTURE_FAILED; i++)
        if (futures[i]->state == FUTURE_PENDING)
            sched_hurry(cx, futures[i]);
}

static prism_status wait_for(prism_cx *cx, enum wait_kind kind, prism_future *const *futures,
                             uint64_t count, const prism_site *site) {
    struct strand *s = strand_of(cx);
    if (s->wait_failure)
        forget_failure(cx, s);
    bool interrupted = strand_interruption(s) != PRISM_NONE;
    if (kind == WAIT_ALL && !interrupted)
        hurry(cx, futures, count);
    if (count == 1 && !interrupted && futures[0]->state == FUTURE_PENDING) {
        wait_for_one(s, kind, futures[0], site);
        return PRISM_SUSPENDED;
    }
    if (count == 1 && !interrupted && futures[0]->state != FUTURE_FAILED) {
        s->winner = 0;
        return PRISM_DONE;
    }
    if (!interrupted && is_satisfied(futures, count, kind, &s->winner)) {
        if (count && futures[s->winner]->state == FUTURE_FAILED)
            keep_failure(cx, s, futures[s->winner], futures, count);
        return PRISM_DONE;
    }
    // Who is interrupted already has asked the handle all the same: what that grants must not be lost.
    bool withdraws = interrupted && waits_for_handle(kind, futures, count);
    if (!withdraws && strand_suspend(cx, kind, site) == PRISM_DONE)
        return PRISM_DONE;
    s->wait = kind;
    s->wait_site = site;
    s->wait_count = count;
    s->wait_pending = 0;
    s->wait_timed = false;
    s->wait_for = count ? prism_alloc(cx, count * sizeof *s->wait_for) : NULL;
    for (uint64_t i = 0; i < count; i++) {
        assert(futures[i]->home == s->home);
        assert(!futures[i]->waiter); // a future is waited for by one strand
        s->wait_for[i] = futures[i];
        prism_future_dup(futures[i]);
        futures[i]->waiter = s;
        s->wait_pending += futures[i]->state == FUTURE_PENDING;
        s->wait_timed |= futures[i]->timer.home != NULL;
    }
    for (uint64_t i = 0; i < count; i++)
        futures[i]->waited = futures[s->wait_timed || kind == WAIT_ANY ? i : 0]->number;
    if (withdraws)
        future_withdraw(cx, s);
    return PRISM_SUSPENDED;
}

prism_future *prism_never(prism_cx *cx, const prism_type *type, const prism_site *site) {
    return future_new(cx, type, site);
}

prism_status prism_wait(prism_cx *cx, prism_future *const *futures, uint64_t count,
                        const prism_site *site) {
    return wait_for(cx, WAIT_ALL, futures, count, site);
}

prism_status prism_wait_any(prism_cx *cx, prism_future *const *futures, uint64_t count,
                            const prism_site *site) {
    return wait_for(cx, WAIT_ANY, futures, count, site);
}

uint64_t prism_wait_winner(prism_cx *cx) {
    return strand_of(cx)->winner;
}

bool future_withdraw(prism_cx *cx, struct strand *s) {
    if (s->wait != WAIT_ALL || s->wait_count != 1 || !s->wait_for[0]->of_handle)
        return false;
    assert(s->wait_for[0]->state == FUTURE_PENDING && !s->withdrawing);
    s->withdrawing = true;
    post_withdraw(cx, s->wait_for[0], s->wait_site);
    return true;
}

void wait_over(prism_cx *cx, struct strand *s) {
    s->withdrawing = false;
    if (s->sleep.state == TIMER_RUNNING)
        sched_timer_stop(cx, &s->sleep);
    for (uint64_t i = 0; i < s->wait_count; i++) {
        prism_future *f = s->wait_for[i];
        f->waiter = NULL;
        // The strand's own handle keeps it alive, unless the code dropped what it waits for.
        if (f->count > 1)
            f->count--;
        else
            prism_future_drop(cx, f);
    }
    if (s->wait_for && s->wait_for != &s->wait_one)
        prism_free(cx, s->wait_for, s->wait_count * sizeof *s->wait_for);
    s->wait_for = NULL;
    s->wait_count = 0;
    if (s->closing)
        scope_closed(cx, s);
    s->wait = WAIT_NOT;
    s->wait_site = NULL;
    s->closing = NULL;
}

// The failure of a future becomes that of the strand that takes it. That a task was cancelled is no cancellation
// of who waited for it, unless it is cancelled as well.
static void raise_of(prism_cx *cx, prism_error *own, const prism_site *site) {
    const struct strand *s = strand_of(cx);
    if (prism_error_kind(own) == PRISM_CANCELLED && strand_interruption(s) != PRISM_CANCELLED) {
        prism_error *seen = prism_error_make(cx, PRISM_TASK_CANCELLED, NULL, own->site);
        prism_error_drop(cx, own);
        own = seen;
    }
    prism_raise(cx, own, site);
}

void prism_take(prism_cx *cx, prism_future *f, const prism_type *type, void *out,
                const prism_site *site) {
    if (f->state == FUTURE_PENDING) {
        prism_error *failure = strand_of(cx)->wait_failure;
        assert(failure); // else it was not waited for
        prism_error_dup(failure);
        raise_of(cx, failure, site);
        return;
    }
    if (f->state == FUTURE_TAKEN) {
        prism_trap(cx, PRISM_UNWRAP, "the result was taken already", site);
        return;
    }
    if (f->state == FUTURE_DONE && size_of(f->type)) {
        assert(!type || type->size == f->type->size);
        move_value(out, f->value, f->type->size);
    } else if (f->state == FUTURE_FAILED) {
        prism_error *error = f->error;
        f->error = NULL;
        raise_of(cx, error, site);
    }
    f->state = FUTURE_TAKEN;
}

int64_t prism_outcome(const prism_future *f) {
    assert(f->state != FUTURE_PENDING);
    return f->state == FUTURE_FAILED ? (int64_t)f->failure : 0;
}

uint64_t actor_waits_for(const struct strand *s, const prism_future *out[], uint64_t room) {
    uint64_t found = 0;
    for (uint64_t i = 0; i < s->wait_count; i++) {
        bool never = s->wait_for[i]->state == FUTURE_PENDING && !s->wait_for[i]->expected;
        if (s->wait_for[i]->state != FUTURE_PENDING || never)
            continue;
        if (found < room)
            out[found] = s->wait_for[i];
        found++;
    }
    return found;
}
