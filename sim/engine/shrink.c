// SPDX-License-Identifier: MIT
// Shrinking a failing path: first the generated inputs (runtime/test/inputs.h), since smaller ones
// make all else smaller; then the schedule, within a budget of events so that the result does not
// depend on the machine:
//   0. narrow: the end of the path, then its beginning, are taken away by halving: what a failure
//      needs often lies close together in a long run;
//   1. cut: deviations are taken away, halves first, then singly, while the failure stays;
//   2. search: paths with few deviations, all with none, then one, then two, ..., in the hope of
//   one
//      that fails with fewer switches or events: the smallest there is, where the budget suffices;
//   3. cut again. Between these straighten: the events of the best run so far in another order of
//      the same partial order, with fewer switches (course.h). Long runs are only narrowed and cut.
// Every candidate is run; a failure counts as the same by finding_same.
#include "course.h"

#include <stdlib.h>
#include <string.h>

enum { BUDGET_EVENTS = 3000000, BUDGET_TRIES = 30000, WIDTH_MAX = 4000, LONG_EVENTS = 200 };

struct shrinking {
    const struct subject *subject;
    const struct finding *wanted;
    struct path best;
    struct outcome outcome;
    uint64_t events;
    uint32_t tries;
};

// What makes a long run easy to grasp is that it is the canonical one but for few deviations: then
// asking is like calling, and only what differs from that has to be understood. The order with the
// fewest switches, by contrast, does the same step of everybody in turn.
static bool is_long(const struct measure *m) {
    return m->events > LONG_EVENTS;
}

static bool is_better(const struct shrinking *s, const struct measure *m) {
    const struct measure *best = &s->outcome.measure;
    if (is_long(m) != is_long(best))
        return is_long(best);
    if (is_long(m) && m->deviations != best->deviations)
        return m->deviations < best->deviations;
    return measure_less(m, best);
}

static bool spent(const struct shrinking *s) {
    const struct world_host *host = s->subject->host;
    return s->events >= BUDGET_EVENTS || s->tries >= BUDGET_TRIES ||
           (host->hurried && host->hurried());
}

// Runs a candidate; keeps it if it fails the same way and is better, or no worse with `or_equal`.
static bool try_path(struct shrinking *s, const struct path *candidate,
                     struct fork_points *points) {
    struct path met = {0};
    uint32_t from = candidate->len;
    struct world_host *host = s->subject->host;
    host->bound = is_long(&s->outcome.measure) ? NULL : &s->outcome.measure;
    struct outcome o = follow(s->subject, candidate, false, &met, points, from, NULL);
    host->bound = NULL;
    s->tries++;
    s->events += o.measure.events + 20;
    bool better =
        o.end == RUN_DONE && finding_same(&o.finding, s->wanted) && is_better(s, &o.measure);
    if (better) {
        path_copy(&s->best, &met);
        s->outcome = o;
    }
    path_free(&met);
    return better;
}

// ---- inputs -------------------------------------------------------------------------------------

enum { INPUT_TRIES = 10000 };

static bool try_inputs(void *context, const struct inputs *candidate, struct inputs *drawn) {
    struct shrinking *s = context;
    struct path path = {0}, met = {0};
    if (spent(s))
        return false;
    path_copy(&path, &s->best);
    path.has_inputs = true;
    inputs_copy(&path.inputs, candidate);
    struct outcome o = follow(s->subject, &path, false, &met, NULL, 0, NULL);
    s->tries++;
    s->events += o.measure.events + 20;
    bool fails = o.end == RUN_DONE && finding_same(&o.finding, s->wanted);
    inputs_copy(drawn, &met.inputs);
    if (fails && inputs_less(&met.inputs, &s->best.inputs)) {
        path_copy(&s->best, &met);
        s->outcome = o;
    }
    path_free(&path);
    path_free(&met);
    return fails;
}

