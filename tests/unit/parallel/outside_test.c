// SPDX-License-Identifier: MIT
// What providers stand on: which grants cover what, handles that stand for nothing after they were
// closed, and opening beneath a directory on kernels without openat2.
#include "runtime/service/outside.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

const prism_program prism_program_main = {.abi_version = PRISM_ABI_VERSION, .name = "by hand"};

static bool covers(const char *grants, const char *family, const char *argument) {
    setenv("PRISM_ALLOW", grants, 1);
    return authority_covers(family, argument, argument ? strlen(argument) : 0);
}

static void families_cover_their_members(void **state) {
    (void)state;
    assert_true(covers("FileSystem", "FileSystem.Read", "/a"));
    assert_true(covers("IO.FileSystem", "FileSystem.Write", "/a"));
    assert_true(covers("FileSystem.ReadWrite", "FileSystem.Read", "/a"));
    assert_true(covers("FileSystem.ReadWrite", "FileSystem.Write", "/a"));
    assert_true(covers("Other\nFileSystem.Read", "FileSystem.Read", "/a"));
    assert_false(covers("FileSystem.Read", "FileSystem.Write", "/a"));
    assert_false(covers("File", "FileSystem.Read", "/a"));
    assert_false(covers("FileSystem.ReadWrite", "FileSystem.Remove", "/a"));
    assert_false(covers("", "FileSystem.Read", "/a"));
}

static void paths_cover_by_segments(void **state) {
    (void)state;
    assert_true(covers("FileSystem.Read(/data/in)", "FileSystem.Read", "/data/in"));
    assert_true(covers("FileSystem.Read(/data/in)", "FileSystem.Read", "/data/in/deep"));
    assert_true(covers("FileSystem.Read(\"/data/in/\")", "FileSystem.Read", "/data/in/deep"));
    assert_true(covers("FileSystem.Read(/)", "FileSystem.Read", "/etc"));
    assert_false(covers("FileSystem.Read(/data/in)", "FileSystem.Read", "/data/input"));
    assert_false(covers("FileSystem.Read(/data/in)", "FileSystem.Read", "/data/in/../x"));
    assert_false(covers("FileSystem.Read(/data/in)", "FileSystem.Read", "/data"));
    assert_false(covers("FileSystem.Read(/)", "FileSystem.Read", "relative"));
    assert_false(covers("FileSystem.Read(/data)", "FileSystem.Read", NULL));
    assert_true(covers("Environment.Read(HOME)", "Environment.Read", "HOME"));
    assert_false(covers("Environment.Read(HOME)", "Environment.Read", "HOMER"));
}

static void hosts_cover_by_name_and_port(void **state) {
    (void)state;
    const char *listen = "Network.Listen";
    assert_true(covers("Network", listen, "0.0.0.0:8080"));
    assert_true(covers("IO.Network", listen, "0.0.0.0:8080"));
    assert_true(covers("Network.Listen(localhost:8080)", listen, "localhost:8080"));
    assert_true(covers("Network.Listen(localhost)", listen, "LocalHost:8080"));
    assert_true(covers("Network.Listen(localhost:8000-8999)", listen, "localhost:8080"));
    assert_true(covers("Network.Listen(*:8080)", listen, "[::1]:8080"));
    assert_true(covers("Network.Listen([::1])", listen, "[::1]:8080"));
    assert_true(covers("Network.Listen(*.example.org)", listen, "www.example.org:443"));
    assert_false(covers("Network.Listen(*.example.org)", listen, "example.org:443"));
    assert_false(covers("Network.Listen(*.example.org)", listen, "badexample.org:443"));
    assert_false(covers("Network.Listen(localhost:8080)", listen, "localhost:80"));
    assert_false(covers("Network.Listen(localhost:8080)", listen, "localhost.org:8080"));
    assert_false(covers("Network.Listen(localhost:8000-8079)", listen, "localhost:8080"));
    assert_false(covers("Network.Listen(localhost:99999999999999999999)", listen, "localhost:1"));
    assert_false(covers("Network.Listen(localhost)", listen, "localhost:x"));
    assert_false(covers("Network.Listen(local)", listen, "localhost:80"));
    assert_false(covers("Network.Listen(localhost:80)", "Network.Connect", "localhost:80"));
    assert_false(covers("Environment.Read(home)", "Environment.Read", "HOME"));
}

static void a_closed_handle_stands_for_nothing(void **state) {
    (void)state;
    struct handle h;
    int64_t first = handle_new((struct handle){.kind = HANDLE_FILE, .fd = 7});
    assert_true(handle_take(first, HANDLE_FILE, &h));
    assert_int_equal(h.fd, 7);
    handle_release(first);
    assert_false(handle_take(first, HANDLE_DIRECTORY, &h));
    assert_true(handle_close(first, &h));
    assert_false(handle_close(first, &h));
    int64_t second = handle_new((struct handle){.kind = HANDLE_FILE, .fd = 8});
    assert_int_not_equal(first, second);
    assert_false(handle_take(first, HANDLE_FILE, &h));
    assert_true(handle_take(second, HANDLE_FILE, &h));
    handle_release(second);
    assert_true(handle_close(second, &h));
    assert_false(handle_take(-1, HANDLE_FILE, &h));
}

static int walk(int dir, const char *path, int flags) {
    int fd = outside_walk_beneath(dir, path, flags, 0600);
    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

static void nothing_leads_out(void **state) {
    (void)state;
    char folder[] = "/tmp/outside-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    int dir = open(folder, O_RDONLY | O_DIRECTORY);
    assert_int_equal(mkdirat(dir, "in", 0700), 0);
    assert_int_equal(walk(dir, "in/file", O_WRONLY | O_CREAT), 0);
    assert_int_equal(walk(dir, "./in//file", O_RDONLY), 0);
    assert_int_equal(walk(dir, ".", O_RDONLY), 0);
    assert_int_equal(walk(dir, "in/none", O_RDONLY), -ENOENT);
    assert_int_equal(walk(dir, "in/file/x", O_RDONLY), -ENOTDIR);
    assert_int_equal(symlinkat("/etc", dir, "etc"), 0);
    assert_int_equal(symlinkat("/etc/passwd", dir, "passwd"), 0);
    assert_true(walk(dir, "etc/passwd", O_RDONLY) < 0);
    assert_true(walk(dir, "passwd", O_RDONLY) < 0);
    unlinkat(dir, "in/file", 0);
    unlinkat(dir, "in", AT_REMOVEDIR);
    unlinkat(dir, "etc", 0);
    unlinkat(dir, "passwd", 0);
    close(dir);
    snprintf(path, sizeof path, "%s", folder);
    rmdir(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_cover_their_members),
        cmocka_unit_test(paths_cover_by_segments),
        cmocka_unit_test(hosts_cover_by_name_and_port),
        cmocka_unit_test(a_closed_handle_stands_for_nothing),
        cmocka_unit_test(nothing_leads_out),
    };
    return cmocka_run_group_tests_name("outside", tests, NULL, NULL);
}
