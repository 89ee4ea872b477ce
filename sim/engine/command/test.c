// SPDX-License-Identifier: MIT
// Running one test: searching for a failing execution, then making the most of it.
#include "command/search.h"
#include "explore/explore.h"
#include "fault/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// ---- searching ----------------------------------------------------------------------------------

uint64_t search_now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

bool search_is_spent(struct search *s, uint64_t tried) {
    const struct options *o = s->o;
    bool runs = o->runs ? tried + s->earlier >= o->runs : !o->for_ns && tried >= RUNS_DEFAULT;
    bool steps = !o->runs && !o->for_ns && s->steps >= EVENTS_DEFAULT / o->shards;
    if (runs || steps)
        s->limit = runs ? "runs" : "steps";
    return runs || steps;
}

bool search_is_stopped(struct search *s) {
    const struct options *o = s->o;
    bool time = o->for_ns && (search_now_ms() - s->began_ms) * 1000000 >= o->for_ns;
    if (child_interrupted() || time)
        s->limit = child_interrupted() ? "interrupted" : "time";
    return child_interrupted() || time;
}

// How many behaviours samples showed once, twice, more often.
static void put_sampled(struct cbor_out *out, const struct behaviours *b) {
    cbor_put_string(out, "sampled");
    cbor_put_array(out, 3);
    for (int i = 1; i <= 3; i++)
        cbor_put_uint(out, b->times[i]);
}

void search_tell_progress(struct search *s) {
    struct cbor_out out = {0};
    if (search_now_ms() - s->told_ms < 100)
        return;
    cbor_put_map(&out, 8);
    record_text(&out, "record", "progress");
    record_text(&out, "name", s->test->name);
    record_uint(&out, "schedules", s->runs);
    record_uint(&out, "pruned", s->cut);
    record_uint(&out, "steps", s->steps);
    record_uint(&out, "behaviours", s->behaviours.count);
    put_sampled(&out, &s->behaviours);
    record_uint(&out, "newest", s->newest);
    record_send(s->o->fd, &out);
    s->told_ms = search_now_ms();
}

void search_count(struct search *s, const struct run_report *r) {
    uint64_t before = s->behaviours.count;
    s->steps += r->steps;
    s->cut += !r->complete;
    if (!r->complete)
        return;
    s->runs++;
    behaviours_add(&s->behaviours, r->hash, s->runs);
    if (s->samples)
        behaviours_sampled(&s->behaviours, r->hash);
    if (s->behaviours.count > before)
        s->newest = s->runs;
    if (r->failed)
        s->failing_run = s->probes + s->runs;
}

// A passing run once more, event by event: it must be the same.
static bool is_different_again(struct search *s) {
    struct strategy_script script;
    strategy_script_begin(&script, s->first.ids, s->first.len);
    world_begin(s->subject.host, s->subject.function, s->subject.args);
    run(WORLD, &script.head);
    return run_differs(&s->first, WORLD, WORLD->event_count, &s->finding);
}

// What a run is looked at for, besides failures.
enum lesson { LEARNS_NOTHING, LEARNS_SAMPLER, LEARNS_RACES, LEARNS_PROFILE };

// One run, not yet counted. Afterwards the world is finished; a failure is kept.
static struct run_report run_one(struct search *s, struct strategy *strategy, enum lesson lesson,
                                 bool twice) {
    world_begin(s->subject.host, s->subject.function, s->subject.args);
    enum run_end end = run(WORLD, strategy);
    struct run_report report = {
        .hash = WORLD->hash, .steps = WORLD->event_count, .complete = end == RUN_DONE};
    if (!report.complete)
        return report;
    if (lesson == LEARNS_SAMPLER)
        sampler_end(&s->sampler, WORLD);
    if (lesson >= LEARNS_RACES)
        reversals_add(&s->reversals, WORLD);
    if (lesson == LEARNS_PROFILE)
        profile_note(&s->profile, WORLD);
    if (check_lingering(WORLD))
        run_finish(WORLD);
    report.failed = WORLD->finding.kind != FINDING_NONE;
    if (report.failed) {
        s->finding = WORLD->finding;
        s->failing_hash = report.hash;
    }
    if (report.failed || twice)
        run_keep(&s->first, WORLD, report.steps);
    report.failed = report.failed || (twice && is_different_again(s));
    return report;
}

