// SPDX-License-Identifier: MIT
// Bounded mailboxes, as docs/language.md has them: messages arrive whatever the actor does, and
// what has arrived is handled one by one. A full mailbox turns away what arrives, or its oldest, or
// mutes the homes of those who told what is beyond its bound.
#include "tests/differential/interp/interp.h"

static int32_t messages_in(const struct cell *c) {
    int32_t count = 0;
    for (int32_t i = 0; i < c->mail.len; i++)
        count += c->mail.at[i]->kind == EVENT_MESSAGE;
    return count;
}

static void accept(struct interp *in, struct event *e) {
    if (e->mutes)
        event_post(in, EVENT_ACCEPTED, e->mutes);
    e->mutes = NULL;
}

void mailbox_mute(struct interp *in, struct event *e) {
    struct cell *home = in->strand->home;
    if (e->home->mailbox != MIR_MAILBOX_BLOCK || e->home == home)
        return;
    e->mutes = home;
    home->unaccepted++;
}

static struct event *take_out(struct cell *c, int32_t at) {
    struct event *e = c->mail.at[at];
    memmove(&c->mail.at[at], &c->mail.at[at + 1],
            sizeof *c->mail.at * (size_t)(--c->mail.len - at));
    return e;
}

void mailbox_discard(struct interp *in, struct event *e, enum failure_kind why) {
    const struct mir_function *f = mir_find_function(in->module, e->message->handler);
    for (int32_t i = 0; i < f->param_count; i++)
        value_drop(f->locals.at[i].type, e->args[i]);
    accept(in, e);
    reply_failure(in, e->future, why);
}

static void call(struct interp *in, struct cell *c) {
    if (c->mail.len && !c->is_called)
        event_post(in, EVENT_MAIL, c);
    c->is_called = c->mail.len > 0;
}

// The first of those beyond the bound fits now, if there is one.
static void accept_those_within(struct interp *in, struct cell *c) {
    int64_t within = c->mailbox_limit;
    for (int32_t i = 0; i < c->mail.len && within > 0; i++) {
        if (c->mail.at[i]->kind != EVENT_MESSAGE)
            continue;
        accept(in, c->mail.at[i]);
        within--;
    }
}

void mailbox_arrive(struct interp *in, struct cell *c, const struct event *arrived) {
    struct event *e = arena_new(in->arena, struct event);
    *e = *arrived;
    bool full = e->kind == EVENT_MESSAGE && messages_in(c) >= c->mailbox_limit;
    if (full && c->mailbox == MIR_MAILBOX_REJECT) {
        mailbox_discard(in, e, FAILURE_DROPPED);
        return;
    }
    if (full && c->mailbox == MIR_MAILBOX_DROP_OLDEST) {
        int32_t oldest = 0;
        while (c->mail.at[oldest]->kind != EVENT_MESSAGE)
            oldest++;
        mailbox_discard(in, take_out(c, oldest), FAILURE_DROPPED);
    }
    vec_push(in->arena, &c->mail, e);
    accept_those_within(in, c);
    call(in, c);
}

struct event *mailbox_next(struct interp *in, struct cell *c) {
    c->is_called = false;
    struct event *e = take_out(c, 0);
    accept_those_within(in, c);
    call(in, c);
    return e;
}

void mailbox_end(struct interp *in, struct cell *c) {
    while (c->mail.len) {
        struct event *e = take_out(c, 0);
        if (e->kind == EVENT_MESSAGE)
            mailbox_discard(in, e, c->crashed ? FAILURE_CRASHED : FAILURE_STOPPED);
    }
}
