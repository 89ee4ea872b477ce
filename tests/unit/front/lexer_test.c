// SPDX-License-Identifier: MIT
// The lexer: which tokens a text is, where they stand, and what it says of texts that are wrong.
#include "frontend/syntax/lexer.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena arena;
static struct diag_sink sink;
static struct source source;

static struct token_list lexed(struct str text) {
    arena_free(&arena);
    sink = (struct diag_sink){.arena = &arena};
    source_init(&arena, &source, "test.prism", text);
    return lex(&arena, &source, &sink);
}

// The tokens' texts with a space between them.
static const char *tokens_of(const char *text) {
    struct token_list tokens = lexed(str_from(text));
    struct text out = {.arena = &arena};
    for (int32_t i = 0; i < tokens.len - 1; i++) {
        const struct token *t = &tokens.at[i];
        text_put(&out, i ? STR(" ") : STR(""));
        text_put(&out, (struct str){text + t->start, (size_t)(t->end - t->start)});
    }
    assert_int_equal(tokens.at[tokens.len - 1].kind, TOKEN_END);
    assert_int_equal(tokens.at[tokens.len - 1].start, strlen(text));
    return out.len ? out.data : "";
}

static enum token_kind kind_of(const char *text) {
    struct token_list tokens = lexed(str_from(text));
    assert_int_equal(tokens.len, 2);
    assert_int_equal(sink.errors, 0);
    return (enum token_kind)tokens.at[0].kind;
}

static void only_error(enum diag_code code, int32_t start) {
    assert_int_equal(sink.errors, 1);
    assert_string_equal(diag_code_name(sink.all.at[0]->code), diag_code_name(code));
    assert_int_equal(sink.all.at[0]->span.start, start);
}

static void nothing(void **state) {
    (void)state;
    assert_string_equal(tokens_of(""), "");
    assert_string_equal(tokens_of(" \t\r\n"), "");
    assert_string_equal(tokens_of("// only a comment"), "");
    assert_string_equal(tokens_of("/* one /* in */ another */"), "");
    assert_int_equal(sink.errors, 0);
}

