// SPDX-License-Identifier: MIT
// The world and its two simplest strategies, on programs whose outcomes are known by reasoning.
#include "tests/unit/sim/programs.h"

#include "explore/explore.h"
#include "sample/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct world_host host = {.steps_max = STEPS_MAX_DEFAULT};

static const struct profile no_profile;

static int map(void **state) {
    (void)state;
    return world_map() ? 0 : -1;
}

static struct finding run_canonically(const prism_function *f, const void *args) {
    struct strategy s = strategy_canonical();
    world_begin(&host, f, args);
    assert_int_equal(run(WORLD, &s), RUN_DONE);
    run_finish(WORLD);
    return WORLD->finding;
}

static struct profile profile_of(const prism_function *f, const void *args) {
    struct profile profile = {0};
    struct strategy s = strategy_canonical();
    world_begin(&host, f, args);
    assert_int_equal(run(WORLD, &s), RUN_DONE);
    profile_note(&profile, WORLD);
    return profile;
}

// Runs with random schedules; counts the findings of each kind.
static void run_randomly(const prism_function *f, const void *args, int runs, int found[8]) {
    for (int i = 0; i < runs; i++) {
        struct sampler r = {0};
        sampler_begin(&r, SAMPLE_RANDOM, &no_profile, 42, (uint64_t)i);
        world_begin(&host, f, args);
        assert_int_equal(run(WORLD, &r.head), RUN_DONE);
        run_finish(WORLD);
        found[WORLD->finding.kind]++;
    }
}

// One sender's tell and ask keep their order under every schedule: 5 + 1 + 2.
static void causal_order_of_one_sender(void **state) {
    (void)state;
    struct one right = {8}, wrong = {7};
    assert_int_equal(run_canonically(&counts, &right).kind, FINDING_NONE);
    assert_int_equal(run_canonically(&counts, &wrong).kind, FINDING_ASSERTION);
    int found[8] = {0};
    run_randomly(&counts, &right, 200, found);
    assert_int_equal(found[FINDING_NONE], 200);
}

static void lost_updates_are_found(void **state) {
    (void)state;
    struct two clients = {2, 1}, alone = {1, 3};
    int found[8] = {0};
    run_randomly(&lost_update, &clients, 500, found);
    assert_int_equal(found[FINDING_NONE] + found[FINDING_ASSERTION], 500);
    assert_true(found[FINDING_NONE] > 50 && found[FINDING_ASSERTION] > 50);
    int none[8] = {0};
    run_randomly(&lost_update, &alone, 100, none);
    assert_int_equal(none[FINDING_NONE], 100);
}

// Every world ends with a count of live objects, and this one is not zero.
static void what_is_left_is_found(void **state) {
    (void)state;
    assert_int_equal(run_canonically(&forgets, NULL).kind, FINDING_LEAK);
    struct one right = {8};
    assert_int_equal(run_canonically(&counts, &right).kind, FINDING_NONE);
    assert_int_equal(WORLD->live_blocks, 0);
}

static void deadlocks_are_found(void **state) {
    (void)state;
    int found[8] = {0};
    run_randomly(&cross, NULL, 300, found);
    assert_int_equal(found[FINDING_NONE] + found[FINDING_DEADLOCK], 300);
    assert_true(found[FINDING_NONE] > 20 && found[FINDING_DEADLOCK] > 20);
    struct one n = {3};
    int at_table[8] = {0};
    run_randomly(&forks, &n, 500, at_table);
    assert_int_equal(at_table[FINDING_NONE] + at_table[FINDING_DEADLOCK], 500);
    assert_true(at_table[FINDING_NONE] > 20 && at_table[FINDING_DEADLOCK] > 5);
}

// The circle of two philosophers goes through both forks, which themselves are idle.
static void the_circle_is_named(void **state) {
    (void)state;
    struct one n = {2};
    uint64_t tries = 0;
    do {
        struct sampler r = {0};
        sampler_begin(&r, SAMPLE_RANDOM, &no_profile, 1, tries++);
        world_begin(&host, &forks, &n);
        run(WORLD, &r.head);
        assert_true(tries < 1000);
    } while (WORLD->finding.kind != FINDING_DEADLOCK);
    struct wait waits[WAITS_MAX];
    uint32_t count = waits_find(WORLD, waits, WAITS_MAX);
    assert_int_equal(count, 4); // the test for two tasks, each of them for a fork
    uint32_t circle = waits_circle(WORLD, waits, count);
    assert_true(circle);
    const struct wait *a = &waits[circle - 1], *b = &waits[a->next - 1];
    assert_ptr_not_equal(a, b);
    assert_int_equal(b->next, circle);
    assert_int_equal(a->how, HOW_KEEPS_REPLY);
    assert_string_equal(a->holder->type->name, "Fork");
    assert_ptr_not_equal(a->holder, b->holder);
}

