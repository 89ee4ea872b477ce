// SPDX-License-Identifier: MIT
// Making a module: types are made once each, functions and actors are found by name.
//
// A type's key in the module is its text, so that two of the same text are one pointer.
#include "frontend/mir/inner.h"

#include <assert.h>

struct mir_module *mir_module_new(struct arena *a) {
    struct mir_module *m = arena_new(a, struct mir_module);
    m->arena = a;
    m->names.arena = a;
    return m;
}

// ---- types --------------------------------------------------------------------------------------

// The type that equals `wanted`, made if the module had none.
static struct mir_type *unique(struct mir_module *m, const struct mir_type *wanted, bool *is_new) {
    struct text key = {.arena = m->arena};
    mir_print_type(&key, wanted);
    struct mir_type *t = map_get(&m->type_by_text, text_str(&key));
    if (is_new)
        *is_new = !t;
    if (t)
        return t;
    t = arena_new(m->arena, struct mir_type);
    *t = *wanted;
    t->id = m->types.len;
    vec_push(m->arena, &m->types, t);
    map_put(m->arena, &m->type_by_text, text_str(&key), t);
    return t;
}

struct mir_type *mir_type_prim(struct mir_module *m, enum mir_type_kind kind) {
    assert(mir_prim_name(kind));
    return unique(m, &(struct mir_type){.kind = kind}, NULL);
}

struct mir_type *mir_type_of(struct mir_module *m, enum mir_type_kind kind,
                             struct mir_type *element) {
    assert(kind == MIR_BUFFER || kind == MIR_REPLY || kind == MIR_FUTURE);
    return unique(m, &(struct mir_type){.kind = kind, .element = element}, NULL);
}

struct mir_type *mir_type_box(struct mir_module *m, struct mir_type *element) {
    return unique(m, &(struct mir_type){.kind = MIR_BUFFER, .box = true, .element = element}, NULL);
}

struct mir_type *mir_type_ref(struct mir_module *m, const char *actor) {
    const char *name = actor ? intern(&m->names, str_from(actor)) : NULL;
    return unique(m, &(struct mir_type){.kind = MIR_REF, .name = name}, NULL);
}

struct mir_type *mir_type_fn(struct mir_module *m, struct mir_type **params, const bool *in_out,
                             int32_t count, struct mir_type *result) {
    struct mir_type wanted = {.kind = MIR_FN, .element = result};
    bool *kept = arena_array(m->arena, bool, count);
    for (int32_t i = 0; i < count; i++) {
        vec_push(m->arena, &wanted.params, params[i]);
        kept[i] = in_out[i];
        if (in_out[i])
            wanted.in_out = kept;
    }
    return unique(m, &wanted, NULL);
}

struct mir_type *mir_type_named(struct mir_module *m, enum mir_type_kind kind, const char *name,
                                bool *is_new) {
    assert(kind == MIR_STRUCT || kind == MIR_ENUM);
    struct mir_type wanted = {.kind = kind, .name = intern(&m->names, str_from(name))};
    struct mir_type *t = unique(m, &wanted, is_new);
    assert(t->kind == kind);
    return t;
}

// ---- functions and actors -----------------------------------------------------------------------

struct mir_function *mir_function_new(struct mir_module *m, const char *name) {
    struct mir_function *f = arena_new(m->arena, struct mir_function);
    f->name = intern(&m->names, str_from(name));
    f->result = mir_type_prim(m, MIR_UNIT);
    f->index = m->functions.len;
    vec_push(m->arena, &m->functions, f);
    map_put(m->arena, &m->function_by_name, str_from(f->name), f);
    return f;
}

struct mir_function *mir_find_function(const struct mir_module *m, const char *name) {
    return name ? map_get(&m->function_by_name, str_from(name)) : NULL;
}

int32_t mir_find_service(const struct mir_module *m, const char *name) {
    for (int32_t i = 0; i < m->services.len; i++)
        if (strcmp(m->services.at[i].name, name) == 0)
            return i;
    return -1;
}

struct mir_actor *mir_actor_new(struct mir_module *m, const char *name) {
    struct mir_actor *actor = arena_new(m->arena, struct mir_actor);
    actor->name = intern(&m->names, str_from(name));
    vec_push(m->arena, &m->actors, actor);
    map_put(m->arena, &m->actor_by_name, str_from(actor->name), actor);
    return actor;
}

struct mir_actor *mir_find_actor(const struct mir_module *m, const char *name) {
    return name ? map_get(&m->actor_by_name, str_from(name)) : NULL;
}

struct str mir_clause_text(struct arena *arena, const struct mir_actor *a) {
    struct text out = {.arena = arena};
    if (a->is_task)
        return STR("");
    text_printf(&out, "@%s\n", a->name);
    for (int32_t i = 0; i < a->capabilities.len; i++)
        text_printf(&out, "%.*s\n", STR_ARGS(a->capabilities.at[i]));
    return text_str(&out);
}

int32_t mir_message_taking(const struct mir_actor *a, const struct mir_inst *tell_any) {
    for (int32_t i = 0; i < a->messages.len; i++) {
        const struct mir_message *m = &a->messages.at[i];
        bool fits =
            strcmp(m->name, tell_any->function) == 0 && m->params.len == tell_any->args.len - 1;
        for (int32_t k = 0; k < m->params.len && fits; k++)
            fits = m->params.at[k] == tell_any->args.at[k + 1].type;
        if (fits)
            return i;
    }
    return -1;
}

int32_t mir_local_new(struct mir_module *m, struct mir_function *f, struct mir_type *t,
                      const char *name) {
    struct mir_local local = {.type = t, .name = name ? intern(&m->names, str_from(name)) : NULL};
    vec_push(m->arena, &f->locals, local);
    return f->locals.len - 1;
}

int32_t mir_block_new(struct mir_module *m, struct mir_function *f) {
    struct mir_block block = {.unwind = -1, .end = {.kind = MIR_UNREACHABLE}};
    vec_push(m->arena, &f->blocks, block);
    return f->blocks.len - 1;
}

// ---- places -------------------------------------------------------------------------------------

static struct mir_type *projected(const struct mir_type *t, const struct mir_proj *p) {
    switch (p->kind) {
    case MIR_PROJ_FIELD:
        return t->kind == MIR_STRUCT && p->field >= 0 && p->field < t->fields.len
                   ? t->fields.at[p->field].type
                   : NULL;
    case MIR_PROJ_VARIANT:
        if (t->kind != MIR_ENUM || p->variant < 0 || p->variant >= t->variants.len)
            return NULL;
        const struct mir_variant *v = &t->variants.at[p->variant];
        return p->field >= 0 && p->field < v->types.len ? v->types.at[p->field] : NULL;
    case MIR_PROJ_INDEX:
        return t->kind == MIR_BUFFER ? t->element : NULL;
    }
    return NULL;
}

struct mir_type *mir_place_type(const struct mir_function *f, const struct mir_place *p) {
    struct mir_type *t = NULL;
    if (p->local == MIR_SELF)
        t = f->self;
    else if (p->local >= 0 && p->local < f->locals.len)
        t = f->locals.at[p->local].type;
    for (int32_t i = 0; t && i < p->projs.len; i++)
        t = projected(t, &p->projs.at[i]);
    return t;
}
