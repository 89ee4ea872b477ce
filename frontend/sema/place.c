// SPDX-License-Identifier: MIT
// Places: what can be changed, and what a change reaches. A place is a variable, a field of the
// actor's state, a part of a place, or what a projecting method finds in one. Parameters are
// read-only unless `mut`; names bound by match, if let and while let stand for the matched place,
// and become aliases of it when they are written through; everything else that is written would be
// a copy.
#include "frontend/sema/way.h"

bool is_place(struct checker *c, const struct ast_expr *e) {
    struct sema_expr *at = info(c, e);
    switch (e->kind) {
    case EXPR_NAME:
    case EXPR_SELF:
        return at->role == ROLE_LOCAL;
    case EXPR_MEMBER:
        return at->role == ROLE_SELF_FIELD ||
               (at->role == ROLE_FIELD && is_place(c, e->member.object));
    case EXPR_INDEX:
        if (at->role == ROLE_INDEX)
            return is_place(c, e->index.object);
        return at->role == ROLE_CALL && at->call->kind == CALL_FUNCTION &&
               at->call->use.function->projection && is_place(c, e->index.object);
    case EXPR_CALL:
        return at->role == ROLE_CALL && at->call->kind == CALL_FUNCTION && at->call->receiver &&
               at->call->use.function->projection && is_place(c, at->call->receiver);
    case EXPR_UNARY:
        return e->unary.op == UNARY_PLACE && is_place(c, e->unary.operand);
    default:
        return false;
    }
}

static struct span before(struct span span) {
    return (struct span){span.source, span.start, span.start};
}

static void say_read_only(struct checker *c, struct ast_expr *e, struct sema_variable *v,
                          const char *how) {
    struct diag *d;
    switch (v->kind) {
    case VARIABLE_SELF:
        d = diag_add(c->sink, P2010, e->span, "`self` is read-only here");
        diag_primary(c->sink, d, "%s", how);
        diag_label(c->sink, d, v->span, "`mut self` lets the method change it");
        diag_fix(c->sink, d, v->span, STR("mut self"), "write `mut self`");
        break;
    case VARIABLE_PARAM:
        d = diag_add(c->sink, P2010, e->span, "the parameter `%s` is read-only", v->name);
        diag_primary(c->sink, d, "%s", how);
        diag_label(c->sink, d, v->span, "declared here without `mut`");
        diag_note(c->sink, d,
                  "`mut %s` changes the caller's own; `let mut copy = %s;` changes a "
                  "copy.",
                  v->name, v->name);
        break;
    default:
        d = diag_add(c->sink, P2010, e->span, "`%s` cannot change", v->name);
        diag_primary(c->sink, d, "%s", how);
        diag_label(c->sink, d, v->span, "declared here without `mut`");
        diag_fix(c->sink, d, before(v->span), STR("mut "), "write `mut %s`", v->name);
    }
}

static void say_copy(struct checker *c, struct ast_expr *e, const char *how, const char *why) {
    struct diag *d = diag_add(c->sink, P2011, e->span, "this changes a copy");
    diag_primary(c->sink, d, "%s, and nobody sees it", how);
    diag_note(c->sink, d, "%s", why);
}

static void mutate_variable(struct checker *c, struct ast_expr *e, struct sema_variable *v,
                            const char *how) {
    if (v->owner != c->body->closure) {
        say_copy(c, e, how,
                 "A closure has copies of what it mentions. It can give a value back, "
                 "or send a message.");
    } else if (v->is_mut) {
        v->is_mutated = true;
    } else if (!v->is_pattern || !v->subject) {
        say_read_only(c, e, v, how);
    } else if (!is_place(c, v->subject)) {
        struct diag *d = diag_add(c->sink, P2011, e->span, "this changes a copy");
        diag_primary(c->sink, d, "%s, and nobody sees it", how);
        diag_label(c->sink, d, v->subject->span, "what was matched is a value, not a place");
        diag_fix(c->sink, d, before(v->span), STR("mut "), "write `mut %s` if a copy is meant",
                 v->name);
    } else if (!v->is_mutated) {
        v->is_mutated = v->is_alias = true;
        mutate_place(c, v->subject, how);
    }
}

static void mutate_state(struct checker *c, struct ast_expr *e, const char *how) {
    bool begins = c->body->function && c->body->function->kind == FUNCTION_INIT;
    if (c->body->is_pure || begins) {
        struct diag *d = diag_add(c->sink, P2038, e->span, "%s only looks",
                                  begins ? "what a field begins with" : "an invariant");
        diag_primary(c->sink, d, "%s", how);
    }
    int32_t field = info(c, e)->index;
    uint64_t bit = (uint64_t)1 << (field < STATE_FIELDS ? field : STATE_FIELDS - 1);
    if (c->body->function)
        c->body->function->state_writes |= bit;
    for (struct sema_closure *at = c->body->closure; at; at = at->parent)
        at->state_writes |= bit;
    for (struct sema_closure *at = c->body->closure; at; at = at->parent)
        if (!at->is_async) {
            say_copy(c, e, how,
                     "A closure has a copy of the actor's state. It can give a value "
                     "back, or send a message.");
            return;
        }
}

