// SPDX-License-Identifier: MIT
// The abstract execution of functions: blocks in order, calls inlined, one path for each way that
// can matter. Paths that meet in equal states are merged, keeping the conditions that both have.
#include "checker/ops.h"
#include "checker/web.h"

#include <assert.h>

// ---- paths ----------------------------------------------------------------------------------

struct path *path_copy(struct exec *x, const struct path *p, const struct mir_function *f) {
    struct path *q = arena_new(x->a, struct path);
    *q = *p;
    q->locals = arena_array(x->a, const struct val *, f->locals.len + 1);
    memcpy(q->locals, p->locals, sizeof(*q->locals) * (size_t)f->locals.len);
    return q;
}

static bool same_state(const struct path *p, const struct path *q, int32_t locals) {
    if (p->written != q->written || !(p->self == q->self || val_eq(p->self, q->self)))
        return false;
    for (int32_t i = 0; i < locals; i++) {
        if (p->locals[i] == q->locals[i])
            continue;
        if (!p->locals[i] || !q->locals[i] || !val_eq(p->locals[i], q->locals[i]))
            return false;
    }
    return true;
}

static bool has_con(const struct cons *c, struct con con) {
    for (; c; c = c->rest)
        if (con_eq(c->con, con))
            return true;
    return false;
}

// The conditions of `p` that `q` has, too, in the order of `p`.
static const struct cons *common(struct exec *x, const struct cons *p, const struct cons *q) {
    if (p == q || !p)
        return p;
    const struct cons *rest = common(x, p->rest, q);
    if (!has_con(q, p->con))
        return rest;
    if (rest == p->rest)
        return p;
    return cons_add(x->a, rest, p->con);
}

static const struct val *self_of_both(struct exec *x, const struct val *a, const struct val *b) {
    if (!a || !b || val_eq(a, b))
        return a;
    struct val *v = val_tuple(x->a, VAL_STRUCT, a->type, a->count);
    for (int32_t i = 0; i < a->count; i++) {
        const struct val *one = a->items[i], *other = b->items[i];
        bool same = one == other || (one && other && val_eq(one, other));
        v->items[i] = same ? one : val_top(x->a, a->type->fields.at[i].type);
    }
    return v;
}

static const struct val *either(struct exec *x, const struct val *a, const struct val *b) {
    if (!a || !b || val_eq(a, b))
        return a ? a : b; // written on one of the ways only: whoever reads it came by that one
    return val_join(x, val_blur(x, a, false), val_blur(x, b, false));
}

// The first `locals` of them; the others are those of `a`.
static struct path *path_of_both(struct exec *x, const struct mir_function *f, int32_t locals,
                                 const struct path *a, const struct path *b) {
    struct path *p = path_copy(x, a, f);
    for (int32_t i = 0; i < locals; i++)
        p->locals[i] = either(x, a->locals[i], b->locals[i]);
    p->self = self_of_both(x, a->self, b->self);
    p->written |= b->written;
    p->cons = common(x, a->cons, b->cons);
    return p;
}

static void merge_in(struct exec *x, const struct mir_function *f, struct paths *into,
                     struct path *p) {
    for (int32_t i = 0; i < into->v.len; i++) {
        struct path *q = into->v.at[i];
        if (!same_state(p, q, f->locals.len))
            continue;
        into->v.at[i] = path_copy(x, q, f);
        into->v.at[i]->cons = common(x, q->cons, p->cons);
        return;
    }
    if (into->v.len >= x->w->effort.ways)
        into->v.at[0] = path_of_both(x, f, f->locals.len, into->v.at[0], p);
    else
        vec_push(x->a, &into->v, p);
}

void exec_publish(struct exec *x, struct path *p, bool forget) {
    if (!p->self)
        return;
    for (int32_t i = 0; i < p->self->count; i++)
        if ((p->written >> (i > 63 ? 63 : i) & 1) && p->self->items[i])
            web_add_field(x, p->cons, i, p->self->items[i]);
    p->written = 0;
    if (forget)
        p->self = val_tuple(x->a, VAL_STRUCT, p->self->type, p->self->count);
}

