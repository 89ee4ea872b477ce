// SPDX-License-Identifier: MIT
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
static double **make(size_t n, double seed) {
    double **rows = malloc(n * sizeof *rows), tmp = seed / (double)n / (double)n;
    for (size_t i = 0; i < n; i++) {
        rows[i] = malloc(n * sizeof **rows);
        for (size_t j = 0; j < n; j++)
            rows[i][j] = tmp * ((double)i - (double)j) * ((double)i + (double)j);
    }
    return rows;
}
static double **multiply(double **a, double **b, size_t n) {
    double **c = malloc(n * sizeof *c);
    for (size_t i = 0; i < n; i++) {
        double *row = c[i] = calloc(n, sizeof *row);
        for (size_t k = 0; k < n; k++) {
            double x = a[i][k];
            for (size_t j = 0; j < n; j++)
                row[j] += x * b[k][j];
        }
    }
    return c;
}
int main(void) {
    size_t n = 500;
    double **c = multiply(make(n, 1), make(n, 2), n);
    printf("%lld\n", (long long)floor(c[n / 2][n / 2] * 1000000.0));
}
