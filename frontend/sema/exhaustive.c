// SPDX-License-Identifier: MIT
// Do the arms of a match cover every value, and is each of them ever reached? Patterns are brought
// into a plain form (constructor with parts, range, text, anything) and their matrix is split by
// the first column, as Maranget describes. What is missing comes out as an example that a user
// could write as a pattern.
#include "frontend/sema/check.h"

#include <stdlib.h>

#define EXHAUSTIVE_STEPS_MAX 20000000 // beyond that a match is too large to be looked through

enum form {
    FORM_ANY,
    FORM_PART,
    FORM_RANGE,
    FORM_TEXT,
    FORM_OPEN /* matches some, who knows */,
    FORM_OR
};

struct plain {
    enum form form;
    int32_t variant; // PART
    int32_t count;   // PART: parts; OR: alternatives
    struct plain **parts;
    uint64_t low, high;                // RANGE: both included, in the order of key_of
    struct str text;                   // TEXT
    const struct ast_pattern *pattern; // OR
};

struct row {
    struct plain **at; // one a column
};
struct matrix {
    struct row *rows;
    int32_t count, columns;
};

struct search {
    struct checker *c;
    struct arena rows; // of the matrices, each of which is freed when it has been looked through
    int32_t steps;
};

static struct plain any = {.form = FORM_ANY};

// ---- the plain form -----------------------------------------------------------------------------

// Integers in an order without signs.
static uint64_t key_of(struct type *t, uint64_t value) {
    bool is_signed = t->kind >= TYPE_I8 && t->kind <= TYPE_I64;
    return is_signed ? value ^ ((uint64_t)1 << 63) : value;
}
static uint64_t key_min(struct type *t) {
    static const int bits[] = {[TYPE_I8] = 8, [TYPE_I16] = 16, [TYPE_I32] = 32, [TYPE_I64] = 64};
    if (t->kind >= TYPE_I8 && t->kind <= TYPE_I64)
        return key_of(t, (uint64_t)0 - ((uint64_t)1 << (bits[t->kind] - 1)));
    return 0;
}
static uint64_t key_max(struct type *t) {
    static const int bits[] = {
        [TYPE_I8] = 7,   [TYPE_I16] = 15, [TYPE_I32] = 31, [TYPE_I64] = 63, [TYPE_U8] = 8,
        [TYPE_U16] = 16, [TYPE_U32] = 32, [TYPE_U64] = 64, [TYPE_BOOL] = 1};
    if (t->kind == TYPE_CHAR)
        return 0x10ffff;
    int n = bits[t->kind];
    return key_of(t, n == 64 ? UINT64_MAX : ((uint64_t)1 << n) - 1);
}

static bool has_keys(const struct type *t) {
    return type_is_integer(t) || t->kind == TYPE_CHAR || t->kind == TYPE_BOOL;
}

static bool literal_key(struct type *t, const struct ast_expr *e, uint64_t *out) {
    bool negative = e->kind == EXPR_UNARY;
    if (negative)
        e = e->unary.operand;
    uint64_t v = e->kind == EXPR_INT    ? e->int_value
                 : e->kind == EXPR_CHAR ? e->char_value
                 : e->kind == EXPR_BOOL ? (uint64_t)e->bool_value
                                        : 0;
    *out = key_of(t, negative ? (uint64_t)0 - v : v);
    return has_keys(t) && (e->kind == EXPR_INT || e->kind == EXPR_CHAR || e->kind == EXPR_BOOL);
}

static struct plain *plain_new(struct checker *c, enum form form) {
    struct plain *p = arena_new(c->arena, struct plain);
    p->form = form;
    return p;
}

static int32_t part_count(const struct type *t, int32_t variant) {
    return t->kind == TYPE_TUPLE    ? t->arg_count
           : t->kind == TYPE_STRUCT ? t->structure->fields.len
           : variant >= 0           ? t->enumeration->variants.at[variant].fields.len
                                    : 0;
}

static struct plain *plain_of(struct checker *c, struct ast_pattern *p);