// ---- one region -----------------------------------------------------------------------------

struct region {
    struct exec *x;
    const struct cfg *c;
    int32_t loop;
    struct paths pending;
    struct paths *backs;
    struct outcomes *out;
};

static void go(struct region *r, struct path *p, int32_t block) {
    p->block = block;
    const struct cfg_loop *l = r->loop >= 0 ? &r->c->loops.at[r->loop] : NULL;
    if (l && block == l->header)
        vec_push(r->x->a, &r->backs->v, p);
    else if (l && !l->blocks[block])
        vec_push(r->x->a, &r->out->v, (struct outcome){OUT_EXIT, p, NULL});
    else
        vec_push(r->x->a, &r->pending.v, p);
}

static void fail(struct region *r, const struct path *p) {
    struct path *q = path_copy(r->x, p, r->c->f);
    int32_t unwind = r->c->f->blocks.at[p->block].unwind;
    if (unwind >= 0)
        go(r, q, unwind);
    else
        vec_push(r->x->a, &r->out->v, (struct outcome){OUT_FAIL, q, NULL});
}

// Takes the paths at the first pending block out of the list, merged.
static struct paths take_first(struct region *r) {
    const int32_t *order = r->c->order;
    int32_t best = r->pending.v.at[0]->block, kept = 0;
    for (int32_t i = 1; i < r->pending.v.len; i++)
        if (order[r->pending.v.at[i]->block] < order[best])
            best = r->pending.v.at[i]->block;
    struct paths first = {0};
    for (int32_t i = 0; i < r->pending.v.len; i++) {
        struct path *p = r->pending.v.at[i];
        if (p->block != best) {
            r->pending.v.at[kept++] = p;
            continue;
        }
        for (int32_t l = 0; l < r->c->f->locals.len; l++)
            if (!r->c->live[best][l])
                p->locals[l] = NULL;
        merge_in(r->x, r->c->f, &first, p);
    }
    r->pending.v.len = kept;
    return first;
}

static void branch(struct region *r, struct path *p, struct con c, int32_t block) {
    if (con_known(c) == 0)
        return;
    struct path *q = path_copy(r->x, p, r->c->f);
    if (con_known(c) < 0) {
        if (c.rel == CON_NE) { // one of two sides
            struct lin less;
            if (lin_add(&less, lin_const(-1), -1, c.l))
                branch(r, p, (struct con){CON_GE, less}, block);
            c.l.c -= 1;
            c.rel = CON_GE;
        }
        path_assume(r->x, q, c.rel, c.l);
        if (!path_feasible(r->x, q))
            return;
    }
    go(r, q, block);
}

static void end_if(struct region *r, struct path *p, const struct val *v,
                   const struct mir_terminator *t) {
    if (v->kind == VAL_BOOL) {
        branch(r, p, v->cond, t->block);
        branch(r, p, ops_negated(v->cond), t->block_else);
        return;
    }
    go(r, path_copy(r->x, p, r->c->f), t->block);
    go(r, path_copy(r->x, p, r->c->f), t->block_else);
}

static void end_switch(struct region *r, struct path *p, const struct val *v,
                       const struct mir_terminator *t) {
    bool is_int = v->kind == VAL_INT;
    for (int32_t i = 0; i < t->cases.len; i++) {
        struct con c = {CON_EQ, {0}};
        bool exact = is_int && lin_add(&c.l, v->n, -1, lin_const((int64_t)t->cases.at[i].value));
        if (!exact)
            c.l = lin_const(0);
        if (exact && con_known(c) == 1) {
            go(r, path_copy(r->x, p, r->c->f), t->cases.at[i].block);
            return;
        }
        branch(r, p, c, t->cases.at[i].block);
    }
    go(r, path_copy(r->x, p, r->c->f), t->block_else);
}

