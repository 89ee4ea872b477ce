// SPDX-License-Identifier: MIT
// A simulated program as `prism` runs it: its command line, its records, its exit codes. Each runs
// in a process of its own, as the world is mapped once.
#define _GNU_SOURCE // memmem, memfd_create
#include "tests/unit/sim/programs.h"

#include "command/command.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

// ---- a program that is not determined by its decisions ------------------------------------------

static int64_t outside; // grows from run to run, as a clock would

SITE(fickle_task, "fickle", "task", 0, 3);
static void fickle_call(prism_cx *cx, void *self, void *args, void *result) {
    (void)self, (void)args, (void)result;
    prism_ref to = prism_spawn(cx, &log_type, NULL, &fan_spawn);
    struct peer p = {to, 1};
    if (outside++ % 2)
        prism_future_drop(cx, prism_task(cx, &teller, &p, PRISM_FREE, NULL, NULL, &fickle_task));
}
CALLS(fickle, &t_nothing, NULL, fickle_call);
static const prism_test fickle_tests[] = {{"fickle", &fickle, NULL, 0, 1, PRISM_TEST}};
static const prism_program fickle_program = {.abi_version = PRISM_ABI_VERSION,
                                             .name = "fickle.prism",
                                             .files = program_files,
                                             .file_count = 1,
                                             .tests = fickle_tests,
                                             .test_count = 1};

// ---- a program that brings its process down, in one order of two messages -----------------------

static void fatal_note(prism_cx *cx, void *self, void *args, void *result) {
    (void)cx, (void)result;
    struct one *last = self, *n = args;
    if (last->n == 2 && n->n == 1)
        raise(SIGSEGV);
    last->n = n->n;
}
CALLS(fatal_note_f, &t_one, NULL, fatal_note);
static const prism_message fatal_messages[] = {{"Note", &fatal_note_f, names_n}};
static const prism_actor_type fatal_type = {.name = "Fatal",
                                            .state = &t_one,
                                            .init = &log_init,
                                            .messages = fatal_messages,
                                            .message_count = 1};
SITE(fatal_tell, "fatal_teller", "tell", 0, 4);
static void fatal_teller_call(prism_cx *cx, void *self, void *args, void *result) {
    (void)self, (void)result;
    struct peer *p = args;
    struct one n = {p->n};
    prism_tell(cx, p->to, &fatal_messages[0], &n, &fatal_tell);
}
CALLS(fatal_teller, &t_peer, NULL, fatal_teller_call);
SITE(fatal_spawn, "fatal", "spawn", 0, 5);
SITE(fatal_task, "fatal", "task", 0, 6);
static void fatal_call(prism_cx *cx, void *self, void *args, void *result) {
    (void)self, (void)args, (void)result;
    prism_ref to = prism_spawn(cx, &fatal_type, NULL, &fatal_spawn);
    for (int64_t i = 1; i <= 2; i++) {
        struct peer p = {to, i};
        prism_future_drop(cx,
                          prism_task(cx, &fatal_teller, &p, PRISM_FREE, NULL, NULL, &fatal_task));
    }
}
CALLS(fatal, &t_nothing, NULL, fatal_call);
static const prism_test fatal_tests[] = {{"harmless", &counts, counts_params, 0, 1, PRISM_TEST},
                                         {"fatal", &fatal, NULL, 0, 2, PRISM_TEST}};
static const prism_program fatal_program = {.abi_version = PRISM_ABI_VERSION,
                                            .name = "fatal.prism",
                                            .files = program_files,
                                            .file_count = 1,
                                            .tests = fatal_tests,
                                            .test_count = 2};

// ---- running ------------------------------------------------------------------------------------

static char records[1 << 20];
static size_t records_len;
static char directory[] = "/tmp/prism-command-XXXXXX";

static int died_of; // the signal that ended the last program, or 0

static int run_program(const prism_program *program, const char *const *arguments) {
    FILE *file = tmpfile();
    assert_non_null(file);
    char fd[16];
    snprintf(fd, sizeof fd, "%d", fileno(file));
    char *argv[32] = {"program", "--prism-sim", "--fd", fd};
    int argc = 4;
    while (*arguments)
        argv[argc++] = (char *)*arguments++;
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL); // cmocka catches it
        _exit(sim_main(program, argc, argv));
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    rewind(file);
    records_len = fread(records, 1, sizeof records - 1, file);
    fclose(file);
    died_of = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return died_of ? -1 : WEXITSTATUS(status);
}
#define RUN(...) run_program(&prism_program_main, (const char *const[]){__VA_ARGS__, NULL})

