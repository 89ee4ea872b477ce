// SPDX-License-Identifier: MIT
// Optimal DPOR by re-execution. Each level (a state on the current path) has a sleep set and a
// wakeup tree. When an execution is complete, each of its races (i, j) asks pre(i) to explore v:
// what comes after i without depending on it, then j; unless something asleep there covers v.
#include "explore/dpor.h"

#include <stdlib.h>

struct level {
    struct sequence sleep;
    struct wakeup *node; // its children are what is to be explored; the first is under way
};

struct dpor {
    const struct subject *subject;
    const struct explore_limits *limits;
    enum mutant mutant;
    struct execution e;
    struct level *levels;
    struct wakeup root;
    uint32_t depth_max;
    struct explore_stats stats;
    struct touched *now; // of the event under way, for on_early
    bool cut, mailbox;
};

enum { ENABLED_MAX = 512 };

// ---- one event
// ----------------------------------------------------------------------------------------

static void touch_home(struct touched *t, uint64_t home) {
    for (uint32_t i = 0; i < t->home_count; i++)
        if (t->homes[i] == home)
            return;
    if (t->home_count == TOUCHED_MAX)
        t->everything = true;
    else
        t->homes[t->home_count++] = home;
}

static void on_early(struct world_host *host, uint32_t home) {
    struct dpor *d = host->dpor;
    if (d->now && d->mutant != MUTANT_NO_EARLY)
        touch_home(d->now, WORLD->names[home].hash);
}

static struct cell *home_of_choice(struct choice c) {
    return c.envelope ? c.envelope->sched.home : c.timer->home;
}

static struct step step_of(struct world *w, struct choice c) {
    const struct cell *home = home_of_choice(c);
    struct step s = {.kind = c.envelope ? (uint8_t)c.envelope->kind : EVENT_ADVANCE};
    s.sent_at = c.envelope ? c.envelope->sched.sent_at : c.timer->sched.started_at;
    s.order = c.envelope ? c.envelope->sched.order : 0;
    s.accepts = home->status == CELL_RUNNING && (!home->handler || home->type->reentrant);
    s.touched.id = event_id(w, c);
    s.touched.home_count = 1;
    s.touched.homes[0] = w->names[home->sched.id].hash;
    return s;
}

// Takes it and notes what it touched; world_settle afterwards may add to that.
static void take(struct dpor *d, struct choice c, const struct choice *enabled, uint32_t count) {
    struct world *w = WORLD;
    struct seen seen[ENABLED_MAX];
    for (uint32_t i = 0; i < count; i++) {
        struct step each = step_of(w, enabled[i]);
        seen[i] = (struct seen){each.touched.id, each.touched.homes[0], each.kind};
    }
    struct step *s = &d->e.steps[d->e.len];
    *s = step_of(w, c);
    execution_note_enabled(&d->e, s, seen, count);
    d->now = &s->touched;
    world_take(w, c, count);
    world_settle(w);
    d->now = NULL;
    uint8_t touches = w->host->log[w->event_count - 1].touches;
    bool clock = (touches & TOUCHES_CLOCK) && d->mutant != MUTANT_NO_CLOCK;
    s->touched.clock = !clock ? CLOCK_NOT : s->kind == EVENT_ADVANCE ? CLOCK_ADVANCES : CLOCK_READS;
    d->mailbox |= (touches & TOUCHES_MAILBOX) != 0;
    execution_order(&d->e, d->e.len++);
}

// ---- one execution
// ------------------------------------------------------------------------------------

static uint32_t find(struct world *w, const struct choice *enabled, uint32_t count, uint64_t id) {
    for (uint32_t i = 0; i < count; i++)
        if (event_id(w, enabled[i]) == id)
            return i;
    return UINT32_MAX;
}

static bool asleep(const struct level *l, uint64_t id) {
    for (uint32_t i = 0; i < l->sleep.len; i++)
        if (l->sleep.at[i].id == id)
            return true;
    return false;
}

static void fill_sleep(struct dpor *d, uint32_t depth) {
    struct level *from = &d->levels[depth], *to = &d->levels[depth + 1];
    to->sleep.len = 0;
    for (uint32_t i = 0; i < from->sleep.len && d->mutant != MUTANT_NO_SLEEP; i++)
        if (!depends(&from->sleep.at[i], &d->e.steps[depth].touched))
            sequence_add(&to->sleep, &from->sleep.at[i]);
}

