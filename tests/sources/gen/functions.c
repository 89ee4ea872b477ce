// SPDX-License-Identifier: MIT
// Functions, and how they are called.
#include "tests/sources/gen/source_gen.h"

void enter(struct gen *g, bool in_async, bool in_result, bool has_log, const struct type *result) {
    g->scope.len = 0;
    g->in_async = in_async;
    g->in_result = in_result;
    g->has_log = has_log;
    g->in_closure = g->in_loop = g->is_lent = g->in_handler = false;
    g->result = result;
    g->budget = FUNCTION_NODES;
    for (int32_t i = 0; i < g->constants.len; i++)
        vec_push(g->arena, &g->scope, g->constants.at[i]);
}

void body(struct gen *g) {
    g->indent++;
    int32_t mark = g->scope.len;
    for (uint64_t n = 1 + roll(g, 2); n > 0; n--) { // in one scope: later ones see earlier ones
        let(g, any_type(g), 3);
        g->indent--;
        block(g, 2, 2);
        g->indent++;
    }
    g->budget = 10;
    if (g->has_log)
        log_values(g);
    leave(g);
    g->scope.len = mark;
    g->indent--;
}

// What it is called with, in variables.
static void prepare(struct gen *g, const struct function *f, const char **names) {
    for (int32_t i = 0; i < f->count; i++) {
        names[i] = fresh(g, "v");
        form(g, f->params[i].is_mut ? "let mut %s: %t = %e;\n" : "let %s: %t = %e;\n", names[i],
             f->params[i].type, f->params[i].type);
        declare(g, names[i], f->params[i].type, f->params[i].is_mut);
    }
}

static void call_with(struct gen *g, const struct function *f, const char **names) {
    text_printf(&g->out, "%s%s(", f->is_async ? "await " : "", f->name);
    for (int32_t i = 0; i < f->count; i++)
        text_printf(&g->out, "%s%s", i ? ", " : "", names[i]);
    text_printf(&g->out, "%s)", f->has_log ? (f->count ? ", log" : "log") : "");
}

static void use_lent(struct gen *g, const struct function *f) {
    const char *names[PARAMS_MAX];
    begin_use(g);
    prepare(g, f, names);
    form(g, "let given = ");
    call_with(g, f, names);
    end(g, f->has_result ? "?;" : ";");
    note(g, f->name, "given");
    for (int32_t i = 0; i < f->count; i++)
        if (f->params[i].is_mut)
            note(g, "changed", names[i]);
    end_use(g, f->name);
}

// What changes nothing of its caller may be called by somebody else, in a closure or a task.
static void use_function(struct gen *g, const struct function *f) {
    bool is_lent = f->has_log;
    for (int32_t i = 0; i < f->count; i++)
        is_lent |= f->params[i].is_mut;
    if (is_lent) {
        use_lent(g, f);
        return;
    }
    const char *names[PARAMS_MAX];
    begin_attempt(g);
    form(g,
         f->is_async ? "out.push(await attempt_later(\"%s\", async {\n"
                     : "out.push(await attempt(\"%s\", || {\n",
         f->name);
    g->indent++;
    prepare(g, f, names);
    begin(g);
    call_with(g, f, names);
    end(g, "");
    g->indent--;
    line(g, "}));");
    end_attempt(g);
}

void make_function(struct gen *g) {
    struct function f = {.name = fresh(g, "go"), .result = any_type(g)};
    f.is_async = chance(g, 50);
    f.has_log = chance(g, 60);
    f.has_result = chance(g, 30);
    f.count = (int32_t)roll(g, PARAMS_MAX);
    enter(g, f.is_async, f.has_result, f.has_log, f.result);
    bool is_lent = false; // places are exclusive: one at most, beside the log
    form(g, "%sfunction %s(", f.is_async ? "async " : "", f.name);
    for (int32_t i = 0; i < f.count; i++) {
        const struct type *t = any_type(g);
        bool is_mut = !is_lent && t->kind != T_LIST && chance(g, 25);
        is_lent |= is_mut;
        const char *name = fresh(g, "p");
        bool has_default = !is_mut && t->kind < SIMPLE_TYPES && chance(g, 40);
        f.params[i] = (struct param){name, t, is_mut, has_default};
        form(g, is_mut ? "%smut %s: %t" : "%s%s: %t", i ? ", " : "", name, t);
        if (has_default)
            form(g, " = %l", t);
        declare(g, name, t, is_mut);
    }
    if (f.has_log) {
        text_printf(&g->out, "%smut log: List<i64>", f.count ? ", " : "");
        declare(g, "log", list_of(g, simple(T_I64)), false);
    }
    const char *gives = type_name(g, f.result);
    text_printf(&g->out, f.has_result ? ") -> Result<%s, Fail> {\n" : ") -> %s {\n", gives);
    body(g);
    line(g, "}\n");
    vec_push(g->arena, &g->functions, f);
    use_function(g, &f);
}

// A function that calls itself a bounded number of times, over something that it hands on.
void make_recursion(struct gen *g) {
    const struct type *t = any_type(g);
    const char *name = fresh(g, "deep");
    enter(g, false, false, false, t);
    line(g, "function %s(n: i64, given: %s) -> %s {", name, type_name(g, t), type_name(g, t));
    declare(g, "n", simple(T_I64), false);
    declare(g, "given", t, false);
    form(g, "    if n <= 0 {\n        return given;\n    }\n");
    block(g, 2, 1);
    form(g, "    return %s(n - 1, %e);\n", name, t);
    line(g, "}\n");
    struct function outer = {
        .name = str_format(g->arena, "%s_5", name).data, .result = t, .count = 1};
    outer.params[0] = (struct param){.name = "given", .type = t};
    line(g, "function %s(given: %s) -> %s {", outer.name, type_name(g, t), type_name(g, t));
    form(g, "    return %s(5, given);\n}\n\n", name);
    vec_push(g->arena, &g->functions, outer);
    use_function(g, &outer);
}
