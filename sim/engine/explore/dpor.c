// SPDX-License-Identifier: MIT
// Optimal dynamic partial-order reduction. After each execution its races are looked for: two
// events of one home (or of time) without another between them, the second of which could have come
// first. What has to run to see them in the other order is added to the wakeup tree where the first
// one was taken, unless it is known there already.
//
// Whether the second could have come first follows, for a message, from whether its home was ready
// for one, and from the causal order of the two sendings. For other envelopes it is known if it was
// in flight; if it was sent later, by something independent of the first, it is assumed, and where
// it was not so, the execution that tries is pruned.
#include "explore/order.h"
#include "snapshot.h"

#include <stdlib.h>

enum { CHOICES_MAX = 1024 };

// What the search keeps at each depth of the execution at hand.
struct frame {
    struct key chosen;
    struct acts asleep;
    struct wakeup *tree;
};

struct dpor {
    struct strategy head;
    struct order order;
    struct frame *frames;
    struct snapshots snapshots; // along the execution at hand
    uint32_t room;
    uint32_t planned;  // depths whose event is fixed
    uint32_t ready;    // depths whose sleep set is filled
    bool infeasible;   // a fixed event was not enabled
    uint32_t *scratch; // for a sequence
    uint32_t scratch_room;
    struct explore_stats stats;
    bool cut, mailbox, timed;
};

static struct frame *frame_at(struct dpor *d, uint32_t depth) {
    if (depth >= d->room) {
        uint32_t room = d->room ? d->room * 2 : 64;
        while (depth >= room)
            room *= 2;
        d->frames = realloc(d->frames, room * sizeof *d->frames);
        if (!d->frames)
            abort();
        for (uint32_t i = d->room; i < room; i++)
            d->frames[i] = (struct frame){0};
        d->room = room;
    }
    return &d->frames[depth];
}

// ---- following and choosing
// ---------------------------------------------------------------------------

// The sleep set here: what slept before the last event and is independent of what that did.
static struct frame *arrive(struct dpor *d, struct world *w) {
    uint32_t depth = w->event_count;
    struct frame *f = frame_at(d, depth);
    if (depth >= d->ready) {
        assert(depth == d->ready);
        f->asleep.count = 0;
        if (depth > 0) {
            struct act last = d->order.steps[depth - 1].act;
            last.clock =
                last.id.kind == EVENT_ADVANCE || (w->host->log[depth - 1].touches & TOUCHES_CLOCK);
            acts_independent(d->order.mutant, &f->asleep, &d->frames[depth - 1].asleep, &last);
        }
        d->ready = depth + 1;
    }
    return f;
}

static bool find(const struct world *w, const struct choice *enabled, uint32_t count,
                 const struct key *id, struct choice *out) {
    for (uint32_t i = 0; i < count; i++) {
        struct key here = order_key(w, enabled[i]);
        if (key_equal(&here, id)) {
            *out = enabled[i];
            return true;
        }
    }
    return false;
}

static struct choice first_awake(const struct world *w, const struct choice *enabled,
                                 uint32_t count, const struct acts *asleep) {
    for (uint32_t i = 0; i < count; i++) {
        struct key id = order_key(w, enabled[i]);
        if (!acts_have(asleep, &id))
            return enabled[i];
    }
    return enabled[0]; // take() sees that it sleeps
}

// The first branch of the tree is followed: it becomes the choice, its children the tree of the
// next depth.
static void follow_branch(struct dpor *d, uint32_t depth) {
    struct frame *next = frame_at(d, depth + 1), *f = frame_at(d, depth);
    struct wakeup *branch = f->tree;
    f->tree = branch->next;
    f->chosen = branch->act.id;
    assert(!next->tree);
    next->tree = branch->child;
    free(branch);
}

