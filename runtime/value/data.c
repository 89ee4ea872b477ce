// SPDX-License-Identifier: MIT
// Values as data, whatever the notation: their form, their parts, and how they are put together
// again.
#include "runtime/value/data.h"

#include <inttypes.h>
#include <stdio.h>

// ---- forms ----------------------------------------------------------------------------------

bool data_is_name(const prism_type *key) {
    enum data_form form = data_form(key);
    if (form != DATA_VARIANT)
        return form == DATA_TEXT || form == DATA_CHAR || form == DATA_INTEGER;
    for (uint32_t i = 0; i < key->count; i++)
        if (key->variants[i].field_count)
            return false;
    return true;
}

bool data_may_be_null(const prism_type *type) {
    while (type->kind == PRISM_BUFFER && (type->flags & PRISM_BOX))
        type = type->element;
    return type->kind == PRISM_UNIT || (type->kind == PRISM_ENUM && (type->flags & PRISM_OPTION));
}

// ---- parts ----------------------------------------------------------------------------------

static const prism_buffer *buffer_in(const prism_type *type, uint32_t field, const void *value) {
    return value_buffer((const char *)value + type->fields[field].offset);
}

uint64_t data_count(const prism_type *type, const void *value) {
    switch (data_form(type)) {
    case DATA_LIST:
        return prism_buffer_len(value_buffer(value));
    case DATA_MAP:
        return prism_buffer_len(buffer_in(type, 0, value));
    case DATA_SET:
        return data_count(type->fields[0].type, (const char *)value + type->fields[0].offset);
    case DATA_QUEUE:
        return prism_buffer_len(buffer_in(type, 0, value)) +
               prism_buffer_len(buffer_in(type, 1, value));
    case DATA_OPTION:
    case DATA_VARIANT:
        return value_variant(type, value)->field_count;
    default:
        return type->count;
    }
}

static const void *buffer_item(const prism_buffer *b, const prism_type *element, uint64_t at) {
    assert(at < prism_buffer_len(b));
    return b->data + at * element->size;
}

// Those of `front` leave first, the last one before the others.
static const void *queue_item(const prism_type *type, const void *value, uint64_t at) {
    const prism_type *element = type->fields[0].type->element;
    const prism_buffer *front = buffer_in(type, 0, value);
    uint64_t turned = prism_buffer_len(front);
    return at < turned ? buffer_item(front, element, turned - 1 - at)
                       : buffer_item(buffer_in(type, 1, value), element, at - turned);
}

const prism_type *data_item(const prism_type *type, const void *value, uint64_t at,
                            const void **item) {
    const prism_field *fields = type->fields;
    switch (data_form(type)) {
    case DATA_LIST:
        *item = buffer_item(value_buffer(value), type->element, at);
        return type->element;
    case DATA_QUEUE:
        *item = queue_item(type, value, at);
        return fields[0].type->element;
    case DATA_MAP:
        *item = buffer_item(buffer_in(type, 0, value), data_entry(type), at);
        return data_entry(type);
    case DATA_SET: {
        const prism_type *entry =
            data_item(fields[0].type, (const char *)value + fields[0].offset, at, item);
        *item = (const char *)*item + entry->fields[ENTRY_KEY].offset;
        return entry->fields[ENTRY_KEY].type;
    }
    case DATA_OPTION:
    case DATA_VARIANT:
        fields = value_variant(type, value)->fields;
        break;
    default:
        break;
    }
    *item = (const char *)value + fields[at].offset;
    return fields[at].type;
}

// ---- characters -----------------------------------------------------------------------------

static bool is_continuation(unsigned char c) {
    return (c & 0xc0) == 0x80;
}

size_t data_utf8_length(const unsigned char *p, size_t left) {
    if (p[0] < 0x80)
        return 1;
    size_t len = p[0] >= 0xc2 && p[0] <= 0xdf   ? 2
                 : (p[0] & 0xf0) == 0xe0        ? 3
                 : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4
                                                : 0;
    if (!len || len > left)
        return 0;
    for (size_t i = 1; i < len; i++)
        if (!is_continuation(p[i]))
            return 0;
    bool is_overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool is_beyond = (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf4 && p[1] > 0x8f);
    return is_overlong || is_beyond ? 0 : len;
}

bool prism_text_is_utf8(const void *bytes, size_t count) {
    const unsigned char *p = bytes;
    for (size_t i = 0, len; i < count; i += len)
        if (!(len = data_utf8_length(p + i, count - i)))
            return false;
    return true;
}

