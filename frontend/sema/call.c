// SPDX-License-Identifier: MIT
// Calls: of functions, methods, constructors, conversions and closures. Which one it is follows
// from what stands before the parentheses; calls of actors are in actor.c, of `async.…` in async.c.
#include "frontend/sema/check.h"

static struct sema_call *call_new(struct checker *c, struct ast_expr *e, enum call_kind kind) {
    struct sema_call *call = arena_new(c->arena, struct sema_call);
    call->kind = kind;
    info(c, e)->role = ROLE_CALL;
    info(c, e)->call = call;
    return call;
}

static void mark_callee(struct checker *c, struct ast_expr *callee) {
    info(c, callee)->role = ROLE_STATIC;
    info(c, callee)->type = c->t_unit;
}

static struct span declared_at(const struct sema_function *f) {
    return f->module->is_std ? (struct span){0} : f->span;
}

static struct type *call_result(struct checker *c, const struct sema_use *use) {
    struct type *t = use_type(c, use, use->function->result);
    bool is_future = use->function->is_async && use->function->kind != FUNCTION_MESSAGE;
    return is_future ? type_make(c->prog, TYPE_FUTURE, &t, 1) : t;
}

// What the result is wanted for may tell what the arguments are. A call that never comes back fits
// everywhere, and says nothing about what is wanted. Of what is returned a `Result` may be made
// later, so there only a struct tells.
static void unify_with_want(struct checker *c, struct type *result, const struct want *want) {
    struct type *have = resolve(result);
    if (!want || !want->type || want->is_discard || have->kind == TYPE_NEVER)
        return;
    struct type *t = resolve(want->type);
    bool is_struct = have->kind == TYPE_STRUCT;
    if (want->is_return && is_struct && t->kind == TYPE_ENUM &&
        t->enumeration == c->prog->known.result)
        t = resolve(t->args[0]);
    if ((!want->is_return || (is_struct && t->kind == TYPE_STRUCT)) && can_unify(c, result, t))
        unify(c, result, t);
}

// ---- functions ----------------------------------------------------------------------------------

// `parallel.map` with a function that gives futures is `async.map`.
static struct type *as_branches(struct checker *c, struct sema_call *call, struct type *list) {
    list = resolve(list);
    struct type *item =
        list->kind == TYPE_STRUCT && list->arg_count ? task_result(c, list->args[0]) : NULL;
    if (!item)
        return list;
    call->kind = CALL_MAP;
    call->args.len = 2;
    return type_struct(c->prog, c->prog->known.list, &item);
}

struct type *call_function(struct checker *c, struct ast_expr *e, struct sema_function *f,
                           struct ast_type_args *given, struct type *self,
                           const struct want *want) {
    struct sema_call *call = call_new(c, e, CALL_FUNCTION);
    call->use = instantiate(c, f, given, e->span);
    if (f->kind == FUNCTION_TRAIT)
        call->kind = CALL_TRAIT;
    if (self && f->self_type && !unify(c, use_type(c, &call->use, f->self_type), self))
        say_no_member(c, self, (struct ast_name){f->name, e->span.start, e->span.end}, e->span);
    struct type *result = call_result(c, &call->use);
    unify_with_want(c, result, want);
    if (f->is_format) {
        call->format = check_format(c, e, 0);
        call->args.len = 0;
        return result;
    }
    if (f->self != SELF_NONE) {
        struct diag *d = diag_add(c->sink, P2017, e->span, "`%s` is a method", f->name);
        diag_primary(c->sink, d, "it is called on a value: `value.%s(...)`", f->name);
        return result;
    }
    check_args(c, call, e->span, f->name, &f->params, &call->use, e->call.args.at, e->call.args.len,
               declared_at(f));
    return f->branches ? as_branches(c, call, result) : result;
}

// ---- methods ------------------------------------------------------------------------------------

