// SPDX-License-Identifier: MIT
// Every schedule, one after the other: the plain search that the clever one is compared with.
#include "explore/order.h"
#include "snapshot.h"

#include <stdlib.h>

struct branch {
    uint32_t index, count;
};

struct unreduced {
    const struct subject *subject;
    const struct explore_limits *limits;
    struct branch *branches; // of the execution at hand
    uint32_t depth_max;
    struct snapshots snapshots;
    struct explore_stats stats;
};

enum { ENABLED_MAX = 512 };

static uint32_t list_enabled(const struct unreduced *u, struct choice *enabled) {
    uint32_t count = world_list(WORLD, enabled, ENABLED_MAX), envelopes = 0;
    assert(count > 0 && count <= ENABLED_MAX);
    while (envelopes < count && enabled[envelopes].envelope)
        envelopes++;
    if (!u->limits->one_of_ties || envelopes == count)
        return count;
    enabled[envelopes] = (struct choice){NULL, order_timer(WORLD)};
    return envelopes + 1;
}

// Runs along the branches as far as they go, then takes the first of what is enabled; returns how
// deep.
static uint32_t run_branches(struct unreduced *u, uint32_t known, enum run_end *end) {
    struct choice enabled[ENABLED_MAX];
    uint32_t mark;
    if (!known || !snapshots_return(&u->snapshots, known - 1, &mark))
        world_begin(u->subject->host, u->subject->function, u->subject->args);
    uint32_t depth = WORLD->event_count;
    while (!run_is_over(WORLD, end) && depth < u->depth_max) {
        uint32_t count = list_enabled(u, enabled);
        if (depth >= known)
            u->branches[depth] = (struct branch){0, count};
        assert(u->branches[depth].count == count); // else the program is not deterministic
        if (count > 1)
            snapshots_offer(&u->snapshots, WORLD, 0);
        world_take(WORLD, enabled[u->branches[depth].index], count);
        depth++;
    }
    if (depth >= u->depth_max && !run_is_over(WORLD, end))
        *end = RUN_CUT;
    u->stats.steps += depth;
    return depth;
}

static bool spent(struct unreduced *u) {
    const struct explore_limits *l = u->limits;
    if (l->executions && u->stats.executions + u->stats.pruned >= l->executions)
        u->stats.limit = "runs";
    else if (l->steps && u->stats.steps >= l->steps)
        u->stats.limit = "steps";
    return u->stats.limit != NULL;
}

struct explore_stats explore_unreduced(const struct subject *subject,
                                       const struct explore_limits *limits, explore_visit *visit,
                                       void *context) {
    struct unreduced u = {
        .subject = subject, .limits = limits, .snapshots.never = limits->reexecute};
    u.depth_max =
        limits->depth && limits->depth < EXPLORE_DEPTH_MAX ? limits->depth : EXPLORE_DEPTH_MAX;
    u.branches = calloc(u.depth_max + 1, sizeof *u.branches);
    if (!u.branches)
        abort();
    uint32_t known = 0;
    bool cut = false, go_on = subject->host->go_on;
    subject->host->go_on = true;
    do {
        enum run_end end;
        uint32_t depth = run_branches(&u, known, &end);
        bool complete = end == RUN_DONE;
        u.stats.executions += complete;
        u.stats.pruned += !complete;
        cut |= !complete;
        if (complete && visit(context, WORLD))
            u.stats.limit = "stopped";
        while (depth > 0 && ++u.branches[depth - 1].index == u.branches[depth - 1].count)
            depth--;
        known = depth;
    } while (known > 0 && !u.stats.limit && !spent(&u));
    subject->host->go_on = go_on;
    if (!u.stats.limit && cut)
        u.stats.limit = "depth";
    u.stats.complete = known == 0 && !u.stats.limit;
    snapshots_free(&u.snapshots);
    free(u.branches);
    return u.stats;
}
