// SPDX-License-Identifier: MIT
// Waiting that cannot end: nothing is enabled, and a strand is suspended. Who would have to act is
// found by following the duty to answer: a message in flight, a handler under way, or a reply value
// that somebody keeps in its state, in a message, or in a result.
#include "finding.h"

#include <string.h>

// ---- reply values in values ---------------------------------------------------------------------

enum { DEPTH_MAX = 64 };

static bool holds(const prism_type *type, const void *value, const prism_future *f, int depth);

static bool fields_hold(const prism_field *fields, uint32_t count, const void *value,
                        const prism_future *f, int depth) {
    for (uint32_t i = 0; i < count; i++)
        if (holds(fields[i].type, (const char *)value + fields[i].offset, f, depth))
            return true;
    return false;
}

static bool items_hold(const prism_buffer *b, const prism_future *f, int depth) {
    if (!b || (b->element->flags & PRISM_PLAIN))
        return false;
    for (uint64_t i = 0; i < b->len; i++)
        if (holds(b->element, b->data + i * b->element->size, f, depth))
            return true;
    return false;
}

// Does the value hold the reply that `f` waits for? Deeper than DEPTH_MAX nobody looks.
static bool holds(const prism_type *type, const void *value, const prism_future *f, int depth) {
    if (!type || depth > DEPTH_MAX || (type->flags & PRISM_PLAIN))
        return false;
    const void *pointer;
    switch (type->kind) {
    case PRISM_STRUCT:
        return fields_hold(type->fields, type->count, value, f, depth + 1);
    case PRISM_ENUM: {
        uint32_t tag;
        memcpy(&tag, value, sizeof tag);
        const prism_variant *v = &type->variants[tag];
        return fields_hold(v->fields, v->field_count, value, f, depth + 1);
    }
    case PRISM_BUFFER:
        memcpy(&pointer, value, sizeof pointer);
        if (type->flags & PRISM_BOX)
            return pointer &&
                   holds(type->element, ((const prism_boxed *)pointer)->data, f, depth + 1);
        return items_hold(pointer, f, depth + 1);
    case PRISM_FN: {
        memcpy(&pointer, value, sizeof pointer);
        const prism_closure *c = pointer;
        return c && holds(c->captures, c->data, f, depth + 1);
    }
    case PRISM_REPLY: {
        memcpy(&pointer, value, sizeof pointer);
        const prism_reply *r = pointer;
        return r && !r->answered && r->to.future == f;
    }
    default:
        return false;
    }
}

static bool keeps_reply(const struct cell *c, const prism_future *f) {
    if (c->state && holds(c->type->state, c->state, f, 0))
        return true;
    for (const struct envelope *e = c->sched.first; e; e = e->next)
        if (holds(e->type, e->payload, f, 0))
            return true;
    for (const struct envelope *m = actor_mail(c); m; m = m->next)
        if (holds(m->type, m->payload, f, 0))
            return true;
    for (const prism_future *other = c->futures; other; other = other->next)
        if (other->state == FUTURE_DONE && holds(other->type, other->value, f, 0))
            return true;
    return false;
}

// ---- who would have to act ----------------------------------------------------------------------

static bool asked_in_flight(const struct cell *c, const prism_future *f) {
    for (const struct envelope *e = c->sched.first; e; e = e->next)
        if (e->kind == ENVELOPE_MESSAGE && e->reply_to.future == f)
            return true;
    for (const struct envelope *m = actor_mail(c); m; m = m->next)
        if (m->reply_to.future == f)
            return true;
    return false;
}

static bool handles(const struct cell *c, const prism_future *f) {
    for (const struct strand *s = c->first; s; s = s->next)
        if (!s->ended && !s->reply_taken && s->reply_to.future == f)
            return true;
    return false;
}

