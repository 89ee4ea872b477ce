// SPDX-License-Identifier: MIT
// Holding reduced exploration to the search that reduces nothing: the same outcomes, and no two
// executions of one class.
#ifndef PRISM_TEST_AGREEMENT_H
#define PRISM_TEST_AGREEMENT_H

#include "explore/explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A set of numbers; open addressing, 0 stands for itself as 1.
enum { SET_MAX = 1 << 18 };
struct set {
    uint64_t at[SET_MAX];
    uint32_t count;
};
static void set_add(struct set *s, uint64_t what) {
    uint64_t key = what + !what;
    uint32_t i = (uint32_t)(key % SET_MAX);
    while (s->at[i] && s->at[i] != key)
        i = (i + 1) % SET_MAX;
    if (s->at[i])
        return;
    s->at[i] = key;
    if (++s->count > SET_MAX / 2)
        abort();
}
static bool set_has(const struct set *s, uint64_t key) {
    uint32_t i = (uint32_t)(key % SET_MAX);
    while (s->at[i] && s->at[i] != key)
        i = (i + 1) % SET_MAX;
    return s->at[i] != 0;
}
static bool set_within(const struct set *a, const struct set *b) {
    for (uint32_t i = 0; i < SET_MAX; i++)
        if (a->at[i] && !set_has(b, a->at[i]))
            return false;
    return true;
}
static void set_clear(struct set *s) {
    memset(s, 0, sizeof *s);
}

// Outcomes and classes of executions, and how many ended with which kind of finding.
struct outcomes {
    struct set seen, classes;
    uint32_t found[8];
};
static struct outcomes by_dpor, by_all;

static bool note_outcome(void *context, struct world *w) {
    struct outcomes *o = context;
    o->found[w->finding.kind]++;
    set_add(&o->classes, explore_class(w));
    set_add(&o->seen, explore_outcome(w));
    return false;
}

static void outcomes_clear(struct outcomes *o) {
    if (o->seen.count)
        set_clear(&o->seen);
    if (o->classes.count)
        set_clear(&o->classes);
    memset(o->found, 0, sizeof o->found);
}

static struct world_host host = {.steps_max = STEPS_MAX_DEFAULT, .program = &prism_program_main};

static bool last_first;
static uint64_t classes_of_all, schedules_of_all;
static struct explore_stats dpor(const prism_function *f, const void *args, enum mutant mutant) {
    struct subject subject = {&host, f, args};
    struct explore_limits limits = {.executions = 200000, .last_first = last_first};
    outcomes_clear(&by_dpor);
    return explore_dpor_mutant(&subject, &limits, note_outcome, &by_dpor, mutant);
}

// Every schedule. The classes are counted where timers with one deadline expire in one order.
static bool all(const prism_function *f, const void *args, uint64_t limit) {
    struct subject subject = {&host, f, args};
    struct explore_limits limits = {.executions = limit, .one_of_ties = true};
    outcomes_clear(&by_all);
    if (!explore_unreduced(&subject, &limits, note_outcome, &by_all).complete)
        return false;
    classes_of_all = by_all.classes.count;
    limits.one_of_ties = false;
    struct explore_stats stats = explore_unreduced(&subject, &limits, note_outcome, &by_all);
    schedules_of_all = stats.executions;
    return stats.complete;
}

static bool same_outcomes(void) {
    return by_dpor.seen.count == by_all.seen.count && set_within(&by_dpor.seen, &by_all.seen);
}

// The same outcomes, and every class of executions once.
static bool agree(struct explore_stats reduced) {
    return reduced.complete && same_outcomes() && reduced.executions == by_dpor.classes.count &&
           reduced.executions == classes_of_all;
}

#endif
