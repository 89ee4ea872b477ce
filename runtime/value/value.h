// SPDX-License-Identifier: MIT
// value: what a Prism value is made of at run time, by descriptor: counts, buffers, closures,
// errors, and the walks over them. Nothing here knows of actors, time or threads; the entry points
// that generated code calls are declared in runtime/abi.h, this header has what the runtimes need
// besides.
//
//   count.c    dup, drop, share        steps.h   the explicit stack of all other walks
//   buffer.c   copied on write         compare.c equal, compare
//   error.c    failures as values      hash.c    hash
//   data.h     JSON and CBOR           show.c, number.c   `{}`
//   measure.c  how many bytes
#ifndef PRISM_VALUE_H
#define PRISM_VALUE_H

#include "runtime/abi.h"

// ---- what the runtimes implement ------------------------------------------------------------

// prism_alloc and prism_free (abi.h), and:
// A block of `bytes` with room for `wanted`, which are more: what it held, perhaps elsewhere.
void *prism_grow(prism_cx *cx, void *memory, size_t bytes, size_t wanted);
// A number for the handle in `value` (of kind REF, REPLY, FUTURE, SCOPE or TOKEN) that is the same
// in every run of the same schedule, never an address; 0 for the zero value. Orders, hashes and
// prints handles.
uint64_t prism_identity(const prism_type *type, const void *value);

// ---- errors ---------------------------------------------------------------------------------

// Counted as buffers are; immutable.
struct prism_error {
    int64_t count;
    int64_t kind;           // enum prism_failure_kind
    const char *text;       // static, or words of its own in data, or NULL
    const prism_site *site; // where it was raised, or NULL
    const prism_type *type; // of the value in data, or NULL without one
    size_t data_bytes;
    _Alignas(16) unsigned char data[];
};

// A failure as a value, owned by the caller; `text` is static or NULL.
prism_error *prism_error_make(prism_cx *cx, enum prism_failure_kind kind, const char *text,
                              const prism_site *site);
// What the failure says, said of another kind: of a crash by those who waited.
prism_error *prism_error_as(prism_cx *cx, enum prism_failure_kind kind, const prism_error *lend);
// The word and the sentence of failures.def.
// Does it say that the program is wrong, whoever catches it?
static inline bool prism_failure_is_wrong(int64_t kind) {
    return kind == PRISM_ASSERT || kind == PRISM_INVARIANT || kind == PRISM_MONITOR ||
           kind == PRISM_HISTORY;
}
const char *prism_failure_word(int64_t kind);
const char *prism_failure_sentence(int64_t kind);
// What happened, for people: the sentence of its kind, then what it says or carries. A buffer of
// u8.
prism_buffer *prism_error_report(prism_cx *cx, const prism_error *lend);
// Readies an error to leave its home, as prism_share does.
void prism_error_share(prism_cx *cx, prism_error *lend);

// ---- text -----------------------------------------------------------------------------------

extern const prism_type prism_type_u8;

bool prism_text_is_utf8(const void *bytes, size_t count);
// Appends bytes to a buffer of u8 that the caller owns.
void prism_text_put(prism_cx *cx, prism_buffer **text, const void *bytes, size_t count);

#define PRISM_NUMBER_BYTES 40
// Writes a number in decimal without a terminator; returns how many bytes. Floats get the fewest
// digits that read back to the same value, the nearest of these; "1.0", "1e+300", "inf", "nan".
int prism_number_i64(int64_t value, char out[PRISM_NUMBER_BYTES]);
int prism_number_u64(uint64_t value, char out[PRISM_NUMBER_BYTES]);
int prism_number_f64(double value, char out[PRISM_NUMBER_BYTES]);
int prism_number_f32(float value, char out[PRISM_NUMBER_BYTES]);
// The float nearest to a decimal as JSON writes them, a tie to the even one; false: beyond the
// largest.
bool prism_number_read(const char *text, size_t len, bool is_single, double *out);

// The beginning of what prism_show gives: at least `bytes` of it, if it has as many. It costs what
// is shown, not what is there.
prism_buffer *prism_show_head(prism_cx *cx, const prism_type *type, const void *value,
                              uint64_t bytes);

#endif
