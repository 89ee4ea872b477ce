// SPDX-License-Identifier: MIT
// ast: what a Prism source says, as a tree of plain data.
//
// The tree is made once by the parser and never changed. What later stages find out about a node
// they keep in arrays of their own: expressions, patterns, types, bindings and items each carry an
// `id` that counts densely from 0 within their module and their kind of node, and `module_ast` has
// the counts. Everything lives in the arena given to syntax_parse; names are interned, so equal
// names are equal pointers. Spans include the brackets of a node, but not parentheses around it.
//
// A pointer is never NULL and a list never has a hole unless the comment at the field says so. What
// could not be read is EXPR_ERROR, PATTERN_ERROR or TYPE_EXPR_ERROR; a diagnostic has then been
// given, and later stages stay silent about it. The height of the tree, over all kinds of nodes, is
// at most SYNTAX_NESTING_MAX times a small constant: recursion over it is safe.
#ifndef PRISM_SYNTAX_AST_H
#define PRISM_SYNTAX_AST_H

#include "frontend/diag/diag.h"

// An array of known length in the arena, looped over as a VEC is.
#define AST_LIST(T)                                                                                \
    struct {                                                                                       \
        T *at;                                                                                     \
        int32_t len;                                                                               \
    }

struct ast_annotation;
struct ast_block;
struct ast_expr;
struct ast_item;
struct ast_pattern;
struct ast_type_expr;

// ---- names --------------------------------------------------------------------------------------

// A name where it stands. Offsets are in the source of the node that holds it.
struct ast_name {
    const char *text; // interned; NULL means that there is none, where that is allowed
    int32_t start, end;
};

static inline struct span ast_name_span(struct span holder, struct ast_name name) {
    return (struct span){holder.source, name.start, name.end};
}

// `a.b.c` or `a::b::c` where only names can stand: imports, effects, capabilities, patterns. At
// least one name.
struct ast_path {
    AST_LIST(struct ast_name) names;
    struct span span;
};

// A name that holds a value: a parameter, what a pattern binds, `as scope`.
struct ast_binding {
    struct ast_name name; // "_" for a parameter without a name
    int32_t id;           // dense in the module
    bool is_mut;
};

// ---- clauses: what is declared of effects, capabilities and type parameters ---------------------

// `IO.Network`, `FileSystem.Read("/data/input")`, `!Time.Clock`
struct ast_ability {
    struct ast_path path;
    AST_LIST(struct ast_expr *) args; // capabilities only
    bool is_denied;                   // written with `!`
    struct span span;
};

// `T: Send + Sync`
struct ast_where {
    struct ast_type_expr *subject;
    AST_LIST(struct ast_type_expr *) bounds;
    struct span span;
};

// The clauses of a header, of a function type or of an expression. An empty list that was written
// (`effects []`: none at all) is not the same as no list.
struct ast_clauses {
    AST_LIST(struct ast_ability) effects;
    AST_LIST(struct ast_ability) capabilities;
    AST_LIST(struct ast_where) wheres; // headers only
    bool has_effects, has_capabilities;
    struct span effects_span, capabilities_span; // from the word to the `]`
};

// `T` or `T: Bound + Bound` between `<` and `>`.
struct ast_generic {
    struct ast_name name;
    AST_LIST(struct ast_type_expr *) bounds;
    struct span span;
};
struct ast_generics {
    AST_LIST(struct ast_generic) params; // empty if there are none
};

// ---- types --------------------------------------------------------------------------------------

enum ast_type_expr_kind {
    TYPE_EXPR_ERROR,
    TYPE_EXPR_INFER,    // `_`
    TYPE_EXPR_PATH,     // `Map<K, V>`, `Self.Item`, `a.b.C`
    TYPE_EXPR_TUPLE,    // `(A, B)`; `()` is the one with no elements; never one element
    TYPE_EXPR_FUNCTION, // `A -> B`, `(A, B) -> C effects [E]`
    TYPE_EXPR_MUT,      // `mut A`, of a parameter of a function type
};

// `T` or `Item = T` among type arguments.
struct ast_type_arg {
    struct ast_name name; // text is NULL if there is none
    struct ast_type_expr *type;
};
struct ast_type_args {
    AST_LIST(struct ast_type_arg) args;
    struct span span; // from `<` to `>`
};

struct ast_type_segment {
    struct ast_name name;       // "Self" too
    struct ast_type_args *args; // NULL if there are none
};

