// SPDX-License-Identifier: MIT
// ast_check: what must hold of any tree, whatever the text was: children lie within their parents
// and in the order of the text, ids are below their count and belong to one node each, nothing is
// NULL that may not be. `say` is called with what does not hold.
#ifndef PRISM_TESTS_AST_CHECK_H
#define PRISM_TESTS_AST_CHECK_H

#include "frontend/syntax/syntax.h"

#include <stdlib.h>

struct ast_check {
    const struct module_ast *module;
    void (*say)(const char *what);
    unsigned char *exprs, *patterns, *types, *bindings, *items; // by id: seen
};

static void check_block(struct ast_check *c, const struct ast_block *block, struct span around);
static void check_expr(struct ast_check *c, const struct ast_expr *e, struct span around);
static void check_item(struct ast_check *c, const struct ast_item *item, struct span around);

static void check_span(struct ast_check *c, struct span span, struct span around) {
    if (span.source != c->module->source)
        c->say("a span of another source");
    else if (span.start > span.end)
        c->say("a span that ends before it begins");
    else if (span.start < around.start || span.end > around.end)
        c->say("a node that is not within its parent");
}

static void check_name(struct ast_check *c, struct ast_name name, struct span around) {
    check_span(c, ast_name_span(around, name), around);
}

static void check_id(struct ast_check *c, unsigned char *seen, int32_t id, int32_t count) {
    if (id < 0 || id >= count)
        c->say("an id beyond the count");
    else if (seen[id]++)
        c->say("two nodes with one id");
}

static void check_binding(struct ast_check *c, const struct ast_binding *b, struct span around) {
    check_id(c, c->bindings, b->id, c->module->binding_count);
    check_name(c, b->name, around);
}

static void check_path(struct ast_check *c, const struct ast_path *path, struct span around) {
    if (!path->names.len)
        c->say("a path without names");
    check_span(c, path->span, around);
    for (int32_t i = 0; i < path->names.len; i++)
        check_name(c, path->names.at[i], path->span);
}

// ---- types and clauses --------------------------------------------------------------------------

static void check_clauses(struct ast_check *c, const struct ast_clauses *clauses,
                          struct span around);

static void check_type(struct ast_check *c, const struct ast_type_expr *t, struct span around) {
    check_id(c, c->types, t->id, c->module->type_count);
    check_span(c, t->span, around);
    switch (t->kind) {
    case TYPE_EXPR_ERROR:
    case TYPE_EXPR_INFER:
        return;
    case TYPE_EXPR_PATH:
        for (int32_t i = 0; i < t->path.segments.len; i++) {
            const struct ast_type_args *args = t->path.segments.at[i].args;
            check_name(c, t->path.segments.at[i].name, t->span);
            for (int32_t k = 0; args && k < args->args.len; k++)
                check_type(c, args->args.at[k].type, args->span);
        }
        return;
    case TYPE_EXPR_TUPLE:
        for (int32_t i = 0; i < t->tuple.elements.len; i++)
            check_type(c, t->tuple.elements.at[i], t->span);
        return;
    case TYPE_EXPR_MUT:
        check_type(c, t->mutable, t->span);
        return;
    case TYPE_EXPR_FUNCTION:
        for (int32_t i = 0; i < t->function.params.len; i++)
            check_type(c, t->function.params.at[i], t->span);
        check_type(c, t->function.result, t->span);
        if (t->function.clauses)
            check_clauses(c, t->function.clauses, t->span);
        return;
    }
    c->say("a type of no kind");
}

static void check_abilities(struct ast_check *c, const struct ast_ability *at, int32_t len,
                            struct span around) {
    for (int32_t i = 0; i < len; i++) {
        check_span(c, at[i].span, around);
        check_path(c, &at[i].path, at[i].span);
        for (int32_t k = 0; k < at[i].args.len; k++)
            check_expr(c, at[i].args.at[k], at[i].span);
    }
}

static void check_clauses(struct ast_check *c, const struct ast_clauses *clauses,
                          struct span around) {
    check_abilities(c, clauses->effects.at, clauses->effects.len, around);
    check_abilities(c, clauses->capabilities.at, clauses->capabilities.len, around);
    for (int32_t i = 0; i < clauses->wheres.len; i++) {
        const struct ast_where *w = &clauses->wheres.at[i];
        check_span(c, w->span, around);
        check_type(c, w->subject, w->span);
        for (int32_t k = 0; k < w->bounds.len; k++)
            check_type(c, w->bounds.at[k], w->span);
    }
}

