// SPDX-License-Identifier: MIT
// Putting instructions, blocks and terminators into the function at hand. Where nothing is reached,
// nothing is put.
#include "frontend/mir/build/lower.h"

// ---- places and operands ------------------------------------------------------------------------

struct mir_place local_place(int32_t local) {
    return (struct mir_place){.local = local};
}

struct mir_place no_place(void) {
    return (struct mir_place){.local = MIR_NO_PLACE};
}

static struct mir_place extend(struct fn *fn, struct mir_place p, struct mir_proj step) {
    struct mir_place longer = {.local = p.local};
    for (int32_t i = 0; i < p.projs.len; i++)
        vec_push(fn->b->arena, &longer.projs, p.projs.at[i]);
    vec_push(fn->b->arena, &longer.projs, step);
    return longer;
}

struct mir_place place_field(struct fn *fn, struct mir_place p, int32_t field) {
    return extend(fn, p, (struct mir_proj){.kind = MIR_PROJ_FIELD, .field = field});
}

struct mir_place place_variant(struct fn *fn, struct mir_place p, int32_t variant, int32_t field) {
    return extend(fn, p,
                  (struct mir_proj){.kind = MIR_PROJ_VARIANT, .variant = variant, .field = field});
}

struct mir_place place_index(struct fn *fn, struct mir_place p, struct mir_operand index) {
    struct mir_operand *kept = arena_new(fn->b->arena, struct mir_operand);
    *kept = index;
    return extend(fn, p, (struct mir_proj){.kind = MIR_PROJ_INDEX, .index = kept});
}

static bool operand_eq(const struct mir_operand *a, const struct mir_operand *b) {
    if (a->kind != b->kind)
        return false;
    if (a->kind == MIR_CONST)
        return a->type == b->type && a->value.bits == b->value.bits;
    return place_eq(&a->place, &b->place);
}

bool place_eq(const struct mir_place *a, const struct mir_place *b) {
    if (a->local != b->local || a->projs.len != b->projs.len)
        return false;
    for (int32_t i = 0; i < a->projs.len; i++) {
        const struct mir_proj *p = &a->projs.at[i], *q = &b->projs.at[i];
        if (p->kind != q->kind || p->variant != q->variant || p->field != q->field)
            return false;
        if (p->kind == MIR_PROJ_INDEX && !operand_eq(p->index, q->index))
            return false;
    }
    return true;
}

struct mir_type *prim(struct fn *fn, enum mir_type_kind kind) {
    return mir_type_prim(fn->b->module, kind);
}

struct mir_operand operand_of(struct fn *fn, struct mir_place p) {
    if (fn->b->is_over) // nothing is built any more
        return const_unit(fn);
    struct mir_type *t = mir_place_type(fn->f, &p);
    assert(t);
    return (struct mir_operand){.kind = MIR_COPY, .place = p, .type = t};
}

struct mir_operand const_int(struct fn *fn, enum mir_type_kind kind, uint64_t bits) {
    struct mir_operand o = {.kind = MIR_CONST, .type = prim(fn, kind)};
    o.value.bits = bits;
    return o;
}

struct mir_operand const_bool(struct fn *fn, bool value) {
    return const_int(fn, MIR_BOOL, value);
}

struct mir_operand const_unit(struct fn *fn) {
    return const_int(fn, MIR_UNIT, 0);
}

struct mir_operand const_text(struct fn *fn, struct str text) {
    struct mir_type *bytes = mir_type_of(fn->b->module, MIR_BUFFER, prim(fn, MIR_U8));
    struct mir_operand o = {.kind = MIR_CONST, .type = bytes};
    o.value.text = text;
    return o;
}

int32_t temp(struct fn *fn, struct mir_type *t) {
    int32_t local = mir_local_new(fn->b->module, fn->f, t, NULL);
    while (fn->is_temp.len < local)
        vec_push(fn->b->arena, &fn->is_temp, false);
    vec_push(fn->b->arena, &fn->is_temp, true);
    return local;
}

static bool is_stable(const struct fn *fn, const struct mir_operand *a) {
    return a->kind == MIR_CONST || is_stable_place(fn, &a->place);
}

bool is_stable_place(const struct fn *fn, const struct mir_place *p) {
    if (p->local < 0 || p->local >= fn->is_temp.len || !fn->is_temp.at[p->local])
        return false;
    for (int32_t i = 0; i < p->projs.len; i++)
        if (p->projs.at[i].kind == MIR_PROJ_INDEX && !is_stable(fn, p->projs.at[i].index))
            return false;
    return true;
}

struct mir_operand keep(struct fn *fn, struct mir_operand a, struct span span) {
    if (is_stable(fn, &a))
        return a;
    return op1(fn, MIR_OP_USE, a, a.type, NULL, span);
}

struct mir_place materialize(struct fn *fn, struct mir_operand a, struct span span) {
    if (a.kind != MIR_CONST)
        return a.place;
    struct mir_place p = local_place(temp(fn, a.type));
    assign(fn, p, a, span);
    return p;
}

