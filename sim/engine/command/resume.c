// SPDX-License-Identifier: MIT
// Going on where a search by samples stopped: interrupted, or at the end of the time or the runs
// that it was given. A small file below `state_dir`, named by what the search depends on (program,
// test, parameters, seed, strategy, shard), holds how far it came and which behaviours it saw. A
// search that goes on counts as one that was never stopped.
//
// The file is a CBOR sequence: an array, then the XXH3 of its bytes. What does not fit is ignored:
// then the search begins anew.
#include "command/search.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { VERSION = 2, ITEMS = 11, WINDOW_BYTES = WINDOW / 8 };

static uint64_t with_text(uint64_t hash, const char *text) {
    return XXH3_64bits_withSeed(text, strlen(text), hash);
}

static uint64_t key_of(const struct search *s) {
    const struct options *o = s->o;
    uint64_t numbers[5] = {s->subject.host->program->mir_hash, o->seed, o->shard, o->shards,
                           o->steps};
    uint64_t key = with_text(XXH3_64bits(numbers, sizeof numbers), s->test->name);
    const prism_type *type = s->test->function->args;
    char value[1024];
    for (uint32_t i = 0; type && i < type->count; i++) {
        argument_show(&type->fields[i], s->subject.args, value, sizeof value);
        key = with_text(key, value);
    }
    for (uint32_t i = 0; i < o->fault_count; i++)
        key = with_text(key, o->faults[i]);
    return with_text(key + o->no_fault + 2 * search_is_exhaustive(o), o->strategy);
}

char *resume_path(const struct search *s) {
    size_t room = strlen(s->o->state_dir) + strlen(s->test->name) + 32;
    char *path = malloc(room);
    if (!path)
        abort();
    int at = snprintf(path, room, "%s/", s->o->state_dir);
    for (const char *c = s->test->name; *c; c++)
        path[at++] = isalnum((unsigned char)*c) || *c == '_' ? *c : '-';
    snprintf(path + at, room - (size_t)at, "-%016llx", (unsigned long long)key_of(s));
    return path;
}

void resume_save(const struct search *s) {
    const struct behaviours *b = &s->behaviours;
    uint64_t *seen = malloc((b->count + 1) * sizeof *seen), len = 0;
    struct cbor_out out = {0};
    if (!seen)
        abort();
    for (uint64_t i = 0; i < b->capacity; i++)
        if (b->seen[i])
            seen[len++] = b->seen[i];
    cbor_put_array(&out, ITEMS);
    cbor_put_string(&out, "PRISMSEARCH");
    cbor_put_uint(&out, VERSION);
    cbor_put_uint(&out, s->next);
    cbor_put_uint(&out, s->runs);
    cbor_put_uint(&out, s->cut);
    cbor_put_uint(&out, s->steps);
    cbor_put_uint(&out, s->probes);
    cbor_put_uint(&out, s->newest);
    cbor_put_uint(&out, s->earlier);
    cbor_put_bytes(&out, seen, len * sizeof *seen);
    cbor_put_bytes(&out, b->window, WINDOW_BYTES);
    cbor_put_uint(&out, XXH3_64bits(out.bytes, out.len));
    char *path = resume_path(s);
    if (directories_make(s->o->state_dir))
        trace_save(path, out.bytes, out.len); // without it the next search begins anew
    free(path);
    free(seen);
    cbor_out_free(&out);
}

static bool read_numbers(struct cbor_in *in, uint64_t *numbers, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        struct cbor_item item = cbor_next(in);
        if (item.kind != CBOR_UINT)
            return false;
        numbers[i] = item.n;
    }
    return true;
}

static bool read_state(struct search *s, const void *bytes, size_t len) {
    struct cbor_in in = {bytes, len, 0};
    struct cbor_item array = cbor_next(&in), word = cbor_next(&in);
    uint64_t n[8], check;
    bool is_ours = array.kind == CBOR_ARRAY && array.n == ITEMS && word.kind == CBOR_TEXT &&
                   word.n == 11 && !memcmp(word.bytes, "PRISMSEARCH", 11);
    if (!is_ours || !read_numbers(&in, n, 8) || n[0] != VERSION)
        return false;
    struct cbor_item seen = cbor_next(&in), window = cbor_next(&in);
    size_t covered = in.at;
    if (seen.kind != CBOR_BYTES || window.kind != CBOR_BYTES || window.n != WINDOW_BYTES ||
        !read_numbers(&in, &check, 1) || check != XXH3_64bits(bytes, covered))
        return false;
    s->next = n[1], s->runs = n[2], s->cut = n[3], s->steps = n[4], s->probes = n[5];
    s->newest = n[6], s->earlier = n[7];
    for (uint64_t i = 0; i + sizeof i <= seen.n; i += sizeof i) {
        uint64_t entry;
        memcpy(&entry, seen.bytes + i, sizeof entry);
        behaviours_restore(&s->behaviours, entry);
    }
    memcpy(s->behaviours.window, window.bytes, WINDOW_BYTES);
    return true;
}

bool resume_load(struct search *s) {
    void *bytes = NULL;
    size_t len = 0;
    char *path = resume_path(s);
    bool loaded = trace_load(path, &bytes, &len) == TRACE_OK && read_state(s, bytes, len);
    free(path);
    free(bytes);
    return loaded;
}
