// SPDX-License-Identifier: MIT
// actor: the one semantics of actors, asks, futures, tasks, scopes, cancellation and time, written once over
// the few functions of a scheduler (the last section) and compiled into each runtime against its "sched.h".
//
// The model
//   Every piece of running code is a *strand*; every strand has a *home*, a *cell*: an actor, or a private
//   cell for a free task, a test or main. Only the home's own turns touch a cell, its strands, futures,
//   scopes and timers. Everything that happens to a home from outside, and every resumption, is an
//   *envelope* posted to it: message, reply, start of a task, timer, cancellation, wake-up, stop. The
//   scheduler keeps envelopes in flight and gives them back one at a time to `actor_take`, which runs at most
//   one segment (from suspension to suspension). What may be taken when is `actor_wants`, and nothing else.
//
//   So the two schedulers decide only which wanted envelope is next. The parallel one takes each home's
//   in the order of arrival, passing over those that are not wanted yet; the simulator chooses among all.
//
// Life of a cell:  STARTING --init, on_start done--> RUNNING --stop--> CLOSING --on_shutdown, grace over--> STOPPING
//                  STOPPING --children and last strand gone, on_stop done--> GONE
//                  STARTING, RUNNING --uncaught failure--> CRASHING --children and last strand gone--> GONE
//   of a supervisor's child also (supervise.c):
//                  STARTING, RUNNING --uncaught failure--> FAILED --decision--> RUNNING, CRASHING
//                  STOPPING, CRASHING --last strand gone, to be restarted--> STARTING or HALTED --> STARTING
//   A GONE cell wants every envelope and discards it: askers fail with STOPPED or CRASHED.
// Life of a future: PENDING --REPLY taken--> DONE or FAILED --take--> TAKEN. It is freed when nobody holds it
//   and no envelope for it is outstanding (`expected`). Each ask and each task produces exactly one REPLY.
//
// Memory comes from prism_alloc (runtime/value/value.h).
#ifndef PRISM_ACTOR_H
#define PRISM_ACTOR_H

#include "runtime/abi.h"
#include "sched.h" // struct sched_cell, sched_envelope, sched_strand, sched_timer of the runtime at hand

struct cell;
struct strand;

// ---- envelopes ------------------------------------------------------------------------------------

enum envelope_kind {
    ENVELOPE_MESSAGE, // payload: the message's args
    ENVELOPE_REPLY,   // payload: the result, when failure is PRISM_NONE
    ENVELOPE_START,   // first segment of `strand`
    ENVELOPE_WAKE,    // `strand` may go on: interrupted, slept enough, yielded, scope empty
    ENVELOPE_TIMER,   // `timer` expired
    ENVELOPE_CANCEL,  // the home, a free task's, is to be cancelled
    ENVELOPE_STOP,
    // The asker of a handle (prism_actor_type.handle) is interrupted: if the answer to `reply_to`
    // is still owed, the asker gets CANCELLED now; else what was granted is on its way, and is
    // delivered.
    ENVELOPE_WITHDRAW = 8, // 7 is the simulator's
    ENVELOPE_FAILED,  // a child tells its supervisor of its failure; payload: struct child_notice
    ENVELOPE_DECIDED, // a supervisor tells a child what becomes of it; `word`, payload: int64_t, a
                      // delay
    ENVELOPE_ENDED,   // a child tells its parent that it has; `word`, payload: struct child_notice
    ENVELOPE_NODE,    // the home's node has crashed (`failure` CRASHED) or is up again
    ENVELOPE_KILL,    // the incarnation crashes
    ENVELOPE_MAIL,    // the oldest message in the home's bounded mailbox is to be handled
    ENVELOPE_ACCEPTED, // one of the messages that mute the home has been accepted (mailbox.c)
};

