// SPDX-License-Identifier: MIT
// trace: a failing run as a small file; docs/trace.cddl describes it. Nothing here knows of worlds
// or programs: the simulator makes and follows traces, `prism` and the checker read them.
#ifndef PRISM_TRACE_H
#define PRISM_TRACE_H

#include "runtime/trace/cbor.h"

#define TRACE_VERSION          2
#define TRACE_BYTES_MAX        ((size_t)16 << 20)
#define TRACE_STRINGS_MAX      65535
#define TRACE_STRING_BYTES_MAX 4096
#define TRACE_DEVIATIONS_MAX   1000000
#define TRACE_INPUTS_MAX       65536
#define TRACE_MISHAPS_MAX      65536

// Not terminated; points into the bytes that were read, or at what the writer was given.
struct trace_text {
    const char *at;
    uint32_t len;
};

// Numbers of strings, sites, actors as in docs/trace.cddl.
struct trace_site {
    uint32_t function, operation, ordinal;
};
struct trace_actor {
    uint32_t parent, site, count;
};
struct trace_event {
    uint32_t to, kind, from, site, occurrence;
};
struct trace_deviation {
    struct trace_event usual, taken;
};
// A fault within a segment of an actor: its kind, the place, and which one of those there.
struct trace_mishap {
    uint32_t kind, home, site, occurrence;
};
struct trace_param {
    struct trace_text name, value;
};

struct trace {
    uint64_t mir;
    struct trace_text program, test, strategy;
    uint64_t seed;
    struct trace_param *params;
    struct trace_text *strings;
    struct trace_site *sites;
    struct trace_actor *actors; // actors[0] has number 1
    struct trace_deviation *deviations;
    uint64_t *inputs; // the choices that generated inputs were made of
    uint32_t input_count;
    bool prompt;      // services answered at once
    bool has_mishaps; // else they follow from the seed
    struct trace_mishap *mishaps;
    uint32_t mishap_count;
    uint32_t param_count, string_count, site_count, actor_count, deviation_count;
    uint32_t failure_kind, failure_word, failure_site;
    uint64_t events, last; // events of the run, and their rolling hash
};

enum trace_error {
    TRACE_OK,
    TRACE_FOREIGN, // not a trace at all
    TRACE_NEWER,   // of a version that is not known
    TRACE_CUT,     // it ends in the middle
    TRACE_DAMAGED, // the checksum or the form is wrong
    TRACE_TOO_BIG,
    TRACE_IO, // errno says what
};
const char *trace_error_text(enum trace_error e);

// Reads a whole trace. The arrays are malloc'ed, texts point into `bytes`, which must outlive the
// trace. On an error *out is empty.
enum trace_error trace_read(const void *bytes, size_t len, struct trace *out);
// The same of a damaged trace: what is whole of it, at least the header and the names. Its failure
// is unknown (kind 0) where the bytes do not reach that far; nothing was checked.
enum trace_error trace_salvage(const void *bytes, size_t len, struct trace *out);
void trace_free(struct trace *t);
void trace_write(const struct trace *t, struct cbor_out *out);

// Whole files; `bytes` is malloc'ed. Saving writes to a temporary name beside it and renames it.
enum trace_error trace_load(const char *path, void **bytes, size_t *len);
enum trace_error trace_save(const char *path, const void *bytes, size_t len);

// The number of a string in a trace that is being made; adds it if it is new. Arrays grow by
// realloc.
uint32_t trace_string(struct trace *t, const char *terminated);
// The same for a site.
uint32_t trace_site(struct trace *t, const char *function, const char *operation, uint32_t ordinal);

#endif
