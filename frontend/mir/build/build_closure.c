// SPDX-License-Identifier: MIT
// Closures and task bodies: functions of their own, whose first parameters are what they take
// along.
//
// Captures are copies, made where the closure stands. In an actor a closure takes the fields of
// self that it reads, and the actor's own reference if it speaks of it; it cannot change the actor.
// A task's body, which runs in its actor, has the self itself.
#include "frontend/mir/build/lower.h"

// ---- which fields of self a closure reads -------------------------------------------------------

struct search {
    struct fn *fn;
    struct captures *captures;
};

static void add_field(struct search *s, int32_t field) {
    for (int32_t i = 0; i < s->captures->fields.len; i++)
        if (s->captures->fields.at[i] == field)
            return;
    vec_push(s->fn->b->arena, &s->captures->fields, field);
}

static void search_node(struct ast_expr *e, void *context) {
    struct search *s = context;
    const struct sema_expr *made = entry(s->fn, e);
    if (made->role == ROLE_SELF_FIELD)
        add_field(s, made->index);
    if (made->role == ROLE_CALL && (made->call->kind == CALL_SELF_REF ||
                                    made->call->kind == CALL_SELF_SEND || made->call->to_self))
        s->captures->has_ref = true;
}

// Of an expression that becomes a task without being written as one: the variables at hand that it
// names.
static void search_variable(struct ast_expr *e, void *context) {
    struct search *s = context;
    const struct sema_expr *made = entry(s->fn, e);
    if (made->role != ROLE_LOCAL || !binding_of(s->fn, made->variable))
        return;
    for (int32_t i = 0; i < s->captures->variables.len; i++)
        if (s->captures->variables.at[i] == made->variable)
            return;
    VEC(struct sema_variable *) all = {0};
    for (int32_t i = 0; i < s->captures->variables.len; i++)
        vec_push(s->fn->b->arena, &all, s->captures->variables.at[i]);
    vec_push(s->fn->b->arena, &all, made->variable);
    s->captures->variables.at = all.at;
    s->captures->variables.len = all.len;
}

static struct captures *captures_of(struct fn *fn, struct sema_closure *c, struct ast_expr *body,
                                    bool is_task) {
    struct captures *made = arena_new(fn->b->arena, struct captures);
    if (c)
        *made = (struct captures){.variables = {c->captures.at, c->captures.len}};
    struct search s = {.fn = fn, .captures = made};
    if (!is_task && fn->instance->actor && c && c->uses_self)
        each_expr(body, search_node, &s);
    if (!c)
        each_expr(body, search_variable, &s);
    return made;
}

// ---- making the function ------------------------------------------------------------------------

// A call that had not begun does when it is taken along.
static struct mir_operand captured_value(struct fn *fn, const struct binding *known,
                                         struct mir_type *t) {
    if (!known || !is_reached(fn))
        return dead(fn, t);
    return known->cold ? start_value(fn, known->cold->expr, MIR_TASK_FREE, NULL)
                       : operand_of(fn, known->place);
}

// Declares the captures as parameters and gives their values to `values`.
static void take_captures(struct fn *fn, struct instance *i, struct mir_inst *values,
                          struct span span) {
    struct build *b = fn->b;
    for (int32_t k = 0; k < i->captures->variables.len; k++) {
        struct sema_variable *v = i->captures->variables.at[k];
        struct binding *known = binding_of(fn, v);
        struct mir_type *t = mir_type_for(b, subst(b, &fn->env, v->type));
        add_param(b, i->mir, t, false, v->name);
        inst_arg(fn, values, captured_value(fn, known, t));
    }
    for (int32_t k = 0; k < i->captures->fields.len; k++) {
        struct mir_operand field;
        if (fn->captures)
            field = operand_of(fn, captured_field(fn, i->captures->fields.at[k]));
        else
            field =
                operand_of(fn, place_field(fn, local_place(MIR_SELF), i->captures->fields.at[k]));
        add_param(b, i->mir, field.type, false, "self");
        inst_arg(fn, values, field);
    }
    if (i->captures->has_ref) {
        struct mir_operand ref = self_reference(fn, span);
        add_param(b, i->mir, ref.type, false, "self");
        inst_arg(fn, values, ref);
    }
    i->mir->captures = i->mir->param_count;
}

static const char *closure_name(struct fn *fn, const char *word) {
    return str_format(fn->b->arena, "%s$%s%d", fn->instance->mir->name, word,
                      (int)fn->instance->closure_count++)
        .data;
}

