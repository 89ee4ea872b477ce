// SPDX-License-Identifier: MIT
// The canonical run with time advanced once although something else could happen: a deadline that
// passes too early is as common a cause of failures as a wrong order, and there are few places.
#include "sample/sample.h"

static struct choice choose_hasty(struct strategy *strategy, struct world *w) {
    struct hasty *s = (struct hasty *)strategy;
    bool here =
        !s->advanced && w->event_count >= s->event && w->ready_count && world_time_passes(w);
    if (!here)
        return world_canonical(w);
    s->event = w->event_count;
    s->advanced = true;
    return (struct choice){NULL, world_next_timer(w)};
}

void hasty_begin(struct hasty *s, uint32_t event) {
    *s = (struct hasty){.head = {.choose = choose_hasty}, .event = event};
}
