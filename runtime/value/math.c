// SPDX-License-Identifier: MIT
// Functions of numbers that are not exact, and so are computed in one place for all of a program.
#include "runtime/value/value.h"

#include <math.h>

double prism_pow(double base, double exponent) {
    return pow(base, exponent);
}

double prism_sin(double value) {
    return sin(value);
}

double prism_cos(double value) {
    return cos(value);
}

double prism_exp(double value) {
    return exp(value);
}

double prism_ln(double value) {
    return log(value);
}
