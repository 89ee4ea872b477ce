// SPDX-License-Identifier: MIT
// JSON and CBOR, the plain way: what comes in becomes a tree of items first, whatever is wanted of
// it, and the tree a value.
#include "tests/differential/interp/interp.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { DEPTH_MAX = 1000 };

static struct value part(struct value v, int32_t i) {
    return v.box ? v.box->items[i] : value_zero;
}

static int32_t tag_of(struct value v) {
    return v.box ? v.box->tag : 0;
}

static bool is_name_type(const struct mir_type *t) {
    if (t->kind == MIR_ENUM && t->mark == MIR_MARK_NONE) {
        for (int32_t i = 0; i < t->variants.len; i++)
            if (t->variants.at[i].types.len)
                return false;
        return true;
    }
    return t->mark == MIR_MARK_STRING || t->kind == MIR_CHAR || mir_is_integer(t->kind);
}

static bool may_be_null(const struct mir_type *t) {
    while (t->kind == MIR_BUFFER && t->box)
        t = t->element;
    return t->kind == MIR_UNIT || t->mark == MIR_MARK_OPTION;
}

static const struct mir_type *entry_type(const struct mir_type *map) {
    return map->fields.at[0].type->element;
}

// ---- writing ------------------------------------------------------------------------------------

struct out {
    struct text *text;
    enum mir_format format;
    int depth;
};

static void write_value(struct out *o, const struct mir_type *t, struct value v);

