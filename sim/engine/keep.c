// SPDX-License-Identifier: MIT
// Paths as traces, and back.
#include "keep.h"
#include "fault/fault.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// ---- from a path --------------------------------------------------------------------------------

// Numbers of actors in a trace by their ids in the world; UINT32_MAX: none yet.
struct numbering {
    uint32_t *of;
    struct world *w;
    struct trace *t;
};

static uint32_t number_of_site(struct trace *t, const prism_site *site) {
    return site ? trace_site(t, site->function, site->operation, site->ordinal)
                : trace_site(t, "", "", 0);
}

static uint32_t number_of(struct numbering *n, uint32_t id) {
    const struct name *name = &n->w->names[id];
    if (id == 0 || name->parent == 0)
        return 0; // the test; the scheduler as a sender is numbered by sender_of
    if (n->of[id] != UINT32_MAX)
        return n->of[id];
    uint32_t parent = number_of(n, name->parent);
    struct trace *t = n->t;
    t->actors = realloc(t->actors, (t->actor_count + 1) * sizeof *t->actors);
    if (!t->actors)
        abort();
    uint32_t site = number_of_site(t, name->site);
    t->actors[t->actor_count++] = (struct trace_actor){parent, site, name->count};
    return n->of[id] = t->actor_count;
}

static uint32_t id_of(const struct world *w, uint64_t hash) {
    for (uint32_t i = 0; i < w->name_count; i++)
        if (w->names[i].hash == hash)
            return i;
    return 0;
}

static struct trace_event event_of(struct numbering *n, const struct event_name *name) {
    uint32_t from = name->from ? number_of(n, id_of(n->w, name->from)) : UINT32_MAX;
    return (struct trace_event){.to = number_of(n, id_of(n->w, name->to)),
                                .kind = name->kind,
                                .from = from,
                                .site = number_of_site(n->t, name->place),
                                .occurrence = name->occurrence};
}

static void add_mishaps(struct numbering *n, const struct mishaps *m) {
    struct trace *t = n->t;
    t->mishaps = malloc((m->len + 1) * sizeof *t->mishaps);
    if (!t->mishaps)
        abort();
    for (uint32_t i = 0; i < m->len; i++) {
        const struct mishap *one = &m->at[i];
        uint32_t home = number_of(n, id_of(n->w, one->home));
        uint32_t site = trace_site(t, one->function ? one->function : "",
                                   one->operation ? one->operation : "", one->ordinal);
        t->mishaps[t->mishap_count++] =
            (struct trace_mishap){one->kind, home, site, one->occurrence};
    }
}

// The scheduler has the number after the last actor, which is known at the end.
static void number_scheduler(struct trace *t) {
    for (uint32_t i = 0; i < t->deviation_count; i++) {
        struct trace_event *usual = &t->deviations[i].usual, *taken = &t->deviations[i].taken;
        usual->from = usual->from == UINT32_MAX ? t->actor_count + 1 : usual->from;
        taken->from = taken->from == UINT32_MAX ? t->actor_count + 1 : taken->from;
    }
}

static struct trace_text text_of(const char *s) {
    return (struct trace_text){s, (uint32_t)strlen(s)};
}

static const char *place_of(const struct finding *f, uint32_t *ordinal) {
    *ordinal = f->site ? f->site->ordinal : 0;
    return f->site ? f->site->function : f->function ? f->function->name : "";
}

void trace_from_path(struct world *w, const struct path *path, const struct outcome *outcome,
                     const struct kept *kept, struct trace *t) {
    const struct finding *f = &outcome->finding;
    *t = (struct trace){.mir = w->host->program->mir_hash,
                        .program = text_of(w->host->program->name),
                        .test = text_of(kept->test),
                        .strategy =
                            text_of(strcmp(kept->strategy, "portfolio") ? kept->strategy : ""),
                        .seed = w->host->seed,
                        .param_count = kept->param_count,
                        .failure_kind = f->kind,
                        .failure_word = (uint32_t)f->word,
                        .events = outcome->measure.events,
                        .last = outcome->hash};
    trace_string(t, kept->test);
    uint32_t ordinal;
    const char *function = place_of(f, &ordinal);
    t->failure_site = trace_site(t, function, f->site ? f->site->operation : "", ordinal);
    t->params = malloc((kept->param_count + 1) * sizeof *t->params);
    t->inputs = malloc((path->inputs.len + 1) * sizeof *t->inputs);
    if (!t->inputs)
        abort();
    for (uint32_t i = 0; path->has_inputs && i < path->inputs.len; i++)
        t->inputs[t->input_count++] = path->inputs.at[i];
    t->prompt = path->prompt;
    t->has_mishaps = path->has_mishaps;
    t->deviations = malloc((path->len + 1) * sizeof *t->deviations);
    struct numbering n = {malloc(w->name_count * sizeof *n.of), w, t};
    if (!t->params || !t->deviations || !n.of)
        abort();
    if (kept->param_count)
        memcpy(t->params, kept->params, kept->param_count * sizeof *t->params);
    memset(n.of, 0xff, w->name_count * sizeof *n.of);
    if (path->has_mishaps)
        add_mishaps(&n, &path->mishaps);
    for (uint32_t i = 0; i < path->len; i++) {
        struct trace_event usual = event_of(&n, &path->at[i].usual);
        struct trace_event taken = event_of(&n, &path->at[i].taken);
        t->deviations[t->deviation_count++] = (struct trace_deviation){usual, taken};
    }
    number_scheduler(t);
    free(n.of);
}

