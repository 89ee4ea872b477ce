// SPDX-License-Identifier: MIT
// Delay-bounded scheduling (Emmi, Qadeer, Rakamaric: Delay-Bounded Scheduling, POPL 2011): a
// deterministic scheduler, here the canonical one, that may be made to put off its choice a bounded
// number of times. As where machines send each other messages (Desai and others: P, PLDI 2013) it
// is the actor that is put off, with all that waits for it: it goes behind all others until it is
// its turn. The runs are numbered so that all schedules with one delay come first, then those with
// two (as far as the length of the first run goes); behind them three are drawn. The seed says
// where the numbering starts.
#include "sample/sample.h"

void delay_begin(struct sampler *s, uint64_t seed, uint64_t number) {
    uint64_t n = s->profile->choices + 1, pairs = n * (n - 1) / 2;
    s->delay.last = 0;
    seed = name_hash(seed, 0, 0) >> 32;
    if (number < n) {
        s->delay.count = 1;
        s->delay.at[0] = (uint32_t)((number + seed) % n);
    } else if (number - n < pairs) {
        // The pairs (i, j), i < j, by the distance between them.
        uint64_t k = number - n, distance = 1;
        for (; k >= n - distance; distance++)
            k -= n - distance;
        uint64_t i = (k + seed) % (n - distance);
        s->delay.count = 2;
        s->delay.at[0] = (uint32_t)i;
        s->delay.at[1] = (uint32_t)(i + distance);
    } else {
        s->delay.count = DELAYS_MAX;
        for (uint32_t i = 0; i < DELAYS_MAX; i++)
            s->delay.at[i] = sampler_below(s, (uint32_t)n);
    }
}

static bool comes_before(const struct envelope *a, const struct envelope *b) {
    uint64_t put_off_a = a->sched.home->sched.priority, put_off_b = b->sched.home->sched.priority;
    return put_off_a != put_off_b ? put_off_a < put_off_b : world_comes_before(a, b);
}

static struct envelope *first_of(struct world *w) {
    struct envelope *first = w->ready[0];
    for (uint32_t i = 1; i < w->ready_count; i++)
        if (comes_before(w->ready[i], first))
            first = w->ready[i];
    return first;
}

struct envelope *delay_choose(struct sampler *s, struct world *w) {
    struct envelope *e = first_of(w);
    for (uint32_t i = 0; i < s->delay.count; i++)
        if (s->delay.at[i] == s->decisions - 1) {
            e->sched.home->sched.priority = ++s->delay.last;
            e = first_of(w);
        }
    e->sched.home->sched.priority = 0;
    return e;
}
