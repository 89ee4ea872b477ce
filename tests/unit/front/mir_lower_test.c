// SPDX-License-Identifier: MIT
// Core to lowered: for small functions the whole text that has to come out, worked out by hand; for
// all of them the validator's rules of lowered MIR (nothing read after it moved, nothing held at
// the end).
#include "frontend/mir/mir.h"

#include <setjmp.h>

#include <cmocka.h>

static struct mir_module *lowered(struct arena *a, const char *core) {
    struct source *s = arena_new(a, struct source);
    struct diag_sink sink = {.arena = a};
    source_init(a, s, "test.mir", str_format(a, "mir 1 core\n%s", core));
    struct mir_module *m = mir_parse(a, s, &sink);
    if (m) {
        mir_infer(m);
        if (mir_validate(m, &sink)) {
            mir_own(m);
            mir_suspend(m);
            mir_validate(m, &sink);
        }
    }
    if (sink.errors) {
        struct text out = {.arena = a};
        if (m)
            mir_print(m, 0, &out);
        fail_msg("%s\n%s", sink.all.at[0]->title.data, out.data ? out.data : "");
    }
    return m;
}

// The lowered text of the functions (all of `core`) is this.
static void assert_lowers(const char *core, const char *expected) {
    struct arena a = {0};
    struct mir_module *m = lowered(&a, core);
    struct text out = {.arena = &a};
    for (int32_t i = 0; i < m->functions.len; i++)
        mir_print_function(m, m->functions.at[i], 0, &out);
    if (!str_is(text_str(&out), expected))
        fail_msg("it became:\n%s", out.data);
    arena_free(&a);
}

static void what_is_returned_is_owned_and_moves(void **state) {
    (void)state;
    assert_lowers("fn f (_0 buf(u8)) -> buf(u8) {\nbb0:\n  return _0\n}\n",
                  "fn f (own _0 buf(u8)) -> buf(u8) {\nbb0:\n  return move _0\n}\n");
}

static void what_is_only_looked_at_is_lent(void **state) {
    (void)state;
    assert_lowers(
        "fn f (_0 buf(u8)) -> u64 {\n  let _1 u64\nbb0:\n  _1 = buf.len _0\n  return _1\n}\n"
        "fn g () -> u64 {\n  let _0 buf(u8)\n  let _1 u64\nbb0:\n  _0 = buf.new\n"
        "  _1 = call f (_0)\n  return _1\n}\n",
        "fn f (_0 buf(u8)) -> u64 {\n  let _1 u64\nbb0:\n  _1 = buf.len _0\n  return _1\n}\n"
        "fn g () -> u64 {\n  let _0 buf(u8)\n  let _1 u64\nbb0:\n  _0 = buf.new\n"
        "  _1 = call f (_0)\n  drop _0\n  return _1\n}\n");
}

static void owning_goes_from_callee_to_caller(void **state) {
    (void)state;
    // h keeps, g hands on to h: both own; f copies for g since it still needs the value.
    assert_lowers(
        "fn f (_0 buf(u8)) -> u64 {\n  let _1 u64\nbb0:\n  call g (_0)\n  _1 = buf.len _0\n"
        "  return _1\n}\n"
        "fn g (_0 buf(u8)) -> unit {\nbb0:\n  call h (_0)\n  return ()\n}\n"
        "fn h (_0 buf(u8)) -> unit {\n  let _1 buf(buf(u8))\nbb0:\n  _1 = buf.new\n"
        "  buf.push _1, _0\n  return ()\n}\n",
        "fn f (own _0 buf(u8)) -> u64 {\n  let _1 u64\nbb0:\n  call g (_0)\n  _1 = buf.len _0\n"
        "  drop _0\n  return _1\n}\n"
        "fn g (own _0 buf(u8)) -> unit {\nbb0:\n  call h (move _0)\n  return ()\n}\n"
        "fn h (own _0 buf(u8)) -> unit {\n  let _1 buf(buf(u8))\nbb0:\n  _1 = buf.new\n"
        "  buf.push _1, move _0\n  drop _1\n  return ()\n}\n");
}

