// SPDX-License-Identifier: MIT
// Supervision: a child that crashes waits as FAILED until its supervisor has decided. What is
// decided comes back as an event; a restart of several children first halts them all.
#include "tests/differential/interp/interp.h"

#include <assert.h>

enum decision { RESTART, RESTART_WITH_DELAY, RESUME, STOP, ESCALATE };

// ---- children -----------------------------------------------------------------------------------

struct value *args_copy(struct interp *in, const struct mir_function *f, const struct value *args) {
    struct value *copy = arena_array(in->arena, struct value, f->param_count + 1);
    for (int32_t i = 0; i < f->param_count; i++)
        copy[i] = value_keep(f->locals.at[i].type, args[i]);
    return copy;
}

void supervise_child(struct interp *in, struct cell *child, struct str name, int64_t retries_max,
                     int64_t window_ns, const struct value *args) {
    child->name = child->name.data ? child->name : name;
    child->is_child = true;
    child->args = args_copy(in, mir_find_function(in->module, child->actor->init), args);
    struct slot slot = {.child = child, .retries_max = retries_max, .window_ns = window_ns};
    vec_push(in->arena, &child->parent->slots, slot);
}

static struct slot *slot_of(struct cell *supervisor, const struct cell *child) {
    for (int32_t i = 0; i < supervisor->slots.len; i++)
        if (supervisor->slots.at[i].child == child)
            return &supervisor->slots.at[i];
    return NULL;
}

bool supervise_crashed(struct interp *in, struct cell *c, struct value error) {
    if (!c->is_child)
        return false;
    c->never_started = c->status == CELL_STARTING;
    c->status = CELL_FAILED;
    struct event *e = event_post(in, EVENT_FAILED, c->parent);
    e->from = c;
    e->value = error;
    return true;
}

static void tell(struct interp *in, struct slot *slot, enum what what, int64_t delay_ns) {
    struct event *e = event_post(in, EVENT_DECIDED, slot->child);
    e->what = what;
    e->delay_ns = delay_ns;
}

// ---- the supervisor -----------------------------------------------------------------------------

static void forget_old(const struct interp *in, struct slot *slot) {
    int32_t kept = 0;
    for (int32_t i = 0; i < slot->times.len; i++)
        if (slot->window_ns < 0 || in->now_ns - slot->times.at[i] <= slot->window_ns)
            slot->times.at[kept++] = slot->times.at[i];
    slot->times.len = kept;
}

static void restart(struct interp *in, struct cell *c, struct slot *slot, int64_t delay_ns) {
    vec_push(in->arena, &slot->times, in->now_ns);
    if (c->actor->strategy == MIR_ONE_FOR_ONE) {
        tell(in, slot, WHAT_RESTART, delay_ns);
        return;
    }
    c->restart_delay_ns = delay_ns;
    struct slot *first = c->actor->strategy == MIR_ONE_FOR_ALL ? c->slots.at : slot;
    for (struct slot *other = first; other < c->slots.at + c->slots.len; other++)
        if (other->state == SLOT_UP) {
            other->state = SLOT_HALTING;
            tell(in, other, WHAT_HALT, 0);
        }
}

static void escalate(struct interp *in, struct cell *c, struct slot *slot, struct value error) {
    slot->state = SLOT_ESCALATED;
    cell_fail(in, c, error);
}

// Asks the program. False: that failed, and the supervisor with it.
static bool ask_program(struct interp *in, struct cell *c, const struct slot *slot,
                        struct value error, enum decision *decision, int64_t *delay_ns) {
    const struct mir_function *f = mir_find_function(in->module, c->actor->on_child_failure);
    struct value args[3] = {{.cell = slot->child},
                            value_keep(in->error_type, error),
                            {.bits = (uint64_t)slot->times.len}};
    struct strand s = {.kind = STRAND_HOOK, .home = c, .function = f};
    in->strand = &s;
    struct value made = call_with(in, f, args);
    if (!in->failing && !c->handler)
        cell_invariants_hold(in, c);
    in->strand = NULL;
    if (in->failing) {
        in->failing = false;
        cell_fail(in, c, in->failure);
        return false;
    }
    *decision = made.box ? (enum decision)made.box->tag : RESTART;
    if (*decision == RESTART_WITH_DELAY) // a Duration has one field
        *delay_ns = made.box->items[0].box ? (int64_t)made.box->items[0].box->items[0].bits : 0;
    return true;
}

static void take_failed(struct interp *in, struct cell *c, const struct event *e) {
    struct slot *slot = slot_of(c, e->from);
    enum decision decision = RESTART;
    int64_t delay_ns = 0;
    if (!failed_is_decided(e))
        return;
    forget_old(in, slot);
    if (c->actor->on_child_failure && !ask_program(in, c, slot, e->value, &decision, &delay_ns))
        return;
    bool spent = slot->retries_max >= 0 && slot->times.len >= slot->retries_max;
    if (decision == RESUME)
        tell(in, slot, WHAT_RESUME, 0);
    else if (decision == STOP)
        tell(in, slot, WHAT_STOP, 0);
    else if (decision == ESCALATE || spent)
        escalate(in, c, slot, e->value);
    else
        restart(in, c, slot, delay_ns);
}

