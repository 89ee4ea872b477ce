// SPDX-License-Identifier: MIT
// What follows from the bodies. Callees come before callers, so one walk over the components of the
// call graph is enough: in a cycle everyone reaches everyone, and a call within it traps by itself.
// Calls of function values are no edges of it; where more of these turn out to suspend, it is
// walked again.
#include "frontend/mir/flow.h"
#include "frontend/mir/inner.h"
#include "frontend/mir/values.h"

#include <assert.h>

// ---- types --------------------------------------------------------------------------------------

// The types that a value holds in itself: fields and payloads.
static struct mir_edges parts(struct arena *a, const struct mir_type *t) {
    struct mir_edges e = {0};
    for (int32_t i = 0; i < t->fields.len; i++)
        vec_push(a, &e.to, t->fields.at[i].type->id);
    for (int32_t i = 0; i < t->variants.len; i++)
        for (int32_t k = 0; k < t->variants.at[i].types.len; k++)
            vec_push(a, &e.to, t->variants.at[i].types.at[k]->id);
    return e;
}

static bool needs_drop(enum mir_type_kind kind) {
    return kind == MIR_BUFFER || kind == MIR_FN || kind == MIR_REPLY || kind == MIR_FUTURE ||
           kind == MIR_SCOPE || kind == MIR_TOKEN || kind == MIR_ERROR;
}

static void fill_type(const struct mir_module *m, struct mir_type *t, const struct mir_edges *e,
                      bool cyclic) {
    t->plain = !needs_drop(t->kind);
    t->depth = cyclic ? -1 : 0;
    for (int32_t i = 0; i < e->to.len; i++) {
        const struct mir_type *part = m->types.at[e->to.at[i]];
        t->plain = t->plain && part->plain;
        if (t->depth >= 0 && part->depth < 0)
            t->depth = -1;
        else if (t->depth >= 0 && part->depth >= t->depth)
            t->depth = part->depth + 1;
    }
}

// Data is what reaches no closure and no handle, items of buffers included; so all types of a
// component are data or none is.
static void fill_data(struct mir_module *m, struct arena *a, struct mir_edges *edges) {
    int32_t count = m->types.len;
    for (int32_t i = 0; i < count; i++)
        if (m->types.at[i]->kind == MIR_BUFFER)
            vec_push(a, &edges[i].to, m->types.at[i]->element->id);
    struct mir_components c = mir_components(a, edges, count);
    for (int32_t from = 0, to; from < count; from = to) {
        bool data = true;
        for (to = from; to < count && c.of[c.order[to]] == c.of[c.order[from]]; to++) {
            const struct mir_type *t = m->types.at[c.order[to]];
            const struct mir_edges *e = &edges[t->id];
            data &= t->kind == MIR_BUFFER || !needs_drop(t->kind);
            for (int32_t i = 0; i < e->to.len; i++)
                data &= c.of[e->to.at[i]] == c.of[t->id] || m->types.at[e->to.at[i]]->data;
        }
        for (int32_t i = from; i < to; i++)
            m->types.at[c.order[i]]->data = data;
    }
}

static void fill_types(struct mir_module *m, struct arena *a) {
    int32_t count = m->types.len;
    struct mir_edges *edges = arena_array(a, struct mir_edges, count);
    for (int32_t i = 0; i < count; i++)
        edges[i] = parts(a, m->types.at[i]);
    struct mir_components c = mir_components(a, edges, count);
    for (int32_t i = 0; i < count; i++) {
        int32_t id = c.order[i];
        fill_type(m, m->types.at[id], &edges[id], c.cyclic[c.of[id]]);
    }
    fill_data(m, a, edges);
}

static bool reaches(const struct mir_type *t, enum mir_type_kind kind, bool *seen) {
    if (t->kind == kind)
        return true;
    if (t->plain || seen[t->id])
        return false;
    seen[t->id] = true;
    if (t->kind == MIR_BUFFER && reaches(t->element, kind, seen))
        return true;
    for (int32_t i = 0; i < t->fields.len; i++)
        if (reaches(t->fields.at[i].type, kind, seen))
            return true;
    for (int32_t v = 0; v < t->variants.len; v++)
        for (int32_t i = 0; i < t->variants.at[v].types.len; i++)
            if (reaches(t->variants.at[v].types.at[i], kind, seen))
                return true;
    return false;
}

