// SPDX-License-Identifier: MIT
// Types: `Map<K, V>`, `(A, B)`, `A -> B`, and their arguments and bounds.
#include "frontend/syntax/parser.h"

static struct ast_type_expr *type_error(struct parser *p) {
    return type_expr_new(p, TYPE_EXPR_ERROR, no_name(p).start);
}

// type_args = "<" [ type_arg { "," type_arg } [","] ] ">"
// type_arg  = [ NAME "=" ] type
struct ast_type_args *parse_type_args(struct parser *p) {
    const struct token *opener = p->token;
    struct ast_type_args *args = arena_new(p->arena, struct ast_type_args);
    int32_t mark = list_begin(p);
    expect(p, TOKEN_LT);
    while (!p->failed && !at(p, TOKEN_GT)) {
        struct ast_type_arg arg = {0};
        if (at_name(p) && peek_behind(p, 1) == TOKEN_ASSIGN) {
            arg.name = expect_name(p, "a name");
            advance(p);
        }
        arg.type = parse_type(p);
        list_push(p, arg);
        if (!accept(p, TOKEN_COMMA))
            break;
    }
    list_end(p, mark, &args->args);
    expect_close(p, TOKEN_GT, opener);
    args->span = span_from(p, opener->start);
    return args;
}

// path_type = segment { ("." | "::") segment }        segment = NAME [ type_args ]
static struct ast_type_expr *parse_path_type(struct parser *p) {
    int32_t start = p->token->start, mark = list_begin(p);
    for (;;) {
        const struct token *t = p->token;
        struct ast_type_segment segment = {0};
        if (accept(p, TOKEN_SELF_TYPE))
            segment.name = (struct ast_name){token_name(p, t), t->start, t->end};
        else
            segment.name = expect_name(p, "a type name");
        if (at(p, TOKEN_PATH) && peek_behind(p, 1) == TOKEN_LT)
            advance(p);
        if (at(p, TOKEN_LT))
            segment.args = parse_type_args(p);
        list_push(p, segment);
        bool goes_on = at(p, TOKEN_DOT) || at(p, TOKEN_PATH);
        if (p->failed || !goes_on || !token_is_name(peek_behind(p, 1)))
            break;
        advance(p);
    }
    struct ast_type_expr *type = type_expr_new(p, TYPE_EXPR_PATH, start);
    list_end(p, mark, &type->path.segments);
    return type;
}

// tuple_type = "(" [ type { "," type } [","] ] ")"; one type without a comma is only grouped.
static struct ast_type_expr *parse_tuple_type(struct parser *p, bool *is_group) {
    const struct token *opener = p->token;
    struct ast_type_expr *element = NULL;
    int32_t mark = list_begin(p), count = 0;
    advance(p);
    bool has_comma = false;
    while (!p->failed && !at(p, TOKEN_RPAREN)) {
        element = parse_type(p);
        list_push(p, element);
        count++;
        if (!accept(p, TOKEN_COMMA))
            break;
        has_comma = true;
    }
    *is_group = count == 1 && !has_comma;
    struct ast_type_expr *type =
        *is_group ? element : type_expr_new(p, TYPE_EXPR_TUPLE, opener->start);
    AST_LIST(struct ast_type_expr *) elements;
    list_end(p, mark, &elements);
    if (!*is_group) {
        type->tuple.elements.at = elements.at;
        type->tuple.elements.len = elements.len;
    }
    expect_close(p, TOKEN_RPAREN, opener);
    if (!*is_group)
        type->span = span_from(p, opener->start);
    return type;
}

// `&T`, `[T]`, `T?` of other languages.
static struct ast_type_expr *parse_foreign_type(struct parser *p) {
    const struct token *t = p->token;
    if (at(p, TOKEN_AND)) {
        struct diag *d = parser_report(p, P1022, token_span(p, t), "Prism has no references");
        diag_note(p->sink, d,
                  "values are copied when they change; a parameter that is to change its "
                  "argument is written `mut x: T`");
        advance(p);
        accept(p, TOKEN_MUT);
        return parse_type(p);
    }
    advance(p);
    struct ast_type_expr *element = parse_type(p);
    bool was_fine = !p->failed;
    int32_t inner = t->end, inner_end = span_from(p, inner).end;
    expect_close(p, TOKEN_RBRACKET, t);
    if (!was_fine || p->failed)
        return element;
    struct str text = {p->source->text.data + inner, (size_t)(inner_end - inner)};
    struct str list = str_format(p->arena, "List<%.*s>", STR_ARGS(text));
    struct span span = span_from(p, t->start);
    struct diag *d = parser_report(p, P1022, span, "a list type is written `List<T>`");
    diag_fix(p->sink, d, span, list, "write `%.*s`", STR_ARGS(list));
    return element;
}

