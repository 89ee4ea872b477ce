// SPDX-License-Identifier: MIT
// The parallel runtime: one worker a core, each with a run queue of cells, timers and free memory. Cells
// are taken from the own queue, then from the injector, then stolen; a worker without work parks.
//
//   alloc.c    memory: per-worker free lists, exchanged in batches
//   large.c    blocks larger than all classes; the largest grow by moving their pages
//   trim.c     giving memory back to the system      ring.h     the run queue
//   cells.c    cells and envelopes, posting, running a cell             timers.c   deadlines
//   worker.c   finding work, parking, waking, quiescence                env.c      clock, random, print
//   tasks.c    tasks that nobody has begun; answers that can be had at once
//   spare.c    workers that stand in for those that are in long segments
//   pressure.c backpressure: pausing who sends faster than its messages are taken
//   company.c  how many workers take part
//   pool.c     operations outside, and threads for those that block
//   poller.c   waiting until sockets are ready
//   signals.c  being told to end, the grace period, who waits for what
//   waiting.c  who waits for what
//   main.c     the program: arguments, tests, exit code
//   library.c  the program as a library of C
#ifndef PRISM_PARALLEL_RUNTIME_H
#define PRISM_PARALLEL_RUNTIME_H

#include "runtime/test/inputs.h"
#include "runtime/actor/actor.h"
#include "runtime/env.h"
#include "runtime/parallel/ring.h"
#include "runtime/value/value.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>

enum { WORKERS_MAX = 256, SPARES_MAX = 8 };

struct runtime;

// ---- memory ---------------------------------------------------------------------------------------

// Up to 1,024 bytes; larger blocks come from malloc.
enum { CLASS_BYTES = PRISM_POOL_STEP, CLASS_COUNT = PRISM_POOLS };
enum { BATCH_BLOCKS = PRISM_BATCH };

// Full batches of each class, for all workers.
struct depot {
    pthread_mutex_t lock;
    prism_block *batches[CLASS_COUNT];
    struct cell *cells; // free ones
    struct huge *huge;   // free ones of large.c
    uint64_t huge_bytes; // atomic for peeking: of those
    uint64_t free_bytes; // the same, of all three
    char *region;        // of pages that chunks are made of
    size_t region_left;
    uint32_t regions;    // got so far
    // Of trim.c; changed only while no worker runs.
    uint64_t kept_bytes;         // were free after it had given back what it could
    uint64_t generation_floor;   // of cells whose memory was given back
    struct chunk *bare;          // chunks of such cells, to be carved again
};
struct memory {
    // Of free blocks. Each has one full batch to spare, so that a worker at the edge does not go back
    // and forth.
    prism_pool pools[CLASS_COUNT];
    struct chunk *chunk, *cell_chunk; // that blocks, cells are carved from
    struct chunk *chunks;             // all that this worker got
    int64_t made, large;     // blocks that were carved; larger ones, made minus freed here
    struct cell *free_cells;
    uint32_t free_cell_count;
    // Of free tasks, still claimed by their anchor, which is all that there is in their queue; linked
    // by `run_next`.
    struct cell *free_tasks;
    uint32_t free_task_count;
};

// What blocks, or cells, are carved from: CHUNK_BYTES of memory at a multiple of that. Blocks have the
// description in front of them, so that it is found from a block; that of cells is apart, since their memory may
// be given back to the system while refs to them exist, and reads as zero then.
enum { CHUNK_BYTES = 256 << 10, CELL_BYTES = (sizeof(struct cell) + 63) & ~63 };
struct chunk {
    struct chunk *next; // of the same worker
    char *memory;
    uint32_t carved; // bytes, from the start of `memory`
    uint32_t free;   // trim.c's: bytes of it that nobody uses
    bool of_cells;
    bool is_bare;            // cells: given back to the system, not carved again yet
    struct chunk *next_bare;
};
void memory_unmap(struct chunk *c);
void memory_each_cell(const struct memory *m, void (*visit)(void *context, struct cell *), void *context);

// ---- blocks larger than all classes (large.c) -------------------------------------------------------

