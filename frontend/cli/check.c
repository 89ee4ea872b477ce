// SPDX-License-Identifier: MIT
// `prism check`: what is wrong in programs, without running them.
#include "frontend/cli/files.h"
#include "frontend/cli/pipeline.h"

#include <unistd.h>

struct totals {
    int32_t files, errors, warnings;
};

static void print_totals(struct cli *cli, const struct totals *t) {
    struct text out = {.arena = cli->arena};
    enum result_format format = cli_format(cli);
    if (format == OUT_JSON)
        text_printf(&out,
                    "{\"schema\":1,\"event\":\"summary\",\"files\":%d,\"errors\":%d,"
                    "\"warnings\":%d}\n",
                    t->files, t->errors, t->warnings);
    else if (format == OUT_HUMAN && !flag_on(cli, FLAG_common_quiet))
        text_printf(&out, "%d file%s, %d error%s, %d warning%s\n", t->files,
                    t->files == 1 ? "" : "s", t->errors, t->errors == 1 ? "" : "s", t->warnings,
                    t->warnings == 1 ? "" : "s");
    if (out.len)
        cli_print(cli, text_str(&out));
}

// A SARIF document is one for all files, so their trees must live until the end.
static int check_files(struct cli *cli, const str_list *files, bool flush_each,
                       struct totals *totals) {
    enum stage until = flag_on(cli, FLAG_check_syntax_only) ? STAGE_SYNTAX : STAGE_SEMA;
    struct unit *units = arena_array(cli->arena, struct unit, files->len);
    for (int32_t i = 0; i < files->len; i++) {
        units[i].path = files->at[i].data;
        int32_t errors = cli->sink->errors, warnings = cli->sink->warnings;
        pipeline_run(cli, &units[i], until);
        totals->files++;
        totals->errors += cli->sink->errors - errors;
        totals->warnings += cli->sink->warnings - warnings;
        if (flush_each) {
            cli_flush(cli);
            pipeline_free(&units[i]);
        }
    }
    if (!flush_each)
        cli_flush(cli);
    for (int32_t i = 0; i < files->len; i++)
        pipeline_free(&units[i]);
    return totals->errors ? EXIT_ASKED : EXIT_HELD;
}

int check_command(struct cli *cli) {
    str_list files = {0};
    struct totals totals = {0};
    int code = files_programs(cli, &files);
    if (code != EXIT_HELD)
        return code;
    code = check_files(cli, &files, cli_format(cli) != OUT_SARIF, &totals);
    print_totals(cli, &totals);
    return code;
}
