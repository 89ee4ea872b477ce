// SPDX-License-Identifier: MIT
// Types are made here and only here, so that equal types are the same pointer: a table over kind,
// declaration and arguments, hashed by their ids. Substitution and printing walk them.
#include "frontend/sema/check.h"

struct type_table {
    struct arena *arena;
    struct type **slots;
    int32_t count, capacity;
    int32_t next_id;
    struct type *prims[TYPE_VAR + 1];
    struct method_table *methods[TYPE_VAR + 1]; // of kinds that have no declaration
};

static const char *const prim_names[] = {
    [TYPE_ERROR] = "{unknown}", [TYPE_NEVER] = "Never",
#define PRIM(id, name, bits, is_signed) [TYPE_##id] = name,
#include "frontend/sema/types.def"
#undef PRIM
    [TYPE_SCOPE] = "Scope",     [TYPE_TOKEN] = "TaskToken", [TYPE_FAILURE] = "Error",
};

static struct type *new_type(struct type_table *t, enum type_kind kind) {
    struct type *type = arena_new(t->arena, struct type);
    type->kind = kind;
    type->id = t->next_id++;
    return type;
}

struct type_table *type_table_new(struct arena *a) {
    struct type_table *t = arena_new(a, struct type_table);
    t->arena = a;
    t->capacity = 256;
    t->slots = arena_array(a, struct type *, t->capacity);
    for (int kind = 0; kind <= TYPE_FAILURE; kind++)
        if (kind < (int)(sizeof prim_names / sizeof prim_names[0]) && prim_names[kind])
            t->prims[kind] = new_type(t, (enum type_kind)kind);
    t->prims[TYPE_ERROR]->flags = TYPE_HAS_ERROR;
    return t;
}

struct type *type_prim(struct typed_program *p, enum type_kind kind) {
    assert(p->types->prims[kind]);
    return p->types->prims[kind];
}

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static uint64_t decl_number(enum type_kind kind, const void *decl) {
    if (!decl)
        return 0;
    return (uint64_t)(kind == TYPE_STRUCT  ? ((const struct sema_struct *)decl)->number
                      : kind == TYPE_ENUM  ? ((const struct sema_enum *)decl)->number
                      : kind == TYPE_TRAIT ? ((const struct sema_trait *)decl)->number
                      : kind == TYPE_ASSOC ? ((const struct sema_assoc *)decl)->number
                      : kind == TYPE_FN    ? ((const struct sema_clause *)decl)->number
                                           : ((const struct sema_actor *)decl)->number);
}

static bool same(const struct type *t, enum type_kind kind, const void *decl,
                 struct type *const *args, int32_t count) {
    if (t->kind != kind || (const void *)t->structure != decl || t->arg_count != count)
        return false;
    for (int32_t i = 0; i < count; i++)
        if (t->args[i] != args[i])
            return false;
    return true;
}

static void grow(struct type_table *t);

static uint64_t hash_of(enum type_kind kind, const void *decl, struct type *const *args,
                        int32_t count) {
    uint64_t h = mix((uint64_t)kind, decl_number(kind, decl));
    for (int32_t i = 0; i < count; i++)
        h = mix(h, (uint64_t)args[i]->id);
    return h;
}

static struct type *fill(struct type_table *t, enum type_kind kind, void *decl,
                         struct type *const *args, int32_t count, unsigned flags) {
    struct type *type = new_type(t, kind);
    type->structure = decl;
    type->arg_count = count;
    type->flags = flags;
    type->args = count ? arena_array(t->arena, struct type *, count) : NULL;
    for (int32_t k = 0; k < count; k++)
        type->args[k] = args[k];
    return type;
}

static struct type *intern_type(struct typed_program *p, enum type_kind kind, void *decl,
                                struct type *const *args, int32_t count) {
    struct type_table *t = p->types;
    unsigned flags = kind == TYPE_FN && decl ? TYPE_HAS_CLAUSE : 0;
    for (int32_t k = 0; k < count; k++)
        flags |= args[k]->flags;
    if (flags & TYPE_HAS_VAR) // short-lived, and compared by unify: not worth a place in the table
        return fill(t, kind, decl, args, count, flags);
    uint64_t h = hash_of(kind, decl, args, count);
    int32_t i = (int32_t)(h & (uint64_t)(t->capacity - 1));
    for (; t->slots[i]; i = (i + 1) & (t->capacity - 1))
        if (same(t->slots[i], kind, decl, args, count))
            return t->slots[i];
    struct type *type = fill(t, kind, decl, args, count, flags);
    t->slots[i] = type;
    if (++t->count * 2 > t->capacity)
        grow(t);
    return type;
}

static void grow(struct type_table *t) {
    struct type **old = t->slots;
    int32_t old_capacity = t->capacity;
    t->capacity *= 2;
    t->slots = arena_array(t->arena, struct type *, t->capacity);
    for (int32_t k = 0; k < old_capacity; k++) {
        struct type *type = old[k];
        if (!type)
            continue;
        uint64_t h = hash_of(type->kind, type->structure, type->args, type->arg_count);
        int32_t i = (int32_t)(h & (uint64_t)(t->capacity - 1));
        while (t->slots[i])
            i = (i + 1) & (t->capacity - 1);
        t->slots[i] = type;
    }
}

