// SPDX-License-Identifier: MIT
// Partial-order sampling (Yuan, Yang, Gu: Partial Order Aware Concurrency Sampling, CAV 2018): each
// event has a random priority, the highest goes first, and what raced with it draws a new one.
#include "sample/sample.h"

struct envelope *pos_choose(struct sampler *s, struct world *w) {
    struct envelope *best = NULL;
    for (uint32_t i = 0; i < w->ready_count; i++) {
        struct envelope *e = w->ready[i];
        if (!e->sched.priority)
            e->sched.priority = sampler_bits(s) | 1;
        if (!best || e->sched.priority > best->sched.priority)
            best = e;
    }
    for (struct envelope *e = best->sched.home->sched.first; e; e = e->next)
        e->sched.priority = 0;
    return best;
}