// The event that the wakeup tree asks for, else the first that is awake; UINT32_MAX: none.
static uint32_t pick(struct dpor *d, uint32_t depth, const struct choice *enabled, uint32_t count) {
    struct level *l = &d->levels[depth];
    if (l->node->children)
        return find(WORLD, enabled, count, l->node->children->touched.id);
    for (uint32_t i = 0; i < count; i++) {
        struct step s = step_of(WORLD, enabled[i]);
        if (asleep(l, s.touched.id))
            continue;
        wakeup_add(l->node, &s.touched);
        return i;
    }
    return UINT32_MAX;
}

enum path_end { PATH_COMPLETE, PATH_BLOCKED, PATH_CUT };

// Repeats the first `known` events, then goes on as the wakeup trees and sleep sets say.
static enum path_end run_path(struct dpor *d, uint32_t known) {
    struct choice enabled[ENABLED_MAX];
    enum run_end end;
    execution_cut(&d->e, known);
    world_begin(d->subject->host, d->subject->function, d->subject->args);
    for (uint32_t depth = 0; !run_is_over(WORLD, &end); depth++) {
        uint32_t count = world_list(WORLD, enabled, ENABLED_MAX);
        if (depth == d->depth_max || count > ENABLED_MAX)
            return PATH_CUT;
        d->stats.steps++;
        if (depth < known) {
            uint32_t again = find(WORLD, enabled, count, d->e.steps[depth].touched.id);
            assert(again != UINT32_MAX); // else the program is not deterministic
            world_take(WORLD, enabled[again], count);
            continue;
        }
        uint32_t next = pick(d, depth, enabled, count);
        if (next == UINT32_MAX)
            return PATH_BLOCKED;
        take(d, enabled[next], enabled, count);
        struct level *l = &d->levels[depth];
        l->node->children->touched = d->e.steps[depth].touched;
        d->levels[depth + 1].node = l->node->children;
        fill_sleep(d, depth);
    }
    return end == RUN_DONE ? PATH_COMPLETE : PATH_CUT;
}

// What is in flight at the end and was never taken.
static void note_pending(struct dpor *d) {
    for (const struct cell *c = WORLD->first_cell; c; c = c->sched.all_next)
        for (struct envelope *e = c->sched.first; e; e = e->next) {
            if (d->e.pending == d->depth_max)
                return;
            uint32_t j = d->e.len + d->e.pending++;
            d->e.steps[j] = step_of(WORLD, (struct choice){e, NULL});
            execution_order(&d->e, j);
        }
}

// ---- reversing races
// ----------------------------------------------------------------------------------

static void ask_for(struct dpor *d, uint32_t i, struct sequence *v) {
    struct level *l = &d->levels[i];
    bool covered = false;
    for (uint32_t k = 0; k < l->sleep.len && !covered; k++)
        covered = weak_initial(v, &l->sleep.at[k]);
    if (!covered)
        wakeup_insert(l->node, l->node->children, v);
}

static void reverse(void *context, uint32_t i, uint32_t j) {
    struct dpor *d = context;
    struct sequence v = {0};
    for (uint32_t k = i + 1; k < d->e.len; k++)
        if (k != j && !happens_before(&d->e, i, k))
            sequence_add(&v, &d->e.steps[k].touched);
    sequence_add(&v, &d->e.steps[j].touched);
    ask_for(d, i, &v);
    free(v.at);
}

// Events that i disabled and that are perhaps nowhere in the execution: time that could have
// advanced before i stopped the timer, or set an earlier one; a timer's envelope that i took back.
static void reverse_disabled(struct dpor *d, uint32_t i) {
    const struct step *s = &d->e.steps[i];
    for (uint32_t k = 0; k < s->enabled_count; k++) {
        struct seen seen = d->e.pool[s->enabled + k];
        bool timed = seen.kind == EVENT_ADVANCE || seen.kind == ENVELOPE_TIMER;
        if (!timed || seen.id == s->touched.id || execution_enabled(&d->e, i + 1, seen.id))
            continue;
        struct touched t = {.id = seen.id, .homes = {seen.home}, .home_count = 1};
        t.clock = seen.kind == EVENT_ADVANCE ? CLOCK_ADVANCES : CLOCK_NOT;
        struct sequence v = {0};
        sequence_add(&v, &t);
        ask_for(d, i, &v);
        free(v.at);
    }
}