static void check_generics(struct ast_check *c, const struct ast_generics *generics,
                           struct span around) {
    for (int32_t i = 0; i < generics->params.len; i++) {
        check_span(c, generics->params.at[i].span, around);
        for (int32_t k = 0; k < generics->params.at[i].bounds.len; k++)
            check_type(c, generics->params.at[i].bounds.at[k], generics->params.at[i].span);
    }
}

// ---- patterns -----------------------------------------------------------------------------------

static void check_pattern(struct ast_check *c, const struct ast_pattern *p, struct span around) {
    check_id(c, c->patterns, p->id, c->module->pattern_count);
    check_span(c, p->span, around);
    switch (p->kind) {
    case PATTERN_ERROR:
    case PATTERN_WILDCARD:
        return;
    case PATTERN_BIND:
        check_binding(c, &p->bind.binding, p->span);
        if (p->bind.inner)
            check_pattern(c, p->bind.inner, p->span);
        return;
    case PATTERN_PATH:
        check_path(c, &p->path, p->span);
        return;
    case PATTERN_CALL:
        check_path(c, &p->call.path, p->span);
        for (int32_t i = 0; i < p->call.elements.len; i++)
            check_pattern(c, p->call.elements.at[i], p->span);
        return;
    case PATTERN_STRUCT:
        check_path(c, &p->record.path, p->span);
        for (int32_t i = 0; i < p->record.fields.len; i++)
            check_pattern(c, p->record.fields.at[i].pattern, p->record.fields.at[i].span);
        return;
    case PATTERN_TUPLE:
        for (int32_t i = 0; i < p->tuple.elements.len; i++)
            check_pattern(c, p->tuple.elements.at[i], p->span);
        return;
    case PATTERN_LITERAL:
        check_expr(c, p->literal, p->span);
        return;
    case PATTERN_RANGE:
        if (!p->range.low && !p->range.high)
            c->say("a range pattern without ends");
        if (p->range.low)
            check_expr(c, p->range.low, p->span);
        if (p->range.high)
            check_expr(c, p->range.high, p->span);
        return;
    case PATTERN_OR:
        if (p->any.alternatives.len < 2)
            c->say("one alternative");
        for (int32_t i = 0; i < p->any.alternatives.len; i++)
            check_pattern(c, p->any.alternatives.at[i], p->span);
        return;
    }
    c->say("a pattern of no kind");
}

// ---- expressions --------------------------------------------------------------------------------

static void check_all(struct ast_check *c, struct ast_expr *const *at, int32_t len,
                      struct span around) {
    for (int32_t i = 0; i < len; i++) {
        check_expr(c, at[i], around);
        if (i && at[i - 1]->span.end > at[i]->span.start)
            c->say("expressions that overlap");
    }
}

static void check_args(struct ast_check *c, const struct ast_arg *at, int32_t len,
                       struct span around) {
    for (int32_t i = 0; i < len; i++)
        check_expr(c, at[i].value, around);
}

static void check_condition(struct ast_check *c, const struct ast_condition *condition,
                            struct span around) {
    if (condition->pattern)
        check_pattern(c, condition->pattern, around);
    check_expr(c, condition->value, around);
}

static void check_maybe(struct ast_check *c, const struct ast_expr *e, struct span around) {
    if (e)
        check_expr(c, e, around);
}

static void check_async_with(struct ast_check *c, const struct ast_async_with *with,
                             struct span around) {
    check_expr(c, with->resource, around);
    if (with->binding)
        check_binding(c, with->binding, around);
    check_block(c, with->body, around);
    for (int32_t i = 0; i < with->catches.len; i++) {
        const struct ast_catch *k = &with->catches.at[i];
        check_span(c, k->span, around);
        if (k->pattern)
            check_pattern(c, k->pattern, k->span);
        else if (!k->is_boundary)
            c->say("a catch without a pattern");
        check_maybe(c, k->guard, k->span);
        check_block(c, k->body, k->span);
    }
}

static void check_params(struct ast_check *c, const struct ast_closure_param *at, int32_t len,
                         struct span around) {
    for (int32_t i = 0; i < len; i++) {
        check_pattern(c, at[i].pattern, around);
        if (at[i].type)
            check_type(c, at[i].type, around);
    }
}