// What exactly.
enum envelope_word {
    WORD_NONE,
    STOP_NOW,                       // STOP: by the parent: do not wait for the handler, tell of the end
    DECIDED_RESUME, DECIDED_RESTART, DECIDED_STOP,
    DECIDED_HALT, DECIDED_BEGIN,    // the two halves of a restart of several children together
    ENDED_STOPPED,                  // after STOP_NOW
    ENDED_HALTED, ENDED_INSTEAD,    // after DECIDED_HALT: the incarnation; the child, for good
    SENT_MUTES,                     // MESSAGE: `reply_to.home` did not ask, but is muted until it is accepted
};

// From whom an envelope of a child is.
struct child_notice {
    prism_ref child;
    uint32_t index; // among those that its supervisor supervises; of no meaning in ENDED_STOPPED
};

// Where an answer goes. `home` NULL: nobody asked.
struct reply_to {
    struct cell *home;
    prism_future *future;
};

// One cache line and a half, since every message pays for making it.
struct envelope {
    struct envelope *next; // the scheduler's, while in flight
    uint8_t kind;          // enum envelope_kind
    uint8_t failure;       // REPLY: enum prism_failure_kind
    uint8_t word;          // enum envelope_word
    uint32_t payload_bytes;
    uint64_t generation; // MESSAGE and all from CANCEL: of the actor that was addressed
    union {
        const prism_message *message; // MESSAGE
        prism_error *error;           // REPLY, FAILED, owned: the cause, or NULL
        struct strand *strand;        // START, WAKE
        struct timer *timer;          // TIMER
        prism_token *token;           // CANCEL of a token of that home, owned; NULL: of the whole home
    };
    struct reply_to reply_to; // MESSAGE, WITHDRAW: the asker; REPLY: `future` is what it is for
    const prism_type *type;   // of the payload, NULL when there is none
    const prism_site *site;   // where it was sent
    struct sched_envelope sched;
    _Alignas(16) unsigned char payload[];
};

// Fills one that is zeroed but for `payload_bytes`, which is the size of the message's args.
static inline void envelope_message(struct envelope *e, uint64_t generation, const prism_message *message,
                                    struct reply_to reply_to, const prism_site *site) {
    e->kind = ENVELOPE_MESSAGE;
    e->generation = generation;
    e->message = message;
    e->reply_to = reply_to;
    e->type = message->handler->args;
    e->site = site;
}
// Copies a value, most of which are a few words: word by word, since they were written so a moment ago.
static inline void move_value(void *restrict to, const void *restrict from, uint32_t bytes) {
    uint64_t *restrict t = to;
    const uint64_t *restrict f = from;
    switch (bytes) {
    case 32:
        t[3] = f[3]; // fall through
    case 24:
        t[2] = f[2]; // fall through
    case 16:
        t[1] = f[1]; // fall through
    case 8:
        t[0] = f[0]; // fall through
    case 0:
        return;
    case 1:
        *(unsigned char *)to = *(const unsigned char *)from;
        return;
    default:
        __builtin_memcpy(to, from, bytes);
    }
}

// ---- timers ---------------------------------------------------------------------------------------

// Belongs to a home. The scheduler posts TIMER to it at the deadline, once, unless stopped before; after
// sched_timer_stop no TIMER envelope of it is delivered.
struct timer {
    struct cell *home;
    int64_t deadline_ns; // in prism_now's time
    enum { TIMER_IDLE, TIMER_RUNNING, TIMER_EXPIRED } state;
    enum { TIMER_SLEEP, TIMER_ASK, TIMER_SCOPE, TIMER_RESTART, TIMER_GRACE } use;
    union {
        struct strand *strand; // SLEEP
        prism_future *future;  // ASK
        prism_scope *scope;    // SCOPE
    } of;
    const prism_site *site;
    struct sched_timer sched;
};

// ---- strands --------------------------------------------------------------------------------------

enum strand_kind { STRAND_ROOT, STRAND_HANDLER, STRAND_ISOLATED, STRAND_BRANCH, STRAND_FREE, STRAND_HOOK };
enum wait_kind { WAIT_NOT, WAIT_START, WAIT_ALL, WAIT_ANY, WAIT_SLEEP, WAIT_SCOPE, WAIT_YIELD };

