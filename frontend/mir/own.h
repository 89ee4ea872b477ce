// SPDX-License-Identifier: MIT
// Ownership in three files: own_modes.c (who consumes what: modes of parameters), own_shape.c (what
// is rewritten before, so that the rest is simple), own.c (moves and drops). docs/mir.md,
// "Lowered", is the contract with the emitter.
#ifndef PRISM_MIR_OWN_H
#define PRISM_MIR_OWN_H

#include "frontend/mir/flow.h"

// Does the operation keep the value of operand `n` (or hand it on), rather than look at it?
bool own_consumes(const struct mir_module *m, const struct mir_inst *i, int32_t n);
// Is the local this function's to drop: neither plain nor lent nor `mut`?
bool own_is_ours(const struct mir_function *f, int32_t local);

// Parameter modes by fixpoint.
void own_modes(struct mir_module *m);
// Temporaries where a value that is only lent might be changed meanwhile, or where a return would
// have to be followed by a drop; copies of lent parameters that are written.
void own_shape(struct mir_module *m);

#endif
