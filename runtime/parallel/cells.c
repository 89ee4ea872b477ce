// SPDX-License-Identifier: MIT
// Cells and envelopes: making them, posting, and running what is in a cell's queue (see sched.h for
// the queue's states). An envelope that is not wanted yet is put aside and looked at again after
// each take.
//
// Memory order of a queue: the exchange of `newest` in push() is acquire-release. Release, so that
// whoever finds this envelope through `next` or `first` sees what it holds; acquire, so that a
// pusher that finds NULL, and thereby may run the cell next, sees all that the worker before wrote
// to the cell before it gave up the right in advance(). `next` is stored with release and loaded
// with acquire for the same reason as the first half.
//
// A chain that was put off (struct worker in runtime.h) is linked by its sender alone, so without
// order; the exchange that pushes its end releases all of it. The chain is pushed before its sender
// posts anything else, and before the cell whose segment it is can be run by another worker
// (move_on, run_calls): so nothing that is caused by that segment, or follows it, comes first. The
// slot is its worker's own; what is taken from it was pushed, and is run, by the same thread.
#include "runtime/parallel/runtime.h"

enum {
    CELL_BATCH = 2048,       // envelopes that one cell is given before others get their turn
    SENDS_PER_SEGMENT = 200, // roughly, of a loop that sends
    CHAIN_MAX = 64,          // messages that are put off
};

_Static_assert(offsetof(struct envelope, next) == 0,
               "an anchor stands for an envelope's first field");
_Static_assert(offsetof(struct cell, sched.anchor) % _Alignof(struct envelope) == 0,
               "and is where one could be");

static struct envelope *anchor_of(struct cell *c) {
    return (struct envelope *)(void *)&c->sched.anchor;
}

// ---- making -------------------------------------------------------------------------------------

