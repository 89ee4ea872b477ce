// SPDX-License-Identifier: MIT
// Operators between operands, from the weakest to the strongest: `=`, `..`, and the binary ones by
// their table. What binds tighter is in parse_unary.c.
#include "frontend/syntax/parser.h"

#include <assert.h>

// ---- binary operators ---------------------------------------------------------------------------

// How strongly an operator binds; 0 is no operator. Comparisons do not chain.
enum { BINDS_COMPARISON = 3 };
struct infix {
    uint8_t binds, tokens; // tokens: `>=` and `>>` are two
    enum ast_binary op;
};

static const struct infix infixes[TOKEN_KIND_COUNT] = {
    [TOKEN_OR_OR] = {1, 1, BINARY_OR},    [TOKEN_AND_AND] = {2, 1, BINARY_AND},
    [TOKEN_EQ] = {3, 1, BINARY_EQ},       [TOKEN_NE] = {3, 1, BINARY_NE},
    [TOKEN_LT] = {3, 1, BINARY_LT},       [TOKEN_LE] = {3, 1, BINARY_LE},
    [TOKEN_OR] = {4, 1, BINARY_BIT_OR},   [TOKEN_XOR] = {5, 1, BINARY_BIT_XOR},
    [TOKEN_AND] = {6, 1, BINARY_BIT_AND}, [TOKEN_SHL] = {7, 1, BINARY_SHL},
    [TOKEN_ADD] = {8, 1, BINARY_ADD},     [TOKEN_SUB] = {8, 1, BINARY_SUB},
    [TOKEN_MUL] = {9, 1, BINARY_MUL},     [TOKEN_DIV] = {9, 1, BINARY_DIV},
    [TOKEN_REM] = {9, 1, BINARY_REM},
};

// The operators that begin with `>`: the lexer leaves it alone, since it also closes types.
static struct infix greater_infix(const struct parser *p) {
    const struct token *t = p->token;
    bool is_joined = t != p->last && is_adjacent(t, t + 1);
    enum token_kind next = is_joined ? (enum token_kind)t[1].kind : TOKEN_END;
    if (next == TOKEN_ASSIGN)
        return (struct infix){3, 2, BINARY_GE};
    if (next != TOKEN_GT)
        return (struct infix){3, 1, BINARY_GT};
    bool is_assign = t + 2 < p->last && t[2].kind == TOKEN_ASSIGN && is_adjacent(t + 1, t + 2);
    return is_assign ? (struct infix){0} : (struct infix){7, 2, BINARY_SHR};
}

static struct infix infix_here(const struct parser *p) {
    return at(p, TOKEN_GT) ? greater_infix(p) : infixes[peek(p)];
}

static void comparison_chained(struct parser *p, const struct ast_expr *left) {
    struct span span = token_span(p, p->token);
    struct diag *d = parser_report(p, P1019, span, "comparisons cannot be chained");
    diag_label(p->sink, d,
               (struct span){p->source, left->binary.op_start, left->binary.op_start + 1},
               "the first comparison");
    diag_note(p->sink, d, "write `a < b && b < c`, or put one of them in parentheses");
}

// `x++` and `x--` of other languages.
static bool at_increment(const struct parser *p) {
    enum token_kind kind = peek(p), third = peek_behind(p, 2);
    return (kind == TOKEN_ADD || kind == TOKEN_SUB) && peek_behind(p, 1) == kind &&
           is_adjacent(p->token, p->token + 1) &&
           (third == TOKEN_SEMICOLON || third == TOKEN_RPAREN || third == TOKEN_RBRACE);
}

