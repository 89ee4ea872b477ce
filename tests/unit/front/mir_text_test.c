// SPDX-License-Identifier: MIT
// MIR text: what is printed reads back to the same bytes; what is wrong is named with its place.
// It provokes P9001.
#include "frontend/mir/mir.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

struct reading {
    struct arena arena;
    struct source source;
    struct diag_sink sink;
    struct mir_module *module;
};

static struct reading *read_text(struct str text) {
    struct reading *r = calloc(1, sizeof *r);
    r->sink.arena = &r->arena;
    source_init(&r->arena, &r->source, "test.mir", text);
    r->module = mir_parse(&r->arena, &r->source, &r->sink);
    return r;
}

static void done(struct reading *r) {
    arena_free(&r->arena);
    free(r);
}

static struct str printed(struct reading *r, unsigned flags) {
    struct text out = {.arena = &r->arena};
    mir_print(r->module, flags, &out);
    return text_str(&out);
}

// Reads and prints: `text` must come out as it went in.
static void assert_stays(struct str text) {
    struct reading *r = read_text(text);
    if (!r->module)
        fail_msg("%.*s", STR_ARGS(r->sink.all.at[0]->title));
    struct str out = printed(r, MIR_PRINT_ALL);
    if (!str_eq(out, text))
        fail_msg("it became:\n%.*s", STR_ARGS(out));
    done(r);
}

// The first error's title, and its line and column.
static void assert_wrong(const char *text, int line, int column, const char *title) {
    struct reading *r = read_text(str_from(text));
    assert_null(r->module);
    assert_true(r->sink.all.len > 0);
    const struct diag *d = r->sink.all.at[0];
    assert_int_equal(d->code, P9001);
    int32_t at_line, at_column;
    source_position(&r->source, d->span.start, &at_line, &at_column);
    assert_string_equal(d->title.data, title);
    assert_int_equal(at_line, line);
    assert_int_equal(at_column, column);
    done(r);
}

static void the_example_of_the_document_stays(void **state) {
    (void)state;
    struct arena a = {0};
    struct str page;
    assert_null(file_read(&a, "docs/mir.md", &page));
    const char *begin = strstr(page.data, "```\nmir 1 core\n");
    assert_non_null(begin);
    begin += 4;
    const char *end = strstr(begin, "```\n");
    assert_non_null(end);
    struct str example = {begin, (size_t)(end - begin)};
    assert_stays(example);

    struct reading *r = read_text(example);
    mir_infer(r->module); // the document's attributes are what follows from its bodies
    assert_true(str_eq(printed(r, MIR_PRINT_ALL), example));
    done(r);
    arena_free(&a);
}