struct ast_type_expr {
    enum ast_type_expr_kind kind;
    int32_t id;
    struct span span;
    union {
        struct {
            AST_LIST(struct ast_type_segment) segments; // at least one
        } path;
        struct {
            AST_LIST(struct ast_type_expr *) elements;
        } tuple;
        struct {
            AST_LIST(struct ast_type_expr *) params;
            struct ast_type_expr *result;
            struct ast_clauses *clauses; // NULL if there are none
        } function;
        struct ast_type_expr *mutable;
    };
};

// ---- patterns -----------------------------------------------------------------------------------

enum ast_pattern_kind {
    PATTERN_ERROR,
    PATTERN_WILDCARD, // `_`
    PATTERN_BIND,     // `x`, `mut x`, `x @ P`: a name that begins with a lower-case letter or `_`
    PATTERN_PATH,     // `None`, `CircuitState.Open`, `TimeoutError`
    PATTERN_CALL,     // `Some(x)`, `PaymentError.Declined(reason)`, `ValidationError(_)`
    PATTERN_STRUCT,   // `Point { x, y: 0, .. }`
    PATTERN_TUPLE,    // `(a, b)`, `()`
    PATTERN_LITERAL,  // an integer, float, string, char or bool, perhaps behind `-`
    PATTERN_RANGE,    // `1..5`, `'a'..='z'`, `10..`
    PATTERN_OR,       // `A | B`
};

struct ast_field_pattern {
    struct ast_name name;
    struct ast_pattern *pattern; // for `x` alone a PATTERN_BIND of that name
    struct span span;
};

struct ast_pattern {
    enum ast_pattern_kind kind;
    int32_t id;
    struct span span;
    union {
        struct {
            struct ast_binding binding;
            struct ast_pattern *inner; // what stands behind `@`, or NULL
        } bind;
        struct ast_path path; // PATTERN_PATH
        struct {
            struct ast_path path;
            AST_LIST(struct ast_pattern *) elements; // without the `..`
            int32_t rest; // how many elements stand before `..`, or -1 if there is no `..`
        } call;
        struct {
            struct ast_path path;
            AST_LIST(struct ast_field_pattern) fields;
            bool has_rest; // ends in `..`
        } record;
        struct {
            AST_LIST(struct ast_pattern *) elements; // without the `..`
            int32_t rest;                            // as above
        } tuple;
        struct ast_expr *literal; // a literal, or EXPR_UNARY with UNARY_NEGATE of a number
        struct {
            struct ast_expr *low, *high; // literals as above; either may be NULL, not both
            bool is_inclusive;
        } range;
        struct {
            AST_LIST(struct ast_pattern *) alternatives; // at least two
        } any;
    };
};

// ---- expressions --------------------------------------------------------------------------------

enum ast_expr_kind {
    EXPR_ERROR,
    EXPR_INT,
    EXPR_FLOAT,
    EXPR_STRING,
    EXPR_CHAR,
    EXPR_BOOL,
    EXPR_HOLE,       // `...`
    EXPR_SELF,       // `self`
    EXPR_NAME,       // `x`, `Map`, `Vec::<u8>`; also `Self` and, before a `.`, `async`
    EXPR_MEMBER,     // `e.x`, `e::x`, `e.0`, `e.collect::<T>`: selects from a value, type or module
    EXPR_CALL,       // `f(a, timeout: b)`; a method call has an EXPR_MEMBER as callee
    EXPR_INDEX,      // `e[i]`
    EXPR_MACRO,      // `assert!(…)`
    EXPR_TRY,        // `e?`
    EXPR_AWAIT,      // `await e`, `e.await`
    EXPR_DECLARED,   // `e effects […] capabilities […]`, e being a call or an await
    EXPR_UNARY,      // `-e`, `!e`, `*place`
    EXPR_BINARY,     // `a + b`
    EXPR_RANGE,      // `a..b`, `a..=b`, `a..`, `..b`, `..`
    EXPR_ASSIGN,     // `place = e`, `place += e`; its value is ()
    EXPR_TUPLE,      // `(a, b)`; `()` is the one with no elements
    EXPR_LIST,       // `[a, b]`
    EXPR_RECORD,     // `{ a: x, B.c: y }`
    EXPR_STRUCT,     // `Point { x: 1, y, ..base }`
    EXPR_CLOSURE,    // `|a, (k, v): T| e`
    EXPR_BLOCK,      // `{ … }`
    EXPR_IF,         // with `if let` too
    EXPR_MATCH,      //
    EXPR_WHILE,      // with `while let` too
    EXPR_LOOP,       //
    EXPR_FOR,        //
    EXPR_ASYNC,      // `async { … }`
    EXPR_ASYNC_WITH, // `async with e as x { … } catch P { … }`
    EXPR_SELECT,     // `async.select { P = e => body, default => body }`
    EXPR_RETURN,     //
    EXPR_BREAK,      //
    EXPR_CONTINUE,   //
};