static void simplify_inputs(struct shrinking *s) {
    struct inputs best = {0};
    if (!s->best.has_inputs)
        return;
    inputs_copy(&best, &s->best.inputs);
    inputs_shrink(&best, try_inputs, s, INPUT_TRIES);
    inputs_free(&best);
}

// ---- latencies ----------------------------------------------------------------------------------

// Slow answers that nothing depends on are left out: then all services answer at once.
static void make_prompt(struct shrinking *s) {
    if (s->best.prompt || spent(s))
        return;
    struct path path = {0};
    path_copy(&path, &s->best);
    path.prompt = true;
    try_path(s, &path, NULL);
    path_free(&path);
}

// ---- mishaps ------------------------------------------------------------------------------------

enum { EARLIER_MAX = 16 };

// The same fault at an earlier one of its chances there: less has to happen before it.
static void advance_mishaps(struct shrinking *s) {
    struct path candidate = {0};
    for (uint32_t i = 0; i < s->best.mishaps.len; i++)
        for (uint32_t k = 0; k < EARLIER_MAX && !spent(s); k++) {
            if (i >= s->best.mishaps.len || k >= s->best.mishaps.at[i].occurrence)
                break;
            path_copy(&candidate, &s->best);
            candidate.mishaps.at[i].occurrence = k;
            if (try_path(s, &candidate, NULL))
                break;
        }
    path_free(&candidate);
}

// Faults within segments that the failure does not need: all of them, then halves, then single
// ones.
static void drop_mishaps(struct shrinking *s) {
    struct path candidate = {0};
    for (uint32_t chunk = s->best.mishaps.len; chunk > 0 && !spent(s); chunk /= 2)
        for (uint32_t from = 0; from < s->best.mishaps.len && !spent(s);) {
            path_copy(&candidate, &s->best);
            candidate.mishaps.len = 0;
            for (uint32_t i = 0; i < s->best.mishaps.len; i++)
                if (i < from || i >= from + chunk)
                    mishaps_add(&candidate.mishaps, &s->best.mishaps.at[i]);
            if (!try_path(s, &candidate, NULL))
                from += chunk;
        }
    path_free(&candidate);
}

// ---- cut ----------------------------------------------------------------------------------------

static void without(struct path *out, const struct path *p, uint32_t from, uint32_t count) {
    out->len = 0;
    path_copy_inputs(out, p);
    for (uint32_t i = 0; i < p->len; i++)
        if (i < from || i >= from + count)
            path_add(out, &p->at[i]);
}

static void cut(struct shrinking *s) {
    struct path candidate = {0};
    uint32_t chunk = s->best.len;
    while (chunk > 0 && !spent(s)) {
        bool any = false;
        for (uint32_t from = 0; from < s->best.len && !spent(s);) {
            without(&candidate, &s->best, from, chunk);
            if (try_path(s, &candidate, NULL))
                any = true; // what follows has moved here
            else
                from += chunk;
        }
        if (chunk > s->best.len)
            chunk = s->best.len;
        else if (!any || chunk > 1)
            chunk /= 2;
    }
    path_free(&candidate);
}

// Takes away as much of the end, or of the beginning, as can be found by halving.
static void narrow(struct shrinking *s, bool end) {
    struct path candidate = {0};
    for (uint32_t count = s->best.len; count > 0 && !spent(s);) {
        without(&candidate, &s->best, end ? s->best.len - count : 0, count);
        if (!try_path(s, &candidate, NULL))
            count /= 2;
        else if (count > s->best.len)
            count = s->best.len;
    }
    path_free(&candidate);
}

// ---- search -------------------------------------------------------------------------------------

struct level {
    struct path *paths; // malloc'ed, each too
    uint32_t len;
};

static void level_free(struct level *l) {
    for (uint32_t i = 0; i < l->len; i++)
        path_free(&l->paths[i]);
    free(l->paths);
    *l = (struct level){0};
}

