// SPDX-License-Identifier: MIT
// Operations on values: places, arithmetic, structs, enums, buffers, errors. Whatever can fail says
// so with `trap` and leaves everything as it was.
#include "tests/differential/interp/interp.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

__extension__ typedef __int128 i128; // holds every value of every integer type

struct value error_new(enum failure_kind kind, struct str text, struct mir_loc loc) {
    struct value e = {.box = box_new(0)};
    e.box->tag = (int32_t)kind;
    e.box->text = text;
    e.box->loc = loc;
    return e;
}

void trap(struct interp *in, enum failure_kind kind, struct str text, struct mir_loc loc) {
    assert(!in->failing);
    in->failure = error_new(kind, text, loc);
    in->failing = true;
}

static struct mir_loc here(const struct frame *f) {
    const struct mir_block *b = &f->function->blocks.at[f->block];
    return f->inst < b->insts.len ? b->insts.at[f->inst].loc : b->end.loc;
}

static void defect(const struct frame *f, const char *what) {
    fprintf(stderr, "mir-interp: %s, in %s bb%d\n", what, f->function->name, f->block);
    exit(70);
}

// ---- places -------------------------------------------------------------------------------------

static struct value *item_at(struct interp *in, struct frame *f, struct value *v,
                             const struct mir_proj *p) {
    struct value index;
    if (!evaluate(in, f, p->index, &index))
        return NULL;
    if (!v->box || index.bits >= v->box->len) {
        trap(in, FAILURE_INDEX, (struct str){0}, here(f));
        return NULL;
    }
    return &v->box->items[index.bits];
}

static struct value *project(struct interp *in, struct frame *f, const struct mir_type *t,
                             struct value *v, const struct mir_proj *p, bool writes) {
    static struct value zero; // read only
    if (p->kind == MIR_PROJ_VARIANT && (v->box ? v->box->tag : 0) != p->variant)
        defect(f, "a part of another variant is read");
    if (writes && (p->kind != MIR_PROJ_INDEX || v->box))
        value_own(t, v);
    if (p->kind == MIR_PROJ_INDEX)
        return item_at(in, f, v, p);
    if (v->box)
        return &v->box->items[p->field];
    zero = value_zero;
    return &zero;
}

static const struct mir_type *projected_type(const struct mir_type *t, const struct mir_proj *p) {
    if (p->kind == MIR_PROJ_INDEX)
        return t->element;
    return p->kind == MIR_PROJ_FIELD ? t->fields.at[p->field].type
                                     : t->variants.at[p->variant].types.at[p->field];
}

struct value *place_at(struct interp *in, struct frame *f, const struct mir_place *p, bool writes) {
    bool self = p->local == MIR_SELF;
    struct value *v = self ? &in->strand->home->state : &f->locals[p->local];
    const struct mir_type *t = self ? f->function->self : f->function->locals.at[p->local].type;
    for (int32_t i = 0; v && i < p->projs.len; i++) {
        v = project(in, f, t, v, &p->projs.at[i], writes);
        t = projected_type(t, &p->projs.at[i]);
    }
    return v;
}

bool evaluate(struct interp *in, struct frame *f, const struct mir_operand *o, struct value *out) {
    if (o->kind == MIR_CONST) {
        *out = value_of_const(o);
        return true;
    }
    const struct value *v = place_at(in, f, &o->place, false);
    if (v)
        *out = value_keep(o->type, *v);
    return v != NULL;
}

bool store(struct interp *in, struct frame *f, const struct mir_place *dst, struct value v) {
    const struct mir_type *t = dst->local == MIR_NO_PLACE ? NULL : mir_place_type(f->function, dst);
    struct value *at = t ? place_at(in, f, dst, true) : NULL;
    if (t && !at)
        value_drop(t, v);
    if (!at)
        return t == NULL;
    struct value old = *at;
    *at = v;
    value_drop(t, old);
    return true;
}

// ---- numbers ------------------------------------------------------------------------------------

