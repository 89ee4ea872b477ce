// SPDX-License-Identifier: MIT
// What a program asks of its environment, handed on to the one door.
#include "runtime/actor/parts.h"
#include "runtime/env.h"

int64_t prism_now(prism_cx *cx, const prism_site *site) {
    (void)site;
    return env_now_ns(cx);
}

int64_t prism_now_wall(prism_cx *cx, const prism_site *site) {
    (void)site;
    return env_now_wall_ns(cx);
}

void prism_print(prism_cx *cx, int stream, const prism_buffer *text, const prism_site *site) {
    (void)site;
    if (prism_buffer_len(text))
        env_print(cx, stream, text->data, text->len);
}

uint64_t prism_random(prism_cx *cx, uint64_t lo, uint64_t hi, const prism_site *site) {
    assert(lo <= hi);
    bool all = lo == 0 && hi == UINT64_MAX; // 2^64 alternatives do not fit the count
    uint64_t alternatives = all ? UINT64_MAX : hi - lo + 1;
    return lo + env_decide(cx, DECIDE_RANDOM, site->function, alternatives);
}

uint64_t prism_input(prism_cx *cx, uint64_t hi, const prism_site *site) {
    return env_decide(cx, DECIDE_INPUT, site->function, hi == UINT64_MAX ? hi : hi + 1);
}

bool prism_buggify(prism_cx *cx, uint64_t parts_per_million, const prism_site *site) {
    uint64_t share = parts_per_million < 1000000 ? parts_per_million : 1000000;
    return sched_buggify(cx, share, site);
}

void prism_sometimes(prism_cx *cx, bool holds, const prism_buffer *text, const prism_site *site) {
    sched_sometimes(cx, holds, text, site);
}

enum { CORES_MAX = 1024 };

uint64_t prism_cores(prism_cx *cx, const prism_site *site) {
    return 1 + env_decide(cx, DECIDE_ENVIRONMENT, site->function, CORES_MAX);
}
