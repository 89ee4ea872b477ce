// SPDX-License-Identifier: MIT
// May the evaluation of an expression change a place that the function can see? Where it may not,
// operands and pattern bindings name places instead of copying them. "Yes" is always a safe answer.
#include "frontend/mir/build/lower.h"

static bool any_writes(struct fn *fn, struct ast_expr *const *at, int32_t count) {
    for (int32_t i = 0; i < count; i++)
        if (writes(fn, at[i]))
            return true;
    return false;
}

static bool call_writes(struct fn *fn, const struct ast_expr *e) {
    const struct sema_call *call = entry(fn, e)->call;
    if (call->receiver_mut)
        return true;
    switch (call->kind) {
    case CALL_FUNCTION:
    case CALL_TRAIT:
        if (call->use.function->is_async || call->use.function->waits)
            return true;
        break;
    case CALL_CLOSURE:
    case CALL_VARIANT:
    case CALL_STRUCT:
    case CALL_CONVERT:
    case CALL_SPAWN:
    case CALL_TELL:
    case CALL_SPAWN_CHILD:
    case CALL_SPAWN_TASK:
    case CALL_TELL_ANY:
    case CALL_ANNOUNCE:
    case CALL_SEND:
    case CALL_ASK:
    case CALL_SELF_SEND:
    case CALL_SELF_REF:
        break;
    default:
        return true;
    }
    if (call->receiver && writes(fn, call->receiver))
        return true;
    for (int32_t i = 0; i < call->args.len; i++) {
        const struct sema_arg *arg = &call->args.at[i];
        if (arg->is_mut || (arg->order >= 0 && writes(fn, arg->value)))
            return true;
    }
    return call->format || call->timeout || call->retries || call->within || call->name ||
           call->mailbox;
}

bool block_writes(struct fn *fn, const struct ast_block *b) {
    for (int32_t i = 0; i < b->stmts.len; i++) {
        const struct ast_stmt *s = &b->stmts.at[i];
        if (s->kind == STMT_EXPR && !writes(fn, s->expr))
            continue;
        if (s->kind == STMT_LET && s->let.value && !s->let.otherwise && !writes(fn, s->let.value))
            continue;
        return true;
    }
    return b->value && writes(fn, b->value);
}

static bool macro_writes(struct fn *fn, const struct ast_expr *e) {
    for (int32_t i = 0; i < e->macro.args.len; i++)
        if (writes(fn, e->macro.args.at[i].value))
            return true;
    return entry(fn, e)->macro->kind == MACRO_ASSERT_EVENTUALLY;
}

static bool match_writes(struct fn *fn, const struct ast_expr *e) {
    if (writes(fn, e->match.subject))
        return true;
    for (int32_t i = 0; i < e->match.arms.len; i++) {
        const struct ast_arm *arm = &e->match.arms.at[i];
        if ((arm->guard && writes(fn, arm->guard)) || writes(fn, arm->body))
            return true;
    }
    return false;
}

static bool literal_writes(struct fn *fn, const struct ast_expr *e) {
    for (int32_t i = 0; i < e->literal.fields.len; i++)
        if (writes(fn, e->literal.fields.at[i].value))
            return true;
    return e->literal.base && writes(fn, e->literal.base);
}

static bool condition_writes(struct fn *fn, const struct ast_condition *c) {
    for (; c; c = c->rest)
        if (writes(fn, c->value))
            return true;
    return false;
}

bool writes(struct fn *fn, const struct ast_expr *e) {
    switch (e->kind) {
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_CHAR:
    case EXPR_BOOL:
    case EXPR_SELF:
    case EXPR_NAME:
    case EXPR_CLOSURE:
    case EXPR_HOLE:
    case EXPR_CONTINUE:
        return false;
    case EXPR_MEMBER:
        if (entry(fn, e)->role == ROLE_CALL)
            return call_writes(fn, e);
        return (entry(fn, e)->role == ROLE_FIELD) && writes(fn, e->member.object);
    case EXPR_CALL:
        return entry(fn, e)->role != ROLE_CALL || call_writes(fn, e);
    case EXPR_INDEX:
        if (entry(fn, e)->role == ROLE_CALL && call_writes(fn, e))
            return true;
        return writes(fn, e->index.object) || writes(fn, e->index.index);
    case EXPR_MACRO:
        return macro_writes(fn, e);
    case EXPR_TRY:
        return writes(fn, e->operand);
    case EXPR_UNARY:
        return writes(fn, e->unary.operand);
    case EXPR_BINARY:
        return writes(fn, e->binary.left) || writes(fn, e->binary.right);
    case EXPR_RANGE:
        return (e->range.low && writes(fn, e->range.low)) ||
               (e->range.high && writes(fn, e->range.high));
    case EXPR_TUPLE:
    case EXPR_LIST:
        return any_writes(fn, e->sequence.elements.at, e->sequence.elements.len);
    case EXPR_RECORD:
        for (int32_t i = 0; i < e->record.fields.len; i++)
            if (writes(fn, e->record.fields.at[i].value))
                return true;
        return false;
    case EXPR_STRUCT:
        return literal_writes(fn, e);
    case EXPR_BLOCK:
        return block_writes(fn, e->block);
    case EXPR_IF:
        return condition_writes(fn, &e->branch.condition) || block_writes(fn, e->branch.then) ||
               (e->branch.otherwise && writes(fn, e->branch.otherwise));
    case EXPR_MATCH:
        return match_writes(fn, e);
    case EXPR_RETURN:
    case EXPR_BREAK:
        return e->jump.value && writes(fn, e->jump.value);
    default:
        return true;
    }
}
