// SPDX-License-Identifier: MIT
// Families of actors of unknown size: `n` nodes in a list, and statements of the form "for i from
// .. to .., node A(i) is asked to ask node B(i)". Right families are proved for all n, with a
// certificate that the re-check accepts; their wrong twins are not proved, and deadlock at the
// smallest sizes when all schedules are run. Random families then hold the proofs against the
// schedules.
#include "checker/cert.h"
#include "checker/explore.h"
#include "checker/rank.h"
#include "checker/recheck/recheck.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// ---- programs -------------------------------------------------------------------------------

// _2 is i, _0 is n; a snippet computes _6 (who asks) or _7 (who is asked).
struct statement {
    const char *from, *to;     // constants or locals: the range of i
    const char *asker, *asked; // snippets
    const char *only_if;       // sets _3, or NULL
};
struct family {
    const char *name;
    struct statement s[3];
};

static const char *const prelude =
    "mir 1 core\nfile 0 \"family.prism\"\n"
    "type N.state struct { peer ref(N) }\n"
    "fn N.init () -> unit self N.state {\nbb0:\n  return ()\n}\n"
    "fn N.Leaf () -> unit self N.state {\nbb0:\n  return ()\n}\n"
    "fn N.Link (_0 ref(N)) -> unit self N.state {\nbb0:\n  self.0 = use _0\n  return ()\n}\n"
    "fn N.Hop () -> unit self N.state suspends traps {\n  let _0 future(unit)\n  let _1 unit\n"
    "bb0:\n  _0 = ask self.0 N.0 ()\n  wait (_0)\n  _1 = take _0\n  return ()\n}\n"
    "fn N.HopWith (_0 ref(N)) -> unit self N.state suspends traps {\n  let _1 future(unit)\n"
    "  let _2 unit\nbb0:\n  _1 = ask _0 N.0 ()\n  wait (_1)\n  _2 = take _1\n  return ()\n}\n"
    "fn family (_0 u64 \"n\") -> unit suspends traps {\n  let _1 buf(ref(N))\n  let _2 u64\n"
    "  let _3 bool\n  let _4 ref(N)\n  let _5 buf(future(unit))\n  let _6 u64\n  let _7 u64\n"
    "  let _8 ref(N)\n  let _9 ref(N)\n  let _10 future(unit)\n"
    "bb0:\n  _1 = buf.new\n  _2 = use 0_u64\n  _5 = buf.new\n  goto bb1\n"
    "bb1:\n  _3 = lt _2, _0\n  if _3 bb2 bb3\n"
    "bb2:\n  _4 = spawn N ()\n  buf.push _1, _4\n  _2 = add _2, 1_u64\n  goto bb1\n";
static const char *const epilogue =
    "  wait (_5)\n  return ()\n}\n"
    "actor N state N.state init N.init {\n  message Leaf () -> unit = N.Leaf\n"
    "  message HopWith (ref(N)) -> unit = N.HopWith\n  message Link (ref(N)) -> unit = N.Link\n"
    "  message Hop () -> unit = N.Hop\n}\n"
    "test family = family (n u64 = 3_u64)\n";

static void put_statement(struct text *t, const struct statement *s, bool linked, int at) {
    text_printf(t, "bb%d:\n  _2 = use %s\n  goto bb%d\n", at, s->from, at + 1);
    text_printf(t, "bb%d:\n  _3 = lt _2, %s\n  if _3 bb%d bb%d\n", at + 1, s->to, at + 2, at + 6);
    text_printf(t, "bb%d:\n%s", at + 2, s->only_if ? s->only_if : "  _3 = use true\n");
    text_printf(t, "  if _3 bb%d bb%d\n", at + 3, at + 4);
    text_printf(t, "bb%d:\n%s%s  _8 = use _1[_6]\n  _9 = use _1[_7]\n", at + 3, s->asker, s->asked);
    if (linked)
        text_printf(t, "  tell _8 N.2 (_9)\n  _10 = ask _8 N.3 ()\n");
    else
        text_printf(t, "  _10 = ask _8 N.1 (_9)\n");
    text_printf(t, "  buf.push _5, _10\n  goto bb%d\n", at + 4);
    text_printf(t, "bb%d:\n  _2 = add _2, 1_u64\n  goto bb%d\n", at + 4, at + 1);
    text_printf(t, "bb%d:\n  goto bb%d\n", at + 5, at + 6);
}

