// SPDX-License-Identifier: MIT
// Arguments: which argument stands for which parameter, by position, by name or by default; and the
// types that stand for the type parameters of what is called.
#include "frontend/sema/check.h"

// ---- instances ----------------------------------------------------------------------------------

static int32_t outer_count(const struct sema_function *f) {
    if (f->kind == FUNCTION_TRAIT)
        return 1 + f->trait->item->trait->generics.params.len;
    if (f->impl)
        return f->impl->params.len;
    if (f->service)
        return f->service->item->service->generics.params.len;
    return f->actor ? f->actor->params.len : 0;
}

struct type *use_type(struct checker *c, const struct sema_use *use, struct type *t) {
    return sema_subst(c->prog, t, &use->function->type_params, &use->type_args);
}

void note_call(struct checker *c, struct sema_function *callee, struct sema_actor *actor,
               struct span span) {
    if (!c->body->function && !value_closure(c->body))
        return;
    struct call_edge edge = {c->body->function,     callee, actor, span, NULL, false,
                             value_closure(c->body)};
    vec_push(c->arena, &c->calls, edge);
}

// `Service::<T>.operation(...)`: what was written before the name stands for the service's
// parameters.
static void take_service_args(struct checker *c, struct sema_use *use, int32_t count) {
    struct ast_type_args *given = c->service_args;
    c->service_args = NULL;
    sema_types explicit;
    const struct sema_service *s = use->function->service;
    if (given && args_fit(c, s->name, given, count, given->span, s->span, false, &explicit))
        for (int32_t i = 0; i < count; i++)
            use->type_args.at[i] = explicit.at[i];
}

struct sema_use instantiate(struct checker *c, struct sema_function *f, struct ast_type_args *given,
                            struct span span) {
    struct sema_use use = {.function = f};
    int32_t total = f->type_params.len, outer = outer_count(f);
    use.type_args.len = total;
    use.type_args.at = arena_array(c->arena, struct type *, total);
    sema_types explicit = type_args_of(c, given);
    if (given && explicit.len != total - outer) {
        struct diag *d =
            diag_add(c->sink, P2008, given->span, "`%s` takes %d type argument%s, not %d", f->name,
                     (int)(total - outer), total - outer == 1 ? "" : "s", (int)explicit.len);
        if (!f->module->is_std)
            diag_label(c->sink, d, f->span, "`%s` is declared here", f->name);
        explicit.len = 0;
    }
    // Within an actor its own type parameters are what they are.
    bool own = f->actor && c->body->function && c->body->function->actor == f->actor;
    for (int32_t i = 0; i < total; i++) {
        if (own && i < outer)
            use.type_args.at[i] = f->type_params.at[i]->type;
        else if (i >= outer && explicit.len)
            use.type_args.at[i] = explicit.at[i - outer];
        else
            use.type_args.at[i] = type_new_var(c, span);
        keep_slot(c, &use.type_args.at[i]);
    }
    if (f->service)
        take_service_args(c, &use, outer);
    use.asked = c->body->bounds.len;
    ask_bounds(c, &use, span);
    note_call(c, f, NULL, span);
    return use;
}

// ---- arguments ----------------------------------------------------------------------------------

static int32_t param_named(const sema_params *params, const char *name) {
    for (int32_t i = 0; i < params->len; i++)
        if (params->at[i].name == name)
            return i;
    return -1;
}

static const char *signature_text(struct checker *c, const char *callee,
                                  const sema_params *params) {
    struct text out = {.arena = c->arena};
    text_printf(&out, "%s(", callee);
    for (int32_t i = 0; i < params->len; i++)
        text_printf(&out, "%s%s%s%s: %s", i ? ", " : "", params->at[i].is_mut ? "mut " : "",
                    params->at[i].name, params->at[i].default_value ? "?" : "",
                    type_show(c->prog, params->at[i].type));
    text_putc(&out, ')');
    return out.data;
}

static void say_count(struct checker *c, struct span span, const char *callee,
                      const sema_params *params, int32_t given, const char *missing,
                      struct span declared) {
    for (int32_t i = 0; i < params->len; i++)
        if (params->at[i].type->kind == TYPE_ERROR)
            return;                       // a mistake in what is declared, which has been told
    bool is_named = !strchr(callee, ' '); // or "this function"
    const char *quote = is_named ? "`" : "";
    int32_t least = 0;
    for (int32_t i = 0; i < params->len; i++)
        least += params->at[i].default_value == NULL;
    struct text many = {.arena = c->arena};
    text_printf(&many, least < params->len ? "%d to %d" : "%d", (int)least, (int)params->len);
    struct diag *d =
        missing && given >= least
            ? diag_add(c->sink, P2006, span, "%s%s%s needs the argument `%s`", quote, callee, quote,
                       missing)
            : diag_add(c->sink, P2006, span, "%s%s%s takes %s argument%s, here %s %d", quote,
                       callee, quote, many.data, params->len == 1 ? "" : "s",
                       given == 1 ? "is" : "are", (int)given);
    if (is_named)
        diag_primary(c->sink, d, "%s", signature_text(c, callee, params));
    if (declared.source)
        diag_label(c->sink, d, declared, "`%s` is declared here", callee);
}