// ---- to a path ----------------------------------------------------------------------------------

static uint64_t hash_of_site(const struct trace *t, uint32_t number) {
    const struct trace_site *s = &t->sites[number];
    struct trace_text f = t->strings[s->function], o = t->strings[s->operation];
    if (f.len == 0 && o.len == 0)
        return 0;
    return site_hash_of(f.at, f.len, o.at, o.len, s->ordinal);
}

static struct event_name name_of(const struct trace *t, const uint64_t *actors,
                                 const struct trace_event *e) {
    return (struct event_name){.to = actors[e->to],
                               .from = e->from > t->actor_count ? 0 : actors[e->from],
                               .site = hash_of_site(t, e->site),
                               .kind = e->kind,
                               .occurrence = e->occurrence};
}

void path_from_trace(const struct trace *t, struct path *out) {
    uint64_t *actors = malloc((t->actor_count + 1) * sizeof *actors);
    if (!actors)
        abort();
    actors[0] = name_hash(0, 0, 0);
    for (uint32_t i = 0; i < t->actor_count; i++) {
        const struct trace_actor *a = &t->actors[i];
        uint64_t site = hash_of_site(t, a->site);
        actors[i + 1] = name_hash(actors[a->parent], site, a->count);
    }
    out->len = 0;
    out->has_inputs = t->input_count > 0;
    out->inputs.len = 0;
    out->prompt = t->prompt;
    out->has_mishaps = t->has_mishaps;
    out->mishaps.len = 0;
    for (uint32_t i = 0; i < t->mishap_count; i++)
        mishaps_add(&out->mishaps, &(struct mishap){.home = actors[t->mishaps[i].home],
                                                    .site = hash_of_site(t, t->mishaps[i].site),
                                                    .kind = t->mishaps[i].kind,
                                                    .occurrence = t->mishaps[i].occurrence});
    for (uint32_t i = 0; i < t->input_count; i++)
        inputs_add(&out->inputs, t->inputs[i], UINT64_MAX);
    for (uint32_t i = 0; i < t->deviation_count; i++)
        path_add(out, &(struct deviation){name_of(t, actors, &t->deviations[i].usual),
                                          name_of(t, actors, &t->deviations[i].taken)});
    free(actors);
}

bool trace_agrees(const struct trace *t, const struct finding *f) {
    uint32_t ordinal;
    const char *function = place_of(f, &ordinal);
    const struct trace_site *site = &t->sites[t->failure_site];
    struct trace_text there = t->strings[site->function];
    bool same_place = there.len == strlen(function) && !memcmp(there.at, function, there.len) &&
                      ordinal == site->ordinal;
    return f->kind == t->failure_kind && f->word == t->failure_word && same_place;
}

static void actor_words(const struct trace *t, uint32_t number, char *out, size_t room) {
    if (number == 0 || number > t->actor_count) {
        snprintf(out, room, "%s", number ? "the clock" : "the test");
        return;
    }
    const struct trace_actor *a = &t->actors[number - 1];
    const struct trace_site *s = &t->sites[a->site];
    struct trace_text f = t->strings[s->function], o = t->strings[s->operation];
    snprintf(out, room, "the actor that `%.*s` made (%.*s %u, number %u)", (int)f.len, f.at,
             (int)o.len, o.at, s->ordinal + 1, a->count + 1);
}

void trace_event_words(const struct trace *t, const struct trace_event *e, char *out, size_t room) {
    static const char *const what[] = {"the message", "the reply",      "the start",
                                       "the wake-up", "the timer",      "the cancellation",
                                       "the stop",    "time passes for"};
    char to[256], from[256];
    actor_words(t, e->to, to, sizeof to);
    actor_words(t, e->from, from, sizeof from);
    const struct trace_site *s = &t->sites[e->site];
    struct trace_text f = t->strings[s->function], o = t->strings[s->operation];
    if (e->kind >= EVENT_FAULT) {
        snprintf(out, room, "the fault %s strikes at %s",
                 e->kind < EVENT_FAULT + FAULTS
                     ? fault_word((enum fault_kind)(e->kind - EVENT_FAULT))
                     : "of a newer kind",
                 to);
        return;
    }
    const char *kind = e->kind < sizeof what / sizeof *what ? what[e->kind] : "an event";
    snprintf(out, room, "%s takes %s that `%.*s` (%.*s %u) sent, of %s", to, kind, (int)f.len, f.at,
             (int)o.len, o.at, s->ordinal + 1, from);
}

