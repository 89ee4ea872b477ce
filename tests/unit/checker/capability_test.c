// SPDX-License-Identifier: MIT
// Containment of capability literals: what is within what, and, on all short paths, agreement with
// the definition - every file that the inner one allows is allowed by the outer one.
#include "checker/capability.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct capability parsed(struct arena *a, const char *text) {
    struct capability c;
    const char *wrong = capability_parse(a, str_from(text), &c);
    if (wrong)
        print_message("%s: %s\n", text, wrong);
    assert_null(wrong);
    return c;
}

static bool within(const char *inner, const char *outer) {
    struct arena a = {0};
    struct capability i = parsed(&a, inner), o = parsed(&a, outer);
    struct str witness = {0};
    bool yes = capability_within(&a, &i, &o, &witness);
    assert_true(yes || witness.len);
    arena_free(&a);
    return yes;
}

static bool refused(const char *text) {
    struct arena a = {0};
    struct capability c;
    bool no = capability_parse(&a, str_from(text), &c) != NULL;
    arena_free(&a);
    return no;
}

#define READ(path) "FileSystem.Read(\"" path "\")"

static void paths_go_by_segments(void **state) {
    (void)state;
    assert_true(within(READ("/data/input"), READ("/data/input")));
    assert_true(within(READ("/data/input/a/b"), READ("/data/input")));
    assert_true(within(READ("/data//input/./a"), READ("/data/input/")));
    assert_true(within(READ("/data"), READ("/")));
    assert_false(within(READ("/data/input2"), READ("/data/input")));
    assert_false(within(READ("/data"), READ("/data/input")));
    assert_false(within(READ("/"), READ("/data")));
    assert_false(within(READ("/Data/input"), READ("/data/input")));
}

static void bad_literals_are_refused(void **state) {
    (void)state;
    assert_true(refused(READ("/data/../etc")));
    assert_true(refused(READ("/..")));
    assert_true(refused(READ("./data")));
    assert_true(refused("FileSystem.Read(\"/data\""));
    assert_true(refused("FileSystem..Read"));
    assert_true(refused("FileSystem.Read(\"\")"));
    assert_false(refused(READ("/data/..input")));
    assert_false(refused(READ("/a..b/c")));
}

static void families_are_a_lattice(void **state) {
    (void)state;
    assert_true(within("Database.Read", "Database.ReadWrite"));
    assert_true(within("Database.Write", "Database.ReadWrite"));
    assert_false(within("Database.ReadWrite", "Database.Read"));
    assert_true(within("FileSystem.Read", "IO.FileSystem"));
    assert_true(within("IO.FileSystem.Write", "FileSystem"));
    assert_true(within(READ("/a"), "FileSystem.*"));
    assert_true(within(READ("/a"), "FileSystem.Read"));
    assert_false(within("FileSystem.Read", READ("/a")));
    assert_false(within("FileSystem", "FileSystem.Read"));
    assert_false(within("FileSystemX.Read", "FileSystem"));
    assert_false(within("Network.Read", "FileSystem"));
    assert_true(within("Database.Read(\"orders\")", "Database.ReadWrite(\"orders\")"));
    assert_false(within("Database.Read(\"users\")", "Database.ReadWrite(\"orders\")"));
}

static void hosts_go_by_labels(void **state) {
    (void)state;
#define CONNECT(host) "Network.Connect(\"" host "\")"
    assert_true(within(CONNECT("api.example.org"), CONNECT("*.example.org")));
    assert_true(within(CONNECT("a.b.example.org"), CONNECT("*.example.org")));
    assert_true(within(CONNECT("*.api.example.org"), CONNECT("*.example.org")));
    assert_true(within(CONNECT("API.Example.ORG"), CONNECT("api.example.org")));
    assert_true(within(CONNECT("api.example.org"), CONNECT("*")));
    assert_false(within(CONNECT("example.org"), CONNECT("*.example.org")));
    assert_false(within(CONNECT("badexample.org"), CONNECT("*.example.org")));
    assert_false(within(CONNECT("*.example.org"), CONNECT("api.example.org")));
    assert_false(within(CONNECT("example.org.evil.net"), CONNECT("*.example.org")));
    assert_true(within(CONNECT("example.org:443"), CONNECT("example.org")));
    assert_true(within(CONNECT("example.org:443"), CONNECT("example.org:400-500")));
    assert_false(within(CONNECT("example.org:80"), CONNECT("example.org:443")));
    assert_false(within(CONNECT("example.org"), CONNECT("example.org:443")));
}

