// SPDX-License-Identifier: MIT
// Instances: a declaration with types for its type parameters, asked for by name and built once.
#include "frontend/mir/build/lower.h"

// ---- names --------------------------------------------------------------------------------------

static const char *without_std(const char *path) {
    return str_starts(str_from(path), STR("std.")) ? path + 4 : path;
}

// How many of the type parameters are those of the type that the function belongs to.
static int32_t params_of_owner(const struct sema_function *f) {
    int32_t own =
        f->item && f->item->kind == ITEM_FUNCTION ? f->item->function->generics.params.len : 0;
    return f->type_params.len - own;
}

static const char *name_of(struct build *b, struct sema_function *f, const struct env *env,
                           struct actor_instance *actor) {
    if (actor)
        return str_format(b->arena, "%s.%s%s", actor->mir->name, f->name,
                          env_suffix(b, env, params_of_owner(f)))
            .data;
    if (f->self_type)
        return str_format(b->arena, "%s.%s%s", type_path(b, subst(b, env, f->self_type)), f->name,
                          env_suffix(b, env, params_of_owner(f)))
            .data;
    return str_format(b->arena, "%s%s", without_std(f->path), env_suffix(b, env, 0)).data;
}

static const char *key_of(struct build *b, const struct sema_function *f, const struct env *env) {
    struct text key = {.arena = b->arena};
    text_printf(&key, "%s:%s:%d", f->module->name, f->path, (int)f->span.start);
    for (int32_t i = 0; i < env->args.len; i++)
        text_printf(&key, ",%d", (int)env->args.at[i]->id);
    return key.data;
}

// ---- making -------------------------------------------------------------------------------------

struct instance *instance_new(struct build *b, enum code_kind kind, const char *name) {
    const char *unique = name;
    for (int i = 2; mir_find_function(b->module, unique); i++)
        unique = str_format(b->arena, "%s$%d", name, i).data;
    struct instance *i = arena_new(b->arena, struct instance);
    i->kind = kind;
    i->mir = mir_function_new(b->module, unique);
    if (b->work.len >= BUILD_INSTANCES_MAX) {
        if (!b->is_over)
            diag_add(b->sink, P8031, (struct span){0},
                     "the program has more than %d instances of functions", BUILD_INSTANCES_MAX);
        b->is_over = true;
        return i;
    }
    vec_push(b->arena, &b->work, i);
    return i;
}

void add_param(struct build *b, struct mir_function *f, struct mir_type *t, bool is_mut,
               const char *name) {
    mir_local_new(b->module, f, t, name);
    vec_push(b->arena, &f->modes, is_mut ? MIR_PARAM_MUT : MIR_PARAM_LEND);
    f->param_count++;
}

void declare_params(struct build *b, struct instance *i) {
    struct sema_function *f = i->function;
    if (f->self != SELF_NONE)
        add_param(b, i->mir, mir_type_for(b, subst(b, &i->env, f->self_type)), f->self == SELF_MUT,
                  "self");
    for (int32_t k = 0; k < f->params.len; k++) {
        struct sema_param *p = &f->params.at[k];
        add_param(b, i->mir, mir_type_for(b, subst(b, &i->env, p->type)), p->is_mut, p->name);
    }
}

// Said once; what comes of it is never used.
static struct instance *endless(struct build *b, struct sema_function *f) {
    if (!b->is_over)
        diag_add(b->sink, P8031, f->span, "`%s` is used with ever larger types", f->name);
    b->is_over = true;
    struct instance *i = arena_new(b->arena, struct instance);
    i->function = f;
    i->mir = arena_new(b->arena, struct mir_function);
    i->mir->name = f->name;
    i->mir->result = mir_type_prim(b->module, MIR_UNIT);
    return i;
}

struct instance *instance_of(struct build *b, struct sema_function *f, struct env env,
                             struct actor_instance *actor) {
    struct str key = str_from(key_of(b, f, &env));
    struct instance *i = map_get(&b->instances, key);
    if (i)
        return i;
    for (int32_t k = 0; k < env.args.len; k++)
        if (type_is_endless(env.args.at[k], BUILD_TYPE_SIZE_MAX))
            return endless(b, f);
    enum code_kind kind = f->kind == FUNCTION_INIT      ? CODE_INIT
                          : f->service                  ? CODE_SERVICE
                          : f->kind == FUNCTION_FOREIGN ? CODE_FOREIGN
                                                        : CODE_FUNCTION;
    i = instance_new(b, kind, name_of(b, f, &env, actor));
    map_put(b->arena, &b->instances, key, i);
    i->function = f;
    i->module = f->module;
    i->env = env;
    i->actor = actor;
    i->mir->loc = loc_of(b, f->span);
    i->mir->self = actor ? actor->state : NULL;
    if (f->result && f->kind != FUNCTION_INVARIANT && f->kind != FUNCTION_INIT)
        i->mir->result = mir_type_for(b, subst(b, &env, f->result));
    if (f->kind == FUNCTION_INVARIANT)
        i->mir->result = mir_type_prim(b->module, MIR_BOOL);
    declare_params(b, i);
    return i;
}

