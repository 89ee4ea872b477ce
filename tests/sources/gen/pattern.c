// SPDX-License-Identifier: MIT
// Patterns of all kinds for a type, and what has them: match, if let, while let, let … else.
#include "tests/sources/gen/source_gen.h"

static void put(struct gen *g, const char *text) {
    text_put(&g->out, str_from(text));
}

// The names that a pattern binds come into scope; alternatives bind none.
static void pattern(struct gen *g, const struct type *t, int depth, bool may_bind);

static void name_or_wild(struct gen *g, const struct type *t, bool may_bind) {
    if (!may_bind || chance(g, 40)) {
        put(g, "_");
        return;
    }
    const char *name = fresh(g, "m");
    put(g, name);
    declare(g, name, t, g->writes);
}

static void integer_pattern(struct gen *g, const struct type *t, bool may_bind) {
    int low = (int)roll(g, 10);
    if (may_bind && chance(g, 20)) {
        const char *name = fresh(g, "m");
        text_printf(&g->out, "%s @ ", name);
        declare(g, name, t, false);
    }
    switch (roll(g, 4)) {
    case 0:
        text_printf(&g->out, "%d..=%d", low, low + (int)roll(g, 50));
        break;
    case 1:
        text_printf(&g->out, "%d..%d", low, low + 1 + (int)roll(g, 50));
        break;
    case 2:
        text_printf(&g->out, "%d..", low);
        break;
    default:
        text_printf(&g->out, "%s%d", is_signed(t) && chance(g, 20) ? "-" : "", low + 1);
        break;
    }
}

static void struct_pattern(struct gen *g, const struct type *t, int depth, bool may_bind) {
    const struct struct_decl *d = &g->structs.at[t->decl];
    int32_t shown = (int32_t)roll(g, (uint64_t)d->count) + 1;
    text_printf(&g->out, "S%d { ", (int)t->decl);
    for (int32_t i = 0; i < shown; i++) {
        text_printf(&g->out, "%sx%d: ", i ? ", " : "", (int)i);
        pattern(g, d->fields[i], depth - 1, may_bind);
    }
    put(g, shown < d->count ? ", .. }" : " }");
}

static void enum_pattern(struct gen *g, const struct type *t, int depth, bool may_bind) {
    const struct enum_decl *d = &g->enums.at[t->decl];
    int32_t n = (int32_t)roll(g, (uint64_t)d->count);
    text_printf(&g->out, "E%d.V%d", (int)t->decl, (int)n);
    if (!d->payloads[n])
        return;
    put(g, "(");
    pattern(g, d->payloads[n], depth - 1, may_bind);
    put(g, ")");
}

static void within(struct gen *g, const char *constructor, const struct type *t, int depth,
                   bool may_bind) {
    put(g, constructor);
    pattern(g, t, depth - 1, may_bind);
    put(g, ")");
}

static void two(struct gen *g, const struct type *t, int depth, bool may_bind) {
    bool is_pair = t->kind == T_PAIR;
    put(g, is_pair ? "Pair { left: " : "(");
    pattern(g, t->a, depth - 1, may_bind);
    put(g, is_pair ? ", right: " : ", ");
    pattern(g, t->b, depth - 1, may_bind);
    put(g, is_pair ? " }" : ")");
}

static void pattern(struct gen *g, const struct type *t, int depth, bool may_bind) {
    if (depth <= 0 || chance(g, depth > 2 ? 5 : 25)) {
        name_or_wild(g, t, may_bind);
        return;
    }
    switch (t->kind) {
    case T_I64:
    case T_I32:
    case T_I16:
    case T_I8:
    case T_U8:
    case T_U16:
    case T_U32:
    case T_U64:
    case T_USIZE:
        integer_pattern(g, t, may_bind);
        break;
    case T_BOOL:
    case T_F64:
    case T_CHAR:
    case T_STRING:
        literal(g, t, 0);
        break;
    case T_STRUCT:
        struct_pattern(g, t, depth, may_bind);
        break;
    case T_ENUM:
        enum_pattern(g, t, depth, may_bind);
        break;
    case T_OPTION:
        if (chance(g, 30))
            put(g, "None");
        else
            within(g, "Some(", t->a, depth, may_bind);
        break;
    case T_RESULT:
        if (chance(g, 30))
            put(g, "Err(_)");
        else
            within(g, "Ok(", t->a, depth, may_bind);
        break;
    case T_TUPLE:
    case T_PAIR:
        two(g, t, depth, may_bind);
        break;
    default:
        name_or_wild(g, t, may_bind);
        break;
    }
}

