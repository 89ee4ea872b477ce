// SPDX-License-Identifier: MIT
// What the files of runtime/actor/ share with each other; see actor.h for the model.
#ifndef PRISM_ACTOR_PARTS_H
#define PRISM_ACTOR_PARTS_H

#include "runtime/actor/actor.h"
#include "runtime/value/value.h"

#include <assert.h>
#include <string.h>

static inline struct cell *home_of(prism_cx *cx) {
    assert(cx->home);
    return cx->home;
}
static inline struct strand *strand_of(prism_cx *cx) {
    assert(cx->strand);
    return cx->strand;
}
static inline void *zeroed(prism_cx *cx, size_t bytes) {
    return memset(prism_get(cx, bytes), 0, bytes);
}
// For writing what few cells have.
static inline struct cell_rest *own_rest(prism_cx *cx, struct cell *c) {
    if (!cell_has_rest(c))
        c->rest = zeroed(cx, sizeof *c->rest);
    return c->rest;
}
static inline uint32_t size_of(const prism_type *type) {
    return type ? type->size : 0;
}
static inline void drop_value(prism_cx *cx, const prism_type *type, void *value) {
    if (type && !(type->flags & PRISM_PLAIN))
        prism_drop(cx, type, value);
}
static inline void share_value(prism_cx *cx, const prism_type *type, void *value) {
    if (type && !(type->flags & PRISM_PLAIN))
        prism_share(cx, type, value);
}

// ---- ceiling.c: what an actor may do at most ----------------------------------------------------

// Of a child that has a clause, or is handed capabilities.
void ceiling_of_child(prism_cx *cx, struct cell *child);
// A free task may do what who started it may.
void ceiling_of_task(prism_cx *cx, struct cell *task);
void ceiling_drop(prism_cx *cx, struct cell *c);

// ---- endow.c: what an actor was given when it was spawned ---------------------------------------

// Of a new actor whose spawner hands something over (cx->endows, which is used up).
void endow_child(prism_cx *cx, struct cell *child);
// The cell is gone: its name is given back.
void endow_forget_name(prism_cx *cx, struct cell *c);
static inline uint32_t mailbox_limit(const struct cell *c) {
    return c->rest->mail_limit ? c->rest->mail_limit : c->type->mailbox_limit;
}

// ---- limit.c: grace periods, limits of memory ---------------------------------------------------

// An actor that has work under way is to stop. True: it goes on with that for a while.
bool grace_begin(prism_cx *cx, struct cell *c);
bool grace_goes_on(const struct cell *c);
void grace_end(prism_cx *cx, struct cell *c);
// Is it a task with a home of its own whose end a grace period waits for?
bool grace_waits_for(const prism_future *f);
void limits_forget(prism_cx *cx, struct cell *c);

// ---- strand.c: running code -------------------------------------------------------------------------

// A strand in `home`, not started; consumes *args. Its frame holds the args until then.
struct strand *strand_new(prism_cx *cx, struct cell *home, enum strand_kind kind,
                          const prism_function *function, void *args, struct reply_to to,
                          const prism_site *site);
// Posts the envelope with which it starts.
void strand_post_start(prism_cx *cx, struct strand *s);
// Runs its first segment, or the next one: what it waited for has come.
void strand_run(prism_cx *cx, struct strand *s);
// Resumes it with the failure that interrupts its wait; one that waits for a handle goes on waiting
// until that has given it back what it asked for, or has let it go.
void strand_interrupt(prism_cx *cx, struct strand *s);
// The WAKE that it was kept for was taken after its end.
void strand_free(prism_cx *cx, struct strand *s);
// Runs a handler that never suspends, without a strand on the heap.
void strand_call_handler(prism_cx *cx, struct cell *home, struct envelope *message);
// Runs init in the child, within the segment of the spawn: nobody else can tell, since it sends nothing.
void strand_call_init(prism_cx *cx, struct cell *child, void *args);
// Calls a function that never suspends within the turn of its home, beside whatever is under way there;
// false, and *error its failure, if it failed.
bool strand_call_beside(prism_cx *cx, struct cell *home, const prism_function *function, void *args,
                        void *result, prism_error **error);
