// SPDX-License-Identifier: MIT
// sim/engine: the deterministic simulator, linked with the user's program.
//
//   world.h    the world of one execution: arena, names, what is in flight, time; enabled events,
//   taking one finding.h  what can be wrong with an execution, and looking for it choice.h   the
//   one place where anything is chosen: strategies path.h     a schedule as deviations from the
//   canonical one: following, shrinking tell.h     records for `prism`: results, stories, why
//   explore/   systematic exploration over world.h
//   main.c     the command line of a simulated program
//
// A world is everything that an execution makes, in one arena at a fixed address: the semantics'
// cells, strands, futures and envelopes, the program's values, and the scheduler's own tables.
// Nothing of libc is in it, so that resetting is forgetting, and a snapshot is a copy up to the
// high-water mark. What outlives executions (the log, strategies, findings as text) is malloc'ed
// and hangs on struct world_host.
//
// An execution is a sequence of events. An event takes one enabled envelope, or advances time to
// the next deadline, which posts that timer's envelope. What is taken silently is no event.
#ifndef PRISM_SIM_WORLD_H
#define PRISM_SIM_WORLD_H

#include "runtime/actor/actor.h"
#include "runtime/test/inputs.h"
#include "runtime/value/value.h"

#include <assert.h>

#define WORLD_ADDRESS    0x7e9000000000ull
#define WORLD_BYTES      (64ull << 30) // address space, not memory
#define WORLD_MEMORY_MAX (4ull << 30)  // an execution that needs more ends with a finding

// ---- names --------------------------------------------------------------------------------------

// Who a cell is, in every execution: parent, spawn site, and which of the spawns from there it is.
// Entry 0 is the scheduler; the root's parent is 0.
struct name {
    uint32_t parent, count; // count: from 0, of the same parent and site
    uint32_t elder;         // the parent's child made before this one, or 0
    uint32_t youngest;      // its own child made last, or 0
    uint32_t sent;          // number of the last envelope that it sent
    uint32_t sent_firm;     // of the last one that was not loose
    uint32_t seen, least;   // scratch of flight.c: the pass that met an envelope of this sender
    uint32_t seen_firm;     // and one that is not loose
    uint32_t seen_far;      // and one from another node
    uint64_t hash;          // of the whole path; never depends on a line or an address
    uint64_t output;        // hash of what it printed
    const prism_site *site; // NULL: root
    const prism_actor_type *type;   // NULL: root or task
    const prism_function *function; // root and tasks: what runs there
    struct cell *cell; // NULL when its memory was given back, at the world's end
    uint32_t last_node; // then: the name of the node that it was on, or 0
    struct envelope *sent_first, *sent_last; // in flight from it, in order of sending
};

// The name of the node that the actor is, or was, on; 0: on none.
static inline uint32_t name_node(const struct name *n) {
    if (!n->cell)
        return n->last_node;
    return n->cell->node ? n->cell->node->sched.id : 0;
}

// Of function, operation and ordinal; 0 for NULL.
uint64_t site_hash(const prism_site *site);
uint64_t site_hash_of(const char *function, size_t function_len, const char *operation,
                      size_t operation_len, uint32_t ordinal);
// A child's name hash; used by traces to find the same actor again.
uint64_t name_hash(uint64_t parent, uint64_t site, uint32_t count);

// ---- events -------------------------------------------------------------------------------------

#define EVENT_ADVANCE 7  // beside enum envelope_kind
#define EVENT_FAULT   32 // and above: a fault of the kind with that number (fault/faults.def)

