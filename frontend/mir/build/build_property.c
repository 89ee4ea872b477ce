// SPDX-License-Identifier: MIT
// Properties: tests whose inputs are chosen by decisions of the run.
//
// For each type of an input there is a function `$any<T>(depth)` that makes a value of `input`
// operations, each of which gives a number from 0 up. Shrinking a failure lowers these numbers and
// leaves some out (runtime/test/inputs.h), so a generator keeps two rules: 0 is the simplest
// choice, and what follows a smaller choice is never more. A list, for instance, asks before each
// item whether there is one: leaving out that answer with its item takes the item out of the list.
#include "frontend/mir/build/lower.h"

#include <float.h>
#include <math.h>

enum {
    ANY_MORE = 5,        // a list goes on 5 times of 6,
    ANY_MORE_INSIDE = 1, // one inside of others every other time
    ANY_OUTER_DEPTH = 2,
    ANY_DEPTH_MAX = 6,  // deeper lists are empty, deeper enums of their simplest variant
    ANY_HEIGHT_MAX = 64 // types of types: more is never looked at
};

static struct mir_operand u64(struct fn *fn, uint64_t n) {
    return const_int(fn, MIR_U64, n);
}

static struct mir_operand draw_up_to(struct fn *fn, struct mir_operand most) {
    return op1(fn, MIR_OP_INPUT, most, prim(fn, MIR_U64), NULL, fn->instance->span);
}

static struct mir_operand draw(struct fn *fn, uint64_t most) {
    return draw_up_to(fn, u64(fn, most));
}

static struct mir_operand to(struct fn *fn, struct mir_operand a, struct mir_type *t) {
    return a.type == t ? a : op1(fn, MIR_OP_CONVERT, a, t, NULL, fn->instance->span);
}

static struct mir_operand word(struct fn *fn, enum mir_op op, struct mir_operand a, uint64_t b) {
    return op2(fn, op, a, u64(fn, b), prim(fn, MIR_U64), NULL, fn->instance->span);
}

static struct mir_operand is(struct fn *fn, enum mir_op op, struct mir_operand a, uint64_t b) {
    return op2(fn, op, a, u64(fn, b), prim(fn, MIR_BOOL), NULL, fn->instance->span);
}

// Goes on in the first of two new blocks where it holds; the other one is returned.
static int32_t where(struct fn *fn, struct mir_operand condition) {
    int32_t yes = block_new(fn), no = block_new(fn);
    branch(fn, condition, yes, no, fn->instance->span);
    enter(fn, yes);
    return no;
}

static void give(struct fn *fn, struct mir_operand value) {
    leave(fn, MIR_RETURN, value, fn->instance->span);
}

// ---- numbers ------------------------------------------------------------------------------------

static int bits_of(enum mir_type_kind k) {
    static const int bits[] = {8, 16, 32, 64};
    return bits[(k - MIR_I8) % 4];
}

// The size first, then the sign: 0, 1, -1, 2, -2, … The largest size is only that of the least
// number; as a positive one it stands for one less.
static void any_signed(struct fn *fn, struct mir_type *t) {
    uint64_t most = 1ull << (bits_of(t->kind) - 1);
    struct mir_operand size = draw(fn, most), sign = draw(fn, 1);
    int32_t other = where(fn, is(fn, MIR_OP_EQ, size, 0));
    give(fn, const_int(fn, t->kind, 0));
    enter(fn, other);
    struct mir_operand less = to(fn, word(fn, MIR_OP_SUBW, size, 1), t);
    int32_t positive = where(fn, is(fn, MIR_OP_EQ, sign, 1));
    struct mir_operand negated = op1(fn, MIR_OP_NEG, less, t, NULL, fn->instance->span);
    give(fn, op2(fn, MIR_OP_SUB, negated, const_int(fn, t->kind, 1), t, NULL, fn->instance->span));
    enter(fn, positive);
    other = where(fn, is(fn, MIR_OP_EQ, size, most));
    give(fn, less);
    enter(fn, other);
    give(fn, to(fn, size, t));
}

