// SPDX-License-Identifier: MIT
// Exhaustive search: every schedule of the test (explore/), and where faults may strike, every
// schedule under every placement of a few faults.
//
// A placement is a set of mishaps (fault/data.c, fault/placed.c), each at one of the chances that
// were met under the placement without it. All are explored completely, those of fewer faults
// first. An execution in which not all of a placement's faults come to strike is one of a smaller
// placement, and is counted there.
#include "command/exhaust.h"

#include <stdlib.h>
#include <string.h>

// ---- one exploration ----------------------------------------------------------------------------

static bool look(void *context, struct world *w) {
    struct search *s = context;
    bool is_new = s->subject.host->mishaps.len >= s->placed.len;
    struct run_report report = {.hash = w->hash, .complete = is_new};
    search_count(s, &report);
    if (s->noted && is_new)
        state_append(s->noted, &report.hash, sizeof report.hash);
    autopsy_note_run(s->subject.host, s->runs + 1);
    if ((s->runs + s->cut) % 256 == 0 && !s->noted)
        search_tell_progress(s);
    if (((s->runs + s->cut) % 64 == 0 && search_is_stopped(s)) || child_interrupted())
        return search_is_stopped(s);
    // Explored executions go on after a finding; what is kept ends with it.
    uint64_t hash = w->found_at ? w->found_hash : w->hash;
    uint32_t found_at = w->found_at ? w->found_at : w->event_count;
    if (!check_lingering(w))
        return false;
    run_finish(w);
    if (!w->finding.kind || !is_new)
        return false;
    tally_add(&s->tally, w, s->test->name);
    if (s->failing_run)
        return false;
    run_keep(&s->first, w, found_at);
    s->struck_given = s->places;
    mishaps_copy(&s->struck, &s->placed);
    s->finding = w->finding;
    s->failing_run = s->probes + s->runs;
    s->failing_hash = hash;
    return !s->o->keep_going;
}

static void explore(struct search *s, const struct explore_limits *limits) {
    struct explore_limits own = *limits;
    own.reexecute = s->o->reexecute;
    struct explore_stats stats = explore_dpor(&s->subject, &own, look, s);
    s->cut += stats.pruned;
    s->steps += stats.steps;
    s->exhausted = stats.complete;
    if (!s->limit && (!s->failing_run || s->o->keep_going))
        s->limit = stats.limit;
}

static uint32_t ample_depth(uint32_t canonical_length) {
    return canonical_length * 4 + 100;
}

enum { ATTEMPT_EXECUTIONS = 5000, ATTEMPT_STEPS = 500000, ATTEMPT_LENGTH = 200 };

// Not where runs are so long that there is no hope: the canonical one says how long they are.
void exhaust_attempt(struct search *s) {
    if (s->cut || s->profile.length > ATTEMPT_LENGTH)
        return;
    uint64_t executions = ATTEMPT_EXECUTIONS;
    executions = s->o->runs && s->o->runs < executions ? s->o->runs : executions;
    s->runs = 0; // the exploration counts its own, in which the probes are
    s->steps = 0;
    explore(s, &(struct explore_limits){.executions = executions,
                                        .steps = ATTEMPT_STEPS,
                                        .depth = ample_depth(s->profile.length)});
}

// ---- all schedules ------------------------------------------------------------------------------

bool search_is_exhaustive(const struct options *o) {
    return o->exhaustive || !strcmp(o->strategy, "dpor");
}

static struct standing standing_of(const struct search *s) {
    return (struct standing){s->runs, s->cut, s->steps, s->newest};
}
// Behaviours that were seen are seen again; so are findings, and then nothing begins anew.
static void standing_return(struct search *s, const struct standing *c) {
    s->runs = c->runs, s->cut = c->cut, s->steps = c->steps, s->newest = c->newest;
    s->limit = NULL;
    uint64_t times[4];
    memcpy(times, s->behaviours.times, sizeof times);
    if (!c->runs)
        behaviours_free(&s->behaviours);
    memcpy(s->behaviours.times, times, sizeof times);
}

static uint32_t canonical_length(struct search *s) {
    struct strategy canonical = strategy_canonical();
    world_begin(s->subject.host, s->subject.function, s->subject.args);
    run(WORLD, &canonical);
    return WORLD->event_count;
}

// All schedules, of whatever length. Where some are without end, since time goes on in a loop, a
// search that knows no bound would go on with the longest ones and never come back to the short
// ones, where mistakes show as well; so it is bounded by what is ample for most tests, and only
// where that cut something off begins again with four times as much.
static void explore_all(struct search *s, struct exhaustion *e) {
    struct explore_limits limits = {.state = &e->state};
    if (!e->depth) {
        e->depth = ample_depth(canonical_length(s));
        e->before = standing_of(s);
        e->spent = s->runs + s->cut;
    }
    for (;; e->depth *= 4) {
        uint64_t spent = e->spent + s->runs + s->cut - e->before.runs - e->before.cut;
        if (s->o->runs && spent >= s->o->runs) {
            s->limit = "runs";
            return;
        }
        limits.executions = s->o->runs ? s->o->runs - spent : 0;
        limits.depth = e->depth;
        explore(s, &limits);
        bool deeper = s->limit && !strcmp(s->limit, "depth") && e->depth < s->o->steps / 4;
        if (!deeper || s->failing_run || s->tally.failing)
            return;
        e->spent += s->runs + s->cut - e->before.runs - e->before.cut;
        standing_return(s, &e->before);
    }
}

