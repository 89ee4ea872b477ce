// SPDX-License-Identifier: MIT
// Recording and following paths.
#include "fault/fault.h"

#include <stdlib.h>
#include <string.h>

void path_add(struct path *p, const struct deviation *d) {
    if (p->len == p->capacity) {
        p->capacity = p->capacity ? p->capacity * 2 : 16;
        p->at = realloc(p->at, p->capacity * sizeof *p->at);
        if (!p->at)
            abort();
    }
    p->at[p->len++] = *d;
}

void path_copy(struct path *into, const struct path *from) {
    into->len = 0;
    for (uint32_t i = 0; i < from->len; i++)
        path_add(into, &from->at[i]);
    path_copy_inputs(into, from);
}

void path_copy_inputs(struct path *into, const struct path *from) {
    into->has_inputs = from->has_inputs;
    inputs_copy(&into->inputs, &from->inputs);
    into->has_mishaps = from->has_mishaps;
    mishaps_copy(&into->mishaps, &from->mishaps);
    into->prompt = from->prompt;
}

struct given path_give(struct world_host *host, const struct path *path) {
    struct given before = host->given;
    host->given = (struct given){path->has_inputs ? &path->inputs : before.inputs,
                                 path->has_mishaps ? &path->mishaps : before.mishaps, path->prompt};
    return before;
}

static void keep_drawn(struct path *into, const struct world_host *host, bool prompt) {
    into->has_inputs = host->drawn.len > 0;
    inputs_copy(&into->inputs, &host->drawn);
    into->has_mishaps = host->faults != NULL;
    mishaps_copy(&into->mishaps, &host->mishaps);
    into->prompt = prompt;
}

void path_free(struct path *p) {
    inputs_free(&p->inputs);
    free(p->mishaps.at);
    free(p->at);
    *p = (struct path){0};
}

bool measure_less(const struct measure *a, const struct measure *b) {
    if (a->faults != b->faults)
        return a->faults < b->faults;
    if (a->switches != b->switches)
        return a->switches < b->switches;
    if (a->events != b->events)
        return a->events < b->events;
    return a->deviations < b->deviations;
}

static bool same_choice(struct choice a, struct choice b) {
    return a.envelope == b.envelope && a.timer == b.timer;
}

uint32_t path_faults(const struct path *p) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->len; i++)
        count += p->at[i].taken.kind >= EVENT_FAULT;
    return count;
}

// ---- recording ----------------------------------------------------------------------------------

static struct choice choose_recorded(struct strategy *s, struct world *w) {
    struct strategy_record *r = (struct strategy_record *)s;
    return r->inner->choose(r->inner, w);
}

static bool take_recorded(struct strategy *s, struct world *w, struct choice c) {
    struct strategy_record *r = (struct strategy_record *)s;
    if (r->inner->take && !r->inner->take(r->inner, w, c))
        return false;
    struct choice usual = world_canonical(w);
    if (!same_choice(usual, c))
        path_add(&r->path, &(struct deviation){world_name(w, usual), world_name(w, c)});
    return true;
}

static bool strike_recorded(struct strategy *s, struct world *w, struct strike *out) {
    struct strategy_record *r = (struct strategy_record *)s;
    if (!r->inner->strike || !r->inner->strike(r->inner, w, out))
        return false;
    struct event_name usual = world_name(w, world_canonical(w));
    path_add(&r->path, &(struct deviation){usual, world_strike_name(w, out)});
    return true;
}

void strategy_record_begin(struct strategy_record *s, struct strategy *inner) {
    *s = (struct strategy_record){.head = {choose_recorded, take_recorded, strike_recorded},
                                  .inner = inner};
}

// ---- following ----------------------------------------------------------------------------------

// The enabled event with this name; neither part set: there is none.
static struct choice find_enabled(struct world *w, const struct event_name *name) {
    for (uint32_t i = 0; i < w->ready_count; i++) {
        struct choice c = {w->ready[i], NULL};
        struct event_name other = world_name(w, c);
        if (event_name_equal(&other, name))
            return c;
    }
    struct timer *timers[64];
    uint32_t tied = world_tied_timers(w, timers, 64);
    for (uint32_t i = 0; i < tied && i < 64; i++) {
        struct choice c = {NULL, timers[i]};
        struct event_name other = world_name(w, c);
        if (event_name_equal(&other, name))
            return c;
    }
    return (struct choice){0};
}

