// SPDX-License-Identifier: MIT
// rank: an order of the actors along which every wait goes down, for any number of actors. It is
// lexicographic: stages of integer functions of an actor's class and attributes (and of the test's
// parameters). A stage never goes up along an edge that is still open, and strictly down along
// those that it closes. A circle of waits would have to go down and come back, so there is none.
#ifndef PRISM_CHECKER_RANK_H
#define PRISM_CHECKER_RANK_H

#include "checker/web.h"

enum { RANK_STAGES_MAX = 12 };

// The value for an actor of the class: constant + attrs * its attributes + params * the parameters.
struct rank_row {
    int64_t constant, attrs[VAL_ATTRS_MAX], params[WEB_PARAMS_MAX];
};
// Why an edge does not go up in a stage: scale * (from - to) = rest + sum of multipliers *
// conditions, multipliers of inequalities and `rest` being >= 0; for a strict one `rest` > 0.
struct rank_step {
    bool open, strict; // an edge that an earlier stage closed is not open
    int64_t scale;
    int64_t *multipliers; // by condition of the edge
};
struct rank_stage {
    struct rank_row *rows;   // by class
    struct rank_step *steps; // by edge
};
struct rank {
    VEC(struct rank_stage) stages;
    bool complete;  // every edge was closed
    bool *open;     // by edge: those that were not
    int32_t needed; // edges that needed more than the order of the classes
};

struct rank rank_find(const struct web *w);
// The rank of a class in words, "class - index".
void rank_print(const struct web *w, const struct rank *r, struct text *out);

#endif
