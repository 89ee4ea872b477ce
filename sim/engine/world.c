// SPDX-License-Identifier: MIT
// The life of a world: beginning, events, end.
#include "world.h"
#include "blackbox.h"
#include "fault/fault.h"
#include "finding.h"
#include "tell.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdlib.h>
#include <string.h>

const char PRISM_ABI_SYMBOL = 0;

static size_t services(const struct world_host *host) {
    return host->program ? host->program->service_count : 0;
}

void **sched_bindings(prism_cx *cx) {
    return ((struct world *)cx)->bindings;
}

void world_host_free(struct world_host *host) {
    blackbox_close(host);
    free(host->silent);
    free(host->inputs_text);
    inputs_free(&host->drawn);
    free(host->mishaps.at);
    host->silent = NULL;
    host->inputs_text = NULL;
    host->mishaps = (struct mishaps){0};
}

void world_begin(struct world_host *host, const prism_function *function, const void *args) {
    struct world *w = WORLD;
    memset(w, 0, sizeof *w);
    w->cx.pools = world_pools;
    w->host = host;
    host->drawn.len = host->mishaps.len = 0;
    free(host->inputs_text);
    host->inputs_text = NULL;
    if (host->box) {
        host->box->seed = host->seed;
        host->box->events = 0;
    }
    w->top = (unsigned char *)w + ((sizeof *w + 63) & ~(size_t)63);
    w->names = world_table_grow(w, NULL, 0, &w->name_capacity, sizeof *w->names);
    w->names[0] = (struct name){.hash = 0};
    w->name_count = 1;
    uint32_t bytes = function->args ? function->args->size : 0;
    void *own_args = world_table_alloc(w, bytes + !bytes);
    if (bytes)
        memcpy(own_args, args, bytes);
    w->bindings = world_table_alloc(w, (services(host) + 1) * sizeof *w->bindings);
    memset(w->bindings, 0, (services(host) + 1) * sizeof *w->bindings);
    w->root = actor_root(&w->cx, function, own_args);
    world_table_free(w, own_args, bytes + !bytes);
}

// ---- events -------------------------------------------------------------------------------------

static struct event *log_next(struct world *w) {
    if (w->event_count == w->host->log_capacity)
        blackbox_grow(w->host);
    return &w->host->log[w->event_count++];
}

static void roll_hash(struct world *w, uint64_t to, uint64_t from, uint32_t number, uint32_t kind) {
    uint64_t words[4] = {w->hash, to, from, (uint64_t)kind << 32 | number};
    w->hash = XXH3_64bits(words, sizeof words);
}

// What was found, in the latest event or behind it, is of the events so far.
static void note_found(struct world *w) {
    if (w->finding.kind && !w->found_at) {
        w->found_at = w->event_count;
        w->found_hash = w->hash;
    }
}

// The event's entry, to be filled at once.
static struct event *begin_event(struct world *w, struct cell *home) {
    assert(!w->in_event && !w->cx.failure);
    note_found(w);
    struct event *event = log_next(w);
    if (w->host->box && !w->ending)
        w->host->box->events = w->event_count;
    home->sched.last_event = w->event_count;
    w->in_event = true;
    w->touches = 0;
    w->spins = 0;
    return event;
}

static void end_event(struct world *w, struct cell *home) {
    w->host->log[w->event_count - 1].touches = w->touches;
    w->in_event = false;
    flight_dirty(w, home);
    if (w->out_of_memory && !w->ending)
        finding_memory(w, home);
    note_found(w);
}

// Events that only read the state of their home commute: none of them happens before another, so
// what one of them knows goes into its own answer alone, and into what comes after all of them.
static bool may_only_read(const struct cell *home, const struct envelope *e) {
    if (e->kind != ENVELOPE_MESSAGE || home->status != CELL_RUNNING ||
        e->generation != home->generation || home->mail)
        return false;
    const prism_function *f = e->message->handler;
    return f->call && !f->sends && !f->writes && !f->of_handle;
}

static void read_and_forget(struct world *w, struct cell *home, struct envelope *e) {
    const struct sched_envelope *s = &e->sched;
    struct clock before = {0}, with = {0};
    uint32_t orders = w->orders;
    clock_copy(w, &before, &home->sched.known);
    clock_join(w, &home->sched.known, &s->known);
    clock_copy(w, &with, &s->known);
    flight_unlink(w, e);
    clock_note(w, &home->sched.known, s->sender, s->upto);
    clock_note(w, &with, s->sender, s->upto);
    w->reading = true;
    actor_take(&w->cx, home, e);
    w->reading = false;
    clock_join(w, &home->sched.known_by_reads, &with);
    if (home->status == CELL_RUNNING && !w->touches && w->orders - orders <= 1) {
        clock_clear(w, &home->sched.known);
        home->sched.known = before;
        w->touches = READS_ONLY;
    } else { // it failed
        clock_join(w, &home->sched.known, &home->sched.known_by_reads);
        clock_clear(w, &before);
    }
    clock_clear(w, &with);
}

