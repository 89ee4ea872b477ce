// SPDX-License-Identifier: MIT
// Types of operations: for each, what docs/mir.md says of its operands and its destination.
#include "frontend/mir/validate.h"

#include <inttypes.h>

static const struct mir_type *arg(const struct mir_inst *i, int32_t n) {
    return i->args.at[n].type;
}

static const struct mir_type *dst(struct validator *v, const struct mir_inst *i) {
    return mir_place_type(v->function, &i->dst);
}

// ---- what is asked of types ---------------------------------------------------------------------

static bool is_number(const struct mir_type *t) {
    return mir_is_integer(t->kind) || mir_is_float(t->kind);
}

static bool is_number_or_char(const struct mir_type *t) {
    return is_number(t) || t->kind == MIR_CHAR;
}

static bool is_bits(const struct mir_type *t) {
    return mir_is_integer(t->kind) || t->kind == MIR_BOOL;
}

static bool is_buf_of(const struct mir_type *t, enum mir_type_kind kind) {
    return t->kind == MIR_BUFFER && t->element->kind == kind;
}

static void need(struct validator *v, bool holds, const char *what, const struct mir_type *t) {
    if (!holds)
        mir_wrong(v, P9002, "%s, but is %s", what, mir_type_text(v, t));
}

static void need_kind(struct validator *v, const struct mir_type *t, enum mir_type_kind kind,
                      const char *who) {
    if (t->kind != kind)
        mir_wrong(v, P9002, "%s has to be %s, but is %s", who, mir_prim_name(kind),
                  mir_type_text(v, t));
}

static void need_same(struct validator *v, const struct mir_type *a, const struct mir_type *b,
                      const char *who) {
    if (a != b)
        mir_wrong(v, P9002, "%s has to be %s, but is %s", who, mir_type_text(v, b),
                  mir_type_text(v, a));
}

static void need_buffer(struct validator *v, const struct mir_type *t) {
    need(v, t->kind == MIR_BUFFER, "the operand has to be a buffer", t);
}

static void need_data(struct validator *v, const struct mir_type *t) {
    need(v, t->data, "the operand has to be without closures and handles", t);
}

// Arguments from `from` on against parameter types.
static void need_args(struct validator *v, const struct mir_inst *i, int32_t from, int32_t len,
                      struct mir_type *const *types, int32_t count, const char *what) {
    if (len != count) {
        mir_wrong(v, P9005, "%s has %" PRId32 " parameters, not %" PRId32, what, count, len);
        return;
    }
    for (int32_t n = 0; n < count; n++)
        if (arg(i, from + n) != types[n])
            mir_wrong(v, P9005, "argument %" PRId32 " of %s has to be %s, but is %s", n + 1, what,
                      mir_type_text(v, types[n]), mir_type_text(v, arg(i, from + n)));
}

// The destination of what gives a result: it may be missing when there is nothing to hold.
static void need_result(struct validator *v, const struct mir_inst *i,
                        const struct mir_type *result) {
    if (i->dst.local != MIR_NO_PLACE)
        need_same(v, dst(v, i), result, "the destination");
    else if (result->kind != MIR_UNIT && result->kind != MIR_NEVER)
        mir_wrong(v, P9002, "the result of type %s needs a destination", mir_type_text(v, result));
}

// ---- calculation --------------------------------------------------------------------------------

static void unary(struct validator *v, const struct mir_inst *i) {
    const struct mir_type *a = arg(i, 0), *d = dst(v, i);
    bool widens = i->op == MIR_OP_USE && a->kind == MIR_REF && d->kind == MIR_REF && !d->name;
    if (!widens)
        need_same(v, d, a, "the destination");
    if (i->op == MIR_OP_NEG)
        need(v, mir_is_signed(a->kind) || mir_is_float(a->kind),
             "the operand has to be a signed integer or a float", a);
    if (i->op == MIR_OP_NOT)
        need(v, is_bits(a), "the operand has to be bool or an integer", a);
}

static void binary(struct validator *v, const struct mir_inst *i) {
    const struct mir_type *a = arg(i, 0);
    need_same(v, dst(v, i), a, "the destination");
    if (i->op == MIR_OP_SHL || i->op == MIR_OP_SHR)
        need_kind(v, arg(i, 1), MIR_U64, "the shift count");
    else
        need_same(v, arg(i, 1), a, "the second operand");
    if (i->op <= MIR_OP_REM)
        need(v, is_number(a), "the operands have to be numbers", a);
    else if (i->op == MIR_OP_AND || i->op == MIR_OP_OR || i->op == MIR_OP_XOR)
        need(v, is_bits(a), "the operands have to be bool or integers", a);
    else
        need(v, mir_is_integer(a->kind), "the operands have to be integers", a);
}

