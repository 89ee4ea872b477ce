// SPDX-License-Identifier: MIT
// The typed program: what the tables say of a small program, and which diagnostics wrong ones get.
// The library is a small one of its own, so that nothing here depends on runtime/std.
#include "frontend/sema/sema.h"
#include "frontend/syntax/syntax.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
// clang-format on

static const char library[] =
    "enum Option<T> { None, Some(T) }\n"
    "enum Result<T, E> { Ok(T), Err(E) }\n"
    "struct String { bytes: Buffer<u8> }\n"
    "struct Duration { nanoseconds: i64 }\n"
    "struct TimeoutError;\n"
    "struct Range<T> { low: T, high: T }\n"
    "struct List<T> { buffer: Buffer<T> }\n"
    "enum AskError<E> { Timeout, Stopped, Crashed, Dropped, Failed(E) }\n"
    "trait From<T> { function from(value: T) -> Self; }\n"
    "impl<T> Buffer<T> {\n"
    "    @builtin \"buf_new\" function new() -> Buffer<T>;\n"
    "    @builtin \"buf_len\" function len(self) -> usize;\n"
    "    @builtin \"buf_push\" function push(mut self, item: T);\n"
    "    @builtin \"buf_pop\" function pop(mut self) -> T;\n"
    "}\n"
    "impl<T> List<T> {\n"
    "    function new() -> List<T> { return List { buffer: Buffer.new() }; }\n"
    "    function len(self) -> usize { return self.buffer.len(); }\n"
    "    function item_at(self, at: usize) -> T { return self.buffer[at]; }\n"
    "    function push(mut self, item: T) { self.buffer.push(item); }\n"
    "    function pop(mut self) -> Option<T> { return Some(self.buffer.pop()); }\n"
    "    @place { index: \"place_at\", of: \"buffer\" }\n"
    "    function get(self, at: usize) -> Option<T> { return Some(self.buffer[at]); }\n"
    "    function place_at(self, at: usize) -> Option<usize> { return Some(at); }\n"
    "    function map<U>(self, f: T -> U) -> List<U> {\n"
    "        let mut out: List<U> = List.new();\n"
    "        for item in self { out.push(f(item)); }\n"
    "        return out;\n"
    "    }\n"
    "}\n"
    "impl<T> Reply<T> { @builtin \"answer\" function answer(self, value: T); }\n"
    "@builtin \"random\" function random(low: u64, high: u64) -> u64;\n";

struct checked {
    struct arena arena;
    struct intern_table names;
    struct diag_sink sink;
    struct typed_program *program;
    struct sema_module *module; // the user's
};

static const struct module_ast *parse(struct checked *k, const char *path, const char *text) {
    struct source *s = arena_new(&k->arena, struct source);
    source_init(&k->arena, s, path, str_from(text));
    return syntax_parse(&k->arena, &k->names, s, &k->sink);
}

static struct checked *check(const char *text) {
    struct checked *k = calloc(1, sizeof *k);
    assert_non_null(k);
    k->names.arena = &k->arena;
    k->sink.arena = &k->arena;
    struct sema_source sources[2] = {{.ast = parse(k, "std/core.prism", library), .is_std = true},
                                     {.ast = parse(k, "test.prism", text)}};
    struct sema_package package = {.modules = sources, .count = 2};
    k->program = sema_check(&k->arena, &k->names, &package, &k->sink);
    k->module = k->program->modules.at[1];
    return k;
}

static void done(struct checked *k) {
    arena_free(&k->arena);
    free(k);
}

static struct checked *check_clean(const char *text) {
    struct checked *k = check(text);
    if (k->sink.errors)
        print_error("%.*s\n", STR_ARGS(k->sink.all.at[0]->title));
    assert_int_equal(k->sink.errors, 0);
    return k;
}

static struct sema_function *function_of(struct checked *k, const char *path) {
    for (int32_t i = 0; i < k->program->functions.len; i++)
        if (strcmp(k->program->functions.at[i]->path, path) == 0)
            return k->program->functions.at[i];
    fail_msg("no function %s", path);
    return NULL;
}

static struct sema_variable *variable_of(struct checked *k, const char *name) {
    for (int32_t i = 0; i < k->module->ast->binding_count; i++)
        if (k->module->bindings[i] && strcmp(k->module->bindings[i]->name, name) == 0)
            return k->module->bindings[i];
    fail_msg("no variable %s", name);
    return NULL;
}

