// SPDX-License-Identifier: MIT
// Items: what a module consists of, and the members of traits, impls, actors and the like. One
// table says which word begins what, and where it may stand.
#include "frontend/syntax/parser.h"

#include <assert.h>

// ---- functions ----------------------------------------------------------------------------------

// param = ["mut"] NAME ":" type [ "=" expr ]
static struct ast_param parse_param(struct parser *p) {
    struct ast_param param = {0};
    int32_t start = p->token->start;
    bool is_mut = accept(p, TOKEN_MUT);
    param.binding = binding_new(p, expect_name(p, "the name of a parameter"), is_mut);
    if (!p->failed && (at(p, TOKEN_COMMA) || at(p, TOKEN_RPAREN))) {
        struct diag *d = parser_fail(p, P1003, span_from(p, start), "this parameter has no type");
        diag_note(p->sink, d, "a parameter is written `name: Type`");
    }
    expect(p, TOKEN_COLON);
    param.type = parse_type(p);
    if (!p->failed && accept(p, TOKEN_ASSIGN))
        param.default_value = parse_expr(p);
    param.span = span_from(p, start);
    return param;
}

// `self` or `mut self`, the first parameter of a method.
static void parse_self_param(struct parser *p, struct ast_function *function) {
    int32_t start = p->token->start;
    function->self = accept(p, TOKEN_MUT) ? SELF_MUT : SELF_READ;
    advance(p);
    function->self_span = span_from(p, start);
    function->self_binding = p->module->binding_count++;
    if (!at(p, TOKEN_RPAREN))
        expect(p, TOKEN_COMMA);
}

static bool at_self_param(const struct parser *p) {
    return at(p, TOKEN_SELF) || (at(p, TOKEN_MUT) && peek_behind(p, 1) == TOKEN_SELF);
}

// params = "(" [ self_param ] [ param { "," param } [","] ] ")"
void parse_params(struct parser *p, struct ast_function *function) {
    const struct token *opener = p->token;
    int32_t mark = list_begin(p);
    if (!expect(p, TOKEN_LPAREN))
        return;
    function->has_params = true;
    if (at_self_param(p))
        parse_self_param(p, function);
    while (!p->failed && !at(p, TOKEN_RPAREN)) {
        struct ast_param param = parse_param(p);
        list_push(p, param);
        if (!accept(p, TOKEN_COMMA))
            break;
    }
    list_end(p, mark, &function->params);
    expect_close(p, TOKEN_RPAREN, opener);
}

// `@builtin "name"` before a function: its body is the compiler's.
static bool is_builtin(const struct parser *p) {
    for (int32_t i = 0; i < p->enclosing->len; i++)
        if (strcmp(p->enclosing->at[i].name.text, "builtin") == 0)
            return true;
    return false;
}

// A body, or `;` where there can be none. `context` says which of the two.
static void parse_body(struct parser *p, struct ast_item *item, enum item_context context) {
    bool is_declaration = context == IN_SERVICE || context == IN_EXTERN ||
                          (context == IN_MODULE && item->kind == ITEM_MESSAGE);
    const struct token *t = p->token;
    struct ast_function *function = item->function;
    if (p->failed)
        return;
    if (at(p, TOKEN_LBRACE)) {
        function->body = parse_block(p);
        if (is_declaration) {
            struct diag *d = parser_report(p, P1026, token_span(p, t), "there can be no body here");
            diag_note(p->sink, d,
                      context == IN_SERVICE  ? "a service says what there is; its providers and "
                                               "models say how it is done"
                      : context == IN_EXTERN ? "the body of a foreign function is elsewhere"
                                             : "a message outside of actors is only declared; "
                                               "actors that take it give it a body");
        }
        return;
    }
    if (is_declaration || context == IN_TRAIT || (at(p, TOKEN_SEMICOLON) && is_builtin(p))) {
        expect_semicolon(p, "this declaration");
    } else if (at(p, TOKEN_SEMICOLON)) {
        struct diag *d = parser_report(p, P1025, token_span(p, t), "a body is missing");
        diag_label(p->sink, d, ast_name_span(token_span(p, t), item->name), "of this");
        advance(p);
    } else {
        parser_expected(p, P1003,
                        function->result || !function->has_params ? "`{`" : "`->` or `{`");
    }
}

