// SPDX-License-Identifier: MIT
// Placements of faults explored ahead by forked helpers, so that the result is the one that a
// single process comes to: each placement's exploration is the same wherever it is made, and the
// captain, the process that they were forked from, counts what they report in the order of the
// placements. What is not plain (a failure, a limit, a search that had to go deeper, a helper that
// died) is not taken over: then the captain explores that placement itself.
#include "blackbox.h"
#include "command/exhaust.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// What a helper says of a placement, behind which stand the hashes of the runs that count, and the
// chances that were met; their texts are the program's, at the same place in all processes.
struct report {
    uint64_t runs, cut, steps, chances;
};

// Nothing is worth a process that is done by then.
enum { AHEAD_AFTER_MS = 50 };

// ---- a helper -----------------------------------------------------------------------------------

static bool write_all(int fd, const void *bytes, size_t len) {
    for (const char *at = bytes; len > 0;) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static _Noreturn void help(struct search *s, const struct mishaps *placement, int fd,
                           pid_t captain) {
    struct exhaustion own = {0};
    struct explore_state hashes = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != captain)
        _exit(1);
    close(s->o->fd); // only the captain speaks
    blackbox_part(s->subject.host, -1);
    mishaps_copy(&s->placed, placement);
    struct standing before = {s->runs, s->cut, s->steps, s->newest};
    s->noted = &hashes;
    exhaust_place(s, &own);
    bool plain =
        !s->limit && !s->failing_run && !s->tally.failing && own.spent == before.runs + before.cut;
    struct report r = {s->runs - before.runs, s->cut - before.cut, s->steps - before.steps,
                       own.chances.list.len};
    const struct mishaps *met = &own.chances.list;
    bool told = plain && write_all(fd, &r, sizeof r) && write_all(fd, hashes.bytes, hashes.len) &&
                write_all(fd, met->at, met->len * sizeof *met->at);
    _exit(!told);
}

static bool start(struct search *s, struct exhaustion *e, struct ahead *a) {
    int ends[2];
    if (pipe(ends) != 0)
        return false;
    pid_t captain = getpid(), pid = fork();
    if (pid == 0) {
        for (uint32_t i = 0; i < a->len; i++)
            close(a->at[i].fd);
        close(ends[0]);
        help(s, &e->placements.at[a->next], ends[1], captain);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return false;
    }
    a->at[a->len++] = (struct helper){pid, ends[0], a->next++};
    return true;
}

// ---- the captain --------------------------------------------------------------------------------

void ahead_begin(struct search *s, struct exhaustion *e, struct ahead *a) {
    if (s->o->jobs < 2 || e->next == 0 || search_now_ms() - s->began_ms < AHEAD_AFTER_MS)
        return;
    a->next = a->next < e->next - 1 ? e->next - 1 : a->next;
    while (a->len < s->o->jobs && a->len < HELPERS_MAX && a->next < e->placements.len)
        if (!start(s, e, a))
            return;
}

static void read_to_end(int fd, struct explore_state *out) {
    char bytes[65536];
    for (;;) {
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        state_append(out, bytes, (size_t)n);
    }
}

static void dismiss(struct ahead *a, struct explore_state *said) {
    struct helper first = a->at[0];
    int status = 0;
    if (said)
        read_to_end(first.fd, said);
    else
        kill(first.pid, SIGKILL);
    close(first.fd);
    while (waitpid(first.pid, &status, 0) < 0 && errno == EINTR) {
    }
    memmove(a->at, a->at + 1, --a->len * sizeof *a->at);
    if (said && status != 0)
        said->len = 0;
}

static bool count_all(struct search *s, struct exhaustion *e, const struct explore_state *said) {
    struct report r;
    if (said->len < sizeof r)
        return false;
    memcpy(&r, said->bytes, sizeof r);
    const unsigned char *at = said->bytes + sizeof r;
    bool whole =
        said->len == sizeof r + r.runs * sizeof(uint64_t) + r.chances * sizeof(struct mishap);
    uint64_t spent = s->runs + s->cut + r.runs + r.cut;
    if (!whole || (s->o->runs && spent >= s->o->runs))
        return false;
    for (uint64_t i = 0; i < r.runs; i++, at += sizeof(uint64_t)) {
        struct run_report run = {.complete = true};
        memcpy(&run.hash, at, sizeof run.hash);
        search_count(s, &run);
    }
    s->cut += r.cut;
    s->steps += r.steps;
    for (uint64_t i = 0; i < r.chances; i++, at += sizeof(struct mishap)) {
        struct mishap m;
        memcpy(&m, at, sizeof m);
        chances_note(&e->chances, &m);
    }
    return true;
}

bool ahead_take(struct search *s, struct exhaustion *e, struct ahead *a) {
    struct explore_state said = {0};
    while (a->len && a->at[0].placement + 1 < e->next)
        dismiss(a, NULL); // that one the captain has explored
    if (!a->len || a->at[0].placement + 1 != e->next)
        return false;
    dismiss(a, &said);
    bool counted = !child_interrupted() && count_all(s, e, &said);
    free(said.bytes);
    search_tell_progress(s);
    return counted;
}

void ahead_end(struct ahead *a) {
    while (a->len)
        dismiss(a, NULL);
}
