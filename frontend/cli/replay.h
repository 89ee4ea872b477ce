// SPDX-License-Identifier: MIT
// Running a recorded failure again, for `prism replay`, `prism trace show` and `prism explain
// TRACE`.
#ifndef PRISM_CLI_REPLAY_H
#define PRISM_CLI_REPLAY_H

#include "frontend/cli/cli.h"
#include "sim/report/records.h"

enum replay_telling {
    REPLAY_VERDICT, // what came of it, then the story
    REPLAY_STORY,   // the story with all its steps
};

// `program` is the source file, or NULL for the one that the trace names. Returns an exit code.
int replay_run(struct cli *cli, const char *trace, const char *program, bool salvage,
               enum replay_telling telling);
// What a trace's run shows, without telling it. `shrink_to` NULL, or where the run is written as a
// trace again after it was made as small as it can be. Returns an exit code; where it is EXIT_FOUND
// or EXIT_HELD, *out is filled.
struct replayed {
    const char *source; // its program
    struct replay_record *replay;
    struct result_record *result;
    struct story *story;
    struct shrunk_record *shrunk; // or NULL
};
int replay_load(struct cli *cli, const char *trace, const char *program, const char *shrink_to,
                struct replayed *out);
// Does the file begin as a trace does?
bool replay_is_trace(const char *path);

#endif
