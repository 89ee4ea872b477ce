// SPDX-License-Identifier: MIT
#define _GNU_SOURCE // memmem
// Text: views, interning, the ordered map, the builder.
#include "frontend/base/base.h"

#include <assert.h>
#include <stdlib.h>

int str_cmp(struct str a, struct str b) {
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix) {
    return s.len >= prefix.len && str_eq((struct str){s.data, prefix.len}, prefix);
}

bool str_ends(struct str s, struct str suffix) {
    return s.len >= suffix.len &&
           str_eq((struct str){s.data + s.len - suffix.len, suffix.len}, suffix);
}

size_t str_find(struct str s, const char *what) {
    const char *at = s.len ? memmem(s.data, s.len, what, strlen(what)) : NULL;
    return at ? (size_t)(at - s.data) : s.len;
}

struct str str_take_line(struct str *rest) {
    const char *newline = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;
    size_t len = newline ? (size_t)(newline - rest->data) + 1 : rest->len;
    struct str line = {rest->data, len};
    *rest = (struct str){rest->data + len, rest->len - len};
    return line;
}

struct str str_dup(struct arena *a, struct str s) {
    char *copy = arena_alloc(a, s.len + 1);
    if (s.len)
        memcpy(copy, s.data, s.len);
    return (struct str){copy, s.len};
}

static struct str format_list(struct arena *a, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    assert(len >= 0);
    char *data = arena_alloc(a, (size_t)len + 1);
    vsnprintf(data, (size_t)len + 1, format, again);
    va_end(again);
    return (struct str){data, (size_t)len};
}

struct str str_format(struct arena *a, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct str s = format_list(a, format, args);
    va_end(args);
    return s;
}

enum { DISTANCE_BYTES_MAX = 64 };

static int min2(int a, int b) {
    return a < b ? a : b;
}

int str_distance(struct str a, struct str b) {
    int rows = min2((int)a.len, DISTANCE_BYTES_MAX), columns = min2((int)b.len, DISTANCE_BYTES_MAX);
    int d[DISTANCE_BYTES_MAX + 1][DISTANCE_BYTES_MAX + 1];
    for (int i = 0; i <= rows; i++)
        d[i][0] = i;
    for (int j = 0; j <= columns; j++)
        d[0][j] = j;
    for (int i = 1; i <= rows; i++) {
        for (int j = 1; j <= columns; j++) {
            int cost = a.data[i - 1] != b.data[j - 1];
            d[i][j] = min2(min2(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + cost);
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
                d[i][j] = min2(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[rows][columns];
}

// FNV-1a: the tables are iterated by insertion, so the hash decides nothing that can be seen.
static uint64_t hash_of(struct str s) {
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.data[i]) * 0x100000001b3u;
    return h ^ h >> 29;
}

struct intern_slot {
    const char *text;
    size_t len;
};

static struct intern_slot *intern_find(struct intern_table *t, struct str s) {
    size_t i = hash_of(s) & (t->capacity - 1);
    while (t->slots[i].text && !str_eq((struct str){t->slots[i].text, t->slots[i].len}, s))
        i = (i + 1) & (t->capacity - 1);
    return &t->slots[i];
}

static void intern_grow(struct intern_table *t) {
    struct intern_slot *old = t->slots;
    size_t old_capacity = t->capacity;
    t->capacity = old_capacity ? old_capacity * 2 : 256;
    t->slots = arena_array(t->arena, struct intern_slot, t->capacity);
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i].text)
            *intern_find(t, (struct str){old[i].text, old[i].len}) = old[i];
}

const char *intern(struct intern_table *t, struct str s) {
    if (t->count * 2 >= t->capacity)
        intern_grow(t);
    struct intern_slot *slot = intern_find(t, s);
    if (!slot->text) {
        *slot = (struct intern_slot){str_dup(t->arena, s).data, s.len};
        t->count++;
    }
    return slot->text;
}

static int32_t *map_find(const struct map *m, struct str key) {
    uint32_t mask = (uint32_t)m->slot_count - 1;
    uint32_t i = (uint32_t)hash_of(key) & mask;
    while (m->slots[i] && !str_eq(m->at[m->slots[i] - 1].key, key))
        i = (i + 1) & mask;
    return &m->slots[i];
}

void *map_get(const struct map *m, struct str key) {
    if (!m->len)
        return NULL;
    int32_t slot = *map_find(m, key);
    return slot ? m->at[slot - 1].value : NULL;
}

bool map_put(struct arena *a, struct map *m, struct str key, void *value) {
    if (m->len * 2 >= m->slot_count) {
        m->slot_count = m->slot_count ? m->slot_count * 2 : 16;
        m->slots = arena_array(a, int32_t, m->slot_count);
        for (int32_t i = 0; i < m->len; i++)
            *map_find(m, m->at[i].key) = i + 1;
    }
    int32_t *slot = map_find(m, key);
    if (*slot) {
        m->at[*slot - 1].value = value;
        return false;
    }
    struct map_entry entry = {key, value};
    vec_push(a, m, entry);
    *slot = m->len;
    return true;
}

static void text_reserve(struct text *t, size_t more) {
    size_t need = t->len + more + 1;
    if (need <= t->cap)
        return;
    size_t cap = t->cap ? t->cap * 2 : 128;
    while (cap < need)
        cap *= 2;
    char *grown = arena_alloc(t->arena, cap);
    if (t->len)
        memcpy(grown, t->data, t->len);
    t->data = grown;
    t->cap = cap;
}

void text_put(struct text *t, struct str s) {
    text_reserve(t, s.len);
    if (s.len)
        memcpy(t->data + t->len, s.data, s.len);
    t->len += s.len;
    t->data[t->len] = 0;
}

void text_putc(struct text *t, char c) {
    text_put(t, (struct str){&c, 1});
}

void text_printf(struct text *t, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(len >= 0);
    text_reserve(t, (size_t)len);
    vsnprintf(t->data + t->len, (size_t)len + 1, format, again);
    va_end(again);
    t->len += (size_t)len;
}
