// SPDX-License-Identifier: MIT
// The parallel runtime under programs written by hand as the emitter would write them: messages,
// asks, tasks, deadlines, cancellation, stopping, and that all memory comes back, on one to four
// workers.
#include "runtime/parallel/runtime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

const prism_program prism_program_main = {.abi_version = PRISM_ABI_VERSION, .name = "by hand"};

#define STRUCT(type, label, fields_)                                                               \
    {                                                                                              \
        .name = label, .kind = PRISM_STRUCT, .flags = PRISM_PLAIN, .size = sizeof(type),           \
        .align = _Alignof(type), .count = sizeof(fields_) / sizeof *(fields_), .fields = fields_   \
    }

static const prism_type type_i64 = {
    .name = "i64", .kind = PRISM_I64, .flags = PRISM_PLAIN, .size = 8, .align = 8};
static const prism_type type_ref = {
    .name = "ref", .kind = PRISM_REF, .flags = PRISM_PLAIN, .size = sizeof(prism_ref), .align = 8};
static const prism_type type_none = {
    .name = "()", .kind = PRISM_STRUCT, .flags = PRISM_PLAIN, .align = 1};
typedef struct {
    int64_t value;
} one;
static const prism_field one_fields[] = {{"value", &type_i64, 0, NULL}};
static const prism_type type_one = STRUCT(one, "one", one_fields);

static const prism_site site = {.function = "test", .operation = "ask"};

// ---- actor Counter: Add(by) -> i64 --------------------------------------------------------------

static void counter_init(prism_cx *cx, void *self, void *args, void *result) {
    (void)cx, (void)result;
    ((one *)self)->value = ((one *)args)->value;
}
static void counter_add(prism_cx *cx, void *self, void *args, void *result) {
    (void)cx;
    *(int64_t *)result = ((one *)self)->value += ((one *)args)->value;
}
static const prism_function counter_init_function = {
    .name = "Counter.init", .args = &type_one, .call = counter_init};
static const prism_function counter_add_function = {
    .name = "Counter.Add", .args = &type_one, .result = &type_i64, .call = counter_add};
static const prism_message counter_messages[] = {{"Add", &counter_add_function, NULL}};
static const prism_actor_type counter = {.name = "Counter",
                                         .state = &type_one,
                                         .init = &counter_init_function,
                                         .messages = counter_messages,
                                         .message_count = 1};

// ---- actor Relay: Ask(counter) -> i64, which awaits ---------------------------------------------

typedef struct {
    prism_ref to;
} relay_args;
static const prism_field relay_fields[] = {{"to", &type_ref, 0, NULL}};
static const prism_type type_relay_args = STRUCT(relay_args, "relay", relay_fields);
typedef struct {
    prism_frame head;
    relay_args args;
    int64_t result;
    prism_future *asked;
} relay_frame;