// Is there still something to decide?
bool failed_is_decided(const struct event *e) {
    struct cell *c = e->home;
    const struct slot *slot = slot_of(c, e->from);
    bool there = c->status == CELL_STARTING || c->status == CELL_RUNNING ||
                 c->status == CELL_CLOSING || c->status == CELL_FAILED;
    return there && slot && slot->state == SLOT_UP && e->from->status == CELL_FAILED;
}

static void take_halted(struct interp *in, struct cell *c, const struct event *e) {
    struct slot *slot = slot_of(c, e->from);
    if (!slot || slot->state != SLOT_HALTING)
        return;
    slot->state = e->what == WHAT_HALT ? SLOT_HALTED : SLOT_UP;
    for (int32_t i = 0; i < c->slots.len; i++)
        if (c->slots.at[i].state == SLOT_HALTING)
            return;
    for (int32_t i = 0; i < c->slots.len; i++)
        if (c->slots.at[i].state == SLOT_HALTED) {
            c->slots.at[i].state = SLOT_UP;
            tell(in, &c->slots.at[i], WHAT_BEGIN, c->restart_delay_ns);
        }
}

// ---- the child ----------------------------------------------------------------------------------

static void begin(struct interp *in, struct cell *c, int64_t delay_ns) {
    if (delay_ns > 0) {
        c->status = CELL_HALTED;
        c->delay = timer_start(in, delay_ns);
        c->delay->cell = c;
        return;
    }
    const struct mir_function *init = mir_find_function(in->module, c->actor->init);
    c->after = AFTER_END;
    c->status = CELL_STARTING;
    c->crashed = c->said_goodbye = c->closed = false;
    cell_start_hook(in, c, c->actor->init, args_copy(in, init, c->args));
}

void supervise_delay_over(struct interp *in, struct cell *c) {
    c->delay = NULL;
    begin(in, c, 0);
}

static void say_ended(struct interp *in, struct cell *c, enum what what) {
    struct event *e = event_post(in, EVENT_ENDED, c->parent);
    e->from = c;
    e->what = what;
}

bool supervise_incarnation_over(struct interp *in, struct cell *c) {
    enum after after = c->after;
    c->after = AFTER_END;
    c->slots.len = 0;
    if (after == AFTER_BEGIN)
        begin(in, c, c->delay_ns);
    if (after == AFTER_HALT) {
        c->status = CELL_HALTED;
        c->owes_end = false;
        say_ended(in, c, WHAT_HALT);
    }
    return after != AFTER_END;
}

void supervise_gone(struct interp *in, struct cell *c) {
    if (c->owes_end)
        say_ended(in, c, WHAT_INSTEAD);
    c->owes_end = false;
    if (c->tells_end)
        say_ended(in, c, WHAT_STOP);
}

void supervise_end(struct cell *c) {
    timer_stop(&c->delay);
    c->after = AFTER_END;
}

static void resume(struct interp *in, struct cell *c) {
    c->status = CELL_RUNNING;
    for (int32_t i = 0; i < c->slots.len; i++)
        if (c->slots.at[i].state == SLOT_ESCALATED) {
            c->slots.at[i].state = SLOT_UP;
            tell(in, &c->slots.at[i], WHAT_RESUME, 0);
        }
}

static void halt(struct interp *in, struct cell *c) {
    c->owes_end = true;
    if (c->status == CELL_STOPPING || c->status == CELL_CRASHING || c->status == CELL_CLOSING)
        return;
    c->after = AFTER_HALT;
    c->said_goodbye = c->status == CELL_STARTING; // then it has none to say
    cell_begin_end(in, c, c->status == CELL_FAILED ? CELL_CRASHING : CELL_STOPPING);
}

static void take_decided(struct interp *in, struct cell *c, const struct event *e) {
    if (c->status == CELL_GONE) {
        if (e->what == WHAT_HALT)
            say_ended(in, c, WHAT_INSTEAD);
        return;
    }
    if (e->what == WHAT_HALT) {
        halt(in, c);
    } else if (e->what == WHAT_BEGIN) {
        if (c->status == CELL_HALTED)
            begin(in, c, e->delay_ns);
    } else if (c->status == CELL_FAILED && e->what == WHAT_RESUME && !c->never_started) {
        resume(in, c);
    } else if (c->status == CELL_FAILED) {
        bool ends = e->what == WHAT_STOP || (e->what == WHAT_RESUME && c->actor->is_task);
        c->after = ends ? AFTER_END : AFTER_BEGIN;
        c->delay_ns = e->delay_ns;
        cell_begin_end(in, c, CELL_CRASHING);
    }
}

// ---- both ---------------------------------------------------------------------------------------

bool supervise_wants(const struct interp *in, const struct event *e) {
    const struct cell *c = e->home;
    if (e->kind != EVENT_FAILED || !failed_is_decided(e))
        return true;
    bool init = c->handler && c->handler->function == mir_find_function(in->module, c->actor->init);
    return c->status != CELL_FAILED && !(c->status == CELL_STARTING && init);
}

void supervise_take(struct interp *in, const struct event *e) {
    if (e->kind == EVENT_FAILED) {
        take_failed(in, e->home, e);
    } else if (e->kind == EVENT_DECIDED) {
        take_decided(in, e->home, e);
    } else if (e->what == WHAT_STOP) {
        e->home->awaited--;
        cell_settle(in, e->home);
    } else {
        take_halted(in, e->home, e);
    }
}