static struct str program(struct arena *a, const struct family *f, bool linked) {
    struct text t = {.arena = a};
    int at = 3;
    text_put(&t, str_from(prelude));
    for (int i = 0; i < 3 && f->s[i].from; i++, at += 6)
        put_statement(&t, &f->s[i], linked, at);
    text_printf(&t, "bb%d:\n", at);
    text_put(&t, str_from(epilogue));
    return text_str(&t);
}

static struct mir_module *parse(struct arena *a, struct str text) {
    struct source *s = arena_new(a, struct source);
    struct diag_sink sink = {.arena = a};
    source_init(a, s, "family.mir", text);
    struct mir_module *m = mir_parse(a, s, &sink);
    if (m) {
        mir_infer(m);
        mir_validate(m, &sink);
    }
    if (!m || sink.errors) {
        struct text t = {.arena = a};
        diag_render(&sink, (struct diag_style){.format = DIAG_SHORT, .width = 100}, &t);
        print_message("%s\n%.*s\n", t.data, STR_ARGS(text));
        fail();
    }
    return m;
}

// ---- the two opinions -----------------------------------------------------------------------

// The least n from which on it is proved, or -1.
static int64_t proved_from(struct arena *a, const struct mir_module *m, int32_t ways) {
    struct smt *smt = smt_new(a, 5000000);
    int64_t from = -1;
    for (int64_t least = 0; least <= 2 && from < 0; least++) {
        int64_t leasts[WEB_PARAMS_MAX] = {least};
        struct web *w = web_run(a, smt, m, mir_find_function(m, "family"), &m->tests.at[0], leasts,
                                (struct web_effort){ways, WEB_STEPS_MAX});
        if (w->why.len || w->kept.len)
            continue;
        struct rank r = rank_find(w);
        if (!r.complete)
            continue;
        from = least;
        struct text t = {.arena = a};
        cert_write(w, &r, STR("family"), &t);
        struct cert c = {.arena = a};
        assert_null(cert_read(&c, text_str(&t)));
        assert_null(order_holds(&c));
        int32_t conditional;
        assert_null(program_covered(&c, m, &conditional));
    }
    smt_free(smt);
    return from;
}

static struct explore_result explored(struct arena *a, const struct mir_module *m, int64_t n) {
    struct explore_result e = {0};
    explore_run(a, m, mir_find_function(m, "family"), &n, 1, &e);
    return e;
}

// ---- right ones and their wrong twins -------------------------------------------------------

#define I_ASKS      "  _6 = use _2\n"
#define NEXT        "  _7 = add _2, 1_u64\n"
#define NEXT_AROUND "  _7 = add _2, 1_u64\n  _7 = rem _7, _0\n"
#define BEFORE      "  _7 = sub _2, 1_u64\n"
#define PARENT      "  _7 = sub _2, 1_u64\n  _7 = div _7, 2_u64\n"
#define FIRST       "  _7 = use 0_u64\n"
#define LAST        "  _7 = sub _0, 1_u64\n"
#define MIRROR      "  _7 = sub _0, 1_u64\n  _7 = sub _7, _2\n"
#define NOT_LAST    "  _7 = sub _0, 1_u64\n  _3 = lt _2, _7\n"

