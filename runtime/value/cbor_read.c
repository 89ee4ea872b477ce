// SPDX-License-Identifier: MIT
// CBOR to values, by their type (RFC 8949). What is well-formed is taken in any of its forms, of
// unknown length too, but not tagged; keys that come twice, text that is no UTF-8, numbers that do
// not fit and bytes behind the value are faults. Nothing is made by a length that the input only
// claims: a string has to be there, and arrays grow as their items come.
#include "runtime/value/data.h"

enum major { UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE };
enum { FALSE_ = 20, TRUE_ = 21, NULL_ = 22, HALF = 25, SINGLE = 26, DOUBLE = 27, ENDLESS = 31 };
enum { BREAK = 0xff };

struct head {
    const unsigned char *from;
    enum major major;
    unsigned info;
    uint64_t value; // the number behind it
};

static bool is_endless(const struct head *h) {
    return h->info == ENDLESS;
}

// Goes over the head of a data item.
static bool read_head(struct data_reader *r, struct head *h) {
    if (r->at == r->end)
        return data_fault(r, r->at, "a data item");
    h->from = r->at;
    h->major = (enum major)(*r->at >> 5);
    h->info = *r->at++ & 31;
    h->value = h->info;
    if (h->info < 24)
        return true;
    if (h->info > 27) {
        bool has_end = h->major >= BYTES && h->major <= MAP && is_endless(h);
        return has_end || data_fault(r, h->from, "a data item");
    }
    size_t count = (size_t)1 << (h->info - 24);
    if ((size_t)(r->end - r->at) < count)
        return data_fault(r, r->end, "more bytes");
    h->value = 0;
    for (size_t i = 0; i < count; i++)
        h->value = h->value << 8 | *r->at++;
    if (h->major == SIMPLE && h->info == 24 && h->value < 32)
        return data_fault(r, h->from, "a data item");
    return true;
}

static bool accept_break(struct data_reader *r) {
    if (r->at == r->end || *r->at != BREAK)
        return false;
    r->at++;
    return true;
}

// The items of an array, or the keys and values of a map.
struct items {
    uint64_t left;
    bool is_endless;
};

static bool enter(struct data_reader *r, const struct head *h, struct items *items) {
    if (r->depth == DATA_DEPTH_MAX)
        return data_fault_depth(r, h->from);
    r->depth++;
    *items = (struct items){h->value, is_endless(h)};
    return true;
}

// Is there another one? After the last one it is left.
static bool has_item(struct data_reader *r, struct items *items) {
    bool has = items->is_endless ? !accept_break(r) : items->left > 0;
    if (has && !items->is_endless)
        items->left--;
    r->depth -= !has;
    return has;
}

// ---- strings --------------------------------------------------------------------------------

static bool check_utf8(struct data_reader *r, const unsigned char *p, const unsigned char *end) {
    while (p < end) {
        size_t len = data_utf8_length(p, (size_t)(end - p));
        if (!len)
            return data_fault(r, p, "UTF-8");
        p += len;
    }
    return true;
}

// The bytes of a string of known length.
static bool read_run(struct data_reader *r, const struct head *h, const unsigned char **bytes) {
    if ((uint64_t)(r->end - r->at) < h->value)
        return data_fault(r, r->end, "more bytes");
    *bytes = r->at;
    r->at += h->value;
    return h->major == BYTES || check_utf8(r, *bytes, r->at);
}

struct string {
    const unsigned char *bytes;
    size_t len;
    prism_buffer *own; // it came in parts
};

static bool read_parts_of_string(struct data_reader *r, enum major major, struct string *s) {
    while (!accept_break(r)) {
        struct head part;
        const unsigned char *bytes;
        if (!read_head(r, &part))
            return false;
        if (part.major != major || is_endless(&part))
            return data_fault(r, part.from, "a part of a string");
        if (!read_run(r, &part, &bytes))
            return false;
        prism_text_put(r->cx, &s->own, bytes, part.value);
    }
    return true;
}

// What is behind the head of a string. What it owns goes to the caller if it is true.
static bool read_string(struct data_reader *r, const struct head *h, struct string *s) {
    *s = (struct string){.len = h->value};
    if (!is_endless(h))
        return read_run(r, h, &s->bytes);
    if (!read_parts_of_string(r, h->major, s)) {
        prism_buffer_drop(r->cx, s->own);
        return false;
    }
    s->len = prism_buffer_len(s->own);
    s->bytes = s->len ? s->own->data : r->at;
    return true;
}

