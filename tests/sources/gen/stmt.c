// SPDX-License-Identifier: MIT
// Statements.
#include "tests/sources/gen/source_gen.h"

#include <stdarg.h>

void begin(struct gen *g) {
    text_printf(&g->out, "%*s", (int)g->indent * 4, "");
}

void end(struct gen *g, const char *tail) {
    text_printf(&g->out, "%s\n", tail);
}

void line(struct gen *g, const char *format, ...) {
    char made[400];
    va_list args;
    va_start(args, format);
    vsnprintf(made, sizeof made, format, args);
    va_end(args);
    begin(g);
    end(g, made);
}

void declare(struct gen *g, const char *name, const struct type *t, bool is_mut) {
    struct variable v = {.name = name, .type = t, .is_mut = is_mut};
    vec_push(g->arena, &g->scope, v);
}

void let(struct gen *g, const struct type *t, int depth) {
    bool is_mut = chance(g, 60);
    const char *name = fresh(g, "v");
    begin(g);
    text_printf(&g->out, "let %s%s: %s = ", is_mut ? "mut " : "", name, type_name(g, t));
    expression(g, t, depth);
    end(g, ";");
    declare(g, name, t, is_mut);
}

static void statement(struct gen *g, int depth);

void block(struct gen *g, int statements, int depth) {
    int32_t mark = g->scope.len;
    g->indent++;
    for (int i = 0; i < statements; i++)
        statement(g, depth);
    g->indent--;
    g->scope.len = mark;
}

static void some(struct gen *g, int depth) {
    block(g, 1 + (int)roll(g, 3), depth - 1);
}

// ---- writing ------------------------------------------------------------------------------------

static void assign_to(struct gen *g, const char *place, const struct type *t) {
    static const char *const ops[] = {"+=", "-=", "+=", "*=", "/=", "%="};
    begin(g);
    bool compound = (is_integer(t) || t->kind == T_F64) && chance(g, 50);
    text_printf(&g->out, "%s %s ", place, compound ? ops[roll(g, 6)] : "=");
    expression(g, t, compound ? 1 : 3);
    end(g, ";");
}

static bool change_map(struct gen *g, const struct variable *v) {
    const struct type *t = v->type;
    begin(g);
    if (is_integer(t->b) && chance(g, 50)) {
        text_printf(&g->out, "*%s.entry(", v->name);
        literal(g, t->a, 0);
        text_put(&g->out, STR(").or_insert("));
        literal(g, t->b, 0);
        end(g, ") += 1;");
    } else if (chance(g, 20)) {
        text_printf(&g->out, "%s.remove(", v->name);
        literal(g, t->a, 0);
        end(g, ");");
    } else {
        text_printf(&g->out, "%s.insert(", v->name);
        expression(g, t->a, 1);
        text_put(&g->out, STR(", "));
        expression(g, t->b, 2);
        end(g, ");");
    }
    return true;
}

static bool change_list(struct gen *g, const struct variable *v) {
    const struct type *item = v->type->a;
    switch (roll(g, 5)) {
    case 0:
        line(g, "%s.pop();", v->name);
        return true;
    case 1: {
        const char *place = str_format(g->arena, "%s[%d]", v->name, (int)roll(g, 2)).data;
        line(g, "if %s.len() > 1 {", v->name);
        g->indent++;
        assign_to(g, place, item);
        g->indent--;
        line(g, "}");
        return true;
    }
    case 2:
        if (item->kind > T_STRING)
            return false;
        line(g, "%s.sort();", v->name);
        return true;
    default:
        begin(g);
        text_printf(&g->out, "%s.push(", v->name);
        expression(g, item, 2);
        end(g, ");");
        return true;
    }
}

// Through a name that a pattern binds to a part of something.
static bool change_through(struct gen *g, const struct variable *v) {
    const struct type *t = v->type->kind == T_OPTION ? v->type->a
                           : v->type->kind == T_LIST ? v->type->a
                                                     : v->type->b;
    const char *name = fresh(g, "p");
    begin(g);
    text_printf(&g->out, "if let Some(%s) = %s", name, v->name);
    if (v->type->kind == T_LIST)
        text_printf(&g->out, ".get_mut(%d)", (int)roll(g, 3));
    if (v->type->kind == T_MAP) {
        text_put(&g->out, STR(".get("));
        literal(g, v->type->a, 0);
        text_putc(&g->out, ')');
    }
    end(g, " {");
    g->indent++;
    begin(g);
    text_printf(&g->out, "%s = ", name);
    literal(g, t, 2);
    end(g, ";");
    if (is_integer(t))
        line(g, "%s %s 1;", name, chance(g, 50) ? "+=" : "-=");
    if (t->kind == T_LIST) {
        begin(g);
        text_printf(&g->out, "%s.push(", name);
        literal(g, t->a, 1);
        end(g, ");");
    }
    g->indent--;
    line(g, "}");
    return true;
}

