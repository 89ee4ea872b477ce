// SPDX-License-Identifier: MIT
// The parser: small texts against the dump of their tree; the specification's blocks; the dumps of
// tests/syntax/ and the diagnostics of tests/messages/P1*; hostile texts. Run from the top folder.
#include "frontend/syntax/syntax.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena arena;
static struct diag_sink sink;
static struct source source;

static struct module_ast *parsed(struct str text) {
    arena_free(&arena);
    sink = (struct diag_sink){.arena = &arena};
    struct intern_table names = {.arena = &arena};
    source_init(&arena, &source, "test.prism", text);
    return syntax_parse(&arena, &names, &source, &sink);
}

static const char *dumped(const struct module_ast *module) {
    struct text out = {.arena = &arena};
    text_put(&out, STR(""));
    syntax_dump(module, &out);
    return out.data;
}

// "P1003 1:5", … of all diagnostics, a line each.
static const char *complaints(void) {
    struct text out = {.arena = &arena};
    text_put(&out, STR(""));
    for (int32_t i = 0; i < sink.all.len; i++) {
        int32_t line, column;
        source_position(&source, sink.all.at[i]->span.start, &line, &column);
        text_printf(&out, "%s %d:%d\n", diag_code_name(sink.all.at[i]->code), line, column);
    }
    return out.data;
}

// ---- expressions --------------------------------------------------------------------------------

// An expression as one line: (operator operand …).
static const char *flat(const char *expression) {
    char program[512];
    snprintf(program, sizeof program, "const X = %s;", expression);
    struct module_ast *module = parsed(str_from(program));
    assert_string_equal(complaints(), "");
    assert_int_equal(module->items.len, 1);
    // The dump's lines below "=", joined by their indentation.
    struct str rest = str_from(dumped(module));
    struct text out = {.arena = &arena};
    int depth = -1;
    for (int number = 0; rest.len; number++) {
        const char *end = memchr(rest.data, '\n', rest.len);
        struct str line = {rest.data, (size_t)(end - rest.data)};
        rest = (struct str){end + 1, rest.len - line.len - 1};
        int indent = 0;
        while (line.data[indent] == ' ')
            indent++;
        if (number < 2)
            continue; // "const X", "="
        for (; depth >= indent; depth -= 2)
            text_putc(&out, ')');
        text_printf(&out, "%s(%.*s", out.len ? " " : "", (int)line.len - indent,
                    line.data + indent);
        depth = indent;
    }
    for (; depth >= 4; depth -= 2)
        text_putc(&out, ')');
    return out.data;
}

#define A "(name a)"
#define B "(name b)"
#define C "(name c)"

static void precedence(void **state) {
    (void)state;
    assert_string_equal(flat("a + b * c"), "(binary + " A " (binary * " B " " C "))");
    assert_string_equal(flat("(a + b) * c"), "(binary * (binary + " A " " B ") " C ")");
    assert_string_equal(flat("a - b - c"), "(binary - (binary - " A " " B ") " C ")");
    assert_string_equal(flat("a || b && c"), "(binary || " A " (binary && " B " " C "))");
    assert_string_equal(flat("a == b | c"), "(binary == " A " (binary | " B " " C "))");
    assert_string_equal(flat("a << b + c"), "(binary << " A " (binary + " B " " C "))");
    assert_string_equal(flat("-a * b"), "(binary * (unary - " A ") " B ")");
    assert_string_equal(flat("-a.b"), "(unary - (member .b " A "))");
    assert_string_equal(flat("!a && b"), "(binary && (unary ! " A ") " B ")");
    assert_string_equal(flat("a..b + c"), "(range .. (from " A ") (to (binary + " B " " C ")))");
}

