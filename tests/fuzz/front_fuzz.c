// SPDX-License-Identifier: MIT
// Fuzzing the whole front end, with the standard library: any bytes are refused in words, or become
// MIR that is valid, also when it was lowered, and C. Run from the top of the sources.
#include "frontend/emit/emit.h"
#include "frontend/mir/build/build.h"
#include "frontend/syntax/syntax.h"
#include "tests/fuzz/fuzz.h"

#include <dirent.h>

enum { LIBRARY_FILES_MAX = 64, LIBRARY_BYTES_MAX = 1 << 20 };

struct file {
    const char *name;
    struct str text;
};

static struct file library[LIBRARY_FILES_MAX];
static int32_t library_count;
static struct arena library_arena;

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static void read_library(void) {
    DIR *folder = opendir("runtime/std");
    check(folder != NULL, "runtime/std is not here");
    for (struct dirent *e; (e = readdir(folder));) {
        if (!str_ends(str_from(e->d_name), STR(".prism")))
            continue;
        check(library_count < LIBRARY_FILES_MAX, "more files than were expected");
        struct file *f = &library[library_count++];
        f->name = str_format(&library_arena, "std/%s", e->d_name).data;
        const char *path = str_format(&library_arena, "runtime/std/%s", e->d_name).data;
        check(!file_read(&library_arena, path, &f->text), "a file of runtime/std");
    }
    closedir(folder);
    qsort(library, (size_t)library_count, sizeof *library, by_name);
}

struct front {
    struct arena arena;
    struct intern_table names;
    struct diag_sink sink;
};

static struct sema_source parsed(struct front *f, const char *name, struct str text, bool is_std) {
    struct source *source = arena_new(&f->arena, struct source);
    source_init(&f->arena, source, name, text);
    return (struct sema_source){.ast = syntax_parse(&f->arena, &f->names, source, &f->sink),
                                .is_std = is_std};
}

static struct typed_program *typed(struct front *f, struct str text) {
    struct sema_source sources[LIBRARY_FILES_MAX + 1];
    sources[library_count] = parsed(f, "fuzz.prism", text, false);
    if (sources[library_count].ast->is_broken)
        return NULL;
    int32_t errors = f->sink.errors;
    for (int32_t i = 0; i < library_count; i++)
        sources[i] = parsed(f, library[i].name, library[i].text, true);
    check(f->sink.errors == errors, "the library has errors");
    struct sema_package package = {.modules = sources, .count = library_count + 1};
    struct typed_program *p = sema_check(&f->arena, &f->names, &package, &f->sink);
    return f->sink.errors ? NULL : p;
}

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
    if (!library_count)
        read_library();
    struct front f = {0};
    f.names.arena = f.sink.arena = &f.arena;
    struct typed_program *p = typed(&f, (struct str){(const char *)data, size});
    if (p)
        to_c(&f, p);
    struct text out = {.arena = &f.arena};
    diag_render(&f.sink, (struct diag_style){.format = DIAG_HUMAN, .width = 80}, &out);
    arena_free(&f.arena);
    return 0;
}
