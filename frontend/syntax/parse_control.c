// SPDX-License-Identifier: MIT
// Expressions that contain blocks: if, match, the loops, async and its kin; and the jumps out of
// them.
#include "frontend/syntax/parser.h"

// condition = part { "&&" part }        part = "let" pattern "=" head_expr | head_expr
// The value of a `let` ends before `&&`, any other part only before `&& let`.
static struct ast_condition parse_condition(struct parser *p) {
    struct ast_condition first = {0};
    for (struct ast_condition *at = &first;; at = at->rest) {
        if (accept(p, TOKEN_LET)) {
            at->pattern = parse_pattern(p);
            expect(p, TOKEN_ASSIGN);
            at->value = parse_matched(p);
        } else {
            at->value = parse_head_expr(p);
        }
        if (p->failed || !accept(p, TOKEN_AND_AND))
            return first;
        at->rest = arena_new(p->arena, struct ast_condition);
    }
}

// if = "if" condition block [ "else" (if | block) ]
static struct ast_expr *parse_if(struct parser *p) {
    struct ast_expr *e = expr_new(p, EXPR_IF, p->token->start);
    if (!parser_enter(p))
        return e->kind = EXPR_ERROR, expr_end(p, e);
    advance(p);
    e->branch.condition = parse_condition(p);
    e->branch.then = parse_block(p);
    if (!p->failed && accept(p, TOKEN_ELSE)) {
        if (at(p, TOKEN_IF)) {
            e->branch.otherwise = parse_if(p);
        } else {
            struct ast_expr *otherwise = expr_new(p, EXPR_BLOCK, p->token->start);
            otherwise->block = parse_block(p);
            e->branch.otherwise = expr_end(p, otherwise);
        }
    }
    parser_leave(p);
    return expr_end(p, e);
}

// ---- arms ---------------------------------------------------------------------------------------

// arm_body = block | expr; a block is complete at its `}`.
static struct ast_expr *parse_arm_body(struct parser *p) {
    if (!at(p, TOKEN_LBRACE) || at_record(p))
        return parse_expr_or_assign(p);
    return parse_block_like(p);
}

// Arms end in `,` or `;`, or in nothing after a block. A broken arm is passed over up to there.
static void end_arm(struct parser *p, const struct token *begin) {
    if (!p->failed) {
        bool is_complete = p->token > begin && p->token[-1].kind == TOKEN_RBRACE;
        if (accept(p, TOKEN_COMMA) || accept(p, TOKEN_SEMICOLON) || is_complete ||
            at(p, TOKEN_RBRACE))
            return;
        parser_expected(p, P1003, "`,` after this arm");
        if (p->token->on_new_line) {
            p->failed = false;
            return;
        }
    }
    int32_t open = 0;
    for (; !at(p, TOKEN_END); advance(p)) {
        enum token_kind kind = peek(p);
        bool closes = kind == TOKEN_RBRACE || kind == TOKEN_RPAREN || kind == TOKEN_RBRACKET;
        if (open == 0 && (closes || at_item(p)))
            break;
        open += (kind == TOKEN_LBRACE || kind == TOKEN_LPAREN || kind == TOKEN_LBRACKET) - closes;
        if (open == 0 && p->token > begin && (kind == TOKEN_COMMA || kind == TOKEN_RBRACE)) {
            advance(p);
            accept(p, TOKEN_COMMA);
            break;
        }
    }
    p->failed = false;
}

// arm = pattern [ "if" expr ] "=>" arm_body
static struct ast_arm parse_arm(struct parser *p) {
    struct ast_arm arm = {0};
    const struct token *begin = p->token;
    arm.pattern = parse_pattern(p);
    if (!p->failed && accept(p, TOKEN_IF))
        arm.guard = parse_expr(p);
    if (!p->failed && at(p, TOKEN_COMMA)) {
        struct diag *d = parser_expected(p, P1003, "`=>`");
        diag_note(p->sink, d, "patterns of one arm have a bar between them: `1 | 2 => …`");
    }
    expect(p, TOKEN_FAT_ARROW);
    arm.body = parse_arm_body(p);
    arm.span = span_from(p, begin->start);
    end_arm(p, begin);
    return arm;
}

