// SPDX-License-Identifier: MIT
// Calls: arguments, functions and methods, closures, constructors; projections.
#include "frontend/mir/build/lower.h"

// ---- arguments ----------------------------------------------------------------------------------

// Is the parameter the name of a handle, which is by default what the handle is bound to?
static bool is_label(const struct sema_call *call, int32_t param) {
    const struct sema_function *f = call->use.function;
    return f && f->is_named && strcmp(f->params.at[param].name, "name") == 0;
}

// A default is read in the function's module, under the function's types.
static struct mir_operand lower_default(struct fn *fn, struct sema_call *call, int32_t param) {
    struct ast_expr *value = call->args.at[param].value;
    if (is_label(call, param) && fn->label)
        return make_string(fn, const_text(fn, str_from(fn->label)), NULL, value->span);
    struct sema_module *module = fn->module;
    struct env env = fn->env;
    struct sema_function *f = call->use.function;
    if (f) {
        struct env inner = use_env(fn, &call->use);
        fn->module = f->module;
        fn->env = inner;
    } else if (call->actor) {
        fn->module = call->actor->module;
    }
    struct mir_operand made = lower(fn, value, NULL);
    fn->module = module;
    fn->env = env;
    return made;
}

static bool later_writes(struct fn *fn, const struct sema_call *call, int32_t order) {
    for (int32_t i = 0; i < call->args.len; i++) {
        const struct sema_arg *arg = &call->args.at[i];
        if (arg->order > order && writes(fn, arg->value))
            return true;
    }
    return false;
}

static bool has_mut(const struct sema_call *call) {
    bool has = call->receiver_mut;
    for (int32_t i = 0; i < call->args.len; i++)
        has = has || call->args.at[i].is_mut;
    return has;
}

// What is made for a parameter is called like the parameter; what a closure makes, like the whole.
static struct mir_operand lower_for_param(struct fn *fn, struct sema_call *call,
                                          struct ast_expr *value) {
    const char *label = fn->label;
    for (int32_t i = 0; i < call->args.len && value->kind != EXPR_CLOSURE; i++)
        if (call->args.at[i].value == value && call->use.function &&
            i < call->use.function->params.len)
            fn->label = call->use.function->params.at[i].name;
    struct mir_operand a = lower(fn, value, NULL);
    fn->label = label;
    return a;
}

static struct mir_operand lower_arg(struct fn *fn, struct sema_call *call, struct ast_expr *value,
                                    bool is_mut, int32_t order) {
    if (is_mut) {
        struct mir_place p = lower_place(fn, value);
        return is_reached(fn) ? operand_of(fn, p)
                              : dead(fn, mir_type_for(fn->b, value_type_of(fn, value)));
    }
    struct mir_operand a = lower_for_param(fn, call, value);
    if (has_mut(call) || later_writes(fn, call, order))
        a = keep(fn, a, value->span);
    return a;
}

// A call that stands elsewhere and begins here, or NULL.
static const struct cold *evaluated_before(struct fn *fn, const struct sema_call *call) {
    for (int32_t i = fn->bindings.len - 1; i >= 0; i--)
        if (fn->bindings.at[i].cold && fn->bindings.at[i].cold->call == call)
            return fn->bindings.at[i].cold;
    return NULL;
}

struct mir_operand *lower_args(struct fn *fn, struct sema_call *call, int32_t *count) {
    const struct cold *before = evaluated_before(fn, call);
    if (before) {
        *count = before->count;
        return before->args;
    }
    if (call->format) {
        *count = 1;
        struct mir_operand *text = arena_new(fn->b->arena, struct mir_operand);
        struct span span = call->use.function ? call->use.function->span : (struct span){0};
        *text = make_string(fn, lower_format(fn, call->format, span), NULL, span);
        return text;
    }
    *count = call->args.len;
    struct mir_operand *made = arena_array(fn->b->arena, struct mir_operand, *count + 1);
    for (int32_t order = 0; order < *count; order++)
        for (int32_t i = 0; i < *count; i++) {
            struct sema_arg *arg = &call->args.at[i];
            if (arg->order == order)
                made[i] = lower_arg(fn, call, arg->value, arg->is_mut, order);
        }
    for (int32_t i = 0; i < *count; i++)
        if (call->args.at[i].order < 0)
            made[i] = lower_default(fn, call, i);
    return made;
}

