// SPDX-License-Identifier: MIT
// Buffers and boxes, whose size and items are known: freeing one is written out for each type, and
// so is making a box, through which a value holds another one of its own type, as trees do. A
// variant without payload is not put into memory then: there is one immortal box for each.
//
// Freeing never recurses with the depth of a value. It is iterative along boxes of one type, which
// are chained through their counts as runtime/value/count.c does it. Whatever else leads back to
// the type at hand is left to the runtime, whose walk is iterative over all types.
#include "frontend/emit/inner.h"

#include <assert.h>

// ---- which types lead to which ---------------------------------------------------------------

// Is a buffer of type `wanted` found in a value of type `t`: by value alone, or with `deep` also
// through other buffers? `seen` is by type id.
static bool leads_to(const struct mir_type *t, const struct mir_type *wanted, bool deep,
                     bool *seen) {
    if (t == wanted)
        return true;
    if (seen[t->id])
        return false;
    seen[t->id] = true;
    if (t->kind == MIR_BUFFER)
        return deep && leads_to(t->element, wanted, deep, seen);
    for (int32_t i = 0; i < t->fields.len; i++)
        if (leads_to(t->fields.at[i].type, wanted, deep, seen))
            return true;
    for (int32_t i = 0; i < t->variants.len; i++)
        for (int32_t k = 0; k < t->variants.at[i].types.len; k++)
            if (leads_to(t->variants.at[i].types.at[k], wanted, deep, seen))
                return true;
    return false;
}

static bool leads(struct emitter *e, const struct mir_type *t, const struct mir_type *wanted,
                  bool deep) {
    return leads_to(t, wanted, deep, arena_array(e->arena, bool, e->m->types.len));
}

// ---- freeing --------------------------------------------------------------------------------

// The value in `lvalue` goes with the box around it. `depth` is that of the types, which the
// program bounds.
static void put_end(struct emitter *e, struct text *out, const struct mir_type *t,
                    const struct mir_type *box, const char *lvalue, int depth) {
    int indent = 4 * depth;
    if (t == box) {
        text_printf(out, "%*sif (prism_boxed_dies(%s)) {\n", indent, "", lvalue);
        text_printf(out, "%*s    %s->count = (int64_t)dead;\n", indent, "", lvalue);
        text_printf(out, "%*s    dead = %s;\n%*s}\n", indent, "", lvalue, indent, "");
    } else if (!leads(e, t, box, true)) {
        const char *s = emit_drop(e, t, lvalue);
        if (s)
            text_printf(out, "%*s%s\n", indent, "", s);
    } else if (!leads(e, t, box, false)) {
        text_printf(out, "%*sprism_drop(cx, &%s, &%s);\n", indent, "", emit_type(e, t)->descriptor,
                    lvalue);
    } else if (t->kind == MIR_STRUCT) {
        for (int32_t i = 0; i < t->fields.len; i++)
            put_end(e, out, t->fields.at[i].type, box,
                    emit_format(e, "%s.%s", lvalue, emit_field(e, t, i)), depth);
    } else {
        assert(t->kind == MIR_ENUM);
        text_printf(out, "%*sswitch (%s.tag) {\n", indent, "", lvalue);
        for (int32_t i = 0; i < t->variants.len; i++) {
            const struct mir_variant *v = &t->variants.at[i];
            if (!v->types.len)
                continue;
            text_printf(out, "%*scase %d:\n", indent, "", i);
            for (int32_t k = 0; k < v->types.len; k++)
                put_end(e, out, v->types.at[k], box, emit_format(e, "%s.v%d.f%d", lvalue, i, k),
                        depth + 1);
            text_printf(out, "%*s    break;\n", indent, "");
        }
        text_printf(out, "%*sdefault:\n%*s    break;\n%*s}\n", indent, "", indent, "", indent, "");
    }
}

static void put_free_box(struct emitter *e, struct text *out, const struct mir_type *t) {
    text_put(out, STR("    prism_boxed *dead = NULL;\n"
                      "    for (;;) {\n"));
    const char *c = emit_type(e, t->element)->c;
    struct text end = {.arena = e->arena};
    put_end(e, &end, t->element, t, "(*v)", 2);
    if (end.len)
        text_printf(out, "        %s *v = (void *)b->data;\n%.*s", c, STR_ARGS(text_str(&end)));
    text_printf(out,
                "        prism_put(cx, b, sizeof *b + sizeof(%s));\n"
                "        if (!dead)\n"
                "            return;\n"
                "        b = dead;\n"
                "        dead = (prism_boxed *)dead->count;\n"
                "    }\n",
                c);
}

static void put_free_items(struct emitter *e, struct text *out, const struct mir_type *t) {
    const char *c = emit_type(e, t->element)->c;
    const char *item = emit_format(e, "((%s)b->data)[i]", emit_declare(e, t->element, "*"));
    const char *s = emit_drop(e, t->element, item);
    if (s)
        text_printf(out, "    for (uint64_t i = 0; i < b->len; i++)\n        %s\n", s);
    text_printf(out, "    prism_put(cx, b, sizeof *b + b->capacity * sizeof(%s));\n", c);
}

