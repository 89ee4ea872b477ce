// SPDX-License-Identifier: MIT
// Types as C and as descriptors. abi.h has the layouts.
#include "frontend/emit/inner.h"

#include <assert.h>

static const struct {
    const char *c, *word, *kind;
} simple[] = {
    [MIR_UNIT] = {"prism_unit", "unit", "UNIT"},
    [MIR_NEVER] = {"prism_unit", "never", "UNIT"},
    [MIR_BOOL] = {"bool", "bool", "BOOL"},
    [MIR_CHAR] = {"uint32_t", "char", "CHAR"},
    [MIR_I8] = {"int8_t", "i8", "I8"},
    [MIR_I16] = {"int16_t", "i16", "I16"},
    [MIR_I32] = {"int32_t", "i32", "I32"},
    [MIR_I64] = {"int64_t", "i64", "I64"},
    [MIR_U8] = {"uint8_t", "u8", "U8"},
    [MIR_U16] = {"uint16_t", "u16", "U16"},
    [MIR_U32] = {"uint32_t", "u32", "U32"},
    [MIR_U64] = {"uint64_t", "u64", "U64"},
    [MIR_F32] = {"float", "f32", "F32"},
    [MIR_F64] = {"double", "f64", "F64"},
    [MIR_STRUCT] = {NULL, NULL, "STRUCT"},
    [MIR_ENUM] = {NULL, NULL, "ENUM"},
    [MIR_BUFFER] = {"prism_buffer *", "buf", "BUFFER"},
    [MIR_FN] = {"prism_closure *", "fn", "FN"},
    [MIR_REF] = {"prism_ref", "ref", "REF"},
    [MIR_REPLY] = {"prism_reply *", "reply", "REPLY"},
    [MIR_FUTURE] = {"prism_future *", "future", "FUTURE"},
    [MIR_SCOPE] = {"prism_scope *", "scope", "SCOPE"},
    [MIR_TOKEN] = {"prism_token *", "token", "TOKEN"},
    [MIR_ERROR] = {"prism_error *", "error", "ERROR"},
};

bool emit_is_void(const struct mir_type *t) {
    return t->kind == MIR_UNIT || t->kind == MIR_NEVER;
}

// The type as the program writes it.
static void put_type(struct text *out, const struct mir_type *t) {
    if (t->kind == MIR_STRUCT || t->kind == MIR_ENUM) {
        text_put(out, str_from(t->name));
        return;
    }
    text_put(out, t->box ? STR("box") : str_from(simple[t->kind].word));
    if (t->kind == MIR_REF && t->name)
        text_printf(out, "(%s)", t->name);
    if (t->kind == MIR_FN) {
        text_putc(out, '(');
        for (int32_t i = 0; i < t->params.len; i++) {
            text_put(out, i ? STR(", ") : STR(""));
            put_type(out, t->params.at[i]);
        }
        text_put(out, STR(") -> "));
        put_type(out, t->element);
    } else if (t->element) {
        text_putc(out, '(');
        put_type(out, t->element);
        text_putc(out, ')');
    }
}

static const char *type_text(struct emitter *e, const struct mir_type *t) {
    struct text out = {.arena = e->arena};
    put_type(&out, t);
    return out.data;
}

const char *emit_declare(struct emitter *e, const struct mir_type *t, const char *name) {
    const char *c = emit_type(e, t)->c;
    return emit_format(e, c[strlen(c) - 1] == '*' ? "%s%s" : "%s %s", c, name);
}

const char *emit_zero(struct emitter *e, const struct mir_type *t) {
    switch (t->kind) {
    case MIR_UNIT:
    case MIR_NEVER:
    case MIR_STRUCT:
    case MIR_ENUM:
    case MIR_REF:
        return emit_format(e, "(%s){0}", emit_type(e, t)->c);
    case MIR_BOOL:
        return "false";
    default:
        return simple[t->kind].c[strlen(simple[t->kind].c) - 1] == '*' ? "NULL" : "0";
    }
}

// ---- C types --------------------------------------------------------------------------------

static void define(struct emitter *e, const struct mir_type *t);

static void put_members(struct emitter *e, struct text *out, const struct mir_type *t) {
    for (int32_t i = 0; i < t->fields.len; i++)
        text_printf(out, "    %s;\n", emit_declare(e, t->fields.at[i].type, emit_field(e, t, i)));
    if (!t->fields.len)
        text_put(out, STR("    char nothing;\n"));
}

static int32_t payloads(const struct mir_type *t) {
    int32_t count = 0;
    for (int32_t i = 0; i < t->variants.len; i++)
        count += t->variants.at[i].types.len > 0;
    return count;
}

