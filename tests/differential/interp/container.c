// SPDX-License-Identifier: MIT
// The library's maps, sets and queues as what they hold: in the order of keys for comparing, in
// that of insertion for showing. Plainly, and slowly.
#include "tests/differential/interp/interp.h"

#include <xxhash.h>

enum { KEY = 1, VALUE = 2 }; // of an entry, behind its hash

bool container_is(const struct mir_type *t) {
    return t->kind == MIR_STRUCT &&
           (t->mark == MIR_MARK_MAP || t->mark == MIR_MARK_SET || t->mark == MIR_MARK_QUEUE);
}

static struct value part(const struct box *b, uint64_t i) {
    return b ? b->items[i] : value_zero;
}

// What it consists of: the entries of a map, or of a set's map, or a queue's items.
struct contents {
    const struct mir_type *item;
    const struct box *turned, *items; // a queue's front, from its end on; the rest
};

static struct contents contents_of(const struct mir_type *t, const struct box *b) {
    if (t->mark == MIR_MARK_SET)
        return contents_of(t->fields.at[0].type, part(b, 0).box);
    struct contents c = {.item = t->fields.at[0].type->element};
    if (t->mark == MIR_MARK_QUEUE)
        c.turned = part(b, 0).box;
    c.items = part(b, t->mark == MIR_MARK_QUEUE).box;
    return c;
}

static uint64_t count(const struct contents *c) {
    return (c->turned ? c->turned->len : 0) + (c->items ? c->items->len : 0);
}

static struct value item(const struct contents *c, uint64_t i) {
    uint64_t turned = c->turned ? c->turned->len : 0;
    return i < turned ? c->turned->items[turned - 1 - i] : c->items->items[i - turned];
}

// ---- comparing ----------------------------------------------------------------------------------

static int order_of(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

static int compare_queues(const struct contents *a, const struct contents *b, bool equality) {
    for (uint64_t i = 0; i < count(a) && i < count(b); i++) {
        int order = equality ? !value_equal(a->item, item(a, i), item(b, i))
                             : value_compare(a->item, item(a, i), item(b, i));
        if (order)
            return order;
    }
    return order_of(count(a), count(b));
}

// The entry whose key has so many smaller ones before it.
static const struct box *entry_at(const struct contents *c, uint64_t rank) {
    const struct mir_type *key = c->item->fields.at[KEY].type;
    for (uint64_t i = 0; i < count(c); i++) {
        uint64_t smaller = 0;
        for (uint64_t k = 0; k < count(c); k++)
            smaller += value_compare(key, part(item(c, k).box, KEY), part(item(c, i).box, KEY)) < 0;
        if (smaller == rank)
            return item(c, i).box;
    }
    return NULL;
}

static int compare_entries(const struct contents *a, const struct contents *b, bool equality) {
    const struct mir_type *key = a->item->fields.at[KEY].type;
    const struct mir_type *value = a->item->fields.at[VALUE].type;
    int order = order_of(count(a), count(b));
    for (uint64_t i = 0; order == 0 && i < count(a); i++) {
        const struct box *x = entry_at(a, i), *y = entry_at(b, i);
        order = value_compare(key, part(x, KEY), part(y, KEY));
        if (order == 0)
            order = equality ? !value_equal(value, part(x, VALUE), part(y, VALUE))
                             : value_compare(value, part(x, VALUE), part(y, VALUE));
    }
    return order;
}

int container_compare(const struct mir_type *t, const struct box *a, const struct box *b,
                      bool equality) {
    struct contents x = contents_of(t, a), y = contents_of(t, b);
    return t->mark == MIR_MARK_QUEUE ? compare_queues(&x, &y, equality)
                                     : compare_entries(&x, &y, equality);
}

// ---- hashing ------------------------------------------------------------------------------------

static void put_u64(struct text *out, uint64_t v) {
    for (int i = 0; i < 8; i++)
        text_putc(out, (char)(v >> (8 * i)));
}

void container_hash(struct text *out, const struct mir_type *t, const struct box *b) {
    struct contents c = contents_of(t, b);
    uint64_t sum = 0;
    put_u64(out, count(&c));
    for (uint64_t i = 0; i < count(&c); i++) {
        struct value v = item(&c, i);
        if (t->mark == MIR_MARK_QUEUE) {
            put_u64(out, value_hash(c.item, v));
            continue;
        }
        uint64_t pair[2] = {value_hash(c.item->fields.at[KEY].type, part(v.box, KEY)), 0};
        if (t->mark == MIR_MARK_MAP)
            pair[1] = value_hash(c.item->fields.at[VALUE].type, part(v.box, VALUE));
        sum += XXH3_64bits(pair, sizeof pair);
    }
    put_u64(out, sum);
}

// ---- showing ------------------------------------------------------------------------------------

void container_show(struct text *out, const struct mir_type *t, const struct box *b) {
    struct contents c = contents_of(t, b);
    bool is_queue = t->mark == MIR_MARK_QUEUE;
    text_putc(out, is_queue ? '[' : '{');
    for (uint64_t i = 0; i < count(&c); i++) {
        struct value v = item(&c, i);
        text_put(out, i ? STR(", ") : STR(""));
        if (is_queue) {
            value_show_inside(out, c.item, v);
            continue;
        }
        value_show_inside(out, c.item->fields.at[KEY].type, part(v.box, KEY));
        if (t->mark == MIR_MARK_SET)
            continue;
        text_put(out, STR(": "));
        value_show_inside(out, c.item->fields.at[VALUE].type, part(v.box, VALUE));
    }
    text_putc(out, is_queue ? ']' : '}');
}
