// SPDX-License-Identifier: MIT
// The story of one run as a record: actors in order of appearance, steps, who waits for whom, and
// why.
#include "fault/fault.h"
#include "tell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Actors by index, in order of appearance.
struct cast {
    uint32_t *ids, len, capacity;
    uint32_t *index; // of an id, + 1
    const char *test;
};

static uint32_t cast_index(struct cast *c, uint32_t id) {
    if (c->index[id])
        return c->index[id] - 1;
    c->ids[c->len++] = id;
    c->index[id] = c->len;
    return c->len - 1;
}

static struct cast cast_of(struct world *w, const char *test) {
    struct cast c = {.ids = calloc(w->name_count, sizeof *c.ids),
                     .index = calloc(w->name_count, sizeof *c.index),
                     .test = test};
    if (!c.ids || !c.index)
        abort();
    return c;
}

static void put_actors(struct cbor_out *o, const struct world *w, const struct story *s,
                       const struct cast *c) {
    char label[128], path[1024];
    cbor_put_string(o, "actors");
    cbor_put_array(o, c->len);
    for (uint32_t i = 0; i < c->len; i++) {
        const struct name *n = &w->names[c->ids[i]];
        actor_label(w, c->ids[i], s->test, label, sizeof label);
        actor_path(w, c->ids[i], path, sizeof path);
        cbor_put_map(o, 6);
        record_text(o, "name", label);
        record_text(o, "path", path);
        record_text(o, "type", n->type ? n->type->name : "");
        record_text(o, "file", file_name(w->host->program, n->site));
        record_uint(o, "line", n->site ? n->site->line : 0);
        uint32_t node = name_node(n);
        if (node)
            actor_label(w, node, s->test, label, sizeof label);
        record_text(o, "node", node ? label : "");
    }
}

// ---- steps --------------------------------------------------------------------------------------

static const char *const event_words[] = {
    "message",  "reply",  "start",   "resume", "timer", "cancel", "stop", "advance",
    "withdraw", "failed", "decided", "ended",  "node",  "kill",   "mail", "accepted"};

static const char *event_word(uint32_t kind) {
    return kind < EVENT_FAULT ? event_words[kind]
                              : fault_word((enum fault_kind)(kind - EVENT_FAULT));
}

static void put_changes(struct cbor_out *o, const struct world *w, const struct told_step *s,
                        const char *test) {
    cbor_put_string(o, "changes");
    cbor_put_array(o, s->change_count);
    for (uint32_t i = 0; i < s->change_count; i++) {
        cbor_put_map(o, 3);
        record_text(o, "name", s->changes[i].name ? s->changes[i].name : "");
        record_shown(o, w, test, "before", s->changes[i].before);
        record_shown(o, w, test, "after", s->changes[i].after);
    }
    cbor_put_string(o, "output");
    cbor_put_array(o, s->output_count);
    for (uint32_t i = 0; i < s->output_count; i++) {
        cbor_put_map(o, 2);
        record_uint(o, "stream", (uint64_t)s->outputs[i].stream);
        record_text(o, "text", s->outputs[i].text);
    }
}

static uint32_t id_of_hash(const struct world *w, uint64_t hash) {
    for (uint32_t i = 0; i < w->name_count; i++)
        if (w->names[i].hash == hash)
            return i;
    return 0;
}

// Where it struck: an operation or a function, else an actor.
static void mishap_label(const struct world *w, const char *function, uint64_t home,
                         const char *test, char *out, size_t room) {
    if (function)
        snprintf(out, room, "%s", function);
    else
        actor_label(w, id_of_hash(w, home), test, out, room);
}