static void comparison(struct validator *v, const struct mir_inst *i) {
    need_same(v, arg(i, 1), arg(i, 0), "the second operand");
    need_kind(v, dst(v, i), i->op == MIR_OP_CMP ? MIR_I64 : MIR_BOOL, "the destination");
    need_data(v, arg(i, 0));
}

static void conversion(struct validator *v, const struct mir_inst *i) {
    const struct mir_type *a = arg(i, 0), *d = dst(v, i), *to = i->op == MIR_OP_FITS ? i->type : d;
    if (i->op == MIR_OP_BITS) {
        bool there = a->kind == MIR_F64 && d->kind == MIR_U64;
        bool back = a->kind == MIR_U64 && d->kind == MIR_F64;
        if (!there && !back)
            mir_wrong(v, P9002, "bits are taken of f64 as u64, or back");
        return;
    }
    need(v, is_number_or_char(a), "the operand has to be a number or char", a);
    need(v, is_number_or_char(to), "the type asked for has to be a number or char", to);
    if (i->op == MIR_OP_FITS)
        need_kind(v, d, MIR_BOOL, "the destination");
}

static void math(struct validator *v, const struct mir_inst *i) {
    int32_t count = i->number == MIR_POW ? 2 : 1;
    need_kind(v, dst(v, i), MIR_F64, "the destination");
    if (i->args.len != count)
        mir_wrong(v, P9002, "math.%s has %" PRId32 " operands", mir_math_names[i->number], count);
    for (int32_t n = 0; n < i->args.len; n++)
        need_kind(v, arg(i, n), MIR_F64, "the operand");
}

// ---- structs, enums, buffers --------------------------------------------------------------------

static void make(struct validator *v, const struct mir_inst *i) {
    const struct mir_type *d = dst(v, i);
    if (d->kind != MIR_STRUCT || d->fields.len != i->args.len) {
        mir_wrong(v, P9002, "%s is no struct of %" PRId32 " fields", mir_type_text(v, d),
                  i->args.len);
        return;
    }
    for (int32_t n = 0; n < i->args.len; n++)
        need_same(v, arg(i, n), d->fields.at[n].type, "the field");
}

static void variant(struct validator *v, const struct mir_inst *i) {
    const struct mir_type *d = dst(v, i);
    if (d->kind != MIR_ENUM || i->number < 0 || i->number >= d->variants.len ||
        d->variants.at[i->number].types.len != i->args.len) {
        mir_wrong(v, P9002, "%s has no variant %" PRId32 " of %" PRId32 " values",
                  mir_type_text(v, d), i->number, i->args.len);
        return;
    }
    for (int32_t n = 0; n < i->args.len; n++)
        need_same(v, arg(i, n), d->variants.at[i->number].types.at[n], "the payload");
}

static void buffer(struct validator *v, const struct mir_inst *i) {
    if (i->op == MIR_OP_BUF_NEW) {
        need(v, dst(v, i)->kind == MIR_BUFFER, "the destination has to be a buffer", dst(v, i));
        if (i->args.len)
            need_kind(v, arg(i, 0), MIR_U64, "the room");
        return;
    }
    const struct mir_type *b = arg(i, 0);
    need_buffer(v, b);
    if (b->kind != MIR_BUFFER)
        return;
    need(v, !b->box || i->op == MIR_OP_BUF_PUSH, "a box is only filled, and read by its place", b);
    bool gives_item = i->op == MIR_OP_BUF_POP || i->op == MIR_OP_BUF_REMOVE;
    if (gives_item)
        need_same(v, dst(v, i), b->element, "the destination");
    if (i->op == MIR_OP_BUF_LEN)
        need_kind(v, dst(v, i), MIR_U64, "the destination");
    if (i->op == MIR_OP_BUF_OPEN || i->op == MIR_OP_BUF_PUT)
        need(v, b->element->plain, "the items have to be plain", b);
    if (i->op == MIR_OP_BUF_PUSH || i->op == MIR_OP_BUF_INSERT || i->op == MIR_OP_BUF_PUT)
        need_same(v, arg(i, i->args.len - 1), b->element, "the item");
    if (i->op == MIR_OP_BUF_APPEND)
        need_same(v, arg(i, 1), b, "the second operand");
    else if (i->op != MIR_OP_BUF_PUSH && i->args.len > 1)
        need_kind(v, arg(i, 1), MIR_U64, "the second operand");
    if (i->op != MIR_OP_BUF_SLICE)
        return;
    need_same(v, dst(v, i), b, "the destination");
    need_kind(v, arg(i, 2), MIR_U64, "the third operand");
}