// Of several functions of one name the one whose Self and number of arguments fit and, if that does
// not decide, whose first parameter takes the first argument.
static struct method *choose(struct checker *c, struct method *m, struct type *self,
                             struct ast_arg *args, int32_t count) {
    struct method *fit = NULL;
    bool several = false;
    for (struct method *at = m; at; at = at->next) {
        sema_types open = {arena_array(c->arena, struct type *, at->function->type_params.len),
                           at->function->type_params.len};
        for (int32_t i = 0; i < open.len; i++)
            open.at[i] = type_new_var(c, (struct span){0});
        struct type *self_type =
            sema_subst(c->prog, at->function->self_type, &at->function->type_params, &open);
        if (!can_unify(c, self_type, self) || at->function->params.len != count)
            continue;
        if (!fit)
            fit = at;
        else
            several = true;
    }
    if (!several || count == 0)
        return fit ? fit : m;
    struct type *first = settle(c, check(c, args[0].value, NULL));
    c->prechecked = args[0].value;
    for (struct method *at = m; at; at = at->next) {
        sema_types open = {arena_array(c->arena, struct type *, at->function->type_params.len),
                           at->function->type_params.len};
        for (int32_t i = 0; i < open.len; i++)
            open.at[i] = type_new_var(c, (struct span){0});
        struct sema_function *f = at->function;
        if (f->params.len == count &&
            can_unify(c, sema_subst(c->prog, f->self_type, &f->type_params, &open), self) &&
            can_unify(c, sema_subst(c->prog, f->params.at[0].type, &f->type_params, &open), first))
            return at;
    }
    return fit;
}

struct method *method_chosen(struct checker *c, struct method *m, struct type *self) {
    return choose(c, m, self, NULL, 0);
}

struct type *call_method(struct checker *c, struct ast_expr *e, struct ast_expr *receiver,
                         struct method *m, struct ast_arg *args, int32_t arg_count,
                         struct ast_type_args *given, struct span name_span,
                         const struct want *want) {
    struct type *self = resolve(info(c, receiver)->type);
    struct ast_expr *outer_prechecked = c->prechecked;
    if (m->next)
        m = choose(c, m, self, args, arg_count);
    struct sema_function *f = m->function;
    struct sema_call *call = call_new(c, e, f->kind == FUNCTION_TRAIT ? CALL_TRAIT : CALL_FUNCTION);
    call->use = instantiate(c, f, given, name_span);
    if (f->self == SELF_NONE) {
        struct diag *d = diag_add(c->sink, P2017, name_span, "`%s` takes no `self`", f->name);
        diag_primary(c->sink, d, "it is called on the type: `%s.%s(...)`",
                     f->self_type ? type_show(c->prog, f->self_type) : "Type", f->name);
    }
    // Methods of references are those of references to any actor.
    bool is_any = f->self_type && f->self_type->kind == TYPE_REF && !f->self_type->actor;
    if (f->self_type && !is_any && !unify(c, use_type(c, &call->use, f->self_type), self)) {
        struct diag *d = diag_add(c->sink, P2004, name_span, "`%s` has no `%s`",
                                  type_show(c->prog, self), f->name);
        diag_primary(c->sink, d, "`%s` has it", type_show(c->prog, f->self_type));
    }
    struct type *result = call_result(c, &call->use);
    unify_with_want(c, result, want);
    call->receiver = receiver;
    call->receiver_mut = f->self == SELF_MUT;
    check_args(c, call, e->span, f->name, &f->params, &call->use, args, arg_count, declared_at(f));
    if (call->receiver_mut)
        mutate_place(c, receiver, "changed by this call");
    if (f->builtin == BUILTIN_ATTENUATE)
        check_attenuation(c, e, call);
    c->prechecked = outer_prechecked;
    return result;
}

// `x.entry(k).or_insert(v)`: the method `entry_or_insert(k, v)` of x.
static struct type *call_entry(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct ast_expr *object = e->call.callee->member.object;
    if (object->kind != EXPR_CALL || object->call.callee->kind != EXPR_MEMBER ||
        object->call.callee->member.name.text != W(entry))
        return NULL;
    struct ast_expr *x = object->call.callee->member.object;
    struct static_ref ref;
    if (static_path(c, x, &ref) || (x->kind == EXPR_SELF && in_actor(c)))
        return NULL;
    struct type *t = default_now(c, check(c, x, NULL));
    const char *name =
        intern(c->names, str_format(c->arena, "entry_%s", e->call.callee->member.name.text));
    struct method *m = method_find(c, t, name);
    if (!m)
        return NULL;
    mark_callee(c, e->call.callee);
    mark_callee(c, object);
    mark_callee(c, object->call.callee);
    int32_t first = object->call.args.len, count = first + e->call.args.len;
    struct ast_arg *args = arena_array(c->arena, struct ast_arg, count);
    for (int32_t i = 0; i < count; i++)
        args[i] = i < first ? object->call.args.at[i] : e->call.args.at[i - first];
    return call_method(c, e, x, m, args, count, NULL,
                       ast_name_span(e->call.callee->span, e->call.callee->member.name), want);
}

