// SPDX-License-Identifier: MIT
// Reading a child's records until its pipe ends.
#include "frontend/cli/session.h"

#include "frontend/cli/process.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 << 10, POLL_MS = 100 };

struct reading {
    struct session *session;
    struct process process;
    char *bytes; // not yet a whole record
    size_t len, capacity;
    bool bad, ended;
    int code;
};

// Which test is under way: from its start to its result.
static void note_test(struct session *s, const struct record *record) {
    if (record->kind == RECORD_START)
        s->at_hand = record->start.name;
    else if (record->kind == RECORD_RESULT)
        s->at_hand = (struct str){0};
}

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
        note_test(r->session, &record);
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

// ---- a child that died ---------------------------------------------------------------

static void on_crash(void *context, const struct record *record) {
    struct session *died = context;
    if (record->kind != RECORD_CRASH)
        return;
    died->crash = arena_new(died->cli->arena, struct crash_record);
    *died->crash = record->crash;
}

static struct process_end run(struct reading *r, const char *flag, int shared);

// Asks a second process what is in the memory that the first one left.
static void look_at(struct session *died, int shared) {
    struct session s = {.cli = died->cli,
                        .source = died->source,
                        .program = died->program,
                        .args = died->args,
                        .context = died,
                        .on_record = on_crash};
    struct reading r = {.session = &s};
    run(&r, "--autopsy", shared);
}

static void say_last(struct session *s, struct diag *d) {
    const struct crash_record *c = s->crash;
    struct arena *a = s->cli->arena;
    struct str of_run =
        c->run ? str_format(a, " of run %llu", (unsigned long long)c->run) : STR("");
    if (c->events && c->followed == c->events)
        diag_note(s->cli->sink, d, "its last event, the %dth%.*s: %.*s", c->events,
                  STR_ARGS(of_run), STR_ARGS(c->last));
    else if (c->events)
        diag_note(s->cli->sink, d, "of its %d events%.*s only %d could be taken again", c->events,
                  STR_ARGS(of_run), c->followed);
    if (c->trace.len) {
        d->trace = c->trace;
        diag_note(s->cli->sink, d, "saved %.*s", STR_ARGS(c->trace));
        diag_note(s->cli->sink, d, "again: prism replay %.*s", STR_ARGS(c->trace));
    } else if (c->untraced.len) {
        diag_note(s->cli->sink, d, "not saved: %.*s", STR_ARGS(c->untraced));
    }
}

static int judge_death(struct session *s, int shared) {
    struct cli *cli = s->cli;
    struct str of_test = s->at_hand.len
                             ? str_format(cli->arena, "test `%.*s`", STR_ARGS(s->at_hand))
                             : STR("the test process");
    if (shared >= 0 && s->at_hand.len)
        look_at(s, shared);
    struct diag *d = diag_add(cli->sink, P9902, NO_SPAN, "%.*s of %s ended by signal %d (%s)",
                              STR_ARGS(of_test), s->source, s->signal, strsignal(s->signal));
    diag_note(cli->sink, d, "no program may do that: this is a defect of Prism");
    if (s->crash)
        say_last(s, d);
    return EXIT_DEFECT;
}

// What is to be said of a child that did not end as it should.
static int judge(struct reading *r, struct process_end end, int shared) {
    struct cli *cli = r->session->cli;
    if (process_signal())
        return 128 + process_signal();
    if (end.signal) {
        r->session->signal = end.signal;
        return judge_death(r->session, shared);
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

// ---- running -------------------------------------------------------------------------

// Runs the session's program to its end. `flag` says what it is to do with the shared memory. A
// program that could not be started ends with code -1.
static struct process_end run(struct reading *r, const char *flag, int shared) {
    struct session *s = r->session;
    struct arena *a = s->cli->arena;
    VEC(const char *) argv = {0};
    vec_push(a, &argv, s->program);
    for (int32_t i = 0; i < s->args.len; i++)
        vec_push(a, &argv, s->args.at[i]);
    vec_push(a, &argv, "--fd");
    vec_push(a, &argv, str_format(a, "%d", PROCESS_RECORDS_FD).data);
    if (shared >= 0) {
        vec_push(a, &argv, flag);
        vec_push(a, &argv, str_format(a, "%d", PROCESS_SHARED_FD).data);
    }
    vec_push(a, &argv, NULL);
    const char *wrong = process_start_sharing(a, argv.at, true, shared, &r->process);
    if (wrong) {
        diag_add(s->cli->sink, P0004, NO_SPAN, "%s", wrong);
        return (struct process_end){.code = -1};
    }
    read_all(r);
    free(r->bytes);
    return process_wait(&r->process);
}

int session_run(struct session *s) {
    struct reading r = {.session = s};
    int shared = s->simulated ? process_share() : -1;
    struct process_end end = run(&r, "--shared", shared);
    int code = end.code < 0 ? EXIT_IO : judge(&r, end, shared);
    if (shared >= 0)
        close(shared);
    return code;
}

int session_error(struct cli *cli, const struct error_record *e) {
    static const struct {
        const char *error;
        enum diag_code code;
        int exit;
    } errors[] = {{"usage", P0001, EXIT_ASKED},
                  {"no-test", P0011, EXIT_NOTHING},
                  {"param", P0007, EXIT_ASKED},
                  {"fault", P0007, EXIT_ASKED},
                  {"not-a-trace", P0021, EXIT_ASKED},
                  {"damaged-trace", P0022, EXIT_ASKED},
                  {"trace-version", P0023, EXIT_ASKED},
                  {"foreign-trace", P0024, EXIT_ASKED},
                  {"io", P0003, EXIT_IO},
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