// Bytes of what is got are not cleared; `bytes` is what was asked for.
void *large_get(struct depot *d, size_t bytes);
void large_put(struct depot *d, void *memory, size_t bytes);
// The block with room for more, perhaps elsewhere.
void *large_grow(struct depot *d, void *memory, size_t bytes, size_t wanted);
// Fresh addresses of `room` bytes, cleared, at a multiple of `alignment`, both of whole pages.
char *large_map(size_t room, size_t alignment, int protection);
// Ends the program, since the machine has no `bytes` left; has a type for use in expressions.
void *large_refused(size_t bytes);
// Gives back to the system what was kept for the next. With the depot's lock held, or at the end.
void large_trim(struct depot *d);

// ---- giving memory back (trim.c) -------------------------------------------------------------------

// Is so much free that it is worth looking for what nobody needs?
bool memory_worth_trimming(const struct depot *d);
// Gives chunks back in which nothing is in use. No worker runs; with the runtime's lock held.
void memory_trim(struct runtime *rt);

// A cell of any past, or a zeroed one. Cells are never given to anything else (see prism_ref in abi.h).
struct cell *memory_get_cell(struct depot *depot, struct memory *m);
void memory_put_cell(struct depot *depot, struct memory *m, struct cell *c);
void memory_end(struct memory *m);
// Blocks made here that are not in its lists, and those in the depot: over all the difference is what
// was not given back.
int64_t memory_out(const struct memory *m);
int64_t depot_blocks(const struct depot *depot);
void depot_end(struct depot *depot);

// ---- timers ---------------------------------------------------------------------------------------

// Lives from sched_timer_start until its TIMER envelope was taken, or until it is found stopped.
struct timer_node {
    int64_t deadline_ns;
    uint64_t order; // of starting, at this worker
    struct timer *timer;       // NULL: it ticks for `pressure`
    struct pressure *pressure;
    struct cell *home;
    struct worker *worker; // in whose heap it is
    uint32_t index;        // in that heap
    enum { NODE_PENDING, NODE_FIRED, NODE_STOPPED } state; // atomic; PENDING is left once
    bool dead;             // the home's: stopped after it had fired
};
struct timers {
    bool locked; // atomic; see timers.c
    struct timer_node **heap;
    uint32_t count, room; // count: atomic for peeking
    uint64_t order;
};

// Fires what is due in the heap of `keeper`.
void timers_run(struct worker *w, struct worker *keeper, int64_t now_ns);
int64_t timers_next(struct timers *t); // the next deadline, or INT64_MAX
static inline uint32_t timers_count(const struct timers *t) {
    return __atomic_load_n(&t->count, __ATOMIC_RELAXED);
}
// Is there one that was not stopped? Only while nobody runs.
bool timers_pending(const struct timers *t);
// Its tick will come at this worker, once.
void timers_start_tick(struct worker *w, struct pressure *p, int64_t deadline_ns);
// Frees the stopped ones that are left.
void timers_end(struct worker *w);
// A TIMER envelope that has arrived: sets its timer, or gives its node back and is false if the timer was
// stopped meanwhile. Then, when the semantics takes it, its node is released.
bool timers_look(prism_cx *cx, struct envelope *e);
void timers_release(prism_cx *cx, struct envelope *e);

// ---- workers --------------------------------------------------------------------------------------

struct runtime;

