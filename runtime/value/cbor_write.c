// SPDX-License-Identifier: MIT
// CBOR of values (RFC 8949) in its preferred serialization: shortest heads, shortest floats that
// keep the value, all lengths known. Fields come as declared and entries as inserted, so that a map
// that is read again is the same one. docs/language.md says what becomes what.
#include "runtime/value/data.h"

enum major { UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, SIMPLE = 7 };
enum { FALSE_ = 20, TRUE_ = 21, NULL_ = 22, HALF = 25, SINGLE = 26, DOUBLE = 27 };

// A head byte and `count` bytes of value, high byte first.
static void put_wide(struct data_writer *w, enum major major, unsigned low, uint64_t value,
                     unsigned count) {
    unsigned char *out = data_room(w, 9);
    out[0] = (unsigned char)(major << 5 | low);
    for (unsigned i = 0; i < count; i++)
        out[1 + i] = (unsigned char)(value >> 8 * (count - 1 - i));
    data_wrote(w, count + 1);
}

static void put_head(struct data_writer *w, enum major major, uint64_t value) {
    if (value < 24)
        put_wide(w, major, (unsigned)value, 0, 0);
    else if (value <= UINT8_MAX)
        put_wide(w, major, 24, value, 1);
    else if (value <= UINT16_MAX)
        put_wide(w, major, 25, value, 2);
    else if (value <= UINT32_MAX)
        put_wide(w, major, 26, value, 4);
    else
        put_wide(w, major, 27, value, 8);
}

static void put_run(struct data_writer *w, enum major major, const void *bytes, size_t count) {
    put_head(w, major, count);
    data_put(w, bytes, count);
}

static void put_name(struct data_writer *w, const char *name) {
    put_run(w, TEXT, name, strlen(name));
}

static void put_simple(struct data_writer *w, unsigned value) {
    put_wide(w, SIMPLE, value, 0, 0);
}

static void put_integer(struct data_writer *w, const prism_type *type, const void *value) {
    int64_t v = data_integer(type, value);
    if (type->kind <= PRISM_I64 && v < 0)
        put_head(w, NEGATIVE, ~(uint64_t)v);
    else
        put_head(w, UNSIGNED, (uint64_t)v);
}

// The half with the value of a single, if there is one.
static bool half_of(uint32_t single, uint16_t *half) {
    uint32_t sign = single >> 31, exponent = single >> 23 & 0xff, fraction = single & 0x7fffff;
    int power = (int)exponent - 127;
    if (exponent == 0xff && fraction == 0) // infinite
        *half = (uint16_t)(sign << 15 | 0x7c00);
    else if (exponent == 0 && fraction == 0)
        *half = (uint16_t)(sign << 15);
    else if (power >= -14 && power <= 15 && !(fraction & 0x1fff))
        *half = (uint16_t)(sign << 15 | (uint32_t)(power + 15) << 10 | fraction >> 13);
    else if (power >= -24 && power < -14 && !((fraction | 0x800000) & ((1u << (-power - 1)) - 1)))
        *half = (uint16_t)(sign << 15 | (fraction | 0x800000) >> (-power - 1));
    else
        return false;
    return true;
}

static void put_float(struct data_writer *w, double value) {
    float narrow = (float)value;
    uint64_t wide_bits;
    uint32_t bits;
    uint16_t half;
    memcpy(&wide_bits, &value, sizeof wide_bits);
    memcpy(&bits, &narrow, sizeof bits);
    if (value != value)
        put_wide(w, SIMPLE, HALF, 0x7e00, 2);
    else if ((double)narrow != value)
        put_wide(w, SIMPLE, DOUBLE, wide_bits, 8);
    else if (half_of(bits, &half))
        put_wide(w, SIMPLE, HALF, half, 2);
    else
        put_wide(w, SIMPLE, SINGLE, bits, 4);
}

// What is no UTF-8 becomes U+FFFD, byte by byte.
static void put_repaired(struct data_writer *w, const prism_buffer *b, size_t wrong) {
    put_head(w, TEXT, b->len + 2 * wrong);
    for (size_t i = 0, len; i < b->len; i += len) {
        len = data_utf8_length(b->data + i, b->len - i);
        data_put(w, len ? (const void *)(b->data + i) : "\xef\xbf\xbd", len ? len : 3);
        len = len ? len : 1;
    }
}

