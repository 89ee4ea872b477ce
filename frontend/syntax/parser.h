// SPDX-License-Identifier: MIT
// parser: what the parse_ files share.
//
// A function named parse_X reads the grammar symbol X of docs/grammar.md, beginning at the current
// token, and leaves the first token behind it as the current one. It always returns a whole node.
//
// Errors: parser_fail gives a diagnostic and sets `failed`. While that is set, further errors are
// silent and functions return what they have without taking tokens, until somebody who knows where
// to go on does so and clears it: the end of a bracket (expect_close), a statement, a member, an
// item. parser_report gives a diagnostic for something that can be passed over at once.
#ifndef PRISM_SYNTAX_PARSER_H
#define PRISM_SYNTAX_PARSER_H

#include "frontend/syntax/lexer.h"
#include "frontend/syntax/syntax.h"

struct annotation_list {
    struct ast_annotation *at;
    int32_t len, cap;
};

// Where `Path {` is no struct literal: before the block of an `if`, `while`, `match`, `for` or
// `async with`, and before the braces of an actor.
enum head { HEAD_NONE, HEAD_EXPR, HEAD_CLAUSE };

struct parser {
    struct arena *arena;   // of the tree
    struct arena *scratch; // of tokens and unfinished lists
    struct intern_table *names;
    const struct source *source;
    struct diag_sink *sink;
    struct module_ast *module; // its counts give the ids

    const struct token *token;        // the current one
    const struct token *first, *last; // of all; `last` is TOKEN_END

    bool failed;
    const struct token *failed_at; // where the latest diagnostic was given, or NULL
    const struct token *scan_from; // what closer_ahead found last, and from where
    const struct token *scan_stop;

    enum head in_head;
    int32_t depth, peak;               // see parser_enter and parser_sink
    struct annotation_list *enclosing; // where `@aiContext` within braces goes

    struct { // the items of unfinished lists, innermost last
        char *at;
        int32_t len, cap;
    } stack;
    VEC(struct ast_function *) bodies; // that were read
};

// ---- tokens -------------------------------------------------------------------------------------

static inline enum token_kind peek(const struct parser *p) {
    return (enum token_kind)p->token->kind;
}
static inline bool at(const struct parser *p, enum token_kind kind) {
    return p->token->kind == kind;
}
// The kind of the token `n` behind the current one.
static inline enum token_kind peek_behind(const struct parser *p, int n) {
    return p->last - p->token <= n ? TOKEN_END : (enum token_kind)p->token[n].kind;
}
static inline bool at_name(const struct parser *p) {
    return token_is_name(peek(p));
}
static inline void advance(struct parser *p) {
    p->token += p->token != p->last;
}
// Takes the token if it is of that kind.
static inline bool accept(struct parser *p, enum token_kind kind) {
    bool found = at(p, kind);
    if (found)
        advance(p);
    return found;
}
// Two tokens without a space between them.
static inline bool is_adjacent(const struct token *left, const struct token *right) {
    return left->end == right->start;
}

// Takes a token of that kind, or fails with "expected …, found …" (P1003).
bool expect(struct parser *p, enum token_kind kind);
// Takes the closing bracket that belongs to `opener`. If it isn't here, fails; but when one stands
// further on in the same statement, goes on behind it as if nothing had happened.
void expect_close(struct parser *p, enum token_kind kind, const struct token *opener);
// Takes a name; "" if there is none. `what` says what for: "a field name".
struct ast_name expect_name(struct parser *p, const char *what);

const char *token_name(struct parser *p, const struct token *token); // interned
struct str token_source(const struct parser *p, const struct token *token);
struct span token_span(const struct parser *p, const struct token *token);
// From `start` to the end of the token taken last; empty, and there, if none was taken since
// `start`. So a node for what is missing lies within the node that misses it.
struct span span_from(const struct parser *p, int32_t start);
// "", at the end of the token taken last.
struct ast_name no_name(const struct parser *p);

// ---- errors -------------------------------------------------------------------------------------