// `first` begins what is counted up. Where that is not a statement its value is wanted, which `+=`
// has not.
static void parse_increment(struct parser *p, const struct token *first) {
    struct span span = {p->source, p->token->start, p->token[1].end};
    const char *text = at(p, TOKEN_ADD) ? "+" : "-";
    enum token_kind before = first == p->first ? TOKEN_END : (enum token_kind)first[-1].kind;
    struct diag *d = parser_report(p, P1022, span, "there is no `%s%s`", text, text);
    if (before == TOKEN_SEMICOLON || before == TOKEN_LBRACE || before == TOKEN_RBRACE ||
        before == TOKEN_FAT_ARROW)
        diag_fix(p->sink, d, span, str_format(p->arena, " %s= 1", text), "write `%s= 1`", text);
    else
        diag_note(p->sink, d, "`%s= 1` changes it, as a statement of its own.", text);
    p->token += 2;
}

// binary = unary { infix unary }, by precedence climbing.
static struct ast_expr *parse_binary(struct parser *p, int binds_min) {
    const struct token *first = p->token;
    int32_t start = first->start, chain = chain_begin(p);
    struct ast_expr *left = parse_unary(p);
    bool is_comparison = false;
    while (!p->failed) {
        struct infix o = infix_here(p);
        if (o.binds && at_increment(p)) {
            parse_increment(p, first);
            continue;
        }
        if (o.binds < binds_min || !o.binds)
            break;
        if (p->in_head == HEAD_EXPR && o.op == BINARY_AND && p->token[1].kind == TOKEN_LET) {
            if (binds_min > 1)
                parser_report(p, P1013, token_span(p, p->token),
                              "`||` stands in parentheses beside a pattern");
            break; // parse_condition goes on
        }
        if (o.binds == BINDS_COMPARISON && is_comparison)
            comparison_chained(p, left);
        is_comparison = o.binds == BINDS_COMPARISON;
        int32_t op_start = p->token->start;
        p->token += o.tokens;
        if (!parser_sink(p) || !parser_enter(p))
            break;
        struct ast_expr *right = parse_binary(p, o.binds + 1);
        parser_leave(p);
        struct ast_expr *e = expr_new(p, EXPR_BINARY, start);
        e->binary.op = o.op;
        e->binary.op_start = op_start;
        e->binary.left = left;
        e->binary.right = right;
        left = e;
    }
    chain_end(p, chain);
    return left;
}

const char *syntax_binary_text(enum ast_binary op) {
    static const char *const texts[] = {
        [BINARY_ADD] = "+",    [BINARY_SUB] = "-",     [BINARY_MUL] = "*",  [BINARY_DIV] = "/",
        [BINARY_REM] = "%",    [BINARY_SHL] = "<<",    [BINARY_SHR] = ">>", [BINARY_BIT_AND] = "&",
        [BINARY_BIT_OR] = "|", [BINARY_BIT_XOR] = "^", [BINARY_AND] = "&&", [BINARY_OR] = "||",
        [BINARY_EQ] = "==",    [BINARY_NE] = "!=",     [BINARY_LT] = "<",   [BINARY_LE] = "<=",
        [BINARY_GT] = ">",     [BINARY_GE] = ">=",
    };
    assert((size_t)op < sizeof texts / sizeof *texts);
    return texts[op];
}

// ---- ranges -------------------------------------------------------------------------------------

// Something that can begin an operand follows `..`.
static bool at_range_end(const struct parser *p) {
    switch (peek(p)) {
    case TOKEN_LBRACE:
        return !p->in_head;
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_STRING:
    case TOKEN_CHAR:
    case TOKEN_LPAREN:
    case TOKEN_LBRACKET:
    case TOKEN_SUB:
    case TOKEN_MUL:
    case TOKEN_NOT:
    case TOKEN_AWAIT:
    case TOKEN_ASYNC:
    case TOKEN_SELF:
    case TOKEN_SELF_TYPE:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
    case TOKEN_HOLE:
    case TOKEN_IF:
    case TOKEN_MATCH:
        return true;
    default:
        return at_name(p);
    }
}

// `1..=` without an end.
void parse_missing_end(struct parser *p, const struct token *op) {
    struct diag *d = parser_expected(p, P1028, "the end of this range");
    if (op->kind == TOKEN_RANGE_INCLUSIVE)
        diag_fix(p->sink, d, token_span(p, op), STR(".."), "leave it open with `..`");
}

