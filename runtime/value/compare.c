// SPDX-License-Identifier: MIT
// Structural equality and the total order.
//
// Both walk two values side by side, in order, and stop at the first difference. They differ in two
// things: equality treats floats as IEEE does and looks at lengths first; the order is total and a
// shorter buffer that is a prefix comes first. Of maps and sets the order in which items came does
// not count: the shorter one is less, then they are compared by the order of their keys.
#include "runtime/value/data.h"

static int three_way(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

static int64_t read_signed(const prism_type *type, const void *value) {
    int64_t v = 0;
    memcpy(&v, value, type->size); // little-endian: the low bytes come first
    unsigned unused = 64 - 8 * type->size;
    return (int64_t)((uint64_t)v << unused) >> unused;
}

static uint64_t read_unsigned(const prism_type *type, const void *value) {
    uint64_t v = 0;
    memcpy(&v, value, type->size);
    return v;
}

// The bits of a float as a number whose order is the total order: negative ones are reversed. All
// nan are one, since the sign that a computation gives them depends on machine and compiler.
static int64_t float_order(const prism_type *type, const void *value) {
    int64_t bits = read_signed(type, value);
    int64_t infinite = type->kind == PRISM_F32 ? 0x7f800000 : 0x7ff0000000000000;
    int64_t order = bits < 0 ? bits ^ INT64_MAX : bits;
    return order > infinite || order < ~infinite ? INT64_MAX : order;
}

static bool float_equal(const prism_type *type, const void *a, const void *b) {
    if (type->kind == PRISM_F32) {
        float x, y;
        memcpy(&x, a, sizeof x);
        memcpy(&y, b, sizeof y);
        return x == y;
    }
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x == y;
}

// Errors are alike when they are of one kind and carry equal values; texts and places do not count.
static int compare_errors(prism_cx *cx, const void *a, const void *b) {
    const prism_error *x, *y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    if (x == y || !x || !y)
        return (x != NULL) - (y != NULL);
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->type != y->type)
        return x->type && y->type ? strcmp(x->type->name, y->type->name) : (x->type ? 1 : -1);
    return x->type ? prism_compare(cx, x->type, x->data, y->data) : 0;
}

// The order of two values without children.
static int compare_leaf(prism_cx *cx, const prism_type *type, const void *a, const void *b,
                        bool equality) {
    switch ((enum prism_kind)type->kind) {
    case PRISM_UNIT:
    case PRISM_FN: // code has no order; the checker of types refuses to compare it
        return 0;
    case PRISM_BOOL:
    case PRISM_CHAR:
    case PRISM_U8:
    case PRISM_U16:
    case PRISM_U32:
    case PRISM_U64:
        return three_way(read_unsigned(type, a), read_unsigned(type, b));
    case PRISM_I8:
    case PRISM_I16:
    case PRISM_I32:
    case PRISM_I64: {
        int64_t x = read_signed(type, a), y = read_signed(type, b);
        return (x > y) - (x < y);
    }
    case PRISM_F32:
    case PRISM_F64: {
        if (equality)
            return !float_equal(type, a, b);
        int64_t x = float_order(type, a), y = float_order(type, b);
        return (x > y) - (x < y);
    }
    case PRISM_ERROR:
        return compare_errors(cx, a, b);
    default:
        return three_way(prism_identity(type, a), prism_identity(type, b));
    }
}

// Compares buffers of integers at once; false if the items have to be walked.
static bool compare_run(const prism_type *type, const void *a, const void *b, uint64_t count,
                        bool equality, int *order) {
    const prism_type *element = type->element;
    if (!type_is_integer(element) || (!equality && element->size != 1) || element->kind == PRISM_I8)
        return false;
    int difference = memcmp(items_of(type, a), items_of(type, b), count * element->size);
    *order = (difference > 0) - (difference < 0);
    return true;
}

