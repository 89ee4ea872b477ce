// SPDX-License-Identifier: MIT
// snapshot: copies of the world between two events, for searches that come back to where they were.
// A world is what its arena holds up to the high-water mark; what hangs on its host (the log, the
// lists of silent takes, of inputs drawn and of mishaps) only grows along an execution, so that the
// part before a snapshot is still there when it is restored.
//
// Snapshots are a stack along the execution at hand, the deepest last. Whether one is worth its
// copy is decided here: when running the events since the last one again would cost more. All of
// them together stay within SNAPSHOT_BYTES_MAX: then every second one is given up, and from there
// on they are half as close. Large worlds are thus run again more often than copied.
#ifndef PRISM_SIM_SNAPSHOT_H
#define PRISM_SIM_SNAPSHOT_H

#include "world.h"

#define SNAPSHOT_BYTES_MAX ((size_t)64 << 20)

struct snapshot {
    uint32_t events;         // that the world had seen
    uint32_t mark;           // the owner's
    uint32_t drawn, mishaps; // choices of inputs, and mishaps, that its host had noted
    size_t bytes, room;
    unsigned char *copy; // malloc'ed, of `room` bytes
};
struct snapshots {
    struct snapshot *at; // malloc'ed; those from `count` on are memory to be used again
    uint32_t count, slots;
    size_t bytes;       // of all copies' memory
    uint32_t closeness; // 0: as close as pays, n: 2^n times less
    bool never;         // every execution starts from its beginning
    bool cut_tail; // a deliberate mistake for the tests: what was allocated last is not restored
};

// Between two events, of a world that is settled and deeper than all snapshots: keeps a copy if
// that pays. `mark` comes back with it.
void snapshots_offer(struct snapshots *s, struct world *w, uint32_t mark);
// Puts the world back to the deepest snapshot of at most `events` events, and forgets those that
// lie deeper. False: there is none, and the execution has to begin anew.
bool snapshots_return(struct snapshots *s, uint32_t events, uint32_t *mark);
void snapshots_free(struct snapshots *s);

#endif
