// SPDX-License-Identifier: MIT
// The parser's core: tokens, errors, nesting, lists, nodes, and the door.
#include "frontend/syntax/parser.h"

#include <assert.h>

// ---- tokens -------------------------------------------------------------------------------------

struct str token_source(const struct parser *p, const struct token *token) {
    return (struct str){p->source->text.data + token->start, (size_t)(token->end - token->start)};
}

const char *token_name(struct parser *p, const struct token *token) {
    return intern(p->names, token_source(p, token));
}

struct span token_span(const struct parser *p, const struct token *token) {
    return (struct span){p->source, token->start, token->end};
}

static int32_t end_before(const struct parser *p) {
    return p->token > p->first ? p->token[-1].end : 0;
}

struct span span_from(const struct parser *p, int32_t start) {
    int32_t end = end_before(p);
    return (struct span){p->source, end < start ? end : start, end};
}

// The span of a node that is perhaps only begun.
static struct span span_begun(const struct parser *p, int32_t start) {
    int32_t end = end_before(p);
    return (struct span){p->source, start, end > start ? end : start};
}

struct ast_name no_name(const struct parser *p) {
    return (struct ast_name){"", end_before(p), end_before(p)};
}

// ---- errors -------------------------------------------------------------------------------------

// What is wrong here follows from what the lexer has spoken of.
static bool is_explained(const struct parser *p) {
    const struct token *t = p->token;
    bool is_lost = t == p->last && t > p->first && t[-1].kind == TOKEN_WRONG;
    return is_lost || t->kind == TOKEN_WRONG;
}

static struct diag *complain(struct parser *p, enum diag_code code, struct span span,
                             const char *format, va_list args) {
    if (p->failed || p->failed_at == p->token || is_explained(p))
        return NULL;
    p->failed_at = p->token;
    char title[512];
    vsnprintf(title, sizeof title, format, args);
    return diag_add(p->sink, code, span, "%s", title);
}

struct diag *parser_fail(struct parser *p, enum diag_code code, struct span span,
                         const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct diag *d = complain(p, code, span, format, args);
    va_end(args);
    p->failed = true;
    return d;
}

struct diag *parser_report(struct parser *p, enum diag_code code, struct span span,
                           const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct diag *d = complain(p, code, span, format, args);
    va_end(args);
    return d;
}

enum { TOKEN_SHOWN_BYTES_MAX = 40 };

// "`+`", "the keyword `match`", "the end of the file", cut where it would be long.
static struct str token_described(const struct parser *p, const struct token *token) {
    struct str text = token_source(p, token);
    if (token->kind == TOKEN_END)
        return STR("the end of the file");
    const char *newline = memchr(text.data, '\n', text.len);
    bool is_long = newline || text.len > TOKEN_SHOWN_BYTES_MAX;
    if (is_long)
        return str_from(token_text((enum token_kind)token->kind));
    return str_format(p->scratch,
                      token_is_keyword((enum token_kind)token->kind) ? "the keyword `%.*s`"
                                                                     : "`%.*s`",
                      STR_ARGS(text));
}

struct diag *parser_expected(struct parser *p, enum diag_code code, const char *what) {
    if (p->failed)
        return NULL;
    struct str found = token_described(p, p->token);
    return parser_fail(p, code, token_span(p, p->token), "expected %s, found %.*s", what,
                       STR_ARGS(found));
}

bool expect(struct parser *p, enum token_kind kind) {
    if (p->failed)
        return false;
    if (accept(p, kind))
        return true;
    char what[64];
    snprintf(what, sizeof what, token_is_fixed(kind) ? "`%s`" : "%s", token_text(kind));
    parser_expected(p, P1003, what);
    return false;
}

