// SPDX-License-Identifier: MIT
// guards: what the code of an actor asks services for, held to what the actor's clause allows.
#ifndef PRISM_CHECKER_GUARDS_H
#define PRISM_CHECKER_GUARDS_H

#include "checker/capability.h"
#include "frontend/mir/mir.h"

// An operation that may ask for more than the clause allows.
struct guard_gap {
    struct str text;    // what it asks for, `...` where that depends on values
    struct mir_loc loc; // the call
    bool depends;       // on values: it may well be allowed
};

// Whether all that the actor asks for lies within `own`, whatever values it works on. If not, *gap
// is the first that need not. What a provider does is the program's own, and not looked at.
bool guards_within(struct arena *a, const struct mir_module *m, const struct mir_actor *actor,
                   const struct capability *own, int32_t count, int32_t *asked,
                   struct guard_gap *gap);

#endif
