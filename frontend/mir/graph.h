// SPDX-License-Identifier: MIT
// Strongly connected components of a graph whose nodes are numbers (Tarjan 1972), without
// recursion.
#ifndef PRISM_MIR_GRAPH_H
#define PRISM_MIR_GRAPH_H

#include "frontend/base/base.h"

struct mir_edges {
    VEC(int32_t) to;
};

struct mir_components {
    int32_t *of;    // by node: its component
    int32_t *order; // nodes; components one after the other, those that are pointed at first
    bool *cyclic;   // by component: more than one node, or an edge to itself
    int32_t count;  // components
};

// Everything lives in `a`.
struct mir_components mir_components(struct arena *a, const struct mir_edges *edges, int32_t count);

#endif