struct ast_name expect_name(struct parser *p, const char *what) {
    const struct token *t = p->token;
    if (p->failed)
        return no_name(p);
    if (token_is_keyword(peek(p)) && (peek_behind(p, 1) == TOKEN_COLON || !at_item(p))) {
        struct str text = token_source(p, t);
        struct diag *d = parser_report(p, P1018, token_span(p, t),
                                       "the keyword `%.*s` cannot be %s", STR_ARGS(text), what);
        struct str other = str_format(p->arena, "%.*s_", STR_ARGS(text));
        diag_fix(p->sink, d, token_span(p, t), other, "call it `%.*s`", STR_ARGS(other));
    } else if (!at_name(p)) {
        parser_expected(p, P1003, what);
        return no_name(p);
    }
    advance(p);
    return (struct ast_name){token_name(p, t), t->start, t->end};
}

// ---- nesting ------------------------------------------------------------------------------------

static bool too_deep(struct parser *p) {
    struct diag *d = parser_fail(p, P1004, token_span(p, p->token), "this is nested too deeply");
    diag_note(p->sink, d,
              "a program may nest %d levels deep; a part that has a name of its own "
              "begins again at none",
              SYNTAX_NESTING_MAX);
    return false;
}

bool parser_enter(struct parser *p) {
    if (p->depth >= SYNTAX_NESTING_MAX)
        return too_deep(p);
    p->depth++;
    if (p->depth > p->peak)
        p->peak = p->depth;
    return true;
}

bool parser_sink(struct parser *p) {
    if (p->peak >= SYNTAX_NESTING_MAX)
        return too_deep(p);
    p->peak++;
    return true;
}

// ---- lists --------------------------------------------------------------------------------------

void stack_push(struct parser *p, const void *item, size_t size) {
    while ((size_t)(p->stack.cap - p->stack.len) < size)
        p->stack.at = vec_grow(p->scratch, p->stack.at, &p->stack.cap, p->stack.len, 1);
    memcpy(p->stack.at + p->stack.len, item, size);
    p->stack.len += (int32_t)size;
}

void *stack_take(struct parser *p, int32_t mark, size_t size, int32_t *count) {
    size_t bytes = (size_t)(p->stack.len - mark);
    assert(mark <= p->stack.len && bytes % size == 0);
    p->stack.len = mark;
    *count = (int32_t)(bytes / size);
    return bytes ? memcpy(arena_alloc(p->arena, bytes), p->stack.at + mark, bytes) : NULL;
}

// ---- nodes --------------------------------------------------------------------------------------

struct ast_expr *expr_new(struct parser *p, enum ast_expr_kind kind, int32_t start) {
    struct ast_expr *e = arena_new(p->arena, struct ast_expr);
    e->kind = kind;
    e->id = p->module->expr_count++;
    e->span = span_begun(p, start);
    return e;
}

struct ast_expr *expr_error(struct parser *p) {
    return expr_new(p, EXPR_ERROR, end_before(p));
}

struct ast_expr *expr_end(struct parser *p, struct ast_expr *e) {
    e->span = span_from(p, e->span.start);
    return e;
}

struct ast_type_expr *type_expr_new(struct parser *p, enum ast_type_expr_kind kind, int32_t start) {
    struct ast_type_expr *t = arena_new(p->arena, struct ast_type_expr);
    t->kind = kind;
    t->id = p->module->type_count++;
    t->span = span_begun(p, start);
    return t;
}

struct ast_pattern *pattern_new(struct parser *p, enum ast_pattern_kind kind, int32_t start) {
    struct ast_pattern *pattern = arena_new(p->arena, struct ast_pattern);
    pattern->kind = kind;
    pattern->id = p->module->pattern_count++;
    pattern->span = span_begun(p, start);
    return pattern;
}

struct ast_binding binding_new(struct parser *p, struct ast_name name, bool is_mut) {
    return (struct ast_binding){name, p->module->binding_count++, is_mut};
}

// ---- names --------------------------------------------------------------------------------------

struct ast_path parse_path(struct parser *p, const char *what) {
    struct ast_path path = {0};
    int32_t start = p->token->start, mark = list_begin(p);
    do {
        const struct token *t = p->token;
        struct ast_name name = {token_name(p, t), t->start, t->end};
        if (!accept(p, TOKEN_SELF_TYPE)) // only patterns let it stand before a path
            name = expect_name(p, what);
        list_push(p, name);
    } while ((at(p, TOKEN_DOT) || at(p, TOKEN_PATH)) && token_is_name(peek_behind(p, 1)) &&
             !p->failed && (advance(p), true));
    list_end(p, mark, &path.names);
    path.span = span_from(p, start);
    return path;
}