static const char all_forms[] =
    "mir 1 core\n"
    "file 0 \"a \\\"b\\\".prism\"\n"
    "\n"
    "type S struct { a i64, b buf(u8), c E }\n"
    "type \"List<i64>\" struct string { bytes buf(u8) }\n"
    "type D struct duration { ns i64 }\n"
    "type X struct list { items buf(bool) }\n"
    "type I struct instant { ns i64 }\n"
    "type T struct tuple { \"0\" fn(i64, bool) -> unit, \"1\" fn() -> fn() -> never }\n"
    "type E enum { none, some(i64, ref(A)), \"two words\"(ref, scope) }\n"
    "type Empty struct {}\n"
    "type Void enum {}\n"
    "type A.state struct { n i64, s S, m buf(S) }\n"
    "\n"
    "fn \"_0\" (mut _0 S \"s\", _1 i64) -> i64 self A.state reads (0 2) writes (63) suspends traps"
    " captures 1 effects (Clock \"a b\") @ 0:1:2 {\n"
    "  let _2 f64\n"
    "  let _3 E \"e\"\n"
    "  let _4 future(i64) \"quote \\\" back \\\\ new \\n tab \\t \\x01\\xFF \xc3\xa9\"\n"
    "  let _5 buf(buf(i64))\n"
    "  let _6 reply(i64)\n"
    "  let _7 ref(A)\n"
    "  let _8 scope\n"
    "  let _9 token\n"
    "  let _10 error\n"
    "  let _11 char\n"
    "  let _12 bool\n"
    "bb0 unwind bb2:\n"
    "  self.2[1_u64].0 = use _3 as 1.0\n"
    "  _2 = add 1.5_f64, -0_f64\n"
    "  _2 = add 1e+300_f64, inf_f64                     @ 0:3:4\n"
    "  _2 = add -inf_f64, nan_f64\n"
    "  _2 = add 0.1_f32, 5e-324_f64\n"
    "  _1 = add -9223372036854775808_i64, 18446744073709551615_u64\n"
    "  _11 = use '\\u{1}'\n"
    "  _11 = use '\\''\n"
    "  _11 = use '\xf0\x9f\x8c\x88'\n"
    "  _12 = eq (), ()\n"
    "  _12 = and true, false\n"
    "  _5[_5[0_u64][1_u64]][2_u64] = use \"bytes \\xC3\\x00\"\n"
    "  _5 = buf.new\n"
    "  _5 = buf.new 3_u64\n"
    "  buf.push _5, _5[0_u64]\n"
    "  buf.insert _5, 0_u64, _5[0_u64]\n"
    "  _12 = fits _1, u8\n"
    "  _12 = error.is _10, buf(ref(A))\n"
    "  _2 = math.sqrt _2\n"
    "  _2 = math.pow _2, _2\n"
    "  _3 = variant 1 (_1, _7)\n"
    "  _1 = call \"_0\" (self.1, _1)\n"
    "  call f ()\n"
    "  _1 = apply self.1 (_1, _2)\n"
    "  _7 = spawn A ()\n"
    "  tell _7 A.0 (_1)\n"
    "  _4 = ask _7 \"spaced actor\".12 ()\n"
    "  _4 = ask.timeout _7, 5_i64 A.1.0 (_1)\n"
    "  forward _7 A.0 (_1)\n"
    "  _4 = task f (_1, _2) isolated\n"
    "  _4 = task f () branch in _8\n"
    "  _4 = task f (_1) free in _9\n"
    "  _8 = scope.open\n"
    "  _8 = scope.open 5_i64\n"
    "  wait (_4, _4)\n"
    "  _1 = wait.any (_4)\n"
    "  yield\n"
    "  _1 = now\n"
    "  print 2, \"x\"\n"
    "  _7 = self.ref\n"
    "  _6 = reply\n"
    "  if _12 bb1 bb3                                   @ 0:9:9\n"
    "bb1:\n"
    "  switch _1 (-1 bb2, 5 bb3) bb4\n"
    "bb2:\n"
    "  _10 = caught\n"
    "  raise _10\n"
    "bb3:\n"
    "  switch _11 () bb0\n"
    "bb4:\n"
    "  trap overflow\n"
    "bb5:\n"
    "  trap assert \"a \\\"b\\\"\"\n"
    "bb6:\n"
    "  end\n"
    "bb7:\n"
    "  unreachable\n"
    "bb8:\n"
    "  return -5_i8\n"
    "bb9:\n"
    "  goto bb0\n"
    "}\n"
    "\n"
    "actor A state A.state init \"_0\" @ 0:1:1 {\n"
    "  on_start = f\n"
    "  on_stop = f\n"
    "  on_shutdown = f\n"
    "  reentrant\n"
    "  mailbox 1000 drop_oldest\n"
    "  capability \"Database.Read\"\n"
    "  invariant \"n > 0\" = f\n"
    "  message Add (i64, buf(u8)) -> i64 = f\n"
    "  message \"on\" () -> unit = f                      @ 0:2:2\n"
    "}\n"
    "\n"
    "actor B state A.state init f {\n"
    "}\n"
    "\n"
    "test t = f (n u64 = 5_u64, s buf(u8) = \"x\")\n"
    "test u = f ()                                      @ 0:7:7\n"
    "\n"
    "entry f\n";