enum ast_unary { UNARY_NEGATE, UNARY_NOT, UNARY_PLACE /* the optional `*` before a place */ };

// In the order of the table that gives them their text (syntax_binary_text).
enum ast_binary {
    BINARY_ADD,
    BINARY_SUB,
    BINARY_MUL,
    BINARY_DIV,
    BINARY_REM,
    BINARY_SHL,
    BINARY_SHR,
    BINARY_BIT_AND,
    BINARY_BIT_OR,
    BINARY_BIT_XOR,
    BINARY_AND,
    BINARY_OR,
    BINARY_EQ,
    BINARY_NE,
    BINARY_LT,
    BINARY_LE,
    BINARY_GT,
    BINARY_GE,
};

// The condition of `if` and `while`: `value`, or `let pattern = value`, and what has to hold, too,
// where patterns are among several conditions with `&&` between.
struct ast_condition {
    struct ast_pattern *pattern; // NULL unless it is a `let`
    struct ast_expr *value;
    struct ast_condition *rest; // or NULL
};

struct ast_arg {
    struct ast_name name; // text is NULL for an argument by position
    struct ast_expr *value;
};

// `key: value` of a record.
struct ast_record_field {
    struct ast_path key;
    struct ast_expr *value;
    struct span span;
};

// `name: value` of a struct literal. `name` alone has an EXPR_NAME as value.
struct ast_field_value {
    struct ast_name name;
    struct ast_expr *value;
    struct span span;
};

struct ast_closure_param {
    struct ast_pattern *pattern;
    struct ast_type_expr *type; // NULL if it is to be inferred
};
struct ast_closure {
    AST_LIST(struct ast_closure_param) params;
    struct ast_type_expr *result; // NULL if it is to be inferred
    struct ast_expr *body;
};

struct ast_arm {
    struct ast_pattern *pattern;
    struct ast_expr *guard; // NULL if there is none
    struct ast_expr *body;
    struct span span;
};

struct ast_catch {
    bool is_boundary; // `catch_boundary(e) { … }`: pattern is then a PATTERN_BIND or NULL
    struct ast_pattern *pattern; // a lower-case name catches everything
    struct ast_expr *guard;      // NULL if there is none
    struct ast_block *body;
    struct span span;
};
struct ast_async_with {
    struct ast_expr *resource;   // `timeout(30.seconds)`
    struct ast_binding *binding; // `as scope`, or NULL
    struct ast_block *body;
    AST_LIST(struct ast_catch) catches;
};

// `pattern = operation if guard => body` of `async.select`.
struct ast_select_arm {
    struct ast_pattern *pattern; // NULL for `default =>`
    struct ast_expr *operation;  // NULL for `default =>`
    struct ast_expr *guard;      // NULL if there is none
    struct ast_expr *body;
    struct span span;
};

