// SPDX-License-Identifier: MIT
// Diagnostics: collecting, order, excerpts, and each format.
#include "frontend/diag/diag.h"

#include <setjmp.h>

#include <cmocka.h>
#include <jansson.h>

static struct arena arena;
static struct diag_sink sink;
static struct source file, other;

static const char program[] = "actor Ledger {\n"
                              "\tbalance: i64 = 100\n"
                              "    always ledger.balance == opening + receipts.sum\n"
                              "    name = \"\xe4\xb8\xad\xe6\x96\x87\" + x\n"
                              "}\n";

static struct span span_of(const struct source *s, const char *words) {
    const char *at = strstr(s->text.data, words);
    assert_non_null(at);
    int32_t start = (int32_t)(at - s->text.data);
    return (struct span){s, start, start + (int32_t)strlen(words)};
}

static int set_up(void **state) {
    (void)state;
    arena_free(&arena);
    sink = (struct diag_sink){.arena = &arena};
    source_init(&arena, &file, "bank.prism", str_from(program));
    source_init(&arena, &other, "a.prism", STR("let y = 1;"));
    return 0;
}

static const char *rendered(enum diag_format format) {
    struct text out = {.arena = &arena};
    diag_render(&sink, (struct diag_style){.format = format, .width = 100}, &out);
    return out.len ? out.data : "";
}

static void positions(void **state) {
    (void)state;
    int32_t line, column;
    source_position(&file, 0, &line, &column);
    assert_true(line == 1 && column == 1);
    source_position(&file, span_of(&file, "always").start, &line, &column);
    assert_true(line == 3 && column == 5);
    source_position(&file, (int32_t)file.text.len, &line, &column);
    assert_true(line == 6 && column == 1);
    source_position(&file, 14, &line, &column); // the end of line 1 belongs to it
    assert_true(line == 1 && column == 15);
}

static void an_excerpt_has_its_labels(void **state) {
    (void)state;
    struct diag *d = diag_add(&sink, P0001, span_of(&file, "ledger.balance"), "it became false");
    diag_primary(&sink, d, "120");
    diag_label(&sink, d, span_of(&file, "opening + receipts.sum"), "%d", 150);
    diag_label(&sink, d, span_of(&file, "actor Ledger"), "this actor");
    diag_note(&sink, d, "it held before");
    assert_string_equal(rendered(DIAG_HUMAN),
                        "error[P0001]: it became false\n"
                        "  --> bank.prism:3:12\n"
                        "   |\n"
                        " 1 | actor Ledger {\n"
                        "   | ------------ this actor\n"
                        "   ...\n"
                        " 3 |     always ledger.balance == opening + receipts.sum\n"
                        "   |            ^^^^^^^^^^^^^^    ---------------------- 150\n"
                        "   |            120\n"
                        "  it held before\n");
}

static void tabs_and_wide_characters_keep_the_columns(void **state) {
    (void)state;
    diag_add(&sink, P0001, span_of(&file, "i64"), "a tab is four columns");
    diag_add(&sink, P0001, span_of(&file, "x\n}"), "each of the two is two columns");
    assert_string_equal(rendered(DIAG_HUMAN), "error[P0001]: a tab is four columns\n"
                                              "  --> bank.prism:2:11\n"
                                              "   |\n"
                                              " 2 |     balance: i64 = 100\n"
                                              "   |              ^^^\n"
                                              "\n"
                                              "error[P0001]: each of the two is two columns\n"
                                              "  --> bank.prism:4:23\n"
                                              "   |\n"
                                              " 4 |     name = \"\xe4\xb8\xad\xe6\x96\x87\" + x\n"
                                              "   |                     ^\n"
                                              " 5 | }\n"
                                              "   | ^\n");
}

static void a_fix_shows_the_line(void **state) {
    (void)state;
    struct diag *d = diag_add(&sink, P0001, span_of(&other, "y"), "`y` is never read");
    diag_fix(&sink, d, span_of(&other, "y"), STR("_y"), "say that it is not needed");
    assert_string_equal(rendered(DIAG_HUMAN), "error[P0001]: `y` is never read\n"
                                              "  --> a.prism:1:5\n"
                                              "   |\n"
                                              " 1 | let y = 1;\n"
                                              "   |     ^\n"
                                              "  perhaps: say that it is not needed\n"
                                              "   1 + let _y = 1;\n");
}

static void without_a_place_first_then_by_place(void **state) {
    (void)state;
    diag_add(&sink, P0001, span_of(&file, "always"), "third");
    diag_add(&sink, P0001, span_of(&file, "actor"), "second");
    diag_add(&sink, P0001, span_of(&other, "let"), "by file name");
    diag_add(&sink, P0002, (struct span){0}, "first");
    assert_string_equal(rendered(DIAG_SHORT), "error[P0002]: first\n"
                                              "a.prism:1:1: error[P0001]: by file name\n"
                                              "bank.prism:1:1: error[P0001]: second\n"
                                              "bank.prism:3:5: error[P0001]: third\n");
}

