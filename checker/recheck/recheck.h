// SPDX-License-Identifier: MIT
// recheck: a certificate as it was read, and the two things that are checked of it.
//
//   order_holds      the arithmetic: each edge, under its conditions, never goes up and at last
//   goes down.
//                    Nothing is searched for: the multipliers stand in the certificate, and what
//                    remains is to add terms and to compare numbers.
//   program_covered  the program: the certificate is about it, and every place at which a reachable
//   function
//                    can wait for an actor has an edge to each handler that it can wait for.
//
// That an edge's conditions admit every pair of actors that can meet there is the abstract
// execution's result; docs/soundness.md says how that one is tested.
#ifndef PRISM_RECHECK_H
#define PRISM_RECHECK_H

#include "frontend/mir/mir.h"

enum { TERMS_MAX = 16, VARS_MAX = 4096 };

// constant + sum of coefficient * variable; sorted by nothing, variables may stand twice.
struct term {
    int64_t c;
    int32_t count;
    struct {
        int32_t var;
        int64_t coef;
    } t[TERMS_MAX];
};

struct class {
    struct str kind, site, name; // "actor", "table/spawn#0", "Fork"
    int32_t attrs;
};
struct condition {
    bool equation;
    struct term term;
};
struct edge {
    int32_t from, to, vars;
    struct str site, target;
    VEC(struct term) from_attrs, to_attrs;
    VEC(struct condition) conditions;
};
struct step {
    bool present, down;
    int64_t scale;
    VEC(int64_t) multipliers;
};
struct stage {
    struct level {
        VEC(int64_t) numbers; // constant, attributes, parameters
    } * ranks;                // by class
    struct step *steps;       // by edge
};

struct cert {
    struct arena *arena;
    struct str subject, root;
    uint64_t module;
    int32_t params;
    VEC(struct class) classes;
    VEC(struct edge) edges;
    VEC(struct str) unmet; // sites
    VEC(struct stage) stages;
};

// Each returns NULL, or a sentence about what is wrong.
const char *cert_read(struct cert *c, struct str text);
const char *order_holds(const struct cert *c);
// *conditional: places that wait and are in order only under the certificate's conditions; where
// there are none, the proof was checked from the program's text alone.
const char *program_covered(const struct cert *c, const struct mir_module *m, int32_t *conditional);

#endif
