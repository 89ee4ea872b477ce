// SPDX-License-Identifier: MIT
// One operation on one path: operands, data, buffers and calls. What is not listed gives an unknown
// value of its type, which is always true; what could hide a wait or an actor stops the analysis
// instead.
#include "checker/ops.h"

#include <assert.h>

// ---- operands and results -------------------------------------------------------------------

void ops_operands(struct exec *x, const struct mir_function *f, const struct path *p,
                  const struct mir_inst *in, struct evals *out) {
    struct evals rows = {0};
    struct eval first = {(struct path *)(uintptr_t)p,
                         arena_array(x->a, const struct val *, in->args.len + 1)};
    vec_push(x->a, &rows.v, first);
    for (int32_t i = 0; i < in->args.len; i++) {
        struct evals wider = {0};
        for (int32_t k = 0; k < rows.v.len; k++) {
            struct reads reads = {0};
            place_read(x, f, rows.v.at[k].path, &in->args.at[i], &reads);
            for (int32_t j = 0; j < reads.v.len; j++) {
                struct eval e = {reads.v.at[j].path,
                                 arena_array(x->a, const struct val *, in->args.len + 1)};
                memcpy(e.vals, rows.v.at[k].vals, sizeof(*e.vals) * (size_t)i);
                e.vals[i] = reads.v.at[j].val;
                vec_push(x->a, &wider.v, e);
            }
        }
        rows = wider;
    }
    *out = rows;
}

void ops_result(struct exec *x, const struct mir_function *f, const struct path *p,
                const struct mir_inst *in, const struct val *v, struct paths *next) {
    struct path *q = path_copy(x, p, f);
    if (in->dst.local != MIR_NO_PLACE) {
        const struct mir_type *t = mir_place_type(f, &in->dst);
        if (v && v->kind == VAL_TOP && t && mir_type_is_int(t))
            v = val_int(x->a, t, lin_var(exec_fresh(x, &q->cons, t)));
        place_write(x, f, q, &in->dst, v);
    }
    vec_push(x->a, &next->v, q);
}

static const struct val *unknown(struct exec *x, const struct mir_function *f,
                                 const struct mir_inst *in) {
    const struct mir_type *t = in->dst.local == MIR_NO_PLACE ? NULL : mir_place_type(f, &in->dst);
    return t ? val_top(x->a, t) : NULL;
}

// ---- data -----------------------------------------------------------------------------------

static const struct val *tuple_of(struct exec *x, enum val_kind kind, const struct mir_type *t,
                                  const struct eval *e, int32_t count) {
    struct val *v = val_tuple(x->a, kind, t, count);
    for (int32_t i = 0; i < count; i++)
        v->items[i] = e->vals[i];
    return v;
}

static bool data(struct exec *x, const struct mir_function *f, const struct eval *e,
                 const struct mir_inst *in, struct paths *next) {
    const struct mir_type *t = in->dst.local == MIR_NO_PLACE ? NULL : mir_place_type(f, &in->dst);
    const struct val *v = NULL;
    switch (in->op) {
    case MIR_OP_USE:
        v = e->vals[0];
        break;
    case MIR_OP_MAKE:
        v = tuple_of(x, VAL_STRUCT, t, e, in->args.len);
        break;
    case MIR_OP_VARIANT: {
        struct val *w = (struct val *)(uintptr_t)tuple_of(x, VAL_ENUM, t, e, in->args.len);
        w->variant = in->number;
        v = w;
        break;
    }
    case MIR_OP_TAG:
        v = e->vals[0]->kind == VAL_ENUM ? val_int(x->a, t, lin_const(e->vals[0]->variant))
                                         : val_top(x->a, t);
        break;
    case MIR_OP_CLOSURE: {
        struct val *w = (struct val *)(uintptr_t)tuple_of(x, VAL_CLOSURE, t, e, in->args.len);
        w->function = in->function;
        v = w;
        break;
    }
    case MIR_OP_SELF_REF:
        v = x->node->class >= 0 && x->w->classes.at[x->node->class]->kind == WEB_ACTOR
                ? x->node
                : val_top(x->a, t);
        break;
    default:
        return false;
    }
    ops_result(x, f, e->path, in, v, next);
    return true;
}

