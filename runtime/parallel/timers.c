// SPDX-License-Identifier: MIT
// Deadlines: a binary heap per worker, ordered by deadline, then by order of starting. A timer is
// stopped by its home, which may run on another worker by then: that one only marks the node, and
// the owner of the heap frees it when it comes to it.
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
    struct timer_node *last = t->heap[t->count - 1];
    __atomic_store_n(&t->count, t->count - 1, __ATOMIC_RELAXED);
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
    __atomic_store_n(&t->count, t->count + 1, __ATOMIC_RELAXED);
    sift_up(t, t->count - 1, node);
}

// ---- the lock -----------------------------------------------------------------------------------
// A heap is its worker's, but a spare worker may fire what is due in it (spare.c). So each has a
// lock, which is held for a few steps and hardly ever met.
static void lock(struct timers *t) {
    while (__atomic_exchange_n(&t->locked, true, __ATOMIC_ACQUIRE))
        __builtin_ia32_pause();
}
static void unlock(struct timers *t) {
    __atomic_store_n(&t->locked, false, __ATOMIC_RELEASE);
}

// Whose heap a timer goes to that is started here. Nobody comes to look at a spare worker's.
static struct worker *keeper(struct worker *w) {
    return w->index >= w->rt->worker_count ? &w->rt->workers[0] : w;
}

static void start(struct worker *w, struct timer_node *node) {
    struct worker *k = keeper(w);
    node->worker = k;
    lock(&k->timers);
    node->order = k->timers.order++;
    insert(&k->timers, node);
    unlock(&k->timers);
    if (k != w) { // it may be asleep until a later one
        pthread_mutex_lock(&w->rt->lock);
        pthread_cond_signal(&k->wake);
        pthread_mutex_unlock(&w->rt->lock);
    }
}

// False: the other has done it.
static bool leave_pending(struct timer_node *node, int state) {
    int pending = NODE_PENDING;
    return __atomic_compare_exchange_n((int *)&node->state, &pending, state, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

void sched_timer_start(prism_cx *cx, struct timer *timer) {
    struct timer_node *node = prism_alloc(cx, sizeof *node);
    *node =
        (struct timer_node){.deadline_ns = timer->deadline_ns, .timer = timer, .home = timer->home};
    timer->state = TIMER_RUNNING;
    timer->sched.node = node;
    start(worker_of(cx), node);
}

void sched_timer_stop(prism_cx *cx, struct timer *timer) {
    struct timer_node *node = timer->sched.node;
    timer->state = TIMER_IDLE;
    timer->sched.node = NULL;
    bool is_own = node->worker == worker_of(cx); // else who comes to it in that heap frees it
    struct timers *t = &node->worker->timers;
    if (is_own)
        lock(t);
    // Pairs with take_due(): exactly one of the two moves the node out of PENDING.
    bool stopped = leave_pending(node, NODE_STOPPED);
    if (is_own && stopped)
        remove_at(t, node->index);
    if (is_own)
        unlock(t);
    if (!stopped)
        node->dead = true; // its envelope is in flight to this home
    else if (is_own)
        prism_free(cx, node, sizeof *node);
}

void timers_start_tick(struct worker *w, struct pressure *p, int64_t deadline_ns) {
    struct timer_node *node = prism_alloc(&w->cx, sizeof *node);
    *node = (struct timer_node){.deadline_ns = deadline_ns, .pressure = p};
    start(w, node);
}

static void fire(struct worker *w, struct timer_node *node) {
    if (!node->timer) {
        pressure_tick(w, node->pressure);
        prism_free(&w->cx, node, sizeof *node);
        return;
    }
    struct envelope *e = sched_envelope_new(&w->cx, sizeof node);
    e->kind = ENVELOPE_TIMER;
    *(struct timer_node **)e->payload = node;
    sched_post(&w->cx, node->home, e);
}

// The first one, if it is due: out of the heap, and out of PENDING unless it was stopped before.
static struct timer_node *take_due(struct timers *t, int64_t now_ns, bool *stopped) {
    struct timer_node *node = NULL;
    lock(t);
    if (t->count && t->heap[0]->deadline_ns <= now_ns) {
        node = t->heap[0];
        remove_at(t, 0);
        *stopped = !leave_pending(node, NODE_FIRED);
    }
    unlock(t);
    return node;
}

void timers_run(struct worker *w, struct worker *keeper, int64_t now_ns) {
    bool stopped = false;
    for (struct timer_node *node; (node = take_due(&keeper->timers, now_ns, &stopped));)
        if (stopped)
            prism_free(&w->cx, node, sizeof *node);
        else
            fire(w, node);
}

int64_t timers_next(struct timers *t) {
    lock(t);
    int64_t next = t->count ? t->heap[0]->deadline_ns : INT64_MAX;
    unlock(t);
    return next;
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
