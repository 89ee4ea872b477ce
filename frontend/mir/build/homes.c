// SPDX-License-Identifier: MIT
// What belongs to one home (an actor, a free task, a test) and would leave it: futures, which only
// their home waits for, and places of an actor that are lent while others write to its state. And
// what has no turn of its home to wait in.
#include "frontend/mir/build/lower.h"
#include "frontend/mir/inner.h"

// ---- places lent across a wait ------------------------------------------------------------------

static void mark_called(const struct mir_module *m, const struct mir_function *f, bool *marks) {
    if (!f || !f->self || marks[f->index])
        return;
    marks[f->index] = true;
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t k = 0; k < f->blocks.at[b].insts.len; k++)
            if (f->blocks.at[b].insts.at[k].op == MIR_OP_CALL)
                mark_called(m, mir_find_function(m, f->blocks.at[b].insts.at[k].function), marks);
}

// Marks what runs in tasks of an actor: while these wait, others may write to its state.
static void mark_tasks(const struct mir_module *m, bool *marks) {
    for (int32_t n = 0; n < m->functions.len; n++)
        for (int32_t b = 0; b < m->functions.at[n]->blocks.len; b++) {
            const struct mir_block *block = &m->functions.at[n]->blocks.at[b];
            for (int32_t k = 0; k < block->insts.len; k++)
                if (block->insts.at[k].op == MIR_OP_TASK)
                    mark_called(m, mir_find_function(m, block->insts.at[k].function), marks);
        }
}

// And what runs for messages of reentrant actors.
static void mark_reentrant(const struct mir_module *m, bool *marks) {
    for (int32_t i = 0; i < m->actors.len; i++)
        for (int32_t k = 0; m->actors.at[i]->reentrant && k < m->actors.at[i]->messages.len; k++)
            mark_called(m, mir_find_function(m, m->actors.at[i]->messages.at[k].handler), marks);
}

// Does it, or what it calls, start a task of the actor in a scope of its own?
static bool starts_within(const struct mir_module *m, const struct mir_function *f, bool *seen) {
    if (!f || !f->self || seen[f->index])
        return false;
    seen[f->index] = true;
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t k = 0; k < f->blocks.at[b].insts.len; k++) {
            const struct mir_inst *i = &f->blocks.at[b].insts.at[k];
            bool starts = i->op == MIR_OP_TASK && i->number == MIR_TASK_ISOLATED && i->has_scope;
            if (starts ||
                (i->op == MIR_OP_CALL && starts_within(m, mir_find_function(m, i->function), seen)))
                return true;
        }
    return false;
}

static void mark_starter(struct build *b, const char *name, bool *marks) {
    const struct mir_function *f = name ? mir_find_function(b->module, name) : NULL;
    if (starts_within(b->module, f, arena_array(b->arena, bool, b->module->functions.len)))
        mark_called(b->module, f, marks);
}

// And what runs for handlers and hooks that have tasks in a scope, which run within their turn.
static void mark_scopes(struct build *b, bool *marks) {
    for (int32_t i = 0; i < b->module->actors.len; i++) {
        const struct mir_actor *a = b->module->actors.at[i];
        for (int32_t k = 0; k < a->messages.len; k++)
            mark_starter(b, a->messages.at[k].handler, marks);
        mark_starter(b, a->on_start, marks);
        mark_starter(b, a->on_stop, marks);
        mark_starter(b, a->on_shutdown, marks);
    }
}

// Is it the function, or what mir_split has made of it?
static bool is_version(const char *name, const struct mir_function *of) {
    size_t len = strlen(of->name);
    return strncmp(name, of->name, len) == 0 &&
           (!name[len] || strncmp(name + len, "$waits", 6) == 0);
}

// Does the call wait there, where others of the actor may run meanwhile?
static bool is_kept_lent(struct build *b, const struct lent *lent, const bool *in_task) {
    const struct mir_module *m = b->module;
    const struct mir_loc loc = loc_of(b, lent->span);
    for (int32_t n = 0; n < m->functions.len; n++) {
        const struct mir_function *f = m->functions.at[n];
        if (!in_task[n] || !is_version(f->name, lent->caller))
            continue;
        for (int32_t k = 0; k < f->blocks.len; k++)
            for (int32_t i = 0; i < f->blocks.at[k].insts.len; i++) {
                const struct mir_inst *in = &f->blocks.at[k].insts.at[i];
                bool is_it = lent->callee
                                 ? in->op == MIR_OP_CALL && is_version(in->function, lent->callee)
                                 : in->op == MIR_OP_APPLY;
                if (is_it && in->loc.line == loc.line && in->loc.column == loc.column &&
                    in->loc.file == loc.file && mir_inst_suspends(m, in))
                    return true;
            }
    }
    return false;
}