static void level_add(struct level *l, const struct path *base, const struct fork_point *p) {
    if (l->len >= WIDTH_MAX)
        return;
    if (!l->paths)
        l->paths = calloc(WIDTH_MAX, sizeof *l->paths);
    if (!l->paths)
        abort();
    struct path *path = &l->paths[l->len++];
    path_copy(path, base);
    path_add(path, &(struct deviation){p->usual, p->other});
}

// One level: runs every path of it, and lists those with one deviation more, after the last.
static void search_level(struct shrinking *s, const struct level *now, struct level *next) {
    for (uint32_t i = 0; i < now->len && !spent(s); i++) {
        struct fork_points points = {.max = WIDTH_MAX};
        try_path(s, &now->paths[i], &points);
        for (uint32_t k = 0; k < points.len; k++)
            if (!points.at[k].deviated)
                level_add(next, &now->paths[i], &points.at[k]);
        free(points.at);
    }
}

static void search(struct shrinking *s) {
    struct level now = {.paths = calloc(1, sizeof(struct path)), .len = 1};
    if (!now.paths)
        abort();
    path_copy_inputs(&now.paths[0], &s->best);
    for (uint32_t i = 0; i < s->best.len; i++)
        if (s->best.at[i].taken.kind >= EVENT_FAULT) // what the failure needs besides an order
            path_add(&now.paths[0], &s->best.at[i]);
    // A path with as many deviations as the best one can still have fewer switches.
    uint32_t most = s->best.len - now.paths[0].len;
    for (uint32_t deviations = 0; deviations <= most && !spent(s); deviations++) {
        struct level next = {0};
        search_level(s, &now, &next);
        level_free(&now);
        now = next;
    }
    level_free(&now);
}

// ---- straighten ---------------------------------------------------------------------------------

// The same partial order of events, in an order with fewer switches, and without what does not lead
// to the failure.
static void straighten(struct shrinking *s) {
    struct course c;
    bool stuck = s->wanted->kind == FINDING_DEADLOCK || s->wanted->kind == FINDING_LEAK;
    if (course_note(s->subject, &s->best, &c) && c.len > 0) {
        uint32_t *order = calloc(c.len, sizeof *order), *rank = malloc(c.len * sizeof *rank);
        if (!order || !rank)
            abort();
        memset(rank, 0xff, c.len * sizeof *rank);
        uint32_t count = course_straighten(&c, !stuck, order);
        for (uint32_t i = 0; i < count; i++)
            rank[order[i]] = i;
        struct strategy_ordered ordered;
        struct path path = {0};
        path_copy_inputs(&path, &s->best);
        strategy_ordered_begin(&ordered, &c, rank);
        record_path(s->subject, &ordered.head, &path);
        try_path(s, &path, NULL);
        path_free(&path);
        free(order);
        free(rank);
    }
    course_free(&c);
}

struct outcome shrink(const struct subject *subject, const struct finding *wanted,
                      struct path *path, struct shrink_stats *stats) {
    struct shrinking s = {.subject = subject, .wanted = wanted};
    struct path met = {0};
    s.outcome = follow(subject, path, false, &met, NULL, 0, NULL);
    stats->before = s.outcome.measure;
    path_copy(&s.best, &met);
    drop_mishaps(&s);
    advance_mishaps(&s);
    make_prompt(&s);
    simplify_inputs(&s);
    if (!is_long(&s.outcome.measure))
        straighten(&s);
    narrow(&s, true);
    narrow(&s, false);
    cut(&s);
    if (!is_long(&s.outcome.measure)) {
        straighten(&s);
        search(&s);
        straighten(&s);
        cut(&s);
    }
    drop_mishaps(&s);
    make_prompt(&s);
    simplify_inputs(&s);
    stats->tries = s.tries;
    path_copy(path, &s.best);
    struct outcome final = follow(subject, path, false, &met, NULL, 0, NULL);
    path_copy(path, &met);
    path_free(&met);
    path_free(&s.best);
    return final;
}
