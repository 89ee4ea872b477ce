// SPDX-License-Identifier: MIT
// Events as explorers see them, scripts, outcomes.
#include "explore/explore.h"
#include "fault/fault.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdlib.h>
#include <string.h>

static uint64_t make_id(uint64_t home, uint64_t sender, uint32_t number, uint32_t kind) {
    uint64_t words[3] = {home, sender, (uint64_t)kind << 32 | number};
    return XXH3_64bits(words, sizeof words);
}

uint64_t event_id(const struct world *w, struct choice c) {
    if (!c.envelope) {
        uint64_t home = w->names[c.timer->home->sched.id].hash;
        return make_id(home, home, c.timer->sched.number, EVENT_ADVANCE);
    }
    const struct envelope *e = c.envelope;
    uint32_t number = e->kind == ENVELOPE_TIMER ? e->timer->sched.number : e->sched.number;
    return make_id(w->names[e->sched.home->sched.id].hash, w->names[e->sched.sender].hash, number,
                   e->kind);
}

uint64_t event_id_of_strike(const struct world *w, const struct strike *s) {
    const struct envelope *e = s->envelope;
    uint64_t home = w->names[e ? e->sched.home->sched.id : s->cell->sched.id].hash;
    const struct cell *other = s->other ? s->other : s->cell;
    uint64_t sender = w->names[e ? e->sched.sender : other->sched.id].hash;
    return make_id(home, sender, e ? e->sched.number : 0, EVENT_FAULT + s->kind);
}

uint64_t event_id_logged(const struct world *w, const struct event *e) {
    return make_id(w->names[e->home].hash, w->names[e->sender].hash, e->number, e->kind);
}

// ---- scripts ------------------------------------------------------------------------------------

static bool find_scripted(const struct strategy_script *script, struct world *w,
                          struct choice *out) {
    if (w->event_count >= script->len)
        return false;
    uint64_t wanted = script->ids[w->event_count];
    for (uint32_t i = 0; i < w->ready_count; i++) {
        struct choice c = {w->ready[i], NULL};
        if (event_id(w, c) == wanted) {
            *out = c;
            return true;
        }
    }
    struct timer *timers[64];
    uint32_t tied = world_tied_timers(w, timers, 64);
    for (uint32_t i = 0; i < tied && i < 64; i++) {
        struct choice c = {NULL, timers[i]};
        if (event_id(w, c) == wanted) {
            *out = c;
            return true;
        }
    }
    return false;
}

static struct choice choose_scripted(struct strategy *s, struct world *w) {
    struct choice c;
    return find_scripted((struct strategy_script *)s, w, &c) ? c : world_canonical(w);
}

static bool strike_scripted(struct strategy *s, struct world *w, struct strike *out) {
    const struct strategy_script *script = (const struct strategy_script *)s;
    struct choice c;
    if (!w->host->faults || w->event_count >= script->len || find_scripted(script, w, &c))
        return false;
    return fault_find_id(w, script->ids[w->event_count], out);
}

void strategy_script_begin(struct strategy_script *s, const uint64_t *ids, uint32_t len) {
    *s = (struct strategy_script){
        .head = {.choose = choose_scripted, .strike = strike_scripted}, .ids = ids, .len = len};
}

uint64_t *script_of(const struct world *w, uint32_t *len) {
    uint64_t *ids = malloc((w->event_count + 1) * sizeof *ids);
    if (!ids)
        abort();
    for (uint32_t i = 0; i < w->event_count; i++)
        ids[i] = event_id_logged(w, &w->host->log[i]);
    *len = w->event_count;
    return ids;
}

// ---- outcomes -----------------------------------------------------------------------------------

static uint64_t value_hash(struct world *w, const prism_type *type, const void *value);

static uint64_t fields_hash(struct world *w, const prism_field *fields, uint32_t count,
                            const void *value) {
    uint64_t hash = count;
    for (uint32_t i = 0; i < count; i++)
        hash = name_hash(hash,
                         value_hash(w, fields[i].type, (const char *)value + fields[i].offset), i);
    return hash;
}

static uint64_t box_hash(struct world *w, const prism_type *type, const prism_boxed *b) {
    return b ? name_hash(1, value_hash(w, type->element, b->data), 0) : 0;
}

static uint64_t items_hash(struct world *w, const prism_buffer *b) {
    uint64_t hash = prism_buffer_len(b);
    for (uint64_t i = 0; i < prism_buffer_len(b); i++)
        hash = name_hash(hash, value_hash(w, b->element, b->data + i * b->element->size), 0);
    return hash;
}

// Handles count as who they lead to, by name: numbers of handles depend on the order of events.
static uint64_t handle_hash(const struct world *w, const prism_type *type, const void *pointer) {
    const prism_reply *reply = pointer;
    if (!pointer || type->kind != PRISM_REPLY || !reply->to.home)
        return pointer != NULL;
    return name_hash(w->names[reply->to.home->sched.id].hash, site_hash(reply->to.future->site),
                     reply->answered);
}

// The walk is as deep as the type, and values of programs that are explored are small.
static uint64_t value_hash(struct world *w, const prism_type *type, const void *value) {
    const void *pointer;
    uint32_t tag;
    switch (type->kind) {
    case PRISM_STRUCT:
        return fields_hash(w, type->fields, type->count, value);
    case PRISM_ENUM:
        memcpy(&tag, value, sizeof tag);
        return fields_hash(w, type->variants[tag].fields, type->variants[tag].field_count, value) +
               tag;
    case PRISM_BUFFER:
        memcpy(&pointer, value, sizeof pointer);
        return type->flags & PRISM_BOX ? box_hash(w, type, pointer) : items_hash(w, pointer);
    case PRISM_FN:
        memcpy(&pointer, value, sizeof pointer);
        return pointer ? value_hash(w, ((const prism_closure *)pointer)->captures,
                                    ((const prism_closure *)pointer)->data)
                       : 0;
    case PRISM_REF:
        memcpy(&pointer, value, sizeof pointer);
        return pointer ? w->names[((const struct cell *)pointer)->sched.id].hash : 0;
    case PRISM_REPLY:
    case PRISM_FUTURE:
    case PRISM_SCOPE:
    case PRISM_TOKEN:
        memcpy(&pointer, value, sizeof pointer);
        return handle_hash(w, type, pointer);
    default:
        return prism_hash(&w->cx, type, value);
    }
}

static uint64_t waiting_of(const struct cell *c) {
    uint64_t sum = 0;
    for (const struct strand *s = c->first; s; s = s->next)
        if (!s->ended && s->wait != WAIT_NOT)
            sum += name_hash(site_hash(s->wait_site), s->wait, 0);
    return sum;
}

uint64_t explore_outcome(struct world *w) {
    uint64_t sum = w->finding.kind != FINDING_NONE; // which one is first depends on the order
    for (uint32_t i = 1; i < w->name_count; i++)
        sum += name_hash(w->names[i].hash, w->names[i].output, 2);
    for (const struct cell *c = w->first_cell; c; c = c->sched.all_next) {
        bool has_state = c->state && !c->sched.collected;
        uint64_t state = has_state ? value_hash(w, c->type->state, c->state) : 0;
        uint64_t who = w->names[c->sched.id].hash;
        sum += name_hash(who, state, 3) + name_hash(who, waiting_of(c), 4);
        sum += name_hash(who, (uint64_t)c->status, 5);
    }
    return sum;
}