struct race {
    uint32_t i, j;
};
struct last_race {
    struct dpor *dpor;
    struct race race;
    bool any;
};
static void keep_last(void *context, uint32_t i, uint32_t j) {
    struct last_race *last = context;
    *last = (struct last_race){last->dpor, {i, j}, true};
}

static void reverse_races(struct dpor *d) {
    note_pending(d);
    if (d->mutant == MUTANT_LAST_RACE) {
        struct last_race last = {.dpor = d};
        execution_races(&d->e, d->mutant, keep_last, &last);
        if (last.any)
            reverse(d, last.race.i, last.race.j);
        return;
    }
    execution_races(&d->e, d->mutant, reverse, d);
    for (uint32_t i = 0; i < d->e.len && d->mutant != MUTANT_NO_DISABLED; i++)
        reverse_disabled(d, i);
}

// ---- the search
// ---------------------------------------------------------------------------------------

// Leaves what was explored, up to the deepest level that has something left; its depth, or
// UINT32_MAX.
static uint32_t backtrack(struct dpor *d, bool blocked_at_pick) {
    uint32_t depth = d->e.len;
    // A branch that could not even begin: what was asked for was not enabled after all.
    bool drop = blocked_at_pick && d->levels[depth].node->children;
    for (;;) {
        struct level *l = &d->levels[depth];
        struct wakeup *done = l->node->children;
        if (done && (depth < d->e.len || drop)) {
            if (!drop)
                sequence_add(&l->sleep, &done->touched);
            l->node->children = done->next;
            done->next = NULL;
            wakeup_free(done);
            drop = false;
        }
        if (l->node->children)
            return depth;
        if (depth == 0)
            return UINT32_MAX;
        depth--;
    }
}

static bool spent(struct dpor *d) {
    const struct explore_limits *l = d->limits;
    if (l->executions && d->stats.executions + d->stats.pruned >= l->executions)
        d->stats.limit = "runs";
    else if (l->steps && d->stats.steps >= l->steps)
        d->stats.limit = "steps";
    return d->stats.limit != NULL;
}

static void search(struct dpor *d, explore_visit *visit, void *context) {
    uint32_t known = 0;
    while (known != UINT32_MAX) {
        enum path_end end = run_path(d, known);
        d->stats.executions += end == PATH_COMPLETE;
        d->stats.pruned += end != PATH_COMPLETE;
        d->cut |= end == PATH_CUT;
        if (end == PATH_COMPLETE) {
            if (visit(context, WORLD))
                d->stats.limit = "stopped";
            reverse_races(d);
        } else if (end == PATH_CUT) {
            reverse_races(d);
        }
        known = backtrack(d, end == PATH_BLOCKED);
        if (known != UINT32_MAX && (d->stats.limit || spent(d)))
            return;
    }
    if (d->cut || d->mailbox)
        d->stats.limit = d->cut ? "depth" : "mailbox";
    d->stats.complete = !d->stats.limit;
}

static void init(struct dpor *d) {
    uint32_t depth = d->limits->depth;
    d->depth_max = depth && depth < EXPLORE_DEPTH_MAX ? depth : EXPLORE_DEPTH_MAX;
    execution_init(&d->e, d->depth_max);
    d->levels = calloc(d->depth_max + 2, sizeof *d->levels);
    if (!d->levels)
        abort();
    d->levels[0].node = &d->root;
}

struct explore_stats explore_dpor_mutant(const struct subject *subject,
                                         const struct explore_limits *limits, explore_visit *visit,
                                         void *context, enum mutant mutant) {
    struct dpor d = {.subject = subject, .limits = limits, .mutant = mutant};
    struct dpor *before = subject->host->dpor;
    init(&d);
    subject->host->dpor = &d;
    subject->host->on_early = on_early;
    search(&d, visit, context);
    subject->host->on_early = NULL;
    subject->host->dpor = before;
    wakeup_free(d.root.children);
    for (uint32_t i = 0; i <= d.depth_max + 1; i++)
        free(d.levels[i].sleep.at);
    free(d.levels);
    execution_free(&d.e);
    return d.stats;
}

struct explore_stats explore_dpor(const struct subject *subject,
                                  const struct explore_limits *limits, explore_visit *visit,
                                  void *context) {
    return explore_dpor_mutant(subject, limits, visit, context, MUTANT_NONE);
}