static void put_variants(struct emitter *e, struct text *out, const struct mir_type *t) {
    text_put(out, STR("    uint32_t tag;\n"));
    // Alone a payload lies where it would in a union; C compilers keep it in registers then.
    bool several = payloads(t) > 1;
    if (several)
        text_put(out, STR("    union {\n"));
    for (int32_t i = 0; i < t->variants.len; i++) {
        const struct mir_variant *v = &t->variants.at[i];
        if (!v->types.len)
            continue;
        text_put(out, STR("        struct {\n"));
        for (int32_t k = 0; k < v->types.len; k++)
            text_printf(out, "            %s;\n",
                        emit_declare(e, v->types.at[k], emit_format(e, "f%d", k)));
        text_printf(out, "        } v%d; // %s\n", i, v->name);
    }
    if (several)
        text_put(out, STR("    };\n"));
}

static void define_parts(struct emitter *e, const struct mir_type *t) {
    for (int32_t i = 0; i < t->fields.len; i++)
        define(e, t->fields.at[i].type);
    for (int32_t i = 0; i < t->variants.len; i++)
        for (int32_t k = 0; k < t->variants.at[i].types.len; k++)
            define(e, t->variants.at[i].types.at[k]);
}

// C wants the parts first; a type contains itself only through a buffer. The depth of nesting is
// bounded
// by the reader of MIR and by the type checker.
static void define(struct emitter *e, const struct mir_type *t) {
    struct type_state *s = emit_type(e, t);
    if (s->defined || (t->kind != MIR_STRUCT && t->kind != MIR_ENUM))
        return;
    s->defined = true;
    define_parts(e, t);
    text_printf(&e->declared, "typedef struct { // %s\n", t->name);
    if (t->kind == MIR_STRUCT)
        put_members(e, &e->declared, t);
    else
        put_variants(e, &e->declared, t);
    text_printf(&e->declared, "} %s;\n", s->c);
}

// ---- descriptors ----------------------------------------------------------------------------

static const char *mark_flags(enum mir_type_mark mark) {
    switch (mark) {
    case MIR_MARK_STRING:
        return " | PRISM_TEXT";
    case MIR_MARK_TUPLE:
        return " | PRISM_TUPLE";
    case MIR_MARK_DURATION:
        return " | PRISM_DURATION";
    case MIR_MARK_INSTANT:
        return " | PRISM_INSTANT";
    case MIR_MARK_LIST:
        return " | PRISM_LIST";
    case MIR_MARK_BYTES:
        return " | PRISM_BYTES";
    case MIR_MARK_MAP:
        return " | PRISM_MAP";
    case MIR_MARK_SET:
        return " | PRISM_SET";
    case MIR_MARK_QUEUE:
        return " | PRISM_QUEUE";
    case MIR_MARK_OPTION:
        return " | PRISM_OPTION";
    case MIR_MARK_TRAIT:
        return " | PRISM_TRAIT";
    default:
        return "";
    }
}

static void describe_fields(struct emitter *e, const struct mir_type *t, const char *c) {
    if (!t->fields.len)
        return;
    for (int32_t i = 0; i < t->fields.len; i++)
        if (t->fields.at[i].fallback)
            text_printf(&e->prototypes, "static void default_%s_%d(prism_cx *cx, void *out);\n", c,
                        i);
    text_printf(&e->described, "static const prism_field fields_%s[] = {\n", c);
    for (int32_t i = 0; i < t->fields.len; i++)
        text_printf(&e->described, "    {%s, &%s, offsetof(%s, %s), %s},\n",
                    emit_quoted(e, str_from(t->fields.at[i].name)),
                    emit_type(e, t->fields.at[i].type)->descriptor, emit_type(e, t)->c,
                    emit_field(e, t, i),
                    t->fields.at[i].fallback ? emit_format(e, "default_%s_%d", c, i) : "NULL");
    text_put(&e->described, STR("};\n"));
}

static void describe_payload(struct emitter *e, const struct mir_type *t, const char *c,
                             int32_t at) {
    const struct mir_variant *v = &t->variants.at[at];
    if (!v->types.len)
        return;
    text_printf(&e->described, "static const prism_field fields_%s_v%d[] = {\n", c, at);
    for (int32_t k = 0; k < v->types.len; k++)
        text_printf(&e->described, "    {%s, &%s, offsetof(%s, v%d.f%d), NULL},\n",
                    v->labels.len ? emit_quoted(e, str_from(v->labels.at[k])) : "NULL",
                    emit_type(e, v->types.at[k])->descriptor, emit_type(e, t)->c, at, k);
    text_put(&e->described, STR("};\n"));
}

static void describe_variants(struct emitter *e, const struct mir_type *t, const char *c) {
    if (!t->variants.len)
        return;
    for (int32_t i = 0; i < t->variants.len; i++)
        describe_payload(e, t, c, i);
    text_printf(&e->described, "static const prism_variant variants_%s[] = {\n", c);
    for (int32_t i = 0; i < t->variants.len; i++) {
        const struct mir_variant *v = &t->variants.at[i];
        text_printf(&e->described, "    {%s, ", emit_quoted(e, str_from(v->name)));
        if (v->types.len)
            text_printf(&e->described, "fields_%s_v%d, %d},\n", c, i, v->types.len);
        else
            text_put(&e->described, STR("NULL, 0},\n"));
    }
    text_put(&e->described, STR("};\n"));
}

