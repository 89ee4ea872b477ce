// SPDX-License-Identifier: MIT
// Ceilings: what an actor may do at most, as text. A line `@NAME` says who holds the capabilities
// on the lines that follow it; all who stand there have to hold what is asked for
// (runtime/std/capability.prism decides that). An actor's own clause is in its type; what stands
// above it was written down when it was spawned. An actor without a clause holds nothing whatever
// stands above it, so nothing is kept for it, and messages know nothing of all this. Roots, and
// their tasks, have no ceiling. A closure does no more than who made it may, either: while it runs,
// that one's ceiling limits the strand besides its home's.
#include "runtime/actor/parts.h"
#include "runtime/env.h"

#define NOBODY "@an actor without a clause\n"

static void put(prism_cx *cx, prism_buffer **out, const char *text) {
    prism_text_put(cx, out, text, strlen(text));
}

static void put_buffer(prism_cx *cx, prism_buffer **out, const prism_buffer *text) {
    if (prism_buffer_len(text))
        prism_text_put(cx, out, text->data, text->len);
}

static void put_ceiling(prism_cx *cx, prism_buffer **out, const struct cell *c) {
    if (c->type && c->type->capabilities) {
        put(cx, out, c->type->capabilities);
    } else if (c->type) {
        put(cx, out, "@");
        put(cx, out, c->type->name);
        put(cx, out, "\n");
    }
    put_buffer(cx, out, c->rest->ceiling);
}

static bool is_trusted(const prism_cx *cx) {
    const struct strand *s = cx->strand;
    return s && s->trusted;
}

// All that limits what the strand at hand does.
static void put_limits(prism_cx *cx, prism_buffer **out, const struct cell *home) {
    const struct strand *s = cx->strand;
    put_ceiling(cx, out, home);
    if (s)
        put_buffer(cx, out, s->within);
}

void ceiling_of_child(prism_cx *cx, struct cell *child) {
    prism_buffer *given = cx->confined;
    cx->confined = NULL;
    if (child->type->capabilities) {
        prism_buffer *text = NULL;
        put_buffer(cx, &text, given);
        if (!is_trusted(cx))
            put_limits(cx, &text, child->parent);
        if (text)
            own_rest(cx, child)->ceiling = text;
    }
    prism_buffer_drop(cx, given);
}

void ceiling_of_task(prism_cx *cx, struct cell *task) {
    static const struct {
        int64_t count; // 0: immortal
        uint64_t len, capacity;
        const prism_type *element;
        _Alignas(16) unsigned char data[32];
    } nothing = {0, sizeof NOBODY - 1, sizeof NOBODY - 1, &prism_type_u8, NOBODY};
    const struct cell *home = task->parent;
    const struct strand *s = cx->strand;
    bool is_limited = home->type || home->rest->ceiling || (s && s->within);
    if (is_trusted(cx) || !is_limited)
        return;
    if (home->type && !home->type->capabilities)
        own_rest(cx, task)->ceiling = (prism_buffer *)&nothing;
    else
        put_limits(cx, &own_rest(cx, task)->ceiling, home);
}

void ceiling_drop(prism_cx *cx, struct cell *c) {
    prism_buffer_drop(cx, c->rest->ceiling);
    c->rest->ceiling = NULL;
}

prism_buffer *prism_ceiling(prism_cx *cx) {
    prism_buffer *out = NULL;
    if (!is_trusted(cx))
        put_limits(cx, &out, home_of(cx));
    const char *denied = env_denied(cx);
    if (denied)
        put(cx, &out, denied);
    return out;
}

bool prism_trust(prism_cx *cx, bool trusted) {
    struct strand *s = strand_of(cx);
    bool was = s->trusted;
    s->trusted = trusted;
    return was;
}

prism_buffer *prism_narrow(prism_cx *cx, const prism_buffer *lend_text) {
    struct strand *s = strand_of(cx);
    prism_buffer *was = s->within;
    s->within = NULL;
    put_buffer(cx, &s->within, was);
    put_buffer(cx, &s->within, lend_text);
    return was;
}

void prism_widen(prism_cx *cx, const prism_buffer *lend_text) {
    struct strand *s = strand_of(cx);
    prism_buffer_drop(cx, s->within);
    prism_buffer_dup(lend_text);
    s->within = (prism_buffer *)lend_text;
}

void prism_confine(prism_cx *cx, const prism_buffer *lend_text) {
    assert(!cx->confined);
    prism_buffer_dup(lend_text);
    cx->confined = (prism_buffer *)lend_text;
    cx->endows = true;
}
