// SPDX-License-Identifier: MIT
// Striking at random, at the rates of the run.
#include "fault/fault.h"

static uint64_t next_bits(struct chaos *c) { // SplitMix64
    uint64_t z = c->state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static uint32_t below(struct chaos *c, uint32_t limit) {
    return (uint32_t)(((next_bits(c) >> 32) * limit) >> 32);
}

// One draw a step says whether any kind strikes, and which.
static bool strike_at_random(struct strategy *s, struct world *w, struct strike *out) {
    struct chaos *c = (struct chaos *)s;
    if (!c->total_ppm || w->calm)
        return false;
    uint32_t at = below(c, c->total_ppm > 1000000 ? c->total_ppm : 1000000);
    if (at >= c->total_ppm)
        return false;
    int kind = 0;
    while (at >= c->plan.of[kind].rate_ppm)
        at -= c->plan.of[kind++].rate_ppm;
    struct strike all[TARGETS_MAX];
    uint32_t count = fault_list(w, (enum fault_kind)kind, all, TARGETS_MAX);
    if (!count || c->struck[kind] == c->plan.of[kind].times)
        return false;
    c->struck[kind]++;
    *out = all[below(c, count < TARGETS_MAX ? count : TARGETS_MAX)];
    return true;
}

static struct choice choose_inner(struct strategy *s, struct world *w) {
    struct chaos *c = (struct chaos *)s;
    return c->inner->choose(c->inner, w);
}

static bool take_inner(struct strategy *s, struct world *w, struct choice next) {
    struct chaos *c = (struct chaos *)s;
    return !c->inner->take || c->inner->take(c->inner, w, next);
}

void chaos_begin(struct chaos *c, struct strategy *inner, const struct fault_plan *plan,
                 uint64_t key) {
    *c = (struct chaos){.head = {choose_inner, take_inner, strike_at_random},
                        .inner = inner,
                        .plan = fault_plan_draw(plan, key),
                        .state = key ^ 0x6368616f73};
    for (int i = 0; i < FAULTS; i++) {
        if (fault_is_data((enum fault_kind)i))
            c->plan.of[i].rate_ppm = 0;
        c->total_ppm += c->plan.of[i].rate_ppm;
    }
}
