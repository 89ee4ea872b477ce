// SPDX-License-Identifier: MIT
// lexer: bytes to tokens, all of a file at once. A token is its kind and its place; what a number
// or string means is read from its text when the parser takes it (literal.c).
#ifndef PRISM_SYNTAX_LEXER_H
#define PRISM_SYNTAX_LEXER_H

#include "frontend/diag/diag.h"

enum token_kind {
#define TOKEN(name, text)   TOKEN_##name,
#define KEYWORD(name, text) TOKEN_##name,
#define WORD(name, text)    TOKEN_##name,
#include "frontend/syntax/tokens.def"
    TOKEN_KIND_COUNT
};

struct token {
    int32_t start, end; // bytes of the source
    uint8_t kind;       // enum token_kind
    bool on_new_line;   // first of its line: where recovery may start again
};

// Longer names are refused, so that messages that show them stay short.
#define LEXER_NAME_BYTES_MAX 1000

// The tokens of a source, the last one being TOKEN_END; they live in `a`.
struct token_list {
    struct token *at;
    int32_t len;
};

// What is no token gets a diagnostic (P1001, P1002, P1007, P1009, P1010, P1012, P1030, P1031) and
// is TOKEN_WRONG, or stands for what it was most likely to be.
struct token_list lex(struct arena *a, const struct source *source, struct diag_sink *sink);

// The text of a kind of punctuation or word, or what such tokens are called.
const char *token_text(enum token_kind kind);
// The text is itself what one writes, as for `(`, and not a description, as for numbers.
static inline bool token_is_fixed(enum token_kind kind) {
    return kind > TOKEN_WRONG && kind != TOKEN_NAME;
}
// Any word may be a name except the keywords.
static inline bool token_is_name(enum token_kind kind) {
    return kind >= TOKEN_NAME;
}
static inline bool token_is_keyword(enum token_kind kind) {
    return kind >= TOKEN_ASYNC && kind <= TOKEN_WHILE;
}

// The length of the UTF-8 sequence at `s`, 1 to 4, or 0 if the bytes there are not valid UTF-8.
int utf8_sequence(const unsigned char *s, size_t available);

#endif
