// SPDX-License-Identifier: MIT
// Walking over what a party may run.
#include "frontend/analyze/inner.h"

bool is_own(const struct mir_module *m, struct mir_loc loc) {
    return loc.line > 0 && loc.file >= 0 && loc.file < m->files.len &&
           strncmp(m->files.at[loc.file], "std/", 4) != 0;
}

static void mark(bool *in_loop, int32_t from, int32_t to) {
    for (int32_t i = to; i <= from && to >= 0; i++)
        in_loop[i] = true;
}

bool *blocks_in_loops(struct arena *a, const struct mir_function *f) {
    bool *in_loop = arena_array(a, bool, f->blocks.len + 1);
    for (int32_t i = 0; i < f->blocks.len; i++) {
        const struct mir_terminator *t = &f->blocks.at[i].end;
        if (t->kind == MIR_GOTO || t->kind == MIR_IF)
            mark(in_loop, i, t->block);
        if (t->kind == MIR_IF || t->kind == MIR_SWITCH)
            mark(in_loop, i, t->block_else);
        for (int32_t k = 0; t->kind == MIR_SWITCH && k < t->cases.len; k++)
            mark(in_loop, i, t->cases.at[k].block);
    }
    return in_loop;
}

const struct mir_function *handler_of(const struct mir_module *m, const char *actor,
                                      int32_t message) {
    const struct mir_actor *a = actor ? mir_find_actor(m, actor) : NULL;
    if (!a || message < 0 || message >= a->messages.len)
        return NULL;
    return mir_find_function(m, a->messages.at[message].handler);
}

struct walk {
    struct arena *a;
    const struct mir_module *m;
    bool *seen, *seen_in_loop;
    visit_function *visit;
    void *context;
};

// A function may be met again within a loop: then what it does is repeated after all.
static void enter(struct walk *w, const char *name, struct mir_loc reached, bool in_loop) {
    const struct mir_function *f = name ? mir_find_function(w->m, name) : NULL;
    if (!f || (w->seen[f->index] && (!in_loop || w->seen_in_loop[f->index])))
        return;
    w->seen[f->index] = true;
    w->seen_in_loop[f->index] |= in_loop;
    w->visit(w->context, f, reached, in_loop);
    const bool *loops = blocks_in_loops(w->a, f);
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++) {
            const struct mir_inst *in = &f->blocks.at[b].insts.at[i];
            if (in->op == MIR_OP_CALL || in->op == MIR_OP_CLOSURE || in->op == MIR_OP_TASK)
                enter(w, in->function, is_own(w->m, in->loc) ? in->loc : reached,
                      in_loop || loops[b] || in->op == MIR_OP_CLOSURE);
        }
}

void visit_party(struct arena *a, const struct mir_module *m, const struct party *p,
                 visit_function *visit, void *context) {
    struct walk w = {.a = a, .m = m, .visit = visit, .context = context};
    w.seen = arena_array(a, bool, m->functions.len + 1);
    w.seen_in_loop = arena_array(a, bool, m->functions.len + 1);
    if (p->kind == PARTY_MAIN)
        enter(&w, m->entry, p->loc, false);
    for (int32_t i = 0; p->kind == PARTY_TEST && i < m->tests.len; i++)
        if (m->tests.at[i].name == p->name)
            enter(&w, m->tests.at[i].function, p->loc, false);
    if (p->kind != PARTY_ACTOR)
        return;
    const char *hooks[] = {p->actor->init, p->actor->on_start, p->actor->on_stop,
                           p->actor->on_shutdown, p->actor->on_child_failure};
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++)
        enter(&w, hooks[i], p->loc, false);
    for (int32_t i = 0; i < p->actor->messages.len; i++)
        enter(&w, p->actor->messages.at[i].handler, p->actor->messages.at[i].loc, false);
}