// ---- placements ---------------------------------------------------------------------------------

// Faults of one placement; placements of one test.
enum { TOGETHER_MAX = 2, PLACEMENTS_MAX = 200000 };

// The same for all orders of its elements.
static uint64_t set_hash(const struct mishaps *m) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < m->len; i++)
        sum += mishap_hash(&m->at[i]);
    return sum;
}

void placements_add(struct placements *p, const struct mishaps *set) {
    uint64_t count = p->seen.count;
    behaviours_add(&p->seen, set_hash(set), 0);
    if (p->seen.count == count)
        return;
    if (p->len == PLACEMENTS_MAX) {
        p->dropped = p->dropped && p->dropped < set->len ? p->dropped : set->len;
        return;
    }
    if (p->len == p->capacity) {
        p->capacity = p->capacity ? p->capacity * 2 : 64;
        p->at = realloc(p->at, p->capacity * sizeof *p->at);
        if (!p->at)
            abort();
    }
    p->at[p->len] = (struct mishaps){0};
    mishaps_copy(&p->at[p->len++], set);
}

// A fault more, at each of the chances that were met, as often as each kind may strike in one run.
static void extend(const struct search *s, struct placements *p, const struct mishaps *chances) {
    struct mishaps set = {0};
    for (uint32_t i = 0; i < chances->len; i++) {
        const struct mishap *one = &chances->at[i];
        uint32_t of_kind = 0;
        bool is_in = false;
        for (uint32_t k = 0; k < s->placed.len; k++) {
            of_kind += s->placed.at[k].kind == one->kind;
            is_in |= mishap_equal(&s->placed.at[k], one);
        }
        if (is_in || of_kind >= s->faults.of[one->kind].times)
            continue;
        mishaps_copy(&set, &s->placed);
        mishaps_add(&set, one);
        placements_add(p, &set);
    }
    free(set.at);
}

void exhaust_place(struct search *s, struct exhaustion *e) {
    struct world_host *host = s->subject.host;
    host->given.mishaps = &s->placed;
    host->chances = s->placed.len < TOGETHER_MAX ? &e->chances : NULL;
    explore_all(s, e);
    host->given.mishaps = NULL;
    host->chances = NULL;
}

// Is it the test that keeps the search from covering all, and no bound that it was given?
static bool is_of_test(const char *limit) {
    static const char *const words[] = {"nodes", "mailbox", "crowd", "depth", "faults"};
    for (size_t i = 0; limit && i < sizeof words / sizeof *words; i++)
        if (!strcmp(limit, words[i]))
            return true;
    return false;
}

// Afterwards all placements of as many faults as those at hand, or fewer, were explored, if the
// next is of more; and all there are, if there is no next one.
static void note_level(struct search *s, const struct exhaustion *e) {
    const struct placements *p = &e->placements;
    if (e->next == p->len && !p->dropped)
        s->levels = TOGETHER_MAX + 1;
    else if (e->next < p->len && p->at[e->next].len > s->placed.len &&
             (!p->dropped || s->placed.len < p->dropped))
        s->levels = s->placed.len + 1;
}

// Goes to the next placement; false: there is none.
static bool place_next(struct search *s, struct exhaustion *e) {
    struct placements *p = &e->placements;
    extend(s, p, &e->chances.list);
    note_level(s, e);
    if (e->next == p->len) {
        s->limit = p->dropped ? "faults" : NULL;
        return false;
    }
    mishaps_copy(&s->placed, &p->at[e->next++]);
    chances_free(&e->chances);
    e->depth = 0;
    return true;
}

static void exhaustion_free(struct exhaustion *e) {
    for (uint32_t i = 0; i < e->placements.len; i++)
        free(e->placements.at[i].at);
    free(e->placements.at);
    behaviours_free(&e->placements.seen);
    chances_free(&e->chances);
    free(e->state.bytes);
}

static bool may_pause(const struct search *s) {
    return s->o->state_dir && s->limit && !is_of_test(s->limit) && !s->failing_run;
}

bool exhaust(struct search *s) {
    struct exhaustion e = {0};
    struct ahead ahead = {.len = 0};
    bool more = true;
    if (s->o->resume && s->o->state_dir && !pause_load(s, &e)) {
        exhaustion_free(&e); // what does not fit is forgotten
        e = (struct exhaustion){0};
    }
    s->places = s->faults.any;
    if (!s->places)
        search_gauge(s);
    while (more) {
        ahead_begin(s, &e, &ahead);
        if (!s->places)
            explore_all(s, &e);
        else if (!ahead_take(s, &e, &ahead))
            exhaust_place(s, &e);
        if (s->limit || (s->failing_run && !s->o->keep_going))
            break;
        more = s->places && place_next(s, &e);
        s->exhausted = !more && !s->limit;
    }
    ahead_end(&ahead);
    if (may_pause(s))
        pause_save(s, &e);
    s->placed.len = 0;
    exhaustion_free(&e);
    return is_of_test(s->limit);
}
