// SPDX-License-Identifier: MIT
// What still runs when a strand is cancelled, and whether it can wait.
#include "frontend/mir/flow.h"
#include "frontend/mir/mir.h"

// From an unwind block on a cancellation is at hand until `error.kind` has asked of what kind the
// failure is: what a `catch` does is for others. Only where the cleaning up itself has failed, the
// failure is another one, which a `catch` may match.
enum walk { UNSEEN, CANCELLED, FAILED };

struct marks {
    enum walk *at; // by block
    int32_t *todo, len;
};

static void mark(struct marks *m, int32_t block, enum walk walk) {
    if (block < 0 || m->at[block] >= walk)
        return;
    m->at[block] = walk;
    m->todo[m->len++] = block;
}

// Is the local only ever a failure that was caught, or a copy of such a local?
static bool is_caught(const struct mir_function *f, int32_t local, int depth) {
    bool all = local >= f->param_count && depth < 4;
    for (int32_t b = 0; all && b < f->blocks.len; b++)
        for (int32_t i = 0; all && i < f->blocks.at[b].insts.len; i++) {
            const struct mir_inst *in = &f->blocks.at[b].insts.at[i];
            if (in->dst.local != local)
                continue;
            bool copies = in->op == MIR_OP_USE && in->args.at[0].kind != MIR_CONST &&
                          !in->args.at[0].place.projs.len;
            all = in->op == MIR_OP_CAUGHT ||
                  (copies && is_caught(f, in->args.at[0].place.local, depth + 1));
        }
    return all;
}

// Does the block end in a failure other than the one that was on its way?
static bool fails_anew(const struct mir_function *f, int32_t block) {
    const struct mir_terminator *end = &f->blocks.at[block].end;
    if (end->kind != MIR_RAISE)
        return flow_end_fails(f, block);
    return end->value.kind == MIR_CONST || end->value.place.projs.len ||
           !is_caught(f, end->value.place.local, 0);
}

// The first operation of the block that waits; what it goes on to is marked.
static const struct mir_inst *walk_block(struct arena *a, const struct mir_module *m,
                                         const struct mir_function *f, int32_t block,
                                         struct marks *marks) {
    const struct mir_block *b = &f->blocks.at[block];
    enum walk walk = marks->at[block];
    struct mir_edges after = {0};
    for (int32_t i = 0; i < b->insts.len; i++) {
        const struct mir_inst *in = &b->insts.at[i];
        // A scope that is left waits for what it has cancelled, which cleans up by the same rule.
        if (in->op == MIR_OP_SCOPE_CLOSE)
            continue;
        if (in->op == MIR_OP_ERROR_KIND && walk == CANCELLED)
            return NULL;
        if (mir_inst_suspends(m, in))
            return in;
        if (mir_inst_traps(m, f, in))
            mark(marks, b->unwind, FAILED);
    }
    flow_targets(a, &b->end, &after);
    for (int32_t i = 0; i < after.to.len; i++)
        mark(marks, after.to.at[i], walk);
    if (walk == FAILED || fails_anew(f, block))
        mark(marks, b->unwind, FAILED);
    return NULL;
}

// From a `mask` on to the one that ends it the strand is let be, also where nothing has failed: the
// first operation there that waits.
static const struct mir_inst *masked_wait(struct arena *a, const struct mir_module *m,
                                          const struct mir_function *f, int32_t block, int32_t at) {
    int32_t mask = f->blocks.at[block].insts.at[at].dst.local, len = 0;
    int32_t *todo = arena_array(a, int32_t, f->blocks.len + 1);
    bool *seen = arena_array(a, bool, f->blocks.len + 1);
    for (int32_t from = at + 1;; block = todo[--len], from = 0) {
        const struct mir_block *b = &f->blocks.at[block];
        bool ends = false;
        for (int32_t i = from; i < b->insts.len && !ends; i++) {
            const struct mir_inst *in = &b->insts.at[i];
            ends = in->op == MIR_OP_MASK && in->args.at[0].kind != MIR_CONST &&
                   in->args.at[0].place.local == mask;
            if (in->op != MIR_OP_SCOPE_CLOSE && mir_inst_suspends(m, in))
                return in;
        }
        struct mir_edges after = {0};
        if (!ends)
            flow_targets(a, &b->end, &after);
        for (int32_t i = 0; i < after.to.len; i++)
            if (!seen[after.to.at[i]]) {
                seen[after.to.at[i]] = true;
                todo[len++] = after.to.at[i];
            }
        if (len == 0)
            return NULL;
    }
}

static const struct mir_inst *any_masked_wait(struct arena *a, const struct mir_module *m,
                                              const struct mir_function *f) {
    const struct mir_inst *found = NULL;
    for (int32_t b = 0; b < f->blocks.len && !found; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len && !found; i++) {
            const struct mir_inst *in = &f->blocks.at[b].insts.at[i];
            bool begins = in->op == MIR_OP_MASK && in->args.at[0].kind == MIR_CONST;
            if (begins && (int64_t)in->args.at[0].value.bits < 0)
                found = masked_wait(a, m, f, b, i);
        }
    return found;
}

const struct mir_inst *mir_cleanup_wait(struct arena *a, const struct mir_module *m,
                                        const struct mir_function *f) {
    // A block is walked at most twice, and is in the list once for each time.
    struct marks marks = {arena_array(a, enum walk, f->blocks.len + 1),
                          arena_array(a, int32_t, 2 * f->blocks.len + 1), 0};
    for (int32_t b = 0; b < f->blocks.len; b++)
        mark(&marks, f->blocks.at[b].unwind, CANCELLED);
    const struct mir_inst *masked = any_masked_wait(a, m, f);
    if (masked)
        return masked;
    while (marks.len) {
        const struct mir_inst *in = walk_block(a, m, f, marks.todo[--marks.len], &marks);
        if (in)
            return in;
    }
    return NULL;
}
