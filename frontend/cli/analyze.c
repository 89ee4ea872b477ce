// SPDX-License-Identifier: MIT
// `prism analyze`: compiles programs to MIR, has them analysed, asks the checker, writes it all.
#include "frontend/cli/analyze.h"

#include "frontend/cli/files.h"
#include "frontend/cli/pipeline.h"
#include "frontend/cli/process.h"

enum form { FORM_TEXT, FORM_JSON, FORM_CBOR, FORM_MERMAID, FORM_SVG };

static enum form form_of(const struct cli *cli) {
    static const char *const words[] = {"text", "json", "cbor", "mermaid", "svg"};
    struct str wanted =
        flag_text(cli, FLAG_analyze_to, cli_format(cli) == OUT_JSON ? "json" : "text");
    for (int i = FORM_TEXT; i <= FORM_SVG; i++)
        if (str_is(wanted, words[i]))
            return (enum form)i;
    return FORM_TEXT;
}

// ---- the checker --------------------------------------------------------------------------------

// The obligations among the JSON lines; what is no JSON is passed over.
static json_t *read_obligations(struct str said) {
    json_t *all = json_array();
    for (size_t from = 0; from < said.len;) {
        const char *end = memchr(said.data + from, '\n', said.len - from);
        size_t len = end ? (size_t)(end - said.data) - from : said.len - from;
        json_t *line = json_loadb(said.data + from, len, 0, NULL);
        const char *event = json_string_value(json_object_get(line, "event"));
        if (event && strcmp(event, "obligation") == 0) {
            json_object_del(line, "schema");
            json_object_del(line, "event");
            json_array_append(all, line);
        }
        json_decref(line);
        from += len + 1;
    }
    return all;
}

// NULL after a diagnostic.
static json_t *ask_checker(struct cli *cli, const char *path, int *code) {
    const char *argv[] = {cli_home(cli, "libexec/prism/verify"), "--json", "--accept-undecided",
                          path, NULL};
    struct str said;
    struct process_end end;
    if (cli->flags[FLAG_analyze_verify].set && !flag_on(cli, FLAG_analyze_verify))
        return json_array();
    const char *wrong = process_output(cli->arena, argv, &said, &end);
    if (wrong) {
        diag_add(cli->sink, P0004, NO_SPAN, "%s", wrong);
        *code = EXIT_IO;
        return NULL;
    }
    if (process_signal() || end.signal) {
        *code = process_signal() ? 128 + process_signal() : EXIT_DEFECT;
        return NULL;
    }
    return read_obligations(said);
}

static enum verified verified_of(json_t *obligations, const char *kind) {
    enum verified all = VERIFIED_UNASKED;
    size_t i;
    json_t *o;
    json_array_foreach(obligations, i, o) {
        const char *verdict = json_string_value(json_object_get(o, "verdict"));
        const char *of = json_string_value(json_object_get(o, "kind"));
        if (!verdict || !of || strcmp(of, kind) != 0)
            continue;
        enum verified one = strcmp(verdict, "proved") == 0    ? VERIFIED_PROVED
                            : strcmp(verdict, "refuted") == 0 ? VERIFIED_REFUTED
                                                              : VERIFIED_UNDECIDED;
        bool worse = one == VERIFIED_REFUTED || all == VERIFIED_UNASKED ||
                     (one == VERIFIED_UNDECIDED && all == VERIFIED_PROVED);
        all = worse ? one : all;
    }
    return all;
}

// ---- one program --------------------------------------------------------------------------------

static void put(struct cli *cli, enum form form, const struct analyzed *p, struct text *out) {
    if (form == FORM_TEXT) {
        analysis_put_text(p, out);
    } else if (form == FORM_MERMAID) {
        analysis_mermaid(p->all, out);
    } else if (form == FORM_SVG) {
        analysis_svg(cli->arena, p->all, out);
    } else {
        json_t *j = analysis_json(p);
        char *line = form == FORM_JSON ? json_dumps(j, JSON_COMPACT) : NULL;
        if (form == FORM_CBOR)
            json_put_cbor(j, out);
        else
            text_printf(out, "%s\n", line);
        free(line);
        json_decref(j);
    }
}

// A claim that is false is a warning: the program works, its description does not.
static void say_false_claims(struct cli *cli, const struct analysis *all) {
    for (int32_t i = 0; i < all->claims.len; i++) {
        const struct claim *c = &all->claims.at[i];
        if (c->status != CLAIM_FALSE)
            continue;
        struct diag *d = diag_add(cli->sink, P3006, c->span, "`%s` does not hold this: %.*s",
                                  c->subject, STR_ARGS(c->phrase));
        diag_primary(cli->sink, d, "%.*s", STR_ARGS(c->reason));
    }
}

static int analyze_file(struct cli *cli, const char *path, enum form form, struct text *out) {
    struct unit u = {.path = path};
    int code = EXIT_HELD;
    if (!pipeline_run(cli, &u, STAGE_MIR) || !u.typed) {
        cli_flush(cli);
        pipeline_free(&u);
        return EXIT_ASKED;
    }
    bool wants_checker = form != FORM_MERMAID && form != FORM_SVG;
    json_t *obligations = wants_checker ? ask_checker(cli, path, &code) : json_array();
    if (obligations) {
        struct analysis *all = analyze(&u.arena, u.mir, u.typed);
        analyze_claims(&u.arena, all, u.typed, verified_of(obligations, "deadlock-freedom"),
                       verified_of(obligations, "capability-compliance"));
        put(cli, form, &(struct analyzed){path, all, obligations}, out);
        say_false_claims(cli, all);
        json_decref(obligations);
    }
    cli_flush(cli); // what it says points into the unit
    pipeline_free(&u);
    return code;
}

static bool write_out(struct cli *cli, const struct text *out) {
    struct str path = flag_text(cli, FLAG_analyze_output, "");
    if (!path.len)
        return cli_print(cli, text_str(out));
    const char *wrong = file_write(cli->arena, str_dup(cli->arena, path).data, text_str(out));
    if (wrong)
        diag_add(cli->sink, P0003, NO_SPAN, "%s", wrong);
    return !wrong;
}

int analyze_command(struct cli *cli) {
    str_list files = {0};
    struct text out = {.arena = cli->arena};
    enum form form = form_of(cli);
    int code = files_programs(cli, &files);
    if (code != EXIT_HELD)
        return code;
    if (files.len > 1 && (form == FORM_MERMAID || form == FORM_SVG)) {
        diag_add(cli->sink, P0001, NO_SPAN, "a picture is of one program, and here are %d",
                 (int)files.len);
        return EXIT_ASKED;
    }
    for (int32_t i = 0; i < files.len && code < EXIT_INTERRUPT; i++)
        code = exit_worse(code, analyze_file(cli, files.at[i].data, form, &out));
    if (out.len && code < EXIT_INTERRUPT && !write_out(cli, &out))
        code = exit_worse(code, EXIT_IO);
    return code;
}
