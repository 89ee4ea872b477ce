// SPDX-License-Identifier: MIT
// sched: what the simulator keeps with each cell, envelope, strand and timer of the one semantics
// (runtime/actor/actor.h includes this). All of it lives in the world's arena (world.h).
//
// Identity. Every cell ever made in a world has an `id`, dense from 1 in order of making; 0 is the
// scheduler itself. Names (world.h) hang on ids and are spelled out only for people and traces.
//
// Causal order. Each cell numbers what it sends from 1. An envelope may be taken only when no
// wanted envelope to the same home that was sent causally before it is still in flight. What a cell
// knows of that is a `clock`: pairs (cell, upto) meaning "what this cell sent up to that number
// lies before me". A pair whose envelopes have all landed says nothing any more and is dropped when
// clocks are joined, so that clocks stay as small as the traffic under way, whatever the number of
// actors.
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
    const struct cell *left_held; // a lock that it held when it ended, or NULL …
    const struct prism_site *left_site; // … and where it had taken it
    uint32_t id;
    uint32_t strands, timers; // started in it so far
    uint32_t last_event;      // index + 1 of its last event in the log, 0: none
    bool dirty, collected;
    bool felled; // of a node: by a fault, at `felled_ns`
    int64_t felled_ns;
    struct envelope *first, *last; // in flight to it, in order of sending
    uint64_t priority;             // a strategy's, 0: none yet
    struct clock known;            // lies before what it does now
    struct clock known_by_reads;   // what came with events that only read since the last other one
    struct cell *dirty_next; // in the list of those whose enabled envelopes are to be found again
    struct cell *all_next;   // all cells of the world, oldest first
};

struct sched_envelope {
    struct cell *home;
    struct envelope *before;                  // in its home's list; `next` is the envelope's own
    struct envelope *sent_next, *sent_before; // in its sender's list
    uint32_t sender, number;                  // sender's id, and its number there
    uint32_t upto; // who takes it knows of what its sender sent up to this number
    bool loose;    // sent by an event that only read: not ordered with what others of these sent
    uint32_t sent_at;                         // index + 1 of the event that sent it, 0: none
    uint32_t order;                           // of sending, in the whole world, from 1
    uint32_t ready;                   // index + 1 in the table of enabled ones, 0: not enabled
    uint32_t enabled_at, disabled_at; // how many events had been taken when it last became so
    bool again;                       // it was enabled before that, too
    uint32_t occurrence; // of those from sender, site and kind to this home, if asked for
    uint64_t priority;   // a strategy's, 0: none yet
    bool hurries;        // may overtake what its sender sent before
    struct timer *held;  // not taken before that has fired; NULL: it is not held
    struct clock known;
};

struct sched_strand {
    uint32_t number; // of the strands of its home, from 1
    // Of what it waits for together, that which was taken silently: it lies before what the strand
    // does when all of it has come, and before nothing else.
    uint64_t noted_for; // the number of the first of these futures; 0: the tasks of a scope
    uint32_t silent;    // index + 1 of the last one in the host's list, 0: none
    struct clock noted;
};

struct sched_timer {
    uint32_t heap;          // index + 1 in the world's heap, 0: not running
    uint32_t order;         // of starting, in the whole world: canonical among equal deadlines
    uint32_t number;        // of the timers of its home, from 1
    uint32_t started_at;    // index + 1 of the event that started it
    uint32_t occurrence;    // of those of its home and site, if asked for
    struct envelope *fired; // its TIMER while that is in flight
    struct envelope *holds; // what it lets go when it fires, instead of a TIMER
};

#endif