enum { TWICE_EACH = 64 };

static void run_probe(struct search *s, struct strategy *strategy, enum lesson lesson) {
    autopsy_note_run(s->subject.host, s->probes + s->runs + 1);
    struct run_report report = run_one(s, strategy, lesson, s->runs % TWICE_EACH == 0);
    search_count(s, &report);
}

// ---- probing ------------------------------------------------------------------------------------

// The first runs of the portfolio: the opposite of the canonical one, which is breadth first where
// that is depth first; fair round robin; time advanced early, at one place each; then races of
// passing runs the other way round.
enum { PROBES = 256, PROBE_STEPS = 100000, PROBE_LENGTH = 1000 };

static bool may_probe(const struct search *s) {
    return !s->failing_run && s->runs < PROBES && s->steps < PROBE_STEPS && !child_interrupted();
}

static void probe_time(struct search *s) {
    struct hasty hasty = {.advanced = true};
    for (uint32_t from = 0; hasty.advanced && may_probe(s); from = hasty.event + 1) {
        hasty_begin(&hasty, from);
        run_probe(s, &hasty.head, LEARNS_RACES);
    }
}

static void probe(struct search *s) {
    struct reversal next;
    if (s->cut || s->profile.length > PROBE_LENGTH)
        return;
    struct strategy opposite = strategy_opposite();
    run_probe(s, &opposite, LEARNS_NOTHING);
    sampler_begin(&s->sampler, SAMPLE_ROBIN, &s->profile, s->o->seed, 0);
    if (!s->failing_run)
        run_probe(s, &s->sampler.head, LEARNS_RACES);
    if (s->profile.timers)
        probe_time(s);
    while (may_probe(s) && reversals_next(&s->reversals, &next)) {
        struct strategy_script script;
        strategy_script_begin(&script, next.ids, next.len);
        run_probe(s, &script.head, LEARNS_RACES);
        free(next.ids);
    }
    s->probes = s->runs;
}

// One fault at each place of the canonical run, and of the fair one, as far as that goes.
enum { PLACEMENTS = 2048, PLACEMENT_STEPS = 200000 };

static void probe_faults(struct search *s) {
    struct placement p;
    struct strategy canonical = strategy_canonical();
    uint64_t until = s->runs + PLACEMENTS, steps = s->steps + PLACEMENT_STEPS;
    if (!s->faults.any || s->cut || s->profile.length > PROBE_LENGTH)
        return;
    s->subject.host->naming = false;
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t event = 0, target = 0; event < s->profile.length;) {
            if (s->failing_run || s->runs >= until || s->steps >= steps || child_interrupted())
                return;
            sampler_begin(&s->sampler, SAMPLE_ROBIN, &s->profile, s->o->seed, 0);
            placement_begin(&p, round ? &s->sampler.head : &canonical, event, target);
            run_probe(s, &p.head, LEARNS_NOTHING);
            event += !p.struck;
            target = p.struck ? target + 1 : 0;
        }
    s->probes = s->runs;
}

// ---- sampling -----------------------------------------------------------------------------------

uint64_t search_block(const struct search *s, uint64_t number) {
    return (number - s->opening) / PORTFOLIO_BLOCK;
}

// Run 0 is the canonical schedule, the others are samples: the same for equal seeds and numbers.
// Each run has inputs of its own: the seed of its data follows from the session's and its number.
// It stays in the host when the run fails, for what is done with the failure.
struct run_report search_sample(struct search *s, uint64_t number) {
    s->subject.host->seed = s->o->seed + number * 0x9e3779b97f4a7c15;
    s->subject.host->naming = true; // a sampler may follow names
    autopsy_note_run(s->subject.host, number + 1);
    bool twice = number % TWICE_EACH == 0;
    if (number < s->opening) {
        struct strategy canonical = strategy_canonical();
        return run_one(s, &canonical, LEARNS_PROFILE, twice);
    }
    portfolio_begin(&s->sampler, s->o->strategy, &s->profile, s->o->seed, number - s->opening);
    s->subject.host->naming = s->sampler.how == SAMPLE_FUZZ;
    if (!s->faults.any)
        return run_one(s, &s->sampler.head, LEARNS_SAMPLER, twice);
    chaos_begin(&s->chaos, &s->sampler.head, &s->faults, s->subject.host->seed);
    return run_one(s, &s->chaos.head, LEARNS_SAMPLER, twice);
}