// A worker puts off what would cost an atomic operation each time: it keeps the cell that was made runnable
// last (`slot`), and a chain of messages to one receiver (`outbox`), which the first message to it is not
// part of. Both are let go at the end of the segment, the chain also before anything else is posted. So that a
// long segment does not keep them from others, cx->fuel and cx->depth_max are cut as long as there is anything:
// the next round of PRISM_PORTION iterations of a loop, and the next step of a recursion, let go. The same is
// done for `tasks`, but there a loop has TASKS_FUEL, and a recursion TASKS_DEEPER calls, before they are
// published: a segment that is not long had better leave them, see tasks.c.
struct worker {
    prism_cx cx; // first: a cx is its worker
    struct runtime *rt;
    struct cell *slot;
    struct {
        struct cell *told; // whom the last message was sent to, which may be dead
        struct envelope *first, *last;
        uint32_t count;
    } outbox;
    bool puts_off; // cx.fuel and cx.depth_max are cut for the sake of slot and outbox
    // Tasks that were made here and that nobody has begun, the latest last. Nobody else sees them.
    struct {
        struct cell *first, *last;
        uint32_t count;
        uint32_t begun; // since there last were none, or one was shared
    } tasks;
    bool offers;        // atomic for peeking: what is in `ring` is for whoever has nothing to do
    uint32_t deeper;    // how often a recursion of the segment at hand was asked about
    uint32_t nesting;   // how many segments wait on the stack for what runs (hurry.c)
    uint32_t hurried;   // how many such runs there were since it last looked for work
    uint32_t index;
    struct ring ring;
    struct timers timers;
    struct memory memory;
    uint64_t random;     // for choosing whom to steal from
    uint32_t tick;       // atomic: looks for work, so that others see that it is not in one long segment
    uint32_t seen_ticks[WORKERS_MAX + SPARES_MAX]; // of the others, when this one parked last
    int64_t seen_at_ns[WORKERS_MAX];  // when they were so for the first time
    uint64_t taken;      // atomic for peeking: envelopes that it has dealt with …
    uint64_t turns;      // … in so many runs of a cell
    uint32_t parks;      // atomic for peeking: how often it had nothing to do
    uint32_t polls;      // since it last had something to do
    int64_t looked_at_ns; // when it parked last
    uint64_t serial;     // cells made
    int32_t sends_left;  // until pressure.c looks at who sends
    uint32_t look_sends; // what that began at
    uint32_t helping;    // how many cells it runs in the middle of another's segment
    bool parked, woken;  // under rt->lock
    bool stands_in;      // atomic, of a spare
    bool sleeps;         // of a spare, under rt->lock
    bool is_outside;     // of a spare, or a thread of the pool: keeps no cells, nobody steals from it
    pthread_cond_t wake;
    pthread_t thread;
};

// ---- the short ways of prism_alloc and prism_free --------------------------------------------------

static inline uint32_t memory_class(size_t bytes) {
    size_t class = bytes ? (bytes - 1) / CLASS_BYTES : 0;
    return class < CLASS_COUNT ? (uint32_t)class : CLASS_COUNT;
}
// What happens once in a batch, or for what is large.
void *memory_get_slowly(struct worker *w, uint32_t class, size_t bytes);
void memory_put_slowly(struct worker *w, uint32_t class, void *memory, size_t bytes);

static inline void *memory_get(struct worker *w, size_t bytes) {
    uint32_t class = memory_class(bytes);
    prism_block *block = class < CLASS_COUNT ? w->memory.pools[class].first : NULL;
    if (PRISM_RARE(!block))
        return memory_get_slowly(w, class, bytes);
    w->memory.pools[class].first = block->next;
    w->memory.pools[class].count--;
    return block;
}
static inline void memory_put(struct worker *w, void *memory, size_t bytes) {
    uint32_t class = memory_class(bytes);
    if (PRISM_RARE(class == CLASS_COUNT || w->memory.pools[class].count == BATCH_BLOCKS)) {
        memory_put_slowly(w, class, memory, bytes);
        return;
    }
    prism_block *block = memory;
    block->next = w->memory.pools[class].first;
    w->memory.pools[class].first = block;
    w->memory.pools[class].count++;
}

// ---- backpressure (pressure.c) ---------------------------------------------------------------------

struct pressure_room {
    pthread_mutex_t lock;
    struct pressure *first; // of the cells that are paused
    uint32_t paused_count;  // atomic for peeking
    uint64_t probes;        // sent so far
};

// Never given to the semantics: passes when the mail before it has been taken.
enum { ENVELOPE_PROBE = 31 };

// The cell at hand has sent w->look_sends messages or so, the latest to `target`.
void pressure_look(struct worker *w, struct cell *target);
// Asked by who runs a cell with `pause_due`. True: it is not to be run now, nor touched any more; it will be
// enqueued.
bool pressure_pauses(struct worker *w, struct cell *c);
// May this probe pass now, with the mail that waits in the cell? Then it does.
bool pressure_may_pass(const struct cell *c, const struct envelope *probe);
void pressure_pass(prism_cx *cx, const struct envelope *probe);
void pressure_tick(struct worker *w, struct pressure *p);
// A tick that will not come any more, at the end.
void pressure_drop_tick(prism_cx *cx, struct pressure *p);
// The cell, which is not paused, is free.
void pressure_forget(prism_cx *cx, struct cell *c);
// Lets all go on that are paused.
void pressure_release(struct worker *w);