static void put_mishaps(struct cbor_out *o, const struct world *w, const struct told_step *s,
                        const char *test) {
    char label[128];
    cbor_put_string(o, "mishaps");
    cbor_put_array(o, s->mishap_count);
    for (uint32_t i = 0; i < s->mishap_count; i++) {
        cbor_put_map(o, 2);
        record_text(o, "fault", fault_word((enum fault_kind)s->mishaps[i].kind));
        mishap_label(w, s->mishaps[i].place, s->mishaps[i].home, test, label, sizeof label);
        record_text(o, "place", label);
    }
}

static void put_step(struct cbor_out *o, const struct world *w, const struct told_step *s,
                     struct cast *c) {
    const prism_program *p = w->host->program;
    const struct event *log = w->host->log;
    bool is_switch = s->event > 0 && log[s->event].home != log[s->event - 1].home;
    cbor_put_map(o, 22);
    record_uint(o, "step", s->event + 1);
    record_uint(o, "actor", cast_index(c, s->actor));
    record_text(o, "event", event_word(s->kind));
    cbor_put_string(o, "from");
    if (s->from && s->kind != EVENT_ADVANCE)
        cbor_put_uint(o, cast_index(c, s->from));
    else
        cbor_put_null(o);
    record_uint(o, "sent", s->sent);
    record_text(o, "message", s->message);
    record_shown(o, w, c->test, "args", s->args);
    record_text(o, "failed", s->failed);
    record_text(o, "function", s->site ? s->site->function : "");
    record_text(o, "operation", s->site ? s->site->operation : "");
    record_text(o, "file", file_name(p, s->site));
    record_uint(o, "line", s->site ? s->site->line : 0);
    record_text(o, "at_file", s->at_line && s->at_file < p->file_count ? p->files[s->at_file] : "");
    record_uint(o, "at_line", s->at_line);
    cbor_put_string(o, "now_ns");
    cbor_put_int(o, s->now_ns);
    record_bool(o, "switch", is_switch);
    record_uint(o, "choice", s->alternatives);
    record_bool(o, "matters", s->matters);
    put_changes(o, w, s, c->test);
    put_mishaps(o, w, s, c->test);
    record_text(o, "crashed", s->crashed);
}

static void put_steps(struct cbor_out *o, const struct world *w, const struct story *s,
                      struct cast *c) {
    uint32_t count = s->watcher->count;
    uint32_t from = count > STEPS_TOLD_MAX ? count - STEPS_TOLD_MAX : 0;
    cbor_put_string(o, "steps");
    cbor_put_array(o, count - from);
    for (uint32_t i = from; i < count; i++)
        put_step(o, w, watcher_step(s->watcher, i), c);
    record_uint(o, "left_out", from);
}

// ---- waiting ------------------------------------------------------------------------------------

static const char *const what_words[] = {"reply", "task", "sleep", "scope", "start", "room"};

static const char *holder_words(const struct wait *w) {
    switch (w->how) {
    case HOW_KEEPS_REPLY:
        return "keeps the reply";
    case HOW_NOT_TAKEN:
        return "has not taken the message";
    case HOW_IS_GONE:
        return "is gone";
    default:
        return "";
    }
}

static void put_wait(struct cbor_out *o, const struct world *w, const struct wait *wait,
                     struct cast *c) {
    const prism_site *site = wait->site;
    const prism_message *message = wait->future ? wait->future->message : wait->message;
    const prism_actor_type *type = wait->holder ? wait->holder->type : NULL;
    cbor_put_map(o, 14);
    record_uint(o, "actor", cast_index(c, wait->cell->sched.id));
    cbor_put_string(o, "for");
    if (wait->holder)
        cbor_put_uint(o, cast_index(c, wait->holder->sched.id));
    else
        cbor_put_null(o);
    record_text(o, "what", what_words[wait->what]);
    record_text(o, "message", message ? message->name : "");
    record_text(o, "holder", type && type->handle ? "" : holder_words(wait));
    record_text(o, "handle", type && type->handle ? type->handle : "");
    cbor_put_string(o, "held_by");
    if (wait->held_by)
        cbor_put_uint(o, cast_index(c, wait->held_by->sched.id));
    else
        cbor_put_null(o);
    record_bool(o, "held_ended", wait->held_by && wait->held_by->status == CELL_GONE);
    record_text(o, "held_file", file_name(w->host->program, wait->held_site));
    record_uint(o, "held_line", wait->held_site ? wait->held_site->line : 0);
    record_text(o, "file", file_name(w->host->program, site));
    record_uint(o, "line", site ? site->line : 0);
    record_text(o, "function",
                site           ? site->function
                : wait->strand ? wait->strand->function->name
                               : "");
    record_uint(o, "step", wait->cell->sched.last_event);
}