// Of a value of which only the trait is known.
static struct method *trait_method(struct checker *c, const struct sema_trait_ref *of,
                                   struct type *self, const char *name,
                                   struct sema_trait_ref **ref) {
    for (int32_t k = 0; k < of->trait->functions.len; k++) {
        if (of->trait->functions.at[k]->name != name)
            continue;
        struct method *m = arena_new(c->arena, struct method);
        m->function = of->trait->functions.at[k];
        *ref = arena_new(c->arena, struct sema_trait_ref);
        **ref = *of;
        return m;
    }
    struct method *m = NULL;
    for (int32_t i = 0; i < of->trait->parents.len && !m; i++) {
        struct sema_trait_ref parent = trait_parent(c, of, i, self);
        m = trait_method(c, &parent, self, name, ref);
    }
    return m;
}

static struct method *asked_method(struct checker *c, const struct sema_type_param *param,
                                   const char *name, struct sema_trait_ref **ref) {
    for (int32_t i = 0; param && i < param->traits.len; i++) {
        struct sema_trait *trait = param->traits.at[i].trait;
        for (int32_t k = 0; k < trait->functions.len; k++)
            if (trait->functions.at[k]->name == name) {
                struct method *m = arena_new(c->arena, struct method);
                m->function = trait->functions.at[k];
                *ref = &param->traits.at[i];
                return m;
            }
    }
    return NULL;
}

// What has a method because its traits are asked for: a type parameter, or what a `where` is about.
struct method *param_method(struct checker *c, struct type *t, const char *name,
                            struct sema_trait_ref **ref) {
    const struct sema_type_param *param = t->kind == TYPE_PARAM   ? t->param
                                          : t->kind == TYPE_ASSOC ? t->assoc->like
                                                                  : NULL;
    struct method *m = asked_method(c, param, name, ref);
    return m ? m : asked_method(c, asked_of(c, t), name, ref);
}

// The arguments of the trait are those of the bound.
static void fix_trait_args(struct checker *c, struct ast_expr *e, struct sema_trait_ref *ref) {
    struct sema_expr *at = info(c, e);
    for (int32_t i = 0; at->role == ROLE_CALL && i < ref->args.len; i++)
        unify(c, at->call->use.type_args.at[i + 1], ref->args.at[i]);
}

static struct type *call_closure(struct checker *c, struct ast_expr *e, struct ast_expr *callee,
                                 struct type *t) {
    struct sema_call *call = call_new(c, e, CALL_CLOSURE);
    call->receiver = callee;
    note_called(c, callee);
    sema_params params = {arena_array(c->arena, struct sema_param, t->arg_count), t->arg_count - 1};
    for (int32_t i = 0; i < params.len; i++) {
        params.at[i].name = "_";
        params.at[i].type = type_fn_param(t, i);
        params.at[i].is_mut = type_fn_is_mut(t, i);
    }
    check_args(c, call, e->span, "this function", &params, NULL, e->call.args.at, e->call.args.len,
               (struct span){0});
    return type_fn_result(t);
}

// `x.clone()`: a function of the library that takes any value is a method of every type.
static struct type *call_universal(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct ast_expr *callee = e->call.callee;
    struct symbol *s = symbol_find_here(c->prelude, callee->member.name.text);
    (void)want;
    if (!s || s->kind != SYMBOL_FUNCTION || !s->function->is_universal)
        return NULL;
    mark_callee(c, callee);
    int32_t count = e->call.args.len + 1;
    struct ast_arg *args = arena_array(c->arena, struct ast_arg, count);
    args[0].value = callee->member.object;
    for (int32_t i = 1; i < count; i++)
        args[i] = e->call.args.at[i - 1];
    struct sema_call *call = call_new(c, e, CALL_FUNCTION);
    call->use = instantiate(c, s->function, callee->member.type_args, e->span);
    struct ast_expr *outer = c->prechecked;
    c->prechecked = callee->member.object;
    check_args(c, call, e->span, s->name, &s->function->params, &call->use, args, count,
               (struct span){0});
    c->prechecked = outer;
    return call_result(c, &call->use);
}

