// SPDX-License-Identifier: MIT
// `prism verify` is a program of its own, so that nothing else loads the solver: this becomes it,
// with the command line that `prism` was given. It reads the same table of flags.
#include "frontend/cli/cli.h"
#include "frontend/cli/process.h"

#include <unistd.h>

int verify_command(struct cli *cli) {
    const char *program = cli_home(cli, "libexec/prism/verify");
    if (access(program, X_OK) != 0) {
        struct diag *d = diag_add(cli->sink, P0004, NO_SPAN, "cannot start %s", program);
        diag_note(cli->sink, d, "the checker is not installed beside this `prism`");
        return EXIT_IO;
    }
    VEC(const char *) argv = {0};
    vec_push(cli->arena, &argv, program);
    for (int i = 1; i < cli->argc; i++)
        if (i != cli->command_at)
            vec_push(cli->arena, &argv, cli->argv[i]);
    vec_push(cli->arena, &argv, NULL);
    diag_add(cli->sink, P0004, NO_SPAN, "%s", process_become(cli->arena, argv.at));
    return EXIT_IO;
}
