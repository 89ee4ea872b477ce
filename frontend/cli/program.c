// SPDX-License-Identifier: MIT
#define _GNU_SOURCE // memmem
// Building programs through the cache.
#include "frontend/cli/program.h"

#include "frontend/cli/files.h"
#include "frontend/cli/memo.h"
#include "frontend/cli/process.h"
#include "frontend/emit/cache.h"
#include "frontend/emit/emit.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

// What the same source compiles to must not depend on the machine or on the compiler's liberties.
// With -pipe there are no files in between that an interruption could leave.
static const char *const cc_flags[] = {
    "-std=gnu17", "-g1",  "-ffp-contract=off", "-fno-strict-aliasing", "-fwrapv", "-fno-math-errno",
    "-w",         "-pipe"};
// With -O2 a loop that tests beforehand whether all items are there is compiled twice. Other
// compilers than gcc do that anyway, and shall not talk about the flag. A short loop that lies
// across two lines of the cache takes twice its time.
static const char *const loop_flags[] = {"-funswitch-loops", "--param=max-unswitch-insns=300",
                                         "-falign-loops=32", "-Wno-ignored-optimization-argument"};

// Which pointers may mean the same is not worth its time while a program is worked on: that grows
// with the square of a function's length.
static const char *const quick_flag = "-fno-tree-pta";

// ---- names in the cache --------------------------------------------------------------

const char *program_cache_dir(struct cli *cli) {
    return cache_dir(cli->arena);
}

static const char *optimisation(const struct cli *cli) {
    bool release = cli->command == COMMAND_build ? flag_on(cli, FLAG_build_release)
                                                 : flag_on(cli, FLAG_run_release);
    return release ? "-O2" : "-O1";
}

// The path of the C compiler, or the name that was not found.
const char *program_compiler(struct cli *cli) {
    const char *cc = getenv("CC");
    cc = cc && *cc ? cc : "cc";
    const char *path = cache_program_path(cli->arena, cc);
    return path ? path : cc;
}

// clang refuses flags of gcc that it does not know, also where it goes by another name.
static bool is_clang(struct cli *cli) {
    char target[PATH_MAX];
    const char *path = program_compiler(cli), *slash = strrchr(path, '/');
    if (strstr(slash ? slash : path, "clang"))
        return true;
    return realpath(path, target) && strstr(strrchr(target, '/'), "clang");
}

const char *program_runtime(struct cli *cli, enum program_kind kind) {
    return cli_home(cli, kind == PROGRAM_SIMULATED ? "lib/prism/libprism-sim.a"
                                                   : "lib/prism/libprism-parallel.a");
}

// ---- running the C compiler ----------------------------------------------------------

typedef VEC(const char *) arg_list;

static bool start_cc(struct cli *cli, const arg_list *args, struct process *p, int *code) {
    const char *wrong = process_start(cli->arena, args->at, false, p);
    if (!wrong)
        return true;
    struct diag *d = diag_add(cli->sink, P0004, NO_SPAN, "%s", wrong);
    diag_note(cli->sink, d,
              "Prism compiles through C: install gcc or clang, or name a compiler "
              "in the variable CC");
    *code = EXIT_ASKED;
    return false;
}

// `output` is what it writes. `own`: what of the user's it reads besides what Prism made, or NULL.
static bool end_cc(struct cli *cli, struct process *p, const char *output, const char *own,
                   int *code) {
    struct process_end end = process_wait(p);
    if (!end.code && !end.signal)
        return true;
    if (process_signal()) {
        unlink(output);
        *code = 128 + process_signal();
        return false;
    }
    const char *full = cache_no_room(cli->arena, output);
    unlink(output);
    if (full) {
        diag_add(cli->sink, P0003, NO_SPAN, "%s", full);
        *code = EXIT_IO;
        return false;
    }
    if (own) {
        struct diag *d = diag_add(cli->sink, P0016, NO_SPAN, "the program could not be linked");
        diag_note(cli->sink, d, "what its foreign functions are in is named by `link` in %s", own);
        *code = EXIT_ASKED;
        return false;
    }
    diag_add(cli->sink, P9901, NO_SPAN, "the C compiler did not accept what Prism generated");
    *code = EXIT_DEFECT;
    return false;
}

