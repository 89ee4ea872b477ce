// SPDX-License-Identifier: MIT
// The annotations by which the standard library tells the compiler what it has to know: @builtin,
// @place, @property, @format, @universal, @waits, @inlined, @named, @branches, @handle, @guard. In
// programs of users they mean nothing, and are refused.
#include "frontend/sema/check.h"

static const struct {
    const char *name;
    enum sema_builtin builtin;
} builtins[] = {
#define BUILTIN(id, name) {name, BUILTIN_##id},
#include "frontend/sema/builtins.def"
#undef BUILTIN
};

static void say_annotation(struct checker *c, struct ast_annotation *a, const char *why) {
    struct diag *d = diag_add(c->sink, P2049, a->span, "`@%s` does not fit here", a->name.text);
    diag_primary(c->sink, d, "%s", why);
}

static void read_builtin(struct checker *c, struct sema_function *f, struct ast_annotation *a) {
    if (!a->value || a->value->kind != EXPR_STRING) {
        say_annotation(c, a, "the name of an intrinsic is missing");
        return;
    }
    struct str name = a->value->string, prefix = STR("outside.");
    if (str_starts(name, prefix)) {
        f->builtin = BUILTIN_OUTSIDE;
        f->outside = intern(c->names, (struct str){name.data + prefix.len, name.len - prefix.len});
        return;
    }
    for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; i++)
        if (str_is(a->value->string, builtins[i].name))
            f->builtin = builtins[i].builtin;
    if (f->builtin == BUILTIN_NONE)
        say_annotation(c, a, "there is no intrinsic of this name");
}

static void read_guard(struct checker *c, struct sema_function *f, struct ast_annotation *a) {
    if (a->value && a->value->kind == EXPR_STRING)
        f->guard = intern(c->names, a->value->string);
    else
        say_annotation(c, a, "the name of a function is missing");
}

static struct ast_annotation *find(struct ast_item *item, const char *name) {
    for (int32_t i = 0; i < item->annotations.len; i++)
        if (item->annotations.at[i].name.text == name)
            return &item->annotations.at[i];
    return NULL;
}

bool is_library_annotation(struct checker *c, const char *name) {
    const char *const all[] = {W(builtin), W(place), W(property), W(format), W(universal), W(waits),
                               W(inlined), W(named), W(branches), W(handle), W(guard)};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (name == all[i])
            return true;
    return false;
}

void read_annotations(struct checker *c, struct sema_function *f, struct ast_item *item) {
    for (int32_t i = 0; i < item->annotations.len; i++) {
        struct ast_annotation *a = &item->annotations.at[i];
        const char *name = a->name.text;
        if (!is_library_annotation(c, name) || name == W(handle))
            continue;
        if (!c->module->is_std)
            say_annotation(c, a, "it belongs to the standard library");
        else if (name == W(builtin))
            read_builtin(c, f, a);
        else if (name == W(property))
            f->is_property = true;
        else if (name == W(format))
            f->is_format = true;
        else if (name == W(universal))
            f->is_universal = true;
        else if (name == W(waits))
            f->waits = true;
        else if (name == W(inlined))
            f->is_inlined = true;
        else if (name == W(named))
            f->is_named = true;
        else if (name == W(branches))
            f->branches = true;
        else if (name == W(guard))
            read_guard(c, f, a);
        else
            f->projection = arena_new(c->arena, struct sema_projection);
    }
}

void read_struct_annotations(struct checker *c, struct sema_struct *s) {
    struct ast_annotation *handle = find(s->item, W(handle));
    s->is_handle = handle && c->module->is_std;
    if (handle && !s->is_handle)
        say_annotation(c, handle, "it belongs to the standard library");
}

void read_actor_annotations(struct checker *c, struct sema_actor *a) {
    struct ast_annotation *handle = find(a->item, W(handle));
    if (!handle)
        return;
    if (!c->module->is_std)
        say_annotation(c, handle, "it belongs to the standard library");
    else if (!handle->value || handle->value->kind != EXPR_STRING)
        say_annotation(c, handle, "the word for such a handle is missing");
    else
        a->handle = intern(c->names, handle->value->string);
}

// ---- @place -------------------------------------------------------------------------------------

static struct ast_expr *record_value(struct ast_expr *record, const char *key) {
    if (!record || record->kind != EXPR_RECORD)
        return NULL;
    for (int32_t i = 0; i < record->record.fields.len; i++) {
        struct ast_record_field *f = &record->record.fields.at[i];
        if (f->key.names.at[0].text == key && f->value->kind == EXPR_STRING)
            return f->value;
    }
    return NULL;
}

// Follows "a.b.c" from the type of self; true if a Buffer is passed on the way.
static bool follow(struct checker *c, struct sema_function *f, struct str path) {
    struct type *t = f->self_type;
    VEC(int32_t) before = {0}, after = {0};
    bool passed = false;
    for (size_t i = 0; i < path.len;) {
        size_t end = i;
        while (end < path.len && path.data[end] != '.')
            end++;
        const char *name = intern(c->names, (struct str){path.data + i, end - i});
        int32_t index;
        if (!field_find(c, t, name, &index))
            return false;
        t = sema_field_type(c->prog, t, -1, index);
        if (passed)
            vec_push(c->arena, &after, index);
        else
            vec_push(c->arena, &before, index);
        if (!passed && t->kind == TYPE_BUFFER) {
            passed = true;
            t = t->args[0];
        }
        i = end + 1;
    }
    LIST_OF(f->projection->before, before);
    LIST_OF(f->projection->after, after);
    return passed;
}

static void resolve_projection(struct checker *c, struct sema_function *f) {
    struct ast_annotation *a = find(f->item, W(place));
    struct ast_expr *index = record_value(a->value, W(index));
    struct ast_expr *of = record_value(a->value, W(of));
    struct method *m = index ? method_find(c, f->self_type, intern(c->names, index->string)) : NULL;
    if (!m || !of || !follow(c, f, of->string)) {
        say_annotation(c, a, "{ index: \"method\", of: \"fields through a Buffer\" } is needed");
        f->projection = NULL;
        return;
    }
    f->projection->index = m->function;
    f->projection->is_option = m->function->result->kind == TYPE_ENUM;
}

void resolve_projections(struct checker *c) {
    for (int32_t i = 0; i < c->functions.len; i++) {
        struct sema_function *f = c->functions.at[i];
        if (f->projection && f->self_type)
            resolve_projection(c, f);
    }
}
