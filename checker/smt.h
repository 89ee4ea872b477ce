// SPDX-License-Identifier: MIT
// smt: the only door to the solver. Budgets are resource units, seeds are fixed, one context per
// run, so that an answer depends on the question alone.
#ifndef PRISM_CHECKER_SMT_H
#define PRISM_CHECKER_SMT_H

#include "checker/sym.h"

struct smt;

// `units`: how much one question may cost.
struct smt *smt_new(struct arena *a, uint32_t units);
void smt_free(struct smt *s);
// The solver's version, "4.8.12".
const char *smt_version(struct arena *a);

// How many different questions of feasibility one run asks; what comes after them counts as
// feasible, so that a run ends within its bound of steps and does not depend on time.
#define SMT_QUESTIONS_MAX 5000

// False only when no integers satisfy the conditions: "unknown" counts as feasible. Looked at are
// those that share variables, directly or through others, with the newest one: the others were
// asked when they came.
bool smt_feasible(struct smt *s, const struct cons *cons);

// ---- linear programs over rationals ---------------------------------------------------------

struct lp;
enum lp_rel { LP_EQ, LP_GE };
struct rational {
    int64_t num, den; // den > 0
};
struct lp *lp_new(struct smt *s);
// A new unknown with bounds; `bounded_below/above` say which count.
int32_t lp_var(struct lp *p, bool bounded_below, int64_t low, bool bounded_above, int64_t high);
// Sum of coefs[i] * vars[i] + constant REL 0.
void lp_add(struct lp *p, const int32_t *vars, const int64_t *coefs, int32_t count,
            int64_t constant, enum lp_rel rel);
// Objectives count in the order in which they were added: the first is maximised first.
void lp_maximize(struct lp *p, const int32_t *vars, const int64_t *coefs, int32_t count);
// False when there is no solution within the budget, or one with numbers beyond int64.
bool lp_solve(struct lp *p, struct rational *out);

#endif
