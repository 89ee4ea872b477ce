// SPDX-License-Identifier: MIT
// Results for machines, and one line each.
#include "frontend/cli/report.h"

#include "frontend/cli/estimate.h"

// ---- short ---------------------------------------------------------------------------

void report_short(const struct outcome *o, struct text *out) {
    if (o->result->undecided)
        text_printf(out, "%.*s:%d:1: undecided: %.*s: %.*s\n", STR_ARGS(o->result->file),
                    o->result->line, STR_ARGS(o->result->name),
                    STR_ARGS(report_undecided(out->arena, o->result)));
    if (!o->result->failed)
        return;
    const struct finding *f = o->result->failure;
    struct str file = f->place.file.len ? f->place.file : o->result->file;
    int32_t line = f->place.file.len ? f->place.line : o->result->line;
    int32_t column = f->place.file.len && f->column > 0 ? f->column : 1;
    text_printf(out, "%.*s:%d:%d: error[%s]: %.*s: %.*s\n", STR_ARGS(file), line, column,
                diag_code_name(report_code(f->kind)), STR_ARGS(o->result->name),
                STR_ARGS(f->message));
}

// ---- JSON lines ----------------------------------------------------------------------

static void put_member(struct text *out, const char *name, struct str value) {
    text_printf(out, ",\"%s\":", name);
    text_json(out, value);
}

static void put_or_null(struct text *out, const char *name, struct str value) {
    if (value.len)
        put_member(out, name, value);
    else
        text_printf(out, ",\"%s\":null", name);
}

static void put_number(struct text *out, const char *name, uint64_t n) {
    text_printf(out, ",\"%s\":%llu", name, (unsigned long long)n);
}

static void put_estimate(struct text *out, struct estimate e) {
    if (e.known)
        text_printf(out, ",\"estimate\":{\"low\":%llu,\"high\":%llu}", (unsigned long long)e.low,
                    (unsigned long long)e.high);
    else
        text_put(out, STR(",\"estimate\":null"));
}

static void put_finding(struct text *out, const struct finding *f) {
    text_put(out, STR("{\"kind\":"));
    text_json(out, f->kind);
    text_printf(out, ",\"code\":\"%s\"", diag_code_name(report_code(f->kind)));
    put_member(out, "message", f->message);
    put_or_null(out, "file", f->place.file);
    put_number(out, "line", (uint64_t)f->place.line);
    put_number(out, "column", (uint64_t)f->column);
    put_or_null(out, "actor", f->actor);
    text_putc(out, '}');
}

static void put_failure(struct text *out, const struct finding *f) {
    text_put(out, STR(",\"failure\":"));
    if (f)
        put_finding(out, f);
    else
        text_put(out, STR("null"));
}

// How many schedules failed, in which ways.
static void put_findings(struct text *out, const struct result_record *r) {
    put_number(out, "failing", r->failing);
    text_put(out, STR(",\"findings\":["));
    for (int32_t i = 0; i < r->findings.len; i++) {
        text_printf(out, "%s{\"times\":%llu,\"failure\":", i ? "," : "",
                    (unsigned long long)r->findings.at[i].schedules);
        put_finding(out, r->findings.at[i].finding);
        text_putc(out, '}');
    }
    text_putc(out, ']');
}

static struct str status_of(const struct result_record *r) {
    return r->failed ? STR("failed") : r->undecided ? STR("undecided") : STR("passed");
}

void report_json(const struct outcome *o, struct text *out) {
    const struct result_record *r = o->result;
    struct arena *a = out->arena;
    text_put(out, STR("{\"schema\":1,\"event\":\"test\",\"name\":"));
    text_json(out, r->name);
    put_or_null(out, "file", r->file);
    put_number(out, "line", (uint64_t)r->line);
    put_member(out, "kind", r->kind);
    put_member(out, "status", status_of(r));
    put_failure(out, r->failure);
    put_number(out, "schedules", r->schedules);
    if (o->keeps_going)
        put_findings(out, r);
    put_number(out, "pruned", r->pruned);
    put_number(out, "steps", r->steps);
    put_number(out, "behaviours", r->behaviours);
    put_estimate(out,
                 r->exhausted ? (struct estimate){0} : estimate_total(r->behaviours, r->sampled));
    put_number(out, "recent", r->recent);
    put_number(out, "window", r->window);
    text_printf(out, ",\"exhausted\":%s", r->exhausted ? "true" : "false");
    if (r->over.len)
        put_member(out, "over", r->over);
    if (r->over.len && r->faults >= 0)
        put_number(out, "faults", (uint64_t)r->faults);
    put_or_null(out, "limit", r->limit);
    put_member(out, "strategy", r->strategy);
    put_member(out, "seed", r->seed);
    put_number(out, "run", r->run);
    text_put(out, STR(",\"params\":{"));
    for (int32_t i = 0; i < r->params.len; i++) {
        text_put(out, i ? STR(",") : STR(""));
        text_json(out, r->params.at[i].name);
        text_putc(out, ':');
        text_json(out, r->params.at[i].value);
    }
    text_putc(out, '}');
    if (str_is(r->kind, "property"))
        put_or_null(out, "inputs", r->inputs);
    put_or_null(out, "trace", r->trace);
    if (r->failed) {
        put_or_null(out, "again", report_again(a, o));
        put_member(out, "afresh", report_afresh(a, o));
    }
    put_number(out, "elapsed_ms", r->elapsed_ms);
    text_put(out, STR("}\n"));
}