// One entry of the log.
struct event {
    uint32_t home; // id of who takes; of the timer's home for ADVANCE
    uint32_t sender, number;
    uint32_t upto;    // of what the sender sent, all up to this number lies before
    uint32_t sent_at; // index + 1 of the event that sent it (ADVANCE: that started the timer)
    uint32_t before;  // index + 1 of the home's event before this one
    uint32_t silent;  // index + 1 in the list of what was taken silently for this wait, 0: none
    uint8_t kind;
    uint8_t touches;       // enum touch
    uint16_t alternatives; // how many events could have been next, at most 65535
    const prism_site *site;
};
// One of several replies, or ends of tasks, that a strand waited for together, but the last. It
// lies before the event in which the strand goes on.
struct silent_take {
    uint32_t sent_at; // index + 1 of the event that sent it
    uint32_t sender, number, upto;
    uint32_t before; // index + 1 of the silent take before, for the same wait
};
// What the segment did besides sending; READS_ONLY: nothing, and it sent nothing but its answer.
enum touch { TOUCHES_CLOCK = 1, TOUCHES_MAILBOX = 2, READS_ONLY = 4, TOUCHES_NODES = 8 };

// An event's identity in all executions of a test. All zero: none.
struct event_name {
    uint64_t to, from, site;
    uint32_t kind, occurrence;
    const prism_site *place; // for people; no part of the identity; NULL: not known
};
static inline bool event_name_equal(const struct event_name *a, const struct event_name *b) {
    return a->to == b->to && a->from == b->from && a->site == b->site && a->kind == b->kind &&
           a->occurrence == b->occurrence;
}

// For tables.
uint64_t event_name_hash(const struct event_name *name);

// An enabled event: an envelope, or a timer that is next.
struct choice {
    struct envelope *envelope;
    struct timer *timer; // when envelope is NULL
};

// A fault that could strike, or strikes: this envelope, else this cell.
struct strike {
    uint8_t kind; // enum fault_kind
    struct envelope *envelope;
    struct cell *cell, *other; // other: of a pair of nodes
};
struct fault_plan;
// What cell `from`, a node or the root, sends to the other is lost.
struct link {
    uint32_t from, to; // ids
    bool by_fault;
    int64_t since_ns;
};

// ---- the world ----------------------------------------------------------------------------------

#define SIZE_CLASSES       128
#define FINDING_SAID_BYTES 800 // of what an error says in words made at run time

struct finding {
    uint8_t kind;                  // enum finding_kind, 0: none
    int64_t word;                  // enum prism_failure_kind
    const char *text;              // static, or NULL
    char said[FINDING_SAID_BYTES]; // what the error says in words of its own; empty if nothing
    const prism_site *site;
    const prism_function *function; // whose strand failed, where site is NULL
    uint32_t actor;                 // id, 0: nobody in particular
    uint64_t places;                // of a deadlock: where is waited
};

// A fault that struck within a segment (fault/data.c, fault/placed.c): what, whose segment, where,
// and which one of those there. So it is found again in another execution.
struct mishap {
    uint64_t home, site;              // hashes
    uint32_t kind, occurrence;        // kind: enum fault_kind
    const char *function, *operation; // the site in words, static; NULL: not known
    uint32_t ordinal;
    uint32_t event; // index + 1 of the event in which it struck; no part of the identity
};
static inline bool mishap_equal(const struct mishap *a, const struct mishap *b) {
    return a->home == b->home && a->site == b->site && a->kind == b->kind &&
           a->occurrence == b->occurrence;
}
struct mishaps {
    struct mishap *at; // malloc'ed
    uint32_t len, capacity;
};
void mishaps_add(struct mishaps *m, const struct mishap *one);
void mishaps_copy(struct mishaps *into, const struct mishaps *from);

struct chances; // fault/fault.h

// What an execution is given, instead of having it follow from the seed. All zero: nothing.
struct given {
    const struct inputs *inputs;   // the choices of generated inputs, or NULL
    const struct mishaps *mishaps; // those that may strike, and no others; or NULL
    bool prompt; // services answer at once, but for those that are slow by a fault
};

struct world;
struct blackbox;
struct measure;

