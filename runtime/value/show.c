// SPDX-License-Identifier: MIT
// `{}`: a value as text. Text and characters stand bare when they are the whole value and quoted
// inside another one. docs/mir.md, "Printing", is the specification; the interpreter follows the
// same.
#include "runtime/value/data.h"

const prism_type prism_type_u8 = {
    .name = "u8", .kind = PRISM_U8, .flags = PRISM_PLAIN, .size = 1, .align = 1};

void prism_text_put(prism_cx *cx, prism_buffer **text, const void *bytes, size_t count) {
    if (!count)
        return;
    uint64_t len = prism_buffer_len(*text);
    if (!prism_buffer_ready(*text, len + count))
        prism_buffer_own(cx, text, &prism_type_u8, len + count);
    memcpy((*text)->data + len, bytes, count);
    (*text)->len = len + count;
}

struct shower {
    struct steps steps;
    prism_buffer *text;
};

static void put(struct shower *s, const char *text) {
    prism_text_put(s->steps.cx, &s->text, text, strlen(text));
}

static void put_bytes(struct shower *s, const void *bytes, size_t count) {
    prism_text_put(s->steps.cx, &s->text, bytes, count);
}

static void put_u64(struct shower *s, uint64_t v) {
    char out[PRISM_NUMBER_BYTES];
    put_bytes(s, out, (size_t)prism_number_u64(v, out));
}

static size_t utf8(uint32_t c, char out[4]) {
    if (c < 0x80)
        return out[0] = (char)c, 1;
    if (c < 0x800)
        return out[0] = (char)(0xc0 | c >> 6), out[1] = (char)(0x80 | (c & 63)), 2;
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12), out[1] = (char)(0x80 | (c >> 6 & 63));
        return out[2] = (char)(0x80 | (c & 63)), 3;
    }
    out[0] = (char)(0xf0 | (c >> 18 & 7)), out[1] = (char)(0x80 | (c >> 12 & 63));
    return out[2] = (char)(0x80 | (c >> 6 & 63)), out[3] = (char)(0x80 | (c & 63)), 4;
}

// One byte of a quoted text; bytes of 0x80 and above are parts of UTF-8 and stand as they are.
static void put_escaped(struct shower *s, unsigned char c, char quote) {
    static const char digits[] = "0123456789abcdef";
    char escape[] = {'\\', 'x', digits[c >> 4], digits[c & 15]};
    if (c == '\n' || c == '\t' || c == '\r')
        put(s, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
    else if (c == '\\' || c == (unsigned char)quote)
        put_bytes(s, (char[]){'\\', (char)c}, 2);
    else if (c < 0x20 || c == 0x7f)
        put_bytes(s, escape, sizeof escape);
    else
        put_bytes(s, &c, 1);
}

static void put_quoted(struct shower *s, const unsigned char *bytes, size_t count, char quote) {
    put_bytes(s, &quote, 1);
    size_t plain = 0; // how many before i are still to be put
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] >= 0x20 && bytes[i] != 0x7f && bytes[i] != '\\' &&
            bytes[i] != (unsigned char)quote) {
            plain++;
            continue;
        }
        put_bytes(s, bytes + i - plain, plain);
        plain = 0;
        put_escaped(s, bytes[i], quote);
    }
    put_bytes(s, bytes + count - plain, plain);
    put_bytes(s, &quote, 1);
}

static void show_text(struct shower *s, const prism_buffer *b, bool inside) {
    if (inside)
        put_quoted(s, b ? b->data : (const unsigned char *)"", prism_buffer_len(b), '"');
    else if (b)
        put_bytes(s, b->data, b->len);
}

static void show_char(struct shower *s, const void *value, bool inside) {
    uint32_t c;
    memcpy(&c, value, sizeof c);
    char bytes[4];
    size_t count = utf8(c, bytes);
    if (inside)
        put_quoted(s, (unsigned char *)bytes, count, '\'');
    else
        put_bytes(s, bytes, count);
}

// In the largest unit of which it is at least one, exactly: "1.5s", "250ms", "0s".
static void show_duration(struct shower *s, const void *value) {
    static const struct {
        uint64_t ns;
        const char *name;
    } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
    int64_t ns;
    memcpy(&ns, value, sizeof ns);
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    size_t unit = 0;
    while (size && units[unit].ns > size)
        unit++;
    if (ns < 0)
        put(s, "-");
    put_u64(s, size / units[unit].ns);
    uint64_t rest = size % units[unit].ns;
    if (rest)
        put(s, ".");
    for (uint64_t place = units[unit].ns / 10; rest; rest %= place, place /= 10)
        put_bytes(s, &(char){(char)('0' + rest / place)}, 1);
    put(s, units[unit].name);
}

