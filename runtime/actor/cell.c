// SPDX-License-Identifier: MIT
// Cells: what is taken when, the life of an actor from spawn to its end, and crashes.
#include "runtime/actor/parts.h"

enum { ARGS_BYTES_INLINE = 256 };

const struct cell_rest cell_no_rest = {0};

// ---- what may be taken, and taking it --------------------------------------------------------------

static enum take in_turn(const struct strand *s) {
    return strand_has_turn(s) ? TAKE_RUNS : TAKE_LATER;
}
static enum take interrupts_in_turn(const struct strand *s) {
    return strand_has_turn_if_heard(s) ? TAKE_RUNS : TAKE_LATER;
}

static enum take message_wants(const struct cell *c, const struct envelope *e) {
    if (is_dead(c, e))
        return TAKE_RUNS; // that it is discarded can be told from its being handled
    if (c->mail)
        return TAKE_RUNS; // it arrives
    bool free =
        c->status == CELL_RUNNING && !c->unaccepted && (!c->handler || c->type->reentrant);
    return free ? TAKE_RUNS : TAKE_LATER;
}

static enum take wake_wants(const struct strand *s) {
    bool stale = s->ended || s->wait == WAIT_NOT || s->wait == WAIT_START;
    if (s->wait == WAIT_SCOPE)
        stale = s->closing->members != NULL;
    else if (!stale && s->wait != WAIT_YIELD)
        stale = strand_interruption(s) == PRISM_NONE || s->withdrawing;
    return stale ? TAKE_SILENT : in_turn(s);
}

static enum take timer_wants(const struct timer *t) {
    if (t->use == TIMER_ASK)
        return ask_timer_wants(t);
    if (t->use == TIMER_RESTART || t->use == TIMER_GRACE)
        return TAKE_RUNS;
    if (t->use == TIMER_SLEEP)
        return in_turn(t->of.strand);
    const struct strand *s = scope_timer_interrupts(t);
    if (s)
        return interrupts_in_turn(s);
    return t->of.scope->owner ? TAKE_EARLY : TAKE_SILENT;
}

// A task's cancellation ends its wait; when it is not waiting, the next suspension tells it.
static const struct strand *cancel_interrupts(const struct cell *c, const struct envelope *e) {
    const struct strand *s = c->first;
    bool waits = s && s->wait != WAIT_START && strand_interruptible(s);
    return !e->token && !is_dead(c, e) && waits ? s : NULL;
}

// A token can be asked whether it was cancelled, and a task that has not started, or that leaves a scope,
// learns later that it was.
static enum take cancel_wants(const struct cell *c, const struct envelope *e) {
    if (cancel_interrupts(c, e))
        return TAKE_RUNS;
    const struct strand *s = c->first;
    bool told = e->token ? e->token->cancelled : !s || s->cancelled || s->ended;
    return told || is_dead(c, e) ? TAKE_SILENT : TAKE_RUNS;
}

static enum take withdraw_wants(const struct cell *c, const struct envelope *e) {
    if (!is_dead(c, e) && c->status == CELL_STARTING)
        return TAKE_LATER;
    return !is_dead(c, e) && reply_kept(c, e->reply_to) ? TAKE_RUNS : TAKE_SILENT;
}

// Who stops an actor waits until it has started and its handler has ended; its parent does not.
static enum take stop_wants(const struct cell *c, const struct envelope *e) {
    bool now = e->word == STOP_NOW;
    if (is_dead(c, e))
        return now ? TAKE_RUNS : TAKE_SILENT;
    switch (c->status) {
    case CELL_CLOSING:
    case CELL_STOPPING:
    case CELL_CRASHING:
        return TAKE_SILENT;
    case CELL_STARTING:
    case CELL_RUNNING:
        if (now || actor_is_bounded(c))
            return TAKE_RUNS;
        return c->status == CELL_RUNNING && !c->handler && !c->unaccepted ? TAKE_RUNS : TAKE_LATER;
    default:
        return TAKE_RUNS;
    }
}

