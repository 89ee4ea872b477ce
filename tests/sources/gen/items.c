// SPDX-License-Identifier: MIT
// Functions, actors, `main`.
#include "tests/sources/gen/source_gen.h"

enum { NODES_MAX = 120 }; // of one function

static void enter(struct gen *g, bool in_async, bool in_result, bool has_log,
                  const struct type *result) {
    g->scope.len = 0;
    g->in_async = in_async;
    g->in_result = in_result;
    g->has_log = has_log;
    g->in_closure = g->in_loop = false;
    g->result = result;
    g->budget = NODES_MAX;
}

static void body(struct gen *g) {
    block(g, 0, 0);
    g->indent++;
    int32_t mark = g->scope.len;
    for (uint64_t n = 2 + roll(g, 6); n > 0;
         n--) { // in one scope, so that later ones see earlier ones
        int32_t before = g->scope.len;
        let(g, any_type(g, 2), 3);
        (void)before;
        g->indent--;
        block(g, 2, 2);
        g->indent++;
    }
    begin(g);
    text_put(&g->out, str_from(g->in_result ? "return Ok(" : "return "));
    g->budget = 10;
    expression(g, g->result, 2);
    end(g, g->in_result ? ");" : ";");
    g->scope.len = mark;
    g->indent--;
}

