// SPDX-License-Identifier: MIT
// Diagnostics for machines: JSON lines, SARIF, workflow commands.
#include "frontend/diag/render.h"

// ---- JSON ----------------------------------------------------------------------------

static void put_member(struct text *out, const char *name, struct str value) {
    text_printf(out, ",\"%s\":", name);
    text_json(out, value);
}

static void put_place(struct text *out, struct span span) {
    struct place p = diag_place(span);
    if (!p.path) {
        text_put(out, STR("\"file\":null,\"line\":null,\"column\":null"));
        return;
    }
    text_put(out, STR("\"file\":"));
    text_json(out, str_from(p.path));
    text_printf(out, ",\"line\":%d,\"column\":%d,\"end_line\":%d,\"end_column\":%d", p.line,
                p.column, p.end_line, p.end_column);
}

static void put_fix(struct text *out, const struct diag_fix *fix) {
    text_put(out, STR("{\"title\":"));
    text_json(out, fix->title);
    text_put(out, STR(",\"edits\":["));
    for (int32_t i = 0; i < fix->edits.len; i++) {
        text_printf(out, "%s{", i ? "," : "");
        put_place(out, fix->edits.at[i].span);
        put_member(out, "replacement", fix->edits.at[i].replacement);
        text_putc(out, '}');
    }
    text_put(out, STR("]}"));
}

static void put_or_null(struct text *out, const char *name, struct str value) {
    if (value.len)
        put_member(out, name, value);
    else
        text_printf(out, ",\"%s\":null", name);
}

void render_json(const struct diag *d, struct text *out) {
    text_printf(out, "{\"schema\":1,\"event\":\"diagnostic\",\"code\":\"%s\",\"severity\":\"%s\"",
                diag_code_name(d->code), severity_name(d->severity));
    put_member(out, "title", d->title);
    text_putc(out, ',');
    put_place(out, d->span);
    put_or_null(out, "label", d->label);
    text_put(out, STR(",\"labels\":["));
    for (int32_t i = 0; i < d->labels.len; i++) {
        text_printf(out, "%s{", i ? "," : "");
        put_place(out, d->labels.at[i].span);
        put_member(out, "text", d->labels.at[i].text);
        text_putc(out, '}');
    }
    text_put(out, STR("],\"notes\":["));
    for (int32_t i = 0; i < d->notes.len; i++) {
        if (i)
            text_putc(out, ',');
        text_json(out, d->notes.at[i]);
    }
    text_put(out, STR("],\"fixes\":["));
    for (int32_t i = 0; i < d->fixes.len; i++) {
        if (i)
            text_putc(out, ',');
        put_fix(out, &d->fixes.at[i]);
    }
    text_putc(out, ']');
    put_or_null(out, "trace", d->trace);
    put_or_null(out, "rerun", d->rerun);
    text_put(out, STR("}\n"));
}

// ---- GitHub Actions ------------------------------------------------------------------

// Properties escape more than messages do: `,` and `:` end them.
static void put_escaped(struct text *out, struct str s, bool property) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
            text_printf(out, "%%%02X", (unsigned)c);
        else
            text_putc(out, c);
    }
}

void render_github(const struct diag *d, struct text *out) {
    struct place p = diag_place(d->span);
    text_printf(out, "::%s title=%s",
                d->severity == SEVERITY_NOTE ? "notice" : severity_name(d->severity),
                diag_code_name(d->code));
    if (p.path) {
        text_put(out, STR(",file="));
        put_escaped(out, str_from(p.path), true);
        text_printf(out, ",line=%d,col=%d", p.line, p.column);
    }
    text_put(out, STR("::"));
    put_escaped(out, d->title, false);
    for (int32_t i = 0; i < d->notes.len; i++) {
        text_put(out, STR("%0A"));
        put_escaped(out, d->notes.at[i], false);
    }
    text_putc(out, '\n');
}

// ---- SARIF ---------------------------------------------------------------------------

// SARIF's columns count characters here (columnKind), ours count bytes.
static int32_t character_column(const struct source *s, int32_t line, int32_t column) {
    const char *text = s->text.data + s->line_starts[line - 1];
    int32_t characters = 1;
    for (int32_t i = 0; i < column - 1; i++)
        characters += ((unsigned char)text[i] & 0xc0) != 0x80;
    return characters;
}

static void put_uri(struct text *out, const char *path) {
    text_putc(out, '"');
    for (const unsigned char *p = (const unsigned char *)path; *p; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= '0' && *p <= '9') || strchr("-._~/", *p);
        if (plain)
            text_putc(out, (char)*p);
        else
            text_printf(out, "%%%02X", *p);
    }
    text_putc(out, '"');
}

static void put_location(struct text *out, struct span span) {
    struct place p = diag_place(span);
    text_put(out, STR("\"physicalLocation\":{\"artifactLocation\":{\"uri\":"));
    put_uri(out, p.path);
    text_printf(out,
                "},\"region\":{\"startLine\":%d,\"startColumn\":%d,\"endLine\":%d,"
                "\"endColumn\":%d}}",
                p.line, character_column(span.source, p.line, p.column), p.end_line,
                character_column(span.source, p.end_line, p.end_column));
}

static void put_related(struct text *out, const struct diag *d) {
    text_put(out, STR(",\"relatedLocations\":["));
    bool first = true;
    for (int32_t i = 0; i < d->labels.len; i++) {
        if (!d->labels.at[i].span.source)
            continue;
        text_put(out, first ? STR("{") : STR(",{"));
        put_location(out, d->labels.at[i].span);
        text_put(out, STR(",\"message\":{\"text\":"));
        text_json(out, d->labels.at[i].text);
        text_put(out, STR("}}"));
        first = false;
    }
    text_putc(out, ']');
}

static void put_result(struct text *out, const struct diag *d) {
    struct text message = {.arena = out->arena};
    text_put(&message, d->title);
    for (int32_t i = 0; i < d->notes.len; i++)
        text_printf(&message, "\n%.*s", STR_ARGS(d->notes.at[i]));
    text_printf(out, "{\"ruleId\":\"%s\",\"level\":\"%s\",\"message\":{\"text\":",
                diag_code_name(d->code), severity_name(d->severity));
    text_json(out, text_str(&message));
    text_putc(out, '}');
    if (d->span.source) {
        text_put(out, STR(",\"locations\":[{"));
        put_location(out, d->span);
        text_put(out, STR("}]"));
        put_related(out, d);
    }
    text_putc(out, '}');
}

static bool code_said_before(const struct diag *const *all, int32_t i) {
    for (int32_t j = 0; j < i; j++)
        if (all[j]->code == all[i]->code)
            return true;
    return false;
}

void render_sarif(const struct diag *const *all, int32_t count, struct text *out) {
    text_put(out, STR("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
                      "\"version\":\"2.1.0\",\"runs\":[{\"columnKind\":\"unicodeCodePoints\","
                      "\"tool\":{\"driver\":{\"name\":\"prism\",\"rules\":["));
    bool first = true;
    for (int32_t i = 0; i < count; i++) {
        if (code_said_before(all, i))
            continue;
        text_printf(out, "%s{\"id\":\"%s\",\"shortDescription\":{\"text\":", first ? "" : ",",
                    diag_code_name(all[i]->code));
        text_json(out, str_from(diag_code_title(all[i]->code)));
        text_put(out, STR("}}"));
        first = false;
    }
    text_put(out, STR("]}},\"results\":["));
    for (int32_t i = 0; i < count; i++) {
        if (i)
            text_putc(out, ',');
        put_result(out, all[i]);
    }
    text_put(out, STR("]}]}\n"));
}
