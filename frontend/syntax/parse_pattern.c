// SPDX-License-Identifier: MIT
// Patterns. A name that begins with a capital letter, or has a `.` in it, is a path; another binds.
#include "frontend/syntax/parser.h"

static struct ast_pattern *pattern_error(struct parser *p) {
    return pattern_new(p, PATTERN_ERROR, no_name(p).start);
}

// pattern_list = [ item { "," item } [","] ] closer        item = pattern | ".."
// Onto the list stack; the index of the `..` goes to `rest`, or -1. Returns whether there is a
// comma.
static bool parse_pattern_list(struct parser *p, enum token_kind closer, const struct token *opener,
                               int32_t *rest) {
    bool has_comma = false;
    enum head in_head = p->in_head;
    int32_t count = 0;
    *rest = -1;
    p->in_head = HEAD_NONE;
    while (!p->failed && !at(p, closer)) {
        const struct token *t = p->token;
        if (accept(p, TOKEN_RANGE)) {
            if (*rest >= 0)
                parser_report(p, P1029, token_span(p, t), "`..` can stand only once in a pattern");
            *rest = count;
        } else {
            struct ast_pattern *element = parse_pattern(p);
            list_push(p, element);
            count++;
        }
        if (!accept(p, TOKEN_COMMA))
            break;
        has_comma = true;
    }
    p->in_head = in_head;
    expect_close(p, closer, opener);
    return has_comma;
}

// tuple_pattern = "(" pattern_list; one pattern without a comma is only grouped.
static struct ast_pattern *parse_tuple_pattern(struct parser *p) {
    const struct token *opener = p->token;
    int32_t rest, mark = list_begin(p);
    AST_LIST(struct ast_pattern *) elements;
    advance(p);
    bool has_comma = parse_pattern_list(p, TOKEN_RPAREN, opener, &rest);
    list_end(p, mark, &elements);
    if (elements.len == 1 && rest < 0 && !has_comma)
        return elements.at[0];
    struct ast_pattern *pattern = pattern_new(p, PATTERN_TUPLE, opener->start);
    pattern->tuple.elements.at = elements.at;
    pattern->tuple.elements.len = elements.len;
    pattern->tuple.rest = rest;
    return pattern;
}

static struct ast_pattern *bind(struct parser *p, struct ast_name name, bool is_mut) {
    struct ast_pattern *pattern = pattern_new(p, PATTERN_BIND, name.start);
    pattern->bind.binding = binding_new(p, name, is_mut);
    return pattern;
}

// field_pattern = ["mut"] NAME | NAME ":" pattern
static struct ast_field_pattern parse_field_pattern(struct parser *p) {
    struct ast_field_pattern field = {0};
    int32_t start = p->token->start;
    bool is_mut = accept(p, TOKEN_MUT);
    field.name = expect_name(p, "a field name");
    if (!p->failed && !is_mut && accept(p, TOKEN_COLON))
        field.pattern = parse_pattern(p);
    else
        field.pattern = bind(p, field.name, is_mut);
    field.span = span_from(p, start);
    return field;
}

// struct_pattern = path "{" [ field_pattern { "," field_pattern } ] [ ".." ] "}"
static struct ast_pattern *parse_struct_pattern(struct parser *p, struct ast_path path) {
    struct ast_pattern *pattern = pattern_new(p, PATTERN_STRUCT, path.span.start);
    const struct token *opener = p->token;
    int32_t mark = list_begin(p);
    pattern->record.path = path;
    advance(p);
    while (!p->failed && !at(p, TOKEN_RBRACE)) {
        if (accept(p, TOKEN_RANGE)) {
            pattern->record.has_rest = true;
            break;
        }
        struct ast_field_pattern field = parse_field_pattern(p);
        list_push(p, field);
        if (!accept(p, TOKEN_COMMA))
            break;
    }
    list_end(p, mark, &pattern->record.fields);
    expect_close(p, TOKEN_RBRACE, opener);
    pattern->span = span_from(p, path.span.start);
    return pattern;
}

static struct ast_pattern *parse_call_pattern(struct parser *p, struct ast_path path) {
    struct ast_pattern *pattern = pattern_new(p, PATTERN_CALL, path.span.start);
    const struct token *opener = p->token;
    int32_t mark = list_begin(p);
    pattern->call.path = path;
    advance(p);
    parse_pattern_list(p, TOKEN_RPAREN, opener, &pattern->call.rest);
    list_end(p, mark, &pattern->call.elements);
    pattern->span = span_from(p, path.span.start);
    return pattern;
}

// In a `catch` a block follows the pattern. A `{` there belongs to the pattern if what stands in it
// can be no block, or if a block or a guard follows its one name.
static bool names_fields(const struct parser *p) {
    switch (peek_behind(p, 1)) {
    case TOKEN_RANGE:
    case TOKEN_MUT:
        return true;
    default:
        if (!token_is_name(peek_behind(p, 1)))
            return false;
    }
    switch (peek_behind(p, 2)) {
    case TOKEN_COLON:
    case TOKEN_COMMA:
        return true;
    case TOKEN_RBRACE:
        return peek_behind(p, 3) == TOKEN_LBRACE || peek_behind(p, 3) == TOKEN_IF;
    default:
        return false;
    }
}

