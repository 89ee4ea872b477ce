// SPDX-License-Identifier: MIT
// explore: all schedules of a small instance, breadth first, until somebody waits for ever. The
// first deadlock found is one with the fewest deliveries.
#ifndef PRISM_CHECKER_EXPLORE_H
#define PRISM_CHECKER_EXPLORE_H

#include "frontend/mir/mir.h"

enum { EXPLORE_STATES_MAX = 40000 };

// One choice of the schedule, in the names that traces use.
struct explore_event {
    struct str to, from;       // "Fork 2"
    struct str message;        // "Fork.Use"; "time" when a time limit ran out or a sleep ended
    const char *function, *op; // the place that sent it
    int32_t site;
};
struct explore_result {
    bool deadlock;
    bool complete;  // every schedule was seen
    bool endless;   // ... and after some choices nothing leads to an end any more
    struct str why; // why it is not complete
    int32_t states;
    VEC(struct explore_event) schedule;
    VEC(struct str)
    waits; // "Philosopher 1 waits for Fork 2 to answer Fork.Use, asked at table.prism:22"
};

// `args`: the test's parameters.
void explore_run(struct arena *a, const struct mir_module *m, const struct mir_function *root,
                 const int64_t *args, int32_t count, struct explore_result *out);

#endif
