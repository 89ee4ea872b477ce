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

static uint32_t magnitude(uint32_t n) {
    uint32_t bits = 1;
    while (n /= 2)
        bits++;
    return bits;
}

void fuzz_begin(struct sampler *s, uint64_t number) {
    if (number % FUZZ_CHAIN == 0) {
        s->fuzz.len = 0;
        coverage_free(&s->fuzz.coverage);
    }
    s->fuzz.base.len = s->fuzz.met.len = 0;
    if (s->fuzz.len) {
        const struct path *p = &s->fuzz.corpus[sampler_below(s, s->fuzz.len)];
        uint32_t drop = sampler_below(s, 2) ? 1u << sampler_below(s, 3) : 0;
        for (uint32_t i = 0; i < p->len; i++)
            if (sampler_below(s, p->len) >= drop)
                path_add(&s->fuzz.base, &p->at[i]);
        if (sampler_below(s, 4) == 0)
            mutate(s, &s->fuzz.corpus[sampler_below(s, s->fuzz.len)], 8);
    }
    s->fuzz.rate = 1;
    for (uint32_t magnitudes = sampler_below(s, magnitude(s->profile->length)); magnitudes;
         magnitudes--)
        s->fuzz.rate *= 2;
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
    if (!coverage_add_readings(&s->fuzz.coverage, w))
        return;
    uint32_t at = s->fuzz.len < FUZZ_CORPUS ? s->fuzz.len++ : sampler_below(s, FUZZ_CORPUS);
    path_copy(&s->fuzz.corpus[at], &s->fuzz.met);
}
