// SPDX-License-Identifier: MIT
// `prism replay` and `prism trace`: looking into recorded failures.
#include "frontend/cli/replay.h"

static const char *argument(const struct cli *cli, int32_t i) {
    return i < cli->arguments.len ? cli->arguments.at[i].data : NULL;
}

static int usage(struct cli *cli, const char *what) {
    const struct command_info *c = command_info(cli->command);
    struct diag *d = diag_add(cli->sink, P0001, NO_SPAN, "`prism %s` %s", c->name, what);
    diag_note(cli->sink, d, "usage: prism %s %s", c->name, c->arguments);
    return EXIT_ASKED;
}

int replay_command(struct cli *cli) {
    if (cli->arguments.len < 1)
        return usage(cli, "lacks the trace");
    if (cli->arguments.len > 2)
        return usage(cli, "takes one trace, and the program if it has been moved");
    return replay_run(cli, argument(cli, 0), argument(cli, 1), flag_on(cli, FLAG_replay_salvage),
                      REPLAY_VERDICT);
}

int trace_command(struct cli *cli) {
    static const char *const actions[] = {"show", "shrink", "diff", "export"};
    if (cli->arguments.len < 2)
        return usage(cli, cli->arguments.len ? "lacks the trace" : "lacks an action");
    struct str action = cli->arguments.at[0];
    if (str_is(action, "show"))
        return replay_run(cli, argument(cli, 1), argument(cli, 2), false, REPLAY_STORY);
    for (int i = 1; i < 4; i++) {
        if (str_is(action, actions[i])) {
            diag_add(cli->sink, P8001, NO_SPAN, "`prism trace %s` is not built yet", actions[i]);
            return EXIT_ASKED;
        }
    }
    struct diag *d =
        diag_add(cli->sink, P0001, NO_SPAN, "`prism trace` has no action `%.*s`", STR_ARGS(action));
    const char *near = diag_nearest(action, actions, 4);
    if (near)
        diag_note(cli->sink, d, "did you mean `%s`?", near);
    return EXIT_ASKED;
}
