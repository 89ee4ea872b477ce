// SPDX-License-Identifier: MIT
// What is in flight: posting, and which envelopes are enabled. An envelope is enabled when its home
// wants it (actor_wants) and no wanted one to the same home lies causally before it. Enabledness
// depends on the home's state and on what is in flight to it alone, so only homes that were touched
// are looked at again.
#include "world.h"

#include <stdlib.h>
#include <string.h>

struct envelope *sched_envelope_new(prism_cx *cx, uint32_t payload_bytes) {
    struct envelope *e = prism_alloc(cx, sizeof *e + payload_bytes);
    memset(e, 0, sizeof *e);
    e->payload_bytes = payload_bytes;
    return e;
}

void sched_envelope_free(prism_cx *cx, struct envelope *e) {
    assert(!e->sched.home);
    clock_clear((struct world *)cx, &e->sched.known);
    prism_free(cx, e, sizeof *e + e->payload_bytes);
}

void flight_dirty(struct world *w, struct cell *home) {
    if (home->sched.dirty)
        return;
    home->sched.dirty = true;
    home->sched.dirty_next = w->dirty;
    w->dirty = home;
}

static uint32_t occurrence_of(struct world *w, const struct envelope *e, const struct cell *home) {
    uint64_t words = name_hash(w->names[e->sched.sender].hash, site_hash(e->site), e->kind);
    return world_count(w, name_hash(words, w->names[home->sched.id].hash, 0));
}

void sched_post(prism_cx *cx, struct cell *home, struct envelope *e) {
    struct world *w = (struct world *)cx;
    const struct cell *from = cx->home;
    struct sched_envelope *s = &e->sched;
    s->home = home;
    s->sender = from ? from->sched.id : 0;
    s->sent_at = w->event_count;
    s->order = ++w->orders;
    struct name *sender = &w->names[s->sender];
    s->number = ++sender->sent;
    if (from)
        clock_copy(w, &s->known, &from->sched.known);
    if (w->host->naming)
        s->occurrence = occurrence_of(w, e, home);
    s->sent_before = sender->sent_last;
    *(sender->sent_last ? &sender->sent_last->sched.sent_next : &sender->sent_first) = e;
    sender->sent_last = e;
    s->before = home->sched.last;
    *(home->sched.last ? &home->sched.last->next : &home->sched.first) = e;
    home->sched.last = e;
    w->in_flight++;
    flight_dirty(w, home);
}

static void disable(struct world *w, struct envelope *e) {
    if (!e->sched.ready)
        return;
    struct envelope *last = w->ready[--w->ready_count];
    w->ready[e->sched.ready - 1] = last;
    last->sched.ready = e->sched.ready;
    e->sched.ready = 0;
    e->sched.disabled_at = w->event_count;
}

static void enable(struct world *w, struct envelope *e) {
    if (e->sched.ready)
        return;
    if (w->ready_count == w->ready_capacity)
        w->ready =
            world_table_grow(w, w->ready, w->ready_count, &w->ready_capacity, sizeof *w->ready);
    w->ready[w->ready_count++] = e;
    e->sched.ready = w->ready_count;
    e->sched.enabled_at = w->event_count;
    e->sched.disabled_at = UINT32_MAX;
}

void flight_unlink(struct world *w, struct envelope *e) {
    struct sched_envelope *s = &e->sched;
    struct sched_cell *home = &s->home->sched;
    struct name *sender = &w->names[s->sender];
    if (s->held)
        flight_release(w, e);
    disable(w, e);
    *(s->sent_before ? &s->sent_before->sched.sent_next : &sender->sent_first) = s->sent_next;
    *(s->sent_next ? &s->sent_next->sched.sent_before : &sender->sent_last) = s->sent_before;
    *(s->before ? &s->before->next : &home->first) = e->next;
    *(e->next ? &e->next->sched.before : &home->last) = s->before;
    s->sent_before = s->sent_next = s->before = e->next = NULL;
    s->home = NULL;
    w->in_flight--;
}

// ---- holding back
// ------------------------------------------------------------------------------------

void flight_hold(struct world *w, struct envelope *e, int64_t until_ns) {
    assert(!e->sched.held);
    struct timer *t = world_table_alloc(w, sizeof *t);
    *t = (struct timer){.home = e->sched.home, .deadline_ns = until_ns, .site = e->site};
    sched_timer_start(&w->cx, t);
    t->sched.holds = e;
    e->sched.held = t;
    flight_dirty(w, e->sched.home);
}

