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

struct dpor {
    struct strategy head;
    struct order order;
    struct frame *frames;
    struct snapshots snapshots; // along the execution at hand
    uint32_t room;
    uint32_t planned;  // depths whose event is fixed
    uint32_t decided;  // depth + 1 of the choice under way, 0: none
    uint32_t ready;    // depths whose sleep set is filled
    uint32_t repeated; // depths whose event was taken by the execution before as well
    bool resumed;      // the execution before was another process's
    bool last_first;   // of what is enabled the last is taken first
    uint32_t *scratch; // for a sequence
    uint32_t scratch_room;
    struct explore_stats stats;
    bool cut, mailbox, nodes, crowded;
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

// ---- following and choosing ---------------------------------------------------------------------

// The sleep set here: what slept before the last event and is independent of what that did.
static struct frame *arrive(struct dpor *d, struct world *w) {
    uint32_t depth = w->event_count;
    struct frame *f = frame_at(d, depth);
    if (depth >= d->ready) {
        assert(depth == d->ready);
        f->asleep.count = 0;
        if (depth > 0 && d->order.mutant != MUTANT_NO_SLEEP) {
            struct act last = d->order.steps[depth - 1].act;
            last.clock =
                last.id.kind == EVENT_ADVANCE || (w->host->log[depth - 1].touches & TOUCHES_CLOCK);
            last.reads = w->host->log[depth - 1].touches & READS_ONLY;
            struct frame *before = &d->frames[depth - 1];
            acts_independent(d->order.mutant, &f->asleep, &before->asleep, &last);
            bool less = before->guessed && (!last.clock || last.reads);
            if (less && d->order.mutant != MUTANT_NO_MENDING)
                wakeup_mend(d->order.mutant, &before->tree, &last);
            before->guessed = false;
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
                                 uint32_t count, const struct acts *asleep, bool last_first) {
    for (uint32_t i = 0; i < count; i++) {
        struct choice c = enabled[last_first ? count - 1 - i : i];
        struct key id = order_key(w, c);
        if (!acts_have(asleep, &id))
            return c;
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
    f->guessed = branch->guessed;
    assert(!next->tree);
    next->tree = branch->child;
    free(branch);
}

// What is planned cannot be: something else would have to come first. What is there instead is
// looked at all the same, since whatever is awake leads to what was not seen yet.
static void give_up_plan(struct dpor *d, uint32_t depth) {
    struct frame *next = frame_at(d, depth + 1);
    wakeup_free(next->tree);
    next->tree = NULL;
    d->frames[depth].guessed = false;
    d->planned = depth;
}

// The enabled events, time as one.
static uint32_t list_enabled(struct world *w, struct choice *enabled) {
    uint32_t count = world_list(w, enabled, CHOICES_MAX);
    if (count > CHOICES_MAX)
        count = CHOICES_MAX;
    uint32_t kept = 0;
    while (kept < count && enabled[kept].envelope)
        kept++;
    if (kept < count)
        enabled[kept++] = (struct choice){NULL, order_timer(w)};
    return kept;
}

// What is to be next: what is planned, or else what the tree says, if that can be; or else
// something that is awake.
static struct choice decide(struct dpor *d, struct world *w, const struct choice *enabled,
                            uint32_t count) {
    uint32_t depth = w->event_count;
    struct frame *f = arrive(d, w);
    struct choice found;
    d->decided = depth + 1;
    while (depth < d->planned || f->tree) {
        if (depth >= d->planned) {
            follow_branch(d, depth);
            f = frame_at(d, depth);
            d->planned = depth + 1;
        }
        bool there = find(w, enabled, count, &f->chosen, &found);
        if (there && (depth < d->repeated || !acts_have(&f->asleep, &f->chosen)))
            return found;
        assert(depth >= d->repeated); // else the program is not deterministic
        give_up_plan(d, depth);
        if (d->order.mutant == MUTANT_NO_SECOND_PLAN) {
            wakeup_free(f->tree);
            f->tree = NULL;
        }
    }
    return first_awake(w, enabled, count, &f->asleep, d->last_first);
}

static struct choice choose(struct strategy *s, struct world *w) {
    struct choice enabled[CHOICES_MAX];
    uint32_t count = list_enabled(w, enabled);
    return decide((struct dpor *)s, w, enabled, count);
}

static bool take(struct strategy *s, struct world *w, struct choice c) {
    struct dpor *d = (struct dpor *)s;
    uint32_t depth = w->event_count;
    if (d->decided != depth + 1) // there was no choice
        decide(d, w, &c, 1);
    d->decided = 0;
    struct frame *f = frame_at(d, depth);
    struct key id = order_key(w, c);
    if (depth >= d->repeated && acts_have(&f->asleep, &id))
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

// ---- races --------------------------------------------------------------------------------------

static bool needs_idle_home(const struct step *s) {
    return s->act.id.kind == ENVELOPE_MESSAGE || s->act.id.kind == ENVELOPE_WITHDRAW;
}

// Could its home have taken b right before a?
static enum known could_come_first(const struct order *o, uint32_t a, uint32_t b) {
    const struct step *first = &o->steps[a], *second = &o->steps[b];
    if (order_sent_before(o, a, b) && o->mutant != MUTANT_OVERTAKES)
        return NO;
    if (needs_idle_home(second))
        return first->message_ready ? YES : NO;
    if (second->act.id.kind == ENVELOPE_STOP && o->mutant != MUTANT_STOPS_WAIT)
        return first->stop_ready;
    if (second->act.id.kind == ENVELOPE_STOP)
        return first->message_ready ? YES : NO;
    if (second->sent_at > a)
        return PERHAPS;
    if (second->enabled_at <= a && a < second->disabled_at)
        return YES;
    bool perhaps = second->again && a < second->enabled_at && o->mutant != MUTANT_NO_AGAIN;
    return perhaps ? PERHAPS : NO;
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
    if (!sequence_is_asleep(&d->order, v, &d->frames[at].asleep))
        wakeup_insert(&d->frames[at].tree, &d->order, v);
}

static void reverse(struct dpor *d, uint32_t a, uint32_t b) {
    struct sequence v = reversal(d, a, b);
    insert(d, a, &v);
}

// Goes back through the home's events to the last one that b could have come before. Those passed
// over belong to a handler that was under way: only before its start can b come. Events that only
// read are not ordered among each other; all of them come after the one before them that does more.
static void reverse_at_home(struct dpor *d, uint32_t b) {
    const struct order *o = &d->order;
    bool found = false;
    for (uint32_t a = o->steps[b].home_before; a; a = o->steps[a - 1].home_before) {
        bool reads = o->steps[a - 1].act.reads;
        if (found && !reads)
            return;
        if (!acts_dependent(o->mutant, &o->steps[a - 1].act, &o->steps[b].act))
            continue;
        bool because = order_sent_because(o, a - 1, b);
        enum known possible = because ? NO : could_come_first(o, a - 1, b);
        if (possible != NO)
            reverse(d, a - 1, b);
        found |= because || possible == YES;
        if ((found && !reads) || o->mutant == MUTANT_BLOCKED_STOPS)
            return;
    }
}

// Time could have advanced before this event, which touches the clock: at once, or after what came
// later but does not depend on it. This holds also where no ADVANCE came later, since this event,
// or one after it, stopped the last timer.
static void reverse_with_time_to_come(struct dpor *d, uint32_t a, uint32_t from) {
    uint32_t phantom = order_add_time(&d->order, a);
    struct sequence v = reversal(d, a, phantom);
    if (v.count > 1 && (a >= from || d->order.mutant != MUTANT_OLD_ADVANCE))
        insert(d, a, &v);
    if (a < from)
        return;
    v = (struct sequence){.steps = scratch(d), .count = 1, .last = phantom};
    v.steps[0] = phantom;
    insert(d, a, &v);
}

// Is there something that touches the clock between the two, after a and because of it?
static bool is_in_between(const struct order *o, uint32_t a, uint32_t b) {
    for (uint32_t k = a + 1; k < b; k++)
        if (o->steps[k].act.clock && order_before(o, a, k))
            return true;
    return false;
}

// Time could have advanced before what touched the clock since it last did.
static void reverse_with_time(struct dpor *d, uint32_t b) {
    for (uint32_t a = b; a-- > d->order.steps[b].time_before;)
        if (d->order.steps[a].act.clock && !is_in_between(&d->order, a, b))
            reverse(d, a, b);
}

// Does b come after the ADVANCE a for another reason than that it touches the clock?
static bool has_own_reason_after(const struct order *o, uint32_t a, uint32_t b) {
    for (uint32_t k = o->steps[b].home_before; k; k = o->steps[k - 1].home_before) {
        const struct act *act = &o->steps[k - 1].act;
        if (acts_dependent(o->mutant, act, &o->steps[b].act) && order_before(o, a, k - 1))
            return true;
        if (!act->reads)
            break;
    }
    return order_sent_because(o, a, b);
}

static void reverse_in_time(struct dpor *d, uint32_t b) {
    const struct step *s = &d->order.steps[b];
    enum mutant mutant = d->order.mutant;
    if (is_time(&s->act) && mutant != MUTANT_NO_LATER_TIME)
        reverse_with_time(d, b);
    if (!is_time(&s->act) && s->time_before && mutant != MUTANT_NO_TIME_BEFORE &&
        !has_own_reason_after(&d->order, s->time_before - 1, b))
        reverse(d, s->time_before - 1, b);
}

// ---- the search ---------------------------------------------------------------------------------

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
            d->repeated = depth;
            return true;
        }
    }
    return false;
}

// After backtracking: the fixed part, and what is known behind it.
static void save(struct dpor *d, struct explore_state *s) {
    uint32_t numbers[5] = {d->planned, d->cut, d->mailbox, d->nodes, d->crowded};
    s->len = 0;
    state_append(s, numbers, sizeof numbers);
    for (uint32_t i = 0; i <= d->planned; i++)
        state_put_frame(s, frame_at(d, i));
}

static void load(struct dpor *d, const struct explore_state *s) {
    uint32_t numbers[5];
    size_t at = 0;
    bool whole = state_take(s, &at, numbers, sizeof numbers) && numbers[0] > 0;
    for (uint32_t i = 0; whole && i <= numbers[0]; i++)
        whole = state_take_frame(s, &at, frame_at(d, i));
    assert(whole && at == s->len); // the checksum was right
    d->planned = d->ready = numbers[0];
    d->repeated = d->planned - 1;
    d->cut = numbers[1], d->mailbox = numbers[2], d->nodes = numbers[3], d->crowded = numbers[4];
    d->resumed = true;
}

static bool touches_clock(const struct step *s) {
    return s->act.clock && !is_time(&s->act);
}

static bool has_time(const struct order *o, uint32_t from) {
    uint32_t at = from;
    while (at < o->count && !is_time(&o->steps[at].act))
        at++;
    return at < o->count;
}

// Of the races of an execution those whose second event is at `from` or later are new. Where time
// has advanced since, the older ones are looked at again: what did not touch the clock might do so
// where it comes first, and then it makes a difference whether time advanced before.
static void reverse_races(struct dpor *d, uint32_t from) {
    enum mutant mutant = d->order.mutant;
    uint32_t from_home = has_time(&d->order, from) && mutant != MUTANT_OLD_RACES ? 0 : from;
    if (mutant != MUTANT_NO_PHANTOMS)
        order_add_phantoms(&d->order, WORLD, from_home);
    uint32_t last = d->order.count + d->order.phantoms;
    for (uint32_t b = from_home; b < last; b++) {
        if (!is_time(&d->order.steps[b].act))
            reverse_at_home(d, b);
        if (b >= from)
            reverse_in_time(d, b);
    }
    for (uint32_t a = 0; a < d->order.count && mutant != MUTANT_NO_ADVANCE; a++)
        if (touches_clock(&d->order.steps[a]) && d->order.steps[a].time_ready)
            reverse_with_time_to_come(d, a, from);
}

// Runs one execution; its depth. What it shares with the one before is not looked at again.
static uint32_t explore_one(struct dpor *d, const struct subject *subject, explore_visit *visit,
                            void *context) {
    uint32_t from = d->planned ? d->planned - 1 : 0;
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
    d->cut |= end == RUN_CUT || (end == RUN_DONE && world_enabled(WORLD) > 0);
    order_fill(&d->order, WORLD, d->resumed ? 0 : from < depth ? from : depth);
    d->resumed = false;
    for (uint32_t i = from; i < depth; i++) {
        d->mailbox |= (WORLD->host->log[i].touches & TOUCHES_MAILBOX) != 0;
        d->nodes |= (WORLD->host->log[i].touches & TOUCHES_NODES) != 0;
    }
    reverse_races(d, from); // before the visitor, who may end the world
    d->crowded |= WORLD->crowded;
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
    if (limits->state && limits->state->len)
        load(d, limits->state);
    for (;;) {
        uint32_t depth = explore_one(d, subject, visit, context);
        if (!backtrack(d, depth))
            break;
        if (!spent(d, limits))
            continue;
        if (limits->state)
            save(d, limits->state);
        return;
    }
    if (limits->state)
        limits->state->len = 0;
    // Sizes of mailboxes are not in the dependence relation, nor what crashes of nodes and cut
    // links do.
    if (!d->stats.limit && (d->cut || d->mailbox || d->nodes || d->crowded))
        d->stats.limit = d->cut ? "depth" : d->mailbox ? "mailbox" : d->nodes ? "nodes" : "crowd";
    d->stats.complete = !d->stats.limit;
}

struct explore_stats explore_dpor_mutant(const struct subject *subject,
                                         const struct explore_limits *limits, explore_visit *visit,
                                         void *context, enum mutant mutant) {
    struct dpor d = {.head = {choose, take}, .order.mutant = mutant};
    d.snapshots.never = limits->reexecute;
    d.last_first = limits->last_first;
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
