// SPDX-License-Identifier: MIT
// estimate: how many behaviours there are, as far as samples tell.
#ifndef PRISM_CLI_ESTIMATE_H
#define PRISM_CLI_ESTIMATE_H

#include "sim/report/records.h"

struct estimate {
    bool known; // there are enough samples, and enough came again
    uint64_t low, high;
};

// Between how many behaviours there are, with 95 % confidence, if `behaviours` are known, some of
// which samples showed as often as `sampled` says. It is Chao's estimate of the number of species
// from those met once and twice, with the interval that takes those not met to be log-normal (A.
// Chao, Estimating the Population Size for Capture-Recapture Data with Unequal Catchability,
// Biometrics 1987). Since schedules are not equally likely it says too little rather than too much.
// Both ends are rounded outwards to two digits.
struct estimate estimate_total(uint64_t behaviours, struct sampled sampled);

#endif
