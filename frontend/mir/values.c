// SPDX-License-Identifier: MIT
// Classes of function values.
#include "frontend/mir/values.h"
#include "frontend/mir/inner.h"

// ---- nodes --------------------------------------------------------------------------------------

int32_t values_class(struct values *v, int32_t node) {
    while (v->parent[node] != node)
        node = v->parent[node] = v->parent[v->parent[node]];
    return node;
}

static void unite(struct values *v, int32_t a, int32_t b) {
    if (a < 0 || b < 0)
        return;
    a = values_class(v, a);
    b = values_class(v, b);
    if (a == b)
        return;
    v->parent[a] = b;
    v->waits[b] |= v->waits[a];
}

static int32_t stored_node(const struct values *v, const struct mir_type *t) {
    return t && t->kind == MIR_FN ? v->stored + t->id : -1;
}

int32_t values_param(const struct values *v, const struct mir_function *f, int32_t param) {
    return f->locals.at[param].type->kind == MIR_FN ? v->first[f->index] + param : -1;
}

static int32_t result_node(const struct values *v, const struct mir_function *f) {
    return f->result->kind == MIR_FN ? v->first[f->index] + f->locals.len : -1;
}

static int32_t place_node(const struct values *v, const struct mir_function *f,
                          const struct mir_place *p) {
    if (p->local == MIR_NO_PLACE)
        return -1;
    if (p->local >= 0 && p->projs.len == 0)
        return p->local < f->locals.len ? values_param(v, f, p->local) : -1;
    return stored_node(v, mir_place_type(f, p));
}

static int32_t operand_node(const struct values *v, const struct mir_function *f,
                            const struct mir_operand *o) {
    return o->kind == MIR_CONST ? -1 : place_node(v, f, &o->place);
}

static void store(struct values *v, int32_t node, const struct mir_type *t) {
    unite(v, node, stored_node(v, t));
}

// ---- flow ---------------------------------------------------------------------------------------

struct collector {
    struct arena *arena;
    struct values *v;
    bool apart;
};

// Arguments for the first parameters.
static void pass(struct collector *c, struct mir_function *f, struct mir_inst *i,
                 const struct mir_function *callee) {
    for (int32_t n = 0; n < i->args.len && n < callee->param_count; n++) {
        int32_t value = operand_node(c->v, f, &i->args.at[n]);
        int32_t param = value < 0 ? -1 : values_param(c->v, callee, n);
        if (param < 0)
            continue;
        struct value_pass passed = {f, i, n, param, value};
        bool in_out = n >= callee->modes.len || callee->modes.at[n] == MIR_PARAM_MUT;
        if (c->apart && !in_out)
            vec_push(c->arena, &c->v->passes, passed);
        else
            unite(c->v, value, param);
    }
}

// Whatever is not known better is stored somewhere.
static void store_all(struct collector *c, const struct mir_function *f, const struct mir_inst *i,
                      int32_t from) {
    for (int32_t n = from; n < i->args.len; n++)
        store(c->v, operand_node(c->v, f, &i->args.at[n]), i->args.at[n].type);
}

static void collect_inst(struct collector *c, struct mir_function *f, struct mir_inst *i) {
    struct values *v = c->v;
    int32_t dst = place_node(v, f, &i->dst);
    const struct mir_function *callee =
        i->op == MIR_OP_CALL || i->op == MIR_OP_CLOSURE || i->op == MIR_OP_TASK
            ? mir_find_function(v->module, i->function)
            : NULL;
    if (callee)
        pass(c, f, i, callee);
    struct value_use use = {i, -1};
    switch (i->op) {
    case MIR_OP_USE:
        unite(v, operand_node(v, f, &i->args.at[0]), dst);
        return;
    case MIR_OP_CALL:
        if (callee)
            unite(v, result_node(v, callee), dst);
        return;
    case MIR_OP_TASK:
    case MIR_OP_DROP: // these only look at values
    case MIR_OP_SHOW:
        return;
    case MIR_OP_CLOSURE:
        use.value = dst;
        break;
    case MIR_OP_WAITS:
        use.value = operand_node(v, f, &i->args.at[0]);
        break;
    case MIR_OP_APPLY:
        use.value = operand_node(v, f, &i->args.at[0]);
        store_all(c, f, i, 1);
        store(v, dst, mir_place_type(f, &i->dst));
        break;
    default:
        store_all(c, f, i, 0);
        if (dst >= 0)
            store(v, dst, mir_place_type(f, &i->dst));
        return;
    }
    i->waits = false;
    if (use.value >= 0)
        vec_push(c->arena, &v->uses, use);
}

