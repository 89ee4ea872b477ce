// SPDX-License-Identifier: MIT
// The line that says how far a search is. On a terminal it is one line that is written over, after
// half a second; elsewhere a line each half minute, so that a log shows life.
#ifndef PRISM_CLI_PROGRESS_H
#define PRISM_CLI_PROGRESS_H

#include "frontend/cli/cli.h"
#include "sim/report/records.h"

struct progress {
    bool off, terminal, shown;
    int width;
    int64_t started_ms, said_ms; // of the test at hand; monotonic
    struct progress_record last;
    uint64_t runs; // of the test; 0: no limit
};

void progress_init(struct progress *p, const struct cli *cli);
void progress_start(struct progress *p, const struct start_record *start);
void progress_update(struct progress *p, const struct progress_record *record);
// Says something if it is time to.
void progress_tick(struct progress *p);
// Takes the line away, before something else is printed.
void progress_clear(struct progress *p);

int64_t progress_now_ms(void);

#endif
