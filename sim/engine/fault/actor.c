// SPDX-License-Identifier: MIT
// actor.crash: an actor crashes as if its next segment had trapped. It is no finding itself: what
// the others make of it is tested. Actors that have no message yet and wait for none are let be,
// for nobody could tell; and so are channels and locks, which do not fail by themselves, and
// models, whose services fail in ways of their own.
#include "fault/fault.h"

bool actor_can_crash(const struct cell *c) {
    bool stable = c->node && c->node->rest->stable;
    return c->type && c->status == CELL_RUNNING && !stable && !actor_is_node(c) &&
           !actor_watches(c) && !c->type->handle && !c->type->model;
}

uint32_t actor_crash_targets(struct world *w, struct strike *out, uint32_t room) {
    uint32_t count = 0;
    for (struct cell *c = w->first_cell; c; c = c->sched.all_next) {
        if (!actor_can_crash(c) || (!c->sched.first && !c->handler))
            continue;
        if (count < room)
            out[count] = (struct strike){.cell = c};
        count++;
    }
    return count;
}

void actor_crash_strike(struct world *w, const struct strike *s) {
    actor_crash(&w->cx, s->cell);
}
