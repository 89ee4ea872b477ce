// SPDX-License-Identifier: MIT
// Order, loops and liveness of a function's blocks. Edges are those of the terminators and the one
// to the unwind block.
#include "checker/cfg.h"

#include <assert.h>

struct entry {
    const struct cfg *cfg;
    struct cfg_facts facts;
    bool facts_known;
};
struct cfg_table {
    struct arena *arena;
    const struct mir_module *module;
    struct map entries; // by function name
    bool *closures_act; // by type: some closure of that type does more than compute
};

// ---- successors -----------------------------------------------------------------------------

struct blocks {
    VEC(int32_t) v;
};

static void successors(struct arena *a, const struct mir_block *b, struct blocks *out) {
    out->v.len = 0;
    const struct mir_terminator *t = &b->end;
    switch (t->kind) {
    case MIR_GOTO:
        vec_push(a, &out->v, t->block);
        break;
    case MIR_IF:
        vec_push(a, &out->v, t->block);
        vec_push(a, &out->v, t->block_else);
        break;
    case MIR_SWITCH:
        for (int32_t i = 0; i < t->cases.len; i++)
            vec_push(a, &out->v, t->cases.at[i].block);
        vec_push(a, &out->v, t->block_else);
        break;
    default:
        break;
    }
    if (b->unwind >= 0)
        vec_push(a, &out->v, b->unwind);
}

// ---- reverse post-order ---------------------------------------------------------------------

static void fill_order(struct arena *a, struct cfg *c) {
    int32_t n = c->f->blocks.len;
    c->order = arena_array(a, int32_t, n);
    int32_t *next = arena_array(a, int32_t, n), *stack = arena_array(a, int32_t, n + 1);
    bool *seen = arena_array(a, bool, n);
    int32_t depth = 0, place = n;
    struct blocks s = {0};
    for (int32_t i = 0; i < n; i++)
        c->order[i] = -1;
    stack[depth++] = 0;
    seen[0] = true;
    while (depth) {
        int32_t b = stack[depth - 1];
        successors(a, &c->f->blocks.at[b], &s);
        // The last successor first: then the first one comes first in the order.
        if (next[b] < s.v.len) {
            int32_t to = s.v.at[s.v.len - 1 - next[b]++];
            if (!seen[to]) {
                seen[to] = true;
                stack[depth++] = to;
            }
        } else {
            c->order[b] = --place;
            depth--;
        }
    }
}

// ---- loops ----------------------------------------------------------------------------------

// dominated[b]: would b be out of reach without `without`?
static void reach_without(struct arena *a, const struct cfg *c, int32_t without, bool *reached) {
    int32_t n = c->f->blocks.len, depth = 0;
    int32_t *stack = arena_array(a, int32_t, n + 1);
    struct blocks s = {0};
    memset(reached, 0, (size_t)n);
    if (without == 0)
        return;
    stack[depth++] = 0;
    reached[0] = true;
    while (depth) {
        successors(a, &c->f->blocks.at[stack[--depth]], &s);
        for (int32_t i = 0; i < s.v.len; i++) {
            int32_t to = s.v.at[i];
            if (to == without || reached[to])
                continue;
            reached[to] = true;
            stack[depth++] = to;
        }
    }
}

static void add_body(struct arena *a, const struct cfg *c, bool *in, int32_t header, int32_t tail) {
    int32_t n = c->f->blocks.len;
    struct blocks s = {0};
    in[header] = in[tail] = true;
    // Backwards from the tail until the header, by iteration: functions are small.
    for (bool more = true; more;) {
        more = false;
        for (int32_t b = 0; b < n; b++) {
            if (in[b] || c->order[b] < 0)
                continue;
            successors(a, &c->f->blocks.at[b], &s);
            for (int32_t i = 0; i < s.v.len && !in[b]; i++)
                if (in[s.v.at[i]] && s.v.at[i] != header)
                    in[b] = more = true;
        }
    }
}

static int32_t loop_size(const struct cfg *c, int32_t loop) {
    int32_t size = 0;
    for (int32_t b = 0; b < c->f->blocks.len; b++)
        size += c->loops.at[loop].blocks[b];
    return size;
}

