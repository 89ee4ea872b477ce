// SPDX-License-Identifier: MIT
#define _GNU_SOURCE // memmem
// `prism test`: for each program, builds it with the simulator or the parallel runtime, starts it,
// and reports what its process says.
#include "frontend/cli/files.h"
#include "frontend/cli/process.h"
#include "frontend/cli/progress.h"
#include "frontend/cli/report.h"
#include "frontend/cli/session.h"

struct testing {
    struct cli *cli;
    struct reporter reporter;
    struct progress progress;
    const char *source; // the program at hand
    bool simulated;
    struct result_record *failed;   // waits for its story
    VEC(struct test_record) listed; // of the program at hand
    str_list names;                 // of all tests seen, for suggestions
    unsigned shard, shards;         // --shard: which, from 0, of how many; shards 0: not given
    bool shard_takes_tests;         // a shard is some of the tests, not a part of each one's search
    unsigned tests_seen;            // wanted ones
    int code;
};

// ---- arguments -----------------------------------------------------------------------

static void add_args(struct session *s, const char *name, const char *value) {
    vec_push(s->cli->arena, &s->args, name);
    if (value)
        vec_push(s->cli->arena, &s->args, value);
}

static void add_number(struct session *s, const char *name, enum flag_id id) {
    const struct cli *cli = s->cli;
    if (cli->flags[id].set)
        add_args(s, name,
                 str_format(cli->arena, "%llu", (unsigned long long)cli->flags[id].number).data);
}

static bool is_simulated(const struct cli *cli) {
    return flag_on(cli, FLAG_test_simulate) || flag_on(cli, FLAG_test_exhaustive) ||
           cli->flags[FLAG_test_strategy].set || cli->flags[FLAG_test_fault].set;
}

static void add_params(struct session *s, const str_list *set) {
    for (int32_t i = 0; i < set->len; i++)
        add_args(s, "--set", set->at[i].data);
}

// Where traces go: --trace-dir, else .prism/traces, which git is told to ignore.
static const char *trace_dir(struct cli *cli) {
    if (cli->flags[FLAG_test_trace_dir].set)
        return cli->flags[FLAG_test_trace_dir].text.data;
    if (!dir_make(cli->arena, ".prism/traces"))
        file_write(cli->arena, ".prism/.gitignore", STR("*\n"));
    return ".prism/traces";
}

static void add_search(struct testing *t, struct session *s) {
    struct cli *cli = t->cli;
    add_number(s, "--seed", FLAG_test_seed);
    add_number(s, "--runs", FLAG_test_runs);
    if (!t->simulated)
        return;
    add_number(s, "--for", FLAG_test_for);
    if (cli->flags[FLAG_test_strategy].set)
        add_args(s, "--strategy", cli->flags[FLAG_test_strategy].text.data);
    if (flag_on(cli, FLAG_test_exhaustive))
        add_args(s, "--exhaustive", NULL);
    if (flag_on(cli, FLAG_test_keep_going))
        add_args(s, "--keep-going", NULL);
    add_args(s, "--jobs", str_format(cli->arena, "%u", cli_jobs(cli)).data);
    if (t->shards && !t->shard_takes_tests)
        add_args(s, "--shard", cli->flags[FLAG_test_shard].text.data);
    const str_list *faults = &cli->flags[FLAG_test_fault].all;
    for (int32_t i = 0; i < faults->len; i++)
        add_args(s, "--fault", faults->at[i].data);
    if (flag_on(cli, FLAG_test_no_fault))
        add_args(s, "--no-fault", NULL);
    add_args(s, "--trace-dir", trace_dir(cli));
    add_args(s, "--state-dir", ".prism/search");
    if (flag_on(cli, FLAG_test_resume))
        add_args(s, "--resume", NULL);
}

// ---- records -------------------------------------------------------------------------