static void sets_and_ranges(void **state) {
    (void)state;
    assert_true(within("Http.Send(\"{GET}\")", "Http.Send(\"{GET, HEAD}\")"));
    assert_true(within("Http.Send(\"GET\")", "Http.Send(\"{GET, HEAD}\")"));
    assert_true(within("Http.Send(\"{GET}\")", "Http.Send(\"GET\")"));
    assert_false(within("Http.Send(\"{GET, PUT}\")", "Http.Send(\"{GET, HEAD}\")"));
    assert_true(within("Port.Listen(\"8000..8010\")", "Port.Listen(\"8000..9000\")"));
    assert_true(within("Port.Listen(\"8000\")", "Port.Listen(\"8000..9000\")"));
    assert_false(within("Port.Listen(\"7999..8010\")", "Port.Listen(\"8000..9000\")"));
    assert_false(within("Port.Listen(\"8x\")", "Port.Listen(\"8000..9000\")"));
}

static void several_together(void **state) {
    (void)state;
    struct arena a = {0};
    struct capability two[] = {parsed(&a, "Database.Read"), parsed(&a, "Database.Write")};
    struct capability both = parsed(&a, "Database.ReadWrite"), witness_of = parsed(&a, "Database");
    struct capability sets[] = {parsed(&a, "Http.Send(\"{GET}\")"),
                                parsed(&a, "Http.Send(\"PUT\")")};
    struct capability methods = parsed(&a, "Http.Send(\"{GET, PUT}\")");
    struct str witness = {0};
    assert_true(capability_within_any(&a, &both, two, 2, NULL));
    assert_false(capability_within_any(&a, &both, two, 1, &witness));
    assert_string_equal(witness.data, "Database.Write");
    assert_false(capability_within_any(&a, &witness_of, two, 2, NULL));
    assert_false(capability_within_any(&a, &both, NULL, 0, &witness));
    assert_true(capability_within_any(&a, &methods, sets, 2, NULL));
    assert_false(capability_within_any(&a, &methods, sets, 1, &witness));
    assert_string_equal(witness.data, "Http.Send(\"PUT\")");
    arena_free(&a);
}

// ---- against the definition -----------------------------------------------------------------

enum { PATHS = 120 };

// All paths of up to three segments out of four names.
static int short_paths(struct arena *a, const char **out) {
    static const char *const names[] = {"a", "ab", "b", "a.b"};
    int n = 0;
    out[n++] = "/";
    for (int i = 0; i < 4; i++) {
        out[n++] = str_format(a, "/%s", names[i]).data;
        for (int j = 0; j < 4; j++) {
            out[n++] = str_format(a, "/%s/%s", names[i], names[j]).data;
            for (int k = 0; k < 4; k++)
                out[n++] = str_format(a, "/%s/%s/%s", names[i], names[j], names[k]).data;
        }
    }
    return n;
}

// The definition, a character at a time: `file` is `dir`, or `dir`, a slash and more.
static bool is_below(const char *file, const char *dir) {
    if (!dir[1])
        return true;
    size_t i = 0;
    while (dir[i] && dir[i] == file[i])
        i++;
    return !dir[i] && (!file[i] || file[i] == '/');
}

static void paths_agree_with_the_definition(void **state) {
    (void)state;
    struct arena a = {0};
    const char *paths[PATHS];
    int n = short_paths(&a, paths);
    assert_int_equal(n, 85);
    for (int i = 0; i < n; i++)
        for (int o = 0; o < n; o++) {
            struct capability inner = parsed(&a, str_format(&a, READ("%s"), paths[i]).data);
            struct capability outer = parsed(&a, str_format(&a, READ("%s"), paths[o]).data);
            bool all = is_below(paths[i], paths[o]); // the directory itself ...
            for (int k = 0; k < n; k++)              // ... and all that lies below it
                all = all && (!is_below(paths[k], paths[i]) || is_below(paths[k], paths[o]));
            assert_int_equal(capability_within(&a, &inner, &outer, NULL), all);
        }
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_go_by_segments),
        cmocka_unit_test(bad_literals_are_refused),
        cmocka_unit_test(families_are_a_lattice),
        cmocka_unit_test(hosts_go_by_labels),
        cmocka_unit_test(sets_and_ranges),
        cmocka_unit_test(several_together),
        cmocka_unit_test(paths_agree_with_the_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
