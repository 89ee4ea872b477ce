// SPDX-License-Identifier: MIT
// The validator's files: validate.c (the module, its declarations, each function's frame),
// validate_ops.c (types of operations), validate_flow.c (what is written before it is read),
// validate_own.c (what is dropped).
#ifndef PRISM_MIR_VALIDATE_H
#define PRISM_MIR_VALIDATE_H

#include "frontend/mir/inner.h"

struct validator {
    const struct mir_module *module;
    struct diag_sink *sink;
    struct arena *scratch;
    const struct mir_function *function; // the one at hand
    int32_t block;                       // at hand, or -1
    const struct mir_inst *inst;         // at hand and well-formed, or NULL
    const struct mir_terminator *end;    // at hand, or NULL
    bool *ends;                          // by function: it holds `end`
    const struct mir_message **handles;  // by function: the message that it handles, or NULL
};

// Says what is wrong at the place at hand, after the place itself.
void mir_wrong(struct validator *v, enum diag_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// The type's text, for messages; "?" for NULL.
const char *mir_type_text(struct validator *v, const struct mir_type *t);

// The operation at hand: types, callees, self. Operands are well-formed.
void mir_validate_inst(struct validator *v, const struct mir_inst *i);
// Every local is written before it is read. Blocks and operations of the function are right.
void mir_validate_flow(struct validator *v);
// Lowered: when the function returns it holds nothing any more.
void mir_validate_own(struct validator *v);

#endif
