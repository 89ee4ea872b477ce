// SPDX-License-Identifier: MIT
// Running a recorded failure again, for `prism replay`, `prism trace show` and `prism explain
// TRACE`.
#ifndef PRISM_CLI_REPLAY_H
#define PRISM_CLI_REPLAY_H

#include "frontend/cli/cli.h"

enum replay_telling {
    REPLAY_VERDICT, // what came of it, then the story
    REPLAY_STORY,   // the story with all its steps
};

// `program` is the source file, or NULL for the one that the trace names. Returns an exit code.
int replay_run(struct cli *cli, const char *trace, const char *program, bool salvage,
               enum replay_telling telling);
// Does the file begin as a trace does?
bool replay_is_trace(const char *path);

#endif
