// SPDX-License-Identifier: MIT
// Deadlines: a binary heap per worker, ordered by deadline, then by order of starting. A timer is stopped by
// its home, which may run on another worker by then: that one only marks the node, and the owner of the heap
// frees it when it comes to it.
#include "runtime/parallel/runtime.h"

#include <stdlib.h>

static bool before(const struct timer_node *a, const struct timer_node *b) {
    return a->deadline_ns != b->deadline_ns ? a->deadline_ns < b->deadline_ns : a->order < b->order;
}

static void place(struct timers *t, uint32_t i, struct timer_node *node) {
    t->heap[i] = node;
    node->index = i;
}

static void sift_up(struct timers *t, uint32_t i, struct timer_node *node) {
    while (i && before(node, t->heap[(i - 1) / 2])) {
        place(t, i, t->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    place(t, i, node);
}

static void sift_down(struct timers *t, uint32_t i, struct timer_node *node) {
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= t->count)
            break;
        if (child + 1 < t->count && before(t->heap[child + 1], t->heap[child]))
            child++;
        if (!before(t->heap[child], node))
            break;
        place(t, i, t->heap[child]);
        i = child;
    }
    place(t, i, node);
}

static void remove_at(struct timers *t, uint32_t i) {
    struct timer_node *last = t->heap[--t->count];
    if (i == t->count)
        return;
    if (i && before(last, t->heap[(i - 1) / 2]))
        sift_up(t, i, last);
    else
        sift_down(t, i, last);
}

static void insert(struct timers *t, struct timer_node *node) {
    if (t->count == t->room) {
        t->room = t->room ? t->room * 2 : 64;
        t->heap = realloc(t->heap, t->room * sizeof *t->heap);
        if (!t->heap)
            abort();
    }
    sift_up(t, t->count++, node);
}

void sched_timer_start(prism_cx *cx, struct timer *timer) {
    struct worker *w = worker_of(cx);
    struct timer_node *node = prism_alloc(cx, sizeof *node);
    *node = (struct timer_node){.deadline_ns = timer->deadline_ns,
                                .order = w->timers.order++,
                                .timer = timer,
                                .home = timer->home,
                                .worker = w};
    timer->state = TIMER_RUNNING;
    timer->sched.node = node;
    insert(&w->timers, node);
}

void sched_timer_stop(prism_cx *cx, struct timer *timer) {
    struct timer_node *node = timer->sched.node;
    timer->state = TIMER_IDLE;
    timer->sched.node = NULL;
    int pending = NODE_PENDING;
    // Pairs with fire(): exactly one of the two moves the node out of PENDING.
    bool stopped = __atomic_compare_exchange_n((int *)&node->state, &pending, NODE_STOPPED, false,
                                               __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    if (!stopped) {
        node->dead = true; // its envelope is in flight to this home
    } else if (node->worker == worker_of(cx)) {
        remove_at(&node->worker->timers, node->index);
        prism_free(cx, node, sizeof *node);
    }
}

void timers_start_tick(struct worker *w, struct pressure *p, int64_t deadline_ns) {
    struct timer_node *node = prism_alloc(&w->cx, sizeof *node);
    *node = (struct timer_node){
        .deadline_ns = deadline_ns, .order = w->timers.order++, .pressure = p, .worker = w};
    insert(&w->timers, node);
}

static void fire(struct worker *w, struct timer_node *node) {
    if (!node->timer) {
        pressure_tick(w, node->pressure);
        prism_free(&w->cx, node, sizeof *node);
        return;
    }
    int pending = NODE_PENDING;
    bool fired = __atomic_compare_exchange_n((int *)&node->state, &pending, NODE_FIRED, false,
                                             __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    if (!fired) {
        prism_free(&w->cx, node, sizeof *node);
        return;
    }
    struct envelope *e = sched_envelope_new(&w->cx, sizeof node);
    e->kind = ENVELOPE_TIMER;
    *(struct timer_node **)e->payload = node;
    sched_post(&w->cx, node->home, e);
}

int64_t timers_run(struct worker *w, int64_t now_ns) {
    while (w->timers.count && w->timers.heap[0]->deadline_ns <= now_ns) {
        struct timer_node *node = w->timers.heap[0];
        remove_at(&w->timers, 0);
        fire(w, node);
    }
    return w->timers.count ? w->timers.heap[0]->deadline_ns : INT64_MAX;
}

bool timers_look(prism_cx *cx, struct envelope *e) {
    struct timer_node *node = *(struct timer_node **)e->payload;
    e->timer = node->timer;
    if (!node->dead)
        return true;
    prism_free(cx, node, sizeof *node);
    return false;
}

void timers_release(prism_cx *cx, struct envelope *e) {
    struct timer_node *node = *(struct timer_node **)e->payload;
    assert(!node->dead && e->timer->sched.node == node);
    e->timer->sched.node = NULL;
    prism_free(cx, node, sizeof *node);
}

bool timers_pending(const struct timers *t) {
    for (uint32_t i = 0; i < t->count; i++)
        if (t->heap[i]->timer && t->heap[i]->state == NODE_PENDING)
            return true;
    return false;
}

void timers_end(struct worker *w) {
    for (uint32_t i = 0; i < w->timers.count; i++) {
        if (!w->timers.heap[i]->timer)
            pressure_drop_tick(&w->cx, w->timers.heap[i]->pressure);
        prism_free(&w->cx, w->timers.heap[i], sizeof *w->timers.heap[i]);
    }
    free(w->timers.heap);
    w->timers = (struct timers){0};
}
