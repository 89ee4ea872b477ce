// SPDX-License-Identifier: MIT
// checker: questions about a program, answered with evidence. It reads core MIR and gives
// obligations: *proved* with a certificate that checker/recheck accepts, *refuted* with a run of
// the compiled program, or *undecided* with the reason. docs/soundness.md says what "proved" rests
// on.
//
// The pipeline (check_module, pipeline.c), cheapest first:
//   web      abstract execution: classes of actors and who may wait for whom      (web.h)
//   rank     an order that every wait descends, found with Z3                     (rank.h, smt.h)
//   cert     the proof as text, for the independent check                         (cert.h,
//   recheck/) explore  concrete executions of small sizes: a schedule into a deadlock (explore.h)
//   confirm  that schedule, run by the compiled program in the simulator          (confirm.h)
//   report   text, JSON lines, SARIF                                              (report.h)
#ifndef PRISM_CHECKER_H
#define PRISM_CHECKER_H

#include "frontend/mir/mir.h"

enum obligation_kind { OBLIGATION_DEADLOCK, OBLIGATION_CAPABILITY };
enum verdict { VERDICT_PROVED, VERDICT_REFUTED, VERDICT_UNDECIDED };

struct obligation {
    enum obligation_kind kind;
    struct str subject;
    const char *file; // "" where there is none
    int32_t line;
    enum verdict verdict;
    struct str bound;  // "unbounded", "exhaustive"; empty when undecided
    struct str reason; // one sentence
    struct str next;   // what to do about an undecided one; may be empty
    bool vacuous;
    VEC(struct str) assumptions;
    VEC(struct str) story;  // refuted: the steps, one a line; the last one is who waits for whom
    struct str certificate; // path or empty
    struct str trace;       // path or empty
    bool defect; // found, but the compiled program does not do it: a defect of the checker
};

struct check_options {
    uint32_t units;            // budget for one question to the solver
    const char *only;          // subject or NULL
    VEC(const char *) sets;    // "PARAM=VALUE": the instance to look at where there is no proof
    bool deadlock, capability; // which kinds
    const char *evidence_dir;  // certificates go here; NULL: none is written, nothing is re-checked
    const char *trace_dir;     // traces go here
    const char *recheck;       // the program that re-checks certificates, or NULL
    const char *program;       // the path of the program that was given
    const char *prism;         // the `prism` command, for runs in the simulator, or NULL
};

struct check_result {
    VEC(struct obligation) obligations;
    struct str error; // what could not be read or written (exit 74), or empty
};

// Answers everything that is asked of one module. The module is inferred and valid core MIR.
void check_module(struct arena *a, const struct mir_module *m, const struct check_options *options,
                  struct check_result *out);

const char *obligation_kind_name(enum obligation_kind k); // "deadlock-freedom"
const char *verdict_name(enum verdict v);                 // "proved"

#endif