// range = [binary] (".." | "..=") [binary] | binary
static struct ast_expr *parse_range(struct parser *p) {
    int32_t start = p->token->start;
    bool is_open = at(p, TOKEN_RANGE) || at(p, TOKEN_RANGE_INCLUSIVE);
    struct ast_expr *low = is_open ? NULL : parse_binary(p, 1);
    if (p->failed || (!at(p, TOKEN_RANGE) && !at(p, TOKEN_RANGE_INCLUSIVE)))
        return low;
    const struct token *op = p->token;
    bool is_inclusive = at(p, TOKEN_RANGE_INCLUSIVE);
    advance(p);
    struct ast_expr *high = at_range_end(p) ? parse_binary(p, 1) : NULL;
    if (is_inclusive && !high)
        parse_missing_end(p, op);
    struct ast_expr *e = expr_new(p, EXPR_RANGE, start);
    e->range.low = low;
    e->range.high = high;
    e->range.is_inclusive = is_inclusive;
    return e;
}

// ---- `c ? a : b` of other languages -------------------------------------------------------------

enum { CHOICE_TOKENS_MAX = 256 };

bool at_choice(const struct parser *p) {
    int depth = 0;
    if (!at(p, TOKEN_QUESTION))
        return false;
    for (const struct token *t = p->token + 1; t < p->last && t - p->token < CHOICE_TOKENS_MAX; t++)
        switch (t->kind) {
        case TOKEN_LPAREN:
        case TOKEN_LBRACKET:
        case TOKEN_LBRACE:
            depth++;
            break;
        case TOKEN_RPAREN:
        case TOKEN_RBRACKET:
        case TOKEN_RBRACE:
            if (depth-- == 0)
                return false;
            break;
        case TOKEN_COLON:
            if (depth == 0)
                return true;
            break;
        case TOKEN_SEMICOLON:
        case TOKEN_COMMA:
        case TOKEN_FAT_ARROW:
            if (depth == 0)
                return false;
            break;
        default:
            break;
        }
    return false;
}

static struct str expr_text(const struct parser *p, const struct ast_expr *e) {
    return (struct str){p->source->text.data + e->span.start,
                        (size_t)(e->span.end - e->span.start)};
}

static struct ast_block *block_of(struct parser *p, struct ast_expr *value) {
    struct ast_block *block = arena_new(p->arena, struct ast_block);
    block->span = value->span;
    block->value = value;
    return block;
}

static struct ast_expr *parse_choice(struct parser *p);

// What is meant is an `if`, and that is what it becomes.
static struct ast_expr *parse_alternatives(struct parser *p, struct ast_expr *condition,
                                           int32_t start) {
    struct span question = token_span(p, p->token);
    struct ast_expr *e = expr_new(p, EXPR_IF, start);
    struct diag *d = parser_report(p, P1022, question, "there is no `? :`");
    advance(p);
    struct ast_expr *then = parse_choice(p);
    expect(p, TOKEN_COLON);
    struct ast_expr *otherwise = expr_new(p, EXPR_BLOCK, p->token->start), *other = parse_choice(p);
    otherwise->span = other->span;
    otherwise->block = block_of(p, other);
    e->branch.condition.value = condition;
    e->branch.then = block_of(p, then);
    e->branch.otherwise = otherwise;
    e = expr_end(p, e);
    struct str c = expr_text(p, condition), a = expr_text(p, then), b = expr_text(p, other);
    diag_note(p->sink, d, "a choice is written `if c { a } else { b }`; `?` passes an error on");
    if (p->in_head && !at(p, TOKEN_LBRACE)) // `if c ? a : b`: what it is the head of is not there
        p->failed = true;
    if (!p->failed &&
        !memchr(e->span.start + p->source->text.data, '\n', (size_t)(e->span.end - e->span.start)))
        diag_fix(p->sink, d, e->span,
                 str_format(p->arena, "if %.*s { %.*s } else { %.*s }", STR_ARGS(c), STR_ARGS(a),
                            STR_ARGS(b)),
                 "write an `if`");
    return e;
}