// The answer comes after 1000 ns, the timeout is 2000 ns: time may still pass before the answer is
// taken.
static void time_races_with_work(void **state) {
    (void)state;
    struct two clear = {1000, 2000}, never = {2000, 1000};
    assert_int_equal(run_canonically(&late, &clear).kind, FINDING_NONE);
    struct finding f = run_canonically(&late, &never);
    assert_int_equal(f.kind, FINDING_TRAP);
    assert_int_equal(f.word, PRISM_TIMEOUT);
    int found[8] = {0};
    run_randomly(&late, &clear, 300, found);
    assert_true(found[FINDING_TRAP] > 0 && found[FINDING_NONE] > 200);
}

static void spinning_ends(void **state) {
    (void)state;
    assert_int_equal(run_canonically(&spins, NULL).word, PRISM_SPIN);
}

// The same seed gives the same events; others give others.
static void seeds_determine_runs(void **state) {
    (void)state;
    struct one n = {5};
    uint64_t hashes[20];
    int different = 0;
    for (int i = 0; i < 40; i++) {
        struct sampler r = {0};
        sampler_begin(&r, SAMPLE_RANDOM, &no_profile, (uint64_t)(i % 20), 0);
        world_begin(&host, &fan_in, &n);
        run(WORLD, &r.head);
        if (i < 20) {
            hashes[i] = WORLD->hash;
            different += i > 0 && hashes[i] != hashes[0];
        } else {
            assert_true(hashes[i - 20] == WORLD->hash);
        }
    }
    assert_true(different > 10);
}

// Every way of sampling finds what is wrong with forks, and takes the same runs for the same seeds.
static void samplers_find_deadlocks(void **state) {
    (void)state;
    struct one n = {3};
    struct profile profile = profile_of(&forks, &n);
    assert_true(profile.length > 20 && profile.homes >= 3); // each fork has two askers
    host.naming = true;
    for (enum sampling how = 0; how < SAMPLINGS; how++) {
        uint64_t sums[2] = {0};
        int deadlocks = 0;
        struct sampler r = {0};
        for (int i = 0; i < 400; i++) {
            sampler_begin(&r, how, &profile, 9, (uint64_t)(i % 200));
            world_begin(&host, &forks, &n);
            assert_int_equal(run(WORLD, &r.head), RUN_DONE);
            sampler_end(&r, WORLD);
            sums[i / 200] += WORLD->hash;
            deadlocks += WORLD->finding.kind == FINDING_DEADLOCK;
        }
        sampler_free(&r);
        assert_true(sums[0] == sums[1]);
        assert_true(deadlocks > 4);
        assert_true(how == SAMPLE_ROBIN || deadlocks < 400);
    }
    host.naming = false;
    profile_free(&profile);
}

// Uniform over the orders of one actor's messages: of the 24 orders of four tellers each comes
// about equally often.
static void selective_walk_is_uniform(void **state) {
    (void)state;
    struct one n = {4};
    struct profile profile = profile_of(&fan_in, &n);
    enum { RUNS = 4800, ORDERS = 24 };
    uint64_t orders[64] = {0};
    int times[64] = {0}, count = 0;
    struct sampler r = {0};
    for (int i = 0; i < RUNS; i++) {
        sampler_begin(&r, SAMPLE_SURW, &profile, 3, (uint64_t)i);
        world_begin(&host, &fan_in, &n);
        assert_int_equal(run(WORLD, &r.head), RUN_DONE);
        uint64_t outcome = explore_outcome(WORLD);
        int at = 0;
        while (at < count && orders[at] != outcome)
            at++;
        assert_true(at < 64);
        orders[at] = outcome;
        count += at == count;
        times[at]++;
    }
    assert_int_equal(count, ORDERS);
    for (int i = 0; i < count; i++)
        assert_in_range(times[i], RUNS / ORDERS / 2, RUNS / ORDERS * 2);
    sampler_free(&r);
    profile_free(&profile);
}

// With one delay the schedules are as many as the first run has choices, and without a seed's help.
static void one_delay_is_covered(void **state) {
    (void)state;
    struct one n = {2};
    struct profile profile = profile_of(&forks, &n);
    struct sampler r = {0};
    int deadlocks = 0;
    for (uint64_t seed = 0; seed < 5; seed++, deadlocks = 0) {
        for (uint64_t number = 0; number <= profile.choices; number++) {
            sampler_begin(&r, SAMPLE_DELAY, &profile, seed, number);
            assert_int_equal(r.delay.count, 1);
            world_begin(&host, &forks, &n);
            assert_int_equal(run(WORLD, &r.head), RUN_DONE);
            deadlocks += WORLD->finding.kind == FINDING_DEADLOCK;
        }
        assert_true(deadlocks > 0);
    }
    sampler_begin(&r, SAMPLE_DELAY, &profile, 0, profile.choices + 1);
    assert_int_equal(r.delay.count, 2);
    assert_true(r.delay.at[0] < r.delay.at[1]);
    profile_free(&profile);
}

