// SPDX-License-Identifier: MIT
// Supervision: who decides about a crash, and how an actor begins again.
//
// A child that crashes tells its supervisor (FAILED) and waits, all that it had under way with it.
// The supervisor decides between two segments of its own, whatever it waits for then: its handlers
// are not needed for that, so it may wait for that very child. What it decided comes back
// (DECIDED).
//
//   one child       FAILED child --DECIDED_RESTART--> its incarnation ends, the next one begins
//   several         each is told to halt (DECIDED_HALT) and says when it has (ENDED); when all
//   have, they are
//                   told to begin (DECIDED_BEGIN), in the order in which they were made
//
// A restart keeps the cell: its mailbox, its generation and so all references. What is lost is the
// message that crashed, and for an actor that was only halted the one that it was handling. The
// constructor's arguments are kept as values, shared from the first incarnation on.
//
// A restart costs the same however many children and restarts there have been: a child knows its
// place among the slots, and a window of time forgets each restart once.
#include "runtime/actor/parts.h"

// Of a child. Belongs to its cell, which alone touches it after the spawn.
struct supervised {
    struct cell *supervisor;                           // lives until this child has ended
    uint64_t generation;                               // of it
    const prism_actor_type *type;                      // of it
    uint32_t index;                                    // of the slot
    enum { AFTER_END, AFTER_BEGIN, AFTER_HALT } after; // what follows this incarnation
    int64_t delay_ns;                                  // BEGIN: how long to wait before
    bool owes_end;      // was told to halt and has not said that it ended
    bool never_started; // FAILED before it was running
    struct timer delay;
    _Alignas(16) unsigned char args[];
};

enum slot_state { SLOT_UP, SLOT_ESCALATED, SLOT_HALTING, SLOT_HALTED };

// What a supervisor knows of one child.
struct slot {
    prism_ref child;
    enum slot_state state;
    int64_t retries_max; // negative: no limit
    int64_t window_ns;   // negative: for ever
    uint64_t restarts;   // in the window
    int64_t *times_ns;   // of these, a ring, the oldest at `oldest`; NULL without a window
    uint64_t oldest, room;
};

struct supervising {
    struct slot *slots;
    uint32_t count, room;
    uint32_t halting; // slots that are
    int64_t delay_ns; // of the restart of several under way
};

const prism_actor_type *actor_supervisor(const struct cell *c) {
    return c->status == CELL_FAILED ? c->rest->supervised->type : NULL;
}

// ---- children -----------------------------------------------------------------------------------

static uint32_t args_bytes(const struct cell *child) {
    return size_of(child->type->init->args);
}

// A slot whose child is gone may be used again, but only when there is no room left, so that
// looking for them costs as little as doubling does.
static uint32_t free_slot(prism_cx *cx, struct supervising *s) {
    if (s->count < s->room)
        return s->count++;
    uint32_t dead = s->count;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct slot *slot = &s->slots[i];
        const struct cell *child = slot->child.cell;
        bool gone = __atomic_load_n(&child->generation, __ATOMIC_RELAXED) != slot->child.generation;
        if (gone && slot->state == SLOT_UP && dead == s->count)
            dead = i;
    }
    if (dead < s->count) {
        if (s->slots[dead].times_ns)
            prism_free(cx, s->slots[dead].times_ns, s->slots[dead].room * sizeof(int64_t));
        return dead;
    }
    uint32_t room = s->room ? s->room * 2 : 4;
    struct slot *wider = prism_alloc(cx, room * sizeof *wider);
    if (s->count)
        memcpy(wider, s->slots, s->count * sizeof *wider);
    if (s->slots)
        prism_free(cx, s->slots, s->room * sizeof *wider);
    s->slots = wider;
    s->room = room;
    return s->count++;
}

