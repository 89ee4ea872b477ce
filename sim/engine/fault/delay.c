// SPDX-License-Identifier: MIT
// net.delay: a message is not taken before virtual time has gone on by as much as is drawn for it
// from the seed, within the lengths of the plan. What was sent after it by the same sender waits
// behind it.
#include "fault/fault.h"

uint32_t delay_targets(struct world *w, struct strike *out, uint32_t room) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->ready_count; i++) {
        const struct envelope *e = w->ready[i];
        bool travels = e->kind == ENVELOPE_MESSAGE || e->kind == ENVELOPE_REPLY;
        if (!travels || actor_watches(e->sched.home) || e->sched.held ||
            e->sched.sender == e->sched.home->sched.id)
            continue;
        if (count < room)
            out[count] = (struct strike){.envelope = w->ready[i]};
        count++;
    }
    return count;
}

void delay_strike(struct world *w, const struct strike *s) {
    const struct fault_setting *of = &w->host->faults->of[FAULT_DELAY];
    const struct sched_envelope *e = &s->envelope->sched;
    uint64_t key = name_hash(w->names[e->home->sched.id].hash, w->names[e->sender].hash, e->number);
    int64_t range = of->most_ns - of->least_ns + 1;
    int64_t ns = of->least_ns + (int64_t)world_draw(w, key, (uint64_t)range);
    flight_hold(w, s->envelope, w->now_ns + ns);
}
