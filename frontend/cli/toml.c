// SPDX-License-Identifier: MIT
// One line after the other: a header of a table, or a key and its value; an array may go over
// lines.
#include "frontend/cli/toml.h"

#include <assert.h>

#define TOML_DEPTH_MAX 32 // arrays in arrays, and parts of a dotted key

struct reader {
    struct arena *arena;
    struct diag_sink *sink;
    const struct source *source;
    struct str text;
    size_t at;
    struct toml_value *root, *table; // `table`: that of the last header
};

const char *toml_kind_word(enum toml_kind kind) {
    static const char *const words[] = {"a table", "a string", "an integer", "true or false",
                                        "an array"};
    assert((size_t)kind < sizeof words / sizeof *words);
    return words[kind];
}

const struct toml_entry *toml_find(const struct toml_value *table, const char *key) {
    for (int32_t i = 0; i < table->entries.len; i++)
        if (str_is(table->entries.at[i].key, key))
            return &table->entries.at[i];
    return NULL;
}

// ---- characters ----------------------------------------------------------------------

static char peek(const struct reader *r) {
    return r->at < r->text.len ? r->text.data[r->at] : 0;
}
static bool at_end_of_line(const struct reader *r) {
    return r->at >= r->text.len || peek(r) == '\n' || peek(r) == '#' ||
           (peek(r) == '\r' && r->at + 1 < r->text.len && r->text.data[r->at + 1] == '\n');
}
static void skip_blanks(struct reader *r) {
    while (peek(r) == ' ' || peek(r) == '\t')
        r->at++;
}
static void skip_line(struct reader *r) {
    while (r->at < r->text.len && r->text.data[r->at] != '\n')
        r->at++;
    r->at += r->at < r->text.len;
}
// Blanks, comments and ends of lines, as they may stand within an array.
static void skip_lines(struct reader *r) {
    for (skip_blanks(r); r->at < r->text.len && at_end_of_line(r); skip_blanks(r))
        skip_line(r);
}
static bool accept(struct reader *r, char c) {
    if (peek(r) != c || !c)
        return false;
    r->at++;
    return true;
}
static bool is_bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}
static struct span span_from(const struct reader *r, size_t start) {
    size_t end = r->at > start ? r->at : start + (start < r->text.len);
    return (struct span){r->source, (int32_t)start, (int32_t)end};
}

// Always false, for `return`.
static bool refuse(struct reader *r, size_t start, const char *title, const char *label) {
    struct diag *d = diag_add(r->sink, P0014, span_from(r, start), "%s", title);
    diag_primary(r->sink, d, "%s", label);
    return false;
}

// ---- strings -------------------------------------------------------------------------

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

// `\u0041` and `\U00000041`; the letter has been read.
static bool read_code_point(struct reader *r, size_t start, int digits, struct text *out) {
    uint32_t c = 0;
    for (int i = 0; i < digits; i++) {
        int digit = hex_digit(peek(r));
        if (digit < 0)
            return refuse(r, start, "an escape is wrong", "hexadecimal digits are missing");
        c = c << 4 | (uint32_t)digit;
        r->at++;
    }
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return refuse(r, start, "an escape is wrong", "there is no such character");
    text_put_utf8(out, c);
    return true;
}

static bool read_escape(struct reader *r, struct text *out) {
    static const char letters[] = "btnfre\"\\", means[] = "\b\t\n\f\r\033\"\\";
    size_t start = r->at++;
    char letter = peek(r);
    const char *known = letter ? strchr(letters, letter) : NULL;
    r->at += letter != 0;
    if (known) {
        text_putc(out, means[known - letters]);
        return true;
    }
    if (letter == 'u' || letter == 'U')
        return read_code_point(r, start, letter == 'u' ? 4 : 8, out);
    return refuse(r, start, "an escape is wrong", "TOML knows no such escape");
}

static bool read_string(struct reader *r, struct str *out) {
    size_t start = r->at;
    char quote = peek(r);
    r->at++;
    if (peek(r) == quote && r->at + 1 < r->text.len && r->text.data[r->at + 1] == quote)
        return refuse(r, start, "a manifest has no strings of several lines",
                      "write it on one line");
    struct text text = {.arena = r->arena};
    text_put(&text, STR(""));
    while (peek(r) != quote) {
        if (r->at >= r->text.len || peek(r) == '\n')
            return refuse(r, start, "a string is not closed", "it begins here");
        if ((unsigned char)peek(r) < ' ' && peek(r) != '\t')
            return refuse(r, r->at, "a control character stands in a string",
                          "write it as an escape");
        if (peek(r) == '\\' && quote == '"') {
            if (!read_escape(r, &text))
                return false;
        } else {
            text_putc(&text, r->text.data[r->at++]);
        }
    }
    r->at++;
    *out = text_str(&text);
    return true;
}

