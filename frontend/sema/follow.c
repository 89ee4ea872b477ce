// SPDX-License-Identifier: MIT
// Which variables of a body have to be followed on its ways, and the pass that follows them: when
// all bodies are checked, since what a call changes of an actor's state is known then. Bodies
// without such variables are not gone through.
#include "frontend/sema/way.h"

// ---- copies

// Is what it gives a copy of what is in a place?
static bool is_copied(struct checker *c, const struct ast_expr *e) {
    struct sema_expr *at = info(c, e);
    if (is_place(c, e))
        return true;
    if (e->kind != EXPR_CALL || at->role != ROLE_CALL || at->call->kind != CALL_FUNCTION ||
        !at->call->receiver)
        return false;
    const struct sema_function *f = at->call->use.function;
    return f->module->is_std &&
           (f->name == W(unwrap) || f->name == W(expect) || f->name == W(clone)) &&
           is_copied(c, at->call->receiver);
}

static void note_names(struct checker *c, const struct ast_pattern *p, struct ast_expr *of) {
    switch (p->kind) {
    case PATTERN_BIND: {
        struct sema_variable *v = c->module->patterns[p->id].variable;
        if (v && v->is_mut)
            v->copied = of;
        if (p->bind.inner)
            note_names(c, p->bind.inner, of);
        break;
    }
    case PATTERN_CALL:
        for (int32_t i = 0; i < p->call.elements.len; i++)
            note_names(c, p->call.elements.at[i], of);
        break;
    case PATTERN_TUPLE:
        for (int32_t i = 0; i < p->tuple.elements.len; i++)
            note_names(c, p->tuple.elements.at[i], of);
        break;
    case PATTERN_STRUCT:
        for (int32_t i = 0; i < p->record.fields.len; i++)
            note_names(c, p->record.fields.at[i].pattern, of);
        break;
    case PATTERN_OR:
        note_names(c, p->any.alternatives.at[0], of);
        break;
    default:
        break;
    }
}

void note_copies(struct checker *c, const struct ast_pattern *p, struct ast_expr *of) {
    bool in_parts = p->kind == PATTERN_TUPLE && of->kind == EXPR_TUPLE && p->tuple.rest < 0 &&
                    p->tuple.elements.len == of->sequence.elements.len;
    for (int32_t i = 0; in_parts && i < of->sequence.elements.len; i++)
        note_copies(c, p->tuple.elements.at[i], of->sequence.elements.at[i]);
    if (!in_parts && is_copied(c, of))
        note_names(c, p, of);
}

void note_copied_param(struct checker *c, const struct ast_pattern *p, struct ast_expr *closure) {
    note_names(c, p, closure);
}

// ---- bodies

typedef VEC(struct sema_variable *) variable_list;

void flow_keep(struct checker *c) {
    struct sema_function *f = c->body->function;
    if (c->module->is_std || !f || !f->body)
        return;
    variable_list affine = {0}, aliases = {0}, copies = {0}, late = {0};
    for (int32_t i = 0; i < c->body->variables.len; i++) {
        struct sema_variable *v = c->body->variables.at[i];
        if (!type_is_copyable(c, v->type))
            vec_push(c->arena, &affine, v);
        if (v->is_alias)
            vec_push(c->arena, &aliases, v);
        if (v->copied && v->is_mutated)
            vec_push(c->arena, &copies, v);
        if (v->is_late)
            vec_push(c->arena, &late, v);
    }
    if (affine.len + aliases.len + copies.len + late.len == 0)
        return;
    struct flow_body b = {.function = f};
    LIST_OF(b.affine, affine);
    LIST_OF(b.aliases, aliases);
    LIST_OF(b.copies, copies);
    LIST_OF(b.late, late);
    vec_push(c->arena, &c->flows, b);
}

// What an actor's function changes is also what those that it calls change; what runs beside others
// calls functions that do.
static void spread(struct checker *c) {
    for (bool is_new = true; is_new;) {
        is_new = false;
        for (int32_t i = 0; i < c->calls.len; i++) {
            struct sema_function *called = c->calls.at[i].callee, *caller = c->calls.at[i].caller;
            if (!called || !caller || called->kind != FUNCTION_ACTOR ||
                called->actor != caller->actor)
                continue;
            is_new |= (called->state_writes & ~caller->state_writes) != 0 ||
                      (caller->runs_beside && !called->runs_beside);
            caller->state_writes |= called->state_writes;
            called->runs_beside |= caller->runs_beside;
        }
    }
}

static void follow(struct checker *c, const struct flow_body *b, struct ast_block *block,
                   struct ast_expr *expr, bool is_task) {
    way_closures closures = {0};
    struct way *w = way_build(c, block, expr, is_task, &closures);
    check_assigned(c, b, w);
    check_moves(c, b, w);
    check_aliases(c, b, w);
    for (int32_t i = 0; i < closures.len; i++) {
        struct ast_expr *e = closures.at[i];
        if (e->kind == EXPR_CLOSURE)
            follow(c, b, NULL, e->closure->body, is_task);
        else
            follow(c, b, e->block, NULL, true);
    }
}

void check_flows(struct checker *c) {
    if (c->flows.len)
        spread(c);
    for (int32_t i = 0; i < c->flows.len; i++) {
        struct flow_body *b = &c->flows.at[i];
        struct body body = {.function = b->function};
        c->body = &body;
        c->module = b->function->module;
        follow(c, b, b->function->body, NULL, b->function->runs_beside);
    }
    c->body = NULL;
}
