// SPDX-License-Identifier: MIT
// What the files of frontend/mir share and nobody else needs: the shape of each operation's text,
// words, names.
#ifndef PRISM_MIR_INNER_H
#define PRISM_MIR_INNER_H

#include "frontend/mir/mir.h"

// Bounds on what a text may ask for; what a builder makes stays far below.
enum {
    MIR_TYPE_DEPTH_MAX = 64,    // buf(buf(…))
    MIR_OPERAND_DEPTH_MAX = 64, // _0[_1[…]]
    MIR_NUMBER_MAX = 1 << 20,   // locals, blocks, fields, variants, messages, files
    MIR_PARAMS_MAX = 255,
    MIR_TYPE_NEST_MAX = 200,    // structs in structs, without a buf between
    MIR_FLOW_BITS_MAX = 1 << 30 // locals times blocks of one function
};

// The text after the operation's name, as printer, parser and validator follow it:
//   a  operand              *  "(a, …)"             ?  operand or nothing
//   F  function name        A  actor name           M  "A.N", a message of an actor
//   N  number and a blank   T  type                 P  number before a comma
//   K  task's kind, and "in" with scope or token    m  ".NAME" of a math function and its operands
// A comma stands for ", ", a blank for itself.
const char *mir_op_shape(enum mir_op op);
// False when there is none.
bool mir_op_find(struct str text, enum mir_op *op);

extern const char *const mir_task_names[3];
extern const char *const mir_math_names[MIR_MATH_COUNT];
extern const char *const mir_mailbox_names[4];
extern const char *const mir_strategy_names[3];
extern const char *const mir_format_names[MIR_FORMAT_COUNT];
// An operation that is several: the word behind the dot, by mir_inst.number. NULL: it is one.
struct mir_family {
    const char *const *names;
    int32_t count;
};
const struct mir_family *mir_op_family(enum mir_op op);
extern const char *const mir_mark_names[MIR_MARK_COUNT];

// "i64" and so on; NULL for kinds that are not one word.
const char *mir_prim_name(enum mir_type_kind kind);
bool mir_prim_find(struct str text, enum mir_type_kind *kind);
// May the name stand without quotes?
bool mir_name_is_plain(const char *name);

static inline bool mir_is_signed(enum mir_type_kind k) {
    return k >= MIR_I8 && k <= MIR_I64;
}
static inline bool mir_is_integer(enum mir_type_kind k) {
    return k >= MIR_I8 && k <= MIR_U64;
}
static inline bool mir_is_float(enum mir_type_kind k) {
    return k == MIR_F32 || k == MIR_F64;
}
static inline int mir_width_bits(enum mir_type_kind k) {
    return k == MIR_I64 || k == MIR_U64   ? 64
           : k == MIR_I32 || k == MIR_U32 ? 32
           : k == MIR_I16 || k == MIR_U16 ? 16
                                          : 8;
}

void mir_print_name(struct text *out, const char *name);
void mir_print_type(struct text *out, const struct mir_type *t);
void mir_print_place(struct text *out, const struct mir_place *p);
void mir_print_operand(struct text *out, const struct mir_operand *o);
// Without location and indentation.
void mir_print_inst(struct text *out, const struct mir_inst *i);
void mir_print_terminator(struct text *out, const struct mir_terminator *t);

#endif