// ---- calls --------------------------------------------------------------------------------------

static const struct mir_function *callee(struct validator *v, const struct mir_inst *i) {
    const struct mir_function *f = mir_find_function(v->module, i->function);
    if (!f)
        mir_wrong(v, P9005, "there is no function `%s`", i->function);
    else if (v->ends[f->index])
        mir_wrong(v, P9005, "`%s` holds `end`: only a message may lead to it", i->function);
    return f;
}

static void need_params(struct validator *v, const struct mir_inst *i, int32_t from, int32_t len,
                        const struct mir_function *f, int32_t count) {
    struct mir_type **types = arena_array(v->scratch, struct mir_type *, count);
    for (int32_t n = 0; n < count; n++)
        types[n] = f->locals.at[n].type;
    const char *what = str_format(v->scratch, "`%s`", f->name).data;
    need_args(v, i, from, len, types, count, what);
}

static bool proj_differs(const struct mir_proj *a, const struct mir_proj *b) {
    if (a->kind != b->kind || a->kind == MIR_PROJ_INDEX)
        return false; // two indexes may be equal
    return a->field != b->field || (a->kind == MIR_PROJ_VARIANT && a->variant != b->variant);
}

static bool places_overlap(const struct mir_place *a, const struct mir_place *b) {
    if (a->local != b->local)
        return false;
    for (int32_t i = 0; i < a->projs.len && i < b->projs.len; i++)
        if (proj_differs(&a->projs.at[i], &b->projs.at[i]))
            return false;
    return true;
}

// A `mut` argument is a place, and no other argument touches it. `f`: what is called, or NULL.
static void need_exclusive(struct validator *v, const struct mir_inst *i,
                           const struct mir_function *f) {
    for (int32_t n = 0; n < i->args.len; n++) {
        if (!mir_arg_is_written(v->module, i, n))
            continue;
        const struct mir_operand *o = &i->args.at[n];
        if (o->kind != MIR_COPY) {
            mir_wrong(v, P9008, "argument %" PRId32 " is `mut`: it has to be a place", n + 1);
            continue;
        }
        if (o->place.local == MIR_SELF && f && f->self)
            mir_wrong(v, P9008, "`self` is lent to `%s` as `mut` and as its `self`", f->name);
        for (int32_t k = 0; k < i->args.len; k++)
            if (k != n && i->args.at[k].kind != MIR_CONST &&
                places_overlap(&o->place, &i->args.at[k].place))
                mir_wrong(v, P9008,
                          "argument %" PRId32 " is `mut`, and argument %" PRId32 " overlaps it",
                          n + 1, k + 1);
    }
}

static void call(struct validator *v, const struct mir_inst *i) {
    const struct mir_function *f = callee(v, i);
    if (!f)
        return;
    need_params(v, i, 0, i->args.len, f, f->param_count);
    need_result(v, i, f->result);
    need_exclusive(v, i, f);
    if (f->self && f->self != v->function->self)
        mir_wrong(v, P9007, "`%s` needs a self of type %s", f->name, mir_type_text(v, f->self));
}

static bool has_mut(const struct mir_function *f) {
    for (int32_t n = 0; n < f->modes.len; n++)
        if (f->modes.at[n] == MIR_PARAM_MUT)
            return true;
    return false;
}

static void closure(struct validator *v, const struct mir_inst *i) {
    const struct mir_function *f = callee(v, i);
    const struct mir_type *d = dst(v, i);
    if (!f)
        return;
    if (f->self) {
        mir_wrong(v, P9005, "`%s` is no closure's body: it has self", f->name);
        return;
    }
    need_params(v, i, 0, i->args.len, f, f->captures);
    bool fits = d->kind == MIR_FN && d->element == f->result &&
                d->params.len == f->param_count - f->captures;
    for (int32_t n = 0; fits && n < d->params.len; n++)
        fits = d->params.at[n] == f->locals.at[f->captures + n].type &&
               mir_fn_is_mut(d, n) == (f->modes.at[f->captures + n] == MIR_PARAM_MUT);
    for (int32_t n = 0; n < f->captures; n++)
        if (f->modes.at[n] == MIR_PARAM_MUT)
            mir_wrong(v, P9005, "`%s` is no closure's body: a capture is `mut`", f->name);
    need(v, fits, "the destination has to be of the closure's type", d);
}