// Between two segments of whatever runs.
static enum take kill_wants(const struct cell *c, const struct envelope *e) {
    if (is_dead(c, e))
        return TAKE_SILENT;
    return c->status == CELL_RUNNING    ? TAKE_RUNS
           : c->status == CELL_STARTING ? TAKE_LATER
                                        : TAKE_SILENT;
}

enum take actor_wants(const struct cell *c, const struct envelope *e) {
    switch ((enum envelope_kind)e->kind) {
    case ENVELOPE_MESSAGE:
        return message_wants(c, e);
    case ENVELOPE_REPLY:
        return reply_wants(e);
    case ENVELOPE_START:
        return e->strand->kind == STRAND_HOOK ? TAKE_RUNS : in_turn(e->strand);
    case ENVELOPE_WAKE:
        return wake_wants(e->strand);
    case ENVELOPE_TIMER:
        return timer_wants(e->timer);
    case ENVELOPE_CANCEL:
        return cancel_wants(c, e);
    case ENVELOPE_STOP:
        return stop_wants(c, e);
    case ENVELOPE_WITHDRAW:
        return withdraw_wants(c, e);
    case ENVELOPE_NODE:
    case ENVELOPE_ACCEPTED:
        return TAKE_RUNS;
    case ENVELOPE_KILL:
        return kill_wants(c, e);
    case ENVELOPE_MAIL:
        return mail_wants(c, e);
    default:
        return supervise_wants(c, e);
    }
}

void cell_discard(prism_cx *cx, struct cell *c, struct envelope *e) {
    mailbox_accept(cx, e);
    drop_value(cx, e->type, e->payload);
    bool crashed = c->status == CELL_GONE && c->ended == PRISM_CRASHED;
    reply_post(cx, e->reply_to, crashed ? PRISM_CRASHED : PRISM_STOPPED, NULL, NULL, NULL, e->site);
}

static void handle_message(prism_cx *cx, struct cell *c, struct envelope *e) {
    const prism_function *handler = e->message->handler;
    if (handler->call) {
        strand_call_handler(cx, c, e);
    } else {
        struct strand *s =
            strand_new(cx, c, STRAND_HANDLER, handler, e->payload, e->reply_to, e->site);
        s->message = e->message;
        c->handler = s;
        strand_run(cx, s);
    }
}

static void take_message(prism_cx *cx, struct cell *c, struct envelope *e) {
    if (is_dead(c, e))
        cell_discard(cx, c, e);
    else if (c->mail)
        mailbox_arrive(cx, c, e);
    else
        handle_message(cx, c, e);
}

static void take_wake(prism_cx *cx, struct strand *s) {
    bool goes_on = wake_wants(s) != TAKE_SILENT;
    s->waking = false;
    if (s->ended) {
        strand_free(cx, s);
    } else if (goes_on && s->wait != WAIT_SCOPE && strand_interruption(s)) {
        strand_interrupt(cx, s);
    } else if (goes_on) {
        strand_run(cx, s);
    }
}

static void take_timer(prism_cx *cx, struct timer *t) {
    t->state = TIMER_EXPIRED;
    if (t->use == TIMER_ASK) {
        ask_timer_taken(cx, t);
        return;
    }
    if (t->use == TIMER_SLEEP) {
        strand_run(cx, t->of.strand);
        return;
    }
    if (t->use == TIMER_RESTART) {
        supervise_timer_taken(cx, t->home);
        return;
    }
    if (t->use == TIMER_GRACE) {
        cell_grace_over(cx, t->home);
        return;
    }
    struct strand *s = scope_timer_interrupts(t);
    t->of.scope->expired = true;
    if (s)
        strand_interrupt(cx, s);
}

static void take_cancel(prism_cx *cx, struct cell *c, struct envelope *e) {
    if (e->token) {
        if (!is_dead(c, e))
            token_cancel_here(cx, e->token);
        prism_token_drop(cx, e->token);
        return;
    }
    const struct strand *waiting = cancel_interrupts(c, e);
    struct strand *s = is_dead(c, e) ? NULL : c->first;
    if (s)
        s->cancelled = true;
    if (waiting)
        strand_interrupt(cx, s);
}

