// SPDX-License-Identifier: MIT
// What should be so in one run of a test at least: places that were reached, and whether it was so;
// and monitors that lingered in a state that has to be left (monitor.c). The table is shared by all
// processes that search. It only grows, and is looked at when the search is over, so that what it
// says does not depend on who came first.
#define _GNU_SOURCE // MAP_ANONYMOUS
#include "choice.h"
#include "finding.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PLACES_MAX = 1024, LINGERING_MAX = 64 }; // more are not watched

struct place {
    _Atomic(const prism_site *) site; // NULL: free
    _Atomic(const prism_buffer *) text;
    atomic_bool held;
};
// Static texts of the program.
struct lingering {
    _Atomic(const char *) state; // NULL: free
    _Atomic(const char *) monitor;
};
struct sometimes {
    struct place at[PLACES_MAX];
    struct lingering lingering[LINGERING_MAX];
};

void sometimes_begin(struct world_host *host) {
    if (!host->sometimes) {
        void *shared = mmap(NULL, sizeof *host->sometimes, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (shared == MAP_FAILED)
            abort();
        host->sometimes = shared;
    }
    memset(host->sometimes, 0, sizeof *host->sometimes);
}

// The program is mapped at one place in all processes, which are forks of one. Relaxed: each member
// only has to see its own writes, and the captain looks after the members' ends.
void sched_sometimes(prism_cx *cx, bool holds, const prism_buffer *text, const prism_site *site) {
    struct sometimes *s = ((struct world *)cx)->host->sometimes;
    uint64_t start = site_hash(site);
    for (uint64_t i = 0; s && i < PLACES_MAX; i++) {
        struct place *p = &s->at[(start + i) % PLACES_MAX];
        const prism_site *there = NULL;
        if (!atomic_compare_exchange_strong(&p->site, &there, site) && there != site)
            continue;
        atomic_store_explicit(&p->text, text, memory_order_relaxed);
        if (holds)
            atomic_store_explicit(&p->held, true, memory_order_relaxed);
        return;
    }
}

static bool is_before(const prism_site *a, const prism_site *b) {
    if (a->file != b->file)
        return a->file < b->file;
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

bool sometimes_unmet(const struct world_host *host, struct finding *out) {
    const struct place *first = NULL;
    for (int i = 0; host->sometimes && i < PLACES_MAX; i++) {
        const struct place *p = &host->sometimes->at[i];
        if (p->site && !p->held && (!first || is_before(p->site, first->site)))
            first = p;
    }
    if (!first)
        return false;
    *out = (struct finding){.kind = FINDING_LIVENESS, .site = first->site};
    const prism_buffer *text = first->text;
    snprintf(out->said, sizeof out->said, "`%.*s` was never so", (int)prism_buffer_len(text),
             text ? (const char *)text->data : "");
    return true;
}

// ---- monitors -----------------------------------------------------------------------------------

bool lingering_known(const struct world_host *host, const char *monitor, const char *state) {
    (void)monitor; // the text of a state is that of one monitor
    for (int i = 0; host->sometimes && i < LINGERING_MAX; i++)
        if (host->sometimes->lingering[i].state == state)
            return true;
    return !host->sometimes;
}

void lingering_note(struct world_host *host, const char *monitor, const char *state) {
    for (int i = 0; host->sometimes && i < LINGERING_MAX; i++) {
        struct lingering *l = &host->sometimes->lingering[i];
        const char *there = NULL;
        if (!atomic_compare_exchange_strong(&l->state, &there, state) && there != state)
            continue;
        atomic_store_explicit(&l->monitor, monitor, memory_order_relaxed);
        return;
    }
}

bool lingering_unmet(const struct world_host *host, struct finding *out) {
    const char *monitor = NULL, *state = NULL;
    for (int i = 0; host->sometimes && i < LINGERING_MAX; i++) {
        const struct lingering *l = &host->sometimes->lingering[i];
        if (!l->state || !l->monitor)
            continue;
        int order = monitor ? strcmp(l->monitor, monitor) : -1;
        if (order < 0 || (order == 0 && strcmp(l->state, state) < 0))
            monitor = l->monitor, state = l->state;
    }
    if (!monitor)
        return false;
    *out = (struct finding){.kind = FINDING_LIVENESS};
    snprintf(out->said, sizeof out->said,
             "`%s` may stay in `%s`, which has to be left, for ever: %d steps beyond the end, in "
             "which everybody had turns, changed nothing",
             monitor, state, SETTLE_EVENTS);
    return true;
}
