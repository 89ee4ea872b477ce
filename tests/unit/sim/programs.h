// SPDX-License-Identifier: MIT
// Programs for tests of the simulator, written by hand against runtime/abi.h in the shape of
// generated code: counts, lost_update(clients, rounds), cross, forks(n), late, spins, forgets,
// fan_in(n), prints(n).
#ifndef PRISM_TEST_PROGRAMS_H
#define PRISM_TEST_PROGRAMS_H

#include "runtime/abi.h"

#include <string.h>

// ---- types --------------------------------------------------------------------------------------

static const prism_type t_i64 = {"i64", PRISM_I64, PRISM_PLAIN, 8, 8, 0, NULL, NULL, NULL, NULL};
static const prism_type t_bool = {"bool", PRISM_BOOL, PRISM_PLAIN, 1, 1, 0, NULL, NULL, NULL, NULL};
static const prism_type t_ref = {"Actor", PRISM_REF, PRISM_PLAIN, 16,   8,
                                 0,       NULL,      NULL,        NULL, "Actor"};
static const prism_type t_reply = {"Reply", PRISM_REPLY, 0, 8, 8, 0, NULL, NULL, &t_i64, NULL};
static const prism_type t_u8 = {"u8", PRISM_U8, PRISM_PLAIN, 1, 1, 0, NULL, NULL, NULL, NULL};

#define STRUCT(id, flags_, type_, ...)                                                             \
    static const prism_field id##_fields[] = {__VA_ARGS__};                                        \
    static const prism_type id = {#id,         PRISM_STRUCT,                                       \
                                  flags_,      sizeof(type_),                                      \
                                  8,           sizeof id##_fields / sizeof *id##_fields,           \
                                  id##_fields, NULL,                                               \
                                  NULL,        NULL}
static const prism_type t_nothing = {"()", PRISM_STRUCT, PRISM_PLAIN, 0,    1,
                                     0,    NULL,         NULL,        NULL, NULL};

struct one {
    int64_t n;
};
STRUCT(t_one, PRISM_PLAIN, struct one, {"n", &t_i64, 0, NULL});
struct two {
    int64_t a, b;
};
STRUCT(t_two, PRISM_PLAIN, struct two, {"a", &t_i64, 0, NULL}, {"b", &t_i64, 8, NULL});
struct peer {
    prism_ref to;
    int64_t n;
};
STRUCT(t_peer, PRISM_PLAIN, struct peer, {"to", &t_ref, 0, NULL}, {"n", &t_i64, 16, NULL});
struct peers {
    prism_ref left, right;
};
STRUCT(t_peers, PRISM_PLAIN, struct peers, {"left", &t_ref, 0, NULL}, {"right", &t_ref, 16, NULL});

#define SITE(id, function, operation, ordinal, line)                                               \
    static const prism_site id = {function, operation, ordinal, 0, line, 5}
