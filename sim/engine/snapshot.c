// SPDX-License-Identifier: MIT
// Keeping and restoring worlds.
#include "snapshot.h"

#include <stdlib.h>

// As many bytes are copied in the time that an event takes; measured, and only good to a factor.
enum { EVENT_BYTES = 4096, TAIL_BYTES = 256 };

static bool pays(const struct snapshots *s, const struct world *w) {
    if (s->count == 0)
        return true;
    uint64_t again = w->event_count - s->at[s->count - 1].events;
    return again * EVENT_BYTES >= (uint64_t)world_bytes(w) << s->closeness;
}

// Gives up every second one; the first stays.
static void thin_out(struct snapshots *s) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->slots; i++) {
        if (i < s->count && i % 2 == 0) {
            s->at[kept++] = s->at[i];
            continue;
        }
        s->bytes -= s->at[i].room;
        free(s->at[i].copy);
    }
    s->count = s->slots = kept;
    s->closeness += s->closeness < 32;
}

static struct snapshot *next_slot(struct snapshots *s, size_t bytes) {
    if (s->count == s->slots) {
        s->at = realloc(s->at, (s->slots + 1) * sizeof *s->at);
        if (!s->at)
            abort();
        s->at[s->slots++] = (struct snapshot){0};
    }
    struct snapshot *slot = &s->at[s->count++];
    if (slot->room < bytes) {
        s->bytes -= slot->room;
        free(slot->copy);
        slot->room = bytes + bytes / 4;
        slot->copy = malloc(slot->room);
        if (!slot->copy)
            abort();
        s->bytes += slot->room;
    }
    return slot;
}

void snapshots_offer(struct snapshots *s, struct world *w, uint32_t mark) {
    assert(!w->in_event && !w->dirty);
    if (s->never || (s->count && s->at[s->count - 1].events >= w->event_count) || !pays(s, w))
        return;
    size_t bytes = world_bytes(w);
    if (s->count && s->bytes + bytes > SNAPSHOT_BYTES_MAX) {
        thin_out(s);
        return;
    }
    struct snapshot *slot = next_slot(s, bytes);
    slot->events = w->event_count;
    slot->mark = mark;
    slot->drawn = w->host->drawn.len;
    slot->mishaps = w->host->mishaps.len;
    slot->bytes = bytes;
    world_copy(w, slot->copy);
}

bool snapshots_return(struct snapshots *s, uint32_t events, uint32_t *mark) {
    while (s->count && s->at[s->count - 1].events > events)
        s->count--;
    if (!s->count)
        return false;
    const struct snapshot *last = &s->at[s->count - 1];
    *mark = last->mark;
    WORLD->host->drawn.len = last->drawn;
    WORLD->host->mishaps.len = last->mishaps;
    size_t lost = s->cut_tail && s->count > 1 ? TAIL_BYTES : 0;
    world_put_back(last->copy, last->bytes - (lost < last->bytes ? lost : 0));
    return true;
}

void snapshots_free(struct snapshots *s) {
    for (uint32_t i = 0; i < s->slots; i++)
        free(s->at[i].copy);
    free(s->at);
    *s = (struct snapshots){0};
}
