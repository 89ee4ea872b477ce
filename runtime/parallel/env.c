// SPDX-License-Identifier: MIT
// The environment as it really is: the clocks, the machine's randomness, the standard streams; and
// what the scheduler is told of failures and of the root's end.
#include "runtime/parallel/runtime.h"
#include "runtime/service/outside.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

const char PRISM_ABI_SYMBOL = 1;

static int64_t clock_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t env_now_ns(prism_cx *cx) {
    (void)cx;
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t env_now_wall_ns(prism_cx *cx) {
    (void)cx;
    return clock_ns(CLOCK_REALTIME);
}

// Lemire, "Fast random integer generation in an interval" (2019): unbiased, rarely a division.
static uint64_t below(uint64_t bound) {
    for (;;) {
        uint64_t bits;
        if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits)
            continue;
        __uint128_t wide = (__uint128_t)bits * bound;
        if ((uint64_t)wide >= -bound % bound)
            return (uint64_t)(wide >> 64);
    }
}

uint64_t env_decide(prism_cx *cx, enum decision_kind kind, const char *name,
                    uint64_t alternatives) {
    (void)name;
    assert(alternatives > 0);
    if (kind == DECIDE_ENVIRONMENT) {
        uint64_t cores = worker_of(cx)->rt->worker_count;
        return cores <= alternatives ? cores - 1 : alternatives - 1;
    }
    if (kind == DECIDE_INPUT) {
        struct runtime *rt = worker_of(cx)->rt;
        return inputs_next(&rt->drawn, rt->given, rt->seed, alternatives);
    }
    return kind == DECIDE_RANDOM ? below(alternatives) : 0;
}

// ---- output: one buffer for all, so that what one actor prints at once stays together ----------

static void write_all(struct runtime *rt, int fd, const char *bytes, size_t len) {
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    while (len) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) { // whoever gave it to us does not want to wait; we do
            poll(&ready, 1, -1);
            continue;
        }
        if (n < 0) {
            if (fd == STDOUT_FILENO && errno != EPIPE) // a closed pipe: nobody misses it
                rt->output_error = errno;
            return;
        }
        bytes += n;
        len -= (size_t)n;
    }
}

static void flush_locked(struct runtime *rt) {
    write_all(rt, STDOUT_FILENO, rt->output, rt->output_len);
    rt->output_len = 0;
}

void output_flush(struct runtime *rt) {
    pthread_mutex_lock(&rt->output_lock);
    flush_locked(rt);
    pthread_mutex_unlock(&rt->output_lock);
}

void env_print(prism_cx *cx, int stream, const void *bytes, size_t len) {
    struct runtime *rt = worker_of(cx)->rt;
    if (stream == STREAM_INPUTS) {
        free(rt->inputs_text);
        rt->inputs_text = strndup(bytes, len);
        return;
    }
    pthread_mutex_lock(&rt->output_lock);
    if (stream != STDOUT_FILENO || rt->output_len + len > sizeof rt->output)
        flush_locked(rt);
    if (stream != STDOUT_FILENO || len > sizeof rt->output) {
        write_all(rt, stream, bytes, len);
    } else {
        memcpy(rt->output + rt->output_len, bytes, len);
        rt->output_len += len;
        if (rt->output_by_line && memchr(bytes, '\n', len))
            flush_locked(rt);
    }
    pthread_mutex_unlock(&rt->output_lock);
}

// ---- what the semantics tells ------------------------------------------------------------------

uint64_t prism_identity(const prism_type *type, const void *value) {
    if (type->kind == PRISM_REF) {
        const prism_ref *ref = value;
        return ref->cell ? ((const struct cell *)ref->cell)->sched.serial : 0;
    }
    return 0;
}

bool prism_foreign(prism_cx *cx) {
    (void)cx;
    return true;
}

void prism_spin(prism_cx *cx, const prism_site *site) {
    (void)site;
    if (sched_let_go(cx) && cx->fuel >= 0)
        return;
    actor_memory_holds(cx);
    cx->fuel = PRISM_FUEL - cx->withheld; // a long computation is nothing wrong here
}

static const char *who(const struct cell *cell) {
    return cell->type ? cell->type->name : "a task";
}

void runtime_tell(prism_cx *cx, const prism_error *error) {
    const struct runtime *rt = worker_of(cx)->rt;
    prism_buffer *report = prism_error_report(cx, error);
    fprintf(stderr, "%.*s", (int)prism_buffer_len(report),
            report ? (const char *)report->data : "");
    prism_buffer_drop(cx, report);
    if (error->site && error->site->line)
        fprintf(stderr, "\n  --> %s:%u:%u", rt->program->files[error->site->file],
                error->site->line, error->site->column);
    fprintf(stderr, "\n");
}

