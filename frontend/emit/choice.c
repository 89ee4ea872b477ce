// SPDX-License-Identifier: MIT
// Choices: an `if` whose arms only give the same local a value, of one operation at most, becomes a
// C expression that looks at both, so that the C compiler can do without a jump that is often
// guessed wrongly. An operation that may overflow stands behind the choice of its operands, not in
// an arm, where it would keep the jump: `if c { n + 1 } else { n }` is n + (c ? 1 : 0), and adding
// nothing never overflows. So each failure is the same one, at the same site.
#include "frontend/emit/inner.h"

#include <assert.h>

static bool is_word(const struct mir_type *t) {
    return t->kind >= MIR_BOOL && t->kind <= MIR_F64;
}
static bool is_integer(const struct mir_type *t) {
    return t->kind >= MIR_I8 && t->kind <= MIR_U64;
}

static bool is_local(const struct mir_operand *o) {
    return o->kind != MIR_CONST && o->place.local >= 0 && o->place.projs.len == 0;
}

static bool same(const struct mir_operand *a, const struct mir_operand *b) {
    if (a->kind == MIR_CONST || b->kind == MIR_CONST)
        return a->kind == b->kind && is_integer(a->type) && a->value.bits == b->value.bits;
    if (a->place.local != b->place.local || a->place.projs.len != b->place.projs.len)
        return false;
    for (int32_t i = 0; i < a->place.projs.len; i++) {
        const struct mir_proj *p = &a->place.projs.at[i], *q = &b->place.projs.at[i];
        if (p->kind != q->kind || p->variant != q->variant || p->field != q->field)
            return false;
        if (p->kind == MIR_PROJ_INDEX && !same(p->index, q->index))
            return false;
    }
    return true;
}

// May it be looked at before it is known which arm is taken? A local may; another place if the last
// operation before the `if` looks at it as well, and so was not outside of it.
static bool is_at_hand(const struct mir_block *block, const struct mir_operand *o) {
    if (o->kind == MIR_CONST || is_local(o))
        return true;
    const struct mir_inst *last = block->insts.len ? &block->insts.at[block->insts.len - 1] : NULL;
    if (!last || last->op < MIR_OP_EQ || last->op > MIR_OP_GE)
        return false;
    for (int32_t n = 0; n < last->args.len; n++)
        if (same(&last->args.at[n], o))
            return last->dst.local != o->place.local;
    return false;
}

// The one operation of an arm, or NULL if it is none.
static const struct mir_inst *operation_of(const struct mir_function *f,
                                           const struct mir_block *block, int32_t arm) {
    const struct mir_block *a = &f->blocks.at[arm];
    const struct mir_inst *i = a->insts.len == 1 ? &a->insts.at[0] : NULL;
    if (!i || a->end.kind != MIR_GOTO || a->unwind != block->unwind || i->dst.local < 0 ||
        i->dst.projs.len || !is_word(f->locals.at[i->dst.local].type))
        return NULL;
    bool computes = (i->op == MIR_OP_ADD || i->op == MIR_OP_SUB) && is_integer(i->args.at[0].type);
    for (int32_t n = 0; n < i->args.len; n++)
        if (!is_at_hand(block, &i->args.at[n]))
            return NULL;
    return computes || i->op == MIR_OP_USE ? i : NULL;
}

// One operand at most depends on which arm is taken.
static bool fit(const struct mir_inst *yes, const struct mir_inst *no) {
    if (yes->op == no->op)
        return yes->op == MIR_OP_USE || same(&yes->args.at[0], &no->args.at[0]) ||
               same(&yes->args.at[1], &no->args.at[1]);
    const struct mir_inst *computes = yes->op == MIR_OP_USE ? no : yes;
    const struct mir_inst *uses = yes->op == MIR_OP_USE ? yes : no;
    return uses->op == MIR_OP_USE && same(&computes->args.at[0], &uses->args.at[0]);
}

// What an arm does that is not there: it leaves the local as it is.
static struct mir_inst *nothing(struct body *b, const struct mir_inst *other) {
    struct mir_inst *i = arena_new(b->e->arena, struct mir_inst);
    *i = (struct mir_inst){.op = MIR_OP_USE, .dst = other->dst};
    vec_push(b->e->arena, &i->args,
             (struct mir_operand){.kind = MIR_COPY,
                                  .place = other->dst,
                                  .type = b->f->locals.at[other->dst.local].type});
    return i;
}

