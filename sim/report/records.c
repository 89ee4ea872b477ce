// SPDX-License-Identifier: MIT
// From trees of CBOR to records. Each read_ function takes a map and returns false if it does not
// fit.
#include "sim/report/records.h"

#include <assert.h>

static int32_t small(const struct value *v, const char *key) {
    uint64_t n = value_uint(v, key);
    return n > INT32_MAX ? INT32_MAX : (int32_t)n;
}

// An index into the story's actors, or NOBODY where it is null and may be.
static bool actor_index(const struct value *v, const char *key, int32_t count, bool may_be_null,
                        int32_t *out) {
    const struct value *member = value_get(v, key);
    if (may_be_null && member->kind == VALUE_NULL) {
        *out = NOBODY;
        return true;
    }
    if (member->kind != VALUE_UINT || member->number >= (uint64_t)count)
        return false;
    *out = (int32_t)member->number;
    return true;
}

static bool read_indexes(struct arena *a, const struct value *list, int32_t count,
                         index_list *out) {
    for (int32_t i = 0; list->kind == VALUE_ARRAY && i < list->len; i++) {
        if (list->items[i].kind != VALUE_UINT || list->items[i].number >= (uint64_t)count)
            return false;
        vec_push(a, out, (int32_t)list->items[i].number);
    }
    return true;
}

static int32_t array_len(const struct value *list) {
    return list->kind == VALUE_ARRAY ? list->len : 0;
}

static struct place_record read_place(const struct value *v) {
    return (struct place_record){value_text(v, "function"), value_text(v, "file"),
                                 small(v, "line")};
}

// ---- results -------------------------------------------------------------------------

static void read_test(struct arena *a, const struct value *v, struct test_record *t) {
    t->name = value_text(v, "name");
    t->kind = value_text(v, "kind");
    t->file = value_text(v, "file");
    t->line = small(v, "line");
    const struct value *params = value_get(v, "params");
    for (int32_t i = 0; i < array_len(params); i++) {
        const struct value *p = &params->items[i];
        vec_push(a, &t->params,
                 (struct param_record){value_text(p, "name"), value_text(p, "type"),
                                       value_text(p, "default")});
    }
}

static struct finding *read_finding(struct arena *a, const struct value *v) {
    if (v->kind != VALUE_MAP)
        return NULL;
    struct finding *f = arena_new(a, struct finding);
    f->kind = value_text(v, "kind");
    f->message = value_text(v, "message");
    f->word = value_text(v, "word");
    f->actor = value_text(v, "actor");
    f->place = read_place(v);
    f->column = small(v, "column");
    const struct value *values = value_get(v, "values");
    for (int32_t i = 0; i < array_len(values); i++)
        vec_push(a, &f->values,
                 (struct pair_record){value_text(&values->items[i], "name"),
                                      value_text(&values->items[i], "value")});
    return f;
}

static struct sampled read_sampled(const struct value *v) {
    const struct value *times = value_get(v, "sampled");
    if (array_len(times) != 3)
        return (struct sampled){0};
    const struct value *at = times->items;
    return (struct sampled){at[0].number, at[1].number, at[2].number};
}

static bool read_result(struct arena *a, const struct value *v, struct result_record *r) {
    struct str status = value_text(v, "status");
    r->name = value_text(v, "name");
    r->file = value_text(v, "file");
    r->line = small(v, "line");
    r->kind = value_text(v, "kind");
    r->failed = str_is(status, "failed");
    r->undecided = str_is(status, "undecided");
    r->failure = read_finding(a, value_get(v, "failure"));
    r->schedules = value_uint(v, "schedules");
    r->failing = value_uint(v, "failing");
    const struct value *findings = value_get(v, "findings");
    for (int32_t i = 0; i < array_len(findings); i++) {
        struct finding *f = read_finding(a, value_get(&findings->items[i], "finding"));
        if (f)
            vec_push(a, &r->findings,
                     (struct counted_finding){f, value_uint(&findings->items[i], "schedules")});
    }
    r->pruned = value_uint(v, "pruned");
    r->steps = value_uint(v, "steps");
    r->behaviours = value_uint(v, "behaviours");
    r->sampled = read_sampled(v);
    r->recent = value_uint(v, "recent");
    r->window = value_uint(v, "window");
    r->run = value_uint(v, "run");
    r->elapsed_ms = value_uint(v, "elapsed_ms");
    r->exhausted = value_bool(v, "exhausted");
    r->over = value_text(v, "over");
    r->faults = value_get(v, "faults")->kind == VALUE_UINT ? small(v, "faults") : -1;
    r->limit = value_text(v, "limit");
    r->strategy = value_text(v, "strategy");
    r->seed = value_text(v, "seed");
    r->trace = value_text(v, "trace");
    r->untraced = value_text(v, "untraced");
    r->inputs = value_text(v, "inputs");
    r->unmet = value_text(v, "unmet");
    const struct value *params = value_get(v, "params");
    for (int32_t i = 0; params->kind == VALUE_MAP && i < params->len; i++)
        vec_push(a, &r->params,
                 (struct pair_record){params->items[2 * i].text, params->items[2 * i + 1].text});
    return r->name.len && (r->failed || r->undecided || str_is(status, "passed")) &&
           r->failed == (r->failure != NULL);
}

