// SPDX-License-Identifier: MIT
// Constants. Texts are static buffers that nobody counts.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "frontend/emit/inner.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

// A name that follows from the content alone, so that it stays when other texts come and go: how it
// begins, and its hash.
static const char *text_name(struct emitter *e, struct str content) {
    enum { SHOWN_BYTES = 12 };
    struct text name = {.arena = e->arena};
    for (size_t i = 0; i < content.len && name.len < SHOWN_BYTES; i++)
        if ((content.data[i] | 32) >= 'a' && (content.data[i] | 32) <= 'z')
            text_putc(&name, content.data[i]);
    text_printf(&name, "_%08" PRIx32, (uint32_t)XXH3_64bits(content.data, content.len));
    return name.data;
}

const char *emit_text(struct emitter *e, struct str content) {
    const char *name = map_get(&e->texts, content);
    if (name)
        return name;
    name = emit_name(e, "TEXT_", text_name(e, content));
    map_put(e->arena, &e->texts, str_dup(e->arena, content), (void *)name);
    const struct mir_type *u8 = NULL;
    for (int32_t i = 0; i < e->m->types.len; i++)
        if (e->m->types.at[i]->kind == MIR_U8)
            u8 = e->m->types.at[i];
    assert(u8);
    text_printf(&e->literals, "static const prism_buffer %s = {0, %zu, %zu, &%s, {%s}};\n", name,
                content.len, content.len, emit_type(e, u8)->descriptor, emit_quoted(e, content));
    return name;
}

// Exact: hexadecimal floating constants.
static const char *float_constant(struct emitter *e, double number, bool single) {
    if (isnan(number))
        return single ? "__builtin_nanf(\"\")" : "__builtin_nan(\"\")";
    if (isinf(number))
        return emit_format(e, "(%s__builtin_inf%s())", number < 0 ? "-" : "", single ? "f" : "");
    if (number == floor(number) && fabs(number) < 1e15)
        return emit_format(e, signbit(number) ? "(%.1f%s)" : "%.1f%s", number, single ? "f" : "");
    return emit_format(e, signbit(number) ? "(%a%s)" : "%a%s", number, single ? "f" : "");
}

static const char *signed_constant(struct emitter *e, int64_t v, int bits) {
    if (v == INT64_MIN)
        return "INT64_MIN";
    if (bits == 64)
        return emit_format(e, v < 0 ? "INT64_C(-%" PRId64 ")" : "INT64_C(%" PRId64 ")",
                           v < 0 ? -v : v);
    return emit_format(e, v < 0 ? "(int%d_t)(%" PRId64 ")" : "(int%d_t)%" PRId64, bits, v);
}

const char *emit_constant(struct emitter *e, const struct mir_operand *o) {
    uint64_t bits = o->value.bits;
    switch (o->type->kind) {
    case MIR_UNIT:
    case MIR_NEVER:
        return "(prism_unit){0}";
    case MIR_BOOL:
        return bits ? "true" : "false";
    case MIR_CHAR:
        return emit_format(e, "(uint32_t)%" PRIu64, bits);
    case MIR_I8:
        return signed_constant(e, (int64_t)bits, 8);
    case MIR_I16:
        return signed_constant(e, (int64_t)bits, 16);
    case MIR_I32:
        return signed_constant(e, (int64_t)bits, 32);
    case MIR_I64:
        return signed_constant(e, (int64_t)bits, 64);
    case MIR_U8:
        return emit_format(e, "(uint8_t)%" PRIu64, bits & UINT8_MAX);
    case MIR_U16:
        return emit_format(e, "(uint16_t)%" PRIu64, bits & UINT16_MAX);
    case MIR_U32:
        return emit_format(e, "UINT32_C(%" PRIu64 ")", bits & UINT32_MAX);
    case MIR_U64:
        return emit_format(e, "UINT64_C(%" PRIu64 ")", bits);
    case MIR_F32:
        return float_constant(e, o->value.number, true);
    case MIR_F64:
        return float_constant(e, o->value.number, false);
    default:
        assert(o->type->kind == MIR_BUFFER);
        if (!o->value.text.len) // with nothing in it there is nothing to copy when it is written
            return "((prism_buffer *)NULL)";
        return emit_format(e, "((prism_buffer *)&%s)", emit_text(e, o->value.text));
    }
}
