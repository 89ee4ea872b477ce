// SPDX-License-Identifier: MIT
// CBOR of values, deterministic (RFC 8949, 4.2.1): shortest heads, shortest floats that keep the
// value, map keys in the order of their bytes. value.h says what becomes what.
#include "runtime/value/steps.h"

enum major { UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, SIMPLE = 7 };
enum { FALSE_ = 20, TRUE_ = 21, NULL_ = 22, HALF = 25, SINGLE = 26, DOUBLE = 27 };

struct encoder {
    struct steps steps;
    prism_buffer **out;
};

// A head byte and `count` bytes of value, high byte first.
static void put_wide(struct encoder *e, enum major major, unsigned low, uint64_t value, int count) {
    unsigned char bytes[9] = {(unsigned char)(major << 5 | low)};
    for (int i = 0; i < count; i++)
        bytes[1 + i] = (unsigned char)(value >> 8 * (count - 1 - i));
    prism_text_put(e->steps.cx, e->out, bytes, (size_t)count + 1);
}

static void put_head(struct encoder *e, enum major major, uint64_t value) {
    if (value < 24)
        put_wide(e, major, (unsigned)value, 0, 0);
    else if (value <= UINT8_MAX)
        put_wide(e, major, 24, value, 1);
    else if (value <= UINT16_MAX)
        put_wide(e, major, 25, value, 2);
    else if (value <= UINT32_MAX)
        put_wide(e, major, 26, value, 4);
    else
        put_wide(e, major, 27, value, 8);
}

static void put_run(struct encoder *e, enum major major, const void *bytes, size_t count) {
    put_head(e, major, count);
    prism_text_put(e->steps.cx, e->out, bytes, count);
}

static void put_name(struct encoder *e, const char *name) {
    put_run(e, TEXT, name, strlen(name));
}

