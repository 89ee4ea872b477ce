// SPDX-License-Identifier: MIT
// Texts with places for values: `{}` shows the next argument, `{name}` and `{self.a}` what they
// name, `{{` and `}}` are braces; behind a `:` stands how. All of it is checked here, so nothing is
// left to go wrong when the program runs.
#include "frontend/sema/check.h"

typedef VEC(struct sema_format_piece) piece_list;

enum { WIDTH_MAX = 1000 };

// A text that is being taken apart.
struct splitter {
    struct checker *c;
    struct ast_expr *text;
    int32_t names;  // of those in the text that are used so far
    struct span at; // of the place at hand
    piece_list pieces;
    int32_t places; // for values that follow the text
};

static struct diag *say_format(struct checker *c, struct span span, const char *title,
                               const char *why) {
    struct diag *d = diag_add(c->sink, P2034, span, "%s", title);
    diag_primary(c->sink, d, "%s", why);
    return d;
}

// The part of the text as it stands in the source, or all of the text where escapes are in it.
static struct span span_of(const struct ast_expr *e, struct str part) {
    const struct source *source = e->span.source;
    const char *from = source ? source->text.data : NULL;
    if (!from || part.data < from + e->span.start || part.data + part.len > from + e->span.end)
        return e->span;
    int32_t start = (int32_t)(part.data - from);
    return (struct span){source, start, start + (int32_t)part.len};
}

// ---- how: `[[fill]side][+][0][width][.precision][form]`
// -------------------------------------------

static bool is_side(char c) {
    return c == '<' || c == '^' || c == '>';
}

static bool take(struct str *s, char c) {
    if (s->len == 0 || s->data[0] != c)
        return false;
    *s = (struct str){s->data + 1, s->len - 1};
    return true;
}

static bool take_number(struct str *s, int32_t *out) {
    int32_t n = 0;
    size_t i = 0;
    for (; i < s->len && s->data[i] >= '0' && s->data[i] <= '9'; i++)
        n = n > WIDTH_MAX ? n : n * 10 + (s->data[i] - '0');
    *s = (struct str){s->data + i, s->len - i};
    *out = n;
    return i > 0;
}

static void take_side(struct str *s, struct sema_format_spec *out) {
    uint32_t fill;
    int len = utf8_decode(*s, &fill);
    if (len > 0 && (size_t)len < s->len && is_side(s->data[len])) {
        out->fill = fill;
        *s = (struct str){s->data + len, s->len - (size_t)len};
    }
    if (s->len && is_side(s->data[0])) {
        out->side = s->data[0];
        take(s, s->data[0]);
    }
}

static bool read_spec(struct splitter *p, struct str s, struct sema_format_spec *out) {
    struct str whole = s;
    take_side(&s, out);
    out->plus = take(&s, '+');
    out->zeros = take(&s, '0');
    take_number(&s, &out->width);
    bool is_right = !take(&s, '.') || take_number(&s, &out->precision);
    if (s.len == 1 && strchr("?xXbo", s.data[0]))
        out->form = s.data[0], s.len = 0;
    if (!is_right || s.len > 0) {
        struct diag *d = diag_add(p->c->sink, P2034, p->at, "`%.*s` does not say how to show it",
                                  STR_ARGS(whole));
        diag_primary(p->c->sink, d, "as in `{:>8}`, `{:08.2}`, `{:x}`");
        diag_note(p->c->sink, d,
                  "behind `:` stand, in this order and each if wanted: a fill and `<` `^` `>`, "
                  "`+`, `0`, a width, `.` and digits, one of `x` `X` `b` `o` `?`");
        return false;
    }
    if (out->width > WIDTH_MAX || out->precision > WIDTH_MAX) {
        say_format(p->c, p->at, "a width of over 1000 characters", "1000 is the most");
        return false;
    }
    return true;
}

