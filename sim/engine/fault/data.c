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
    if (into->capacity < from->len) {
        free(into->at);
        into->capacity = from->len;
        into->at = malloc(from->len * sizeof *into->at);
        if (!into->at)
            abort();
    }
    into->len = from->len;
    if (from->len)
        memcpy(into->at, from->at, from->len * sizeof *into->at);
}

// ---- chances ------------------------------------------------------------------------------------

uint64_t mishap_hash(const struct mishap *m) {
    uint64_t hash = name_hash(name_hash(m->home, m->site, m->kind), m->occurrence, 6);
    return hash + !hash;
}

static uint64_t *chance_slot(const struct chances *c, uint64_t hash) {
    uint32_t i = (uint32_t)hash & (c->capacity - 1);
    while (c->seen[i] && c->seen[i] != hash)
        i = (i + 1) & (c->capacity - 1);
    return &c->seen[i];
}

static void chances_widen(struct chances *c) {
    c->capacity = c->capacity ? c->capacity * 2 : 64;
    free(c->seen);
    c->seen = calloc(c->capacity, sizeof *c->seen);
    if (!c->seen)
        abort();
    for (uint32_t i = 0; i < c->list.len; i++) {
        uint64_t hash = mishap_hash(&c->list.at[i]);
        *chance_slot(c, hash) = hash;
    }
}

void chances_note(struct chances *c, const struct mishap *m) {
    if (c->list.len * 2 >= c->capacity)
        chances_widen(c);
    uint64_t hash = mishap_hash(m), *slot = chance_slot(c, hash);
    if (*slot)
        return;
    *slot = hash;
    mishaps_add(&c->list, m);
}

void chances_free(struct chances *c) {
    free(c->list.at);
    free(c->seen);
    *c = (struct chances){0};
}

// ---- striking -----------------------------------------------------------------------------------

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

// In an execution without a list, and without one to be made, kinds that are events elsewhere are
// not asked for.
static bool strikes(struct world *w, const struct cell *home, enum fault_kind kind,
                    const prism_site *site, uint64_t chance_ppm) {
    struct world_host *host = w->host;
    if (!host->faults || w->calm)
        return false;
    struct mishap m = {.home = home ? w->names[home->sched.id].hash : 0,
                       .kind = kind,
                       .function = site ? site->function : NULL,
                       .operation = site ? site->operation : NULL,
                       .ordinal = site ? site->ordinal : 0,
                       .event = w->event_count};
    if (site)
        m.site = site_hash_of(site->function, strlen(site->function), site->operation,
                              strlen(site->operation), site->ordinal);
    m.occurrence = world_count(w, name_hash(name_hash(m.home, m.site, kind), 0, 3));
    const struct fault_setting *of = &host->faults->of[kind];
    if (host->chances && of->rate_ppm && of->times)
        chances_note(host->chances, &m);
    bool strikes = host->given.mishaps ? is_given(host->given.mishaps, &m)
                                       : fault_is_data(kind) && is_drawn(w, &m, chance_ppm);
    if (!strikes)
        return false;
    mishaps_add(&host->mishaps, &m);
    w->hash = name_hash(w->hash, mishap_hash(&m), 7);
    if (host->watcher)
        watch_mishap(w, &m);
    return true;
}

bool fault_strikes_at(struct world *w, enum fault_kind kind, const prism_site *site) {
    return strikes(w, w->cx.home, kind, site, 1000000);
}

bool fault_strikes_home(struct world *w, const struct cell *home, enum fault_kind kind,
                        const prism_site *site) {
    return strikes(w, home, kind, site, 0);
}

bool sched_buggify(prism_cx *cx, uint64_t parts_per_million, const prism_site *site) {
    return strikes((struct world *)cx, cx->home, FAULT_BUGGIFY, site, parts_per_million);
}
