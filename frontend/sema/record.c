// SPDX-License-Identifier: MIT
// Records without a type, `{ a: x, b: y }`. Where a struct is expected they are a literal of it.
// Else they are of a generic struct of their own, `Record`, which is declared when fields of these
// names are met first: one for each set of names, with a type parameter a field, so that all else
// that is known of structs holds. Also what such a record says where capabilities are attenuated.
#include "frontend/sema/check.h"

#include <stdlib.h>

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *key_text(struct checker *c, const struct ast_path *key) {
    struct text out = {.arena = c->arena};
    for (int32_t i = 0; i < key->names.len; i++)
        text_printf(&out, "%s%s", i ? "." : "", key->names.at[i].text);
    return intern(c->names, text_str(&out));
}

// The names, sorted: the order in which they are written does not matter.
static const char **names_of(struct checker *c, const struct ast_expr *e) {
    int32_t count = e->record.fields.len;
    const char **names = arena_array(c->arena, const char *, count + 1);
    for (int32_t i = 0; i < count; i++)
        names[i] = key_text(c, &e->record.fields.at[i].key);
    if (count)
        qsort(names, (size_t)count, sizeof *names, by_name);
    return names;
}

static struct sema_struct *declare_record(struct checker *c, const char **names, int32_t count,
                                          const char *path) {
    struct sema_struct *s = arena_new(c->arena, struct sema_struct);
    s->name = "Record";
    s->path = path;
    s->module = c->module;
    s->is_record = true;
    s->shape = SHAPE_RECORD;
    s->params.at = arena_array(c->arena, struct sema_type_param *, count + 1);
    s->fields.at = arena_array(c->arena, struct sema_field, count + 1);
    s->params.len = s->fields.len = count;
    struct type **own = arena_array(c->arena, struct type *, count + 1);
    for (int32_t i = 0; i < count; i++) {
        struct sema_type_param *param = arena_new(c->arena, struct sema_type_param);
        param->name = names[i];
        own[i] = param->type = type_param_new(c->prog, param);
        s->params.at[i] = param;
        s->fields.at[i] = (struct sema_field){.name = names[i], .type = param->type};
    }
    vec_push(c->arena, &c->structs, s);
    s->number = c->structs.len;
    s->self_type = type_struct(c->prog, s, own);
    return s;
}

static struct sema_struct *record_struct(struct checker *c, const struct ast_expr *e) {
    const char **names = names_of(c, e);
    int32_t count = e->record.fields.len;
    struct text path = {.arena = c->arena};
    for (int32_t i = 0; i < count; i++)
        text_printf(&path, "%s%s", i ? "," : "{", names[i]);
    text_put(&path, STR("}.Record"));
    const char *unique = intern(c->names, text_str(&path));
    for (int32_t i = c->structs.len; i-- > 0;)
        if (c->structs.at[i]->is_record && c->structs.at[i]->path == unique)
            return c->structs.at[i];
    return declare_record(c, names, count, unique);
}

static int32_t field_named(const struct sema_struct *s, const char *name) {
    for (int32_t i = 0; i < s->fields.len; i++)
        if (s->fields.at[i].name == name)
            return i;
    return -1;
}

static bool gives(struct checker *c, const struct ast_expr *e, const char *name) {
    for (int32_t i = 0; i < e->record.fields.len; i++)
        if (key_text(c, &e->record.fields.at[i].key) == name)
            return true;
    return false;
}

// The field that is meant by a name that none has, of those that are not given; -1: not known.
static int32_t say_no_field(struct checker *c, const struct ast_expr *e,
                            const struct ast_record_field *f, const struct sema_struct *s,
                            const char *name) {
    struct diag *d = diag_add(c->sink, P2004, f->key.span, "`%s` has no field `%s`", s->name, name);
    VEC(const char *) free = {0};
    for (int32_t i = 0; i < s->fields.len; i++)
        if (!gives(c, e, s->fields.at[i].name))
            vec_push(c->arena, &free, s->fields.at[i].name);
    const char *near = diag_nearest(str_from(name), free.at, free.len);
    if (!near) {
        diag_primary(c->sink, d, "a `%s` is expected here", s->name);
        return -1;
    }
    diag_primary(c->sink, d, "did you mean `%s`?", near);
    diag_fix(c->sink, d, f->key.span, str_from(near), "write `%s`", near);
    return field_named(s, near);
}