// `future.timeout(d)`
static struct type *call_limited(struct checker *c, struct ast_expr *e, struct type *future) {
    struct type *late = c->prog->known.failures[KNOWN_TIMEOUT];
    struct sema_call *call = call_new(c, e, CALL_LIMITED);
    mark_callee(c, e->call.callee);
    call->receiver = e->call.callee->member.object;
    call->timeout = e->call.args.at[0].value;
    check_as(c, call->timeout, c->t_duration, "the time limit", (struct span){0});
    if (!late || !c->prog->known.result)
        return c->t_error;
    struct type *args[2] = {future->args[0], late};
    struct type *result = type_enum(c->prog, c->prog->known.result, args);
    return type_make(c->prog, TYPE_FUTURE, &result, 1);
}

// An argument of who knows what: what a closure is given cannot be told, and is no mistake of its
// own.
static void check_lost(struct checker *c, struct ast_expr *e) {
    struct want want = {.type = c->t_error, .is_hint = true};
    check(c, e, e->kind == EXPR_CLOSURE ? &want : NULL);
}

static struct type *skip_args(struct checker *c, struct ast_expr *e) {
    for (int32_t i = 0; i < e->call.args.len; i++)
        check_lost(c, e->call.args.at[i].value);
    return c->t_error;
}

void check_loosely(struct checker *c, struct ast_expr *e, const char *method) {
    bool sends = method == W(send) || method == W(tell) || method == W(ask);
    bool is_call = e->kind == EXPR_CALL && e->call.callee->kind == EXPR_NAME;
    const struct ast_expr *head = is_call ? e->call.callee : e;
    if (!sends || head->kind != EXPR_NAME || symbol_find(c->scope, head->name.text))
        check_lost(c, e);
    else if (is_call)
        skip_args(c, e);
}

static struct type *call_value_method(struct checker *c, struct ast_expr *e,
                                      const struct want *want) {
    struct ast_expr *callee = e->call.callee;
    struct ast_name name = callee->member.name;
    struct type *entry = call_entry(c, e, want);
    if (entry)
        return entry;
    struct type *t = default_now(c, check(c, callee->member.object, NULL));
    struct span span = ast_name_span(callee->span, name);
    if (t->kind == TYPE_ERROR || t->kind == TYPE_NEVER) {
        for (int32_t i = 0; i < e->call.args.len; i++)
            check_loosely(c, e->call.args.at[i].value, name.text);
        return t;
    }
    if (t->kind == TYPE_FUTURE && name.text == W(timeout) && e->call.args.len == 1)
        return call_limited(c, e, t);
    struct method *m = NULL;
    struct sema_trait_ref *ref = NULL;
    struct sema_trait_ref own = {.args = {t->args, t->arg_count}};
    if (t->kind == TYPE_TRAIT) {
        own.trait = t->trait;
        m = trait_method(c, &own, t, name.text, &ref);
    } else {
        m = param_method(c, t, name.text, &ref);
    }
    if (!m && is_reference(c, t)) {
        struct type *result = check_actor_call(c, e, t, want);
        if (result)
            return result;
    }
    if (!m)
        m = method_find(c, t, name.text);
    if (m) {
        mark_callee(c, callee);
        struct type *result = call_method(c, e, callee->member.object, m, e->call.args.at,
                                          e->call.args.len, callee->member.type_args, span, want);
        if (ref)
            fix_trait_args(c, e, ref);
        return result;
    }
    int32_t index;
    if (field_find(c, t, name.text, &index)) {
        struct type *field = resolve(sema_field_type(c->prog, t, -1, index));
        if (field->kind == TYPE_FN) {
            set_type(c, callee, field);
            info(c, callee)->role = ROLE_FIELD;
            info(c, callee)->index = index;
            return call_closure(c, e, callee, field);
        }
    }
    struct type *universal = call_universal(c, e, want);
    if (universal)
        return universal;
    if (t->kind == TYPE_VAR) {
        struct diag *d = diag_add(c->sink, P2009, callee->member.object->span,
                                  "the type of this has to be known here");
        diag_primary(c->sink, d, "`.%s(...)` depends on it", name.text);
        t->var->is_reported = true;
        unify(c, t, c->t_error);
    } else {
        say_no_member(c, t, name, callee->span);
    }
    return skip_args(c, e);
}

// ---- constructors, conversions ------------------------------------------------------------------

