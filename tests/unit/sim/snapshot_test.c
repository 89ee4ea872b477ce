// SPDX-License-Identifier: MIT
// Snapshots held to re-execution: a search that goes on from copies of the world is the same
// search, execution by execution, as one that begins each execution anew.
#include "tests/unit/sim/generated.h"

#include "explore/explore.h"
#include "snapshot.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct world_host host = {.steps_max = STEPS_MAX_DEFAULT, .program = &prism_program_main};

static int map(void **state) {
    (void)state;
    return world_map() ? 0 : -1;
}

// All that is seen of a search, in its order.
struct seen {
    uint64_t hashes, outcomes, ends;
    uint32_t count;
};

static bool look(void *context, struct world *w) {
    struct seen *s = context;
    s->hashes = name_hash(s->hashes, w->hash, w->event_count);
    s->outcomes = name_hash(s->outcomes, explore_outcome(w), w->finding.kind);
    run_finish(w); // the world is not left as it was, as in earnest
    s->ends = name_hash(s->ends, w->live_blocks, w->finding.kind);
    s->count++;
    return false;
}

enum search { UNREDUCED, DPOR };
struct search_result {
    struct explore_stats stats;
    struct seen seen;
};

static struct search_result search(const prism_function *f, const void *args, enum search how,
                                   bool reexecute, enum mutant mutant) {
    struct subject subject = {&host, f, args};
    struct explore_limits limits = {.executions = 2000, .reexecute = reexecute};
    struct search_result r = {0};
    r.stats = how == DPOR ? explore_dpor_mutant(&subject, &limits, look, &r.seen, mutant)
                          : explore_unreduced(&subject, &limits, look, &r.seen);
    return r;
}

static bool same(const struct search_result *a, const struct search_result *b) {
    return a->seen.hashes == b->seen.hashes && a->seen.outcomes == b->seen.outcomes &&
           a->seen.ends == b->seen.ends && a->seen.count == b->seen.count &&
           a->stats.executions == b->stats.executions && a->stats.pruned == b->stats.pruned &&
           a->stats.steps == b->stats.steps && a->stats.complete == b->stats.complete;
}

static uint64_t compared;

static void compare(const prism_function *f, const void *args) {
    for (enum search how = UNREDUCED; how <= DPOR; how++) {
        struct search_result again = search(f, args, how, true, MUTANT_NONE);
        struct search_result restored = search(f, args, how, false, MUTANT_NONE);
        assert_true(same(&again, &restored));
        assert_true(again.seen.count > 0);
        compared += again.seen.count;
    }
}

static void written_programs(void **state) {
    (void)state;
    struct one n8 = {8}, n2 = {2}, n3 = {3}, n4 = {4};
    struct two lost = {2, 1}, clear = {1000, 2000}, never = {2000, 1000}, tie = {1000, 1000};
    compare(&counts, &n8);
    compare(&fan_in, &n4);
    compare(&lost_update, &lost);
    compare(&cross, NULL);
    compare(&forks, &n2);
    compare(&forks, &n3);
    compare(&late, &clear);
    compare(&late, &never);
    compare(&late, &tie);
}

static void generated_programs(void **state) {
    (void)state;
    compared = 0;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        if (seed % 3)
            generate(seed, seed % 2);
        else
            generate_supervised(seed, seed % 2);
        compare(&generated_root, NULL);
    }
    print_message("%llu executions\n", (unsigned long long)compared);
    assert_true(compared > 100000);
}

// A deliberate mistake: what was allocated last is not restored. It shows as a difference, or
// brings the process down.
static bool mistake_shows(void) {
    struct one n4 = {4};
    struct search_result right = search(&fan_in, &n4, DPOR, true, MUTANT_NONE);
    struct search_result wrong = search(&fan_in, &n4, DPOR, false, MUTANT_NO_TAIL);
    return !same(&right, &wrong);
}

static void mutant_is_noticed(void **state) {
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        signal(SIGSEGV, SIG_DFL);
        if (!freopen("/dev/null", "w", stderr))
            _exit(0);
        alarm(10);
        _exit(mistake_shows() ? 1 : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    assert_int_not_equal(status, 0);
}

// ---- the stack of copies ------------------------------------------------------------------------

static void take_some(uint32_t events) {
    enum run_end end;
    while (!run_is_over(WORLD, &end) && events-- > 0)
        world_take(WORLD, world_canonical(WORLD), 1);
}

// Comes back to the deepest one that is not too deep, and to the same world.
static void returns_where_it_was(void **state) {
    (void)state;
    struct snapshots s = {0};
    struct two long_run = {2, 20};
    uint32_t mark = 0;
    uint64_t hashes[3] = {0};
    world_begin(&host, &lost_update, &long_run);
    for (uint32_t i = 0; i < 3; i++) {
        take_some(i ? 8 : 0);
        world_settle(WORLD);
        hashes[i] = WORLD->hash;
        snapshots_offer(&s, WORLD, i + 7);
        assert_int_equal(s.count, i + 1);
    }
    take_some(1000);
    assert_true(snapshots_return(&s, 15, &mark));
    assert_int_equal(mark, 8);
    assert_int_equal(WORLD->event_count, 8);
    assert_true(WORLD->hash == hashes[1]);
    take_some(8);
    assert_true(WORLD->hash == hashes[2]);
    assert_true(snapshots_return(&s, 7, &mark));
    assert_int_equal(WORLD->event_count, 0);
    assert_true(WORLD->hash == hashes[0]);
    snapshots_free(&s);
    assert_false(snapshots_return(&s, 100, &mark));
}

// An execution so long that copies all along it would not fit: fewer are kept, within the bound.
static void copies_are_bounded(void **state) {
    (void)state;
    struct snapshots s = {0};
    struct two long_run = {2, 10000};
    uint32_t most = 0, mark;
    world_begin(&host, &lost_update, &long_run);
    for (uint32_t i = 0; i < 40000; i++) {
        take_some(1);
        world_settle(WORLD);
        snapshots_offer(&s, WORLD, 0);
        assert_true(s.bytes <= SNAPSHOT_BYTES_MAX * 5 / 4);
        most = s.count > most ? s.count : most;
    }
    assert_int_equal(WORLD->event_count, 40000);
    assert_true(most > 100 && s.count < most);
    assert_true(snapshots_return(&s, 20000, &mark));
    assert_true(WORLD->event_count <= 20000 && WORLD->event_count > 19000);
    snapshots_free(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_programs),   cmocka_unit_test(generated_programs),
        cmocka_unit_test(mutant_is_noticed),  cmocka_unit_test(returns_where_it_was),
        cmocka_unit_test(copies_are_bounded),
    };
    return cmocka_run_group_tests(tests, map, NULL);
}
