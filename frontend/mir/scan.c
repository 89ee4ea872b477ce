// SPDX-License-Identifier: MIT
// Characters of MIR text to words, names, numbers and strings.
#include "frontend/mir/parse.h"

#include <inttypes.h>

void mir_scan_error(struct parser *p, size_t from, const char *format, ...) {
    if (p->failed)
        return;
    p->failed = true;
    char sentence[400];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    size_t end = p->at > from ? p->at : from < p->text.len ? from + 1 : from;
    struct span span = {p->source, (int32_t)from, (int32_t)end};
    diag_add(p->sink, P9001, span, "%s", sentence);
}

static char char_at(const struct parser *p, size_t at) {
    return at < p->text.len ? p->text.data[at] : 0;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_word_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

static void skip_blanks(struct parser *p) {
    for (; p->at < p->text.len; p->at++) {
        char c = p->text.data[p->at];
        if (c == ';') {
            while (p->at + 1 < p->text.len && p->text.data[p->at + 1] != '\n')
                p->at++;
        } else if (c != ' ' && (c != '\n' || p->in_line)) {
            return;
        }
    }
}

char mir_scan_peek(struct parser *p) {
    skip_blanks(p);
    return char_at(p, p->at);
}

size_t mir_scan_place(struct parser *p) {
    skip_blanks(p);
    return p->at;
}

bool mir_scan_accept(struct parser *p, const char *mark) {
    size_t at = mir_scan_place(p), len = strlen(mark);
    if (p->failed || p->text.len - at < len || memcmp(p->text.data + at, mark, len) != 0)
        return false;
    p->at += len;
    return true;
}

void mir_scan_expect(struct parser *p, const char *mark) {
    if (!mir_scan_accept(p, mark))
        mir_scan_error(p, mir_scan_place(p), "here `%s` has to stand", mark);
}

struct str mir_scan_peek_word(struct parser *p) {
    size_t at = mir_scan_place(p), end = at;
    if (p->failed || !is_word_start(char_at(p, at)) ||
        (char_at(p, at) == '_' && is_digit(char_at(p, at + 1))))
        return (struct str){0};
    while (is_word_start(char_at(p, end)) || is_digit(char_at(p, end)) || char_at(p, end) == '.') {
        if (end - at == 4 && char_at(p, end) == '.' && is_digit(char_at(p, end + 1)) &&
            memcmp(p->text.data + at, "self", 4) == 0)
            break; // a field of the place `self`
        end++;
    }
    return (struct str){p->text.data + at, end - at};
}

bool mir_scan_accept_word(struct parser *p, const char *word) {
    struct str next = mir_scan_peek_word(p);
    if (!str_is(next, word))
        return false;
    p->at += next.len;
    return true;
}

void mir_scan_expect_word(struct parser *p, const char *word) {
    if (!mir_scan_accept_word(p, word))
        mir_scan_error(p, mir_scan_place(p), "here `%s` has to stand", word);
}

bool mir_scan_peek_place(struct parser *p) {
    if (mir_scan_peek(p) == '_' && is_digit(char_at(p, p->at + 1)))
        return true;
    return str_is(mir_scan_peek_word(p), "self");
}

// ---- numbers ------------------------------------------------------------------------------------

int32_t mir_scan_number(struct parser *p, int32_t max) {
    size_t from = p->at;
    int64_t value = 0;
    while (is_digit(char_at(p, p->at)) && value <= max)
        value = value * 10 + (p->text.data[p->at++] - '0');
    if (p->at == from)
        mir_scan_error(p, from, "here a number has to stand");
    else if (value > max)
        mir_scan_error(p, from, "this number is larger than %" PRId32, max);
    return p->failed ? 0 : (int32_t)value;
}

int32_t mir_scan_local(struct parser *p) {
    if (mir_scan_peek(p) != '_' || !is_digit(char_at(p, p->at + 1))) {
        mir_scan_error(p, mir_scan_place(p), "here a local such as `_0` has to stand");
        return 0;
    }
    p->at++;
    return mir_scan_number(p, MIR_NUMBER_MAX);
}

int32_t mir_scan_block(struct parser *p) {
    size_t at = mir_scan_place(p);
    if (char_at(p, at) != 'b' || char_at(p, at + 1) != 'b' || !is_digit(char_at(p, at + 2))) {
        mir_scan_error(p, at, "here a block such as `bb0` has to stand");
        return 0;
    }
    p->at += 2;
    return mir_scan_number(p, MIR_NUMBER_MAX);
}

struct str mir_scan_digits(struct parser *p) {
    size_t from = mir_scan_place(p);
    if (char_at(p, p->at) == '-')
        p->at++;
    if (char_at(p, p->at) == 'i' || char_at(p, p->at) == 'n') {
        struct str word = {p->text.data + p->at, p->text.len - p->at};
        if (str_starts(word, STR("inf_")) || str_starts(word, STR("nan_")))
            p->at += 3;
    }
    for (;; p->at++) {
        char c = char_at(p, p->at), before = p->at > from ? p->text.data[p->at - 1] : 0;
        bool sign = (c == '+' || c == '-') && (before == 'e' || before == 'E');
        if (!is_digit(c) && c != '.' && c != 'e' && c != 'E' && !sign)
            break;
    }
    return (struct str){p->text.data + from, p->at - from};
}

uint64_t mir_scan_integer(struct parser *p, size_t from, struct str digits,
                          enum mir_type_kind kind) {
    bool negative = digits.len && digits.data[0] == '-';
    uint64_t value = 0;
    bool fits = digits.len > (negative ? 1 : 0);
    for (size_t i = negative; i < digits.len; i++) {
        fits = fits && is_digit(digits.data[i]) &&
               !__builtin_mul_overflow(value, (uint64_t)10, &value) &&
               !__builtin_add_overflow(value, (uint64_t)(digits.data[i] - '0'), &value);
    }
    int bits = mir_width_bits(kind);
    uint64_t max = UINT64_MAX >> (64 - bits);
    if (mir_is_signed(kind))
        max = (max >> 1) + negative;
    else if (negative)
        max = 0;
    if (!fits || value > max)
        mir_scan_error(p, from, "`%.*s` is no value of type %s", STR_ARGS(digits),
                       mir_prim_name(kind));
    return negative ? 0 - value : value;
}

struct mir_loc mir_scan_location(struct parser *p) {
    struct mir_loc loc = {0};
    size_t from = mir_scan_place(p);
    if (!mir_scan_accept(p, "@"))
        return loc;
    mir_scan_place(p);
    loc.file = mir_scan_number(p, MIR_NUMBER_MAX);
    mir_scan_expect(p, ":");
    loc.line = mir_scan_number(p, INT32_MAX);
    mir_scan_expect(p, ":");
    loc.column = mir_scan_number(p, INT32_MAX);
    if (!p->failed && loc.file >= p->module->files.len)
        mir_scan_error(p, from, "there is no file %" PRId32, loc.file);
    if (!p->failed && loc.line == 0)
        mir_scan_error(p, from, "lines count from 1");
    return loc;
}

// ---- strings, names -----------------------------------------------------------------------------

static int hex_digit(char c) {
    return is_digit(c)            ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

// One escape of a string; the backslash has been read.
static void string_escape(struct parser *p, struct text *out) {
    size_t from = p->at - 1;
    char c = char_at(p, p->at++);
    int high, low;
    switch (c) {
    case '"':
    case '\\':
        text_putc(out, c);
        return;
    case 'n':
        text_putc(out, '\n');
        return;
    case 't':
        text_putc(out, '\t');
        return;
    case 'x':
        high = hex_digit(char_at(p, p->at));
        low = high < 0 ? -1 : hex_digit(char_at(p, p->at + 1));
        if (low >= 0) {
            text_putc(out, (char)(high * 16 + low));
            p->at += 2;
            return;
        }
    }
    p->at = p->at < p->text.len ? p->at : p->text.len;
    mir_scan_error(p, from, "there is no such escape: only \\\" \\\\ \\n \\t \\xHH");
}

struct str mir_scan_string(struct parser *p) {
    size_t from = mir_scan_place(p);
    if (!mir_scan_accept(p, "\"")) {
        mir_scan_error(p, from, "here a text in quotes has to stand");
        return (struct str){0};
    }
    struct text out = {.arena = p->arena};
    text_put(&out, (struct str){0});
    while (!p->failed && char_at(p, p->at) != '"') {
        if (p->at >= p->text.len || p->text.data[p->at] == '\n') {
            mir_scan_error(p, from, "this text has no end");
            break;
        }
        char c = p->text.data[p->at++];
        if (c == '\\')
            string_escape(p, &out);
        else
            text_putc(&out, c);
    }
    p->at += p->at < p->text.len;
    return text_str(&out);
}

const char *mir_scan_string_name(struct parser *p) {
    size_t from = mir_scan_place(p);
    struct str s = mir_scan_string(p);
    if (s.len && memchr(s.data, 0, s.len))
        mir_scan_error(p, from, "a name does not contain the byte 0");
    return p->failed ? "" : intern(&p->module->names, s);
}

const char *mir_scan_name(struct parser *p) {
    size_t from = mir_scan_place(p);
    if (mir_scan_peek(p) == '"') {
        const char *name = mir_scan_string_name(p);
        if (!p->failed && !*name)
            mir_scan_error(p, from, "a name is not empty");
        return name;
    }
    struct str word = mir_scan_peek_word(p);
    p->at += word.len;
    if (word.len == 0) {
        mir_scan_error(p, from, "here a name has to stand");
        return "";
    }
    return intern(&p->module->names, word);
}

static uint32_t char_escape(struct parser *p, size_t from) {
    char c = char_at(p, p->at++);
    if (c == '\'' || c == '\\')
        return (uint32_t)c;
    if (c == 'n' || c == 't')
        return c == 'n' ? '\n' : '\t';
    uint32_t scalar = 0;
    int digits = 0;
    if (c == 'u' && char_at(p, p->at) == '{') {
        p->at++;
        for (; digits < 6 && hex_digit(char_at(p, p->at)) >= 0; digits++)
            scalar = scalar * 16 + (uint32_t)hex_digit(char_at(p, p->at++));
    }
    if (digits && char_at(p, p->at) == '}' && scalar <= 0x10ffff && scalar >> 11 != 0x1b) {
        p->at++;
        return scalar;
    }
    p->at = p->at < p->text.len ? p->at : p->text.len;
    mir_scan_error(p, from, "there is no such escape: only \\' \\\\ \\n \\t \\u{HEX}");
    return 0;
}

uint32_t mir_scan_char(struct parser *p) {
    size_t from = mir_scan_place(p);
    mir_scan_expect(p, "'");
    uint32_t scalar = 0;
    struct str rest = {p->text.data + p->at, p->text.len - p->at};
    int len = utf8_decode(rest, &scalar);
    if (len == 1 && scalar == '\\') {
        p->at++;
        scalar = char_escape(p, from);
    } else if (len == 0 || scalar == '\n' || scalar == '\'') {
        mir_scan_error(p, from, "here a character has to stand");
    } else {
        p->at += (size_t)len;
    }
    if (!p->failed && char_at(p, p->at) != '\'')
        mir_scan_error(p, from, "this character has no end");
    p->at += !p->failed;
    return scalar;
}
