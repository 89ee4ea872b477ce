// SPDX-License-Identifier: MIT
// Why: which orders the failure needs. Not the schedule's choices are varied, of which most are
// equivalent to others, but its races: two events of one actor, the later of which was not caused
// by the earlier one. For each, the run is repeated with the earlier event held back until the
// later one has been taken, all else as before as far as it goes. Time is varied by advancing only
// when nothing else can happen. An order whose reversal does not fail the same way is needed.
#include "course.h"
#include "tell.h"

#include <stdlib.h>
#include <string.h>

enum { BUDGET_EVENTS = 1000000, BACK_MAX = 4 };

// ---- the other way round ------------------------------------------------------------------------

// As the course went, but event `i` waits until `j` was taken; j UINT32_MAX: while there is
// anything else.
struct strategy_reverse {
    struct strategy head;
    const struct course *course;
    uint32_t i, j;
    bool reversed; // j was taken before i
    bool any_else;
    struct event_name else_; // what was taken when i could have been
};

static bool is_held(const struct strategy_reverse *r, const struct event_name *name) {
    return !r->reversed && event_name_equal(name, &r->course->at[r->i].name);
}

enum { ENABLED_MAX = 256 };

static struct choice choose_reversed(struct strategy *s, struct world *w) {
    struct strategy_reverse *r = (struct strategy_reverse *)s;
    struct choice all[ENABLED_MAX], best = {0};
    uint32_t count = world_list(w, all, ENABLED_MAX), best_rank = UINT32_MAX;
    for (uint32_t k = 0; k < count && k < ENABLED_MAX; k++) {
        struct event_name name = world_name(w, all[k]);
        uint32_t rank = course_rank(r->course, &name);
        if (is_held(r, &name) || rank >= best_rank)
            continue;
        best = all[k];
        best_rank = rank;
    }
    return best.envelope || best.timer ? best : all[0];
}

// Faults strike where they did, but for the one that is held.
static bool strike_reversed(struct strategy *s, struct world *w, struct strike *out) {
    struct strategy_reverse *r = (struct strategy_reverse *)s;
    if (!r->course->faults)
        return false;
    struct event_name next = world_name(w, choose_reversed(s, w));
    return course_strike(r->course, w, NULL, course_rank(r->course, &next), out);
}

// False: i has to be taken now, and j was not.
static bool take_reversed(struct strategy *s, struct world *w, struct choice c) {
    struct strategy_reverse *r = (struct strategy_reverse *)s;
    struct event_name name = world_name(w, c);
    if (r->reversed || w->event_count < r->i)
        return true;
    if (!r->any_else && !is_held(r, &name))
        r->else_ = name;
    if (!is_held(r, &name)) {
        r->any_else = true;
        r->reversed = r->j != UINT32_MAX && event_name_equal(&name, &r->course->at[r->j].name);
        return true;
    }
    r->reversed = r->j == UINT32_MAX && r->any_else;
    return r->reversed;
}

struct verdict {
    bool possible, fails;
    struct event_name other;
};

static struct verdict reverse(const struct subject *subject, const struct course *c, uint32_t i,
                              uint32_t j, const struct finding *wanted, uint64_t *events) {
    struct strategy_reverse r = {
        .head = {choose_reversed, take_reversed, strike_reversed}, .course = c, .i = i, .j = j};
    memset(c->struck, 0, c->len * sizeof *c->struck);
    c->struck[i] = c->at[i].fault; // left out
    r.reversed = c->at[i].fault;
    world_begin(subject->host, subject->function, subject->args);
    enum run_end end = run(WORLD, &r.head);
    *events += WORLD->event_count + 20;
    bool tried = j == UINT32_MAX ? r.any_else : r.reversed;
    struct verdict v = {.possible = (tried || c->at[i].fault) && end != RUN_ENDED};
    if (end == RUN_DONE)
        run_finish(WORLD);
    v.fails = end == RUN_DONE && finding_same(&WORLD->finding, wanted);
    v.other = j != UINT32_MAX ? c->at[j].name : c->at[i].fault ? c->at[i].name : r.else_;
    return v;
}

static void note_verdict(struct why *why, const struct fork_point *point, bool fails) {
    why->varied++;
    why->harmless += fails;
    if (fails)
        return;
    if (why->needed_count == NEEDED_MAX) {
        why->limited = true;
        return;
    }
    why->needed[why->needed_count++] = *point;
}

static void note_reversal(struct why *why, const struct course *c, uint32_t i, struct verdict v) {
    struct fork_point point = {
        .event = i, .taken = c->at[i].name, .usual = c->at[i].name, .other = v.other};
    note_verdict(why, &point, v.fails);
}

// The last events of j's actor before it that j could come before.
static void vary_before(const struct subject *subject, const struct course *c, uint32_t j,
                        const struct finding *wanted, struct why *why, uint64_t *events) {
    uint32_t tries = 0;
    for (uint32_t i = j < c->len ? j : c->len; i-- > 0 && tries < BACK_MAX;) {
        bool same_actor =
            !c->at[i].advance && !c->at[i].fault && c->at[i].name.to == c->at[j].name.to;
        if (!same_actor || course_caused(c, i, j))
            continue;
        struct verdict v = reverse(subject, c, i, j, wanted, events);
        tries++;
        if (v.possible)
            note_reversal(why, c, i, v);
    }
}

// Does it fail without this mishap, all else as before as far as it goes?
static void vary_mishap(const struct subject *subject, const struct path *path, uint32_t which,
                        const struct finding *wanted, struct why *why, uint64_t *events) {
    struct path without = {0};
    const struct mishap *m = &path->mishaps.at[which];
    path_copy(&without, path);
    without.mishaps.len = 0;
    for (uint32_t i = 0; i < path->mishaps.len; i++)
        if (i != which)
            mishaps_add(&without.mishaps, &path->mishaps.at[i]);
    struct outcome o = follow(subject, &without, false, NULL, NULL, 0, NULL);
    *events += o.measure.events + 20;
    bool fails = o.end == RUN_DONE && finding_same(&o.finding, wanted);
    struct event_name name = {.to = m->home, .kind = EVENT_FAULT + m->kind};
    struct fork_point point = {.event = m->event ? m->event - 1 : 0,
                               .usual = name,
                               .taken = name,
                               .other = name,
                               .mishap = m};
    note_verdict(why, &point, fails);
    path_free(&without);
}

static int by_event(const void *a, const void *b) {
    const struct fork_point *x = a, *y = b;
    return x->event < y->event ? -1 : x->event > y->event;
}

static bool is_hurried(const struct world_host *host) {
    return host->hurried && host->hurried();
}

struct why why_find(const struct subject *subject, const struct path *path,
                    const struct finding *wanted) {
    struct why why = {0};
    struct course c;
    uint64_t events = 0;
    struct given before = path_give(subject->host, path);
    why.limited = !course_note(subject, path, &c);
    for (uint32_t j = 0; j < c.len + c.pending && !why.limited; j++) {
        if (c.at[j].advance || c.at[j].fault) {
            struct verdict v = reverse(subject, &c, j, UINT32_MAX, wanted, &events);
            if (v.possible)
                note_reversal(&why, &c, j, v);
        } else {
            vary_before(subject, &c, j, wanted, &why, &events);
        }
        why.limited |= events > BUDGET_EVENTS || is_hurried(subject->host);
    }
    for (uint32_t i = 0; i < path->mishaps.len && !why.limited; i++)
        vary_mishap(subject, path, i, wanted, &why, &events);
    subject->host->given = before;
    qsort(why.needed, why.needed_count, sizeof *why.needed, by_event);
    course_free(&c);
    return why;
}
