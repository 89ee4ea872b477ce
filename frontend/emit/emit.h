// SPDX-License-Identifier: MIT
// emit: lowered MIR to C that a person can read. The C includes <prism/abi.h> and nothing else;
// compiled, it is
// the one object that links with either runtime.
//
// What becomes what
//   a type             a C type and a static descriptor (prism_type)
//   a function         a static C function, its locals C locals; failures go to one label that
//   drops
//   ... that suspends  a frame struct and a function that is run again after each suspension,
//   from the root
//                      of the calls down; what lives across a suspension lives in the frame
//   a closure          a prism_closure with an adapter in front of the function
//   what the runtime starts (handlers, tasks, tests)   a prism_function
//   actors, tests, files, types   the tables of prism_program_main
//
// The C is the same, byte for byte, for the same module and options.
#ifndef PRISM_EMIT_H
#define PRISM_EMIT_H

#include "frontend/mir/mir.h"

struct emit_options {
    const char *name;  // of the program: its path relative to the package
    uint64_t mir_hash; // mir_hash() of the core MIR
    bool lines;        // #line directives, for debuggers; without them the C is easier to read
    // A library of that name, a word of C: what the module exports is there for C; or NULL.
    const char *library;
};

// Appends the C of a module that is lowered, inferred and valid.
void emit_c(const struct mir_module *lowered, const struct emit_options *options, struct text *out);
// The header of a library, for C and C++. `link` is what its users link with besides.
void emit_header(const struct mir_module *m, const struct emit_options *options, struct str link,
                 struct text *out);
// The name of a library's function in C, by its place in mir_module.exports; in the arena.
const char *emit_export_name(struct arena *a, const struct mir_module *m,
                             const struct emit_options *options, int32_t at);

// Cuts that C into files that are compiled one by one and linked together: a small program into
// one, which is the text itself. An edit of a function leaves most of the others as they are.
// `lines`: with #line directives, as far as there are any. These do not say where the functions
// stand, so that the text does not change when they only move (lines.c): `starts` does, and the
// assembly that a C compiler makes of such a file is given its lines by emit_lines.
typedef VEC(int32_t) line_list;
struct emit_unit {
    struct str c;
    line_list starts; // none: its lines are what they are
};
typedef VEC(struct emit_unit) unit_list;
void emit_units(struct arena *a, struct str c, bool lines, unit_list *out);
void emit_lines(struct str assembly, const line_list *starts, struct text *out);
// Before that it has to have comments that name the parts of its debugging information (-dA). Puts
// it without those of them that emit_lines does not want, which are more than half of it.
void emit_without_comments(struct str assembly, struct text *out);

#endif
