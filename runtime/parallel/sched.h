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

struct sched_cell {
    struct envelope *newest; // atomic, any worker; see above
    struct envelope *first;  // atomic for peeking: the envelope at hand; written by who schedules,
                             // then the runner's
    // Passed over, oldest first; the runner's. Messages (and what keeps its place among them) are
    // all wanted or none, so they wait apart: looking through the others costs nothing for a full
    // mailbox.
    struct envelope *waiting, *waiting_last;
    struct envelope *later, *later_last;
    uint32_t orders; // how many were passed over, wrapping around
    uint32_t sent;   // messages, about, since pressure.c last held it back; the runner's
    _Alignas(16) struct envelope
        *anchor;               // its address stands for an envelope while the cell is being made
    struct cell *run_next;     // in the injector, or among the tasks of a worker …
    struct cell *run_before;   // … which is
    struct worker *keeper;     // atomic for peeking: while it is one of those, else NULL
    struct cell *free_next;    // in a free list
    uint64_t serial;           // which cell it is, for people
    struct pressure *pressure; // of who sends much; see pressure.c
    uint32_t posted;           // atomic: messages, about, that it was sent since it last was loaded
    bool collected;            // in a free list, or about to be
    bool begins;               // the anchor stands for the beginning of its one strand
    bool pause_due;            // it sends faster than its messages are taken; the runner's
    bool loaded; // atomic: has more in its queue than it takes in one turn, or seems to
};

struct sched_envelope {
    struct envelope *later_next; // among what was passed over
    uint32_t order;              // in which it was
    bool at_hand;                // still linked in its home's queue: freed when that has moved on
};

struct sched_strand {
    char nothing;
};

struct sched_timer {
    struct timer_node *node; // while running, or fired and not yet taken
};

#endif
