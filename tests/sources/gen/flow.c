// SPDX-License-Identifier: MIT
// Statements about the way that a body takes: names that are given their value later, loops of all
// kinds and how they are left, what is done on the way out, and writing to what a pattern names.
#include "tests/sources/gen/source_gen.h"

static void put(struct gen *g, const char *text) {
    text_put(&g->out, str_from(text));
}

// ---- values that come later ---------------------------------------------------------------------

static void assigned(struct gen *g, const char *name, const struct type *t, int depth) {
    if (chance(g, 40))
        some(g, depth);
    form(g, "    %s = %e;\n", name, t);
}

// On one way it is given, on the other, too, or that one leaves.
static void later_by_branch(struct gen *g, const char *name, const struct type *t, int depth) {
    form(g, "if %e {\n", simple(T_BOOL));
    assigned(g, name, t, depth);
    line(g, "} else {");
    g->indent++;
    if (g->result && chance(g, 20))
        leave(g);
    else
        form(g, "%s = %e;\n", name, t);
    g->indent--;
    line(g, "}");
}

static void later_by_match(struct gen *g, const char *name, const struct type *t, int depth) {
    form(g, "match %e {\n", simple(T_I64));
    g->indent++;
    form(g, "0 | 2 => %s = %e,\n3.. => {\n", name, t);
    assigned(g, name, t, depth);
    form(g, "}\n_ => %s = %e,\n", name, t);
    g->indent--;
    line(g, "}");
}

void late_let(struct gen *g, int depth) {
    const struct type *t = any_type(g);
    const char *name = fresh(g, "late");
    bool is_mut = chance(g, 50);
    form(g, is_mut ? "let mut %s: %t;\n" : "let %s: %t;\n", name, t);
    (chance(g, 50) ? later_by_branch : later_by_match)(g, name, t, depth);
    declare(g, name, t, is_mut);
}

// ---- loops --------------------------------------------------------------------------------------

static void in_loop(struct gen *g, int depth) {
    bool outer = g->in_loop;
    g->in_loop = true;
    some(g, depth);
    g->in_loop = outer;
}

// The value of a loop is what it is left with.
static void loop_value(struct gen *g, int depth) {
    const struct type *t = any_type(g);
    const char *name = fresh(g, "v"), *at = fresh(g, "at");
    form(g, "let mut %s = 0;\nlet %s: %t = loop {\n    %s += 1;\n", at, name, t, at);
    form(g, "    if %s > %d {\n        break %e;\n    }\n", at, (int)roll(g, 4), t);
    int32_t mark = g->scope.len;
    declare(g, at, simple(T_I64), false);
    g->gives_value = true;
    in_loop(g, depth);
    g->gives_value = false;
    if (chance(g, 40))
        form(g, "    if %e {\n        break %e;\n    }\n", simple(T_BOOL), t);
    line(g, "};");
    g->scope.len = mark;
    declare(g, name, t, false);
}

// Two loops, of which the inner one may leave the outer.
static void two_loops(struct gen *g, int depth) {
    const char *label = fresh(g, "out"), *a = fresh(g, "a"), *b = fresh(g, "b");
    int from = (int)roll(g, 5);
    form(g, "'%s: for %s in 0..%d {\n", label, a, (int)roll(g, 4));
    int32_t mark = g->scope.len;
    declare(g, a, simple(T_I64), false);
    g->indent++;
    form(g, "for %s in %d.. {\n    if %s > %d {\n        break;\n    }\n", b, from, b,
         from + (int)roll(g, 3));
    declare(g, b, simple(T_I64), false);
    in_loop(g, depth);
    form(g, "    if %e {\n        %s '%s;\n    }\n", simple(T_BOOL),
         chance(g, 50) ? "break" : "continue", label);
    line(g, "}");
    g->indent--;
    line(g, "}");
    g->scope.len = mark;
}

// Over something that is no list.
static bool over_others(struct gen *g, int depth) {
    static const enum type_kind kinds[] = {T_MAP, T_SET, T_QUEUE, T_STRING, T_LIST};
    const struct variable *v = find_kind(g, kinds[roll(g, 5)], false);
    if (!v)
        return false;
    const struct type *t = v->type, *item = t->kind == T_STRING ? simple(T_CHAR) : t->a;
    const char *name = fresh(g, "each"), *other = fresh(g, "with"), *on = v->name;
    int32_t mark = g->scope.len;
    if (t->kind == T_MAP) {
        form(g, "for (%s, %s) in %s {\n", name, other, on);
        declare(g, other, t->b, false);
    } else if (t->kind == T_LIST && t->a->kind == T_TUPLE) {
        form(g, "for (%s, %s) in %s {\n", name, other, on);
        declare(g, other, t->a->b, false);
        item = t->a->a;
    } else if (t->kind == T_LIST) {
        form(g, "for (%s, %s) in %s.enumerate() {\n", other, name, on);
        declare(g, other, simple(T_USIZE), false);
    } else {
        form(g, t->kind == T_STRING ? "for %s in %s.chars() {\n" : "for %s in %s {\n", name, on);
    }
    declare(g, name, item, false);
    in_loop(g, depth);
    line(g, "}");
    g->scope.len = mark;
    return true;
}

