// SPDX-License-Identifier: MIT
// Operands: names, literals, what is in brackets and braces, closures.
#include "frontend/syntax/parser.h"

// ---- records and struct literals ----------------------------------------------------------------

static bool is_word(enum token_kind kind) {
    return token_is_name(kind) || token_is_keyword(kind);
}

// `{` followed by `a.b.c :`.
bool at_record(const struct parser *p) {
    int i = 1;
    if (!at(p, TOKEN_LBRACE) || !is_word(peek_behind(p, i)))
        return false;
    for (i++; peek_behind(p, i) == TOKEN_DOT && is_word(peek_behind(p, i + 1)); i += 2)
        ;
    return peek_behind(p, i) == TOKEN_COLON;
}

// key = NAME { "." NAME }, keywords being names here.
static struct ast_path parse_record_key(struct parser *p) {
    struct ast_path path = {0};
    int32_t start = p->token->start, mark = list_begin(p);
    do {
        const struct token *t = p->token;
        struct ast_name name = no_name(p);
        if (is_word(peek(p))) {
            name = (struct ast_name){token_name(p, t), t->start, t->end};
            advance(p);
        } else {
            parser_expected(p, P1003, "the name of a field");
        }
        list_push(p, name);
    } while (!p->failed && accept(p, TOKEN_DOT));
    list_end(p, mark, &path.names);
    path.span = span_from(p, start);
    return path;
}

// record = "{" [ key ":" expr { "," key ":" expr } [","] ] "}"
struct ast_expr *parse_record(struct parser *p) {
    const struct token *opener = p->token;
    struct ast_expr *e = expr_new(p, EXPR_RECORD, opener->start);
    enum head in_head = p->in_head;
    int32_t mark = list_begin(p);
    p->in_head = HEAD_NONE;
    advance(p);
    while (!p->failed && !at(p, TOKEN_RBRACE)) {
        struct ast_record_field field = {0};
        int32_t start = p->token->start;
        field.key = parse_record_key(p);
        expect(p, TOKEN_COLON);
        field.value = parse_expr(p);
        field.span = span_from(p, start);
        list_push(p, field);
        if (!accept(p, TOKEN_COMMA))
            break;
    }
    list_end(p, mark, &e->record.fields);
    p->in_head = in_head;
    expect_close(p, TOKEN_RBRACE, opener);
    e->span = span_from(p, opener->start);
    return e;
}

// The last name of `e`, if it is nothing but names.
static const char *last_name(const struct ast_expr *e) {
    const char *last = e->kind == EXPR_NAME     ? e->name.text
                       : e->kind == EXPR_MEMBER ? e->member.name.text
                                                : NULL;
    while (e->kind == EXPR_MEMBER)
        e = e->member.object;
    return e->kind == EXPR_NAME ? last : NULL;
}

bool is_struct_path(const struct ast_expr *e) {
    const char *name = last_name(e);
    return name && name[0] >= 'A' && name[0] <= 'Z';
}

// `a.b.C::<T>` as a type.
static struct ast_type_expr *type_of_path(struct parser *p, const struct ast_expr *e,
                                          int32_t start) {
    struct ast_type_expr *type = type_expr_new(p, TYPE_EXPR_PATH, start);
    int32_t mark = list_begin(p);
    const struct ast_expr *parts[16];
    int count = 0;
    for (; e->kind == EXPR_MEMBER && count < 15; e = e->member.object)
        parts[count++] = e;
    if (e->kind == EXPR_MEMBER)
        parser_fail(p, P1004, e->span, "this path has more than 16 names");
    parts[count++] = e;
    while (count--) {
        const struct ast_expr *part = parts[count];
        struct ast_type_segment segment = {0};
        if (part->kind == EXPR_NAME) {
            segment.name = (struct ast_name){part->name.text, part->span.start,
                                             part->span.start + (int32_t)strlen(part->name.text)};
            segment.args = part->name.type_args;
        } else {
            segment.name = part->member.name;
            segment.args = part->member.type_args;
        }
        list_push(p, segment);
    }
    list_end(p, mark, &type->path.segments);
    return type;
}

static struct ast_expr *name_expr(struct parser *p, struct ast_name name) {
    struct ast_expr *e = expr_new(p, EXPR_NAME, name.start);
    e->name.text = name.text;
    return e;
}

