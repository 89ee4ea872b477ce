// SPDX-License-Identifier: MIT
// Text within XML: between tags, or between double quotes.
#include "frontend/base/base.h"

// XML 1.0 has no place for most control characters, escaped or not.
void text_xml(struct text *t, struct str s) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c == '&')
            text_put(t, STR("&amp;"));
        else if (c == '<')
            text_put(t, STR("&lt;"));
        else if (c == '>')
            text_put(t, STR("&gt;"));
        else if (c == '"')
            text_put(t, STR("&quot;"));
        else
            text_putc(t, c < ' ' && c != '\n' && c != '\t' ? '?' : (char)c);
    }
}
