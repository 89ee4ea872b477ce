// SPDX-License-Identifier: MIT
// Fuzzing the syntax: any bytes must give a tree whose parts lie where they say, and a dump that is
// the same twice.
#include "tests/fuzz/ast_check.h"
#include "tests/fuzz/fuzz.h"

static struct str dumped(struct arena *a, const struct source *source, struct diag_sink *sink) {
    struct intern_table names = {.arena = a};
    struct module_ast *module = syntax_parse(a, &names, source, sink);
    check_module(module, broken);
    check(module->has_errors == (sink->errors > 0), "errors that the tree does not know of");
    struct text out = {.arena = a};
    text_put(&out, STR(""));
    syntax_dump(module, &out);
    return text_str(&out);
}

static void check_place(const struct source *source, struct span span) {
    check(span.source == source && span.start <= span.end, "a diagnostic at no place");
    check(span.start >= 0 && (size_t)span.end <= source->text.len, "a diagnostic beyond the text");
}

static void check_diags(const struct source *source, const struct diag_sink *sink) {
    for (int32_t i = 0; i < sink->all.len; i++) {
        const struct diag *d = sink->all.at[i];
        check_place(source, d->span);
        for (int32_t k = 0; k < d->labels.len; k++)
            check_place(source, d->labels.at[k].span);
        for (int32_t k = 0; k < d->fixes.len; k++)
            check_place(source, d->fixes.at[k].edits.at[0].span);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct diag_sink sink = {.arena = &a}, again = {.arena = &a};
    struct source source;
    source_init(&a, &source, "fuzz.prism", (struct str){(const char *)data, size});
    struct str first = dumped(&a, &source, &sink), second = dumped(&a, &source, &again);
    check(str_eq(first, second), "two trees of one text");
    check_diags(&source, &sink);
    for (int format = DIAG_HUMAN; format <= DIAG_GITHUB; format++) {
        struct text out = {.arena = &a};
        diag_render(&sink, (struct diag_style){.format = (enum diag_format)format, .width = 80},
                    &out);
    }
    arena_free(&a);
    return 0;
}
