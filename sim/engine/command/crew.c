// SPDX-License-Identifier: MIT
// Sampling with several processes, so that the result is the one that a single process comes to.
//
// Runs are shared out in blocks (sample.h); what a run does depends on its number only. Forked
// members of the crew take the next block each, make its runs and send a report of each run. The
// captain, the process that they were forked from, counts the reports in the order of the runs,
// stops where one process would have stopped, and forgets what was done beyond. When a run failed,
// it makes that block's runs itself up to that one, and so has the failure in its own memory: the
// first by number, whichever came first in time.
#define _GNU_SOURCE // memfd_create
#include "blackbox.h"
#include "command/search.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AHEAD = 16, WAIT_US = 300 }; // blocks for each member that are begun before they are counted

// What all of the crew see.
struct plan {
    _Atomic uint64_t next;    // block to be taken, of this shard's
    _Atomic uint64_t counted; // blocks
    _Atomic bool stop;        // finish the run at hand, report, and end
};

struct member {
    pid_t pid;
    int reports, box; // pipe to read, -1 after its end; memory for its log
    char *bytes;      // read, not yet a whole message; malloc'ed
    size_t len;
    bool ended_well;
};

// A message: this, and as many reports.
struct block_head {
    uint64_t block; // of this shard's, from 0; GOODBYE: the member ends
    uint32_t count;
};
#define GOODBYE UINT64_MAX

struct block {
    uint64_t number;
    uint32_t count;
    struct run_report *reports; // malloc'ed
};

struct crew {
    struct search *s;
    struct plan *plan;
    uint64_t first_block;
    struct member *members;
    uint32_t count;
    struct block *waiting; // reported, not yet counted; malloc'ed
    uint32_t waiting_count, waiting_room;
    uint64_t next; // block to be counted
    bool done, failed;
    bool gap; // a run was left out: those behind it count only if they failed
    uint64_t failed_block, failed_number;
};

// ---- runs of a block ----------------------------------------------------------------------------

// The first block at `from` or after it that belongs to the shard, and then every shards-th.
static uint64_t start_of(const struct crew *c, uint64_t block) {
    const struct options *o = c->s->o;
    uint64_t first = (c->first_block + o->shards - 1 - o->shard) / o->shards * o->shards + o->shard;
    return c->s->opening + (first + block * o->shards) * PORTFOLIO_BLOCK;
}

static uint64_t limit_of(const struct search *s) {
    if (s->o->runs)
        return s->o->runs > s->earlier ? s->o->runs - s->earlier : 0;
    return s->o->for_ns ? UINT64_MAX : RUNS_DEFAULT;
}

// ---- a member -----------------------------------------------------------------------------------

static void send(int fd, const void *bytes, size_t len) {
    for (const char *at = bytes; len > 0;) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno != EINTR)
            _exit(1); // the captain is gone
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
}

static bool must_stop(const struct crew *c) {
    return atomic_load(&c->plan->stop);
}

static void make_block(struct crew *c, uint64_t block, int fd) {
    static struct run_report reports[PORTFOLIO_BLOCK];
    struct block_head head = {.block = block};
    uint64_t start = start_of(c, block), limit = limit_of(c->s);
    for (uint64_t i = 0; i < PORTFOLIO_BLOCK && start + i < limit && !must_stop(c); i++) {
        reports[head.count++] = search_sample(c->s, start + i);
        if (reports[head.count - 1].failed)
            break;
    }
    send(fd, &head, sizeof head);
    send(fd, reports, head.count * sizeof *reports);
}

static _Noreturn void serve(struct crew *c, int fd, int box, pid_t captain) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != captain)
        _exit(1);
    close(c->s->o->fd); // only the captain speaks
    blackbox_part(c->s->subject.host, box);
    for (;;) {
        uint64_t block = atomic_fetch_add(&c->plan->next, 1);
        while (!must_stop(c) && block >= atomic_load(&c->plan->counted) + AHEAD * c->s->o->jobs)
            usleep(WAIT_US);
        if (must_stop(c) || start_of(c, block) >= limit_of(c->s))
            break;
        make_block(c, block, fd);
    }
    send(fd, &(struct block_head){.block = GOODBYE}, sizeof(struct block_head));
    _exit(0);
}

static bool enlist(struct crew *c, struct member *m) {
    int ends[2];
    if (pipe(ends) != 0)
        return false;
    *m = (struct member){.reports = ends[0], .box = memfd_create("prism", MFD_CLOEXEC)};
    pid_t captain = getpid();
    m->pid = fork();
    if (m->pid == 0)
        serve(c, ends[1], m->box, captain);
    close(ends[1]);
    if (m->pid < 0)
        close(ends[0]);
    return m->pid > 0;
}

// ---- the captain --------------------------------------------------------------------------------

static void count_block(struct crew *c, const struct block *b) {
    struct search *s = c->s;
    uint64_t start = start_of(c, b->number), end = start + PORTFOLIO_BLOCK, limit = limit_of(s);
    c->gap |= b->number != c->next;
    c->next = b->number + 1;
    for (uint32_t i = 0; i < b->count && !c->done; i++) {
        if (c->gap && !b->reports[i].failed)
            continue;
        if (search_is_spent(s, start + i)) {
            c->done = true;
            return;
        }
        search_count(s, &b->reports[i]);
        s->next = start + i + 1;
        if (b->reports[i].failed) {
            c->done = c->failed = true;
            c->failed_block = start;
            c->failed_number = start + i;
        }
    }
    c->gap |= start + b->count < (end < limit ? end : limit);
}