// ---- values --------------------------------------------------------------------------

static struct toml_value *read_value(struct reader *r, int depth);

static bool read_array(struct reader *r, struct toml_value *v, int depth) {
    size_t start = r->at++;
    if (depth == 0)
        return refuse(r, start, "arrays are nested too deeply", "this one is one too many");
    for (;;) {
        skip_lines(r);
        if (accept(r, ']'))
            return true;
        bool ended = r->at >= r->text.len;
        struct toml_value *item = ended ? NULL : read_value(r, depth - 1);
        if (item) {
            vec_push(r->arena, &v->items, item);
            skip_lines(r);
            ended = r->at >= r->text.len;
        }
        if (ended)
            return refuse(r, start, "an array is not closed", "it begins here");
        if (!item)
            return false;
        if (!accept(r, ',') && peek(r) != ']')
            return refuse(r, r->at, "something else was expected", "`,` or `]` belongs here");
    }
}

static bool read_integer(struct str word, int64_t *out) {
    bool negative = word.len && word.data[0] == '-';
    size_t at = word.len && (negative || word.data[0] == '+');
    size_t first = at;
    uint64_t n = 0;
    for (; at < word.len; at++) {
        char c = word.data[at];
        if (c == '_' && at > first && at + 1 < word.len && word.data[at - 1] != '_')
            continue;
        if (c < '0' || c > '9' || __builtin_mul_overflow(n, (uint64_t)10, &n) ||
            __builtin_add_overflow(n, (uint64_t)(c - '0'), &n))
            return false;
    }
    bool zeros = at > first + 1 && word.data[first] == '0';
    if (at == first || zeros || n > (uint64_t)INT64_MAX)
        return false;
    *out = negative ? -(int64_t)n : (int64_t)n;
    return true;
}

static bool read_word(struct reader *r, struct toml_value *v) {
    size_t start = r->at;
    while (is_bare(peek(r)) || peek(r) == '+' || peek(r) == '.' || peek(r) == ':')
        r->at++;
    struct str word = {r->text.data + start, r->at - start};
    v->boolean = str_is(word, "true");
    if (v->boolean || str_is(word, "false")) {
        v->kind = TOML_BOOLEAN;
        return true;
    }
    v->kind = TOML_INTEGER;
    if (read_integer(word, &v->integer))
        return true;
    if (!word.len)
        return refuse(r, start, "a value is missing",
                      peek(r) == '{' ? "a manifest has no inline tables: use a header `[...]`"
                                     : "a string, an integer, `true`, `false` or an array");
    return refuse(r, start, "this is no value of a manifest",
                  "a string (in quotes), an integer, `true`, `false` or an array");
}

static struct toml_value *read_value(struct reader *r, int depth) {
    struct toml_value *v = arena_new(r->arena, struct toml_value);
    size_t start = r->at;
    bool good;
    if (peek(r) == '"' || peek(r) == '\'') {
        v->kind = TOML_STRING;
        good = read_string(r, &v->string);
    } else if (peek(r) == '[') {
        v->kind = TOML_ARRAY;
        good = read_array(r, v, depth);
    } else {
        good = read_word(r, v);
    }
    v->span = span_from(r, start);
    return good ? v : NULL;
}

// ---- keys and lines ------------------------------------------------------------------

struct key_part {
    struct str text;
    struct span span;
};

static bool read_key_part(struct reader *r, struct key_part *out) {
    size_t start = r->at;
    if (peek(r) == '"' || peek(r) == '\'') {
        if (!read_string(r, &out->text))
            return false;
    } else {
        while (is_bare(peek(r)))
            r->at++;
        out->text = (struct str){r->text.data + start, r->at - start};
    }
    out->span = span_from(r, start);
    return r->at > start || refuse(r, start, "a key is missing", "a name belongs here");
}

// a.b."c d"; the number of parts, 0 after a mistake.
static int read_key(struct reader *r, struct key_part parts[TOML_DEPTH_MAX]) {
    size_t start = r->at;
    int count = 0;
    do {
        skip_blanks(r);
        if (count == TOML_DEPTH_MAX) {
            refuse(r, start, "a key has too many parts", "this one");
            return 0;
        }
        if (!read_key_part(r, &parts[count++]))
            return 0;
        skip_blanks(r);
    } while (accept(r, '.'));
    return count;
}

