// SPDX-License-Identifier: MIT
// Sleep sets: events whose continuations have all been explored from here. Wakeup trees: sequences
// that must still be explored from here, so that no execution is begun that turns out to be
// redundant.
#include "explore/order.h"

#include <stdlib.h>
#include <string.h>

// ---- sets of events -----------------------------------------------------------------------------

void acts_add(struct acts *a, struct act act) {
    if (a->count == a->room) {
        a->room = a->room ? a->room * 2 : 4;
        a->at = realloc(a->at, a->room * sizeof *a->at);
        if (!a->at)
            abort();
    }
    a->at[a->count++] = act;
}

bool acts_have(const struct acts *a, const struct key *id) {
    for (uint32_t i = 0; i < a->count; i++)
        if (key_equal(&a->at[i].id, id))
            return true;
    return false;
}

void acts_independent(enum mutant mutant, struct acts *to, const struct acts *from,
                      const struct act *act) {
    to->count = 0;
    for (uint32_t i = 0; i < from->count; i++)
        if (!acts_dependent(mutant, &from->at[i], act))
            acts_add(to, from->at[i]);
}

void acts_free(struct acts *a) {
    free(a->at);
    *a = (struct acts){0};
}

// ---- sequences ----------------------------------------------------------------------------------

// What may be assumed of a step in the sequence: the last one runs earlier than it did, so it may
// do more.
static struct act act_of(const struct order *o, const struct sequence *v, uint32_t step) {
    struct act act = o->steps[step].act;
    if (step == v->last) {
        act.clock = true;
        act.reads = false;
    }
    return act;
}

static bool independent_of_all(const struct order *o, const struct sequence *v,
                               const struct act *act) {
    for (uint32_t i = 0; i < v->count; i++) {
        struct act other = act_of(o, v, v->steps[i]);
        if (acts_dependent(o->mutant, act, &other))
            return false;
    }
    return true;
}

// Of the last one it is known what sent it; besides, it is taken to depend on what it may depend
// on.
static bool comes_after(const struct order *o, const struct sequence *v, uint32_t position,
                        uint32_t before) {
    uint32_t step = v->steps[position];
    if (step != v->last)
        return order_before(o, v->steps[before], step);
    struct act act = act_of(o, v, step), other = act_of(o, v, v->steps[before]);
    return acts_dependent(o->mutant, &act, &other) || order_sent_because(o, v->steps[before], step);
}

static bool has_predecessor(const struct order *o, const struct sequence *v, uint32_t position) {
    for (uint32_t i = 0; i < position; i++)
        if (comes_after(o, v, position, i))
            return true;
    return false;
}

static uint32_t position_of(const struct order *o, const struct sequence *v, const struct key *id) {
    uint32_t i = 0;
    while (i < v->count && !key_equal(&o->steps[v->steps[i]].act.id, id))
        i++;
    return i;
}

// Weak initials: events with which some execution of the sequence, perhaps continued, can begin.
enum initial { NOT_INITIAL, INITIAL_IN, INITIAL_BESIDE };
static enum initial weak_initial(const struct order *o, const struct sequence *v,
                                 const struct act *act, uint32_t *position) {
    *position = position_of(o, v, &act->id);
    if (*position < v->count)
        return has_predecessor(o, v, *position) ? NOT_INITIAL : INITIAL_IN;
    return independent_of_all(o, v, act) ? INITIAL_BESIDE : NOT_INITIAL;
}

bool sequence_is_asleep(const struct order *o, const struct sequence *v,
                        const struct acts *asleep) {
    uint32_t position;
    for (uint32_t i = 0; i < asleep->count; i++)
        if (weak_initial(o, v, &asleep->at[i], &position) != NOT_INITIAL)
            return true;
    return false;
}

// ---- trees --------------------------------------------------------------------------------------

void wakeup_free(struct wakeup *tree) {
    while (tree) { // children are few and shallow; a branch is a chain of only children
        struct wakeup *next = tree->next;
        struct wakeup *child = tree->child;
        free(tree);
        if (child) { // splice the children in front, so that depth costs no stack
            struct wakeup *last = child;
            while (last->next)
                last = last->next;
            last->next = next;
            next = child;
        }
        tree = next;
    }
}

static void append_branch(struct wakeup **children, const struct order *o,
                          const struct sequence *v) {
    while (*children)
        children = &(*children)->next;
    for (uint32_t i = 0; i < v->count; i++) {
        struct wakeup *node = calloc(1, sizeof *node);
        if (!node)
            abort();
        node->act = act_of(o, v, v->steps[i]);
        node->guessed = v->steps[i] == v->last && !is_time(&node->act);
        *children = node;
        children = &node->child;
    }
}

static void remove_position(struct sequence *v, uint32_t position) {
    memmove(v->steps + position, v->steps + position + 1,
            (v->count - position - 1) * sizeof *v->steps);
    v->count--;
}

void wakeup_insert(struct wakeup **tree, const struct order *o, struct sequence *v) {
    bool root = true;
    while (v->count && (root || *tree)) {
        enum initial fits = NOT_INITIAL;
        struct wakeup *child;
        uint32_t position = 0;
        for (child = *tree; child; child = child->next) {
            fits = weak_initial(o, v, &child->act, &position);
            if (fits != NOT_INITIAL)
                break;
        }
        if (!child) {
            append_branch(tree, o, v);
            return;
        }
        if (fits == INITIAL_IN)
            remove_position(v, position);
        tree = &child->child;
        root = false;
    }
}

// Removes the paths from here on that can begin with the event; true: nothing is left of the node.
static bool mend_path(enum mutant mutant, struct wakeup *node, const struct act *act) {
    if (key_equal(&node->act.id, &act->id))
        return true;
    if (acts_dependent(mutant, &node->act, act))
        return false;
    bool was_leaf = !node->child;
    wakeup_mend(mutant, &node->child, act);
    return was_leaf || !node->child;
}

// As deep as the tree, which is as deep as an execution at most.
void wakeup_mend(enum mutant mutant, struct wakeup **tree, const struct act *act) {
    while (*tree) {
        struct wakeup *node = *tree;
        if (!mend_path(mutant, node, act)) {
            tree = &node->next;
            continue;
        }
        *tree = node->next;
        node->next = NULL;
        wakeup_free(node);
    }
}
