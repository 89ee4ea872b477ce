// SPDX-License-Identifier: MIT
// Cells and the queue of events. Of what is in flight the oldest event that may be taken is next; a
// cell takes one message at a time. A strand runs from suspension to suspension.
#include "tests/differential/interp/interp.h"

#include <assert.h>
#include <stdlib.h>

// ---- events -------------------------------------------------------------------------------------

struct event *event_post(struct interp *in, enum event_kind kind, struct cell *home) {
    struct event *e = arena_new(in->arena, struct event);
    e->kind = kind;
    e->home = home;
    *(in->last ? &in->last->next : &in->first) = e;
    in->last = e;
    return e;
}

void reply_post(struct interp *in, struct future *to, bool failed, struct value v) {
    if (!to)
        return;
    struct event *e = event_post(in, EVENT_REPLY, to->home);
    e->future = to;
    e->failed = failed;
    e->value = v;
}

void reply_failure(struct interp *in, struct future *to, enum failure_kind kind) {
    if (to)
        reply_post(in, to, true, error_new(kind, (struct str){0}, (struct mir_loc){0}));
}

static void remove_event(struct interp *in, struct event *before, struct event *e) {
    *(before ? &before->next : &in->first) = e->next;
    if (in->last == e)
        in->last = before;
    e->next = NULL;
}

struct timer *timer_start(struct interp *in, int64_t after_ns) {
    struct timer *t = arena_new(in->arena, struct timer);
    if (__builtin_add_overflow(in->now_ns, after_ns, &t->deadline_ns))
        t->deadline_ns = INT64_MAX;
    vec_push(in->arena, &in->timers, t);
    return t;
}

void timer_stop(struct timer **t) {
    if (*t)
        (*t)->stopped = true;
    *t = NULL;
}

// ---- reports ------------------------------------------------------------------------------------

static void print_location(const struct interp *in, struct mir_loc loc) {
    if (loc.line && loc.file < in->module->files.len)
        fprintf(stderr, "\n  --> %s:%d:%d", in->module->files.at[loc.file], loc.line, loc.column);
    fprintf(stderr, "\n");
}

// "error: Counter crashed: an index is out of range", or without a name for the root.
void report_failure(struct interp *in, const char *who, struct value error) {
    struct arena scratch = {0};
    struct text out = {.arena = &scratch};
    value_show(&out, in->error_type, error);
    fprintf(stderr, "error: %s%s%.*s", who ? who : "", who ? " crashed: " : "",
            STR_ARGS(text_str(&out)));
    print_location(in, error.box ? error.box->loc : (struct mir_loc){0});
    arena_free(&scratch);
    in->failed = true;
}

void report_waiting(struct interp *in) {
    bool any = false;
    for (int32_t c = 0; c < in->cells.len; c++) {
        for (int32_t i = 0; i < in->cells.at[c]->strands.len; i++) {
            if (!any)
                fprintf(stderr, "error: nobody can move, and the program still waits\n");
            any = true;
            fprintf(stderr, "  %s waits\n", in->cells.at[c]->strands.at[i]->function->name);
        }
    }
    in->failed |= any;
}

// ---- strands ------------------------------------------------------------------------------------

struct cell *cell_new(struct interp *in, const struct mir_actor *actor, struct cell *parent) {
    struct cell *c = arena_new(in->arena, struct cell);
    c->number = in->cells.len;
    c->actor = actor;
    c->parent = parent;
    c->status = actor ? CELL_STARTING : CELL_RUNNING;
    vec_push(in->arena, &in->cells, c);
    return c;
}

struct strand *strand_new(struct interp *in, struct cell *home, enum strand_kind kind,
                          const struct mir_function *function, struct value *args) {
    struct strand *s = arena_new(in->arena, struct strand);
    s->kind = kind;
    s->home = home;
    s->function = function;
    s->wait = WAIT_START;
    s->top = frame_new(in, function, args);
    vec_push(in->arena, &home->strands, s);
    return s;
}

static bool has_turn_if_heard(const struct strand *s) {
    if (s->home->status == CELL_FAILED)
        return false;
    return s->kind != STRAND_ISOLATED || !s->home->handler || s->home->actor->reentrant;
}

