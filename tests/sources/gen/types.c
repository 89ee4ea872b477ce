// SPDX-License-Identifier: MIT
// Types: which ones there are, and their declarations.
#include "tests/sources/gen/source_gen.h"

static const struct type simple_types[] = {
    {.kind = T_I64},  {.kind = T_I32}, {.kind = T_U8},
    {.kind = T_BOOL}, {.kind = T_F64}, {.kind = T_STRING},
};

const struct type *simple(enum type_kind kind) {
    return &simple_types[kind];
}

bool is_integer(const struct type *t) {
    return t->kind <= T_U8;
}

static const struct type *made(struct gen *g, struct type t) {
    struct type *copy = arena_new(g->arena, struct type);
    *copy = t;
    return copy;
}

const struct type *list_of(struct gen *g, const struct type *item) {
    return made(g, (struct type){.kind = T_LIST, .a = item});
}

const struct type *key_type(struct gen *g) {
    static const enum type_kind kinds[] = {T_I64, T_I64, T_STRING, T_U8, T_BOOL};
    return simple(kinds[roll(g, 5)]);
}

const struct type *any_type(struct gen *g, int depth) {
    uint64_t n = roll(g, depth > 0 ? 20 : 8);
    if (n < 4)
        return simple(T_I64);
    if (n < 8)
        return simple((enum type_kind)(T_I32 + roll(g, 5)));
    if (n < 11 && g->structs.len)
        return made(
            g, (struct type){.kind = T_STRUCT, .decl = (int32_t)roll(g, (uint64_t)g->structs.len)});
    if (n < 13 && g->enums.len)
        return made(
            g, (struct type){.kind = T_ENUM, .decl = (int32_t)roll(g, (uint64_t)g->enums.len)});
    if (n < 16)
        return list_of(g, any_type(g, depth - 1));
    if (n < 17)
        return made(g, (struct type){.kind = T_OPTION, .a = any_type(g, depth - 1)});
    if (n < 18)
        return made(g, (struct type){.kind = T_MAP, .a = key_type(g), .b = any_type(g, depth - 1)});
    return made(g, (struct type){.kind = n < 19 ? T_TUPLE : T_PAIR,
                                 .a = any_type(g, depth - 1),
                                 .b = any_type(g, depth - 1)});
}

bool type_equal(const struct type *a, const struct type *b) {
    if (a == b)
        return true;
    return a && b && a->kind == b->kind && a->decl == b->decl && type_equal(a->a, b->a) &&
           type_equal(a->b, b->b);
}

const char *type_name(struct gen *g, const struct type *t) {
    static const char *const names[] = {"i64", "i32", "u8", "bool", "f64", "String"};
    switch (t->kind) {
    case T_STRUCT:
        return str_format(g->arena, "S%d", (int)t->decl).data;
    case T_ENUM:
        return str_format(g->arena, "E%d", (int)t->decl).data;
    case T_LIST:
        return str_format(g->arena, "List<%s>", type_name(g, t->a)).data;
    case T_OPTION:
        return str_format(g->arena, "Option<%s>", type_name(g, t->a)).data;
    case T_MAP:
        return str_format(g->arena, "Map<%s, %s>", type_name(g, t->a), type_name(g, t->b)).data;
    case T_TUPLE:
        return str_format(g->arena, "(%s, %s)", type_name(g, t->a), type_name(g, t->b)).data;
    case T_PAIR:
        return str_format(g->arena, "Pair<%s, %s>", type_name(g, t->a), type_name(g, t->b)).data;
    default:
        return names[t->kind];
    }
}

static void make_struct(struct gen *g) {
    struct struct_decl d = {.count = 1 + (int32_t)roll(g, FIELDS_MAX)};
    line(g, "struct S%d {", (int)g->structs.len);
    for (int32_t i = 0; i < d.count; i++) {
        d.fields[i] = any_type(g, 2);
        line(g, "    x%d: %s,", (int)i, type_name(g, d.fields[i]));
    }
    line(g, "}\n");
    vec_push(g->arena, &g->structs, d);
}

static void make_enum(struct gen *g) {
    struct enum_decl d = {.count = 2 + (int32_t)roll(g, VARIANTS_MAX - 1)};
    line(g, "enum E%d {", (int)g->enums.len);
    for (int32_t i = 0; i < d.count; i++) {
        if (i > 0 && chance(g, 70))
            d.payloads[i] = any_type(g, 1);
        if (d.payloads[i])
            line(g, "    V%d(%s),", (int)i, type_name(g, d.payloads[i]));
        else
            line(g, "    V%d,", (int)i);
    }
    line(g, "}\n");
    vec_push(g->arena, &g->enums, d);
}

void make_types(struct gen *g) {
    line(g, "struct Pair<A, B> {\n    left: A,\n    right: B,\n}\n");
    line(g, "struct Fail {\n    code: i64,\n}\n");
    for (uint64_t n = roll(g, 3) + 1; n > 0; n--) {
        make_struct(g);
        if (chance(g, 70))
            make_enum(g);
    }
}