size_t data_utf8_put(uint32_t c, unsigned char out[4]) {
    if (c < 0x80)
        return out[0] = (unsigned char)c, 1;
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        out[i] = (unsigned char)(0x80 | (c & 63));
    out[0] = (unsigned char)(0xf00 >> len | c);
    return len;
}

uint32_t data_only_char(const unsigned char *bytes, size_t len) {
    if (!len || data_utf8_length(bytes, len) != len)
        return UINT32_MAX;
    if (len == 1)
        return bytes[0];
    uint32_t c = bytes[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++)
        c = c << 6 | (bytes[i] & 63);
    return c;
}

// ---- faults ---------------------------------------------------------------------------------

bool data_fault(struct data_reader *r, const unsigned char *at, const char *what) {
    if (r->has_fault)
        return false;
    r->has_fault = true;
    r->fault_at = (uint64_t)(at - r->start);
    prism_text_put(r->cx, &r->expected, what, strlen(what));
    return false;
}

bool data_fault_key(struct data_reader *r, const unsigned char *at, const char *name) {
    if (r->has_fault)
        return false;
    data_fault(r, at, "the key \"");
    prism_text_put(r->cx, &r->expected, name, strlen(name));
    prism_text_put(r->cx, &r->expected, "\"", 1);
    return false;
}

bool data_fault_items(struct data_reader *r, const unsigned char *at, uint32_t count) {
    char text[80];
    snprintf(text, sizeof text, "an array of %" PRIu32 " items", count);
    return data_fault(r, at, text);
}

bool data_fault_depth(struct data_reader *r, const unsigned char *at) {
    char text[80];
    snprintf(text, sizeof text, "no more than %d levels of nesting", DATA_DEPTH_MAX);
    return data_fault(r, at, text);
}

static uint64_t integer_most(const prism_type *type) {
    unsigned bits = 8 * type->size - (type->kind <= PRISM_I64);
    return bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
}

static bool fault_integer(struct data_reader *r, const unsigned char *at, const prism_type *type) {
    char text[80];
    uint64_t most = integer_most(type);
    snprintf(text, sizeof text, "an integer from %" PRId64 " to %" PRIu64,
             type->kind <= PRISM_I64 ? -(int64_t)most - 1 : 0, most);
    return data_fault(r, at, text);
}

static bool fault_variant(struct data_reader *r, const unsigned char *at, const prism_type *type) {
    if (r->has_fault)
        return false;
    size_t end = strcspn(type->name, "<("), from = end;
    while (from && type->name[from - 1] != '.')
        from--;
    data_fault(r, at, "a variant of ");
    prism_text_put(r->cx, &r->expected, type->name + from, strlen(type->name + from));
    return false;
}

bool data_fault_type(struct data_reader *r, const unsigned char *at, const prism_type *type) {
    switch (data_form(type)) {
    case DATA_NULL:
        return data_fault(r, at, "null");
    case DATA_BOOL:
        return data_fault(r, at, "true or false");
    case DATA_CHAR:
        return data_fault(r, at, "a string of one character");
    case DATA_INTEGER:
        return fault_integer(r, at, type);
    case DATA_FLOAT:
        return data_fault(r, at, type->kind == PRISM_F64 ? "a number of f64" : "a number of f32");
    case DATA_TEXT:
        return data_fault(r, at, "a string");
    case DATA_BYTES:
        return data_fault(r, at, r->is_cbor ? "a string of bytes" : "a string in Base64");
    case DATA_TUPLE:
        return data_fault_items(r, at, type->count);
    case DATA_MAP:
        if (!r->is_cbor && !data_is_name(data_key(type)))
            return data_fault(r, at, "an array of pairs");
        return data_fault(r, at, r->is_cbor ? "a map" : "an object");
    case DATA_RECORD:
        return data_fault(r, at, r->is_cbor ? "a map" : "an object");
    case DATA_OPTION:
        if (data_may_be_null(data_some(type)))
            return data_fault(r, at, "null or Some");
        return data_fault_type(r, at, data_some(type));
    case DATA_VARIANT:
        return fault_variant(r, at, type);
    case DATA_BOX:
        return data_fault_type(r, at, type->element);
    case DATA_SPAN:
        return data_fault_type(r, at, type->fields[0].type);
    default:
        return data_fault(r, at, "an array");
    }
}

// ---- putting together -----------------------------------------------------------------------

