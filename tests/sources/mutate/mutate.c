// SPDX-License-Identifier: MIT
// source-mutate FOLDER FROM TO FILE...: wrong programs, and some that are still right: for each of
// the seeds FOLDER/SEED.prism, one of the files with a few changes such as a hand makes that slips,
// or that edits without looking. What a seed gives follows from it and the files alone.
#include "frontend/base/base.h"

#include <ctype.h>
#include <stdlib.h>

struct token {
    struct str text; // with the blanks before it
    size_t blanks;   // how many bytes those are
};

struct program {
    struct arena *arena;
    uint64_t random;
    VEC(struct token) tokens;
};

static uint64_t roll(struct program *p, uint64_t count) { // splitmix64
    uint64_t z = p->random += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (z ^ z >> 31) % count;
}

// ---- tokens -------------------------------------------------------------------------------------

static size_t quoted(struct str s, size_t at) {
    size_t end = at + 1;
    while (end < s.len && s.data[end] != s.data[at] && s.data[end] != '\n')
        end += s.data[end] == '\\' ? 2 : 1;
    return end < s.len ? end + 1 : s.len;
}

static size_t token_end(struct str s, size_t at) {
    if (isalnum((unsigned char)s.data[at]) || s.data[at] == '_') {
        while (at < s.len && (isalnum((unsigned char)s.data[at]) || s.data[at] == '_'))
            at++;
        return at;
    }
    if (s.data[at] == '"')
        return quoted(s, at);
    static const char *const signs[] = {
        "..=", "->", "=>", "==", "!=", "<=", ">=", "&&", "||", "::", "..", "+=", "-="};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (str_starts((struct str){s.data + at, s.len - at}, str_from(signs[i])))
            return at + strlen(signs[i]);
    return at + 1;
}

static void split(struct program *p, struct str s) {
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        while (at < s.len && isspace((unsigned char)s.data[at]))
            at++;
        size_t begin = at;
        if (at < s.len)
            at = token_end(s, at);
        struct token t = {{s.data + from, at - from}, begin - from};
        vec_push(p->arena, &p->tokens, t);
    }
}

static struct str bare(const struct token *t) {
    return (struct str){t->text.data + t->blanks, t->text.len - t->blanks};
}

// ---- changes ------------------------------------------------------------------------------------

static int32_t any(struct program *p) {
    return (int32_t)roll(p, (uint64_t)p->tokens.len);
}

static bool is_word(const struct token *t) {
    struct str s = bare(t);
    return s.len && (isalnum((unsigned char)s.data[0]) || s.data[0] == '_');
}

static bool is_bracket(const struct token *t) {
    struct str s = bare(t);
    return s.len == 1 && strchr("(){}[]<>", s.data[0]);
}

static int32_t any_of(struct program *p, bool (*is)(const struct token *t)) {
    int32_t at = any(p);
    for (int tries = 0; tries < 200 && !is(&p->tokens.at[at]); tries++)
        at = any(p);
    return at;
}

// Puts the other text where a token is, behind its blanks.
static void replace(struct program *p, int32_t at, struct str other) {
    struct token *t = &p->tokens.at[at];
    t->text = str_format(p->arena, "%.*s%.*s", (int)t->blanks, t->text.data, STR_ARGS(other));
}

static void drop(struct program *p, int32_t from, int32_t count) {
    for (int32_t i = from; i < from + count && i < p->tokens.len; i++)
        p->tokens.at[i] = (struct token){STR(""), 0};
}

static void repeat(struct program *p, int32_t from, int32_t count) {
    struct text out = {.arena = p->arena};
    for (int32_t i = from; i < from + count && i < p->tokens.len; i++)
        text_put(&out, p->tokens.at[i].text);
    struct token *last = &p->tokens.at[from];
    last->text = str_format(p->arena, "%.*s%.*s", STR_ARGS(text_str(&out)), STR_ARGS(last->text));
}

// The tokens of the line in which a token stands.
static void line_of(struct program *p, int32_t at, int32_t *from, int32_t *count) {
    int32_t end = at + 1;
    while (at > 0 && !memchr(p->tokens.at[at].text.data, '\n', p->tokens.at[at].blanks))
        at--;
    while (end < p->tokens.len &&
           !memchr(p->tokens.at[end].text.data, '\n', p->tokens.at[end].blanks))
        end++;
    *from = at;
    *count = end - at;
}

