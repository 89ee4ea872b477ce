// SPDX-License-Identifier: MIT
// The analysis as a whole: who there is, what may hold it up, how much there is to understand.
#include "frontend/analyze/analyze.h"

#include "frontend/analyze/inner.h"

#include <assert.h>
#include <stdlib.h>

const char *complexity_word(enum complexity c) {
    static const char *const words[] = {"low", "medium", "high"};
    assert((size_t)c < sizeof words / sizeof *words);
    return words[c];
}

// Each of these is one more thing to keep in mind: an actor, a link between two of them, a loop
// that is left and entered again while others act.
static enum complexity complexity_of(const struct analysis *all) {
    int32_t between = 0;
    for (int32_t i = 0; i < all->links.len; i++)
        between += all->parties.at[all->links.at[i].from].kind == PARTY_ACTOR;
    int32_t things = all->actors + between + 2 * all->loops_with_waits;
    return things <= 6 ? COMPLEXITY_LOW : things <= 20 ? COMPLEXITY_MEDIUM : COMPLEXITY_HIGH;
}

static int by_place(const void *a, const void *b) {
    const struct bottleneck *x = a, *y = b;
    if (x->loc.file != y->loc.file)
        return x->loc.file < y->loc.file ? -1 : 1;
    if (x->loc.line != y->loc.line)
        return x->loc.line < y->loc.line ? -1 : 1;
    return x->loc.column != y->loc.column ? (x->loc.column < y->loc.column ? -1 : 1)
                                          : (int)x->kind - (int)y->kind;
}

// One sentence an actor: what it keeps, what it takes, whom it needs.
static void describe(struct arena *a, struct analysis *all, int32_t at) {
    const struct party *p = &all->parties.at[at];
    struct text s = {.arena = a};
    text_printf(&s, "`%s`", p->name);
    if (p->is_many)
        text_put(&s, STR(" (many)"));
    const struct mir_type *state = p->actor->state;
    for (int32_t i = 0; i < state->fields.len; i++)
        text_printf(&s, "%s`%s`", i ? ", " : " keeps ", state->fields.at[i].name);
    for (int32_t i = 0; i < p->actor->messages.len; i++)
        text_printf(&s, "%s`%s`",
                    i                   ? ", "
                    : state->fields.len ? "; takes "
                                        : " takes ",
                    p->actor->messages.at[i].name);
    bool first = true;
    for (int32_t i = 0; i < all->links.len; i++) {
        const struct link *k = &all->links.at[i];
        if (k->from != at || k->kind != LINK_ASKS)
            continue;
        text_printf(&s, "%s`%s.%s`", first ? "; waits for " : ", ", all->parties.at[k->to].name,
                    k->message);
        first = false;
    }
    vec_push(a, &all->hints, text_str(&s));
}

struct analysis *analyze(struct arena *a, const struct mir_module *m,
                         const struct typed_program *typed) {
    struct analysis *all = arena_new(a, struct analysis);
    all->module = m;
    find_links(a, all);
    find_growth(a, all);
    find_waits(a, all);
    if (all->bottlenecks.len)
        qsort(all->bottlenecks.at, (size_t)all->bottlenecks.len, sizeof *all->bottlenecks.at,
              by_place);
    all->complexity = complexity_of(all);
    for (int32_t i = 0; i < all->parties.len; i++)
        if (all->parties.at[i].kind == PARTY_ACTOR && !all->parties.at[i].is_library)
            describe(a, all, i);
    find_purposes(a, all, typed);
    return all;
}
