// SPDX-License-Identifier: MIT
// confirm: does the compiled program really do it? The test is run in the simulator at the size at
// which the checker found a deadlock, through `prism test --simulate --exhaustive`; the trace that
// this leaves is replayed. Only then is anything called refuted.
#ifndef PRISM_CHECKER_CONFIRM_H
#define PRISM_CHECKER_CONFIRM_H

#include "checker/checker.h"

enum confirmation {
    CONFIRM_YES,    // it deadlocks; the trace replays
    CONFIRM_NO,     // every schedule was run, and none does
    CONFIRM_UNABLE, // neither; `why` says what was in the way
};
struct confirm_size {
    const char *name; // of the parameter
    int64_t value;
};
enum confirmation confirm_deadlock(struct arena *a, const struct check_options *options,
                                   struct str test, const struct confirm_size *sizes, int32_t count,
                                   struct str *trace, struct str *why);

#endif
