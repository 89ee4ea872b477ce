// SPDX-License-Identifier: MIT
// A test's parameters: defaults, and values from text. They are plain, or texts that are made
// immortal, so that every execution starts from the same bytes.
#include "runtime/test/child.h"
#include "runtime/value/value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const prism_type *args_type(const prism_test *test) {
    return test->function->args;
}

static int integer_bytes(uint8_t kind, bool *is_signed) {
    switch (kind) {
    case PRISM_I8:
    case PRISM_U8:
        *is_signed = kind == PRISM_I8;
        return 1;
    case PRISM_I16:
    case PRISM_U16:
        *is_signed = kind == PRISM_I16;
        return 2;
    case PRISM_I32:
    case PRISM_U32:
        *is_signed = kind == PRISM_I32;
        return 4;
    case PRISM_I64:
    case PRISM_U64:
        *is_signed = kind == PRISM_I64;
        return 8;
    default:
        return 0;
    }
}

// Decimal, within the type's range.
static bool set_integer(int bytes, bool is_signed, const char *text, void *out) {
    char *end;
    errno = 0;
    int64_t n = is_signed ? strtoll(text, &end, 10) : 0;
    uint64_t u = is_signed ? (uint64_t)n : strtoull(text, &end, 10);
    if (errno || *end || end == text || (!is_signed && *text == '-'))
        return false;
    int bits = bytes * 8;
    if (bits < 64 && is_signed && (n < -(1ll << (bits - 1)) || n >= 1ll << (bits - 1)))
        return false;
    if (bits < 64 && !is_signed && u >> bits)
        return false;
    memcpy(out, &u, (size_t)bytes); // little endian, as all machines that this runs on
    return true;
}

static bool set_text(const char *text, void *out) {
    size_t len = strlen(text);
    prism_buffer *b = calloc(1, sizeof *b + len + 1);
    if (!b)
        abort();
    b->len = b->capacity = len; // count 0: immortal
    b->element = &prism_type_u8;
    memcpy(b->data, text, len);
    memcpy(out, &b, sizeof b);
    return true;
}

static bool set_value(const prism_type *type, const char *text, void *out) {
    bool is_signed = false;
    int bytes = integer_bytes(type->kind, &is_signed);
    if (bytes)
        return set_integer(bytes, is_signed, text, out);
    char *end;
    double f = strtod(text, &end);
    float narrow = (float)f;
    bool yes = !strcmp(text, "true");
    switch (type->kind) {
    case PRISM_BOOL:
        memcpy(out, &yes, sizeof yes);
        return yes || !strcmp(text, "false");
    case PRISM_F64:
        memcpy(out, &f, sizeof f);
        return *text && !*end;
    case PRISM_F32:
        memcpy(out, &narrow, sizeof narrow);
        return *text && !*end;
    default:
        return (type->flags & PRISM_TEXT) && set_text(text, out);
    }
}

bool arguments_set(const prism_test *test, struct arguments *a, struct trace_text name,
                   struct trace_text value) {
    const prism_type *type = args_type(test);
    char text[TRACE_STRING_BYTES_MAX + 1];
    if (value.len > TRACE_STRING_BYTES_MAX)
        return false;
    memcpy(text, value.at, value.len);
    text[value.len] = 0;
    for (uint32_t i = 0; type && i < type->count; i++) {
        const char *param = test->params[i].name;
        if (strlen(param) != name.len || memcmp(param, name.at, name.len))
            continue;
        if (!set_value(type->fields[i].type, text, (char *)a->bytes + type->fields[i].offset))
            return false;
        a->changed = realloc(a->changed, (a->changed_count + 1) * sizeof *a->changed);
        if (!a->changed)
            abort();
        a->changed[a->changed_count++] = (struct trace_param){name, value};
        return true;
    }
    return false;
}

static bool has_param(const prism_test *test, struct trace_text name) {
    uint32_t count = args_type(test) ? args_type(test)->count : 0;
    for (uint32_t i = 0; i < count; i++)
        if (strlen(test->params[i].name) == name.len &&
            !memcmp(test->params[i].name, name.at, name.len))
            return true;
    return false;
}

bool arguments_make(const prism_test *test, const struct options *o, struct arguments *out,
                    const char **wrong) {
    const prism_type *type = args_type(test);
    *out = (struct arguments){.bytes = calloc(1, (type ? type->size : 0) + 1)};
    if (!out->bytes)
        abort();
    for (uint32_t i = 0; type && i < type->count; i++)
        memcpy((char *)out->bytes + type->fields[i].offset, test->params[i].value,
               type->fields[i].type->size);
    for (uint32_t i = 0; i < o->set_count; i++) {
        const char *equals = strchr(o->sets[i], '=');
        struct trace_text name = {o->sets[i], (uint32_t)(equals - o->sets[i])};
        struct trace_text value = {equals + 1, (uint32_t)strlen(equals + 1)};
        if (has_param(test, name) && !arguments_set(test, out, name, value)) {
            *wrong = o->sets[i];
            return false;
        }
    }
    return true;
}

void arguments_free(struct arguments *a) {
    free(a->bytes);
    free(a->changed);
    *a = (struct arguments){0};
}

void argument_show(const prism_field *field, const void *args, char *out, size_t room) {
    const char *at = (const char *)args + field->offset;
    bool is_signed = false, yes;
    int bytes = integer_bytes(field->type->kind, &is_signed);
    char number[PRISM_NUMBER_BYTES];
    int len = 0;
    if (bytes) {
        uint64_t u = 0;
        memcpy(&u, at, (size_t)bytes);
        int unused = 64 - bytes * 8;
        int64_t n = (int64_t)(u << unused) >> unused;
        len = is_signed ? prism_number_i64(n, number) : prism_number_u64(u, number);
    } else if (field->type->kind == PRISM_F64) {
        double f;
        memcpy(&f, at, sizeof f);
        len = prism_number_f64(f, number);
    } else if (field->type->kind == PRISM_F32) {
        float f;
        memcpy(&f, at, sizeof f);
        len = prism_number_f32(f, number);
    } else if (field->type->kind == PRISM_BOOL) {
        memcpy(&yes, at, sizeof yes);
        snprintf(out, room, "%s", yes ? "true" : "false");
        return;
    } else {
        const prism_buffer *text;
        memcpy(&text, at, sizeof text);
        snprintf(out, room, "%.*s", (int)prism_buffer_len(text),
                 text ? (const char *)text->data : "");
        return;
    }
    snprintf(out, room, "%.*s", len, number);
}
