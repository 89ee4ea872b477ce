// SPDX-License-Identifier: MIT
// Foreign functions: `extern "C" { function crc(seed: u32, data: Bytes) -> u32 effects [] model
// own_crc; }`. What C does is opaque, so such a function says what it does and names a function of
// the program that stands for it where nothing is real: in simulations, proofs and the interpreter.
#include "frontend/sema/check.h"

static void refuse(struct checker *c, struct span span, const char *title, const char *label) {
    struct diag *d = diag_add(c->sink, P2090, span, "%s", title);
    diag_primary(c->sink, d, "%s", label);
}

void declare_foreign(struct checker *c, struct namespace *n, struct ast_item *item) {
    if (!str_is(item->foreign->abi, "C"))
        refuse(c, item->span, "foreign functions are those of C", "write `extern \"C\"`");
    for (int32_t i = 0; i < item->foreign->members.len; i++) {
        struct ast_item *member = item->foreign->members.at[i];
        if (member->kind != ITEM_FUNCTION)
            continue;
        struct symbol *s = symbol_new(c, n, SYMBOL_FUNCTION, member->name, member->span);
        bool is_exported = member->function->body != NULL;
        s->function =
            function_new(c, member, n, is_exported ? FUNCTION_FREE : FUNCTION_FOREIGN, NULL);
        s->function->is_exported = is_exported;
        if (is_exported)
            vec_push(c->arena, &c->exports, s->function);
        else
            vec_push(c->arena, &c->foreigns, s->function);
    }
}

// ---- the form -----------------------------------------------------------------------------------

static bool is_number(const struct type *t) {
    return type_is_integer(t) || type_is_float(t) || t->kind == TYPE_BOOL || t->kind == TYPE_CHAR;
}

static bool can_be_passed(const struct checker *c, const struct type *t) {
    const struct sema_known *k = &c->prog->known;
    bool is_bytes =
        t->kind == TYPE_STRUCT && (t->structure == k->string || t->structure == k->bytes);
    return is_number(t) || is_bytes || t->kind == TYPE_ERROR;
}

static void check_types(struct checker *c, const struct sema_function *f) {
    for (int32_t i = 0; i < f->params.len; i++) {
        if (f->params.at[i].is_mut || !can_be_passed(c, f->params.at[i].type))
            refuse(c, f->params.at[i].span, "C cannot take this",
                   "numbers, `bool`, `char`, `String` and `Bytes` can be passed");
        if (f->params.at[i].default_value)
            refuse(c, f->params.at[i].span, "C knows no default values", "take it away");
    }
    bool gives = f->result == c->t_unit || is_number(f->result) || f->result->kind == TYPE_ERROR;
    if (!gives)
        refuse(c, f->item->function->result->span, "C cannot give this",
               "numbers, `bool`, `char` or nothing can be given");
    if (f->type_params.len)
        refuse(c, f->span, "C knows no type parameters", "a foreign function has types of its own");
    if (f->is_async)
        refuse(c, f->span, "C does not wait",
               "a foreign function returns when it is done: call it from one that is async");
    if (!f->has_effects)
        refuse(c, f->span, "a foreign function says what it does",
               "`effects [...]` is missing; `effects []` if it only computes");
}

// ---- the model ----------------------------------------------------------------------------------

static struct sema_function *function_at(struct namespace *n, const struct ast_path *path) {
    struct symbol *s = symbol_at(n, path->names.at, path->names.len);
    return s && s->kind == SYMBOL_FUNCTION ? s->function : NULL;
}

static bool same_types(const struct sema_function *f, const struct sema_function *model) {
    bool same = f->params.len == model->params.len && f->result == model->result &&
                model->type_params.len == 0;
    for (int32_t i = 0; same && i < f->params.len; i++)
        same = f->params.at[i].type == model->params.at[i].type && !model->params.at[i].is_mut;
    return same;
}

