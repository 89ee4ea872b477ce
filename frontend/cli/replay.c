// SPDX-License-Identifier: MIT
// A trace names its program; that is built with the simulator, started, and told to follow the
// trace.
#define _GNU_SOURCE // memmem
#include "frontend/cli/replay.h"

#include "frontend/cli/files.h"
#include "frontend/cli/process.h"
#include "frontend/cli/report.h"
#include "frontend/cli/session.h"
#include "runtime/trace/trace.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct replaying {
    struct cli *cli;
    struct reporter reporter;
    const char *trace, *source;
    enum replay_telling telling;
    struct replay_record *replay;
    struct result_record *result;
    struct story *story;
    struct shrunk_record *shrunk;
    const char *shrink_to;
    int code;
};

// ---- the file ------------------------------------------------------------------------

bool replay_is_trace(const char *path) {
    char begin[16];
    FILE *file = fopen(path, "rb");
    size_t len = file ? fread(begin, 1, sizeof begin, file) : 0;
    if (file)
        fclose(file);
    return memmem(begin, len, "PRISMTRACE", 10) != NULL;
}

static int refuse(struct cli *cli, const char *path, enum trace_error error) {
    switch (error) {
    case TRACE_OK:
        break;
    case TRACE_FOREIGN:
        diag_add(cli->sink, P0021, NO_SPAN, "%s is not a Prism trace", path);
        return EXIT_ASKED;
    case TRACE_NEWER:
        diag_add(cli->sink, P0023, NO_SPAN, "%s is a trace of another version", path);
        return EXIT_ASKED;
    case TRACE_CUT:
    case TRACE_DAMAGED:
    case TRACE_TOO_BIG: {
        struct diag *d =
            diag_add(cli->sink, P0022, NO_SPAN, "%s is damaged: %s", path, trace_error_text(error));
        diag_note(cli->sink, d,
                  "what is whole of it can be played: prism replay --salvage %s "
                  "PROGRAM",
                  path);
        return EXIT_ASKED;
    }
    case TRACE_IO: {
        int why = errno;
        const char *wrong = str_format(cli->arena, "cannot read %s: %s", path, strerror(why)).data;
        files_missing(cli, path, wrong);
        return why == ENOENT || why == ENOTDIR || why == EISDIR ? EXIT_ASKED : EXIT_IO;
    }
    }
    return EXIT_HELD;
}

// The program that the trace names, terminated, in the arena. Returns an exit code.
static int program_of(struct cli *cli, const char *path, bool salvage, const char **out) {
    void *bytes = NULL;
    size_t len = 0;
    struct trace t = {0};
    enum trace_error error = trace_load(path, &bytes, &len);
    if (error == TRACE_OK)
        error = trace_read(bytes, len, &t);
    if (error == TRACE_OK)
        *out = str_dup(cli->arena, (struct str){t.program.at, t.program.len}).data;
    bool damaged = error == TRACE_CUT || error == TRACE_DAMAGED;
    int code = salvage && damaged ? EXIT_HELD : refuse(cli, path, error);
    trace_free(&t);
    free(bytes);
    return code;
}

static int find_program(struct replaying *r, const char *program, bool salvage) {
    struct cli *cli = r->cli;
    const char *named = NULL;
    struct stat s;
    int code = program_of(cli, r->trace, salvage, &named);
    if (code != EXIT_HELD)
        return code;
    if (program && named && stat(program, &s) == 0 && S_ISDIR(s.st_mode))
        program = str_format(cli->arena, "%s/%s", program, named).data;
    r->source = program ? program : named;
    if (r->source && access(r->source, R_OK) == 0)
        return EXIT_HELD;
    struct diag *d = r->source ? diag_add(cli->sink, P0002, NO_SPAN, "cannot read %s: %s",
                                          r->source, strerror(errno))
                               : diag_add(cli->sink, P0022, NO_SPAN,
                                          "%s does not say any more of which program "
                                          "it is a trace",
                                          r->trace);
    diag_note(cli->sink, d, "name the program: prism replay %s PATH", r->trace);
    return EXIT_ASKED;
}