static void put_circle(struct cbor_out *o, const struct wait *waits, uint32_t first) {
    uint32_t len = 0, at = first;
    do {
        len += first != 0;
        at = first ? waits[at - 1].next : 0;
    } while (at != first);
    cbor_put_string(o, "circle");
    cbor_put_array(o, len);
    for (at = first; len > 0; len--, at = waits[at - 1].next)
        cbor_put_uint(o, at - 1);
}

static bool involved(const struct wait *waits, uint32_t count, const struct cell *c) {
    for (uint32_t i = 0; i < count; i++)
        if (waits[i].cell == c || waits[i].holder == c)
            return true;
    return false;
}

static void put_idle(struct cbor_out *o, const struct world *w, const struct wait *waits,
                     uint32_t count, struct cast *c) {
    uint32_t idle = 0;
    for (const struct cell *cell = w->first_cell; cell; cell = cell->sched.all_next)
        idle += cell->type && cell->status == CELL_RUNNING && !involved(waits, count, cell);
    cbor_put_string(o, "idle");
    cbor_put_array(o, idle);
    for (const struct cell *cell = w->first_cell; cell; cell = cell->sched.all_next)
        if (cell->type && cell->status == CELL_RUNNING && !involved(waits, count, cell))
            cbor_put_uint(o, cast_index(c, cell->sched.id));
}

static void put_waits(struct cbor_out *o, struct world *w, struct cast *c) {
    struct wait waits[WAITS_MAX];
    bool stuck =
        !w->ending && (w->finding.kind == FINDING_DEADLOCK || w->finding.kind == FINDING_LEAK);
    cbor_put_string(o, "waits");
    if (!stuck) {
        cbor_put_null(o);
        return;
    }
    uint32_t count = waits_find(w, waits, WAITS_MAX);
    uint32_t circle = waits_circle(w, waits, count);
    cbor_put_map(o, 3);
    cbor_put_string(o, "waiting");
    cbor_put_array(o, count);
    for (uint32_t i = 0; i < count; i++)
        put_wait(o, w, &waits[i], c);
    put_circle(o, waits, circle);
    put_idle(o, w, waits, count, c);
}

// ---- why ----------------------------------------------------------------------------------------

static const char *message_name(const struct cell *home, const struct envelope *e) {
    const struct envelope *m = e->kind == ENVELOPE_MAIL ? actor_mail(home) : e;
    return m && m->kind == ENVELOPE_MESSAGE ? m->message->name : "";
}

// The event with this name in the log, or among what is still in flight: its site and message.
struct found_event {
    const prism_site *site;
    const char *message;
    uint32_t to, from;
};

static struct found_event find_event(const struct world *w, const struct watcher *watcher,
                                     const struct event_name *name) {
    struct found_event found = {NULL, "", id_of_hash(w, name->to), id_of_hash(w, name->from)};
    for (uint32_t i = 0; i < w->event_count; i++) {
        const struct event *e = &w->host->log[i];
        const struct told_step *step = watcher_step(watcher, i);
        if (e->kind != name->kind || e->home != found.to || site_hash(e->site) != name->site)
            continue;
        found.site = e->site;
        found.message = step ? step->message : "";
    }
    for (const struct cell *c = w->first_cell; c && !found.site; c = c->sched.all_next)
        for (const struct envelope *e = c->sched.first; e; e = e->next)
            if (c->sched.id == found.to && e->kind == name->kind &&
                site_hash(e->site) == name->site) {
                found.site = e->site;
                found.message = message_name(c, e);
            }
    return found;
}