// simple_type = "_" | path_type | tuple_type
static struct ast_type_expr *parse_simple_type(struct parser *p, bool *is_group) {
    *is_group = false;
    if (p->failed)
        return type_error(p);
    if (at(p, TOKEN_LPAREN))
        return parse_tuple_type(p, is_group);
    if (at(p, TOKEN_AND) || at(p, TOKEN_LBRACKET))
        return parse_foreign_type(p);
    if (at(p, TOKEN_NAME) && str_is(token_source(p, p->token), "_")) {
        int32_t start = p->token->start;
        advance(p);
        return type_expr_new(p, TYPE_EXPR_INFER, start);
    }
    if (at_name(p) || at(p, TOKEN_SELF_TYPE))
        return parse_path_type(p);
    parser_expected(p, P1014, "a type");
    return type_error(p);
}

// The parameters of a function type: those of a tuple that was not merely a group.
static void take_params(struct parser *p, struct ast_type_expr *function,
                        struct ast_type_expr *params, bool is_group) {
    if (params->kind == TYPE_EXPR_TUPLE && !is_group) {
        function->function.params.at = params->tuple.elements.at;
        function->function.params.len = params->tuple.elements.len;
        return;
    }
    int32_t mark = list_begin(p);
    list_push(p, params);
    list_end(p, mark, &function->function.params);
}

// type = [ "mut" ] simple_type [ "->" type [ clauses ] ]; `mut` is said of a function's parameter,
// which is the simple type here, or, in a tuple, the whole.
static struct ast_type_expr *parse_type_with(struct parser *p, bool takes_clauses) {
    if (!parser_enter(p))
        return type_error(p);
    int32_t start = p->token->start;
    bool is_group, is_mut = accept(p, TOKEN_MUT);
    struct ast_type_expr *type = parse_simple_type(p, &is_group);
    if (is_mut) {
        struct ast_type_expr *mutable = type_expr_new(p, TYPE_EXPR_MUT, start);
        mutable->mutable = type;
        mutable->span = span_from(p, start);
        type = mutable;
        is_group = true;
    }
    if (at(p, TOKEN_QUESTION) && !p->failed) {
        struct str text = {p->source->text.data + start, (size_t)(p->token->start - start)};
        struct diag *d = parser_report(p, P1022, token_span(p, p->token),
                                       "an optional type is written `Option<T>`");
        advance(p);
        struct str option = str_format(p->arena, "Option<%.*s>", STR_ARGS(text));
        diag_fix(p->sink, d, span_from(p, start), option, "write `%.*s`", STR_ARGS(option));
    }
    if (!p->failed && accept(p, TOKEN_ARROW)) {
        struct ast_type_expr *function = type_expr_new(p, TYPE_EXPR_FUNCTION, start);
        take_params(p, function, type, is_group);
        function->function.result = parse_type_with(p, takes_clauses);
        if (takes_clauses)
            function->function.clauses = parse_postfix_clauses(p);
        function->span = span_from(p, start);
        type = function;
    }
    parser_leave(p);
    return type;
}

struct ast_type_expr *parse_type(struct parser *p) {
    return parse_type_with(p, true);
}

struct ast_type_expr *parse_result_type(struct parser *p) {
    return parse_type_with(p, false);
}

// bounds = simple_type { "+" simple_type }        (an arrow behind them begins the result)
void parse_bounds(struct parser *p) {
    do {
        bool is_group;
        struct ast_type_expr *bound = parse_simple_type(p, &is_group);
        list_push(p, bound);
    } while (!p->failed && accept(p, TOKEN_ADD));
}
