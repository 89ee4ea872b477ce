// SPDX-License-Identifier: MIT
// Starting programs, reading their records, ending them.
#define _GNU_SOURCE // pipe2, memfd_create
#include "frontend/cli/process.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Signals have no other place to leave their news than variables of the whole process.
// ---- signals -------------------------------------------------------------------------

static volatile sig_atomic_t first_signal, signals_seen, counting;
static volatile pid_t tool; // the group of the children without records, or 0
static int tools;           // how many of them run
static const char *const *volatile under_way;

// What it calls may be called in a handler of signals.
static void on_signal(int number) {
    if (!first_signal)
        first_signal = number;
    signals_seen = signals_seen + 1;
    if (tool > 0)
        kill(-tool, signals_seen > 1 ? SIGKILL : number);
    if (counting || tool)
        return;
    for (const char *const *path = under_way; path && *path; path++)
        unlink(*path);
    _exit(128 + number);
}

void process_guard(void) {
    struct sigaction action = {.sa_handler = on_signal}; // without SA_RESTART: poll() returns
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void process_catch_signals(void) {
    counting = 1;
}

void process_under_way(const char *const *paths) {
    under_way = paths;
}

int process_signal(void) {
    return first_signal;
}

// In the child: nothing here may allocate. `status` tells the parent why exec failed.
static void become_child(const char *const *argv, int records, int records_at, int shared,
                         int status, pid_t parent, pid_t group) {
    setpgid(0, group);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    if (records >= 0)
        dup2(records, records_at);
    if (shared >= 0)
        dup2(shared, PROCESS_SHARED_FD);
    execvp(argv[0], (char *const *)argv);
    int why = errno;
    if (write(status, &why, sizeof why) < 0)
        _exit(126);
    _exit(127);
}

// The same descriptor above the numbers that the child uses, closed on exec; -1 stays.
static int raised(int fd) {
    if (fd < 0 || fd > PROCESS_SHARED_FD)
        return fd;
    int higher = fcntl(fd, F_DUPFD_CLOEXEC, PROCESS_SHARED_FD + 1);
    close(fd);
    return higher;
}

static bool make_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    for (int i = 0; i < 2; i++)
        ends[i] = raised(ends[i]);
    return ends[0] >= 0 && ends[1] >= 0;
}

int process_share(void) {
    return raised(memfd_create("prism", MFD_CLOEXEC));
}

// What a tool started may outlive it, and create what is under way after that was removed. Such
// processes are this one's to wait for while there are tools.
static void adopt_orphans(bool does) {
    prctl(PR_SET_CHILD_SUBREAPER, does);
}

// All of the group end, by the signal that has come, before what they were writing is removed.
static void await_orphans(pid_t group) {
    kill(-group, first_signal);
    while (waitpid(-group, NULL, 0) > 0 || errno == EINTR) {
    }
}

static void tool_ended(bool was_running) {
    tools -= was_running;
    if (tools)
        return;
    if (first_signal && tool > 0)
        await_orphans(tool);
    tool = 0;
    adopt_orphans(false);
}

static const char *cannot_start(struct arena *a, const char *what, int why) {
    return str_format(a, "cannot start %s: %s", what, strerror(why)).data;
}

const char *process_start(struct arena *a, const char *const *argv, bool with_records,
                          struct process *out) {
    return process_start_sharing(a, argv, with_records, -1, out);
}