// A muted home runs nothing but what is interrupted.
static bool has_turn(const struct strand *s) {
    bool muted = s->home->unaccepted > 0 && !strand_interruption(s);
    return !muted && has_turn_if_heard(s);
}

static bool is_interruptible(const struct strand *s) {
    return s->wait != WAIT_NOT && s->wait != WAIT_SCOPE && !s->ended && !s->withdrawing;
}

enum failure_kind strand_interruption(const struct strand *s) {
    if (s->cancelled && !s->masked)
        return FAILURE_CANCELLED;
    const struct scope *scope = s->innermost;
    for (; scope && scope->depth >= s->masked; scope = scope->outer)
        if (scope->expired)
            return FAILURE_TIMEOUT;
    return FAILURE_NONE;
}

void wake(struct interp *in, struct strand *s) {
    if (s->waking)
        return;
    s->waking = true;
    event_post(in, EVENT_WAKE, s->home)->strand = s;
}

static void strand_cancel(struct interp *in, struct strand *s) {
    if (s->cancelled || s->ended)
        return;
    s->cancelled = true;
    if (is_interruptible(s) && !s->masked && s->wait != WAIT_START)
        wake(in, s);
}

void member_cancel(struct interp *in, struct future *f) {
    if (!f->strand || f->strand->ended)
        return;
    if (f->strand->home == f->home)
        strand_cancel(in, f->strand);
    else
        event_post(in, EVENT_CANCEL, f->strand->home);
}

void scope_cancel(struct interp *in, struct scope *scope) {
    scope->cancelled = true;
    for (int32_t i = 0; i < scope->members.len; i++)
        member_cancel(in, scope->members.at[i]);
}

void scope_leave(struct strand *s) {
    struct scope *scope = s->innermost;
    timer_stop(&scope->deadline);
    scope->owner = NULL;
    s->innermost = scope->outer;
}

static void cell_crash(struct interp *in, struct cell *c, struct value error);

// Measured now and then: the more there is to look at, the more seldom.
static bool memory_holds(struct interp *in, struct cell *c) {
    if (!c->actor || !c->actor->measured || c->status == CELL_STARTING)
        return true;
    if (c->left_out) {
        c->left_out--;
        return true;
    }
    uint64_t visited = 0, bytes = value_measure(c->actor->state, c->state, &visited);
    c->left_out = visited / 32;
    if (bytes > (uint64_t)c->memory_max)
        trap(in, FAILURE_MEMORY, STR("its state has more bytes than its limit allows"),
             (struct mir_loc){0});
    return !in->failing;
}

bool cell_invariants_hold(struct interp *in, struct cell *c) {
    if (!memory_holds(in, c))
        return false;
    for (int32_t i = 0; c->actor && i < c->actor->invariants.len; i++) {
        const struct mir_invariant *v = &c->actor->invariants.at[i];
        struct value holds = call_now(in, mir_find_function(in->module, v->function));
        if (!in->failing && !holds.bits)
            trap(in, FAILURE_INVARIANT, v->text, (struct mir_loc){0});
        if (in->failing)
            return false;
    }
    return true;
}

// What an asker learns of a handler's failure.
static struct value as_seen_by_asker(const struct strand *s, struct value error) {
    if (s->kind != STRAND_HANDLER)
        return error;
    bool ending = error.box->tag == FAILURE_CANCELLED && s->home->status != CELL_CRASHING;
    struct str text = error.box->text;
    if (!text.len)
        text = str_from(mir_failure_sentence(error.box->tag));
    enum failure_kind kind = ending ? FAILURE_STOPPED : FAILURE_CRASHED;
    if (!error.box->carried || error.box->tag == FAILURE_USER)
        return error_new(kind, text, error.box->loc);
    struct value seen = {.box = box_new(1)}; // of error.text: in its words
    seen.box->tag = (int32_t)kind;
    seen.box->loc = error.box->loc;
    seen.box->carried = error.box->carried;
    seen.box->items[0] = value_keep(seen.box->carried, error.box->items[0]);
    return seen;
}

static void hook_ended(struct interp *in, struct cell *c, const struct strand *s) {
    if (c->status != CELL_STARTING)
        return;
    bool init = strcmp(s->function->name, c->actor->init) == 0;
    if (init && c->actor->on_start)
        cell_start_hook(in, c, c->actor->on_start, NULL);
    else
        c->status = CELL_RUNNING;
}

