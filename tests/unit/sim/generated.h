// SPDX-License-Identifier: MIT
// Generated programs for tests of exploration: a few actors that follow scripts. A script may tell
// or ask only scripts with a greater number, so that every program ends. Built on programs.h.
#ifndef PRISM_TEST_GENERATED_H
#define PRISM_TEST_GENERATED_H

#include "tests/unit/sim/programs.h"

enum { ACTORS_MAX = 4, SCRIPTS_MAX = 8, OPS_MAX = 4, KEPT_MAX = 2, STARTS_MAX = 4 };

enum op {
    OP_ADD,
    OP_DOUBLE,
    OP_TELL,
    OP_ASK,
    OP_ASK_TIMEOUT,
    OP_SLEEP,
    OP_NOW,
    OP_KEEP,
    OP_ANSWER,
    OP_STOP,
    OP_CRASH
};
struct op_of {
    enum op op;
    int actor, script;
    int64_t n;
};
struct script {
    struct op_of ops[OPS_MAX];
    int count;
};
struct generated {
    struct script scripts[SCRIPTS_MAX];
    int actors, script_count, starts;
    struct op_of start[STARTS_MAX];
    bool supervised;  // the actors are children of a supervisor
    int decisions[4]; // what it decides: by child, restarts and this
    uint8_t strategy;
    uint8_t mailbox; // of the actors: enum prism_mailbox
    uint32_t mailbox_limit;
};
// The program at hand: generated code would be made anew for each.
static struct generated generated;

static uint64_t generated_bits;
static int pick(int below) {
    generated_bits = generated_bits * 6364136223846793005u + 1442695040888963407u;
    return (int)((generated_bits >> 33) % (uint64_t)below);
}

static struct op_of generate_op(int script, bool timed) {
    struct op_of o = {.actor = pick(generated.actors), .n = 1 + pick(3)};
    o.script =
        script + 1 +
        (script + 1 < generated.script_count ? pick(generated.script_count - script - 1) : 0);
    static const enum op plain[] = {OP_ADD, OP_DOUBLE, OP_TELL,   OP_TELL, OP_ASK,
                                    OP_ASK, OP_KEEP,   OP_ANSWER, OP_STOP};
    static const enum op with_time[] = {OP_ADD,         OP_TELL,  OP_ASK, OP_ASK_TIMEOUT,
                                        OP_ASK_TIMEOUT, OP_SLEEP, OP_NOW, OP_ANSWER};
    o.op = timed ? with_time[pick(8)] : plain[pick(pick(4) ? 8 : 9)];
    bool calls = o.op == OP_TELL || o.op == OP_ASK || o.op == OP_ASK_TIMEOUT;
    if (calls && o.script >= generated.script_count)
        o.op = OP_DOUBLE;
    return o;
}

static void generate(uint64_t seed, bool timed) {
    generated = (struct generated){0};
    generated_bits = seed * 0x9e3779b97f4a7c15u + 1;
    generated.actors = 2 + pick(ACTORS_MAX - 1);
    generated.script_count = 2 + pick(timed ? 2 : 4);
    for (int s = 0; s < generated.script_count; s++) {
        generated.scripts[s].count = 1 + pick(timed ? 2 : 3);
        for (int i = 0; i < generated.scripts[s].count; i++)
            generated.scripts[s].ops[i] = generate_op(s, timed);
    }
    generated.starts = 2 + pick(timed ? 1 : 2);
    for (int i = 0; i < generated.starts; i++)
        generated.start[i] = (struct op_of){OP_TELL, pick(generated.actors), pick(2), 0};
}

