// SPDX-License-Identifier: MIT
// Two stories beside each other: which steps they share, in the usual way of showing differences.
#include "sim/report/story.h"

#include <stdlib.h>

struct comparison {
    const struct story *a, *b;
    struct str *left, *right; // the steps in words
    int32_t *longest;         // of the common subsequences of what lies behind (i, j)
    int32_t width;
};

static struct str *lines_of(struct arena *a, const struct story *s) {
    struct str *lines = arena_array(a, struct str, s->steps.len + 1);
    for (int32_t i = 0; i < s->steps.len; i++) {
        const struct story_step *step = &s->steps.at[i];
        lines[i] = str_format(a, "%.*s  %.*s", STR_ARGS(story_actor_name(s, step->actor)),
                              STR_ARGS(story_step_words(a, step)));
        if (step->from != NOBODY && step->from != step->actor)
            lines[i] = str_format(a, "%.*s  (%.*s)", STR_ARGS(lines[i]),
                                  STR_ARGS(story_actor_name(s, step->from)));
    }
    return lines;
}

static int32_t *at(const struct comparison *c, int32_t i, int32_t j) {
    return &c->longest[(size_t)i * (size_t)c->width + (size_t)j];
}

static void fill(struct comparison *c) {
    for (int32_t i = c->a->steps.len - 1; i >= 0; i--)
        for (int32_t j = c->b->steps.len - 1; j >= 0; j--) {
            int32_t down = *at(c, i + 1, j), right = *at(c, i, j + 1);
            *at(c, i, j) = str_eq(c->left[i], c->right[j]) ? *at(c, i + 1, j + 1) + 1
                           : down > right                  ? down
                                                           : right;
        }
}

static void put_line(char mark, int32_t step, struct str words, struct text *out) {
    text_printf(out, "%c %5d  %.*s\n", mark, step, STR_ARGS(words));
}

bool story_put_difference(const struct story *a, const struct story *b, struct text *out) {
    struct comparison c = {.a = a, .b = b, .width = b->steps.len + 1};
    c.left = lines_of(out->arena, a);
    c.right = lines_of(out->arena, b);
    c.longest = calloc((size_t)(a->steps.len + 1) * (size_t)c.width, sizeof *c.longest);
    if (!c.longest)
        abort();
    fill(&c);
    bool differ = false;
    for (int32_t i = 0, j = 0; i < a->steps.len || j < b->steps.len;) {
        bool more = i < a->steps.len, other = j < b->steps.len;
        if (more && other && str_eq(c.left[i], c.right[j])) {
            put_line(' ', a->steps.at[i].step, c.left[i], out);
            i++, j++;
            continue;
        }
        differ = true;
        if (more && (!other || *at(&c, i + 1, j) >= *at(&c, i, j + 1))) {
            put_line('-', a->steps.at[i].step, c.left[i], out);
            i++;
        } else {
            put_line('+', b->steps.at[j].step, c.right[j], out);
            j++;
        }
    }
    free(c.longest);
    return differ;
}