// ---- records -------------------------------------------------------------------------

static void on_record(void *context, const struct record *record) {
    struct replaying *r = context;
    struct arena *a = r->cli->arena;
    switch (record->kind) {
    case RECORD_REPLAY:
        r->replay = arena_new(a, struct replay_record);
        *r->replay = record->replay;
        break;
    case RECORD_RESULT:
        r->result = arena_new(a, struct result_record);
        *r->result = record->result;
        break;
    case RECORD_STORY:
        r->story = arena_new(a, struct story);
        *r->story = record->story;
        break;
    case RECORD_SHRUNK:
        r->shrunk = arena_new(a, struct shrunk_record);
        *r->shrunk = record->shrunk;
        break;
    case RECORD_ERROR: {
        struct error_record e = record->error;
        if (str_ends(e.error, STR("-trace")) || str_is(e.error, "trace-version"))
            e.message = str_format(a, "%s: %.*s", r->trace, STR_ARGS(e.message));
        r->code = exit_worse(r->code, session_error(r->cli, &e));
        break;
    }
    default:
        break;
    }
}

// ---- telling -------------------------------------------------------------------------

static void put_left(const struct replaying *r, struct text *out) {
    const struct replay_record *p = r->replay;
    struct text line = {.arena = r->cli->arena};
    text_printf(&line, "followed %d of %d steps; at step %d the trace says: %.*s.",
                p->step > 0 ? p->step - 1 : 0, p->steps, p->step, STR_ARGS(p->expected));
    if (p->got.len) {
        text_put(&line, STR(" What could happen there now:"));
        for (int32_t i = 0; i < p->got.len; i++)
            text_printf(&line, "%s %.*s", i ? ";" : "", STR_ARGS(p->got.at[i]));
        text_putc(&line, '.');
    } else {
        text_put(&line, STR(" Now nothing can happen there."));
    }
    text_wrapped(out, text_str(&line), 0, 100);
    text_put(out, STR("  what this trace shows can no longer happen this way\n"));
}

static void put_verdict(const struct replaying *r, struct text *out) {
    const struct replay_record *p = r->replay;
    const char *kind = r->result && r->result->failure
                           ? diag_code_name(report_code(r->result->failure->kind))
                           : "";
    text_printf(out, "trace of `%.*s` in %s (%s)\n", STR_ARGS(p->name), r->source,
                p->changed ? "changed since" : "unchanged");
    if (str_is(p->verdict, "same"))
        text_printf(out, "replayed: the same failure after %d steps, %s\n", p->steps, kind);
    else if (str_is(p->verdict, "other"))
        text_printf(out, "replayed: it fails, and otherwise than it did then, %s\n", kind);
    else if (str_is(p->verdict, "gone"))
        text_put(out, STR("replayed: the failure is gone\n"));
    else
        put_left(r, out);
}

static void put_story(const struct replaying *r, struct diag_style style, struct text *out) {
    struct arena *a = r->cli->arena;
    struct outcome o = {
        .path = r->source, .result = r->result, .story = r->story, .simulated = true};
    struct diag_sink sink = {.arena = a};
    if (r->result && r->result->failure) {
        report_diagnostic(a, &sink, &o);
        if (out->len)
            text_putc(out, '\n');
        diag_render(&sink, style, out);
        if (!r->story || !r->story->waits)
            text_putc(out, '\n');
    }
    if (r->story)
        story_put(r->story, r->telling == REPLAY_STORY ? 0 : REPORT_STEPS_SHOWN, style, out);
}