static void apply(struct validator *v, const struct mir_inst *i) {
    const struct mir_type *f = arg(i, 0);
    need(v, f->kind == MIR_FN, "the operand has to be a closure", f);
    if (f->kind != MIR_FN)
        return;
    need_args(v, i, 1, i->args.len - 1, f->params.at, f->params.len, "the closure");
    need_result(v, i, f->element);
    need_exclusive(v, i, NULL);
}

// ---- actors -------------------------------------------------------------------------------------

// `from`: where the constructor's arguments begin.
static void spawn(struct validator *v, const struct mir_inst *i, int32_t from) {
    const struct mir_actor *a = mir_find_actor(v->module, i->actor);
    const struct mir_function *init = a ? mir_find_function(v->module, a->init) : NULL;
    if (!a) {
        mir_wrong(v, P9005, "there is no actor `%s`", i->actor);
        return;
    }
    const struct mir_type *d = dst(v, i);
    need(v, d->kind == MIR_REF && d->name && strcmp(d->name, i->actor) == 0,
         "the destination has to be a reference to the actor", d);
    if (init)
        need_params(v, i, from, i->args.len - from, init, init->param_count);
}

static void need_self(struct validator *v) {
    if (!v->function->self)
        mir_wrong(v, P9007, "this needs a function with self");
}

static void spawn_child(struct validator *v, const struct mir_inst *i) {
    need_self(v);
    need(v, i->args.at[0].kind == MIR_CONST && arg(i, 0)->kind == MIR_BUFFER,
         "the name has to be a string constant", arg(i, 0));
    need_kind(v, arg(i, 1), MIR_I64, "the number of restarts");
    need_kind(v, arg(i, 2), MIR_I64, "the time");
    spawn(v, i, 3);
}

// The message of tell, ask, ask.timeout and forward; arguments stand from `from` on.
static const struct mir_message *message(struct validator *v, const struct mir_inst *i,
                                         int32_t from) {
    const struct mir_actor *a = mir_find_actor(v->module, i->actor);
    if (!a || i->message < 0 || i->message >= a->messages.len) {
        mir_wrong(v, P9005, "there is no message `%s.%" PRId32 "`", i->actor, i->message);
        return NULL;
    }
    const struct mir_type *r = arg(i, 0);
    bool typed = r->kind == MIR_REF && r->name && strcmp(r->name, a->name) == 0;
    need(v, typed, "the receiver has to be a reference to the actor", r);
    const struct mir_message *m = &a->messages.at[i->message];
    const char *what = str_format(v->scratch, "`%s.%s`", a->name, m->name).data;
    need_args(v, i, from, i->args.len - from, m->params.at, m->params.len, what);
    return m;
}

static void tell_any(struct validator *v, const struct mir_inst *i) {
    const struct mir_type *r = arg(i, 0);
    need(v, r->kind == MIR_REF && !r->name, "the receiver has to be an untyped reference", r);
}

static void ask(struct validator *v, const struct mir_inst *i) {
    bool timed = i->op == MIR_OP_ASK_TIMEOUT;
    if (timed)
        need_kind(v, arg(i, 1), MIR_I64, "the time");
    const struct mir_message *m = message(v, i, timed ? 2 : 1);
    const struct mir_type *d = dst(v, i);
    if (m)
        need(v, d->kind == MIR_FUTURE && d->element == m->result,
             "the destination has to be a future of the message's result", d);
}

static void forward(struct validator *v, const struct mir_inst *i) {
    const struct mir_message *m = message(v, i, 1);
    const struct mir_message *own = v->handles[v->function->index];
    need_self(v);
    if (m && own && own->result != m->result)
        mir_wrong(v, P9005, "`%s` replies with %s, the message forwarded to with %s", own->name,
                  mir_type_text(v, own->result), mir_type_text(v, m->result));
}

static void reply(struct validator *v, const struct mir_inst *i) {
    const struct mir_type *d = dst(v, i);
    const struct mir_message *own = v->handles[v->function->index];
    need_self(v);
    need(v, d->kind == MIR_REPLY && (!own || d->element == own->result),
         "the destination has to be a reply with the handler's result", d);
}

static void answer(struct validator *v, const struct mir_inst *i) {
    const struct mir_type *r = arg(i, 0);
    need(v, r->kind == MIR_REPLY, "the operand has to be a reply", r);
    if (r->kind == MIR_REPLY)
        need_same(v, arg(i, 1), r->element, "the answer");
}

