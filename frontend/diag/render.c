// SPDX-License-Identifier: MIT
// Diagnostics as text for people, and as one line each.
#include "frontend/diag/render.h"

#include "frontend/diag/excerpt.h"

#include <stdlib.h>

const char *severity_name(enum severity severity) {
    switch (severity) {
    case SEVERITY_ERROR:
        return "error";
    case SEVERITY_WARNING:
        return "warning";
    case SEVERITY_NOTE:
        return "note";
    }
    abort();
}

static const char *severity_color(enum severity severity) {
    return severity == SEVERITY_ERROR     ? SGR_ERROR
           : severity == SEVERITY_WARNING ? SGR_WARNING
                                          : SGR_NOTE;
}

struct place diag_place(struct span span) {
    struct place p = {0};
    if (!span.source)
        return p;
    p.path = span.source->path;
    source_position(span.source, span.start, &p.line, &p.column);
    source_position(span.source, span.end, &p.end_line, &p.end_column);
    return p;
}

// ---- order ---------------------------------------------------------------------------

static int compare(const struct diag *a, const struct diag *b) {
    if (a->severity != b->severity)
        return a->severity < b->severity ? -1 : 1;
    if (!a->span.source || !b->span.source)
        return (b->span.source == NULL) - (a->span.source == NULL); // without a place first
    int order = strcmp(a->span.source->path, b->span.source->path);
    return order ? order : (a->span.start > b->span.start) - (a->span.start < b->span.start);
}

// Errors before warnings, each by place; what is equal stays in the order of its making.
static const struct diag **ordered(const struct diag_sink *sink) {
    int32_t n = sink->all.len;
    const struct diag **all = arena_array(sink->arena, const struct diag *, n + 1);
    for (int32_t i = 0; i < n; i++) {
        int32_t j = i;
        for (; j > 0 && compare(sink->all.at[i], all[j - 1]) < 0; j--)
            all[j] = all[j - 1];
        all[j] = sink->all.at[i];
    }
    return all;
}

// ---- human ---------------------------------------------------------------------------

// The line as it would be after a fix of one edit within one line; nothing for larger fixes.
static void put_fixed_line(const struct diag_fix *fix, struct diag_style style, struct text *out) {
    if (fix->edits.len != 1 ||
        memchr(fix->edits.at[0].replacement.data ? fix->edits.at[0].replacement.data : "", '\n',
               fix->edits.at[0].replacement.len))
        return;
    const struct diag_edit *e = &fix->edits.at[0];
    struct place p = diag_place(e->span);
    if (!p.path || p.line != p.end_line)
        return;
    const struct source *s = e->span.source;
    int32_t start = s->line_starts[p.line - 1];
    int32_t end = p.line < s->line_count ? s->line_starts[p.line] - 1 : (int32_t)s->text.len;
    if (end - start > 200)
        return;
    text_printf(out, "%s%4d +%s %.*s%s%.*s%s%.*s\n", style_on(style, SGR_FRAME), p.line,
                style_off(style), e->span.start - start, s->text.data + start,
                style_on(style, SGR_BOLD), STR_ARGS(e->replacement), style_off(style),
                end - e->span.end, s->text.data + e->span.end);
}

static void put_human(const struct diag_sink *sink, const struct diag *d, struct diag_style style,
                      struct text *out) {
    text_printf(out, "%s%s[%s]%s: ", style_on(style, severity_color(d->severity)),
                severity_name(d->severity), diag_code_name(d->code), style_off(style));
    text_printf(out, "%s%.*s%s\n", style_on(style, SGR_BOLD), STR_ARGS(d->title), style_off(style));
    excerpt_put(sink->arena, d, style, out);
    for (int32_t i = 0; i < d->notes.len; i++)
        text_wrapped(out, d->notes.at[i], 2, style.width);
    for (int32_t i = 0; i < d->fixes.len; i++) {
        struct text line = {.arena = sink->arena};
        text_printf(&line, "perhaps: %.*s", STR_ARGS(d->fixes.at[i].title));
        text_wrapped(out, text_str(&line), 2, style.width);
        put_fixed_line(&d->fixes.at[i], style, out);
    }
    if (d->trace.len)
        text_printf(out, "saved     %.*s\n", STR_ARGS(d->trace));
    if (d->rerun.len)
        text_printf(out, "again     %.*s\n", STR_ARGS(d->rerun));
}

// ---- one line each -------------------------------------------------------------------

static void put_short(const struct diag *d, struct text *out) {
    struct place p = diag_place(d->span);
    if (p.path)
        text_printf(out, "%s:%d:%d: ", p.path, p.line, p.column);
    text_printf(out, "%s[%s]: %.*s\n", severity_name(d->severity), diag_code_name(d->code),
                STR_ARGS(d->title));
}

void diag_render(const struct diag_sink *sink, struct diag_style style, struct text *out) {
    const struct diag **all = ordered(sink);
    if (style.format == DIAG_SARIF) {
        render_sarif(all, sink->all.len, out);
        return;
    }
    for (int32_t i = 0; i < sink->all.len; i++) {
        switch (style.format) {
        case DIAG_HUMAN:
            if (i && all[i - 1]->span.source)
                text_putc(out, '\n');
            put_human(sink, all[i], style, out);
            break;
        case DIAG_SHORT:
            put_short(all[i], out);
            break;
        case DIAG_JSON:
            render_json(all[i], out);
            break;
        case DIAG_GITHUB:
            render_github(all[i], out);
            break;
        case DIAG_SARIF:
            break;
        }
    }
    if (style.format != DIAG_HUMAN && style.format != DIAG_SHORT)
        return;
    if (sink->errors > DIAG_ERRORS_MAX)
        text_printf(out, "and %d more errors\n", sink->errors - DIAG_ERRORS_MAX);
    if (sink->warnings > DIAG_ERRORS_MAX)
        text_printf(out, "and %d more warnings\n", sink->warnings - DIAG_ERRORS_MAX);
}
