// SPDX-License-Identifier: MIT
// effects: what effects.c and latent.c share: sets of effects and of capabilities, for each
// function and for each function value.
#ifndef PRISM_SEMA_EFFECTS_H
#define PRISM_SEMA_EFFECTS_H

#include "frontend/sema/check.h"

#define BATCH 64 // effects, and capabilities, that are followed together: the bits of a word

struct ability {
    const char *text;               // "IO.Network", `FileSystem.Read("/data")`
    const struct ast_ability *from; // NULL for what intrinsics do
};
// Those of the batch at hand, by their bits; `all` has those of the whole program.
struct ability_set {
    struct ability *at;
    int32_t count, batch;
    VEC(struct ability) all;
};

// What a function value may be; all that it is there are several of.
enum source_kind { SOURCE_CLOSURE, SOURCE_FUNCTION, SOURCE_CLAUSE, SOURCE_PARAM };
struct value_source {
    enum source_kind kind;
    union {
        const struct sema_closure *closure;
        const struct sema_function *function;
        const struct sema_clause *clause;
        int32_t open;
    };
};
typedef VEC(struct value_source) source_vec;

// Nodes: functions by number; two for each closure, what it does for certain, and what it does with
// the functions that its functions are given; one for each parameter that takes any function: what
// all those that it is given do.
struct spread {
    struct checker *c;
    struct ability_set effects, needs;
    uint64_t *does, *wants; // by node
    bool *is_told;          // by function
    bool *is_limited;       // by node, in all batches: see sema_function.is_limited
    source_vec *sources;    // by number of the function_use
};

// 0 if it is followed in another batch.
uint64_t ability_bit(struct checker *c, struct ability_set *set, const char *text,
                     const struct ast_ability *from);
bool effect_is_allowed(struct checker *c, const struct ast_ability *list, int32_t count,
                       const char *effect); // listed or implicit, and not denied
// The clauses of a function, or of its actor; NULL: it declares no effects.
struct ast_clauses *declared_clauses(struct sema_function *f);
// The function, or its actor, does not hold `what`, which `asks` needs.
void say_not_held(struct spread *s, struct span span, const struct sema_function *f,
                  const struct ast_ability *what, const char *asks);

// ---- latent.c
int32_t closure_node(const struct spread *s, const struct sema_closure *closure); // for certain
bool is_within_kept(const struct sema_closure *closure);                          // closure or NULL
int32_t node_count(const struct checker *c);
void trace_values(struct spread *s);
void seed_values(struct spread *s);
bool spread_values(struct spread *s); // has anything changed?
bool spread_limited_values(struct spread *s);
void check_values(struct spread *s);

#endif
