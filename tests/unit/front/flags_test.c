// SPDX-License-Identifier: MIT
// The command line: what is understood, and what is refused with which words.
#include "frontend/cli/cli.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena arena;
static struct diag_sink sink;
static struct cli cli;

static bool parse(const char *line) {
    VEC(char *) argv = {0};
    arena_free(&arena);
    sink = (struct diag_sink){.arena = &arena};
    cli = (struct cli){.arena = &arena, .sink = &sink};
    char *copy = (char *)str_dup(&arena, str_from(line)).data;
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        vec_push(&arena, &argv, word);
    return cli_parse(&cli, argv.len, argv.at);
}

// The line is refused with this code, and the title or a note holds `words`.
static void refuses(const char *line, enum diag_code code, const char *words) {
    assert_false(parse(line));
    assert_int_equal(sink.errors, 1);
    const struct diag *d = sink.all.at[0];
    assert_string_equal(diag_code_name(d->code), diag_code_name(code));
    bool said = strstr(d->title.data, words) != NULL;
    for (int i = 0; i < d->notes.len; i++)
        said = said || strstr(d->notes.at[i].data, words);
    if (!said)
        print_error("%s: %s\n", line, d->title.data);
    assert_true(said);
}

static void reads_flags_of_each_kind(void **state) {
    (void)state;
    assert_true(parse("prism test --simulate --seed 0x10 --runs=5k --for 90s a.prism --only x "
                      "--only y --strategy pct -j4 -- --seed 3"));
    assert_int_equal(cli.command, COMMAND_test);
    assert_true(flag_on(&cli, FLAG_test_simulate));
    assert_int_equal(flag_number(&cli, FLAG_test_seed, 0), 16);
    assert_int_equal(flag_number(&cli, FLAG_test_runs, 0), 5000);
    assert_int_equal(flag_number(&cli, FLAG_test_for, 0), 90000000000);
    assert_int_equal(flag_number(&cli, FLAG_common_jobs, 0), 4);
    assert_int_equal(cli.flags[FLAG_test_only].all.len, 2);
    assert_true(str_is(flag_text(&cli, FLAG_test_strategy, "portfolio"), "pct"));
    assert_int_equal(cli.arguments.len, 1);
    assert_int_equal(cli.rest.len, 2);
    assert_true(str_is(cli.rest.at[0], "--seed"));
}

static void common_flags_may_stand_before_the_command(void **state) {
    (void)state;
    assert_true(parse("prism --color never check a.prism -"));
    assert_int_equal(cli.command, COMMAND_check);
    assert_int_equal(cli.arguments.len, 2);
    refuses("prism --simulate test", P0001, "`prism test` has it");
}

static void a_switch_can_be_negated(void **state) {
    (void)state;
    assert_true(parse("prism test --no-simulate"));
    assert_false(flag_on(&cli, FLAG_test_simulate));
    assert_true(cli.flags[FLAG_test_simulate].set);
    assert_true(parse("prism test --no-fault")); // a flag of its own
    assert_true(flag_on(&cli, FLAG_test_no_fault));
    refuses("prism test --no-seed", P0001, "--no-seed");
}

static void mistakes_are_named(void **state) {
    (void)state;
    refuses("prism tset", P0001, "did you mean `prism test`?");
    refuses("prism bank.prism", P0001, "prism run bank.prism");
    refuses("prism test --simulat", P0001, "did you mean `--simulate`?");
    refuses("prism test --seed 1 --seed 2", P0001, "given twice");
    refuses("prism test --seed", P0001, "lacks its value");
    refuses("prism test --seed --simulate", P0001, "lacks its value");
    refuses("prism test --simulate=yes", P0001, "takes no value");
    refuses("prism test -x", P0001, "has no flag `-x`");
    refuses("prism build --dump mri", P0007, "did you mean `mir`?");
    refuses("prism test --for 30", P0007, "30s");
    refuses("prism test --runs=-1", P0007, "whole number");
    refuses("prism test --seed 18446744073709551616", P0007, "2^64");
    refuses("prism test --watch", P8001, "--watch");
    refuses("prism doc", P8001, "doc");
}

static void a_variable_says_what_its_flag_says(void **state) {
    (void)state;
    setenv("PRISM_SEED", "77", 1);
    assert_true(parse("prism test"));
    assert_int_equal(flag_number(&cli, FLAG_test_seed, 0), 77);
    assert_true(parse("prism test --seed 5"));
    assert_int_equal(flag_number(&cli, FLAG_test_seed, 0), 5);
    setenv("PRISM_SEED", "x", 1);
    refuses("prism test", P0007, "PRISM_SEED");
    assert_true(parse("prism check")); // not a flag of check
    unsetenv("PRISM_SEED");
}

static void numbers_have_their_bounds(void **state) {
    (void)state;
    uint64_t n;
    assert_true(count_parse(STR("18446744073709551615"), &n) && n == UINT64_MAX);
    assert_false(count_parse(STR("18446744073709551616"), &n));
    assert_false(count_parse(STR("18446744073709552k"), &n));
    assert_true(count_parse(STR("2G"), &n) && n == 2000000000);
    assert_false(count_parse(STR(""), &n));
    assert_false(count_parse(STR("k"), &n));
    assert_true(duration_parse(STR("500ms"), &n) && n == 500000000);
    assert_false(duration_parse(STR("500"), &n));
    assert_false(duration_parse(STR("1.5s"), &n));
    assert_false(duration_parse(STR("99999999999h"), &n));
}

static void the_worse_exit_code_counts(void **state) {
    (void)state;
    static const int order[] = {130, 143, 70, 74, 2, 5, 1, 3, 4, 0}; // DESIGN: first counts
    for (size_t i = 0; i < 10; i++) {
        for (size_t j = i; j < 10; j++) {
            assert_int_equal(exit_worse(order[i], order[j]), order[i]);
            assert_int_equal(exit_worse(order[j], order[i]), order[i]);
        }
    }
}

// Every flag can be reached by its name, and no command has two of one letter.
static void the_table_is_sound(void **state) {
    (void)state;
    for (int i = 0; i < FLAG_ID_COUNT; i++) {
        const struct flag_info *a = flag_info((enum flag_id)i);
        assert_true(strlen(a->help) > 0);
        for (int j = 0; j < i; j++) {
            const struct flag_info *b = flag_info((enum flag_id)j);
            bool meet = a->command == b->command || b->command == COMMAND_common;
            assert_false(meet && strcmp(a->name, b->name) == 0);
            assert_false(meet && a->letter && a->letter == b->letter);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_flags_of_each_kind),
        cmocka_unit_test(common_flags_may_stand_before_the_command),
        cmocka_unit_test(a_switch_can_be_negated),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(a_variable_says_what_its_flag_says),
        cmocka_unit_test(numbers_have_their_bounds),
        cmocka_unit_test(the_worse_exit_code_counts),
        cmocka_unit_test(the_table_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
