// SPDX-License-Identifier: MIT
// net.drop, net.duplicate, net.reorder: what happens to messages and answers between nodes. The
// language promises that what crosses arrives at most once and in the order of its sender, so only
// loss strikes by default; the others show what a program makes of a transport that promises less.
#include "fault/fault.h"
#include <string.h>

static bool crosses(const struct world *w, const struct envelope *e) {
    bool travels = e->kind == ENVELOPE_MESSAGE || e->kind == ENVELOPE_REPLY;
    return travels && flight_crosses(w, e);
}

static uint32_t add(struct strike *out, uint32_t count, uint32_t room, struct envelope *e) {
    if (count < room)
        out[count] = (struct strike){.envelope = e};
    return count + 1;
}

uint32_t net_drop_targets(struct world *w, struct strike *out, uint32_t room) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->ready_count; i++)
        if (crosses(w, w->ready[i]))
            count = add(out, count, room, w->ready[i]);
    return count;
}

void net_drop_strike(struct world *w, const struct strike *s) {
    flight_lose(w, s->envelope);
}

uint32_t net_duplicate_targets(struct world *w, struct strike *out, uint32_t room) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->ready_count; i++) {
        const struct envelope *e = w->ready[i];
        // Duties to answer and other handles are not copied: then there would be two of them.
        bool is_data = !e->type || e->type->flags & PRISM_PLAIN;
        if (crosses(w, e) && e->kind == ENVELOPE_MESSAGE && is_data)
            count = add(out, count, room, w->ready[i]);
    }
    return count;
}

// The second one has nobody to answer to.
void net_duplicate_strike(struct world *w, const struct strike *s) {
    const struct envelope *e = s->envelope;
    struct envelope *second = sched_envelope_new(&w->cx, e->payload_bytes);
    second->kind = e->kind;
    second->generation = e->generation;
    second->message = e->message;
    second->type = e->type;
    second->site = e->site;
    memcpy(second->payload, e->payload, e->payload_bytes);
    void *home = w->cx.home;
    w->cx.home = w->names[e->sched.sender].cell;
    sched_post(&w->cx, e->sched.home, second);
    w->cx.home = home;
}

uint32_t net_reorder_targets(struct world *w, struct strike *out, uint32_t room) {
    uint32_t count = 0;
    for (struct cell *c = w->first_cell; c; c = c->sched.all_next)
        for (struct envelope *e = c->sched.first; e; e = e->next) {
            bool waits = !e->sched.ready && !e->sched.held && !e->sched.hurries;
            if (waits && crosses(w, e) && actor_wants(c, e) != TAKE_LATER)
                count = add(out, count, room, e);
        }
    return count;
}

void net_reorder_strike(struct world *w, const struct strike *s) {
    s->envelope->sched.hurries = true;
    flight_dirty(w, s->envelope->sched.home);
}
