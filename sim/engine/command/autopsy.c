// SPDX-License-Identifier: MIT
// After a crash: the events that the dead process left are taken once more, up to the last one, in
// which it died and which is only named; the way there becomes a trace.
#include "blackbox.h"
#include "command/command.h"
#include "explore/explore.h"
#include "fault/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void autopsy_note_test(struct world_host *host, const prism_test *test) {
    if (host->box)
        host->box->test = (uint32_t)(test - host->program->tests);
}

void autopsy_note_run(struct world_host *host, uint64_t run) {
    if (host->box)
        host->box->run = run;
}

// ---- following ----------------------------------------------------------------------------------

struct strategy_left_behind {
    struct strategy head;
    const struct event *log;
    uint32_t events;
    struct path path;
    char last[400]; // the last event in words
    const char *test;
};

static bool is_event(const struct choice *c, const struct event *e) {
    if (!c->envelope)
        return e->kind == EVENT_ADVANCE && c->timer->home->sched.id == e->home &&
               c->timer->sched.number == e->number;
    const struct sched_envelope *s = &c->envelope->sched;
    bool timer = c->envelope->kind == ENVELOPE_TIMER;
    uint32_t number = timer ? c->envelope->timer->sched.number : s->number;
    return (uint32_t)c->envelope->kind == e->kind && s->home->sched.id == e->home &&
           s->sender == e->sender && number == e->number;
}

enum { ENABLED_MAX = 1024 };

// The event of the log, or the first that is enabled: then the strategy ends the run.
static struct choice choose_left(struct strategy *s, struct world *w) {
    const struct strategy_left_behind *l = (struct strategy_left_behind *)s;
    static struct choice enabled[ENABLED_MAX]; // the process does this once
    uint32_t count = world_list(w, enabled, ENABLED_MAX);
    for (uint32_t i = 0; w->event_count < l->events && i < count && i < ENABLED_MAX; i++)
        if (is_event(&enabled[i], &l->log[w->event_count]))
            return enabled[i];
    return enabled[0];
}

static bool take_left(struct strategy *s, struct world *w, struct choice c) {
    struct strategy_left_behind *l = (struct strategy_left_behind *)s;
    if (w->event_count >= l->events || !is_event(&c, &l->log[w->event_count]))
        return false;
    struct choice usual = world_canonical(w);
    if (usual.envelope != c.envelope || usual.timer != c.timer)
        path_add(&l->path, &(struct deviation){world_name(w, usual), world_name(w, c)});
    choice_words(w, c, l->test, l->last, sizeof l->last);
    return w->event_count + 1 < l->events;
}

// A fault that struck there.
static bool strike_left(struct strategy *s, struct world *w, struct strike *out) {
    struct strategy_left_behind *l = (struct strategy_left_behind *)s;
    if (w->event_count >= l->events || l->log[w->event_count].kind < EVENT_FAULT ||
        l->log[w->event_count].home >= w->name_count ||
        l->log[w->event_count].sender >= w->name_count ||
        !fault_find_id(w, event_id_logged(w, &l->log[w->event_count]), out))
        return false;
    struct event_name usual = world_name(w, world_canonical(w));
    path_add(&l->path, &(struct deviation){usual, world_strike_name(w, out)});
    snprintf(l->last, sizeof l->last, "a fault");
    return w->event_count + 1 < l->events;
}

// ---- telling ------------------------------------------------------------------------------------

static void tell_crash(const struct options *o, const struct blackbox *box,
                       const struct strategy_left_behind *l, const char *trace,
                       const char *untraced) {
    struct cbor_out out = {0};
    cbor_put_map(&out, 9);
    record_text(&out, "record", "crash");
    record_text(&out, "name", l->test);
    record_hash(&out, "seed", box->seed);
    record_uint(&out, "run", box->run);
    record_uint(&out, "events", box->events);
    record_uint(&out, "followed", WORLD->event_count + (WORLD->event_count + 1 == box->events));
    record_text(&out, "last", l->last);
    record_text_or_null(&out, "trace", trace);
    record_text_or_null(&out, "untraced", untraced);
    record_send(o->fd, &out);
}

int autopsy_run(struct world_host *host, const struct options *o) {
    const struct event *log;
    const struct blackbox *box = blackbox_load(o->autopsy, &log);
    const prism_program *p = host->program;
    struct arguments args;
    const char *wrong;
    if (!box || box->test >= p->test_count)
        return EXIT_NOTHING;
    const prism_test *test = &p->tests[box->test];
    if (!arguments_make(test, o, &args, &wrong))
        return EXIT_ASKED;
    struct strategy_left_behind l = {.head = {choose_left, take_left, strike_left},
                                     .log = log,
                                     .events = box->events,
                                     .test = test->name};
    host->seed = box->seed;
    struct fault_plan faults = fault_plan_for(test, o->faults, o->fault_count, o->no_fault);
    host->faults = faults.any ? &faults : NULL;
    host->naming = true;
    host->go_on = true; // explored executions do
    world_begin(host, test->function, args.bytes);
    run(WORLD, &l.head);
    const char *untraced = NULL;
    static struct trace_param params[2 * NAMES_MAX];
    struct kept kept = {test->name, o->strategy, params,
                        trace_params(o, faults.any, &args, params)};
    char *trace = o->trace_dir
                      ? trace_keep_crash(&l.path, box->events, &kept, o->trace_dir, &untraced)
                      : NULL;
    tell_crash(o, box, &l, trace, untraced);
    free(trace);
    path_free(&l.path);
    arguments_free(&args);
    return EXIT_HELD;
}