// Both return NULL if the error is silent because an earlier one explains it; the diag_ functions
// accept that.
struct diag *parser_fail(struct parser *p, enum diag_code code, struct span span,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));
struct diag *parser_report(struct parser *p, enum diag_code code, struct span span,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));
// Fails with "expected `what`, found `the current token`".
struct diag *parser_expected(struct parser *p, enum diag_code code, const char *what);
// Passes over the rest of a statement or item that is broken, and clears `failed`. Takes at least
// the token `begin` with which it began.
void sync_stmt(struct parser *p, const struct token *begin);
void sync_item(struct parser *p, const struct token *begin);
// An item begins here: a keyword or a contextual word with a name behind it.
bool at_item(const struct parser *p);
// An item begins here that cannot be a field.
bool at_other_item(const struct parser *p);
// The current token begins a line and is not indented deeper than the line of `opener`.
bool is_outdented(const struct parser *p, const struct token *opener);

// ---- nesting ------------------------------------------------------------------------------------

// The recursion goes one deeper; every true is followed by parser_leave. False: too deep (P1004).
bool parser_enter(struct parser *p);
static inline void parser_leave(struct parser *p) {
    p->depth--;
}
// A loop that puts what it has read below a new node, as `a.b.c` and `a + b + c` do, makes the tree
// deeper without recursion. It brackets itself in chain_begin and chain_end, and calls parser_sink
// for each such node; false: too deep.
static inline int32_t chain_begin(struct parser *p) {
    int32_t outer = p->peak;
    p->peak = p->depth;
    return outer;
}
static inline void chain_end(struct parser *p, int32_t outer) {
    p->peak = p->peak > outer ? p->peak : outer;
}
bool parser_sink(struct parser *p);

// ---- lists --------------------------------------------------------------------------------------

// The items of a list are pushed on a stack and taken as an array when all are there:
//     int32_t mark = list_begin(p);  …list_push(p, item)…;  list_end(p, mark, &node->items);
static inline int32_t list_begin(const struct parser *p) {
    return p->stack.len;
}
void stack_push(struct parser *p, const void *item, size_t size);
void *stack_take(struct parser *p, int32_t mark, size_t size, int32_t *count);
#define list_push(p, item) stack_push((p), &(item), sizeof(item))
#define list_end(p, mark, list)                                                                    \
    ((list)->at = stack_take((p), (mark), sizeof *(list)->at, &(list)->len))

// ---- nodes --------------------------------------------------------------------------------------

struct ast_expr *expr_new(struct parser *p, enum ast_expr_kind kind, int32_t start);
struct ast_expr *expr_error(struct parser *p);                   // nothing, behind the last token
struct ast_expr *expr_end(struct parser *p, struct ast_expr *e); // it ends before the current token
struct ast_type_expr *type_expr_new(struct parser *p, enum ast_type_expr_kind kind, int32_t start);
struct ast_pattern *pattern_new(struct parser *p, enum ast_pattern_kind kind, int32_t start);
struct ast_binding binding_new(struct parser *p, struct ast_name name, bool is_mut);

// ---- names and clauses (parse.c, parse_clause.c) ------------------------------------------------

// `a.b.c`
struct ast_path parse_path(struct parser *p, const char *what);
// Takes `effects […]`, `capabilities […]` and `where …` as long as there are such.
void parse_clauses(struct parser *p, struct ast_clauses *clauses);
struct ast_ability parse_ability(struct parser *p);
void parse_wheres(struct parser *p, struct ast_clauses *clauses);
// `effects [` or `capabilities [` comes.
bool at_ability_clause(const struct parser *p);
// `effects […]` and `capabilities […]` only, or NULL.
struct ast_clauses *parse_postfix_clauses(struct parser *p);
struct ast_generics parse_generics(struct parser *p);
struct ast_annotation parse_annotation(struct parser *p);
// One within braces, which belongs to what encloses it.
static inline void parse_inner_annotation(struct parser *p) {
    struct ast_annotation annotation = parse_annotation(p);
    vec_push(p->arena, p->enclosing, annotation);
}

// ---- types (parse_type.c) -----------------------------------------------------------------------

struct ast_type_expr *parse_type(struct parser *p);
// A type whose effects, if a clause follows, are the header's and not its own.
struct ast_type_expr *parse_result_type(struct parser *p);
struct ast_type_args *parse_type_args(struct parser *p);
// `A + B`, onto the list stack.
void parse_bounds(struct parser *p);

