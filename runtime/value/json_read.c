// SPDX-License-Identifier: MIT
// JSON to values, by their type (RFC 8259), strictly: one value and nothing behind it, UTF-8, no
// lone surrogates, no key twice, no number that does not fit. It goes over the text once and keeps
// nothing but the value; it goes down with the nesting, which DATA_DEPTH_MAX bounds.
#include "runtime/value/data.h"

static int peek(const struct data_reader *r) {
    return r->at < r->end ? *r->at : -1;
}

static void skip_space(struct data_reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
}

// Takes this character.
static bool accept(struct data_reader *r, int c) {
    if (peek(r) != c)
        return false;
    r->at++;
    return true;
}

static bool accept_word(struct data_reader *r, const char *word) {
    size_t len = strlen(word);
    if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
        return false;
    r->at += len;
    return true;
}

static bool enter(struct data_reader *r) {
    if (r->depth == DATA_DEPTH_MAX)
        return data_fault_depth(r, r->at);
    r->depth++;
    r->at++;
    skip_space(r);
    return true;
}

// Behind an item: goes on to the next one, or leaves. `is_last` says which.
static bool next_item(struct data_reader *r, int closing, bool *is_last) {
    skip_space(r);
    if (accept(r, ',')) {
        skip_space(r);
        *is_last = false;
        return true;
    }
    if (!accept(r, closing))
        return data_fault(r, r->at, closing == ']' ? "\",\" or \"]\"" : "\",\" or \"}\"");
    r->depth--;
    *is_last = true;
    return true;
}

static bool leave_empty(struct data_reader *r, int closing) {
    if (!accept(r, closing))
        return false;
    r->depth--;
    return true;
}

// ---- strings --------------------------------------------------------------------------------

// What a string says: a part of the text, or, with escapes in it, a buffer of its own.
struct string {
    const unsigned char *bytes;
    size_t len;
    prism_buffer *own;
};

// Goes over what stands for itself.
static bool plain_run(struct data_reader *r) {
    const unsigned char *p = r->at;
    for (;;) {
        while (r->end - p >= 8) { // eight of printable ASCII at once
            uint64_t w, high = 0x8080808080808080, ones = 0x0101010101010101;
            memcpy(&w, p, sizeof w);
            uint64_t quote = w ^ 0x22 * ones, slash = w ^ 0x5c * ones;
            uint64_t stops = (w - 0x20 * ones) | (quote - ones) | (slash - ones) | w;
            if (stops & high)
                break;
            p += 8;
        }
        while (p < r->end && *p < 0x80 && *p >= 0x20 && *p != '"' && *p != '\\')
            p++;
        if (p == r->end || *p < 0x80)
            break;
        size_t len = data_utf8_length(p, (size_t)(r->end - p));
        if (!len)
            return data_fault(r, p, "UTF-8");
        p += len;
    }
    r->at = p;
    return true;
}

static bool hex4(const struct data_reader *r, const unsigned char *p, uint32_t *value) {
    if (r->end - p < 4)
        return false;
    *value = 0;
    for (int i = 0; i < 4; i++) {
        unsigned char c = p[i], low = c | 0x20;
        if (c >= '0' && c <= '9')
            *value = *value << 4 | (c - '0');
        else if (low >= 'a' && low <= 'f')
            *value = *value << 4 | (low - 'a' + 10u);
        else
            return false;
    }
    return true;
}