static void the_last_of_two_moves(void **state) {
    (void)state;
    assert_lowers(
        "type P struct { a buf(u8), b buf(u8) }\n"
        "fn f (_0 buf(u8)) -> P {\n  let _1 P\nbb0:\n  _1 = make (_0, _0)\n  return _1\n}\n",
        "fn f (own _0 buf(u8)) -> P {\n  let _1 P\nbb0:\n  _1 = make (_0, move _0)\n"
        "  return move _1\n}\n");
}

static void branches_drop_where_it_becomes_dead(void **state) {
    (void)state;
    assert_lowers(
        "fn f (_0 buf(u8), _1 bool) -> buf(u8) {\n  let _2 buf(u8)\nbb0:\n  if _1 bb1 bb2\n"
        "bb1:\n  return _0\nbb2:\n  _2 = buf.new\n  return _2\n}\n",
        "fn f (own _0 buf(u8), _1 bool) -> buf(u8) {\n  let _2 buf(u8)\nbb0:\n"
        "  if _1 bb1 bb2\nbb1:\n  return move _0\nbb2:\n  drop _0\n  _2 = buf.new\n"
        "  return move _2\n}\n");
}

static void loops_keep_what_the_next_round_needs(void **state) {
    (void)state;
    assert_lowers(
        "fn f (_0 buf(u8), _1 u64) -> unit {\n  let _2 buf(u8)\n  let _3 bool\nbb0:\n  goto bb1\n"
        "bb1:\n  _3 = lt _1, 3_u64\n  if _3 bb2 bb3\n"
        "bb2:\n  _2 = use _0\n  print 1, _2\n  _1 = addw _1, 1_u64\n  goto bb1\n"
        "bb3:\n  return ()\n}\n",
        "fn f (own _0 buf(u8), _1 u64) -> unit {\n  let _2 buf(u8)\n  let _3 bool\nbb0:\n  goto "
        "bb1\n"
        "bb1:\n  _3 = lt _1, 3_u64\n  if _3 bb2 bb3\n"
        "bb2:\n  _2 = use _0\n  print 1, _2\n  drop _2\n  _1 = addw _1, 1_u64\n  goto bb1\n"
        "bb3:\n  drop _0\n  return ()\n}\n");
}

static void unwind_blocks_drop_what_they_do_not_need(void **state) {
    (void)state;
    // _1 is needed only on the way without failure, _0 only in the unwind block.
    assert_lowers(
        "fn f (_0 buf(u8)) -> buf(u8) {\n  let _1 buf(u8)\n  let _2 i64\n  let _3 error\n"
        "bb0:\n  _1 = buf.new\n  goto bb1\n"
        "bb1 unwind bb2:\n  _2 = convert 300_u16\n  _2 = add _2, 1_i64\n  return _1\n"
        "bb2:\n  _3 = caught\n  return _0\n}\n",
        "fn f (own _0 buf(u8)) -> buf(u8) {\n  let _1 buf(u8)\n  let _2 i64\n  let _3 error\n"
        "bb0:\n  _1 = buf.new\n  goto bb1\n"
        "bb1 unwind bb2:\n  _2 = convert 300_u16\n  _2 = add _2, 1_i64\n  drop _0\n  return move "
        "_1\n"
        "bb2:\n  _3 = caught\n  drop _1\n  drop _3\n  return move _0\n}\n");
}

static void a_part_is_copied_before_the_whole_goes(void **state) {
    (void)state;
    assert_lowers(
        "type P struct { a buf(u8), n i64 }\n"
        "fn f (_0 i64) -> buf(u8) {\n  let _1 P\n  let _2 buf(u8)\nbb0:\n  _2 = buf.new\n"
        "  _1 = make (_2, _0)\n  return _1.0\n}\n",
        "fn f (_0 i64) -> buf(u8) {\n  let _1 P\n  let _2 buf(u8)\n  let _3 buf(u8)\nbb0:\n"
        "  _2 = buf.new\n  _1 = make (move _2, _0)\n  _3 = use _1.0\n  drop _1\n"
        "  return move _3\n}\n");
}