static void any_integer(struct fn *fn, struct mir_type *t) {
    if (t->kind <= MIR_I64) {
        any_signed(fn, t);
        return;
    }
    int bits = bits_of(t->kind);
    give(fn, to(fn, draw(fn, bits == 64 ? UINT64_MAX : (1ull << bits) - 1), t));
}

static struct mir_operand const_number(struct mir_type *t, double n) {
    struct mir_operand c = {.kind = MIR_CONST, .type = t};
    c.value.number = n;
    return c;
}

static void give_signed(struct fn *fn, struct mir_operand sign, struct mir_operand n) {
    int32_t positive = where(fn, is(fn, MIR_OP_EQ, sign, 1));
    give(fn, op1(fn, MIR_OP_NEG, n, n.type, NULL, fn->instance->span));
    enter(fn, positive);
    give(fn, n);
}

// Whole numbers, halves, tenths, thousandths, and the values at which arithmetic turns odd.
static void any_float(struct fn *fn, struct mir_type *t) {
    static const double parts[] = {1, 2, 10, 1000};
    static const double odd64[] = {HUGE_VAL, NAN, DBL_MAX, DBL_MIN, DBL_TRUE_MIN, DBL_EPSILON};
    static const double odd32[] = {HUGE_VAL, NAN, FLT_MAX, FLT_MIN, FLT_TRUE_MIN, FLT_EPSILON};
    const double *odd = t->kind == MIR_F64 ? odd64 : odd32;
    uint64_t most = 1ull << (t->kind == MIR_F64 ? DBL_MANT_DIG : FLT_MANT_DIG);
    struct mir_operand form = draw(fn, 4), size = draw(fn, most), sign = draw(fn, 1);
    struct mir_operand whole = to(fn, size, t);
    for (uint64_t i = 0; i < 4; i++) {
        int32_t other = where(fn, is(fn, MIR_OP_EQ, form, i));
        struct mir_operand n = whole;
        if (i)
            n = op2(fn, MIR_OP_DIV, n, const_number(t, parts[i]), t, NULL, fn->instance->span);
        give_signed(fn, sign, n);
        enter(fn, other);
    }
    size = word(fn, MIR_OP_REM, size, 6);
    for (uint64_t i = 0; i < 5; i++) {
        int32_t other = where(fn, is(fn, MIR_OP_EQ, size, i));
        give_signed(fn, sign, const_number(t, odd[i]));
        enter(fn, other);
    }
    give_signed(fn, sign, const_number(t, odd[5]));
}

// Letters first, then the rest of ASCII, then control characters, then all other scalar values in
// their order.
static void any_char(struct fn *fn) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ "
                                "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    enum {
        PLAIN = sizeof plain - 1,
        CONTROL = 32,
        SCALARS = 0x110000 - 0x800,
        SURROGATES = 0xd800
    };
    static_assert(PLAIN == 95, "every printable character stands there once");
    struct mir_operand n = draw(fn, SCALARS - 1);
    struct mir_type *u32 = prim(fn, MIR_U32), *t = prim(fn, MIR_CHAR);
    int32_t other = where(fn, is(fn, MIR_OP_LT, n, PLAIN));
    struct mir_place text = materialize(fn, const_text(fn, STR(plain)), fn->instance->span);
    give(fn, to(fn, to(fn, operand_of(fn, place_index(fn, text, n)), u32), t));
    enter(fn, other);
    other = where(fn, is(fn, MIR_OP_LT, n, PLAIN + CONTROL));
    give(fn, to(fn, to(fn, word(fn, MIR_OP_SUBW, n, PLAIN), u32), t));
    enter(fn, other);
    other = where(fn, is(fn, MIR_OP_LT, n, SURROGATES));
    give(fn, to(fn, to(fn, n, u32), t));
    enter(fn, other);
    give(fn, to(fn, to(fn, word(fn, MIR_OP_ADDW, n, 0x800), u32), t));
}

// ---- buffers ------------------------------------------------------------------------------------

