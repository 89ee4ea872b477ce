// SPDX-License-Identifier: MIT
// Coverage-guided mutation of schedules (as in AFL, and for schedules in Wolff, Shi, Duck, Mathur,
// Roychoudhury: Greybox Fuzzing for Concurrency Testing, ASPLOS 2024): a run that met kinds of
// events in an order that was new is kept as its deviations from the canonical schedule; later runs
// follow one of those kept with some deviations taken away, others of a second one added, and a few
// new ones. What is kept is forgotten after FUZZ_CHAIN runs, so that each chain is determined by
// its seed.
#include "sample/sample.h"

static void mutate(struct sampler *s, const struct path *from, uint32_t keep_of_16) {
    for (uint32_t i = 0; i < from->len; i++)
        if (sampler_below(s, 16) < keep_of_16)
            path_add(&s->fuzz.base, &from->at[i]);
}

void fuzz_begin(struct sampler *s, uint64_t number) {
    if (number % FUZZ_CHAIN == 0) {
        s->fuzz.len = 0;
        coverage_free(&s->fuzz.coverage);
    }
    s->fuzz.base.len = s->fuzz.met.len = 0;
    if (s->fuzz.len) {
        mutate(s, &s->fuzz.corpus[sampler_below(s, s->fuzz.len)], 14);
        if (sampler_below(s, 4) == 0)
            mutate(s, &s->fuzz.corpus[sampler_below(s, s->fuzz.len)], 8);
    }
    uint32_t deviations = 1 + sampler_below(s, 8);
    s->fuzz.rate = s->profile->length / deviations + 1;
    strategy_follow_end(&s->fuzz.follow);
    strategy_follow_begin(&s->fuzz.follow, &s->fuzz.base, false);
}

struct choice fuzz_choose(struct sampler *s, struct world *w) {
    struct choice c = s->fuzz.follow.head.choose(&s->fuzz.follow.head, w);
    bool deviates = w->ready_count && sampler_below(s, s->fuzz.rate) == 0;
    return deviates ? (struct choice){any_envelope(s, w), NULL} : c;
}

void fuzz_taken(struct sampler *s, struct world *w, struct choice c) {
    struct choice usual = world_canonical(w);
    if (usual.envelope != c.envelope || usual.timer != c.timer)
        path_add(&s->fuzz.met, &(struct deviation){world_name(w, usual), world_name(w, c)});
}

void fuzz_end(struct sampler *s, const struct world *w) {
    if (!coverage_add(&s->fuzz.coverage, w))
        return;
    uint32_t at = s->fuzz.len < FUZZ_CORPUS ? s->fuzz.len++ : sampler_below(s, FUZZ_CORPUS);
    path_copy(&s->fuzz.corpus[at], &s->fuzz.met);
}