void supervise_child(prism_cx *cx, struct cell *child, const prism_buffer *name,
                     int64_t retries_max, int64_t window_ns, const void *args) {
    struct cell *home = home_of(cx);
    if (!home->rest->supervising)
        own_rest(cx, home)->supervising = zeroed(cx, sizeof *home->rest->supervising);
    struct supervising *all = home->rest->supervising;
    uint32_t index = free_slot(cx, all);
    all->slots[index] = (struct slot){
        .child = {child, child->generation}, .retries_max = retries_max, .window_ns = window_ns};
    const prism_type *type = child->type->init->args;
    struct supervised *s = zeroed(cx, sizeof *s + args_bytes(child));
    s->supervisor = home;
    s->generation = home->generation;
    s->type = home->type;
    s->index = index;
    if (args_bytes(child)) {
        memcpy(s->args, args, args_bytes(child));
        if (!(type->flags & PRISM_PLAIN))
            prism_dup(cx, type, s->args);
        share_value(cx, type, s->args);
    }
    own_rest(cx, child)->supervised = s;
    if (!__atomic_load_n(&child->name, __ATOMIC_RELAXED)) // else somebody may be counting it
        __atomic_store_n(&child->name, name, __ATOMIC_RELEASE);
}

void supervise_forget_children(prism_cx *cx, struct cell *c) {
    struct supervising *s = c->rest->supervising;
    if (!s)
        return;
    for (uint32_t i = 0; i < s->count; i++)
        if (s->slots[i].times_ns)
            prism_free(cx, s->slots[i].times_ns, s->slots[i].room * sizeof(int64_t));
    if (s->slots)
        prism_free(cx, s->slots, s->room * sizeof *s->slots);
    prism_free(cx, s, sizeof *s);
    c->rest->supervising = NULL;
}

// ---- the budget ---------------------------------------------------------------------------------

static void forget_old_restarts(prism_cx *cx, struct slot *slot) {
    if (slot->window_ns < 0 || !slot->restarts)
        return;
    int64_t now = prism_now(cx, NULL);
    while (slot->restarts && now - slot->times_ns[slot->oldest] > slot->window_ns) {
        slot->oldest = (slot->oldest + 1) % slot->room;
        slot->restarts--;
    }
}

static void widen_times(prism_cx *cx, struct slot *slot) {
    uint64_t room = slot->room ? slot->room * 2 : 4;
    int64_t *wider = prism_alloc(cx, room * sizeof *wider);
    for (uint64_t i = 0; i < slot->restarts; i++)
        wider[i] = slot->times_ns[(slot->oldest + i) % slot->room];
    if (slot->times_ns)
        prism_free(cx, slot->times_ns, slot->room * sizeof *wider);
    slot->times_ns = wider;
    slot->oldest = 0;
    slot->room = room;
}

static void count_restart(prism_cx *cx, struct slot *slot) {
    if (slot->window_ns >= 0) {
        if (slot->restarts == slot->room)
            widen_times(cx, slot);
        slot->times_ns[(slot->oldest + slot->restarts) % slot->room] = prism_now(cx, NULL);
    }
    slot->restarts++;
}

static bool is_spent(const struct slot *slot) {
    return slot->retries_max >= 0 && slot->restarts >= (uint64_t)slot->retries_max;
}

// ---- the supervisor decides ---------------------------------------------------------------------

// The payload of DECIDED: a child that is gone knows nothing of its supervisor any more.
struct order {
    int64_t delay_ns;
    uint64_t generation; // of the supervisor
    uint32_t index;      // of the child's slot
};

static void tell_child(prism_cx *cx, struct cell *c, const struct slot *slot,
                       enum envelope_word word, int64_t delay_ns) {
    struct envelope *e = sched_envelope_new(cx, sizeof(struct order));
    e->kind = ENVELOPE_DECIDED;
    e->word = (uint8_t)word;
    e->generation = slot->child.generation;
    e->reply_to.home = c;
    struct order order = {delay_ns, c->generation, (uint32_t)(slot - c->rest->supervising->slots)};
    memcpy(e->payload, &order, sizeof order);
    sched_post(cx, slot->child.cell, e);
}

// When the last one has halted, all begin.
static void begin_if_all_halted(prism_cx *cx, struct cell *c) {
    const struct supervising *all = c->rest->supervising;
    for (uint32_t i = 0; i < all->count && !all->halting; i++) {
        struct slot *slot = &all->slots[i];
        if (slot->state != SLOT_HALTED)
            continue;
        slot->state = SLOT_UP;
        tell_child(cx, c, slot, DECIDED_BEGIN, all->delay_ns);
    }
}