// struct_literal = path "{" [ field { "," field } [","] ] [ ".." expr ] "}"
// `x = 1` for `x: 1` is understood.
static bool accept_field_value(struct parser *p) {
    if (p->failed || !at(p, TOKEN_ASSIGN))
        return accept(p, TOKEN_COLON);
    struct span span = token_span(p, p->token);
    struct diag *d = parser_report(p, P1022, span, "a field is given as `name: value`");
    diag_fix(p->sink, d, span, STR(":"), "write `:`");
    advance(p);
    return true;
}

// field = NAME [ ":" expr ]
struct ast_expr *parse_struct_literal(struct parser *p, struct ast_expr *path, int32_t start) {
    struct ast_type_expr *type = type_of_path(p, path, start);
    struct ast_expr *e = expr_new(p, EXPR_STRUCT, start);
    const struct token *opener = p->token;
    enum head in_head = p->in_head;
    int32_t mark = list_begin(p);
    p->in_head = HEAD_NONE;
    advance(p);
    e->literal.type = type;
    while (!p->failed && !at(p, TOKEN_RBRACE)) {
        if (accept(p, TOKEN_RANGE)) {
            e->literal.base = parse_expr(p);
            break;
        }
        struct ast_field_value field = {0};
        int32_t field_start = p->token->start;
        field.name = expect_name(p, "the name of a field");
        field.value = accept_field_value(p) ? parse_expr(p) : name_expr(p, field.name);
        field.span = span_from(p, field_start);
        list_push(p, field);
        if (!accept(p, TOKEN_COMMA))
            break;
    }
    list_end(p, mark, &e->literal.fields);
    p->in_head = in_head;
    if (e->literal.base && !p->failed && at(p, TOKEN_COMMA)) {
        struct diag *d = parser_expected(p, P1003, "`}`");
        diag_note(p->sink, d, "`..` with the value that gives the other fields stands last.");
    }
    expect_close(p, TOKEN_RBRACE, opener);
    e->span = span_from(p, start);
    return e;
}

// ---- brackets -----------------------------------------------------------------------------------

// The expressions up to `closer`, onto the list stack. Returns whether there is a comma.
static bool parse_exprs(struct parser *p, enum token_kind closer) {
    bool has_comma = false;
    while (!p->failed && !at(p, closer)) {
        struct ast_expr *element = parse_expr(p);
        list_push(p, element);
        if (!accept(p, TOKEN_COMMA))
            break;
        has_comma = true;
    }
    return has_comma;
}

// "(" [ expr { "," expr } [","] ] ")"; one expression without a comma is only grouped.
static struct ast_expr *parse_tuple(struct parser *p) {
    const struct token *opener = p->token;
    enum head in_head = p->in_head;
    int32_t mark = list_begin(p);
    AST_LIST(struct ast_expr *) elements;
    p->in_head = HEAD_NONE;
    advance(p);
    bool has_comma = parse_exprs(p, TOKEN_RPAREN);
    p->in_head = in_head;
    list_end(p, mark, &elements);
    expect_close(p, TOKEN_RPAREN, opener);
    if (elements.len == 1 && !has_comma)
        return elements.at[0];
    struct ast_expr *e = expr_new(p, EXPR_TUPLE, opener->start);
    e->sequence.elements.at = elements.at;
    e->sequence.elements.len = elements.len;
    return e;
}

// list = "[" [ expr { "," expr } [","] ] "]"
static struct ast_expr *parse_list(struct parser *p) {
    const struct token *opener = p->token;
    struct ast_expr *e = expr_new(p, EXPR_LIST, opener->start);
    enum head in_head = p->in_head;
    int32_t mark = list_begin(p);
    p->in_head = HEAD_NONE;
    advance(p);
    parse_exprs(p, TOKEN_RBRACKET);
    p->in_head = in_head;
    list_end(p, mark, &e->sequence.elements);
    expect_close(p, TOKEN_RBRACKET, opener);
    e->span = span_from(p, opener->start);
    return e;
}

// ---- closures -----------------------------------------------------------------------------------

// closure_params = [ param { "," param } [","] ] closer        param = single_pattern [ ":" type ]
// Onto the list stack.
void parse_closure_params(struct parser *p, enum token_kind closer) {
    while (!p->failed && !at(p, closer)) {
        struct ast_closure_param param = {0};
        param.pattern = parse_single_pattern(p);
        if (!p->failed && accept(p, TOKEN_COLON))
            param.type = parse_type(p);
        list_push(p, param);
        if (!accept(p, TOKEN_COMMA))
            break;
    }
}