static void put_outcome(struct testing *t, const struct result_record *result,
                        const struct story *story) {
    progress_clear(&t->progress);
    const struct cli *cli = t->cli;
    report_outcome(&t->reporter,
                   (struct outcome){.path = t->source,
                                    .result = result,
                                    .story = story,
                                    .simulated = t->simulated,
                                    .keeps_going = flag_on(cli, FLAG_test_keep_going),
                                    .set = &cli->flags[FLAG_test_set].all,
                                    .faults = &cli->flags[FLAG_test_fault].all,
                                    .no_fault = flag_on(cli, FLAG_test_no_fault),
                                    .exhaustive = flag_on(cli, FLAG_test_exhaustive),
                                    .strategy = flag_text(cli, FLAG_test_strategy, "")});
}

// A failure is told with its story, which is the next record if there is one.
static void put_waiting(struct testing *t, const struct story *story) {
    if (t->failed)
        put_outcome(t, t->failed, story);
    t->failed = NULL;
}

static void note_done(struct testing *t, struct str name) {
    for (int32_t i = 0; i < t->listed.len; i++)
        t->listed.at[i].done |= str_eq(t->listed.at[i].name, name);
}

static void on_record(void *context, const struct record *record) {
    struct testing *t = context;
    struct arena *a = t->cli->arena;
    if (record->kind == RECORD_STORY) {
        struct story *story = arena_new(a, struct story);
        *story = record->story;
        put_waiting(t, story);
        return;
    }
    put_waiting(t, NULL);
    switch (record->kind) {
    case RECORD_TEST:
        vec_push(a, &t->listed, record->test);
        break;
    case RECORD_START:
        progress_start(&t->progress, &record->start, t->simulated);
        break;
    case RECORD_PROGRESS:
        progress_update(&t->progress, &record->progress);
        break;
    case RECORD_RESULT: {
        note_done(t, record->result.name);
        progress_end(&t->progress, record->result.failed);
        if (record->result.untraced.len)
            t->code = exit_worse(t->code, EXIT_IO);
        struct result_record *result = arena_new(a, struct result_record);
        *result = record->result;
        if (result->failed)
            t->failed = result;
        else
            put_outcome(t, result, NULL);
        break;
    }
    case RECORD_ERROR:
        t->code = exit_worse(t->code, session_error(t->cli, &record->error));
        break;
    default:
        break;
    }
}

static void on_quiet(void *context) {
    progress_tick(&((struct testing *)context)->progress);
}

static struct session new_session(struct testing *t, const char *program) {
    struct session s = {.cli = t->cli,
                        .source = t->source,
                        .program = program,
                        .context = t,
                        .on_record = on_record,
                        .on_quiet = on_quiet,
                        .simulated = t->simulated};
    add_args(&s, t->simulated ? "--prism-sim" : "--prism-test", NULL);
    return s;
}

// ---- which tests ---------------------------------------------------------------------

static bool is_wanted(const struct cli *cli, struct str name) {
    const str_list *only = &cli->flags[FLAG_test_only].all;
    for (int32_t i = 0; i < only->len; i++)
        if (memmem(name.data, name.len, only->at[i].data, only->at[i].len))
            return true;
    return only->len == 0;
}

// Counts a wanted test; is it one of this shard's?
static bool is_of_shard(struct testing *t) {
    unsigned number = t->tests_seen++;
    return !t->shards || !t->shard_takes_tests || number % t->shards == t->shard;
}

// Fills t->listed with the program's tests. Returns an exit code.
static int list_tests(struct testing *t, const char *program) {
    struct session s = new_session(t, program);
    t->listed.len = 0;
    add_args(&s, "--list", NULL);
    int code = session_run(&s);
    int32_t wanted = 0;
    for (int32_t i = 0; i < t->listed.len; i++) {
        vec_push(t->cli->arena, &t->names, t->listed.at[i].name);
        if (is_wanted(t->cli, t->listed.at[i].name) && is_of_shard(t))
            t->listed.at[wanted++] = t->listed.at[i];
    }
    t->listed.len = wanted;
    return code == EXIT_NOTHING ? EXIT_HELD : code;
}