static void operators_that_begin_with_greater(void **state) {
    (void)state;
    assert_string_equal(flat("a > b"), "(binary > " A " " B ")");
    assert_string_equal(flat("a >= b"), "(binary >= " A " " B ")");
    assert_string_equal(flat("a >> b"), "(binary >> " A " " B ")");
    assert_string_equal(flat("a > -b"), "(binary > " A " (unary - " B "))");
    assert_string_equal(flat("{ a >>= b }"), "(block (value (assign >>= " A " " B ")))");
    parsed(STR("const X = a > = b;"));
    assert_string_equal(complaints(), "P1013 1:15\n");
}

static void awaiting(void **state) {
    (void)state;
    // The chain up to the first `?`; later ones, and members behind them, apply to the result.
    assert_string_equal(flat("await a.b()?"), "(try (await (call (member .b " A "))))");
    assert_string_equal(flat("await a.b()?.c"),
                        "(member .c (try (await (call (member .b " A ")))))");
    assert_string_equal(flat("a.b().await"), "(await (call (member .b " A ")))");
    assert_string_equal(flat("await a + b"), "(binary + (await " A ") " B ")");
    assert_string_equal(flat("await a() effects [X.Y] capabilities []"),
                        "(await (declared (call " A ") (effects (X.Y)) (capabilities)))");
}

static void postfixes(void **state) {
    (void)state;
    assert_string_equal(flat("a.b::c[a](b, t: c)"),
                        "(call (index (member .c (member .b " A ")) " A ") " B " (t: " C "))");
    assert_string_equal(flat("a.0.1"), "(member .1 (member .0 " A "))");
    assert_string_equal(flat("30.seconds"), "(member .seconds (int 30))");
    assert_string_equal(flat("a.collect::<List<T>>()"), "(call (member .collect<List<T>> " A "))");
    assert_string_equal(flat("Vec::<u8>::new()"), "(call (member .new (name Vec<u8>)))");
    assert_string_equal(flat("async.join(a, b)"), "(call (member .join (name async)) " A " " B ")");
    assert_string_equal(flat("assert!(a, \"m\")"), "(macro assert! " A " (string \"m\"))");
    assert_string_equal(flat("a != b"), "(binary != " A " " B ")");
}

static void braces(void **state) {
    (void)state;
    assert_string_equal(flat("{ a: b, x.y: c }"), "(record (a: " B ") (x.y: " C "))");
    assert_string_equal(flat("{ a }"), "(block (value " A "))");
    assert_string_equal(flat("{ }"), "(block)");
    assert_string_equal(flat("P { a: b, c, ..a }"), "(struct P (a: " B ") (c: " C ") (.. " A "))");
    assert_string_equal(flat("m.P::<T> { }"), "(struct m.P<T>)");
    assert_string_equal(flat("if a { b } else { c }"),
                        "(if " A " (then (value " B ")) (else (block (value " C "))))");
    // In a head a brace begins the block.
    assert_string_equal(flat("if P { b } else { c }"),
                        "(if (name P) (then (value " B ")) (else (block (value " C "))))");
    assert_string_equal(flat("if f(P { }) { }"), "(if (call (name f) (struct P)) (then))");
}

static void closures(void **state) {
    (void)state;
    assert_string_equal(flat("|| a"), "(closure || " A ")");
    assert_string_equal(flat("|mut a, (b, _): (A, B)| -> C { c }"),
                        "(closure |mut a, (b, _): (A, B)| -> C (block (value " C ")))");
    assert_string_equal(flat("|a| async { b }"), "(closure |a| (async (value " B ")))");
    assert_string_equal(flat("|a| b = c"), "(closure |a| (assign = " B " " C "))");
    assert_string_equal(flat("a | b"), "(binary | " A " " B ")");
}

