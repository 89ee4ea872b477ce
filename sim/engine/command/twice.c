// SPDX-License-Identifier: MIT
// Is the program determined by its decisions? Every failing run, and a sample of the passing ones,
// is run twice; the first event that differs is named. What differs lies outside of Prism's values:
// a foreign function, or a defect of Prism.
#include "command/command.h"
#include "explore/explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void run_keep(struct kept_run *kept, const struct world *w, uint32_t len) {
    run_forget(kept);
    uint32_t all;
    kept->ids = script_of(w, &all);
    assert(len <= all);
    kept->len = len;
    kept->log = malloc((len + 1) * sizeof *kept->log);
    kept->names = malloc(w->name_count * sizeof *kept->names);
    if (!kept->log || !kept->names)
        abort();
    memcpy(kept->log, w->host->log, len * sizeof *kept->log);
    memcpy(kept->names, w->names, w->name_count * sizeof *kept->names);
}

void run_forget(struct kept_run *kept) {
    free(kept->ids);
    free(kept->log);
    free(kept->names);
    *kept = (struct kept_run){0};
}

static const char *kind_of(const struct name *n) {
    return n->type ? n->type->name : n->function ? n->function->name : "the test";
}

static void event_words(const struct event *log, const struct name *names, uint32_t len, uint32_t i,
                        char *out, size_t room) {
    static const char *const what[] = {"a message", "a reply",        "a start", "a wake-up",
                                       "a timer",   "a cancellation", "a stop",  "time"};
    if (i >= len) {
        snprintf(out, room, "nothing");
        return;
    }
    const struct event *e = &log[i];
    snprintf(out, room, "%s took %s from `%s`", kind_of(&names[e->home]), what[e->kind],
             e->site ? e->site->function : "the runtime");
}

bool run_differs(const struct kept_run *first, const struct world *w, uint32_t len,
                 struct finding *out) {
    uint32_t all, i = 0;
    uint64_t *ids = script_of(w, &all);
    while (i < len && i < first->len && ids[i] == first->ids[i])
        i++;
    free(ids);
    if (i == len && i == first->len)
        return false;
    char once[64], twice[64];
    event_words(first->log, first->names, first->len, i, once, sizeof once);
    event_words(w->host->log, w->names, len, i, twice, sizeof twice);
    *out = (struct finding){.kind = FINDING_NONDETERMINISM};
    snprintf(out->said, sizeof out->said, "event %u: %s, then %s", i + 1, once, twice);
    return true;
}
