// SPDX-License-Identifier: MIT
// The story of a failing run, from hand-made records: lanes, words without lanes, who waits for
// whom, why.
#include "sim/report/story.h"

#include <setjmp.h>

#include <cmocka.h>

static struct arena arena;
static struct story story;

static int set_up(void **state) {
    (void)state;
    arena_free(&arena);
    story = (struct story){.failed = true};
    return 0;
}

static void add_actor(const char *name) {
    struct story_actor a = {.name = str_from(name)};
    vec_push(&arena, &story.actors, a);
}

static struct story_step *add_step(int32_t actor, int32_t from, const char *event,
                                   const char *message, const char *args) {
    struct story_step s = {.step = story.steps.len + 1,
                           .actor = actor,
                           .from = from,
                           .event = str_from(event),
                           .message = str_from(message),
                           .args = str_from(args),
                           .place = {.file = STR("src/bank.prism"), .line = 16 + story.steps.len}};
    vec_push(&arena, &story.steps, s);
    return &story.steps.at[story.steps.len - 1];
}

// The lost update: teller 2's 30 is overwritten.
static void lost_update(void) {
    add_actor("teller 1");
    add_actor("ledger");
    add_actor("teller 2");
    add_step(1, 0, "message", "Get", "()");
    add_step(1, 2, "message", "Get", "()")->matters = true;
    add_step(2, 1, "reply", "Get", "100");
    struct story_step *set = add_step(1, 0, "message", "Set", "(120)");
    struct change change = {STR("balance"), STR("130"), STR("120")};
    vec_push(&arena, &set->changes, change);
    set->crashed = STR("invariant");
}

static struct diag_style style(int width) {
    return (struct diag_style){.width = width};
}

static const char *happened(int32_t steps_max, int width) {
    struct text out = {.arena = &arena};
    story_put_happened(&story, steps_max, style(width), &out);
    return out.data;
}

static void lanes_show_who_sent_what(void **state) {
    (void)state;
    lost_update();
    story.events = 4, story.switches = 2, story.found_events = 214, story.found_switches = 37;
    // Three lanes share 100 - 10 - 3 - 1 columns, at most 26 each.
    assert_string_equal(
        happened(0, 100),
        "What happened        shrunk from 214 steps to 4, from 37 switches to 2; lines of "
        "src/bank.prism\n"
        "\n"
        "   step   teller 1                  ledger                    teller 2\n"
        "   1      o-----------------------> Get()                                                "
        ":16\n"
        "   2   *                            Get() <-------------------o                          "
        ":17\n"
        "   3                                o-----------------------> gets 100                   "
        ":18\n"
        "   4   !  o-----------------------> Set(120)                                             "
        ":19\n"
        "                                    balance = 120\n"
        "                                    fails: invariant\n"
        "\n");
    // Lines of two files are named in full.
    story.steps.at[2].place.file = STR("src/teller.prism");
    assert_non_null(strstr(happened(0, 100), " bank.prism:16\n"));
    assert_non_null(strstr(happened(0, 100), " teller.prism:18\n"));
}

// Where there are nodes, each lane says on which one it is.
static void lanes_and_words_say_the_node(void **state) {
    (void)state;
    lost_update();
    story.actors.at[1].node = STR("Node 2");
    story.actors.at[2].node = STR("Node 2");
    assert_non_null(
        strstr(happened(0, 100),
               "   step   teller 1                  ledger                    teller 2\n"
               "                                    on Node 2                 on Node 2\n"
               "   1   "));
    for (int i = 1; i <= 9; i++) {
        add_actor(str_format(&arena, "voter %d", i).data);
        add_step(i + 2, 0, "message", "Vote", "(2)");
    }
    assert_non_null(strstr(happened(0, 100), "\n   on Node 2: ledger, teller 2\n"));
}

// Faults within a step stand below it, are counted, and are named where they are needed.
static void faults_within_a_step_are_told(void **state) {
    (void)state;
    lost_update();
    struct mishap_record m = {STR("service.fail"), STR("Database.save")};
    vec_push(&arena, &story.steps.at[3].mishaps, m);
    const char *text = happened(0, 100);
    assert_non_null(strstr(text, ", 1 fault; "));
    assert_non_null(strstr(text, "                                    Database.save fails\n"));
    struct why_record *w = story.why = arena_new(&arena, struct why_record);
    struct needed n = {.step = 4, .mishap = STR("Database.save"), .actor = 1, .from = NOBODY};
    vec_push(&arena, &w->needed, n);
    struct text out = {.arena = &arena};
    story_put_why(&story, style(100), &out);
    assert_non_null(strstr(out.data, "the failure of Database.save (step 4), without which"));
}

static void many_actors_are_told_in_words(void **state) {
    (void)state;
    for (int i = 1; i <= 9; i++)
        add_actor(str_format(&arena, "node %d", i).data);
    for (int i = 0; i < 8; i++)
        add_step(i, i + 1, "message", "Vote", "(2)");
    add_step(8, NOBODY, "start", "", "");
    const char *text = happened(2, 80);
    assert_non_null(strstr(text, "   7 earlier steps are left out\n"));
    // Only two actors are left in the last two steps, so there are lanes again.
    assert_non_null(strstr(text, "   step   node"));
    text = happened(0, 80);
    assert_null(strstr(text, "   step   "));
    assert_non_null(strstr(text, "   1      node 1 <- node 2: Vote(2)          "));
    assert_non_null(strstr(text, "   9      node 9 starts "));
}

