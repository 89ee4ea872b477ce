// SPDX-License-Identifier: MIT
// Which function values may wait. A value is called without knowing its function, so all values
// that may come to one place agree on how they are called: those of a class where one of them may
// suspend are resumable, the others are plain calls.
#ifndef PRISM_MIR_VALUES_H
#define PRISM_MIR_VALUES_H

#include "frontend/mir/mir.h"

// A place of the program where a value is made, called or asked about.
struct value_use {
    struct mir_inst *inst; // CLOSURE, APPLY or WAITS
    int32_t value;         // the node of what it makes, calls or asks about
};
// An argument and the parameter that it is given for.
struct value_pass {
    struct mir_function *caller;
    struct mir_inst *inst; // CALL, CLOSURE or TASK
    int32_t arg, param;    // which operand, and nodes
    int32_t value;
};

// Nodes are locals and results of functions, and for each function type one for all that is stored
// or sent; a class is what values flow between, found as by Steensgaard ("Points-to analysis in
// almost linear time", 1996).
struct values {
    const struct mir_module *module;
    int32_t *parent; // by node
    bool *waits;     // by class
    int32_t *first;  // by function: its first local's node; its result's node is behind the locals
    int32_t stored;  // the node of the type with number 0
    VEC(struct value_use) uses;
    VEC(struct value_pass) passes; // none where arguments and parameters are one class
};

// Everything lives in `a`. `apart`: arguments are of a class of their own, so that a function may
// be given values of either kind.
struct values values_of(struct arena *a, struct mir_module *m, bool apart);
int32_t values_class(struct values *v, int32_t node);
// The node of a parameter of a function type, or -1.
int32_t values_param(const struct values *v, const struct mir_function *f, int32_t param);
// Takes over which functions suspend: marks classes and the operations of `uses`. True if more of
// them wait than before, so that more functions may suspend.
bool values_spread(struct values *v);

// Fills in which functions suspend and trap, and which call cycles they stand in, as far as `waits`
// of operations is known. In infer.c.
void mir_fill_calls(struct mir_module *m, struct arena *a);

#endif
