// SPDX-License-Identifier: MIT
// Values: copying, comparing, hashing, printing; each goes down the value with its type.
#include "tests/differential/interp/interp.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <xxhash.h>

const struct value value_zero;

// ---- boxes --------------------------------------------------------------------------------------

static bool is_boxed(const struct mir_type *t) {
    return t->kind == MIR_STRUCT || t->kind == MIR_ENUM || t->kind == MIR_BUFFER ||
           t->kind == MIR_FN || t->kind == MIR_ERROR;
}

static void *allocate(size_t size) {
    void *p = calloc(1, size ? size : 1);
    if (!p) {
        fprintf(stderr, "mir-interp: out of memory\n");
        exit(70);
    }
    return p;
}

struct box *box_new(uint64_t len) {
    struct box *b = allocate(sizeof *b);
    b->refs = 1;
    b->len = b->room = len;
    b->items = allocate(sizeof *b->items * len);
    return b;
}

const struct mir_type *value_item_type(const struct mir_type *t, const struct box *b, uint64_t i) {
    switch (t->kind) {
    case MIR_STRUCT:
        return t->fields.at[i].type;
    case MIR_ENUM:
        return t->variants.at[b->tag].types.at[i];
    case MIR_BUFFER:
        return t->element;
    case MIR_FN:
        return b->function->locals.at[i].type;
    default:
        assert(t->kind == MIR_ERROR);
        return b->carried;
    }
}

struct value value_keep(const struct mir_type *t, struct value v) {
    if (is_boxed(t) && v.box)
        v.box->refs++;
    return v;
}

void value_drop(const struct mir_type *t, struct value v) {
    if (!is_boxed(t) || !v.box || --v.box->refs)
        return;
    for (uint64_t i = 0; i < v.box->len; i++)
        value_drop(value_item_type(t, v.box, i), v.box->items[i]);
    free(v.box->items);
    free(v.box);
}

// How many items a box of the type has when it is the zero value.
static uint64_t zero_len(const struct mir_type *t) {
    if (t->kind == MIR_STRUCT)
        return (uint64_t)t->fields.len;
    return t->kind == MIR_ENUM && t->variants.len ? (uint64_t)t->variants.at[0].types.len : 0;
}

struct box *value_own(const struct mir_type *t, struct value *v) {
    struct box *old = v->box;
    if (!old)
        return v->box = box_new(zero_len(t));
    if (old->refs == 1)
        return old;
    struct box *b = box_new(old->len);
    b->tag = old->tag;
    for (uint64_t i = 0; i < old->len; i++)
        b->items[i] = value_keep(value_item_type(t, old, i), old->items[i]);
    old->refs--;
    return v->box = b;
}

struct value value_of_text(struct str s) {
    struct value v = {.box = s.len ? box_new(s.len) : NULL};
    for (size_t i = 0; i < s.len; i++)
        v.box->items[i].bits = (unsigned char)s.data[i];
    return v;
}

struct str value_text(struct arena *a, struct value bytes) {
    struct text t = {.arena = a};
    text_put(&t, (struct str){0});
    for (uint64_t i = 0; bytes.box && i < bytes.box->len; i++)
        text_putc(&t, (char)bytes.box->items[i].bits);
    return text_str(&t);
}

struct value value_of_const(const struct mir_operand *o) {
    if (o->type->kind == MIR_BUFFER)
        return value_of_text(o->value.text);
    if (mir_is_float(o->type->kind))
        return (struct value){.number = o->value.number};
    return (struct value){.bits = o->type->kind == MIR_UNIT ? 0 : o->value.bits};
}

// ---- order --------------------------------------------------------------------------------------