static void literals(void **state) {
    (void)state;
    assert_string_equal(flat("1_000"), "(int 1000)");
    assert_string_equal(flat("0xff"), "(int 255)");
    assert_string_equal(flat("0b101"), "(int 5)");
    assert_string_equal(flat("0o17"), "(int 15)");
    assert_string_equal(flat("18446744073709551615"), "(int 18446744073709551615)");
    assert_string_equal(flat("2.5e-1"), "(float 0.25)");
    assert_string_equal(flat("'a'"), "(char U+0061)");
    assert_string_equal(flat("'\\u{1f600}'"), "(char U+1F600)");
    assert_string_equal(flat("'\xe6\x97\xa5'"), "(char U+65E5)");
    assert_string_equal(flat("\"a\\n\\u{e9}\\x41\""), "(string \"a\\x0a\xc3\xa9"
                                                      "A\")");
    assert_string_equal(flat("..."), "(hole)");
    assert_string_equal(flat("()"), "(tuple)");
    assert_string_equal(flat("(a,)"), "(tuple " A ")");
    assert_string_equal(flat("[a, b,]"), "(list " A " " B ")");
}

static void long_strings(void **state) {
    (void)state;
    assert_string_equal(flat("\"\"\"\n    a\n      b\n    \"\"\""), "(string \"a\\x0a  b\")");
    assert_string_equal(flat("\"\"\"a\n  b\"\"\""), "(string \"a\\x0a  b\")");
    assert_string_equal(flat("\"\"\"\n  a\n\n  b\n\"\"\""), "(string \"  a\\x0a\\x0a  b\")");
    assert_string_equal(flat("\"\"\"\r\n  a\r\n  \"\"\""), "(string \"a\")");
    assert_string_equal(flat("\"\"\"\"\"\""), "(string \"\")");
}

// ---- spans and ids ------------------------------------------------------------------------------

static void spans(void **state) {
    (void)state;
    struct module_ast *module = parsed(STR("const X = (a + b) * c.d(1);"));
    const struct ast_item *item = module->items.at[0];
    assert_int_equal(item->span.start, 0);
    assert_int_equal(item->span.end, 27);
    assert_int_equal(item->name.start, 6);
    const struct ast_expr *product = item->constant->value;
    assert_int_equal(product->span.start, 10); // with the parenthesis of its first operand
    assert_int_equal(product->span.end, 26);
    assert_int_equal(product->binary.op_start, 18);
    assert_int_equal(product->binary.left->span.start, 11); // without
    assert_int_equal(product->binary.left->span.end, 16);
    assert_int_equal(product->binary.right->call.callee->span.end, 23);
}

static void ids_are_dense(void **state) {
    (void)state;
    struct module_ast *module =
        parsed(STR("function f(a: A, mut b: (B, C)) -> D { let (x, y) = a; }"));
    assert_int_equal(module->item_count, 1);
    assert_int_equal(module->expr_count, 1);    // a
    assert_int_equal(module->pattern_count, 3); // (x, y), x, y
    assert_int_equal(module->type_count, 5);    // A, (B, C), B, C, D
    assert_int_equal(module->binding_count, 4); // a, b, x, y
    assert_false(module->has_errors);
}

// ---- annotations --------------------------------------------------------------------------------

static void annotations(void **state) {
    (void)state;
    struct module_ast *module = parsed(STR("@a \"x\"\n"
                                           "@aiContext { p: \"q\" }\n"
                                           "module M {\n"
                                           "    @aiContext { r: \"s\" }\n"
                                           "    @b\n"
                                           "    function f() { @aiContext { t: 1 } }\n"
                                           "    @c [1]\n"
                                           "}\n"
                                           "@d { type: 1, a.b: 2 }\n"));
    assert_string_equal(complaints(), "");
    assert_string_equal(dumped(module), "@d\n"
                                        "  record\n"
                                        "    type:\n"
                                        "      int 1\n"
                                        "    a.b:\n"
                                        "      int 2\n"
                                        "module M\n"
                                        "  @a\n"
                                        "    string \"x\"\n"
                                        "  @aiContext\n"
                                        "    record\n"
                                        "      p:\n"
                                        "        string \"q\"\n"
                                        "  @aiContext\n"
                                        "    record\n"
                                        "      r:\n"
                                        "        string \"s\"\n"
                                        "  @c\n"
                                        "    list\n"
                                        "      int 1\n"
                                        "  function f\n"
                                        "    @b\n"
                                        "    @aiContext\n"
                                        "      record\n"
                                        "        t:\n"
                                        "          int 1\n"
                                        "    body\n");
}

