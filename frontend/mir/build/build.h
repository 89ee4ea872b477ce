// SPDX-License-Identifier: MIT
// build: from the typed program to core MIR. This is the door of frontend/mir/build/.
//
//   typed_program ─ roots ─▶ instances ─ bodies ─▶ mir_module ─▶ core MIR
//
// Made on demand: tests, the entry and what they reach. An instance is a declaration with types for
// its type parameters; its name is the path of the declaration with those types ("List<i64>.push").
#ifndef PRISM_MIR_BUILD_H
#define PRISM_MIR_BUILD_H

#include "frontend/mir/mir.h"
#include "frontend/sema/sema.h"

// Never NULL. What cannot be built yet goes to the sink as P8xxx; the module must then not be used
// further. The program must be free of errors.
struct mir_module *mir_build(struct arena *a, struct typed_program *program,
                             struct diag_sink *sink);

#endif