static int three_way(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

// -inf … -0, 0 … inf, nan
static int compare_floats(double a, double b) {
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    struct value x = {.number = a}, y = {.number = b};
    bool below_a = signbit(a), below_b = signbit(b);
    if (below_a != below_b)
        return below_a ? -1 : 1;
    return below_a ? three_way(y.bits, x.bits) : three_way(x.bits, y.bits);
}

static int compare_boxes(const struct mir_type *t, const struct box *a, const struct box *b,
                         bool equality) {
    if (container_is(t))
        return container_compare(t, a, b, equality);
    int32_t tag_a = a ? a->tag : 0, tag_b = b ? b->tag : 0;
    if (t->kind == MIR_ENUM && tag_a != tag_b)
        return tag_a < tag_b ? -1 : 1;
    bool buffer = t->kind == MIR_BUFFER;
    uint64_t len_a = a ? a->len : buffer ? 0 : zero_len(t);
    uint64_t len_b = b ? b->len : buffer ? 0 : zero_len(t);
    for (uint64_t i = 0; i < len_a && i < len_b; i++) {
        struct value x = a ? a->items[i] : value_zero, y = b ? b->items[i] : value_zero;
        const struct mir_type *item =
            t->kind == MIR_ENUM ? t->variants.at[tag_a].types.at[i] : value_item_type(t, a, i);
        int order = equality ? !value_equal(item, x, y) : value_compare(item, x, y);
        if (order)
            return order;
    }
    return three_way(len_a, len_b);
}

int value_compare(const struct mir_type *t, struct value a, struct value b) {
    if (mir_is_signed(t->kind))
        return ((int64_t)a.bits > (int64_t)b.bits) - ((int64_t)a.bits < (int64_t)b.bits);
    if (mir_is_float(t->kind))
        return compare_floats(a.number, b.number);
    if (is_boxed(t))
        return compare_boxes(t, a.box, b.box, false);
    if (t->kind == MIR_REF)
        return three_way(a.cell ? (uint64_t)a.cell->number + 1 : 0,
                         b.cell ? (uint64_t)b.cell->number + 1 : 0);
    return three_way(a.bits, b.bits);
}

bool value_equal(const struct mir_type *t, struct value a, struct value b) {
    if (mir_is_float(t->kind))
        return a.number == b.number;
    if (is_boxed(t))
        return compare_boxes(t, a.box, b.box, true) == 0;
    return value_compare(t, a, b) == 0;
}

// ---- hash: XXH3 over the leaves, lengths and tags -----------------------------------------------

static void put_low_bytes(struct text *out, uint64_t bits, int count) {
    for (int i = 0; i < count; i++)
        text_putc(out, (char)(bits >> (8 * i)));
}

static void hash_into(struct text *out, const struct mir_type *t, struct value v) {
    float narrow = (float)v.number;
    uint32_t narrow_bits;
    uint64_t len;
    switch (t->kind) {
    case MIR_UNIT:
        return;
    case MIR_BOOL:
        put_low_bytes(out, v.bits, 1);
        return;
    case MIR_CHAR:
        put_low_bytes(out, v.bits, 4);
        return;
    case MIR_F32:
        narrow = narrow == 0 ? 0 : isnan(narrow) ? __builtin_nanf("") : narrow;
        memcpy(&narrow_bits, &narrow, sizeof narrow);
        put_low_bytes(out, narrow_bits, 4);
        return;
    case MIR_F64:
        v.number = v.number == 0 ? 0 : isnan(v.number) ? __builtin_nan("") : v.number;
        put_low_bytes(out, v.bits, 8);
        return;
    case MIR_REF:
        put_low_bytes(out, v.cell ? (uint64_t)v.cell->number + 1 : 0, 8);
        return;
    case MIR_ENUM:
        put_low_bytes(out, v.box ? (uint64_t)v.box->tag : 0, 4);
        break;
    case MIR_BUFFER:
        put_low_bytes(out, v.box ? v.box->len : 0, 8);
        break;
    case MIR_STRUCT:
        if (container_is(t)) {
            container_hash(out, t, v.box);
            return;
        }
        break;
    default:
        put_low_bytes(out, v.bits, mir_width_bits(t->kind) / 8);
        return;
    }
    struct box zero = {.len = zero_len(t)};
    const struct box *b = v.box ? v.box : &zero;
    len = b->len;
    for (uint64_t i = 0; i < len; i++)
        hash_into(out, value_item_type(t, b, i), b->items ? b->items[i] : value_zero);
}

uint64_t value_hash(const struct mir_type *t, struct value v) {
    struct arena scratch = {0};
    struct text bytes = {.arena = &scratch};
    text_put(&bytes, (struct str){0});
    hash_into(&bytes, t, v);
    uint64_t hash = XXH3_64bits(bytes.data, bytes.len);
    arena_free(&scratch);
    return hash;
}

// ---- printing -----------------------------------------------------------------------------------

static void show(struct text *out, const struct mir_type *t, struct value v, bool inside);

static void show_quoted(struct text *out, struct str s, char quote) {
    text_putc(out, quote);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c == '\n' || c == '\t' || c == '\r')
            text_put(out, c == '\n' ? STR("\\n") : c == '\t' ? STR("\\t") : STR("\\r"));
        else if (c == '\\' || c == (unsigned char)quote)
            text_printf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            text_printf(out, "\\x%02x", c);
        else
            text_putc(out, (char)c);
    }
    text_putc(out, quote);
}

static void show_char(struct text *out, uint32_t scalar, bool inside) {
    struct arena scratch = {0};
    struct text bytes = {.arena = &scratch};
    text_put_utf8(&bytes, scalar);
    if (inside)
        show_quoted(out, text_str(&bytes), '\'');
    else
        text_put(out, text_str(&bytes));
    arena_free(&scratch);
}

static void show_zeros(struct text *out, int count) {
    while (count-- > 0)
        text_putc(out, '0');
}

