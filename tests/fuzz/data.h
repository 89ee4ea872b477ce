// SPDX-License-Identifier: MIT
// A type that holds one of everything that JSON and CBOR know, with an allocator that counts: what
// the unit tests and the fuzz targets of the two readers are about.
#ifndef PRISM_TESTS_DATA_H
#define PRISM_TESTS_DATA_H

#include "runtime/value/value.h"

#include <stdlib.h>
#include <string.h>

// ---- a world without actors -----------------------------------------------------------------

static int64_t live_objects, bytes_made;

void *prism_alloc(prism_cx *cx, size_t bytes) {
    (void)cx;
    live_objects++;
    bytes_made += (int64_t)bytes;
    return aligned_alloc(16, (bytes + 15) & ~(size_t)15);
}
void prism_free(prism_cx *cx, void *memory, size_t bytes) {
    (void)cx, (void)bytes;
    live_objects--;
    free(memory);
}
void *prism_grow(prism_cx *cx, void *memory, size_t bytes, size_t wanted) {
    (void)cx;
    bytes_made += (int64_t)(wanted - bytes);
    return realloc(memory, wanted);
}
uint64_t prism_identity(const prism_type *type, const void *value) {
    (void)type, (void)value;
    return 0;
}
#define HANDLE(name)                                                                               \
    void prism_##name##_dup(prism_##name *lend) {                                                  \
        (void)lend;                                                                                \
    }                                                                                              \
    void prism_##name##_drop(prism_cx *cx, prism_##name *own) {                                    \
        (void)cx, (void)own;                                                                       \
    }
HANDLE(reply)
HANDLE(future)
HANDLE(scope)
HANDLE(token)

// ---- types ----------------------------------------------------------------------------------

#define LEAF(symbol, text, KIND, T)                                                                \
    static const prism_type symbol = {.name = text,                                                \
                                      .kind = PRISM_##KIND,                                        \
                                      .flags = PRISM_PLAIN,                                        \
                                      .size = sizeof(T),                                           \
                                      .align = _Alignof(T)}
#define BUFFER(symbol, of)                                                                         \
    static const prism_type symbol = {                                                             \
        .name = "buf", .kind = PRISM_BUFFER, .size = 8, .align = 8, .element = &(of)}
