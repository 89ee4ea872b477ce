// SPDX-License-Identifier: MIT
// Values as people read them. A reference is shown with the hash of its actor's name
// ("Fork#1332…"), and the story calls the same actor "Fork 2": texts of a story get the story's
// names. Other handles lose the hash, which says nothing to anybody.
#include "tell.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_ROOM = SHOWN_BYTES_MAX * 2, HASH_DIGITS_MIN = 10 };

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_' || c == '.';
}

static uint32_t cell_of(const struct world *w, uint64_t hash) {
    for (uint32_t i = 1; i < w->name_count; i++)
        if (w->names[i].hash == hash && w->names[i].type)
            return i;
    return 0;
}

// Reads "Fork#1332" at `text`: its length if that is an actor of that type, else 0.
static size_t reference_at(const struct world *w, const char *text, uint32_t *id) {
    size_t word = 0;
    char *end;
    while (is_word(text[word]))
        word++;
    if (!word || text[word] != '#' || !isdigit((unsigned char)text[word + 1]))
        return 0;
    *id = cell_of(w, strtoull(text + word + 1, &end, 10));
    const prism_actor_type *type = w->names[*id].type;
    if (!*id || strlen(type->name) != word || memcmp(type->name, text, word))
        return 0;
    return (size_t)(end - text);
}

// The length of "#1332997018290722923", 0 for shorter numbers.
static size_t hash_at(const char *text) {
    size_t len = 1;
    if (*text != '#')
        return 0;
    while (isdigit((unsigned char)text[len]))
        len++;
    return len > HASH_DIGITS_MIN ? len : 0;
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
        size_t hash = hash_at(text);
        if (hash) {
            text += hash;
            continue;
        }
        do // the rest of a word is no beginning of one
            out[len++] = *text++;
        while (is_word(text[-1]) && is_word(*text) && len < TEXT_ROOM);
    }
    out[len] = 0;
    record_text(o, key, out);
}