static bool read_bytes(struct data_reader *r, enum major major, const prism_type *type, void *out) {
    struct head h;
    struct string s;
    if (!read_head(r, &h))
        return false;
    if (h.major != major)
        return data_fault_type(r, h.from, type);
    if (!read_string(r, &h, &s))
        return false;
    data_store_bytes(r, type, s.bytes, s.len, s.own, out);
    return true;
}

static bool read_char(struct data_reader *r, const prism_type *type, void *out) {
    struct head h;
    struct string s;
    if (!read_head(r, &h))
        return false;
    if (h.major != TEXT)
        return data_fault_type(r, h.from, type);
    if (!read_string(r, &h, &s))
        return false;
    uint32_t c = data_only_char(s.bytes, s.len);
    prism_buffer_drop(r->cx, s.own);
    if (c == UINT32_MAX)
        return data_fault_type(r, h.from, type);
    memcpy(out, &c, sizeof c);
    return true;
}

// ---- numbers --------------------------------------------------------------------------------

static bool read_integer(struct data_reader *r, const prism_type *type, void *out) {
    struct head h;
    if (!read_head(r, &h))
        return false;
    bool is_negative = h.major == NEGATIVE; // it is -1 - value
    if (h.major > NEGATIVE || (is_negative && h.value == UINT64_MAX) ||
        !data_integer_fits(type, is_negative, h.value + is_negative))
        return data_fault_type(r, h.from, type);
    data_store_integer(type, is_negative, h.value + is_negative, out);
    return true;
}

static double half_value(uint64_t bits) {
    uint64_t exponent = bits >> 10 & 31, fraction = bits & 0x3ff;
    double size;
    if (exponent == 31)
        size = fraction ? __builtin_nan("") : __builtin_inf();
    else if (exponent == 0)
        size = (double)fraction / 16777216.0; // 2^24
    else
        size = (double)(fraction | 0x400) * (double)(1u << exponent) / 33554432.0; // 2^25
    return bits >> 15 ? -size : size;
}

// The number that a head stands for; false where it is none.
static bool float_of(const struct head *h, double *value) {
    uint32_t narrow = (uint32_t)h->value;
    float single;
    if (h->major == SIMPLE && h->info == DOUBLE) {
        memcpy(value, &h->value, sizeof *value);
    } else if (h->major == SIMPLE && h->info == SINGLE) {
        memcpy(&single, &narrow, sizeof single);
        *value = (double)single;
    } else if (h->major == SIMPLE && h->info == HALF) {
        *value = half_value(h->value);
    } else if (h->major <= NEGATIVE && h->value < (uint64_t)1 << 53) { // all these are exact
        *value = h->major == NEGATIVE ? -1 - (double)h->value : (double)h->value;
    } else {
        return false;
    }
    return true;
}

static bool read_float(struct data_reader *r, const prism_type *type, void *out) {
    struct head h;
    double value;
    if (!read_head(r, &h))
        return false;
    bool is_right = float_of(&h, &value);
    if (is_right && type->kind == PRISM_F32)
        is_right = value != value || (double)(float)value == value;
    if (!is_right)
        return data_fault_type(r, h.from, type);
    data_store_float(type, value, out);
    return true;
}

// ---- what nobody wants ----------------------------------------------------------------------

static bool skip_value(struct data_reader *r);

static bool skip_items(struct data_reader *r, const struct head *h, bool is_map) {
    struct items items = {0};
    if (!enter(r, h, &items))
        return false;
    while (has_item(r, &items))
        if (!skip_value(r) || (is_map && !skip_value(r)))
            return false;
    return true;
}

static bool skip_value(struct data_reader *r) {
    struct head h;
    struct string s;
    bool is_right;
    if (!read_head(r, &h))
        return false;
    switch (h.major) {
    case BYTES:
    case TEXT:
        if (!read_string(r, &h, &s))
            return false;
        prism_buffer_drop(r->cx, s.own);
        return true;
    case ARRAY:
    case MAP:
        return skip_items(r, &h, h.major == MAP);
    case TAG:
        if (r->depth == DATA_DEPTH_MAX)
            return data_fault_depth(r, h.from);
        r->depth++;
        is_right = skip_value(r);
        r->depth--;
        return is_right;
    default:
        return true;
    }
}