static struct choice choose(struct strategy *s, struct world *w) {
    struct dpor *d = (struct dpor *)s;
    struct frame *f = arrive(d, w);
    struct choice enabled[CHOICES_MAX], found;
    uint32_t count = world_list(w, enabled, CHOICES_MAX);
    if (count > CHOICES_MAX)
        count = CHOICES_MAX;
    if (w->event_count >= d->planned && !f->tree)
        return first_awake(w, enabled, count, &f->asleep);
    if (w->event_count >= d->planned) {
        follow_branch(d, w->event_count);
        f = frame_at(d, w->event_count);
        d->planned = w->event_count + 1;
    }
    if (find(w, enabled, count, &f->chosen, &found))
        return found;
    d->infeasible = true;
    return enabled[0];
}

static bool take(struct strategy *s, struct world *w, struct choice c) {
    struct dpor *d = (struct dpor *)s;
    uint32_t depth = w->event_count;
    struct frame *f = arrive(d, w);
    struct key id = order_key(w, c);
    if (depth >= d->planned && f->tree) { // there was no choice: the branch must be this event
        follow_branch(d, depth);
        f = frame_at(d, depth);
        d->planned = depth + 1;
        d->infeasible |= !key_equal(&f->chosen, &id);
    }
    if (d->infeasible || (depth >= d->planned && acts_have(&f->asleep, &id)))
        return false;
    f->chosen = id;
    if (world_enabled(w) > 1)
        snapshots_offer(&d->snapshots, w, d->order.silent_count);
    order_note(&d->order, w, c);
    return true;
}

static void note_silent(void *context, struct world *w, const struct envelope *e) {
    struct dpor *d = context;
    order_note_silent(&d->order, w, e);
}

// ---- races
// --------------------------------------------------------------------------------------------

static bool needs_idle_home(const struct step *s) {
    return s->act.id.kind == ENVELOPE_MESSAGE || s->act.id.kind == ENVELOPE_STOP ||
           s->act.id.kind == ENVELOPE_WITHDRAW;
}

// Could its home have taken b right before a?
enum known { NO, PERHAPS, YES };
static enum known could_come_first(const struct order *o, uint32_t a, uint32_t b) {
    const struct step *first = &o->steps[a], *second = &o->steps[b];
    if (order_sent_before(o, a, b) && o->mutant != MUTANT_OVERTAKES)
        return NO;
    if (needs_idle_home(second))
        return first->message_ready ? YES : NO;
    if (second->sent_at > a)
        return PERHAPS;
    return second->enabled_at <= a && a < second->disabled_at ? YES : NO;
}

static uint32_t *scratch(struct dpor *d) {
    if (d->scratch_room <= d->order.count) {
        d->scratch_room = (d->order.count + 1) * 2;
        d->scratch = realloc(d->scratch, d->scratch_room * sizeof *d->scratch);
        if (!d->scratch)
            abort();
    }
    return d->scratch;
}

// What does not depend on a, then b: after it b has come before a.
static struct sequence reversal(struct dpor *d, uint32_t a, uint32_t b) {
    struct sequence v = {.steps = scratch(d), .last = b};
    assert(a < d->order.count);
    for (uint32_t k = a + 1; k < d->order.count; k++)
        if (k != b && !order_before(&d->order, a, k))
            v.steps[v.count++] = k;
    v.steps[v.count++] = b;
    return v;
}

static void insert(struct dpor *d, uint32_t at, struct sequence *v) {
    if (d->order.mutant == MUTANT_NO_SLEEP ||
        !sequence_is_asleep(&d->order, v, &d->frames[at].asleep))
        wakeup_insert(&d->frames[at].tree, &d->order, v);
}

static void reverse(struct dpor *d, uint32_t a, uint32_t b) {
    struct sequence v = reversal(d, a, b);
    insert(d, a, &v);
}

// Goes back through the home's events to the last one that b could have come before. Those passed
// over belong to a handler that was under way: only before its start can b come.
static void reverse_at_home(struct dpor *d, uint32_t b) {
    const struct order *o = &d->order;
    for (uint32_t a = o->steps[b].home_before; a; a = o->steps[a - 1].home_before) {
        if (order_sent_because(o, a - 1, b))
            return;
        enum known possible = could_come_first(o, a - 1, b);
        if (possible != NO)
            reverse(d, a - 1, b);
        if (possible == YES)
            return;
        if (o->mutant == MUTANT_BLOCKED_STOPS)
            return;
    }
}

