// SPDX-License-Identifier: MIT
// net.partition, net.oneway, net.heal: links between nodes that carry nothing, in both directions
// or in one, until they are mended. What is sent over a cut link is lost; what was under way
// arrives. Where the test itself runs counts as a node, which the root's cell stands for.
#include "fault/fault.h"

// Pairs of nodes that have actors, each once.
static uint32_t pairs(struct world *w, struct strike *out, uint32_t room, bool ordered, bool cut) {
    uint32_t count = 0;
    for (struct cell *a = w->first_cell; a; a = a->sched.all_next) {
        if (a != w->root && !actor_is_node(a))
            continue;
        for (struct cell *b = w->first_cell; b; b = b->sched.all_next) {
            bool is_node = b == w->root || actor_is_node(b);
            if (!is_node || a == b || (!ordered && b->sched.id < a->sched.id))
                continue;
            bool is_cut = link_is_cut(w, a, b) || (!ordered && link_is_cut(w, b, a));
            if (is_cut != cut)
                continue;
            if (count < room)
                out[count] = (struct strike){.cell = a, .other = b};
            count++;
        }
    }
    return count;
}

uint32_t net_partition_targets(struct world *w, struct strike *out, uint32_t room) {
    return w->nodes ? pairs(w, out, room, false, false) : 0;
}
uint32_t net_oneway_targets(struct world *w, struct strike *out, uint32_t room) {
    return w->nodes ? pairs(w, out, room, true, false) : 0;
}
uint32_t net_heal_targets(struct world *w, struct strike *out, uint32_t room) {
    return w->link_count ? pairs(w, out, room, false, true) : 0;
}

void net_partition_strike(struct world *w, const struct strike *s) {
    link_set(w, s->cell, s->other, true, true);
    link_set(w, s->other, s->cell, true, true);
}
void net_oneway_strike(struct world *w, const struct strike *s) {
    link_set(w, s->cell, s->other, true, true);
}
void net_heal_strike(struct world *w, const struct strike *s) {
    link_set(w, s->cell, s->other, false, true);
    link_set(w, s->other, s->cell, false, true);
}
