// SPDX-License-Identifier: MIT
// Replies and futures stand for one answer: they are handed on, never copied. This walks a body in
// the order in which it runs and follows which variables that hold one have been given away. Where
// ways meet, a variable is gone if it is gone on one of them; loops are walked twice, so that what
// is given away in one round is missed in the next. Bodies without such variables are not walked at
// all.
#include "frontend/sema/check.h"

#define AFFINE_MAX 64 // variables of a body that are followed

struct flow {
    struct span gone[AFFINE_MAX]; // where it was given away; source is NULL while it is here
    bool is_dead;                 // nothing comes here
};

struct walk {
    struct checker *c;
    struct sema_variable *at[AFFINE_MAX];
    int32_t count;
    struct flow now;
    struct sema_closure *closure; // being walked
    bool told[AFFINE_MAX];
};

static void visit(struct walk *w, struct ast_expr *e);
static void visit_block(struct walk *w, struct ast_block *b);

// ---- which types
// ------------------------------------------------------------------------------------

static bool is_affine(struct checker *c, struct type *t, int depth) {
    t = resolve(t);
    if (t->kind == TYPE_REPLY || t->kind == TYPE_FUTURE)
        return true;
    if (depth == 0 || t->kind == TYPE_FN || t->kind == TYPE_REF)
        return false;
    for (int32_t i = 0; i < t->arg_count; i++)
        if (is_affine(c, t->args[i], depth - 1))
            return true;
    if (t->kind == TYPE_STRUCT && !t->structure->module->is_std)
        for (int32_t i = 0; i < t->structure->fields.len; i++)
            if (is_affine(c, sema_field_type(c->prog, t, -1, i), depth - 1))
                return true;
    if (t->kind == TYPE_ENUM && !t->enumeration->module->is_std)
        for (int32_t v = 0; v < t->enumeration->variants.len; v++)
            for (int32_t i = 0; i < t->enumeration->variants.at[v].fields.len; i++)
                if (is_affine(c, sema_field_type(c->prog, t, v, i), depth - 1))
                    return true;
    return false;
}

bool type_is_copyable(struct checker *c, struct type *t) {
    return !is_affine(c, t, 4);
}

static bool affine(struct walk *w, const struct ast_expr *e) {
    struct type *t = info(w->c, e)->type;
    return t && is_affine(w->c, t, 4);
}

// ---- states
// -------------------------------------------------------------------------------------------

static void merge(struct walk *w, const struct flow *other) {
    if (other->is_dead)
        return;
    if (w->now.is_dead) {
        w->now = *other;
        return;
    }
    for (int32_t i = 0; i < w->count; i++)
        if (other->gone[i].source && !w->now.gone[i].source)
            w->now.gone[i] = other->gone[i];
}

static int32_t index_of(const struct walk *w, const struct sema_variable *v) {
    for (int32_t i = 0; i < w->count; i++)
        if (w->at[i] == v)
            return i;
    return -1;
}

static const char *kind_word(struct type *t) {
    t = resolve(t);
    return t->kind == TYPE_REPLY ? "reply" : t->kind == TYPE_FUTURE ? "future" : "value";
}

static void say_gone(struct walk *w, int32_t i, struct span span) {
    struct sema_variable *v = w->at[i];
    if (w->told[i])
        return;
    w->told[i] = true;
    struct span before = w->now.gone[i];
    bool same = before.start == span.start && before.source == span.source;
    struct diag *d = diag_add(w->c->sink, P2024, span, "`%s` was given away before", v->name);
    diag_primary(w->c->sink, d,
                 same ? "given away here, in an earlier round of the loop" : "used again here");
    if (!same)
        diag_label(w->c->sink, d, before, "given away here");
    diag_note(w->c->sink, d, "A %s stands for one answer: it can be handed on, not copied.",
              kind_word(v->type));
}

static void use_variable(struct walk *w, struct sema_variable *v, struct span span, bool gives) {
    int32_t i = index_of(w, v);
    if (i < 0 || w->now.is_dead)
        return;
    if (w->now.gone[i].source)
        say_gone(w, i, span);
    else if (gives)
        w->now.gone[i] = span;
}

// ---- places
// -------------------------------------------------------------------------------------------