// The asker is let go; then the handle's message `Withdrawn`, its last, sees who may go on without
// it.
static void take_withdraw(prism_cx *cx, struct cell *c, struct envelope *e) {
    prism_reply *r = is_dead(c, e) ? NULL : reply_kept(c, e->reply_to);
    if (!r)
        return;
    reply_withdraw(cx, r, e->site);
    e->kind = ENVELOPE_MESSAGE;
    e->message = &c->type->messages[c->type->message_count - 1];
    e->reply_to = (struct reply_to){0};
    if (c->status == CELL_RUNNING)
        take_message(cx, c, e);
}

static void tell_end(prism_cx *cx, struct cell *parent, prism_ref child) {
    struct envelope *e = sched_envelope_new(cx, sizeof(struct child_notice));
    e->kind = ENVELOPE_ENDED;
    e->word = ENDED_STOPPED;
    e->generation = __atomic_load_n(&parent->generation, __ATOMIC_RELAXED); // it waits for us
    struct child_notice notice = {.child = child};
    memcpy(e->payload, &notice, sizeof notice);
    sched_post(cx, parent, e);
}

static void cancel_handlers(prism_cx *cx, struct cell *c) {
    for (struct strand *s = c->handler ? c->first : NULL; s; s = s->next)
        if (s->kind == STRAND_HANDLER)
            strand_cancel(cx, s);
}

void cell_grace_over(prism_cx *cx, struct cell *c) {
    if (c->status != CELL_CLOSING)
        return;
    cancel_handlers(cx, c);
    cell_strand_ended(cx, c);
}

static void begin_stop(prism_cx *cx, struct cell *c) {
    c->halts = false;
    supervise_end(cx, c);
    if (c->status == CELL_RUNNING) {
        c->status = CELL_CLOSING;
        if (!grace_begin(cx, c))
            cancel_handlers(cx, c);
        cell_strand_ended(cx, c);
    } else if (c->status == CELL_STARTING) {
        c->ended = PRISM_STOPPED; // no goodbye of who never was there
        cell_begin_end(cx, c, CELL_STOPPING);
    } else if (c->status == CELL_FAILED || c->status == CELL_HALTED) {
        cell_begin_end(cx, c, CELL_CRASHING);
    }
}

static void take_stop(prism_cx *cx, struct cell *c, struct envelope *e) {
    bool now = e->word == STOP_NOW;
    if (is_dead(c, e)) {
        if (now)
            tell_end(cx, e->reply_to.home, (prism_ref){c, e->generation});
        return;
    }
    bool lives = c->status == CELL_STARTING || c->status == CELL_RUNNING;
    bool idle = c->status == CELL_RUNNING && !c->handler && !c->unaccepted && mailbox_is_empty(c);
    if (!now && actor_is_bounded(c) && lives && !idle) {
        mailbox_arrive(cx, c, e); // and waits its turn
        return;
    }
    c->tells_end |= now;
    begin_stop(cx, c);
}

void cell_handle(prism_cx *cx, struct cell *c, struct envelope *e) {
    if (e->kind == ENVELOPE_STOP)
        begin_stop(cx, c);
    else
        handle_message(cx, c, e);
}

