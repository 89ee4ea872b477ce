// SPDX-License-Identifier: MIT
// Fuzzing the reader of JSON.
#include "tests/fuzz/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    read_as_everything(PRISM_JSON, data, size);
    return 0;
}
