// SPDX-License-Identifier: MIT
// Faults: reading their settings, striking, finding them again, and taking them away.
#include "tests/unit/sim/programs.h"

#include "fault/fault.h"
#include "keep.h"
#include "sample/sample.h"
#include "tell.h"

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

// ---- faults within a segment --------------------------------------------------------------------

SITE(save_site, "Database.save", "fault", 0, 1);
SITE(load_site, "Database.load", "fault", 0, 2);
SITE(save_buggify, "save", "buggify", 0, 3);
SITE(load_buggify, "load", "buggify", 0, 4);
SITE(broken, "broken", "assert", 0, 5);

// Wrong where a save fails in a round in which the code of `save` misbehaves as well; loads do not
// matter.
static void broken_call(prism_cx *cx, void *self, void *args, void *result) {
    (void)self, (void)args, (void)result;
    for (int round = 0; round < 8 && !cx->failure; round++) {
        prism_fault(cx, &load_site);
        prism_buggify(cx, 700000, &load_buggify);
        bool fails = prism_fault(cx, &save_site),
             misbehaves = prism_buggify(cx, 700000, &save_buggify);
        if (fails && misbehaves)
            prism_trap(cx, PRISM_ASSERT, NULL, &broken);
    }
}
CALLS(broken_f, &t_nothing, NULL, broken_call);

static struct outcome find_broken(const struct subject *subject, struct path *path,
                                  uint32_t mishaps) {
    struct strategy canonical = strategy_canonical();
    for (host.seed = 0; host.seed < 10000; host.seed++) {
        *path = (struct path){0};
        struct outcome o = record_path(subject, &canonical, path);
        if (o.finding.kind && o.measure.faults >= mishaps)
            return o;
        path_free(path);
    }
    fail_msg("no seed fails with %u mishaps", mishaps);
    return (struct outcome){0};
}

static bool has_mishap(const struct path *path, enum fault_kind kind, const char *function) {
    for (uint32_t i = 0; i < path->mishaps.len; i++)
        if (path->mishaps.at[i].kind == kind && !strcmp(path->mishaps.at[i].function, function))
            return true;
    return false;
}

// Of all that strikes in a failing run only the two are left that it needs; why names both; and a
// trace brings them back.
static void mishaps_shrink_to_those_that_are_needed(void **state) {
    (void)state;
    struct subject subject = {&host, &broken_f, NULL};
    struct path path = {0}, back = {0};
    plan = (struct fault_plan){0};
    const char *near;
    assert_null(fault_set(&plan, "service.fail=30%,20x", &near));
    assert_null(fault_set(&plan, "buggify=50%,20x", &near));
    struct outcome found = find_broken(&subject, &path, 6);
    struct shrink_stats stats;
    struct outcome least = shrink(&subject, &found.finding, &path, &stats);
    assert_true(finding_same(&least.finding, &found.finding));
    assert_int_equal(least.measure.faults, 2);
    assert_int_equal(path.mishaps.len, 2);
    assert_true(has_mishap(&path, FAULT_SERVICE_FAIL, "Database.save"));
    assert_true(has_mishap(&path, FAULT_BUGGIFY, "save"));
    struct why why = why_find(&subject, &path, &found.finding);
    assert_int_equal(why.needed_count, 2);
    assert_string_equal(why.needed[0].mishap->function, "Database.save");
    assert_string_equal(why.needed[1].mishap->function, "save");

    struct kept kept = {"broken", "", NULL, 0};
    struct trace t, read;
    struct cbor_out bytes = {0};
    least = follow(&subject, &path, true, NULL, NULL, 0, NULL);
    trace_from_path(WORLD, &path, &least, &kept, &t);
    trace_write(&t, &bytes);
    assert_int_equal(trace_read(bytes.bytes, bytes.len, &read), TRACE_OK);
    path_from_trace(&read, &back);
    host.seed += 1000; // what strikes stands in the trace
    struct outcome again = follow(&subject, &back, true, NULL, NULL, 0, NULL);
    assert_true(again.hash == least.hash && finding_same(&again.finding, &found.finding));
    back.mishaps.len = 0; // and nothing else does
    again = follow(&subject, &back, true, NULL, NULL, 0, NULL);
    assert_int_equal(again.finding.kind, FINDING_NONE);
    trace_free(&t);
    trace_free(&read);
    cbor_out_free(&bytes);
    path_free(&path);
    path_free(&back);
    host.seed = 0;
}

SITE(slow_site, "Database.load", "latency", 0, 6);
SITE(other_site, "Database.save", "latency", 0, 7);

// Wrong where a load takes an hour, however long saves take.
static void late_answer_call(prism_cx *cx, void *self, void *args, void *result) {
    (void)self, (void)args, (void)result;
    for (int i = 0; i < 4; i++)
        prism_latency(cx, &other_site);
    if (prism_latency(cx, &slow_site) == 3600ll * 1000000000)
        prism_trap(cx, PRISM_ASSERT, NULL, &broken);
}
CALLS(late_answer, &t_nothing, NULL, late_answer_call);

// A service that is slow by a fault is so where all others answer at once, too.
static void slowness_is_kept_where_it_is_needed(void **state) {
    (void)state;
    struct subject subject = {&host, &late_answer, NULL};
    struct path path = {0};
    plan = (struct fault_plan){0};
    const char *near;
    assert_null(fault_set(&plan, "service.slow=40%,9x", &near));
    struct outcome found = find_broken(&subject, &path, 3);
    assert_true(has_mishap(&path, FAULT_SERVICE_SLOW, "Database.load"));
    struct shrink_stats stats;
    struct outcome least = shrink(&subject, &found.finding, &path, &stats);
    assert_true(finding_same(&least.finding, &found.finding));
    assert_int_equal(least.measure.faults, 1);
    assert_true(has_mishap(&path, FAULT_SERVICE_SLOW, "Database.load"));
    path.prompt = true;
    least = follow(&subject, &path, false, NULL, NULL, 0, NULL);
    assert_true(finding_same(&least.finding, &found.finding));
    path_free(&path);
    host.seed = 0;
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
        cmocka_unit_test(mishaps_shrink_to_those_that_are_needed),
        cmocka_unit_test(slowness_is_kept_where_it_is_needed),
        cmocka_unit_test(runs_with_faults_leave_nothing),
    };
    return cmocka_run_group_tests(tests, map, NULL);
}