static void restart(prism_cx *cx, struct cell *c, struct slot *slot, int64_t delay_ns) {
    struct supervising *all = c->rest->supervising;
    count_restart(cx, slot);
    if (c->type->strategy == PRISM_ONE_FOR_ONE) {
        tell_child(cx, c, slot, DECIDED_RESTART, delay_ns);
        return;
    }
    all->delay_ns = delay_ns;
    struct slot *first = c->type->strategy == PRISM_ONE_FOR_ALL ? all->slots : slot;
    for (struct slot *other = first; other < all->slots + all->count; other++)
        if (other->state == SLOT_UP) {
            other->state = SLOT_HALTING;
            all->halting++;
            tell_child(cx, c, other, DECIDED_HALT, 0);
        }
}

static void escalate(prism_cx *cx, struct cell *c, struct slot *slot, const prism_error *error) {
    slot->state = SLOT_ESCALATED;
    cell_crash(cx, c, NULL, error);
}

// Asks the program; false if that failed.
static bool ask_program(prism_cx *cx, struct cell *c, const struct slot *slot, prism_error *error,
                        enum prism_decision *decision, int64_t *delay_ns) {
    const prism_function *f = c->type->on_child_failure;
    const prism_type *args = f->args, *result = f->result;
    assert(args->count == 3 && result->kind == PRISM_ENUM);
    _Alignas(16) unsigned char given[64] = {0}, got[64] = {0};
    assert(args->size <= sizeof given && result->size <= sizeof got);
    uint32_t restarts = slot->restarts < UINT32_MAX ? (uint32_t)slot->restarts : UINT32_MAX;
    prism_error_dup(error);
    memcpy(given + args->fields[0].offset, &slot->child, sizeof slot->child);
    memcpy(given + args->fields[1].offset, &error, sizeof error);
    memcpy(given + args->fields[2].offset, &restarts, sizeof restarts);
    prism_error *failure;
    if (!strand_call_beside(cx, c, f, given, got, &failure)) {
        cell_crash(cx, c, NULL, failure);
        prism_error_drop(cx, failure);
        return false;
    }
    uint32_t tag;
    memcpy(&tag, got, sizeof tag);
    *decision = (enum prism_decision)tag;
    if (*decision == PRISM_RESTART_WITH_DELAY)
        memcpy(delay_ns, got + result->variants[tag].fields[0].offset, sizeof *delay_ns);
    return true;
}

static void decide(prism_cx *cx, struct cell *c, struct slot *slot, prism_error *error) {
    enum prism_decision decision = PRISM_RESTART;
    int64_t delay_ns = 0;
    forget_old_restarts(cx, slot);
    if (c->type->on_child_failure && !ask_program(cx, c, slot, error, &decision, &delay_ns))
        return;
    switch (decision) {
    case PRISM_RESTART:
    case PRISM_RESTART_WITH_DELAY:
        if (is_spent(slot))
            escalate(cx, c, slot, error);
        else
            restart(cx, c, slot, delay_ns);
        break;
    case PRISM_RESUME:
        tell_child(cx, c, slot, DECIDED_RESUME, 0);
        break;
    case PRISM_STOP:
        tell_child(cx, c, slot, DECIDED_STOP, 0);
        break;
    case PRISM_ESCALATE:
        escalate(cx, c, slot, error);
        break;
    }
}

// The slot of the child that the envelope is from; NULL if it is of an incarnation of the
// supervisor that is over.
static struct slot *slot_of(const struct cell *c, const struct envelope *e) {
    struct child_notice notice;
    memcpy(&notice, e->payload, sizeof notice);
    const struct supervising *all = c->rest->supervising;
    if (!all || notice.index >= all->count)
        return NULL;
    struct slot *slot = &all->slots[notice.index];
    bool same =
        slot->child.cell == notice.child.cell && slot->child.generation == notice.child.generation;
    return same ? slot : NULL;
}

static bool init_runs(const struct cell *c) {
    return c->status == CELL_STARTING && c->handler && c->handler->function == c->type->init;
}

static enum take failed_wants(const struct cell *c, const struct envelope *e) {
    const struct slot *slot = is_dead(c, e) ? NULL : slot_of(c, e);
    if (!slot || slot->state != SLOT_UP)
        return TAKE_SILENT; // a failure of one that is being restarted anyway
    switch (c->status) {
    case CELL_STARTING:
        return init_runs(c) ? TAKE_LATER : TAKE_RUNS;
    case CELL_RUNNING:
    case CELL_CLOSING:
        return TAKE_RUNS;
    case CELL_FAILED:
        return TAKE_LATER;
    default:
        return TAKE_SILENT; // its children are being stopped
    }
}

