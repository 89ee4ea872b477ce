// SPDX-License-Identifier: MIT
// Reading and writing traces. A reader of hostile bytes: every count is checked against what can
// follow, every index against its table, before anything is allocated or used.
#include "runtime/trace/trace.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char magic[] = "PRISMTRACE";

const char *trace_error_text(enum trace_error e) {
    static const char *const texts[] = {"it is a trace",
                                        "it is not a Prism trace",
                                        "it is a trace of a newer version",
                                        "it ends in the middle",
                                        "it is damaged",
                                        "it is too big for a trace",
                                        "it cannot be read or written"};
    return texts[e];
}

// ---- reading ------------------------------------------------------------------------------------

struct reader {
    struct cbor_in in;
    enum trace_error error; // the first
    uint32_t whole;         // deviations that were read
    bool named;             // header, strings, sites and actors were
};

static void fail(struct reader *r, enum trace_error e) {
    if (!r->error)
        r->error = e;
}

static struct cbor_item expect(struct reader *r, enum cbor_kind kind) {
    struct cbor_item item = {0};
    if (r->error)
        return item;
    item = cbor_next(&r->in);
    if (item.kind == kind)
        return item;
    fail(r, item.kind == CBOR_CUT || item.kind == CBOR_END ? TRACE_CUT : TRACE_DAMAGED);
    return (struct cbor_item){0};
}

static uint64_t read_uint(struct reader *r, uint64_t limit) {
    uint64_t n = expect(r, CBOR_UINT).n;
    if (n > limit)
        fail(r, TRACE_DAMAGED);
    return r->error ? 0 : n;
}

static uint32_t read_small(struct reader *r, uint32_t limit) {
    return (uint32_t)read_uint(r, limit);
}

static struct trace_text read_text(struct reader *r) {
    struct cbor_item item = expect(r, CBOR_TEXT);
    if (item.n > TRACE_STRING_BYTES_MAX)
        fail(r, TRACE_DAMAGED);
    return r->error ? (struct trace_text){"", 0}
                    : (struct trace_text){(const char *)item.bytes, (uint32_t)item.n};
}

static uint64_t read_hash(struct reader *r) {
    struct cbor_item item = expect(r, CBOR_BYTES);
    if (item.n != 8)
        fail(r, TRACE_DAMAGED);
    uint64_t hash = 0;
    for (int i = 0; i < 8 && !r->error; i++)
        hash = hash << 8 | item.bytes[i];
    return hash;
}

static void read_shape(struct reader *r, enum cbor_kind kind, uint64_t count) {
    if (expect(r, kind).n != count)
        fail(r, TRACE_DAMAGED);
}

// The number of entries that follow, each of which takes at least one byte; at most `limit`.
static uint32_t read_count(struct reader *r, enum cbor_kind kind, uint32_t limit) {
    uint64_t n = expect(r, kind).n;
    if (n > limit || n > r->in.len - r->in.at)
        fail(r, n > limit ? TRACE_DAMAGED : TRACE_CUT);
    return r->error ? 0 : (uint32_t)n;
}

// Room for that many entries, zeroed.
static void *read_table(struct reader *r, enum cbor_kind kind, uint32_t limit, size_t entry,
                        uint32_t *count) {
    *count = read_count(r, kind, limit);
    void *table = *count ? calloc(*count, entry) : NULL;
    if (*count && !table)
        abort();
    return table;
}

static void read_header(struct reader *r, struct trace *t) {
    struct cbor_item first = cbor_next(&r->in);
    struct cbor_item word = first.kind == CBOR_ARRAY ? cbor_next(&r->in) : first;
    if (word.kind != CBOR_TEXT || word.n != sizeof magic - 1 || memcmp(word.bytes, magic, word.n)) {
        fail(r, TRACE_FOREIGN);
        return;
    }
    if (expect(r, CBOR_UINT).n != TRACE_VERSION)
        fail(r, r->error ? r->error : TRACE_NEWER);
    if (first.n != 7)
        fail(r, TRACE_DAMAGED);
    t->mir = read_hash(r);
    t->program = read_text(r);
    t->test = read_text(r);
    t->seed = read_uint(r, UINT64_MAX);
    t->params = read_table(r, CBOR_MAP, 64, sizeof *t->params, &t->param_count);
    for (uint32_t i = 0; i < t->param_count && !r->error; i++) {
        t->params[i].name = read_text(r);
        t->params[i].value = read_text(r);
    }
}

static struct trace_event read_event(struct reader *r, const struct trace *t) {
    struct trace_event e;
    e.to = read_small(r, t->actor_count);
    e.kind = read_small(r, 255);
    e.from = read_small(r, t->actor_count + 1);
    e.site = read_small(r, t->site_count - 1);
    e.occurrence = read_small(r, UINT32_MAX);
    return e;
}

