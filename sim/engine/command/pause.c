// SPDX-License-Identifier: MIT
// Where an exhaustive search stands when it is interrupted, or at the end of the time or the
// executions that it was given: what was counted, the placements of faults, and the exploration at
// hand (explore_state). The file lies beside those of resume.c and is named as they are; one that
// does not fit is ignored, and then the search begins anew.
#include "command/exhaust.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { VERSION = 2, ITEMS = 8, NUMBERS = 14, WINDOW_BYTES = WINDOW / 8 };

// ---- lists of mishaps as bytes ------------------------------------------------------------------
// Where they are in words is forgotten: that is known again when they strike.

struct flat_mishap {
    uint64_t home, site;
    uint32_t kind, occurrence;
};

static void put_mishaps(struct explore_state *out, const struct mishaps *m) {
    uint64_t len = m->len;
    state_append(out, &len, sizeof len);
    for (uint32_t i = 0; i < m->len; i++) {
        struct flat_mishap f = {m->at[i].home, m->at[i].site, m->at[i].kind, m->at[i].occurrence};
        state_append(out, &f, sizeof f);
    }
}

static bool take(struct cbor_item *in, void *out, size_t len) {
    if (len > in->n)
        return false;
    memcpy(out, in->bytes, len);
    in->bytes += len;
    in->n -= len;
    return true;
}

static bool take_mishaps(struct cbor_item *in, struct mishaps *m) {
    uint64_t len;
    if (!take(in, &len, sizeof len))
        return false;
    for (; len > 0; len--) {
        struct flat_mishap f;
        if (!take(in, &f, sizeof f))
            return false;
        mishaps_add(
            m, &(struct mishap){
                   .home = f.home, .site = f.site, .kind = f.kind, .occurrence = f.occurrence});
    }
    return true;
}

// ---- files --------------------------------------------------------------------------------------

static void put_seen(struct cbor_out *out, const struct behaviours *b) {
    uint64_t *seen = malloc((b->count + 1) * sizeof *seen), len = 0;
    if (!seen)
        abort();
    for (uint64_t i = 0; i < b->capacity; i++)
        if (b->seen[i])
            seen[len++] = b->seen[i];
    cbor_put_bytes(out, seen, len * sizeof *seen);
    free(seen);
}

void pause_save(const struct search *s, const struct exhaustion *e) {
    struct cbor_out out = {0};
    struct explore_state lists = {0};
    const uint64_t numbers[NUMBERS] = {s->runs,           s->cut,
                                       s->steps,          s->newest,
                                       e->before.runs,    e->before.cut,
                                       e->before.steps,   e->before.newest,
                                       e->spent,          e->depth,
                                       e->next,           s->levels,
                                       e->placements.len, e->placements.dropped};
    put_mishaps(&lists, &s->placed);
    put_mishaps(&lists, &e->chances.list);
    for (uint32_t i = 0; i < e->placements.len; i++)
        put_mishaps(&lists, &e->placements.at[i]);
    cbor_put_array(&out, ITEMS);
    cbor_put_string(&out, "PRISMPAUSE");
    cbor_put_uint(&out, VERSION);
    cbor_put_bytes(&out, numbers, sizeof numbers);
    put_seen(&out, &s->behaviours);
    cbor_put_bytes(&out, s->behaviours.window, WINDOW_BYTES);
    cbor_put_bytes(&out, lists.bytes, lists.len);
    cbor_put_bytes(&out, e->state.bytes, e->state.len);
    cbor_put_uint(&out, XXH3_64bits(out.bytes, out.len));
    char *path = resume_path(s);
    if (directories_make(s->o->state_dir))
        trace_save(path, out.bytes, out.len); // without it the next search begins anew
    free(path);
    free(lists.bytes);
    cbor_out_free(&out);
}

static bool read_lists(struct search *s, struct exhaustion *e, struct cbor_item lists,
                       uint64_t placements) {
    struct mishaps chances = {0};
    bool whole = take_mishaps(&lists, &s->placed) && take_mishaps(&lists, &chances);
    for (uint32_t i = 0; whole && i < chances.len; i++)
        chances_note(&e->chances, &chances.at[i]);
    free(chances.at);
    for (uint64_t i = 0; whole && i < placements; i++) {
        struct mishaps set = {0};
        whole = take_mishaps(&lists, &set);
        placements_add(&e->placements, &set);
        free(set.at);
    }
    return whole;
}

static bool read_pause(struct search *s, struct exhaustion *e, const void *bytes, size_t len) {
    struct cbor_in in = {bytes, len, 0};
    struct cbor_item array = cbor_next(&in), word = cbor_next(&in), version = cbor_next(&in);
    bool is_ours = array.kind == CBOR_ARRAY && array.n == ITEMS && word.kind == CBOR_TEXT &&
                   word.n == 10 && !memcmp(word.bytes, "PRISMPAUSE", 10) &&
                   version.kind == CBOR_UINT && version.n == VERSION;
    if (!is_ours)
        return false;
    struct cbor_item blobs[5];
    for (int i = 0; i < 5; i++) {
        blobs[i] = cbor_next(&in);
        if (blobs[i].kind != CBOR_BYTES)
            return false;
    }
    size_t covered = in.at;
    struct cbor_item check = cbor_next(&in);
    uint64_t n[NUMBERS];
    if (check.kind != CBOR_UINT || check.n != XXH3_64bits(bytes, covered) ||
        blobs[0].n != sizeof n || blobs[2].n != WINDOW_BYTES)
        return false;
    memcpy(n, blobs[0].bytes, sizeof n);
    s->runs = n[0], s->cut = n[1], s->steps = n[2], s->newest = n[3];
    e->before = (struct standing){n[4], n[5], n[6], n[7]};
    e->spent = n[8], e->depth = (uint32_t)n[9], e->next = (uint32_t)n[10];
    s->levels = (uint32_t)n[11];
    e->placements.dropped = (uint32_t)n[13];
    for (uint64_t i = 0; i + sizeof i <= blobs[1].n; i += sizeof i) {
        uint64_t entry;
        memcpy(&entry, blobs[1].bytes + i, sizeof entry);
        behaviours_restore(&s->behaviours, entry);
    }
    memcpy(s->behaviours.window, blobs[2].bytes, WINDOW_BYTES);
    state_append(&e->state, blobs[4].bytes, blobs[4].n);
    return read_lists(s, e, blobs[3], n[12]);
}

bool pause_load(struct search *s, struct exhaustion *e) {
    void *bytes = NULL;
    size_t len = 0;
    char *path = resume_path(s);
    bool loaded = trace_load(path, &bytes, &len) == TRACE_OK && read_pause(s, e, bytes, len);
    free(path);
    free(bytes);
    return loaded;
}
