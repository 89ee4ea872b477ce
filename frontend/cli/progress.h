// SPDX-License-Identifier: MIT
// What is said on standard error while tests run. On a terminal it is one line that is written
// over, after half a second; elsewhere a line each half minute, so that a log shows life. A test
// that takes longer than SLOW_MS is named there once.
#ifndef PRISM_CLI_PROGRESS_H
#define PRISM_CLI_PROGRESS_H

#include "frontend/cli/cli.h"
#include "sim/report/records.h"

struct progress {
    bool off, terminal, shown, named;
    int width;
    int64_t started_ms, said_ms, newest_ms; // of the test at hand; monotonic
    struct progress_record last;
    uint64_t runs, for_ns; // limits of the test; 0: none
    int32_t failed;        // tests so far
    bool searches;         // the test is simulated, and has runs to be counted
};

void progress_init(struct progress *p, const struct cli *cli);
void progress_start(struct progress *p, const struct start_record *start, bool searches);
void progress_update(struct progress *p, const struct progress_record *record);
// The test is over; nothing is said of it any more.
void progress_end(struct progress *p, bool failed);
// Says something if it is time to.
void progress_tick(struct progress *p);
// Takes the line away, before something else is printed.
void progress_clear(struct progress *p);

int64_t progress_now_ms(void);

#endif