// ---- company --------------------------------------------------------------------------------------

struct company {
    uint32_t limit;    // atomic: the first so many workers take part
    uint32_t grain_ns; // atomic: what a run of a cell takes, about
    int64_t due_ns;    // atomic for peeking: when to look again
    bool reviewing;    // atomic: held by who reviews, who alone touches what follows
    bool settled;      // the period at hand began with the limit that it has
    int64_t began_ns;
    uint64_t taken[WORKERS_MAX], turns[WORKERS_MAX];
    uint32_t parks[WORKERS_MAX];
    uint64_t rate_alone, rate_company; // envelopes a millisecond, 0: not known
    uint32_t periods, patience; // with that limit; of one worker, until all are tried
    uint32_t samples, slow;     // of the company; of one alone that was far from its rate, in a row
};

void company_begin(struct runtime *rt, int64_t now_ns);
// To be called now and then: is it better with more workers, or with one?
void company_look(struct worker *w, int64_t now_ns);

// ---- the blocking pool ----------------------------------------------------------------------------

enum { POOL_THREADS_MAX = 16 };

struct pool_job;
struct pool {
    pthread_mutex_t lock; // guards all below
    pthread_cond_t wake;
    struct pool_job *first; // oldest first
    struct worker *workers[POOL_THREADS_MAX];
    uint32_t count, idle_count;
    bool ending;
};

void pool_init(struct pool *p);
// Ends its threads; false if one of them has not come back from an operation.
bool pool_end(struct runtime *rt);
void pool_free(struct pool *p);

// ---- waiting for sockets (poller.c) -----------------------------------------------------------------

struct poller {
    pthread_mutex_t lock;  // guards its beginning
    bool began;            // atomic
    struct worker *worker; // of its thread, or NULL
};
struct socket_waiter;

void poller_init(struct poller *p);
// `direction` is an enum socket_direction (runtime/service/outside.h).
prism_future *poller_wait(struct worker *w, int64_t socket, uint32_t direction,
                          const prism_type *result, const prism_site *site);
// Tells all of the list that the socket may be ready.
void poller_tell(struct worker *w, struct socket_waiter *list);
// Ends its thread. Returns how many blocks of memory that made and did not free.
int64_t poller_end(struct runtime *rt);
void poller_free(struct poller *p);

// ---- signals --------------------------------------------------------------------------------------

// Of a program that is run (not of its tests); under the runtime's lock but for what is set before it runs.
struct signals {
    struct worker *worker; // of the thread that waits for them; NULL: they are not caught
    pthread_t thread;
    prism_ref root;
    int number;          // the first one that told the program to end, or 0
    int64_t deadline_ns; // when the grace period is over, or INT64_MAX
    bool grace_begun, ends;
    bool dumps; // the workers halt in order to say who waits for what
};

// Before any thread is started: from now on signals wait until they are watched for.
void signals_block(void);
// Before the program runs: they will be watched for.
void signals_begin(struct runtime *rt);
void signals_watch(struct runtime *rt, prism_ref root);
void signals_root_ended(struct runtime *rt);
int signals_number(struct runtime *rt); // the first one that told the program to end, or 0
// Returns how many blocks of memory its thread made and did not free.
int64_t signals_end(struct runtime *rt);
// Gives back the memory of its thread, when no free list holds any of it.
void signals_free(struct runtime *rt);

struct runtime {
    struct worker *workers;
    uint32_t worker_count; // without spares
    struct depot depot;
    struct pressure_room pressure;
    struct company company;
    struct pool pool;
    struct poller poller;
    struct signals signals;
    bool halts; // atomic: workers take no work, so that the world can be looked at
    uint32_t outside_count; // atomic: operations outside that have not come back
    void **bindings;        // of services; see sched_bindings
    bool is_test, outside_allowed; // a test may reach the outside when it has bound a provider

