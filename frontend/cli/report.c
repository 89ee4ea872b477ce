// SPDX-License-Identifier: MIT
// Results into the outputs that were asked for.
#include "frontend/cli/report.h"

#include <assert.h>
#include <unistd.h>

// ---- outputs -------------------------------------------------------------------------

static void add_output(struct reporter *r, enum result_format format, const char *path) {
    struct report_output *o = &r->outputs[r->output_count++];
    *o = (struct report_output){.format = format, .path = path, .text = {.arena = r->cli->arena}};
    o->style =
        path ? (struct diag_style){.ascii = true, .width = 100} : cli_style(r->cli, STDOUT_FILENO);
}

// --out json=results.jsonl
static bool add_file(struct reporter *r, struct str said) {
    const char *equals = memchr(said.data, '=', said.len);
    enum result_format format;
    struct str name = {said.data, equals ? (size_t)(equals - said.data) : said.len};
    if (!equals || !equals[1] || !result_format_parse(name, &format)) {
        struct diag *d =
            diag_add(r->cli->sink, P0007, NO_SPAN, "`--out` cannot be `%.*s`", STR_ARGS(said));
        diag_note(r->cli->sink, d,
                  "it is FORMAT=PATH, for instance junit=results.xml; FORMAT is "
                  "one of human|short|json|junit|sarif|github|tap");
        return false;
    }
    if (r->output_count == REPORT_OUTPUTS_MAX) {
        diag_add(r->cli->sink, P0001, NO_SPAN, "`--out` is given more than %d times",
                 REPORT_OUTPUTS_MAX - 1);
        return false;
    }
    add_output(r, format, equals + 1);
    return true;
}

bool report_begin(struct reporter *r, struct cli *cli) {
    *r = (struct reporter){.cli = cli};
    add_output(r, cli_format(cli), NULL);
    const str_list *files = &cli->flags[FLAG_common_out].all;
    for (int32_t i = 0; i < files->len; i++)
        if (!add_file(r, files->at[i]))
            return false;
    return true;
}

static int write_output(struct reporter *r, struct report_output *o) {
    int code = EXIT_HELD;
    if (!o->path) {
        code = cli_print(r->cli, text_str(&o->text)) ? EXIT_HELD : EXIT_IO;
        o->text.len = 0;
        return code;
    }
    const char *wrong = file_write(r->cli->arena, o->path, text_str(&o->text));
    if (wrong) {
        diag_add(r->cli->sink, P0003, NO_SPAN, "%s", wrong);
        code = EXIT_IO;
    }
    return code;
}

// ---- results -------------------------------------------------------------------------

static void put_outcome(struct reporter *r, const struct outcome *o, struct report_output *out) {
    switch (out->format) {
    case OUT_HUMAN:
        report_human(r, o, out->style, &out->text);
        break;
    case OUT_SHORT:
        report_short(o, &out->text);
        break;
    case OUT_JSON:
        report_json(o, &out->text);
        break;
    case OUT_TAP:
        report_tap(o, r->outcomes.len, &out->text);
        break;
    case OUT_GITHUB:
        report_github(o, &out->text);
        break;
    case OUT_JUNIT:
    case OUT_SARIF:
        break; // documents, made at the end
    }
}

void report_outcome(struct reporter *r, struct outcome o) {
    assert((o.result->failure != NULL) == o.result->failed);
    vec_push(r->cli->arena, &r->outcomes, o);
    r->passed += !o.result->failed && !o.result->undecided;
    r->failed += o.result->failed;
    r->undecided += o.result->undecided;
    for (int i = 0; i < r->output_count; i++) {
        put_outcome(r, &o, &r->outputs[i]);
        if (!r->outputs[i].path)
            write_output(r, &r->outputs[i]);
    }
}

static void put_end(struct reporter *r, uint64_t elapsed_ms, struct report_output *out) {
    switch (out->format) {
    case OUT_HUMAN:
        report_human_end(r, elapsed_ms, &out->text);
        break;
    case OUT_SHORT:
        report_sum(r, &out->text);
        text_putc(&out->text, '\n');
        break;
    case OUT_JSON:
        text_printf(&out->text,
                    "{\"schema\":1,\"event\":\"summary\",\"passed\":%d,\"failed\":%d,"
                    "\"undecided\":%d}\n",
                    r->passed, r->failed, r->undecided);
        break;
    case OUT_TAP:
        text_printf(&out->text, "1..%d\n", r->outcomes.len);
        break;
    case OUT_JUNIT:
        report_junit(&r->outcomes, &out->text);
        break;
    case OUT_SARIF:
        report_sarif(&r->outcomes, &out->text);
        break;
    case OUT_GITHUB:
        break;
    }
}

int report_end(struct reporter *r, uint64_t elapsed_ms) {
    int code = EXIT_HELD;
    for (int i = 0; i < r->output_count; i++) {
        put_end(r, elapsed_ms, &r->outputs[i]);
        code = exit_worse(code, write_output(r, &r->outputs[i]));
    }
    return code;
}

// ---- pieces --------------------------------------------------------------------------

void report_sum(const struct reporter *r, struct text *out) {
    text_printf(out, "%d passed, %d failed", r->passed, r->failed);
    if (r->undecided)
        text_printf(out, ", %d undecided", r->undecided);
}