// `records_at`: the child's number of the pipe, or -1 for none.
static const char *start(struct arena *a, const char *const *argv, int records_at, int shared,
                         struct process *out) {
    bool with_records = records_at >= 0;
    int records[2] = {-1, -1}, status[2], why = 0;
    if ((with_records && !make_pipe(records)) || !make_pipe(status))
        return cannot_start(a, argv[0], errno);
    pid_t parent = getpid(), group = with_records || !tools ? 0 : tool;
    if (!group)
        tool = with_records ? 0 : -1; // no signal ends `prism` before it is known
    if (!with_records)
        adopt_orphans(true);
    pid_t pid = fork();
    if (pid == 0)
        become_child(argv, records[1], records_at, shared, status[1], parent, group);
    if (with_records)
        close(records[1]);
    close(status[1]);
    if (pid < 0)
        why = errno;
    else
        setpgid(pid, group ? group : pid);
    if (!with_records && pid > 0) {
        tools++;
        tool = group ? group : pid;
        if (first_signal)
            kill(-tool, first_signal); // it may have children already
    }
    ssize_t n = pid < 0 ? 0 : read(status[0], &why, sizeof why);
    close(status[0]);
    *out = (struct process){.pid = pid, .records = records[0], .is_tool = !with_records};
    if (n <= 0 && !why)
        return NULL;
    if (with_records)
        close(records[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    tool_ended(!with_records && pid > 0);
    return cannot_start(a, argv[0], why);
}

const char *process_start_sharing(struct arena *a, const char *const *argv, bool with_records,
                                  int shared, struct process *out) {
    return start(a, argv, with_records ? PROCESS_RECORDS_FD : -1, shared, out);
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// A child that was told to end has thrice the time that a program gets: a failure is still made
// small. Code that goes on for ever, such as a test's, does not hear of it.
static int64_t patience_ms(void) {
    const char *wanted = getenv("PRISM_GRACE_MS");
    return 3 * (wanted && *wanted ? atol(wanted) : 5000);
}

static void pass_signals_on(struct process *p) {
    bool first = signals_seen && !p->signals_passed;
    bool is_late = p->signals_passed == 1 && now_ms() - p->signalled_ms > patience_ms();
    if (signals_seen == p->signals_passed && !is_late)
        return;
    p->signals_passed = is_late ? 2 : signals_seen;
    if (first)
        p->signalled_ms = now_ms();
    bool ends = p->signals_passed > 1;
    kill(ends ? -p->pid : p->pid, ends ? SIGKILL : first_signal);
}

enum process_event process_read(struct process *p, void *buffer, size_t size, int timeout_ms,
                                size_t *len) {
    assert(p->records >= 0 && size > 0);
    struct pollfd wait = {.fd = p->records, .events = POLLIN};
    pass_signals_on(p);
    int ready = poll(&wait, 1, timeout_ms);
    pass_signals_on(p);
    if (ready <= 0)
        return PROCESS_QUIET;
    ssize_t n = read(p->records, buffer, size);
    if (n < 0 && errno == EINTR)
        return PROCESS_QUIET;
    if (n > 0)
        return *len = (size_t)n, PROCESS_BYTES;
    close(p->records);
    p->records = -1;
    return PROCESS_ENDED;
}

struct process_end process_wait(struct process *p) {
    int status;
    if (p->records >= 0)
        close(p->records);
    p->records = -1;
    while (waitpid(p->pid, &status, 0) < 0) {
        assert(errno == EINTR);
        if (!p->is_tool)
            pass_signals_on(p);
    }
    tool_ended(p->is_tool);
    if (WIFSIGNALED(status))
        return (struct process_end){.signal = WTERMSIG(status)};
    return (struct process_end){.code = WEXITSTATUS(status)};
}

const char *process_output(struct arena *a, const char *const *argv, struct str *out,
                           struct process_end *end) {
    enum { CHUNK_BYTES = 1 << 16, POLL_MS = 100 };
    struct process p;
    struct text said = {.arena = a};
    char *chunk = arena_alloc(a, CHUNK_BYTES);
    const char *wrong = start(a, argv, STDOUT_FILENO, -1, &p);
    if (wrong)
        return wrong;
    for (;;) {
        size_t len = 0;
        enum process_event event = process_read(&p, chunk, CHUNK_BYTES, POLL_MS, &len);
        if (event == PROCESS_ENDED)
            break;
        text_put(&said, (struct str){chunk, event == PROCESS_BYTES ? len : 0});
    }
    *end = process_wait(&p);
    *out = text_str(&said);
    return NULL;
}

const char *process_become(struct arena *a, const char *const *argv) {
    signal(SIGPIPE, SIG_DFL);
    execvp(argv[0], (char *const *)argv);
    return cannot_start(a, argv[0], errno);
}