static void put_signed(struct encoder *e, int64_t value) {
    if (value < 0)
        put_head(e, NEGATIVE, ~(uint64_t)value);
    else
        put_head(e, UNSIGNED, (uint64_t)value);
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

static void put_float(struct encoder *e, double value) {
    float narrow = (float)value;
    uint64_t wide_bits;
    uint32_t bits;
    uint16_t half;
    memcpy(&wide_bits, &value, sizeof wide_bits);
    memcpy(&bits, &narrow, sizeof bits);
    if (value != value)
        put_wide(e, SIMPLE, HALF, 0x7e00, 2);
    else if ((double)narrow != value)
        put_wide(e, SIMPLE, DOUBLE, wide_bits, 8);
    else if (half_of(bits, &half))
        put_wide(e, SIMPLE, HALF, half, 2);
    else
        put_wide(e, SIMPLE, SINGLE, bits, 4);
}

static bool is_continuation(unsigned char c) {
    return (c & 0xc0) == 0x80;
}

// The length of the well-formed UTF-8 sequence at p, or 0.
static size_t utf8_length(const unsigned char *p, size_t left) {
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
    bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool beyond = (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf4 && p[1] > 0x8f);
    return overlong || beyond ? 0 : len;
}

static bool is_utf8(const unsigned char *bytes, size_t count) {
    for (size_t i = 0, len; i < count; i += len)
        if (!(len = utf8_length(bytes + i, count - i)))
            return false;
    return true;
}

static void put_text(struct encoder *e, const prism_buffer *b) {
    uint64_t len = prism_buffer_len(b);
    put_run(e, b && !is_utf8(b->data, len) ? BYTES : TEXT, b ? b->data : NULL, len);
}

static void put_char(struct encoder *e, prism_cx *cx, const prism_type *type, const void *value) {
    prism_buffer *text = prism_show(cx, type, value);
    put_text(e, text);
    prism_buffer_drop(cx, text);
}

static void put_error(struct encoder *e, const void *value) {
    const prism_error *error;
    memcpy(&error, value, sizeof error);
    if (!error) {
        put_wide(e, SIMPLE, NULL_, 0, 0);
        return;
    }
    put_head(e, MAP, 1 + (error->text != NULL) + (error->type != NULL));
    put_name(e, "kind"); // "kind", "text", "value" are in the order of their encodings
    put_name(e, prism_failure_word(error->kind));
    if (error->text) {
        put_name(e, "text");
        put_name(e, error->text);
    }
    if (error->type) {
        put_name(e, "value");
        prism_encode(e->steps.cx, error->type, error->data, e->out);
    }
}

// Whether the encoding of key a stands before that of b: the head holds the length.
static bool key_before(const char *a, const char *b) {
    size_t len_a = strlen(a), len_b = strlen(b);
    return len_a != len_b ? len_a < len_b : strcmp(a, b) < 0;
}

// The field whose key is the at-th in order.
static uint64_t sorted_field(const prism_type *type, uint64_t at) {
    for (uint64_t i = 0; i < type->count; i++) {
        uint64_t before = 0;
        for (uint64_t j = 0; j < type->count; j++)
            before += key_before(type->fields[j].name, type->fields[i].name);
        if (before == at)
            return i;
    }
    assert(!"field names differ");
    return 0;
}

static void open_buffer(struct encoder *e, const prism_type *type, const void *value) {
    const prism_buffer *b = value_buffer(value);
    uint64_t len = prism_buffer_len(b);
    if (type->element->kind == PRISM_U8) {
        put_run(e, BYTES, b ? b->data : NULL, len);
        return;
    }
    put_head(e, ARRAY, len);
    steps_push(&e->steps, (struct step){type, b, NULL, 0, len});
}

static void encode_open(struct encoder *e, const prism_type *type, const void *value);

static void open_struct(struct encoder *e, const prism_type *type, const void *value) {
    if (type->flags & PRISM_TEXT) {
        put_text(e, value_buffer(value));
        return;
    }
    if (type->flags & (PRISM_DURATION | PRISM_INSTANT | PRISM_LIST)) {
        encode_open(e, type->fields[0].type, value);
        return;
    }
    put_head(e, type->flags & PRISM_TUPLE ? ARRAY : MAP, type->count);
    steps_push(&e->steps, (struct step){type, value, NULL, 0, type->count});
}

static void open_enum(struct encoder *e, const prism_type *type, const void *value) {
    const prism_variant *v = value_variant(type, value);
    if (!v->field_count) {
        put_name(e, v->name);
        return;
    }
    put_head(e, MAP, 1);
    put_name(e, v->name);
    put_head(e, ARRAY, v->field_count);
    steps_push(&e->steps, (struct step){type, value, NULL, 0, v->field_count});
}

static void put_integer(struct encoder *e, const prism_type *type, const void *value) {
    uint64_t v = 0; // little-endian
    memcpy(&v, value, type->size);
    unsigned unused = 64 - 8 * type->size;
    if (type->kind <= PRISM_I64)
        put_signed(e, (int64_t)(v << unused) >> unused);
    else
        put_head(e, UNSIGNED, v);
}

static void encode_open(struct encoder *e, const prism_type *type, const void *value) {
    switch ((enum prism_kind)type->kind) {
    case PRISM_UNIT:
    case PRISM_FN:
        put_wide(e, SIMPLE, NULL_, 0, 0);
        return;
    case PRISM_BOOL:
        put_wide(e, SIMPLE, *(const bool *)value ? TRUE_ : FALSE_, 0, 0);
        return;
    case PRISM_CHAR:
        put_char(e, e->steps.cx, type, value);
        return;
    case PRISM_F32: {
        float f;
        memcpy(&f, value, sizeof f);
        put_float(e, (double)f);
        return;
    }
    case PRISM_F64: {
        double d;
        memcpy(&d, value, sizeof d);
        put_float(e, d);
        return;
    }
    case PRISM_STRUCT:
        open_struct(e, type, value);
        return;
    case PRISM_ENUM:
        open_enum(e, type, value);
        return;
    case PRISM_BUFFER:
        if (value_is_boxed(type, value))
            encode_open(e, type->element, value_buffer(value)->data);
        else
            open_buffer(e, type, value);
        return;
    case PRISM_ERROR:
        put_error(e, value);
        return;
    case PRISM_REF:
    case PRISM_REPLY:
    case PRISM_FUTURE:
    case PRISM_SCOPE:
    case PRISM_TOKEN:
        put_head(e, ARRAY, 2);
        put_name(e, type->kind == PRISM_REF && type->actor ? type->actor : type->name);
        put_head(e, UNSIGNED, prism_identity(type, value));
        return;
    default:
        put_integer(e, type, value);
        return;
    }
}

static bool is_map(const prism_type *type) {
    return type->kind == PRISM_STRUCT && !(type->flags & PRISM_TUPLE);
}

void prism_encode(prism_cx *cx, const prism_type *type, const void *value, prism_buffer **out) {
    struct encoder e = {.out = out};
    steps_begin(&e.steps, cx);
    encode_open(&e, type, value);
    while (e.steps.len) {
        struct step *top = steps_top(&e.steps);
        if (top->at == top->count) {
            steps_pop(&e.steps);
            continue;
        }
        struct step child = *top;
        if (is_map(top->type)) {
            child.at = sorted_field(top->type, top->at);
            put_name(&e, top->type->fields[child.at].name);
        }
        top->at++;
        const void *child_value, *none;
        const prism_type *child_type = step_child(&child, &child_value, &none);
        encode_open(&e, child_type, child_value);
    }
    steps_end(&e.steps);
}