static void assert_type(struct checked *k, const char *variable, const char *type) {
    assert_string_equal(type_show(k->program, variable_of(k, variable)->type), type);
}

// ---- types --------------------------------------------------------------------------------------

static void equal_types_are_one(void **state) {
    (void)state;
    struct checked *k = check_clean("function f(a: List<(u8, i64)>, b: List<(u8, i64)>) {}\n"
                                    "function g<T>(x: Option<List<T>>) {}\n");
    struct sema_function *f = function_of(k, "f"), *g = function_of(k, "g");
    assert_ptr_equal(f->params.at[0].type, f->params.at[1].type);
    struct type *i64 = type_prim(k->program, TYPE_I64);
    sema_types args = {&i64, 1};
    struct type *t = sema_subst(k->program, g->params.at[0].type, &g->type_params, &args);
    assert_string_equal(type_show(k->program, t), "Option<List<i64>>");
    assert_ptr_equal(t, sema_subst(k->program, g->params.at[0].type, &g->type_params, &args));
    assert_int_equal(t->flags, 0);
    done(k);
}

static void literals_take_their_context(void **state) {
    (void)state;
    struct checked *k = check_clean("function want(x: u8) {}\n"
                                    "function f() {\n"
                                    "    let a = 1; want(a);\n"
                                    "    let b = 2;\n"
                                    "    let c = 1.5;\n"
                                    "    let d: f64 = 3;\n"
                                    "    let e = [1, 2, a];\n"
                                    "    let g = List.new(); let mut h = g; h.push(true);\n"
                                    "    let _ = (b, c, d, e, h);\n"
                                    "}\n");
    assert_type(k, "a", "u8");
    assert_type(k, "b", "i64");
    assert_type(k, "c", "f64");
    assert_type(k, "d", "f64");
    assert_type(k, "e", "List<u8>");
    assert_type(k, "g", "List<bool>");
    done(k);
}

static void generic_results_are_inferred(void **state) {
    (void)state;
    struct checked *k =
        check_clean("function swap<A, B>(p: (A, B)) -> (B, A) { let (a, b) = p; return (b, a); }\n"
                    "function f(xs: List<i64>) {\n"
                    "    let r = swap((1, true));\n"
                    "    let q = xs.map(|x| (x, x > 1));\n"
                    "    let _ = (r, q);\n"
                    "}\n");
    assert_type(k, "r", "(bool, i64)");
    assert_type(k, "q", "List<(i64, bool)>");
    done(k);
}

// ---- tables -------------------------------------------------------------------------------------

static struct sema_expr *with_role(struct checked *k, enum sema_role role, int32_t nth) {
    for (int32_t i = 0; i < k->module->ast->expr_count; i++)
        if (k->module->exprs[i].role == role && nth-- == 0)
            return &k->module->exprs[i];
    fail_msg("no expression of role %d", (int)role);
    return NULL;
}

static void arguments_stand_in_the_order_of_parameters(void **state) {
    (void)state;
    struct checked *k = check_clean("function f(a: i64, b: bool, c: u8 = 7) {}\n"
                                    "function g() { f(b: true, a: 1); }\n");
    struct sema_call *call = with_role(k, ROLE_CALL, 0)->call;
    assert_int_equal(call->kind, CALL_FUNCTION);
    assert_int_equal(call->args.len, 3);
    assert_int_equal(call->args.at[0].order, 1);
    assert_int_equal(call->args.at[1].order, 0);
    assert_int_equal(call->args.at[2].order, -1);
    assert_int_equal(call->args.at[2].value->int_value, 7);
    done(k);
}

static void closures_know_what_they_capture(void **state) {
    (void)state;
    struct checked *k = check_clean("function f(xs: List<i64>, n: i64) {\n"
                                    "    let m = 2;\n"
                                    "    let ys = xs.map(|x| { let own = x; own + m + n + m });\n"
                                    "    let _ = ys;\n"
                                    "}\n");
    struct sema_closure *c = with_role(k, ROLE_CLOSURE, 0)->closure;
    assert_int_equal(c->captures.len, 2);
    assert_string_equal(c->captures.at[0]->name, "m");
    assert_string_equal(c->captures.at[1]->name, "n");
    assert_false(c->uses_self);
    assert_false(c->is_async);
    assert_true(variable_of(k, "m")->is_captured);
    assert_false(variable_of(k, "own")->is_captured);
    done(k);
}

