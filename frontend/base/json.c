// SPDX-License-Identifier: MIT
// Strings as JSON writes them.
#include "frontend/base/base.h"

// The length of the well-formed UTF-8 sequence at s[0], or 0.
static size_t sequence(struct str s) {
    const unsigned char *p = (const unsigned char *)s.data;
    size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (!len || p[0] > 0xf4 || s.len < len)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if (len > 2) { // overlong, surrogates, beyond U+10FFFF
        unsigned two = p[0] << 8 | p[1];
        if (two < 0xe0a0 || (two >= 0xeda0 && two <= 0xedbf) || (two >= 0xf000 && two < 0xf090) ||
            two >= 0xf490)
            return 0;
    }
    return len;
}

void text_json(struct text *t, struct str s) {
    text_putc(t, '"');
    while (s.len) {
        size_t len = sequence(s);
        char c = s.data[0];
        if (!len)
            text_put(t, STR("\\ufffd"));
        else if (c == '"' || c == '\\')
            text_printf(t, "\\%c", c);
        else if (c == '\n')
            text_put(t, STR("\\n"));
        else if ((unsigned char)c < 0x20 || c == 0x7f)
            text_printf(t, "\\u%04x", (unsigned)c);
        else
            text_put(t, (struct str){s.data, len});
        len = len ? len : 1;
        s = (struct str){s.data + len, s.len - len};
    }
    text_putc(t, '"');
}
