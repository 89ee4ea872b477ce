// SPDX-License-Identifier: MIT
// Fuzzing the reader of traces: any bytes give a trace or a reason, never both; every number in a
// trace that was accepted has what it names; written again, it is read again as the same.
// Since hardly anything but a trace has a right checksum, each input is also read with one put on.
#include "runtime/trace/trace.h"
#include "tests/fuzz/fuzz.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static void check_event(const struct trace *t, const struct trace_event *e) {
    check(e->to <= t->actor_count && e->from <= t->actor_count + 1, "an event of an unknown actor");
    check(e->site < t->site_count, "an event at an unknown place");
}

static void check_numbers(const struct trace *t) {
    for (uint32_t i = 0; i < t->site_count; i++) {
        check(t->sites[i].function < t->string_count, "a place without a function");
        check(t->sites[i].operation < t->string_count, "a place without an operation");
    }
    for (uint32_t i = 0; i < t->actor_count; i++) {
        check(t->actors[i].parent <= i, "an actor that is older than its parent");
        check(t->actors[i].site < t->site_count, "an actor of an unknown place");
    }
    for (uint32_t i = 0; i < t->deviation_count; i++) {
        check_event(t, &t->deviations[i].usual);
        check_event(t, &t->deviations[i].taken);
    }
}

static void check_again(const struct trace *t) {
    struct trace again;
    struct cbor_out once = {0}, twice = {0};
    trace_write(t, &once);
    check(trace_read(once.bytes, once.len, &again) == TRACE_OK, "what was written is not read");
    trace_write(&again, &twice);
    check(once.len == twice.len && memcmp(once.bytes, twice.bytes, once.len) == 0,
          "a trace changed in writing and reading");
    trace_free(&again);
    cbor_out_free(&once);
    cbor_out_free(&twice);
}

static void read_one(const uint8_t *data, size_t size) {
    struct trace t;
    enum trace_error e = trace_read(data, size, &t);
    if (e == TRACE_OK) {
        check_numbers(&t);
        check_again(&t);
    } else {
        check(!t.actors && !t.strings && !t.sites && !t.deviations && !t.params,
              "a trace beside a reason");
        check(trace_error_text(e) != NULL, "no words for a reason");
    }
    trace_free(&t);
}

// The last item is the checksum of what stands before it: eight bytes.
static void read_sealed(const uint8_t *data, size_t size) {
    size_t covered = size - 9;
    uint8_t *sealed = malloc(size);
    check(sealed != NULL, "no memory");
    memcpy(sealed, data, covered);
    sealed[covered] = 0x48;
    uint64_t sum = XXH3_64bits(data, covered);
    for (size_t i = 0; i < 8; i++)
        sealed[covered + 1 + i] = (uint8_t)(sum >> (56 - 8 * i));
    read_one(sealed, size);
    free(sealed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    read_one(data, size);
    if (size >= 9)
        read_sealed(data, size);
    return 0;
}