bool data_integer_fits(const prism_type *type, bool is_negative, uint64_t size) {
    uint64_t most = integer_most(type);
    if (!is_negative || !size)
        return size <= most;
    return type->kind <= PRISM_I64 && size <= most + 1;
}

void data_store_integer(const prism_type *type, bool is_negative, uint64_t size, void *out) {
    uint64_t value = is_negative ? 0 - size : size;
    memcpy(out, &value, type->size); // little-endian
}

void data_store_float(const prism_type *type, double value, void *out) {
    float single = (float)value;
    memcpy(out, type->kind == PRISM_F64 ? (void *)&value : (void *)&single, type->size);
}

void data_store_bytes(struct data_reader *r, const prism_type *type, const unsigned char *bytes,
                      size_t len, prism_buffer *own, void *out) {
    if (!own && len) {
        const prism_type *element = type->fields[0].type->element;
        own = prism_buffer_new(r->cx, element, len);
        if (own->capacity < len)
            prism_buffer_own(r->cx, &own, element, len);
        memcpy(own->data, bytes, len);
        own->len = len;
    }
    memcpy(out, &own, sizeof own);
}

void *data_push(struct data_reader *r, const prism_type *buffer, prism_buffer **b) {
    const prism_type *element = buffer->element;
    uint64_t len = prism_buffer_len(*b);
    if (!*b || (*b)->capacity == len)
        prism_buffer_own(r->cx, b, element, len + 1);
    void *item = (*b)->data + len * element->size;
    memset(item, 0, element->size);
    (*b)->len = len + 1;
    return item;
}

void *data_unbox(struct data_reader *r, const prism_type *box, void *out) {
    prism_boxed *b = prism_get(r->cx, sizeof *b + box->element->size);
    b->count = 1;
    memset(b->data, 0, box->element->size);
    memcpy(out, &b, sizeof b);
    return b->data;
}

void data_store_variant(uint32_t tag, void *out) {
    memcpy(out, &tag, sizeof tag);
}

static bool is_name(const char *name, const unsigned char *bytes, size_t len) {
    return strlen(name) == len && memcmp(name, bytes, len) == 0;
}

uint32_t data_find_variant(const prism_type *type, const unsigned char *name, size_t len) {
    for (uint32_t i = 0; i < type->count; i++)
        if (is_name(type->variants[i].name, name, len))
            return i;
    return UINT32_MAX;
}

uint32_t data_find_field(const prism_type *type, const unsigned char *name, size_t len,
                         uint32_t hint) {
    for (uint32_t i = hint; i < type->count; i++)
        if (is_name(type->fields[i].name, name, len))
            return i;
    for (uint32_t i = 0; i < hint && i < type->count; i++)
        if (is_name(type->fields[i].name, name, len))
            return i;
    return UINT32_MAX;
}

bool data_see(struct data_reader *r, const prism_type *type, struct data_seen *seen,
              uint32_t field) {
    if (field < 64) {
        bool is_new = !(seen->first >> field & 1);
        seen->first |= (uint64_t)1 << field;
        return is_new;
    }
    if (!seen->more) {
        seen->more = prism_alloc(r->cx, type->count - 64);
        memset(seen->more, 0, type->count - 64);
    }
    bool is_new = !seen->more[field - 64];
    seen->more[field - 64] = true;
    return is_new;
}

static void store_missing(struct data_reader *r, const prism_type *type, void *out) {
    while (type->kind == PRISM_BUFFER) {
        out = data_unbox(r, type, out);
        type = type->element;
    }
}

bool data_complete(struct data_reader *r, const prism_type *type, struct data_seen *seen,
                   const unsigned char *from, void *out) {
    bool is_whole = !r->has_fault && !prism_failed(r->cx);
    for (uint32_t i = 0; is_whole && i < type->count; i++) {
        const prism_field *f = &type->fields[i];
        if (i < 64 ? seen->first >> i & 1 : seen->more && seen->more[i - 64])
            continue;
        if (f->fallback)
            f->fallback(r->cx, (char *)out + f->offset);
        else if (data_may_be_null(f->type) && f->type->kind != PRISM_UNIT)
            store_missing(r, f->type, (char *)out + f->offset);
        else
            data_fault_key(r, from, f->name);
        is_whole = !r->has_fault && !prism_failed(r->cx);
    }
    if (seen->more)
        prism_free(r->cx, seen->more, type->count - 64);
    return is_whole;
}

