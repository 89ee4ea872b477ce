// SPDX-License-Identifier: MIT
// records: what a test's process tells `prism` (docs/records.cddl), as C structs.
//
// A child is trusted to be ours and not trusted to be well: every index is checked when a record is
// read, and what does not fit makes the record bad, so that the rest of sim/report need not look
// again.
#ifndef PRISM_REPORT_RECORDS_H
#define PRISM_REPORT_RECORDS_H

#include "sim/report/value.h"

#define RECORD_BYTES_MAX ((size_t)64 << 20)
#define NOBODY           (-1) // an actor index that is null

typedef VEC(int32_t) index_list;

struct place_record {
    struct str function, file; // file "": not known
    int32_t line;
};

struct pair_record {
    struct str name, value;
};

struct param_record {
    struct str name, type, default_value;
};

struct test_record {
    struct str name, kind, file;
    int32_t line;
    VEC(struct param_record) params;
    bool done; // of the reader's: there is a result
};

struct start_record {
    struct str name, seed;
    uint64_t runs;
};

// How many behaviours samples showed once, twice, more often.
struct sampled {
    uint64_t once, twice, more;
};

struct progress_record {
    struct str name;
    uint64_t schedules, pruned, steps, behaviours, newest;
    struct sampled sampled;
};

struct finding {
    struct str kind, message, word, actor;
    struct place_record place;
    int32_t column;
    VEC(struct pair_record) values;
};

// One that several schedules ended in.
struct counted_finding {
    struct finding *finding;
    uint64_t schedules;
};

struct result_record {
    struct str name, file, kind;
    int32_t line;
    bool failed, undecided;  // neither: it passed
    struct finding *failure; // NULL unless it failed
    uint64_t schedules, failing, pruned, steps, behaviours, recent, window, run, elapsed_ms;
    struct sampled sampled;
    VEC(struct counted_finding) findings; // each different one
    bool exhausted;
    int32_t faults; // all placements of up to so many were explored, -1: none was placed
    struct str over, limit, strategy, seed, trace, untraced, inputs, unmet; // "" for null
    VEC(struct pair_record) params;
};

struct story_actor {
    struct str name, path, type, file, node; // node: "" where the test itself runs
    int32_t line;
};

struct change {
    struct str name, before, after;
};

struct output_record {
    int32_t stream; // 1 or 2
    struct str text;
};

// A fault within a step: of which kind, and where.
struct mishap_record {
    struct str fault, place;
};

struct story_step {
    int32_t step, actor, from; // from: NOBODY
    int32_t sent, choice;
    struct str event, message, args, failed, operation, crashed;
    struct place_record place; // that sent it
    struct str at_file;
    int32_t at_line;
    int64_t now_ns;
    bool is_switch, matters;
    VEC(struct change) changes;
    VEC(struct output_record) output;
    VEC(struct mishap_record) mishaps;
};

struct wait_record {
    int32_t actor, on; // on: NOBODY
    struct str what, message, holder;
    int32_t held_by; // a lock: who holds it, or NOBODY
    bool held_ended; // and has ended without letting it go
    struct str held_file;
    int32_t held_line;
    struct str handle; // the word for `on` if it is one: "channel"; else ""
    struct place_record place;
    int32_t step;
};

struct waits_record {
    VEC(struct wait_record) waiting;
    index_list circle; // indexes into waiting
    index_list idle;   // actors
};

struct needed {
    int32_t step;
    struct str mishap;   // where a fault struck in that step, if that is what is needed; else ""
    int32_t actor, from; // of the event that would have come instead; from: NOBODY
    struct str event, message;
    struct place_record first, second;
};

struct why_record {
    int32_t varied, harmless;
    bool limited, needs_any;
    VEC(struct needed) needed;
};

struct story {
    struct str name;
    bool failed;
    int32_t events, switches, found_events, found_switches, tries, left_out;
    VEC(struct story_actor) actors;
    VEC(struct story_step) steps;
    struct waits_record *waits; // or NULL
    struct why_record *why;     // or NULL
};

struct replay_record {
    struct str trace, name, verdict, expected;
    bool changed;
    int32_t step, steps;
    VEC(struct str) got;
};

// What a process that died left behind.
struct crash_record {
    struct str name, seed, last, trace, untraced; // last: its last event in words
    uint64_t run;                                 // 0: none of a search
    int32_t events, followed;
};

// A trace that was made smaller.
struct shrunk_record {
    struct str trace, untraced; // one of them empty
    int32_t events, found_events, deviations, found_deviations, tries;
};

struct error_record {
    struct str error, message, near;
};

struct end_record {
    int32_t exit, passed, failed;
};

enum record_kind {
    RECORD_HELLO,
    RECORD_TEST,
    RECORD_START,
    RECORD_PROGRESS,
    RECORD_RESULT,
    RECORD_STORY,
    RECORD_REPLAY,
    RECORD_CRASH,
    RECORD_SHRUNK,
    RECORD_ERROR,
    RECORD_END,
    RECORD_UNKNOWN, // of a later version: to be skipped
};

struct record {
    enum record_kind kind;
    union {
        struct {
            struct str program, mir;
            int32_t version;
        } hello;
        struct test_record test;
        struct start_record start;
        struct progress_record progress;
        struct result_record result;
        struct story story;
        struct replay_record replay;
        struct crash_record crash;
        struct shrunk_record shrunk;
        struct error_record error;
        struct end_record end;
    };
};

// Reads the record at the start of `bytes`; status and `used` as of value_read. All of it is copied
// into the arena.
enum value_status record_read(struct arena *a, struct str bytes, struct record *out, size_t *used);

#endif
