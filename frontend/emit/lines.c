// SPDX-License-Identifier: MIT
// Lines that move: the number of a #line directive in a unit is that of a start, in its upper bits,
// and how many lines below it, so that the C of a function is the same wherever it stands. The C
// compiler carries those numbers into its assembly, where they are as good as any; there they are
// replaced by lines of the source. Assembling takes a thirtieth of the time that compiling does.
//
// Numbers of files that have lines of their own, such as headers, are smaller than those of starts
// and stay as they are.
#include "frontend/emit/lines.h"

#include <assert.h>

enum {
    BELOW_BITS = 16,
    BELOW_MAX = 60000,  // from the start; C lines behind a directive count on
    STARTS_MAX = 32000, // so that numbers have 31 bits, as C wants it
};

static bool contains(struct str s, const char *what) {
    return str_find(s, what) < s.len;
}

// ---- directives -----------------------------------------------------------------------------

// What an item has of one file.
struct start {
    struct str file; // with what is around it
    int32_t line, number;
};
typedef VEC(struct start) start_list;

// `#line N "file"`: N, and what is behind it.
static bool read_directive(struct str line, int32_t *number, struct str *file) {
    if (!str_starts(line, STR("#line ")))
        return false;
    size_t at = strlen("#line ");
    for (*number = 0; at < line.len && line.data[at] >= '0' && line.data[at] <= '9'; at++)
        *number = 10 * *number + (line.data[at] - '0');
    *file = (struct str){line.data + at, line.len - at};
    return true;
}

static struct start *start_in(const start_list *all, struct str file) {
    for (int32_t i = 0; i < all->len; i++)
        if (str_eq(all->at[i].file, file))
            return &all->at[i];
    return NULL;
}

static void find_starts(struct arena *a, struct str item, start_list *all) {
    while (item.len) {
        int32_t number;
        struct str file;
        if (!read_directive(str_take_line(&item), &number, &file))
            continue;
        struct start *s = start_in(all, file);
        if (!s)
            vec_push(a, all, (struct start){file, number, 0});
        else if (number < s->line)
            s->line = number;
    }
}

static void put_directive(const start_list *all, int32_t number, struct str file,
                          struct text *out) {
    const struct start *s = start_in(all, file);
    if (s->number && number - s->line <= BELOW_MAX)
        text_printf(out, "#line %d%.*s", s->number << BELOW_BITS | (number - s->line),
                    STR_ARGS(file));
}

void lines_put(struct arena *a, struct str item, line_list *starts, struct text *out) {
    start_list all = {0};
    find_starts(a, item, &all);
    for (int32_t i = 0; starts && i < all.len && starts->len < STARTS_MAX; i++) {
        vec_push(a, starts, all.at[i].line);
        all.at[i].number = starts->len;
    }
    // What stands above the first directive is the beginning of the same.
    if (all.len)
        put_directive(&all, all.at[0].line, all.at[0].file, out);
    while (item.len) {
        struct str line = str_take_line(&item), file;
        int32_t number;
        if (read_directive(line, &number, &file))
            put_directive(&all, number, file, out);
        else
            text_put(out, line);
    }
}

// ---- assembly -------------------------------------------------------------------------------

// A number from `at` on, decimal or hexadecimal, and where it ends; `at` if there is none.
static size_t read_number(struct str line, size_t at, uint64_t *number) {
    size_t from = at;
    uint64_t base = 10;
    if (at + 2 < line.len && line.data[at] == '0' && line.data[at + 1] == 'x') {
        base = 16;
        at += 2;
    }
    for (*number = 0; at < line.len; at++) {
        char c = line.data[at];
        uint64_t digit = c >= '0' && c <= '9'                 ? (uint64_t)(c - '0')
                         : c >= 'a' && c <= 'f' && base == 16 ? (uint64_t)(c - 'a' + 10)
                                                              : base;
        if (digit == base)
            break;
        *number = *number * base + digit;
    }
    return at > from ? at : from;
}

static size_t skip_blanks(struct str line, size_t at) {
    while (at < line.len && (line.data[at] == ' ' || line.data[at] == '\t'))
        at++;
    return at;
}

static size_t skip_word(struct str line, size_t at) {
    while (at < line.len && line.data[at] != ' ' && line.data[at] != '\t' && line.data[at] != '\n')
        at++;
    return at;
}

// Puts the line with its word number `which` replaced, if that is the number of a start.
static void put_placed(struct str line, int which, const line_list *starts, struct text *out) {
    size_t at = skip_blanks(line, 0);
    for (int i = 0; i < which; i++)
        at = skip_blanks(line, skip_word(line, at));
    uint64_t number;
    size_t end = read_number(line, at, &number);
    uint64_t start = number >> BELOW_BITS;
    if (end == at || start == 0 || start > (uint64_t)starts->len) {
        text_put(out, line);
        return;
    }
    text_put(out, (struct str){line.data, at});
    text_printf(out, "%llu",
                (unsigned long long)starts->at[start - 1] + number % (1u << BELOW_BITS));
    text_put(out, (struct str){line.data + end, line.len - end});
}

static bool names_line(struct str line) {
    return contains(line, "DW_AT_decl_line") || contains(line, "DW_AT_call_line");
}

void emit_without_comments(struct str assembly, struct text *out) {
    while (assembly.len) {
        struct str line = str_take_line(&assembly);
        size_t at = skip_blanks(line, 0);
        bool is_comment = at < line.len && line.data[at] == '#';
        if (names_line(line) || contains(line, "DW_FORM_implicit_const")) {
            text_put(out, line);
        } else if (!is_comment) {
            size_t end = str_find(line, "\t# ");
            text_put(out, (struct str){line.data, end});
            text_put(out, end < line.len ? STR("\n") : STR(""));
        }
    }
}

void emit_lines(struct str assembly, const line_list *starts, struct text *out) {
    // In the table of abbreviations an attribute may have its value, behind its form.
    bool named = false, has_value = false;
    while (assembly.len) {
        struct str line = str_take_line(&assembly);
        bool names = false, gives = false;
        if (str_starts(line, STR("\t.loc"))) {
            put_placed(line, 2, starts, out);
        } else if (str_starts(line, STR("\t."))) {
            names = names_line(line);
            gives = named && contains(line, "DW_FORM_implicit_const");
            if (names || has_value)
                put_placed(line, 1, starts, out);
            else
                text_put(out, line);
        } else {
            text_put(out, line);
        }
        named = names;
        has_value = gives;
    }
}