static void names_that_are_written_through_are_aliases(void **state) {
    (void)state;
    struct checked *k = check_clean("struct P { x: i64 }\n"
                                    "function f(mut xs: List<P>, o: Option<i64>) -> i64 {\n"
                                    "    if let Some(p) = xs.get(0) { p.x = 2; }\n"
                                    "    if let Some(q) = o { return q; }\n"
                                    "    return 0;\n"
                                    "}\n");
    assert_true(variable_of(k, "p")->is_alias);
    assert_false(variable_of(k, "q")->is_alias);
    assert_true(variable_of(k, "xs")->is_mutated);
    struct sema_expr *get = with_role(k, ROLE_CALL, 0);
    assert_true(get->call->is_projection);
    done(k);
}

static void bare_values_become_ok(void **state) {
    (void)state;
    struct checked *k = check_clean("function f(n: i64) -> Result<i64, bool> {\n"
                                    "    if n > 1 { return n; }\n"
                                    "    return Err(true);\n"
                                    "}\n");
    int32_t ok = 0;
    for (int32_t i = 0; i < k->module->ast->expr_count; i++)
        if (k->module->exprs[i].coercion == COERCE_OK) {
            ok++;
            assert_string_equal(type_show(k->program, k->module->exprs[i].type), "i64");
            assert_string_equal(type_show(k->program, k->module->exprs[i].to), "Result<i64, bool>");
        }
    assert_int_equal(ok, 1);
    done(k);
}

// The end of a function that gives Result<(), E> is a success; that of a branch is not.
static void the_end_of_a_function_may_be_ok(void **state) {
    (void)state;
    done(check_clean("function f(n: i64) -> Result<(), bool> { if n > 1 { return Err(true); } }"));
    struct checked *k = check("function f(n: i64) -> Result<(), bool> {\n"
                              "    if n > 1 { Err(true) } else { }\n"
                              "}\n");
    assert_int_equal(k->sink.errors, 1);
    assert_int_equal(k->sink.all.at[0]->code, P2047);
    done(k);
}

static void errors_convert_by_from(void **state) {
    (void)state;
    struct checked *k =
        check_clean("struct A; struct B;\n"
                    "impl From<A> for B { function from(value: A) -> B { return B; } }\n"
                    "function a() -> Result<i64, A> { return Err(A); }\n"
                    "function b() -> Result<i64, B> { return Ok(a()?); }\n"
                    "function c() -> Result<i64, A> { return Ok(a()?); }\n"
                    "function d() -> Result<i64, Error> { return Ok(a()?); }\n");
    struct sema_try *b = with_role(k, ROLE_TRY, 0)->try, *c = with_role(k, ROLE_TRY, 1)->try,
                    *d = with_role(k, ROLE_TRY, 2)->try;
    assert_int_equal(b->kind, TRY_RETURN);
    assert_string_equal(b->from->function->path, "B.from");
    assert_null(c->from);
    assert_false(c->to_error);
    assert_true(d->to_error);
    done(k);
}

static void traits_are_found_for_types(void **state) {
    (void)state;
    struct checked *k =
        check_clean("trait Area { function area(self) -> i64; function twice(self) -> i64 { return "
                    "self.area() * 2; } }\n"
                    "struct Sq { s: i64 }\n"
                    "impl Area for Sq { function area(self) -> i64 { return self.s; } }\n"
                    "impl<T> Area for List<T> { function area(self) -> i64 { return 1; } }\n"
                    "function f<T: Area>(x: T) -> i64 { return x.twice(); }\n"
                    "function g(s: Sq, l: List<bool>) -> i64 { return f(s) + l.area(); }\n");
    struct sema_function *area = function_of(k, "Area.area");
    struct sema_use use;
    struct type *sq = function_of(k, "g")->params.at[0].type;
    struct type *list = function_of(k, "g")->params.at[1].type;
    assert_true(sema_implementation(k->program, area, &(sema_types){&sq, 1}, &use));
    assert_string_equal(use.function->path, "Sq.area");
    assert_int_equal(use.type_args.len, 0);
    assert_true(sema_implementation(k->program, area, &(sema_types){&list, 1}, &use));
    assert_int_equal(use.type_args.len, 1);
    assert_int_equal(use.type_args.at[0]->kind, TYPE_BOOL);
    struct type *i64 = type_prim(k->program, TYPE_I64);
    assert_false(sema_implementation(k->program, area, &(sema_types){&i64, 1}, &use));
    done(k);
}