static const struct family right[] = {
    {"chain upwards", {{"0_u64", "_0", I_ASKS, NEXT, NOT_LAST}}},
    {"chain downwards", {{"1_u64", "_0", I_ASKS, BEFORE, NULL}}},
    {"tree to its root", {{"1_u64", "_0", I_ASKS, PARENT, NULL}}},
    {"tree from its root",
     {{"1_u64", "_0", "  _6 = sub _2, 1_u64\n  _6 = div _6, 2_u64\n", "  _7 = use _2\n", NULL}}},
    {"fan-in", {{"1_u64", "_0", I_ASKS, FIRST, NULL}}},
    {"fan-out", {{"1_u64", "_0", "  _6 = use 0_u64\n", "  _7 = use _2\n", NULL}}},
    {"into the last", {{"0_u64", "_0", I_ASKS, LAST, NOT_LAST}}},
    {"by twos", {{"2_u64", "_0", I_ASKS, "  _7 = sub _2, 2_u64\n", NULL}}},
    {"mirror, lower half",
     {{"0_u64", "_0", I_ASKS, MIRROR,
       "  _7 = sub _0, 1_u64\n  _7 = sub _7, _2\n  _3 = lt _2, _7\n"}}},
    {"chain and fan-in",
     {{"1_u64", "_0", I_ASKS, BEFORE, NULL}, {"1_u64", "_0", I_ASKS, FIRST, NULL}}},
    {"by ones and by twos",
     {{"0_u64", "_0", I_ASKS, NEXT, NOT_LAST},
      {"2_u64", "_0", "  _6 = sub _2, 2_u64\n", "  _7 = use _2\n", NULL}}},
    {"ring, cut at the end", {{"0_u64", "_0", I_ASKS, NEXT_AROUND, NOT_LAST}}},
};

static const struct family wrong[] = {
    {"ring", {{"0_u64", "_0", I_ASKS, NEXT_AROUND, NULL}}},
    {"ring downwards",
     {{"0_u64", "_0", "  _6 = add _2, 1_u64\n  _6 = rem _6, _0\n", "  _7 = use _2\n", NULL}}},
    {"tree both ways",
     {{"1_u64", "_0", I_ASKS, PARENT, NULL},
      {"1_u64", "_0", "  _6 = sub _2, 1_u64\n  _6 = div _6, 2_u64\n", "  _7 = use _2\n", NULL}}},
    {"fan-in that asks back",
     {{"1_u64", "_0", I_ASKS, FIRST, NULL},
      {"1_u64", "_0", "  _6 = use 0_u64\n", "  _7 = use _2\n", NULL}}},
    {"itself", {{"0_u64", "_0", I_ASKS, "  _7 = use _2\n", NULL}}},
    {"the last asks itself", {{"0_u64", "_0", I_ASKS, LAST, NULL}}},
    {"mirror", {{"0_u64", "_0", I_ASKS, MIRROR, NULL}}},
    {"chain both ways",
     {{"0_u64", "_0", I_ASKS, NEXT, NOT_LAST}, {"1_u64", "_0", I_ASKS, BEFORE, NULL}}},
    {"by twos around",
     {{"0_u64", "_0", I_ASKS, "  _7 = add _2, 2_u64\n  _7 = rem _7, _0\n", NULL}}},
    {"chain, and the first asks the last",
     {{"1_u64", "_0", I_ASKS, BEFORE, NULL}, {"0_u64", "1_u64", I_ASKS, LAST, NULL}}},
    {"tree, and the root asks the last",
     {{"1_u64", "_0", I_ASKS, PARENT, NULL}, {"0_u64", "1_u64", I_ASKS, LAST, NULL}}},
    {"ring with a chord",
     {{"0_u64", "_0", I_ASKS, NEXT_AROUND, NULL}, {"1_u64", "_0", I_ASKS, FIRST, NULL}}},
};