static bool says(const char *text) {
    return memmem(records, records_len, text, strlen(text)) != NULL;
}

// Skips one item of any kind; false at the end.
static bool skip_item(struct cbor_in *in) {
    struct cbor_item item = cbor_next(in);
    uint64_t inside = item.kind == CBOR_ARRAY ? item.n : item.kind == CBOR_MAP ? item.n * 2 : 0;
    assert_true(item.kind != CBOR_BAD && item.kind != CBOR_CUT);
    for (uint64_t i = 0; i < inside; i++)
        assert_true(skip_item(in));
    return item.kind != CBOR_END;
}

// Every record is one map, and the first and the last are what they are to be.
static void records_are_well_formed(void) {
    struct cbor_in in = {(unsigned char *)records, records_len, 0};
    size_t count = 0, last = 0, at = 0;
    while (at = in.at, skip_item(&in)) {
        assert_int_equal((unsigned char)records[at] >> 5, 5); // a map
        last = at;
        count++;
    }
    assert_true(count >= 2);
    assert_non_null(memmem(records, 32, "hello", 5));
    assert_non_null(memmem(records + last, records_len - last, "end", 3));
}

// ---- tests --------------------------------------------------------------------------------------

static void passing_and_failing(void **state) {
    (void)state;
    assert_int_equal(RUN("--test", "counts"), EXIT_HELD);
    records_are_well_formed();
    assert_true(says("passed"));
    assert_int_equal(RUN("--test", "lost_update"), EXIT_FOUND);
    records_are_well_formed();
    assert_true(says("assertion") && says("n == clients * rounds") && says("story"));
    assert_int_equal(RUN("--test", "lost_update", "--set", "clients=1"), EXIT_HELD);
    assert_int_equal(RUN("--test", "cross"), EXIT_FOUND);
    assert_true(says("deadlock") && says("has not taken the message"));
    assert_int_equal(RUN("--test", "spins"), EXIT_FOUND);
    assert_true(says("spin"));
}

static void exhaustive_says_all_only_of_all(void **state) {
    (void)state;
    assert_int_equal(RUN("--test", "fan_in", "--exhaustive"), EXIT_HELD);
    assert_int_equal(RUN("--test", "fan_in", "--exhaustive", "--set", "n=6", "--runs", "10"),
                     EXIT_UNDECIDED);
    assert_int_equal(RUN("--test", "fan_in", "--strategy", "random", "--runs", "10"), EXIT_HELD);
}

static void asked_wrongly(void **state) {
    (void)state;
    assert_int_equal(RUN("--test", "no such test"), EXIT_NOTHING);
    assert_true(says("no-test"));
    assert_int_equal(RUN("--test", "counts", "--set", "n=many"), EXIT_ASKED);
    assert_true(says("param"));
    assert_int_equal(RUN("--test", "counts", "--set", "m=1"), EXIT_ASKED);
    assert_int_equal(RUN("--frobnicate"), EXIT_ASKED);
    assert_true(says("usage"));
    assert_int_equal(RUN("--strategy", "clairvoyant"), EXIT_ASKED);
    assert_true(says("unsupported"));
    assert_int_equal(RUN("--replay", "/dev/null"), EXIT_IO);
    assert_int_equal(RUN("--replay", "/nowhere"), EXIT_IO);
    records_are_well_formed();
}

static void tests_are_listed(void **state) {
    (void)state;
    assert_int_equal(RUN("--list"), EXIT_HELD);
    records_are_well_formed();
    assert_true(says("lost_update") && says("clients") && says("fan_in"));
}

// Takes the time that it took out of the records.
static void forget_time(void) {
    char *elapsed = memmem(records, records_len, "elapsed_ms", 10);
    assert_non_null(elapsed);
    struct cbor_in in = {(unsigned char *)records, records_len, (size_t)(elapsed - records) + 10};
    size_t from = in.at;
    assert_int_equal(cbor_next(&in).kind, CBOR_UINT);
    memmove(records + from, records + in.at, records_len - in.at);
    records_len -= in.at - from;
}

