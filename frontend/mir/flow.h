// SPDX-License-Identifier: MIT
// The control flow of one function, and sets of its locals: what validator, ownership and
// suspension compute over. Everything lives in a scratch arena.
#ifndef PRISM_MIR_FLOW_H
#define PRISM_MIR_FLOW_H

#include "frontend/mir/graph.h"
#include "frontend/mir/inner.h"

// ---- sets of locals -----------------------------------------------------------------------------

struct bits {
    uint64_t *at;
    int32_t words;
};

struct bits bits_new(struct arena *a, int32_t count);
static inline bool bits_has(struct bits s, int32_t i) {
    return s.at[i >> 6] >> (i & 63) & 1;
}
static inline void bits_add(struct bits s, int32_t i) {
    s.at[i >> 6] |= (uint64_t)1 << (i & 63);
}
static inline void bits_remove(struct bits s, int32_t i) {
    s.at[i >> 6] &= ~((uint64_t)1 << (i & 63));
}
void bits_fill(struct bits s);
void bits_copy(struct bits to, struct bits from);
// These say whether `to` changed.
bool bits_unite(struct bits to, struct bits from);
bool bits_intersect(struct bits to, struct bits from);

// ---- control flow -------------------------------------------------------------------------------

struct flow {
    const struct mir_module *module;
    const struct mir_function *function;
    int32_t count;            // blocks
    struct mir_edges *after;  // by block: successors by its terminator
    struct mir_edges *before; // by block: predecessors by terminator
    struct mir_edges *fails;  // by block: those that unwind to it
    bool *may_fail;           // by block: its unwind edge can be taken
    int32_t *order;           // reachable blocks, reverse postorder
    int32_t order_len;
};

// The function's blocks and locals must be in range.
struct flow flow_of(struct arena *a, const struct mir_module *m, const struct mir_function *f);
// The successors by a terminator, in its order.
void flow_targets(struct arena *a, const struct mir_terminator *t, struct mir_edges *out);
bool flow_end_has_value(const struct mir_terminator *t);

#endif
