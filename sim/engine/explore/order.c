// SPDX-License-Identifier: MIT
// The events of the execution at hand and their happens-before order, as one vector clock an event:
// by home, the number of that home's last event that lies before (time is home 0).
#include "explore/order.h"

#include <stdlib.h>
#include <string.h>

bool acts_dependent(enum mutant mutant, const struct act *a, const struct act *b) {
    if (is_time(a) && is_time(b))
        return true;
    if (is_time(a) || is_time(b)) {
        const struct act *other = is_time(a) ? b : a;
        return mutant != MUTANT_NO_CLOCK && other->clock;
    }
    bool commute = mutant == MUTANT_READS ? a->reads || b->reads : a->reads && b->reads;
    return a->id.home == b->id.home && !commute && mutant != MUTANT_NO_HOME;
}

// A reply is known by its future. A strand that waits for several goes on with whichever comes
// last: that is one event, known by the first of them. So is the end of a wait for the tasks of a
// scope.
static void name_reply(const struct envelope *e, struct key *id) {
    const prism_future *f = e->reply_to.future;
    const struct strand *waits = flight_waits_for(e);
    if (e->sched.ready && waits && waits->wait == WAIT_SCOPE) {
        id->sender = site_hash(waits->wait_site) ^ 2;
        id->number = waits->sched.number;
        return;
    }
    bool answers = e->failure == PRISM_NONE;
    id->sender = answers ? 1 : 3;
    id->number = (uint32_t)(answers && f->waited ? f->waited : f->number);
}

struct key order_key(const struct world *w, struct choice c) {
    const struct envelope *e = c.envelope;
    if (!e)
        return (struct key){.number = w->advances + 1, .kind = EVENT_ADVANCE};
    struct key id = {.home = w->names[e->sched.home->sched.id].hash, .kind = e->kind};
    if (e->kind == ENVELOPE_TIMER) {
        id.number = e->timer->sched.number;
    } else if (e->kind == ENVELOPE_REPLY) {
        name_reply(e, &id);
    } else {
        id.sender = w->names[e->sched.sender].hash;
        id.number = e->sched.number;
    }
    return id;
}

enum { TIES_MAX = 64 };

struct timer *order_timer(const struct world *w) {
    struct timer *tied[TIES_MAX], *least = NULL;
    uint32_t count = world_tied_timers(w, tied, TIES_MAX);
    uint64_t least_home = 0;
    for (uint32_t i = 0; i < count && i < TIES_MAX; i++) {
        uint64_t home = w->names[tied[i]->home->sched.id].hash;
        bool less = !least || home < least_home ||
                    (home == least_home && tied[i]->sched.number < least->sched.number);
        if (less) {
            least = tied[i];
            least_home = home;
        }
    }
    return least;
}

static bool message_ready(const struct cell *home) {
    if (home->status == CELL_GONE)
        return true; // all are discarded; in which order says what their answers come after
    if (!home->type)
        return false;
    if (home->mail)
        return true; // whatever it does: that is the message's arrival
    return home->status == CELL_RUNNING && !home->unaccepted &&
           (!home->handler || home->type->reentrant);
}

// A stop by the parent does not wait for a handler, one by somebody else does; who has failed and
// waits to hear what becomes of it takes either.
static enum known stop_ready(const struct cell *home) {
    switch (home->status) {
    case CELL_CLOSING:
    case CELL_STOPPING:
    case CELL_CRASHING:
        return NO;
    case CELL_GONE:
        return PERHAPS;
    case CELL_STARTING:
    case CELL_RUNNING:
        if (actor_is_bounded(home))
            return YES;
        return home->status == CELL_STARTING || home->handler || home->unaccepted ? PERHAPS : YES;
    default:
        return YES;
    }
}

static struct step *step_at(struct order *o, uint32_t at) {
    if (at >= o->room) {
        uint32_t room = o->room ? o->room * 2 : 64;
        o->steps = realloc(o->steps, room * sizeof *o->steps);
        if (!o->steps)
            abort();
        memset(o->steps + o->room, 0, (room - o->room) * sizeof *o->steps);
        o->room = room;
    }
    return &o->steps[at];
}

void order_note(struct order *o, struct world *w, struct choice c) {
    struct step *s = step_at(o, w->event_count);
    s->act.id = order_key(w, c);
    const struct cell *home = c.envelope ? c.envelope->sched.home : c.timer->home;
    s->enabled_at = c.envelope ? c.envelope->sched.enabled_at : 0;
    s->disabled_at = UINT32_MAX;
    s->message_ready = message_ready(home);
    s->stop_ready = stop_ready(home);
    s->again = c.envelope && c.envelope->sched.again;
    s->time_ready = world_time_passes(w);
}

