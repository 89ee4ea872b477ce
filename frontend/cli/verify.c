// SPDX-License-Identifier: MIT
// `prism verify` is a program of its own, so that nothing else loads the solver: this becomes it,
// with the command line that `prism` was given. It reads the same table of flags.
#include "frontend/cli/cli.h"
#include "frontend/cli/process.h"

#include <unistd.h>

struct argv {
    VEC(const char *) v;
};

// The manifest's flags, as the command line would have them.
static void put_flag(struct cli *cli, enum flag_id id, struct argv *argv) {
    const struct flag_value *v = &cli->flags[id];
    const char *name = flag_spelling(cli->arena, id).data;
    if (flag_info(id)->kind == FLAG_SWITCH) {
        if (v->on)
            vec_push(cli->arena, &argv->v, str_format(cli->arena, "--%s", name).data);
    } else if (flag_info(id)->kind == FLAG_LIST) {
        for (int32_t i = 0; i < v->all.len; i++)
            vec_push(cli->arena, &argv->v,
                     str_format(cli->arena, "--%s=%.*s", name, STR_ARGS(v->all.at[i])).data);
    } else {
        vec_push(cli->arena, &argv->v,
                 str_format(cli->arena, "--%s=%.*s", name, STR_ARGS(v->text)).data);
    }
}

int verify_command(struct cli *cli) {
    const char *program = cli_home(cli, "libexec/prism/verify");
    if (access(program, X_OK) != 0) {
        struct diag *d = diag_add(cli->sink, P0004, NO_SPAN, "cannot start %s", program);
        diag_note(cli->sink, d, "the checker is not installed beside this `prism`");
        return EXIT_IO;
    }
    struct argv argv = {0};
    vec_push(cli->arena, &argv.v, program);
    for (int i = 0; i < FLAG_ID_COUNT; i++)
        if (cli->flags[i].in_manifest)
            put_flag(cli, (enum flag_id)i, &argv);
    for (int i = 1; i < cli->argc; i++)
        if (i != cli->command_at)
            vec_push(cli->arena, &argv.v, cli->argv[i]);
    vec_push(cli->arena, &argv.v, NULL);
    diag_add(cli->sink, P0004, NO_SPAN, "%s", process_become(cli->arena, argv.v.at));
    return EXIT_IO;
}
