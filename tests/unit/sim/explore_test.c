// SPDX-License-Identifier: MIT
// Systematic exploration: exact numbers of executions where theory gives them, and the same
// outcomes as the search that reduces nothing.
#include "tests/unit/sim/programs.h"

#include "explore/explore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct world_host host = {.steps_max = STEPS_MAX_DEFAULT, .program = &prism_program_main};

static int map(void **state) {
    (void)state;
    return world_map() ? 0 : -1;
}

// What the order of dependent events was: two executions are equivalent when these are equal.
// Events of a home are ordered; so is time with all that reads or sets it. (Early replies are not
// seen from here.)
static uint64_t class_of(const struct world *w) {
    uint64_t chains[256] = {0}, clock = 0, readers = 0;
    for (uint32_t i = 0; i < w->event_count; i++) {
        const struct event *e = &w->host->log[i];
        uint64_t id = event_id_logged(w, e);
        assert_true(e->home < 256);
        chains[e->home] = name_hash(chains[e->home], id, 0);
        if (e->kind == EVENT_ADVANCE) {
            clock = name_hash(name_hash(clock, readers, 0), id, 0);
            readers = 0;
        } else if (e->touches & TOUCHES_CLOCK) {
            readers += id;
        }
    }
    uint64_t sum = name_hash(clock, readers, 0);
    for (uint32_t i = 1; i < w->name_count; i++)
        sum += name_hash(w->names[i].hash, chains[i], 0);
    return sum;
}

// A set of outcomes, and how many executions failed in which way.
enum { OUTCOMES_MAX = 65536 };
struct outcomes {
    uint64_t seen[OUTCOMES_MAX], classes[OUTCOMES_MAX];
    uint32_t count, class_count, found[8];
};

static bool add(uint64_t *set, uint32_t *count, uint64_t what) {
    for (uint32_t i = 0; i < *count; i++)
        if (set[i] == what)
            return false;
    assert_true(*count < OUTCOMES_MAX);
    set[(*count)++] = what;
    return true;
}

static bool note(void *context, struct world *w) {
    struct outcomes *o = context;
    o->found[w->finding.kind]++;
    add(o->classes, &o->class_count, class_of(w));
    add(o->seen, &o->count, explore_outcome(w));
    return false;
}

static bool contains(const struct outcomes *o, uint64_t outcome) {
    for (uint32_t i = 0; i < o->count; i++)
        if (o->seen[i] == outcome)
            return true;
    return false;
}

static bool same_set(const struct outcomes *a, const struct outcomes *b) {
    for (uint32_t i = 0; i < a->count; i++)
        if (!contains(b, a->seen[i]))
            return false;
    return a->count == b->count;
}

static struct outcomes by_dpor, by_all;

static struct explore_stats dpor(const prism_function *f, const void *args) {
    struct subject subject = {&host, f, args};
    struct explore_limits limits = {.executions = 200000};
    by_dpor.count = by_dpor.class_count = 0;
    memset(by_dpor.found, 0, sizeof by_dpor.found);
    return explore_dpor(&subject, &limits, note, &by_dpor);
}

static struct explore_stats all(const prism_function *f, const void *args) {
    struct subject subject = {&host, f, args};
    struct explore_limits limits = {.executions = 2000000};
    by_all.count = by_all.class_count = 0;
    memset(by_all.found, 0, sizeof by_all.found);
    return explore_unreduced(&subject, &limits, note, &by_all);
}

static void report(const char *what, struct explore_stats d, struct explore_stats a) {
    print_message(
        "%s: reduced %lu + %lu pruned, %u classes, %u outcomes; all %lu, %u classes, %u outcomes\n",
        what, d.executions, d.pruned, by_dpor.class_count, by_dpor.count, a.executions,
        by_all.class_count, by_all.count);
}

static void compare(const char *what, const prism_function *f, const void *args,
                    uint64_t executions) {
    struct explore_stats d = dpor(f, args), a = all(f, args);
    (void)report;
    assert_true(d.complete && a.complete);
    assert_true(same_set(&by_dpor, &by_all));
    assert_int_equal(d.pruned, 0);
    if (executions)
        assert_int_equal(d.executions, executions);
}

static void known_numbers(void **state) {
    (void)state;
    struct one n8 = {8}, n2 = {2}, n3 = {3}, n4 = {4};
    struct two lost = {2, 1}, clear = {1000, 2000}, never = {2000, 1000}, tie = {1000, 1000};
    compare("counts", &counts, &n8, 1);
    compare("fan_in(2)", &fan_in, &n2, 2);
    compare("fan_in(3)", &fan_in, &n3, 6);
    compare("fan_in(4)", &fan_in, &n4, 24);
    compare("lost_update(2,1)", &lost_update, &lost, 6);
    compare("cross", &cross, NULL, 0);
    compare("forks(2)", &forks, &n2, 0);
    compare("late", &late, &clear, 0);
    compare("late, never", &late, &never, 0);
    compare("late, tie", &late, &tie, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_numbers),
    };
    return cmocka_run_group_tests(tests, map, NULL);
}
