// SPDX-License-Identifier: MIT
// `prism explain CODE`: the page of a diagnostic, as it lies in share/prism/catalog/. Of a trace it
// tells the story.
#include "frontend/cli/replay.h"

#include <ctype.h>

static void suggest_code(struct cli *cli, struct diag *d, struct str typed) {
    const char *names[DIAG_CODE_COUNT];
    for (int i = 0; i < DIAG_CODE_COUNT; i++)
        names[i] = diag_code_name((enum diag_code)i);
    struct str upper = str_dup(cli->arena, typed);
    for (size_t i = 0; i < upper.len; i++)
        ((char *)upper.data)[i] = (char)toupper((unsigned char)typed.data[i]);
    const char *near = diag_nearest(upper, names, DIAG_CODE_COUNT);
    enum diag_code code;
    if (near && diag_code_parse(str_from(near), &code))
        diag_note(cli->sink, d, "%s exists: %s", near, diag_code_title(code));
}

static int explain_code(struct cli *cli, enum diag_code code) {
    const char *path = cli_home(
        cli, str_format(cli->arena, "share/prism/catalog/%s.md", diag_code_name(code)).data);
    struct str page;
    const char *wrong = file_read(cli->arena, path, &page);
    if (wrong) {
        diag_add(cli->sink, P0002, NO_SPAN, "%s", wrong);
        return EXIT_IO;
    }
    return cli_print(cli, page) ? EXIT_HELD : EXIT_IO;
}

int explain_command(struct cli *cli) {
    if (cli->arguments.len != 1) {
        diag_add(cli->sink, P0001, NO_SPAN, "`prism explain` takes one code or one trace");
        return EXIT_ASKED;
    }
    struct str topic = cli->arguments.at[0];
    enum diag_code code;
    if (diag_code_parse(topic, &code))
        return explain_code(cli, code);
    if (replay_is_trace(topic.data))
        return replay_run(cli, topic.data, NULL, false, REPLAY_STORY);
    struct diag *d = diag_add(cli->sink, P0012, NO_SPAN, "there is no %.*s", STR_ARGS(topic));
    suggest_code(cli, d, topic);
    return EXIT_ASKED;
}