// ---- maps: in the form that runtime/std/map.prism gives them --------------------------------

void *data_new_entry(struct data_reader *r, const prism_type *map, void *out) {
    return data_push(r, map->fields[0].type,
                     (prism_buffer **)(void *)((char *)out + map->fields[0].offset));
}

struct table {
    const prism_type *entry;
    prism_buffer *entries, **places;
    const prism_type *place;
};

static uint64_t hash_at(const struct table *t, uint64_t at) {
    uint64_t hash;
    memcpy(&hash, t->entries->data + at * t->entry->size + t->entry->fields[ENTRY_HASH].offset,
           sizeof hash);
    return hash;
}

static const void *key_at(const struct table *t, uint64_t at) {
    return t->entries->data + at * t->entry->size + t->entry->fields[ENTRY_KEY].offset;
}

// The first empty place for the hash, or that of an equal key if one is given.
static uint32_t *find_place(prism_cx *cx, const struct table *t, uint64_t hash, const void *key) {
    uint32_t *places = (uint32_t *)(void *)(*t->places)->data;
    uint64_t mask = (*t->places)->len - 1, at = hash & mask;
    const prism_type *type = t->entry->fields[ENTRY_KEY].type;
    while (places[at] && !(key && hash_at(t, places[at] - 1) == hash &&
                           prism_compare(cx, type, key_at(t, places[at] - 1), key) == 0))
        at = (at + 1) & mask;
    return &places[at];
}

static void rebuild(prism_cx *cx, const struct table *t) {
    uint64_t count = 8;
    while (count < 2 * t->entries->len)
        count *= 2;
    prism_buffer_drop(cx, *t->places);
    *t->places = NULL;
    prism_buffer_own(cx, t->places, t->place, count);
    memset((*t->places)->data, 0, count * sizeof(uint32_t));
    (*t->places)->len = count;
    for (uint64_t i = 0; i < t->entries->len; i++)
        *find_place(cx, t, hash_at(t, i), NULL) = (uint32_t)i + 1;
}

bool data_enter(struct data_reader *r, const prism_type *map, void *out) {
    struct table t = {
        .entry = data_entry(map),
        .places = (prism_buffer **)(void *)((char *)out + map->fields[1].offset),
        .place = map->fields[1].type->element,
    };
    memcpy(&t.entries, (char *)out + map->fields[0].offset, sizeof t.entries);
    uint64_t last = t.entries->len - 1;
    const void *key = key_at(&t, last);
    uint64_t hash = prism_hash(r->cx, t.entry->fields[ENTRY_KEY].type, key);
    memcpy(t.entries->data + last * t.entry->size + t.entry->fields[ENTRY_HASH].offset, &hash,
           sizeof hash);
    if (last) {
        uint32_t *place = find_place(r->cx, &t, hash, key);
        if (*place)
            return false;
        *place = (uint32_t)last + 1;
    }
    if (!last || 2 * t.entries->len > (*t.places)->len)
        rebuild(r->cx, &t);
    return true;
}

// ---- the door -------------------------------------------------------------------------------

prism_buffer *prism_encode(prism_cx *cx, enum prism_format format, const prism_type *type,
                           const void *value) {
    struct data_writer w = {.is_pretty = format == PRISM_JSON_PRETTY};
    steps_begin(&w.steps, cx);
    if (format == PRISM_CBOR)
        cbor_write(&w, type, value);
    else
        json_write(&w, type, value);
    steps_end(&w.steps);
    return w.out;
}

void prism_decode(prism_cx *cx, enum prism_format format, const prism_type *type,
                  const prism_buffer *lend_text, prism_decoded *out) {
    static const unsigned char nothing[1];
    const unsigned char *start = lend_text ? lend_text->data : nothing;
    struct data_reader r = {.cx = cx,
                            .start = start,
                            .at = start,
                            .end = start + prism_buffer_len(lend_text),
                            .is_cbor = format == PRISM_CBOR};
    prism_buffer *whole = prism_buffer_new(cx, type, 1);
    memset(whole->data, 0, type->size);
    whole->len = 1;
    bool is_read = r.is_cbor ? cbor_read(&r, type, whole->data) : json_read(&r, type, whole->data);
    if (!is_read) {
        prism_error *failure = cx->failure; // of a field's default
        cx->failure = NULL;
        prism_buffer_drop(cx, whole);
        cx->failure = failure;
        whole = NULL;
    }
    *out = (prism_decoded){whole, r.fault_at, r.expected};
}