static void put_words(struct arena *a, arg_list *args, struct str words) {
    struct str copy = str_dup(a, words);
    for (char *word = strtok((char *)copy.data, " \n"); word; word = strtok(NULL, " \n"))
        vec_push(a, args, word);
}

static bool keep(struct cli *cli, const char *from, const char *to, int *code) {
    const char *wrong = cache_keep(cli->arena, from, to);
    if (!wrong)
        return true;
    diag_add(cli->sink, P0003, NO_SPAN, "%s", wrong);
    *code = EXIT_IO;
    return false;
}

// Libraries that only some programs need: those of the operations outside that the C refers to.
static void put_libraries(struct cli *cli, arg_list *args, const struct unit *u,
                          enum program_kind kind) {
    static const struct {
        const char *symbol, *library;
    } outsides[] = {
#define OUTSIDE(id, name, service, params, result, library) {"prism_outside_" #id ";", library},
#include "runtime/services.def"
#undef OUTSIDE
    };
    const char *last = NULL;
    for (size_t i = 0; i < sizeof outsides / sizeof *outsides && kind == PROGRAM_PARALLEL; i++) {
        const char *library = outsides[i].library;
        if (!library || (last && !strcmp(last, library)) ||
            !memmem(u->c.data, u->c.len, outsides[i].symbol, strlen(outsides[i].symbol)))
            continue;
        vec_push(cli->arena, args, str_format(cli->arena, "-l%s", library).data);
        last = library;
    }
}

// The symbols of C that the program refers to weakly are asked for, so that archives give them.
static void put_foreigns(struct cli *cli, arg_list *args, const struct unit *u,
                         enum program_kind kind) {
    str_list items = {0}, files = {0};
    for (int32_t i = 0; i < u->mir->functions.len && kind == PROGRAM_PARALLEL; i++)
        if (u->mir->functions.at[i]->foreign)
            vec_push(cli->arena, args,
                     str_format(cli->arena, "-Wl,-u,%s", u->mir->functions.at[i]->foreign).data);
    if (kind == PROGRAM_PARALLEL)
        manifest_link(cli->arena, u->manifest, &items, &files);
    for (int32_t i = 0; i < items.len; i++)
        vec_push(cli->arena, args, items.at[i].data);
}

// Where it is said what foreign functions are in, if there are any; else NULL.
static const char *foreign_place(const struct unit *u) {
    bool any = manifest_links(u->manifest);
    for (int32_t i = 0; i < u->mir->functions.len; i++)
        any = any || u->mir->functions.at[i]->foreign;
    return !any ? NULL : u->manifest ? u->manifest->path : "a manifest, " MANIFEST_NAME;
}

static bool link_program(struct cli *cli, const struct unit *u, const str_list *objects,
                         enum program_kind kind, const char *program, int *code) {
    struct arena *a = cli->arena;
    const char *under_way = cache_under_way(cli->arena, program, ".tmp");
    struct str extra = {0};
    arg_list args = {0};
    file_read(a, cli_home(cli, "lib/prism/link-flags"), &extra);
    vec_push(a, &args, program_compiler(cli));
    for (int32_t i = 0; i < objects->len; i++)
        vec_push(a, &args, objects->at[i].data);
    vec_push(a, &args, program_runtime(cli, kind));
    put_libraries(cli, &args, u, kind);
    put_foreigns(cli, &args, u, kind);
    put_words(a, &args, extra);
    vec_push(a, &args, "-o");
    vec_push(a, &args, under_way);
    vec_push(a, &args, NULL);
    const char *own = kind == PROGRAM_PARALLEL ? foreign_place(u) : NULL;
    const char *const files[] = {under_way, NULL};
    struct process p;
    process_under_way(files);
    bool good = start_cc(cli, &args, &p, code) && end_cc(cli, &p, under_way, own, code) &&
                keep(cli, under_way, program, code);
    process_under_way(NULL);
    return good;
}