static void check_lent(struct build *b) {
    if (b->lent.len == 0)
        return;
    bool *in_task = arena_array(b->arena, bool, b->module->functions.len);
    mark_tasks(b->module, in_task);
    mark_reentrant(b->module, in_task);
    mark_scopes(b, in_task);
    for (int32_t i = 0; i < b->lent.len; i++) {
        const struct lent *lent = &b->lent.at[i];
        if (!is_kept_lent(b, lent, in_task))
            continue;
        struct diag *d = diag_add(b->sink, P2062, lent->span,
                                  "a place of the actor is lent while others may change it");
        diag_primary(b->sink, d, "this call waits, and other code of the actor may run meanwhile");
    }
}

// ---- futures ------------------------------------------------------------------------------------

struct span span_at(const struct build *b, struct mir_loc loc) {
    if (!loc.line || loc.file >= b->sources.len)
        return (struct span){0};
    const struct source *s = b->sources.at[loc.file];
    int32_t at = s->line_starts[loc.line - 1] + loc.column - 1;
    return (struct span){s, at, at};
}

static void say_leaves(struct build *b, struct mir_loc loc, const char *how) {
    struct diag *d =
        diag_add(b->sink, P2063, span_at(b, loc), "a future leaves the task that waits for it");
    diag_primary(b->sink, d, "%s", how);
}

static bool takes_future(const struct build *b, const struct mir_inst *i, int32_t from) {
    int32_t to = i->args.len - (i->op == MIR_OP_TASK && i->has_scope);
    for (int32_t k = from; k < to; k++)
        if (mir_type_reaches(b->module, i->args.at[k].type, MIR_FUTURE))
            return true;
    return false;
}

static void check_inst(struct build *b, const struct mir_inst *i) {
    const struct mir_function *f;
    switch (i->op) {
    case MIR_OP_SPAWN:
        if (takes_future(b, i, 0))
            say_leaves(b, i->loc, "the actor that is made here is given one");
        break;
    case MIR_OP_TELL:
    case MIR_OP_TELL_ANY:
    case MIR_OP_ASK:
    case MIR_OP_ASK_TIMEOUT:
    case MIR_OP_FORWARD:
        if (takes_future(b, i, 1))
            say_leaves(b, i->loc, "it is sent in this message");
        break;
    case MIR_OP_TASK:
        f = mir_find_function(b->module, i->function);
        if (i->number != MIR_TASK_FREE)
            break;
        if (takes_future(b, i, 0))
            say_leaves(b, i->loc, "the task that is started here takes it along");
        else if (f && mir_type_reaches(b->module, f->result, MIR_FUTURE))
            say_leaves(b, i->loc, "the task that is started here gives it back");
        break;
    default:
        break;
    }
}

static void check_results(struct build *b) {
    const struct mir_module *m = b->module;
    for (int32_t i = 0; i < m->actors.len; i++)
        for (int32_t k = 0; k < m->actors.at[i]->messages.len; k++)
            if (mir_type_reaches(m, m->actors.at[i]->messages.at[k].result, MIR_FUTURE))
                say_leaves(b, m->actors.at[i]->messages.at[k].loc, "it is this message's answer");
}

// ---- what is no turn of an actor ----------------------------------------------------------------

static void check_invariant(struct build *b, const char *name) {
    const struct mir_function *f = mir_find_function(b->module, name);
    if (!f || (!f->suspends && !f->writes))
        return;
    struct diag *d = diag_add(b->sink, P2038, span_at(b, f->loc), "an invariant only looks");
    diag_primary(b->sink, d,
                 f->suspends ? "this comes to a place where it may have to wait"
                             : "this changes the actor");
}

static void check_decision(struct build *b, const char *name) {
    const struct mir_function *f = name ? mir_find_function(b->module, name) : NULL;
    if (!f || !f->suspends)
        return;
    struct diag *d = diag_add(b->sink, P2026, span_at(b, f->loc), "waiting is not possible here");
    diag_primary(b->sink, d, "it comes to a place where it may have to wait");
    diag_note(b->sink, d, "What is decided about a failure is decided at once.");
}

// Invariants and decisions about failures are looked at between segments.
static void check_between(struct build *b) {
    for (int32_t i = 0; i < b->module->actors.len; i++) {
        const struct mir_actor *a = b->module->actors.at[i];
        check_decision(b, a->on_child_failure);
        for (int32_t k = 0; k < a->invariants.len; k++)
            check_invariant(b, a->invariants.at[k].function);
    }
}

void check_homes(struct build *b) {
    const struct mir_module *m = b->module;
    check_lent(b);
    check_between(b);
    for (int32_t n = 0; n < m->functions.len; n++)
        for (int32_t k = 0; k < m->functions.at[n]->blocks.len; k++) {
            const struct mir_block *block = &m->functions.at[n]->blocks.at[k];
            for (int32_t i = 0; i < block->insts.len; i++)
                check_inst(b, &block->insts.at[i]);
        }
    check_results(b);
}
