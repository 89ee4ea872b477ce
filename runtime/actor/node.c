// SPDX-License-Identifier: MIT
// Nodes: machines of a distributed program, within one process. A node is a cell without code; an
// actor that is placed on one belongs to it, as do the tasks and actors that it makes. What crosses
// nodes keeps its order from one sender to one receiver and arrives at most once; nothing more is
// promised.
//
// A crash ends all that runs on the node, without on_stop, and loses what was under way to it; what
// is sent to it while it is down is lost. A restart runs the recipes of the actors that were placed
// on it (init with the same arguments, a fresh state) under the same references; what those had
// spawned is theirs to make again.
#include "runtime/actor/parts.h"

// What a node knows of an actor that was placed on it.
struct placed {
    struct placed *next;
    prism_ref actor;
};

static const prism_type no_state = {
    .name = "Node.state", .kind = PRISM_STRUCT, .flags = PRISM_PLAIN, .align = 1};
static const prism_actor_type node_type = {.name = "Node", .state = &no_state};

bool actor_is_node(const struct cell *c) {
    return c->type == &node_type;
}

prism_ref prism_node(prism_cx *cx, uint64_t stable, const prism_site *site) {
    struct cell *c = cell_new_child(cx, &node_type, site);
    c->status = CELL_RUNNING;
    if (stable)
        own_rest(cx, c)->stable = true;
    sched_cell_ready(cx, c, false);
    return (prism_ref){c, c->generation};
}

// Lock-free, for actors of different workers may place on one node; nothing is ever taken out.
void node_place(prism_cx *cx, struct cell *node, struct cell *actor, const void *args) {
    const prism_type *type = actor->type->init->args;
    struct placed *p = prism_alloc(cx, sizeof *p);
    p->actor = (prism_ref){actor, actor->generation};
    p->next = __atomic_load_n(&node->placed, __ATOMIC_RELAXED);
    // Release: who goes through the list sees what the entries hold.
    while (!__atomic_compare_exchange_n(&node->placed, &p->next, p, true, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED)) {
    }
    cell_set_node(actor, node);
    own_rest(cx, actor)->has_recipe = true;
    if (!size_of(type))
        return;
    actor->rest->recipe = prism_alloc(cx, type->size);
    memcpy(actor->rest->recipe, args, type->size);
    if (!(type->flags & PRISM_PLAIN))
        prism_dup(cx, type, actor->rest->recipe);
}

void node_forget(prism_cx *cx, struct cell *c) {
    if (c->rest->recipe) {
        const prism_type *args = c->type->init->args;
        drop_value(cx, args, c->rest->recipe);
        prism_free(cx, c->rest->recipe, args->size);
    }
    if (c->rest->has_recipe) {
        c->rest->recipe = NULL;
        c->rest->has_recipe = false;
    }
    c->halts = false;
    while (c->placed) {
        struct placed *next = c->placed->next;
        prism_free(cx, c->placed, sizeof *next);
        c->placed = next;
    }
}

static bool is_down(const struct cell *node) {
    return node && __atomic_load_n(&node->down, __ATOMIC_ACQUIRE);
}

bool node_loses(const struct cell *from, const struct cell *to) {
    return !actor_watches(to) &&
           (is_down(from->node) || (cell_node(to) != from->node && is_down(cell_node(to))));
}

// ---- crash and restart --------------------------------------------------------------------------

bool node_incarnation_over(prism_cx *cx, struct cell *c) {
    if (!c->halts)
        return false;
    c->status = CELL_HALTED;
    if (c->goes_on)
        actor_go_on(cx, c);
    return true;
}

void actor_halt(prism_cx *cx, struct cell *c) {
    bool lives = c->status == CELL_STARTING || c->status == CELL_RUNNING;
    c->goes_on = false;
    if (!lives)
        return;
    c->halts = c->rest->has_recipe;
    void *home = cx->home;
    cx->home = c;
    supervise_end(cx, c); // whoever supervises it is on this node, and crashes with it
    cell_begin_end(cx, c, CELL_CRASHING);
    cx->home = home;
}

void actor_go_on(prism_cx *cx, struct cell *c) {
    c->goes_on = c->halts;
    if (!c->halts || c->status != CELL_HALTED)
        return;
    void *home = cx->home;
    cx->home = c;
    c->halts = c->goes_on = false;
    cell_begin_again(cx, c, c->rest->recipe);
    cx->home = home;
}

void node_taken(prism_cx *cx, struct cell *c, const struct envelope *e) {
    if (c->status == CELL_GONE || e->generation != c->generation)
        return;
    if (e->failure == PRISM_CRASHED)
        actor_halt(cx, c);
    else
        actor_go_on(cx, c);
}

static void tell_placed(prism_cx *cx, struct cell *node, bool down) {
    for (struct placed *p = __atomic_load_n(&node->placed, __ATOMIC_ACQUIRE); p; p = p->next) {
        struct envelope *e = sched_envelope_new(cx, 0);
        e->kind = ENVELOPE_NODE;
        e->failure = down ? PRISM_CRASHED : PRISM_NONE;
        e->generation = p->actor.generation;
        sched_post(cx, p->actor.cell, e);
    }
}

static prism_ref ref_to(struct cell *c) {
    return c ? (prism_ref){c, c->generation} : (prism_ref){0};
}

prism_ref prism_node_do(prism_cx *cx, uint64_t what, prism_ref a, prism_ref b,
                        const prism_site *site) {
    (void)site;
    struct cell *node = a.cell, *home = home_of(cx);
    prism_ref before = ref_to(home->rest->placing);
    bool down = what == PRISM_NODE_CRASH;
    switch (what) {
    case PRISM_NODE_PLACE:
        own_rest(cx, home)->placing = node;
        break;
    case PRISM_NODE_CRASH:
    case PRISM_NODE_RESTART:
        if (__atomic_exchange_n(&node->down, down, __ATOMIC_ACQ_REL) != down &&
            !sched_node_turn(cx, node, down))
            tell_placed(cx, node, down);
        break;
    default:
        sched_node_link(cx, node, b.cell, what == PRISM_NODE_CUT);
        break;
    }
    return before;
}
