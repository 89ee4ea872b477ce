// SPDX-License-Identifier: MIT
// `prism build`: a program beside its source, or one of the forms on the way there.
#include "frontend/cli/files.h"
#include "frontend/cli/library.h"
#include "frontend/cli/process.h"
#include "frontend/cli/program.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- forms on the way ----------------------------------------------------------------

static enum stage stage_of(struct str form) {
    return str_is(form, "ast")     ? STAGE_SYNTAX
           : str_is(form, "types") ? STAGE_SEMA
           : str_is(form, "mir")   ? STAGE_MIR
                                   : STAGE_C;
}

static int dump(struct cli *cli, const char *source, struct str form) {
    struct unit u = {.path = source};
    struct text out = {.arena = &u.arena};
    enum stage until = stage_of(form);
    bool good = pipeline_run(cli, &u, until);
    if (good || (until == STAGE_SYNTAX && u.own.len))
        pipeline_dump(&u, until, &out);
    int code = good ? EXIT_HELD : EXIT_ASKED;
    if (out.len && !cli_print(cli, text_str(&out)))
        code = EXIT_IO;
    cli_flush(cli);
    pipeline_free(&u);
    return code;
}

// ---- the program ---------------------------------------------------------------------

// "bank" for "src/bank.prism", in the current folder.
static const char *output_path(struct cli *cli, const char *source) {
    const char *slash = strrchr(source, '/');
    struct str name = str_from(slash ? slash + 1 : source);
    if (cli->flags[FLAG_build_output].set)
        return cli->flags[FLAG_build_output].text.data;
    if (str_is(name, "-"))
        return "a.out";
    if (str_ends(name, STR(".prism")))
        name.len -= 6;
    return str_dup(cli->arena, name).data;
}

static int copy_program(struct cli *cli, const char *program, const char *to) {
    struct str bytes;
    const char *const files[] = {file_being_written(cli->arena, to), NULL};
    const char *wrong = file_read(cli->arena, program, &bytes);
    process_under_way(files);
    if (!wrong)
        wrong = file_write(cli->arena, to, bytes);
    process_under_way(NULL);
    if (!wrong && chmod(to, 0777 & ~umask(0)) != 0)
        wrong = str_format(cli->arena, "cannot make %s a program: %s", to, strerror(errno)).data;
    if (!wrong)
        return EXIT_HELD;
    diag_add(cli->sink, P0003, NO_SPAN, "%s", wrong);
    return EXIT_IO;
}

int build_command(struct cli *cli) {
    int code = EXIT_ASKED;
    const char *source = files_program(cli);
    if (!source)
        return code;
    if (cli->flags[FLAG_build_dump].set)
        return dump(cli, source, cli->flags[FLAG_build_dump].text);
    if (flag_on(cli, FLAG_build_lib))
        return library_build(cli, source);
    const char *program = program_build(cli, source, PROGRAM_PARALLEL, &code);
    return program ? copy_program(cli, program, output_path(cli, source)) : code;
}
