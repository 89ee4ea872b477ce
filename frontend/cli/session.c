// SPDX-License-Identifier: MIT
// Reading a child's records until its pipe ends.
#include "frontend/cli/session.h"

#include "frontend/cli/process.h"

#include <assert.h>
#include <stdlib.h>

enum { CHUNK_BYTES = 64 << 10, POLL_MS = 100 };

struct reading {
    struct session *session;
    struct process process;
    char *bytes; // not yet a whole record
    size_t len, capacity;
    bool bad, ended;
    int code;
};

static void take_records(struct reading *r) {
    size_t at = 0, used = 0;
    struct record record;
    while (at < r->len && !r->bad) {
        struct str rest = {r->bytes + at, r->len - at};
        enum value_status status = record_read(r->session->cli->arena, rest, &record, &used);
        if (status == VALUE_CUT)
            break;
        r->bad = status == VALUE_BAD;
        if (r->bad)
            break;
        at += used;
        if (record.kind == RECORD_END) {
            r->ended = true;
            r->code = record.end.exit;
        }
        r->session->on_record(r->session->context, &record);
    }
    memmove(r->bytes, r->bytes + at, r->len - at);
    r->len -= at;
    r->bad = r->bad || r->len > RECORD_BYTES_MAX;
}

static void make_room(struct reading *r) {
    if (r->capacity - r->len >= CHUNK_BYTES)
        return;
    r->capacity = r->capacity ? r->capacity * 2 : 2 * CHUNK_BYTES;
    r->bytes = realloc(r->bytes, r->capacity);
    if (!r->bytes)
        abort();
}

static void read_all(struct reading *r) {
    for (;;) {
        size_t len = 0;
        make_room(r);
        enum process_event event =
            process_read(&r->process, r->bytes + r->len, CHUNK_BYTES, POLL_MS, &len);
        if (event == PROCESS_ENDED)
            return;
        if (event == PROCESS_BYTES && !r->bad) {
            r->len += len;
            take_records(r);
        }
        if (r->session->on_quiet)
            r->session->on_quiet(r->session->context);
    }
}

// What is to be said of a child that did not end as it should.
static int judge(struct reading *r, struct process_end end) {
    struct cli *cli = r->session->cli;
    if (process_signal())
        return 128 + process_signal();
    if (end.signal) {
        struct diag *d =
            diag_add(cli->sink, P9902, NO_SPAN, "the test process of %s ended by signal %d (%s)",
                     r->session->source, end.signal, strsignal(end.signal));
        diag_note(cli->sink, d, "no program may do that: this is a defect of Prism");
        return EXIT_DEFECT;
    }
    if (r->bad || r->len || !r->ended) {
        struct diag *d = diag_add(cli->sink, P9902, NO_SPAN,
                                  r->bad ? "the test process of %s said what `prism` cannot read"
                                         : "the test process of %s fell silent before its end",
                                  r->session->source);
        diag_note(cli->sink, d, "it ended with status %d", end.code);
        return EXIT_DEFECT;
    }
    return r->code;
}

int session_run(struct session *s) {
    struct reading r = {.session = s};
    struct arena *a = s->cli->arena;
    VEC(const char *) argv = {0};
    vec_push(a, &argv, s->program);
    for (int32_t i = 0; i < s->args.len; i++)
        vec_push(a, &argv, s->args.at[i]);
    vec_push(a, &argv, "--fd");
    vec_push(a, &argv, str_format(a, "%d", PROCESS_RECORDS_FD).data);
    vec_push(a, &argv, NULL);
    const char *wrong = process_start(a, argv.at, true, &r.process);
    if (wrong) {
        diag_add(s->cli->sink, P0004, NO_SPAN, "%s", wrong);
        return EXIT_IO;
    }
    read_all(&r);
    int code = judge(&r, process_wait(&r.process));
    free(r.bytes);
    return code;
}

int session_error(struct cli *cli, const struct error_record *e) {
    static const struct {
        const char *error;
        enum diag_code code;
        int exit;
    } errors[] = {{"usage", P0001, EXIT_ASKED},         {"no-test", P0011, EXIT_NOTHING},
                  {"param", P0007, EXIT_ASKED},         {"not-a-trace", P0021, EXIT_ASKED},
                  {"damaged-trace", P0022, EXIT_ASKED}, {"trace-version", P0023, EXIT_ASKED},
                  {"foreign-trace", P0024, EXIT_ASKED}, {"io", P0003, EXIT_IO},
                  {"unsupported", P8001, EXIT_ASKED}};
    enum diag_code code = P0001;
    int exit_code = EXIT_ASKED;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (str_is(e->error, errors[i].error))
            code = errors[i].code, exit_code = errors[i].exit;
    struct diag *d = diag_add(cli->sink, code, NO_SPAN, "%.*s", STR_ARGS(e->message));
    if (e->near.len)
        diag_note(cli->sink, d, "did you mean `%.*s`?", STR_ARGS(e->near));
    return exit_code;
}
