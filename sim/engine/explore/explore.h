// SPDX-License-Identifier: MIT
// explore: systematic exploration of all schedules of a test, by running it again and again, each
// time from the latest point that a snapshot was kept of (snapshot.h).
//
//   explore.h   the door           event.c    events as the explorers see them; outcomes
//   unreduced.c every schedule     order.c    happens-before within one execution, races
//   script.c    one given schedule wakeup.c   wakeup trees      dpor.c   one schedule of each class
//   state.c     where a search stands, as bytes     class.c    which executions are equivalent
//
// An explorer sees an execution as a sequence of events. An event's `id` is the same in all
// executions in which its causal past is: the receiver, the sender, and the number of what was sent
// there. Two events depend on each other when they touch the same home, or the clock and one of
// them advances it; equal orders of dependent events give equal outcomes.
#ifndef PRISM_SIM_EXPLORE_H
#define PRISM_SIM_EXPLORE_H

#include "path.h"

// Where an exploration stood when it was ended: bytes with which another process can go on. They
// are for the same program, test, inputs and faults only. Empty: from the beginning.
struct explore_state {
    unsigned char *bytes; // malloc'ed
    size_t len, capacity;
};
void state_append(struct explore_state *s, const void *bytes, size_t len);

struct explore_limits {
    struct explore_state *state; // to begin at; afterwards where it was ended, empty at its end;
                                 // or NULL
    uint64_t executions, steps;  // 0: none
    uint32_t depth;   // of one execution: a longer one is cut off; at most EXPLORE_DEPTH_MAX
    bool last_first;  // begins with what would be looked at last; the result is the same
    bool one_of_ties; // unreduced: of timers with one deadline only one is tried, as reduced
    bool reexecute; // every execution from its beginning, without snapshots; the result is the same
};
#define EXPLORE_DEPTH_MAX 4000

struct explore_stats {
    uint64_t executions; // complete ones
    uint64_t pruned;     // cut off, or found to be redundant
    uint64_t steps;      // events of all executions, also those that a snapshot saved
    bool complete;       // all schedules were covered
    // What ended it otherwise: "runs", "steps", "depth", "stopped", "mailbox", "nodes", "crowd".
    const char *limit;
};

// Explored executions go on after a finding (world_host.go_on), since what would have come after it
// may show others. Looks at the world after each complete execution (before it is ended); true:
// stop.
typedef bool explore_visit(void *context, struct world *w);

struct explore_stats explore_unreduced(const struct subject *subject,
                                       const struct explore_limits *limits, explore_visit *visit,
                                       void *context);

// Optimal dynamic partial-order reduction with wakeup trees (Abdulla, Aronis, Jonsson, Sagonas,
// 2014).
struct explore_stats explore_dpor(const struct subject *subject,
                                  const struct explore_limits *limits, explore_visit *visit,
                                  void *context);

// What an execution came to, for comparing explorers: states of actors, output of each, who waits
// where, the finding. Independent of the order of independent events.
uint64_t explore_outcome(struct world *w);

// Equal for two executions (before they are ended) if and only if their dependent events came in
// the same order, up to collisions of 64 bits: an exploration that is reduced optimally runs each
// class once.
uint64_t explore_class(const struct world *w);

// ---- events -------------------------------------------------------------------------------------

uint64_t event_id(const struct world *w, struct choice c);
uint64_t event_id_of_strike(const struct world *w, const struct strike *s);
uint64_t event_id_logged(const struct world *w, const struct event *e);

// ---- mutants, for the tests of the explorer -----------------------------------------------------

// Deliberate mistakes: the tests must notice each. 0 in all real use.
enum mutant {
    MUTANT_NONE,
    MUTANT_NO_CLOCK,       // time depends on nothing
    MUTANT_READS,          // what only reads is independent of all others of its home
    MUTANT_NO_HOME,        // events of one home are independent of each other
    MUTANT_NO_SENDING,     // what was sent does not happen after its sending
    MUTANT_BLOCKED_STOPS,  // an event that was not wanted hides the ones before it
    MUTANT_OVERTAKES,      // the causal order of sendings is not looked at
    MUTANT_NO_SLEEP,       // sleep sets are empty
    MUTANT_NO_TIME_BEFORE, // nothing is tried before an ADVANCE that came before it
    MUTANT_NO_ADVANCE,     // time is not tried before what touches the clock, if it did not come
    MUTANT_OLD_ADVANCE,    // so, but only where that is new
    MUTANT_NO_LATER_TIME,  // an ADVANCE that came later is not tried earlier
    MUTANT_NO_PHANTOMS,    // what was never taken, or silently, races with nothing
    MUTANT_NO_SILENT,      // what was taken silently lies before nothing
    MUTANT_NO_AGAIN,       // what is enabled a second time was not enabled before
    MUTANT_OLD_RACES,      // a race is looked at once, whatever comes after it
    MUTANT_NO_MENDING,     // what was added for a dependence that turned out to be none is kept
    MUTANT_NO_SECOND_PLAN, // where a plan fails, what else was planned there is forgotten
    MUTANT_STOPS_WAIT,     // a stop can come where a message can, and nowhere else
    MUTANT_NO_TAIL,        // a snapshot is restored but for what was allocated last
    MUTANT_COUNT
};
struct explore_stats explore_dpor_mutant(const struct subject *subject,
                                         const struct explore_limits *limits, explore_visit *visit,
                                         void *context, enum mutant mutant);

// ---- one given schedule -------------------------------------------------------------------------

// Takes the events with these ids, in this order, then canonical ones.
struct strategy_script {
    struct strategy head;
    const uint64_t *ids;
    uint32_t len;
};
void strategy_script_begin(struct strategy_script *s, const uint64_t *ids, uint32_t len);
// The ids of the events that the world has seen; malloc'ed.
uint64_t *script_of(const struct world *w, uint32_t *len);

#endif
