// SPDX-License-Identifier: MIT
// Naturals of up to 3,968 bits, for exact arithmetic between decimals and floats.
//
// Include this in the files of runtime/value only.
#ifndef PRISM_VALUE_BIG_H
#define PRISM_VALUE_BIG_H

#include <assert.h>
#include <stdint.h>

// The largest is 10^1131, by which the digits of a decimal are divided: 3,758 bits.
enum { BIG_WORDS = 124 };
struct big {
    int len; // words in use, the last one not 0
    uint32_t words[BIG_WORDS];
};

static inline void big_set(struct big *b, uint64_t value) {
    b->len = 0;
    for (; value; value >>= 32)
        b->words[b->len++] = (uint32_t)value;
}

// b = b * factor + more
static inline void big_multiply_add(struct big *b, uint32_t factor, uint32_t more) {
    uint64_t carry = more;
    for (int i = 0; i < b->len; i++) {
        carry += (uint64_t)b->words[i] * factor;
        b->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) {
        assert(b->len < BIG_WORDS);
        b->words[b->len++] = (uint32_t)carry;
    }
}

static inline void big_multiply(struct big *b, uint32_t factor) {
    big_multiply_add(b, factor, 0);
}

static inline void big_power10(struct big *b, int exponent) {
    for (; exponent >= 9; exponent -= 9)
        big_multiply(b, 1000000000);
    for (; exponent > 0; exponent--)
        big_multiply(b, 10);
}

static inline void big_shift(struct big *b, int bits) {
    for (; bits >= 31; bits -= 31)
        big_multiply(b, (uint32_t)1 << 31);
    big_multiply(b, (uint32_t)1 << bits);
}

static inline int big_bits(const struct big *b) {
    return b->len ? 32 * b->len - __builtin_clz(b->words[b->len - 1]) : 0;
}

static inline int big_compare(const struct big *a, const struct big *b) {
    if (a->len != b->len)
        return a->len < b->len ? -1 : 1;
    for (int i = a->len - 1; i >= 0; i--)
        if (a->words[i] != b->words[i])
            return a->words[i] < b->words[i] ? -1 : 1;
    return 0;
}

static inline struct big big_sum(const struct big *a, const struct big *b) {
    struct big sum;
    uint64_t carry = 0;
    int len = a->len > b->len ? a->len : b->len;
    sum.len = 0;
    for (int i = 0; i < len || carry; i++) {
        assert(i < BIG_WORDS);
        carry += (uint64_t)(i < a->len ? a->words[i] : 0) + (i < b->len ? b->words[i] : 0);
        sum.words[sum.len++] = (uint32_t)carry;
        carry >>= 32;
    }
    return sum;
}

// a -= b, where a >= b.
static inline void big_subtract(struct big *a, const struct big *b) {
    int64_t borrow = 0;
    for (int i = 0; i < a->len; i++) {
        borrow += (int64_t)a->words[i] - (i < b->len ? b->words[i] : 0);
        a->words[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
    assert(borrow == 0);
    while (a->len && a->words[a->len - 1] == 0)
        a->len--;
}

#endif
