// SPDX-License-Identifier: MIT
// `prism verify`: reads the command line, gets the core MIR of each program (from a .mir file, or
// from `prism build --dump mir` beside this program), has it checked and writes the reports.
//
// Exit codes as everywhere in Prism: 0 all proved, 1 something refuted, 2 asked wrongly, 3
// undecided, 4 nothing to check, 70 a defect of Prism, 74 could not read or write.
#include "checker/checker.h"
#include "checker/evidence.h"
#include "checker/report.h"
#include "checker/smt.h"

#include <dirent.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { UNITS_DEFAULT = 5000000, PATHS_MAX = 4096 };

struct command {
    struct arena *a;
    const char *home; // the folder above libexec
    VEC(const char *) paths;
    VEC(const char *) subjects;
    struct check_options options;
    bool accept_undecided, quiet;
    enum report_format format;
    enum color_mode color;
    VEC(const char *) outs; // FORMAT=PATH
    struct check_result result;
    int exit;
};

// ---- exit codes -----------------------------------------------------------------------------

static void worse(struct command *c, int code) {
    static const int order[] = {70, 74, 2, 5, 1, 3, 4, 0};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (code == order[i] || c->exit == order[i]) {
            c->exit = order[i];
            return;
        }
}

static void complain(struct command *c, int code, const char *what, const char *detail) {
    fprintf(stderr, "error: %s%s%s\n", what, detail ? ": " : "", detail ? detail : "");
    worse(c, code);
}

// ---- the command line -----------------------------------------------------------------------

static bool parse_units(const char *text, uint32_t *out) {
    char *end;
    unsigned long long n = strtoull(text, &end, 10);
    unsigned long long by = *end == 'k'   ? 1000
                            : *end == 'M' ? 1000000
                            : *end == 'G' ? 1000000000
                                          : 1;
    if (end == text || text[0] == '-' || (by > 1 && end[1]) || (by == 1 && *end))
        return false;
    if (n > UINT32_MAX / by || n == 0)
        return false;
    *out = (uint32_t)(n * by);
    return true;
}

static bool parse_kind(struct command *c, const char *kind) {
    bool deadlock = strcmp(kind, "deadlock-freedom") == 0;
    bool capability = strcmp(kind, "capability-compliance") == 0;
    c->options.deadlock |= deadlock;
    c->options.capability |= capability;
    return deadlock || capability;
}

// "n=3": whole numbers only, since only sizes change what waits for what.
static bool parse_set(struct command *c, const char *text) {
    const char *equals = strchr(text, '=');
    char *end = NULL;
    if (!equals || equals == text || !equals[1])
        return false;
    strtoll(equals + 1, &end, 10);
    vec_push(c->a, &c->options.sets, text);
    return !*end;
}

// `--name=value` or `--name value`: the value, and how many arguments it took.
static const char *value_of(char **argv, const char *name, int *taken) {
    size_t len = strlen(name);
    if (strncmp(argv[0], name, len) != 0)
        return NULL;
    *taken = 1;
    if (argv[0][len] == '=')
        return argv[0] + len + 1;
    if (argv[0][len])
        return NULL;
    *taken = 2;
    return argv[1] ? argv[1] : "";
}

static const char *const known_flags[] = {
    "--only",  "--kind",  "--units", "--trace-dir", "--evidence-dir",     "--format",
    "--color", "--out",   "--jobs",  "--set",       "--accept-undecided", "--json",
    "--quiet", "--ascii", NULL};

static bool take_value(struct command *c, const char *flag, const char *v) {
    if (strcmp(flag, "--only") == 0)
        vec_push(c->a, &c->subjects, v);
    else if (strcmp(flag, "--kind") == 0)
        return parse_kind(c, v);
    else if (strcmp(flag, "--units") == 0)
        return parse_units(v, &c->options.units);
    else if (strcmp(flag, "--trace-dir") == 0)
        c->options.trace_dir = v;
    else if (strcmp(flag, "--evidence-dir") == 0)
        c->options.evidence_dir = v;
    else if (strcmp(flag, "--format") == 0)
        return report_format_parse(v, &c->format);
    else if (strcmp(flag, "--color") == 0)
        c->color = strcmp(v, "always") == 0  ? COLOR_ALWAYS
                   : strcmp(v, "never") == 0 ? COLOR_NEVER
                                             : COLOR_AUTO;
    else if (strcmp(flag, "--out") == 0)
        vec_push(c->a, &c->outs, v);
    else if (strcmp(flag, "--set") == 0)
        return parse_set(c, v);
    else
        return strcmp(flag, "--jobs") == 0; // one program at a time; asked for or not
    return true;
}