static void self_ref(struct validator *v, const struct mir_inst *i) {
    const struct mir_type *d = dst(v, i);
    need_self(v);
    const struct mir_actor *a = d->kind == MIR_REF ? mir_find_actor(v->module, d->name) : NULL;
    need(v, a && a->state == v->function->self, "the destination has to be a reference to self", d);
}

// ---- tasks, scopes, waiting ---------------------------------------------------------------------

static void task(struct validator *v, const struct mir_inst *i) {
    const struct mir_function *f = callee(v, i);
    if (!f)
        return;
    need_params(v, i, 0, i->args.len - (i->has_scope ? 1 : 0), f, f->param_count);
    const struct mir_type *d = dst(v, i);
    need(v, d->kind == MIR_FUTURE && d->element == f->result,
         "the destination has to be a future of the function's result", d);
    if (has_mut(f))
        mir_wrong(v, P9008, "a task has no `mut` parameters");
    if (i->number == MIR_TASK_ISOLATED && !f->self)
        mir_wrong(v, P9007, "an isolated task needs a function with self");
    if (i->number == MIR_TASK_FREE && f->self)
        mir_wrong(v, P9007, "a free task has no self");
    if (f->self && f->self != v->function->self)
        mir_wrong(v, P9007, "`%s` needs a self of type %s", f->name, mir_type_text(v, f->self));
    if (!i->has_scope)
        return;
    const struct mir_type *s = arg(i, i->args.len - 1);
    need(v, s->kind == MIR_SCOPE || s->kind == MIR_TOKEN, "what binds a task is a scope or token",
         s);
}

static void wait(struct validator *v, const struct mir_inst *i) {
    if (i->args.len == 0)
        mir_wrong(v, P9002, "there is nothing to wait for");
    bool all = i->args.len == 1 && is_buf_of(arg(i, 0), MIR_FUTURE);
    for (int32_t n = 0; n < i->args.len && !all; n++)
        need(v, arg(i, n)->kind == MIR_FUTURE, "the operand has to be a future", arg(i, n));
    if (i->op == MIR_OP_WAIT_ANY)
        need_kind(v, dst(v, i), MIR_U64, "the destination");
}

static void take(struct validator *v, const struct mir_inst *i) {
    const struct mir_type *f = arg(i, 0);
    need(v, f->kind == MIR_FUTURE, "the operand has to be a future", f);
    if (f->kind != MIR_FUTURE)
        return;
    if (i->op == MIR_OP_TAKE)
        need_result(v, i, f->element);
    else
        need_kind(v, dst(v, i), MIR_I64, "the destination");
}

// ---- errors, output -----------------------------------------------------------------------------

static void error(struct validator *v, const struct mir_inst *i) {
    if (i->op == MIR_OP_ERROR_OF) {
        need_data(v, arg(i, 0));
        need_kind(v, dst(v, i), MIR_ERROR, "the destination");
        return;
    }
    if (i->op == MIR_OP_ERROR_TEXT) {
        const struct mir_type *t = arg(i, 0);
        need(v, t && t->kind == MIR_STRUCT && t->mark == MIR_MARK_STRING,
             "what an error says has to be a string", t);
        need_kind(v, dst(v, i), MIR_ERROR, "the destination");
        return;
    }
    need_kind(v, arg(i, 0), MIR_ERROR, "the operand");
    if (i->op == MIR_OP_ERROR_KIND)
        need_kind(v, dst(v, i), MIR_I64, "the destination");
    if (i->op == MIR_OP_ERROR_IS)
        need_kind(v, dst(v, i), MIR_BOOL, "the destination");
}

// What is held is a handle; the message before its last one tells it that its holder has crashed.
static void hold(struct validator *v, const struct mir_inst *i) {
    const struct mir_type *r = arg(i, 0);
    const struct mir_actor *a =
        r->kind == MIR_REF && r->name ? mir_find_actor(v->module, r->name) : NULL;
    need(v, a && a->handle, "the operand has to be a reference to a handle", r);
    need_kind(v, arg(i, 1), MIR_I64, "the kind");
    if (i->op == MIR_OP_UNHOLD)
        need_kind(v, dst(v, i), MIR_BOOL, "the destination");
    if (!a || !a->handle)
        return;
    const struct mir_message *m = a->messages.len > 1 ? &a->messages.at[a->messages.len - 2] : NULL;
    if (!m || m->params.len != 1 || m->params.at[0]->kind != MIR_I64)
        mir_wrong(v, P9005, "the message before the last one of `%s` has to take an i64", a->name);
}

