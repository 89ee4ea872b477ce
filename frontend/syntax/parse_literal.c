// SPDX-License-Identifier: MIT
// What numbers, strings and characters mean. The lexer has found where they end; here their text is
// read once, when an expression takes them.
#include "frontend/syntax/parser.h"

#include <assert.h>
#include <stdlib.h>

// ---- numbers ------------------------------------------------------------------------------------

static int digit_value(char c) {
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : 99;
}

static int radix_of(struct str text) {
    if (text.len < 2 || text.data[0] != '0')
        return 10;
    return text.data[1] == 'x' ? 16 : text.data[1] == 'b' ? 2 : text.data[1] == 'o' ? 8 : 10;
}

static uint64_t int_value(struct parser *p, const struct token *t) {
    struct str text = token_source(p, t);
    int radix = radix_of(text);
    uint64_t value = 0;
    for (size_t i = radix == 10 ? 0 : 2; i < text.len; i++) {
        int digit = digit_value(text.data[i]);
        if (text.data[i] == '_')
            continue;
        if (digit >= 16 || (radix != 16 && digit >= 10))
            break; // a name that sticks to the number: the lexer has spoken of it
        if (digit >= radix) {
            int32_t place = t->start + (int32_t)i;
            parser_report(p, P1010, (struct span){p->source, place, place + 1},
                          "`%c` is no digit of a number in base %d", text.data[i], radix);
            return 0;
        }
        if (__builtin_mul_overflow(value, (uint64_t)radix, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit, &value)) {
            struct diag *d = parser_report(p, P1011, token_span(p, t), "this number is too large");
            diag_note(p->sink, d, "the largest integer is 18446744073709551615, of type `u64`");
            return 0;
        }
    }
    return value;
}

enum { FLOAT_BYTES_MAX = 400 };

// The nearest f64. Digits after FLOAT_BYTES_MAX cannot change it by more than a rounding.
static double float_value(struct parser *p, const struct token *t) {
    struct str text = token_source(p, t);
    char digits[FLOAT_BYTES_MAX + 1];
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '_')
            continue;
        if (len == FLOAT_BYTES_MAX) {
            parser_report(p, P1011, token_span(p, t), "this number has more than %d digits",
                          FLOAT_BYTES_MAX);
            return 0;
        }
        digits[len++] = text.data[i];
    }
    digits[len] = 0;
    double value = strtod(digits, NULL);
    if (value > 1.7976931348623157e308)
        parser_report(p, P1011, token_span(p, t), "this number is too large for an `f64`");
    return value;
}

// ---- escapes ------------------------------------------------------------------------------------

// `\xNN` (at most 7f) and `\u{N}`; `s` begins behind the x or u. Returns how many bytes it takes,
// or 0 if it is wrong.
static size_t hex_escape(struct str s, char kind, uint32_t *out) {
    uint32_t value = 0;
    size_t i = kind == 'u', digits = 0, digits_max = kind == 'u' ? 6 : 2;
    if (kind == 'u' && (!s.len || s.data[0] != '{'))
        return 0;
    for (; i < s.len && digits < digits_max && digit_value(s.data[i]) < 16; i++, digits++)
        value = value * 16 + (uint32_t)digit_value(s.data[i]);
    *out = value;
    if (kind == 'x')
        return digits == 2 && value < 0x80 ? 2 : 0;
    bool is_char = value < 0xd800 || (value > 0xdfff && value < 0x110000);
    return digits && is_char && i < s.len && s.data[i] == '}' ? i + 1 : 0;
}