void writing_pattern(struct gen *g, const struct type *t) {
    g->writes = true;
    pattern(g, t, 3, true);
    g->writes = false;
}

static void alternatives(struct gen *g, const struct type *t) {
    if (chance(g, 25)) {
        pattern(g, t, 2, false);
        put(g, " | ");
        pattern(g, t, 2, false);
    } else {
        pattern(g, t, 3, true);
    }
}

static void guard(struct gen *g) {
    if (chance(g, 25)) {
        put(g, " if ");
        bool outer = g->in_closure;
        g->in_closure = true;
        expression(g, simple(T_BOOL), 1);
        g->in_closure = outer;
    }
}

// Something that is worth looking into.
static const struct variable *matched(struct gen *g) {
    const struct variable *v = NULL;
    for (int tries = 0; tries < 3 && (!v || v->type->kind <= T_F32); tries++)
        v = find_any(g, false);
    return v;
}

bool match_stmt(struct gen *g, int depth) {
    const struct variable *v = matched(g);
    if (!v)
        return false;
    const struct type *t = v->type;
    line(g, "match %s {", v->name);
    g->indent++;
    for (uint64_t arms = 1 + roll(g, 3); arms > 0; arms--) {
        int32_t mark = g->scope.len;
        begin(g);
        alternatives(g, t);
        guard(g);
        end(g, " => {");
        some(g, depth);
        line(g, "}");
        g->scope.len = mark;
    }
    line(g, "_ => {");
    some(g, depth);
    line(g, "}");
    g->indent--;
    line(g, "}");
    return true;
}

bool match_value(struct gen *g, const struct type *t, int depth) {
    const struct variable *v = matched(g);
    if (!v)
        return false;
    const struct type *of = v->type;
    text_printf(&g->out, "(match %s { ", v->name);
    for (uint64_t arms = 1 + roll(g, 2); arms > 0; arms--) {
        int32_t mark = g->scope.len;
        alternatives(g, of);
        guard(g);
        put(g, " => ");
        expression(g, t, depth - 1);
        put(g, ", ");
        g->scope.len = mark;
    }
    put(g, "_ => ");
    expression(g, t, depth - 1);
    put(g, " })");
    return true;
}

bool if_let_stmt(struct gen *g, int depth) {
    const struct variable *v = matched(g);
    if (!v)
        return false;
    int32_t mark = g->scope.len;
    begin(g);
    put(g, "if let ");
    const char *name = v->name;
    pattern(g, v->type, 3, true);
    text_printf(&g->out, " = %s", name);
    end(g, " {");
    some(g, depth);
    g->scope.len = mark;
    if (chance(g, 40)) {
        line(g, "} else {");
        some(g, depth);
    }
    line(g, "}");
    return true;
}

// A copy is emptied.
bool while_let_stmt(struct gen *g, int depth) {
    const struct variable *v = find_kind(g, chance(g, 60) ? T_LIST : T_QUEUE, false);
    if (!v || g->in_loop)
        return false;
    const struct type *item = v->type->a;
    const char *rest = fresh(g, "rest"), *name = fresh(g, "item");
    form(g, "let mut %s = %s;\nwhile let Some(%s) = %s.pop() {\n", rest, v->name, name, rest);
    int32_t mark = g->scope.len;
    declare(g, name, item, false);
    bool outer = g->in_loop;
    g->in_loop = true;
    some(g, depth);
    g->in_loop = outer;
    g->scope.len = mark;
    line(g, "}");
    return true;
}

bool let_else_stmt(struct gen *g) {
    const struct variable *v = matched(g);
    if (!v || !g->result)
        return false;
    const struct type *t = v->type;
    const char *name = v->name;
    int32_t mark = g->scope.len;
    begin(g);
    put(g, "let ");
    pattern(g, t, 3, true);
    text_printf(&g->out, " = %s else {", name);
    end(g, "");
    struct scope bound = g->scope;
    g->scope = (struct scope){0}; // what is bound is not there when it does not fit
    for (int32_t i = 0; i < mark; i++)
        vec_push(g->arena, &g->scope, bound.at[i]);
    g->indent++;
    leave(g);
    g->indent--;
    g->scope = bound;
    line(g, "};");
    return true;
}
