// SPDX-License-Identifier: MIT
// JSON and CBOR to values: what is taken, what is not, where that is said to be, and that nothing
// is left of what was begun.
#include "tests/fuzz/data.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static int starts_clean(void **state) {
    (void)state;
    begin_counting();
    return 0;
}
static int ends_clean(void **state) {
    (void)state;
    return live_objects == 0 ? 0 : -1;
}

static prism_decoded decode(enum prism_format format, const prism_type *type, const void *bytes,
                            size_t len) {
    prism_buffer *input = text_of(bytes, len);
    prism_decoded d;
    prism_decode(cx, format, type, input, &d);
    prism_buffer_drop(cx, input);
    return d;
}

static void done(prism_decoded d) {
    prism_buffer_drop(cx, d.value);
    prism_buffer_drop(cx, d.expected);
}

// It is read, and written as `again`.
static void takes(const prism_type *type, const char *json, const char *again) {
    prism_decoded d = decode(PRISM_JSON, type, json, strlen(json));
    if (!d.value)
        fail_msg("%s: at %d expected %.*s", json, (int)d.at, (int)d.expected->len,
                 (char *)d.expected->data);
    prism_buffer *out = prism_encode(cx, PRISM_JSON, type, d.value->data);
    prism_text_put(cx, &out, "", 1);
    assert_string_equal((char *)out->data, again);
    prism_buffer_drop(cx, out);
    done(d);
}

static void same(const prism_type *type, const char *json) {
    takes(type, json, json);
}

static void refuses_bytes(enum prism_format format, const prism_type *type, const void *bytes,
                          size_t len, uint64_t at, const char *expected) {
    prism_decoded d = decode(format, type, bytes, len);
    assert_null(d.value);
    prism_text_put(cx, &d.expected, "", 1);
    assert_string_equal((char *)d.expected->data, expected);
    assert_int_equal(d.at, at);
    done(d);
}

static void refuses(const prism_type *type, const char *json, uint64_t at, const char *expected) {
    refuses_bytes(PRISM_JSON, type, json, strlen(json), at, expected);
}

static size_t bytes_of(const char *hex, unsigned char *out) {
    size_t len = 0;
    for (unsigned byte; sscanf(hex + 2 * len, "%2x", &byte) == 1; len++)
        out[len] = (unsigned char)byte;
    return len;
}

// CBOR, in digits, that is written as this JSON.
static void reads(const prism_type *type, const char *hex, const char *json) {
    unsigned char bytes[200];
    prism_decoded d = decode(PRISM_CBOR, type, bytes, bytes_of(hex, bytes));
    if (!d.value)
        fail_msg("%s: at %d expected %.*s", hex, (int)d.at, (int)d.expected->len,
                 (char *)d.expected->data);
    prism_buffer *out = prism_encode(cx, PRISM_JSON, type, d.value->data);
    prism_text_put(cx, &out, "", 1);
    assert_string_equal((char *)out->data, json);
    prism_buffer_drop(cx, out);
    done(d);
}

static void rejects(const prism_type *type, const char *hex, uint64_t at, const char *expected) {
    unsigned char bytes[200];
    refuses_bytes(PRISM_CBOR, type, bytes, bytes_of(hex, bytes), at, expected);
}

// ---- JSON -----------------------------------------------------------------------------------

static void integers_have_to_fit(void **state) {
    (void)state;
    static const char small[] = "an integer from 0 to 255",
                      large[] = "an integer from -9223372036854775808 to 9223372036854775807";
    same(&t_u8, "255");
    takes(&t_u8, " -0\n", "0");
    same(&t_i64, "-9223372036854775808");
    same(&t_u64, "18446744073709551615");
    same(&t_i16, "-32768");
    refuses(&t_u8, "256", 0, small);
    refuses(&t_u8, " -1", 1, small);
    refuses(&t_u8, "1.0", 0, small);
    refuses(&t_u8, "1e2", 0, small);
    refuses(&t_u8, "012", 0, small);
    refuses(&t_u8, "\"1\"", 0, small);
    refuses(&t_u8, "", 0, small);
    refuses(&t_u8, "-", 0, small);
    refuses(&t_i64, "9223372036854775808", 0, large);
    refuses(&t_i64, "-9223372036854775809", 0, large);
    refuses(&t_i64, "99999999999999999999999999", 0, large);
    refuses(&t_u64, "18446744073709551616", 0, "an integer from 0 to 18446744073709551615");
}

