// SPDX-License-Identifier: MIT
// Operations outside, and the blocking pool: threads for what can only block, so that no worker
// ever does. What does not block is done at once; waiting for sockets is poller.c's. A job's answer
// is an envelope to the home that asked. Threads are started when none is idle, up to
// POOL_THREADS_MAX, and end with the runtime; one that blocks for ever then (standard input) is
// left behind with its memory.
//
// A pool thread has a worker of its own, for memory and for posting: what it makes runnable goes to
// the injector, since nobody steals from it (worker_enqueue).
#include "runtime/parallel/runtime.h"
#include "runtime/service/outside.h"

#include <stdlib.h>
#include <string.h>

enum { OPERANDS_MAX = 4, RESULT_BYTES_MAX = 64 };

struct pool_job {
    struct pool_job *next;
    const prism_outside *operation;
    prism_operand operands[OPERANDS_MAX];
    uint32_t operand_count;
    struct reply_to to;
    const prism_type *result;
    const prism_site *site;
};

static void drop_operands(prism_cx *cx, const prism_operand *operands, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        prism_buffer *b = operands[i].buffer;
        if (operands[i].type)
            prism_drop(cx, operands[i].type, &b);
    }
}

static void run_job(struct worker *w, struct pool_job *job) {
    prism_cx *cx = &w->cx;
    size_t bytes = job->result->size;
    void *value = memset(prism_alloc(cx, bytes), 0, bytes);
    struct outside_call call = {cx, job->operands, job->result, value, NULL};
    job->operation->run(&call);
    assert(!call.woken);
    drop_operands(cx, job->operands, job->operand_count);
    outside_answer(cx, job->to, job->result, value, job->site);
    prism_free(cx, value, bytes);
    prism_free(cx, job, sizeof *job);
}

// NULL: the pool ends. With the lock held.
static struct pool_job *next_job(struct pool *p) {
    p->idle_count++;
    while (!p->first && !p->ending)
        pthread_cond_wait(&p->wake, &p->lock);
    p->idle_count--;
    struct pool_job *job = p->first;
    if (job)
        p->first = job->next;
    return job;
}

static void *pool_thread(void *worker) {
    struct worker *w = worker;
    struct pool *p = &w->rt->pool;
    pthread_mutex_lock(&p->lock);
    for (struct pool_job *job; (job = next_job(p));) {
        pthread_mutex_unlock(&p->lock);
        run_job(w, job);
        // The answer is in the injector before the job counts as done: see park() in worker.c.
        runtime_outside_done(w->rt);
        pthread_mutex_lock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

// With the lock held.
static void start_thread(struct runtime *rt) {
    struct pool *p = &rt->pool;
    struct worker *w = worker_outside(rt);
    if (pthread_create(&w->thread, NULL, pool_thread, w) != 0)
        abort();
    p->workers[p->count++] = w;
}

void pool_init(struct pool *p) {
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
}

static void submit(struct runtime *rt, struct pool_job *job) {
    struct pool *p = &rt->pool;
    __atomic_add_fetch(&rt->outside_count, 1,
                       __ATOMIC_RELAXED); // this worker runs: it is not quiet yet
    pthread_mutex_lock(&p->lock);
    struct pool_job **at = &p->first;
    while (*at)
        at = &(*at)->next;
    *at = job;
    if (p->idle_count == 0 && p->count < POOL_THREADS_MAX)
        start_thread(rt);
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
}

bool pool_end(struct runtime *rt) {
    struct pool *p = &rt->pool;
    if (__atomic_load_n(&rt->outside_count, __ATOMIC_ACQUIRE))
        return false;
    pthread_mutex_lock(&p->lock);
    p->ending = true;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (uint32_t i = 0; i < p->count; i++)
        pthread_join(p->workers[i]->thread, NULL);
    return true;
}

void pool_free(struct pool *p) {
    for (uint32_t i = 0; i < p->count; i++) {
        memory_end(&p->workers[i]->memory);
        free(p->workers[i]);
    }
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->wake);
}

// ---- starting an operation ----------------------------------------------------------------------

// A test reaches the outside only through a provider that it has bound itself.
static bool is_bound(prism_cx *cx, const prism_outside *operation, const prism_site *site) {
    if (!worker_of(cx)->rt->is_test || worker_of(cx)->rt->outside_allowed)
        return true;
    outside_refuse(cx, operation->name, operation->service, site);
    return false;
}

static bool is_allowed(prism_cx *cx, const prism_outside *operation, const prism_operand *operands,
                       const prism_site *site) {
    struct outside_need need = {0};
    if (operation->needs)
        need = operation->needs(operands);
    const char *argument = need.argument ? (const char *)need.argument->data : NULL;
    size_t len = prism_buffer_len(need.argument);
    if (!need.family || authority_covers(need.family, argument, len))
        return true;
    char text[512];
    snprintf(text, sizeof text,
             "`%s` needs the capability %s(\"%.*s\"): `--allow '%s(%.*s)'` gives it",
             operation->name, need.family, (int)len, argument ? argument : "", need.family,
             (int)len, argument ? argument : "");
    outside_trap(cx, PRISM_CAPABILITY, text, site);
    return false;
}

static prism_future *start_on_pool(prism_cx *cx, const prism_outside *operation,
                                   const prism_operand *operands, uint32_t count,
                                   const prism_type *result, const prism_site *site) {
    struct pool_job *job = prism_alloc(cx, sizeof *job);
    *job = (struct pool_job){
        .operation = operation, .operand_count = count, .result = result, .site = site};
    for (uint32_t i = 0; i < count; i++) {
        job->operands[i] = operands[i];
        if (operands[i].type)
            prism_share(cx, operands[i].type, &job->operands[i].buffer);
    }
    prism_future *f = outside_future(cx, result, site, &job->to);
    submit(worker_of(cx)->rt, job);
    return f;
}

// Its answer is there before anybody can wait for it.
static prism_future *do_at_once(prism_cx *cx, const prism_outside *operation,
                                const prism_operand *operands, uint32_t count,
                                const prism_type *result, const prism_site *site) {
    _Alignas(16) unsigned char value[RESULT_BYTES_MAX] = {0};
    assert(result->size <= sizeof value);
    struct outside_call call = {cx, operands, result, value, NULL};
    operation->run(&call);
    drop_operands(cx, operands, count);
    struct reply_to nobody;
    prism_future *f = outside_future(cx, result, site, &nobody);
    outside_settle(f, value);
    poller_tell(worker_of(cx), call.woken);
    return f;
}

prism_future *prism_start_outside(prism_cx *cx, const prism_outside *operation,
                                  const prism_operand *operands, uint32_t count,
                                  const prism_type *result, const prism_site *site) {
    assert(count <= OPERANDS_MAX);
    output_flush(worker_of(cx)->rt); // what was printed comes before what happens now
    if (!is_bound(cx, operation, site) || !is_allowed(cx, operation, operands, site)) {
        drop_operands(cx, operands, count);
        return NULL;
    }
    switch (operation->way) {
    case OUTSIDE_AT_ONCE:
        return do_at_once(cx, operation, operands, count, result, site);
    case OUTSIDE_READY:
        return poller_wait(worker_of(cx), operands[0].number, (uint32_t)operands[1].number, result,
                           site);
    default:
        return start_on_pool(cx, operation, operands, count, result, site);
    }
}
