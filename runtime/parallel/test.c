// SPDX-License-Identifier: MIT
// Tests on the parallel runtime: each runs once (a property once for each case), on all workers,
// and is over when nothing can move. What went wrong first is its failure. A run has a runtime of
// its own. What the tests print goes to standard error, since standard output belongs to `prism`.
#include "runtime/parallel/runtime.h"
#include "runtime/test/child.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static const char *kind_of(int64_t failure) {
    return failure == PRISM_ASSERT      ? "assertion"
           : failure == PRISM_INVARIANT ? "invariant"
           : failure == PRISM_MONITOR   ? "monitor"
           : failure == PRISM_HISTORY   ? "linearizability"
                                        : "trap";
}

// A monitor in a state that it should have left.
static void note_hot(struct runtime *rt, struct cell *c) {
    const char *state = actor_hot_state(c);
    if (!state || rt->first.who)
        return;
    rt->first.who = c->type->name;
    snprintf(rt->first.report, sizeof rt->first.report, HOT_SENTENCE, c->type->name, state);
}

// What the test itself fails with says more than what failed on the way; and who waits for ever
// says less than a failure.
static struct first_failure judge(struct runtime *rt, const prism_test *test, const char **kind) {
    const prism_error *e = rt->root_ended ? rt->root_error : NULL;
    struct first_failure f = {.who = test->name};
    *kind = NULL;
    if (rt->has_first && (!e || prism_error_kind(e) == PRISM_CRASHED)) {
        *kind = kind_of(rt->first.kind);
        return rt->first;
    }
    if (e) {
        *kind = kind_of(prism_error_kind(e));
        f.kind = prism_error_kind(e);
        f.site = e->site;
        runtime_report(&rt->workers[0].cx, e, f.report, sizeof f.report);
    } else if (!rt->root_ended) {
        *kind = "deadlock";
        snprintf(f.report, sizeof f.report, "nobody can move, and somebody still waits");
    } else {
        runtime_each_cell(rt, note_hot);
        if (rt->first.who) {
            *kind = "liveness";
            return rt->first;
        }
    }
    return f;
}

static void put_finding(struct cbor_out *out, const prism_program *p, const char *kind,
                        const struct first_failure *f) {
    const prism_site *site = f->site;
    cbor_put_map(out, 8);
    record_text(out, "kind", kind);
    record_text(out, "message", f->report);
    record_text(out, "word", prism_failure_word(f->kind));
    record_text(out, "file", site && site->file < p->file_count ? p->files[site->file] : "");
    record_uint(out, "line", site ? site->line : 0);
    record_uint(out, "column", site ? site->column : 0);
    record_text(out, "function", site ? site->function : "");
    record_text(out, "actor", f->who);
}

// A run of a test. What went wrong outlives the runtime.
struct attempt {
    const char *kind; // NULL: it passed
    struct first_failure failure;
    struct inputs drawn; // of a property
    char *inputs_text;   // malloc'ed, or NULL
};

static void attempt_free(struct attempt *a) {
    inputs_free(&a->drawn);
    free(a->inputs_text);
    *a = (struct attempt){0};
}

static void send_result(const struct options *o, const prism_test *test,
                        const struct arguments *args, const struct attempt *a, uint64_t ms) {
    struct cbor_out out = {0};
    const prism_program *p = &prism_program_main;
    cbor_put_map(&out, 11);
    record_text(&out, "record", "result");
    record_text(&out, "name", test->name);
    record_text(&out, "file", test->file < p->file_count ? p->files[test->file] : "");
    record_uint(&out, "line", test->line);
    record_text(&out, "kind", test_kind_word(test));
    record_text(&out, "status", a->kind ? "failed" : "passed");
    cbor_put_string(&out, "failure");
    if (a->kind)
        put_finding(&out, p, a->kind, &a->failure);
    else
        cbor_put_null(&out);
    record_params(&out, test, args->bytes);
    record_text_or_null(&out, "inputs", a->kind ? a->inputs_text : NULL);
    record_hash(&out, "seed", o->seed);
    record_uint(&out, "elapsed_ms", ms);
    record_send(o->fd, &out);
}

