// SPDX-License-Identifier: MIT
// Values at run time: counts, buffers, walks, text and CBOR, with an allocator that counts.
#include "runtime/value/value.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// ---- a world without actors -----------------------------------------------------------------

static int64_t live_bytes, live_objects;

void *prism_alloc(prism_cx *cx, size_t bytes) {
    (void)cx;
    live_bytes += (int64_t)bytes;
    live_objects++;
    return aligned_alloc(16, (bytes + 15) & ~(size_t)15);
}
void prism_free(prism_cx *cx, void *memory, size_t bytes) {
    (void)cx;
    live_bytes -= (int64_t)bytes;
    live_objects--;
    memset(memory, 0xdd, bytes);
    free(memory);
}
void *prism_grow(prism_cx *cx, void *memory, size_t bytes, size_t wanted) {
    void *grown = prism_alloc(cx, wanted);
    memcpy(grown, memory, bytes);
    prism_free(cx, memory, bytes);
    return grown;
}
uint64_t prism_identity(const prism_type *type, const void *value) {
    prism_ref r;
    assert_int_equal(type->kind, PRISM_REF);
    memcpy(&r, value, sizeof r);
    return r.generation;
}

// Handles of the actor half: a reply here is a plain counter of references.
struct prism_reply {
    int count;
};
void prism_reply_dup(prism_reply *lend) {
    if (lend)
        lend->count++;
}
void prism_reply_drop(prism_cx *cx, prism_reply *own) {
    (void)cx;
    if (own)
        own->count--;
}
void prism_future_dup(prism_future *lend) {
    (void)lend;
}
void prism_future_drop(prism_cx *cx, prism_future *own) {
    (void)cx, (void)own;
}
void prism_scope_dup(prism_scope *lend) {
    (void)lend;
}
void prism_scope_drop(prism_cx *cx, prism_scope *own) {
    (void)cx, (void)own;
}
void prism_token_dup(prism_token *lend) {
    (void)lend;
}
void prism_token_drop(prism_cx *cx, prism_token *own) {
    (void)cx, (void)own;
}

static int starts_clean(void **state) {
    (void)state;
    live_bytes = live_objects = 0;
    return 0;
}
static int ends_clean(void **state) {
    (void)state;
    return live_bytes == 0 && live_objects == 0 ? 0 : -1;
}

// ---- types ----------------------------------------------------------------------------------

#define LEAF(symbol, text, KIND, T)                                                                \
    static const prism_type symbol = {.name = text,                                                \
                                      .kind = PRISM_##KIND,                                        \
                                      .flags = PRISM_PLAIN,                                        \
                                      .size = sizeof(T),                                           \
                                      .align = _Alignof(T)}
LEAF(t_i8, "i8", I8, int8_t);
LEAF(t_i64, "i64", I64, int64_t);
LEAF(t_u64, "u64", U64, uint64_t);
LEAF(t_f64, "f64", F64, double);
LEAF(t_f32, "f32", F32, float);
LEAF(t_char, "char", CHAR, uint32_t);
LEAF(t_bool, "bool", BOOL, bool);
LEAF(t_ref, "ref", REF, prism_ref);
static const prism_type t_reply = {
    .name = "reply", .kind = PRISM_REPLY, .size = 8, .align = 8, .element = &t_i64};

#define BUFFER(symbol, of)                                                                         \
    static const prism_type symbol = {                                                             \
        .name = "buf", .kind = PRISM_BUFFER, .size = 8, .align = 8, .element = &(of)}
BUFFER(t_bytes, prism_type_u8);
BUFFER(t_ints, t_i64);
BUFFER(t_tiny, t_i8);
static const prism_field string_fields[] = {{"bytes", &t_bytes, 0, NULL}};
static const prism_type t_string = {.name = "String",
                                    .kind = PRISM_STRUCT,
                                    .flags = PRISM_TEXT,
                                    .size = 8,
                                    .align = 8,
                                    .count = 1,
                                    .fields = string_fields};
BUFFER(t_strings, t_string);

