// SPDX-License-Identifier: MIT
// The pipeline: all names, then all signatures, then all bodies, each over all modules, the
// library's first. What frames a body (a function, a constant, what a field begins with) is set up
// here.
#include "frontend/sema/check.h"

// ---- where a thing stands -----------------------------------------------------------------------

struct place_kept {
    struct sema_module *module;
    struct namespace *scope;
    struct body *body;
};
static struct place_kept go_to(struct checker *c, struct sema_module *m, struct namespace *scope) {
    struct place_kept kept = {c->module, c->scope, c->body};
    c->module = m;
    c->scope = scope;
    return kept;
}
static void go_back(struct checker *c, struct place_kept kept) {
    c->module = kept.module;
    c->scope = kept.scope;
    c->body = kept.body;
}

// ---- values outside of functions ----------------------------------------------------------------

static void say_circle(struct checker *c, struct sema_const *k) {
    struct span span = ast_name_span(k->item->span, k->item->name);
    struct diag *d =
        diag_add(c->sink, P2041, span, "the constant `%s` is defined by itself", k->name);
    diag_primary(c->sink, d, "following it never comes to an end");
}

void check_const(struct checker *c, struct sema_const *k) {
    if (k->state == 2)
        return;
    if (k->state == 1) {
        say_circle(c, k);
        k->type = c->t_error;
        return;
    }
    struct place_kept kept = go_to(c, k->module, k->scope);
    k->state = 1;
    c->body = NULL;
    struct type *type = k->item->constant->type ? type_of_expr(c, k->item->constant->type) : NULL;
    k->type = type ? type : c->t_error;
    struct body *body = body_begin(c, NULL);
    body->is_pure = true;
    if (type)
        check_as(c, k->value, type, NULL, k->item->constant->type->span);
    else
        k->type = check(c, k->value, NULL);
    if (k->type->flags & TYPE_HAS_VAR)
        keep_slot(c, &k->type);
    k->state = 2;
    body_end(c);
    if (!type)
        constant_fold(c, k);
    go_back(c, kept);
}

static void check_mailbox(struct checker *c, struct sema_actor *a) {
    if (!a->mailbox_size)
        return;
    struct place_kept kept = go_to(c, a->module, a->scope);
    body_begin(c, NULL)->is_pure = true;
    struct type *t = default_now(c, check(c, a->mailbox_size, NULL));
    bool fits = constant_count(c, a->mailbox_size, &a->mailbox_limit);
    if (!fits && t->kind != TYPE_ERROR) {
        struct diag *d = diag_add(c->sink, P2048, a->mailbox_size->span,
                                  "the size of a mailbox is a number of messages");
        diag_primary(c->sink, d, "a whole number of at least 1, or a constant that is one");
    }
    body_end(c);
    go_back(c, kept);
}

// What a field begins with, or the default of a parameter.
static void check_default(struct checker *c, struct ast_expr *value, struct type *type,
                          const char *name, struct sema_function *init) {
    char what[96];
    snprintf(what, sizeof what, "`%.80s`", name);
    body_begin(c, init);
    check_as(c, value, type, what, (struct span){0});
    body_end(c);
}

static void check_struct_defaults(struct checker *c, struct sema_struct *s) {
    struct place_kept kept = go_to(c, s->module, s->scope);
    for (int32_t i = 0; i < s->fields.len; i++)
        if (s->fields.at[i].value)
            check_default(c, s->fields.at[i].value, s->fields.at[i].type, s->fields.at[i].name,
                          NULL);
    go_back(c, kept);
}

// ---- functions ----------------------------------------------------------------------------------

static void declare_self(struct checker *c, struct sema_function *f) {
    struct span span = f->item->function->self_span;
    struct ast_binding b = {.name = {W(self), span.start, span.end},
                            .id = f->item->function->self_binding,
                            .is_mut = f->self == SELF_MUT};
    if (b.id >= 0)
        f->self_variable = local_new(c, &b, span, f->self_type, VARIABLE_SELF);
}

static void declare_params(struct checker *c, struct sema_function *f) {
    for (int32_t i = 0; i < f->params.len; i++) {
        struct sema_param *p = &f->params.at[i];
        for (int32_t k = 0; k < i; k++)
            if (f->params.at[k].name == p->name && p->name != NULL && strcmp(p->name, "_") != 0) {
                struct diag *d = diag_add(c->sink, P2005, p->span,
                                          "the parameter `%s` is declared twice", p->name);
                diag_primary(c->sink, d, "declared again here");
                diag_label(c->sink, d, f->params.at[k].span, "the first one is here");
                break;
            }
        if (f->item->function->params.at[i].binding.id < 0)
            continue; // `_` of a monitor's event
        p->variable = local_new(c, &f->item->function->params.at[i].binding, f->item->span, p->type,
                                VARIABLE_PARAM);
        if (p->variable)
            p->variable->open = p->open;
    }
}

