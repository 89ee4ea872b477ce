// SPDX-License-Identifier: MIT
// JSON and CBOR as trees.
#include "tests/differential/interp/codec.h"

#include <math.h>

enum { DEPTH_MAX = 1000 };

void *codec_fault(struct in *in, uint64_t at, struct str expected) {
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
    codec_fault(in, at, STR("no more than 1000 levels of nesting"));
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
        codec_fault(in, from, STR("an escape"));
        return false;
    }
    if (high >= 0xd800 && high <= 0xdfff) {
        if (high > 0xdbff || !accept(in, '\\') || !accept(in, 'u') || !four_digits(in, &low) ||
            low < 0xdc00 || low > 0xdfff) {
            codec_fault(in, from, STR("a pair of surrogates"));
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
            return codec_fault(in, in->at, STR("a closing \""));
        if (c < 0x20)
            return codec_fault(in, in->at, STR("no control character in a string"));
        if (c == '\\') {
            if (!escape(in, &out))
                return NULL;
            continue;
        }
        size_t len = codec_utf8_len(in->s, in->at);
        if (!len)
            return codec_fault(in, in->at, STR("UTF-8"));
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
                return codec_fault(in, in->at, STR("a key"));
            struct node *key = json_string(in);
            spaces(in);
            if (key && !accept(in, ':'))
                return codec_fault(in, in->at, STR("\":\""));
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
            return codec_fault(in, in->at,
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
        return codec_fault(in, in->at, STR("a data item"));
    in->at++;
    *major = first >> 5;
    *info = first & 31;
    *n = (uint64_t)*info;
    bool has_end = *info == 31 && *major >= 2 && *major <= 5;
    if (*info > 27 && !has_end)
        return codec_fault(in, from, STR("a data item"));
    if (*info < 24 || *info == 31)
        return true;
    *n = 0;
    for (int i = 0; i < 1 << (*info - 24); i++) {
        if (peek(in) < 0)
            return codec_fault(in, in->s.len, STR("more bytes"));
        *n = *n << 8 | (unsigned)peek(in);
        in->at++;
    }
    return !(*major == 7 && *info == 24 && *n < 32) || codec_fault(in, from, STR("a data item"));
}

static bool cbor_run(struct in *in, int major, uint64_t n, struct text *out) {
    if (n > in->s.len - in->at)
        return codec_fault(in, in->s.len, STR("more bytes"));
    struct str run = {in->s.data + in->at, n};
    for (size_t i = 0, len; major == 3 && i < run.len; i += len)
        if (!(len = codec_utf8_len(run, i)))
            return codec_fault(in, in->at + i, STR("UTF-8"));
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
            return codec_fault(in, from, STR("a part of a string"));
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

struct node *codec_tree(struct in *in) {
    if (in->is_cbor)
        return cbor_value(in);
    spaces(in);
    struct node *n = json_value(in);
    spaces(in);
    return n;
}
