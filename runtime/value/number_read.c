// SPDX-License-Identifier: MIT
// Decimals to floats, rightly rounded, the same on every machine: no locale, no libm.
//
// Decimals of up to 19 digits within 10^-19 … 10^19 are computed in 128 bits, which is exact;
// short ones by one division of doubles (Clinger, "How to read floating point numbers accurately").
// The rest is divided as naturals.
#include "runtime/value/big.h"
#include "runtime/value/value.h"

#include <string.h>

__extension__ typedef unsigned __int128 u128;

enum {
    SMALL_DIGITS = 19, // fit into 64 bits
    // What comes behind so many digits only tells whether a decimal lies on a border or above it.
    DIGITS_MAX = 800,
    POINT_MAX = 310,  // beyond is more than any float
    POINT_MIN = -330, // below is nearer to zero than to the smallest
};

// 0.DIGITS * 10^point, the first digit not 0.
struct decimal {
    unsigned char digits[DIGITS_MAX + 1];
    int len;
    int64_t point;
};

// What a float is made of: `bits` of mantissa, the last one worth at least 2^least.
struct form {
    int bits, least, exponent_bits;
};
static const struct form form_double = {53, -1074, 11}, form_single = {24, -149, 8};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Takes the digits of a number without sign; the text is well-formed.
static void read_digits(const char *s, const char *end, struct decimal *d) {
    bool is_behind = false;
    int64_t exponent = 0;
    d->len = 0;
    d->point = 0;
    for (; s < end && (is_digit(*s) || *s == '.'); s++) {
        if (*s == '.') {
            is_behind = true;
            continue;
        }
        if (d->len == 0 && *s == '0') {
            d->point -= is_behind;
            continue;
        }
        if (d->len < DIGITS_MAX)
            d->digits[d->len++] = (unsigned char)(*s - '0');
        else if (d->len == DIGITS_MAX && *s != '0')
            d->digits[d->len++] = 1;
        d->point += !is_behind;
    }
    if (s == end)
        return;
    bool is_negative = *++s == '-';
    for (s += is_negative || *s == '+'; s < end; s++)
        if (exponent < INT32_MAX)
            exponent = exponent * 10 + (*s - '0');
    d->point += is_negative ? -exponent : exponent;
}

// The float nearest to q * 2^exponent, a tie to the even one; `rest`: and a little more.
static bool compose(u128 q, int exponent, bool rest, const struct form *form, uint64_t *bits) {
    int high = (uint64_t)(q >> 64) ? 127 - __builtin_clzll((uint64_t)(q >> 64))
                                   : 63 - __builtin_clzll((uint64_t)q);
    int last = high + exponent - (form->bits - 1); // the power of two that the last bit is worth
    last = last < form->least ? form->least : last;
    int cut = last - exponent;
    uint64_t mantissa = 0;
    if (cut <= 0) {
        mantissa = (uint64_t)(q << -cut);
    } else if (cut <= 127) {
        u128 half = (u128)1 << (cut - 1), gone = q & (2 * half - 1);
        mantissa = (uint64_t)(q >> cut);
        mantissa += gone > half || (gone == half && (rest || (mantissa & 1)));
    }
    if (mantissa >> form->bits) {
        mantissa >>= 1;
        last++;
    }
    uint64_t first = (uint64_t)1 << (form->bits - 1);
    uint64_t biased = mantissa & first ? (uint64_t)(last - form->least + 1) : 0;
    *bits = biased << (form->bits - 1) | (mantissa & (first - 1));
    return biased < ((uint64_t)1 << form->exponent_bits) - 1;
}

static const uint64_t powers[SMALL_DIGITS + 1] = {1ull,
                                                  10ull,
                                                  100ull,
                                                  1000ull,
                                                  10000ull,
                                                  100000ull,
                                                  1000000ull,
                                                  10000000ull,
                                                  100000000ull,
                                                  1000000000ull,
                                                  10000000000ull,
                                                  100000000000ull,
                                                  1000000000000ull,
                                                  10000000000000ull,
                                                  100000000000000ull,
                                                  1000000000000000ull,
                                                  10000000000000000ull,
                                                  100000000000000000ull,
                                                  1000000000000000000ull,
                                                  10000000000000000000ull};

static bool compose_small(uint64_t digits, int power, const struct form *form, uint64_t *bits) {
    if (power >= 0)
        return compose((u128)digits * powers[power], 0, false, form, bits);
    int shift = 63 + __builtin_clzll(digits);
    u128 scaled = (u128)digits << shift, by = powers[-power];
    return compose(scaled / by, -shift, scaled % by != 0, form, bits);
}

static bool compose_large(const struct decimal *d, const struct form *form, uint64_t *bits) {
    struct big above, below;
    int power = (int)d->point - d->len;
    big_set(&above, 0);
    for (int i = 0; i < d->len; i++)
        big_multiply_add(&above, 10, d->digits[i]);
    big_set(&below, 1);
    big_power10(power < 0 ? &below : &above, power < 0 ? -power : power);
    int shift = big_bits(&below) - big_bits(&above);
    big_shift(shift < 0 ? &below : &above, shift < 0 ? -shift : shift);
    // Their quotient lies between a half and two: its first 66 bits.
    enum { QUOTIENT_BITS = 66 };
    u128 quotient = 0;
    for (int i = 0; i < QUOTIENT_BITS; i++) {
        quotient <<= 1;
        if (big_compare(&above, &below) >= 0) {
            big_subtract(&above, &below);
            quotient |= 1;
        }
        big_shift(&above, 1);
    }
    return compose(quotient, -(QUOTIENT_BITS - 1) - shift, above.len > 0, form, bits);
}

static bool compose_decimal(const struct decimal *d, const struct form *form, uint64_t *bits) {
    *bits = 0;
    if (d->len == 0 || d->point < POINT_MIN)
        return true;
    if (d->point > POINT_MAX)
        return false;
    int64_t power = d->point - d->len;
    if (d->len > SMALL_DIGITS || power < -SMALL_DIGITS || power > SMALL_DIGITS)
        return compose_large(d, form, bits);
    uint64_t digits = 0;
    for (int i = 0; i < d->len; i++)
        digits = digits * 10 + d->digits[i];
    return compose_small(digits, (int)power, form, bits);
}

// Digits, with or without a point among them, and few enough: exact as one operation of doubles.
static bool read_short(const char *s, const char *end, double *out) {
    static const double tens[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    enum { SHORT = 15 };
    uint64_t digits = 0;
    const char *point = NULL;
    if (end - s > SHORT + 1)
        return false;
    for (const char *c = s; c < end; c++) {
        if (*c == '.')
            point = c;
        else if (is_digit(*c))
            digits = digits * 10 + (uint64_t)(*c - '0');
        else
            return false;
    }
    if (end - s > SHORT && !point)
        return false;
    *out = point ? (double)digits / tens[end - point - 1] : (double)digits;
    return true;
}

bool prism_number_read(const char *text, size_t len, bool is_single, double *out) {
    bool is_negative = len && *text == '-';
    const char *from = text + is_negative, *end = text + len;
    bool fits = true;
    if (is_single || !read_short(from, end, out)) {
        struct decimal d;
        uint64_t bits;
        read_digits(from, end, &d);
        fits = compose_decimal(&d, is_single ? &form_single : &form_double, &bits);
        if (is_single) {
            uint32_t narrow = (uint32_t)bits;
            float single;
            memcpy(&single, &narrow, sizeof single);
            *out = (double)single;
        } else {
            memcpy(out, &bits, sizeof *out);
        }
    }
    *out = is_negative ? -*out : *out;
    return fits;
}