static void print(struct validator *v, const struct mir_inst *i) {
    need(v, is_buf_of(arg(i, 0), MIR_U8), "what is printed has to be buf(u8)", arg(i, 0));
    if (i->number < 1 || i->number > 3)
        mir_wrong(v, P9002, "there is no output %" PRId32, i->number);
}

static void show(struct validator *v, const struct mir_inst *i) {
    const struct mir_type *d = dst(v, i);
    need(v, is_buf_of(d, MIR_U8), "the destination has to be buf(u8)", d);
}

// What decoding gives: { one item or none, where the input is wrong, what had to stand there }
static void codec(struct validator *v, const struct mir_inst *i) {
    const struct mir_type *d = dst(v, i);
    if (i->op == MIR_OP_ENCODE) {
        need(v, is_buf_of(d, MIR_U8), "the destination has to be buf(u8)", d);
        need_data(v, arg(i, 0));
        return;
    }
    need(v, is_buf_of(arg(i, 0), MIR_U8), "what is decoded has to be buf(u8)", arg(i, 0));
    bool fits = d->kind == MIR_STRUCT && d->fields.len == 3 &&
                d->fields.at[0].type->kind == MIR_BUFFER && d->fields.at[1].type->kind == MIR_U64 &&
                is_buf_of(d->fields.at[2].type, MIR_U8);
    need(v, fits, "the destination has to be a struct of a buf, a u64 and a buf(u8)", d);
    if (fits)
        need_data(v, d->fields.at[0].type->element);
}

// ---- services -----------------------------------------------------------------------------------

static void service(struct validator *v, const struct mir_inst *i) {
    int32_t at = mir_find_service(v->module, i->function);
    if (at < 0)
        mir_wrong(v, P9005, "there is no service `%s`", i->function);
    else if (i->op == MIR_OP_BIND)
        need_same(v, arg(i, 0), v->module->services.at[at].type, "what is bound");
    else
        need_same(v, dst(v, i), v->module->services.at[at].type, "the destination");
}

// Does the type have the form that the letter of services.def stands for?
static bool has_form(const struct mir_type *t, char letter) {
    if (letter == 'i')
        return t->kind == MIR_I64;
    if (t->kind == MIR_STRUCT && t->fields.len == 1)
        t = t->fields.at[0].type;
    if (t->kind != MIR_BUFFER)
        return false;
    const struct mir_type *item = t->element;
    return letter == 'l' ? has_form(item, 'b') : item->kind == MIR_U8;
}

static bool has_forms(const struct mir_type *t, const char *letters) {
    size_t count = strlen(letters);
    if (count == 1)
        return has_form(t, *letters);
    bool fits = t->kind == MIR_STRUCT && (size_t)t->fields.len == count;
    for (size_t n = 0; n < count && fits; n++)
        fits = has_form(t->fields.at[n].type, letters[n]);
    return fits;
}

static void outside(struct validator *v, const struct mir_inst *i) {
    const struct mir_outside *o = mir_outside_find(i->function);
    const struct mir_type *d = dst(v, i);
    if (!o || strlen(o->params) != (size_t)i->args.len) {
        mir_wrong(v, P9005, "there is no operation `%s` of %" PRId32 " operands", i->function,
                  i->args.len);
        return;
    }
    for (int32_t n = 0; n < i->args.len; n++)
        if (!has_form(arg(i, n), o->params[n]))
            mir_wrong(v, P9005, "operand %" PRId32 " of `%s` is %s", n + 1, o->name,
                      mir_type_text(v, arg(i, n)));
    need(v, d->kind == MIR_FUTURE && has_forms(d->element, o->result),
         "the destination has to be a future of the operation's result", d);
}

// ---- operations of one fixed type ---------------------------------------------------------------

struct signature {
    enum mir_op op;
    enum mir_type_kind result; // NEVER: no destination
    int count;
    enum mir_type_kind args[3];
};

