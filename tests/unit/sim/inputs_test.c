// SPDX-License-Identifier: MIT
// Choices of generated inputs: what is drawn, and what shrinking makes of lists that fail.
#include "runtime/test/inputs.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct inputs make(uint32_t len, const uint64_t *values, uint64_t bound) {
    struct inputs in = {0};
    for (uint32_t i = 0; i < len; i++)
        inputs_add(&in, values[i], bound);
    return in;
}

static void draws_stay_below_their_bound_and_meet_its_ends(void **state) {
    (void)state;
    const uint64_t bounds[] = {1, 2, 7, 40, 41, 256, 1 << 20, 1ull << 63, UINT64_MAX};
    for (size_t b = 0; b < sizeof bounds / sizeof *bounds; b++) {
        bool low = false, high = false;
        for (uint32_t i = 0; i < 5000; i++) {
            uint64_t n = inputs_draw(inputs_bits(7, i), bounds[b]);
            assert_true(n < bounds[b]);
            low |= n == 0;
            high |= n == bounds[b] - 1;
        }
        assert_true(low && high);
    }
}

static void what_is_given_is_cut_to_the_bound_and_ends_with_zeros(void **state) {
    (void)state;
    struct inputs given = make(2, (uint64_t[]){9, 5}, UINT64_MAX), drawn = {0};
    assert_int_equal(inputs_next(&drawn, &given, 1, 8), 7);
    assert_int_equal(inputs_next(&drawn, &given, 1, 8), 5);
    assert_int_equal(inputs_next(&drawn, &given, 1, 8), 0);
    assert_int_equal(drawn.len, 3);
    inputs_free(&given);
    inputs_free(&drawn);
}

// ---- shrinking ----------------------------------------------------------------------------------

// What a generator of a list of numbers below 1,000 draws: "one more?", the number, …, 0.
struct list {
    uint64_t at[64];
    uint32_t len;
};
static struct list list_of(const struct inputs *given, struct inputs *drawn) {
    struct list l = {0};
    while (l.len < 64 && inputs_next(drawn, given, 0, 2))
        l.at[l.len++] = inputs_next(drawn, given, 0, 1000);
    return l;
}

static bool sum_is_large(void *context, const struct inputs *candidate, struct inputs *met) {
    struct list l = list_of(candidate, met);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < l.len; i++)
        sum += l.at[i];
    ++*(uint32_t *)context;
    return sum >= 1500;
}

static bool has_a_pair(void *context, const struct inputs *candidate, struct inputs *met) {
    struct list l = list_of(candidate, met);
    ++*(uint32_t *)context;
    for (uint32_t i = 0; i < l.len; i++)
        for (uint32_t k = i + 1; k < l.len; k++)
            if (l.at[i] == l.at[k])
                return true;
    return false;
}

static struct inputs shrunk(inputs_try *attempt, uint32_t tries_max, uint32_t *tries) {
    uint64_t values[41];
    for (uint32_t i = 0; i < 20; i++) {
        values[2 * i] = 1;
        values[2 * i + 1] = i % 7 == 3 ? 777 : 100 + 13 * i;
    }
    values[40] = 0;
    struct inputs in = make(41, values, 1000);
    inputs_shrink(&in, attempt, tries, tries_max);
    return in;
}

static void expect(const struct inputs *in, uint32_t len, const uint64_t *values) {
    assert_int_equal(in->len, len);
    for (uint32_t i = 0; i < len; i++)
        assert_int_equal(in->at[i], values[i]);
}

static void a_list_is_shrunk_to_the_smallest_that_fails(void **state) {
    (void)state;
    uint32_t tries = 0;
    struct inputs sum = shrunk(sum_is_large, 100000, &tries);
    expect(&sum, 5, (uint64_t[]){1, 501, 1, 999, 0});
    struct inputs pair = shrunk(has_a_pair, 100000, &tries);
    expect(&pair, 5, (uint64_t[]){1, 0, 1, 0, 0});
    inputs_free(&sum);
    inputs_free(&pair);
}

static void shrinking_keeps_to_its_number_of_tries(void **state) {
    (void)state;
    uint32_t tries = 0;
    struct inputs in = shrunk(sum_is_large, 17, &tries);
    assert_int_equal(tries, 17);
    inputs_free(&in);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_stay_below_their_bound_and_meet_its_ends),
        cmocka_unit_test(what_is_given_is_cut_to_the_bound_and_ends_with_zeros),
        cmocka_unit_test(a_list_is_shrunk_to_the_smallest_that_fails),
        cmocka_unit_test(shrinking_keeps_to_its_number_of_tries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