// ---- what holds others ----------------------------------------------------------------------

static bool read_value(struct data_reader *r, const prism_type *type, void *out);

// The head of an array or map, which is entered.
static bool open(struct data_reader *r, enum major major, const prism_type *type,
                 struct items *items) {
    struct head h;
    if (!read_head(r, &h))
        return false;
    if (h.major != major)
        return data_fault_type(r, h.from, type);
    return enter(r, &h, items);
}

static bool read_items(struct data_reader *r, const prism_type *type, const prism_type *buffer,
                       void *out) {
    struct items items = {0};
    if (!open(r, ARRAY, type, &items))
        return false;
    while (has_item(r, &items))
        if (!read_value(r, buffer->element, data_push(r, buffer, (prism_buffer **)out)))
            return false;
    return true;
}

static bool read_parts(struct data_reader *r, const prism_field *fields, uint32_t count,
                       void *out) {
    const unsigned char *from = r->at;
    struct head h;
    struct items items = {0};
    if (!read_head(r, &h))
        return false;
    if (h.major != ARRAY)
        return data_fault_items(r, from, count);
    if (!enter(r, &h, &items))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!has_item(r, &items))
            return data_fault_items(r, from, count);
        if (!read_value(r, fields[i].type, (char *)out + fields[i].offset))
            return false;
    }
    return !has_item(r, &items) || data_fault_items(r, from, count);
}

// A key that is a name.
static bool read_name(struct data_reader *r, struct string *s) {
    struct head h;
    if (!read_head(r, &h))
        return false;
    if (h.major != TEXT)
        return data_fault(r, h.from, "a key");
    return read_string(r, &h, s);
}

static bool read_field(struct data_reader *r, const prism_type *type, struct data_seen *seen,
                       uint32_t *hint, void *out) {
    const unsigned char *key_at = r->at;
    struct string key;
    if (!read_name(r, &key))
        return false;
    uint32_t f = data_find_field(type, key.bytes, key.len, *hint);
    prism_buffer_drop(r->cx, key.own);
    if (f == UINT32_MAX)
        return skip_value(r);
    if (!data_see(r, type, seen, f))
        return data_fault(r, key_at, "each key once");
    *hint = f + 1;
    return read_value(r, type->fields[f].type, (char *)out + type->fields[f].offset);
}

static bool read_record(struct data_reader *r, const prism_type *type, void *out) {
    const unsigned char *from = r->at;
    struct data_seen seen = {0};
    struct items items = {0};
    uint32_t hint = 0;
    bool is_right = true;
    if (!open(r, MAP, type, &items))
        return false;
    while (is_right && has_item(r, &items))
        is_right = read_field(r, type, &seen, &hint, out);
    return data_complete(r, type, &seen, from, out) && is_right;
}

static bool read_map(struct data_reader *r, const prism_type *type, void *out) {
    const prism_field *fields = data_entry(type)->fields;
    struct items items = {0};
    if (!open(r, MAP, type, &items))
        return false;
    while (has_item(r, &items)) {
        const unsigned char *key_at = r->at;
        char *entry = data_new_entry(r, type, out);
        if (!read_value(r, fields[ENTRY_KEY].type, entry + fields[ENTRY_KEY].offset))
            return false;
        if (!data_enter(r, type, out))
            return data_fault(r, key_at, "each key once");
        if (!read_value(r, fields[ENTRY_VALUE].type, entry + fields[ENTRY_VALUE].offset))
            return false;
    }
    return true;
}

static bool read_set(struct data_reader *r, const prism_type *type, void *out) {
    const prism_type *map = type->fields[0].type;
    const prism_field *key = &data_entry(map)->fields[ENTRY_KEY];
    void *inside = (char *)out + type->fields[0].offset;
    struct items items = {0};
    if (!open(r, ARRAY, type, &items))
        return false;
    while (has_item(r, &items)) {
        const unsigned char *item_at = r->at;
        char *entry = data_new_entry(r, map, inside);
        if (!read_value(r, key->type, entry + key->offset))
            return false;
        if (!data_enter(r, map, inside))
            return data_fault(r, item_at, "each item once");
    }
    return true;
}

// The variant that a string names, with or without a payload as is wanted.
static uint32_t take_variant(struct data_reader *r, const prism_type *type, struct string *s,
                             bool has_payload) {
    uint32_t tag = data_find_variant(type, s->bytes, s->len);
    prism_buffer_drop(r->cx, s->own);
    return tag != UINT32_MAX && (type->variants[tag].field_count > 0) == has_payload ? tag
                                                                                     : UINT32_MAX;
}

