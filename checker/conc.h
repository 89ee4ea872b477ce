// SPDX-License-Identifier: MIT
// conc: core MIR executed for real, on small programs, as a world that can be copied and hashed. It
// is the checker's second opinion: explore.h searches its schedules for deadlocks, and tests hold
// proofs against it. What it does not know it refuses; it never guesses.
//
// The only choice is which message an idle actor takes next, and whether time passes. A strand that
// can go on goes on at once: what it does (sends, spawns, its own actor's state) commutes with what
// others do, since a message may be taken in every order that causality allows, whatever the order
// of sending was.
#ifndef PRISM_CHECKER_CONC_H
#define PRISM_CHECKER_CONC_H

#include "frontend/mir/mir.h"

enum { CONC_MESSAGES_MAX = 64, CONC_SEGMENT_STEPS_MAX = 200000, CONC_ACTORS_MAX = 400 };

// ---- values: immutable trees ----------------------------------------------------------------

enum conc_kind {
    CONC_UNIT,
    CONC_WORD, // integers, bool, char, by bits
    CONC_FLOAT,
    CONC_TUPLE,
    CONC_ENUM,
    CONC_BUF,
    CONC_REF,    // n: actor
    CONC_FUTURE, // n: future
    CONC_REPLY,  // n: future
    CONC_CLOSURE,
    CONC_ERROR,  // n: failure kind; items[0]: the value, if any
    CONC_OPAQUE, // a value that is not computed here (texts, hashes); deciding by it is refused
};
struct conc_val {
    enum conc_kind kind;
    int32_t tag, count;
    uint64_t hash; // by names of actors and futures, never by their numbers
    int64_t n;
    double number;
    const char *function;
    const struct conc_val **items;
};

// ---- the world ------------------------------------------------------------------------------

struct conc_actor {
    uint64_t name;
    const struct mir_actor *def; // NULL: the test, or a free task
    int32_t parent;
    const char *site_function, *site_op; // who made it, and where
    int32_t site, count;
    const struct conc_val *state;
    int32_t running; // strand, or -1
    bool stopped;
    int32_t asked; // futures made so far, for their names
    uint64_t past; // messages in flight of whose sending it can know
};
struct conc_message {
    bool present;
    uint64_t name, past;
    int32_t to, from, index, count;
    int32_t future; // to be answered, or -1
    const struct mir_actor *actor;
    const struct conc_val **args;
    const char *function, *op;
    int32_t site, occurrence;
};
struct conc_future {
    uint64_t name, past;
    int status;        // 0 pending, 1 done, 2 failed
    bool timed;        // may fail by its time limit
    int32_t owner, of; // who asked, whom
    const char *what;  // "Fork.Use"
    struct mir_loc loc;
    const struct conc_val *value;
};
struct conc_frame {
    const struct mir_function *f;
    int32_t block, inst;
    const struct conc_val **locals;
    const struct conc_val *pending; // the failure that led into the block
};
enum conc_status { CONC_READY, CONC_WAITING, CONC_SLEEPING, CONC_ENDED };
struct conc_strand {
    enum conc_status status;
    int32_t actor;
    int32_t future; // what its end completes, or -1
    bool reply_taken, init;
    const char *what; // the message or function it runs
    int32_t depth;
    struct conc_frame *frames;
    const struct conc_val *waits; // TUPLE of futures
    bool any;
    struct mir_loc loc;
};
struct conc_world {
    VEC(struct conc_actor) actors;
    VEC(struct conc_future) futures;
    VEC(struct conc_strand) strands;
    VEC(const struct conc_val *) services; // what is bound to each, NULL: nothing
    struct conc_message messages[CONC_MESSAGES_MAX];
};

struct conc {
    struct arena *arena;
    const struct mir_module *module;
    struct str refused; // why it stopped: something it does not know
    bool guessed; // an answer from outside (time, randomness) was made up: not all is explored
};

struct conc_world *conc_start(struct conc *c, const struct mir_function *root, const int64_t *args,
                              int32_t count);
struct conc_world *conc_copy(struct conc *c, const struct conc_world *w);
// Runs all strands that can go on, until nobody can without a choice.
void conc_settle(struct conc *c, struct conc_world *w);
// May the actor take that message now?
bool conc_takeable(const struct conc_world *w, int32_t message);
void conc_take(struct conc *c, struct conc_world *w, int32_t message);
// A future with a time limit runs out.
void conc_expire(struct conc *c, struct conc_world *w, int32_t future);
uint64_t conc_hash(const struct conc_world *w);
// "Fork 2", "test"
struct str conc_name(struct conc *c, const struct conc_world *w, int32_t actor);

// ---- between the files ----------------------------------------------------------------------

uint64_t conc_mix(uint64_t a, uint64_t b);
uint64_t conc_mix_text(uint64_t a, const char *text);
struct conc_val *conc_val_new(struct conc *c, enum conc_kind kind, int32_t count);
const struct conc_val *conc_word(struct conc *c, int64_t n);
const struct conc_val *conc_seal(struct conc_val *v); // fills the hash
void conc_refuse(struct conc *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Arithmetic and data. False when the operation is not one of those; *failure is a kind when it
// trapped.
bool conc_compute(struct conc *c, const struct mir_inst *in, const struct mir_type *result,
                  const struct conc_val *const *args, const struct conc_val **out,
                  int32_t *failure);

#endif