static void generate_supervised(uint64_t seed, bool timed) {
    generate(seed, timed);
    generated.supervised = true;
    generated.strategy = (uint8_t)pick(3);
    static const int decisions[] = {PRISM_RESTART, PRISM_RESTART, PRISM_RESTART,
                                    PRISM_RESUME,  PRISM_STOP,    PRISM_ESCALATE};
    for (int i = 0; i < 4; i++)
        generated.decisions[i] = decisions[pick(6)];
    for (int s = 0; s < generated.script_count; s++)
        for (int i = 0; i < generated.scripts[s].count; i++)
            if (pick(4) == 0)
                generated.scripts[s].ops[i].op = OP_CRASH;
}

// ---- the actor ----------------------------------------------------------------------------------

struct puppet {
    int64_t value;
    prism_ref all[ACTORS_MAX];
    prism_reply *kept[KEPT_MAX];
};
STRUCT(t_puppet, 0, struct puppet, {"value", &t_i64, 0, NULL}, {"a", &t_ref, 8, NULL},
       {"b", &t_ref, 24, NULL}, {"c", &t_ref, 40, NULL}, {"d", &t_ref, 56, NULL},
       {"k", &t_reply, 72, NULL}, {"l", &t_reply, 80, NULL});
struct puppet_peers {
    prism_ref all[ACTORS_MAX];
};
STRUCT(t_puppet_peers, PRISM_PLAIN, struct puppet_peers, {"a", &t_ref, 0, NULL},
       {"b", &t_ref, 16, NULL}, {"c", &t_ref, 32, NULL}, {"d", &t_ref, 48, NULL});

struct puppet_frame {
    prism_frame head;
    struct one args; // the script
    int64_t result;
    int at;
    bool kept;
    prism_future *f;
};
static const prism_message puppet_messages[2];
static const prism_message *messages_at_hand(void);
SITE(puppet_site, "Puppet.Run", "ask", 0, 1);

static void keep_reply(prism_cx *cx, struct puppet *self, struct puppet_frame *f) {
    for (int i = 0; i < KEPT_MAX && !f->kept; i++)
        if (!self->kept[i]) {
            self->kept[i] = prism_reply_take(cx, &puppet_site);
            f->kept = true;
        }
}
static void answer_kept(prism_cx *cx, struct puppet *self) {
    for (int i = 0; i < KEPT_MAX; i++)
        if (self->kept[i]) {
            int64_t value = self->value;
            prism_answer(cx, self->kept[i], &t_i64, &value, &puppet_site);
            prism_reply_drop(cx, self->kept[i]);
            self->kept[i] = NULL;
            return;
        }
}
static void note_answer(prism_cx *cx, struct puppet *self, struct puppet_frame *f) {
    int64_t got = prism_outcome(f->f);
    if (got)
        got += 100;
    else
        prism_take(cx, f->f, &t_i64, &got, &puppet_site);
    self->value = self->value * 3 + got;
    prism_future_drop(cx, f->f);
    f->f = NULL;
}

// True when it has to be waited for.
static bool puppet_op(prism_cx *cx, struct puppet *self, struct puppet_frame *f,
                      const struct op_of *o) {
    struct one script = {o->script};
    prism_ref to = self->all[o->actor];
    switch (o->op) {
    case OP_ADD:
        self->value += o->n;
        return false;
    case OP_DOUBLE:
        self->value = self->value * 2 + o->n;
        return false;
    case OP_TELL:
        prism_tell(cx, to, &messages_at_hand()[0], &script, &puppet_site);
        return false;
    case OP_ASK:
    case OP_ASK_TIMEOUT:
        f->f = prism_ask(cx, to, &messages_at_hand()[0], &script, o->op == OP_ASK ? -1 : o->n * 10,
                         &puppet_site);
        return prism_wait(cx, &f->f, 1, &puppet_site) == PRISM_SUSPENDED;
    case OP_SLEEP:
        return prism_sleep(cx, o->n * 10, &puppet_site) == PRISM_SUSPENDED;
    case OP_NOW:
        self->value = self->value * 2 + prism_now(cx, &puppet_site);
        return false;
    case OP_KEEP:
        keep_reply(cx, self, f);
        return false;
    case OP_ANSWER:
        answer_kept(cx, self);
        return false;
    case OP_STOP:
        prism_stop(cx, to, &puppet_site);
        return false;
    case OP_CRASH: {
        struct one what = {o->n};
        prism_raise(cx, prism_error_new(cx, &t_one, &what, &puppet_site), &puppet_site);
        return false;
    }
    }
    return false;
}