bool mir_type_reaches(const struct mir_module *m, const struct mir_type *t,
                      enum mir_type_kind kind) {
    if (t->data)
        return false;
    struct arena scratch = {0};
    bool found = reaches(t, kind, arena_array(&scratch, bool, m->types.len));
    arena_free(&scratch);
    return found;
}

// ---- operations ---------------------------------------------------------------------------------

bool mir_inst_suspends(const struct mir_module *m, const struct mir_inst *i) {
    if (i->op == MIR_OP_APPLY)
        return i->waits;
    if (i->op != MIR_OP_CALL)
        return mir_op_flags(i->op) & MIR_FLAG_S;
    const struct mir_function *callee = mir_find_function(m, i->function);
    return callee && callee->suspends;
}

// Can every value of `from` be one of `to`?
static bool converts_safely(enum mir_type_kind from, enum mir_type_kind to) {
    if (from == to)
        return true;
    if (mir_is_float(to)) // rounding is no loss, but a large f64 is no f32
        return to == MIR_F64 || mir_is_integer(from);
    if (!mir_is_integer(from) || !mir_is_integer(to))
        return false;
    if (mir_is_signed(from) && !mir_is_signed(to))
        return false;
    int extra = !mir_is_signed(from) && mir_is_signed(to);
    return mir_width_bits(to) >= mir_width_bits(from) + extra;
}

bool mir_arg_is_written(const struct mir_module *m, const struct mir_inst *i, int32_t n) {
    if (i->op == MIR_OP_CALL) {
        const struct mir_function *callee = mir_find_function(m, i->function);
        return callee && n < callee->modes.len && callee->modes.at[n] == MIR_PARAM_MUT;
    }
    if (i->op == MIR_OP_APPLY && n > 0) {
        const struct mir_type *fn = i->args.at[0].type;
        return fn->kind == MIR_FN && n <= fn->params.len && mir_fn_is_mut(fn, n - 1);
    }
    return n == 0 && (mir_op_flags(i->op) & MIR_FLAG_W);
}

static bool place_traps(const struct mir_place *p) {
    for (int32_t i = 0; i < p->projs.len; i++)
        if (p->projs.at[i].kind == MIR_PROJ_INDEX)
            return true;
    return false;
}

static bool operand_traps(const struct mir_operand *o) {
    return o->kind != MIR_CONST && place_traps(&o->place);
}

bool mir_end_traps(const struct mir_terminator *t) {
    if (t->kind == MIR_TRAP || t->kind == MIR_RAISE)
        return true;
    bool has_value = t->kind == MIR_IF || t->kind == MIR_SWITCH || t->kind == MIR_RETURN;
    return has_value && operand_traps(&t->value);
}

bool mir_inst_traps(const struct mir_module *m, const struct mir_function *f,
                    const struct mir_inst *i) {
    if (i->dst.local != MIR_NO_PLACE && place_traps(&i->dst))
        return true;
    for (int32_t n = 0; n < i->args.len; n++)
        if (operand_traps(&i->args.at[n]))
            return true;
    if (i->op == MIR_OP_CALL) {
        const struct mir_function *callee = mir_find_function(m, i->function);
        return callee && (callee->traps || (f->cycle && callee->cycle == f->cycle));
    }
    if (!(mir_op_flags(i->op) & MIR_FLAG_T))
        return false;
    const struct mir_type *from = i->args.len ? i->args.at[0].type : NULL;
    if (i->op == MIR_OP_NEG || (i->op >= MIR_OP_ADD && i->op <= MIR_OP_REM))
        return !from || !mir_is_float(from->kind);
    if (i->op == MIR_OP_CONVERT) {
        const struct mir_type *to = mir_place_type(f, &i->dst);
        return !from || !to || !converts_safely(from->kind, to->kind);
    }
    return true;
}

// ---- functions ----------------------------------------------------------------------------------

static bool is_branch(const struct mir_inst *i) {
    return i->op == MIR_OP_TASK && i->number == MIR_TASK_BRANCH;
}

