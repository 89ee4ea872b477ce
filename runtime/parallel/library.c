// SPDX-License-Identifier: MIT
// A program as a library of C (`prism build --lib`): it is started and stopped, and in between any
// thread of C may call what it exports.
//
// `main`, if there is one, runs when it is started; what it bound and started stays. A call is a
// root of its own, like `main`: what it started ends with it, and the thread of C waits until it
// has. Calls come in through a worker that no thread runs, as answers of the blocking pool do;
// `library.lock` makes it the caller's. Between start and stop the runtime counts as waiting for
// something outside, so that it is not over when nothing moves.
//
//   STOPPED -start-> STARTING -main has ended well-> RUNNING -stop-> STOPPING -> STOPPED
//                    STARTING -main failed-> STOPPING
//
// Calls are taken while RUNNING. STOPPING cancels those that are under way and waits for them.
#include "runtime/actor/stack.h"
#include "runtime/parallel/runtime.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_BYTES = 1024 };

struct call {
    struct call *next;
    prism_ref root;
    const prism_export *what;
    void *out; // of the caller's, for the result, or NULL
    int status;
    bool is_done, is_killed;
    pthread_cond_t done;
    char message[MESSAGE_BYTES];
};

// The one library that this runtime is a part of: the object in which both are knows no other.
static struct {
    pthread_mutex_t lock; // guards all below
    pthread_cond_t changed;
    enum { STOPPED, STARTING, RUNNING, STOPPING } state;
    struct runtime *rt;
    struct worker *worker; // through which calls come in
    pthread_t thread;      // worker 0
    struct call *calls;    // under way
    bool main_ended;
    prism_ref main_root; // whose children are what main started
    int main_status;
    char main_message[MESSAGE_BYTES];
} library = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

// What the latest call of this thread has to say, for prism_NAME_message.
static _Thread_local char last_message[MESSAGE_BYTES];

static int say(int status, const char *message) {
    snprintf(last_message, sizeof last_message, "%s", message);
    return status;
}

// ---- the end of a root --------------------------------------------------------------------------

static int failure_status(prism_cx *cx, const prism_error *error, char *message) {
    runtime_report(cx, error, message, MESSAGE_BYTES);
    return prism_error_kind(error) == PRISM_CANCELLED ? PRISM_LIBRARY_STOPPED
                                                      : PRISM_LIBRARY_FAILED;
}

// A copy for C, with a NUL behind it.
static void give_text(const void *value, void *out) {
    const prism_buffer *b;
    memcpy(&b, value, sizeof b);
    prism_library_text text = {malloc(prism_buffer_len(b) + 1), prism_buffer_len(b)};
    if (!text.data)
        abort();
    memcpy(text.data, b ? (const char *)b->data : "", text.len);
    text.data[text.len] = '\0';
    memcpy(out, &text, sizeof text);
}

static void give(const prism_type *type, const void *value, void *out) {
    if (!out || type->kind == PRISM_UNIT)
        return;
    if (type->kind == PRISM_STRUCT && (type->flags & (PRISM_TEXT | PRISM_BYTES)))
        give_text(value, out);
    else
        memcpy(out, value, type->size);
}

// What the function gave, to where C wants it; an `Err` as a message.
static int give_result(prism_cx *cx, struct call *call, const char *result) {
    const prism_type *type = call->what->function->result;
    if (!type)
        return PRISM_LIBRARY_OK;
    if (!call->what->is_result) {
        give(type, result, call->out);
        return PRISM_LIBRARY_OK;
    }
    uint32_t tag;
    memcpy(&tag, result, sizeof tag);
    const prism_field *payload = &type->variants[tag].fields[0];
    if (tag == 0) {
        give(payload->type, result + payload->offset, call->out);
        return PRISM_LIBRARY_OK;
    }
    prism_buffer *shown = prism_show(cx, payload->type, result + payload->offset);
    snprintf(call->message, sizeof call->message, "%.*s", (int)prism_buffer_len(shown),
             shown ? (const char *)shown->data : "");
    prism_buffer_drop(cx, shown);
    return PRISM_LIBRARY_ERROR;
}

