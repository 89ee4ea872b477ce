// SPDX-License-Identifier: MIT
// Functions that are given function values are compiled once for such as do not wait, which they
// call plainly, and once more for such as may: `map` with a pure closure stays as fast as if there
// were no other, and who calls it so does not suspend. The second one is called NAME$waits, with
// the numbers of the parameters that wait where others do not; the first one goes if nobody needs
// it.
#include "frontend/mir/inner.h"
#include "frontend/mir/values.h"

#include <assert.h>

enum { PARAMS_MAX = 64 }; // later ones are not told apart

// What a function is a version of, and for which of its parameters.
struct version {
    struct mir_function *of;
    uint64_t waits;
};
struct splitter {
    struct mir_module *m;
    struct arena scratch;
    VEC(struct version) versions; // by function
};

// ---- copies -------------------------------------------------------------------------------------

static struct mir_operand copy_operand(struct arena *a, struct mir_operand o);

static struct mir_place copy_place(struct arena *a, struct mir_place p) {
    struct mir_place copy = {.local = p.local};
    for (int32_t n = 0; n < p.projs.len; n++) {
        struct mir_proj proj = p.projs.at[n];
        if (proj.kind == MIR_PROJ_INDEX) {
            struct mir_operand *index = arena_new(a, struct mir_operand);
            *index = copy_operand(a, *proj.index);
            proj.index = index;
        }
        vec_push(a, &copy.projs, proj);
    }
    return copy;
}

static struct mir_operand copy_operand(struct arena *a, struct mir_operand o) {
    if (o.kind != MIR_CONST)
        o.place = copy_place(a, o.place);
    return o;
}

static struct mir_inst copy_inst(struct arena *a, const struct mir_inst *i) {
    struct mir_inst copy = *i;
    copy.dst = copy_place(a, i->dst);
    copy.args.at = NULL;
    copy.args.len = copy.args.cap = 0;
    for (int32_t n = 0; n < i->args.len; n++)
        vec_push(a, &copy.args, copy_operand(a, i->args.at[n]));
    return copy;
}

static void copy_block(struct arena *a, const struct mir_block *from, struct mir_block *to) {
    to->unwind = from->unwind;
    for (int32_t k = 0; k < from->insts.len; k++)
        vec_push(a, &to->insts, copy_inst(a, &from->insts.at[k]));
    to->end = from->end;
    to->end.value = copy_operand(a, from->end.value);
    to->end.cases.at = NULL;
    to->end.cases.len = to->end.cases.cap = 0;
    for (int32_t k = 0; k < from->end.cases.len; k++)
        vec_push(a, &to->end.cases, from->end.cases.at[k]);
}

static struct mir_function *copy_function(struct mir_module *m, const struct mir_function *f,
                                          const char *name) {
    struct mir_function *copy = mir_function_new(m, name);
    const char *interned = copy->name;
    int32_t index = copy->index;
    *copy = *f;
    copy->name = interned;
    copy->index = index;
    copy->modes.at = NULL;
    copy->modes.len = copy->modes.cap = 0;
    for (int32_t n = 0; n < f->modes.len; n++)
        vec_push(m->arena, &copy->modes, f->modes.at[n]);
    copy->locals.at = NULL;
    copy->locals.len = copy->locals.cap = 0;
    for (int32_t n = 0; n < f->locals.len; n++)
        vec_push(m->arena, &copy->locals, f->locals.at[n]);
    copy->blocks.at = NULL;
    copy->blocks.len = copy->blocks.cap = 0;
    for (int32_t b = 0; b < f->blocks.len; b++) {
        mir_block_new(m, copy);
        copy_block(m->arena, &f->blocks.at[b], &copy->blocks.at[b]);
    }
    return copy;
}

// ---- versions -----------------------------------------------------------------------------------

static struct version *version_of(struct splitter *s, const struct mir_function *f) {
    return &s->versions.at[f->index];
}

static void note_version(struct splitter *s, struct mir_function *f, struct version v) {
    assert(f->index == s->versions.len);
    (void)f;
    vec_push(&s->scratch, &s->versions, v);
}

static const char *version_name(struct splitter *s, const struct mir_function *f, uint64_t waits) {
    struct text name = {.arena = s->m->arena};
    uint64_t all = 0;
    for (int32_t p = 0; p < f->param_count && p < PARAMS_MAX; p++)
        if (f->locals.at[p].type->kind == MIR_FN)
            all |= (uint64_t)1 << p;
    text_printf(&name, "%s$waits", f->name);
    for (int32_t p = 0; p < PARAMS_MAX && waits != all; p++)
        if (waits >> p & 1)
            text_printf(&name, "_%d", (int)p);
    return name.data;
}