typedef struct {
    int64_t x;
    double y;
} point;
static const prism_field point_fields[] = {{"x", &t_i64, 0, NULL}, {"y", &t_f64, 8, NULL}};
static const prism_type t_point = {.name = "geometry.Point",
                                   .kind = PRISM_STRUCT,
                                   .flags = PRISM_PLAIN,
                                   .size = sizeof(point),
                                   .align = 8,
                                   .count = 2,
                                   .fields = point_fields};

// enum Tree { Leaf, Node(buf(Tree), String) }
typedef struct {
    uint32_t tag;
    struct {
        prism_buffer *children, *name;
    } node;
} tree;
static const prism_type t_tree;
BUFFER(t_trees, t_tree);
static const prism_field node_fields[] = {{NULL, &t_trees, offsetof(tree, node.children), NULL},
                                          {NULL, &t_string, offsetof(tree, node.name), NULL}};
static const prism_variant tree_variants[] = {{"Leaf", NULL, 0}, {"Node", node_fields, 2}};
static const prism_type t_boxed = {.name = "box(Tree)",
                                   .kind = PRISM_BUFFER,
                                   .flags = PRISM_BOX,
                                   .size = sizeof(prism_boxed *),
                                   .align = 8,
                                   .element = &t_tree};
static const prism_type t_tree = {.name = "Tree",
                                  .kind = PRISM_ENUM,
                                  .size = sizeof(tree),
                                  .align = 8,
                                  .count = 2,
                                  .variants = tree_variants};

static prism_pool no_pools[PRISM_POOLS];
static prism_cx the_cx = {.pools = no_pools};
static prism_cx *const cx = &the_cx;
static const prism_site site = {"f", "index", 0, 0, 3, 4};

static prism_buffer *text(const char *s) {
    prism_buffer *b = NULL;
    prism_text_put(cx, &b, s, strlen(s));
    return b;
}
static prism_buffer *ints(int count, const int64_t *values) {
    prism_buffer *b = NULL;
    for (int i = 0; i < count; i++) {
        int64_t v = values[i];
        prism_buffer_insert(cx, &b, &t_i64, (uint64_t)i, &v, &site);
    }
    return b;
}
#define INTS(...) ints(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (int64_t[]){__VA_ARGS__})

static void expect_text(const char *expected, prism_buffer *own) {
    assert_int_equal(prism_buffer_len(own), strlen(expected));
    assert_memory_equal(own ? own->data : (void *)"", expected, strlen(expected));
    prism_buffer_drop(cx, own);
}
static void expect_shown(const char *expected, const prism_type *type, const void *value) {
    expect_text(expected, prism_show(cx, type, value));
}

// A tree whose depth no C stack would bear.
static tree deep_tree(int depth) {
    tree t = {1, {NULL, text("leaf")}};
    for (int i = 0; i < depth; i++) {
        tree parent = {1, {NULL, text("n")}};
        prism_buffer_insert(cx, &parent.node.children, &t_tree, 0, &t, &site);
        t = parent;
    }
    return t;
}

// ---- counts and copies ------------------------------------------------------------------------

static void copies_are_made_on_write_only(void **state) {
    (void)state;
    prism_buffer *a = INTS(1, 2, 3), *b = a;
    prism_buffer_dup(a);
    assert_int_equal(a->count, 2);
    prism_buffer_own(cx, &b, &t_i64, 0);
    assert_ptr_not_equal(a, b);
    assert_int_equal(a->count, 1);
    ((int64_t *)b->data)[0] = 9;
    assert_int_equal(((int64_t *)a->data)[0], 1);
    prism_buffer *before = b;
    prism_buffer_own(cx, &b, &t_i64, 0);
    assert_ptr_equal(before, b); // unique: in place
    prism_buffer_drop(cx, a);
    prism_buffer_drop(cx, b);
}

static void a_copy_counts_up_what_it_holds(void **state) {
    (void)state;
    prism_buffer *list = NULL, *name = text("a");
    prism_buffer_insert(cx, &list, &t_string, 0, &name, &site);
    prism_buffer *other = list;
    prism_buffer_dup(list);
    prism_buffer_own(cx, &other, &t_string, 5);
    assert_int_equal(name->count, 2);
    prism_drop(cx, &t_strings, &list);
    assert_int_equal(name->count, 1);
    prism_drop(cx, &t_strings, &other);
}

