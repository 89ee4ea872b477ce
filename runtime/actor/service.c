// SPDX-License-Identifier: MIT
// Services: what is bound to each, how long they take, and answers from outside.
//
// A binding is written once and read by anybody: a box that hangs in a table of the world. What it
// holds is shared before, so a reader may count it up.
#include "runtime/actor/parts.h"
#include "runtime/env.h"

#include <stdio.h>

// ---- bindings -----------------------------------------------------------------------------------

struct box {
    const prism_type *type;
    _Alignas(16) unsigned char value[];
};

static size_t box_bytes(const prism_type *type) {
    return sizeof(struct box) + type->size;
}

void prism_bind(prism_cx *cx, uint32_t service, const prism_type *type, void *own_value,
                const prism_site *site) {
    void **at = &sched_bindings(cx)[service];
    if (__atomic_load_n(at, __ATOMIC_ACQUIRE)) {
        drop_value(cx, type, own_value);
        prism_trap(cx, PRISM_UNBOUND, "the service is bound already", site);
        return;
    }
    uint32_t chosen;
    memcpy(&chosen, own_value, sizeof chosen);
    const prism_variant *v = &type->variants[chosen];
    if (v->field_count && v->fields[0].type->kind != PRISM_REF)
        sched_provider_bound(cx);
    share_value(cx, type, own_value);
    struct box *box = prism_alloc(cx, box_bytes(type));
    box->type = type;
    memcpy(box->value, own_value, type->size);
    // Release: who finds the box sees what is in it.
    __atomic_store_n(at, (void *)box, __ATOMIC_RELEASE);
}

void prism_bound(prism_cx *cx, uint32_t service, void *out) {
    const struct box *box = __atomic_load_n(&sched_bindings(cx)[service], __ATOMIC_ACQUIRE);
    if (!box)
        return;
    if (!(box->type->flags & PRISM_PLAIN))
        prism_dup(cx, box->type, box->value);
    memcpy(out, box->value, box->type->size);
}

void actor_unbind(prism_cx *cx, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        struct box *box = sched_bindings(cx)[i];
        if (!box)
            continue;
        sched_bindings(cx)[i] = NULL;
        drop_value(cx, box->type, box->value);
        prism_free(cx, box, box_bytes(box->type));
    }
}

// ---- time and failure ---------------------------------------------------------------------------

// Half of all answers are immediate; the others take from a millisecond to an hour, each ten times
// as long as the one before or six, so that one of them lies on either side of any time limit.
static const int64_t latencies_ms[] = {0, 0,  0,   0,    0,     0,     0,
                                       1, 10, 100, 1000, 10000, 60000, 3600000};

int64_t prism_latency(prism_cx *cx, const prism_site *site) {
    uint64_t count = sizeof latencies_ms / sizeof *latencies_ms;
    return latencies_ms[env_decide(cx, DECIDE_LATENCY, site->function, count)] * 1000000;
}

bool prism_fault(prism_cx *cx, const prism_site *site) {
    return env_decide(cx, DECIDE_FAULT, site->function, 2) == 1;
}

// ---- answers from outside -----------------------------------------------------------------------

prism_future *outside_future(prism_cx *cx, const prism_type *result, const prism_site *site,
                             struct reply_to *to) {
    prism_future *f = future_new(cx, result, site);
    f->expected = true;
    *to = (struct reply_to){f->home, f};
    return f;
}

void outside_answer(prism_cx *cx, struct reply_to to, const prism_type *type, void *own_value,
                    const prism_site *site) {
    reply_post(cx, to, PRISM_NONE, NULL, type, own_value, site);
}

void outside_settle(prism_future *f, void *own_value) {
    assert(f->state == FUTURE_PENDING && !f->waiter);
    f->expected = false;
    f->state = FUTURE_DONE;
    move_value(f->value, own_value, f->type->size);
}

// ---- refusals -----------------------------------------------------------------------------------

static const prism_type byte = {
    .name = "u8", .kind = PRISM_U8, .flags = PRISM_PLAIN, .size = 1, .align = 1};
static const prism_type bytes = {.name = "buf(u8)",
                                 .kind = PRISM_BUFFER,
                                 .size = sizeof(void *),
                                 .align = sizeof(void *),
                                 .element = &byte};
static const prism_field said_fields[] = {{"value", &bytes, 0, NULL}};
static const prism_type said = {.name = "String",
                                .kind = PRISM_STRUCT,
                                .flags = PRISM_TEXT,
                                .size = sizeof(void *),
                                .align = sizeof(void *),
                                .count = 1,
                                .fields = said_fields};

void outside_trap(prism_cx *cx, enum prism_failure_kind kind, const char *text,
                  const prism_site *site) {
    size_t len = strlen(text);
    prism_buffer *b = prism_buffer_new(cx, &byte, len);
    memcpy(b->data, text, len);
    b->len = len;
    prism_raise(cx, prism_error_said(cx, kind, &said, &b, site), site);
}

void outside_refuse(prism_cx *cx, const char *operation, const char *service,
                    const prism_site *site) {
    char text[256];
    if (service)
        snprintf(text, sizeof text,
                 "this test reaches `%s`, a service without a model: `bind %s = ...;` gives it one",
                 service, service);
    else
        snprintf(text, sizeof text,
                 "this test reaches `%s`, which only a provider uses: bind a model instead of it",
                 operation);
    outside_trap(cx, PRISM_UNBOUND, text, site);
}
