// SPDX-License-Identifier: MIT
// analyze: what a program does, read off its core MIR without running it. This is the door of
// frontend/analyze/.
//
//   links.c: who talks to whom -> growth.c, waits.c: bottlenecks -> claims.c, picture.c
//
// Everything is a fact about the text: a link says that code of the one may reach an operation on
// the other, not that it does so in every run. Everything lives in the arena given to analyze(), in
// the order of the program's text.
#ifndef PRISM_ANALYZE_H
#define PRISM_ANALYZE_H

#include "frontend/mir/mir.h"
#include "frontend/sema/sema.h"

// ---- parties: who acts --------------------------------------------------------------------------

enum party_kind { PARTY_MAIN, PARTY_TEST, PARTY_ACTOR };

struct party {
    enum party_kind kind;
    const char *name; // of what the library makes for a handle, its word: "channel"
    struct mir_loc loc;
    const struct mir_actor *actor; // PARTY_ACTOR
    bool is_library;               // an actor of the standard library
    bool is_supervised;            // somebody starts it as a supervisor's child
    bool is_many;                  // it is spawned in a loop, or by somebody who is many
};

enum link_kind { LINK_SPAWNS, LINK_TELLS, LINK_ASKS, LINK_FORWARDS };
const char *link_word(enum link_kind kind); // "asks"

struct link {
    int32_t from, to; // parties
    enum link_kind kind;
    const char *message; // NULL: LINK_SPAWNS
    struct mir_loc loc;  // in the program's own files where there is one
    bool is_repeated;    // within a loop
    bool has_limit;      // LINK_ASKS: with a timeout of its own
};

// ---- bottlenecks --------------------------------------------------------------------------------

enum bottleneck_kind {
    BOTTLENECK_ONE_BY_ONE, // questions of a loop, each asked when the one before is answered
    BOTTLENECK_IN_A_ROW,   // two questions of which the second does not need the first's answer
    BOTTLENECK_GROWTH,     // a field that grows and never shrinks
    BOTTLENECK_FAN_IN,     // one actor that many others send to
    BOTTLENECK_HELD,       // an actor with several senders that waits while it handles a message
};
const char *bottleneck_word(enum bottleneck_kind kind); // "fan-in"

struct bottleneck {
    enum bottleneck_kind kind;
    struct mir_loc loc;
    struct str what, advice; // sentences without a full stop
};

// ---- claims -------------------------------------------------------------------------------------

enum claim_status { CLAIM_HOLDS, CLAIM_FALSE, CLAIM_UNCHECKED };
const char *claim_word(enum claim_status status); // "holds"

// A phrase of `safety_properties`.
struct claim {
    const char *subject; // the actor
    struct str phrase, reason;
    struct span span;
    enum claim_status status;
};

// What a proof or a refutation says of the program's deadlock freedom, if anybody asked.
enum verified { VERIFIED_UNASKED, VERIFIED_PROVED, VERIFIED_REFUTED, VERIFIED_UNDECIDED };

// ---- the whole ----------------------------------------------------------------------------------

enum complexity { COMPLEXITY_LOW, COMPLEXITY_MEDIUM, COMPLEXITY_HIGH };
const char *complexity_word(enum complexity c);

struct analysis {
    const struct mir_module *module;
    VEC(struct party) parties;
    VEC(struct link) links; // each pair, kind and message once
    VEC(struct bottleneck) bottlenecks;
    VEC(struct claim) claims;
    VEC(struct str) hints; // sentences about the program, for readers
    enum complexity complexity;
    int32_t actors, messages, waits, loops_with_waits; // of the program's own text
};

// The module is core, valid and inferred; `typed` is the program that it was built from.
struct analysis *analyze(struct arena *a, const struct mir_module *m,
                         const struct typed_program *typed);
// Judges the claims: some of them hold by what the checker said.
void analyze_claims(struct arena *a, struct analysis *all, const struct typed_program *typed,
                    enum verified deadlock_freedom, enum verified capability_compliance);

// Pictures of parties and links: a Mermaid flowchart, an SVG document.
void analysis_mermaid(const struct analysis *all, struct text *out);
void analysis_svg(struct arena *a, const struct analysis *all, struct text *out);

#endif
