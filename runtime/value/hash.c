// SPDX-License-Identifier: MIT
// The structural hash: XXH3 over the leaves in order, each in its own width, with lengths before
// items and tags before payloads. Never addresses, padding or capacities; equal values have equal
// hashes.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/value/data.h"

// Small values are hashed at once; XXH3's stream gives the same result for what does not fit.
enum { GATHER_BYTES = 256 };
struct hasher {
    XXH3_state_t *stream; // NULL while everything is in `gathered`
    size_t len;
    unsigned char gathered[GATHER_BYTES];
    XXH3_state_t state;
};

static void feed(struct hasher *h, const void *bytes, size_t count) {
    if (!h->stream && h->len + count <= GATHER_BYTES) {
        memcpy(h->gathered + h->len, bytes, count);
        h->len += count;
        return;
    }
    if (!h->stream) {
        h->stream = &h->state;
        XXH3_INITSTATE(h->stream);
        XXH3_64bits_reset(h->stream);
        XXH3_64bits_update(h->stream, h->gathered, h->len);
    }
    XXH3_64bits_update(h->stream, bytes, count);
}

static uint64_t finish(const struct hasher *h) {
    return h->stream ? XXH3_64bits_digest(h->stream) : XXH3_64bits(h->gathered, h->len);
}

// Equal floats have one form: 0.0 for -0.0, and one nan.
static void feed_float(struct hasher *h, const prism_type *type, const void *value) {
    if (type->kind == PRISM_F32) {
        float v;
        memcpy(&v, value, sizeof v);
        v = v == 0 ? 0 : v != v ? __builtin_nanf("") : v;
        feed(h, &v, sizeof v);
    } else {
        double v;
        memcpy(&v, value, sizeof v);
        v = v == 0 ? 0 : v != v ? __builtin_nan("") : v;
        feed(h, &v, sizeof v);
    }
}

static void hash_error(struct hasher *h, prism_cx *cx, const void *value) {
    const prism_error *e;
    memcpy(&e, value, sizeof e);
    int64_t kind = e ? e->kind : 0;
    feed(h, &kind, sizeof kind);
    if (e && e->type) {
        uint64_t inner = prism_hash(cx, e->type, e->data);
        feed(h, &inner, sizeof inner);
    }
}

static void hash_buffer(struct steps *s, struct hasher *h, const prism_type *type,
                        const void *value) {
    const prism_buffer *b = value_buffer(value);
    uint64_t len = items_count(type, b);
    feed(h, &len, sizeof len);
    if (len && type_is_integer(type->element))
        feed(h, items_of(type, b), len * type->element->size);
    else if (len)
        steps_push(s, (struct step){type, b, NULL, 0, len});
}

// Containers that are equal have equal hashes, whatever order their items came in, and however a
// queue is laid out.
static void hash_container(prism_cx *cx, struct hasher *h, const prism_type *type,
                           const void *value) {
    uint64_t len = data_count(type, value), sum = 0;
    feed(h, &len, sizeof len);
    for (uint64_t i = 0; i < len; i++) {
        const void *item;
        const prism_type *t = data_item(type, value, i, &item);
        uint64_t pair[2] = {0, 0};
        if (type->flags & PRISM_MAP) {
            pair[1] = prism_hash(cx, t->fields[ENTRY_VALUE].type,
                                 (const char *)item + t->fields[ENTRY_VALUE].offset);
            item = (const char *)item + t->fields[ENTRY_KEY].offset;
            t = t->fields[ENTRY_KEY].type;
        }
        pair[0] = prism_hash(cx, t, item);
        if (type->flags & PRISM_QUEUE)
            feed(h, pair, sizeof *pair);
        else
            sum += XXH3_64bits(pair, sizeof pair);
    }
    feed(h, &sum, sizeof sum);
}

static void hash_open(struct steps *s, struct hasher *h, const prism_type *type,
                      const void *value) {
    switch ((enum prism_kind)type->kind) {
    case PRISM_UNIT:
    case PRISM_FN:
        return;
    case PRISM_STRUCT:
        if (type->flags & CONTAINERS)
            hash_container(s->cx, h, type, value);
        else
            steps_push(s, (struct step){type, value, NULL, 0, type->count});
        return;
    case PRISM_ENUM:
        feed(h, value, sizeof(uint32_t));
        steps_push(s, (struct step){type, value, NULL, 0, value_variant(type, value)->field_count});
        return;
    case PRISM_BUFFER:
        hash_buffer(s, h, type, value);
        return;
    case PRISM_F32:
    case PRISM_F64:
        feed_float(h, type, value);
        return;
    case PRISM_ERROR:
        hash_error(h, s->cx, value);
        return;
    case PRISM_REF:
    case PRISM_REPLY:
    case PRISM_FUTURE:
    case PRISM_SCOPE:
    case PRISM_TOKEN: {
        uint64_t identity = prism_identity(type, value);
        feed(h, &identity, sizeof identity);
        return;
    }
    default:
        feed(h, value, type->size);
        return;
    }
}

// At most SHORT_BYTES, without a call.
enum { SHORT_BYTES = 16 };
static void copy_short(unsigned char *to, const unsigned char *from, size_t count) {
    if (count >= 8) {
        memcpy(to, from, 8);
        memcpy(to + count - 8, from + count - 8, 8);
    } else if (count >= 4) {
        memcpy(to, from, 4);
        memcpy(to + count - 4, from + count - 4, 4);
    } else if (count) {
        to[0] = from[0];
        to[count / 2] = from[count / 2];
        to[count - 1] = from[count - 1];
    }
}

uint64_t prism_hash_run(const prism_buffer *lend, size_t item_bytes) {
    uint64_t len = prism_buffer_len(lend);
    size_t bytes = len * item_bytes;
    if (bytes <= SHORT_BYTES) {
        unsigned char all[sizeof len + SHORT_BYTES];
        memcpy(all, &len, sizeof len);
        if (len)
            copy_short(all + sizeof len, lend->data, bytes);
        return XXH3_64bits(all, sizeof len + bytes);
    }
    struct hasher h;
    h.stream = NULL;
    h.len = 0;
    feed(&h, &len, sizeof len);
    feed(&h, lend->data, bytes);
    return finish(&h);
}

uint64_t prism_hash(prism_cx *cx, const prism_type *type, const void *value) {
    if (type_is_integer(type))
        return XXH3_64bits(value, type->size);
    struct hasher h;
    h.stream = NULL;
    h.len = 0;
    struct steps s;
    steps_begin(&s, cx);
    hash_open(&s, &h, type, value);
    while (s.len) {
        struct step *top = steps_top(&s);
        if (top->at == top->count) {
            steps_pop(&s);
            continue;
        }
        const void *child_value, *none;
        const prism_type *child = step_child(top, &child_value, &none);
        top->at++;
        hash_open(&s, &h, child, child_value);
    }
    steps_end(&s);
    return finish(&h);
}