// ---- TAP -----------------------------------------------------------------------------

void report_tap(const struct outcome *o, int32_t number, struct text *out) {
    const struct result_record *r = o->result;
    text_printf(out, "%s %d - %s: %.*s", r->failed ? "not ok" : "ok", number, o->path,
                STR_ARGS(r->name));
    if (r->undecided)
        text_printf(out, " # SKIP undecided: %.*s", STR_ARGS(report_undecided(out->arena, r)));
    text_putc(out, '\n');
    if (!r->failed)
        return;
    text_put(out, STR("  ---\n  message: "));
    text_json(out, r->failure->message);
    text_put(out, STR("\n  kind: "));
    text_json(out, r->failure->kind);
    text_printf(out, "\n  at: \"%.*s:%d\"\n  afresh: ", STR_ARGS(r->failure->place.file),
                r->failure->place.line);
    text_json(out, report_afresh(out->arena, o));
    text_put(out, STR("\n  ...\n"));
}

// ---- as diagnostics ------------------------------------------------------------------

static void add_failures(const outcome_list *all, struct arena *a, struct diag_sink *sink) {
    for (int32_t i = 0; i < all->len; i++) {
        const struct outcome *o = &all->at[i];
        if (!o->result->failed)
            continue;
        struct diag *d = report_diagnostic(a, sink, o);
        diag_note(sink, d, "test %.*s of %s", STR_ARGS(o->result->name), o->path);
        diag_note(sink, d, "afresh: %.*s", STR_ARGS(report_afresh(a, o)));
        d->trace = o->result->trace;
    }
}

void report_github(const struct outcome *o, struct text *out) {
    struct diag_sink sink = {.arena = out->arena};
    outcome_list one = {(struct outcome *)o, 1, 1};
    add_failures(&one, out->arena, &sink);
    diag_render(&sink, (struct diag_style){.format = DIAG_GITHUB}, out);
}

void report_sarif(const outcome_list *all, struct text *out) {
    struct diag_sink sink = {.arena = out->arena};
    add_failures(all, out->arena, &sink);
    diag_render(&sink, (struct diag_style){.format = DIAG_SARIF}, out);
}

// ---- JUnit ---------------------------------------------------------------------------

static void put_time(struct text *out, uint64_t ms) {
    text_printf(out, " time=\"%llu.%03llu\"", (unsigned long long)(ms / 1000),
                (unsigned long long)(ms % 1000));
}

static void put_junit_failure(struct text *out, const struct outcome *o) {
    const struct finding *f = o->result->failure;
    struct arena *a = out->arena;
    struct text story = {.arena = a};
    if (o->story)
        story_put(o->story, REPORT_STEPS_SHOWN, (struct diag_style){.ascii = true, .width = 100},
                  &story);
    if (report_again(a, o).len)
        text_printf(&story, "again     %.*s\n", STR_ARGS(report_again(a, o)));
    text_printf(&story, "afresh    %.*s\n", STR_ARGS(report_afresh(a, o)));
    text_put(out, STR("      <failure type=\""));
    text_xml(out, f->kind);
    text_put(out, STR("\" message=\""));
    text_xml(out, f->message);
    text_put(out, STR("\">"));
    text_xml(out, text_str(&story));
    text_put(out, STR("</failure>\n"));
}

static void put_testcase(struct text *out, const struct outcome *o) {
    const struct result_record *r = o->result;
    text_put(out, STR("    <testcase classname=\""));
    text_xml(out, str_from(o->path));
    text_put(out, STR("\" name=\""));
    text_xml(out, r->name);
    text_put(out, STR("\" file=\""));
    text_xml(out, r->file);
    text_printf(out, "\" line=\"%d\"", r->line);
    put_time(out, r->elapsed_ms);
    if (!r->failed && !r->undecided) {
        text_put(out, STR("/>\n"));
        return;
    }
    text_put(out, STR(">\n"));
    if (r->failed)
        put_junit_failure(out, o);
    else
        text_printf(out, "      <skipped message=\"undecided: %.*s\"/>\n",
                    STR_ARGS(report_undecided(out->arena, r)));
    text_put(out, STR("    </testcase>\n"));
}

// One suite a program; the results of a program stand together.
void report_junit(const outcome_list *all, struct text *out) {
    text_put(out, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"));
    for (int32_t i = 0, next; i < all->len; i = next) {
        int32_t failures = 0, skipped = 0;
        uint64_t ms = 0;
        for (next = i; next < all->len && strcmp(all->at[next].path, all->at[i].path) == 0;
             next++) {
            failures += all->at[next].result->failed;
            skipped += all->at[next].result->undecided;
            ms += all->at[next].result->elapsed_ms;
        }
        text_put(out, STR("  <testsuite name=\""));
        text_xml(out, str_from(all->at[i].path));
        text_printf(out, "\" tests=\"%d\" failures=\"%d\"", next - i, failures);
        if (skipped)
            text_printf(out, " skipped=\"%d\"", skipped);
        put_time(out, ms);
        text_put(out, STR(">\n"));
        for (int32_t j = i; j < next; j++)
            put_testcase(out, &all->at[j]);
        text_put(out, STR("  </testsuite>\n"));
    }
    text_put(out, STR("</testsuites>\n"));
}