// Parameters from `from` on and the result of what is called by whom nobody knows.
static void open(struct values *v, const char *name, bool captures) {
    const struct mir_function *f = name ? mir_find_function(v->module, name) : NULL;
    for (int32_t p = f && captures ? f->captures : 0; f && p < f->param_count; p++)
        store(v, values_param(v, f, p), f->locals.at[p].type);
    if (f)
        store(v, result_node(v, f), f->result);
}

static void open_roots(struct values *v) {
    const struct mir_module *m = v->module;
    for (int32_t i = 0; i < m->actors.len; i++) {
        const struct mir_actor *a = m->actors.at[i];
        const char *const hooks[] = {a->init, a->on_start, a->on_stop, a->on_shutdown,
                                     a->on_child_failure};
        for (size_t k = 0; k < sizeof hooks / sizeof *hooks; k++)
            open(v, hooks[k], false);
        for (int32_t k = 0; k < a->messages.len; k++)
            open(v, a->messages.at[k].handler, false);
    }
    for (int32_t i = 0; i < m->tests.len; i++)
        open(v, m->tests.at[i].function, false);
    for (int32_t i = 0; i < m->types.len; i++)
        for (int32_t k = 0; k < m->types.at[i]->fields.len; k++)
            open(v, m->types.at[i]->fields.at[k].fallback, false);
}

static void collect(struct collector *c, struct mir_function *f) {
    for (int32_t b = 0; b < f->blocks.len; b++) {
        struct mir_block *block = &f->blocks.at[b];
        for (int32_t k = 0; k < block->insts.len; k++) {
            struct mir_inst *i = &block->insts.at[k];
            collect_inst(c, f, i);
            if (i->op == MIR_OP_CLOSURE)
                open(c->v, i->function, true);
            const struct mir_function *task =
                i->op == MIR_OP_TASK ? mir_find_function(c->v->module, i->function) : NULL;
            if (task)
                store(c->v, result_node(c->v, task), task->result);
        }
        if (block->end.kind == MIR_RETURN)
            unite(c->v, operand_node(c->v, f, &block->end.value), result_node(c->v, f));
    }
}

struct values values_of(struct arena *a, struct mir_module *m, bool apart) {
    struct values v = {.module = m};
    struct collector c = {a, &v, apart};
    v.first = arena_array(a, int32_t, m->functions.len);
    for (int32_t n = 0; n < m->functions.len; n++) {
        v.first[n] = v.stored;
        v.stored += m->functions.at[n]->locals.len + 1;
    }
    int32_t count = v.stored + m->types.len;
    v.parent = arena_array(a, int32_t, count);
    v.waits = arena_array(a, bool, count);
    for (int32_t n = 0; n < count; n++)
        v.parent[n] = n;
    for (int32_t n = 0; n < m->functions.len; n++)
        collect(&c, m->functions.at[n]);
    open_roots(&v);
    return v;
}

static bool mark(struct values *v, int32_t node) {
    int32_t class = values_class(v, node);
    bool is_new = !v->waits[class];
    v->waits[class] = true;
    return is_new;
}

bool values_spread(struct values *v) {
    bool changed = false;
    for (int32_t n = 0; n < v->uses.len; n++) {
        const struct mir_inst *i = v->uses.at[n].inst;
        const struct mir_function *f =
            i->op == MIR_OP_CLOSURE ? mir_find_function(v->module, i->function) : NULL;
        if (f && f->suspends)
            changed |= mark(v, v->uses.at[n].value);
    }
    // Who is given only such values is called so with all.
    for (bool more = true; more;) {
        more = false;
        for (int32_t n = 0; n < v->passes.len; n++)
            if (v->waits[values_class(v, v->passes.at[n].param)])
                more |= mark(v, v->passes.at[n].value);
        changed |= more;
    }
    for (int32_t n = 0; n < v->uses.len; n++)
        v->uses.at[n].inst->waits = v->waits[values_class(v, v->uses.at[n].value)];
    return changed;
}
