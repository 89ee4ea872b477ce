// SPDX-License-Identifier: MIT
// The lexer. It works on a copy of the text that ends in zeros, so that looking ahead needs no
// bounds; a zero before the end is an unexpected character like any other.
//
// Each scan_ function is called with `at` on the first byte of what it reads, and leaves it behind
// the last. Names are ASCII; everything else in UTF-8 may stand in strings and comments.
#include "frontend/syntax/lexer.h"

#include <assert.h>
#include <stdlib.h>

enum {
    LOOK_AHEAD_BYTES = 8,
    WORD_SLOTS = 512,
    WORD_BYTES_MAX = 14,
    TOKEN_BYTES_USUAL = 3,
    TOKENS_MAX = 1 << 24, // of a file; more would need more memory than lists can count
};

struct lexer {
    const unsigned char *text; // with LOOK_AHEAD_BYTES zeros behind it
    int32_t at, len;
    bool on_new_line;
    const struct source *source;
    struct diag_sink *sink;
    struct arena *arena;
    struct {
        struct token *at;
        int32_t len, cap;
    } tokens;
    uint8_t words[WORD_SLOTS]; // the kinds of keywords and contextual words by hash, 0 if none
};

// ---- the words ----------------------------------------------------------------------------------

static const struct {
    const char *text;
    uint8_t len;
} token_texts[TOKEN_KIND_COUNT] = {
#define TOKEN(name, text)   {text, sizeof(text) - 1},
#define KEYWORD(name, text) {text, sizeof(text) - 1},
#define WORD(name, text)    {text, sizeof(text) - 1},
#include "frontend/syntax/tokens.def"
};

const char *token_text(enum token_kind kind) {
    assert(kind < TOKEN_KIND_COUNT);
    return token_texts[kind].text;
}

// Words have at least two letters.
static uint32_t word_hash(const unsigned char *s, int32_t len) {
    return (uint32_t)(s[0] * 31u + s[1] * 7u + s[len - 1] * 3u + (uint32_t)len * 17u);
}

static void words_fill(struct lexer *l) {
    for (int kind = 0; kind < TOKEN_KIND_COUNT; kind++) {
        if (!token_is_keyword(kind) && kind <= TOKEN_NAME)
            continue;
        assert(token_texts[kind].len <= WORD_BYTES_MAX);
        uint32_t slot =
            word_hash((const unsigned char *)token_texts[kind].text, token_texts[kind].len);
        while (l->words[slot % WORD_SLOTS])
            slot++;
        l->words[slot % WORD_SLOTS] = (uint8_t)kind;
    }
}

static enum token_kind word_kind(const struct lexer *l, const unsigned char *s, int32_t len) {
    if (len < 2 || len > WORD_BYTES_MAX)
        return TOKEN_NAME;
    for (uint32_t slot = word_hash(s, len);; slot++) {
        uint8_t kind = l->words[slot % WORD_SLOTS];
        if (!kind)
            return TOKEN_NAME;
        if (token_texts[kind].len == len && memcmp(token_texts[kind].text, s, (size_t)len) == 0)
            return kind;
    }
}

// ---- classes of bytes ---------------------------------------------------------------------------

enum { IS_NAME_START = 1, IS_DIGIT = 2, IS_SPACE = 4, IS_HEX = 8 };

#define S IS_SPACE
#define N IS_NAME_START
#define D (IS_DIGIT | IS_HEX)
#define H (IS_NAME_START | IS_HEX)
static const uint8_t class_of[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, S, S, 0, 0, S, 0, 0, // tab, newline, carriage return
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //
    S, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // space
    D, D, D, D, D, D, D, D, D, D, 0, 0, 0, 0, 0, 0, // 0-9
    0, H, H, H, H, H, H, N, N, N, N, N, N, N, N, N, // A-O
    N, N, N, N, N, N, N, N, N, N, N, 0, 0, 0, 0, N, // P-Z _
    0, H, H, H, H, H, H, N, N, N, N, N, N, N, N, N, // a-o
    N, N, N, N, N, N, N, N, N, N, N, 0, 0, 0, 0, 0, // p-z
};
#undef S
#undef N
#undef D
#undef H