struct ast_expr {
    enum ast_expr_kind kind;
    int32_t id;
    struct span span;
    union {
        uint64_t int_value; // without a sign; the checker knows what fits
        double float_value;
        struct {
            struct str string; // unescaped UTF-8; may contain zero bytes
            // What `{name}` and `{a.b:…}` in it name, in their order, should it be a format.
            AST_LIST(struct ast_expr *) inlined;
        };
        uint32_t char_value;
        bool bool_value;
        struct {
            const char *text;                // interned; its place is the beginning of the span
            struct ast_type_args *type_args; // `::<…>`, or NULL
        } name;
        struct {
            struct ast_expr *object;
            struct ast_name name;            // digits for an element of a tuple
            struct ast_type_args *type_args; // `::<…>`, or NULL
        } member;
        struct {
            struct ast_expr *callee;
            AST_LIST(struct ast_arg) args;
        } call;
        struct {
            struct ast_expr *object, *index;
        } index;
        struct {
            struct ast_name name; // without the `!`
            AST_LIST(struct ast_arg) args;
        } macro;
        struct ast_expr *operand; // EXPR_TRY, EXPR_AWAIT
        struct {
            struct ast_expr *operand;
            struct ast_clauses *clauses;
        } declared;
        struct {
            enum ast_unary op;
            struct ast_expr *operand;
        } unary;
        struct {
            enum ast_binary op;
            int32_t op_start; // the place of the operator
            struct ast_expr *left, *right;
        } binary;
        struct {
            struct ast_expr *low, *high; // either may be NULL
            bool is_inclusive;
        } range;
        struct {
            bool is_compound;   // `place op= value`
            enum ast_binary op; // if so
            int32_t op_start;   // the place of the `=` or `op=`
            struct ast_expr *target, *value;
        } assign;
        struct {
            AST_LIST(struct ast_expr *) elements;
        } sequence; // EXPR_TUPLE, EXPR_LIST
        struct {
            AST_LIST(struct ast_record_field) fields;
        } record;
        struct {
            struct ast_type_expr *type; // TYPE_EXPR_PATH: a struct or a variant of an enum
            AST_LIST(struct ast_field_value) fields;
            struct ast_expr *base; // what stands behind `..`, or NULL
        } literal;
        struct ast_closure *closure;
        struct ast_block *block; // EXPR_BLOCK, EXPR_ASYNC
        struct {
            struct ast_condition condition;
            struct ast_block *then;
            struct ast_expr *otherwise; // NULL, EXPR_IF or EXPR_BLOCK
        } branch;                       // EXPR_IF
        struct {
            struct ast_expr *subject;
            AST_LIST(struct ast_arm) arms;
        } match;
        struct {
            struct ast_condition condition;
            struct ast_block *body;
            const char *label; // as below
        } while_loop;
        struct {
            struct ast_block *body;
            const char *label; // interned, without the `'`; NULL if there is none
        } loop;
        struct {
            struct ast_pattern *pattern;
            struct ast_expr *iterable;
            struct ast_block *body;
            const char *label; // as above
        } for_loop;
        struct ast_async_with *async_with;
        struct {
            AST_LIST(struct ast_select_arm) arms;
        } select;
        struct {
            struct ast_expr *value; // NULL if there is none
            const char *label;      // of break and continue; NULL if there is none
        } jump;                     // EXPR_RETURN, EXPR_BREAK, EXPR_CONTINUE
    };
};

// ---- statements ---------------------------------------------------------------------------------

enum ast_stmt_kind {
    STMT_LET,   // `let pattern: type = value else { … };`
    STMT_EXPR,  // an expression whose value is dropped
    STMT_DEFER, // `defer e;`, `defer { … }`
    STMT_BIND,  // `bind Service = provider;`: who implements a service from here to the scope's end
};

struct ast_stmt {
    enum ast_stmt_kind kind;
    struct span span;
    union {
        struct {
            struct ast_pattern *pattern; // `let mut x` is a PATTERN_BIND that is_mut
            struct ast_type_expr *type;  // NULL if it is to be inferred
            struct ast_expr *value;      // NULL if it is assigned later
            struct ast_block *otherwise; // `else { … }`, or NULL
        } let;
        struct ast_expr *expr; // STMT_EXPR, STMT_DEFER
        struct {
            struct ast_path service;
            struct ast_expr *provider;
        } bind;
    };
};

struct ast_block {
    struct span span; // with the braces
    AST_LIST(struct ast_stmt) stmts;
    struct ast_expr *value; // the last expression without `;`, a block-like one too; or NULL
};

// ---- functions and what resembles them ----------------------------------------------------------

struct ast_param {
    struct ast_binding binding; // is_mut: in-out
    struct ast_type_expr *type;
    struct ast_expr *default_value; // NULL if there is none
    struct span span;
};

enum ast_self { SELF_NONE, SELF_READ /* `self` */, SELF_MUT /* `mut self` */ };

// A function, message, hook or test: see the kind of the item. Its name is the item's.
struct ast_function {
    bool is_async;
    enum ast_self self; // the written parameter; actors' functions have a self without it
    struct span self_span;
    int32_t self_binding; // a binding id when `self` is written, else -1
    struct ast_generics generics;
    AST_LIST(struct ast_param) params;
    bool has_params;              // the parentheses were written
    struct ast_type_expr *result; // NULL if none is written: ()
    struct ast_clauses clauses;
    struct ast_path *model; // `model f` of a foreign function, or NULL
    struct ast_block *body; // NULL if it ends in `;`
    bool is_broken;         // there is an error in the body: parts of it may be missing
};

// ---- items: what stands in modules, traits, impls and actors ------------------------------------