void actor_take(prism_cx *cx, struct cell *c, struct envelope *e) {
    assert(!cx->failure);
    void *home = cx->home, *strand = cx->strand;
    cx->home = c;
    cx->strand = NULL;
    switch ((enum envelope_kind)e->kind) {
    case ENVELOPE_MESSAGE:
        take_message(cx, c, e);
        break;
    case ENVELOPE_REPLY:
        reply_taken(cx, e);
        break;
    case ENVELOPE_START:
        strand_run(cx, e->strand);
        break;
    case ENVELOPE_WAKE:
        take_wake(cx, e->strand);
        break;
    case ENVELOPE_TIMER:
        take_timer(cx, e->timer);
        break;
    case ENVELOPE_CANCEL:
        take_cancel(cx, c, e);
        break;
    case ENVELOPE_STOP:
        take_stop(cx, c, e);
        break;
    case ENVELOPE_WITHDRAW:
        take_withdraw(cx, c, e);
        break;
    case ENVELOPE_NODE:
        node_taken(cx, c, e);
        break;
    case ENVELOPE_KILL:
        if (!is_dead(c, e) && c->status == CELL_RUNNING)
            actor_crash(cx, c);
        break;
    case ENVELOPE_MAIL:
        mail_taken(cx, c, e);
        break;
    case ENVELOPE_ACCEPTED:
        c->unaccepted--;
        break;
    default:
        supervise_taken(cx, c, e);
        break;
    }
    cx->home = home;
    cx->strand = strand;
    sched_envelope_free(cx, e);
    assert(!cx->failure);
}

void actor_begin(prism_cx *cx, struct cell *c) {
    assert(!cx->failure && c->first && !c->first->next && c->first->wait == WAIT_START);
    void *home = cx->home, *strand = cx->strand;
    cx->home = c;
    cx->strand = NULL;
    strand_run(cx, c->first);
    cx->home = home;
    cx->strand = strand;
    assert(!cx->failure);
}

// ---- birth ------------------------------------------------------------------------------------------

// Forgets children that are gone; doubles the room if most are alive.
static void make_room_for_child(prism_cx *cx, struct cell_rest *c) {
    uint32_t alive = 0;
    for (uint32_t i = 0; i < c->child_count; i++) {
        const struct cell *child = c->children[i].cell;
        if (__atomic_load_n(&child->generation, __ATOMIC_RELAXED) == c->children[i].generation)
            c->children[alive++] = c->children[i];
    }
    c->child_count = alive;
    if (alive * 2 <= c->child_room && c->child_room)
        return;
    uint32_t room = c->child_room ? c->child_room * 2 : 4;
    prism_ref *wider = prism_alloc(cx, room * sizeof *wider);
    if (alive)
        memcpy(wider, c->children, alive * sizeof *wider);
    if (c->children)
        prism_free(cx, c->children, c->child_room * sizeof *wider);
    c->children = wider;
    c->child_room = room;
}

static struct strand *new_hook(prism_cx *cx, struct cell *c, const prism_function *hook, void *args) {
    struct strand *s =
        strand_new(cx, c, STRAND_HOOK, hook, args, (struct reply_to){0}, c->site);
    c->handler = s;
    return s;
}

static void run_hook(prism_cx *cx, struct cell *c, const prism_function *hook, void *args) {
    strand_run(cx, new_hook(cx, c, hook, args));
}

// Such an init can run within another's segment: nobody can tell, since it sends nothing.
static bool is_quiet(const prism_actor_type *type) {
    return type->init->call && !type->init->sends && !type->on_start;
}

struct cell *cell_new_child(prism_cx *cx, const prism_actor_type *type, const prism_site *site) {
    struct cell *parent = home_of(cx);
    struct cell *c = sched_cell_new(cx, parent, type, site);
    assert(c->status == CELL_STARTING && c->generation);
    prism_ref ref = {c, c->generation};
    struct cell_rest *family = own_rest(cx, parent);
    if (family->child_count == family->child_room)
        make_room_for_child(cx, family);
    family->children[family->child_count++] = ref;
    c->is_top = !parent->type;
    __atomic_store_n(&c->mail, type->mailbox, __ATOMIC_RELAXED);
    cell_set_node(c, parent->node);
    if (size_of(type->state))
        c->state = zeroed(cx, type->state->size);
    return c;
}

static struct cell *new_child(prism_cx *cx, const prism_actor_type *type, void *args,
                              const prism_site *site) {
    struct cell *c = cell_new_child(cx, type, site);
    share_value(cx, type->init->args, args);
    if (PRISM_RARE(type->capabilities || cx->endows)) {
        ceiling_of_child(cx, c);
        endow_child(cx, c);
    }
    if (PRISM_RARE(c->parent->rest->placing != NULL))
        node_place(cx, c->parent->rest->placing, c, args);
    return c;
}