static void check_control(struct ast_check *c, const struct ast_expr *e) {
    struct span s = e->span;
    switch (e->kind) {
    case EXPR_IF:
        check_condition(c, &e->branch.condition, s);
        check_block(c, e->branch.then, s);
        check_maybe(c, e->branch.otherwise, s);
        return;
    case EXPR_MATCH:
        check_expr(c, e->match.subject, s);
        for (int32_t i = 0; i < e->match.arms.len; i++) {
            const struct ast_arm *arm = &e->match.arms.at[i];
            check_span(c, arm->span, s);
            check_pattern(c, arm->pattern, arm->span);
            check_maybe(c, arm->guard, arm->span);
            check_expr(c, arm->body, arm->span);
        }
        return;
    case EXPR_WHILE:
        check_condition(c, &e->while_loop.condition, s);
        check_block(c, e->while_loop.body, s);
        return;
    case EXPR_LOOP:
        check_block(c, e->loop.body, s);
        return;
    case EXPR_FOR:
        check_pattern(c, e->for_loop.pattern, s);
        check_expr(c, e->for_loop.iterable, s);
        check_block(c, e->for_loop.body, s);
        return;
    case EXPR_BLOCK:
    case EXPR_ASYNC:
        check_block(c, e->block, s);
        return;
    case EXPR_ASYNC_WITH:
        check_async_with(c, e->async_with, s);
        return;
    case EXPR_SELECT:
        for (int32_t i = 0; i < e->select.arms.len; i++) {
            const struct ast_select_arm *arm = &e->select.arms.at[i];
            if (!arm->pattern != !arm->operation)
                c->say("half of an arm");
            if (arm->pattern)
                check_pattern(c, arm->pattern, arm->span);
            check_maybe(c, arm->operation, arm->span);
            check_maybe(c, arm->guard, arm->span);
            check_expr(c, arm->body, arm->span);
        }
        return;
    case EXPR_RETURN:
    case EXPR_BREAK:
    case EXPR_CONTINUE:
        check_maybe(c, e->jump.value, s);
        return;
    default:
        c->say("an expression of no kind");
    }
}

static void check_compound(struct ast_check *c, const struct ast_expr *e) {
    struct span s = e->span;
    switch (e->kind) {
    case EXPR_TUPLE:
    case EXPR_LIST:
        check_all(c, e->sequence.elements.at, e->sequence.elements.len, s);
        return;
    case EXPR_RECORD:
        for (int32_t i = 0; i < e->record.fields.len; i++) {
            check_path(c, &e->record.fields.at[i].key, e->record.fields.at[i].span);
            check_expr(c, e->record.fields.at[i].value, e->record.fields.at[i].span);
        }
        return;
    case EXPR_STRUCT:
        check_type(c, e->literal.type, s);
        for (int32_t i = 0; i < e->literal.fields.len; i++)
            check_expr(c, e->literal.fields.at[i].value, e->literal.fields.at[i].span);
        check_maybe(c, e->literal.base, s);
        return;
    case EXPR_CLOSURE:
        check_params(c, e->closure->params.at, e->closure->params.len, s);
        if (e->closure->result)
            check_type(c, e->closure->result, s);
        check_expr(c, e->closure->body, s);
        return;
    default:
        check_control(c, e);
    }
}

static void check_expr(struct ast_check *c, const struct ast_expr *e, struct span around) {
    struct span s = e->span;
    check_id(c, c->exprs, e->id, c->module->expr_count);
    check_span(c, s, around);
    switch (e->kind) {
    case EXPR_ERROR:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_CHAR:
    case EXPR_BOOL:
    case EXPR_HOLE:
    case EXPR_SELF:
    case EXPR_NAME:
        return;
    case EXPR_MEMBER:
        check_expr(c, e->member.object, s);
        check_name(c, e->member.name, s);
        return;
    case EXPR_CALL:
        check_expr(c, e->call.callee, s);
        check_args(c, e->call.args.at, e->call.args.len, s);
        return;
    case EXPR_INDEX:
        check_expr(c, e->index.object, s);
        check_expr(c, e->index.index, s);
        return;
    case EXPR_MACRO:
        check_args(c, e->macro.args.at, e->macro.args.len, s);
        return;
    case EXPR_TRY:
    case EXPR_AWAIT:
        check_expr(c, e->operand, s);
        return;
    case EXPR_DECLARED:
        check_expr(c, e->declared.operand, s);
        check_clauses(c, e->declared.clauses, s);
        return;
    case EXPR_UNARY:
        check_expr(c, e->unary.operand, s);
        return;
    case EXPR_BINARY:
        check_all(c, (struct ast_expr *const[]){e->binary.left, e->binary.right}, 2, s);
        return;
    case EXPR_RANGE:
        check_maybe(c, e->range.low, s);
        check_maybe(c, e->range.high, s);
        return;
    case EXPR_ASSIGN:
        check_all(c, (struct ast_expr *const[]){e->assign.target, e->assign.value}, 2, s);
        return;
    default:
        check_compound(c, e);
    }
}

