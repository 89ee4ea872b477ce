// SPDX-License-Identifier: MIT
// capability: containment of capability literals. `Family.Operation("parameter", ...)` names what
// may be done; one literal lies within another when everything that it allows is allowed by the
// other. A decision procedure: it always answers, and for every "no" it has a witness.
#ifndef PRISM_CHECKER_CAPABILITY_H
#define PRISM_CHECKER_CAPABILITY_H

#include "frontend/base/base.h"

enum { CAPABILITY_PARTS_MAX = 8, CAPABILITY_PARAMS_MAX = 8 };

enum capability_param {
    CAPABILITY_PATH,  // "/data/in": it and all below it, by segments
    CAPABILITY_HOST,  // "*.example.org", "example.org", with an optional ":port" or ":from-to"
    CAPABILITY_SET,   // "{GET, HEAD}"
    CAPABILITY_RANGE, // "1..10", ends included
    CAPABILITY_WORD,  // anything else: equal or not
};
struct capability_value {
    enum capability_param kind;
    struct str text;   // normal form: paths without `.` and double slashes
    int64_t low, high; // RANGE; HOST: ports
};
struct capability {
    int32_t part_count;
    struct str parts[CAPABILITY_PARTS_MAX]; // "FileSystem", "Read"
    int32_t param_count;                    // none: every parameter is allowed
    struct capability_value params[CAPABILITY_PARAMS_MAX];
};

// NULL, or a sentence about what is wrong with the literal.
const char *capability_parse(struct arena *a, struct str literal, struct capability *out);
// Is `inner` within `outer`? If not, *witness (unless NULL) is something that only `inner` allows.
bool capability_within(struct arena *a, const struct capability *inner,
                       const struct capability *outer, struct str *witness);
// Within the union of several: `A.ReadWrite` is within {`A.Read`, `A.Write`}.
bool capability_within_any(struct arena *a, const struct capability *inner,
                           const struct capability *outers, int32_t count, struct str *witness);

#endif