// match = "match" head_expr "{" { arm } "}"
static struct ast_expr *parse_match(struct parser *p) {
    struct ast_expr *e = expr_new(p, EXPR_MATCH, p->token->start);
    advance(p);
    e->match.subject = parse_head_expr(p);
    const struct token *opener = p->token;
    if (!expect(p, TOKEN_LBRACE))
        return expr_end(p, e);
    enum head in_head = p->in_head;
    int32_t mark = list_begin(p);
    p->in_head = HEAD_NONE;
    while (!at(p, TOKEN_RBRACE) && !at(p, TOKEN_END) && !at_item(p)) {
        const struct token *begin = p->token;
        struct ast_arm arm = parse_arm(p);
        list_push(p, arm);
        if (p->token == begin)
            break;
    }
    p->in_head = in_head;
    list_end(p, mark, &e->match.arms);
    expect_close(p, TOKEN_RBRACE, opener);
    return expr_end(p, e);
}

// select_arm = ( "default" | pattern "=" expr [ "if" expr ] ) "=>" arm_body
static struct ast_select_arm parse_select_arm(struct parser *p) {
    struct ast_select_arm arm = {0};
    const struct token *begin = p->token;
    if (at(p, TOKEN_DEFAULT) && peek_behind(p, 1) == TOKEN_FAT_ARROW) {
        advance(p);
    } else {
        arm.pattern = parse_pattern(p);
        expect(p, TOKEN_ASSIGN);
        arm.operation = parse_expr(p);
        if (!p->failed && accept(p, TOKEN_IF))
            arm.guard = parse_expr(p);
    }
    expect(p, TOKEN_FAT_ARROW);
    arm.body = parse_arm_body(p);
    arm.span = span_from(p, begin->start);
    end_arm(p, begin);
    return arm;
}

// select = "async" "." "select" "{" { select_arm } "}"
static struct ast_expr *parse_select(struct parser *p) {
    struct ast_expr *e = expr_new(p, EXPR_SELECT, p->token->start);
    p->token += 3;
    const struct token *opener = p->token;
    enum head in_head = p->in_head;
    int32_t mark = list_begin(p);
    p->in_head = HEAD_NONE;
    advance(p);
    while (!at(p, TOKEN_RBRACE) && !at(p, TOKEN_END) && !at_item(p)) {
        const struct token *begin = p->token;
        struct ast_select_arm arm = parse_select_arm(p);
        list_push(p, arm);
        if (p->token == begin)
            break;
    }
    p->in_head = in_head;
    list_end(p, mark, &e->select.arms);
    expect_close(p, TOKEN_RBRACE, opener);
    return expr_end(p, e);
}

// ---- loops --------------------------------------------------------------------------------------

static const char *label_name(struct parser *p, const struct token *t) {
    struct str text = token_source(p, t);
    return intern(p->names, (struct str){text.data + 1, text.len - 1});
}

// `for (let i = 0; i < n; i++)` of other languages.
static bool at_counting_for(const struct parser *p) {
    if (!at(p, TOKEN_LPAREN))
        return false;
    enum token_kind first = peek_behind(p, 1), second = peek_behind(p, 2);
    return first == TOKEN_LET || (token_is_name(first) && second == TOKEN_ASSIGN) ||
           (token_is_name(first) && token_is_name(second) && peek_behind(p, 3) == TOKEN_ASSIGN);
}

static void pass_counting_for(struct parser *p, struct ast_expr *e) {
    const struct token *opener = p->token;
    struct diag *d = parser_report(p, P1022, token_span(p, opener), "`for` goes over items");
    diag_primary(p->sink, d, "write `for i in 0..n { … }`, or a `while`");
    int32_t open = 0;
    do {
        open += at(p, TOKEN_LPAREN) - at(p, TOKEN_RPAREN);
        advance(p);
    } while (open && !at(p, TOKEN_LBRACE) && !at(p, TOKEN_END));
    p->failed = true; // nothing is said of what stands within
    e->for_loop.pattern = parse_pattern(p);
    e->for_loop.iterable = parse_head_expr(p);
    p->failed = false;
    e->for_loop.body = parse_block(p);
}

