// SPDX-License-Identifier: MIT
// Bounded mailboxes. An actor that has one takes messages out of flight at any time, whatever it
// does, and puts them into it: that is their *arrival*, an event of its own, at which the bound is
// applied. What has arrived is handled one by one: a MAIL envelope, which the actor sends to
// itself, begins the oldest when no handler is under way.
//
// It is its type's, or it was given one of its own when it was spawned (endow.c); whether messages
// of such a type mute their senders is found out at the receiver's cell.
//
//   reject       what arrives at a full mailbox is turned away: its asker fails with DROPPED
//   drop_oldest  the oldest is turned away instead
//   block        it is let in and keeps its place, but not *accepted* before it is among the first
//                `limit`. Who told it is muted: nothing of its home runs until all that it has told
//                is accepted, but for what interrupts. Who asked waits for the answer anyway. What
//                an actor tells itself mutes nobody, nor does what comes from another node.
//
// A stop that must wait keeps its place among the messages; it takes no room and is never turned
// away. An actor that ends turns all away. A restart keeps the mailbox.
#include "runtime/actor/parts.h"

struct mailbox {
    struct envelope *first, *last; // oldest first; not in flight: made and freed here
    struct envelope *unaccepted;   // block: the oldest message that there is no room for
    uint32_t count;                // messages in it
    bool called;                   // a MAIL is in flight
};

void mailbox_mute(prism_cx *cx, struct envelope *e, const struct cell *to) {
    struct cell *home = cx->home;
    if (!home || home == to || home->node != cell_node(to))
        return;
    e->word = SENT_MUTES;
    e->reply_to.home = home;
    home->unaccepted++;
}

void mailbox_accept(prism_cx *cx, struct envelope *e) {
    if (e->word != SENT_MUTES)
        return;
    struct envelope *told = sched_envelope_new(cx, 0);
    told->kind = ENVELOPE_ACCEPTED;
    told->site = e->site;
    struct cell *muted = e->reply_to.home;
    e->word = WORD_NONE;
    e->reply_to.home = NULL;
    sched_post(cx, muted, told);
}

static void call(prism_cx *cx, struct cell *c) {
    struct mailbox *box = c->rest->mailbox;
    if (box->called)
        return;
    box->called = true;
    struct envelope *e = sched_envelope_new(cx, 0);
    e->kind = ENVELOPE_MAIL;
    e->generation = c->generation;
    e->site = box->first->site;
    sched_post(cx, c, e);
}

static void free_mail(prism_cx *cx, struct envelope *m) {
    prism_free(cx, m, sizeof *m + m->payload_bytes);
}

// Takes the one after `before`, the first one if that is NULL, out.
static struct envelope *take_out(struct mailbox *box, struct envelope *before) {
    struct envelope **at = before ? &before->next : &box->first, *m = *at;
    *at = m->next;
    if (box->last == m)
        box->last = before;
    box->count -= m->kind == ENVELOPE_MESSAGE;
    return m;
}

static void turn_away(prism_cx *cx, struct envelope *m) {
    drop_value(cx, m->type, m->payload);
    reply_post(cx, m->reply_to, PRISM_DROPPED, NULL, NULL, NULL, m->site);
}

static void drop_oldest(prism_cx *cx, struct mailbox *box) {
    struct envelope *before = NULL, *m = box->first;
    for (; m->kind != ENVELOPE_MESSAGE; m = m->next)
        before = m;
    m = take_out(box, before);
    turn_away(cx, m);
    free_mail(cx, m);
}

static void put_in(prism_cx *cx, struct mailbox *box, const struct envelope *e, uint32_t limit) {
    struct envelope *m = prism_alloc(cx, sizeof *m + e->payload_bytes);
    size_t own = offsetof(struct envelope, kind); // what links `e` may change meanwhile
    memcpy((char *)m + own, (const char *)e + own, sizeof *m - own + e->payload_bytes);
    m->next = NULL;
    m->sched = (struct sched_envelope){0};
    *(box->last ? &box->last->next : &box->first) = m;
    box->last = m;
    if (m->kind != ENVELOPE_MESSAGE)
        return;
    if (++box->count <= limit)
        mailbox_accept(cx, m);
    else if (!box->unaccepted)
        box->unaccepted = m;
}

void mailbox_arrive(prism_cx *cx, struct cell *c, struct envelope *e) {
    uint32_t limit = mailbox_limit(c);
    if (!c->rest->mailbox)
        own_rest(cx, c)->mailbox = zeroed(cx, sizeof *c->rest->mailbox);
    struct mailbox *box = c->rest->mailbox;
    bool full = e->kind == ENVELOPE_MESSAGE && box->count >= limit;
    if (full && c->mail == PRISM_MAILBOX_REJECT) {
        turn_away(cx, e);
        return;
    }
    if (full && c->mail == PRISM_MAILBOX_DROP_OLDEST)
        drop_oldest(cx, box);
    put_in(cx, box, e, limit);
    call(cx, c);
}

// There is room for one more.
static void accept_next(prism_cx *cx, struct mailbox *box) {
    struct envelope *m = box->unaccepted;
    if (!m)
        return;
    mailbox_accept(cx, m);
    do
        m = m->next;
    while (m && m->kind != ENVELOPE_MESSAGE);
    box->unaccepted = m;
}

enum take mail_wants(const struct cell *c, const struct envelope *e) {
    if (is_dead(c, e))
        return TAKE_SILENT;
    bool beside = c->type->reentrant && c->rest->mailbox->first->kind == ENVELOPE_MESSAGE;
    bool free = c->status == CELL_RUNNING && !c->unaccepted && (!c->handler || beside);
    return free ? TAKE_RUNS : TAKE_LATER;
}

void mail_taken(prism_cx *cx, struct cell *c, const struct envelope *e) {
    if (is_dead(c, e))
        return;
    struct mailbox *box = c->rest->mailbox;
    struct envelope *m = take_out(box, NULL);
    box->called = false;
    if (m->kind == ENVELOPE_MESSAGE)
        accept_next(cx, box);
    if (box->first)
        call(cx, c);
    cell_handle(cx, c, m);
    free_mail(cx, m);
}

void mailbox_end(prism_cx *cx, struct cell *c) {
    struct mailbox *box = c->rest->mailbox;
    c->rest->mailbox = NULL;
    while (box->first) {
        struct envelope *m = take_out(box, NULL);
        if (m->kind == ENVELOPE_MESSAGE)
            cell_discard(cx, c, m);
        free_mail(cx, m);
    }
    prism_free(cx, box, sizeof *box);
}

bool mailbox_is_empty(const struct cell *c) {
    return !c->rest->mailbox || !c->rest->mailbox->first;
}

const struct envelope *actor_mail(const struct cell *c) {
    return c->rest->mailbox ? c->rest->mailbox->first : NULL;
}

uint32_t actor_mail_count(const struct cell *c) {
    return c->rest->mailbox ? c->rest->mailbox->count : 0;
}

bool actor_has_room(const struct cell *c) {
    return actor_mail_count(c) <= mailbox_limit(c);
}