static bool runs_async(const struct sema_function *f) {
    return f->is_async || f->waits || f->kind == FUNCTION_MESSAGE || f->kind == FUNCTION_HOOK ||
           f->kind == FUNCTION_TEST;
}

static void check_function(struct checker *c, struct sema_function *f) {
    struct ast_function *ast = f->item->function;
    struct body *body = body_begin(c, f);
    body->is_async = runs_async(f);
    body->is_pure = f->is_guard || f->is_constant;
    body->result = f->result;
    body->result_span = ast->result ? ast->result->span : f->span;
    if (f->self != SELF_NONE)
        declare_self(c, f);
    declare_params(c, f);
    struct want want = {.type = f->result,
                        .because = body->result_span,
                        .is_return = true,
                        .is_discard = !ast->result && type_is_unit(f->result)};
    check_block(c, f->body, &want);
    body_end(c);
}

static void check_invariant(struct checker *c, struct sema_function *f) {
    struct body *body = body_begin(c, f);
    body->is_pure = true;
    check_as(c, f->value, c->t_bool, "an invariant", (struct span){0});
    body_end(c);
}

static void check_fields(struct checker *c, struct sema_function *init) {
    struct sema_actor *a = init->actor;
    for (int32_t i = 0; i < a->fields.len; i++)
        if (a->fields.at[i].field.value)
            check_default(c, a->fields.at[i].field.value, a->fields.at[i].field.type,
                          a->fields.at[i].field.name, init);
    if (a->grace)
        check_default(c, a->grace->value, c->t_duration, "grace", init);
    if (a->memory)
        check_default(c, a->memory->value, c->t_u64, "memory", init);
}

static void check_one(struct checker *c, struct sema_function *f) {
    struct place_kept kept = go_to(c, f->module, f->scope);
    c->body = NULL;
    for (int32_t i = 0; i < f->params.len; i++)
        if (f->params.at[i].default_value)
            check_default(c, f->params.at[i].default_value, f->params.at[i].type,
                          f->params.at[i].name, NULL);
    if (f->kind == FUNCTION_INIT)
        check_fields(c, f);
    else if (f->kind == FUNCTION_INVARIANT)
        check_invariant(c, f);
    else if (f->body && !f->item->function->is_broken)
        check_function(c, f);
    go_back(c, kept);
}

void check_bodies(struct checker *c) {
    for (int32_t i = 0; i < c->consts.len; i++)
        check_const(c, c->consts.at[i]);
    for (int32_t i = 0; i < c->actors.len; i++)
        check_mailbox(c, c->actors.at[i]);
    for (int32_t i = 0; i < c->structs.len; i++)
        check_struct_defaults(c, c->structs.at[i]);
    for (int32_t i = 0; i < c->functions.len; i++)
        check_one(c, c->functions.at[i]);
}

// ---- tests, entry -------------------------------------------------------------------------------

static bool is_setting(struct checker *c, const struct type *t) {
    return type_is_integer(t) || type_is_float(t) || t->kind == TYPE_BOOL || t == c->t_string ||
           t->kind == TYPE_ERROR;
}

static void check_tests(struct checker *c) {
    for (int32_t i = 0; i < c->tests.len; i++) {
        struct sema_function *f = c->tests.at[i].function;
        for (int32_t k = 0; k < f->params.len && c->tests.at[i].kind == TEST_PLAIN; k++) {
            struct sema_param *p = &f->params.at[k];
            if (p->default_value && is_setting(c, p->type) && !p->is_mut)
                continue;
            struct diag *d = diag_add(c->sink, P2043, p->span,
                                      p->default_value ? "a test cannot be given a `%s`"
                                                       : "the parameter `%s` needs a default",
                                      p->default_value ? type_show(c->prog, p->type) : p->name);
            diag_primary(c->sink, d,
                         p->default_value ? "numbers, `bool` and `String` can be set"
                                          : "such as `= 3`; `--set` changes it");
        }
    }
}

static void find_entry(struct checker *c) {
    for (int32_t i = 0; i < c->functions.len; i++) {
        struct sema_function *f = c->functions.at[i];
        if (f->kind != FUNCTION_FREE || f->name != W(main) || f->module->is_std)
            continue;
        if (!c->prog->entry)
            c->prog->entry = f;
        bool is_result =
            f->result->kind == TYPE_ENUM && f->result->enumeration == c->prog->known.result;
        if (f->params.len == 0 && f->type_params.len == 0 &&
            (type_is_unit(f->result) || is_result || f->result->kind == TYPE_ERROR))
            continue;
        struct diag *d =
            diag_add(c->sink, P2044, f->span, "`main` takes nothing and gives nothing");
        diag_primary(c->sink, d, "`function main()`, perhaps `async`, perhaps `-> Result<(), E>`");
    }
}

// ---- the whole ----------------------------------------------------------------------------------

static void init_words(struct checker *c) {
#define WORD(word) c->words.w.word = intern(c->names, STR(#word));
    SEMA_WORDS(WORD)
#undef WORD
    c->words.w.new_ = intern(c->names, STR("new"));
}