static bool change(struct gen *g) {
    static const enum type_kind kinds[] = {T_LIST, T_MAP,   T_STRUCT, T_OPTION,
                                           T_I64,  T_TUPLE, T_PAIR};
    enum type_kind kind = kinds[roll(g, 7)];
    const struct variable *v = find_kind(g, kind, true);
    if (!v)
        return false;
    bool through = kind == T_LIST || kind == T_MAP || kind == T_OPTION;
    if (through && !g->in_closure && chance(g, 30))
        return change_through(g, v);
    if (kind == T_LIST)
        return change_list(g, v);
    if (kind == T_MAP)
        return change_map(g, v);
    if (kind == T_STRUCT) {
        const struct struct_decl *d = &g->structs.at[v->type->decl];
        int32_t i = (int32_t)roll(g, (uint64_t)d->count);
        assign_to(g, str_format(g->arena, "%s.x%d", v->name, (int)i).data, d->fields[i]);
        return true;
    }
    if (kind == T_TUPLE || kind == T_PAIR) {
        const char *part = kind == T_TUPLE ? "1" : "right";
        assign_to(g, str_format(g->arena, "%s.%s", v->name, part).data, v->type->b);
        return true;
    }
    assign_to(g, v->name, v->type);
    return true;
}

// ---- control ------------------------------------------------------------------------------------

static void branch(struct gen *g, int depth) {
    begin(g);
    text_put(&g->out, STR("if "));
    expression(g, simple(T_BOOL), 2);
    end(g, " {");
    some(g, depth);
    if (chance(g, 60)) {
        line(g, "} else {");
        some(g, depth);
    }
    line(g, "}");
}

static void repeat(struct gen *g, int depth) {
    bool outer = g->in_loop;
    const struct variable *list = find_kind(g, T_LIST, false);
    const char *name = fresh(g, "at");
    int32_t mark = g->scope.len;
    if (list && chance(g, 50)) {
        line(g, "for %s in %s {", name, list->name);
        declare(g, name, list->type->a, false);
    } else if (chance(g, 60)) {
        line(g, "for %s in 0..%d {", name, (int)roll(g, 5));
        declare(g, name, simple(T_I64), false);
    } else {
        line(g, "let mut %s = 0;", name);
        line(g, "while %s < %d {", name, (int)roll(g, 5));
        line(g, "    %s += 1;", name);
        declare(g, name, simple(T_I64), false);
    }
    g->in_loop = true;
    some(g, depth);
    g->indent++;
    if (chance(g, 25)) {
        begin(g);
        text_put(&g->out, STR("if "));
        expression(g, simple(T_BOOL), 1);
        end(g, chance(g, 50) ? " { break; }" : " { continue; }");
    }
    g->indent--;
    g->in_loop = outer;
    line(g, "}");
    g->scope.len = mark;
}

static bool match_enum(struct gen *g, int depth) {
    const struct variable *v = find_kind(g, T_ENUM, false);
    if (!v)
        return false;
    const struct enum_decl *d = &g->enums.at[v->type->decl];
    int32_t decl = v->type->decl;
    line(g, "match %s {", v->name);
    g->indent++;
    for (int32_t i = 0; i < d->count; i++) {
        int32_t mark = g->scope.len;
        if (d->payloads[i]) {
            const char *name = fresh(g, "m");
            line(g, "E%d.V%d(%s) => {", (int)decl, (int)i, name);
            declare(g, name, d->payloads[i], false);
        } else {
            line(g, "E%d.V%d => {", (int)decl, (int)i);
        }
        some(g, depth);
        line(g, "}");
        g->scope.len = mark;
    }
    g->indent--;
    line(g, "}");
    return true;
}

static bool match_option(struct gen *g, int depth) {
    const struct variable *v = find_kind(g, T_OPTION, false);
    if (!v)
        return false;
    const char *name = fresh(g, "m");
    const struct type *t = v->type->a;
    line(g, "match %s {", v->name);
    g->indent++;
    line(g, "Some(%s) => {", name);
    int32_t mark = g->scope.len;
    declare(g, name, t, false);
    some(g, depth);
    g->scope.len = mark;
    line(g, "}");
    line(g, "None => {");
    some(g, depth);
    line(g, "}");
    g->indent--;
    line(g, "}");
    return true;
}

// ---- failing and catching -----------------------------------------------------------------------

static void give_up(struct gen *g) {
    begin(g);
    text_put(&g->out, STR("if "));
    expression(g, simple(T_BOOL), 2);
    end(g, " {");
    g->indent++;
    if (g->in_result && chance(g, 40)) {
        line(g, "return Err(Fail { code: %d });", (int)roll(g, 100));
    } else if (chance(g, 20)) {
        line(g, "assert!(1 > 2);");
    } else {
        begin(g);
        text_printf(&g->out, g->in_result ? "return Ok(" : "return ");
        expression(g, g->result, 2);
        end(g, g->in_result ? ");" : ";");
    }
    g->indent--;
    line(g, "}");
}

