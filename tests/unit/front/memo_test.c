// SPDX-License-Identifier: MIT
// Memos: a program is found again while nothing that it depended on has changed.
#include "frontend/cli/memo.h"

#include <setjmp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena arena;
static char folder[64];

static const char *in_folder(const char *name) {
    return str_format(&arena, "%s/%s", folder, name).data;
}

static void write_file(const char *name, const char *text, long age_seconds) {
    assert_null(file_write(&arena, in_folder(name), str_from(text)));
    struct timeval now, times[2];
    gettimeofday(&now, NULL);
    times[0] = times[1] = (struct timeval){now.tv_sec - age_seconds, 0};
    assert_int_equal(utimes(in_folder(name), times), 0);
}

static int set_up(void **state) {
    (void)state;
    strcpy(folder, "prism-memo-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    write_file("program", "#!/bin/sh\n", 5);
    assert_int_equal(chmod(in_folder("program"), 0755), 0);
    write_file("a.prism", "let a", 5);
    write_file("b.prism", "let b", 5);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    static const char *const names[] = {"program", "a.prism", "b.prism", "memo"};
    for (int i = 0; i < 4; i++)
        unlink(in_folder(names[i]));
    rmdir(folder);
    arena_free(&arena);
    return 0;
}

static void remember(void) {
    str_list files = {0};
    vec_push(&arena, &files, str_from(in_folder("a.prism")));
    vec_push(&arena, &files, str_from(in_folder("b.prism")));
    memo_write(&arena, in_folder("memo"), in_folder("program"), &files);
}

static const char *recall(void) {
    return memo_read(&arena, in_folder("memo"));
}

static void what_has_not_changed_is_found(void **state) {
    (void)state;
    assert_null(recall());
    remember();
    assert_string_equal(recall(), in_folder("program"));
}

static void any_change_makes_it_stale(void **state) {
    (void)state;
    remember();
    write_file("b.prism", "let bb", 5); // another size
    assert_null(recall());
    remember();
    write_file("b.prism", "let cc", 4); // another time
    assert_null(recall());
    remember();
    unlink(in_folder("a.prism"));
    assert_null(recall());
}

static void a_program_that_is_gone_is_not_started(void **state) {
    (void)state;
    remember();
    unlink(in_folder("program"));
    assert_null(recall());
}

// A file that was written this very moment could change again within the same tick of its time.
static void young_files_are_not_trusted(void **state) {
    (void)state;
    write_file("b.prism", "let b", -1);
    remember();
    assert_null(recall());
}

static void damage_is_no_program(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "\n",
                                        "x",
                                        "/bin/true\n",
                                        "/bin/true\n1 2\n",
                                        "/bin/true\n1 2 3 \n",
                                        "/bin/true\nx y z w\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_file("memo", texts[i], 5);
        assert_null(recall());
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_has_not_changed_is_found),
        TEST(any_change_makes_it_stale),
        TEST(a_program_that_is_gone_is_not_started),
        TEST(young_files_are_not_trusted),
        TEST(damage_is_no_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
