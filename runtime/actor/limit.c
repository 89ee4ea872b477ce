// SPDX-License-Identifier: MIT
// What an actor says of itself when it begins: how long it may go on when it is stopped, how much
// it may keep.
//
// Grace. An actor that is stopped while it has work under way (the handler at hand, tasks) starts a
// timer and goes on with that work; it takes no more messages. When the work has ended, or the
// timer has, what is left is cancelled, and the end goes on as it does without grace (cell.c).
//
// Memory. What an actor keeps is measured where its messages end and where it waits; more than the
// limit is a failure of the actor. Measuring walks over the state, so it is not done each time: the
// more buffers there were to look into, the more times are left out, so that it costs the same each
// time in the long run. How many are left out depends on the values alone, so an actor fails at the
// same place in every build.
#include "runtime/actor/parts.h"

struct limits {
    int64_t grace_ns;    // 0: none
    struct timer grace;  // while it goes on
    uint64_t memory_max; // bytes
    uint64_t left_out;   // how many times it is not measured from now on
};

enum { BUFFERS_PER_TIME = 32 };

static struct limits *limits_of_home(prism_cx *cx) {
    struct cell *home = home_of(cx);
    if (!home->rest->limits)
        own_rest(cx, home)->limits = zeroed(cx, sizeof(struct limits));
    return home->rest->limits;
}

void limits_forget(prism_cx *cx, struct cell *c) {
    struct limits *l = c->rest->limits;
    if (!l)
        return;
    grace_end(cx, c);
    prism_free(cx, l, sizeof *l);
    c->rest->limits = NULL;
}

// ---- grace --------------------------------------------------------------------------------------

void prism_limit_grace(prism_cx *cx, int64_t ns) {
    limits_of_home(cx)->grace_ns = ns > 0 ? ns : 0;
}

static bool has_task_elsewhere(const struct cell *c) {
    for (const prism_future *f = c->futures; f; f = f->next)
        if (f->task)
            return true;
    return false;
}

static bool has_work(const struct cell *c) {
    for (const struct strand *s = c->first; s; s = s->next)
        if (!s->ended)
            return true;
    return has_task_elsewhere(c);
}

bool grace_begin(prism_cx *cx, struct cell *c) {
    struct limits *l = c->rest->limits;
    if (!l || !l->grace_ns || !has_work(c))
        return false;
    l->grace = (struct timer){.home = c, .use = TIMER_GRACE, .site = c->site};
    if (__builtin_add_overflow(prism_now(cx, NULL), l->grace_ns, &l->grace.deadline_ns))
        l->grace.deadline_ns = INT64_MAX;
    sched_timer_start(cx, &l->grace);
    return true;
}

bool grace_goes_on(const struct cell *c) {
    const struct limits *l = c->rest->limits;
    return l && l->grace.state == TIMER_RUNNING && has_work(c);
}

void grace_end(prism_cx *cx, struct cell *c) {
    struct limits *l = c->rest->limits;
    if (l && l->grace.state == TIMER_RUNNING)
        sched_timer_stop(cx, &l->grace);
}

bool grace_waits_for(const prism_future *f) {
    return f->task && f->home->status == CELL_CLOSING && grace_goes_on(f->home);
}

// ---- memory -------------------------------------------------------------------------------------

void prism_limit_memory(prism_cx *cx, int64_t bytes) {
    struct limits *l = limits_of_home(cx);
    l->memory_max = (uint64_t)bytes;
    l->left_out = 0;
}

bool actor_memory_holds(prism_cx *cx) {
    const struct cell *c = cx->home;
    struct limits *l = c && c->type && c->type->measured ? c->rest->limits : NULL;
    if (!l || cx->failure || c->status == CELL_STARTING)
        return !cx->failure;
    if (l->left_out) {
        l->left_out--;
        return true;
    }
    uint64_t visited = 0;
    uint64_t bytes = prism_measure(cx, c->type->state, c->state, l->memory_max, &visited);
    l->left_out = visited / BUFFERS_PER_TIME;
    if (bytes > l->memory_max)
        prism_trap(cx, PRISM_MEMORY, "its state has more bytes than its limit allows", NULL);
    return !cx->failure;
}