static double number(const prism_type *type, const char *json) {
    prism_decoded d = decode(PRISM_JSON, type, json, strlen(json));
    assert_non_null(d.value);
    double wide = 0;
    float narrow = 0;
    memcpy(type == &t_f64 ? (void *)&wide : (void *)&narrow, d.value->data, type->size);
    done(d);
    return type == &t_f64 ? wide : (double)narrow;
}

// The C library's own reader is the judge.
static void floats_are_the_nearest(void **state) {
    (void)state;
    static const char *const decimals[] = {
        "0",
        "-0.0",
        "1",
        "0.1",
        "3.14",
        "123456.789",
        "1e22",
        "1e23",
        "9007199254740993",
        "9007199254740992.9999999999999999999999",
        "5e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "1.7976931348623157e308",
        "1.7976931348623158e+308",
        "0.12345678901234567",
        "12345678901234567890",
        "123456789012345678901234567890e-30",
        "1e-400",
        "7e-10",
        "8.5E+3",
        "0.000000000000000000000000000000000000000000000000000000001",
        "4.35",
        "1.00000017881393432617187499",
        "1.00000017881393432617187500",
        "1.00000017881393432617187501",
        "16777217",
        "16777219.0",
        "1.401298464324817e-45",
        "7.006492321624085e-46",
        "7.006492321624086e-46",
        "3.4028235e38",
        "10000000000000000000000",
        "99999999999999974834176",
        "100000000000000000000001e-1"};
    for (size_t i = 0; i < sizeof decimals / sizeof *decimals; i++) {
        double wide = number(&t_f64, decimals[i]);
        assert_memory_equal(&wide, &(double){strtod(decimals[i], NULL)}, sizeof wide);
        if (strtof(decimals[i], NULL) <= 3.4028235e38f)
            assert_true((float)number(&t_f32, decimals[i]) == strtof(decimals[i], NULL));
    }
    uint64_t seed = 1; // and some more, of 17 digits
    for (int i = 0; i < 20000; i++) {
        char text[64];
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        snprintf(text, sizeof text, "%llu.%llue%d", (unsigned long long)(seed >> 44),
                 (unsigned long long)(seed & 0xfffffffff), (int)(seed >> 33) % 320);
        if (isfinite(strtod(text, NULL)))
            assert_true(number(&t_f64, text) == strtod(text, NULL));
    }
}

static void floats_have_to_fit(void **state) {
    (void)state;
    same(&t_f64, "\"NaN\"");
    same(&t_f64, "\"Infinity\"");
    same(&t_f32, "\"-Infinity\"");
    same(&t_f64, "-0.0");
    refuses(&t_f64, "1e309", 0, "a number of f64");
    refuses(&t_f64, "1.7976931348623159e308", 0, "a number of f64");
    refuses(&t_f32, "3.5e38", 0, "a number of f32");
    refuses(&t_f64, "1.", 0, "a number of f64");
    refuses(&t_f64, ".5", 0, "a number of f64");
    refuses(&t_f64, "1e", 0, "a number of f64");
    refuses(&t_f64, "+1", 0, "a number of f64");
    refuses(&t_f64, "nan", 0, "a number of f64");
    refuses(&t_f64, "\"inf\"", 0, "a number of f64");
    refuses(&t_f64, "1e99999999999999999999", 0, "a number of f64");
    refuses(&t_f64, "0x10", 1, "the end of the input");
}

