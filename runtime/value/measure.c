// SPDX-License-Identifier: MIT
// How many bytes a value has. They are counted by what it is, so that the number is the same in
// every build, whatever is shared, and however much room a buffer has to spare: numbers by their
// width, a reference or a handle 16, a buffer 32 and its items, an enum 4 and the fields of its
// variant, a closure 32 and what it has taken.
#include "runtime/value/steps.h"

enum { HANDLE_BYTES = 16, BUFFER_BYTES = 32, CLOSURE_BYTES = 32, TAG_BYTES = 4 };

// The same for all values of the type, or -1.
static int64_t fixed_bytes(const prism_type *type) {
    int64_t sum = 0;
    switch ((enum prism_kind)type->kind) {
    case PRISM_UNIT:
        return 0;
    case PRISM_STRUCT:
        for (uint32_t i = 0; i < type->count; i++) {
            int64_t bytes = fixed_bytes(type->fields[i].type);
            if (bytes < 0)
                return -1;
            sum += bytes;
        }
        return sum;
    case PRISM_ENUM:
    case PRISM_BUFFER:
    case PRISM_FN:
        return -1;
    case PRISM_REF:
    case PRISM_REPLY:
    case PRISM_FUTURE:
    case PRISM_SCOPE:
    case PRISM_TOKEN:
    case PRISM_ERROR:
        return HANDLE_BYTES;
    default:
        return type->size;
    }
}

// Counts the value itself; its parts follow where they differ from value to value.
static uint64_t open_value(struct steps *s, const prism_type *type, const void *value,
                           uint64_t *visited) {
    int64_t fixed = fixed_bytes(type);
    if (fixed >= 0)
        return (uint64_t)fixed;
    if (type->kind == PRISM_STRUCT) {
        steps_push(s, (struct step){type, value, NULL, 0, type->count});
        return 0;
    }
    if (type->kind == PRISM_ENUM) {
        steps_push(s, (struct step){type, value, NULL, 0, value_variant(type, value)->field_count});
        return TAG_BYTES;
    }
    ++*visited;
    if (type->kind == PRISM_FN) {
        prism_closure *c;
        memcpy(&c, value, sizeof c);
        if (c)
            steps_push(s, (struct step){c->captures, c->data, NULL, 0, c->captures->count});
        return c ? CLOSURE_BYTES : 0;
    }
    const prism_buffer *b = value_buffer(value);
    uint64_t len = items_count(type, b);
    int64_t item = len ? fixed_bytes(type->element) : 0;
    if (item < 0)
        steps_push(s, (struct step){type, b, NULL, 0, len});
    return BUFFER_BYTES + (item > 0 ? len * (uint64_t)item : 0);
}

uint64_t prism_measure(prism_cx *cx, const prism_type *type, const void *value, uint64_t bytes_max,
                       uint64_t *visited) {
    struct steps todo;
    steps_begin(&todo, cx);
    uint64_t bytes = open_value(&todo, type, value, visited);
    while (todo.len && bytes <= bytes_max) {
        struct step *top = steps_top(&todo);
        if (top->at == top->count) {
            steps_pop(&todo);
            continue;
        }
        const void *child, *none;
        const prism_type *t = step_child(top, &child, &none);
        top->at++;
        bytes += open_value(&todo, t, child, visited);
    }
    steps_end(&todo);
    return bytes;
}
