// SPDX-License-Identifier: MIT
// How many workers take part: all, or only the first.
//
// A message that crosses from one core to another costs more than the handling of most: what two
// workers do with actors that talk to each other all the time, or with tasks of a few hundred
// nanoseconds, is often less than what one does alone. Whether it is cannot be seen in a queue,
// so it is tried. Envelopes are counted, and every PERIOD_NS whoever comes along compares: what
// all workers took in a period in which several had work, with what the first one took in a
// period alone. The better way is kept; the other one is tried again now and then, more and more
// rarely as long as nothing changes. Where an envelope stands for COARSE_NS of work or more,
// moving it costs nothing that counts, and all workers take part without a trial.
//
// A worker that does not take part gives away what it has and watches: every POLL_NS (worker.c)
// it looks whether one of the others is in a long segment, and then does its work meanwhile.
//
// The counters are read without order, each written by its own worker; being wrong costs a
// period.
#include "runtime/parallel/runtime.h"

#include <string.h>

enum {
    TRIAL_PERIODS_MAX = 256, // between two trials of all workers that did not pay
    TRIAL_SAMPLES = 3,       // what is compared is the best of so many
    RELEARN_PERIODS = 256,   // after which one worker alone is measured again
    GAIN_PERCENT = 110,      // what all workers have to do, if one does 100
    ALONE_PART = 256,        // the others took no more than one envelope in so many
    SLOWDOWN = 2,            // by more than that: the program does something else now
};
#define PERIOD_NS ((int64_t)500000)
#define COARSE_NS ((int64_t)2000)
#define LEAST_NS  ((int64_t)40000) // says nothing yet
#define GRAIN_NS_MAX ((uint64_t)1000000)

// What happened since the last review.
struct period {
    int64_t ns;
    uint64_t taken, others; // by all; by all but the one that took most
    uint64_t turns;         // runs of cells
    bool idle;              // all that take part had nothing to do at some time
};

static struct period look_back(struct runtime *rt, int64_t now_ns) {
    struct company *co = &rt->company;
    struct period p = {.ns = now_ns - co->began_ns, .idle = true};
    uint32_t limit = company_limit(rt);
    uint64_t most = 0;
    for (uint32_t i = 0; i < rt->worker_count; i++) {
        const struct worker *w = &rt->workers[i];
        uint64_t total = __atomic_load_n(&w->taken, __ATOMIC_RELAXED);
        uint32_t parks = __atomic_load_n(&w->parks, __ATOMIC_RELAXED);
        uint64_t taken = total - co->taken[i];
        uint64_t turns = __atomic_load_n(&w->turns, __ATOMIC_RELAXED);
        p.taken += taken;
        p.turns += turns - co->turns[i];
        co->turns[i] = turns;
        most = taken > most ? taken : most;
        if (i < limit && parks == co->parks[i])
            p.idle = false;
        co->taken[i] = total;
        co->parks[i] = parks;
    }
    p.others = p.taken - most;
    return p;
}

static void set_limit(struct runtime *rt, uint32_t limit) {
    struct company *co = &rt->company;
    __atomic_store_n(&co->limit, limit, __ATOMIC_RELAXED);
    co->settled = false;
    co->periods = co->samples = 0;
    co->rate_company = 0;
}

static bool any_backlog(const struct runtime *rt) {
    for (uint32_t i = 0; i < rt->worker_count; i++)
        if (company_worth(rt, ring_count(&rt->workers[i].ring), WORTH_NS))
            return true;
    return false;
}

static void note_grain(struct company *co, const struct period *p, uint32_t workers) {
    uint64_t grain_ns = (uint64_t)p->ns * workers / (p->turns + 1);
    grain_ns = grain_ns < GRAIN_NS_MAX ? grain_ns : GRAIN_NS_MAX;
    __atomic_store_n(&co->grain_ns, (uint32_t)grain_ns, __ATOMIC_RELAXED);
}

// The best counts, since a period may be cut short by the machine, until several in a row are far
// from it.
static void learn_alone(struct company *co, uint64_t rate) {
    co->slow = rate * SLOWDOWN < co->rate_alone ? co->slow + 1 : 0;
    if (rate <= co->rate_alone && co->slow < TRIAL_SAMPLES)
        return;
    if (rate > co->rate_alone * SLOWDOWN || co->slow)
        co->patience = 1;
    co->rate_alone = rate;
    co->slow = 0;
}

static void review_company(struct runtime *rt, uint64_t rate) {
    struct company *co = &rt->company;
    co->rate_company = rate > co->rate_company ? rate : co->rate_company;
    if (++co->samples < TRIAL_SAMPLES)
        return;
    bool pays = co->rate_company * 100 > co->rate_alone * GAIN_PERCENT;
    co->samples = 0;
    co->rate_company = 0;
    if (pays && co->rate_alone && co->periods < RELEARN_PERIODS)
        return;
    if (pays || !co->rate_alone)
        co->patience = 1;
    else if (co->patience < TRIAL_PERIODS_MAX)
        co->patience *= 2;
    set_limit(rt, 1);
}

static void review(struct runtime *rt, int64_t now_ns) {
    struct company *co = &rt->company;
    if (now_ns - co->began_ns < LEAST_NS)
        return;
    uint32_t limit = company_limit(rt);
    struct period p = look_back(rt, now_ns);
    co->began_ns = now_ns;
    __atomic_store_n(&co->due_ns, now_ns + PERIOD_NS, __ATOMIC_RELAXED);
    if (p.idle)
        return;
    bool settled = co->settled, alone = p.others * ALONE_PART <= p.taken;
    note_grain(co, &p, alone ? 1 : limit);
    if (p.ns > COARSE_NS * (int64_t)p.taken) {
        if (limit == 1)
            set_limit(rt, rt->worker_count);
        return;
    }
    co->settled = true;
    co->periods++;
    if (!settled)
        return;
    uint64_t rate = p.taken * 1000000 / (uint64_t)p.ns; // per millisecond
    if (alone)
        learn_alone(co, rate);
    else if (limit > 1)
        review_company(rt, rate);
    if (limit == 1 && co->periods > co->patience && any_backlog(rt))
        set_limit(rt, rt->worker_count);
}

void company_look(struct worker *w, int64_t now_ns) {
    struct company *co = &w->rt->company;
    if (w->rt->worker_count == 1 || now_ns < __atomic_load_n(&co->due_ns, __ATOMIC_RELAXED))
        return;
    // Acquire and release: one after the other, each sees what the one before wrote.
    if (__atomic_exchange_n(&co->reviewing, true, __ATOMIC_ACQUIRE))
        return;
    review(w->rt, now_ns);
    __atomic_store_n(&co->reviewing, false, __ATOMIC_RELEASE);
}

void company_begin(struct runtime *rt, int64_t now_ns) {
    rt->company = (struct company){
        .limit = 1, .grain_ns = COARSE_NS, .began_ns = now_ns, .patience = 1};
}
