// SPDX-License-Identifier: MIT
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
static double a(size_t i, size_t j) {
    return 1.0 / (double)((i + j) * (i + j + 1) / 2 + i + 1);
}
static void times(const double *v, double *out, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++)
            sum += a(i, j) * v[j];
        out[i] = sum;
    }
}
static void times_transposed(const double *v, double *out, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++)
            sum += a(j, i) * v[j];
        out[i] = sum;
    }
}
int main(void) {
    size_t n = 1000;
    double *u = malloc(n * sizeof *u), *v = calloc(n, sizeof *v), *t = calloc(n, sizeof *t);
    for (size_t i = 0; i < n; i++)
        u[i] = 1;
    for (int k = 0; k < 10; k++) {
        times(u, t, n);
        times_transposed(t, v, n);
        times(v, t, n);
        times_transposed(t, u, n);
    }
    double vbv = 0, vv = 0;
    for (size_t i = 0; i < n; i++) {
        vbv += u[i] * v[i];
        vv += v[i] * v[i];
    }
    printf("%lld\n", (long long)floor(sqrt(vbv / vv) * 1000000000.0));
}