static bool take_switch(struct command *c, const char *arg) {
    if (strcmp(arg, "--accept-undecided") == 0)
        c->accept_undecided = true;
    else if (strcmp(arg, "--json") == 0)
        c->format = REPORT_JSON;
    else if (strcmp(arg, "--quiet") == 0 || strcmp(arg, "-q") == 0)
        c->quiet = true;
    else
        return strcmp(arg, "--ascii") == 0;
    return true;
}

static void unknown_flag(struct command *c, const char *arg) {
    int32_t count = 0;
    while (known_flags[count])
        count++;
    const char *near = diag_nearest(str_from(arg), known_flags, count);
    struct str hint = near ? str_format(c->a, "did you mean %s?", near) : STR("");
    complain(c, 2, str_format(c->a, "`verify` has no flag %s", arg).data, near ? hint.data : NULL);
}

static int take_flag(struct command *c, char **argv) {
    if (take_switch(c, argv[0]))
        return 1;
    for (int32_t i = 0; known_flags[i]; i++) {
        int taken = 1;
        const char *v = value_of(argv, known_flags[i], &taken);
        if (!v)
            continue;
        bool is_kind = !strcmp(known_flags[i], "--kind");
        const char *hint =
            is_kind ? "there are `deadlock-freedom` and `capability-compliance`" : NULL;
        if (!v[0] || !take_value(c, known_flags[i], v))
            complain(c, 2, str_format(c->a, "%s cannot take `%s`", known_flags[i], v).data, hint);
        return argv[1] ? taken : 1;
    }
    unknown_flag(c, argv[0]);
    return 1;
}

static void parse_arguments(struct command *c, char **argv) {
    bool flags = true;
    argv++;
    if (*argv && strcmp(*argv, "verify") == 0)
        argv++;
    while (*argv) {
        if (flags && strcmp(*argv, "--") == 0) {
            flags = false;
            argv++;
        } else if (flags && argv[0][0] == '-' && argv[0][1]) {
            argv += take_flag(c, argv);
        } else {
            vec_push(c->a, &c->paths, *argv++);
        }
    }
    if (!c->paths.len)
        vec_push(c->a, &c->paths, ".");
    if (!c->options.deadlock && !c->options.capability)
        c->options.deadlock = c->options.capability = true;
}

// ---- programs -------------------------------------------------------------------------------

struct names {
    VEC(const char *) v;
};

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_program(const char *name) {
    struct str s = str_from(name);
    return str_ends(s, STR(".prism")) || str_ends(s, STR(".mir"));
}

// As `prism check` and `prism test` name what is in a folder.
static const char *below(struct arena *a, const char *folder, const char *name) {
    if (strcmp(folder, ".") == 0)
        return str_dup(a, str_from(name)).data;
    size_t len = strlen(folder);
    return str_format(a, "%s%s%s", folder, folder[len - 1] == '/' ? "" : "/", name).data;
}

static void add_programs(struct command *c, const char *path, struct names *out, int depth) {
    struct stat st;
    if (strcmp(path, "-") != 0 && stat(path, &st) != 0) {
        complain(c, 2, str_format(c->a, "there is no `%s`", path).data, NULL);
        return;
    }
    DIR *dir = strcmp(path, "-") != 0 && S_ISDIR(st.st_mode) ? opendir(path) : NULL;
    if (!dir) {
        vec_push(c->a, &out->v, path);
        return;
    }
    struct names inside = {0};
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.' && strcmp(e->d_name, "build") != 0)
            vec_push(c->a, &inside.v, below(c->a, path, e->d_name));
    closedir(dir);
    if (inside.v.len)
        qsort(inside.v.at, (size_t)inside.v.len, sizeof *inside.v.at, by_text);
    for (int32_t i = 0; i < inside.v.len && out->v.len < PATHS_MAX; i++) {
        bool folder = stat(inside.v.at[i], &st) == 0 && S_ISDIR(st.st_mode);
        if ((folder && depth < 16) || (!folder && is_program(inside.v.at[i])))
            add_programs(c, inside.v.at[i], out, depth + 1);
    }
}

// The text of the program's core MIR. False when there is none; that was said then.
static bool read_mir(struct command *c, const char *path, struct str *out) {
    if (!str_ends(str_from(path), STR(".prism"))) {
        const char *wrong = file_read(c->a, path, out);
        if (wrong)
            complain(c, 2, wrong, NULL);
        return !wrong;
    }
    const char *prism = c->options.prism;
    const char *argv[] = {prism, "build", path, "--dump", "mir", NULL};
    int status = 0;
    if (!evidence_run(c->a, argv, false, out, &status)) {
        complain(c, 74, "the compiler does not start", prism);
        return false;
    }
    if (status)
        worse(c, status == 70 || status == 74 ? status : 2);
    return status == 0;
}