static void check_model(struct checker *c, struct sema_function *f) {
    const struct ast_path *path = f->item->function->model;
    if (!path) {
        refuse(c, f->span, "a foreign function needs a model",
               "`model f` behind its clauses names the function that stands for it");
        return;
    }
    f->model = function_at(f->scope, path);
    if (!f->model || f->model->kind == FUNCTION_FOREIGN)
        refuse(c, path->span, "this is no function of the program", "a model is one");
    else if (f->model->is_async)
        refuse(c, path->span, "a model does not wait", "this function is async");
    else if (!same_types(f, f->model))
        refuse(c, path->span, "the model has other types",
               "its parameters and result have to be those of the foreign function");
    else
        return;
    f->model = NULL;
}

// C has one function of a name; two declarations of it have to agree.
static void check_twice(struct checker *c, int32_t at) {
    const struct sema_function *f = c->foreigns.at[at];
    for (int32_t i = 0; i < at; i++) {
        const struct sema_function *before = c->foreigns.at[i];
        if (before->name != f->name || same_types(f, before))
            continue;
        struct diag *d = diag_add(c->sink, P2090, f->span, "C has one function `%s`", f->name);
        diag_primary(c->sink, d, "here it has other types");
        diag_label(c->sink, d, before->span, "than here");
        return;
    }
}

// ---- for C to call ------------------------------------------------------------------------------

static void refuse_export(struct checker *c, struct span span, const char *title,
                          const char *label) {
    struct diag *d = diag_add(c->sink, P2091, span, "%s", title);
    diag_primary(c->sink, d, "%s", label);
}

// A number, or a struct of such.
static bool is_flat(struct checker *c, struct type *t, int depth) {
    if (is_number(t) || t->kind == TYPE_ERROR)
        return true;
    if (t->kind != TYPE_STRUCT || t->structure->module->is_std || t->structure->is_distinct ||
        t->arg_count || !t->structure->fields.len || !depth)
        return false;
    for (int32_t i = 0; i < t->structure->fields.len; i++)
        if (!is_flat(c, zonk(c, sema_field_type(c->prog, t, -1, i)), depth - 1))
            return false;
    return true;
}

enum { FLAT_DEPTH_MAX = 8 };

static bool can_cross(struct checker *c, struct type *t) {
    return can_be_passed(c, t) || is_flat(c, t, FLAT_DEPTH_MAX);
}

static void check_export(struct checker *c, const struct sema_function *f) {
    static const char known[] =
        "numbers, `bool`, `char`, `String`, `Bytes` and structs of numbers can";
    for (int32_t i = 0; i < f->params.len; i++)
        if (f->params.at[i].is_mut || !can_cross(c, f->params.at[i].type))
            refuse_export(c, f->params.at[i].span, "C cannot give this", known);
    struct type *result = f->result;
    if (result->kind == TYPE_ENUM && result->enumeration == c->prog->known.result)
        result = zonk(c, result->args[0]);
    if (result != c->t_unit && !can_cross(c, result))
        refuse_export(c, f->item->function->result->span, "C cannot take this", known);
    if (f->type_params.len)
        refuse_export(c, f->span, "C knows no type parameters", "say which types it is for");
    if (f->item->function->model)
        refuse_export(c, f->span, "a function that has a body needs no model", "take it away");
}

// In the header they stand side by side.
static void check_same_name(struct checker *c, int32_t at) {
    const struct sema_function *f = c->exports.at[at];
    for (int32_t i = 0; i < at; i++)
        if (c->exports.at[i]->name == f->name) {
            struct diag *d = diag_add(c->sink, P2091, f->span, "C has one function `%s`", f->name);
            diag_primary(c->sink, d, "here it is another one");
            diag_label(c->sink, d, c->exports.at[i]->span, "than here");
            return;
        }
}

void check_exports(struct checker *c) {
    for (int32_t i = 0; i < c->exports.len; i++) {
        check_export(c, c->exports.at[i]);
        check_same_name(c, i);
    }
    LIST_OF(c->prog->exports, c->exports);
}

void check_foreigns(struct checker *c) {
    for (int32_t i = 0; i < c->foreigns.len; i++) {
        int32_t before = c->sink->errors;
        check_types(c, c->foreigns.at[i]);
        if (c->sink->errors == before) {
            check_model(c, c->foreigns.at[i]);
            check_twice(c, i);
        }
    }
}