static void strand_failed(struct interp *in, struct strand *s, struct value error) {
    bool asked = s->result && !s->reply_taken, cancelled = error.box->tag == FAILURE_CANCELLED;
    bool wrong = failure_is_wrong(error.box->tag);
    bool handles = s->kind == STRAND_HANDLER || s->kind == STRAND_HOOK;
    bool lives = s->home->status == CELL_STARTING || s->home->status == CELL_RUNNING;
    bool supervised = handles && s->home->is_child && lives;
    bool told = (asked || supervised) && !wrong, failed = in->failed;
    bool silent = supervised && s->home->parent->actor->on_child_failure && !wrong;
    // What its asker is told of is the asker's to judge: a program says it, and may still end well.
    if (handles && !cancelled && !silent && (!told || in->is_entry)) {
        report_failure(in, s->home->actor->name, error);
        in->failed = failed || !told;
    }
    if (s->kind == STRAND_ROOT && !cancelled)
        report_failure(in, NULL, error);
    if (asked)
        reply_post(in, s->result, true, as_seen_by_asker(s, error));
    if (handles && !cancelled)
        cell_crash(in, s->home, error);
    else if (s->kind == STRAND_HOOK)
        hook_ended(in, s->home, s);
}

static void tell_crash(struct interp *in, const struct hold *h) {
    const struct mir_actor *a = h->handle->actor;
    struct event *e = event_post(in, EVENT_MESSAGE, h->handle);
    e->message = &a->messages.at[a->messages.len - 2];
    e->args = arena_array(in->arena, struct value, 1);
    e->args[0].bits = (uint64_t)h->way;
}

static void holds_end(struct interp *in, struct strand *s, bool crashed) {
    for (int32_t i = 0; i < s->holds.len; i++)
        if (crashed)
            tell_crash(in, &s->holds.at[i]);
        else
            vec_push(in->arena, &s->home->holds, s->holds.at[i]);
    s->holds.len = 0;
}

// Of a reentrant actor's handlers under way the latest.
static struct strand *handler_left(const struct cell *home) {
    for (int32_t i = home->strands.len; i-- > 0;)
        if (home->actor && home->actor->reentrant && home->strands.at[i]->kind == STRAND_HANDLER)
            return home->strands.at[i];
    return NULL;
}

static void strand_ended(struct interp *in, struct strand *s, struct value result) {
    struct cell *home = s->home;
    if (s->kind == STRAND_HANDLER && !in->failing)
        cell_invariants_hold(in, home);
    bool failed = in->failing;
    in->failing = false;
    in->strand = NULL;
    while (s->innermost) {
        scope_cancel(in, s->innermost);
        scope_leave(s);
    }
    s->ended = true;
    holds_end(in, s,
              home->status == CELL_CRASHING || // whatever became of this one
                  (failed && in->failure.box->tag != FAILURE_CANCELLED));
    for (int32_t i = 0; i < home->strands.len; i++)
        if (home->strands.at[i] == s)
            memmove(&home->strands.at[i], &home->strands.at[i + 1],
                    sizeof(struct strand *) * (size_t)(--home->strands.len - i));
    if (home->handler == s)
        home->handler = handler_left(home);
    if (failed) {
        strand_failed(in, s, in->failure);
    } else {
        if (s->result && !s->reply_taken)
            reply_post(in, s->result, false, result);
        if (s->kind == STRAND_HOOK)
            hook_ended(in, home, s);
    }
    in->root_ended |= s == in->root;
    cell_settle(in, home);
}

static void wait_over(struct strand *s) {
    s->withdrawing = false;
    timer_stop(&s->sleep);
    for (int32_t i = 0; i < s->waits_for.len; i++)
        s->waits_for.at[i]->waiter = NULL;
    s->waits_for.len = 0;
    if (s->closing)
        scope_leave(s);
    s->closing = NULL;
    s->wait = WAIT_NOT;
}

