// SPDX-License-Identifier: MIT
// Expressions: which file lowers what, variables, names, members, coercions.
#include "frontend/mir/build/lower.h"

// ---- what is known of a node --------------------------------------------------------------------

struct sema_expr *entry(struct fn *fn, const struct ast_expr *e) {
    return sema_of(fn->module, e);
}

struct type *type_of(struct fn *fn, const struct ast_expr *e) {
    return subst(fn->b, &fn->env, entry(fn, e)->type);
}

struct type *value_type_of(struct fn *fn, const struct ast_expr *e) {
    const struct sema_expr *s = entry(fn, e);
    return subst(fn->b, &fn->env, s->coercion != COERCE_NONE && s->to ? s->to : s->type);
}

struct mir_type *mir_type_of_expr(struct fn *fn, const struct ast_expr *e) {
    return mir_type_for(fn->b, type_of(fn, e));
}

struct mir_operand dead(struct fn *fn, struct mir_type *t) {
    if (!t || t->kind == MIR_UNIT || t->kind == MIR_NEVER)
        return const_unit(fn);
    // Nothing is put any more, so that nobody will miss its value.
    return (struct mir_operand){.kind = MIR_COPY, .place = local_place(temp(fn, t)), .type = t};
}

struct mir_operand unbuilt(struct fn *fn, enum diag_code code, struct span span, const char *what) {
    diag_add(fn->b->sink, code, span, "%s", what);
    enter(fn, -1);
    return const_unit(fn);
}

// ---- variables ----------------------------------------------------------------------------------

void bind(struct fn *fn, const struct sema_variable *v, struct mir_place p) {
    if (!v)
        return;
    struct binding *known = binding_of(fn, v);
    if (known) {
        known->place = p;
        known->cold = NULL;
        return;
    }
    vec_push(fn->b->arena, &fn->bindings, (struct binding){.variable = v, .place = p});
}

struct binding *binding_of(struct fn *fn, const struct sema_variable *v) {
    for (int32_t i = fn->bindings.len - 1; i >= 0; i--)
        if (fn->bindings.at[i].variable == v)
            return &fn->bindings.at[i];
    return NULL;
}

int32_t variable_local(struct fn *fn, const struct sema_variable *v) {
    struct mir_type *t = mir_type_for(fn->b, subst(fn->b, &fn->env, v->type));
    const char *name = strcmp(v->name, "_") == 0 ? NULL : v->name;
    int32_t local = mir_local_new(fn->b->module, fn->f, t, name);
    while (fn->is_temp.len < local)
        vec_push(fn->b->arena, &fn->is_temp, false);
    vec_push(fn->b->arena, &fn->is_temp, !v->is_mutated && !v->is_mut);
    return local;
}

static struct mir_place variable_place(struct fn *fn, const struct sema_variable *v) {
    struct binding *known = binding_of(fn, v);
    if (!known) { // declared without a value, or where nothing is reached
        bind(fn, v, local_place(variable_local(fn, v)));
        known = binding_of(fn, v);
    }
    return known->place;
}

// ---- places -------------------------------------------------------------------------------------

struct mir_place captured_field(struct fn *fn, int32_t field) {
    if (fn->captures) {
        for (int32_t i = 0; i < fn->captures->fields.len; i++)
            if (fn->captures->fields.at[i] == field)
                return local_place(fn->captured_fields + i);
    }
    return place_field(fn, local_place(MIR_SELF), field);
}

struct mir_place typed_field(struct fn *fn, struct mir_place p, struct type *t, int32_t variant,
                             int32_t field) {
    if (type_is_transparent(t))
        return p;
    p = variant >= 0 ? place_variant(fn, p, variant, field) : place_field(fn, p, field);
    if (field_is_boxed(fn->b, t, variant, field))
        p = place_index(fn, p, const_int(fn, MIR_U64, 0));
    return p;
}

static struct mir_place element_place(struct fn *fn, struct ast_expr *e) {
    struct mir_place object = lower_place(fn, e->index.object);
    struct mir_operand index = lower(fn, e->index.index, NULL);
    return place_index(fn, object, keep(fn, index, e->index.index->span));
}

static struct mir_place field_place(struct fn *fn, struct ast_expr *e) {
    return typed_field(fn, lower_place(fn, e->member.object), value_type_of(fn, e->member.object),
                       -1, entry(fn, e)->index);
}

