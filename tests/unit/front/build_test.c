// SPDX-License-Identifier: MIT
// Lowering: small programs become the MIR that one would write by hand, and every program becomes
// MIR that the validator accepts.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "frontend/mir/build/build.h"
#include "frontend/syntax/syntax.h"

#include <dirent.h>
#include <stdlib.h>

static const char *const library[] = {
    "core",    "number", "list", "map",     "queue", "string", "time",  "parallel",
    "channel", "lock",   "node", "history", "bytes", "data",   "token", "capability"};

struct program {
    struct arena arena;
    struct intern_table names;
    struct diag_sink sink;
    struct mir_module *mir;
};

static const struct module_ast *parse(struct program *p, const char *path, struct str text) {
    struct source *source = arena_new(&p->arena, struct source);
    source_init(&p->arena, source, path, text);
    return syntax_parse(&p->arena, &p->names, source, &p->sink);
}

static struct str contents(struct program *p, const char *path) {
    struct str text;
    const char *wrong = file_read(&p->arena, path, &text);
    if (wrong)
        fail_msg("%s: %s", path, wrong);
    return text;
}

static void say(struct program *p) {
    struct text out = {.arena = &p->arena};
    diag_render(&p->sink, (struct diag_style){.format = DIAG_SHORT, .width = 200}, &out);
    print_error("%s", out.data ? out.data : "");
}

static struct program *build(const char *path, struct str text) {
    struct program *p = calloc(1, sizeof *p);
    p->names.arena = p->sink.arena = &p->arena;
    struct sema_source sources[sizeof library / sizeof *library + 1];
    int32_t count = 0;
    for (size_t i = 0; i < sizeof library / sizeof *library; i++) {
        const char *file = str_format(&p->arena, "runtime/std/%s.prism", library[i]).data;
        sources[count++] =
            (struct sema_source){.ast = parse(p, file, contents(p, file)), .is_std = true};
    }
    sources[count++] = (struct sema_source){.ast = parse(p, path, text)};
    struct sema_package package = {.modules = sources, .count = count};
    struct typed_program *typed = sema_check(&p->arena, &p->names, &package, &p->sink);
    if (p->sink.errors == 0)
        p->mir = mir_build(&p->arena, typed, &p->sink);
    if (p->sink.errors > 0 || !mir_validate(p->mir, &p->sink)) {
        say(p);
        fail_msg("%s does not become MIR", path);
    }
    return p;
}

static void done(struct program *p) {
    arena_free(&p->arena);
    free(p);
}

// The function's text without locations and the program's names.
static void expect(const char *source, const char *function, const char *wanted) {
    struct program *p = build("test.prism", str_from(source));
    struct mir_function *f = mir_find_function(p->mir, function);
    assert_non_null(f);
    struct text out = {.arena = &p->arena};
    mir_print_function(p->mir, f, 0, &out);
    assert_string_equal(out.data, wanted);
    done(p);
}

static void arithmetic_needs_no_temporaries(void **state) {
    (void)state;
    expect("function f(a: i64, b: i64) -> i64 { return a + b * 2; }\n"
           "function main() { f(1, 2); }\n",
           "f",
           "fn f (_0 i64, _1 i64) -> i64 traps {\n"
           "  let _2 i64\n"
           "  let _3 i64\n"
           "bb0:\n"
           "  _2 = mul _1, 2_i64\n"
           "  _3 = add _0, _2\n"
           "  return _3\n"
           "}\n");
}

static void assignments_write_in_place(void **state) {
    (void)state;
    expect("struct P { x: i64, y: i64 }\n"
           "function f(mut list: List<P>, i: u64) { list[i].x += 1; list[i].y = list[i].x; }\n"
           "function main() { let mut l = [P { x: 1, y: 2 }]; f(l, 0); }\n",
           "f",
           "fn f (mut _0 buf(P), _1 u64) -> unit traps {\n"
           "bb0:\n"
           "  _0[_1].0 = add _0[_1].0, 1_i64\n"
           "  _0[_1].1 = use _0[_1].0\n"
           "  return ()\n"
           "}\n");
}

static void the_second_operand_is_lazy(void **state) {
    (void)state;
    expect("function f(a: bool, b: bool) -> bool { return a && b; }\n"
           "function main() { f(true, false); }\n",
           "f",
           "fn f (_0 bool, _1 bool) -> bool {\n"
           "  let _2 bool\n"
           "bb0:\n"
           "  if _0 bb1 bb2\n"
           "bb1:\n"
           "  _2 = use _1\n"
           "  goto bb3\n"
           "bb2:\n"
           "  _2 = use false\n"
           "  goto bb3\n"
           "bb3:\n"
           "  return _2\n"
           "}\n");
}

static void patterns_name_parts_that_stay(void **state) {
    (void)state;
    expect("enum E { A, B(i64, i64) }\n"
           "function f(e: E) -> i64 { match e { E.A => 0, E.B(x, y) => x - y } }\n"
           "function main() { f(E.A); }\n",
           "f",
           "fn f (_0 E) -> i64 traps {\n"
           "  let _1 i64\n"
           "  let _2 u32\n"
           "  let _3 bool\n"
           "  let _4 u32\n"
           "  let _5 bool\n"
           "bb0:\n"
           "  _2 = tag _0\n"
           "  _3 = eq _2, 0_u32\n"
           "  if _3 bb1 bb2\n"
           "bb1:\n"
           "  _1 = use 0_i64\n"
           "  goto bb4\n"
           "bb2:\n"
           "  _4 = tag _0\n"
           "  _5 = eq _4, 1_u32\n"
           "  if _5 bb3 bb5\n"
           "bb3:\n"
           "  _1 = sub _0 as 1.0, _0 as 1.1\n"
           "  goto bb4\n"
           "bb4:\n"
           "  return _1\n"
           "bb5:\n"
           "  unreachable\n"
           "}\n");
}

