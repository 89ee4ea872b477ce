// SPDX-License-Identifier: MIT
// Manifests as TOML: what is read, and what is refused where.
#include "frontend/cli/toml.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena arena;
static struct diag_sink sink;
static struct source source;

static const struct toml_value *parse(const char *text) {
    arena_free(&arena);
    sink = (struct diag_sink){.arena = &arena};
    source_init(&arena, &source, "prism.toml", str_from(text));
    return toml_parse(&arena, &source, &sink);
}

static const struct toml_value *good(const char *text) {
    const struct toml_value *root = parse(text);
    if (sink.errors)
        print_message("%s: %.*s\n", text, STR_ARGS(sink.all.at[0]->title));
    assert_int_equal(sink.errors, 0);
    return root;
}

// `path`: keys with bars between them.
static const struct toml_value *get(const struct toml_value *table, const char *path) {
    char *copy = (char *)str_dup(&arena, str_from(path)).data;
    for (char *key = strtok(copy, "|"); key; key = strtok(NULL, "|")) {
        assert_int_equal(table->kind, TOML_TABLE);
        const struct toml_entry *e = toml_find(table, key);
        assert_non_null(e);
        table = e->value;
    }
    return table;
}

static void is_string(const char *text, const char *path, const char *expected) {
    const struct toml_value *v = get(good(text), path);
    assert_int_equal(v->kind, TOML_STRING);
    assert_int_equal(v->string.len, strlen(expected));
    assert_memory_equal(v->string.data, expected, v->string.len);
}

static void is_integer(const char *text, int64_t expected) {
    const struct toml_value *v = get(good(text), "n");
    assert_int_equal(v->kind, TOML_INTEGER);
    assert_int_equal(v->integer, expected);
}

// The first mistake is at this place, and its title or label holds `words`.
static void refuses(const char *text, int line, int column, const char *words) {
    int32_t at_line, at_column;
    parse(text);
    assert_true(sink.errors > 0);
    const struct diag *d = sink.all.at[0];
    assert_int_equal(d->code, P0014);
    source_position(&source, d->span.start, &at_line, &at_column);
    if (at_line != line || at_column != column)
        print_message("%s: at %d:%d\n", text, (int)at_line, (int)at_column);
    assert_int_equal(at_line, line);
    assert_int_equal(at_column, column);
    if (!strstr(d->title.data, words) && !strstr(d->label.data, words))
        fail_msg("%s: %s; %s", text, d->title.data, d->label.data);
}

static void strings(void **state) {
    (void)state;
    is_string("s = \"a b\"", "s", "a b");
    is_string("s = ''", "s", "");
    is_string("s = \"\"", "s", "");
    is_string("s = 'C:\\x'", "s", "C:\\x");
    is_string("s = \"\\\"\\\\\\n\\t\\u00e9\\U0001F600\"", "s", "\"\\\n\t\xc3\xa9\xf0\x9f\x98\x80");
    is_string("s = \"# no comment\" # a comment", "s", "# no comment");
    is_string("\xef\xbb\xbfs = \"after a mark\"", "s", "after a mark");
    is_string("s\t=\t\"blanks\"\t\r\n", "s", "blanks");
}

static void numbers_and_truth(void **state) {
    (void)state;
    is_integer("n = 0", 0);
    is_integer("n = +7", 7);
    is_integer("n = -20_000", -20000);
    is_integer("n = 9223372036854775807", INT64_MAX);
    assert_true(get(good("b = true"), "b")->boolean);
    assert_false(get(good("b = false"), "b")->boolean);
    refuses("n = 9223372036854775808", 1, 5, "no value");
    refuses("n = 007", 1, 5, "no value");
    refuses("n = 1__0", 1, 5, "no value");
    refuses("n = 1_", 1, 5, "no value");
    refuses("n = 1.5", 1, 5, "no value");
    refuses("n = 1979-05-27", 1, 5, "no value");
    refuses("n = yes", 1, 5, "no value");
}

static void arrays(void **state) {
    (void)state;
    const struct toml_value *v =
        get(good("a = [ 'x', # one\n  [1, 2],\n\n  true,\n] # end\nb = []"), "a");
    assert_int_equal(v->kind, TOML_ARRAY);
    assert_int_equal(v->items.len, 3);
    assert_int_equal(v->items.at[1]->items.at[1]->integer, 2);
    refuses("a = [1, 2", 1, 5, "not closed");
    refuses("a = [1 2]", 1, 8, "`,` or `]`");
    refuses("a = [,]", 1, 6, "missing");
}

static void tables(void **state) {
    (void)state;
    is_string("[a]\nx.y = 'deep'\n[a.z]\n", "a|x|y", "deep");
    is_string("[ a . \"b c\" ]\nk = 'quoted'", "a|b c|k", "quoted");
    is_string("[a.b]\nx = 'one'\n[a]\ny = 2", "a|b|x", "one");
    const struct toml_value *root = good("z = 1\na = 2\nm = 3");
    assert_true(str_is(root->entries.at[0].key, "z"));
    assert_true(str_is(root->entries.at[2].key, "m"));
    refuses("x = 1\nx = 2", 2, 1, "twice");
    refuses("x = 1\n[x]", 2, 2, "twice");
    refuses("[a]\nb = 1\n[a.b]", 3, 4, "twice");
}

static void refused(void **state) {
    (void)state;
    refuses("[[a]]", 1, 1, "arrays of tables");
    refuses("a = {b = 1}", 1, 5, "inline tables");
    refuses("a = \"\"\"b\"\"\"", 1, 5, "several lines");
    refuses("a = \"b", 1, 5, "not closed");
    refuses("a = 'b\n'", 1, 5, "not closed");
    refuses("a = \"\\q\"", 1, 6, "escape");
    refuses("a = \"\\ud800\"", 1, 6, "no such character");
    refuses("a = \"\\u12\"", 1, 6, "hexadecimal");
    refuses("a = \"\x01\"", 1, 6, "control");
    refuses("a = \"\xff\"", 1, 6, "UTF-8");
    refuses("a = 1 b = 2", 1, 7, "behind");
    refuses("a 1", 1, 3, "`=`");
    refuses("= 1", 1, 1, "key");
    refuses("[a", 1, 3, "`]`");
    refuses("a =", 1, 4, "missing");
}

// A mistake ends its line, not the reading.
static void several_mistakes(void **state) {
    (void)state;
    const struct toml_value *root = parse("a = 1.5\nb = 2\nc\nd = 'x'");
    assert_int_equal(sink.errors, 2);
    assert_int_equal(get(root, "b")->integer, 2);
    assert_null(toml_find(root, "a"));
    assert_true(str_is(get(root, "d")->string, "x"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings), cmocka_unit_test(numbers_and_truth),
        cmocka_unit_test(arrays),  cmocka_unit_test(tables),
        cmocka_unit_test(refused), cmocka_unit_test(several_mistakes),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
