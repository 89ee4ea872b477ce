// SPDX-License-Identifier: MIT
// From a module of MIR to a program that can be started, and the cache between them.
//
//   source ─ pipeline ─▶ MIR ─ emit ─▶ C ─ units, cc ─▶ objects ─ cc + runtime ─▶ program
//
// Objects are named by a hash of all that they depend on (the C, the flags, abi.h), programs by
// their objects and the runtime. A memo says for a source file which program it became, and which
// files that depended on: while none of them has changed, `prism run` reads the memo and starts the
// program. Everything is written under another name and renamed, so any number of `prism` may work
// at once; what is damaged or missing is built again.
#ifndef PRISM_CLI_PROGRAM_H
#define PRISM_CLI_PROGRAM_H

#include "frontend/cli/pipeline.h"

enum program_kind { PROGRAM_PARALLEL, PROGRAM_SIMULATED };

// The path of the program that the source file becomes, in the cache. NULL after a diagnostic; then
// *code is the exit code.
const char *program_build(struct cli *cli, const char *source, enum program_kind kind, int *code);

// The same in steps, for who does something else with the object: compiles the unit's C; what its users
// link with besides; runs a tool that writes `output`, `args` ending in NULL.
const char *program_object(struct cli *cli, const struct unit *u, int *code);
struct str program_link_words(struct cli *cli, const struct unit *u);
bool program_tool(struct cli *cli, const char *const *args, const char *output, int *code);
const char *program_compiler(struct cli *cli);
const char *program_runtime(struct cli *cli, enum program_kind kind);

// PRISM_CACHE_DIR, else prism/ in the user's folder of caches, else .prism/cache here.
const char *program_cache_dir(struct cli *cli);

#endif
