// SPDX-License-Identifier: MIT
// Happens-before within one execution, and its races.
//
// i races with a later j that it does not happen before but for touching the same thing: had they
// been taken the other way round, the outcome might differ. All events of a home touch it, so the
// candidates of j are the events of its home before it, from the last one back. One after which j
// was sent ends the search. One before which j was not wanted (the handler was busy) is no race
// itself, but hides none: what made the home busy, before it, may be one. So it goes on to the last
// one before which j could have been taken.
#include "explore/dpor.h"

#include <stdlib.h>
#include <string.h>

void execution_init(struct execution *e, uint32_t depth_max) {
    uint32_t rows = depth_max * 2;
    *e = (struct execution){.words = (depth_max + 63) / 64};
    e->steps = calloc(rows, sizeof *e->steps);
    e->before = calloc((size_t)rows * e->words, sizeof *e->before);
    if (!e->steps || !e->before)
        abort();
}

void execution_free(struct execution *e) {
    free(e->steps);
    free(e->before);
    free(e->pool);
    *e = (struct execution){0};
}

void execution_cut(struct execution *e, uint32_t len) {
    assert(len <= e->len);
    if (len < e->len)
        e->pool_len = e->steps[len].enabled;
    e->len = len;
    e->pending = 0;
}

void execution_note_enabled(struct execution *e, struct step *s, const struct seen *seen,
                            uint32_t count) {
    if (e->pool_len + count > e->pool_capacity) {
        e->pool_capacity = e->pool_capacity * 2 + count + 1024;
        e->pool = realloc(e->pool, e->pool_capacity * sizeof *e->pool);
        if (!e->pool)
            abort();
    }
    s->enabled = e->pool_len;
    s->enabled_count = count;
    if (count)
        memcpy(e->pool + e->pool_len, seen, count * sizeof *seen);
    e->pool_len += count;
}

static void join(struct execution *e, uint32_t j, uint32_t i) {
    uint64_t *to = e->before + (size_t)j * e->words, *from = e->before + (size_t)i * e->words;
    for (uint32_t k = 0; k <= i / 64; k++)
        to[k] |= from[k];
    to[i / 64] |= 1ull << (i % 64);
}

void execution_order(struct execution *e, uint32_t j) {
    const struct step *s = &e->steps[j];
    memset(e->before + (size_t)j * e->words, 0, e->words * sizeof *e->before);
    if (s->sent_at)
        join(e, j, s->sent_at - 1);
    if (j >= e->len)
        return; // pending: only what sent it
    for (uint32_t i = j; i-- > 0;)
        if (!happens_before(e, i, j) && depends(&e->steps[i].touched, &s->touched))
            join(e, j, i);
}

// ---- races
// --------------------------------------------------------------------------------------------

bool execution_enabled(const struct execution *e, uint32_t i, uint64_t id) {
    const struct step *s = &e->steps[i];
    for (uint32_t k = 0; i < e->len && k < s->enabled_count; k++)
        if (e->pool[s->enabled + k].id == id)
            return true;
    return false;
}

enum known { NO, YES, MAYBE };

// Is i's sending causally before j's? Then j must not overtake i.
static bool sent_before(const struct execution *e, uint32_t i, uint32_t j) {
    uint32_t a = e->steps[i].sent_at, b = e->steps[j].sent_at;
    if (!a || !b)
        return false;
    if (a == b)
        return e->steps[i].order < e->steps[j].order;
    return a < b && happens_before(e, a - 1, b - 1);
}

// Could j have been taken in pre(i), or there after events that do not depend on i?
static enum known co_enabled(const struct execution *e, uint32_t i, uint32_t j) {
    const struct step *s = &e->steps[j];
    if (s->sent_at <= i)
        return execution_enabled(e, i, s->touched.id) ? YES : NO;
    if (sent_before(e, i, j))
        return NO;
    if (s->kind == ENVELOPE_MESSAGE)
        return e->steps[i].accepts ? YES : NO;
    return MAYBE;
}

// Did j need i, be it through what sent it?
static bool needs(const struct execution *e, uint32_t i, uint32_t j) {
    uint32_t sent_at = e->steps[j].sent_at;
    return sent_at && (sent_at - 1 == i || happens_before(e, i, sent_at - 1));
}

static bool same_home(const struct touched *a, const struct touched *b) {
    return a->homes[0] == b->homes[0];
}

// Is there an event between i and j through which i happens before j, other than those of j's home?
static bool goes_through(const struct execution *e, uint32_t i, uint32_t j) {
    if (j >= e->len)
        return false;
    const struct touched *t = &e->steps[j].touched;
    for (uint32_t x = i + 1; x < j; x++)
        if (!same_home(&e->steps[x].touched, t) && depends(&e->steps[x].touched, t) &&
            happens_before(e, i, x))
            return true;
    return false;
}

static void races_of_home(const struct execution *e, uint32_t j, enum mutant mutant,
                          reverse_race *reverse, void *context) {
    for (uint32_t i = j < e->len ? j : e->len; i-- > 0;) {
        if (!same_home(&e->steps[i].touched, &e->steps[j].touched))
            continue;
        if (needs(e, i, j))
            return;
        enum known co = co_enabled(e, i, j);
        if (co != NO && !goes_through(e, i, j))
            reverse(context, i, j);
        if (co == YES || mutant == MUTANT_BLOCKED_STOPS)
            return;
    }
}

// Races through the clock, or through a home that was told early.
static void other_races(const struct execution *e, uint32_t j, reverse_race *reverse,
                        void *context) {
    const struct touched *t = &e->steps[j].touched;
    bool pending = j >= e->len;
    for (uint32_t i = pending ? e->len : j; i-- > 0;) {
        const struct touched *other = &e->steps[i].touched;
        if (same_home(other, t) || !depends(other, t) || needs(e, i, j))
            continue;
        bool immediate = true;
        for (uint32_t x = i + 1; x < j && x < e->len && immediate; x++)
            immediate = !(happens_before(e, i, x) && happens_before(e, x, j));
        if (!immediate || co_enabled(e, i, j) == NO)
            continue;
        reverse(context, i, j);
        if (pending)
            return; // nothing is known to happen before it: the last one stands for the others
    }
}

void execution_races(const struct execution *e, enum mutant mutant, reverse_race *reverse,
                     void *context) {
    uint32_t all = e->len + (mutant == MUTANT_NO_PENDING ? 0 : e->pending);
    for (uint32_t j = 0; j < all; j++) {
        races_of_home(e, j, mutant, reverse, context);
        other_races(e, j, reverse, context);
    }
}
