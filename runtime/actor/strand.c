// SPDX-License-Identifier: MIT
// Strands: starting code, running it from suspension to suspension, and what its end means for others.
#include "runtime/actor/parts.h"

enum { FRAME_OFFSET = (sizeof(struct strand) + 15) & ~15 };

static void link_last(struct cell *home, struct strand *s) {
    struct strand *first = home->first;
    s->next = NULL;
    if (!first) {
        home->first = s->before = s;
        return;
    }
    s->before = first->before;
    s->before->next = s;
    first->before = s;
}

static void unlink_strand(struct cell *home, struct strand *s) {
    struct strand *first = home->first, *next = s->next;
    *(s == first ? &home->first : &s->before->next) = next;
    if (next)
        next->before = s->before;
    else if (s != first)
        first->before = s->before;
    s->next = s->before = NULL;
}

// Code that never suspends keeps its args and result in a frame of the same shape as the other kind's.
static uint32_t args_offset(const prism_function *f) {
    return f->run ? f->args_offset : (uint32_t)((sizeof(prism_frame) + 15) & ~15u);
}
static uint32_t result_offset(const prism_function *f) {
    return f->run ? f->result_offset : (args_offset(f) + size_of(f->args) + 15) & ~15u;
}
static uint32_t frame_bytes(const prism_function *f) {
    return f->run ? f->frame_size : result_offset(f) + size_of(f->result);
}

struct strand *strand_new(prism_cx *cx, struct cell *home, enum strand_kind kind,
                          const prism_function *function, void *args, struct reply_to to,
                          const prism_site *site) {
    assert(!function->call != !function->run);
    uint32_t bytes = frame_bytes(function);
    struct strand *s = prism_get(cx, FRAME_OFFSET + bytes);
    strand_on_stack(s, home, kind, function, site);
    s->wait = WAIT_START;
    s->reply_to = to;
    s->withdrawing = false;
    s->wait_count = 0;
    s->wait_for = NULL;
    s->wait_failure = NULL;
    s->wait_site = NULL;
    s->closing = NULL;
    s->sleep.state = TIMER_IDLE;
    s->frame = memset((char *)s + FRAME_OFFSET, 0, bytes);
    ((prism_frame *)s->frame)->self = home->state;
    if (size_of(function->args))
        memcpy((char *)s->frame + args_offset(function), args, function->args->size);
    link_last(home, s);
    sched_strand_new(cx, s);
    return s;
}

void strand_free(prism_cx *cx, struct strand *s) {
    assert(!s->waking && !s->innermost && s->wait == WAIT_NOT);
    if (s->wait_failure)
        prism_error_drop(cx, s->wait_failure);
    prism_buffer_drop(cx, s->within);
    unlink_strand(s->home, s);
    prism_put(cx, s, FRAME_OFFSET + frame_bytes(s->function));
}

struct envelope *actor_start_of(prism_cx *cx, struct strand *s) {
    struct envelope *e = sched_envelope_new(cx, 0);
    e->kind = ENVELOPE_START;
    e->strand = s;
    e->site = s->site;
    return e;
}

void strand_post_start(prism_cx *cx, struct strand *s) {
    sched_post(cx, s->home, actor_start_of(cx, s));
}

bool strand_has_turn(const struct strand *s) {
    bool muted = s->home->unaccepted && strand_interruption(s) == PRISM_NONE;
    return !muted && strand_has_turn_if_heard(s);
}

bool strand_has_turn_if_heard(const struct strand *s) {
    if (s->home->status == CELL_FAILED)
        return false;
    return s->kind != STRAND_ISOLATED || !s->home->handler || s->home->type->reentrant;
}

bool strand_may_end_wait(const struct strand *s) {
    return s->wait != WAIT_NOT && s->wait != WAIT_SCOPE && !s->ended && !s->withdrawing;
}

bool strand_interruptible(const struct strand *s) {
    return strand_may_end_wait(s) && !s->masked;
}

enum prism_failure_kind strand_interruption(const struct strand *s) {
    if (s->cancelled && !s->masked)
        return PRISM_CANCELLED;
    const prism_scope *scope = s->innermost;
    for (; scope && scope->depth >= s->masked; scope = scope->outer)
        if (scope->expired)
            return PRISM_TIMEOUT;
    return PRISM_NONE;
}

