// SPDX-License-Identifier: MIT
// What an actor is given by who spawns it, besides its arguments: capabilities, a name, a mailbox.
// The code at hand says so right before the spawn (cx->endows), so that other spawns need not know.
//
// A name may be read by anybody at any time, while its actor ends and the cell is used again. A
// literal is there for ever: who has read one, and finds the generation meant still there, has the
// right one, since the next actor's name is written after the generation has changed. A name that
// was made at run time is counted, and must not be freed between the reading and the counting. The
// pointer has two marks for that: COUNTED, and BUSY while somebody counts. Who gives the name back
// waits for BUSY to be over, which takes as long as counting does.
#include "runtime/actor/parts.h"

enum { COUNTED = 1, BUSY = 2, MARKS = COUNTED | BUSY };

static prism_buffer *plain_name(uintptr_t marked) {
    return (prism_buffer *)(marked & ~(uintptr_t)MARKS);
}

// The name as it stands in the cell, unmarked and BUSY from now on; zero: it has none that is
// counted.
static uintptr_t claim(const prism_buffer **at) {
    uintptr_t *word = (uintptr_t *)at;
    uintptr_t now = __atomic_load_n(word, __ATOMIC_RELAXED);
    while (now & COUNTED) {
        now &= ~(uintptr_t)BUSY;
        // Acquire: pairs with the release of who was busy before, or wrote the name.
        if (__atomic_compare_exchange_n(word, &now, now | BUSY, true, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return now;
    }
    return 0;
}

static void let_go(const prism_buffer **at, uintptr_t name) {
    __atomic_store_n((uintptr_t *)at, name, __ATOMIC_RELEASE);
}

// A name that was read is that of the actor meant, if its generation is still there afterwards.
prism_buffer *prism_actor_name(prism_cx *cx, prism_ref actor) {
    (void)cx;
    struct cell *c = actor.cell;
    if (!c)
        return NULL;
    uintptr_t name = (uintptr_t)__atomic_load_n(&c->name, __ATOMIC_ACQUIRE);
    bool counted = name & COUNTED;
    if (counted)
        name = claim(&c->name);
    bool same = __atomic_load_n(&c->generation, __ATOMIC_RELAXED) == actor.generation;
    if (counted && name) {
        if (same)
            prism_buffer_dup(plain_name(name));
        let_go(&c->name, name);
    }
    return same ? plain_name(name) : NULL;
}

void endow_forget_name(prism_cx *cx, struct cell *c) {
    uintptr_t name = claim(&c->name);
    if (!name)
        return;
    let_go(&c->name, 0);
    prism_buffer_drop(cx, plain_name(name));
}

void endow_child(prism_cx *cx, struct cell *child) {
    cx->endows = false;
    prism_buffer *name = cx->named;
    cx->named = NULL;
    if (name) {
        int64_t count = prism_count(&name->count);
        if (count > 0) // others will count it, too
            name->count = -count;
        let_go(&child->name, (uintptr_t)name | (count ? COUNTED : 0));
    }
    if (cx->has_mailbox) {
        cx->has_mailbox = false;
        __atomic_store_n(&child->mail, cx->mail_policy, __ATOMIC_RELAXED);
        if (cx->mail_policy != PRISM_MAILBOX_UNBOUNDED)
            own_rest(cx, child)->mail_limit = cx->mail_limit;
    }
}

void prism_endow_name(prism_cx *cx, const prism_buffer *lend_name) {
    assert(!cx->named);
    prism_buffer_dup(lend_name);
    cx->named = (prism_buffer *)lend_name;
    cx->endows = true;
}

void prism_endow_mailbox(prism_cx *cx, int64_t policy, int64_t limit) {
    assert(policy >= PRISM_MAILBOX_UNBOUNDED && policy <= PRISM_MAILBOX_DROP_OLDEST);
    assert(policy == PRISM_MAILBOX_UNBOUNDED || limit > 0);
    cx->mail_policy = (uint8_t)policy;
    cx->mail_limit = limit < UINT32_MAX ? (uint32_t)limit : UINT32_MAX;
    cx->endows = cx->has_mailbox = true;
}