struct type *type_make(struct typed_program *p, enum type_kind kind, struct type *const *args,
                       int32_t count) {
    assert(kind == TYPE_TUPLE || kind == TYPE_BUFFER || kind == TYPE_FN || kind == TYPE_REPLY ||
           kind == TYPE_FUTURE || kind == TYPE_INOUT);
    assert(kind == TYPE_TUPLE || count > 0);
    return intern_type(p, kind, NULL, args, count);
}

struct type *type_fn(struct typed_program *p, struct type *const *args, int32_t count,
                     struct sema_clause *clause) {
    return intern_type(p, TYPE_FN, clause, args, count);
}

struct type *type_struct(struct typed_program *p, struct sema_struct *s, struct type *const *args) {
    return intern_type(p, TYPE_STRUCT, s, args, s->params.len);
}
struct type *type_enum(struct typed_program *p, struct sema_enum *e, struct type *const *args) {
    return intern_type(p, TYPE_ENUM, e, args, e->params.len);
}
struct type *type_trait(struct typed_program *p, struct sema_trait *trait,
                        struct type *const *args) {
    return intern_type(p, TYPE_TRAIT, trait, args, trait->item->trait->generics.params.len);
}
struct type *type_assoc(struct typed_program *p, struct sema_assoc *assoc, struct type *const *args,
                        int32_t count) {
    struct type *target = assoc_target(assoc, args, count);
    return target ? target : intern_type(p, TYPE_ASSOC, assoc, args, count);
}
struct type *type_ref(struct typed_program *p, struct sema_actor *actor, struct type *const *args) {
    return intern_type(p, TYPE_REF, actor, args, actor ? actor->params.len : 0);
}

struct type *type_param_new(struct typed_program *p, struct sema_type_param *param) {
    struct type *t = new_type(p->types, TYPE_PARAM);
    t->param = param;
    t->flags = TYPE_HAS_PARAM;
    param->type = t;
    return t;
}

struct type *type_var_new(struct checker *c, enum var_kind kind, struct span span) {
    struct type *t = new_type(c->prog->types, TYPE_VAR);
    t->var = arena_new(c->arena, struct type_var);
    t->var->kind = kind;
    t->var->span = span;
    t->flags = TYPE_HAS_VAR;
    return t;
}

// ---- substitution -------------------------------------------------------------------------------

// The same type with other arguments.
static struct type *with_args(struct typed_program *p, struct type *t, struct type **args) {
    if (t->kind == TYPE_ASSOC)
        return type_assoc(p, t->assoc, args, t->arg_count);
    return intern_type(p, t->kind, t->structure, args, t->arg_count);
}

struct type *sema_subst(struct typed_program *p, struct type *t, const sema_type_params *params,
                        const sema_types *args) {
    assert(params->len == args->len);
    if (!(t->flags & TYPE_HAS_PARAM) || params->len == 0)
        return t;
    if (t->kind == TYPE_PARAM) {
        for (int32_t i = 0; i < params->len; i++)
            if (params->at[i] == t->param)
                return args->at[i];
        return t;
    }
    struct type *small[8];
    struct type **now =
        t->arg_count <= 8 ? small : arena_array(p->arena, struct type *, t->arg_count);
    for (int32_t i = 0; i < t->arg_count; i++)
        now[i] = sema_subst(p, t->args[i], params, args);
    return with_args(p, t, now);
}

// Replaces what `zonk` finds; here since only this file makes types.
struct type *zonk(struct checker *c, struct type *t) {
    t = resolve(t);
    if (!(t->flags & TYPE_HAS_VAR) || t->kind == TYPE_VAR)
        return t;
    struct type *small[8];
    struct type **now =
        t->arg_count <= 8 ? small : arena_array(c->arena, struct type *, t->arg_count);
    for (int32_t i = 0; i < t->arg_count; i++)
        now[i] = zonk(c, t->args[i]);
    return with_args(c->prog, t, now);
}

struct type *sema_field_type(struct typed_program *p, struct type *t, int32_t variant,
                             int32_t field) {
    sema_types args = {t->args, t->arg_count};
    if (t->kind == TYPE_TUPLE)
        return t->args[field];
    if (t->kind == TYPE_STRUCT)
        return sema_subst(p, t->structure->fields.at[field].type, &t->structure->params, &args);
    assert(t->kind == TYPE_ENUM && variant >= 0 && variant < t->enumeration->variants.len);
    return sema_subst(p, t->enumeration->variants.at[variant].fields.at[field].type,
                      &t->enumeration->params, &args);
}