// ---- instructions -------------------------------------------------------------------------------

struct mir_loc loc_of(struct build *b, struct span span) {
    if (!span.source)
        return (struct mir_loc){0};
    int32_t file = 0;
    while (file < b->sources.len && b->sources.at[file] != span.source)
        file++;
    if (file == b->sources.len) {
        vec_push(b->arena, &b->sources, span.source);
        vec_push(b->arena, &b->module->files, span.source->path);
    }
    struct mir_loc loc = {.file = file};
    source_position(span.source, span.start, &loc.line, &loc.column);
    return loc;
}

struct mir_inst inst(struct fn *fn, enum mir_op op, struct span span) {
    struct mir_inst i = {.op = op, .dst = no_place()};
    if (is_reached(fn))
        i.loc = loc_of(fn->b, fn->inlined_at.source ? fn->inlined_at : span);
    return i;
}

void inst_arg(struct fn *fn, struct mir_inst *i, struct mir_operand a) {
    assert(a.type);
    vec_push(fn->b->arena, &i->args, a);
}

void put(struct fn *fn, struct mir_inst i) {
    if (is_reached(fn))
        vec_push(fn->b->arena, &fn->f->blocks.at[fn->block].insts, i);
}

struct mir_operand put_value(struct fn *fn, struct mir_inst i, struct mir_type *t,
                             const struct mir_place *want) {
    assert(t);
    if (t->kind == MIR_UNIT && i.op != MIR_OP_USE && i.op != MIR_OP_TAKE && i.op != MIR_OP_APPLY &&
        i.op != MIR_OP_BUF_POP && i.op != MIR_OP_BUF_REMOVE) {
        put(fn, i);
        return const_unit(fn);
    }
    i.dst = want ? *want : local_place(temp(fn, t));
    put(fn, i);
    return (struct mir_operand){.kind = MIR_COPY, .place = i.dst, .type = t};
}

struct mir_operand op1(struct fn *fn, enum mir_op op, struct mir_operand a, struct mir_type *t,
                       const struct mir_place *want, struct span span) {
    struct mir_inst i = inst(fn, op, span);
    inst_arg(fn, &i, a);
    return put_value(fn, i, t, want);
}

struct mir_operand op2(struct fn *fn, enum mir_op op, struct mir_operand a, struct mir_operand b,
                       struct mir_type *t, const struct mir_place *want, struct span span) {
    struct mir_inst i = inst(fn, op, span);
    inst_arg(fn, &i, a);
    inst_arg(fn, &i, b);
    return put_value(fn, i, t, want);
}

void assign(struct fn *fn, struct mir_place to, struct mir_operand value, struct span span) {
    if (value.kind == MIR_COPY && place_eq(&value.place, &to))
        return;
    struct mir_inst i = inst(fn, MIR_OP_USE, span);
    inst_arg(fn, &i, value);
    i.dst = to;
    put(fn, i);
}

// ---- blocks -------------------------------------------------------------------------------------

int32_t block_new(struct fn *fn) {
    int32_t block = mir_block_new(fn->b->module, fn->f);
    fn->f->blocks.at[block].unwind = fn->unwind;
    return block;
}

bool is_reached(const struct fn *fn) {
    return fn->block >= 0 && !fn->b->is_over;
}

void enter(struct fn *fn, int32_t block) {
    fn->block = block;
}

static void terminate(struct fn *fn, struct mir_terminator end, struct span span) {
    if (!is_reached(fn))
        return;
    end.loc = loc_of(fn->b, fn->inlined_at.source ? fn->inlined_at : span);
    fn->f->blocks.at[fn->block].end = end;
    fn->block = -1;
}

void jump(struct fn *fn, int32_t block, struct span span) {
    (void)span;
    terminate(fn, (struct mir_terminator){.kind = MIR_GOTO, .block = block}, (struct span){0});
}

void branch(struct fn *fn, struct mir_operand condition, int32_t yes, int32_t no,
            struct span span) {
    if (condition.kind == MIR_CONST) {
        jump(fn, condition.value.bits ? yes : no, span);
        return;
    }
    terminate(
        fn,
        (struct mir_terminator){.kind = MIR_IF, .value = condition, .block = yes, .block_else = no},
        (struct span){0});
}

void leave(struct fn *fn, enum mir_term kind, struct mir_operand value, struct span span) {
    terminate(fn, (struct mir_terminator){.kind = kind, .value = value}, span);
}

void trap(struct fn *fn, enum failure kind, struct str text, struct span span) {
    terminate(fn, (struct mir_terminator){.kind = MIR_TRAP, .failure = (int32_t)kind, .text = text},
              span);
}

void set_unwind(struct fn *fn, int32_t block) {
    if (fn->unwind == block)
        return;
    fn->unwind = block;
    if (!is_reached(fn))
        return;
    if (fn->f->blocks.at[fn->block].insts.len == 0 && fn->block != 0 &&
        fn->f->blocks.at[fn->block].unwind == block)
        return;
    int32_t next = block_new(fn);
    jump(fn, next, (struct span){0});
    enter(fn, next);
}
