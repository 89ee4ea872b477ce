// SPDX-License-Identifier: MIT
// sched: what the parallel scheduler keeps with each cell, envelope, strand and timer of the one
// semantics (runtime/actor/actor.h includes this).
//
// A cell's queue is intrusive, many producers, one consumer. `newest` is both the queue and the
// right to run the cell: whoever makes it non-NULL schedules the cell, and the worker that runs the
// cell keeps the envelope at hand linked until it has been dealt with; making `newest` NULL again
// gives the right up.
//
//   idle       newest NULL                          push: newest NULL -> e, and the pusher
//   schedules scheduled  newest != NULL, first: where to begin running    the same, by the worker
//   that took it from a run queue idle again newest == the envelope at hand       CAS to NULL; if
//   it fails, its `next` is on the way
#ifndef PRISM_SCHED_H
#define PRISM_SCHED_H

#include <stdbool.h>
#include <stdint.h>

struct cell;
struct envelope;
struct timer;
struct timer_node;
struct pressure;
struct worker;

// Envelopes that were passed over, oldest first; the runner's. Messages (and what keeps its place
// among them) are all wanted or none, so they wait apart: looking through the others costs nothing
// for a full mailbox.
struct aside {
    struct envelope *waiting, *waiting_last;
    struct envelope *later, *later_last;
    uint32_t orders; // how many were passed over, wrapping around
};

struct sched_cell {
    struct envelope *newest; // atomic, any worker; see above
    struct envelope *first;  // atomic for peeking: the envelope at hand; written by who schedules,
                             // then the runner's
    uint32_t posted;         // atomic: messages, about, that it was sent since it last was loaded
    uint32_t sent;           // messages, about, since pressure.c last held it back; the runner's
    bool collected;          // in a free list, or about to be
    bool begins;             // the anchor stands for the beginning of its one strand
    bool pause_due;          // it sends faster than its messages are taken; the runner's
    bool loaded; // atomic: has more in its queue than it takes in one turn, or seems to
    // 16-aligned (cells.c).
    union {
        struct envelope *anchor; // its address stands for an envelope while the cell is being made
        struct cell *free_next;  // in a free list
    };
    struct cell *run_next;     // in the injector; among the tasks of a worker …
    struct worker *keeper;     // … which is, atomic for peeking; else NULL
    struct aside *aside;       // NULL: nothing was passed over so far
    struct pressure *pressure; // of who sends much; see pressure.c
    uint64_t serial;           // which cell it is: what refs are ordered and printed by
};

struct sched_envelope {
    struct envelope *later_next; // among what was passed over
    uint32_t order;              // in which it was
    bool at_hand;                // still linked in its home's queue: freed when that has moved on
};

struct sched_strand {
    struct cell *run_before; // of a task that was not begun: its cell's, among the worker's tasks
};

struct sched_timer {
    struct timer_node *node; // while running, or fired and not yet taken
};

#endif