static void every_word_is_itself(void **state) {
    (void)state;
    for (int kind = TOKEN_ASYNC; kind < TOKEN_KIND_COUNT; kind++)
        if (kind != TOKEN_NAME)
            assert_int_equal(kind_of(token_text((enum token_kind)kind)), kind);
    // Neighbours of words are names.
    static const char *const names[] = {"asyncs", "Async", "matc", "on_start", "_", "a", "selF"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(kind_of(names[i]), TOKEN_NAME);
}

static void every_mark_is_itself(void **state) {
    (void)state;
    for (int kind = TOKEN_LPAREN; kind <= TOKEN_GT; kind++)
        assert_int_equal(kind_of(token_text((enum token_kind)kind)), kind);
}

static void marks_are_as_long_as_possible(void **state) {
    (void)state;
    assert_string_equal(tokens_of("a<<=b<<c<=d<e"), "a <<= b << c <= d < e");
    assert_string_equal(tokens_of("x=>y==z=w"), "x => y == z = w");
    assert_string_equal(tokens_of("a..=b...c..d.e"), "a ..= b ... c .. d . e");
    assert_string_equal(tokens_of("a::b:c"), "a :: b : c");
    assert_string_equal(tokens_of("a->b-=c-d"), "a -> b -= c - d");
    assert_string_equal(tokens_of("|a||b|=c"), "| a || b |= c");
    // `>` always stands alone: it also closes type arguments.
    assert_string_equal(tokens_of("Map<K,List<V>>=x"), "Map < K , List < V > > = x");
}

static void numbers(void **state) {
    (void)state;
    assert_int_equal(kind_of("1_000"), TOKEN_INT);
    assert_int_equal(kind_of("0xFf_0"), TOKEN_INT);
    assert_int_equal(kind_of("1.5"), TOKEN_FLOAT);
    assert_int_equal(kind_of("1e9"), TOKEN_FLOAT);
    assert_int_equal(kind_of("2.5E-3"), TOKEN_FLOAT);
    // A `.` after digits is a fraction only before a digit.
    assert_string_equal(tokens_of("30.seconds 0..10 1.5.hours t.0.1"),
                        "30 . seconds 0 .. 10 1.5 . hours t . 0.1");
    assert_int_equal(sink.errors, 0);
    tokens_of("30seconds");
    only_error(P1010, 2);
    tokens_of("0x");
    only_error(P1010, 0);
}

static void strings(void **state) {
    (void)state;
    assert_string_equal(tokens_of("\"a\\\"b\" c"), "\"a\\\"b\" c");
    assert_string_equal(tokens_of("\"\"\"a\n\"b\" c\"\"\" d"), "\"\"\"a\n\"b\" c\"\"\" d");
    assert_string_equal(tokens_of("\"\" x"), "\"\" x");
    assert_string_equal(tokens_of("\"// no comment\""), "\"// no comment\"");
    assert_int_equal(sink.errors, 0);
    tokens_of("x = \"abc\ny");
    only_error(P1007, 4);
    tokens_of("\"abc\\");
    only_error(P1007, 0);
    tokens_of("\"\"\"abc\\");
    only_error(P1007, 0);
    tokens_of("\"");
    only_error(P1007, 0);
}

static void characters_and_labels(void **state) {
    (void)state;
    assert_int_equal(kind_of("'a'"), TOKEN_CHAR);
    assert_int_equal(kind_of("'\\''"), TOKEN_CHAR);
    assert_int_equal(kind_of("'\xe6\x97\xa5'"), TOKEN_CHAR);
    assert_int_equal(kind_of("'outer"), TOKEN_LABEL);
    assert_string_equal(tokens_of("'a: 'b' 'c"), "'a : 'b' 'c");
    tokens_of("'ab'");
    only_error(P1009, 0);
    tokens_of("'");
    only_error(P1009, 0);
}

static void lines_are_marked(void **state) {
    (void)state;
    struct token_list t = lexed(STR("a b\n/* \n */ c // x\r\nd"));
    assert_int_equal(t.len, 5);
    assert_true(t.at[0].on_new_line);
    assert_false(t.at[1].on_new_line);
    assert_true(t.at[2].on_new_line);
    assert_true(t.at[3].on_new_line);
}

static void byte_order_mark(void **state) {
    (void)state;
    struct token_list t = lexed(STR("\xef\xbb\xbf"
                                    "let"));
    assert_int_equal(sink.errors, 0);
    assert_int_equal(t.len, 2);
    assert_int_equal(t.at[0].start, 3);
    t = lexed(STR("#!/usr/bin/env -S prism run\nlet"));
    assert_int_equal(sink.errors, 0);
    assert_int_equal(t.len, 2);
    lexed(STR("let \xef\xbb\xbf x")); // only at the beginning
    only_error(P1002, 4);
}

static void bad_utf8(void **state) {
    (void)state;
    // Overlong, surrogate, beyond, cut off, a lone continuation; each in a comment.
    static const char *const texts[] = {"//\xc0\x80", "//\xed\xa0\x80", "//\xf4\x90\x80\x80",
                                        "//\xe6\x97", "//\x80"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        lexed(str_from(texts[i]));
        only_error(P1001, 2);
    }
    lexed(STR("let \xff = 1;")); // said once, though it is no token either
    only_error(P1001, 4);
}

static void utf8_sequences(void **state) {
    (void)state;
    assert_int_equal(utf8_sequence((const unsigned char *)"a", 1), 1);
    assert_int_equal(utf8_sequence((const unsigned char *)"\xc3\xa9", 2), 2);
    assert_int_equal(utf8_sequence((const unsigned char *)"\xc3\xa9", 1), 0);
    assert_int_equal(utf8_sequence((const unsigned char *)"\xef\xbf\xbf", 3), 3);
    assert_int_equal(utf8_sequence((const unsigned char *)"\xf4\x8f\xbf\xbf", 4), 4);
    assert_int_equal(utf8_sequence((const unsigned char *)"", 0), 0);
}

static void zeros_and_controls(void **state) {
    (void)state;
    struct token_list t = lexed((struct str){"a\0b", 3});
    only_error(P1002, 1);
    assert_int_equal(t.len, 4); // a, what is wrong, b, the end
    lexed(STR("a \x01\x02\x03 b"));
    only_error(P1002, 2);
    lexed((struct str){"\"a\0b\"", 5}); // a zero may stand in a string
    assert_int_equal(sink.errors, 0);
}

static void typographic_marks(void **state) {
    (void)state;
    struct token_list t = lexed(STR("\xe2\x80\x9chello\xe2\x80\x9d x"));
    only_error(P1002, 0);
    assert_int_equal(t.len, 3);
    assert_int_equal(sink.all.at[0]->fixes.len, 1);
    assert_true(str_is(sink.all.at[0]->fixes.at[0].edits.at[0].replacement, "\"hello\""));
    lexed(STR("# comment \xe2\x80\x9c"));
    only_error(P1002, 0);
    lexed(STR("a\xc2\xa0"
              "b"));
    only_error(P1002, 1);
}

// Every text of up to three bytes of an alphabet that has one of each kind: always ends, always
// covers only the text, tokens never overlap.
static void all_short_texts(void **state) {
    (void)state;
    static const char alphabet[] = "a0\"'/*\\.\n =>|<-:\x80\xe2#@\0";
    const size_t n = sizeof alphabet - 1;
    for (size_t i = 0; i < n * n * n; i++) {
        char text[3] = {alphabet[i % n], alphabet[i / n % n], alphabet[i / n / n]};
        struct token_list t = lexed((struct str){text, 3});
        int32_t end = 0;
        for (int32_t k = 0; k < t.len; k++) {
            assert_true(t.at[k].start >= end && t.at[k].end >= t.at[k].start);
            end = t.at[k].end;
        }
        assert_int_equal(end, 3);
    }
}

// provokes P1030
static void too_many_tokens(void **state) {
    (void)state;
    size_t len = (1 << 24) + 10;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, ';', len);
    struct token_list t = lexed((struct str){text, len});
    only_error(P1030, 1 << 24);
    assert_int_equal(t.len, (1 << 24) + 1);
    arena_free(&arena);
    free(text);
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing),
        cmocka_unit_test(every_word_is_itself),
        cmocka_unit_test(every_mark_is_itself),
        cmocka_unit_test(marks_are_as_long_as_possible),
        cmocka_unit_test(numbers),
        cmocka_unit_test(strings),
        cmocka_unit_test(characters_and_labels),
        cmocka_unit_test(lines_are_marked),
        cmocka_unit_test(byte_order_mark),
        cmocka_unit_test(bad_utf8),
        cmocka_unit_test(utf8_sequences),
        cmocka_unit_test(zeros_and_controls),
        cmocka_unit_test(typographic_marks),
        cmocka_unit_test(all_short_texts),
        cmocka_unit_test(too_many_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
