// SPDX-License-Identifier: MIT
// What the files of optimal DPOR share.
//
// Dependence, for segments between suspensions: two events are dependent when they have the same
// home and do not both only read its state, or when one is ADVANCE and the other ADVANCE or reads
// the clock, sets or stops a timer (docs/exploration.md). One
// happens before the other when they are dependent and in this order, or when it sent what the
// other takes.
#ifndef PRISM_SIM_ORDER_H
#define PRISM_SIM_ORDER_H

#include "explore/explore.h"

// ---- events (order.c) ---------------------------------------------------------------------------

// Who an event is, in every execution that shares the past on which it depends. Time is a home of
// its own, 0: which timer it advances to follows from its past.
struct key {
    uint64_t home, sender; // name hashes; sender 0: time and timers, 1: answers, 3: failures
    uint32_t number; // of what that sender sent, of the timers or futures of that home, of ADVANCE
    uint32_t kind;
};
static inline bool key_equal(const struct key *a, const struct key *b) {
    return a->home == b->home && a->sender == b->sender && a->number == b->number &&
           a->kind == b->kind;
}

// What is known of an event for deciding dependence.
struct act {
    struct key id;
    bool clock; // touches timers or the clock
    bool reads; // only reads the state of its home
};
static inline bool is_time(const struct act *a) {
    return a->id.kind == EVENT_ADVANCE;
}
bool acts_dependent(enum mutant mutant, const struct act *a, const struct act *b);

struct acts {
    struct act *at;
    uint32_t count, room;
};

enum known { NO, PERHAPS, YES };

struct step {
    struct act act;
    uint32_t home;                    // cell id
    uint32_t taken_at;                // of what was taken silently: how many events had been taken
    uint32_t sent_at;                 // step + 1, 0: none
    uint32_t silent;                  // in the host's list: what its home had taken silently before
    uint32_t home_before;             // the home's step before + 1 (of ADVANCE: the ADVANCE before)
    uint32_t time_before;             // clock: the last ADVANCE + 1
    uint32_t enabled_at, disabled_at; // how many events had been taken when it last was
    bool again;                       // it was enabled earlier, too
    bool message_ready;               // before it: its home would have taken a message
    enum known stop_ready;            // and a stop
    bool time_ready;                  // before it: a timer ran, so time could have advanced
    bool crosses;                     // from one node to another
    uint32_t sender, sent_number, upto; // of the envelope; 0: time and timers
    uint64_t *before;                   // a bit for each earlier step: does it happen before?
    uint32_t *known; // by cell id: number of its last envelope that was sent causally before this
    uint32_t known_len, known_room;
};

// `count` steps were taken. Behind them stand phantoms, which might have been events had they come
// earlier: envelopes that are in flight at the end since their homes never wanted them, and those
// that were taken silently, such as a reply after its time was up. `before` says nothing of them.
struct order {
    const struct world_host *host;
    enum mutant mutant;
    struct step *steps;
    uint32_t count, phantoms, room;
    struct step *silent; // of the execution at hand
    uint32_t silent_count, silent_room;
};

struct key order_key(const struct world *w, struct choice c);
// Of timers with one deadline the order makes no difference, since each has an envelope that is
// taken when its home gets to it: an explorer tries this one only.
struct timer *order_timer(const struct world *w);
// Notes the event that is about to be taken, as step w->event_count.
void order_note(struct order *o, struct world *w, struct choice c);
// Fills what is known only afterwards, of the steps from `from` on, from the host's log.
void order_fill(struct order *o, const struct world *w, uint32_t from);
// Notes an envelope that is about to be taken silently.
void order_note_silent(struct order *o, struct world *w, const struct envelope *e);
// Adds the phantoms, at the end of an execution; of the silent ones those from step `from` on.
void order_add_phantoms(struct order *o, const struct world *w, uint32_t from);
// Adds the ADVANCE that would have been possible before step `at`; the step that stands for it.
uint32_t order_add_time(struct order *o, uint32_t at);
bool order_before(const struct order *o, uint32_t a,
                  uint32_t b); // a happens before b, which was taken
// Is a, or something that a happens before, what sent b (or what b's home took silently for it)?
bool order_sent_because(const struct order *o, uint32_t a, uint32_t b);
// Was a's envelope sent causally before b's? Then, to one home, b must not overtake it.
bool order_sent_before(const struct order *o, uint32_t a, uint32_t b);
void order_free(struct order *o);

// ---- sleep sets and wakeup trees (wakeup.c) -----------------------------------------------------

void acts_add(struct acts *a, struct act act);
bool acts_have(const struct acts *a, const struct key *id);
// Sets `to` to those of `from` that are independent of `act`.
void acts_independent(enum mutant mutant, struct acts *to, const struct acts *from,
                      const struct act *act);
void acts_free(struct acts *a);

// An ordered tree; a node is an event, the children of one are tried in order.
struct wakeup {
    struct act act;
    bool guessed; // it ends a sequence: what it touches is not known, and taken to be all
    struct wakeup *child, *next;
};
void wakeup_free(struct wakeup *tree);

// A sequence to be tried: steps of the order at hand, in their order.
struct sequence {
    uint32_t *steps;
    uint32_t count;
    uint32_t last; // the step whose effects are not known: it runs earlier than it did
};
// Can some execution of the sequence begin with one of `asleep`? Then all that it shows was seen.
bool sequence_is_asleep(const struct order *o, const struct sequence *v, const struct acts *asleep);
// Adds the sequence to the tree unless a branch is consistent with it. Uses up v->steps.
void wakeup_insert(struct wakeup **tree, const struct order *o, struct sequence *v);
// An event whose branch is being followed turns out not to touch all that it might: removes
// branches that would not have been added beside it had that been known, since what they lead to
// lies behind that event as well.
void wakeup_mend(enum mutant mutant, struct wakeup **tree, const struct act *act);

// ---- where a search stands (state.c) ------------------------------------------------------------

// What it keeps at each depth of the execution at hand.
struct frame {
    struct key chosen;
    struct acts asleep;
    struct wakeup *tree;
    bool guessed; // of what is chosen: what it touches
};

void state_put_frame(struct explore_state *s, const struct frame *f);
// Takes from *at on. False: there is not that much, or it makes no sense; the frame may be freed.
bool state_take(const struct explore_state *s, size_t *at, void *out, size_t len);
bool state_take_frame(const struct explore_state *s, size_t *at, struct frame *f);

#endif