static struct plain *plain_parts(struct checker *c, struct ast_pattern *p, struct type *t,
                                 int32_t variant) {
    struct sema_pattern *at = &c->module->patterns[p->id];
    struct plain *out = plain_new(c, FORM_PART);
    out->variant = variant;
    out->count = part_count(t, variant);
    out->parts = arena_array(c->arena, struct plain *, out->count);
    for (int32_t i = 0; i < out->count; i++)
        out->parts[i] = &any;
    for (int32_t i = 0; i < at->fields.len; i++) {
        struct ast_pattern *part = p->kind == PATTERN_CALL    ? p->call.elements.at[i]
                                   : p->kind == PATTERN_TUPLE ? p->tuple.elements.at[i]
                                                              : p->record.fields.at[i].pattern;
        out->parts[at->fields.at[i]] = plain_of(c, part);
    }
    return out;
}

static struct plain *plain_range(struct checker *c, struct ast_pattern *p, struct type *t) {
    struct plain *out = plain_new(c, FORM_RANGE);
    out->low = key_min(t);
    out->high = key_max(t);
    if (p->range.low && !literal_key(t, p->range.low, &out->low))
        return plain_new(c, FORM_OPEN);
    if (p->range.high && !literal_key(t, p->range.high, &out->high))
        return plain_new(c, FORM_OPEN);
    if (p->range.high && !p->range.is_inclusive) {
        if (out->high == 0)
            return plain_new(c, FORM_OPEN);
        out->high--;
    }
    if (out->low <= out->high)
        return out;
    struct diag *d = diag_add(c->sink, P2014, p->span, "this range is empty");
    diag_primary(c->sink, d, "it matches nothing");
    return plain_new(c, FORM_OPEN);
}

static struct plain *plain_literal(struct checker *c, struct ast_pattern *p, struct type *t) {
    if (p->literal->kind == EXPR_STRING) {
        struct plain *out = plain_new(c, FORM_TEXT);
        out->text = p->literal->string;
        return out;
    }
    struct plain *out = plain_new(c, FORM_RANGE);
    if (!literal_key(t, p->literal, &out->low))
        return plain_new(c, FORM_OPEN);
    out->high = out->low;
    return out;
}

static struct plain *plain_of(struct checker *c, struct ast_pattern *p) {
    struct sema_pattern *at = &c->module->patterns[p->id];
    struct type *t = at->type ? resolve(at->type) : c->t_error;
    switch (p->kind) {
    case PATTERN_ERROR:
    case PATTERN_WILDCARD:
        return &any;
    case PATTERN_BIND:
        return p->bind.inner ? plain_of(c, p->bind.inner) : &any;
    case PATTERN_LITERAL:
        return plain_literal(c, p, t);
    case PATTERN_RANGE:
        return has_keys(t) ? plain_range(c, p, t) : plain_new(c, FORM_OPEN);
    case PATTERN_OR: {
        struct plain *out = plain_new(c, FORM_OR);
        out->pattern = p;
        out->count = p->any.alternatives.len;
        out->parts = arena_array(c->arena, struct plain *, out->count);
        for (int32_t i = 0; i < out->count; i++)
            out->parts[i] = plain_of(c, p->any.alternatives.at[i]);
        return out;
    }
    case PATTERN_PATH:
    case PATTERN_CALL:
    case PATTERN_STRUCT:
    case PATTERN_TUPLE:
        break;
    }
    if (p->kind == PATTERN_TUPLE && t->kind == TYPE_TUPLE)
        return plain_parts(c, p, t, -1);
    if (at->role == PATTERN_ROLE_VARIANT && t->kind == TYPE_ENUM)
        return plain_parts(c, p, t, at->variant);
    if (at->role == PATTERN_ROLE_STRUCT && t->kind == TYPE_STRUCT)
        return plain_parts(c, p, t, -1);
    return plain_new(c, FORM_OPEN);
}

// ---- the matrix ---------------------------------------------------------------------------------