static void literals_are_immortal(void **state) {
    (void)state;
    static struct {
        int64_t count;
        uint64_t len, capacity;
        const prism_type *element;
        _Alignas(16) unsigned char data[3];
    } literal = {0, 3, 3, &prism_type_u8, "abc"};
    prism_buffer *b = (prism_buffer *)&literal;
    prism_buffer_dup(b);
    prism_buffer_drop(cx, b);
    prism_buffer_drop(cx, b);
    prism_share(cx, &t_bytes, &b);
    assert_int_equal(literal.count, 0);
    prism_text_put(cx, &b, "d", 1);
    assert_ptr_not_equal(b, &literal);
    expect_text("abcd", b);
}

static void what_is_shared_counts_down_from_below(void **state) {
    (void)state;
    prism_buffer *list = NULL, *name = text("a"), *own = text("b");
    prism_buffer_insert(cx, &list, &t_string, 0, &name, &site);
    prism_buffer_insert(cx, &list, &t_string, 1, &own, &site);
    prism_buffer_dup(name); // held outside of the list, too
    prism_share(cx, &t_strings, &list);
    assert_int_equal(list->count, 1); // unique: it moves
    assert_int_equal(own->count, 1);
    assert_int_equal(name->count, -2);
    prism_buffer_dup(list);
    prism_share(cx, &t_strings, &list);
    assert_int_equal(list->count, -2);
    assert_int_equal(own->count, -1); // reached from two sides now
    prism_buffer_drop(cx, list);
    prism_buffer_own(cx, &list, &t_string, 0); // the last owner takes it back
    assert_int_equal(list->count, 1);
    prism_drop(cx, &t_strings, &list);
    assert_int_equal(name->count, -1);
    prism_buffer_drop(cx, name);
}

static void handles_inside_are_counted(void **state) {
    (void)state;
    prism_reply handle = {1};
    prism_reply *r = &handle;
    prism_buffer *list = NULL;
    prism_buffer_insert(cx, &list, &t_reply, 0, &r, &site);
    prism_buffer *slice = prism_buffer_slice(cx, list, &t_reply, 0, 1, &site);
    assert_int_equal(handle.count, 2);
    prism_buffer_drop(cx, slice);
    prism_buffer_drop(cx, list);
    assert_int_equal(handle.count, 0);
}

static void closures_and_errors_own_their_data(void **state) {
    (void)state;
    prism_closure *c = prism_closure_new(cx, NULL, &t_string);
    prism_buffer *name = text("captured");
    memcpy(c->data, &name, sizeof name);
    prism_closure_dup(c);
    prism_closure_drop(cx, c);
    assert_int_equal(name->count, 1);
    prism_closure_drop(cx, c);

    name = text("broken");
    prism_error *e = prism_error_new(cx, &t_string, &name, &site);
    assert_true(prism_error_is(e, &t_string));
    assert_false(prism_error_is(e, &t_i64));
    assert_int_equal(prism_error_kind(e), PRISM_USER);
    prism_buffer *again;
    prism_error_get(cx, e, &t_string, &again);
    prism_error_drop(cx, e);
    assert_int_equal(name->count, 1);
    expect_text("broken", again);
}

// ---- buffers ----------------------------------------------------------------------------------

static void expect_trap(enum prism_failure_kind kind) {
    assert_non_null(cx->failure);
    assert_int_equal(cx->failure->kind, kind);
    prism_error_drop(cx, cx->failure);
    cx->failure = NULL;
}

static void items_are_inserted_and_removed(void **state) {
    (void)state;
    prism_buffer *b = INTS(1, 3);
    int64_t v = 2, out = 0;
    prism_buffer_insert(cx, &b, &t_i64, 1, &v, &site);
    expect_shown("[1, 2, 3]", &t_ints, &b);
    prism_buffer_remove(cx, &b, &t_i64, 0, &out, &site);
    assert_int_equal(out, 1);
    prism_buffer_remove(cx, &b, &t_i64, 2, &out, &site);
    expect_trap(PRISM_INDEX);
    prism_buffer_insert(cx, &b, &t_i64, 3, &v, &site);
    expect_trap(PRISM_INDEX);
    prism_buffer_append(cx, &b, &t_i64, b);
    expect_shown("[2, 3, 2, 3]", &t_ints, &b);
    prism_buffer_truncate(cx, &b, &t_i64, 9);
    prism_buffer_truncate(cx, &b, &t_i64, 1);
    expect_shown("[2]", &t_ints, &b);
    assert_null(prism_buffer_slice(cx, b, &t_i64, 0, 2, &site));
    expect_trap(PRISM_INDEX);
    prism_buffer_truncate(cx, &b, &t_i64, 0);
    expect_shown("[]", &t_ints, &b);
    prism_buffer_drop(cx, b);
}

