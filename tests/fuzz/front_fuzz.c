// SPDX-License-Identifier: MIT
// Fuzzing the whole front end, with the standard library: any bytes are refused in words, or become
// MIR that is valid, also when it was lowered, and C. Run from the top of the sources.
#include "frontend/emit/emit.h"
#include "frontend/mir/build/build.h"
#include "tests/fuzz/front.h"

static void must_be_valid(struct front *f, struct mir_module *m) {
    if (mir_validate(m, &f->sink))
        return;
    for (int32_t i = 0; i < f->sink.all.len; i++)
        if (f->sink.all.at[i]->severity == SEVERITY_ERROR)
            fprintf(stderr, "%.*s\n", STR_ARGS(f->sink.all.at[i]->title));
    broken("what was made of it is not valid");
}

static void to_c(struct front *f, struct typed_program *p) {
    struct mir_module *m = mir_build(&f->arena, p, &f->sink);
    if (f->sink.errors)
        return;
    must_be_valid(f, m);
    mir_own(m);
    mir_suspend(m);
    mir_infer(m);
    must_be_valid(f, m);
    struct text c = {.arena = &f->arena};
    struct emit_options options = {.name = "fuzz", .lines = true};
    emit_c(m, &options, &c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct front f = {0};
    struct typed_program *p = typed(&f, (struct str){(const char *)data, size});
    if (p)
        to_c(&f, p);
    end_front(&f);
    return 0;
}
