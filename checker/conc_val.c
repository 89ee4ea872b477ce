// SPDX-License-Identifier: MIT
// Values of the concrete execution, and the operations that only compute.
#include "checker/conc.h"

enum failure_kind {
#define FAILURE(name, word, sentence) FAIL_##name,
#include "runtime/failures.def"
#undef FAILURE
};

uint64_t conc_mix(uint64_t a, uint64_t b) {
    uint64_t x = (a ^ (b + 0x9e3779b97f4a7c15u + (a << 6) + (a >> 2))) * 0xff51afd7ed558ccdu;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53u;
    return x ^ (x >> 29);
}

uint64_t conc_mix_text(uint64_t a, const char *text) {
    for (; text && *text; text++)
        a = conc_mix(a, (unsigned char)*text);
    return a;
}

struct conc_val *conc_val_new(struct conc *c, enum conc_kind kind, int32_t count) {
    struct conc_val *v = arena_new(c->arena, struct conc_val);
    v->kind = kind;
    v->count = count;
    v->items = count ? arena_array(c->arena, const struct conc_val *, count) : NULL;
    return v;
}

const struct conc_val *conc_seal(struct conc_val *v) {
    uint64_t h = conc_mix((uint64_t)v->kind, (uint64_t)(uint32_t)v->tag);
    bool named = v->kind == CONC_REF || v->kind == CONC_FUTURE || v->kind == CONC_REPLY;
    h = conc_mix(h, named ? v->hash : (uint64_t)v->n);
    uint64_t bits;
    memcpy(&bits, &v->number, sizeof bits);
    h = conc_mix_text(conc_mix(h, bits), v->function);
    for (int32_t i = 0; i < v->count; i++)
        h = conc_mix(h, v->items[i] ? v->items[i]->hash : 1);
    v->hash = h;
    return v;
}

const struct conc_val *conc_word(struct conc *c, int64_t n) {
    struct conc_val *v = conc_val_new(c, CONC_WORD, 0);
    v->n = n;
    return conc_seal(v);
}

// ---- integers -------------------------------------------------------------------------------

static int width(const struct mir_type *t) {
    switch (t->kind) {
    case MIR_I8:
    case MIR_U8:
        return 8;
    case MIR_I16:
    case MIR_U16:
        return 16;
    case MIR_I32:
    case MIR_U32:
        return 32;
    default:
        return 64;
    }
}

static bool is_unsigned(const struct mir_type *t) {
    return t->kind >= MIR_U8 && t->kind <= MIR_U64;
}

static bool is_int(const struct mir_type *t) {
    return t->kind >= MIR_I8 && t->kind <= MIR_U64;
}

__extension__ typedef __int128 wide;

static wide widen(const struct conc_val *v, const struct mir_type *t) {
    return is_unsigned(t) ? (wide)(uint64_t)v->n : (wide)v->n;
}

static bool narrow(struct conc *c, wide n, const struct mir_type *t, const struct conc_val **out) {
    wide high = is_unsigned(t) ? ((wide)1 << width(t)) - 1 : ((wide)1 << (width(t) - 1)) - 1;
    wide low = is_unsigned(t) ? 0 : -high - 1;
    *out = conc_word(c, (int64_t)n);
    return n >= low && n <= high;
}

// The low bits of n, as the type has them.
static const struct conc_val *wrapped(struct conc *c, wide n, const struct mir_type *t) {
    int shift = 64 - width(t);
    uint64_t bits = (uint64_t)n << shift;
    return conc_word(c, is_unsigned(t) ? (int64_t)(bits >> shift) : (int64_t)bits >> shift);
}

static const struct conc_val *wrap(struct conc *c, enum mir_op op, const struct mir_type *t,
                                   const struct conc_val *const *args) {
    wide a = widen(args[0], t), b = widen(args[1], t);
    wide r = op == MIR_OP_ADDW ? a + b : op == MIR_OP_SUBW ? a - b : 0;
    if (op == MIR_OP_MULW)
        r = (wide)((uint64_t)a * (uint64_t)b);
    return wrapped(c, r, t);
}