static struct mir_operand call_any(struct fn *fn, struct type *t) {
    struct span span = fn->instance->span;
    struct instance *i = any_instance(fn->b, t, span);
    struct mir_inst call = inst(fn, MIR_OP_CALL, span);
    call.function = i->mir->name;
    struct mir_operand depth = u64(fn, 0);
    if (fn->instance->kind == CODE_ANY)
        depth = word(fn, MIR_OP_ADDW, operand_of(fn, local_place(0)), 1);
    inst_arg(fn, &call, depth);
    return put_value(fn, call, i->mir->result, NULL);
}

// How likely it is that a list goes on here; 0 is never.
static struct mir_place more_here(struct fn *fn) {
    struct span span = fn->instance->span;
    struct mir_place more = local_place(temp(fn, prim(fn, MIR_U64)));
    struct mir_operand depth = operand_of(fn, local_place(0));
    int32_t known = block_new(fn);
    int32_t inner = where(fn, is(fn, MIR_OP_LE, depth, ANY_OUTER_DEPTH));
    assign(fn, more, u64(fn, ANY_MORE), span);
    jump(fn, known, span);
    enter(fn, inner);
    int32_t deep = where(fn, is(fn, MIR_OP_LE, depth, ANY_DEPTH_MAX));
    assign(fn, more, u64(fn, ANY_MORE_INSIDE), span);
    jump(fn, known, span);
    enter(fn, deep);
    assign(fn, more, u64(fn, 0), span);
    jump(fn, known, span);
    enter(fn, known);
    return more;
}

static void any_buffer(struct fn *fn, struct type *item) {
    struct span span = fn->instance->span;
    struct mir_type *of = mir_type_of(fn->b->module, MIR_BUFFER, mir_type_for(fn->b, item));
    struct mir_operand made = put_value(fn, inst(fn, MIR_OP_BUF_NEW, span), of, NULL);
    struct mir_operand more = operand_of(fn, more_here(fn));
    int32_t head = block_new(fn), asked = block_new(fn), body = block_new(fn), out = block_new(fn);
    jump(fn, head, span);
    enter(fn, head);
    branch(fn, is(fn, MIR_OP_EQ, more, 0), out, asked, span);
    enter(fn, asked);
    branch(fn, is(fn, MIR_OP_EQ, draw_up_to(fn, more), 0), out, body, span);
    enter(fn, body);
    struct mir_inst push = inst(fn, MIR_OP_BUF_PUSH, span);
    inst_arg(fn, &push, made);
    inst_arg(fn, &push, call_any(fn, item));
    put(fn, push);
    jump(fn, head, span);
    enter(fn, out);
    give(fn, made);
}

// ---- structs and enums --------------------------------------------------------------------------

static struct mir_operand any_fields(struct fn *fn, struct type *t, int32_t variant,
                                     int32_t count) {
    struct mir_operand *parts = arena_array(fn->b->arena, struct mir_operand, count + 1);
    for (int32_t i = 0; i < count; i++)
        parts[i] = call_any(fn, sema_field_type(fn->b->program, t, variant, i));
    return make_struct(fn, t, variant, parts, count, NULL, fn->instance->span);
}

// How many values stand in one another, at least, in a value of this type.
static int32_t height(struct fn *fn, struct type *t, int32_t left);

static int32_t height_of_fields(struct fn *fn, struct type *t, int32_t variant, int32_t count,
                                int32_t left) {
    int32_t most = 0;
    for (int32_t i = 0; i < count && most < left; i++) {
        int32_t one = height(fn, sema_field_type(fn->b->program, t, variant, i), left - 1) + 1;
        most = one > most ? one : most;
    }
    return most;
}

