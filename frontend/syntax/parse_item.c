// SPDX-License-Identifier: MIT
// Items: one table says which word begins what, and where it may stand. Modules, imports and
// foreign functions are read here; the others in parse_function.c, parse_data.c and parse_actor.c.
#include "frontend/syntax/parser.h"

#include <assert.h>

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
    [TOKEN_GRACE] = {parse_limit_item, IN_ACTOR, "a grace period"},
    [TOKEN_MEMORY] = {parse_limit_item, IN_ACTOR, "a limit of memory"},
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
        {"var", "const"},       {"static", "const"},     {"typealias", "type"},  {"export", "pub"},
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
    else if (str_is(text, "distinct"))
        diag_note(p->sink, d, "a type of its own is written `type Name = distinct u64;`");
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
        const struct token *begin = p->token;
        struct ast_item *item = parse_item(p, context);
        if (item)
            list_push(p, item);
        if (p->failed)
            sync_item(p, begin);
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