static bool is(unsigned char c, int classes) {
    return class_of[c] & classes;
}

// ---- complaints and tokens ----------------------------------------------------------------------

static struct span span_of(const struct lexer *l, int32_t start, int32_t end) {
    return (struct span){l->source, start, end};
}

static void add(struct lexer *l, enum token_kind kind, int32_t start) {
    struct token token = {start, l->at, (uint8_t)kind, l->on_new_line};
    vec_push(l->arena, &l->tokens, token);
    l->on_new_line = false;
}

// ---- space and comments -------------------------------------------------------------------------

static void scan_line_comment(struct lexer *l) {
    const unsigned char *end = memchr(l->text + l->at, '\n', (size_t)(l->len - l->at));
    l->at = end ? (int32_t)(end - l->text) : l->len;
}

// Comments nest.
static void scan_block_comment(struct lexer *l) {
    int32_t start = l->at, open = 0;
    do {
        const unsigned char *s = l->text + l->at;
        if (l->at >= l->len) {
            struct diag *d = diag_add(l->sink, P1012, span_of(l, start, start + 2),
                                      "this comment is not closed");
            diag_primary(l->sink, d, "it begins here and needs a `*/`");
            add(l, TOKEN_WRONG, start);
            return;
        }
        if (s[0] == '\n')
            l->on_new_line = true;
        bool opens = s[0] == '/' && s[1] == '*', closes = s[0] == '*' && s[1] == '/';
        open += opens - closes;
        l->at += opens || closes ? 2 : 1;
    } while (open);
}

// Eight bytes at once; behind the text stand LOOK_AHEAD_BYTES zeros.
static uint64_t eight_bytes(const unsigned char *s) {
    uint64_t bytes;
    memcpy(&bytes, s, sizeof bytes);
    return bytes;
}

// The blanks that indent a line are most of the space there is.
static const unsigned char *skip_blanks(const unsigned char *s) {
    while (eight_bytes(s) == 0x2020202020202020u)
        s += 8;
    while (*s == ' ')
        s++;
    return s;
}

static void skip_space(struct lexer *l) {
    for (;;) {
        const unsigned char *s = l->text + l->at;
        if (is(s[0], IS_SPACE)) {
            if (s[0] == '\n')
                l->on_new_line = true;
            l->at = (int32_t)(skip_blanks(s + 1) - l->text);
        } else if (s[0] == '/' && s[1] == '/') {
            scan_line_comment(l);
        } else if (s[0] == '/' && s[1] == '*') {
            scan_block_comment(l);
        } else {
            return;
        }
    }
}

// ---- names and numbers --------------------------------------------------------------------------

// Of a name that is too long only the beginning goes on.
static void scan_name(struct lexer *l) {
    int32_t start = l->at;
    while (is(l->text[l->at], IS_NAME_START | IS_DIGIT))
        l->at++;
    int32_t end = l->at;
    if (end - start > LEXER_NAME_BYTES_MAX) {
        l->at = start + LEXER_NAME_BYTES_MAX;
        struct diag *d = diag_add(l->sink, P1031, span_of(l, start, l->at),
                                  "this name has %d bytes", (int)(end - start));
        diag_primary(l->sink, d, "a name has at most %d", LEXER_NAME_BYTES_MAX);
    }
    add(l, word_kind(l, l->text + start, l->at - start), start);
    l->at = end;
}

static void scan_digits(struct lexer *l, int classes) {
    while (is(l->text[l->at], classes) || l->text[l->at] == '_')
        l->at++;
}

