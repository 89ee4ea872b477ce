// SPDX-License-Identifier: MIT
// Tests on the parallel runtime: each runs once, on all workers, and is over when nothing can move.
// What went wrong first is its failure. A test has a runtime of its own. What the tests print goes
// to standard error, since standard output belongs to `prism`.
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
                                        : "trap";
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

static void send_result(const prism_program *p, const struct options *o, const prism_test *test,
                        const struct arguments *args, const char *kind,
                        const struct first_failure *failure, uint64_t ms) {
    struct cbor_out out = {0};
    cbor_put_map(&out, 9);
    record_text(&out, "record", "result");
    record_text(&out, "name", test->name);
    record_text(&out, "file", test->file < p->file_count ? p->files[test->file] : "");
    record_uint(&out, "line", test->line);
    record_text(&out, "kind", "test");
    record_text(&out, "status", kind ? "failed" : "passed");
    cbor_put_string(&out, "failure");
    if (kind)
        put_finding(&out, p, kind, failure);
    else
        cbor_put_null(&out);
    record_params(&out, test, args->bytes);
    record_uint(&out, "elapsed_ms", ms);
    record_send(o->fd, &out);
}

static int run_test(void *context, const struct options *o, const prism_test *test,
                    const struct arguments *args) {
    const prism_program *p = &prism_program_main;
    struct runtime *rt = calloc(1, sizeof *rt);
    (void)context;
    if (!rt)
        abort();
    uint64_t began = now_ms();
    runtime_init(rt, runtime_worker_count(), p);
    runtime_run(rt, test->function, args->bytes);
    output_flush(rt);
    const char *kind;
    struct first_failure failure = judge(rt, test, &kind);
    send_result(p, o, test, args, kind, &failure, now_ms() - began);
    if (kind)
        return EXIT_FOUND; // what is stuck or broken is left as it is: its threads sleep
    runtime_end(rt);
    output_flush(rt);
    free(rt);
    return EXIT_HELD;
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
        return send_end(o.fd, EXIT_ASKED, 0, 0);
    }
    int code = child_run_tests(&prism_program_main, &o, run_test, NULL);
    _exit(code); // without the destructors, under threads that may still be there
}