static int32_t height(struct fn *fn, struct type *t, int32_t left) {
    if (left <= 0)
        return ANY_HEIGHT_MAX;
    if (t->kind == TYPE_TUPLE)
        return height_of_fields(fn, t, -1, t->arg_count, left);
    if (t->kind == TYPE_STRUCT && !t->structure->module->is_std)
        return height_of_fields(fn, t, -1, t->structure->fields.len, left);
    if (t->kind != TYPE_ENUM)
        return 0;
    int32_t least = ANY_HEIGHT_MAX;
    for (int32_t v = 0; v < t->enumeration->variants.len; v++) {
        int32_t fields = t->enumeration->variants.at[v].fields.len;
        int32_t one = height_of_fields(fn, t, v, fields, left < least ? left : least);
        least = one < least ? one : least;
    }
    return least;
}

// The variants from the simplest one up: the least height, the fewest fields, as declared.
static int32_t *variants_in_order(struct fn *fn, struct type *t) {
    const struct sema_enum *e = t->enumeration;
    int32_t *order = arena_array(fn->b->arena, int32_t, e->variants.len);
    int32_t *heights = arena_array(fn->b->arena, int32_t, e->variants.len);
    for (int32_t v = 0; v < e->variants.len; v++) {
        int32_t fields = e->variants.at[v].fields.len, at = v;
        heights[v] = height_of_fields(fn, t, v, fields, ANY_DEPTH_MAX);
        while (at > 0 && (heights[v] < heights[order[at - 1]] ||
                          (heights[v] == heights[order[at - 1]] &&
                           fields < e->variants.at[order[at - 1]].fields.len))) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = v;
    }
    return order;
}

static void say_no_input(struct fn *fn, struct type *t) {
    const char *title =
        str_format(fn->b->arena, "a property cannot be given a `%s`", type_show(fn->b->program, t))
            .data;
    unbuilt(fn, P2043, fn->instance->span, title);
}

static void any_enum(struct fn *fn, struct type *t) {
    struct span span = fn->instance->span;
    int32_t count = t->enumeration->variants.len;
    if (count == 0) {
        unbuilt(fn, P2043, span, "a property cannot be given a type that has no values");
        return;
    }
    int32_t *order = variants_in_order(fn, t);
    struct mir_place which = local_place(temp(fn, prim(fn, MIR_U64)));
    int32_t chosen = block_new(fn);
    int32_t free = where(fn, is(fn, MIR_OP_GT, operand_of(fn, local_place(0)), ANY_DEPTH_MAX));
    assign(fn, which, u64(fn, 0), span);
    jump(fn, chosen, span);
    enter(fn, free);
    assign(fn, which, draw(fn, (uint64_t)count - 1), span);
    jump(fn, chosen, span);
    enter(fn, chosen);
    for (int32_t k = 0; k < count; k++) {
        int32_t v = order[k], fields = t->enumeration->variants.at[v].fields.len;
        int32_t next = where(fn, is(fn, MIR_OP_EQ, operand_of(fn, which), (uint64_t)k));
        give(fn, any_fields(fn, t, v, fields));
        enter(fn, next);
    }
    leave(fn, MIR_UNREACHABLE, const_unit(fn), span);
}

// Texts, maps, sets and queues are collected from a list.
static struct instance *collector(struct build *b, struct type *t) {
    for (int32_t i = 0; i < b->program->functions.len; i++) {
        struct sema_function *f = b->program->functions.at[i];
        bool of_it = f->self_type && f->self_type->kind == TYPE_STRUCT &&
                     f->self_type->structure == t->structure && f->module->is_std;
        if (of_it && strcmp(f->name, "collect_from") == 0)
            return instance_of(
                b, f, (struct env){.params = &f->type_params, .args = {t->args, t->arg_count}},
                NULL);
    }
    return NULL;
}

static bool any_collected(struct fn *fn, struct type *t) {
    struct instance *callee = collector(fn->b, t);
    if (!callee)
        return false;
    struct mir_inst call = inst(fn, MIR_OP_CALL, fn->instance->span);
    call.function = callee->mir->name;
    struct type *list = subst(fn->b, &callee->env, callee->function->params.at[0].type);
    inst_arg(fn, &call, call_any(fn, list));
    give(fn, put_value(fn, call, callee->mir->result, NULL));
    return true;
}