static bool is_capital(const char *name) {
    return name[0] >= 'A' && name[0] <= 'Z';
}

// name_pattern = "_" | ["mut"] NAME [ "@" pattern ] | path [ "(" … | "{" … ]
static struct ast_pattern *parse_name_pattern(struct parser *p) {
    int32_t start = p->token->start;
    bool is_mut = accept(p, TOKEN_MUT);
    struct ast_path path = parse_path(p, "a pattern");
    if (p->failed)
        return pattern_error(p);
    struct ast_name name = path.names.at[0];
    if (at(p, TOKEN_LPAREN) && !is_mut)
        return parse_call_pattern(p, path);
    bool is_single = path.names.len == 1;
    if (at(p, TOKEN_LBRACE) && !is_mut && (!p->in_head || names_fields(p)) &&
        is_capital(path.names.at[path.names.len - 1].text))
        return parse_struct_pattern(p, path);
    if (is_single && !is_mut && strcmp(name.text, "_") == 0)
        return pattern_new(p, PATTERN_WILDCARD, start);
    if (!is_mut && (!is_single || is_capital(name.text))) {
        struct ast_pattern *pattern = pattern_new(p, PATTERN_PATH, start);
        pattern->path = path;
        return pattern;
    }
    struct ast_pattern *pattern = bind(p, name, is_mut);
    if (accept(p, TOKEN_AT))
        pattern->bind.inner = parse_single_pattern(p);
    pattern->span = span_from(p, start);
    return pattern;
}

static bool at_pattern_literal(const struct parser *p) {
    switch (peek(p)) {
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_STRING:
    case TOKEN_CHAR:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
    case TOKEN_SUB:
        return true;
    default:
        return false;
    }
}

// pattern_literal = ["-"] NUMBER | STRING | CHAR | "true" | "false"
static struct ast_expr *parse_pattern_literal(struct parser *p) {
    int32_t start = p->token->start;
    if (!accept(p, TOKEN_SUB))
        return parse_literal(p);
    if (!at(p, TOKEN_INT) && !at(p, TOKEN_FLOAT)) {
        parser_expected(p, P1015, "a number");
        return expr_new(p, EXPR_ERROR, start);
    }
    struct ast_expr *number = parse_literal(p);
    struct ast_expr *negative = expr_new(p, EXPR_UNARY, start);
    negative->unary.op = UNARY_NEGATE;
    negative->unary.operand = number;
    return negative;
}

// literal_pattern = literal [ (".." | "..=") [literal] ] | (".." | "..=") literal
static struct ast_pattern *parse_literal_pattern(struct parser *p) {
    int32_t start = p->token->start;
    struct ast_expr *low = at_pattern_literal(p) ? parse_pattern_literal(p) : NULL;
    if (!at(p, TOKEN_RANGE) && !at(p, TOKEN_RANGE_INCLUSIVE)) {
        struct ast_pattern *pattern = pattern_new(p, PATTERN_LITERAL, start);
        pattern->literal = low;
        return pattern;
    }
    const struct token *op = p->token;
    bool is_inclusive = at(p, TOKEN_RANGE_INCLUSIVE);
    advance(p);
    struct ast_expr *high = at_pattern_literal(p) ? parse_pattern_literal(p) : NULL;
    if (!high && (is_inclusive || !low))
        parse_missing_end(p, op);
    struct ast_pattern *pattern = pattern_new(p, p->failed ? PATTERN_ERROR : PATTERN_RANGE, start);
    if (p->failed)
        return pattern;
    pattern->range.low = low;
    pattern->range.high = high;
    pattern->range.is_inclusive = is_inclusive;
    return pattern;
}

// single_pattern = tuple_pattern | literal_pattern | name_pattern
struct ast_pattern *parse_single_pattern(struct parser *p) {
    if (p->failed || !parser_enter(p))
        return pattern_error(p);
    struct ast_pattern *pattern;
    if (at(p, TOKEN_LPAREN)) {
        pattern = parse_tuple_pattern(p);
    } else if (at_pattern_literal(p) || at(p, TOKEN_RANGE) || at(p, TOKEN_RANGE_INCLUSIVE)) {
        pattern = parse_literal_pattern(p);
    } else if (at_name(p) || at(p, TOKEN_MUT) ||
               (at(p, TOKEN_SELF_TYPE) && token_is_name(peek_behind(p, 2)))) {
        pattern = parse_name_pattern(p);
    } else {
        parser_expected(p, P1015, "a pattern");
        pattern = pattern_error(p);
    }
    parser_leave(p);
    return pattern;
}

// pattern = ["|"] single_pattern { "|" single_pattern }
struct ast_pattern *parse_pattern(struct parser *p) {
    int32_t start = p->token->start, mark = list_begin(p);
    accept(p, TOKEN_OR);
    struct ast_pattern *first = parse_single_pattern(p);
    if (p->failed || !at(p, TOKEN_OR))
        return first;
    list_push(p, first);
    while (!p->failed && accept(p, TOKEN_OR)) {
        struct ast_pattern *next = parse_single_pattern(p);
        list_push(p, next);
    }
    struct ast_pattern *pattern = pattern_new(p, PATTERN_OR, start);
    list_end(p, mark, &pattern->any.alternatives);
    return pattern;
}
