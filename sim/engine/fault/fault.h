// SPDX-License-Identifier: MIT
// fault: what goes wrong in a simulation besides the order of events. A file a kind; faults.def
// lists them. A fault that strikes is an event like others: it has a name, stands in the log, is a
// deviation from the canonical schedule (which has none) in paths and traces, and is taken away by
// shrinking where the failure does not need it. What strikes within a segment (services, `buggify`)
// is drawn as data is, from the seed; paths and traces list what struck so, and shrinking cuts the
// list.
//
//   setting.c   --fault KIND=SETTING          plan.c     what may strike in a test, and in one run
//   strike.c    what could strike now; naming and taking it
//   chaos.c     a strategy that strikes at random, around any other one; placement.c   at one place
//   data.c      what strikes within a segment; placed.c   so placed, what is an event elsewhere
//   calm.c      the end of all faults
//   nodes.c     nodes that crash and links that are cut, whoever does it; healing
//   actor.c, task.c, memory.c, delay.c, node.c, net.c, link.c        the kinds
#ifndef PRISM_SIM_FAULT_H
#define PRISM_SIM_FAULT_H

#include "path.h"

enum fault_kind {
#define FAULT(id, ...) FAULT_##id,
#include "fault/faults.def"
#undef FAULT
    FAULTS
};
const char *fault_word(enum fault_kind kind);

// ---- settings -----------------------------------------------------------------------------------

struct fault_setting {
    uint32_t rate_ppm;         // of events, at most 1000000; 0: never
    uint32_t times;            // in one run
    int64_t least_ns, most_ns; // how long, where a kind has a length
};
struct fault_plan {
    struct fault_setting of[FAULTS];
    bool any;
};
#define FAULT_TIMES_MAX 1000
#define FAULT_NS_MAX    (24ll * 3600 * 1000000000)

// "net.drop=5%", "net.drop=5%,3x", "net.delay=1ms..40ms", "actor.crash=off". NULL, or a sentence
// that says what is wrong (static until the next call); *near is then the kind that was meant, or
// NULL.
const char *fault_set(struct fault_plan *plan, const char *text, const char **near);
// What chaos tests get.
struct fault_plan fault_plan_of_chaos(void);
// What may strike in this test: nothing unless it is a chaos test or `settings` say so. Settings
// that are wrong are passed over.
struct fault_plan fault_plan_for(const prism_test *test, const char *const *settings,
                                 uint32_t count, bool none);
// The rates of one run: which kinds are on, how often they strike and how many times is drawn
// (swarm testing: Groce and others, ISSTA 2012).
struct fault_plan fault_plan_draw(const struct fault_plan *plan, uint64_t key);

// ---- striking -----------------------------------------------------------------------------------

// What a kind could strike now; writes at most `room`, returns how many there are.
typedef uint32_t fault_targets(struct world *w, struct strike *out, uint32_t room);
uint32_t fault_list(struct world *w, enum fault_kind kind, struct strike *out, uint32_t room);
#define TARGETS_MAX 256
// Carries it out; within the event that world_strike makes of it.
void fault_strike(struct world *w, const struct strike *s);
// The strike with this name or id that could happen now.
bool fault_find(struct world *w, const struct event_name *name, struct strike *out);
bool fault_find_id(struct world *w, uint64_t id, struct strike *out);

// Is there an actor that can crash, a task that can be cancelled?
bool actor_can_crash(const struct cell *c);
bool task_can_be_cancelled(const struct strand *s);

fault_targets actor_crash_targets, task_cancel_targets, memory_targets, delay_targets;
fault_targets node_crash_targets, node_restart_targets, net_drop_targets, net_duplicate_targets,
    net_reorder_targets, net_partition_targets, net_oneway_targets, net_heal_targets;
void node_crash_strike(struct world *w, const struct strike *s);
void node_restart_strike(struct world *w, const struct strike *s);
void net_drop_strike(struct world *w, const struct strike *s);
void net_duplicate_strike(struct world *w, const struct strike *s);
void net_reorder_strike(struct world *w, const struct strike *s);
void net_partition_strike(struct world *w, const struct strike *s);
void net_oneway_strike(struct world *w, const struct strike *s);
void net_heal_strike(struct world *w, const struct strike *s);
void actor_crash_strike(struct world *w, const struct strike *s);
void task_cancel_strike(struct world *w, const struct strike *s);
void memory_strike(struct world *w, const struct strike *s);
void delay_strike(struct world *w, const struct strike *s);

// Kinds that strike within a segment: does this one, now, at this place of the program? It follows
// from what the execution is given, else from the seed and the rate of the run. Strings of the site
// are static.
bool fault_strikes_at(struct world *w, enum fault_kind kind, const prism_site *site);
// Does it at this place of the actor's or task's home? Kinds that are events elsewhere never do so
// unless they are given.
bool fault_strikes_home(struct world *w, const struct cell *home, enum fault_kind kind,
                        const prism_site *site);

// Where mishaps could have struck, each once.
struct chances {
    struct mishaps list;
    uint64_t *seen; // hashes; open addressing; malloc'ed
    uint32_t capacity;
};
uint64_t mishap_hash(const struct mishap *m);
void chances_note(struct chances *c, const struct mishap *m);
void chances_free(struct chances *c);

// ---- placed in segments (placed.c) --------------------------------------------------------------

// Is there something to be placed or noted in this execution?
static inline bool fault_places(const struct world *w) {
    return w->host->faults && (w->host->given.mishaps || w->host->chances);
}
// Does a fault given to this home make its segments more than reads?
bool fault_is_placed_at(const struct world *w, const struct cell *home);
// There is no memory for the message that it is about to take.
bool fault_refuses(struct world *w, struct cell *home, const struct envelope *e);
// At the end of a segment in which the cells from name `made` on were made.
void fault_after_segment(struct world *w, struct cell *home, uint32_t made);

static inline bool fault_is_data(enum fault_kind kind) {
    return kind == FAULT_BUGGIFY || kind == FAULT_SERVICE_FAIL || kind == FAULT_SERVICE_SLOW;
}

// Kinds that undo others are no harm.
static inline bool fault_mends(enum fault_kind kind) {
    return kind == FAULT_NODE_RESTART || kind == FAULT_NET_HEAL;
}
// What faults did that can heal, one after the other: the next of it. Happens by itself where
// nothing else can, and all of it when faults end.
bool fault_heals(struct world *w, struct strike *out);
void nodes_heal(struct world *w);

// ---- a strategy that strikes --------------------------------------------------------------------

struct chaos {
    struct strategy head, *inner;
    struct fault_plan plan; // of this run
    uint32_t struck[FAULTS], total_ppm;
    uint64_t state;
};
// Around `inner`, for the run with this key. `plan` may be empty.
void chaos_begin(struct chaos *c, struct strategy *inner, const struct fault_plan *plan,
                 uint64_t key);

// ---- one fault in a run that is otherwise as its strategy goes ----------------------------------

struct placement {
    struct strategy head, *inner;
    uint32_t event, target; // the `target`-th of what could strike before that event
    bool struck;
};
void placement_begin(struct placement *p, struct strategy *inner, uint32_t event, uint32_t target);

#endif
