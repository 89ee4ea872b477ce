// SPDX-License-Identifier: MIT
// Drawing and shrinking choices. Shrinking repeats its passes until none of them gets any further:
//   cut      choices are left out, long runs first;
//   zero     runs of choices become 0;
//   lower    one choice becomes as small as it can, by bisection, then by single steps;
//   trade    a choice becomes smaller while the next one becomes as large as it may, or while
//            another one grows by as much;
//   level    choices that are equal become smaller together;
//   sort     neighbours change places.
// A candidate is kept only if it is simpler, so it ends.
#include "runtime/test/inputs.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// ---- lists of choices ---------------------------------------------------------------------------

void inputs_add(struct inputs *in, uint64_t value, uint64_t bound) {
    if (in->len == in->capacity) {
        in->capacity = in->capacity ? in->capacity * 2 : 32;
        in->at = realloc(in->at, in->capacity * sizeof *in->at);
        in->bounds = realloc(in->bounds, in->capacity * sizeof *in->bounds);
        if (!in->at || !in->bounds)
            abort();
    }
    in->at[in->len] = value;
    in->bounds[in->len++] = bound;
}

void inputs_copy(struct inputs *into, const struct inputs *from) {
    assert(into != from);
    into->len = 0;
    for (uint32_t i = 0; i < from->len; i++)
        inputs_add(into, from->at[i], from->bounds[i]);
}

void inputs_free(struct inputs *in) {
    free(in->at);
    free(in->bounds);
    *in = (struct inputs){0};
}

bool inputs_less(const struct inputs *a, const struct inputs *b) {
    if (a->len != b->len)
        return a->len < b->len;
    for (uint32_t i = 0; i < a->len; i++)
        if (a->at[i] != b->at[i])
            return a->at[i] < b->at[i];
    return false;
}

// ---- drawing ------------------------------------------------------------------------------------

uint64_t inputs_bits(uint64_t seed, uint32_t at) {
    uint64_t words[2] = {seed, at};
    return XXH3_64bits_withSeed(words, sizeof words, 0x696e707574);
}

static uint64_t scale(uint64_t bits, uint64_t bound) {
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)bits * bound >> 64);
}

enum { FEW = 40, SMALL = 32, MEDIUM = 128 };

uint64_t inputs_draw(uint64_t bits, uint64_t bound) {
    assert(bound > 0);
    uint64_t how = bits >> 60; // of 16; the rest of the bits chooses
    bits = bits << 4 | how;
    if (bound <= FEW)
        return scale(bits, bound);
    if (how < 7)
        return scale(bits, SMALL);
    if (how < 8)
        return scale(bits, bound < MEDIUM ? bound : MEDIUM);
    if (how < 10) // as many binary digits as chance will have it
        return scale(bits << 6 | bits >> 58, bound) >> (bits >> 58);
    if (how < 12) // beside a power of two
    {
        uint64_t power = 1ull << (bits >> 58), value = power + (bits >> 8) % 3 - 1;
        return value < bound ? value : bound - 1;
    }
    if (how < 14)
        return bound - 1 - (bits >> 62 > 1 ? bits >> 8 & 1 : 0);
    return scale(bits, bound);
}

uint64_t inputs_next(struct inputs *in, const struct inputs *given, uint64_t seed, uint64_t bound) {
    uint64_t value = 0;
    if (in->len >= INPUTS_MAX)
        return 0;
    if (!given)
        value = inputs_draw(inputs_bits(seed, in->len), bound);
    else if (in->len < given->len)
        value = given->at[in->len] < bound ? given->at[in->len] : bound - 1;
    inputs_add(in, value, bound);
    return value;
}

// ---- shrinking ----------------------------------------------------------------------------------

struct shrinking {
    struct inputs *best, candidate, met;
    inputs_try *attempt;
    void *context;
    uint32_t tries, tries_max;
};

static bool spent(const struct shrinking *s) {
    return s->tries >= s->tries_max;
}

