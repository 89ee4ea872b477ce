// SPDX-License-Identifier: MIT
// Where an exhaustive search stands: exhaust.c goes on with it, ahead.c with several processes,
// pause.c keeps it for another day.
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
    uint32_t dropped;       // faults of the smallest for which there was no room; 0: there was
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

// Explores the placement at hand.
void exhaust_place(struct search *s, struct exhaustion *e);

// ---- helpers (ahead.c) --------------------------------------------------------------------------

enum { HELPERS_MAX = 64 };
struct helper {
    int pid, fd;
    uint32_t placement; // index
};
struct ahead {
    struct helper at[HELPERS_MAX]; // at work, by placement
    uint32_t len, next;            // next: placement to be given out
};
// Gives placements, from the one at hand on, to helpers that are free, if that pays.
void ahead_begin(struct search *s, struct exhaustion *e, struct ahead *a);
// Counts what a helper has explored of the placement at hand. False: nobody has.
bool ahead_take(struct search *s, struct exhaustion *e, struct ahead *a);
void ahead_end(struct ahead *a);

// ---- another day (pause.c) ----------------------------------------------------------------------

// Keeps it below the search's state_dir; and back, before anything was run. False: there is nothing
// to go on from.
void pause_save(const struct search *s, const struct exhaustion *e);
bool pause_load(struct search *s, struct exhaustion *e);

#endif
