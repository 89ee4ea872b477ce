// SPDX-License-Identifier: MIT
// Building programs through the cache.
#include "frontend/cli/program.h"

#include "frontend/cli/memo.h"
#include "frontend/cli/process.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

// What the same source compiles to must not depend on the machine or on the compiler's liberties.
static const char *const cc_flags[] = {"-std=gnu17",           "-g",      "-ffp-contract=off",
                                       "-fno-strict-aliasing", "-fwrapv", "-fno-math-errno"};

// ---- names in the cache --------------------------------------------------------------

const char *program_cache_dir(struct cli *cli) {
    const char *own = getenv("PRISM_CACHE_DIR"), *xdg = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    if (own && *own)
        return own;
    if (xdg && *xdg == '/')
        return str_format(cli->arena, "%s/prism", xdg).data;
    if (home && *home == '/')
        return str_format(cli->arena, "%s/.cache/prism", home).data;
    return ".prism/cache";
}

static const char *cache_path(struct cli *cli, struct str key, const char *ending) {
    XXH128_hash_t h = XXH3_128bits(key.data, key.len);
    return str_format(cli->arena, "%s/%016llx%016llx%s", program_cache_dir(cli),
                      (unsigned long long)h.high64, (unsigned long long)h.low64, ending)
        .data;
}

static const char *optimisation(const struct cli *cli) {
    bool release = cli->command == COMMAND_build ? flag_on(cli, FLAG_build_release)
                                                 : flag_on(cli, FLAG_run_release);
    return release ? "-O2" : "-O1";
}

static const char *compiler(void) {
    const char *cc = getenv("CC");
    return cc && *cc ? cc : "cc";
}

static const char *runtime_lib(struct cli *cli, enum program_kind kind) {
    return cli_home(cli, kind == PROGRAM_SIMULATED ? "lib/prism/libprism-sim.a"
                                                   : "lib/prism/libprism-parallel.a");
}

// ---- running the C compiler ----------------------------------------------------------

typedef VEC(const char *) arg_list;