// for = "for" pattern "in" head_expr block
static void parse_for(struct parser *p, struct ast_expr *e, const char *label) {
    e->kind = EXPR_FOR;
    advance(p);
    e->for_loop.label = label;
    if (at_counting_for(p)) {
        pass_counting_for(p, e);
        return;
    }
    e->for_loop.pattern = parse_pattern(p);
    expect(p, TOKEN_IN);
    e->for_loop.iterable = parse_head_expr(p);
    e->for_loop.body = parse_block(p);
}

// loop = [ LABEL ":" ] ( "loop" block | "while" condition block | for )
static struct ast_expr *parse_loop(struct parser *p) {
    struct ast_expr *e = expr_new(p, EXPR_LOOP, p->token->start);
    const char *label = NULL;
    if (at(p, TOKEN_LABEL)) {
        label = label_name(p, p->token);
        advance(p);
        expect(p, TOKEN_COLON);
    }
    if (p->failed) {
        e->kind = EXPR_ERROR;
    } else if (accept(p, TOKEN_LOOP)) {
        e->loop.label = label;
        e->loop.body = parse_block(p);
    } else if (accept(p, TOKEN_WHILE)) {
        e->kind = EXPR_WHILE;
        e->while_loop.label = label;
        e->while_loop.condition = parse_condition(p);
        e->while_loop.body = parse_block(p);
    } else if (at(p, TOKEN_FOR)) {
        parse_for(p, e, label);
    } else {
        parser_expected(p, P1003, "`loop`, `while` or `for` after a label");
        e->kind = EXPR_ERROR;
    }
    return expr_end(p, e);
}

// jump = "return" [expr] | "break" [LABEL] [expr] | "continue" [LABEL]
struct ast_expr *parse_jump(struct parser *p) {
    enum ast_expr_kind kind = at(p, TOKEN_RETURN)  ? EXPR_RETURN
                              : at(p, TOKEN_BREAK) ? EXPR_BREAK
                                                   : EXPR_CONTINUE;
    struct ast_expr *e = expr_new(p, kind, p->token->start);
    advance(p);
    if (kind != EXPR_RETURN && at(p, TOKEN_LABEL)) {
        e->jump.label = label_name(p, p->token);
        advance(p);
    }
    switch (peek(p)) {
    case TOKEN_SEMICOLON:
    case TOKEN_COMMA:
    case TOKEN_RBRACE:
    case TOKEN_RPAREN:
    case TOKEN_RBRACKET:
    case TOKEN_FAT_ARROW:
    case TOKEN_END:
        break;
    default:
        if (kind != EXPR_CONTINUE && !(p->in_head && at(p, TOKEN_LBRACE)))
            e->jump.value = parse_expr(p);
    }
    return expr_end(p, e);
}

// ---- async --------------------------------------------------------------------------------------

// catch = "catch" pattern [ "if" expr ] block | "catch_boundary" "(" [pattern] ")" block
static struct ast_catch parse_catch(struct parser *p) {
    struct ast_catch c = {0};
    int32_t start = p->token->start;
    enum head in_head = p->in_head;
    c.is_boundary = at(p, TOKEN_CATCH_BOUNDARY);
    advance(p);
    const struct token *opener = p->token;
    if (c.is_boundary) {
        expect(p, TOKEN_LPAREN);
        if (!p->failed && !at(p, TOKEN_RPAREN))
            c.pattern = parse_pattern(p);
        if (opener->kind == TOKEN_LPAREN)
            expect_close(p, TOKEN_RPAREN, opener);
    } else {
        p->in_head = HEAD_EXPR;
        c.pattern = parse_pattern(p);
        p->in_head = in_head;
        if (!p->failed && accept(p, TOKEN_IF))
            c.guard = parse_head_expr(p);
    }
    c.body = parse_block(p);
    c.span = span_from(p, start);
    return c;
}