// Reads the escape at s.data[0] == '\\'. Returns how many bytes it takes, at least 1.
static size_t escape(struct parser *p, struct str s, uint32_t *out) {
    static const char letters[] = "ntr0\\\"'", values[] = "\n\t\r\0\\\"'";
    char kind = s.len > 1 ? s.data[1] : 0;
    const char *letter = kind ? strchr(letters, kind) : NULL;
    *out = 0xfffd;
    if (letter) {
        *out = (unsigned char)values[letter - letters];
        return 2;
    }
    struct str digits = {s.data + 2, s.len > 2 ? s.len - 2 : 0};
    size_t len = kind == 'x' || kind == 'u' ? hex_escape(digits, kind, out) : 0;
    if (len)
        return 2 + len;
    *out = 0xfffd;
    int32_t start = (int32_t)(s.data - p->source->text.data);
    int shown = kind ? 1 + utf8_sequence((const unsigned char *)s.data + 1, s.len - 1) : 1;
    struct span span = {p->source, start, start + shown};
    const char *wrong = kind == 'x'   ? "`\\x` needs two hexadecimal digits, at most 7f"
                        : kind == 'u' ? "`\\u` needs the number of a character in braces"
                                      : NULL;
    struct diag *d =
        wrong ? parser_report(p, P1008, span, "%s", wrong)
              : parser_report(p, P1008, span, "there is no escape `%.*s`", shown, s.data);
    if (kind == 'u')
        diag_note(p->sink, d, "characters have numbers up to 10ffff, without d800 to dfff");
    else
        diag_note(p->sink, d, "the escapes are \\n \\t \\r \\0 \\\\ \\\" \\' \\x7f \\u{1f600}");
    return (size_t)shown;
}

static void unescape(struct parser *p, struct str s, struct text *out) {
    for (size_t i = 0; i < s.len;) {
        struct str rest = {s.data + i, s.len - i};
        uint32_t c;
        int len = utf8_sequence((const unsigned char *)rest.data, rest.len);
        if (rest.data[0] == '\\') {
            i += escape(p, rest, &c);
            text_put_utf8(out, c);
        } else if (!len) {
            i++;
            text_put_utf8(out, 0xfffd); // not UTF-8: the lexer has spoken of it
        } else {
            text_put(out, (struct str){rest.data, (size_t)len});
            i += (size_t)len;
        }
    }
}

// ---- strings ------------------------------------------------------------------------------------

static bool is_blank(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (!strchr(" \t\r", s.data[i]))
            return false;
    return true;
}

// A string of several lines begins on the line after its `"""`. The space before the closing `"""`
// is taken off each line, and the last newline is not part of it.
static void read_long_string(struct parser *p, struct str inside, struct text *out) {
    struct str rest = inside;
    struct str first = str_take_line(&rest);
    if (!rest.len || !str_ends(first, STR("\n")) ||
        !is_blank((struct str){first.data, first.len - 1})) {
        unescape(p, inside, out);
        return;
    }
    struct str body = rest, last = rest;
    for (const char *newline; (newline = memchr(last.data, '\n', last.len));)
        str_take_line(&last);
    bool has_margin = is_blank(last);
    size_t margin = has_margin ? last.len : 0;
    if (has_margin)
        body.len -= last.len;
    while (body.len) {
        struct str line = str_take_line(&body);
        bool ends = str_ends(line, STR("\n"));
        struct str text = {line.data, line.len - ends};
        if (ends && str_ends(text, STR("\r")))
            text.len--;
        size_t skipped = 0;
        while (skipped < margin && skipped < text.len && strchr(" \t", text.data[skipped]))
            skipped++;
        unescape(p, (struct str){text.data + skipped, text.len - skipped}, out);
        if (ends && (body.len || !has_margin))
            text_putc(out, '\n');
    }
}

static struct str string_value(struct parser *p, const struct token *t) {
    struct str text = token_source(p, t);
    bool is_long = str_starts(text, STR("\"\"\"")) && text.len >= 3;
    size_t quote = is_long ? 3 : 1;
    struct str inside = {text.data + quote, text.len - quote};
    struct str closer = {"\"\"\"", quote};
    if (str_ends(inside, closer))
        inside.len -= quote;
    if (!is_long && !memchr(inside.data, '\\', inside.len) && !p->module->has_errors)
        return inside; // as it stands in the source
    struct text out = {.arena = p->arena};
    if (is_long)
        read_long_string(p, inside, &out);
    else
        unescape(p, inside, &out);
    return out.data ? text_str(&out) : STR("");
}

// ---- names in formats ---------------------------------------------------------------------------

static bool begins_name(char c) {
    return c == '_' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}
static bool is_in_name(char c) {
    return begins_name(c) || (c >= '0' && c <= '9');
}

static size_t name_end(struct str s, size_t from) {
    while (from < s.len && is_in_name(s.data[from]))
        from++;
    return from;
}