// Time could have advanced here instead, to this timer: at once, or after what came later but does
// not depend on this step.
static void advance_instead(struct dpor *d, uint32_t at, const struct act *time) {
    uint32_t phantom = order_add_time(&d->order, *time);
    struct sequence v = reversal(d, at, phantom);
    if (v.count > 1)
        insert(d, at, &v);
    v = (struct sequence){.steps = d->scratch, .count = 1, .last = phantom};
    v.steps[0] = phantom;
    insert(d, at, &v);
}

// Before what touches the clock, time could have advanced; instead of one timer, another of the
// same deadline.
static void reverse_in_time(struct dpor *d, uint32_t b) {
    const struct acts *times = &d->order.steps[b].next_time;
    struct act taken = d->order.steps[b].act;
    if (taken.clock && !is_time(&taken) && times->count && d->order.mutant != MUTANT_NO_ADVANCE)
        advance_instead(d, b, &times->at[0]);
    for (uint32_t i = 0; is_time(&taken) && i < times->count; i++)
        if (!key_equal(&times->at[i].id, &taken.id) && d->order.mutant != MUTANT_NO_TIES)
            advance_instead(d, b, &d->order.steps[b].next_time.at[i]);
}

// Is there a way from a to the ADVANCE b besides the one through time itself? An ADVANCE between
// them is in the way unless it would not be there without a.
static bool time_is_ordered(const struct order *o, uint32_t a, uint32_t b) {
    if (order_sent_because(o, a, b))
        return true;
    for (uint32_t k = a + 1; k < b; k++) {
        const struct act *between = &o->steps[k].act;
        bool in_the_way = is_time(between) ? !order_sent_because(o, a, k)
                                           : between->clock && order_needed(o, a, k);
        if (in_the_way)
            return true;
    }
    return false;
}

// Time could have advanced before something that touched the clock meanwhile.
static void reverse_with_time(struct dpor *d, uint32_t b) {
    for (uint32_t a = 0; a < b; a++) {
        const struct act *act = &d->order.steps[a].act;
        if (act->clock && !is_time(act) && !time_is_ordered(&d->order, a, b) &&
            d->order.mutant != MUTANT_NO_LATER_TIME)
            reverse(d, a, b);
    }
}

// Does b come after the ADVANCE a for another reason than that it touches the clock?
static bool has_own_reason_after(const struct order *o, uint32_t a, uint32_t b) {
    uint32_t home_before = o->steps[b].home_before;
    return order_sent_because(o, a, b) || (home_before && order_before(o, a, home_before - 1));
}

static void reverse_races_of(struct dpor *d, uint32_t b) {
    struct step *s = &d->order.steps[b];
    uint32_t time_before = is_time(&s->act) ? 0 : s->time_before;
    if (is_time(&s->act))
        reverse_with_time(d, b);
    if (!is_time(&s->act))
        reverse_at_home(d, b);
    if (time_before && !has_own_reason_after(&d->order, time_before - 1, b) &&
        d->order.mutant != MUTANT_NO_TIME_BEFORE)
        reverse(d, time_before - 1, b);
    if (b < d->order.count)
        reverse_in_time(d, b);
}

// ---- the search
// ---------------------------------------------------------------------------------------

// The deepest choice that has another branch becomes the end of the fixed part; false when none
// has.
static bool backtrack(struct dpor *d, uint32_t depth) {
    wakeup_free(frame_at(d, depth)->tree); // of an execution that was given up
    d->frames[depth].tree = NULL;
    while (depth-- > 0) {
        struct frame *f = &d->frames[depth];
        acts_add(&f->asleep, d->order.steps[depth].act);
        if (f->tree) {
            follow_branch(d, depth);
            d->planned = d->ready = depth + 1;
            return true;
        }
    }
    return false;
}

