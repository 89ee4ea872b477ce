// SPDX-License-Identifier: MIT
// The validator: a good module passes; for each rule there is a module that breaks it and nothing
// else. It provokes P9002 P9003 P9004 P9005 P9006 P9007 P9008 P9009 P9010 P9011 P9012.
#include "frontend/mir/mir.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

// Everything that the bodies below refer to.
#define COMMON                                                                                     \
    "type P struct { x i64, y i64 }\n"                                                             \
    "type E enum { none, some(i64) }\n"                                                            \
    "type A.state struct { n i64, p P, r reply(i64) }\n"                                           \
    "type B.state struct { n i64 }\n"                                                              \
    "fn A.init (_0 i64) -> unit self A.state {\nbb0:\n  self.0 = use _0\n  return ()\n}\n"         \
    "fn A.Get () -> i64 self A.state {\nbb0:\n  return self.0\n}\n"                                \
    "fn A.Later () -> i64 self A.state {\n  let _0 reply(i64)\nbb0:\n  _0 = reply\n"               \
    "  self.2 = use _0\n  end\n}\n"                                                                \
    "fn A.Put (_0 P) -> unit self A.state {\nbb0:\n  self.1 = use _0\n  return ()\n}\n"            \
    "fn B.init () -> unit self B.state {\nbb0:\n  return ()\n}\n"                                  \
    "fn id (_0 i64) -> i64 {\nbb0:\n  return _0\n}\n"                                              \
    "fn inc (mut _0 i64, _1 i64) -> unit {\nbb0:\n  _0 = addw _0, _1\n  return ()\n}\n"            \
    "fn pair (_0 i64, _1 i64) -> i64 captures 1 {\nbb0:\n  return _1\n}\n"                         \
    "fn pause () -> unit {\nbb0:\n  yield\n  return ()\n}\n"                                       \
    "fn ok (_0 A.state) -> bool self A.state {\nbb0:\n  return true\n}\n"                          \
    "actor A state A.state init A.init {\n  message Get () -> i64 = A.Get\n"                       \
    "  message Later () -> i64 = A.Later\n  message Put (P) -> unit = A.Put\n}\n"                  \
    "actor B state B.state init B.init {\n}\n"

// A function with locals of many types; all of them are parameters, so they are written.
#define LOCALS                                                                                     \
    "(_0 i64, _1 u64, _2 bool, _3 f64, _4 P, _5 E, _6 buf(i64), _7 buf(u8), _8 ref(A), _9 ref, "   \
    "_10 future(i64), _11 reply(i64), _12 scope, _13 token, _14 error, _15 fn(i64) -> i64, "       \
    "_16 u32, _17 char, _18 future(unit), _19 u8, _20 buf(future(i64)), _21 ref(B))"
#define BODY(text) COMMON "fn f " LOCALS " -> unit {\nbb0:\n  " text "\n  return ()\n}\n"
#define SELF(text)                                                                                 \
    COMMON "fn f " LOCALS " -> unit self A.state {\nbb0:\n  " text "\n  return ()\n}\n"

struct verdict {
    struct arena arena;
    struct source source;
    struct diag_sink sink;
    struct mir_module *module;
    bool valid;
};

static struct verdict *judge(const char *level, const char *items, bool infers) {
    struct verdict *v = calloc(1, sizeof *v);
    v->sink.arena = &v->arena;
    struct str text = str_format(&v->arena, "mir 1 %s\n%s", level, items);
    source_init(&v->arena, &v->source, "test.mir", text);
    v->module = mir_parse(&v->arena, &v->source, &v->sink);
    if (!v->module)
        fail_msg("%s", v->sink.all.at[0]->title.data);
    if (infers)
        mir_infer(v->module);
    v->valid = mir_validate(v->module, &v->sink);
    return v;
}

static void done(struct verdict *v) {
    arena_free(&v->arena);
    free(v);
}

