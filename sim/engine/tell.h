// SPDX-License-Identifier: MIT
// tell: what `prism` is told about executions, as records (docs/records.cddl). A watcher follows
// one execution event by event; the rest of the engine knows only that there may be one. Files:
// tell/.
#ifndef PRISM_SIM_TELL_H
#define PRISM_SIM_TELL_H

#include "path.h"
#include "runtime/test/child.h"
#include "world.h"

// ---- watching -----------------------------------------------------------------------------------

#define STEPS_TOLD_MAX  1000
#define SHOWN_BYTES_MAX 200

struct told_change {
    const char *name, *before, *after;
};
struct told_output {
    int stream;
    const char *text;
};
// A fault within a segment: of which kind, and where.
struct told_mishap {
    uint32_t kind;
    const char *place; // NULL: the actor
    uint64_t home;
};
// A step of the story; texts belong to the watcher.
struct told_step {
    uint32_t actor, from;               // ids; from 0: the scheduler
    uint32_t sent, alternatives, event; // event: index in the log
    uint8_t kind;
    bool matters;
    const char *message, *args, *failed, *crashed;
    const prism_site *site; // that sent it
    uint32_t at_file, at_line;
    int64_t now_ns;
    struct told_change *changes;
    struct told_output *outputs;
    struct told_mishap *mishaps;
    uint32_t change_count, output_count, mishap_count;
};

struct watcher {
    struct told_step *steps; // a ring of the last STEPS_TOLD_MAX
    uint32_t count;          // of all steps
    uint32_t from;           // steps before are only counted
    bool hurries;            // so are all from now on
    bool in_step;
    char **before; // the fields of the actor's state before the step
    uint32_t before_count;
    bool had_finding, had_told;
    void **texts; // all that is to be freed
    uint32_t text_count, text_capacity;
};
// `events`: of the execution, if that is known: then only those are shown that are kept; 0: it is
// not.
void watcher_begin(struct watcher *watcher, uint32_t events);
void watcher_free(struct watcher *watcher);
// The step of an event, or NULL if it is not kept.
struct told_step *watcher_step(const struct watcher *watcher, uint32_t event);

// Called around the segments of a watched execution.
void watch_take(struct world *w, const struct cell *home, const struct envelope *e);
void watch_strike(struct world *w, const struct cell *home, const struct strike *s);
void watch_advance(struct world *w, const struct timer *t);
void watch_taken(struct world *w, const struct cell *home);
void watch_mishap(struct world *w, const struct mishap *m);
void watch_print(struct world *w, int stream, const void *bytes, size_t len);

// A value as the program would print it, at most SHOWN_BYTES_MAX bytes; leaves the arena as it was.
// The text is the watcher's.
const char *watcher_show(struct watcher *watcher, struct world *w, const prism_type *type,
                         const void *value);
const char *watcher_text(struct watcher *watcher, const char *bytes, size_t len);

// ---- why ----------------------------------------------------------------------------------------

#define NEEDED_MAX 8

struct why {
    uint32_t varied, harmless;
    bool limited;
    struct fork_point needed[NEEDED_MAX]; // changing this choice to `other` avoids the failure
    uint32_t needed_count;
};
// Varies every choice of the path's run, one at a time, within a budget of events.
struct why why_find(const struct subject *subject, const struct path *path,
                    const struct finding *wanted);

// ---- records ------------------------------------------------------------------------------------

// The program's name of a file by index, "" if it is none.
const char *file_name(const prism_program *p, const prism_site *site);
// An actor as people call it: "Fork 2", "client 1", the test's name. Static until the next call
// with `room`.
void actor_label(const struct world *w, uint32_t id, const char *test, char *out, size_t room);
void actor_path(const struct world *w, uint32_t id, char *out, size_t room);

// A value's text, with actors called as actor_label calls them.
void record_shown(struct cbor_out *o, const struct world *w, const char *test, const char *key,
                  const char *text);

void put_finding(struct cbor_out *o, struct world *w, const struct finding *f, const char *test);

struct story {
    const char *test;
    struct outcome outcome;
    struct shrink_stats stats;
    struct watcher *watcher;
    const struct why *why; // or NULL
};
// The story of the world as it stands at its finding.
void put_story(struct cbor_out *o, struct world *w, const struct story *s);

#endif