static prism_status relay_run(prism_cx *cx, void *frame) {
    relay_frame *f = frame;
    if (f->head.state == 0) {
        one by = {1};
        f->asked = prism_ask(cx, f->args.to, &counter_messages[0], &by, -1, &site);
        f->head.state = 1;
        if (prism_wait(cx, &f->asked, 1, &site) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
    }
    if (!cx->failure)
        prism_take(cx, f->asked, &type_i64, &f->result, &site);
    prism_future_drop(cx, f->asked);
    return PRISM_DONE;
}
static void relay_init(prism_cx *cx, void *self, void *args, void *result) {
    (void)cx, (void)self, (void)args, (void)result;
}
static const prism_function relay_init_function = {
    .name = "Relay.init", .args = &type_none, .call = relay_init};
static const prism_function relay_function = {.name = "Relay.Ask",
                                              .args = &type_relay_args,
                                              .result = &type_i64,
                                              .run = relay_run,
                                              .frame_size = sizeof(relay_frame),
                                              .args_offset = offsetof(relay_frame, args),
                                              .result_offset = offsetof(relay_frame, result)};
static const prism_message relay_messages[] = {{"Ask", &relay_function, NULL}};
static const prism_actor_type relay = {.name = "Relay",
                                       .state = &type_none,
                                       .init = &relay_init_function,
                                       .messages = relay_messages,
                                       .message_count = 1};

// ---- roots --------------------------------------------------------------------------------------

typedef struct {
    prism_frame head;
    struct {
        int64_t *out;
    } args;
    prism_ref counter;
    prism_future *asked[100];
    prism_scope *scope;
    int64_t at;
} root_frame;
static const prism_field root_fields[] = {{"out", &type_i64, 0, NULL}};
static const prism_type type_root_args = STRUCT(one, "root", root_fields);
#define ROOT(run_)                                                                                 \
    {                                                                                              \
        .name = "root", .args = &type_root_args, .run = run_, .frame_size = sizeof(root_frame),    \
        .args_offset = offsetof(root_frame, args), .result_offset = offsetof(root_frame, args)     \
    }

enum { RELAYS = 100, TELLS = 20000 };

// Tells a counter many times, asks it through a hundred relays, and collects the greatest answer.
static prism_status many(prism_cx *cx, void *frame) {
    root_frame *f = frame;
    if (f->head.state == 0) {
        one start = {5};
        f->counter = prism_spawn(cx, &counter, &start, &site);
        for (int i = 0; i < TELLS; i++) {
            one by = {1};
            prism_tell(cx, f->counter, &counter_messages[0], &by, &site);
        }
        for (int i = 0; i < RELAYS; i++) {
            char none = 0;
            prism_ref r = prism_spawn(cx, &relay, &none, &site);
            relay_args to = {f->counter};
            f->asked[i] = prism_ask(cx, r, &relay_messages[0], &to, -1, &site);
        }
        f->head.state = 1;
        if (prism_wait(cx, f->asked, RELAYS, &site) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
    }
    int64_t most = 0;
    for (int i = 0; i < RELAYS; i++) {
        int64_t got = 0;
        prism_take(cx, f->asked[i], &type_i64, &got, &site);
        prism_future_drop(cx, f->asked[i]);
        most = got > most ? got : most;
    }
    *f->args.out = most;
    return PRISM_DONE;
}

static int64_t run(prism_status (*code)(prism_cx *, void *), uint32_t workers, int64_t *failures) {
    const prism_function root = ROOT(code);
    struct runtime *rt = calloc(1, sizeof *rt);
    int64_t result = -1, *out = &result;
    runtime_init(rt, workers, &prism_program_main);
    runtime_run(rt, &root, &out);
    assert_true(rt->root_ended);
    *failures = (int64_t)rt->failures + (rt->root_error != NULL);
    assert_int_equal(runtime_end(rt), 0);
    free(rt);
    return result;
}

static prism_status forgets(prism_cx *cx, void *frame) {
    (void)frame;
    prism_buffer_new(cx, &type_i64, 1);
    return PRISM_DONE;
}

// What a program leaves is counted when the runtime ends.
static void what_is_left_is_counted(void **state) {
    (void)state;
    const prism_function root = ROOT(forgets);
    struct runtime *rt = calloc(1, sizeof *rt);
    int64_t result = 0, *out = &result;
    runtime_init(rt, 1, &prism_program_main);
    runtime_run(rt, &root, &out);
    assert_int_equal(runtime_end(rt), 1);
    free(rt);
}

static void all_messages_arrive_once(void **state) {
    (void)state;
    for (uint32_t workers = 1; workers <= 4; workers++) {
        int64_t failures;
        assert_int_equal(run(many, workers, &failures), 5 + TELLS + RELAYS);
        assert_int_equal(failures, 0);
    }
}

// A deadline interrupts a sleep that is longer; one that is shorter ends first.
static prism_status deadline(prism_cx *cx, void *frame) {
    root_frame *f = frame;
    switch (f->head.state) {
    case 0:
        f->scope = prism_scope_open(cx, 1000000, &site);
        f->head.state = 1;
        if (prism_sleep(cx, (int64_t)3600 * 1000000000, &site) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
        break;
    case 1:
        break;
    default:
        prism_scope_drop(cx, f->scope);
        return PRISM_DONE;
    }
    if (!cx->failure) {
        *f->args.out = 0;
    } else {
        prism_error *e = prism_caught(cx);
        *f->args.out = prism_error_kind(e);
        prism_error_drop(cx, e);
    }
    f->head.state = 2;
    if (prism_scope_close(cx, f->scope, &site) == PRISM_SUSPENDED)
        return PRISM_SUSPENDED;
    prism_scope_drop(cx, f->scope);
    return PRISM_DONE;
}

static void a_deadline_interrupts_a_sleep(void **state) {
    (void)state;
    for (uint32_t workers = 1; workers <= 2; workers++) {
        int64_t failures;
        assert_int_equal(run(deadline, workers, &failures), PRISM_TIMEOUT);
        assert_int_equal(failures, 0);
    }
}

// Leaving a scope cancels a task in it that sleeps for ever, and waits until it has ended.
typedef struct {
    prism_frame head;
    struct {
        int64_t *out;
    } args;
} sleeper_frame;
static prism_status sleeper(prism_cx *cx, void *frame) {
    sleeper_frame *f = frame;
    if (f->head.state == 0) {
        f->head.state = 1;
        if (prism_sleep(cx, (int64_t)3600 * 1000000000, &site) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
    }
    *f->args.out = cx->failure ? prism_error_kind(cx->failure) : 0;
    return PRISM_DONE;
}
static const prism_function sleeper_function = {.name = "sleeper",
                                                .args = &type_root_args,
                                                .run = sleeper,
                                                .frame_size = sizeof(sleeper_frame),
                                                .args_offset = offsetof(sleeper_frame, args),
                                                .result_offset = offsetof(sleeper_frame, args)};

static prism_status scoped(prism_cx *cx, void *frame) {
    root_frame *f = frame;
    switch (f->head.state) {
    case 0:
        f->scope = prism_scope_open(cx, -1, &site);
        f->asked[0] =
            prism_task(cx, &sleeper_function, &f->args, PRISM_FREE, f->scope, NULL, &site);
        f->head.state = 1;
        if (prism_yield(cx, &site) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
        // fall through
    case 1:
        f->head.state = 2;
        if (prism_scope_close(cx, f->scope, &site) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
    }
    prism_future_drop(cx, f->asked[0]);
    prism_scope_drop(cx, f->scope);
    return PRISM_DONE;
}

static void leaving_a_scope_cancels_its_tasks(void **state) {
    (void)state;
    for (uint32_t workers = 1; workers <= 2; workers++) {
        int64_t failures, told = run(scoped, workers, &failures);
        // Cancelled while it slept, or before it had started.
        assert_true(told == PRISM_CANCELLED || told == -1);
        assert_int_equal(failures, 0);
    }
}

// An actor that was stopped fails its askers.
static prism_status stopped(prism_cx *cx, void *frame) {
    root_frame *f = frame;
    if (f->head.state == 0) {
        one start = {0}, by = {1};
        f->counter = prism_spawn(cx, &counter, &start, &site);
        prism_stop(cx, f->counter, &site);
        f->asked[0] = prism_ask(cx, f->counter, &counter_messages[0], &by, -1, &site);
        f->head.state = 1;
        if (prism_wait(cx, f->asked, 1, &site) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
    }
    *f->args.out = prism_outcome(f->asked[0]);
    prism_future_drop(cx, f->asked[0]);
    return PRISM_DONE;
}

static void a_stopped_actor_fails_its_askers(void **state) {
    (void)state;
    for (uint32_t workers = 1; workers <= 2; workers++) {
        int64_t failures;
        assert_int_equal(run(stopped, workers, &failures), PRISM_STOPPED);
        assert_int_equal(failures, 0);
    }
}

// Who sends and then computes for long does not keep from others what it has sent: the end of a
// portion of a loop, and a step of a recursion, let it go.
static int64_t seen; // atomic: of those messages

static void note(prism_cx *cx, void *self, void *args, void *result) {
    (void)cx, (void)self, (void)args, (void)result;
    __atomic_add_fetch(&seen, 1, __ATOMIC_RELAXED);
}
static const prism_function note_function = {
    .name = "note", .args = &type_one, .result = NULL, .call = note};
static const prism_message note_messages[] = {{"Note", &note_function, NULL}};
static const prism_actor_type noter = {.name = "Noter",
                                       .state = &type_one,
                                       .init = &counter_init_function,
                                       .messages = note_messages,
                                       .message_count = 1};
static bool recurses;

static bool goes_on(time_t until) {
    return __atomic_load_n(&seen, __ATOMIC_RELAXED) < 3 && time(NULL) < until;
}
static prism_status computes(prism_cx *cx, void *frame) {
    root_frame *f = frame;
    if (f->head.state == 0) { // until all have nothing to do
        f->head.state = 1;
        if (prism_sleep(cx, 2000000, &site) == PRISM_SUSPENDED)
            return PRISM_SUSPENDED;
    }
    one start = {0};
    prism_ref to = prism_spawn(cx, &noter, &start, &site);
    for (int i = 0; i < 3; i++) {
        one n = {i};
        prism_tell(cx, to, &note_messages[0], &n, &site);
    }
    time_t until = time(NULL) + 20;
    while (goes_on(until)) {
        if (recurses) {
            assert_true(prism_enter(cx, &site));
            prism_leave(cx);
        } else if ((cx->fuel -= PRISM_PORTION) < 0) {
            prism_spin(cx, &site);
        }
    }
    *f->args.out = __atomic_load_n(&seen, __ATOMIC_RELAXED);
    return PRISM_DONE;
}

static void what_is_put_off_does_not_wait(void **state) {
    (void)state;
    for (int way = 0; way < 2; way++) {
        int64_t failures;
        recurses = way;
        seen = 0;
        assert_int_equal(run(computes, 2, &failures), 3);
        assert_int_equal(failures, 0);
    }
}

// ---- buffers of all sizes: each grows beside another, so that its pages have to move

enum { MANY = 3 << 20 };

static bool counts_on(const prism_buffer *b, int64_t from) {
    const int64_t *items = (const int64_t *)(const void *)b->data;
    for (int64_t i = 0; i < MANY; i++)
        if (items[i] != from + i)
            return false;
    return b->len == MANY;
}

static prism_status fills(prism_cx *cx, void *frame) {
    root_frame *f = frame;
    int64_t right = 0;
    for (int round = 0; round < 3; round++) { // what was freed is got again
        prism_buffer *made[2] = {0};
        for (int64_t i = 0; i < MANY; i++)
            for (int k = 0; k < 2; k++) {
                uint64_t len = (uint64_t)i;
                if (!prism_buffer_ready(made[k], len + 1))
                    prism_buffer_own(cx, &made[k], &type_i64, len + 1);
                ((int64_t *)(void *)made[k]->data)[i] = k + i;
                made[k]->len = len + 1;
            }
        right += counts_on(made[0], 0) && counts_on(made[1], 1);
        prism_buffer_drop(cx, made[0]);
        prism_buffer_drop(cx, made[1]);
    }
    *f->args.out = right;
    return PRISM_DONE;
}

static void buffers_keep_their_items_when_they_grow(void **state) {
    (void)state;
    int64_t failures;
    assert_int_equal(run(fills, 1, &failures), 3);
    assert_int_equal(failures, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_is_counted),
        cmocka_unit_test(all_messages_arrive_once),
        cmocka_unit_test(a_deadline_interrupts_a_sleep),
        cmocka_unit_test(leaving_a_scope_cancels_its_tasks),
        cmocka_unit_test(a_stopped_actor_fails_its_askers),
        cmocka_unit_test(what_is_put_off_does_not_wait),
        cmocka_unit_test(buffers_keep_their_items_when_they_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