// Behind `\u`: one character, of two surrogates if it has to be.
static bool read_unicode(struct data_reader *r, const unsigned char *from, uint32_t *scalar) {
    uint32_t low;
    if (!hex4(r, r->at, scalar))
        return data_fault(r, from, "an escape");
    r->at += 4;
    if (*scalar < 0xd800 || *scalar > 0xdfff)
        return true;
    bool is_pair = *scalar < 0xdc00 && r->end - r->at >= 6 && r->at[0] == '\\' && r->at[1] == 'u' &&
                   hex4(r, r->at + 2, &low) && low >= 0xdc00 && low <= 0xdfff;
    if (!is_pair)
        return data_fault(r, from, "a pair of surrogates");
    r->at += 6;
    *scalar = 0x10000 + ((*scalar - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

static bool read_escape(struct data_reader *r, prism_buffer **out) {
    static const char escapes[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    const unsigned char *from = r->at++;
    int c = peek(r);
    const char *found = c > 0 ? strchr(escapes, c) : NULL;
    uint32_t scalar;
    unsigned char bytes[4];
    if (!found && c != 'u')
        return data_fault(r, from, "an escape");
    r->at++;
    if (found)
        scalar = (uint32_t)means[found - escapes];
    else if (!read_unicode(r, from, &scalar))
        return false;
    prism_text_put(r->cx, out, bytes, data_utf8_put(scalar, bytes));
    return true;
}

// Behind an escape: the rest is collected.
static bool read_rest(struct data_reader *r, struct string *s) {
    for (;;) {
        if (peek(r) == '"') {
            r->at++;
            s->bytes = s->own->data;
            s->len = s->own->len;
            return true;
        }
        if (peek(r) == '\\') {
            if (!read_escape(r, &s->own))
                return false;
            continue;
        }
        const unsigned char *from = r->at;
        if (peek(r) < 0x20)
            return data_fault(r, r->at,
                              peek(r) < 0 ? "a closing \"" : "no control character in a string");
        if (!plain_run(r))
            return false;
        prism_text_put(r->cx, &s->own, from, (size_t)(r->at - from));
    }
}

// The string that begins here. What it owns goes to the caller if it is true.
static bool read_string(struct data_reader *r, struct string *s) {
    const unsigned char *from = ++r->at;
    *s = (struct string){.bytes = from};
    if (!plain_run(r))
        return false;
    if (peek(r) == '"') {
        s->len = (size_t)(r->at++ - from);
        return true;
    }
    prism_text_put(r->cx, &s->own, from, (size_t)(r->at - from));
    if (read_rest(r, s))
        return true;
    prism_buffer_drop(r->cx, s->own);
    return false;
}

static bool string_is(const struct string *s, const char *text) {
    return s->len == strlen(text) && memcmp(s->bytes, text, s->len) == 0;
}

// ---- leaves ---------------------------------------------------------------------------------

static bool is_digit(int c) {
    return c >= '0' && c <= '9';
}

static void skip_digits(struct data_reader *r) {
    while (is_digit(peek(r)))
        r->at++;
}

// Goes over a number; false where there is none.
static bool skip_number(struct data_reader *r) {
    accept(r, '-');
    if (!is_digit(peek(r)))
        return false;
    if (!accept(r, '0'))
        skip_digits(r);
    if (accept(r, '.')) {
        if (!is_digit(peek(r)))
            return false;
        skip_digits(r);
    }
    if (accept(r, 'e') || accept(r, 'E')) {
        if (!accept(r, '+'))
            accept(r, '-');
        if (!is_digit(peek(r)))
            return false;
        skip_digits(r);
    }
    return true;
}

// An integer, in digits alone; false where there is none, or one beyond 64 bits.
static bool take_integer(const unsigned char **at, const unsigned char *end, bool *is_negative,
                         uint64_t *size) {
    const unsigned char *p = *at;
    uint64_t value = 0;
    *is_negative = p < end && *p == '-';
    p += *is_negative;
    const unsigned char *first = p;
    for (; p < end && is_digit(*p); p++) {
        unsigned digit = *p - '0';
        if (value > UINT64_MAX / 10 || value * 10 > UINT64_MAX - digit)
            return false;
        value = value * 10 + digit;
    }
    if (p == first || (*first == '0' && p > first + 1))
        return false;
    *at = p;
    *size = value;
    return true;
}

static bool read_integer(struct data_reader *r, const prism_type *type, void *out) {
    const unsigned char *from = r->at;
    bool is_negative;
    uint64_t size;
    if (!take_integer(&r->at, r->end, &is_negative, &size) || peek(r) == '.' || peek(r) == 'e' ||
        peek(r) == 'E' || !data_integer_fits(type, is_negative, size))
        return data_fault_type(r, from, type);
    data_store_integer(type, is_negative, size, out);
    return true;
}

static bool special_float(const struct string *s, double *value) {
    if (string_is(s, "NaN"))
        *value = __builtin_nan("");
    else if (string_is(s, "Infinity"))
        *value = __builtin_inf();
    else if (string_is(s, "-Infinity"))
        *value = -__builtin_inf();
    else
        return false;
    return true;
}

static bool read_float(struct data_reader *r, const prism_type *type, void *out) {
    const unsigned char *from = r->at;
    double value = 0;
    bool is_right;
    struct string s;
    if (peek(r) == '"') {
        if (!read_string(r, &s))
            return false;
        is_right = special_float(&s, &value);
        prism_buffer_drop(r->cx, s.own);
    } else {
        is_right = skip_number(r) && prism_number_read((const char *)from, (size_t)(r->at - from),
                                                       type->kind == PRISM_F32, &value);
    }
    if (!is_right)
        return data_fault_type(r, from, type);
    data_store_float(type, value, out);
    return true;
}

static bool read_text(struct data_reader *r, const prism_type *type, void *out) {
    struct string s;
    if (peek(r) != '"')
        return data_fault_type(r, r->at, type);
    if (!read_string(r, &s))
        return false;
    data_store_bytes(r, type, s.bytes, s.len, s.own, out);
    return true;
}

// Of Base64 a digit's value, or 64.
static unsigned digit64(unsigned char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26u;
    if (c >= '0' && c <= '9')
        return c - '0' + 52u;
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

// RFC 4648, section 4, with its padding, and with zero bits where nothing is said.
static bool decode_base64(struct data_reader *r, const struct string *s, prism_buffer **out) {
    if (s->len % 4)
        return false;
    for (size_t i = 0; i < s->len; i += 4) {
        const unsigned char *four = s->bytes + i;
        bool is_last = i + 4 == s->len;
        size_t pads = !is_last || four[3] != '=' ? 0 : four[2] == '=' ? 2 : 1;
        uint32_t bits = 0;
        for (size_t k = 0; k < 4; k++) {
            unsigned digit = k < 4 - pads ? digit64(four[k]) : 0;
            if (digit > 63)
                return false;
            bits = bits << 6 | digit;
        }
        if (pads && bits & ((1u << 8 * pads) - 1))
            return false;
        unsigned char bytes[] = {(unsigned char)(bits >> 16), (unsigned char)(bits >> 8),
                                 (unsigned char)bits};
        prism_text_put(r->cx, out, bytes, 3 - pads);
    }
    return true;
}

static bool read_bytes(struct data_reader *r, const prism_type *type, void *out) {
    const unsigned char *from = r->at;
    struct string s;
    if (peek(r) != '"')
        return data_fault_type(r, from, type);
    if (!read_string(r, &s))
        return false;
    bool is_right = decode_base64(r, &s, out);
    prism_buffer_drop(r->cx, s.own);
    return is_right || data_fault_type(r, from, type);
}

// What a string says as a text, a character, an integer or a variant: a value, or the key of a map.
static bool take_name(struct data_reader *r, const prism_type *type, struct string *s, void *out) {
    const unsigned char *p = s->bytes, *end = s->bytes + s->len;
    uint64_t size;
    uint32_t small = UINT32_MAX;
    bool is_negative;
    switch (data_form(type)) {
    case DATA_TEXT:
        data_store_bytes(r, type, s->bytes, s->len, s->own, out);
        return true;
    case DATA_INTEGER:
        if (take_integer(&p, end, &is_negative, &size) && p == end &&
            data_integer_fits(type, is_negative, size)) {
            data_store_integer(type, is_negative, size, out);
            small = 0;
        }
        break;
    case DATA_CHAR:
        small = data_only_char(s->bytes, s->len);
        if (small != UINT32_MAX)
            memcpy(out, &small, sizeof small);
        break;
    default:
        small = data_find_variant(type, s->bytes, s->len);
        if (small != UINT32_MAX && type->variants[small].field_count)
            small = UINT32_MAX;
        if (small != UINT32_MAX)
            data_store_variant(small, out);
    }
    prism_buffer_drop(r->cx, s->own);
    return small != UINT32_MAX;
}

static bool read_name(struct data_reader *r, const prism_type *type, void *out) {
    const unsigned char *from = r->at;
    struct string s;
    if (peek(r) != '"')
        return data_fault_type(r, from, type);
    if (!read_string(r, &s))
        return false;
    return take_name(r, type, &s, out) || data_fault_type(r, from, type);
}

// ---- what nobody wants ----------------------------------------------------------------------

static bool read_key(struct data_reader *r, struct string *s) {
    if (peek(r) != '"')
        return data_fault(r, r->at, "a key");
    if (!read_string(r, s))
        return false;
    skip_space(r);
    if (!accept(r, ':')) {
        prism_buffer_drop(r->cx, s->own);
        return data_fault(r, r->at, "\":\"");
    }
    skip_space(r);
    return true;
}

static bool skip_value(struct data_reader *r);

static bool skip_string(struct data_reader *r) {
    struct string s;
    if (!read_string(r, &s))
        return false;
    prism_buffer_drop(r->cx, s.own);
    return true;
}

static bool skip_composite(struct data_reader *r, int closing) {
    struct string key;
    if (!enter(r))
        return false;
    bool is_last = leave_empty(r, closing);
    while (!is_last) {
        if (closing == '}') {
            if (!read_key(r, &key))
                return false;
            prism_buffer_drop(r->cx, key.own);
        }
        if (!skip_value(r) || !next_item(r, closing, &is_last))
            return false;
    }
    return true;
}

static bool skip_value(struct data_reader *r) {
    const unsigned char *from = r->at;
    switch (peek(r)) {
    case '{':
        return skip_composite(r, '}');
    case '[':
        return skip_composite(r, ']');
    case '"':
        return skip_string(r);
    default:
        if (accept_word(r, "true") || accept_word(r, "false") || accept_word(r, "null") ||
            skip_number(r))
            return true;
        return data_fault(r, from, "a value");
    }
}

// ---- what holds others ----------------------------------------------------------------------

static bool read_value(struct data_reader *r, const prism_type *type, void *out);

static bool read_items(struct data_reader *r, const prism_type *type, const prism_type *buffer,
                       void *out) {
    prism_buffer **b = out;
    if (peek(r) != '[')
        return data_fault_type(r, r->at, type);
    if (!enter(r))
        return false;
    bool is_last = leave_empty(r, ']');
    while (!is_last)
        if (!read_value(r, buffer->element, data_push(r, buffer, b)) ||
            !next_item(r, ']', &is_last))
            return false;
    return true;
}

// The parts of a tuple or of a payload, in an array of just so many.
static bool read_parts(struct data_reader *r, const prism_field *fields, uint32_t count,
                       void *out) {
    const unsigned char *from = r->at;
    if (peek(r) != '[')
        return data_fault_items(r, from, count);
    if (!enter(r))
        return false;
    bool is_last = leave_empty(r, ']');
    uint32_t i = 0;
    for (; !is_last && i < count; i++)
        if (!read_value(r, fields[i].type, (char *)out + fields[i].offset) ||
            !next_item(r, ']', &is_last))
            return false;
    return (is_last && i == count) || data_fault_items(r, from, count);
}

static bool read_record(struct data_reader *r, const prism_type *type, void *out) {
    const unsigned char *from = r->at;
    struct data_seen seen = {0};
    if (peek(r) != '{')
        return data_fault_type(r, from, type);
    if (!enter(r))
        return false;
    bool is_last = leave_empty(r, '}'), is_right = true;
    for (uint32_t hint = 0; is_right && !is_last;) {
        const unsigned char *key_at = r->at;
        struct string key;
        is_right = read_key(r, &key);
        if (!is_right)
            break;
        uint32_t f = data_find_field(type, key.bytes, key.len, hint);
        prism_buffer_drop(r->cx, key.own);
        if (f == UINT32_MAX) {
            is_right = skip_value(r);
        } else if (!data_see(r, type, &seen, f)) {
            is_right = data_fault(r, key_at, "each key once");
        } else {
            hint = f + 1;
            is_right = read_value(r, type->fields[f].type, (char *)out + type->fields[f].offset);
        }
        is_right = is_right && next_item(r, '}', &is_last);
    }
    return data_complete(r, type, &seen, from, out) && is_right;
}

static bool read_object(struct data_reader *r, const prism_type *type, void *out) {
    const prism_field *key_field = &data_entry(type)->fields[ENTRY_KEY];
    const prism_field *value_field = &data_entry(type)->fields[ENTRY_VALUE];
    if (peek(r) != '{')
        return data_fault_type(r, r->at, type);
    if (!enter(r))
        return false;
    bool is_last = leave_empty(r, '}');
    while (!is_last) {
        const unsigned char *key_at = r->at;
        struct string key;
        if (!read_key(r, &key))
            return false;
        char *entry = data_new_entry(r, type, out);
        if (!take_name(r, key_field->type, &key, entry + key_field->offset))
            return data_fault_type(r, key_at, key_field->type);
        if (!data_enter(r, type, out))
            return data_fault(r, key_at, "each key once");
        if (!read_value(r, value_field->type, entry + value_field->offset) ||
            !next_item(r, '}', &is_last))
            return false;
    }
    return true;
}

// [key, value]
static bool read_pair(struct data_reader *r, const prism_type *type, void *out) {
    const prism_field *fields = data_entry(type)->fields;
    const unsigned char *from = r->at;
    bool is_last;
    if (peek(r) != '[')
        return data_fault_items(r, from, 2);
    if (!enter(r))
        return false;
    char *entry = data_new_entry(r, type, out);
    const unsigned char *key_at = r->at;
    if (!read_value(r, fields[ENTRY_KEY].type, entry + fields[ENTRY_KEY].offset))
        return false;
    if (!data_enter(r, type, out))
        return data_fault(r, key_at, "each key once");
    if (!next_item(r, ']', &is_last))
        return false;
    if (is_last)
        return data_fault_items(r, from, 2);
    if (!read_value(r, fields[ENTRY_VALUE].type, entry + fields[ENTRY_VALUE].offset) ||
        !next_item(r, ']', &is_last))
        return false;
    return is_last || data_fault_items(r, from, 2);
}

static bool read_pairs(struct data_reader *r, const prism_type *type, void *out) {
    if (peek(r) != '[')
        return data_fault_type(r, r->at, type);
    if (!enter(r))
        return false;
    bool is_last = leave_empty(r, ']');
    while (!is_last)
        if (!read_pair(r, type, out) || !next_item(r, ']', &is_last))
            return false;
    return true;
}

static bool read_set(struct data_reader *r, const prism_type *type, void *out) {
    const prism_type *map = type->fields[0].type;
    const prism_field *key = &data_entry(map)->fields[ENTRY_KEY];
    void *inside = (char *)out + type->fields[0].offset;
    if (peek(r) != '[')
        return data_fault_type(r, r->at, type);
    if (!enter(r))
        return false;
    bool is_last = leave_empty(r, ']');
    while (!is_last) {
        const unsigned char *item_at = r->at;
        char *entry = data_new_entry(r, map, inside);
        if (!read_value(r, key->type, entry + key->offset))
            return false;
        if (!data_enter(r, map, inside))
            return data_fault(r, item_at, "each item once");
        if (!next_item(r, ']', &is_last))
            return false;
    }
    return true;
}

// {"Name": payload}
static bool read_payload(struct data_reader *r, const prism_type *type, void *out) {
    const unsigned char *from = r->at;
    struct string name;
    bool is_last;
    if (!enter(r))
        return false;
    if (peek(r) != '"')
        return data_fault_type(r, from, type);
    if (!read_key(r, &name))
        return false;
    uint32_t tag = data_find_variant(type, name.bytes, name.len);
    prism_buffer_drop(r->cx, name.own);
    if (tag == UINT32_MAX || !type->variants[tag].field_count)
        return data_fault_type(r, from, type);
    const prism_variant *v = &type->variants[tag];
    data_store_variant(tag, out);
    if (v->field_count == 1) {
        if (!read_value(r, v->fields[0].type, (char *)out + v->fields[0].offset))
            return false;
    } else if (!read_parts(r, v->fields, v->field_count, out)) {
        return false;
    }
    if (!next_item(r, '}', &is_last))
        return false;
    return is_last || data_fault_type(r, from, type);
}

static bool read_option(struct data_reader *r, const prism_type *type, void *out) {
    if (accept_word(r, "null"))
        return true; // zero is None
    const prism_field *some = &type->variants[1].fields[0];
    if (data_may_be_null(some->type))
        return peek(r) == '{' ? read_payload(r, type, out) : data_fault_type(r, r->at, type);
    data_store_variant(1, out);
    return read_value(r, some->type, (char *)out + some->offset);
}

static bool read_bool(struct data_reader *r, const prism_type *type, void *out) {
    bool value = accept_word(r, "true");
    if (!value && !accept_word(r, "false"))
        return data_fault_type(r, r->at, type);
    memcpy(out, &value, sizeof value);
    return true;
}

static bool read_value(struct data_reader *r, const prism_type *type, void *out) {
    for (;;) {
        switch (data_form(type)) {
        case DATA_NULL:
            return accept_word(r, "null") || data_fault_type(r, r->at, type);
        case DATA_BOOL:
            return read_bool(r, type, out);
        case DATA_CHAR:
            return read_name(r, type, out);
        case DATA_INTEGER:
            return read_integer(r, type, out);
        case DATA_FLOAT:
            return read_float(r, type, out);
        case DATA_TEXT:
            return read_text(r, type, out);
        case DATA_BYTES:
            return read_bytes(r, type, out);
        case DATA_LIST:
            return read_items(r, type, type, out);
        case DATA_QUEUE:
            return read_items(r, type, type->fields[1].type, (char *)out + type->fields[1].offset);
        case DATA_TUPLE:
            return read_parts(r, type->fields, type->count, out);
        case DATA_RECORD:
            return read_record(r, type, out);
        case DATA_MAP:
            return data_is_name(data_key(type)) ? read_object(r, type, out)
                                                : read_pairs(r, type, out);
        case DATA_SET:
            return read_set(r, type, out);
        case DATA_OPTION:
            return read_option(r, type, out);
        case DATA_VARIANT:
            return peek(r) == '{' ? read_payload(r, type, out) : read_name(r, type, out);
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

bool json_read(struct data_reader *r, const prism_type *type, void *out) {
    skip_space(r);
    if (!read_value(r, type, out))
        return false;
    skip_space(r);
    return r->at == r->end || data_fault(r, r->at, "the end of the input");
}