// A reentrant actor's invariants hold wherever it waits.
static void look_where_it_waits(struct interp *in, struct strand *s) {
    struct cell *c = s->home;
    bool looks_at = c->actor && (c->actor->reentrant || c->actor->measured);
    if (!looks_at || c->status != CELL_RUNNING)
        return;
    struct strand looks = {.kind = STRAND_HOOK, .home = c, .function = s->function};
    in->strand = &looks;
    bool holds = c->actor->reentrant ? cell_invariants_hold(in, c) : memory_holds(in, c);
    in->strand = NULL;
    in->failing = false;
    if (!holds)
        cell_fail(in, c, in->failure);
}

// Runs the next segment; it begins by failing when `kind` is one.
static void strand_run(struct interp *in, struct strand *s, enum failure_kind kind) {
    assert(!s->ended && s->wait != WAIT_NOT && !in->strand);
    struct frame *f = s->top;
    bool first = s->wait == WAIT_START;
    const struct mir_inst *at = first ? NULL : &f->function->blocks.at[f->block].insts.at[f->inst];
    struct mir_loc loc = at ? at->loc : s->function->loc;
    wait_over(s);
    in->strand = s;
    if (first && !kind)
        kind = strand_interruption(s);
    if (kind)
        trap(in, kind, (struct str){0}, loc);
    if (first && kind) // it never began, so its own unwind blocks do not see it
        s->top = NULL;
    if (!kind && at) {
        struct value winner = {.bits = s->winner};
        if (at->op == MIR_OP_WAIT_ANY && !store(in, f, &at->dst, winner))
            loc = at->loc;
        else
            f->inst++;
    }
    struct value result;
    if (run_segment(in, &result))
        strand_ended(in, s, result);
    else
        look_where_it_waits(in, s);
    in->strand = NULL;
}

// Resumes it with that failure. One that waits for a handle is let go by that, if it can.
static void strand_interrupt(struct interp *in, struct strand *s, enum failure_kind kind) {
    struct future *f = s->wait == WAIT_ALL && s->waits_for.len == 1 ? s->waits_for.at[0] : NULL;
    if (!f || !f->handle) {
        strand_run(in, s, kind);
        return;
    }
    s->withdrawing = true;
    event_post(in, EVENT_WITHDRAW, f->handle)->future = f;
}

// ---- cells --------------------------------------------------------------------------------------

void cell_start_hook(struct interp *in, struct cell *c, const char *name, struct value *args) {
    const struct mir_function *f = mir_find_function(in->module, name);
    c->handler = strand_new(in, c, STRAND_HOOK, f, args);
    event_post(in, EVENT_START, c)->strand = c->handler;
}

void cell_begin_end(struct interp *in, struct cell *c, enum cell_status status) {
    c->status = status;
    timer_stop(&c->grace);
    for (int32_t i = 0; i < c->strands.len; i++)
        strand_cancel(in, c->strands.at[i]);
    for (int32_t i = 0; i < c->futures.len; i++)
        if (!c->futures.at[i]->is_settled && !c->futures.at[i]->is_ask)
            member_cancel(in, c->futures.at[i]);
    for (int32_t i = 0; i < c->children.len; i++) {
        if (c->children.at[i]->status == CELL_GONE)
            continue;
        event_post(in, EVENT_STOP, c->children.at[i])->what = WHAT_STOP;
        c->awaited++;
    }
    c->children.len = 0;
    cell_settle(in, c);
}

static void cell_crash(struct interp *in, struct cell *c, struct value error) {
    bool lives = c->status == CELL_STARTING || c->status == CELL_RUNNING;
    for (int32_t i = 0; i < c->holds.len; i++)
        tell_crash(in, &c->holds.at[i]);
    c->holds.len = 0;
    if (lives && supervise_crashed(in, c, error))
        return;
    c->crashed = true;
    if (lives || c->status == CELL_CLOSING)
        cell_begin_end(in, c, CELL_CRASHING);
}

void cell_fail(struct interp *in, struct cell *c, struct value error) {
    int32_t kind = error.box->tag;
    bool wrong = failure_is_wrong(kind), failed = in->failed;
    if (!c->is_child || wrong || !c->parent->actor->on_child_failure) {
        report_failure(in, c->actor->name, error);
        in->failed = failed || !c->is_child || wrong;
    }
    cell_crash(in, c, error);
}