// ---- the door -----------------------------------------------------------------------------------

// `}` with nothing open.
static void parse_stray_close(struct parser *p) {
    parser_report(p, P1006, token_span(p, p->token), "nothing is open that `%s` could close",
                  token_text(peek(p)));
    advance(p);
}

static struct parser parser_of(struct arena *a, struct arena *scratch, struct intern_table *names,
                               struct module_ast *module, struct diag_sink *sink) {
    struct token_list tokens = lex(scratch, module->source, sink);
    return (struct parser){.arena = a,
                           .scratch = scratch,
                           .names = names,
                           .source = module->source,
                           .sink = sink,
                           .module = module,
                           .token = tokens.at,
                           .first = tokens.at,
                           .last = tokens.at + tokens.len - 1};
}

// May what stands behind an error be missing?
static bool swallows(const struct source *source, const struct diag *d) {
    struct str rest = {source->text.data + d->span.start, source->text.len - (size_t)d->span.start};
    bool is_long = d->code == P1007 && str_starts(rest, STR("\"\"\""));
    return is_long || d->code == P1012 || d->code == P1021;
}

// Nothing is missing behind these: a `}` that is missing was found by indentation.
static bool loses_nothing(const struct source *source, const struct diag *d) {
    bool brace = d->code == P1005 && source->text.data[d->span.start] == '{';
    return brace || d->code == P1006 || d->code == P1024 || d->code == P1026;
}

// The last body that an error stands in, NULL if it stands in none.
static struct ast_function *body_around(const struct parser *p, const struct diag *d) {
    for (int32_t i = p->bodies.len; i-- > 0;) {
        struct span body = p->bodies.at[i]->body->span;
        if (body.start <= d->span.start && d->span.start < body.end)
            return p->bodies.at[i];
    }
    return NULL;
}

// Tells broken bodies, which can be left alone, from files of which more than that may be missing.
static void find_broken(const struct parser *p, int32_t from) {
    const struct diag_sink *sink = p->sink;
    p->module->is_broken = p->module->has_errors && sink->errors > DIAG_ERRORS_MAX;
    for (int32_t i = from; i < sink->all.len; i++) {
        const struct diag *d = sink->all.at[i];
        if (d->severity != SEVERITY_ERROR)
            continue;
        struct ast_function *f = body_around(p, d);
        if (f && !swallows(p->source, d))
            f->is_broken = true;
        else if (f || !loses_nothing(p->source, d))
            p->module->is_broken = true;
    }
}

struct module_ast *syntax_parse(struct arena *a, struct intern_table *names,
                                const struct source *source, struct diag_sink *sink) {
    struct arena scratch = {0};
    struct module_ast *module = arena_new(a, struct module_ast);
    module->source = source;
    int32_t errors_before = sink->errors, said_before = sink->all.len;
    struct annotation_list dangling = {0};
    struct parser p = parser_of(a, &scratch, names, module, sink);
    p.enclosing = &dangling;
    int32_t mark = list_begin(&p);
    while (parse_items(&p, IN_MODULE), !at(&p, TOKEN_END))
        parse_stray_close(&p);
    list_end(&p, mark, &module->items);
    module->annotations.at = dangling.at;
    module->annotations.len = dangling.len;
    module->has_errors = sink->errors > errors_before;
    find_broken(&p, said_before);
    assert(p.depth == 0 && p.stack.len == 0);
    arena_free(&scratch);
    return module;
}

struct ast_ability syntax_parse_ability(struct arena *a, struct intern_table *names,
                                        const struct source *source, struct diag_sink *sink) {
    struct arena scratch = {0};
    struct annotation_list dangling = {0};
    struct module_ast module = {.source = source};
    struct parser p = parser_of(a, &scratch, names, &module, sink);
    p.enclosing = &dangling;
    struct ast_ability ability = parse_ability(&p);
    if (!p.failed)
        expect(&p, TOKEN_END);
    arena_free(&scratch);
    return ability;
}
