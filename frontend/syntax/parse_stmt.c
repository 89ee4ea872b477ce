// SPDX-License-Identifier: MIT
// Blocks and statements. This is where most errors end: a broken statement is passed over up to its
// `;`, its `}` or a line that begins another one.
#include "frontend/syntax/parser.h"

// ---- the ends of statements ---------------------------------------------------------------------

void expect_semicolon(struct parser *p, const char *after) {
    if (p->failed || accept(p, TOKEN_SEMICOLON))
        return;
    int32_t end = p->token > p->first ? p->token[-1].end : 0;
    struct span place = {p->source, end, end};
    struct diag *d = parser_report(p, P1017, place, "expected `;` after %s", after);
    bool goes_on = p->token->on_new_line || at(p, TOKEN_RBRACE) || at(p, TOKEN_END);
    if (!goes_on && end > 0 && p->token[-1].kind == TOKEN_QUESTION) // `a ? b : c`
        diag_note(p->sink, d,
                  "a choice is written `if c { a } else { b }`; `?` passes an error on");
    else if (at(p, TOKEN_CATCH))
        diag_note(p->sink, d,
                  "a `catch` stands behind a block: "
                  "`async with error_boundary() { … } catch e { … }`");
    else
        diag_fix(p->sink, d, place, STR(";"), "add the `;`");
    if (!goes_on) {
        diag_label(p->sink, d, token_span(p, p->token), "this is not part of it");
        p->failed = true;
    }
}

// ---- statements ---------------------------------------------------------------------------------

// let = "let" pattern [ ":" type ] [ "=" expr [ "else" block ] ] ";"
static void parse_let(struct parser *p, struct ast_stmt *stmt) {
    stmt->kind = STMT_LET;
    advance(p);
    stmt->let.pattern = parse_pattern(p);
    if (!p->failed && accept(p, TOKEN_COLON))
        stmt->let.type = parse_type(p);
    if (!p->failed && accept(p, TOKEN_ASSIGN))
        stmt->let.value = parse_expr(p);
    if (!p->failed && stmt->let.value && accept(p, TOKEN_ELSE))
        stmt->let.otherwise = parse_block(p);
    expect_semicolon(p, "this `let`");
}

// defer = "defer" ( block | expr ";" )
static void parse_defer(struct parser *p, struct ast_stmt *stmt) {
    stmt->kind = STMT_DEFER;
    advance(p);
    bool is_block_like = at_block_like(p);
    stmt->expr = is_block_like ? parse_block_like(p) : parse_expr_or_assign(p);
    if (!is_block_like)
        expect_semicolon(p, "this `defer`");
    else if (!p->failed)
        accept(p, TOKEN_SEMICOLON);
}

// bind = "bind" path "=" expr ";"
static void parse_bind(struct parser *p, struct ast_stmt *stmt) {
    stmt->kind = STMT_BIND;
    advance(p);
    stmt->bind.service = parse_path(p, "the name of a service");
    expect(p, TOKEN_ASSIGN);
    stmt->bind.provider = parse_expr(p);
    expect_semicolon(p, "this `bind`");
}

// expr_stmt = block_like [";"] | expr ";". The last one of a block without `;` is the block's
// value. Returns whether it is that.
static bool parse_expr_stmt(struct parser *p, struct ast_stmt *stmt) {
    bool is_block_like = at_block_like(p);
    stmt->kind = STMT_EXPR;
    stmt->expr = is_block_like ? parse_block_like(p) : parse_expr_or_assign(p);
    if (p->failed || accept(p, TOKEN_SEMICOLON))
        return false;
    if (at(p, TOKEN_RBRACE))
        return true;
    if (!is_block_like)
        expect_semicolon(p, "this statement");
    return false;
}

// stmt = let | defer | bind | expr_stmt | ";"
static void parse_stmt(struct parser *p, struct ast_block *block) {
    struct ast_stmt stmt = {0};
    const struct token *begin = p->token;
    bool is_value = false;
    if (accept(p, TOKEN_SEMICOLON))
        return;
    if (at(p, TOKEN_LET))
        parse_let(p, &stmt);
    else if (at(p, TOKEN_DEFER))
        parse_defer(p, &stmt);
    else if (at(p, TOKEN_BIND) && token_is_name(peek_behind(p, 1)))
        parse_bind(p, &stmt);
    else
        is_value = parse_expr_stmt(p, &stmt);
    stmt.span = span_from(p, begin->start);
    if (is_value)
        block->value = stmt.expr;
    else
        list_push(p, stmt);
    if (p->failed)
        sync_stmt(p, begin);
}

// ---- blocks -------------------------------------------------------------------------------------

// An item within a block: either the block was to end before it, or it is misplaced. Returns
// whether the block goes on.
static bool parse_misplaced_item(struct parser *p, const struct token *opener) {
    if (is_outdented(p, opener)) {
        struct diag *d = parser_report(p, P1005, token_span(p, opener), "this `{` is not closed");
        diag_label(p->sink, d, token_span(p, p->token), "`}` is missing before this");
        return false;
    }
    const struct token *begin = p->token;
    bool is_const = at(p, TOKEN_CONST);
    struct diag *d =
        parser_report(p, P1021, token_span(p, p->token), "items cannot stand inside of a block");
    diag_note(p->sink, d,
              is_const ? "within a block, `let` gives a value a name"
                       : "put it beside the function, or make it a closure");
    parse_item(p, IN_MODULE);
    if (p->failed)
        sync_stmt(p, begin);
    return true;
}

// block = "{" { stmt | annotation } [ expr ] "}"
struct ast_block *parse_block(struct parser *p) {
    struct ast_block *block = arena_new(p->arena, struct ast_block);
    const struct token *opener = p->token;
    block->span = span_from(p, opener->start);
    if (!p->failed && !at(p, TOKEN_LBRACE))
        parser_expected(p, P1003, "`{`");
    if (p->failed || !parser_enter(p))
        return block;
    enum head in_head = p->in_head;
    int32_t mark = list_begin(p);
    bool is_closed = true;
    p->in_head = HEAD_NONE;
    advance(p);
    while (is_closed && !at(p, TOKEN_RBRACE) && !at(p, TOKEN_END)) {
        const struct token *begin = p->token;
        if (at(p, TOKEN_AT))
            parse_inner_annotation(p);
        else if (at_item(p))
            is_closed = parse_misplaced_item(p, opener);
        else
            parse_stmt(p, block);
        if (p->failed)
            sync_stmt(p, begin);
    }
    list_end(p, mark, &block->stmts);
    p->in_head = in_head;
    if (is_closed)
        expect_close(p, TOKEN_RBRACE, opener);
    parser_leave(p);
    block->span = span_from(p, opener->start);
    return block;
}