// In one block with its frame, which lies behind it.
struct strand {
    struct strand *next, *before; // in the home's list, oldest first; the first one's is the last
    struct cell *home;
    uint8_t kind;           // enum strand_kind
    uint8_t wait;           // enum wait_kind: what it waits for; WAIT_NOT: it is not suspended
    bool reply_taken;       // HANDLER: `self.reply()` was called, or it was forwarded
    bool cancelled;         // every suspension fails with CANCELLED from now on, unless masked
    bool waking;            // a WAKE for it is in flight
    bool ended;             // kept only until that WAKE was taken
    bool withdrawing;       // was interrupted while it waited for a handle: a WITHDRAW is on its way
    const prism_function *function;
    const prism_message *message; // HANDLER
    struct reply_to reply_to;     // whom the result goes to
    void *frame;                  // NULL on the stack, and when it has ended
    struct hold *holds;           // locks that it took and has not let go, newest first
    prism_scope *innermost; // of the scopes that it opened and has not closed
    const prism_site *site; // where it was started
    // What it waits for; `wait_count`, `wait_failure`, `closing` and the state of `sleep` are zero
    // while it does not, and the others have a meaning only while it does.
    uint64_t wait_count, winner;
    prism_future **wait_for; // ALL, ANY: wait_count futures, held
    prism_future *wait_one;  // where wait_for points if that is one
    uint64_t wait_pending; // ALL: how many of them are still pending
    prism_error *wait_failure; // ALL: of the future that ended the last wait, owned, or NULL
    const prism_site *wait_site;
    prism_scope *closing; // SCOPE: cannot be interrupted
    bool trusted;         // acts for the program, not for its actor (ceiling.c)
    bool wait_timed;      // one of them has a deadline of its own
    // In a `defer`: 1 + how many of its scopes were open when that began, and nothing that is outside of it
    // interrupts; else 0.
    int32_t masked;
    prism_buffer *within; // what limits it besides its home's ceiling, or NULL (ceiling.c)
    struct timer sleep;
    struct sched_strand sched;
};

// A lock that was taken: prism_hold.
struct hold {
    struct hold *next;
    prism_ref handle;
    int64_t way;
    const prism_message *crashed;
    const prism_site *site;
};

// ---- cells ----------------------------------------------------------------------------------------

enum cell_status {
    CELL_STARTING, CELL_RUNNING, CELL_CLOSING, CELL_STOPPING, CELL_CRASHING, CELL_GONE,
    CELL_FAILED, // waits for its supervisor's decision: nothing of it has a turn
    CELL_HALTED, // between two incarnations, or its node is down
};

// What few cells need. Without any it is `cell_no_rest`, all zero, which is only read.
struct cell_rest {
    prism_reply *kept;                // of a handle: replies that it owes, newest first
    struct hold *holds;               // taken by strands that have ended well, newest first
    prism_ref *children;              // actors spawned by this incarnation, oldest first; the dead
    uint32_t child_count, child_room; // are weeded out when the room is used up
    uint32_t awaited;                 // children that it has stopped and that have not ended yet
    bool has_recipe;                  // it was placed on a node
    bool stable;                      // a node that never crashes by a fault
    void *recipe;                     // of what was placed: the arguments of its init, or NULL
    struct supervised *supervised;    // of a supervisor's child
    struct supervising *supervising;  // of a supervisor that has children
    struct mailbox *mailbox;          // a bounded one, once it has got something
    struct cell *placing;             // the node on which it spawns at the moment, or NULL
    prism_buffer *ceiling;            // what limits it besides its own clause, or NULL (ceiling.c)
    uint32_t mail_limit;              // of a mailbox of its own; 0: as its type says
    struct limits *limits;            // that it has set itself (limit.c), or NULL
};
extern const struct cell_rest cell_no_rest;