static bool run_cc(struct cli *cli, const arg_list *args, int *code) {
    struct process p;
    const char *wrong = process_start(cli->arena, args->at, false, &p);
    if (wrong) {
        struct diag *d = diag_add(cli->sink, P0004, NO_SPAN, "%s", wrong);
        diag_note(cli->sink, d,
                  "Prism compiles through C: install gcc or clang, or name a compiler "
                  "in the variable CC");
        *code = EXIT_ASKED;
        return false;
    }
    struct process_end end = process_wait(&p);
    if (!end.code && !end.signal)
        return true;
    if (process_signal()) {
        *code = 128 + process_signal();
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

// A name of our own beside `path`, for what is under way.
static const char *temporary(struct cli *cli, const char *path, const char *ending) {
    return str_format(cli->arena, "%s.%ld%s", path, (long)getpid(), ending).data;
}

static bool finish(struct cli *cli, const char *from, const char *to, int *code) {
    if (rename(from, to) == 0)
        return true;
    diag_add(cli->sink, P0003, NO_SPAN, "cannot write %s: %s", to, strerror(errno));
    *code = EXIT_IO;
    return false;
}

static bool compile(struct cli *cli, const char *c_file, const char *object, int *code) {
    struct arena *a = cli->arena;
    const char *under_way = temporary(cli, object, ".o");
    arg_list args = {0};
    vec_push(a, &args, compiler());
    for (size_t i = 0; i < sizeof cc_flags / sizeof *cc_flags; i++)
        vec_push(a, &args, cc_flags[i]);
    vec_push(a, &args, optimisation(cli));
    vec_push(a, &args, "-I");
    vec_push(a, &args, cli_home(cli, "include"));
    vec_push(a, &args, "-c");
    vec_push(a, &args, c_file);
    vec_push(a, &args, "-o");
    vec_push(a, &args, under_way);
    vec_push(a, &args, NULL);
    return run_cc(cli, &args, code) && finish(cli, under_way, object, code);
}

static bool link_program(struct cli *cli, const char *object, enum program_kind kind,
                         const char *program, int *code) {
    struct arena *a = cli->arena;
    const char *under_way = temporary(cli, program, ".tmp");
    struct str extra = {0};
    arg_list args = {0};
    file_read(a, cli_home(cli, "lib/prism/link-flags"), &extra);
    vec_push(a, &args, compiler());
    vec_push(a, &args, object);
    vec_push(a, &args, runtime_lib(cli, kind));
    put_words(a, &args, extra);
    vec_push(a, &args, "-o");
    vec_push(a, &args, under_way);
    vec_push(a, &args, NULL);
    return run_cc(cli, &args, code) && finish(cli, under_way, program, code);
}

// ---- object and program --------------------------------------------------------------

static bool is_there(const char *path) {
    return access(path, R_OK) == 0;
}

static const char *build_object(struct cli *cli, struct str c, int *code) {
    struct arena *a = cli->arena;
    struct str abi = {0};
    struct text key = {.arena = a};
    file_read(a, cli_home(cli, "include/prism/abi.h"), &abi);
    text_printf(&key, "%s %s\n", compiler(), optimisation(cli));
    text_put(&key, abi);
    text_put(&key, c);
    const char *object = cache_path(cli, text_str(&key), ".o");
    if (is_there(object))
        return object;
    const char *c_file = temporary(cli, object, ".c");
    const char *wrong = dir_make(a, program_cache_dir(cli));
    if (!wrong)
        wrong = file_write(a, c_file, c);
    if (wrong) {
        diag_add(cli->sink, P0003, NO_SPAN, "%s", wrong);
        *code = EXIT_IO;
        return NULL;
    }
    bool good = compile(cli, c_file, object, code);
    if (good || *code != EXIT_DEFECT) // what cc refused is kept, to be looked at
        unlink(c_file);
    return good ? object : NULL;
}

static const char *build_program(struct cli *cli, const char *object, enum program_kind kind,
                                 int *code) {
    struct arena *a = cli->arena;
    struct str runtime;
    const char *lib = runtime_lib(cli, kind);
    const char *wrong = file_read(a, lib, &runtime);
    if (wrong) {
        diag_add(cli->sink, P0002, NO_SPAN, "%s", wrong);
        *code = EXIT_IO;
        return NULL;
    }
    struct str key = str_format(a, "%s %016llx", object,
                                (unsigned long long)XXH3_64bits(runtime.data, runtime.len));
    const char *program = cache_path(cli, key, kind == PROGRAM_SIMULATED ? ".sim" : "");
    if (is_there(program) || link_program(cli, object, kind, program, code))
        return program;
    return NULL;
}

// ---- the whole -----------------------------------------------------------------------

// What the memo's program depends on: the sources, the compiler, the runtime.
static void dependencies(struct cli *cli, const struct unit *u, enum program_kind kind,
                         str_list *files) {
    for (int32_t i = 0; i < u->files.len; i++)
        vec_push(cli->arena, files, str_dup(cli->arena, u->files.at[i]));
    vec_push(cli->arena, files, STR("/proc/self/exe"));
    vec_push(cli->arena, files, str_from(runtime_lib(cli, kind)));
}

static const char *memo_path(struct cli *cli, const char *source, enum program_kind kind) {
    char absolute[PATH_MAX];
    if (strcmp(source, "-") == 0 || !realpath(source, absolute))
        return NULL;
    struct str key = str_format(cli->arena, "%s %d %s %s %s", absolute, (int)kind,
                                optimisation(cli), compiler(), cli->home);
    return cache_path(cli, key, ".memo");
}

static const char *build(struct cli *cli, struct unit *u, enum program_kind kind, int *code) {
    *code = EXIT_ASKED;
    if (!pipeline_run(cli, u, STAGE_C))
        return NULL;
    const char *object = build_object(cli, u->c, code);
    return object ? build_program(cli, object, kind, code) : NULL;
}

const char *program_build(struct cli *cli, const char *source, enum program_kind kind, int *code) {
    const char *memo = memo_path(cli, source, kind);
    const char *program = memo ? memo_read(cli->arena, memo) : NULL;
    if (program)
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