// ---- statements ---------------------------------------------------------------------------------

static void check_stmt(struct ast_check *c, const struct ast_stmt *stmt, struct span around) {
    check_span(c, stmt->span, around);
    switch (stmt->kind) {
    case STMT_LET:
        check_pattern(c, stmt->let.pattern, stmt->span);
        if (stmt->let.type)
            check_type(c, stmt->let.type, stmt->span);
        check_maybe(c, stmt->let.value, stmt->span);
        if (stmt->let.otherwise)
            check_block(c, stmt->let.otherwise, stmt->span);
        return;
    case STMT_EXPR:
    case STMT_DEFER:
        check_expr(c, stmt->expr, stmt->span);
        return;
    case STMT_BIND:
        check_path(c, &stmt->bind.service, stmt->span);
        check_expr(c, stmt->bind.provider, stmt->span);
        return;
    }
    c->say("a statement of no kind");
}

static void check_block(struct ast_check *c, const struct ast_block *block, struct span around) {
    check_span(c, block->span, around);
    for (int32_t i = 0; i < block->stmts.len; i++) {
        check_stmt(c, &block->stmts.at[i], block->span);
        if (i && block->stmts.at[i - 1].span.end > block->stmts.at[i].span.start)
            c->say("statements that overlap");
    }
    check_maybe(c, block->value, block->span);
}

// ---- items --------------------------------------------------------------------------------------

static void check_items(struct ast_check *c, struct ast_item *const *at, int32_t len,
                        struct span around) {
    for (int32_t i = 0; i < len; i++) {
        check_item(c, at[i], around);
        if (i && at[i - 1]->span.end > at[i]->span.start)
            c->say("items that overlap");
    }
}

static void check_ast_params(struct ast_check *c, const struct ast_param *at, int32_t len,
                             struct span around) {
    for (int32_t i = 0; i < len; i++) {
        check_span(c, at[i].span, around);
        check_binding(c, &at[i].binding, at[i].span);
        check_type(c, at[i].type, at[i].span);
        check_maybe(c, at[i].default_value, at[i].span);
    }
}

static void check_function(struct ast_check *c, const struct ast_function *f, struct span around) {
    check_generics(c, &f->generics, around);
    if ((f->self != SELF_NONE) != (f->self_binding >= 0))
        c->say("a self without a binding");
    if (f->self_binding >= 0)
        check_id(c, c->bindings, f->self_binding, c->module->binding_count);
    check_ast_params(c, f->params.at, f->params.len, around);
    if (f->result)
        check_type(c, f->result, around);
    check_clauses(c, &f->clauses, around);
    if (f->body)
        check_block(c, f->body, around);
}

static void check_fields(struct ast_check *c, const struct ast_field *at, int32_t len,
                         struct span around) {
    for (int32_t i = 0; i < len; i++) {
        check_span(c, at[i].span, around);
        check_type(c, at[i].type, at[i].span);
        check_maybe(c, at[i].value, at[i].span);
    }
}

static void check_types(struct ast_check *c, struct ast_type_expr *const *at, int32_t len,
                        struct span around) {
    for (int32_t i = 0; i < len; i++)
        check_type(c, at[i], around);
}