// Runs the test on a runtime of its own; with the given inputs, or with those of the seed.
static struct attempt attempt(const prism_test *test, const struct arguments *args,
                              const struct inputs *given, uint64_t seed) {
    struct attempt a = {0};
    struct runtime *rt = calloc(1, sizeof *rt);
    if (!rt)
        abort();
    runtime_init(rt, runtime_worker_count(), &prism_program_main);
    rt->given = given;
    rt->seed = seed;
    rt->is_test = true;
    runtime_run(rt, test->function, args->bytes);
    output_flush(rt);
    runtime_tell_not_taken(rt);
    a.failure = judge(rt, test, &a.kind);
    a.drawn = rt->drawn;
    a.inputs_text = rt->inputs_text;
    runtime_end(rt);
    output_flush(rt);
    if (!rt->is_left)
        free(rt);
    return a;
}

// ---- properties ---------------------------------------------------------------------------------

enum { CASES_DEFAULT = 100, TRIES_MAX = 2000 };

struct simplifying {
    const prism_test *test;
    const struct arguments *args;
    struct attempt best;
};

static bool same_failure(const struct attempt *a, const struct attempt *b) {
    return a->kind && !strcmp(a->kind, b->kind) && a->failure.kind == b->failure.kind &&
           a->failure.site == b->failure.site;
}

static bool try_inputs(void *context, const struct inputs *candidate, struct inputs *drawn) {
    struct simplifying *s = context;
    if (child_interrupted())
        return false;
    struct attempt a = attempt(s->test, s->args, candidate, 0);
    bool same = same_failure(&a, &s->best);
    inputs_copy(drawn, &a.drawn);
    if (same && inputs_less(&a.drawn, &s->best.drawn)) {
        attempt_free(&s->best);
        s->best = a;
        return true;
    }
    attempt_free(&a);
    return same;
}

static void simplify(struct simplifying *s) {
    struct inputs inputs = {0};
    inputs_copy(&inputs, &s->best.drawn);
    inputs_shrink(&inputs, try_inputs, s, TRIES_MAX);
    inputs_free(&inputs);
}

static struct attempt run_cases(const struct options *o, const prism_test *test,
                                const struct arguments *args) {
    uint64_t cases = o->runs ? o->runs : CASES_DEFAULT;
    struct simplifying s = {test, args, {0}};
    for (uint64_t i = 0; i < cases && !s.best.kind && !child_interrupted(); i++) {
        attempt_free(&s.best);
        s.best = attempt(test, args, NULL, o->seed + i);
        if (s.best.drawn.len == 0)
            break; // no choice was made: all cases are equal
    }
    if (s.best.kind && s.best.drawn.len > 0)
        simplify(&s);
    return s.best;
}

// So that it is known which test was under way when the process died.
static void send_start(const struct options *o, const prism_test *test) {
    struct cbor_out out = {0};
    cbor_put_map(&out, 4);
    record_text(&out, "record", "start");
    record_text(&out, "name", test->name);
    record_hash(&out, "seed", o->seed);
    record_uint(&out, "runs", 1);
    record_send(o->fd, &out);
}

static int run_test(void *context, const struct options *o, const prism_test *test,
                    const struct arguments *args) {
    (void)context;
    uint64_t began = now_ms();
    send_start(o, test);
    struct attempt a = test->kind == PRISM_PROPERTY ? run_cases(o, test, args)
                                                    : attempt(test, args, NULL, o->seed);
    send_result(o, test, args, &a, now_ms() - began);
    int code = a.kind ? EXIT_FOUND : EXIT_HELD;
    attempt_free(&a);
    return code;
}

int parallel_tests(int argc, char **argv) {
    struct options o;
    const char *wrong = options_read(argc, argv, &o);
    if (o.fd < 0)
        return EXIT_ASKED;
    signal(SIGPIPE, SIG_IGN);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    child_catch_signals();
    send_hello(o.fd, &prism_program_main);
    if (wrong) {
        send_error(o.fd, "usage", wrong, NULL);
        return send_end(o.fd, EXIT_ASKED, NULL);
    }
    int code = child_run_tests(&prism_program_main, &o, run_test, NULL);
    _exit(code); // without the destructors, under threads that may still be there
}