void flight_release(struct world *w, struct envelope *e) {
    struct timer *t = e->sched.held;
    if (t->state == TIMER_RUNNING)
        sched_timer_stop(&w->cx, t);
    e->sched.held = NULL;
    world_table_free(w, t, sizeof *t);
    flight_dirty(w, e->sched.home);
}

void flight_release_all(struct world *w) {
    for (struct cell *c = w->first_cell; c; c = c->sched.all_next)
        for (struct envelope *e = c->sched.first; e; e = e->next)
            if (e->sched.held)
                flight_release(w, e);
}

// ---- what is enabled
// --------------------------------------------------------------------------------

// In a pass over a home's envelopes in order of sending, the first wanted one of each sender is
// noted; a later one is blocked if it is of a noted sender, or if its clock covers a noted one.
static bool blocked(const struct world *w, const struct envelope *e) {
    const struct name *sender = &w->names[e->sched.sender];
    if (e->sched.sender && sender->seen == w->pass)
        return true;
    for (uint32_t i = 0; i < e->sched.known.len; i++) {
        struct clock_pair p = e->sched.known.at[i];
        if (w->names[p.cell].seen == w->pass && w->names[p.cell].least <= p.upto)
            return true;
    }
    return false;
}

static void note(struct world *w, const struct envelope *e) {
    struct name *sender = &w->names[e->sched.sender];
    if (sender->seen == w->pass)
        return;
    sender->seen = w->pass;
    sender->least = e->sched.number;
}

static bool is_waited_for(const struct envelope *e) {
    if (e->kind != ENVELOPE_REPLY)
        return false;
    const prism_future *f = e->reply_to.future;
    const prism_scope *scope = f->scope;
    bool closing = scope && scope->owner && scope->owner->closing == scope;
    return closing || (f->state == FUTURE_PENDING && f->waiter);
}

static void log_silent(struct world *w, struct cell *home, const struct envelope *e) {
    struct world_host *host = w->host;
    if (w->silent_count == host->silent_capacity) {
        host->silent_capacity = host->silent_capacity ? host->silent_capacity * 2 : 1024;
        host->silent = realloc(host->silent, host->silent_capacity * sizeof *host->silent);
        if (!host->silent)
            abort();
    }
    host->silent[w->silent_count++] = (struct silent_take){.sent_at = e->sched.sent_at,
                                                           .sender = e->sched.sender,
                                                           .number = e->sched.number,
                                                           .waited = is_waited_for(e),
                                                           .before = home->sched.silent};
    home->sched.silent = w->silent_count;
}

// Nobody ever asked for this answer: that it came tells nothing, and orders nothing.
static bool is_forgotten(const struct envelope *e) {
    if (e->kind != ENVELOPE_REPLY)
        return false;
    const prism_future *f = e->reply_to.future;
    return f->state == FUTURE_PENDING && f->count == 0 && !f->waited && !f->scope;
}

static void take_silently(struct world *w, struct cell *home, struct envelope *e) {
    uint32_t sender = e->sched.sender, number = e->sched.number;
    bool forgotten = is_forgotten(e);
    if (w->host->silently && !forgotten)
        w->host->silently(w->host->silently_context, w, e);
    if (!forgotten) {
        log_silent(w, home, e);
        clock_join(w, &home->sched.noted, &e->sched.known);
    }
    flight_unlink(w, e);
    if (!forgotten)
        clock_note(w, &home->sched.noted, sender, number);
    if (e->kind == ENVELOPE_TIMER)
        e->timer->sched.fired = NULL;
    actor_take(&w->cx, home, e);
}

// False when something was taken silently, which may have changed what is wanted.
static bool look_once(struct world *w, struct cell *home) {
    w->pass++;
    struct envelope *next;
    for (struct envelope *e = home->sched.first; e; e = next) {
        next = e->next;
        enum take want = actor_wants(home, e);
        bool free = want != TAKE_LATER && !e->sched.held && !blocked(w, e);
        if (free && want == TAKE_SILENT) {
            take_silently(w, home, e);
            return false;
        }
        if (want != TAKE_LATER)
            note(w, e);
        if (free)
            enable(w, e);
        else
            disable(w, e);
    }
    return true;
}

void world_settle(struct world *w) {
    assert(!w->cx.home);
    while (w->dirty) {
        struct cell *home = w->dirty;
        w->dirty = home->sched.dirty_next;
        while (!look_once(w, home)) {
        }
        home->sched.dirty = false;
    }
}
