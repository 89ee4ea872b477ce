// SPDX-License-Identifier: MIT
// Wakeup trees: what is still to be explored from a state, as a tree of sequences without two that
// are equivalent.
#include "explore/dpor.h"

#include <stdlib.h>
#include <string.h>

void sequence_add(struct sequence *s, const struct touched *t) {
    if (s->len == s->capacity) {
        s->capacity = s->capacity ? s->capacity * 2 : 16;
        s->at = realloc(s->at, s->capacity * sizeof *s->at);
        if (!s->at)
            abort();
    }
    s->at[s->len++] = *t;
}

static uint32_t index_of(const struct sequence *s, uint64_t id) {
    for (uint32_t i = 0; i < s->len; i++)
        if (s->at[i].id == id)
            return i;
    return UINT32_MAX;
}

bool weak_initial(const struct sequence *s, const struct touched *t) {
    uint32_t at = index_of(s, t->id);
    const struct touched *self = at == UINT32_MAX ? t : &s->at[at];
    for (uint32_t i = 0; i < s->len && i < at; i++)
        if (depends(&s->at[i], self))
            return false;
    return true;
}

static void remove_from(struct sequence *s, uint64_t id) {
    uint32_t at = index_of(s, id);
    if (at == UINT32_MAX)
        return;
    memmove(s->at + at, s->at + at + 1, (s->len - at - 1) * sizeof *s->at);
    s->len--;
}

struct wakeup *wakeup_add(struct wakeup *root, const struct touched *t) {
    struct wakeup *w = calloc(1, sizeof *w);
    if (!w)
        abort();
    w->touched = *t;
    struct wakeup **end = &root->children;
    while (*end)
        end = &(*end)->next;
    return *end = w;
}

void wakeup_insert(struct wakeup *root, const struct wakeup *current, struct sequence *s) {
    for (;;) {
        struct wakeup *child = root->children;
        while (child && (child == current || !weak_initial(s, &child->touched)))
            child = child->next;
        if (!child)
            break;
        remove_from(s, child->touched.id);
        if (!child->children || s->len == 0)
            return; // a leaf: what follows it will be explored in every way
        root = child;
    }
    for (uint32_t i = 0; i < s->len; i++)
        root = wakeup_add(root, &s->at[i]);
}

void wakeup_free(struct wakeup *branch) {
    // Depth is bounded by that of executions, but each branch is a long chain: no recursion.
    while (branch) {
        struct wakeup *child = branch->children;
        if (child) {
            branch->children = child->next;
            child->next = branch;
            branch = child;
            continue;
        }
        struct wakeup *next = branch->next;
        free(branch);
        branch = next;
    }
}