static void put_json(const struct replaying *r, struct text *out) {
    const struct replay_record *p = r->replay;
    text_put(out, STR("{\"schema\":1,\"event\":\"replay\",\"trace\":"));
    text_json(out, str_from(r->trace));
    text_put(out, STR(",\"program\":"));
    text_json(out, str_from(r->source));
    text_put(out, STR(",\"name\":"));
    text_json(out, p->name);
    text_put(out, STR(",\"verdict\":"));
    text_json(out, p->verdict);
    text_printf(out, ",\"changed\":%s,\"step\":%d,\"steps\":%d,\"expected\":",
                p->changed ? "true" : "false", p->step, p->steps);
    text_json(out, p->expected);
    text_put(out, STR(",\"got\":["));
    for (int32_t i = 0; i < p->got.len; i++) {
        text_put(out, i ? STR(",") : STR(""));
        text_json(out, p->got.at[i]);
    }
    text_put(out, STR("]}\n"));
}

static int tell(struct replaying *r) {
    struct text out = {.arena = r->cli->arena};
    struct outcome o = {
        .path = r->source, .result = r->result, .story = r->story, .simulated = true};
    enum result_format format = cli_format(r->cli);
    if (format != OUT_HUMAN) {
        if (format == OUT_JSON)
            put_json(r, &out);
        if (out.len && !cli_print(r->cli, text_str(&out)))
            return EXIT_IO;
        if (r->result)
            report_outcome(&r->reporter, o);
        return report_end(&r->reporter, r->result ? r->result->elapsed_ms : 0);
    }
    struct diag_style style = cli_style(r->cli, STDOUT_FILENO);
    if (r->telling == REPLAY_VERDICT)
        put_verdict(r, &out);
    if (r->telling == REPLAY_STORY || !flag_on(r->cli, FLAG_common_quiet))
        put_story(r, style, &out);
    return cli_print(r->cli, text_str(&out)) ? EXIT_HELD : EXIT_IO;
}

// ---- the whole -----------------------------------------------------------------------

static int run_session(struct replaying *r, const char *program, bool salvage) {
    struct arena *a = r->cli->arena;
    struct session s = {.cli = r->cli,
                        .source = r->source,
                        .program = program,
                        .context = r,
                        .on_record = on_record,
                        .simulated = true};
    vec_push(a, &s.args, "--prism-sim");
    vec_push(a, &s.args, "--replay");
    vec_push(a, &s.args, r->trace);
    vec_push(a, &s.args, "--narrate");
    if (salvage)
        vec_push(a, &s.args, "--salvage");
    if (r->shrink_to) {
        vec_push(a, &s.args, "--shrink-to");
        vec_push(a, &s.args, r->shrink_to);
    }
    return session_run(&s);
}

int replay_run(struct cli *cli, const char *trace, const char *program, bool salvage,
               enum replay_telling telling) {
    struct replaying r = {.cli = cli, .trace = trace, .telling = telling};
    int code = find_program(&r, program, salvage);
    if (code != EXIT_HELD)
        return code;
    if (!report_begin(&r.reporter, cli))
        return EXIT_ASKED;
    const char *built = program_build(cli, r.source, PROGRAM_SIMULATED, &code);
    if (!built)
        return code;
    process_catch_signals();
    code = exit_worse(run_session(&r, built, salvage), r.code);
    if (!r.replay)
        return code;
    int told = tell(&r);
    if (told != EXIT_HELD)
        return exit_worse(code, told);
    return telling == REPLAY_STORY && (code == EXIT_FOUND || code == EXIT_HELD) ? EXIT_HELD : code;
}

int replay_load(struct cli *cli, const char *trace, const char *program, const char *shrink_to,
                struct replayed *out) {
    struct replaying r = {
        .cli = cli, .trace = trace, .telling = REPLAY_STORY, .shrink_to = shrink_to};
    int code = find_program(&r, program, false);
    if (code != EXIT_HELD)
        return code;
    const char *built = program_build(cli, r.source, PROGRAM_SIMULATED, &code);
    if (!built)
        return code;
    process_catch_signals();
    code = exit_worse(run_session(&r, built, false), r.code);
    *out = (struct replayed){r.source, r.replay, r.result, r.story, r.shrunk};
    return code;
}
