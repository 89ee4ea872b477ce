// SPDX-License-Identifier: MIT
// Traces: what is written reads back, byte for byte; whatever is done to the bytes is noticed.
#include "runtime/trace/trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct trace_text text(const char *s) {
    return (struct trace_text){s, (uint32_t)strlen(s)};
}

// Two deviations between three actors, a parameter.
static struct cbor_out sample(void) {
    struct trace t = {.mir = 0x0102030405060708,
                      .program = text("bank.prism"),
                      .test = text("deposits"),
                      .strategy = text("random"),
                      .seed = UINT64_MAX,
                      .failure_kind = 2,
                      .failure_word = 2,
                      .events = 15,
                      .last = 0xfffefdfcfbfaf9f8};
    struct trace_param param = {text("tellers"), text("3")};
    t.params = &param;
    t.param_count = 1;
    assert_int_equal(trace_string(&t, "deposits"), 0);
    t.failure_site = trace_site(&t, "deposits", "", 0);
    uint32_t spawn = trace_site(&t, "deposits", "spawn", 0);
    uint32_t tell = trace_site(&t, "deposits", "tell", 1);
    assert_int_equal(trace_site(&t, "deposits", "spawn", 0), spawn); // each stands once
    struct trace_actor actors[] = {{0, spawn, 0}, {0, spawn, 1}, {2, tell, 0}};
    struct trace_deviation deviations[] = {
        {{1, 0, 0, tell, 0}, {2, 7, 4, tell, 300}},
        {{3, 1, 2, tell, 1}, {0, 2, 1, spawn, 0}},
    };
    t.actors = actors;
    t.actor_count = 3;
    t.deviations = deviations;
    t.deviation_count = 2;
    uint64_t inputs[] = {0, 7, UINT64_MAX};
    t.inputs = inputs;
    t.input_count = 3;
    struct cbor_out out = {0};
    trace_write(&t, &out);
    free(t.strings);
    free(t.sites);
    return out;
}

static void written_reads_back(void **state) {
    (void)state;
    struct cbor_out out = sample(), again = {0};
    struct trace t;
    assert_int_equal(trace_read(out.bytes, out.len, &t), TRACE_OK);
    assert_true(t.input_count == 3 && t.inputs[1] == 7 && t.inputs[2] == UINT64_MAX);
    assert_true(t.mir == 0x0102030405060708 && t.seed == UINT64_MAX);
    assert_int_equal(t.param_count, 1);
    assert_int_equal(t.actor_count, 3);
    assert_int_equal(t.actors[2].parent, 2);
    assert_int_equal(t.deviations[0].taken.occurrence, 300);
    assert_int_equal(t.deviations[0].taken.from, 4); // one past the last actor: the clock
    assert_memory_equal(t.strings[t.sites[t.failure_site].function].at, "deposits", 8);
    trace_write(&t, &again);
    assert_int_equal(again.len, out.len);
    assert_memory_equal(again.bytes, out.bytes, out.len);
    assert_true(out.len <= 200);
    trace_free(&t);
    cbor_out_free(&out);
    cbor_out_free(&again);
}

// Any cut is noticed as such or as damage, at once; never is something read that is not there (the
// bytes are copied into a block of exactly their size, so that the address sanitizer sees it).
static void cuts_are_noticed(void **state) {
    (void)state;
    struct cbor_out out = sample();
    for (size_t len = 0; len < out.len; len++) {
        unsigned char *bytes = malloc(len + !len);
        memcpy(bytes, out.bytes, len);
        struct trace t;
        enum trace_error e = trace_read(bytes, len, &t);
        assert_int_not_equal(e, TRACE_OK);
        if (len > 20)
            assert_int_equal(e, TRACE_CUT);
        assert_null(t.deviations);
        free(bytes);
    }
    cbor_out_free(&out);
}

static void damage_is_noticed(void **state) {
    (void)state;
    struct cbor_out out = sample();
    for (size_t at = 0; at < out.len; at++)
        for (int bit = 0; bit < 8; bit++) {
            out.bytes[at] ^= (unsigned char)(1 << bit);
            struct trace t;
            assert_int_not_equal(trace_read(out.bytes, out.len, &t), TRACE_OK);
            out.bytes[at] ^= (unsigned char)(1 << bit);
        }
    cbor_out_free(&out);
}

// What is whole can be had: all names, and the deviations before the cut.
static void the_whole_part_is_salvaged(void **state) {
    (void)state;
    struct cbor_out out = sample();
    uint32_t most = 0;
    for (size_t len = 0; len < out.len; len++) {
        unsigned char *bytes = malloc(len + !len);
        memcpy(bytes, out.bytes, len);
        struct trace t;
        if (trace_salvage(bytes, len, &t) == TRACE_OK) {
            assert_int_equal(t.actor_count, 3);
            assert_true(t.deviation_count >= most && t.deviation_count <= 2);
            most = t.deviation_count;
        } else {
            assert_int_equal(most, 0);
        }
        trace_free(&t);
        free(bytes);
    }
    assert_int_equal(most, 2);
    cbor_out_free(&out);
}

static void foreign_bytes_are_refused(void **state) {
    (void)state;
    struct trace t;
    assert_int_equal(trace_read("", 0, &t), TRACE_FOREIGN);
    assert_int_equal(trace_read("- buy milk", 10, &t), TRACE_FOREIGN);
    assert_int_equal(trace_read("\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9, &t), TRACE_FOREIGN);
    uint64_t random = 1;
    for (int i = 0; i < 20000; i++) { // after the magic word, anything
        unsigned char bytes[64] = "\x87\x6aPRISMTRACE\x02";
        for (size_t k = 13; k < sizeof bytes; k++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            bytes[k] = (unsigned char)(random >> 56);
        }
        assert_int_not_equal(trace_read(bytes, sizeof bytes, &t), TRACE_OK);
    }
    struct cbor_out out = sample();
    out.bytes[12] = TRACE_VERSION + 1; // the version
    assert_int_equal(trace_read(out.bytes, out.len, &t), TRACE_NEWER);
    cbor_out_free(&out);
}

static void trailing_bytes_are_refused(void **state) {
    (void)state;
    struct cbor_out out = sample();
    cbor_put_uint(&out, 1);
    struct trace t;
    assert_int_equal(trace_read(out.bytes, out.len, &t), TRACE_DAMAGED);
    cbor_out_free(&out);
}

static void files_appear_whole(void **state) {
    (void)state;
    char path[] = "/tmp/prism-trace-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    struct cbor_out out = sample();
    void *bytes;
    size_t len;
    assert_int_equal(trace_save(path, out.bytes, out.len), TRACE_OK);
    assert_int_equal(trace_load(path, &bytes, &len), TRACE_OK);
    assert_int_equal(len, out.len);
    assert_memory_equal(bytes, out.bytes, len);
    free(bytes);
    unlink(path);
    assert_int_equal(trace_load(path, &bytes, &len), TRACE_IO);
    assert_int_equal(trace_load("/", &bytes, &len), TRACE_IO);
    assert_int_equal(trace_save("/nowhere/at/all", out.bytes, out.len), TRACE_IO);
    cbor_out_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_reads_back),         cmocka_unit_test(cuts_are_noticed),
        cmocka_unit_test(damage_is_noticed),          cmocka_unit_test(foreign_bytes_are_refused),
        cmocka_unit_test(trailing_bytes_are_refused), cmocka_unit_test(the_whole_part_is_salvaged),
        cmocka_unit_test(files_appear_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