enum ast_item_kind {
    // modules
    ITEM_MODULE,
    ITEM_SECTION, // transparent for names
    ITEM_IMPORT,
    ITEM_CONST, // in traits and impls too
    ITEM_STRUCT,
    ITEM_ENUM,
    ITEM_TYPE, // an alias, a distinct type, an associated type
    ITEM_TRAIT,
    ITEM_IMPL,
    ITEM_FUNCTION, // in traits, impls, actors, services, extern blocks too
    ITEM_ACTOR,    // every flavour of actor
    ITEM_MESSAGE,  // a declaration for all actors (no body), or a handler in an actor
    ITEM_TEST,
    ITEM_PROPERTY,
    ITEM_CHAOS_TEST,
    ITEM_MONITOR,
    ITEM_SERVICE,
    ITEM_CAPABILITY,
    ITEM_EXTERN,
    // only in actors and monitors
    ITEM_FIELD,
    ITEM_HOOK, // `on_start { … }`: any name that begins with on_
    ITEM_INVARIANT,
    ITEM_CHILDREN,
    ITEM_MAILBOX,
    ITEM_LIMIT,
    ITEM_STATE, // of a monitor
};

enum ast_visibility { VISIBILITY_DEFAULT, VISIBILITY_PUB, VISIBILITY_PRIVATE };

// `@name value`
struct ast_annotation {
    struct ast_name name;   // without the `@`
    struct ast_expr *value; // a record, string, list, tuple or number; NULL if there is none
    struct span span;
};

// A field of a struct, a payload of a variant, the state of an actor.
struct ast_field {
    struct ast_name name; // text is NULL for a field by position
    enum ast_visibility visibility;
    struct ast_type_expr *type;
    struct ast_expr *value; // what it begins with; NULL if there is none
    struct span span;
};

enum ast_shape { SHAPE_UNIT, SHAPE_TUPLE, SHAPE_RECORD };

struct ast_struct {
    struct ast_generics generics;
    struct ast_clauses clauses; // wheres only
    enum ast_shape shape;
    AST_LIST(struct ast_field) fields;
};

struct ast_variant {
    struct ast_name name;
    enum ast_shape shape;
    AST_LIST(struct ast_field) fields; // `Failed(after: Duration)`: names are optional in a tuple
    struct span span;
};
struct ast_enum {
    struct ast_generics generics;
    struct ast_clauses clauses; // wheres only
    AST_LIST(struct ast_variant) variants;
};

// `type A<T> = B<T>;`, `type Id = distinct u64;`, in traits `type Item: Bound;`
struct ast_type_item {
    struct ast_generics generics;
    AST_LIST(struct ast_type_expr *) bounds; // traits only
    bool is_distinct;
    struct ast_type_expr *target; // NULL only in traits
};

// `const N: usize = 10;`
struct ast_const {
    struct ast_type_expr *type; // NULL if it is to be inferred
    struct ast_expr *value;     // NULL only in traits
};

struct ast_trait {
    struct ast_generics generics;
    AST_LIST(struct ast_type_expr *) parents; // `trait A: B + C`
    struct ast_clauses clauses;               // wheres only
    AST_LIST(struct ast_item *) members;      // functions, types, consts
};

// The item has no name.
struct ast_impl {
    struct ast_generics generics;
    struct ast_type_expr *trait; // NULL for `impl Type { … }`
    struct ast_type_expr *subject;
    struct ast_clauses clauses;          // wheres only
    AST_LIST(struct ast_item *) members; // functions, types, consts
};

// The items of a module or section.
struct ast_module {
    AST_LIST(struct ast_item *) items;
};

// `import a.b;`, `import a.b as c;`, `import a.b.*;`, `import a.b.{c, d as e};` The item's name is
// the one that a plain import or `as` brings, and has no text otherwise.
struct ast_import_name {
    struct ast_name name, alias; // alias.text is NULL if there is none
};
struct ast_import {
    struct ast_path path;
    bool is_all;                            // `.*`
    AST_LIST(struct ast_import_name) names; // of the braces
    bool has_names;
};

enum ast_actor_flavour {
    ACTOR_PLAIN,
    ACTOR_REENTRANT,
    ACTOR_SUPERVISOR,
    ACTOR_EVENT_BUS,
    ACTOR_PROVIDER, // `provider Postgres for Database { … }`
    ACTOR_MODEL,    // `model Memory for Database { … }`
};

enum ast_mailbox_policy { MAILBOX_BLOCK, MAILBOX_REJECT, MAILBOX_DROP_OLDEST };