static void every_form_stays(void **state) {
    (void)state;
    char *text = strdup(all_forms);
    // A name that needs no quotes loses them: the only change that reading makes.
    char *quoted = strstr(text, "\"on\"");
    memmove(quoted, "on", 2);
    memmove(quoted + 2, quoted + 4, strlen(quoted + 4) + 1);
    char *padded = strstr(text, "= f                      @ 0:2:2");
    assert_non_null(padded);
    struct reading *r = read_text(str_from(text));
    if (!r->module)
        fail_msg("%.*s", STR_ARGS(r->sink.all.at[0]->title));
    struct str once = printed(r, MIR_PRINT_ALL);
    assert_stays(once);
    // The rest of the text is as it was written: line by line up to the actor's message.
    size_t same = (size_t)(strstr(text, "  message on") - text);
    assert_memory_equal(once.data, text, same);
    done(r);
    free(text);
}

static void lowered_words_stay(void **state) {
    (void)state;
    assert_stays(STR("mir 1 lowered\n"
                     "\n"
                     "fn f (own _0 buf(u8) \"a\", mut _1 buf(u8)) -> buf(u8) {\n"
                     "  let _2 buf(u8) \"b\" frame\n"
                     "  let _3 buf(buf(u8)) frame\n"
                     "bb0:\n"
                     "  _2 = use move _0\n"
                     "  drop _2\n"
                     "  return move _1\n"
                     "}\n"));
}

static void the_hash_leaves_names_and_places_out(void **state) {
    (void)state;
    struct reading *a =
        read_text(STR("mir 1 core\nfile 0 \"a\"\nfn f (_0 i64 \"x\") -> i64 @ 0:1:1 {\n"
                      "bb0:\n  return _0 @ 0:2:2\n}\n"));
    struct reading *b =
        read_text(STR("mir 1 core\nfn f (_0 i64) -> i64 {\nbb0:\n  return _0\n}\n"));
    struct reading *c =
        read_text(STR("mir 1 core\nfn f (_0 i64) -> i64 {\nbb0:\n  return 0_i64\n}\n"));
    assert_true(a->module && b->module && c->module);
    assert_true(mir_hash(a->module) == mir_hash(b->module));
    assert_true(mir_hash(b->module) != mir_hash(c->module));
    assert_true(str_eq(printed(a, 0), printed(b, MIR_PRINT_ALL)));
    done(a), done(b), done(c);
}

static void blanks_and_comments_do_not_matter(void **state) {
    (void)state;
    struct reading *r = read_text(STR("; a comment\n  mir 1 core fn f\n(_0 i64 ,_1 buf( u8 ))\n"
                                      "->i64{bb0: return _0 ; the end\n}\n;"));
    assert_non_null(r->module);
    assert_true(str_is(printed(r, MIR_PRINT_ALL),
                       "mir 1 core\n\nfn f (_0 i64, _1 buf(u8)) -> i64 {\nbb0:\n  return _0\n}\n"));
    done(r);
}

static void types_are_unique(void **state) {
    (void)state;
    struct arena a = {0};
    struct mir_module *m = mir_module_new(&a);
    struct mir_type *i64 = mir_type_prim(m, MIR_I64);
    struct mir_type *pair[] = {i64, mir_type_of(m, MIR_BUFFER, i64)};
    assert_ptr_equal(pair[1], mir_type_of(m, MIR_BUFFER, mir_type_prim(m, MIR_I64)));
    const bool none[] = {false, false}, second[] = {false, true};
    assert_ptr_equal(mir_type_fn(m, pair, none, 2, i64), mir_type_fn(m, pair, none, 2, i64));
    assert_ptr_not_equal(mir_type_fn(m, pair, none, 1, i64), mir_type_fn(m, pair, none, 2, i64));
    assert_ptr_not_equal(mir_type_fn(m, pair, none, 2, i64), mir_type_fn(m, pair, second, 2, i64));
    assert_ptr_equal(mir_type_fn(m, pair, second, 1, i64), mir_type_fn(m, pair, none, 1, i64));
    assert_ptr_not_equal(mir_type_ref(m, NULL), mir_type_ref(m, "A"));
    bool is_new;
    // A name is never mistaken for a type that is written so.
    struct mir_type *odd = mir_type_named(m, MIR_STRUCT, "buf(i64)", &is_new);
    assert_true(is_new);
    assert_ptr_not_equal(odd, pair[1]);
    assert_ptr_equal(odd, mir_type_named(m, MIR_STRUCT, "buf(i64)", &is_new));
    assert_false(is_new);
    assert_int_equal(m->types.at[odd->id]->id, odd->id);
    arena_free(&a);
}