static void any_struct(struct fn *fn, struct type *t) {
    if (type_is_transparent(t)) {
        give(fn, call_any(fn, sema_field_type(fn->b->program, t, -1, 0)));
        return;
    }
    if (any_collected(fn, t))
        return;
    if (t->structure->module->is_std && t->structure != fn->b->program->known.duration) {
        say_no_input(fn, t);
        return;
    }
    give(fn, any_fields(fn, t, -1, t->structure->fields.len));
}

// ---- the generator ------------------------------------------------------------------------------

struct instance *any_instance(struct build *b, struct type *t, struct span span) {
    struct str key = str_format(b->arena, "any:%d", (int)t->id);
    struct instance *i = map_get(&b->instances, key);
    if (i)
        return i;
    i = instance_new(b, CODE_ANY, str_format(b->arena, "$any<%s>", type_path(b, t)).data);
    map_put(b->arena, &b->instances, key, i);
    i->type = t;
    i->span = span;
    i->mir->loc = loc_of(b, span);
    i->mir->result = mir_type_for(b, t);
    mir_local_new(b->module, i->mir, mir_type_prim(b->module, MIR_U64), "depth");
    vec_push(b->arena, &i->mir->modes, MIR_PARAM_LEND);
    i->mir->param_count = 1;
    return i;
}

void lower_any_value(struct fn *fn) {
    struct type *t = fn->instance->type;
    if (type_is_integer(t)) {
        any_integer(fn, mir_type_for(fn->b, t));
        return;
    }
    switch (t->kind) {
    case TYPE_BOOL:
        give(fn, is(fn, MIR_OP_EQ, draw(fn, 1), 1));
        return;
    case TYPE_CHAR:
        any_char(fn);
        return;
    case TYPE_F32:
    case TYPE_F64:
        any_float(fn, mir_type_for(fn->b, t));
        return;
    case TYPE_BUFFER:
        any_buffer(fn, t->args[0]);
        return;
    case TYPE_TUPLE:
        give(fn, any_fields(fn, t, -1, t->arg_count));
        return;
    case TYPE_STRUCT:
        any_struct(fn, t);
        return;
    case TYPE_ENUM:
        any_enum(fn, t);
        return;
    default:
        say_no_input(fn, t);
    }
}

// ---- the test -----------------------------------------------------------------------------------

// A test without parameters that draws the inputs, says what they are and runs the property.
struct instance *property_instance(struct build *b, struct sema_function *f) {
    const char *name = str_format(b->arena, "%s$inputs", f->path).data;
    struct instance *i = instance_new(b, CODE_PROPERTY, name);
    i->function = f;
    i->module = f->module;
    i->env.params = &f->type_params;
    i->span = f->span;
    i->mir->loc = loc_of(b, f->span);
    return i;
}

void lower_property(struct fn *fn) {
    struct instance *i = fn->instance;
    struct sema_function *f = i->function;
    struct instance *body = instance_of(fn->b, f, i->env, NULL);
    struct mir_inst call = inst(fn, MIR_OP_CALL, i->span);
    call.function = body->mir->name;
    struct mir_type *bytes = const_text(fn, STR("")).type;
    struct mir_operand text = put_value(fn, inst(fn, MIR_OP_BUF_NEW, f->span), bytes, NULL);
    for (int32_t k = 0; k < f->params.len; k++) {
        struct type *t = subst(fn->b, &i->env, f->params.at[k].type);
        i->span = f->params.at[k].span;
        struct mir_operand value = call_any(fn, t);
        inst_arg(fn, &call, value);
        literal_say(fn, text,
                    str_format(fn->b->arena, "%s%s = ", k ? ", " : "", f->params.at[k].name));
        literal_put(fn, text, value, t);
    }
    struct mir_inst print = inst(fn, MIR_OP_PRINT, f->span);
    print.number = 3;
    inst_arg(fn, &print, text);
    put(fn, print);
    put(fn, call);
    leave(fn, MIR_RETURN, const_unit(fn), f->span);
}
