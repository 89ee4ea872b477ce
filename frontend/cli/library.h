// SPDX-License-Identifier: MIT
// `prism build --lib`: a program as a library of C, an archive and a header beside it.
#ifndef PRISM_CLI_LIBRARY_H
#define PRISM_CLI_LIBRARY_H

#include "frontend/cli/program.h"

// Writes libNAME.a and NAME.h, NAME being that of the source or of `-o`. Returns the exit code.
int library_build(struct cli *cli, const char *source);

#endif