// ---- objects ---------------------------------------------------------------------------

// A file of C that becomes an object or assembly, or one of assembly that becomes an object.
enum making_kind { MAKING_OBJECT, MAKING_ASSEMBLY, MAKING_ASSEMBLED };
struct making {
    enum making_kind kind;
    struct str text;
    const char *object, *text_file, *under_way; // `object`: what it is to be called in the cache
    struct process process;
};
typedef VEC(struct making) making_list;

// Compiler, flags and ABI: what every object depends on besides its C.
static struct str common_key(struct cli *cli) {
    struct arena *a = cli->arena;
    struct str abi = {0};
    struct text key = {.arena = a};
    file_read(a, cli_home(cli, "include/prism/abi.h"), &abi);
    const char *identity = cache_compiler(a, program_compiler(cli));
    text_printf(&key, "%s %s\n", identity ? identity : program_compiler(cli), optimisation(cli));
    for (size_t i = 0; i < sizeof cc_flags / sizeof *cc_flags; i++)
        text_printf(&key, "%s\n", cc_flags[i]);
    for (size_t i = 0; i < sizeof loop_flags / sizeof *loop_flags; i++)
        text_printf(&key, "%s\n", loop_flags[i]);
    text_put(&key, abi);
    return text_str(&key);
}

static const char *object_path(struct cli *cli, struct str common, const struct emit_unit *u) {
    struct text key = {.arena = cli->arena};
    text_put(&key, common);
    text_put(&key, u->c);
    for (int32_t i = 0; i < u->starts.len; i++)
        text_printf(&key, "%d\n", u->starts.at[i]);
    return cache_path(cli->arena, text_str(&key), ".o");
}

static const char *assembly_path(struct cli *cli, struct str common, struct str c) {
    struct text key = {.arena = cli->arena};
    text_put(&key, common);
    text_put(&key, c);
    return cache_path(cli->arena, text_str(&key), ".s");
}

static void put_cc_flags(struct cli *cli, arg_list *args) {
    struct arena *a = cli->arena;
    for (size_t i = 0; i < sizeof cc_flags / sizeof *cc_flags; i++)
        vec_push(a, args, cc_flags[i]);
    vec_push(a, args, optimisation(cli));
    if (strcmp(optimisation(cli), "-O1") == 0 && !is_clang(cli))
        vec_push(a, args, quick_flag);
    for (size_t i = 0; i < sizeof loop_flags / sizeof *loop_flags; i++)
        vec_push(a, args, loop_flags[i]);
    vec_push(a, args, "-I");
    vec_push(a, args, cli_home(cli, "include"));
}

static bool start_making(struct cli *cli, struct making *m, int *code) {
    struct arena *a = cli->arena;
    const char *wrong = file_write(a, m->text_file, m->text);
    if (wrong) {
        diag_add(cli->sink, P0003, NO_SPAN, "%s", wrong);
        *code = EXIT_IO;
        return false;
    }
    arg_list args = {0};
    vec_push(a, &args, program_compiler(cli));
    if (m->kind != MAKING_ASSEMBLED)
        put_cc_flags(cli, &args);
    if (m->kind == MAKING_ASSEMBLY)
        vec_push(a, &args, "-dA");
    vec_push(a, &args, m->kind == MAKING_ASSEMBLY ? "-S" : "-c");
    vec_push(a, &args, m->text_file);
    vec_push(a, &args, "-o");
    vec_push(a, &args, m->under_way);
    vec_push(a, &args, NULL);
    if (start_cc(cli, &args, &m->process, code))
        return true;
    unlink(m->text_file);
    return false;
}