// Three cache lines in the parallel runtime, since there may be millions: who is idle has nothing
// else but its state.
struct cell {
    struct sched_cell sched;
    uint64_t generation; // of the actor at hand, the same after a restart; a ref with another one is dead
    uint8_t status;      // enum cell_status
    uint8_t ended;       // GONE: STOPPED or CRASHED, enum prism_failure_kind
    bool closed;         // on_shutdown has had its turn
    bool tells_end;      // its parent waits for its end
    bool is_top;         // no actor stands above it
    bool halts : 1, goes_on : 1; // halted by its node when it ends; that is up again
    bool down;           // of a node: has crashed
    uint8_t mail;        // enum prism_mailbox; atomic: senders ask whether it blocks
    const prism_actor_type *type; // NULL: home of a free task, a test, main
    void *state;                  // of type->state, or NULL
    struct strand *handler;       // the handler or hook under way; of several the latest
    struct cell *node;   // the node that it runs on; NULL: where the program or test itself runs
    uint32_t unaccepted;   // how many of its messages mute it
    uint32_t future_count; // made so far
    struct strand *first;         // all strands, oldest first; its `before` is the last one
    prism_future *futures;        // all futures of this home, newest first
    struct cell_rest *rest;       // not NULL
    struct cell *parent;          // who spawned it; NULL for the root
    const prism_site *site;       // where it was spawned
    const prism_buffer *name;     // atomic, see endow.c; or NULL
    struct placed *placed;        // of a node: the actors that were placed on it
};
static inline bool actor_is_bounded(const struct cell *c) { // its mailbox
    return c->type && c->mail;
}
static inline bool cell_has_rest(const struct cell *c) {
    return c->rest != &cell_no_rest;
}

// ---- futures, replies, scopes, tokens -------------------------------------------------------------

enum future_state { FUTURE_PENDING, FUTURE_DONE, FUTURE_FAILED, FUTURE_TAKEN };

struct prism_future {
    int64_t count;   // handles, plain: futures never leave their home
    bool expected;   // its REPLY has not been taken yet
    bool of_handle;  // an ask of a handle: it is withdrawn, not interrupted
    bool told;       // its failure, if it fails, is not news: that of another one stands for it
    uint8_t state;   // enum future_state
    uint8_t failure; // enum prism_failure_kind
    prism_error *error; // cause, owned
    struct cell *home;
    prism_future *next, *before;   // in the home's list
    uint64_t number;               // of the futures of this home, from 1
    uint64_t waited; // number of the first of those that it was last waited for together with, 0: never
    struct strand *waiter;         // the strand that waits for it now
    const prism_message *message;  // an ask: what was asked
    prism_ref callee;              // an ask: whom
    struct cell *task;             // a free task: its home, until it has ended …
    uint64_t task_generation;      // … and has another one
    struct strand *strand;         // a task of the same home, while it lives
    prism_scope *scope;            // a task: the scope it belongs to, or NULL
    prism_token *token;            // a task: the token it is bound to, held, or NULL
    prism_future *member_next;     // in the list of that scope or token, oldest first
    prism_future *member_before;   // the first one's is the last one
    struct timer timer;            // ask with timeout
    const prism_site *site;
    const prism_type *type;        // of the value; NULL: unit
    _Alignas(16) unsigned char value[];
};

// The duty to answer. It can be sent, so its count follows the rule of heap values.
struct prism_reply {
    int64_t count;
    bool answered;
    bool withdrawn; // nobody waits for it any more
    struct reply_to to;
    const prism_type *type;
    struct cell *keeper;        // a handle's cell, in whose list it is; else NULL
    prism_reply *next, *before; // in that list
};

struct prism_scope {
    int64_t count;
    struct cell *home;
    struct strand *owner;    // whose scope it is
    prism_scope *outer;      // of the same strand
    int32_t depth;           // one more than that of `outer`, from 1
    prism_future *members;   // tasks that have not ended
    bool cancelled, expired; // expired: every suspension inside fails with TIMEOUT until it is closed
    struct timer deadline;
    const prism_site *site;
};

