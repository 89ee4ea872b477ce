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
// May block `b` fail at its end? At what its terminator does, and where it goes back: a loop's
// fuel.
bool flow_end_fails(const struct mir_function *f, int32_t b);
// Goes to a block with the same or a lower number.
bool flow_is_back(int32_t from, int32_t to);

// ---- liveness -----------------------------------------------------------------------------------
// A local is live where some path reads it before it is written whole; where an operation may fail,
// what its unwind block needs is live, too. `drop` reads.

struct live {
    struct flow flow;
    struct bits *in; // by block: live at its beginning
};

struct live live_of(struct arena *a, const struct mir_module *m, const struct mir_function *f);
// What is live before the terminator of block `b`, into `now`.
void live_before_end(const struct live *l, int32_t b, struct bits now);
// Goes back over an operation of block `b`.
void live_step_back(const struct live *l, int32_t b, const struct mir_inst *i, struct bits now);

// Calls `each` for every local that the place, operand or operation reads: roots and indexes, and
// the root of a destination that is a part.
typedef void each_local(void *context, int32_t local);
void flow_place_reads(const struct mir_place *p, each_local *each, void *context);
void flow_operand_reads(const struct mir_operand *o, each_local *each, void *context);
void flow_inst_reads(const struct mir_inst *i, each_local *each, void *context);

#endif