static void take_envelope(struct world *w, struct envelope *e, uint16_t alternatives) {
    const struct sched_envelope *s = &e->sched;
    struct cell *home = s->home;
    assert(s->ready);
    uint32_t number = e->kind == ENVELOPE_TIMER ? e->timer->sched.number : s->number;
    uint32_t silent = flight_goes_on(w, home, e);
    uint32_t before = home->sched.last_event;
    *begin_event(w, home) = (struct event){.home = home->sched.id,
                                           .sender = s->sender,
                                           .number = number,
                                           .upto = s->upto,
                                           .sent_at = s->sent_at,
                                           .before = before,
                                           .silent = silent,
                                           .kind = (uint8_t)e->kind,
                                           .alternatives = alternatives,
                                           .site = e->site};
    roll_hash(w, w->names[home->sched.id].hash, w->names[s->sender].hash, number, e->kind);
    if (w->host->watcher)
        watch_take(w, home, e);
    bool places = fault_places(w) && !w->ending, refuses = places && fault_refuses(w, home, e);
    uint32_t made = w->name_count;
    if (may_only_read(home, e) && !(places && fault_is_placed_at(w, home))) {
        read_and_forget(w, home, e);
    } else {
        clock_join(w, &home->sched.known, &s->known);
        clock_join(w, &home->sched.known, &home->sched.known_by_reads);
        home->sched.known_by_reads.len = 0;
        flight_unlink(w, e);
        clock_note(w, &home->sched.known, s->sender, s->upto);
        if (e->kind == ENVELOPE_TIMER)
            e->timer->sched.fired = NULL;
        if (refuses)
            actor_refuse(&w->cx, home, e, PRISM_MEMORY);
        else
            actor_take(&w->cx, home, e);
    }
    if (places)
        fault_after_segment(w, home, made);
    end_event(w, home);
    if (w->host->watcher)
        watch_taken(w, home);
    if (home->status == CELL_GONE && !home->sched.collected)
        actor_collect(&w->cx, home);
}

static void take_time(struct world *w, struct timer *t, uint16_t alternatives) {
    struct cell *home = t->home;
    uint32_t id = home->sched.id;
    uint32_t before = home->sched.last_event;
    *begin_event(w, home) = (struct event){.home = id,
                                           .sender = id,
                                           .number = t->sched.number,
                                           .sent_at = t->sched.started_at,
                                           .before = before,
                                           .kind = EVENT_ADVANCE,
                                           .alternatives = alternatives,
                                           .site = t->site};
    roll_hash(w, w->names[id].hash, (uint64_t)t->deadline_ns, 0, EVENT_ADVANCE);
    if (w->host->watcher)
        watch_advance(w, t);
    timer_fire(w, t);
    w->advances++;
    w->touches |= TOUCHES_CLOCK;
    end_event(w, home);
    if (w->host->watcher)
        watch_taken(w, home);
}

// What a fault does is done at the home that it strikes.
void world_strike(struct world *w, const struct strike *s) {
    const struct envelope *e = s->envelope;
    struct cell *home = e ? e->sched.home : s->cell;
    uint32_t id = home->sched.id, kind = EVENT_FAULT + s->kind;
    uint32_t sender = e ? e->sched.sender : s->other ? s->other->sched.id : id;
    uint32_t before = home->sched.last_event;
    *begin_event(w, home) = (struct event){.home = id,
                                           .sender = sender,
                                           .number = e ? e->sched.number : 0,
                                           .sent_at = e ? e->sched.sent_at : 0,
                                           .before = before,
                                           .kind = (uint8_t)kind,
                                           .alternatives = 1,
                                           .site = e ? e->site : home->site};
    w->strikes += !fault_mends((enum fault_kind)s->kind);
    roll_hash(w, w->names[id].hash, w->names[sender].hash, e ? e->sched.number : 0, kind);
    if (w->host->watcher)
        watch_strike(w, home, s);
    fault_strike(w, s);
    end_event(w, home);
    if (w->host->watcher)
        watch_taken(w, home);
    if (home->status == CELL_GONE && !home->sched.collected)
        actor_collect(&w->cx, home);
}

