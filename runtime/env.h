// SPDX-License-Identifier: MIT
// env: the one door for what the program does not determine. Production and the simulator both
// implement it; nothing else in Prism may read a clock, draw a random number or touch the outside
// world.
//
// Every operation here has a twin in the simulator, without which no simulated program would link.
#ifndef PRISM_ENV_H
#define PRISM_ENV_H

#include "runtime/abi.h"

enum decision_kind {
    DECIDE_SCHEDULE,    // which of the enabled events is next
    DECIDE_RANDOM,      // a number that the program asked for
    DECIDE_INPUT,       // a generated test input
    DECIDE_LATENCY,     // how long something outside takes
    DECIDE_FAULT,       // whether, and which, fault strikes here
    DECIDE_ENVIRONMENT, // what the machine is: cores
};

// One of 0 … alternatives-1. `name` identifies the choice (a site, an event); equal seed, kind,
// name and occurrence give an equal result for all kinds but SCHEDULE.
uint64_t env_decide(prism_cx *cx, enum decision_kind kind, const char *name, uint64_t alternatives);

int64_t env_now_ns(prism_cx *cx);      // monotonic
int64_t env_now_wall_ns(prism_cx *cx); // since 1970-01-01 UTC
// What nobody in this program may do, whatever he holds: a capability a line, behind a `!`; or
// NULL.
const char *env_denied(prism_cx *cx);
// The third stream of env_print: the inputs of a property, said before it runs, for a report.
#define STREAM_INPUTS 3
// Writes to standard output (1) or standard error (2) of the program; in a simulation it is
// recorded.
void env_print(prism_cx *cx, int stream, const void *bytes, size_t len);

#endif