static void a_failed_insert_drops_its_item(void **state) {
    (void)state;
    prism_buffer *b = NULL, *item = text("lost");
    prism_buffer_insert(cx, &b, &t_string, 1, &item, &site);
    expect_trap(PRISM_INDEX);
    assert_null(b);
}

static void absurd_wishes_for_room_are_cut(void **state) {
    (void)state;
    prism_buffer *b = prism_buffer_new(cx, &t_i64, UINT64_MAX);
    assert_true(live_bytes < (int64_t)1 << 25);
    prism_buffer_reserve(cx, &b, &t_i64, UINT64_MAX / 2);
    assert_true(live_bytes < (int64_t)1 << 25);
    prism_buffer_drop(cx, b);
}

// ---- order and hash -----------------------------------------------------------------------------

static int order(const prism_type *type, const void *a, const void *b) {
    int forth = prism_compare(cx, type, a, b), back = prism_compare(cx, type, b, a);
    assert_int_equal(forth, -back);
    if (prism_equal(cx, type, a, b))
        assert_true(prism_hash(cx, type, a) == prism_hash(cx, type, b));
    return forth;
}

static void order_is_by_length_last(void **state) {
    (void)state;
    prism_buffer *a = INTS(1, 2), *b = INTS(1, 2, -9), *c = INTS(-1), *d = INTS(1, 2);
    assert_int_equal(order(&t_ints, &a, &b), -1);
    assert_int_equal(order(&t_ints, &c, &a), -1); // signed
    assert_int_equal(order(&t_ints, &a, &d), 0);
    assert_true(prism_equal(cx, &t_ints, &a, &d));
    assert_false(prism_equal(cx, &t_ints, &a, &b));
    prism_buffer *none = NULL;
    assert_int_equal(order(&t_ints, &none, &c), -1);
    int8_t low = -1, high = 1;
    prism_buffer *x = NULL, *y = NULL;
    prism_buffer_insert(cx, &x, &t_i8, 0, &low, &site);
    prism_buffer_insert(cx, &y, &t_i8, 0, &high, &site);
    assert_int_equal(order(&t_tiny, &x, &y), -1);
    prism_buffer *all[] = {a, b, c, d, x, y};
    for (int i = 0; i < 6; i++)
        prism_buffer_drop(cx, all[i]);
}

static void floats_have_two_comparisons(void **state) {
    (void)state;
    double ordered[] = {-INFINITY, -1, -0.0, 0.0, 1, INFINITY, NAN};
    for (int i = 0; i < 6; i++)
        assert_int_equal(order(&t_f64, &ordered[i], &ordered[i + 1]), -1);
    assert_true(prism_equal(cx, &t_f64, &ordered[2], &ordered[3]));
    assert_false(prism_equal(cx, &t_f64, &ordered[6], &ordered[6]));
    // There is one nan, whatever sign a machine gives it.
    double signs[] = {copysign(NAN, 1), copysign(NAN, -1)};
    assert_int_equal(order(&t_f64, &signs[0], &signs[1]), 0);
    assert_int_equal(order(&t_f64, &ordered[5], &signs[1]), -1);
    assert_true(prism_hash(cx, &t_f64, &signs[0]) == prism_hash(cx, &t_f64, &signs[1]));
}

static void variants_order_by_tag_then_payload(void **state) {
    (void)state;
    tree leaf = {.tag = 0}, a = {1, {NULL, text("a")}}, b = {1, {NULL, text("b")}};
    assert_int_equal(order(&t_tree, &leaf, &a), -1);
    assert_int_equal(order(&t_tree, &a, &b), -1);
    prism_drop(cx, &t_tree, &a);
    prism_drop(cx, &t_tree, &b);
}

