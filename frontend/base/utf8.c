// SPDX-License-Identifier: MIT
// UTF-8 to Unicode scalars and back (RFC 3629).
#include "frontend/base/base.h"

#include <assert.h>

int utf8_decode(struct str s, uint32_t *out) {
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (s.len == 0)
        return 0;
    unsigned char first = (unsigned char)s.data[0];
    int len = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (len == 0 || first > 0xf4 || s.len < (size_t)len)
        return 0;
    uint32_t scalar = len == 1 ? first : first & (0xffu >> (len + 1));
    for (int i = 1; i < len; i++) {
        unsigned char next = (unsigned char)s.data[i];
        if ((next & 0xc0) != 0x80)
            return 0;
        scalar = scalar << 6 | (next & 0x3fu);
    }
    if (scalar < least[len] || scalar > 0x10ffff || (scalar >= 0xd800 && scalar < 0xe000))
        return 0;
    *out = scalar;
    return len;
}

void text_put_utf8(struct text *t, uint32_t scalar) {
    assert(scalar <= 0x10ffff);
    if (scalar < 0x80) {
        text_putc(t, (char)scalar);
        return;
    }
    int more = scalar < 0x800 ? 1 : scalar < 0x10000 ? 2 : 3;
    text_putc(t, (char)((0xf0u << (3 - more) & 0xffu) | scalar >> (6 * more)));
    while (more-- > 0)
        text_putc(t, (char)(0x80 | (scalar >> (6 * more) & 0x3f)));
}