// The place that an expression denotes; a new local with its value if it denotes none.
struct mir_place lower_place(struct fn *fn, struct ast_expr *e) {
    const struct sema_expr *s = entry(fn, e);
    if (s->coercion == COERCE_NONE) {
        if (e->kind == EXPR_UNARY && e->unary.op == UNARY_PLACE && s->role == ROLE_NONE)
            return lower_place(fn, e->unary.operand);
        switch (s->role) {
        case ROLE_LOCAL:
            if (binding_of(fn, s->variable) && binding_of(fn, s->variable)->cold)
                break;
            return variable_place(fn, s->variable);
        case ROLE_SELF_FIELD:
            return captured_field(fn, s->index);
        case ROLE_FIELD:
            return field_place(fn, e);
        case ROLE_INDEX:
            return element_place(fn, e);
        case ROLE_CALL:
            if (is_projection(s->call, false))
                return lower_projection(fn, e, NULL);
            break;
        default:
            break;
        }
    }
    struct mir_type *t = mir_type_for(fn->b, value_type_of(fn, e));
    struct mir_operand value = lower(fn, e, NULL);
    if (!is_reached(fn))
        return dead(fn, t).kind == MIR_COPY ? dead(fn, t).place : local_place(temp(fn, t));
    return materialize(fn, value, e->span);
}

// ---- names --------------------------------------------------------------------------------------

struct mir_operand lower_const(struct fn *fn, struct sema_const *k, struct mir_type *type,
                               const struct mir_place *want) {
    if (k->adapts)
        return whole_number(fn, type, k->magnitude, k->is_negative);
    struct sema_module *module = fn->module;
    struct env env = fn->env;
    fn->module = k->module;
    fn->env = (struct env){0};
    struct mir_operand value = lower(fn, k->value, want);
    fn->module = module;
    fn->env = env;
    return value;
}

static struct mir_operand lower_name(struct fn *fn, struct ast_expr *e,
                                     const struct mir_place *want) {
    const struct sema_expr *s = entry(fn, e);
    switch (s->role) {
    case ROLE_LOCAL: {
        struct binding *known = binding_of(fn, s->variable);
        if (known && known->cold)
            return start_value(fn, e, MIR_TASK_FREE, NULL);
        return operand_of(fn, variable_place(fn, s->variable));
    }
    case ROLE_SELF_FIELD: // what becomes of the value is not this function's question
        return operand_of(fn, captured_field(fn, s->index));
    case ROLE_FIELD:
        return operand_of(fn, field_place(fn, e));
    case ROLE_CONST:
        return lower_const(fn, s->constant, mir_type_of_expr(fn, e), want);
    case ROLE_FUNCTION:
    case ROLE_CONSTRUCTOR:
        return lower_function_value(fn, e, want);
    case ROLE_VARIANT:
        return make_struct(fn, type_of(fn, e), s->index, NULL, 0, want, e->span);
    case ROLE_STRUCT:
        return make_struct(fn, type_of(fn, e), -1, NULL, 0, want, e->span);
    case ROLE_CALL:
        return lower_call(fn, e, want);
    default:
        return const_unit(fn); // ROLE_STATIC: nothing to evaluate
    }
}

// ---- all expressions ----------------------------------------------------------------------------

static struct mir_operand lower_hole(struct fn *fn, struct ast_expr *e) {
    trap(fn, FAILURE_HOLE, STR("..."), e->span);
    return dead(fn, mir_type_of_expr(fn, e));
}

static struct mir_operand lower_control(struct fn *fn, struct ast_expr *e,
                                        const struct mir_place *want) {
    switch (e->kind) {
    case EXPR_BLOCK:
        return lower_block(fn, e->block, want);
    case EXPR_IF:
        return lower_if(fn, e, want);
    case EXPR_MATCH:
        return lower_match(fn, e, want);
    case EXPR_LOOP:
        return lower_loop(fn, e, want);
    case EXPR_WHILE:
        lower_while(fn, e);
        return const_unit(fn);
    case EXPR_FOR:
        lower_for(fn, e);
        return const_unit(fn);
    case EXPR_ASYNC_WITH:
        return lower_with(fn, e, want);
    default:
        lower_jump(fn, e);
        return const_unit(fn);
    }
}

