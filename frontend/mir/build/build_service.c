// SPDX-License-Identifier: MIT
// Services. An operation becomes a function that looks at what is bound:
//
//   _n = bound "Database"            ; an enum: nothing, or one of what the program binds to it
//   provider: calls its function of that name
//   model:    fault? then the service's failure; asks the model; then the latency of the answer
//   a model that is a handle: the latency, then asks it, so that nothing that it grants is lost
//   when
//             who waits is interrupted; how it fails it knows itself
//   nothing:  the library's own provider if there is one, else a trap
#include "frontend/mir/build/lower.h"

static const char *name_of(const struct sema_service *s) {
    return strncmp(s->path, "std.", 4) == 0 ? s->path + 4 : s->path;
}

// A service with its arguments: "Table<User>".
static const char *name_with(struct build *b, const struct sema_service *s,
                             const sema_types *args) {
    struct text out = {.arena = b->arena};
    text_printf(&out, "%s", name_of(s));
    for (int32_t i = 0; i < args->len; i++)
        text_printf(&out, "%s%s", i ? ", " : "<", type_path(b, args->at[i]));
    text_printf(&out, "%s", args->len ? ">" : "");
    return intern(&b->module->names, text_str(&out));
}

static bool stands_for(const struct sema_stand_in *in, const sema_types *args) {
    bool same = in->args.len == args->len;
    for (int32_t i = 0; same && i < args->len; i++)
        same = in->args.at[i] == args->at[i];
    return same;
}

static struct mir_type *binding_type(struct build *b, struct sema_service *s,
                                     const sema_types *args) {
    bool is_new;
    const char *service = name_with(b, s, args);
    const char *name = str_format(b->arena, "%s.binding", service).data;
    struct mir_type *t = mir_type_named(b->module, MIR_ENUM, name, &is_new);
    if (!is_new)
        return t;
    struct mir_variant nothing = {.name = intern(&b->module->names, STR("Nothing"))};
    vec_push(b->arena, &t->variants, nothing);
    for (int32_t i = 0; i < s->bound.len; i++) {
        const struct sema_stand_in *in = &s->bound.at[i];
        if (!stands_for(in, args))
            continue;
        const char *word = in->model ? in->model->name : in->provider->name;
        struct mir_variant v = {.name = intern(&b->module->names, str_from(word))};
        vec_push(b->arena, &v.types, mir_type_for(b, in->type));
        vec_push(b->arena, &t->variants, v);
    }
    struct mir_service made = {service, t};
    vec_push(b->arena, &b->module->services, made);
    return t;
}

// ---- an operation -------------------------------------------------------------------------------

static struct mir_operand param(struct fn *fn, int32_t i) {
    return operand_of(fn, local_place(i));
}

static void give(struct fn *fn, struct mir_operand value, struct span span) {
    leave(fn, MIR_RETURN, value, span);
}

static void call_provider(struct fn *fn, struct type *t, struct mir_operand self,
                          struct span span) {
    struct sema_function *operation = fn->instance->function;
    struct instance *callee = provider_instance(fn->b, t, operation->name);
    assert(callee);
    struct mir_inst call = inst(fn, MIR_OP_CALL, span);
    call.function = callee->mir->name;
    inst_arg(fn, &call, self);
    for (int32_t i = 0; i < operation->params.len; i++)
        inst_arg(fn, &call, param(fn, i));
    give(fn, call_trusted(fn, call, callee->mir->result, span), span);
}

// An injected fault: the service's own error where the operation can give it, else a trap.
static void fail_operation(struct fn *fn, struct span span) {
    struct sema_service *s = fn->instance->function->service;
    struct type *result = subst(fn->b, &fn->instance->env, fn->instance->function->result);
    bool is_result =
        result->kind == TYPE_ENUM && result->enumeration == fn->b->program->known.result;
    if (is_result && s->failure && s->failure->type == result->args[1]) {
        struct sema_module *module = fn->module;
        fn->module = s->failure->module;
        struct mir_operand error = lower(fn, s->failure->value, NULL);
        fn->module = module;
        if (is_reached(fn))
            give(fn, make_struct(fn, result, 1, &error, 1, NULL, span), span);
        return;
    }
    trap(fn, FAILURE_UNAVAILABLE, str_format(fn->b->arena, "`%s` failed", name_of(s)), span);
}

static void take_latency(struct fn *fn, struct span span) {
    struct mir_operand latency =
        put_value(fn, inst(fn, MIR_OP_LATENCY, span), prim(fn, MIR_I64), NULL);
    int32_t slow = block_new(fn), there = block_new(fn);
    branch(fn,
           op2(fn, MIR_OP_GT, latency, const_int(fn, MIR_I64, 0), prim(fn, MIR_BOOL), NULL, span),
           slow, there, span);
    enter(fn, slow);
    struct mir_inst sleep = inst(fn, MIR_OP_SLEEP, span);
    inst_arg(fn, &sleep, latency);
    put(fn, sleep);
    jump(fn, there, span);
    enter(fn, there);
}

