// SPDX-License-Identifier: MIT
// Types of the program to types of MIR.
//
// Named types are made empty first and filled afterwards, so that a type may mention itself behind
// a buffer, a closure or a reference. Where it is part of itself by value, the field is boxed: kept
// in a buffer of one item. Which field that is follows from the order of the request, and the type
// of a field never changes afterwards: a field is boxed when its type in MIR is not that of its
// value.
#include "frontend/mir/build/lower.h"

struct type *subst(struct build *b, const struct env *env, struct type *t) {
    if (!(t->flags & TYPE_HAS_PARAM) || !env->params)
        return t;
    return sema_subst(b->program, t, env->params, &env->args);
}

bool type_is_known(const struct build *b, const struct type *t, const struct sema_struct *s) {
    (void)b;
    return t->kind == TYPE_STRUCT && s && t->structure == s;
}

bool type_is_transparent(const struct type *t) {
    if (t->kind != TYPE_STRUCT)
        return false;
    if (t->structure->is_distinct)
        return true;
    return t->structure->module->is_std && str_is(str_from(t->structure->name), "List");
}

// ---- names --------------------------------------------------------------------------------------

static void put_type(struct build *b, struct text *out, struct type *t);

static void put_types(struct build *b, struct text *out, struct type *const *at, int32_t from,
                      int32_t to) {
    for (int32_t i = from; i < to; i++) {
        if (i > from)
            text_put(out, STR(", "));
        put_type(b, out, at[i]);
    }
}

static void put_path(struct build *b, struct text *out, const char *path, const struct type *t) {
    struct str s = str_from(path);
    if (str_starts(s, STR("std.")))
        s = (struct str){s.data + 4, s.len - 4};
    text_put(out, s);
    if (t->arg_count == 0)
        return;
    text_putc(out, '<');
    put_types(b, out, t->args, 0, t->arg_count);
    text_putc(out, '>');
}

static void put_record(struct build *b, struct text *out, const struct type *t) {
    text_put(out, STR("Record<"));
    for (int32_t i = 0; i < t->arg_count; i++) {
        text_printf(out, "%s%s: ", i ? ", " : "", t->structure->fields.at[i].name);
        put_type(b, out, t->args[i]);
    }
    text_putc(out, '>');
}

static void put_type(struct build *b, struct text *out, struct type *t) {
    switch (t->kind) {
    case TYPE_STRUCT:
        if (t->structure->is_record)
            put_record(b, out, t);
        else
            put_path(b, out, t->structure->path, t);
        break;
    case TYPE_ENUM:
        put_path(b, out, t->enumeration->path, t);
        break;
    case TYPE_TRAIT:
        put_path(b, out, t->trait->path, t);
        break;
    case TYPE_TUPLE:
        text_putc(out, '(');
        put_types(b, out, t->args, 0, t->arg_count);
        text_putc(out, ')');
        break;
    case TYPE_FN:
        text_putc(out, '(');
        put_types(b, out, t->args, 0, t->arg_count - 1);
        text_put(out, STR(") -> "));
        put_type(b, out, type_fn_result(t));
        break;
    case TYPE_INOUT:
        text_put(out, STR("mut "));
        put_type(b, out, t->args[0]);
        break;
    case TYPE_REF:
        text_put(out, STR("ActorRef"));
        if (t->actor) {
            text_putc(out, '<');
            put_path(b, out, t->actor->path, t);
            text_putc(out, '>');
        }
        break;
    case TYPE_BUFFER:
    case TYPE_REPLY:
    case TYPE_FUTURE:
        text_put(out, t->kind == TYPE_BUFFER  ? STR("Buffer<")
                      : t->kind == TYPE_REPLY ? STR("Reply<")
                                              : STR("Future<"));
        put_type(b, out, t->args[0]);
        text_putc(out, '>');
        break;
    default:
        text_put(out, str_from(type_show(b->program, t)));
    }
}

const char *type_path(struct build *b, struct type *t) {
    struct text out = {.arena = b->arena};
    put_type(b, &out, t);
    return out.data;
}

const char *env_suffix(struct build *b, const struct env *env, int32_t from) {
    if (from >= env->args.len)
        return "";
    struct text out = {.arena = b->arena};
    text_putc(&out, '<');
    put_types(b, &out, env->args.at, from, env->args.len);
    text_putc(&out, '>');
    return out.data;
}