// The value of the type's width with these low bits.
static uint64_t wrap(enum mir_type_kind k, uint64_t bits) {
    int unused = 64 - mir_width_bits(k);
    return mir_is_signed(k) ? (uint64_t)((int64_t)(bits << unused) >> unused)
                            : bits << unused >> unused;
}

static i128 wide(enum mir_type_kind k, uint64_t bits) {
    return mir_is_signed(k) ? (i128)(int64_t)bits : (i128)bits;
}

static bool in_range(enum mir_type_kind k, i128 v) {
    return wide(k, wrap(k, (uint64_t)v)) == v;
}

static struct value fail_with(struct interp *in, struct frame *f, enum failure_kind kind) {
    trap(in, kind, (struct str){0}, here(f));
    return value_zero;
}

static struct value integer_arithmetic(struct interp *in, struct frame *f, const struct mir_inst *i,
                                       const struct value *a) {
    enum mir_type_kind k = i->args.at[0].type->kind;
    i128 x = wide(k, a[0].bits), y = i->args.len > 1 ? wide(k, a[1].bits) : 0, result = 0;
    switch (i->op) {
    case MIR_OP_NEG:
        result = -x;
        break;
    case MIR_OP_ADD:
    case MIR_OP_ADDW:
        result = x + y;
        break;
    case MIR_OP_SUB:
    case MIR_OP_SUBW:
        result = x - y;
        break;
    case MIR_OP_MUL:
        result = x * y;
        break;
    case MIR_OP_MULW:
        return (struct value){.bits = wrap(k, a[0].bits * a[1].bits)};
    default: // div, rem
        if (y == 0)
            return fail_with(in, f, FAILURE_DIVISION);
        if (!in_range(k, x / y))
            return fail_with(in, f, FAILURE_OVERFLOW);
        result = i->op == MIR_OP_DIV ? x / y : x % y;
    }
    bool wraps = i->op == MIR_OP_ADDW || i->op == MIR_OP_SUBW;
    if (!wraps && !in_range(k, result))
        return fail_with(in, f, FAILURE_OVERFLOW);
    return (struct value){.bits = wrap(k, (uint64_t)result)};
}

static struct value float_arithmetic(const struct mir_inst *i, const struct value *a) {
    double x = a[0].number, y = i->args.len > 1 ? a[1].number : 0, result = 0;
    switch (i->op) {
    case MIR_OP_NEG:
        result = -x;
        break;
    case MIR_OP_ADD:
        result = x + y;
        break;
    case MIR_OP_SUB:
        result = x - y;
        break;
    case MIR_OP_MUL:
        result = x * y;
        break;
    case MIR_OP_DIV:
        result = x / y;
        break;
    default:
        result = fmod(x, y);
    }
    bool narrow = i->args.at[0].type->kind == MIR_F32; // double rounding is exact for these
    return (struct value){.number = narrow ? (double)(float)result : result};
}

static struct value bit_operation(struct interp *in, struct frame *f, const struct mir_inst *i,
                                  const struct value *a) {
    enum mir_type_kind k = i->args.at[0].type->kind;
    bool logical = k == MIR_BOOL;
    uint64_t x = a[0].bits, y = i->args.len > 1 ? a[1].bits : 0, result;
    switch (i->op) {
    case MIR_OP_NOT:
        result = logical ? !x : ~x;
        break;
    case MIR_OP_AND:
        result = x & y;
        break;
    case MIR_OP_OR:
        result = x | y;
        break;
    case MIR_OP_XOR:
        result = x ^ y;
        break;
    default:
        if (y >= (uint64_t)mir_width_bits(k))
            return fail_with(in, f, FAILURE_SHIFT);
        result = i->op == MIR_OP_SHL ? x << y : (uint64_t)(wide(k, x) >> y);
    }
    return (struct value){.bits = logical ? result : wrap(k, result)};
}

