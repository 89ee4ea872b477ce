// SPDX-License-Identifier: MIT
// The reports. The JSON lines are the contract of `prism verify`; SARIF has a code flow for a
// refutation.
#include "checker/report.h"

#include <jansson.h>
#include <stdlib.h>

static const char *const format_names[] = {"human", "short", "json", "sarif", "github"};

bool report_format_parse(const char *name, enum report_format *out) {
    for (size_t i = 0; i < sizeof format_names / sizeof *format_names; i++)
        if (strcmp(name, format_names[i]) == 0) {
            *out = (enum report_format)i;
            return true;
        }
    return false;
}

const char *obligation_kind_name(enum obligation_kind k) {
    return k == OBLIGATION_DEADLOCK ? "deadlock-freedom" : "capability-compliance";
}

const char *verdict_name(enum verdict v) {
    static const char *const names[] = {"proved", "refuted", "undecided"};
    return names[v];
}

struct counts {
    int32_t of[3];
};

static struct counts count(const struct check_result *r) {
    struct counts c = {{0}};
    for (int32_t i = 0; i < r->obligations.len; i++)
        c.of[r->obligations.at[i].verdict]++;
    return c;
}

// ---- people ---------------------------------------------------------------------------------

static const char *paint(struct report_style style, enum verdict v) {
    static const char *const colors[] = {"\033[32m", "\033[31m", "\033[33m"};
    return style.color ? colors[v] : "";
}

static struct str place(struct arena *a, const struct obligation *o) {
    if (!o->file[0])
        return STR("");
    return str_format(a, "%s:%d", o->file, o->line);
}

static void put_details(const struct obligation *o, int32_t mark, struct text *out) {
    text_printf(out, "*%d %.*s: %.*s\n", mark, STR_ARGS(o->subject), STR_ARGS(o->reason));
    for (int32_t i = 0; i < o->story.len; i++)
        text_printf(out, "   %.*s\n", STR_ARGS(o->story.at[i]));
    if (o->trace.len)
        text_printf(out, "   saved  %.*s\n   again  prism replay %.*s\n", STR_ARGS(o->trace),
                    STR_ARGS(o->trace));
    if (o->next.len)
        text_printf(out, "   next: %.*s\n", STR_ARGS(o->next));
}

static bool noted(const struct obligation *o) {
    return o->verdict != VERDICT_PROVED || o->vacuous;
}

static void put_assumptions(const struct check_result *r, struct text *out) {
    struct map seen = {0};
    for (int32_t i = 0; i < r->obligations.len; i++) {
        const struct obligation *o = &r->obligations.at[i];
        for (int32_t k = 0; k < o->assumptions.len; k++)
            if (o->verdict == VERDICT_PROVED && !map_get(&seen, o->assumptions.at[k]))
                map_put(out->arena, &seen, o->assumptions.at[k], (void *)1);
    }
    for (int32_t i = 0; i < seen.len; i++)
        text_printf(out, "%s%.*s\n", i ? "         " : "assumed  ", STR_ARGS(seen.at[i].key));
}

static void human(const struct check_result *r, struct report_style style, struct text *out) {
    int32_t marks = 0;
    size_t places = 12, subjects = 12;
    for (int32_t i = 0; i < r->obligations.len; i++) {
        const struct obligation *o = &r->obligations.at[i];
        size_t p = place(out->arena, o).len;
        places = p > places ? p : places;
        subjects = o->subject.len > subjects ? o->subject.len : subjects;
    }
    for (int32_t i = 0; i < r->obligations.len; i++) {
        const struct obligation *o = &r->obligations.at[i];
        struct str at = place(out->arena, o);
        text_printf(out, "%-*.*s  %-*.*s  %-21s  %s%s%s", (int)places, STR_ARGS(at), (int)subjects,
                    STR_ARGS(o->subject), obligation_kind_name(o->kind), paint(style, o->verdict),
                    verdict_name(o->verdict), style.color ? "\033[0m" : "");
        if (o->verdict == VERDICT_PROVED)
            text_printf(out, "%s, %.*s", o->vacuous ? ", but vacuously" : "", STR_ARGS(o->bound));
        if (noted(o))
            text_printf(out, " *%d", ++marks);
        text_putc(out, '\n');
    }
    text_putc(out, '\n');
    marks = 0;
    for (int32_t i = 0; i < r->obligations.len; i++)
        if (noted(&r->obligations.at[i]))
            put_details(&r->obligations.at[i], ++marks, out);
    put_assumptions(r, out);
    struct counts c = count(r);
    text_printf(out, "%s%d proved, %d refuted, %d undecided       z3 %s       exit %d\n",
                marks ? "\n" : "", c.of[0], c.of[1], c.of[2], style.solver, style.exit);
}

static void brief(const struct check_result *r, bool github, struct text *out) {
    for (int32_t i = 0; i < r->obligations.len; i++) {
        const struct obligation *o = &r->obligations.at[i];
        if (github && o->verdict == VERDICT_PROVED)
            continue;
        if (github)
            text_printf(out, "::%s file=%s,line=%d::%.*s %s: %.*s\n",
                        o->verdict == VERDICT_REFUTED ? "error" : "warning", o->file, o->line,
                        STR_ARGS(o->subject), verdict_name(o->verdict), STR_ARGS(o->reason));
        else
            text_printf(out, "%s:%d: %s %.*s: %s: %.*s\n", o->file, o->line,
                        obligation_kind_name(o->kind), STR_ARGS(o->subject),
                        verdict_name(o->verdict), STR_ARGS(o->reason));
    }
}

