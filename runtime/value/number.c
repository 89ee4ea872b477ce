// SPDX-License-Identifier: MIT
// Numbers to text, the same on every machine: no locale, no libm.
//
// A float is printed with the fewest digits that read back to it, the nearest of these. Most floats
// of real programs are short decimals and are found by trying; the rest goes through exact
// arithmetic (Steele and White, Dybvig: "Printing floating-point numbers quickly and accurately",
// free format).
#include "runtime/value/big.h"
#include "runtime/value/value.h"

#include <assert.h>
#include <string.h>

enum { U64_DIGITS = 20 };

// Two digits at once.
static const char pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

static int put_u64(uint64_t value, char *out) {
    char digits[U64_DIGITS];
    int at = U64_DIGITS;
    for (; value >= 100; value /= 100)
        memcpy(digits + (at -= 2), pairs + 2 * (value % 100), 2);
    if (value >= 10)
        memcpy(digits + (at -= 2), pairs + 2 * value, 2);
    else
        digits[--at] = (char)('0' + value);
    memcpy(out, digits + at, (size_t)(U64_DIGITS - at));
    return U64_DIGITS - at;
}

int prism_number_u64(uint64_t value, char out[PRISM_NUMBER_BYTES]) {
    return put_u64(value, out);
}

int prism_number_i64(int64_t value, char out[PRISM_NUMBER_BYTES]) {
    if (value >= 0)
        return put_u64((uint64_t)value, out);
    out[0] = '-';
    return 1 + put_u64(0 - (uint64_t)value, out + 1);
}

// ---- digits ---------------------------------------------------------------------------------

// 0.d1d2d3… * 10^point
struct decimal {
    char digits[U64_DIGITS];
    int len, point;
};

// A positive finite float: mantissa * 2^exponent; `edge` when the next lower one is nearer than the
// next higher one.
struct binary {
    uint64_t mantissa;
    int exponent;
    bool edge;
};

// value = r / s; everything nearer than low below it and high above it reads back to it.
struct ratio {
    struct big r, s, low, high;
    bool even; // the limits themselves read back, too
};

static void ratio_set(struct ratio *q, struct binary v) {
    int up = v.exponent > 0 ? v.exponent : 0, down = v.exponent < 0 ? -v.exponent : 0;
    big_set(&q->r, v.mantissa);
    big_shift(&q->r, up + 1 + v.edge);
    big_set(&q->s, 1);
    big_shift(&q->s, down + 1 + v.edge);
    big_set(&q->low, 1);
    big_shift(&q->low, up);
    big_set(&q->high, 1);
    big_shift(&q->high, up + v.edge);
    q->even = (v.mantissa & 1) == 0;
}

static bool reaches(const struct ratio *q) { // r + high > s
    struct big sum = big_sum(&q->r, &q->high);
    int order = big_compare(&sum, &q->s);
    return order > 0 || (order == 0 && q->even);
}

static bool is_low(const struct ratio *q) { // r < low
    int order = big_compare(&q->r, &q->low);
    return order < 0 || (order == 0 && q->even);
}

static void ratio_times10(struct ratio *q) {
    big_multiply(&q->r, 10);
    big_multiply(&q->low, 10);
    big_multiply(&q->high, 10);
}

// Scales to 0.1 <= (r + high) / s < 1 and returns the decimal point.
static int ratio_scale(struct ratio *q, struct binary v) {
    int bits = 64 - __builtin_clzll(v.mantissa);
    double logarithm = (v.exponent + bits - 1) * 0.30102999566398114;
    int point = (int)logarithm + (logarithm > (int)logarithm); // at most one too small
    if (point >= 0) {
        big_power10(&q->s, point);
    } else {
        big_power10(&q->r, -point);
        big_power10(&q->low, -point);
        big_power10(&q->high, -point);
    }
    if (reaches(q)) {
        point++;
        big_multiply(&q->s, 10);
    }
    return point;
}

static struct decimal digits_exact(struct binary v) {
    struct ratio q;
    struct decimal d = {.len = 0};
    ratio_set(&q, v);
    d.point = ratio_scale(&q, v);
    for (;;) {
        ratio_times10(&q);
        int digit = 0;
        for (; big_compare(&q.r, &q.s) >= 0; digit++)
            big_subtract(&q.r, &q.s);
        bool below = is_low(&q), above = reaches(&q);
        assert(digit < 10 && d.len < 18);
        if (!below && !above) {
            d.digits[d.len++] = (char)('0' + digit);
            continue;
        }
        big_multiply(&q.r, 2);
        int half = big_compare(&q.r, &q.s); // the rest against a half; a tie goes to the even digit
        bool up = above && (!below || half > 0 || (half == 0 && digit % 2));
        d.digits[d.len++] = (char)('0' + digit + up);
        return d;
    }
}