// False: there is no such field.
static bool check_record_field(struct checker *c, const struct ast_expr *e, int32_t order,
                               struct type *t, struct sema_literal *out) {
    struct ast_record_field *f = &e->record.fields.at[order];
    const struct sema_struct *s = t->structure;
    const char *name = key_text(c, &f->key);
    int32_t at = field_named(s, name);
    bool is_known = at >= 0;
    if (!is_known)
        at = say_no_field(c, e, f, s, name);
    if (at < 0) {
        check(c, f->value, NULL);
        return false;
    }
    if (out->fields.at[at].value && is_known) {
        struct diag *d = diag_add(c->sink, P2007, f->key.span, "`%s` is given twice", name);
        diag_label(c->sink, d, out->fields.at[at].value->span, "the first one is here");
    }
    struct want part = {.type = sema_field_type(c->prog, t, -1, at), .what = "this field"};
    struct type *have = check(c, f->value, &part);
    if (s->is_record && !unify(c, part.type, have))
        say_mismatch(c, f->value->span, have, &part);
    out->fields.at[at] = (struct sema_arg){f->value, order, false};
    return is_known;
}

static void say_fields_missing(struct checker *c, struct span span, const struct sema_literal *out,
                               const struct sema_struct *s) {
    for (int32_t i = 0; i < s->fields.len; i++)
        if (!out->fields.at[i].value && !s->fields.at[i].value) {
            struct diag *d =
                diag_add(c->sink, P2022, span, "`%s` needs `%s`", s->name, s->fields.at[i].name);
            diag_primary(c->sink, d, "this field is missing");
            return;
        }
}

struct type *check_record(struct checker *c, struct ast_expr *e, const struct want *want) {
    struct type *wanted = want && want->type && !want->is_discard ? resolve(want->type) : NULL;
    bool is_told = wanted && wanted->kind == TYPE_STRUCT &&
                   wanted->structure->shape == SHAPE_RECORD && !wanted->structure->is_record;
    struct type *t = wanted;
    if (!is_told) {
        struct sema_struct *s = record_struct(c, e);
        struct type **args = arena_array(c->arena, struct type *, s->params.len + 1);
        for (int32_t i = 0; i < s->params.len; i++)
            args[i] = type_new_var(c, e->span);
        t = type_struct(c->prog, s, args);
        if (wanted && can_unify(c, t, wanted))
            unify(c, t, wanted);
    }
    struct sema_literal *out = arena_new(c->arena, struct sema_literal);
    out->variant = -1;
    out->fields.len = t->structure->fields.len;
    out->fields.at = arena_array(c->arena, struct sema_arg, out->fields.len + 1);
    info(c, e)->role = ROLE_STRUCT;
    info(c, e)->index = -1;
    info(c, e)->literal = out;
    bool are_known = true;
    for (int32_t i = 0; i < e->record.fields.len; i++)
        are_known &= check_record_field(c, e, i, t, out);
    if (are_known) // else one that is missing may be meant
        say_fields_missing(c, e->span, out, t->structure);
    return t;
}

// ---- capabilities as values ---------------------------------------------------------------------

struct type *check_capabilities(struct checker *c, struct ast_expr *e) {
    struct symbol *s = symbol_find_here(c->prelude, intern(c->names, STR("current_capabilities")));
    if (!s || s->kind != SYMBOL_FUNCTION)
        return c->t_error;
    struct sema_call *call = arena_new(c->arena, struct sema_call);
    call->kind = CALL_FUNCTION;
    call->use = instantiate(c, s->function, NULL, e->span);
    info(c, e)->role = ROLE_CALL;
    info(c, e)->call = call;
    return use_type(c, &call->use, s->function->result);
}

