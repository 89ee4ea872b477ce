// SPDX-License-Identifier: MIT
// What can be wrong with an execution: failures that nobody handles, waiting that cannot end, what
// is left at the end. The first finding of an execution is kept and ends it. Files: check/.
#ifndef PRISM_SIM_FINDING_H
#define PRISM_SIM_FINDING_H

#include "world.h"

enum finding_kind {
#define FINDING(name, word) FINDING_##name,
#include "finding.def"
#undef FINDING
};
const char *finding_word(enum finding_kind kind);

// The same in another execution: kind, failure, and place (of a deadlock: the places where is
// waited).
bool finding_same(const struct finding *a, const struct finding *b);

// An uncaught failure of a strand of `cell`; `strand` NULL: its root, or not known.
void finding_failure(struct world *w, const struct cell *cell, const struct strand *strand,
                     const prism_error *error);
void finding_memory(struct world *w, const struct cell *cell);

// When nothing is enabled: somebody waits for ever?
void check_waiting(struct world *w);
// When nothing is enabled: is a monitor in a state that has to be left?
void check_monitors(struct world *w);
// Of a run that is over although the program goes on: lets it go on fairly for long, and notes the
// monitors that stay in states that have to be left. False: something came of it that is none of
// the run's, and the world is no more fit to be looked at.
bool check_lingering(struct world *w);
bool lingering_known(const struct world_host *host, const char *monitor, const char *state);
void lingering_note(struct world_host *host, const char *monitor, const char *state);
// What `sometimes!` and monitors have shown so far, in all processes that search, is forgotten.
void sometimes_begin(struct world_host *host);
// Something that should be so in one run at least was reached, and never was: `out` says what; or a
// monitor lingers, which no run can tell.
bool sometimes_unmet(const struct world_host *host, struct finding *out);
bool lingering_unmet(const struct world_host *host, struct finding *out);
// After world_end: is anything left?
void check_leak(struct world *w);

// ---- who waits for whom -------------------------------------------------------------------------

enum wait_what { WAITS_REPLY, WAITS_TASK, WAITS_SLEEP, WAITS_SCOPE, WAITS_TURN, WAITS_ROOM };
enum wait_how { HOW_RUNS, HOW_KEEPS_REPLY, HOW_NOT_TAKEN, HOW_IS_GONE, HOW_TURN };

// One thing that a suspended strand waits for.
struct wait {
    const struct cell *cell;     // who waits
    const struct strand *strand; // ROOM: the handler under way, or NULL
    const prism_site *site;      // where it waits; ROOM: where it told
    enum wait_what what;
    const prism_future *future;   // REPLY, TASK
    const prism_message *message; // ROOM: the one that is not accepted
    const struct cell *holder;    // who would have to act, or NULL
    const struct strand *branch;  // TASK of the same home
    enum wait_how how;
    const struct cell *held_by;       // REPLY of a lock: who holds that, or NULL …
    const struct strand *held_strand; // … unless its task has ended
    const prism_site *held_site;      // where it was taken
    uint32_t next;                    // in the circle: index + 1 of what follows
};

// Fills `out`; returns how many there are.
uint32_t waits_find(struct world *w, struct wait *out, uint32_t room);
// Links one circle through `next` and returns the index + 1 of its first, or 0: none.
uint32_t waits_circle(struct world *w, struct wait *waits, uint32_t count);

#define WAITS_MAX 256 // looked at; a report of more helps nobody

#endif
