// SPDX-License-Identifier: MIT
// Which executions are equivalent: those with equal orders of dependent events (A. Mazurkiewicz,
// Trace Theory, 1986).
#include "explore/explore.h"

#include <assert.h>
#include <stdlib.h>

// What only reads numbers its answer as it comes; that is known by who sent it instead.
static uint64_t id_of(const struct world *w, const struct event *e, uint32_t sent_at,
                      uint32_t sender, uint32_t number) {
    struct event own = *e;
    own.sender = sender;
    own.number = number;
    const struct event *sending = sent_at ? &w->host->log[sent_at - 1] : NULL;
    if (!sending || !(sending->touches & READS_ONLY))
        return event_id_logged(w, &own);
    own.number = 0;
    return name_hash(event_id_logged(w, &own), event_id_logged(w, sending), 0);
}

// Of several answers that were waited for together it makes no difference which came last.
static uint64_t id_in_class(const struct world *w, const struct event *e) {
    uint64_t sum = id_of(w, e, e->sent_at, e->sender, e->number);
    for (uint32_t k = e->silent; k; k = w->host->silent[k - 1].before) {
        const struct silent_take *t = &w->host->silent[k - 1];
        sum += id_of(w, e, t->sent_at, t->sender, t->number);
    }
    return sum;
}

// Events of a home are ordered, but for those that only read; so is time with all that reads or
// sets it.
struct home {
    uint64_t chain, reads;
};

uint64_t explore_class(const struct world *w) {
    struct home *homes = calloc(w->name_count + 1, sizeof *homes);
    uint64_t clock = 0, readers = 0;
    if (!homes)
        abort();
    for (uint32_t i = 0; i < w->event_count; i++) {
        const struct event *e = &w->host->log[i];
        uint64_t id = id_in_class(w, e);
        assert(e->home < w->name_count);
        struct home *home = &homes[e->home];
        if (e->kind == EVENT_ADVANCE) { // which timer of several with one deadline does not matter
            clock = name_hash(clock, readers, 1);
            readers = 0;
            continue;
        }
        if (e->touches & READS_ONLY) {
            home->reads += id;
        } else {
            home->chain = name_hash(name_hash(home->chain, home->reads, 2), id, 0);
            home->reads = 0;
        }
        if (e->touches & TOUCHES_CLOCK)
            readers += id;
    }
    uint64_t sum = name_hash(clock, readers, 0);
    for (uint32_t i = 1; i < w->name_count; i++)
        sum += name_hash(w->names[i].hash, homes[i].chain, homes[i].reads);
    free(homes);
    return sum;
}