static struct mir_function *make_version(struct splitter *s, struct mir_function *of,
                                         uint64_t waits) {
    const char *name = version_name(s, of, waits);
    struct mir_function *f = mir_find_function(s->m, name);
    if (f)
        return f;
    f = copy_function(s->m, of, name);
    note_version(s, f, (struct version){of, waits});
    return f;
}

// ---- calls --------------------------------------------------------------------------------------

// Which parameters of the callee have to wait for this call, besides those that do.
static uint64_t wanted(struct values *v, int32_t pass) {
    uint64_t wanted = 0;
    const struct mir_inst *inst = v->passes.at[pass].inst;
    for (; pass < v->passes.len && v->passes.at[pass].inst == inst; pass++) {
        const struct value_pass *p = &v->passes.at[pass];
        if (v->waits[values_class(v, p->value)] && !v->waits[values_class(v, p->param)] &&
            p->arg < PARAMS_MAX)
            wanted |= (uint64_t)1 << p->arg;
    }
    return wanted;
}

static bool redirect(struct splitter *s, struct values *v) {
    bool changed = false;
    for (int32_t n = 0; n < v->passes.len; n++) {
        struct mir_inst *inst = v->passes.at[n].inst;
        uint64_t more = n && v->passes.at[n - 1].inst == inst ? 0 : wanted(v, n);
        if (!more)
            continue;
        struct version now = *version_of(s, mir_find_function(s->m, inst->function));
        inst->function = make_version(s, now.of, now.waits | more)->name;
        changed = true;
    }
    return changed;
}

static bool split_once(struct splitter *s) {
    struct arena scratch = {0};
    struct values v = values_of(&scratch, s->m, true);
    for (int32_t n = 0; n < s->versions.len; n++)
        for (int32_t p = 0; p < PARAMS_MAX; p++)
            if (s->versions.at[n].waits >> p & 1)
                v.waits[values_class(&v, values_param(&v, s->m->functions.at[n], p))] = true;
    values_spread(&v);
    do
        mir_fill_calls(s->m, &scratch);
    while (values_spread(&v));
    bool changed = redirect(s, &v);
    arena_free(&scratch);
    return changed;
}

// ---- what is left -------------------------------------------------------------------------------

// By function: somebody else calls it.
static bool *called_by_others(struct splitter *s) {
    const struct mir_module *m = s->m;
    bool *called = arena_array(&s->scratch, bool, m->functions.len);
    for (int32_t n = 0; n < m->functions.len; n++) {
        const struct mir_function *f = m->functions.at[n];
        for (int32_t b = 0; b < f->blocks.len; b++)
            for (int32_t k = 0; k < f->blocks.at[b].insts.len; k++) {
                const struct mir_inst *i = &f->blocks.at[b].insts.at[k];
                bool calls =
                    i->op == MIR_OP_CALL || i->op == MIR_OP_CLOSURE || i->op == MIR_OP_TASK;
                const struct mir_function *callee =
                    calls ? mir_find_function(m, i->function) : NULL;
                if (callee && callee != f)
                    called[callee->index] = true;
            }
    }
    return called;
}

static void remove_functions(struct mir_module *m, const bool *removed) {
    int32_t left = 0;
    m->function_by_name = (struct map){0};
    for (int32_t n = 0; n < m->functions.len; n++) {
        struct mir_function *f = m->functions.at[n];
        if (removed[n])
            continue;
        f->index = left;
        m->functions.at[left++] = f;
        map_put(m->arena, &m->function_by_name, str_from(f->name), f);
    }
    m->functions.len = left;
}

// Who is only given values that wait is needed in that version alone.
static bool remove_unused(struct splitter *s) {
    const bool *called = called_by_others(s);
    bool *removed = arena_array(&s->scratch, bool, s->m->functions.len), any = false;
    for (int32_t n = 0; n < s->versions.len; n++) {
        const struct mir_function *f = s->versions.at[n].of;
        bool is_there = mir_find_function(s->m, f->name) == f;
        if (!s->versions.at[n].waits || !is_there || called[f->index])
            continue;
        any = removed[f->index] = true;
    }
    if (any)
        remove_functions(s->m, removed);
    return any;
}

void mir_split(struct mir_module *m) {
    struct splitter s = {.m = m};
    for (int32_t n = 0; n < m->functions.len; n++)
        note_version(&s, m->functions.at[n], (struct version){m->functions.at[n], 0});
    while (split_once(&s))
        ;
    while (remove_unused(&s))
        ;
    arena_free(&s.scratch);
}
