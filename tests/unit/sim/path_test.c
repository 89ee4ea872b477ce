// SPDX-License-Identifier: MIT
// From a failing run to its smallest form: paths, shrinking, traces, and why.
#include "tests/unit/sim/programs.h"

#include "explore/explore.h"
#include "keep.h"
#include "sample/sample.h"
#include "tell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct world_host host = {.steps_max = STEPS_MAX_DEFAULT, .program = &prism_program_main};

static const struct profile no_profile;

static int map(void **state) {
    (void)state;
    return world_map() ? 0 : -1;
}

// A failing random run, as a path.
static struct outcome find_failure(const struct subject *subject, struct path *path) {
    for (uint64_t run_number = 0; run_number < 1000; run_number++) {
        struct sampler r = {0};
        sampler_begin(&r, SAMPLE_RANDOM, &no_profile, 7, run_number);
        struct outcome o = record_path(subject, &r.head, path);
        if (o.finding.kind)
            return o;
    }
    fail_msg("no failure in 1000 runs");
    return (struct outcome){0};
}

// The fewest switches with which any schedule fails.
static bool note_switches(void *context, struct world *w) {
    uint32_t switches = 0, *least = context;
    uint32_t end = w->found_at ? w->found_at : w->event_count;
    for (uint32_t i = 1; i < end; i++)
        switches += w->host->log[i].home != w->host->log[i - 1].home;
    if (w->finding.kind && switches < *least)
        *least = switches;
    return false;
}

static void a_recorded_path_leads_to_the_same_run(void **state) {
    (void)state;
    struct two args = {3, 2};
    struct subject subject = {&host, &lost_update, &args};
    struct path path = {0};
    struct outcome found = find_failure(&subject, &path);
    bool left = true;
    struct outcome again = follow(&subject, &path, true, NULL, NULL, 0, &left);
    assert_false(left);
    assert_true(again.hash == found.hash && finding_same(&again.finding, &found.finding));
    path_free(&path);
}

static void shrinks_to(const prism_function *function, const void *args) {
    struct subject subject = {&host, function, args};
    struct path path = {0}, second = {0};
    struct shrink_stats stats;
    struct outcome found = find_failure(&subject, &path);
    path_copy(&second, &path);
    struct outcome small = shrink(&subject, &found.finding, &path, &stats);
    assert_true(finding_same(&small.finding, &found.finding));
    uint32_t least = UINT32_MAX;
    struct explore_limits limits = {.executions = 1000000};
    assert_true(explore_unreduced(&subject, &limits, note_switches, &least).complete);
    assert_int_equal(small.measure.switches, least);
    // The same from the same, whatever ran in between.
    struct outcome same = shrink(&subject, &found.finding, &second, &stats);
    assert_true(same.hash == small.hash && second.len == path.len);
    path_free(&path);
    path_free(&second);
}

static void shrinking_reaches_the_least_switches(void **state) {
    (void)state;
    struct two clients = {2, 1}, clear = {1000, 2000};
    struct one n = {2};
    shrinks_to(&lost_update, &clients);
    shrinks_to(&cross, NULL);
    shrinks_to(&forks, &n);
    shrinks_to(&late, &clear);
}

static void traces_bring_the_run_back(void **state) {
    (void)state;
    struct two args = {2, 1};
    struct subject subject = {&host, &lost_update, &args};
    struct path path = {0}, back = {0};
    struct shrink_stats stats;
    struct outcome found = find_failure(&subject, &path);
    shrink(&subject, &found.finding, &path, &stats);
    struct outcome small = follow(&subject, &path, true, NULL, NULL, 0, NULL);
    struct kept kept = {"lost_update", "random", NULL, 0};
    struct trace t;
    struct cbor_out bytes = {0};
    trace_from_path(WORLD, &path, &small, &kept, &t);
    trace_write(&t, &bytes);
    assert_true(bytes.len <= 201);
    trace_free(&t);
    assert_int_equal(trace_read(bytes.bytes, bytes.len, &t), TRACE_OK);
    path_from_trace(&t, &back);
    bool left = true;
    struct outcome again = follow(&subject, &back, true, NULL, NULL, 0, &left);
    assert_false(left);
    assert_true(again.hash == small.hash && trace_agrees(&t, &again.finding));
    trace_free(&t);
    cbor_out_free(&bytes);
    path_free(&path);
    path_free(&back);
}

// A run of thousands of events and hundreds of deviations, found by chance: what makes it fail are
// a few, and they are found by halving, not by trying each.
static void long_runs_shrink_to_few_deviations(void **state) {
    (void)state;
    struct two args = {2, 1500};
    struct subject subject = {&host, &lost_update, &args};
    struct path path = {0};
    struct shrink_stats stats;
    struct outcome found = find_failure(&subject, &path);
    assert_true(found.measure.events > 10000 && path.len > 1000);
    struct outcome small = shrink(&subject, &found.finding, &path, &stats);
    assert_true(finding_same(&small.finding, &found.finding));
    assert_true(path.len <= 4 && small.measure.deviations == path.len);
    assert_true(stats.tries < 100);
    path_free(&path);
}

