// SPDX-License-Identifier: MIT
// Children: their records, their end, and being told that they could not be started.
#include "frontend/cli/process.h"

#include <setjmp.h>
#include <signal.h>

#include <cmocka.h>

static struct arena arena;

static struct process start_shell(const char *script) {
    const char *argv[] = {"/bin/sh", "-c", script, NULL};
    struct process p;
    assert_null(process_start(&arena, argv, true, &p));
    return p;
}

static struct str read_records(struct process *p) {
    struct text all = {.arena = &arena};
    char chunk[16]; // smaller than what comes
    size_t len;
    for (;;) {
        enum process_event event = process_read(p, chunk, sizeof chunk, 5000, &len);
        assert_int_not_equal(event, PROCESS_QUIET);
        if (event == PROCESS_ENDED)
            return text_str(&all);
        text_put(&all, (struct str){chunk, len});
    }
}

static void records_come_whole(void **state) {
    (void)state;
    struct process p = start_shell("echo one two three four five six seven >&3; exit 9");
    assert_true(str_is(read_records(&p), "one two three four five six seven\n"));
    struct process_end end = process_wait(&p);
    assert_int_equal(end.code, 9);
    assert_int_equal(end.signal, 0);
}

static void a_signal_is_seen(void **state) {
    (void)state;
    struct process p = start_shell("echo x >&3; kill -SEGV $$");
    assert_true(str_is(read_records(&p), "x\n"));
    assert_int_equal(process_wait(&p).signal, SIGSEGV);
}

static void silence_is_no_end(void **state) {
    (void)state;
    struct process p = start_shell("sleep 10");
    char byte;
    size_t len;
    assert_int_equal(process_read(&p, &byte, 1, 20, &len), PROCESS_QUIET);
    kill(p.pid, SIGTERM);
    assert_int_equal(process_wait(&p).signal, SIGTERM);
}

static void what_cannot_start_is_named(void **state) {
    (void)state;
    const char *argv[] = {"/no/such/program", NULL};
    struct process p;
    const char *wrong = process_start(&arena, argv, true, &p);
    assert_string_equal(wrong, "cannot start /no/such/program: No such file or directory");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_whole),
        cmocka_unit_test(a_signal_is_seen),
        cmocka_unit_test(silence_is_no_end),
        cmocka_unit_test(what_cannot_start_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
