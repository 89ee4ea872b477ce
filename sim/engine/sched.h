// SPDX-License-Identifier: MIT
// sched: what the simulator keeps with each cell, envelope, strand and timer of the one semantics
// (runtime/actor/actor.h includes this). All of it lives in the world's arena.
//
// Identity. Every cell ever made in a world has an `id`, dense from 1 in order of making; 0 is the
// scheduler itself. Names (world.h) hang on ids and are spelled out only for people and traces.
//
// Causal order. Each cell numbers what it sends from 1. An envelope may be taken only when no envelope
// to the same home that was sent causally before it is still in flight. What a cell knows of that is a
// `clock`: pairs (cell, upto) meaning "what this cell sent up to that number lies before me". A pair whose
// envelopes have all landed says nothing any more and is dropped when clocks are joined, so that clocks
// stay as small as the traffic under way, whatever the number of actors.
#ifndef PRISM_SCHED_H
#define PRISM_SCHED_H

#include <stdbool.h>
#include <stdint.h>

struct cell;
struct envelope;
struct timer;

struct clock_pair {
    uint32_t cell, upto;
};
// Sorted by cell.
struct clock {
    uint32_t len, capacity;
    struct clock_pair *at;
};

struct sched_cell {
    uint32_t id;
    uint32_t sent;                        // number of the last envelope that it sent
    struct envelope *first, *last;        // in flight to it, in order of sending
    struct envelope *sent_first, *sent_last; // in flight from it, in order of sending
    struct clock known;                   // lies before what it does now
    struct clock noted;                   // came with what it took silently: known from its next segment on
    uint32_t last_event;                  // index + 1 of its last event in the world's log, 0: none
    bool dirty;                           // its enabled envelopes have to be found again
    struct cell *dirty_next;
    struct cell *all_next, *all_before;   // all cells of the world, oldest first
};

struct sched_envelope {
    struct cell *home;
    struct envelope *before;              // in its home's list; `next` is the envelope's own
    struct envelope *sent_next, *sent_before; // in its sender's list
    struct envelope *blocker;             // an envelope in flight that must be taken before, or NULL
    struct cell *from;                    // NULL: the scheduler, or the sender is gone
    uint32_t sender, number;              // sender's id, and its number there
    uint32_t sent_at;                     // index + 1 of the event that sent it, 0: none
    uint32_t order;                       // of sending, in the whole world
    uint32_t ready;                       // index + 1 in the world's table of enabled ones, 0: not enabled
    struct clock known;
};

struct sched_strand {
    uint32_t number; // of the strands of its home, from 1
};

struct sched_timer {
    uint32_t heap;  // index + 1 in the world's heap, 0: not running
    uint32_t order; // of starting, in the whole world: ties are listed in it
    struct envelope *fired; // its TIMER while that is in flight
};

#endif
