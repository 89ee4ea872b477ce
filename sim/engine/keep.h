// SPDX-License-Identifier: MIT
// keep: paths as traces, and back. A trace is written only after it was read back and replayed.
#ifndef PRISM_SIM_KEEP_H
#define PRISM_SIM_KEEP_H

#include "path.h"
#include "runtime/trace/trace.h"

// What a trace says besides the path.
struct kept {
    const char *test, *strategy;
    const struct trace_param *params;
    uint32_t param_count;
};

// The path as a trace, of the world as it stands at the end of its run. Texts point into the
// program.
void trace_from_path(struct world *w, const struct path *path, const struct outcome *outcome,
                     const struct kept *kept, struct trace *out);
// The path that a trace describes, and its finding's kind, word and place (as a hash).
void path_from_trace(const struct trace *t, struct path *out);
// Did the run end as the trace says?
bool trace_agrees(const struct trace *t, const struct finding *f);

// Makes the trace, reads it back, replays it, and saves it below `directory` (made if need be).
// Returns the path (malloc'ed), or NULL and in *why a sentence.
char *trace_keep(const struct subject *subject, const struct path *path, const struct kept *kept,
                 const char *directory, const char **why);

// The same, saved as `file`. False, and in *why a sentence, if that was not possible.
bool trace_keep_as(const struct subject *subject, const struct path *path, const struct kept *kept,
                   const char *file, const char **why);
// The same of a run that was ended by a crash: it cannot be tried, and what it came to is not
// known.
char *trace_keep_crash(const struct path *path, uint32_t events, const struct kept *kept,
                       const char *directory, const char **why);

// Makes a folder and those above it; false, and errno, if that failed.
bool directories_make(const char *directory);

// An event of a trace in words, for people.
void trace_event_words(const struct trace *t, const struct trace_event *e, char *out, size_t room);

#endif
