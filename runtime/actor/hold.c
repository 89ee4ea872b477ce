// SPDX-License-Identifier: MIT
// Who holds what: locks that a strand has taken and not let go. It is known at the holder's, so
// that a crash can be told to the lock (which is then poisoned), letting go twice is noticed at
// once, and a report can say who holds what others wait for.
#include "runtime/actor/parts.h"

void prism_hold(prism_cx *cx, prism_ref handle, int64_t way, const prism_message *crashed,
                const prism_site *site) {
    struct strand *s = strand_of(cx);
    struct hold *h = prism_alloc(cx, sizeof *h);
    *h = (struct hold){s->holds, handle, way, crashed, site};
    s->holds = h;
}

static bool remove_hold(prism_cx *cx, struct hold **list, prism_ref handle, int64_t way) {
    for (struct hold **at = list; *at; at = &(*at)->next) {
        struct hold *h = *at;
        if (h->handle.cell != handle.cell || h->handle.generation != handle.generation ||
            h->way != way)
            continue;
        *at = h->next;
        prism_free(cx, h, sizeof *h);
        return true;
    }
    return false;
}

// The strand's own first: another one of its home may let go what it took.
bool prism_unhold(prism_cx *cx, prism_ref handle, int64_t way) {
    struct strand *own = strand_of(cx);
    struct cell *home = home_of(cx);
    if (remove_hold(cx, &own->holds, handle, way))
        return true;
    if (cell_has_rest(home) && remove_hold(cx, &home->rest->holds, handle, way))
        return true;
    for (struct strand *s = home->first; s; s = s->next)
        if (remove_hold(cx, &s->holds, handle, way))
            return true;
    return false;
}

static void tell_crash(prism_cx *cx, const struct hold *h) {
    const prism_type *args = h->crashed->handler->args;
    _Alignas(16) unsigned char payload[64] = {0};
    assert(args->size <= sizeof payload);
    memcpy(payload + args->fields[0].offset, &h->way, sizeof h->way);
    prism_tell(cx, h->handle, h->crashed, payload, h->site);
}

// Oldest first would need a list with two ends; nobody can tell the order.
static void give_up(prism_cx *cx, struct hold **list, bool crashed) {
    for (struct hold *h; (h = *list);) {
        *list = h->next;
        if (crashed)
            tell_crash(cx, h);
        prism_free(cx, h, sizeof *h);
    }
}

void holds_of_ended(prism_cx *cx, struct strand *s, bool crashed) {
    if (crashed) {
        give_up(cx, &s->holds, true);
        return;
    }
    while (s->holds) {
        struct hold *h = s->holds;
        s->holds = h->next;
        struct cell_rest *rest = own_rest(cx, s->home);
        h->next = rest->holds;
        rest->holds = h;
    }
}

void holds_of_home(prism_cx *cx, struct cell *c, bool crashed) {
    give_up(cx, &c->rest->holds, crashed);
}

int64_t prism_mask(prism_cx *cx, int64_t masked) {
    struct strand *s = strand_of(cx);
    int64_t was = s->masked;
    int32_t here = 1 + (s->innermost ? s->innermost->depth : 0);
    s->masked = masked < 0 ? here : (int32_t)masked;
    return was;
}