static void make_function(struct gen *g) {
    struct function f = {.name = fresh(g, "go"), .result = any_type(g, 2)};
    f.is_async = chance(g, 50);
    f.has_log = chance(g, 40);
    f.has_result = chance(g, 30);
    f.count = (int32_t)roll(g, PARAMS_MAX);
    enter(g, f.is_async, f.has_result, f.has_log, f.result);
    bool is_lent = false; // places are exclusive: one at most, beside the log
    text_printf(&g->out, "%sfunction %s(", f.is_async ? "async " : "", f.name);
    for (int32_t i = 0; i < f.count; i++) {
        const struct type *t = any_type(g, 2);
        bool is_mut = !is_lent && t->kind != T_LIST && chance(g, 25);
        is_lent |= is_mut;
        f.params[i] = (struct param){t, is_mut};
        const char *name = fresh(g, "p");
        text_printf(&g->out, "%s%s%s: %s", i ? ", " : "", is_mut ? "mut " : "", name,
                    type_name(g, t));
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
}

// A function that calls itself a bounded number of times, over something that it hands on.
static void make_recursion(struct gen *g) {
    const struct type *t = any_type(g, 2);
    const char *name = fresh(g, "deep");
    enter(g, false, false, false, t);
    line(g, "function %s(n: i64, given: %s) -> %s {", name, type_name(g, t), type_name(g, t));
    declare(g, "n", simple(T_I64), false);
    declare(g, "given", t, false);
    line(g, "    if n <= 0 {\n        return given;\n    }");
    block(g, 2, 1);
    begin(g);
    text_printf(&g->out, "    return %s(n - 1, ", name);
    expression(g, t, 2);
    end(g, ");");
    line(g, "}\n");
    struct function outer = {
        .name = str_format(g->arena, "%s_5", name).data, .result = t, .count = 1};
    outer.params[0].type = t;
    line(g, "function %s(given: %s) -> %s {", outer.name, type_name(g, t), type_name(g, t));
    line(g, "    return %s(5, given);\n}\n", name);
    vec_push(g->arena, &g->functions, outer);
}

static void make_actor(struct gen *g) {
    struct actor a = {.name = str_format(g->arena, "A%d", (int)g->actors.len).data};
    struct variable fields[3];
    int32_t count = 1 + (int32_t)roll(g, 3);
    enter(g, true, false, false, NULL);
    line(g, "actor %s {", a.name);
    g->indent++;
    for (int32_t i = 0; i < count; i++) {
        const struct type *t = any_type(g, 2);
        begin(g);
        text_printf(&g->out, "private s%d: %s = ", (int)i, type_name(g, t));
        g->scope.len = 0;
        literal(g, t, 0);
        end(g, ";");
        fields[i] = (struct variable){
            .name = str_format(g->arena, "self.s%d", (int)i).data, .type = t, .is_mut = true};
    }
    for (uint64_t n = 1 + roll(g, 3); n > 0; n--) {
        struct message m = {.name = str_format(g->arena, "M%d", (int)a.messages.len).data};
        m.result = any_type(g, 1);
        enter(g, true, false, false, m.result);
        for (int32_t i = 0; i < count; i++)
            vec_push(g->arena, &g->scope, fields[i]);
        if (chance(g, 70)) {
            m.param = any_type(g, 1);
            line(g, "message %s(p: %s) -> %s {", m.name, type_name(g, m.param),
                 type_name(g, m.result));
            declare(g, "p", m.param, false);
        } else {
            line(g, "message %s -> %s {", m.name, type_name(g, m.result));
        }
        body(g);
        line(g, "}");
        vec_push(g->arena, &a.messages, m);
    }
    line(g, "message State -> String {");
    begin(g);
    text_put(&g->out, STR("    return format!(\"{}"));
    for (int32_t i = 1; i < count; i++)
        text_put(&g->out, STR(" {}"));
    text_put(&g->out, STR("\""));
    for (int32_t i = 0; i < count; i++)
        text_printf(&g->out, ", %s", fields[i].name);
    end(g, ");");
    line(g, "}");
    g->indent--;
    line(g, "}\n");
    vec_push(g->arena, &g->actors, a);
}

// ---- main ---------------------------------------------------------------------------------------

static void use_function(struct gen *g, const struct function *f) {
    int32_t mark = g->scope.len;
    line(g, "async with error_boundary() {");
    g->indent++;
    const char *names[PARAMS_MAX];
    for (int32_t i = 0; i < f->count; i++) {
        names[i] = fresh(g, "v");
        begin(g);
        text_printf(&g->out, "let %s%s: %s = ", f->params[i].is_mut ? "mut " : "", names[i],
                    type_name(g, f->params[i].type));
        expression(g, f->params[i].type, 3);
        end(g, ";");
        declare(g, names[i], f->params[i].type, f->params[i].is_mut);
    }
    begin(g);
    text_printf(&g->out, "let given = %s%s(", f->is_async ? "await " : "", f->name);
    for (int32_t i = 0; i < f->count; i++)
        text_printf(&g->out, "%s%s", i ? ", " : "", names[i]);
    text_printf(&g->out, "%s)", f->has_log ? (f->count ? ", log" : "log") : "");
    end(g, f->has_result ? "?;" : ";");
    line(g, "println!(\"%s {}\", given);", f->name);
    for (int32_t i = 0; i < f->count; i++)
        if (f->params[i].is_mut)
            line(g, "println!(\"changed {}\", %s);", names[i]);
    g->indent--;
    line(g, "} catch_boundary(error) {");
    line(g, "    println!(\"%s failed: {}\", error);", f->name);
    line(g, "}");
    g->scope.len = mark;
}

static void use_actor(struct gen *g, const struct actor *a) {
    const char *name = fresh(g, "actor");
    line(g, "let %s = %s.spawn();", name, a->name);
    for (uint64_t n = 2 + roll(g, 4); n > 0; n--) {
        const struct message *m = &a->messages.at[roll(g, (uint64_t)a->messages.len)];
        bool is_asked = chance(g, 50);
        line(g, "async with error_boundary() {");
        g->indent++;
        begin(g);
        text_printf(&g->out, is_asked ? "match await %s.ask(%s" : "let given = await %s.send(%s",
                    name, m->name);
        if (m->param) {
            text_putc(&g->out, '(');
            expression(g, m->param, 2);
            text_putc(&g->out, ')');
        }
        end(g, is_asked ? ") {" : ");");
        if (is_asked) {
            line(g, "    Ok(given) => println!(\"%s {}\", given),", m->name);
            line(g, "    Err(why) => println!(\"%s: {}\", why),", m->name);
            line(g, "}");
        } else {
            line(g, "println!(\"%s {}\", given);", m->name);
        }
        g->indent--;
        line(g, "} catch_boundary(error) {");
        line(g, "    println!(\"%s failed: {}\", error);", m->name);
        line(g, "}");
    }
    line(g, "async with error_boundary() {");
    line(g, "    println!(\"%s {}\", await %s.send(State));", a->name, name);
    line(g, "} catch_boundary(error) {");
    line(g, "    println!(\"%s is gone: {}\", error);", a->name);
    line(g, "}");
}

static void make_main(struct gen *g) {
    enter(g, true, false, true, NULL);
    g->in_closure = true; // no calls in what is given to calls
    line(g, "async function main() {");
    g->indent++;
    line(g, "let mut log: List<i64> = [];");
    for (int32_t i = 0; i < g->functions.len; i++) {
        g->budget = NODES_MAX;
        use_function(g, &g->functions.at[i]);
    }
    for (int32_t i = 0; i < g->actors.len; i++)
        use_actor(g, &g->actors.at[i]);
    line(g, "println!(\"log {}\", log);");
    g->indent--;
    line(g, "}");
}

void make_items(struct gen *g) {
    line(g, "function pick<T>(first: bool, a: T, b: T) -> T {");
    line(g, "    if first {\n        return a;\n    }\n    return b;\n}\n");
    for (uint64_t n = 2 + roll(g, 4); n > 0; n--)
        make_function(g);
    if (chance(g, 50))
        make_recursion(g);
    for (uint64_t n = roll(g, 3); n > 0; n--)
        make_actor(g);
    make_main(g);
}