static void take_failed(prism_cx *cx, struct cell *c, struct envelope *e) {
    if (failed_wants(c, e) == TAKE_RUNS)
        decide(cx, c, slot_of(c, e), e->error);
    prism_error_drop(cx, e->error);
}

// ---- the child obeys ----------------------------------------------------------------------------

// Whom a child tells, and as which of its children.
struct above {
    struct cell *supervisor;
    uint64_t generation;
    uint32_t index;
};

static struct above above(const struct supervised *s) {
    return (struct above){s->supervisor, s->generation, s->index};
}

static void post_notice(prism_cx *cx, struct above to, prism_ref self, enum envelope_kind kind,
                        enum envelope_word word, prism_error *error) {
    struct envelope *e = sched_envelope_new(cx, sizeof(struct child_notice));
    e->kind = (uint8_t)kind;
    e->word = (uint8_t)word;
    e->generation = to.generation;
    e->site = error ? error->site : NULL;
    e->error = error;
    struct child_notice notice = {self, to.index};
    memcpy(e->payload, &notice, sizeof notice);
    sched_post(cx, to.supervisor, e);
}

bool supervise_crashed(prism_cx *cx, struct cell *c, const prism_error *error) {
    struct supervised *s = c->rest->supervised;
    if (!s)
        return false;
    s->never_started = c->status == CELL_STARTING;
    c->status = CELL_FAILED;
    prism_error *own = (prism_error *)error;
    prism_error_dup(own); // first: two homes have it now, which makes it shared
    prism_error_share(cx, own);
    post_notice(cx, above(s), (prism_ref){c, c->generation}, ENVELOPE_FAILED, WORD_NONE, own);
    return true;
}

static enum take decided_wants(const struct cell *c, const struct envelope *e) {
    if (is_dead(c, e))
        return e->word == DECIDED_HALT ? TAKE_RUNS : TAKE_SILENT;
    switch (e->word) {
    case DECIDED_HALT:
        return c->status == CELL_STOPPING || c->status == CELL_CRASHING ? TAKE_SILENT : TAKE_RUNS;
    case DECIDED_BEGIN:
        return c->status == CELL_HALTED ? TAKE_RUNS : TAKE_SILENT;
    default:
        return c->status == CELL_FAILED ? TAKE_RUNS : TAKE_SILENT;
    }
}

// A supervisor that goes on where it failed lets the child go on whose failure it handed up.
static void resume(prism_cx *cx, struct cell *c) {
    struct supervising *all = c->rest->supervising;
    c->status = CELL_RUNNING;
    for (uint32_t i = 0; all && i < all->count; i++)
        if (all->slots[i].state == SLOT_ESCALATED) {
            all->slots[i].state = SLOT_UP;
            tell_child(cx, c, &all->slots[i], DECIDED_RESUME, 0);
        }
}

static void halt(prism_cx *cx, struct cell *c) {
    struct supervised *s = c->rest->supervised;
    s->owes_end = true;
    if (c->status == CELL_STOPPING || c->status == CELL_CRASHING || c->status == CELL_CLOSING)
        return; // it ends for good, and says so
    s->after = AFTER_HALT;
    if (c->status == CELL_STARTING)
        c->ended = PRISM_STOPPED; // no goodbye
    cell_begin_end(cx, c, c->status == CELL_FAILED ? CELL_CRASHING : CELL_STOPPING);
}

static void start_delay(prism_cx *cx, struct cell *c, int64_t delay_ns) {
    struct timer *t = &c->rest->supervised->delay;
    *t = (struct timer){.home = c, .use = TIMER_RESTART, .site = c->site};
    if (__builtin_add_overflow(prism_now(cx, NULL), delay_ns, &t->deadline_ns))
        t->deadline_ns = INT64_MAX;
    sched_timer_start(cx, t);
}

static void begin(prism_cx *cx, struct cell *c, int64_t delay_ns) {
    if (delay_ns > 0) {
        c->status = CELL_HALTED;
        start_delay(cx, c, delay_ns);
        return;
    }
    c->rest->supervised->after = AFTER_END;
    cell_begin_again(cx, c, c->rest->supervised->args);
}