void world_take(struct world *w, struct choice c, uint32_t alternatives) {
    uint16_t shown = alternatives > UINT16_MAX ? UINT16_MAX : (uint16_t)alternatives;
    if (c.envelope)
        take_envelope(w, c.envelope, shown);
    else
        take_time(w, c.timer, shown);
}

// ---- enabled events -----------------------------------------------------------------------------

// The canonical order: what was sent last goes on first, as if sending were calling; of what one
// event sent, the first. So chains of messages run to their end one after the other, and whatever a
// failing schedule needs besides stands out as a deviation.
bool world_comes_before(const struct envelope *a, const struct envelope *b) {
    if (a->sched.sent_at != b->sched.sent_at)
        return a->sched.sent_at > b->sched.sent_at;
    return a->sched.order < b->sched.order;
}

struct choice world_canonical(struct world *w) {
    struct envelope *best = NULL;
    for (uint32_t i = 0; i < w->ready_count; i++)
        if (!best || world_comes_before(w->ready[i], best))
            best = w->ready[i];
    return (struct choice){best, best ? NULL : world_next_timer(w)};
}

static int by_canonical_order(const void *a, const void *b) {
    const struct choice *x = a, *y = b;
    return world_comes_before(x->envelope, y->envelope) ? -1 : 1;
}

enum { FEW = 16 }; // are put in order one by one

uint32_t world_list(struct world *w, struct choice *out, uint32_t room) {
    uint32_t count = 0;
    bool many = w->ready_count > FEW && w->ready_count <= room;
    for (; many && count < w->ready_count; count++)
        out[count] = (struct choice){w->ready[count], NULL};
    if (many)
        qsort(out, count, sizeof *out, by_canonical_order);
    for (uint32_t i = count; i < w->ready_count; i++) {
        uint32_t at = count < room ? count++ : room;
        while (at > 0 && world_comes_before(w->ready[i], out[at - 1].envelope)) {
            if (at < room)
                out[at] = out[at - 1];
            at--;
        }
        if (at < room)
            out[at] = (struct choice){w->ready[i], NULL};
    }
    uint32_t timers = 0;
    for (uint32_t i = 0; i < w->heap_count && world_time_passes(w); i++) {
        struct timer *t = w->heap[i];
        if (t->deadline_ns != w->heap[0]->deadline_ns)
            continue;
        timers++;
        uint32_t at = count < room ? count++ : room;
        while (at > 0 && !out[at - 1].envelope && out[at - 1].timer->sched.order > t->sched.order) {
            if (at < room)
                out[at] = out[at - 1];
            at--;
        }
        if (at < room)
            out[at] = (struct choice){NULL, t};
    }
    return w->ready_count + timers;
}

// ---- the end ------------------------------------------------------------------------------------

void sched_ended(prism_cx *cx, struct cell *root, const prism_error *error, const void *result) {
    (void)result;
    struct world *w = (struct world *)cx;
    assert(root == w->root && !w->root_ended);
    w->root_ended = true;
    w->root_ended_at = w->event_count;
    w->root_ended_ns = w->now_ns;
    if (error && !w->ending)
        finding_failure(w, root, NULL, error);
}

static void collect_all(struct world *w) {
    for (struct cell *c = w->first_cell; c; c = c->sched.all_next)
        if (!c->sched.collected && !c->sched.first)
            actor_collect(&w->cx, c);
}

static void run_out(struct world *w) {
    for (;;) {
        world_settle(w);
        struct choice c = world_canonical(w);
        if (!c.envelope)
            break;
        world_take(w, c, 1);
    }
}

void world_end(struct world *w) {
    assert(!w->in_event);
    w->ending = true;
    w->host->watcher = NULL;
    flight_release_all(w);
    // Who is granted what he waited for goes on up to the next suspension, and may make more cells.
    for (struct cell *from = w->first_cell; from;) {
        struct cell *last = w->last_cell;
        for (struct cell *c = from; c; c = c->sched.all_next) {
            actor_kill(&w->cx, c);
            flight_dirty(w, c);
        }
        run_out(w);
        from = last->sched.all_next;
    }
    collect_all(w);
    actor_unbind(&w->cx, (uint32_t)services(w->host));
    for (struct cell *c = w->first_cell; c; c = c->sched.all_next)
        w->names[c->sched.id].last_node = name_node(&w->names[c->sched.id]);
    struct cell *next;
    for (struct cell *c = w->first_cell; c; c = next) {
        next = c->sched.all_next;
        if (!c->sched.collected || c->sched.first)
            continue;
        w->names[c->sched.id].cell = NULL;
        prism_free(&w->cx, c, sizeof *c);
    }
    w->first_cell = w->last_cell = NULL;
}
