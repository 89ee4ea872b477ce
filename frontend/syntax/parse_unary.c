// SPDX-License-Identifier: MIT
// What binds tighter than binary operators: the prefixes, `await`, and the postfixes (members,
// calls, indices, `?`, struct literals, clauses).
#include "frontend/syntax/parser.h"

// ---- postfixes ----------------------------------------------------------------------------------

// `f(x = 1)`: most likely the name of an argument.
static void parse_assigned_arg(struct parser *p, struct ast_arg *arg) {
    arg->name = expect_name(p, "the name of an argument");
    struct span span = token_span(p, p->token);
    struct diag *d = parser_report(p, P1020, span, "`=` assigns and cannot stand here");
    struct span from_name = {p->source, arg->name.end, span.end};
    diag_fix(p->sink, d, from_name, STR(":"), "name the argument with `:`");
    diag_fix(p->sink, d, span, STR("=="), "compare with `==`");
    advance(p);
}

// args = "(" [ arg { "," arg } [","] ] ")"        arg = [ NAME ":" ] expr
// Onto the list stack.
static void parse_args(struct parser *p) {
    const struct token *opener = p->token;
    enum head in_head = p->in_head;
    p->in_head = HEAD_NONE;
    expect(p, TOKEN_LPAREN);
    while (!p->failed && !at(p, TOKEN_RPAREN)) {
        struct ast_arg arg = {0};
        if (at_name(p) && peek_behind(p, 1) == TOKEN_COLON) {
            arg.name = expect_name(p, "the name of an argument");
            advance(p);
        }
        if (at_name(p) && peek_behind(p, 1) == TOKEN_ASSIGN)
            parse_assigned_arg(p, &arg);
        arg.value = parse_expr(p);
        list_push(p, arg);
        if (!accept(p, TOKEN_COMMA))
            break;
    }
    p->in_head = in_head;
    expect_close(p, TOKEN_RPAREN, opener);
}

static struct ast_expr *parse_call(struct parser *p, struct ast_expr *callee, int32_t start) {
    struct ast_expr *e = expr_new(p, EXPR_CALL, start);
    int32_t mark = list_begin(p);
    parse_args(p);
    e->call.callee = callee;
    list_end(p, mark, &e->call.args);
    return expr_end(p, e);
}

// macro = NAME "!" args
static struct ast_expr *parse_macro(struct parser *p, const struct ast_expr *name, int32_t start) {
    struct ast_expr *e = expr_new(p, EXPR_MACRO, start);
    int32_t mark = list_begin(p);
    e->macro.name = (struct ast_name){name->name.text, name->span.start, name->span.end};
    advance(p);
    parse_args(p);
    list_end(p, mark, &e->macro.args);
    return expr_end(p, e);
}

static struct ast_expr *parse_index(struct parser *p, struct ast_expr *object, int32_t start) {
    const struct token *opener = p->token;
    struct ast_expr *e = expr_new(p, EXPR_INDEX, start);
    enum head in_head = p->in_head;
    p->in_head = HEAD_NONE;
    advance(p);
    e->index.object = object;
    e->index.index = parse_expr(p);
    p->in_head = in_head;
    expect_close(p, TOKEN_RBRACKET, opener);
    return expr_end(p, e);
}

static struct ast_expr *member(struct parser *p, struct ast_expr *object, int32_t start,
                               struct ast_name name) {
    struct ast_expr *e = expr_new(p, EXPR_MEMBER, start);
    e->member.object = object;
    e->member.name = name;
    return e;
}

// `.0.1` is a FLOAT to the lexer.
static struct ast_expr *parse_tuple_members(struct parser *p, struct ast_expr *object,
                                            int32_t start) {
    const struct token *t = p->token;
    struct str text = token_source(p, t);
    for (size_t from = 0; from < text.len;) {
        size_t to = from;
        while (to < text.len && text.data[to] != '.')
            to++;
        struct str digits = {text.data + from, to - from};
        struct ast_name name = {intern(p->names, digits), t->start + (int32_t)from,
                                t->start + (int32_t)to};
        object = member(p, object, start, name);
        object->span.end = name.end;
        from = to + 1;
    }
    advance(p);
    return object;
}

// Behind `.` or `::`: a name, digits, or type arguments. Keywords are names here.
static struct ast_expr *parse_member(struct parser *p, struct ast_expr *object, int32_t start) {
    bool is_path = at(p, TOKEN_PATH);
    advance(p);
    const struct token *t = p->token;
    if (is_path && at(p, TOKEN_LT)) {
        struct ast_type_args **args = object->kind == EXPR_NAME     ? &object->name.type_args
                                      : object->kind == EXPR_MEMBER ? &object->member.type_args
                                                                    : NULL;
        struct ast_type_args *read = parse_type_args(p);
        if (args && !*args)
            *args = read;
        else
            parser_report(p, P1003, read->span, "type arguments belong behind a name");
        return expr_end(p, object);
    }
    if (!is_path && (at(p, TOKEN_INT) || at(p, TOKEN_FLOAT)))
        return parse_tuple_members(p, object, start);
    if (!at_name(p) && !token_is_keyword(peek(p))) {
        parser_expected(p, P1003, is_path ? "a name or `<` after `::`" : "a name after `.`");
        return object;
    }
    advance(p);
    return member(p, object, start, (struct ast_name){token_name(p, t), t->start, t->end});
}

