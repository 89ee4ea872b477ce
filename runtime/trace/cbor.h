// SPDX-License-Identifier: MIT
// cbor: writing CBOR into a growing buffer, and reading it item by item, over libcbor's encoders
// and its streaming decoder. Definite lengths and integers, bytes, text, arrays, maps, booleans and
// null only; no tree.
#ifndef PRISM_TRACE_CBOR_H
#define PRISM_TRACE_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- writing ------------------------------------------------------------------------------------

struct cbor_out {
    unsigned char *bytes; // malloc'ed; freed by cbor_out_free
    size_t len, capacity;
};
void cbor_put_uint(struct cbor_out *o, uint64_t n);
void cbor_put_int(struct cbor_out *o, int64_t n);
void cbor_put_text(struct cbor_out *o, const char *text, size_t len);
void cbor_put_string(struct cbor_out *o, const char *terminated);
void cbor_put_bytes(struct cbor_out *o, const void *bytes, size_t len);
void cbor_put_array(struct cbor_out *o, size_t count); // the items follow
void cbor_put_map(struct cbor_out *o, size_t count);   // keys and values follow
void cbor_put_bool(struct cbor_out *o, bool b);
void cbor_put_null(struct cbor_out *o);
// Items that were written elsewhere.
void cbor_put_items(struct cbor_out *o, const struct cbor_out *items);
void cbor_out_free(struct cbor_out *o);

// ---- reading ------------------------------------------------------------------------------------

enum cbor_kind {
    CBOR_END,      // nothing is left
    CBOR_CUT,      // the bytes end within an item
    CBOR_BAD,      // not CBOR, or of a kind that is not used here
    CBOR_UINT,     // n
    CBOR_NEGATIVE, // -1 - n
    CBOR_BYTES,    // bytes, n of them
    CBOR_TEXT,     // the same; UTF-8 is not checked
    CBOR_ARRAY,    // n items follow
    CBOR_MAP,      // n pairs follow
    CBOR_BOOL,     // n
    CBOR_NULL,
};
struct cbor_in {
    const unsigned char *bytes;
    size_t len, at;
};
struct cbor_item {
    enum cbor_kind kind;
    uint64_t n;
    const unsigned char *bytes;
};
// Reads the next item's head (with the content of bytes and text).
struct cbor_item cbor_next(struct cbor_in *in);

#endif