// An actor that is put off is so with all that waits for it: what others send it later does not
// come first. So one delay holds back both of a client's messages.
static void a_delay_puts_off_an_actor(void **state) {
    (void)state;
    struct two clients = {2, 1};
    struct profile profile = profile_of(&lost_update, &clients);
    struct sampler r = {0};
    int lost = 0;
    for (uint64_t number = 0; number <= profile.choices; number++) {
        sampler_begin(&r, SAMPLE_DELAY, &profile, 1, number);
        world_begin(&host, &lost_update, &clients);
        assert_int_equal(run(WORLD, &r.head), RUN_DONE);
        lost += WORLD->finding.kind == FINDING_ASSERTION;
    }
    assert_true(lost > 0);
    profile_free(&profile);
}

// The answer is in time unless time is hasty. Each run advances it once where something else could
// have been, each time later, until there is no further place.
static void time_is_hasty_once_at_each_place(void **state) {
    (void)state;
    struct two ask = {1000, 2000};
    struct hasty hasty = {.advanced = true};
    int late_ones = 0, runs = 0;
    assert_int_equal(run_canonically(&late, &ask).kind, FINDING_NONE);
    for (uint32_t from = 0; hasty.advanced; from = hasty.event + 1, runs++) {
        hasty_begin(&hasty, from);
        world_begin(&host, &late, &ask);
        assert_int_equal(run(WORLD, &hasty.head), RUN_DONE);
        if (!hasty.advanced)
            break;
        assert_true(hasty.event >= from);
        assert_int_equal(host.log[hasty.event].kind, EVENT_ADVANCE);
        assert_true(host.log[hasty.event].alternatives > 1);
        late_ones += WORLD->finding.kind != FINDING_NONE;
    }
    assert_true(runs > 0 && late_ones > 0);
}

// What the canonical run takes first its opposite takes last: of four tellers the first is heard
// last.
static void the_opposite_run_is_the_other_way_round(void **state) {
    (void)state;
    struct one n = {4};
    struct strategy canonical = strategy_canonical(), opposite = strategy_opposite();
    world_begin(&host, &fan_in, &n);
    run(WORLD, &canonical);
    uint64_t one = explore_outcome(WORLD);
    world_begin(&host, &fan_in, &n);
    run(WORLD, &opposite);
    assert_true(explore_outcome(WORLD) != one);
    struct one forks_n = {2};
    world_begin(&host, &forks, &forks_n);
    run(WORLD, &opposite);
    check_waiting(WORLD);
    assert_int_equal(WORLD->finding.kind, FINDING_DEADLOCK);
}

// Of a passing run with two crossing asks, one reversed race is enough to see them lock each other
// out.
static void a_reversed_race_is_enough(void **state) {
    (void)state;
    struct one n = {2};
    struct reversals all = {0};
    struct reversal next;
    bool found = false;
    assert_int_equal(run_canonically(&forks, &n).kind, FINDING_NONE);
    struct strategy canonical = strategy_canonical();
    world_begin(&host, &forks, &n);
    run(WORLD, &canonical);
    reversals_add(&all, WORLD);
    for (int tries = 0; !found && reversals_next(&all, &next); tries++) {
        struct strategy_script script;
        strategy_script_begin(&script, next.ids, next.len);
        world_begin(&host, &forks, &n);
        run(WORLD, &script.head);
        found = WORLD->finding.kind == FINDING_DEADLOCK;
        free(next.ids);
        assert_true(tries < 20);
    }
    assert_true(found);
    reversals_free(&all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(causal_order_of_one_sender),
        cmocka_unit_test(lost_updates_are_found),
        cmocka_unit_test(what_is_left_is_found),
        cmocka_unit_test(deadlocks_are_found),
        cmocka_unit_test(the_circle_is_named),
        cmocka_unit_test(time_races_with_work),
        cmocka_unit_test(spinning_ends),
        cmocka_unit_test(seeds_determine_runs),
        cmocka_unit_test(samplers_find_deadlocks),
        cmocka_unit_test(selective_walk_is_uniform),
        cmocka_unit_test(one_delay_is_covered),
        cmocka_unit_test(a_delay_puts_off_an_actor),
        cmocka_unit_test(time_is_hasty_once_at_each_place),
        cmocka_unit_test(the_opposite_run_is_the_other_way_round),
        cmocka_unit_test(a_reversed_race_is_enough),
    };
    return cmocka_run_group_tests(tests, map, NULL);
}