static void assert_valid(const char *level, const char *items) {
    struct verdict *v = judge(level, items, true);
    if (!v->valid)
        fail_msg("%s", v->sink.all.at[0]->title.data);
    done(v);
}

// Exactly one thing is wrong: this code, and its title says this.
static void assert_invalid_at(const char *level, const char *items, bool infers,
                              enum diag_code code, const char *says) {
    struct verdict *v = judge(level, items, infers);
    assert_false(v->valid);
    const struct diag *d = v->sink.all.at[0];
    if (d->code != code || v->sink.all.len != 1 || !strstr(d->title.data, says))
        fail_msg("%d said, the first: %s: %s", (int)v->sink.all.len, diag_code_name(d->code),
                 d->title.data);
    done(v);
}

static void assert_invalid(const char *items, enum diag_code code, const char *says) {
    assert_invalid_at("core", items, true, code, says);
}

static void good_operations_pass(void **state) {
    (void)state;
    static const char *const good[] = {
        "_9 = use _8",
        "_0 = neg _0",
        "_3 = neg _3",
        "_2 = not _2",
        "_1 = not _1",
        "_3 = rem _3, _3",
        "_1 = shl _1, 3_u64",
        "_0 = shr _0, _1",
        "_2 = xor _2, true",
        "_2 = lt _4, _4",
        "_2 = eq _8, _8",
        "_0 = cmp _6, _6",
        "_1 = hash _4",
        "_7 = show _14",
        "_16 = convert _17",
        "_3 = convert _0",
        "_2 = fits _0, u8",
        "_1 = bits _3",
        "_3 = bits _1",
        "_3 = math.pow _3, _3",
        "_4 = make (_0, _0)",
        "_5 = variant 1 (_0)",
        "_5 = variant 0 ()",
        "_16 = tag _5",
        "_0 = use _5 as 1.0",
        "_6 = buf.new",
        "_6 = buf.new _1",
        "_1 = buf.len _6",
        "buf.push _6, _0",
        "_0 = buf.pop _6",
        "buf.insert _6, _1, _0",
        "_0 = buf.remove _6, _1",
        "buf.truncate _6, _1",
        "buf.reserve _6, _1",
        "buf.append _6, _6",
        "_6 = buf.slice _6, 0_u64, _1",
        "_6[_1] = use _6[0_u64]",
        "_0 = call id (_0)",
        "call inc (_0, 1_i64)",
        "call inc (_4.0, _4.1)",
        "call pause ()",
        "_15 = closure pair (_0)",
        "_0 = apply _15 (_0)",
        "_8 = spawn A (_0)",
        "tell _8 A.2 (_4)",
        "tell.any _9 Put (_4)",
        "_10 = ask _8 A.0 ()",
        "_10 = ask.timeout _8, _0 A.0 ()",
        "answer _11, _0",
        "stop _9",
        "_0 = mailbox _8",
        "_10 = task id (_0) free",
        "_10 = task id (_0) free in _12",
        "_10 = task id (_0) free in _13",
        "_10 = task id (_0) branch",
        "_12 = scope.open",
        "_12 = scope.open _0",
        "scope.close _12",
        "scope.cancel _12",
        "_2 = scope.cancelled _12",
        "_13 = token",
        "token.cancel _13",
        "_2 = token.cancelled _13",
        "wait (_10, _18)",
        "wait (_20)",
        "_1 = wait.any (_10, _10)",
        "_0 = take _10",
        "take _18",
        "_0 = outcome _18",
        "sleep _0",
        "yield",
        "_0 = now",
        "_0 = now.wall",
        "_1 = random _1, _1",
        "_1 = cores",
        "print 1, _7",
        "_0 = error.kind _14",
        "_14 = error.of _4",
        "_2 = error.is _14, P",
        "_4 = error.get _14",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct arena a = {0};
        struct str items = str_format(
            &a, COMMON "fn f " LOCALS " -> unit {\nbb0:\n  %s\n  return ()\n}\n", good[i]);
        assert_valid("core", items.data);
        arena_free(&a);
    }
    assert_valid("core", SELF("_11 = reply"));
    assert_valid("core", SELF("_8 = self.ref"));
    assert_valid("core", SELF("_0 = call A.Get ()"));
    assert_valid("core", SELF("_10 = task A.Get () isolated"));
    assert_valid("core", SELF("self.1.0 = use _0"));
}