// Outlives executions; not in the arena.
struct world_host {
    const prism_program *program;
    struct event *log; // of the execution at hand
    uint32_t log_capacity;
    struct blackbox *box; // where the log lies when it is to survive the process, or NULL
    int box_fd;
    uint32_t steps_max;          // events after which an execution is cut off
    bool naming;                 // keep occurrences, so that events can be named
    struct watcher *watcher;     // of prints and of segments, or NULL (tell.c)
    bool go_on;                  // after a finding, until nothing can move
    const struct measure *bound; // a run along a path that is worse is given up (path.h); or NULL
    bool (*hurried)(void); // somebody waits: leave a failure as small as it is by now; or NULL
    // Told of every envelope that is about to be taken silently, or to be taken back; or NULL.
    void (*silently)(void *context, struct world *w, const struct envelope *e);
    void *silently_context;
    struct silent_take *silent;
    uint32_t silent_capacity;
    uint64_t seed;
    struct given given;
    struct inputs drawn;     // the generated inputs of the execution at hand
    struct mishaps mishaps;  // that struck in it
    struct chances *chances; // notes where mishaps could have struck, in all executions; or NULL
    char *inputs_text;       // its inputs as the program would write them, malloc'ed, or NULL
    bool drew; // data was drawn in some execution: with another seed there are other inputs
    const struct fault_plan *faults; // that may strike; NULL: none
    struct sometimes *sometimes;     // what should be so in one run of the test at least, or NULL
};

// Gives back what executions have left in the host.
void world_host_free(struct world_host *host);

struct world {
    prism_cx cx; // first: a cx is a world
    struct world_host *host;

    unsigned char *top; // of the arena in use
    void *free_blocks[SIZE_CLASSES];
    uint64_t live_bytes, live_blocks; // of the program and the semantics, without the tables below

    struct name *names;
    uint32_t name_count, name_capacity;
    struct cell *first_cell, *last_cell;

    struct envelope **ready; // enabled ones, in no particular but a deterministic order
    uint32_t ready_count, ready_capacity;
    uint32_t in_flight, orders, pass;
    struct cell *dirty;

    struct timer **heap;
    uint32_t heap_count, heap_capacity, timer_orders;
    int64_t now_ns;
    uint32_t advances; // how often time has advanced

    void **bindings; // of services; see sched_bindings

    struct count *counts; // occurrences by key; open addressing
    uint32_t count_count, count_capacity;

    uint32_t event_count;  // entries of host->log
    uint32_t silent_count; // entries of host->silent
    uint8_t touches;       // of the segment at hand
    bool reading;          // it only reads, as far as is known
    bool in_event;
    uint64_t hash; // rolling, of all events
    uint32_t spins;

    struct cell *root;
    bool root_ended;
    uint32_t root_ended_at; // event count
    int64_t root_ended_ns;
    bool out_of_memory, ending;
    bool calm;          // no fault strikes any more
    uint32_t nodes;     // made so far
    struct link *links; // that are cut
    uint32_t link_count, link_capacity;
    uint32_t strikes;       // so far
    bool crowded;           // something was taken before anybody waited for it
    struct finding finding; // the first
    uint32_t found_at;      // events up to the one that led to it; 0: none yet, or by the latest
    uint64_t found_hash;    // of these events
    struct finding told;    // the first failure that was told to somebody who asked
};

#define WORLD ((struct world *)WORLD_ADDRESS)

// The world counts all that it gives and takes, so nothing goes the short ways of abi.h.
extern prism_pool world_pools[PRISM_POOLS];

// Maps the arena; once per process. False if the address is taken or there is no memory.
bool world_map(void);

// Starts a new execution from nothing: `function` as the root, `args` (of function->args, plain or
// immortal values) copied. `host` must outlive it.
void world_begin(struct world_host *host, const prism_function *function, const void *args);