struct mir_operand lower_receiver(struct fn *fn, struct sema_call *call) {
    const struct cold *before = evaluated_before(fn, call);
    if (before)
        return before->receiver;
    bool is_mut = call->receiver_mut || call->use.function->self == SELF_MUT;
    struct mir_operand receiver = lower_arg(fn, call, call->receiver, is_mut, -1);
    const struct type *self = call->use.function->self_type;
    bool to_any = self && self->kind == TYPE_REF && !self->actor;
    bool is_typed = is_reached(fn) && receiver.type->kind == MIR_REF &&
                    receiver.type != mir_type_ref(fn->b->module, NULL);
    return is_typed && to_any && call->kind == CALL_FUNCTION
               ? op1(fn, MIR_OP_USE, receiver, mir_type_ref(fn->b->module, NULL), NULL,
                     call->receiver->span)
               : receiver;
}

// ---- functions ----------------------------------------------------------------------------------

static struct instance *callee_of(struct fn *fn, struct sema_call *call, struct span span) {
    if (call->kind != CALL_ACTOR)
        return use_instance(fn, &call->use, call->kind == CALL_TRAIT, span);
    struct actor_instance *actor = fn->instance->actor;
    assert(actor);
    if (fn->captures) {
        unbuilt(fn, P8030, span,
                "a closure cannot call a function of its actor");
        return NULL;
    }
    return instance_of(fn->b, call->use.function, use_env(fn, &call->use), actor);
}

// callee: NULL for a function value
static void note_lent(struct fn *fn, const struct mir_inst *call, struct mir_function *callee,
                      struct span span) {
    for (int32_t k = 0; k < call->args.len; k++) {
        const struct mir_operand *a = &call->args.at[k];
        if (a->kind == MIR_CONST || a->place.local != MIR_SELF ||
            !mir_arg_is_written(fn->b->module, call, k))
            continue;
        struct lent lent = {fn->f, callee, span};
        vec_push(fn->b->arena, &fn->b->lent, lent);
        return;
    }
}

struct mir_operand lower_inline(struct fn *fn, const struct sema_use *use,
                                struct mir_operand receiver, struct mir_operand *args,
                                const struct mir_place *want, struct span span) {
    struct sema_function *f = use->function;
    struct fn outer = *fn;
    struct env inner = use_env(fn, use);
    if (f->self != SELF_NONE)
        bind(fn, f->self_variable, materialize(fn, keep(fn, receiver, span), span));
    for (int32_t i = 0; i < f->params.len; i++)
        bind(fn, f->params.at[i].variable, materialize(fn, keep(fn, args[i], span), span));
    fn->module = f->module;
    fn->env = inner;
    fn->label = NULL;
    if (!fn->inlined_at.source)
        fn->inlined_at = span;
    struct mir_operand value = lower_block(fn, f->body, want);
    fn->module = outer.module;
    fn->env = outer.env;
    fn->label = outer.label;
    fn->inlined_at = outer.inlined_at;
    return value;
}

static struct mir_operand call_function(struct fn *fn, struct sema_call *call,
                                        const struct mir_place *want, struct span span) {
    struct sema_function *f = call->use.function;
    struct mir_operand receiver = {0};
    bool has_self = f->self != SELF_NONE && call->receiver;
    if (has_self)
        receiver = lower_receiver(fn, call);
    int32_t count;
    struct mir_operand *args = lower_args(fn, call, &count);
    if (!is_reached(fn))
        return const_unit(fn);
    if ((f->waits || f->is_inlined) && f->body)
        return lower_inline(fn, &call->use, receiver, args, want, span);
    struct instance *callee = callee_of(fn, call, span);
    if (!callee)
        return const_unit(fn);
    struct mir_inst i = inst(fn, MIR_OP_CALL, span);
    i.function = callee->mir->name;
    if (has_self)
        inst_arg(fn, &i, receiver);
    for (int32_t k = 0; k < count; k++)
        inst_arg(fn, &i, args[k]);
    note_lent(fn, &i, callee->mir, span);
    if (callee->mir->result->kind == MIR_NEVER) {
        put(fn, i);
        leave(fn, MIR_UNREACHABLE, const_unit(fn), span);
        return const_unit(fn);
    }
    return put_value(fn, i, callee->mir->result, want);
}

