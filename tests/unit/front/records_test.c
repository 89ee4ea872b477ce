// SPDX-License-Identifier: MIT
// Records from bytes: what fits, what is cut short, what is wrong.
#include "sim/report/records.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena arena;
static struct text bytes;

static int set_up(void **state) {
    (void)state;
    arena_free(&arena);
    bytes = (struct text){.arena = &arena};
    return 0;
}

// A tiny encoder: heads of at most 16 bits are enough here.
static void head(int major, unsigned n) {
    if (n < 24) {
        text_putc(&bytes, (char)(major << 5 | (int)n));
    } else {
        text_putc(&bytes, (char)(major << 5 | 25));
        text_putc(&bytes, (char)(n >> 8));
        text_putc(&bytes, (char)n);
    }
}
static void put_map(unsigned pairs) {
    head(5, pairs);
}
static void put_text(const char *s) {
    head(3, (unsigned)strlen(s));
    text_put(&bytes, str_from(s));
}
static void put_pair(const char *key, const char *value) {
    put_text(key);
    put_text(value);
}
static void put_number(const char *key, unsigned n) {
    put_text(key);
    head(0, n);
}
static void put_null(const char *key) {
    put_text(key);
    text_putc(&bytes, (char)0xf6);
}

static struct record record;
static size_t used;

static enum value_status read_all(void) {
    return record_read(&arena, text_str(&bytes), &record, &used);
}

static void put_result(const char *status, bool with_failure) {
    put_map(5);
    put_pair("record", "result");
    put_pair("name", "counts");
    put_pair("status", status);
    put_number("schedules", 1204);
    if (with_failure) {
        put_text("failure");
        put_map(2);
        put_pair("kind", "deadlock");
        put_pair("message", "nobody can move");
    } else {
        put_null("failure");
    }
}

static void a_result_is_read(void **state) {
    (void)state;
    put_result("failed", true);
    assert_int_equal(read_all(), VALUE_READ);
    assert_int_equal(used, bytes.len);
    assert_int_equal(record.kind, RECORD_RESULT);
    assert_true(record.result.failed);
    assert_int_equal(record.result.schedules, 1204);
    assert_true(str_is(record.result.failure->kind, "deadlock"));
    assert_true(str_is(record.result.trace, ""));
}

static void a_failure_goes_with_a_failed_test(void **state) {
    (void)state;
    put_result("passed", true);
    assert_int_equal(read_all(), VALUE_BAD);
    set_up(NULL);
    put_result("failed", false);
    assert_int_equal(read_all(), VALUE_BAD);
    set_up(NULL);
    put_result("maybe", true);
    assert_int_equal(read_all(), VALUE_BAD);
}

// However a record is cut, it is neither read nor wrong: the rest may come.
static void a_cut_record_waits_for_the_rest(void **state) {
    (void)state;
    put_result("failed", true);
    for (size_t len = 0; len < bytes.len; len++) {
        struct str part = {bytes.data, len};
        assert_int_equal(record_read(&arena, part, &record, &used), VALUE_CUT);
    }
}

static void put_story(unsigned actor_of_step) {
    put_map(3);
    put_pair("record", "story");
    put_text("actors");
    head(4, 1);
    put_map(1);
    put_pair("name", "test");
    put_text("steps");
    head(4, 1);
    put_map(2);
    put_number("actor", actor_of_step);
    put_null("from");
}

static void indexes_are_checked(void **state) {
    (void)state;
    put_story(0);
    assert_int_equal(read_all(), VALUE_READ);
    assert_int_equal(record.story.steps.at[0].from, NOBODY);
    set_up(NULL);
    put_story(1);
    assert_int_equal(read_all(), VALUE_BAD);
}

static void later_records_are_skipped(void **state) {
    (void)state;
    put_map(1);
    put_pair("record", "weather");
    assert_int_equal(read_all(), VALUE_READ);
    assert_int_equal(record.kind, RECORD_UNKNOWN);
}

static enum value_status status_of(const char *data, size_t len) {
    struct value v;
    return value_read(&arena, (struct str){data, len}, &v, &used);
}

static void hostile_heads_cost_nothing(void **state) {
    (void)state;
    assert_int_equal(status_of("\x9a\x00\xff\xff\xff", 5), VALUE_CUT); // 16 million items to come
    assert_int_equal(status_of("\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9), VALUE_BAD);
    assert_int_equal(status_of("\xbb\x80\x00\x00\x00\x00\x00\x00\x01", 9), VALUE_BAD);
    assert_int_equal(status_of("\x7b\xff\xff\xff\xff\xff\xff\xff\xff", 9), VALUE_CUT);
    assert_int_equal(status_of("\x9f\x01\xff", 3), VALUE_BAD); // indefinite length
    assert_int_equal(status_of("\xfb\x00\x00\x00\x00\x00\x00\x00\x00", 9), VALUE_BAD);
    assert_int_equal(status_of("\xff", 1), VALUE_BAD);
    assert_int_equal(status_of("\x80", 1), VALUE_READ);
    assert_true(arena.used_bytes < 4096);
    char deep[VALUE_DEPTH_MAX + 2];
    memset(deep, '\x81', sizeof deep);
    assert_int_equal(status_of(deep, sizeof deep), VALUE_BAD);
}

// Any bytes at all end in one of the three answers.
static void noise_is_no_danger(void **state) {
    (void)state;
    uint32_t seed = 12345;
    for (int round = 0; round < 20000; round++) {
        char noise[64];
        put_result("failed", true);
        size_t len = bytes.len < sizeof noise ? bytes.len : sizeof noise;
        memcpy(noise, bytes.data, len);
        for (int i = 0; i < 3; i++) {
            seed = seed * 1664525 + 1013904223;
            noise[(seed >> 8) % len] = (char)(seed >> 24);
        }
        record_read(&arena, (struct str){noise, len}, &record, &used);
        assert_true(used <= len);
        set_up(NULL);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(a_result_is_read),
        TEST(a_failure_goes_with_a_failed_test),
        TEST(a_cut_record_waits_for_the_rest),
        TEST(indexes_are_checked),
        TEST(later_records_are_skipped),
        TEST(hostile_heads_cost_nothing),
        TEST(noise_is_no_danger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