// The tokens up to the brace that closes what a line begins.
static void item_of(struct program *p, int32_t at, int32_t *from, int32_t *count) {
    line_of(p, at, from, count);
    int32_t end = *from, depth = 0;
    bool opened = false;
    for (; end < p->tokens.len && end < *from + 400 && !(opened && depth <= 0); end++) {
        struct str s = bare(&p->tokens.at[end]);
        if (s.len == 1 && (s.data[0] == '{' || s.data[0] == '}')) {
            depth += s.data[0] == '{' ? 1 : -1;
            opened = true;
        }
    }
    *count = end - *from;
}

static void other_word(struct program *p) {
    struct token *other = &p->tokens.at[any_of(p, is_word)];
    replace(p, any_of(p, is_word), bare(other));
}

static void known_word(struct program *p) {
    static const char *const words[] = {
        "i64",   "String", "bool",  "f64",   "u8",   "List<i64>", "Option<i64>", "()",
        "self",  "Self",   "await", "async", "mut",  "return",    "None",        "true",
        "0",     "-1",     "1.5",   "\"s\"", "'c'",  "x",         "T",           "Map<i64, i64>",
        "spawn", "match",  "if",    "let",   "_",    "Error",     "ActorRef",    "Future<i64>",
        "300",   "break",  "defer", "loop",  "Ok(1)"};
    replace(p, any_of(p, is_word), str_from(words[roll(p, sizeof words / sizeof *words)]));
}

static void other_bracket(struct program *p) {
    static const char *const brackets[] = {"(", ")", "{", "}", "[", "]", "<", ">", ";", ","};
    replace(p, any_of(p, is_bracket), str_from(brackets[roll(p, 10)]));
}

static void other_sign(struct program *p) {
    static const char *const signs[] = {"+", "-", "*", "/", "==", "<",  "=",  "&&", ".",
                                        ",", ";", ":", "?", "!",  "->", "=>", "|",  ".."};
    int32_t at = any(p);
    for (int tries = 0; tries < 200 && is_word(&p->tokens.at[at]); tries++)
        at = any(p);
    replace(p, at, str_from(signs[roll(p, sizeof signs / sizeof *signs)]));
}

static void exchange(struct program *p, int32_t a, int32_t b) {
    struct token kept = p->tokens.at[a];
    p->tokens.at[a] = p->tokens.at[b];
    p->tokens.at[b] = kept;
}

static void change(struct program *p) {
    int32_t at = any(p), from, count;
    switch (roll(p, 13)) {
    case 0:
        drop(p, at, 1);
        break;
    case 1:
        repeat(p, at, 1);
        break;
    case 2:
        exchange(p, at, at + 1 < p->tokens.len ? at + 1 : at);
        break;
    case 3:
        line_of(p, at, &from, &count);
        drop(p, from, count);
        break;
    case 4:
        line_of(p, at, &from, &count);
        repeat(p, from, count);
        break;
    case 5:
        item_of(p, at, &from, &count);
        drop(p, from, count);
        break;
    case 6:
        item_of(p, at, &from, &count);
        repeat(p, from, count);
        break;
    case 7:
        other_bracket(p);
        break;
    case 8:
        other_sign(p);
        break;
    case 9:
    case 10:
        known_word(p);
        break;
    default:
        other_word(p);
        break;
    }
}

static int write_program(struct program *p, const char *path) {
    FILE *file = fopen(path, "w");
    if (!file)
        return 1;
    for (int32_t i = 0; i < p->tokens.len; i++)
        fwrite(p->tokens.at[i].text.data, 1, p->tokens.at[i].text.len, file);
    return fclose(file) != 0;
}

int main(int argc, char **argv) {
    if (argc < 5) {
        fprintf(stderr, "usage: source-mutate FOLDER FROM TO FILE...\n");
        return 2;
    }
    uint64_t from = strtoull(argv[2], NULL, 10), to = strtoull(argv[3], NULL, 10);
    int failures = 0;
    for (uint64_t seed = from; seed <= to; seed++) {
        struct arena arena = {0};
        struct program p = {.arena = &arena, .random = seed};
        struct str text;
        const char *path = argv[4 + roll(&p, (uint64_t)argc - 4)];
        const char *wrong = file_read(&arena, path, &text);
        if (wrong) {
            fprintf(stderr, "%s\n", wrong);
            return 74;
        }
        split(&p, text);
        for (uint64_t changes = 1 + roll(&p, 2); changes > 0 && p.tokens.len > 1; changes--)
            change(&p);
        failures += write_program(
            &p, str_format(&arena, "%s/%llu.prism", argv[1], (unsigned long long)seed).data);
        arena_free(&arena);
    }
    return failures ? 74 : 0;
}
