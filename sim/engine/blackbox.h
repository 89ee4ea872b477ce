// SPDX-License-Identifier: MIT
// blackbox: what survives when the process of a simulation is ended by a signal. The log of the
// execution at hand lies in memory that `prism` shares (it made it, and knows nothing of what is in
// it); after the child's death `prism` starts the program again and hands it the same memory, to
// make a trace of it (command/autopsy.c). The log is written anyway, so that this costs one store
// for each event.
#ifndef PRISM_SIM_BLACKBOX_H
#define PRISM_SIM_BLACKBOX_H

#include "world.h"

// The start of the shared memory; the log follows.
struct blackbox {
    uint64_t magic;
    uint64_t seed;   // of the data of the execution
    uint64_t run;    // its number, from 1; 0: none of a search
    uint32_t test;   // which of the program's
    uint32_t events; // begun so far: entries of the log
};

// The host's log lies in `fd` from here on. False, and it stays where it is, if that cannot be.
bool blackbox_open(struct world_host *host, int fd);
// Doubles the room of the host's log, wherever it is.
void blackbox_grow(struct world_host *host);
void blackbox_close(struct world_host *host);
// In a process that was forked: the log lies in another memory, `fd`, from here on.
void blackbox_part(struct world_host *host, int fd);
// Replaces what the host's box holds by what is in `fd`.
void blackbox_adopt(struct world_host *host, int fd);

// What a process left behind; *log has box->events entries. NULL if it left nothing.
const struct blackbox *blackbox_load(int fd, const struct event **log);

#endif