// Processes are not worth their making for what is done by then.
enum { CREW_AFTER_MS = 50 };

static void sample(struct search *s, uint64_t from) {
    uint64_t number = from, began_ms = search_now_ms();
    const struct options *o = s->o;
    uint32_t jobs = o->jobs;
    s->samples = true;
    while (!s->failing_run && !search_is_spent(s, number) &&
           !(number % 64 == 0 && search_is_stopped(s)) && !child_interrupted()) {
        bool starts_block = number >= s->opening && (number - s->opening) % PORTFOLIO_BLOCK == 0;
        if (starts_block && jobs > 1 && search_now_ms() - began_ms >= CREW_AFTER_MS) {
            if (crew_sample(s, number))
                return;
            jobs = 1;
        }
        if (starts_block && search_block(s, number) % o->shards != o->shard) {
            number += PORTFOLIO_BLOCK;
            continue;
        }
        struct run_report report = search_sample(s, number++);
        search_count(s, &report);
        s->next = number;
        if (number % 256 == 0)
            search_tell_progress(s);
    }
    if (!s->limit && !s->failing_run)
        search_is_stopped(s);
}

// Where not all placements of faults can be explored: single ones, and those of samples.
static void sample_faults(struct search *s) {
    const char *limit = s->limit;
    s->limit = NULL;
    s->opening = 1;
    struct run_report report = search_sample(s, 0);
    search_count(s, &report);
    if (!s->failing_run)
        probe_faults(s);
    if (!s->failing_run)
        sample(s, 1);
    if (!s->failing_run && !child_interrupted())
        s->limit = limit;
}

// From where an earlier search stopped. Its opening run is made again, for its profile, and so are
// those of the block at hand, for what they teach; neither is counted again.
static void go_on(struct search *s) {
    uint64_t next = s->next, from = next;
    if (s->opening)
        search_sample(s, 0);
    if (next >= s->opening)
        from = s->opening + search_block(s, next) * PORTFOLIO_BLOCK;
    for (uint64_t number = from; number < next && !child_interrupted(); number++)
        search_sample(s, number);
    sample(s, next);
}

// Exhaustively, or by samples; the portfolio tries the one shortly before it does the other.
static void search_for_failure(struct search *s) {
    s->subject.host->naming = false;
    s->began_ms = s->told_ms = search_now_ms();
    if (search_is_exhaustive(s->o)) {
        bool may_sample = exhaust(s) && s->faults.any && !s->failing_run;
        if (may_sample)
            sample_faults(s);
        return;
    }
    s->opening = strcmp(s->o->strategy, "random") != 0;
    if (s->o->resume && s->o->state_dir && resume_load(s)) {
        go_on(s);
        return;
    }
    if (!strcmp(s->o->strategy, "portfolio")) {
        struct run_report report = search_sample(s, 0);
        search_count(s, &report);
        if (!s->failing_run)
            probe(s);
        if (!s->failing_run)
            probe_faults(s);
        if (s->failing_run)
            return;
        exhaust_attempt(s);
        bool is_all = s->exhausted && !s->subject.host->drew && !s->faults.any;
        if (is_all || s->failing_run || child_interrupted())
            return;
        s->exhausted = false; // all schedules of one choice of data are not all
        s->limit = NULL;
        s->earlier = s->runs + s->cut - 1; // of which run 0 is one
        sample(s, 1);
        return;
    }
    sample(s, 0);
}

// ---- telling ------------------------------------------------------------------------------------

// Nothing was found, but that is no answer: every execution was cut off, or all were asked for and
// it was not all, or the search was interrupted.
static bool is_undecided(const struct search *s) {
    bool interrupted = s->limit && !strcmp(s->limit, "interrupted");
    bool not_all = search_is_exhaustive(s->o) && !s->exhausted;
    return !s->finding.kind && (s->runs == 0 || interrupted || not_all || s->unmet.kind);
}

static const char *status_of(const struct search *s) {
    return s->finding.kind ? "failed" : is_undecided(s) ? "undecided" : "passed";
}

