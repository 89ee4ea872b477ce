// SPDX-License-Identifier: MIT
// Fuzzing the schemas of annotations: whatever stands within one is taken or refused in words, at a
// place within the program.
#include "tests/fuzz/front.h"

static void check_places(const struct diag_sink *sink) {
    for (int32_t i = 0; i < sink->all.len; i++) {
        const struct span span = sink->all.at[i]->span;
        check(span.start >= 0 && span.start <= span.end &&
                  (size_t)span.end <= span.source->text.len,
              "a place outside of the program");
    }
}

static void annotated(const char *name, struct str within) {
    struct front f = {0};
    struct str text = str_format(&f.arena,
                                 "@%s { %.*s }\nactor Annotated {\n    message Ping {}\n}\n"
                                 "function main() {}\n",
                                 name, STR_ARGS(within));
    typed(&f, text);
    check_places(&f.sink);
    end_front(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"aiContext", "concurrency_metadata", "generated_analysis"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        annotated(names[i], (struct str){(const char *)data, size});
    return 0;
}
