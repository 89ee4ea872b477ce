// SPDX-License-Identifier: MIT
// One execution, and the two simplest strategies.
#include "choice.h"

static bool settled_long_enough(const struct world *w) {
    return w->root_ended && (w->event_count - w->root_ended_at > SETTLE_EVENTS ||
                             w->now_ns - w->root_ended_ns > SETTLE_NS);
}

static struct choice only_one(const struct world *w) {
    if (w->ready_count)
        return (struct choice){w->ready[0], NULL};
    return (struct choice){NULL, world_next_timer(w)};
}

static bool tied(const struct world *w) {
    struct timer *two[2];
    return world_tied_timers(w, two, 2) > 1;
}

bool run_is_over(struct world *w, enum run_end *end) {
    world_settle(w);
    *end = RUN_DONE;
    if ((w->finding.kind && !w->host->go_on) || settled_long_enough(w))
        return true;
    if (world_enabled(w) == 0) {
        check_waiting(w);
        return true;
    }
    *end = RUN_CUT;
    return w->event_count >= w->host->steps_max;
}

enum run_end run(struct world *w, struct strategy *strategy) {
    enum run_end end;
    while (!run_is_over(w, &end)) {
        uint32_t enabled = world_enabled(w);
        bool choice = enabled > 1 || (w->ready_count == 0 && tied(w));
        struct choice next = choice ? strategy->choose(strategy, w) : only_one(w);
        if (strategy->take && !strategy->take(strategy, w, next))
            return RUN_ENDED;
        world_take(w, next, choice ? enabled : 1);
    }
    return end;
}

void run_finish(struct world *w) {
    if (w->finding.kind)
        return;
    world_end(w);
    check_leak(w);
}

// ---- canonical
// ----------------------------------------------------------------------------------------

static struct choice choose_canonical(struct strategy *s, struct world *w) {
    (void)s;
    return world_canonical(w);
}

struct strategy strategy_canonical(void) {
    return (struct strategy){.choose = choose_canonical};
}

// ---- random
// -------------------------------------------------------------------------------------------

// xoshiro256++ (Blackman, Vigna), seeded by SplitMix64.
static uint64_t rotated(uint64_t x, int by) {
    return (x << by) | (x >> (64 - by));
}
static uint64_t bits(struct strategy_random *r) {
    uint64_t *s = r->state;
    uint64_t result = rotated(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotated(s[3], 45);
    return result;
}
static uint32_t below(struct strategy_random *r, uint32_t limit) {
    return (uint32_t)(((bits(r) >> 32) * limit) >> 32);
}

static struct choice any_timer(struct strategy_random *r, struct world *w) {
    struct timer *tied_timers[16];
    uint32_t count = world_tied_timers(w, tied_timers, 16);
    return (struct choice){NULL, tied_timers[below(r, count < 16 ? count : 16)]};
}

static struct choice choose_random(struct strategy *s, struct world *w) {
    struct strategy_random *r = (struct strategy_random *)s;
    bool time = w->heap_count && r->patience < 64 && !(bits(r) & ((1ull << r->patience) - 1));
    if (time || w->ready_count == 0)
        return any_timer(r, w);
    return (struct choice){w->ready[below(r, w->ready_count)], NULL};
}

void strategy_random_begin(struct strategy_random *r, uint64_t seed, uint64_t run_number) {
    *r = (struct strategy_random){.head.choose = choose_random};
    uint64_t x = seed + run_number * 0x9e3779b97f4a7c15;
    for (int i = 0; i < 4; i++) {
        x += 0x9e3779b97f4a7c15;
        uint64_t z = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        r->state[i] = z ^ (z >> 31);
    }
    static const uint32_t patience[4] = {64, 6, 4, 2};
    r->patience = patience[bits(r) & 3];
}