// Cancels the tasks that were bound to it. Its members are futures of its home; from another home it is
// cancelled by an envelope.
struct prism_token {
    int64_t count;
    struct cell *home;
    uint64_t generation; // of the home
    prism_future *members;
    bool cancelled;
};

// ---- what a scheduler calls -----------------------------------------------------------------------

// RUNS: taking it runs a segment, or notes what can be told from its being noted later. SILENT: taking it
// only notes something that nobody can tell from noting it later, such as an answer that no longer matters, or
// one of several that are waited for together. EARLY: an answer or a deadline that nobody waits for yet. It may
// be taken, or left in flight until somebody does; a program cannot tell which. LATER: not before another
// envelope was taken.
enum take { TAKE_RUNS, TAKE_SILENT, TAKE_EARLY, TAKE_LATER };
enum take actor_wants(const struct cell *home, const struct envelope *e);

// Takes a wanted envelope out of flight (frees it) and runs its segment. On return cx->failure is NULL.
void actor_take(prism_cx *cx, struct cell *home, struct envelope *e);
// Begins the one strand of a new home.
void actor_begin(prism_cx *cx, struct cell *home);
// The envelope with which it begins; not posted.
struct envelope *actor_start_of(prism_cx *cx, struct strand *strand);

// Messages whose handlers never suspend, one after the other, without what actor_take does for each: begin a
// turn, call the handlers of messages that actor_calls says yes to, end the turn. The caller frees them.
struct turn {
    struct strand strand;
    void *home, *outer;
    int32_t depth, fuel;
};
static inline bool actor_calls(const struct cell *c, const struct envelope *e) {
    return e->kind == ENVELOPE_MESSAGE && e->generation == c->generation && c->status == CELL_RUNNING &&
           !c->handler && !c->unaccepted && e->message->handler->call && !e->message->handler->mailbox;
}
void actor_turn_call(prism_cx *cx, struct turn *turn, struct envelope *message);
// The part of a strand that code which never suspends can meet; the rest stays unwritten.
static inline void strand_on_stack(struct strand *s, struct cell *home, enum strand_kind kind,
                                   const prism_function *function, const prism_site *site) {
    s->home = home;
    s->kind = kind;
    s->function = function;
    s->message = NULL;
    s->reply_to = (struct reply_to){0};
    s->reply_taken = s->trusted = s->cancelled = s->waking = s->ended = false;
    s->masked = 0;
    s->within = NULL;
    s->frame = NULL;
    s->wait = WAIT_NOT;
    s->innermost = NULL;
    s->holds = NULL;
    s->site = site;
}
static inline void actor_turn_begin(prism_cx *cx, struct cell *home, struct turn *t) {
    t->home = cx->home;
    t->outer = cx->strand;
    t->depth = cx->depth;
    t->fuel = cx->fuel + cx->withheld;
    strand_on_stack(&t->strand, home, STRAND_HANDLER, NULL, NULL);
    cx->home = home;
    cx->strand = &t->strand;
}
static inline void actor_turn_end(prism_cx *cx, const struct turn *t) {
    cx->home = t->home;
    cx->strand = t->outer;
    cx->depth = t->depth;
    cx->fuel = t->fuel - cx->withheld;
}

// Starts a root strand (test, main) in a cell of its own; `args` is consumed. Its end is told by sched_ended.
struct cell *actor_root(prism_cx *cx, const prism_function *function, void *args);

// Cancels what runs in a home, a root's or a free task's, from outside; nothing if it has ended.
void actor_cancel_home(prism_cx *cx, prism_ref home);

// Ends a cell from outside, at the end of a world: all its strands are cancelled (WAKE envelopes), then it
// is GONE. Children are not touched: the caller goes through all cells.
void actor_kill(prism_cx *cx, struct cell *cell);

// ---- faults: what goes wrong without the program's doing (the simulator strikes, nodes crash) ----------