static void nest_loops(struct arena *a, struct cfg *c) {
    c->loop_of = arena_array(a, int32_t, c->f->blocks.len);
    for (int32_t b = 0; b < c->f->blocks.len; b++) {
        c->loop_of[b] = -1;
        for (int32_t l = 0; l < c->loops.len; l++)
            if (c->loops.at[l].blocks[b] &&
                (c->loop_of[b] < 0 || loop_size(c, l) < loop_size(c, c->loop_of[b])))
                c->loop_of[b] = l;
    }
    for (int32_t l = 0; l < c->loops.len; l++) {
        struct cfg_loop *inner = &c->loops.at[l];
        inner->parent = -1;
        for (int32_t o = 0; o < c->loops.len; o++)
            if (o != l && c->loops.at[o].blocks[inner->header] &&
                (inner->parent < 0 || loop_size(c, o) < loop_size(c, inner->parent)))
                inner->parent = o;
    }
}

static void fill_loops(struct arena *a, struct cfg *c) {
    int32_t n = c->f->blocks.len;
    struct blocks s = {0};
    bool *reached = arena_array(a, bool, n);
    for (int32_t header = 0; header < n; header++) {
        struct cfg_loop loop = {.header = header};
        reach_without(a, c, header, reached);
        for (int32_t b = 0; b < n; b++) {
            if (c->order[b] < 0 || c->order[b] < c->order[header])
                continue;
            successors(a, &c->f->blocks.at[b], &s);
            for (int32_t i = 0; i < s.v.len; i++) {
                if (s.v.at[i] != header)
                    continue;
                if (b != header && reached[b])
                    c->irreducible = true;
                if (!loop.blocks)
                    loop.blocks = arena_array(a, bool, n);
                add_body(a, c, loop.blocks, header, b);
            }
        }
        if (loop.blocks)
            vec_push(a, &c->loops, loop);
    }
    nest_loops(a, c);
}

// ---- what a loop writes ---------------------------------------------------------------------

static void written(struct cfg_loop *l, const struct mir_place *p) {
    if (p->local >= 0)
        l->modified[p->local] = true;
    else if (p->local == MIR_SELF)
        l->self_written |= p->projs.len ? (uint64_t)1 << (p->projs.at[0].field & 63) : ~(uint64_t)0;
}

static void fill_modified(struct arena *a, const struct mir_module *m, struct cfg *c) {
    for (int32_t k = 0; k < c->loops.len; k++) {
        struct cfg_loop *l = &c->loops.at[k];
        l->modified = arena_array(a, bool, c->f->locals.len + 1);
        for (int32_t b = 0; b < c->f->blocks.len; b++) {
            if (!l->blocks[b])
                continue;
            const struct mir_block *block = &c->f->blocks.at[b];
            for (int32_t i = 0; i < block->insts.len; i++) {
                const struct mir_inst *in = &block->insts.at[i];
                written(l, &in->dst);
                if ((mir_op_flags(in->op) & MIR_FLAG_W) && in->args.len)
                    written(l, &in->args.at[0].place);
                if (in->op != MIR_OP_CALL && in->op != MIR_OP_APPLY)
                    continue;
                const struct mir_function *g = mir_find_function(m, in->function);
                if (g && g->self)
                    l->self_written |= g->writes;
                for (int32_t j = 0; j < in->args.len; j++)
                    if (mir_arg_is_written(m, in, j) && in->args.at[j].kind != MIR_CONST)
                        written(l, &in->args.at[j].place);
            }
        }
    }
}

// ---- liveness -------------------------------------------------------------------------------

static void reads_operand(const struct mir_operand *o, bool *live);

static void reads_place(const struct mir_place *p, bool *live) {
    if (p->local >= 0)
        live[p->local] = true;
    for (int32_t i = 0; i < p->projs.len; i++)
        if (p->projs.at[i].kind == MIR_PROJ_INDEX)
            reads_operand(p->projs.at[i].index, live);
}

static void reads_operand(const struct mir_operand *o, bool *live) {
    if (o->kind != MIR_CONST)
        reads_place(&o->place, live);
}

