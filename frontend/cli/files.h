// SPDX-License-Identifier: MIT
// Which programs a command line means.
#ifndef PRISM_CLI_FILES_H
#define PRISM_CLI_FILES_H

#include "frontend/cli/cli.h"

#define FILES_DEPTH_MAX 32

// Fills `out` with the files that the arguments name: a file is itself, a folder is every *.prism
// file below it, in the order of their paths; without arguments the current folder. Hidden folders
// and `build` are left out. Returns EXIT_HELD, or after a diagnostic EXIT_ASKED or EXIT_IO.
int files_of_arguments(struct cli *cli, const str_list *arguments, str_list *out);

// The same with the arguments of the command; where no file is named, EXIT_NOTHING after a
// diagnostic.
int files_programs(struct cli *cli, str_list *out);

// The one program that `build` and `run` are given: a file, or a folder's main.prism. NULL after a
// diagnostic.
const char *files_program(struct cli *cli);

// Adds the diagnostic for a path that is not there, with the nearest that is.
void files_missing(struct cli *cli, const char *path, const char *wrong);

#endif
