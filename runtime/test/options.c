// SPDX-License-Identifier: MIT
// Reading the child's command line. `prism` wrote it, so what is wrong is said in one sentence.
#include "runtime/test/child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool number(const char *text, uint64_t *out) {
    if (!text || !*text || *text == '-')
        return false;
    char *end;
    bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    errno = 0;
    *out = strtoull(text, &end, hexadecimal ? 16 : 10);
    return !errno && *end == 0;
}

static bool add(const char **list, uint32_t *count, const char *value) {
    if (!value || *count == NAMES_MAX)
        return false;
    list[(*count)++] = value;
    return true;
}

// Flags without a value.
static bool read_switch(const char *flag, struct options *o) {
    if (!strcmp(flag, "--list"))
        return o->list = true;
    if (!strcmp(flag, "--exhaustive"))
        return o->exhaustive = true;
    if (!strcmp(flag, "--keep-going"))
        return o->keep_going = true;
    if (!strcmp(flag, "--no-fault"))
        return o->no_fault = true;
    if (!strcmp(flag, "--narrate"))
        return o->narrate = true;
    if (!strcmp(flag, "--salvage"))
        return o->salvage = true;
    if (!strcmp(flag, "--reexecute"))
        return o->reexecute = true;
    if (!strcmp(flag, "--resume"))
        return o->resume = true;
    return false;
}

// "2/3" is the second of three parts.
static bool shard(const char *value, struct options *o) {
    unsigned part, parts;
    char end;
    if (!value || sscanf(value, "%u/%u%c", &part, &parts, &end) != 2 || part < 1 || part > parts)
        return false;
    o->shard = part - 1;
    o->shards = parts;
    return true;
}

// Flags with one; false if it is none, or its value is wrong.
static bool read_value(const char *flag, const char *value, struct options *o) {
    int *descriptor = !strcmp(flag, "--fd")        ? &o->fd
                      : !strcmp(flag, "--shared")  ? &o->shared
                      : !strcmp(flag, "--autopsy") ? &o->autopsy
                                                   : NULL;
    uint64_t n = 0;
    if (descriptor) {
        bool fits = number(value, &n) && n < 1024;
        *descriptor = (int)n;
        return fits;
    }
    if (!strcmp(flag, "--test"))
        return add(o->tests, &o->test_count, value);
    if (!strcmp(flag, "--set"))
        return add(o->sets, &o->set_count, value) && strchr(value, '=');
    if (!strcmp(flag, "--fault"))
        return add(o->faults, &o->fault_count, value);
    if (!strcmp(flag, "--seed"))
        return o->seed_given = number(value, &o->seed);
    if (!strcmp(flag, "--runs"))
        return number(value, &o->runs);
    if (!strcmp(flag, "--for"))
        return number(value, &o->for_ns);
    if (!strcmp(flag, "--jobs")) {
        bool fits = number(value, &n) && n > 0 && n <= JOBS_MAX;
        o->jobs = (uint32_t)n;
        return fits;
    }
    if (!strcmp(flag, "--shard"))
        return shard(value, o);
    if (!strcmp(flag, "--steps"))
        return number(value, &o->steps) && o->steps > 0 && o->steps < UINT32_MAX;
    const char **text = !strcmp(flag, "--strategy")    ? &o->strategy
                        : !strcmp(flag, "--trace-dir") ? &o->trace_dir
                        : !strcmp(flag, "--replay")    ? &o->replay
                        : !strcmp(flag, "--state-dir") ? &o->state_dir
                        : !strcmp(flag, "--shrink-to") ? &o->shrink_to
                                                       : NULL;
    if (!text)
        return false;
    *text = value;
    return value != NULL;
}

const char *options_read(int argc, char **argv, struct options *o) {
    *o = (struct options){
        .fd = -1, .shared = -1, .autopsy = -1, .jobs = 1, .shards = 1, .strategy = "portfolio"};
    for (int i = 2; i < argc; i++) {
        if (read_switch(argv[i], o))
            continue;
        if (!read_value(argv[i], i + 1 < argc ? argv[i + 1] : NULL, o))
            return argv[i];
        i++;
    }
    return NULL;
}