static void print_list(struct testing *t) {
    struct text out = {.arena = t->cli->arena};
    bool json = cli_format(t->cli) == OUT_JSON;
    for (int32_t i = 0; i < t->listed.len; i++) {
        const struct test_record *test = &t->listed.at[i];
        if (!json) {
            text_printf(&out, "%s: %.*s", t->source, STR_ARGS(test->name));
            for (int32_t j = 0; j < test->params.len; j++)
                text_printf(&out, "%s%.*s=%.*s", j ? " " : "   --set ",
                            STR_ARGS(test->params.at[j].name),
                            STR_ARGS(test->params.at[j].default_value));
            text_putc(&out, '\n');
            continue;
        }
        text_put(&out, STR("{\"schema\":1,\"event\":\"listed\",\"name\":"));
        text_json(&out, test->name);
        text_put(&out, STR(",\"kind\":"));
        text_json(&out, test->kind);
        text_put(&out, STR(",\"file\":"));
        text_json(&out, test->file);
        text_printf(&out, ",\"line\":%d}\n", test->line);
    }
    if (out.len)
        cli_print(t->cli, text_str(&out));
}

// ---- programs ------------------------------------------------------------------------

// A test whose process died has a result, too: that there is none.
static void put_dead(struct testing *t, const struct session *s) {
    struct result_record *result = arena_new(t->cli->arena, struct result_record);
    *result = (struct result_record){.faults = -1,
                                     .name = s->at_hand,
                                     .kind = STR("test"),
                                     .undecided = true,
                                     .limit = STR("crash")};
    for (int32_t i = 0; i < t->listed.len; i++) {
        if (!str_eq(t->listed.at[i].name, s->at_hand))
            continue;
        t->listed.at[i].done = true;
        result->file = t->listed.at[i].file;
        result->line = t->listed.at[i].line;
    }
    if (s->crash) {
        result->trace = s->crash->trace;
        result->seed = s->crash->seed;
        result->run = s->crash->run;
    }
    put_outcome(t, result, NULL);
}

static int32_t count_done(const struct testing *t) {
    int32_t done = 0;
    for (int32_t i = 0; i < t->listed.len; i++)
        done += t->listed.at[i].done;
    return done;
}

// Runs the listed tests in one process; where a test brings that down, the others in another one.
static int run_tests(struct testing *t, const char *program) {
    struct cli *cli = t->cli;
    int code = EXIT_HELD;
    struct session s;
    do {
        s = new_session(t, program);
        bool some = cli->flags[FLAG_test_only].set || t->shards || count_done(t) > 0;
        for (int32_t i = 0; i < t->listed.len && some; i++)
            if (!t->listed.at[i].done)
                add_args(&s, "--test", t->listed.at[i].name.data);
        add_params(&s, &cli->flags[FLAG_test_set].all);
        add_search(t, &s);
        code = exit_worse(code, session_run(&s));
        put_waiting(t, NULL);
        progress_clear(&t->progress);
        if (s.signal && s.at_hand.len)
            put_dead(t, &s);
    } while (s.signal && s.at_hand.len && count_done(t) < t->listed.len && !process_signal());
    return code;
}

static int test_program(struct testing *t, const char *source) {
    struct cli *cli = t->cli;
    int code = EXIT_HELD;
    t->source = source;
    t->code = EXIT_HELD;
    const char *program =
        program_build(cli, source, t->simulated ? PROGRAM_SIMULATED : PROGRAM_PARALLEL, &code);
    if (!program)
        return code;
    code = list_tests(t, program);
    if (code != EXIT_HELD || !t->listed.len)
        return exit_worse(code, t->code);
    if (flag_on(cli, FLAG_test_list)) {
        print_list(t);
        return EXIT_HELD;
    }
    code = run_tests(t, program);
    return exit_worse(code, t->code);
}

