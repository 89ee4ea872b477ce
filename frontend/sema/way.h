// SPDX-License-Identifier: MIT
// way: the ways that a body can take, as a graph of what happens to its variables and to places on
// each of them. What has to know what comes before or behind a point, on whatever way, reads it:
// moves.c (what is given away), assigned.c (what has a value), alias.c (names for parts of what
// changes, changes that nobody reads). Only the files of this folder include it.
#ifndef PRISM_SEMA_WAY_H
#define PRISM_SEMA_WAY_H

#include "frontend/sema/check.h"

enum step_kind {
    STEP_USE,    // the variable, or a part of it, is read
    STEP_TAKE,   // the same, and what it holds cannot be copied: it is given away
    STEP_COPY,   // `place` holds what cannot be copied, and something is taken out of it
    STEP_LATE,   // the variable begins without a value
    STEP_BIND,   // the variable begins, in a `let` or a pattern
    STEP_ASSIGN, // the variable gets a new value
    STEP_WRITE,  // a part of it changes
    STEP_CHANGE, // `place` changes, by an assignment or a call
    STEP_STATE,  // `fields` of the actor's state may change: a bit each, of the last one for all
                 // that follow
    STEP_FAIL,   // from here a failure may leave: see `fails`
};
#define STATE_FIELDS 64

struct step {
    enum step_kind kind;
    bool is_own; // USE: only to change it; WRITE, CHANGE: the library's own, so nothing else comes
                 // of it
    bool by_others; // STATE: while a reentrant actor waits
    bool is_name;   // CHANGE: another name begins to stand for a part of it
    struct sema_variable *variable;
    const struct ast_expr *place;
    uint64_t fields;
    struct span span;
};

// Steps one behind the other; then the way goes on at one of `next`.
struct spot {
    VEC(struct step) steps;
    VEC(int32_t) next;
    int32_t fails; // where failures lead to; -1: out of the body
};

// Of a function's body, or that of a closure or async block. It begins at the first spot.
struct way {
    VEC(struct spot *) spots;
};

// The way through `block` (a function's body) or `expr` (a closure's). Closures that stand in it
// are put behind `closures`, to be gone through by themselves.
typedef VEC(struct ast_expr *) way_closures;
// `is_task`: others of the actor's turns come between its waits.
struct way *way_build(struct checker *c, struct ast_block *block, struct ast_expr *expr,
                      bool is_task, way_closures *closures);

// What is known of WAY_ITEMS things at a point: the step that made it so, NULL while it is not so.
// Where ways meet it is so if it is so on one of them. `step` takes a state over a step.
#define WAY_ITEMS 64
struct way_state {
    const struct step *because[WAY_ITEMS];
    bool is_reached;
};
typedef void way_step(void *context, const struct step *s, struct way_state *state);
typedef void way_look(void *context, const struct step *s, const struct way_state *before);
// Repeats `step` until nothing changes, then `show` is given each step that is reached, once.
void way_walk(struct checker *c, const struct way *w, way_step *step, way_look *show,
              void *context);

// Which of 64 things are so before each spot, looking back from the ends, where none is.
typedef uint64_t way_back_step(void *context, const struct step *s, uint64_t later);
uint64_t *way_backward(struct checker *c, const struct way *w, way_back_step *step, void *context);
// Behind the spot; before its step `s`, if `later` is so behind that.
uint64_t way_behind(const struct spot *at, const uint64_t *before);
uint64_t way_before(const struct spot *at, const uint64_t *before, const struct step *s,
                    uint64_t later, way_back_step *step, void *context);

// Holds late values, moves and aliases of bodies to their laws, when all bodies are checked.
void check_assigned(struct checker *c, const struct flow_body *b, const struct way *w);
void check_moves(struct checker *c, const struct flow_body *b, const struct way *w);
void check_aliases(struct checker *c, const struct flow_body *b, const struct way *w);

#endif