// A name that sticks to a number: `30seconds`, `1u8`, `0xfg`.
static void number_tail(struct lexer *l, int32_t start) {
    int32_t tail = l->at;
    if (!is(l->text[l->at], IS_NAME_START))
        return;
    while (is(l->text[l->at], IS_NAME_START | IS_DIGIT))
        l->at++;
    struct str number = {(const char *)l->text + start, (size_t)(tail - start)};
    struct str name = {(const char *)l->text + tail, (size_t)(l->at - tail)};
    struct diag *d =
        diag_add(l->sink, P1010, span_of(l, tail, l->at), "`%.*s` cannot follow a number directly",
                 name.len > LEXER_NAME_BYTES_MAX ? LEXER_NAME_BYTES_MAX : (int)name.len, name.data);
    bool is_type =
        strchr("iuf", name.data[0]) && name.len > 1 && is((unsigned char)name.data[1], IS_DIGIT);
    struct str text =
        is_type ? str_format(l->sink->arena, "%.*s(%.*s)", STR_ARGS(name), STR_ARGS(number))
                : str_format(l->sink->arena, "%.*s.%.*s", STR_ARGS(number), STR_ARGS(name));
    diag_fix(l->sink, d, span_of(l, start, l->at), text, "write `%.*s`", STR_ARGS(text));
}

static void scan_radix_number(struct lexer *l, int classes) {
    int32_t start = l->at;
    l->at += 2;
    scan_digits(l, classes);
    if (l->at > start + 2) {
        number_tail(l, start);
    } else {
        diag_add(l->sink, P1010, span_of(l, start, l->at), "digits are missing after `0%c`",
                 l->text[start + 1]);
        scan_digits(l, IS_NAME_START | IS_DIGIT);
    }
    add(l, TOKEN_INT, start);
}

// A `.` after digits is a fraction only before a digit: `30.seconds`, `0..10`.
static void scan_number(struct lexer *l) {
    const unsigned char *s = l->text + l->at;
    if (s[0] == '0' && (s[1] == 'x' || s[1] == 'b' || s[1] == 'o')) {
        scan_radix_number(l, s[1] == 'x' ? IS_HEX : IS_DIGIT);
        return;
    }
    int32_t start = l->at;
    enum token_kind kind = TOKEN_INT;
    scan_digits(l, IS_DIGIT);
    s = l->text + l->at;
    if (s[0] == '.' && is(s[1], IS_DIGIT)) {
        kind = TOKEN_FLOAT;
        l->at++;
        scan_digits(l, IS_DIGIT);
        s = l->text + l->at;
    }
    bool is_signed = s[0] && (s[1] == '+' || s[1] == '-');
    if ((s[0] == 'e' || s[0] == 'E') && is(s[1 + is_signed], IS_DIGIT)) {
        kind = TOKEN_FLOAT;
        l->at += 1 + is_signed;
        scan_digits(l, IS_DIGIT);
    }
    number_tail(l, start);
    add(l, kind, start);
}

// ---- strings and characters ---------------------------------------------------------------------

static void string_unclosed(struct lexer *l, int32_t start, const char *closer) {
    struct diag *d =
        diag_add(l->sink, P1007, span_of(l, start, l->at), "this string is not closed");
    diag_primary(l->sink, d, "it needs a `%s`", closer);
    if (!closer[1])
        diag_note(l->sink, d, "a string ends on its line; `\"\"\"` begins one of several lines");
    add(l, TOKEN_WRONG, start); // who knows what of the rest it was to hold
}

// `"""` up to the next `"""`.
static void scan_long_string(struct lexer *l) {
    int32_t start = l->at;
    for (l->at += 3;; l->at++) {
        const unsigned char *s = l->text + l->at;
        if (s[0] == '"' && s[1] == '"' && s[2] == '"')
            break;
        if (l->at >= l->len) {
            string_unclosed(l, start, "\"\"\"");
            return;
        }
        if (s[0] == '\\' && s[1])
            l->at++;
    }
    l->at += 3;
    add(l, TOKEN_STRING, start);
}

static void scan_string(struct lexer *l) {
    if (l->text[l->at + 1] == '"' && l->text[l->at + 2] == '"') {
        scan_long_string(l);
        return;
    }
    int32_t start = l->at++;
    for (;; l->at++) {
        unsigned char c = l->text[l->at];
        if (c == '"') {
            l->at++;
            break;
        }
        if (c == '\n' || l->at >= l->len) {
            string_unclosed(l, start, "\"");
            return;
        }
        unsigned char next = l->text[l->at + 1];
        if (c == '\\' && next != '\n' && l->at + 1 < l->len)
            l->at++;
    }
    add(l, TOKEN_STRING, start);
}

