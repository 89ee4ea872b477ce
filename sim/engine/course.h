// SPDX-License-Identifier: MIT
// course: one execution as a partial order of named events, for those who want to run it otherwise:
// shrinking looks for the order of it with the fewest switches, why reverses what can be reversed.
#ifndef PRISM_SIM_COURSE_H
#define PRISM_SIM_COURSE_H

#include "path.h"

#define COURSE_EVENTS_MAX 2000

struct moment {
    struct event_name name;
    uint32_t sent_at; // index + 1
    uint32_t home;    // id
    bool advance, clock, fault;
};
struct course {
    struct moment *at; // the events, then what was in flight at the end
    uint32_t len, pending;
    uint64_t *causes; // rows of bits: row j has bit i when i is a cause of j: it, or what it led
                      // to, sent j; in a task of one strand also what the task did before
    uint64_t *before; // the same for happens-before: causes, order of each home, order with time
    uint32_t words;
    uint32_t *table,
        table_mask;  // index + 1 by the name's hash, open addressing; the first of a name
    uint32_t faults; // among the events
    bool *struck;    // scratch of who runs along it: faults that have struck
};
// Runs along the path and notes its course; the world stays at its end. False when it has more
// events than can be handled.
bool course_note(const struct subject *subject, const struct path *path, struct course *c);
void course_free(struct course *c);

static inline bool course_caused(const struct course *c, uint32_t i, uint32_t j) {
    return c->causes[(size_t)j * c->words + i / 64] >> (i % 64) & 1;
}
static inline bool course_before(const struct course *c, uint32_t i, uint32_t j) {
    return c->before[(size_t)j * c->words + i / 64] >> (i % 64) & 1;
}
// The index of the event with this name; len: there is none.
uint32_t course_rank(const struct course *c, const struct event_name *name);

// An order of the course's events, in which none comes before one that happens before it, with as
// few switches as were found; `only_causes` leaves out what does not happen before the last one.
// Writes indexes of events; returns how many.
uint32_t course_straighten(const struct course *c, bool only_causes, uint32_t *order);

// Takes the events in the given order as far as it goes.
struct strategy_ordered {
    struct strategy head;
    const struct course *course;
    uint32_t *rank; // of each event
};
void strategy_ordered_begin(struct strategy_ordered *s, const struct course *c, uint32_t *rank);

// The next fault of the course that can strike and stands before rank `before`; NULL: ranks are
// indexes. Notes in `struck` that it has.
bool course_strike(const struct course *c, struct world *w, const uint32_t *rank, uint32_t before,
                   struct strike *out);

#endif
