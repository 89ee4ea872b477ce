// SPDX-License-Identifier: MIT
// mir-interp: core MIR, run directly. The second semantics: it shares nothing with the runtimes but
// docs/mir.md and docs/language.md, so what they do alike was not copied from one to the other.
//
// Values are trees without types of their own (MIR is typed, so everyone who has a value knows its
// type); boxes are shared until they are written. There is one queue of events, first in first out,
// and virtual time moves only when no event can be taken. Nothing is dropped by the program:
// whether a reply can still be answered is found by looking at all that live code can reach.
//
//   value.c   values: copying, comparing, hashing, printing
//   data.c    operations on values and places
//   codec.h   JSON and CBOR
//   step.c    frames: blocks, calls, failing, one segment of a strand
//   others.c  operations that meet others
//   world.c   cells, strands, the queue of events, time
//   mailbox.c bounded mailboxes
//   supervise.c  crashes of a supervisor's children
//   reach.c   which replies and failed tasks nobody holds any more
//   main.c    the command
#ifndef PRISM_TESTS_INTERP_H
#define PRISM_TESTS_INTERP_H

#include "frontend/mir/flow.h"
#include "frontend/mir/inner.h"
#include "frontend/mir/mir.h"

enum failure_kind {
#define FAILURE(name, word, sentence) FAILURE_##name,
#include "runtime/failures.def"
#undef FAILURE
};

// Whoever catches it: the program is wrong.
static inline bool failure_is_wrong(uint64_t kind) {
    return kind == FAILURE_ASSERT || kind == FAILURE_INVARIANT || kind == FAILURE_MONITOR ||
           kind == FAILURE_HISTORY;
}

// ---- values -------------------------------------------------------------------------------------

struct value {
    union {
        uint64_t bits; // integers sign-extended, bool, char
        double number; // f32 and f64
        struct box *box;
        struct cell *cell; // NULL: no actor
        struct future *future;
        struct reply *reply;
        struct scope *scope;
        struct token *token;
    };
};

// A struct's fields, a variant's payload, a buffer's items, a closure's captures, an error's cause.
// NULL is the zero value: all fields zero, variant 0, no items.
struct box {
    int64_t refs;
    int32_t tag; // ENUM: the variant; ERROR: its kind
    uint64_t len, room;
    struct value *items;
    const struct mir_function *function; // FN
    const struct mir_type *carried;      // ERROR: the type of its item
    struct str text;                     // ERROR
    struct mir_loc loc;                  // ERROR
};

extern const struct value value_zero;

struct value value_keep(const struct mir_type *t, struct value v); // one more holder
void value_drop(const struct mir_type *t, struct value v);         // one holder less
struct box *box_new(uint64_t len);
// The type of item `i` of a box of type `t`.
const struct mir_type *value_item_type(const struct mir_type *t, const struct box *b, uint64_t i);
// Makes the box of *v one that only *v holds, with room for all items of its type.
struct box *value_own(const struct mir_type *t, struct value *v);
struct value value_of_const(const struct mir_operand *o);
struct value value_of_text(struct str s);
struct str value_text(struct arena *a, struct value bytes); // of a buf(u8)
bool value_equal(const struct mir_type *t, struct value a, struct value b);
int value_compare(const struct mir_type *t, struct value a, struct value b);
uint64_t value_hash(const struct mir_type *t, struct value v);
void value_show(struct text *out, const struct mir_type *t, struct value v);
// How many bytes it has, as docs/language.md counts them; adds how many buffers and closures.
uint64_t value_measure(const struct mir_type *t, struct value v, uint64_t *visited);
void value_show_inside(struct text *out, const struct mir_type *t, struct value v); // quoted

// ---- container.c: maps, sets and queues ---------------------------------------------------------

bool container_is(const struct mir_type *t);
int container_compare(const struct mir_type *t, const struct box *a, const struct box *b,
                      bool equality);
void container_hash(struct text *out, const struct mir_type *t, const struct box *b);
void container_show(struct text *out, const struct mir_type *t, const struct box *b);

// ---- codec_*.c ----------------------------------------------------------------------------------

struct interp;
struct value codec_encode(enum mir_format format, const struct mir_type *t, struct value v);
// `result` is the struct that says what was found; a default may fail.
struct value codec_decode(struct interp *in, enum mir_format format, const struct mir_type *result,
                          struct value bytes);

