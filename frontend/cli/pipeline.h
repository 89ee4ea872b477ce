// SPDX-License-Identifier: MIT
// One program on its way through the stages of the compiler.
#ifndef PRISM_CLI_PIPELINE_H
#define PRISM_CLI_PIPELINE_H

#include "frontend/cli/manifest.h"
#include "frontend/mir/mir.h"
#include "frontend/sema/sema.h"
#include "frontend/syntax/syntax.h"

#define PIPELINE_MODULES_MAX 1000

enum stage { STAGE_SYNTAX, STAGE_SEMA, STAGE_MIR, STAGE_C };

// A program in its own text form, MIR (docs/mir.md), may stand instead of one in Prism: a file
// whose name ends in .mir. It enters the pipeline at STAGE_MIR.
struct unit_file {
    const struct module_ast *ast;
    const char *name; // "shop.prices"
    VEC(const char *) imported_as;
    uint64_t device, node; // which file that is, however its path is written; 0 if none
};

struct unit {
    const char *path;                // the root file, as the user wrote it
    const char *c_library;           // it becomes a library of C of that name; or NULL
    const struct manifest *manifest; // of its package, or NULL; found by pipeline_run
    struct arena arena;              // holds all of the below; the sink's diagnostics point into it
    struct intern_table names;
    VEC(struct unit_file) own;              // the root first, then what it imports
    VEC(const struct module_ast *) library; // the standard library
    struct typed_program *typed;
    struct mir_module *mir; // core; lowered after STAGE_C
    uint64_t mir_hash;      // of the core
    struct str c;
    int32_t errors_before; // in the sink, of other programs
    str_list files;        // all that was read of the program, without the library
};

// Reads the program and runs the stages up to `until`. False when the sink got an error; what the
// stages before made is then still there to be looked at.
bool pipeline_run(struct cli *cli, struct unit *u, enum stage until);
// Prints what the last stage made: the tree, types, MIR, C.
void pipeline_dump(const struct unit *u, enum stage stage, struct text *out);
void pipeline_free(struct unit *u);

#endif
