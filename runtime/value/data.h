// SPDX-License-Identifier: MIT
// What JSON and CBOR of a value have in common: its form as data, and what a reader is about.
// docs/language.md, "JSON and CBOR", is the specification; the interpreter follows the same.
//
// Include this in the files of runtime/value only.
#ifndef PRISM_VALUE_DATA_H
#define PRISM_VALUE_DATA_H

#include "runtime/value/steps.h"

enum data_form {
    DATA_NULL,
    DATA_BOOL,
    DATA_CHAR,
    DATA_INTEGER,
    DATA_FLOAT,
    DATA_TEXT,
    DATA_BYTES,
    DATA_LIST,
    DATA_TUPLE,
    DATA_RECORD,
    DATA_MAP,
    DATA_SET,
    DATA_QUEUE,
    DATA_OPTION,
    DATA_VARIANT,
    DATA_BOX, // transparent: what stands in it
    DATA_SPAN // transparent: the one field, nanoseconds
};
static inline enum data_form data_struct_form(const prism_type *type) {
    switch (type->flags & ~(unsigned)PRISM_PLAIN) {
    case 0:
        return DATA_RECORD;
    case PRISM_TEXT:
        return DATA_TEXT;
    case PRISM_BYTES:
        return DATA_BYTES;
    case PRISM_TUPLE:
        return DATA_TUPLE;
    case PRISM_MAP:
        return DATA_MAP;
    case PRISM_SET:
        return DATA_SET;
    case PRISM_QUEUE:
        return DATA_QUEUE;
    case PRISM_DURATION:
    case PRISM_INSTANT:
    case PRISM_LIST:
        return DATA_SPAN;
    default:
        return DATA_RECORD;
    }
}

// Only of plain data: the compiler lets nothing else here.
static inline enum data_form data_form(const prism_type *type) {
    switch ((enum prism_kind)type->kind) {
    case PRISM_UNIT:
        return DATA_NULL;
    case PRISM_BOOL:
        return DATA_BOOL;
    case PRISM_CHAR:
        return DATA_CHAR;
    case PRISM_F32:
    case PRISM_F64:
        return DATA_FLOAT;
    case PRISM_STRUCT:
        return data_struct_form(type);
    case PRISM_ENUM:
        return type->flags & PRISM_OPTION ? DATA_OPTION : DATA_VARIANT;
    case PRISM_BUFFER:
        return type->flags & PRISM_BOX ? DATA_BOX : DATA_LIST;
    default:
        assert(type->kind >= PRISM_I8 && type->kind <= PRISM_U64);
        return DATA_INTEGER;
    }
}

// The library's containers that are not just their one buffer.
enum { CONTAINERS = PRISM_MAP | PRISM_SET | PRISM_QUEUE };

// What a map's entry and the types around it consist of.
enum { ENTRY_HASH, ENTRY_KEY, ENTRY_VALUE };
static inline const prism_type *data_entry(const prism_type *map) {
    return map->fields[0].type->element;
}
static inline const prism_type *data_key(const prism_type *map) {
    return data_entry(map)->fields[ENTRY_KEY].type;
}

// Keys that are strings in JSON: text, characters, integers, enums without payload.
bool data_is_name(const prism_type *key);
// Its data may be null, so that an option of it has to say of Some that it is one.
bool data_may_be_null(const prism_type *type);
// The payload of an option.
static inline const prism_type *data_some(const prism_type *option) {
    return option->variants[1].fields[0].type;
}

// How many items a composite value has, and each of them; of a map and of what a map's entry is as
// a pair, entries and its two halves. `s` is of the form LIST, TUPLE, RECORD, MAP, SET, QUEUE or
// VARIANT.
uint64_t data_count(const prism_type *type, const void *value);
const prism_type *data_item(const prism_type *type, const void *value, uint64_t at,
                            const void **item);

static inline int64_t data_integer(const prism_type *type, const void *value) {
    uint64_t v = 0; // little-endian
    memcpy(&v, value, type->size);
    unsigned unused = 64 - 8 * type->size;
    return type->kind <= PRISM_I64 ? (int64_t)(v << unused) >> unused : (int64_t)v;
}
static inline double data_float(const prism_type *type, const void *value) {
    double d;
    float f;
    memcpy(type->kind == PRISM_F64 ? (void *)&d : (void *)&f, value, type->size);
    return type->kind == PRISM_F64 ? d : (double)f;
}