static struct value comparison(const struct mir_inst *i, const struct value *a) {
    const struct mir_type *t = i->args.at[0].type;
    if (i->op == MIR_OP_EQ || i->op == MIR_OP_NE)
        return (struct value){.bits = value_equal(t, a[0], a[1]) == (i->op == MIR_OP_EQ)};
    if (i->op == MIR_OP_CMP)
        return (struct value){.bits = (uint64_t)(int64_t)value_compare(t, a[0], a[1])};
    bool unordered = mir_is_float(t->kind) && (isnan(a[0].number) || isnan(a[1].number));
    int order = mir_is_float(t->kind) ? (a[0].number > a[1].number) - (a[0].number < a[1].number)
                                      : value_compare(t, a[0], a[1]);
    bool holds = i->op == MIR_OP_LT   ? order < 0
                 : i->op == MIR_OP_LE ? order <= 0
                 : i->op == MIR_OP_GT ? order > 0
                                      : order >= 0;
    return (struct value){.bits = holds && !unordered};
}

// Converts into *out; false when the value would be lost.
static bool convert(const struct mir_type *from, const struct mir_type *to, struct value v,
                    struct value *out) {
    enum mir_type_kind k = from->kind, d = to->kind;
    if (mir_is_float(d)) {
        double x = mir_is_float(k) ? v.number
                   : mir_is_signed(k)
                       ? (d == MIR_F32 ? (double)(float)(int64_t)v.bits : (double)(int64_t)v.bits)
                       : (d == MIR_F32 ? (double)(float)v.bits : (double)v.bits);
        *out = (struct value){.number = d == MIR_F32 ? (double)(float)x : x};
        return isinf(x) || !isinf(out->number);
    }
    i128 whole;
    if (mir_is_float(k)) {
        double x = v.number;
        if (!(x >= -9223372036854775808.0 && x < 18446744073709551616.0) || x != trunc(x))
            return false;
        whole = (i128)x;
    } else {
        whole = k == MIR_CHAR ? (i128)v.bits : wide(k, v.bits);
    }
    *out = (struct value){.bits = (uint64_t)whole};
    if (d == MIR_CHAR)
        return whole >= 0 && whole <= 0x10ffff && !(whole >= 0xd800 && whole < 0xe000);
    return in_range(d, whole);
}

static struct value math(const struct mir_inst *i, const struct value *a) {
    double x = a[0].number, y = 0;
    switch ((enum mir_math)i->number) {
    case MIR_SQRT:
        y = sqrt(x);
        break;
    case MIR_FLOOR:
        y = floor(x);
        break;
    case MIR_CEIL:
        y = ceil(x);
        break;
    case MIR_TRUNC:
        y = trunc(x);
        break;
    case MIR_ROUND:
        y = round(x);
        break;
    case MIR_POW:
        y = pow(x, a[1].number);
        break;
    case MIR_SIN:
        y = sin(x);
        break;
    case MIR_COS:
        y = cos(x);
        break;
    case MIR_EXP:
        y = exp(x);
        break;
    case MIR_LN:
        y = log(x);
        break;
    case MIR_MATH_COUNT:
        break;
    }
    return (struct value){.number = y};
}

// ---- structs, enums, buffers --------------------------------------------------------------------

static struct value collect(const struct mir_inst *i, const struct value *a, int32_t tag) {
    struct value v = {.box = box_new((uint64_t)i->args.len)};
    v.box->tag = tag;
    for (int32_t n = 0; n < i->args.len; n++)
        v.box->items[n] = value_keep(i->args.at[n].type, a[n]);
    return v;
}

static void make_room(struct box *b, uint64_t len) {
    if (len <= b->room)
        return;
    b->room = len > 2 * b->room ? len : 2 * b->room;
    b->items = realloc(b->items, b->room * sizeof *b->items);
    if (!b->items)
        abort();
}

static void insert(struct box *b, uint64_t at, struct value item) {
    make_room(b, b->len + 1);
    memmove(&b->items[at + 1], &b->items[at], (b->len - at) * sizeof *b->items);
    b->items[at] = item;
    b->len++;
}

static struct value take_out(struct box *b, uint64_t at) {
    struct value item = b->items[at];
    memmove(&b->items[at], &b->items[at + 1], (b->len - at - 1) * sizeof *b->items);
    b->len--;
    return item;
}

