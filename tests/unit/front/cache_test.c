// SPDX-License-Identifier: MIT
// The cache of what was compiled: only whole entries count, the least used go first.
#define _GNU_SOURCE // mkdtemp, setenv
#include "frontend/emit/cache.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena arena;
static char folder[] = "/tmp/prism-cache-XXXXXX";

static int begin(void **state) {
    (void)state;
    strcpy(folder + sizeof folder - 7, "XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    unsetenv("PRISM_CACHE_BYTES");
    return setenv("PRISM_CACHE_DIR", folder, 1);
}
static int end(void **state) {
    (void)state;
    struct str command = str_format(&arena, "rm -rf %s", folder);
    int status = system(command.data);
    arena_free(&arena);
    return status;
}

// An entry of `bytes` bytes that was used `age_s` seconds ago.
static const char *entry(const char *key, size_t bytes, int age_s) {
    const char *path = cache_path(&arena, str_from(key), ".o");
    const char *under_way = cache_under_way(&arena, path, ".tmp");
    char *content = arena_alloc(&arena, bytes);
    memset(content, 'x', bytes);
    assert_null(file_write(&arena, under_way, (struct str){content, bytes}));
    assert_null(cache_keep(&arena, under_way, path));
    assert_int_not_equal(access(under_way, F_OK), 0);
    struct timespec times[2] = {{time(NULL) - age_s, 0}, {time(NULL) - age_s, 0}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    return path;
}

static void whole_entries_are_there(void **state) {
    (void)state;
    const char *path = entry("a", 1000, 50);
    assert_true(cache_has(path));
    struct stat s;
    assert_int_equal(stat(path, &s), 0);
    assert_true(time(NULL) - s.st_mtime < 10); // it was used
    assert_string_not_equal(path, cache_path(&arena, STR("b"), ".o"));
    assert_false(cache_has(cache_path(&arena, STR("b"), ".o")));
    assert_non_null(cache_keep(&arena, "no/such/file", path));
    assert_true(cache_has(path));
}

static void damaged_entries_are_not(void **state) {
    (void)state;
    const char *path = entry("a", 1000, 0);
    struct stat s;
    assert_int_equal(stat(path, &s), 0);
    // one byte anywhere: in the content, in the seal
    off_t places[] = {0, 500, 999, 1000, s.st_size - 1};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int fd = open(path, O_RDWR);
        char byte;
        assert_int_equal(pread(fd, &byte, 1, places[i]), 1);
        char other = (char)(byte ^ 4);
        assert_int_equal(pwrite(fd, &other, 1, places[i]), 1);
        assert_false(cache_has(path));
        assert_int_equal(pwrite(fd, &byte, 1, places[i]), 1);
        assert_true(cache_has(path));
        close(fd);
    }
    for (off_t size = s.st_size - 1; size >= 0; size -= 341) {
        assert_int_equal(truncate(path, size), 0);
        assert_false(cache_has(path));
    }
}

static void the_least_used_go_first(void **state) {
    (void)state;
    const char *old = entry("old", 4000, 300), *middle = entry("middle", 4000, 200);
    const char *young = entry("young", 4000, 100);
    const char *foreign = str_format(&arena, "%s/notes", folder).data;
    assert_null(file_write(&arena, foreign, STR("mine")));
    setenv("PRISM_CACHE_BYTES", "20000", 1);
    cache_trim(&arena);
    assert_int_equal(access(old, F_OK), 0); // below the limit
    assert_true(cache_has(old));            // and now it is the youngest
    setenv("PRISM_CACHE_BYTES", "12000", 1);
    cache_trim(&arena);
    assert_int_not_equal(access(middle, F_OK), 0);
    assert_int_equal(access(young, F_OK), 0);
    assert_int_equal(access(old, F_OK), 0);
    assert_int_equal(access(foreign, F_OK), 0);
}

static void what_was_left_under_way_goes(void **state) {
    (void)state;
    const char *path = cache_path(&arena, STR("k"), ".o");
    const char *left = str_format(&arena, "%s.4711.tmp", path).data;
    const char *now = cache_under_way(&arena, path, ".tmp");
    assert_null(file_write(&arena, left, STR("half")));
    assert_null(file_write(&arena, now, STR("half")));
    struct timespec times[2] = {{time(NULL) - 7200, 0}, {time(NULL) - 7200, 0}};
    assert_int_equal(utimensat(AT_FDCWD, left, times, 0), 0);
    cache_trim(&arena);
    assert_int_not_equal(access(left, F_OK), 0);
    assert_int_equal(access(now, F_OK), 0);
}

static void compilers_are_told_apart(void **state) {
    (void)state;
    const char *cc = str_format(&arena, "%s/fakecc", folder).data;
    assert_null(file_write(&arena, cc, STR("#!/bin/sh\necho fake 1\n")));
    assert_null(cache_program_path(&arena, cc)); // not executable
    chmod(cc, 0755);
    assert_string_equal(cache_program_path(&arena, cc), cc);
    const char *first = cache_compiler(&arena, cc);
    assert_non_null(strstr(first, "fake 1"));
    assert_non_null(strstr(first, cc));
    assert_string_equal(cache_compiler(&arena, cc), first); // from the cache
    assert_null(file_write(&arena, cc, STR("#!/bin/sh\necho fake 2 now\n")));
    chmod(cc, 0755);
    assert_non_null(strstr(cache_compiler(&arena, cc), "fake 2"));
    assert_null(cache_program_path(&arena, "no-such-program-anywhere"));
    assert_non_null(cache_program_path(&arena, "sh"));
    assert_null(file_write(&arena, cc, STR("#!/bin/sh\nexit 3\n# and a comment\n")));
    chmod(cc, 0755);
    assert_null(cache_compiler(&arena, cc));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(whole_entries_are_there),  CASE(damaged_entries_are_not),
        CASE(the_least_used_go_first),  CASE(what_was_left_under_way_goes),
        CASE(compilers_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
