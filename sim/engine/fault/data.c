// SPDX-License-Identifier: MIT
// Faults within a segment: services that fail or are slow, and `buggify`. They are no events, so
// they are no deviations of a schedule either. Each has a name instead (struct mishap), and an
// execution is either given those that strike, or they are drawn from its seed.
#include "fault/fault.h"
#include "tell.h"

#include <stdlib.h>
#include <string.h>

void mishaps_add(struct mishaps *m, const struct mishap *one) {
    if (m->len == m->capacity) {
        m->capacity = m->capacity ? m->capacity * 2 : 8;
        m->at = realloc(m->at, m->capacity * sizeof *m->at);
        if (!m->at)
            abort();
    }
    m->at[m->len++] = *one;
}

void mishaps_copy(struct mishaps *into, const struct mishaps *from) {
    into->len = 0;
    for (uint32_t i = 0; i < from->len; i++)
        mishaps_add(into, &from->at[i]);
}

static bool is_given(const struct mishaps *given, const struct mishap *m) {
    for (uint32_t i = 0; i < given->len; i++)
        if (mishap_equal(&given->at[i], m))
            return true;
    return false;
}

static bool draw(const struct world *w, uint64_t key, uint64_t parts_per_million) {
    return world_draw(w, key, 1000000) < parts_per_million;
}

// `buggify` has two coins: a site is on for a whole run or not, with the rate of the plan; where it
// is on it fires with the chance that the program gives.
static bool is_drawn(struct world *w, const struct mishap *m, uint64_t chance_ppm) {
    struct fault_setting of = fault_plan_draw(w->host->faults, w->host->seed).of[m->kind];
    uint64_t here = name_hash(name_hash(m->home, m->site, m->kind), m->occurrence, 4);
    bool strikes =
        m->kind == FAULT_BUGGIFY
            ? draw(w, name_hash(m->site, m->kind, 0), of.rate_ppm) && draw(w, here, chance_ppm)
            : draw(w, here, of.rate_ppm);
    return strikes && world_count(w, name_hash(m->kind, 0, 5)) < of.times;
}

static bool strikes(struct world *w, enum fault_kind kind, const prism_site *site,
                    uint64_t chance_ppm) {
    struct world_host *host = w->host;
    if (!host->faults || w->calm)
        return false;
    const struct cell *home = w->cx.home;
    struct mishap m = {.home = home ? w->names[home->sched.id].hash : 0,
                       .site = site_hash_of(site->function, strlen(site->function), site->operation,
                                            strlen(site->operation), site->ordinal),
                       .kind = kind,
                       .function = site->function,
                       .operation = site->operation,
                       .ordinal = site->ordinal,
                       .event = w->event_count};
    m.occurrence = world_count(w, name_hash(name_hash(m.home, m.site, kind), 0, 3));
    if (host->given.mishaps ? !is_given(host->given.mishaps, &m) : !is_drawn(w, &m, chance_ppm))
        return false;
    mishaps_add(&host->mishaps, &m);
    if (host->watcher)
        watch_mishap(w, &m);
    return true;
}

bool fault_strikes_at(struct world *w, enum fault_kind kind, const prism_site *site) {
    return strikes(w, kind, site, 1000000);
}

bool sched_buggify(prism_cx *cx, uint64_t parts_per_million, const prism_site *site) {
    return strikes((struct world *)cx, FAULT_BUGGIFY, site, parts_per_million);
}