static void what_a_call_may_change_is_not_lent_to_it(void **state) {
    (void)state;
    assert_lowers("type S struct { a buf(u8) }\n"
                  "fn f () -> unit self S {\nbb0:\n  call g (self.0)\n  call h (self.0)\n"
                  "  return ()\n}\n"
                  "fn g (_0 buf(u8)) -> unit self S {\nbb0:\n  self.0 = buf.new\n  print 1, _0\n"
                  "  return ()\n}\n"
                  "fn h (_0 buf(u8)) -> unit {\nbb0:\n  print 1, _0\n  return ()\n}\n",
                  "fn f () -> unit self S reads (0) writes (0) {\n  let _0 buf(u8)\nbb0:\n"
                  "  _0 = use self.0\n  call g (_0)\n  drop _0\n  call h (self.0)\n  return ()\n}\n"
                  "fn g (_0 buf(u8)) -> unit self S writes (0) {\nbb0:\n  self.0 = buf.new\n"
                  "  print 1, _0\n  return ()\n}\n"
                  "fn h (_0 buf(u8)) -> unit {\nbb0:\n  print 1, _0\n  return ()\n}\n");
}

static void closures_are_lent_all_and_copy_what_they_write(void **state) {
    (void)state;
    assert_lowers("fn f (_0 buf(u8), _1 buf(u8)) -> buf(u8) captures 1 {\nbb0:\n"
                  "  buf.append _0, _1\n  return _0\n}\n"
                  "fn g (_0 buf(u8)) -> fn(buf(u8)) -> buf(u8) {\n  let _1 fn(buf(u8)) -> buf(u8)\n"
                  "bb0:\n  _1 = closure f (_0)\n  return _1\n}\n",
                  "fn f (_0 buf(u8), _1 buf(u8)) -> buf(u8) captures 1 {\n  let _2 buf(u8)\nbb0:\n"
                  "  _2 = use _0\n  goto bb1\nbb1:\n  buf.append _2, _1\n  return move _2\n}\n"
                  "fn g (own _0 buf(u8)) -> fn(buf(u8)) -> buf(u8) {\n"
                  "  let _1 fn(buf(u8)) -> buf(u8)\nbb0:\n  _1 = closure f (move _0)\n"
                  "  return move _1\n}\n");
}

static void what_the_runtime_starts_owns(void **state) {
    (void)state;
    assert_lowers(
        "type S struct { n i64 }\n"
        "fn init () -> unit self S {\nbb0:\n  return ()\n}\n"
        "fn on (_0 buf(u8), _1 reply(i64)) -> unit self S {\nbb0:\n  print 1, _0\n"
        "  answer _1, 5_i64\n  return ()\n}\n"
        "actor A state S init init {\n  message M (buf(u8), reply(i64)) -> unit = on\n}\n",
        "fn init () -> unit self S {\nbb0:\n  return ()\n}\n"
        "fn on (own _0 buf(u8), own _1 reply(i64)) -> unit self S traps {\nbb0:\n"
        "  print 1, _0\n  drop _0\n  answer _1, 5_i64\n  drop _1\n  return ()\n}\n");
}

static void what_is_never_used_is_dropped_at_once(void **state) {
    (void)state;
    assert_lowers("type S struct { n i64 }\n"
                  "fn init (_0 buf(u8)) -> unit self S {\n  let _1 buf(u8)\nbb0:\n  _1 = buf.new\n"
                  "  return ()\n}\n"
                  "actor A state S init init {\n}\n",
                  "fn init (own _0 buf(u8)) -> unit self S {\n  let _1 buf(u8)\nbb0:\n  drop _0\n"
                  "  _1 = buf.new\n  drop _1\n  return ()\n}\n");
}

