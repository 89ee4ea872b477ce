// SPDX-License-Identifier: MIT
// Items that declare data and what one can do with it: constants, types, structs, enums, traits,
// impls.
#include "frontend/syntax/parser.h"

// ---- constants and types ------------------------------------------------------------------------

// const = "const" NAME [ ":" type ] [ "=" expr ] ";"
void parse_const(struct parser *p, struct ast_item *item, enum item_context context) {
    item->kind = ITEM_CONST;
    item->constant = arena_new(p->arena, struct ast_const);
    advance(p);
    item->name = expect_name(p, "the name of a constant");
    if (!p->failed && accept(p, TOKEN_COLON))
        item->constant->type = parse_type(p);
    bool is_declared = context == IN_TRAIT && at(p, TOKEN_SEMICOLON);
    if (!is_declared) {
        expect(p, TOKEN_ASSIGN);
        item->constant->value = parse_expr(p);
    }
    expect_semicolon(p, "this constant");
}

// type = "type" NAME generics [ ":" bounds ] [ "=" ["distinct"] type ] ";"
void parse_type_item(struct parser *p, struct ast_item *item, enum item_context context) {
    struct ast_type_item *type = arena_new(p->arena, struct ast_type_item);
    int32_t mark = list_begin(p);
    item->kind = ITEM_TYPE;
    item->type = type;
    advance(p);
    item->name = expect_name(p, "the name of a type");
    type->generics = parse_generics(p);
    if (!p->failed && context == IN_TRAIT && accept(p, TOKEN_COLON))
        parse_bounds(p);
    list_end(p, mark, &type->bounds);
    bool is_declared = context == IN_TRAIT && at(p, TOKEN_SEMICOLON);
    if (!is_declared) {
        expect(p, TOKEN_ASSIGN);
        enum token_kind next = peek_behind(p, 1);
        if (at(p, TOKEN_DISTINCT) && (token_is_name(next) || next == TOKEN_LPAREN)) {
            type->is_distinct = true;
            advance(p);
        }
        type->target = parse_type(p);
    }
    expect_semicolon(p, "this type");
}

// ---- structs and enums --------------------------------------------------------------------------

enum ast_visibility parse_visibility(struct parser *p) {
    if (accept(p, TOKEN_PUB))
        return VISIBILITY_PUB;
    return accept(p, TOKEN_PRIVATE) ? VISIBILITY_PRIVATE : VISIBILITY_DEFAULT;
}

// field = ["pub" | "private"] NAME ":" type [ "=" expr ]; in a tuple `NAME ":"` may be left out.
struct ast_field parse_field(struct parser *p, bool is_tuple) {
    struct ast_field field = {0};
    int32_t start = p->token->start;
    field.visibility = parse_visibility(p);
    bool has_name = !is_tuple || (at_name(p) && peek_behind(p, 1) == TOKEN_COLON);
    if (has_name) {
        field.name = expect_name(p, "the name of a field");
        expect(p, TOKEN_COLON);
    }
    field.type = parse_type(p);
    if (!p->failed && accept(p, TOKEN_ASSIGN))
        field.value = parse_expr(p);
    field.span = span_from(p, start);
    return field;
}

// fields = open [ field { ("," | ";") field } [","] ] close, onto the list stack.
static void parse_fields(struct parser *p, enum token_kind closer) {
    const struct token *opener = p->token;
    advance(p);
    while (!p->failed && !at(p, closer) && !at(p, TOKEN_END) && !at_other_item(p)) {
        if (at(p, TOKEN_AT)) {
            parse_inner_annotation(p);
            continue;
        }
        struct ast_field field = parse_field(p, closer == TOKEN_RPAREN);
        list_push(p, field);
        if (!accept(p, TOKEN_COMMA) && !accept(p, TOKEN_SEMICOLON))
            break;
    }
    expect_close(p, closer, opener);
}

