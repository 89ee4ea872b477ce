// SPDX-License-Identifier: MIT
// Trees of JSON and CBOR as values.
#include "tests/differential/interp/codec.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

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
        return in->is_cbor                                       ? STR("a map")
               : codec_is_name(entry_type(t)->fields.at[1].type) ? STR("an object")
                                                                 : STR("an array of pairs");
    case MIR_MARK_SET:
    case MIR_MARK_QUEUE:
        return STR("an array");
    case MIR_MARK_DURATION:
    case MIR_MARK_INSTANT:
    case MIR_MARK_LIST:
        return wanted(in, t->fields.at[0].type);
    case MIR_MARK_OPTION:
        return codec_may_be_null(t->variants.at[1].types.at[0])
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
    return codec_fault(in, n->at, wanted(in, t));
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
    if (!s.len || codec_utf8_len(s, 0) != s.len)
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
        return codec_fault(in, n->at, what);
    for (int32_t i = 0; i < count && i < n->items.len; i++)
        if (!build(in, types[i], n->items.at[i], &out->items[i]))
            return false;
    return n->items.len == count || codec_fault(in, n->at, what);
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
        if (value_compare(key, part(entries->items[i], 1), part(entries->items[count], 1)) == 0)
            return true;
    return false;
}

static bool build_map(struct in *in, const struct mir_type *t, const struct node *n,
                      struct value *out) {
    const struct mir_type *key = entry_type(t)->fields.at[1].type;
    const struct mir_type *value = entry_type(t)->fields.at[2].type;
    bool names = !in->is_cbor && codec_is_name(key), pairs = !in->is_cbor && !names;
    if (n->kind != (pairs ? NODE_ARRAY : NODE_OBJECT))
        return unwanted(in, t, n);
    struct box *entries = n->items.len ? box_new((uint64_t)n->items.len) : NULL;
    for (int32_t i = 0; i < n->items.len; i++) {
        const struct node *item = n->items.at[i];
        bool is_pair = pairs && item->kind == NODE_ARRAY && item->items.len == 2;
        if (pairs && !is_pair)
            return codec_fault(in, item->at, STR("an array of 2 items"));
        const struct node *k = pairs ? item->items.at[0] : n->keys.at[i];
        struct box *entry = entries->items[i].box = box_new(3);
        if (!(names ? build_name : build)(in, key, k, &entry->items[1]))
            return false;
        if (has_key(key, entries, (uint64_t)i))
            return codec_fault(in, k->at, STR("each key once"));
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
            return codec_fault(in, n->items.at[i]->at, STR("each item once"));
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
    if (t->kind == MIR_UNIT || !codec_may_be_null(t))
        return codec_fault(in, n->at, str_format(in->arena, "the key \"%s\"", f->name));
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
            return codec_fault(in, key->at, STR("a key"));
        int32_t f = 0;
        while (f < t->fields.len && !str_is(key->text, t->fields.at[f].name))
            f++;
        if (f == t->fields.len)
            continue;
        if (seen[f])
            return codec_fault(in, key->at, STR("each key once"));
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
    if (codec_may_be_null(some))
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
    struct node *n = codec_tree(&in);
    struct value made = {.box = box_new(3)}, one = value_zero;
    bool is_right = n && build(&in, result->fields.at[0].type->element, n, &one);
    if (is_right && in.cut)
        is_right = codec_fault(&in, in.cut->at, STR("a value"));
    if (is_right && in.at < in.s.len)
        is_right = codec_fault(&in, in.at, STR("the end of the input"));
    if (is_right)
        made.box->items[0] = wrapped(one);
    made.box->items[1].bits = in.fault_at;
    made.box->items[2] = value_of_text(in.expected);
    arena_free(&scratch);
    return made;
}
