// SPDX-License-Identifier: MIT
// actor.memory: what an actor was to do with a message cannot be given memory. It crashes before
// the first statement of the handler, and the asker is told.
#include "fault/fault.h"

uint32_t memory_targets(struct world *w, struct strike *out, uint32_t room) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->ready_count; i++) {
        const struct envelope *e = w->ready[i];
        const struct cell *home = e->sched.home;
        bool handles = e->kind == ENVELOPE_MESSAGE && e->generation == home->generation;
        if (!handles || !actor_can_crash(home))
            continue;
        if (count < room)
            out[count] = (struct strike){.envelope = w->ready[i]};
        count++;
    }
    return count;
}

void memory_strike(struct world *w, const struct strike *s) {
    struct cell *home = s->envelope->sched.home;
    flight_unlink(w, s->envelope);
    actor_refuse(&w->cx, home, s->envelope, PRISM_MEMORY);
}
