// SPDX-License-Identifier: MIT
// Operations outside have no place in a simulation: a test that reaches one is told which service
// wants a model. Every operation of services.def is here, so that a program links with either
// runtime.
#include "world.h"

struct prism_outside {
    const char *name, *service;
};

#define OUTSIDE(id, name, service, params, result, library)                                        \
    const prism_outside prism_outside_##id = {name, service};
#include "runtime/services.def"
#undef OUTSIDE

void sched_provider_bound(prism_cx *cx) {
    (void)cx; // what it reaches outside is refused there
}

prism_future *prism_start_outside(prism_cx *cx, const prism_outside *operation,
                                  const prism_operand *operands, uint32_t count,
                                  const prism_type *result, const prism_site *site) {
    (void)result;
    for (uint32_t i = 0; i < count; i++) {
        prism_buffer *b = operands[i].buffer;
        if (operands[i].type)
            prism_drop(cx, operands[i].type, &b);
    }
    outside_refuse(cx, operation->name, operation->service, site);
    return NULL;
}
