// SPDX-License-Identifier: MIT
// One execution, and the canonical strategy.
#include "choice.h"
#include "fault/fault.h"

static bool settled_long_enough(const struct world *w) {
    return w->root_ended && (w->event_count - w->root_ended_at > SETTLE_EVENTS ||
                             w->now_ns - w->root_ended_ns > SETTLE_NS);
}

static struct choice only_one(const struct world *w) {
    if (w->ready_count)
        return (struct choice){w->ready[0], NULL};
    return (struct choice){NULL, world_next_timer(w)};
}

static bool tied(const struct world *w) {
    struct timer *two[2];
    return world_tied_timers(w, two, 2) > 1;
}

bool run_is_over(struct world *w, enum run_end *end) {
    world_settle(w);
    *end = RUN_DONE;
    if ((w->finding.kind && !w->host->go_on) || settled_long_enough(w))
        return true;
    struct strike heals;
    if (world_enabled(w) == 0 && !fault_heals(w, &heals)) {
        check_waiting(w);
        check_monitors(w);
        return true;
    }
    *end = RUN_CUT;
    return w->event_count >= w->host->steps_max;
}

enum run_end run(struct world *w, struct strategy *strategy) {
    enum run_end end;
    while (!run_is_over(w, &end)) {
        struct strike strike;
        if (fault_heals(w, &strike)) {
            if (strategy->heals)
                strategy->heals(strategy, w, &strike);
            world_strike(w, &strike);
            continue;
        }
        if (strategy->strike && strategy->strike(strategy, w, &strike)) {
            world_strike(w, &strike);
            continue;
        }
        uint32_t enabled = world_enabled(w);
        bool choice = enabled > 1 || (w->ready_count == 0 && tied(w));
        struct choice next = choice ? strategy->choose(strategy, w) : only_one(w);
        if (strategy->take && !strategy->take(strategy, w, next))
            return RUN_ENDED;
        world_take(w, next, choice ? enabled : 1);
    }
    return end;
}

void run_finish(struct world *w) {
    if (w->finding.kind)
        return;
    world_end(w);
    check_leak(w);
}

// ---- canonical ----------------------------------------------------------------------------------

static struct choice choose_canonical(struct strategy *s, struct world *w) {
    (void)s;
    return world_canonical(w);
}

struct strategy strategy_canonical(void) {
    return (struct strategy){.choose = choose_canonical};
}

// ---- its opposite -------------------------------------------------------------------------------

static struct choice choose_opposite(struct strategy *s, struct world *w) {
    (void)s;
    struct envelope *last = w->ready_count ? w->ready[0] : NULL;
    for (uint32_t i = 1; i < w->ready_count; i++)
        if (world_comes_before(last, w->ready[i]))
            last = w->ready[i];
    return (struct choice){last, last ? NULL : world_next_timer(w)};
}

struct strategy strategy_opposite(void) {
    return (struct strategy){.choose = choose_opposite};
}
