// SPDX-License-Identifier: MIT
// Parameter modes: a parameter is lent until the body keeps it, hands it on as owned, or writes it;
// then it is owned (borrow inference as in Ullrich and de Moura, "Counting immutable beans").
//
// What the runtime starts (handlers, init, tasks, tests) owns its parameters, since nobody else
// would drop them early. Replies and futures are handed on, never copied: whoever is called with
// one owns it, so that it is dropped where the last function that had it needs it no more, and not
// only when that function's caller goes on. What is called through a closure is lent them all,
// since its callers do not know it.
#include "frontend/mir/own.h"

#include <assert.h>

bool own_is_ours(const struct mir_function *f, int32_t local) {
    if (f->locals.at[local].type->plain)
        return false;
    return local >= f->param_count || f->modes.at[local] == MIR_PARAM_OWN;
}

bool own_consumes(const struct mir_module *m, const struct mir_inst *i, int32_t n) {
    switch (i->op) {
    case MIR_OP_USE:
    case MIR_OP_MAKE:
    case MIR_OP_VARIANT:
    case MIR_OP_CLOSURE:
    case MIR_OP_SPAWN:
    case MIR_OP_ERROR_OF:
    case MIR_OP_ERROR_TEXT:
    case MIR_OP_BIND:
    case MIR_OP_OUTSIDE:
        return true;
    case MIR_OP_CALL: {
        const struct mir_function *callee = mir_find_function(m, i->function);
        assert(callee && n < callee->modes.len);
        return callee->modes.at[n] == MIR_PARAM_OWN;
    }
    case MIR_OP_TASK:
        return !(i->has_scope && n == i->args.len - 1);
    case MIR_OP_TELL:
    case MIR_OP_TELL_ANY:
    case MIR_OP_ASK:
    case MIR_OP_FORWARD:
    case MIR_OP_BUF_PUSH:
    case MIR_OP_ANSWER:
        return n >= 1;
    case MIR_OP_ASK_TIMEOUT:
    case MIR_OP_BUF_INSERT:
        return n >= 2;
    case MIR_OP_SPAWN_CHILD:
        return n >= 3;
    default:
        return false;
    }
}

struct modes {
    struct mir_module *m;
    bool *closure, *root; // by function
    bool changed;
};

static void mark(const struct modes *o, bool *marks, const char *name) {
    const struct mir_function *f = mir_find_function(o->m, name);
    if (f)
        marks[f->index] = true;
}

static void find_starts(struct modes *o) {
    const struct mir_module *m = o->m;
    for (int32_t i = 0; i < m->actors.len; i++) {
        mark(o, o->root, m->actors.at[i]->init);
        if (m->actors.at[i]->on_child_failure)
            mark(o, o->root, m->actors.at[i]->on_child_failure);
        for (int32_t k = 0; k < m->actors.at[i]->messages.len; k++)
            mark(o, o->root, m->actors.at[i]->messages.at[k].handler);
    }
    for (int32_t i = 0; i < m->tests.len; i++)
        mark(o, o->root, m->tests.at[i].function);
    for (int32_t n = 0; n < m->functions.len; n++) {
        const struct mir_function *f = m->functions.at[n];
        for (int32_t b = 0; b < f->blocks.len; b++)
            for (int32_t k = 0; k < f->blocks.at[b].insts.len; k++) {
                const struct mir_inst *i = &f->blocks.at[b].insts.at[k];
                if (i->op == MIR_OP_CLOSURE)
                    mark(o, o->closure, i->function);
                if (i->op == MIR_OP_TASK)
                    mark(o, o->root, i->function);
            }
    }
}

static void take_over(struct modes *o, struct mir_function *f, int32_t local) {
    if (local < 0 || local >= f->param_count || f->locals.at[local].type->plain ||
        f->modes.at[local] != MIR_PARAM_LEND || o->closure[f->index])
        return;
    f->modes.at[local] = MIR_PARAM_OWN;
    o->changed = true;
}

static void look_at_inst(struct modes *o, struct mir_function *f, const struct mir_inst *i) {
    if (i->dst.local != MIR_NO_PLACE)
        take_over(o, f, i->dst.local);
    for (int32_t n = 0; n < i->args.len; n++) {
        const struct mir_operand *arg = &i->args.at[n];
        if (arg->kind == MIR_CONST)
            continue;
        bool keeps = arg->place.projs.len == 0 && own_consumes(o->m, i, n);
        if (keeps || mir_arg_is_written(o->m, i, n))
            take_over(o, f, arg->place.local);
    }
}

static void look_at(struct modes *o, struct mir_function *f) {
    for (int32_t b = 0; b < f->blocks.len; b++) {
        const struct mir_block *block = &f->blocks.at[b];
        for (int32_t k = 0; k < block->insts.len; k++)
            look_at_inst(o, f, &block->insts.at[k]);
        bool leaves = block->end.kind == MIR_RETURN || block->end.kind == MIR_RAISE;
        const struct mir_operand *value = &block->end.value;
        if (leaves && value->kind != MIR_CONST && value->place.projs.len == 0)
            take_over(o, f, value->place.local);
    }
}

void own_modes(struct mir_module *m) {
    struct arena scratch = {0};
    struct modes o = {.m = m};
    o.closure = arena_array(&scratch, bool, m->functions.len);
    o.root = arena_array(&scratch, bool, m->functions.len);
    find_starts(&o);
    for (int32_t n = 0; n < m->functions.len; n++)
        for (int32_t p = 0; p < m->functions.at[n]->param_count; p++) {
            const struct mir_type *t = m->functions.at[n]->locals.at[p].type;
            if (o.root[n] || mir_type_reaches(m, t, MIR_REPLY) ||
                mir_type_reaches(m, t, MIR_FUTURE))
                take_over(&o, m->functions.at[n], p);
        }
    do {
        o.changed = false;
        for (int32_t n = 0; n < m->functions.len; n++)
            look_at(&o, m->functions.at[n]);
    } while (o.changed);
    arena_free(&scratch);
}
