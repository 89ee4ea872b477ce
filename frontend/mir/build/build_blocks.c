// SPDX-License-Identifier: MIT
// Tidying a function's blocks: what nothing reaches goes, blocks that only go on to another are
// skipped, a block that only one other goes on to is joined to it; the rest in reverse postorder.
#include "frontend/mir/build/lower.h"

static bool is_empty_goto(const struct mir_function *f, int32_t block) {
    const struct mir_block *b = &f->blocks.at[block];
    return b->insts.len == 0 && b->end.kind == MIR_GOTO && b->end.block != block;
}

// Where a jump to `block` ends up.
static int32_t final_of(const struct mir_function *f, int32_t block) {
    for (int32_t steps = 0; is_empty_goto(f, block) && steps < f->blocks.len; steps++)
        block = f->blocks.at[block].end.block;
    return block;
}

static void each_target(struct mir_function *f, struct mir_terminator *t,
                        void (*visit)(struct mir_function *, int32_t *, void *), void *context) {
    switch (t->kind) {
    case MIR_GOTO:
        visit(f, &t->block, context);
        break;
    case MIR_SWITCH:
        for (int32_t i = 0; i < t->cases.len; i++)
            visit(f, &t->cases.at[i].block, context);
        visit(f, &t->block_else, context);
        break;
    case MIR_IF:
        visit(f, &t->block, context);
        visit(f, &t->block_else, context);
        break;
    default:
        break;
    }
}

static void thread_target(struct mir_function *f, int32_t *target, void *context) {
    (void)context;
    *target = final_of(f, *target);
}

struct reach {
    int32_t *uses; // by block: how often it is gone to, counting unwinding twice
    int32_t *work;
    int32_t work_len;
};

static void reach_target(struct mir_function *f, int32_t *target, void *context) {
    (void)f;
    struct reach *r = context;
    if (r->uses[*target]++ == 0)
        r->work[r->work_len++] = *target;
}

struct way_back {
    int32_t from;
    bool found;
};

static void look_back(struct mir_function *f, int32_t *target, void *context) {
    (void)f;
    struct way_back *w = context;
    w->found |= *target <= w->from;
}

// Where a loop goes round it may yield, and a cancellation or a deadline reaches it there. What is
// built of a loop begins with its first block, so that no way round leads to a block with a higher
// number.
static bool goes_back(struct mir_function *f, int32_t block) {
    struct way_back w = {.from = block};
    each_target(f, &f->blocks.at[block].end, look_back, &w);
    return w.found;
}

// A block that cannot fail needs nowhere to fail to.
static bool can_fail(struct mir_function *f, const struct mir_block *b) {
    if (b->end.kind == MIR_TRAP || b->end.kind == MIR_RAISE ||
        goes_back(f, (int32_t)(b - f->blocks.at)))
        return true;
    for (int32_t i = 0; i < b->insts.len; i++) {
        const struct mir_inst *in = &b->insts.at[i];
        if (in->op == MIR_OP_CALL || (mir_op_flags(in->op) & (MIR_FLAG_T | MIR_FLAG_S)))
            return true;
        for (int32_t k = 0; k < in->args.len; k++)
            for (int32_t p = 0; p < in->args.at[k].place.projs.len; p++)
                if (in->args.at[k].place.projs.at[p].kind == MIR_PROJ_INDEX)
                    return true;
        for (int32_t p = 0; p < in->dst.projs.len; p++)
            if (in->dst.projs.at[p].kind == MIR_PROJ_INDEX)
                return true;
    }
    return b->end.kind == MIR_IF || b->end.kind == MIR_SWITCH || b->end.kind == MIR_RETURN
               ? b->end.value.place.projs.len > 0
               : false;
}

static struct reach reach(struct build *b, struct mir_function *f) {
    struct reach r = {.uses = arena_array(b->arena, int32_t, f->blocks.len),
                      .work = arena_array(b->arena, int32_t, f->blocks.len)};
    int32_t first = 0;
    reach_target(f, &first, &r);
    while (r.work_len > 0) {
        struct mir_block *block = &f->blocks.at[r.work[--r.work_len]];
        each_target(f, &block->end, reach_target, &r);
        if (block->unwind >= 0 && can_fail(f, block)) {
            reach_target(f, &block->unwind, &r);
            r.uses[block->unwind]++;
        } else {
            block->unwind = -1;
        }
    }
    return r;
}

// Joins a block with the only one that goes on to it.
static void join_blocks(struct build *b, struct mir_function *f, struct reach *r) {
    for (int32_t i = 0; i < f->blocks.len; i++) {
        struct mir_block *block = &f->blocks.at[i];
        while (r->uses[i] > 0 && block->end.kind == MIR_GOTO) {
            int32_t next = block->end.block;
            struct mir_block *other = &f->blocks.at[next];
            bool fits =
                block->unwind == other->unwind || !can_fail(f, block) || !can_fail(f, other);
            if (next == i || next == 0 || r->uses[next] != 1 || !fits)
                break;
            if (can_fail(f, other))
                block->unwind = other->unwind;
            for (int32_t k = 0; k < other->insts.len; k++)
                vec_push(b->arena, &block->insts, other->insts.at[k]);
            block->end = other->end;
            r->uses[next] = 0;
        }
    }
}

