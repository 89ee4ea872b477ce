// SPDX-License-Identifier: MIT
// Crashes, cancellations and lack of memory as mishaps, for searches that try all placements
// (command/exhaust.c). As events they could strike at any time, and most of these times nobody
// could tell apart: between two segments of an actor it does not matter when it crashes, since what
// others send it meanwhile is refused either way, and a wait that is cancelled ends the same way.
// So here they strike at the end of a segment: an actor crashes after its n-th one, or as soon as
// it was made; a strand is cancelled after the n-th one of its home in which it waits. The segment
// and the fault are one event, so that nothing can come between, and the order of events is all
// that there is to explore.
#include "fault/fault.h"

bool fault_is_placed_at(const struct world *w, const struct cell *home) {
    const struct mishaps *given = w->host->given.mishaps;
    for (uint32_t i = 0; given && i < given->len; i++)
        if (given->at[i].home == w->names[home->sched.id].hash)
            return true;
    return false;
}

bool fault_refuses(struct world *w, struct cell *home, const struct envelope *e) {
    bool takes = e->kind == ENVELOPE_MESSAGE && e->generation == home->generation;
    return takes && actor_can_crash(home) && fault_strikes_home(w, home, FAULT_MEMORY, NULL);
}

static void cancel_waiting(struct world *w, struct cell *home) {
    for (struct strand *s = home->first; s; s = s->next) {
        prism_site site = {s->function->name, "task", s->sched.number, 0, 0, 0};
        if (task_can_be_cancelled(s) && fault_strikes_home(w, home, FAULT_TASK_CANCEL, &site))
            actor_cancel(&w->cx, s);
    }
}

static void crash(struct world *w, struct cell *c) {
    if (actor_can_crash(c) && fault_strikes_home(w, c, FAULT_ACTOR_CRASH, NULL))
        actor_crash(&w->cx, c);
}

void fault_after_segment(struct world *w, struct cell *home, uint32_t made) {
    cancel_waiting(w, home);
    crash(w, home);
    for (uint32_t id = made; id < w->name_count; id++)
        crash(w, w->names[id].cell);
}