// ---- code under way -----------------------------------------------------------------------------

struct frame {
    struct frame *caller;
    const struct mir_function *function;
    int32_t block, inst; // the operation at hand; a caller stands at its call
    struct value *locals;
    struct mir_place
        *mutated;        // by parameter: the caller's place, its indexes found; local -2: none
    bool cyclic;         // counted for the depth of recursion
    struct value caught; // the failure that led into this unwind block
};

#define INTERP_SERVICES_MAX 64

enum wait_kind { WAIT_NOT, WAIT_START, WAIT_ALL, WAIT_ANY, WAIT_SLEEP, WAIT_SCOPE, WAIT_YIELD };
enum strand_kind {
    STRAND_ROOT,
    STRAND_HANDLER,
    STRAND_HOOK,
    STRAND_ISOLATED,
    STRAND_BRANCH,
    STRAND_FREE
};

// A lock that a strand has taken and not let go.
struct hold {
    struct cell *handle;
    int64_t way;
};

struct strand {
    VEC(struct hold) holds;
    enum strand_kind kind;
    struct cell *home;
    const struct mir_function *function;
    const struct mir_message *message; // HANDLER
    struct frame *top;
    struct future *result; // whom the result goes to, or NULL
    struct str within; // what limits it besides its home's ceiling
    bool reply_taken, trusted, cancelled, waking, ended;
    int32_t masked; // 1 + the depth at which it was masked
    bool withdrawing; // was interrupted while it waited for a handle, which is to let it go
    int32_t depth;
    enum wait_kind wait;
    VEC(struct future *) waits_for;
    uint64_t winner;
    const struct future *failed; // the one that ended the last wait for all, or NULL
    struct timer *sleep;
    struct scope *innermost, *closing;
};

enum cell_status {
    CELL_STARTING,
    CELL_RUNNING,
    CELL_CLOSING, // on_shutdown
    CELL_STOPPING,
    CELL_CRASHING,
    CELL_GONE,
    CELL_FAILED, // its supervisor decides
    CELL_HALTED, // between two incarnations
};
enum after { AFTER_END, AFTER_BEGIN, AFTER_HALT };
enum slot_state { SLOT_UP, SLOT_ESCALATED, SLOT_HALTING, SLOT_HALTED };

// What a supervisor knows of a child.
struct slot {
    struct cell *child;
    enum slot_state state;
    int64_t retries_max, window_ns; // negative: no limit, for ever
    VEC(int64_t) times;             // of the restarts that count
};

struct cell {
    int32_t number;                // in the order of spawning
    const struct mir_actor *actor; // NULL: home of a free task, a test, the entry
    struct cell *parent;
    enum cell_status status;
    bool crashed, said_goodbye, closed;
    int32_t awaited; // children that are to tell of their end
    bool tells_end;
    struct str name; // of a supervisor's child
    struct str ceiling; // what limits it besides its own clause
    bool is_child, owes_end, never_started;
    struct value *args; // of a supervisor's child: what init is given
    enum after after;
    int64_t delay_ns;    // before it begins again
    struct timer *delay; // while it waits for that
    VEC(struct slot) slots;
    int64_t restart_delay_ns;
    struct value state;
    struct strand *handler;
    VEC(struct hold) holds;       // of strands that have ended well
    VEC(struct strand *) strands; // those that have not ended
    VEC(struct cell *) children;
    VEC(struct future *) futures;
    VEC(struct event *) mail; // has arrived in a bounded mailbox: messages, and stops that wait
    bool is_called;           // a MAIL is in the queue
    int32_t unaccepted;       // how many of its messages mute it
    enum mir_mailbox mailbox;
    int64_t mailbox_limit;
    int64_t grace_ns, memory_max; // 0: none
    struct timer *grace;          // while it goes on
    uint64_t left_out;            // how many times its memory is not measured
};

enum future_state { FUTURE_PENDING, FUTURE_DONE, FUTURE_FAILED, FUTURE_TAKEN };

struct future {
    int32_t number;
    const struct mir_type *type; // of the result
    enum future_state state;
    struct value value, error;
    struct cell *home;
    struct strand *waiter;
    bool is_ask, is_settled, seen;
    bool told; // its failure, if it fails, is not news: that of another one stands for it
    struct cell *handle;   // an ask of what stands behind a handle: whom
    struct strand *strand; // a task: what runs it
    struct scope *scope;
    struct token *token;
    struct timer *timer;
};

