// SPDX-License-Identifier: MIT
// Race-directed search (after Sen: Race Directed Random Testing, PLDI 2008, with the reversals of
// dynamic partial-order reduction, Flanagan, Godefroid, POPL 2005): of a passing run, two events of
// one actor of which the first did not lead to the second are tried in the other order. The run is
// the passing one up to the first of them, then what was taken between them and does not happen
// after the first, then the second; from there it is canonical. For each second event there are two
// such runs: it comes before the earliest event that it could come before, or before the latest.
#include "explore/explore.h"
#include "sample/sample.h"

#include <stdlib.h>
#include <string.h>

enum { WAITING_MAX = 20000 };

static void push(struct reversals *r, const struct reversal *one) {
    if (r->len == WAITING_MAX) {
        free(one->ids);
        return;
    }
    if (r->first + r->len == r->capacity && r->first) {
        memmove(r->at, r->at + r->first, r->len * sizeof *r->at);
        r->first = 0;
    }
    if (r->first + r->len == r->capacity) {
        r->capacity = r->capacity ? r->capacity * 2 : 64;
        r->at = realloc(r->at, r->capacity * sizeof *r->at);
        if (!r->at)
            abort();
    }
    r->at[r->first + r->len++] = *one;
}

// ---- what happens after an event ----------------------------------------------------------------

struct run_seen {
    const struct world *w;
    const uint64_t *ids;
    uint64_t *kinds;
    bool *after; // of the events behind `i`: does it happen after that?
};

static bool sent_after(const struct run_seen *run, const struct event *e) {
    if (e->sent_at && run->after[e->sent_at - 1])
        return true;
    for (uint32_t k = e->silent; k; k = run->w->host->silent[k - 1].before) {
        uint32_t at = run->w->host->silent[k - 1].sent_at;
        if (at && run->after[at - 1])
            return true;
    }
    return false;
}

// Marks what happens after event i, up to event `last`.
static void mark_after(struct run_seen *run, uint32_t i, uint32_t last) {
    const struct event *log = run->w->host->log;
    memset(run->after, 0, last + 1);
    run->after[i] = true;
    bool time = log[i].kind == EVENT_ADVANCE;
    for (uint32_t k = i + 1; k <= last; k++) {
        bool clock = log[k].kind == EVENT_ADVANCE || log[k].touches & TOUCHES_CLOCK;
        bool of_home = log[k].before && run->after[log[k].before - 1];
        run->after[k] = of_home || (time && clock) || sent_after(run, &log[k]);
        time |= run->after[k] && log[k].kind == EVENT_ADVANCE;
    }
}

// ---- races --------------------------------------------------------------------------------------

static void add_reversal(struct reversals *r, struct run_seen *run, uint32_t i, uint32_t j) {
    uint64_t pair = coverage_pair(run->kinds[j], run->kinds[i]);
    struct reversal one = {.ids = malloc((j + 1) * sizeof *one.ids), .pair = pair};
    if (!one.ids)
        abort();
    for (uint32_t k = 0; k < j; k++)
        if (k < i || !run->after[k])
            one.ids[one.len++] = run->ids[k];
    one.ids[one.len++] = run->ids[j];
    push(r, &one);
}

static bool could_come_first(struct run_seen *run, uint32_t i, uint32_t j) {
    mark_after(run, i, j);
    return !sent_after(run, &run->w->host->log[j]);
}

static void add_races_of(struct reversals *r, struct run_seen *run, uint32_t j) {
    const struct event *log = run->w->host->log;
    uint32_t earliest = UINT32_MAX, latest = UINT32_MAX;
    if (log[j].kind == EVENT_ADVANCE)
        return;
    for (uint32_t i = log[j].before; i; i = log[i - 1].before) {
        if (log[i - 1].kind == EVENT_ADVANCE || log[i - 1].kind == ENVELOPE_START)
            continue;
        if (!could_come_first(run, i - 1, j))
            break; // what comes before that led to it as well
        latest = latest == UINT32_MAX ? i - 1 : latest;
        earliest = i - 1;
    }
    if (earliest == UINT32_MAX)
        return;
    could_come_first(run, earliest, j); // marks again
    add_reversal(r, run, earliest, j);
    if (latest != earliest && could_come_first(run, latest, j))
        add_reversal(r, run, latest, j);
}

void reversals_add(struct reversals *r, const struct world *w) {
    uint32_t len;
    coverage_add(&r->coverage, w);
    if (w->event_count > REVERSAL_LENGTH_MAX)
        return;
    uint64_t *ids = script_of(w, &len);
    struct run_seen run = {w, ids, calloc(len + 1, sizeof *run.kinds), calloc(len + 1, 1)};
    if (!run.kinds || !run.after)
        abort();
    for (uint32_t i = 0; i < len; i++)
        run.kinds[i] = coverage_kind(w, &w->host->log[i]);
    for (uint32_t j = len; j-- > 0;)
        add_races_of(r, &run, j);
    free(ids);
    free(run.kinds);
    free(run.after);
}

bool reversals_next(struct reversals *r, struct reversal *out) {
    if (!r->len)
        return false;
    uint32_t at = r->first;
    for (uint32_t i = 0; i < r->len; i++)
        if (!coverage_has(&r->coverage, r->at[r->first + i].pair)) {
            at = r->first + i;
            break;
        }
    *out = r->at[at];
    memmove(r->at + r->first + 1, r->at + r->first, (at - r->first) * sizeof *r->at);
    r->first++;
    r->len--;
    return true;
}

void reversals_free(struct reversals *r) {
    for (uint32_t i = 0; i < r->len; i++)
        free(r->at[r->first + i].ids);
    free(r->at);
    coverage_free(&r->coverage);
    *r = (struct reversals){0};
}