static bool strip_comments(struct cli *cli, const char *path, int *code) {
    struct text out = {.arena = cli->arena};
    struct str assembly;
    const char *wrong = file_read(cli->arena, path, &assembly);
    if (!wrong) {
        emit_without_comments(assembly, &out);
        wrong = file_write(cli->arena, path, text_str(&out));
    }
    if (!wrong)
        return true;
    diag_add(cli->sink, P0003, NO_SPAN, "%s", wrong);
    *code = EXIT_IO;
    return false;
}

static bool end_making(struct cli *cli, struct making *m, int *code) {
    bool good = end_cc(cli, &m->process, m->under_way, NULL, code) &&
                (m->kind != MAKING_ASSEMBLY || strip_comments(cli, m->under_way, code)) &&
                keep(cli, m->under_way, m->object, code);
    if (!good && *code == EXIT_DEFECT) { // what cc refused is kept, to be looked at
        struct diag *refused = cli->sink->all.at[cli->sink->all.len - 1];
        diag_note(cli->sink, refused, "the C file is %s", m->text_file);
    } else {
        unlink(m->text_file);
    }
    return good;
}

// Compiles as many side by side as may be. After a failure nothing more is begun, and what was
// begun is waited for; what the others have to say is not said.
static bool make_all(struct cli *cli, making_list *all, int *code) {
    const int32_t jobs = (int32_t)cli_jobs(cli);
    bool good = true;
    int32_t begun = 0, ended = 0;
    while (ended < begun || (good && begun < all->len)) {
        if (good && begun < all->len && begun - ended < jobs) {
            good = start_making(cli, &all->at[begun], code);
            begun += good;
        } else if (good) {
            good = end_making(cli, &all->at[ended++], code);
        } else {
            struct making *m = &all->at[ended++];
            process_wait(&m->process);
            unlink(m->text_file);
            unlink(m->under_way);
        }
    }
    return good;
}

// What is to be removed if `prism` is ended in between.
static const char *const *files_under_way(struct cli *cli, const making_list *all) {
    arg_list files = {0};
    for (int32_t i = 0; i < all->len; i++) {
        vec_push(cli->arena, &files, all->at[i].text_file);
        vec_push(cli->arena, &files, file_being_written(cli->arena, all->at[i].text_file));
        vec_push(cli->arena, &files, all->at[i].under_way);
        if (all->at[i].kind == MAKING_ASSEMBLY) // its comments go
            vec_push(cli->arena, &files, file_being_written(cli->arena, all->at[i].under_way));
    }
    vec_push(cli->arena, &files, NULL);
    return files.at;
}

static bool is_wanted(const making_list *all, const char *object) {
    for (int32_t i = 0; i < all->len; i++)
        if (strcmp(all->at[i].object, object) == 0)
            return true;
    return false;
}

static void want_making(struct cli *cli, making_list *all, enum making_kind kind, struct str text,
                        const char *object) {
    static const char *const endings[][2] = {{".c", ".o"}, {".c", ".s"}, {".s", ".o"}};
    struct arena *a = cli->arena;
    struct making m = {.kind = kind,
                       .text = text,
                       .object = object,
                       .text_file = cache_under_way(a, object, endings[kind][0]),
                       .under_way = cache_under_way(a, object, endings[kind][1])};
    if (!cache_has(object) && !is_wanted(all, object))
        vec_push(a, all, m);
}

static bool make_wanted(struct cli *cli, making_list *all, int *code) {
    if (!all->len)
        return true;
    const char *wrong = dir_make(cli->arena, program_cache_dir(cli));
    if (wrong) {
        diag_add(cli->sink, P0003, NO_SPAN, "%s", wrong);
        *code = EXIT_IO;
        return false;
    }
    process_under_way(files_under_way(cli, all));
    bool good = make_all(cli, all, code);
    process_under_way(NULL);
    return good;
}