static bool is_none(struct choice c) {
    return !c.envelope && !c.timer;
}

enum { PATH_SHORT = 16 };

static void fill_lists(struct strategy_follow *f) {
    uint32_t len = f->path->len, room = PATH_SHORT;
    while (room < len)
        room *= 2;
    f->heads = calloc(room, sizeof *f->heads);
    f->further = malloc(len * sizeof *f->further);
    if (!f->heads || !f->further)
        abort();
    f->mask = room - 1;
    for (uint32_t i = len; i-- > 0;) {
        uint32_t *head = &f->heads[event_name_hash(&f->path->at[i].usual) & f->mask];
        f->further[i] = *head;
        *head = i + 1;
    }
}

// The first deviation from `usual` at `from` or later in the path; its length: there is none.
static uint32_t deviation_from(struct strategy_follow *f, const struct event_name *usual,
                               uint32_t from) {
    if (!f->heads) {
        while (from < f->path->len && !event_name_equal(&f->path->at[from].usual, usual))
            from++;
        return from;
    }
    uint32_t *head = &f->heads[event_name_hash(usual) & f->mask];
    while (*head && *head - 1 < f->next)
        *head = f->further[*head - 1];
    for (uint32_t i = *head; i; i = f->further[i - 1])
        if (i - 1 >= from && event_name_equal(&f->path->at[i - 1].usual, usual))
            return i - 1;
    return f->path->len;
}

// The deviation to be met here, and what it takes. Strictly only the next one may be met; otherwise
// the first of the rest that can be.
static struct choice deviate(struct strategy_follow *f, struct world *w,
                             const struct event_name *usual) {
    uint32_t i = f->next;
    for (; (i = deviation_from(f, usual, i)) < f->path->len; i++) {
        if (f->strict && i > f->next)
            break;
        struct choice c = find_enabled(w, &f->path->at[i].taken);
        if (!is_none(c)) {
            path_add(&f->met, &f->path->at[i]);
            f->next = i + 1;
            return c;
        }
        if (f->strict) {
            f->left = true;
            f->canonical_there = *usual;
            break;
        }
    }
    return (struct choice){0};
}

static void note_point(struct fork_points *points, const struct fork_point *p) {
    if (points->len >= points->max)
        return;
    if (points->len == points->capacity) {
        points->capacity = points->capacity ? points->capacity * 2 : 64;
        points->at = realloc(points->at, points->capacity * sizeof *points->at);
        if (!points->at)
            abort();
    }
    points->at[points->len++] = *p;
}

enum { ALTERNATIVES_MAX = 64 };

static void note_points(struct strategy_follow *f, struct world *w, struct choice usual,
                        struct choice taken, uint32_t met_before) {
    struct choice all[ALTERNATIVES_MAX];
    uint32_t count = world_list(w, all, ALTERNATIVES_MAX);
    struct fork_point p = {.event = w->event_count,
                           .met = met_before,
                           .deviated = !same_choice(usual, taken),
                           .usual = world_name(w, usual),
                           .taken = world_name(w, taken)};
    for (uint32_t i = 0; i < count && i < ALTERNATIVES_MAX; i++) {
        if (same_choice(all[i], taken))
            continue;
        p.other = world_name(w, all[i]);
        note_point(f->points, &p);
    }
}

static struct choice choose_followed(struct strategy *s, struct world *w) {
    struct strategy_follow *f = (struct strategy_follow *)s;
    struct choice usual = world_canonical(w), taken = {0};
    uint32_t met_before = f->met.len;
    if (f->next < f->path->len && !f->left) {
        struct event_name name = world_name(w, usual);
        taken = deviate(f, w, &name);
    }
    if (is_none(taken))
        taken = usual;
    if (f->points && met_before >= f->points_from)
        note_points(f, w, usual, taken, met_before);
    return taken;
}