static void cell_gone(struct interp *in, struct cell *c) {
    bool crashes = c->status == CELL_CRASHING;
    if (crashes && c->actor)
        reach_crashed(in, c);
    if (c->actor)
        value_drop(c->actor->state, c->state);
    c->state = value_zero;
    c->grace_ns = c->memory_max = 0;
    c->left_out = 0;
    if (supervise_incarnation_over(in, c))
        return;
    c->status = CELL_GONE;
    c->crashed = crashes;
    supervise_gone(in, c);
    mailbox_end(in, c);
}

// What a stop leaves to go on for a while: the handler at hand, tasks.
static bool has_work(const struct cell *c) {
    bool any = c->strands.len > 0;
    for (int32_t i = 0; i < c->futures.len; i++) {
        const struct future *f = c->futures.at[i];
        any |= !f->is_ask && !f->is_settled && f->strand && f->strand->home != c &&
               !f->strand->cancelled;
    }
    return any;
}

// A cell that closes runs on_shutdown first. When the last strand and child have gone, a cell that
// is ending says goodbye and is gone.
void cell_settle(struct interp *in, struct cell *c) {
    if (c->status == CELL_CLOSING && !c->handler) {
        bool hook = c->actor->on_shutdown && !c->closed;
        c->closed = true;
        if (hook)
            cell_start_hook(in, c, c->actor->on_shutdown, NULL);
        else if (!c->grace || !has_work(c))
            cell_begin_end(in, c, CELL_STOPPING);
        return;
    }
    if (c->status == CELL_GONE || c->strands.len || c->awaited)
        return;
    if (!c->actor && c->parent && c->status == CELL_RUNNING)
        c->status = CELL_STOPPING;
    bool ends = c->status == CELL_STOPPING || c->status == CELL_CRASHING;
    if (c->status == CELL_STOPPING && c->actor && c->actor->on_stop && !c->said_goodbye) {
        c->said_goodbye = true;
        cell_start_hook(in, c, c->actor->on_stop, NULL);
    } else if (ends) {
        cell_gone(in, c);
    }
}

// ---- futures, scopes, tokens --------------------------------------------------------------------

void future_fail(struct interp *in, struct future *f, struct value error) {
    f->state = FUTURE_FAILED;
    f->error = error;
    if (!f->is_ask)
        vec_push(in->arena, &in->failures, f);
}

void token_cancel(struct interp *in, struct token *t) {
    t->cancelled = true;
    for (int32_t i = 0; i < t->members.len; i++)
        member_cancel(in, t->members.at[i]);
}

// Is what the strand waits for there? Then `winner` says which.
bool strand_is_satisfied(struct strand *s) {
    bool all = true;
    s->failed = NULL;
    for (int32_t i = 0; i < s->waits_for.len; i++) {
        enum future_state state = s->waits_for.at[i]->state;
        if (s->wait == WAIT_ANY ? state != FUTURE_PENDING : state == FUTURE_FAILED) {
            s->winner = (uint64_t)i;
            s->failed = state == FUTURE_FAILED ? s->waits_for.at[i] : NULL;
            for (int32_t k = 0; k < s->waits_for.len && s->failed; k++)
                s->waits_for.at[k]->told = true;
            return true;
        }
        all &= state != FUTURE_PENDING;
    }
    return s->wait == WAIT_ALL && all;
}

// Would the strand that waits for `f` go on if `f` were settled so?
static struct strand *goes_on(const struct future *f, bool failed) {
    struct strand *s = f->state == FUTURE_PENDING ? f->waiter : NULL;
    if (!s || s->wait == WAIT_ANY || failed)
        return s;
    for (int32_t i = 0; i < s->waits_for.len; i++)
        if (s->waits_for.at[i] != f && s->waits_for.at[i]->state == FUTURE_PENDING)
            return NULL;
    return s;
}

// The strand that closes the scope of which `f` is the last member.
static struct strand *closer(const struct future *f) {
    const struct scope *scope = f->scope;
    bool last = scope && scope->members.len == 1 && scope->members.at[0] == f;
    return last && scope->owner && scope->owner->closing == scope ? scope->owner : NULL;
}

static void remove_member(struct future **at, int32_t *len, const struct future *f) {
    for (int32_t i = 0; i < *len; i++) {
        if (at[i] != f)
            continue;
        memmove(&at[i], &at[i + 1], sizeof *at * (size_t)(*len - i - 1));
        --*len;
        return;
    }
}

