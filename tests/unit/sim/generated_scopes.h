// SPDX-License-Identifier: MIT
// A second kind of generated programs, for what generated.h does not have: several answers under
// way at once, joined, raced or dropped; nested scopes with and without deadlines; free, isolated
// and branch tasks; tokens; failures; cancellation on the way through scopes. Every strand follows
// a script; it may start only scripts with a greater number. Built on programs.h.
#ifndef PRISM_TEST_GENERATED_SCOPES_H
#define PRISM_TEST_GENERATED_SCOPES_H

#include "tests/unit/sim/programs.h"

enum { WALKERS_MAX = 3, ROUTES_MAX = 5, STOPS_MAX = 8, SLOTS = 2, DEEP_MAX = 2, KEEPS_MAX = 2 };

enum stop_kind {
    GO_ADD,
    GO_TELL,
    GO_ASK,  // into a slot; n > 0: with that timeout
    GO_PEEK, // asks for the value: a handler that only reads
    GO_AWAIT,
    GO_JOIN,
    GO_RACE,
    GO_DROP,
    GO_SLEEP,
    GO_NOW,
    GO_YIELD,
    GO_OPEN, // a scope; n > 0: with that deadline
    GO_CLOSE,
    GO_TASK, // into a slot, or dropped
    GO_CANCEL_SCOPE,
    GO_CANCEL_TOKEN,
    GO_LOOK, // was it cancelled?
    GO_KEEP,
    GO_ANSWER,
    GO_STOP,
    GO_FAIL
};
enum owned_by { BY_NOBODY, BY_SCOPE, BY_TOKEN };
struct stop_of {
    enum stop_kind kind;
    int actor, route, slot; // slot SLOTS: nowhere
    int64_t n;
    enum prism_task_kind task;
    enum owned_by owner;
    bool hands_token_on;
};
struct route {
    struct stop_of stops[STOPS_MAX];
    int count;
};
struct journey {
    struct route routes[ROUTES_MAX]; // route 0 is the root's
    int actors, route_count;
};
static struct journey journey;

static uint64_t journey_bits;
static int roll(int below) {
    journey_bits = journey_bits * 6364136223846793005u + 1442695040888963407u;
    return (int)((journey_bits >> 33) % (uint64_t)below);
}

static const enum stop_kind stops_plain[] = {
    GO_ADD,  GO_TELL, GO_TELL,  GO_ASK,  GO_ASK,          GO_ASK,  GO_ASK,  GO_JOIN,
    GO_JOIN, GO_RACE, GO_AWAIT, GO_DROP, GO_TASK,         GO_TASK, GO_TASK, GO_CANCEL_SCOPE,
    GO_KEEP, GO_STOP, GO_FAIL,  GO_LOOK, GO_CANCEL_TOKEN, GO_OPEN, GO_OPEN, GO_YIELD};
static const enum stop_kind stops_timed[] = {
    GO_ADD,  GO_TELL, GO_ASK,   GO_ASK,  GO_ASK,  GO_ASK,          GO_JOIN,   GO_RACE,
    GO_JOIN, GO_DROP, GO_AWAIT, GO_TASK, GO_TASK, GO_CANCEL_TOKEN, GO_LOOK,   GO_SLEEP,
    GO_NOW,  GO_OPEN, GO_OPEN,  GO_KEEP, GO_FAIL, GO_SLEEP,        GO_ANSWER, GO_CANCEL_SCOPE};

static struct stop_of roll_stop(int route, bool timed, int open, bool start) {
    enum { KINDS = sizeof stops_plain / sizeof *stops_plain };
    static const enum stop_kind starts_of[] = {GO_TELL, GO_ASK, GO_TASK};
    struct stop_of s = {.kind = start   ? starts_of[roll(3)]
                                : timed ? stops_timed[roll(KINDS)]
                                        : stops_plain[roll(KINDS)]};
    s.actor = roll(journey.actors);
    s.slot = roll(SLOTS);
    s.n = 1 + roll(3);
    s.task = roll(2) ? PRISM_FREE : roll(2) ? PRISM_ISOLATED : PRISM_BRANCH;
    s.owner = open && roll(2) ? BY_SCOPE : roll(3) ? BY_NOBODY : BY_TOKEN;
    s.hands_token_on = roll(2);
    int later = journey.route_count - route - 1;
    s.route = later ? route + 1 + roll(later) : 0;
    bool starts = s.kind == GO_TELL || s.kind == GO_ASK || s.kind == GO_TASK;
    if (starts && !later)
        s.kind = GO_ADD;
    if (s.kind == GO_TASK && s.task == PRISM_BRANCH)
        s.owner = BY_SCOPE; // a branch does not outlive the code that started it
    if (s.kind == GO_TASK && s.owner == BY_SCOPE && !open)
        s.task = PRISM_FREE, s.owner = BY_NOBODY;
    if (s.kind == GO_TASK && roll(3) == 0)
        s.slot = SLOTS;
    if (s.kind == GO_ASK && roll(3) == 0)
        s.kind = GO_PEEK;
    bool may_wait = s.kind == GO_ASK || s.kind == GO_OPEN || s.kind == GO_PEEK;
    if (may_wait && (!timed || roll(4) == 0))
        s.n = 0;
    return s;
}

