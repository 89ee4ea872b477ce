// SPDX-License-Identifier: MIT
// Results for people: a line for each test, the whole story for each failure.
#include "frontend/cli/report.h"

enum { STEM_COLUMNS = 13, NAME_COLUMNS = 30, AMOUNT_COLUMNS = 32 };

// "bank" of "src/bank.prism"; "shop/cart" keeps nothing of its folders either.
static struct str stem_of(const char *path) {
    const char *slash = strrchr(path, '/');
    struct str name = str_from(slash ? slash + 1 : path);
    if (str_ends(name, STR(".prism")))
        name.len -= 6;
    return name;
}

static struct str seconds(struct arena *a, uint64_t ms) {
    if (ms >= 100000)
        return str_format(a, "%llu s", (unsigned long long)(ms / 1000));
    return str_format(a, "%llu.%llu s", (unsigned long long)(ms / 1000),
                      (unsigned long long)(ms / 100 % 10));
}

// "1 204 orders (all)" or "50 000 runs, 8 311 orders".
static struct str amount(struct arena *a, const struct outcome *o) {
    const struct result_record *r = o->result;
    if (!o->simulated)
        return STR("");
    if (r->failed)
        return str_format(a, "run %.*s", STR_ARGS(report_grouped(a, r->run)));
    if (r->exhausted && r->faults >= 0)
        return str_format(a, "%.*s order%s (all, up to %d fault%s)",
                          STR_ARGS(report_grouped(a, r->schedules)), r->schedules == 1 ? "" : "s",
                          r->faults, r->faults == 1 ? "" : "s");
    if (r->exhausted)
        return str_format(a, "%.*s order%s (all)", STR_ARGS(report_grouped(a, r->schedules)),
                          r->schedules == 1 ? "" : "s");
    return str_format(a, "%.*s runs, %.*s order%s", STR_ARGS(report_grouped(a, r->schedules)),
                      STR_ARGS(report_grouped(a, r->behaviours)), r->behaviours == 1 ? "" : "s");
}

static void note_not_exhausted(struct reporter *r, const struct outcome *o, struct text *out) {
    const struct result_record *result = o->result;
    struct arena *a = r->cli->arena;
    if (!o->simulated || result->failed || result->exhausted || str_is(result->limit, "crash"))
        return;
    struct str note =
        str_format(a, "no new order in the last %llu runs", (unsigned long long)result->window);
    if (!result->schedules || result->unmet.len)
        note = report_undecided(a, result);
    else if (result->recent)
        note = str_format(a, "new orders were still appearing: %llu in the last %llu runs",
                          (unsigned long long)result->recent, (unsigned long long)result->window);
    int number = 0;
    for (int32_t i = 0; i < r->footnotes.len; i++)
        if (str_eq(r->footnotes.at[i], note))
            number = i + 1;
    if (!number) {
        vec_push(a, &r->footnotes, note);
        number = r->footnotes.len;
    }
    text_printf(out, "  *%d", number);
    for (int32_t i = 0; i < r->not_exhausted.len; i++)
        if (strcmp(r->not_exhausted.at[i], o->path) == 0)
            return;
    vec_push(a, &r->not_exhausted, o->path);
}

static void put_line(struct reporter *r, const struct outcome *o, struct diag_style style,
                     struct text *out) {
    struct arena *a = r->cli->arena;
    bool failed = o->result->failed, undecided = o->result->undecided;
    const char *verdict = failed ? "FAILED" : undecided ? "undecided" : "ok";
    const char *color = !style.color ? ""
                        : failed     ? "\033[1;31m"
                        : undecided  ? "\033[33m"
                                     : "\033[32m";
    text_printf(out, "%-*.*s %-*.*s %-*.*s %8.*s   %s%s%s", STEM_COLUMNS,
                STR_ARGS(stem_of(o->path)), NAME_COLUMNS, STR_ARGS(o->result->name),
                o->simulated ? AMOUNT_COLUMNS : 0, STR_ARGS(amount(a, o)),
                STR_ARGS(seconds(a, o->result->elapsed_ms)), color, verdict,
                style.color ? "\033[0m" : "");
    note_not_exhausted(r, o, out);
    text_putc(out, '\n');
}