static void record_unmet(struct cbor_out *out, const struct search *s) {
    char said[FINDING_SAID_BYTES + 300];
    const prism_site *site = s->unmet.site;
    const prism_program *p = s->subject.host->program;
    if (site && site->line)
        snprintf(said, sizeof said, "%s (%.200s:%u)", s->unmet.said, file_name(p, site),
                 site->line);
    else
        snprintf(said, sizeof said, "%s", s->unmet.said);
    record_text_or_null(out, "unmet", s->unmet.kind && !s->finding.kind ? said : NULL);
}

static void send_result(struct search *s, const char *trace, const char *untraced) {
    struct cbor_out out = {0};
    const prism_program *p = s->subject.host->program;
    cbor_put_map(&out, 29);
    record_text(&out, "record", "result");
    record_text(&out, "name", s->test->name);
    record_text(&out, "file", s->test->file < p->file_count ? p->files[s->test->file] : "");
    record_uint(&out, "line", s->test->line);
    record_text(&out, "kind", test_kind_word(s->test));
    record_text(&out, "status", status_of(s));
    cbor_put_string(&out, "failure");
    if (s->finding.kind)
        put_finding(&out, WORLD, &s->finding, s->test->name);
    else
        cbor_put_null(&out);
    record_uint(&out, "schedules", s->runs);
    put_tally(&out, &s->tally);
    record_uint(&out, "pruned", s->cut);
    record_uint(&out, "steps", s->steps);
    record_uint(&out, "behaviours", s->behaviours.count);
    put_sampled(&out, &s->behaviours);
    record_uint(&out, "recent", behaviours_recent(&s->behaviours));
    record_uint(&out, "window", s->runs < WINDOW ? s->runs : WINDOW);
    record_bool(&out, "exhausted", s->exhausted);
    record_text_or_null(&out, "over",
                        search_is_exhaustive(s->o) || s->exhausted ? "schedules" : NULL);
    cbor_put_string(&out, "faults");
    if (s->levels)
        cbor_put_uint(&out, s->levels - 1);
    else
        cbor_put_null(&out);
    record_text_or_null(&out, "limit", s->finding.kind && !s->o->keep_going ? NULL : s->limit);
    record_text(&out, "strategy", s->o->strategy);
    record_hash(&out, "seed", s->o->seed);
    record_uint(&out, "run", s->failing_run);
    record_params(&out, s->test, s->subject.args);
    record_text_or_null(&out, "inputs", s->finding.kind ? s->subject.host->inputs_text : NULL);
    record_text_or_null(&out, "trace", trace);
    record_text_or_null(&out, "untraced", untraced);
    record_unmet(&out, s);
    record_uint(&out, "elapsed_ms", search_now_ms() - s->began_ms);
    record_send(s->o->fd, &out);
}

// ---- a failure ----------------------------------------------------------------------------------

// The failing run again: its path. A difference means that the program is not determined by its
// decisions.
static void again(struct search *s, struct path *path) {
    struct strategy_script script;
    strategy_script_begin(&script, s->first.ids, s->first.len);
    struct outcome o = record_path(&s->subject, &script.head, path);
    struct finding other;
    if (run_differs(&s->first, WORLD, o.measure.events, &other))
        s->finding = other;
    else if (o.hash != s->failing_hash || !finding_same(&o.finding, &s->finding))
        s->finding = (struct finding){.kind = FINDING_NONDETERMINISM,
                                      .text = "the same events ended otherwise"};
}

// `events`: of that path's run, if known.
static void tell_story(struct search *s, const struct path *path, uint32_t events,
                       const struct shrink_stats *stats, const struct why *why, const char *trace,
                       const char *untraced) {
    struct watcher watcher;
    watcher_begin(&watcher, events);
    s->subject.host->watcher = &watcher;
    struct outcome o = follow(&s->subject, path, false, NULL, NULL, 0, NULL);
    s->subject.host->watcher = NULL;
    s->finding = s->finding.kind ? o.finding : s->finding;
    send_result(s, trace, untraced);
    struct cbor_out out = {0};
    struct story story = {s->test->name, o, *stats, &watcher, why};
    put_story(&out, WORLD, &story);
    record_send(s->o->fd, &out);
    watcher_free(&watcher);
}