static void settle(struct interp *in, struct future *f, const struct event *e) {
    f->is_settled = true;
    timer_stop(&f->timer);
    if (f->scope)
        remove_member(f->scope->members.at, &f->scope->members.len, f);
    if (f->token)
        remove_member(f->token->members.at, &f->token->members.len, f);
    if (f->state != FUTURE_PENDING)
        return; // its time ran out before
    struct strand *s = f->waiter;
    bool lets_go = e->failed && (e->value.box->tag == FAILURE_CANCELLED ||
                                 e->value.box->tag == FAILURE_STOPPED);
    if (lets_go && s && s->withdrawing) {
        struct str none = {0};
        future_fail(in, f, error_new(strand_interruption(s), none, (struct mir_loc){0}));
    } else if (e->failed) {
        future_fail(in, f, e->value);
    } else {
        f->state = FUTURE_DONE;
        f->value = e->value;
    }
}

// ---- what may be taken --------------------------------------------------------------------------

static bool wake_is_stale(const struct strand *s) {
    if (s->ended || s->wait == WAIT_NOT || s->wait == WAIT_START)
        return true;
    if (s->wait == WAIT_SCOPE)
        return s->closing->members.len > 0;
    return s->withdrawing || (s->wait != WAIT_YIELD && !strand_interruption(s));
}

// The strand that the timer lets go on, if any.
static struct strand *timer_concerns(const struct timer *t) {
    if (t->stopped || t->cell)
        return NULL;
    if (t->strand)
        return t->strand;
    if (t->future)
        return t->future->state == FUTURE_PENDING ? t->future->waiter : NULL;
    struct strand *owner = t->scope->owner;
    bool felt = owner && is_interruptible(owner) && t->scope->depth >= owner->masked;
    return felt && owner->wait != WAIT_START ? owner : NULL;
}

static bool stop_is_wanted(const struct event *e) {
    const struct cell *c = e->home;
    if (e->what == WHAT_KILL)
        return c->status != CELL_STARTING;
    if (e->what == WHAT_STOP || c->status != CELL_RUNNING)
        return e->what == WHAT_STOP || c->status != CELL_STARTING || c->mailbox;
    return c->mailbox || (!c->handler && !c->unaccepted);
}

static bool is_wanted(const struct interp *in, const struct event *e) {
    const struct cell *c = e->home;
    const struct strand *s = NULL;
    switch (e->kind) {
    case EVENT_MESSAGE:
        return c->status == CELL_GONE || c->mailbox ||
               (c->status == CELL_RUNNING && !c->unaccepted &&
                (!c->handler || c->actor->reentrant));
    case EVENT_REPLY:
        s = goes_on(e->future, e->failed);
        s = s ? s : closer(e->future);
        break;
    case EVENT_START:
        s = e->strand->kind == STRAND_HOOK ? NULL : e->strand;
        break;
    case EVENT_WAKE:
        s = wake_is_stale(e->strand) ? NULL : e->strand;
        break;
    case EVENT_TIMER:
        s = timer_concerns(e->timer);
        if (e->timer->scope)
            return !s || has_turn_if_heard(s);
        break;
    case EVENT_CANCEL:
    case EVENT_WITHDRAW: // what it asked was taken before: a handle never waits
        return true;
    case EVENT_STOP:
        return stop_is_wanted(e);
    case EVENT_MAIL:
        return c->status == CELL_GONE ||
               (c->status == CELL_RUNNING && !c->unaccepted &&
                (!c->handler ||
                 (c->actor->reentrant && c->mail.at[0]->kind == EVENT_MESSAGE)));
    case EVENT_ACCEPTED:
        return true;
    default:
        return supervise_wants(in, e);
    }
    return !s || has_turn(s);
}

// ---- taking -------------------------------------------------------------------------------------

static void handle_message(struct interp *in, struct cell *c, const struct event *e) {
    const struct mir_function *f = mir_find_function(in->module, e->message->handler);
    struct strand *s = strand_new(in, c, STRAND_HANDLER, f, e->args);
    s->message = e->message;
    s->result = e->future;
    c->handler = s;
    strand_run(in, s, FAILURE_NONE);
}