static void add_row(struct search *s, struct matrix *m, int32_t *room, struct plain **at) {
    if (m->count == *room) {
        struct row *rows = arena_array(&s->rows, struct row, *room ? *room * 2 : 8);
        if (m->count)
            memcpy(rows, m->rows, sizeof *rows * (size_t)m->count);
        m->rows = rows;
        *room = *room ? *room * 2 : 8;
    }
    m->rows[m->count++].at = at;
}

// The row behind its first column, with `count` parts of it before.
static struct plain **unfold(struct search *s, const struct row *r, int32_t columns,
                             struct plain *const *parts, int32_t count) {
    struct plain **at = arena_array(&s->rows, struct plain *, columns - 1 + count);
    for (int32_t i = 0; i < count; i++)
        at[i] = parts ? parts[i] : &any;
    for (int32_t i = 1; i < columns; i++)
        at[count + i - 1] = r->at[i];
    return at;
}

enum split { SPLIT_PART, SPLIT_RANGE, SPLIT_TEXT, SPLIT_REST };
struct head {
    enum split split;
    int32_t variant, count;
    uint64_t low, high;
    struct str text;
};

static void select_row(struct search *s, struct matrix *out, int32_t *room, const struct row *r,
                       int32_t columns, struct plain *p, const struct head *h) {
    if (p->form == FORM_OR) {
        for (int32_t i = 0; i < p->count; i++)
            select_row(s, out, room, r, columns, p->parts[i], h);
        return;
    }
    bool takes = p->form == FORM_ANY;
    if (h->split == SPLIT_PART && p->form == FORM_PART)
        takes = p->variant == h->variant;
    if (h->split == SPLIT_RANGE && p->form == FORM_RANGE)
        takes = p->low <= h->low && h->high <= p->high;
    if (h->split == SPLIT_TEXT && p->form == FORM_TEXT)
        takes = str_eq(p->text, h->text);
    if (takes)
        add_row(s, out, room,
                unfold(s, r, columns, p->form == FORM_PART ? p->parts : NULL, h->count));
}

// The rows that take a value with this head, unfolded.
static struct matrix select_rows(struct search *s, const struct matrix *m, const struct head *h) {
    struct matrix out = {.columns = m->columns - 1 + h->count};
    int32_t room = 0;
    for (int32_t i = 0; i < m->count; i++)
        select_row(s, &out, &room, &m->rows[i], m->columns, m->rows[i].at[0], h);
    s->steps += m->count + 1;
    return out;
}

typedef VEC(uint64_t) key_list;

static void collect_cuts(struct search *s, const struct plain *p, uint64_t low, uint64_t high,
                         key_list *cuts) {
    if (p->form == FORM_RANGE) {
        if (p->low > low && p->low <= high)
            vec_push(&s->rows, cuts, p->low);
        if (p->high >= low && p->high < high)
            vec_push(&s->rows, cuts, p->high + 1);
    }
    for (int32_t i = 0; p->form == FORM_OR && i < p->count; i++)
        collect_cuts(s, p->parts[i], low, high, cuts);
}