// The fewest digits d with 0.d * 10^point = v; v is positive and finite.
static int shortest_digits(double v, bool narrow, char digits[32], int *point) {
    char written[40];
    for (int precision = 0; precision < 17; precision++) {
        snprintf(written, sizeof written, "%.*e", precision, v);
        if (narrow ? strtof(written, NULL) == (float)v : strtod(written, NULL) == v)
            break;
    }
    int len = 0;
    const char *c = written;
    for (; *c && *c != 'e'; c++)
        if (*c != '.')
            digits[len++] = *c;
    *point = v == 0 ? 1 : atoi(c + 1) + 1;
    while (len > 1 && digits[len - 1] == '0')
        len--;
    return len;
}

static void show_float(struct text *out, double v, bool narrow) {
    if (isnan(v)) {
        text_put(out, STR("nan"));
        return;
    }
    if (signbit(v))
        text_putc(out, '-');
    v = fabs(v);
    if (isinf(v)) {
        text_put(out, STR("inf"));
        return;
    }
    char digits[32];
    int point, len = shortest_digits(v, narrow, digits, &point);
    if (point <= -5 || point > 16) {
        text_putc(out, digits[0]);
        if (len > 1)
            text_printf(out, ".%.*s", len - 1, digits + 1);
        text_printf(out, "e%c%d", point - 1 < 0 ? '-' : '+', abs(point - 1));
    } else if (point <= 0) {
        text_put(out, STR("0."));
        show_zeros(out, -point);
        text_put(out, (struct str){digits, (size_t)len});
    } else {
        int whole = point < len ? point : len;
        text_put(out, (struct str){digits, (size_t)whole});
        show_zeros(out, point - whole);
        text_printf(out, ".%.*s", len > whole ? len - whole : 1,
                    len > whole ? digits + whole : "0");
    }
}

static void show_duration(struct text *out, int64_t ns) {
    static const struct {
        uint64_t ns;
        const char *name;
    } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    int unit = 0;
    while (size && units[unit].ns > size)
        unit++;
    text_printf(out, "%s%" PRIu64, ns < 0 ? "-" : "", size / units[unit].ns);
    uint64_t rest = size % units[unit].ns;
    if (rest)
        text_putc(out, '.');
    for (uint64_t place = units[unit].ns / 10; rest; rest %= place, place /= 10)
        text_putc(out, (char)('0' + rest / place));
    text_put(out, str_from(units[unit].name));
}

static void show_error(struct text *out, const struct box *e) {
    if (e && e->carried && e->tag == FAILURE_USER) {
        show(out, e->carried, e->items[0], false);
        return;
    }
    text_put(out, str_from(mir_failure_sentence(e ? e->tag : 0)));
    if (e && e->carried) { // the words of error.text
        text_put(out, STR(": "));
        show(out, e->carried, e->items[0], false);
    }
    if (e && e->text.len)
        text_printf(out, ": %.*s", STR_ARGS(e->text));
}

// "Record<x: i64>" is the type of a record without one.
static bool is_record(const char *name) {
    size_t end = strcspn(name, "<");
    return name[end] && name[end + 1 + strcspn(name + end + 1, ":<>,")] == ':';
}

// "Point" of "geometry.Point<i64>".
static void show_name(struct text *out, const char *name) {
    size_t end = strcspn(name, "<("), from = end;
    while (from && name[from - 1] != '.')
        from--;
    text_put(out, (struct str){name + from, end - from});
}

static void show_struct(struct text *out, const struct mir_type *t, const struct box *b,
                        bool inside) {
    struct value first = b && b->len ? b->items[0] : value_zero;
    struct arena scratch = {0};
    bool tuple = t->mark == MIR_MARK_TUPLE;
    bool numbered = tuple || (t->fields.len && t->fields.at[0].name[0] == '0');
    switch (t->mark) {
    case MIR_MARK_STRING:
        if (inside)
            show_quoted(out, value_text(&scratch, first), '"');
        else
            text_put(out, value_text(&scratch, first));
        arena_free(&scratch);
        return;
    case MIR_MARK_LIST:
        show(out, t->fields.at[0].type, first, true);
        return;
    case MIR_MARK_DURATION:
    case MIR_MARK_INSTANT:
        show_duration(out, (int64_t)first.bits);
        return;
    default:
        break;
    }
    if (container_is(t)) {
        container_show(out, t, b);
        return;
    }
    bool record = !tuple && is_record(t->name);
    if (!tuple && !record)
        show_name(out, t->name);
    if (!tuple && t->fields.len == 0)
        return;
    text_put(out, numbered ? STR("(") : record ? STR("{ ") : STR(" { "));
    for (int32_t i = 0; i < t->fields.len; i++) {
        text_put(out, i ? STR(", ") : STR(""));
        if (!numbered)
            text_printf(out, "%s: ", t->fields.at[i].name);
        show(out, t->fields.at[i].type, b ? b->items[i] : value_zero, true);
    }
    text_put(out, !numbered ? STR(" }") : tuple && t->fields.len == 1 ? STR(",)") : STR(")"));
}

