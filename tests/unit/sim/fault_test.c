// SPDX-License-Identifier: MIT
// Faults: reading their settings, striking, finding them again, and taking them away.
#include "tests/unit/sim/programs.h"

#include "fault/fault.h"
#include "keep.h"
#include "sample/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct fault_plan plan;
static struct world_host host = {
    .steps_max = STEPS_MAX_DEFAULT, .program = &prism_program_main, .faults = &plan};

static int map(void **state) {
    (void)state;
    return world_map() ? 0 : -1;
}

static const char *set(const char *text) {
    const char *near;
    struct fault_plan scratch = {0};
    return fault_set(&scratch, text, &near);
}

static void settings_need_units(void **state) {
    (void)state;
    static const char *const good[] = {"actor.crash=5%",   "actor.crash=0.5%,3x",
                                       "actor.crash=off",  "net.delay=1ms..40ms",
                                       "net.delay=2s,10%", "buggify=100%"};
    static const char *const bad[] = {"actor.crash=300%",
                                      "actor.crash=-5%",
                                      "actor.crash=5",
                                      "actor.crash=0.5",
                                      "actor.crash",
                                      "actor.crash=",
                                      "actor.crash=,",
                                      "actor.crash=nan%",
                                      "actor.crash=1e1%",
                                      "actor.crash=5%%",
                                      "actor.crash=1ms",
                                      "actor.crash=999999999999x",
                                      "net.delay=40ms..1ms",
                                      "net.delay=1..2",
                                      "net.delay=99999999h",
                                      "net.delay=1ms..",
                                      "=5%",
                                      "",
                                      "=",
                                      "actor.crash=5%,",
                                      "actor.crash=0x10x",
                                      "net.delay=..",
                                      "actor.crash= 5%"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_null(set(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(set(bad[i]));
    char longest[2000];
    memset(longest, '9', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_non_null(set(longest));
    memcpy(longest, "actor.crash=", 12);
    assert_non_null(set(longest));
}

static void unknown_kinds_suggest_the_nearest(void **state) {
    (void)state;
    const char *near;
    struct fault_plan scratch = {0};
    assert_non_null(fault_set(&scratch, "actor.crush=5%", &near));
    assert_string_equal(near, "actor.crash");
    assert_non_null(fault_set(&scratch, "crash=5%", &near));
    assert_string_equal(near, "actor.crash");
    assert_non_null(fault_set(&scratch, "something quite different=5%", &near));
    assert_null(near);
}

// In some runs a kind is off, in others it is on; equal keys give equal runs.
static void rates_are_drawn_for_each_run(void **state) {
    (void)state;
    struct fault_plan chaos = fault_plan_of_chaos();
    int on = 0;
    for (uint64_t key = 0; key < 100; key++) {
        struct fault_plan a = fault_plan_draw(&chaos, key), b = fault_plan_draw(&chaos, key);
        assert_memory_equal(&a, &b, sizeof a);
        on += a.of[FAULT_ACTOR_CRASH].rate_ppm > 0;
    }
    assert_in_range(on, 20, 80);
}

// Asking each other across a lock passes or deadlocks; with crashes it also ends with `crashed`,
// which is found again from its path, and whose fault shrinking keeps.
static void a_crash_is_found_kept_and_replayed(void **state) {
    (void)state;
    struct one n = {5};
    struct subject subject = {&host, &counts, &n};
    struct path path = {0}, met = {0};
    struct finding found = {0};
    plan = (struct fault_plan){0};
    const char *near;
    assert_null(fault_set(&plan, "actor.crash=10%,1x", &near));
    struct profile profile = {0};
    for (uint64_t number = 0; number < 500 && found.word != PRISM_CRASHED; number++) {
        struct sampler s = {0};
        struct chaos chaos;
        sampler_begin(&s, SAMPLE_RANDOM, &profile, 1, number);
        chaos_begin(&chaos, &s.head, &plan, number);
        struct outcome o = record_path(&subject, &chaos.head, &path);
        found = o.finding;
        assert_true(o.measure.faults <= 1);
    }
    assert_int_equal(found.word, PRISM_CRASHED);
    struct shrink_stats stats = {0};
    struct outcome least = shrink(&subject, &found, &path, &stats);
    assert_int_equal(least.measure.faults, 1);
    assert_int_equal(path_faults(&path), 1);
    bool left;
    struct outcome again = follow(&subject, &path, true, &met, NULL, 0, &left);
    assert_false(left);
    assert_true(finding_same(&again.finding, &found) && again.hash == least.hash);

    struct kept kept = {"counts", "", NULL, 0};
    struct trace t, read;
    trace_from_path(WORLD, &path, &again, &kept, &t);
    struct cbor_out bytes = {0};
    trace_write(&t, &bytes);
    assert_int_equal(trace_read(bytes.bytes, bytes.len, &read), 0);
    struct path back = {0};
    path_from_trace(&read, &back);
    struct outcome replayed = follow(&subject, &back, true, &met, NULL, 0, &left);
    assert_false(left);
    assert_true(replayed.hash == least.hash);
    trace_free(&t);
    trace_free(&read);
    cbor_out_free(&bytes);
    path_free(&back);
    path_free(&path);
    path_free(&met);
}

// A deadlock that needs no fault is told without one, though a fault struck when it was found.
static void faults_that_are_not_needed_are_taken_away(void **state) {
    (void)state;
    struct one n = {2};
    struct subject subject = {&host, &forks, &n};
    struct path path = {0};
    struct profile profile = {0};
    struct outcome o = {0};
    plan = (struct fault_plan){0};
    const char *near;
    assert_null(fault_set(&plan, "net.delay=30%,1ms..1s,8x", &near));
    bool found = false;
    for (uint64_t number = 0; number < 2000 && !found; number++) {
        struct sampler s = {0};
        struct chaos chaos;
        sampler_begin(&s, SAMPLE_RANDOM, &profile, 1, number);
        chaos_begin(&chaos, &s.head, &plan, number);
        o = record_path(&subject, &chaos.head, &path);
        found = o.finding.kind == FINDING_DEADLOCK && o.measure.faults > 0;
    }
    assert_true(found);
    struct finding wanted = o.finding;
    struct shrink_stats stats = {0};
    struct outcome least = shrink(&subject, &wanted, &path, &stats);
    assert_int_equal(stats.before.faults, o.measure.faults);
    assert_int_equal(least.measure.faults, 0);
    path_free(&path);
}

// Whatever strikes, nothing is left behind, and the same key strikes the same.
static void runs_with_faults_leave_nothing(void **state) {
    (void)state;
    struct one n = {3};
    struct two clients = {2, 2};
    struct {
        const prism_function *function;
        const void *args;
    } programs[] = {{&forks, &n}, {&lost_update, &clients}, {&cross, NULL}, {&late, &clients}};
    plan = fault_plan_of_chaos();
    for (int i = 0; i < FAULTS; i++)
        plan.of[i].rate_ppm = 100000;
    struct profile profile = {0};
    uint64_t strikes = 0;
    for (uint64_t k = 0; k < 4 * 300; k++) {
        uint64_t hash[2];
        for (int twice = 0; twice < 2; twice++) {
            struct sampler s = {0};
            struct chaos chaos;
            sampler_begin(&s, SAMPLE_RANDOM, &profile, 3, k);
            chaos_begin(&chaos, &s.head, &plan, k);
            world_begin(&host, programs[k % 4].function, programs[k % 4].args);
            assert_int_equal(run(WORLD, &chaos.head), RUN_DONE);
            hash[twice] = WORLD->hash;
            strikes += WORLD->strikes;
            WORLD->finding.kind = FINDING_NONE;
            run_finish(WORLD);
            assert_int_equal(WORLD->finding.kind, FINDING_NONE);
        }
        assert_true(hash[0] == hash[1]);
    }
    assert_true(strikes > 500);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_need_units),
        cmocka_unit_test(unknown_kinds_suggest_the_nearest),
        cmocka_unit_test(rates_are_drawn_for_each_run),
        cmocka_unit_test(a_crash_is_found_kept_and_replayed),
        cmocka_unit_test(faults_that_are_not_needed_are_taken_away),
        cmocka_unit_test(runs_with_faults_leave_nothing),
    };
    return cmocka_run_group_tests(tests, map, NULL);
}