struct method_table *methods_of(struct typed_program *p, const struct type *t) {
    struct method_table **at = t->kind == TYPE_STRUCT            ? &t->structure->methods
                               : t->kind == TYPE_ENUM            ? &t->enumeration->methods
                               : t->kind == TYPE_REF && t->actor ? &t->actor->methods
                               : t->kind < TYPE_TRAIT            ? &p->types->methods[t->kind]
                                                                 : NULL;
    if (at && !*at)
        *at = arena_new(p->arena, struct method_table);
    return at ? *at : NULL;
}

struct method_table *methods_of_kind(struct typed_program *p, enum type_kind kind) {
    return p->types->methods[kind];
}

// ---- text ---------------------------------------------------------------------------------------

static void show(struct text *out, const struct type *t, int depth);

static void show_args(struct text *out, const char *name, const struct type *t, int depth) {
    text_printf(out, "%s", name);
    for (int32_t i = 0; i < t->arg_count; i++) {
        text_put(out, i ? STR(", ") : STR("<"));
        show(out, t->args[i], depth - 1);
    }
    if (t->arg_count)
        text_putc(out, '>');
}

static void show_tuple(struct text *out, const struct type *t, int32_t count, int depth) {
    text_putc(out, '(');
    for (int32_t i = 0; i < count; i++) {
        if (i)
            text_put(out, STR(", "));
        show(out, t->args[i], depth - 1);
    }
    text_putc(out, ')');
}

static void show_fn(struct text *out, const struct type *t, int depth) {
    enum type_kind only = t->arg_count == 2 ? resolve(t->args[0])->kind : TYPE_TUPLE;
    if (only != TYPE_TUPLE && only != TYPE_FN)
        show(out, t->args[0], depth - 1);
    else
        show_tuple(out, t, t->arg_count - 1, depth);
    text_put(out, STR(" -> "));
    bool is_nested = t->clause && resolve(type_fn_result(t))->kind == TYPE_FN;
    text_put(out, is_nested ? STR("(") : STR(""));
    show(out, type_fn_result(t), depth - 1);
    text_put(out, is_nested ? STR(")") : STR(""));
    if (t->clause)
        text_put(out, str_from(t->clause->text));
}

static void show_ref(struct text *out, const struct type *t, int depth) {
    if (!t->actor) {
        text_put(out, STR("ActorRef"));
        return;
    }
    text_put(out, STR("ActorRef<"));
    show_args(out, t->actor->name, t, depth);
    text_putc(out, '>');
}

// `{ x: i64, y: String }`
static void show_record(struct text *out, const struct type *t, int depth) {
    for (int32_t i = 0; i < t->arg_count; i++) {
        text_printf(out, "%s%s: ", i ? ", " : "{ ", t->structure->fields.at[i].name);
        show(out, t->args[i], depth - 1);
    }
    text_put(out, t->arg_count ? STR(" }") : STR("{}"));
}

static void show(struct text *out, const struct type *t, int depth) {
    t = resolve((struct type *)t);
    if (depth == 0) {
        text_put(out, STR("..."));
        return;
    }
    switch (t->kind) {
    case TYPE_TUPLE:
        show_tuple(out, t, t->arg_count, depth);
        break;
    case TYPE_STRUCT:
        if (t->structure->is_record)
            show_record(out, t, depth);
        else
            show_args(out, t->structure->name, t, depth);
        break;
    case TYPE_ENUM:
        show_args(out, t->enumeration->name, t, depth);
        break;
    case TYPE_BUFFER:
        show_args(out, "Buffer", t, depth);
        break;
    case TYPE_REPLY:
        show_args(out, "Reply", t, depth);
        break;
    case TYPE_FUTURE:
        show_args(out, "Future", t, depth);
        break;
    case TYPE_FN:
        show_fn(out, t, depth);
        break;
    case TYPE_REF:
        show_ref(out, t, depth);
        break;
    case TYPE_INOUT:
        text_put(out, STR("mut "));
        show(out, t->args[0], depth - 1);
        break;
    case TYPE_ASSOC:
        show(out, t->args[0], depth - 1);
        text_printf(out, ".%s", t->assoc->name);
        break;
    case TYPE_TRAIT:
        show_args(out, t->trait->name, t, depth);
        break;
    case TYPE_PARAM:
        text_printf(out, "%s", t->param->name);
        break;
    case TYPE_VAR:
        text_printf(out, "%s",
                    t->var->kind == VAR_INTEGER ? "i64"
                    : t->var->kind == VAR_FLOAT ? "f64"
                                                : "_");
        break;
    default:
        text_printf(out, "%s", prim_names[t->kind]);
        break;
    }
}

const char *type_show(struct typed_program *p, const struct type *t) {
    struct text out = {.arena = p->arena};
    show(&out, t, 12);
    return out.data;
}

bool sema_is_channel_method(const struct sema_function *f, const char *name) {
    const struct type *self = f->self_type;
    return f->module->is_std && self && self->kind == TYPE_STRUCT && !strcmp(f->name, name) &&
           !strcmp(self->structure->name, "Channel");
}
