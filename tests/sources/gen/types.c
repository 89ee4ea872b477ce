// SPDX-License-Identifier: MIT
// Types: which ones there are, and their declarations.
#include "tests/sources/gen/source_gen.h"

static const struct type simple_types[SIMPLE_TYPES] = {
    {.kind = T_I64},   {.kind = T_I32},      {.kind = T_I16},    {.kind = T_I8},
    {.kind = T_U8},    {.kind = T_U16},      {.kind = T_U32},    {.kind = T_U64},
    {.kind = T_USIZE}, {.kind = T_BOOL},     {.kind = T_F64},    {.kind = T_F32},
    {.kind = T_CHAR},  {.kind = T_DURATION}, {.kind = T_STRING}, {.kind = T_BYTES},
};

const struct type *simple(enum type_kind kind) {
    return &simple_types[kind];
}

bool is_integer(const struct type *t) {
    return t->kind < INTEGER_TYPES;
}

bool is_signed(const struct type *t) {
    return t->kind <= T_I8;
}

bool is_number(const struct type *t) {
    return is_integer(t) || t->kind == T_F64 || t->kind == T_F32;
}

bool has_trait(const struct type *t) {
    return t && (t->kind == T_TRAIT || has_trait(t->a) || has_trait(t->b));
}

enum { TYPE_DEPTH_MAX = 12 }; // of those that do not hold themselves

static bool ordered(struct gen *g, const struct type *t, int depth);

static bool all_ordered(struct gen *g, const struct type *const *types, int32_t count, int depth) {
    for (int32_t i = 0; i < count; i++)
        if (types[i] && !ordered(g, types[i], depth))
            return false;
    return true;
}

// What is deeper is a part of itself, and has been looked at.
static bool ordered(struct gen *g, const struct type *t, int depth) {
    if (depth == 0)
        return true;
    switch (t->kind) {
    case T_STRUCT: {
        const struct struct_decl *d = &g->structs.at[t->decl];
        return all_ordered(g, d->fields, d->count, depth - 1);
    }
    case T_ENUM: {
        const struct enum_decl *d = &g->enums.at[t->decl];
        return all_ordered(g, d->payloads, d->count, depth - 1);
    }
    case T_LIST:
    case T_OPTION:
    case T_RESULT:
    case T_TUPLE:
    case T_PAIR:
        return ordered(g, t->a, depth - 1) && (!t->b || ordered(g, t->b, depth - 1));
    default:
        return t->kind < SIMPLE_TYPES || t->kind == T_DISTINCT;
    }
}

bool is_ordered(struct gen *g, const struct type *t) {
    return ordered(g, t, TYPE_DEPTH_MAX);
}

static const struct type *made(struct gen *g, struct type t) {
    struct type *copy = arena_new(g->arena, struct type);
    *copy = t;
    return copy;
}

const struct type *list_of(struct gen *g, const struct type *item) {
    return made(g, (struct type){.kind = T_LIST, .a = item});
}

static const struct type *declared(struct gen *g, enum type_kind kind, int32_t count) {
    if (count == 0)
        return simple(T_I64);
    return made(g, (struct type){.kind = kind, .decl = (int32_t)roll(g, (uint64_t)count)});
}

static const struct type *of_one(struct gen *g, enum type_kind kind, const struct type *a) {
    return made(g, (struct type){.kind = kind, .a = a});
}

static const struct type *of_two(struct gen *g, enum type_kind kind, const struct type *a,
                                 const struct type *b) {
    return made(g, (struct type){.kind = kind, .a = a, .b = b});
}

const struct type *key_type(struct gen *g) {
    static const enum type_kind kinds[] = {T_I64, T_I64, T_STRING, T_U8, T_BOOL, T_CHAR};
    if (chance(g, 15))
        return declared(g, T_DISTINCT, g->distincts.len);
    if (chance(g, 10))
        return declared(g, T_ENUM, g->enums.len);
    return simple(kinds[roll(g, 6)]);
}

static const struct type *simple_type(struct gen *g) {
    return simple(chance(g, 45) ? T_I64 : (enum type_kind)roll(g, SIMPLE_TYPES));
}

static const struct type *any_type_of(struct gen *g, int depth) {
    uint64_t n = depth > 0 ? 7 + roll(g, 19) : 0;
    switch (n) {
    case 9:
    case 10:
    case 11:
        return declared(g, T_STRUCT, g->structs.len);
    case 12:
    case 13:
        return declared(g, T_ENUM, g->enums.len);
    case 14:
        return declared(g, T_DISTINCT, g->distincts.len);
    case 15:
        return declared(g, T_TRAIT, g->traits.len);
    case 16:
        return of_one(g, chance(g, 60) ? T_SET : T_QUEUE, key_type(g));
    case 17:
    case 18:
        return of_one(g, T_OPTION, any_type_of(g, depth - 1));
    case 19:
        return of_one(g, T_RESULT, any_type_of(g, depth - 1));
    case 20:
        return of_two(g, T_MAP, key_type(g), any_type_of(g, depth - 1));
    case 21:
        return of_two(g, T_TUPLE, any_type_of(g, depth - 1), any_type_of(g, depth - 1));
    case 22:
        return of_two(g, T_PAIR, any_type_of(g, depth - 1), any_type_of(g, depth - 1));
    case 23:
    case 24:
    case 25:
        return list_of(g, any_type_of(g, depth - 1));
    default:
        return simple_type(g);
    }
}