static void roll_route(int route, bool timed) {
    struct route *r = &journey.routes[route];
    int wanted = route == 0 ? 3 + roll(3) : 1 + roll(3), open = 0;
    for (int i = 0; i < wanted; i++) {
        // Something is to be under way.
        struct stop_of s = roll_stop(route, timed, open, route == 0 && i < 2);
        if (s.kind == GO_OPEN && open == DEEP_MAX)
            s.kind = GO_CLOSE;
        open += s.kind == GO_OPEN;
        open -= s.kind == GO_CLOSE;
        r->stops[r->count++] = s;
    }
    if (open && roll(2))
        r->stops[r->count++] = (struct stop_of){.kind = GO_CLOSE};
}

static void generate_scopes(uint64_t seed, bool timed) {
    journey = (struct journey){0};
    journey_bits = seed * 0x9e3779b97f4a7c15u + 77;
    journey.actors = 1 + roll(roll(3) ? 2 : WALKERS_MAX);
    journey.route_count = 2 + roll(3);
    for (int i = 0; i < journey.route_count; i++)
        roll_route(i, timed);
}

// ---- the strand ---------------------------------------------------------------------------------

static const prism_type t_token = {"Token", PRISM_TOKEN, 0, 8, 8, 0, NULL, NULL, NULL, NULL};
struct baggage {
    int64_t route;
    prism_token *token; // owned, or NULL
    prism_ref all[WALKERS_MAX];
};
STRUCT(t_baggage, 0, struct baggage, {"route", &t_i64, 0, NULL}, {"token", &t_token, 8, NULL},
       {"a", &t_ref, 16, NULL}, {"b", &t_ref, 32, NULL}, {"c", &t_ref, 48, NULL});
struct walker {
    int64_t value;
    prism_reply *kept[KEEPS_MAX];
};
STRUCT(t_walker, 0, struct walker, {"value", &t_i64, 0, NULL}, {"k", &t_reply, 8, NULL},
       {"l", &t_reply, 16, NULL});

enum phase { WALKS, LEAVES };
struct walk_frame {
    prism_frame head;
    struct baggage args;
    int64_t result, value; // value: of a strand without an actor
    enum phase phase;
    int at;
    bool kept, begun, handles;
    prism_future *slots[SLOTS];
    prism_scope *scopes[DEEP_MAX];
    int depth;
    prism_token *token; // its own
    prism_error *error; // on its way out, or NULL
};
enum { WALK, PEEK };
static const prism_message walk_messages[2];
extern const prism_function walk_free, walk_within;

static struct prism_site walk_sites[ROUTES_MAX][STOPS_MAX + 1];
static const struct prism_site *site_at(const struct walk_frame *f) {
    struct prism_site *s = &walk_sites[f->args.route][f->at];
    if (!s->function)
        *s = (struct prism_site){"walk", "stop", (uint32_t)(f->args.route * 16 + f->at), 0, 1, 1};
    return s;
}

static int64_t *value_of(struct walk_frame *f) {
    struct walker *self = f->head.self;
    return self ? &self->value : &f->value;
}
static void mark(struct walk_frame *f, int64_t got) {
    *value_of(f) = *value_of(f) * 7 + got;
}

static prism_token *token_of(prism_cx *cx, struct walk_frame *f) {
    if (!f->token)
        f->token = prism_token_new(cx);
    return f->token;
}

static struct baggage pack(prism_cx *cx, struct walk_frame *f, const struct stop_of *s) {
    struct baggage b = f->args;
    b.route = s->route;
    b.token = s->hands_token_on ? token_of(cx, f) : NULL;
    prism_token_dup(b.token);
    return b;
}