// Opens a composite pair on the stack, or sets *order.
static void compare_buffers(struct steps *s, const prism_type *type, const void *at_a,
                            const void *at_b, bool equality, int *order) {
    const prism_buffer *a = value_buffer(at_a), *b = value_buffer(at_b);
    uint64_t len_a = items_count(type, a), len_b = items_count(type, b);
    uint64_t common = len_a < len_b ? len_a : len_b;
    if (common == 0 || (equality && len_a != len_b)) {
        *order = three_way(len_a, len_b);
        return;
    }
    if (!compare_run(type, a, b, common, equality, order))
        steps_push(s, (struct step){type, a, b, 0, common});
    else if (*order == 0)
        *order = three_way(len_a, len_b);
}

// ---- the library's containers ---------------------------------------------------------------

static int compare_values(prism_cx *cx, const prism_type *type, const void *a, const void *b,
                          bool equality);

static int compare_queues(prism_cx *cx, const prism_type *type, const void *a, const void *b,
                          bool equality) {
    uint64_t len_a = data_count(type, a), len_b = data_count(type, b);
    int order = equality ? three_way(len_a, len_b) : 0;
    for (uint64_t i = 0; order == 0 && i < len_a && i < len_b; i++) {
        const void *x, *y;
        const prism_type *item = data_item(type, a, i, &x);
        data_item(type, b, i, &y);
        order = compare_values(cx, item, x, y, equality);
    }
    return order ? order : three_way(len_a, len_b);
}

// A map and a set are the entries of a map.
struct entries {
    const prism_type *type; // of one
    const prism_buffer *all, *table;
    uint64_t *sorted; // their positions, by key
};

static struct entries entries_of(const prism_type *type, const void *value) {
    if (type->flags & PRISM_SET)
        return entries_of(type->fields[0].type, (const char *)value + type->fields[0].offset);
    return (struct entries){data_entry(type),
                            value_buffer((const char *)value + type->fields[0].offset),
                            value_buffer((const char *)value + type->fields[1].offset), NULL};
}

static const void *half_of(const struct entries *e, uint64_t at, int half) {
    return (const char *)e->all->data + at * e->type->size + e->type->fields[half].offset;
}

static int compare_halves(prism_cx *cx, const struct entries *a, uint64_t i,
                          const struct entries *b, uint64_t k, int half, bool equality) {
    return compare_values(cx, a->type->fields[half].type, half_of(a, i, half), half_of(b, k, half),
                          equality);
}

static uint64_t hash_at(const struct entries *e, uint64_t at) {
    uint64_t hash;
    memcpy(&hash, half_of(e, at, ENTRY_HASH), sizeof hash);
    return hash;
}

// Where the key of a's entry stands in b, found as the library finds it; UINT64_MAX if it does not.
static uint64_t find_key(prism_cx *cx, const struct entries *a, uint64_t at,
                         const struct entries *b) {
    if (hash_at(a, at) == hash_at(b, at) && compare_halves(cx, a, at, b, at, ENTRY_KEY, false) == 0)
        return at; // they came in the same order
    uint64_t mask = prism_buffer_len(b->table) - 1;
    for (uint64_t place = hash_at(a, at) & mask;; place = (place + 1) & mask) {
        uint32_t slot;
        memcpy(&slot, b->table->data + place * sizeof slot, sizeof slot);
        if (slot == 0)
            return UINT64_MAX;
        if (hash_at(a, at) == hash_at(b, slot - 1) &&
            compare_halves(cx, a, at, b, slot - 1, ENTRY_KEY, false) == 0)
            return slot - 1;
    }
}

static bool same_entries(prism_cx *cx, const struct entries *a, const struct entries *b,
                         uint64_t len) {
    for (uint64_t i = 0; i < len; i++) {
        uint64_t found = find_key(cx, a, i, b);
        if (found == UINT64_MAX || compare_halves(cx, a, i, b, found, ENTRY_VALUE, true) != 0)
            return false;
    }
    return true;
}

// Lets the entry at `at` of a heap of `len` down to where none below it has a larger key.
static void sift(prism_cx *cx, struct entries *e, uint64_t at, uint64_t len) {
    for (uint64_t child; (child = 2 * at + 1) < len; at = child) {
        uint64_t *s = e->sorted;
        if (child + 1 < len &&
            compare_halves(cx, e, s[child], e, s[child + 1], ENTRY_KEY, false) < 0)
            child++;
        if (compare_halves(cx, e, s[at], e, s[child], ENTRY_KEY, false) >= 0)
            return;
        uint64_t kept = s[at];
        s[at] = s[child];
        s[child] = kept;
    }
}