static void a_dropped_send_is_a_tell_and_an_awaited_one_an_ask(void **state) {
    (void)state;
    expect("actor A { message M(n: i64) -> i64 { return n; } }\n"
           "async function f(a: ActorRef<A>) -> i64 { a.send(M(1)); return await a.send(M(2)); }\n"
           "async function main() { await f(A.spawn()); }\n",
           "f",
           "fn f (_0 ref(A)) -> i64 suspends traps {\n"
           "  let _1 future(i64)\n"
           "  let _2 i64\n"
           "bb0:\n"
           "  tell _0 A.0 (1_i64)\n"
           "  _1 = ask _0 A.0 (2_i64)\n"
           "  wait (_1)\n"
           "  _2 = take _1\n"
           "  return _2\n"
           "}\n");
}

static void a_taken_reply_ends_the_handler(void **state) {
    (void)state;
    expect("actor A { private r: List<Reply<i64>> = List.new();\n"
           "message M -> i64 { self.r.push(self.reply()); } }\n"
           "async function main() { await A.spawn().send(M); }\n",
           "A.M",
           "fn A.M () -> i64 self A.state reads (0) writes (0) traps {\n"
           "  let _0 reply(i64)\n"
           "bb0:\n"
           "  _0 = reply\n"
           "  call \"List<Reply<i64>>.push\" (self.0, _0)\n"
           "  end\n"
           "}\n");
}

static void a_scope_is_closed_on_every_way_out(void **state) {
    (void)state;
    expect("async function f(d: Duration) -> i64 {\n"
           "    async with timeout(d) { return await g(); } catch TimeoutError { return -1; }\n"
           "}\n"
           "async function g() -> i64 { await yield_now(); return 3; }\n"
           "async function main() { await f(1.second); }\n",
           "f",
           "fn f (_0 Duration) -> i64 suspends traps {\n"
           "  let _1 scope\n"
           "  let _2 error\n"
           "  let _3 i64\n"
           "  let _4 error\n"
           "  let _5 error\n"
           "  let _6 i64\n"
           "  let _7 bool\n"
           "  let _8 bool\n"
           "bb0 unwind bb2:\n"
           "  _1 = scope.open _0.0\n"
           "  _3 = call g ()\n"
           "  goto bb1\n"
           "bb1 unwind bb3:\n"
           "  scope.close _1\n"
           "  return _3\n"
           "bb2 unwind bb3:\n"
           "  _4 = caught\n"
           "  scope.close _1\n"
           "  _2 = use _4\n"
           "  goto bb4\n"
           "bb3:\n"
           "  _5 = caught\n"
           "  _2 = use _5\n"
           "  goto bb4\n"
           "bb4:\n"
           "  _6 = error.kind _2\n"
           "  _7 = eq _6, 14_i64\n"
           "  if _7 bb6 bb5\n"
           "bb5:\n"
           "  _8 = error.is _2, TimeoutError\n"
           "  if _8 bb6 bb7\n"
           "bb6:\n"
           "  return -1_i64\n"
           "bb7:\n"
           "  raise _2\n"
           "}\n");
}

// ---- all programs at hand -----------------------------------------------------------------------

static void build_folder(const char *folder) {
    DIR *d = opendir(folder);
    assert_non_null(d);
    struct arena arena = {0};
    int count = 0;
    for (struct dirent *e; (e = readdir(d));) {
        struct str path = str_format(&arena, "%s/%s", folder, e->d_name);
        if (!str_ends(path, STR(".prism")))
            continue;
        struct str text;
        assert_null(file_read(&arena, path.data, &text));
        struct program *p = build(path.data, text);
        // What is printed can be read, and means the same.
        struct text printed = {.arena = &p->arena}, again = {.arena = &p->arena};
        mir_print(p->mir, MIR_PRINT_ALL, &printed);
        struct source source;
        source_init(&p->arena, &source, "printed.mir", text_str(&printed));
        struct mir_module *read = mir_parse(&p->arena, &source, &p->sink);
        assert_non_null(read);
        mir_print(read, MIR_PRINT_ALL, &again);
        assert_string_equal(printed.data, again.data);
        done(p);
        count++;
    }
    closedir(d);
    arena_free(&arena);
    assert_true(count > 0);
}

static void programs_become_mir_that_is_valid(void **state) {
    (void)state;
    build_folder("tests/golden/run");
    build_folder("corpus/programs/philosophers");
    build_folder("corpus/programs/bank");
    build_folder("corpus/programs/buffer");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic_needs_no_temporaries),
        cmocka_unit_test(assignments_write_in_place),
        cmocka_unit_test(the_second_operand_is_lazy),
        cmocka_unit_test(patterns_name_parts_that_stay),
        cmocka_unit_test(a_dropped_send_is_a_tell_and_an_awaited_one_an_ask),
        cmocka_unit_test(a_taken_reply_ends_the_handler),
        cmocka_unit_test(a_scope_is_closed_on_every_way_out),
        cmocka_unit_test(programs_become_mir_that_is_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
