// SPDX-License-Identifier: MIT
// Who waits for what, while all workers halt: one line a wait, on standard error.
#include "runtime/parallel/runtime.h"

#include <string.h>

static const char *who(const struct cell *c) {
    if (c && c->type)
        return c->type->name;
    return c && c->parent ? "a task" : "main";
}

static void tell_place(const struct runtime *rt, const prism_site *site) {
    if (site && site->line)
        fprintf(stderr, "  at %s:%u", rt->program->files[site->file], site->line);
}

// "channel `jobs`": what stands behind a handle has its name in its first field.
static void tell_handle(const struct cell *c, const prism_message *message) {
    const prism_buffer *name = NULL;
    if (c->state)
        memcpy(&name, (const char *)c->state + c->type->state->fields[0].offset, sizeof name);
    fprintf(stderr, "waits for %s", c->type->handle);
    if (prism_buffer_len(name))
        fprintf(stderr, " `%.*s`", (int)name->len, (const char *)name->data);
    fprintf(stderr, " (%s)", message->name);
}

static void tell_wait(const struct strand *s) {
    const prism_future *waits[1];
    bool any = s->wait == WAIT_ALL || s->wait == WAIT_ANY;
    if (s->wait == WAIT_SLEEP) {
        fprintf(stderr, "sleeps");
    } else if (s->wait == WAIT_SCOPE) {
        fprintf(stderr, "waits for what it started in its scope");
    } else if (any && actor_waits_for(s, waits, 1) && waits[0]->of_handle) {
        tell_handle(waits[0]->callee.cell, waits[0]->message);
    } else if (any && actor_waits_for(s, waits, 1) && waits[0]->message) {
        fprintf(stderr, "waits for %s to answer %s", who(waits[0]->callee.cell),
                waits[0]->message->name);
    } else if (any) {
        fprintf(stderr, "waits for a task");
    } else {
        fprintf(stderr, "is about to go on");
    }
}

static void tell_cell(struct runtime *rt, struct cell *c) {
    if (c->sched.collected)
        return;
    if (c->status == CELL_FAILED)
        fprintf(stderr, "  %s has crashed and waits for its supervisor's decision\n", who(c));
    if (c->status == CELL_HALTED)
        fprintf(stderr, "  %s waits to be started again\n", who(c));
    if (c->unaccepted)
        fprintf(stderr, "  %s waits for room in a full mailbox\n", who(c));
    for (const struct strand *s = c->first; s; s = s->next) {
        if (s->ended || s->wait == WAIT_NOT)
            continue;
        fprintf(stderr, "  %s in %s ", who(c), s->function->name);
        tell_wait(s);
        tell_place(rt, s->wait_site);
        fprintf(stderr, "\n");
    }
}

void runtime_tell_waiting(struct runtime *rt) {
    runtime_each_cell(rt, tell_cell);
}