static void find_choice(struct body *b, int32_t at, const int32_t *ways) {
    const struct mir_block *block = &b->f->blocks.at[at];
    int32_t yes = block->end.block, no = block->end.block_else;
    if (block->end.kind != MIR_IF || !is_local(&block->end.value) || yes <= at || no <= at)
        return;
    struct choice c = {operation_of(b->f, block, yes), operation_of(b->f, block, no), 0};
    bool yes_ends = c.yes && b->f->blocks.at[yes].end.block == no;
    bool no_ends = c.no && b->f->blocks.at[no].end.block == yes;
    if (yes_ends || no_ends) { // one arm
        c.end = yes_ends ? no : yes;
        c.yes = yes_ends ? c.yes : nothing(b, c.no);
        c.no = yes_ends ? nothing(b, c.yes) : c.no;
    } else if (c.yes && c.no) {
        c.end = b->f->blocks.at[yes].end.block;
        if (c.end != b->f->blocks.at[no].end.block || c.yes->dst.local != c.no->dst.local)
            return;
    } else {
        return;
    }
    int32_t condition = block->end.value.place.local;
    bool single = (yes == c.end || ways[yes] == 1) && (no == c.end || ways[no] == 1);
    if (c.end <= at || !single || !fit(c.yes, c.no) || c.yes->dst.local == condition)
        return;
    b->choices[at] = arena_new(b->e->arena, struct choice);
    *b->choices[at] = c;
    b->chosen[yes] |= yes != c.end;
    b->chosen[no] |= no != c.end;
}

void find_choices(struct body *b) {
    int32_t count = b->f->blocks.len;
    int32_t *ways = arena_array(b->e->arena, int32_t, count);
    b->choices = arena_array(b->e->arena, struct choice *, count);
    b->chosen = arena_array(b->e->arena, bool, count);
    for (int32_t i = 0; i < count; i++) {
        const struct mir_terminator *t = &b->f->blocks.at[i].end;
        bool two = t->kind == MIR_IF || t->kind == MIR_SWITCH;
        if (b->f->blocks.at[i].unwind >= 0)
            ways[b->f->blocks.at[i].unwind]++;
        if (t->kind == MIR_GOTO || t->kind == MIR_IF)
            ways[t->block]++;
        if (two)
            ways[t->block_else]++;
        for (int32_t k = 0; t->kind == MIR_SWITCH && k < t->cases.len; k++)
            ways[t->cases.at[k].block]++;
    }
    for (int32_t i = 0; i < count; i++)
        if (!b->chosen[i])
            find_choice(b, i, ways);
}

// ---- writing them -------------------------------------------------------------------------------

static void stand_at(struct body *b, const struct mir_inst *i) {
    b->operation = mir_op_name(i->op);
    b->ordinal = i->site;
    b->loc = i->loc;
}

static const char *operand(struct body *b, const struct mir_inst *i, int32_t n) {
    if (n >= i->args.len)
        return "0";
    stand_at(b, i);
    return lend(b, &i->args.at[n]);
}

static const char *either(struct body *b, const struct choice *c, const char *condition,
                          int32_t n) {
    bool is_one = n < c->yes->args.len && n < c->no->args.len &&
                  same(&c->yes->args.at[n], &c->no->args.at[n]);
    const char *yes = operand(b, c->yes, n);
    if (is_one)
        return yes;
    return emit_format(b->e, "(%s ? %s : %s)", condition, yes, operand(b, c->no, n));
}

// Where it fails: an arm that only uses a value does not.
static const char *site_of(struct body *b, const struct choice *c, const char *condition) {
    const char *sites[2] = {NULL, NULL};
    const struct mir_inst *arms[2] = {c->yes, c->no};
    for (int k = 0; k < 2; k++) {
        if (arms[k]->op == MIR_OP_USE)
            continue;
        stand_at(b, arms[k]);
        sites[k] = site_here(b);
    }
    if (sites[0] && sites[1])
        return emit_format(b->e, "%s ? %s : %s", condition, sites[0], sites[1]);
    return sites[0] ? sites[0] : sites[1];
}

void put_choice(struct body *b, const struct choice *c) {
    const struct mir_type *t = b->f->locals.at[c->yes->dst.local].type;
    const struct mir_inst *computes = c->yes->op == MIR_OP_USE ? c->no : c->yes;
    const char *condition = lend(b, &b->block->end.value);
    const char *first = either(b, c, condition, 0);
    b->fresh = c->yes->fresh && c->no->fresh ? &c->yes->dst : NULL;
    if (computes->op == MIR_OP_USE) {
        store(b, &c->yes->dst, first);
        return;
    }
    const char *second = either(b, c, condition, 1);
    const char *value = c_temp(b, t, "0");
    open_block(b, "if (PRISM_RARE(__builtin_%s_overflow(%s, %s, &%s))) {",
               computes->op == MIR_OP_ADD ? "add" : "sub", first, second, value);
    line(b, "prism_trap(cx, PRISM_OVERFLOW, NULL, %s);", site_of(b, c, condition));
    fail(b);
    close_block(b);
    store(b, &c->yes->dst, value);
}
