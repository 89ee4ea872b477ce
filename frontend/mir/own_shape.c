// SPDX-License-Identifier: MIT
// Rewriting that comes before moves and drops. After it
//   - nothing is lent to a call out of `self` that the call may change, or from the buffer that is
//     appended to;
//   - a function returns and raises constants, whole locals, or parts of what is not its own;
//   - lent parameters are not written.
#include "frontend/mir/own.h"

struct shaper {
    struct mir_module *m;
    struct mir_function *f;
    VEC(struct mir_inst) out; // the block at hand, rewritten
};

static struct mir_operand local_operand(struct mir_type *type, int32_t local) {
    struct mir_operand o = {.kind = MIR_COPY, .type = type};
    o.place.local = local;
    return o;
}

static struct mir_inst use_inst(struct mir_loc loc, int32_t local) {
    struct mir_inst use = {.op = MIR_OP_USE, .loc = loc};
    use.dst.local = local;
    return use;
}

// Puts a copy of the operand into a new local before the operation at hand.
static void hold(struct shaper *s, struct mir_operand *o, struct mir_loc loc) {
    int32_t local = mir_local_new(s->m, s->f, o->type, NULL);
    struct mir_inst use = use_inst(loc, local);
    vec_push(s->m->arena, &use.args, *o);
    vec_push(s->m->arena, &s->out, use);
    *o = local_operand(o->type, local);
}

static bool call_may_change_self(const struct mir_module *m, const struct mir_inst *i) {
    const struct mir_function *callee = mir_find_function(m, i->function);
    return callee->suspends || (callee->self && callee->writes);
}

static bool is_held(const struct shaper *s, const struct mir_inst *i, int32_t n) {
    const struct mir_operand *o = &i->args.at[n];
    if (o->kind == MIR_CONST || o->type->plain || own_consumes(s->m, i, n) ||
        mir_arg_is_written(s->m, i, n))
        return false;
    if (i->op == MIR_OP_CALL)
        return o->place.local == MIR_SELF && call_may_change_self(s->m, i);
    if (i->op == MIR_OP_APPLY)
        return o->place.local == MIR_SELF && i->waits;
    return i->op == MIR_OP_BUF_APPEND && n == 1 && o->place.local == i->args.at[0].place.local;
}

static bool has_index(const struct mir_place *p) {
    for (int32_t i = 0; i < p->projs.len; i++)
        if (p->projs.at[i].kind == MIR_PROJ_INDEX)
            return true;
    return false;
}

static bool end_is_held(const struct shaper *s, const struct mir_terminator *t) {
    if ((t->kind != MIR_RETURN && t->kind != MIR_RAISE) || t->value.kind == MIR_CONST ||
        t->value.place.projs.len == 0)
        return false;
    int32_t root = t->value.place.local;
    return has_index(&t->value.place) || (root >= 0 && own_is_ours(s->f, root));
}

static void shape_block(struct shaper *s, int32_t b) {
    struct mir_block *block = &s->f->blocks.at[b];
    s->out.at = NULL;
    s->out.len = s->out.cap = 0;
    for (int32_t k = 0; k < block->insts.len; k++) {
        struct mir_inst *i = &block->insts.at[k];
        for (int32_t n = 0; n < i->args.len; n++)
            if (is_held(s, i, n))
                hold(s, &i->args.at[n], i->loc);
        vec_push(s->m->arena, &s->out, *i);
    }
    if (end_is_held(s, &block->end))
        hold(s, &block->end.value, block->end.loc);
    block->insts.at = s->out.at;
    block->insts.len = s->out.len;
    block->insts.cap = s->out.cap;
}

// ---- lent parameters that are written -----------------------------------------------------------

static void rename_place(struct mir_place *p, int32_t from, int32_t to);

static void rename_operand(struct mir_operand *o, int32_t from, int32_t to) {
    if (o->kind != MIR_CONST)
        rename_place(&o->place, from, to);
}

static void rename_place(struct mir_place *p, int32_t from, int32_t to) {
    if (p->local == from)
        p->local = to;
    for (int32_t i = 0; i < p->projs.len; i++)
        if (p->projs.at[i].kind == MIR_PROJ_INDEX)
            rename_operand(p->projs.at[i].index, from, to);
}

static void rename_local(struct mir_function *f, int32_t from, int32_t to) {
    for (int32_t b = 0; b < f->blocks.len; b++) {
        struct mir_block *block = &f->blocks.at[b];
        for (int32_t k = 0; k < block->insts.len; k++) {
            struct mir_inst *i = &block->insts.at[k];
            if (i->dst.local != MIR_NO_PLACE)
                rename_place(&i->dst, from, to);
            for (int32_t n = 0; n < i->args.len; n++)
                rename_operand(&i->args.at[n], from, to);
        }
        if (flow_end_has_value(&block->end))
            rename_operand(&block->end.value, from, to);
    }
}

static bool is_written(const struct mir_module *m, const struct mir_function *f, int32_t local) {
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t k = 0; k < f->blocks.at[b].insts.len; k++) {
            const struct mir_inst *i = &f->blocks.at[b].insts.at[k];
            if (i->dst.local == local)
                return true;
            for (int32_t n = 0; n < i->args.len; n++)
                if (i->args.at[n].kind != MIR_CONST && i->args.at[n].place.local == local &&
                    mir_arg_is_written(m, i, n))
                    return true;
        }
    return false;
}

static void retarget(int32_t *block, int32_t to) {
    if (*block == 0)
        *block = to;
}

// Makes bb0 a block that nothing goes to, with `first` operations.
static void new_entry(struct mir_module *m, struct mir_function *f, const struct mir_inst *first,
                      int32_t count) {
    int32_t moved = mir_block_new(m, f);
    f->blocks.at[moved] = f->blocks.at[0];
    for (int32_t b = 0; b < f->blocks.len; b++) {
        struct mir_terminator *t = &f->blocks.at[b].end;
        if (t->kind == MIR_GOTO || t->kind == MIR_IF)
            retarget(&t->block, moved);
        if (t->kind == MIR_IF || t->kind == MIR_SWITCH)
            retarget(&t->block_else, moved);
        for (int32_t i = 0; i < t->cases.len; i++)
            retarget(&t->cases.at[i].block, moved);
    }
    struct mir_block entry = {.unwind = -1, .end = {.kind = MIR_GOTO, .block = moved}};
    for (int32_t i = 0; i < count; i++)
        vec_push(m->arena, &entry.insts, first[i]);
    f->blocks.at[0] = entry;
}

static void copy_written_params(struct mir_module *m, struct mir_function *f) {
    VEC(struct mir_inst) copies = {0};
    for (int32_t p = 0; p < f->param_count; p++) {
        struct mir_type *type = f->locals.at[p].type;
        if (type->plain || f->modes.at[p] != MIR_PARAM_LEND || !is_written(m, f, p))
            continue;
        int32_t local = mir_local_new(m, f, type, f->locals.at[p].name);
        rename_local(f, p, local);
        struct mir_inst use = use_inst(f->loc, local);
        vec_push(m->arena, &use.args, local_operand(type, p));
        vec_push(m->arena, &copies, use);
    }
    if (copies.len)
        new_entry(m, f, copies.at, copies.len);
}

void own_shape(struct mir_module *m) {
    for (int32_t n = 0; n < m->functions.len; n++) {
        struct shaper s = {.m = m, .f = m->functions.at[n]};
        copy_written_params(m, s.f);
        for (int32_t b = 0; b < s.f->blocks.len; b++)
            shape_block(&s, b);
    }
}
