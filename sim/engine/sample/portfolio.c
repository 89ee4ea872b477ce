// SPDX-License-Identifier: MIT
// Which way is whose turn.
#include "sample/sample.h"

#include <string.h>

void portfolio_begin(struct sampler *s, const char *strategy, const struct profile *profile,
                     uint64_t seed, uint64_t number) {
    enum sampling how;
    if (sampling_of_word(strategy, &how))
        sampler_begin(s, how, profile, seed, number);
    else
        sampler_begin(s, (enum sampling)(number % SAMPLINGS), profile, seed, number / SAMPLINGS);
}