// `'a'`, or `'outer`: a name that no `'` follows is a label.
static void scan_quote(struct lexer *l) {
    int32_t start = l->at++;
    const unsigned char *s = l->text + l->at;
    if (is(s[0], IS_NAME_START) && s[1] != '\'') {
        while (is(l->text[l->at], IS_NAME_START | IS_DIGIT))
            l->at++;
        bool is_label = l->text[l->at] != '\'';
        if (!is_label) {
            l->at++;
            struct diag *d = diag_add(l->sink, P1009, span_of(l, start, l->at),
                                      "a character literal holds one character");
            struct str inside = {(const char *)l->text + start + 1, (size_t)(l->at - start - 2)};
            struct str text = str_format(l->sink->arena, "\"%.*s\"", STR_ARGS(inside));
            diag_fix(l->sink, d, span_of(l, start, l->at), text, "make it a string");
        }
        add(l, is_label ? TOKEN_LABEL : TOKEN_CHAR, start);
        return;
    }
    while (l->text[l->at] != '\'' && l->text[l->at] != '\n' && l->at < l->len)
        l->at += l->text[l->at] == '\\' && l->at + 1 < l->len && l->text[l->at + 1] != '\n' ? 2 : 1;
    if (l->text[l->at] == '\'') {
        l->at++;
    } else {
        l->at = start + 1;
        diag_add(l->sink, P1009, span_of(l, start, l->at), "this character literal is not closed");
    }
    add(l, TOKEN_CHAR, start);
}

// ---- punctuation --------------------------------------------------------------------------------

static void take(struct lexer *l, enum token_kind kind, int32_t len) {
    int32_t start = l->at;
    l->at += len;
    add(l, kind, start);
}

// `op`, or `op=`.
static void take_op(struct lexer *l, enum token_kind plain, enum token_kind assign) {
    bool is_assign = l->text[l->at + 1] == '=';
    take(l, is_assign ? assign : plain, 1 + is_assign);
}

static void scan_dots(struct lexer *l) {
    const unsigned char *s = l->text + l->at;
    if (s[1] != '.')
        take(l, TOKEN_DOT, 1);
    else if (s[2] == '=')
        take(l, TOKEN_RANGE_INCLUSIVE, 3);
    else if (s[2] == '.')
        take(l, TOKEN_HOLE, 3);
    else
        take(l, TOKEN_RANGE, 2);
}

static void scan_less(struct lexer *l) {
    const unsigned char *s = l->text + l->at;
    if (s[1] == '<')
        take(l, s[2] == '=' ? TOKEN_ASSIGN_SHL : TOKEN_SHL, s[2] == '=' ? 3 : 2);
    else
        take_op(l, TOKEN_LT, TOKEN_LE);
}

