// SPDX-License-Identifier: MIT
// Fair round robin: who had no turn for longest is next, and takes its oldest event; new actors
// first come in the order of their making. Run 0 gives each one event a turn; the others draw how
// many, and shuffle the actors that had no turn yet.
#include "sample/sample.h"

enum { QUANTUM_MAX = 4 };

void robin_begin(struct sampler *s, uint64_t number) {
    s->robin.turns = s->robin.used = 0;
    s->robin.at_turn = NULL;
    s->robin.shuffle = number ? sampler_bits(s) : 0;
    s->robin.quantum = number ? 1 + sampler_below(s, QUANTUM_MAX) : 1;
    if (!number)
        s->patience = 64;
}

static uint64_t new_rank(const struct sampler *s, const struct world *w, const struct cell *home) {
    uint32_t id = home->sched.id;
    return s->robin.shuffle ? name_hash(s->robin.shuffle, w->names[id].hash, 0) : id;
}

static bool has_turn_before(const struct sampler *s, const struct world *w,
                            const struct envelope *a, const struct envelope *b) {
    const struct cell *x = a->sched.home, *y = b->sched.home;
    if (x == y)
        return a->sched.order < b->sched.order;
    if (x->sched.priority != y->sched.priority)
        return x->sched.priority < y->sched.priority;
    uint64_t rank_x = new_rank(s, w, x), rank_y = new_rank(s, w, y);
    return rank_x != rank_y ? rank_x < rank_y : x->sched.id < y->sched.id;
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
    struct cell *home = c.envelope->sched.home;
    s->robin.used = home == s->robin.at_turn ? s->robin.used + 1 : 1;
    s->robin.at_turn = home;
    home->sched.priority = ++s->robin.turns;
}
