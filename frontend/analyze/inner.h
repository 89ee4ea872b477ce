// SPDX-License-Identifier: MIT
// What the files of analyze share.
#ifndef PRISM_ANALYZE_INNER_H
#define PRISM_ANALYZE_INNER_H

#include "frontend/analyze/analyze.h"

// Which blocks of a function stand in a loop: between a back edge's target and its source.
bool *blocks_in_loops(struct arena *a, const struct mir_function *f);
// Is the function of the program's own files, not of the library?
bool is_own(const struct mir_module *m, struct mir_loc loc);
// The handler of a party's message, or NULL.
const struct mir_function *handler_of(const struct mir_module *m, const char *actor,
                                      int32_t message);

// Calls `visit` for each function that code of the party may run, callees and tasks included, with
// the place in the program's own files from where it was reached; each function once.
typedef void visit_function(void *context, const struct mir_function *f, struct mir_loc reached,
                            bool in_loop);
void visit_party(struct arena *a, const struct mir_module *m, const struct party *p,
                 visit_function *visit, void *context);

void find_links(struct arena *a, struct analysis *all);
void find_growth(struct arena *a, struct analysis *all);
void find_waits(struct arena *a, struct analysis *all);
// Adds what `@aiContext` says that actors are for to the hints.
void find_purposes(struct arena *a, struct analysis *all, const struct typed_program *typed);

#endif