void mutate_place(struct checker *c, struct ast_expr *e, const char *how) {
    struct sema_expr *at = info(c, e);
    if (at->type && resolve(at->type)->kind == TYPE_ERROR && at->role == ROLE_NONE)
        return;
    if (at->role == ROLE_LOCAL) {
        mutate_variable(c, e, at->variable, how);
    } else if (at->role == ROLE_SELF_FIELD) {
        mutate_state(c, e, how);
    } else if (at->role == ROLE_FIELD && e->kind == EXPR_MEMBER) {
        mutate_place(c, e->member.object, how);
    } else if (at->role == ROLE_INDEX) {
        mutate_place(c, e->index.object, how);
    } else if (e->kind == EXPR_UNARY && e->unary.op == UNARY_PLACE) {
        mutate_place(c, e->unary.operand, how);
    } else if (is_place(c, e) && at->role == ROLE_CALL) {
        at->call->is_projection = true;
        mutate_place(c, at->call->receiver, how);
    } else if (at->role == ROLE_CONST) {
        struct diag *d = diag_add(c->sink, P2010, e->span, "a constant cannot change");
        diag_primary(c->sink, d, "%s", how);
    } else if (e->kind == EXPR_CALL && how[0] == 'c') {
        return; // a method on what another call gave: its result may be all that is wanted
    } else {
        say_copy(c, e, how, "Only variables, fields and elements can change.");
    }
}

// ---- exclusive arguments ------------------------------------------------------------------------

// Through the names of parts of things, or up to such a name.
static struct root root_in(struct checker *c, const struct ast_expr *e, bool through) {
    struct sema_expr *at = info(c, e);
    struct root r = {.state = -1, .is_whole = true};
    if (at->role == ROLE_LOCAL) {
        struct sema_variable *v = at->variable;
        if (through && v->is_alias && v->subject) {
            r = root_in(c, v->subject, true);
            r.is_whole = false;
            return r;
        }
        r.variable = v;
    } else if (at->role == ROLE_SELF_FIELD) {
        r.state = at->index;
    } else if (at->role == ROLE_FIELD && e->kind == EXPR_MEMBER) {
        r = root_in(c, e->member.object, through);
        if (r.is_whole && r.depth < ROOT_FIELDS)
            r.fields[r.depth++] = at->index;
        else
            r.is_whole = false;
    } else if (e->kind == EXPR_INDEX) {
        r = root_in(c, e->index.object, through);
        r.is_whole = false;
    } else if (e->kind == EXPR_UNARY) {
        r = root_in(c, e->unary.operand, through);
    } else if (at->role == ROLE_CALL && at->call->receiver) {
        r = root_in(c, at->call->receiver, through);
        r.is_whole = false;
    }
    return r;
}

static struct root root_of(struct checker *c, const struct ast_expr *e) {
    return root_in(c, e, true);
}

struct root place_root(struct checker *c, const struct ast_expr *e) {
    return root_in(c, e, false);
}

bool roots_overlap(struct root a, struct root b) {
    if (!a.variable && a.state < 0)
        return false;
    if (a.variable != b.variable || a.state != b.state)
        return false;
    for (int32_t i = 0; i < a.depth && i < b.depth; i++)
        if (a.fields[i] != b.fields[i])
            return false;
    return true;
}

static bool places_overlap(struct checker *c, const struct ast_expr *x, const struct ast_expr *y) {
    struct root a = root_in(c, x, false), b = root_in(c, y, false);
    if (a.variable && a.variable == b.variable)
        return roots_overlap(a, b);
    return roots_overlap(root_of(c, x), root_of(c, y));
}

void check_exclusive(struct checker *c, struct sema_call *call) {
    VEC(struct ast_expr *) places = {0};
    if (call->receiver && call->receiver_mut)
        vec_push(c->arena, &places, call->receiver);
    for (int32_t i = 0; i < call->args.len; i++)
        if (call->args.at[i].is_mut && call->args.at[i].value)
            vec_push(c->arena, &places, call->args.at[i].value);
    for (int32_t i = 0; i < places.len && call->kind == CALL_ACTOR; i++)
        if (root_of(c, places.at[i]).state >= 0) {
            struct diag *d = diag_add(c->sink, P2036, places.at[i]->span,
                                      "the same place is given twice to be changed");
            diag_primary(c->sink, d, "`%s` has all of `self` already", call->use.function->name);
            return;
        }
    for (int32_t i = 0; i < places.len; i++)
        for (int32_t k = 0; k < i; k++) {
            if (!places_overlap(c, places.at[i], places.at[k]))
                continue;
            struct diag *d = diag_add(c->sink, P2036, places.at[i]->span,
                                      "the same place is given twice to be changed");
            diag_primary(c->sink, d, "given again here");
            diag_label(c->sink, d, places.at[k]->span, "given here first");
            return;
        }
}