// ---- buffers --------------------------------------------------------------------------------

static struct lin plus(struct exec *x, struct path *p, struct lin a, int64_t factor, struct lin b) {
    struct lin r;
    if (!lin_add(&r, a, factor, b)) {
        r = lin_var(x->next_var++);
        path_assume(x, p, CON_GE, r);
    }
    return r;
}

static void write_back(struct exec *x, const struct mir_function *f, struct path *p,
                       const struct mir_inst *in, const struct val *buf) {
    const struct mir_place *place = &in->args.at[0].place;
    place_write(x, f, p, place, buf);
}

// pop and remove: an element and the rest.
static void take_out(struct exec *x, const struct mir_function *f, const struct eval *e,
                     const struct mir_inst *in, const struct lin *index, struct paths *next) {
    const struct val *buf = e->vals[0];
    struct path *p = path_copy(x, e->path, f);
    struct lin rest = plus(x, p, buf->n, -1, lin_const(1));
    path_assume(x, p, CON_GE, rest);
    struct reads reads = {0};
    buffer_read(x, f, p, buf, index ? index : &rest, &reads);
    for (int32_t i = 0; i < reads.v.len; i++) {
        struct path *q = reads.v.at[i].path;
        struct val *shorter = arena_new(x->a, struct val);
        *shorter = *(index ? buffer_scramble(x, buf, rest) : buf);
        shorter->n = rest;
        write_back(x, f, q, in, shorter);
        ops_result(x, f, q, in, reads.v.at[i].val, next);
    }
}

static bool buffer(struct exec *x, const struct mir_function *f, const struct eval *e,
                   const struct mir_inst *in, struct paths *next) {
    const struct mir_type *t = in->dst.local == MIR_NO_PLACE ? NULL : mir_place_type(f, &in->dst);
    if (in->op == MIR_OP_BUF_NEW) {
        ops_result(x, f, e->path, in, buffer_new(x, t), next);
        return true;
    }
    const struct val *buf = in->args.len ? e->vals[0] : NULL;
    if (!buf || buf->kind != VAL_BUF)
        return false;
    struct path *p = path_copy(x, e->path, f);
    const struct val *after = buf, *result = NULL;
    switch (in->op) {
    case MIR_OP_BUF_LEN:
        result = val_int(x->a, t, buf->n);
        path_assume(x, p, CON_GE, buf->n);
        ops_result(x, f, p, in, result, next);
        return true;
    case MIR_OP_BUF_PUSH:
        after = buffer_put(x, p, buf, buf->n, e->vals[1], plus(x, p, buf->n, 1, lin_const(1)));
        break;
    case MIR_OP_BUF_POP:
        take_out(x, f, e, in, NULL, next);
        return true;
    case MIR_OP_BUF_REMOVE: {
        struct lin at = path_int(x, p, e->vals[1]);
        take_out(x, f, &(struct eval){p, e->vals}, in, &at, next);
        return true;
    }
    case MIR_OP_BUF_INSERT: {
        struct lin length = plus(x, p, buf->n, 1, lin_const(1));
        after = buffer_scramble(x, buf, length);
        after = buffer_put(x, p, after, lin_var(x->next_var++), e->vals[2], length);
        break;
    }
    case MIR_OP_BUF_TRUNCATE: {
        struct val *w = arena_new(x->a, struct val);
        *w = *buf;
        w->n = lin_var(x->next_var++);
        path_assume(x, p, CON_GE, w->n);
        after = w;
        break;
    }
    case MIR_OP_BUF_RESERVE:
        break;
    case MIR_OP_BUF_OPEN: // whoever is given it may put anything into it, from now on
        after = val_top(x->a, buf->type);
        break;
    case MIR_OP_BUF_PUT:
        vec_push(x->a, &next->v, p);
        return true;
    case MIR_OP_BUF_APPEND: {
        if (e->vals[1]->kind != VAL_BUF) {
            after = val_top(x->a, buf->type);
            break;
        }
        struct lin length = plus(x, p, buf->n, 1, e->vals[1]->n);
        const struct val *more = buffer_scramble(x, e->vals[1], length);
        struct val *w = (struct val *)(uintptr_t)buffer_join(x, buf, more);
        w->n = length;
        after = w;
        break;
    }
    case MIR_OP_BUF_SLICE: {
        struct lin to = path_int(x, p, e->vals[2]), from = path_int(x, p, e->vals[1]);
        ops_result(x, f, p, in, buffer_scramble(x, buf, plus(x, p, to, -1, from)), next);
        return true;
    }
    default:
        return false;
    }
    write_back(x, f, p, in, after);
    vec_push(x->a, &next->v, p);
    return true;
}

