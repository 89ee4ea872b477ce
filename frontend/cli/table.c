// SPDX-License-Identifier: MIT
#define _GNU_SOURCE // CPU_COUNT
// commands.def as tables.
#include "frontend/cli/cli.h"

#include <assert.h>
#include <sched.h>

static const struct command_info commands[] = {
#define COMMAND(name, state, arguments, summary) {#name, arguments, summary, STATE_##state},
#define FLAG(command, name, kind, state, value, letter, environment, help)
#include "frontend/cli/commands.def"
#undef COMMAND
#undef FLAG
};

// Names are written with `_` in the table, since they are also identifiers, and never with `-`.
static const struct flag_info flags[] = {
#define COMMAND(name, state, arguments, summary)
#define FLAG(command, name, kind, state, value, letter, environment, help)                         \
    {COMMAND_##command, #name, FLAG_##kind, STATE_##state, value, letter, environment, help},
#include "frontend/cli/commands.def"
#undef COMMAND
#undef FLAG
};

const struct command_info *command_info(enum command_id id) {
    assert(id < COMMAND_COUNT);
    return &commands[id];
}

const struct flag_info *flag_info(enum flag_id id) {
    assert(id < FLAG_ID_COUNT);
    return &flags[id];
}

struct str flag_spelling(struct arena *a, enum flag_id id) {
    struct str name = str_dup(a, str_from(flag_info(id)->name));
    char *at = (char *)name.data;
    for (size_t i = 0; i < name.len; i++)
        if (at[i] == '_')
            at[i] = '-';
    return name;
}

struct str flag_text(const struct cli *cli, enum flag_id id, const char *otherwise) {
    return cli->flags[id].set ? cli->flags[id].text : str_from(otherwise);
}

uint64_t flag_number(const struct cli *cli, enum flag_id id, uint64_t otherwise) {
    return cli->flags[id].set ? cli->flags[id].number : otherwise;
}

unsigned cli_jobs(const struct cli *cli) {
    enum { JOBS_MAX = 256 };
    cpu_set_t set;
    uint64_t jobs = flag_number(cli, FLAG_common_jobs, 0);
    if (!jobs)
        jobs = sched_getaffinity(0, sizeof set, &set) == 0 ? (uint64_t)CPU_COUNT(&set) : 1;
    return jobs < JOBS_MAX ? (unsigned)jobs : JOBS_MAX;
}
