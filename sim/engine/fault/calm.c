// SPDX-License-Identifier: MIT
// Faults that are drawn as data, and the end of all faults.
#include "fault/fault.h"

// Two coins: a site is on for a whole run or not, with the rate of the plan; where it is on it
// fires with the chance that the program gives. Both follow from the run's seed.
bool sched_buggify(prism_cx *cx, uint64_t parts_per_million, const prism_site *site) {
    struct world *w = (struct world *)cx;
    if (!w->host->faults || w->calm)
        return false;
    struct fault_plan plan = fault_plan_draw(w->host->faults, w->host->seed);
    uint64_t place = name_hash(site_hash(site), FAULT_BUGGIFY, 0);
    if (world_draw(w, place, 1000000) >= plan.of[FAULT_BUGGIFY].rate_ppm)
        return false;
    const struct cell *home = cx->home;
    uint64_t here = name_hash(place, w->names[home->sched.id].hash, 1);
    uint64_t key = name_hash(here, world_count(w, here), 2);
    return world_draw(w, key, 1000000) < parts_per_million;
}

bool fault_strikes_data(struct world *w, enum fault_kind kind, uint64_t place) {
    if (!w->host->faults || w->calm)
        return false;
    struct fault_setting of = fault_plan_draw(w->host->faults, w->host->seed).of[kind];
    uint64_t here = name_hash(place, kind, 3);
    uint64_t key = name_hash(here, world_count(w, here), 4);
    if (!of.rate_ppm || world_draw(w, key, 1000000) >= of.rate_ppm)
        return false;
    return world_count(w, name_hash(kind, 0, 5)) < of.times;
}

void sched_calm(prism_cx *cx) {
    struct world *w = (struct world *)cx;
    w->calm = true;
    w->touches |= TOUCHES_NODES; // when time may pass depends on all from here on
    flight_release_all(w);
    nodes_heal(w);
}
