// SPDX-License-Identifier: MIT
// How the command speaks: formats, colour, streams, and which exit code counts.
#include "frontend/cli/cli.h"

#include <assert.h>
#include <errno.h>
#include <langinfo.h>
#include <unistd.h>

int exit_worse(int a, int b) {
    static const int order[] = {EXIT_INTERRUPT, EXIT_TERMINATE, EXIT_DEFECT, EXIT_IO,
                                EXIT_ASKED,     EXIT_DIVERGED,  EXIT_FOUND,  EXIT_UNDECIDED,
                                EXIT_NOTHING,   EXIT_HELD};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (order[i] == a || order[i] == b)
            return order[i];
    return a > b ? a : b; // a program's own code
}

static const char *const format_names[] = {"human", "short",  "json", "junit",
                                           "sarif", "github", "tap"};

bool result_format_parse(struct str name, enum result_format *out) {
    for (int i = 0; i <= OUT_TAP; i++)
        if (str_is(name, format_names[i]))
            return *out = (enum result_format)i, true;
    return false;
}

enum result_format cli_format(const struct cli *cli) {
    enum result_format format = OUT_HUMAN;
    if (flag_on(cli, FLAG_common_json))
        return OUT_JSON;
    result_format_parse(flag_text(cli, FLAG_common_format, "human"), &format);
    return format;
}

static bool terminal_is_utf8(void) {
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

struct diag_style cli_style(const struct cli *cli, int fd) {
    struct str color = flag_text(cli, FLAG_common_color, "auto");
    enum color_mode mode = str_is(color, "always")  ? COLOR_ALWAYS
                           : str_is(color, "never") ? COLOR_NEVER
                                                    : COLOR_AUTO;
    return (struct diag_style){
        .format = DIAG_HUMAN,
        .color = term_color(mode, fd),
        .ascii = flag_on(cli, FLAG_common_ascii) || !terminal_is_utf8(),
        .width = term_width(fd),
    };
}

static bool write_all(int fd, struct str s) {
    while (s.len) {
        ssize_t n = write(fd, s.data, s.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        s.data += n;
        s.len -= (size_t)n;
    }
    return true;
}

bool cli_print(struct cli *cli, struct str s) {
    if (write_all(STDOUT_FILENO, s))
        return true;
    diag_add(cli->sink, P0003, NO_SPAN, "cannot write standard output: %s", strerror(errno));
    return false;
}

// Which format diagnostics take when results are written in `format`, and where they then go:
// machines read one stream, standard output.
static int diag_stream(enum result_format format, enum diag_format *out) {
    switch (format) {
    case OUT_JSON:
        return *out = DIAG_JSON, STDOUT_FILENO;
    case OUT_SARIF:
        return *out = DIAG_SARIF, STDOUT_FILENO;
    case OUT_GITHUB:
        return *out = DIAG_GITHUB, STDOUT_FILENO;
    case OUT_SHORT:
        return *out = DIAG_SHORT, STDERR_FILENO;
    case OUT_HUMAN:
    case OUT_JUNIT:
    case OUT_TAP:
        break;
    }
    return *out = DIAG_HUMAN, STDERR_FILENO;
}

int cli_flush(struct cli *cli) {
    struct diag_style style = {0};
    enum diag_format format;
    int errors = cli->sink->errors, fd = diag_stream(cli_format(cli), &format);
    style = cli_style(cli, fd);
    style.format = format;
    if (cli->sink->all.len) {
        struct text out = {.arena = cli->arena};
        diag_render(cli->sink, style, &out);
        write_all(fd, text_str(&out));
    }
    *cli->sink = (struct diag_sink){.arena = cli->arena};
    return errors;
}
