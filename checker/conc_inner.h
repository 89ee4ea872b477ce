// SPDX-License-Identifier: MIT
// What the files of the concrete execution share.
#ifndef PRISM_CHECKER_CONC_INNER_H
#define PRISM_CHECKER_CONC_INNER_H

#include "checker/conc.h"

// One strand at work.
struct run {
    struct conc *c;
    struct conc_world *w;
    struct conc_strand *s;
    int32_t failure; // of the operation at hand
};

const char *conc_failure_word(int64_t kind);
const struct conc_val *conc_error(struct conc *c, int32_t kind);
void conc_write(struct run *r, const struct mir_place *p, const struct conc_val *v);
void conc_push_frame(struct run *r, const struct mir_function *f,
                     const struct conc_val *const *args, int32_t count);
void conc_run_strand(struct conc *c, struct conc_world *w, int32_t index);
// Operations on actors, futures and time.
void conc_act(struct run *r, const struct mir_inst *in, const struct conc_val *const *args);
void conc_complete(struct conc *c, struct conc_world *w, int32_t future,
                   const struct conc_val *value, const struct conc_val *error, int32_t by);
void conc_stop(struct conc *c, struct conc_world *w, int32_t actor, int32_t why);

#endif
