// SPDX-License-Identifier: MIT
// One fault at one place: the outer loop over placements.
#include "fault/fault.h"

static bool strike_placed(struct strategy *s, struct world *w, struct strike *out) {
    struct placement *p = (struct placement *)s;
    if (p->struck || w->event_count != p->event)
        return false;
    uint32_t before = 0;
    for (int kind = 0; kind < FAULTS; kind++) {
        struct strike all[TARGETS_MAX];
        const struct fault_setting *of = &w->host->faults->of[kind];
        if (!of->rate_ppm || !of->times)
            continue;
        uint32_t count = fault_list(w, (enum fault_kind)kind, all, TARGETS_MAX);
        count = count < TARGETS_MAX ? count : TARGETS_MAX;
        if (p->target < before + count) {
            *out = all[p->target - before];
            return p->struck = true;
        }
        before += count;
    }
    return false;
}

static struct choice choose_inner(struct strategy *s, struct world *w) {
    struct placement *p = (struct placement *)s;
    return p->inner->choose(p->inner, w);
}

static bool take_inner(struct strategy *s, struct world *w, struct choice c) {
    struct placement *p = (struct placement *)s;
    return !p->inner->take || p->inner->take(p->inner, w, c);
}

void placement_begin(struct placement *p, struct strategy *inner, uint32_t event, uint32_t target) {
    *p = (struct placement){.head = {choose_inner, take_inner, strike_placed},
                            .inner = inner,
                            .event = event,
                            .target = target};
}