static void show_enum(struct text *out, const struct mir_type *t, const struct box *b,
                      bool inside) {
    const struct mir_variant *v = &t->variants.at[b ? b->tag : 0];
    if (t->mark == MIR_MARK_TRAIT) {
        show(out, v->types.at[0], b ? b->items[0] : value_zero, inside);
        return;
    }
    text_put(out, str_from(v->name));
    bool labelled = v->labels.len > 0;
    for (int32_t i = 0; i < v->types.len; i++) {
        text_put(out, i ? STR(", ") : labelled ? STR(" { ") : STR("("));
        if (labelled)
            text_printf(out, "%s: ", v->labels.at[i]);
        show(out, v->types.at[i], b ? b->items[i] : value_zero, true);
    }
    text_put(out, !v->types.len ? STR("") : labelled ? STR(" }") : STR(")"));
}

static void show_buffer(struct text *out, const struct mir_type *t, const struct box *b) {
    text_putc(out, '[');
    for (uint64_t i = 0; b && i < b->len; i++) {
        text_put(out, i ? STR(", ") : STR(""));
        show(out, t->element, b->items[i], true);
    }
    text_putc(out, ']');
}

static void show(struct text *out, const struct mir_type *t, struct value v, bool inside) {
    switch (t->kind) {
    case MIR_UNIT:
    case MIR_NEVER:
        text_put(out, STR("()"));
        return;
    case MIR_BOOL:
        text_put(out, v.bits ? STR("true") : STR("false"));
        return;
    case MIR_CHAR:
        show_char(out, (uint32_t)v.bits, inside);
        return;
    case MIR_F32:
    case MIR_F64:
        show_float(out, v.number, t->kind == MIR_F32);
        return;
    case MIR_STRUCT:
        show_struct(out, t, v.box, inside);
        return;
    case MIR_ENUM:
        show_enum(out, t, v.box, inside);
        return;
    case MIR_BUFFER:
        if (t->box && v.box && v.box->len == 1)
            show(out, t->element, v.box->items[0], inside);
        else
            show_buffer(out, t, v.box);
        return;
    case MIR_FN:
        text_put(out, STR("function"));
        return;
    case MIR_REF:
        text_printf(out, "%s#%d", t->name ? t->name : "actor", v.cell ? v.cell->number : 0);
        return;
    case MIR_ERROR:
        show_error(out, v.box);
        return;
    case MIR_REPLY:
    case MIR_FUTURE:
    case MIR_SCOPE:
    case MIR_TOKEN:
        mir_print_type(out, t);
        return;
    default:
        if (mir_is_signed(t->kind))
            text_printf(out, "%" PRId64, (int64_t)v.bits);
        else
            text_printf(out, "%" PRIu64, v.bits);
    }
}

void value_show_inside(struct text *out, const struct mir_type *t, struct value v) {
    show(out, t, v, true);
}

void value_show(struct text *out, const struct mir_type *t, struct value v) {
    show(out, t, v, false);
}

// ---- measuring ----------------------------------------------------------------------------------

uint64_t value_measure(const struct mir_type *t, struct value v, uint64_t *visited) {
    const struct box *b = v.box;
    uint64_t sum = 0;
    switch (t->kind) {
    case MIR_UNIT:
    case MIR_NEVER:
        return 0;
    case MIR_BOOL:
    case MIR_I8:
    case MIR_U8:
        return 1;
    case MIR_I16:
    case MIR_U16:
        return 2;
    case MIR_CHAR:
    case MIR_I32:
    case MIR_U32:
    case MIR_F32:
        return 4;
    case MIR_I64:
    case MIR_U64:
    case MIR_F64:
        return 8;
    case MIR_STRUCT:
        for (int32_t i = 0; i < t->fields.len; i++)
            sum += value_measure(t->fields.at[i].type, b ? b->items[i] : value_zero, visited);
        return sum;
    case MIR_ENUM: {
        const struct mir_variant *variant = &t->variants.at[b ? b->tag : 0];
        for (int32_t i = 0; i < variant->types.len; i++)
            sum += value_measure(variant->types.at[i], b ? b->items[i] : value_zero, visited);
        return 4 + sum;
    }
    case MIR_BUFFER:
        ++*visited;
        for (uint64_t i = 0; b && i < b->len; i++)
            sum += value_measure(t->element, b->items[i], visited);
        return 32 + sum;
    case MIR_FN:
        ++*visited;
        for (int32_t i = 0; b && i < b->function->captures; i++)
            sum += value_measure(b->function->locals.at[i].type, b->items[i], visited);
        return b ? 32 + sum : 0;
    default: // references, handles, errors
        return 16;
    }
}