static void find_holder(const struct world *w, struct wait *wait) {
    for (const struct cell *c = w->first_cell; c; c = c->sched.all_next) {
        if (c->sched.collected)
            continue;
        bool not_taken = asked_in_flight(c, wait->future), runs = handles(c, wait->future);
        if (!not_taken && !runs && !keeps_reply(c, wait->future))
            continue;
        wait->holder = c;
        wait->how = not_taken ? HOW_NOT_TAKEN : runs ? HOW_RUNS : HOW_KEEPS_REPLY;
        return;
    }
    const struct cell *callee = wait->future->callee.cell;
    bool gone = !callee || callee->status == CELL_GONE;
    wait->holder = gone ? NULL : callee;
    wait->how = gone ? HOW_IS_GONE : HOW_KEEPS_REPLY; // in a frame, where nobody can look
}

static bool holds_it(struct wait *wait, const struct cell *c, const struct strand *s,
                     const struct hold *h) {
    for (; h; h = h->next) {
        if (h->handle.cell != wait->holder)
            continue;
        wait->held_by = c;
        wait->held_strand = s;
        wait->held_site = h->site;
        return true;
    }
    return false;
}

// Who holds the lock that is waited for; it may have ended without letting it go.
static void find_keeper(const struct world *w, struct wait *wait) {
    for (const struct cell *c = w->first_cell; c; c = c->sched.all_next) {
        if (c->sched.left_held == wait->holder) {
            wait->held_by = c;
            wait->held_site = c->sched.left_site;
        }
        if (c->sched.collected)
            continue;
        if (holds_it(wait, c, NULL, c->rest->holds))
            return;
        for (const struct strand *s = c->first; s; s = s->next)
            if (holds_it(wait, c, s, s->holds))
                return;
    }
}

static void describe_future(const struct world *w, struct wait *wait, const prism_future *f) {
    wait->future = f;
    wait->what = f->message ? WAITS_REPLY : WAITS_TASK;
    if (f->message) {
        find_holder(w, wait);
        if (wait->holder && wait->holder->type && wait->holder->type->handle)
            find_keeper(w, wait);
    } else if (f->task) {
        wait->holder = f->task;
    } else {
        wait->holder = wait->cell;
        wait->branch = f->strand;
    }
}

static bool is_waiting(const struct strand *s) {
    return !s->ended && s->wait != WAIT_NOT;
}

static uint32_t describe_strand(const struct world *w, const struct strand *s, struct wait *out,
                                uint32_t room) {
    struct wait wait = {.cell = s->home, .strand = s, .site = s->wait_site, .how = HOW_RUNS};
    const prism_future *futures[16];
    uint64_t count = actor_waits_for(s, futures, 16);
    if (s->wait == WAIT_SCOPE && s->closing->members) {
        futures[0] = s->closing->members;
        count = 1;
    }
    if (count == 0) {
        wait.what = s->wait == WAIT_SLEEP ? WAITS_SLEEP : WAITS_TURN;
        wait.holder = s->home->handler && s->home->handler != s ? s->home : NULL;
        wait.branch = wait.holder ? s->home->handler : NULL;
        wait.how = HOW_TURN;
        if (room)
            *out = wait;
        return 1;
    }
    count = count < 16 ? count : 16;
    for (uint64_t i = 0; i < count; i++) {
        if (i >= room)
            break;
        out[i] = wait;
        describe_future(w, &out[i], futures[i]);
        if (s->wait == WAIT_SCOPE)
            out[i].what = WAITS_SCOPE;
    }
    return (uint32_t)count;
}

// A message of the muted cell for which there is no room where it has arrived.
static bool is_told_by(const struct envelope *m, const struct cell *muted) {
    return m->kind == ENVELOPE_MESSAGE && m->word == SENT_MUTES && m->reply_to.home == muted;
}

static uint32_t describe_muted(const struct world *w, const struct cell *muted, struct wait *out,
                               uint32_t room) {
    for (const struct cell *c = w->first_cell; c; c = c->sched.all_next)
        for (const struct envelope *m = c->sched.collected ? NULL : actor_mail(c); m; m = m->next) {
            if (!is_told_by(m, muted))
                continue;
            if (room)
                *out = (struct wait){.cell = muted,
                                     .strand = muted->handler,
                                     .site = m->site,
                                     .what = WAITS_ROOM,
                                     .message = m->message,
                                     .holder = c,
                                     .how = HOW_NOT_TAKEN};
            return 1;
        }
    return 0;
}