static void strings_are_utf8_and_nothing_else(void **state) {
    (void)state;
    same(&t_string, "\"\"");
    same(&t_string, "\"a long one, with more than eight bytes in a row\"");
    takes(&t_string, "\"\\u0041\\n\\/\\\"\\\\\\ud83d\\ude00\\u00e9\"",
          "\"A\\n/\\\"\\\\\xf0\x9f\x98\x80\xc3\xa9\"");
    same(&t_string, "\"\\u0000\\u001f\x7f\"");
    same(&t_char, "\"\xe6\xb0\xb4\"");
    refuses(&t_string, "\"abc", 4, "a closing \"");
    refuses(&t_string, "\"a\nb\"", 2, "no control character in a string");
    refuses(&t_string, "\"abcdefgh\x01\"", 9, "no control character in a string");
    refuses(&t_string, "\"a\\x\"", 2, "an escape");
    refuses(&t_string, "\"a\\u12g4\"", 2, "an escape");
    refuses(&t_string, "\"\\u12", 1, "an escape");
    refuses(&t_string, "\"\\ud800\"", 1, "a pair of surrogates");
    refuses(&t_string, "\"\\udc00\\ud800\"", 1, "a pair of surrogates");
    refuses(&t_string, "\"\\ud800\\u0041\"", 1, "a pair of surrogates");
    refuses(&t_string, "\"ab\xff\"", 3, "UTF-8");
    refuses(&t_string, "\"\xc0\xaf\"", 1, "UTF-8");     // overlong
    refuses(&t_string, "\"\xed\xa0\x80\"", 1, "UTF-8"); // a surrogate
    refuses(&t_string, "\"\xf4\x90\x80\x80\"", 1, "UTF-8");
    refuses(&t_string, "\"\\n\xe6\xb0\"", 3, "UTF-8");
    refuses(&t_char, "\"ab\"", 0, "a string of one character");
    refuses(&t_char, "\"\"", 0, "a string of one character");
}

