// SPDX-License-Identifier: MIT
// Tasks that nobody has begun, and answers that can be had at once.
//
// A worker keeps the tasks that it made to itself, in a list, and begins the latest first: so of a
// tree of tasks a path is in memory, not a level, and what a task needs is in the cache. The oldest
// is begun now and then, so that it does not wait for ever; it is also what others are given when
// they have nothing to do, since most work hangs on it. Others learn of the rest when the worker is
// in a segment that turns out to be long (sched_let_go, sched_deeper).
//
// Whoever waits for a task of the list, or for an actor whose one message is the question and which
// is next to be run here, need not be suspended for that: the task or the handler is run on top of
// the stack, the answer is put into the future, and the waiting segment goes on. That is what would
// have come next anyway, less two envelopes, a suspension and several atomic operations. Nobody can
// tell, but by time: as long as it takes, the waiting cell cannot be run by others, be interrupted
// or take messages. So it is done for code alone of which the compiler knows that it is *brief* (no
// loop, no recursion, nothing that it does not know), and a segment pays for each. Of questions it
// can pay only a few, for who asks until the answer is yes waits for what others do.
#include "runtime/parallel/runtime.h"

enum {
    TASK_FUEL = PRISM_FUEL / 2000, // what a segment pays for each: so many at most
    QUESTION_FUEL = PRISM_FUEL / 256,
    CROWDED_FUEL = PRISM_FUEL / 2, // the same, while others could be run
    SHARE_AFTER = 32,       // tasks that were begun before one that is older
    NESTING_MAX = 64,       // segments that wait on one another on the stack
    MAIL_LOOKED_AT = 8,
    NESTING_RECURSION = 64, // and only above so little recursion in each
};

// ---- the list -----------------------------------------------------------------------------------

static void take(struct worker *w, struct cell *c) {
    struct cell *next = c->sched.run_next, *before = c->first->sched.run_before;
    *(before ? &before->sched.run_next : &w->tasks.first) = next;
    *(next ? &next->first->sched.run_before : &w->tasks.last) = before;
    __atomic_store_n(&c->sched.keeper, NULL, __ATOMIC_RELAXED);
    w->tasks.count--;
    w->tasks.begun++;
}

struct cell *tasks_take_latest(struct worker *w) {
    struct cell *c = w->tasks.last;
    if (c)
        take(w, c);
    return c;
}

struct cell *tasks_take_oldest(struct worker *w) {
    struct cell *c = w->tasks.first;
    if (c)
        take(w, c);
    return c;
}

void tasks_publish(struct worker *w) {
    for (struct cell *c; (c = tasks_take_oldest(w));)
        worker_publish(w, c);
}

// Others have nothing to do: the oldest is for them.
static void share(struct worker *w) {
    bool wanted = company_limit(w->rt) > 1 && !company_excludes(w) && ring_count(&w->ring) == 0;
    if (!wanted)
        return;
    w->tasks.begun = 0;
    __atomic_store_n(&w->offers, true, __ATOMIC_RELAXED);
    worker_publish(w, tasks_take_oldest(w));
    worker_wake_one(w->rt);
}

void tasks_add(struct worker *w, struct cell *c) {
    c->sched.run_next = NULL;
    c->first->sched.run_before = w->tasks.last;
    *(w->tasks.last ? &w->tasks.last->sched.run_next : &w->tasks.first) = c;
    w->tasks.last = c;
    __atomic_store_n(&c->sched.keeper, w, __ATOMIC_RELAXED);
    if (w->tasks.count++ == 0) {
        w->tasks.begun = 0;
        if (!w->puts_off)
            worker_withhold(w, TASKS_FUEL);
    }
    if (w->tasks.begun >= SHARE_AFTER && __atomic_load_n(&w->rt->idle_hint, __ATOMIC_RELAXED))
        share(w);
}

// ---- what is put off, and long segments ---------------------------------------------------------

