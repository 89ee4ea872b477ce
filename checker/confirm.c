// SPDX-License-Identifier: MIT
// Asking the simulator, by its command and its JSON lines.
#include "checker/confirm.h"
#include "checker/evidence.h"

#include <jansson.h>

enum { RUNS_MAX = 20000 }; // executions, so that the answer does not depend on the machine's speed

struct answer {
    bool found, exhausted, failed, deadlock;
    struct str trace, message;
};

static void read_test(struct arena *a, json_t *j, struct str test, struct answer *out) {
    const char *event = json_string_value(json_object_get(j, "event"));
    const char *name = json_string_value(json_object_get(j, "name"));
    if (!event || !name || strcmp(event, "test") != 0 || !str_is(test, name))
        return;
    const char *status = json_string_value(json_object_get(j, "status"));
    const char *trace = json_string_value(json_object_get(j, "trace"));
    json_t *failure = json_object_get(j, "failure");
    const char *kind = json_string_value(json_object_get(failure, "kind"));
    const char *message = json_string_value(json_object_get(failure, "message"));
    out->found = true;
    out->exhausted = json_is_true(json_object_get(j, "exhausted"));
    out->failed = status && strcmp(status, "failed") == 0;
    out->deadlock = kind && strcmp(kind, "deadlock") == 0;
    out->trace = trace ? str_format(a, "%s", trace) : STR("");
    out->message = message ? str_format(a, "%s", message) : STR("");
}

static struct answer read_answer(struct arena *a, struct str said, struct str test) {
    struct answer out = {0};
    for (size_t from = 0; from < said.len;) {
        size_t to = from;
        while (to < said.len && said.data[to] != '\n')
            to++;
        json_error_t error;
        json_t *j = json_loadb(said.data + from, to - from, 0, &error);
        if (j) {
            read_test(a, j, test, &out);
            json_decref(j);
        }
        from = to + 1;
    }
    return out;
}

static bool replays(struct arena *a, const struct check_options *options, struct str trace) {
    const char *argv[] = {options->prism, "replay", trace.data, options->program, "--quiet", NULL};
    struct str said;
    int status = 0;
    return evidence_run(a, argv, true, &said, &status) && status == 1;
}

static struct answer ask(struct arena *a, const struct check_options *options, struct str test,
                         const struct confirm_size *sizes, int32_t count, bool exhaustive,
                         int *status) {
    VEC(const char *) argv = {0};
    const char *fixed[] = {options->prism,
                           "test",
                           options->program,
                           "--simulate",
                           "--json",
                           "--runs",
                           str_format(a, "%d", RUNS_MAX).data,
                           "--seed",
                           "0",
                           "--trace-dir",
                           options->trace_dir,
                           "--only",
                           test.data};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        vec_push(a, &argv, fixed[i]);
    if (exhaustive)
        vec_push(a, &argv, "--exhaustive");
    for (int32_t i = 0; i < count; i++) {
        vec_push(a, &argv, "--set");
        vec_push(a, &argv, str_format(a, "%s=%lld", sizes[i].name, (long long)sizes[i].value).data);
    }
    vec_push(a, &argv, NULL);
    struct str said;
    struct answer none = {0};
    if (!evidence_run(a, argv.at, true, &said, status)) {
        *status = -1;
        return none;
    }
    return read_answer(a, said, test);
}

enum confirmation confirm_deadlock(struct arena *a, const struct check_options *options,
                                   struct str test, const struct confirm_size *sizes, int32_t count,
                                   struct str *trace, struct str *why) {
    int status = 0;
    *trace = *why = STR("");
    if (!str_ends(str_from(options->program), STR(".prism")) || !options->prism) {
        *why = STR("MIR text has no simulation to run it in");
        return CONFIRM_UNABLE;
    }
    test = str_dup(a, test);
    struct answer answer = ask(a, options, test, sizes, count, true, &status);
    if (!answer.found || (!answer.failed && !answer.exhausted)) // not to the end: by samples
        answer = ask(a, options, test, sizes, count, false, &status);
    if (!answer.found) {
        *why = str_format(a, "the simulator gave no answer (`prism test --simulate` ended with %d)",
                          status);
    } else if (answer.failed && answer.deadlock && answer.trace.len &&
               replays(a, options, answer.trace)) {
        *trace = answer.trace;
        return CONFIRM_YES;
    } else if (answer.failed) {
        *why = str_format(a, "the simulator found something else first: %.*s",
                          STR_ARGS(answer.message));
    } else if (answer.exhausted) {
        return CONFIRM_NO;
    } else {
        *why = str_format(a, "the simulator did not come across it in %d runs", RUNS_MAX);
    }
    return CONFIRM_UNABLE;
}
