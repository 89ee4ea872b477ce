// SPDX-License-Identifier: MIT
// Patterns: tests in sequence, then bindings. A binding names a part of the subject where nothing
// can change it meanwhile, or where writes through it are meant; else it is a copy.
#include "frontend/mir/build/lower.h"

static void test(struct fn *fn, struct mir_operand condition, int32_t fail, struct span span) {
    int32_t next = block_new(fn);
    branch(fn, condition, next, fail, span);
    enter(fn, next);
}

static void test_tag(struct fn *fn, struct mir_place subject, int32_t variant, int32_t fail,
                     struct span span) {
    struct mir_operand tag =
        op1(fn, MIR_OP_TAG, operand_of(fn, subject), prim(fn, MIR_U32), NULL, span);
    struct mir_operand wanted = const_int(fn, MIR_U32, (uint64_t)variant);
    test(fn, op2(fn, MIR_OP_EQ, tag, wanted, prim(fn, MIR_BOOL), NULL, span), fail, span);
}

static struct mir_operand compare(struct fn *fn, enum mir_op op, struct mir_place subject,
                                  struct mir_operand other, struct span span) {
    return op2(fn, op, operand_of(fn, subject), other, prim(fn, MIR_BOOL), NULL, span);
}

// A literal of the subject's type; literals in patterns need not have types of their own.
static struct mir_operand pattern_literal(struct fn *fn, struct ast_expr *e,
                                          struct mir_place subject) {
    struct mir_type *t = operand_of(fn, subject).type;
    bool is_negative = e->kind == EXPR_UNARY;
    struct ast_expr *bare = is_negative ? e->unary.operand : e;
    struct mir_operand o = {.kind = MIR_CONST, .type = t};
    switch (bare->kind) {
    case EXPR_INT:
        if (t->kind == MIR_F32 || t->kind == MIR_F64)
            o.value.number = is_negative ? -(double)bare->int_value : (double)bare->int_value;
        else
            o.value.bits = is_negative ? 0 - bare->int_value : bare->int_value;
        return o;
    case EXPR_FLOAT:
        o.value.number = is_negative ? -bare->float_value : bare->float_value;
        return o;
    case EXPR_CHAR:
        o.value.bits = bare->char_value;
        return o;
    case EXPR_BOOL:
        o.value.bits = bare->bool_value;
        return o;
    default:
        return make_string(fn, const_text(fn, bare->string), NULL, e->span);
    }
}

static void test_literal(struct fn *fn, struct ast_pattern *p, struct mir_place subject,
                         int32_t fail) {
    struct mir_operand wanted = pattern_literal(fn, p->literal, subject);
    test(fn, compare(fn, MIR_OP_EQ, subject, wanted, p->span), fail, p->span);
}

static void test_range(struct fn *fn, struct ast_pattern *p, struct mir_place subject,
                       int32_t fail) {
    if (p->range.low) {
        struct mir_operand low = pattern_literal(fn, p->range.low, subject);
        test(fn, compare(fn, MIR_OP_GE, subject, low, p->span), fail, p->span);
    }
    if (p->range.high) {
        struct mir_operand high = pattern_literal(fn, p->range.high, subject);
        enum mir_op op = p->range.is_inclusive ? MIR_OP_LE : MIR_OP_LT;
        test(fn, compare(fn, op, subject, high, p->span), fail, p->span);
    }
}

// The projection gives Some(place) or None: its patterns are tests of the index.
static void match_projection(struct fn *fn, struct ast_pattern *p, const struct subject *s,
                             bool may_alias, int32_t fail);

