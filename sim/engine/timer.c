// SPDX-License-Identifier: MIT
// Timers: a binary heap by deadline, then by order of starting. Time stands still but for ADVANCE
// events.
#include "world.h"

static bool earlier(const struct timer *a, const struct timer *b) {
    if (a->deadline_ns != b->deadline_ns)
        return a->deadline_ns < b->deadline_ns;
    return a->sched.order < b->sched.order;
}

static void put(struct world *w, uint32_t at, struct timer *t) {
    w->heap[at] = t;
    t->sched.heap = at + 1;
}

static void rise(struct world *w, uint32_t at, struct timer *t) {
    while (at > 0 && earlier(t, w->heap[(at - 1) / 2])) {
        put(w, at, w->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    put(w, at, t);
}

static void sink(struct world *w, uint32_t at, struct timer *t) {
    for (;;) {
        uint32_t child = at * 2 + 1;
        if (child >= w->heap_count)
            break;
        if (child + 1 < w->heap_count && earlier(w->heap[child + 1], w->heap[child]))
            child++;
        if (!earlier(w->heap[child], t))
            break;
        put(w, at, w->heap[child]);
        at = child;
    }
    put(w, at, t);
}

static void take_out(struct world *w, struct timer *t) {
    assert(t->sched.heap && t->sched.heap <= w->heap_count);
    uint32_t at = t->sched.heap - 1;
    struct timer *last = w->heap[--w->heap_count];
    t->sched.heap = 0;
    if (last == t)
        return;
    if (at > 0 && earlier(last, w->heap[(at - 1) / 2]))
        rise(w, at, last);
    else
        sink(w, at, last);
}

void sched_timer_start(prism_cx *cx, struct timer *t) {
    struct world *w = (struct world *)cx;
    assert(t->state != TIMER_RUNNING);
    t->state = TIMER_RUNNING;
    t->sched = (struct sched_timer){.order = ++w->timer_orders,
                                    .number = ++t->home->sched.timers,
                                    .started_at = w->event_count};
    if (w->host->naming) {
        uint64_t site =
            name_hash(w->names[t->home->sched.id].hash, site_hash(t->site), EVENT_ADVANCE);
        t->sched.occurrence = world_count(w, site);
    }
    w->touches |= TOUCHES_CLOCK;
    if (w->heap_count == w->heap_capacity)
        w->heap = world_table_grow(w, w->heap, w->heap_count, &w->heap_capacity, sizeof *w->heap);
    rise(w, w->heap_count++, t);
}

void sched_timer_stop(prism_cx *cx, struct timer *t) {
    struct world *w = (struct world *)cx;
    assert(t->state == TIMER_RUNNING);
    t->state = TIMER_IDLE;
    w->touches |= TOUCHES_CLOCK;
    if (t->sched.heap) {
        take_out(w, t);
        return;
    }
    assert(t->sched.fired);
    if (w->host->silently)
        w->host->silently(w->host->silently_context, w, t->sched.fired);
    flight_unlink(w, t->sched.fired);
    flight_dirty(w, t->home);
    sched_envelope_free(cx, t->sched.fired);
    t->sched.fired = NULL;
}

struct timer *world_next_timer(const struct world *w) {
    return w->heap_count ? w->heap[0] : NULL;
}

uint32_t world_tied_timers(const struct world *w, struct timer **out, uint32_t room) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < w->heap_count && world_time_passes(w); i++) {
        if (w->heap[i]->deadline_ns != w->heap[0]->deadline_ns)
            continue;
        if (found < room)
            out[found] = w->heap[i];
        found++;
    }
    return found;
}

// The timer stays TIMER_RUNNING until its envelope is taken, so that it can still be stopped.
void timer_fire(struct world *w, struct timer *t) {
    assert(t->sched.heap && t->deadline_ns == w->heap[0]->deadline_ns);
    take_out(w, t);
    if (t->deadline_ns > w->now_ns)
        w->now_ns = t->deadline_ns;
    if (t->sched.holds) {
        t->state = TIMER_EXPIRED;
        flight_release(w, t->sched.holds);
        return;
    }
    struct envelope *e = sched_envelope_new(&w->cx, 0);
    e->kind = ENVELOPE_TIMER;
    e->timer = t;
    e->site = t->site;
    t->sched.fired = e;
    sched_post(&w->cx, t->home, e);
}
