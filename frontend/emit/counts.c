// SPDX-License-Identifier: MIT
// dup and drop: counts are tested in line; a struct or an enum that owns something gets a
// function of its own,
// made when it is first wanted. Buffers are freed in buffer.c.
#include "frontend/emit/inner.h"

static const char *statement(struct emitter *e, const struct mir_type *t, const char *lvalue,
                             bool drop);

static void put_field(struct emitter *e, struct text *out, const struct mir_type *t,
                      const char *lvalue, const char *indent, bool drop) {
    const char *s = statement(e, t, lvalue, drop);
    if (s)
        text_printf(out, "%s%s\n", indent, s);
}

static void put_struct(struct emitter *e, struct text *out, const struct mir_type *t, bool drop) {
    for (int32_t i = 0; i < t->fields.len; i++)
        put_field(e, out, t->fields.at[i].type, emit_format(e, "v->%s", emit_field(e, t, i)),
                  "    ", drop);
}

static bool owns(const struct mir_variant *v) {
    for (int32_t k = 0; k < v->types.len; k++)
        if (!v->types.at[k]->plain)
            return true;
    return false;
}

static void put_enum(struct emitter *e, struct text *out, const struct mir_type *t, bool drop) {
    text_put(out, STR("    switch (v->tag) {\n"));
    for (int32_t i = 0; i < t->variants.len; i++) {
        const struct mir_variant *v = &t->variants.at[i];
        if (!owns(v))
            continue;
        text_printf(out, "    case %d:\n", i);
        for (int32_t k = 0; k < v->types.len; k++)
            put_field(e, out, v->types.at[k], emit_format(e, "v->v%d.f%d", i, k), "        ", drop);
        text_put(out, STR("        break;\n"));
    }
    text_put(out, STR("    default:\n        break;\n    }\n"));
}

// The functions of the parts are written first, since this one's text is put together before.
static void make_function(struct emitter *e, const struct mir_type *t, bool drop) {
    struct type_state *s = emit_type(e, t);
    bool *made = drop ? &s->has_drop : &s->has_dup;
    if (*made)
        return;
    *made = true;
    bool was_large = e->is_large;
    e->is_large = false;
    struct text out = {.arena = e->arena};
    text_printf(&out, "static void %s_%s(prism_cx *cx, %s%s *v) {\n", drop ? "drop" : "dup", s->c,
                drop ? "" : "const ", s->c);
    if (t->kind == MIR_STRUCT)
        put_struct(e, &out, t, drop);
    else
        put_enum(e, &out, t, drop);
    text_put(&out, STR("}\n"));
    text_put(&e->counting, text_str(&out));
    e->is_large = was_large;
}

// A C variable: of these a copy is looked at, so that nobody has their address and they can live in
// registers.
static bool is_variable(const char *lvalue) {
    return !strpbrk(lvalue, ".>[(*");
}

static const char *statement(struct emitter *e, const struct mir_type *t, const char *lvalue,
                             bool drop) {
    static const struct {
        enum mir_type_kind kind;
        const char *name;
    } handles[] = {{MIR_BUFFER, "buffer"}, {MIR_FN, "closure"},  {MIR_REPLY, "reply"},
                   {MIR_FUTURE, "future"}, {MIR_SCOPE, "scope"}, {MIR_TOKEN, "token"},
                   {MIR_ERROR, "error"}};
    if (t->plain)
        return NULL;
    if (t->kind == MIR_BUFFER && drop)
        return emit_drop_buffer(e, t, lvalue);
    if (t->box)
        return emit_format(e, "prism_boxed_dup(%s);", lvalue);
    for (size_t i = 0; i < sizeof handles / sizeof *handles; i++)
        if (handles[i].kind == t->kind)
            return drop ? emit_format(e, "prism_%s_drop(cx, %s);", handles[i].name, lvalue)
                        : emit_format(e, "prism_%s_dup(%s);", handles[i].name, lvalue);
    make_function(e, t, drop);
    const char *c = emit_type(e, t)->c, *verb = drop ? "drop" : "dup";
    return is_variable(lvalue) ? emit_format(e, "%s_%s(cx, (%s[]){%s});", verb, c, c, lvalue)
                               : emit_format(e, "%s_%s(cx, &%s);", verb, c, lvalue);
}

const char *emit_dup(struct emitter *e, const struct mir_type *t, const char *lvalue) {
    return statement(e, t, lvalue, false);
}

const char *emit_drop(struct emitter *e, const struct mir_type *t, const char *lvalue) {
    return statement(e, t, lvalue, true);
}
