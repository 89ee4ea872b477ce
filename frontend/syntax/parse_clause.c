// SPDX-License-Identifier: MIT
// What is declared around items and expressions: effects, capabilities, where, generics,
// annotations.
#include "frontend/syntax/parser.h"

// ability = ["!"] path [ "(" expr { "," expr } [","] ")" ]
struct ast_ability parse_ability(struct parser *p) {
    struct ast_ability ability = {0};
    int32_t start = p->token->start;
    ability.is_denied = accept(p, TOKEN_NOT);
    ability.path = parse_path(p, "the name of an effect or capability");
    const struct token *opener = p->token;
    if (!p->failed && accept(p, TOKEN_LPAREN)) {
        int32_t mark = list_begin(p);
        while (!p->failed && !at(p, TOKEN_RPAREN)) {
            struct ast_expr *arg = parse_expr(p);
            list_push(p, arg);
            if (!accept(p, TOKEN_COMMA))
                break;
        }
        list_end(p, mark, &ability.args);
        expect_close(p, TOKEN_RPAREN, opener);
    }
    ability.span = span_from(p, start);
    return ability;
}

// ability_clause = ("effects" | "capabilities") "[" [ ability { "," ability } [","] ] "]"
static void parse_ability_clause(struct parser *p, struct ast_clauses *clauses) {
    const struct token *word = p->token;
    bool is_effects = at(p, TOKEN_EFFECTS);
    advance(p);
    const struct token *opener = p->token;
    int32_t mark = list_begin(p);
    expect(p, TOKEN_LBRACKET);
    while (!p->failed && !at(p, TOKEN_RBRACKET)) {
        struct ast_ability ability = parse_ability(p);
        list_push(p, ability);
        if (!accept(p, TOKEN_COMMA))
            break;
    }
    if (is_effects)
        list_end(p, mark, &clauses->effects);
    else
        list_end(p, mark, &clauses->capabilities);
    if (opener->kind == TOKEN_LBRACKET)
        expect_close(p, TOKEN_RBRACKET, opener);
    bool *has = is_effects ? &clauses->has_effects : &clauses->has_capabilities;
    struct span *span = is_effects ? &clauses->effects_span : &clauses->capabilities_span;
    if (*has) {
        struct diag *d = parser_report(p, P1024, token_span(p, word), "`%s` is declared twice",
                                       token_text((enum token_kind)word->kind));
        diag_label(p->sink, d, *span, "the first declaration");
    }
    *has = true;
    *span = span_from(p, word->start);
}

// wheres = "where" where { "," where } [","]           where = type ":" bounds
void parse_wheres(struct parser *p, struct ast_clauses *clauses) {
    int32_t mark = list_begin(p);
    for (int32_t i = 0; i < clauses->wheres.len; i++)
        list_push(p, clauses->wheres.at[i]);
    advance(p);
    do {
        if (!at_name(p) && !at(p, TOKEN_SELF_TYPE) && !at(p, TOKEN_LPAREN))
            break;
        struct ast_where where = {0};
        int32_t start = p->token->start;
        where.subject = parse_result_type(p);
        expect(p, TOKEN_COLON);
        int32_t bounds = list_begin(p);
        parse_bounds(p);
        list_end(p, bounds, &where.bounds);
        where.span = span_from(p, start);
        list_push(p, where);
    } while (!p->failed && accept(p, TOKEN_COMMA));
    list_end(p, mark, &clauses->wheres);
}

bool at_ability_clause(const struct parser *p) {
    return (at(p, TOKEN_EFFECTS) || at(p, TOKEN_CAPABILITIES)) &&
           peek_behind(p, 1) == TOKEN_LBRACKET;
}

// clauses = { ability_clause | wheres }
void parse_clauses(struct parser *p, struct ast_clauses *clauses) {
    while (!p->failed) {
        if (at(p, TOKEN_EFFECTS) || at(p, TOKEN_CAPABILITIES))
            parse_ability_clause(p, clauses);
        else if (at(p, TOKEN_WHERE))
            parse_wheres(p, clauses);
        else
            return;
    }
}

struct ast_clauses *parse_postfix_clauses(struct parser *p) {
    if (p->failed || !at_ability_clause(p))
        return NULL;
    struct ast_clauses *clauses = arena_new(p->arena, struct ast_clauses);
    do {
        parse_ability_clause(p, clauses);
    } while (!p->failed && at_ability_clause(p));
    return clauses;
}

// generics = [ "<" generic { "," generic } [","] ">" ]      generic = NAME [ ":" bounds ]
struct ast_generics parse_generics(struct parser *p) {
    struct ast_generics generics = {0};
    const struct token *opener = p->token;
    if (p->failed || !accept(p, TOKEN_LT))
        return generics;
    int32_t mark = list_begin(p);
    while (!p->failed && !at(p, TOKEN_GT)) {
        struct ast_generic generic = {0};
        int32_t start = p->token->start, bounds = list_begin(p);
        generic.name = expect_name(p, "the name of a type parameter");
        if (!p->failed && accept(p, TOKEN_COLON))
            parse_bounds(p);
        list_end(p, bounds, &generic.bounds);
        generic.span = span_from(p, start);
        list_push(p, generic);
        if (!accept(p, TOKEN_COMMA))
            break;
    }
    list_end(p, mark, &generics.params);
    expect_close(p, TOKEN_GT, opener);
    return generics;
}

static bool at_annotation_value(const struct parser *p) {
    switch (peek(p)) {
    case TOKEN_LBRACE:
    case TOKEN_LBRACKET:
    case TOKEN_LPAREN:
        return true;
    case TOKEN_STRING:
    case TOKEN_INT:
    case TOKEN_FLOAT:
        return !p->token->on_new_line;
    default:
        return false;
    }
}

// annotation = "@" NAME [ record | list | tuple | STRING | NUMBER ]
struct ast_annotation parse_annotation(struct parser *p) {
    int32_t start = p->token->start;
    advance(p);
    struct ast_annotation annotation = {.name = expect_name(p, "the name of an annotation")};
    if (!p->failed && at_annotation_value(p))
        annotation.value = at(p, TOKEN_LBRACE) ? parse_record(p) : parse_operand(p);
    annotation.span = span_from(p, start);
    return annotation;
}
