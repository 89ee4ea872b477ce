// SPDX-License-Identifier: MIT
// The reader of MIR text, in three files: scan.c (characters to words), parse_body.c (blocks and
// what is in them), parse.c (all above). Functions are named after what they read.
//
// There are no tokens: a function of scan.c looks at the characters at hand, since what a character
// means depends on where it stands (`Counter.0` is a message, `_0.0` a field). After an error
// `failed` is set, and everything returns quickly until parse.c has found the next item.
#ifndef PRISM_MIR_PARSE_H
#define PRISM_MIR_PARSE_H

#include "frontend/mir/inner.h"

struct parser {
    struct arena *arena;
    const struct source *source;
    struct diag_sink *sink;
    struct mir_module *module;
    struct str text;
    size_t at;
    bool failed;                   // the item at hand is wrong, and it has been said
    bool in_line;                  // a line's end is no blank: inside a block
    int32_t depth;                 // of nested types or operands
    struct mir_function *function; // the one at hand
    struct map declared;           // types by name
};

// ---- scan.c -------------------------------------------------------------------------------------

// Says what is wrong with the text from `from` to the place at hand.
void mir_scan_error(struct parser *p, size_t from, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// The next character that is no blank, 0 at the end (of the line, in a block).
char mir_scan_peek(struct parser *p);
// The place of the next character that is no blank.
size_t mir_scan_place(struct parser *p);
bool mir_scan_accept(struct parser *p, const char *mark);
void mir_scan_expect(struct parser *p, const char *mark);
// The word that comes next, without taking it; empty if what comes is no word.
struct str mir_scan_peek_word(struct parser *p);
bool mir_scan_accept_word(struct parser *p, const char *word);
void mir_scan_expect_word(struct parser *p, const char *word);
// Does `_7` or `self` come next?
bool mir_scan_peek_place(struct parser *p);
// A name, interned; "" after an error.
const char *mir_scan_name(struct parser *p);
// A number of at most `max`, digits at once.
int32_t mir_scan_number(struct parser *p, int32_t max);
// "_7" and "bb7".
int32_t mir_scan_local(struct parser *p);
int32_t mir_scan_block(struct parser *p);
// "…" with escapes.
struct str mir_scan_string(struct parser *p);
// The same, without the byte 0, interned.
const char *mir_scan_string_name(struct parser *p);
uint32_t mir_scan_char(struct parser *p);
// [-] digits, and for floats fraction and exponent, or inf or nan; up to the `_`.
struct str mir_scan_digits(struct parser *p);
// An integer of that type, bits sign-extended, from digits.
uint64_t mir_scan_integer(struct parser *p, size_t from, struct str digits,
                          enum mir_type_kind kind);
// ["@" FILE:LINE:COLUMN]
struct mir_loc mir_scan_location(struct parser *p);

// ---- parse_body.c -------------------------------------------------------------------------------

struct mir_operand mir_parse_const(struct parser *p);
// { block }, up to the brace.
void mir_parse_blocks(struct parser *p);

// ---- parse.c ------------------------------------------------------------------------------------

struct mir_type *mir_parse_type(struct parser *p);

#endif
