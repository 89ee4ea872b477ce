// SPDX-License-Identifier: MIT
// cli: the `prism` command. It reads the command line by the table of commands.def, calls the
// stages of the compiler, starts programs, tests and the checker as processes, and is the only one
// of all of them that prints.
//
// Results and machine output go to standard output; progress and diagnostics to standard error.
// Exit codes are a contract (exit_code below). A subcommand is a function in a file of its own that
// returns its exit code.
#ifndef PRISM_CLI_H
#define PRISM_CLI_H

#include "frontend/diag/diag.h"

#define PRISM_VERSION "0.1.0"

// ---- exit codes ----------------------------------------------------------------------

enum exit_code {
    EXIT_HELD = 0,        // did it; all held
    EXIT_FOUND = 1,       // a test failed, a property is refuted, a failure was reproduced
    EXIT_ASKED = 2,       // asked wrongly: usage, files, errors in the program, not a trace
    EXIT_UNDECIDED = 3,   // a budget was spent before there was an answer
    EXIT_NOTHING = 4,     // no test matched
    EXIT_DIVERGED = 5,    // a replay left its path
    EXIT_DEFECT = 70,     // a defect of Prism
    EXIT_IO = 74,         // could not read or write
    EXIT_INTERRUPT = 130, // Ctrl-C
    EXIT_TERMINATE = 143,
};

// Of two exit codes of one run, the one that counts.
int exit_worse(int a, int b);

// ---- the command line ----------------------------------------------------------------

enum flag_kind {
    FLAG_SWITCH,
    FLAG_TEXT,
    FLAG_LIST,
    FLAG_COUNT,
    FLAG_SEED,
    FLAG_DURATION,
    FLAG_CHOICE
};
enum build_state { STATE_BUILT, STATE_PLANNED };

enum command_id {
#define COMMAND(name, state, arguments, summary) COMMAND_##name,
#define FLAG(command, name, kind, state, value, letter, environment, help)
#include "frontend/cli/commands.def"
#undef COMMAND
#undef FLAG
    COMMAND_COUNT
};

enum flag_id {
#define COMMAND(name, state, arguments, summary)
#define FLAG(command, name, kind, state, value, letter, environment, help) FLAG_##command##_##name,
#include "frontend/cli/commands.def"
#undef COMMAND
#undef FLAG
    FLAG_ID_COUNT
};

struct command_info {
    const char *name, *arguments, *summary;
    enum build_state state;
};
struct flag_info {
    enum command_id command;
    const char *name; // as typed, without the dashes
    enum flag_kind kind;
    enum build_state state;
    const char *value; // what stands for the value in the help; for CHOICE the words
    char letter;
    const char *environment, *help;
};

// The table, in the order of commands.def. Entry 0 (`common`) is no command.
const struct command_info *command_info(enum command_id id);
const struct flag_info *flag_info(enum flag_id id);

typedef VEC(struct str) str_list;

struct flag_value {
    bool set;
    bool in_manifest; // it is the manifest that set it
    bool on;          // SWITCH
    uint64_t number;  // COUNT, SEED; DURATION in nanoseconds
    struct str text;  // TEXT and CHOICE; the last of a LIST
    str_list all;     // LIST
};

// One invocation. Everything in it lives in `arena`.
struct cli {
    struct arena *arena;
    struct diag_sink *sink;
    enum command_id command;
    int argc;
    char **argv;
    int command_at; // index of the command's word in argv
    struct flag_value flags[FLAG_ID_COUNT];
    str_list arguments;   // what is neither flag nor value, after the command
    str_list rest;        // what follows `--`
    struct map manifests; // that were read, by their paths: manifest.h
    const char *home; // the folder above bin/: lib/prism, share/prism, include/prism are below it
};

// A flag's name as it is typed, without the dashes.
struct str flag_spelling(struct arena *a, enum flag_id id);
bool command_find(struct str name, enum command_id *out);
// Adds the diagnostic for a command that does not exist.
void command_unknown(struct cli *cli, struct str typed);

// Where the value of a flag was said.
struct flag_origin {
    const char *said_as; // "--runs", "PRISM_SEED", "runs"
    struct span span;    // in a manifest; else no place
};
// Sets a flag, or adds to a LIST; switches have no text. False after a diagnostic. `value` is kept.
bool flag_set(struct cli *cli, struct flag_origin origin, enum flag_id id, struct str value);
// Whether `typed` is the flag's name, without the dashes before it.
bool flag_is_named(enum flag_id id, struct str typed);

// Reads the command line. False after a diagnostic (exit 2).
bool cli_parse(struct cli *cli, int argc, char **argv);

static inline bool flag_on(const struct cli *cli, enum flag_id id) {
    return cli->flags[id].on;
}
// The text of a flag, or `otherwise` where it was not given.
struct str flag_text(const struct cli *cli, enum flag_id id, const char *otherwise);
uint64_t flag_number(const struct cli *cli, enum flag_id id, uint64_t otherwise);
// --jobs, else as many as there are processors for us; at most 256.
unsigned cli_jobs(const struct cli *cli);

// "30s" in nanoseconds, "5k" as a number; false if it is neither.
bool duration_parse(struct str s, uint64_t *out);
bool count_parse(struct str s, uint64_t *out);

// ---- speaking ------------------------------------------------------------------------

#define NO_SPAN ((struct span){0})

// How results are written: --format, --json.
enum result_format { OUT_HUMAN, OUT_SHORT, OUT_JSON, OUT_JUNIT, OUT_SARIF, OUT_GITHUB, OUT_TAP };
enum result_format cli_format(const struct cli *cli);
bool result_format_parse(struct str name, enum result_format *out);
// How text for people looks on this descriptor.
struct diag_style cli_style(const struct cli *cli, int fd);
// Renders what the sink holds and empties it: on standard error, or on standard output in a format
// for machines. Returns the number of errors.
int cli_flush(struct cli *cli);
// Writes all of it, whatever signals come; false (and a diagnostic) if that failed.
bool cli_print(struct cli *cli, struct str s);

// ---- places --------------------------------------------------------------------------

// The folder above the executable's own, or NULL. Terminated, in the arena.
const char *home_find(struct arena *a);
// A file below home: cli_home(cli, "share/prism/catalog/P0001.md").
const char *cli_home(const struct cli *cli, const char *below);
// A path with its last component replaced by the nearest name of its folder; NULL if none is near.
const char *path_nearest(struct arena *a, const char *path);

// ---- the subcommands -----------------------------------------------------------------

// Each returns its exit code; what it has to say is in the sink or already printed.
int check_command(struct cli *cli);
int build_command(struct cli *cli);
int run_command(struct cli *cli);
int test_command(struct cli *cli);
int verify_command(struct cli *cli);
int replay_command(struct cli *cli);
int trace_command(struct cli *cli);
int analyze_command(struct cli *cli);
int explain_command(struct cli *cli);
int config_command(struct cli *cli);
int new_command(struct cli *cli);
int help_command(struct cli *cli);

// Prints the help of the command at hand, or of all.
int help_show(struct cli *cli);

#endif
