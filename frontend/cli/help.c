// SPDX-License-Identifier: MIT
// `prism`, `prism help`, `prism help COMMAND`, `prism help exit-codes`: all from the table.
#include "frontend/cli/cli.h"

static void help_overview(struct cli *cli, struct text *out) {
    (void)cli;
    text_printf(out,
                "prism %s: a concurrent language whose programs are run, simulated and proved\n\n",
                PRISM_VERSION);
    for (int i = 1; i < COMMAND_COUNT; i++) {
        const struct command_info *c = command_info((enum command_id)i);
        if (c->state == STATE_BUILT)
            text_printf(out, "  prism %-8s %-26s %s\n", c->name, c->arguments, c->summary);
    }
    text_put(
        out,
        STR("\n"
            "  prism run hello.prism                      runs a program\n"
            "  prism test --simulate bank.prism           searches its schedules for failures\n"
            "  prism verify bank.prism                    proves it, or shows a failing run\n"
            "\n"
            "more: prism help COMMAND, prism help exit-codes, prism explain CODE\n"));
}

static void flag_line(struct arena *a, enum flag_id id, struct text *out) {
    const struct flag_info *f = flag_info(id);
    struct text left = {.arena = a};
    text_printf(&left, "  --%s", flag_spelling(a, id).data);
    if (f->kind != FLAG_SWITCH)
        text_printf(&left, " %s", f->value);
    if (f->letter)
        text_printf(&left, ", -%c", f->letter);
    if (left.len > 30)
        text_printf(out, "%s\n%30s", left.data, "");
    else
        text_printf(out, "%-30s", left.data);
    text_printf(out, "  %s", f->help);
    if (f->kind == FLAG_LIST)
        text_put(out, STR("; may be repeated"));
    if (f->environment)
        text_printf(out, " (or %s)", f->environment);
    text_putc(out, '\n');
}

static void flag_lines(struct arena *a, enum command_id id, struct text *out) {
    for (int i = 0; i < FLAG_ID_COUNT; i++) {
        const struct flag_info *f = flag_info((enum flag_id)i);
        if (f->command == id && f->state == STATE_BUILT)
            flag_line(a, (enum flag_id)i, out);
    }
}

// The kinds of faults, as --fault takes them.
static void fault_lines(struct text *out) {
    static const char *const names[][2] = {
#define FAULT(id, name, settings, rate, times, says, noun, help) {name, help},
#include "sim/engine/fault/faults.def"
#undef FAULT
    };
    text_put(out,
             STR("\nkinds of faults; SETTING is a share of events (5%), a number of times (3x), a\n"
                 "length of time (1ms..40ms), several of these with commas between, or off\n"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        text_printf(out, "    %-16s %s\n", names[i][0], names[i][1]);
}

static void help_of_command(struct cli *cli, enum command_id id, struct text *out) {
    const struct command_info *c = command_info(id);
    text_printf(out, "prism %s %s\n  %s\n", c->name, c->arguments, c->summary);
    if (c->state == STATE_PLANNED)
        text_put(out, STR("  It is part of the plan and not built yet.\n"));
    size_t before = out->len;
    text_putc(out, '\n');
    flag_lines(cli->arena, id, out);
    if (out->len == before + 1)
        out->len = before;
    if (id == COMMAND_test)
        fault_lines(out);
    text_put(out, STR("\nand with every command\n"));
    flag_lines(cli->arena, COMMAND_common, out);
}

static void help_exit_codes(struct text *out) {
    text_put(out,
             STR("exit codes, the same for all commands\n"
                 "    0  did it; all held\n"
                 "    1  found something: a test failed, a property is refuted, a failure was\n"
                 "       reproduced; a program ended by a trap\n"
                 "    2  asked wrongly: usage, files, errors in the program, not a trace\n"
                 "    3  undecided: a budget was spent first (--accept-undecided makes it 0)\n"
                 "    4  nothing to do: no test matched\n"
                 "    5  a replay left its path: the trace no longer fits the program\n"
                 "   70  a defect of Prism\n"
                 "   74  could not read or write\n"
                 "  130  interrupted (143: told to end); what was found before is saved\n"
                 "Of several the first in this order counts: 130/143, 70, 74, 2, 5, 1, 3, 4, 0.\n"
                 "`prism run` ends with the program's own code.\n"));
}

int help_show(struct cli *cli) {
    struct text out = {.arena = cli->arena};
    if (cli->command == COMMAND_common)
        help_overview(cli, &out);
    else
        help_of_command(cli, cli->command, &out);
    return cli_print(cli, text_str(&out)) ? EXIT_HELD : EXIT_IO;
}

int help_command(struct cli *cli) {
    struct text out = {.arena = cli->arena};
    enum command_id id;
    struct str topic = cli->arguments.len ? cli->arguments.at[0] : (struct str){0};
    if (!cli->arguments.len) {
        help_overview(cli, &out);
    } else if (str_is(topic, "exit-codes")) {
        help_exit_codes(&out);
    } else if (command_find(topic, &id)) {
        help_of_command(cli, id, &out);
    } else {
        command_unknown(cli, topic);
        return EXIT_ASKED;
    }
    return cli_print(cli, text_str(&out)) ? EXIT_HELD : EXIT_IO;
}
