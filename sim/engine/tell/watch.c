// SPDX-License-Identifier: MIT
// Watching one execution: a step an event, with what is shown of it. Watching must not change what
// is watched: values are shown in memory beyond the arena's top, which is given back.
#include "tell.h"

#include <stdlib.h>
#include <string.h>

// ---- texts --------------------------------------------------------------------------------------

static void *keep(struct watcher *watcher, size_t bytes) {
    if (watcher->text_count == watcher->text_capacity) {
        watcher->text_capacity = watcher->text_capacity ? watcher->text_capacity * 2 : 64;
        watcher->texts = realloc(watcher->texts, watcher->text_capacity * sizeof *watcher->texts);
        if (!watcher->texts)
            abort();
    }
    void *memory = calloc(1, bytes + !bytes);
    if (!memory)
        abort();
    return watcher->texts[watcher->text_count++] = memory;
}

// Cut at a character's beginning, with "...".
static size_t cut_length(const char *bytes, size_t len) {
    if (len <= SHOWN_BYTES_MAX)
        return len;
    len = SHOWN_BYTES_MAX - 3;
    while (len > 0 && ((unsigned char)bytes[len] & 0xc0) == 0x80)
        len--;
    return len;
}

const char *watcher_text(struct watcher *watcher, const char *bytes, size_t len) {
    size_t shown = cut_length(bytes, len);
    char *text = keep(watcher, shown + 4);
    memcpy(text, bytes, shown);
    if (shown < len)
        memcpy(text + shown, "...", 3);
    return text;
}

const char *watcher_show(struct watcher *watcher, struct world *w, const prism_type *type,
                         const void *value) {
    if (!type || type->kind == PRISM_UNIT)
        return "";
    void *lists[SIZE_CLASSES];
    memcpy(lists, w->free_blocks, sizeof lists);
    memset(w->free_blocks, 0, sizeof w->free_blocks);
    unsigned char *top = w->top;
    prism_buffer *shown = prism_show_head(&w->cx, type, value, SHOWN_BYTES_MAX + 1);
    const char *text = shown ? watcher_text(watcher, (const char *)shown->data, shown->len) : "";
    prism_buffer_drop(&w->cx, shown);
    memcpy(w->free_blocks, lists, sizeof lists);
    w->top = top;
    return text;
}

static const char *show_args(struct watcher *watcher, struct world *w, const prism_type *args,
                             const void *value) {
    char text[SHOWN_BYTES_MAX * 2] = "(";
    size_t len = 1;
    for (uint32_t i = 0; args && i < args->count; i++) {
        const prism_field *f = &args->fields[i];
        const char *shown = watcher_show(watcher, w, f->type, (const char *)value + f->offset);
        size_t more = strlen(shown);
        if (len + more + 4 > sizeof text)
            break;
        memcpy(text + len, i ? ", " : "", i ? 2 : 0);
        len += i ? 2 : 0;
        memcpy(text + len, shown, more);
        len += more;
    }
    text[len++] = ')';
    return watcher_text(watcher, text, len);
}

// ---- steps --------------------------------------------------------------------------------------

void watcher_begin(struct watcher *watcher, uint32_t events) {
    *watcher = (struct watcher){.steps = calloc(STEPS_TOLD_MAX, sizeof(struct told_step)),
                                .from = events > STEPS_TOLD_MAX ? events - STEPS_TOLD_MAX : 0};
    if (!watcher->steps)
        abort();
}

void watcher_free(struct watcher *watcher) {
    for (uint32_t i = 0; i < watcher->text_count; i++)
        free(watcher->texts[i]);
    free(watcher->texts);
    free(watcher->steps);
    *watcher = (struct watcher){0};
}

struct told_step *watcher_step(const struct watcher *watcher, uint32_t event) {
    bool kept = event < watcher->count && watcher->count - event <= STEPS_TOLD_MAX;
    return kept ? &watcher->steps[event % STEPS_TOLD_MAX] : NULL;
}