// signature = generics params clauses [ "->" type ] clauses
static void parse_signature(struct parser *p, struct ast_function *function, bool needs_params) {
    function->self_binding = -1;
    function->generics = parse_generics(p);
    if (needs_params || at(p, TOKEN_LPAREN))
        parse_params(p, function);
    parse_clauses(p, &function->clauses);
    if (!p->failed && accept(p, TOKEN_ARROW))
        function->result = parse_result_type(p);
    parse_clauses(p, &function->clauses);
}

// function = ["async"] "function" NAME signature [ "model" path ] ( block | ";" )
void parse_function(struct parser *p, struct ast_item *item, enum item_context context) {
    item->kind = ITEM_FUNCTION;
    item->function = arena_new(p->arena, struct ast_function);
    item->function->is_async = accept(p, TOKEN_ASYNC);
    expect(p, TOKEN_FUNCTION);
    item->name = expect_name(p, "the name of a function");
    parse_signature(p, item->function, true);
    if (!p->failed && context == IN_EXTERN && accept(p, TOKEN_MODEL)) {
        item->function->model = arena_new(p->arena, struct ast_path);
        *item->function->model = parse_path(p, "the name of a function");
    }
    parse_body(p, item, context);
}

// callable = ("message" | "test" | "property" | "chaos_test") NAME signature ( block | ";" )
//          | ON_NAME signature block                   the parentheses may be left out in both
void parse_callable(struct parser *p, struct ast_item *item, enum item_context context) {
    enum token_kind word = peek(p);
    item->kind = word == TOKEN_MESSAGE      ? ITEM_MESSAGE
                 : word == TOKEN_TEST       ? ITEM_TEST
                 : word == TOKEN_PROPERTY   ? ITEM_PROPERTY
                 : word == TOKEN_CHAOS_TEST ? ITEM_CHAOS_TEST
                                            : ITEM_HOOK;
    item->function = arena_new(p->arena, struct ast_function);
    if (item->kind != ITEM_HOOK)
        advance(p);
    item->name = expect_name(p, item->kind == ITEM_MESSAGE ? "the name of a message" : "a name");
    parse_signature(p, item->function, false);
    parse_body(p, item, context);
}

// ---- constants and types ------------------------------------------------------------------------

