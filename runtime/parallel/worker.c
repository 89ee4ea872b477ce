// SPDX-License-Identifier: MIT
// Workers: finding work, parking, waking, and knowing when nothing can move any more.
//
// A futex wake costs as much as hundreds of messages, so a pusher wakes another worker only for a backlog
// that is worth it (company_worth), and not at all while one worker does better alone (company.c). What waits behind a long
// segment is found by the parked workers themselves: while anybody works they look every POLL_NS, at first
// every FIRST_POLL_NS. When all are parked and no timer runs, the world is
// quiet: only running code makes work, and every worker looks through its own queue before it parks.
#include "runtime/actor/stack.h"
#include "runtime/parallel/runtime.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    LOOK_AROUND_TICKS = 61,
    TASK_TICKS = 4,
    OLDEST_TASK_TICKS = 59,
    COMPANY_TICKS = 256,
    SPIN_ROUNDS = 200,
    FIRST_POLLS = 4,
};
#define POLL_NS       ((int64_t)200000)
#define FIRST_POLL_NS ((int64_t)50000)
#define LONG_NS       ((int64_t)150000)
#define TRIM_AFTER_NS ((int64_t)100000000)

uint64_t worker_random(struct worker *w) {
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return w->random;
}

// ---- making runnable -------------------------------------------------------------------------------

