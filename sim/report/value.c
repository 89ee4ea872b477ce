// SPDX-License-Identifier: MIT
// Reading a tree of CBOR with libcbor's streaming decoder.
//
// The decoder calls back once for each head; the callback puts the item into the innermost
// container that still lacks one. A container's items are allocated only as they come (in doubling
// steps), so a head that claims a billion of them costs nothing.
#include "sim/report/value.h"

#include <assert.h>
#include <cbor.h>

struct open {
    struct value *container; // ARRAY or MAP
    uint64_t missing;        // items that it still lacks, keys counted
    int32_t count, capacity; // of items there
};

struct reader {
    struct arena *arena;
    struct value *root;
    struct open stack[VALUE_DEPTH_MAX];
    int depth;
    bool done, bad;
};

static void close_full(struct reader *r) {
    while (r->depth && !r->stack[r->depth - 1].missing) {
        struct open *o = &r->stack[--r->depth];
        o->container->len = o->container->kind == VALUE_MAP ? o->count / 2 : o->count;
    }
    r->done = r->depth == 0;
}

// The place of the next item: the root, or the innermost container's next.
static struct value *place(struct reader *r) {
    if (!r->depth)
        return r->root;
    struct open *o = &r->stack[r->depth - 1];
    assert(o->missing > 0);
    if (o->count == o->capacity)
        o->container->items = vec_grow(r->arena, o->container->items, &o->capacity, o->count,
                                       sizeof *o->container->items);
    o->missing--;
    return &o->container->items[o->count++];
}

static void put(struct reader *r, struct value v) {
    *place(r) = v;
    close_full(r);
}

static void open_container(struct reader *r, enum value_kind kind, uint64_t items) {
    if (r->depth == VALUE_DEPTH_MAX || items > INT32_MAX / 4) {
        r->bad = true;
        return;
    }
    struct value *v = place(r);
    *v = (struct value){.kind = kind};
    r->stack[r->depth++] = (struct open){.container = v, .missing = items};
    close_full(r);
}

// ---- callbacks -----------------------------------------------------------------------

static void on_uint8(void *r, uint8_t n) {
    put(r, (struct value){.kind = VALUE_UINT, .number = n});
}
static void on_uint16(void *r, uint16_t n) {
    put(r, (struct value){.kind = VALUE_UINT, .number = n});
}
static void on_uint32(void *r, uint32_t n) {
    put(r, (struct value){.kind = VALUE_UINT, .number = n});
}
static void on_uint64(void *r, uint64_t n) {
    put(r, (struct value){.kind = VALUE_UINT, .number = n});
}
static void on_negint8(void *r, uint8_t n) {
    put(r, (struct value){.kind = VALUE_NEGATIVE, .number = n});
}
static void on_negint16(void *r, uint16_t n) {
    put(r, (struct value){.kind = VALUE_NEGATIVE, .number = n});
}
static void on_negint32(void *r, uint32_t n) {
    put(r, (struct value){.kind = VALUE_NEGATIVE, .number = n});
}
static void on_negint64(void *r, uint64_t n) {
    put(r, (struct value){.kind = VALUE_NEGATIVE, .number = n});
}
static void on_string(void *context, cbor_data bytes, size_t len) {
    struct reader *r = context;
    struct str text = str_dup(r->arena, (struct str){(const char *)bytes, len});
    put(r, (struct value){.kind = VALUE_TEXT, .text = text});
}
static void on_array(void *r, size_t items) {
    open_container(r, VALUE_ARRAY, items);
}
static void on_map(void *r, size_t pairs) {
    open_container(r, VALUE_MAP, pairs > INT32_MAX ? UINT64_MAX : (uint64_t)pairs * 2);
}
static void on_boolean(void *r, bool b) {
    put(r, (struct value){.kind = VALUE_BOOL, .boolean = b});
}
static void on_null(void *r) {
    put(r, (struct value){.kind = VALUE_NULL});
}

static void refuse(void *r) {
    ((struct reader *)r)->bad = true;
}
static void refuse_bytes(void *r, cbor_data bytes, size_t len) {
    (void)bytes, (void)len;
    refuse(r);
}
static void refuse_tag(void *r, uint64_t tag) {
    (void)tag;
    refuse(r);
}
static void refuse_float(void *r, float f) {
    (void)f;
    refuse(r);
}
static void refuse_double(void *r, double f) {
    (void)f;
    refuse(r);
}

static const struct cbor_callbacks callbacks = {
    .uint8 = on_uint8,
    .uint16 = on_uint16,
    .uint32 = on_uint32,
    .uint64 = on_uint64,
    .negint8 = on_negint8,
    .negint16 = on_negint16,
    .negint32 = on_negint32,
    .negint64 = on_negint64,
    .byte_string_start = refuse,
    .byte_string = refuse_bytes,
    .string = on_string,
    .string_start = refuse,
    .indef_array_start = refuse,
    .array_start = on_array,
    .indef_map_start = refuse,
    .map_start = on_map,
    .tag = refuse_tag,
    .float2 = refuse_float,
    .float4 = refuse_float,
    .float8 = refuse_double,
    .undefined = refuse,
    .null = on_null,
    .boolean = on_boolean,
    .indef_break = refuse,
};

enum value_status value_read(struct arena *a, struct str bytes, struct value *out, size_t *used) {
    struct reader r = {.arena = a, .root = out};
    *out = (struct value){0};
    *used = 0;
    while (!r.done) {
        const unsigned char *next = (const unsigned char *)bytes.data + *used;
        if (*used == bytes.len)
            return VALUE_CUT;
        struct cbor_decoder_result result =
            cbor_stream_decode(next, bytes.len - *used, &callbacks, &r);
        if (result.status == CBOR_DECODER_ERROR || r.bad)
            return VALUE_BAD;
        if (result.status == CBOR_DECODER_NEDATA)
            return VALUE_CUT;
        *used += result.read;
    }
    return VALUE_READ;
}

// ---- members -------------------------------------------------------------------------

const struct value *value_get(const struct value *v, const char *key) {
    static const struct value nothing = {.kind = VALUE_NULL};
    if (v->kind != VALUE_MAP)
        return &nothing;
    for (int32_t i = 0; i < v->len; i++)
        if (v->items[2 * i].kind == VALUE_TEXT && str_is(v->items[2 * i].text, key))
            return &v->items[2 * i + 1];
    return &nothing;
}

uint64_t value_uint(const struct value *v, const char *key) {
    const struct value *member = value_get(v, key);
    return member->kind == VALUE_UINT ? member->number : 0;
}

int64_t value_int(const struct value *v, const char *key) {
    const struct value *member = value_get(v, key);
    uint64_t n = member->number > INT64_MAX ? INT64_MAX : member->number;
    if (member->kind == VALUE_NEGATIVE)
        return -1 - (int64_t)n;
    return member->kind == VALUE_UINT ? (int64_t)n : 0;
}

bool value_bool(const struct value *v, const char *key) {
    const struct value *member = value_get(v, key);
    return member->kind == VALUE_BOOL && member->boolean;
}

struct str value_text(const struct value *v, const char *key) {
    const struct value *member = value_get(v, key);
    return member->kind == VALUE_TEXT ? member->text : STR("");
}
