// SPDX-License-Identifier: MIT
// evidence: what a verdict leaves behind, and its second opinion.
#ifndef PRISM_CHECKER_EVIDENCE_H
#define PRISM_CHECKER_EVIDENCE_H

#include "checker/checker.h"

// Writes the certificate and the program's MIR beside it, has both re-checked, and fills
// o->certificate. Returns an empty text, or what is wrong with the proof. Without an evidence
// folder nothing is done.
struct str evidence_certificate(struct arena *a, const struct mir_module *m,
                                const struct check_options *options, struct obligation *o,
                                struct str certificate);

// Starts a program (looked up in PATH unless it has a slash) and reads its standard output; its
// standard error is dropped if `quiet`. False when it could not be started; then *status is not
// set.
bool evidence_run(struct arena *a, const char *const *argv, bool quiet, struct str *out,
                  int *status);

// The name as one harmless file name: other characters than letters, digits, `.`, `_`, `-` become
// `_`.
struct str evidence_file_name(struct arena *a, struct str name);

#endif
