// SPDX-License-Identifier: MIT
// Backpressure: who sends faster than its messages are taken is not run until they have been.
//
// Every so many sends of a worker the cell at hand is looked at. A cell that has sent PROBE_SENDS
// messages puts a *probe* behind the latest, an envelope that passes when all mail before it has
// been taken. If it has sent as many again and the probe is still under way, it is *paused*: it
// keeps the right to be run and is in no run queue until the probe has passed. A receiver that has
// not come to the end of its queue within a batch, or for about LOADED_POSTS messages, is *loaded*;
// its senders are held to LOADED_SENDS, so that a thousand of them do not fill the memory either.
//
// A pause is a matter of speed only: who waits for what is not known here (the receiver may be
// waiting for something that the paused cell would do), so it may end at any time, and does
//   - when the receiver's handler waits for an answer of the paused cell: the probe passes at once;
//   - when those who hold each other back form a circle: its last member is not held back
//   (is_circle);
//   - when nothing else can move (park() in worker.c);
//   - when the receiver has not moved on between two ticks, TICK_MIN_NS to TICK_MAX_NS apart, or
//     something is in the paused cell's own queue that must not wait, such as a cancellation. Then
//     it may send a little more: a receiver that is stuck costs some memory a second, not more.
//
// A paused cell goes on between two of its segments. Code that sends and sends without a suspension
// cannot be paused: its worker runs the receiver in between, on top of its stack, or waits for it a
// while.
//
// What several workers touch (struct pressure but for `sent` and `pause_due` of the cell) is under
// one lock, which is taken once in hundreds of sends. `probing` and `loaded` are peeked at without
// it: seeing an old value makes a cell pause a look later, or ask the lock in vain. A probe knows
// the cell and a number that no other probe has, so one that arrives after its cell was given to
// another actor finds nobody.
#include "runtime/parallel/runtime.h"

#include <time.h>

enum {
    PROBE_SENDS = 4096,
    LOADED_SENDS = 256,
    LOADED_POSTS = 8192,
    GRACE_SENDS = 1280, // of who is to be paused, until it is clear that it does not suspend
    LOOK_SENDS = 32,    // at least, between two looks; on average twice as many
    STUCK_MAX = 7,
    CIRCLE_MAX = 64,
    HELP_DEPTH = 16,       // of cells that are run on top of one another
    HELP_DEPTH_OTHERS = 4, // of such as are not the receiver
    HELP_RECURSION = 1000, // and only above so little recursion, for the sake of the stack
    HELP_WAIT_NS = 50000,
    HALT_WAIT_NS = 1000000,
};
#define TICK_MIN_NS ((int64_t)1000000)
#define TICK_MAX_NS ((int64_t)128000000)

struct pressure {
    struct cell *cell, *target;
    uint64_t number;      // of the latest probe
    bool probing;         // atomic for peeking: that is under way
    bool paused, helping; // held back, in one of the two ways
    bool ticking, forgotten;
    uint32_t stuck;  // atomic for peeking: how often in a row a pause ended without the probe
    int64_t tick_ns; // until the next tick
    const struct envelope *seen;    // where the target was when it was last looked at
    struct pressure *next, *before; // of those that are paused
};

struct probe {
    struct cell *cell;
    uint64_t number;
};

static const struct envelope *place_of(const struct cell *c) {
    return __atomic_load_n(&c->sched.first, __ATOMIC_RELAXED);
}

// ---- probing ------------------------------------------------------------------------------------

static void begin_probe(struct worker *w, struct cell *home, struct cell *target) {
    struct pressure_room *room = &w->rt->pressure;
    pthread_mutex_lock(&room->lock);
    struct pressure *p = home->sched.pressure;
    if (!p) {
        p = prism_alloc(&w->cx, sizeof *p);
        *p = (struct pressure){.cell = home};
        home->sched.pressure = p;
    }
    p->target = target;
    p->number = ++room->probes;
    __atomic_store_n(&p->probing, true, __ATOMIC_RELAXED);
    struct probe probe = {home, p->number};
    pthread_mutex_unlock(&room->lock);
    home->sched.sent = 0;
    struct envelope *e = sched_envelope_new(&w->cx, sizeof probe);
    e->kind = ENVELOPE_PROBE;
    *(struct probe *)(void *)e->payload = probe;
    sched_post(&w->cx, target, e);
}