static struct ast_expr *parse_choice(struct parser *p) {
    int32_t start = p->token->start;
    struct ast_expr *e = parse_range(p);
    if (p->failed || !at_choice(p) || !parser_enter(p))
        return e;
    e = parse_alternatives(p, e, start);
    parser_leave(p);
    return e;
}

// ---- assignments --------------------------------------------------------------------------------

// The assignment operator here: how many tokens it has, 0 if it is none.
static int assign_operator(const struct parser *p, enum ast_binary *op, bool *is_compound) {
    static const struct {
        enum token_kind token;
        enum ast_binary op;
    } table[] = {
        {TOKEN_ASSIGN_ADD, BINARY_ADD},     {TOKEN_ASSIGN_SUB, BINARY_SUB},
        {TOKEN_ASSIGN_MUL, BINARY_MUL},     {TOKEN_ASSIGN_DIV, BINARY_DIV},
        {TOKEN_ASSIGN_REM, BINARY_REM},     {TOKEN_ASSIGN_SHL, BINARY_SHL},
        {TOKEN_ASSIGN_AND, BINARY_BIT_AND}, {TOKEN_ASSIGN_OR, BINARY_BIT_OR},
        {TOKEN_ASSIGN_XOR, BINARY_BIT_XOR},
    };
    *op = BINARY_ADD;
    *is_compound = !at(p, TOKEN_ASSIGN);
    if (!*is_compound)
        return 1;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (at(p, table[i].token))
            return *op = table[i].op, 1;
    *op = BINARY_SHR;
    return at(p, TOKEN_GT) && peek_behind(p, 1) == TOKEN_GT && peek_behind(p, 2) == TOKEN_ASSIGN
               ? 3
               : 0;
}

static bool at_assign(const struct parser *p) {
    return (peek(p) >= TOKEN_ASSIGN && peek(p) <= TOKEN_ASSIGN_XOR) || at(p, TOKEN_GT);
}

// assignment = range [ ("=" | "+=" | …) range ]
struct ast_expr *parse_expr_or_assign(struct parser *p) {
    int32_t start = p->token->start;
    if (p->failed || !parser_enter(p))
        return expr_error(p);
    struct ast_expr *e = parse_choice(p);
    enum ast_binary op;
    bool is_compound;
    int tokens = p->failed || !at_assign(p) ? 0 : assign_operator(p, &op, &is_compound);
    if (tokens) {
        int32_t op_start = p->token->start;
        p->token += tokens;
        struct ast_expr *value = parse_choice(p), *target = e;
        e = expr_new(p, EXPR_ASSIGN, start);
        e->assign.is_compound = is_compound;
        e->assign.op = op;
        e->assign.op_start = op_start;
        e->assign.target = target;
        e->assign.value = value;
    }
    parser_leave(p);
    return e;
}

// expr = range. An `=` behind it is most likely meant to compare.
struct ast_expr *parse_expr(struct parser *p) {
    if (p->failed || !parser_enter(p))
        return expr_error(p);
    struct ast_expr *e = parse_choice(p);
    if (!p->failed && at(p, TOKEN_ASSIGN)) {
        struct span span = token_span(p, p->token);
        struct diag *d = parser_report(p, P1020, span, "`=` assigns and cannot stand here");
        diag_fix(p->sink, d, span, STR("=="), "compare with `==`");
        advance(p);
        parse_range(p);
    }
    parser_leave(p);
    return e;
}

struct ast_expr *parse_matched(struct parser *p) {
    enum head in_head = p->in_head;
    p->in_head = HEAD_EXPR;
    struct ast_expr *e = parse_binary(p, infixes[TOKEN_AND_AND].binds + 1);
    p->in_head = in_head;
    return e;
}

struct ast_expr *parse_head_expr(struct parser *p) {
    enum head in_head = p->in_head;
    p->in_head = HEAD_EXPR;
    struct ast_expr *e = parse_expr(p);
    p->in_head = in_head;
    return e;
}
