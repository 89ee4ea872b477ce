// SPDX-License-Identifier: MIT
// What a program does when it is told to end, and how it says what it is waiting for.
//
//   SIGINT, SIGTERM  main is cancelled, what it started is stopped (on_shutdown, on_stop), and the
//   program
//                    ends with 130 or 143. A second one ends it at once.
//   SIGQUIT          who waits for what, on standard error; then it goes on.
//
// Ending takes a grace period at most: GRACE_MS from the signal, or from the end of main
// (PRISM_GRACE_MS). Then all workers halt between two segments, and what is left is cancelled
// whatever it waits for.
//
// All of it is done by one thread that sleeps in sigtimedwait: a handler could not take locks.
// SIGURG, which nobody else sends, wakes it when the period begins.
#include "runtime/parallel/runtime.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { GRACE_MS = 5000 };

static void fill_set(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGQUIT);
    sigaddset(set, SIGURG);
}

static int64_t grace_ns(void) {
    const char *wanted = getenv("PRISM_GRACE_MS");
    long ms = wanted && *wanted ? atol(wanted) : GRACE_MS;
    return (ms < 0 ? 0 : ms) * INT64_C(1000000);
}

// With the lock held.
static void begin_grace(struct runtime *rt, int64_t after_ns) {
    int64_t deadline = env_now_ns(&rt->signals.worker->cx) + after_ns;
    if (deadline < rt->signals.deadline_ns)
        rt->signals.deadline_ns = deadline;
}

static void told_to_end(struct runtime *rt, int number) {
    struct signals *s = &rt->signals;
    if (s->number) {
        static const char text[] = "\nended at once\n";
        ssize_t n = write(STDERR_FILENO, text, sizeof text - 1);
        (void)n;
        _exit(128 + number);
    }
    pthread_mutex_lock(&rt->lock);
    s->number = number;
    begin_grace(rt, rt->root_ended ? 0 : grace_ns());
    pthread_mutex_unlock(&rt->lock);
    pressure_release(s->worker);
    actor_cancel_home(&s->worker->cx, s->root);
}

static void halt_all(struct runtime *rt, bool dumps) {
    pthread_mutex_lock(&rt->lock);
    rt->signals.dumps = dumps;
    if (!dumps) {
        rt->signals.deadline_ns = INT64_MAX;
        rt->signals.grace_begun = true; // it is over: the root that ends now begins no other
    }
    runtime_halt(rt, true);
    pthread_mutex_unlock(&rt->lock);
}

static int next_signal(const struct runtime *rt, const sigset_t *set, int64_t deadline_ns) {
    if (deadline_ns == INT64_MAX)
        return sigwaitinfo(set, NULL);
    int64_t left = deadline_ns - env_now_ns(&rt->signals.worker->cx);
    left = left < 0 ? 0 : left;
    struct timespec time = {left / 1000000000, left % 1000000000};
    return sigtimedwait(set, NULL, &time);
}

static void *watch(void *runtime) {
    struct runtime *rt = runtime;
    struct signals *s = &rt->signals;
    sigset_t set;
    fill_set(&set);
    for (;;) {
        pthread_mutex_lock(&rt->lock);
        bool ends = s->ends;
        if (rt->root_ended && !s->grace_begun)
            begin_grace(rt, grace_ns());
        s->grace_begun |= rt->root_ended;
        int64_t deadline_ns = s->deadline_ns;
        pthread_mutex_unlock(&rt->lock);
        if (ends)
            return NULL;
        int number = next_signal(rt, &set, deadline_ns);
        if (number == SIGINT || number == SIGTERM)
            told_to_end(rt, number);
        else if (number == SIGQUIT)
            halt_all(rt, true);
        else if (number < 0 && errno == EAGAIN)
            halt_all(rt, false);
    }
}

void signals_block(void) {
    sigset_t set;
    fill_set(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

void signals_begin(struct runtime *rt) {
    struct signals *s = &rt->signals;
    s->deadline_ns = INT64_MAX;
    s->worker = aligned_alloc(64, (sizeof *s->worker + 63) & ~(size_t)63);
    if (!s->worker)
        abort();
    memset(s->worker, 0, sizeof *s->worker);
    s->worker->cx.pools = s->worker->memory.pools;
    s->worker->rt = rt;
    s->worker->is_outside = true;
}

void signals_watch(struct runtime *rt, prism_ref root) {
    rt->signals.root = root;
    if (!rt->signals.worker)
        return;
    if (pthread_create(&rt->signals.thread, NULL, watch, rt) != 0)
        abort();
}

int signals_number(struct runtime *rt) {
    pthread_mutex_lock(&rt->lock);
    int number = rt->signals.number;
    pthread_mutex_unlock(&rt->lock);
    return number;
}

void signals_root_ended(struct runtime *rt) {
    if (rt->signals.worker)
        pthread_kill(rt->signals.thread, SIGURG);
}

int64_t signals_end(struct runtime *rt) {
    struct signals *s = &rt->signals;
    if (!s->worker)
        return 0;
    pthread_mutex_lock(&rt->lock);
    s->ends = true;
    pthread_mutex_unlock(&rt->lock);
    pthread_kill(s->thread, SIGURG);
    pthread_join(s->thread, NULL);
    return memory_out(&s->worker->memory);
}

void signals_free(struct runtime *rt) {
    if (!rt->signals.worker)
        return;
    memory_end(&rt->signals.worker->memory);
    free(rt->signals.worker);
}