static void unlink_paused(struct pressure_room *room, struct pressure *p) {
    *(p->before ? &p->before->next : &room->first) = p->next;
    if (p->next)
        p->next->before = p->before;
    p->next = p->before = NULL;
    p->paused = false;
    __atomic_sub_fetch(&room->paused_count, 1, __ATOMIC_RELAXED);
}

void pressure_pass(prism_cx *cx, const struct envelope *e) {
    struct worker *w = worker_of(cx);
    struct pressure_room *room = &w->rt->pressure;
    const struct probe *probe = (const void *)e->payload;
    struct cell *resumed = NULL;
    pthread_mutex_lock(&room->lock);
    struct pressure *p = probe->cell->sched.pressure;
    if (p && p->number == probe->number) {
        __atomic_store_n(&p->probing, false, __ATOMIC_RELAXED);
        __atomic_store_n(&p->stuck, 0, __ATOMIC_RELAXED);
        if (p->paused) {
            unlink_paused(room, p);
            resumed = p->cell;
        }
    }
    pthread_mutex_unlock(&room->lock);
    if (resumed)
        worker_enqueue(w, resumed);
}

bool pressure_may_pass(const struct cell *c, const struct envelope *e) {
    bool has_room = !actor_is_bounded(c) || actor_has_room(c);
    if (has_room && (!cell_mail_aside(c) || cell_mail_aside(c) == e))
        return true;
    const struct probe *probe = (const void *)e->payload;
    const prism_future *asked[1];
    const struct strand *s = c->handler;
    bool waits = s && (s->wait == WAIT_ALL || s->wait == WAIT_ANY);
    return waits && actor_waits_for(s, asked, 1) && asked[0]->callee.cell == probe->cell;
}

// Is what holds the cell's target back the cell itself, directly or by way of others? With the lock
// held.
static bool is_circle(const struct pressure *p) {
    const struct pressure *at = p;
    for (int i = 0; i < CIRCLE_MAX; i++) {
        at = at->target->sched.pressure;
        if (at == p)
            return true;
        if (!at || !(at->paused || at->helping))
            return false;
    }
    return true; // too far to follow
}

// ---- pausing ------------------------------------------------------------------------------------

static uint32_t stuck(const struct pressure *p) {
    return __atomic_load_n(&p->stuck, __ATOMIC_RELAXED);
}

// With the lock held.
static void count_stuck(struct pressure *p) {
    if (p->probing && p->stuck < STUCK_MAX)
        __atomic_store_n(&p->stuck, p->stuck + 1, __ATOMIC_RELAXED);
}

static int64_t first_tick(const struct pressure *p) {
    return TICK_MIN_NS << stuck(p);
}

static void begin_tick(struct worker *w, struct pressure *p, int64_t in_ns) {
    timers_start_tick(w, p, env_now_ns(&w->cx) + in_ns);
}

bool pressure_pauses(struct worker *w, struct cell *c) {
    struct pressure_room *room = &w->rt->pressure;
    c->sched.pause_due = false;
    pthread_mutex_lock(&room->lock);
    struct pressure *p = c->sched.pressure;
    bool pauses = p && p->probing && !is_circle(p);
    bool starts_tick = pauses && !p->ticking;
    int64_t tick_ns = 0;
    c->sched.sent = 0;
    if (pauses) {
        p->paused = true;
        p->seen = place_of(p->target);
        p->tick_ns = tick_ns = first_tick(p);
        p->ticking = true;
        p->next = room->first;
        if (p->next)
            p->next->before = p;
        room->first = p;
        __atomic_add_fetch(&room->paused_count, 1, __ATOMIC_RELAXED);
    }
    if (starts_tick) // still under the lock: a tick keeps `p`
        begin_tick(w, p, tick_ns);
    pthread_mutex_unlock(&room->lock);
    return pauses;
}

