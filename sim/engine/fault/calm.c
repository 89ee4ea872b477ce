// SPDX-License-Identifier: MIT
// The end of all faults.
#include "fault/fault.h"

void sched_calm(prism_cx *cx) {
    struct world *w = (struct world *)cx;
    w->calm = true;
    w->touches |= TOUCHES_NODES; // when time may pass depends on all from here on
    flight_release_all(w);
    nodes_heal(w);
}