static struct call *call_of(const struct cell *root) {
    for (struct call *c = library.calls; c; c = c->next)
        if (c->root.cell == root && !c->is_done)
            return c;
    return NULL;
}

static void root_ended(prism_cx *cx, struct cell *root, const prism_error *error,
                       const void *result) {
    output_flush(worker_of(cx)->rt); // what was printed is there before C goes on
    pthread_mutex_lock(&library.lock);
    struct call *call = call_of(root);
    if (call) {
        call->status =
            error ? failure_status(cx, error, call->message) : give_result(cx, call, result);
        call->is_done = true;
        pthread_cond_signal(&call->done);
    } else {
        library.main_status =
            error ? failure_status(cx, error, library.main_message) : PRISM_LIBRARY_OK;
        library.main_ended = true;
        library.main_root = (prism_ref){root, root->generation};
        pthread_cond_broadcast(&library.changed);
    }
    pthread_mutex_unlock(&library.lock);
    if (call)
        actor_kill(cx, root); // what it started ends with it
}

// ---- starting and stopping ----------------------------------------------------------------------

static void do_nothing(prism_cx *cx, void *self, void *args, void *result) {
    (void)cx, (void)self, (void)args, (void)result;
}
static const prism_type no_args = {
    .name = "()", .kind = PRISM_STRUCT, .flags = PRISM_PLAIN, .align = 1};
static const prism_function nothing = {.name = "start", .args = &no_args, .call = do_nothing};

static struct call *next_to_kill(void) {
    pthread_mutex_lock(&library.lock);
    struct call *call = library.calls;
    while (call && (call->is_done || call->is_killed))
        call = call->next;
    if (call)
        call->is_killed = true;
    pthread_mutex_unlock(&library.lock);
    return call;
}

// All workers halt: the roots are cancelled, and with them what they started, which ends in order.
static void kill_roots(struct runtime *rt) {
    pthread_mutex_lock(&rt->lock);
    runtime_halt(rt, false);
    pthread_mutex_unlock(&rt->lock);
    for (struct call *call; (call = next_to_kill());)
        actor_kill(&rt->workers[0].cx, call->root.cell);
    actor_kill(&rt->workers[0].cx, library.main_root.cell);
}

// Worker 0: until it is told to halt.
static void *run(void *runtime) {
    struct runtime *rt = runtime;
    runtime_run(rt, rt->program->entry ? rt->program->entry : &nothing, NULL);
    kill_roots(rt);
    runtime_outside_done(rt);
    runtime_tell_not_taken(rt);
    int64_t leaked = runtime_end(rt);
    output_flush(rt);
    leaked += memory_out(&library.worker->memory);
    if (leaked && !rt->is_left && getenv("PRISM_CHECK_LEAKS"))
        fprintf(stderr, "error: %lld blocks of memory were not given back\n", (long long)leaked);
    return NULL;
}

// With the lock held, which is let go meanwhile.
static void end(void) {
    struct runtime *rt = library.rt;
    library.state = STOPPING;
    pthread_mutex_unlock(&library.lock);
    pthread_mutex_lock(&rt->lock);
    runtime_halt(rt, true);
    pthread_mutex_unlock(&rt->lock);
    pthread_join(library.thread, NULL);
    pthread_mutex_lock(&library.lock);
    while (library.calls)
        pthread_cond_wait(&library.changed, &library.lock);
    if (!rt->is_left) {
        memory_end(&library.worker->memory);
        free(library.worker);
        free(rt);
    }
    library.state = STOPPED;
    pthread_cond_broadcast(&library.changed);
}

static struct runtime *make_runtime(const prism_program *program, uint32_t workers) {
    struct runtime *rt = calloc(1, sizeof *rt);
    struct worker *w = aligned_alloc(64, (sizeof *w + 63) & ~(size_t)63);
    if (!rt || !w)
        abort();
    if (workers > WORKERS_MAX)
        workers = WORKERS_MAX;
    runtime_init(rt, workers ? workers : runtime_worker_count(), program);
    worker_init(w, rt, 0);
    w->is_outside = true;
    rt->tells_failures = true;
    rt->tell_root_ended = root_ended;
    rt->outside_count = 1;
    library.worker = w;
    return rt;
}

