// SPDX-License-Identifier: MIT
// Why: each choice of a failing run is changed, one at a time, to each of its alternatives, and the
// rest of the path is followed as far as it goes. A choice matters when no alternative to it fails
// the same way.
#include "tell.h"

#include <stdlib.h>

enum { BUDGET_EVENTS = 1000000, POINTS_MAX = 2000 };

static void with_change(struct path *out, const struct path *path, const struct fork_point *p) {
    out->len = 0;
    for (uint32_t i = 0; i < p->met; i++)
        path_add(out, &path->at[i]);
    if (!event_name_equal(&p->other, &p->usual))
        path_add(out, &(struct deviation){p->usual, p->other});
    for (uint32_t i = p->met + p->deviated; i < path->len; i++)
        path_add(out, &path->at[i]);
}

// Alternatives of one choice stand together. Returns the index after them.
static uint32_t vary_choice(const struct subject *subject, const struct path *path,
                            const struct finding *wanted, const struct fork_points *points,
                            uint32_t at, struct why *why, uint64_t *events) {
    struct path candidate = {0};
    uint32_t end = at, fails = 0;
    for (; end < points->len && points->at[end].event == points->at[at].event; end++) {
        with_change(&candidate, path, &points->at[end]);
        struct outcome o = follow(subject, &candidate, false, NULL, NULL, 0, NULL);
        *events += o.measure.events + 20;
        fails += o.end == RUN_DONE && finding_same(&o.finding, wanted);
    }
    path_free(&candidate);
    why->varied++;
    why->harmless += fails == end - at;
    if (fails == 0 && why->needed_count < NEEDED_MAX)
        why->needed[why->needed_count++] = points->at[at];
    return end;
}

struct why why_find(const struct subject *subject, const struct path *path,
                    const struct finding *wanted) {
    struct why why = {0};
    struct fork_points points = {.max = POINTS_MAX};
    uint64_t events = 0;
    follow(subject, path, false, NULL, &points, 0, NULL);
    uint32_t at = 0;
    while (at < points.len && events < BUDGET_EVENTS)
        at = vary_choice(subject, path, wanted, &points, at, &why, &events);
    why.limited = at < points.len || points.len == points.max;
    free(points.at);
    return why;
}