static void wrong_types_are_named(void **state) {
    (void)state;
    assert_invalid(BODY("_0 = use _1"), P9002, "the destination has to be u64, but is i64");
    assert_invalid(BODY("_8 = use _9"), P9002, "has to be ref");
    assert_invalid(BODY("_1 = neg _1"), P9002, "signed");
    assert_invalid(BODY("_3 = not _3"), P9002, "bool or an integer");
    assert_invalid(BODY("_0 = add _0, _1"), P9002, "the second operand has to be i64, but is u64");
    assert_invalid(BODY("_2 = add _2, _2"), P9002, "numbers");
    assert_invalid(BODY("_3 = addw _3, _3"), P9002, "integers");
    assert_invalid(BODY("_3 = and _3, _3"), P9002, "bool or integers");
    assert_invalid(BODY("_0 = shl _0, _0"), P9002, "the shift count has to be u64");
    assert_invalid(BODY("_0 = eq _0, _0"), P9002, "the destination has to be bool");
    assert_invalid(BODY("_2 = cmp _0, _0"), P9002, "the destination has to be i64");
    assert_invalid(BODY("_2 = eq _10, _10"), P9002, "without closures and handles");
    assert_invalid(BODY("_1 = hash _15"), P9002, "without closures and handles");
    assert_invalid(BODY("_0 = show _0"), P9002, "buf(u8)");
    assert_invalid(BODY("_2 = convert _0"), P9002, "the type asked for");
    assert_invalid(BODY("_2 = fits _2, u8"), P9002, "the operand has to be a number");
    assert_invalid(BODY("_0 = bits _3"), P9002, "f64 as u64");
    assert_invalid(BODY("_3 = math.sqrt _0"), P9002, "has to be f64");
    assert_invalid(BODY("_3 = math.pow _3"), P9002, "2 operands");
    assert_invalid(BODY("_4 = make (_0)"), P9002, "no struct of 1 fields");
    assert_invalid(BODY("_4 = make (_0, _1)"), P9002, "the field");
    assert_invalid(BODY("_5 = variant 2 ()"), P9002, "no variant 2");
    assert_invalid(BODY("_5 = variant 1 (_1)"), P9002, "the payload");
    assert_invalid(BODY("_16 = tag _4"), P9002, "enum");
    assert_invalid(BODY("_0 = buf.new"), P9002, "buffer");
    assert_invalid(BODY("buf.push _6, _1"), P9002, "the item");
    assert_invalid(BODY("buf.truncate _6, _0"), P9002, "has to be u64");
    assert_invalid(BODY("buf.append _6, _7"), P9002, "the second operand");
    assert_invalid(BODY("_7 = buf.slice _6, _1, _1"), P9002, "the destination");
    assert_invalid(BODY("_0 = buf.len _6"), P9002, "u64");
    assert_invalid(BODY("_1 = buf.len _0"), P9002, "buffer");
    assert_invalid(BODY("_1 = call id (_0)"), P9002, "the destination has to be i64");
    assert_invalid(BODY("call id (_0)"), P9002, "needs a destination");
    assert_invalid(BODY("_0 = yield"), P9002, "no destination");
    assert_invalid(BODY("now"), P9002, "needs a destination");
    assert_invalid(BODY("_21 = spawn A (_0)"), P9002, "reference to the actor");
    assert_invalid(BODY("_15 = closure id ()\n  _0 = apply _15 (_0)\n  _10 = use _15"), P9002,
                   "the destination");
    assert_invalid(BODY("_0 = apply _0 (_0)"), P9002, "closure");
    assert_invalid(BODY("_18 = ask _8 A.0 ()"), P9002, "future of the message's result");
    assert_invalid(BODY("_10 = ask.timeout _8, _1 A.0 ()"), P9002, "the time");
    assert_invalid(BODY("tell _21 A.0 ()"), P9002, "reference to the actor");
    assert_invalid(BODY("tell _9 A.2 (_4)"), P9002, "reference to the actor");
    assert_invalid(BODY("tell.any _8 Put (_4)"), P9002, "untyped reference");
    assert_invalid(BODY("_10 = ask _9 A.0 ()"), P9002, "reference to the actor");
    assert_invalid(BODY("answer _11, _1"), P9002, "the answer has to be i64");
    assert_invalid(BODY("answer _0, _0"), P9002, "reply");
    assert_invalid(BODY("_10 = task id (_0) free in _0"), P9002, "scope or token");
    assert_invalid(BODY("_18 = task id (_0) free"), P9002, "future of the function's result");
    assert_invalid(BODY("_12 = scope.open _1"), P9002, "has to be i64");
    assert_invalid(BODY("wait ()"), P9002, "nothing to wait for");
    assert_invalid(BODY("wait (_0)"), P9002, "future");
    assert_invalid(BODY("_1 = take _10"), P9002, "the destination");
    assert_invalid(BODY("print 4, _7"), P9002, "no output 4");
    assert_invalid(BODY("print 1, _0"), P9002, "buf(u8)");
    assert_invalid(BODY("_0 = error.kind _0"), P9002, "has to be error");
    assert_invalid(BODY("_14 = error.of _12"), P9002, "without closures and handles");
    assert_invalid(BODY("raise _0\nbb1:"), P9002, "what is raised is an error");
    assert_invalid(BODY("if _0 bb1 bb1\nbb1:"), P9002, "a condition is bool");
    assert_invalid(BODY("switch _0 (1 bb1, 1 bb1) bb1\nbb1:"), P9002, "there twice");
    assert_invalid(BODY("return _0\nbb1:"), P9002, "the function's result is unit");
    assert_invalid(SELF("_8 = use _8\n  _21 = self.ref"), P9002, "reference to self");
    assert_invalid(SELF("_10 = reply"), P9002, "reply with");
}