enum { TYPE_ARGS_TOKENS_MAX = 50 };

// `Map<K, V>.new()`: what follows the `<` reads as types up to a `>` that selects. No comparison
// does.
static bool at_bare_type_args(const struct parser *p, const struct ast_expr *e) {
    if (!is_struct_path(e))
        return false;
    for (int i = 0, open = 0; i < TYPE_ARGS_TOKENS_MAX; i++) {
        enum token_kind kind = peek_behind(p, i);
        bool is_part = token_is_name(kind) || kind == TOKEN_LT || kind == TOKEN_GT ||
                       kind == TOKEN_COMMA || kind == TOKEN_DOT || kind == TOKEN_PATH ||
                       kind == TOKEN_LPAREN || kind == TOKEN_RPAREN || kind == TOKEN_ARROW;
        if (!is_part)
            return false;
        open += (kind == TOKEN_LT) - (kind == TOKEN_GT);
        if (open == 0) {
            enum token_kind next = peek_behind(p, i + 1);
            return next == TOKEN_DOT || next == TOKEN_PATH;
        }
    }
    return false;
}

static struct ast_expr *parse_bare_type_args(struct parser *p, struct ast_expr *e) {
    struct span span = token_span(p, p->token);
    struct diag *d =
        parser_report(p, P1022, span, "type arguments in an expression are written `::<T>`");
    diag_fix(p->sink, d, (struct span){p->source, span.start, span.start}, STR("::"),
             "add the `::`");
    struct ast_type_args *args = parse_type_args(p);
    if (e->kind == EXPR_NAME)
        e->name.type_args = args;
    else
        e->member.type_args = args;
    return expr_end(p, e);
}

static struct ast_expr *wrap(struct parser *p, enum ast_expr_kind kind, struct ast_expr *operand,
                             int32_t start) {
    struct ast_expr *e = expr_new(p, kind, start);
    e->operand = operand;
    return e;
}

static struct ast_expr *parse_declared(struct parser *p, struct ast_expr *operand, int32_t start) {
    struct ast_expr *e = expr_new(p, EXPR_DECLARED, start);
    e->declared.operand = operand;
    e->declared.clauses = parse_postfix_clauses(p);
    return expr_end(p, e);
}

// In a head `Point { x: 1 }` cannot be told from a block by its brace, but by what follows.
static bool at_struct_literal(const struct parser *p, const struct ast_expr *path) {
    if (!is_struct_path(path))
        return false;
    if (!p->in_head)
        return true;
    return p->in_head != HEAD_CLAUSE && token_is_name(peek_behind(p, 1)) &&
           peek_behind(p, 2) == TOKEN_COLON;
}

static struct ast_expr *parse_struct_postfix(struct parser *p, struct ast_expr *path,
                                             int32_t start) {
    bool in_head = p->in_head != HEAD_NONE;
    struct ast_expr *e = parse_struct_literal(p, path, start);
    if (!in_head || p->failed)
        return e;
    struct diag *d = parser_report(p, P1023, e->span, "a struct literal needs parentheses here");
    diag_note(p->sink, d,
              "before the block of `if`, `while`, `match` and `for` a `{` begins the block");
    struct str text = {p->source->text.data + start, (size_t)(e->span.end - start)};
    struct str fixed = str_format(p->arena, "(%.*s)", STR_ARGS(text));
    if (d && !memchr(text.data, '\n', text.len))
        diag_fix(p->sink, d, e->span, fixed, "put it in parentheses");
    return e;
}

// `vec![1, 2]` of other languages.
static bool at_list_macro(const struct parser *p, const struct ast_expr *e) {
    bool is_close = p->token[1].start == p->token->end && p->token->start == e->span.end;
    return e->kind == EXPR_NAME && peek_behind(p, 1) == TOKEN_LBRACKET && is_close;
}

static struct ast_expr *parse_list_macro(struct parser *p, struct ast_expr *e) {
    struct span span = {p->source, e->span.start, p->token->end};
    struct diag *d = parser_report(p, P1022, span, "a list is written `[a, b]`");
    diag_fix(p->sink, d, span, STR(""), "take the macro away");
    advance(p);
    return parse_operand(p);
}