static void actors_have_fields_messages_and_parameters(void **state) {
    (void)state;
    struct checked *k =
        check_clean("actor A {\n"
                    "    private n: i64;\n"
                    "    private m: i64 = 3;\n"
                    "    private late: u8;\n"
                    "    on_start { self.late = 1; }\n"
                    "    message Add(by: i64) -> i64 { self.n += by; return self.n; }\n"
                    "    message Wait -> bool { let r = self.reply(); r.answer(true); }\n"
                    "    invariant self.n >= 0;\n"
                    "}\n"
                    "async function f(d: Duration) {\n"
                    "    let a = A.spawn(n: 2);\n"
                    "    let x = await a.send(Add(1));\n"
                    "    let y = await a.ask(Wait, timeout: d);\n"
                    "    a.tell(Add(2));\n"
                    "    let _ = (x, y);\n"
                    "}\n");
    struct sema_actor *a = k->program->actors.at[0];
    assert_int_equal(a->init->params.len, 1);
    assert_true(a->fields.at[0].is_param);
    assert_false(a->fields.at[1].is_param);
    assert_true(a->fields.at[2].is_late);
    assert_int_equal(a->messages.len, 2);
    assert_int_equal(a->invariants.len, 1);
    assert_type(k, "x", "i64");
    assert_type(k, "y", "Result<bool, AskError<()>>");
    done(k);
}

static void effects_go_up_the_calls(void **state) {
    (void)state;
    struct checked *k = check_clean("function net() effects [IO.Network] {}\n"
                                    "function mid() -> u64 { net(); return random(0, 1); }\n"
                                    "function top() -> u64 { return mid(); }\n"
                                    "function none() {}\n");
    struct sema_function *top = function_of(k, "top");
    assert_int_equal(top->effects.len, 2);
    assert_string_equal(top->effects.at[0], "IO.Network");
    assert_string_equal(top->effects.at[1], "Random");
    assert_int_equal(function_of(k, "none")->effects.len, 0);
    done(k);
}

// As many effects and capabilities as a program has are followed, not only as many as a word has
// bits.
static void any_number_of_effects_is_followed(void **state) {
    (void)state;
    struct arena arena = {0};
    struct text text = {.arena = &arena};
    for (int i = 0; i < 150; i++)
        text_printf(&text,
                    "function f%d() effects [E%d.X] capabilities [C%d.Y] {}\n"
                    "function g%d() effects [] capabilities [] { f%d(); }\n",
                    i, i, i, i, i);
    text_printf(&text, "function all() { ");
    for (int i = 0; i < 150; i++)
        text_printf(&text, "f%d(); ", i);
    text_printf(&text, "}\n");
    struct checked *k = check(text_str(&text).data);
    assert_int_equal(k->sink.errors, 300);
    assert_int_equal(function_of(k, "all")->effects.len, 150);
    done(k);
    arena_free(&arena);
}

// ---- exhaustiveness -----------------------------------------------------------------------------

