// SPDX-License-Identifier: MIT
// path: the generated inputs, and a schedule as deviations from the canonical one. Whatever
// strategy found a failure, it is expressed this way before it is shrunk, explained or written as a
// trace: such a schedule means something after edits, and taking a deviation away gives a schedule
// again.
#ifndef PRISM_SIM_PATH_H
#define PRISM_SIM_PATH_H

#include "choice.h"

// Instead of `usual`, the canonical choice, `taken` was next. Deviations are met in their order.
struct deviation {
    struct event_name usual, taken;
};
struct path {
    struct deviation *at; // malloc'ed
    uint32_t len, capacity;
    bool has_inputs; // else they follow from the seed
    struct inputs inputs;
    bool has_mishaps; // else they follow from the seed
    struct mishaps mishaps;
    bool prompt; // services answer at once; else their latencies follow from the seed
};
void path_add(struct path *p, const struct deviation *d);
void path_copy(struct path *into, const struct path *from);
void path_free(struct path *p);
// All but the schedule: inputs, mishaps, and whether services answer at once.
void path_copy_inputs(struct path *into, const struct path *from);
// Gives these to the executions to come, instead of what they were given; returns the latter, to be
// given back. The path stays as it is until then.
struct given path_give(struct world_host *host, const struct path *path);

// How many of its deviations are faults.
uint32_t path_faults(const struct path *p);

// What an execution is judged by when it is shrunk: less is better, in this order.
struct measure {
    uint32_t faults, switches, events, deviations;
};
bool measure_less(const struct measure *a, const struct measure *b);

// ---- recording ----------------------------------------------------------------------------------

// Asks another strategy and notes where it deviates. Needs host->naming.
struct strategy_record {
    struct strategy head, *inner;
    struct path path;
};
void strategy_record_begin(struct strategy_record *s, struct strategy *inner);

// ---- following ----------------------------------------------------------------------------------

// A choice that was met while following, for those who want to vary it.
struct fork_point {
    uint32_t event;                        // index of the event that was taken
    uint32_t met;                          // deviations that had been met before
    bool deviated;                         // one was met here
    struct event_name usual, taken, other; // `other` could have been taken
    const struct mishap *mishap; // of the path, if that was varied, and no order; else NULL
};
struct fork_points {
    struct fork_point *at; // malloc'ed
    uint32_t len, capacity;
    uint32_t max; // at most so many are noted
};

struct strategy_follow {
    struct strategy head;
    const struct path *path;
    uint32_t next; // deviation that is to be met next
    bool strict;   // leave the run where one cannot be met; else it is passed over
    bool left;     // the path was left
    bool faults;   // the path has some
    struct event_name canonical_there; // where it was left: what could have been taken canonically
    struct path met;                   // the deviations that were met
    const struct measure *bound;       // of the host
    uint32_t switches;                 // so far, where there is a bound
    struct fork_points *points;        // or NULL
    uint32_t points_from;              // only from so many deviations on
    // Of long paths: the deviations by the hash of what they deviate from, each list in the path's
    // order; index + 1, 0: no further one. What was passed is taken off the lists.
    uint32_t *heads, *further, mask; // malloc'ed, or NULL
};
// The path stays as it is until the end.
void strategy_follow_begin(struct strategy_follow *s, const struct path *path, bool strict);
void strategy_follow_end(struct strategy_follow *s);

// ---- running tests along paths ------------------------------------------------------------------

// A test as it is run again and again.
struct subject {
    struct world_host *host;
    const prism_function *function;
    const void *args;
};

struct outcome {
    enum run_end end;
    struct finding finding; // kind NONE: it passed
    struct measure measure;
    uint64_t hash; // of its events
};
// Runs the test along the path; the world stays as it is at the finding (or ended). *met (if not
// NULL) is an initialised path that becomes what was met.
struct outcome follow(const struct subject *subject, const struct path *path, bool strict,
                      struct path *met, struct fork_points *points, uint32_t points_from,
                      bool *left);

// Runs with a strategy while recording its path; *out is an initialised path, and what it gives
// besides a schedule is used.
struct outcome record_path(const struct subject *subject, struct strategy *inner, struct path *out);

struct shrink_stats {
    uint32_t tries;
    struct measure before;
};
// Makes *path, which leads to `wanted`, as small as it can within a budget of events.
// Deterministic.
struct outcome shrink(const struct subject *subject, const struct finding *wanted,
                      struct path *path, struct shrink_stats *stats);

#endif