#define CALLS(id, args_, result_, code_)                                                           \
    static const prism_function id = {                                                             \
        .name = #id, .args = args_, .result = result_, .call = code_, .sends = true}
#define RUNS(id, frame_, args_, result_, code_)                                                    \
    static const prism_function id = {.name = #id,                                                 \
                                      .args = args_,                                               \
                                      .result = result_,                                           \
                                      .run = code_,                                                \
                                      .frame_size = sizeof(frame_),                                \
                                      .args_offset = offsetof(frame_, args),                       \
                                      .result_offset = offsetof(frame_, result),                   \
                                      .sends = true}

// ---- Counter: init(n), Get() -> i64, Set(n), Add(n) -> i64 --------------------------------------

static void counter_init(prism_cx *cx, void *self, void *args, void *result) {
    (void)cx, (void)result;
    memcpy(self, args, sizeof(struct one));
}
static void counter_get(prism_cx *cx, void *self, void *args, void *result) {
    (void)cx, (void)args;
    memcpy(result, self, sizeof(int64_t));
}
static void counter_set(prism_cx *cx, void *self, void *args, void *result) {
    (void)cx, (void)result;
    memcpy(self, args, sizeof(int64_t));
}
static void counter_add(prism_cx *cx, void *self, void *args, void *result) {
    (void)cx;
    struct one *state = self;
    state->n += ((struct one *)args)->n;
    memcpy(result, self, sizeof(int64_t));
}
CALLS(counter_init_f, &t_one, NULL, counter_init);
CALLS(counter_get_f, &t_nothing, &t_i64, counter_get);
CALLS(counter_set_f, &t_one, NULL, counter_set);
CALLS(counter_add_f, &t_one, &t_i64, counter_add);
static const char *const names_n[] = {"n"};
static const prism_message counter_messages[] = {{"Get", &counter_get_f, NULL},
                                                 {"Set", &counter_set_f, names_n},
                                                 {"Add", &counter_add_f, names_n}};
enum { GET, SET, ADD };
static const prism_actor_type counter = {.name = "Counter",
                                         .state = &t_one,
                                         .init = &counter_init_f,
                                         .messages = counter_messages,
                                         .message_count = 3,
                                         .line = 1};

// ---- counts: a tell and an ask from one sender keep their order ---------------------------------

SITE(counts_spawn, "counts", "spawn", 0, 10);
SITE(counts_tell, "counts", "tell", 0, 11);
SITE(counts_ask, "counts", "ask", 0, 12);
SITE(counts_wait, "counts", "wait", 0, 12);
SITE(counts_assert, "counts", "trap", 0, 13);
struct counts_frame {
    prism_frame head;
    struct one args;
    char result;
    prism_future *f;
};
static prism_status counts_run(prism_cx *cx, void *frame) {
    struct counts_frame *l = frame;
    if (l->head.state == 0) {
        struct one start = {5}, one = {1}, by = {2};
        prism_ref c = prism_spawn(cx, &counter, &start, &counts_spawn);
        prism_tell(cx, c, &counter_messages[ADD], &one, &counts_tell);
        l->f = prism_ask(cx, c, &counter_messages[ADD], &by, -1, &counts_ask);
        l->head.state = 1;
        if (prism_wait(cx, &l->f, 1, &counts_wait) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
    }
    int64_t n = 0;
    if (!cx->failure)
        prism_take(cx, l->f, &t_i64, &n, &counts_wait);
    prism_future_drop(cx, l->f);
    if (!cx->failure && n != l->args.n)
        prism_trap(cx, PRISM_ASSERT, "n == 8", &counts_assert);
    return PRISM_DONE;
}
RUNS(counts, struct counts_frame, &t_one, NULL, counts_run);

// ---- lost_update: clients do rounds times get, set(v + 1) ---------------------------------------

SITE(client_get, "client", "ask", 0, 20);
SITE(client_get_wait, "client", "wait", 0, 20);
SITE(client_set, "client", "ask", 1, 21);
SITE(client_set_wait, "client", "wait", 1, 21);
struct client_frame {
    prism_frame head;
    struct peer args; // the counter, rounds left
    char result;
    prism_future *f;
};
static prism_status client_run(prism_cx *cx, void *frame) {
    struct client_frame *l = frame;
    for (;;) {
        int64_t v = 0;
        switch (l->head.state) {
        case 0:
            if (l->args.n-- == 0)
                return PRISM_DONE;
            l->f = prism_ask(cx, l->args.to, &counter_messages[GET], NULL, -1, &client_get);
            l->head.state = 1;
            if (prism_wait(cx, &l->f, 1, &client_get_wait) == PRISM_SUSPENDED)
                return PRISM_SUSPENDED;
            break;
        case 1:
            if (!cx->failure)
                prism_take(cx, l->f, &t_i64, &v, &client_get_wait);
            prism_future_drop(cx, l->f);
            if (cx->failure)
                return PRISM_DONE;
            struct one set = {v + 1};
            l->f = prism_ask(cx, l->args.to, &counter_messages[SET], &set, -1, &client_set);
            l->head.state = 2;
            if (prism_wait(cx, &l->f, 1, &client_set_wait) == PRISM_SUSPENDED)
                return PRISM_SUSPENDED;
            break;
        default:
            prism_future_drop(cx, l->f);
            if (cx->failure)
                return PRISM_DONE;
            l->head.state = 0;
        }
    }
}
RUNS(client, struct client_frame, &t_peer, NULL, client_run);

SITE(lost_spawn, "lost_update", "spawn", 0, 30);
SITE(lost_task, "lost_update", "task", 0, 31);
SITE(lost_wait, "lost_update", "wait", 0, 32);
SITE(lost_get, "lost_update", "ask", 0, 33);
SITE(lost_get_wait, "lost_update", "wait", 1, 33);
SITE(lost_assert, "lost_update", "trap", 0, 34);
enum { CLIENTS_MAX = 8 };
struct lost_frame {
    prism_frame head;
    struct two args; // clients, rounds
    char result;
    prism_ref c;
    prism_future *tasks[CLIENTS_MAX], *f;
};
static prism_status lost_run(prism_cx *cx, void *frame) {
    struct lost_frame *l = frame;
    int64_t n = 0;
    switch (l->head.state) {
    case 0: {
        struct one zero = {0};
        l->c = prism_spawn(cx, &counter, &zero, &lost_spawn);
        for (int i = 0; i < l->args.a; i++) {
            struct peer p = {l->c, l->args.b};
            l->tasks[i] = prism_task(cx, &client, &p, PRISM_FREE, NULL, NULL, &lost_task);
        }
        l->head.state = 1;
        if (prism_wait(cx, l->tasks, (uint64_t)l->args.a, &lost_wait) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
    }
        // fall through
    case 1:
        for (int i = 0; i < l->args.a; i++)
            prism_future_drop(cx, l->tasks[i]);
        if (cx->failure)
            return PRISM_DONE;
        l->f = prism_ask(cx, l->c, &counter_messages[GET], NULL, -1, &lost_get);
        l->head.state = 2;
        if (prism_wait(cx, &l->f, 1, &lost_get_wait) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
        // fall through
    default:
        if (!cx->failure)
            prism_take(cx, l->f, &t_i64, &n, &lost_get_wait);
        prism_future_drop(cx, l->f);
        if (!cx->failure && n != l->args.a * l->args.b)
            prism_trap(cx, PRISM_ASSERT, "n == clients * rounds", &lost_assert);
        return PRISM_DONE;
    }
}
RUNS(lost_update, struct lost_frame, &t_two, NULL, lost_run);

// ---- cross: two actors that ask each other deadlock if both were asked to go first --------------

static void nothing(prism_cx *cx, void *self, void *args, void *result) {
    (void)cx, (void)self, (void)args, (void)result;
}
SITE(go_ask, "Pal.Go", "ask", 0, 40);
SITE(go_wait, "Pal.Go", "wait", 0, 40);
static const prism_message pal_messages[2];
struct go_frame {
    prism_frame head;
    struct peer args;
    char result;
    prism_future *f;
};
static prism_status go_run(prism_cx *cx, void *frame) {
    struct go_frame *l = frame;
    if (l->head.state == 0) {
        l->f = prism_ask(cx, l->args.to, &pal_messages[1], NULL, -1, &go_ask);
        l->head.state = 1;
        if (prism_wait(cx, &l->f, 1, &go_wait) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
    }
    prism_future_drop(cx, l->f);
    return PRISM_DONE;
}
static const char *const names_peer[] = {"to", "n"};
RUNS(pal_go, struct go_frame, &t_peer, NULL, go_run);
CALLS(pal_ping, &t_nothing, NULL, nothing);
CALLS(pal_init, &t_nothing, NULL, nothing);
static const prism_message pal_messages[2] = {{"Go", &pal_go, names_peer},
                                              {"Ping", &pal_ping, NULL}};
static const prism_actor_type pal = {.name = "Pal",
                                     .state = &t_nothing,
                                     .init = &pal_init,
                                     .messages = pal_messages,
                                     .message_count = 2};
SITE(cross_spawn_a, "cross", "spawn", 0, 45);
SITE(cross_spawn_b, "cross", "spawn", 1, 46);
SITE(cross_tell_a, "cross", "tell", 0, 47);
SITE(cross_tell_b, "cross", "tell", 1, 48);
static void cross_call(prism_cx *cx, void *self, void *args, void *result) {
    (void)self, (void)args, (void)result;
    prism_ref a = prism_spawn(cx, &pal, NULL, &cross_spawn_a);
    prism_ref b = prism_spawn(cx, &pal, NULL, &cross_spawn_b);
    struct peer to_b = {b, 0}, to_a = {a, 0};
    prism_tell(cx, a, &pal_messages[0], &to_b, &cross_tell_a);
    prism_tell(cx, b, &pal_messages[0], &to_a, &cross_tell_b);
}
CALLS(cross, &t_nothing, NULL, cross_call);

// ---- forks(n): philosophers; a fork is an actor that keeps the reply of who has to wait ---------

struct fork_state {
    bool held;
    prism_reply *waiter;
};
STRUCT(t_fork, 0, struct fork_state, {"held", &t_bool, 0, NULL}, {"waiter", &t_reply, 8, NULL});
SITE(fork_reply, "Fork.Take", "reply", 0, 50);
SITE(fork_answer, "Fork.Put", "answer", 0, 54);
static void fork_take(prism_cx *cx, void *self, void *args, void *result) {
    (void)args, (void)result;
    struct fork_state *s = self;
    if (s->held)
        s->waiter = prism_reply_take(cx, &fork_reply);
    s->held = true;
}
static void fork_put(prism_cx *cx, void *self, void *args, void *result) {
    (void)args, (void)result;
    struct fork_state *s = self;
    int64_t zero = 0;
    if (!s->waiter) {
        s->held = false;
        return;
    }
    prism_answer(cx, s->waiter, &t_i64, &zero, &fork_answer);
    prism_reply_drop(cx, s->waiter);
    s->waiter = NULL;
}
CALLS(fork_init, &t_nothing, NULL, nothing);
CALLS(fork_take_f, &t_nothing, &t_i64, fork_take);
CALLS(fork_put_f, &t_nothing, NULL, fork_put);
static const prism_message fork_messages[] = {{"Take", &fork_take_f, NULL},
                                              {"Put", &fork_put_f, NULL}};
static const prism_actor_type fork_type = {.name = "Fork",
                                           .state = &t_fork,
                                           .init = &fork_init,
                                           .messages = fork_messages,
                                           .message_count = 2};
SITE(phil_left, "philosopher", "ask", 0, 60);
SITE(phil_left_wait, "philosopher", "wait", 0, 60);
SITE(phil_right, "philosopher", "ask", 1, 61);
SITE(phil_right_wait, "philosopher", "wait", 1, 61);
SITE(phil_put_left, "philosopher", "tell", 0, 62);
SITE(phil_put_right, "philosopher", "tell", 1, 63);
struct phil_frame {
    prism_frame head;
    struct peers args;
    char result;
    prism_future *f;
};
static prism_status phil_run(prism_cx *cx, void *frame) {
    struct phil_frame *l = frame;
    switch (l->head.state) {
    case 0:
        l->f = prism_ask(cx, l->args.left, &fork_messages[0], NULL, -1, &phil_left);
        l->head.state = 1;
        if (prism_wait(cx, &l->f, 1, &phil_left_wait) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
        // fall through
    case 1:
        prism_future_drop(cx, l->f);
        if (cx->failure)
            return PRISM_DONE;
        l->f = prism_ask(cx, l->args.right, &fork_messages[0], NULL, -1, &phil_right);
        l->head.state = 2;
        if (prism_wait(cx, &l->f, 1, &phil_right_wait) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
        // fall through
    default:
        prism_future_drop(cx, l->f);
        if (cx->failure)
            return PRISM_DONE;
        prism_tell(cx, l->args.left, &fork_messages[1], NULL, &phil_put_left);
        prism_tell(cx, l->args.right, &fork_messages[1], NULL, &phil_put_right);
        return PRISM_DONE;
    }
}
RUNS(philosopher, struct phil_frame, &t_peers, NULL, phil_run);
SITE(forks_spawn, "forks", "spawn", 0, 70);
SITE(forks_task, "forks", "task", 0, 71);
SITE(forks_wait, "forks", "wait", 0, 72);
struct forks_frame {
    prism_frame head;
    struct one args;
    char result;
    prism_future *tasks[CLIENTS_MAX];
};
static prism_status forks_run(prism_cx *cx, void *frame) {
    struct forks_frame *l = frame;
    int64_t n = l->args.n;
    if (l->head.state == 0) {
        prism_ref fork[CLIENTS_MAX];
        for (int64_t i = 0; i < n; i++)
            fork[i] = prism_spawn(cx, &fork_type, NULL, &forks_spawn);
        for (int64_t i = 0; i < n; i++) {
            struct peers p = {fork[i], fork[(i + 1) % n]};
            l->tasks[i] = prism_task(cx, &philosopher, &p, PRISM_FREE, NULL, NULL, &forks_task);
        }
        l->head.state = 1;
        if (prism_wait(cx, l->tasks, (uint64_t)n, &forks_wait) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
    }
    for (int64_t i = 0; i < n; i++)
        prism_future_drop(cx, l->tasks[i]);
    return PRISM_DONE;
}
RUNS(forks, struct forks_frame, &t_one, NULL, forks_run);

// ---- late(answer after, timeout): an ask with a timeout; traps with what came -------------------

SITE(late_sleep, "Sleeper.Wait", "sleep", 0, 80);
struct sleeper_frame {
    prism_frame head;
    struct one args;
    int64_t result;
};
static prism_status sleeper_run(prism_cx *cx, void *frame) {
    struct sleeper_frame *l = frame;
    if (l->head.state == 0) {
        l->head.state = 1;
        if (prism_sleep(cx, l->args.n, &late_sleep) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
    }
    l->result = 7;
    return PRISM_DONE;
}
RUNS(sleeper_wait, struct sleeper_frame, &t_one, &t_i64, sleeper_run);
CALLS(sleeper_init, &t_nothing, NULL, nothing);
static const prism_message sleeper_messages[] = {{"Wait", &sleeper_wait, names_n}};
static const prism_actor_type sleeper = {.name = "Sleeper",
                                         .state = &t_nothing,
                                         .init = &sleeper_init,
                                         .messages = sleeper_messages,
                                         .message_count = 1};
SITE(late_spawn, "late", "spawn", 0, 85);
SITE(late_ask, "late", "ask", 0, 86);
SITE(late_wait, "late", "wait", 0, 86);
struct late_frame {
    prism_frame head;
    struct two args;
    char result;
    prism_future *f;
};
static prism_status late_run(prism_cx *cx, void *frame) {
    struct late_frame *l = frame;
    if (l->head.state == 0) {
        prism_ref s = prism_spawn(cx, &sleeper, NULL, &late_spawn);
        struct one after = {l->args.a};
        l->f = prism_ask(cx, s, &sleeper_messages[0], &after, l->args.b, &late_ask);
        l->head.state = 1;
        if (prism_wait(cx, &l->f, 1, &late_wait) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
    }
    int64_t n;
    if (!cx->failure)
        prism_take(cx, l->f, &t_i64, &n, &late_wait);
    prism_future_drop(cx, l->f);
    return PRISM_DONE;
}
RUNS(late, struct late_frame, &t_two, NULL, late_run);

// ---- spins: a loop that never suspends ----------------------------------------------------------

SITE(spins_loop, "spins", "goto", 0, 90);
static void spins_call(prism_cx *cx, void *self, void *args, void *result) {
    (void)self, (void)args, (void)result;
    while (!cx->failure) {
        if (--cx->fuel <= 0)
            prism_spin(cx, &spins_loop);
    }
}
CALLS(spins, &t_nothing, NULL, spins_call);

// ---- forgets: what it allocates is left at the end ----------------------------------------------

static void forgets_call(prism_cx *cx, void *self, void *args, void *result) {
    (void)self, (void)args, (void)result;
    prism_buffer *b = prism_buffer_new(cx, &t_u8, 1);
    b->len = 0;
}
CALLS(forgets, &t_nothing, NULL, forgets_call);

// ---- fan_in(n): n tasks each tell a Log their number; it prints them as they come ---------------

SITE(log_print, "Log.Note", "print", 0, 95);
static void log_note(prism_cx *cx, void *self, void *args, void *result) {
    (void)self, (void)result;
    prism_buffer *b = prism_buffer_new(cx, &t_u8, 1);
    b->data[0] = (unsigned char)('0' + ((struct one *)args)->n);
    b->len = 1;
    prism_print(cx, 1, b, &log_print);
    prism_buffer_drop(cx, b);
}
CALLS(log_init, &t_nothing, NULL, nothing);
CALLS(log_note_f, &t_one, NULL, log_note);
static const prism_message log_messages[] = {{"Note", &log_note_f, names_n}};
static const prism_actor_type log_type = {.name = "Log",
                                          .state = &t_nothing,
                                          .init = &log_init,
                                          .messages = log_messages,
                                          .message_count = 1};
SITE(teller_tell, "teller", "tell", 0, 97);
static void teller_call(prism_cx *cx, void *self, void *args, void *result) {
    (void)self, (void)result;
    struct peer *p = args;
    struct one n = {p->n};
    prism_tell(cx, p->to, &log_messages[0], &n, &teller_tell);
}
CALLS(teller, &t_peer, NULL, teller_call);
SITE(fan_spawn, "fan_in", "spawn", 0, 98);
SITE(fan_task, "fan_in", "task", 0, 99);
static void fan_call(prism_cx *cx, void *self, void *args, void *result) {
    (void)self, (void)result;
    prism_ref to = prism_spawn(cx, &log_type, NULL, &fan_spawn);
    for (int64_t i = 1; i <= ((struct one *)args)->n; i++) {
        struct peer p = {to, i};
        prism_future_drop(cx, prism_task(cx, &teller, &p, PRISM_FREE, NULL, NULL, &fan_task));
    }
}
CALLS(fan_in, &t_one, NULL, fan_call);

// ---- the program --------------------------------------------------------------------------------

static const struct one eight = {8}, two_forks = {2}, three = {3};
static const struct two two_by_one = {2, 1}, clear_order = {1000, 2000};
static const prism_test_param counts_params[] = {{"n", &eight.n}};
static const prism_test_param lost_params[] = {{"clients", &two_by_one.a},
                                               {"rounds", &two_by_one.b}};
static const prism_test_param forks_params[] = {{"n", &two_forks.n}};
static const prism_test_param late_params[] = {{"after", &clear_order.a},
                                               {"timeout", &clear_order.b}};
static const prism_test_param fan_params[] = {{"n", &three.n}};
static const prism_test program_tests[] = {
    {"counts", &counts, counts_params, 0, 9, PRISM_TEST},
    {"lost_update", &lost_update, lost_params, 0, 29, PRISM_TEST},
    {"cross", &cross, NULL, 0, 44, PRISM_TEST},
    {"forks", &forks, forks_params, 0, 69, PRISM_TEST},
    {"late", &late, late_params, 0, 84, PRISM_TEST},
    {"spins", &spins, NULL, 0, 89, PRISM_TEST},
    {"fan_in", &fan_in, fan_params, 0, 97, PRISM_TEST},
};
static const char *const program_files[] = {"programs.prism"};
static const prism_actor_type *const program_actors[] = {&counter, &pal, &fork_type, &sleeper,
                                                         &log_type};
const prism_program prism_program_main = {.abi_version = PRISM_ABI_VERSION,
                                          .mir_hash = 0x1122334455667788,
                                          .name = "programs.prism",
                                          .files = program_files,
                                          .file_count = 1,
                                          .tests = program_tests,
                                          .test_count =
                                              sizeof program_tests / sizeof *program_tests,
                                          .actors = program_actors,
                                          .actor_count = 5};

#endif
