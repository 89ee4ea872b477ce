// SPDX-License-Identifier: MIT
// What fuzz targets share. A target is a file NAME_fuzz.c with LLVMFuzzerTestOneInput: any bytes
// are taken without harm, or it aborts and says what is broken. `make fuzz` links it with main.c to
// a program that reads the files it is given (or standard input), `make fuzz CC=clang
// SAN=fuzzer-no-link,address,undefined` with libFuzzer. Inputs worth keeping are in corpus/NAME/.
#ifndef PRISM_TESTS_FUZZ_H
#define PRISM_TESTS_FUZZ_H

#include "frontend/base/base.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn static inline void broken(const char *what) {
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static inline void check(bool holds, const char *what) {
    if (!holds)
        broken(what);
}

#endif