// The actor's incarnation crashes; it is no failure that sched_failed is told of.
void actor_crash(prism_cx *cx, struct cell *cell);
// The same, because of a message that is out of flight: it is freed, its asker gets CRASHED with that cause.
void actor_refuse(prism_cx *cx, struct cell *cell, struct envelope *e, enum prism_failure_kind cause);
// Cancels a strand that waits.
void actor_cancel(prism_cx *cx, struct strand *strand);
// What will never arrive, out of flight: frees it, and nobody expects an answer any more.
void actor_lose(prism_cx *cx, struct envelope *e);
// Is it between nodes, or could be: a message, or the answer to one?
bool actor_travels(const struct envelope *e);
bool actor_is_node(const struct cell *cell);
// Would what one sends to the other now be lost, since a node is down?
bool node_loses(const struct cell *from, const struct cell *to);
// The actor's node crashes, and is up again.
void actor_halt(prism_cx *cx, struct cell *cell);
void actor_go_on(prism_cx *cx, struct cell *cell);

// Has it ended so that actor_collect has nothing to give back, and nobody can know of it?
static inline bool actor_left_nothing(const struct cell *c) {
    return c->status == CELL_GONE && !c->first && !c->futures && !c->unaccepted &&
           !cell_has_rest(c);
}
// Gives back what a GONE cell without futures that are expected still holds; then sched_cell_free.
bool actor_collect(prism_cx *cx, struct cell *cell);

// Gives back what is bound to services, at the end of a world.
void actor_unbind(prism_cx *cx, uint32_t count);

// Is what the home at hand keeps within its limit? Else it traps.
bool actor_memory_holds(prism_cx *cx);

// A future of the home at hand for an operation outside, and where its answer goes: outside_answer posts it,
// by any cx, exactly once. `own_value`, of the future's type, is consumed; nobody else may hold parts of it.
prism_future *outside_future(prism_cx *cx, const prism_type *result, const prism_site *site,
                             struct reply_to *to);
void outside_answer(prism_cx *cx, struct reply_to to, const prism_type *type, void *own_value,
                    const prism_site *site);
// The same by the home itself, when the answer is there already.
void outside_settle(prism_future *f, void *own_value);
// Is it a monitor, which only looks on: no fault strikes it, and all that it is told arrives.
static inline bool actor_watches(const struct cell *cell) {
    return cell->type && cell->type->hot;
}
// The state that a monitor is in, by name, if it has to be left; else NULL.
const char *actor_hot_state(const struct cell *cell);
#define HOT_SENTENCE "`%s` is still in `%s`, which has to be left"
// The supervisor's type, if the cell has crashed and its supervisor will decide, else NULL.
const prism_actor_type *actor_supervisor(const struct cell *cell);

// Traps with a sentence that was made at run time.
void outside_trap(prism_cx *cx, enum prism_failure_kind kind, const char *text,
                  const prism_site *site);
// Traps because a test reached that operation: `service` wants a model, or is NULL.
void outside_refuse(prism_cx *cx, const char *operation, const char *service,
                    const prism_site *site);

// What `strand` waits for, for reports: the futures of an ALL or ANY wait that are still pending.
uint64_t actor_waits_for(const struct strand *strand, const prism_future *out[], uint64_t room);

// What has arrived in a bounded mailbox, oldest first, linked by `next`: messages, and stops that wait.
const struct envelope *actor_mail(const struct cell *c);
uint32_t actor_mail_count(const struct cell *c); // of messages
bool actor_has_room(const struct cell *c);       // no more of them than it may hold

// ---- what a scheduler gives: sched.h of each runtime declares the four structs; these are implemented
// there. Every call says whose turn it is by cx->home (NULL: the scheduler's own). ----------------------

// A cell, zeroed but for `parent`, `site`, `type`, `rest` and `generation` (which differs from all
// before in that memory). Its `name` was set to NULL, and its `type`, with release before that generation
// was. Its memory is never unmapped while refs to it can exist.
struct cell *sched_cell_new(prism_cx *cx, struct cell *parent, const prism_actor_type *type,
                            const prism_site *site);