static struct mir_operand call_closure(struct fn *fn, struct sema_call *call, struct type *type,
                                       const struct mir_place *want, struct span span) {
    struct mir_operand closure = lower(fn, call->receiver, NULL);
    int32_t count;
    if (has_mut(call)) // it stays while what holds it may change
        closure = keep(fn, closure, call->receiver->span);
    struct mir_operand *args = lower_args(fn, call, &count);
    struct mir_inst i = inst(fn, MIR_OP_APPLY, span);
    inst_arg(fn, &i, closure);
    for (int32_t k = 0; k < count; k++)
        inst_arg(fn, &i, args[k]);
    if (is_reached(fn))
        note_lent(fn, &i, NULL, span);
    return put_value(fn, i, mir_type_for(fn->b, type), want);
}

struct mir_operand lower_call_entry(struct fn *fn, struct sema_call *call, struct type *type,
                                    const struct mir_place *want, struct span span) {
    int32_t count;
    struct mir_operand *args;
    switch (call->kind) {
    case CALL_FUNCTION:
    case CALL_TRAIT:
    case CALL_ACTOR:
        if (call->use.function->builtin != BUILTIN_NONE)
            return lower_builtin(fn, call, type, want, span);
        return call_function(fn, call, want, span);
    case CALL_CLOSURE:
        return call_closure(fn, call, type, want, span);
    case CALL_VARIANT:
    case CALL_STRUCT:
        args = lower_args(fn, call, &count);
        if (!is_reached(fn))
            return const_unit(fn);
        return make_struct(fn, type, call->kind == CALL_VARIANT ? call->variant : -1, args, count,
                           want, span);
    case CALL_CONVERT: {
        struct mir_operand a = lower(fn, call->args.at[0].value, NULL);
        return is_reached(fn) ? convert(fn, a, type, want, span) : a;
    }
    case CALL_SPAWN:
    case CALL_TELL:
    case CALL_SPAWN_CHILD:
    case CALL_SPAWN_TASK:
    case CALL_TELL_ANY:
    case CALL_ANNOUNCE:
    case CALL_SEND:
    case CALL_ASK:
    case CALL_SELF_SEND:
    case CALL_SELF_REPLY:
    case CALL_SELF_REF:
    case CALL_SELF_STOP:
        return lower_actor_call(fn, call, type, want, span);
    default:
        return lower_async_call(fn, call, type, want, span);
    }
}

// A call of an async function that is not awaited here.
struct ast_expr *bare(struct ast_expr *e) {
    while (e->kind == EXPR_DECLARED)
        e = e->declared.operand;
    return e;
}

bool say_place_kept(struct fn *fn, const struct sema_call *call, struct span span) {
    if (!has_mut(call))
        return false;
    struct diag *d =
        diag_add(fn->b->sink, P2061, span, "a place cannot be lent to a call that begins later");
    diag_primary(fn->b->sink, d, "`%s` changes what it is given, and is not awaited here",
                 call->use.function->name);
    return true;
}

struct cold *lower_cold(struct fn *fn, struct ast_expr *e) {
    e = bare(e);
    struct sema_call *call = entry(fn, e)->call;
    struct cold *cold = arena_new(fn->b->arena, struct cold);
    *cold = (struct cold){.expr = e, .call = call};
    if (say_place_kept(fn, call, e->span))
        enter(fn, -1);
    if (call->use.function->self != SELF_NONE && call->receiver)
        cold->receiver = keep(fn, lower(fn, call->receiver, NULL), call->receiver->span);
    cold->args = lower_args(fn, call, &cold->count);
    for (int32_t i = 0; i < cold->count && is_reached(fn); i++)
        cold->args[i] = keep(fn, cold->args[i], e->span);
    return cold;
}

bool is_cold_call(struct fn *fn, const struct ast_expr *e) {
    const struct sema_expr *s = entry(fn, e);
    if (e->kind == EXPR_DECLARED)
        return is_cold_call(fn, e->declared.operand);
    return e->kind == EXPR_CALL && s->role == ROLE_CALL && s->coercion == COERCE_NONE &&
           (s->call->kind == CALL_FUNCTION || s->call->kind == CALL_TRAIT ||
            s->call->kind == CALL_ACTOR) &&
           s->call->use.function->is_async;
}

bool is_projection(const struct sema_call *call, bool is_option) {
    return call->kind == CALL_FUNCTION && call->use.function->projection && call->receiver &&
           call->use.function->projection->is_option == is_option;
}

