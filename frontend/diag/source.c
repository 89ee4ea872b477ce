// SPDX-License-Identifier: MIT
// Sources: where lines begin, and which line and column an offset is in.
#include "frontend/diag/diag.h"

#include <assert.h>

void source_init(struct arena *a, struct source *s, const char *path, struct str text) {
    assert(text.len <= BASE_FILE_BYTES_MAX);
    int32_t lines = 1;
    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    s->path = path;
    s->text = text;
    s->line_starts = arena_array(a, int32_t, lines);
    s->line_count = 1;
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '\n')
            s->line_starts[s->line_count++] = (int32_t)i + 1;
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