bool loop_stmt(struct gen *g, int depth) {
    if (g->in_loop)
        return false;
    switch (roll(g, 4)) {
    case 0:
        loop_value(g, depth);
        return true;
    case 1:
        two_loops(g, depth);
        return true;
    default:
        return over_others(g, depth);
    }
}

// ---- on the way out -----------------------------------------------------------------------------

bool defer_stmt(struct gen *g) {
    const struct variable *v = g->has_log ? NULL : find_kind(g, T_LIST, true);
    if (g->in_closure || g->in_loop || (!g->has_log && !v))
        return false;
    if (g->has_log)
        form(g, "defer log.push(%e);\n", simple(T_I64));
    else if (strncmp(v->name, "self.", 5) == 0)
        form(g, "defer {\n    %s.push(%e);\n}\n", v->name, v->type->a);
    else
        return false; // nobody would read it
    return true;
}

// ---- writing to what a pattern names ------------------------------------------------------------

// Statements that see neither the variable nor anything of the same root.
static void without(struct gen *g, const char *name, int32_t mark, int depth) {
    struct scope all = g->scope;
    g->scope = (struct scope){0};
    for (int32_t i = 0; i < all.len; i++)
        if (i >= mark || strcmp(all.at[i].name, name) != 0)
            vec_push(g->arena, &g->scope, all.at[i]);
    bool outer = g->is_lent;
    g->is_lent = true;
    g->indent++;
    change_stmt(g);
    g->indent--;
    some(g, depth);
    g->is_lent = outer;
    g->scope = all;
    g->scope.len = mark;
}

static void arm(struct gen *g, const struct variable *v, const struct type *t, int depth) {
    int32_t mark = g->scope.len;
    const char *name = v->name;
    begin(g);
    writing_pattern(g, t);
    end(g, " => {");
    without(g, name, mark, depth);
    line(g, "}");
}

static void match_to_write(struct gen *g, const struct variable *v, int depth) {
    const struct variable kept = *v;
    form(g, "match %s {\n", kept.name);
    g->indent++;
    for (uint64_t arms = 1 + roll(g, 3); arms > 0; arms--)
        arm(g, &kept, kept.type, depth);
    line(g, "_ => {}");
    g->indent--;
    line(g, "}");
    if (kept.is_copy)
        line(g, "let _ = %s;", kept.name);
}

// The items one by one, each in its place.
static void each_in_place(struct gen *g, const struct variable *v, int depth) {
    const struct variable kept = *v;
    const char *at = fresh(g, "at");
    int32_t mark = g->scope.len;
    form(g, "let mut %s: usize = 0;\nwhile let Some(", at);
    writing_pattern(g, kept.type->a);
    text_printf(&g->out, ") = %s.get_mut(%s) {\n", kept.name, at);
    bool outer = g->in_loop;
    g->in_loop = true;
    line(g, "    %s += 1;", at);
    without(g, kept.name, mark, depth);
    g->in_loop = outer;
    line(g, "}");
    if (kept.is_copy)
        line(g, "let _ = %s;", kept.name);
}

bool write_stmt(struct gen *g, int depth) {
    const struct variable *v = NULL;
    for (int tries = 0; tries < 4 && (!v || v->type->kind < T_STRUCT); tries++)
        v = find_any(g, true);
    if (!v || g->in_closure || v->type->kind < T_STRUCT)
        return false;
    if (v->type->kind == T_LIST && !g->in_loop)
        each_in_place(g, v, depth);
    else
        match_to_write(g, v, depth);
    return true;
}

// ---- blocks as values ---------------------------------------------------------------------------

void block_value(struct gen *g, const struct type *t, int depth) {
    const struct type *inner = any_type(g);
    const char *name = fresh(g, "v");
    int32_t mark = g->scope.len;
    text_printf(&g->out, "{ let %s: %s = ", name, type_name(g, inner));
    expression(g, inner, depth - 1);
    put(g, "; ");
    declare(g, name, inner, false);
    expression(g, t, depth - 1);
    put(g, " }");
    g->scope.len = mark;
}