// Runs s->candidate; keeps what was drawn if it fails and is simpler.
static bool keep_if_simpler(struct shrinking *s) {
    if (spent(s) || !inputs_less(&s->candidate, s->best))
        return false;
    s->tries++;
    s->met.len = 0;
    if (!s->attempt(s->context, &s->candidate, &s->met) || !inputs_less(&s->met, s->best))
        return false;
    inputs_copy(s->best, &s->met);
    return true;
}

static void begin(struct shrinking *s) {
    inputs_copy(&s->candidate, s->best);
}

static bool without(struct shrinking *s, uint32_t from, uint32_t count) {
    s->candidate.len = 0;
    for (uint32_t i = 0; i < s->best->len; i++)
        if (i < from || i >= from + count)
            inputs_add(&s->candidate, s->best->at[i], s->best->bounds[i]);
    return keep_if_simpler(s);
}

enum { RUN_SHORT = 12 }; // runs of up to so many choices are tried at every place

// From the back, where what is left out changes least before it.
static bool cut(struct shrinking *s) {
    bool any = false;
    for (uint32_t size = s->best->len; size > 0 && !spent(s);) {
        uint32_t step = size > RUN_SHORT ? size / 2 : 1;
        for (uint32_t end = s->best->len; end >= size && !spent(s);) {
            if (without(s, end - size, size)) {
                any = true;
                end = end < s->best->len ? end : s->best->len;
                if (end < size)
                    break;
            } else if (end < size + step) {
                break;
            } else {
                end -= step;
            }
        }
        size = size > RUN_SHORT ? size / 2 : size - 1;
    }
    return any;
}

// A choice that says how much follows becomes smaller, and something behind it is left out.
static bool cut_and_lower(struct shrinking *s) {
    bool any = false;
    for (uint32_t i = 0; i < s->best->len; i++)
        for (uint32_t size = 1; size <= 4 && i + size < s->best->len && s->best->at[i]; size++)
            for (uint32_t gap = 0; gap < 3 && i + 1 + gap + size <= s->best->len; gap++) {
                s->candidate.len = 0;
                for (uint32_t k = 0; k < s->best->len; k++)
                    if (k <= i + gap || k > i + gap + size)
                        inputs_add(&s->candidate, s->best->at[k] - (k == i), s->best->bounds[k]);
                if (keep_if_simpler(s)) {
                    any = true;
                    if (i >= s->best->len || !s->best->at[i])
                        break;
                }
            }
    return any;
}

static bool zero(struct shrinking *s) {
    bool any = false;
    for (uint32_t size = 8; size > 0; size /= 2)
        for (uint32_t from = 0; from + size <= s->best->len && !spent(s); from++) {
            begin(s);
            memset(s->candidate.at + from, 0, size * sizeof *s->candidate.at);
            any |= keep_if_simpler(s);
        }
    return any;
}

static bool set(struct shrinking *s, uint32_t at, uint64_t value) {
    if (at >= s->best->len || value >= s->best->at[at])
        return false;
    begin(s);
    s->candidate.at[at] = value;
    return keep_if_simpler(s);
}

enum { STEPS_MAX = 3 };

// The smallest value with which it still fails, if all above it do; then a few single steps and
// halves, where that is not so.
static bool lower_one(struct shrinking *s, uint32_t at) {
    bool any = false;
    uint64_t fails_not = 0;
    if (s->best->at[at] == 0)
        return false;
    if (set(s, at, 0))
        return true;
    while (at < s->best->len && s->best->at[at] - fails_not > 1 && !spent(s)) {
        uint64_t middle = fails_not + (s->best->at[at] - fails_not) / 2;
        if (set(s, at, middle))
            any = true;
        else
            fails_not = middle;
    }
    for (uint64_t step = 1; step <= STEPS_MAX && at < s->best->len; step++)
        if (s->best->at[at] >= step)
            any |= set(s, at, s->best->at[at] - step);
    return any;
}

static bool lower(struct shrinking *s) {
    bool any = false;
    for (uint32_t i = 0; i < s->best->len && !spent(s); i++)
        any |= lower_one(s, i);
    return any;
}