// The bytes of equal runs are equal, but for the time they took.
static void equal_seeds_give_equal_records(void **state) {
    (void)state;
    static char first[sizeof records];
    RUN("--test", "forks", "--set", "n=3", "--seed", "0x5", "--strategy", "random");
    forget_time();
    size_t len = records_len;
    memcpy(first, records, len);
    RUN("--test", "forks", "--set", "n=3", "--seed", "5", "--strategy", "random");
    forget_time();
    assert_int_equal(records_len, len);
    assert_memory_equal(first, records, len);
}

// The first file in the directory.
static void find_file(char *path, size_t room) {
    char command[128], name[128] = "";
    snprintf(command, sizeof command, "ls %s", directory);
    FILE *list = popen(command, "r");
    assert_non_null(fgets(name, sizeof name, list));
    pclose(list);
    name[strcspn(name, "\n")] = 0;
    snprintf(path, room, "%s/%s", directory, name);
}

static void traces_are_written_and_replayed(void **state) {
    (void)state;
    char path[256];
    assert_int_equal(RUN("--test", "lost_update", "--set", "rounds=2", "--trace-dir", directory),
                     EXIT_FOUND);
    find_file(path, sizeof path);
    assert_int_equal(RUN("--replay", path), EXIT_FOUND);
    records_are_well_formed();
    assert_true(says("same"));
    truncate(path, 60);
    assert_int_equal(RUN("--replay", path), EXIT_ASKED);
    assert_true(says("damaged-trace"));
    assert_int_equal(RUN("--replay", path, "--salvage"),
                     EXIT_ASKED); // not even the names are whole
    unlink(path);
}

// What a dead process leaves is enough for a trace of which another one dies, too; under every
// strategy, since it is not told which it was.
static void death_leaves_a_trace(void **state) {
    (void)state;
    static const char *const strategies[] = {"random", "dpor", "portfolio"};
    for (size_t i = 0; i < sizeof strategies / sizeof *strategies; i++) {
        char fd[16], path[256];
        int shared = memfd_create("test", 0);
        assert_true(shared >= 0);
        snprintf(fd, sizeof fd, "%d", shared);
        const char *const search[] = {"--shared", fd, "--strategy", strategies[i], NULL};
        const char *const autopsy[] = {"--autopsy", fd, "--trace-dir", directory, NULL};
        run_program(&fatal_program, search);
        assert_int_equal(died_of, SIGSEGV);
        assert_true(says("harmless") && says("passed"));
        assert_int_equal(run_program(&fatal_program, autopsy), EXIT_HELD);
        records_are_well_formed();
        assert_true(says("crash") && says("Fatal takes the message Note from `fatal_teller`"));
        find_file(path, sizeof path);
        assert_non_null(strstr(path, "fatal-crash-"));
        const char *const replay[] = {"--replay", path, NULL};
        run_program(&fatal_program, replay);
        assert_int_equal(died_of, SIGSEGV);
        unlink(path);
        close(shared);
    }
}

static void nothing_is_made_of_foreign_memory(void **state) {
    (void)state;
    char fd[16];
    int shared = memfd_create("test", 0);
    snprintf(fd, sizeof fd, "%d", shared);
    assert_int_equal(RUN("--autopsy", fd), EXIT_NOTHING);
    assert_int_equal(ftruncate(shared, 4096), 0);
    assert_int_equal(RUN("--autopsy", fd), EXIT_NOTHING);
    close(shared);
}

static void nondeterminism_is_a_finding(void **state) {
    (void)state;
    const char *const arguments[] = {"--strategy", "random", NULL};
    assert_int_equal(run_program(&fickle_program, arguments), EXIT_FOUND);
    assert_true(says("nondeterminism"));
    assert_true(says("event 3: nothing, then fickle took") || says("event "));
}

static int make_directory(void **state) {
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state) {
    (void)state;
    return rmdir(directory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passing_and_failing),
        cmocka_unit_test(exhaustive_says_all_only_of_all),
        cmocka_unit_test(asked_wrongly),
        cmocka_unit_test(tests_are_listed),
        cmocka_unit_test(equal_seeds_give_equal_records),
        cmocka_unit_test(traces_are_written_and_replayed),
        cmocka_unit_test(death_leaves_a_trace),
        cmocka_unit_test(nothing_is_made_of_foreign_memory),
        cmocka_unit_test(nondeterminism_is_a_finding),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
