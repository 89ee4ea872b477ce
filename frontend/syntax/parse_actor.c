// SPDX-License-Identifier: MIT
// Actors of every flavour, and what belongs to their world: monitors, services, capabilities.
#include "frontend/syntax/parser.h"

#include <assert.h>

static struct ast_expr *parse_clause_expr(struct parser *p) {
    enum head in_head = p->in_head;
    p->in_head = HEAD_CLAUSE;
    struct ast_expr *e = parse_expr(p);
    p->in_head = in_head;
    return e;
}

// ---- mailboxes ----------------------------------------------------------------------------------

// mailbox = "mailbox" expr [ "block" | "reject" | "drop_oldest" ]
static struct ast_mailbox *parse_mailbox(struct parser *p) {
    struct ast_mailbox *mailbox = arena_new(p->arena, struct ast_mailbox);
    int32_t start = p->token->start;
    advance(p);
    mailbox->capacity = parse_clause_expr(p);
    if (p->failed)
        ;
    else if (accept(p, TOKEN_REJECT))
        mailbox->policy = MAILBOX_REJECT;
    else if (accept(p, TOKEN_DROP_OLDEST))
        mailbox->policy = MAILBOX_DROP_OLDEST;
    else if (!accept(p, TOKEN_BLOCK) && at_name(p) && !p->token->on_new_line)
        parser_expected(p, P1003, "`block`, `reject` or `drop_oldest`");
    mailbox->span = span_from(p, start);
    return mailbox;
}

static void set_mailbox(struct parser *p, struct ast_mailbox **slot, struct ast_mailbox *mailbox) {
    if (*slot) {
        struct diag *d = parser_report(p, P1024, mailbox->span, "`mailbox` is declared twice");
        diag_label(p->sink, d, (*slot)->span, "the first declaration");
    }
    *slot = mailbox;
}

void parse_mailbox_item(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    item->kind = ITEM_MAILBOX;
    item->mailbox = parse_mailbox(p);
    expect_semicolon(p, "this mailbox");
}

// ---- limits -------------------------------------------------------------------------------------

