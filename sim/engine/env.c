// SPDX-License-Identifier: MIT
// The simulator's side of runtime/env.h. Data decisions hang on seed, kind, name and occurrence,
// not on a position in a stream: a different schedule elsewhere leaves them as they are.
#include "runtime/env.h"
#include "fault/fault.h"
#include "tell.h"
#include "world.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPINS_MAX = 16 }; // times PRISM_FUEL back edges in one segment without a suspension

uint64_t env_decide(prism_cx *cx, enum decision_kind kind, const char *name,
                    uint64_t alternatives) {
    struct world *w = (struct world *)cx;
    const struct cell *home = cx->home;
    if (kind == DECIDE_INPUT)
        return world_input(w, alternatives);
    uint64_t who = home ? w->names[home->sched.id].hash : 0;
    uint64_t key = name_hash(who, XXH3_64bits(name, strlen(name)), kind);
    prism_site operation = {.function = name, .operation = ""};
    if (kind == DECIDE_FAULT)
        return fault_strikes_at(w, FAULT_SERVICE_FAIL, &operation);
    if (kind == DECIDE_LATENCY && fault_strikes_at(w, FAULT_SERVICE_SLOW, &operation))
        return alternatives - 1; // the longest
    if (kind == DECIDE_LATENCY && w->host->given.prompt)
        return 0;
    if (kind == DECIDE_ENVIRONMENT) // the machine stays the same within a run
        return world_draw(w, kind, alternatives < 8 ? alternatives : 8);
    return world_draw(w, name_hash(key, world_count(w, key), 0), alternatives);
}

bool prism_foreign(prism_cx *cx) {
    (void)cx;
    return false;
}

int64_t env_now_ns(prism_cx *cx) {
    struct world *w = (struct world *)cx;
    w->touches |= TOUCHES_CLOCK;
    return w->now_ns;
}

// The wall clock of every simulation starts on 2025-01-01.
int64_t env_now_wall_ns(prism_cx *cx) {
    return 1735689600000000000 + env_now_ns(cx);
}

void env_print(prism_cx *cx, int stream, const void *bytes, size_t len) {
    struct world *w = (struct world *)cx;
    const struct cell *home = cx->home;
    if (stream == STREAM_INPUTS) {
        free(w->host->inputs_text);
        w->host->inputs_text = strndup(bytes, len);
        return;
    }
    struct name *who = &w->names[home ? home->sched.id : 0];
    who->output = XXH3_64bits_withSeed(bytes, len, who->output + (uint64_t)stream);
    if (w->host->watcher)
        watch_print(w, stream, bytes, len);
}

void sched_not_taken(prism_cx *cx, const prism_actor_type *type, const char *message,
                     const prism_site *site) {
    char said[256];
    (void)site;
    int len = snprintf(said, sizeof said, "note: %s was told `%s`, which it does not take\n",
                       type ? type->name : "a node", message);
    env_print(cx, 2, said, len < (int)sizeof said ? (size_t)len : sizeof said - 1);
}

// Nothing is put off here.
bool sched_let_go(prism_cx *cx) {
    (void)cx;
    return false;
}

void sched_deeper(prism_cx *cx) {
    cx->depth_max = PRISM_DEPTH_MAX;
}

// Every answer is an event.
void sched_hurry(prism_cx *cx, prism_future *f) {
    (void)cx;
    (void)f;
}

bool sched_nothing_waits(prism_cx *cx, const struct cell *awaiter) {
    (void)cx;
    (void)awaiter;
    return false;
}

void prism_spin(prism_cx *cx, const prism_site *site) {
    struct world *w = (struct world *)cx;
    if (w->out_of_memory)
        prism_trap(cx, PRISM_MEMORY, NULL, site);
    else if (++w->spins > SPINS_MAX)
        prism_trap(cx, PRISM_SPIN, NULL, site);
    else if (actor_memory_holds(cx))
        cx->fuel = PRISM_FUEL;
}

// Another home's mailbox; an estimate that is exact here.
int64_t prism_mailbox_size(prism_cx *cx, prism_ref actor, const prism_site *site) {
    (void)site;
    struct world *w = (struct world *)cx;
    const struct cell *cell = actor.cell;
    w->touches |= TOUCHES_MAILBOX;
    if (!cell || cell->generation != actor.generation)
        return 0;
    int64_t size = actor_mail_count(cell);
    for (const struct envelope *e = cell->sched.first; e; e = e->next)
        size += e->kind == ENVELOPE_MESSAGE;
    return size;
}

// A simulation touches nothing that could be denied.
const char *env_denied(prism_cx *cx) {
    (void)cx;
    return NULL;
}
