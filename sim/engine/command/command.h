// SPDX-License-Identifier: MIT
// command: the command line of a simulated program (docs/records.cddl has the contract), running
// its tests, and replaying traces. All that it says goes to the pipe as records.
#ifndef PRISM_SIM_COMMAND_H
#define PRISM_SIM_COMMAND_H

#include "keep.h"
#include "tell.h"

enum {
    EXIT_HELD = 0,
    EXIT_FOUND = 1,
    EXIT_ASKED = 2,
    EXIT_UNDECIDED = 3,
    EXIT_NOTHING = 4,
    EXIT_LEFT = 5,
    EXIT_DEFECT = 70,
    EXIT_IO = 74,
    EXIT_INTERRUPT = 130
};

#define NAMES_MAX 256 // of --test and of --set

struct options {
    int fd;
    bool list, exhaustive, narrate, salvage, seed_given;
    const char *tests[NAMES_MAX], *sets[NAMES_MAX];
    uint32_t test_count, set_count;
    uint64_t seed, runs, for_ns, steps; // runs, for_ns 0: no limit was given
    const char *strategy, *trace_dir, *replay;
};
// NULL, or what was wrong, as a sentence.
const char *options_read(int argc, char **argv, struct options *out);

// The entry: reads the command line, does it, and returns the exit code.
int sim_main(const prism_program *program, int argc, char **argv);

// ---- tests
// --------------------------------------------------------------------------------------------

// A test's arguments: its defaults and what --set says.
struct arguments {
    void *bytes;                 // of function->args
    struct trace_param *changed; // by --set; texts point into the command line
    uint32_t changed_count;
};
// False if a value does not fit its parameter: *wrong is its name.
bool arguments_make(const prism_test *test, const struct options *o, struct arguments *out,
                    const char **wrong);
bool arguments_set(const prism_test *test, struct arguments *a, struct trace_text name,
                   struct trace_text value);
void arguments_free(struct arguments *a);
// A parameter's value as text.
void argument_show(const prism_field *field, const void *args, char *out, size_t room);

// Runs one test and tells its result; returns EXIT_HELD, EXIT_FOUND or EXIT_UNDECIDED.
int test_run(struct world_host *host, const struct options *o, const prism_test *test,
             const struct arguments *args);
// Explains a failing path: shrinks it, varies it, writes its trace; sends result (by `result`) and
// story.
int replay_run(struct world_host *host, const struct options *o);

void send_error(int fd, const char *error, const char *message, const char *near);

// ---- counting behaviours
// ------------------------------------------------------------------------------

// Different executions by their hash; exact up to a million, then it stays there.
struct behaviours {
    uint64_t *seen;
    uint64_t count, capacity;
    uint64_t window[4]; // new ones among the last WINDOW executions: a bit each
};
#define WINDOW 256
void behaviours_add(struct behaviours *b, uint64_t hash, uint64_t run);
uint64_t behaviours_recent(const struct behaviours *b);
void behaviours_free(struct behaviours *b);

// Ctrl-C came.
bool interrupted(void);

#endif
