// SPDX-License-Identifier: MIT
// value: one CBOR item as a tree, read from bytes that may be cut short or hostile. Only what the
// records of docs/records.cddl use: unsigned and negative integers, text, arrays, maps, bool, null,
// all of definite length.
#ifndef PRISM_REPORT_VALUE_H
#define PRISM_REPORT_VALUE_H

#include "frontend/base/base.h"

#define VALUE_DEPTH_MAX 16

enum value_kind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_UINT,
    VALUE_NEGATIVE, // -1 - number
    VALUE_TEXT,
    VALUE_ARRAY,
    VALUE_MAP,
};

struct value {
    enum value_kind kind;
    bool boolean;
    uint64_t number;
    struct str text;     // a copy in the arena, terminated
    struct value *items; // ARRAY: len items. MAP: key, value, key, value …
    int32_t len;         // of MAP: pairs
};

enum value_status { VALUE_READ, VALUE_CUT, VALUE_BAD };

// Reads the item at the start of `bytes`. READ: *out is it and *used its length. CUT: the bytes end
// within it. BAD: no item of the kinds above, or nested deeper than VALUE_DEPTH_MAX.
enum value_status value_read(struct arena *a, struct str bytes, struct value *out, size_t *used);

// A member of a map; a null value if it is not there or `v` is no map. Never NULL.
const struct value *value_get(const struct value *v, const char *key);
// Members as what they should be; 0, "", false where they are not.
uint64_t value_uint(const struct value *v, const char *key);
int64_t value_int(const struct value *v, const char *key);
bool value_bool(const struct value *v, const char *key);
struct str value_text(const struct value *v, const char *key); // terminated

#endif
