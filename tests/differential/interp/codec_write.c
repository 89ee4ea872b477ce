// SPDX-License-Identifier: MIT
// Values as JSON and CBOR, the plain way.
#include "tests/differential/interp/codec.h"

#include <inttypes.h>
#include <math.h>

static int32_t tag_of(struct value v) {
    return v.box ? v.box->tag : 0;
}

bool codec_is_name(const struct mir_type *t) {
    if (t->kind == MIR_ENUM && t->mark == MIR_MARK_NONE) {
        for (int32_t i = 0; i < t->variants.len; i++)
            if (t->variants.at[i].types.len)
                return false;
        return true;
    }
    return t->mark == MIR_MARK_STRING || t->kind == MIR_CHAR || mir_is_integer(t->kind);
}

bool codec_may_be_null(const struct mir_type *t) {
    while (t->kind == MIR_BUFFER && t->box)
        t = t->element;
    return t->kind == MIR_UNIT || t->mark == MIR_MARK_OPTION;
}

size_t codec_utf8_len(struct str s, size_t at) {
    size_t left = s.len - at;
    const unsigned char *p = (const unsigned char *)s.data + at;
    static const struct {
        unsigned char low, high, second_low, second_high;
        size_t len;
    } forms[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (p[0] < forms[i].low || p[0] > forms[i].high)
            continue;
        if (forms[i].len > left)
            return 0;
        if (forms[i].len > 1 && (p[1] < forms[i].second_low || p[1] > forms[i].second_high))
            return 0;
        for (size_t k = 2; k < forms[i].len; k++)
            if (p[k] < 0x80 || p[k] > 0xbf)
                return 0;
        return forms[i].len;
    }
    return 0;
}

// ---- writing ------------------------------------------------------------------------------------

struct out {
    struct text *text;
    enum mir_format format;
    int depth;
};

static void write_value(struct out *o, const struct mir_type *t, struct value v);

static struct str repaired(struct arena *a, struct str s) {
    struct text t = {.arena = a};
    text_put(&t, (struct str){0});
    for (size_t i = 0, len; i < s.len; i += len ? len : 1) {
        len = codec_utf8_len(s, i);
        text_put(&t, len ? (struct str){s.data + i, len} : STR("\xef\xbf\xbd"));
    }
    return text_str(&t);
}

static void put_byte(struct out *o, unsigned byte) {
    text_putc(o->text, (char)byte);
}

static void put_head(struct out *o, unsigned major, uint64_t n) {
    int bytes = n < 24 ? 0 : n <= 0xff ? 1 : n <= 0xffff ? 2 : n <= 0xffffffff ? 4 : 8;
    put_byte(o, major << 5 | (bytes == 0   ? (unsigned)n
                              : bytes == 1 ? 24
                              : bytes == 2 ? 25
                              : bytes == 4 ? 26
                                           : 27));
    while (bytes-- > 0)
        put_byte(o, (unsigned)(n >> 8 * bytes & 0xff));
}

static void put_string(struct out *o, struct str s) {
    struct arena scratch = {0};
    s = repaired(&scratch, s);
    if (o->format == MIR_CBOR) {
        put_head(o, 3, s.len);
        text_put(o->text, s);
        arena_free(&scratch);
        return;
    }
    text_putc(o->text, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        const char *shorts = "\b\f\n\r\t\"\\", *means = "bfnrt\"\\";
        const char *found = c ? strchr(shorts, c) : NULL;
        if (found)
            text_printf(o->text, "\\%c", means[found - shorts]);
        else if (c < 0x20)
            text_printf(o->text, "\\u%04x", c);
        else
            text_putc(o->text, (char)c);
    }
    text_putc(o->text, '"');
    arena_free(&scratch);
}

static void put_words(struct out *o, const char *words) {
    put_string(o, str_from(words));
}

static void put_char_value(struct out *o, uint32_t scalar) {
    struct arena scratch = {0};
    struct text t = {.arena = &scratch};
    text_put_utf8(&t, scalar);
    put_string(o, text_str(&t));
    arena_free(&scratch);
}

static void put_integer(struct out *o, const struct mir_type *t, uint64_t bits) {
    bool negative = mir_is_signed(t->kind) && (int64_t)bits < 0;
    if (o->format == MIR_CBOR)
        put_head(o, negative, negative ? ~bits : bits);
    else if (negative)
        text_printf(o->text, "%" PRId64, (int64_t)bits);
    else
        text_printf(o->text, "%" PRIu64, bits);
}