// Whether values of that type can be shown so; a diagnostic where not.
static void check_spec(struct checker *c, const struct ast_expr *e, struct type *t,
                       const struct sema_format_spec *how) {
    t = resolve(t);
    bool is_var = t->kind == TYPE_VAR;
    if (t->kind == TYPE_ERROR || t->kind == TYPE_NEVER)
        return;
    bool is_integer = type_is_integer(t) || (is_var && t->var->kind == VAR_INTEGER);
    bool is_float = type_is_float(t) || (is_var && t->var->kind == VAR_FLOAT);
    bool is_text = t->kind == TYPE_STRUCT && t->structure == c->prog->known.string;
    const char *asked = NULL, *of = NULL;
    char form[] = {':', how->form, 0};
    if (how->form && how->form != '?' && !is_integer)
        asked = form, of = "integers";
    else if (how->precision >= 0 && ((!is_float && !is_text) || how->form == '?'))
        asked = ".", of = "floats and text";
    else if ((how->plus || how->zeros) && !is_integer && !is_float)
        asked = how->plus ? "+" : "0", of = "numbers";
    if (!asked)
        return;
    struct diag *d = diag_add(c->sink, P2034, e->span, "`%s` is for %s", asked, of);
    if (is_var && t->var->kind == VAR_ANY)
        diag_primary(c->sink, d, "the type of this is not known here; say it");
    else
        diag_primary(c->sink, d, "this is of type `%s`",
                     is_integer && is_var ? "i64" : type_show(c->prog, t));
}

// ---- places
// ---------------------------------------------------------------------------------------

static bool names(const struct ast_expr *e, struct str path) {
    if (e->kind == EXPR_MEMBER) {
        struct str field = str_from(e->member.name.text);
        return path.len > field.len && str_ends(path, field) &&
               path.data[path.len - field.len - 1] == '.' &&
               names(e->member.object, (struct str){path.data, path.len - field.len - 1});
    }
    return e->kind == EXPR_SELF ? str_is(path, "self") : str_is(path, e->name.text);
}

static struct ast_expr *take_name(struct splitter *p, struct str path) {
    while (p->names < p->text->inlined.len) {
        struct ast_expr *e = p->text->inlined.at[p->names++];
        if (names(e, path))
            return e;
    }
    say_format(p->c, p->at, "only a name, with fields behind it, can stand in a text",
               "write `{}`, and the value behind the text");
    return NULL;
}

// `inner` is what stands between the braces.
static bool push_place(struct splitter *p, struct str inner) {
    struct sema_format_piece piece = {.spec.precision = -1};
    const char *colon = inner.len ? memchr(inner.data, ':', inner.len) : NULL;
    size_t len = colon ? (size_t)(colon - inner.data) : inner.len;
    p->at = span_of(p->text, (struct str){inner.data - 1, inner.len + 2});
    if (len) {
        piece.value = take_name(p, (struct str){inner.data, len});
        if (!piece.value)
            return false;
    } else {
        p->places++;
    }
    if (colon && !read_spec(p, (struct str){colon + 1, inner.len - len - 1}, &piece.spec))
        return false;
    vec_push(p->c->arena, &p->pieces, piece);
    return true;
}

static void push_text(struct splitter *p, struct text *text) {
    if (text->len == 0)
        return;
    struct sema_format_piece piece = {.text = str_dup(p->c->arena, text_str(text))};
    vec_push(p->c->arena, &p->pieces, piece);
    text->len = 0;
}

// False after a diagnostic.
static bool split(struct splitter *p) {
    struct str s = p->text->string;
    struct text text = {.arena = p->c->arena};
    for (size_t i = 0; i < s.len; i++) {
        char at = s.data[i];
        bool again = i + 1 < s.len && s.data[i + 1] == at;
        if ((at == '{' || at == '}') && again) {
            text_putc(&text, at);
            i++;
        } else if (at == '}') {
            say_format(p->c, p->text->span, "a `}` without its `{`", "`}}` stands for a brace");
            return false;
        } else if (at != '{') {
            text_putc(&text, at);
        } else {
            const char *end = memchr(s.data + i, '}', s.len - i);
            if (!end) {
                say_format(p->c, p->text->span, "a `{` without its `}`", "`{{` stands for a brace");
                return false;
            }
            push_text(p, &text);
            struct str inner = {s.data + i + 1, (size_t)(end - s.data) - i - 1};
            if (!push_place(p, inner))
                return false;
            i = (size_t)(end - s.data);
        }
    }
    push_text(p, &text);
    return true;
}

// ---- values
// -----------------------------------------------------------------------------------------