// A decimal of at most 15 digits that reads back is the shortest there is: no two of that length
// share a double.
static bool digits_short(double v, struct decimal *d) {
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
    for (int places = 0; places < 9; places++) {
        double scaled = v * powers[places];
        if (scaled >= 1e15)
            return false;
        uint64_t whole = (uint64_t)(scaled + 0.5);
        if ((double)whole / powers[places] != v)
            continue;
        d->len = put_u64(whole, d->digits);
        d->point = d->len - places;
        return true;
    }
    return false;
}

// ---- layout ---------------------------------------------------------------------------------

static int put_zeros(char *out, int count) {
    memset(out, '0', (size_t)count);
    return count;
}

static int put_digits(char *out, const struct decimal *d, int from, int to) {
    memcpy(out, d->digits + from, (size_t)(to - from));
    return to - from;
}

// "0.00012", "12.5", "1200.0"
static int layout_plain(const struct decimal *d, char *out) {
    int len = 0;
    if (d->point <= 0) {
        out[len++] = '0';
        out[len++] = '.';
        len += put_zeros(out + len, -d->point);
        return len + put_digits(out + len, d, 0, d->len);
    }
    int whole = d->point < d->len ? d->point : d->len;
    len += put_digits(out + len, d, 0, whole);
    len += put_zeros(out + len, d->point - whole);
    out[len++] = '.';
    if (whole == d->len)
        out[len++] = '0';
    return len + put_digits(out + len, d, whole, d->len);
}

// "1.25e-7", "1e+300"
static int layout_exponent(const struct decimal *d, char *out) {
    int len = put_digits(out, d, 0, 1);
    if (d->len > 1) {
        out[len++] = '.';
        len += put_digits(out + len, d, 1, d->len);
    }
    int exponent = d->point - 1;
    out[len++] = 'e';
    out[len++] = exponent < 0 ? '-' : '+';
    return len + put_u64((uint64_t)(exponent < 0 ? -exponent : exponent), out + len);
}

static int layout(struct decimal *d, bool negative, char *out) {
    while (d->len > 1 && d->digits[d->len - 1] == '0')
        d->len--;
    if (negative)
        *out++ = '-';
    bool plain = d->point > -5 && d->point <= 16;
    return negative + (plain ? layout_plain(d, out) : layout_exponent(d, out));
}

static int put_special(uint64_t mantissa, bool negative, char *out) {
    const char *text = mantissa ? "nan" : negative ? "-inf" : "inf";
    memcpy(out, text, strlen(text));
    return (int)strlen(text);
}

int prism_number_f64(double value, char out[PRISM_NUMBER_BYTES]) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bool negative = bits >> 63;
    uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
    int exponent = (int)(bits >> 52 & 0x7ff);
    if (exponent == 0x7ff)
        return put_special(fraction, negative, out);
    struct decimal d;
    if (value == 0)
        d = (struct decimal){.digits = "0", .len = 1, .point = 1};
    else if (!digits_short(negative ? -value : value, &d))
        d = digits_exact(exponent ? (struct binary){fraction | (uint64_t)1 << 52, exponent - 1075,
                                                    fraction == 0 && exponent > 1}
                                  : (struct binary){fraction, -1074, false});
    return layout(&d, negative, out);
}

int prism_number_f32(float value, char out[PRISM_NUMBER_BYTES]) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bool negative = bits >> 31;
    uint32_t fraction = bits & (((uint32_t)1 << 23) - 1);
    int exponent = (int)(bits >> 23 & 0xff);
    if (exponent == 0xff)
        return put_special(fraction, negative, out);
    struct decimal d;
    if (value == 0)
        d = (struct decimal){.digits = "0", .len = 1, .point = 1};
    else
        d = digits_exact(exponent ? (struct binary){fraction | (uint32_t)1 << 23, exponent - 150,
                                                    fraction == 0 && exponent > 1}
                                  : (struct binary){fraction, -149, false});
    return layout(&d, negative, out);
}