// ---- uses ---------------------------------------------------------------------------------------

struct env use_env(struct fn *fn, const struct sema_use *use) {
    struct env env = {.params = &use->function->type_params};
    env.args.at = arena_array(fn->b->arena, struct type *, use->type_args.len + 1);
    env.args.len = use->type_args.len;
    for (int32_t i = 0; i < use->type_args.len; i++)
        env.args.at[i] = subst(fn->b, &fn->env, use->type_args.at[i]);
    return env;
}

struct instance *use_instance(struct fn *fn, const struct sema_use *use, bool is_trait,
                              struct span span) {
    struct build *b = fn->b;
    struct env env = use_env(fn, use);
    if (!is_trait)
        return instance_of(b, use->function, env, NULL);
    assert(env.args.len > 0);
    struct sema_use found = {0};
    if (env.args.at[0]->kind == TYPE_TRAIT &&
        (env.args.at[0]->trait == use->function->trait ||
         inherits(env.args.at[0]->trait, use->function->trait)))
        return dispatch_instance(b, use->function, env);
    if (sema_implementation(b->program, use->function, &env.args, &found)) {
        struct env concrete = {.params = &found.function->type_params, .args = found.type_args};
        return instance_of(b, found.function, concrete, NULL);
    }
    if (use->function->body)
        return instance_of(b, use->function, env, NULL);
    diag_add(b->sink, P8030, span, "`%s` does not implement `%s`", type_path(b, env.args.at[0]),
             use->function->path);
    return NULL;
}

// The method of a struct's or enum's own impl, `impl<A, B> T<A, B>`, under the type's arguments.
static bool is_method_of(const struct sema_function *f, const struct type *t, const char *name) {
    const struct type *self = f->self_type;
    if (f->kind != FUNCTION_METHOD || f->self == SELF_NONE || strcmp(f->name, name) != 0 || !self ||
        self->kind != t->kind || self->structure != t->structure ||
        f->type_params.len != self->arg_count)
        return false;
    for (int32_t i = 0; i < self->arg_count; i++)
        if (self->args[i] != f->type_params.at[i]->type)
            return false;
    return true;
}

struct instance *provider_instance(struct build *b, struct type *t, const char *name) {
    for (int32_t i = 0; i < b->program->functions.len; i++) {
        struct sema_function *f = b->program->functions.at[i];
        if (is_method_of(f, t, name) && f->body)
            return instance_of(
                b, f, (struct env){.params = &f->type_params, .args = {t->args, t->arg_count}},
                NULL);
    }
    return NULL;
}

struct instance *method_instance(struct build *b, struct type *t, const char *name,
                                 int32_t param_count) {
    if (t->kind != TYPE_STRUCT && t->kind != TYPE_ENUM)
        return NULL;
    for (int32_t i = 0; i < b->program->functions.len; i++) {
        struct sema_function *f = b->program->functions.at[i];
        if (!is_method_of(f, t, name) || f->params.len != param_count || !f->body || f->is_async)
            continue;
        struct env env = {.params = &f->type_params, .args = {t->args, t->arg_count}};
        return instance_of(b, f, env, NULL);
    }
    return NULL;
}

struct actor_instance *actor_instance_of(struct build *b, struct type *ref) {
    assert(ref->kind == TYPE_REF && ref->actor);
    struct sema_actor *actor = ref->actor;
    for (int32_t i = 0; i < b->actors.len; i++) {
        struct actor_instance *a = b->actors.at[i];
        bool same = a->actor == actor;
        for (int32_t k = 0; same && k < ref->arg_count; k++)
            same = a->env.args.at[k] == ref->args[k];
        if (same)
            return a;
    }
    struct actor_instance *a = arena_new(b->arena, struct actor_instance);
    a->actor = actor;
    a->env.params = &actor->params;
    a->env.args.at = ref->args;
    a->env.args.len = ref->arg_count;
    const char *name =
        str_format(b->arena, "%s%s", without_std(actor->path), env_suffix(b, &a->env, 0)).data;
    a->mir = mir_actor_new(b->module, name);
    a->mir->loc = loc_of(b, actor->span);
    bool is_new;
    a->state =
        mir_type_named(b->module, MIR_STRUCT, str_format(b->arena, "%s.state", name).data, &is_new);
    a->mir->state = a->state;
    vec_push(b->arena, &b->actors, a);
    return a;
}
