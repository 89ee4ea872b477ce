// SPDX-License-Identifier: MIT
// How many executions an exhaustive search is likely to need: samples tell, by the classes that
// came again.
#include "command/search.h"

#include <string.h>

enum { GAUGE_RUNS = 2000, GAUGE_STEPS = 100000 };

// Afterwards the search's behaviours know how many classes samples met once, twice, more often;
// nothing else has changed. Where the program draws data the samples are of other executions than
// the search's, and say nothing.
void search_gauge(struct search *s) {
    struct world_host *host = s->subject.host;
    struct behaviours classes = {0};
    struct sampler sampler = {0};
    uint64_t steps = 0, seed = host->seed;
    bool naming = host->naming, go_on = host->go_on;
    host->naming = false;
    host->go_on = true;
    for (uint64_t i = 0; i < GAUGE_RUNS && steps < GAUGE_STEPS && !host->drew; i++) {
        sampler_begin(&sampler, SAMPLE_RANDOM, NULL, s->o->seed, i);
        world_begin(host, s->subject.function, s->subject.args);
        enum run_end end = run(WORLD, &sampler.head);
        steps += WORLD->event_count;
        if (end == RUN_DONE && !host->drew)
            behaviours_sampled(&classes, explore_class(WORLD));
    }
    host->seed = seed;
    host->naming = naming;
    host->go_on = go_on;
    if (!host->drew)
        memcpy(s->behaviours.times, classes.times, sizeof classes.times);
    sampler_free(&sampler);
    behaviours_free(&classes);
}