static void examples_of_what_is_missing(void **state) {
    (void)state;
    static const struct {
        const char *type, *arms, *missing; // NULL: nothing
    } cases[] = {
        {"bool", "true => 1,", "false"},
        {"bool", "true => 1, false => 2,", NULL},
        {"(bool, bool)", "(true, _) => 1, (_, true) => 2,", "(false, false)"},
        {"Option<Option<bool>>", "None => 1, Some(Some(true)) => 2, Some(None) => 3,",
         "Some(Some(false))"},
        {"Option<bool>", "Some(true) | Some(false) => 1, None => 2,", NULL},
        {"u8", "0..=100 => 1, 150.. => 2,", "101..=149"},
        {"u8", "0..=127 => 1, 128..=255 => 2,", NULL},
        {"i8", "-128..=-1 => 1, 1..=127 => 2,", "0"},
        {"i64", "0 => 1,", "-9223372036854775808..=-1"},
        {"i64", "n if n > 0 => 1,", "_"},
        {"char", "'a'..='z' => 1,", "'\\u{0}'..='`'"},
        {"E", "E.A => 1, E.B(_, true) => 2, E.C { n: 0 } => 3, E.C { .. } => 4,", "E.B(_, false)"},
        {"E", "E.A | E.C { .. } => 1, E.B(..) => 2,", NULL},
        {"String", "\"a\" => 1,", "_"},
        {"Result<(), Never>", "Ok(_) => 1,", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[600];
        snprintf(text, sizeof text,
                 "enum E { A, B(u8, bool), C { n: i64 } }\n"
                 "function f(x: %s) -> i64 { return match x { %s }; }\n",
                 cases[i].type, cases[i].arms);
        struct checked *k = check(text);
        const char *said = NULL;
        for (int32_t d = 0; d < k->sink.all.len; d++)
            if (k->sink.all.at[d]->code == P2012)
                said = k->sink.all.at[d]->title.data;
        if (cases[i].missing) {
            char title[200];
            snprintf(title, sizeof title, "`%s` has no arm", cases[i].missing);
            assert_non_null(said);
            assert_string_equal(said, title);
        } else {
            assert_int_equal(k->sink.errors, 0);
        }
        done(k);
    }
}

// ---- wrong programs -----------------------------------------------------------------------------

static const char door[] = "actor Door { private waiting: List<Reply<i64>> = List.new();\n"
                           "    private last: i64 = 0;\n"
                           "    message Enter(flag: bool) -> i64 { %s }\n}\n";

static void replies_are_used_once(void **state) {
    (void)state;
    static const struct {
        const char *body;
        bool is_wrong;
    } cases[] = {
        {"let r = self.reply(); r.answer(1);", false},
        {"let r = self.reply(); r.answer(1); r.answer(2);", true},
        {"let r = self.reply(); if flag { r.answer(1); } else { r.answer(2); }", false},
        {"let r = self.reply(); if flag { r.answer(1); } r.answer(2);", true},
        {"let r = self.reply(); if flag { r.answer(1); return; } r.answer(2);", false},
        {"let r = self.reply(); while flag { r.answer(1); }", true},
        {"let r = self.reply(); let s = r; s.answer(1);", false},
        {"let r = self.reply(); let s = r; r.answer(1);", true},
        {"let r = self.reply(); self.waiting.push(r); self.waiting.push(r);", true},
        {"while let Some(r) = self.waiting.pop() { r.answer(1); } return 1;", false},
        {"let r = self.waiting.buffer[0]; r.answer(1); return 1;", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[600];
        snprintf(text, sizeof text, door, cases[i].body);
        struct checked *k = check(text);
        if ((k->sink.errors > 0) != cases[i].is_wrong)
            fail_msg("%s: %d errors", cases[i].body, (int)k->sink.errors);
        for (int32_t d = 0; d < k->sink.all.len; d++)
            if (k->sink.all.at[d]->severity == SEVERITY_ERROR)
                assert_true(k->sink.all.at[d]->code == P2024 || k->sink.all.at[d]->code == P2025);
        done(k);
    }
}

static void aliases_end_where_their_place_changes(void **state) {
    (void)state;
    static const struct {
        const char *body;
        bool is_wrong;
    } cases[] = {
        {"if let Some(p) = xs.get(0) { p += 1; xs.push(1); }", false},
        {"if let Some(p) = xs.get(0) { xs.push(1); p += 1; }", true},
        {"if let Some(p) = xs.get(0) { if p > 3 { xs.pop(); return; } p += 1; }", false},
        {"if let Some(p) = xs.get(0) { if p > 3 { xs.pop(); } p += 1; }", true},
        {"if let Some(p) = xs.get(0) { ys.push(1); p += 1; }", false},
        {"if let Some(p) = xs.get(0) { xs = List.new(); p += 1; }", true},
        {"if let Some(mut p) = xs.get(0) { xs.push(1); p += 1; ys.push(p); }", false},
        {"if let Some(p) = xs.get(0) { xs.push(1); ys.push(p); }", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[300];
        snprintf(text, sizeof text, "function f(mut xs: List<i64>, mut ys: List<i64>) { %s }",
                 cases[i].body);
        struct checked *k = check(text);
        if ((k->sink.errors > 0) != cases[i].is_wrong)
            fail_msg("%s: %d errors", cases[i].body, (int)k->sink.errors);
        if (cases[i].is_wrong)
            assert_int_equal(k->sink.all.at[0]->code, P2037);
        done(k);
    }
}

static void each_mistake_has_its_code(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum diag_code code;
    } cases[] = {
        {"function f(x: i64) { x = 1; }", P2010},
        {"function f() { let o = Some(1); if let Some(v) = o { v += 1; } }", P2010},
        {"struct S { x: i64 } impl S { function f(self) { self.x = 1; } }", P2010},
        {"function f() { let u = { let x = 1; x }; u(); }", P2017},
        {"function f() -> i64 { }", P2047},
        {"function f() -> i64 { if true { return 1; } }", P2003},
        {"function f() { let x: u8 = -1; }", P2016},
        {"function f() { 'a: loop { break 'b; } }", P2021},
        {"function f(a: u8, b: u16) -> bool { return a == b; }", P2015},
        {"const A: i64 = B; const B: i64 = A;", P2041},
        {"type T = T;", P2041},
        {"function f() { await g(); } async function g() {}", P2026},
        {"actor A { message M { await self.send(M); } }", P2030},
        {"actor A { message M { let x = self; } }", P2029},
        {"function f(x: Unknown<i64>) {}", P2002},
        {"enum E { A } function f(e: E) { match e { A => {} } }", P2002},
        {"function f(x: i64) -> i64 { return match x { Some(y) => y, _ => 0 }; }", P2014},
        {"trait T { function f(self); } struct S; impl T for S { function f(self) -> i64 { return "
         "1; } }",
         P2052},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct checked *k = check(cases[i].text);
        if (k->sink.errors == 0)
            fail_msg("nothing wrong with: %s", cases[i].text);
        bool found = false;
        for (int32_t d = 0; d < k->sink.all.len; d++)
            found |= k->sink.all.at[d]->code == cases[i].code;
        if (!found)
            fail_msg("%s: said %s", cases[i].text, diag_code_name(k->sink.all.at[0]->code));
        done(k);
    }
}

// One mistake is told once: what follows from it stays silent.
static void one_mistake_is_one_diagnostic(void **state) {
    (void)state;
    static const char *const texts[] = {
        "function f() { let x = unknown(1); let y = x + 1; let z = y.foo(); }",
        "function f(x: Unknown) -> Unknown2 { return x.a.b; }",
        "function f() { let m: Option<i64, i64> = None; let n = m; }",
        "function f() { for x in 5 { let y = x.a; } }",
        "actor A { message M(x: Nope) { x.y(); } }",
    };
    static const int32_t errors[] = {1, 2, 1, 1, 1};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct checked *k = check(texts[i]);
        if (k->sink.errors != errors[i])
            fail_msg("%s: %d errors", texts[i], (int)k->sink.errors);
        done(k);
    }
}

static void without_a_library_nothing_breaks(void **state) {
    (void)state;
    struct checked k = {0};
    k.names.arena = &k.arena;
    k.sink.arena = &k.arena;
    struct sema_source source = {
        .ast = parse(&k, "a.prism",
                     "function f() { for i in 0..3 { println!(\"{}\", [i]); } f()?; 1.second; }")};
    struct sema_package alone = {.modules = &source, .count = 1}, nothing = {0};
    assert_non_null(sema_check(&k.arena, &k.names, &alone, &k.sink));
    assert_true(k.sink.errors > 0);
    assert_non_null(sema_check(&k.arena, &k.names, &nothing, &k.sink));
    arena_free(&k.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_types_are_one),
        cmocka_unit_test(literals_take_their_context),
        cmocka_unit_test(generic_results_are_inferred),
        cmocka_unit_test(arguments_stand_in_the_order_of_parameters),
        cmocka_unit_test(closures_know_what_they_capture),
        cmocka_unit_test(names_that_are_written_through_are_aliases),
        cmocka_unit_test(bare_values_become_ok),
        cmocka_unit_test(the_end_of_a_function_may_be_ok),
        cmocka_unit_test(errors_convert_by_from),
        cmocka_unit_test(traits_are_found_for_types),
        cmocka_unit_test(actors_have_fields_messages_and_parameters),
        cmocka_unit_test(effects_go_up_the_calls),
        cmocka_unit_test(any_number_of_effects_is_followed),
        cmocka_unit_test(examples_of_what_is_missing),
        cmocka_unit_test(replies_are_used_once),
        cmocka_unit_test(aliases_end_where_their_place_changes),
        cmocka_unit_test(each_mistake_has_its_code),
        cmocka_unit_test(one_mistake_is_one_diagnostic),
        cmocka_unit_test(without_a_library_nothing_breaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