static void describe(struct emitter *e, const struct mir_type *t) {
    const struct type_state *s = emit_type(e, t);
    const char *c = s->descriptor;
    describe_fields(e, t, c);
    describe_variants(e, t, c);
    struct text *out = &e->described;
    text_printf(out,
                "static const prism_type %s = {\n    .name = %s,\n    .kind = PRISM_%s,\n"
                "    .flags = %s%s,\n    .size = sizeof(%s),\n    .align = _Alignof(%s),\n",
                c, emit_quoted(e, str_from(type_text(e, t))), simple[t->kind].kind,
                t->plain ? "PRISM_PLAIN" : "0", t->box ? " | PRISM_BOX" : mark_flags(t->mark), s->c,
                s->c);
    if (t->fields.len)
        text_printf(out, "    .count = %d,\n    .fields = fields_%s,\n", t->fields.len, c);
    if (t->variants.len)
        text_printf(out, "    .count = %d,\n    .variants = variants_%s,\n", t->variants.len, c);
    if (t->kind == MIR_BUFFER || t->kind == MIR_REPLY || t->kind == MIR_FUTURE)
        text_printf(out, "    .element = &%s,\n", emit_type(e, t->element)->descriptor);
    if (t->kind == MIR_REF && t->name)
        text_printf(out, "    .actor = %s,\n", emit_quoted(e, str_from(t->name)));
    text_put(out, STR("};\n"));
}

void emit_struct_of_params(struct emitter *e, const char *prefix, const struct mir_function *f,
                           int32_t from, int32_t count) {
    const struct function_state *s = emit_function(e, f);
    const char *name = emit_format(e, "%s_%s", prefix, s->c);
    bool plain = true;
    text_printf(&e->declared, "struct %s {\n", name);
    for (int32_t i = from; i < from + count; i++) {
        const struct mir_type *t = f->locals.at[i].type;
        text_printf(&e->declared, "    %s;\n", emit_declare(e, t, s->locals.at[i]));
        plain = plain && t->plain;
    }
    text_put(&e->declared, count ? STR("};\n") : STR("    char nothing;\n};\n"));
    if (count) {
        text_printf(&e->described, "static const prism_field fields_%s[] = {\n", name);
        for (int32_t i = from; i < from + count; i++) {
            const struct mir_local *l = &f->locals.at[i];
            const char *shown = l->name ? l->name : emit_format(e, "_%d", i);
            text_printf(&e->described, "    {%s, &%s, offsetof(struct %s, %s), NULL},\n",
                        emit_quoted(e, str_from(shown)), emit_type(e, l->type)->descriptor, name,
                        s->locals.at[i]);
        }
        text_put(&e->described, STR("};\n"));
    }
    text_printf(
        &e->described,
        "static const prism_type type_of_%s = {\n    .name = %s,\n    .kind = PRISM_STRUCT,\n"
        "    .flags = %s,\n    .size = %s,\n    .align = _Alignof(struct %s),\n",
        name, emit_quoted(e, str_from(f->name)), plain ? "PRISM_PLAIN" : "0",
        count ? emit_format(e, "sizeof(struct %s)", name) : "0", name);
    if (count)
        text_printf(&e->described, "    .count = %d,\n    .fields = fields_%s,\n", count, name);
    text_put(&e->described, STR("};\n"));
}

// What the runtime calls for a field that it found nothing for.
void emit_defaults(struct emitter *e) {
    for (int32_t n = 0; n < e->m->types.len; n++) {
        const struct mir_type *t = e->m->types.at[n];
        for (int32_t i = 0; i < t->fields.len; i++) {
            const struct mir_field *field = &t->fields.at[i];
            if (!field->fallback)
                continue;
            const char *c = emit_function(e, mir_find_function(e->m, field->fallback))->c;
            text_printf(&e->bodies, "static void default_%s_%d(prism_cx *cx, void *out) {\n",
                        emit_type(e, t)->descriptor, i);
            if (emit_is_void(field->type))
                text_printf(&e->bodies, "    %s(cx);\n}\n", c);
            else
                text_printf(&e->bodies, "    *(%s *)out = %s(cx);\n}\n",
                            emit_type(e, field->type)->c, c);
        }
    }
}

void emit_types(struct emitter *e) {
    int32_t count = e->m->types.len;
    e->types = arena_array(e->arena, struct type_state, count);
    for (int32_t i = 0; i < count; i++) {
        const struct mir_type *t = e->m->types.at[i];
        struct type_state *s = &e->types[i];
        bool declared = t->kind == MIR_STRUCT || t->kind == MIR_ENUM;
        s->c = declared ? emit_name(e, "T_", t->name)
               : t->box ? "prism_boxed *"
                        : simple[t->kind].c;
        s->descriptor = emit_name(e, "type_", type_text(e, t));
        text_printf(&e->prototypes, "static const prism_type %s;\n", s->descriptor);
    }
    for (int32_t i = 0; i < count; i++)
        define(e, e->m->types.at[i]);
    for (int32_t i = 0; i < count; i++)
        describe(e, e->m->types.at[i]);
}