static void put(struct reader *r, struct toml_value *table, struct key_part key,
                struct toml_value *value) {
    vec_push(r->arena, &table->entries, (struct toml_entry){key.text, key.span, value});
}

static struct toml_entry *find_here(struct toml_value *table, struct str key) {
    for (int32_t i = 0; i < table->entries.len; i++)
        if (str_eq(table->entries.at[i].key, key))
            return &table->entries.at[i];
    return NULL;
}

static bool say_twice(struct reader *r, struct key_part key, const struct toml_entry *before) {
    struct diag *d = diag_add(r->sink, P0014, key.span, "`%.*s` is set twice", STR_ARGS(key.text));
    diag_primary(r->sink, d, "set again here");
    diag_label(r->sink, d, before->span, "the first one is here");
    return false;
}

// The table below `table` of that name, made if there is none. NULL if it is something else.
static struct toml_value *descend(struct reader *r, struct toml_value *table, struct key_part key) {
    struct toml_entry *e = find_here(table, key.text);
    if (e && e->value->kind == TOML_TABLE)
        return e->value;
    if (e)
        return say_twice(r, key, e), NULL;
    struct toml_value *made = arena_new(r->arena, struct toml_value);
    *made = (struct toml_value){.kind = TOML_TABLE, .span = key.span};
    put(r, table, key, made);
    return made;
}

static bool read_header(struct reader *r) {
    size_t start = r->at++;
    struct key_part parts[TOML_DEPTH_MAX];
    if (peek(r) == '[')
        return refuse(r, start, "a manifest has no arrays of tables", "write `[name]`");
    int count = read_key(r, parts);
    if (!count)
        return false;
    if (!accept(r, ']'))
        return refuse(r, r->at, "something else was expected", "`]` belongs here");
    struct toml_value *table = r->root;
    for (int i = 0; i + 1 < count && table; i++)
        table = descend(r, table, parts[i]);
    const struct toml_entry *before = table ? find_here(table, parts[count - 1].text) : NULL;
    if (before && before->value->is_headed)
        return say_twice(r, parts[count - 1], before);
    table = table ? descend(r, table, parts[count - 1]) : NULL;
    if (!table)
        return false;
    table->is_headed = true;
    r->table = table;
    return true;
}

static bool read_setting(struct reader *r) {
    struct key_part parts[TOML_DEPTH_MAX];
    int count = read_key(r, parts);
    if (!count)
        return false;
    if (!accept(r, '='))
        return refuse(r, r->at, "something else was expected", "`=` and a value belong here");
    skip_blanks(r);
    struct toml_value *value = read_value(r, TOML_DEPTH_MAX), *table = r->table;
    for (int i = 0; i + 1 < count && table && value; i++)
        table = descend(r, table, parts[i]);
    if (!value || !table)
        return false;
    const struct toml_entry *before = find_here(table, parts[count - 1].text);
    if (before)
        return say_twice(r, parts[count - 1], before);
    put(r, table, parts[count - 1], value);
    return true;
}

// False after a message at the first byte that is not UTF-8.
static bool is_utf8(struct reader *r) {
    uint32_t scalar;
    for (size_t at = 0; at < r->text.len;) {
        int len = utf8_decode((struct str){r->text.data + at, r->text.len - at}, &scalar);
        if (!len) {
            r->at = at;
            return refuse(r, at, "this file is not UTF-8", "this byte cannot stand here");
        }
        at += (size_t)len;
    }
    return true;
}

struct toml_value *toml_parse(struct arena *a, const struct source *source,
                              struct diag_sink *sink) {
    struct reader r = {.arena = a, .sink = sink, .source = source, .text = source->text};
    r.root = r.table = arena_new(a, struct toml_value);
    if (!is_utf8(&r))
        return r.root;
    if (str_starts(r.text, STR("\xef\xbb\xbf")))
        r.at = 3;
    for (skip_lines(&r); r.at < r.text.len; skip_lines(&r)) {
        bool good = peek(&r) == '[' ? read_header(&r) : read_setting(&r);
        skip_blanks(&r);
        if (good && !at_end_of_line(&r))
            refuse(&r, r.at, "a line goes on where it should end", "nothing belongs behind it");
        skip_line(&r);
    }
    return r.root;
}