static struct sema_variable *root_of(struct walk *w, const struct ast_expr *e) {
    struct sema_expr *at = info(w->c, e);
    if (at->role == ROLE_LOCAL)
        return at->variable;
    if (e->kind == EXPR_MEMBER && at->role == ROLE_FIELD)
        return root_of(w, e->member.object);
    return NULL;
}

// Looks at a place without taking what is in it.
static void visit_place(struct walk *w, struct ast_expr *e) {
    struct sema_expr *at = info(w->c, e);
    if (at->role == ROLE_LOCAL)
        use_variable(w, at->variable, e->span, false);
    else if (e->kind == EXPR_MEMBER && at->role == ROLE_FIELD)
        visit_place(w, e->member.object);
    else if (e->kind == EXPR_INDEX && is_place(w->c, e)) {
        visit_place(w, e->index.object);
        visit(w, e->index.index);
    } else if (e->kind == EXPR_UNARY && e->unary.op == UNARY_PLACE)
        visit_place(w, e->unary.operand);
    else if (at->role != ROLE_SELF_FIELD)
        visit(w, e);
}

static void say_copied(struct walk *w, const struct ast_expr *e) {
    struct type *t = info(w->c, e)->type;
    struct diag *d = diag_add(w->c->sink, P2025, e->span, "a %s cannot be copied", kind_word(t));
    diag_primary(w->c->sink, d, "it would stay here, too");
    diag_note(w->c->sink, d, "`pop`, `remove` or, for an `Option`, `take` leave nothing behind.");
}

// Takes the value out of a place.
static void take_place(struct walk *w, struct ast_expr *e) {
    if (!affine(w, e)) {
        visit_place(w, e);
        return;
    }
    struct sema_variable *v = root_of(w, e);
    if (v)
        use_variable(w, v, e->span, true);
    else if (!w->now.is_dead)
        say_copied(w, e);
}

// ---- parts
// --------------------------------------------------------------------------------------------

// Binds the names of a pattern anew; true if one of them takes something out of what is matched.
static bool bind(struct walk *w, struct ast_pattern *p) {
    struct sema_pattern *at = &w->c->module->patterns[p->id];
    bool takes = false;
    switch (p->kind) {
    case PATTERN_BIND: {
        int32_t i = at->variable ? index_of(w, at->variable) : -1;
        if (i >= 0)
            w->now.gone[i].source = NULL;
        return i >= 0 && !at->variable->is_alias;
    }
    case PATTERN_CALL:
        for (int32_t i = 0; i < p->call.elements.len; i++)
            takes |= bind(w, p->call.elements.at[i]);
        return takes;
    case PATTERN_TUPLE:
        for (int32_t i = 0; i < p->tuple.elements.len; i++)
            takes |= bind(w, p->tuple.elements.at[i]);
        return takes;
    case PATTERN_STRUCT:
        for (int32_t i = 0; i < p->record.fields.len; i++)
            takes |= bind(w, p->record.fields.at[i].pattern);
        return takes;
    case PATTERN_OR:
        return bind(w, p->any.alternatives.at[0]);
    default:
        return false;
    }
}

static void visit_subject(struct walk *w, struct ast_expr *e, bool takes) {
    if (!is_place(w->c, e))
        visit(w, e);
    else if (takes)
        take_place(w, e);
    else
        visit_place(w, e);
}

static void visit_condition(struct walk *w, struct ast_condition *k) {
    visit_subject(w, k->value, k->pattern && bind(w, k->pattern));
}

static void visit_call(struct walk *w, struct ast_expr *e) {
    struct sema_call *call = info(w->c, e)->call;
    bool consumes =
        call->kind == CALL_LIMITED || (call->kind == CALL_FUNCTION && call->use.function &&
                                       call->use.function->builtin == BUILTIN_ANSWER);
    if (call->receiver && (consumes || !is_place(w->c, call->receiver)))
        visit(w, call->receiver);
    else if (call->receiver)
        visit_place(w, call->receiver);
    for (int32_t order = 0; order < call->args.len; order++)
        for (int32_t i = 0; i < call->args.len; i++) {
            struct sema_arg *arg = &call->args.at[i];
            if (!arg->value || arg->order != order)
                continue;
            if (arg->is_mut)
                visit_place(w, arg->value);
            else
                visit(w, arg->value);
        }
    struct ast_expr *options[] = {call->timeout, call->retries, call->within};
    for (int i = 0; i < 3; i++)
        if (options[i])
            visit(w, options[i]);
    for (int32_t i = 0; call->format && i < call->format->pieces.len; i++)
        if (call->format->pieces.at[i].value)
            visit(w, call->format->pieces.at[i].value);
}

