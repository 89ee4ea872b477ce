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

// A tuple alone between parentheses would be several parameters.
static void parameter_type(struct gen *g, const struct type *t) {
    text_printf(&g->out, t->kind == T_TUPLE ? "(%s)" : "%s", type_name(g, t));
}

void form(struct gen *g, const char *lines, ...) {
    va_list args;
    va_start(args, lines);
    for (const char *at = lines; *at; at++) {
        bool is_fresh = g->out.len == 0 || g->out.data[g->out.len - 1] == '\n';
        if (is_fresh && *at != '\n')
            begin(g);
        if (*at != '%') {
            text_putc(&g->out, *at);
            continue;
        }
        switch (*++at) {
        case 's':
            text_put(&g->out, str_from(va_arg(args, const char *)));
            break;
        case 'd':
            text_printf(&g->out, "%d", va_arg(args, int));
            break;
        case 't':
            text_put(&g->out, str_from(type_name(g, va_arg(args, const struct type *))));
            break;
        case 'a':
            parameter_type(g, va_arg(args, const struct type *));
            break;
        case 'e':
            expression(g, va_arg(args, const struct type *), 2);
            break;
        case 'l':
            literal(g, va_arg(args, const struct type *), 1);
            break;
        default:
            text_putc(&g->out, *at);
            break;
        }
    }
    va_end(args);
}

void let(struct gen *g, const struct type *t, int depth) {
    bool is_mut = chance(g, 60);
    const char *name = fresh(g, "v");
    begin(g);
    text_printf(&g->out, "let %s%s: %s = ", is_mut ? "mut " : "", name, type_name(g, t));
    size_t from = g->out.len;
    expression(g, t, depth);
    text_putc(&g->out, '\0'); // looked at as a string
    bool is_copy = strpbrk(g->out.data + from, "( \"") == NULL;
    g->out.len--;
    end(g, ";");
    struct variable v = {.name = name, .type = t, .is_mut = is_mut, .is_copy = is_copy};
    vec_push(g->arena, &g->scope, v);
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

void some(struct gen *g, int depth) {
    block(g, 1 + (int)roll(g, 3), depth - 1);
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

// ---- failing and catching -----------------------------------------------------------------------

void leave(struct gen *g) {
    // What a Result holds may be given as it is, where its type is known.
    bool is_wrapped =
        g->in_result && (g->result->kind == T_RESULT || has_trait(g->result) || chance(g, 50));
    form(g, is_wrapped ? "return Ok(%e);\n" : "return %e;\n", g->result);
}

static bool give_up(struct gen *g) {
    if (!g->result)
        return false;
    form(g, "if %e {\n", simple(T_BOOL));
    g->indent++;
    if (g->in_result && chance(g, 40))
        line(g, "return Err(Fail { code: %d });", (int)roll(g, 100));
    else if (chance(g, 20))
        form(g, "crash(Fail { code: %e });\n", simple(T_I64));
    else
        leave(g);
    g->indent--;
    line(g, "}");
    return true;
}

static bool guarded(struct gen *g, int depth) {
    if (!g->in_async)
        return false;
    line(g, "async with error_boundary() {");
    some(g, depth);
    if (chance(g, 40)) {
        line(g, chance(g, 50) ? "} catch Fail {" : "} catch TimeoutError {");
        some(g, depth);
    }
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
    const struct type *takes = any_type(g), *gives = any_type(g);
    const char *name = fresh(g, "c"), *param = fresh(g, "x"), *value = fresh(g, "r");
    bool outer = g->in_closure;
    begin(g);
    text_printf(&g->out, "let %s = |%s: %s| { let %s: %s = ", name, param, type_name(g, takes),
                value, type_name(g, gives));
    int32_t mark = g->scope.len;
    declare(g, param, takes, false);
    g->in_closure = true;
    closure_value(g, gives, 3);
    g->in_closure = outer;
    g->scope.len = mark;
    text_printf(&g->out, "; %s };", value);
    end(g, "");
    struct variable v = {.name = name, .type = gives, .closure = takes};
    vec_push(g->arena, &g->scope, v);
}

// What some of the variables at hand look like: a value that nobody sees cannot be told to be
// wrong.
void log_values(struct gen *g) {
    const char *names[3];
    int count = 0;
    for (int tries = 0; tries < 8 && count < 3; tries++) {
        const struct variable *v = find_any(g, false);
        bool is_new = v && strcmp(v->name, "log") != 0;
        for (int i = 0; i < count; i++)
            is_new = is_new && strcmp(names[i], v->name) != 0;
        if (is_new)
            names[count++] = v->name;
    }
    if (count == 0)
        return;
    begin(g);
    text_printf(&g->out, "log.push(seen(format!(\"%s\"", &"{} {} {}"[3 * (3 - count)]);
    for (int i = 0; i < count; i++)
        text_printf(&g->out, ", %s", names[i]);
    end(g, ")));");
}

static void log_it(struct gen *g) {
    if (chance(g, 60)) {
        log_values(g);
        return;
    }
    begin(g);
    if (chance(g, 25)) {
        text_printf(&g->out, "defer log.push(%d", (int)roll(g, 100) + 1000);
    } else {
        text_put(&g->out, STR("log.push("));
        expression(g, simple(T_I64), 2);
    }
    end(g, ");");
}

static bool leave_loop(struct gen *g) {
    if (!g->in_loop || g->in_closure)
        return false;
    form(g, "if %e {\n    %s;\n}\n", simple(T_BOOL),
         !g->gives_value && chance(g, 50) ? "break" : "continue");
    return true;
}

static bool try_statement(struct gen *g, int depth) {
    switch (roll(g, depth > 0 ? 25 : 11)) {
    case 0:
    case 1:
    case 2:
        return change_stmt(g);
    case 3:
        if (!g->has_log)
            return false;
        log_it(g);
        return true;
    case 4:
        return turn_stmt(g) || beside(g);
    case 5:
        if (chance(g, 70))
            return false;
        closure(g);
        return true;
    case 6:
        return chance(g, 50) ? give_up(g) : leave_loop(g);
    case 7:
    case 8:
        let(g, any_type(g), 3);
        return true;
    case 9:
        return let_else_stmt(g);
    case 10:
        return chance(g, 50) && defer_stmt(g);
    case 19:
    case 20:
        late_let(g, depth);
        return true;
    case 21:
    case 22:
        return loop_stmt(g, depth);
    case 23:
    case 24:
        return write_stmt(g, depth);
    case 11:
    case 12:
        branch(g, depth);
        return true;
    case 13:
    case 14:
        if (g->in_loop && chance(g, 60))
            return false;
        repeat(g, depth);
        return true;
    case 15:
        return match_stmt(g, depth);
    case 16:
        return if_let_stmt(g, depth);
    case 17:
        return while_let_stmt(g, depth);
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
