// SPDX-License-Identifier: MIT
// Operators, from the weakest to the strongest: `=`, `..`, the binary ones by their table, the
// prefixes and `await`, and the postfixes.
#include "frontend/syntax/parser.h"

#include <assert.h>

static struct ast_expr *expr_error(struct parser *p) {
    return expr_new(p, EXPR_ERROR, p->token->start);
}

static struct ast_expr *expr_end(struct parser *p, struct ast_expr *e) {
    e->span = span_from(p, e->span.start);
    return e;
}

// ---- binary operators ---------------------------------------------------------------------------

// How strongly an operator binds; 0 is no operator. Comparisons do not chain.
enum { BINDS_COMPARISON = 3 };
struct operator{
    uint8_t binds, tokens; // tokens: `>=` and `>>` are two
    enum ast_binary op;
};

static struct operator plain_operator(enum token_kind kind) {
    switch (kind) {
    case TOKEN_OR_OR:
        return (struct operator){1, 1, BINARY_OR};
    case TOKEN_AND_AND:
        return (struct operator){2, 1, BINARY_AND};
    case TOKEN_EQ:
        return (struct operator){3, 1, BINARY_EQ};
    case TOKEN_NE:
        return (struct operator){3, 1, BINARY_NE};
    case TOKEN_LT:
        return (struct operator){3, 1, BINARY_LT};
    case TOKEN_LE:
        return (struct operator){3, 1, BINARY_LE};
    case TOKEN_OR:
        return (struct operator){4, 1, BINARY_BIT_OR};
    case TOKEN_XOR:
        return (struct operator){5, 1, BINARY_BIT_XOR};
    case TOKEN_AND:
        return (struct operator){6, 1, BINARY_BIT_AND};
    case TOKEN_SHL:
        return (struct operator){7, 1, BINARY_SHL};
    case TOKEN_ADD:
        return (struct operator){8, 1, BINARY_ADD};
    case TOKEN_SUB:
        return (struct operator){8, 1, BINARY_SUB};
    case TOKEN_MUL:
        return (struct operator){9, 1, BINARY_MUL};
    case TOKEN_DIV:
        return (struct operator){9, 1, BINARY_DIV};
    case TOKEN_REM:
        return (struct operator){9, 1, BINARY_REM};
    default:
        return (struct operator){0};
    }
}

// The operators that begin with `>`: the lexer leaves it alone, since it also closes types.
static struct operator greater_operator(const struct parser *p) {
    const struct token *t = p->token;
    bool is_joined = t != p->last && is_adjacent(t, t + 1);
    enum token_kind next = is_joined ? (enum token_kind)t[1].kind : TOKEN_END;
    if (next == TOKEN_ASSIGN)
        return (struct operator){3, 2, BINARY_GE};
    if (next != TOKEN_GT)
        return (struct operator){3, 1, BINARY_GT};
    bool is_assign = t + 2 < p->last && t[2].kind == TOKEN_ASSIGN && is_adjacent(t + 1, t + 2);
    return is_assign ? (struct operator){0} : (struct operator){7, 2, BINARY_SHR};
}

static struct operator operator_here(const struct parser *p) {
    return at(p, TOKEN_GT) ? greater_operator(p) : plain_operator(peek(p));
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

static void parse_increment(struct parser *p) {
    struct span span = {p->source, p->token->start, p->token[1].end};
    const char *text = at(p, TOKEN_ADD) ? "+" : "-";
    struct diag *d = parser_report(p, P1022, span, "there is no `%s%s`", text, text);
    diag_fix(p->sink, d, span, str_format(p->arena, " %s= 1", text), "write `%s= 1`", text);
    p->token += 2;
}

// binary = unary { operator unary }, by precedence climbing.
static struct ast_expr *parse_binary(struct parser *p, int binds_min) {
    int32_t start = p->token->start, chain = chain_begin(p);
    struct ast_expr *left = parse_unary(p);
    bool is_comparison = false;
    while (!p->failed) {
        struct operator o = operator_here(p);
        if (o.binds && at_increment(p)) {
            parse_increment(p);
            continue;
        }
        if (o.binds < binds_min || !o.binds)
            break;
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

// ---- ranges and assignments ---------------------------------------------------------------------

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
    struct ast_expr *e = parse_range(p);
    enum ast_binary op;
    bool is_compound;
    int tokens = p->failed || !at_assign(p) ? 0 : assign_operator(p, &op, &is_compound);
    if (tokens) {
        int32_t op_start = p->token->start;
        p->token += tokens;
        struct ast_expr *value = parse_range(p), *target = e;
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
    struct ast_expr *e = parse_range(p);
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

struct ast_expr *parse_head_expr(struct parser *p) {
    enum head in_head = p->in_head;
    p->in_head = HEAD_EXPR;
    struct ast_expr *e = parse_expr(p);
    p->in_head = in_head;
    return e;
}

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

// One postfix, or NULL if there is none here.
static struct ast_expr *parse_one_postfix(struct parser *p, struct ast_expr *e, int32_t start) {
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
        advance(p);
        return wrap(p, EXPR_TRY, e, start);
    case TOKEN_NOT:
        return e->kind == EXPR_NAME && peek_behind(p, 1) == TOKEN_LPAREN ? parse_macro(p, e, start)
                                                                         : NULL;
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
        struct ast_expr *next = parse_one_postfix(p, e, start);
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