// postfix_part, or NULL if there is none here.
static struct ast_expr *parse_postfix_part(struct parser *p, struct ast_expr *e, int32_t start) {
    switch (peek(p)) {
    case TOKEN_DOT:
        if (peek_behind(p, 1) == TOKEN_AWAIT) {
            advance(p);
            advance(p);
            return wrap(p, EXPR_AWAIT, e, start);
        }
        return parse_member(p, e, start);
    case TOKEN_PATH:
        return parse_member(p, e, start);
    case TOKEN_LPAREN:
        return parse_call(p, e, start);
    case TOKEN_LBRACKET:
        return parse_index(p, e, start);
    case TOKEN_QUESTION:
        if (at_choice(p))
            return NULL;
        advance(p);
        return wrap(p, EXPR_TRY, e, start);
    case TOKEN_NOT:
        if (at_list_macro(p, e))
            return parse_list_macro(p, e);
        return e->kind == EXPR_NAME && peek_behind(p, 1) == TOKEN_LPAREN ? parse_macro(p, e, start)
                                                                         : NULL;
    case TOKEN_LT:
        return at_bare_type_args(p, e) ? parse_bare_type_args(p, e) : NULL;
    case TOKEN_LBRACE:
        return at_struct_literal(p, e) ? parse_struct_postfix(p, e, start) : NULL;
    case TOKEN_EFFECTS:
    case TOKEN_CAPABILITIES:
        return at_ability_clause(p) ? parse_declared(p, e, start) : NULL;
    default:
        return NULL;
    }
}

// postfix = operand { "." … | "(" … | "[" … | "?" }; an await stops before the first `?`.
static struct ast_expr *parse_postfix(struct parser *p, struct ast_expr *e, int32_t start,
                                      bool is_awaited) {
    while (!p->failed && !(is_awaited && at(p, TOKEN_QUESTION))) {
        struct ast_expr *next = parse_postfix_part(p, e, start);
        if (!next)
            break;
        if (next != e && !parser_sink(p))
            break;
        e = next;
    }
    return e;
}

// ---- prefixes -----------------------------------------------------------------------------------

// Prefixes are where a unary is within another without a bracket.
static struct ast_expr *parse_inner_unary(struct parser *p) {
    if (!parser_enter(p))
        return expr_error(p);
    struct ast_expr *e = parse_unary(p);
    parser_leave(p);
    return e;
}

// await = "await" chain, a postfix chain up to its first `?`; what follows applies to the result.
static struct ast_expr *parse_await(struct parser *p) {
    int32_t start = p->token->start, chain = chain_begin(p);
    advance(p);
    struct ast_expr *operand;
    int32_t operand_start = p->token->start;
    if (at(p, TOKEN_AWAIT) || at(p, TOKEN_MUL))
        operand = parse_inner_unary(p);
    else
        operand = parse_postfix(p, parse_operand(p), operand_start, true);
    struct ast_expr *e = wrap(p, EXPR_AWAIT, operand, start);
    if (parser_sink(p))
        e = parse_postfix(p, e, start, false);
    chain_end(p, chain);
    return e;
}

static struct ast_expr *parse_prefix(struct parser *p, enum ast_unary op) {
    struct ast_expr *e = expr_new(p, EXPR_UNARY, p->token->start);
    advance(p);
    e->unary.op = op;
    e->unary.operand = parse_inner_unary(p);
    return expr_end(p, e);
}

// `&x` and `+x` of other languages.
static struct ast_expr *parse_foreign_prefix(struct parser *p) {
    struct span span = token_span(p, p->token);
    bool is_reference = at(p, TOKEN_AND);
    struct diag *d = parser_report(
        p, P1022, span, is_reference ? "Prism has no references" : "there is no prefix `+`");
    diag_fix(p->sink, d, span, STR(""), "leave it out");
    advance(p);
    if (is_reference)
        accept(p, TOKEN_MUT);
    return parse_inner_unary(p);
}

// `x as u32` of other languages.
static struct ast_expr *parse_foreign_cast(struct parser *p, struct ast_expr *e, int32_t start) {
    struct span span = token_span(p, p->token);
    struct str value = {p->source->text.data + start, (size_t)(p->token[-1].end - start)};
    struct diag *d = parser_report(p, P1022, span, "there is no `as` cast");
    advance(p);
    const struct token *type = p->token;
    parse_result_type(p);
    struct str name = {p->source->text.data + type->start,
                       (size_t)(span_from(p, type->start).end - type->start)};
    struct str text = str_format(p->arena, "%.*s(%.*s)", STR_ARGS(name), STR_ARGS(value));
    diag_fix(p->sink, d, span_from(p, start), text, "write `%.*s`", STR_ARGS(text));
    return e;
}

// unary = ("-" | "!" | "*") unary | await | postfix
struct ast_expr *parse_unary(struct parser *p) {
    if (p->failed)
        return expr_error(p);
    int32_t start = p->token->start, chain = chain_begin(p);
    struct ast_expr *e;
    switch (peek(p)) {
    case TOKEN_SUB:
        e = parse_prefix(p, UNARY_NEGATE);
        break;
    case TOKEN_NOT:
        e = parse_prefix(p, UNARY_NOT);
        break;
    case TOKEN_MUL:
        e = parse_prefix(p, UNARY_PLACE);
        break;
    case TOKEN_AWAIT:
        e = parse_await(p);
        break;
    case TOKEN_AND:
    case TOKEN_ADD:
        e = parse_foreign_prefix(p);
        break;
    default:
        e = parse_postfix(p, parse_operand(p), start, false);
        break;
    }
    if (at(p, TOKEN_AS) && !p->in_head && !p->failed)
        e = parse_foreign_cast(p, e, start);
    chain_end(p, chain);
    return e;
}
