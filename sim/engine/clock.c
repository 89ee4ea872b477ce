// SPDX-License-Identifier: MIT
// Clocks of the causal order; see sched.h. A pair stays only while something that it speaks of is
// in flight.
#include "world.h"

#include <string.h>

static bool says_something(const struct world *w, struct clock_pair p) {
    const struct envelope *oldest = w->names[p.cell].sent_first;
    return oldest && oldest->sched.number <= p.upto;
}

static void reserve(struct world *w, struct clock *c, uint32_t room) {
    if (c->capacity >= room)
        return;
    uint32_t capacity = room <= 4 ? 4 : room * 2;
    struct clock_pair *at = world_table_alloc(w, capacity * sizeof *at);
    if (c->len)
        memcpy(at, c->at, c->len * sizeof *at);
    world_table_free(w, c->at, c->capacity * sizeof *at);
    c->at = at;
    c->capacity = capacity;
}

void clock_clear(struct world *w, struct clock *c) {
    world_table_free(w, c->at, c->capacity * sizeof *c->at);
    *c = (struct clock){0};
}

static void prune(const struct world *w, struct clock *c) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->len; i++)
        if (says_something(w, c->at[i]))
            c->at[kept++] = c->at[i];
    c->len = kept;
}

void clock_copy(struct world *w, struct clock *into, const struct clock *from) {
    assert(into->len == 0);
    if (!from->len)
        return;
    reserve(w, into, from->len);
    memcpy(into->at, from->at, from->len * sizeof *from->at);
    into->len = from->len;
    prune(w, into);
}

static void add(struct world *w, struct clock *c, struct clock_pair p) {
    uint32_t i = c->len;
    while (i > 0 && c->at[i - 1].cell > p.cell)
        i--;
    if (i > 0 && c->at[i - 1].cell == p.cell) {
        if (c->at[i - 1].upto < p.upto)
            c->at[i - 1].upto = p.upto;
        return;
    }
    reserve(w, c, c->len + 1);
    memmove(c->at + i + 1, c->at + i, (c->len - i) * sizeof *c->at);
    c->at[i] = p;
    c->len++;
}

void clock_join(struct world *w, struct clock *into, const struct clock *from) {
    if (into->len)
        prune(w, into);
    for (uint32_t i = 0; i < from->len; i++)
        if (says_something(w, from->at[i]))
            add(w, into, from->at[i]);
}

// What `sender` sent up to `number` lies before from now on.
void clock_note(struct world *w, struct clock *into, uint32_t sender, uint32_t number) {
    struct clock_pair sent = {sender, number};
    if (sender && says_something(w, sent))
        add(w, into, sent);
}
