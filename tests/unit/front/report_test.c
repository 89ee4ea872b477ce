// SPDX-License-Identifier: MIT
// Results of tests in each format, from hand-made records.
#include "frontend/cli/report.h"

#include <setjmp.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

static struct arena arena;
static struct diag_sink sink;
static struct cli cli;
static struct reporter reporter;
static struct finding finding;
static struct result_record good, bad;
static struct text out;

static int set_up(void **state) {
    (void)state;
    arena_free(&arena);
    sink = (struct diag_sink){.arena = &arena};
    cli = (struct cli){.arena = &arena, .sink = &sink};
    reporter = (struct reporter){.cli = &cli};
    out = (struct text){.arena = &arena};
    finding = (struct finding){.kind = STR("deadlock"),
                               .message = STR("nobody can move, and 2 actors still wait")};
    good = (struct result_record){.name = STR("ordered"),
                                  .faults = -1,
                                  .file = STR("t.prism"),
                                  .kind = STR("test"),
                                  .line = 3,
                                  .schedules = 1204,
                                  .behaviours = 1204,
                                  .exhausted = true,
                                  .over = STR("schedules"),
                                  .strategy = STR("dpor"),
                                  .seed = STR("0x0000000000000007"),
                                  .elapsed_ms = 412};
    bad = good;
    bad.name = STR("naive <dinner>");
    bad.failed = true;
    bad.failure = &finding;
    bad.exhausted = false;
    bad.over = STR("");
    bad.run = 812;
    bad.trace = STR(".prism/traces/naive-7.trace");
    return 0;
}

static struct outcome outcome(const struct result_record *r) {
    return (struct outcome){.path = "src/t.prism", .result = r, .simulated = true};
}

static void a_line_for_a_test_that_passes(void **state) {
    (void)state;
    struct outcome o = outcome(&good);
    report_human(&reporter, &o, (struct diag_style){.width = 100}, &out);
    assert_string_equal(out.data, "t             ordered                        "
                                  "1 204 orders (all)                  0.4 s   ok\n");
}

static void all_is_said_only_of_all(void **state) {
    (void)state;
    good.exhausted = false;
    good.schedules = 50000;
    good.recent = 25;
    good.window = 1000;
    struct outcome o = outcome(&good);
    report_human(&reporter, &o, (struct diag_style){.width = 100}, &out);
    assert_null(strstr(out.data, "(all)"));
    assert_non_null(strstr(out.data, "50 000 runs, 1 204 orders"));
    assert_non_null(strstr(out.data, "ok  *1\n"));
    reporter.passed = 1;
    report_human_end(&reporter, 500, &out);
    assert_non_null(strstr(out.data,
                           "*1 not exhaustive: new orders were still appearing: 25 in the "
                           "last 1000 runs\n"
                           "   look longer: prism test --simulate --for 10m "
                           "src/t.prism\n"));
    assert_non_null(strstr(out.data, "1 passed, 0 failed   0.5 s\n"));
}

static void a_failure_ends_in_commands(void **state) {
    (void)state;
    struct outcome o = outcome(&bad);
    str_list set = {0};
    vec_push(&arena, &set, STR("n=2"));
    o.set = &set;
    report_human(&reporter, &o, (struct diag_style){.width = 100}, &out);
    assert_int_equal(strncmp(out.data, "seed 0x0000000000000007\n", 24), 0);
    assert_non_null(strstr(out.data, "run 812 "));
    assert_non_null(strstr(out.data, "FAILED\n\nerror[P4201]: nobody can move"));
    assert_non_null(strstr(out.data,
                           "saved     .prism/traces/naive-7.trace\n"
                           "again     prism replay .prism/traces/naive-7.trace\n"
                           "afresh    prism test --simulate src/t.prism --only 'naive <dinner>' "
                           "--set n=2 --seed 0x0000000000000007\n"
                           "explain   prism explain P4201\n"));
}

// What found it is said where it was not the default.
static void afresh_is_what_was_asked(void **state) {
    (void)state;
    struct outcome o = outcome(&bad);
    str_list faults = {0};
    vec_push(&arena, &faults, STR("service.fail=5%"));
    o.faults = &faults;
    o.strategy = STR("pct");
    assert_string_equal(report_afresh(&arena, &o).data,
                        "prism test --simulate src/t.prism --only 'naive <dinner>' "
                        "--fault 'service.fail=5%' --strategy pct --seed 0x0000000000000007");
    o = outcome(&bad);
    o.exhaustive = o.no_fault = true;
    assert_string_equal(report_afresh(&arena, &o).data,
                        "prism test --exhaustive src/t.prism --only 'naive <dinner>' "
                        "--no-fault --seed 0x0000000000000007");
}

static void the_shell_reads_names_as_they_are(void **state) {
    (void)state;
    bad.trace = STR("it's here.trace");
    struct outcome o = outcome(&bad);
    assert_string_equal(report_again(&arena, &o).data, "prism replay 'it'\\''s here.trace'");
}

