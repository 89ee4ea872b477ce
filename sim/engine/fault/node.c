// SPDX-License-Identifier: MIT
// node.crash, node.restart: all that runs on a node ends at once; later the actors that were
// spawned on it begin again. A node that is down when nothing else can happen restarts.
#include "fault/fault.h"

static uint32_t nodes(struct world *w, struct strike *out, uint32_t room, bool down) {
    uint32_t count = 0;
    for (struct cell *c = w->first_cell; c && w->nodes; c = c->sched.all_next) {
        if (!actor_is_node(c) || c->status != CELL_RUNNING || c->down != down || c->rest->stable)
            continue;
        if (count < room)
            out[count] = (struct strike){.cell = c};
        count++;
    }
    return count;
}

uint32_t node_crash_targets(struct world *w, struct strike *out, uint32_t room) {
    return nodes(w, out, room, false);
}
uint32_t node_restart_targets(struct world *w, struct strike *out, uint32_t room) {
    return nodes(w, out, room, true);
}

void node_crash_strike(struct world *w, const struct strike *s) {
    s->cell->sched.felled = true;
    s->cell->sched.felled_ns = w->now_ns;
    node_turn(w, s->cell, true);
}
void node_restart_strike(struct world *w, const struct strike *s) {
    s->cell->sched.felled = false;
    node_turn(w, s->cell, false);
}
