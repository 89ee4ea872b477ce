// SPDX-License-Identifier: MIT
// Progress on standard error.
#include "frontend/cli/progress.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { TERMINAL_FIRST_MS = 500, TERMINAL_EVERY_MS = 200, LOG_EVERY_MS = 30000 };

int64_t progress_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_init(struct progress *p, const struct cli *cli) {
    const char *term = getenv("TERM");
    *p = (struct progress){.off = flag_on(cli, FLAG_common_quiet),
                           .terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0,
                           .width = term_width(STDERR_FILENO)};
}

void progress_start(struct progress *p, const struct start_record *start) {
    p->last = (struct progress_record){.name = start->name};
    p->runs = start->runs;
    p->started_ms = p->said_ms = progress_now_ms();
}

void progress_update(struct progress *p, const struct progress_record *record) {
    p->last = *record;
    progress_tick(p);
}

static void say(struct progress *p, int64_t elapsed_ms) {
    char line[400], limit[40] = "", estimate[60] = "";
    const struct progress_record *l = &p->last;
    if (p->runs)
        snprintf(limit, sizeof limit, " of %llu", (unsigned long long)p->runs);
    if (l->estimate)
        snprintf(estimate, sizeof estimate, ", about %llu in all", (unsigned long long)l->estimate);
    int len = snprintf(line, sizeof line, "%.*s: %llu%s runs%s, %llu orders, %lld.%lld s",
                       STR_ARGS(l->name), (unsigned long long)l->schedules, limit, estimate,
                       (unsigned long long)l->behaviours, (long long)(elapsed_ms / 1000),
                       (long long)(elapsed_ms / 100 % 10));
    int room = p->width - 1;
    if (!p->terminal)
        fprintf(stderr, "%s\n", line);
    else
        fprintf(stderr, "\r\033[K%.*s", len < room ? len : room, line);
    fflush(stderr);
    p->shown = p->terminal;
}

void progress_tick(struct progress *p) {
    int64_t now = progress_now_ms(), elapsed = now - p->started_ms;
    int64_t every = p->terminal ? TERMINAL_EVERY_MS : LOG_EVERY_MS;
    if (p->off || !p->last.name.len || now - p->said_ms < every ||
        (p->terminal && elapsed < TERMINAL_FIRST_MS))
        return;
    p->said_ms = now;
    say(p, elapsed);
}

void progress_clear(struct progress *p) {
    if (p->shown)
        fprintf(stderr, "\r\033[K");
    fflush(stderr);
    p->shown = false;
}