// {"Name": payload}; its head was read.
static bool read_payload(struct data_reader *r, const struct head *h, const prism_type *type,
                         void *out) {
    struct items items = {0};
    struct string name;
    if (!enter(r, h, &items))
        return false;
    if (!has_item(r, &items))
        return data_fault_type(r, h->from, type);
    if (!read_name(r, &name))
        return false;
    uint32_t tag = take_variant(r, type, &name, true);
    if (tag == UINT32_MAX)
        return data_fault_type(r, h->from, type);
    const prism_variant *v = &type->variants[tag];
    data_store_variant(tag, out);
    if (v->field_count > 1 ? !read_parts(r, v->fields, v->field_count, out)
                           : !read_value(r, v->fields[0].type, (char *)out + v->fields[0].offset))
        return false;
    return !has_item(r, &items) || data_fault_type(r, h->from, type);
}

static bool read_variant(struct data_reader *r, const prism_type *type, void *out) {
    struct head h;
    struct string name;
    if (!read_head(r, &h))
        return false;
    if (h.major == MAP)
        return read_payload(r, &h, type, out);
    if (h.major != TEXT)
        return data_fault_type(r, h.from, type);
    if (!read_string(r, &h, &name))
        return false;
    uint32_t tag = take_variant(r, type, &name, false);
    if (tag == UINT32_MAX)
        return data_fault_type(r, h.from, type);
    data_store_variant(tag, out);
    return true;
}

// Takes this simple value.
static bool accept_simple(struct data_reader *r, unsigned value) {
    if (r->at == r->end || *r->at != (SIMPLE << 5 | value))
        return false;
    r->at++;
    return true;
}

static bool read_option(struct data_reader *r, const prism_type *type, void *out) {
    struct head h;
    if (accept_simple(r, NULL_))
        return true; // zero is None
    const prism_field *some = &type->variants[1].fields[0];
    if (!data_may_be_null(some->type)) {
        data_store_variant(1, out);
        return read_value(r, some->type, (char *)out + some->offset);
    }
    if (!read_head(r, &h))
        return false;
    return h.major == MAP ? read_payload(r, &h, type, out) : data_fault_type(r, h.from, type);
}

static bool read_bool(struct data_reader *r, const prism_type *type, void *out) {
    bool value = accept_simple(r, TRUE_);
    if (!value && !accept_simple(r, FALSE_))
        return data_fault_type(r, r->at, type);
    memcpy(out, &value, sizeof value);
    return true;
}

static bool read_value(struct data_reader *r, const prism_type *type, void *out) {
    for (;;) {
        switch (data_form(type)) {
        case DATA_NULL:
            return accept_simple(r, NULL_) || data_fault_type(r, r->at, type);
        case DATA_BOOL:
            return read_bool(r, type, out);
        case DATA_CHAR:
            return read_char(r, type, out);
        case DATA_INTEGER:
            return read_integer(r, type, out);
        case DATA_FLOAT:
            return read_float(r, type, out);
        case DATA_TEXT:
            return read_bytes(r, TEXT, type, out);
        case DATA_BYTES:
            return read_bytes(r, BYTES, type, out);
        case DATA_LIST:
            return read_items(r, type, type, out);
        case DATA_QUEUE:
            return read_items(r, type, type->fields[1].type, (char *)out + type->fields[1].offset);
        case DATA_TUPLE:
            return read_parts(r, type->fields, type->count, out);
        case DATA_RECORD:
            return read_record(r, type, out);
        case DATA_MAP:
            return read_map(r, type, out);
        case DATA_SET:
            return read_set(r, type, out);
        case DATA_OPTION:
            return read_option(r, type, out);
        case DATA_VARIANT:
            return read_variant(r, type, out);
        case DATA_BOX:
            out = data_unbox(r, type, out);
            type = type->element;
            break;
        case DATA_SPAN:
            out = (char *)out + type->fields[0].offset;
            type = type->fields[0].type;
            break;
        }
    }
}

bool cbor_read(struct data_reader *r, const prism_type *type, void *out) {
    if (!read_value(r, type, out))
        return false;
    return r->at == r->end || data_fault(r, r->at, "the end of the input");
}
