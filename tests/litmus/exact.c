// SPDX-License-Identifier: MIT
// Linked with a program's object and the simulator: runs each of its tests under every schedule and
// under the reduced search, and prints how many different ends both find, and whether they are the
// same.
#include "explore/explore.h"
#include "runtime/actor/stack.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXECUTIONS_MAX = 400000, STEPS_MAX = 4000 };

struct ends {
    uint64_t *at;
    uint32_t len, room;
};

static bool have(const struct ends *ends, uint64_t end) {
    for (uint32_t i = 0; i < ends->len; i++)
        if (ends->at[i] == end)
            return true;
    return false;
}

static bool note(void *context, struct world *w) {
    struct ends *ends = context;
    uint64_t end = explore_outcome(w);
    if (have(ends, end))
        return false;
    if (ends->len == ends->room) {
        ends->room = ends->room ? ends->room * 2 : 64;
        ends->at = realloc(ends->at, ends->room * sizeof *ends->at);
        if (!ends->at)
            abort();
    }
    ends->at[ends->len++] = end;
    return false;
}

static bool same(const struct ends *a, const struct ends *b) {
    for (uint32_t i = 0; i < a->len; i++)
        if (!have(b, a->at[i]))
            return false;
    return a->len == b->len;
}

static int run_tests(int argc, char **argv) {
    (void)argc;
    (void)argv;
    struct world_host host = {
        .program = &prism_program_main, .steps_max = STEPS_MAX, .go_on = true};
    if (!world_map())
        return 2;
    for (uint32_t i = 0; i < prism_program_main.test_count; i++) {
        const prism_test *t = &prism_program_main.tests[i];
        struct subject subject = {&host, t->function, NULL};
        struct explore_limits limits = {.executions = EXECUTIONS_MAX};
        struct ends all = {0}, reduced = {0};
        struct explore_stats a = explore_unreduced(&subject, &limits, note, &all);
        struct explore_stats d = explore_dpor(&subject, &limits, note, &reduced);
        const char *agree = !a.complete || !d.complete ? "cut"
                            : same(&all, &reduced)     ? "same"
                                                       : "not the same";
        printf("%s %u %s\n", t->name, all.len, agree);
        free(all.at);
        free(reduced.at);
    }
    world_host_free(&host);
    return 0;
}

int main(int argc, char **argv) {
    return stack_main(run_tests, argc, argv);
}