// The calls of each function, and its branches if wanted.
// The defaults that a decoding may ask for, in all that its values consist of.
static void fallback_edges(const struct mir_module *m, struct arena *a, const struct mir_type *t,
                           bool *seen, struct mir_edges *edges) {
    if (!t || seen[t->id])
        return;
    seen[t->id] = true;
    if (t->kind == MIR_BUFFER)
        fallback_edges(m, a, t->element, seen, edges);
    for (int32_t i = 0; i < t->fields.len; i++) {
        const struct mir_field *f = &t->fields.at[i];
        const struct mir_function *fallback =
            f->fallback ? mir_find_function(m, f->fallback) : NULL;
        if (fallback)
            vec_push(a, &edges->to, fallback->index);
        fallback_edges(m, a, f->type, seen, edges);
    }
    for (int32_t v = 0; v < t->variants.len; v++)
        for (int32_t i = 0; i < t->variants.at[v].types.len; i++)
            fallback_edges(m, a, t->variants.at[v].types.at[i], seen, edges);
}

static struct mir_edges *call_edges(const struct mir_module *m, struct arena *a, bool branches) {
    struct mir_edges *edges = arena_array(a, struct mir_edges, m->functions.len);
    for (int32_t n = 0; n < m->functions.len; n++) {
        const struct mir_function *f = m->functions.at[n];
        for (int32_t b = 0; b < f->blocks.len; b++) {
            const struct mir_block *block = &f->blocks.at[b];
            for (int32_t k = 0; k < block->insts.len; k++) {
                const struct mir_inst *i = &block->insts.at[k];
                if (i->op == MIR_OP_DECODE)
                    fallback_edges(m, a, mir_place_type(f, &i->dst),
                                   arena_array(a, bool, m->types.len), &edges[n]);
                if (i->op != MIR_OP_CALL && !(branches && is_branch(i)))
                    continue;
                const struct mir_function *callee = mir_find_function(m, i->function);
                if (callee)
                    vec_push(a, &edges[n].to, callee->index);
            }
        }
    }
    return edges;
}

static bool goes_back(struct arena *a, const struct mir_function *f) {
    for (int32_t b = 0; b < f->blocks.len; b++) {
        struct mir_edges targets = {0};
        flow_targets(a, &f->blocks.at[b].end, &targets);
        for (int32_t i = 0; i < targets.to.len; i++)
            if (flow_is_back(b, targets.to.at[i]))
                return true;
    }
    return false;
}

// Its callees that stand in no cycle with it are filled in.
static bool is_brief(const struct mir_module *m, struct arena *a, const struct mir_function *f) {
    if (f->cycle || f->foreign || goes_back(a, f))
        return false;
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t k = 0; k < f->blocks.at[b].insts.len; k++) {
            const struct mir_inst *i = &f->blocks.at[b].insts.at[k];
            const struct mir_function *callee =
                i->op == MIR_OP_CALL ? mir_find_function(m, i->function) : NULL;
            if (i->op == MIR_OP_APPLY || (callee && !callee->brief))
                return false;
        }
    return true;
}

static void fill_flags(const struct mir_module *m, struct mir_function *f) {
    f->traps = f->suspends = false;
    for (int32_t b = 0; b < f->blocks.len; b++) {
        const struct mir_block *block = &f->blocks.at[b];
        bool leaves = block->unwind < 0;
        f->traps |= leaves && mir_end_traps(&block->end);
        for (int32_t k = 0; k < block->insts.len; k++) {
            f->suspends |= mir_inst_suspends(m, &block->insts.at[k]);
            f->traps |= leaves && mir_inst_traps(m, f, &block->insts.at[k]);
        }
    }
}

void mir_fill_calls(struct mir_module *m, struct arena *a) {
    struct mir_edges *edges = call_edges(m, a, false);
    struct mir_components c = mir_components(a, edges, m->functions.len);
    int32_t cycles = 0;
    for (int32_t n = 0; n < m->functions.len; n++)
        m->functions.at[n]->suspends = m->functions.at[n]->traps = false;
    for (int32_t from = 0, to; from < m->functions.len; from = to) {
        int32_t component = c.of[c.order[from]];
        int32_t cycle = c.cyclic[component] ? ++cycles : 0;
        bool suspends = false;
        for (to = from; to < m->functions.len && c.of[c.order[to]] == component; to++)
            m->functions.at[c.order[to]]->cycle = cycle;
        for (int32_t n = from; n < to; n++) {
            struct mir_function *f = m->functions.at[c.order[n]];
            fill_flags(m, f);
            suspends |= f->suspends;
            f->brief = is_brief(m, a, f);
        }
        for (int32_t n = from; n < to; n++)
            m->functions.at[c.order[n]]->suspends = suspends;
    }
}

// ---- reads and writes of self -------------------------------------------------------------------

