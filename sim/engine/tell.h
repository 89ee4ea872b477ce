// SPDX-License-Identifier: MIT
// tell: what `prism` is told about executions, as records (docs/records.cddl). A watcher follows one
// execution event by event; the rest of the engine knows only that there may be one.
#ifndef PRISM_SIM_TELL_H
#define PRISM_SIM_TELL_H

#include "world.h"

struct watcher;

// Called around the segments of a watched execution.
void watch_take(struct world *w, const struct cell *home, const struct envelope *e);
void watch_advance(struct world *w, const struct timer *t);
void watch_taken(struct world *w, const struct cell *home);
void watch_print(struct world *w, int stream, const void *bytes, size_t len);

#endif