// ---- making -------------------------------------------------------------------------------------

// Counts the types in a type as long as `left` lasts.
static int32_t spend(const struct type *t, int32_t left) {
    left--;
    for (int32_t i = 0; i < t->arg_count && left > 0; i++)
        left = spend(t->args[i], left);
    return left;
}

bool type_is_endless(const struct type *t, int32_t size_max) {
    return spend(t, size_max) <= 0;
}

static struct mir_type **slot_of(struct build *b, const struct type *t) {
    while (b->types.len <= t->id)
        vec_push(b->arena, &b->types, NULL);
    return &b->types.at[t->id];
}

// The struct or enum is being filled: a field of that type by value would never end.
static bool is_open(const struct build *b, const struct type *t) {
    for (int32_t i = 0; i < b->open.len; i++)
        if (b->open.at[i] == t)
            return true;
    return false;
}

static struct mir_type *field_type(struct build *b, struct type *t) {
    while (type_is_transparent(t) && t->structure->is_distinct)
        t = sema_field_type(b->program, t, -1, 0);
    if (is_open(b, t))
        return mir_type_box(b->module, mir_type_for(b, t));
    return mir_type_for(b, t);
}

static enum mir_type_mark mark_of(const struct build *b, const struct type *t) {
    const struct sema_known *known = &b->program->known;
    if (t->kind == TYPE_TUPLE)
        return MIR_MARK_TUPLE;
    if (t->structure == known->string)
        return MIR_MARK_STRING;
    if (t->structure == known->duration)
        return MIR_MARK_DURATION;
    if (t->structure == known->instant || t->structure == known->timestamp)
        return MIR_MARK_INSTANT;
    static const struct {
        const char *name;
        enum mir_type_mark mark;
    } marked[] = {{"Bytes", MIR_MARK_BYTES},
                  {"Map", MIR_MARK_MAP},
                  {"Set", MIR_MARK_SET},
                  {"Queue", MIR_MARK_QUEUE}};
    for (size_t i = 0; t->structure->module->is_std && i < sizeof marked / sizeof *marked; i++)
        if (strcmp(t->structure->name, marked[i].name) == 0)
            return marked[i].mark;
    return MIR_MARK_NONE;
}

static void fill_struct(struct build *b, struct type *t, struct mir_type *made) {
    made->mark = mark_of(b, t);
    int32_t count = t->kind == TYPE_TUPLE ? t->arg_count : t->structure->fields.len;
    for (int32_t i = 0; i < count; i++) {
        const char *name = t->kind == TYPE_TUPLE ? str_format(b->arena, "%d", (int)i).data
                                                 : t->structure->fields.at[i].name;
        struct mir_field field = {
            .name = intern(&b->module->names, str_from(name)),
            .type = field_type(b, sema_field_type(b->program, t, -1, i)),
        };
        vec_push(b->arena, &made->fields, field);
    }
}

static void fill_enum(struct build *b, struct type *t, struct mir_type *made) {
    if (t->enumeration == b->program->known.option)
        made->mark = MIR_MARK_OPTION;
    for (int32_t v = 0; v < t->enumeration->variants.len; v++) {
        const struct sema_variant *variant = &t->enumeration->variants.at[v];
        struct mir_variant filled = {.name = intern(&b->module->names, str_from(variant->name))};
        for (int32_t i = 0; i < variant->fields.len; i++) {
            vec_push(b->arena, &filled.types, field_type(b, sema_field_type(b->program, t, v, i)));
            if (variant->shape == SHAPE_RECORD)
                vec_push(b->arena, &filled.labels,
                         intern(&b->module->names, str_from(variant->fields.at[i].name)));
        }
        vec_push(b->arena, &made->variants, filled);
    }
}

static struct span declared_at(const struct type *t) {
    const struct ast_item *item = t->kind == TYPE_STRUCT ? t->structure->item
                                  : t->kind == TYPE_ENUM ? t->enumeration->item
                                                         : NULL;
    return item ? ast_name_span(item->span, item->name) : (struct span){0};
}

struct mir_type *part_type(struct build *b, struct type *t) {
    return field_type(b, t);
}