static int32_t message_index(const struct sema_actor *model, const char *name) {
    for (int32_t i = 0; i < model->messages.len; i++)
        if (model->messages.at[i].name == name)
            return i;
    assert(!"sema has seen that a model takes every operation");
    return 0;
}

// Goes on where no fault strikes.
static void meet_fault(struct fn *fn, struct span span) {
    int32_t bad = block_new(fn), good = block_new(fn);
    branch(fn, put_value(fn, inst(fn, MIR_OP_FAULT, span), prim(fn, MIR_BOOL), NULL), bad, good,
           span);
    enter(fn, bad);
    fail_operation(fn, span);
    enter(fn, good);
}

static void ask_model(struct fn *fn, const struct sema_stand_in *in, struct mir_operand ref,
                      struct span span) {
    struct build *b = fn->b;
    struct sema_function *operation = fn->instance->function;
    if (in->model->handle)
        take_latency(fn, span);
    else
        meet_fault(fn, span);
    struct actor_instance *actor = actor_instance_of(b, in->type);
    struct mir_inst ask = inst(fn, MIR_OP_ASK, span);
    ask.actor = actor->mir->name;
    ask.message = message_index(in->model, operation->name);
    inst_arg(fn, &ask, ref);
    for (int32_t i = 0; i < operation->params.len; i++)
        inst_arg(fn, &ask, param(fn, i));
    struct mir_type *result = mir_type_for(b, subst(b, &fn->instance->env, operation->result));
    struct mir_operand future =
        put_value(fn, ask, mir_type_of(b->module, MIR_FUTURE, result), NULL);
    wait_for(fn, &future, 1, span);
    struct mir_operand answer = op1(fn, MIR_OP_TAKE, future, result, NULL, span);
    if (!in->model->handle)
        take_latency(fn, span);
    give(fn, answer, span);
}

static sema_types service_args(const struct fn *fn) {
    const struct sema_service *s = fn->instance->function->service;
    return (sema_types){fn->instance->env.args.at, s->item->service->generics.params.len};
}

static void call_nothing(struct fn *fn, struct span span) {
    struct sema_service *s = fn->instance->function->service;
    if (s->standard) {
        struct type *t = type_struct(fn->b->program, s->standard, NULL);
        call_provider(fn, t, make_struct(fn, t, -1, NULL, 0, NULL, span), span);
        return;
    }
    sema_types args = service_args(fn);
    const char *text = str_format(fn->b->arena,
                                  "nothing is bound to `%s`: `bind %s = ...;` at the beginning of "
                                  "the test or `main` says what it is",
                                  name_with(fn->b, s, &args), name_of(s))
                           .data;
    trap(fn, FAILURE_UNBOUND, str_from(text), span);
}

void lower_operation(struct fn *fn) {
    struct sema_service *s = fn->instance->function->service;
    struct span span = fn->instance->function->span;
    guard_operation(fn, span);
    struct mir_inst look = inst(fn, MIR_OP_BOUND, span);
    sema_types args = service_args(fn);
    struct mir_type *t = binding_type(fn->b, s, &args);
    look.function = name_with(fn->b, s, &args);
    struct mir_place bound = materialize(fn, put_value(fn, look, t, NULL), span);
    int32_t variant = 0;
    for (int32_t i = 0; i < s->bound.len; i++) {
        if (!stands_for(&s->bound.at[i], &args))
            continue;
        variant++;
        struct mir_operand tag =
            op1(fn, MIR_OP_TAG, operand_of(fn, bound), prim(fn, MIR_U32), NULL, span);
        int32_t here = block_new(fn), next = block_new(fn);
        struct mir_operand wanted = const_int(fn, MIR_U32, (uint64_t)variant);
        branch(fn, op2(fn, MIR_OP_EQ, tag, wanted, prim(fn, MIR_BOOL), NULL, span), here, next,
               span);
        enter(fn, here);
        struct mir_operand in = operand_of(fn, place_variant(fn, bound, variant, 0));
        if (s->bound.at[i].model)
            ask_model(fn, &s->bound.at[i], in, span);
        else
            call_provider(fn, s->bound.at[i].type, in, span);
        enter(fn, next);
    }
    call_nothing(fn, span);
}

// ---- binding ------------------------------------------------------------------------------------