// What must not wait for a pause to end. Whoever holds the lock may look: nobody runs a paused
// cell.
static bool is_urgent(const struct envelope *e) {
    switch (e->kind) {
    case ENVELOPE_MESSAGE:
    case ENVELOPE_REPLY:
    case ENVELOPE_START:
    case ENVELOPE_PROBE:
        return false;
    case ENVELOPE_WAKE:
        return e->strand->cancelled;
    default:
        return true;
    }
}

static bool has_urgent(const struct cell *c) {
    const struct envelope *e = place_of(c);
    if (e == (const void *)&c->sched.anchor)
        e = __atomic_load_n(&e->next, __ATOMIC_ACQUIRE);
    for (; e; e = __atomic_load_n(&e->next, __ATOMIC_ACQUIRE))
        if (is_urgent(e))
            return true;
    return false;
}

void pressure_tick(struct worker *w, struct pressure *p) {
    struct pressure_room *room = &w->rt->pressure;
    struct cell *resumed = NULL;
    pthread_mutex_lock(&room->lock);
    bool forgotten = p->forgotten;
    p->ticking = false;
    if (p->paused && !forgotten) {
        const struct envelope *place = place_of(p->target);
        bool moved = place != p->seen;
        p->seen = place;
        if (!moved || has_urgent(p->cell)) {
            if (!moved)
                count_stuck(p);
            unlink_paused(room, p);
            resumed = p->cell;
        } else {
            p->tick_ns = p->tick_ns < TICK_MAX_NS ? 2 * p->tick_ns : TICK_MAX_NS;
            p->ticking = true;
            begin_tick(w, p, p->tick_ns);
        }
    }
    pthread_mutex_unlock(&room->lock);
    if (forgotten)
        prism_free(&w->cx, p, sizeof *p);
    if (resumed)
        worker_enqueue(w, resumed);
}

void pressure_forget(prism_cx *cx, struct cell *c) {
    struct pressure_room *room = &worker_of(cx)->rt->pressure;
    pthread_mutex_lock(&room->lock);
    struct pressure *p = c->sched.pressure;
    c->sched.pressure = NULL;
    assert(!p->paused);
    bool ticking = p->ticking;
    p->forgotten = true;
    pthread_mutex_unlock(&room->lock);
    if (!ticking)
        prism_free(cx, p, sizeof *p);
}

void pressure_drop_tick(prism_cx *cx, struct pressure *p) {
    if (p->forgotten)
        prism_free(cx, p, sizeof *p);
    else
        p->ticking = false;
}

void pressure_release(struct worker *w) {
    struct pressure_room *room = &w->rt->pressure;
    for (;;) {
        pthread_mutex_lock(&room->lock);
        struct pressure *p = room->first;
        struct cell *c = p ? p->cell : NULL;
        if (p) {
            __atomic_store_n(&p->stuck, STUCK_MAX, __ATOMIC_RELAXED);
            unlink_paused(room, p);
        }
        pthread_mutex_unlock(&room->lock);
        if (!c)
            return;
        worker_enqueue(w, c);
    }
}

// ---- helping ------------------------------------------------------------------------------------

static bool nobody_else_works(const struct runtime *rt) {
    return __atomic_load_n(&rt->idle_hint, __ATOMIC_RELAXED) + 1 >= rt->worker_count &&
           __atomic_load_n(&rt->spares_busy, __ATOMIC_RELAXED) == 0;
}

// The cell, if it is in this worker's queue, whose order stays what it was.
static bool take_from_queue(struct worker *w, const struct cell *wanted) {
    bool found = false;
    worker_publish_slot(w);
    for (uint32_t left = ring_count(&w->ring); left; left--) {
        struct cell *c = ring_pop(&w->ring);
        if (!c)
            break;
        if (c == wanted)
            found = true;
        else
            worker_publish(w, c);
    }
    return found;
}

