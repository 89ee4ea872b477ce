// SPDX-License-Identifier: MIT
// sample: ways to sample schedules. A file a way; samplings.def names them. What a run chooses
// follows from the session's seed, the run's number and the profile of the test's first run, never
// from the runs between (`fuzz` learns within chains of FUZZ_CHAIN runs), so that runs may be
// shared out among processes and done again.
//
//   sample.c       beginning a run, time, the generator      portfolio.c   whose turn it is
//   random.c, pct.c, pos.c, surw.c, delay.c, robin.c, fuzz.c    the ways
//   profile.c      what is known of a test beforehand
//   coverage.c     which kinds of events were met in which order
//   reversal.c     passing runs with one race the other way round
//   hasty.c        the canonical run with time advanced once, early
#ifndef PRISM_SIM_SAMPLE_H
#define PRISM_SIM_SAMPLE_H

#include "path.h"

enum sampling {
#define SAMPLING(id, word) SAMPLE_##id,
#include "sample/samplings.def"
#undef SAMPLING
    SAMPLINGS
};
// False: it is none.
bool sampling_of_word(const char *word, enum sampling *out);
const char *sampling_word(enum sampling how);

// ---- what is known beforehand -------------------------------------------------------------------

// How many events of a home came from one sender in the canonical run.
struct traffic {
    uint64_t home, sender; // name hashes
    uint32_t events;
};
struct profile {
    uint32_t length;     // events
    uint32_t choices;    // of these, how many were not the only one that was enabled
    uint32_t timers;     // that were started
    struct traffic *at;  // by home; malloc'ed
    uint32_t len, homes; // homes: those with more than one sender
};
#define TRAFFIC_MAX 4096
void profile_note(struct profile *p, const struct world *w);
void profile_free(struct profile *p);

// ---- coverage -----------------------------------------------------------------------------------

// Ordered pairs of kinds of events of one home: "a Set from there was taken before a Get from
// here". A kind is where the home and the sender were spawned, where it was sent, and what it is.
struct coverage {
    uint64_t *seen; // open addressing; malloc'ed
    uint32_t count, capacity;
};
uint64_t coverage_kind(const struct world *w, const struct event *e);
uint64_t coverage_pair(uint64_t first, uint64_t second);
bool coverage_has(const struct coverage *c, uint64_t pair);
// Adds the pairs of the world's run; how many were new.
uint32_t coverage_add(struct coverage *c, const struct world *w);
// The same of events that read what the one before them left at their home ("reads-from" pairs), of
// each home and sender.
uint32_t coverage_add_readings(struct coverage *c, const struct world *w);
void coverage_free(struct coverage *c);

// ---- sampling -----------------------------------------------------------------------------------

enum { PCT_CHANGES = 2, DELAYS_MAX = 3, FUZZ_CORPUS = 32, FUZZ_CHAIN = 64 };

struct sampler {
    struct strategy head;
    enum sampling how;
    uint64_t state[4]; // of the generator
    uint32_t patience; // 1 of 2^patience decisions considers time; 64: never while there is
                       // something else
    const struct profile *profile;
    uint32_t decisions; // so far
    union {
        struct {
            uint32_t changes[PCT_CHANGES]; // events at which a priority is lowered
            uint64_t lowest;
        } pct;
        struct {
            uint64_t home;              // whose events are sampled uniformly
            uint32_t first, len, total; // its entries of the profile; what they have left
            uint64_t intended;          // sender of the next one
        } surw;
        struct {
            uint32_t at[DELAYS_MAX], count; // decisions that are put off
            uint64_t last;
        } delay;
        struct {
            uint32_t quantum, used; // events in one turn
            uint64_t shuffle;
            struct cell *at_turn;
        } robin;
    };
    uint32_t *left; // of surw: of each entry of the profile; malloc'ed
    struct {
        struct path corpus[FUZZ_CORPUS], base, met;
        uint32_t len, rate; // rate: 1 of so many decisions deviates
        struct strategy_follow follow;
        struct coverage coverage;
    } fuzz;
};
// Begins run `number` of a session. A zeroed sampler may begin any run, and goes on to others.
void sampler_begin(struct sampler *s, enum sampling how, const struct profile *profile,
                   uint64_t seed, uint64_t number);
// Tells it of its run's end: the world as it was before run_finish.
void sampler_end(struct sampler *s, const struct world *w);
void sampler_free(struct sampler *s);

// Run `number` of a session with this strategy: a way by its word, or all in turns (portfolio).
// Runs of one block of PORTFOLIO_BLOCK numbers are begun in their order by one sampler; blocks do
// not depend on each other.
#define PORTFOLIO_BLOCK ((uint64_t)SAMPLINGS * FUZZ_CHAIN)
void portfolio_begin(struct sampler *s, const char *strategy, const struct profile *profile,
                     uint64_t seed, uint64_t number);

// ---- reversing races ----------------------------------------------------------------------------

// A run to try: the ids of its first events; then it goes on canonically.
struct reversal {
    uint64_t *ids; // malloc'ed
    uint32_t len;
    uint64_t pair; // of kinds, that it would see in this order
};
struct reversals {
    struct reversal *at; // waiting, a ring by order of finding; malloc'ed
    uint32_t first, len, capacity;
    struct coverage coverage;
};
#define REVERSAL_LENGTH_MAX 1000 // events of a run whose races are looked for
// Adds the races of the world's run, which passed.
void reversals_add(struct reversals *r, const struct world *w);
// The one to try next: one that would show kinds of events in a new order, else the oldest. False:
// none is left. The caller frees ids.
bool reversals_next(struct reversals *r, struct reversal *out);
void reversals_free(struct reversals *r);

// ---- early deadlines ----------------------------------------------------------------------------

// Time advances at the first place from `event` on at which it could and something else could, too;
// which place that was stands in `event` afterwards.
struct hasty {
    struct strategy head;
    uint32_t event;
    bool advanced;
};
void hasty_begin(struct hasty *s, uint32_t event);

// ---- for the ways -------------------------------------------------------------------------------

uint64_t sampler_bits(struct sampler *s);
uint32_t sampler_below(struct sampler *s, uint32_t limit);
void pct_begin(struct sampler *s);
struct envelope *pct_choose(struct sampler *s, struct world *w);
struct envelope *pos_choose(struct sampler *s, struct world *w);
void surw_begin(struct sampler *s);
struct envelope *surw_choose(struct sampler *s, struct world *w);
void surw_taken(struct sampler *s, const struct world *w, struct choice c);
void delay_begin(struct sampler *s, uint64_t seed, uint64_t number);
struct envelope *delay_choose(struct sampler *s, struct world *w);
void robin_begin(struct sampler *s, uint64_t number);
struct envelope *robin_choose(struct sampler *s, struct world *w);
void robin_taken(struct sampler *s, struct choice c);
void fuzz_begin(struct sampler *s, uint64_t number);
struct choice fuzz_choose(struct sampler *s, struct world *w);
void fuzz_taken(struct sampler *s, struct world *w, struct choice c);
void fuzz_end(struct sampler *s, const struct world *w);

static inline struct envelope *any_envelope(struct sampler *s, const struct world *w) {
    return w->ready[sampler_below(s, w->ready_count)];
}

#endif
