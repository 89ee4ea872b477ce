// SPDX-License-Identifier: MIT
// child: what the test programs of both runtimes share: their command line, the choice of tests,
// the parameters, and the records that do not depend on how a test is run. docs/records.cddl has
// the contract with `prism`.
#ifndef PRISM_TEST_CHILD_H
#define PRISM_TEST_CHILD_H

#include "runtime/abi.h"
#include "runtime/trace/trace.h"

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

// ---- the command line ----------------------------------------------------------------

#define NAMES_MAX 4096 // of --test and of --set
#define JOBS_MAX  256

struct options {
    int fd;
    int shared, autopsy; // memory that survives a crash, to be written or to be read; -1: none
    bool list, exhaustive, keep_going, narrate, salvage, reexecute, resume, seed_given;
    const char *tests[NAMES_MAX], *sets[NAMES_MAX];
    uint32_t test_count, set_count;
    uint64_t seed, runs, for_ns, steps; // 0 but for seed: no limit was given
    uint32_t jobs;                      // processes that may sample at once, at least 1
    uint32_t shard, shards;             // the part of the search, from 0, and of how many
    const char *strategy, *trace_dir, *replay, *state_dir, *shrink_to;
    const char *faults[NAMES_MAX]; // KIND=SETTING
    uint32_t fault_count;
    bool no_fault;
};
// argv[1] says how the program is run and is skipped. NULL, or the argument that is wrong.
const char *options_read(int argc, char **argv, struct options *out);

// ---- parameters ----------------------------------------------------------------------

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

// ---- records -------------------------------------------------------------------------

// Writes one record to the pipe and frees it; false when nobody reads any more.
bool record_send(int fd, struct cbor_out *record);
void record_text(struct cbor_out *o, const char *key, const char *value);
void record_uint(struct cbor_out *o, const char *key, uint64_t value);
void record_hash(struct cbor_out *o, const char *key, uint64_t value);
void record_bool(struct cbor_out *o, const char *key, bool value);
void record_text_or_null(struct cbor_out *o, const char *key, const char *value);
// The key "params" and the test's arguments.
void record_params(struct cbor_out *o, const prism_test *test, const void *args);

void send_hello(int fd, const prism_program *p);
void send_error(int fd, const char *error, const char *message, const char *near);
// The format has one %s.
void send_sentence(int fd, const char *error, const char *format, const char *what);
// The word of a test's kind.
const char *test_kind_word(const prism_test *test);
struct counts {
    uint64_t passed, failed, undecided; // tests
};
// Returns `code`, or EXIT_IO when nobody reads any more. `counts` NULL: no test was run.
int send_end(int fd, int code, const struct counts *counts);

// ---- running -------------------------------------------------------------------------

// Runs one test and tells its result. EXIT_FOUND: it failed.
typedef int child_run_test(void *context, const struct options *o, const prism_test *test,
                           const struct arguments *args);
// Runs, or with --list names, the wanted tests; ends with the record `end`. Returns the exit code.
int child_run_tests(const prism_program *p, const struct options *o, child_run_test *run,
                    void *context);
// From here on SIGINT and SIGTERM only make child_interrupted true.
void child_catch_signals(void);
bool child_interrupted(void);

#endif
