// SPDX-License-Identifier: MIT
// inputs: what the generated inputs of a property are made of. Both runtimes draw them here and
// shrink them here.
//
// The inputs of one case are a list of choices, each a number below its bound. The generators
// (frontend/mir/build/build_property.c) turn choices into values so that 0 is the simplest at each
// place and fewer choices make smaller values. Shrinking changes the list and has the values made
// anew, so whatever a generator guarantees holds for every candidate (MacIver and Donaldson,
// "Test-case reduction via test-case generation", ECOOP 2020).
#ifndef PRISM_TEST_INPUTS_H
#define PRISM_TEST_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUTS_MAX 65536 // choices of one case; what is drawn behind them is 0

struct inputs {
    uint64_t *at, *bounds; // malloc'ed; bounds: how many alternatives there were, at least 1
    uint32_t len, capacity;
};
void inputs_add(struct inputs *in, uint64_t value, uint64_t bound);
void inputs_copy(struct inputs *into, const struct inputs *from);
void inputs_free(struct inputs *in);
// Simpler: fewer choices, or as many and the first that differs is smaller.
bool inputs_less(const struct inputs *a, const struct inputs *b);

// A choice of a fresh case: `bits` are 64 random ones. Small numbers, the ends and powers of two
// are likelier than others, since that is where programs go wrong.
uint64_t inputs_draw(uint64_t bits, uint64_t bound);
// The random bits of choice `at` of a case.
uint64_t inputs_bits(uint64_t seed, uint32_t at);

// Draws choice number in->len: the given one if there is a list (0 behind its end), else a fresh
// one. What was drawn is added to `in`.
uint64_t inputs_next(struct inputs *in, const struct inputs *given, uint64_t seed, uint64_t bound);

// Does the case with these choices fail in the same way? *met: what was drawn when it was run.
typedef bool inputs_try(void *context, const struct inputs *candidate, struct inputs *met);
// Makes *best, which fails, as simple as it can. Ends after `tries_max` runs.
void inputs_shrink(struct inputs *best, inputs_try *attempt, void *context, uint32_t tries_max);

#endif