static void hashes_differ_where_values_do(void **state) {
    (void)state;
    // ["ab", ""] and ["a", "b"] hold the same bytes
    prism_buffer *x = NULL, *y = NULL;
    prism_buffer *items[] = {text("ab"), NULL, text("a"), text("b")};
    for (uint64_t i = 0; i < 2; i++) {
        prism_buffer_insert(cx, &x, &t_string, i, &items[i], &site);
        prism_buffer_insert(cx, &y, &t_string, i, &items[2 + i], &site);
    }
    assert_true(prism_hash(cx, &t_strings, &x) != prism_hash(cx, &t_strings, &y));
    prism_drop(cx, &t_strings, &x);
    prism_drop(cx, &t_strings, &y);
    // a value that does not fit into the gathering buffer: the stream gives what one call gives
    prism_buffer *big = NULL, *same = NULL;
    for (int64_t i = 0; i < 100; i++) {
        prism_buffer_insert(cx, &big, &t_i64, (uint64_t)i, &i, &site);
        prism_buffer_insert(cx, &same, &t_i64, (uint64_t)i, &i, &site);
    }
    assert_int_equal(order(&t_ints, &big, &same), 0);
    prism_buffer_drop(cx, big);
    prism_buffer_drop(cx, same);
}

static void depth_is_bounded_by_memory_alone(void **state) {
    (void)state;
    enum { DEPTH = 300000 };
    tree a = deep_tree(DEPTH), b = deep_tree(DEPTH);
    assert_true(prism_equal(cx, &t_tree, &a, &b));
    assert_int_equal(order(&t_tree, &a, &b), 0);
    prism_buffer *shown = prism_show(cx, &t_tree, &a), *encoded = NULL;
    // Node([ … ], "n") for each level and Node([], "leaf")
    assert_int_equal(shown->len, DEPTH * strlen("Node([], \"n\")") + strlen("Node([], \"leaf\")"));
    encoded = prism_encode(cx, PRISM_CBOR, &t_tree, &a);
    prism_buffer_drop(cx, shown);
    prism_buffer_drop(cx, encoded);
    prism_dup(cx, &t_tree, &a);
    prism_share(cx, &t_tree, &a);
    assert_true(a.node.children->count < 0);
    prism_drop(cx, &t_tree, &a);
    prism_drop(cx, &t_tree, &a);
    prism_drop(cx, &t_tree, &b);
}

// ---- text -------------------------------------------------------------------------------------

static void expect_f64(const char *expected, double v) {
    expect_shown(expected, &t_f64, &v);
}

static void floats_print_shortest(void **state) {
    (void)state;
    expect_f64("0.0", 0.0);
    expect_f64("-0.0", -0.0);
    expect_f64("1.0", 1);
    expect_f64("0.1", 0.1);
    expect_f64("0.30000000000000004", 0.1 + 0.2);
    expect_f64("123.456", 123.456);
    expect_f64("0.00001", 1e-5);
    expect_f64("1e-6", 1e-6);
    expect_f64("1.25e-7", 1.25e-7);
    expect_f64("1000000000000000.0", 1e15);
    expect_f64("1e+16", 1e16);
    expect_f64("9007199254740992.0", 9007199254740992.0);
    expect_f64("1e+23", 1e23); // its nearest double lies below
    expect_f64("5e-324", 4.9406564584124654e-324);
    expect_f64("2.2250738585072014e-308", 2.2250738585072014e-308);
    expect_f64("1.7976931348623157e+308", 1.7976931348623157e308);
    expect_f64("inf", INFINITY);
    expect_f64("-inf", -INFINITY);
    expect_f64("nan", NAN);
    float f = 0.1f, most = 3.4028235e38f;
    expect_shown("0.1", &t_f32, &f);
    expect_shown("3.4028235e+38", &t_f32, &most);
}

// The significant digits of a number's text.
static void digits_of(const char *number, char digits[32]) {
    int len = 0;
    for (const char *p = number; *p && *p != 'e'; p++)
        if (*p >= '0' && *p <= '9' && (len || *p != '0'))
            digits[len++] = *p;
    while (len && digits[len - 1] == '0')
        len--;
    digits[len] = 0;
}