// ---- recovery -----------------------------------------------------------------------------------

static void goes_on_after_errors(void **state) {
    (void)state;
    struct module_ast *module = parsed(STR("function a() { let = 1; let x = 2; }\n"
                                           "struct { }\n"
                                           "function b() { f(1 2); g(); }\n"
                                           "function c() -> i64 { 1 }\n"));
    assert_string_equal(complaints(), "P1015 1:20\nP1003 2:8\nP1003 3:20\n");
    assert_true(module->has_errors);
    assert_int_equal(module->items.len, 4);
    assert_string_equal(module->items.at[3]->name.text, "c");
    assert_int_equal(module->items.at[0]->function->body->stmts.len, 2);
    assert_int_equal(module->items.at[2]->function->body->stmts.len, 2);
}

// Where a `}` is missing is told by indentation, and what follows is not drawn into it.
static void missing_brace(void **state) {
    (void)state;
    struct module_ast *module = parsed(STR("actor A {\n"
                                           "    function f() {\n"
                                           "        if x {\n"
                                           "            y();\n"
                                           "    }\n"
                                           "    function g() { }\n"
                                           "}\n"
                                           "actor B {\n"
                                           "    message M { }\n"
                                           "actor C { }\n"));
    assert_string_equal(complaints(), "P1005 2:18\nP1005 8:9\n");
    assert_int_equal(module->items.len, 3);
    assert_int_equal(module->items.at[0]->actor->members.len, 2);
}

static void missing_semicolon(void **state) {
    (void)state;
    struct module_ast *module = parsed(STR("function f() {\n"
                                           "    let a = 1\n"
                                           "    g(a)\n"
                                           "    let b = 2;\n"
                                           "}\n"));
    assert_string_equal(complaints(), "P1017 2:14\nP1017 3:9\n");
    assert_int_equal(module->items.at[0]->function->body->stmts.len, 3);
}

// What begins exactly where something broken ends is not lost.
static void next_one_is_kept(void **state) {
    (void)state;
    struct module_ast *module = parsed(STR("struct P {\n"
                                           "    x: i64,\n"
                                           "\n"
                                           "enum E { A, B\n"
                                           "const C = 1;\n"
                                           "function f(a: i64 {\n"
                                           "    let x =\n"
                                           "    let y = 2;\n"
                                           "}\n"
                                           "function g() {\n"
                                           "    let x =\n"
                                           "    let y = 2;\n"
                                           "    h(\n"
                                           "    return y;\n"
                                           "}\n"
                                           "fn k() {\n"
                                           "    if a {\n"
                                           "}\n"
                                           "function l() { }\n"));
    assert_string_equal(complaints(), "P1005 1:10\n"
                                      "P1005 4:8\n"
                                      "P1003 6:19\n"
                                      "P1013 12:5\n"
                                      "P1005 13:6\n"
                                      "P1016 16:1\n");
    static const char *const names[] = {"P", "E", "C", "f", "g", "l"};
    assert_int_equal(module->items.len, 6);
    for (int i = 0; i < 6; i++)
        assert_string_equal(module->items.at[i]->name.text, names[i]);
    assert_int_equal(module->items.at[4]->function->body->stmts.len, 3);
}

static void line_ends_do_not_matter(void **state) {
    (void)state;
    const char *unix_dump = dumped(parsed(STR("actor A {\n    n: i64 = 0; // c\n}\n")));
    char *kept = strdup(unix_dump);
    assert_string_equal(dumped(parsed(STR("\xef\xbb\xbf"
                                          "actor A {\r\n\tn: i64 = 0; // c\r\n}\r\n"))),
                        kept);
    assert_int_equal(sink.errors, 0);
    free(kept);
}

