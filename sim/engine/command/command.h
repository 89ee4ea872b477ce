// SPDX-License-Identifier: MIT
// command: the command line of a simulated program (docs/records.cddl has the contract), running
// its tests, and replaying traces. All that it says goes to the pipe as records.
#ifndef PRISM_SIM_COMMAND_H
#define PRISM_SIM_COMMAND_H

#include "keep.h"
#include "tell.h"

// The entry: reads the command line, does it, and returns the exit code.
int sim_main(const prism_program *program, int argc, char **argv);

// ---- tests --------------------------------------------------------------------------------------

// Runs one test and tells its result; returns EXIT_HELD, EXIT_FOUND or EXIT_UNDECIDED.
int test_run(struct world_host *host, const struct options *o, const prism_test *test,
             const struct arguments *args);
// Explains a failing path: shrinks it, varies it, writes its trace; sends result (by `result`) and
// story.
int replay_run(struct world_host *host, const struct options *o);

// After a crash: a trace of what `o->autopsy` holds, and the record `crash`.
int autopsy_run(struct world_host *host, const struct options *o);
// Notes in the host's black box, if it has one, which test runs.
void autopsy_note_test(struct world_host *host, const prism_test *test);
void autopsy_note_run(struct world_host *host, uint64_t run);

// What stands in a trace: the test's parameters that were set, and the settings of faults. `out`
// has room for 2 * NAMES_MAX.
uint32_t trace_params(const struct options *o, bool faults, const struct arguments *args,
                      struct trace_param *out);

// An enabled event in words.
void choice_words(const struct world *w, struct choice c, const char *test, char *out, size_t room);

// Was it interrupted some time ago? What is being told or made smaller is to come to an end.
bool command_is_hurried(void);

// ---- running twice ------------------------------------------------------------------------------

// The first `len` events of a run, for comparing it with another one. All malloc'ed; zero: none.
struct kept_run {
    uint64_t *ids;
    struct event *log;
    struct name *names;
    uint32_t len;
};
void run_keep(struct kept_run *kept, const struct world *w, uint32_t len);
void run_forget(struct kept_run *kept);
// Are the first `len` events of the world others than those kept? Then *out says which is the
// first.
bool run_differs(const struct kept_run *first, const struct world *w, uint32_t len,
                 struct finding *out);

// ---- counting behaviours ------------------------------------------------------------------------

// Different executions by their hash; exact up to a million, then it stays there.
struct behaviours {
    uint64_t *seen;
    uint64_t count, capacity;
    uint64_t window[4]; // new ones among the last WINDOW executions: a bit each
    uint64_t times[4];  // how many samples showed once [1], twice [2], more often [3]; [0] is 0
};
#define WINDOW 256
void behaviours_add(struct behaviours *b, uint64_t hash, uint64_t run);
// A sample showed it: what comes again, and what does not, tells how many there are.
void behaviours_sampled(struct behaviours *b, uint64_t hash);
// An entry of `seen`, as another process had it.
void behaviours_restore(struct behaviours *b, uint64_t entry);
uint64_t behaviours_recent(const struct behaviours *b);
void behaviours_free(struct behaviours *b);

#endif