void strand_wake(prism_cx *cx, struct strand *s) {
    if (s->waking)
        return;
    s->waking = true;
    struct envelope *e = sched_envelope_new(cx, 0);
    e->kind = ENVELOPE_WAKE;
    e->strand = s;
    e->site = s->wait_site ? s->wait_site : s->site;
    sched_post(cx, s->home, e);
}

void strand_cancel(prism_cx *cx, struct strand *s) {
    if (s->cancelled || s->ended)
        return;
    s->cancelled = true;
    if (strand_interruptible(s) && s->wait != WAIT_START)
        strand_wake(cx, s);
}

prism_status strand_suspend(prism_cx *cx, enum wait_kind wait, const prism_site *site) {
    struct strand *s = strand_of(cx);
    assert(s->frame && s->function->run); // only code that says so may suspend
    assert(s->wait == WAIT_NOT);
    enum prism_failure_kind interruption = strand_interruption(s);
    if (interruption && wait != WAIT_SCOPE) {
        prism_trap(cx, interruption, NULL, site);
        return PRISM_DONE;
    }
    s->wait = wait;
    s->wait_site = site;
    return PRISM_SUSPENDED;
}

// The result of code that ended well goes where it was asked for.
static void hand_over_result(prism_cx *cx, struct strand *s, void *result) {
    const prism_type *type = s->function->result;
    if (s->reply_taken || !s->reply_to.home)
        drop_value(cx, type, result); // zero when the reply was taken
    else
        reply_post(cx, s->reply_to, PRISM_NONE, NULL, type, result, s->site);
}

// What an asker learns of a failure that was not its own.
static prism_error *as_seen_by_asker(prism_cx *cx, const struct strand *s, const prism_error *error) {
    if (s->kind != STRAND_HANDLER)
        return NULL;
    int64_t kind = prism_error_kind(error);
    bool ending = kind == PRISM_CANCELLED && s->home->status != CELL_CRASHING;
    return prism_error_as(cx, ending ? PRISM_STOPPED : PRISM_CRASHED, error);
}

static void hand_over_failure(prism_cx *cx, struct strand *s, const prism_error *error) {
    if (s->reply_taken || !s->reply_to.home)
        return;
    prism_error *seen = as_seen_by_asker(cx, s, error);
    const prism_error *told = seen ? seen : error;
    reply_post(cx, s->reply_to, (enum prism_failure_kind)prism_error_kind(told), told, NULL, NULL,
               s->site);
    prism_error_drop(cx, seen);
}

// Of a reentrant actor several handlers may be under way; the latest of them is the one at hand.
static struct strand *handler_left(const struct cell *home, const struct strand *ended) {
    if (!home->type || !home->type->reentrant)
        return NULL;
    struct strand *latest = NULL;
    for (struct strand *s = home->first; s; s = s->next)
        if (s != ended && s->kind == STRAND_HANDLER && !s->ended)
            latest = s;
    return latest;
}

// The end of a strand's last segment. `result` is valid when cx->failure is NULL.
static void ended(prism_cx *cx, struct strand *s, void *result) {
    struct cell *home = s->home;
    bool handles = s->kind == STRAND_HANDLER;
    if (handles && !cx->failure && !cell_invariants_hold(cx, home))
        drop_value(cx, s->function->result, result);
    prism_error *error = cx->failure;
    cx->failure = NULL;
    scopes_abandon(cx, s);
    if (s->holds)
        holds_of_ended(cx, s,
                       home->status == CELL_CRASHING || // whatever became of this one
                           (error && prism_error_kind(error) != PRISM_CANCELLED));
    if (home->handler == s)
        home->handler = handler_left(home, s);
    if (s->kind == STRAND_ISOLATED || s->kind == STRAND_BRANCH)
        s->reply_to.future->strand = NULL; // it can be cancelled no more
    if (!error && s->kind == STRAND_ROOT)
        sched_ended(cx, home, NULL, result);
    if (!error) {
        hand_over_result(cx, s, result);
        if (s->kind == STRAND_HOOK)
            cell_hook_ended(cx, home, s->function);
    } else {
        hand_over_failure(cx, s, error);
        int64_t kind = prism_error_kind(error);
        bool cancelled = kind == PRISM_CANCELLED;
        if ((kind == PRISM_ASSERT || kind == PRISM_INVARIANT) && !handles &&
            s->kind != STRAND_HOOK && s->kind != STRAND_ROOT)
            sched_wrong(cx, home, s, error);
        if ((handles || s->kind == STRAND_HOOK) && !cancelled)
            cell_crash(cx, home, s, error);
        else if (s->kind == STRAND_HOOK)
            cell_hook_ended(cx, home, s->function);
    }
    if (error && s->kind == STRAND_ROOT)
        sched_ended(cx, home, error, NULL);
    if (error)
        prism_error_drop(cx, error);
}