// ---- afterwards ---------------------------------------------------------------------------------

static uint32_t words(uint32_t steps) {
    return steps / 64 + 1;
}

static void start_row(struct step *s, uint32_t at, uint32_t homes) {
    if (!s->before)
        s->before = malloc(words(at) * sizeof *s->before);
    if (s->known_room < homes) {
        s->known_room = homes * 2;
        free(s->known);
        s->known = malloc(s->known_room * sizeof *s->known);
    }
    if (!s->before || !s->known)
        abort();
    memset(s->before, 0, words(at) * sizeof *s->before);
    memset(s->known, 0, homes * sizeof *s->known);
    s->known_len = homes;
}

static void come_after(struct order *o, uint32_t at, uint32_t before) {
    struct step *s = &o->steps[at];
    const struct step *b = &o->steps[before];
    for (uint32_t i = 0; i < words(before); i++)
        s->before[i] |= b->before[i];
    s->before[before / 64] |= UINT64_C(1) << before % 64;
}

// What time brings about is later, but it carries no message; the rest does.
static void know_after(struct order *o, uint32_t at, uint32_t before) {
    struct step *s = &o->steps[at];
    const struct step *b = &o->steps[before];
    come_after(o, at, before);
    uint32_t len = s->known_len < b->known_len ? s->known_len : b->known_len;
    for (uint32_t i = 0; i < len; i++)
        if (s->known[i] < b->known[i])
            s->known[i] = b->known[i];
}

static void come_after_sending(struct order *o, uint32_t at, uint32_t sent_at, uint32_t sender,
                               uint32_t upto) {
    if (sent_at)
        know_after(o, at, sent_at - 1);
    if (sender && o->steps[at].known[sender] < upto)
        o->steps[at].known[sender] = upto;
}

// What only reads comes after the last event of its home that does more, any other after all up to
// that one.
static void come_after_home(struct order *o, uint32_t at) {
    const struct step *s = &o->steps[at];
    for (uint32_t k = s->home_before; k; k = o->steps[k - 1].home_before) {
        const struct act *act = &o->steps[k - 1].act;
        if (acts_dependent(MUTANT_NONE, act, &s->act))
            know_after(o, at, k - 1);
        if (!act->reads)
            return;
    }
}

// The last ADVANCE before step `at`, + 1.
static uint32_t last_time(const struct order *o, uint32_t at) {
    while (at > 0 && !is_time(&o->steps[at - 1].act))
        at--;
    return at;
}

static void fill_step(struct order *o, const struct world *w, uint32_t at) {
    const struct event *e = &w->host->log[at];
    struct step *s = &o->steps[at];
    bool time = e->kind == EVENT_ADVANCE;
    s->home = e->home;
    s->sent_at = o->mutant == MUTANT_NO_SENDING ? 0 : e->sent_at;
    s->silent = o->mutant == MUTANT_NO_SILENT ? 0 : e->silent;
    s->sender = time || e->kind == ENVELOPE_TIMER ? 0 : e->sender;
    const struct cell *from = w->names[s->sender].cell;
    const struct cell *home = w->names[e->home].cell;
    s->crosses = from && w->nodes && from->node != home->node && !actor_watches(home);
    s->sent_number = e->number;
    s->upto = e->upto;
    s->act.clock = time || e->touches & TOUCHES_CLOCK;
    s->act.reads = e->touches & READS_ONLY;
    s->time_before = s->act.clock ? last_time(o, at) : 0;
    // The log counts an ADVANCE among its timer's home's events; here it is time's.
    uint32_t before = time ? 0 : e->before;
    while (before && is_time(&o->steps[before - 1].act))
        before = w->host->log[before - 1].before;
    s->home_before = time ? s->time_before : before;
    start_row(s, at, w->name_count);
    if (!time)
        come_after_home(o, at);
    come_after_sending(o, at, s->sent_at, s->sender, s->upto);
    for (uint32_t i = s->silent; i; i = o->host->silent[i - 1].before) {
        const struct silent_take *t = &o->host->silent[i - 1];
        come_after_sending(o, at, t->sent_at, t->sender, t->upto);
    }
    if (s->time_before && (time || o->mutant != MUTANT_NO_CLOCK))
        come_after(o, at, s->time_before - 1);
    for (uint32_t i = s->time_before; time && i < at && o->mutant != MUTANT_NO_CLOCK; i++)
        if (o->steps[i].act.clock)
            come_after(o, at, i);
}

