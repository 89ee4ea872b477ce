// SPDX-License-Identifier: MIT
// The driver: roots, then whatever they reach, then what follows from the bodies.
#include "frontend/mir/build/lower.h"

// ---- one function -------------------------------------------------------------------------------

static void bind_params(struct fn *fn) {
    struct sema_function *f = fn->instance->function;
    int32_t local = 0;
    if (f->self != SELF_NONE)
        bind(fn, f->self_variable, local_place(local++));
    for (int32_t i = 0; i < f->params.len; i++, local++) {
        struct sema_variable *v = f->params.at[i].variable;
        if (!v)
            continue;
        if (v->is_mutated && !f->params.at[i].is_mut) {
            int32_t copy = variable_local(fn, v);
            assign(fn, local_place(copy), operand_of(fn, local_place(local)), f->span);
            bind(fn, v, local_place(copy));
        } else {
            bind(fn, v, local_place(local));
        }
    }
}

static struct span end_of(const struct ast_block *b) {
    struct span s = b->span;
    s.start = s.end > s.start ? s.end - 1 : s.start;
    return s;
}

static void show_to_monitors(struct fn *fn, const struct sema_function *f) {
    struct mir_operand *values = arena_array(fn->b->arena, struct mir_operand, f->params.len + 1);
    for (int32_t i = 0; i < f->params.len; i++)
        values[i] = operand_of(fn, local_place(i));
    tell_monitors(fn, f, values, f->params.len, f->span);
}

static void lower_body(struct fn *fn) {
    struct sema_function *f = fn->instance->function;
    bind_params(fn);
    if (f->kind == FUNCTION_INVARIANT) {
        lower_return(fn, lower(fn, f->value, NULL), f->value->span);
        return;
    }
    assert(f->body);
    if (f->kind == FUNCTION_TEST)
        start_monitors(fn, f->span);
    if (f->kind == FUNCTION_MESSAGE)
        show_to_monitors(fn, f);
    struct mir_operand value = lower_block(fn, f->body, NULL);
    lower_return(fn, value, f->body->value ? f->body->value->span : end_of(f->body));
}

void lower_function(struct build *b, struct instance *i) {
    struct fn fn = {
        .b = b,
        .f = i->mir,
        .instance = i,
        .module = i->module,
        .env = i->env,
        .unwind = -1,
        .label = i->label,
    };
    for (int32_t k = 0; k < i->mir->locals.len; k++)
        vec_push(b->arena, &fn.is_temp, i->mir->modes.at[k] != MIR_PARAM_MUT);
    fn.block = block_new(&fn);
    switch (i->kind) {
    case CODE_FUNCTION:
        if (i->function->result)
            fn.result = subst(b, &i->env, i->function->result);
        lower_body(&fn);
        break;
    case CODE_ADOPT:
        lower_adopt(&fn);
        break;
    case CODE_TASK_INIT:
        lower_task_init(&fn);
        break;
    case CODE_TASK_RUN:
        lower_task_run(&fn);
        break;
    case CODE_WATCH:
        lower_watch(&fn);
        break;
    case CODE_TELLER:
        lower_teller(&fn);
        break;
    case CODE_STARTER:
        lower_starter(&fn);
        break;
    case CODE_SERVICE:
        lower_operation(&fn);
        break;
    case CODE_FOREIGN:
        lower_foreign(&fn);
        break;
    case CODE_INIT:
        bind_params(&fn);
        lower_init(&fn);
        break;
    case CODE_CLOSURE:
        lower_closure_body(&fn);
        break;
    case CODE_WRAPPER:
        lower_wrapper(&fn);
        break;
    case CODE_NARROWED:
        lower_narrowed(&fn);
        break;
    case CODE_SETTLE:
        lower_settle(&fn);
        break;
    case CODE_DISPATCH:
        lower_dispatch(&fn);
        break;
    case CODE_TRY:
        lower_try_task(&fn);
        break;
    case CODE_ANY:
        lower_any_value(&fn);
        break;
    case CODE_LITERAL:
        lower_literal_function(&fn);
        break;
    case CODE_PROPERTY:
        lower_property(&fn);
        break;
    case CODE_DEFAULT:
        lower_default_function(&fn);
        break;
    case CODE_ENTRY:
        lower_entry(&fn);
        break;
    }
    assert(!is_reached(&fn));
    tidy_blocks(b, i->mir);
    if (i->function && i->function->kind == FUNCTION_MESSAGE && i->kind == CODE_FUNCTION)
        end_taken(b, i->mir);
}