static struct type *construct(struct checker *c, struct ast_expr *e, struct type *t,
                              int32_t variant, const struct want *want) {
    struct sema_call *call = call_new(c, e, variant < 0 ? CALL_STRUCT : CALL_VARIANT);
    call->variant = variant;
    struct sema_field *fields =
        variant < 0 ? t->structure->fields.at : t->enumeration->variants.at[variant].fields.at;
    int32_t count =
        variant < 0 ? t->structure->fields.len : t->enumeration->variants.at[variant].fields.len;
    const char *name = variant < 0 ? t->structure->name : t->enumeration->variants.at[variant].name;
    enum ast_shape shape =
        variant < 0 ? t->structure->shape : t->enumeration->variants.at[variant].shape;
    struct type *wanted = want && want->type && !want->is_discard ? resolve(want->type) : NULL;
    if (wanted && wanted->kind == t->kind && can_unify(c, t, wanted))
        unify(c, t, wanted);
    if (shape == SHAPE_UNIT) {
        struct diag *d = diag_add(c->sink, P2017, e->span, "`%s` has no fields", name);
        diag_primary(c->sink, d, "it is written without `()`");
        return t;
    }
    bool is_provider = variant < 0 && t->structure->is_provider;
    if (shape == SHAPE_RECORD && !is_provider) {
        if (t == c->t_string) {
            struct diag *d = diag_add(c->sink, P2017, e->span, "`String` converts nothing");
            diag_primary(c->sink, d, "`format!(\"{}\", ...)` makes text of a value");
            return t;
        }
        struct diag *d = diag_add(c->sink, P2017, e->span, "`%s` has named fields", name);
        diag_primary(c->sink, d, "`%s { ... }` makes one", name);
        return t;
    }
    sema_params params = {arena_array(c->arena, struct sema_param, count), count};
    for (int32_t i = 0; i < count; i++)
        params.at[i] = (struct sema_param){.name = fields[i].name,
                                           .type = sema_field_type(c->prog, t, variant, i),
                                           .default_value = is_provider ? fields[i].value : NULL,
                                           .span = fields[i].span};
    bool is_std = variant < 0 ? t->structure->module->is_std : t->enumeration->module->is_std;
    for (int32_t i = 0; i < count && is_std; i++)
        params.at[i].span = (struct span){0};
    check_args(c, call, e->span, name, &params, NULL, e->call.args.at, e->call.args.len,
               (struct span){0});
    return t;
}

static bool is_literal(const struct ast_expr *e) {
    return e->kind == EXPR_INT || (e->kind == EXPR_UNARY && e->unary.operand->kind == EXPR_INT);
}

static struct type *convert(struct checker *c, struct ast_expr *e, struct type *to) {
    struct sema_call *call = call_new(c, e, CALL_CONVERT);
    call->args.len = 1;
    call->args.at = arena_new(c->arena, struct sema_arg);
    if (e->call.args.len != 1 || e->call.args.at[0].name.text) {
        struct diag *d = diag_add(c->sink, P2006, e->span, "a conversion takes one value");
        diag_primary(c->sink, d, "`%s(value)`", type_show(c->prog, to));
        return to;
    }
    struct ast_expr *value = e->call.args.at[0].value;
    struct type *t = resolve(check(c, value, NULL));
    if (t->kind == TYPE_VAR && t->var->kind == VAR_INTEGER && is_literal(value))
        unify(c, t, to); // `u8(5)`: the literal takes the type, so that its range is checked
    t = settle(c, t);
    call->args.at[0] = (struct sema_arg){value, 0, false};
    bool from_ok = type_is_integer(t) || type_is_float(t) || t->kind == TYPE_ERROR ||
                   t->kind == TYPE_CHAR || (t->kind == TYPE_PARAM && satisfies(c, t, BOUND_NUMBER));
    if (from_ok)
        return to;
    struct diag *d = diag_add(c->sink, P2015, value->span, "`%s` cannot become `%s`",
                              type_show(c->prog, t), type_show(c->prog, to));
    diag_primary(c->sink, d, "only numbers and `char` convert like this");
    if (t->kind == TYPE_BOOL)
        diag_note(c->sink, d, "`if ... { 1 } else { 0 }` makes a number of it.");
    else if (t == c->t_string && type_is_integer(to))
        diag_note(c->sink, d, "`parse_int()` reads a number from a text.");
    return to;
}