static struct mir_type *named(struct build *b, struct type *t) {
    if (type_is_endless(t, 8 * BUILD_TYPE_SIZE_MAX)) {
        if (!b->is_over)
            diag_add(b->sink, P8031, declared_at(t), "a type has no end");
        b->is_over = true;
        return mir_type_prim(b->module, MIR_UNIT);
    }
    bool is_enum = t->kind == TYPE_ENUM || t->kind == TYPE_TRAIT, is_new = false;
    struct mir_type *made =
        mir_type_named(b->module, is_enum ? MIR_ENUM : MIR_STRUCT, type_path(b, t), &is_new);
    *slot_of(b, t) = made;
    if (!is_new)
        return made;
    vec_push(b->arena, &b->open, t);
    if (t->kind == TYPE_TRAIT)
        fill_trait(b, t, made);
    else if (is_enum)
        fill_enum(b, t, made);
    else
        fill_struct(b, t, made);
    b->open.len--;
    return made;
}

static struct mir_type *make(struct build *b, struct type *t) {
    struct mir_module *m = b->module;
    switch (t->kind) {
    case TYPE_NEVER:
        return mir_type_prim(m, MIR_NEVER);
    case TYPE_BOOL:
        return mir_type_prim(m, MIR_BOOL);
    case TYPE_CHAR:
        return mir_type_prim(m, MIR_CHAR);
    case TYPE_F32:
        return mir_type_prim(m, MIR_F32);
    case TYPE_F64:
        return mir_type_prim(m, MIR_F64);
    case TYPE_TUPLE:
        return t->arg_count == 0 ? mir_type_prim(m, MIR_UNIT) : named(b, t);
    case TYPE_STRUCT:
        return type_is_transparent(t) ? mir_type_for(b, sema_field_type(b->program, t, -1, 0))
                                      : named(b, t);
    case TYPE_ENUM:
    case TYPE_TRAIT:
        return named(b, t);
    case TYPE_BUFFER:
        return mir_type_of(m, MIR_BUFFER, mir_type_for(b, t->args[0]));
    case TYPE_REPLY:
        return mir_type_of(m, MIR_REPLY, mir_type_for(b, t->args[0]));
    case TYPE_FUTURE:
        return mir_type_of(m, MIR_FUTURE, mir_type_for(b, t->args[0]));
    case TYPE_FN: {
        VEC(struct mir_type *) params = {0};
        VEC(bool) in_out = {0};
        for (int32_t i = 0; i + 1 < t->arg_count; i++) {
            vec_push(b->arena, &params, mir_type_for(b, type_fn_param(t, i)));
            vec_push(b->arena, &in_out, type_fn_is_mut(t, i));
        }
        return mir_type_fn(m, params.at, in_out.at, params.len, mir_type_for(b, type_fn_result(t)));
    }
    case TYPE_REF:
        return mir_type_ref(m, t->actor ? actor_instance_of(b, t)->mir->name : NULL);
    case TYPE_SCOPE:
        return mir_type_prim(m, MIR_SCOPE);
    case TYPE_TOKEN:
        return mir_type_prim(m, MIR_TOKEN);
    case TYPE_FAILURE:
        return mir_type_prim(m, MIR_ERROR);
    default:
        assert(type_is_integer(t));
        return mir_type_prim(m, MIR_I8 + (t->kind - TYPE_I8));
    }
}

struct mir_type *mir_type_for(struct build *b, struct type *t) {
    assert(!(t->flags & (TYPE_HAS_PARAM | TYPE_HAS_VAR | TYPE_HAS_ERROR)));
    struct mir_type *made = *slot_of(b, t);
    if (made)
        return made;
    made = make(b, t);
    *slot_of(b, t) = made;
    return made;
}

bool field_is_boxed(struct build *b, struct type *t, int32_t variant, int32_t field) {
    if (t->kind != TYPE_STRUCT && t->kind != TYPE_ENUM && t->kind != TYPE_TUPLE)
        return false;
    if (type_is_transparent(t) || b->is_over)
        return false;
    const struct mir_type *made = mir_type_for(b, t);
    const struct mir_type *kept =
        variant >= 0 ? made->variants.at[variant].types.at[field] : made->fields.at[field].type;
    return kept != mir_type_for(b, sema_field_type(b->program, t, variant, field));
}