// What is taken: of a MAIL the message in the mailbox that is begun.
static const struct envelope *message_at(const struct envelope *e) {
    const struct envelope *mail = e->kind == ENVELOPE_MAIL ? actor_mail(e->sched.home) : e;
    return mail && mail->kind == ENVELOPE_MESSAGE ? mail : NULL;
}

// The code that will run: its place.
static void place_of(const struct envelope *e, struct told_step *s) {
    const struct strand *waiting = NULL;
    const prism_function *function = NULL;
    if (message_at(e))
        function = message_at(e)->message->handler;
    else if (e->kind == ENVELOPE_START)
        function = e->strand->function;
    else if (e->kind == ENVELOPE_WAKE)
        waiting = e->strand;
    else if (e->kind == ENVELOPE_REPLY)
        waiting = e->reply_to.future->waiter;
    else if (e->kind == ENVELOPE_TIMER && e->timer->use == TIMER_SLEEP)
        waiting = e->timer->of.strand;
    const prism_site *wait = waiting ? waiting->wait_site : NULL;
    if (wait) {
        s->at_file = wait->file;
        s->at_line = wait->line;
    } else if (function) {
        s->at_file = function->file;
        s->at_line = function->line;
    }
}

// What a supervisor has decided.
static const char *decision_word(const struct envelope *e) {
    switch (e->word) {
    case DECIDED_RESUME:
        return "resume";
    case DECIDED_STOP:
        return "stop";
    case DECIDED_HALT:
        return "halt";
    default:
        return "restart";
    }
}

static const char *message_of(const struct envelope *e) {
    if (e->kind == ENVELOPE_DECIDED)
        return decision_word(e);
    if (message_at(e))
        return message_at(e)->message->name;
    if (e->kind == ENVELOPE_REPLY)
        return e->reply_to.future->message ? e->reply_to.future->message->name : "";
    bool of_strand = e->kind == ENVELOPE_START || e->kind == ENVELOPE_WAKE;
    return of_strand ? e->strand->function->name : "";
}

static const char *args_of(struct watcher *watcher, struct world *w, const struct envelope *e) {
    if (message_at(e))
        return show_args(watcher, w, message_at(e)->type, message_at(e)->payload);
    if (e->kind == ENVELOPE_REPLY && e->failure == PRISM_NONE)
        return watcher_show(watcher, w, e->type, e->payload);
    return "";
}

// Of a handle only what it holds is shown: who waits for it are replies, and stand in its story
// anyway.
static const char *show_field(struct watcher *watcher, struct world *w, const struct cell *home,
                              uint32_t field) {
    const prism_field *f = &home->type->state->fields[field];
    const char *value = (const char *)home->state + f->offset;
    if (home->type->handle && strstr(f->type->name, "Reply<"))
        return "";
    prism_buffer *front = NULL;
    bool queue = !strncmp(f->type->name, "Queue<", 6) && f->type->count == 2;
    if (queue)
        memcpy(&front, value + f->type->fields[0].offset, sizeof front);
    if (queue && !prism_buffer_len(front)) // a short queue is the list of its items
        return watcher_show(watcher, w, f->type->fields[1].type, value + f->type->fields[1].offset);
    return watcher_show(watcher, w, f->type, value);
}

static void show_state(struct watcher *watcher, struct world *w, const struct cell *home) {
    const prism_type *state = home->type ? home->type->state : NULL;
    watcher->before_count = home->state ? state->count : 0;
    watcher->before = keep(watcher, watcher->before_count * sizeof *watcher->before);
    for (uint32_t i = 0; i < watcher->before_count; i++)
        watcher->before[i] = (char *)show_field(watcher, w, home, i);
}

enum { HURRY_EACH = 1024 };

// Is what happens in the step that begins to be shown? Somebody who waits gets what there is.
static bool shows(struct watcher *watcher, const struct world *w) {
    if (watcher->count % HURRY_EACH == 0)
        watcher->hurries |= w->host->hurried && w->host->hurried();
    return watcher->count > watcher->from && !watcher->hurries;
}

