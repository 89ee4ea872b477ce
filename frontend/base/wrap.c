// SPDX-License-Identifier: MIT
// Sentences broken into lines.
#include "frontend/base/base.h"

enum { WRAP_ROOM_MIN = 20 };

// Characters, not bytes: a byte that goes on with a character takes no column.
static int columns_of(struct str s) {
    int columns = 0;
    for (size_t i = 0; i < s.len; i++)
        columns += ((unsigned char)s.data[i] & 0xc0) != 0x80;
    return columns;
}

static void trim(struct text *t) {
    while (t->len && t->data[t->len - 1] == ' ')
        t->data[--t->len] = 0;
}

static int last_line_columns(const struct text *t) {
    size_t start = t->len;
    while (start && t->data[start - 1] != '\n')
        start--;
    return columns_of((struct str){t->data + start, t->len - start});
}

void text_wrapped(struct text *t, struct str s, int indent, int width) {
    int room = width > indent + WRAP_ROOM_MIN ? width : indent + WRAP_ROOM_MIN;
    int column = last_line_columns(t);
    for (size_t i = 0; i < s.len;) {
        size_t end = i;
        while (end < s.len && s.data[end] != ' ' && s.data[end] != '\n')
            end++;
        struct str word = {s.data + i, end - i};
        if (column > indent && column + columns_of(word) > room) {
            trim(t);
            text_putc(t, '\n');
            column = 0;
        }
        for (; column < indent; column++)
            text_putc(t, ' ');
        text_put(t, word);
        text_putc(t, ' ');
        column += columns_of(word) + 1;
        if (end < s.len && s.data[end] == '\n') {
            trim(t);
            text_putc(t, '\n');
            column = 0;
        }
        i = end + 1;
    }
    trim(t);
    text_putc(t, '\n');
}