static int by_number(const void *a, const void *b) {
    const struct block *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

// Counts what has come, in order; with `all` also looks behind gaps, for failures.
static void count_waiting(struct crew *c, bool all) {
    uint32_t counted = 0;
    if (c->waiting_count > 1)
        qsort(c->waiting, c->waiting_count, sizeof *c->waiting, by_number);
    for (; counted < c->waiting_count; counted++) {
        struct block *b = &c->waiting[counted];
        if (b->number != c->next && !all)
            break;
        count_block(c, b);
        free(b->reports);
    }
    c->waiting_count -= counted;
    if (c->waiting_count)
        memmove(c->waiting, c->waiting + counted, c->waiting_count * sizeof *c->waiting);
    atomic_store(&c->plan->counted, c->next);
}

static void add_block(struct crew *c, struct block b) {
    if (c->waiting_count == c->waiting_room) {
        c->waiting_room = c->waiting_room ? c->waiting_room * 2 : 64;
        c->waiting = realloc(c->waiting, c->waiting_room * sizeof *c->waiting);
        if (!c->waiting)
            abort();
    }
    c->waiting[c->waiting_count++] = b;
}

enum { MESSAGE_MAX = sizeof(struct block_head) + PORTFOLIO_BLOCK * sizeof(struct run_report) };

static void take_messages(struct crew *c, struct member *m) {
    struct block_head head;
    while (m->len >= sizeof head) {
        memcpy(&head, m->bytes, sizeof head);
        size_t reports = head.count * sizeof(struct run_report), whole = sizeof head + reports;
        assert(head.count <= PORTFOLIO_BLOCK);
        if (m->len < whole)
            break;
        m->ended_well = head.block == GOODBYE;
        if (!m->ended_well) {
            struct block b = {head.block, head.count, malloc(reports + 1)};
            if (!b.reports)
                abort();
            memcpy(b.reports, m->bytes + sizeof head, reports);
            add_block(c, b);
        }
        m->len -= whole;
        memmove(m->bytes, m->bytes + whole, m->len);
    }
}

static void read_from(struct crew *c, struct member *m) {
    if (!m->bytes)
        m->bytes = malloc(2 * MESSAGE_MAX);
    if (!m->bytes)
        abort();
    ssize_t n = read(m->reports, m->bytes + m->len, 2 * MESSAGE_MAX - m->len);
    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0) {
        close(m->reports);
        m->reports = -1;
        if (!m->ended_well)
            atomic_store(&c->plan->stop, true); // it died
        return;
    }
    m->len += (size_t)n;
    take_messages(c, m);
}

// Until every pipe has ended.
static void hear_reports(struct crew *c) {
    struct pollfd *wait = calloc(c->count, sizeof *wait);
    if (!wait)
        abort();
    for (uint32_t open = c->count; open > 0;) {
        for (uint32_t i = 0; i < c->count; i++)
            wait[i] = (struct pollfd){.fd = c->members[i].reports, .events = POLLIN};
        poll(wait, c->count, 50);
        open = 0;
        for (uint32_t i = 0; i < c->count; i++) {
            if (wait[i].fd >= 0 && wait[i].revents)
                read_from(c, &c->members[i]);
            open += c->members[i].reports >= 0;
        }
        count_waiting(c, false);
        search_tell_progress(c->s);
        if (c->done || search_is_stopped(c->s))
            atomic_store(&c->plan->stop, true);
    }
    free(wait);
    count_waiting(c, true);
}

// One that died takes this process with it, which says what the other did.
static void dismiss(struct crew *c) {
    int died_of = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        struct member *m = &c->members[i];
        int status = 0;
        while (waitpid(m->pid, &status, 0) < 0 && errno == EINTR) {
        }
        if (WIFSIGNALED(status) && !died_of) {
            died_of = WTERMSIG(status);
            blackbox_adopt(c->s->subject.host, m->box);
        }
        close(m->box);
        free(m->bytes);
    }
    if (died_of) {
        signal(died_of, SIG_DFL);
        raise(died_of);
        _exit(EXIT_DEFECT);
    }
}

// The failing run in this process.
static void fail_again(struct crew *c) {
    struct search *s = c->s;
    struct run_report report = {0};
    for (uint64_t i = c->failed_block; i <= c->failed_number && !report.failed; i++)
        report = search_sample(s, i);
    if (!report.failed)
        s->finding = (struct finding){.kind = FINDING_NONDETERMINISM,
                                      .text = "the same run went otherwise in another process"};
}

bool crew_sample(struct search *s, uint64_t from) {
    struct crew c = {.s = s, .first_block = search_block(s, from)};
    c.plan = mmap(NULL, sizeof *c.plan, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    c.members = calloc(s->o->jobs, sizeof *c.members);
    if (c.plan == MAP_FAILED || !c.members)
        abort();
    for (uint32_t i = 0; i < s->o->jobs; i++)
        c.count += enlist(&c, &c.members[c.count]);
    if (c.count) {
        hear_reports(&c);
        dismiss(&c);
        if (c.failed)
            fail_again(&c);
        else if (!s->limit)
            search_is_spent(s, UINT64_MAX / 2);
    }
    free(c.waiting);
    free(c.members);
    munmap(c.plan, sizeof *c.plan);
    return c.count > 0;
}