// String 0 is the test's name, which stands in the header. Site 0 is always there. So no index
// needs a test.
static void read_strings(struct reader *r, struct trace *t) {
    t->string_count = read_count(r, CBOR_ARRAY, TRACE_STRINGS_MAX - 1) + 1;
    t->strings = calloc(t->string_count, sizeof *t->strings);
    if (!t->strings)
        abort();
    t->strings[0] = t->test;
    for (uint32_t i = 1; i < t->string_count && !r->error; i++)
        t->strings[i] = read_text(r);
    t->sites = read_table(r, CBOR_ARRAY, TRACE_STRINGS_MAX, sizeof *t->sites, &t->site_count);
    if (!r->error && t->site_count == 0)
        fail(r, TRACE_DAMAGED);
    for (uint32_t i = 0; i < t->site_count && !r->error; i++) {
        read_shape(r, CBOR_ARRAY, 3);
        t->sites[i].function = read_small(r, t->string_count - 1);
        t->sites[i].operation = read_small(r, t->string_count - 1);
        t->sites[i].ordinal = read_small(r, UINT32_MAX);
    }
}

static void read_actors(struct reader *r, struct trace *t) {
    t->actors = read_table(r, CBOR_ARRAY, TRACE_STRINGS_MAX, sizeof *t->actors, &t->actor_count);
    for (uint32_t i = 0; i < t->actor_count && !r->error; i++) {
        struct trace_actor *a = &t->actors[i];
        read_shape(r, CBOR_ARRAY, 3);
        a->parent = read_small(r, i); // only actors before it
        a->site = read_small(r, t->site_count - 1);
        a->count = read_small(r, UINT32_MAX);
    }
}

static void read_mishaps(struct reader *r, struct trace *t) {
    t->has_mishaps = true;
    t->mishaps = read_table(r, CBOR_ARRAY, TRACE_MISHAPS_MAX, sizeof *t->mishaps, &t->mishap_count);
    for (uint32_t i = 0; i < t->mishap_count && !r->error; i++) {
        read_shape(r, CBOR_ARRAY, 4);
        t->mishaps[i].kind = read_small(r, 255);
        t->mishaps[i].home = read_small(r, t->actor_count);
        t->mishaps[i].site = read_small(r, t->site_count - 1);
        t->mishaps[i].occurrence = read_small(r, UINT32_MAX);
    }
}

static void read_body(struct reader *r, struct trace *t) {
    uint64_t count = expect(r, CBOR_ARRAY).n;
    if (count < 9 || count > 11)
        fail(r, TRACE_DAMAGED);
    read_strings(r, t);
    read_actors(r, t);
    t->inputs = read_table(r, CBOR_ARRAY, TRACE_INPUTS_MAX, sizeof *t->inputs, &t->input_count);
    for (uint32_t i = 0; i < t->input_count && !r->error; i++)
        t->inputs[i] = read_uint(r, UINT64_MAX);
    t->prompt = count >= 10 && read_small(r, 1);
    if (count == 11)
        read_mishaps(r, t);
    r->named = !r->error;
    t->deviations =
        read_table(r, CBOR_ARRAY, TRACE_DEVIATIONS_MAX, sizeof *t->deviations, &t->deviation_count);
    for (uint32_t i = 0; i < t->deviation_count && !r->error; i++) {
        read_shape(r, CBOR_ARRAY, 10);
        t->deviations[i].usual = read_event(r, t);
        t->deviations[i].taken = read_event(r, t);
        r->whole += !r->error;
    }
    read_shape(r, CBOR_ARRAY, 3);
    t->failure_kind = read_small(r, 255);
    t->failure_word = read_small(r, 255);
    t->failure_site = read_small(r, t->site_count ? t->site_count - 1 : 0);
    t->events = read_uint(r, UINT64_MAX);
    t->last = read_hash(r);
    t->strategy = read_text(r);
}

static enum trace_error read_all(struct reader *r, const void *bytes, size_t len,
                                 struct trace *out) {
    *out = (struct trace){0};
    if (len > TRACE_BYTES_MAX)
        return TRACE_TOO_BIG;
    *r = (struct reader){.in = {bytes, len, 0}};
    read_header(r, out);
    read_body(r, out);
    size_t covered = r->in.at;
    uint64_t check = read_hash(r);
    if (!r->error && (check != XXH3_64bits(bytes, covered) || r->in.at != len))
        fail(r, TRACE_DAMAGED);
    return r->error;
}

enum trace_error trace_read(const void *bytes, size_t len, struct trace *out) {
    struct reader r;
    enum trace_error error = read_all(&r, bytes, len, out);
    if (error)
        trace_free(out);
    return error;
}

enum trace_error trace_salvage(const void *bytes, size_t len, struct trace *out) {
    struct reader r;
    enum trace_error error = read_all(&r, bytes, len, out);
    bool damaged = error == TRACE_CUT || error == TRACE_DAMAGED;
    if (damaged && r.named) {
        out->deviation_count = r.whole;
        error = TRACE_OK;
    }
    if (error)
        trace_free(out);
    return error;
}

void trace_free(struct trace *t) {
    free(t->params);
    free(t->strings);
    free(t->sites);
    free(t->actors);
    free(t->inputs);
    free(t->mishaps);
    free(t->deviations);
    *t = (struct trace){0};
}

// ---- writing ------------------------------------------------------------------------------------

static void put_hash(struct cbor_out *o, uint64_t hash) {
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(hash >> (56 - 8 * i));
    cbor_put_bytes(o, bytes, 8);
}

