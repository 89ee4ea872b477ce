// SPDX-License-Identifier: MIT
// mirc FILE.mir [lines]: the C of a program in the text form of core MIR, on standard output.
#include "frontend/emit/emit.h"

static int complain(struct arena *a, const struct diag_sink *sink) {
    struct text out = {.arena = a};
    diag_render(sink, (struct diag_style){.format = DIAG_SHORT, .width = 100}, &out);
    fwrite(out.data, 1, out.len, stderr);
    arena_free(a);
    return 2;
}

int main(int argc, char **argv) {
    struct arena a = {0};
    struct diag_sink sink = {.arena = &a};
    struct source source = {0};
    struct str text;
    const char *wrong = argc > 1 ? file_read(&a, argv[1], &text) : "mirc FILE.mir [lines]";
    if (wrong) {
        fprintf(stderr, "%s\n", wrong);
        return 2;
    }
    source_init(&a, &source, argv[1], text);
    struct mir_module *m = mir_parse(&a, &source, &sink);
    if (!m)
        return complain(&a, &sink);
    mir_infer(m);
    if (!mir_validate(m, &sink))
        return complain(&a, &sink);
    struct emit_options options = {.name = "program", .mir_hash = mir_hash(m), .lines = argc > 2};
    mir_own(m);
    mir_suspend(m);
    if (!mir_validate(m, &sink))
        return complain(&a, &sink);
    struct text out = {.arena = &a};
    emit_c(m, &options, &out);
    bool written = fwrite(out.data, 1, out.len, stdout) == out.len;
    arena_free(&a);
    return written ? 0 : 1;
}
