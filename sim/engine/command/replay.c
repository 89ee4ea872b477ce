// SPDX-License-Identifier: MIT
// Replaying a trace: the same failure, another one, none, or the path was left, and where.
#include "command/command.h"
#include "fault/fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct replay {
    const struct options *o;
    struct trace trace;
    const prism_test *test;
    struct arguments args;
    struct fault_plan faults;
    struct subject subject;
    struct outcome outcome;
    uint32_t met;
    bool left;
};

// ---- in words -----------------------------------------------------------------------------------

void choice_words(const struct world *w, struct choice c, const char *test, char *out,
                  size_t room) {
    static const char *const what[] = {
        "message", "reply",      "start",   "wake-up",  "timer", "cancellation",      "stop",
        "time",    "withdrawal", "failure", "decision", "end",   "crash of its node", "kill",
        "mail",    "acceptance"};
    char to[128];
    uint32_t home = c.envelope ? c.envelope->sched.home->sched.id : c.timer->home->sched.id;
    actor_label(w, home, test, to, sizeof to);
    if (!c.envelope) {
        snprintf(out, room, "time passes for %s", to);
        return;
    }
    bool is_message = c.envelope->kind == ENVELOPE_MESSAGE;
    const prism_message *m = is_message ? c.envelope->message : NULL;
    const prism_site *site = c.envelope->site;
    snprintf(out, room, "%s takes the %s%s%s from `%s`", to, what[c.envelope->kind], m ? " " : "",
             m ? m->name : "", site ? site->function : "the runtime");
}

enum { GOT_MAX = 16 };

static void put_left(struct cbor_out *out, struct replay *r) {
    char text[1024] = "";
    struct choice got[GOT_MAX];
    uint32_t count = 0;
    if (r->left && r->met < r->trace.deviation_count) {
        trace_event_words(&r->trace, &r->trace.deviations[r->met].taken, text, sizeof text);
        count = WORLD->ending ? 0 : world_list(WORLD, got, GOT_MAX);
        count = count < GOT_MAX ? count : GOT_MAX;
    }
    record_text(out, "expected", text);
    cbor_put_string(out, "got");
    cbor_put_array(out, count);
    for (uint32_t i = 0; i < count; i++) {
        choice_words(WORLD, got[i], r->test->name, text, sizeof text);
        cbor_put_string(out, text);
    }
}

// ---- the verdict --------------------------------------------------------------------------------

static int verdict(const struct replay *r, const char **word) {
    bool same = trace_agrees(&r->trace, &r->outcome.finding);
    if (r->outcome.finding.kind) {
        *word = same ? "same" : "other";
        return EXIT_FOUND;
    }
    *word = r->left ? "left" : "gone";
    return r->left ? EXIT_LEFT : EXIT_HELD;
}

static int tell_replay(struct replay *r) {
    const char *word;
    int code = verdict(r, &word);
    struct cbor_out out = {0};
    cbor_put_map(&out, 9);
    record_text(&out, "record", "replay");
    record_text(&out, "trace", r->o->replay);
    record_text(&out, "name", r->test->name);
    record_text(&out, "verdict", word);
    record_bool(&out, "changed", r->trace.mir != r->subject.host->program->mir_hash);
    record_uint(&out, "step", r->left ? r->outcome.measure.events + 1 : 0);
    put_left(&out, r);
    record_uint(&out, "steps", r->outcome.measure.events);
    record_send(r->o->fd, &out);
    return code;
}

// What came of this one run; what only a search has stays away.
static void tell_result(struct replay *r) {
    struct cbor_out out = {0};
    const prism_program *p = r->subject.host->program;
    const struct finding *finding = &r->outcome.finding;
    cbor_put_map(&out, 11);
    record_text(&out, "record", "result");
    record_text(&out, "name", r->test->name);
    record_text(&out, "file", r->test->file < p->file_count ? p->files[r->test->file] : "");
    record_uint(&out, "line", r->test->line);
    record_text(&out, "kind", test_kind_word(r->test));
    record_text(&out, "status", finding->kind ? "failed" : "passed");
    cbor_put_string(&out, "failure");
    if (finding->kind)
        put_finding(&out, WORLD, finding, r->test->name);
    else
        cbor_put_null(&out);
    record_text_or_null(&out, "inputs", r->subject.host->inputs_text);
    record_uint(&out, "schedules", 1);
    record_uint(&out, "steps", r->outcome.measure.events);
    record_hash(&out, "seed", r->trace.seed);
    record_send(r->o->fd, &out);
}

static void tell_run(struct replay *r, struct watcher *watcher) {
    struct cbor_out out = {0};
    struct shrink_stats stats = {.before = r->outcome.measure};
    struct story story = {r->test->name, r->outcome, stats, watcher, NULL};
    put_story(&out, WORLD, &story);
    record_send(r->o->fd, &out);
}

