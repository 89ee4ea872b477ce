// SPDX-License-Identifier: MIT
// Going on after an error: behind the end of the broken bracket if it stands in the same statement,
// at the next statement, at the next item. Indentation tells where a `}` is missing.
#include "frontend/syntax/parser.h"

// ---- what may begin here ------------------------------------------------------------------------

static int bracket(enum token_kind kind) {
    bool opens = kind == TOKEN_LPAREN || kind == TOKEN_LBRACKET || kind == TOKEN_LBRACE;
    bool closes = kind == TOKEN_RPAREN || kind == TOKEN_RBRACKET || kind == TOKEN_RBRACE;
    return opens - closes;
}

static bool begins_stmt(enum token_kind kind) {
    switch (kind) {
    case TOKEN_LET:
    case TOKEN_RETURN:
    case TOKEN_IF:
    case TOKEN_WHILE:
    case TOKEN_FOR:
    case TOKEN_LOOP:
    case TOKEN_MATCH:
    case TOKEN_DEFER:
    case TOKEN_BREAK:
    case TOKEN_CONTINUE:
        return true;
    default:
        return false;
    }
}

static bool is_item_at(const struct parser *p, const struct token *t) {
    enum token_kind next = t == p->last ? TOKEN_END : (enum token_kind)t[1].kind;
    switch (t->kind) {
    case TOKEN_FUNCTION:
    case TOKEN_STRUCT:
    case TOKEN_ENUM:
    case TOKEN_TRAIT:
    case TOKEN_IMPL:
    case TOKEN_IMPORT:
    case TOKEN_EXTERN:
    case TOKEN_CONST:
    case TOKEN_TYPE:
    case TOKEN_PUB:
    case TOKEN_PRIVATE:
        return true;
    case TOKEN_ASYNC:
        return next == TOKEN_FUNCTION;
    case TOKEN_ACTOR:
    case TOKEN_CAPABILITY:
    case TOKEN_CHAOS_TEST:
    case TOKEN_EVENT_BUS:
    case TOKEN_MESSAGE:
    case TOKEN_MODEL:
    case TOKEN_MODULE:
    case TOKEN_MONITOR:
    case TOKEN_PROPERTY:
    case TOKEN_PROVIDER:
    case TOKEN_REENTRANT:
    case TOKEN_SECTION:
    case TOKEN_SERVICE:
    case TOKEN_SUPERVISOR:
    case TOKEN_TEST:
        return token_is_name(next) && !t[1].on_new_line;
    default:
        return false;
    }
}

bool at_item(const struct parser *p) {
    return is_item_at(p, p->token);
}

bool at_other_item(const struct parser *p) {
    return at_item(p) && !at(p, TOKEN_PUB) && !at(p, TOKEN_PRIVATE) &&
           peek_behind(p, 1) != TOKEN_COLON;
}

// ---- the ends of brackets -----------------------------------------------------------------------

enum { SCAN_TOKENS_MAX = 2000 }; // so that many broken statements do not each read the whole file

// The first token from here on that ends a bracket opened before here, or a statement, or that is
// too far away. The answer is kept, since each of many open brackets asks from the same place.
static const struct token *closer_ahead(struct parser *p) {
    if (p->scan_from == p->token)
        return p->scan_stop;
    const struct token *t = p->token;
    for (int32_t open = 0; t != p->last && t - p->token < SCAN_TOKENS_MAX; t++) {
        enum token_kind kind = (enum token_kind)t->kind;
        open += bracket(kind);
        if (open < 0 || (open == 0 && kind == TOKEN_SEMICOLON))
            break;
        if (t->on_new_line && t != p->token && (kind == TOKEN_LET || kind == TOKEN_RETURN) &&
            open == 0)
            break;
        if (t->on_new_line && is_item_at(p, t))
            break;
    }
    p->scan_from = p->token;
    p->scan_stop = t;
    return t;
}