// Runs the receiver; or, if that does not move, what it may be waiting for. NULL: there is nothing
// to run.
static struct cell *next_to_help(struct worker *w, struct cell *target, bool moves) {
    if (take_from_queue(w, target) || worker_take_injected_one(w->rt, target))
        return target;
    return moves || w->helping > HELP_DEPTH_OTHERS ? NULL : worker_find(w);
}

static bool begin_help(struct worker *w, struct pressure *p) {
    pthread_mutex_lock(&w->rt->pressure.lock);
    bool useful = p->probing && !is_circle(p);
    p->helping = useful;
    pthread_mutex_unlock(&w->rt->pressure.lock);
    return useful;
}

static void end_help(struct worker *w, struct pressure *p) {
    pthread_mutex_lock(&w->rt->pressure.lock);
    p->helping = false;
    count_stuck(p);
    pthread_mutex_unlock(&w->rt->pressure.lock);
}

// In the middle of a segment: until the probe has passed or the receiver does not move.
static void help(struct worker *w, struct pressure *p) {
    prism_cx *cx = &w->cx;
    void *home = cx->home, *strand = cx->strand;
    int32_t depth = cx->depth, fuel = cx->fuel + cx->withheld;
    struct cell *target = p->target;
    const struct envelope *seen = place_of(target);
    bool moves = true;
    int64_t until = env_now_ns(cx) + first_tick(p);
    w->helping++;
    while (__atomic_load_n(&p->probing, __ATOMIC_RELAXED) && !runtime_halts(w->rt)) {
        struct cell *c = next_to_help(w, target, moves);
        if (c)
            cell_run(w, c);
        else
            nanosleep(&(struct timespec){.tv_nsec = HELP_WAIT_NS}, NULL);
        int64_t now = env_now_ns(cx);
        moves = place_of(target) != seen;
        if (moves)
            until = now + first_tick(p);
        else if (now >= until || (!c && nobody_else_works(w->rt)))
            break;
        seen = place_of(target);
    }
    if (runtime_halts(w->rt)) // all wait for this segment to end, which goes on sending
        nanosleep(&(struct timespec){.tv_nsec = HALT_WAIT_NS}, NULL);
    w->helping--;
    cx->home = home;
    cx->strand = strand;
    cx->depth = depth;
    cx->fuel = fuel - cx->withheld;
}

static bool is_loaded(const struct cell *c) {
    return __atomic_load_n(&c->sched.loaded, __ATOMIC_RELAXED);
}

void pressure_look(struct worker *w, struct cell *target) {
    prism_cx *cx = &w->cx;
    struct cell *home = cx->home;
    worker_let_go(w);
    uint32_t sent = w->look_sends;
    w->look_sends = LOOK_SENDS + (uint32_t)(worker_random(w) % (2 * LOOK_SENDS));
    w->sends_left = (int32_t)w->look_sends;
    if (!home || home == target)
        return;
    if (__atomic_add_fetch(&target->sched.posted, sent, __ATOMIC_RELAXED) > LOADED_POSTS)
        __atomic_store_n(&target->sched.loaded, true, __ATOMIC_RELAXED);
    home->sched.sent += sent;
    struct pressure *p = home->sched.pressure;
    if (!p || !__atomic_load_n(&p->probing, __ATOMIC_RELAXED)) {
        if (home->sched.sent >= (is_loaded(target) ? LOADED_SENDS : PROBE_SENDS))
            begin_probe(w, home, target);
        return;
    }
    uint32_t limit = is_loaded(p->target) ? LOADED_SENDS : PROBE_SENDS;
    if (home->sched.sent < limit)
        return;
    home->sched.pause_due = true;
    if (strand_yields_unseen(cx->strand) && cx->fuel > 0)
        cx->fuel = 0;
    bool does_not_yield = home->sched.sent >= limit + GRACE_SENDS;
    if (!does_not_yield || cx->failure)
        return;
    if (w->helping < HELP_DEPTH && cx->depth < HELP_RECURSION && begin_help(w, p)) {
        help(w, p);
        end_help(w, p);
    }
    home->sched.sent = 0;
}
