// SPDX-License-Identifier: MIT
// Where an exhaustive search stands: exhaust.c goes on with it, pause.c keeps it for another day.
#ifndef PRISM_SIM_EXHAUST_H
#define PRISM_SIM_EXHAUST_H

#include "command/search.h"
#include "explore/explore.h"

// Where the counts stood before an exploration, which may begin anew.
struct standing {
    uint64_t runs, cut, steps, newest;
};

// Placements of faults that were met, in the order in which they are explored; the first, that of
// none, is not among them.
struct placements {
    struct mishaps *at; // malloc'ed, each too
    uint32_t len, capacity;
    struct behaviours seen; // sets by their hash
};
// Adds a copy of the set unless it is there, in whatever order.
void placements_add(struct placements *p, const struct mishaps *set);

// The placement at hand is search.placed.
struct exhaustion {
    struct placements placements;
    uint32_t next;          // placement, after the one at hand
    struct chances chances; // that were met under the one at hand
    struct standing before; // its exploration
    uint64_t spent;         // executions of explorations that were not deep enough, and before
    uint32_t depth;         // bound of the exploration at hand; 0: it has not begun
    struct explore_state state;
};

// Keeps it below the search's state_dir; and back, before anything was run. False: there is nothing
// to go on from.
void pause_save(const struct search *s, const struct exhaustion *e);
bool pause_load(struct search *s, struct exhaustion *e);

#endif
