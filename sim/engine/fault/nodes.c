// SPDX-License-Identifier: MIT
// Nodes in a simulation: a crash or restart is one event, whoever causes it; links that are cut.
#include "fault/fault.h"

// ---- links --------------------------------------------------------------------------------------

static struct link *find_link(struct world *w, const struct cell *from, const struct cell *to) {
    for (uint32_t i = 0; i < w->link_count; i++)
        if (w->links[i].from == from->sched.id && w->links[i].to == to->sched.id)
            return &w->links[i];
    return NULL;
}

bool link_is_cut(struct world *w, const struct cell *from, const struct cell *to) {
    return find_link(w, from, to) != NULL;
}

void link_set(struct world *w, const struct cell *from, const struct cell *to, bool cut,
              bool by_fault) {
    struct link *at = find_link(w, from, to);
    if (!cut && at)
        *at = w->links[--w->link_count];
    if (!cut || at)
        return;
    if (w->link_count == w->link_capacity)
        w->links =
            world_table_grow(w, w->links, w->link_count, &w->link_capacity, sizeof *w->links);
    w->links[w->link_count++] = (struct link){from->sched.id, to->sched.id, by_fault, w->now_ns};
}

// Where the test runs is the root's.
static const struct cell *node_of(const struct world *w, const struct cell *c) {
    return c->node ? c->node : w->root;
}

bool flight_crosses(const struct world *w, const struct envelope *e) {
    const struct cell *from = w->names[e->sched.sender].cell;
    return w->nodes && from && from->node != e->sched.home->node && !actor_watches(e->sched.home);
}

bool link_loses(struct world *w, const struct cell *from, const struct cell *to) {
    if (!w->nodes || !from || actor_watches(to))
        return false;
    if (node_loses(from, to))
        return true;
    return from->node != to->node && w->link_count &&
           link_is_cut(w, node_of(w, from), node_of(w, to));
}

// ---- crash and restart --------------------------------------------------------------------------

static void lose_what_is_under_way(struct world *w, struct cell *home) {
    struct envelope *next;
    for (struct envelope *e = home->sched.first; e; e = next) {
        next = e->next;
        if (actor_travels(e))
            flight_lose(w, e);
    }
}

void node_turn(struct world *w, struct cell *node, bool down) {
    __atomic_store_n(&node->down, down, __ATOMIC_RELAXED);
    w->touches |= TOUCHES_NODES;
    for (struct cell *c = w->first_cell; c; c = c->sched.all_next) {
        if (c->node != node || c->status == CELL_GONE)
            continue;
        if (down) {
            lose_what_is_under_way(w, c);
            actor_halt(&w->cx, c);
        } else {
            actor_go_on(&w->cx, c);
        }
        flight_dirty(w, c);
    }
}

bool sched_node_turn(prism_cx *cx, struct cell *node, bool down) {
    node_turn((struct world *)cx, node, down);
    return true;
}

void sched_node_link(prism_cx *cx, struct cell *a, struct cell *b, bool cut) {
    struct world *w = (struct world *)cx;
    w->touches |= TOUCHES_NODES;
    link_set(w, a, b, cut, false);
    link_set(w, b, a, cut, false);
}

// ---- healing ------------------------------------------------------------------------------------

// What a fault did heals after so long by itself.
#define HEALS_NS (60ll * 1000000000)

static bool is_due(const struct world *w, int64_t since_ns, bool all) {
    return all || w->now_ns - since_ns > HEALS_NS;
}

static bool heals(struct world *w, bool all, struct strike *out) {
    for (uint32_t i = 0; i < w->link_count; i++) {
        const struct link *link = &w->links[i];
        if (!link->by_fault || !is_due(w, link->since_ns, all))
            continue;
        bool ordered = link->from < link->to; // pairs are named by the older one
        *out = (struct strike){FAULT_NET_HEAL, NULL, w->names[ordered ? link->from : link->to].cell,
                               w->names[ordered ? link->to : link->from].cell};
        return true;
    }
    for (struct cell *c = w->first_cell; c; c = c->sched.all_next)
        if (actor_is_node(c) && c->down && c->sched.felled && is_due(w, c->sched.felled_ns, all)) {
            *out = (struct strike){FAULT_NODE_RESTART, NULL, c, NULL};
            return true;
        }
    return false;
}

bool fault_heals(struct world *w, struct strike *out) {
    return w->nodes && !w->calm && heals(w, world_enabled(w) == 0, out);
}

void nodes_heal(struct world *w) {
    struct strike s;
    while (w->nodes && heals(w, true, &s))
        fault_strike(w, &s);
}