static void change_buffer(struct interp *in, struct frame *f, const struct mir_inst *i,
                          const struct value *a, struct value *result) {
    struct value *place = place_at(in, f, &i->args.at[0].place, true);
    if (!place)
        return;
    const struct mir_type *t = i->args.at[0].type;
    uint64_t len = place->box ? place->box->len : 0;
    bool empty = i->op == MIR_OP_BUF_POP && len == 0;
    bool outside = (i->op == MIR_OP_BUF_INSERT && a[1].bits > len) ||
                   (i->op == MIR_OP_BUF_REMOVE && a[1].bits >= len);
    if (empty || outside) {
        trap(in, FAILURE_INDEX, (struct str){0}, here(f));
        return;
    }
    struct box *b = value_own(t, place);
    switch (i->op) {
    case MIR_OP_BUF_PUSH:
        while (t->box && len)
            value_drop(t->element, take_out(b, --len));
        insert(b, len, value_keep(t->element, a[1]));
        return;
    case MIR_OP_BUF_INSERT:
        insert(b, a[1].bits, value_keep(t->element, a[2]));
        return;
    case MIR_OP_BUF_POP:
        *result = take_out(b, len - 1);
        return;
    case MIR_OP_BUF_REMOVE:
        *result = take_out(b, a[1].bits);
        return;
    case MIR_OP_BUF_TRUNCATE:
        while (b->len > a[1].bits)
            value_drop(t->element, b->items[--b->len]);
        return;
    case MIR_OP_BUF_APPEND:
        for (uint64_t n = 0; a[1].box && n < a[1].box->len; n++)
            insert(b, b->len, value_keep(t->element, a[1].box->items[n]));
        return;
    case MIR_OP_BUF_OPEN:
        while (b->len > a[1].bits)
            value_drop(t->element, b->items[--b->len]);
        while (b->len < a[1].bits)
            insert(b, b->len, value_zero);
        return;
    default: // reserve: only a wish
        return;
    }
}

// Into the box itself, whoever has it.
static void put(struct interp *in, struct frame *f, const struct mir_inst *i,
                const struct value *a) {
    const struct mir_type *element = i->args.at[0].type->element;
    if (a[1].bits >= (a[0].box ? a[0].box->len : 0)) {
        trap(in, FAILURE_INDEX, (struct str){0}, here(f));
        return;
    }
    struct value *item = &a[0].box->items[a[1].bits], old = *item;
    *item = value_keep(element, a[2]);
    value_drop(element, old);
}

static struct value slice(struct interp *in, struct frame *f, const struct mir_inst *i,
                          const struct value *a) {
    uint64_t len = a[0].box ? a[0].box->len : 0, from = a[1].bits, to = a[2].bits;
    if (from > to || to > len)
        return fail_with(in, f, FAILURE_INDEX);
    struct value v = {.box = to > from ? box_new(to - from) : NULL};
    for (uint64_t n = from; n < to; n++)
        v.box->items[n - from] = value_keep(i->args.at[0].type->element, a[0].box->items[n]);
    return v;
}

// ---- errors -------------------------------------------------------------------------------------

static struct value error_operation(struct frame *f, const struct mir_inst *i,
                                    const struct value *a) {
    const struct box *e = a[0].box;
    struct value v = value_zero;
    switch (i->op) {
    case MIR_OP_ERROR_KIND:
        v.bits = e ? (uint64_t)e->tag : 0;
        return v;
    case MIR_OP_ERROR_IS:
        v.bits = e && e->tag == FAILURE_USER && e->carried == i->type;
        return v;
    case MIR_OP_ERROR_GET:
        if (!e || !e->carried)
            defect(f, "an error does not carry what is asked of it");
        return value_keep(e->carried, e->items[0]);
    default: // error.of, error.text
        v.box = box_new(1);
        v.box->tag = i->op == MIR_OP_ERROR_TEXT ? i->number : FAILURE_USER;
        v.box->loc = i->loc;
        v.box->carried = i->args.at[0].type;
        v.box->items[0] = value_keep(v.box->carried, a[0]);
        return v;
    }
}

