// SPDX-License-Identifier: MIT
// Tarjan's algorithm with its stack as data, since what it walks may be as deep as the input is
// long.
#include "frontend/mir/graph.h"

#include <assert.h>

struct walk {
    const struct mir_edges *edges;
    struct mir_components out;
    int32_t *number, *low; // 0: not seen
    bool *on_stack;
    int32_t *stack, *path, *edge; // path: nodes under way, with the next edge of each
    int32_t stack_len, path_len, seen, ordered;
};

static void enter(struct walk *w, int32_t node) {
    w->number[node] = w->low[node] = ++w->seen;
    w->on_stack[node] = true;
    w->stack[w->stack_len++] = node;
    w->edge[w->path_len] = 0;
    w->path[w->path_len++] = node;
}

static void lower(int32_t *at, int32_t value) {
    if (value < *at)
        *at = value;
}

static void close_component(struct walk *w, int32_t root) {
    int32_t component = w->out.count++, node, size = 0;
    do {
        node = w->stack[--w->stack_len];
        w->on_stack[node] = false;
        w->out.of[node] = component;
        w->out.order[w->ordered++] = node;
        size++;
    } while (node != root);
    w->out.cyclic[component] |= size > 1;
}

static void leave(struct walk *w) {
    int32_t node = w->path[--w->path_len];
    if (w->path_len)
        lower(&w->low[w->path[w->path_len - 1]], w->low[node]);
    if (w->low[node] == w->number[node])
        close_component(w, node);
}

static void step(struct walk *w) {
    int32_t node = w->path[w->path_len - 1];
    const struct mir_edges *e = &w->edges[node];
    int32_t next = w->edge[w->path_len - 1]++;
    if (next >= e->to.len) {
        leave(w);
        return;
    }
    int32_t to = e->to.at[next];
    if (w->number[to] == 0)
        enter(w, to);
    else if (w->on_stack[to])
        lower(&w->low[node], w->number[to]);
}

struct mir_components mir_components(struct arena *a, const struct mir_edges *edges,
                                     int32_t count) {
    struct walk w = {.edges = edges};
    w.out.of = arena_array(a, int32_t, count);
    w.out.order = arena_array(a, int32_t, count);
    w.out.cyclic = arena_array(a, bool, count);
    w.number = arena_array(a, int32_t, count);
    w.low = arena_array(a, int32_t, count);
    w.on_stack = arena_array(a, bool, count);
    w.stack = arena_array(a, int32_t, count);
    w.path = arena_array(a, int32_t, count);
    w.edge = arena_array(a, int32_t, count);
    for (int32_t node = 0; node < count; node++) {
        if (w.number[node] == 0)
            enter(&w, node);
        while (w.path_len)
            step(&w);
    }
    for (int32_t node = 0; node < count; node++)
        for (int32_t i = 0; i < edges[node].to.len; i++)
            w.out.cyclic[w.out.of[node]] |= edges[node].to.at[i] == node;
    assert(w.ordered == count && w.stack_len == 0);
    return w.out;
}