// ---- patterns (parse_pattern.c) -----------------------------------------------------------------

// With `|`, and without.
struct ast_pattern *parse_pattern(struct parser *p);
struct ast_pattern *parse_single_pattern(struct parser *p);

// ---- expressions --------------------------------------------------------------------------------

// parse_expr.c
struct ast_expr *parse_expr(struct parser *p);
struct ast_expr *parse_expr_or_assign(struct parser *p);
struct ast_expr *parse_matched(struct parser *p);   // of a `let` in a condition: up to `&&`
struct ast_expr *parse_head_expr(struct parser *p); // no struct literal outside of brackets
bool at_choice(const struct parser *p); // the `?` of `c ? a : b` of other languages
void parse_missing_end(struct parser *p, const struct token *op);
// parse_unary.c
struct ast_expr *parse_unary(struct parser *p);
// parse_operand.c
struct ast_expr *parse_operand(struct parser *p);
struct ast_expr *parse_record(struct parser *p);
struct ast_expr *parse_struct_literal(struct parser *p, struct ast_expr *path, int32_t start);
bool is_struct_path(const struct ast_expr *e);
bool at_record(const struct parser *p);
struct ast_expr *parse_literal(struct parser *p); // parse_literal.c
// parse_control.c
bool at_block_like(const struct parser *p);
struct ast_expr *parse_block_like(struct parser *p);
struct ast_expr *parse_async(struct parser *p);
struct ast_expr *parse_jump(struct parser *p);
void parse_closure_params(struct parser *p, enum token_kind closer);

// ---- statements (parse_stmt.c) and items (parse_item.c, parse_actor.c) --------------------------

struct ast_block *parse_block(struct parser *p);
// Takes `;`. If it is missing, says so (P1017); fails unless a new line or `}` shows where to go
// on.
void expect_semicolon(struct parser *p, const char *after);

// What an item stands in; a set of them says where it may stand.
enum item_context {
    IN_MODULE = 1,
    IN_TRAIT = 2,
    IN_IMPL = 4,
    IN_ACTOR = 8,
    IN_MONITOR = 16,
    IN_SERVICE = 32,
    IN_EXTERN = 64,
};

// NULL if there is none, or it cannot stand here.
struct ast_item *parse_item(struct parser *p, enum item_context context);
// The items up to `}` or the end of the file, onto the list stack.
void parse_items(struct parser *p, enum item_context context);
// `{ items }`
void parse_members(struct parser *p, enum item_context context);
enum ast_visibility parse_visibility(struct parser *p);

// parse_function.c
void parse_function(struct parser *p, struct ast_item *item, enum item_context context);
void parse_callable(struct parser *p, struct ast_item *item, enum item_context context);
void parse_params(struct parser *p, struct ast_function *function);

// parse_data.c
void parse_const(struct parser *p, struct ast_item *item, enum item_context context);
void parse_type_item(struct parser *p, struct ast_item *item, enum item_context context);
void parse_struct(struct parser *p, struct ast_item *item, enum item_context context);
void parse_enum(struct parser *p, struct ast_item *item, enum item_context context);
void parse_trait(struct parser *p, struct ast_item *item, enum item_context context);
void parse_impl(struct parser *p, struct ast_item *item, enum item_context context);
// `name: type = value`, where the name may be left out if `is_tuple`.
struct ast_field parse_field(struct parser *p, bool is_tuple);

// parse_actor.c
void parse_actor(struct parser *p, struct ast_item *item, enum item_context context);
void parse_invariant(struct parser *p, struct ast_item *item, enum item_context context);
void parse_children(struct parser *p, struct ast_item *item, enum item_context context);
void parse_limit_item(struct parser *p, struct ast_item *item, enum item_context context);
void parse_mailbox_item(struct parser *p, struct ast_item *item, enum item_context context);
void parse_monitor(struct parser *p, struct ast_item *item, enum item_context context);
void parse_state(struct parser *p, struct ast_item *item, enum item_context context);
void parse_service(struct parser *p, struct ast_item *item, enum item_context context);
void parse_capability(struct parser *p, struct ast_item *item, enum item_context context);

#endif