// Every double reads back, no text of one digit less does, and it is the nearest of its length.
static void floats_read_back(void **state) {
    (void)state;
    uint64_t bits = 0x9e3779b97f4a7c15u;
    for (int i = 0; i < 20000; i++) {
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        double v;
        memcpy(&v, &bits, sizeof v);
        if (i % 2)
            v = (double)(int64_t)bits / 1e9; // everyday numbers
        if (!isfinite(v))
            continue;
        char out[PRISM_NUMBER_BYTES + 1] = "", digits[32], other[64], other_digits[32];
        out[prism_number_f64(v, out)] = 0;
        assert_true(strtod(out, NULL) == v);
        digits_of(out, digits);
        int count = (int)strlen(digits);
        snprintf(other, sizeof other, "%.*e", count > 1 ? count - 2 : 0, v);
        assert_true(count == 1 || strtod(other, NULL) != v);
        snprintf(other, sizeof other, "%.*e", count - 1, v);
        digits_of(other, other_digits);
        if (strtod(other, NULL) == v)
            assert_string_equal(digits, other_digits);
    }
}

static void values_print_as_they_are_written(void **state) {
    (void)state;
    point p = {-1, 2.5};
    expect_shown("Point { x: -1, y: 2.5 }", &t_point, &p);
    uint64_t most = UINT64_MAX;
    expect_shown("18446744073709551615", &t_u64, &most);
    int64_t least = INT64_MIN;
    expect_shown("-9223372036854775808", &t_i64, &least);
    bool yes = true;
    expect_shown("true", &t_bool, &yes);
    uint32_t smile = 0x1f600;
    expect_shown("\xf0\x9f\x98\x80", &t_char, &smile);
    prism_buffer *list = NULL, *name = text("say \"hi\"\n\x01\\");
    expect_shown("say \"hi\"\n\x01\\", &t_string, &name);
    prism_buffer_insert(cx, &list, &t_string, 0, &name, &site);
    expect_shown("[\"say \\\"hi\\\"\\n\\x01\\\\\"]", &t_strings, &list);
    prism_drop(cx, &t_strings, &list);
    tree leaf = {.tag = 0}, node = {1, {NULL, text("x")}};
    expect_shown("Leaf", &t_tree, &leaf);
    expect_shown("Node([], \"x\")", &t_tree, &node);
    prism_drop(cx, &t_tree, &node);
    prism_ref r = {NULL, 7};
    expect_shown("actor#7", &t_ref, &r);
}

static void marks_change_printing(void **state) {
    (void)state;
    prism_type tuple = t_point, duration = {.name = "Duration",
                                            .kind = PRISM_STRUCT,
                                            .flags = PRISM_PLAIN | PRISM_DURATION,
                                            .size = 8,
                                            .align = 8,
                                            .count = 1,
                                            .fields = point_fields};
    tuple.flags |= PRISM_TUPLE;
    point p = {1, 2};
    expect_shown("(1, 2.0)", &tuple, &p);
    static const struct {
        int64_t ns;
        const char *shown;
    } durations[] = {
        {0, "0s"},  {1500000000, "1.5s"},   {250000000, "250ms"},        {1050, "1.05us"},
        {7, "7ns"}, {-90000000000, "-90s"}, {1000000001, "1.000000001s"}};
    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++)
        expect_shown(durations[i].shown, &duration, &durations[i].ns);
}

static void errors_print_their_value_or_sentence(void **state) {
    (void)state;
    static const prism_type t_error = {.name = "error", .kind = PRISM_ERROR, .size = 8, .align = 8};
    prism_error *e = prism_error_make(cx, PRISM_ASSERT, "x == 1", &site);
    expect_shown("an assertion is false: x == 1", &t_error, &e);
    prism_error_drop(cx, e);
    int64_t v = 5;
    e = prism_error_new(cx, &t_i64, &v, &site);
    expect_shown("5", &t_error, &e);
    expect_text("5", prism_error_report(cx, e));
    prism_error_drop(cx, e);
    prism_buffer *said = text("x is 2");
    e = prism_error_said(cx, PRISM_ASSERT, &t_string, &said, &site);
    expect_text("an assertion is false: x is 2", prism_error_report(cx, e));
    prism_error_drop(cx, e);
    e = prism_error_make(cx, PRISM_INDEX, NULL, &site);
    expect_text("an index is out of range", prism_error_report(cx, e));
    prism_error_drop(cx, e);
}