static void what_lives_across_a_suspension_is_in_the_frame(void **state) {
    (void)state;
    // _0 is read after, _1 only before, _2 is written when the wait is over, _3 is looked at while
    // it waits and dropped after.
    assert_lowers(
        "fn f () -> i64 {\n  let _0 i64\n  let _1 i64\n  let _2 i64\n  let _3 future(i64)\nbb0:\n"
        "  _0 = now\n  _1 = now\n  _3 = task g (_1) free\n  wait (_3)\n  _2 = take _3\n"
        "  _2 = addw _2, _0\n  return _2\n}\n"
        "fn g (_0 i64) -> i64 {\nbb0:\n  return _0\n}\n",
        "fn f () -> i64 suspends traps {\n  let _0 i64 frame\n  let _1 i64\n  let _2 i64\n"
        "  let _3 future(i64) frame\nbb0:\n  _0 = now\n  _1 = now\n  _3 = task g (_1) free\n"
        "  wait (_3)\n  _2 = take _3\n  drop _3\n  _2 = addw _2, _0\n  return _2\n}\n"
        "fn g (_0 i64) -> i64 {\nbb0:\n  return _0\n}\n");
}

static void suspending_calls_keep_what_they_write_through(void **state) {
    (void)state;
    struct arena a = {0};
    struct mir_module *m = lowered(
        &a, "fn f () -> unit {\n  let _0 i64\n  let _1 i64\n  let _2 i64\n  let _3 error\n"
            "bb0 unwind bb2:\n  _0 = use 1_i64\n  _1 = use 2_i64\n  _2 = use 3_i64\n"
            "  call g (_0)\n  yield\n  goto bb1\n"
            "bb1:\n  return ()\n"
            "bb2:\n  _3 = caught\n  _1 = addw _1, _2\n  return ()\n}\n"
            "fn g (mut _0 i64) -> unit {\nbb0:\n  yield\n  _0 = use 1_i64\n  return ()\n}\n");
    const struct mir_function *f = m->functions.at[0];
    assert_true(f->locals.at[0].frame); // g writes it
    assert_true(f->locals.at[1].frame && f->locals.at[2].frame); // the unwind block reads them
    assert_false(f->locals.at[3].frame);
    arena_free(&a);
}

static void numbers_and_back_edges(void **state) {
    (void)state;
    struct arena a = {0};
    struct mir_module *m =
        lowered(&a, "fn f () -> unit {\n  let _0 i64\n  let _1 i64\nbb0:\n  _0 = use 1_i64\n"
                    "  _1 = use 1_i64\n  yield\n  goto bb1\n"
                    "bb1:\n  _0 = addw _0, 1_i64\n  goto bb1\n}\n"
                    "fn g () -> unit {\nbb0:\n  call f ()\n  sleep 1_i64\n  return ()\n}\n");
    const struct mir_function *f = m->functions.at[0], *g = m->functions.at[1];
    assert_int_equal(f->blocks.at[0].insts.at[2].state, 1);
    assert_int_equal(f->blocks.at[0].insts.at[0].state, 0);
    assert_int_equal(g->blocks.at[0].insts.at[0].state, 1);
    assert_int_equal(g->blocks.at[0].insts.at[1].state, 2);
    assert_true(f->locals.at[0].frame); // the loop reads it behind the `yield`
    assert_false(f->locals.at[1].frame);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_returned_is_owned_and_moves),
        cmocka_unit_test(what_is_only_looked_at_is_lent),
        cmocka_unit_test(owning_goes_from_callee_to_caller),
        cmocka_unit_test(the_last_of_two_moves),
        cmocka_unit_test(branches_drop_where_it_becomes_dead),
        cmocka_unit_test(loops_keep_what_the_next_round_needs),
        cmocka_unit_test(unwind_blocks_drop_what_they_do_not_need),
        cmocka_unit_test(a_part_is_copied_before_the_whole_goes),
        cmocka_unit_test(what_a_call_may_change_is_not_lent_to_it),
        cmocka_unit_test(closures_are_lent_all_and_copy_what_they_write),
        cmocka_unit_test(what_the_runtime_starts_owns),
        cmocka_unit_test(what_is_never_used_is_dropped_at_once),
        cmocka_unit_test(what_lives_across_a_suspension_is_in_the_frame),
        cmocka_unit_test(suspending_calls_keep_what_they_write_through),
        cmocka_unit_test(numbers_and_back_edges),
    };
    return cmocka_run_group_tests_name("mir lower", tests, NULL, NULL);
}
