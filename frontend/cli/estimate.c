// SPDX-License-Identifier: MIT
// From what came again to what was not seen.
#include "frontend/cli/estimate.h"

#include <math.h>

// Fewer that came again say next to nothing, unless there are hardly any that did not.
enum { TWICE_MIN = 10, FEW = 10 };
#define COUNT_MAX 1e18

static double step_of(double n) {
    double step = 1;
    while (n / step >= 100)
        step *= 10;
    return step;
}

static uint64_t at_least(uint64_t behaviours, double n) {
    uint64_t whole = n < COUNT_MAX ? (uint64_t)n : (uint64_t)COUNT_MAX;
    return whole > behaviours ? whole : behaviours;
}

struct estimate estimate_total(uint64_t behaviours, struct sampled sampled) {
    double f1 = (double)sampled.once, f2 = (double)sampled.twice;
    double seen = f1 + f2 + (double)sampled.more;
    bool enough = f2 >= TWICE_MIN || f1 * FEW <= f2 + (double)sampled.more;
    if (sampled.twice + sampled.more < TWICE_MIN || !enough)
        return (struct estimate){0};
    double rest = f1 * (f1 - 1) / (2 * (f2 + 1)), low = seen, high = seen;
    if (rest > 0) {
        double ratio = (f1 - 1) / (f2 + 1);
        double variance = rest + f1 * (2 * f1 - 1) * (2 * f1 - 1) / (4 * (f2 + 1) * (f2 + 1)) +
                          f1 * f1 * f2 * ratio * ratio / (4 * (f2 + 1) * (f2 + 1));
        double width = exp(1.96 * sqrt(log(1 + variance / (rest * rest))));
        low += rest / width;
        high += rest * width;
    }
    low = floor(low / step_of(low)) * step_of(low);
    high = ceil(high / step_of(high)) * step_of(high);
    return (struct estimate){true, at_least(behaviours, low), at_least(behaviours, high)};
}