static void put(prism_cx *cx, struct walk_frame *f, int slot, prism_future *future) {
    prism_future **at = slot < SLOTS ? &f->slots[slot] : &future;
    if (slot < SLOTS) {
        prism_future_drop(cx, *at);
        *at = future;
    } else {
        prism_future_drop(cx, future);
    }
}

static void start_task(prism_cx *cx, struct walk_frame *f, const struct stop_of *s) {
    struct baggage b = pack(cx, f, s);
    prism_scope *scope = s->owner == BY_SCOPE && f->depth ? f->scopes[f->depth - 1] : NULL;
    prism_token *token = s->owner == BY_TOKEN ? token_of(cx, f) : NULL;
    bool within = s->task != PRISM_FREE && (s->task == PRISM_ISOLATED || scope);
    enum prism_task_kind kind = within ? s->task : PRISM_FREE;
    if (kind == PRISM_ISOLATED && !f->head.self)
        kind = PRISM_FREE;
    put(cx, f, s->slot,
        prism_task(cx, kind == PRISM_FREE ? &walk_free : &walk_within, &b, kind, scope, token,
                   site_at(f)));
}

static void keep_one(prism_cx *cx, struct walk_frame *f) {
    struct walker *self = f->head.self;
    for (int i = 0; i < KEEPS_MAX && self && f->handles && !f->kept; i++)
        if (!self->kept[i]) {
            self->kept[i] = prism_reply_take(cx, site_at(f));
            f->kept = true;
        }
}
static void answer_one(prism_cx *cx, struct walk_frame *f) {
    struct walker *self = f->head.self;
    for (int i = 0; i < KEEPS_MAX && self; i++)
        if (self->kept[i]) {
            int64_t value = self->value;
            prism_answer(cx, self->kept[i], &t_i64, &value, site_at(f));
            prism_reply_drop(cx, self->kept[i]);
            self->kept[i] = NULL;
            return;
        }
}

static void look_around(prism_cx *cx, struct walk_frame *f) {
    if (f->depth)
        mark(f, prism_scope_cancelled(cx, f->scopes[f->depth - 1], site_at(f)));
    if (f->token)
        mark(f, prism_token_cancelled(cx, f->token, site_at(f)));
}

// What never suspends.
static void act_at(prism_cx *cx, struct walk_frame *f, const struct stop_of *s) {
    struct baggage b;
    int64_t timeout = s->n ? s->n * 10 : -1;
    switch (s->kind) {
    case GO_ADD:
        mark(f, s->n);
        break;
    case GO_TELL:
        b = pack(cx, f, s);
        prism_tell(cx, f->args.all[s->actor], &walk_messages[WALK], &b, site_at(f));
        break;
    case GO_ASK:
        b = pack(cx, f, s);
        put(cx, f, s->slot,
            prism_ask(cx, f->args.all[s->actor], &walk_messages[WALK], &b, timeout, site_at(f)));
        break;
    case GO_PEEK:
        put(cx, f, s->slot,
            prism_ask(cx, f->args.all[s->actor], &walk_messages[PEEK], NULL, timeout, site_at(f)));
        break;
    case GO_DROP:
        put(cx, f, s->slot, NULL);
        break;
    case GO_NOW:
        mark(f, prism_now(cx, site_at(f)));
        break;
    case GO_OPEN:
        f->scopes[f->depth++] = prism_scope_open(cx, timeout, site_at(f));
        break;
    case GO_TASK:
        start_task(cx, f, s);
        break;
    case GO_CANCEL_SCOPE:
        if (f->depth)
            prism_scope_cancel(cx, f->scopes[f->depth - 1], site_at(f));
        break;
    case GO_CANCEL_TOKEN:
        if (f->args.token || f->token)
            prism_token_cancel(cx, f->args.token ? f->args.token : f->token, site_at(f));
        break;
    case GO_LOOK:
        look_around(cx, f);
        break;
    case GO_KEEP:
        keep_one(cx, f);
        break;
    case GO_ANSWER:
        answer_one(cx, f);
        break;
    case GO_STOP:
        prism_stop(cx, f->args.all[s->actor], site_at(f));
        break;
    case GO_FAIL:
        prism_trap(cx, PRISM_ASSERT, "generated", site_at(f));
        break;
    default:
        break;
    }
}