// What a closure mentions is taken into it; within, it is there.
static void visit_closure(struct walk *w, struct ast_expr *e) {
    struct sema_closure *closure = info(w->c, e)->closure;
    if (!closure)
        return;
    for (int32_t i = 0; i < closure->captures.len; i++)
        if (is_affine(w->c, closure->captures.at[i]->type, 4))
            use_variable(w, closure->captures.at[i], e->span, true);
    struct flow kept = w->now;
    for (int32_t i = 0; i < w->count; i++)
        w->now.gone[i].source = NULL;
    if (e->kind == EXPR_CLOSURE)
        visit(w, e->closure->body);
    else
        visit_block(w, e->block);
    w->now = kept;
}

static void visit_if(struct walk *w, struct ast_expr *e) {
    visit_condition(w, &e->branch.condition);
    struct flow before = w->now;
    visit_block(w, e->branch.then);
    struct flow then = w->now;
    w->now = before;
    if (e->branch.otherwise)
        visit(w, e->branch.otherwise);
    merge(w, &then);
}

static void visit_match(struct walk *w, struct ast_expr *e) {
    bool takes = false;
    for (int32_t i = 0; i < e->match.arms.len; i++)
        takes |= bind(w, e->match.arms.at[i].pattern);
    visit_subject(w, e->match.subject, takes);
    struct flow before = w->now, after = w->now;
    after.is_dead = true;
    for (int32_t i = 0; i < e->match.arms.len; i++) {
        w->now = before;
        if (e->match.arms.at[i].guard)
            visit(w, e->match.arms.at[i].guard);
        visit(w, e->match.arms.at[i].body);
        merge(w, &after);
        after = w->now;
    }
}

static void visit_select(struct walk *w, struct ast_expr *e) {
    for (int32_t i = 0; i < e->select.arms.len; i++)
        if (e->select.arms.at[i].operation)
            visit(w, e->select.arms.at[i].operation);
    struct flow before = w->now, after = w->now;
    after.is_dead = true;
    for (int32_t i = 0; i < e->select.arms.len; i++) {
        w->now = before;
        if (e->select.arms.at[i].pattern)
            bind(w, e->select.arms.at[i].pattern);
        visit(w, e->select.arms.at[i].body);
        merge(w, &after);
        after = w->now;
    }
}

static void visit_loop(struct walk *w, struct ast_pattern *p, struct ast_condition *k,
                       struct ast_block *body) {
    struct flow before = w->now;
    for (int round = 0; round < 2; round++) {
        if (p)
            bind(w, p);
        if (k)
            visit_condition(w, k);
        visit_block(w, body);
        w->now.is_dead = false; // `continue` may lead on
        merge(w, &before);
    }
}

static void visit_with(struct walk *w, struct ast_async_with *with) {
    struct flow before = w->now;
    visit_block(w, with->body);
    struct flow after = w->now;
    for (int32_t i = 0; i < with->catches.len; i++) {
        // A failure may come at any point: what was given away in the body counts.
        w->now = before;
        visit_block(w, with->catches.at[i].body);
        merge(w, &after);
        after = w->now;
    }
}

static void visit_assign(struct walk *w, struct ast_expr *e) {
    struct sema_variable *v = root_of(w, e->assign.target);
    visit(w, e->assign.value);
    int32_t i = v && e->assign.target->kind == EXPR_NAME ? index_of(w, v) : -1;
    if (i >= 0)
        w->now.gone[i].source = NULL; // it has a new value
    else
        visit_place(w, e->assign.target);
}

static void visit_literal(struct walk *w, struct ast_expr *e) {
    for (int32_t i = 0; i < e->literal.fields.len; i++)
        visit(w, e->literal.fields.at[i].value);
    if (e->literal.base)
        visit(w, e->literal.base);
}

static void visit_macro(struct walk *w, struct ast_expr *e) {
    for (int32_t i = 0; i < e->macro.args.len; i++) {
        struct ast_expr *arg = e->macro.args.at[i].value;
        visit_subject(w, arg, false);
    }
}