// One of several patterns; of a projection, or of a place. They bind the same names: to copies, so
// that they can meet.
static void lower_alternatives(struct fn *fn, struct ast_pattern *p, struct mir_place subject,
                               const struct subject *projection, int32_t fail) {
    int32_t found = block_new(fn);
    bool outer = fn->is_alternative;
    fn->is_alternative = true;
    for (int32_t i = 0; i < p->any.alternatives.len; i++) {
        bool is_last = i + 1 == p->any.alternatives.len;
        int32_t next = is_last ? fail : block_new(fn);
        if (projection)
            match_projection(fn, p->any.alternatives.at[i], projection, false, next);
        else
            lower_pattern(fn, p->any.alternatives.at[i], subject, false, next);
        jump(fn, found, p->span);
        if (!is_last)
            enter(fn, next);
    }
    fn->is_alternative = outer;
    enter(fn, found);
}

static void lower_any(struct fn *fn, struct ast_pattern *p, struct mir_place subject,
                      bool may_alias, int32_t fail) {
    int32_t chosen = chosen_alternative(fn, p);
    if (chosen >= 0) {
        lower_pattern(fn, p->any.alternatives.at[chosen], subject, may_alias, fail);
        return;
    }
    lower_alternatives(fn, p, subject, NULL, fail);
}

static void lower_bind(struct fn *fn, struct ast_pattern *p, struct mir_place subject,
                       bool may_alias, int32_t fail) {
    const struct sema_pattern *known = sema_of_pattern(fn->module, p);
    struct sema_variable *v = known->variable;
    if (p->bind.inner)
        lower_pattern(fn, p->bind.inner, subject, may_alias, fail);
    if (!v || !is_reached(fn))
        return;
    bool writes = v->is_alias && v->is_mutated;
    bool names = (may_alias || is_stable_place(fn, &subject)) && !v->is_mutated;
    if (writes || (names && !fn->is_alternative)) {
        bind(fn, v, subject);
        return;
    }
    struct binding *bound = binding_of(fn, v);
    if (!bound || bound->place.projs.len > 0)
        bind(fn, v, local_place(variable_local(fn, v)));
    assign(fn, binding_of(fn, v)->place, operand_of(fn, subject), p->span);
}

struct parts parts_of(const struct ast_pattern *p) {
    switch (p->kind) {
    case PATTERN_CALL:
        return (struct parts){.at = p->call.elements.at, .count = p->call.elements.len};
    case PATTERN_TUPLE:
        return (struct parts){.at = p->tuple.elements.at, .count = p->tuple.elements.len};
    case PATTERN_STRUCT:
        return (struct parts){.fields = p->record.fields.at, .count = p->record.fields.len};
    default:
        return (struct parts){0};
    }
}

static void lower_parts(struct fn *fn, struct ast_pattern *p, struct mir_place subject,
                        struct type *t, int32_t variant, bool may_alias, int32_t fail) {
    const struct sema_pattern *known = sema_of_pattern(fn->module, p);
    struct parts parts = parts_of(p);
    for (int32_t i = 0; i < parts.count && is_reached(fn); i++) {
        struct ast_pattern *part = parts.at ? parts.at[i] : parts.fields[i].pattern;
        int32_t field = i < known->fields.len ? known->fields.at[i] : i;
        if (part->kind == PATTERN_WILDCARD)
            continue;
        lower_pattern(fn, part, typed_field(fn, subject, t, variant, field), may_alias, fail);
    }
}

// The subject is an error of any type.
static void lower_type_pattern(struct fn *fn, struct ast_pattern *p, struct mir_place subject,
                               int32_t fail) {
    const struct sema_pattern *known = sema_of_pattern(fn->module, p);
    struct type *as = subst(fn->b, &fn->env, known->as);
    struct mir_type *t = mir_type_for(fn->b, as);
    struct mir_inst is = inst(fn, MIR_OP_ERROR_IS, p->span);
    inst_arg(fn, &is, operand_of(fn, subject));
    is.type = t;
    test(fn, put_value(fn, is, prim(fn, MIR_BOOL), NULL), fail, p->span);
    if (parts_of(p).count == 0 && known->variant < 0)
        return;
    struct mir_operand value = op1(fn, MIR_OP_ERROR_GET, operand_of(fn, subject), t, NULL, p->span);
    if (known->variant >= 0)
        test_tag(fn, value.place, known->variant, fail, p->span);
    lower_parts(fn, p, value.place, as, known->variant, true, fail);
}

