// SPDX-License-Identifier: MIT
// A session is one run of a test program as a child: its records, as they come.
#ifndef PRISM_CLI_SESSION_H
#define PRISM_CLI_SESSION_H

#include "frontend/cli/program.h"
#include "sim/report/records.h"

struct session {
    struct cli *cli;
    const char *source;     // the program, as the user wrote it
    const char *program;    // that is started
    VEC(const char *) args; // besides those that a session adds itself
    void *context;
    // Called for each record; what it points to lives in the command's arena.
    void (*on_record)(void *context, const struct record *record);
    // Called some times a second while nothing comes; may be NULL.
    void (*on_quiet)(void *context);
    bool simulated; // the program can tell what another one of its kind died of

    // Afterwards:
    int signal;                 // that ended the child, 0: none
    struct str at_hand;         // the test that was under way then; empty: none
    struct crash_record *crash; // what is known of its end, or NULL
};

// Starts the program, hands on its records and waits for its end. Returns its exit code as `end`
// says it, or after a diagnostic: EXIT_DEFECT if it died, EXIT_INTERRUPT or EXIT_TERMINATE. What a
// simulated program did last before it died is found out by a second process.
int session_run(struct session *s);

// Adds the diagnostic for an error record and returns its exit code.
int session_error(struct cli *cli, const struct error_record *e);

#endif
