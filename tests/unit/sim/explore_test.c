// SPDX-License-Identifier: MIT
// Systematic exploration: exact numbers of executions where theory gives them, and the same
// outcomes as the search that reduces nothing.
#include "tests/unit/sim/generated.h"
#include "tests/unit/sim/generated_scopes.h"

#include "tests/unit/sim/agreement.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int map(void **state) {
    (void)state;
    return world_map() ? 0 : -1;
}

static void compare(const prism_function *f, const void *args, uint64_t executions) {
    assert_true(all(f, args, 2000000));
    for (int i = 0; i < 2; i++) {
        last_first = i;
        struct explore_stats d = dpor(f, args, MUTANT_NONE);
        assert_true(agree(d));
        if (executions)
            assert_int_equal(d.executions, executions);
    }
}

static void known_numbers(void **state) {
    (void)state;
    struct one n8 = {8}, n2 = {2}, n3 = {3}, n4 = {4};
    struct two lost = {2, 1}, clear = {1000, 2000}, never = {2000, 1000}, tie = {1000, 1000};
    compare(&counts, &n8, 1);
    compare(&fan_in, &n2, 2);
    compare(&fan_in, &n3, 6);
    compare(&fan_in, &n4, 24);
    compare(&lost_update, &lost, 6);
    compare(&cross, NULL, 0);
    compare(&forks, &n2, 0);
    compare(&late, &clear, 0);
    compare(&late, &never, 0);
    compare(&late, &tie, 0);
}

// Generated programs of two kinds, with and without time. Those with too many schedules to go
// through are passed over, and so are those with so few that there is nothing to reduce.
enum { GENERATED = 150, SCHEDULES_MAX = 10000, SCHEDULES_MIN = 5 };

static void generate_bounded(uint64_t seed, bool timed) {
    if (seed % 5 == 0)
        generate_supervised(seed, timed);
    else
        generate(seed, timed);
    bound_puppets((uint8_t)(1 + pick(3)), 1 + (uint32_t)pick(2));
}

struct kind {
    void (*generate)(uint64_t seed, bool timed);
    const prism_function *root;
    bool timed;
};
static const struct kind kinds[] = {{generate, &generated_root, false},
                                    {generate, &generated_root, true},
                                    {generate_scopes, &journey_root, false},
                                    {generate_scopes, &journey_root, true},
                                    {generate_supervised, &generated_root, false},
                                    {generate_bounded, &generated_root, false},
                                    {generate_bounded, &generated_root, true}};

static bool is_fit(const struct kind *k, uint64_t seed) {
    k->generate(seed, k->timed);
    return all(k->root, NULL, SCHEDULES_MAX) && schedules_of_all >= SCHEDULES_MIN;
}

// EXPLORED=N in the environment: so many programs of each kind.
static int how_many(void) {
    const char *asked = getenv("EXPLORED");
    return asked ? atoi(asked) : GENERATED;
}

static void compare_generated(const struct kind *k) {
    struct explore_stats sum = {0};
    uint64_t unreduced = 0;
    int compared = 0;
    for (uint64_t seed = 1; compared < how_many(); seed++) {
        if (!is_fit(k, seed))
            continue;
        last_first = seed % 2;
        struct explore_stats d = dpor(k->root, NULL, MUTANT_NONE);
        if (!agree(d))
            fail_msg("seed %llu: %u outcomes of %u, %llu executions of %llu classes",
                     (unsigned long long)seed, by_dpor.seen.count, by_all.seen.count,
                     (unsigned long long)d.executions, (unsigned long long)classes_of_all);
        sum.executions += d.executions;
        sum.pruned += d.pruned;
        unreduced += schedules_of_all;
        compared++;
    }
    print_message("%d programs, %llu schedules: %llu executions, all different, %llu given up\n",
                  compared, (unsigned long long)unreduced, (unsigned long long)sum.executions,
                  (unsigned long long)sum.pruned);
    assert_true(sum.pruned < sum.executions);
}

static void generated_programs(void **state) {
    (void)state;
    compare_generated(&kinds[0]);
}
static void generated_timed_programs(void **state) {
    (void)state;
    compare_generated(&kinds[1]);
}
static void generated_scoped_programs(void **state) {
    (void)state;
    compare_generated(&kinds[2]);
}
static void generated_scoped_timed_programs(void **state) {
    (void)state;
    compare_generated(&kinds[3]);
}
static void generated_supervised_programs(void **state) {
    (void)state;
    compare_generated(&kinds[4]);
}