static struct type *call_type(struct checker *c, struct ast_expr *e, struct type *t,
                              const struct want *want) {
    if (t->kind == TYPE_STRUCT)
        return construct(c, e, t, -1, want);
    if (type_is_integer(t) || type_is_float(t) || t->kind == TYPE_CHAR)
        return convert(c, e, t);
    if (t->kind == TYPE_ERROR)
        return t;
    struct diag *d = diag_add(c->sink, P2017, e->call.callee->span, "`%s` cannot be called",
                              type_show(c->prog, t));
    diag_primary(c->sink, d, "this is a type");
    if (t->kind == TYPE_REF && t->actor)
        diag_note(c->sink, d, "`%s.spawn(...)` starts an actor.", t->actor->name);
    else if (t->kind == TYPE_BOOL && e->call.args.len == 1)
        diag_note(c->sink, d, "A comparison, such as `... != 0`, gives a `bool`.");
    return c->t_error;
}

// ---- what stands before the parentheses ---------------------------------------------------------

static struct type *call_symbol(struct checker *c, struct ast_expr *e, const struct static_ref *ref,
                                const struct want *want) {
    struct symbol *s = ref->symbol;
    if (ref->type)
        return call_type(c, e, ref->type, want);
    switch (s->kind) {
    case SYMBOL_FUNCTION:
        if (s->function->kind == FUNCTION_ACTOR) {
            struct diag *d = diag_add(c->sink, P2001, ref->span, "there is no `%s` here", s->name);
            diag_primary(c->sink, d, "a function of the actor is called as `self.%s(...)`",
                         s->name);
            struct span start = {ref->span.source, ref->span.start, ref->span.start};
            diag_fix(c->sink, d, start, STR("self."), "call it on `self`");
            return skip_args(c, e);
        }
        c->service_args = ref->service;
        return call_function(c, e, s->function, ref->args, NULL, want);
    case SYMBOL_VARIANT: {
        struct symbol owner = *s;
        owner.kind = SYMBOL_ENUM;
        struct type *t = symbol_self_type(c, &owner, ref->args, ref->span);
        return t->kind == TYPE_ERROR ? skip_args(c, e) : construct(c, e, t, s->variant, want);
    }
    case SYMBOL_TYPE:
    case SYMBOL_BUILTIN:
    case SYMBOL_STRUCT:
    case SYMBOL_ENUM:
    case SYMBOL_ALIAS:
    case SYMBOL_ACTOR:
    case SYMBOL_PARAM:
        return call_type(c, e, static_type(c, ref), want);
    case SYMBOL_CONST: {
        struct type *t = resolve(check(c, e->call.callee, NULL));
        if (t->kind == TYPE_FN)
            return call_closure(c, e, e->call.callee, t);
        break;
    }
    default:
        break;
    }
    struct diag *d = diag_add(c->sink, P2017, ref->span, "`%s` cannot be called", s->name);
    diag_primary(c->sink, d, "it is %s", symbol_phrase(s));
    if (s->span.source)
        diag_label(c->sink, d, s->span, "it is declared here");
    return skip_args(c, e);
}

// `Name.generate()` of a distinct number or text.
static struct type *call_generate(struct checker *c, struct ast_expr *e, struct type *t) {
    struct type *base = resolve(sema_field_type(c->prog, t, -1, 0));
    bool is_text = base == c->t_string;
    struct symbol *s = symbol_find_here(
        c->prelude, intern(c->names, is_text ? STR("generate_text") : STR("generate_number")));
    if (!s || (!is_text && !type_is_integer(base)))
        return NULL;
    struct sema_call *call = call_new(c, e, CALL_FUNCTION);
    call->use = instantiate(c, s->function, NULL, e->span);
    if (!is_text)
        unify(c, call->use.type_args.at[0], base);
    check_args(c, call, e->span, "generate", &s->function->params, &call->use, e->call.args.at,
               e->call.args.len, (struct span){0});
    return t;
}

static struct type *call_any(struct checker *c, struct ast_expr *e) {
    struct ast_expr *callee = e->call.callee;
    struct type *t = resolve(check(c, callee, NULL));
    if (t->kind == TYPE_FN)
        return call_closure(c, e, callee, t);
    if (t->kind != TYPE_ERROR) {
        struct diag *d =
            diag_add(c->sink, P2017, callee->span, "`%s` cannot be called", type_show(c->prog, t));
        diag_primary(c->sink, d, "this is no function");
    }
    return skip_args(c, e);
}