// The units whose lines may move, by way of their assembly, which is in the cache or has been made.
static bool make_assembled(struct cli *cli, struct str common, const unit_list *units,
                           const str_list *objects, int *code) {
    struct arena *a = cli->arena;
    making_list missing = {0};
    for (int32_t i = 0; i < units->len; i++) {
        const struct emit_unit *u = &units->at[i];
        const char *object = objects->at[i].data;
        struct str assembly;
        struct text placed = {.arena = a};
        if (!u->starts.len || cache_has(object) || is_wanted(&missing, object))
            continue;
        const char *path = assembly_path(cli, common, u->c);
        if (!cache_read(a, path, &assembly)) {
            diag_add(cli->sink, P0002, NO_SPAN, "%s is no longer in the cache", path);
            *code = EXIT_IO;
            return false;
        }
        emit_lines(assembly, &u->starts, &placed);
        want_making(cli, &missing, MAKING_ASSEMBLED, text_str(&placed), object);
    }
    return make_wanted(cli, &missing, code);
}

// With #line also in large programs? Where somebody wants to have the program for himself, a
// debugger may be meant to see it; else nothing that has moved needs even to be assembled again.
static bool with_lines(const struct cli *cli) {
    return cli->command == COMMAND_build;
}

// The objects of the program's units, or the one of the whole; those that are not in the cache are
// made. False after a diagnostic.
static bool build_objects(struct cli *cli, struct str c, bool is_whole, str_list *objects,
                          int *code) {
    struct arena *a = cli->arena;
    unit_list units = {0};
    making_list missing = {0};
    if (is_whole)
        vec_push(a, &units, (struct emit_unit){.c = c});
    else
        emit_units(a, c, with_lines(cli), &units);
    struct str common = common_key(cli);
    for (int32_t i = 0; i < units.len; i++) {
        const struct emit_unit *u = &units.at[i];
        const char *object = object_path(cli, common, u);
        vec_push(a, objects, str_from(object));
        if (!u->starts.len)
            want_making(cli, &missing, MAKING_OBJECT, u->c, object);
        else if (!cache_has(object))
            want_making(cli, &missing, MAKING_ASSEMBLY, u->c, assembly_path(cli, common, u->c));
    }
    return make_wanted(cli, &missing, code) && make_assembled(cli, common, &units, objects, code);
}

// ---- programs --------------------------------------------------------------------------

const char *program_object(struct cli *cli, const struct unit *u, int *code) {
    str_list objects = {0};
    return build_objects(cli, u->c, true, &objects, code) ? objects.at[0].data : NULL;
}

bool program_tool(struct cli *cli, const char *const *args, const char *output, int *code) {
    arg_list list = {0};
    for (; *args; args++)
        vec_push(cli->arena, &list, *args);
    vec_push(cli->arena, &list, NULL);
    struct process p;
    return start_cc(cli, &list, &p, code) && end_cc(cli, &p, output, NULL, code);
}

struct str program_link_words(struct cli *cli, const struct unit *u) {
    struct text out = {.arena = cli->arena};
    arg_list args = {0};
    struct str extra = {0};
    put_libraries(cli, &args, u, PROGRAM_PARALLEL);
    file_read(cli->arena, cli_home(cli, "lib/prism/link-flags"), &extra);
    put_words(cli->arena, &args, extra);
    for (int32_t i = 0; i < args.len; i++)
        text_printf(&out, "%s%s", i ? " " : "", args.at[i]);
    return text_str(&out);
}

// What the manifest links, files by their content. False after a diagnostic.
static bool put_linked(struct cli *cli, const struct unit *u, struct text *key) {
    str_list items = {0}, files = {0};
    manifest_link(cli->arena, u->manifest, &items, &files);
    for (int32_t i = 0; i < items.len; i++)
        text_printf(key, " %.*s", STR_ARGS(items.at[i]));
    for (int32_t i = 0; i < files.len; i++) {
        struct str content;
        const char *wrong = file_read(cli->arena, files.at[i].data, &content);
        if (wrong) {
            files_missing(cli, files.at[i].data, wrong);
            return false;
        }
        text_printf(key, " %016llx", (unsigned long long)XXH3_64bits(content.data, content.len));
    }
    return true;
}