// An event bus of one type, or a monitor: what is bound is a reference to it.
static struct mir_type *actor_binding(struct build *b, struct type *ref, const char **name) {
    const struct mir_actor *bus = actor_instance_of(b, ref)->mir;
    bool is_new;
    *name = bus->name;
    const char *of = str_format(b->arena, "%s.binding", bus->name).data;
    struct mir_type *t = mir_type_named(b->module, MIR_ENUM, of, &is_new);
    if (!is_new)
        return t;
    struct mir_variant nothing = {.name = intern(&b->module->names, STR("Nothing"))};
    struct mir_variant some = {.name = intern(&b->module->names, STR("Bound"))};
    vec_push(b->arena, &some.types, mir_type_for(b, ref));
    vec_push(b->arena, &t->variants, nothing);
    vec_push(b->arena, &t->variants, some);
    struct mir_service made = {bus->name, t};
    vec_push(b->arena, &b->module->services, made);
    return t;
}

struct mir_place bound_actor(struct fn *fn, struct type *ref, struct span span) {
    struct mir_inst look = inst(fn, MIR_OP_BOUND, span);
    struct mir_type *t = actor_binding(fn->b, ref, &look.function);
    return materialize(fn, put_value(fn, look, t, NULL), span);
}

struct mir_operand bound_bus(struct fn *fn, struct type *ref, struct span span) {
    struct mir_place bound = bound_actor(fn, ref, span);
    struct mir_operand tag =
        op1(fn, MIR_OP_TAG, operand_of(fn, bound), prim(fn, MIR_U32), NULL, span);
    int32_t there = block_new(fn), nothing = block_new(fn);
    branch(fn, op2(fn, MIR_OP_EQ, tag, const_int(fn, MIR_U32, 1), prim(fn, MIR_BOOL), NULL, span),
           there, nothing, span);
    enter(fn, nothing);
    const char *text =
        str_format(fn->b->arena,
                   "no `%s` is bound: `bind %s = ...;` at the beginning of the test or `main` "
                   "makes it known",
                   actor_instance_of(fn->b, ref)->mir->name, ref->actor->name)
            .data;
    trap(fn, FAILURE_UNBOUND, str_from(text), span);
    enter(fn, there);
    return operand_of(fn, place_variant(fn, bound, 1, 0));
}

static void put_binding(struct fn *fn, struct mir_type *t, const char *service, int32_t variant,
                        struct mir_operand value, struct span span) {
    struct mir_inst choose = inst(fn, MIR_OP_VARIANT, span);
    choose.number = variant;
    inst_arg(fn, &choose, value);
    struct mir_operand chosen = put_value(fn, choose, t, NULL);
    struct mir_inst put_it = inst(fn, MIR_OP_BIND, span);
    put_it.function = service;
    inst_arg(fn, &put_it, chosen);
    put(fn, put_it);
}

void bind_actor(struct fn *fn, struct type *ref, struct mir_operand value, struct span span) {
    const char *name;
    struct mir_type *t = actor_binding(fn->b, ref, &name);
    put_binding(fn, t, name, 1, value, span);
}

void lower_binding(struct fn *fn, const struct ast_stmt *s) {
    const struct sema_bind *bind = NULL;
    for (int32_t i = 0; i < fn->b->program->binds.len && !bind; i++)
        if (fn->b->program->binds.at[i].stmt == s)
            bind = &fn->b->program->binds.at[i];
    assert(bind);
    struct mir_operand value = lower(fn, s->bind.provider, NULL);
    if (!is_reached(fn))
        return;
    if (!bind->service) {
        bind_actor(fn, bind->bus, value, s->span);
        return;
    }
    const sema_types *args = &bind->service->bound.at[bind->index].args;
    int32_t variant = 0;
    for (int32_t i = 0; i <= bind->index; i++)
        variant += stands_for(&bind->service->bound.at[i], args);
    put_binding(fn, binding_type(fn->b, bind->service, args), name_with(fn->b, bind->service, args),
                variant, value, s->span);
}

// ---- outside ------------------------------------------------------------------------------------

struct mir_operand lower_outside(struct fn *fn, const char *name, struct mir_operand *args,
                                 int32_t count, struct type *result, const struct mir_place *want,
                                 struct span span) {
    struct mir_inst start = inst(fn, MIR_OP_OUTSIDE, span);
    start.function = intern(&fn->b->module->names, str_from(name));
    for (int32_t i = 0; i < count; i++)
        inst_arg(fn, &start, args[i]);
    struct mir_type *t = mir_type_for(fn->b, result);
    struct mir_operand future =
        put_value(fn, start, mir_type_of(fn->b->module, MIR_FUTURE, t), NULL);
    wait_for(fn, &future, 1, span);
    return op1(fn, MIR_OP_TAKE, future, t, want, span);
}
