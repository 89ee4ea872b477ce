// SPDX-License-Identifier: MIT
// Strategies that sample schedules: uniformly, by priorities of events, by priorities of actors.
#include "choice.h"

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

static struct envelope *any_event(struct strategy_random *r, struct world *w) {
    return w->ready[below(r, w->ready_count)];
}

// The one with the highest priority; the others of its home draw again, for they raced with it.
static struct envelope *by_event(struct strategy_random *r, struct world *w) {
    struct envelope *best = NULL;
    for (uint32_t i = 0; i < w->ready_count; i++) {
        struct envelope *e = w->ready[i];
        if (!e->sched.priority)
            e->sched.priority = bits(r) | 1;
        if (!best || e->sched.priority > best->sched.priority)
            best = e;
    }
    for (struct envelope *e = best->sched.home->sched.first; e; e = e->next)
        e->sched.priority = 0;
    return best;
}

static struct envelope *highest_actor(struct strategy_random *r, struct world *w) {
    struct envelope *best = NULL;
    for (uint32_t i = 0; i < w->ready_count; i++) {
        struct envelope *e = w->ready[i];
        struct sched_cell *home = &e->sched.home->sched;
        if (!home->priority)
            home->priority = bits(r) | 1ull << 63;
        uint64_t other = best ? best->sched.home->sched.priority : 0;
        bool older = best && home->priority == other && e->sched.order < best->sched.order;
        if (!best || home->priority > other || older)
            best = e;
    }
    return best;
}

static struct envelope *by_actor(struct strategy_random *r, struct world *w) {
    struct envelope *e = highest_actor(r, w);
    for (int i = 0; i < PCT_CHANGES; i++)
        if (r->changes[i] == w->event_count) {
            e->sched.home->sched.priority = --r->lowest;
            e = highest_actor(r, w);
        }
    return e;
}

static struct choice choose_random(struct strategy *s, struct world *w) {
    struct strategy_random *r = (struct strategy_random *)s;
    bool time = w->heap_count && r->patience < 64 && !(bits(r) & ((1ull << r->patience) - 1));
    if (time || w->ready_count == 0)
        return any_timer(r, w);
    struct envelope *e = r->how == SAMPLE_POS   ? by_event(r, w)
                         : r->how == SAMPLE_PCT ? by_actor(r, w)
                                                : any_event(r, w);
    return (struct choice){e, NULL};
}

void strategy_sample_begin(struct strategy_random *r, enum sampling how, uint64_t seed,
                           uint64_t run_number, uint32_t length) {
    *r = (struct strategy_random){.head.choose = choose_random, .how = how, .lowest = 1u << 20};
    uint64_t x = seed + run_number * 0x9e3779b97f4a7c15;
    for (int i = 0; i < 4; i++) {
        x += 0x9e3779b97f4a7c15;
        uint64_t z = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        r->state[i] = z ^ (z >> 31);
    }
    static const uint32_t patience[4] = {64, 6, 4, 2};
    r->patience = patience[bits(r) & 3];
    for (int i = 0; i < PCT_CHANGES; i++)
        r->changes[i] = below(r, length + 1);
}

void strategy_random_begin(struct strategy_random *r, uint64_t seed, uint64_t run_number) {
    strategy_sample_begin(r, SAMPLE_RANDOM, seed, run_number, 0);
}
