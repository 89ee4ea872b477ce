// SPDX-License-Identifier: MIT
// cfg: what the abstract execution has to know of a function before it runs it - the order of its
// blocks, its loops, which locals matter where, and what the function does to the world.
#ifndef PRISM_CHECKER_CFG_H
#define PRISM_CHECKER_CFG_H

#include "frontend/mir/mir.h"

struct cfg_loop {
    int32_t header;
    int32_t parent;        // the loop around it, or -1
    bool *blocks;          // by block
    bool *modified;        // by local: may be written inside
    uint64_t self_written; // fields of self, as mir_function.writes has them
};

struct cfg {
    const struct mir_function *f;
    bool irreducible; // a jump into the middle of a loop: not executed abstractly
    int32_t *order;   // by block: its place in reverse post-order, or -1 when it is never reached
    int32_t *loop_of; // by block: the innermost loop, or -1
    VEC(struct cfg_loop) loops;
    bool **live; // by block, then local: may be read before it is written
};

// What a function can do, itself or through those that it calls.
struct cfg_facts {
    bool acts; // touches actors, tasks, scopes or time
    bool loops;
    bool recursive; // calls itself, perhaps through others
};

struct cfg_table;
struct cfg_table *cfg_table_new(struct arena *a, const struct mir_module *m);
const struct cfg *cfg_of(struct cfg_table *t, const struct mir_function *f);
struct cfg_facts cfg_facts_of(struct cfg_table *t, const struct mir_function *f);
// Does some closure of that type do more than compute?
bool cfg_closures_act(const struct cfg_table *t, const struct mir_type *fn);

#endif