static void check_data(struct ast_check *c, const struct ast_item *item) {
    struct span s = item->span;
    switch (item->kind) {
    case ITEM_CONST:
        if (item->constant->type)
            check_type(c, item->constant->type, s);
        check_maybe(c, item->constant->value, s);
        return;
    case ITEM_STRUCT:
        check_generics(c, &item->structure->generics, s);
        check_clauses(c, &item->structure->clauses, s);
        check_fields(c, item->structure->fields.at, item->structure->fields.len, s);
        return;
    case ITEM_ENUM:
        check_generics(c, &item->enumeration->generics, s);
        check_clauses(c, &item->enumeration->clauses, s);
        for (int32_t i = 0; i < item->enumeration->variants.len; i++) {
            const struct ast_variant *v = &item->enumeration->variants.at[i];
            check_span(c, v->span, s);
            check_fields(c, v->fields.at, v->fields.len, v->span);
        }
        return;
    case ITEM_TYPE:
        check_generics(c, &item->type->generics, s);
        check_types(c, item->type->bounds.at, item->type->bounds.len, s);
        if (item->type->target)
            check_type(c, item->type->target, s);
        return;
    case ITEM_TRAIT:
        check_generics(c, &item->trait->generics, s);
        check_types(c, item->trait->parents.at, item->trait->parents.len, s);
        check_items(c, item->trait->members.at, item->trait->members.len, s);
        return;
    case ITEM_IMPL:
        check_generics(c, &item->impl->generics, s);
        if (item->impl->trait)
            check_type(c, item->impl->trait, s);
        check_type(c, item->impl->subject, s);
        check_items(c, item->impl->members.at, item->impl->members.len, s);
        return;
    default:
        return; // imports, services and what else holds nothing that is not checked elsewhere
    }
}

static void check_actor_world(struct ast_check *c, const struct ast_item *item) {
    struct span s = item->span;
    switch (item->kind) {
    case ITEM_ACTOR:
        check_generics(c, &item->actor->generics, s);
        check_clauses(c, &item->actor->clauses, s);
        check_maybe(c, item->actor->strategy, s);
        check_items(c, item->actor->members.at, item->actor->members.len, s);
        return;
    case ITEM_MONITOR:
        check_items(c, item->monitor->members.at, item->monitor->members.len, s);
        return;
    case ITEM_SERVICE:
        check_clauses(c, &item->service->clauses, s);
        check_items(c, item->service->members.at, item->service->members.len, s);
        return;
    case ITEM_EXTERN:
        check_items(c, item->foreign->members.at, item->foreign->members.len, s);
        return;
    case ITEM_FIELD:
        check_fields(c, item->field, 1, s);
        return;
    case ITEM_INVARIANT:
        check_expr(c, item->invariant, s);
        return;
    case ITEM_MAILBOX:
        check_expr(c, item->mailbox->capacity, s);
        return;
    case ITEM_CHILDREN:
        for (int32_t i = 0; i < item->children->children.len; i++)
            check_expr(c, item->children->children.at[i].recipe,
                       item->children->children.at[i].span);
        return;
    case ITEM_STATE:
        for (int32_t i = 0; i < item->state->handlers.len; i++) {
            const struct ast_state_handler *h = &item->state->handlers.at[i];
            check_path(c, &h->event, h->span);
            for (int32_t k = 0; h->args && k < h->args->args.len; k++)
                check_type(c, h->args->args.at[k].type, h->args->span);
            check_params(c, h->params.at, h->params.len, h->span);
            check_maybe(c, h->guard, h->span);
            if (h->body)
                check_block(c, h->body, h->span);
        }
        return;
    default:
        check_data(c, item);
    }
}

static void check_item(struct ast_check *c, const struct ast_item *item, struct span around) {
    check_id(c, c->items, item->id, c->module->item_count);
    check_span(c, item->span, around);
    if (item->name.text)
        check_name(c, item->name, item->span);
    switch (item->kind) {
    case ITEM_MODULE:
    case ITEM_SECTION:
        check_items(c, item->module->items.at, item->module->items.len, item->span);
        return;
    case ITEM_FUNCTION:
    case ITEM_MESSAGE:
    case ITEM_HOOK:
    case ITEM_TEST:
    case ITEM_PROPERTY:
    case ITEM_CHAOS_TEST:
        check_function(c, item->function, item->span);
        return;
    default:
        check_actor_world(c, item);
    }
}

static void check_module(const struct module_ast *module, void (*say)(const char *what)) {
    struct ast_check c = {.module = module, .say = say};
    struct span all = {module->source, 0, (int32_t)module->source->text.len};
    struct arena seen = {0};
    c.exprs = arena_alloc(&seen, (size_t)module->expr_count + 1);
    c.patterns = arena_alloc(&seen, (size_t)module->pattern_count + 1);
    c.types = arena_alloc(&seen, (size_t)module->type_count + 1);
    c.bindings = arena_alloc(&seen, (size_t)module->binding_count + 1);
    c.items = arena_alloc(&seen, (size_t)module->item_count + 1);
    check_items(&c, module->items.at, module->items.len, all);
    arena_free(&seen);
}

#endif
