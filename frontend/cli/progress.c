// SPDX-License-Identifier: MIT
// Progress on standard error.
#include "frontend/cli/progress.h"

#include "frontend/cli/estimate.h"
#include "frontend/cli/report.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { TERMINAL_FIRST_MS = 500, TERMINAL_EVERY_MS = 200, LOG_EVERY_MS = 30000, SLOW_MS = 10000 };

int64_t progress_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_init(struct progress *p, const struct cli *cli) {
    const char *term = getenv("TERM");
    *p = (struct progress){.off = flag_on(cli, FLAG_common_quiet),
                           .for_ns = flag_number(cli, FLAG_test_for, 0),
                           .terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0,
                           .width = term_width(STDERR_FILENO)};
}

void progress_start(struct progress *p, const struct start_record *start, bool searches) {
    p->last = (struct progress_record){.name = start->name};
    p->runs = start->runs;
    p->searches = searches;
    p->named = false;
    p->started_ms = p->said_ms = p->newest_ms = progress_now_ms();
}

void progress_update(struct progress *p, const struct progress_record *record) {
    if (record->behaviours > p->last.behaviours)
        p->newest_ms = progress_now_ms();
    p->last = *record;
    progress_tick(p);
}

void progress_end(struct progress *p, bool failed) {
    p->last.name = (struct str){0};
    p->failed += failed;
}

// "1 204 of 10 000 runs, 430/s", "1 204 runs, 3 of 60 s, 430/s".
static void put_done(const struct progress *p, struct text *out, int64_t elapsed_ms) {
    const struct progress_record *l = &p->last;
    struct str runs = report_grouped(out->arena, l->schedules);
    if (p->runs)
        text_printf(out, "%.*s of %.*s runs", STR_ARGS(runs),
                    STR_ARGS(report_grouped(out->arena, p->runs)));
    else
        text_printf(out, "%.*s runs", STR_ARGS(runs));
    if (p->for_ns)
        text_printf(out, ", %lld of %llu s", (long long)(elapsed_ms / 1000),
                    (unsigned long long)(p->for_ns / 1000000000));
    if (elapsed_ms > 0)
        text_printf(
            out, ", %.*s/s",
            STR_ARGS(report_grouped(out->arena, l->schedules * 1000 / (uint64_t)elapsed_ms)));
}

// "389 behaviours of 450 to 700, the newest 3 s ago".
static void put_behaviours(const struct progress *p, struct text *out, int64_t now_ms) {
    int64_t ago = (now_ms - p->newest_ms) / 1000;
    struct estimate total = estimate_total(p->last.behaviours, p->last.sampled);
    text_printf(out, ", %.*s behaviours", STR_ARGS(report_grouped(out->arena, p->last.behaviours)));
    if (total.known && total.high > p->last.behaviours)
        text_printf(out, " of %.*s to %.*s", STR_ARGS(report_grouped(out->arena, total.low)),
                    STR_ARGS(report_grouped(out->arena, total.high)));
    if (ago > 0)
        text_printf(out, ", the newest %lld s ago", (long long)ago);
}

static void say(struct progress *p, int64_t now_ms) {
    struct arena a = {0};
    struct text out = {.arena = &a};
    int64_t elapsed_ms = now_ms - p->started_ms;
    text_printf(&out, "%.*s: ", STR_ARGS(p->last.name));
    if (p->searches && p->last.schedules + p->last.pruned) {
        put_done(p, &out, elapsed_ms);
        put_behaviours(p, &out, now_ms);
    } else {
        text_printf(&out, "running for %lld s", (long long)(elapsed_ms / 1000));
    }
    if (p->failed)
        text_printf(&out, ", %d failed so far", p->failed);
    struct str line = text_str(&out);
    int room = p->width - 1;
    if (!p->terminal)
        fprintf(stderr, "%.*s\n", STR_ARGS(line));
    else
        fprintf(stderr, "\r\033[K%.*s", (int)line.len < room ? (int)line.len : room, line.data);
    fflush(stderr);
    p->shown = p->terminal;
    arena_free(&a);
}

// Once, and as a line that stays. A search that was given its time is not slow.
static void name_slow(struct progress *p, int64_t elapsed_ms) {
    if (p->named || elapsed_ms < SLOW_MS || p->for_ns)
        return;
    progress_clear(p);
    fprintf(stderr, "slow: %.*s has been running for %d s\n", STR_ARGS(p->last.name),
            SLOW_MS / 1000);
    p->named = true;
}

void progress_tick(struct progress *p) {
    int64_t now = progress_now_ms(), elapsed = now - p->started_ms;
    int64_t every = p->terminal ? TERMINAL_EVERY_MS : LOG_EVERY_MS;
    if (p->off || !p->last.name.len)
        return;
    name_slow(p, elapsed);
    if (now - p->said_ms < every || (p->terminal && elapsed < TERMINAL_FIRST_MS))
        return;
    p->said_ms = now;
    say(p, now);
}

void progress_clear(struct progress *p) {
    if (p->shown)
        fprintf(stderr, "\r\033[K");
    fflush(stderr);
    p->shown = false;
}
