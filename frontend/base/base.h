// SPDX-License-Identifier: MIT
// base: what every part of the front end stands on. Memory belongs to a phase (an arena), text is a
// view (str), names are interned, containers are ordered by insertion, files are read whole.
//
// Nothing here knows of Prism. Out of memory ends the process with a sentence (exit 70): the front
// end's inputs are bounded (BASE_FILE_BYTES_MAX), so running out is a defect or a broken machine.
#ifndef PRISM_BASE_H
#define PRISM_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// ---- arena ---------------------------------------------------------------------------

struct arena_block;

// A growing region that is freed at once. Zero-initialised it is empty and ready.
struct arena {
    struct arena_block *last;
    size_t used_bytes; // total handed out, for reports
};

// Returns `size` zeroed bytes aligned to max_align_t; valid until arena_free.
void *arena_alloc(struct arena *a, size_t size);
// Frees everything that came from the arena; it is then empty and ready again.
void arena_free(struct arena *a);

// A moment in the life of an arena.
struct arena_mark {
    struct arena_block *last;
    size_t used;
};
struct arena_mark arena_mark(const struct arena *a);
// Frees what came from the arena since then; used_bytes still counts it.
void arena_release(struct arena *a, struct arena_mark mark);

#define arena_new(a, type)          ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, count) ((type *)arena_alloc((a), sizeof(type) * (size_t)(count)))

// ---- str: a view of bytes that somebody else owns ------------------------------------

struct str {
    const char *data; // not terminated; may be NULL when len is 0
    size_t len;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
// For printf: printf("%.*s", STR_ARGS(s)).
#define STR_ARGS(s) (int)(s).len, (s).data

static inline struct str str_from(const char *text) {
    return (struct str){text, text ? strlen(text) : 0};
}
static inline bool str_eq(struct str a, struct str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}
static inline bool str_is(struct str a, const char *text) {
    return str_eq(a, str_from(text));
}
// Orders by bytes, shorter first when one is a prefix of the other: < 0, 0 or > 0.
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
// Where `what` begins in `s` first, or the length of `s`.
size_t str_find(struct str s, const char *what);
// Takes the next line off `rest`, with its newline if it has one.
struct str str_take_line(struct str *rest);
// A copy in the arena, with a terminator behind it that `len` does not count.
struct str str_dup(struct arena *a, struct str s);
// printf into the arena; terminated as str_dup's result is.
struct str str_format(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// The number of single-character insertions, deletions, replacements and swaps of neighbours that
// turn `a` into `b` (optimal string alignment distance); both are cut to 64 bytes.
int str_distance(struct str a, struct str b);

// ---- interning: equal texts become equal pointers ------------------------------------

struct intern_table {
    struct arena *arena;
    struct intern_slot *slots;
    size_t count, capacity;
};

// The one terminated copy of `s` in the table. Compare results with ==. Never order by the pointer.
const char *intern(struct intern_table *t, struct str s);

// ---- vec: a growing array in an arena ------------------------------------------------

// struct vec_of_T { T *at; int32_t len, cap; } is declared where it is needed:  VEC(T) names;
#define VEC(T)                                                                                     \
    struct {                                                                                       \
        T *at;                                                                                     \
        int32_t len, cap;                                                                          \
    }
// Appends by value. The old array stays in the arena, so pointers into it stay readable but stale.
#define vec_push(arena, v, ...)                                                                    \
    do {                                                                                           \
        if ((v)->len == (v)->cap)                                                                  \
            (v)->at = vec_grow((arena), (v)->at, &(v)->cap, (v)->len, sizeof *(v)->at);            \
        (v)->at[(v)->len++] = (__VA_ARGS__);                                                       \
    } while (0)
void *vec_grow(struct arena *a, void *at, int32_t *cap, int32_t len, size_t item_size);

// ---- map: text to pointer, iterated in insertion order -------------------------------

struct map_entry {
    struct str key;
    void *value;
};
struct map {
    struct map_entry *at; // in insertion order, without holes
    int32_t len, cap;
    int32_t *slots;
    int32_t slot_count;
};

// The value of `key`, or NULL.
void *map_get(const struct map *m, struct str key);
// Sets `key` (kept by reference, it must outlive the map); returns false if it replaced a value.
bool map_put(struct arena *a, struct map *m, struct str key, void *value);

// ---- text builder --------------------------------------------------------------------

struct text {
    char *data; // terminated whenever a function below has returned
    size_t len, cap;
    struct arena *arena;
};

void text_put(struct text *t, struct str s);
void text_putc(struct text *t, char c);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Appends `s`, broken at blanks so that lines fit `width` columns, each line behind `indent` blanks
// (the first only as far as the last line of `t` is shorter than that), and a newline.
void text_wrapped(struct text *t, struct str s, int indent, int width);
// Appends `s` as a JSON string with its quotes; what is not UTF-8 becomes U+FFFD.
void text_json(struct text *t, struct str s);
// Appends `s` as it stands between tags or double quotes of XML, HTML and SVG.
void text_xml(struct text *t, struct str s);
// The length of the UTF-8 sequence at the front of `s` (shortest form, no surrogates), or 0; the
// scalar goes to *out.
int utf8_decode(struct str s, uint32_t *out);
// Appends a Unicode scalar.
void text_put_utf8(struct text *t, uint32_t scalar);
static inline struct str text_str(const struct text *t) {
    return (struct str){t->data, t->len};
}

// ---- files ---------------------------------------------------------------------------

#define BASE_FILE_BYTES_MAX ((size_t)64 << 20)

// Reads a whole file ("-" is standard input). NULL on success, else a terminated sentence in the
// arena that says what was wrong (missing, a directory, no permission, larger than the bound).
const char *file_read(struct arena *a, const char *path, struct str *out);
// Writes through a temporary name in the same folder and renames it. NULL, or what was wrong.
const char *file_write(struct arena *a, const char *path, struct str content);
// The name that the content has until then.
const char *file_being_written(struct arena *a, const char *path);
// Makes a folder and those above it. NULL, or what was wrong.
const char *dir_make(struct arena *a, const char *path);

// ---- terminal facts ------------------------------------------------------------------

enum color_mode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
// Follows the flag, then NO_COLOR, CLICOLOR_FORCE, CLICOLOR=0, then terminal and TERM.
bool term_color(enum color_mode mode, int fd);
// Columns of the terminal at fd, else COLUMNS, else 100.
int term_width(int fd);

#endif