// shape = [ "{" fields "}" | "(" fields ")" ]; the fields go onto the list stack.
static enum ast_shape parse_shape(struct parser *p) {
    if (p->failed || (!at(p, TOKEN_LBRACE) && !at(p, TOKEN_LPAREN)))
        return SHAPE_UNIT;
    bool is_record = at(p, TOKEN_LBRACE);
    parse_fields(p, is_record ? TOKEN_RBRACE : TOKEN_RPAREN);
    return is_record ? SHAPE_RECORD : SHAPE_TUPLE;
}

// struct = "struct" NAME generics clauses ( "{" fields "}" | [ "(" fields ")" clauses ] ";" )
void parse_struct(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    struct ast_struct *structure = arena_new(p->arena, struct ast_struct);
    item->kind = ITEM_STRUCT;
    item->structure = structure;
    advance(p);
    item->name = expect_name(p, "the name of a struct");
    structure->generics = parse_generics(p);
    parse_clauses(p, &structure->clauses);
    int32_t mark = list_begin(p);
    structure->shape = parse_shape(p);
    list_end(p, mark, &structure->fields);
    parse_clauses(p, &structure->clauses);
    if (structure->shape != SHAPE_RECORD)
        expect_semicolon(p, "this struct");
}

// variant = NAME shape
static struct ast_variant parse_variant(struct parser *p) {
    struct ast_variant variant = {0};
    int32_t start = p->token->start;
    variant.name = expect_name(p, "the name of a variant");
    int32_t mark = list_begin(p);
    variant.shape = parse_shape(p);
    list_end(p, mark, &variant.fields);
    variant.span = span_from(p, start);
    return variant;
}

// enum = "enum" NAME generics clauses "{" [ variant { "," variant } [","] ] "}"
void parse_enum(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    struct ast_enum *enumeration = arena_new(p->arena, struct ast_enum);
    item->kind = ITEM_ENUM;
    item->enumeration = enumeration;
    advance(p);
    item->name = expect_name(p, "the name of an enum");
    enumeration->generics = parse_generics(p);
    parse_clauses(p, &enumeration->clauses);
    const struct token *opener = p->token;
    int32_t mark = list_begin(p);
    if (!expect(p, TOKEN_LBRACE))
        return;
    while (!p->failed && !at(p, TOKEN_RBRACE) && !at(p, TOKEN_END) && !at_other_item(p)) {
        if (at(p, TOKEN_AT)) {
            parse_inner_annotation(p);
            continue;
        }
        struct ast_variant variant = parse_variant(p);
        list_push(p, variant);
        if (!accept(p, TOKEN_COMMA) && !accept(p, TOKEN_SEMICOLON))
            break;
    }
    list_end(p, mark, &enumeration->variants);
    expect_close(p, TOKEN_RBRACE, opener);
}

// ---- traits and impls ---------------------------------------------------------------------------

// trait = "trait" NAME generics [ ":" bounds ] clauses members
void parse_trait(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    struct ast_trait *trait = arena_new(p->arena, struct ast_trait);
    item->kind = ITEM_TRAIT;
    item->trait = trait;
    advance(p);
    item->name = expect_name(p, "the name of a trait");
    trait->generics = parse_generics(p);
    int32_t mark = list_begin(p);
    if (!p->failed && accept(p, TOKEN_COLON))
        parse_bounds(p);
    list_end(p, mark, &trait->parents);
    parse_clauses(p, &trait->clauses);
    mark = list_begin(p);
    parse_members(p, IN_TRAIT);
    list_end(p, mark, &trait->members);
}

// impl = "impl" generics type [ "for" type ] clauses members
void parse_impl(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    struct ast_impl *impl = arena_new(p->arena, struct ast_impl);
    item->kind = ITEM_IMPL;
    item->impl = impl;
    advance(p);
    impl->generics = parse_generics(p);
    impl->subject = parse_result_type(p);
    if (!p->failed && accept(p, TOKEN_FOR)) {
        impl->trait = impl->subject;
        impl->subject = parse_result_type(p);
    }
    parse_clauses(p, &impl->clauses);
    int32_t mark = list_begin(p);
    parse_members(p, IN_IMPL);
    list_end(p, mark, &impl->members);
}