static void show_handle(struct shower *s, const prism_type *type, const void *value) {
    uint64_t identity = prism_identity(type, value);
    put(s, type->kind == PRISM_REF && type->actor ? type->actor
           : type->kind == PRISM_REF              ? "actor"
                                                  : type->name);
    put(s, "#");
    put_u64(s, identity);
}

static bool is_number(const prism_type *type) {
    return type->kind >= PRISM_I8 && type->kind <= PRISM_F64;
}

static size_t number_text(const prism_type *type, const void *value, char out[PRISM_NUMBER_BYTES]) {
    int len;
    if (type->kind == PRISM_F64 || type->kind == PRISM_F32) {
        double d;
        float f;
        memcpy(type->kind == PRISM_F64 ? (void *)&d : (void *)&f, value, type->size);
        len = type->kind == PRISM_F64 ? prism_number_f64(d, out) : prism_number_f32(f, out);
    } else {
        uint64_t v = 0; // little-endian
        memcpy(&v, value, type->size);
        unsigned unused = 64 - 8 * type->size;
        len = type->kind <= PRISM_I64 ? prism_number_i64((int64_t)(v << unused) >> unused, out)
                                      : prism_number_u64(v, out);
    }
    return (size_t)len;
}

static void show_number(struct shower *s, const prism_type *type, const void *value) {
    char out[PRISM_NUMBER_BYTES];
    put_bytes(s, out, number_text(type, value, out));
}

// Are the fields numbered, `Pair(i64, i64)`?
static bool is_numbered(const prism_type *type) {
    return type->kind == PRISM_STRUCT && type->count && type->fields[0].name[0] == '0';
}

// Is it the type of a record without one, "Record<x: i64>"? Type arguments have no `:`.
static bool is_record(const char *name) {
    size_t end = strcspn(name, "<");
    return name[end] && name[end + 1 + strcspn(name + end + 1, ":<>,")] == ':';
}

// As a literal begins: "Point" of "geometry.Point<i64>", nothing of a record.
static void put_name(struct shower *s, const char *name) {
    if (is_record(name))
        return;
    size_t end = strcspn(name, "<("), from = end;
    while (from && name[from - 1] != '.')
        from--;
    put_bytes(s, name + from, end - from);
}

static void show_open(struct shower *s, const prism_type *type, const void *value, bool inside);

static void show_error(struct shower *s, const void *value) {
    const prism_error *e;
    memcpy(&e, value, sizeof e);
    if (e && e->type) {
        prism_buffer *inner = prism_show(s->steps.cx, e->type, e->data);
        show_text(s, inner, false);
        prism_buffer_drop(s->steps.cx, inner);
        return;
    }
    put(s, prism_failure_sentence(prism_error_kind(e)));
    if (e && e->text && *e->text) {
        put(s, ": ");
        put(s, e->text);
    }
}

static void show_struct(struct shower *s, const prism_type *type, const void *value, bool inside) {
    if (type->flags & PRISM_TEXT) {
        show_text(s, value_buffer((const char *)value + type->fields[0].offset), inside);
        return;
    }
    if (type->flags & PRISM_LIST) {
        show_open(s, type->fields[0].type, (const char *)value + type->fields[0].offset, true);
        return;
    }
    if (type->flags & (PRISM_DURATION | PRISM_INSTANT)) {
        show_duration(s, value);
        return;
    }
    if (type->flags & CONTAINERS) {
        put(s, type->flags & PRISM_QUEUE ? "[" : "{");
        uint64_t parts = data_count(type, value) * (type->flags & PRISM_MAP ? 2 : 1);
        steps_push(&s->steps, (struct step){type, value, NULL, 0, parts});
        return;
    }
    if (type->flags & PRISM_TUPLE) {
        put(s, "(");
    } else {
        put_name(s, type->name);
        if (type->count == 0)
            return;
        put(s, is_numbered(type) ? "(" : is_record(type->name) ? "{ " : " { ");
    }
    steps_push(&s->steps, (struct step){type, value, NULL, 0, type->count});
}

static void show_enum(struct shower *s, const prism_type *type, const void *value, bool inside) {
    const prism_variant *v = value_variant(type, value);
    if (type->flags & PRISM_TRAIT) {
        show_open(s, v->fields[0].type, (const char *)value + v->fields[0].offset, inside);
        return;
    }
    put(s, v->name);
    if (v->field_count) {
        put(s, v->fields->name ? " { " : "(");
        steps_push(&s->steps, (struct step){type, value, NULL, 0, v->field_count});
    }
}