void order_fill(struct order *o, const struct world *w, uint32_t from) {
    o->host = w->host;
    for (uint32_t i = from; i < w->event_count; i++)
        fill_step(o, w, i);
    o->count = w->event_count;
    o->phantoms = 0;
}

// What might have been an event of its home after the home's last one so far.
static void note_phantom(struct step *s, const struct order *o, const struct world *w,
                         const struct envelope *e) {
    const struct cell *home = e->sched.home;
    s->act = (struct act){order_key(w, (struct choice){(struct envelope *)e, NULL}), false, false};
    s->home = home->sched.id;
    s->sender = e->kind == ENVELOPE_TIMER ? 0 : e->sched.sender;
    s->crosses = flight_crosses(w, e);
    s->sent_number = e->sched.number;
    s->upto = e->sched.upto;
    s->sent_at = e->sched.sent_at;
    s->silent = 0;
    s->home_before = home->sched.last_event;
    while (s->home_before && is_time(&o->steps[s->home_before - 1].act))
        s->home_before = w->host->log[s->home_before - 1].before;
    s->time_before = 0;
    bool ever = e->sched.disabled_at != 0;
    s->enabled_at = ever ? e->sched.enabled_at : UINT32_MAX;
    s->disabled_at = e->sched.disabled_at;
    s->again = e->sched.again;
}

void order_note_silent(struct order *o, struct world *w, const struct envelope *e) {
    if (o->silent_count == o->silent_room) {
        o->silent_room = o->silent_room ? o->silent_room * 2 : 64;
        o->silent = realloc(o->silent, o->silent_room * sizeof *o->silent);
        if (!o->silent)
            abort();
    }
    struct step *s = &o->silent[o->silent_count++];
    *s = (struct step){0};
    note_phantom(s, o, w, e);
    s->taken_at = w->event_count;
}

void order_add_phantoms(struct order *o, const struct world *w, uint32_t from) {
    for (uint32_t i = 0; i < o->silent_count; i++) {
        if (o->silent[i].taken_at < from)
            continue;
        struct step *s = step_at(o, o->count + o->phantoms++), kept = *s;
        *s = o->silent[i];
        s->before = kept.before; // memory stays where it is
        s->known = kept.known, s->known_room = kept.known_room;
    }
    for (const struct cell *c = w->first_cell; c; c = c->sched.all_next)
        for (const struct envelope *e = c->sched.first; e; e = e->next)
            note_phantom(step_at(o, o->count + o->phantoms++), o, w, e);
}

uint32_t order_add_time(struct order *o, uint32_t at) {
    uint32_t phantom = o->count + o->phantoms++, before = last_time(o, at);
    struct step *s = step_at(o, phantom);
    uint32_t number = before ? o->steps[before - 1].act.id.number + 1 : 1;
    s->act = (struct act){{.number = number, .kind = EVENT_ADVANCE}, true, false};
    s->sent_at = s->silent = s->home_before = s->time_before = 0;
    return phantom;
}

static bool same_or_before(const struct order *o, uint32_t a, uint32_t b) {
    return a == b || order_before(o, a, b);
}

bool order_sent_because(const struct order *o, uint32_t a, uint32_t b) {
    const struct step *s = &o->steps[b];
    if (s->sent_at && same_or_before(o, a, s->sent_at - 1))
        return true;
    for (uint32_t i = s->silent; i; i = o->host->silent[i - 1].before) {
        const struct silent_take *t = &o->host->silent[i - 1];
        if (t->sent_at && same_or_before(o, a, t->sent_at - 1))
            return true;
    }
    return false;
}

// Sent by an event that only read?
static bool is_loose(const struct order *o, uint32_t a) {
    return o->steps[a].sent_at && o->steps[o->steps[a].sent_at - 1].act.reads;
}

bool order_sent_before(const struct order *o, uint32_t a, uint32_t b) {
    const struct step *first = &o->steps[a], *second = &o->steps[b];
    if (!first->sender || !second->sender)
        return false;
    if (first->sender == second->sender)
        return first->sent_number < second->sent_number && !(is_loose(o, a) && is_loose(o, b));
    if (!second->sent_at || first->crosses || second->crosses)
        return false;
    const struct step *sending = &o->steps[second->sent_at - 1];
    return first->sender < sending->known_len &&
           sending->known[first->sender] >= first->sent_number;
}

bool order_before(const struct order *o, uint32_t a, uint32_t b) {
    return a < b && o->steps[b].before[a / 64] >> a % 64 & 1;
}

void order_free(struct order *o) {
    for (uint32_t i = 0; i < o->room; i++) {
        free(o->steps[i].before);
        free(o->steps[i].known);
    }
    free(o->steps);
    free(o->silent);
    *o = (struct order){0};
}