// A free task that leaves nothing behind ends with its home: what ended() and all that follows from
// it would come to. False: it is not that simple.
static bool end_task(prism_cx *cx, struct strand *s) {
    struct cell *home = s->home;
    bool bare = !cx->failure && !s->innermost && !s->holds && !s->waking && !s->wait_failure;
    if (!bare || s->kind != STRAND_FREE || s->next || home->first != s || cell_has_rest(home) ||
        home->status != CELL_RUNNING)
        return false;
    hand_over_result(cx, s, (char *)s->frame + result_offset(s->function));
    home->first = NULL;
    prism_put(cx, s, FRAME_OFFSET + frame_bytes(s->function));
    home->status = CELL_GONE;
    home->ended = PRISM_STOPPED;
    __atomic_store_n(&home->generation, home->generation + 1, __ATOMIC_RELEASE);
    return true;
}

static void end_strand(prism_cx *cx, struct strand *s) {
    struct cell *home = s->home;
    if (end_task(cx, s))
        return;
    ended(cx, s, (char *)s->frame + result_offset(s->function));
    s->frame = NULL;
    s->ended = true;
    if (!s->waking)
        strand_free(cx, s);
    cell_strand_ended(cx, home);
}

// Runs with cx set to the strand, and puts cx back: a spawn runs the child's init within its own segment.
struct where {
    void *home, *strand;
    int32_t depth, fuel;
};
static struct where enter(prism_cx *cx, struct cell *home, struct strand *s) {
    struct where back = {cx->home, cx->strand, cx->depth, cx->fuel + cx->withheld};
    cx->home = home;
    cx->strand = s;
    cx->depth = 0;
    cx->fuel = PRISM_FUEL - cx->withheld;
    return back;
}
static void leave(prism_cx *cx, struct where back) {
    cx->home = back.home;
    cx->strand = back.strand;
    cx->depth = back.depth;
    cx->fuel = back.fuel - cx->withheld;
}

static void start_cancelled(prism_cx *cx, struct strand *s) {
    drop_value(cx, s->function->args, (char *)s->frame + args_offset(s->function));
    prism_trap(cx, PRISM_CANCELLED, NULL, s->site);
}

static prism_status segment(prism_cx *cx, struct strand *s, bool first) {
    const prism_function *f = s->function;
    if (first && strand_interruption(s)) {
        start_cancelled(cx, s);
        return PRISM_DONE;
    }
    if (f->run)
        return f->run(cx, s->frame);
    f->call(cx, s->home->state, (char *)s->frame + args_offset(f), (char *)s->frame + result_offset(f));
    return PRISM_DONE;
}

// A reentrant actor's invariants hold wherever other messages may come in between, and no actor
// keeps more than it may.
static void look_where_it_waits(prism_cx *cx, struct strand *s) {
    struct cell *home = s->home;
    bool lives = home->type && home->type->checked && home->status == CELL_RUNNING;
    if (!lives || (home->type->reentrant ? cell_invariants_hold(cx, home) : actor_memory_holds(cx)))
        return;
    prism_error *error = cx->failure;
    cx->failure = NULL;
    cell_crash(cx, home, s, error);
    prism_error_drop(cx, error);
}

static void resume(prism_cx *cx, struct strand *s, enum prism_failure_kind interruption) {
    assert(!s->ended && s->wait != WAIT_NOT);
    bool first = s->wait == WAIT_START;
    const prism_site *site = s->wait_site;
    if (first)
        s->wait = WAIT_NOT;
    else
        wait_over(cx, s);
    struct where back = enter(cx, s->home, s);
    if (interruption)
        prism_trap(cx, interruption, NULL, site);
    prism_status status = segment(cx, s, first);
    assert(status == PRISM_DONE || (s->wait != WAIT_NOT && !cx->failure));
    assert(status == PRISM_SUSPENDED || s->wait == WAIT_NOT);
    if (status == PRISM_DONE)
        end_strand(cx, s);
    else
        look_where_it_waits(cx, s);
    leave(cx, back);
}

