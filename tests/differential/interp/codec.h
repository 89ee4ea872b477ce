// SPDX-License-Identifier: MIT
// What the files of JSON and CBOR share: codec_write.c writes, codec_tree.c makes a tree of what
// comes in, whatever is wanted of it, codec_read.c makes a value of the tree.
#ifndef PRISM_TESTS_CODEC_H
#define PRISM_TESTS_CODEC_H

#include "tests/differential/interp/interp.h"

// Item `i` of a value whose zero has no box.
static inline struct value part(struct value v, int32_t i) {
    return v.box ? v.box->items[i] : value_zero;
}
static inline const struct mir_type *entry_type(const struct mir_type *map) {
    return map->fields.at[0].type->element;
}

bool codec_is_name(const struct mir_type *t);
bool codec_may_be_null(const struct mir_type *t);
// The length of the UTF-8 sequence that begins there, or 0.
size_t codec_utf8_len(struct str s, size_t at);

// ---- the tree -----------------------------------------------------------------------------------

enum node_kind {
    NODE_NULL,
    NODE_BOOL,
    NODE_NUMBER,  // of JSON: its text
    NODE_INTEGER, // of CBOR: is_negative, and its size without the sign
    NODE_FLOAT,
    NODE_TEXT,
    NODE_BYTES,
    NODE_ARRAY,
    NODE_OBJECT,
    NODE_OTHER,
};

struct node {
    enum node_kind kind;
    uint64_t at;
    struct str text;
    bool is_negative; // BOOL: it is true
    uint64_t size;
    double number;
    VEC(struct node *) keys, items;
};

struct in {
    struct arena *arena;
    struct interp *interp;
    struct str s;
    size_t at;
    bool is_cbor, is_wrong;
    struct node
        *cut; // here stands nothing that JSON knows: what was wanted is said, if anything was
    int depth;
    uint64_t fault_at;
    struct str expected;
};

// The first fault counts; NULL.
void *codec_fault(struct in *in, uint64_t at, struct str expected);
// What stands there, or NULL after a fault. Of JSON with the white space around it.
struct node *codec_tree(struct in *in);

#endif