// `Type.name(...)`, `Enum.Variant(...)`, `Actor.spawn(...)`
static struct type *call_static_member(struct checker *c, struct ast_expr *e,
                                       const struct static_ref *ref, const struct want *want) {
    struct ast_expr *callee = e->call.callee;
    struct ast_name name = callee->member.name;
    if (ref->symbol && ref->symbol->kind == SYMBOL_MODULE) {
        check(c, callee, NULL); // tells what is wrong
        return skip_args(c, e);
    }
    if (ref->symbol && ref->symbol->kind == SYMBOL_ACTOR &&
        (name.text == W(spawn) || name.text == c->words.w.new_))
        return check_spawn(c, e, ref->symbol, ref->args);
    if (ref->symbol && (ref->symbol->kind == SYMBOL_CONST || ref->symbol->kind == SYMBOL_VARIANT ||
                        ref->symbol->kind == SYMBOL_FUNCTION))
        return call_value_method(c, e, want);
    if (ref->symbol && ref->symbol->kind == SYMBOL_STRUCT &&
        ref->symbol->structure->shape == SHAPE_UNIT) {
        struct method *m = method_find(c, ref->symbol->structure->self_type, name.text);
        if (m && m->function->self != SELF_NONE)
            return call_value_method(c, e, want);
    }
    struct type *t = resolve(static_type(c, ref));
    if (ref->symbol && ref->symbol->kind == SYMBOL_ACTOR) {
        struct type *sent = check_bus_call(c, e, ref->symbol->actor, t);
        if (sent)
            return sent;
    }
    mark_callee(c, callee);
    if (t->kind == TYPE_ERROR)
        return skip_args(c, e);
    if (t->kind == TYPE_ENUM) {
        int32_t variant = variant_find(t->enumeration, name.text);
        if (variant >= 0)
            return construct(c, e, t, variant, want);
    }
    struct sema_trait_ref *bound = NULL;
    bool is_open = t->kind == TYPE_PARAM || t->kind == TYPE_ASSOC;
    struct method *m = param_method(c, t, name.text, &bound);
    if (!m && !is_open)
        m = method_find(c, t, name.text);
    if (!m && t->kind == TYPE_STRUCT && t->structure->is_provider && name.text == c->words.w.new_)
        return construct(c, e, t, -1, want);
    if (!m && t->kind == TYPE_STRUCT && t->structure->is_distinct &&
        strcmp(name.text, "generate") == 0) {
        struct type *made = call_generate(c, e, t);
        if (made)
            return made;
    }
    if (!m) {
        say_no_member(c, t, name, callee->span);
        for (int32_t i = 0; i < e->call.args.len; i++)
            check_loosely(c, e->call.args.at[i].value, name.text);
        return c->t_error;
    }
    if (m->function->is_constant)
        return call_any(c, e);
    struct ast_expr *outer_prechecked = c->prechecked;
    if (m->next)
        m = choose(c, m, t, e->call.args.at, e->call.args.len);
    struct type *result = call_function(c, e, m->function, callee->member.type_args, t, want);
    c->prechecked = outer_prechecked;
    if (bound)
        fix_trait_args(c, e, bound);
    return result;
}

struct type *check_call(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct ast_expr *callee = e->call.callee;
    struct static_ref ref;
    if (e->call.args.len > SEMA_ARGS_MAX) {
        struct diag *d =
            diag_add(c->sink, P8210, e->span, "a call has at most %d arguments, here are %d",
                     SEMA_ARGS_MAX, (int)e->call.args.len);
        diag_primary(c->sink, d, "a list holds any number of values");
        return c->t_error;
    }
    if (callee->kind == EXPR_MEMBER) {
        struct ast_expr *object = callee->member.object;
        if (object->kind == EXPR_NAME && object->name.text == W(async))
            return check_async_call(c, e, callee->member.name.text);
        if (object->kind == EXPR_SELF && in_actor(c))
            return check_self_call(c, e, want);
        if (static_path(c, callee, &ref))
            return call_symbol(c, e, &ref, want);
        if (static_path(c, object, &ref))
            return call_static_member(c, e, &ref, want);
        return call_value_method(c, e, want);
    }
    if (callee->kind == EXPR_NAME) {
        struct type *t =
            callee->name.text == W(announce) ? check_announce(c, e) : check_spawn_form(c, e, want);
        if (t)
            return t;
    }
    if (static_path(c, callee, &ref))
        return call_symbol(c, e, &ref, want);
    return call_any(c, e);
}