// The program has changed: what the path takes next is not there.
static void a_path_is_left_where_it_ends(void **state) {
    (void)state;
    struct two args = {2, 1};
    struct subject subject = {&host, &lost_update, &args};
    struct path path = {0};
    struct shrink_stats stats;
    struct outcome found = find_failure(&subject, &path);
    shrink(&subject, &found.finding, &path, &stats);
    assert_true(path.len > 0);
    path.at[path.len - 1].taken.occurrence += 100;
    bool left = false;
    struct outcome o = follow(&subject, &path, true, NULL, NULL, 0, &left);
    assert_true(left);
    assert_int_equal(o.finding.kind, FINDING_NONE);
    path_free(&path);
}

// Both clients read before the other writes: two orders are needed. Which of the two reads, and
// which of the two writes, comes first is not.
static void why_names_the_orders_that_matter(void **state) {
    (void)state;
    struct two args = {2, 1};
    struct subject subject = {&host, &lost_update, &args};
    struct path path = {0};
    struct shrink_stats stats;
    struct outcome found = find_failure(&subject, &path);
    shrink(&subject, &found.finding, &path, &stats);
    struct why why = why_find(&subject, &path, &found.finding);
    assert_int_equal(why.needed_count, 2);
    assert_int_equal(why.varied - why.harmless, 2);
    assert_true(why.harmless >= 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_string_equal(why.needed[i].taken.place->operation, "ask");
        assert_int_equal(why.needed[i].taken.place->ordinal, 0); // get
        assert_int_equal(why.needed[i].other.place->ordinal, 1); // set
    }
    path_free(&path);
}

// It fails under every order: nothing is needed.
static void what_always_fails_needs_no_order(void **state) {
    (void)state;
    struct one wrong = {7};
    struct subject subject = {&host, &counts, &wrong};
    struct path path = {0};
    struct outcome found = find_failure(&subject, &path);
    struct why why = why_find(&subject, &path, &found.finding);
    assert_int_equal(why.needed_count, 0);
    assert_int_equal(why.varied, why.harmless);
    path_free(&path);
}

static uint32_t shown(const struct watcher *watcher, uint32_t from, uint32_t to) {
    uint32_t count = 0;
    for (uint32_t i = from; i < to; i++)
        count += watcher_step(watcher, i) && watcher_step(watcher, i)->args[0];
    return count;
}

static bool hurried(void) {
    return true;
}

// Of a long run only what is kept is shown; nothing, where somebody waits for the end.
static void only_what_is_kept_is_shown(void **state) {
    (void)state;
    struct two args = {2, 400};
    struct subject subject = {&host, &lost_update, &args};
    struct path path = {0};
    uint32_t events = follow(&subject, &path, false, NULL, NULL, 0, NULL).measure.events;
    uint32_t texts[3];
    assert_true(events > 3 * STEPS_TOLD_MAX);
    for (int i = 0; i < 3; i++) {
        struct watcher watcher;
        watcher_begin(&watcher, i ? events : 0);
        host.hurried = i == 2 ? hurried : NULL;
        host.watcher = &watcher;
        follow(&subject, &path, false, NULL, NULL, 0, NULL);
        host.watcher = NULL;
        host.hurried = NULL;
        assert_int_equal(watcher.count, events);
        uint32_t last = shown(&watcher, events - STEPS_TOLD_MAX, events);
        assert_true(i == 2 ? last == 0 : last > STEPS_TOLD_MAX / 2);
        texts[i] = watcher.text_count;
        watcher_free(&watcher);
    }
    assert_true(texts[1] < texts[0] / 2 && texts[2] == 0);
    path_free(&path);
}

// Watching changes nothing of what is watched.
static void watching_changes_nothing(void **state) {
    (void)state;
    struct one n = {3};
    struct subject subject = {&host, &forks, &n};
    struct path path = {0};
    struct outcome found = find_failure(&subject, &path);
    unsigned char *top = WORLD->top;
    uint64_t live = WORLD->live_blocks;
    struct watcher watcher;
    watcher_begin(&watcher, 0);
    host.watcher = &watcher;
    struct outcome watched = follow(&subject, &path, true, NULL, NULL, 0, NULL);
    host.watcher = NULL;
    assert_true(watched.hash == found.hash && WORLD->top == top && WORLD->live_blocks == live);
    assert_int_equal(watcher.count, found.measure.events);
    assert_string_equal(watcher_step(&watcher, 0)->message, "forks");
    watcher_free(&watcher);
    path_free(&path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recorded_path_leads_to_the_same_run),
        cmocka_unit_test(shrinking_reaches_the_least_switches),
        cmocka_unit_test(long_runs_shrink_to_few_deviations),
        cmocka_unit_test(traces_bring_the_run_back),
        cmocka_unit_test(a_path_is_left_where_it_ends),
        cmocka_unit_test(why_names_the_orders_that_matter),
        cmocka_unit_test(what_always_fails_needs_no_order),
        cmocka_unit_test(only_what_is_kept_is_shown),
        cmocka_unit_test(watching_changes_nothing),
    };
    return cmocka_run_group_tests(tests, map, NULL);
}
