// SPDX-License-Identifier: MIT
// Systematic exploration: exact numbers of executions where theory gives them, and the same
// outcomes as the search that reduces nothing.
#include "tests/unit/sim/generated.h"
#include "tests/unit/sim/generated_scopes.h"

#include "tests/unit/sim/agreement.h"

#include "fault/fault.h"
#include "sample/sample.h"

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

// ---- going on -----------------------------------------------------------------------------------

enum { STOPPED = 15, AT_ONCE = 3 };

// Stopped again and again after a few executions, a search sees what one sees that is never
// stopped.
static void goes_on(const struct kind *k, uint64_t seed) {
    struct subject subject = {&host, k->root, NULL};
    struct explore_state state = {0};
    struct explore_limits limits = {.executions = AT_ONCE, .last_first = seed % 2, .state = &state};
    struct explore_stats stats = {0};
    uint64_t executions = 0, pruned = 0;
    outcomes_clear(&by_dpor);
    do {
        stats = explore_dpor(&subject, &limits, note_outcome, &by_dpor);
        executions += stats.executions;
        pruned += stats.pruned;
        assert_true(stats.complete == (state.len == 0));
    } while (!stats.complete);
    stats.executions = executions;
    if (!agree(stats))
        fail_msg("seed %llu: %u outcomes of %u when stopped", (unsigned long long)seed,
                 by_dpor.seen.count, by_all.seen.count);
    last_first = seed % 2;
    assert_int_equal(pruned, dpor(k->root, NULL, MUTANT_NONE).pruned);
    free(state.bytes);
}

static void a_search_goes_on_where_it_stopped(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int done = 0;
        for (uint64_t seed = 1; done < STOPPED; seed++) {
            if (!is_fit(&kinds[i], seed) || classes_of_all <= AT_ONCE)
                continue;
            goes_on(&kinds[i], seed);
            done++;
        }
    }
}

// ---- faults at each place -----------------------------------------------------------------------

enum { FAULTS_SHARE = 15, PLACES_MAX = 40, STRUCK_RUNS = 100 }; // of how_many

static struct fault_plan plan;
static struct outcomes at_any_place; // of all placements of one program

static void plan_faults(void) {
    static const enum fault_kind those[] = {FAULT_ACTOR_CRASH, FAULT_TASK_CANCEL, FAULT_MEMORY};
    plan = (struct fault_plan){.any = true};
    for (size_t i = 0; i < sizeof those / sizeof *those; i++)
        plan.of[those[i]] = (struct fault_setting){.rate_ppm = 100000, .times = 1};
    host.faults = &plan;
}

// Whether a supervisor that ends tells a child to stop depends on whether that has ended already,
// which it looks at without being told. Nothing comes of it, but executions differ.
static bool agree_but_for_stops(struct explore_stats d) {
    return d.complete && same_outcomes() && d.executions == by_dpor.classes.count;
}

// The reduced search finds what the other does where these faults strike. False: too many
// schedules.
static bool agrees_with(const struct kind *k, uint64_t seed, const struct mishaps *given) {
    host.given.mishaps = given;
    bool fits = all(k->root, NULL, SCHEDULES_MAX);
    bool supervised = k->generate == generate_supervised && given->len;
    struct explore_stats d = fits ? dpor(k->root, NULL, MUTANT_NONE) : (struct explore_stats){0};
    if (fits && !(supervised ? agree_but_for_stops(d) : agree(d)))
        fail_msg("seed %llu with a fault of kind %u: %u outcomes of %u, %u classes of %llu",
                 (unsigned long long)seed, given->len ? given->at[0].kind : 0, by_dpor.seen.count,
                 by_all.seen.count, by_dpor.classes.count, (unsigned long long)classes_of_all);
    for (uint32_t i = 0; fits && i < SET_MAX; i++)
        if (by_dpor.seen.at[i])
            set_add(&at_any_place.seen, by_dpor.seen.at[i]);
    host.given.mishaps = NULL;
    return fits;
}

