// SPDX-License-Identifier: MIT
// Failures as values, and setting them off. What follows a failure (who is told, what restarts) is
// for runtime/actor; catching and raising again touch the strand and are there, too.
#include "runtime/value/value.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *word, *sentence;
} failures[] = {
#define FAILURE(name, word, sentence) {word, sentence},
#include "runtime/failures.def"
#undef FAILURE
};
enum { FAILURE_COUNT = sizeof failures / sizeof *failures };
static_assert(FAILURE_COUNT == PRISM_PANIC + 1, "abi.h and failures.def name the same failures");

const char *prism_failure_word(int64_t kind) {
    return kind >= 0 && kind < FAILURE_COUNT ? failures[kind].word : "unknown";
}

const char *prism_failure_sentence(int64_t kind) {
    return kind >= 0 && kind < FAILURE_COUNT ? failures[kind].sentence : "something unknown failed";
}

static prism_error *make(prism_cx *cx, int64_t kind, const char *text, const prism_site *site,
                         const prism_type *type, const void *own_value) {
    prism_error *e = prism_alloc(cx, sizeof *e + (type ? type->size : 0));
    *e = (prism_error){.count = 1, .kind = kind, .text = text, .site = site, .type = type};
    e->data_bytes = type ? type->size : 0;
    if (type)
        memcpy(e->data, own_value, type->size);
    return e;
}

prism_error *prism_error_make(prism_cx *cx, enum prism_failure_kind kind, const char *text,
                              const prism_site *site) {
    assert(kind != PRISM_NONE);
    return make(cx, kind, text, site, NULL, NULL);
}

prism_error *prism_error_new(prism_cx *cx, const prism_type *type, void *own_value,
                             const prism_site *site) {
    return make(cx, PRISM_USER, NULL, site, type, own_value);
}

// The words stand behind the error, terminated: `text` points there instead of at a literal.
static prism_error *make_worded(prism_cx *cx, int64_t kind, const void *words, size_t len,
                                const prism_site *site) {
    prism_error *e = prism_alloc(cx, sizeof *e + len + 1);
    *e = (prism_error){.count = 1, .kind = kind, .text = (const char *)e->data, .site = site};
    e->data_bytes = len + 1;
    if (len)
        memcpy(e->data, words, len);
    e->data[len] = 0;
    return e;
}

prism_error *prism_error_said(prism_cx *cx, enum prism_failure_kind kind, const prism_type *type,
                              void *own_text, const prism_site *site) {
    assert(kind != PRISM_NONE && (type->flags & PRISM_TEXT));
    const prism_buffer *bytes;
    memcpy(&bytes, (const char *)own_text + type->fields[0].offset, sizeof bytes);
    prism_error *e =
        make_worded(cx, kind, bytes ? bytes->data : NULL, prism_buffer_len(bytes), site);
    prism_drop(cx, type, own_text);
    return e;
}

prism_error *prism_error_as(prism_cx *cx, enum prism_failure_kind kind, const prism_error *lend) {
    assert(kind != PRISM_NONE);
    const char *text = lend->text ? lend->text : prism_failure_sentence(lend->kind);
    if (text == (const char *)lend->data)
        return make_worded(cx, kind, text, strlen(text), lend->site);
    return make(cx, kind, text, lend->site, NULL, NULL);
}

void prism_trap(prism_cx *cx, enum prism_failure_kind kind, const char *text,
                const prism_site *site) {
    assert(!cx->failure);
    cx->failure = prism_error_make(cx, kind, text, site);
}

int64_t prism_error_kind(const prism_error *lend) {
    return lend ? lend->kind : PRISM_NONE;
}

bool prism_error_is(const prism_error *lend, const prism_type *type) {
    return lend && lend->type == type;
}

void prism_error_get(prism_cx *cx, const prism_error *lend, const prism_type *type, void *out) {
    assert(prism_error_is(lend, type));
    memcpy(out, lend->data, type->size);
    prism_dup(cx, type, out);
}
