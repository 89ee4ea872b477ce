// SPDX-License-Identifier: MIT
// Spare workers: they stand in while all others are in segments that do not end.
//
// A worker that runs one segment for long keeps what it has: the cells in its queue, unless another
// worker comes to take them, and its timers. While anybody works, the first spare looks every
// LOOK_NS whether workers have moved on since it last did. Timers of those that have not it fires;
// and if none has, and none is parked (who is looks for itself), it runs cells like a worker until
// one of them moves on. If it gets into a long segment itself, there is a second one, and so on up
// to SPARES_MAX. So computations that never suspend do not keep the rest of the program from going
// on, unless there are more of them than that.
//
// While nobody works, spares sleep: the first after IDLE_LOOKS in vain, until a worker is up
// (park() in worker.c), the others until the one before them stands in. All but the first are made
// when they are needed. What they run makes cells and memory like any worker's. What they make
// runnable goes to the injector, and timers to the first worker: nobody looks for a spare's.
#include "runtime/actor/stack.h"
#include "runtime/parallel/runtime.h"

#include <stdlib.h>
#include <string.h>

enum { IDLE_LOOKS = 3 };
#define LOOK_NS ((int64_t)10000000)

static bool stands_in(const struct worker *spare) {
    return __atomic_load_n(&spare->stands_in, __ATOMIC_RELAXED);
}

// The workers, then the spares.
static struct worker *nth(const struct runtime *rt, uint32_t i) {
    return i < rt->worker_count ? &rt->workers[i] : rt->spares[i - rt->worker_count];
}

static bool has_moved(const struct worker *spare, const struct worker *w) {
    bool stopped = w->index >= spare->rt->worker_count && !stands_in(w);
    return stopped || __atomic_load_n(&w->tick, __ATOMIC_RELAXED) != spare->seen_ticks[w->index];
}

// Of those that come before it.
static bool any_has_moved(const struct worker *spare) {
    for (uint32_t i = 0; i < spare->index; i++)
        if (has_moved(spare, nth(spare->rt, i)))
            return true;
    return false;
}

static void remember(struct worker *spare) {
    for (uint32_t i = 0; i < spare->index; i++)
        spare->seen_ticks[i] = __atomic_load_n(&nth(spare->rt, i)->tick, __ATOMIC_RELAXED);
}

static void fire_timers(struct worker *spare) {
    struct runtime *rt = spare->rt;
    for (uint32_t i = 0; i < rt->worker_count; i++) {
        struct worker *w = &rt->workers[i];
        if (timers_count(&w->timers) && !has_moved(spare, w))
            timers_run(spare, w, env_now_ns(&spare->cx));
    }
}

static struct cell *find(struct worker *spare) {
    __atomic_store_n(&spare->tick, spare->tick + 1, __ATOMIC_RELAXED);
    struct cell *c = worker_take_injected(spare->rt);
    for (uint32_t i = 0; !c && i < spare->rt->worker_count; i++)
        c = worker_steal_from(spare, &spare->rt->workers[i]);
    return c;
}

static void stand_in(struct worker *spare, bool runs) {
    fire_timers(spare);
    while (runs && !runtime_halts(spare->rt) && !any_has_moved(spare)) {
        struct cell *c = find(spare);
        if (!c)
            break;
        cell_run(spare, c);
        fire_timers(spare);
    }
}

static void begin_one(struct runtime *rt);

// With the lock held.
static void call_next(const struct worker *spare) {
    struct runtime *rt = spare->rt;
    uint32_t next = spare->index - rt->worker_count + 1;
    if (next == SPARES_MAX)
        return;
    if (next == rt->spare_count)
        begin_one(rt);
    else if (rt->spares[next]->sleeps)
        pthread_cond_signal(&rt->spares[next]->wake);
}

// With the lock held, which is let go meanwhile.
static void look(struct worker *spare) {
    struct runtime *rt = spare->rt;
    bool runs = rt->parked_count == 0 && !any_has_moved(spare);
    __atomic_add_fetch(&rt->spares_busy, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&spare->stands_in, runs, __ATOMIC_RELAXED);
    if (runs)
        call_next(spare);
    pthread_mutex_unlock(&rt->lock);
    stand_in(spare, runs);
    pthread_mutex_lock(&rt->lock);
    __atomic_store_n(&spare->stands_in, false, __ATOMIC_RELAXED);
    __atomic_sub_fetch(&rt->spares_busy, 1, __ATOMIC_RELAXED);
    if (rt->parked_count == rt->worker_count) // is all quiet now? The first worker looks again
        pthread_cond_signal(&rt->workers[0].wake);
}

static void wait_a_while(struct worker *spare) {
    int64_t at_ns = env_now_ns(&spare->cx) + LOOK_NS;
    struct timespec at = {at_ns / 1000000000, at_ns % 1000000000};
    pthread_cond_timedwait(&spare->wake, &spare->rt->lock, &at);
}

static void sleep_until_called(struct worker *spare) {
    spare->sleeps = true;
    pthread_cond_wait(&spare->wake, &spare->rt->lock);
    spare->sleeps = false;
}

// Does anybody before it work at all?
static bool is_wanted(const struct worker *spare) {
    const struct runtime *rt = spare->rt;
    bool first = spare->index == rt->worker_count;
    bool works = first ? rt->parked_count < rt->worker_count : stands_in(nth(rt, spare->index - 1));
    // When all is quiet the first worker's thread goes through the cells itself.
    return works && !rt->quiet && !rt->stopping && !runtime_halts(rt);
}

static void *spare_thread(void *worker) {
    struct worker *spare = worker;
    struct runtime *rt = spare->rt;
    int idle = 0;
    pthread_mutex_lock(&rt->lock);
    while (!rt->stopping) {
        remember(spare);
        if (idle >= IDLE_LOOKS)
            sleep_until_called(spare);
        else
            wait_a_while(spare);
        idle = is_wanted(spare) ? 0 : idle + 1;
        if (!idle)
            look(spare);
    }
    pthread_mutex_unlock(&rt->lock);
    return NULL;
}

// With the lock held.
static void begin_one(struct runtime *rt) {
    struct worker *spare = aligned_alloc(64, (sizeof *spare + 63) & ~(size_t)63);
    if (!spare)
        abort();
    worker_init(spare, rt, rt->worker_count + rt->spare_count);
    spare->is_outside = true;
    rt->spares[rt->spare_count++] = spare;
    if (stack_thread(&spare->thread, spare_thread, spare) != 0)
        abort();
}

void spares_begin(struct runtime *rt) {
    pthread_mutex_lock(&rt->lock);
    begin_one(rt);
    pthread_mutex_unlock(&rt->lock);
}

void spares_wake(struct runtime *rt) {
    if (rt->spare_count && rt->spares[0]->sleeps)
        pthread_cond_signal(&rt->spares[0]->wake);
}

void spares_end(struct runtime *rt) {
    pthread_mutex_lock(&rt->lock);
    for (uint32_t i = 0; i < rt->spare_count; i++)
        pthread_cond_signal(&rt->spares[i]->wake);
    pthread_mutex_unlock(&rt->lock);
    for (uint32_t i = 0; i < rt->spare_count; i++)
        pthread_join(rt->spares[i]->thread, NULL);
}

void spares_free(struct runtime *rt) {
    for (uint32_t i = 0; i < rt->spare_count; i++) {
        memory_end(&rt->spares[i]->memory);
        pthread_cond_destroy(&rt->spares[i]->wake);
        free(rt->spares[i]);
    }
}