    pthread_mutex_t lock; // guards what follows, to `output`
    struct cell *injected, *injected_last;
    uint32_t parked_count;
    bool quiet;    // nobody has work and no timer runs
    struct worker *spares[SPARES_MAX]; // spare.c
    uint32_t spare_count, spares_busy; // the latter atomic for peeking
    bool stopping; // workers are to end
    bool is_left;  // for a thread that is still outside: not to be freed
    bool abandons; // operations outside are not waited for any more
    pthread_cond_t became_quiet;
    uint32_t injected_count; // atomic for peeking
    uint32_t idle_hint;      // atomic: parked workers that nobody has woken, for peeking
    uint32_t polling;        // atomic: those of them that look for work now and then

    pthread_mutex_t output_lock;
    char output[1 << 16];
    size_t output_len;
    bool output_by_line;
    int output_error; // errno: some of it was lost

    // The inputs of a property: drawn by its root alone, before it does anything else.
    const struct inputs *given; // what to draw, or NULL: by the seed
    uint64_t seed;
    struct inputs drawn;
    char *inputs_text; // as the program would write them, malloc'ed, or NULL

    const prism_program *program;
    bool ends_with_root; // main: what it started is stopped when it returns
    // A library's, which has several roots: told of the end of each; `error` is NULL if it ended well,
    // then `result` has what its function gave.
    void (*tell_root_ended)(prism_cx *cx, struct cell *root, const prism_error *error,
                            const void *result);
    // What happened, under `lock`.
    bool root_ended;
    struct prism_error *root_error;
    uint64_t failures;
    // The first failure that nobody handles: a crashed handler is its asker's to handle, except that a
    // false assertion or invariant is everybody's.
    bool has_first;
    struct first_failure {
        int64_t kind; // enum prism_failure_kind
        char report[1024];
        const char *who;
        const prism_site *site;
    } first;
    bool tells_failures; // on standard error, as they come
    uint64_t
        not_taken; // messages that an untyped reference was told in vain; the first was reported
};

// Says how many messages nobody took, if it was more than the one that was reported.
void runtime_tell_not_taken(const struct runtime *rt);

static inline uint32_t company_limit(const struct runtime *rt) {
    return __atomic_load_n(&rt->company.limit, __ATOMIC_RELAXED);
}
// Is a queue of so many cells long enough to be shared? A worker that has to be woken begins when this
// much is done, about, and then misses what it needs in its cache.
#define WORTH_NS ((uint64_t)20000)
// Long enough for one who is awake, and only has to fetch what it needs.
#define WORTH_TAKING_NS ((uint64_t)2000)
static inline bool company_worth(const struct runtime *rt, uint32_t backlog, uint64_t least_ns) {
    uint64_t grain_ns = __atomic_load_n(&rt->company.grain_ns, __ATOMIC_RELAXED);
    return backlog > 1 && backlog * grain_ns >= least_ns;
}
static inline bool company_excludes(const struct worker *w) {
    return w->index >= company_limit(w->rt);
}

static inline struct worker *worker_of(prism_cx *cx) {
    return (struct worker *)cx;
}

// Starts `count` workers' memory and queues (not their threads).
void runtime_init(struct runtime *rt, uint32_t count, const prism_program *program);
// Runs `function` as the root on all workers until nothing can move; worker 0 is the calling thread.
void runtime_run(struct runtime *rt, const prism_function *function, void *args);
// Stops, then kills what is left and runs until that is done; ends the threads. Returns how many blocks of
// memory were not given back.
int64_t runtime_end(struct runtime *rt);
// For every cell that was ever made, at a quiet time.
void runtime_each_cell(struct runtime *rt, void (*visit)(struct runtime *, struct cell *));

// Workers halt between two segments, or go on. With the lock held.
void runtime_halt(struct runtime *rt, bool halts);
// Says on standard error who waits for what, while all workers halt.
void runtime_tell_waiting(struct runtime *rt);

// An operation outside has come back, and its answer is posted.
void runtime_outside_done(struct runtime *rt);

// Do workers halt, or are they about to?
static inline bool runtime_halts(const struct runtime *rt) {
    return __atomic_load_n(&rt->halts, __ATOMIC_RELAXED);
}