static void what_is_named_must_fit(void **state) {
    (void)state;
    assert_invalid(BODY("call nobody ()"), P9005, "no function `nobody`");
    assert_invalid(BODY("_0 = call id ()"), P9005, "`id` has 1 parameters, not 0");
    assert_invalid(BODY("_0 = call id (_1)"), P9005, "argument 1 of `id` has to be i64");
    assert_invalid(SELF("_0 = call A.Later ()"), P9005, "holds `end`");
    assert_invalid(BODY("_15 = closure pair ()"), P9005, "`pair` has 1 parameters");
    assert_invalid(BODY("_0 = apply _15 (_1)"), P9005, "the closure");
    assert_invalid(BODY("_8 = spawn C ()"), P9005, "no actor `C`");
    assert_invalid(BODY("_8 = spawn A ()"), P9005, "`A.init` has 1 parameters");
    assert_invalid(BODY("tell _8 A.3 ()"), P9005, "no message `A.3`");
    assert_invalid(BODY("tell _8 A.2 (_0)"), P9005, "argument 1 of `A.Put` has to be P");
    assert_invalid(COMMON "fn f (_0 ref(A)) -> unit self B.state {\nbb0:\n  forward _0 A.0 ()\n"
                          "  end\n}\nactor C state B.state init B.init {\n"
                          "  message M (ref(A)) -> unit = f\n}\n",
                   P9005, "replies with unit");
    assert_invalid(BODY("_11 = reply"), P9007, "needs a function with self");
    assert_invalid(BODY("_0 = call A.Get ()"), P9007, "needs a self of type A.state");
    assert_invalid(BODY("_10 = task A.Get () branch"), P9007, "needs a self of type A.state");
    assert_invalid(BODY("_10 = task id (_0) isolated"), P9007, "an isolated task");
    assert_invalid(SELF("_10 = task A.Get () free"), P9007, "a free task");
}