// Runs in which a fault strikes as an event, at any time, come to nothing else.
static void struck_runs_are_covered(const struct kind *k, uint64_t seed) {
    struct profile none = {0};
    struct sampler s = {0};
    host.go_on = true;
    for (uint64_t number = 0; number < STRUCK_RUNS; number++) {
        struct chaos chaos;
        sampler_begin(&s, SAMPLE_RANDOM, &none, seed, number);
        chaos_begin(&chaos, &s.head, &plan, number);
        world_begin(&host, k->root, NULL);
        if (run(WORLD, &chaos.head) == RUN_DONE && WORLD->strikes <= 1 &&
            !set_has(&at_any_place.seen, explore_outcome(WORLD)))
            fail_msg("seed %llu, run %llu: an outcome of %u faults that no placement has",
                     (unsigned long long)seed, (unsigned long long)number, WORLD->strikes);
    }
    host.go_on = false;
    sampler_free(&s);
}

static void compare_with_faults(const struct kind *k) {
    int compared = 0, places = 0;
    plan_faults();
    for (uint64_t seed = 1; compared < how_many() / FAULTS_SHARE; seed++) {
        struct chances chances = {0};
        struct mishaps one = {0};
        k->generate(seed, k->timed);
        set_clear(&at_any_place.seen);
        host.chances = &chances;
        bool fits = agrees_with(k, seed, &one) && schedules_of_all >= SCHEDULES_MIN;
        host.chances = NULL;
        fits = fits && chances.list.len <= PLACES_MAX;
        for (uint32_t i = 0; fits && i < chances.list.len; i++) {
            one.len = 0;
            mishaps_add(&one, &chances.list.at[i]);
            fits = agrees_with(k, seed, &one);
            places++;
        }
        if (fits)
            struck_runs_are_covered(k, seed);
        compared += fits;
        chances_free(&chances);
        free(one.at);
    }
    print_message("%d programs, %d places\n", compared, places);
    host.faults = NULL;
}

static void faults_at_each_place(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        compare_with_faults(&kinds[i]);
}

// Who has failed and waits to hear what becomes of it can be stopped. Among these programs only one
// without memory fails so that it matters.
static void stops_of_who_has_failed_are_tried(void **state) {
    (void)state;
    const struct kind *k = &kinds[4];
    bool noticed = false;
    plan_faults();
    for (uint64_t seed = 1; seed < 200 && !noticed; seed++) {
        struct chances chances = {0};
        struct mishaps one = {0};
        k->generate(seed, k->timed);
        host.given.mishaps = &one;
        host.chances = &chances;
        dpor(k->root, NULL, MUTANT_NONE);
        host.chances = NULL;
        for (uint32_t i = 0; i < chances.list.len && !noticed; i++) {
            one.len = 0;
            mishaps_add(&one, &chances.list.at[i]);
            noticed = all(k->root, NULL, SCHEDULES_MAX) &&
                      (dpor(k->root, NULL, MUTANT_STOPS_WAIT), !same_outcomes());
        }
        host.given.mishaps = NULL;
        chances_free(&chances);
        free(one.at);
    }
    host.faults = NULL;
    assert_true(noticed);
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

// NO_TAIL is for snapshot_test.c, STOPS_WAIT is noticed above.
static void mutants_are_noticed(void **state) {
    (void)state;
    for (enum mutant m = MUTANT_NONE + 1; m < MUTANT_COUNT; m++)
        if (m != MUTANT_NO_TAIL && m != MUTANT_STOPS_WAIT && !is_noticed(m))
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
        cmocka_unit_test(a_search_goes_on_where_it_stopped),
        cmocka_unit_test(faults_at_each_place),
        cmocka_unit_test(stops_of_who_has_failed_are_tried),
        cmocka_unit_test(mutants_are_noticed),
    };
    return cmocka_run_group_tests(tests, map, NULL);
}
