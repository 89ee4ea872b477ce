// SPDX-License-Identifier: MIT
// Fuzzing the re-checker: any bytes are a certificate or are refused in a sentence; what is read is
// judged without harm, both its arithmetic and what it says of a program. Run from the top of the
// sources.
#include "checker/recheck/recheck.h"
#include "tests/fuzz/fuzz.h"

// What the kept certificates are about: philosophers who take their forks in order.
static const char program_path[] = "tests/fuzz/dinner.mir";

static const struct mir_module *program(void) {
    static struct arena arena;
    static struct source source;
    static struct mir_module *m;
    if (m)
        return m;
    struct diag_sink sink = {.arena = &arena};
    struct str text;
    check(!file_read(&arena, program_path, &text), "the program is not here");
    source_init(&arena, &source, program_path, text);
    m = mir_parse(&arena, &source, &sink);
    check(m && !sink.errors, "the program cannot be read");
    mir_infer(m);
    return m;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct cert cert = {.arena = &a};
    const char *wrong = cert_read(&cert, (struct str){(const char *)data, size});
    if (!wrong) {
        wrong = order_holds(&cert);
        int32_t conditional = 0;
        const char *uncovered = program_covered(&cert, program(), &conditional);
        check(!wrong || *wrong, "refused without a word");
        check(!uncovered || *uncovered, "refused without a word");
        check(conditional >= 0, "fewer places than none");
    }
    arena_free(&a);
    return 0;
}
