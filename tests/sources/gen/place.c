// SPDX-License-Identifier: MIT
// Writing through places: a variable, its fields, items, entries, as deep as they go; and names
// that a pattern binds to a part of something.
#include "tests/sources/gen/source_gen.h"

struct place {
    struct text text;
    const struct type *type;
};

static void index_of(struct gen *g, struct place *p, const struct type *key) {
    struct text outer = g->out; // the key becomes part of the place
    g->out = (struct text){.arena = g->arena};
    literal(g, key, 0);
    text_printf(&p->text, "[%.*s]", STR_ARGS(text_str(&g->out)));
    g->out = outer;
}

static void entry_of(struct gen *g, struct place *p) {
    struct text outer = g->out;
    g->out = p->text;
    form(g, ".entry(%l).or_insert(%l)", p->type->a, p->type->b);
    p->text = g->out;
    g->out = outer;
}

// One step down; false where there is none.
static bool go_down(struct gen *g, struct place *p) {
    const struct type *t = p->type;
    switch (t->kind) {
    case T_STRUCT: {
        const struct struct_decl *d = &g->structs.at[t->decl];
        int32_t i = (int32_t)roll(g, (uint64_t)d->count);
        text_printf(&p->text, ".x%d", (int)i);
        p->type = d->fields[i];
        return true;
    }
    case T_TUPLE:
    case T_PAIR: {
        bool first = chance(g, 50);
        text_printf(&p->text, ".%s",
                    t->kind == T_TUPLE ? (first ? "0" : "1") : (first ? "left" : "right"));
        p->type = first ? t->a : t->b;
        return true;
    }
    case T_LIST:
        text_printf(&p->text, "[%d]", (int)roll(g, 2));
        p->type = t->a;
        return true;
    case T_MAP:
        if (chance(g, 50))
            index_of(g, p, t->a);
        else
            entry_of(g, p);
        p->type = t->b;
        return true;
    default:
        return false;
    }
}

static struct place some_place(struct gen *g, const struct variable *v) {
    struct place p = {.text = {.arena = g->arena}, .type = v->type};
    text_put(&p.text, str_from(v->name));
    for (int depth = 0; depth < 3 && chance(g, 65); depth++)
        if (!go_down(g, &p))
            break;
    text_putc(&p.text, '\0');
    p.text.len--;
    return p;
}

static void assign_to(struct gen *g, const char *place, const struct type *t) {
    static const char *const ops[] = {"+=", "-=", "+=", "*=", "/=", "%="};
    bool compound = is_number(t) && chance(g, 50);
    const char *op = compound ? ops[roll(g, is_integer(t) ? 6 : 5)] : "=";
    begin(g);
    text_printf(&g->out, "%s%s %s ", compound && chance(g, 10) ? "*" : "", place, op);
    expression(g, t, compound ? 1 : 3);
    end(g, ";");
}

static bool change_list(struct gen *g, const char *place, const struct type *t) {
    switch (roll(g, 7)) {
    case 0:
        line(g, "%s.pop();", place);
        return true;
    case 1:
        line(g, "%s.reverse();", place);
        return true;
    case 2:
        if (!is_ordered(g, t->a))
            return false;
        line(g, "%s.sort();", place);
        return true;
    case 3:
        form(g, "%s.insert(%d, %l);\n", place, (int)roll(g, 2), t->a);
        return true;
    case 4:
        line(g, "%s.truncate(%d);", place, (int)roll(g, 4));
        return true;
    default:
        form(g, "%s.push(%e);\n", place, t->a);
        return true;
    }
}

static void change_map(struct gen *g, const char *place, const struct type *t) {
    if (is_integer(t->b) && chance(g, 50))
        form(g, "*%s.entry(%l).or_insert(%l) += 1;\n", place, t->a, t->b);
    else if (chance(g, 20))
        form(g, "%s.remove(%l);\n", place, t->a);
    else
        form(g, "%s.insert(%e, %e);\n", place, t->a, t->b);
}