static uint64_t awaited(const struct walk_frame *f, const struct stop_of *s,
                        prism_future *out[SLOTS]) {
    uint64_t count = 0;
    for (int i = 0; i < SLOTS; i++)
        if (f->slots[i] && (s->kind != GO_AWAIT || i == s->slot))
            out[count++] = f->slots[i];
    return count;
}

static prism_status begin_stop(prism_cx *cx, struct walk_frame *f, const struct stop_of *s) {
    prism_future *futures[SLOTS];
    uint64_t count = awaited(f, s, futures);
    switch (s->kind) {
    case GO_AWAIT:
    case GO_JOIN:
        return count ? prism_wait(cx, futures, count, site_at(f)) : PRISM_DONE;
    case GO_RACE:
        return count ? prism_wait_any(cx, futures, count, site_at(f)) : PRISM_DONE;
    case GO_SLEEP:
        return prism_sleep(cx, s->n * 10, site_at(f));
    case GO_YIELD:
        return prism_yield(cx, site_at(f));
    case GO_CLOSE:
        return f->depth ? prism_scope_close(cx, f->scopes[f->depth - 1], site_at(f)) : PRISM_DONE;
    default:
        act_at(cx, f, s);
        return PRISM_DONE;
    }
}

static void drop_awaited(prism_cx *cx, struct walk_frame *f, const struct stop_of *s) {
    for (int i = 0; i < SLOTS; i++)
        if (s->kind != GO_AWAIT || i == s->slot)
            put(cx, f, i, NULL);
}

// As in generated code: of a join the first failure counts alone, of a race the winner; what is
// left is dropped on the way out.
static void note_results(prism_cx *cx, struct walk_frame *f, const struct stop_of *s) {
    prism_future *futures[SLOTS];
    uint64_t count = awaited(f, s, futures), first = 0;
    int64_t sum = 0, got = 0;
    if (count && s->kind == GO_RACE) {
        first = sum = (int64_t)prism_wait_winner(cx);
        count = first + 1;
    }
    for (uint64_t i = first; i < count && !cx->failure; i++) {
        prism_take(cx, futures[i], &t_i64, &got, site_at(f));
        sum = sum * 3 + got + 1;
    }
    drop_awaited(cx, f, s);
    if (cx->failure) {
        prism_error *error = prism_caught(cx);
        sum = -100 - prism_error_kind(error);
        prism_error_drop(cx, error);
    }
    mark(f, sum);
}

static void leave_top(prism_cx *cx, struct walk_frame *f) {
    prism_scope_drop(cx, f->scopes[--f->depth]);
}

static void end_stop(prism_cx *cx, struct walk_frame *f, const struct stop_of *s) {
    if (s->kind == GO_AWAIT || s->kind == GO_JOIN || s->kind == GO_RACE)
        note_results(cx, f, s);
    if (s->kind == GO_CLOSE && f->depth)
        leave_top(cx, f);
}

// Behind the end of the scope that was closed by a failure.
static int behind_scope(const struct walk_frame *f) {
    const struct route *r = &journey.routes[f->args.route];
    int at = f->at, inner = 0;
    for (; at < r->count; at++) {
        inner += r->stops[at].kind == GO_OPEN && at > f->at;
        if (r->stops[at].kind == GO_CLOSE && inner-- == 0)
            return at + 1;
    }
    return at;
}

// Every scope catches what is no cancellation.
static bool is_caught_here(const struct walk_frame *f) {
    return f->error && prism_error_kind(f->error) != PRISM_CANCELLED;
}

static void failed(prism_cx *cx, struct walk_frame *f) {
    f->error = prism_caught(cx);
    f->phase = LEAVES;
    f->begun = false;
}

// Closes scopes until the failure is caught, or all of them. True: suspended.
static bool leave_scopes(prism_cx *cx, struct walk_frame *f) {
    while (f->depth) {
        if (!f->begun) {
            f->begun = true;
            if (prism_scope_close(cx, f->scopes[f->depth - 1], site_at(f)) == PRISM_SUSPENDED)
                return true;
        }
        f->begun = false;
        leave_top(cx, f);
        if (!is_caught_here(f))
            continue;
        mark(f, prism_error_kind(f->error));
        prism_error_drop(cx, f->error);
        f->error = NULL;
        f->at = behind_scope(f);
        f->phase = WALKS;
        return false;
    }
    return false;
}