static void flags_are_inferred(void **state) {
    (void)state;
    struct reading *r = read_text(
        STR("mir 1 core\n"
            "type P struct { f f64 }\ntype Q struct { p P, b buf(Q) }\ntype R enum { a(R) }\n"
            "type S struct { a i64, b i64, q Q }\n"
            "fn floats (_0 f64, _1 i32) -> f64 {\n  let _2 f64\n  let _3 i64\nbb0:\n"
            "  _2 = add _0, _0\n  _3 = convert _1\n  return _2\n}\n"
            "fn ints (_0 i64) -> i64 {\n  let _1 i64\nbb0:\n  _1 = add _0, _0\n  return _1\n}\n"
            "fn catches (_0 i64) -> i64 {\n  let _1 error\nbb0 unwind bb1:\n  _0 = call ints (_0)\n"
            "  return _0\nbb1:\n  _1 = caught\n  return 0_i64\n}\n"
            "fn pause () -> unit {\nbb0:\n  yield\n  return ()\n}\n"
            "fn even (_0 u64) -> unit self S {\nbb0:\n  self.0 = use 1_i64\n  call odd (_0)\n"
            "  return ()\n}\n"
            "fn odd (_0 u64) -> unit self S {\nbb0:\n  call even (_0)\n  call pause ()\n"
            "  return ()\n}\n"
            "fn branches () -> unit self S {\n  let _0 future(unit)\nbb0:\n"
            "  buf.truncate self.2.1, 0_u64\n  _0 = task odd (1_u64) branch\n  return ()\n}\n"
            "fn sites () -> unit {\n  let _0 i64\nbb0:\n  _0 = now\n  _0 = now\n  yield\n"
            "  goto bb1\nbb1:\n  _0 = now\n  return ()\n}\n"
            "fn spins () -> unit {\nbb0:\n  goto bb1\nbb1:\n  goto bb0\n}\n"
            "fn calls () -> unit {\nbb0:\n  call spins ()\n  return ()\n}\n"));
    assert_non_null(r->module);
    struct mir_module *m = r->module;
    mir_infer(m);
    const char *brief[] = {"floats", "catches", "pause", "branches", "sites"};
    const char *long_ones[] = {"even", "odd", "spins", "calls"};
    for (size_t i = 0; i < sizeof brief / sizeof *brief; i++)
        assert_true(mir_find_function(m, brief[i])->brief);
    for (size_t i = 0; i < sizeof long_ones / sizeof *long_ones; i++)
        assert_false(mir_find_function(m, long_ones[i])->brief);
    const struct mir_function *floats = mir_find_function(m, "floats");
    const struct mir_function *even = mir_find_function(m, "even");
    const struct mir_function *branches = mir_find_function(m, "branches");
    assert_false(floats->traps || floats->suspends);
    assert_true(mir_find_function(m, "ints")->traps);
    assert_false(mir_find_function(m, "catches")->traps);
    assert_true(mir_find_function(m, "pause")->suspends);
    assert_true(even->suspends && even->traps && even->cycle);
    assert_int_equal(even->cycle, mir_find_function(m, "odd")->cycle);
    assert_int_equal(mir_find_function(m, "pause")->cycle, 0);
    assert_int_equal(even->writes, 1);
    assert_int_equal(mir_find_function(m, "odd")->writes, 1);
    assert_int_equal(branches->writes, 1 | 4);
    assert_int_equal(branches->reads, 4);
    assert_false(branches->suspends);
    const struct mir_function *sites = mir_find_function(m, "sites");
    struct str name = mir_site_name(&r->arena, sites, &sites->blocks.at[1].insts.at[0]);
    assert_string_equal(name.data, "sites/now#2");
    bool is_new;
    const struct mir_type *p = mir_type_named(m, MIR_STRUCT, "P", &is_new);
    const struct mir_type *q = mir_type_named(m, MIR_STRUCT, "Q", &is_new);
    const struct mir_type *endless = mir_type_named(m, MIR_ENUM, "R", &is_new);
    assert_true(p->plain && p->depth == 1);
    assert_true(!q->plain && q->depth == 2);
    assert_int_equal(endless->depth, -1);
    done(r);
}