struct mir_operand lower_raw(struct fn *fn, struct ast_expr *e, const struct mir_place *want) {
    switch (e->kind) {
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_CHAR:
    case EXPR_BOOL:
        return lower_literal(fn, e, want);
    case EXPR_HOLE:
        return lower_hole(fn, e);
    case EXPR_SELF:
    case EXPR_NAME:
    case EXPR_MEMBER:
        return lower_name(fn, e, want);
    case EXPR_CALL:
        return lower_call(fn, e, want);
    case EXPR_INDEX:
        return entry(fn, e)->role == ROLE_CALL ? lower_call(fn, e, want)
                                               : operand_of(fn, lower_place(fn, e));
    case EXPR_MACRO:
        return lower_macro(fn, e, want);
    case EXPR_TRY:
        return lower_try(fn, e, want);
    case EXPR_AWAIT:
        return lower_await(fn, e->operand, type_of(fn, e), want, e->span);
    case EXPR_DECLARED:
        return lower(fn, e->declared.operand, want);
    case EXPR_UNARY:
        return lower_unary(fn, e, want);
    case EXPR_BINARY:
        return lower_binary(fn, e, want);
    case EXPR_RANGE:
        return lower_range(fn, e, want);
    case EXPR_ASSIGN:
        lower_assign(fn, e);
        return const_unit(fn);
    case EXPR_TUPLE:
    case EXPR_LIST:
    case EXPR_RECORD:
    case EXPR_STRUCT:
        return lower_aggregate(fn, e, want);
    case EXPR_CLOSURE:
        return lower_closure(fn, e, want);
    case EXPR_ASYNC:
        return start_value(fn, e, MIR_TASK_FREE, NULL);
    case EXPR_SELECT:
        return lower_select(fn, e, want);
    default:
        return lower_control(fn, e, want);
    }
}

static struct mir_operand coerce(struct fn *fn, struct ast_expr *e, struct mir_operand value,
                                 const struct mir_place *want) {
    const struct sema_expr *s = entry(fn, e);
    switch (s->coercion) {
    case COERCE_OK: {
        struct type *to = value_type_of(fn, e);
        return make_struct(fn, to, 0, &value, 1, want, e->span);
    }
    case COERCE_TRAIT:
        return make_trait_value(fn, value, type_of(fn, e), value_type_of(fn, e), want, e->span);
    case COERCE_ERROR:
        return op1(fn, MIR_OP_ERROR_OF, value, prim(fn, MIR_ERROR), want, e->span);
    default:
        assert(s->coercion == COERCE_UNTYPED);
        return op1(fn, MIR_OP_USE, value, mir_type_ref(fn->b->module, NULL), want, e->span);
    }
}

struct mir_operand lower(struct fn *fn, struct ast_expr *e, const struct mir_place *want) {
    const struct sema_expr *s = entry(fn, e);
    if (s->coercion == COERCE_NONE) {
        struct mir_operand value = lower_raw(fn, e, want);
        return is_reached(fn) ? value : dead(fn, mir_type_of_expr(fn, e));
    }
    if (s->coercion == COERCE_FORWARD && lower_forward(fn, e, e->span))
        return dead(fn, fn->f->result);
    struct mir_operand value = lower_raw(fn, e, NULL);
    if (!is_reached(fn))
        return dead(fn, mir_type_for(fn->b, value_type_of(fn, e)));
    return coerce(fn, e, value, want);
}

void lower_to(struct fn *fn, struct ast_expr *e, struct mir_place to) {
    struct mir_operand value = lower(fn, e, &to);
    if (is_reached(fn))
        assign(fn, to, value, e->span);
}

void index_all_the_same(struct fn *fn, struct mir_operand value, struct span span) {
    bool indexes = false;
    for (int32_t i = 0; value.kind != MIR_CONST && i < value.place.projs.len; i++)
        indexes |= value.place.projs.at[i].kind == MIR_PROJ_INDEX;
    if (indexes && is_reached(fn))
        op1(fn, MIR_OP_USE, value, value.type, NULL, span);
}

void lower_void(struct fn *fn, struct ast_expr *e) {
    const struct sema_expr *s = entry(fn, e);
    if (e->kind == EXPR_CALL && s->role == ROLE_CALL && s->call->kind == CALL_SEND) {
        struct sema_call tell = *s->call;
        tell.kind = CALL_TELL;
        lower_actor_call(fn, &tell, NULL, NULL, e->span);
        return;
    }
    index_all_the_same(fn, lower(fn, e, NULL), e->span);
}