// Has the run become worse than the bound, whatever comes? With fewer faults it may still be
// better.
static bool exceeds_bound(struct strategy_follow *f, const struct world *w, struct choice c) {
    const struct cell *home = c.envelope ? c.envelope->sched.home : c.timer->home;
    uint32_t events = w->event_count, faults = w->strikes + w->host->mishaps.len;
    f->switches += events > 0 && w->host->log[events - 1].home != home->sched.id;
    bool more_events = f->switches == f->bound->switches && events >= f->bound->events;
    return faults >= f->bound->faults && (f->switches > f->bound->switches || more_events);
}

static bool take_followed(struct strategy *s, struct world *w, struct choice c) {
    struct strategy_follow *f = (struct strategy_follow *)s;
    return !f->left && !(f->bound && exceeds_bound(f, w, c));
}

// A fault that strikes here. Deviations with the same usual event stand in the order in which they
// are met, so a fault waits for those before it that can be met.
static bool strike_followed(struct strategy *s, struct world *w, struct strike *out) {
    struct strategy_follow *f = (struct strategy_follow *)s;
    if (!f->faults || f->left || f->next >= f->path->len)
        return false;
    struct event_name usual = world_name(w, world_canonical(w));
    uint32_t i = f->next;
    for (; (i = deviation_from(f, &usual, i)) < f->path->len; i++) {
        const struct deviation *d = &f->path->at[i];
        if ((f->strict && i > f->next) || !is_none(find_enabled(w, &d->taken)))
            break;
        if (fault_find(w, &d->taken, out)) {
            path_add(&f->met, d);
            f->next = i + 1;
            return true;
        }
    }
    return false;
}

void strategy_follow_begin(struct strategy_follow *s, const struct path *path, bool strict) {
    *s = (struct strategy_follow){.head = {choose_followed, take_followed, strike_followed},
                                  .path = path,
                                  .strict = strict,
                                  .faults = path_faults(path) > 0};
    if (path->len > PATH_SHORT)
        fill_lists(s);
}

void strategy_follow_end(struct strategy_follow *s) {
    path_free(&s->met);
    free(s->heads);
    free(s->further);
    s->heads = s->further = NULL;
}

// ---- running along paths ------------------------------------------------------------------------

static struct outcome outcome_of(struct world *w, enum run_end end, uint32_t deviations) {
    struct outcome o = {.end = end, .hash = w->hash};
    o.measure = (struct measure){.faults = w->strikes + w->host->mishaps.len,
                                 .events = w->event_count,
                                 .deviations = deviations};
    for (uint32_t i = 1; i < w->event_count; i++)
        o.measure.switches += w->host->log[i].home != w->host->log[i - 1].home;
    if (end == RUN_DONE)
        run_finish(w);
    o.finding = w->finding;
    return o;
}

struct outcome follow(const struct subject *subject, const struct path *path, bool strict,
                      struct path *met, struct fork_points *points, uint32_t points_from,
                      bool *left) {
    struct strategy_follow f;
    strategy_follow_begin(&f, path, strict);
    f.points = points;
    f.points_from = points_from;
    f.bound = subject->host->bound;
    subject->host->naming = true;
    struct given before = path_give(subject->host, path);
    world_begin(subject->host, subject->function, subject->args);
    enum run_end end = run(WORLD, &f.head);
    struct outcome o = outcome_of(WORLD, end, f.met.len);
    subject->host->given = before;
    keep_drawn(&f.met, subject->host, path->prompt);
    if (left)
        *left = f.left || (strict && f.next < path->len);
    if (met)
        path_copy(met, &f.met);
    strategy_follow_end(&f);
    return o;
}

struct outcome record_path(const struct subject *subject, struct strategy *inner,
                           struct path *out) {
    struct strategy_record r;
    strategy_record_begin(&r, inner);
    subject->host->naming = true;
    struct given before = path_give(subject->host, out);
    world_begin(subject->host, subject->function, subject->args);
    enum run_end end = run(WORLD, &r.head);
    struct outcome o = outcome_of(WORLD, end, r.path.len);
    subject->host->given = before;
    keep_drawn(&r.path, subject->host, out->prompt);
    path_copy(out, &r.path);
    path_free(&r.path);
    return o;
}
