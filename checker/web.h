// SPDX-License-Identifier: MIT
// web: which actor may wait for which. The test's program is executed abstractly, once for each way
// in which a function can be entered (a context), until nothing new is found. What comes out are
// classes of actors, and edges between them with the conditions under which they exist.
//
//   class    all actors that one `spawn` makes, told apart by attributes: the order of their birth,
//   and how
//            often each loop around the spawn had gone round
//   context  a handler (or init, hook, task, the test itself) with what is known of its actor and
//   arguments edge     "an actor of class A with attributes a may wait for one of class B with
//   attributes b, if ..."
//
// docs/soundness.md says what is left out, and why the edges that remain are enough.
#ifndef PRISM_CHECKER_WEB_H
#define PRISM_CHECKER_WEB_H

#include "checker/cfg.h"
#include "checker/smt.h"

enum { WEB_PARAMS_MAX = 8, WEB_FACTS_MAX = 16, WEB_CONTEXTS_MAX = 16, WEB_DEPTH_MAX = 6 };
enum { WEB_WAYS = 24, WEB_ROUNDS_MAX = 24, WEB_STEPS_MAX = 400000, WEB_CALLS_MAX = 40 };

// How closely a program is followed.
struct web_effort {
    int32_t ways;  // from 1; more to one place of a function become one, of which less is known
    int32_t steps; // operations, counted once for each way that comes to them; then it gives up
};

enum web_class_kind { WEB_ROOT, WEB_ACTOR, WEB_TASK };
struct web_class {
    enum web_class_kind kind;
    struct str name;               // the site, with the calls that lead to it: "ordered/spawn#0"
    const struct mir_actor *actor; // ACTOR
    const struct mir_function *function; // ROOT, TASK
    struct mir_loc loc;
    int32_t
        attr_count; // 0 for the root; else the birth, then a count for each loop from outside in
    VEC(const struct closed *) spawns; // [self, arguments...]
    struct web_field *fields;          // ACTOR: by field of the state
};
struct web_field {
    VEC(const struct closed *) facts; // [self, value]
    bool any;                         // too many: anything of the type
};

enum web_entry {
    WEB_ENTER_ROOT,
    WEB_ENTER_INIT,
    WEB_ENTER_HOOK,
    WEB_ENTER_MESSAGE,
    WEB_ENTER_TASK
};
struct web_context {
    enum web_entry entry;
    int32_t class;
    const struct mir_function *f;
    const struct closed *closed; // [self or NULL, who asked or NULL, arguments...]
    int32_t depth;               // how many messages led to it
};

struct web_edge {
    int32_t from, to;            // classes
    const struct closed *closed; // [from, to]
    struct str site;             // who waits, "Fork.UseWith/ask#0"
    struct str target;           // for what, "Fork.Use"
    struct mir_loc loc;
};

// A reply that outlives its handler while somebody waits for it.
struct web_kept {
    struct str message;
    struct mir_loc loc;
};

struct web {
    struct arena *arena;
    const struct mir_module *module;
    struct cfg_table *cfgs;
    struct smt *smt;
    const struct mir_function *root;
    int32_t params; // of the root
    struct web_effort effort;
    const char *param_names[WEB_PARAMS_MAX];
    int64_t param_least[WEB_PARAMS_MAX]; // each integer parameter is at least this
    VEC(struct web_class *) classes;     // 0 is the root
    VEC(struct web_context *) contexts;
    VEC(struct web_edge *) edges;
    VEC(struct web_kept) kept;
    struct map class_by_name, context_by_key, edge_by_key;
    bool changed;
    int32_t steps;
    bool too_long;      // given up for `effort.steps`; with fewer ways it may come to its end
    int32_t waits;      // wait operations that were met
    bool ends_early;    // somebody may wait for actors or tasks that were told to end
    struct map entered; // functions that were followed, by name
    struct str why;     // what could not be followed; empty when all could
    struct mir_loc why_loc;
};

// Follows the program that starts at `root`; look at `why` first. `param_least`: WEB_PARAMS_MAX
// numbers.
struct web *web_run(struct arena *a, struct smt *smt, const struct mir_module *m,
                    const struct mir_function *root, const struct mir_test *test_or_null,
                    const int64_t *param_least, struct web_effort effort);
// For people: the classes, contexts and edges.
void web_print(const struct web *w, struct text *out);

// ---- used by the parts of the execution -----------------------------------------------------

// One way through a function, at one moment.
struct path {
    const struct cons *cons;
    const struct val **locals;
    const struct val *self; // STRUCT with NULL for fields not read yet, or NULL
    uint64_t written;       // fields of self, bit min(field, 63)
    int32_t block;
};

enum outcome_kind { OUT_RETURN, OUT_FAIL, OUT_END, OUT_EXIT };
struct outcome {
    enum outcome_kind kind;
    struct path *path;       // EXIT: path->block is where it goes
    const struct val *value; // RETURN
};
struct outcomes {
    VEC(struct outcome) v;
};
struct paths {
    VEC(struct path *) v;
};