static const char *build_program(struct cli *cli, const struct unit *u, const str_list *objects,
                                 enum program_kind kind, int *code) {
    struct arena *a = cli->arena;
    struct str runtime;
    const char *lib = program_runtime(cli, kind);
    const char *wrong = file_read(a, lib, &runtime);
    if (wrong) {
        diag_add(cli->sink, P0002, NO_SPAN, "%s", wrong);
        *code = EXIT_IO;
        return NULL;
    }
    struct text key = {.arena = a};
    for (int32_t i = 0; i < objects->len; i++)
        text_printf(&key, "%s ", objects->at[i].data);
    text_printf(&key, "%016llx", (unsigned long long)XXH3_64bits(runtime.data, runtime.len));
    if (!put_linked(cli, u, &key)) {
        *code = EXIT_ASKED;
        return NULL;
    }
    const char *program =
        cache_path(cli->arena, text_str(&key), kind == PROGRAM_SIMULATED ? ".sim" : "");
    if (cache_has(program))
        return program;
    if (!link_program(cli, u, objects, kind, program, code))
        return NULL;
    cache_trim(a);
    return program;
}

// ---- the whole -----------------------------------------------------------------------

// What the memo's program depends on: the sources, the compiler, the runtime.
static void dependencies(struct cli *cli, const struct unit *u, enum program_kind kind,
                         str_list *files) {
    str_list folder = {0};
    vec_push(cli->arena, &folder, str_from(cli_home(cli, "share/prism/std")));
    files_of_arguments(cli, &folder, files);
    for (int32_t i = 0; i < u->files.len; i++)
        vec_push(cli->arena, files, str_dup(cli->arena, u->files.at[i]));
    str_list items = {0};
    manifest_link(cli->arena, u->manifest, &items, files);
    vec_push(cli->arena, files, STR("/proc/self/exe"));
    vec_push(cli->arena, files, str_from(program_runtime(cli, kind)));
    vec_push(cli->arena, files, str_from(program_compiler(cli)));
}

static const char *memo_path(struct cli *cli, const char *source, enum program_kind kind) {
    char absolute[PATH_MAX];
    const struct manifest *m;
    if (strcmp(source, "-") == 0 || !realpath(source, absolute) || !manifest_of(cli, source, &m))
        return NULL;
    struct str key =
        str_format(cli->arena, "%s %d %s %s %s %s %d", absolute, (int)kind, optimisation(cli),
                   program_compiler(cli), cli->home, m ? m->path : "", with_lines(cli));
    return cache_path(cli->arena, key, ".memo");
}

static const char *build(struct cli *cli, struct unit *u, enum program_kind kind, int *code) {
    *code = EXIT_ASKED;
    if (!pipeline_run(cli, u, STAGE_C))
        return NULL;
    str_list objects = {0};
    return build_objects(cli, u->c, false, &objects, code)
               ? build_program(cli, u, &objects, kind, code)
               : NULL;
}

const char *program_build(struct cli *cli, const char *source, enum program_kind kind, int *code) {
    const char *memo = memo_path(cli, source, kind);
    const char *program = memo ? memo_read(cli->arena, memo) : NULL;
    if (program && cache_has(program))
        return program;
    struct unit u = {.path = source};
    program = build(cli, &u, kind, code);
    if (program && memo) {
        str_list files = {0};
        dependencies(cli, &u, kind, &files);
        memo_write(cli->arena, memo, program, &files);
    }
    cli_flush(cli); // what it says points into the unit
    pipeline_free(&u);
    return program;
}