static void generated_bounded_programs(void **state) {
    (void)state;
    compare_generated(&kinds[5]);
}
static void generated_bounded_timed_programs(void **state) {
    (void)state;
    compare_generated(&kinds[6]);
}

// The mutant reaches other outcomes or classes, or begins more executions in vain.
static bool differs(const prism_function *f, const void *args, enum mutant mutant) {
    if (!agree(dpor(f, args, mutant)))
        return true;
    uint64_t pruned = dpor(f, args, mutant).pruned;
    return pruned > dpor(f, args, MUTANT_NONE).pruned;
}

static bool is_noticed_here(const prism_function *f, const void *args, enum mutant mutant) {
    if (!all(f, args, SCHEDULES_MAX))
        return false;
    for (int i = 0; i < 2; i++) {
        last_first = i;
        if (differs(f, args, mutant))
            return true;
    }
    return false;
}

// Two tasks tell one actor; so does the root when both have ended. That this comes last follows for
// one of them from an answer that was taken silently.
static const struct journey tells_last = {
    .routes = {{.stops = {{.kind = GO_TASK, .route = 1, .slot = 0, .task = PRISM_FREE},
                          {.kind = GO_TASK, .route = 1, .slot = 1, .task = PRISM_FREE},
                          {.kind = GO_JOIN},
                          {.kind = GO_TELL, .route = 2}},
                .count = 4},
               {.stops = {{.kind = GO_TELL, .route = 2}}, .count = 1},
               {.stops = {{.kind = GO_ADD, .n = 1}}, .count = 1}},
    .actors = 1,
    .route_count = 3};

// A task that takes turns with its actor's handlers waits for an answer, and so does a handler: the
// task's answer can be taken before that handler, and again after it.
static const struct journey waits_again = {
    .routes = {{.stops = {{.kind = GO_TELL, .route = 1}, {.kind = GO_TELL, .route = 3}},
                .count = 2},
               {.stops = {{.kind = GO_TASK, .route = 2, .slot = SLOTS, .task = PRISM_ISOLATED}},
                .count = 1},
               {.stops = {{.kind = GO_ASK, .actor = 1, .route = 4}, {.kind = GO_JOIN}}, .count = 2},
               {.stops = {{.kind = GO_ASK, .actor = 1, .route = 4}, {.kind = GO_JOIN}}, .count = 2},
               {.stops = {{.kind = GO_ADD, .n = 1}}, .count = 1}},
    .actors = 2,
    .route_count = 5};

static bool is_noticed_on(const struct journey *j, enum mutant mutant) {
    journey = *j;
    return is_noticed_here(&journey_root, NULL, mutant);
}

// Scoped and timed programs with which rarely needed rules were found.
static const uint64_t hard[] = {43071, 14010, 1789, 10376, 34531};

// Every deliberate mistake shows on some small program.
static bool is_noticed(enum mutant mutant) {
    struct two tied = {1000, 1000}, lost = {2, 1};
    struct one n3 = {3};
    if (is_noticed_here(&late, &tied, mutant) || is_noticed_here(&fan_in, &n3, mutant) ||
        is_noticed_here(&lost_update, &lost, mutant))
        return true;
    if (is_noticed_on(&tells_last, mutant) || is_noticed_on(&waits_again, mutant))
        return true;
    last_first = false;
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++)
        if (is_fit(&kinds[3], hard[i]) && differs(kinds[3].root, NULL, mutant))
            return true;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        const struct kind *k = &kinds[seed % 4];
        last_first = seed / 4 % 2;
        if (is_fit(k, seed) && differs(k->root, NULL, mutant))
            return true;
    }
    return false;
}

// NO_TAIL is for snapshot_test.c.
static void mutants_are_noticed(void **state) {
    (void)state;
    for (enum mutant m = MUTANT_NONE + 1; m < MUTANT_COUNT; m++)
        if (m != MUTANT_NO_TAIL && !is_noticed(m))
            fail_msg("mutant %d survives", m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_numbers),
        cmocka_unit_test(generated_programs),
        cmocka_unit_test(generated_timed_programs),
        cmocka_unit_test(generated_scoped_programs),
        cmocka_unit_test(generated_scoped_timed_programs),
        cmocka_unit_test(generated_supervised_programs),
        cmocka_unit_test(generated_bounded_programs),
        cmocka_unit_test(generated_bounded_timed_programs),
        cmocka_unit_test(mutants_are_noticed),
    };
    return cmocka_run_group_tests(tests, map, NULL);
}
