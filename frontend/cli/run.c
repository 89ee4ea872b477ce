// SPDX-License-Identifier: MIT
// `prism run`: builds the program, if need be, and becomes it, so that its exit code, its signals
// and its terminal are its own.
#include "frontend/cli/files.h"
#include "frontend/cli/process.h"
#include "frontend/cli/program.h"

#include <stdlib.h>

// What is granted or denied, a line each: see runtime/service/authority.c.
static void tell_program(struct cli *cli, const str_list *all, const char *variable) {
    struct text lines = {.arena = cli->arena};
    for (int32_t i = 0; i < all->len; i++)
        text_printf(&lines, "%s%.*s", lines.len ? "\n" : "", STR_ARGS(all->at[i]));
    if (all->len)
        setenv(variable, text_str(&lines).data, 1);
}

int run_command(struct cli *cli) {
    const char *source = files_program(cli);
    int code = EXIT_ASKED;
    if (!source)
        return code;
    const char *program = program_build(cli, source, PROGRAM_PARALLEL, &code);
    if (!program)
        return code;
    VEC(const char *) argv = {0};
    vec_push(cli->arena, &argv, program);
    for (int32_t i = 0; i < cli->rest.len; i++)
        vec_push(cli->arena, &argv, cli->rest.at[i].data);
    vec_push(cli->arena, &argv, NULL);
    tell_program(cli, &cli->flags[FLAG_run_allow].all, "PRISM_ALLOW");
    tell_program(cli, &cli->flags[FLAG_run_deny].all, "PRISM_DENY");
    diag_add(cli->sink, P0004, NO_SPAN, "%s", process_become(cli->arena, argv.at));
    return EXIT_IO;
}