static struct instance *closure_instance(struct fn *fn, struct sema_closure *c, struct ast_expr *e,
                                         bool is_task, struct mir_inst *values) {
    struct instance *i =
        instance_new(fn->b, CODE_CLOSURE, closure_name(fn, is_task ? "task" : "closure"));
    i->function = fn->instance->function;
    i->closure = c;
    i->expr = e;
    i->is_task = is_task;
    i->env = fn->env;
    i->module = fn->module;
    i->label = fn->label;
    i->actor = fn->instance->actor;
    i->mir->loc = loc_of(fn->b, e->span);
    i->captures = captures_of(fn, c, e, is_task);
    bool has_self = is_task && i->actor && !fn->captures && (!c || c->uses_self || c->parent);
    i->mir->self = has_self ? i->actor->state : NULL;
    take_captures(fn, i, values, e->span);
    for (int32_t k = 0; c && k < c->params.len; k++)
        add_param(fn->b, i->mir, mir_type_for(fn->b, subst(fn->b, &fn->env, c->params.at[k])),
                  c->in_out[k],
                  k < c->variables.len && c->variables.at[k] ? c->variables.at[k]->name : NULL);
    return i;
}

struct mir_operand lower_closure(struct fn *fn, struct ast_expr *e, const struct mir_place *want) {
    struct sema_closure *c = entry(fn, e)->closure;
    struct type *type = type_of(fn, e);
    struct mir_inst make = inst(fn, MIR_OP_CLOSURE, e->span);
    struct instance *i = closure_instance(fn, c, e, false, &make);
    i->type = type_fn_result(type);
    i->mir->result = mir_type_for(fn->b, i->type);
    narrow_value(fn, &make, i, c->is_limited, e->span);
    return put_value(fn, make, mir_type_for(fn->b, type), want);
}

// The T of Future<T>, or of a closure that gives one.
static struct type *future_result(struct fn *fn, struct ast_expr *e) {
    struct type *t = value_type_of(fn, e);
    if (t->kind == TYPE_FN)
        t = type_fn_result(t);
    assert(t->kind == TYPE_FUTURE);
    return t->args[0];
}

struct instance *task_instance(struct fn *fn, struct ast_expr *e, struct mir_inst *captures) {
    struct sema_closure *c =
        e->kind == EXPR_CLOSURE || e->kind == EXPR_ASYNC ? entry(fn, e)->closure : NULL;
    struct instance *i = closure_instance(fn, c, e, true, captures);
    i->mir->captures = 0;
    i->type = future_result(fn, e);
    i->mir->result = mir_type_for(fn->b, i->type);
    return i;
}

// ---- bodies -------------------------------------------------------------------------------------

static void bind_copy(struct fn *fn, struct sema_variable *v, int32_t param, struct span span) {
    if (!v->is_mutated) {
        bind(fn, v, local_place(param));
        return;
    }
    int32_t copy = variable_local(fn, v);
    assign(fn, local_place(copy), operand_of(fn, local_place(param)), span);
    bind(fn, v, local_place(copy));
}

static void bind_closure_params(struct fn *fn, struct sema_closure *c, int32_t param) {
    struct ast_closure *written = c->expr->kind == EXPR_CLOSURE ? c->expr->closure : NULL;
    for (int32_t k = 0; k < c->params.len; k++, param++) {
        if (k < c->variables.len && c->variables.at[k] && c->in_out[k]) {
            bind(fn, c->variables.at[k], local_place(param));
            continue;
        }
        if (k < c->variables.len && c->variables.at[k]) {
            bind_copy(fn, c->variables.at[k], param, c->expr->span);
            continue;
        }
        if (!written)
            continue;
        int32_t fail = block_new(fn);
        lower_pattern(fn, written->params.at[k].pattern, local_place(param), true, fail);
        int32_t here = fn->block;
        enter(fn, fail);
        leave(fn, MIR_UNREACHABLE, const_unit(fn), c->expr->span);
        enter(fn, here);
    }
}

static struct mir_operand lower_task_body(struct fn *fn, struct ast_expr *body) {
    if (body->kind == EXPR_ASYNC)
        return lower_block(fn, body->block, NULL);
    return lower_await(fn, body, fn->result, NULL, body->span);
}

