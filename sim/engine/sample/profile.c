// SPDX-License-Identifier: MIT
// The profile of a run: its length, and who sent how much to whom.
#include "sample/sample.h"

#include <stdlib.h>

static int by_home(const void *a, const void *b) {
    const struct traffic *x = a, *y = b;
    if (x->home != y->home)
        return x->home < y->home ? -1 : 1;
    return x->sender < y->sender ? -1 : x->sender > y->sender;
}

void profile_note(struct profile *p, const struct world *w) {
    profile_free(p);
    p->length = w->event_count;
    p->timers = w->timer_orders;
    p->choices = 0;
    for (uint32_t i = 0; i < w->event_count; i++)
        p->choices += w->host->log[i].alternatives > 1;
    uint32_t count = w->event_count < TRAFFIC_MAX ? w->event_count : TRAFFIC_MAX;
    p->at = calloc(count + 1, sizeof *p->at);
    if (!p->at)
        abort();
    for (uint32_t i = 0; i < count; i++) {
        const struct event *e = &w->host->log[i];
        if (e->kind != EVENT_ADVANCE)
            p->at[p->len++] = (struct traffic){w->names[e->home].hash, w->names[e->sender].hash, 1};
    }
    qsort(p->at, p->len, sizeof *p->at, by_home);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < p->len; i++) {
        if (kept && !by_home(&p->at[kept - 1], &p->at[i]))
            p->at[kept - 1].events++;
        else
            p->at[kept++] = p->at[i];
    }
    p->len = kept;
    for (uint32_t i = 1; i < p->len; i++) {
        bool second = p->at[i].home == p->at[i - 1].home;
        bool third = second && i > 1 && p->at[i].home == p->at[i - 2].home;
        p->homes += second && !third;
    }
}

void profile_free(struct profile *p) {
    free(p->at);
    *p = (struct profile){0};
}