static void reverse_races(struct dpor *d, uint32_t from) {
    if (d->order.mutant != MUTANT_NO_PHANTOMS)
        order_add_phantoms(&d->order, WORLD, from);
    uint32_t last = d->order.count + d->order.phantoms;
    for (uint32_t b = from; b < last; b++)
        reverse_races_of(d, b);
}

// Runs one execution; its depth. What it shares with the one before is not looked at again.
static uint32_t explore_one(struct dpor *d, const struct subject *subject, explore_visit *visit,
                            void *context) {
    uint32_t from = d->planned ? d->planned - 1 : 0;
    d->infeasible = false;
    d->order.silent_count = 0;
    subject->host->silently = note_silent;
    if (!d->planned || !snapshots_return(&d->snapshots, from, &d->order.silent_count))
        world_begin(subject->host, subject->function, subject->args);
    enum run_end end = run(WORLD, &d->head);
    subject->host->silently = NULL;
    uint32_t depth = WORLD->event_count;
    d->stats.steps += depth;
    d->stats.executions += end == RUN_DONE;
    d->stats.pruned += end != RUN_DONE;
    d->cut |= end == RUN_CUT;
    order_fill(&d->order, WORLD, from < depth ? from : depth);
    for (uint32_t i = from; i < depth; i++) {
        d->timed |= d->order.steps[i].next_time.count > 0;
        d->mailbox |= (WORLD->host->log[i].touches & TOUCHES_MAILBOX) != 0;
    }
    if (end != RUN_ENDED) // before the visitor, who may end the world
        reverse_races(d, from);
    if (end == RUN_DONE && visit(context, WORLD))
        d->stats.limit = "stopped";
    return depth;
}

static bool spent(struct dpor *d, const struct explore_limits *limits) {
    if (d->stats.limit)
        return true;
    if (limits->executions && d->stats.executions + d->stats.pruned >= limits->executions)
        d->stats.limit = "runs";
    else if (limits->steps && d->stats.steps >= limits->steps)
        d->stats.limit = "steps";
    return d->stats.limit != NULL;
}

static void search(struct dpor *d, const struct subject *subject,
                   const struct explore_limits *limits, explore_visit *visit, void *context) {
    for (;;) {
        uint32_t depth = explore_one(d, subject, visit, context);
        if (!backtrack(d, depth))
            break;
        if (spent(d, limits))
            return;
    }
    // Sizes of mailboxes are not in the dependence relation. With timers the search is not exact:
    // of generated programs a few in a thousand have outcomes that it does not reach.
    if (!d->stats.limit && (d->cut || d->mailbox || d->timed))
        d->stats.limit = d->cut ? "depth" : d->mailbox ? "mailbox" : "timers";
    d->stats.complete = !d->stats.limit;
}

struct explore_stats explore_dpor_mutant(const struct subject *subject,
                                         const struct explore_limits *limits, explore_visit *visit,
                                         void *context, enum mutant mutant) {
    struct dpor d = {.head = {choose, take}, .order.mutant = mutant};
    d.snapshots.never = limits->reexecute;
    d.snapshots.cut_tail = mutant == MUTANT_NO_TAIL;
    struct world_host *host = subject->host;
    uint32_t steps_max = host->steps_max;
    bool go_on = host->go_on;
    host->silently_context = &d;
    host->go_on = true;
    if (limits->depth && limits->depth < steps_max)
        host->steps_max = limits->depth;
    search(&d, subject, limits, visit, context);
    host->steps_max = steps_max;
    host->go_on = go_on;
    for (uint32_t i = 0; i < d.room; i++) {
        wakeup_free(d.frames[i].tree);
        acts_free(&d.frames[i].asleep);
    }
    snapshots_free(&d.snapshots);
    free(d.frames);
    free(d.scratch);
    order_free(&d.order);
    return d.stats;
}

struct explore_stats explore_dpor(const struct subject *subject,
                                  const struct explore_limits *limits, explore_visit *visit,
                                  void *context) {
    return explore_dpor_mutant(subject, limits, visit, context, MUTANT_NONE);
}