static void block_live(const struct cfg *c, const struct mir_block *b, bool *live) {
    if (b->end.kind == MIR_IF || b->end.kind == MIR_SWITCH || b->end.kind == MIR_RETURN ||
        b->end.kind == MIR_RAISE)
        reads_operand(&b->end.value, live);
    // What a block that can fail writes may not have been written when its unwind block begins.
    for (int32_t i = b->insts.len - 1; i >= 0; i--) {
        const struct mir_inst *in = &b->insts.at[i];
        if (in->dst.local >= 0 && !in->dst.projs.len && b->unwind < 0)
            live[in->dst.local] = false;
        if (in->dst.local != MIR_NO_PLACE && in->dst.projs.len)
            reads_place(&in->dst, live);
        for (int32_t j = 0; j < in->args.len; j++)
            reads_operand(&in->args.at[j], live);
    }
    for (int32_t j = 0; j < c->f->param_count; j++) // mut parameters are read by the caller
        if (j < c->f->modes.len && c->f->modes.at[j] == MIR_PARAM_MUT)
            live[j] = true;
}

static void fill_live(struct arena *a, struct cfg *c) {
    int32_t n = c->f->blocks.len, width = c->f->locals.len + 1;
    struct blocks s = {0};
    bool *now = arena_array(a, bool, width);
    c->live = arena_array(a, bool *, n);
    for (int32_t b = 0; b < n; b++)
        c->live[b] = arena_array(a, bool, width);
    for (bool more = true; more;) {
        more = false;
        for (int32_t b = n - 1; b >= 0; b--) {
            memset(now, 0, (size_t)width);
            successors(a, &c->f->blocks.at[b], &s);
            for (int32_t i = 0; i < s.v.len; i++)
                for (int32_t l = 0; l < width; l++)
                    now[l] = now[l] || c->live[s.v.at[i]][l];
            block_live(c, &c->f->blocks.at[b], now);
            if (memcmp(now, c->live[b], (size_t)width) != 0) {
                memcpy(c->live[b], now, (size_t)width);
                more = true;
            }
        }
    }
}

// ---- what functions do ----------------------------------------------------------------------

static bool acts(enum mir_op op) {
    switch (op) {
    case MIR_OP_CLOSURE:
    case MIR_OP_PRINT:
    case MIR_OP_SOMETIMES:
    case MIR_OP_NOW:
    case MIR_OP_NOW_WALL:
    case MIR_OP_RANDOM:
    case MIR_OP_INPUT:
    case MIR_OP_CORES:
    case MIR_OP_LATENCY:
    case MIR_OP_FAULT:
    case MIR_OP_TRUST:
    case MIR_OP_MASK:
    case MIR_OP_CEILING:
    case MIR_OP_CONFINE:
    case MIR_OP_NARROW:
    case MIR_OP_WIDEN:
    case MIR_OP_ENDOW_NAME:
    case MIR_OP_ENDOW_MAILBOX:
    case MIR_OP_LIMIT_GRACE:
    case MIR_OP_LIMIT_MEMORY:
    case MIR_OP_BIND:
    case MIR_OP_BUGGIFY:
    case MIR_OP_APPLY: // by its type: cfg_table.closures_act
        return false;
    default:
        return (mir_op_flags(op) & (MIR_FLAG_S | MIR_FLAG_V | MIR_FLAG_R)) != 0 ||
               op == MIR_OP_TAKE || op == MIR_OP_SELF_REF || op == MIR_OP_TOKEN;
    }
}

static bool body_acts(const struct mir_function *f) {
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++)
            if (acts(f->blocks.at[b].insts.at[i].op))
                return true;
    return false;
}

// The set of functions that `f` reaches, by depth-first search from it.
static void reach(struct cfg_table *t, const struct mir_function *f, struct map *seen) {
    if (map_get(seen, str_from(f->name)))
        return;
    map_put(t->arena, seen, str_from(f->name), (void *)(uintptr_t)f);
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++) {
            const struct mir_inst *in = &f->blocks.at[b].insts.at[i];
            bool calls = in->op == MIR_OP_CALL || in->op == MIR_OP_CLOSURE;
            const struct mir_function *g =
                calls ? mir_find_function(t->module, in->function) : NULL;
            if (g)
                reach(t, g, seen);
        }
}