static size_t utf8_len(struct str s, size_t at) {
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

static struct str repaired(struct arena *a, struct str s) {
    struct text t = {.arena = a};
    text_put(&t, (struct str){0});
    for (size_t i = 0, len; i < s.len; i += len ? len : 1) {
        len = utf8_len(s, i);
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
    bool pairs = o->format != MIR_CBOR && !is_name_type(key);
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
    if (t->mark == MIR_MARK_OPTION && !may_be_null(variant->types.at[0])) {
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

// ---- reading: the tree --------------------------------------------------------------------------

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

static void *fault(struct in *in, uint64_t at, struct str expected) {
    if (!in->is_wrong) {
        in->is_wrong = true;
        in->fault_at = at;
        in->expected = expected;
    }
    return NULL;
}

static struct node *node_new(struct in *in, enum node_kind kind) {
    struct node *n = arena_new(in->arena, struct node);
    n->kind = kind;
    n->at = in->at;
    return n;
}

static int peek(const struct in *in) {
    return in->at < in->s.len ? (unsigned char)in->s.data[in->at] : -1;
}

static bool accept(struct in *in, int c) {
    bool is_it = peek(in) == c;
    in->at += is_it;
    return is_it;
}

static void spaces(struct in *in) {
    while (accept(in, ' ') || accept(in, '\n') || accept(in, '\t') || accept(in, '\r'))
        ;
}

static bool enter(struct in *in, uint64_t at) {
    if (++in->depth <= DEPTH_MAX)
        return true;
    fault(in, at, STR("no more than 1000 levels of nesting"));
    return false;
}

static bool four_digits(struct in *in, uint32_t *unit) {
    *unit = 0;
    for (int i = 0; i < 4; i++, in->at++) {
        int c = peek(in);
        const char *digits = "0123456789abcdef0123456789ABCDEF",
                   *found = c > 0 ? strchr(digits, c) : NULL;
        if (!found)
            return false;
        *unit = *unit * 16 + (uint32_t)((found - digits) % 16);
    }
    return true;
}

static bool escape(struct in *in, struct text *out) {
    size_t from = in->at++;
    const char *shorts = "\"\\/bfnrt", *means = "\"\\/\b\f\n\r\t";
    int c = peek(in);
    const char *found = c > 0 ? strchr(shorts, c) : NULL;
    uint32_t high, low;
    in->at++;
    if (found) {
        text_putc(out, means[found - shorts]);
        return true;
    }
    if (c != 'u' || !four_digits(in, &high)) {
        fault(in, from, STR("an escape"));
        return false;
    }
    if (high >= 0xd800 && high <= 0xdfff) {
        if (high > 0xdbff || !accept(in, '\\') || !accept(in, 'u') || !four_digits(in, &low) ||
            low < 0xdc00 || low > 0xdfff) {
            fault(in, from, STR("a pair of surrogates"));
            return false;
        }
        high = 0x10000 + (high - 0xd800) * 0x400 + (low - 0xdc00);
    }
    text_put_utf8(out, high);
    return true;
}

static struct node *json_string(struct in *in) {
    struct node *n = node_new(in, NODE_TEXT);
    struct text out = {.arena = in->arena};
    text_put(&out, (struct str){0});
    in->at++;
    while (!accept(in, '"')) {
        int c = peek(in);
        if (c < 0)
            return fault(in, in->at, STR("a closing \""));
        if (c < 0x20)
            return fault(in, in->at, STR("no control character in a string"));
        if (c == '\\') {
            if (!escape(in, &out))
                return NULL;
            continue;
        }
        size_t len = utf8_len(in->s, in->at);
        if (!len)
            return fault(in, in->at, STR("UTF-8"));
        text_put(&out, (struct str){in->s.data + in->at, len});
        in->at += len;
    }
    n->text = text_str(&out);
    return n;
}

static struct node *json_value(struct in *in);

static struct node *json_composite(struct in *in, enum node_kind kind, int closing) {
    struct node *n = node_new(in, kind);
    if (!enter(in, in->at))
        return NULL;
    in->at++;
    spaces(in);
    bool is_empty = accept(in, closing);
    while (!is_empty) {
        if (kind == NODE_OBJECT) {
            if (peek(in) != '"')
                return fault(in, in->at, STR("a key"));
            struct node *key = json_string(in);
            spaces(in);
            if (key && !accept(in, ':'))
                return fault(in, in->at, STR("\":\""));
            if (!key)
                return NULL;
            spaces(in);
            vec_push(in->arena, &n->keys, key);
        }
        struct node *item = json_value(in);
        if (!item)
            return NULL;
        vec_push(in->arena, &n->items, item);
        if (in->cut)
            return n;
        spaces(in);
        if (accept(in, closing))
            break;
        if (!accept(in, ','))
            return fault(in, in->at,
                         closing == ']' ? STR("\",\" or \"]\"") : STR("\",\" or \"}\""));
        spaces(in);
    }
    in->depth--;
    return n;
}

static struct node *json_value(struct in *in) {
    static const char *const words[] = {"null", "false", "true"};
    int c = peek(in);
    if (c == '"')
        return json_string(in);
    if (c == '{')
        return json_composite(in, NODE_OBJECT, '}');
    if (c == '[')
        return json_composite(in, NODE_ARRAY, ']');
    for (int i = 0; i < 3; i++) {
        struct str rest = {in->s.data + in->at, in->s.len - in->at};
        if (!str_starts(rest, str_from(words[i])))
            continue;
        struct node *n = node_new(in, i ? NODE_BOOL : NODE_NULL);
        n->is_negative = i == 2;
        in->at += strlen(words[i]);
        return n;
    }
    struct node *n = node_new(in, NODE_NUMBER);
    while (c > 0 && strchr("0123456789+-.eE", c)) {
        in->at++;
        c = peek(in);
    }
    n->text = (struct str){in->s.data + n->at, in->at - n->at};
    if (!n->text.len) {
        n->kind = NODE_OTHER;
        in->cut = n;
    }
    return n;
}

// ---- CBOR: the same tree ------------------------------------------------------------------------

static struct node *cbor_value(struct in *in);

static bool cbor_head(struct in *in, int *major, int *info, uint64_t *n) {
    size_t from = in->at;
    int first = peek(in);
    if (first < 0)
        return fault(in, in->at, STR("a data item"));
    in->at++;
    *major = first >> 5;
    *info = first & 31;
    *n = (uint64_t)*info;
    bool has_end = *info == 31 && *major >= 2 && *major <= 5;
    if (*info > 27 && !has_end)
        return fault(in, from, STR("a data item"));
    if (*info < 24 || *info == 31)
        return true;
    *n = 0;
    for (int i = 0; i < 1 << (*info - 24); i++) {
        if (peek(in) < 0)
            return fault(in, in->s.len, STR("more bytes"));
        *n = *n << 8 | (unsigned)peek(in);
        in->at++;
    }
    return !(*major == 7 && *info == 24 && *n < 32) || fault(in, from, STR("a data item"));
}

static bool cbor_run(struct in *in, int major, uint64_t n, struct text *out) {
    if (n > in->s.len - in->at)
        return fault(in, in->s.len, STR("more bytes"));
    struct str run = {in->s.data + in->at, n};
    for (size_t i = 0, len; major == 3 && i < run.len; i += len)
        if (!(len = utf8_len(run, i)))
            return fault(in, in->at + i, STR("UTF-8"));
    text_put(out, run);
    in->at += n;
    return true;
}

static struct node *cbor_string(struct in *in, struct node *s, int major, int info, uint64_t n) {
    struct text out = {.arena = in->arena};
    text_put(&out, (struct str){0});
    s->kind = major == 3 ? NODE_TEXT : NODE_BYTES;
    while (info == 31 && !accept(in, 0xff)) {
        int part_major, part_info;
        size_t from = in->at;
        if (!cbor_head(in, &part_major, &part_info, &n))
            return NULL;
        if (part_major != major || part_info == 31)
            return fault(in, from, STR("a part of a string"));
        if (!cbor_run(in, major, n, &out))
            return NULL;
    }
    if (info != 31 && !cbor_run(in, major, n, &out))
        return NULL;
    s->text = text_str(&out);
    return s;
}

static struct node *cbor_composite(struct in *in, struct node *c, int info, uint64_t n) {
    if (!enter(in, c->at))
        return NULL;
    for (uint64_t i = 0; info == 31 ? !accept(in, 0xff) : i < n; i++) {
        struct node *key = c->kind == NODE_OBJECT ? cbor_value(in) : NULL;
        if (c->kind == NODE_OBJECT && !key)
            return NULL;
        struct node *item = cbor_value(in);
        if (!item)
            return NULL;
        if (key)
            vec_push(in->arena, &c->keys, key);
        vec_push(in->arena, &c->items, item);
    }
    in->depth--;
    return c;
}

static void cbor_simple(struct node *n, int info, uint64_t bits) {
    struct value wide = {.bits = bits};
    uint32_t narrow = (uint32_t)bits;
    float single;
    memcpy(&single, &narrow, sizeof single);
    n->kind = info == 20 || info == 21 ? NODE_BOOL
              : info == 22             ? NODE_NULL
              : info >= 25             ? NODE_FLOAT
                                       : NODE_OTHER;
    n->is_negative = info == 21;
    if (info == 27)
        n->number = wide.number;
    else if (info == 26)
        n->number = (double)single;
    else if (info == 25) {
        int exponent = bits >> 10 & 31;
        double fraction = (double)(bits & 0x3ff);
        n->number = exponent == 31  ? (fraction != 0 ? NAN : INFINITY)
                    : exponent == 0 ? ldexp(fraction, -24)
                                    : ldexp(fraction + 1024, exponent - 25);
        n->number = bits >> 15 ? -n->number : n->number;
    }
}

static struct node *cbor_value(struct in *in) {
    struct node *n = node_new(in, NODE_OTHER);
    int major, info;
    uint64_t number;
    if (!cbor_head(in, &major, &info, &number))
        return NULL;
    switch (major) {
    case 0:
    case 1:
        n->kind = NODE_INTEGER;
        n->is_negative = major == 1;
        n->size = number + (uint64_t)major;
        if (n->is_negative && n->size == 0) // -2^64, which is none of ours
            n->kind = NODE_OTHER;
        return n;
    case 2:
    case 3:
        return cbor_string(in, n, major, info, number);
    case 4:
    case 5:
        n->kind = major == 4 ? NODE_ARRAY : NODE_OBJECT;
        return cbor_composite(in, n, info, number);
    case 6:
        if (!enter(in, n->at) || !cbor_value(in))
            return NULL;
        in->depth--;
        return n;
    default:
        cbor_simple(n, info, number);
        return n;
    }
}

// ---- reading: the value -------------------------------------------------------------------------

static bool build(struct in *in, const struct mir_type *t, const struct node *n, struct value *out);

static uint64_t most_of(enum mir_type_kind k) {
    return UINT64_MAX >> (64 - mir_width_bits(k) + mir_is_signed(k));
}

static struct str wanted(struct in *in, const struct mir_type *t) {
    struct arena *a = in->arena;
    if (mir_is_integer(t->kind)) {
        uint64_t most = most_of(t->kind);
        return str_format(a, "an integer from %" PRId64 " to %" PRIu64,
                          mir_is_signed(t->kind) ? -(int64_t)most - 1 : 0, most);
    }
    switch (t->mark) {
    case MIR_MARK_STRING:
        return STR("a string");
    case MIR_MARK_BYTES:
        return in->is_cbor ? STR("a string of bytes") : STR("a string in Base64");
    case MIR_MARK_TUPLE:
        return str_format(a, "an array of %" PRId32 " items", t->fields.len);
    case MIR_MARK_MAP:
        return in->is_cbor                                      ? STR("a map")
               : is_name_type(entry_type(t)->fields.at[1].type) ? STR("an object")
                                                                : STR("an array of pairs");
    case MIR_MARK_SET:
    case MIR_MARK_QUEUE:
        return STR("an array");
    case MIR_MARK_DURATION:
    case MIR_MARK_INSTANT:
    case MIR_MARK_LIST:
        return wanted(in, t->fields.at[0].type);
    case MIR_MARK_OPTION:
        return may_be_null(t->variants.at[1].types.at[0])
                   ? STR("null or Some")
                   : wanted(in, t->variants.at[1].types.at[0]);
    default:
        break;
    }
    if (t->kind == MIR_ENUM) {
        const char *name = t->name;
        for (const char *c = name; *c && *c != '<' && *c != '('; c++)
            name = *c == '.' ? c + 1 : name;
        return str_format(a, "a variant of %s", name);
    }
    return t->kind == MIR_UNIT     ? STR("null")
           : t->kind == MIR_BOOL   ? STR("true or false")
           : t->kind == MIR_CHAR   ? STR("a string of one character")
           : t->kind == MIR_F32    ? STR("a number of f32")
           : t->kind == MIR_F64    ? STR("a number of f64")
           : t->kind == MIR_STRUCT ? (in->is_cbor ? STR("a map") : STR("an object"))
           : t->box                ? wanted(in, t->element)
                                   : STR("an array");
}

static bool unwanted(struct in *in, const struct mir_type *t, const struct node *n) {
    return fault(in, n->at, wanted(in, t));
}

static bool digits_only(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] < '0' || s.data[i] > '9')
            return false;
    return s.len > 0 && (s.len == 1 || s.data[0] != '0');
}

static bool integer_text(struct str s, bool *is_negative, uint64_t *size) {
    *is_negative = str_starts(s, STR("-"));
    if (*is_negative)
        s = (struct str){s.data + 1, s.len - 1};
    if (!digits_only(s) || s.len > 20)
        return false;
    __extension__ unsigned __int128 wide = 0;
    for (size_t i = 0; i < s.len; i++)
        wide = wide * 10 + (unsigned)(s.data[i] - '0');
    *size = (uint64_t)wide;
    return wide <= UINT64_MAX;
}

static bool put_integer_value(const struct mir_type *t, bool is_negative, uint64_t size,
                              struct value *out) {
    uint64_t most = most_of(t->kind);
    if (is_negative && size ? !mir_is_signed(t->kind) || size - 1 > most : size > most)
        return false;
    out->bits = is_negative ? 0 - size : size;
    return true;
}

static bool build_integer(struct in *in, const struct mir_type *t, const struct node *n,
                          struct value *out) {
    bool is_negative = n->is_negative;
    uint64_t size = n->size;
    bool is_one = n->kind == NODE_INTEGER ||
                  (n->kind == NODE_NUMBER && integer_text(n->text, &is_negative, &size));
    return (is_one && put_integer_value(t, is_negative, size, out)) || unwanted(in, t, n);
}

static bool number_text(struct in *in, const struct mir_type *t, struct str s, double *out) {
    const char *c = str_format(in->arena, "%.*s", STR_ARGS(s)).data, *d = c + (*c == '-');
    const char *whole = d + strspn(d, "0123456789");
    bool is_right = whole > d && (whole == d + 1 || *d != '0');
    if (*whole == '.') {
        const char *from = whole + 1;
        whole = from + strspn(from, "0123456789");
        is_right = is_right && whole > from;
    }
    if (*whole == 'e' || *whole == 'E') {
        const char *from = whole + 1 + (whole[1] == '+' || whole[1] == '-');
        whole = from + strspn(from, "0123456789");
        is_right = is_right && whole > from;
    }
    *out = t->kind == MIR_F32 ? (double)strtof(c, NULL) : strtod(c, NULL);
    return is_right && !*whole && isfinite(*out);
}

static bool build_float(struct in *in, const struct mir_type *t, const struct node *n,
                        struct value *out) {
    double v = n->number;
    bool is_one = n->kind == NODE_FLOAT;
    if (n->kind == NODE_NUMBER)
        is_one = number_text(in, t, n->text, &v);
    if (n->kind == NODE_TEXT && !in->is_cbor) {
        is_one =
            str_is(n->text, "NaN") || str_is(n->text, "Infinity") || str_is(n->text, "-Infinity");
        v = str_is(n->text, "NaN") ? NAN : str_is(n->text, "Infinity") ? INFINITY : -INFINITY;
    }
    if (n->kind == NODE_INTEGER && n->size <= 1ull << 53) {
        v = n->is_negative ? -(double)n->size : (double)n->size;
        is_one = n->is_negative || n->size < 1ull << 53;
    }
    if (in->is_cbor && t->kind == MIR_F32 && is_one && !isnan(v))
        is_one = (double)(float)v == v;
    out->number = v;
    return is_one || unwanted(in, t, n);
}

static bool one_character(struct str s, struct value *out) {
    if (!s.len || utf8_len(s, 0) != s.len)
        return false;
    const unsigned char *p = (const unsigned char *)s.data;
    uint32_t c = s.len == 1 ? p[0] : p[0] & (0x7fu >> s.len);
    for (size_t i = 1; i < s.len; i++)
        c = c * 64 + (p[i] & 63);
    out->bits = c;
    return true;
}

static struct value wrapped(struct value inside) {
    struct value v = {.box = box_new(1)};
    v.box->items[0] = inside;
    return v;
}

static bool base64(struct in *in, struct str s, struct text *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (void)in;
    for (size_t i = 0; i < s.len; i += 4) {
        uint32_t bits = 0;
        int pads = 0;
        for (size_t k = 0; k < 4; k++) {
            char c = i + k < s.len ? s.data[i + k] : '!';
            const char *found = c ? strchr(digits, c) : NULL;
            if (c == '=' && i + 4 == s.len && k >= 2)
                pads++;
            else if (!found || pads)
                return false;
            bits = bits << 6 | (c == '=' ? 0 : (uint32_t)(found - digits));
        }
        if (bits & ((1u << 8 * pads) - 1))
            return false;
        for (int k = 0; k < 3 - pads; k++)
            text_putc(out, (char)(bits >> (16 - 8 * k)));
    }
    return true;
}

static bool build_bytes(struct in *in, const struct mir_type *t, const struct node *n,
                        struct value *out) {
    struct text decoded = {.arena = in->arena};
    text_put(&decoded, (struct str){0});
    bool is_text = t->mark == MIR_MARK_STRING || !in->is_cbor;
    if (n->kind != (is_text ? NODE_TEXT : NODE_BYTES))
        return unwanted(in, t, n);
    struct str s = n->text;
    if (t->mark == MIR_MARK_BYTES && !in->is_cbor) {
        if (!base64(in, s, &decoded))
            return unwanted(in, t, n);
        s = text_str(&decoded);
    }
    *out = wrapped(value_of_text(s));
    return true;
}

static bool build_items(struct in *in, const struct mir_type *element, const struct mir_type *t,
                        const struct node *n, struct value *out) {
    if (n->kind != NODE_ARRAY)
        return unwanted(in, t, n);
    out->box = n->items.len ? box_new((uint64_t)n->items.len) : NULL;
    for (int32_t i = 0; i < n->items.len; i++)
        if (!build(in, element, n->items.at[i], &out->box->items[i]))
            return false;
    return true;
}

// The fields of a tuple or a payload, into a box that is there.
static bool build_parts(struct in *in, struct mir_type *const *types, int32_t count,
                        const struct node *n, struct box *out) {
    struct str what = str_format(in->arena, "an array of %" PRId32 " items", count);
    if (n->kind != NODE_ARRAY)
        return fault(in, n->at, what);
    for (int32_t i = 0; i < count && i < n->items.len; i++)
        if (!build(in, types[i], n->items.at[i], &out->items[i]))
            return false;
    return n->items.len == count || fault(in, n->at, what);
}

static bool build_name(struct in *in, const struct mir_type *t, const struct node *key,
                       struct value *out) {
    bool is_negative;
    uint64_t size;
    if (mir_is_integer(t->kind))
        return (integer_text(key->text, &is_negative, &size) &&
                put_integer_value(t, is_negative, size, out)) ||
               unwanted(in, t, key);
    return build(in, t, key, out);
}

// The entries of a map, with the table that runtime/std/map.prism has.
static struct value map_of(const struct mir_type *t, struct box *entries) {
    struct value map = {.box = box_new(2)};
    if (!entries)
        return map;
    uint64_t places = 8;
    while (places < 2 * entries->len)
        places *= 2;
    struct box *table = box_new(places);
    for (uint64_t i = 0; i < entries->len; i++) {
        uint64_t hash = value_hash(entry_type(t)->fields.at[1].type, part(entries->items[i], 1));
        uint64_t at = hash & (places - 1);
        entries->items[i].box->items[0].bits = hash;
        while (table->items[at].bits)
            at = (at + 1) & (places - 1);
        table->items[at].bits = i + 1;
    }
    map.box->items[0].box = entries;
    map.box->items[1].box = table;
    return map;
}

static bool has_key(const struct mir_type *key, const struct box *entries, uint64_t count) {
    for (uint64_t i = 0; i < count; i++)
        if (value_equal(key, part(entries->items[i], 1), part(entries->items[count], 1)))
            return true;
    return false;
}

static bool build_map(struct in *in, const struct mir_type *t, const struct node *n,
                      struct value *out) {
    const struct mir_type *key = entry_type(t)->fields.at[1].type;
    const struct mir_type *value = entry_type(t)->fields.at[2].type;
    bool names = !in->is_cbor && is_name_type(key), pairs = !in->is_cbor && !names;
    if (n->kind != (pairs ? NODE_ARRAY : NODE_OBJECT))
        return unwanted(in, t, n);
    struct box *entries = n->items.len ? box_new((uint64_t)n->items.len) : NULL;
    for (int32_t i = 0; i < n->items.len; i++) {
        const struct node *item = n->items.at[i];
        bool is_pair = pairs && item->kind == NODE_ARRAY && item->items.len == 2;
        if (pairs && !is_pair)
            return fault(in, item->at, STR("an array of 2 items"));
        const struct node *k = pairs ? item->items.at[0] : n->keys.at[i];
        struct box *entry = entries->items[i].box = box_new(3);
        if (!(names ? build_name : build)(in, key, k, &entry->items[1]))
            return false;
        if (has_key(key, entries, (uint64_t)i))
            return fault(in, k->at, STR("each key once"));
        if (!build(in, value, pairs ? item->items.at[1] : item, &entry->items[2]))
            return false;
    }
    *out = map_of(t, entries);
    return true;
}

static bool build_set(struct in *in, const struct mir_type *t, const struct node *n,
                      struct value *out) {
    const struct mir_type *map = t->fields.at[0].type, *key = entry_type(map)->fields.at[1].type;
    if (n->kind != NODE_ARRAY)
        return unwanted(in, t, n);
    struct box *entries = n->items.len ? box_new((uint64_t)n->items.len) : NULL;
    for (int32_t i = 0; i < n->items.len; i++) {
        entries->items[i].box = box_new(3);
        if (!build(in, key, n->items.at[i], &entries->items[i].box->items[1]))
            return false;
        if (has_key(key, entries, (uint64_t)i))
            return fault(in, n->items.at[i]->at, STR("each item once"));
    }
    *out = wrapped(map_of(map, entries));
    return true;
}

static bool missing_field(struct in *in, const struct mir_field *f, const struct node *n,
                          struct value *out) {
    const struct mir_type *t = f->type;
    if (f->fallback) {
        struct strand *strand = in->interp->strand;
        struct frame *caller = strand->top; // which stands in the middle of an operation
        strand->top = NULL;
        *out = call_now(in->interp, mir_find_function(in->interp->module, f->fallback));
        strand->top = caller;
        return !in->interp->failing;
    }
    if (t->kind == MIR_UNIT || !may_be_null(t))
        return fault(in, n->at, str_format(in->arena, "the key \"%s\"", f->name));
    for (; t->kind == MIR_BUFFER; t = t->element, out = &out->box->items[0])
        out->box = box_new(1);
    return true;
}

static bool build_record(struct in *in, const struct mir_type *t, const struct node *n,
                         struct value *out) {
    if (n->kind != NODE_OBJECT)
        return unwanted(in, t, n);
    out->box = box_new((uint64_t)t->fields.len);
    bool *seen = arena_array(in->arena, bool, t->fields.len);
    for (int32_t i = 0; i < n->items.len; i++) {
        const struct node *key = n->keys.at[i];
        if (key->kind != NODE_TEXT)
            return fault(in, key->at, STR("a key"));
        int32_t f = 0;
        while (f < t->fields.len && !str_is(key->text, t->fields.at[f].name))
            f++;
        if (f == t->fields.len)
            continue;
        if (seen[f])
            return fault(in, key->at, STR("each key once"));
        seen[f] = true;
        if (!build(in, t->fields.at[f].type, n->items.at[i], &out->box->items[f]))
            return false;
    }
    for (int32_t f = 0; f < t->fields.len; f++)
        if (!seen[f] && !missing_field(in, &t->fields.at[f], n, &out->box->items[f]))
            return false;
    return true;
}

static bool build_variant(struct in *in, const struct mir_type *t, const struct node *n,
                          struct value *out) {
    bool has_payload =
        n->kind == NODE_OBJECT && n->items.len == 1 && n->keys.at[0]->kind == NODE_TEXT;
    struct str name = has_payload ? n->keys.at[0]->text : n->text;
    if (!has_payload && n->kind != NODE_TEXT)
        return unwanted(in, t, n);
    int32_t tag = 0;
    while (tag < t->variants.len && !str_is(name, t->variants.at[tag].name))
        tag++;
    if (tag == t->variants.len || (t->variants.at[tag].types.len > 0) != has_payload)
        return unwanted(in, t, n);
    const struct mir_variant *v = &t->variants.at[tag];
    out->box = box_new((uint64_t)v->types.len);
    out->box->tag = tag;
    if (v->types.len == 1)
        return build(in, v->types.at[0], n->items.at[0], &out->box->items[0]);
    return !has_payload || build_parts(in, v->types.at, v->types.len, n->items.at[0], out->box);
}

static bool build_option(struct in *in, const struct mir_type *t, const struct node *n,
                         struct value *out) {
    const struct mir_type *some = t->variants.at[1].types.at[0];
    if (n->kind == NODE_NULL)
        return true;
    if (may_be_null(some))
        return n->kind == NODE_OBJECT ? build_variant(in, t, n, out) : unwanted(in, t, n);
    out->box = box_new(1);
    out->box->tag = 1;
    return build(in, some, n, &out->box->items[0]);
}

static bool build_struct(struct in *in, const struct mir_type *t, const struct node *n,
                         struct value *out) {
    switch (t->mark) {
    case MIR_MARK_STRING:
    case MIR_MARK_BYTES:
        return build_bytes(in, t, n, out);
    case MIR_MARK_MAP:
        return build_map(in, t, n, out);
    case MIR_MARK_SET:
        return build_set(in, t, n, out);
    case MIR_MARK_QUEUE:
        out->box = box_new(2);
        return build_items(in, t->fields.at[1].type->element, t, n, &out->box->items[1]);
    case MIR_MARK_DURATION:
    case MIR_MARK_INSTANT:
    case MIR_MARK_LIST:
        out->box = box_new(1);
        return build(in, t->fields.at[0].type, n, &out->box->items[0]);
    case MIR_MARK_TUPLE: {
        struct mir_type **types = arena_array(in->arena, struct mir_type *, t->fields.len);
        for (int32_t i = 0; i < t->fields.len; i++)
            types[i] = t->fields.at[i].type;
        out->box = box_new((uint64_t)t->fields.len);
        return build_parts(in, types, t->fields.len, n, out->box);
    }
    default:
        return build_record(in, t, n, out);
    }
}

static bool build(struct in *in, const struct mir_type *t, const struct node *n,
                  struct value *out) {
    switch (t->kind) {
    case MIR_UNIT:
        return n->kind == NODE_NULL || unwanted(in, t, n);
    case MIR_BOOL:
        out->bits = n->is_negative;
        return n->kind == NODE_BOOL || unwanted(in, t, n);
    case MIR_CHAR:
        return (n->kind == NODE_TEXT && one_character(n->text, out)) || unwanted(in, t, n);
    case MIR_F32:
    case MIR_F64:
        return build_float(in, t, n, out);
    case MIR_STRUCT:
        return build_struct(in, t, n, out);
    case MIR_ENUM:
        return t->mark == MIR_MARK_OPTION ? build_option(in, t, n, out)
                                          : build_variant(in, t, n, out);
    case MIR_BUFFER:
        if (!t->box)
            return build_items(in, t->element, t, n, out);
        out->box = box_new(1);
        return build(in, t->element, n, &out->box->items[0]);
    default:
        return build_integer(in, t, n, out);
    }
}

struct value codec_decode(struct interp *interp, enum mir_format format,
                          const struct mir_type *result, struct value bytes) {
    struct arena scratch = {0};
    struct in in = {.arena = &scratch, .interp = interp, .is_cbor = format == MIR_CBOR};
    in.s = value_text(&scratch, bytes);
    if (!in.is_cbor)
        spaces(&in);
    struct node *n = in.is_cbor ? cbor_value(&in) : json_value(&in);
    if (!in.is_cbor)
        spaces(&in);
    struct value made = {.box = box_new(3)}, one = value_zero;
    bool is_right = n && build(&in, result->fields.at[0].type->element, n, &one);
    if (is_right && in.cut)
        is_right = fault(&in, in.cut->at, STR("a value"));
    if (is_right && in.at < in.s.len)
        is_right = fault(&in, in.at, STR("the end of the input"));
    if (is_right)
        made.box->items[0] = wrapped(one);
    made.box->items[1].bits = in.fault_at;
    made.box->items[2] = value_of_text(in.expected);
    arena_free(&scratch);
    return made;
}