// What is handed to the actor that `call` starts, and the note of that start.
void take_capabilities(struct checker *c, struct sema_call *call, struct ast_expr *value) {
    struct symbol *s = symbol_find_here(c->prelude, intern(c->names, STR("Capabilities")));
    struct type *type = s && s->kind == SYMBOL_STRUCT ? s->structure->self_type : c->t_error;
    check_as(c, value, type, "what an actor may do", (struct span){0});
    call->capabilities = value;
    for (int32_t i = c->calls.len; i-- > 0;)
        if (c->calls.at[i].actor == call->actor) {
            c->calls.at[i].is_handed = true;
            break;
        }
    if (call->actor->has_capabilities && call->actor->capabilities.len)
        return;
    struct diag *d = diag_add(c->sink, P3007, value->span,
                              "`%s` can hold nothing of what it is handed", call->actor->name);
    diag_primary(c->sink, d, "handed over here");
    diag_label(c->sink, d, call->actor->span, "without a clause it holds none");
    diag_note(c->sink, d, "`capabilities [...]` behind the name says what it may hold at most.");
}

static bool is_own_capabilities(struct checker *c, const struct ast_expr *e) {
    return e->kind == EXPR_MEMBER && e->member.object->kind == EXPR_SELF &&
           e->member.name.text == W(capabilities);
}

static void say_not_held(struct checker *c, const struct sema_actor *a,
                         const struct ast_ability *need, struct span span) {
    const char *what = ability_text(c, need);
    struct diag *d = diag_add(c->sink, P3007, span, "`%s` does not hold `%s`", a->name, what);
    diag_primary(c->sink, d, "so it cannot hand it on");
    diag_label(c->sink, d, a->has_capabilities ? a->capabilities_span : a->span,
               a->has_capabilities ? "only these are held" : "without a clause it holds none");
}

// What is certainly more than the actor holds: a name that it does not hold at all, or such a
// literal.
static void check_held(struct checker *c, const struct ast_record_field *f, bool is_whole) {
    const struct sema_actor *a = c->body->function ? c->body->function->actor : NULL;
    bool has_list = f->value->kind == EXPR_LIST;
    int32_t count = has_list ? f->value->sequence.elements.len : 1;
    for (int32_t i = 0; a && i < count; i++) {
        struct ast_expr *value = has_list ? f->value->sequence.elements.at[i] : f->value;
        struct ast_ability need = {.path = f->key, .span = value->span};
        need.args.at = &value;
        need.args.len = is_whole ? 0 : 1;
        if (!ability_is_held(a->capabilities.at, a->capabilities.len, &need)) {
            say_not_held(c, a, &need, value->span);
            return;
        }
    }
}

void check_attenuation(struct checker *c, struct ast_expr *e, struct sema_call *call) {
    struct ast_expr *record = e->call.args.len == 1 ? e->call.args.at[0].value : NULL;
    struct type *t = record ? zonk(c, info(c, record)->type) : c->t_error;
    if (!record || record->kind != EXPR_RECORD || !t->structure->is_record) {
        struct diag *d = diag_add(c->sink, P3007, e->span, "capabilities are named in a record");
        diag_primary(c->sink, d, "such as `attenuate({ FileSystem.Read: [\"/data\"] })`");
        return;
    }
    for (int32_t i = 0; i < record->record.fields.len; i++) {
        struct ast_record_field *f = &record->record.fields.at[i];
        struct type *value = default_now(c, info(c, f->value)->type);
        struct type *texts = type_struct(c->prog, c->prog->known.list, &c->t_string);
        if (value->kind != TYPE_BOOL && !unify(c, texts, value)) {
            struct want part = {.type = texts, .what = "what a capability is narrowed to"};
            say_mismatch(c, f->value->span, value, &part);
        }
        note_attenuated(c, call, field_named(t->structure, key_text(c, &f->key)), &f->key);
        if (is_own_capabilities(c, call->receiver))
            check_held(c, f, value->kind == TYPE_BOOL);
    }
}