// The float of `bytes` bytes that has the value, if there is one.
static bool as_half(double v, uint16_t *half) {
    for (uint32_t h = 0; h < 0x8000; h++) { // there are few
        uint32_t exponent = h >> 10, fraction = h & 0x3ff;
        double size = exponent == 31  ? (fraction ? NAN : INFINITY)
                      : exponent == 0 ? ldexp(fraction, -24)
                                      : ldexp(fraction + 1024, (int)exponent - 25);
        if (size == fabs(v)) {
            *half = (uint16_t)(h | (signbit(v) ? 0x8000u : 0));
            return true;
        }
    }
    return false;
}

static void put_bytes(struct out *o, uint64_t bits, int bytes) {
    while (bytes-- > 0)
        put_byte(o, (unsigned)(bits >> 8 * bytes & 0xff));
}

static void put_float(struct out *o, const struct mir_type *t, struct value v) {
    uint16_t half = 0x7e00;
    float narrow = (float)v.number;
    uint32_t single;
    memcpy(&single, &narrow, sizeof single);
    if (o->format != MIR_CBOR) {
        if (isnan(v.number))
            put_words(o, "NaN");
        else if (isinf(v.number))
            put_words(o, v.number < 0 ? "-Infinity" : "Infinity");
        else
            value_show(o->text, t, v);
    } else if (isnan(v.number) || as_half(v.number, &half)) {
        put_byte(o, 0xf9);
        put_bytes(o, half, 2);
    } else if ((double)narrow == v.number) {
        put_byte(o, 0xfa);
        put_bytes(o, single, 4);
    } else {
        put_byte(o, 0xfb);
        put_bytes(o, v.bits, 8);
    }
}

static void put_base64(struct out *o, struct str s) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text_putc(o->text, '"');
    for (size_t i = 0; i < s.len; i += 3) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (i + k < s.len ? (unsigned char)s.data[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            text_putc(o->text, i + k <= s.len ? digits[bits >> (18 - 6 * k) & 63] : '=');
    }
    text_putc(o->text, '"');
}

static void put_literal(struct out *o, const char *word, unsigned simple) {
    if (o->format == MIR_CBOR)
        put_byte(o, 0xe0 | simple);
    else
        text_put(o->text, str_from(word));
}

static void put_line(struct out *o) {
    if (o->format != MIR_JSON_PRETTY)
        return;
    text_putc(o->text, '\n');
    for (int i = 0; i < 2 * o->depth; i++)
        text_putc(o->text, ' ');
}

static void open(struct out *o, bool object, uint64_t count) {
    if (o->format == MIR_CBOR)
        put_head(o, object ? 5 : 4, count);
    else
        text_putc(o->text, object ? '{' : '[');
    o->depth++;
}

static void before(struct out *o, uint64_t i) {
    if (o->format == MIR_CBOR)
        return;
    if (i)
        text_putc(o->text, ',');
    put_line(o);
}

static void behind_key(struct out *o) {
    if (o->format != MIR_CBOR)
        text_put(o->text, o->format == MIR_JSON ? STR(":") : STR(": "));
}

static void close(struct out *o, bool object, uint64_t count) {
    o->depth--;
    if (o->format == MIR_CBOR)
        return;
    if (count)
        put_line(o);
    text_putc(o->text, object ? '}' : ']');
}

static void write_items(struct out *o, const struct mir_type *element, const struct box *front,
                        const struct box *back) {
    uint64_t turned = front ? front->len : 0, count = turned + (back ? back->len : 0);
    open(o, false, count);
    for (uint64_t i = 0; i < count; i++) {
        before(o, i);
        write_value(o, element,
                    i < turned ? front->items[turned - 1 - i] : back->items[i - turned]);
    }
    close(o, false, count);
}

static void write_name(struct out *o, const struct mir_type *t, struct value v) {
    if (mir_is_integer(t->kind) && o->format != MIR_CBOR) {
        text_putc(o->text, '"');
        put_integer(o, t, v.bits);
        text_putc(o->text, '"');
    } else {
        write_value(o, t, v);
    }
}

static void write_map(struct out *o, const struct mir_type *t, struct value v) {
    const struct mir_type *entry = entry_type(t), *key = entry->fields.at[1].type;
    const struct box *entries = part(v, 0).box;
    uint64_t count = entries ? entries->len : 0;
    bool pairs = o->format != MIR_CBOR && !codec_is_name(key);
    open(o, !pairs, count);
    for (uint64_t i = 0; i < count; i++) {
        before(o, i);
        if (pairs) {
            open(o, false, 2);
            before(o, 0);
        }
        (pairs ? write_value : write_name)(o, key, part(entries->items[i], 1));
        if (pairs)
            before(o, 1);
        else
            behind_key(o);
        write_value(o, entry->fields.at[2].type, part(entries->items[i], 2));
        if (pairs)
            close(o, false, 2);
    }
    close(o, !pairs, count);
}

