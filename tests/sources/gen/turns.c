// SPDX-License-Identifier: MIT
// What runs within the turn of a handler that waits for it: branches of a join, tasks of a scope,
// and functions that have a part in the actor's state. One of those that are side by side uses the
// state, so that nothing depends on their order.
#include "tests/sources/gen/source_gen.h"

// Statements of one who uses the state, and what it gives.
static void own_work(struct gen *g, const struct type *t) {
    struct scope outer = g->scope;
    const struct type *result = g->result;
    bool in_loop = g->in_loop;
    g->in_loop = false;
    g->scope = (struct scope){0}; // of the variables around it has copies
    for (int32_t i = 0; i < outer.len; i++)
        if (strncmp(outer.at[i].name, "self.", 5) == 0)
            vec_push(g->arena, &g->scope, outer.at[i]);
    g->result = NULL;
    const char *value = fresh(g, "r");
    g->indent++;
    if (chance(g, 50))
        line(g, "await yield_now();");
    change_stmt(g);
    form(g, "let %s: %t = %e;\n", value, t, t);
    change_stmt(g);
    line(g, "%s", value);
    g->indent--;
    g->scope = outer;
    g->in_loop = in_loop;
    g->result = result;
}

// Somebody else's, who has copies of what it mentions.
static void free_work(struct gen *g, const struct type *t) {
    bool outer = g->in_closure;
    g->in_closure = true;
    struct scope all = g->scope;
    g->scope = (struct scope){0};
    for (int32_t i = 0; i < all.len; i++)
        if (strncmp(all.at[i].name, "self.", 5) != 0)
            vec_push(g->arena, &g->scope, all.at[i]);
    const char *value = fresh(g, "r");
    form(g, "    let %s: %t = %e;\n    %s\n", value, t, t, value);
    g->scope = all;
    g->in_closure = outer;
}

static void branches(struct gen *g) {
    const struct type *t = shared_type(g), *u = shared_type(g);
    const char *a = fresh(g, "a"), *b = fresh(g, "b");
    line(g, "let (%s, %s) = async.join(async {", a, b);
    own_work(g, t);
    line(g, "}, async {");
    free_work(g, u);
    line(g, "});");
    declare(g, a, t, false);
    declare(g, b, u, false);
}

static void scoped(struct gen *g) {
    const struct type *t = shared_type(g);
    const char *scope = fresh(g, "scope"), *task = fresh(g, "task"), *value = fresh(g, "v");
    form(g, "let %s: %t = async with cancellation_scope() as %s {\n", value, t, scope);
    g->indent++;
    line(g, "let %s = %s.spawn(async {", task, scope);
    own_work(g, t);
    line(g, "});");
    line(g, "await %s", task);
    g->indent--;
    line(g, "};");
    declare(g, value, t, false);
}

void limited_work(struct gen *g) {
    const struct type *t = shared_type(g);
    const char *value = fresh(g, "v");
    form(g, "let %s: %t = async with timeout(1.hour) {\n", value, t);
    own_work(g, t);
    form(g, "} catch TimeoutError {\n    %l\n} catch_boundary(error) {\n", t);
    g->indent++;
    line(g, "let _text = format!(\"{}\", error);");
    change_stmt(g);
    form(g, "%l\n", t);
    g->indent--;
    line(g, "};");
    declare(g, value, t, false);
}

bool turn_stmt(struct gen *g) {
    if (!g->in_handler || !g->in_async || g->in_closure || g->is_lent)
        return false;
    switch (roll(g, 3)) {
    case 0:
        branches(g);
        return true;
    case 1:
        scoped(g);
        return true;
    default:
        limited_work(g);
        return true;
    }
}