static void take_message(struct interp *in, struct cell *c, struct event *e) {
    if (c->status == CELL_GONE)
        mailbox_discard(in, e, c->crashed ? FAILURE_CRASHED : FAILURE_STOPPED);
    else if (c->mailbox)
        mailbox_arrive(in, c, e);
    else
        handle_message(in, c, e);
}

static void take_reply(struct interp *in, const struct event *e) {
    struct strand *now = goes_on(e->future, e->failed), *leaver = closer(e->future);
    settle(in, e->future, e);
    if (now)
        strand_is_satisfied(now);
    if (now && leaver && leaver != now)
        wake(in, leaver);
    if (now || leaver)
        strand_run(in, now ? now : leaver, FAILURE_NONE);
    else if (e->home->grace)
        cell_settle(in, e->home);
}

static void take_wake(struct interp *in, struct strand *s) {
    bool stale = wake_is_stale(s);
    s->waking = false;
    if (!stale && s->wait != WAIT_SCOPE && strand_interruption(s))
        strand_interrupt(in, s, strand_interruption(s));
    else if (!stale)
        strand_run(in, s, FAILURE_NONE);
}

static void cancel_handlers(struct interp *in, struct cell *c) {
    for (int32_t i = 0; c->handler && i < c->strands.len; i++)
        if (c->strands.at[i]->kind == STRAND_HANDLER)
            strand_cancel(in, c->strands.at[i]);
}

static void take_timer(struct interp *in, struct timer *t) {
    struct strand *s = timer_concerns(t);
    if (t->stopped)
        return;
    t->stopped = true;
    if (t->cell && t == t->cell->grace) {
        t->cell->grace = NULL;
        cancel_handlers(in, t->cell);
        cell_settle(in, t->cell);
        return;
    }
    if (t->cell) {
        supervise_delay_over(in, t->cell);
        return;
    }
    if (t->scope)
        t->scope->expired = true;
    if (t->future && t->future->state == FUTURE_PENDING)
        future_fail(in, t->future,
                    error_new(FAILURE_TIMEOUT, (struct str){0}, (struct mir_loc){0}));
    if (!s)
        return;
    if (t->future)
        strand_is_satisfied(s);
    if (t->scope)
        strand_interrupt(in, s, strand_interruption(s));
    else
        strand_run(in, s, FAILURE_NONE);
}

static void take_cancel(struct interp *in, struct cell *c, struct token *token) {
    if (token) {
        token_cancel(in, token);
        return;
    }
    struct strand *s = c->strands.len ? c->strands.at[0] : NULL;
    if (!s)
        return;
    s->cancelled = true;
    if (is_interruptible(s) && !s->masked && s->wait != WAIT_START)
        strand_interrupt(in, s, FAILURE_CANCELLED);
}

// The asker is let go if the handle still owes it the answer; then its last message, `Withdrawn`.
static void take_withdraw(struct interp *in, struct cell *c, const struct event *e) {
    struct reply *r = NULL;
    for (int32_t i = 0; i < in->replies.len && !r; i++)
        if (in->replies.at[i]->to == e->future && !in->replies.at[i]->answered)
            r = in->replies.at[i];
    if (!r || c->status == CELL_GONE)
        return;
    r->answered = r->withdrawn = true;
    reply_failure(in, r->to, FAILURE_CANCELLED);
    struct event told = {.home = c,
                         .kind = EVENT_MESSAGE,
                         .message = &c->actor->messages.at[c->actor->messages.len - 1]};
    handle_message(in, c, &told);
}

static void begin_stop(struct interp *in, struct cell *c) {
    supervise_end(c);
    if (c->status == CELL_RUNNING) {
        c->status = CELL_CLOSING;
        if (c->grace_ns > 0 && has_work(c)) {
            c->grace = timer_start(in, c->grace_ns);
            c->grace->cell = c;
        } else {
            cancel_handlers(in, c);
        }
        cell_settle(in, c);
    } else if (c->status == CELL_STARTING) {
        c->said_goodbye = true; // of what never was there
        cell_begin_end(in, c, CELL_STOPPING);
    } else if (c->status == CELL_FAILED || c->status == CELL_HALTED) {
        cell_begin_end(in, c, CELL_CRASHING);
    }
}