struct mir_operand lower_call(struct fn *fn, struct ast_expr *e, const struct mir_place *want) {
    struct sema_expr *s = entry(fn, e);
    struct type *type = type_of(fn, e);
    if (is_cold_call(fn, e))
        return start_value(fn, e, MIR_TASK_FREE, NULL);
    if (s->call->kind == CALL_LIMITED) { // a future that was made here is awaited here
        struct ast_expr *limited = bare(s->call->receiver);
        bool is_new = limited->kind == EXPR_ASYNC || is_cold_call(fn, limited);
        return start_value(fn, e, is_new ? MIR_TASK_FREE : MIR_TASK_BRANCH, NULL);
    }
    if (s->call->kind == CALL_ASK) // as a value it gives Result<T, AskError<E>>
        return start_value(fn, e, MIR_TASK_BRANCH, NULL);
    if (is_projection(s->call, false)) {
        struct mir_place p = lower_projection(fn, e, NULL);
        return is_reached(fn) ? operand_of(fn, p) : const_unit(fn);
    }
    struct mir_operand made = lower_call_entry(fn, s->call, type, want, e->span);
    if (type->kind == TYPE_NEVER && is_reached(fn))
        leave(fn, MIR_UNREACHABLE, const_unit(fn), e->span);
    return made;
}

// ---- projections --------------------------------------------------------------------------------

// An index method that gives back what it was given: `list[i]` needs no call.
static bool gives_argument(const struct sema_function *f) {
    const struct ast_block *b = f->body;
    if (!b || b->value || b->stmts.len != 1 || b->stmts.at[0].kind != STMT_EXPR)
        return false;
    const struct ast_expr *e = b->stmts.at[0].expr;
    if (e->kind != EXPR_RETURN || !e->jump.value || e->jump.value->kind != EXPR_NAME)
        return false;
    const struct sema_expr *s = sema_of(f->module, e->jump.value);
    return s->role == ROLE_LOCAL && f->params.len == 1 && s->variable == f->params.at[0].variable;
}

static struct mir_operand projected_index(struct fn *fn, struct sema_call *find,
                                          struct mir_place place, struct span span) {
    struct sema_function *f = find->use.function;
    int32_t count;
    struct mir_operand *args = lower_args(fn, find, &count);
    if (!is_reached(fn))
        return const_int(fn, MIR_U64, 0);
    if (gives_argument(f))
        return keep(fn, args[0], span);
    struct instance *callee = use_instance(fn, &find->use, false, span);
    struct mir_inst i = inst(fn, MIR_OP_CALL, span);
    i.function = callee->mir->name;
    inst_arg(fn, &i, operand_of(fn, place));
    for (int32_t k = 0; k < count; k++)
        inst_arg(fn, &i, f->self == SELF_MUT ? keep(fn, args[k], span) : args[k]);
    return put_value(fn, i, callee->mir->result, NULL);
}

// The place that a projecting method gives. `option` takes the option of the index, if it gives
// one.
struct mir_place lower_projection(struct fn *fn, struct ast_expr *e, struct mir_place *option) {
    struct sema_call *call = entry(fn, e)->call;
    struct sema_projection *p = call->use.function->projection;
    struct mir_place place = lower_place(fn, call->receiver);
    struct type *t = value_type_of(fn, call->receiver);
    struct sema_call find = *call;
    find.kind = CALL_FUNCTION;
    find.use.function = p->index;
    find.use.type_args.len = p->index->type_params.len;
    find.receiver = NULL;
    struct mir_operand index = projected_index(fn, &find, place, e->span);
    if (!is_reached(fn))
        return place;
    if (p->is_option) {
        assert(option);
        *option = index.place;
        index = operand_of(fn, place_variant(fn, index.place, 1, 0));
    }
    for (int32_t k = 0; k < p->before.len; k++) {
        place = typed_field(fn, place, t, -1, p->before.at[k]);
        t = sema_field_type(fn->b->program, t, -1, p->before.at[k]);
    }
    assert(t->kind == TYPE_BUFFER);
    place = place_index(fn, place, index);
    t = t->args[0];
    for (int32_t k = 0; k < p->after.len; k++) {
        place = typed_field(fn, place, t, -1, p->after.at[k]);
        t = sema_field_type(fn->b->program, t, -1, p->after.at[k]);
    }
    return place;
}
