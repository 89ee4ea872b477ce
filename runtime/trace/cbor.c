// SPDX-License-Identifier: MIT
// CBOR over libcbor.
#include "runtime/trace/cbor.h"

#include <cbor.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// ---- writing ------------------------------------------------------------------------------------

enum { HEAD_MAX = 9 };

static unsigned char *room(struct cbor_out *o, size_t bytes) {
    if (o->capacity - o->len < bytes) {
        size_t capacity = o->capacity * 2 > o->len + bytes ? o->capacity * 2 : o->len + bytes + 256;
        o->bytes = realloc(o->bytes, capacity);
        if (!o->bytes)
            abort();
        o->capacity = capacity;
    }
    return o->bytes + o->len;
}

static void put_head(struct cbor_out *o, size_t (*encode)(size_t, unsigned char *, size_t),
                     size_t n) {
    unsigned char *at = room(o, HEAD_MAX);
    o->len += encode(n, at, HEAD_MAX);
}

void cbor_put_uint(struct cbor_out *o, uint64_t n) {
    unsigned char *at = room(o, HEAD_MAX);
    o->len += cbor_encode_uint(n, at, HEAD_MAX);
}

void cbor_put_int(struct cbor_out *o, int64_t n) {
    if (n >= 0) {
        cbor_put_uint(o, (uint64_t)n);
        return;
    }
    unsigned char *at = room(o, HEAD_MAX);
    o->len += cbor_encode_negint((uint64_t)(-1 - n), at, HEAD_MAX);
}

static void put_content(struct cbor_out *o, const void *bytes, size_t len) {
    if (len)
        memcpy(room(o, len), bytes, len);
    o->len += len;
}

void cbor_put_items(struct cbor_out *o, const struct cbor_out *items) {
    put_content(o, items->bytes, items->len);
}

void cbor_put_text(struct cbor_out *o, const char *text, size_t len) {
    put_head(o, cbor_encode_string_start, len);
    put_content(o, text, len);
}

void cbor_put_string(struct cbor_out *o, const char *terminated) {
    cbor_put_text(o, terminated, strlen(terminated));
}

void cbor_put_bytes(struct cbor_out *o, const void *bytes, size_t len) {
    put_head(o, cbor_encode_bytestring_start, len);
    put_content(o, bytes, len);
}

void cbor_put_array(struct cbor_out *o, size_t count) {
    put_head(o, cbor_encode_array_start, count);
}

void cbor_put_map(struct cbor_out *o, size_t count) {
    put_head(o, cbor_encode_map_start, count);
}

void cbor_put_bool(struct cbor_out *o, bool b) {
    unsigned char *at = room(o, HEAD_MAX);
    o->len += cbor_encode_bool(b, at, HEAD_MAX);
}

void cbor_put_null(struct cbor_out *o) {
    unsigned char *at = room(o, HEAD_MAX);
    o->len += cbor_encode_null(at, HEAD_MAX);
}

void cbor_out_free(struct cbor_out *o) {
    free(o->bytes);
    *o = (struct cbor_out){0};
}

// ---- reading ------------------------------------------------------------------------------------

static void set(void *to, enum cbor_kind kind, uint64_t n) {
    struct cbor_item *item = to;
    item->kind = kind;
    item->n = n;
}
static void on_u8(void *to, uint8_t n) {
    set(to, CBOR_UINT, n);
}
static void on_u16(void *to, uint16_t n) {
    set(to, CBOR_UINT, n);
}
static void on_u32(void *to, uint32_t n) {
    set(to, CBOR_UINT, n);
}
static void on_u64(void *to, uint64_t n) {
    set(to, CBOR_UINT, n);
}
static void on_n8(void *to, uint8_t n) {
    set(to, CBOR_NEGATIVE, n);
}
static void on_n16(void *to, uint16_t n) {
    set(to, CBOR_NEGATIVE, n);
}
static void on_n32(void *to, uint32_t n) {
    set(to, CBOR_NEGATIVE, n);
}
static void on_n64(void *to, uint64_t n) {
    set(to, CBOR_NEGATIVE, n);
}
static void on_bytes(void *to, cbor_data at, size_t n) {
    set(to, CBOR_BYTES, n);
    ((struct cbor_item *)to)->bytes = at;
}
static void on_text(void *to, cbor_data at, size_t n) {
    set(to, CBOR_TEXT, n);
    ((struct cbor_item *)to)->bytes = at;
}
static void on_array(void *to, size_t n) {
    set(to, CBOR_ARRAY, n);
}
static void on_map(void *to, size_t n) {
    set(to, CBOR_MAP, n);
}
static void on_bool(void *to, bool b) {
    set(to, CBOR_BOOL, b);
}
static void on_null(void *to) {
    set(to, CBOR_NULL, 0);
}

static struct cbor_callbacks callbacks(void) {
    struct cbor_callbacks c = cbor_empty_callbacks;
    c.uint8 = on_u8;
    c.uint16 = on_u16;
    c.uint32 = on_u32;
    c.uint64 = on_u64;
    c.negint8 = on_n8;
    c.negint16 = on_n16;
    c.negint32 = on_n32;
    c.negint64 = on_n64;
    c.byte_string = on_bytes;
    c.string = on_text;
    c.array_start = on_array;
    c.map_start = on_map;
    c.boolean = on_bool;
    c.null = on_null;
    return c;
}

struct cbor_item cbor_next(struct cbor_in *in) {
    struct cbor_item item = {.kind = CBOR_BAD};
    if (in->at == in->len)
        return (struct cbor_item){.kind = CBOR_END};
    struct cbor_callbacks c = callbacks();
    struct cbor_decoder_result r =
        cbor_stream_decode(in->bytes + in->at, in->len - in->at, &c, &item);
    if (r.status == CBOR_DECODER_NEDATA)
        return (struct cbor_item){.kind = CBOR_CUT};
    if (r.status != CBOR_DECODER_FINISHED || r.read > in->len - in->at)
        return (struct cbor_item){.kind = CBOR_BAD};
    in->at += r.read;
    return item;
}