void strand_run(prism_cx *cx, struct strand *s) {
    resume(cx, s, PRISM_NONE);
}

void strand_interrupt(prism_cx *cx, struct strand *s) {
    if (!future_withdraw(cx, s))
        resume(cx, s, strand_interruption(s));
}

prism_error *prism_caught(prism_cx *cx) {
    prism_error *error = cx->failure;
    assert(error);
    cx->failure = NULL;
    return error;
}

void prism_raise(prism_cx *cx, prism_error *own, const prism_site *site) {
    (void)site;
    assert(!cx->failure && own);
    cx->failure = own;
}

bool prism_deep(prism_cx *cx, const prism_site *site) {
    sched_deeper(cx);
    if (cx->depth <= PRISM_DEPTH_MAX)
        return true;
    cx->depth--;
    prism_trap(cx, PRISM_DEPTH, NULL, site);
    return false;
}

enum { RESULT_BYTES_INLINE = 256 };

// What a handler that failed, or did more than most do, leaves to be seen to.
__attribute__((noinline, cold)) static void end_call(prism_cx *cx, struct turn *t, void *result) {
    struct cell *home = t->strand.home;
    ended(cx, &t->strand, result);
    strand_on_stack(&t->strand, home, STRAND_HANDLER, NULL, NULL);
    if (home->status == CELL_RUNNING)
        return;
    cx->strand = NULL;
    cell_strand_ended(cx, home);
    cx->strand = &t->strand;
}

void actor_turn_call(prism_cx *cx, struct turn *t, struct envelope *message) {
    const prism_function *f = message->message->handler;
    struct strand *s = &t->strand;
    struct cell *home = s->home;
    s->function = f;
    s->message = message->message;
    s->reply_to = message->reply_to;
    s->reply_taken = false;
    s->site = message->site;
    _Alignas(16) unsigned char small[RESULT_BYTES_INLINE];
    void *result = small;
    uint32_t bytes = size_of(f->result);
    if (PRISM_RARE(bytes > 16)) {
        result = bytes <= sizeof small ? small : prism_alloc(cx, bytes);
        memset(result, 0, bytes);
    } else if (bytes) {
        memset(result, 0, 16); // two stores instead of a call
    }
    cx->depth = 0;
    cx->fuel = PRISM_FUEL - cx->withheld;
    struct strand *before = home->handler; // of a reentrant actor
    home->handler = s;
    f->call(cx, home->state, message->payload, result);
    bool plain = !cx->failure && !s->innermost && !s->holds && !home->type->checked;
    if (PRISM_RARE(!plain || home->status != CELL_RUNNING)) {
        end_call(cx, t, result);
    } else { // as ended() does, without looking for what cannot be
        home->handler = before;
        if (f->result || s->reply_to.home)
            hand_over_result(cx, s, result);
    }
    if (PRISM_RARE(result != small))
        prism_free(cx, result, bytes);
}

void strand_call_handler(prism_cx *cx, struct cell *home, struct envelope *message) {
    struct turn t;
    actor_turn_begin(cx, home, &t);
    actor_turn_call(cx, &t, message);
    actor_turn_end(cx, &t);
}

void strand_call_init(prism_cx *cx, struct cell *child, void *args) {
    struct strand s;
    char nothing;
    strand_on_stack(&s, child, STRAND_HOOK, child->type->init, child->site);
    struct where back = enter(cx, child, &s);
    child->handler = &s;
    child->type->init->call(cx, child->state, args, &nothing);
    ended(cx, &s, &nothing);
    cell_strand_ended(cx, child);
    leave(cx, back);
}

bool strand_call_beside(prism_cx *cx, struct cell *home, const prism_function *function, void *args,
                        void *result, prism_error **error) {
    struct strand s;
    strand_on_stack(&s, home, STRAND_HOOK, function, home->site);
    struct where back = enter(cx, home, &s);
    function->call(cx, home->state, args, result);
    if (!cx->failure && !home->handler)
        cell_invariants_hold(cx, home);
    *error = cx->failure;
    cx->failure = NULL;
    leave(cx, back);
    return !*error;
}