static void bytes_are_base64(void **state) {
    (void)state;
    same(&t_bytes, "\"\"");
    same(&t_bytes, "\"AA==\"");
    same(&t_bytes, "\"AAE=\"");
    same(&t_bytes, "\"+/+/\"");
    static const char *const wrong[] = {"\"AAE\"",  "\"AB==\"",     "\"AA=A\"", "\"A===\"",
                                        "\"-_AA\"", "\"AA==AA==\"", "[1]"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refuses(&t_bytes, wrong[i], 0, "a string in Base64");
}

static void records_want_their_keys_once(void **state) {
    (void)state;
    same(&t_point, "{\"x\":1,\"y\":2.0}");
    takes(&t_point, "{ \"y\" : 2 , \"z\" : [{\"a\":[null,true,-1e5,\"\\n\"]}] , \"\\u0078\" : 1 }",
          "{\"x\":1,\"y\":2.0}");
    refuses(&t_point, "{\"x\":1,\"x\":1}", 7, "each key once");
    refuses(&t_point, " {\"x\":1}", 1, "the key \"y\"");
    refuses(&t_point, "[]", 0, "an object");
    refuses(&t_point, "{\"x\":1,}", 7, "a key");
    refuses(&t_point, "{\"x\" 1}", 5, "\":\"");
    refuses(&t_point, "{\"x\":1 \"y\":2}", 7, "\",\" or \"}\"");
    refuses(&t_point, "{x:1}", 1, "a key");
    refuses(&t_point, "{\"z\":tru}", 5, "a value");
    refuses(&t_point, "{\"z\":01}", 6, "\",\" or \"}\"");
    refuses(&t_point, "{\"x\":1,\"y\":2} {", 14, "the end of the input");
    refuses(&t_point, "\xef\xbb\xbf{}", 0, "an object");
}

static void variants_and_options(void **state) {
    (void)state;
    same(&t_shapes, "[\"Nothing\",{\"Circle\":{\"x\":1,\"y\":0.5}},{\"Named\":[\"a\",3]}]");
    refuses(&t_shape, "\"Circle\"", 0, "a variant of Shape");
    refuses(&t_shape, "{\"Nothing\":null}", 0, "a variant of Shape");
    refuses(&t_shape, "{\"Other\":1}", 0, "a variant of Shape");
    refuses(&t_shape, "{}", 0, "a variant of Shape");
    refuses(&t_tree, "\"Leaf\\u0000\"", 0, "a variant of Tree"); // longer than any name
    refuses(&t_shape, "{\"Named\":[\"a\"]}", 9, "an array of 2 items");
    refuses(&t_shape, "{\"Named\":[\"a\",1,2]}", 9, "an array of 2 items");
    refuses(&t_shape, "{\"Named\":[\"a\",1],\"Circle\":1}", 0, "a variant of Shape");
    same(&t_maybe, "null");
    same(&t_maybe, "5");
    same(&t_twice, "null");
    same(&t_twice, "{\"Some\":null}");
    same(&t_twice, "{\"Some\":5}");
    refuses(&t_twice, "5", 0, "null or Some");
    same(&t_tree, "{\"Node\":[{\"Node\":[\"Leaf\",\"Leaf\"]},\"Leaf\"]}");
}

static void maps_sets_queues(void **state) {
    (void)state;
    same(&t_counts, "{\"b\":1,\"a\":2,\"\":3}");
    same(&t_numbered, "{\"-7\":\"Nothing\",\"300\":{\"Named\":[\"\",0]}}");
    same(&t_places, "[[[1,0.5],\"a\"],[[2,0.5],\"b\"]]");
    same(&t_set, "[\"b\",\"a\"]");
    same(&t_queue, "[1,2,3]");
    same(&t_pair, "[1,2.5]");
    refuses(&t_counts, "{\"a\":1,\"\\u0061\":2}", 7, "each key once");
    refuses(&t_numbered, "{\"1\":\"Nothing\",\"01\":\"Nothing\"}", 15,
            "an integer from -32768 to 32767");
    refuses(&t_numbered, "{\"40000\":\"Nothing\"}", 1, "an integer from -32768 to 32767");
    refuses(&t_places, "[[[1,0.5],\"a\"],[[1,0.5],\"b\"]]", 16, "each key once");
    refuses(&t_places, "[[[1,0.5]]]", 1, "an array of 2 items");
    refuses(&t_places, "{}", 0, "an array of pairs");
    refuses(&t_set, "[\"a\",\"a\"]", 5, "each item once");
    refuses(&t_queue, "[1,2", 4, "\",\" or \"]\"");
    refuses(&t_queue, "[1,]", 3, "an integer from -9223372036854775808 to 9223372036854775807");
    refuses(&t_pair, "[1]", 0, "an array of 2 items");
}

// A map of many entries finds them, in the table that the library's own code would have made.
static void a_map_finds_its_entries(void **state) {
    (void)state;
    enum { COUNT = 1000 };
    prism_buffer *json = text_of("{", 1);
    for (int i = 0; i < COUNT; i++) {
        char entry[32];
        int len = snprintf(entry, sizeof entry, "%s\"k%d\":%d", i ? "," : "", i, i);
        prism_text_put(cx, &json, entry, (size_t)len);
    }
    prism_text_put(cx, &json, "}", 1);
    prism_decoded d;
    prism_decode(cx, PRISM_JSON, &t_counts, json, &d);
    assert_non_null(d.value);
    map m;
    memcpy(&m, d.value->data, sizeof m);
    assert_int_equal(m.entries->len, COUNT);
    assert_int_equal(m.table->len, 2048);
    for (uint64_t i = 0; i < COUNT; i++) {
        const t_counts_entry *e = (const t_counts_entry *)(void *)m.entries->data + i;
        assert_int_equal(e->hash, prism_hash(cx, &t_string, &e->key));
        const uint32_t *table = (const uint32_t *)(void *)m.table->data;
        uint64_t at = e->hash & 2047;
        while (table[at] != i + 1) {
            assert_int_not_equal(table[at], 0);
            at = (at + 1) & 2047;
        }
    }
    prism_buffer_drop(cx, json);
    done(d);
}

static void nesting_is_bounded(void **state) {
    (void)state;
    enum { DEPTH = 2000 };
    char deep[8 * DEPTH];
    memset(deep, '[', sizeof deep);
    refuses_bytes(PRISM_JSON, &t_point, "{\"z\":", 5, 5, "a value");
    memcpy(deep, "{\"z\":", 5);
    refuses_bytes(PRISM_JSON, &t_point, deep, DEPTH, 5 + 999,
                  "no more than 1000 levels of nesting");
    memset(deep, 0x81, sizeof deep);
    refuses_bytes(PRISM_CBOR, &t_ints, deep, DEPTH, 1,
                  "an integer from -9223372036854775808 to 9223372036854775807");
    memcpy(deep, "\xa1\x61z", 3);
    refuses_bytes(PRISM_CBOR, &t_point, deep, DEPTH, 3 + 999,
                  "no more than 1000 levels of nesting");
    memset(deep + 3, 0xc1, sizeof deep - 3); // tags
    refuses_bytes(PRISM_CBOR, &t_point, deep, DEPTH, 3 + 999,
                  "no more than 1000 levels of nesting");
}

// ---- CBOR -----------------------------------------------------------------------------------

static void any_form_of_cbor_is_taken(void **state) {
    (void)state;
    reads(&t_i64, "17", "23");
    reads(&t_i64, "1900ff", "255"); // longer than it has to be
    reads(&t_i64, "3b7fffffffffffffff", "-9223372036854775808");
    reads(&t_f64, "f93c00", "1.0");
    reads(&t_f64, "f90001", "5.960464477539063e-8");
    reads(&t_f64, "fa47c35000", "100000.0");
    reads(&t_f64, "fb3ff199999999999a", "1.1");
    reads(&t_f64, "05", "5.0");
    reads(&t_f64, "f97e00", "\"NaN\"");
    reads(&t_f64, "f9fc00", "\"-Infinity\"");
    reads(&t_string, "63e6b0b4", "\"\xe6\xb0\xb4\"");
    reads(&t_string, "7f6161606162ff", "\"ab\"");
    reads(&t_bytes, "5f4101420203ff", "\"AQID\"");
    reads(&t_ints, "9f0102ff", "[1,2]");
    reads(&t_ints, "9fff", "[]");
    reads(&t_point, "bf6178016179f93c00ff", "{\"x\":1,\"y\":1.0}");
    reads(&t_point, "a3617ac1820102617801617902", "{\"x\":1,\"y\":2.0}"); // unknown, tagged
    reads(&t_counts, "a2616201616102", "{\"b\":1,\"a\":2}");
    reads(&t_places, "a1820102617a", "[[[1,2.0],\"z\"]]");
    reads(&t_twice, "a164536f6d65f6", "{\"Some\":null}");
}

static void wrong_cbor_is_refused(void **state) {
    (void)state;
    static const char large[] = "an integer from -9223372036854775808 to 9223372036854775807";
    rejects(&t_i64, "", 0, "a data item");
    rejects(&t_i64, "19ff", 2, "more bytes");
    rejects(&t_i64, "1c", 0, "a data item");
    rejects(&t_i64, "1f", 0, "a data item");
    rejects(&t_i64, "ff", 0, "a data item");
    rejects(&t_i64, "1b8000000000000000", 0, large);
    rejects(&t_i64, "3bffffffffffffffff", 0, large);
    rejects(&t_i64, "c101", 0, large);
    rejects(&t_i64, "0101", 1, "the end of the input");
    rejects(&t_u8, "20", 0, "an integer from 0 to 255");
    rejects(&t_f32, "fb3ff199999999999a", 0, "a number of f32");
    rejects(&t_f64, "1b0020000000000001", 0, "a number of f64"); // no double is that
    rejects(&t_f64, "f6", 0, "a number of f64");
    rejects(&t_bool, "f81f", 0, "true or false");
    rejects(&t_string, "62ff61", 1, "UTF-8");
    rejects(&t_string, "62e6b0", 1, "UTF-8");
    rejects(&t_string, "6361", 2, "more bytes");
    rejects(&t_string, "7f61614162ff", 3, "a part of a string");
    rejects(&t_string, "7f7f6161ffff", 1, "a part of a string");
    rejects(&t_string, "7f6161", 3, "a data item");
    rejects(&t_string, "7f61c361a9ff", 2, "UTF-8"); // a character in two parts
    rejects(&t_string, "4161", 0, "a string");
    rejects(&t_bytes, "6161", 0, "a string of bytes");
    rejects(&t_ints, "8201", 2, "a data item");
    rejects(&t_ints, "8201ff", 2, "a data item");
    rejects(&t_point, "a2617801617801", 4, "each key once");
    rejects(&t_point, "a1617801", 0, "the key \"y\"");
    rejects(&t_point, "a10001", 1, "a key");
    rejects(&t_counts, "a2616101616102", 4, "each key once");
    rejects(&t_set, "8261616161", 3, "each item once");
    rejects(&t_pair, "8101", 0, "an array of 2 items");
    rejects(&t_shape, "a0", 0, "a variant of Shape");
    rejects(&t_shape, "bf674e6f7468696e67f6ff", 0, "a variant of Shape");
}

// A length that is only claimed makes nothing.
static void claims_cost_nothing(void **state) {
    (void)state;
    static const char *const claims[] = {"9b7fffffffffffffff", "bbffffffffffffffff",
                                         "7b7fffffffffffffff", "5bffffffffffffffff",
                                         "9a7fffffff0102"};
    static const prism_type *const types[] = {&t_ints, &t_counts, &t_string, &t_bytes, &t_ints};
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        unsigned char bytes[64];
        bytes_made = 0;
        prism_decoded d = decode(PRISM_CBOR, types[i], bytes, bytes_of(claims[i], bytes));
        assert_null(d.value);
        assert_in_range(bytes_made, 0, 1000);
        done(d);
    }
}