// The cell is complete; from now on it may be given envelopes. `begins`: before any of them, its one
// strand is to be begun, as with a START: by an envelope of that kind or by actor_begin.
void sched_cell_ready(prism_cx *cx, struct cell *cell, bool begins);
void sched_cell_free(prism_cx *cx, struct cell *cell);
// Tells of a new strand, before its first segment, so that it can be named.
void sched_strand_new(prism_cx *cx, struct strand *strand);

struct envelope *sched_envelope_new(prism_cx *cx, uint32_t payload_bytes); // zeroed head
void sched_envelope_free(prism_cx *cx, struct envelope *e);
// Puts it in flight to `home`. Sent by cx->home.
void sched_post(prism_cx *cx, struct cell *home, struct envelope *e);
// Makes and posts a message to `to`; *args, shared already, is consumed. Of sched_send the answer goes to
// `reply_to`.
void sched_tell(prism_cx *cx, prism_ref to, const prism_message *message, const void *args,
                const prism_site *site);
void sched_send(prism_cx *cx, prism_ref to, const prism_message *message, const void *args,
                struct reply_to reply_to, const prism_site *site);

// Something may take long now: whatever a scheduler has put off until the end of the segment, and for which it
// has cut cx->fuel or cx->depth_max, it does, and gives back what it cut. False: there was nothing.
bool sched_let_go(prism_cx *cx);
// The recursion at hand is deeper than cx->depth_max, which some of that cuts as well: sets it.
void sched_deeper(prism_cx *cx);
// The strand at hand is about to wait for `f`, which is pending. If who can settle it is about to be run
// here, and will not take long, that is done now, and `f` may be settled then (future_settle_now).
void sched_hurry(prism_cx *cx, prism_future *f);
// Has all that has arrived at cx->awaiter been taken?
bool sched_nothing_waits(prism_cx *cx, const struct cell *awaiter);

// Is this a place where faults strike, and does one of that chance strike now?
bool sched_buggify(prism_cx *cx, uint64_t parts_per_million, const prism_site *site);
// The node is down, or up again. False: its actors are to be told one by one.
bool sched_node_turn(prism_cx *cx, struct cell *node, bool down);
// What either node sends to the other is lost from now on, or not any more. Simulations only.
void sched_node_link(prism_cx *cx, struct cell *a, struct cell *b, bool cut);
// No fault strikes from now on, and what they did heals.
void sched_calm(prism_cx *cx);

void sched_timer_start(prism_cx *cx, struct timer *timer);
void sched_timer_stop(prism_cx *cx, struct timer *timer);

// An uncaught failure: of an actor's handler or hook (the cell is crashing, or its supervisor will decide:
// actor_supervisor), of a supervisor that escalates (`strand` is NULL), or of a task or root whose
// result nobody can take any more. `error` is lent. Cancellation is not a failure here.
void sched_failed(prism_cx *cx, struct cell *cell, struct strand *strand, const prism_error *error);
// A false assertion or invariant ended a task whose result somebody may still take: the program is
// wrong, whoever catches it. `error` is lent.
void sched_wrong(prism_cx *cx, struct cell *cell, struct strand *strand, const prism_error *error);
// An invariant does not hold after a segment; the cell crashes next.
// (It is a failure of kind INVARIANT and comes through sched_failed as well.)

// Where the boxes of what is bound to the program's services hang, one a service; NULL: nothing is.
// Written once each, with release; they stay until actor_unbind.
void **sched_bindings(prism_cx *cx);

// A service was bound to a provider: code that reaches the outside.
void sched_provider_bound(prism_cx *cx);

// A place where something should be so in some run was reached.
void sched_sometimes(prism_cx *cx, bool holds, const prism_buffer *text, const prism_site *site);
// An actor of that type was told `message` by an untyped reference, and does not take it.
void sched_not_taken(prism_cx *cx, const prism_actor_type *type, const char *message,
                     const prism_site *site);

// The root strand has ended; `error` is NULL or lent. Then `result` has what its function gave, lent.
void sched_ended(prism_cx *cx, struct cell *root, const prism_error *error, const void *result);

#endif
