// SPDX-License-Identifier: MIT
// What has to happen, and never did: nothing can move any more, and a monitor is in a state that is
// to be left.
#include "finding.h"

#include <stdio.h>

void check_monitors(struct world *w) {
    for (const struct cell *c = w->first_cell; c && !w->finding.kind; c = c->sched.all_next) {
        const char *state = c->sched.collected ? NULL : actor_hot_state(c);
        if (!state)
            continue;
        w->finding = (struct finding){.kind = FINDING_LIVENESS, .actor = c->sched.id};
        snprintf(w->finding.said, sizeof w->finding.said, HOT_SENTENCE, c->type->name, state);
    }
}
