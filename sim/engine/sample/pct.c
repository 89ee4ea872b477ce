// SPDX-License-Identifier: MIT
// Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatti: A Randomized
// Scheduler with Probabilistic Guarantees of Finding Bugs, ASPLOS 2010), with actors as threads:
// each has a random priority, the highest goes first, and at few random events the one that would
// act gets the lowest. Behind the length of the first run the schedule is random and thereby fair,
// so that a loop that waits for somebody of low priority ends.
#include "sample/sample.h"

void pct_begin(struct sampler *s) {
    s->pct.lowest = 1u << 20;
    for (int i = 0; i < PCT_CHANGES; i++)
        s->pct.changes[i] = sampler_below(s, s->profile->length + 1);
}

static struct envelope *highest_actor(struct sampler *s, struct world *w) {
    struct envelope *best = NULL;
    for (uint32_t i = 0; i < w->ready_count; i++) {
        struct envelope *e = w->ready[i];
        struct sched_cell *home = &e->sched.home->sched;
        if (!home->priority)
            home->priority = sampler_bits(s) | 1ull << 63;
        uint64_t other = best ? best->sched.home->sched.priority : 0;
        bool older = best && home->priority == other && e->sched.order < best->sched.order;
        if (!best || home->priority > other || older)
            best = e;
    }
    return best;
}

struct envelope *pct_choose(struct sampler *s, struct world *w) {
    enum { SUFFIX = 4 }; // times the length of the first run
    if (w->event_count / SUFFIX > s->profile->length)
        return any_envelope(s, w);
    struct envelope *e = highest_actor(s, w);
    for (int i = 0; i < PCT_CHANGES; i++)
        if (s->pct.changes[i] == w->event_count) {
            e->sched.home->sched.priority = --s->pct.lowest;
            e = highest_actor(s, w);
        }
    return e;
}