// The same, were its home not muted.
bool strand_has_turn_if_heard(const struct strand *s);
// True while it is suspended and an interruption may end that; one from outside of its `defer`.
bool strand_may_end_wait(const struct strand *s);
bool strand_interruptible(const struct strand *s);
// The failure that its next suspension is to end with, or NONE.
enum prism_failure_kind strand_interruption(const struct strand *s);
// Cancels it: posts a WAKE if it is waiting, else its next suspension fails.
void strand_cancel(prism_cx *cx, struct strand *s);
// Posts a WAKE unless one is in flight.
void strand_wake(prism_cx *cx, struct strand *s);
// May it run a segment now, with regard to a handler under way, and to what mutes its home?
bool strand_has_turn(const struct strand *s);
// Suspends the strand at hand unless it is to be interrupted; then cx->failure is set.
prism_status strand_suspend(prism_cx *cx, enum wait_kind wait, const prism_site *site);

// ---- future.c ---------------------------------------------------------------------------------------

prism_future *future_new(prism_cx *cx, const prism_type *type, const prism_site *site);
// Posts the REPLY for `to`; *value (of `type`) is consumed, `error` lent. Does nothing if nobody asked.
void reply_post(prism_cx *cx, struct reply_to to, enum prism_failure_kind failure,
                const prism_error *error, const prism_type *type, void *value, const prism_site *site);
// What taking this REPLY would do.
enum take reply_wants(const struct envelope *e);
void reply_taken(prism_cx *cx, struct envelope *e);
// An ask's time is up: its future fails.
enum take ask_timer_wants(const struct timer *t);
void ask_timer_taken(prism_cx *cx, struct timer *t);
// A strand that waits for a handle asks for being let go; false: it waits for something else.
bool future_withdraw(prism_cx *cx, struct strand *s);
// The reply that a handle's cell still owes to this asker, or NULL.
prism_reply *reply_kept(const struct cell *c, struct reply_to to);
// Tells its asker that it waits no more.
void reply_withdraw(prism_cx *cx, prism_reply *r, const prism_site *site);
// The strand has been resumed: it waits for nothing any more.
void wait_over(prism_cx *cx, struct strand *s);
// A failure that nobody will take is told to the scheduler, unless it is a cancellation.
void future_forget(prism_cx *cx, prism_future *f);

// ---- scope.c ----------------------------------------------------------------------------------------

void member_add(prism_future **members, prism_future *f);
void member_remove(prism_future **members, prism_future *f);
// Cancels one task through its future.
void member_cancel(prism_cx *cx, prism_future *f);
// A member has ended: unlinks it; the strand that may now leave the scope, or NULL.
struct strand *member_ended(prism_cx *cx, prism_future *f);
// The strand that would leave the scope if this member ended, or NULL.
struct strand *member_last_of(const prism_future *f);
// The strand's wait for the members of a scope is over: it leaves the scope.
void scope_closed(prism_cx *cx, struct strand *s);
// The strand that runs when this timer is taken, or NULL.
struct strand *scope_timer_interrupts(const struct timer *t);
void token_cancel_here(prism_cx *cx, prism_token *t);
// What the strand still had open when it ended is cancelled and given back.
void scopes_abandon(prism_cx *cx, struct strand *s);

// ---- hold.c -----------------------------------------------------------------------------------------

// The strand has ended: what it holds is its home's from now on or, if it crashed, is told so.
void holds_of_ended(prism_cx *cx, struct strand *s, bool crashed);
// The home crashes, or is gone: what is still held is told so, or is simply never let go.
void holds_of_home(prism_cx *cx, struct cell *c, bool crashed);

// ---- cell.c -----------------------------------------------------------------------------------------

