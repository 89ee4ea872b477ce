// SPDX-License-Identifier: MIT
// The pipeline of a simulated program.
#include "command/command.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A signal has no other place to leave its news.
static volatile sig_atomic_t signal_came;

static void on_signal(int number) {
    signal_came = number;
}

bool interrupted(void) {
    return signal_came != 0;
}

void send_error(int fd, const char *error, const char *message, const char *near) {
    struct cbor_out out = {0};
    cbor_put_map(&out, near ? 4 : 3);
    record_text(&out, "record", "error");
    record_text(&out, "error", error);
    record_text(&out, "message", message);
    if (near)
        record_text(&out, "near", near);
    record_send(fd, &out);
}

static void send_sentence(int fd, const char *error, const char *format, const char *what) {
    char sentence[1024];
    snprintf(sentence, sizeof sentence, format, what);
    send_error(fd, error, sentence, NULL);
}

static void send_hello(int fd, const prism_program *p) {
    struct cbor_out out = {0};
    cbor_put_map(&out, 4);
    record_text(&out, "record", "hello");
    record_uint(&out, "version", 1);
    record_text(&out, "program", p->name);
    record_hash(&out, "mir", p->mir_hash);
    record_send(fd, &out);
}

static int send_end(int fd, int code, uint64_t passed, uint64_t failed) {
    struct cbor_out out = {0};
    cbor_put_map(&out, 4);
    record_text(&out, "record", "end");
    record_uint(&out, "exit", (uint64_t)code);
    record_uint(&out, "passed", passed);
    record_uint(&out, "failed", failed);
    return record_send(fd, &out) ? code : EXIT_IO;
}

// ---- which tests
// --------------------------------------------------------------------------------------

static bool is_wanted(const struct options *o, const prism_test *t) {
    for (uint32_t i = 0; i < o->test_count; i++)
        if (!strcmp(o->tests[i], t->name))
            return true;
    return o->test_count == 0;
}

static bool exists(const prism_program *p, const char *name) {
    for (uint32_t i = 0; i < p->test_count; i++)
        if (!strcmp(p->tests[i].name, name))
            return true;
    return false;
}

static void list_test(int fd, const prism_program *p, const prism_test *t) {
    struct cbor_out out = {0};
    const prism_type *args = t->function->args;
    uint32_t count = args ? args->count : 0;
    char value[1024];
    cbor_put_map(&out, 6);
    record_text(&out, "record", "test");
    record_text(&out, "name", t->name);
    record_text(&out, "kind", "test");
    record_text(&out, "file", t->file < p->file_count ? p->files[t->file] : "");
    record_uint(&out, "line", t->line);
    cbor_put_string(&out, "params");
    cbor_put_array(&out, count);
    for (uint32_t i = 0; i < count; i++) {
        prism_field field = {NULL, args->fields[i].type, 0};
        argument_show(&field, t->params[i].value, value, sizeof value);
        cbor_put_map(&out, 3);
        record_text(&out, "name", t->params[i].name);
        record_text(&out, "type", args->fields[i].type->name);
        record_text(&out, "default", value);
    }
    record_send(fd, &out);
}

// ---- running
// ------------------------------------------------------------------------------------------

static int worse(int a, int b) {
    static const int order[] = {EXIT_INTERRUPT, EXIT_DEFECT,    EXIT_IO,      EXIT_ASKED, EXIT_LEFT,
                                EXIT_FOUND,     EXIT_UNDECIDED, EXIT_NOTHING, EXIT_HELD};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return a;
}

static int run_test(struct world_host *host, const struct options *o, const prism_test *t) {
    struct arguments args;
    const char *wrong = NULL;
    if (!arguments_make(t, o, &args, &wrong)) {
        send_sentence(o->fd, "param", "`--set %s` does not fit the type of the parameter", wrong);
        arguments_free(&args);
        return EXIT_ASKED;
    }
    int code = test_run(host, o, t, &args);
    arguments_free(&args);
    return interrupted() ? EXIT_INTERRUPT : code;
}

static bool sets_are_known(const struct options *o, const prism_program *p) {
    for (uint32_t i = 0; i < o->set_count; i++) {
        size_t len = (size_t)(strchr(o->sets[i], '=') - o->sets[i]);
        bool known = false;
        for (uint32_t t = 0; t < p->test_count; t++) {
            const prism_type *args = p->tests[t].function->args;
            for (uint32_t k = 0; args && is_wanted(o, &p->tests[t]) && k < args->count; k++) {
                const char *name = p->tests[t].params[k].name;
                known |= strlen(name) == len && !memcmp(name, o->sets[i], len);
            }
        }
        if (!known) {
            send_sentence(o->fd, "param", "no test has the parameter of `--set %s`", o->sets[i]);
            return false;
        }
    }
    return true;
}

static int run_tests(struct world_host *host, const struct options *o) {
    const prism_program *p = host->program;
    uint64_t counts[2] = {0};
    int code = EXIT_HELD;
    for (uint32_t i = 0; i < o->test_count; i++) {
        if (exists(p, o->tests[i]))
            continue;
        send_sentence(o->fd, "no-test", "there is no test `%s`", o->tests[i]);
        return send_end(o->fd, EXIT_NOTHING, 0, 0);
    }
    if (p->test_count == 0)
        return send_end(o->fd, EXIT_NOTHING, 0, 0);
    if (!sets_are_known(o, p))
        return send_end(o->fd, EXIT_ASKED, 0, 0);
    for (uint32_t i = 0; i < p->test_count && !interrupted(); i++) {
        if (!is_wanted(o, &p->tests[i]))
            continue;
        int one = o->list ? (list_test(o->fd, p, &p->tests[i]), EXIT_HELD)
                          : run_test(host, o, &p->tests[i]);
        counts[one == EXIT_FOUND] += one == EXIT_FOUND || one == EXIT_HELD || one == EXIT_UNDECIDED;
        code = worse(code, one);
    }
    return send_end(o->fd, code, o->list ? 0 : counts[0], counts[1]);
}

static bool strategy_is_known(const char *strategy) {
    return !strcmp(strategy, "portfolio") || !strcmp(strategy, "random") ||
           !strcmp(strategy, "dpor");
}

static int run_command(struct world_host *host, struct options *o) {
    if (!strategy_is_known(o->strategy)) {
        send_sentence(o->fd, "unsupported", "`%s` is not built yet", o->strategy);
        return send_end(o->fd, EXIT_ASKED, 0, 0);
    }
    if (!world_map()) {
        send_error(o->fd, "io", "the simulator's memory at its fixed address is taken", NULL);
        return send_end(o->fd, EXIT_IO, 0, 0);
    }
    return o->replay ? send_end(o->fd, replay_run(host, o), 0, 0) : run_tests(host, o);
}

int sim_main(const prism_program *program, int argc, char **argv) {
    struct options o;
    const char *wrong = options_read(argc, argv, &o);
    if (o.fd < 0 || (argc > 1 && strcmp(argv[1], "--prism-sim"))) {
        fprintf(stderr, "this is a simulated Prism program; run it with `prism test --simulate`\n");
        return EXIT_ASKED;
    }
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    send_hello(o.fd, program);
    if (wrong) {
        send_error(o.fd, "usage", wrong, NULL);
        return send_end(o.fd, EXIT_ASKED, 0, 0);
    }
    struct world_host host = {.program = program, .steps_max = (uint32_t)o.steps};
    int code = run_command(&host, &o);
    free(host.log);
    return code;
}