static void put_event(struct cbor_out *o, const struct trace_event *e) {
    cbor_put_uint(o, e->to);
    cbor_put_uint(o, e->kind);
    cbor_put_uint(o, e->from);
    cbor_put_uint(o, e->site);
    cbor_put_uint(o, e->occurrence);
}

static void put_header(struct cbor_out *o, const struct trace *t) {
    cbor_put_array(o, 7);
    cbor_put_string(o, magic);
    cbor_put_uint(o, TRACE_VERSION);
    put_hash(o, t->mir);
    cbor_put_text(o, t->program.at, t->program.len);
    cbor_put_text(o, t->test.at, t->test.len);
    cbor_put_uint(o, t->seed);
    cbor_put_map(o, t->param_count);
    for (uint32_t i = 0; i < t->param_count; i++) {
        cbor_put_text(o, t->params[i].name.at, t->params[i].name.len);
        cbor_put_text(o, t->params[i].value.at, t->params[i].value.len);
    }
}

static void put_names(struct cbor_out *o, const struct trace *t) {
    cbor_put_array(o, t->string_count - 1);
    for (uint32_t i = 1; i < t->string_count; i++)
        cbor_put_text(o, t->strings[i].at, t->strings[i].len);
    cbor_put_array(o, t->site_count);
    for (uint32_t i = 0; i < t->site_count; i++) {
        cbor_put_array(o, 3);
        cbor_put_uint(o, t->sites[i].function);
        cbor_put_uint(o, t->sites[i].operation);
        cbor_put_uint(o, t->sites[i].ordinal);
    }
    cbor_put_array(o, t->actor_count);
    for (uint32_t i = 0; i < t->actor_count; i++) {
        cbor_put_array(o, 3);
        cbor_put_uint(o, t->actors[i].parent);
        cbor_put_uint(o, t->actors[i].site);
        cbor_put_uint(o, t->actors[i].count);
    }
}

static void put_mishaps(struct cbor_out *o, const struct trace *t) {
    cbor_put_array(o, t->mishap_count);
    for (uint32_t i = 0; i < t->mishap_count; i++) {
        cbor_put_array(o, 4);
        cbor_put_uint(o, t->mishaps[i].kind);
        cbor_put_uint(o, t->mishaps[i].home);
        cbor_put_uint(o, t->mishaps[i].site);
        cbor_put_uint(o, t->mishaps[i].occurrence);
    }
}

static void put_deviations(struct cbor_out *o, const struct trace *t) {
    cbor_put_array(o, t->deviation_count);
    for (uint32_t i = 0; i < t->deviation_count; i++) {
        cbor_put_array(o, 10);
        put_event(o, &t->deviations[i].usual);
        put_event(o, &t->deviations[i].taken);
    }
}

void trace_write(const struct trace *t, struct cbor_out *o) {
    assert(t->string_count > 0 && t->site_count > 0);
    assert(t->strings[0].len == t->test.len && !memcmp(t->strings[0].at, t->test.at, t->test.len));
    put_header(o, t);
    cbor_put_array(o, t->has_mishaps ? 11 : t->prompt ? 10 : 9);
    put_names(o, t);
    cbor_put_array(o, t->input_count);
    for (uint32_t i = 0; i < t->input_count; i++)
        cbor_put_uint(o, t->inputs[i]);
    if (t->prompt || t->has_mishaps)
        cbor_put_uint(o, t->prompt);
    if (t->has_mishaps)
        put_mishaps(o, t);
    put_deviations(o, t);
    cbor_put_array(o, 3);
    cbor_put_uint(o, t->failure_kind);
    cbor_put_uint(o, t->failure_word);
    cbor_put_uint(o, t->failure_site);
    cbor_put_uint(o, t->events);
    put_hash(o, t->last);
    cbor_put_text(o, t->strategy.at, t->strategy.len);
    put_hash(o, XXH3_64bits(o->bytes, o->len));
}

uint32_t trace_site(struct trace *t, const char *function, const char *operation,
                    uint32_t ordinal) {
    struct trace_site site = {trace_string(t, function), trace_string(t, operation), ordinal};
    for (uint32_t i = 0; i < t->site_count; i++)
        if (!memcmp(&t->sites[i], &site, sizeof site))
            return i;
    t->sites = realloc(t->sites, (t->site_count + 1) * sizeof *t->sites);
    if (!t->sites)
        abort();
    t->sites[t->site_count] = site;
    return t->site_count++;
}

uint32_t trace_string(struct trace *t, const char *terminated) {
    size_t len = strlen(terminated);
    len = len < TRACE_STRING_BYTES_MAX ? len : TRACE_STRING_BYTES_MAX;
    for (uint32_t i = 0; i < t->string_count; i++)
        if (t->strings[i].len == len && !memcmp(t->strings[i].at, terminated, len))
            return i;
    t->strings = realloc(t->strings, (t->string_count + 1) * sizeof *t->strings);
    if (!t->strings)
        abort();
    t->strings[t->string_count] = (struct trace_text){terminated, (uint32_t)len};
    return t->string_count++;
}
