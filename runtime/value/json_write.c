// SPDX-License-Identifier: MIT
// JSON of values (RFC 8259), in one line or over several. docs/language.md says what becomes what.
#include "runtime/value/data.h"

static void put_text(struct data_writer *w, const char *text) {
    data_put(w, text, strlen(text));
}

static inline void put_char(struct data_writer *w, char c) {
    *data_room(w, 1) = (unsigned char)c;
    data_wrote(w, 1);
}

static void put_line(struct data_writer *w) {
    size_t indent = 2 * (size_t)w->depth;
    if (!w->is_pretty)
        return;
    put_char(w, '\n');
    memset(data_room(w, indent), ' ', indent);
    data_wrote(w, indent);
}

// ---- leaves ---------------------------------------------------------------------------------

static void put_escape(struct data_writer *w, unsigned char c) {
    static const char digits[] = "0123456789abcdef", short_ones[] = "btn\0fr";
    if (c == '"' || c == '\\')
        data_put(w, (char[]){'\\', (char)c}, 2);
    else if (c >= '\b' && c <= '\r' && short_ones[c - '\b'])
        data_put(w, (char[]){'\\', short_ones[c - '\b']}, 2);
    else
        data_put(w, (char[]){'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]}, 6);
}

// How many bytes from p on stand for themselves.
static size_t plain_run(const unsigned char *p, const unsigned char *end) {
    const unsigned char *from = p;
    while (p < end) {
        if (*p >= 0x80) {
            size_t len = data_utf8_length(p, (size_t)(end - p));
            if (!len)
                break;
            p += len;
        } else if (*p < 0x20 || *p == '"' || *p == '\\') {
            break;
        } else {
            p++;
        }
    }
    return (size_t)(p - from);
}

static void put_string(struct data_writer *w, const unsigned char *bytes, size_t len) {
    const unsigned char *p = bytes, *end = bytes + len;
    put_char(w, '"');
    while (p < end) {
        size_t plain = plain_run(p, end);
        data_put(w, p, plain);
        p += plain;
        if (p == end)
            break;
        if (*p < 0x80)
            put_escape(w, *p);
        else
            put_text(w, "\xef\xbf\xbd"); // no UTF-8: U+FFFD
        p++;
    }
    put_char(w, '"');
}

static void put_buffer(struct data_writer *w, const prism_buffer *b) {
    static const unsigned char nothing[1];
    put_string(w, b ? b->data : nothing, prism_buffer_len(b));
}

// RFC 4648, section 4.
static void put_base64(struct data_writer *w, const prism_buffer *b) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint64_t len = prism_buffer_len(b);
    put_char(w, '"');
    for (uint64_t i = 0; i < len; i += 3) {
        unsigned char *out = data_room(w, 4);
        uint32_t three = (uint32_t)b->data[i] << 16;
        three |= i + 1 < len ? (uint32_t)b->data[i + 1] << 8 : 0;
        three |= i + 2 < len ? b->data[i + 2] : 0;
        for (uint64_t k = 0; k < 4; k++)
            out[k] = (unsigned char)(i + k <= len ? digits[three >> (18 - 6 * k) & 63] : '=');
        data_wrote(w, 4);
    }
    put_char(w, '"');
}

static void put_integer(struct data_writer *w, const prism_type *type, const void *value) {
    char *out = (char *)data_room(w, PRISM_NUMBER_BYTES);
    int64_t v = data_integer(type, value);
    int len =
        type->kind <= PRISM_I64 ? prism_number_i64(v, out) : prism_number_u64((uint64_t)v, out);
    data_wrote(w, (size_t)len);
}

static void put_float(struct data_writer *w, const prism_type *type, const void *value) {
    double v = data_float(type, value);
    if (v != v) {
        put_text(w, "\"NaN\"");
    } else if (v - v != 0) {
        put_text(w, v < 0 ? "\"-Infinity\"" : "\"Infinity\"");
    } else {
        char *out = (char *)data_room(w, PRISM_NUMBER_BYTES);
        int len =
            type->kind == PRISM_F64 ? prism_number_f64(v, out) : prism_number_f32((float)v, out);
        data_wrote(w, (size_t)len);
    }
}

static void put_scalar(struct data_writer *w, const void *value) {
    uint32_t c;
    unsigned char bytes[4];
    memcpy(&c, value, sizeof c);
    put_string(w, bytes, data_utf8_put(c, bytes));
}

// ---- what holds others ----------------------------------------------------------------------

// An entry of a map that is written as a pair is open with `b`, to tell it from a record.
static const char pair_mark;
static bool is_pair(const struct step *s) {
    return s->b == &pair_mark;
}

static bool is_object(const struct step *s) {
    enum data_form form = data_form(s->type);
    return !is_pair(s) &&
           (form == DATA_RECORD || (form == DATA_MAP && data_is_name(data_key(s->type))));
}

static void push(struct data_writer *w, const prism_type *type, const void *value) {
    struct step s = {type, value, NULL, 0, data_count(type, value)};
    put_char(w, is_object(&s) ? '{' : '[');
    steps_push(&w->steps, s);
    w->depth++;
}

// A variant with a payload: {"Name": value}, {"Name": [value, …]}.
static const prism_type *open_payload(struct data_writer *w, const prism_type *type,
                                      const void **value) {
    const prism_variant *v = value_variant(type, *value);
    put_text(w, "{\"");
    put_text(w, v->name);
    put_text(w, w->is_pretty ? "\": " : "\":");
    if (v->field_count > 1)
        put_char(w, '[');
    steps_push(&w->steps, (struct step){type, *value, NULL, 0, v->field_count});
    if (v->field_count > 1) {
        w->depth++;
        return NULL;
    }
    steps_top(&w->steps)->at = 1;
    return data_item(type, *value, 0, value);
}

static void put_key(struct data_writer *w, const prism_type *type, const void *value) {
    switch (data_form(type)) {
    case DATA_TEXT:
        put_buffer(w, value_buffer(value));
        return;
    case DATA_CHAR:
        put_scalar(w, value);
        return;
    case DATA_INTEGER:
        put_char(w, '"');
        put_integer(w, type, value);
        put_char(w, '"');
        return;
    default:
        put_char(w, '"');
        put_text(w, value_variant(type, value)->name);
        put_char(w, '"');
    }
}

// Writes a leaf, or opens what holds others.
static void open_value(struct data_writer *w, const prism_type *type, const void *value) {
    while (type) {
        switch (data_form(type)) {
        case DATA_NULL:
            put_text(w, "null");
            return;
        case DATA_BOOL:
            put_text(w, *(const bool *)value ? "true" : "false");
            return;
        case DATA_INTEGER:
            put_integer(w, type, value);
            return;
        case DATA_FLOAT:
            put_float(w, type, value);
            return;
        case DATA_TEXT:
        case DATA_CHAR:
            put_key(w, type, value);
            return;
        case DATA_BYTES:
            put_base64(w, value_buffer(value));
            return;
        case DATA_BOX:
            value = value_in_box(type, value);
            type = type->element;
            break;
        case DATA_SPAN:
            type = type->fields[0].type;
            break;
        case DATA_OPTION:
            if (!value_variant(type, value)->field_count) {
                put_text(w, "null");
                return;
            }
            if (data_may_be_null(data_some(type))) {
                type = open_payload(w, type, &value);
            } else {
                value = (const char *)value + type->variants[1].fields[0].offset;
                type = data_some(type);
            }
            break;
        case DATA_VARIANT:
            if (!value_variant(type, value)->field_count) {
                put_key(w, type, value);
                return;
            }
            type = open_payload(w, type, &value);
            break;
        default:
            push(w, type, value);
            return;
        }
    }
}

static bool is_variant(const struct step *s) {
    return s->type->kind == PRISM_ENUM;
}

static void close_value(struct data_writer *w, const struct step *s) {
    if (is_variant(s)) {
        if (s->count > 1) {
            w->depth--;
            put_line(w);
            put_char(w, ']');
        }
        put_char(w, '}');
        return;
    }
    w->depth--;
    if (s->count)
        put_line(w);
    put_char(w, is_object(s) ? '}' : ']');
}

// The item at hand of what is open on top, with what stands before it.
static void put_next(struct data_writer *w) {
    struct step *top = steps_top(&w->steps);
    bool is_first = top->at == (is_pair(top) ? ENTRY_KEY : 0);
    struct step s = *top;
    if (!is_first)
        put_char(w, ',');
    put_line(w);
    top->at++;
    const void *value;
    if (is_pair(&s)) {
        value = (const char *)s.a + s.type->fields[s.at].offset;
        open_value(w, s.type->fields[s.at].type, value);
        return;
    }
    const prism_type *type = data_item(s.type, s.a, s.at, &value);
    if (data_form(s.type) != DATA_MAP) {
        if (is_object(&s)) {
            put_char(w, '"');
            put_text(w, s.type->fields[s.at].name);
            put_text(w, w->is_pretty ? "\": " : "\":");
        }
        open_value(w, type, value);
    } else if (is_object(&s)) {
        put_key(w, type->fields[ENTRY_KEY].type,
                (const char *)value + type->fields[ENTRY_KEY].offset);
        put_text(w, w->is_pretty ? ": " : ":");
        open_value(w, type->fields[ENTRY_VALUE].type,
                   (const char *)value + type->fields[ENTRY_VALUE].offset);
    } else {
        put_char(w, '[');
        steps_push(&w->steps, (struct step){type, value, &pair_mark, ENTRY_KEY, ENTRY_VALUE + 1});
        w->depth++;
    }
}

void json_write(struct data_writer *w, const prism_type *type, const void *value) {
    open_value(w, type, value);
    while (w->steps.len) {
        struct step s = *steps_top(&w->steps);
        if (s.at < s.count) {
            put_next(w);
            continue;
        }
        steps_pop(&w->steps);
        close_value(w, &s);
    }
}