static prism_status puppet_run(prism_cx *cx, void *frame) {
    struct puppet_frame *f = frame;
    struct puppet *self = f->head.self;
    const struct script *script = &generated.scripts[f->args.n];
    bool resumed = f->head.state == 1;
    f->head.state = 1;
    for (;;) {
        if (cx->failure) { // cancelled
            prism_future_drop(cx, f->f);
            return PRISM_DONE;
        }
        if (resumed || f->f) {
            if (f->f)
                note_answer(cx, self, f);
            f->at++;
        }
        resumed = false;
        if (f->at == script->count)
            break;
        if (puppet_op(cx, self, f, &script->ops[f->at]))
            return PRISM_SUSPENDED;
        if (!f->f && !cx->failure)
            f->at++;
    }
    if (!f->kept)
        f->result = self->value;
    return PRISM_DONE;
}
static void puppet_meet(prism_cx *cx, void *self, void *args, void *result) {
    (void)cx, (void)result;
    memcpy(((struct puppet *)self)->all, args, sizeof(struct puppet_peers));
}
static const char *const names_script[] = {"script"};
RUNS(puppet_run_f, struct puppet_frame, &t_one, &t_i64, puppet_run);
CALLS(puppet_meet_f, &t_puppet_peers, NULL, puppet_meet);
// The next incarnation knows the others, too.
static struct puppet_peers peers_known;
static void puppet_made(prism_cx *cx, void *self, void *args, void *result) {
    (void)cx, (void)args, (void)result;
    if (generated.supervised)
        memcpy(((struct puppet *)self)->all, &peers_known, sizeof peers_known);
}
static const prism_function puppet_init = {
    .name = "Puppet.init", .args = &t_nothing, .call = puppet_made};
static const prism_message puppet_messages[2] = {{"Run", &puppet_run_f, names_script},
                                                 {"Meet", &puppet_meet_f, NULL}};
static const prism_actor_type puppet = {.name = "Puppet",
                                        .state = &t_puppet,
                                        .init = &puppet_init,
                                        .messages = puppet_messages,
                                        .message_count = 2};

// The same with a bounded mailbox.
static prism_function bounded_run, bounded_meet;
static prism_message bounded_messages[2];
static prism_actor_type bounded_puppet;
static inline void bound_puppets(uint8_t mailbox, uint32_t limit) {
    generated.mailbox = mailbox;
    bounded_run = puppet_run_f;
    bounded_meet = puppet_meet_f;
    bounded_run.mailbox = bounded_meet.mailbox = mailbox;
    bounded_messages[0] = (prism_message){"Run", &bounded_run, names_script};
    bounded_messages[1] = (prism_message){"Meet", &bounded_meet, NULL};
    bounded_puppet = puppet;
    bounded_puppet.messages = bounded_messages;
    bounded_puppet.mailbox = mailbox;
    bounded_puppet.mailbox_limit = limit;
}
static const prism_message *messages_at_hand(void) {
    return generated.mailbox ? bounded_messages : puppet_messages;
}
static const prism_actor_type *puppet_at_hand(void) {
    return generated.mailbox ? &bounded_puppet : &puppet;
}

static const prism_site puppet_spawns[ACTORS_MAX] = {{"generated", "spawn", 0, 0, 1, 1},
                                                     {"generated", "spawn", 1, 0, 1, 1},
                                                     {"generated", "spawn", 2, 0, 1, 1},
                                                     {"generated", "spawn", 3, 0, 1, 1}};
