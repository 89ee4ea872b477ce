// SPDX-License-Identifier: MIT
// Beginning a run, choosing its events, and the generator.
#include "sample/sample.h"

#include <stdlib.h>
#include <string.h>

static const char *const words[] = {
#define SAMPLING(id, word) word,
#include "sample/samplings.def"
#undef SAMPLING
};

bool sampling_of_word(const char *word, enum sampling *out) {
    for (int i = 0; i < SAMPLINGS; i++)
        if (!strcmp(word, words[i])) {
            *out = (enum sampling)i;
            return true;
        }
    return false;
}

const char *sampling_word(enum sampling how) {
    return words[how];
}

// ---- the generator ------------------------------------------------------------------------------

// xoshiro256++ (Blackman, Vigna), seeded by SplitMix64.
static uint64_t rotated(uint64_t x, int by) {
    return (x << by) | (x >> (64 - by));
}

uint64_t sampler_bits(struct sampler *r) {
    uint64_t *s = r->state;
    uint64_t result = rotated(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotated(s[3], 45);
    return result;
}

uint32_t sampler_below(struct sampler *s, uint32_t limit) {
    return (uint32_t)(((sampler_bits(s) >> 32) * limit) >> 32);
}

static void seed_generator(struct sampler *s, uint64_t seed, uint64_t number) {
    uint64_t x = seed + number * 0x9e3779b97f4a7c15;
    for (int i = 0; i < 4; i++) {
        x += 0x9e3779b97f4a7c15;
        uint64_t z = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        s->state[i] = z ^ (z >> 31);
    }
}

// ---- choosing -----------------------------------------------------------------------------------

static struct choice any_timer(struct sampler *s, struct world *w) {
    struct timer *tied_timers[16];
    uint32_t count = world_tied_timers(w, tied_timers, 16);
    return (struct choice){NULL, tied_timers[sampler_below(s, count < 16 ? count : 16)]};
}

static struct envelope *choose_envelope(struct sampler *s, struct world *w) {
    switch (s->how) {
    case SAMPLE_POS:
        return pos_choose(s, w);
    case SAMPLE_PCT:
        return pct_choose(s, w);
    case SAMPLE_SURW:
        return surw_choose(s, w);
    case SAMPLE_DELAY:
        return delay_choose(s, w);
    case SAMPLE_ROBIN:
        return robin_choose(s, w);
    default:
        return any_envelope(s, w);
    }
}

// In all ways time advances rarely while something else is enabled; how rarely is drawn for each
// run.
static struct choice choose_sampled(struct strategy *strategy, struct world *w) {
    struct sampler *s = (struct sampler *)strategy;
    s->decisions++;
    bool time = world_time_passes(w) && s->patience < 64 &&
                !(sampler_bits(s) & ((1ull << s->patience) - 1));
    if (time || w->ready_count == 0)
        return any_timer(s, w);
    if (s->how == SAMPLE_FUZZ)
        return fuzz_choose(s, w);
    return (struct choice){choose_envelope(s, w), NULL};
}

static bool take_sampled(struct strategy *strategy, struct world *w, struct choice c) {
    struct sampler *s = (struct sampler *)strategy;
    if (s->how == SAMPLE_SURW)
        surw_taken(s, w, c);
    else if (s->how == SAMPLE_ROBIN)
        robin_taken(s, c);
    else if (s->how == SAMPLE_FUZZ)
        fuzz_taken(s, w, c);
    return true;
}

void sampler_begin(struct sampler *s, enum sampling how, const struct profile *profile,
                   uint64_t seed, uint64_t number) {
    s->head = (struct strategy){.choose = choose_sampled, .take = take_sampled};
    s->how = how;
    s->profile = profile;
    s->decisions = 0;
    seed_generator(s, seed, number);
    static const uint32_t patience[4] = {64, 6, 4, 2};
    s->patience = patience[sampler_bits(s) & 3];
    if (how == SAMPLE_PCT)
        pct_begin(s);
    else if (how == SAMPLE_SURW)
        surw_begin(s);
    else if (how == SAMPLE_DELAY)
        delay_begin(s, seed, number);
    else if (how == SAMPLE_ROBIN)
        robin_begin(s, number);
    else if (how == SAMPLE_FUZZ)
        fuzz_begin(s, number);
}

void sampler_end(struct sampler *s, const struct world *w) {
    if (s->how == SAMPLE_FUZZ)
        fuzz_end(s, w);
}

void sampler_free(struct sampler *s) {
    for (uint32_t i = 0; i < FUZZ_CORPUS; i++)
        path_free(&s->fuzz.corpus[i]);
    path_free(&s->fuzz.base);
    path_free(&s->fuzz.met);
    strategy_follow_end(&s->fuzz.follow);
    coverage_free(&s->fuzz.coverage);
    free(s->left);
    *s = (struct sampler){0};
}