void worker_wake_one(struct runtime *rt) {
    struct worker *woken = NULL;
    pthread_mutex_lock(&rt->lock);
    for (uint32_t i = 0; !woken && i < rt->worker_count; i++) {
        struct worker *w = &rt->workers[i];
        if (w->parked && !w->woken)
            woken = w;
    }
    if (woken) {
        woken->woken = true;
        __atomic_sub_fetch(&rt->idle_hint, 1, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&rt->lock);
    if (woken) // without the lock, which is the first thing that it wants
        pthread_cond_signal(&woken->wake);
}

static void inject(struct runtime *rt, struct cell *c) {
    pthread_mutex_lock(&rt->lock);
    c->sched.run_next = NULL;
    if (rt->injected)
        rt->injected_last->sched.run_next = c;
    else
        rt->injected = c;
    rt->injected_last = c;
    __atomic_add_fetch(&rt->injected_count, 1, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&rt->lock);
}

struct cell *worker_take_injected(struct runtime *rt) {
    if (!__atomic_load_n(&rt->injected_count, __ATOMIC_RELAXED))
        return NULL;
    pthread_mutex_lock(&rt->lock);
    struct cell *c = rt->injected;
    if (c) {
        rt->injected = c->sched.run_next;
        __atomic_sub_fetch(&rt->injected_count, 1, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&rt->lock);
    return c;
}

bool worker_take_injected_one(struct runtime *rt, struct cell *wanted) {
    bool found = false;
    if (!__atomic_load_n(&rt->injected_count, __ATOMIC_RELAXED))
        return false;
    pthread_mutex_lock(&rt->lock);
    struct cell *before = NULL;
    for (struct cell *c = rt->injected; c && !found; before = c, c = c->sched.run_next) {
        if (c != wanted)
            continue;
        *(before ? &before->sched.run_next : &rt->injected) = c->sched.run_next;
        if (rt->injected_last == c)
            rt->injected_last = before;
        __atomic_sub_fetch(&rt->injected_count, 1, __ATOMIC_RELAXED);
        found = true;
    }
    pthread_mutex_unlock(&rt->lock);
    return found;
}

void worker_publish(struct worker *w, struct cell *c) {
    struct runtime *rt = w->rt;
    if (w->is_outside) {
        inject(rt, c);
        worker_wake_one(rt);
        return;
    }
    if (!ring_push(&w->ring, c))
        inject(rt, c);
    if (!__atomic_load_n(&rt->idle_hint, __ATOMIC_RELAXED))
        return;
    // Somebody has to watch, as long as this worker has something to do, for its long segments.
    bool watched = __atomic_load_n(&rt->polling, __ATOMIC_RELAXED);
    if (!watched || (company_limit(rt) > 1 && company_worth(rt, ring_count(&w->ring), WORTH_NS)))
        worker_wake_one(rt);
}

// ---- finding work -----------------------------------------------------------------------------------

// For so long that what waits behind it should not wait for it?
static bool in_long_segment(const struct worker *w, const struct worker *victim) {
    uint32_t i = victim->index;
    return __atomic_load_n(&victim->tick, __ATOMIC_RELAXED) == w->seen_ticks[i] &&
           w->looked_at_ns - w->seen_at_ns[i] >= LONG_NS;
}

// A single cell is left to its worker, which will come to it at once, unless that has been in one segment
// since we parked: moving it would cost both workers their caches.
static bool worth_stealing(const struct worker *w, const struct worker *victim) {
    uint32_t count = ring_count(&victim->ring);
    bool offered = count && __atomic_load_n(&victim->offers, __ATOMIC_RELAXED);
    bool enough = (offered || company_worth(w->rt, count, WORTH_TAKING_NS)) && !company_excludes(w);
    return enough || (count > 0 && in_long_segment(w, victim));
}

static void remember_ticks(struct worker *w) {
    for (uint32_t i = 0; i < w->rt->worker_count; i++) {
        uint32_t tick = __atomic_load_n(&w->rt->workers[i].tick, __ATOMIC_RELAXED);
        if (tick == w->seen_ticks[i])
            continue;
        w->seen_ticks[i] = tick;
        w->seen_at_ns[i] = w->looked_at_ns;
    }
}

struct cell *worker_steal_from(struct worker *w, struct worker *victim) {
    struct cell *stolen[RING_SLOTS / 2];
    uint32_t count = ring_steal(&victim->ring, stolen);
    for (uint32_t k = 1; k < count; k++)
        worker_enqueue(w, stolen[k]);
    return count ? stolen[0] : NULL;
}

static struct cell *steal(struct worker *w) {
    struct runtime *rt = w->rt;
    uint32_t start = (uint32_t)(worker_random(w) % rt->worker_count);
    for (uint32_t i = 0; i < rt->worker_count; i++) {
        struct worker *victim = &rt->workers[(start + i) % rt->worker_count];
        bool tempting = victim != w && worth_stealing(w, victim);
        struct cell *c = tempting ? worker_steal_from(w, victim) : NULL;
        if (c)
            return c;
    }
    return NULL;
}

void worker_publish_slot(struct worker *w) {
    struct cell *c = w->slot;
    w->slot = NULL;
    if (c)
        worker_publish(w, c);
}

// The oldest of those in its queue and its slot, or else its latest task.
static inline struct cell *take_own(struct worker *w) {
    struct cell *c = w->slot;
    if (c && ring_count(&w->ring) == 0) {
        w->slot = NULL;
        return c;
    }
    worker_publish_slot(w);
    c = ring_pop(&w->ring);
    if (c)
        return c;
    if (w->offers)
        __atomic_store_n(&w->offers, false, __ATOMIC_RELAXED);
    return tasks_take_latest(w);
}

// Now and then it is a task's turn, and now and then the oldest one's.
static inline struct cell *take_task(struct worker *w, uint32_t tick) {
    if (tick % OLDEST_TASK_TICKS == 0)
        return tasks_take_oldest(w);
    return tick % TASK_TICKS == 0 ? tasks_take_latest(w) : NULL;
}

// Begins a segment with all that a segment has.
static inline void refill(struct worker *w) {
    w->cx.fuel = PRISM_FUEL;
    w->cx.withheld = 0;
    w->deeper = 0;
    worker_uncut(w);
}

// Of a worker that does not take part: what waits behind a long segment of one that does. What it
// has itself goes to those, and the first of them is up (park() in between would find it in the
// injector).
static struct cell *find_as_watcher(struct worker *w) {
    struct runtime *rt = w->rt;
    if (timers_count(&w->timers))
        timers_run(w, w, env_now_ns(&w->cx));
    bool gives = false;
    for (struct cell *c; (c = take_own(w)); gives = true)
        inject(rt, c);
    if (gives && __atomic_load_n(&rt->idle_hint, __ATOMIC_RELAXED))
        worker_wake_one(rt);
    company_look(w, env_now_ns(&w->cx));
    struct cell *c = in_long_segment(w, &rt->workers[0]) ? worker_take_injected(rt) : NULL;
    return c ? c : steal(w);
}

struct cell *worker_find(struct worker *w) {
    refill(w);
    uint32_t tick = w->tick + 1;
    __atomic_store_n(&w->tick, tick, __ATOMIC_RELAXED);
    if (PRISM_RARE(company_excludes(w)))
        return find_as_watcher(w);
    if (tick % COMPANY_TICKS == 0 || w->hurried >= COMPANY_TICKS)
        company_look(w, env_now_ns(&w->cx));
    bool look_around = tick % LOOK_AROUND_TICKS == 0 || w->hurried >= LOOK_AROUND_TICKS;
    w->hurried = 0;
    if (look_around && timers_count(&w->timers))
        timers_run(w, w, env_now_ns(&w->cx));
    struct cell *c = look_around ? worker_take_injected(w->rt) : NULL;
    if (!c && w->tasks.count)
        c = take_task(w, tick);
    if (!c)
        c = take_own(w);
    if (!c)
        c = worker_take_injected(w->rt);
    if (!c && timers_count(&w->timers)) {
        timers_run(w, w, env_now_ns(&w->cx));
        c = take_own(w);
    }
    // Who has polled in vain since it last had something to do only looks.
    int rounds = w->polls ? 1 : SPIN_ROUNDS;
    for (int i = 0; !c && i < rounds && w->rt->worker_count > 1; i++) {
        c = steal(w);
        if (!c)
            __builtin_ia32_pause();
    }
    return c;
}

// ---- parking ----------------------------------------------------------------------------------------

// All workers are parked, so nobody changes a heap or stops a timer.
static bool any_timer(const struct runtime *rt) {
    for (uint32_t i = 0; i < rt->worker_count; i++)
        if (timers_pending(&rt->workers[i].timers))
            return true;
    return false;
}

static void wait_until(struct worker *w, int64_t deadline_ns) {
    if (deadline_ns == INT64_MAX) {
        pthread_cond_wait(&w->wake, &w->rt->lock);
        return;
    }
    struct timespec at = {deadline_ns / 1000000000, deadline_ns % 1000000000};
    pthread_cond_timedwait(&w->wake, &w->rt->lock, &at);
}

// Called with the lock held and the worker counted as parked.
static void sleep_a_while(struct worker *w) {
    struct runtime *rt = w->rt;
    int64_t until = timers_next(&w->timers);
    bool others_work = rt->parked_count < rt->worker_count;
    int64_t poll = w->looked_at_ns + (w->polls < FIRST_POLLS ? FIRST_POLL_NS : POLL_NS);
    w->polls++;
    if (others_work && poll < until)
        until = poll;
    bool trims = !others_work && !rt->spares_busy && memory_worth_trimming(&rt->depot);
    int64_t trim_at = trims ? w->looked_at_ns + TRIM_AFTER_NS : INT64_MAX;
    if (trim_at < until)
        until = trim_at;
    __atomic_add_fetch(&rt->polling, others_work, __ATOMIC_RELAXED);
    wait_until(w, until);
    bool still = rt->parked_count == rt->worker_count && !rt->spares_busy && !rt->stopping &&
                 !rt->injected;
    if (trims && still && env_now_ns(&w->cx) >= trim_at)
        memory_trim(rt);
    __atomic_sub_fetch(&rt->polling, others_work, __ATOMIC_RELAXED);
}

// Nobody has work, and nothing can bring any. With the lock held, and all workers parked.
static bool is_quiet(const struct runtime *rt) {
    // Acquire pairs with the release in runtime_outside_done: then the answer is in the injector.
    bool outside = __atomic_load_n(&rt->outside_count, __ATOMIC_ACQUIRE) && !rt->abandons;
    return !outside && !rt->injected && !any_timer(rt);
}

void runtime_outside_done(struct runtime *rt) {
    bool last = __atomic_sub_fetch(&rt->outside_count, 1, __ATOMIC_RELEASE) == 0;
    if (last)
        worker_wake_one(rt); // it may be quiet now, if nobody wanted the answer
}

// Returns false when this worker is to leave its loop: the world is quiet (worker 0) or ends (others).
static bool park(struct worker *w) {
    struct runtime *rt = w->rt;
    bool stays = true;
    __atomic_store_n(&w->parks, w->parks + 1, __ATOMIC_RELAXED);
    w->looked_at_ns = env_now_ns(&w->cx);
    remember_ticks(w);
    pthread_mutex_lock(&rt->lock);
    w->parked = true;
    w->woken = false;
    rt->parked_count++;
    __atomic_add_fetch(&rt->idle_hint, 1, __ATOMIC_RELAXED);
    bool halts = runtime_halts(rt);
    bool nobody = rt->parked_count == rt->worker_count && !rt->spares_busy;
    bool quiet = nobody && (halts || is_quiet(rt));
    // Nothing moves but for who is paused: then nobody needs to be.
    bool releases =
        quiet && !halts && __atomic_load_n(&rt->pressure.paused_count, __ATOMIC_RELAXED);
    if (quiet && !releases) {
        rt->quiet = true;
        pthread_cond_signal(&rt->workers[0].wake);
    }
    // Who does not take part leaves it to who does.
    bool others_come = company_excludes(w) && !rt->workers[0].parked;
    bool nothing = !rt->injected || halts || others_come;
    if (nothing && !rt->stopping && !releases && !(rt->quiet && w->index == 0))
        sleep_a_while(w);
    if (rt->stopping || (rt->quiet && w->index == 0))
        stays = false;
    w->parked = false;
    rt->parked_count--;
    spares_wake(rt);
    if (!w->woken)
        __atomic_sub_fetch(&rt->idle_hint, 1, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&rt->lock);
    if (releases)
        pressure_release(w);
    return stays;
}

static void work(struct worker *w) {
    for (;;) {
        struct cell *c = runtime_halts(w->rt) ? NULL : worker_find(w);
        if (c) {
            w->polls = 0;
            cell_run(w, c);
        } else if (!park(w)) {
            return;
        }
    }
}

static void *work_thread(void *worker) {
    work(worker);
    return NULL;
}

// ---- the life of the runtime ------------------------------------------------------------------------

void worker_init(struct worker *w, struct runtime *rt, uint32_t index) {
    memset(w, 0, sizeof *w);
    w->cx.pools = w->memory.pools;
    w->rt = rt;
    w->index = index;
    w->random = 0x9e3779b97f4a7c15u * (index + 1);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

struct worker *worker_outside(struct runtime *rt) {
    struct worker *w = aligned_alloc(64, (sizeof *w + 63) & ~(size_t)63);
    if (!w)
        abort();
    memset(w, 0, sizeof *w);
    w->cx.pools = w->memory.pools;
    w->rt = rt;
    w->is_outside = true;
    return w;
}

void runtime_init(struct runtime *rt, uint32_t count, const prism_program *program) {
    memset(rt, 0, sizeof *rt);
    rt->program = program;
    rt->worker_count = count;
    rt->workers = aligned_alloc(64, count * sizeof *rt->workers);
    if (!rt->workers)
        abort();
    pthread_mutex_init(&rt->lock, NULL);
    pthread_mutex_init(&rt->depot.lock, NULL);
    pthread_mutex_init(&rt->output_lock, NULL);
    pthread_mutex_init(&rt->pressure.lock, NULL);
    pool_init(&rt->pool);
    poller_init(&rt->poller);
    rt->bindings = calloc(program->service_count + 1, sizeof *rt->bindings);
    if (!rt->bindings)
        abort();
    for (uint32_t i = 0; i < count; i++)
        worker_init(&rt->workers[i], rt, i);
}

void runtime_halt(struct runtime *rt, bool halts) {
    __atomic_store_n(&rt->halts, halts, __ATOMIC_RELAXED);
    for (uint32_t i = 0; i < rt->worker_count; i++)
        pthread_cond_signal(&rt->workers[i].wake);
}

// All workers halt: says who waits for what if that was asked for. True: then they go on.
static bool was_a_dump(struct runtime *rt) {
    pthread_mutex_lock(&rt->lock);
    bool dumps = rt->signals.dumps;
    rt->signals.dumps = false;
    pthread_mutex_unlock(&rt->lock);
    if (dumps) {
        fprintf(stderr, "who waits for what:\n");
        runtime_tell_waiting(rt);
    }
    return dumps;
}

static void run_until_quiet(struct runtime *rt) {
    do {
        pthread_mutex_lock(&rt->lock);
        rt->quiet = false;
        if (rt->halts)
            runtime_halt(rt, false);
        pthread_mutex_unlock(&rt->lock);
        work(&rt->workers[0]);
    } while (was_a_dump(rt));
}

void runtime_run(struct runtime *rt, const prism_function *function, void *args) {
    company_begin(rt, env_now_ns(&rt->workers[0].cx));
    struct cell *root = actor_root(&rt->workers[0].cx, function, args);
    signals_watch(rt, (prism_ref){root, root->generation});
    for (uint32_t i = 1; i < rt->worker_count; i++)
        if (stack_thread(&rt->workers[i].thread, work_thread, &rt->workers[i]) != 0)
            abort();
    spares_begin(rt);
    run_until_quiet(rt);
}

struct visit {
    struct runtime *rt;
    void (*visit)(struct runtime *, struct cell *);
};

static void visit_cell(void *context, struct cell *c) {
    const struct visit *v = context;
    if (c->generation) // else nobody has been there since its memory was given back
        v->visit(v->rt, c);
}

void runtime_each_cell(struct runtime *rt, void (*visit)(struct runtime *, struct cell *)) {
    struct visit v = {rt, visit};
    for (uint32_t i = 0; i < rt->worker_count; i++)
        memory_each_cell(&rt->workers[i].memory, visit_cell, &v);
    for (uint32_t i = 0; i < rt->spare_count; i++)
        memory_each_cell(&rt->spares[i]->memory, visit_cell, &v);
}

static void stop_actor(struct runtime *rt, struct cell *c) {
    if (c->is_top && (c->status == CELL_RUNNING || c->status == CELL_STARTING))
        prism_stop(&rt->workers[0].cx, (prism_ref){c, c->generation}, NULL);
}

static void kill_cell(struct runtime *rt, struct cell *c) {
    if (c->generation && c->status != CELL_GONE && !c->sched.collected)
        actor_kill(&rt->workers[0].cx, c);
}

static void collect_cell(struct runtime *rt, struct cell *c) {
    if (c->generation && !c->sched.collected)
        actor_collect(&rt->workers[0].cx, c);
}

static void end_threads(struct runtime *rt) {
    pthread_mutex_lock(&rt->lock);
    rt->stopping = true;
    for (uint32_t i = 0; i < rt->worker_count; i++)
        pthread_cond_signal(&rt->workers[i].wake);
    pthread_mutex_unlock(&rt->lock);
    for (uint32_t i = 1; i < rt->worker_count; i++)
        pthread_join(rt->workers[i].thread, NULL);
    spares_end(rt);
}

int64_t runtime_end(struct runtime *rt) {
    rt->abandons = true;
    pressure_release(&rt->workers[0]);
    if (!rt->halts) { // else the grace period is over
        if (!rt->root_ended) { // who waits for ever does not go on when that ends
            actor_cancel_home(&rt->workers[0].cx, rt->signals.root);
            run_until_quiet(rt);
        }
        runtime_each_cell(rt, stop_actor);
        run_until_quiet(rt);
    }
    runtime_each_cell(rt, kill_cell);
    run_until_quiet(rt);
    runtime_each_cell(rt, collect_cell);
    end_threads(rt);
    int64_t live = signals_end(rt);
    live += poller_end(rt);
    rt->is_left = !pool_end(rt);
    if (rt->is_left)
        return 0;
    actor_unbind(&rt->workers[0].cx, rt->program->service_count);
    free(rt->bindings);
    prism_error_drop(&rt->workers[0].cx, rt->root_error);
    for (uint32_t i = 0; i < rt->worker_count; i++)
        timers_end(&rt->workers[i]);
    for (uint32_t i = 0; i < rt->worker_count; i++)
        live += memory_out(&rt->workers[i].memory);
    for (uint32_t i = 0; i < rt->spare_count; i++)
        live += memory_out(&rt->spares[i]->memory);
    for (uint32_t i = 0; i < rt->pool.count; i++)
        live += memory_out(&rt->pool.workers[i]->memory);
    live -= depot_blocks(&rt->depot);
    for (uint32_t i = 0; i < rt->worker_count; i++) {
        memory_end(&rt->workers[i].memory);
        pthread_cond_destroy(&rt->workers[i].wake);
    }
    spares_free(rt);
    signals_free(rt);
    free(rt->workers);
    pool_free(&rt->pool);
    poller_free(&rt->poller);
    depot_end(&rt->depot);
    return live;
}