// "counted   84 of 90 orders fail (all)", and in which ways if there are several.
static void put_count(struct arena *a, const struct result_record *r, struct text *out) {
    text_printf(out, "counted   %.*s of %.*s order%s fail%s\n",
                STR_ARGS(report_grouped(a, r->failing)), STR_ARGS(report_grouped(a, r->schedules)),
                r->schedules == 1 ? "" : "s", r->exhausted ? " (all were tried)" : "");
    for (int32_t i = 0; i < r->findings.len && r->findings.len > 1; i++) {
        const struct finding *f = r->findings.at[i].finding;
        text_printf(out, "          %8.*s  %.*s at %.*s:%d: %.*s\n",
                    STR_ARGS(report_grouped(a, r->findings.at[i].schedules)), STR_ARGS(f->kind),
                    STR_ARGS(f->place.file), f->place.line, STR_ARGS(f->message));
    }
}

static void put_footer(struct arena *a, const struct outcome *o, struct text *out) {
    const struct result_record *r = o->result;
    if (o->keeps_going)
        put_count(a, r, out);
    if (r->trace.len)
        text_printf(out, "saved     %.*s\n", STR_ARGS(r->trace));
    else if (r->untraced.len)
        text_printf(out, "not saved %.*s\n", STR_ARGS(r->untraced));
    struct str again = report_again(a, o);
    if (again.len)
        text_printf(out, "again     %.*s\n", STR_ARGS(again));
    text_printf(out, "afresh    %.*s\n", STR_ARGS(report_afresh(a, o)));
    text_printf(out, "explain   prism explain %s\n\n",
                diag_code_name(report_code(r->failure->kind)));
}

static void put_failure(struct reporter *r, const struct outcome *o, struct diag_style style,
                        struct text *out) {
    struct arena *a = r->cli->arena;
    struct diag_sink sink = {.arena = a};
    report_diagnostic(a, &sink, o);
    text_putc(out, '\n');
    style.format = DIAG_HUMAN;
    diag_render(&sink, style, out);
    if (o->story) {
        if (!o->story->waits)
            text_putc(out, '\n');
        story_put(o->story, REPORT_STEPS_SHOWN, style, out);
    } else {
        text_putc(out, '\n');
    }
    put_footer(a, o, out);
}

void report_human(struct reporter *r, const struct outcome *o, struct diag_style style,
                  struct text *out) {
    bool quiet = flag_on(r->cli, FLAG_common_quiet);
    if (o->result->failed && o->simulated && !r->seed_said && o->result->seed.len) {
        text_printf(out, "seed %.*s\n", STR_ARGS(o->result->seed));
        r->seed_said = true;
    }
    if (!quiet || o->result->failed || o->result->undecided)
        put_line(r, o, style, out);
    if (o->result->failed)
        put_failure(r, o, style, out);
}

void report_human_end(struct reporter *r, uint64_t elapsed_ms, struct text *out) {
    struct arena *a = r->cli->arena;
    for (int32_t i = 0; i < r->footnotes.len; i++)
        text_printf(out, "%s*%d not exhaustive: %.*s\n", i ? "" : "\n", i + 1,
                    STR_ARGS(r->footnotes.at[i]));
    bool interrupted = false;
    for (int32_t i = 0; i < r->outcomes.len; i++)
        interrupted |= str_is(r->outcomes.at[i].result->limit, "interrupted");
    if (interrupted)
        text_put(out, STR("   go on: the same command with --resume\n"));
    else if (r->not_exhausted.len && !flag_on(r->cli, FLAG_common_quiet)) {
        text_put(out, STR("   look longer: prism test --simulate --for 10m"));
        for (int32_t i = 0; i < r->not_exhausted.len && i < 4; i++)
            text_printf(out, " %s", r->not_exhausted.at[i]);
        text_putc(out, '\n');
    }
    for (int32_t i = 0; i < r->outcomes.len; i++) {
        const struct result_record *result = r->outcomes.at[i].result;
        if (result->undecided)
            text_printf(out, "undecided: `%.*s`: %.*s\n", STR_ARGS(result->name),
                        STR_ARGS(report_undecided(a, result)));
    }
    if (r->outcomes.len > 1 && !flag_on(r->cli, FLAG_common_quiet))
        text_putc(out, '\n');
    report_sum(r, out);
    text_printf(out, "   %.*s\n", STR_ARGS(seconds(a, elapsed_ms)));
}
