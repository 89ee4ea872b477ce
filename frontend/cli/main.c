// SPDX-License-Identifier: MIT
// prism: reads the command line, calls the subcommand, says what it left in the sink.
#include "frontend/cli/cli.h"
#include "frontend/cli/manifest.h"
#include "frontend/cli/process.h"

#include <locale.h>
#include <signal.h>

static int call(struct cli *cli) {
    static int (*const commands[COMMAND_COUNT])(struct cli *) = {
        [COMMAND_build] = build_command, [COMMAND_run] = run_command,
        [COMMAND_test] = test_command,   [COMMAND_replay] = replay_command,
        [COMMAND_trace] = trace_command, [COMMAND_verify] = verify_command,
        [COMMAND_check] = check_command, [COMMAND_explain] = explain_command,
        [COMMAND_help] = help_command,   [COMMAND_config] = config_command,
        [COMMAND_new] = new_command,     [COMMAND_analyze] = analyze_command,
    };
    int (*command)(struct cli *) = commands[cli->command];
    if (command)
        return command(cli);
    diag_add(cli->sink, P8001, NO_SPAN, "`prism %s` is not built yet",
             command_info(cli->command)->name);
    return EXIT_ASKED;
}

// Commands that are about a program, whose package may set their flags.
static bool has_program(enum command_id command) {
    return command != COMMAND_new && command != COMMAND_config && command != COMMAND_trace &&
           command != COMMAND_explain && command != COMMAND_help;
}

static int run(struct cli *cli, int argc, char **argv) {
    if (!cli_parse(cli, argc, argv))
        return EXIT_ASKED;
    if (flag_on(cli, FLAG_common_version))
        return cli_print(cli, STR("prism " PRISM_VERSION "\n")) ? EXIT_HELD : EXIT_IO;
    if (flag_on(cli, FLAG_common_help) || cli->command == COMMAND_common)
        return help_show(cli);
    if (has_program(cli->command) && !manifest_apply(cli))
        return EXIT_ASKED;
    return call(cli);
}

int main(int argc, char **argv) {
    struct arena arena = {0};
    struct diag_sink sink = {.arena = &arena};
    struct cli cli = {.arena = &arena, .sink = &sink};
    setlocale(LC_CTYPE, "");  // only to learn whether the terminal takes UTF-8
    signal(SIGPIPE, SIG_IGN); // a reader that went away is an error of write(), not a death
    signal(SIGXFSZ,
           SIG_IGN); // so is a limit on the size of files, for all that are started as well
    process_guard();
    cli.home = home_find(&arena);
    if (!cli.home)
        cli.home = "/usr/local";
    int code = run(&cli, argc, argv);
    cli_flush(&cli);
    arena_free(&arena);
    return code;
}