static struct value shown(const struct mir_inst *i, const struct value *a) {
    struct arena scratch = {0};
    struct text out = {.arena = &scratch};
    value_show(&out, i->args.at[0].type, a[0]);
    struct value v = value_of_text(text_str(&out));
    arena_free(&scratch);
    return v;
}

static struct value converted(struct interp *in, struct frame *f, const struct mir_inst *i,
                              const struct value *a) {
    const struct mir_type *from = i->args.at[0].type;
    struct value v = value_zero;
    if (i->op == MIR_OP_BITS && mir_is_float(from->kind) && isnan(a[0].number))
        return (struct value){.number = __builtin_nan("")};
    if (i->op == MIR_OP_BITS)
        return a[0];
    const struct mir_type *to =
        i->op == MIR_OP_FITS ? i->type : mir_place_type(f->function, &i->dst);
    bool fits = convert(from, to, a[0], &v);
    if (i->op == MIR_OP_FITS)
        return (struct value){.bits = fits};
    return fits ? v : fail_with(in, f, FAILURE_CONVERT);
}

static struct value closure(struct interp *in, const struct mir_inst *i, const struct value *a) {
    struct value v = collect(i, a, 0);
    v.box->function = mir_find_function(in->module, i->function);
    return v;
}

bool data_operation(struct interp *in, struct frame *f, const struct mir_inst *i, struct value *a,
                    struct value *result) {
    enum mir_op op = i->op;
    const struct mir_type *t = i->args.len ? i->args.at[0].type : NULL;
    if (op == MIR_OP_USE)
        *result = value_keep(t, a[0]);
    else if (op == MIR_OP_NEG || (op >= MIR_OP_ADD && op <= MIR_OP_MULW))
        *result = mir_is_float(t->kind) ? float_arithmetic(i, a) : integer_arithmetic(in, f, i, a);
    else if (op == MIR_OP_NOT || (op >= MIR_OP_AND && op <= MIR_OP_SHR))
        *result = bit_operation(in, f, i, a);
    else if (op >= MIR_OP_EQ && op <= MIR_OP_CMP)
        *result = comparison(i, a);
    else if (op == MIR_OP_HASH)
        result->bits = value_hash(t, a[0]);
    else if (op == MIR_OP_SHOW)
        *result = shown(i, a);
    else if (op == MIR_OP_ENCODE)
        *result = codec_encode((enum mir_format)i->number, t, a[0]);
    else if (op == MIR_OP_DECODE)
        *result = codec_decode(in, (enum mir_format)i->number, mir_place_type(f->function, &i->dst),
                               a[0]);
    else if (op == MIR_OP_CONVERT || op == MIR_OP_FITS || op == MIR_OP_BITS)
        *result = converted(in, f, i, a);
    else if (op == MIR_OP_MATH)
        *result = math(i, a);
    else if (op == MIR_OP_MAKE || op == MIR_OP_VARIANT)
        *result = collect(i, a, op == MIR_OP_VARIANT ? i->number : 0);
    else if (op == MIR_OP_WAITS)
        result->bits = i->waits;
    else if (op == MIR_OP_TAG)
        result->bits = a[0].box ? (uint64_t)a[0].box->tag : 0;
    else if (op == MIR_OP_BUF_NEW)
        result->box = NULL;
    else if (op == MIR_OP_BUF_LEN)
        result->bits = a[0].box ? a[0].box->len : 0;
    else if (op == MIR_OP_BUF_SLICE)
        *result = slice(in, f, i, a);
    else if (op == MIR_OP_BUF_PUT)
        put(in, f, i, a);
    else if (op >= MIR_OP_BUF_PUSH && op <= MIR_OP_BUF_APPEND)
        change_buffer(in, f, i, a, result);
    else if (op == MIR_OP_CLOSURE)
        *result = closure(in, i, a);
    else if (op >= MIR_OP_ERROR_KIND && op <= MIR_OP_ERROR_GET)
        *result = error_operation(f, i, a);
    else
        return false;
    return true;
}