static void first_incarnation(prism_cx *cx, struct cell *c, void *args) {
    bool quiet = is_quiet(c->type);
    if (quiet)
        strand_call_init(cx, c, args);
    else
        new_hook(cx, c, c->type->init, args);
    sched_cell_ready(cx, c, !quiet);
}

prism_ref prism_spawn(prism_cx *cx, const prism_actor_type *type, void *args, const prism_site *site) {
    struct cell *c = new_child(cx, type, args, site);
    prism_ref ref = {c, c->generation};
    first_incarnation(cx, c, args);
    return ref;
}

prism_ref prism_spawn_child(prism_cx *cx, const prism_buffer *name, int64_t retries_max, int64_t window_ns,
                            const prism_actor_type *type, void *args, const prism_site *site) {
    struct cell *c = new_child(cx, type, args, site);
    prism_ref ref = {c, c->generation};
    supervise_child(cx, c, name, retries_max, window_ns, args);
    first_incarnation(cx, c, args);
    return ref;
}

void cell_begin_again(prism_cx *cx, struct cell *c, const void *args) {
    const prism_type *type = c->type->init->args;
    unsigned char small[ARGS_BYTES_INLINE] __attribute__((aligned(16)));
    uint32_t bytes = size_of(type);
    void *own = bytes <= sizeof small ? small : prism_alloc(cx, bytes);
    if (bytes)
        memcpy(own, args, bytes);
    if (bytes && !(type->flags & PRISM_PLAIN))
        prism_dup(cx, type, own);
    c->status = CELL_STARTING;
    c->ended = PRISM_NONE;
    c->closed = false;
    if (is_quiet(c->type))
        strand_call_init(cx, c, own);
    else
        run_hook(cx, c, c->type->init, own);
    if (own != small)
        prism_free(cx, own, bytes);
}

void cell_hook_ended(prism_cx *cx, struct cell *c, const prism_function *hook) {
    if (c->status == CELL_STARTING) {
        if (hook == c->type->init && c->type->on_start)
            run_hook(cx, c, c->type->on_start, NULL);
        else
            c->status = CELL_RUNNING;
    }
}

struct cell *actor_root(prism_cx *cx, const prism_function *function, void *args) {
    struct cell *c = sched_cell_new(cx, NULL, NULL, NULL);
    c->status = CELL_RUNNING;
    strand_new(cx, c, STRAND_ROOT, function, args, (struct reply_to){0}, NULL);
    void *home = cx->home;
    cx->home = c;
    sched_cell_ready(cx, c, true);
    cx->home = home;
    return c;
}

// ---- end --------------------------------------------------------------------------------------------

bool cell_invariants_hold(prism_cx *cx, struct cell *c) {
    if (c->type && c->type->measured && !actor_memory_holds(cx))
        return false;
    for (uint32_t i = 0; c->type && i < c->type->invariant_count; i++) {
        const prism_invariant *invariant = &c->type->invariants[i];
        bool holds = false;
        invariant->holds->call(cx, c->state, NULL, &holds);
        if (!cx->failure && !holds)
            prism_trap(cx, PRISM_INVARIANT, invariant->text, NULL);
        if (cx->failure)
            return false;
    }
    return true;
}

const char *actor_hot_state(const struct cell *c) {
    if (!actor_watches(c) || !c->state || c->status != CELL_RUNNING)
        return NULL;
    const prism_field *in = &c->type->state->fields[c->type->state->count - 1];
    uint32_t tag;
    memcpy(&tag, (const char *)c->state + in->offset, sizeof tag);
    return c->type->hot[tag] ? in->type->variants[tag].name : NULL;
}

void cell_stop_child(prism_cx *cx, prism_ref child) {
    struct envelope *e = sched_envelope_new(cx, 0);
    e->kind = ENVELOPE_STOP;
    e->word = STOP_NOW;
    e->generation = child.generation;
    e->reply_to.home = cx->home;
    sched_post(cx, child.cell, e);
}