// ---- the story -----------------------------------------------------------------------

static bool read_step(struct arena *a, const struct value *v, int32_t actors,
                      struct story_step *s) {
    s->step = small(v, "step");
    s->sent = small(v, "sent");
    s->choice = small(v, "choice");
    s->event = value_text(v, "event");
    s->message = value_text(v, "message");
    s->args = value_text(v, "args");
    s->failed = value_text(v, "failed");
    s->operation = value_text(v, "operation");
    s->crashed = value_text(v, "crashed");
    s->place = read_place(v);
    s->at_file = value_text(v, "at_file");
    s->at_line = small(v, "at_line");
    s->now_ns = value_int(v, "now_ns");
    s->is_switch = value_bool(v, "switch");
    s->matters = value_bool(v, "matters");
    const struct value *changes = value_get(v, "changes"), *output = value_get(v, "output");
    const struct value *mishaps = value_get(v, "mishaps");
    for (int32_t i = 0; i < array_len(changes); i++) {
        const struct value *c = &changes->items[i];
        vec_push(a, &s->changes,
                 (struct change){value_text(c, "name"), value_text(c, "before"),
                                 value_text(c, "after")});
    }
    for (int32_t i = 0; i < array_len(output); i++)
        vec_push(a, &s->output,
                 (struct output_record){small(&output->items[i], "stream"),
                                        value_text(&output->items[i], "text")});
    for (int32_t i = 0; i < array_len(mishaps); i++)
        vec_push(a, &s->mishaps,
                 (struct mishap_record){value_text(&mishaps->items[i], "fault"),
                                        value_text(&mishaps->items[i], "place")});
    return actor_index(v, "actor", actors, false, &s->actor) &&
           actor_index(v, "from", actors, true, &s->from);
}

static bool read_waits(struct arena *a, const struct value *v, int32_t actors,
                       struct waits_record **out) {
    if (v->kind != VALUE_MAP)
        return true;
    struct waits_record *waits = *out = arena_new(a, struct waits_record);
    const struct value *waiting = value_get(v, "waiting");
    for (int32_t i = 0; i < array_len(waiting); i++) {
        const struct value *w = &waiting->items[i];
        struct wait_record wait = {.what = value_text(w, "what"),
                                   .message = value_text(w, "message"),
                                   .holder = value_text(w, "holder"),
                                   .handle = value_text(w, "handle"),
                                   .held_by = NOBODY,
                                   .held_ended = value_bool(w, "held_ended"),
                                   .held_file = value_text(w, "held_file"),
                                   .held_line = small(w, "held_line"),
                                   .place = read_place(w),
                                   .step = small(w, "step")};
        if (!actor_index(w, "actor", actors, false, &wait.actor) ||
            !actor_index(w, "for", actors, true, &wait.on) ||
            (value_get(w, "held_by")->kind == VALUE_UINT &&
             !actor_index(w, "held_by", actors, true, &wait.held_by)))
            return false;
        vec_push(a, &waits->waiting, wait);
    }
    return read_indexes(a, value_get(v, "circle"), waits->waiting.len, &waits->circle) &&
           read_indexes(a, value_get(v, "idle"), actors, &waits->idle);
}

static bool read_why(struct arena *a, const struct value *v, int32_t actors,
                     struct why_record **out) {
    if (v->kind != VALUE_MAP)
        return true;
    struct why_record *why = *out = arena_new(a, struct why_record);
    why->varied = small(v, "varied");
    why->harmless = small(v, "harmless");
    why->limited = value_bool(v, "limited");
    why->needs_any = value_bool(v, "needs_any");
    const struct value *list = value_get(v, "needed");
    for (int32_t i = 0; i < array_len(list); i++) {
        const struct value *instead = value_get(&list->items[i], "instead");
        struct needed n = {.step = small(&list->items[i], "step"),
                           .mishap = value_text(&list->items[i], "mishap"),
                           .event = value_text(instead, "event"),
                           .message = value_text(instead, "message"),
                           .first = read_place(value_get(&list->items[i], "first")),
                           .second = read_place(value_get(&list->items[i], "second"))};
        if (!actor_index(instead, "actor", actors, false, &n.actor) ||
            !actor_index(instead, "from", actors, true, &n.from))
            return false;
        vec_push(a, &why->needed, n);
    }
    return true;
}