static void init_types(struct checker *c) {
    c->t_error = type_prim(c->prog, TYPE_ERROR);
    c->t_never = type_prim(c->prog, TYPE_NEVER);
    c->t_unit = type_make(c->prog, TYPE_TUPLE, NULL, 0);
    c->t_bool = type_prim(c->prog, TYPE_BOOL);
    c->t_i64 = type_prim(c->prog, TYPE_I64);
    c->t_u64 = type_prim(c->prog, TYPE_U64);
    c->t_f64 = type_prim(c->prog, TYPE_F64);
    c->t_char = type_prim(c->prog, TYPE_CHAR);
    c->t_failure = type_prim(c->prog, TYPE_FAILURE);
    c->t_string = c->t_duration = c->t_error;
}

static const char *module_name(struct checker *c, const struct source *s) {
    struct str path = str_from(s->path);
    for (size_t i = path.len; i-- > 0;)
        if (path.data[i] == '/') {
            path.data += i + 1;
            path.len -= i + 1;
            break;
        }
    if (str_ends(path, STR(".prism")))
        path.len -= strlen(".prism");
    return intern(c->names, path);
}

static void add_module(struct checker *c, const struct sema_source *source) {
    struct sema_module *m = arena_new(c->arena, struct sema_module);
    const struct module_ast *ast = source->ast;
    m->ast = ast;
    m->is_std = source->is_std;
    m->name = source->name ? intern(c->names, str_from(source->name)) : module_name(c, ast->source);
    m->imported_as.at = source->imported_as.at;
    m->imported_as.len = source->imported_as.len;
    m->exprs = arena_array(c->arena, struct sema_expr, ast->expr_count + 1);
    m->patterns = arena_array(c->arena, struct sema_pattern, ast->pattern_count + 1);
    m->bindings = arena_array(c->arena, struct sema_variable *, ast->binding_count + 1);
    m->types = arena_array(c->arena, struct type *, ast->type_count + 1);
    // All files of the library share the prelude: what they declare is visible everywhere.
    m->scope = m->is_std ? c->prelude : namespace_new(c, c->prelude, m->name);
    if (!m->is_std) {
        m->scope->path = c->main ? str_format(c->arena, "%s.", m->name).data : "";
        m->scope->module = m;
        c->main = c->main ? c->main : m;
    } else if (!c->prelude->module) {
        c->prelude->module = m;
    }
    vec_push(c->arena, &c->modules, m);
}

static void publish(struct checker *c) {
    struct typed_program *p = c->prog;
    LIST_OF(p->modules, c->modules);
    LIST_OF(p->functions, c->functions);
    LIST_OF(p->structs, c->structs);
    LIST_OF(p->enums, c->enums);
    LIST_OF(p->actors, c->actors);
    LIST_OF(p->traits, c->traits);
    LIST_OF(p->consts, c->consts);
    LIST_OF(p->services, c->services);
    LIST_OF(p->binds, c->binds);
    // What is imported is tested where it is the program's own file.
    VEC(struct sema_test) tests = {0};
    for (int32_t i = 0; i < c->tests.len; i++)
        if (c->tests.at[i].function->module == c->main)
            vec_push(c->arena, &tests, c->tests.at[i]);
    LIST_OF(p->tests, tests);
}

static void init(struct checker *c, struct arena *a, struct intern_table *names,
                 struct diag_sink *sink) {
    c->arena = a;
    c->names = names;
    c->sink = sink;
    c->prog = arena_new(a, struct typed_program);
    c->prog->arena = a;
    c->prog->names = names;
    c->prog->types = type_table_new(a);
    init_words(c);
    init_types(c);
    c->prelude = namespace_new(c, NULL, "std");
    c->prelude->path = "std.";
    declare_prelude(c);
}

struct typed_program *sema_check(struct arena *a, struct intern_table *names,
                                 const struct sema_package *package, struct diag_sink *sink) {
    struct checker *c = arena_new(a, struct checker);
    init(c, a, names, sink);
    c->bundles = package->bundles;
    for (int32_t i = 0; i < package->count; i++)
        add_module(c, &package->modules[i]);
    for (int32_t i = 0; i < c->modules.len; i++)
        declare_module(c, c->modules.at[i]);
    for (int32_t i = 0; i < c->modules.len; i++)
        declare_imports(c, c->modules.at[i]);
    declare_impl_generics(c);
    check_signatures(c);
    check_monitors(c);
    declare_known(c);
    check_decisions(c);
    check_impls(c);
    check_applied(c);
    check_services(c);
    check_bundles(c);
    check_families(c);
    check_foreigns(c);
    check_exports(c);
    check_tests(c);
    find_entry(c);
    check_bodies(c);
    check_typed_consts(c);
    check_flows(c);
    check_trait_uses(c);
    if (!c->bundles.are_wrong)
        check_effects(c);
    publish(c);
    return c->prog;
}