// What people paste or mean when they write a character that Prism does not have.
static const char *meant_by(struct str s) {
    static const struct {
        const char *written, *meant;
    } table[] = {
        {"\xe2\x80\x98", "'"},   {"\xe2\x80\x99", "'"},
        {"\xe2\x80\x93", "-"},   {"\xe2\x88\x92", "-"},
        {"\xe2\x86\x92", "->"},  {"\xe2\x87\x92", "=>"},
        {"\xe2\x89\xa4", "<="},  {"\xe2\x89\xa5", ">="},
        {"\xe2\x89\xa0", "!="},  {"\xc2\xa0", " "},
        {"\xe2\x80\xa6", "..."}, {"\xc3\x97", "*"},
        {"\xcd\xbe", ";"},       {"#", "//"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (str_is(s, table[i].written))
            return table[i].meant;
    return NULL;
}

static bool is_unexpected(unsigned char c) {
    return c >= 0x80 || c == '#' || c == '$' || c == '`' || c == '~' || c == '\\' || c == 0x7f ||
           (c < ' ' && !is(c, IS_SPACE));
}

// A string in typographic quotes: up to the closing one on its line.
static bool scan_typographic_string(struct lexer *l) {
    int32_t start = l->at, end = start + 3;
    if (memcmp(l->text + start, "\xe2\x80\x9c", 3) != 0)
        return false;
    while (end < l->len && l->text[end] != '\n' && memcmp(l->text + end, "\xe2\x80\x9d", 3) != 0)
        end++;
    struct str inside = {(const char *)l->text + start + 3, (size_t)(end - start - 3)};
    l->at = end < l->len && l->text[end] != '\n' ? end + 3 : end;
    struct diag *d =
        diag_add(l->sink, P1002, span_of(l, start, l->at), "typographic quotes mean nothing here");
    struct str text = str_format(l->sink->arena, "\"%.*s\"", STR_ARGS(inside));
    diag_fix(l->sink, d, span_of(l, start, l->at), text, "write plain quotes");
    add(l, TOKEN_WRONG, start);
    return true;
}

// One message for a run of such characters.
static void scan_unexpected(struct lexer *l) {
    int32_t start = l->at;
    const unsigned char *s = l->text + start;
    int first = utf8_sequence(s, (size_t)(l->len - start));
    if (scan_typographic_string(l))
        return;
    while (l->at < l->len && is_unexpected(l->text[l->at]))
        l->at++;
    if (!first) {
        add(l, TOKEN_WRONG, start); // utf8_check has spoken of it
        return;
    }
    struct str text = {(const char *)s, (size_t)first};
    const char *meant = meant_by(text);
    struct span span = span_of(l, start, l->at);
    struct diag *d;
    if (s[0] < ' ' || s[0] == 0x7f)
        d = diag_add(l->sink, P1002, span, "the byte 0x%02x cannot stand in a program", s[0]);
    else
        d = diag_add(l->sink, P1002, span, "`%.*s` means nothing here", STR_ARGS(text));
    if (meant)
        diag_fix(l->sink, d, span_of(l, start, start + first), str_from(meant), "write `%s`",
                 meant);
    else if (s[0] >= 0x80)
        diag_note(l->sink, d,
                  "names are made of letters a-z and A-Z, digits and `_`; strings and "
                  "comments may hold anything");
    if (s[0] == '#')
        scan_line_comment(l);
    else if (!meant || meant[0] != ' ')
        add(l, TOKEN_WRONG, start);
}

static void scan_token(struct lexer *l) {
    const unsigned char *s = l->text + l->at;
    switch (s[0]) {
    case '(':
        take(l, TOKEN_LPAREN, 1);
        return;
    case ')':
        take(l, TOKEN_RPAREN, 1);
        return;
    case '[':
        take(l, TOKEN_LBRACKET, 1);
        return;
    case ']':
        take(l, TOKEN_RBRACKET, 1);
        return;
    case '{':
        take(l, TOKEN_LBRACE, 1);
        return;
    case '}':
        take(l, TOKEN_RBRACE, 1);
        return;
    case ',':
        take(l, TOKEN_COMMA, 1);
        return;
    case ';':
        take(l, TOKEN_SEMICOLON, 1);
        return;
    case '@':
        take(l, TOKEN_AT, 1);
        return;
    case '?':
        take(l, TOKEN_QUESTION, 1);
        return;
    case '>':
        take(l, TOKEN_GT, 1);
        return;
    case '"':
        scan_string(l);
        return;
    case '\'':
        scan_quote(l);
        return;
    case '.':
        scan_dots(l);
        return;
    case '<':
        scan_less(l);
        return;
    case '+':
        take_op(l, TOKEN_ADD, TOKEN_ASSIGN_ADD);
        return;
    case '*':
        take_op(l, TOKEN_MUL, TOKEN_ASSIGN_MUL);
        return;
    case '/':
        take_op(l, TOKEN_DIV, TOKEN_ASSIGN_DIV);
        return;
    case '%':
        take_op(l, TOKEN_REM, TOKEN_ASSIGN_REM);
        return;
    case '^':
        take_op(l, TOKEN_XOR, TOKEN_ASSIGN_XOR);
        return;
    case '!':
        take_op(l, TOKEN_NOT, TOKEN_NE);
        return;
    case ':':
        s[1] == ':' ? take(l, TOKEN_PATH, 2) : take(l, TOKEN_COLON, 1);
        return;
    case '=':
        s[1] == '>' ? take(l, TOKEN_FAT_ARROW, 2) : take_op(l, TOKEN_ASSIGN, TOKEN_EQ);
        return;
    case '-':
        s[1] == '>' ? take(l, TOKEN_ARROW, 2) : take_op(l, TOKEN_SUB, TOKEN_ASSIGN_SUB);
        return;
    case '&':
        s[1] == '&' ? take(l, TOKEN_AND_AND, 2) : take_op(l, TOKEN_AND, TOKEN_ASSIGN_AND);
        return;
    case '|':
        s[1] == '|' ? take(l, TOKEN_OR_OR, 2) : take_op(l, TOKEN_OR, TOKEN_ASSIGN_OR);
        return;
    default:
        scan_unexpected(l);
        return;
    }
}

// ---- UTF-8 --------------------------------------------------------------------------------------

int utf8_sequence(const unsigned char *s, size_t available) {
    if (!available)
        return 0;
    if (s[0] < 0x80)
        return 1;
    int len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || (size_t)len > available)
        return 0;
    for (int i = 1; i < len; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool is_overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool is_surrogate = s[0] == 0xed && s[1] > 0x9f, is_beyond = s[0] == 0xf4 && s[1] > 0x8f;
    return is_overlong || is_surrogate || is_beyond ? 0 : len;
}

static bool is_ascii(const unsigned char *s, int32_t len) {
    uint64_t all = 0;
    for (int32_t i = 0; i < len; i += 8)
        all |= eight_bytes(s + i);
    return !(all & 0x8080808080808080u);
}

// One message for all bytes of the file that are not UTF-8, at the first of them.
static void utf8_check(struct lexer *l) {
    if (is_ascii(l->text, l->len))
        return;
    int32_t first = -1, count = 0;
    for (int32_t i = 0; i < l->len;) {
        int len = utf8_sequence(l->text + i, (size_t)(l->len - i));
        if (!len && !count++)
            first = i;
        i += len ? len : 1;
    }
    if (!count)
        return;
    struct diag *d =
        diag_add(l->sink, P1001, span_of(l, first, first + 1),
                 "this file is not UTF-8: the byte 0x%02x cannot stand here", l->text[first]);
    if (count > 1)
        diag_note(l->sink, d, "%d more bytes of this file are wrong as well", count - 1);
}

// ---- the whole ----------------------------------------------------------------------------------

// Takes space and one token, or leaves out what is wrong. False: the end.
static bool scan_next(struct lexer *l) {
    skip_space(l);
    unsigned char c = l->text[l->at];
    if (is(c, IS_NAME_START))
        scan_name(l);
    else if (is(c, IS_DIGIT))
        scan_number(l);
    else if (c || l->at < l->len)
        scan_token(l);
    else
        return false;
    return true;
}

static void too_large(struct lexer *l) {
    struct diag *d = diag_add(l->sink, P1030, span_of(l, l->at, l->at),
                              "this file holds more than %d tokens", TOKENS_MAX);
    diag_note(l->sink, d, "what follows this place was not read; split the file into modules");
}

struct token_list lex(struct arena *a, const struct source *source, struct diag_sink *sink) {
    assert(source->text.len <= BASE_FILE_BYTES_MAX);
    unsigned char *text = arena_alloc(a, source->text.len + LOOK_AHEAD_BYTES);
    if (source->text.len)
        memcpy(text, source->text.data, source->text.len);
    struct lexer l = {.text = text,
                      .len = (int32_t)source->text.len,
                      .on_new_line = true,
                      .source = source,
                      .sink = sink,
                      .arena = a};
    l.tokens.cap = l.len / TOKEN_BYTES_USUAL + 16;
    l.tokens.at = arena_array(a, struct token, l.tokens.cap);
    words_fill(&l);
    utf8_check(&l);
    if (memcmp(text, "\xef\xbb\xbf", 3) == 0)
        l.at = 3; // a byte order mark
    if (text[l.at] == '#' && text[l.at + 1] == '!')
        scan_line_comment(&l); // `#!/usr/bin/env -S prism run`
    while (l.tokens.len < TOKENS_MAX && scan_next(&l))
        ;
    if (l.tokens.len == TOKENS_MAX)
        too_large(&l);
    add(&l, TOKEN_END, l.at);
    return (struct token_list){l.tokens.at, l.tokens.len};
}