// Who calls a value of which one may suspend does, too. A function that is given both kinds is two
// after mir_split; what is stored is one kind.
static void values_may_suspend(void **state) {
    (void)state;
    struct reading *r =
        read_text(STR("mir 1 core\n"
                      "type S struct { f fn() -> i64 }\n"
                      "fn waits () -> i64 {\nbb0:\n  yield\n  return 1_i64\n}\n"
                      "fn one () -> i64 {\nbb0:\n  return 1_i64\n}\n"
                      "fn run (_0 fn() -> i64) -> i64 {\n  let _1 i64\nbb0:\n"
                      "  _1 = apply _0 ()\n  return _1\n}\n"
                      "fn with (_0 bool) -> i64 {\n  let _1 i64\n  let _2 fn() -> i64\nbb0:\n"
                      "  _2 = closure waits ()\n  _1 = call run (_2)\n  return _1\n}\n"
                      "fn without () -> i64 {\n  let _0 i64\n  let _1 fn() -> i64\nbb0:\n"
                      "  _1 = closure one ()\n  _0 = call run (_1)\n  return _0\n}\n"
                      "fn only (_0 fn() -> i64) -> i64 {\n  let _1 i64\nbb0:\n  _1 = apply _0 ()\n"
                      "  return _1\n}\n"
                      "fn calls_only () -> i64 {\n  let _0 i64\n  let _1 fn() -> i64\nbb0:\n"
                      "  _1 = closure waits ()\n  _0 = call only (_1)\n  return _0\n}\n"
                      "fn keeps (_0 S) -> i64 {\n  let _1 i64\nbb0:\n  _1 = apply _0.0 ()\n"
                      "  return _1\n}\n"));
    assert_non_null(r->module);
    struct mir_module *m = r->module;
    mir_infer(m);
    assert_true(mir_find_function(m, "without")->suspends);
    assert_false(mir_find_function(m, "keeps")->suspends);
    mir_split(m);
    mir_infer(m);
    assert_true(mir_find_function(m, "run$waits")->suspends);
    assert_true(mir_find_function(m, "with")->suspends);
    assert_false(mir_find_function(m, "run")->suspends);
    assert_false(mir_find_function(m, "without")->suspends);
    assert_null(mir_find_function(m, "only")); // it is given such as wait alone
    assert_true(mir_find_function(m, "only$waits")->suspends);
    done(r);
}

