// SPDX-License-Identifier: MIT
// The archive holds one object: the program and the parts of the runtime that it needs, put
// together, with no other names to the outside than those in the header. So several libraries, and
// a main of the user's, go into one program.
#include "frontend/cli/library.h"

#include "frontend/cli/process.h"
#include "frontend/emit/cache.h"
#include "frontend/emit/emit.h"

#include <unistd.h>

struct library {
    const char *name; // a word of C
    const char *archive, *header;
};

// "bank" of "lib/libbank.a" and of "src/bank.prism".
static const char *name_of(struct cli *cli, const char *path) {
    const char *slash = strrchr(path, '/');
    struct str base = str_from(slash ? slash + 1 : path);
    if (str_starts(base, STR("lib")) && str_ends(base, STR(".a")))
        base = (struct str){base.data + 3, base.len - 3};
    for (size_t i = base.len; i > 0; i--)
        if (base.data[i - 1] == '.') {
            base.len = i - 1;
            break;
        }
    struct text name = {.arena = cli->arena};
    if (!base.len || (base.data[0] >= '0' && base.data[0] <= '9'))
        text_putc(&name, '_');
    for (size_t i = 0; i < base.len; i++) {
        char c = base.data[i];
        bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        text_putc(&name, is_word ? c : '_');
    }
    return name.data;
}

static struct library library_of(struct cli *cli, const char *source) {
    const struct flag_value *output = &cli->flags[FLAG_build_output];
    const char *given = output->set ? output->text.data : NULL;
    struct library l = {.name = name_of(cli, given ? given : source)};
    const char *slash = given ? strrchr(given, '/') : NULL;
    struct str folder = {given, slash ? (size_t)(slash + 1 - given) : 0};
    l.archive = given ? given : str_format(cli->arena, "lib%s.a", l.name).data;
    l.header = str_format(cli->arena, "%.*s%s.h", STR_ARGS(folder), l.name).data;
    return l;
}

// Program and runtime as one object.
static bool put_together(struct cli *cli, const char *object, const char *whole, int *code) {
    const char *const args[] = {program_compiler(cli),
                                "-r",
                                "-nostdlib",
                                object,
                                program_runtime(cli, PROGRAM_PARALLEL),
                                "-o",
                                whole,
                                NULL};
    return program_tool(cli, args, whole, code);
}

static bool hide_names(struct cli *cli, const struct unit *u, const struct emit_options *options,
                       const char *whole, int *code) {
    static const char *const own[] = {"start", "stop", "message"};
    VEC(const char *) args = {0};
    vec_push(cli->arena, &args, "objcopy");
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        vec_push(
            cli->arena, &args,
            str_format(cli->arena, "--keep-global-symbol=prism_%s_%s", options->library, own[i])
                .data);
    for (int32_t i = 0; i < u->mir->exports.len; i++)
        vec_push(cli->arena, &args,
                 str_format(cli->arena, "--keep-global-symbol=%s",
                            emit_export_name(cli->arena, u->mir, options, i))
                     .data);
    vec_push(cli->arena, &args, whole);
    vec_push(cli->arena, &args, NULL);
    return program_tool(cli, args.at, whole, code);
}

static int write_header(struct cli *cli, const struct unit *u, const struct emit_options *options,
                        const char *path) {
    struct text header = {.arena = cli->arena};
    emit_header(u->mir, options, program_link_words(cli, u), &header);
    const char *wrong = file_write(cli->arena, path, text_str(&header));
    if (!wrong)
        return EXIT_HELD;
    diag_add(cli->sink, P0003, NO_SPAN, "%s", wrong);
    return EXIT_IO;
}

static int write_library(struct cli *cli, const struct unit *u, const struct library *l) {
    int code = EXIT_ASKED;
    struct emit_options options = {.name = u->path, .library = l->name};
    const char *object = program_object(cli, u, &code);
    if (!object)
        return code;
    const char *whole = cache_under_way(cli->arena, object, ".lib.o");
    const char *archive = str_format(cli->arena, "%s.tmp", l->archive).data;
    const char *const pack[] = {"ar", "rcsD", archive, whole, NULL};
    unlink(archive); // or what an interrupted one left would be added to
    const char *const files[] = {whole, archive, NULL};
    process_under_way(files);
    bool good = put_together(cli, object, whole, &code) &&
                hide_names(cli, u, &options, whole, &code) &&
                program_tool(cli, pack, archive, &code);
    unlink(whole);
    bool kept = good && rename(archive, l->archive) == 0;
    process_under_way(NULL);
    if (!good)
        return code;
    if (!kept) {
        diag_add(cli->sink, P0003, NO_SPAN, "cannot write %s", l->archive);
        unlink(archive);
        return EXIT_IO;
    }
    return write_header(cli, u, &options, l->header);
}

int library_build(struct cli *cli, const char *source) {
    struct library l = library_of(cli, source);
    struct unit u = {.path = source, .c_library = l.name};
    int code = EXIT_ASKED;
    if (pipeline_run(cli, &u, STAGE_C)) {
        if (u.mir->exports.len) {
            code = write_library(cli, &u, &l);
        } else {
            struct diag *d =
                diag_add(cli->sink, P0017, NO_SPAN, "`%s` has no function for C", source);
            diag_note(cli->sink, d,
                      "what C is to call begins with `extern \"C\" function` and has a body");
        }
    }
    cli_flush(cli); // what it says points into the unit
    pipeline_free(&u);
    return code;
}