// No test at all, or none of that name: exit 4, with what there is.
static int nothing_to_do(struct testing *t) {
    struct cli *cli = t->cli;
    const struct flag_value *only = &cli->flags[FLAG_test_only];
    struct diag *d = only->set ? diag_add(cli->sink, P0011, NO_SPAN, "no test matches `%.*s`",
                                          STR_ARGS(only->text))
                               : diag_add(cli->sink, P0011, NO_SPAN, "there is no test here");
    if (!t->names.len || !only->set)
        return EXIT_NOTHING;
    const char **names = arena_array(cli->arena, const char *, t->names.len);
    for (int32_t i = 0; i < t->names.len; i++)
        names[i] = t->names.at[i].data;
    const char *near = diag_nearest(only->text, names, t->names.len);
    if (near)
        diag_note(cli->sink, d, "near it: %s", near);
    diag_note(cli->sink, d, "all of them: prism test --list");
    return EXIT_NOTHING;
}

static int test_programs(struct testing *t, const str_list *files) {
    int code = EXIT_HELD;
    for (int32_t i = 0; i < files->len && !process_signal(); i++) {
        code = exit_worse(code, test_program(t, files->at[i].data));
        cli_flush(t->cli);
    }
    if (code == EXIT_HELD && !t->tests_seen)
        return nothing_to_do(t);
    return code;
}

static bool is_exhaustive(const struct cli *cli) {
    return flag_on(cli, FLAG_test_exhaustive) ||
           str_is(flag_text(cli, FLAG_test_strategy, ""), "dpor");
}

// --shard I/N. Sampling is shared out run by run; what has to be done as a whole, test by test.
static bool read_shard(struct testing *t) {
    const struct cli *cli = t->cli;
    const struct flag_value *flag = &cli->flags[FLAG_test_shard];
    unsigned part = 0, parts = 0;
    char end;
    if (!flag->set)
        return true;
    bool read = sscanf(flag->text.data, "%u/%u%c", &part, &parts, &end) == 2;
    if (!read || part < 1 || part > parts) {
        struct diag *d =
            diag_add(cli->sink, P0007, NO_SPAN, "`--shard` cannot be `%.*s`", STR_ARGS(flag->text));
        diag_note(cli->sink, d, "it is I/N, the I-th of N parts: --shard 1/4 to --shard 4/4");
        return false;
    }
    t->shard = part - 1;
    t->shards = parts;
    t->shard_takes_tests = !t->simulated || is_exhaustive(cli);
    return true;
}

// Samples have no number of failing ones that means anything.
static bool may_keep_going(const struct cli *cli) {
    if (!flag_on(cli, FLAG_test_keep_going) || is_exhaustive(cli))
        return true;
    struct diag *d = diag_add(cli->sink, P0007, NO_SPAN, "`--keep-going` needs `--exhaustive`");
    diag_note(cli->sink, d, "it counts how many of all schedules fail");
    return false;
}

int test_command(struct cli *cli) {
    struct testing t = {.cli = cli, .simulated = is_simulated(cli) || flag_on(cli, FLAG_test_list)};
    str_list files = {0};
    int64_t started = progress_now_ms();
    if (!read_shard(&t) || !may_keep_going(cli))
        return EXIT_ASKED;
    int code = files_of_arguments(cli, &cli->arguments, &files);
    if (code != EXIT_HELD)
        return code;
    if (!report_begin(&t.reporter, cli))
        return EXIT_ASKED;
    progress_init(&t.progress, cli);
    process_catch_signals();
    code = test_programs(&t, &files);
    if (process_signal())
        code = exit_worse(code, 128 + process_signal());
    if (t.reporter.outcomes.len || (code == EXIT_HELD && !flag_on(cli, FLAG_test_list)))
        code = exit_worse(code, report_end(&t.reporter, (uint64_t)(progress_now_ms() - started)));
    return code;
}