uint32_t trace_params(const struct options *o, bool faults, const struct arguments *args,
                      struct trace_param *out) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < args->changed_count; i++)
        out[count++] = args->changed[i];
    for (uint32_t i = 0; i < o->fault_count && faults; i++) {
        const char *equals = strchr(o->faults[i], '=');
        out[count++] = (struct trace_param){{o->faults[i], (uint32_t)(equals - o->faults[i])},
                                            {equals + 1, (uint32_t)strlen(equals + 1)}};
    }
    return count;
}

static void explain(struct search *s, const struct arguments *args) {
    struct path path = {0};
    struct shrink_stats stats = {0};
    path.has_mishaps = s->struck_given;
    mishaps_copy(&path.mishaps, &s->struck);
    if (s->finding.kind != FINDING_NONDETERMINISM)
        again(s, &path);
    if (s->finding.kind == FINDING_NONDETERMINISM) {
        send_result(s, NULL, s->o->trace_dir ? "a run that cannot be repeated has no trace" : NULL);
        path_free(&path);
        return;
    }
    struct outcome least = shrink(&s->subject, &s->finding, &path, &stats);
    struct why why = why_find(&s->subject, &path, &s->finding);
    const char *untraced = NULL;
    struct trace_param params[2 * NAMES_MAX];
    struct kept kept = {s->test->name, s->o->strategy, params,
                        trace_params(s->o, s->faults.any, args, params)};
    char *trace =
        s->o->trace_dir ? trace_keep(&s->subject, &path, &kept, s->o->trace_dir, &untraced) : NULL;
    tell_story(s, &path, least.measure.events, &stats, &why, trace, untraced);
    free(trace);
    path_free(&path);
}

// After all orders it is known that it never is; after some, that it was not yet.
static void look_for_unmet(struct search *s) {
    bool unmet = sometimes_unmet(s->subject.host, &s->unmet);
    if (!unmet && !lingering_unmet(s->subject.host, &s->unmet))
        return;
    if (unmet && s->exhausted)
        s->finding = s->unmet;
    else if (!s->limit || strcmp(s->limit, "interrupted") != 0)
        s->limit = unmet ? "sometimes" : "monitor";
}

static void tell_pass(struct search *s) {
    struct path path = {0};
    struct shrink_stats stats = {0};
    look_for_unmet(s);
    if (s->o->narrate && !s->finding.kind)
        tell_story(s, &path, 0, &stats, NULL, NULL, NULL);
    else
        send_result(s, NULL, NULL);
    path_free(&path);
}

static void tell_start(const struct search *s) {
    struct cbor_out out = {0};
    cbor_put_map(&out, 4);
    record_text(&out, "record", "start");
    record_text(&out, "name", s->test->name);
    record_hash(&out, "seed", s->o->seed);
    record_uint(&out, "runs", s->o->runs);
    record_send(s->o->fd, &out);
}

// Somebody who interrupts a search still wants what it found, but soon.
enum { SHRINK_INTERRUPTED_MS = 5000 };

bool command_is_hurried(void) {
    static uint64_t since_ms; // the interruption; the process has one
    if (!child_interrupted())
        return false;
    since_ms = since_ms ? since_ms : search_now_ms();
    return search_now_ms() - since_ms > SHRINK_INTERRUPTED_MS;
}

int test_run(struct world_host *host, const struct options *o, const prism_test *test,
             const struct arguments *args) {
    struct search s = {.o = o, .test = test, .subject = {host, test->function, args->bytes}};
    host->seed = o->seed;
    host->steps_max = (uint32_t)o->steps;
    host->hurried = command_is_hurried;
    autopsy_note_test(host, test);
    s.faults = fault_plan_for(test, o->faults, o->fault_count, o->no_fault);
    host->faults = s.faults.any ? &s.faults : NULL;
    sometimes_begin(host);
    tell_start(&s);
    search_for_failure(&s);
    bool long_search = o->runs || o->for_ns || child_interrupted();
    if (o->state_dir && long_search && s.next && !s.failing_run && !s.exhausted)
        resume_save(&s);
    if (s.failing_run)
        explain(&s, args);
    else
        tell_pass(&s);
    behaviours_free(&s.behaviours);
    profile_free(&s.profile);
    sampler_free(&s.sampler);
    reversals_free(&s.reversals);
    run_forget(&s.first);
    tally_free(&s.tally);
    free(s.placed.at);
    free(s.struck.at);
    return s.finding.kind ? EXIT_FOUND : is_undecided(&s) ? EXIT_UNDECIDED : EXIT_HELD;
}
