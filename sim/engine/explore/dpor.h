// SPDX-License-Identifier: MIT
// What the files of optimal DPOR share. E is the execution at hand; pre(i) its state before event
// i.
#ifndef PRISM_SIM_DPOR_H
#define PRISM_SIM_DPOR_H

#include "explore/explore.h"

// ---- order.c: one execution
// ---------------------------------------------------------------------------

// An event that was enabled.
struct seen {
    uint64_t id, home;
    uint32_t kind, sent_at;
};

struct step {
    struct touched touched;
    uint32_t sent_at; // index + 1 of the event that sent it
    uint32_t order;   // of sending
    uint8_t kind;
    bool accepts;                    // its home would have taken a message before it
    uint32_t enabled, enabled_count; // in the pool: what was enabled before it
};

// Step `by` sent what this home took silently: it comes before the home's next event.
struct feed {
    uint64_t home;
    uint32_t by;
};

struct execution {
    struct step *steps;    // room for EXPLORE_DEPTH_MAX, and for what was pending at the end
    uint32_t len, pending; // steps[len … len+pending-1]: in flight at the end, never taken
    uint64_t *before;      // rows of bits: row j has bit i when i happens before j
    uint32_t words;        // of a row
    struct seen *pool;     // enabled events of all steps
    uint32_t pool_len, pool_capacity;
    struct feed *feeds;
    uint32_t feed_len, feed_capacity;
};
void execution_init(struct execution *e, uint32_t depth_max);
void execution_free(struct execution *e);
// Forgets events from `len` on.
void execution_cut(struct execution *e, uint32_t len);
void execution_note_enabled(struct execution *e, struct step *s, const struct seen *seen,
                            uint32_t count);
bool execution_enabled(const struct execution *e, uint32_t i, uint64_t id); // before step i
// The event under way, number `len`, fed this home.
void execution_feed(struct execution *e, uint64_t home);
// Finds what happens before step `j`, from what is known of those before it.
void execution_order(struct execution *e, uint32_t j);
static inline bool happens_before(const struct execution *e, uint32_t i, uint32_t j) {
    return e->before[(size_t)j * e->words + i / 64] >> (i % 64) & 1;
}

// Calls `reverse` for every race: j (a step or a pending one) could have come before i.
typedef void reverse_race(void *context, uint32_t i, uint32_t j);
void execution_races(const struct execution *e, enum mutant mutant, reverse_race *reverse,
                     void *context);

// ---- wakeup.c: sequences that are still to be explored from a state
// ---------------------------------------

struct wakeup {
    struct touched touched;
    struct wakeup *children, *next; // in order of insertion
};
struct sequence {
    struct touched *at; // malloc'ed
    uint32_t len, capacity;
};
void sequence_add(struct sequence *s, const struct touched *t);
// Is t a weak initial of s: can some order equivalent to s followed by something begin with t?
bool weak_initial(const struct sequence *s, const struct touched *t);
// Inserts s below `root`, unless a branch covers it. `current` is the branch under exploration,
// which cannot cover it. s is used up.
void wakeup_insert(struct wakeup *root, const struct wakeup *current, struct sequence *s);
struct wakeup *wakeup_add(struct wakeup *root, const struct touched *t);
void wakeup_free(struct wakeup *branch); // with all below it

#endif