// `grace 5.seconds`, `memory 64 MiB`
struct ast_limit {
    bool is_memory;
    struct ast_expr *value;
    uint64_t unit; // of memory: how many bytes it counts in, 1 if none is written
    struct span span;
};

// `mailbox 1000 reject`
struct ast_mailbox {
    struct ast_expr *capacity;
    enum ast_mailbox_policy policy; // `block` if none is written
    struct span span;
};

struct ast_actor {
    enum ast_actor_flavour flavour;
    struct ast_generics generics;
    struct ast_type_expr *implements; // what stands behind `for` of a provider or model, else NULL
    struct ast_clauses clauses;
    struct ast_expr *strategy;           // of a supervisor; NULL if none is written
    struct ast_mailbox *mailbox;         // of the header or the body; NULL if none is written
    bool is_opaque;                      // `actor X { ... }`
    AST_LIST(struct ast_item *) members; // fields, functions, messages, hooks …
};

// `name: Worker.spawn(maxRetries: 3)`
struct ast_child {
    struct ast_name name;
    struct ast_expr *recipe;
    struct span span;
};
struct ast_children {
    AST_LIST(struct ast_child) children;
};

// A monitor watches events and is in one state at a time; the first state is the one it begins in.
// A run that stays in a hot state for ever breaks it.
struct ast_monitor {
    struct ast_generics generics;
    AST_LIST(struct ast_item *) members; // states, fields, functions, invariants
};

enum ast_temperature { STATE_PLAIN, STATE_HOT, STATE_COLD };

// `on Requested(id) if guard -> Waiting { … }`
struct ast_state_handler {
    struct ast_path event;      // `Cell<i64>.Put` without the arguments
    struct ast_type_args *args; // … which are these; NULL if there are none
    AST_LIST(struct ast_closure_param) params;
    struct ast_expr *guard; // NULL if there is none
    struct ast_name target; // the next state; text is NULL if it stays
    struct ast_block *body; // NULL if it ends in `;`
    struct span span;
};
struct ast_state {
    enum ast_temperature temperature;
    AST_LIST(struct ast_state_handler) handlers;
};

struct ast_service {
    struct ast_generics generics;
    struct ast_clauses clauses;          // hold for every operation
    AST_LIST(struct ast_item *) members; // functions without a body, types, consts
};

// `Read(path: PathPrefix)`, `ReadWrite = Read + Write`
struct ast_capability_member {
    struct ast_name name;
    AST_LIST(struct ast_param) params;
    AST_LIST(struct ast_path) parts; // empty unless it is a sum
    struct span span;
};
struct ast_capability {
    AST_LIST(struct ast_path) covers; // `capability IO covers FileSystem, Network { … }`
    AST_LIST(struct ast_capability_member) members;
};

// `extern "C" { function …; }` or `extern "C" function …;`. The item has no name.
struct ast_extern {
    struct str abi;
    AST_LIST(struct ast_item *) members; // functions without a body
};

struct ast_item {
    enum ast_item_kind kind;
    int32_t id;
    struct span span;     // without its annotations
    struct ast_name name; // text is NULL for imports of several names, impls, externs, children,
                          // mailboxes and unnamed invariants
    enum ast_visibility visibility;
    AST_LIST(struct ast_annotation) annotations; // before it, and @aiContext within it
    union {
        struct ast_module *module; // ITEM_MODULE, ITEM_SECTION
        struct ast_import *import;
        struct ast_const *constant;
        struct ast_struct *structure;
        struct ast_enum *enumeration;
        struct ast_type_item *type;
        struct ast_trait *trait;
        struct ast_impl *impl;
        struct ast_function *function; // ITEM_FUNCTION, MESSAGE, HOOK, TEST, PROPERTY, CHAOS_TEST
        struct ast_actor *actor;
        struct ast_monitor *monitor;
        struct ast_service *service;
        struct ast_capability *capability;
        struct ast_extern *foreign;
        struct ast_field *field;
        struct ast_expr *invariant;
        struct ast_children *children;
        struct ast_mailbox *mailbox;
        struct ast_limit *limit;
        struct ast_state *state;
    };
};

// ---- the module ---------------------------------------------------------------------------------

// One source file.
struct module_ast {
    const struct source *source;
    AST_LIST(struct ast_item *) items;
    AST_LIST(struct ast_annotation) annotations; // those that no item follows
    // How many ids of each kind there are.
    int32_t item_count, expr_count, pattern_count, type_count, binding_count;
    bool has_errors; // the parser gave an error: parts may be missing
    bool is_broken;  // one of them stands outside of functions' bodies: items may be missing
};

#endif