// ---- files --------------------------------------------------------------------------------------

bool directories_make(const char *directory) {
    char path[PATH_MAX];
    size_t len = strlen(directory);
    if (len == 0 || len >= sizeof path)
        return false;
    for (size_t i = 0; i <= len; i++) {
        path[i] = directory[i];
        bool part = i > 0 && (directory[i] == '/' || directory[i] == 0);
        if (!part)
            continue;
        path[i] = 0;
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return false;
        path[i] = directory[i];
    }
    return true;
}

// DIRECTORY/TEST-[WORD-]HASH.trace; characters that shells and file systems dislike become `-`.
static char *file_path(const char *directory, const char *test, const char *word, uint64_t hash) {
    size_t room = strlen(directory) + strlen(test) + strlen(word) + 32;
    char *path = malloc(room);
    if (!path)
        abort();
    int at = snprintf(path, room, "%s/", directory);
    for (size_t i = 0; test[i] && i < 80; i++)
        path[at++] = isalnum((unsigned char)test[i]) || test[i] == '_' ? test[i] : '-';
    snprintf(path + at, room - (size_t)at, "-%s%08x.trace", word, (unsigned)(hash >> 32));
    return path;
}

// Reads the bytes back and replays them: nothing is announced that was not tried.
static const char *try_bytes(const struct subject *subject, const struct cbor_out *bytes,
                             const struct outcome *wanted) {
    struct trace back;
    if (trace_read(bytes->bytes, bytes->len, &back) != TRACE_OK)
        return "the trace could not be read back";
    struct path path = {0};
    bool left = false;
    path_from_trace(&back, &path);
    struct outcome o = follow(subject, &path, true, NULL, NULL, 0, &left);
    bool same = !left && o.hash == wanted->hash && o.measure.events == wanted->measure.events &&
                finding_same(&o.finding, &wanted->finding) && trace_agrees(&back, &o.finding);
    path_free(&path);
    trace_free(&back);
    return same ? NULL : "the trace did not replay";
}

static char *save(const struct cbor_out *bytes, char *file, const char *directory,
                  const char **why) {
    if (directories_make(directory) && trace_save(file, bytes->bytes, bytes->len) == TRACE_OK)
        return file;
    *why = strerror(errno);
    free(file);
    return NULL;
}

// The bytes of the path's trace, which were tried; NULL, or why not.
static const char *make(const struct subject *subject, const struct path *path,
                        const struct kept *kept, struct cbor_out *bytes, uint64_t *hash) {
    struct outcome wanted = follow(subject, path, true, NULL, NULL, 0, NULL);
    struct trace t;
    trace_from_path(WORLD, path, &wanted, kept, &t);
    trace_write(&t, bytes);
    trace_free(&t);
    *hash = wanted.hash;
    return try_bytes(subject, bytes, &wanted);
}

char *trace_keep(const struct subject *subject, const struct path *path, const struct kept *kept,
                 const char *directory, const char **why) {
    struct cbor_out bytes = {0};
    uint64_t hash;
    *why = make(subject, path, kept, &bytes, &hash);
    char *file = NULL;
    if (!*why)
        file = save(&bytes, file_path(directory, kept->test, "", hash), directory, why);
    cbor_out_free(&bytes);
    return file;
}

bool trace_keep_as(const struct subject *subject, const struct path *path, const struct kept *kept,
                   const char *file, const char **why) {
    struct cbor_out bytes = {0};
    uint64_t hash;
    *why = make(subject, path, kept, &bytes, &hash);
    if (!*why && trace_save(file, bytes.bytes, bytes.len) != TRACE_OK)
        *why = strerror(errno);
    cbor_out_free(&bytes);
    return !*why;
}

char *trace_keep_crash(const struct path *path, uint32_t events, const struct kept *kept,
                       const char *directory, const char **why) {
    struct outcome unknown = {.measure.events = events};
    struct trace t;
    struct cbor_out bytes = {0};
    trace_from_path(WORLD, path, &unknown, kept, &t);
    trace_write(&t, &bytes);
    trace_free(&t);
    char *file =
        save(&bytes, file_path(directory, kept->test, "crash-", WORLD->hash), directory, why);
    cbor_out_free(&bytes);
    return file;
}
