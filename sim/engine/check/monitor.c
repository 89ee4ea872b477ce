// SPDX-License-Identifier: MIT
// What has to happen, and never did: nothing can move any more, and a monitor is in a state that is
// to be left. Where a program goes on for ever, nothing of the kind is certain; then it is given a
// long stretch in which everybody has turns and time passes, and a monitor that does not leave such
// states all the while is no finding, but no answer either.
#include "fault/fault.h"
#include "finding.h"
#include "sample/sample.h"

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

// ---- programs without end -----------------------------------------------------------------------

enum { WATCHED_MAX = 1024, TIME_EACH = 64 };

// Monitors that are in such a state, and not known yet. Those beyond the room are noted at once:
// whether they leave it is then not known, which is no answer either.
struct lingerers {
    const struct cell *at[WATCHED_MAX];
    uint32_t len;
};

static void find_lingerers(const struct world *w, struct lingerers *l) {
    l->len = 0;
    for (const struct cell *c = w->first_cell; c; c = c->sched.all_next) {
        const char *state = c->sched.collected ? NULL : actor_hot_state(c);
        if (!state || lingering_known(w->host, c->type->name, state))
            continue;
        if (l->len < WATCHED_MAX)
            l->at[l->len++] = c;
        else
            lingering_note(w->host, c->type->name, state);
    }
}

static void drop_those_that_left(struct lingerers *l) {
    uint32_t len = 0;
    for (uint32_t i = 0; i < l->len; i++)
        if (actor_hot_state(l->at[i]))
            l->at[len++] = l->at[i];
    l->len = len;
}

// One event more: round robin, and of so many one in which time advances.
static bool take_fairly(struct world *w, struct sampler *fair, uint32_t number) {
    struct strike heals;
    world_settle(w);
    if (fault_heals(w, &heals)) {
        world_strike(w, &heals);
        return true;
    }
    if (world_enabled(w) == 0)
        return false;
    bool time = w->ready_count == 0 || (number % TIME_EACH == 0 && world_time_passes(w));
    struct choice next = {time ? NULL : robin_choose(fair, w), NULL};
    if (time)
        next.timer = world_next_timer(w);
    robin_taken(fair, next);
    world_take(w, next, 1);
    return true;
}

bool check_lingering(struct world *w) {
    struct lingerers l;
    if (w->finding.kind || !w->root_ended || world_enabled(w) == 0)
        return true;
    find_lingerers(w, &l);
    if (l.len == 0)
        return true;
    struct sampler fair = {0};
    sampler_begin(&fair, SAMPLE_ROBIN, NULL, 0, 0);
    bool goes_on = true;
    for (uint32_t i = 1; i <= SETTLE_EVENTS && l.len && goes_on; i++) {
        goes_on = take_fairly(w, &fair, i) && !w->finding.kind;
        drop_those_that_left(&l);
    }
    sampler_free(&fair);
    for (uint32_t i = 0; i < l.len && goes_on; i++)
        lingering_note(w->host, l.at[i]->type->name, actor_hot_state(l.at[i]));
    // What is found beyond a run's end is not of that run.
    bool is_whole = !w->finding.kind;
    w->finding = (struct finding){0};
    return is_whole;
}
