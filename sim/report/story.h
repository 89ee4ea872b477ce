// SPDX-License-Identifier: MIT
// report: a failing run told to people. This is the door of sim/report/ for text; records.h is the
// door for the data.
//
// A story has four parts, each a function from records to text: who waits for whom (deadlocks),
// what happened (a lane for each actor), why (which choices matter), and where to look.
#ifndef PRISM_REPORT_STORY_H
#define PRISM_REPORT_STORY_H

#include "frontend/diag/diag.h"
#include "sim/report/records.h"

// At most that many steps are shown, the last ones; 0: all.
void story_put_happened(const struct story *s, int32_t steps_max, struct diag_style style,
                        struct text *out);
// Nothing where the story has no waits.
void story_put_waits(const struct story *s, struct diag_style style, struct text *out);
// Nothing where nothing is known of the reasons.
void story_put_why(const struct story *s, struct diag_style style, struct text *out);
// All of it.
void story_put(const struct story *s, int32_t steps_max, struct diag_style style, struct text *out);

// How many faults the step is, or had within it.
int32_t story_faults(const struct story_step *s);
// "Database.findUser fails"
struct str story_mishap_words(struct arena *a, const struct mishap_record *m);
// What the actor does in a step, in a few words: "Add(20)", "gets 100", "starts".
struct str story_step_words(struct arena *a, const struct story_step *s);
// The name of an actor; "nobody" for NOBODY.
struct str story_actor_name(const struct story *s, int32_t actor);
// "bank.prism:16", without folders; empty where it is not known.
struct str story_place(struct arena *a, struct str file, int32_t line);

// ---- for other tools (export.c, compare.c) -------------------------------------------

// Chrome's trace events, a log for ShiViz, a sequence diagram in Mermaid's words, one JSON object.
void story_put_chrome(const struct story *s, struct text *out);
void story_put_shiviz(const struct story *s, struct text *out);
void story_put_mermaid(const struct story *s, struct text *out);
void story_put_json(const struct story *s, struct text *out);
// The steps of both, those of one alone marked with - or +. Are there any such?
bool story_put_difference(const struct story *a, const struct story *b, struct text *out);

#endif