void runtime_report(prism_cx *cx, const prism_error *error, char *out, size_t room) {
    prism_buffer *report = prism_error_report(cx, error);
    snprintf(out, room, "%.*s", (int)prism_buffer_len(report),
             report ? (const char *)report->data : "");
    prism_buffer_drop(cx, report);
}

static void note_first(prism_cx *cx, const struct cell *cell, const struct strand *strand,
                       const prism_error *error) {
    struct runtime *rt = worker_of(cx)->rt;
    int64_t kind = prism_error_kind(error);
    bool asked = strand && strand->kind == STRAND_HANDLER && strand->reply_to.home;
    bool is_wrong = prism_failure_is_wrong(kind);
    bool handled = asked || actor_supervisor(cell);
    if (rt->has_first || (handled && !is_wrong))
        return;
    rt->has_first = true;
    rt->first = (struct first_failure){.kind = kind, .who = who(cell), .site = error->site};
    runtime_report(cx, error, rt->first.report, sizeof rt->first.report);
}

void **sched_bindings(prism_cx *cx) {
    return worker_of(cx)->rt->bindings;
}

void sched_provider_bound(prism_cx *cx) {
    worker_of(cx)->rt->outside_allowed = true;
}

void sched_failed(prism_cx *cx, struct cell *cell, struct strand *strand,
                  const prism_error *error) {
    struct runtime *rt = worker_of(cx)->rt;
    const prism_actor_type *supervisor = actor_supervisor(cell);
    int64_t kind = prism_error_kind(error);
    bool is_wrong = prism_failure_is_wrong(kind);
    if (supervisor && supervisor->on_child_failure && !is_wrong)
        return; // the program says what it has to say about it
    output_flush(rt);
    pthread_mutex_lock(&rt->lock);
    rt->failures++;
    note_first(cx, cell, strand, error);
    if (rt->tells_failures) {
        fprintf(stderr, "error: %s crashed: ", who(cell));
        runtime_tell(cx, error);
    }
    pthread_mutex_unlock(&rt->lock);
}

void sched_not_taken(prism_cx *cx, const prism_actor_type *type, const char *message,
                     const prism_site *site) {
    struct runtime *rt = worker_of(cx)->rt;
    output_flush(rt);
    pthread_mutex_lock(&rt->lock);
    if (rt->not_taken++ == 0) {
        fprintf(stderr, "note: %s was told `%s`, which it does not take",
                type ? type->name : "a node", message);
        if (site->line)
            fprintf(stderr, "\n  --> %s:%u:%u", rt->program->files[site->file], site->line,
                    site->column);
        fprintf(stderr, "\n");
    }
    pthread_mutex_unlock(&rt->lock);
}

void runtime_tell_not_taken(const struct runtime *rt) {
    if (rt->not_taken > 1)
        fprintf(stderr, "note: %llu messages were not taken by those who were told them\n",
                (unsigned long long)rt->not_taken);
}

void sched_wrong(prism_cx *cx, struct cell *cell, struct strand *strand, const prism_error *error) {
    struct runtime *rt = worker_of(cx)->rt;
    if (rt->tells_failures)
        return; // it is no test: who catches it decides
    pthread_mutex_lock(&rt->lock);
    note_first(cx, cell, strand, error);
    pthread_mutex_unlock(&rt->lock);
}

void sched_ended(prism_cx *cx, struct cell *root, const prism_error *error, const void *result) {
    struct runtime *rt = worker_of(cx)->rt;
    if (rt->tell_root_ended) {
        rt->tell_root_ended(cx, root, error, result);
        return;
    }
    pthread_mutex_lock(&rt->lock);
    rt->root_ended = true;
    if (error) {
        rt->root_error = (prism_error *)error;
        prism_error_dup(error);
    }
    pthread_mutex_unlock(&rt->lock);
    signals_root_ended(rt);
    if (rt->ends_with_root)
        actor_kill(cx, root);
}

// One run says nothing about what should be so in some.
void sched_sometimes(prism_cx *cx, bool holds, const prism_buffer *text, const prism_site *site) {
    (void)cx, (void)holds, (void)text, (void)site;
}

// Nothing is struck in production.
bool sched_buggify(prism_cx *cx, uint64_t parts_per_million, const prism_site *site) {
    (void)cx, (void)parts_per_million, (void)site;
    return false;
}

void sched_calm(prism_cx *cx) {
    (void)cx;
}

bool sched_node_turn(prism_cx *cx, struct cell *node, bool down) {
    (void)cx, (void)node, (void)down;
    return false;
}

// Within one process nothing is between nodes that could be cut.
void sched_node_link(prism_cx *cx, struct cell *a, struct cell *b, bool cut) {
    (void)cx, (void)a, (void)b, (void)cut;
}

const char *env_denied(prism_cx *cx) {
    (void)cx;
    return authority_denied();
}