static void written_operands_are_exclusive_places(void **state) {
    (void)state;
    assert_invalid(BODY("call inc (1_i64, _0)"), P9008, "argument 1 is `mut`");
    assert_invalid(BODY("call inc (_0, _0)"), P9008, "argument 2 overlaps it");
    assert_invalid(BODY("call inc (_6[0_u64], _6[1_u64])"), P9008, "overlaps");
    assert_invalid(BODY("buf.push \"x\", _19"), P9008, "has to be a place");
    assert_invalid(BODY("_18 = task inc (_0, _0) free"), P9008, "a task has no `mut`");
}

static void locals_are_written_before_they_are_read(void **state) {
    (void)state;
#define WITH_LOCAL(text)                                                                           \
    "fn f (_0 bool) -> i64 {\n  let _1 i64\n  let _2 error\nbb0:\n  " text "\n}\n"
    assert_valid("core", WITH_LOCAL("if _0 bb1 bb2\nbb1:\n  _1 = use 1_i64\n  goto bb3\n"
                                    "bb2:\n  _1 = use 2_i64\n  goto bb3\nbb3:\n  return _1"));
    assert_valid("core", WITH_LOCAL("goto bb1\nbb1:\n  _1 = use 1_i64\n  if _0 bb1 bb2\n"
                                    "bb2:\n  return _1\nbb3:\n  return _1"));
    assert_invalid(WITH_LOCAL("return _1"), P9003, "_1 is read here");
    assert_invalid(WITH_LOCAL("if _0 bb1 bb2\nbb1:\n  _1 = use 1_i64\n  goto bb2\n"
                              "bb2:\n  return _1"),
                   P9003, "bb2 `return _1`");
    // What fails has not written its destination.
    assert_invalid("fn f (_0 i64) -> i64 {\n  let _1 i64\n  let _2 error\n"
                   "bb0 unwind bb1:\n  _1 = add _0, _0\n  return _1\n"
                   "bb1:\n  _2 = caught\n  return _1\n}\n",
                   P9003, "bb1 `return _1`");
    assert_valid("core", "fn f (_0 i64) -> i64 {\n  let _1 i64\n  let _2 error\n"
                         "bb0 unwind bb1:\n  _1 = use 0_i64\n  _1 = add _0, _0\n  return _1\n"
                         "bb1:\n  _2 = caught\n  return _1\n}\n");
    // A part needs the whole; an index is read.
    assert_invalid("type P struct { x i64 }\nfn f () -> unit {\n  let _0 P\nbb0:\n"
                   "  _0.0 = use 1_i64\n  return ()\n}\n",
                   P9003, "_0 is read here");
    assert_invalid("fn f (_0 buf(i64)) -> unit {\n  let _1 u64\nbb0:\n"
                   "  _0[_1] = use 1_i64\n  return ()\n}\n",
                   P9003, "_1 is read here");
}