static void put_drop(struct emitter *e, struct text *out, const struct mir_type *t) {
    const char *name = emit_type(e, t)->buffer, *c = emit_type(e, t)->c;
    text_printf(out, "static void free_%s(prism_cx *cx, %sb) {\n", name, c);
    if (t->box)
        put_free_box(e, out, t);
    else
        put_free_items(e, out, t);
    text_printf(out,
                "}\n"
                "static inline void drop_%s(prism_cx *cx, %sown) {\n"
                "    if (%s(own))\n"
                "        free_%s(cx, own);\n"
                "}\n",
                name, c, t->box ? "prism_boxed_dies" : "prism_buffer_dies", name);
}

static void put_far_drop(struct emitter *e, struct text *out, const struct mir_type *t) {
    const char *name = emit_type(e, t)->buffer;
    text_printf(out,
                "static __attribute__((noinline)) void drop_far_%s(prism_cx *cx, %sown) {\n"
                "    drop_%s(cx, own);\n"
                "}\n",
                name, emit_type(e, t)->c, name);
}

// ---- making ---------------------------------------------------------------------------------

static bool has_bare(const struct mir_type *t) {
    for (int32_t i = 0; i < t->variants.len; i++)
        if (!t->variants.at[i].types.len)
            return true;
    return false;
}

// The boxes of variants without payload, by variant, and going there.
static void put_bare(struct emitter *e, struct text *out, const struct mir_type *t) {
    const struct type_state *s = emit_type(e, t), *element = emit_type(e, t->element);
    text_printf(out,
                "struct bare_of_%s {\n"
                "    int64_t count;\n"
                "    %s item;\n"
                "};\n"
                "static const struct bare_of_%s bare_%s[] = {\n",
                s->buffer, element->c, s->buffer, s->buffer);
    for (int32_t i = 0; i < t->element->variants.len; i++)
        text_printf(out, "    {0, {.tag = %d}},\n", i);
    text_put(out, STR("};\n"));
}

static void put_new(struct emitter *e, struct text *out, const struct mir_type *t) {
    const struct type_state *s = emit_type(e, t), *element = emit_type(e, t->element);
    bool bare = has_bare(t->element);
    if (bare)
        put_bare(e, out, t);
    text_printf(out, "static inline prism_boxed *new_%s(prism_cx *cx, %s item) {\n", s->buffer,
                element->c);
    if (bare) {
        text_put(out, STR("    switch (item.tag) {\n"));
        for (int32_t i = 0; i < t->element->variants.len; i++)
            if (!t->element->variants.at[i].types.len)
                text_printf(out, "    case %d:\n", i);
        text_printf(out,
                    "        return (prism_boxed *)&bare_%s[item.tag];\n"
                    "    default:\n        break;\n    }\n",
                    s->buffer);
    }
    text_printf(out,
                "    prism_boxed *b = prism_get(cx, sizeof *b + sizeof item);\n"
                "    b->count = 1;\n"
                "    *(%s *)b->data = item;\n"
                "    return b;\n"
                "}\n",
                element->c);
}

// How the names of the functions of a type end.
static const char *name_of(struct emitter *e, const struct mir_type *t) {
    struct type_state *s = emit_type(e, t);
    if (!s->buffer)
        s->buffer = emit_name(e, "", s->descriptor + strlen("type_"));
    return s->buffer;
}

// Writes a function of the type unless it is there.
static void want(struct emitter *e, const struct mir_type *t, bool *is_there,
                 void (*put)(struct emitter *, struct text *, const struct mir_type *)) {
    if (*is_there)
        return;
    *is_there = true;
    bool was_large = e->is_large;
    e->is_large = false;
    struct text out = {.arena = e->arena};
    put(e, &out, t);
    text_put(&e->counting, text_str(&out));
    e->is_large = was_large;
}

const char *emit_new_box(struct emitter *e, const struct mir_type *t, const char *item) {
    assert(t->box);
    const char *name = name_of(e, t);
    want(e, t, &emit_type(e, t)->has_new, put_new);
    return emit_format(e, "new_%s(cx, %s)", name, item);
}

const char *emit_drop_buffer(struct emitter *e, const struct mir_type *t, const char *lvalue) {
    assert(t->kind == MIR_BUFFER);
    if (!t->box && leads(e, t->element, t, true))
        return emit_format(e, "prism_buffer_drop(cx, %s);", lvalue);
    const char *name = name_of(e, t);
    want(e, t, &emit_type(e, t)->has_drop, put_drop);
    if (e->is_large) {
        want(e, t, &emit_type(e, t)->has_far_drop, put_far_drop);
        return emit_format(e, "drop_far_%s(cx, %s);", name, lvalue);
    }
    return emit_format(e, "drop_%s(cx, %s);", name, lvalue);
}

static void put_room(struct emitter *e, struct text *out, const struct mir_type *t) {
    const struct type_state *element = emit_type(e, t->element);
    text_printf(
        out,
        "static __attribute__((noinline)) prism_buffer *room_%s(prism_cx *cx, prism_buffer *b, "
        "uint64_t len) {\n"
        "    return b ? prism_buffer_owned(cx, b, &%s, len + 1)\n"
        "             : prism_buffer_first(cx, &%s, sizeof(%s));\n"
        "}\n",
        emit_type(e, t)->buffer, element->descriptor, element->descriptor, element->c);
}

const char *emit_room(struct emitter *e, const struct mir_type *t, const char *lvalue,
                      const char *len) {
    assert(t->kind == MIR_BUFFER && !t->box);
    const char *name = name_of(e, t);
    want(e, t, &emit_type(e, t)->has_room, put_room);
    return emit_format(e, "room_%s(cx, %s, %s)", name, lvalue, len);
}