static json_t *parsed(const char *text) {
    json_error_t error;
    json_t *j = json_loads(text, 0, &error);
    if (!j)
        print_error("%s\n%s\n", error.text, text);
    assert_non_null(j);
    return j;
}

static void json_has_what_the_contract_names(void **state) {
    (void)state;
    struct outcome o = outcome(&bad);
    report_json(&o, &out);
    json_t *j = parsed(out.data);
    static const char *const members[] = {
        "schema",    "event",  "name",  "file",      "line", "kind",  "status",    "failure",
        "schedules", "pruned", "steps", "exhausted", "seed", "trace", "elapsed_ms"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        assert_non_null(json_object_get(j, members[i]));
    assert_string_equal(json_string_value(json_object_get(j, "status")), "failed");
    json_t *failure = json_object_get(j, "failure");
    assert_string_equal(json_string_value(json_object_get(failure, "kind")), "deadlock");
    assert_null(json_object_get(j, "over"));
    json_decref(j);
    out.len = 0;
    o = outcome(&good);
    report_json(&o, &out);
    j = parsed(out.data);
    assert_true(json_is_null(json_object_get(j, "failure")));
    assert_string_equal(json_string_value(json_object_get(j, "over")), "schedules");
    json_decref(j);
}

static void junit_groups_by_program_and_escapes(void **state) {
    (void)state;
    outcome_list all = {0};
    vec_push(&arena, &all, outcome(&good));
    vec_push(&arena, &all, outcome(&bad));
    struct outcome other = outcome(&good);
    other.path = "u.prism";
    vec_push(&arena, &all, other);
    finding.message = STR("a < b && \"c\"\x01");
    report_junit(&all, &out);
    assert_non_null(strstr(out.data, "<testsuite name=\"src/t.prism\" tests=\"2\" failures=\"1\" "
                                     "time=\"0.824\">"));
    assert_non_null(strstr(out.data, "<testsuite name=\"u.prism\" tests=\"1\" failures=\"0\" "
                                     "time=\"0.412\">"));
    assert_non_null(strstr(out.data, "name=\"naive &lt;dinner&gt;\""));
    assert_non_null(strstr(out.data, "message=\"a &lt; b &amp;&amp; &quot;c&quot;?\""));
}

static void tap_counts_from_one(void **state) {
    (void)state;
    struct outcome o = outcome(&good);
    report_tap(&o, 1, &out);
    assert_string_equal(out.data, "ok 1 - src/t.prism: ordered\n");
    o = outcome(&bad);
    report_tap(&o, 2, &out);
    assert_non_null(strstr(out.data, "not ok 2 - src/t.prism: naive <dinner>\n  ---\n"));
}

static void short_is_a_line_with_a_place(void **state) {
    (void)state;
    struct outcome o = outcome(&bad);
    report_short(&o, &out);
    assert_string_equal(out.data, "t.prism:3:1: error[P4201]: naive <dinner>: nobody can move, and "
                                  "2 actors still wait\n");
}

static void the_excerpt_is_read_from_the_source(void **state) {
    (void)state;
    char path[] = "prism-report-test-XXXXXX";
    int fd = mkstemp(path);
    const char text[] = "test t() {\n    assert!(x == 1);\n}\n";
    assert_int_equal(write(fd, text, sizeof text - 1), (int)sizeof text - 1);
    close(fd);
    finding.kind = STR("assertion");
    finding.message = STR("`x == 1` is false");
    finding.place = (struct place_record){STR("t"), str_from(path), 2};
    finding.column = 5;
    struct pair_record x = {STR("x"), STR("2")};
    vec_push(&arena, &finding.values, x);
    struct outcome o = outcome(&bad);
    report_diagnostic(&arena, &sink, &o);
    unlink(path);
    diag_render(&sink, (struct diag_style){.width = 100}, &out);
    assert_string_equal(out.data, str_format(&arena,
                                             "error[P4101]: `x == 1` is false\n"
                                             "  --> %s:2:5\n"
                                             "   |\n"
                                             " 2 |     assert!(x == 1);\n"
                                             "   |     ^^^^^^^^^^^^^^^ x = 2\n",
                                             path)
                                      .data);
}

static void groups_of_three(void **state) {
    (void)state;
    assert_string_equal(report_grouped(&arena, 0).data, "0");
    assert_string_equal(report_grouped(&arena, 999).data, "999");
    assert_string_equal(report_grouped(&arena, 1000).data, "1 000");
    assert_string_equal(report_grouped(&arena, 12345678).data, "12 345 678");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(a_line_for_a_test_that_passes),
        TEST(all_is_said_only_of_all),
        TEST(a_failure_ends_in_commands),
        TEST(afresh_is_what_was_asked),
        TEST(the_shell_reads_names_as_they_are),
        TEST(json_has_what_the_contract_names),
        TEST(junit_groups_by_program_and_escapes),
        TEST(tap_counts_from_one),
        TEST(short_is_a_line_with_a_place),
        TEST(the_excerpt_is_read_from_the_source),
        TEST(groups_of_three),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