// ---- hostile texts ------------------------------------------------------------------------------

static struct str repeated(const char *before, const char *piece, int count, const char *after) {
    static char *buffer;
    free(buffer);
    struct str s = {NULL, strlen(before) + strlen(piece) * (size_t)count + strlen(after)};
    char *at = buffer = malloc(s.len + 1);
    assert_non_null(buffer);
    at = stpcpy(at, before);
    for (int i = 0; i < count; i++)
        at = stpcpy(at, piece);
    strcpy(at, after);
    s.data = buffer;
    return s;
}

static bool complained(enum diag_code code) {
    for (int32_t i = 0; i < sink.all.len; i++)
        if (sink.all.at[i]->code == code)
            return true;
    return false;
}

// Whatever nests is bounded: by recursion or by a chain of nodes.
static void deep_nesting(void **state) {
    (void)state;
    static const char *const openers[] = {
        "(",
        "[",
        "{",
        "{ a: ",
        "f(",
        "a[",
        "|x| ",
        "if a { ",
        "-",
        "!",
        "await ",
        "* ",
        "async { ",
        "P { a: ",
        "match a { _ => ",
        "1 + (",
        "return ",
        "&",
        "if a {} else ",
        "loop { ",
        "let x = ",
        "1..=(",
        "break ",
        "f!(",
        "1 * ",
        "x = ",
        "while x ",
        "for x in ",
        "async with ",
        "async |x| ",
        "@a { b: ",
        "x.y(|z| ",
    };
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++)
        parsed(repeated("function f() { ", openers[i], 100000, ""));
    static const char *const types[] = {"(", "List<", "A -> ", "&", "[", "(A, B) -> ("};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        parsed(repeated("type T = ", types[i], 100000, ""));
    static const char *const patterns[] = {"(", "Some(", "P { a: ", "x @ ", "A | (", "-"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        parsed(repeated("function f() { let ", patterns[i], 100000, ""));
    static const char *const items[] = {"module m { ", "section s { ", "actor a { ",   "@a ",
                                        "impl A { ",   "pub ",         "extern \"C\" "};
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        parsed(repeated("", items[i], 100000, ""));
}

static void deep_chains(void **state) {
    (void)state;
    static const char *const pieces[] = {".a", "()", "[0]", "?", " + 1", ".await", " && b", "::a"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        parsed(repeated("const X = a", pieces[i], 100000, ";"));
        assert_true(complained(P1004));
        assert_int_equal(sink.errors, 1);
        parsed(repeated("const X = a", pieces[i], 400, ";"));
        assert_int_equal(sink.errors, 0);
    }
}

static int32_t height(const struct ast_expr *e) {
    switch (e->kind) {
    case EXPR_BINARY: {
        int32_t left = height(e->binary.left), right = height(e->binary.right);
        return 1 + (left > right ? left : right);
    }
    case EXPR_MEMBER:
        return 1 + height(e->member.object);
    case EXPR_CALL: {
        int32_t most = height(e->call.callee);
        for (int32_t i = 0; i < e->call.args.len; i++) {
            int32_t arg = height(e->call.args.at[i].value);
            most = arg > most ? arg : most;
        }
        return 1 + most;
    }
    default:
        return 1;
    }
}

// Chains within brackets within chains: the bound is on the whole path, not on each.
static void height_is_bounded(void **state) {
    (void)state;
    static char program[1 << 20];
    size_t at = 0;
    at += (size_t)sprintf(program, "const X = ");
    for (int i = 0; i < 400; i++)
        at += (size_t)sprintf(program + at, "f(");
    at += (size_t)sprintf(program + at, "a");
    for (int i = 0; i < 400; i++)
        at += (size_t)sprintf(program + at, ".b.b.b.b.b.b.b.b.b.b + 1 + 1 + 1 + 1)");
    sprintf(program + at, ";");
    struct module_ast *module = parsed(str_from(program));
    assert_true(complained(P1004));
    assert_true(height(module->items.at[0]->constant->value) <= SYNTAX_NESTING_MAX + 2);
}