static prism_status arrive_home(prism_cx *cx, struct walk_frame *f) {
    for (int i = 0; i < SLOTS; i++)
        put(cx, f, i, NULL);
    prism_token_drop(cx, f->token);
    prism_token_drop(cx, f->args.token);
    f->token = f->args.token = NULL;
    if (f->error)
        prism_raise(cx, f->error, site_at(f));
    else if (!f->kept)
        f->result = *value_of(f);
    return PRISM_DONE;
}

static prism_status walk_on(prism_cx *cx, struct walk_frame *f) {
    const struct route *r = &journey.routes[f->args.route];
    for (;;) {
        if (f->phase == LEAVES) {
            if (leave_scopes(cx, f))
                return PRISM_SUSPENDED;
            if (f->phase == LEAVES)
                return arrive_home(cx, f);
            continue;
        }
        if (cx->failure) {
            failed(cx, f);
            continue;
        }
        if (f->at == r->count) {
            f->phase = LEAVES;
            continue;
        }
        if (!f->begun) {
            f->begun = true;
            if (begin_stop(cx, f, &r->stops[f->at]) == PRISM_SUSPENDED)
                return PRISM_SUSPENDED;
            continue;
        }
        f->begun = false;
        end_stop(cx, f, &r->stops[f->at]);
        f->at++;
    }
}

static prism_status walk_run(prism_cx *cx, void *frame) {
    return walk_on(cx, frame);
}
static prism_status walk_handler_run(prism_cx *cx, void *frame) {
    ((struct walk_frame *)frame)->handles = true;
    return walk_on(cx, frame);
}
// A free task's value is seen by its output.
static prism_status walk_free_run(prism_cx *cx, void *frame) {
    struct walk_frame *f = frame;
    prism_status status = walk_on(cx, frame);
    if (status == PRISM_DONE && !cx->failure) {
        prism_buffer *b = prism_buffer_new(cx, &t_u8, 8);
        memcpy(b->data, &f->value, 8);
        b->len = 8;
        prism_print(cx, 1, b, &log_print);
        prism_buffer_drop(cx, b);
    }
    return status;
}
#define WALKS(id, code_)                                                                           \
    const prism_function id = {.name = #id,                                                        \
                               .args = &t_baggage,                                                 \
                               .result = &t_i64,                                                   \
                               .run = code_,                                                       \
                               .frame_size = sizeof(struct walk_frame),                            \
                               .args_offset = offsetof(struct walk_frame, args),                   \
                               .result_offset = offsetof(struct walk_frame, result),               \
                               .sends = true}
WALKS(walk_free, walk_free_run);
WALKS(walk_within, walk_run);
static WALKS(walk_handler, walk_handler_run);
static void walker_peek_call(prism_cx *cx, void *self, void *args, void *result) {
    (void)cx, (void)args;
    memcpy(result, &((struct walker *)self)->value, sizeof(int64_t));
}
static const prism_function walker_peek = {.name = "Walker.Peek",
                                           .args = &t_nothing,
                                           .result = &t_i64,
                                           .call = walker_peek_call,
                                           .reads = 1};
static const char *const names_route[] = {"route", "token", "a", "b", "c"};
static const prism_message walk_messages[2] = {{"Walk", &walk_handler, names_route},
                                               {"Peek", &walker_peek, NULL}};
CALLS(walker_init, &t_nothing, NULL, nothing);
static const prism_actor_type walker_type = {.name = "Walker",
                                             .state = &t_walker,
                                             .init = &walker_init,
                                             .messages = walk_messages,
                                             .message_count = 2};

static const prism_site walker_spawns[WALKERS_MAX] = {{"journey", "spawn", 0, 0, 1, 1},
                                                      {"journey", "spawn", 1, 0, 1, 1},
                                                      {"journey", "spawn", 2, 0, 1, 1}};
static prism_status journey_run(prism_cx *cx, void *frame) {
    struct walk_frame *f = frame;
    for (int i = 0; i < journey.actors && f->head.state == 0; i++)
        f->args.all[i] = prism_spawn(cx, &walker_type, NULL, &walker_spawns[i]);
    f->head.state = 1;
    return walk_free_run(cx, frame);
}
static const prism_function journey_root = {.name = "journey",
                                            .args = &t_nothing,
                                            .run = journey_run,
                                            .frame_size = sizeof(struct walk_frame),
                                            .args_offset = offsetof(struct walk_frame, args),
                                            .result_offset = offsetof(struct walk_frame, result),
                                            .sends = true};

#endif