static void moves_and_drops_end_a_local(void **state) {
    (void)state;
    assert_valid("lowered", "fn f (own _0 buf(u8)) -> buf(u8) {\nbb0:\n  return move _0\n}\n");
    assert_invalid_at("lowered",
                      "fn f (own _0 buf(u8)) -> buf(u8) {\n  let _1 buf(u8) frame\nbb0:\n"
                      "  _1 = use move _0\n  return move _0\n}\n",
                      true, P9003, "_0 is read here");
    assert_invalid_at("lowered",
                      "fn f (own _0 buf(u8)) -> buf(u8) {\nbb0:\n  drop _0\n  return _0\n}\n", true,
                      P9003, "_0 is read here");
    assert_invalid_at("lowered", "fn f (_0 buf(u8)) -> buf(u8) {\nbb0:\n  return move _0\n}\n",
                      true, P9009, "_0 is lent");
    assert_invalid_at("lowered",
                      "type P struct { x buf(u8) }\n"
                      "fn f (own _0 P) -> buf(u8) {\nbb0:\n  return move _0.0\n}\n",
                      true, P9009, "only a whole local");
    assert_invalid("fn f (own _0 buf(u8)) -> buf(u8) {\nbb0:\n  return _0\n}\n", P9009, "`own`");
    assert_invalid("fn f () -> unit {\n  let _0 i64 frame\nbb0:\n  return ()\n}\n", P9009,
                   "`frame`");
    assert_invalid("fn f (_0 buf(u8)) -> unit {\nbb0:\n  drop _0\n  return ()\n}\n", P9009,
                   "`drop`");
    assert_invalid("fn f (_0 buf(u8)) -> buf(u8) {\nbb0:\n  return move _0\n}\n", P9009, "`move`");
}

static void unwind_blocks_are_apart(void **state) {
    (void)state;
#define UNWIND(text) "fn f (_0 i64) -> i64 {\n  let _1 error\n" text "\n}\n"
    assert_valid("core", UNWIND("bb0 unwind bb1:\n  _0 = add _0, _0\n  return _0\n"
                                "bb1:\n  _1 = caught\n  raise _1"));
    assert_invalid(UNWIND("bb0 unwind bb1:\n  _0 = add _0, _0\n  return _0\nbb1:\n  return _0"),
                   P9004, "begin with `caught`");
    assert_invalid(UNWIND("bb0:\n  _1 = caught\n  return _0"), P9004, "no failure leads here");
    assert_invalid(UNWIND("bb0 unwind bb1:\n  _0 = add _0, _0\n  return _0\n"
                          "bb1:\n  _1 = caught\n  _1 = caught\n  return _0"),
                   P9004, "only at the beginning");
    assert_invalid(UNWIND("bb0 unwind bb1:\n  _0 = add _0, _0\n  goto bb1\n"
                          "bb1:\n  _1 = caught\n  return _0"),
                   P9004, "which only failures lead to");
}

static void attributes_follow_from_bodies(void **state) {
    (void)state;
    assert_invalid_at("core", "fn f () -> unit {\nbb0:\n  trap assert\n}\n", false, P9006,
                      "it traps, but does not say so");
    assert_invalid_at("core", "fn f () -> unit traps {\nbb0:\n  return ()\n}\n", false, P9006,
                      "it says `traps`");
    assert_invalid_at("core", "fn f () -> unit traps {\nbb0:\n  yield\n  return ()\n}\n", false,
                      P9006, "it suspends, but does not say so");
    assert_invalid_at("core", "fn f () -> unit suspends {\nbb0:\n  return ()\n}\n", false, P9006,
                      "it says `suspends`");
    // Two that only claim it of each other.
    struct verdict *v = judge("core",
                              "fn f () -> unit {\nbb0:\n  call g ()\n  return ()\n}\n"
                              "fn g () -> unit {\nbb0:\n  call f ()\n  return ()\n}\n",
                              true);
    assert_true(v->valid);
    for (int i = 0; i < 2; i++)
        v->module->functions.at[i]->suspends = true;
    assert_false(mir_validate(v->module, &v->sink));
    assert_int_equal(v->sink.errors, 2);
    done(v);
}