static void put_text(struct data_writer *w, const prism_buffer *b) {
    size_t wrong = 0, count = prism_buffer_len(b);
    for (size_t i = 0, len; i < count; i += len ? len : 1) {
        len = data_utf8_length(b->data + i, count - i);
        wrong += !len;
    }
    if (wrong)
        put_repaired(w, b, wrong);
    else
        put_run(w, TEXT, b ? b->data : NULL, count);
}

static void put_scalar(struct data_writer *w, const void *value) {
    uint32_t c;
    unsigned char bytes[4];
    memcpy(&c, value, sizeof c);
    put_run(w, TEXT, bytes, data_utf8_put(c, bytes));
}

// ---- what holds others ----------------------------------------------------------------------

static void push(struct data_writer *w, const prism_type *type, const void *value) {
    enum data_form form = data_form(type);
    uint64_t count = data_count(type, value);
    put_head(w, form == DATA_RECORD || form == DATA_MAP ? MAP : ARRAY, count);
    // Of an entry key and value count singly.
    steps_push(&w->steps,
               (struct step){type, value, NULL, 0, form == DATA_MAP ? 2 * count : count});
}

// A variant with a payload: {"Name": value}, {"Name": [value, …]}.
static void open_payload(struct data_writer *w, const prism_type *type, const void *value) {
    const prism_variant *v = value_variant(type, value);
    put_head(w, MAP, 1);
    put_name(w, v->name);
    if (v->field_count > 1)
        put_head(w, ARRAY, v->field_count);
    steps_push(&w->steps, (struct step){type, value, NULL, 0, v->field_count});
}

static void open_value(struct data_writer *w, const prism_type *type, const void *value) {
    for (;;) {
        switch (data_form(type)) {
        case DATA_NULL:
            put_simple(w, NULL_);
            return;
        case DATA_BOOL:
            put_simple(w, *(const bool *)value ? TRUE_ : FALSE_);
            return;
        case DATA_CHAR:
            put_scalar(w, value);
            return;
        case DATA_INTEGER:
            put_integer(w, type, value);
            return;
        case DATA_FLOAT:
            put_float(w, data_float(type, value));
            return;
        case DATA_TEXT:
            put_text(w, value_buffer(value));
            return;
        case DATA_BYTES: {
            const prism_buffer *b = value_buffer(value);
            put_run(w, BYTES, b ? b->data : NULL, prism_buffer_len(b));
            return;
        }
        case DATA_BOX:
            value = value_in_box(type, value);
            type = type->element;
            break;
        case DATA_SPAN:
            type = type->fields[0].type;
            break;
        case DATA_OPTION:
            if (!value_variant(type, value)->field_count) {
                put_simple(w, NULL_);
                return;
            }
            if (data_may_be_null(data_some(type))) {
                open_payload(w, type, value);
                return;
            }
            value = (const char *)value + type->variants[1].fields[0].offset;
            type = data_some(type);
            break;
        case DATA_VARIANT:
            if (value_variant(type, value)->field_count)
                open_payload(w, type, value);
            else
                put_name(w, value_variant(type, value)->name);
            return;
        default:
            push(w, type, value);
            return;
        }
    }
}

static void put_next(struct data_writer *w) {
    struct step *top = steps_top(&w->steps);
    uint64_t at = top->at++;
    struct step s = *top;
    enum data_form form = data_form(s.type);
    const void *value;
    if (form == DATA_MAP) {
        const prism_type *entry = data_item(s.type, s.a, at / 2, &value);
        const prism_field *half = &entry->fields[at % 2 ? ENTRY_VALUE : ENTRY_KEY];
        open_value(w, half->type, (const char *)value + half->offset);
        return;
    }
    const prism_type *type = data_item(s.type, s.a, at, &value);
    if (form == DATA_RECORD)
        put_name(w, s.type->fields[at].name);
    open_value(w, type, value);
}

void cbor_write(struct data_writer *w, const prism_type *type, const void *value) {
    open_value(w, type, value);
    while (w->steps.len) {
        struct step *top = steps_top(&w->steps);
        if (top->at < top->count)
            put_next(w);
        else
            steps_pop(&w->steps);
    }
}