static void put_place(struct cbor_out *o, const struct world *w, const char *key,
                      const prism_site *site) {
    cbor_put_string(o, key);
    cbor_put_map(o, 3);
    record_text(o, "function", site ? site->function : "");
    record_text(o, "file", file_name(w->host->program, site));
    record_uint(o, "line", site ? site->line : 0);
}

static void put_needed(struct cbor_out *o, const struct world *w, const struct story *s,
                       const struct fork_point *p, struct cast *c) {
    struct found_event other = find_event(w, s->watcher, &p->other);
    struct found_event first = find_event(w, s->watcher, &p->taken);
    cbor_put_map(o, 5);
    record_uint(o, "step", p->event + 1);
    char label[128] = "";
    if (p->mishap)
        mishap_label(w, p->mishap->function, p->mishap->home, s->test, label, sizeof label);
    record_text_or_null(o, "mishap", p->mishap ? label : NULL);
    cbor_put_string(o, "instead");
    cbor_put_map(o, 4);
    record_uint(o, "actor", cast_index(c, other.to));
    record_text(o, "event", event_word(p->other.kind));
    cbor_put_string(o, "from");
    if (other.from && p->other.kind != EVENT_ADVANCE)
        cbor_put_uint(o, cast_index(c, other.from));
    else
        cbor_put_null(o);
    record_text(o, "message", other.message);
    put_place(o, w, "first", first.site);
    put_place(o, w, "second", other.site);
}

static void put_why(struct cbor_out *o, const struct world *w, const struct story *s,
                    struct cast *c) {
    cbor_put_string(o, "why");
    if (!s->why) {
        cbor_put_null(o);
        return;
    }
    cbor_put_map(o, 5);
    record_uint(o, "varied", s->why->varied);
    record_uint(o, "harmless", s->why->harmless);
    record_bool(o, "limited", s->why->limited);
    cbor_put_string(o, "needed");
    cbor_put_array(o, s->why->needed_count);
    for (uint32_t i = 0; i < s->why->needed_count; i++)
        put_needed(o, w, s, &s->why->needed[i], c);
    record_bool(o, "needs_any", s->why->harmless < s->why->varied);
}

// The cast is known only after the rest, and items stand in a fixed order: the rest is made first.
void put_story(struct cbor_out *o, struct world *w, const struct story *s) {
    struct cast c = cast_of(w, s->test);
    struct cbor_out rest = {0};
    for (uint32_t i = 0; s->why && i < s->why->needed_count; i++) {
        struct told_step *step = watcher_step(s->watcher, s->why->needed[i].event);
        if (step)
            step->matters = true;
    }
    put_steps(&rest, w, s, &c);
    put_waits(&rest, w, &c);
    put_why(&rest, w, s, &c);
    cbor_put_map(o, 13);
    record_text(o, "record", "story");
    record_text(o, "name", s->test);
    record_text(o, "status", s->outcome.finding.kind ? "failed" : "passed");
    record_uint(o, "events", s->outcome.measure.events);
    record_uint(o, "switches", s->outcome.measure.switches);
    record_uint(o, "found_events", s->stats.before.events);
    record_uint(o, "found_switches", s->stats.before.switches);
    record_uint(o, "tries", s->stats.tries);
    put_actors(o, w, s, &c);
    unsigned char *to = realloc(o->bytes, o->len + rest.len);
    if (!to)
        abort();
    memcpy(to + o->len, rest.bytes, rest.len);
    o->bytes = to;
    o->len += rest.len;
    o->capacity = o->len;
    cbor_out_free(&rest);
    free(c.ids);
    free(c.index);
}