// ---- spare workers (spare.c) ------------------------------------------------------------------------

void spares_begin(struct runtime *rt);
void spares_wake(struct runtime *rt); // with the lock held: a worker is up
void spares_end(struct runtime *rt);  // ends the threads, when the runtime is stopping
void spares_free(struct runtime *rt);

void worker_init(struct worker *w, struct runtime *rt, uint32_t index);
// Of a thread that only makes work for others; malloc'ed.
struct worker *worker_outside(struct runtime *rt);
// Takes that cell out of the injector, if it is there.
bool worker_take_injected_one(struct runtime *rt, struct cell *wanted);
// For spares: cells of the injector, of a worker (half of what that has); or NULL.
struct cell *worker_take_injected(struct runtime *rt);
struct cell *worker_steal_from(struct worker *w, struct worker *victim);

// A random number.
uint64_t worker_random(struct worker *w);
// A cell to run, of its own or another's, or NULL.
struct cell *worker_find(struct worker *w);
// Does nothing else of its home run while it is under way? Then nobody can tell that it yields.
static inline bool strand_yields_unseen(const struct strand *s) {
    if (!s || s->kind == STRAND_ISOLATED)
        return false;
    return s->kind != STRAND_HANDLER || !s->home->type->reentrant;
}
// Where others can take it, if need be one that is woken for that.
void worker_publish(struct worker *w, struct cell *c);
void worker_wake_one(struct runtime *rt);
// Lets go of slot and outbox; false: there was nothing in either.
bool worker_let_go(struct worker *w);
void worker_publish_slot(struct worker *w);
// Cuts fuel, to `left`, and depth_max, since something is put off; or gives them back.
enum { TASKS_FUEL = PRISM_FUEL / 4, TASKS_DEEPER = 4096 };
static inline void worker_withhold(struct worker *w, int32_t left) {
    int32_t more = w->cx.fuel - left;
    if (more > 0) {
        w->cx.fuel = left;
        w->cx.withheld += more;
    }
    w->cx.depth_max = -1;
}
static inline void worker_cut(struct worker *w) {
    if (w->puts_off)
        return;
    w->puts_off = true;
    worker_withhold(w, 0);
}
static inline void worker_uncut(struct worker *w) {
    w->puts_off = false;
    w->cx.fuel += w->cx.withheld;
    w->cx.withheld = 0;
    w->cx.depth_max = PRISM_DEPTH_MAX;
    if (w->tasks.count)
        worker_withhold(w, TASKS_FUEL);
}
// Makes a scheduled cell runnable here.
static inline void worker_enqueue(struct worker *w, struct cell *c) {
    struct cell *older = w->slot;
    if (!w->is_outside) {
        w->slot = c;
        worker_cut(w);
        if (!older)
            return;
        c = older;
    }
    worker_publish(w, c);
}
// The oldest mail of those that were passed over, or NULL; the runner's to ask.
static inline const struct envelope *cell_mail_aside(const struct cell *c) {
    return c->sched.aside ? c->sched.aside->waiting : NULL;
}
// Runs a batch of what is in a cell's queue.
void cell_run(struct worker *w, struct cell *c);

// Runs the first segment of a task.
void cell_begin_task(struct worker *w, struct cell *c);
// Handles the message at hand, for which actor_calls() holds.
void cell_answer(struct worker *w, struct cell *c);

// ---- tasks (tasks.c) --------------------------------------------------------------------------------

void tasks_add(struct worker *w, struct cell *c);
struct cell *tasks_take_latest(struct worker *w); // or NULL
struct cell *tasks_take_oldest(struct worker *w); // or NULL
// Where others see them.
void tasks_publish(struct worker *w);

void output_flush(struct runtime *rt);

// Prints an error's report and place on standard error.
void runtime_tell(prism_cx *cx, const prism_error *error);
// The report as text, cut to the room.
void runtime_report(prism_cx *cx, const prism_error *error, char *out, size_t room);

// PRISM_WORKERS, else one a core.
uint32_t runtime_worker_count(void);
// `PROG --prism-test ...`: runs the program's tests and tells `prism`. Returns only when it could
// not begin.
int parallel_tests(int argc, char **argv);

#endif