// Takes silently what can be taken so, and finds again what is enabled. To be called before the
// ones below.
void world_settle(struct world *w);
// Number of enabled events: envelopes, and one for advancing time if a timer runs.
// Time is a slow machine's, but where faults are over (assert_eventually!) it passes only when
// there is nothing else to do, as on a fair one.
static inline bool world_time_passes(const struct world *w) {
    return w->heap_count > 0 && (!w->calm || w->ready_count == 0);
}
static inline uint32_t world_enabled(const struct world *w) {
    return w->ready_count + world_time_passes(w);
}
// Enabled events in canonical order (the next one of the canonical scheduler first), ties of timers
// each as one. Returns how many there are; writes at most `room`.
uint32_t world_list(struct world *w, struct choice *out, uint32_t room);
// The canonical scheduler's choice: of the enabled envelopes that the latest event sent, the
// oldest; else time.
struct choice world_canonical(struct world *w);
// Is a the canonical scheduler's choice rather than b?
bool world_comes_before(const struct envelope *a, const struct envelope *b);
struct timer *world_next_timer(const struct world *w);
uint32_t world_tied_timers(const struct world *w, struct timer **out, uint32_t room);

// Takes one enabled event.
void world_take(struct world *w, struct choice c, uint32_t alternatives);

// A fault strikes, as an event.
void world_strike(struct world *w, const struct strike *s);

// Needs host->naming. Nothing has the name that is all zero.
struct event_name world_name(const struct world *w, struct choice c);
struct event_name world_strike_name(const struct world *w, const struct strike *s);

// Ends the execution: everything is cancelled and given back. Afterwards live_blocks is 0 unless
// something leaked.
void world_end(struct world *w);

// The bytes of the arena that hold the world, also those given back; it can be copied between two
// events, and put back later in the same process.
static inline size_t world_bytes(const struct world *w) {
    return (size_t)(w->top - (const unsigned char *)w);
}
void world_copy(const struct world *w, void *to);
void world_put_back(const void *copy, size_t bytes);

// Memory for the scheduler's tables, not counted as live.
void *world_table_alloc(struct world *w, size_t bytes);
void world_table_free(struct world *w, void *memory, size_t bytes);
// Doubles a table of `count` items that is full.
void *world_table_grow(struct world *w, void *table, uint32_t count, uint32_t *capacity,
                       size_t item);

// How often this key was asked for before.
uint32_t world_count(struct world *w, uint64_t key);

// The next choice of a generated input.
uint64_t world_input(struct world *w, uint64_t alternatives);
// A key's number below `alternatives`, the same in every execution with this seed.
uint64_t world_draw(const struct world *w, uint64_t key, uint64_t alternatives);

// ---- flight.c, clock.c, timer.c: for the engine's own files -------------------------------------

void flight_unlink(struct world *w, struct envelope *e);
void flight_dirty(struct world *w, struct cell *home);
// It is not taken before that time.
void flight_hold(struct world *w, struct envelope *e, int64_t until_ns);
// Does it go from one node to another?
bool flight_crosses(const struct world *w, const struct envelope *e);
// It never arrives.
void flight_lose(struct world *w, struct envelope *e);
// Would what one sends to the other now be lost?
bool link_loses(struct world *w, const struct cell *from, const struct cell *to);
bool link_is_cut(struct world *w, const struct cell *from, const struct cell *to);
void link_set(struct world *w, const struct cell *from, const struct cell *to, bool cut,
              bool by_fault);
// The node's actors crash, or begin again, in the event at hand.
void node_turn(struct world *w, struct cell *node, bool down);
// It may be taken again; gives back what held it.
void flight_release(struct world *w, struct envelope *e);
void flight_release_all(struct world *w);
// The strand that waits for this answer, alone or together with others, or NULL.
struct strand *flight_waits_for(const struct envelope *e);
// The envelope is about to be taken. If with it a strand goes on that waited for several: what the
// home knows by the others, and where they are in the host's list (0: nowhere).
uint32_t flight_goes_on(struct world *w, struct cell *home, const struct envelope *e);
void clock_note(struct world *w, struct clock *into, uint32_t sender, uint32_t number);
void clock_join(struct world *w, struct clock *into, const struct clock *from);
void clock_copy(struct world *w, struct clock *into, const struct clock *from);
void clock_clear(struct world *w, struct clock *c);
void timer_fire(struct world *w, struct timer *t);

#endif
