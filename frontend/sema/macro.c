// SPDX-License-Identifier: MIT
// Macros: what they take, and what they are.
#include "frontend/sema/check.h"

static const struct {
    const char *name;
    enum macro_kind kind;
    int32_t values; // before the text
    bool is_line;
} macros[] = {
    {"format", MACRO_FORMAT, 0, false},
    {"print", MACRO_PRINT, 0, false},
    {"println", MACRO_PRINT, 0, true},
    {"eprint", MACRO_EPRINT, 0, false},
    {"eprintln", MACRO_EPRINT, 0, true},
    {"assert", MACRO_ASSERT, 1, false},
    {"assert_eq", MACRO_ASSERT_EQ, 2, false},
    {"assert_ne", MACRO_ASSERT_NE, 2, false},
    {"assert_eventually", MACRO_ASSERT_EVENTUALLY, 1, false},
    {"always", MACRO_ALWAYS, 1, false},
    {"never", MACRO_NEVER, 1, false},
    {"sometimes", MACRO_SOMETIMES, 1, false},
    {"panic", MACRO_PANIC, 0, false},
    {"unreachable", MACRO_UNREACHABLE, 0, false},
};
#define MACRO_COUNT ((int)(sizeof macros / sizeof macros[0]))

static int find(const char *name) {
    for (int i = 0; i < MACRO_COUNT; i++)
        if (strcmp(macros[i].name, name) == 0)
            return i;
    return -1;
}

bool is_macro(const char *name) {
    return find(name) >= 0;
}

static struct type *unknown(struct checker *c, struct ast_expr *e) {
    struct span span = ast_name_span(e->span, e->macro.name);
    struct diag *d = diag_add(c->sink, P2035, span, "there is no macro `%s!`", e->macro.name.text);
    const char *all[MACRO_COUNT];
    for (int i = 0; i < MACRO_COUNT; i++)
        all[i] = macros[i].name;
    const char *near = diag_nearest(str_from(e->macro.name.text), all, MACRO_COUNT);
    if (near) {
        diag_primary(c->sink, d, "did you mean `%s!`?", near);
        diag_fix(c->sink, d, span, str_from(near), "write `%s!`", near);
    } else {
        diag_primary(c->sink, d,
                     "there are format!, print!, println!, assert!, assert_eq!, panic!");
    }
    for (int32_t i = 0; i < e->macro.args.len; i++)
        check(c, e->macro.args.at[i].value, NULL);
    return c->t_error;
}

static void check_values(struct checker *c, struct ast_expr *e, struct sema_macro *m, bool pair) {
    struct ast_expr *first = m->args.at[0];
    if (!pair) {
        check_as(c, first, c->t_bool, "what is asserted", (struct span){0});
        return;
    }
    struct type *t = check(c, first, NULL);
    struct want want = {.type = t, .what = "the second value", .because = first->span};
    check(c, m->args.at[1], &want);
    comparable(c, t, e->span, BOUND_EQ);
}

static void add_line_end(struct checker *c, struct sema_format *f) {
    struct sema_format_piece *all =
        arena_array(c->arena, struct sema_format_piece, f->pieces.len + 1);
    for (int32_t i = 0; i < f->pieces.len; i++)
        all[i] = f->pieces.at[i];
    all[f->pieces.len++].text = STR("\n");
    f->pieces.at = all;
}

struct type *check_macro(struct checker *c, struct ast_expr *e) {
    int which = find(e->macro.name.text);
    if (which < 0)
        return unknown(c, e);
    int32_t values = macros[which].values, count = e->macro.args.len;
    struct sema_macro *m = arena_new(c->arena, struct sema_macro);
    m->kind = macros[which].kind;
    info(c, e)->role = ROLE_MACRO;
    info(c, e)->macro = m;
    if (count < values) {
        struct diag *d = diag_add(c->sink, P2006, e->span, "`%s!` takes %d value%s",
                                  macros[which].name, (int)values, values == 1 ? "" : "s");
        diag_primary(c->sink, d, "here %s %d", count == 1 ? "is" : "are", (int)count);
        for (int32_t i = 0; i < count; i++)
            check(c, e->macro.args.at[i].value, NULL);
        return c->t_unit;
    }
    m->args.len = values;
    m->args.at = arena_array(c->arena, struct ast_expr *, values);
    for (int32_t i = 0; i < values; i++)
        m->args.at[i] = e->macro.args.at[i].value;
    if (values)
        check_values(c, e, m, values == 2);
    if (count > values || macros[which].is_line || m->kind == MACRO_FORMAT)
        m->format = check_format(c, e, values);
    if (macros[which].is_line)
        add_line_end(c, m->format);
    if (m->kind == MACRO_PANIC || m->kind == MACRO_UNREACHABLE)
        return c->t_never;
    return m->kind == MACRO_FORMAT ? c->t_string : c->t_unit;
}