// The subject is a failure that the runtime made, or an error of the type that stands for it.
static void lower_failure_pattern(struct fn *fn, struct ast_pattern *p, struct mir_place subject,
                                  int32_t fail) {
    static const enum failure kinds[KNOWN_FAILURES] = {[KNOWN_TIMEOUT] = FAILURE_TIMEOUT,
                                                       [KNOWN_CANCELLED] = FAILURE_TASK_CANCELLED,
                                                       [KNOWN_STOPPED] = FAILURE_STOPPED,
                                                       [KNOWN_CRASHED] = FAILURE_CRASHED,
                                                       [KNOWN_DROPPED] = FAILURE_DROPPED};
    const struct sema_pattern *known = sema_of_pattern(fn->module, p);
    struct mir_operand kind =
        op1(fn, MIR_OP_ERROR_KIND, operand_of(fn, subject), prim(fn, MIR_I64), NULL, p->span);
    struct mir_operand wanted = const_int(fn, MIR_I64, kinds[known->failure]);
    int32_t yes = block_new(fn), other = block_new(fn);
    branch(fn, op2(fn, MIR_OP_EQ, kind, wanted, prim(fn, MIR_BOOL), NULL, p->span), yes, other,
           p->span);
    enter(fn, other);
    lower_type_pattern(fn, p, subject, fail);
    jump(fn, yes, p->span);
    enter(fn, yes);
}

void lower_pattern(struct fn *fn, struct ast_pattern *p, struct mir_place subject, bool may_alias,
                   int32_t fail) {
    if (!is_reached(fn))
        return;
    const struct sema_pattern *known = sema_of_pattern(fn->module, p);
    struct type *t = known->type ? subst(fn->b, &fn->env, known->type) : NULL;
    switch (known->role) {
    case PATTERN_ROLE_BIND:
        lower_bind(fn, p, subject, may_alias, fail);
        return;
    case PATTERN_ROLE_VARIANT:
        if (t->enumeration->variants.len > 1)
            test_tag(fn, subject, known->variant, fail, p->span);
        lower_parts(fn, p, subject, t, known->variant, may_alias, fail);
        return;
    case PATTERN_ROLE_STRUCT:
        lower_parts(fn, p, subject, t, -1, may_alias, fail);
        return;
    case PATTERN_ROLE_CONST:
        test(fn,
             compare(fn, MIR_OP_EQ, subject,
                     lower_const(fn, known->constant, mir_type_for(fn->b, t), NULL), p->span),
             fail, p->span);
        return;
    case PATTERN_ROLE_TYPE:
        lower_type_pattern(fn, p, subject, fail);
        return;
    case PATTERN_ROLE_FAILURE:
        lower_failure_pattern(fn, p, subject, fail);
        return;
    default:
        break;
    }
    switch (p->kind) {
    case PATTERN_LITERAL:
        test_literal(fn, p, subject, fail);
        return;
    case PATTERN_RANGE:
        test_range(fn, p, subject, fail);
        return;
    case PATTERN_OR:
        lower_any(fn, p, subject, may_alias, fail);
        return;
    case PATTERN_TUPLE:
        if (!type_is_unit(t))
            lower_parts(fn, p, subject, t, -1, may_alias, fail);
        return;
    default:
        return; // a wildcard
    }
}

// Does it bind a name through which the subject is changed?
bool pattern_binds_mutably(struct fn *fn, const struct ast_pattern *p) {
    const struct sema_pattern *known = sema_of_pattern(fn->module, p);
    if (p->kind == PATTERN_BIND && known->variable)
        return (known->variable->is_alias && known->variable->is_mutated) ||
               (p->bind.inner && pattern_binds_mutably(fn, p->bind.inner));
    if (p->kind == PATTERN_OR) // all of them give the same names
        return pattern_binds_mutably(fn, p->any.alternatives.at[0]);
    struct parts parts = parts_of(p);
    for (int32_t i = 0; i < parts.count; i++)
        if (pattern_binds_mutably(fn, parts.at ? parts.at[i] : parts.fields[i].pattern))
            return true;
    return false;
}