// The length of the well-formed UTF-8 sequence at p, of which `left` bytes are there, or 0.
size_t data_utf8_length(const unsigned char *p, size_t left);
size_t data_utf8_put(uint32_t scalar, unsigned char out[4]);
// The character that is all there is, or UINT32_MAX.
uint32_t data_only_char(const unsigned char *bytes, size_t len);

// ---- writing ----------------------------------------------------------------------------------

struct data_writer {
    struct steps steps; // what is open
    prism_buffer *out;
    bool is_pretty;
    uint32_t depth; // of lines
};

// Room for `count` bytes behind what was written; data_wrote says how many were.
static inline unsigned char *data_room(struct data_writer *w, size_t count) {
    uint64_t len = prism_buffer_len(w->out);
    if (PRISM_RARE(!w->out || w->out->capacity - len < count))
        prism_buffer_own(w->steps.cx, &w->out, &prism_type_u8, len + count);
    return w->out->data + len;
}
static inline void data_wrote(struct data_writer *w, size_t count) {
    w->out->len += count;
}
static inline void data_put(struct data_writer *w, const void *bytes, size_t count) {
    if (count) {
        memcpy(data_room(w, count), bytes, count);
        data_wrote(w, count);
    }
}

void json_write(struct data_writer *w, const prism_type *type, const void *value);
void cbor_write(struct data_writer *w, const prism_type *type, const void *value);

// ---- reading ----------------------------------------------------------------------------------

#define DATA_DEPTH_MAX 1000

// A value is read into zeroed memory. After a fault what was read so far stands there, and what was
// not is zero, so that it is dropped as any value.
struct data_reader {
    prism_cx *cx;
    const unsigned char *start, *at, *end;
    int32_t depth;
    bool is_cbor, has_fault;
    uint64_t fault_at;
    prism_buffer *expected;
};

// All of these are false, for their caller to return. The first fault counts. `what` is what had to
// stand at `at`.
__attribute__((cold)) bool data_fault(struct data_reader *r, const unsigned char *at,
                                      const char *what);
// What a value of the type looks like had to stand there.
__attribute__((cold)) bool data_fault_type(struct data_reader *r, const unsigned char *at,
                                           const prism_type *type);
__attribute__((cold)) bool data_fault_items(struct data_reader *r, const unsigned char *at,
                                            uint32_t count);
__attribute__((cold)) bool data_fault_depth(struct data_reader *r, const unsigned char *at);
__attribute__((cold)) bool data_fault_key(struct data_reader *r, const unsigned char *at,
                                          const char *name);

bool data_integer_fits(const prism_type *type, bool is_negative, uint64_t size);
// Stores it; `size` is what it is without its sign, which fits.
void data_store_integer(const prism_type *type, bool is_negative, uint64_t size, void *out);
void data_store_float(const prism_type *type, double value, void *out);
// A text or bytes; `own`, if it is not NULL, has them and is consumed.
void data_store_bytes(struct data_reader *r, const prism_type *type, const unsigned char *bytes,
                      size_t len, prism_buffer *own, void *out);
// One zero item more in a buffer.
void *data_push(struct data_reader *r, const prism_type *buffer, prism_buffer **b);
// What stands in a box, which is made: zero.
void *data_unbox(struct data_reader *r, const prism_type *box, void *out);
void data_store_variant(uint32_t tag, void *out);

// The variant of that name, UINT32_MAX if there is none.
uint32_t data_find_variant(const prism_type *type, const unsigned char *name, size_t len);
// The field of that name, looked for from `hint` on, UINT32_MAX if there is none.
uint32_t data_find_field(const prism_type *type, const unsigned char *name, size_t len,
                         uint32_t hint);

// Which fields of a record are there.
struct data_seen {
    uint64_t first;      // those below 64
    unsigned char *more; // the others, a byte each
};
bool data_see(struct data_reader *r, const prism_type *type, struct data_seen *seen,
              uint32_t field);
// Gives fields that were not seen what they have then; false where one has to be there. Ends
// `seen`.
bool data_complete(struct data_reader *r, const prism_type *type, struct data_seen *seen,
                   const unsigned char *from, void *out);

// The last entry of the map has got its key: is there an equal one? Else it is entered.
bool data_enter(struct data_reader *r, const prism_type *map, void *out);
// A new entry of the map, zero.
void *data_new_entry(struct data_reader *r, const prism_type *map, void *out);

bool json_read(struct data_reader *r, const prism_type *type, void *out);
bool cbor_read(struct data_reader *r, const prism_type *type, void *out);

#endif