static void take_stop(struct interp *in, struct cell *c, const struct event *e) {
    if (e->what == WHAT_KILL) {
        if (c->status == CELL_RUNNING)
            cell_crash(in, c, error_new(FAILURE_CRASHED, (struct str){0}, (struct mir_loc){0}));
        return;
    }
    bool now = e->what == WHAT_STOP;
    bool lives = c->status == CELL_STARTING || c->status == CELL_RUNNING;
    bool idle = c->status == CELL_RUNNING && !c->handler && !c->unaccepted && !c->mail.len;
    if (!now && c->mailbox && lives && !idle) {
        mailbox_arrive(in, c, e);
        return;
    }
    c->tells_end |= now;
    if (c->status != CELL_GONE)
        begin_stop(in, c);
    else if (now)
        supervise_gone(in, c);
}

static void take_mail(struct interp *in, struct cell *c) {
    if (c->status == CELL_GONE)
        return;
    const struct event *e = mailbox_next(in, c);
    if (e->kind == EVENT_STOP)
        begin_stop(in, c);
    else
        handle_message(in, c, e);
}

static void take(struct interp *in, struct event *e) {
    switch (e->kind) {
    case EVENT_MESSAGE:
        take_message(in, e->home, e);
        break;
    case EVENT_REPLY:
        take_reply(in, e);
        break;
    case EVENT_START:
        strand_run(in, e->strand, FAILURE_NONE);
        break;
    case EVENT_WAKE:
        take_wake(in, e->strand);
        break;
    case EVENT_TIMER:
        take_timer(in, e->timer);
        break;
    case EVENT_CANCEL:
        take_cancel(in, e->home, e->token);
        break;
    case EVENT_STOP:
        take_stop(in, e->home, e);
        break;
    case EVENT_MAIL:
        take_mail(in, e->home);
        break;
    case EVENT_ACCEPTED:
        e->home->unaccepted--;
        break;
    default:
        supervise_take(in, e);
        break;
    case EVENT_WITHDRAW:
        take_withdraw(in, e->home, e);
        break;
    }
    reach_check(in);
}

static bool take_oldest(struct interp *in) {
    struct event *before = NULL;
    for (struct event *e = in->first; e; before = e, e = e->next) {
        if (!is_wanted(in, e))
            continue;
        remove_event(in, before, e);
        take(in, e);
        return true;
    }
    return false;
}

static struct cell *timer_home(const struct timer *t) {
    if (t->cell)
        return t->cell;
    return t->strand ? t->strand->home : t->future ? t->future->home : t->scope->owner->home;
}

// Moves time to the next deadline; of equal ones the timer that was started first comes first.
static bool advance(struct interp *in) {
    struct timer *next = NULL;
    int32_t running = 0;
    for (int32_t i = 0; i < in->timers.len; i++) {
        struct timer *t = in->timers.at[i];
        if (t->stopped || t->in_queue)
            continue;
        in->timers.at[running++] = t;
        if (!next || t->deadline_ns < next->deadline_ns)
            next = t;
    }
    in->timers.len = running;
    if (!next)
        return false;
    if (next->deadline_ns > in->now_ns)
        in->now_ns = next->deadline_ns;
    next->in_queue = true;
    event_post(in, EVENT_TIMER, timer_home(next))->timer = next;
    return true;
}

void world_run(struct interp *in, const struct mir_function *root, struct value *args,
               bool ends_with_root) {
    struct cell *home = cell_new(in, NULL, NULL);
    in->is_entry = ends_with_root;
    in->root = strand_new(in, home, STRAND_ROOT, root, args);
    event_post(in, EVENT_START, home)->strand = in->root;
    for (bool stopped = false, stuck = false;;) {
        if (!take_oldest(in) && !advance(in)) {
            if (!ends_with_root || in->root_ended || stuck)
                break;
            stuck = true; // what is left is cancelled
            report_waiting(in);
            cell_begin_end(in, home, CELL_STOPPING);
        }
        if (in->root_ended && ends_with_root && !stopped) {
            stopped = true;
            cell_begin_end(in, home, CELL_STOPPING);
        }
    }
    if (!ends_with_root || !in->root_ended)
        report_waiting(in);
}