// An operation on a buffer of which nothing is known; it stays unknown.
static bool is_buffer_write(enum mir_op op) {
    return (mir_op_flags(op) & MIR_FLAG_W) != 0 && op != MIR_OP_DROP;
}

static void unknown_buffer(struct exec *x, const struct mir_function *f, const struct eval *e,
                           const struct mir_inst *in, struct paths *next) {
    struct path *p = path_copy(x, e->path, f);
    write_back(x, f, p, in, val_top(x->a, in->args.at[0].type));
    ops_result(x, f, p, in, unknown(x, f, in), next);
}

// ---- calls ----------------------------------------------------------------------------------

static bool matters(const struct mir_type *t) {
    return mir_type_holds(t, MIR_REF) || mir_type_holds(t, MIR_REPLY) ||
           mir_type_holds(t, MIR_FUTURE) || mir_type_is_int(t) || t->kind == MIR_BOOL ||
           t->kind == MIR_ENUM || t->kind == MIR_STRUCT;
}

// A function that only computes and would take long to follow: its results are unknown.
static bool skipped(struct exec *x, const struct mir_function *g) {
    struct cfg_facts facts = cfg_facts_of(x->w->cfgs, g);
    if (facts.acts || (g->self && (g->writes || g->reads)))
        return false;
    if (facts.recursive || facts.loops)
        return true;
    bool any_mut = false;
    for (int32_t i = 0; i < g->modes.len; i++)
        any_mut = any_mut || g->modes.at[i] == MIR_PARAM_MUT;
    return !any_mut && (!matters(g->result) || g->result->mark == MIR_MARK_STRING);
}

static void havoc_call(struct exec *x, const struct mir_function *f, const struct mir_function *g,
                       const struct eval *e, const struct mir_inst *in, struct paths *next,
                       struct paths *failed) {
    struct path *p = path_copy(x, e->path, f);
    for (int32_t i = 0; i < in->args.len && i < g->modes.len; i++)
        if (g->modes.at[i] == MIR_PARAM_MUT && in->args.at[i].kind != MIR_CONST)
            place_write(x, f, p, &in->args.at[i].place, val_top(x->a, in->args.at[i].type));
    if (g->traps)
        vec_push(x->a, &failed->v, path_copy(x, p, f));
    ops_result(x, f, p, in, unknown(x, f, in), next);
}

static void returned(struct exec *x, const struct mir_function *f, const struct mir_function *g,
                     const struct eval *e, const struct mir_inst *in, const struct outcome *o,
                     struct paths *next, struct paths *failed) {
    struct path *p = path_copy(x, e->path, f);
    p->cons = o->path->cons;
    if (g->self) {
        p->self = o->path->self;
        p->written = o->path->written;
    }
    for (int32_t i = 0; i < in->args.len && i < g->modes.len; i++) {
        if (g->modes.at[i] != MIR_PARAM_MUT || in->args.at[i].kind == MIR_CONST)
            continue;
        const struct val *v = o->path->locals[i];
        place_write(x, f, p, &in->args.at[i].place, v ? v : val_top(x->a, in->args.at[i].type));
    }
    if (o->kind == OUT_RETURN)
        ops_result(x, f, p, in, o->value ? o->value : unknown(x, f, in), next);
    else
        vec_push(x->a, &failed->v, p);
}