// The same failure, as small as it can be, as another trace.
static void shrink_trace(struct replay *r, const struct path *met) {
    const struct trace *t = &r->trace;
    struct path recorded = {0},
                *path = &recorded; // a trace's own path has no places in the program
    struct strategy_follow follower;
    path_copy_inputs(path, met);
    strategy_follow_begin(&follower, met, false);
    record_path(&r->subject, &follower.head, path);
    strategy_follow_end(&follower);
    struct shrink_stats stats;
    char test[256], strategy[64];
    const char *why = NULL;
    uint32_t found_deviations = path->len;
    snprintf(test, sizeof test, "%.*s", (int)t->test.len, t->test.at);
    snprintf(strategy, sizeof strategy, "%.*s", (int)t->strategy.len, t->strategy.at);
    struct outcome o = shrink(&r->subject, &r->outcome.finding, path, &stats);
    struct kept kept = {test, t->strategy.len ? strategy : "portfolio", t->params, t->param_count};
    bool saved = trace_keep_as(&r->subject, path, &kept, r->o->shrink_to, &why);
    struct cbor_out out = {0};
    cbor_put_map(&out, 8);
    record_text(&out, "record", "shrunk");
    record_text_or_null(&out, "trace", saved ? r->o->shrink_to : NULL);
    record_text_or_null(&out, "untraced", saved ? NULL : why);
    record_uint(&out, "events", o.measure.events);
    record_uint(&out, "found_events", stats.before.events);
    record_uint(&out, "deviations", path->len);
    record_uint(&out, "found_deviations", found_deviations);
    record_uint(&out, "tries", stats.tries);
    record_send(r->o->fd, &out);
    path_free(path);
}

static int play(struct replay *r) {
    struct watcher watcher;
    struct path path = {0}, met = {0};
    path_from_trace(&r->trace, &path);
    watcher_begin(&watcher, 0); // the program may have changed
    r->subject.host->watcher = &watcher;
    r->outcome = follow(&r->subject, &path, true, &met, NULL, 0, &r->left);
    r->subject.host->watcher = NULL;
    r->met = met.len;
    int code = tell_replay(r);
    tell_result(r);
    tell_run(r, &watcher);
    watcher_free(&watcher);
    if (r->o->shrink_to && r->outcome.finding.kind)
        shrink_trace(r, &met);
    path_free(&path);
    path_free(&met);
    return code;
}

// ---- reading it ---------------------------------------------------------------------------------

static int refuse(const struct options *o, enum trace_error e) {
    static const char *const words[] = {
        "", "not-a-trace", "trace-version", "damaged-trace", "damaged-trace", "not-a-trace", "io"};
    send_error(o->fd, words[e], e == TRACE_IO ? strerror(errno) : trace_error_text(e), NULL);
    return e == TRACE_IO ? EXIT_IO : EXIT_ASKED;
}

static const prism_test *find_test(const prism_program *p, struct trace_text name) {
    for (uint32_t i = 0; i < p->test_count; i++)
        if (strlen(p->tests[i].name) == name.len && !memcmp(p->tests[i].name, name.at, name.len))
            return &p->tests[i];
    return NULL;
}

// A setting of a fault, which stands among the parameters.
static bool set_fault(struct replay *r, struct trace_text name, struct trace_text value) {
    char setting[256];
    const char *near;
    int len = snprintf(setting, sizeof setting, "%.*s=%.*s", (int)name.len, name.at, (int)value.len,
                       value.at);
    return len < (int)sizeof setting && !fault_set(&r->faults, setting, &near);
}

static bool prepare(struct replay *r, struct world_host *host) {
    struct options none = {0};
    const char *wrong;
    r->test = find_test(host->program, r->trace.test);
    if (!r->test) {
        send_error(r->o->fd, "foreign-trace",
                   "the trace is of a test that this program does not have", NULL);
        return false;
    }
    arguments_make(r->test, &none, &r->args, &wrong);
    r->faults = fault_plan_for(r->test, NULL, 0, false);
    for (uint32_t i = 0; i < r->trace.param_count; i++) {
        const struct trace_param *p = &r->trace.params[i];
        if (arguments_set(r->test, &r->args, p->name, p->value) || set_fault(r, p->name, p->value))
            continue;
        send_error(r->o->fd, "foreign-trace", "the test no longer has a parameter of the trace",
                   NULL);
        return false;
    }
    r->subject = (struct subject){host, r->test->function, r->args.bytes};
    host->seed = r->trace.seed;
    autopsy_note_test(host, r->test);
    host->faults = r->faults.any ? &r->faults : NULL;
    host->steps_max = (uint32_t)r->o->steps;
    host->hurried = command_is_hurried;
    return true;
}

int replay_run(struct world_host *host, const struct options *o) {
    void *bytes;
    size_t len;
    struct replay r = {.o = o};
    enum trace_error e = trace_load(o->replay, &bytes, &len);
    if (!e)
        e = o->salvage ? trace_salvage(bytes, len, &r.trace) : trace_read(bytes, len, &r.trace);
    if (e) {
        free(bytes);
        return refuse(o, e);
    }
    int code = prepare(&r, host) ? play(&r) : EXIT_ASKED;
    arguments_free(&r.args);
    trace_free(&r.trace);
    free(bytes);
    return code;
}