struct reply {
    int32_t number;
    struct future *to; // NULL: nobody asked
    bool answered, seen;
    bool of_handle, withdrawn;
    bool crashed; // was in the state of an actor that crashed
};

struct scope {
    int32_t number;
    struct strand *owner; // NULL once it was left
    struct scope *outer;
    int32_t depth;
    VEC(struct future *) members; // tasks that have not ended
    bool cancelled, expired;
    struct timer *deadline;
};

struct token {
    int32_t number;
    struct cell *home;
    VEC(struct future *) members;
    bool cancelled;
};

struct timer {
    int64_t deadline_ns;
    struct strand *strand; // one of these four
    struct future *future;
    struct scope *scope;
    struct cell *cell; // a restart, or the end of its grace
    bool stopped, in_queue;
};

enum event_kind {
    EVENT_MESSAGE,
    EVENT_REPLY,
    EVENT_START,
    EVENT_WAKE,
    EVENT_TIMER,
    EVENT_CANCEL,
    EVENT_STOP,
    EVENT_WITHDRAW,
    EVENT_FAILED,
    EVENT_DECIDED,
    EVENT_ENDED,
    EVENT_MAIL,
    EVENT_ACCEPTED
};
enum what {
    WHAT_NONE,
    WHAT_RESUME,
    WHAT_RESTART,
    WHAT_STOP,
    WHAT_HALT,
    WHAT_BEGIN,
    WHAT_INSTEAD,
    WHAT_KILL
};

struct event {
    struct event *next;
    enum event_kind kind;
    struct cell *home;
    const struct mir_message *message; // MESSAGE
    struct value *args;                // MESSAGE
    struct future *future; // MESSAGE, WITHDRAW: the asker's or NULL; REPLY: what it settles
    bool failed;                       // REPLY: `value` is the error
    struct value value;                // REPLY, FAILED: the error
    struct cell *from;                 // FAILED, ENDED: the child
    enum what what; // DECIDED, ENDED; STOP: WHAT_STOP if the parent stops it, or WHAT_KILL
    int64_t delay_ns;                  // DECIDED
    struct strand *strand;             // START, WAKE
    struct timer *timer;               // TIMER
    struct token *token;               // CANCEL; NULL: the whole home
    struct cell *mutes;                // MESSAGE: whom, until it is accepted, or NULL
};

struct interp {
    struct arena *arena;
    const struct mir_module *module;
    const struct mir_type *error_type, *unit_type;
    struct live *live; // by function, filled when first needed
    bool *has_live;
    VEC(struct cell *) cells;
    VEC(struct reply *) replies;   // those that are not answered
    VEC(struct future *) failures; // of tasks, not taken yet
    VEC(struct timer *) timers;    // those that run
    struct event *first, *last;
    struct value services[INTERP_SERVICES_MAX]; // what is bound to each
    bool is_bound[INTERP_SERVICES_MAX];
    int64_t now_ns;
    uint64_t seed, draws;
    int64_t steps_left;
    int32_t numbers;
    // The segment that runs.
    struct strand *strand;
    struct str confined, named; // what the next spawn hands over
    enum mir_mailbox mailbox;
    int64_t mailbox_limit; // 0: none
    struct value failure; // an error, while failing
    bool failing;
    // The end.
    bool is_entry, root_ended, failed;
    struct strand *root;
};

// ---- data.c -------------------------------------------------------------------------------------

// Fails with a trap of that kind.
void trap(struct interp *in, enum failure_kind kind, struct str text, struct mir_loc loc);
// Makes an error value.
struct value error_new(enum failure_kind kind, struct str text, struct mir_loc loc);
// The place, or NULL after a failure. `writes`: every box on the way becomes unshared.
struct value *place_at(struct interp *in, struct frame *f, const struct mir_place *p, bool writes);
// A copy of the operand; false after a failure.
bool evaluate(struct interp *in, struct frame *f, const struct mir_operand *o, struct value *out);
// Stores into the destination, which takes the value over; false after a failure.
bool store(struct interp *in, struct frame *f, const struct mir_place *dst, struct value v);
// Operations on values alone; `a` are the operands (a place that is written is not evaluated).
// False: the operation is none of these.
bool data_operation(struct interp *in, struct frame *f, const struct mir_inst *i, struct value *a,
                    struct value *result);

// ---- step.c -------------------------------------------------------------------------------------

