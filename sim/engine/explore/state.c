// SPDX-License-Identifier: MIT
// Frames as bytes. They are read by the program that wrote them, on the machine that wrote them,
// and a checksum stands around them (command/pause.c), so their form is that of memory; lengths are
// held to what there is all the same.
#include "explore/order.h"

#include <stdlib.h>
#include <string.h>

void state_append(struct explore_state *s, const void *bytes, size_t len) {
    if (s->len + len > s->capacity) {
        s->capacity = (s->len + len) * 2;
        s->bytes = realloc(s->bytes, s->capacity);
        if (!s->bytes)
            abort();
    }
    memcpy(s->bytes + s->len, bytes, len);
    s->len += len;
}

bool state_take(const struct explore_state *s, size_t *at, void *out, size_t len) {
    if (len > s->len - *at)
        return false;
    memcpy(out, s->bytes + *at, len);
    *at += len;
    return true;
}

// ---- acts and trees -----------------------------------------------------------------------------

struct flat_act {
    struct key id;
    uint32_t clock, reads, guessed, unused;
};

static struct flat_act flat(const struct act *act) {
    return (struct flat_act){.id = act->id, .clock = act->clock, .reads = act->reads};
}

static struct act act_of(const struct flat_act *f) {
    return (struct act){.id = f->id, .clock = f->clock, .reads = f->reads};
}

// As deep as the tree, which is as deep as an execution at most.
static void put_tree(struct explore_state *s, const struct wakeup *tree) {
    uint32_t count = 0;
    for (const struct wakeup *w = tree; w; w = w->next)
        count++;
    state_append(s, &count, sizeof count);
    for (const struct wakeup *w = tree; w; w = w->next) {
        struct flat_act f = flat(&w->act);
        f.guessed = w->guessed;
        state_append(s, &f, sizeof f);
        put_tree(s, w->child);
    }
}

static bool take_tree(const struct explore_state *s, size_t *at, struct wakeup **tree) {
    uint32_t count;
    if (!state_take(s, at, &count, sizeof count))
        return false;
    for (; count > 0; count--, tree = &(*tree)->next) {
        struct flat_act f;
        if (!state_take(s, at, &f, sizeof f))
            return false;
        *tree = calloc(1, sizeof **tree);
        if (!*tree)
            abort();
        (*tree)->act = act_of(&f);
        (*tree)->guessed = f.guessed;
        if (!take_tree(s, at, &(*tree)->child))
            return false;
    }
    return true;
}

// ---- frames -------------------------------------------------------------------------------------

void state_put_frame(struct explore_state *s, const struct frame *f) {
    uint32_t numbers[2] = {f->guessed, f->asleep.count};
    state_append(s, &f->chosen, sizeof f->chosen);
    state_append(s, numbers, sizeof numbers);
    for (uint32_t i = 0; i < f->asleep.count; i++) {
        struct flat_act act = flat(&f->asleep.at[i]);
        state_append(s, &act, sizeof act);
    }
    put_tree(s, f->tree);
}

bool state_take_frame(const struct explore_state *s, size_t *at, struct frame *f) {
    uint32_t numbers[2];
    if (!state_take(s, at, &f->chosen, sizeof f->chosen) ||
        !state_take(s, at, numbers, sizeof numbers))
        return false;
    f->guessed = numbers[0];
    f->asleep.count = 0;
    for (uint32_t i = 0; i < numbers[1]; i++) {
        struct flat_act act;
        if (!state_take(s, at, &act, sizeof act))
            return false;
        acts_add(&f->asleep, act_of(&act));
    }
    return take_tree(s, at, &f->tree);
}
