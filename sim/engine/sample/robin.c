// SPDX-License-Identifier: MIT
// Fair round robin: actors stand in one queue from when they have something to take; the first has
// a turn, takes its oldest event, and if there is more goes behind the others. In run 0 a turn is
// one event; the others draw how many, and shuffle those that came into the queue by the same
// event.
#include "sample/sample.h"

enum { QUANTUM_MAX = 4 };

void robin_begin(struct sampler *s, uint64_t number) {
    s->robin.used = 0;
    s->robin.at_turn = NULL;
    s->robin.shuffle = number ? sampler_bits(s) : 0;
    s->robin.quantum = number ? 1 + sampler_below(s, QUANTUM_MAX) : 1;
    if (!number)
        s->patience = 64;
}

// How many events had been taken when it came to where it stands.
static uint64_t stands_since(const struct envelope *e) {
    uint64_t turn = e->sched.home->sched.last_event;
    return turn > e->sched.enabled_at ? turn : e->sched.enabled_at;
}

static uint64_t rank(const struct sampler *s, const struct world *w, const struct envelope *e) {
    if (!s->robin.shuffle)
        return e->sched.order;
    return name_hash(s->robin.shuffle, w->names[e->sched.home->sched.id].hash, 0);
}

static bool has_turn_before(const struct sampler *s, const struct world *w,
                            const struct envelope *a, const struct envelope *b) {
    if (a->sched.home == b->sched.home)
        return a->sched.order < b->sched.order;
    uint64_t since_a = stands_since(a), since_b = stands_since(b);
    if (since_a != since_b)
        return since_a < since_b;
    uint64_t rank_a = rank(s, w, a), rank_b = rank(s, w, b);
    return rank_a != rank_b ? rank_a < rank_b : a->sched.order < b->sched.order;
}

struct envelope *robin_choose(struct sampler *s, struct world *w) {
    struct envelope *next = NULL;
    bool goes_on = s->robin.used < s->robin.quantum;
    for (uint32_t i = 0; i < w->ready_count; i++) {
        struct envelope *e = w->ready[i];
        bool same = goes_on && e->sched.home == s->robin.at_turn;
        bool best_same = goes_on && next && next->sched.home == s->robin.at_turn;
        if (!next || same > best_same || (same == best_same && has_turn_before(s, w, e, next)))
            next = e;
    }
    return next;
}

void robin_taken(struct sampler *s, struct choice c) {
    if (!c.envelope)
        return;
    s->robin.used = c.envelope->sched.home == s->robin.at_turn ? s->robin.used + 1 : 1;
    s->robin.at_turn = c.envelope->sched.home;
}
