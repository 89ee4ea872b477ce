// SPDX-License-Identifier: MIT
// Lines that move: what the C compiler makes of relative ones is, once they are placed, what it
// makes of the lines themselves.
#define _GNU_SOURCE // mkdtemp
#include "frontend/emit/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena arena;
static char folder[] = "/tmp/prism-lines-XXXXXX";

static int begin(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}
static int end(void **state) {
    (void)state;
    int status = system(str_format(&arena, "rm -rf %s", folder).data);
    arena_free(&arena);
    return status;
}

// Two functions, one of which the other has in line, `moved` lines further down.
static const char *const inlined =
    "static inline __attribute__((always_inline)) int twice(int a) {\n"
    "#line %d \"a.prism\"\n"
    "    int b = a * 2;\n"
    "#line %d \"a.prism\"\n"
    "    return b + a / 3;\n"
    "}\n";
static const char *const caller = "int call(int a) {\n"
                                  "#line %d \"b.prism\"\n"
                                  "    int c = twice(a);\n"
                                  "#line %d \"a.prism\"\n"
                                  "    c += header(c);\n"
                                  "#line %d \"b.prism\"\n"
                                  "    return c + twice(c) * 7;\n"
                                  "}\n";
static const char header[] = "static inline __attribute__((always_inline)) int header(int a) {\n"
                             "    return a ^ a / 5;\n"
                             "}\n";

static struct str item_of(const char *form, int moved) {
    if (form == inlined)
        return str_format(&arena, inlined, 10 + moved, 11 + moved);
    return str_format(&arena, caller, 900 + 2 * moved, 40 + moved, 905 + 2 * moved);
}

// The C with both; relative if there is a list.
static struct str both(int moved, line_list *starts) {
    struct text out = {.arena = &arena};
    text_put(&out, STR(header));
    const char *const forms[] = {inlined, caller};
    for (int i = 0; i < 2; i++) {
        struct str item = item_of(forms[i], moved);
        if (starts)
            lines_put(&arena, item, starts, &out);
        else // as lines_put does: the function begins where its first statement stands
            text_printf(&out, "%s%.*s",
                        i ? str_format(&arena, "#line %d \"b.prism\"\n", 900 + 2 * moved).data
                          : str_format(&arena, "#line %d \"a.prism\"\n", 10 + moved).data,
                        STR_ARGS(item));
    }
    return text_str(&out);
}

static struct str assembly_of(struct str c) {
    struct text out = {.arena = &arena};
    struct str raw;
    const char *path = str_format(&arena, "%s/t.c", folder).data;
    assert_null(file_write(&arena, path, c));
    assert_int_equal(
        system(str_format(&arena, "cc -O1 -g1 -dA -S %s -o %s/t.s", path, folder).data), 0);
    assert_null(file_read(&arena, str_format(&arena, "%s/t.s", folder).data, &raw));
    emit_without_comments(raw, &out);
    return text_str(&out);
}

// What it says of lines: the directives, and the numbers of calls and declarations.
static struct str lines_in(struct str assembly) {
    struct text out = {.arena = &arena};
    char *text = (char *)str_dup(&arena, assembly).data;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        char word[32];
        int file, number, column;
        if (sscanf(line, " .loc %d %d %d", &file, &number, &column) == 3)
            text_printf(&out, "%d:%d:%d\n", file, number, column);
        else if (strstr(line, "DW_AT_call_line") && sscanf(line, " %31s %i", word, &number) == 2 &&
                 !strstr(line, "(DW_AT"))
            text_printf(&out, "call at %d\n", number);
    }
    return text_str(&out);
}

static void lines_are_placed(void **state) {
    (void)state;
    for (int moved = 0; moved < 300; moved += 123) {
        struct text placed = {.arena = &arena};
        line_list starts = {0};
        struct str relative = assembly_of(both(moved, &starts));
        emit_lines(relative, &starts, &placed);
        struct str found = lines_in(text_str(&placed));
        assert_true(found.len > 100);
        assert_string_equal(found.data, lines_in(assembly_of(both(moved, NULL))).data);
    }
}

static void what_moves_stays_the_same_text(void **state) {
    (void)state;
    line_list here = {0}, there = {0};
    struct str before = both(0, &here), after = both(500, &there);
    assert_true(str_eq(before, after));
    assert_int_equal(here.len, 3); // of the second function a file each
    assert_int_equal(there.at[0], here.at[0] + 500);
    assert_int_equal(there.at[1], here.at[1] + 1000);
    assert_int_equal(there.at[2], here.at[2] + 500);
}

static void without_a_list_there_are_no_lines(void **state) {
    (void)state;
    struct text out = {.arena = &arena};
    lines_put(&arena, item_of(caller, 0), NULL, &out);
    assert_null(strstr(out.data, "#line"));
    assert_non_null(strstr(out.data, "c += header(c);"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_placed),
        cmocka_unit_test(what_moves_stays_the_same_text),
        cmocka_unit_test(without_a_list_there_are_no_lines),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