void lower_closure_body(struct fn *fn) {
    struct instance *i = fn->instance;
    struct sema_closure *c = i->closure;
    int32_t param = 0;
    for (int32_t k = 0; k < i->captures->variables.len; k++)
        bind_copy(fn, i->captures->variables.at[k], param++, i->expr->span);
    if (!i->is_task) {
        fn->captures = i->captures;
        fn->captured_fields = param;
    }
    param += i->captures->fields.len + i->captures->has_ref;
    fn->result = i->type;
    struct ast_expr *body = i->expr;
    if (c && body->kind == EXPR_CLOSURE) {
        bind_closure_params(fn, c, param);
        body = body->closure->body;
    }
    struct mir_operand value = i->is_task ? lower_task_body(fn, body) : lower(fn, body, NULL);
    lower_return(fn, value, body->span);
}

// ---- functions as values ------------------------------------------------------------------------

// The function itself, if it is one that may be called as it is.
static struct instance *bare_instance(struct fn *fn, const struct sema_expr *s, struct span span) {
    if (s->role != ROLE_FUNCTION)
        return NULL;
    const struct sema_function *f = s->use->function;
    bool stands_in_caller = (f->waits || f->is_inlined) && f->body;
    if (f->builtin != BUILTIN_NONE || f->is_async || stands_in_caller)
        return NULL;
    return use_instance(fn, s->use, f->kind == FUNCTION_TRAIT, span);
}

struct mir_operand lower_function_value(struct fn *fn, struct ast_expr *e,
                                        const struct mir_place *want) {
    struct sema_expr *s = entry(fn, e);
    struct type *type = type_of(fn, e);
    struct mir_inst make = inst(fn, MIR_OP_CLOSURE, e->span);
    struct instance *callee = bare_instance(fn, s, e->span);
    bool is_limited = s->role == ROLE_FUNCTION && s->use->function->is_limited;
    if (callee && !callee->mir->self) {
        narrow_value(fn, &make, callee, is_limited, e->span);
        return put_value(fn, make, mir_type_for(fn->b, type), want);
    }
    struct instance *i = instance_new(fn->b, CODE_WRAPPER, closure_name(fn, "function"));
    i->function = fn->instance->function;
    i->env = fn->env;
    i->module = fn->module;
    i->made = s;
    i->type = type;
    i->mir->loc = loc_of(fn->b, e->span);
    for (int32_t k = 0; k + 1 < type->arg_count; k++)
        add_param(fn->b, i->mir, mir_type_for(fn->b, type_fn_param(type, k)),
                  type_fn_is_mut(type, k), NULL);
    i->mir->result = mir_type_for(fn->b, type_fn_result(type));
    i->expr = e;
    narrow_value(fn, &make, i, is_limited, e->span);
    return put_value(fn, make, mir_type_for(fn->b, type), want);
}

// A call of a function with its parameters as they are; an async one gives its future, which has
// begun.
static struct mir_operand call_wrapped(struct fn *fn, struct mir_operand *args, int32_t count,
                                       struct span span) {
    const struct sema_use *use = fn->instance->made->use;
    const struct sema_function *f = use->function;
    bool has_self = f->self != SELF_NONE;
    if (f->is_async) {
        struct mir_inst task = inst(fn, MIR_OP_TASK, span);
        struct instance *callee = use_instance(fn, use, f->kind == FUNCTION_TRAIT, span);
        for (int32_t k = 0; k < count; k++)
            inst_arg(fn, &task, args[k]);
        return callee ? put_free_task(fn, task, callee) : const_unit(fn);
    }
    if (f->builtin == BUILTIN_NONE)
        return lower_inline(fn, use, has_self ? args[0] : (struct mir_operand){0}, args + has_self,
                            NULL, span);
    struct sema_call call = {.kind = CALL_FUNCTION, .use = *use};
    struct cold before = {.call = &call, .args = args, .count = count};
    struct binding binding = {.cold = &before};
    vec_push(fn->b->arena, &fn->bindings, binding);
    struct mir_operand made =
        lower_builtin(fn, &call, type_fn_result(fn->instance->type), NULL, span);
    fn->bindings.len--;
    return made;
}

// A constructor as a function, or a function that is called in a way of its own.
void lower_wrapper(struct fn *fn) {
    struct instance *i = fn->instance;
    struct span span = i->expr->span;
    int32_t count = i->mir->param_count;
    struct mir_operand *args = arena_array(fn->b->arena, struct mir_operand, count + 1);
    for (int32_t k = 0; k < count; k++)
        args[k] = operand_of(fn, local_place(k));
    fn->result = type_fn_result(i->type);
    struct mir_operand made;
    if (i->made->role == ROLE_CONSTRUCTOR)
        made = make_struct(fn, fn->result, i->made->index, args, count, NULL, span);
    else
        made = call_wrapped(fn, args, count, span);
    leave(fn, MIR_RETURN, made, span);
}