// The end of a bracket is not here. What is here shows whether it is missing, or something is too
// much.
static void say_not_closed(struct parser *p, enum token_kind kind, const struct token *opener) {
    const char *closer = token_text(kind);
    struct span here = token_span(p, p->token), there = token_span(p, opener);
    bool is_missing =
        at(p, TOKEN_END) || at(p, TOKEN_SEMICOLON) || bracket(peek(p)) < 0 || at_item(p);
    if (is_missing) {
        struct diag *d = parser_fail(p, P1005, there, "this `%s` is not closed",
                                     token_text((enum token_kind)opener->kind));
        diag_label(p->sink, d, here, "`%s` is missing before this", closer);
        return;
    }
    char what[32];
    bool takes_comma = kind != TOKEN_GT && !at(p, TOKEN_COMMA);
    snprintf(what, sizeof what, takes_comma ? "`%s` or `,`" : "`%s`", closer);
    struct diag *d = parser_expected(p, P1003, what);
    diag_label(p->sink, d, there, "to close this");
}

void expect_close(struct parser *p, enum token_kind kind, const struct token *opener) {
    if (accept(p, kind)) {
        p->failed = false;
        return;
    }
    if (!p->failed)
        say_not_closed(p, kind, opener);
    const struct token *closer = closer_ahead(p);
    if (closer->kind == kind) {
        p->token = closer + 1;
        p->failed = false;
    }
}

// ---- indentation --------------------------------------------------------------------------------

enum { INDENT_BYTES_MAX = 1000 };

// The line on which a token stands, and how far it is indented, as far as anybody would.
static int32_t indent_of(const struct parser *p, const struct token *t, int32_t *line) {
    int32_t column, indent = 0;
    source_position(p->source, t->start, line, &column);
    const char *text = p->source->text.data + p->source->line_starts[*line - 1];
    while (indent < column - 1 && indent < INDENT_BYTES_MAX &&
           (text[indent] == ' ' || text[indent] == '\t'))
        indent++;
    return indent;
}

bool is_outdented(const struct parser *p, const struct token *opener) {
    int32_t opener_line, line;
    if (!p->token->on_new_line)
        return false;
    int32_t opener_indent = indent_of(p, opener, &opener_line);
    int32_t indent = indent_of(p, p->token, &line);
    return line != opener_line && indent <= opener_indent;
}

// ---- passing over what is broken ----------------------------------------------------------------

// Behind the bracket that closes the one here, or before an item that shows that it is missing.
static void skip_group(struct parser *p) {
    const struct token *opener = p->token;
    int32_t open = 0;
    do {
        if (p->token->on_new_line && at_item(p) && is_outdented(p, opener))
            return;
        open += bracket(peek(p));
        advance(p);
    } while (open > 0 && !at(p, TOKEN_END));
}

// When nobody will be shown more errors, the rest is not read.
static void sync_end(struct parser *p) {
    p->failed = false;
    if (p->sink->errors > DIAG_ERRORS_MAX)
        p->token = p->last;
}

void sync_stmt(struct parser *p, const struct token *begin) {
    while (!at(p, TOKEN_END) && !at(p, TOKEN_RBRACE)) {
        bool is_fresh = p->token->on_new_line && p->token != begin;
        bool was_wrong = is_fresh && p->token[-1].kind == TOKEN_WRONG;
        if (was_wrong || (is_fresh && (begins_stmt(peek(p)) || at_item(p))))
            break;
        if (accept(p, TOKEN_SEMICOLON))
            break;
        bool was_brace = at(p, TOKEN_LBRACE);
        if (bracket(peek(p)) > 0)
            skip_group(p);
        else
            advance(p);
        if (was_brace && p->token->on_new_line)
            break;
    }
    sync_end(p);
}

void sync_item(struct parser *p, const struct token *begin) {
    while (!at(p, TOKEN_END) && !at(p, TOKEN_RBRACE)) {
        if (p->token != begin && p->token->on_new_line && (at_item(p) || at(p, TOKEN_AT)))
            break;
        bool was_brace = at(p, TOKEN_LBRACE), was_end = at(p, TOKEN_SEMICOLON);
        if (bracket(peek(p)) > 0)
            skip_group(p);
        else
            advance(p);
        if ((was_brace || was_end) && p->token->on_new_line)
            break;
    }
    sync_end(p);
}