#define STRUCT(symbol, text, marks, T, ...)                                                        \
    static const prism_field symbol##_fields[] = {__VA_ARGS__};                                    \
    static const prism_type symbol = {.name = text,                                                \
                                      .kind = PRISM_STRUCT,                                        \
                                      .flags = marks,                                              \
                                      .size = sizeof(T),                                           \
                                      .align = _Alignof(T),                                        \
                                      .count = sizeof symbol##_fields / sizeof(prism_field),       \
                                      .fields = symbol##_fields}

LEAF(t_unit, "()", UNIT, prism_unit);
LEAF(t_bool, "bool", BOOL, bool);
LEAF(t_char, "char", CHAR, uint32_t);
LEAF(t_u8, "u8", U8, uint8_t);
LEAF(t_i16, "i16", I16, int16_t);
LEAF(t_u32, "u32", U32, uint32_t);
LEAF(t_i64, "i64", I64, int64_t);
LEAF(t_u64, "u64", U64, uint64_t);
LEAF(t_f32, "f32", F32, float);
LEAF(t_f64, "f64", F64, double);
BUFFER(t_buf_u8, t_u8);
BUFFER(t_table, t_u32);
BUFFER(t_ints, t_i64);
STRUCT(t_string, "String", PRISM_TEXT, prism_buffer *, {"bytes", &t_buf_u8, 0, NULL});
STRUCT(t_bytes, "Bytes", PRISM_BYTES, prism_buffer *, {"buffer", &t_buf_u8, 0, NULL});
STRUCT(t_duration, "Duration", PRISM_PLAIN | PRISM_DURATION, int64_t,
       {"nanoseconds", &t_i64, 0, NULL});

typedef struct {
    int64_t x;
    double y;
} point;
STRUCT(t_point, "geometry.Point", PRISM_PLAIN, point, {"x", &t_i64, offsetof(point, x), NULL},
       {"y", &t_f64, offsetof(point, y), NULL});
STRUCT(t_pair, "(i64, f64)", PRISM_PLAIN | PRISM_TUPLE, point,
       {"0", &t_i64, offsetof(point, x), NULL}, {"1", &t_f64, offsetof(point, y), NULL});

// enum Shape { Nothing, Circle(Point), Named(String, u8) }
typedef struct {
    uint32_t tag;
    union {
        point circle;
        struct {
            prism_buffer *name;
            uint8_t size;
        } named;
    };
} shape;
static const prism_field circle_fields[] = {{NULL, &t_point, offsetof(shape, circle), NULL}};
static const prism_field named_fields[] = {{NULL, &t_string, offsetof(shape, named.name), NULL},
                                           {NULL, &t_u8, offsetof(shape, named.size), NULL}};
static const prism_variant shape_variants[] = {
    {"Nothing", NULL, 0}, {"Circle", circle_fields, 1}, {"Named", named_fields, 2}};
static const prism_type t_shape = {.name = "shapes.Shape",
                                   .kind = PRISM_ENUM,
                                   .size = sizeof(shape),
                                   .align = 8,
                                   .count = 3,
                                   .variants = shape_variants};
BUFFER(t_shapes, t_shape);

#define OPTION(symbol, text, of, T)                                                                \
    typedef struct {                                                                               \
        uint32_t tag;                                                                              \
        T some;                                                                                    \
    } symbol##_value;                                                                              \
    static const prism_field symbol##_some[] = {                                                   \
        {NULL, &(of), offsetof(symbol##_value, some), NULL}};                                      \
    static const prism_variant symbol##_variants[] = {{"None", NULL, 0},                           \
                                                      {"Some", symbol##_some, 1}};                 \
    static const prism_type symbol = {.name = text,                                                \
                                      .kind = PRISM_ENUM,                                          \
                                      .flags = PRISM_OPTION,                                       \
                                      .size = sizeof(symbol##_value),                              \
                                      .align = _Alignof(symbol##_value),                           \
                                      .count = 2,                                                  \
                                      .variants = symbol##_variants}
OPTION(t_maybe, "Option<i64>", t_i64, int64_t);
OPTION(t_twice, "Option<Option<i64>>", t_maybe, t_maybe_value);

#define MAP(symbol, of_key, of_value, K, V)                                                        \
    typedef struct {                                                                               \
        uint64_t hash;                                                                             \
        K key;                                                                                     \
        V value;                                                                                   \
    } symbol##_entry;                                                                              \
    STRUCT(symbol##_entries, "Entry", 0, symbol##_entry,                                           \
           {"hash", &t_u64, offsetof(symbol##_entry, hash), NULL},                                 \
           {"key", &(of_key), offsetof(symbol##_entry, key), NULL},                                \
           {"value", &(of_value), offsetof(symbol##_entry, value), NULL});                         \
    BUFFER(symbol##_buffer, symbol##_entries);                                                     \
    STRUCT(symbol, "Map", PRISM_MAP, map, {"entries", &symbol##_buffer, 0, NULL},                  \
           {"table", &t_table, 8, NULL})
typedef struct {
    prism_buffer *entries, *table;
} map;
MAP(t_counts, t_string, t_i64, prism_buffer *, int64_t);
MAP(t_numbered, t_i16, t_shape, int16_t, shape);
MAP(t_places, t_pair, t_string, point, prism_buffer *);
MAP(t_words, t_string, t_unit, prism_buffer *, prism_unit);
STRUCT(t_set, "Set<String>", PRISM_SET, map, {"map", &t_words, 0, NULL});
typedef struct {
    prism_buffer *front, *back;
} queue;
STRUCT(t_queue, "Queue<i64>", PRISM_QUEUE, queue, {"front", &t_ints, 0, NULL},
       {"back", &t_ints, 8, NULL});

// enum Tree { Leaf, Node(box(Tree), box(Tree)) }
typedef struct {
    uint32_t tag;
    prism_boxed *left, *right;
} tree;
static const prism_type t_tree;
static const prism_type t_tree_box = {.name = "box(Tree)",
                                      .kind = PRISM_BUFFER,
                                      .flags = PRISM_BOX,
                                      .size = 8,
                                      .align = 8,
                                      .element = &t_tree};
static const prism_field node_fields[] = {{NULL, &t_tree_box, offsetof(tree, left), NULL},
                                          {NULL, &t_tree_box, offsetof(tree, right), NULL}};
static const prism_variant tree_variants[] = {{"Leaf", NULL, 0}, {"Node", node_fields, 2}};
static const prism_type t_tree = {.name = "Tree",
                                  .kind = PRISM_ENUM,
                                  .size = sizeof(tree),
                                  .align = 8,
                                  .count = 2,
                                  .variants = tree_variants};

typedef struct {
    bool yes;
    uint32_t letter;
    uint8_t small;
    int16_t middle;
    int64_t large;
    uint64_t most;
    float narrow;
    double wide;
    prism_buffer *name, *raw;
    int64_t time;
    prism_buffer *shapes;
    point pair;
    t_maybe_value maybe;
    t_twice_value twice;
    map counts, numbered, places, words;
    queue line;
    tree root;
    int64_t given;
} all;

static inline void give_seven(prism_cx *cx, void *out) {
    (void)cx;
    memcpy(out, &(int64_t){7}, sizeof(int64_t));
}
#define FIELD(name, of)                                                                            \
    { #name, &(of), offsetof(all, name), NULL }
STRUCT(t_all, "All", 0, all, FIELD(yes, t_bool), FIELD(letter, t_char), FIELD(small, t_u8),
       FIELD(middle, t_i16), FIELD(large, t_i64), FIELD(most, t_u64), FIELD(narrow, t_f32),
       FIELD(wide, t_f64), FIELD(name, t_string), FIELD(raw, t_bytes), FIELD(time, t_duration),
       FIELD(shapes, t_shapes), FIELD(pair, t_pair), FIELD(maybe, t_maybe), FIELD(twice, t_twice),
       FIELD(counts, t_counts), FIELD(numbered, t_numbered), FIELD(places, t_places),
       FIELD(words, t_set), FIELD(line, t_queue), FIELD(root, t_tree),
       {"given", &t_i64, offsetof(all, given), give_seven});

static prism_pool no_pools[PRISM_POOLS];
static prism_cx the_cx = {.pools = no_pools};
static prism_cx *const cx = &the_cx;

// Everything is asked of the allocator above, and counted from here on.
static inline void begin_counting(void) {
    for (int i = 0; i < PRISM_POOLS; i++)
        no_pools[i].count = PRISM_BATCH;
    live_objects = bytes_made = 0;
}

static inline prism_buffer *text_of(const void *bytes, size_t len) {
    prism_buffer *b = NULL;
    prism_text_put(cx, &b, bytes, len);
    return b;
}

#endif