bool supervise_incarnation_over(prism_cx *cx, struct cell *c) {
    struct supervised *s = c->rest->supervised;
    switch (s->after) {
    case AFTER_END:
        return false;
    case AFTER_BEGIN:
        begin(cx, c, s->delay_ns);
        return true;
    case AFTER_HALT:
        c->status = CELL_HALTED;
        s->owes_end = false;
        s->after = AFTER_END;
        post_notice(cx, above(s), (prism_ref){c, c->generation}, ENVELOPE_ENDED, ENDED_HALTED,
                    NULL);
        return true;
    }
    __builtin_unreachable();
}

void supervise_timer_taken(prism_cx *cx, struct cell *c) {
    assert(c->status == CELL_HALTED);
    begin(cx, c, 0);
}

void supervise_end(prism_cx *cx, struct cell *c) {
    struct supervised *s = c->rest->supervised;
    if (!s)
        return;
    if (s->delay.state == TIMER_RUNNING)
        sched_timer_stop(cx, &s->delay);
    s->after = AFTER_END;
}

void supervise_gone(prism_cx *cx, struct cell *c, prism_ref self) {
    struct supervised *s = c->rest->supervised;
    if (s->owes_end)
        post_notice(cx, above(s), self, ENVELOPE_ENDED, ENDED_INSTEAD, NULL);
    drop_value(cx, c->type->init->args, s->args);
    prism_free(cx, s, sizeof *s + args_bytes(c));
    c->rest->supervised = NULL;
}

static void take_decided(prism_cx *cx, struct cell *c, struct envelope *e) {
    struct supervised *s = c->rest->supervised;
    struct order order;
    memcpy(&order, e->payload, sizeof order);
    if (is_dead(c, e) && e->word == DECIDED_HALT) {
        struct above to = {e->reply_to.home, order.generation, order.index};
        prism_ref self = {c, e->generation};
        post_notice(cx, to, self, ENVELOPE_ENDED, ENDED_INSTEAD, NULL);
    }
    if (is_dead(c, e) || (e->word != DECIDED_HALT && decided_wants(c, e) == TAKE_SILENT))
        return;
    enum envelope_word word = (enum envelope_word)e->word;
    if (word == DECIDED_RESUME && s->never_started) // there is nothing to go on with
        word = c->type->task ? DECIDED_STOP : DECIDED_RESTART;
    switch (word) {
    case DECIDED_RESUME:
        resume(cx, c);
        break;
    case DECIDED_RESTART:
        s->after = AFTER_BEGIN;
        s->delay_ns = order.delay_ns;
        cell_begin_end(cx, c, CELL_CRASHING);
        break;
    case DECIDED_STOP:
        cell_begin_end(cx, c, CELL_CRASHING);
        break;
    case DECIDED_HALT:
        halt(cx, c);
        break;
    default:
        assert(word == DECIDED_BEGIN);
        begin(cx, c, order.delay_ns);
        break;
    }
}

// ---- both ---------------------------------------------------------------------------------------

// A child that has ended: nothing runs here, but others may now be told to begin, or this one may
// end.
static void take_ended(prism_cx *cx, struct cell *c, const struct envelope *e) {
    if (is_dead(c, e))
        return;
    if (e->word == ENDED_STOPPED) {
        assert(c->rest->awaited);
        c->rest->awaited--;
        cell_strand_ended(cx, c);
        return;
    }
    struct slot *slot = slot_of(c, e);
    if (!slot || slot->state != SLOT_HALTING)
        return;
    slot->state =
        e->word == ENDED_HALTED ? SLOT_HALTED : SLOT_UP; // gone: nobody is told anything any more
    c->rest->supervising->halting--;
    begin_if_all_halted(cx, c);
}

enum take supervise_wants(const struct cell *c, const struct envelope *e) {
    switch ((enum envelope_kind)e->kind) {
    case ENVELOPE_FAILED:
        return failed_wants(c, e);
    case ENVELOPE_DECIDED:
        return decided_wants(c, e);
    default:
        assert(e->kind == ENVELOPE_ENDED);
        return is_dead(c, e) ? TAKE_SILENT : TAKE_RUNS;
    }
}

void supervise_taken(prism_cx *cx, struct cell *c, struct envelope *e) {
    switch ((enum envelope_kind)e->kind) {
    case ENVELOPE_FAILED:
        take_failed(cx, c, e);
        break;
    case ENVELOPE_DECIDED:
        take_decided(cx, c, e);
        break;
    default:
        take_ended(cx, c, e);
        break;
    }
}