void lower_again(struct build *b, struct instance *i) {
    i->mir->blocks.len = 0;
    i->mir->locals.len = i->mir->param_count;
    lower_function(b, i);
}

// ---- roots --------------------------------------------------------------------------------------

// The value of a constant expression of a primitive type, or the bytes of a text.
static bool constant(struct fn *fn, struct ast_expr *e, struct mir_operand *out) {
    *out = e->kind == EXPR_STRING ? const_text(fn, e->string) : lower(fn, e, NULL);
    return out->kind == MIR_CONST;
}

static void add_test(struct build *b, const struct sema_test *t) {
    struct sema_function *f = t->function;
    if (t->kind == TEST_PROPERTY) {
        struct mir_test property = {.kind = MIR_TEST_PROPERTY,
                                    .name = f->name,
                                    .function = property_instance(b, f)->mir->name,
                                    .loc = loc_of(b, f->span)};
        vec_push(b->arena, &b->module->tests, property);
        return;
    }
    struct instance *i = instance_of(b, f, (struct env){.params = &f->type_params}, NULL);
    struct mir_test made = {.kind = t->kind == TEST_CHAOS ? MIR_TEST_CHAOS : MIR_TEST_PLAIN,
                            .name = f->name,
                            .function = i->mir->name,
                            .loc = loc_of(b, f->span)};
    for (int32_t k = 0; k < f->params.len; k++) {
        struct mir_function scratch = {.result = i->mir->result};
        struct fn fn = {.b = b, .f = &scratch, .module = f->module, .unwind = -1};
        fn.block = block_new(&fn);
        struct mir_test_param p = {.name = f->params.at[k].name};
        if (!f->params.at[k].default_value ||
            !constant(&fn, f->params.at[k].default_value, &p.value)) {
            diag_add(b->sink, P2043, f->params.at[k].span,
                     "the default of a test's parameter has to be a literal");
            return;
        }
        vec_push(b->arena, &made.params, p);
    }
    vec_push(b->arena, &b->module->tests, made);
}

static void add_roots(struct build *b) {
    struct typed_program *p = b->program;
    for (int32_t i = 0; i < p->tests.len; i++)
        if (!p->tests.at[i].function->module->is_std)
            add_test(b, &p->tests.at[i]);
    if (p->entry)
        b->module->entry = entry_instance(b, p->entry)->mir->name;
    for (int32_t i = 0; i < p->exports.len; i++)
        vec_push(b->arena, &b->module->exports,
                 instance_of(b, p->exports.at[i], (struct env){0}, NULL)->mir->name);
    // Actors without parameters are part of the program even if nobody makes one.
    for (int32_t i = 0; i < p->actors.len; i++)
        if (p->actors.at[i]->params.len == 0 && !p->actors.at[i]->module->is_std)
            actor_instance_of(b, p->actors.at[i]->self_type);
}

struct mir_module *mir_build(struct arena *a, struct typed_program *program,
                             struct diag_sink *sink) {
    struct build b = {.arena = a, .program = program, .sink = sink, .module = mir_module_new(a)};
    add_roots(&b);
    int32_t actor = 0, work = 0;
    do {
        while ((actor < b.actors.len || work < b.work.len) && !b.is_over) {
            if (actor < b.actors.len)
                fill_actor(&b, b.actors.at[actor++]);
            else
                lower_function(&b, b.work.at[work++]);
        }
    } while (!b.is_over && (lower_dispatchers(&b) || lower_followers(&b)));
    if (sink->errors == 0) {
        mir_split(b.module);
        mir_infer(b.module);
        check_homes(&b);
        check_defaults(&b);
    }
    return b.module;
}
