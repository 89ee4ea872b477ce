// SPDX-License-Identifier: MIT
// Which closures a local holds, as far as it can be seen: a few that the ways to it lead from. What
// is written to a field, sent or returned is not followed, so this is a guess, which the code that
// relies on it tests (emit_apply); where it is right, the C compiler sees what is called.
#include "frontend/emit/inner.h"

#include <assert.h>

static bool is_local(const struct mir_operand *o) {
    return o->kind != MIR_CONST && o->place.local >= 0 && o->place.projs.len == 0;
}

static const struct closures *held_by(const struct emitter *e, const struct mir_function *f,
                                      const struct mir_operand *o) {
    static const struct closures none;
    bool seen = o->type->kind == MIR_FN && is_local(o);
    return seen ? &emit_function(e, f)->closures[o->place.local] : &none;
}

// The local may hold it, too. Is that news?
static bool note(struct emitter *e, const struct mir_function *f, int32_t local,
                 const struct mir_function *closure) {
    struct function_state *s = emit_function(e, f);
    struct closures *c = s->closures ? &s->closures[local] : NULL;
    if (!c || c->many)
        return false;
    for (int32_t i = 0; i < c->count; i++)
        if (c->at[i] == closure)
            return false;
    if (c->count < CLOSURES_MAX)
        c->at[c->count++] = closure;
    else
        c->many = true;
    return true;
}

static bool note_all(struct emitter *e, const struct mir_function *f, int32_t local,
                     const struct closures *all) {
    bool changed = false;
    for (int32_t i = 0; i < all->count; i++)
        changed |= note(e, f, local, all->at[i]);
    if (!all->many || !emit_function(e, f)->closures || emit_function(e, f)->closures[local].many)
        return changed;
    emit_function(e, f)->closures[local].many = true;
    return true;
}

// Arguments from `from` on become parameters of the function from `first` on.
static bool note_arguments(struct emitter *e, const struct mir_function *f,
                           const struct mir_inst *i, int32_t from,
                           const struct mir_function *callee, int32_t first) {
    bool changed = false;
    for (int32_t n = from; n < i->args.len && first + n - from < callee->param_count; n++)
        changed |= note_all(e, callee, first + n - from, held_by(e, f, &i->args.at[n]));
    return changed;
}

static bool follow(struct emitter *e, const struct mir_function *f, const struct mir_inst *i) {
    bool changed = false;
    if (i->op == MIR_OP_APPLY) {
        const struct closures *c = held_by(e, f, &i->args.at[0]);
        for (int32_t k = 0; k < c->count; k++)
            changed |= note_arguments(e, f, i, 1, c->at[k], c->at[k]->captures);
        return changed;
    }
    bool to_local = i->dst.local >= 0 && i->dst.projs.len == 0;
    if (i->op == MIR_OP_USE)
        return to_local && note_all(e, f, i->dst.local, held_by(e, f, &i->args.at[0]));
    if (i->op != MIR_OP_CALL && i->op != MIR_OP_TASK && i->op != MIR_OP_CLOSURE)
        return false;
    const struct mir_function *callee = mir_find_function(e->m, i->function);
    changed = note_arguments(e, f, i, 0, callee, 0);
    if (i->op == MIR_OP_CLOSURE && to_local)
        changed |= note(e, f, i->dst.local, callee);
    return changed;
}

static bool has_closures(const struct mir_function *f) {
    for (int32_t i = 0; i < f->locals.len; i++)
        if (f->locals.at[i].type->kind == MIR_FN)
            return true;
    return false;
}

void emit_find_closures(struct emitter *e) {
    for (int32_t i = 0; i < e->m->functions.len; i++) {
        const struct mir_function *f = e->m->functions.at[i];
        if (e->functions[i].needed && has_closures(f))
            e->functions[i].closures =
                arena_array(e->arena, struct closures, f->locals.len);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (int32_t n = 0; n < e->m->functions.len; n++) {
            const struct mir_function *f = e->m->functions.at[n];
            for (int32_t i = 0; e->functions[n].closures && i < f->blocks.len; i++)
                for (int32_t k = 0; k < f->blocks.at[i].insts.len; k++)
                    changed |= follow(e, f, &f->blocks.at[i].insts.at[k]);
        }
    }
}

const struct closures *emit_likely_closures(const struct body *b, const struct mir_operand *o) {
    return held_by(b->e, b->f, o);
}