static void visit(struct walk *w, struct ast_expr *e) {
    struct sema_expr *at = info(w->c, e);
    if (is_place(w->c, e) && e->kind != EXPR_CALL && at->role != ROLE_CALL) {
        take_place(w, e);
        return;
    }
    if ((at->role == ROLE_CALL || at->role == ROLE_OPERATOR) && e->kind != EXPR_ASSIGN &&
        at->call) {
        visit_call(w, e);
        return;
    }
    switch (e->kind) {
    case EXPR_MEMBER:
        if (at->role == ROLE_FIELD)
            visit_subject(w, e->member.object, false);
        break;
    case EXPR_INDEX:
        visit_subject(w, e->index.object, false);
        visit(w, e->index.index);
        break;
    case EXPR_MACRO:
        visit_macro(w, e);
        break;
    case EXPR_TRY:
    case EXPR_AWAIT:
        visit(w, e->operand);
        break;
    case EXPR_DECLARED:
        visit(w, e->declared.operand);
        break;
    case EXPR_UNARY:
        visit(w, e->unary.operand);
        break;
    case EXPR_BINARY:
        visit_subject(w, e->binary.left, false);
        visit_subject(w, e->binary.right, false);
        break;
    case EXPR_RANGE:
        if (e->range.low)
            visit(w, e->range.low);
        if (e->range.high)
            visit(w, e->range.high);
        break;
    case EXPR_ASSIGN:
        visit_assign(w, e);
        break;
    case EXPR_TUPLE:
    case EXPR_LIST:
        for (int32_t i = 0; i < e->sequence.elements.len; i++)
            visit(w, e->sequence.elements.at[i]);
        break;
    case EXPR_RECORD:
        for (int32_t i = 0; i < e->record.fields.len; i++)
            visit(w, e->record.fields.at[i].value);
        break;
    case EXPR_STRUCT:
        visit_literal(w, e);
        break;
    case EXPR_CLOSURE:
    case EXPR_ASYNC:
        visit_closure(w, e);
        break;
    case EXPR_BLOCK:
        visit_block(w, e->block);
        break;
    case EXPR_IF:
        visit_if(w, e);
        break;
    case EXPR_MATCH:
        visit_match(w, e);
        break;
    case EXPR_SELECT:
        visit_select(w, e);
        break;
    case EXPR_WHILE:
        visit_loop(w, NULL, &e->while_loop.condition, e->while_loop.body);
        break;
    case EXPR_LOOP:
        visit_loop(w, NULL, NULL, e->loop.body);
        break;
    case EXPR_FOR:
        visit(w, e->for_loop.iterable);
        visit_loop(w, e->for_loop.pattern, NULL, e->for_loop.body);
        break;
    case EXPR_ASYNC_WITH:
        visit_with(w, e->async_with);
        break;
    case EXPR_RETURN:
    case EXPR_BREAK:
    case EXPR_CONTINUE:
        if (e->jump.value)
            visit(w, e->jump.value);
        w->now.is_dead = true;
        break;
    default:
        break;
    }
}

static void visit_block(struct walk *w, struct ast_block *b) {
    for (int32_t i = 0; i < b->stmts.len; i++) {
        struct ast_stmt *s = &b->stmts.at[i];
        if (s->kind == STMT_LET && s->let.value) {
            visit_subject(w, s->let.value, bind(w, s->let.pattern));
            if (s->let.otherwise) {
                struct flow kept = w->now;
                visit_block(w, s->let.otherwise);
                w->now = kept;
            }
        } else if (s->kind == STMT_EXPR || s->kind == STMT_DEFER) {
            visit_subject(w, s->expr, false);
        }
    }
    if (b->value)
        visit(w, b->value);
}

// Looks through the body at hand, whose types are known now.
void check_moves(struct checker *c) {
    struct walk w = {.c = c};
    struct sema_function *f = c->body->function;
    if (c->module->is_std || !f || !f->body)
        return;
    for (int32_t i = 0; i < c->body->variables.len && w.count < AFFINE_MAX; i++)
        if (is_affine(c, c->body->variables.at[i]->type, 4))
            w.at[w.count++] = c->body->variables.at[i];
    if (w.count > 0)
        visit_block(&w, f->body);
}
