// SPDX-License-Identifier: MIT
// Constants of types and of traits: `impl Square { const CORNERS: i64 = 4; }`. Which one is meant
// may depend on a type parameter, so what stands behind such a name is a function without
// parameters, which is called where the name stands. It is found, asked for and checked as
// functions of impls and traits are.
#include "frontend/sema/check.h"

struct sema_function *declare_typed_const(struct checker *c, struct namespace *n,
                                          struct ast_item *item, enum function_kind kind,
                                          const char *owner) {
    struct ast_item *made = arena_new(c->arena, struct ast_item);
    struct ast_function *f = arena_new(c->arena, struct ast_function);
    made->kind = ITEM_FUNCTION;
    made->span = item->span;
    made->name = item->name;
    made->function = f;
    f->self_binding = -1;
    f->result = item->constant->type;
    if (item->constant->value) {
        f->body = arena_new(c->arena, struct ast_block);
        f->body->span = item->constant->value->span;
        f->body->value = item->constant->value;
    }
    if (!f->result) {
        struct span span = ast_name_span(item->span, item->name);
        struct diag *d =
            diag_add(c->sink, P2009, span, "the constant `%s` needs its type", item->name.text);
        diag_primary(c->sink, d, "such as `%s: i64`", item->name.text);
    }
    struct sema_function *out = function_new(c, made, n, kind, owner);
    out->is_constant = true;
    if (!f->result)
        out->result = c->t_error;
    return out;
}

struct type *typed_const(struct checker *c, struct ast_expr *e, struct method *m, struct type *t,
                         const struct sema_trait_ref *bound) {
    const struct ast_name name = e->member.name;
    if (m->next)
        m = method_chosen(c, m, t);
    struct sema_call *call = arena_new(c->arena, struct sema_call);
    call->kind = m->function->kind == FUNCTION_TRAIT ? CALL_TRAIT : CALL_FUNCTION;
    call->use = instantiate(c, m->function, e->member.type_args, ast_name_span(e->span, name));
    info(c, e)->role = ROLE_CALL;
    info(c, e)->call = call;
    if (m->function->self_type && !unify(c, use_type(c, &call->use, m->function->self_type), t))
        say_no_member(c, t, name, e->span);
    for (int32_t i = 0; bound && i < bound->args.len; i++)
        unify(c, call->use.type_args.at[i + 1], bound->args.at[i]);
    settle_equals(c, call->use.asked);
    return use_type(c, &call->use, m->function->result);
}

// ---- circles ------------------------------------------------------------------------------------

struct search {
    struct checker *c;
    const struct sema_function *from;
    struct pointer_map seen;
};

// Does what stands behind the one name ask for what stands behind the other?
static bool leads_to(struct search *s, const struct sema_function *f) {
    if (pointer_map_get(&s->seen, f))
        return false;
    pointer_map_put(s->c->arena, &s->seen, f, (void *)f);
    for (int32_t i = 0; i < s->c->calls.len; i++) {
        const struct call_edge *edge = &s->c->calls.at[i];
        bool is_told = edge->caller->kind == FUNCTION_TRAIT && edge->callee &&
                       edge->callee->impl; // which one depends on the type
        if (edge->caller != f || !edge->callee || !edge->callee->is_constant || is_told)
            continue;
        if (edge->callee == s->from || leads_to(s, edge->callee))
            return true;
    }
    return false;
}

void check_typed_consts(struct checker *c) {
    for (int32_t i = 0; i < c->functions.len; i++) {
        struct sema_function *f = c->functions.at[i];
        struct search s = {.c = c, .from = f};
        if (!f->is_constant || !f->body || !leads_to(&s, f))
            continue;
        struct diag *d =
            diag_add(c->sink, P2041, f->span, "the constant `%s` is defined by itself", f->name);
        diag_primary(c->sink, d, "following it never comes to an end");
    }
}
