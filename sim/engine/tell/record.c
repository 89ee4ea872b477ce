// SPDX-License-Identifier: MIT
// The parts that several records of the simulator have in common.
#include "tell.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// ---- names --------------------------------------------------------------------------------------

const char *file_name(const prism_program *p, const prism_site *site) {
    return site && site->line && site->file < p->file_count ? p->files[site->file] : "";
}

// "channel `jobs`": the library gives what stands behind a handle a name, its first field.
static const char *handle_label(const struct name *n, char *out, size_t room) {
    const void *state = n->cell ? n->cell->state : NULL;
    const prism_buffer *name = NULL;
    if (state)
        memcpy(&name, (const char *)state + n->type->state->fields[0].offset, sizeof name);
    if (prism_buffer_len(name))
        snprintf(out, room, "%s `%.*s`", n->type->handle, (int)name->len, (const char *)name->data);
    else
        snprintf(out, room, "%s", n->type->handle);
    return out;
}

enum { KIND_BYTES_MAX = 96 };

// May be written to `out`, of KIND_BYTES_MAX.
static const char *kind_of_actor(const struct name *n, const char *test, char *out) {
    if (n->type && n->type->handle)
        return handle_label(n, out, KIND_BYTES_MAX);
    if (n->type)
        return n->type->name;
    if (n->parent == 0)
        return test;
    return n->function ? n->function->name : "task";
}

// Numbered in order of making where there are several of a kind.
void actor_label(const struct world *w, uint32_t id, const char *test, char *out, size_t room) {
    if (id == 0) {
        snprintf(out, room, "the scheduler");
        return;
    }
    char own[KIND_BYTES_MAX], other[KIND_BYTES_MAX];
    const char *kind = kind_of_actor(&w->names[id], test, own);
    uint32_t before = 0, all = 0;
    for (uint32_t i = 1; i < w->name_count; i++) {
        bool same = !strcmp(kind_of_actor(&w->names[i], test, other), kind);
        all += same;
        before += same && i <= id;
    }
    if (all > 1)
        snprintf(out, room, "%s %u", kind, before);
    else
        snprintf(out, room, "%s", kind);
}

void actor_path(const struct world *w, uint32_t id, char *out, size_t room) {
    const struct name *n = &w->names[id];
    if (id == 0 || n->parent == 0) {
        snprintf(out, room, "%s", id ? "test" : "");
        return;
    }
    actor_path(w, n->parent, out, room);
    size_t len = strlen(out);
    if (!n->site || len + 1 >= room)
        return;
    const char *format = n->site->ordinal ? "/%s.%s.%u#%u" : "/%s.%s#%u";
    if (n->site->ordinal)
        snprintf(out + len, room - len, format, n->site->function, n->site->operation,
                 n->site->ordinal, n->count);
    else
        snprintf(out + len, room - len, format, n->site->function, n->site->operation, n->count);
}

// ---- findings -----------------------------------------------------------------------------------

static void message_of(const struct world *w, const struct finding *f, char *out, size_t room) {
    const char *said = f->said[0] ? f->said : f->text;
    switch ((enum finding_kind)f->kind) {
    case FINDING_DEADLOCK:
        snprintf(out, room, "nobody can move, and somebody still waits");
        break;
    case FINDING_LEAK:
        if (w->ending)
            snprintf(out, room, "%llu objects (%llu bytes) are left at the end",
                     (unsigned long long)w->live_blocks, (unsigned long long)w->live_bytes);
        else
            snprintf(out, room, "the test has ended, and a task is blocked for ever");
        break;
    case FINDING_NONDETERMINISM:
        snprintf(out, room, "the same seed gave two different runs: %s", said ? said : "");
        break;
    case FINDING_ASSERTION:
    case FINDING_INVARIANT:
    case FINDING_MONITOR:
    case FINDING_LIVENESS:
    case FINDING_LINEARIZABILITY:
        snprintf(out, room, "%s", said ? said : prism_failure_sentence(f->word));
        break;
    default:
        if (said)
            snprintf(out, room, "%s: %s", prism_failure_sentence(f->word), said);
        else
            snprintf(out, room, "%s", prism_failure_sentence(f->word));
    }
}

void put_finding(struct cbor_out *o, struct world *w, const struct finding *f, const char *test) {
    char text[1024], actor[128] = "";
    const prism_program *p = w->host->program;
    bool at_site = f->site && f->site->line;
    bool at_function = !at_site && f->function && f->function->line;
    message_of(w, f, text, sizeof text);
    if (f->actor)
        actor_label(w, f->actor, test, actor, sizeof actor);
    const char *file = at_site ? file_name(p, f->site)
                       : at_function && f->function->file < p->file_count
                           ? p->files[f->function->file]
                           : "";
    cbor_put_map(o, 9);
    record_text(o, "kind", finding_word(f->kind));
    record_text(o, "message", text);
    record_text(o, "word", f->word ? prism_failure_word(f->word) : "");
    record_text(o, "file", file);
    record_uint(o, "line", at_site ? f->site->line : at_function ? f->function->line : 0);
    record_uint(o, "column", at_site ? f->site->column : 0);
    record_text(o, "function", f->site ? f->site->function : f->function ? f->function->name : "");
    record_text(o, "actor", actor);
    cbor_put_string(o, "values");
    cbor_put_array(o, 0);
}