// const = "const" NAME [ ":" type ] [ "=" expr ] ";"
static void parse_const(struct parser *p, struct ast_item *item, enum item_context context) {
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
static void parse_type_item(struct parser *p, struct ast_item *item, enum item_context context) {
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

static enum ast_visibility parse_visibility(struct parser *p) {
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
    while (!p->failed && !at(p, closer) && !at(p, TOKEN_END)) {
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
static void parse_struct(struct parser *p, struct ast_item *item, enum item_context context) {
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
static void parse_enum(struct parser *p, struct ast_item *item, enum item_context context) {
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
    while (!p->failed && !at(p, TOKEN_RBRACE) && !at(p, TOKEN_END)) {
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
static void parse_trait(struct parser *p, struct ast_item *item, enum item_context context) {
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
static void parse_impl(struct parser *p, struct ast_item *item, enum item_context context) {
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

// ---- modules, imports, foreign functions --------------------------------------------------------

// module = ("module" | "section") NAME members
static void parse_module(struct parser *p, struct ast_item *item, enum item_context context) {
    item->kind = at(p, TOKEN_MODULE) ? ITEM_MODULE : ITEM_SECTION;
    item->module = arena_new(p->arena, struct ast_module);
    advance(p);
    item->name = expect_name(p, "the name of a module");
    int32_t mark = list_begin(p);
    parse_members(p, context);
    list_end(p, mark, &item->module->items);
}

// import_names = "{" [ NAME [ "as" NAME ] { "," … } [","] ] "}"
static void parse_import_names(struct parser *p, struct ast_import *import) {
    const struct token *opener = p->token;
    int32_t mark = list_begin(p);
    import->has_names = true;
    advance(p);
    while (!p->failed && !at(p, TOKEN_RBRACE)) {
        struct ast_import_name name = {.name = expect_name(p, "the name of what is imported")};
        if (!p->failed && accept(p, TOKEN_AS))
            name.alias = expect_name(p, "a name");
        list_push(p, name);
        if (!accept(p, TOKEN_COMMA))
            break;
    }
    list_end(p, mark, &import->names);
    expect_close(p, TOKEN_RBRACE, opener);
}

// import = "import" path [ "." ( "*" | import_names ) | "as" NAME ] ";"
static void parse_import(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    struct ast_import *import = arena_new(p->arena, struct ast_import);
    item->kind = ITEM_IMPORT;
    item->import = import;
    advance(p);
    import->path = parse_path(p, "the name of a module");
    if (!p->failed && (accept(p, TOKEN_DOT) || accept(p, TOKEN_PATH))) {
        if (accept(p, TOKEN_MUL))
            import->is_all = true;
        else if (at(p, TOKEN_LBRACE))
            parse_import_names(p, import);
        else
            parser_expected(p, P1003, "a name, `*` or `{`");
    } else if (!p->failed && accept(p, TOKEN_AS)) {
        item->name = expect_name(p, "a name");
    } else {
        item->name = import->path.names.at[import->path.names.len - 1];
    }
    expect_semicolon(p, "this import");
}

// extern = "extern" STRING ( members | function )
static void parse_extern(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    struct ast_extern *foreign = arena_new(p->arena, struct ast_extern);
    item->kind = ITEM_EXTERN;
    item->foreign = foreign;
    foreign->abi = STR("C");
    advance(p);
    if (at(p, TOKEN_STRING))
        foreign->abi = parse_literal(p)->string;
    else
        parser_expected(p, P1003, "`\"C\"`");
    int32_t mark = list_begin(p);
    if (at(p, TOKEN_LBRACE)) {
        parse_members(p, IN_EXTERN);
    } else if (!p->failed) {
        struct ast_item *function = parse_item(p, IN_EXTERN);
        if (function)
            list_push(p, function);
    }
    list_end(p, mark, &foreign->members);
}

// ---- the table ----------------------------------------------------------------------------------

struct item_rule {
    void (*parse)(struct parser *p, struct ast_item *item, enum item_context context);
    int contexts; // a set of item_context
    const char *title;
};

enum { IN_ANY_TYPE = IN_MODULE | IN_TRAIT | IN_IMPL | IN_SERVICE };

static const struct item_rule item_rules[TOKEN_KIND_COUNT] = {
    [TOKEN_ACTOR] = {parse_actor, IN_MODULE, "an actor"},
    [TOKEN_ASYNC] = {parse_function, IN_ANY_TYPE | IN_ACTOR | IN_MONITOR | IN_EXTERN, "a function"},
    [TOKEN_CAPABILITY] = {parse_capability, IN_MODULE, "a family of capabilities"},
    [TOKEN_CHAOS_TEST] = {parse_callable, IN_MODULE, "a test"},
    [TOKEN_CHILDREN] = {parse_children, IN_ACTOR, "a list of children"},
    [TOKEN_COLD] = {parse_state, IN_MONITOR, "a state"},
    [TOKEN_CONST] = {parse_const, IN_ANY_TYPE | IN_ACTOR | IN_MONITOR, "a constant"},
    [TOKEN_ENUM] = {parse_enum, IN_MODULE, "an enum"},
    [TOKEN_EVENT_BUS] = {parse_actor, IN_MODULE, "an event bus"},
    [TOKEN_EXTERN] = {parse_extern, IN_MODULE, "a foreign function"},
    [TOKEN_FUNCTION] = {parse_function, IN_ANY_TYPE | IN_ACTOR | IN_MONITOR | IN_EXTERN,
                        "a function"},
    [TOKEN_HOT] = {parse_state, IN_MONITOR, "a state"},
    [TOKEN_IMPL] = {parse_impl, IN_MODULE, "an `impl`"},
    [TOKEN_IMPORT] = {parse_import, IN_MODULE, "an import"},
    [TOKEN_INVARIANT] = {parse_invariant, IN_ACTOR | IN_MONITOR, "an invariant"},
    [TOKEN_MAILBOX] = {parse_mailbox_item, IN_ACTOR, "the size of a mailbox"},
    [TOKEN_MESSAGE] = {parse_callable, IN_MODULE | IN_ACTOR, "a message"},
    [TOKEN_MODEL] = {parse_actor, IN_MODULE, "a model"},
    [TOKEN_MODULE] = {parse_module, IN_MODULE, "a module"},
    [TOKEN_MONITOR] = {parse_monitor, IN_MODULE, "a monitor"},
    [TOKEN_PROPERTY] = {parse_callable, IN_MODULE, "a property"},
    [TOKEN_PROVIDER] = {parse_actor, IN_MODULE, "a provider"},
    [TOKEN_REENTRANT] = {parse_actor, IN_MODULE, "an actor"},
    [TOKEN_SECTION] = {parse_module, IN_MODULE, "a section"},
    [TOKEN_SERVICE] = {parse_service, IN_MODULE, "a service"},
    [TOKEN_STATE] = {parse_state, IN_MONITOR, "a state"},
    [TOKEN_STRUCT] = {parse_struct, IN_MODULE, "a struct"},
    [TOKEN_SUPERVISOR] = {parse_actor, IN_MODULE, "a supervisor"},
    [TOKEN_TEST] = {parse_callable, IN_MODULE, "a test"},
    [TOKEN_TRAIT] = {parse_trait, IN_MODULE, "a trait"},
    [TOKEN_TYPE] = {parse_type_item, IN_ANY_TYPE, "a type"},
};

// A field: NAME ":" type [ "=" expr ] ";"
static void parse_field_item(struct parser *p, struct ast_item *item, enum item_context context) {
    (void)context;
    item->kind = ITEM_FIELD;
    item->field = arena_new(p->arena, struct ast_field);
    *item->field = parse_field(p, false);
    item->field->visibility = item->visibility;
    item->name = item->field->name;
    if (!p->failed && !accept(p, TOKEN_COMMA))
        expect_semicolon(p, "this field");
}

static bool at_hook(const struct parser *p) {
    enum token_kind next = peek_behind(p, 1);
    return at(p, TOKEN_NAME) && str_starts(token_source(p, p->token), STR("on_")) &&
           (next == TOKEN_LBRACE || next == TOKEN_LPAREN || next == TOKEN_EFFECTS ||
            next == TOKEN_CAPABILITIES || next == TOKEN_ARROW);
}

static struct item_rule rule_here(const struct parser *p, enum item_context context) {
    static const struct item_rule field = {parse_field_item, IN_ACTOR | IN_MONITOR, "a field"};
    static const struct item_rule hook = {parse_callable, IN_ACTOR, "a hook"};
    bool has_fields = context == IN_ACTOR || context == IN_MONITOR;
    if (has_fields && at_name(p) && peek_behind(p, 1) == TOKEN_COLON)
        return field;
    if (at_hook(p))
        return hook;
    if (at(p, TOKEN_ASYNC) && peek_behind(p, 1) != TOKEN_FUNCTION)
        return (struct item_rule){0};
    return item_rules[peek(p)];
}

static const char *context_title(enum item_context context) {
    switch (context) {
    case IN_MODULE:
        return "a module";
    case IN_TRAIT:
        return "a trait";
    case IN_IMPL:
        return "an `impl`";
    case IN_ACTOR:
        return "an actor";
    case IN_MONITOR:
        return "a monitor";
    case IN_SERVICE:
        return "a service";
    case IN_EXTERN:
        return "an `extern` block";
    }
    assert(!"a context");
    return "";
}

// ---- what is no item ----------------------------------------------------------------------------

static const char *foreign_item(struct str text) {
    static const struct {
        const char *written, *meant;
    } table[] = {
        {"fn", "function"},     {"func", "function"},    {"def", "function"},   {"fun", "function"},
        {"class", "struct"},    {"data", "struct"},      {"record", "struct"},  {"union", "enum"},
        {"interface", "trait"}, {"protocol", "trait"},   {"use", "import"},     {"using", "import"},
        {"mod", "module"},      {"namespace", "module"}, {"public", "pub"},     {"let", "const"},
        {"var", "const"},       {"static", "const"},     {"typealias", "type"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (str_is(text, table[i].written))
            return table[i].meant;
    static const char *const words[] = {
        "actor",   "async",      "capability", "chaos_test", "const",     "enum",    "event_bus",
        "extern",  "function",   "impl",       "import",     "message",   "model",   "module",
        "monitor", "property",   "provider",   "pub",        "reentrant", "section", "service",
        "struct",  "supervisor", "test",       "trait",      "type",
    };
    return diag_nearest(text, words, sizeof words / sizeof *words);
}

static void no_item(struct parser *p, enum item_context context) {
    struct span span = token_span(p, p->token);
    struct str text = token_source(p, p->token);
    bool is_word = at_name(p) || at(p, TOKEN_LET);
    const char *meant = is_word ? foreign_item(text) : NULL;
    char what[64];
    snprintf(what, sizeof what, context == IN_MODULE ? "an item" : "a member of %s",
             context_title(context));
    struct diag *d = parser_expected(p, P1016, what);
    if (meant)
        diag_fix(p->sink, d, span, str_from(meant), "write `%s`", meant);
    else if (context == IN_MODULE)
        diag_note(p->sink, d,
                  "a module consists of functions, actors, types, constants, tests and "
                  "the like; statements stand in functions");
}

// An item that cannot stand here is read all the same, so that what follows it is understood.
static void misplaced(struct parser *p, const struct item_rule *rule, enum item_context context) {
    struct diag *d = parser_report(p, P1027, token_span(p, p->token), "%s cannot stand in %s",
                                   rule->title, context_title(context));
    if (rule->contexts & IN_MODULE)
        return;
    for (int c = IN_MODULE; c <= IN_EXTERN; c *= 2)
        if (rule->contexts & c)
            diag_note(p->sink, d, "it can stand in %s", context_title((enum item_context)c));
}

// ---- the whole ----------------------------------------------------------------------------------

// Annotations before an item are its own, but `@aiContext` within braces is what encloses it.
static void parse_annotations(struct parser *p, struct annotation_list *own) {
    while (at(p, TOKEN_AT) && !p->failed) {
        struct ast_annotation annotation = parse_annotation(p);
        bool is_outer = p->depth > 0 && strcmp(annotation.name.text, "aiContext") == 0;
        vec_push(p->arena, is_outer ? p->enclosing : own, annotation);
    }
}

static struct ast_item *item_new(struct parser *p, int32_t start, enum ast_visibility visibility) {
    struct ast_item *item = arena_new(p->arena, struct ast_item);
    item->id = p->module->item_count++;
    item->visibility = visibility;
    item->span = span_from(p, start);
    return item;
}

// item = { annotation } [ "pub" | "private" ] …
struct ast_item *parse_item(struct parser *p, enum item_context context) {
    struct annotation_list own = {0}, *outer = p->enclosing;
    parse_annotations(p, &own);
    if (at(p, TOKEN_RBRACE) || at(p, TOKEN_END)) {
        for (int32_t i = 0; i < own.len; i++)
            vec_push(p->arena, p->enclosing, own.at[i]);
        return NULL;
    }
    if (p->failed)
        return NULL;
    int32_t start = p->token->start;
    enum ast_visibility visibility = parse_visibility(p);
    struct item_rule rule = rule_here(p, context);
    if (!rule.parse) {
        no_item(p, context);
        return NULL;
    }
    bool fits = rule.contexts & context;
    if (!fits)
        misplaced(p, &rule, context);
    struct ast_item *item = item_new(p, start, visibility);
    if (!parser_enter(p))
        return NULL;
    p->enclosing = &own;
    rule.parse(p, item, fits ? context : rule.contexts & IN_MODULE ? IN_MODULE : IN_ACTOR);
    p->enclosing = outer;
    parser_leave(p);
    item->span = span_from(p, start);
    item->annotations.at = own.at;
    item->annotations.len = own.len;
    return fits ? item : NULL;
}

// An item that can only stand outside, and is not indented deeper than the line of `opener`: the
// `}` before it is missing.
static bool is_beyond(const struct parser *p, enum item_context context,
                      const struct token *opener) {
    if (!opener || context == IN_MODULE || !at_item(p))
        return false;
    bool is_public = at(p, TOKEN_PUB) || at(p, TOKEN_PRIVATE);
    struct item_rule rule = is_public ? item_rules[peek_behind(p, 1)] : rule_here(p, context);
    return rule.parse && !(rule.contexts & context) && is_outdented(p, opener);
}

static void parse_items_within(struct parser *p, enum item_context context,
                               const struct token *opener) {
    while (!at(p, TOKEN_RBRACE) && !at(p, TOKEN_END) && !is_beyond(p, context, opener)) {
        struct ast_item *item = parse_item(p, context);
        if (item)
            list_push(p, item);
        if (p->failed)
            sync_item(p);
        accept(p, TOKEN_SEMICOLON);
    }
}

void parse_items(struct parser *p, enum item_context context) {
    parse_items_within(p, context, NULL);
}

// members = "{" { item } "}"
void parse_members(struct parser *p, enum item_context context) {
    const struct token *opener = p->token;
    if (!expect(p, TOKEN_LBRACE))
        return;
    parse_items_within(p, context, opener);
    if (is_beyond(p, context, opener)) {
        struct diag *d = parser_report(p, P1005, token_span(p, opener), "this `{` is not closed");
        diag_label(p->sink, d, token_span(p, p->token), "`}` is missing before this");
    } else {
        expect_close(p, TOKEN_RBRACE, opener);
    }
}