static bool applies_acting(const struct cfg_table *t, const struct mir_function *f) {
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++) {
            const struct mir_inst *in = &f->blocks.at[b].insts.at[i];
            if (in->op == MIR_OP_APPLY && t->closures_act[in->args.at[0].type->id])
                return true;
        }
    return false;
}

static bool reaches_acts(struct cfg_table *t, const struct mir_function *f) {
    struct map seen = {0};
    bool found = false;
    reach(t, f, &seen);
    for (int32_t k = 0; k < seen.len && !found; k++)
        found = body_acts(seen.at[k].value) || applies_acting(t, seen.at[k].value);
    return found;
}

// True if more is known of the types of the closures that `f` makes.
static bool find_acting_closures(struct cfg_table *t, const struct mir_function *f) {
    bool more = false;
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++) {
            const struct mir_inst *in = &f->blocks.at[b].insts.at[i];
            if (in->op != MIR_OP_CLOSURE)
                continue;
            const struct mir_function *g = mir_find_function(t->module, in->function);
            bool *acts_so = &t->closures_act[mir_place_type(f, &in->dst)->id];
            if (!g || *acts_so || !reaches_acts(t, g))
                continue;
            *acts_so = more = true;
        }
    return more;
}

// ---- the table ------------------------------------------------------------------------------

struct cfg_table *cfg_table_new(struct arena *a, const struct mir_module *m) {
    struct cfg_table *t = arena_new(a, struct cfg_table);
    t->arena = a;
    t->module = m;
    t->closures_act = arena_array(a, bool, m->types.len + 1);
    for (bool more = true; more;) { // who calls such a closure acts as well
        more = false;
        for (int32_t i = 0; i < m->functions.len; i++)
            more |= find_acting_closures(t, m->functions.at[i]);
    }
    return t;
}

static struct entry *entry_of(struct cfg_table *t, const struct mir_function *f) {
    struct entry *e = map_get(&t->entries, str_from(f->name));
    if (!e) {
        e = arena_new(t->arena, struct entry);
        map_put(t->arena, &t->entries, str_from(f->name), e);
    }
    return e;
}

const struct cfg *cfg_of(struct cfg_table *t, const struct mir_function *f) {
    struct entry *e = entry_of(t, f);
    if (e->cfg)
        return e->cfg;
    struct cfg *c = arena_new(t->arena, struct cfg);
    c->f = f;
    fill_order(t->arena, c);
    fill_loops(t->arena, c);
    fill_modified(t->arena, t->module, c);
    fill_live(t->arena, c);
    e->cfg = c;
    return c;
}

static bool reaches_itself(struct cfg_table *t, const struct mir_function *f) {
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++) {
            const struct mir_inst *in = &f->blocks.at[b].insts.at[i];
            if (in->op != MIR_OP_CALL && in->op != MIR_OP_CLOSURE)
                continue;
            const struct mir_function *g = mir_find_function(t->module, in->function);
            struct map seen = {0};
            if (g)
                reach(t, g, &seen);
            if (map_get(&seen, str_from(f->name)))
                return true;
        }
    return false;
}

static void add_own(struct cfg_table *t, const struct mir_function *f, struct cfg_facts *out) {
    out->acts = out->acts || body_acts(f) || applies_acting(t, f);
    out->loops = out->loops || cfg_of(t, f)->loops.len > 0;
}

struct cfg_facts cfg_facts_of(struct cfg_table *t, const struct mir_function *f) {
    struct entry *e = entry_of(t, f);
    if (e->facts_known)
        return e->facts;
    struct map seen = {0};
    reach(t, f, &seen);
    struct cfg_facts out = {0};
    for (int32_t i = 0; i < seen.len; i++) {
        const struct mir_function *g = seen.at[i].value;
        add_own(t, g, &out);
        out.recursive = out.recursive || reaches_itself(t, g);
    }
    e->facts = out;
    e->facts_known = true;
    return out;
}

bool cfg_closures_act(const struct cfg_table *t, const struct mir_type *fn) {
    return t->closures_act[fn->id];
}