static void renumber_target(struct mir_function *f, int32_t *target, void *context) {
    (void)f;
    *target = ((int32_t *)context)[*target];
}

// ---- order --------------------------------------------------------------------------------------

struct walk {
    int32_t *stack, *order;
    bool *seen, *open; // open: its successors are on the stack above it
    int32_t depth, count;
};

static void walk_target(struct mir_function *f, int32_t *target, void *context) {
    (void)f;
    struct walk *w = context;
    if (!w->seen[*target])
        w->stack[w->depth++] = *target;
}

// Those that a walk goes on to last come first in reverse postorder: a body before what follows the
// loop, one branch before the other, both before where they meet.
static void walk_on(struct mir_function *f, int32_t block, struct walk *w) {
    struct mir_block *b = &f->blocks.at[block];
    each_target(f, &b->end, walk_target, w);
    if (b->unwind >= 0)
        walk_target(f, &b->unwind, w);
}

static struct walk walk_blocks(struct build *b, struct mir_function *f) {
    int32_t room = 1;
    for (int32_t i = 0; i < f->blocks.len; i++)
        room += 3 + f->blocks.at[i].end.cases.len;
    struct walk w = {.stack = arena_array(b->arena, int32_t, room),
                     .order = arena_array(b->arena, int32_t, f->blocks.len),
                     .seen = arena_array(b->arena, bool, f->blocks.len),
                     .open = arena_array(b->arena, bool, f->blocks.len)};
    w.stack[w.depth++] = 0;
    while (w.depth > 0) {
        int32_t block = w.stack[w.depth - 1];
        if (w.open[block] || w.seen[block]) {
            w.depth--;
            if (w.open[block])
                w.order[w.count++] = block;
            w.open[block] = false;
            continue;
        }
        w.seen[block] = w.open[block] = true;
        walk_on(f, block, &w);
    }
    return w;
}

// Reverse postorder: only a loop goes back to a lower number.
static void compact(struct build *b, struct mir_function *f) {
    struct walk w = walk_blocks(b, f);
    int32_t *number = arena_array(b->arena, int32_t, f->blocks.len);
    struct mir_block *now = arena_array(b->arena, struct mir_block, w.count);
    for (int32_t i = 0; i < w.count; i++) {
        now[i] = f->blocks.at[w.order[w.count - 1 - i]];
        number[w.order[w.count - 1 - i]] = i;
    }
    f->blocks.len = w.count;
    for (int32_t i = 0; i < w.count; i++) {
        f->blocks.at[i] = now[i];
        each_target(f, &f->blocks.at[i].end, renumber_target, number);
        if (f->blocks.at[i].unwind >= 0)
            f->blocks.at[i].unwind = number[f->blocks.at[i].unwind];
    }
}

void tidy_blocks(struct build *b, struct mir_function *f) {
    for (int32_t i = 0; i < f->blocks.len; i++)
        each_target(f, &f->blocks.at[i].end, thread_target, NULL);
    struct reach r = reach(b, f);
    join_blocks(b, f, &r);
    compact(b, f);
}

// ---- replies that were taken --------------------------------------------------------------------

static bool takes_reply(const struct mir_block *b) {
    for (int32_t i = 0; i < b->insts.len; i++)
        if (b->insts.at[i].op == MIR_OP_REPLY)
            return true;
    return false;
}

struct taken {
    bool *in; // by block: taken on all ways to its beginning
    bool value, changed;
};

static void meet(struct mir_function *f, int32_t *target, void *context) {
    (void)f;
    struct taken *t = context;
    if (t->in[*target] && !t->value) {
        t->in[*target] = false;
        t->changed = true;
    }
}

void end_taken(struct build *b, struct mir_function *f) {
    struct taken t = {.in = arena_array(b->arena, bool, f->blocks.len), .changed = true};
    bool any = false;
    for (int32_t i = 0; i < f->blocks.len; i++) {
        t.in[i] = i > 0;
        any = any || takes_reply(&f->blocks.at[i]);
    }
    if (!any)
        return;
    while (t.changed) {
        t.changed = false;
        for (int32_t i = 0; i < f->blocks.len; i++) {
            struct mir_block *block = &f->blocks.at[i];
            t.value = t.in[i]; // when it fails, perhaps before it took the reply
            if (block->unwind >= 0)
                meet(f, &block->unwind, &t);
            t.value = t.in[i] || takes_reply(block);
            each_target(f, &block->end, meet, &t);
        }
    }
    for (int32_t i = 0; i < f->blocks.len; i++) {
        struct mir_block *block = &f->blocks.at[i];
        if (block->end.kind == MIR_RETURN && (t.in[i] || takes_reply(block)))
            block->end = (struct mir_terminator){.kind = MIR_END, .loc = block->end.loc};
    }
}