static void stop_children(prism_cx *cx, struct cell_rest *family) {
    for (uint32_t i = 0; i < family->child_count; i++) {
        const struct cell *child = family->children[i].cell;
        if (__atomic_load_n(&child->generation, __ATOMIC_RELAXED) != family->children[i].generation)
            continue;
        cell_stop_child(cx, family->children[i]);
        family->awaited++;
    }
    family->child_count = 0;
}

// Everything that the incarnation started ends with it.
void cell_begin_end(prism_cx *cx, struct cell *c, enum cell_status status) {
    c->status = status;
    grace_end(cx, c);
    for (struct strand *s = c->first; s; s = s->next)
        strand_cancel(cx, s);
    for (prism_future *f = c->futures; f; f = f->next)
        if (f->task)
            member_cancel(cx, f);
    if (cell_has_rest(c))
        stop_children(cx, c->rest);
    cell_strand_ended(cx, c);
}

void cell_crash(prism_cx *cx, struct cell *c, struct strand *s, const prism_error *error) {
    bool lives = c->status == CELL_STARTING || c->status == CELL_RUNNING;
    bool decided_above = lives && supervise_crashed(cx, c, error);
    sched_failed(cx, c, s, error);
    if (c->rest->holds)
        holds_of_home(cx, c, true);
    if ((lives && !decided_above) || c->status == CELL_CLOSING)
        cell_begin_end(cx, c, CELL_CRASHING);
}

static bool has_live_strands(const struct cell *c) {
    for (const struct strand *s = c->first; s; s = s->next)
        if (!s->ended)
            return true;
    return false;
}

// The incarnation leaves nothing behind.
static void drop_incarnation(prism_cx *cx, struct cell *c) {
    if (c->state) {
        drop_value(cx, c->type->state, c->state);
        memset(c->state, 0, c->type->state->size);
    }
    if (c->rest->supervising)
        supervise_forget_children(cx, c);
    limits_forget(cx, c);
}

static void finish(prism_cx *cx, struct cell *c) {
    c->ended = c->status == CELL_CRASHING ? PRISM_CRASHED : PRISM_STOPPED;
    prism_ref self = {c, c->generation};
    drop_incarnation(cx, c);
    if (node_incarnation_over(cx, c) || (c->rest->supervised && supervise_incarnation_over(cx, c)))
        return;
    c->status = CELL_GONE;
    // Release: who reads the next one's name sees that this one is gone (prism_actor_name).
    __atomic_store_n(&c->generation, c->generation + 1, __ATOMIC_RELEASE);
    if (c->rest->supervised)
        supervise_gone(cx, c, self);
    if (c->tells_end)
        tell_end(cx, c->parent, self);
    endow_forget_name(cx, c);
    if (c->state)
        prism_free(cx, c->state, c->type->state->size);
    c->state = NULL;
    if (c->placed || c->rest->has_recipe)
        node_forget(cx, c);
    if (!cell_has_rest(c))
        return;
    if (c->rest->mailbox)
        mailbox_end(cx, c);
    ceiling_drop(cx, c);
    if (c->rest->children)
        prism_free(cx, c->rest->children, c->rest->child_room * sizeof *c->rest->children);
    c->rest->children = NULL;
    c->rest->child_count = c->rest->child_room = 0;
}

// on_shutdown comes first, then what is under way if there is grace, and only then do the children
// learn of it.
static void close_down(prism_cx *cx, struct cell *c) {
    bool is_told = c->type->on_shutdown && !c->closed;
    c->closed = true;
    if (is_told)
        run_hook(cx, c, c->type->on_shutdown, NULL);
    else if (!grace_goes_on(c))
        cell_begin_end(cx, c, CELL_STOPPING);
}

