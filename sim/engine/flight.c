// SPDX-License-Identifier: MIT
// What is in flight: posting, and which envelopes are enabled. An envelope is enabled when its home
// wants it (actor_wants) and no wanted one to the same home lies causally before it. Enabledness
// depends on the home's state and on what is in flight to it alone, so only homes that were touched
// are looked at again.
#include "world.h"

#include <stdlib.h>
#include <string.h>

struct envelope *sched_envelope_new(prism_cx *cx, uint32_t payload_bytes) {
    uint32_t bytes = sizeof(struct envelope) + payload_bytes;
    // All of it, though the head would do: what has no constant size is cleared by the library,
    // which is faster than what the compiler puts here.
    struct envelope *e = memset(prism_alloc(cx, bytes), 0, bytes);
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

void sched_send(prism_cx *cx, prism_ref to, const prism_message *message, const void *args,
                struct reply_to reply_to, const prism_site *site) {
    uint32_t bytes = message->handler->args ? message->handler->args->size : 0;
    struct envelope *e = sched_envelope_new(cx, bytes);
    envelope_message(e, to.generation, message, reply_to, site);
    move_value(e->payload, args, bytes);
    sched_post(cx, to.cell, e);
}

void sched_tell(prism_cx *cx, prism_ref to, const prism_message *message, const void *args,
                const prism_site *site) {
    sched_send(cx, to, message, args, (struct reply_to){0}, site);
}

static uint32_t occurrence_of(struct world *w, const struct envelope *e, const struct cell *home) {
    uint64_t words = name_hash(w->names[e->sched.sender].hash, site_hash(e->site), e->kind);
    return world_count(w, name_hash(words, w->names[home->sched.id].hash, 0));
}

void sched_post(prism_cx *cx, struct cell *home, struct envelope *e) {
    struct world *w = (struct world *)cx;
    const struct cell *from = cx->home;
    struct sched_envelope *s = &e->sched;
    if (w->nodes && !w->ending && actor_travels(e) && link_loses(w, from, home)) {
        actor_lose(cx, e);
        return;
    }
    s->home = home;
    s->sender = from ? from->sched.id : 0;
    s->sent_at = w->event_count;
    s->order = ++w->orders;
    struct name *sender = &w->names[s->sender];
    s->number = ++sender->sent;
    s->loose = w->reading;
    sender->sent_firm = s->loose ? sender->sent_firm : s->number;
    s->upto = sender->sent_firm;
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
    e->sched.again = e->sched.disabled_at != 0;
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

void flight_lose(struct world *w, struct envelope *e) {
    struct cell *home = e->sched.home;
    flight_unlink(w, e);
    actor_lose(&w->cx, e);
    flight_dirty(w, home);
}

// ---- holding back -------------------------------------------------------------------------------

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

// ---- what is enabled ----------------------------------------------------------------------------

// In a pass over a home's envelopes in order of sending, the first wanted one of each sender is
// noted; a later one is blocked if it is of a noted sender, or if its clock covers a noted one.
// What crosses nodes keeps its place behind its own sender's alone.
static bool blocked(const struct world *w, const struct envelope *e) {
    const struct name *sender = &w->names[e->sched.sender];
    if (e->sched.hurries)
        return false;
    uint32_t seen = e->sched.loose ? sender->seen_firm : sender->seen;
    if (e->sched.sender && seen == w->pass)
        return true;
    if (flight_crosses(w, e))
        return false;
    for (uint32_t i = 0; i < e->sched.known.len; i++) {
        struct clock_pair p = e->sched.known.at[i];
        const struct name *n = &w->names[p.cell];
        if (n->seen == w->pass && n->seen_far != w->pass && n->least <= p.upto)
            return true;
    }
    return false;
}

static void note(struct world *w, const struct envelope *e) {
    struct name *sender = &w->names[e->sched.sender];
    if (!e->sched.loose)
        sender->seen_firm = w->pass;
    if (flight_crosses(w, e))
        sender->seen_far = w->pass;
    if (sender->seen == w->pass)
        return;
    sender->seen = w->pass;
    sender->least = e->sched.number;
}

struct strand *flight_waits_for(const struct envelope *e) {
    if (e->kind != ENVELOPE_REPLY || e->reply_to.future->state != FUTURE_PENDING)
        return NULL;
    const prism_future *f = e->reply_to.future;
    struct strand *owner = f->scope ? f->scope->owner : NULL;
    return f->waiter ? f->waiter : owner && owner->closing == f->scope ? owner : NULL;
}

static uint64_t wait_of(const struct strand *s) {
    return s->wait == WAIT_SCOPE ? 0 : s->wait_for[0]->number;
}

static void log_silent(struct world *w, struct strand *waits, const struct envelope *e) {
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
                                                           .upto = e->sched.upto,
                                                           .before = waits->sched.silent};
    waits->sched.silent = w->silent_count;
}

// What came before for another wait, which was interrupted, is forgotten.
static void note_for(struct world *w, struct strand *waits, const struct envelope *e) {
    struct sched_strand *s = &waits->sched;
    if (s->noted_for != wait_of(waits)) {
        s->noted_for = wait_of(waits);
        s->noted.len = s->silent = 0;
    }
    log_silent(w, waits, e);
    clock_join(w, &s->noted, &e->sched.known);
}

uint32_t flight_goes_on(struct world *w, struct cell *home, const struct envelope *e) {
    struct strand *waits = flight_waits_for(e);
    bool together = waits && (waits->wait == WAIT_SCOPE || !e->failure);
    if (!together || waits->sched.noted_for != wait_of(waits))
        return 0;
    uint32_t silent = waits->sched.silent;
    clock_join(w, &home->sched.known, &waits->sched.noted);
    clock_clear(w, &waits->sched.noted);
    waits->sched.silent = 0;
    return silent;
}

// What tells nothing orders nothing.
static void take_silently(struct world *w, struct cell *home, struct envelope *e) {
    uint32_t sender = e->sched.sender, upto = e->sched.upto;
    struct strand *waits = flight_waits_for(e);
    uint8_t touches = w->touches;
    if (w->host->silently && (!waits || e->failure))
        w->host->silently(w->host->silently_context, w, e);
    if (waits)
        note_for(w, waits, e);
    flight_unlink(w, e);
    if (waits)
        clock_note(w, &waits->sched.noted, sender, upto);
    if (e->kind == ENVELOPE_TIMER)
        e->timer->sched.fired = NULL;
    actor_take(&w->cx, home, e);
    assert(w->touches == touches || w->crowded); // else events elsewhere would depend on its time
}

// Of what nobody waits for yet so much is left in flight to one home; more is taken, since all that
// is in flight costs time at every step. An explorer then cannot know all.
enum { EARLY_MAX = 64 };

// False when something was taken silently, which may have changed what is wanted.
static bool look_once(struct world *w, struct cell *home) {
    uint32_t early = 0;
    w->pass++;
    struct envelope *next;
    for (struct envelope *e = home->sched.first; e; e = next) {
        next = e->next;
        enum take want = actor_wants(home, e);
        // Of what nobody waits for yet, nothing can be told before somebody does.
        bool wanted = want != TAKE_LATER && want != TAKE_EARLY;
        bool free = wanted && !e->sched.held && !blocked(w, e);
        if (want == TAKE_EARLY && !e->sched.held && ++early > EARLY_MAX) {
            w->crowded = true;
            take_silently(w, home, e);
            return false;
        }
        if (free && want == TAKE_SILENT) {
            take_silently(w, home, e);
            return false;
        }
        if (wanted)
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