// A free cell keeps its generation and its queue; a worker may still be throwing away what was sent
// to the incarnation before. So it is claimed like a queue: by making `newest` non-NULL. From then
// on a sender may link what it sends behind the anchor, which therefore has no successor before:
// whoever moves on from it sees to that.
static bool claim(struct cell *c) {
    struct envelope *idle = NULL;
    return __atomic_compare_exchange_n(&c->sched.newest, &idle, anchor_of(c), false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

// One that was a task's, and is as that left it.
static struct cell *new_task_home(struct worker *w, struct cell *parent, const prism_site *site) {
    struct cell *c = w->memory.free_tasks;
    w->memory.free_tasks = c->sched.run_next;
    w->memory.free_task_count--;
    c->sched.collected = c->sched.pause_due = false;
    c->sched.sent = 0;
    c->status = CELL_STARTING;
    c->ended = PRISM_NONE;
    c->parent = parent;
    c->site = site;
    return c;
}

struct cell *sched_cell_new(prism_cx *cx, struct cell *parent, const prism_actor_type *type,
                            const prism_site *site) {
    struct worker *w = worker_of(cx);
    if (!type && parent && w->memory.free_tasks)
        return new_task_home(w, parent, site);
    struct cell *c = memory_get_cell(&w->rt->depot, &w->memory);
    while (!claim(c)) { // rare
        struct cell *other = memory_get_cell(&w->rt->depot, &w->memory);
        memory_put_cell(&w->rt->depot, &w->memory, c);
        c = other;
    }
    uint64_t generation = c->generation ? c->generation : w->rt->depot.generation_floor + 1;
    c->sched.serial = ((uint64_t)w->index + 1) << 48 | ++w->serial;
    c->status = CELL_STARTING;
    c->ended = PRISM_NONE;
    __atomic_store_n(&c->type, type, __ATOMIC_RELEASE); // pairs with prism_tell_any
    c->parent = parent;
    c->site = site;
    c->rest = (struct cell_rest *)&cell_no_rest;
    c->closed = c->tells_end = c->is_top = false;
    __atomic_store_n(&c->name, NULL, __ATOMIC_RELEASE);
    __atomic_store_n(&c->sched.first, anchor_of(c), __ATOMIC_RELAXED);
    c->sched.collected = c->sched.pause_due = c->sched.begins = false;
    __atomic_store_n(&c->sched.loaded, false, __ATOMIC_RELAXED);
    c->sched.sent = 0;
    __atomic_store_n(&c->generation, generation, __ATOMIC_RELAXED);
    return c;
}

void sched_cell_free(prism_cx *cx, struct cell *c) {
    if (c->sched.pressure)
        pressure_forget(cx, c);
    if (c->sched.aside)
        prism_free(cx, c->sched.aside, sizeof *c->sched.aside);
    c->sched.aside = NULL;
    c->sched.collected = true; // given back by the worker that runs it, when it gives up the right
}

void sched_strand_new(prism_cx *cx, struct strand *s) {
    (void)cx;
    (void)s;
}

static inline struct envelope *new_envelope(struct worker *w, uint32_t payload_bytes) {
    struct envelope *e = memory_get(w, sizeof *e + payload_bytes);
    *e = (struct envelope){.payload_bytes = payload_bytes};
    return e;
}

struct envelope *sched_envelope_new(prism_cx *cx, uint32_t payload_bytes) {
    return new_envelope(worker_of(cx), payload_bytes);
}

static inline void release(prism_cx *cx, struct envelope *e) {
    memory_put(worker_of(cx), e, sizeof *e + e->payload_bytes);
}

void sched_envelope_free(prism_cx *cx, struct envelope *e) {
    if (!e->sched.at_hand) // else cell_run releases it
        release(cx, e);
}

// ---- posting ------------------------------------------------------------------------------------

// A message costs its sender fuel, so that one that sends in a loop yields before it has filled the
// cache, let alone the memory, with messages that nobody had the time to take. Only time can tell:
// what yields is a handler, a root or a free task, during which nothing else of its home runs.
static inline void charge_sender(prism_cx *cx) {
    if (strand_yields_unseen(cx->strand))
        cx->fuel -= PRISM_FUEL / SENDS_PER_SEGMENT;
}

// Behind what is in the queue; it is the receiver's from then on.
static inline void push(struct worker *w, struct cell *c, struct envelope *e) {
    struct envelope *before = __atomic_exchange_n(&c->sched.newest, e, __ATOMIC_ACQ_REL);
    if (before) {
        __atomic_store_n(&before->next, e, __ATOMIC_RELEASE);
    } else {
        __atomic_store_n(&c->sched.first, e, __ATOMIC_RELAXED);
        worker_enqueue(w, c);
    }
}

static inline void look_at_pressure(struct worker *w, struct cell *c) {
    if (PRISM_RARE(--w->sends_left < 0))
        pressure_look(w, c);
}

// The chain of messages that was put off.
__attribute__((noinline)) static void flush_chain(struct worker *w) {
    struct cell *c = w->outbox.told;
    struct envelope *first = w->outbox.first;
    struct envelope *before =
        __atomic_exchange_n(&c->sched.newest, w->outbox.last, __ATOMIC_ACQ_REL);
    w->outbox.first = NULL;
    w->outbox.count = 0;
    if (before) {
        __atomic_store_n(&before->next, first, __ATOMIC_RELEASE);
    } else {
        __atomic_store_n(&c->sched.first, first, __ATOMIC_RELAXED);
        worker_enqueue(w, c);
    }
}
static inline void flush(struct worker *w) {
    if (w->outbox.first)
        flush_chain(w);
}

bool worker_let_go(struct worker *w) {
    if (!w->puts_off)
        return false;
    flush(w);
    worker_publish_slot(w);
    worker_uncut(w);
    return true;
}

// Another message to whom the last one was sent to, which nobody needs to see before the segment
// ends.
static inline void put_off(struct worker *w, struct envelope *e) {
    struct envelope *last = w->outbox.last;
    if (w->outbox.first)
        __atomic_store_n(&last->next, e, __ATOMIC_RELAXED); // nobody else has seen either
    else
        w->outbox.first = e;
    w->outbox.last = e;
    worker_cut(w);
    if (++w->outbox.count == CHAIN_MAX)
        flush_chain(w);
}

void sched_post(prism_cx *cx, struct cell *c, struct envelope *e) {
    assert(!e->next);
    flush(worker_of(cx));
    bool is_message = e->kind == ENVELOPE_MESSAGE; // it is the receiver's once it is in the queue
    if (is_message)
        charge_sender(cx);
    push(worker_of(cx), c, e);
    if (is_message)
        look_at_pressure(worker_of(cx), c);
}

static inline struct envelope *new_message(struct worker *w, prism_ref to,
                                           const prism_message *message, const void *args,
                                           struct reply_to reply_to, const prism_site *site) {
    const prism_type *type = message->handler->args;
    uint32_t bytes = type ? type->size : 0;
    struct envelope *e = new_envelope(w, bytes);
    envelope_message(e, to.generation, message, reply_to, site);
    move_value(e->payload, args, bytes);
    return e;
}

void sched_send(prism_cx *cx, prism_ref to, const prism_message *message, const void *args,
                struct reply_to reply_to, const prism_site *site) {
    struct worker *w = worker_of(cx);
    struct envelope *e = new_message(w, to, message, args, reply_to, site);
    charge_sender(cx);
    flush(w);
    push(w, to.cell, e);
    look_at_pressure(w, to.cell);
}

void sched_tell(prism_cx *cx, prism_ref to, const prism_message *message, const void *args,
                const prism_site *site) {
    struct worker *w = worker_of(cx);
    struct envelope *e = new_message(w, to, message, args, (struct reply_to){0}, site);
    struct cell *c = to.cell;
    charge_sender(cx);
    if (c == w->outbox.told) {
        put_off(w, e);
    } else {
        flush(w);
        w->outbox.told = c;
        push(w, c, e);
    }
    look_at_pressure(w, c);
}

// Whoever made the cell holds the right to run it until now.
void sched_cell_ready(prism_cx *cx, struct cell *c, bool begins) {
    struct worker *w = worker_of(cx);
    if (begins) {
        c->sched.begins = true;
        if (c->type || !c->parent || w->is_outside)
            worker_enqueue(w, c);
        else
            tasks_add(w, c);
        return;
    }
    struct envelope *anchor = anchor_of(c);
    bool nothing_yet = c->status != CELL_GONE &&
                       __atomic_compare_exchange_n(&c->sched.newest, &anchor, NULL, false,
                                                   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
    if (!nothing_yet)
        worker_enqueue(w, c);
}

// ---- running ------------------------------------------------------------------------------------

__attribute__((noinline, cold)) static void calm(struct cell *c) {
    __atomic_store_n(&c->sched.loaded, false, __ATOMIC_RELAXED);
    __atomic_store_n(&c->sched.posted, 0, __ATOMIC_RELAXED);
}

// Moves on from the envelope at hand: the next one, or NULL if there was none and the right is
// given up.
static inline struct envelope *advance(struct cell *c) {
    struct envelope *e = c->sched.first;
    struct envelope *next = __atomic_load_n(&e->next, __ATOMIC_ACQUIRE);
    if (!next) {
        if (PRISM_RARE(__atomic_load_n(&c->sched.loaded, __ATOMIC_RELAXED)) && !cell_mail_aside(c))
            calm(c);
        struct envelope *expected = e;
        // Release: the next one to run the cell sees what was done here.
        if (__atomic_compare_exchange_n(&c->sched.newest, &expected, NULL, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_ACQUIRE))
            return NULL;
        while (!(next = __atomic_load_n(&e->next, __ATOMIC_ACQUIRE))) {
        } // its sender is between the exchange and the store
    }
    __atomic_store_n(&c->sched.first, next, __ATOMIC_RELAXED);
    return next;
}

static bool offer_probe(prism_cx *cx, const struct cell *c, struct envelope *e) {
    if (!pressure_may_pass(c, e))
        return false;
    pressure_pass(cx, e);
    sched_envelope_free(cx, e);
    return true;
}

static bool offer_timer(prism_cx *cx, struct cell *c, struct envelope *e) {
    if (!timers_look(cx, e)) {
        sched_envelope_free(cx, e);
        return true;
    }
    if (actor_wants(c, e) == TAKE_LATER)
        return false;
    timers_release(cx, e);
    actor_take(cx, c, e);
    return true;
}

// False if it is not wanted yet.
static inline bool offer(prism_cx *cx, struct cell *c, struct envelope *e) {
    if (PRISM_RARE(e->kind == ENVELOPE_PROBE))
        return offer_probe(cx, c, e);
    if (PRISM_RARE(e->kind == ENVELOPE_TIMER))
        return offer_timer(cx, c, e);
    if (actor_wants(c, e) == TAKE_LATER)
        return false;
    actor_take(cx, c, e);
    return true;
}

static bool is_mail(const struct envelope *e) {
    return e->kind == ENVELOPE_MESSAGE || e->kind == ENVELOPE_WITHDRAW ||
           e->kind == ENVELOPE_PROBE || (e->kind == ENVELOPE_STOP && e->word != STOP_NOW);
}

static inline bool has_aside(const struct cell *c) {
    return c->sched.aside && (c->sched.aside->later || c->sched.aside->waiting);
}

static void put_aside(prism_cx *cx, struct cell *c, struct envelope *e) {
    struct aside *a = c->sched.aside;
    if (!a) {
        a = c->sched.aside = prism_alloc(cx, sizeof *a);
        *a = (struct aside){0};
    }
    bool mail = is_mail(e);
    struct envelope **first = mail ? &a->waiting : &a->later;
    struct envelope **last = mail ? &a->waiting_last : &a->later_last;
    e->sched.later_next = NULL;
    e->sched.order = a->orders++;
    if (mail && a->orders % CELL_BATCH == 0)
        __atomic_store_n(&c->sched.loaded, true, __ATOMIC_RELAXED);
    *(*first ? &(*last)->sched.later_next : first) = e;
    *last = e;
}

static bool came_before(const struct envelope *a, const struct envelope *b) {
    return (int32_t)(a->sched.order - b->sched.order) < 0;
}

// Takes the first of `later` that is wanted, if it came before `mail` or that is NULL.
static bool offer_later(prism_cx *cx, struct cell *c, const struct envelope *mail) {
    struct aside *a = c->sched.aside;
    struct envelope **at = &a->later, *before = NULL;
    while (*at && (!mail || came_before(*at, mail))) {
        struct envelope *e = *at, *next = e->sched.later_next;
        if (offer(cx, c, e)) {
            *at = next;
            if (!next)
                a->later_last = before;
            return true;
        }
        before = e;
        at = &e->sched.later_next;
    }
    return false;
}

// Takes from what was put aside, oldest first, until nothing in it is wanted: taking one may let an
// older one in.
__attribute__((noinline)) static void offer_again(prism_cx *cx, struct cell *c) {
    struct aside *a = c->sched.aside;
    for (;;) {
        struct envelope *mail = a->waiting;
        struct envelope *after = mail ? mail->sched.later_next : NULL;
        bool is_probe = mail && mail->kind == ENVELOPE_PROBE;
        if (is_probe && offer_probe(cx, c, mail)) {
            a->waiting = after;
            continue;
        }
        if (is_probe || (mail && actor_wants(c, mail) == TAKE_LATER))
            mail = NULL;
        if (offer_later(cx, c, mail))
            continue;
        if (!mail)
            return;
        a->waiting = mail->sched.later_next;
        actor_take(cx, c, mail);
    }
}

// Takes the envelope at hand or puts it aside. Taken, it stays linked until the queue has moved on.
static inline void deal_with(prism_cx *cx, struct cell *c, struct envelope *e) {
    e->sched.at_hand = true;
    if (!offer(cx, c, e)) {
        e->sched.at_hand = false; // not touched any more once the right is given up
        put_aside(cx, c, e);
    } else if (has_aside(c)) {
        offer_again(cx, c);
    }
}

static void count_taken(struct worker *w, int count) {
    __atomic_store_n(&w->taken, w->taken + (uint64_t)count, __ATOMIC_RELAXED);
    __atomic_store_n(&w->turns, w->turns + 1, __ATOMIC_RELAXED);
}

// The envelope has been dealt with; the one after it is at hand then, or NULL if there is none.
__attribute__((always_inline)) static inline struct envelope *
move_on(struct worker *w, struct cell *c, struct envelope *e, bool taken, bool free_already) {
    flush(w); // before others may run the cell, and send what must not come first
    bool give_back =
        !free_already && c->status == CELL_GONE && !has_aside(c) && actor_collect(&w->cx, c);
    struct envelope *next = advance(c);
    if (next && e == anchor_of(c)) // else the right is given up, and it never had one
        c->sched.anchor = NULL;
    if (taken)
        release(&w->cx, e);
    if (give_back)
        memory_put_cell(&w->rt->depot, &w->memory, c);
    return next;
}

__attribute__((noinline, cold)) static struct envelope *
move_on_from_call(struct worker *w, struct cell *c, struct envelope *e) {
    return move_on(w, c, e, true, false);
}
__attribute__((noinline)) static struct envelope *move_on_from_task(struct worker *w,
                                                                    struct cell *c) {
    return move_on(w, c, anchor_of(c), false, false);
}

static inline bool is_call(struct cell *c, const struct envelope *e) {
    return e != anchor_of(c) && actor_calls(c, e) && !has_aside(c);
}

// Messages in a row whose handlers never suspend: e, for which is_call() holds, and what follows.
static inline struct envelope *run_calls(struct worker *w, struct cell *c, struct envelope *e,
                                         int *count, int batch) {
    struct turn turn;
    actor_turn_begin(&w->cx, c, &turn);
    do {
        actor_turn_call(&w->cx, &turn, e);
        ++*count;
        if (PRISM_RARE(c->status != CELL_RUNNING)) {
            e = move_on_from_call(w, c, e);
            break;
        }
        flush(w);
        struct envelope *next = advance(c);
        release(&w->cx, e);
        e = next;
        if (e) // the slot is not for whole rows
            worker_let_go(w);
    } while (e && *count < batch && !c->sched.pause_due && actor_calls(c, e));
    actor_turn_end(&w->cx, &turn);
    return e;
}

__attribute__((noinline)) static struct envelope *run_one(struct worker *w, struct cell *c,
                                                          struct envelope *e) {
    bool free_already = c->sched.collected, taken = false;
    if (e != anchor_of(c)) {
        deal_with(&w->cx, c, e);
        taken = e->sched.at_hand;
    } else if (c->sched.begins) {
        c->sched.begins = false;
        actor_begin(&w->cx, c);
    }
    return move_on(w, c, e, taken, free_already);
}

// Most tasks that are waited for end in their first segment, and nobody sends them anything: then
// the cell need not be given up and claimed again for the next one.
void cell_begin_task(struct worker *w, struct cell *c) {
    enum { TASKS_KEPT = 1024 };
    struct envelope *anchor = anchor_of(c);
    assert(c->sched.first == anchor && c->sched.begins);
    c->sched.begins = false;
    actor_begin(&w->cx, c);
    count_taken(w, 1);
    bool bare = actor_left_nothing(c) && !c->sched.aside && !c->sched.pressure &&
                __atomic_load_n(&c->sched.newest, __ATOMIC_RELAXED) == anchor;
    if (bare && w->memory.free_task_count < TASKS_KEPT) {
        flush(w);
        c->sched.collected = true;
        c->sched.run_next = w->memory.free_tasks;
        w->memory.free_tasks = c;
        w->memory.free_task_count++;
    } else if (move_on_from_task(w, c)) {
        worker_enqueue(w, c);
    }
}

void cell_answer(struct worker *w, struct cell *c) {
    int count = 0;
    struct envelope *next = run_calls(w, c, c->sched.first, &count, 1);
    count_taken(w, count);
    if (PRISM_RARE(next != NULL))
        worker_enqueue(w, c);
}

void cell_run(struct worker *w, struct cell *c) {
    struct envelope *e = c->sched.first;
    bool yields = false;
    int count = 0;
    while (e && count < CELL_BATCH) {
        if (count > 0 && e->kind == ENVELOPE_WAKE && e != anchor_of(c)) {
            yields = true; // others first
            break;
        }
        if (PRISM_RARE(c->sched.pause_due) && pressure_pauses(w, c)) {
            count_taken(w, count);
            return;
        }
        if (is_call(c, e)) {
            e = run_calls(w, c, e, &count, CELL_BATCH);
        } else {
            e = run_one(w, c, e);
            count++;
        }
        if (e)
            worker_let_go(w);
    }
    count_taken(w, count);
    if (!e)
        return;
    if (!yields)
        __atomic_store_n(&c->sched.loaded, true, __ATOMIC_RELAXED);
    worker_enqueue(w, c);
}

// ---- how much is waiting -----------------------------------------------------------------------

static int64_t count_messages(const struct cell *c) {
    int64_t size = actor_mail_count(c);
    for (const struct envelope *e = cell_mail_aside(c); e; e = e->sched.later_next)
        size += e->kind == ENVELOPE_MESSAGE;
    const struct envelope *e = c->sched.first; // at hand: no longer in the mailbox
    while (e && (e = __atomic_load_n(&e->next, __ATOMIC_ACQUIRE)))
        size += e->kind == ENVELOPE_MESSAGE;
    return size;
}

// Who runs a cell may look through its queue; of another's it can only be told whether there is
// anything, which counts as one.
int64_t prism_mailbox_size(prism_cx *cx, prism_ref actor, const prism_site *site) {
    (void)site;
    const struct cell *c = actor.cell;
    flush(worker_of(cx));
    if (!c || __atomic_load_n(&c->generation, __ATOMIC_RELAXED) != actor.generation)
        return 0;
    if (c == cx->home)
        return count_messages(c);
    return __atomic_load_n(&c->sched.newest, __ATOMIC_RELAXED) != NULL;
}
