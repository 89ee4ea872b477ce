// SPDX-License-Identifier: MIT
// Visiting all expressions below one, the nested closures' too, itself first.
#include "frontend/mir/build/lower.h"

struct walk {
    void (*visit)(struct ast_expr *, void *);
    void *context;
};

static void walk(const struct walk *w, struct ast_expr *e);

static void walk_block(const struct walk *w, struct ast_block *b) {
    for (int32_t i = 0; i < b->stmts.len; i++) {
        struct ast_stmt *s = &b->stmts.at[i];
        switch (s->kind) {
        case STMT_LET:
            walk(w, s->let.value);
            if (s->let.otherwise)
                walk_block(w, s->let.otherwise);
            break;
        case STMT_BIND:
            walk(w, s->bind.provider);
            break;
        default:
            walk(w, s->expr);
        }
    }
    walk(w, b->value);
}

static void walk_args(const struct walk *w, const struct ast_arg *at, int32_t count) {
    for (int32_t i = 0; i < count; i++)
        walk(w, at[i].value);
}

static void walk_with(const struct walk *w, struct ast_async_with *with) {
    walk(w, with->resource);
    walk_block(w, with->body);
    for (int32_t i = 0; i < with->catches.len; i++) {
        walk(w, with->catches.at[i].guard);
        walk_block(w, with->catches.at[i].body);
    }
}

static void walk_condition(const struct walk *w, const struct ast_condition *c) {
    for (; c; c = c->rest)
        walk(w, c->value);
}

static void walk_control(const struct walk *w, struct ast_expr *e) {
    switch (e->kind) {
    case EXPR_CLOSURE:
        walk(w, e->closure->body);
        break;
    case EXPR_BLOCK:
    case EXPR_ASYNC:
        walk_block(w, e->block);
        break;
    case EXPR_IF:
        walk_condition(w, &e->branch.condition);
        walk_block(w, e->branch.then);
        walk(w, e->branch.otherwise);
        break;
    case EXPR_MATCH:
        walk(w, e->match.subject);
        for (int32_t i = 0; i < e->match.arms.len; i++) {
            walk(w, e->match.arms.at[i].guard);
            walk(w, e->match.arms.at[i].body);
        }
        break;
    case EXPR_SELECT:
        for (int32_t i = 0; i < e->select.arms.len; i++) {
            walk(w, e->select.arms.at[i].operation);
            walk(w, e->select.arms.at[i].guard);
            walk(w, e->select.arms.at[i].body);
        }
        break;
    case EXPR_WHILE:
        walk_condition(w, &e->while_loop.condition);
        walk_block(w, e->while_loop.body);
        break;
    case EXPR_LOOP:
        walk_block(w, e->loop.body);
        break;
    case EXPR_FOR:
        walk(w, e->for_loop.iterable);
        walk_block(w, e->for_loop.body);
        break;
    case EXPR_ASYNC_WITH:
        walk_with(w, e->async_with);
        break;
    case EXPR_RETURN:
    case EXPR_BREAK:
        walk(w, e->jump.value);
        break;
    default:
        break;
    }
}

static void walk(const struct walk *w, struct ast_expr *e) {
    if (!e)
        return;
    w->visit(e, w->context);
    switch (e->kind) {
    case EXPR_MEMBER:
        walk(w, e->member.object);
        break;
    case EXPR_CALL:
        walk(w, e->call.callee);
        walk_args(w, e->call.args.at, e->call.args.len);
        break;
    case EXPR_INDEX:
        walk(w, e->index.object);
        walk(w, e->index.index);
        break;
    case EXPR_MACRO:
        walk_args(w, e->macro.args.at, e->macro.args.len);
        break;
    case EXPR_TRY:
    case EXPR_AWAIT:
        walk(w, e->operand);
        break;
    case EXPR_DECLARED:
        walk(w, e->declared.operand);
        break;
    case EXPR_UNARY:
        walk(w, e->unary.operand);
        break;
    case EXPR_BINARY:
        walk(w, e->binary.left);
        walk(w, e->binary.right);
        break;
    case EXPR_RANGE:
        walk(w, e->range.low);
        walk(w, e->range.high);
        break;
    case EXPR_ASSIGN:
        walk(w, e->assign.target);
        walk(w, e->assign.value);
        break;
    case EXPR_TUPLE:
    case EXPR_LIST:
        for (int32_t i = 0; i < e->sequence.elements.len; i++)
            walk(w, e->sequence.elements.at[i]);
        break;
    case EXPR_RECORD:
        for (int32_t i = 0; i < e->record.fields.len; i++)
            walk(w, e->record.fields.at[i].value);
        break;
    case EXPR_STRUCT:
        for (int32_t i = 0; i < e->literal.fields.len; i++)
            walk(w, e->literal.fields.at[i].value);
        walk(w, e->literal.base);
        break;
    default:
        walk_control(w, e);
    }
}

void each_expr(struct ast_expr *e, void (*visit)(struct ast_expr *, void *), void *context) {
    walk(&(struct walk){visit, context}, e);
}