static const struct signature signatures[] = {
    {MIR_OP_SCOPE_OPEN, MIR_SCOPE, 1, {MIR_I64}},
    {MIR_OP_SCOPE_CLOSE, MIR_NEVER, 1, {MIR_SCOPE}},
    {MIR_OP_SCOPE_CANCEL, MIR_NEVER, 1, {MIR_SCOPE}},
    {MIR_OP_SCOPE_CANCELLED, MIR_BOOL, 1, {MIR_SCOPE}},
    {MIR_OP_SCOPE_ADOPT, MIR_NEVER, 2, {MIR_SCOPE, MIR_FUTURE}},
    {MIR_OP_TOKEN, MIR_TOKEN, 0, {0}},
    {MIR_OP_TOKEN_CANCEL, MIR_NEVER, 1, {MIR_TOKEN}},
    {MIR_OP_TOKEN_CANCELLED, MIR_BOOL, 1, {MIR_TOKEN}},
    {MIR_OP_STOP, MIR_NEVER, 1, {MIR_REF}},
    {MIR_OP_KILL, MIR_NEVER, 1, {MIR_REF}},
    {MIR_OP_MAILBOX, MIR_I64, 1, {MIR_REF}},
    {MIR_OP_WANTED, MIR_BOOL, 1, {MIR_REPLY}},
    {MIR_OP_MASK, MIR_I64, 1, {MIR_I64}},
    {MIR_OP_TRUST, MIR_BOOL, 1, {MIR_BOOL}},
    {MIR_OP_SLEEP, MIR_NEVER, 1, {MIR_I64}},
    {MIR_OP_YIELD, MIR_NEVER, 0, {0}},
    {MIR_OP_NOW, MIR_I64, 0, {0}},
    {MIR_OP_NOW_WALL, MIR_I64, 0, {0}},
    {MIR_OP_RANDOM, MIR_U64, 2, {MIR_U64, MIR_U64}},
    {MIR_OP_INPUT, MIR_U64, 1, {MIR_U64}},
    {MIR_OP_CORES, MIR_U64, 0, {0}},
    {MIR_OP_LATENCY, MIR_I64, 0, {0}},
    {MIR_OP_FAULT, MIR_BOOL, 0, {0}},
    {MIR_OP_NODE_NEW, MIR_REF, 1, {MIR_U64}},
    {MIR_OP_NODE_DO, MIR_REF, 3, {MIR_U64, MIR_REF, MIR_REF}},
    {MIR_OP_BUGGIFY, MIR_BOOL, 1, {MIR_U64}},
    {MIR_OP_CALM, MIR_NEVER, 0, {0}},
    {MIR_OP_CAUGHT, MIR_ERROR, 0, {0}},
};

static void fixed(struct validator *v, const struct mir_inst *i) {
    if (i->op == MIR_OP_HOLD || i->op == MIR_OP_UNHOLD)
        hold(v, i);
    for (size_t k = 0; k < sizeof signatures / sizeof *signatures; k++) {
        const struct signature *s = &signatures[k];
        if (s->op != i->op)
            continue;
        for (int32_t n = 0; n < i->args.len && n < s->count; n++) {
            if (s->args[n] == MIR_REF)
                need(v, arg(i, n)->kind == MIR_REF, "the operand has to be a reference", arg(i, n));
            else
                need_kind(v, arg(i, n), s->args[n], "the operand");
        }
        if (s->result != MIR_NEVER)
            need_kind(v, dst(v, i), s->result, "the destination");
    }
}

static bool may_lack_destination(enum mir_op op) {
    return op == MIR_OP_CALL || op == MIR_OP_APPLY || op == MIR_OP_TAKE;
}

static void need_text(struct validator *v, const struct mir_type *t, const char *what) {
    need(v, t->kind == MIR_BUFFER && t->element->kind == MIR_U8, what, t);
}

// Those of actors; false: it is another one.
static bool actor_operation(struct validator *v, const struct mir_inst *i) {
    switch (i->op) {
    case MIR_OP_SPAWN:
        spawn(v, i, 0);
        return true;
    case MIR_OP_SPAWN_CHILD:
        spawn_child(v, i);
        return true;
    case MIR_OP_ACTOR_NAME:
        need(v, arg(i, 0)->kind == MIR_REF, "the operand has to be a reference", arg(i, 0));
        need_text(v, dst(v, i), "the destination has to be a buf(u8)");
        return true;
    case MIR_OP_CEILING:
        need_text(v, dst(v, i), "the destination has to be a buf(u8)");
        return true;
    case MIR_OP_NARROW:
        need_text(v, dst(v, i), "the destination has to be a buf(u8)");
        need_text(v, arg(i, 0), "the operand has to be a buf(u8)");
        return true;
    case MIR_OP_CONFINE:
    case MIR_OP_WIDEN:
        need_text(v, arg(i, 0), "the operand has to be a buf(u8)");
        return true;
    case MIR_OP_ENDOW_NAME:
        need_text(v, arg(i, 0), "the operand has to be a buf(u8)");
        return true;
    case MIR_OP_ENDOW_MAILBOX:
        need_kind(v, arg(i, 0), MIR_I64, "the policy");
        need_kind(v, arg(i, 1), MIR_I64, "the number of messages");
        return true;
    case MIR_OP_LIMIT_GRACE:
    case MIR_OP_LIMIT_MEMORY:
        need_self(v);
        need_kind(v, arg(i, 0), MIR_I64, "the limit");
        return true;
    case MIR_OP_TELL:
        message(v, i, 1);
        return true;
    case MIR_OP_TELL_ANY:
        tell_any(v, i);
        return true;
    case MIR_OP_ASK:
    case MIR_OP_ASK_TIMEOUT:
        ask(v, i);
        return true;
    case MIR_OP_FORWARD:
        forward(v, i);
        return true;
    case MIR_OP_REPLY:
        reply(v, i);
        return true;
    case MIR_OP_ANSWER:
        answer(v, i);
        return true;
    case MIR_OP_SELF_REF:
        self_ref(v, i);
        return true;
    default:
        return false;
    }
}