// One execution of one context.
struct exec {
    struct web *w;
    struct arena *a;
    const struct web_context *context;
    const struct val *node;  // who runs
    const struct val *asker; // who waits for the reply, or NULL
    int32_t next_var;
    bool record;     // not while a loop's effect is being found out
    bool shared;     // the state may change at suspensions
    bool took_reply; // the handler took its reply as a value ...
    bool stored;     // ... and put a value that can hold one where it outlives the handler
    struct mir_loc stored_at;
    int32_t calls;
    const struct mir_function *stack[WEB_CALLS_MAX];
    const struct mir_inst *stack_at[WEB_CALLS_MAX];
    VEC(int32_t) loop_vars; // the counts of the loops that are under way
};

// Stops everything with a reason (the first one counts).
void web_give_up(struct web *w, struct mir_loc loc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static inline bool web_stopped(const struct web *w) {
    return w->why.len > 0;
}

// web.c: facts
int32_t web_class_at(struct exec *x, enum web_class_kind kind, const struct mir_inst *in);
void web_add_spawn(struct exec *x, int32_t class, const struct cons *cons,
                   const struct val *const *vals, int32_t count);
void web_add_context(struct exec *x, enum web_entry entry, int32_t class,
                     const struct mir_function *f, const struct cons *cons,
                     const struct val *const *vals, int32_t count);
void web_add_edge(struct exec *x, const struct mir_inst *in, const struct cons *cons,
                  const struct val *from, const struct val *to, struct str target);
void web_add_field(struct exec *x, const struct cons *cons, int32_t field, const struct val *v);
// All ways in which the field of the running actor can have a value, as paths whose self has it.
void web_load_field(struct exec *x, const struct path *p, int32_t field, struct paths *out);
// All classes and attributes that a reference can stand for; each with a path.
struct target {
    struct path *path;
    const struct val *ref; // VAL_REF with attributes
};
struct targets {
    VEC(struct target) v;
};
void web_targets(struct exec *x, const struct path *p, const struct val *ref, const char *actor,
                 struct targets *out);

// exec.c
struct path *path_copy(struct exec *x, const struct path *p, const struct mir_function *f);
void exec_function(struct exec *x, const struct mir_function *f, const struct val *const *args,
                   int32_t count, const struct path *from, struct outcomes *out);
// Runs the blocks of one loop (or, -1, of the function) from `entries`; jumps to the loop's header
// are `backs`, all else leaves through `out`.
void exec_region(struct exec *x, const struct cfg *c, int32_t loop, struct paths *entries,
                 struct paths *backs, struct outcomes *out);
// The written fields become facts; with `forget` they are read anew next time.
void exec_publish(struct exec *x, struct path *p, bool forget);
int32_t exec_fresh(struct exec *x, const struct cons **cons, const struct mir_type *t);

// loop.c: what a loop does, for any number of rounds.
void exec_loop(struct exec *x, const struct cfg *c, int32_t loop, const struct path *entry,
               struct outcomes *out);

// place.c
struct read {
    struct path *path;
    const struct val *val;
};
struct reads {
    VEC(struct read) v;
};
void place_read(struct exec *x, const struct mir_function *f, const struct path *p,
                const struct mir_operand *o, struct reads *out);
// Writes in place; the path is the caller's own.
void place_write(struct exec *x, const struct mir_function *f, struct path *p,
                 const struct mir_place *place, const struct val *v);
bool path_feasible(struct exec *x, const struct path *p);
// Notes that a value of the type outlives the handler at hand.
void path_note_stored(struct exec *x, const struct mir_type *t, struct mir_loc loc);
void path_assume(struct exec *x, struct path *p, enum con_rel rel, struct lin l);
// The integer as a term: its own, or a fresh variable.
struct lin path_int(struct exec *x, struct path *p, const struct val *v);

// buffers.c: what is known of a Buffer's content.
void buffer_read(struct exec *x, const struct mir_function *f, const struct path *p,
                 const struct val *buf, const struct lin *index_or_null, struct reads *out);
const struct val *buffer_new(struct exec *x, const struct mir_type *t);
const struct val *buffer_put(struct exec *x, const struct path *p, const struct val *buf,
                             struct lin at, const struct val *v, struct lin length);
// The union of two contents with the length of the first; positions of both stay where they are.
const struct val *buffer_join(struct exec *x, const struct val *a, const struct val *b);
// The same content at unknown positions.
const struct val *buffer_scramble(struct exec *x, const struct val *buf, struct lin length);

// join.c: the least value that covers both; integers of the first stay.
const struct val *val_join(struct exec *x, const struct val *a, const struct val *b);
// The value without what tells one execution from another: no integers, references by class only.
const struct val *val_blur(struct exec *x, const struct val *v, bool refs);

#endif
