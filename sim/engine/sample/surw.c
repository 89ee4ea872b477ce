// SPDX-License-Identifier: MIT
// Selectively uniform random walk (Zhao, Wolff, Mathur, Roychoudhury: Selectively Uniform
// Concurrency Testing, ASPLOS 2025). Of the events of a selected set all interleavings shall be
// equally likely; the others are scheduled at random. Here the set is what one actor takes, drawn
// for each run, and the threads are its senders. The sender of the next event of the set is drawn
// beforehand, each with the weight of how many it has left, which is uniform over interleavings;
// events of the set of another sender wait until it has come. How many there are is known from the
// first run; where a run has others, they are let through.
#include "sample/sample.h"

#include <stdlib.h>

static void draw_intended(struct sampler *s) {
    const struct profile *p = s->profile;
    s->surw.intended = 0;
    if (!s->surw.total)
        return;
    uint32_t at = sampler_below(s, s->surw.total), i = 0;
    while (at >= s->left[s->surw.first + i])
        at -= s->left[s->surw.first + i++];
    s->surw.intended = p->at[s->surw.first + i].sender;
}

// The entries of the n-th home that has several senders.
static void select_home(struct sampler *s, uint32_t n) {
    const struct profile *p = s->profile;
    for (uint32_t i = 0, next; i < p->len; i = next) {
        for (next = i; next < p->len && p->at[next].home == p->at[i].home; next++) {
        }
        if (next - i == 1 || n-- > 0)
            continue;
        s->surw.home = p->at[i].home;
        s->surw.first = i;
        s->surw.len = next - i;
        return;
    }
}

void surw_begin(struct sampler *s) {
    const struct profile *p = s->profile;
    s->surw.home = s->surw.intended = 0;
    s->surw.len = s->surw.total = 0;
    if (!p->homes)
        return;
    s->left = realloc(s->left, p->len * sizeof *s->left);
    if (!s->left)
        abort();
    for (uint32_t i = 0; i < p->len; i++)
        s->left[i] = p->at[i].events;
    select_home(s, sampler_below(s, p->homes));
    for (uint32_t i = 0; i < s->surw.len; i++)
        s->surw.total += s->left[s->surw.first + i];
    draw_intended(s);
}

static bool is_selected(const struct sampler *s, const struct world *w, const struct envelope *e) {
    return s->surw.home && w->names[e->sched.home->sched.id].hash == s->surw.home;
}

struct envelope *surw_choose(struct sampler *s, struct world *w) {
    struct envelope *chosen = NULL;
    uint32_t free = 0;
    for (uint32_t i = 0; i < w->ready_count; i++) {
        struct envelope *e = w->ready[i];
        bool waits = s->surw.intended && is_selected(s, w, e) &&
                     w->names[e->sched.sender].hash != s->surw.intended;
        if (!waits && sampler_below(s, ++free) == 0)
            chosen = e;
    }
    return chosen ? chosen : any_envelope(s, w);
}

void surw_taken(struct sampler *s, const struct world *w, struct choice c) {
    if (!c.envelope || !is_selected(s, w, c.envelope))
        return;
    uint64_t sender = w->names[c.envelope->sched.sender].hash;
    for (uint32_t i = s->surw.first; i < s->surw.first + s->surw.len; i++)
        if (s->profile->at[i].sender == sender && s->left[i] > 0) {
            s->left[i]--;
            s->surw.total--;
        }
    draw_intended(s);
}