static void write_set(struct out *o, const struct mir_type *t, struct value v) {
    const struct mir_type *entry = entry_type(t->fields.at[0].type);
    const struct box *entries = part(part(v, 0), 0).box;
    uint64_t count = entries ? entries->len : 0;
    open(o, false, count);
    for (uint64_t i = 0; i < count; i++) {
        before(o, i);
        write_value(o, entry->fields.at[1].type, part(entries->items[i], 1));
    }
    close(o, false, count);
}

static void write_struct(struct out *o, const struct mir_type *t, struct value v) {
    struct arena scratch = {0};
    struct str bytes;
    switch (t->mark) {
    case MIR_MARK_STRING:
    case MIR_MARK_BYTES:
        bytes = value_text(&scratch, part(v, 0));
        if (t->mark == MIR_MARK_STRING) {
            put_string(o, bytes);
        } else if (o->format == MIR_CBOR) {
            put_head(o, 2, bytes.len);
            text_put(o->text, bytes);
        } else {
            put_base64(o, bytes);
        }
        arena_free(&scratch);
        return;
    case MIR_MARK_LIST:
    case MIR_MARK_DURATION:
    case MIR_MARK_INSTANT:
        write_value(o, t->fields.at[0].type, part(v, 0));
        return;
    case MIR_MARK_MAP:
        write_map(o, t, v);
        return;
    case MIR_MARK_SET:
        write_set(o, t, v);
        return;
    case MIR_MARK_QUEUE:
        write_items(o, t->fields.at[0].type->element, part(v, 0).box, part(v, 1).box);
        return;
    default:
        break;
    }
    bool tuple = t->mark == MIR_MARK_TUPLE;
    open(o, !tuple, (uint64_t)t->fields.len);
    for (int32_t i = 0; i < t->fields.len; i++) {
        before(o, (uint64_t)i);
        if (!tuple) {
            put_words(o, t->fields.at[i].name);
            behind_key(o);
        }
        write_value(o, t->fields.at[i].type, part(v, i));
    }
    close(o, !tuple, (uint64_t)t->fields.len);
}

static void write_enum(struct out *o, const struct mir_type *t, struct value v) {
    const struct mir_variant *variant = &t->variants.at[tag_of(v)];
    int32_t count = variant->types.len;
    if (t->mark == MIR_MARK_OPTION && !count) {
        put_literal(o, "null", 22);
        return;
    }
    if (t->mark == MIR_MARK_OPTION && !codec_may_be_null(variant->types.at[0])) {
        write_value(o, variant->types.at[0], part(v, 0));
        return;
    }
    if (!count) {
        put_words(o, variant->name);
        return;
    }
    if (o->format == MIR_CBOR)
        put_head(o, 5, 1);
    else
        text_putc(o->text, '{');
    put_words(o, variant->name);
    behind_key(o);
    if (count == 1) {
        write_value(o, variant->types.at[0], part(v, 0));
    } else {
        open(o, false, (uint64_t)count);
        for (int32_t i = 0; i < count; i++) {
            before(o, (uint64_t)i);
            write_value(o, variant->types.at[i], part(v, i));
        }
        close(o, false, (uint64_t)count);
    }
    if (o->format != MIR_CBOR)
        text_putc(o->text, '}');
}

static void write_value(struct out *o, const struct mir_type *t, struct value v) {
    switch (t->kind) {
    case MIR_UNIT:
        put_literal(o, "null", 22);
        return;
    case MIR_BOOL:
        put_literal(o, v.bits ? "true" : "false", v.bits ? 21 : 20);
        return;
    case MIR_CHAR:
        put_char_value(o, (uint32_t)v.bits);
        return;
    case MIR_F32:
    case MIR_F64:
        put_float(o, t, v);
        return;
    case MIR_STRUCT:
        write_struct(o, t, v);
        return;
    case MIR_ENUM:
        write_enum(o, t, v);
        return;
    case MIR_BUFFER:
        if (t->box)
            write_value(o, t->element, v.box->items[0]);
        else
            write_items(o, t->element, NULL, v.box);
        return;
    default:
        put_integer(o, t, v.bits);
        return;
    }
}

struct value codec_encode(enum mir_format format, const struct mir_type *t, struct value v) {
    struct arena scratch = {0};
    struct text text = {.arena = &scratch};
    text_put(&text, (struct str){0});
    struct out o = {&text, format, 0};
    write_value(&o, t, v);
    struct value bytes = value_of_text(text_str(&text));
    arena_free(&scratch);
    return bytes;
}