static void types_are_finite(void **state) {
    (void)state;
    assert_valid("core", "type L enum { nil, cons(i64, buf(L)) }\n");
    assert_invalid("type L enum { nil, cons(i64, L) }\n", P9010, "contains itself");
    assert_invalid("type S struct string { a i64 }\n", P9010, "mark");
    assert_invalid("type D struct duration { a i32 }\n", P9010, "mark");
    assert_invalid("fn f (_0 ref(Nobody)) -> unit {\nbb0:\n  return ()\n}\n", P9010, "no actor");
    struct arena a = {0};
    struct text t = {.arena = &a};
    for (int i = 0; i < 5000; i++)
        text_printf(&t, "type T%d struct { a T%d, b T%d }\n", i, i + 1, i + 1);
    text_put(&t, STR("type T5000 struct { a i64 }\n"));
    struct verdict *v = judge("core", t.data, true);
    assert_false(v->valid);
    assert_int_equal(v->sink.all.at[0]->code, P9010);
    done(v);
    arena_free(&a);
}

static void functions_are_whole(void **state) {
    (void)state;
    assert_invalid("fn f () -> unit {\nbb0:\n  goto bb5\n}\n", P9011, "target");
    assert_invalid("fn f () -> unit {\nbb0 unwind bb5:\n  return ()\n}\n", P9011, "bb5");
    assert_invalid("fn f () -> unit captures 1 {\nbb0:\n  return ()\n}\n", P9011, "captures");
    assert_invalid("fn f () -> unit {\nbb0:\n  end\n}\n", P9011, "may `end`");
    assert_invalid("fn f (_0 buf(i64)) -> i64 {\nbb0:\n  return _0[1_i64]\n}\n", P9011,
                   "a wrong value");
    // What only a builder can get wrong.
    struct verdict *v = judge("core", BODY("_0 = add _0, _0"), true);
    struct mir_function *f = mir_find_function(v->module, "f");
    f->blocks.at[0].insts.at[0].args.len = 1;
    assert_false(mir_validate(v->module, &v->sink));
    assert_int_equal(v->sink.all.at[0]->code, P9011);
    done(v);
}

static void declarations_fit_their_functions(void **state) {
    (void)state;
    assert_invalid(COMMON "actor C state A.state init A.Get {\n}\n", P9012, "init of actor `C`");
    assert_invalid(COMMON "actor C state E init A.Get {\n}\n", P9012, "no struct as state");
    assert_invalid(COMMON "actor C state B.state init B.init {\n  on_start = id\n}\n", P9012,
                   "on_start");
    assert_invalid(COMMON "actor C state A.state init A.init {\n  invariant \"x\" = ok\n}\n", P9012,
                   "an invariant");
    assert_invalid(COMMON "fn odd () -> bool self B.state {\nbb0:\n  self.0 = use 1_i64\n"
                          "  return true\n}\nactor C state B.state init B.init {\n"
                          "  invariant \"x\" = odd\n}\n",
                   P9012, "changes self");
    assert_invalid(COMMON "actor C state B.state init B.init {\n  mailbox 0 reject\n}\n", P9012,
                   "holds nothing");
    assert_invalid(COMMON "actor C state A.state init A.init {\n  message M (i64) -> i64 = A.Get\n"
                          "}\n",
                   P9012, "the handler of `C.M`");
    assert_invalid(COMMON "test t = id (n i64 = 5_i64)\n", P9012, "the function of test `t`");
    assert_invalid(COMMON "test t = pause (n i64 = 5_i64)\n", P9012, "the function of test `t`");
    assert_valid("core", COMMON "test t = pause ()\nentry pause\n");
    assert_invalid(COMMON "entry id\n", P9012, "the entry");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_operations_pass),
        cmocka_unit_test(wrong_types_are_named),
        cmocka_unit_test(what_is_named_must_fit),
        cmocka_unit_test(written_operands_are_exclusive_places),
        cmocka_unit_test(locals_are_written_before_they_are_read),
        cmocka_unit_test(moves_and_drops_end_a_local),
        cmocka_unit_test(unwind_blocks_are_apart),
        cmocka_unit_test(attributes_follow_from_bodies),
        cmocka_unit_test(types_are_finite),
        cmocka_unit_test(functions_are_whole),
        cmocka_unit_test(declarations_fit_their_functions),
    };
    return cmocka_run_group_tests_name("mir validate", tests, NULL, NULL);
}
