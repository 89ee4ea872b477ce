// SPDX-License-Identifier: MIT
// Programs that `prism` starts: users' programs and tests, the C compiler's results, the checker.
#ifndef PRISM_CLI_PROCESS_H
#define PRISM_CLI_PROCESS_H

#include "frontend/base/base.h"

#include <sys/types.h>

// A child with, if asked for, a pipe on which it writes records. It has a process group of its own,
// so that Ctrl-C reaches it only through process_read; it dies with `prism`. Of those without a
// pipe several may run at once; they are one group.
struct process {
    pid_t pid;
    bool is_tool; // without a pipe
    int records; // read end, -1 without a pipe or after its end
    int signals_passed;
    int64_t signalled_ms; // when the first one was passed
};

// The child's numbers of the pipe and of shared memory; also told to it in its arguments.
#define PROCESS_RECORDS_FD 3
#define PROCESS_SHARED_FD  4

// Starts `argv` (looked up in PATH unless it has a slash). NULL, or what was wrong.
const char *process_start(struct arena *a, const char *const *argv, bool with_records,
                          struct process *out);
// The same; the child also has `shared` (-1: none), as its PROCESS_SHARED_FD.
const char *process_start_sharing(struct arena *a, const char *const *argv, bool with_records,
                                  int shared, struct process *out);
// Memory that outlives the child that writes to it; empty. -1 if there is none to be had.
int process_share(void);

enum process_event { PROCESS_BYTES, PROCESS_ENDED, PROCESS_QUIET };

// Waits at most `timeout_ms` for records and reads up to `size` bytes. The first
// Ctrl-C is passed on to the child as SIGINT, the second kills it. ENDED: the pipe is closed.
enum process_event process_read(struct process *p, void *buffer, size_t size, int timeout_ms,
                                size_t *len);

struct process_end {
    int code;   // exit code, or
    int signal; // the signal that ended it
};
// Waits for the end of the child, which must not be waited for again.
struct process_end process_wait(struct process *p);

// Runs `argv` to its end and gives what it wrote on standard output. NULL, or what was wrong.
const char *process_output(struct arena *a, const char *const *argv, struct str *out,
                           struct process_end *end);

// Replaces this process by `argv`. Returns only with what was wrong.
const char *process_become(struct arena *a, const char *const *argv);

// From here on SIGINT and SIGTERM end `prism` with 128 and their number, after what is under way
// was removed; while it waits for a child without records, they end that child and all that it
// started, and process_wait returns.
void process_guard(void);
// Files that are under way and nobody would miss, up to a NULL; or NULL for none. All of it has to
// stay where it is.
void process_under_way(const char *const *paths);
// From here on SIGINT and SIGTERM are counted instead of ending `prism`. process_signal: the first
// of them that came, or 0.
void process_catch_signals(void);
int process_signal(void);

#endif