static int32_t arithmetic(struct conc *c, enum mir_op op, const struct mir_type *t,
                          const struct conc_val *const *args, const struct conc_val **out) {
    wide a = widen(args[0], t), b = widen(args[1], t), r = 0;
    if ((op == MIR_OP_DIV || op == MIR_OP_REM) && b == 0)
        return FAIL_DIVISION;
    switch (op) {
    case MIR_OP_ADD:
        r = a + b;
        break;
    case MIR_OP_SUB:
        r = a - b;
        break;
    case MIR_OP_MUL:
        r = a * b;
        break;
    case MIR_OP_DIV:
        r = a / b;
        break;
    default:
        r = a % b;
        break;
    }
    return narrow(c, r, t, out) ? FAIL_NONE : FAIL_OVERFLOW;
}

// ---- order ----------------------------------------------------------------------------------

// -1, 0, 1, or 2 when it cannot be told here.
static int order(const struct conc_val *a, const struct conc_val *b, const struct mir_type *t) {
    if (a->kind != b->kind || a->kind == CONC_OPAQUE || a->kind == CONC_FLOAT)
        return 2;
    if (a->kind == CONC_WORD) {
        wide x = widen(a, t), y = widen(b, t);
        return x < y ? -1 : x > y;
    }
    if (a->kind == CONC_REF)
        return a->n == b->n ? 0 : 2;
    if (a->hash == b->hash)
        return 0;
    return 2;
}

// Of maps, sets and queues other forms may be equal values. So may they of what is nested deeper
// than is looked.
static bool has_one_form(const struct mir_type *t, int32_t depth) {
    if (depth > 8 || t->mark == MIR_MARK_MAP || t->mark == MIR_MARK_SET ||
        t->mark == MIR_MARK_QUEUE)
        return false;
    if (t->kind == MIR_BUFFER)
        return has_one_form(t->element, depth + 1);
    for (int32_t i = 0; i < t->fields.len; i++)
        if (!has_one_form(t->fields.at[i].type, depth + 1))
            return false;
    for (int32_t i = 0; i < t->variants.len; i++)
        for (int32_t k = 0; k < t->variants.at[i].types.len; k++)
            if (!has_one_form(t->variants.at[i].types.at[k], depth + 1))
                return false;
    return true;
}

static bool compare(struct conc *c, enum mir_op op, const struct mir_type *t,
                    const struct conc_val *const *args, const struct conc_val **out) {
    int o = order(args[0], args[1], t);
    bool differs = o == 2 && has_one_form(t, 0) && args[0]->kind == args[1]->kind &&
                   args[0]->kind != CONC_OPAQUE && args[0]->kind != CONC_FLOAT &&
                   args[0]->hash != args[1]->hash;
    if (differs && (op == MIR_OP_EQ || op == MIR_OP_NE)) {
        *out = conc_word(c, op == MIR_OP_NE);
        return true;
    }
    if (o == 2) {
        *out = conc_seal(conc_val_new(c, CONC_OPAQUE, 0));
        return true;
    }
    bool r = op == MIR_OP_EQ   ? o == 0
             : op == MIR_OP_NE ? o != 0
             : op == MIR_OP_LT ? o < 0
             : op == MIR_OP_LE ? o <= 0
             : op == MIR_OP_GT ? o > 0
                               : o >= 0;
    *out = conc_word(c, op == MIR_OP_CMP ? o : r);
    return true;
}

// ---- buffers --------------------------------------------------------------------------------

static const struct conc_val *slice(struct conc *c, const struct conc_val *b, int64_t from,
                                    int64_t to) {
    struct conc_val *v = conc_val_new(c, CONC_BUF, (int32_t)(to - from));
    for (int64_t i = from; i < to; i++)
        v->items[i - from] = b->items[i];
    return conc_seal(v);
}

static const struct conc_val *tuple(struct conc *c, enum conc_kind kind, int32_t tag,
                                    const struct conc_val *const *args, int32_t count) {
    struct conc_val *v = conc_val_new(c, kind, count);
    v->tag = tag;
    for (int32_t i = 0; i < count; i++)
        v->items[i] = args[i];
    return conc_seal(v);
}

static bool words(const struct conc_val *const *args, int32_t count) {
    for (int32_t i = 0; i < count; i++)
        if (args[i]->kind != CONC_WORD)
            return false;
    return true;
}

// ---- the table ------------------------------------------------------------------------------

