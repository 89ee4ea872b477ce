// SPDX-License-Identifier: MIT
// sym: what the abstract execution computes with - linear terms over integers, conditions on them,
// and values that say which actors they may hold. Everything here is immutable once it was made, so
// that paths share it; everything lives in the arena of the run.
//
// Variables are numbers. 0 .. params-1 are the parameters of the test at hand and mean the same
// everywhere; the others are local to one execution of one context.
#ifndef PRISM_CHECKER_SYM_H
#define PRISM_CHECKER_SYM_H

#include "frontend/mir/mir.h"

// ---- linear terms ---------------------------------------------------------------------------

#define LIN_TERMS_MAX 6
// Coefficients and constants stay within this, so that sums of products never overflow.
#define LIN_COEFFICIENT_MAX ((int64_t)1 << 40)

struct lin_term {
    int32_t var;
    int64_t coef; // not 0
};
struct lin {
    int64_t c;
    int32_t count;
    struct lin_term t[LIN_TERMS_MAX]; // by ascending variable
};

static inline struct lin lin_const(int64_t c) {
    return (struct lin){.c = c};
}
static inline struct lin lin_var(int32_t var) {
    return (struct lin){.count = 1, .t = {{var, 1}}};
}
// out = a + factor * b; false when it does not fit (too many terms, too large numbers).
bool lin_add(struct lin *out, struct lin a, int64_t factor, struct lin b);
// out = a with `var` replaced by `by`.
bool lin_replace(struct lin *out, struct lin a, int32_t var, struct lin by);
bool lin_eq(struct lin a, struct lin b);

// ---- conditions -----------------------------------------------------------------------------

enum con_rel { CON_GE, CON_EQ, CON_NE }; // l >= 0, l == 0, l != 0
struct con {
    enum con_rel rel;
    struct lin l;
};
// A path's conditions, newest first; tails are shared between paths.
struct cons {
    struct con con;
    const struct cons *rest;
};
const struct cons *cons_add(struct arena *a, const struct cons *rest, struct con con);
bool con_eq(struct con a, struct con b);
// Decides conditions without variables: 1 true, 0 false, -1 depends.
int con_known(struct con c);

// ---- values ---------------------------------------------------------------------------------

enum val_kind {
    VAL_TOP, // anything of the type; references in it may be to any actor of their type
    VAL_INT,
    VAL_BOOL,
    VAL_STRUCT,
    VAL_ENUM, // of a known variant
    VAL_BUF,
    VAL_REF, // an actor of a known class; also how nodes of the wait graph are written
    VAL_CLOSURE,
    VAL_REPLY,
};

struct closed;
#define VAL_ATTRS_MAX 5

struct val {
    enum val_kind kind;
    const struct mir_type *type;
    struct lin n;       // INT; BUF: the length; TOP, REF if `older`: references are born before it
    bool older;         // TOP, REF without attributes
    struct con cond;    // BOOL
    int32_t variant;    // ENUM
    int32_t class;      // REF
    int32_t attr_count; // REF
    struct lin attrs[VAL_ATTRS_MAX];
    const char *function;     // CLOSURE
    int32_t count;            // STRUCT, ENUM, CLOSURE
    const struct val **items; // NULL items of a `self` were not looked at yet
    bool any;                 // BUF: anything of the element type may be in it
    int32_t pattern_count;    // BUF: closed over [position, element]
    const struct closed **patterns;
};

const struct val *val_top(struct arena *a, const struct mir_type *t);
// The value with what is known of its unknown references: all were born before `birth`.
const struct val *val_older(struct arena *a, const struct val *v, struct lin birth);
const struct val *val_int(struct arena *a, const struct mir_type *t, struct lin n);
const struct val *val_bool(struct arena *a, const struct mir_type *t, struct con c);
// A STRUCT, ENUM or CLOSURE of `count` items, all NULL.
struct val *val_tuple(struct arena *a, enum val_kind kind, const struct mir_type *t, int32_t count);
bool val_eq(const struct val *a, const struct val *b);
bool mir_type_is_int(const struct mir_type *t);
bool mir_type_is_unsigned(const struct mir_type *t);
// Does a value of the type hold (outside of other actors) a value of that kind?
bool mir_type_holds(const struct mir_type *t, enum mir_type_kind kind);

// ---- closed facts: values and the conditions that tie them, for all values of their variables

struct closed {
    int32_t vars; // variables params .. params+vars-1 are bound here
    int32_t val_count, con_count;
    const struct val **vals;
    struct con *cons;
    struct str key; // equal facts have equal keys
};

// Closes `vals` over those of the conditions that speak, directly or through others, of their
// variables or of parameters only.
const struct closed *closed_make(struct arena *a, int32_t params, const struct cons *cons,
                                 const struct val *const *vals, int32_t count);
// Gives the bound variables the numbers from *next on; adds the conditions to *cons; the values are
// new copies.
const struct val **closed_open(struct arena *a, int32_t params, const struct closed *c,
                               int32_t *next, const struct cons **cons);

// ---- text -----------------------------------------------------------------------------------

// Variables below `params` print as their names, others as `_N`.
void lin_print(struct text *out, struct lin l, int32_t params, const char *const *names);
void con_print(struct text *out, struct con c, int32_t params, const char *const *names);

#endif
