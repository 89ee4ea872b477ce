// SPDX-License-Identifier: MIT
// Macros, and texts with places for values: `{}` shows the next argument, `{{` and `}}` are braces.
// Formats are checked here; there is nothing to go wrong when the program runs.
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

// ---- formats ------------------------------------------------------------------------------------

typedef VEC(struct sema_format_piece) piece_list;

static void say_format(struct checker *c, struct span span, const char *title, const char *why) {
    struct diag *d = diag_add(c->sink, P2034, span, "%s", title);
    diag_primary(c->sink, d, "%s", why);
}

static void push_text(struct checker *c, piece_list *out, struct text *text) {
    if (text->len == 0)
        return;
    struct sema_format_piece piece = {.text = str_dup(c->arena, text_str(text))};
    vec_push(c->arena, out, piece);
    text->len = 0;
}

// Splits the text; the number of `{}` in it, or -1 after a diagnostic.
static int32_t split(struct checker *c, struct ast_expr *e, piece_list *out) {
    struct str s = e->string;
    struct text text = {.arena = c->arena};
    int32_t places = 0;
    for (size_t i = 0; i < s.len; i++) {
        char at = s.data[i];
        bool again = i + 1 < s.len && s.data[i + 1] == at;
        if ((at == '{' || at == '}') && again) {
            text_putc(&text, at);
            i++;
        } else if (at == '}') {
            say_format(c, e->span, "a `}` without its `{`", "`}}` stands for a brace");
            return -1;
        } else if (at != '{') {
            text_putc(&text, at);
        } else {
            size_t end = i;
            while (end < s.len && s.data[end] != '}')
                end++;
            struct str inner = {s.data + i + 1, end - i - 1};
            if (end == s.len || (inner.len > 0 && !str_is(inner, ":?"))) {
                say_format(c, e->span,
                           end == s.len ? "a `{` without its `}`" : "only `{}` stands for a value",
                           end == s.len ? "`{{` stands for a brace"
                                        : "values follow the text, in their order");
                return -1;
            }
            push_text(c, out, &text);
            struct sema_format_piece piece = {.text = {0}};
            vec_push(c->arena, out, piece);
            places++;
            i = end;
        }
    }
    push_text(c, out, &text);
    return places;
}

static void check_shown(struct checker *c, struct ast_expr *e) {
    struct type *t = resolve(check(c, e, NULL));
    if (t->kind != TYPE_FUTURE)
        return;
    struct diag *d = diag_add(c->sink, P2034, e->span, "a future cannot be shown");
    diag_primary(c->sink, d, "its value is not there yet");
    diag_fix(c->sink, d, (struct span){e->span.source, e->span.start, e->span.start}, STR("await "),
             "wait for it");
}

struct sema_format *check_format(struct checker *c, struct ast_arg *args, int32_t count,
                                 struct span span) {
    struct sema_format *out = arena_new(c->arena, struct sema_format);
    piece_list pieces = {0};
    if (count == 0)
        return out;
    if (args[0].value->kind != EXPR_STRING) {
        check_shown(c, args[0].value);
        struct sema_format_piece piece = {.value = args[0].value};
        vec_push(c->arena, &pieces, piece);
        for (int32_t i = 1; i < count; i++)
            check(c, args[i].value, NULL);
        if (count > 1)
            say_format(c, args[0].value->span, "the text has to be written out here",
                       "its `{}` are looked at when the program is compiled");
        LIST_OF(out->pieces, pieces);
        return out;
    }
    check(c, args[0].value, NULL);
    int32_t places = split(c, args[0].value, &pieces);
    int32_t next = 1;
    for (int32_t i = 0; i < pieces.len && next < count; i++)
        if (!pieces.at[i].text.data)
            pieces.at[i].value = args[next++].value;
    for (int32_t i = 1; i < count; i++)
        check_shown(c, args[i].value);
    if (places >= 0 && places != count - 1) {
        struct diag *d = diag_add(c->sink, P2034, args[0].value->span,
                                  "the text has %d `{}`, %d value%s follow%s", (int)places,
                                  (int)count - 1, count == 2 ? "" : "s", count == 2 ? "s" : "");
        diag_primary(c->sink, d, places > count - 1 ? "a value is missing" : "a `{}` is missing");
        if (places < count - 1)
            diag_label(c->sink, d, args[places + 1].value->span, "this is never shown");
    }
    (void)span;
    LIST_OF(out->pieces, pieces);
    return out;
}

// ---- macros -------------------------------------------------------------------------------------

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
        m->format = check_format(c, e->macro.args.at + values, count - values, e->span);
    if (macros[which].is_line)
        add_line_end(c, m->format);
    if (m->kind == MACRO_PANIC || m->kind == MACRO_UNREACHABLE)
        return c->t_never;
    return m->kind == MACRO_FORMAT ? c->t_string : c->t_unit;
}