static struct type *check_shown(struct checker *c, struct ast_expr *e) {
    struct type *t = resolve(check(c, e, NULL));
    if (t->kind != TYPE_FUTURE)
        return t;
    struct diag *d = diag_add(c->sink, P2034, e->span, "a future cannot be shown");
    diag_primary(c->sink, d, "its value is not there yet");
    diag_fix(c->sink, d, (struct span){e->span.source, e->span.start, e->span.start}, STR("await "),
             "wait for it");
    return c->t_error;
}

static void say_count(struct checker *c, const struct splitter *p, const struct ast_arg *values,
                      int32_t count) {
    struct diag *d =
        diag_add(c->sink, P2034, p->text->span, "the text has %d `{}`, %d value%s follow%s",
                 (int)p->places, (int)count, count == 1 ? "" : "s", count == 1 ? "s" : "");
    diag_primary(c->sink, d, p->places > count ? "a value is missing" : "a `{}` is missing");
    if (p->places < count)
        diag_label(c->sink, d, values[p->places].value->span, "this is never shown");
}

// Names in the text become arguments like those behind it, for all who look at arguments later.
static void append_names(struct checker *c, const struct splitter *p, struct ast_expr *e) {
    bool is_macro = e->kind == EXPR_MACRO;
    struct ast_arg *at = is_macro ? e->macro.args.at : e->call.args.at;
    int32_t count = is_macro ? e->macro.args.len : e->call.args.len;
    struct ast_arg *all = arena_array(c->arena, struct ast_arg, count + p->text->inlined.len);
    for (int32_t i = 0; i < count; i++)
        all[i] = at[i];
    for (int32_t i = 0; i < p->pieces.len; i++)
        if (p->pieces.at[i].value)
            all[count++].value = p->pieces.at[i].value;
    if (is_macro)
        e->macro.args.at = all, e->macro.args.len = count;
    else
        e->call.args.at = all, e->call.args.len = count;
}

// What is checked a second time has its names behind its values already.
static int32_t without_names(const struct ast_expr *text, const struct ast_arg *args,
                             int32_t count) {
    for (int32_t i = text->inlined.len; i > 0 && count > 1; i--)
        if (args[count - 1].value == text->inlined.at[i - 1])
            count--;
    return count;
}

static struct sema_format *check_unwritten(struct checker *c, const struct ast_arg *args,
                                           int32_t count, struct sema_format *out) {
    piece_list pieces = {0};
    check_shown(c, args[0].value);
    struct sema_format_piece piece = {.value = args[0].value, .spec.precision = -1};
    vec_push(c->arena, &pieces, piece);
    for (int32_t i = 1; i < count; i++)
        check(c, args[i].value, NULL);
    if (count > 1)
        say_format(c, args[0].value->span, "the text has to be written out here",
                   "its `{}` are looked at when the program is compiled");
    LIST_OF(out->pieces, pieces);
    return out;
}

struct sema_format *check_format(struct checker *c, struct ast_expr *e, int32_t from) {
    struct sema_format *out = arena_new(c->arena, struct sema_format);
    bool is_macro = e->kind == EXPR_MACRO;
    const struct ast_arg *args = (is_macro ? e->macro.args.at : e->call.args.at) + from;
    int32_t count = (is_macro ? e->macro.args.len : e->call.args.len) - from;
    if (count == 0)
        return out;
    if (args[0].value->kind != EXPR_STRING)
        return check_unwritten(c, args, count, out);
    check(c, args[0].value, NULL);
    struct splitter p = {.c = c, .text = args[0].value};
    bool is_right = split(&p);
    int32_t given = without_names(p.text, args, count);
    if (given == count)
        append_names(c, &p, e);
    count = given;
    int32_t next = 1;
    for (int32_t i = 0; i < p.pieces.len; i++) {
        struct sema_format_piece *piece = &p.pieces.at[i];
        if (piece->text.data || (!piece->value && next == count))
            continue;
        if (!piece->value)
            piece->value = args[next++].value;
        check_spec(c, piece->value, check_shown(c, piece->value), &piece->spec);
    }
    for (; next < count; next++)
        check_shown(c, args[next].value);
    if (is_right && p.places != count - 1)
        say_count(c, &p, args + 1, count - 1);
    LIST_OF(out->pieces, p.pieces);
    return out;
}