static int compare_keys(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// Where, within low..=high, ranges of the first column begin or end behind one another, in order.
static key_list cuts_of(struct search *s, const struct matrix *m, uint64_t low, uint64_t high) {
    key_list cuts = {0};
    for (int32_t i = 0; i < m->count; i++)
        collect_cuts(s, m->rows[i].at[0], low, high, &cuts);
    s->steps += m->count;
    if (cuts.len)
        qsort(cuts.at, (size_t)cuts.len, sizeof *cuts.at, compare_keys);
    return cuts;
}

// ---- what is missing ----------------------------------------------------------------------------

struct example {
    const char **at; // one a column
};

static bool missing(struct search *s, const struct matrix *m, struct type *const *types,
                    struct example *out);

static bool is_empty(struct type *t, int depth) {
    t = resolve(t);
    if (t->kind == TYPE_NEVER)
        return true;
    for (int32_t i = 0; t->kind == TYPE_TUPLE && depth > 0 && i < t->arg_count; i++)
        if (is_empty(t->args[i], depth - 1))
            return true;
    return false;
}

static bool variant_is_empty(struct search *s, struct type *t, int32_t variant) {
    for (int32_t i = 0; i < part_count(t, variant); i++)
        if (is_empty(sema_field_type(s->c->prog, t, variant, i), 3))
            return true;
    return false;
}

static const char *show_part(struct search *s, struct type *t, int32_t variant,
                             const char **parts) {
    struct text out = {.arena = s->c->arena};
    int32_t count = part_count(t, variant);
    enum ast_shape shape = SHAPE_TUPLE;
    if (t->kind == TYPE_ENUM) {
        bool bare = t->enumeration == s->c->prog->known.option ||
                    t->enumeration == s->c->prog->known.result;
        struct sema_variant *v = &t->enumeration->variants.at[variant];
        text_printf(&out, "%s%s%s", bare ? "" : t->enumeration->name, bare ? "" : ".", v->name);
        shape = v->shape;
    } else if (t->kind == TYPE_STRUCT) {
        text_printf(&out, "%s", t->structure->name);
        shape = t->structure->shape;
    }
    if (shape == SHAPE_UNIT)
        return out.data;
    text_put(&out, shape == SHAPE_TUPLE ? STR("(") : STR(" { "));
    for (int32_t i = 0; i < count; i++) {
        text_put(&out, i ? STR(", ") : STR(""));
        if (shape == SHAPE_RECORD)
            text_printf(&out, "%s: ",
                        t->kind == TYPE_STRUCT
                            ? t->structure->fields.at[i].name
                            : t->enumeration->variants.at[variant].fields.at[i].name);
        text_printf(&out, "%s", parts[i]);
    }
    text_put(&out, shape == SHAPE_TUPLE ? STR(")") : STR(" }"));
    return out.data;
}

static const char *show_key(struct search *s, struct type *t, uint64_t key) {
    uint64_t v = key_of(t, key);
    if (t->kind == TYPE_BOOL)
        return v ? "true" : "false";
    if (t->kind == TYPE_CHAR)
        return v >= 32 && v < 127
                   ? str_format(s->c->arena, "'%c'", (char)v).data
                   : str_format(s->c->arena, "'\\u{%llx}'", (unsigned long long)v).data;
    bool is_signed = t->kind <= TYPE_I64;
    return is_signed ? str_format(s->c->arena, "%lld", (long long)v).data
                     : str_format(s->c->arena, "%llu", (unsigned long long)v).data;
}

static int32_t variant_count(const struct type *t) {
    return t->kind == TYPE_ENUM ? t->enumeration->variants.len : 1;
}

// Is it taken apart by variants, or by the one form that it has? A text is not, whatever it is made
// of.
static bool has_variants(const struct search *s, const struct type *t) {
    return t != s->c->t_string &&
           (t->kind == TYPE_ENUM || t->kind == TYPE_STRUCT || t->kind == TYPE_TUPLE);
}

// The types of the columns once the first one is unfolded.
static struct type **types_below(struct search *s, struct type *const *types, int32_t columns,
                                 const struct head *h) {
    struct type *t = resolve(types[0]);
    struct type **all = arena_array(&s->rows, struct type *, columns - 1 + h->count);
    for (int32_t i = 0; i < h->count; i++)
        all[i] = sema_field_type(s->c->prog, t, h->variant, i);
    for (int32_t i = 1; i < columns; i++)
        all[h->count + i - 1] = types[i];
    return all;
}

static bool missing_below(struct search *s, const struct matrix *m, struct type *const *types,
                          const struct head *h, struct example *out) {
    struct arena_mark mark = arena_mark(&s->rows);
    struct matrix rows = select_rows(s, m, h);
    bool found = missing(s, &rows, types_below(s, types, m->columns, h), out);
    arena_release(&s->rows, mark);
    return found;
}

// Puts `first` before what was found for the other columns, of which `skip` became it.
static void prepend(struct search *s, struct example *out, const char *first, int32_t skip,
                    int32_t columns) {
    const char **at = arena_array(s->c->arena, const char *, columns);
    at[0] = first;
    for (int32_t i = 1; i < columns; i++)
        at[i] = out->at[skip + i - 1];
    out->at = at;
}

// The rows by the variant that they begin with; behind them those that may take several. So an enum
// of many variants, each with an arm of its own, is looked through in one go.
static struct matrix *by_variant(struct search *s, const struct matrix *m, const struct type *t) {
    int32_t count = variant_count(t);
    struct matrix *by = arena_array(s->c->arena, struct matrix, count + 1);
    int32_t *room = arena_array(s->c->arena, int32_t, count + 1);
    for (int32_t i = 0; i <= count; i++)
        by[i].columns = m->columns;
    for (int32_t i = 0; i < m->count; i++) {
        const struct plain *p = m->rows[i].at[0];
        int32_t at = p->form == FORM_PART && t->kind == TYPE_ENUM ? p->variant : count;
        add_row(s, &by[at], &room[at], m->rows[i].at);
    }
    for (int32_t v = 0; v < count; v++)
        for (int32_t i = 0; i < by[count].count; i++)
            add_row(s, &by[v], &room[v], by[count].rows[i].at);
    s->steps += m->count + count * by[count].count;
    return by;
}

static bool missing_variant(struct search *s, const struct matrix *m, struct type *const *types,
                            struct example *out) {
    struct type *t = resolve(types[0]);
    const struct matrix *by = by_variant(s, m, t);
    for (int32_t k = 0; k < variant_count(t); k++) {
        int32_t variant = t->kind == TYPE_ENUM ? k : -1;
        if (variant_is_empty(s, t, variant) && t->kind == TYPE_ENUM)
            continue;
        struct head h = {SPLIT_PART, variant, part_count(t, variant), 0, 0, {0}};
        if (!missing_below(s, &by[k], types, &h, out))
            continue;
        prepend(s, out, show_part(s, t, variant, out->at), h.count, m->columns);
        return true;
    }
    return false;
}

static bool missing_key(struct search *s, const struct matrix *m, struct type *const *types,
                        struct example *out) {
    struct type *t = resolve(types[0]);
    uint64_t low = key_min(t), max = key_max(t);
    key_list cuts = cuts_of(s, m, low, max);
    for (int32_t i = 0; i <= cuts.len; i++) {
        if (i < cuts.len && cuts.at[i] <= low)
            continue;
        uint64_t high = i < cuts.len ? cuts.at[i] - 1 : max;
        struct head h = {SPLIT_RANGE, -1, 0, low, high, {0}};
        if (missing_below(s, m, types, &h, out)) {
            const char *text = show_key(s, t, low);
            if (low == key_min(t) && high == max)
                text = "_";
            else if (high != low)
                text = str_format(s->c->arena, "%s..=%s", text, show_key(s, t, high)).data;
            prepend(s, out, text, 0, m->columns);
            return true;
        }
        low = high + 1;
    }
    return false;
}

// An example of values that no row takes; false if there is none.
static bool missing(struct search *s, const struct matrix *m, struct type *const *types,
                    struct example *out) {
    if (s->steps > EXHAUSTIVE_STEPS_MAX)
        return false;
    if (m->columns == 0) {
        out->at = NULL;
        return m->count == 0;
    }
    // If the rows that take anything are enough, so are all.
    struct head rest = {.split = SPLIT_REST};
    if (!missing_below(s, m, types, &rest, out))
        return false;
    struct type *t = resolve(types[0]);
    bool open = true;
    for (int32_t i = 0; i < m->count; i++)
        open &= m->rows[i].at[0]->form == FORM_ANY || m->rows[i].at[0]->form == FORM_OPEN;
    if (open && m->count > 0) {
        prepend(s, out, "_", 0, m->columns);
        return !is_empty(t, 3);
    }
    if (has_variants(s, t))
        return missing_variant(s, m, types, out);
    if (has_keys(t))
        return missing_key(s, m, types, out);
    prepend(s, out, "_", 0, m->columns);
    return !is_empty(t, 3) && t->kind != TYPE_ERROR;
}

// ---- what is never reached ----------------------------------------------------------------------

static bool useful(struct search *s, const struct matrix *m, struct type *const *types,
                   struct plain **q);

static bool useful_below(struct search *s, const struct matrix *m, struct type *const *types,
                         struct plain **q, const struct head *h, struct plain *const *parts) {
    struct arena_mark mark = arena_mark(&s->rows);
    struct matrix rows = select_rows(s, m, h);
    struct type **below = types_below(s, types, m->columns, h);
    struct row r = {q};
    bool found = useful(s, &rows, below, unfold(s, &r, m->columns, parts, h->count));
    arena_release(&s->rows, mark);
    return found;
}

static bool useful_range(struct search *s, const struct matrix *m, struct type *const *types,
                         struct plain **q, uint64_t low, uint64_t high) {
    key_list cuts = cuts_of(s, m, low, high);
    for (int32_t i = 0; i <= cuts.len; i++) {
        if (i < cuts.len && cuts.at[i] <= low)
            continue;
        uint64_t end = i < cuts.len ? cuts.at[i] - 1 : high;
        struct head h = {SPLIT_RANGE, -1, 0, low, end, {0}};
        if (useful_below(s, m, types, q, &h, NULL))
            return true;
        low = end + 1;
    }
    return false;
}

// Splits "anything" by the variants that there are, or by where the rows' ranges begin and end. Of
// the other types nobody can name all values.
static bool useful_any(struct search *s, const struct matrix *m, struct type *const *types,
                       struct plain **q) {
    struct type *t = resolve(types[0]);
    bool is_open = true;
    for (int32_t i = 0; i < m->count && is_open; i++)
        is_open = m->rows[i].at[0]->form == FORM_ANY || m->rows[i].at[0]->form == FORM_OPEN;
    if (!is_open && has_keys(t))
        return useful_range(s, m, types, q, key_min(t), key_max(t));
    bool has_parts = has_variants(s, t);
    for (int32_t v = 0; !is_open && has_parts && v < variant_count(t); v++) {
        int32_t variant = t->kind == TYPE_ENUM ? v : -1;
        struct head h = {SPLIT_PART, variant, part_count(t, variant), 0, 0, {0}};
        if (!variant_is_empty(s, t, variant) && useful_below(s, m, types, q, &h, NULL))
            return true;
    }
    struct head rest = {.split = SPLIT_REST};
    return (is_open || !has_parts) && useful_below(s, m, types, q, &rest, NULL);
}

// Does `q` take a value that no row takes?
static bool useful(struct search *s, const struct matrix *m, struct type *const *types,
                   struct plain **q) {
    if (s->steps > EXHAUSTIVE_STEPS_MAX)
        return true;
    if (m->columns == 0)
        return m->count == 0;
    struct plain *p = q[0];
    switch (p->form) {
    case FORM_OPEN: { // it takes some value, which rows that take any one take as well
        struct head rest = {.split = SPLIT_REST};
        return useful_below(s, m, types, q, &rest, NULL);
    }
    case FORM_ANY:
        return useful_any(s, m, types, q);
    case FORM_RANGE:
        return useful_range(s, m, types, q, p->low, p->high);
    case FORM_OR:
        for (int32_t i = 0; i < p->count; i++) {
            struct plain **one = arena_array(&s->rows, struct plain *, m->columns);
            memcpy(one, q, sizeof *one * (size_t)m->columns);
            one[0] = p->parts[i];
            if (useful(s, m, types, one))
                return true;
        }
        return false;
    case FORM_PART: {
        struct head h = {SPLIT_PART, p->variant, p->count, 0, 0, {0}};
        return useful_below(s, m, types, q, &h, p->parts);
    }
    case FORM_TEXT: {
        struct head h = {SPLIT_TEXT, -1, 0, 0, 0, p->text};
        return useful_below(s, m, types, q, &h, NULL);
    }
    }
    return true;
}

// ---- alternatives that are never reached --------------------------------------------------------

// `p` with `by` where `node` stands in it.
static struct plain *plain_with(struct search *s, struct plain *p, const struct plain *node,
                                struct plain *by) {
    if (p == node)
        return by;
    if (p->form != FORM_PART && p->form != FORM_OR)
        return p;
    struct plain *out = arena_new(s->c->arena, struct plain);
    *out = *p;
    out->parts = arena_array(s->c->arena, struct plain *, p->count);
    for (int32_t i = 0; i < p->count; i++)
        out->parts[i] = plain_with(s, p->parts[i], node, by);
    return out;
}

// An arm, and those before it that always take what they name.
struct arm {
    const struct matrix *before;
    const struct ast_pattern **patterns; // as many as rows
    struct type *type;
    struct plain *pattern;
};

static void say_never(struct search *s, const struct arm *a, const struct ast_pattern *p,
                      const char *what, struct plain *q);

// The alternatives within `p`, a part of the arm's pattern: is there something for each that
// neither the arms before nor the alternatives before it take?
static void check_alternatives(struct search *s, const struct arm *a, struct plain *p) {
    bool is_or = p->form == FORM_OR;
    for (int32_t i = is_or; is_or && i < p->count; i++) {
        struct plain *sofar = plain_new(s->c, FORM_OR);
        sofar->parts = p->parts;
        sofar->count = i;
        struct matrix m = {.columns = 1};
        int32_t room = 0;
        for (int32_t k = 0; k < a->before->count; k++)
            add_row(s, &m, &room, a->before->rows[k].at);
        struct plain **own = arena_array(s->c->arena, struct plain *, 1);
        own[0] = plain_with(s, a->pattern, p, sofar);
        add_row(s, &m, &room, own);
        struct plain *q = plain_with(s, a->pattern, p, p->parts[i]);
        if (!useful(s, &m, &a->type, &q))
            say_never(s, a, p->pattern->any.alternatives.at[i], "alternative", q);
    }
    if (is_or && p->count > 0) { // the first one, which only the arms before can take away
        struct plain *q = plain_with(s, a->pattern, p, p->parts[0]);
        if (!useful(s, a->before, &a->type, &q))
            say_never(s, a, p->pattern->any.alternatives.at[0], "alternative", q);
    }
    for (int32_t i = 0; (is_or || p->form == FORM_PART) && i < p->count; i++)
        check_alternatives(s, a, p->parts[i]);
}

// ---- matches and lets ---------------------------------------------------------------------------

static void say_missing(struct checker *c, struct ast_expr *e, const char *example) {
    struct diag *d = diag_add(c->sink, P2012, e->match.subject->span, "`%s` has no arm", example);
    diag_primary(c->sink, d, "this may be `%s`", example);
    if (e->match.arms.len == 0)
        return;
    struct span end = {e->span.source, e->span.end - 1, e->span.end - 1};
    diag_fix(c->sink, d, end, str_format(c->arena, "    %s => ...,\n", example), "add the arm");
}

static void say_too_large(struct checker *c, struct ast_expr *e) {
    struct diag *d =
        diag_add(c->sink, P8214, e->match.subject->span,
                 "whether this match leaves something out is too much to look through");
    diag_primary(c->sink, d, "its arms can be combined in too many ways");
    diag_note(c->sink, d, "An arm `_ => ...` takes all that is left.");
}

// Does that arm take all of `q` without the arms before it?
static bool is_alone(struct search *s, const struct arm *a, int32_t arm, struct plain *q) {
    struct matrix one = {&a->before->rows[arm], 1, 1};
    return !useful(s, &one, &a->type, &q);
}

// Of what takes all that `q` could take, the arm with which nothing is left is named.
static void say_never(struct search *s, const struct arm *a, const struct ast_pattern *p,
                      const char *what, struct plain *q) {
    struct checker *c = s->c;
    struct matrix m = *a->before;
    while (m.count > 0) {
        m.count--;
        if (useful(s, &m, &a->type, &q))
            break;
    }
    struct diag *d = diag_add(c->sink, P2013, p->span, "this %s is never reached", what);
    if (useful(s, a->before, &a->type, &q)) {
        diag_primary(c->sink, d, "the alternatives before take all of it");
        return;
    }
    diag_primary(c->sink, d, "the arms before take all of it");
    diag_label(c->sink, d, a->patterns[m.count]->span,
               is_alone(s, a, m.count, q) ? "this takes it"
                                          : "with this one nothing is left of it");
}

static bool is_wrong(struct checker *c, const struct ast_pattern *p) {
    bool wrong = c->module->patterns[p->id].is_wrong;
    for (int32_t i = 0; p->kind == PATTERN_CALL && !wrong && i < p->call.elements.len; i++)
        wrong = is_wrong(c, p->call.elements.at[i]);
    for (int32_t i = 0; p->kind == PATTERN_TUPLE && !wrong && i < p->tuple.elements.len; i++)
        wrong = is_wrong(c, p->tuple.elements.at[i]);
    for (int32_t i = 0; p->kind == PATTERN_STRUCT && !wrong && i < p->record.fields.len; i++)
        wrong = is_wrong(c, p->record.fields.at[i].pattern);
    for (int32_t i = 0; p->kind == PATTERN_OR && !wrong && i < p->any.alternatives.len; i++)
        wrong = is_wrong(c, p->any.alternatives.at[i]);
    return wrong || (p->kind == PATTERN_BIND && p->bind.inner && is_wrong(c, p->bind.inner));
}

// What an arm with a wrong pattern is meant to take is not known: it counts as taking all where
// arms may be missing, and nothing where one may be in vain.
void check_exhaustive(struct checker *c, struct ast_expr *e) {
    struct type *t = resolve(info(c, e->match.subject)->type);
    if (t->flags & TYPE_HAS_ERROR)
        return;
    struct search s = {.c = c}, looks = {.c = c};
    struct matrix all = {.columns = 1}, before = {.columns = 1};
    int32_t room = 0, room_before = 0;
    const struct ast_pattern **patterns =
        arena_array(c->arena, const struct ast_pattern *, e->match.arms.len);
    for (int32_t i = 0; i < e->match.arms.len; i++) {
        struct ast_arm *arm = &e->match.arms.at[i];
        bool wrong = is_wrong(c, arm->pattern);
        struct plain **row = arena_array(c->arena, struct plain *, 1);
        row[0] = wrong ? &any : plain_of(c, arm->pattern);
        struct arm at = {&before, patterns, t, row[0]};
        if (!c->module->is_std && !wrong) {
            if (useful(&looks, &before, &t, row))
                check_alternatives(&looks, &at, row[0]);
            else
                say_never(&looks, &at, arm->pattern, "arm", row[0]);
        }
        if (arm->guard)
            continue;
        add_row(&s, &all, &room, row);
        if (wrong)
            continue;
        patterns[before.count] = arm->pattern;
        add_row(&s, &before, &room_before, row);
    }
    struct example example;
    bool found = missing(&s, &all, &t, &example);
    if (s.steps > EXHAUSTIVE_STEPS_MAX)
        say_too_large(c, e);
    else if (found)
        say_missing(c, e, example.at[0]);
    arena_free(&s.rows);
    arena_free(&looks.rows);
}

bool pattern_is_refutable(struct checker *c, struct ast_pattern *p) {
    struct type *t = resolve(c->module->patterns[p->id].type);
    if (t->flags & TYPE_HAS_ERROR)
        return false;
    struct search s = {.c = c};
    struct plain *plain = plain_of(c, p);
    struct row row = {&plain};
    struct matrix m = {&row, 1, 1};
    struct example example;
    bool found = missing(&s, &m, &t, &example);
    arena_free(&s.rows);
    return found;
}

void check_let_pattern(struct checker *c, struct ast_pattern *p) {
    if (p->kind == PATTERN_BIND || p->kind == PATTERN_WILDCARD || !pattern_is_refutable(c, p))
        return;
    struct diag *d = diag_add(c->sink, P2040, p->span, "this pattern does not match every value");
    diag_primary(c->sink, d, "other values of `%s` have no place",
                 type_show(c->prog, zonk(c, c->module->patterns[p->id].type)));
    diag_note(c->sink, d, "`let ... else { ... }`, `if let` or `match` say what happens then.");
}