// Unclosed brackets must not make each level search the rest of the file again.
static void wide_garbage_is_read_once(void **state) {
    (void)state;
    parsed(repeated("function f() { ((((((((((((((((((((((((((((((((((((((((((((", "a b, ", 400000,
                    "}"));
    parsed(repeated("function f() { ", "f(a b [ ", 400000, ""));
    parsed(repeated("", "}", 1000000, ""));
    parsed(repeated("function f() { ", ") ", 1000000, "}"));
    parsed(repeated("", "actor A { message ", 200000, ""));
    parsed(repeated("function f() { match x { ", "=> , ", 400000, "}}"));
    parsed(repeated("function f() {\n", "f(a b\nif x {}\n", 200000, ""));
    parsed(repeated("function f() {\n", "f(a b {}\n", 200000, ""));
    parsed(repeated("", "actor A { f(a b {}\n", 200000, ""));
    parsed(repeated("", "x {\n", 200000, ""));
    assert_true(sink.all.len <= DIAG_ERRORS_MAX);
}

// One line that is most of the file, and many that ask how it is indented.
static void long_lines(void **state) {
    (void)state;
    char *spaces = malloc(4000001);
    memset(spaces, ' ', 4000000);
    spaces[4000000] = 0;
    char *head = malloc(4000100);
    sprintf(head, "%sfunction f() {", spaces);
    parsed(repeated(head, "\n const a = 1;", 100000, "}"));
    parsed(repeated(head, "\nconst a = 1;", 100000, "}"));
    free(head);
    free(spaces);
}

// Each beginning and each end of the specification's blocks, and each with a byte left out.
static void cut_programs(void **state) {
    (void)state;
    struct arena own = {0};
    for (int i = 1; i <= 19; i++) {
        struct str text;
        char path[64];
        snprintf(path, sizeof path, "tests/syntax/spec/b%02d.prism", i);
        assert_null(file_read(&own, path, &text));
        for (size_t cut = 0; cut < text.len; cut += 7) {
            parsed((struct str){text.data, cut});
            parsed((struct str){text.data + cut, text.len - cut});
            char *copy = malloc(text.len);
            memcpy(copy, text.data, cut);
            memcpy(copy + cut, text.data + cut + 1, text.len - cut - 1);
            parsed((struct str){copy, text.len - 1});
            free(copy);
        }
    }
    arena_free(&own);
}

// ---- files --------------------------------------------------------------------------------------

static void specification_parses(void **state) {
    (void)state;
    struct arena own = {0};
    for (int i = 1; i <= 19; i++) {
        struct str text;
        char path[64];
        snprintf(path, sizeof path, "tests/syntax/spec/b%02d.prism", i);
        assert_null(file_read(&own, path, &text));
        struct module_ast *module = parsed(text);
        assert_string_equal(complaints(), "");
        assert_true(module->items.len > 0 || module->annotations.len > 0);
    }
    arena_free(&own);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// The files of a folder with a suffix, in order; the caller frees them.
static int list_files(const char *folder, const char *prefix, const char *suffix, char **paths,
                      int count_max) {
    int count = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        struct str name = str_from(e->d_name);
        if (!str_starts(name, str_from(prefix)) || !str_ends(name, str_from(suffix)))
            continue;
        assert_true(count < count_max);
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        paths[count++] = strdup(path);
    }
    closedir(d);
    qsort(paths, (size_t)count, sizeof *paths, by_name);
    return count;
}