// ---- machines -------------------------------------------------------------------------------

static json_t *text_of(struct str s) {
    json_t *j = json_stringn(s.data ? s.data : "", s.len);
    return j ? j : json_string("(a name that is not UTF-8)");
}

static json_t *path_of(struct str s) {
    return s.len ? text_of(s) : json_null();
}

static void put_json(struct text *out, json_t *j, size_t flags) {
    char *line = json_dumps(j, flags);
    if (line)
        text_put(out, str_from(line));
    free(line);
    json_decref(j);
    text_putc(out, '\n');
}

static json_t *obligation_json(const struct obligation *o) {
    json_t *assumptions = json_array();
    for (int32_t i = 0; i < o->assumptions.len; i++)
        json_array_append_new(assumptions, text_of(o->assumptions.at[i]));
    return json_pack("{s:i s:s s:s s:o s:s s:i s:s s:o s:o s:b s:o s:o s:o}", "schema", 1, "event",
                     "obligation", "kind", obligation_kind_name(o->kind), "subject",
                     text_of(o->subject), "file", o->file, "line", (int)o->line, "verdict",
                     verdict_name(o->verdict), "bound", path_of(o->bound), "reason",
                     text_of(o->reason), "vacuous", o->vacuous, "assumptions", assumptions,
                     "certificate", path_of(o->certificate), "trace", path_of(o->trace));
}

static void json_lines(const struct check_result *r, struct text *out) {
    for (int32_t i = 0; i < r->obligations.len; i++)
        put_json(out, obligation_json(&r->obligations.at[i]), JSON_COMPACT);
    struct counts c = count(r);
    put_json(out,
             json_pack("{s:i s:s s:i s:i s:i}", "schema", 1, "event", "summary", "proved", c.of[0],
                       "refuted", c.of[1], "undecided", c.of[2]),
             JSON_COMPACT);
}

static json_t *location_json(const struct obligation *o, const char *message) {
    json_t *physical =
        json_pack("{s:{s:s} s:{s:i}}", "artifactLocation", "uri", o->file[0] ? o->file : "unknown",
                  "region", "startLine", o->line > 0 ? (int)o->line : 1);
    if (!message)
        return json_pack("{s:o}", "physicalLocation", physical);
    return json_pack("{s:o s:{s:s}}", "physicalLocation", physical, "message", "text", message);
}

static json_t *flow_json(struct arena *a, const struct obligation *o) {
    json_t *steps = json_array();
    for (int32_t i = 0; i < o->story.len; i++)
        json_array_append_new(steps, json_pack("{s:o}", "location",
                                               location_json(o, str_dup(a, o->story.at[i]).data)));
    return json_pack("[{s:[{s:o}]}]", "threadFlows", "locations", steps);
}

static json_t *result_json(struct arena *a, const struct obligation *o) {
    static const char *const levels[] = {"none", "error", "warning"};
    static const char *const kinds[] = {"pass", "fail", "open"};
    struct str message = str_format(a, "%.*s is %s: %.*s", STR_ARGS(o->subject),
                                    verdict_name(o->verdict), STR_ARGS(o->reason));
    json_t *j = json_pack("{s:s s:s s:s s:{s:o} s:[o]}", "ruleId", obligation_kind_name(o->kind),
                          "level", o->verdict == VERDICT_UNDECIDED ? "none" : levels[o->verdict],
                          "kind", kinds[o->verdict], "message", "text", text_of(message),
                          "locations", location_json(o, NULL));
    if (o->story.len)
        json_object_set_new(j, "codeFlows", flow_json(a, o));
    return j;
}

static void sarif(const struct check_result *r, struct text *out) {
    json_t *results = json_array(), *rules = json_array();
    for (int k = OBLIGATION_DEADLOCK; k <= OBLIGATION_CAPABILITY; k++)
        json_array_append_new(rules, json_pack("{s:s}", "id", obligation_kind_name(k)));
    for (int32_t i = 0; i < r->obligations.len; i++)
        json_array_append_new(results, result_json(out->arena, &r->obligations.at[i]));
    put_json(out,
             json_pack("{s:s s:s s:[{s:{s:{s:s s:o}} s:o}]}", "$schema",
                       "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0", "runs",
                       "tool", "driver", "name", "prism verify", "rules", rules, "results",
                       results),
             JSON_INDENT(2));
}

void report_render(const struct check_result *r, struct report_style style, struct text *out) {
    switch (style.format) {
    case REPORT_HUMAN:
        human(r, style, out);
        break;
    case REPORT_SHORT:
        brief(r, false, out);
        break;
    case REPORT_JSON:
        json_lines(r, out);
        break;
    case REPORT_SARIF:
        sarif(r, out);
        break;
    case REPORT_GITHUB:
        brief(r, true, out);
        break;
    }
}