static bool read_story(struct arena *a, const struct value *v, struct story *s) {
    const struct value *actors = value_get(v, "actors"), *steps = value_get(v, "steps");
    s->name = value_text(v, "name");
    s->failed = !str_is(value_text(v, "status"), "passed");
    s->events = small(v, "events");
    s->switches = small(v, "switches");
    s->found_events = small(v, "found_events");
    s->found_switches = small(v, "found_switches");
    s->tries = small(v, "tries");
    s->left_out = small(v, "left_out");
    for (int32_t i = 0; i < array_len(actors); i++) {
        const struct value *actor = &actors->items[i];
        vec_push(a, &s->actors,
                 (struct story_actor){value_text(actor, "name"), value_text(actor, "path"),
                                      value_text(actor, "type"), value_text(actor, "file"),
                                      value_text(actor, "node"), small(actor, "line")});
    }
    for (int32_t i = 0; i < array_len(steps); i++) {
        struct story_step step = {0};
        if (!read_step(a, &steps->items[i], s->actors.len, &step))
            return false;
        vec_push(a, &s->steps, step);
    }
    return read_waits(a, value_get(v, "waits"), s->actors.len, &s->waits) &&
           read_why(a, value_get(v, "why"), s->actors.len, &s->why);
}

// ---- the rest ------------------------------------------------------------------------

static void read_replay(struct arena *a, const struct value *v, struct replay_record *r) {
    r->trace = value_text(v, "trace");
    r->name = value_text(v, "name");
    r->verdict = value_text(v, "verdict");
    r->changed = value_bool(v, "changed");
    r->step = small(v, "step");
    r->steps = small(v, "steps");
    r->expected = value_text(v, "expected");
    const struct value *got = value_get(v, "got");
    for (int32_t i = 0; i < array_len(got); i++)
        if (got->items[i].kind == VALUE_TEXT)
            vec_push(a, &r->got, got->items[i].text);
}

static enum record_kind kind_of(struct str name) {
    static const char *const names[] = {"hello",  "test",  "start",  "progress", "result", "story",
                                        "replay", "crash", "shrunk", "error",    "end"};
    _Static_assert(sizeof names / sizeof *names == RECORD_UNKNOWN, "a name for each kind");
    for (int i = 0; i < RECORD_UNKNOWN; i++)
        if (str_is(name, names[i]))
            return (enum record_kind)i;
    return RECORD_UNKNOWN;
}

static bool read_kind(struct arena *a, const struct value *v, struct record *out) {
    out->kind = kind_of(value_text(v, "record"));
    switch (out->kind) {
    case RECORD_HELLO:
        out->hello.program = value_text(v, "program");
        out->hello.mir = value_text(v, "mir");
        out->hello.version = small(v, "version");
        return out->hello.version == 1;
    case RECORD_TEST:
        read_test(a, v, &out->test);
        return true;
    case RECORD_START:
        out->start = (struct start_record){value_text(v, "name"), value_text(v, "seed"),
                                           value_uint(v, "runs")};
        return true;
    case RECORD_PROGRESS:
        out->progress = (struct progress_record){.name = value_text(v, "name"),
                                                 .schedules = value_uint(v, "schedules"),
                                                 .pruned = value_uint(v, "pruned"),
                                                 .steps = value_uint(v, "steps"),
                                                 .behaviours = value_uint(v, "behaviours"),
                                                 .sampled = read_sampled(v),
                                                 .newest = value_uint(v, "newest")};
        return true;
    case RECORD_RESULT:
        return read_result(a, v, &out->result);
    case RECORD_STORY:
        return read_story(a, v, &out->story);
    case RECORD_REPLAY:
        read_replay(a, v, &out->replay);
        return true;
    case RECORD_CRASH:
        out->crash = (struct crash_record){.name = value_text(v, "name"),
                                           .seed = value_text(v, "seed"),
                                           .last = value_text(v, "last"),
                                           .trace = value_text(v, "trace"),
                                           .untraced = value_text(v, "untraced"),
                                           .run = value_uint(v, "run"),
                                           .events = small(v, "events"),
                                           .followed = small(v, "followed")};
        return true;
    case RECORD_SHRUNK:
        out->shrunk = (struct shrunk_record){.trace = value_text(v, "trace"),
                                             .untraced = value_text(v, "untraced"),
                                             .events = small(v, "events"),
                                             .found_events = small(v, "found_events"),
                                             .deviations = small(v, "deviations"),
                                             .found_deviations = small(v, "found_deviations"),
                                             .tries = small(v, "tries")};
        return true;
    case RECORD_ERROR:
        out->error = (struct error_record){value_text(v, "error"), value_text(v, "message"),
                                           value_text(v, "near")};
        return true;
    case RECORD_END:
        out->end = (struct end_record){small(v, "exit"), small(v, "passed"), small(v, "failed")};
        return true;
    case RECORD_UNKNOWN:
        return true;
    }
    return false;
}

enum value_status record_read(struct arena *a, struct str bytes, struct record *out, size_t *used) {
    struct value v;
    *out = (struct record){0};
    enum value_status status = value_read(a, bytes, &v, used);
    if (status != VALUE_READ)
        return status;
    return v.kind == VALUE_MAP && read_kind(a, &v, out) ? VALUE_READ : VALUE_BAD;
}