static bool at_catch(const struct parser *p) {
    return at(p, TOKEN_CATCH) || (at(p, TOKEN_CATCH_BOUNDARY) && peek_behind(p, 1) == TOKEN_LPAREN);
}

// async_with = "async" "with" head_expr [ "as" NAME ] block { catch }
static struct ast_expr *parse_async_with(struct parser *p) {
    struct ast_expr *e = expr_new(p, EXPR_ASYNC_WITH, p->token->start);
    struct ast_async_with *with = arena_new(p->arena, struct ast_async_with);
    e->async_with = with;
    p->token += 2;
    with->resource = parse_head_expr(p);
    if (!p->failed && accept(p, TOKEN_AS)) {
        with->binding = arena_new(p->arena, struct ast_binding);
        *with->binding = binding_new(p, expect_name(p, "a name for what is opened"), false);
    }
    with->body = parse_block(p);
    int32_t mark = list_begin(p);
    while (!p->failed && at_catch(p)) {
        struct ast_catch c = parse_catch(p);
        list_push(p, c);
    }
    list_end(p, mark, &with->catches);
    return expr_end(p, e);
}

// async = "async" block | async_with | select | "async", selected from with `.`
struct ast_expr *parse_async(struct parser *p) {
    const struct token *t = p->token;
    switch (peek_behind(p, 1)) {
    case TOKEN_WITH:
        return parse_async_with(p);
    case TOKEN_LBRACE: {
        struct ast_expr *e = expr_new(p, EXPR_ASYNC, t->start);
        advance(p);
        e->block = parse_block(p);
        return expr_end(p, e);
    }
    case TOKEN_DOT: {
        if (peek_behind(p, 2) == TOKEN_SELECT && peek_behind(p, 3) == TOKEN_LBRACE)
            return parse_select(p);
        advance(p);
        struct ast_expr *e = expr_new(p, EXPR_NAME, t->start);
        e->name.text = token_name(p, t);
        return e;
    }
    case TOKEN_OR:
    case TOKEN_OR_OR: {
        struct diag *d =
            parser_report(p, P1022, token_span(p, t), "a closure is not `async` itself");
        diag_note(p->sink, d, "write `|x| async { … }`");
        advance(p);
        return parse_operand(p);
    }
    default:
        advance(p);
        parser_expected(p, P1013, "`{`, `with` or `.` after `async`");
        return expr_new(p, EXPR_ERROR, t->start);
    }
}

// ---- the whole ----------------------------------------------------------------------------------

// An expression begins here that is complete at its `}` when it is a statement.
bool at_block_like(const struct parser *p) {
    switch (peek(p)) {
    case TOKEN_LBRACE:
    case TOKEN_IF:
    case TOKEN_MATCH:
    case TOKEN_WHILE:
    case TOKEN_FOR:
    case TOKEN_LOOP:
    case TOKEN_LABEL:
        return true;
    case TOKEN_ASYNC:
        return peek_behind(p, 1) == TOKEN_WITH ||
               (peek_behind(p, 1) == TOKEN_DOT && peek_behind(p, 2) == TOKEN_SELECT &&
                peek_behind(p, 3) == TOKEN_LBRACE);
    default:
        return false;
    }
}

// block_like = block | if | match | loop | async_with | select
struct ast_expr *parse_block_like(struct parser *p) {
    switch (peek(p)) {
    case TOKEN_LBRACE: {
        struct ast_expr *e = expr_new(p, EXPR_BLOCK, p->token->start);
        e->block = parse_block(p);
        return expr_end(p, e);
    }
    case TOKEN_IF:
        return parse_if(p);
    case TOKEN_MATCH:
        return parse_match(p);
    case TOKEN_ASYNC:
        return parse_async(p);
    default:
        return parse_loop(p);
    }
}