// ---- CBOR: the examples are those of RFC 8949, appendix A ---------------------------------------

static void expect_encoded(const char *hex, const prism_type *type, const void *value) {
    prism_buffer *b = prism_encode(cx, PRISM_CBOR, type, value);
    char got[256] = "";
    for (uint64_t i = 0; i < prism_buffer_len(b) && i < 100; i++)
        snprintf(got + 2 * i, 3, "%02x", b->data[i]);
    assert_string_equal(got, hex);
    prism_buffer_drop(cx, b);
}

static void cbor_is_as_short_as_it_can_be(void **state) {
    (void)state;
    static const struct {
        int64_t v;
        const char *hex;
    } integers[] = {{0, "00"},
                    {23, "17"},
                    {24, "1818"},
                    {1000, "1903e8"},
                    {-1, "20"},
                    {-1000, "3903e7"},
                    {1000000, "1a000f4240"},
                    {1000000000000, "1b000000e8d4a51000"}};
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
        expect_encoded(integers[i].hex, &t_i64, &integers[i].v);
    static const struct {
        double v;
        const char *hex;
    } floats[] = {{0.0, "f90000"},
                  {-0.0, "f98000"},
                  {1.0, "f93c00"},
                  {1.1, "fb3ff199999999999a"},
                  {65504.0, "f97bff"},
                  {100000.0, "fa47c35000"},
                  {5.960464477539063e-8, "f90001"},
                  {0.00006103515625, "f90400"},
                  {INFINITY, "f97c00"},
                  {NAN, "f97e00"},
                  {1.0e300, "fb7e37e43c8800759c"}};
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++)
        expect_encoded(floats[i].hex, &t_f64, &floats[i].v);
    prism_buffer *water = text("\xe6\xb0\xb4"), *bad = text("\xff");
    expect_encoded("63e6b0b4", &t_string, &water);
    expect_encoded("8318e618b018b4", &t_bytes, &water); // a list of numbers
    expect_encoded("63efbfbd", &t_string, &bad);
    prism_buffer_drop(cx, water);
    prism_buffer_drop(cx, bad);
    tree leaf = {.tag = 0}, node = {1, {NULL, text("a")}};
    expect_encoded("644c656166", &t_tree, &leaf);
    expect_encoded("a1644e6f6465828061"
                   "61",
                   &t_tree, &node);
    prism_boxed *boxed = prism_get(cx, sizeof *boxed + sizeof leaf);
    boxed->count = 1;
    memcpy(boxed->data, &leaf, sizeof leaf);
    expect_encoded("644c656166", &t_boxed, &boxed);
    prism_drop(cx, &t_boxed, &boxed);
    prism_drop(cx, &t_tree, &node);
    point p = {1, 1};
    expect_encoded("a261780161"
                   "79f93c00",
                   &t_point, &p);
}

#define CLEAN(f) cmocka_unit_test_setup_teardown(f, starts_clean, ends_clean)
int main(void) {
    for (size_t i = 0; i < PRISM_POOLS; i++) // everything is counted: nothing goes the short ways
        no_pools[i].count = PRISM_BATCH;
    const struct CMUnitTest tests[] = {
        CLEAN(copies_are_made_on_write_only),
        CLEAN(a_copy_counts_up_what_it_holds),
        CLEAN(literals_are_immortal),
        CLEAN(what_is_shared_counts_down_from_below),
        CLEAN(handles_inside_are_counted),
        CLEAN(closures_and_errors_own_their_data),
        CLEAN(items_are_inserted_and_removed),
        CLEAN(a_failed_insert_drops_its_item),
        CLEAN(absurd_wishes_for_room_are_cut),
        CLEAN(order_is_by_length_last),
        CLEAN(floats_have_two_comparisons),
        CLEAN(variants_order_by_tag_then_payload),
        CLEAN(hashes_differ_where_values_do),
        CLEAN(depth_is_bounded_by_memory_alone),
        CLEAN(floats_print_shortest),
        CLEAN(floats_read_back),
        CLEAN(values_print_as_they_are_written),
        CLEAN(marks_change_printing),
        CLEAN(errors_print_their_value_or_sentence),
        CLEAN(cbor_is_as_short_as_it_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
