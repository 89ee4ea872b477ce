// SPDX-License-Identifier: MIT
// How many there are is told from what comes again: for urns whose contents are known.
#include "frontend/cli/estimate.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

enum { BALLS_MAX = 5000 };

struct urn {
    int balls;
    bool uneven; // the first tenth of the balls is drawn half of the time
    uint64_t random;
    int times[BALLS_MAX];
};

static int draw(struct urn *u) {
    u->random ^= u->random << 13, u->random ^= u->random >> 7, u->random ^= u->random << 17;
    bool favoured = u->uneven && u->random >> 63;
    return (int)(u->random % (uint64_t)(favoured ? u->balls / 10 : u->balls));
}

static struct sampled drawn(struct urn *u, int draws, uint64_t *seen) {
    struct sampled s = {0};
    for (int i = 0; i < draws; i++)
        u->times[draw(u)]++;
    for (int i = 0; i < u->balls; i++) {
        s.once += u->times[i] == 1;
        s.twice += u->times[i] == 2;
        s.more += u->times[i] > 2;
    }
    *seen = s.once + s.twice + s.more;
    return s;
}

// 19 of 20 intervals are to hold the truth; of 100, at least 85 do.
static void the_truth_lies_within(void **state) {
    (void)state;
    static const int draws[] = {400, 1000, 3000};
    for (int d = 0; d < 3; d++) {
        int held = 0;
        for (uint64_t seed = 1; seed <= 100; seed++) {
            struct urn u = {.balls = 1000, .random = seed * 0x9e3779b97f4a7c15};
            uint64_t seen;
            struct sampled s = drawn(&u, draws[d], &seen);
            struct estimate e = estimate_total(seen, s);
            assert_true(e.known);
            assert_true(e.low >= seen && e.low <= e.high);
            held += e.low <= 1000 && 1000 <= e.high;
        }
        assert_in_range(held, 85, 100);
    }
}

static void the_unlikely_make_it_too_low_and_never_too_high(void **state) {
    (void)state;
    int above = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct urn u = {.balls = 5000, .uneven = true, .random = seed * 0x9e3779b97f4a7c15};
        uint64_t seen;
        struct sampled s = drawn(&u, 1500, &seen);
        above += estimate_total(seen, s).low > 5000;
    }
    assert_in_range(above, 0, 5);
}

static void too_little_says_nothing(void **state) {
    (void)state;
    assert_false(estimate_total(0, (struct sampled){0}).known);
    assert_false(estimate_total(300, (struct sampled){.once = 300}).known);
    assert_false(estimate_total(300, (struct sampled){.once = 291, .twice = 9}).known);
    assert_false(estimate_total(9, (struct sampled){.more = 9}).known);
}

static void what_came_again_and_again_is_all(void **state) {
    (void)state;
    struct estimate e = estimate_total(90, (struct sampled){.more = 90});
    assert_true(e.known);
    assert_int_equal(e.low, 90);
    assert_int_equal(e.high, 90);
}

static void a_few_that_did_not_come_again_are_enough(void **state) {
    (void)state;
    struct estimate e = estimate_total(70, (struct sampled){.once = 4, .twice = 3, .more = 63});
    assert_true(e.known);
    assert_in_range(e.low, 70, 71);
    assert_in_range(e.high, 71, 90);
}

static void what_is_known_otherwise_counts(void **state) {
    (void)state;
    struct estimate e = estimate_total(1234, (struct sampled){.twice = 20, .more = 70});
    assert_int_equal(e.low, 1234);
    assert_int_equal(e.high, 1234);
}

static void numbers_without_bound_are_borne(void **state) {
    (void)state;
    struct sampled many = {UINT64_MAX / 4, UINT64_MAX / 4, UINT64_MAX / 4};
    struct estimate e = estimate_total(1000000, many);
    assert_true(e.known);
    assert_true(e.low <= e.high);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_truth_lies_within),
        cmocka_unit_test(the_unlikely_make_it_too_low_and_never_too_high),
        cmocka_unit_test(too_little_says_nothing),
        cmocka_unit_test(what_came_again_and_again_is_all),
        cmocka_unit_test(a_few_that_did_not_come_again_are_enough),
        cmocka_unit_test(what_is_known_otherwise_counts),
        cmocka_unit_test(numbers_without_bound_are_borne),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
