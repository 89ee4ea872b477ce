// SPDX-License-Identifier: MIT
// Which kinds of events were met in which order, by home.
#include "sample/sample.h"

#include <stdlib.h>
#include <string.h>

uint64_t coverage_kind(const struct world *w, const struct event *e) {
    uint64_t home = site_hash(w->names[e->home].site), from = site_hash(w->names[e->sender].site);
    return name_hash(name_hash(home, from, e->kind), site_hash(e->site), 0);
}

uint64_t coverage_pair(uint64_t first, uint64_t second) {
    uint64_t pair = name_hash(first, second, 1);
    return pair + !pair;
}

static uint32_t slot(const struct coverage *c, uint64_t pair) {
    uint32_t i = (uint32_t)pair & (c->capacity - 1);
    while (c->seen[i] && c->seen[i] != pair)
        i = (i + 1) & (c->capacity - 1);
    return i;
}

bool coverage_has(const struct coverage *c, uint64_t pair) {
    return c->capacity && c->seen[slot(c, pair)];
}

static void grow(struct coverage *c) {
    struct coverage wider = {.capacity = c->capacity ? c->capacity * 2 : 256, .count = c->count};
    wider.seen = calloc(wider.capacity, sizeof *wider.seen);
    if (!wider.seen)
        abort();
    for (uint32_t i = 0; i < c->capacity; i++)
        if (c->seen[i])
            wider.seen[slot(&wider, c->seen[i])] = c->seen[i];
    free(c->seen);
    *c = wider;
}

static bool add(struct coverage *c, uint64_t pair) {
    if (c->count * 2 >= c->capacity)
        grow(c);
    uint32_t i = slot(c, pair);
    bool is_new = !c->seen[i];
    c->seen[i] = pair;
    c->count += is_new;
    return is_new;
}

// The same of this very home and sender.
static uint64_t named(const struct world *w, const struct event *e) {
    uint64_t who = name_hash(w->names[e->home].hash, w->names[e->sender].hash, e->kind);
    return name_hash(who, site_hash(e->site), 0);
}

// The kinds that a home has met so far; further ones of a home that meets more are not paired.
enum { KINDS_MAX = 32, EVENTS_MAX = 20000 };
struct kinds {
    uint64_t at[KINDS_MAX];
    uint32_t len;
};

static uint32_t meet(struct coverage *c, struct kinds *met, uint64_t kind) {
    uint32_t added = 0;
    bool known = false;
    for (uint32_t i = 0; i < met->len; i++) {
        added += add(c, coverage_pair(met->at[i], kind));
        known |= met->at[i] == kind;
    }
    if (!known && met->len < KINDS_MAX)
        met->at[met->len++] = kind;
    return added;
}

uint32_t coverage_add(struct coverage *c, const struct world *w) {
    struct kinds *homes = calloc(w->name_count, sizeof *homes);
    uint32_t added = 0;
    if (!homes)
        abort();
    for (uint32_t i = 0; i < w->event_count && i < EVENTS_MAX; i++) {
        const struct event *e = &w->host->log[i];
        added += meet(c, &homes[e->home], coverage_kind(w, e));
    }
    free(homes);
    return added;
}

uint32_t coverage_add_readings(struct coverage *c, const struct world *w) {
    uint32_t added = 0;
    for (uint32_t i = 0; i < w->event_count && i < EVENTS_MAX; i++) {
        const struct event *e = &w->host->log[i];
        if (e->before)
            added += add(c, coverage_pair(named(w, &w->host->log[e->before - 1]), named(w, e)));
    }
    return added;
}

void coverage_free(struct coverage *c) {
    free(c->seen);
    *c = (struct coverage){0};
}
