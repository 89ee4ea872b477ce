// SPDX-License-Identifier: MIT
// Fuzzing manifests: any bytes give a table or a diagnostic within the file, and flags that fit.
#include "frontend/cli/manifest.h"
#include "tests/fuzz/fuzz.h"

static void spans_within(const struct diag_sink *sink, const struct source *source) {
    for (int32_t i = 0; i < sink->all.len; i++) {
        const struct span span = sink->all.at[i]->span;
        check(span.source == source && span.start >= 0 && span.start <= span.end &&
                  (size_t)span.end <= source->text.len,
              "a place outside of the file");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct diag_sink sink = {.arena = &a};
    struct source source;
    source_init(&a, &source, MANIFEST_NAME, str_dup(&a, (struct str){(const char *)data, size}));
    struct cli cli = {.arena = &a, .sink = &sink, .command = COMMAND_test};
    struct manifest m = {.path = MANIFEST_NAME};
    bool good = manifest_read(&cli, &m, &source);
    check(good == (sink.errors == 0), "refused without a word, or taken with one");
    spans_within(&sink, &source);
    if (good) {
        struct intern_table names = {.arena = &a};
        manifest_bundles(&a, &names, &m, &sink);
        manifest_set_flags(&cli, &m);
        spans_within(&sink, &source);
    }
    struct text out = {.arena = &a};
    diag_render(&sink, (struct diag_style){.format = DIAG_HUMAN, .width = 80}, &out);
    arena_free(&a);
    return 0;
}