static void call(struct exec *x, const struct mir_function *f, const struct mir_function *g,
                 const struct eval *e, const struct val *const *args, int32_t count,
                 const struct mir_inst *in, struct paths *next, struct paths *failed) {
    for (int32_t i = 0; i < x->calls; i++)
        if (x->stack[i] == g) {
            web_give_up(x->w, in->loc, "`%s` calls itself while it works with actors", g->name);
            return;
        }
    if (x->calls == WEB_CALLS_MAX) {
        web_give_up(x->w, in->loc, "calls are nested more than %d deep", WEB_CALLS_MAX);
        return;
    }
    x->stack_at[x->calls] = in;
    x->stack[x->calls++] = g;
    struct outcomes outs = {0};
    exec_function(x, g, args, count, e->path, &outs);
    x->calls--;
    for (int32_t i = 0; i < outs.v.len; i++)
        if (outs.v.at[i].kind == OUT_RETURN || outs.v.at[i].kind == OUT_FAIL)
            returned(x, f, g, e, in, &outs.v.at[i], next, failed);
}

static void call_by_name(struct exec *x, const struct mir_function *f, const struct eval *e,
                         const struct mir_inst *in, struct paths *next, struct paths *failed) {
    const struct mir_function *g = mir_find_function(x->w->module, in->function);
    if (!g) {
        web_give_up(x->w, in->loc, "there is no function `%s`", in->function);
        return;
    }
    if (skipped(x, g))
        havoc_call(x, f, g, e, in, next, failed);
    else
        call(x, f, g, e, e->vals, in->args.len, in, next, failed);
}

static void apply(struct exec *x, const struct mir_function *f, const struct eval *e,
                  const struct mir_inst *in, struct paths *next, struct paths *failed) {
    const struct val *c = e->vals[0];
    const struct mir_function *g =
        c->kind == VAL_CLOSURE ? mir_find_function(x->w->module, c->function) : NULL;
    if (!g && cfg_closures_act(x->w->cfgs, in->args.at[0].type)) {
        web_give_up(x->w, in->loc, "a function value that cannot be followed may act on actors");
        return;
    }
    if (!g || skipped(x, g)) {
        struct path *p = path_copy(x, e->path, f);
        for (int32_t i = 1; i < in->args.len; i++)
            if (mir_arg_is_written(x->w->module, in, i) && in->args.at[i].kind != MIR_CONST)
                place_write(x, f, p, &in->args.at[i].place, val_top(x->a, in->args.at[i].type));
        ops_result(x, f, p, in, unknown(x, f, in), next);
        return;
    }
    int32_t count = c->count + in->args.len - 1;
    const struct val **args = arena_array(x->a, const struct val *, count + 1);
    for (int32_t i = 0; i < c->count; i++)
        args[i] = c->items[i];
    for (int32_t i = 1; i < in->args.len; i++)
        args[c->count + i - 1] = e->vals[i];
    struct mir_inst as_call = *in; // of the function behind it: what was taken along is not changed
    as_call.args.at = arena_array(x->a, struct mir_operand, count + 1);
    as_call.args.len = count;
    for (int32_t i = 0; i < count; i++)
        as_call.args.at[i] =
            i < c->count ? (struct mir_operand){.kind = MIR_CONST} : in->args.at[i - c->count + 1];
    call(x, f, g, e, args, count, &as_call, next, failed);
}

// ---- the table ------------------------------------------------------------------------------

void ops_run(struct exec *x, const struct mir_function *f, const struct path *p,
             const struct mir_inst *in, struct paths *next, struct paths *failed) {
    struct evals rows = {0};
    ops_operands(x, f, p, in, &rows);
    for (int32_t i = 0; i < rows.v.len && !web_stopped(x->w); i++) {
        const struct eval *e = &rows.v.at[i];
        if (in->op == MIR_OP_CALL)
            call_by_name(x, f, e, in, next, failed);
        else if (in->op == MIR_OP_APPLY)
            apply(x, f, e, in, next, failed);
        else if (data(x, f, e, in, next) || ops_arithmetic(x, f, e, in, next) ||
                 buffer(x, f, e, in, next) || ops_actor(x, f, e, in, next))
            continue;
        else if (is_buffer_write(in->op))
            unknown_buffer(x, f, e, in, next);
        else
            ops_result(x, f, e->path, in, unknown(x, f, in), next);
    }
}