static void wrong_text_is_named(void **state) {
    (void)state;
    assert_wrong("", 1, 1, "here `mir` has to stand");
    assert_wrong("mir 2 core\n", 1, 5, "only version 1 of MIR is known");
    assert_wrong(
        "mir 1 core\nfoo\n", 2, 1,
        "here `file`, `type`, `fn`, `service`, `actor`, `test`, `entry` or `export` has to stand");
    assert_wrong("mir 1 core\nfn f () -> T {\nbb0:\n  return ()\n}\n", 1, 1,
                 "the type `T` is not declared");
#define BODY(text) "mir 1 core\nfn f (_0 i64, _1 buf(u8)) -> i64 {\nbb0:\n  " text "\n}\n"
    assert_wrong(BODY("_0 = ad _0, _0"), 4, 8, "there is no operation `ad`");
    assert_wrong(BODY("_0 = math.sinc _0"), 4, 8, "there is no function `math.sinc`");
    assert_wrong(BODY("_2 = use _0"), 4, 3, "there is no such local");
    assert_wrong(BODY("_0 = use _1.0"), 4, 12, "the type of `_1` has no such part");
    assert_wrong(BODY("_0 = use self.0"), 4, 12, "this function has no `self`");
    assert_wrong(BODY("_0 = use 256_u8"), 4, 12, "`256` is no value of type u8");
    assert_wrong(BODY("_0 = use -129_i8"), 4, 12, "`-129` is no value of type i8");
    assert_wrong(BODY("_0 = use -1_u64"), 4, 12, "`-1` is no value of type u64");
    assert_wrong(BODY("_0 = use 5"), 4, 13, "here `_` has to stand");
    assert_wrong(BODY("_0 = use 1.5_i64"), 4, 12, "`1.5` is no value of type i64");
    assert_wrong(BODY("_0 = use 1.5.5_f64"), 4, 12, "`1.5.5` is no number");
    assert_wrong(BODY("_0 = use \"abc"), 4, 12, "this text has no end");
    assert_wrong(BODY("_0 = use 'a"), 4, 12, "this character has no end");
    assert_wrong(BODY("_0 = use '\\u{D800}'"), 4, 12,
                 "there is no such escape: only \\' \\\\ \\n \\t \\u{HEX}");
    assert_wrong(BODY("_0 = use _0 _0"), 4, 15, "here the line has to end");
    assert_wrong(BODY("return _0 @ 0:1:1"), 4, 13, "there is no file 0");
    assert_wrong(BODY("trap hunger"), 4, 8, "there is no failure `hunger`");
    assert_wrong(BODY("tell _0 Counter (_0)"), 4, 11,
                 "here a message such as `Counter.0` has to stand");
    assert_wrong(BODY("return _0\n}\nfn f () -> unit {"), 6, 4, "the function `f` is there twice");
    assert_wrong(BODY("return _99999999999999"), 4, 11, "this number is larger than 1048576");
    assert_wrong(BODY("goto bb0\nbb2:\n  return _0"), 5, 1, "this block has to be bb1");
}

static void several_errors_are_found(void **state) {
    (void)state;
    struct reading *r = read_text(STR("mir 1 core\nfn f () -> unit {\nbb0:\n  foo\n}\n"
                                      "fn g () -> unit {\nbb0:\n  return ()\n}\n"
                                      "fn h () -> unit {\nbb0:\n  bar\n}\n"));
    assert_null(r->module);
    assert_int_equal(r->sink.errors, 2);
    done(r);
}

// Deep nesting ends in a sentence, not in the end of the stack.
static void hostile_text_is_refused(void **state) {
    (void)state;
    struct arena a = {0};
    struct text t = {.arena = &a};
    text_put(&t, STR("mir 1 core\nfn f (_0 "));
    for (int i = 0; i < 100000; i++)
        text_put(&t, STR("buf("));
    struct reading *r = read_text(text_str(&t));
    assert_null(r->module);
    done(r);
    t.len = 0;
    text_put(&t, STR("mir 1 core\nfn f (_0 buf(u64)) -> unit {\nbb0:\n  _0"));
    for (int i = 0; i < 100000; i++)
        text_put(&t, STR("[_0"));
    r = read_text(text_str(&t));
    assert_null(r->module);
    done(r);
    arena_free(&a);
}

// Every prefix, and every text with one byte changed, is read without harm.
static void damaged_text_does_no_harm(void **state) {
    (void)state;
    size_t len = sizeof all_forms - 1;
    char *copy = malloc(len);
    for (size_t i = 0; i < len; i++) {
        memcpy(copy, all_forms, len);
        done(read_text((struct str){copy, i}));
        copy[i] = "\0\xff(0\"_.b \n"[i % 10];
        done(read_text((struct str){copy, len}));
    }
    free(copy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_document_stays),
        cmocka_unit_test(every_form_stays),
        cmocka_unit_test(lowered_words_stay),
        cmocka_unit_test(the_hash_leaves_names_and_places_out),
        cmocka_unit_test(blanks_and_comments_do_not_matter),
        cmocka_unit_test(types_are_unique),
        cmocka_unit_test(flags_are_inferred),
        cmocka_unit_test(values_may_suspend),
        cmocka_unit_test(wrong_text_is_named),
        cmocka_unit_test(several_errors_are_found),
        cmocka_unit_test(hostile_text_is_refused),
        cmocka_unit_test(damaged_text_does_no_harm),
    };
    return cmocka_run_group_tests_name("mir text", tests, NULL, NULL);
}