static bool guarded(struct gen *g, int depth) {
    if (!g->in_async)
        return false;
    line(g, "async with error_boundary() {");
    some(g, depth);
    line(g, "} catch_boundary(error) {");
    g->indent++;
    if (g->has_log)
        line(g, "log.push(i64(format!(\"{}\", error).len()));");
    else
        line(g, "let _text = format!(\"{}\", error);");
    g->indent--;
    some(g, depth);
    line(g, "}");
    return true;
}

// ---- beside -------------------------------------------------------------------------------------

// Functions that change nothing of their caller may run side by side.
static const struct function *free_function(struct gen *g) {
    for (int tries = 0; tries < 6 && g->functions.len; tries++) {
        const struct function *f = &g->functions.at[roll(g, (uint64_t)g->functions.len)];
        bool is_free = f->is_async && !f->has_log && !f->has_result;
        for (int32_t i = 0; i < f->count; i++)
            is_free = is_free && !f->params[i].is_mut;
        if (is_free)
            return f;
    }
    return NULL;
}

static void put_call(struct gen *g, const struct function *f) {
    text_printf(&g->out, "%s(", f->name);
    for (int32_t i = 0; i < f->count; i++) {
        text_put(&g->out, str_from(i ? ", " : ""));
        expression(g, f->params[i].type, 1);
    }
    text_putc(&g->out, ')');
}

static bool beside(struct gen *g) {
    const struct function *f = g->in_async && !g->in_closure ? free_function(g) : NULL;
    const struct function *other = f ? free_function(g) : NULL;
    if (!other)
        return false;
    const char *a = fresh(g, "a"), *b = fresh(g, "b");
    begin(g);
    if (chance(g, 60)) {
        text_printf(&g->out, "let (%s, %s) = async.join(", a, b);
        put_call(g, f);
        text_put(&g->out, STR(", "));
        put_call(g, other);
        end(g, ");");
    } else if (chance(g, 50)) {
        text_printf(&g->out, "let later%s = ", a);
        put_call(g, f);
        end(g, ";");
        statement(g, 0);
        begin(g);
        text_printf(&g->out, "let %s = await later%s", a, a);
        end(g, ";");
        other = NULL;
    } else {
        text_printf(&g->out, "let task%s = spawn(async { return await ", a);
        g->in_closure = true; // it has copies of what it mentions
        put_call(g, f);
        g->in_closure = false;
        end(g, "; });");
        line(g, "let %s = await task%s;", a, a);
        other = NULL;
    }
    declare(g, a, f->result, false);
    if (other)
        declare(g, b, other->result, false);
    return true;
}

// ---- closures -----------------------------------------------------------------------------------

static void closure(struct gen *g) {
    const struct type *takes = any_type(g, 1), *gives = any_type(g, 1);
    const char *name = fresh(g, "c"), *param = fresh(g, "x"), *value = fresh(g, "r");
    bool outer = g->in_closure;
    begin(g);
    text_printf(&g->out, "let %s = |%s: %s| { let %s: %s = ", name, param, type_name(g, takes),
                value, type_name(g, gives));
    int32_t mark = g->scope.len;
    declare(g, param, takes, false);
    g->in_closure = true;
    expression(g, gives, 3);
    g->in_closure = outer;
    g->scope.len = mark;
    text_printf(&g->out, "; %s };", value);
    end(g, "");
    struct variable v = {.name = name, .type = gives, .closure = takes};
    vec_push(g->arena, &g->scope, v);
}

static void note(struct gen *g) {
    begin(g);
    if (chance(g, 25)) {
        text_printf(&g->out, "defer log.push(%d", (int)roll(g, 100) + 1000);
    } else {
        text_put(&g->out, STR("log.push("));
        expression(g, simple(T_I64), 2);
    }
    end(g, ");");
}

static bool try_statement(struct gen *g, int depth) {
    switch (roll(g, depth > 0 ? 16 : 9)) {
    case 0:
    case 1:
    case 2:
        return change(g);
    case 3:
        if (!g->has_log)
            return false;
        note(g);
        return true;
    case 4:
        return beside(g);
    case 5:
        if (chance(g, 70))
            return false;
        closure(g);
        return true;
    case 6:
        give_up(g);
        return true;
    case 7:
    case 8:
        let(g, any_type(g, 2), 3);
        return true;
    case 9:
    case 10:
        branch(g, depth);
        return true;
    case 11:
    case 12:
        if (g->in_loop && chance(g, 60))
            return false;
        repeat(g, depth);
        return true;
    case 13:
        return match_enum(g, depth);
    case 14:
        return match_option(g, depth);
    default:
        return guarded(g, depth);
    }
}

static void statement(struct gen *g, int depth) {
    if (g->budget < 0)
        return;
    for (int tries = 0; tries < 5; tries++)
        if (try_statement(g, depth))
            return;
    let(g, simple(T_I64), 2);
}
