// SPDX-License-Identifier: MIT
// ops: what one MIR operation does to one path.
#ifndef PRISM_CHECKER_OPS_H
#define PRISM_CHECKER_OPS_H

#include "checker/web.h"

// Appends to `next` the ways in which it goes on, to `failed` those in which a callee failed.
// Failures of the operation itself are the caller's business (they leave the state before it).
void ops_run(struct exec *x, const struct mir_function *f, const struct path *p,
             const struct mir_inst *in, struct paths *next, struct paths *failed);
struct con ops_negated(struct con c);

// Operands evaluated together: each row is one way.
struct evals {
    VEC(struct eval {
        struct path *path;
        const struct val **vals;
    })
    v;
};
void ops_operands(struct exec *x, const struct mir_function *f, const struct path *p,
                  const struct mir_inst *in, struct evals *out);
// Writes the result and appends the path; unknown integers get a variable of their own.
void ops_result(struct exec *x, const struct mir_function *f, const struct path *p,
                const struct mir_inst *in, const struct val *v, struct paths *next);

// arith.c
bool ops_arithmetic(struct exec *x, const struct mir_function *f, const struct eval *e,
                    const struct mir_inst *in, struct paths *next);
// actors.c
bool ops_actor(struct exec *x, const struct mir_function *f, const struct eval *e,
               const struct mir_inst *in, struct paths *next);

#endif
