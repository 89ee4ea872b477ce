// SPDX-License-Identifier: MIT
// `prism replay` and `prism trace`: looking into recorded failures.
#include "frontend/cli/replay.h"
#include "sim/report/story.h"

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

// ---- prism trace ---------------------------------------------------------------------

// Writes to --output, else to standard output.
static int put_text(struct cli *cli, struct text *out) {
    const struct flag_value *path = &cli->flags[FLAG_trace_output];
    if (!path->set || str_is(path->text, "-"))
        return cli_print(cli, text_str(out)) ? EXIT_HELD : EXIT_IO;
    const char *wrong = file_write(cli->arena, path->text.data, text_str(out));
    if (!wrong)
        return EXIT_HELD;
    diag_add(cli->sink, P0003, NO_SPAN, "%s", wrong);
    return EXIT_IO;
}

// The run of a trace; an exit code, EXIT_HELD also where it failed, as it should.
static int load(struct cli *cli, const char *trace, const char *program, struct replayed *out) {
    int code = replay_load(cli, trace, program, NULL, out);
    bool told = out->story && (code == EXIT_FOUND || code == EXIT_HELD);
    return told ? EXIT_HELD : code == EXIT_HELD ? EXIT_DEFECT : code;
}

static int export_trace(struct cli *cli) {
    static const struct {
        const char *name;
        void (*put)(const struct story *, struct text *);
    } formats[] = {{"chrome", story_put_chrome},
                   {"shiviz", story_put_shiviz},
                   {"mermaid", story_put_mermaid},
                   {"json", story_put_json}};
    struct str to = flag_text(cli, FLAG_trace_to, "chrome");
    struct replayed r = {0};
    struct text out = {.arena = cli->arena};
    int code = load(cli, argument(cli, 1), argument(cli, 2), &r);
    for (size_t i = 0; code == EXIT_HELD && i < sizeof formats / sizeof *formats; i++)
        if (str_is(to, formats[i].name))
            formats[i].put(r.story, &out);
    return code == EXIT_HELD ? put_text(cli, &out) : code;
}

// Like diff: 0 if the runs are the same, 1 if not.
static int compare_traces(struct cli *cli) {
    struct replayed a = {0}, b = {0};
    struct text out = {.arena = cli->arena};
    if (cli->arguments.len < 3)
        return usage(cli, "diff compares two traces");
    int code = load(cli, argument(cli, 1), NULL, &a);
    if (code == EXIT_HELD)
        code = load(cli, argument(cli, 2), NULL, &b);
    if (code != EXIT_HELD)
        return code;
    text_printf(&out, "- %s: %d steps\n+ %s: %d steps\n", argument(cli, 1), a.story->events,
                argument(cli, 2), b.story->events);
    bool differ = story_put_difference(a.story, b.story, &out);
    code = cli_print(cli, text_str(&out)) ? EXIT_HELD : EXIT_IO;
    return exit_worse(code, differ ? EXIT_FOUND : EXIT_HELD);
}

// "a.trace" becomes "a-shrunk.trace".
static const char *shrunk_name(struct cli *cli, const char *trace) {
    struct str name = str_from(trace);
    if (str_ends(name, STR(".trace")))
        name.len -= strlen(".trace");
    return str_format(cli->arena, "%.*s-shrunk.trace", STR_ARGS(name)).data;
}

static int shrink_trace(struct cli *cli) {
    const struct flag_value *output = &cli->flags[FLAG_trace_output];
    const char *trace = argument(cli, 1);
    const char *to = output->set ? output->text.data : shrunk_name(cli, trace);
    struct replayed r = {0};
    struct text out = {.arena = cli->arena};
    int code = replay_load(cli, trace, argument(cli, 2), to, &r);
    const struct shrunk_record *s = r.shrunk;
    if (!s && (code == EXIT_HELD || code == EXIT_FOUND)) {
        text_put(&out, STR("the failure is gone: there is nothing to make smaller\n"));
        return cli_print(cli, text_str(&out)) ? EXIT_HELD : EXIT_IO;
    }
    if (!s)
        return code;
    if (!s->trace.len) {
        diag_add(cli->sink, P0003, NO_SPAN, "%s was not written: %.*s", to, STR_ARGS(s->untraced));
        return EXIT_IO;
    }
    text_printf(&out, "%d steps with %d deviations became %d with %d, after %d runs\n",
                s->found_events, s->found_deviations, s->events, s->deviations, s->tries);
    text_printf(&out, "saved     %.*s\nagain     prism replay %.*s\n", STR_ARGS(s->trace),
                STR_ARGS(s->trace));
    return cli_print(cli, text_str(&out)) ? EXIT_HELD : EXIT_IO;
}

int trace_command(struct cli *cli) {
    static const char *const actions[] = {"show", "shrink", "diff", "export"};
    if (cli->arguments.len < 2)
        return usage(cli, cli->arguments.len ? "lacks the trace" : "lacks an action");
    struct str action = cli->arguments.at[0];
    if (str_is(action, "show"))
        return replay_run(cli, argument(cli, 1), argument(cli, 2), false, REPLAY_STORY);
    if (str_is(action, "shrink"))
        return shrink_trace(cli);
    if (str_is(action, "diff"))
        return compare_traces(cli);
    if (str_is(action, "export"))
        return export_trace(cli);
    struct diag *d =
        diag_add(cli->sink, P0001, NO_SPAN, "`prism trace` has no action `%.*s`", STR_ARGS(action));
    const char *near = diag_nearest(action, actions, 4);
    if (near)
        diag_note(cli->sink, d, "did you mean `%s`?", near);
    return EXIT_ASKED;
}
