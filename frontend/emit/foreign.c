// SPDX-License-Identifier: MIT
// Functions of C: declared under names of their own, so that none that a header has is in the way,
// and weakly, since a simulation is linked without them.
#include "frontend/emit/inner.h"

#include <assert.h>

static bool is_bytes(const struct mir_type *t) {
    return t->kind == MIR_STRUCT;
}

// The C type of a number, as the foreign function sees it.
static const char *c_type(struct emitter *e, const struct mir_type *t) {
    return t->kind == MIR_BOOL ? "_Bool" : t->kind == MIR_CHAR ? "uint32_t" : emit_type(e, t)->c;
}

static const char *declare(struct emitter *e, const struct mir_function *f) {
    const char *name = emit_format(e, "foreign_%s", f->foreign);
    struct text key = {.arena = e->arena};
    text_printf(&key, "foreign %s", f->foreign);
    if (!map_put(e->arena, &e->taken, text_str(&key), e))
        return name;
    text_printf(&e->declared, "extern %s %s(",
                emit_is_void(f->result) ? "void" : c_type(e, f->result), name);
    for (int32_t i = 0; i < f->param_count; i++) {
        const struct mir_type *t = f->locals.at[i].type;
        text_printf(&e->declared, "%s%s", i ? ", " : "",
                    is_bytes(t) ? "const unsigned char *, size_t" : c_type(e, t));
    }
    text_printf(&e->declared, "%s) __asm__(\"%s\") __attribute__((weak));\n",
                f->param_count ? "" : "void", f->foreign);
    return name;
}

// Text and bytes go as a pointer and a length.
static const char *argument(struct emitter *e, const struct mir_function *f, int32_t i,
                            const char *local) {
    const struct mir_type *t = f->locals.at[i].type;
    if (!is_bytes(t))
        return local;
    const char *buffer = emit_format(e, "%s.%s", local, emit_field(e, t, 0));
    return emit_format(e,
                       "prism_buffer_len(%s) ? %s->data : (const unsigned char *)\"\", "
                       "prism_buffer_len(%s)",
                       buffer, buffer, buffer);
}

// What C gives for a `char` and is none becomes U+FFFD.
void emit_foreign_call(struct emitter *e, const struct mir_function *f, struct text *out) {
    assert(!f->suspends && !f->self);
    const struct function_state *s = emit_function(e, f);
    const char *name = declare(e, f);
    text_put(out, STR("    if (prism_foreign(cx)) {\n        "));
    if (!emit_is_void(f->result))
        text_printf(out, "%s = ", emit_declare(e, f->result, "given"));
    text_printf(out, "%s(", name);
    for (int32_t i = 0; i < f->param_count; i++)
        text_printf(out, "%s%s", i ? ", " : "", argument(e, f, i, s->locals.at[i]));
    text_put(out, STR(");\n"));
    for (int32_t i = 0; i < f->param_count && i < f->modes.len; i++) {
        const char *drop = f->modes.at[i] == MIR_PARAM_OWN
                               ? emit_drop(e, f->locals.at[i].type, s->locals.at[i])
                               : NULL;
        if (drop)
            text_printf(out, "        %s\n", drop);
    }
    const char *result = emit_is_void(f->result) ? ""
                         : f->result->kind == MIR_CHAR
                             ? " given <= 0x10ffff && given >> 11 != 0x1b ? given : 0xfffd"
                             : " given";
    text_printf(out, "        return%s;\n    }\n", result);
}