// Smaller here, and the next one as large as it may be: a case of another kind may need a number of
// its own.
static bool trade_with_next(struct shrinking *s, uint32_t at, uint64_t value) {
    begin(s);
    s->candidate.at[at] = value;
    s->candidate.at[at + 1] = UINT64_MAX; // cut to the bound that it meets
    return keep_if_simpler(s);
}

enum { TRADE_NEAR = 16, TRADE_ALL = 8 };

// Two numbers whose sum matters.
static bool trade_amount(struct shrinking *s, uint32_t a, uint32_t b) {
    bool any = false;
    for (uint64_t amount = s->best->at[a]; amount > 0 && b < s->best->len; amount /= 2) {
        while (b < s->best->len && s->best->at[a] >= amount &&
               s->best->at[b] < s->best->bounds[b] - 1 &&
               amount <= s->best->bounds[b] - 1 - s->best->at[b] && !spent(s)) {
            begin(s);
            s->candidate.at[a] -= amount;
            s->candidate.at[b] += amount;
            if (!keep_if_simpler(s))
                break;
            any = true;
        }
    }
    return any;
}

static bool trade(struct shrinking *s) {
    bool any = false;
    for (uint32_t i = 0; i + 1 < s->best->len && !spent(s); i++) {
        uint64_t old = s->best->at[i];
        for (uint64_t v = 0; v < old && v < TRADE_ALL && i + 1 < s->best->len; v++)
            if (trade_with_next(s, i, v)) {
                any = true;
                break;
            }
        for (uint32_t k = i + 1; k < s->best->len && k <= i + TRADE_NEAR; k++)
            any |= trade_amount(s, i, k);
    }
    return any;
}

// All choices that are equal to this one at once.
static bool level_to(struct shrinking *s, uint64_t old, uint64_t value) {
    begin(s);
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->candidate.len; i++)
        if (s->candidate.at[i] == old) {
            s->candidate.at[i] = value;
            count++;
        }
    return count > 1 && keep_if_simpler(s);
}

static bool level(struct shrinking *s) {
    bool any = false;
    for (uint32_t i = 0; i < s->best->len && !spent(s); i++) {
        uint64_t fails_not = 0, old = s->best->at[i];
        if (old == 0 || level_to(s, old, 0))
            continue;
        while (i < s->best->len && s->best->at[i] - fails_not > 1 && !spent(s)) {
            uint64_t middle = fails_not + (s->best->at[i] - fails_not) / 2;
            if (level_to(s, s->best->at[i], middle))
                any = true;
            else
                fails_not = middle;
        }
    }
    return any;
}

// The runs of `size` choices at a and b change places.
static bool exchange(struct shrinking *s, uint32_t a, uint32_t b, uint32_t size) {
    begin(s);
    for (uint32_t i = 0; i < size; i++) {
        s->candidate.at[a + i] = s->best->at[b + i];
        s->candidate.at[b + i] = s->best->at[a + i];
    }
    return keep_if_simpler(s);
}

static bool sort(struct shrinking *s) {
    bool any = false;
    for (uint32_t size = 1; size <= 4; size++)
        for (uint32_t gap = 0; gap < 3; gap++)
            for (uint32_t a = 0; a + 2 * size + gap <= s->best->len && !spent(s); a++)
                any |= exchange(s, a, a + size + gap, size);
    return any;
}

void inputs_shrink(struct inputs *best, inputs_try *attempt, void *context, uint32_t tries_max) {
    struct shrinking s = {
        .best = best, .attempt = attempt, .context = context, .tries_max = tries_max};
    bool any = true;
    while (any && !spent(&s)) {
        any = cut(&s);
        any |= zero(&s);
        any |= lower(&s);
        any |= cut_and_lower(&s);
        any |= trade(&s);
        any |= level(&s);
        any |= sort(&s);
    }
    inputs_free(&s.candidate);
    inputs_free(&s.met);
}