// tests/syntax/NAME.prism has the tree of NAME.ast.
static void trees_of_files(void **state) {
    (void)state;
    struct arena own = {0};
    char *paths[64];
    int count = list_files("tests/syntax", "", ".prism", paths, 64);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        struct str text, expected;
        assert_null(file_read(&own, paths[i], &text));
        char tree[512];
        snprintf(tree, sizeof tree, "%.*s.ast", (int)strlen(paths[i]) - 6, paths[i]);
        assert_null(file_read(&own, tree, &expected));
        const char *actual = dumped(parsed(text));
        assert_string_equal(complaints(), "");
        assert_string_equal(actual, expected.data);
        free(paths[i]);
    }
    arena_free(&own);
}

static int by_line(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *sorted_lines(char *text) {
    const char *lines[128];
    size_t count = 0;
    for (char *line = strtok(text, "\n"); line && count < 128; line = strtok(NULL, "\n"))
        lines[count++] = line;
    qsort(lines, count, sizeof *lines, by_line);
    struct text out = {.arena = &arena};
    text_put(&out, STR(""));
    for (size_t i = 0; i < count; i++)
        text_printf(&out, "%s\n", lines[i]);
    return out.data;
}

// What stands in a fix has to be what was meant: where it is not known there is none.
static void fixes_only_what_helps(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int32_t fixes;
    } cases[] = {
        {"function f(a: i64) { let b = a }", 1},
        {"function f(a: bool) { let b = a ? 1 : 2; }", 1},
        {"function f() { let mut a = 1; a++; }", 1},
        {"function f() { let mut a = 1; let b = a++; }", 0},
        {"function f() { let mut a = 1; g(a--); }", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parsed(str_from(cases[i].text));
        assert_int_equal(sink.all.len, 1);
        assert_int_equal(sink.all.at[0]->fixes.len, cases[i].fixes);
    }
}

// The programs of tests/messages/ say what they provoke: `// expect: P1003 5:9`.
static void messages_of_files(void **state) {
    (void)state;
    struct arena own = {0};
    char *paths[64];
    int count = list_files("tests/messages", "P1", ".prism", paths, 64);
    assert_true(count >= 29);
    for (int i = 0; i < count; i++) {
        struct str text;
        assert_null(file_read(&own, paths[i], &text));
        struct text expected = {.arena = &own};
        text_put(&expected, STR(""));
        for (const char *at = text.data; (at = strstr(at, "// expect: ")); at++)
            text_printf(&expected, "%.*s\n", (int)strcspn(at + 11, "\n"), at + 11);
        parsed(text);
        char *actual = strdup(complaints());
        const char *expected_lines = sorted_lines(expected.data);
        const char *actual_lines = sorted_lines(actual);
        if (strcmp(expected_lines, actual_lines) != 0)
            print_message("# in %s\n", paths[i]);
        assert_string_equal(actual_lines, expected_lines);
        free(actual);
        free(paths[i]);
    }
    arena_free(&own);
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(precedence),
        cmocka_unit_test(operators_that_begin_with_greater),
        cmocka_unit_test(awaiting),
        cmocka_unit_test(postfixes),
        cmocka_unit_test(braces),
        cmocka_unit_test(closures),
        cmocka_unit_test(literals),
        cmocka_unit_test(long_strings),
        cmocka_unit_test(spans),
        cmocka_unit_test(ids_are_dense),
        cmocka_unit_test(annotations),
        cmocka_unit_test(goes_on_after_errors),
        cmocka_unit_test(missing_brace),
        cmocka_unit_test(missing_semicolon),
        cmocka_unit_test(fixes_only_what_helps),
        cmocka_unit_test(next_one_is_kept),
        cmocka_unit_test(line_ends_do_not_matter),
        cmocka_unit_test(deep_nesting),
        cmocka_unit_test(deep_chains),
        cmocka_unit_test(height_is_bounded),
        cmocka_unit_test(wide_garbage_is_read_once),
        cmocka_unit_test(long_lines),
        cmocka_unit_test(cut_programs),
        cmocka_unit_test(specification_parses),
        cmocka_unit_test(trees_of_files),
        cmocka_unit_test(messages_of_files),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