static prism_ref spawn_puppet(prism_cx *cx, int i) {
    if (!generated.supervised)
        return prism_spawn(cx, puppet_at_hand(), NULL, &puppet_spawns[i]);
    return prism_spawn_child(cx, NULL, 2, -1, puppet_at_hand(), NULL, &puppet_spawns[i]);
}

static void start_all(prism_cx *cx) {
    struct puppet_peers peers = {0};
    peers_known = peers; // those of the execution before are no more
    for (int i = 0; i < generated.actors; i++)
        peers.all[i] = spawn_puppet(cx, i);
    peers_known = peers;
    for (int i = 0; i < generated.actors; i++) {
        struct puppet_peers copy = peers;
        prism_tell(cx, peers.all[i], &messages_at_hand()[1], &copy, &puppet_site);
    }
    for (int i = 0; i < generated.starts; i++) {
        struct one script = {generated.start[i].script};
        prism_tell(cx, peers.all[generated.start[i].actor], &messages_at_hand()[0], &script,
                   &puppet_site);
    }
}

// ---- their supervisor ---------------------------------------------------------------------------

struct failure {
    prism_ref child;
    prism_error *error;
    uint32_t restarts;
};
static const prism_type t_error = {"Error", PRISM_ERROR, 0, 8, 8, 0, NULL, NULL, NULL, NULL};
static const prism_type t_u32 = {"u32", PRISM_U32, PRISM_PLAIN, 4, 4, 0, NULL, NULL, NULL, NULL};
STRUCT(t_failure, 0, struct failure, {"child", &t_ref, 0, NULL}, {"error", &t_error, 16, NULL},
       {"restarts", &t_u32, 24, NULL});
static const prism_variant decision_variants[5] = {{"Restart", NULL, 0},
                                                   {"RestartWithDelay", NULL, 0},
                                                   {"Resume", NULL, 0},
                                                   {"Stop", NULL, 0},
                                                   {"Escalate", NULL, 0}};
static const prism_type t_decision = {"Decision", PRISM_ENUM, PRISM_PLAIN,       4,    4,
                                      5,          NULL,       decision_variants, NULL, NULL};

static void warden_init(prism_cx *cx, void *self, void *args, void *result) {
    (void)self, (void)args, (void)result;
    start_all(cx);
}
static void warden_decide(prism_cx *cx, void *self, void *args, void *result) {
    struct failure *f = args;
    uint32_t decision = (uint32_t)generated.decisions[f->restarts % 4];
    int64_t *count = self;
    *count = *count * 5 + (int64_t)f->restarts + 1;
    prism_error_drop(cx, f->error);
    memcpy(result, &decision, sizeof decision);
}
CALLS(warden_init_f, &t_nothing, NULL, warden_init);
CALLS(warden_decide_f, &t_failure, &t_decision, warden_decide);
#define WARDEN(id, strategy_)                                                                      \
    static const prism_actor_type id = {.name = #id,                                               \
                                        .state = &t_one,                                           \
                                        .init = &warden_init_f,                                    \
                                        .on_child_failure = &warden_decide_f,                      \
                                        .strategy = strategy_}
WARDEN(warden_of_one, PRISM_ONE_FOR_ONE);
WARDEN(warden_of_all, PRISM_ONE_FOR_ALL);
WARDEN(warden_of_rest, PRISM_REST_FOR_ONE);
static const prism_actor_type *const wardens[] = {&warden_of_one, &warden_of_all, &warden_of_rest};

SITE(warden_spawn, "generated", "spawn", 4, 1);
static void generated_call(prism_cx *cx, void *self, void *args, void *result) {
    (void)self, (void)args, (void)result;
    if (generated.supervised)
        prism_spawn(cx, wardens[generated.strategy], NULL, &warden_spawn);
    else
        start_all(cx);
}
CALLS(generated_root, &t_nothing, NULL, generated_call);

#endif
