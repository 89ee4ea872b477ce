// SPDX-License-Identifier: MIT
// Sources: where lines begin, and which line and column an offset is in.
#include "frontend/diag/diag.h"

#include <assert.h>

// Behind the next newline, or NULL.
static const char *next_line(const char *at, const char *end) {
    const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    return newline ? newline + 1 : NULL;
}

void source_init(struct arena *a, struct source *s, const char *path, struct str text) {
    assert(text.len <= BASE_FILE_BYTES_MAX);
    s->path = path;
    s->text = text;
    s->line_count = 1;
    const char *end = text.data + text.len;
    for (const char *at = text.data; (at = next_line(at, end)); s->line_count++)
        ;
    s->line_starts = arena_array(a, int32_t, s->line_count);
    int32_t line = 1;
    for (const char *at = text.data; (at = next_line(at, end)); line++)
        s->line_starts[line] = (int32_t)(at - text.data);
}

void source_position(const struct source *s, int32_t offset, int32_t *line, int32_t *column) {
    assert(offset >= 0 && (size_t)offset <= s->text.len);
    int32_t low = 0, high = s->line_count - 1; // the last line that starts at or before offset
    while (low < high) {
        int32_t middle = low + (high - low + 1) / 2;
        if (s->line_starts[middle] <= offset)
            low = middle;
        else
            high = middle - 1;
    }
    *line = low + 1;
    *column = offset - s->line_starts[low] + 1;
}