static bool change_at(struct gen *g, const char *place, const struct type *t) {
    if (chance(g, 30)) {
        assign_to(g, place, t);
        return true;
    }
    switch (t->kind) {
    case T_LIST:
        return change_list(g, place, t);
    case T_MAP:
        change_map(g, place, t);
        return true;
    case T_SET:
        form(g, chance(g, 75) ? "%s.insert(%e);\n" : "%s.remove(%e);\n", place, t->a);
        return true;
    case T_QUEUE:
        if (chance(g, 75))
            form(g, chance(g, 70) ? "%s.push(%e);\n" : "%s.push_front(%e);\n", place, t->a);
        else
            line(g, "%s.pop();", place);
        return true;
    case T_STRING:
        form(g, "%s.push_str(%e);\n", place, t);
        return true;
    case T_OPTION:
        form(g, chance(g, 50) ? "%s.take();\n" : "%s.replace(%e);\n", place, t->a);
        return true;
    default:
        assign_to(g, place, t);
        return true;
    }
}

// Through a name that a pattern binds to a part of something.
static bool change_through(struct gen *g, const struct variable *v) {
    const struct type *t = v->type->kind == T_MAP ? v->type->b : v->type->a;
    const char *name = fresh(g, "p");
    bool is_map = v->type->kind == T_MAP, is_list = v->type->kind == T_LIST;
    form(g, "if let Some(%s) = %s", name, v->name);
    if (is_list)
        text_printf(&g->out, ".get_mut(%d)", (int)roll(g, 3));
    if (is_map) {
        text_put(&g->out, str_from(chance(g, 50) ? ".get(" : ".get_mut("));
        literal(g, v->type->a, 0);
        text_putc(&g->out, ')');
    }
    end(g, " {");
    g->indent++;
    struct scope outer = g->scope;
    g->scope = (struct scope){0}; // what holds it is lent meanwhile
    bool was_lent = g->is_lent;
    g->is_lent = true;
    form(g, "%s = %l;\n", name, t);
    change_at(g, name, t);
    g->is_lent = was_lent;
    g->scope = outer;
    g->indent--;
    line(g, "}");
    return true;
}

// By a method, or by a function to which it is lent.
static bool lend_stmt(struct gen *g) {
    const struct variable *v = find_any(g, true), *other;
    if (!v || g->in_closure)
        return false;
    const struct variable kept = *v;
    const struct type *t = kept.type;
    const char *name = fresh(g, "given"), *x = fresh(g, "x");
    bool is_poked = t->kind == T_STRUCT && g->structs.at[t->decl].takes;
    if (is_poked && chance(g, 60)) {
        form(g, "let %s = %s.poke(%l);\n", name, kept.name, g->structs.at[t->decl].takes);
        declare(g, name, g->structs.at[t->decl].gives, false);
    } else if (t->kind == T_PAIR && !has_trait(t)) {
        form(g, "let %s: %t = %s.change_left(|%s| { let other: %t = %l; %s });\n", name, t->a,
             kept.name, x, t->a, t->a, chance(g, 50) ? x : "other");
        declare(g, name, t->a, false);
    } else if ((t->kind == T_LIST || t->kind == T_OPTION) && chance(g, 50)) {
        form(g, "let %s = gather(%s, %l);\n", name, kept.name, t->a);
        declare(g, name, simple(T_I64), false);
    } else if ((other = find_variable(g, t, true)) && strcmp(other->name, kept.name) != 0) {
        const char *with = other->name;
        form(g, "exchange(%s, %s);\nlet _ = %s;\n", kept.name, with, with);
    } else {
        return false;
    }
    line(g, "let _ = %s;", kept.name);
    return true;
}

bool change_stmt(struct gen *g) {
    if (chance(g, 20) && lend_stmt(g))
        return true;
    const struct variable *v = find_any(g, true);
    if (!v)
        return false;
    enum type_kind kind = v->type->kind;
    bool has_parts = kind == T_LIST || kind == T_MAP || kind == T_OPTION;
    if (has_parts && !g->in_closure && chance(g, 30))
        return change_through(g, v);
    const char *copy = v->is_copy ? v->name : NULL;
    struct place p = some_place(g, v);
    bool is_changed = change_at(g, p.text.data, p.type);
    if (is_changed && copy)
        line(g, "let _ = %s;", copy);
    return is_changed;
}