void mir_validate_inst(struct validator *v, const struct mir_inst *i) {
    bool has = i->dst.local != MIR_NO_PLACE, gives = mir_op_flags(i->op) & MIR_FLAG_D;
    if (has != gives && !(gives && may_lack_destination(i->op))) {
        mir_wrong(v, P9002, has ? "this has no destination" : "this needs a destination");
        return;
    }
    if ((mir_op_flags(i->op) & MIR_FLAG_W) && i->args.at[0].kind == MIR_CONST) {
        mir_wrong(v, P9008, "what is written has to be a place");
        return;
    }
    if (actor_operation(v, i))
        return;
    switch (i->op) {
    case MIR_OP_USE:
    case MIR_OP_NEG:
    case MIR_OP_NOT:
        unary(v, i);
        return;
    case MIR_OP_CONVERT:
    case MIR_OP_FITS:
    case MIR_OP_BITS:
        conversion(v, i);
        return;
    case MIR_OP_HASH:
        need_kind(v, dst(v, i), MIR_U64, "the destination");
        need_data(v, arg(i, 0));
        return;
    case MIR_OP_SHOW:
        show(v, i);
        return;
    case MIR_OP_ENCODE:
    case MIR_OP_DECODE:
        codec(v, i);
        return;
    case MIR_OP_MATH:
        math(v, i);
        return;
    case MIR_OP_MAKE:
        make(v, i);
        return;
    case MIR_OP_VARIANT:
        variant(v, i);
        return;
    case MIR_OP_TAG:
        need(v, arg(i, 0)->kind == MIR_ENUM, "the operand has to be an enum", arg(i, 0));
        need_kind(v, dst(v, i), MIR_U32, "the destination");
        return;
    case MIR_OP_WAITS:
        need(v, arg(i, 0)->kind == MIR_FN, "the operand has to be a closure", arg(i, 0));
        need_kind(v, dst(v, i), MIR_BOOL, "the destination");
        return;
    case MIR_OP_CALL:
        call(v, i);
        return;
    case MIR_OP_CLOSURE:
        closure(v, i);
        return;
    case MIR_OP_APPLY:
        apply(v, i);
        return;
    case MIR_OP_TASK:
        task(v, i);
        return;
    case MIR_OP_WAIT:
    case MIR_OP_WAIT_ANY:
        wait(v, i);
        return;
    case MIR_OP_TAKE:
    case MIR_OP_OUTCOME:
        take(v, i);
        return;
    case MIR_OP_BIND:
    case MIR_OP_BOUND:
        service(v, i);
        return;
    case MIR_OP_OUTSIDE:
        outside(v, i);
        return;
    case MIR_OP_NEVER:
        need_kind(v, dst(v, i), MIR_FUTURE, "the destination");
        return;
    case MIR_OP_SOMETIMES:
        need_kind(v, arg(i, 0), MIR_BOOL, "what is looked at");
        need(v, i->args.at[1].kind == MIR_CONST && arg(i, 1)->kind == MIR_BUFFER,
             "the text has to be a string constant", arg(i, 1));
        return;
    case MIR_OP_PRINT:
        print(v, i);
        return;
    case MIR_OP_ERROR_KIND:
    case MIR_OP_ERROR_OF:
    case MIR_OP_ERROR_TEXT:
    case MIR_OP_ERROR_IS:
    case MIR_OP_ERROR_GET:
        error(v, i);
        return;
    default:
        break;
    }
    if (i->op >= MIR_OP_ADD && i->op <= MIR_OP_SHR)
        binary(v, i);
    else if (i->op >= MIR_OP_EQ && i->op <= MIR_OP_CMP)
        comparison(v, i);
    else if (i->op >= MIR_OP_BUF_NEW && i->op <= MIR_OP_BUF_PUT)
        buffer(v, i);
    else
        fixed(v, i);
}
