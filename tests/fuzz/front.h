// SPDX-License-Identifier: MIT
// The front end with the standard library, for targets: what is parsed, and what it means. Run from
// the top of the sources.
#ifndef PRISM_TESTS_FUZZ_FRONT_H
#define PRISM_TESTS_FUZZ_FRONT_H

#include "frontend/sema/sema.h"
#include "frontend/syntax/syntax.h"
#include "tests/fuzz/fuzz.h"

#include <dirent.h>

enum { LIBRARY_FILES_MAX = 64 };

struct library_file {
    const char *name;
    struct str text;
};

static struct library_file library[LIBRARY_FILES_MAX];
static int32_t library_count;
static struct arena library_arena;

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct library_file *)a)->name, ((const struct library_file *)b)->name);
}

static void read_library(void) {
    DIR *folder = opendir("runtime/std");
    check(folder != NULL, "runtime/std is not here");
    for (struct dirent *e; (e = readdir(folder));) {
        if (!str_ends(str_from(e->d_name), STR(".prism")))
            continue;
        check(library_count < LIBRARY_FILES_MAX, "more files than were expected");
        struct library_file *f = &library[library_count++];
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

// NULL after an error. Errors within bodies leave all else to be checked.
static struct typed_program *typed(struct front *f, struct str text) {
    if (!library_count)
        read_library();
    f->names.arena = f->sink.arena = &f->arena;
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

// What is refused is said, and where in the text.
static void must_be_told(const struct front *f) {
    for (int32_t i = 0; i < f->sink.all.len; i++) {
        const struct diag *d = f->sink.all.at[i];
        if (d->severity == SEVERITY_ERROR && d->span.source &&
            (size_t)d->span.end <= d->span.source->text.len && d->title.len > 0)
            return;
    }
    broken("refused, and nobody knows why");
}

static void end_front(struct front *f) {
    if (f->sink.errors)
        must_be_told(f);
    struct text out = {.arena = &f->arena};
    diag_render(&f->sink, (struct diag_style){.format = DIAG_HUMAN, .width = 80}, &out);
    arena_free(&f->arena);
}

#endif
