// SPDX-License-Identifier: MIT
// What holds of both readers of data, whatever comes in: a value or a fault within the input, never
// both; what was read is written and read again as the same, in either notation; nothing is left;
// and what is made is in proportion to what came in.
#ifndef PRISM_TESTS_READ_H
#define PRISM_TESTS_READ_H

#include "tests/fuzz/data.h"
#include "tests/fuzz/fuzz.h"

static inline void check_again(enum prism_format format, const prism_type *type,
                               const void *value) {
    prism_buffer *once = prism_encode(cx, format, type, value);
    prism_decoded back;
    prism_decode(cx, format, type, once, &back);
    check(back.value != NULL, "what was written is not read");
    prism_buffer *twice = prism_encode(cx, format, type, back.value->data);
    check(prism_buffer_same(once, twice, 1), "a value changed in writing and reading");
    prism_buffer_drop(cx, back.value);
    prism_buffer_drop(cx, once);
    prism_buffer_drop(cx, twice);
}

static inline void read_as(enum prism_format format, const prism_type *type, const uint8_t *data,
                           size_t size) {
    prism_buffer *input = text_of(data, size);
    prism_decoded d;
    bytes_made = 0;
    prism_decode(cx, format, type, input, &d);
    check(bytes_made <= 4096 + 2048 * (int64_t)size, "more is made than came in");
    check((d.value != NULL) != (d.expected != NULL), "a value beside a fault, or neither");
    check(d.at <= size, "a fault behind the end");
    if (d.value) {
        check_again(PRISM_JSON, type, d.value->data);
        check_again(PRISM_JSON_PRETTY, type, d.value->data);
        check_again(PRISM_CBOR, type, d.value->data);
    }
    prism_buffer_drop(cx, d.value);
    prism_buffer_drop(cx, d.expected);
    prism_buffer_drop(cx, input);
    check(live_objects == 0, "something is left");
}

static inline void read_as_everything(enum prism_format format, const uint8_t *data, size_t size) {
    static const prism_type *const types[] = {&t_all,    &t_tree,   &t_shapes, &t_string,
                                              &t_bytes,  &t_f64,    &t_f32,    &t_i64,
                                              &t_counts, &t_places, &t_set,    &t_twice};
    begin_counting();
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        read_as(format, types[i], data, size);
}

#endif