static uint64_t self_fields(const struct mir_function *f, const struct mir_place *p) {
    if (p->local != MIR_SELF || !f->self)
        return 0;
    if (p->projs.len && p->projs.at[0].kind == MIR_PROJ_FIELD) {
        int32_t field = p->projs.at[0].field;
        return (uint64_t)1 << (field < 63 ? field : 63);
    }
    int32_t count = f->self->fields.len;
    return count >= 64 ? UINT64_MAX : ((uint64_t)1 << count) - 1;
}

static void read_indexes(struct mir_function *f, const struct mir_place *p);

static void read_operand(struct mir_function *f, const struct mir_operand *o) {
    if (o->kind == MIR_CONST)
        return;
    f->reads |= self_fields(f, &o->place);
    read_indexes(f, &o->place);
}

static void read_indexes(struct mir_function *f, const struct mir_place *p) {
    for (int32_t i = 0; i < p->projs.len; i++)
        if (p->projs.at[i].kind == MIR_PROJ_INDEX)
            read_operand(f, p->projs.at[i].index);
}

static void touch(const struct mir_module *m, struct mir_function *f, const struct mir_inst *i) {
    if (i->dst.local != MIR_NO_PLACE) {
        f->writes |= self_fields(f, &i->dst);
        read_indexes(f, &i->dst);
    }
    for (int32_t n = 0; n < i->args.len; n++) {
        const struct mir_operand *o = &i->args.at[n];
        read_operand(f, o);
        if (o->kind != MIR_CONST && mir_arg_is_written(m, i, n))
            f->writes |= self_fields(f, &o->place);
    }
    if (i->op != MIR_OP_CALL && !is_branch(i))
        return;
    const struct mir_function *callee = mir_find_function(m, i->function);
    if (callee && callee->self && f->self) {
        f->reads |= callee->reads;
        f->writes |= callee->writes;
    }
}

static void fill_touched(const struct mir_module *m, struct mir_function *f) {
    f->reads = f->writes = 0;
    for (int32_t b = 0; b < f->blocks.len; b++) {
        const struct mir_block *block = &f->blocks.at[b];
        for (int32_t k = 0; k < block->insts.len; k++)
            touch(m, f, &block->insts.at[k]);
        enum mir_term end = block->end.kind;
        if (end == MIR_IF || end == MIR_SWITCH || end == MIR_RETURN || end == MIR_RAISE)
            read_operand(f, &block->end.value);
    }
}

static void fill_reads_writes(struct mir_module *m, struct arena *a) {
    struct mir_edges *edges = call_edges(m, a, true);
    struct mir_components c = mir_components(a, edges, m->functions.len);
    for (int32_t n = 0; n < m->functions.len; n++)
        m->functions.at[n]->reads = m->functions.at[n]->writes = 0;
    for (int32_t from = 0, to; from < m->functions.len; from = to) {
        uint64_t reads = 0, writes = 0;
        for (to = from; to < m->functions.len && c.of[c.order[to]] == c.of[c.order[from]]; to++) {
            struct mir_function *f = m->functions.at[c.order[to]];
            fill_touched(m, f);
            reads |= f->reads;
            writes |= f->writes;
        }
        for (int32_t n = from; n < to; n++) {
            struct mir_function *f = m->functions.at[c.order[n]];
            f->reads = f->self ? reads : 0;
            f->writes = f->self ? writes : 0;
        }
    }
}

// ---- sites --------------------------------------------------------------------------------------

static void fill_sites(struct mir_function *f) {
    int32_t counts[MIR_OP_COUNT] = {0};
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t k = 0; k < f->blocks.at[b].insts.len; k++) {
            struct mir_inst *i = &f->blocks.at[b].insts.at[k];
            i->site = counts[i->op]++;
        }
}

struct str mir_site_name(struct arena *a, const struct mir_function *f, const struct mir_inst *i) {
    return str_format(a, "%s/%s#%d", f->name, mir_op_name(i->op), (int)i->site);
}

void mir_infer(struct mir_module *m) {
    struct arena scratch = {0};
    fill_types(m, &scratch);
    struct values values = values_of(&scratch, m, false);
    do
        mir_fill_calls(m, &scratch);
    while (values_spread(&values));
    fill_reads_writes(m, &scratch);
    for (int32_t n = 0; n < m->functions.len; n++)
        fill_sites(m->functions.at[n]);
    arena_free(&scratch);
}