static struct mir_module *parse(struct command *c, const char *path, struct str text) {
    struct source *source = arena_new(c->a, struct source);
    struct diag_sink sink = {.arena = c->a};
    source_init(c->a, source, path, text);
    struct mir_module *m = mir_parse(c->a, source, &sink);
    if (m) {
        mir_infer(m);
        mir_validate(m, &sink);
    }
    if (m && !sink.errors && !m->lowered)
        return m;
    struct text t = {.arena = c->a};
    diag_render(&sink, (struct diag_style){.format = DIAG_HUMAN, .width = 100}, &t);
    fputs(t.data ? t.data : "error: lowered MIR cannot be verified, only core\n", stderr);
    // What the compiler wrote has to be right; what the user wrote need not.
    worse(c, str_ends(str_from(path), STR(".prism")) ? 70 : 2);
    return NULL;
}

static void check_program(struct command *c, const char *path) {
    struct str text;
    if (!read_mir(c, path, &text))
        return;
    struct mir_module *m = parse(c, path, text);
    if (!m)
        return;
    c->options.program = path;
    int32_t before = c->result.obligations.len;
    for (int32_t i = 0; i < c->subjects.len; i++) {
        c->options.only = c->subjects.at[i];
        check_module(c->a, m, &c->options, &c->result);
    }
    if (!c->subjects.len)
        check_module(c->a, m, &c->options, &c->result);
    for (int32_t i = before; i < c->result.obligations.len; i++) {
        const struct obligation *o = &c->result.obligations.at[i];
        if (o->defect)
            worse(c, 70);
        worse(c, o->verdict == VERDICT_PROVED    ? 0
                 : o->verdict == VERDICT_REFUTED ? 1
                 : c->accept_undecided           ? 0
                                                 : 3);
    }
}

// ---- reports --------------------------------------------------------------------------------

static struct str rendered(struct command *c, enum report_format format, bool color) {
    struct text t = {.arena = c->a};
    report_render(&c->result, (struct report_style){format, color, smt_version(c->a), c->exit}, &t);
    text_put(&t, STR(""));
    return text_str(&t);
}

static void write_outs(struct command *c) {
    for (int32_t i = 0; i < c->outs.len; i++) {
        const char *equals = strchr(c->outs.at[i], '=');
        enum report_format format;
        struct str name = {c->outs.at[i], equals ? (size_t)(equals - c->outs.at[i]) : 0};
        if (!equals || !report_format_parse(str_dup(c->a, name).data, &format)) {
            complain(c, 2, str_format(c->a, "--out cannot take `%s`", c->outs.at[i]).data, NULL);
            continue;
        }
        const char *wrong = file_write(c->a, equals + 1, rendered(c, format, false));
        if (wrong)
            complain(c, 74, wrong, NULL);
    }
}

static const char *home_of(struct arena *a, const char *self) {
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    const char *me = str_format(a, "%s", n > 0 ? path : self).data;
    for (int i = 0; i < 3; i++) // libexec/prism/verify
        me = dirname((char *)(uintptr_t)me);
    return me;
}

int main(int argc, char **argv) {
    struct arena arena = {0};
    struct command c = {.a = &arena, .format = REPORT_HUMAN};
    struct names programs = {0};
    (void)argc;
    c.home = home_of(&arena, argv[0]);
    c.options.units = UNITS_DEFAULT;
    c.options.evidence_dir = ".prism/certificates";
    c.options.trace_dir = ".prism/traces";
    c.options.recheck = str_format(&arena, "%s/libexec/prism/recheck", c.home).data;
    c.options.prism = str_format(&arena, "%s/bin/prism", c.home).data;
    parse_arguments(&c, argv);
    if (!c.exit) {
        for (int32_t i = 0; i < c.paths.len; i++)
            add_programs(&c, c.paths.at[i], &programs, 0);
        for (int32_t i = 0; i < programs.v.len; i++)
            check_program(&c, programs.v.at[i]);
        if (!c.exit && !c.result.obligations.len)
            c.exit = 4;
        write_outs(&c);
        if (c.exit != 2 || c.result.obligations.len) { // else what was asked wrongly was said
            struct str s = rendered(&c, c.format, term_color(c.color, 1));
            if (fwrite(s.data, 1, s.len, stdout) != s.len || fflush(stdout) != 0)
                complain(&c, 74, "standard output cannot be written", NULL);
        }
    }
    arena_free(&arena);
    return c.exit;
}