// A strand of this cell has ended with cx->failure taken out into `error` (owned or NULL).
void cell_strand_ended(prism_cx *cx, struct cell *c);
// An uncaught failure of one of its handlers or hooks.
void cell_crash(prism_cx *cx, struct cell *c, struct strand *s, const prism_error *error);
// Starts the next incarnation: init with a copy of `args`, and what follows. `args` is lent.
void cell_begin_again(prism_cx *cx, struct cell *c, const void *args);
// The incarnation is to end so; what it started is cancelled or stopped.
void cell_begin_end(prism_cx *cx, struct cell *c, enum cell_status status);
// Stops it as its parent does, who waits for its end.
void cell_stop_child(prism_cx *cx, prism_ref child);
// Checks the invariants; false if one fails (then cx->failure is set).
bool cell_invariants_hold(prism_cx *cx, struct cell *c);
// A child of the actor at hand, not begun.
struct cell *cell_new_child(prism_cx *cx, const prism_actor_type *type, const prism_site *site);
// A GRACE timer was taken.
void cell_grace_over(prism_cx *cx, struct cell *c);
// init has run; goes on to on_start, or is running.
void cell_hook_ended(prism_cx *cx, struct cell *c, const prism_function *hook);
static inline bool is_dead(const struct cell *c, const struct envelope *e) {
    return c->status == CELL_GONE || e->generation != c->generation;
}

// Handles a message, or a stop that waited its turn; the actor is running and handles nothing else.
void cell_handle(prism_cx *cx, struct cell *c, struct envelope *e);
// A message that nobody will handle any more.
void cell_discard(prism_cx *cx, struct cell *c, struct envelope *e);

// ---- mailbox.c --------------------------------------------------------------------------------------

// A message about to be sent to an actor whose mailbox blocks: the home at hand is muted by it.
void mailbox_mute(prism_cx *cx, struct envelope *e, const struct cell *to);
// Who is muted by this message is so no more.
void mailbox_accept(prism_cx *cx, struct envelope *e);
// A message, or a stop that must wait, has come to an actor with a bounded mailbox; what it holds is taken over.
void mailbox_arrive(prism_cx *cx, struct cell *c, struct envelope *e);
bool mailbox_is_empty(const struct cell *c);
enum take mail_wants(const struct cell *c, const struct envelope *e);
void mail_taken(prism_cx *cx, struct cell *c, const struct envelope *e);
// The actor is gone, and its mailbox with it.
void mailbox_end(prism_cx *cx, struct cell *c);

// Another home's cell may have been given to another actor meanwhile, who writes its own.
static inline struct cell *cell_node(const struct cell *c) {
    return __atomic_load_n(&c->node, __ATOMIC_RELAXED);
}
static inline void cell_set_node(struct cell *c, struct cell *node) {
    __atomic_store_n(&c->node, node, __ATOMIC_RELAXED);
}

// ---- node.c -----------------------------------------------------------------------------------------

// The actor is placed on the node; `args`, of its init, are lent.
void node_place(prism_cx *cx, struct cell *node, struct cell *actor, const void *args);
// Gives back what a cell that is gone still holds as a node, or of its recipe.
void node_forget(prism_cx *cx, struct cell *c);
// The incarnation is over. True: its node is down, or was, and the actor is not gone.
bool node_incarnation_over(prism_cx *cx, struct cell *c);
void node_taken(prism_cx *cx, struct cell *c, const struct envelope *e);

// ---- supervise.c ------------------------------------------------------------------------------------

// The incarnation has crashed. True: its supervisor has been told and decides; it waits as FAILED.
bool supervise_crashed(prism_cx *cx, struct cell *c, const prism_error *error);
// The incarnation is over, its state is dropped. True: another one begins, now or later.
bool supervise_incarnation_over(prism_cx *cx, struct cell *c);
// It will not be restarted, whatever was decided.
void supervise_end(prism_cx *cx, struct cell *c);
// Gives back what a supervisor knows of its children.
void supervise_forget_children(prism_cx *cx, struct cell *c);
// The cell is gone: tells who waits for that, and gives back its recipe.
void supervise_gone(prism_cx *cx, struct cell *c, prism_ref self);
// The actor at hand supervises `child`, whose first incarnation has not begun; `args` is lent.
void supervise_child(prism_cx *cx, struct cell *child, const prism_buffer *name, int64_t retries_max,
                     int64_t window_ns, const void *args);
// FAILED, DECIDED, ENDED.
enum take supervise_wants(const struct cell *c, const struct envelope *e);
void supervise_taken(prism_cx *cx, struct cell *c, struct envelope *e);
// A RESTART timer was taken.
void supervise_timer_taken(prism_cx *cx, struct cell *c);

#endif