static void show_open(struct shower *s, const prism_type *type, const void *value, bool inside) {
    switch ((enum prism_kind)type->kind) {
    case PRISM_UNIT:
        put(s, "()");
        return;
    case PRISM_BOOL:
        put(s, *(const bool *)value ? "true" : "false");
        return;
    case PRISM_CHAR:
        show_char(s, value, inside);
        return;
    case PRISM_STRUCT:
        show_struct(s, type, value, inside);
        return;
    case PRISM_ENUM:
        show_enum(s, type, value, inside);
        return;
    case PRISM_BUFFER:
        if ((type->flags & PRISM_BOX) && value_buffer(value)) {
            show_open(s, type->element, value_in_box(type, value), inside);
            return;
        }
        put(s, "[");
        steps_push(&s->steps, (struct step){type, value_buffer(value), NULL, 0,
                                            items_count(type, value_buffer(value))});
        return;
    case PRISM_FN:
        put(s, "function");
        return;
    case PRISM_ERROR:
        show_error(s, value);
        return;
    case PRISM_REF:
    case PRISM_REPLY:
    case PRISM_FUTURE:
    case PRISM_SCOPE:
    case PRISM_TOKEN:
        show_handle(s, type, value);
        return;
    default:
        show_number(s, type, value);
        return;
    }
}

static void show_close(struct shower *s, const struct step *closed) {
    const prism_type *type = closed->type;
    if (type->kind == PRISM_BUFFER || (type->flags & PRISM_QUEUE))
        put(s, "]");
    else if (type->flags & CONTAINERS)
        put(s, "}");
    else if (type->kind == PRISM_ENUM)
        put(s, value_variant(type, closed->a)->fields->name ? " }" : ")");
    else if (type->flags & PRISM_TUPLE)
        put(s, type->count == 1 ? ",)" : ")");
    else if (is_numbered(type))
        put(s, ")");
    else
        put(s, " }");
}

// The next part of what is open; of a map keys and values by turns.
static const prism_type *show_child(const struct step *s, const void **value) {
    const void *none;
    if (!(s->type->flags & CONTAINERS))
        return step_child(s, value, &none);
    if (!(s->type->flags & PRISM_MAP))
        return data_item(s->type, s->a, s->at, value);
    const prism_type *entry = data_item(s->type, s->a, s->at / 2, value);
    const prism_field *half = &entry->fields[s->at % 2 ? ENTRY_VALUE : ENTRY_KEY];
    *value = (const char *)*value + half->offset;
    return half->type;
}

// What stands before it.
static void show_before(struct shower *s, const struct step *of) {
    bool is_value = (of->type->flags & PRISM_MAP) && of->at % 2;
    if (of->at)
        put(s, is_value ? ": " : ", ");
    const prism_field *fields = NULL;
    if (of->type->kind == PRISM_ENUM)
        fields = value_variant(of->type, of->a)->fields;
    else if (of->type->kind == PRISM_STRUCT && !(of->type->flags & (PRISM_TUPLE | CONTAINERS)) &&
             !is_numbered(of->type))
        fields = of->type->fields;
    if (fields && fields[of->at].name) {
        put(s, fields[of->at].name);
        put(s, ": ");
    }
}

prism_buffer *prism_show_head(prism_cx *cx, const prism_type *type, const void *value,
                              uint64_t bytes) {
    struct shower s;
    steps_begin(&s.steps, cx);
    s.text = NULL;
    show_open(&s, type, value, false);
    while (s.steps.len && prism_buffer_len(s.text) < bytes) {
        struct step *top = steps_top(&s.steps);
        if (top->at == top->count) {
            struct step closed = *top;
            steps_pop(&s.steps);
            show_close(&s, &closed);
            continue;
        }
        const void *child_value;
        const prism_type *child = show_child(top, &child_value);
        show_before(&s, top);
        top->at++;
        show_open(&s, child, child_value, true);
    }
    steps_end(&s.steps);
    return s.text;
}

prism_buffer *prism_show(prism_cx *cx, const prism_type *type, const void *value) {
    if (is_number(type)) {
        char out[PRISM_NUMBER_BYTES];
        size_t len = number_text(type, value, out);
        prism_buffer *text = prism_buffer_new(cx, &prism_type_u8, len);
        memcpy(text->data, out, len);
        text->len = len;
        return text;
    }
    return prism_show_head(cx, type, value, UINT64_MAX);
}

prism_buffer *prism_error_report(prism_cx *cx, const prism_error *lend) {
    struct shower s;
    steps_begin(&s.steps, cx);
    s.text = NULL;
    int64_t kind = prism_error_kind(lend);
    bool own_words = kind == PRISM_USER && lend->type;
    if (!own_words)
        put(&s, prism_failure_sentence(kind));
    if (lend && lend->text && *lend->text) {
        put(&s, ": ");
        put(&s, lend->text);
    }
    if (lend && lend->type) {
        prism_buffer *carried = prism_show(cx, lend->type, lend->data);
        put(&s, own_words || !prism_buffer_len(carried) ? "" : ": ");
        show_text(&s, carried, false);
        prism_buffer_drop(cx, carried);
    }
    steps_end(&s.steps);
    return s.text;
}
