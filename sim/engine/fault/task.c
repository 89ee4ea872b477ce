// SPDX-License-Identifier: MIT
// task.cancel: a task that somebody could cancel, one of a scope or a token, is cancelled where it
// waits; the event that would have let it go on is what is struck.
#include "fault/fault.h"

static struct strand *resumed_by(const struct envelope *e) {
    if (e->kind == ENVELOPE_WAKE)
        return e->strand;
    if (e->kind == ENVELOPE_REPLY && e->reply_to.future->state == FUTURE_PENDING)
        return e->reply_to.future->waiter;
    if (e->kind == ENVELOPE_TIMER && e->timer->use == TIMER_SLEEP)
        return e->timer->of.strand;
    return NULL;
}

bool task_can_be_cancelled(const struct strand *s) {
    const prism_future *f = s->reply_to.future;
    bool is_task = s->kind != STRAND_HANDLER && s->kind != STRAND_HOOK && f;
    bool waits = s->wait != WAIT_NOT && s->wait != WAIT_START && s->wait != WAIT_SCOPE;
    return is_task && waits && !s->cancelled && !s->masked && !s->ended && (f->scope || f->token) &&
           !f->waiter;
}

uint32_t task_cancel_targets(struct world *w, struct strike *out, uint32_t room) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->ready_count; i++) {
        const struct strand *s = resumed_by(w->ready[i]);
        if (!s || !task_can_be_cancelled(s))
            continue;
        if (count < room)
            out[count] = (struct strike){.envelope = w->ready[i]};
        count++;
    }
    return count;
}

// The envelope stays in flight: what was granted is delivered as it would be to any cancelled task.
void task_cancel_strike(struct world *w, const struct strike *s) {
    actor_cancel(&w->cx, resumed_by(s->envelope));
}