struct str report_undecided(struct arena *a, const struct result_record *r) {
    if (str_is(r->limit, "crash"))
        return STR("its process died");
    if (str_is(r->limit, "interrupted"))
        return STR("it was interrupted");
    if (r->unmet.len)
        return r->unmet;
    if (r->over.len && r->faults == 0)
        return STR("every order without faults was tried, and not all with one");
    if (r->over.len && r->faults >= 0)
        return str_format(a, "every order with up to %d fault%s was tried, and not all with more",
                          r->faults, r->faults == 1 ? "" : "s");
    if (str_is(r->limit, "mailbox"))
        return STR("the program reads the sizes of mailboxes, so not every order was tried");
    if (str_is(r->limit, "nodes"))
        return STR("nodes, or `assert_eventually!`, make all depend on when time passes, so not "
                   "every order was tried");
    if (str_is(r->limit, "crowd"))
        return STR("too many answers to one actor were under way, so not every order was tried");
    if (str_is(r->limit, "depth"))
        return STR("runs were cut off, since the program goes on for long or for ever");
    return r->schedules ? STR("a limit ended the search before every order was tried")
                        : STR("no run came to its end before a limit");
}

enum diag_code report_code(struct str kind) {
    static const struct {
        const char *kind;
        enum diag_code code;
    } codes[] = {{"assertion", P4101}, {"invariant", P4102},       {"monitor", P4103},
                 {"trap", P4104},      {"deadlock", P4201},        {"leak", P4202},
                 {"liveness", P4203},  {"linearizability", P4204}, {"nondeterminism", P4205}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (str_is(kind, codes[i].kind))
            return codes[i].code;
    return P4104;
}

// From the place to the end of its line, without blanks and a closing semicolon.
static struct span span_at(const struct source *s, int32_t line, int32_t column) {
    struct span none = {0};
    if (line < 1 || line > s->line_count)
        return none;
    int32_t start = s->line_starts[line - 1];
    int32_t end = line < s->line_count ? s->line_starts[line] - 1 : (int32_t)s->text.len;
    int32_t at = column > 0 ? start + column - 1 : start;
    while (column <= 0 && at < end && (s->text.data[at] == ' ' || s->text.data[at] == '\t'))
        at++;
    while (end > at && strchr(" \t\r;{", s->text.data[end - 1]))
        end--;
    return at <= end ? (struct span){s, at, end} : none;
}

static struct span find_span(struct arena *a, const struct finding *f) {
    struct source *source = arena_new(a, struct source);
    struct str text;
    if (!f->place.file.len || file_read(a, f->place.file.data, &text))
        return (struct span){0};
    source_init(a, source, f->place.file.data, text);
    return span_at(source, f->place.line, f->column);
}

struct diag *report_diagnostic(struct arena *a, struct diag_sink *sink, const struct outcome *o) {
    const struct finding *f = o->result->failure;
    struct diag *d =
        diag_add(sink, report_code(f->kind), find_span(a, f), "%.*s", STR_ARGS(f->message));
    if (f->values.len) {
        struct text values = {.arena = a};
        for (int32_t i = 0; i < f->values.len; i++)
            text_printf(&values, "%s%.*s = %.*s", i ? ", " : "", STR_ARGS(f->values.at[i].name),
                        STR_ARGS(f->values.at[i].value));
        diag_primary(sink, d, "%.*s", STR_ARGS(text_str(&values)));
    }
    if (o->result->inputs.len)
        diag_note(sink, d, "with the inputs %.*s", STR_ARGS(o->result->inputs));
    bool of_one = !str_is(f->kind, "deadlock") && !str_is(f->kind, "leak");
    if (of_one && f->actor.len && !str_eq(f->actor, o->result->name))
        diag_note(sink, d, "it happened in %.*s", STR_ARGS(f->actor));
    return d;
}

// A word as the shell takes it.
static void put_quoted(struct text *out, struct str s) {
    bool plain = s.len > 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        plain = plain && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || strchr("-._/+:=,@", c));
    }
    if (plain) {
        text_put(out, s);
        return;
    }
    text_putc(out, '\'');
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '\'')
            text_put(out, STR("'\\''"));
        else
            text_putc(out, s.data[i]);
    }
    text_putc(out, '\'');
}

struct str report_again(struct arena *a, const struct outcome *o) {
    if (!o->result->trace.len)
        return (struct str){0};
    struct text out = {.arena = a};
    text_put(&out, STR("prism replay "));
    put_quoted(&out, o->result->trace);
    return text_str(&out);
}

struct str report_afresh(struct arena *a, const struct outcome *o) {
    struct text out = {.arena = a};
    text_put(&out, o->exhaustive  ? STR("prism test --exhaustive ")
                   : o->simulated ? STR("prism test --simulate ")
                                  : STR("prism test "));
    put_quoted(&out, str_from(o->path));
    text_put(&out, STR(" --only "));
    put_quoted(&out, o->result->name);
    for (int32_t i = 0; o->set && i < o->set->len; i++) {
        text_put(&out, STR(" --set "));
        put_quoted(&out, o->set->at[i]);
    }
    for (int32_t i = 0; o->faults && i < o->faults->len; i++) {
        text_put(&out, STR(" --fault "));
        put_quoted(&out, o->faults->at[i]);
    }
    if (o->no_fault)
        text_put(&out, STR(" --no-fault"));
    if (o->strategy.len)
        text_printf(&out, " --strategy %.*s", STR_ARGS(o->strategy));
    if (o->simulated && o->result->seed.len)
        text_printf(&out, " --seed %.*s", STR_ARGS(o->result->seed));
    return text_str(&out);
}

struct str report_grouped(struct arena *a, uint64_t n) {
    struct str digits = str_format(a, "%llu", (unsigned long long)n);
    struct text out = {.arena = a};
    for (size_t i = 0; i < digits.len; i++) {
        if (i && (digits.len - i) % 3 == 0)
            text_putc(&out, ' ');
        text_putc(&out, digits.data[i]);
    }
    return text_str(&out);
}