// ---- subjects -----------------------------------------------------------------------------------

struct subject lower_subject(struct fn *fn, struct ast_expr *e) {
    const struct sema_expr *s = entry(fn, e);
    struct subject made = {0};
    if (s->coercion == COERCE_NONE && s->role == ROLE_CALL && is_projection(s->call, true)) {
        made.is_projection = true;
        made.place = lower_projection(fn, e, &made.index);
        return made;
    }
    made.place = lower_place(fn, e);
    return made;
}

// Does it come to its end without a look at the subject? A name for a part is no look: it may be
// that nobody reads it.
static bool is_blind(struct fn *fn, const struct ast_pattern *p) {
    const struct sema_pattern *known = sema_of_pattern(fn->module, p);
    if (p->kind == PATTERN_BIND)
        return !p->bind.inner || is_blind(fn, p->bind.inner);
    if (p->kind == PATTERN_OR)
        return is_blind(fn, p->any.alternatives.at[0]);
    bool blind = p->kind == PATTERN_WILDCARD || p->kind == PATTERN_TUPLE ||
                 known->role == PATTERN_ROLE_STRUCT;
    struct parts parts = parts_of(p);
    for (int32_t i = 0; blind && i < parts.count; i++) {
        const struct ast_pattern *part = parts.at ? parts.at[i] : parts.fields[i].pattern;
        blind = is_blind(fn, part);
    }
    return blind;
}

// Its indexes are, at a part of it that costs little: the first that is no struct.
static void look_at(struct fn *fn, struct mir_place place, struct span span) {
    struct mir_operand value = operand_of(fn, place);
    if (value.type->kind == MIR_STRUCT && value.type->fields.len > 0)
        look_at(fn, place_field(fn, place, 0), span);
    else if (value.type->kind == MIR_ENUM)
        op1(fn, MIR_OP_TAG, value, prim(fn, MIR_U32), NULL, span);
    else if (value.type->kind == MIR_BUFFER)
        op1(fn, MIR_OP_BUF_LEN, value, prim(fn, MIR_U64), NULL, span);
    else
        index_all_the_same(fn, value, span);
}

static bool has_index(const struct mir_place *p) {
    for (int32_t i = 0; i < p->projs.len; i++)
        if (p->projs.at[i].kind == MIR_PROJ_INDEX)
            return true;
    return false;
}

void index_subject(struct fn *fn, const struct ast_pattern *first, const struct subject *s,
                   struct span span) {
    if (is_reached(fn) && !s->is_projection && has_index(&s->place) && is_blind(fn, first))
        look_at(fn, s->place, span);
}

static void match_projection(struct fn *fn, struct ast_pattern *p, const struct subject *s,
                             bool may_alias, int32_t fail) {
    int32_t chosen = p->kind == PATTERN_OR ? chosen_alternative(fn, p) : -1;
    if (chosen >= 0) {
        match_projection(fn, p->any.alternatives.at[chosen], s, may_alias, fail);
        return;
    }
    if (p->kind == PATTERN_OR) {
        lower_alternatives(fn, p, s->place, s, fail);
        return;
    }
    const struct sema_pattern *known = sema_of_pattern(fn->module, p);
    if (known->role != PATTERN_ROLE_VARIANT) // a wildcard
        return;
    bool is_some = parts_of(p).count > 0;
    test_tag(fn, s->index, known->variant, fail, p->span);
    if (is_some)
        lower_pattern(fn, parts_of(p).at[0], s->place, may_alias, fail);
}

void match_subject(struct fn *fn, struct ast_pattern *p, const struct subject *s, bool may_alias,
                   int32_t fail) {
    if (s->is_projection)
        match_projection(fn, p, s, may_alias, fail);
    else
        lower_pattern(fn, p, s->place, may_alias, fail);
}