static uint64_t parse_unit(struct parser *p) {
    static const struct {
        const char *name;
        uint64_t bytes;
    } units[] = {{"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
    if (p->failed || !at_name(p) || p->token->on_new_line)
        return 1;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (str_is(token_source(p, p->token), units[i].name)) {
            advance(p);
            return units[i].bytes;
        }
    parser_expected(p, P1003, "`B`, `KiB`, `MiB` or `GiB`");
    return 1;
}

// limit = "grace" expr ";" | "memory" expr [ "B" | "KiB" | "MiB" | "GiB" ] ";"
void parse_limit_item(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    struct ast_limit *limit = arena_new(p->arena, struct ast_limit);
    int32_t start = p->token->start;
    item->kind = ITEM_LIMIT;
    item->limit = limit;
    limit->is_memory = at(p, TOKEN_MEMORY);
    advance(p);
    limit->value = parse_clause_expr(p);
    limit->unit = limit->is_memory ? parse_unit(p) : 1;
    limit->span = span_from(p, start);
    expect_semicolon(p, "this limit");
}

// ---- actors -------------------------------------------------------------------------------------

// actor_clauses = { effects | capabilities | where | "strategy" expr | mailbox }
static void parse_actor_clauses(struct parser *p, struct ast_actor *actor) {
    while (!p->failed) {
        parse_clauses(p, &actor->clauses);
        const struct token *word = p->token;
        if (at(p, TOKEN_MAILBOX)) {
            set_mailbox(p, &actor->mailbox, parse_mailbox(p));
        } else if (!p->failed && accept(p, TOKEN_STRATEGY)) {
            if (actor->strategy)
                parser_report(p, P1024, token_span(p, word), "`strategy` is declared twice");
            actor->strategy = parse_clause_expr(p);
        } else {
            return;
        }
    }
}

// `{ ... }`: what the actor holds is not told.
static bool parse_opaque(struct parser *p) {
    bool is_opaque =
        at(p, TOKEN_LBRACE) && peek_behind(p, 1) == TOKEN_HOLE && peek_behind(p, 2) == TOKEN_RBRACE;
    if (is_opaque)
        p->token += 3;
    return is_opaque;
}

static enum ast_actor_flavour parse_flavour(struct parser *p) {
    enum token_kind word = peek(p);
    advance(p);
    switch (word) {
    case TOKEN_ACTOR:
        return ACTOR_PLAIN;
    case TOKEN_SUPERVISOR:
        return ACTOR_SUPERVISOR;
    case TOKEN_EVENT_BUS:
        return ACTOR_EVENT_BUS;
    case TOKEN_PROVIDER:
        return ACTOR_PROVIDER;
    case TOKEN_MODEL:
        return ACTOR_MODEL;
    default:
        assert(word == TOKEN_REENTRANT);
        expect(p, TOKEN_ACTOR);
        return ACTOR_REENTRANT;
    }
}

// A mailbox among the members is that of the actor.
static void take_mailboxes(struct parser *p, struct ast_actor *actor) {
    for (int32_t i = 0; i < actor->members.len; i++)
        if (actor->members.at[i]->kind == ITEM_MAILBOX)
            set_mailbox(p, &actor->mailbox, actor->members.at[i]->mailbox);
}

// actor = ( ["reentrant"] "actor" | "supervisor" | "event_bus" | "provider" | "model" )
//         NAME generics [ "for" type ] actor_clauses ( members | "{" "..." "}" )
void parse_actor(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    struct ast_actor *actor = arena_new(p->arena, struct ast_actor);
    item->kind = ITEM_ACTOR;
    item->actor = actor;
    actor->flavour = parse_flavour(p);
    item->name = expect_name(p, "the name of an actor");
    actor->generics = parse_generics(p);
    bool implements = actor->flavour == ACTOR_PROVIDER || actor->flavour == ACTOR_MODEL;
    if (implements) {
        expect(p, TOKEN_FOR);
        actor->implements = parse_result_type(p);
    }
    parse_actor_clauses(p, actor);
    actor->is_opaque = parse_opaque(p);
    if (actor->is_opaque)
        return;
    int32_t mark = list_begin(p);
    parse_members(p, IN_ACTOR);
    list_end(p, mark, &actor->members);
    take_mailboxes(p, actor);
}

// To the next child, or the end of the children.
static void skip_child(struct parser *p) {
    int open = 0;
    for (; !at(p, TOKEN_END); advance(p)) {
        enum token_kind kind = peek(p);
        if (open == 0 && (kind == TOKEN_COMMA || kind == TOKEN_SEMICOLON || kind == TOKEN_RBRACE))
            break;
        open += kind == TOKEN_LPAREN || kind == TOKEN_LBRACKET || kind == TOKEN_LBRACE;
        open -= kind == TOKEN_RPAREN || kind == TOKEN_RBRACKET || kind == TOKEN_RBRACE;
    }
    p->failed = false;
}

// `a: A.new() maxRetries 3`: what is asked of a child stands among the arguments.
static void say_loose_option(struct parser *p) {
    struct diag *d = parser_expected(p, P1003, "`;`, or `}` behind the last child");
    diag_note(p->sink, d,
              "what is asked of a child is an argument: `Worker.new(1, maxRetries: 3)`");
    skip_child(p);
}

// children = "children" "{" [ child { ("," | ";") child } ] "}"           child = NAME ":" expr
void parse_children(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    item->kind = ITEM_CHILDREN;
    item->children = arena_new(p->arena, struct ast_children);
    advance(p);
    const struct token *opener = p->token;
    int32_t mark = list_begin(p);
    if (!expect(p, TOKEN_LBRACE))
        return;
    while (!p->failed && !at(p, TOKEN_RBRACE)) {
        struct ast_child child = {0};
        int32_t start = p->token->start;
        child.name = expect_name(p, "the name of a child");
        expect(p, TOKEN_COLON);
        child.recipe = parse_expr(p);
        child.span = span_from(p, start);
        list_push(p, child);
        if (!p->failed && at_name(p))
            say_loose_option(p);
        if (!accept(p, TOKEN_COMMA) && !accept(p, TOKEN_SEMICOLON))
            break;
    }
    list_end(p, mark, &item->children->children);
    expect_close(p, TOKEN_RBRACE, opener);
}

// invariant = "invariant" ( [ NAME ":" ] expr ";" | [ NAME [ ":" ] ] block )
void parse_invariant(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    item->kind = ITEM_INVARIANT;
    advance(p);
    enum token_kind behind = peek_behind(p, 1);
    if (at_name(p) && (behind == TOKEN_COLON || behind == TOKEN_LBRACE)) {
        item->name = expect_name(p, "the name of an invariant");
        accept(p, TOKEN_COLON);
    }
    bool is_block = at(p, TOKEN_LBRACE);
    item->invariant = is_block ? parse_block_like(p) : parse_expr(p);
    if (!is_block)
        expect_semicolon(p, "this invariant");
}

// ---- monitors -----------------------------------------------------------------------------------

// monitor = "monitor" NAME generics members
void parse_monitor(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    item->kind = ITEM_MONITOR;
    item->monitor = arena_new(p->arena, struct ast_monitor);
    advance(p);
    item->name = expect_name(p, "the name of a monitor");
    item->monitor->generics = parse_generics(p);
    int32_t mark = list_begin(p);
    parse_members(p, IN_MONITOR);
    list_end(p, mark, &item->monitor->members);
}

// event = path [ type_args "." NAME ]
static void parse_event(struct parser *p, struct ast_state_handler *handler) {
    handler->event = parse_path(p, "the name of an event");
    if (p->failed || !at(p, TOKEN_LT))
        return;
    int32_t start = handler->event.span.start, mark = list_begin(p);
    for (int32_t i = 0; i < handler->event.names.len; i++)
        list_push(p, handler->event.names.at[i]);
    handler->args = parse_type_args(p);
    if (expect(p, TOKEN_DOT)) {
        struct ast_name message = expect_name(p, "the name of a message");
        list_push(p, message);
    }
    list_end(p, mark, &handler->event.names);
    handler->event.span = span_from(p, start);
}

// handler = "on" event [ "(" closure_params ")" ] [ "if" expr ] [ "->" NAME ] ( block | ";" )
static struct ast_state_handler parse_state_handler(struct parser *p) {
    struct ast_state_handler handler = {0};
    int32_t start = p->token->start;
    expect(p, TOKEN_ON);
    parse_event(p, &handler);
    const struct token *opener = p->token;
    if (!p->failed && accept(p, TOKEN_LPAREN)) {
        int32_t mark = list_begin(p);
        parse_closure_params(p, TOKEN_RPAREN);
        list_end(p, mark, &handler.params);
        expect_close(p, TOKEN_RPAREN, opener);
    }
    if (!p->failed && accept(p, TOKEN_IF))
        handler.guard = parse_head_expr(p);
    if (!p->failed && accept(p, TOKEN_ARROW))
        handler.target = expect_name(p, "the name of a state");
    if (!p->failed && at(p, TOKEN_LBRACE))
        handler.body = parse_block(p);
    else
        expect_semicolon(p, "this transition");
    handler.span = span_from(p, start);
    return handler;
}

// state = [ "hot" | "cold" ] "state" NAME "{" { handler } "}"
void parse_state(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    struct ast_state *state = arena_new(p->arena, struct ast_state);
    item->kind = ITEM_STATE;
    item->state = state;
    if (accept(p, TOKEN_HOT))
        state->temperature = STATE_HOT;
    else if (accept(p, TOKEN_COLD))
        state->temperature = STATE_COLD;
    expect(p, TOKEN_STATE);
    item->name = expect_name(p, "the name of a state");
    const struct token *opener = p->token;
    int32_t mark = list_begin(p);
    if (!expect(p, TOKEN_LBRACE))
        return;
    while (!p->failed && !at(p, TOKEN_RBRACE)) {
        struct ast_state_handler handler = parse_state_handler(p);
        list_push(p, handler);
    }
    list_end(p, mark, &state->handlers);
    expect_close(p, TOKEN_RBRACE, opener);
}

// ---- services and capabilities ------------------------------------------------------------------

// service = "service" NAME generics clauses members
void parse_service(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    item->kind = ITEM_SERVICE;
    item->service = arena_new(p->arena, struct ast_service);
    advance(p);
    item->name = expect_name(p, "the name of a service");
    item->service->generics = parse_generics(p);
    parse_clauses(p, &item->service->clauses);
    int32_t mark = list_begin(p);
    parse_members(p, IN_SERVICE);
    list_end(p, mark, &item->service->members);
}

// capability_member = NAME [ params ] [ "=" path { "+" path } ]
static struct ast_capability_member parse_capability_member(struct parser *p) {
    struct ast_capability_member member = {0};
    struct ast_function holder = {0};
    int32_t start = p->token->start;
    member.name = expect_name(p, "the name of a capability");
    if (!p->failed && at(p, TOKEN_LPAREN))
        parse_params(p, &holder);
    member.params.at = holder.params.at;
    member.params.len = holder.params.len;
    int32_t mark = list_begin(p);
    if (!p->failed && accept(p, TOKEN_ASSIGN)) {
        do {
            struct ast_path part = parse_path(p, "the name of a capability");
            list_push(p, part);
        } while (!p->failed && accept(p, TOKEN_ADD));
    }
    list_end(p, mark, &member.parts);
    member.span = span_from(p, start);
    return member;
}

// capability = "capability" NAME [ "covers" path { "," path } ]
//              "{" [ capability_member { ("," | ";") capability_member } ] "}"
void parse_capability(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    struct ast_capability *capability = arena_new(p->arena, struct ast_capability);
    item->kind = ITEM_CAPABILITY;
    item->capability = capability;
    advance(p);
    item->name = expect_name(p, "the name of a family of capabilities");
    int32_t mark = list_begin(p);
    if (!p->failed && accept(p, TOKEN_COVERS)) {
        do {
            struct ast_path path = parse_path(p, "the name of a capability");
            list_push(p, path);
        } while (!p->failed && accept(p, TOKEN_COMMA));
    }
    list_end(p, mark, &capability->covers);
    const struct token *opener = p->token;
    mark = list_begin(p);
    if (!expect(p, TOKEN_LBRACE))
        return;
    while (!p->failed && !at(p, TOKEN_RBRACE)) {
        struct ast_capability_member member = parse_capability_member(p);
        list_push(p, member);
        if (!accept(p, TOKEN_COMMA) && !accept(p, TOKEN_SEMICOLON))
            break;
    }
    list_end(p, mark, &capability->members);
    expect_close(p, TOKEN_RBRACE, opener);
}
