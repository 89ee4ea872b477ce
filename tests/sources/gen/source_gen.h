// SPDX-License-Identifier: MIT
// source-gen: valid programs in Prism from a seed. Their output does not depend on a schedule, so
// the interpreter of MIR, both runtimes and every compiler have to print the same.
//
//   types.c   which types there are, their names, their declarations
//   expr.c    expressions of a given type
//   stmt.c    statements, blocks
//   items.c   functions, actors, main
//
// A program is made from the top: a function calls only those before it, so that it ends; loops are
// counted; whatever may fail fails in a function whose caller in `main` prints the failure and goes
// on.
#ifndef PRISM_TESTS_SOURCE_GEN_H
#define PRISM_TESTS_SOURCE_GEN_H

#include "frontend/base/base.h"

enum type_kind {
    T_I64,
    T_I32,
    T_U8,
    T_BOOL,
    T_F64,
    T_STRING,
    T_STRUCT,
    T_ENUM,
    T_LIST,
    T_OPTION,
    T_MAP,   // from a to b
    T_TUPLE, // of a and b
    T_PAIR,  // a generic struct of a and b
};

struct type {
    enum type_kind kind;
    int32_t decl; // STRUCT, ENUM
    const struct type *a, *b;
};

enum { FIELDS_MAX = 4, VARIANTS_MAX = 4, PARAMS_MAX = 4 };

struct struct_decl {
    int32_t count;
    const struct type *fields[FIELDS_MAX];
};
struct enum_decl {
    int32_t count;
    const struct type *payloads[VARIANTS_MAX]; // NULL: none
};

struct variable {
    const char *name;
    const struct type *type;
    bool is_mut;
    const struct type *closure; // what it takes, if it is a closure that gives `type`
};

struct param {
    const struct type *type;
    bool is_mut;
};

struct function {
    const char *name;
    const struct type *result;
    int32_t count;
    struct param params[PARAMS_MAX];
    bool is_async, has_log,
        has_result; // the log is a further `mut` parameter; Result<result, Fail>
};

struct message {
    const char *name;
    const struct type *param, *result; // NULL: none
};
struct actor {
    const char *name;
    VEC(struct message) messages;
};

struct gen {
    struct arena *arena;
    uint64_t random;
    struct text out;
    int32_t indent;
    int32_t names;  // given so far
    int32_t budget; // of nodes, for the function at hand
    VEC(struct struct_decl) structs;
    VEC(struct enum_decl) enums;
    VEC(struct function) functions;
    VEC(struct actor) actors;
    VEC(struct variable) scope;
    // Where the text goes.
    bool in_async, in_result, in_closure, in_loop, has_log;
    const struct type *result; // of the function at hand
    int32_t peers;             // an actor's handlers know those before it
};

// ---- choice ----
uint64_t roll(struct gen *g, uint64_t count); // 0 .. count-1
bool chance(struct gen *g, int percent);
const char *fresh(struct gen *g, const char *prefix);

// ---- types.c ----
void make_types(struct gen *g); // and prints their declarations
const struct type *any_type(struct gen *g, int depth);
const struct type *key_type(struct gen *g);
const struct type *simple(enum type_kind kind);
const struct type *list_of(struct gen *g, const struct type *item);
bool type_equal(const struct type *a, const struct type *b);
bool is_integer(const struct type *t);
const char *type_name(struct gen *g, const struct type *t);

// ---- expr.c ----
void expression(struct gen *g, const struct type *t, int depth);
void literal(struct gen *g, const struct type *t, int depth);
// A variable of the type, that is no closure; NULL if there is none.
const struct variable *find_variable(struct gen *g, const struct type *t, bool is_mut);
const struct variable *find_kind(struct gen *g, enum type_kind kind, bool is_mut);
// Calls a function that gives `t`; false if there is none that may be called here.
bool call_any(struct gen *g, const struct type *t, int depth);

// ---- stmt.c ----
void line(struct gen *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
void begin(struct gen *g); // a line whose text follows by text_printf(&g->out, …)
void end(struct gen *g, const char *tail);
void block(struct gen *g, int statements, int depth); // the statements of a scope of its own
void let(struct gen *g, const struct type *t, int depth);
void declare(struct gen *g, const char *name, const struct type *t, bool is_mut);

// ---- items.c ----
void make_items(struct gen *g);

#endif
