// SPDX-License-Identifier: MIT
// search: what the files share that search for a failing execution of one test: test.c how,
// exhaust.c systematically, gauge.c how far that is, crew.c with several processes, resume.c and
// pause.c on another day.
#ifndef PRISM_SIM_SEARCH_H
#define PRISM_SIM_SEARCH_H

#include "command/command.h"
#include "explore/explore.h"
#include "fault/fault.h"
#include "sample/sample.h"

// Without --runs and --for: as many executions as these many events pay for.
enum { RUNS_DEFAULT = 10000, EVENTS_DEFAULT = 5000000 };

// The findings of a search that goes on after them (tally.c).
struct tally {
    struct tallied *at; // malloc'ed; each another one, in the order in which they were met
    uint32_t count;
    uint64_t failing; // schedules that ended in one
};
void tally_add(struct tally *t, struct world *w, const char *test);
void put_tally(struct cbor_out *out, const struct tally *t);
void tally_free(struct tally *t);

struct search {
    const struct options *o;
    const prism_test *test;
    struct subject subject;
    struct behaviours behaviours;
    uint64_t runs, cut, steps; // runs: complete ones
    uint64_t failing_run;      // from 1, 0: none
    uint64_t began_ms, told_ms;
    const char *limit;      // that ended it
    struct finding finding; // the first
    struct finding unmet;   // what should have been so in one run at least
    struct tally tally;
    uint64_t failing_hash;
    bool exhausted;
    struct profile profile; // of run 0
    struct sampler sampler;
    struct fault_plan faults; // that may strike
    struct chaos chaos;
    struct reversals reversals;
    uint64_t probes;             // runs before an exploration, which counts from 0
    struct kept_run first;       // the failing run's events
    uint64_t opening;            // the first so many runs are no samples: 1 if run 0 is canonical
    bool samples;                // runs are samples now
    uint64_t earlier;            // executions before sampling, besides run 0
    uint64_t next;               // the first run that was not counted
    uint64_t newest;             // the run, as counted, that last showed a new behaviour
    struct mishaps placed;       // the faults that strike in the exploration at hand
    bool places;                 // placements of faults are explored,
    uint32_t levels;             // so far all of less than so many faults
    struct explore_state *noted; // hashes of runs, which another process counts; or NULL
    bool struck_given;           // the failing run was given its mishaps:
    struct mishaps struck;       // these
};

// What one run came to.
struct run_report {
    uint64_t hash;
    uint32_t steps;
    bool complete, failed;
};

// Sampled run `number`, not counted; a failure is kept in the search. Runs of one block are to be
// made in their order, from the block's first on.
struct run_report search_sample(struct search *s, uint64_t number);
uint64_t search_block(const struct search *s, uint64_t number);
// Counts a run; runs are counted in the order of their numbers.
void search_count(struct search *s, const struct run_report *r);

// Is the budget of runs or events spent that the search was given? It does not depend on time.
bool search_is_spent(struct search *s, uint64_t tried);
// Is the time over, or was it interrupted?
bool search_is_stopped(struct search *s);
void search_tell_progress(struct search *s); // at most ten times a second
uint64_t search_now_ms(void);

bool search_is_exhaustive(const struct options *o);
// How many executions that is likely to take: some samples tell (s->behaviours.times).
void search_gauge(struct search *s);
// The short attempt of the portfolio: all schedules, if they are few and short.
void exhaust_attempt(struct search *s);
// All schedules, and where there are faults, all placements of a few of them. True: not all of this
// test can be covered so, however long it takes.
bool exhaust(struct search *s);

// Goes on with sampling from run `from`, the first of its block, in s->o->jobs processes. False:
// none could be made, and nothing was done.
bool crew_sample(struct search *s, uint64_t from);

// Where the search stopped, for a later one; and back, before anything was run. False: there is
// nothing to go on from.
char *resume_path(const struct search *s); // malloc'ed
void resume_save(const struct search *s);
bool resume_load(struct search *s);

#endif