static struct told_step *begin_step(struct watcher *watcher, struct world *w) {
    struct told_step *s = &watcher->steps[watcher->count++ % STEPS_TOLD_MAX];
    const struct event *event = &w->host->log[w->event_count - 1];
    *s = (struct told_step){.actor = event->home,
                            .from = event->sender,
                            .sent = event->sent_at,
                            .alternatives = event->alternatives,
                            .event = w->event_count - 1,
                            .kind = event->kind,
                            .message = "",
                            .args = "",
                            .failed = "",
                            .crashed = "",
                            .site = event->site,
                            .now_ns = w->now_ns};
    watcher->in_step = shows(watcher, w);
    watcher->before_count = 0;
    watcher->had_finding = w->finding.kind;
    watcher->had_told = w->told.kind;
    return s;
}

void watch_take(struct world *w, const struct cell *home, const struct envelope *e) {
    struct watcher *watcher = w->host->watcher;
    struct told_step *s = begin_step(watcher, w);
    if (!watcher->in_step)
        return;
    place_of(e, s);
    s->message = message_of(e);
    s->args = args_of(watcher, w, e);
    if (e->kind == ENVELOPE_REPLY && e->reply_to.future->of_handle)
        s->site = e->reply_to.future->site; // where the handle answered is a place of the library
    if (e->kind == ENVELOPE_REPLY && e->failure != PRISM_NONE)
        s->failed = prism_failure_word(e->failure);
    show_state(watcher, w, home);
}

void watch_strike(struct world *w, const struct cell *home, const struct strike *strike) {
    struct watcher *watcher = w->host->watcher;
    struct told_step *s = begin_step(watcher, w);
    if (!watcher->in_step)
        return;
    if (strike->envelope) {
        s->message = message_of(strike->envelope);
        s->args = args_of(watcher, w, strike->envelope);
    }
    show_state(watcher, w, home);
}

void watch_advance(struct world *w, const struct timer *t) {
    struct watcher *watcher = w->host->watcher;
    struct told_step *s = begin_step(watcher, w);
    s->now_ns = t->deadline_ns;
}

static struct told_step *last_step(struct watcher *watcher) {
    return watcher_step(watcher, watcher->count - 1);
}

static void note_changes(struct watcher *watcher, struct world *w, const struct cell *home) {
    struct told_step *s = last_step(watcher);
    s->changes = keep(watcher, watcher->before_count * sizeof *s->changes);
    for (uint32_t i = 0; i < watcher->before_count; i++) {
        const prism_field *f = &home->type->state->fields[i];
        const char *after = show_field(watcher, w, home, i);
        if (strcmp(after, watcher->before[i]))
            s->changes[s->change_count++] =
                (struct told_change){f->name, watcher->before[i], after};
    }
}

void watch_taken(struct world *w, const struct cell *home) {
    struct watcher *watcher = w->host->watcher;
    struct told_step *s = last_step(watcher);
    if (home->state && watcher->before_count)
        note_changes(watcher, w, home);
    bool failed = w->finding.kind && !watcher->had_finding;
    bool told = w->told.kind && !watcher->had_told;
    if (failed || told)
        s->crashed = prism_failure_word(failed ? w->finding.word : w->told.word);
    watcher->in_step = false;
}

void watch_print(struct world *w, int stream, const void *bytes, size_t len) {
    struct watcher *watcher = w->host->watcher;
    if (!watcher->in_step)
        return;
    struct told_step *s = last_step(watcher);
    struct told_output *more = keep(watcher, (s->output_count + 1) * sizeof *more);
    if (s->output_count)
        memcpy(more, s->outputs, s->output_count * sizeof *more);
    more[s->output_count++] = (struct told_output){stream, watcher_text(watcher, bytes, len)};
    s->outputs = more;
}

void watch_mishap(struct world *w, const struct mishap *m) {
    struct watcher *watcher = w->host->watcher;
    if (!watcher->in_step)
        return;
    struct told_step *s = last_step(watcher);
    struct told_mishap *more = keep(watcher, (s->mishap_count + 1) * sizeof *more);
    if (s->mishap_count)
        memcpy(more, s->mishaps, s->mishap_count * sizeof *more);
    more[s->mishap_count++] = (struct told_mishap){m->kind, m->function, m->home};
    s->mishaps = more;
}