// What is wrong at any place of something large leaves nothing behind, in either notation.
static const char everything[] =
    "{\"yes\":true,\"letter\":\"\xc3\xa9\",\"small\":255,\"middle\":-32768,\"large\":-1,\"most\":"
    "18446744073709551615,"
    "\"narrow\":0.1,\"wide\":1e-7,\"name\":\"a\\\"b\\n\",\"raw\":\"AQI=\",\"time\":1500000000,"
    "\"shapes\":[\"Nothing\",{\"Circle\":{\"x\":1,\"y\":0.5}},{\"Named\":[\"n\",3]}],\"pair\":[1,2."
    "5],\"maybe\":5,"
    "\"twice\":{\"Some\":null},\"counts\":{\"b\":1,\"a\":2},\"numbered\":{\"-7\":{\"Named\":[\"x\","
    "0]}},"
    "\"places\":[[[1,0.5],\"p\"]],\"words\":[\"w\",\"v\"],\"line\":[1,2],\"root\":{\"Node\":["
    "\"Leaf\",{\"Node\":[\"Leaf\",\"Leaf\"]}]}}";

static void a_default_stands_in(void **state) {
    (void)state;
    prism_decoded d = decode(PRISM_JSON, &t_all, everything, strlen(everything));
    assert_non_null(d.value);
    all value;
    memcpy(&value, d.value->data, sizeof value);
    assert_int_equal(value.given, 7);
    done(d);
}