static void right_families_are_proved(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        for (int linked = 0; linked < 2; linked++) {
            struct arena a = {0};
            struct mir_module *m = parse(&a, program(&a, &right[i], linked));
            int64_t from = proved_from(&a, m, WEB_WAYS);
            if (from < 0)
                print_message("%s (linked %d) is not proved\n", right[i].name, linked);
            assert_true(from >= 0);
            for (int64_t n = from; n <= 4; n++)
                assert_false(explored(&a, m, n).deadlock);
            arena_free(&a);
        }
}

static void wrong_families_are_not(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        for (int linked = 0; linked < 2; linked++) {
            struct arena a = {0};
            struct mir_module *m = parse(&a, program(&a, &wrong[i], linked));
            for (int32_t ways = 1; ways <= WEB_WAYS; ways *= 2)
                assert_int_equal(proved_from(&a, m, ways), -1);
            bool found = explored(&a, m, 2).deadlock || explored(&a, m, 3).deadlock;
            if (!found)
                print_message("%s (linked %d) shows no deadlock\n", wrong[i].name, linked);
            assert_true(found);
            arena_free(&a);
        }
}

// ---- random ones ----------------------------------------------------------------------------

static const char *const askers[] = {
    I_ASKS,
    "  _6 = sub _0, 1_u64\n  _6 = sub _6, _2\n",
    "  _6 = add _2, 1_u64\n  _6 = rem _6, _0\n",
    "  _6 = div _2, 2_u64\n",
    "  _6 = use 0_u64\n",
};
static const char *const askeds[] = {
    NEXT_AROUND,
    BEFORE,
    PARENT,
    FIRST,
    LAST,
    MIRROR,
    "  _7 = use _2\n",
    "  _7 = div _2, 2_u64\n",
    "  _7 = add _2, 2_u64\n  _7 = rem _7, _0\n",
};
static const char *const guards[] = {
    NULL,
    NULL,
    NOT_LAST,
    "  _3 = gt _2, 0_u64\n",
    "  _7 = div _0, 2_u64\n  _3 = lt _2, _7\n",
    "  _7 = sub _0, 1_u64\n  _7 = sub _7, _2\n  _3 = lt _2, _7\n",
};

static uint32_t draw(uint32_t *seed, uint32_t below) {
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

static void proofs_agree_with_schedules(void **state) {
    (void)state;
    uint32_t seed = 20260101;
    int proved = 0, refuted = 0;
    for (int round = 0; round < 80; round++) {
        struct arena a = {0};
        struct family f = {"random", {{0}}};
        for (uint32_t i = 0; i <= draw(&seed, 2); i++)
            f.s[i] =
                (struct statement){draw(&seed, 2) ? "1_u64" : "0_u64", "_0", askers[draw(&seed, 5)],
                                   askeds[draw(&seed, 9)], guards[draw(&seed, 6)]};
        struct mir_module *m = parse(&a, program(&a, &f, draw(&seed, 2)));
        int64_t from = proved_from(&a, m, WEB_WAYS);
        for (int32_t ways = 1; ways <= 2; ways++) {
            int64_t with_less = proved_from(&a, m, ways);
            assert_true(with_less < 0 || (from >= 0 && with_less >= from));
        }
        for (int64_t n = from < 0 ? 2 : from; n <= (from < 0 ? 3 : 4); n++) {
            struct explore_result e = explored(&a, m, n);
            refuted += from < 0 && e.deadlock;
            if (from >= 0 && e.deadlock)
                print_message("proved from %d, but n = %d deadlocks:\n%.*s\n", (int)from, (int)n,
                              STR_ARGS(program(&a, &f, false)));
            assert_false(from >= 0 && e.deadlock);
        }
        proved += from >= 0;
        arena_free(&a);
    }
    print_message("%d of 80 random families proved, %d sizes deadlock\n", proved, refuted);
    assert_true(proved >= 10 && refuted >= 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_families_are_proved),
        cmocka_unit_test(wrong_families_are_not),
        cmocka_unit_test(proofs_agree_with_schedules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