// closure = ("||" | "|" closure_params "|") [ "->" type ] expr
static struct ast_expr *parse_closure(struct parser *p) {
    const struct token *opener = p->token;
    struct ast_expr *e = expr_new(p, EXPR_CLOSURE, opener->start);
    struct ast_closure *closure = arena_new(p->arena, struct ast_closure);
    int32_t mark = list_begin(p);
    enum head in_head = p->in_head;
    e->closure = closure;
    if (!accept(p, TOKEN_OR_OR)) {
        advance(p);
        p->in_head = HEAD_NONE;
        parse_closure_params(p, TOKEN_OR);
        p->in_head = in_head;
        expect(p, TOKEN_OR);
    }
    list_end(p, mark, &closure->params);
    if (!p->failed && accept(p, TOKEN_ARROW))
        closure->result = parse_result_type(p);
    closure->body = parse_expr_or_assign(p);
    e->span = span_from(p, opener->start);
    return e;
}

// ---- names and the whole ------------------------------------------------------------------------

// What others write for what Prism has.
static void check_foreign_name(struct parser *p, const struct token *t) {
    static const struct {
        const char *written, *note;
    } table[] = {
        {"new", "write `Name.new(…)`"},
        {"var", "write `let mut`"},
        {"fn", "write `function`, or a closure `|x| …`"},
        {"func", "write `function`, or a closure `|x| …`"},
        {"throw", "write `return Err(…)`, or `crash(…)` to end the actor"},
        {"try", "write `…?`, or `async with error_boundary() { … } catch e { … }`"},
        {"switch", "write `match`"},
        {"elif", "write `else if`"},
        {"elsif", "write `else if`"},
        {"unless", "write `if !…`"},
        {"do", "a block is written `{ … }`"},
        {"use", "write `import`, outside of functions"},
    };
    // Any of them may be a name; with an operand behind it, it is none.
    enum token_kind next = peek_behind(p, 1);
    if (!token_is_name(next) && next != TOKEN_SELF && next != TOKEN_LBRACE)
        return;
    if (p->token[1].on_new_line || (next == TOKEN_LBRACE && p->in_head))
        return;
    struct str text = token_source(p, t);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!str_is(text, table[i].written))
            continue;
        struct diag *d = parser_fail(p, P1022, token_span(p, t), "`%s` means nothing in Prism",
                                     table[i].written);
        diag_note(p->sink, d, "%s", table[i].note);
    }
}

static struct ast_expr *parse_name(struct parser *p) {
    const struct token *t = p->token;
    if (at(p, TOKEN_NAME))
        check_foreign_name(p, t);
    advance(p);
    struct ast_expr *e = expr_new(p, EXPR_NAME, t->start);
    e->name.text = token_name(p, t);
    return e;
}

static struct ast_expr *parse_word(struct parser *p, enum ast_expr_kind kind) {
    int32_t start = p->token->start;
    advance(p);
    return expr_new(p, kind, start);
}

// operand = literal | NAME | "self" | "Self" | "..." | tuple | list | record | block_like | async
//         | closure | "return" … | "break" … | "continue" …
struct ast_expr *parse_operand(struct parser *p) {
    if (p->failed)
        return expr_error(p);
    switch (peek(p)) {
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_STRING:
    case TOKEN_CHAR:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        return parse_literal(p);
    case TOKEN_SELF:
        return parse_word(p, EXPR_SELF);
    case TOKEN_HOLE:
        return parse_word(p, EXPR_HOLE);
    case TOKEN_SELF_TYPE:
        return parse_name(p);
    case TOKEN_LPAREN:
        return parse_tuple(p);
    case TOKEN_LBRACKET:
        return parse_list(p);
    case TOKEN_LBRACE:
        return at_record(p) ? parse_record(p) : parse_block_like(p);
    case TOKEN_OR:
    case TOKEN_OR_OR:
        return parse_closure(p);
    case TOKEN_ASYNC:
        return parse_async(p);
    case TOKEN_IF:
    case TOKEN_MATCH:
    case TOKEN_WHILE:
    case TOKEN_FOR:
    case TOKEN_LOOP:
    case TOKEN_LABEL:
        return parse_block_like(p);
    case TOKEN_RETURN:
    case TOKEN_BREAK:
    case TOKEN_CONTINUE:
        return parse_jump(p);
    default:
        break;
    }
    if (at_name(p))
        return parse_name(p);
    struct diag *d = parser_expected(p, P1013, "an expression");
    if (at(p, TOKEN_LET) && p->token > p->first && p->token[-1].kind == TOKEN_AND_AND)
        diag_note(p->sink, d,
                  "a pattern stands in the condition of an `if` or `while`, not in parentheses");
    return expr_error(p);
}
