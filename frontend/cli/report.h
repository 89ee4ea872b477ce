// SPDX-License-Identifier: MIT
// What `prism test` and `prism replay` say of results, in each format, on standard output and into
// files (--out FORMAT=PATH).
//
// Formats are written as results come, into a text for each output; JUnit and SARIF are one
// document and are written at the end. docs/records.cddl has what a result consists of.
#ifndef PRISM_CLI_REPORT_H
#define PRISM_CLI_REPORT_H

#include "frontend/cli/cli.h"
#include "sim/report/story.h"

#define REPORT_OUTPUTS_MAX 8
#define REPORT_STEPS_SHOWN 60 // of a story; `prism trace show` has all

// The result of one test and what belongs to it.
struct outcome {
    const char *path; // of the program, as the user wrote it
    const struct result_record *result;
    const struct story *story; // or NULL
    bool simulated, keeps_going;
    const str_list *set;    // what --set said
    const str_list *faults; // --fault; or NULL
    bool no_fault, exhaustive;
    struct str strategy; // "" for the default
};
typedef VEC(struct outcome) outcome_list;

struct report_output {
    enum result_format format;
    const char *path; // NULL: standard output
    struct diag_style style;
    struct text text; // not yet written
};

struct reporter {
    struct cli *cli;
    struct report_output outputs[REPORT_OUTPUTS_MAX];
    int output_count;
    outcome_list outcomes; // all so far
    int32_t passed, failed, undecided;
    bool seed_said;
    VEC(struct str) footnotes;
    VEC(const char *) not_exhausted; // paths, each once
};

// Opens the outputs that the flags ask for. False after a diagnostic.
bool report_begin(struct reporter *r, struct cli *cli);
// Adds one result; what is in the outcome must live as long as the reporter.
void report_outcome(struct reporter *r, struct outcome o);
// The summary; writes all outputs. An exit code: EXIT_HELD or EXIT_IO.
int report_end(struct reporter *r, uint64_t elapsed_ms);

// ---- pieces --------------------------------------------------------------------------

// The finding as a diagnostic with an excerpt of the source, added to `sink`.
struct diag *report_diagnostic(struct arena *a, struct diag_sink *sink, const struct outcome *o);
enum diag_code report_code(struct str finding_kind);
// "3 passed, 1 failed", and how many are undecided if any are.
void report_sum(const struct reporter *r, struct text *out);
// Why there is no answer, of an undecided result: no capital, no full stop.
struct str report_undecided(struct arena *a, const struct result_record *r);
// "prism replay PATH", and the command that runs the test alone from its seed.
struct str report_again(struct arena *a, const struct outcome *o);
struct str report_afresh(struct arena *a, const struct outcome *o);
// 50000 as "50 000".
struct str report_grouped(struct arena *a, uint64_t n);

void report_human(struct reporter *r, const struct outcome *o, struct diag_style style,
                  struct text *out);
void report_human_end(struct reporter *r, uint64_t elapsed_ms, struct text *out);
void report_short(const struct outcome *o, struct text *out);
void report_json(const struct outcome *o, struct text *out);
void report_tap(const struct outcome *o, int32_t number, struct text *out);
void report_github(const struct outcome *o, struct text *out);
void report_junit(const outcome_list *all, struct text *out);
void report_sarif(const outcome_list *all, struct text *out);

#endif