static void end_block(struct region *r, struct path *p, const struct mir_block *b) {
    const struct mir_terminator *t = &b->end;
    struct exec *x = r->x;
    if (t->kind == MIR_GOTO) {
        go(r, p, t->block);
    } else if (t->kind == MIR_END) {
        vec_push(x->a, &r->out->v, (struct outcome){OUT_END, p, NULL});
    } else if (t->kind == MIR_TRAP || t->kind == MIR_RAISE) {
        fail(r, p);
    } else if (t->kind != MIR_UNREACHABLE) {
        struct reads reads = {0};
        place_read(x, r->c->f, p, &t->value, &reads);
        for (int32_t i = 0; i < reads.v.len; i++) {
            struct path *q = reads.v.at[i].path;
            const struct val *v = reads.v.at[i].val;
            if (t->kind == MIR_IF)
                end_if(r, q, v, t);
            else if (t->kind == MIR_SWITCH)
                end_switch(r, q, v, t);
            else
                vec_push(x->a, &r->out->v, (struct outcome){OUT_RETURN, q, v});
        }
    }
}

static bool may_fail(const struct mir_inst *in) {
    return (mir_op_flags(in->op) & (MIR_FLAG_T | MIR_FLAG_S)) != 0;
}

// One operation on one way; how it goes on is merged into `next`.
static void run_inst(struct region *r, struct path *p, const struct mir_inst *in,
                     struct paths *next) {
    const struct mir_function *f = r->c->f;
    int32_t block = p->block;
    struct paths after = {0}, failed = {0};
    if (++r->x->w->steps > r->x->w->effort.steps && !web_stopped(r->x->w)) {
        r->x->w->too_long = true;
        web_give_up(r->x->w, f->loc, "`%s` has too many ways through it", f->name);
    }
    if (r->x->shared && (mir_op_flags(in->op) & MIR_FLAG_S))
        exec_publish(r->x, p, true);
    if (may_fail(in))
        fail(r, p);
    ops_run(r->x, f, p, in, &after, &failed);
    for (int32_t k = 0; k < failed.v.len; k++)
        fail(r, failed.v.at[k]);
    for (int32_t k = 0; k < after.v.len; k++) {
        after.v.at[k]->block = block;
        if (after.v.len == 1 && !next->v.len)
            vec_push(r->x->a, &next->v, after.v.at[k]);
        else
            merge_in(r->x, f, next, after.v.at[k]);
    }
}

static void run_block(struct region *r, const struct paths *entries) {
    const struct mir_block *b = &r->c->f->blocks.at[entries->v.at[0]->block];
    struct paths now = *entries;
    for (int32_t i = 0; i < b->insts.len; i++) {
        struct paths next = {0};
        for (int32_t k = 0; k < now.v.len && !web_stopped(r->x->w); k++)
            run_inst(r, now.v.at[k], &b->insts.at[i], &next);
        now = next;
    }
    for (int32_t k = 0; k < now.v.len && !web_stopped(r->x->w); k++)
        end_block(r, now.v.at[k], b);
}

static void enter_loop(struct region *r, int32_t loop, const struct path *p) {
    struct outcomes inner = {0};
    exec_loop(r->x, r->c, loop, p, &inner);
    for (int32_t i = 0; i < inner.v.len; i++) {
        struct outcome o = inner.v.at[i];
        if (o.kind == OUT_EXIT)
            go(r, o.path, o.path->block);
        else
            vec_push(r->x->a, &r->out->v, o);
    }
}

void exec_region(struct exec *x, const struct cfg *c, int32_t loop, struct paths *entries,
                 struct paths *backs, struct outcomes *out) {
    struct region r = {.x = x, .c = c, .loop = loop, .backs = backs, .out = out};
    for (int32_t i = 0; i < entries->v.len; i++)
        vec_push(x->a, &r.pending.v, path_copy(x, entries->v.at[i], c->f));
    while (r.pending.v.len && !web_stopped(x->w)) {
        struct paths first = take_first(&r);
        int32_t block = first.v.at[0]->block, inner = c->loop_of[block];
        if (inner < 0 || inner == loop || c->loops.at[inner].header != block) {
            run_block(&r, &first);
            continue;
        }
        for (int32_t i = 0; i < first.v.len; i++)
            enter_loop(&r, inner, first.v.at[i]);
    }
}

