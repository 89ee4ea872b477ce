// SPDX-License-Identifier: MIT
// The C file, from top to bottom. Its parts are put together side by side and joined at the end,
// since a body
// may want a literal, a dup or a drop that stands above it.
#include "frontend/emit/inner.h"

#include <assert.h>

static void put_part(struct text *out, const char *title, const struct text *part) {
    if (!part->len)
        return;
    text_printf(out, "\n// ---- %s\n\n", title);
    text_put(out, text_str(part));
}

static void put_head(struct text *out, const struct emitter *e) {
    text_printf(out, "// Made by prism from %s.\n#include <prism/abi.h>\n\n", e->options->name);
    static const char *const ignored[] = {
        "unused-variable",  "unused-but-set-variable", "unused-label", "unused-function",
        "unused-parameter", "unused-const-variable",   "type-limits"};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        text_printf(out, "#pragma GCC diagnostic ignored \"-W%s\"\n", ignored[i]);
}

static void join(const struct emitter *e, struct text *out) {
    put_head(out, e);
    put_part(out, "types", &e->declared);
    put_part(out, "frames of functions that suspend", &e->frames);
    put_part(out, "what stands further below", &e->prototypes);
    put_part(out, "descriptors", &e->described);
    put_part(out, "literals", &e->literals);
    put_part(out, "counts", &e->counting);
    put_part(out, "functions", &e->bodies);
    put_part(out, "tables", &e->tables);
}

void emit_c(const struct mir_module *lowered, const struct emit_options *options,
            struct text *out) {
    assert(lowered->lowered);
    struct arena *a = lowered->arena;
    struct emitter e = {.arena = a, .m = lowered, .options = options};
    struct text *const parts[] = {&e.declared,   &e.described, &e.counting, &e.literals,
                                  &e.prototypes, &e.frames,    &e.bodies,   &e.tables};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        parts[i]->arena = a;
    emit_types(&e);
    emit_names(&e);
    emit_reach(&e);
    emit_find_closures(&e);
    emit_roots(&e);
    emit_program(&e);
    for (int32_t i = 0; i < lowered->functions.len; i++)
        if (e.functions[i].needed)
            emit_function_body(&e, lowered->functions.at[i]);
    emit_defaults(&e);
    if (options->library)
        emit_library(&e);
    join(&e, out);
}