int prism_library_start(const prism_program *program, uint32_t workers) {
    if (program->abi_version != PRISM_ABI_VERSION)
        return say(PRISM_LIBRARY_FAILED, "it was compiled for another version of the runtime");
    pthread_mutex_lock(&library.lock);
    if (library.state != STOPPED) {
        pthread_mutex_unlock(&library.lock);
        return say(PRISM_LIBRARY_RUNNING, "it has been started already");
    }
    library.state = STARTING;
    library.main_ended = false;
    library.main_message[0] = '\0';
    library.rt = make_runtime(program, workers);
    if (stack_thread(&library.thread, run, library.rt) != 0)
        abort();
    while (!library.main_ended)
        pthread_cond_wait(&library.changed, &library.lock);
    int status = library.main_status;
    char message[MESSAGE_BYTES];
    memcpy(message, library.main_message, sizeof message);
    if (status == PRISM_LIBRARY_OK)
        library.state = RUNNING;
    else
        end();
    pthread_mutex_unlock(&library.lock);
    return say(status, message);
}

int prism_library_stop(void) {
    pthread_mutex_lock(&library.lock);
    bool was_running = library.state == RUNNING;
    if (was_running)
        end();
    pthread_mutex_unlock(&library.lock);
    return was_running ? say(PRISM_LIBRARY_OK, "")
                       : say(PRISM_LIBRARY_STOPPED, "it is not running");
}

const char *prism_library_message(void) {
    return last_message;
}

// ---- calls --------------------------------------------------------------------------------------

prism_cx *prism_library_enter(void) {
    pthread_mutex_lock(&library.lock);
    if (library.state == RUNNING)
        return &library.worker->cx;
    pthread_mutex_unlock(&library.lock);
    say(PRISM_LIBRARY_STOPPED, "it is not running");
    return NULL;
}

prism_buffer *prism_library_bytes(prism_cx *cx, const void *bytes, size_t len) {
    prism_buffer *b = NULL;
    prism_text_put(cx, &b, bytes, len);
    return b;
}

prism_buffer *prism_library_utf8(prism_cx *cx, const char *bytes, size_t len) {
    if (prism_text_is_utf8(bytes, len))
        return prism_library_bytes(cx, bytes, len);
    if (!cx->failure)
        prism_trap(cx, PRISM_CONVERT, "a text is not UTF-8", NULL);
    return NULL;
}

uint32_t prism_library_char(prism_cx *cx, uint32_t c) {
    bool is_scalar = c <= 0x10ffff && c >> 11 != 0x1b;
    if (!is_scalar && !cx->failure)
        prism_trap(cx, PRISM_CONVERT, "a number is no character", NULL);
    return c;
}

// With the lock held. False: an argument is none.
static bool begin(struct call *call, prism_cx *cx, void *args) {
    if (cx->failure) {
        call->status = failure_status(cx, cx->failure, call->message);
        prism_error_drop(cx, cx->failure);
        cx->failure = NULL;
        prism_drop(cx, call->what->function->args, args);
        return false;
    }
    struct cell *root = actor_root(cx, call->what->function, args);
    call->root = (prism_ref){root, root->generation};
    call->next = library.calls;
    library.calls = call;
    return true;
}

static void wait_for(struct call *call) {
    while (!call->is_done)
        pthread_cond_wait(&call->done, &library.lock);
    struct call **at = &library.calls;
    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
    pthread_cond_broadcast(&library.changed);
}

int prism_library_call(prism_cx *cx, const prism_export *what, void *args, void *out) {
    struct call call = {.what = what, .out = out, .done = PTHREAD_COND_INITIALIZER};
    if (begin(&call, cx, args))
        wait_for(&call);
    pthread_mutex_unlock(&library.lock);
    pthread_cond_destroy(&call.done);
    return say(call.status, call.message);
}