bool conc_compute(struct conc *c, const struct mir_inst *in, const struct mir_type *result,
                  const struct conc_val *const *args, const struct conc_val **out,
                  int32_t *failure) {
    const struct mir_type *t = in->args.len ? in->args.at[0].type : NULL;
    *failure = FAIL_NONE;
    *out = NULL;
    switch (in->op) {
    case MIR_OP_USE:
        *out = args[0];
        return true;
    case MIR_OP_ADD:
    case MIR_OP_SUB:
    case MIR_OP_MUL:
    case MIR_OP_DIV:
    case MIR_OP_REM:
        if (is_int(t) && words(args, 2))
            *failure = arithmetic(c, in->op, t, args, out);
        break;
    case MIR_OP_EQ:
    case MIR_OP_NE:
    case MIR_OP_LT:
    case MIR_OP_LE:
    case MIR_OP_GT:
    case MIR_OP_GE:
    case MIR_OP_CMP:
        return compare(c, in->op, t, args, out);
    case MIR_OP_NOT:
        if (words(args, 1))
            *out = conc_word(c, t->kind == MIR_BOOL ? !args[0]->n : ~args[0]->n);
        break;
    case MIR_OP_AND:
    case MIR_OP_OR:
    case MIR_OP_XOR:
        if (words(args, 2))
            *out = conc_word(c, in->op == MIR_OP_AND  ? args[0]->n & args[1]->n
                                : in->op == MIR_OP_OR ? args[0]->n | args[1]->n
                                                      : args[0]->n ^ args[1]->n);
        break;
    case MIR_OP_CONVERT:
        if (is_int(t) && is_int(result) && words(args, 1) &&
            !narrow(c, widen(args[0], t), result, out))
            *failure = FAIL_CONVERT;
        break;
    case MIR_OP_MAKE:
        *out = tuple(c, CONC_TUPLE, 0, args, in->args.len);
        return true;
    case MIR_OP_VARIANT:
        *out = tuple(c, CONC_ENUM, in->number, args, in->args.len);
        return true;
    case MIR_OP_TAG:
        if (args[0]->kind == CONC_ENUM)
            *out = conc_word(c, args[0]->tag);
        break;
    case MIR_OP_WAITS:
        *out = conc_word(c, in->waits);
        return true;
    case MIR_OP_CLOSURE: {
        struct conc_val *v = conc_val_new(c, CONC_CLOSURE, in->args.len);
        v->function = in->function;
        for (int32_t i = 0; i < in->args.len; i++)
            v->items[i] = args[i];
        *out = conc_seal(v);
        return true;
    }
    case MIR_OP_BUF_NEW:
        *out = tuple(c, CONC_BUF, 0, NULL, 0);
        return true;
    case MIR_OP_BUF_LEN:
        if (args[0]->kind == CONC_BUF)
            *out = conc_word(c, args[0]->count);
        break;
    case MIR_OP_BUF_SLICE:
        if (args[0]->kind != CONC_BUF || !words(args + 1, 2))
            break;
        if (args[1]->n < 0 || args[1]->n > args[2]->n || args[2]->n > args[0]->count)
            *failure = FAIL_INDEX;
        else
            *out = slice(c, args[0], args[1]->n, args[2]->n);
        break;
    case MIR_OP_ERROR_KIND:
        if (args[0]->kind == CONC_ERROR)
            *out = conc_word(c, args[0]->n);
        break;
    case MIR_OP_ERROR_IS: // only an error of the program's own has a type
        if (args[0]->kind == CONC_ERROR && args[0]->n != FAIL_USER)
            *out = conc_word(c, 0);
        break;
    case MIR_OP_ADDW:
    case MIR_OP_SUBW:
    case MIR_OP_MULW:
        if (is_int(t) && words(args, 2))
            *out = wrap(c, in->op, t, args);
        break;
    case MIR_OP_NEG:
    case MIR_OP_SHL:
    case MIR_OP_SHR:
    case MIR_OP_HASH:
    case MIR_OP_SHOW:
    case MIR_OP_ENCODE:
    case MIR_OP_DECODE:
    case MIR_OP_FITS:
    case MIR_OP_BITS:
    case MIR_OP_MATH:
    case MIR_OP_ERROR_OF:
    case MIR_OP_ERROR_TEXT:
    case MIR_OP_ERROR_GET:
        break;
    default:
        return false;
    }
    if (!*out && *failure == FAIL_NONE)
        *out = conc_seal(conc_val_new(c, CONC_OPAQUE, 0));
    return true;
}
