// SPDX-License-Identifier: MIT
// Fuzzing the text of MIR: any bytes are read without harm; what can be read prints to a text that
// reads back to itself; what is valid stays valid when ownership and suspension have been added.
#include "frontend/mir/mir.h"
#include "tests/fuzz/fuzz.h"

static struct str printed(struct arena *a, const struct mir_module *m) {
    struct text out = {.arena = a};
    mir_print(m, MIR_PRINT_ALL, &out);
    return text_str(&out);
}

static struct mir_module *read_text(struct arena *a, struct str text, struct diag_sink *sink) {
    struct source *s = arena_new(a, struct source);
    source_init(a, s, "fuzz.mir", text);
    return mir_parse(a, s, sink);
}

static void fail(const char *what, struct str said) {
    fprintf(stderr, "mir_fuzz: %s\n%.*s\n", what, STR_ARGS(said));
    abort();
}

static void check_text(struct arena *a, const struct mir_module *m) {
    struct diag_sink sink = {.arena = a};
    struct str once = printed(a, m);
    struct mir_module *again = read_text(a, once, &sink);
    if (!again)
        fail(sink.all.at[0]->title.data, once);
    if (!str_eq(printed(a, again), once))
        fail("the text changed in reading and printing", once);
}

static void check_lowering(struct arena *a, struct mir_module *m) {
    struct diag_sink sink = {.arena = a};
    mir_own(m);
    mir_suspend(m);
    if (!mir_validate(m, &sink))
        fail(sink.all.at[0]->title.data, printed(a, m));
    check_text(a, m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct diag_sink sink = {.arena = &a};
    struct mir_module *m = read_text(&a, (struct str){(const char *)data, size}, &sink);
    if (m) {
        check_text(&a, m);
        mir_infer(m);
        bool valid = mir_validate(m, &sink);
        check_text(&a, m);
        if (valid && !m->lowered)
            check_lowering(&a, m);
    }
    arena_free(&a);
    return 0;
}