struct frame *frame_new(struct interp *in, const struct mir_function *f, struct value *args);
// Runs one segment of the strand that is set in `in`, with in->failing when it starts by failing.
// True: it ended, *result is its result, or in->failing is set.
bool run_segment(struct interp *in, struct value *result);
// Calls a function that cannot suspend.
struct value call_now(struct interp *in, const struct mir_function *f);
struct value call_with(struct interp *in, const struct mir_function *f, struct value *args);

// ---- mailbox.c ----------------------------------------------------------------------------------

// A message that is told mutes its sender's home, if the mailbox blocks.
void mailbox_mute(struct interp *in, struct event *e);
// A message, or a stop that has to wait.
void mailbox_arrive(struct interp *in, struct cell *c, const struct event *arrived);
// What is to be handled now.
struct event *mailbox_next(struct interp *in, struct cell *c);
// A message that nobody will handle.
void mailbox_discard(struct interp *in, struct event *e, enum failure_kind why);
void mailbox_end(struct interp *in, struct cell *c);

// ---- world.c ------------------------------------------------------------------------------------

// Runs until nobody can move; with `ends_with_root` what the root started is stopped when it ends.
void world_run(struct interp *in, const struct mir_function *root, struct value *args,
               bool ends_with_root);
struct event *event_post(struct interp *in, enum event_kind kind, struct cell *home);
void reply_post(struct interp *in, struct future *to, bool failed, struct value v);
void reply_failure(struct interp *in, struct future *to, enum failure_kind kind);
struct timer *timer_start(struct interp *in, int64_t after_ns);
void timer_stop(struct timer **t);
struct cell *cell_new(struct interp *in, const struct mir_actor *actor, struct cell *parent);
void cell_start_hook(struct interp *in, struct cell *c, const char *name, struct value *args);
struct strand *strand_new(struct interp *in, struct cell *home, enum strand_kind kind,
                          const struct mir_function *function, struct value *args);
// What every suspension of the strand fails with now, or NONE.
enum failure_kind strand_interruption(const struct strand *s);
bool strand_is_satisfied(struct strand *s);
void future_fail(struct interp *in, struct future *f, struct value error);
void member_cancel(struct interp *in, struct future *f);
void scope_cancel(struct interp *in, struct scope *scope);
void scope_leave(struct strand *s);
void token_cancel(struct interp *in, struct token *t);
void wake(struct interp *in, struct strand *s);
// Both print to standard error and note that the run failed.
void report_failure(struct interp *in, const char *who, struct value error);
void report_waiting(struct interp *in);

void cell_begin_end(struct interp *in, struct cell *c, enum cell_status status);
void cell_settle(struct interp *in, struct cell *c);
bool cell_invariants_hold(struct interp *in, struct cell *c);
// The actor crashes with an error that is none of a handler's.
void cell_fail(struct interp *in, struct cell *c, struct value error);

// ---- supervise.c --------------------------------------------------------------------------------

struct value *args_copy(struct interp *in, const struct mir_function *f, const struct value *args);
void supervise_child(struct interp *in, struct cell *child, struct str name, int64_t retries_max,
                     int64_t window_ns, const struct value *args);
// True: its supervisor decides.
bool supervise_crashed(struct interp *in, struct cell *c, struct value error);
// True: another incarnation begins, now or later.
bool supervise_incarnation_over(struct interp *in, struct cell *c);
void supervise_gone(struct interp *in, struct cell *c);
void supervise_end(struct cell *c);
void supervise_delay_over(struct interp *in, struct cell *c);
bool failed_is_decided(const struct event *e);
bool supervise_wants(const struct interp *in, const struct event *e);
void supervise_take(struct interp *in, const struct event *e);

// ---- others.c -----------------------------------------------------------------------------------

enum outcome { OUTCOME_NEXT, OUTCOME_FAILED, OUTCOME_SUSPENDED };
// Operations that meet others: actors, futures, tasks, scopes, time, output.
enum outcome world_operation(struct interp *in, struct frame *f, const struct mir_inst *i,
                             const struct value *a, struct value *result);

// ---- reach.c ------------------------------------------------------------------------------------

// After an event: replies that nothing can reach fail their askers, failures of tasks that nobody
// can take are reported.
void reach_check(struct interp *in);
// The state of an actor that crashed is about to be dropped.
void reach_crashed(struct interp *in, const struct cell *c);

#endif