bool sched_let_go(prism_cx *cx) {
    struct worker *w = worker_of(cx);
    if (worker_let_go(w))
        return true;
    if (!w->tasks.count && !cx->withheld)
        return false;
    tasks_publish(w);
    worker_uncut(w);
    return true;
}

void sched_deeper(prism_cx *cx) {
    struct worker *w = worker_of(cx);
    worker_let_go(w);
    if (w->tasks.count && ++w->deeper < TASKS_DEEPER)
        return;
    tasks_publish(w);
    worker_uncut(w);
}

// ---- hurrying -----------------------------------------------------------------------------------

// The cell is next to be run, and nobody else touches it: is the question all that it has to do?
static bool is_brief_question(const struct cell *c, const prism_future *f) {
    const struct envelope *e = c->sched.first;
    bool alone = __atomic_load_n(&c->sched.newest, __ATOMIC_RELAXED) == e;
    return f->message->handler->brief && alone && e != (const void *)&c->sched.anchor &&
           actor_calls(c, e) && e->reply_to.future == f && !c->sched.pause_due;
}

// Who can settle the future by a brief segment, out of where it waits to be run; or NULL.
static struct cell *find(struct worker *w, const prism_future *f) {
    struct cell *c = f->task;
    if (c) {
        bool ours = __atomic_load_n(&c->sched.keeper, __ATOMIC_RELAXED) == w;
        if (!ours || !c->first->function->brief || !sched_nothing_waits(&w->cx, f->home))
            return NULL;
        take(w, c);
        return c;
    }
    c = w->slot;
    if (!c || !f->message || c != f->callee.cell || !is_brief_question(c, f))
        return NULL;
    w->slot = NULL;
    return c;
}

// May this message, which has arrived at who waits, be taken only when its handler has ended?
static bool waits_its_turn(const struct cell *c, const struct envelope *e) {
    return e->kind == ENVELOPE_MESSAGE && e->generation == c->generation;
}

// Mail does not come first while a handler waits, unless the actor is reentrant; all else does,
// also what was put aside and may be taken now.
bool sched_nothing_waits(prism_cx *cx, const struct cell *c) {
    const struct worker *w = worker_of(cx);
    const struct aside *a = c->sched.aside;
    const struct envelope *e = c->sched.first;
    // Acquire, as in advance(): what is found on the way there is seen whole.
    const struct envelope *newest = __atomic_load_n(&c->sched.newest, __ATOMIC_ACQUIRE);
    bool mail_may_wait = c->handler && !c->type->reentrant && !c->mail;
    bool put_off = w->outbox.first && w->outbox.told == c;
    if (e == newest && !put_off && !a)
        return true;
    if (a && a->later)
        return false;
    if (!mail_may_wait)
        return e == newest && !put_off && !(a && a->waiting);
    for (int i = 0; e != newest && i < MAIL_LOOKED_AT; i++) {
        e = __atomic_load_n(&e->next, __ATOMIC_ACQUIRE);
        if (!e || !waits_its_turn(c, e))
            return false;
    }
    return e == newest;
}

void sched_hurry(prism_cx *cx, prism_future *f) {
    struct worker *w = worker_of(cx);
    bool may = cx->fuel + cx->withheld > 0 && cx->depth < NESTING_RECURSION &&
               w->nesting < NESTING_MAX && !w->is_outside;
    struct cell *c = may ? find(w, f) : NULL;
    if (!c)
        return;
    void *home = cx->home, *strand = cx->strand, *awaiter = cx->awaiter;
    bool is_task = f->task;
    int32_t price = is_task                ? TASK_FUEL
                    : ring_count(&w->ring) ? CROWDED_FUEL
                                           : QUESTION_FUEL;
    int32_t depth = cx->depth, fuel = cx->fuel + cx->withheld;
    w->nesting++;
    w->hurried++;
    cx->awaiter = home;
    if (is_task)
        cell_begin_task(w, c);
    else
        cell_answer(w, c);
    cx->awaiter = awaiter;
    w->nesting--;
    cx->home = home;
    cx->strand = strand;
    cx->depth = depth;
    cx->fuel = fuel - price - cx->withheld;
}