static void sort_entries(prism_cx *cx, struct entries *e, uint64_t len) {
    e->sorted = prism_alloc(cx, len * sizeof *e->sorted);
    for (uint64_t i = 0; i < len; i++)
        e->sorted[i] = i;
    for (uint64_t i = len / 2; i-- > 0;)
        sift(cx, e, i, len);
    for (uint64_t end = len; end-- > 1;) {
        uint64_t largest = e->sorted[0];
        e->sorted[0] = e->sorted[end];
        e->sorted[end] = largest;
        sift(cx, e, 0, end);
    }
}

static int compare_sorted(prism_cx *cx, struct entries *a, struct entries *b, uint64_t len) {
    int order = 0;
    sort_entries(cx, a, len);
    sort_entries(cx, b, len);
    for (uint64_t i = 0; order == 0 && i < len; i++) {
        order = compare_halves(cx, a, a->sorted[i], b, b->sorted[i], ENTRY_KEY, false);
        if (order == 0)
            order = compare_halves(cx, a, a->sorted[i], b, b->sorted[i], ENTRY_VALUE, false);
    }
    prism_free(cx, a->sorted, len * sizeof *a->sorted);
    prism_free(cx, b->sorted, len * sizeof *b->sorted);
    return order;
}

static int compare_containers(prism_cx *cx, const prism_type *type, const void *a, const void *b,
                              bool equality) {
    if (type->flags & PRISM_QUEUE)
        return compare_queues(cx, type, a, b, equality);
    uint64_t len = data_count(type, a);
    if (len != data_count(type, b))
        return three_way(len, data_count(type, b));
    if (len == 0)
        return 0;
    struct entries x = entries_of(type, a), y = entries_of(type, b);
    return equality ? !same_entries(cx, &x, &y, len) : compare_sorted(cx, &x, &y, len);
}

// ---- all values -------------------------------------------------------------------------------

static int compare_open(struct steps *s, const prism_type *type, const void *a, const void *b,
                        bool equality) {
    int order = 0;
    if (type->flags & CONTAINERS) {
        order = compare_containers(s->cx, type, a, b, equality);
    } else if (type->kind == PRISM_STRUCT) {
        steps_push(s, (struct step){type, a, b, 0, type->count});
    } else if (type->kind == PRISM_ENUM) {
        const prism_variant *x = value_variant(type, a), *y = value_variant(type, b);
        order = (x > y) - (x < y); // both are in one array
        if (order == 0)
            steps_push(s, (struct step){type, a, b, 0, x->field_count});
    } else if (type->kind == PRISM_BUFFER) {
        compare_buffers(s, type, a, b, equality, &order);
    } else {
        order = compare_leaf(s->cx, type, a, b, equality);
    }
    return order;
}

static int compare_values(prism_cx *cx, const prism_type *type, const void *a, const void *b,
                          bool equality) {
    struct steps s;
    steps_begin(&s, cx);
    int order = compare_open(&s, type, a, b, equality);
    while (order == 0 && s.len) {
        struct step *top = steps_top(&s);
        if (top->at < top->count) {
            const void *x, *y;
            const prism_type *child = step_child(top, &x, &y);
            top->at++;
            order = compare_open(&s, child, x, y, equality);
            continue;
        }
        if (top->type->kind == PRISM_BUFFER)
            order = three_way(items_count(top->type, top->a), items_count(top->type, top->b));
        steps_pop(&s);
    }
    steps_end(&s);
    return (order > 0) - (order < 0);
}

bool prism_equal(prism_cx *cx, const prism_type *type, const void *a, const void *b) {
    return compare_values(cx, type, a, b, true) == 0;
}

int prism_compare(prism_cx *cx, const prism_type *type, const void *a, const void *b) {
    return compare_values(cx, type, a, b, false);
}