static void too_many_are_counted(void **state) {
    (void)state;
    for (int i = 0; i < DIAG_ERRORS_MAX + 7; i++)
        diag_add(&sink, P0001, span_of(&other, "let"), "one more");
    assert_int_equal(sink.errors, DIAG_ERRORS_MAX + 7);
    assert_int_equal(sink.all.len, DIAG_ERRORS_MAX);
    assert_non_null(strstr(rendered(DIAG_SHORT), "and 7 more errors\n"));
}

static void json_is_a_line(void **state) {
    (void)state;
    struct diag *d = diag_add(&sink, P0001, span_of(&file, "always"), "a \"quoted\"\x01\xff title");
    diag_label(&sink, d, span_of(&other, "let"), "there");
    diag_fix(&sink, d, span_of(&other, "y"), STR("_y"), "say so");
    const char *line = rendered(DIAG_JSON);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    json_error_t error;
    json_t *j = json_loads(line, 0, &error);
    assert_non_null(j);
    assert_int_equal(json_integer_value(json_object_get(j, "schema")), 1);
    assert_string_equal(json_string_value(json_object_get(j, "title")),
                        "a \"quoted\"\x01\xef\xbf\xbd title");
    assert_int_equal(json_integer_value(json_object_get(j, "line")), 3);
    assert_true(json_is_null(json_object_get(j, "trace")));
    json_t *fix = json_array_get(json_object_get(j, "fixes"), 0);
    json_t *edit = json_array_get(json_object_get(fix, "edits"), 0);
    assert_int_equal(json_integer_value(json_object_get(edit, "end_column")), 6);
    json_decref(j);
}

static void sarif_is_a_document_even_of_nothing(void **state) {
    (void)state;
    json_error_t error;
    json_t *j = json_loads(rendered(DIAG_SARIF), 0, &error);
    assert_non_null(j);
    json_t *run = json_array_get(json_object_get(j, "runs"), 0);
    assert_int_equal(json_array_size(json_object_get(run, "results")), 0);
    json_decref(j);

    struct diag *d = diag_add(&sink, P0001, span_of(&file, "+ x"), "wide");
    diag_label(&sink, d, span_of(&other, "let"), "there");
    diag_add(&sink, P0001, (struct span){0}, "nowhere");
    j = json_loads(rendered(DIAG_SARIF), 0, &error);
    run = json_array_get(json_object_get(j, "runs"), 0);
    json_t *result = json_array_get(json_object_get(run, "results"), 1);
    json_t *where = json_array_get(json_object_get(result, "locations"), 0);
    json_t *region = json_object_get(json_object_get(where, "physicalLocation"), "region");
    // Line 4 has two characters of three bytes before it: byte column 21 is character 17.
    assert_int_equal(json_integer_value(json_object_get(region, "startColumn")), 17);
    json_decref(j);
}

static void github_escapes(void **state) {
    (void)state;
    diag_add(&sink, P0001, span_of(&file, "always"), "100%% of\nit");
    assert_string_equal(rendered(DIAG_GITHUB),
                        "::error title=P0001,file=bank.prism,line=3,col=5::100%25 of%0Ait\n");
}

static void control_characters_do_not_reach_the_terminal(void **state) {
    (void)state;
    struct source bad;
    source_init(&arena, &bad, "bad.prism", STR("x \033[2J\x9b y"));
    diag_add(&sink, P0001, (struct span){&bad, 0, 1}, "careful");
    const char *text = rendered(DIAG_HUMAN);
    assert_null(strchr(text, '\033'));
    assert_non_null(strstr(text, "x ?[2J"));
}

static void codes_are_found_and_suggested(void **state) {
    (void)state;
    enum diag_code code;
    assert_true(diag_code_parse(STR("p0002"), &code));
    assert_string_equal(diag_code_name(code), "P0002");
    assert_false(diag_code_parse(STR("P000"), &code));
    assert_false(diag_code_parse(STR("P00022"), &code));
    const char *names[] = {"check", "test", "trace"};
    assert_string_equal(diag_nearest(STR("tset"), names, 3), "test");
    assert_null(diag_nearest(STR("frobnicate"), names, 3));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(positions),
        TEST(an_excerpt_has_its_labels),
        TEST(tabs_and_wide_characters_keep_the_columns),
        TEST(a_fix_shows_the_line),
        TEST(without_a_place_first_then_by_place),
        TEST(too_many_are_counted),
        TEST(json_is_a_line),
        TEST(sarif_is_a_document_even_of_nothing),
        TEST(github_escapes),
        TEST(control_characters_do_not_reach_the_terminal),
        TEST(codes_are_found_and_suggested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