uint32_t waits_find(struct world *w, struct wait *out, uint32_t room) {
    uint32_t found = 0;
    for (const struct cell *c = w->first_cell; c; c = c->sched.all_next) {
        if (!c->sched.collected && c->unaccepted)
            found += describe_muted(w, c, out + found, found < room ? room - found : 0);
        for (const struct strand *s = c->sched.collected ? NULL : c->first; s; s = s->next)
            if (is_waiting(s))
                found += describe_strand(w, s, out + found, found < room ? room - found : 0);
    }
    return found < room ? found : room;
}

// ---- the circle ---------------------------------------------------------------------------------

// An idle holder acts only when somebody sends it something. The one who may owe it that is who got
// its last answer: the holder of a lock, seen from the lock.
static uint32_t owes(const struct world *w, const struct cell *idle) {
    if (idle->type && idle->type->handle)
        return 0;
    for (uint32_t i = w->event_count; i-- > 0;) {
        const struct event *e = &w->host->log[i];
        if (e->kind == ENVELOPE_REPLY && e->sender == idle->sched.id)
            return e->home;
    }
    return 0;
}

static bool leads_to(const struct world *w, const struct wait *waits, uint32_t count,
                     const struct wait *from, const struct wait *to) {
    if (!from->holder)
        return false;
    if (from->held_by)
        return to->cell == from->held_by && (!from->held_strand || to->strand == from->held_strand);
    if (from->branch)
        return to->strand == from->branch;
    if (to->cell == from->holder)
        return from->how != HOW_RUNS || from->future == NULL || to->strand->kind != STRAND_ISOLATED;
    for (uint32_t i = 0; i < count; i++)
        if (waits[i].cell == from->holder)
            return false; // not idle
    return to->cell->sched.id == owes(w, from->holder);
}

// Depth first; the number of waits is small. `state`: 0 not met, 1 on the path, 2 done.
static uint32_t search(const struct world *w, struct wait *waits, uint32_t count, uint32_t at,
                       uint8_t *state) {
    state[at] = 1;
    for (uint32_t to = 0; to < count; to++) {
        if (!leads_to(w, waits, count, &waits[at], &waits[to]) || state[to] == 2)
            continue;
        waits[at].next = to + 1;
        if (state[to] == 1)
            return to + 1;
        uint32_t circle = search(w, waits, count, to, state);
        if (circle)
            return circle;
    }
    waits[at].next = 0;
    state[at] = 2;
    return 0;
}

uint32_t waits_circle(struct world *w, struct wait *waits, uint32_t count) {
    uint8_t state[WAITS_MAX] = {0};
    assert(count <= WAITS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t circle = state[i] ? 0 : search(w, waits, count, i, state);
        if (circle)
            return circle;
    }
    return 0;
}

// ---- the verdict --------------------------------------------------------------------------------

static uint64_t places_of(const struct wait *waits, uint32_t count, uint32_t circle) {
    uint64_t sum = 0;
    if (!circle) {
        for (uint32_t i = 0; i < count; i++)
            sum += site_hash(waits[i].site);
        return sum;
    }
    uint32_t at = circle;
    do {
        sum += site_hash(waits[at - 1].site);
        at = waits[at - 1].next;
    } while (at != circle);
    return sum;
}

void check_waiting(struct world *w) {
    struct wait waits[WAITS_MAX];
    uint32_t count = waits_find(w, waits, WAITS_MAX);
    if (w->finding.kind || count == 0)
        return;
    uint32_t circle = waits_circle(w, waits, count);
    const struct wait *first = &waits[circle ? circle - 1 : 0];
    w->finding =
        (struct finding){.kind = circle || !w->root_ended ? FINDING_DEADLOCK : FINDING_LEAK,
                         .site = first->site,
                         .function = first->strand ? first->strand->function : NULL,
                         .actor = first->cell->sched.id,
                         .places = places_of(waits, count, circle)};
}