const struct type *any_type(struct gen *g) {
    if (g->pool.len == 0 || chance(g, 45))
        return simple_type(g);
    return g->pool.at[roll(g, (uint64_t)g->pool.len)];
}

const struct type *shared_type(struct gen *g) {
    const struct type *const few[] = {simple(T_I64), simple(T_STRING), g->pool.at[0],
                                      g->pool.at[1]};
    return few[roll(g, 4)];
}

bool type_equal(const struct type *a, const struct type *b) {
    if (a == b)
        return true;
    return a && b && a->kind == b->kind && a->decl == b->decl && type_equal(a->a, b->a) &&
           type_equal(a->b, b->b);
}

static const char *applied(struct gen *g, const char *name, const struct type *t) {
    if (!t->b)
        return str_format(g->arena, "%s<%s>", name, type_name(g, t->a)).data;
    return str_format(g->arena, "%s<%s, %s>", name, type_name(g, t->a), type_name(g, t->b)).data;
}

const char *type_name(struct gen *g, const struct type *t) {
    static const char *const names[SIMPLE_TYPES] = {
        "i64",   "i32",  "i16", "i8",  "u8",   "u16",      "u32",    "u64",
        "usize", "bool", "f64", "f32", "char", "Duration", "String", "Bytes"};
    switch (t->kind) {
    case T_STRUCT:
        return str_format(g->arena, "S%d", (int)t->decl).data;
    case T_ENUM:
        return str_format(g->arena, "E%d", (int)t->decl).data;
    case T_DISTINCT:
        return str_format(g->arena, "D%d", (int)t->decl).data;
    case T_TRAIT:
        return str_format(g->arena, "Tr%d", (int)t->decl).data;
    case T_LIST:
        return applied(g, "List", t);
    case T_SET:
        return applied(g, "Set", t);
    case T_QUEUE:
        return applied(g, "Queue", t);
    case T_OPTION:
        return applied(g, "Option", t);
    case T_MAP:
        return applied(g, "Map", t);
    case T_PAIR:
        return applied(g, "Pair", t);
    case T_RESULT:
        return str_format(g->arena, "Result<%s, Fail>", type_name(g, t->a)).data;
    case T_TUPLE:
        return str_format(g->arena, "(%s, %s)", type_name(g, t->a), type_name(g, t->b)).data;
    default:
        return names[t->kind];
    }
}

static void make_struct(struct gen *g) {
    struct struct_decl d = {.count = 1 + (int32_t)roll(g, FIELDS_MAX)};
    form(g, "struct S%d {\n", (int)g->structs.len);
    for (int32_t i = 0; i < d.count; i++) {
        d.fields[i] = any_type_of(g, chance(g, 50) ? 2 : 0);
        form(g, "    x%d: %t,\n", (int)i, d.fields[i]);
    }
    form(g, "}\n\n");
    vec_push(g->arena, &g->structs, d);
}

static void make_enum(struct gen *g) {
    struct enum_decl d = {.count = 2 + (int32_t)roll(g, VARIANTS_MAX - 1)};
    form(g, "enum E%d {\n", (int)g->enums.len);
    const struct type *itself =
        made(g, (struct type){.kind = T_ENUM, .decl = (int32_t)g->enums.len});
    for (int32_t i = 0; i < d.count; i++) {
        if (i > 0 && chance(g, 25))
            d.payloads[i] =
                chance(g, 70) ? list_of(g, itself) : of_two(g, T_MAP, simple(T_STRING), itself);
        else if (i > 0 && chance(g, 70))
            d.payloads[i] = any_type_of(g, chance(g, 50) ? 1 : 0);
        if (d.payloads[i])
            form(g, "    V%d(%t),\n", (int)i, d.payloads[i]);
        else
            form(g, "    V%d,\n", (int)i);
    }
    form(g, "}\n\n");
    vec_push(g->arena, &g->enums, d);
}

static void make_distinct(struct gen *g) {
    const struct type *t = simple((enum type_kind)roll(g, SIMPLE_TYPES));
    form(g, "type D%d = distinct %t;\n\n", (int)g->distincts.len, t);
    vec_push(g->arena, &g->distincts, t);
}

static void make_constant(struct gen *g) {
    const struct type *t = simple((enum type_kind)roll(g, SIMPLE_TYPES));
    const char *name = str_format(g->arena, "C%d", (int)g->constants.len).data;
    form(g, "const %s: %t = %l;\n\n", name, t, t);
    vec_push(g->arena, &g->constants, ((struct variable){.name = name, .type = t}));
}

void make_types(struct gen *g) {
    make_distinct(g);
    for (int i = 0; i < 3; i++)
        make_constant(g);
    for (int i = 0; i < 2; i++) {
        make_struct(g);
        make_enum(g);
    }
    make_struct(g);
    for (int i = 0; i < POOL_TYPES / 2; i++)
        vec_push(g->arena, &g->pool, any_type_of(g, 2));
    make_trait(g);
    for (int i = 0; i < POOL_TYPES / 2; i++)
        vec_push(g->arena, &g->pool, any_type_of(g, 2));
    for (int32_t i = 0; i < (int32_t)g->structs.len; i++)
        make_methods(g, i);
}
