// SPDX-License-Identifier: MIT
// Values as people read them: the program prints a reference as "Fork#3", and the story calls the same
// actor "Fork 2". Texts of a story get the story's names.
#include "tell.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_ROOM = SHOWN_BYTES_MAX * 2 };

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_' || c == '.';
}

// Reads "Fork#3" at `text`: its length if cell 3 is a Fork, else 0.
static size_t reference_at(const struct world *w, const char *text, uint32_t *id) {
    size_t word = 0;
    char *end;
    while (is_word(text[word]))
        word++;
    if (!word || text[word] != '#' || !isdigit((unsigned char)text[word + 1]))
        return 0;
    unsigned long n = strtoul(text + word + 1, &end, 10);
    const prism_actor_type *type = n && n < w->name_count ? w->names[n].type : NULL;
    if (!type || strlen(type->name) != word || memcmp(type->name, text, word))
        return 0;
    *id = (uint32_t)n;
    return (size_t)(end - text);
}

void record_shown(struct cbor_out *o, const struct world *w, const char *test, const char *key,
                  const char *text) {
    char out[TEXT_ROOM + 128];
    size_t len = 0;
    while (*text && len < TEXT_ROOM) {
        uint32_t id;
        size_t reference = reference_at(w, text, &id);
        if (reference) {
            actor_label(w, id, test, out + len, sizeof out - len);
            len += strlen(out + len);
            text += reference;
            continue;
        }
        do // the rest of a word is no beginning of one
            out[len++] = *text++;
        while (is_word(text[-1]) && is_word(*text) && len < TEXT_ROOM);
    }
    out[len] = 0;
    record_text(o, key, out);
}