static void long_and_foreign_words_keep_the_columns(void **state) {
    (void)state;
    add_actor("\xc3\xbc"
              "ber");
    add_actor("b");
    add_step(0, NOBODY, "start", "", "");
    add_step(0, 1, "message", "Announce", "(\"a text that has no end and no room\033[2J\")");
    const char *text = happened(0, 80);
    assert_null(strchr(text, '\033'));
    const char *line = strstr(text, "   2      ");
    assert_non_null(line);
    // Lanes of 26 columns: the words end in two dots before the arrow.
    assert_non_null(strstr(line, "   2      Announce(\"a text tha.. <--o "));
}

// Long runs have long numbers, which grow to the left.
static void numbers_of_steps_are_whole(void **state) {
    (void)state;
    lost_update();
    story.steps.at[0].step = 12345;
    story.steps.at[1].step = 1234567;
    const char *text = happened(0, 100);
    assert_non_null(strstr(text, "\n  12345   o--"));
    assert_non_null(strstr(text, "\n1234567*"));
}

static void time_has_no_lane(void **state) {
    (void)state;
    add_actor("a");
    add_step(0, NOBODY, "start", "", "");
    struct story_step *s = add_step(0, NOBODY, "advance", "", "");
    s->now_ns = 2500000000;
    s->place.file = STR("");
    assert_non_null(strstr(happened(0, 80), "   2      time goes on to 2.5 s\n"));
}

static void the_circle_is_told_in_its_order(void **state) {
    (void)state;
    add_actor("Philosopher 1");
    add_actor("Fork 2");
    add_actor("Philosopher 2");
    add_actor("Fork 1");
    add_actor("Logger");
    struct waits_record *w = story.waits = arena_new(&arena, struct waits_record);
    struct wait_record second = {.actor = 2,
                                 .on = 3,
                                 .what = STR("reply"),
                                 .message = STR("Take"),
                                 .holder = STR("keeps the reply"),
                                 .place = {.file = STR("table.prism"), .line = 22},
                                 .step = 9};
    struct wait_record first = second;
    first.actor = 0, first.on = 1, first.step = 8;
    vec_push(&arena, &w->waiting, second);
    vec_push(&arena, &w->waiting, first);
    vec_push(&arena, &w->circle, 1);
    vec_push(&arena, &w->circle, 0);
    vec_push(&arena, &w->idle, 4);
    struct text out = {.arena = &arena};
    story_put_waits(&story, style(100), &out);
    assert_string_equal(
        out.data, "   Philosopher 1 waits for Fork 2 to answer Take   at table.prism:22, step 8\n"
                  "                 Fork 2 keeps the reply\n"
                  "   Philosopher 2 waits for Fork 1 to answer Take   at table.prism:22, step 9\n"
                  "                 Fork 1 keeps the reply\n"
                  "                 <- the circle closes here\n"
                  "   idle, and not part of it: Logger\n"
                  "\n");
}

static const char *why(void) {
    struct text out = {.arena = &arena};
    story_put_why(&story, style(100), &out);
    return out.len ? out.data : "";
}

static void the_choice_that_matters_is_named(void **state) {
    (void)state;
    lost_update();
    story.why = arena_new(&arena, struct why_record);
    *story.why = (struct why_record){.varied = 32, .harmless = 31, .needs_any = true};
    struct needed n = {.step = 2,
                       .actor = 1,
                       .from = 0,
                       .event = STR("message"),
                       .message = STR("Set"),
                       .first = {.file = STR("bank.prism"), .line = 17},
                       .second = {.file = STR("bank.prism"), .line = 19}};
    vec_push(&arena, &story.why->needed, n);
    assert_string_equal(
        why(),
        "Why    ledger took Get from teller 2 (step 2) before ledger took Set from teller 1. "
        "That is the only\n"
        "       choice that matters: the other way round the failure is gone. I varied 31 "
        "other choices, one\n"
        "       at a time; it failed each time.\n"
        "Look   at bank.prism:17 and bank.prism:19\n"
        "\n");
}

static void an_order_that_does_not_matter_is_said(void **state) {
    (void)state;
    lost_update();
    assert_string_equal(why(), "");
    story.why = arena_new(&arena, struct why_record);
    *story.why = (struct why_record){.varied = 3, .harmless = 3};
    assert_string_equal(why(), "Why    the order does not matter: I varied 3 choices, one at a "
                               "time, and it failed each time.\n\n");
    story.failed = false; // a passing run needs no reason
    assert_string_equal(why(), "");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(lanes_show_who_sent_what),
        TEST(lanes_and_words_say_the_node),
        TEST(faults_within_a_step_are_told),
        TEST(many_actors_are_told_in_words),
        TEST(long_and_foreign_words_keep_the_columns),
        TEST(numbers_of_steps_are_whole),
        TEST(time_has_no_lane),
        TEST(the_circle_is_told_in_its_order),
        TEST(the_choice_that_matters_is_named),
        TEST(an_order_that_does_not_matter_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
