// SPDX-License-Identifier: MIT
// Which tests are run, and running them one after the other.
#include "runtime/test/child.h"

#include <assert.h>
#include <signal.h>
#include <string.h>

// A signal has no other place to leave its news.
static volatile sig_atomic_t signal_came;

static void on_signal(int number) {
    signal_came = number;
}

bool child_interrupted(void) {
    return signal_came != 0;
}

void child_catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

// ---- which tests ---------------------------------------------------------------------

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

const char *test_kind_word(const prism_test *test) {
    static const char *const words[] = {"test", "property", "chaos_test"};
    assert(test->kind < sizeof words / sizeof *words);
    return words[test->kind];
}

static void list_test(int fd, const prism_program *p, const prism_test *t) {
    struct cbor_out out = {0};
    const prism_type *args = t->function->args;
    uint32_t count = args ? args->count : 0;
    char value[1024];
    cbor_put_map(&out, 6);
    record_text(&out, "record", "test");
    record_text(&out, "name", t->name);
    record_text(&out, "kind", test_kind_word(t));
    record_text(&out, "file", t->file < p->file_count ? p->files[t->file] : "");
    record_uint(&out, "line", t->line);
    cbor_put_string(&out, "params");
    cbor_put_array(&out, count);
    for (uint32_t i = 0; i < count; i++) {
        prism_field field = {NULL, args->fields[i].type, 0, NULL};
        argument_show(&field, t->params[i].value, value, sizeof value);
        cbor_put_map(&out, 3);
        record_text(&out, "name", t->params[i].name);
        record_text(&out, "type", args->fields[i].type->name);
        record_text(&out, "default", value);
    }
    record_send(fd, &out);
}

// ---- running -------------------------------------------------------------------------

static int worse(int a, int b) {
    static const int order[] = {EXIT_INTERRUPT, EXIT_DEFECT,    EXIT_IO,      EXIT_ASKED, EXIT_LEFT,
                                EXIT_FOUND,     EXIT_UNDECIDED, EXIT_NOTHING, EXIT_HELD};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return a;
}

static int run_one(const struct options *o, const prism_test *t, child_run_test *run,
                   void *context) {
    struct arguments args;
    const char *wrong = NULL;
    if (!arguments_make(t, o, &args, &wrong)) {
        send_sentence(o->fd, "param", "`--set %s` does not fit the type of the parameter", wrong);
        arguments_free(&args);
        return EXIT_ASKED;
    }
    int code = run(context, o, t, &args);
    arguments_free(&args);
    return child_interrupted() ? EXIT_INTERRUPT : code;
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

int child_run_tests(const prism_program *p, const struct options *o, child_run_test *run,
                    void *context) {
    struct counts counts = {0};
    int code = EXIT_HELD;
    for (uint32_t i = 0; i < o->test_count; i++) {
        if (exists(p, o->tests[i]))
            continue;
        send_sentence(o->fd, "no-test", "there is no test `%s`", o->tests[i]);
        return send_end(o->fd, EXIT_NOTHING, NULL);
    }
    if (p->test_count == 0)
        return send_end(o->fd, EXIT_NOTHING, NULL);
    if (!sets_are_known(o, p))
        return send_end(o->fd, EXIT_ASKED, NULL);
    for (uint32_t i = 0; i < p->test_count && !child_interrupted(); i++) {
        if (!is_wanted(o, &p->tests[i]))
            continue;
        int one = o->list ? (list_test(o->fd, p, &p->tests[i]), EXIT_HELD)
                          : run_one(o, &p->tests[i], run, context);
        counts.passed += one == EXIT_HELD && !o->list;
        counts.failed += one == EXIT_FOUND;
        counts.undecided += one == EXIT_UNDECIDED;
        code = worse(code, one);
    }
    return send_end(o->fd, code, &counts);
}