// Gives each argument its parameter; -1: none. When their number is wrong, nobody knows which is
// missing, so none has one.
static bool place_args(struct checker *c, const char *callee, const sema_params *params,
                       struct ast_arg *args, int32_t count, int32_t *at, struct span span,
                       struct span declared) {
    bool fits = true, too_many = false;
    const char *missing = NULL;
    int32_t next = 0;
    bool *taken = arena_array(c->arena, bool, params->len + 1);
    for (int32_t i = 0; i < count; i++) {
        struct ast_arg *arg = &args[i];
        if (arg->name.text) {
            at[i] = param_named(params, arg->name.text);
        } else {
            while (next < params->len && taken[next])
                next++;
            at[i] = next < params->len ? next : -1;
            too_many |= at[i] < 0;
        }
        struct span where =
            arg->name.text ? ast_name_span(arg->value->span, arg->name) : arg->value->span;
        if (at[i] >= 0 && !taken[at[i]]) {
            taken[at[i]] = true;
            continue;
        }
        fits = false;
        if (!arg->name.text)
            continue;
        struct diag *d =
            at[i] < 0 ? diag_add(c->sink, P2007, where, "`%s` has no parameter `%s`", callee,
                                 arg->name.text)
                      : diag_add(c->sink, P2007, where, "`%s` is given twice", arg->name.text);
        diag_primary(c->sink, d, "%s", signature_text(c, callee, params));
        if (declared.source)
            diag_label(c->sink, d, declared, "`%s` is declared here", callee);
        at[i] = -1;
    }
    for (int32_t i = 0; i < params->len && fits; i++)
        if (!taken[i] && !params->at[i].default_value)
            fits = false, too_many = true, missing = params->at[i].name;
    if (too_many)
        say_count(c, span, callee, params, count, missing, declared);
    for (int32_t i = 0; i < count && too_many; i++)
        at[i] = -1;
    return fits;
}

static bool waits_for_types(const struct ast_expr *e) {
    return e->kind == EXPR_CLOSURE || e->kind == EXPR_ASYNC;
}

static void check_arg(struct checker *c, struct sema_arg *slot, const struct sema_param *p,
                      struct type *type, struct ast_arg *arg, int32_t order) {
    char what[96];
    snprintf(what, sizeof what, "the argument `%.60s`", p->name);
    struct want want = {.type = type, .what = what, .open = p->open};
    if (p->span.source && !c->module->is_std && p->type->kind != TYPE_PARAM)
        want.because = p->span;
    if (arg->value == c->prechecked)
        coerce(c, arg->value, info(c, arg->value)->type, &want);
    else
        check(c, arg->value, &want);
    slot->value = arg->value;
    slot->order = order;
    slot->is_mut = p->is_mut;
    if (p->is_mut)
        mutate_place(c, arg->value, "given to a `mut` parameter");
}

void check_args(struct checker *c, struct sema_call *call, struct span span, const char *callee,
                const sema_params *params, const struct sema_use *use, struct ast_arg *args,
                int32_t count, struct span declared) {
    int32_t *at = arena_array(c->arena, int32_t, count + 1);
    bool fits = place_args(c, callee, params, args, count, at, span, declared);
    call->args.len = params->len;
    call->args.at = arena_array(c->arena, struct sema_arg, params->len);
    for (int pass = 0; pass < 2; pass++) {
        for (int32_t i = 0; i < count; i++) {
            if (waits_for_types(args[i].value) != (pass == 1))
                continue;
            if (at[i] < 0) {
                check(c, args[i].value, NULL);
                continue;
            }
            struct sema_param *p = &params->at[at[i]];
            struct type *type = use ? use_type(c, use, p->type) : p->type;
            check_arg(c, &call->args.at[at[i]], p, type, &args[i], i);
        }
        if (use)
            settle_equals(c, use->asked);
    }
    for (int32_t i = 0; i < params->len && fits; i++)
        if (!call->args.at[i].value)
            call->args.at[i] = (struct sema_arg){params->at[i].default_value, -1, false};
    check_exclusive(c, call);
}