// The name at `from` of a token's text with its fields behind dots: `a.b.0`. NULL if it is not
// followed by `}` or `:`.
static struct ast_expr *inlined_name(struct parser *p, const struct token *t, size_t from) {
    struct str s = token_source(p, t);
    size_t end = name_end(s, from), last = end;
    while (last + 1 < s.len && s.data[last] == '.' && is_in_name(s.data[last + 1]))
        last = name_end(s, last + 1);
    if (last == s.len || (s.data[last] != '}' && s.data[last] != ':'))
        return NULL;
    struct str first = {s.data + from, end - from};
    int32_t start = t->start + (int32_t)from;
    struct ast_expr *e = expr_new(p, str_is(first, "self") ? EXPR_SELF : EXPR_NAME, start);
    if (e->kind == EXPR_NAME)
        e->name.text = intern(p->names, first);
    e->span.end = t->start + (int32_t)end;
    while (end < last) {
        size_t field = end + 1;
        end = name_end(s, field);
        struct ast_expr *member = expr_new(p, EXPR_MEMBER, start);
        member->member.object = e;
        member->member.name =
            (struct ast_name){intern(p->names, (struct str){s.data + field, end - field}),
                              t->start + (int32_t)field, t->start + (int32_t)end};
        member->span.end = t->start + (int32_t)end;
        e = member;
    }
    return e;
}

// Escapes are stepped over: the braces of `\u{…}` are none of a format.
static void inline_names(struct parser *p, const struct token *t, struct ast_expr *e) {
    struct str s = token_source(p, t);
    int32_t mark = list_begin(p);
    for (size_t i = 0; i + 1 < s.len; i++) {
        if (s.data[i] == '\\') {
            i += s.data[i + 1] == 'u' ? 2 : 1;
        } else if (s.data[i] == '{' && s.data[i + 1] == '{') {
            i++;
        } else if (s.data[i] == '{' && begins_name(s.data[i + 1])) {
            struct ast_expr *name = inlined_name(p, t, i + 1);
            if (name)
                list_push(p, name);
        }
    }
    list_end(p, mark, &e->inlined);
}

static uint32_t char_value(struct parser *p, const struct token *t) {
    struct str text = token_source(p, t), inside = {text.data + 1, text.len - 1};
    if (text.len < 2 || !str_ends(text, STR("'")))
        return 0xfffd; // not closed: the lexer has spoken of it
    inside.len--;
    uint32_t c = 0xfffd;
    size_t len;
    const unsigned char *s = (const unsigned char *)inside.data;
    if (!inside.len) {
        parser_report(p, P1009, token_span(p, t), "a character literal holds one character");
        return c;
    }
    if (s[0] == '\\') {
        len = escape(p, inside, &c);
    } else {
        len = (size_t)utf8_sequence(s, inside.len);
        static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
        c = len ? s[0] & first_bits[len] : 0xfffd;
        for (size_t i = 1; i < len; i++)
            c = c << 6 | (s[i] & 0x3f);
    }
    bool is_name = s[0] == '_' || ((s[0] | 0x20) >= 'a' && (s[0] | 0x20) <= 'z');
    if (len && len != inside.len && !is_name)
        parser_report(p, P1009, token_span(p, t), "a character literal holds one character");
    return c;
}

// literal = NUMBER | STRING | CHAR | "true" | "false"
struct ast_expr *parse_literal(struct parser *p) {
    const struct token *t = p->token;
    struct ast_expr *e = expr_new(p, EXPR_ERROR, t->start);
    switch (peek(p)) {
    case TOKEN_INT:
        e->kind = EXPR_INT;
        e->int_value = int_value(p, t);
        break;
    case TOKEN_FLOAT:
        e->kind = EXPR_FLOAT;
        e->float_value = float_value(p, t);
        break;
    case TOKEN_STRING:
        e->kind = EXPR_STRING;
        e->string = string_value(p, t);
        if (memchr(e->string.data, '{', e->string.len))
            inline_names(p, t, e);
        break;
    case TOKEN_CHAR:
        e->kind = EXPR_CHAR;
        e->char_value = char_value(p, t);
        break;
    default:
        assert(at(p, TOKEN_TRUE) || at(p, TOKEN_FALSE));
        e->kind = EXPR_BOOL;
        e->bool_value = at(p, TOKEN_TRUE);
        break;
    }
    advance(p);
    e->span = token_span(p, t);
    return e;
}
