// SPDX-License-Identifier: MIT
// The poller: one thread that sleeps until sockets are ready, and tells who waits for them. What it
// makes runnable goes to the injector, as answers of the pool do. It is started by the first who
// waits, and ends with the runtime.
//
// A wait for a socket is an operation outside like any other: an envelope brings its answer, 0,
// after which the socket is tried again. So nothing depends on whether it was ready, and who is
// woken too often only tries in vain.
#include "runtime/parallel/runtime.h"
#include "runtime/service/outside.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct wait {
    struct socket_waiter waiter;
    struct reply_to to;
    const prism_type *result;
    const prism_site *site;
};

void poller_tell(struct worker *w, struct socket_waiter *list) {
    while (list) {
        struct wait *wait = (struct wait *)((char *)list - offsetof(struct wait, waiter));
        list = list->next;
        int64_t ready = 0;
        outside_answer(&w->cx, wait->to, wait->result, &ready, wait->site);
        prism_free(&w->cx, wait, sizeof *wait);
        runtime_outside_done(w->rt);
    }
}

static void *poll_thread(void *worker) {
    struct worker *w = worker;
    struct socket_waiter *list;
    bool goes_on;
    do {
        goes_on = socket_poll(&list);
        poller_tell(w, list);
    } while (goes_on);
    return NULL;
}

void poller_init(struct poller *p) {
    pthread_mutex_init(&p->lock, NULL);
}

static void begin(struct runtime *rt) {
    struct poller *p = &rt->poller;
    pthread_mutex_lock(&p->lock);
    if (!p->worker) {
        p->worker = worker_outside(rt);
        if (pthread_create(&p->worker->thread, NULL, poll_thread, p->worker) != 0)
            abort();
        __atomic_store_n(&p->began, true, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&p->lock);
}

prism_future *poller_wait(struct worker *w, int64_t socket, uint32_t direction,
                          const prism_type *result, const prism_site *site) {
    if (!__atomic_load_n(&w->rt->poller.began, __ATOMIC_ACQUIRE))
        begin(w->rt);
    assert(result->size == sizeof(int64_t));
    struct wait *wait = prism_alloc(&w->cx, sizeof *wait);
    *wait = (struct wait){.result = result, .site = site};
    prism_future *f = outside_future(&w->cx, result, site, &wait->to);
    // This worker runs: it is not quiet yet.
    __atomic_add_fetch(&w->rt->outside_count, 1, __ATOMIC_RELAXED);
    if (socket_wait(socket, (enum socket_direction)direction, &wait->waiter))
        return f;
    int64_t ready = 0;
    outside_settle(f, &ready);
    prism_free(&w->cx, wait, sizeof *wait);
    runtime_outside_done(w->rt);
    return f;
}

int64_t poller_end(struct runtime *rt) {
    struct poller *p = &rt->poller;
    int64_t out = 0;
    if (p->worker) {
        socket_poll_end();
        pthread_join(p->worker->thread, NULL);
        out = memory_out(&p->worker->memory);
    }
    return out;
}

void poller_free(struct poller *p) {
    if (p->worker)
        memory_end(&p->worker->memory);
    free(p->worker);
    pthread_mutex_destroy(&p->lock);
}