static void nothing_is_left_of_what_is_cut(void **state) {
    (void)state;
    prism_decoded whole = decode(PRISM_JSON, &t_all, everything, strlen(everything));
    assert_non_null(whole.value);
    for (enum prism_format format = PRISM_JSON; format <= PRISM_CBOR; format++) {
        prism_buffer *out = prism_encode(cx, format, &t_all, whole.value->data);
        done(decode(format, &t_all, out->data, out->len));
        for (uint64_t cut = 0; cut < out->len; cut++) {
            prism_decoded d = decode(format, &t_all, out->data, cut);
            assert_null(d.value);
            done(d);
            unsigned char was = out->data[cut];
            for (int flip = 1; flip < 256; flip *= 2) {
                out->data[cut] = (unsigned char)(was ^ flip);
                done(decode(format, &t_all, out->data, out->len));
            }
            out->data[cut] = was;
        }
        prism_buffer_drop(cx, out);
    }
    done(whole);
}

#define CLEAN(f) cmocka_unit_test_setup_teardown(f, starts_clean, ends_clean)
int main(void) {
    const struct CMUnitTest tests[] = {
        CLEAN(integers_have_to_fit),
        CLEAN(floats_are_the_nearest),
        CLEAN(floats_have_to_fit),
        CLEAN(strings_are_utf8_and_nothing_else),
        CLEAN(bytes_are_base64),
        CLEAN(records_want_their_keys_once),
        CLEAN(variants_and_options),
        CLEAN(maps_sets_queues),
        CLEAN(a_map_finds_its_entries),
        CLEAN(nesting_is_bounded),
        CLEAN(any_form_of_cbor_is_taken),
        CLEAN(wrong_cbor_is_refused),
        CLEAN(claims_cost_nothing),
        CLEAN(a_default_stands_in),
        CLEAN(nothing_is_left_of_what_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