// ---- one function ---------------------------------------------------------------------------

// All ways to fail become one, of which little is known.
static void fold(struct exec *x, const struct mir_function *f, const struct path *from,
                 const struct outcomes *all, struct outcomes *out) {
    struct path *failed = NULL;
    for (int32_t i = 0; i < all->v.len; i++) {
        struct outcome o = all->v.at[i];
        if (o.kind != OUT_FAIL) {
            vec_push(x->a, &out->v, o);
            continue;
        }
        if (!failed) {
            failed = path_copy(x, o.path, f);
            failed->cons = from->cons;
            memset(failed->locals, 0, sizeof(*failed->locals) * (size_t)f->locals.len);
        } else {
            failed->self = self_of_both(x, failed->self, o.path->self);
            failed->written |= o.path->written;
        }
    }
    if (failed)
        vec_push(x->a, &out->v, (struct outcome){OUT_FAIL, failed, NULL});
}

// Returns with the same value in the same state are one.
static void merge_returns(struct exec *x, const struct mir_function *f, struct outcomes *outs) {
    int32_t kept = 0;
    for (int32_t i = 0; i < outs->v.len; i++) {
        struct outcome o = outs->v.at[i];
        bool merged = false;
        for (int32_t l = 0; l < f->locals.len; l++) // only mut parameters matter to the caller
            if (l >= f->param_count || l >= f->modes.len || f->modes.at[l] != MIR_PARAM_MUT)
                o.path->locals[l] = NULL;
        for (int32_t k = 0; k < kept && !merged; k++) {
            struct outcome *q = &outs->v.at[k];
            merged = q->kind == o.kind && o.kind != OUT_EXIT &&
                     (q->value == o.value || val_eq(q->value, o.value)) &&
                     same_state(o.path, q->path, f->param_count);
            if (merged)
                q->path->cons = common(x, q->path->cons, o.path->cons);
        }
        struct outcome *other = NULL;
        for (int32_t k = 0; k < kept && kept >= x->w->effort.ways && !merged && !other; k++)
            if (outs->v.at[k].kind == o.kind && o.kind == OUT_RETURN)
                other = &outs->v.at[k];
        if (other) {
            other->path = path_of_both(x, f, f->param_count, other->path, o.path);
            other->value = either(x, other->value, o.value);
        } else if (!merged) {
            outs->v.at[kept++] = o;
        }
    }
    outs->v.len = kept;
}

void exec_function(struct exec *x, const struct mir_function *f, const struct val *const *args,
                   int32_t count, const struct path *from, struct outcomes *out) {
    const struct cfg *c = cfg_of(x->w->cfgs, f);
    map_put(x->w->arena, &x->w->entered, str_from(f->name), (void *)(uintptr_t)f);
    if (c->irreducible) {
        web_give_up(x->w, f->loc, "`%s` jumps into the middle of a loop", f->name);
        return;
    }
    struct path *p = arena_new(x->a, struct path);
    *p = (struct path){.cons = from->cons,
                       .self = f->self ? from->self : NULL,
                       .written = f->self ? from->written : 0};
    p->locals = arena_array(x->a, const struct val *, f->locals.len + 1);
    for (int32_t i = 0; i < count && i < f->param_count; i++)
        p->locals[i] = args[i];
    struct paths entries = {0}, backs = {0};
    struct outcomes all = {0};
    vec_push(x->a, &entries.v, p);
    exec_region(x, c, -1, &entries, &backs, &all);
    assert(backs.v.len == 0);
    fold(x, f, from, &all, out);
    merge_returns(x, f, out);
}
