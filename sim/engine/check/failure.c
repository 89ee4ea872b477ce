// SPDX-License-Identifier: MIT
// Failures that nobody handles. A failure of a handler whose asker waits is the asker's to handle,
// one of a task is that of who waits for it, except assertions and invariants: they say that the
// program is wrong, whoever catches them.
#include "finding.h"

#include <stdio.h>
#include <string.h>

static const char *const words[] = {
#define FINDING(name, word) word,
#include "finding.def"
#undef FINDING
};

const char *finding_word(enum finding_kind kind) {
    assert(kind < sizeof words / sizeof *words);
    return words[kind];
}

static const char *function_of(const struct finding *f) {
    return f->site ? f->site->function : f->function ? f->function->name : "";
}

bool finding_same(const struct finding *a, const struct finding *b) {
    return a->kind == b->kind && a->word == b->word && a->places == b->places &&
           site_hash(a->site) == site_hash(b->site) && !strcmp(function_of(a), function_of(b));
}

static enum finding_kind kind_of(int64_t word) {
    switch (word) {
    case PRISM_ASSERT:
        return FINDING_ASSERTION;
    case PRISM_INVARIANT:
        return FINDING_INVARIANT;
    case PRISM_MONITOR:
        return FINDING_MONITOR;
    case PRISM_HISTORY:
        return FINDING_LINEARIZABILITY;
    default:
        return FINDING_TRAP;
    }
}

// Words that the program made, or the value that it raised, shown.
static void say(struct world *w, struct finding *f, const prism_error *error, bool may_allocate) {
    const prism_buffer *text = NULL;
    prism_buffer *shown = NULL;
    if (!error->type)
        return;
    if (error->type->flags & PRISM_TEXT)
        memcpy(&text, error->data, sizeof text);
    else if (may_allocate)
        text = shown = prism_show(&w->cx, error->type, error->data);
    size_t len = prism_buffer_len(text);
    len = len < sizeof f->said ? len : sizeof f->said - 1;
    while (len > 0 && len < prism_buffer_len(text) && (text->data[len] & 0xc0) == 0x80)
        len--;
    if (len)
        memcpy(f->said, text->data, len);
    prism_buffer_drop(&w->cx, shown);
}

static struct finding describe(const struct cell *cell, const struct strand *strand,
                               const prism_error *error) {
    int64_t word = prism_error_kind(error);
    const struct strand *s = strand ? strand : cell->first;
    bool is_static = error->text != (const char *)error->data;
    struct finding f = {.kind = kind_of(word),
                        .word = word,
                        .text = is_static ? error->text : NULL,
                        .site = error->site,
                        .function = s ? s->function : NULL,
                        .actor = cell->sched.id};
    if (!is_static)
        snprintf(f.said, sizeof f.said, "%s", error->text);
    return f;
}

void finding_failure(struct world *w, const struct cell *cell, const struct strand *strand,
                     const prism_error *error) {
    if (w->finding.kind || w->ending)
        return;
    int64_t word = prism_error_kind(error);
    bool second_hand = word == PRISM_CRASHED || word == PRISM_STOPPED;
    if (second_hand && w->told.kind) {
        w->finding = w->told;
        return;
    }
    w->finding = describe(cell, strand, error);
    say(w, &w->finding, error, true);
}

void finding_memory(struct world *w, const struct cell *cell) {
    if (w->finding.kind)
        return;
    w->finding = (struct finding){.kind = FINDING_TRAP,
                                  .word = PRISM_MEMORY,
                                  .function = cell->first ? cell->first->function : NULL,
                                  .actor = cell->sched.id};
}

void sched_failed(prism_cx *cx, struct cell *cell, struct strand *strand,
                  const prism_error *error) {
    struct world *w = (struct world *)cx;
    int64_t word = prism_error_kind(error);
    bool asked = strand && strand->kind == STRAND_HANDLER && strand->reply_to.home;
    bool handled = asked || actor_supervisor(cell);
    bool always = prism_failure_is_wrong(word);
    if (!handled || always)
        finding_failure(w, cell, strand, error);
    else if (!w->told.kind) {
        w->told = describe(cell, strand, error);
        say(w, &w->told, error, false); // the run goes on: nothing may be allocated
    }
}

void sched_wrong(prism_cx *cx, struct cell *cell, struct strand *strand, const prism_error *error) {
    finding_failure((struct world *)cx, cell, strand, error);
}

// ---- what is left -------------------------------------------------------------------------------

void check_leak(struct world *w) {
    assert(w->ending);
    if (!w->finding.kind && w->live_blocks)
        w->finding = (struct finding){.kind = FINDING_LEAK};
}