void cell_strand_ended(prism_cx *cx, struct cell *c) {
    if (c->status == CELL_CLOSING && !c->handler) {
        close_down(cx, c);
        return;
    }
    if (c->status == CELL_GONE || has_live_strands(c) || c->handler || c->rest->awaited)
        return;
    bool task = !c->type && c->parent; // a free task's home ends with it; a root's is ended by actor_kill
    if (task && c->status == CELL_RUNNING)
        c->status = CELL_STOPPING;
    if (c->status == CELL_CRASHING) {
        finish(cx, c);
    } else if (c->status == CELL_STOPPING) {
        bool says_goodbye = c->type && c->type->on_stop && c->ended == PRISM_NONE;
        c->ended = PRISM_STOPPED;
        if (says_goodbye)
            run_hook(cx, c, c->type->on_stop, NULL);
        else
            finish(cx, c);
    }
}

void actor_kill(prism_cx *cx, struct cell *c) {
    if (c->status == CELL_GONE)
        return;
    void *home = cx->home;
    cx->home = c;
    c->ended = PRISM_STOPPED; // no goodbye
    c->halts = false;
    for (struct strand *s = c->first; s; s = s->next)
        s->masked = 0;
    supervise_end(cx, c);
    bool crashes = c->status == CELL_CRASHING || c->status == CELL_FAILED || c->status == CELL_HALTED;
    cell_begin_end(cx, c, crashes ? CELL_CRASHING : CELL_STOPPING);
    cx->home = home;
}

// ---- faults -----------------------------------------------------------------------------------------

void actor_crash(prism_cx *cx, struct cell *c) {
    void *home = cx->home;
    cx->home = c;
    bool lives = c->status == CELL_STARTING || c->status == CELL_RUNNING;
    prism_error *error = prism_error_make(cx, PRISM_CRASHED, NULL, c->site);
    if (lives && c->rest->holds)
        holds_of_home(cx, c, true);
    if (lives && !supervise_crashed(cx, c, error))
        cell_begin_end(cx, c, CELL_CRASHING);
    prism_error_drop(cx, error);
    cx->home = home;
}

void actor_refuse(prism_cx *cx, struct cell *c, struct envelope *e, enum prism_failure_kind cause) {
    void *home = cx->home;
    cx->home = c;
    prism_error *own = prism_error_make(cx, cause, NULL, e->site);
    prism_error *seen = prism_error_as(cx, PRISM_CRASHED, own);
    mailbox_accept(cx, e);
    reply_post(cx, e->reply_to, PRISM_CRASHED, seen, NULL, NULL, e->site);
    prism_error_drop(cx, seen);
    prism_error_drop(cx, own);
    drop_value(cx, e->type, e->payload);
    sched_envelope_free(cx, e);
    cx->home = home;
    actor_crash(cx, c);
}

void actor_cancel(prism_cx *cx, struct strand *s) {
    void *home = cx->home;
    cx->home = s->home;
    strand_cancel(cx, s);
    cx->home = home;
}

bool actor_collect(prism_cx *cx, struct cell *c) {
    if (c->status != CELL_GONE || c->first || c->futures || c->unaccepted)
        return false;
    sched_cell_free(cx, c);
    if (cell_has_rest(c)) {
        holds_of_home(cx, c, false);
        prism_free(cx, c->rest, sizeof *c->rest);
        c->rest = (struct cell_rest *)&cell_no_rest;
    }
    return true;
}

// ---- what a program asks about actors ---------------------------------------------------------------

prism_ref prism_self(prism_cx *cx) {
    struct cell *c = home_of(cx);
    return (prism_ref){c, c->generation};
}

static void end(prism_cx *cx, prism_ref actor, enum envelope_kind kind, const prism_site *site) {
    if (!actor.cell)
        return;
    struct envelope *e = sched_envelope_new(cx, 0);
    e->kind = kind;
    e->generation = actor.generation;
    e->site = site;
    sched_post(cx, actor.cell, e);
}

void prism_stop(prism_cx *cx, prism_ref actor, const prism_site *site) {
    end(cx, actor, ENVELOPE_STOP, site);
}

void prism_kill(prism_cx *cx, prism_ref actor, const prism_site *site) {
    end(cx, actor, ENVELOPE_KILL, site);
}
