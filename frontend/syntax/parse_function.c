// SPDX-License-Identifier: MIT
// Functions and what resembles them: messages, hooks, tests.
#include "frontend/syntax/parser.h"

// param = ["mut"] NAME ":" type [ "=" expr ]
static struct ast_param parse_param(struct parser *p) {
    struct ast_param param = {0};
    int32_t start = p->token->start;
    bool is_mut = accept(p, TOKEN_MUT);
    param.binding = binding_new(p, expect_name(p, "the name of a parameter"), is_mut);
    if (!p->failed && (at(p, TOKEN_COMMA) || at(p, TOKEN_RPAREN))) {
        struct diag *d = parser_fail(p, P1003, span_from(p, start), "this parameter has no type");
        diag_note(p->sink, d, "a parameter is written `name: Type`");
    }
    expect(p, TOKEN_COLON);
    param.type = parse_type(p);
    if (!p->failed && accept(p, TOKEN_ASSIGN))
        param.default_value = parse_expr(p);
    param.span = span_from(p, start);
    return param;
}

// `self` or `mut self`, the first parameter of a method.
static void parse_self_param(struct parser *p, struct ast_function *function) {
    int32_t start = p->token->start;
    function->self = accept(p, TOKEN_MUT) ? SELF_MUT : SELF_READ;
    advance(p);
    function->self_span = span_from(p, start);
    function->self_binding = p->module->binding_count++;
    if (!at(p, TOKEN_RPAREN))
        expect(p, TOKEN_COMMA);
}

static bool at_self_param(const struct parser *p) {
    return at(p, TOKEN_SELF) || (at(p, TOKEN_MUT) && peek_behind(p, 1) == TOKEN_SELF);
}

// params = "(" [ self_param ] [ param { "," param } [","] ] ")"
void parse_params(struct parser *p, struct ast_function *function) {
    const struct token *opener = p->token;
    int32_t mark = list_begin(p);
    if (!expect(p, TOKEN_LPAREN))
        return;
    function->has_params = true;
    if (at_self_param(p))
        parse_self_param(p, function);
    while (!p->failed && !at(p, TOKEN_RPAREN)) {
        struct ast_param param = parse_param(p);
        list_push(p, param);
        if (!accept(p, TOKEN_COMMA))
            break;
    }
    list_end(p, mark, &function->params);
    expect_close(p, TOKEN_RPAREN, opener);
}

// `@builtin "name"` before a function: its body is the compiler's.
static bool is_builtin(const struct parser *p) {
    for (int32_t i = 0; i < p->enclosing->len; i++)
        if (strcmp(p->enclosing->at[i].name.text, "builtin") == 0)
            return true;
    return false;
}

// A body, or `;` where there can be none. `context` says which of the two.
static void parse_body(struct parser *p, struct ast_item *item, enum item_context context) {
    bool is_declaration = context == IN_SERVICE || (context == IN_EXTERN && !at(p, TOKEN_LBRACE)) ||
                          (context == IN_MODULE && item->kind == ITEM_MESSAGE);
    const struct token *t = p->token;
    struct ast_function *function = item->function;
    if (p->failed)
        return;
    if (at(p, TOKEN_LBRACE)) {
        function->body = parse_block(p);
        vec_push(p->scratch, &p->bodies, function);
        if (is_declaration) {
            struct diag *d = parser_report(p, P1026, token_span(p, t), "there can be no body here");
            diag_note(p->sink, d,
                      context == IN_SERVICE  ? "a service says what there is; its providers and "
                                               "models say how it is done"
                                             : "a message outside of actors is only declared; "
                                               "actors that take it give it a body");
        }
        return;
    }
    if (is_declaration || context == IN_TRAIT || (at(p, TOKEN_SEMICOLON) && is_builtin(p))) {
        expect_semicolon(p, "this declaration");
    } else if (at(p, TOKEN_SEMICOLON)) {
        struct diag *d = parser_report(p, P1025, token_span(p, t), "a body is missing");
        diag_label(p->sink, d, ast_name_span(token_span(p, t), item->name), "of this");
        advance(p);
    } else {
        parser_expected(p, P1003,
                        function->result || !function->has_params ? "`{`" : "`->` or `{`");
    }
}

// signature = generics params clauses [ "->" type ] clauses
static void parse_signature(struct parser *p, struct ast_function *function, bool needs_params) {
    function->self_binding = -1;
    function->generics = parse_generics(p);
    if (needs_params || at(p, TOKEN_LPAREN))
        parse_params(p, function);
    parse_clauses(p, &function->clauses);
    if (!p->failed && accept(p, TOKEN_ARROW))
        function->result = parse_result_type(p);
    parse_clauses(p, &function->clauses);
}

// function = ["async"] "function" NAME signature [ "model" path ] ( block | ";" )
void parse_function(struct parser *p, struct ast_item *item, enum item_context context) {
    item->kind = ITEM_FUNCTION;
    item->function = arena_new(p->arena, struct ast_function);
    item->function->is_async = accept(p, TOKEN_ASYNC);
    expect(p, TOKEN_FUNCTION);
    item->name = expect_name(p, "the name of a function");
    parse_signature(p, item->function, true);
    if (!p->failed && context == IN_EXTERN && accept(p, TOKEN_MODEL)) {
        item->function->model = arena_new(p->arena, struct ast_path);
        *item->function->model = parse_path(p, "the name of a function");
    }
    parse_body(p, item, context);
}

// callable = ("message" | "test" | "property" | "chaos_test") NAME signature ( block | ";" )
//          | ON_NAME signature block                   the parentheses may be left out in both
void parse_callable(struct parser *p, struct ast_item *item, enum item_context context) {
    enum token_kind word = peek(p);
    item->kind = word == TOKEN_MESSAGE      ? ITEM_MESSAGE
                 : word == TOKEN_TEST       ? ITEM_TEST
                 : word == TOKEN_PROPERTY   ? ITEM_PROPERTY
                 : word == TOKEN_CHAOS_TEST ? ITEM_CHAOS_TEST
                                            : ITEM_HOOK;
    item->function = arena_new(p->arena, struct ast_function);
    if (item->kind != ITEM_HOOK)
        advance(p);
    item->name = expect_name(p, item->kind == ITEM_MESSAGE ? "the name of a message" : "a name");
    parse_signature(p, item->function, false);
    parse_body(p, item, context);
}
