// SPDX-License-Identifier: MIT
// The faults of one run. Runs in which everything goes wrong at once find less than runs that each
// go wrong in their own way, so each kind is on in some of them only, and rates differ.
#include "fault/fault.h"

struct fault_plan fault_plan_for(const prism_test *test, const char *const *settings,
                                 uint32_t count, bool none) {
    struct fault_plan plan = {0};
    const char *near;
    if (test->kind == PRISM_CHAOS_TEST)
        plan = fault_plan_of_chaos();
    for (uint32_t i = 0; i < count; i++)
        fault_set(&plan, settings[i], &near);
    return none ? (struct fault_plan){0} : plan;
}

static uint64_t drawn(uint64_t key, uint64_t what) {
    return name_hash(key, what, 0x6661756c);
}

struct fault_plan fault_plan_draw(const struct fault_plan *plan, uint64_t key) {
    struct fault_plan run = {.any = plan->any};
    for (uint64_t i = 0; i < FAULTS; i++) {
        uint64_t bits = drawn(key, i);
        struct fault_setting s = plan->of[i];
        if (!s.rate_ppm || !s.times || bits & 1)
            continue;
        // A half, all, or four times the rate.
        static const uint32_t scale[4] = {1, 2, 2, 8};
        uint64_t rate = (uint64_t)s.rate_ppm * scale[bits >> 1 & 3] / 2;
        s.rate_ppm = (uint32_t)(rate < 1000000 ? rate : 1000000);
        s.times = 1 + (uint32_t)((bits >> 8) % s.times);
        run.of[i] = s;
    }
    return run;
}
