// SPDX-License-Identifier: MIT
// choice: the one place where anything is chosen. A strategy is asked whenever more than one event
// is enabled; everything else that an execution needs to know follows from its seed (env.c).
#ifndef PRISM_SIM_CHOICE_H
#define PRISM_SIM_CHOICE_H

#include "finding.h"
#include "world.h"

// The head of every strategy.
struct strategy {
    // One of the enabled events, of which there are at least two.
    struct choice (*choose)(struct strategy *, struct world *);
    // Looks at every event before it is taken, also where there was no choice; may be NULL. False:
    // the execution is to end here.
    bool (*take)(struct strategy *, struct world *, struct choice);
    // Asked before each choice: does a fault strike here instead? May be NULL.
    bool (*strike)(struct strategy *, struct world *, struct strike *);
    // Told of what heals by itself, before it does; may be NULL.
    void (*heals)(struct strategy *, struct world *, const struct strike *);
};

enum run_end {
    RUN_DONE,  // nothing is left to do; the finding, if any, is in the world
    RUN_CUT,   // the limit of steps was reached
    RUN_ENDED, // the strategy ended it
};

// Runs the world that was begun, and looks for findings. It is not ended yet.
enum run_end run(struct world *w, struct strategy *strategy);
// Settles the world, and tells whether the execution is over, and how; looks for waiting that
// cannot end.
bool run_is_over(struct world *w, enum run_end *end);
// Ends a world that was run without a finding and looks at what is left.
void run_finish(struct world *w);

#define STEPS_MAX_DEFAULT 1000000
// After the root's end: what still goes on is given so much before it is cancelled.
#define SETTLE_EVENTS 10000
#define SETTLE_NS     (3600ll * 1000000000)

// ---- strategies ---------------------------------------------------------------------------------

struct strategy strategy_canonical(void);
// Of what is enabled always what that would take last: breadth first instead of depth first.
struct strategy strategy_opposite(void);

#endif
