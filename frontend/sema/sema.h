// SPDX-License-Identifier: MIT
// sema: from trees to a typed program. This is the door of frontend/sema/.
//
//   module_ast ─ declare ─▶ names ─ signatures ─▶ types ─ bodies ─▶ tables ─ flow ─▶ typed_program
//
// The tree stays as it is. What is known about a node stands in tables of its module, indexed by
// the node's id (`struct sema_module`). Generic bodies are checked once, their type parameters
// being rigid types (TYPE_PARAM); who makes instances substitutes with sema_subst. Types are
// interned: equal types are equal pointers. Everything lives in the arena given to sema_check;
// lists have no NULLs.
//
// When the sink has errors after sema_check the tables may have holes (types that are TYPE_ERROR,
// entries without a role); then nothing may be lowered.
#ifndef PRISM_SEMA_H
#define PRISM_SEMA_H

#include "frontend/syntax/ast.h"

// ---- types --------------------------------------------------------------------------------------

enum type_kind {
    TYPE_ERROR, // of what was wrong; a diagnostic has been given
    TYPE_NEVER, // `Never`
#define PRIM(id, name, bits, is_signed) TYPE_##id,
#include "frontend/sema/types.def"
#undef PRIM
    TYPE_TUPLE,   // args: the elements; none for `()`
    TYPE_STRUCT,  // structure, args; `distinct` types too: one field called "value"
    TYPE_ENUM,    // enumeration, args
    TYPE_BUFFER,  // `Buffer<T>`: args[0]
    TYPE_FN,      // args: parameters, then the result; clause: what it may do, or NULL
    TYPE_REF,     // `ActorRef<A>`: actor, args; actor is NULL for the untyped `ActorRef`
    TYPE_REPLY,   // `Reply<T>`: args[0]; affine
    TYPE_FUTURE,  // `Future<T>`: args[0]; affine
    TYPE_SCOPE,   // `Scope`
    TYPE_TOKEN,   // `TaskToken`, within a `CancellationToken`
    TYPE_FAILURE, // `Error`: any error at all
    TYPE_TRAIT,   // a trait's name: any type that implements it: trait, args
    TYPE_ASSOC,   // `T.Item` of a type parameter T: assoc, args: T, then the trait's own arguments
    TYPE_INOUT,   // of a parameter of a TYPE_FN, and nowhere else: `mut T`: args[0]
    TYPE_PARAM,   // a type parameter: param
    TYPE_VAR,     // not known yet; never in the tables of a program without errors
};

enum type_flag {
    TYPE_HAS_PARAM = 1, // a TYPE_PARAM is in it
    TYPE_HAS_VAR = 2,
    TYPE_HAS_ERROR = 4,
    TYPE_HAS_CLAUSE = 8, // a TYPE_FN with a clause is in it
};

// `effects [...] capabilities [...]` behind a function type; equal ones are the same pointer. What
// does not stand there is not done, and not needed.
struct sema_clause {
    int32_t number;   // from 1
    const char *text; // as it is written, sorted
    AST_LIST(struct ast_ability) effects;
    AST_LIST(struct ast_ability) capabilities;
};

struct type {
    enum type_kind kind;
    int32_t id;     // dense in the order of making
    unsigned flags; // of enum type_flag
    int32_t arg_count;
    struct type **args;
    union {
        struct sema_struct *structure;
        struct sema_enum *enumeration;
        struct sema_actor *actor;
        struct sema_trait *trait;
        struct sema_assoc *assoc;
        struct sema_clause *clause; // of a TYPE_FN
        struct sema_type_param *param;
        struct type_var *var;
    };
};

enum sema_bound { // the markers that a parameter may ask for; all are satisfied structurally
    BOUND_SEND = 1,
    BOUND_SYNC = 2,
    BOUND_HASH = 4,
    BOUND_EQ = 8,
    BOUND_ORD = 16,
    BOUND_CLONE = 32,
    BOUND_NUMBER = 64,   // integers and floats: arithmetic, order
    BOUND_INTEGER = 128, // integers: bits too
    BOUND_DATA = 256,    // plain data: has a form in JSON and CBOR
    BOUND_ACTOR = 512,   // references to actors
    BOUND_LAST = BOUND_ACTOR,
};

typedef AST_LIST(struct type *) sema_types;
struct sema_equal { // `Item = i64`
    struct sema_assoc *assoc;
    struct type *type;
};
struct sema_trait_ref {
    struct sema_trait *trait;
    sema_types args;                    // of the trait's own parameters
    AST_LIST(struct sema_equal) equals; // of types of the trait that are told
};
struct sema_type_param {
    const char *name;
    struct span span;
    unsigned bounds;                        // of enum sema_bound
    AST_LIST(struct sema_trait_ref) traits; // the traits that it must implement
    struct type *type;                      // the TYPE_PARAM
};

typedef AST_LIST(struct sema_type_param *) sema_type_params;

static inline bool type_is_integer(const struct type *t) {
    return t->kind >= TYPE_I8 && t->kind <= TYPE_U64;
}
static inline bool type_is_float(const struct type *t) {
    return t->kind == TYPE_F32 || t->kind == TYPE_F64;
}
static inline bool type_is_unit(const struct type *t) {
    return t->kind == TYPE_TUPLE && t->arg_count == 0;
}
static inline struct type *type_fn_result(const struct type *t) {
    return t->args[t->arg_count - 1];
}
static inline bool type_fn_is_mut(const struct type *t, int32_t param) {
    return t->args[param]->kind == TYPE_INOUT;
}
// Of the values that are given for it.
static inline struct type *type_fn_param(const struct type *t, int32_t param) {
    return type_fn_is_mut(t, param) ? t->args[param]->args[0] : t->args[param];
}

// ---- variables ----------------------------------------------------------------------------------

enum variable_kind {
    VARIABLE_LOCAL,
    VARIABLE_PARAM,
    VARIABLE_SELF /* of methods, not of actors */
};

struct sema_variable {
    const char *name;
    struct span span;
    struct type *type;
    enum variable_kind kind;
    int32_t id;      // dense in the module, the order of declaration
    bool is_mut;     // `mut`: may change; a parameter is then in-out
    bool is_alias;   // another name of the place that its pattern was matched with: writes go there
    bool is_mutated; // assigned to, or written through, after its declaration
    bool is_captured; // by a closure or an async block
    bool is_used;
    bool is_late;               // `let x: T;`: it gets its value by an assignment
    struct sema_closure *owner; // the closure or async block it is declared in, or NULL
    struct ast_expr *subject;   // private: the place that its pattern was matched with, or NULL
    struct ast_expr *copied;    // private: the place, or what the closure is given, that it copies
    struct ast_expr *cold;      // private: the call that it is the future of, or NULL
    struct ast_expr *given;     // private: the function value that it is declared with, or NULL
    int32_t open;               // private: of a parameter, as sema_param.open
    bool is_pattern;            // private: bound by a pattern of match, if let, while let
};

// ---- declarations -------------------------------------------------------------------------------

struct sema_param {
    const char *name;
    struct type *type;
    bool is_mut;                    // in-out
    struct ast_expr *default_value; // NULL if there is none; it is read in the function's module
    struct sema_variable *variable; // NULL if there is no body, or it is taken apart by a pattern
    struct span span;
    int32_t open; // private: of a function type without a clause: dense in the program, from 1
};
typedef AST_LIST(struct sema_param) sema_params;

enum function_kind {
    FUNCTION_FREE,
    FUNCTION_METHOD,    // of an impl, `self` or not
    FUNCTION_TRAIT,     // declared in a trait; with a body it is a default
    FUNCTION_ACTOR,     // a plain function of an actor: has its self
    FUNCTION_MESSAGE,   // a handler
    FUNCTION_HOOK,      // on_start, on_stop, on_shutdown
    FUNCTION_INIT,      // makes an actor's state; no body: see sema_actor.fields
    FUNCTION_INVARIANT, // value: bool
    FUNCTION_TEST,
    FUNCTION_FOREIGN, // of an extern block
};

enum sema_builtin {
    BUILTIN_NONE,
#define BUILTIN(id, name) BUILTIN_##id,
#include "frontend/sema/builtins.def"
#undef BUILTIN
    BUILTIN_COUNT
};

// `@place { index: "find", of: "entries.value" }` before a method: what it gives is the place
// `self.entries[i].value`, i being what the method `find` gives for the same arguments: a u64, or
// an Option<u64>, and then the method gives an Option of the place.
struct sema_projection {
    struct sema_function *index;
    bool is_option;
    AST_LIST(int32_t) before; // fields of self that lead to the Buffer
    AST_LIST(int32_t) after;  // fields of the Buffer's items that lead to the place
};

struct sema_function {
    const char *name;
    const char
        *path; // "Account.deposit", "shop.total"; "std." before those of the standard library
    enum function_kind kind;
    struct sema_module *module;
    struct ast_item *item;        // NULL for FUNCTION_INIT
    struct span span;             // of the name
    sema_type_params type_params; // of the impl, trait or actor, then its own
    sema_params params;           // without self
    enum ast_self self;           // SELF_NONE, or how `self` is taken; actors' functions: SELF_NONE
    struct sema_variable *self_variable; // if self is not SELF_NONE and there is a body
    struct type *self_type;              // of the impl (for statics too), or NULL
    struct sema_actor *actor;            // whose state `self` is, or NULL
    struct type *result;
    bool is_async;
    struct ast_block
        *body; // NULL: builtin, foreign, init, invariant, a trait's function without default
    struct ast_expr *value; // FUNCTION_INVARIANT
    enum sema_builtin builtin;
    const char *outside;                // BUILTIN_OUTSIDE: which operation
    struct sema_projection *projection; // or NULL
    bool is_property;                   // `@property`: called without parentheses
    bool is_format;                     // `@format`: (text: String), called as format! is
    bool is_universal;                  // `@universal`: `x.f(y)` is `f(x, y)` for any x
    const char *guard; // `@guard`: of an operation: (limits, its arguments) looks at what it takes
    bool waits;        // `@waits`: not async, and yet it may await
    bool branches;     // `@branches`: (list, f, …), with futures as async.map
    bool is_inlined;   // `@inlined`: its body stands in its callers
    bool is_guard;     // of a monitor: it only looks
    bool is_constant;  // of a type or trait: what stands behind the name
    bool is_named;     // `@named`: its parameter `name` is by default what the value is bound to
    AST_LIST(const char *) effects; // what it declares or, after checking, does: dotted, sorted
    bool has_effects;               // the clause was written
    AST_LIST(struct ast_ability) capabilities;
    bool has_capabilities;
    bool takes_reply;             // a handler with `self.reply()`: its end gives nothing
    struct sema_function *model;  // FUNCTION_FOREIGN: stands for it where nothing is real
    struct sema_service *service; // an operation of this one, or NULL
    bool is_exported;             // of an extern block, with a body: for C to call
    bool is_limited; // what it may do depends on who runs it, also far below: it comes to something
                     // that takes leave, hands leave on or looks at what is held
    int32_t number;  // dense in the program
    struct namespace *scope;  // private to sema, here and below: where its names are looked up
    struct sema_trait *trait; // FUNCTION_TRAIT
    struct sema_impl *impl;   // private
    bool is_checked;          // private
    bool runs_beside;         // private: of an actor: others of its turns may come in between
    uint64_t state_writes;    // private: fields of the actor's state that it may change, as a
                              // STEP_STATE says
};

struct sema_field {
    const char *name; // "0", "1", … by position
    struct type *type;
    struct ast_expr *value; // what it begins with, or NULL
    bool is_private;
    struct span span;
    struct sema_function *context; // of `value`'s closures: NULL for structs
};

struct sema_struct {
    int32_t number; // of its declaration, from 1
    const char *name, *path;
    struct sema_module *module;
    struct ast_item *item;
    sema_type_params params;
    enum ast_shape shape;
    bool is_distinct;
    bool is_provider; // `P.new(…)` makes one
    bool is_record;   // of records without a type
    bool is_handle;   // `@handle`: it stands for something, or for leave, and has no form as text
    AST_LIST(struct sema_field) fields;
    struct type *self_type;  // with its own parameters as arguments
    struct namespace *scope; // private
    struct method_table *methods;
};

struct sema_variant {
    const char *name;
    enum ast_shape shape;
    AST_LIST(struct sema_field) fields;
    struct span span;
};
struct sema_enum {
    int32_t number;
    const char *name, *path;
    struct sema_module *module;
    struct ast_item *item;
    sema_type_params params;
    AST_LIST(struct sema_variant) variants;
    struct type *self_type;
    struct namespace *scope; // private
    struct method_table *methods;
};

struct sema_const {
    const char *name, *path;
    struct sema_module *module;
    struct ast_item *item;
    struct type *type;
    struct ast_expr *value; // to be evaluated where it is used: it is pure
    bool adapts;            // it is an integer without a type of its own: of the type of each use
    bool is_negative;       // that integer
    uint64_t magnitude;
    int state; // private, as what follows
    struct namespace *scope;
};

struct sema_message {
    const char *name;
    struct sema_function *handler; // its params and result are the message's
    int32_t index;
};
struct sema_actor_field {
    struct sema_field field;
    bool is_param;                  // no initialiser: a parameter of the constructor …
    bool is_late;                   // … or assigned by on_start before it is read
    bool is_child;                  // of a supervisor: the value is a CALL_SPAWN with `child`
    struct sema_variable *variable; // NULL: initialisers cannot look at other fields
    struct ast_item *item;
};
// As enum prism_strategy counts.
enum sema_strategy { STRATEGY_ONE_FOR_ONE, STRATEGY_ONE_FOR_ALL, STRATEGY_REST_FOR_ONE };

// Of a monitor. `on Event(x) if guard -> Target { … }` in a state.
struct sema_state {
    const char *name;
    struct span span;
    bool is_hot; // it has to be left before the end
};
struct sema_watch {
    struct ast_state_handler *ast;
    int32_t state, event;               // in the monitor's
    int32_t target;                     // the next state; -1: it stays
    struct sema_function *guard, *body; // or NULL; their parameters are the event's, or none
};
struct sema_event {
    const char *name;               // as it is written
    struct sema_function *function; // a handler of an actor, or a message of a module
    sema_types args; // of a generic actor whose handler it is; NULL: any, and then it has no values
    bool is_any;     // there is a NULL
};

struct sema_actor {
    int32_t number;
    const char *name, *path;
    struct sema_module *module;
    struct ast_item *item;
    struct span span;
    sema_type_params params;
    struct type *self_type;                   // TYPE_REF with its own parameters
    AST_LIST(struct sema_actor_field) fields; // in order: indexes of the state
    AST_LIST(struct sema_message) messages;
    AST_LIST(struct sema_function *) functions;
    AST_LIST(struct sema_function *) invariants;
    struct sema_function *on_start, *on_stop, *on_shutdown; // or NULL
    struct sema_function *init; // FUNCTION_INIT: params are the fields that are is_param
    bool is_reentrant;
    const char *handle; // `@handle "lock"`: it stands behind handles of that kind; or NULL
    bool is_monitor;    // it watches tests; its state is one of `states`, at first the first
    AST_LIST(struct sema_state) states;
    AST_LIST(struct sema_watch) watches; // in the order of the text
    AST_LIST(struct sema_event) events;  // each once
    bool is_bus; // an `event_bus`: `bind` makes one that all code can publish to
    bool is_supervisor;
    enum sema_strategy strategy;
    struct sema_function *on_child_failure; // of a supervisor, or NULL: (child, error, restarts)
    bool has_mailbox;                       // bounded
    enum ast_mailbox_policy mailbox_policy;
    int64_t mailbox_limit;
    struct ast_expr *mailbox_size;          // what says so
    const struct ast_limit *grace, *memory; // Duration; bytes; or NULL
    AST_LIST(struct ast_ability) capabilities;
    bool has_capabilities;         // by its clause or its module's bundle
    struct span capabilities_span; // of what says so
    AST_LIST(const char *) effects;
    bool has_effects;
    struct namespace *scope; // private
    struct method_table *methods;
};

// `type Item: Bound;` of a trait. What is asked of the type is kept as that of a parameter is.
struct sema_assoc {
    const char *name;
    struct sema_trait *trait;
    struct sema_type_param *like;
    struct span span;
    int32_t number;
    struct ast_item *item;
    struct typed_program *program; // private: where its impls are found
};

// A type without parameters that implements a trait, and the arguments of the trait.
struct sema_implementer {
    struct type *type;
    sema_types args;
};
struct sema_trait {
    int32_t number;
    const char *name, *path;
    struct sema_module *module;
    struct ast_item *item;
    sema_type_params params; // Self, and its own: those that `parents` is written with
    AST_LIST(struct sema_function *) functions; // type_params: Self, the trait's, their own
    VEC(struct sema_assoc *) assocs;
    VEC(struct sema_trait_ref) parents;        // `trait A: B`
    VEC(struct sema_implementer) implementers; // in order of their impls
    struct namespace *scope, *inner;           // private; inner has the parameters
};

// What may be bound to a service: one of the two.
struct sema_stand_in {
    struct sema_struct *provider;
    struct sema_actor *model; // its messages are named as the operations
    struct type *type;        // of what is bound
    sema_types args;          // of the service that it stands for
};
struct sema_service {
    const char *name, *path;
    struct sema_module *module;
    struct ast_item *item;
    struct span span;
    VEC(struct sema_function *) operations; // without bodies; their `service` is this one
    struct sema_const *failure;      // `const failure`: the error of an injected fault, or NULL
    VEC(struct sema_stand_in) bound; // what some `bind` of the program names
    struct sema_struct
        *standard;           // the library's own provider: stands where nothing is bound; or NULL
    struct namespace *scope; // private
};
struct sema_bind {
    struct ast_stmt *stmt;
    struct sema_function *function; // the test or `main` that it stands in
    struct sema_service *service;   // NULL: an event bus, that of the value's type
    int32_t index;                  // in service->bound, also those of other arguments
    struct type *bus;               // the reference's type
};

enum test_kind { TEST_PLAIN, TEST_PROPERTY, TEST_CHAOS };
struct sema_test {
    enum test_kind kind;
    struct sema_function *function; // parameters of a TEST_PLAIN have constant defaults
};

// Is it the method of that name of the library's Channel?
bool sema_is_channel_method(const struct sema_function *f, const char *name);

// ---- what is known about expressions ------------------------------------------------------------

// What a name, member or call means. Expressions whose kind says it all have ROLE_NONE.
enum sema_role {
    ROLE_NONE,
    ROLE_LOCAL,       // EXPR_NAME, EXPR_SELF: variable
    ROLE_SELF_FIELD,  // EXPR_MEMBER `self.x` in an actor: index of the actor's field
    ROLE_FIELD,       // EXPR_MEMBER: index of the field of the object's struct or tuple
    ROLE_CONST,       // EXPR_NAME, EXPR_MEMBER: constant
    ROLE_FUNCTION,    // EXPR_NAME, EXPR_MEMBER as a value: use; makes a closure without captures
    ROLE_VARIANT,     // EXPR_NAME, EXPR_MEMBER: a unit variant of the enum `type`: index;
                      // EXPR_STRUCT: a variant with named fields: literal
    ROLE_STRUCT,      // EXPR_NAME: a unit struct; EXPR_STRUCT: literal
    ROLE_CONSTRUCTOR, // EXPR_NAME, EXPR_MEMBER as a value of function type: index is the variant of
                      // the result's enum, or -1: the result's struct
    ROLE_STATIC,     // EXPR_NAME, EXPR_MEMBER before a `.` or as a callee: a type, module, actor or
                     // function that is not itself a value; nothing to evaluate
    ROLE_CALL,       // EXPR_CALL, EXPR_MEMBER of a property, EXPR_INDEX of a struct: call
    ROLE_INDEX,      // EXPR_INDEX of a Buffer
    ROLE_MACRO,      // EXPR_MACRO: macro
    ROLE_TRY,        // EXPR_TRY: try
    ROLE_CLOSURE,    // EXPR_CLOSURE, EXPR_ASYNC: closure
    ROLE_FOR,        // EXPR_FOR: loop
    ROLE_WITH,       // EXPR_ASYNC_WITH: with
    ROLE_COMPARE,    // EXPR_BINARY on a type that implements the operator: not used yet
    ROLE_ACTOR_SELF, // EXPR_SELF in an actor: only before a `.`
    ROLE_OPERATOR,   // EXPR_BINARY, EXPR_UNARY on a struct whose impl has the method: call
};

// What happens to the value of an expression behind what `type` says: `type` is before it.
enum sema_coercion {
    COERCE_NONE,
    COERCE_OK,      // to Ok(value) of the type `to`
    COERCE_UNTYPED, // ActorRef<A> to ActorRef
    COERCE_ERROR,   // an error of any type to `Error`
    COERCE_TRAIT,   // to a trait that the type implements
    COERCE_FORWARD, // `return other.send(M)` in a handler: the reply is handed on, type is
                    // Future<to>
};

struct sema_expr {
    struct type *type;
    struct type *to;  // of the coercion; NULL without one
    uint8_t role;     // enum sema_role
    uint8_t coercion; // enum sema_coercion
    bool is_place;    // it denotes a place: a variable, field, element, projection …
    int32_t index;    // ROLE_SELF_FIELD, FIELD, VARIANT, CONSTRUCTOR
    union {
        struct sema_variable *variable;
        struct sema_const *constant;
        struct sema_use *use;
        struct sema_call *call;
        struct sema_literal *literal;
        struct sema_macro *macro;
        struct sema_try *try;
        struct sema_closure *closure;
        struct sema_for *loop;
        struct sema_with *with;
    };
};

// A function with the types that stand for its type parameters (which may mention the parameters of
// the function at hand).
struct sema_use {
    struct sema_function *function;
    sema_types type_args; // as long as function->type_params
    int32_t asked;        // private: the first of the bounds that it was noted with
};

enum call_kind {
    CALL_FUNCTION,    // use: free functions, methods, statics; builtin if use.function->builtin
    CALL_TRAIT,       // use: a trait's function; type_args[0] is the type that implements it
    CALL_ACTOR,       // use: a function of the actor at hand, on its self
    CALL_CLOSURE,     // receiver: the closure
    CALL_VARIANT,     // variant of the enum in the expression's type
    CALL_STRUCT,      // the struct in the expression's type
    CALL_CONVERT,     // `u32(x)`: args[0] to the expression's type
    CALL_SPAWN,       // actor, type_args in the expression's type: TYPE_REF
    CALL_SPAWN_CHILD, // receiver: a supervisor, asked to make a child; else as SPAWN;
                      // Future<ActorRef<A>>
    CALL_SPAWN_TASK,  // args[0], a Future: a task that the supervisor at hand, or receiver, has as
                      // a child; ()
    CALL_TELL,        // receiver: the reference; message; value ()
    CALL_TELL_ANY,  // receiver: an untyped reference; use.function: a message of a module, or NULL:
                    // args[0] is told to `message on`; value ()
    CALL_ANNOUNCE,  // `announce(M(x))`: use.function: a message of a module, told to monitors alone
    CALL_SEND,      // value Future<T>; not awaited and dropped it is a tell
    CALL_ASK,       // value Future<Result<T, AskError<E>>>; timeout or NULL
    CALL_SELF_SEND, // `self.send(M)`, `self.tell(M)`: a message to oneself; value ()
    CALL_SELF_REPLY, // `self.reply()`: Reply<T>
    CALL_SELF_REF,   // `self.reference()`
    CALL_SELF_STOP,  // `self.stop()`
    CALL_JOIN,       // args: futures; value a tuple of what they give
    CALL_JOIN_LIST,  // args[0]: List<Future<T>>; value List<T>
    CALL_TRY_JOIN,   // args: futures of Results; value a Result of the tuple
    CALL_TRY_JOIN_LIST, // args[0]: List<Future<Result<T, E>>>; value Result<List<T>, E>
    CALL_RACE_LIST,  // args[0]: List<Future<T>>; value T
    CALL_RACE,       // args: futures of one type; value what the first gives
    CALL_MAP,        // args: a list, map, … of T, closure T -> Future<R>; value List<R>
    CALL_LIMITED,    // `future.timeout(d)`: receiver, timeout; Future<Result<T, TimeoutError>>,
                     // awaited
};

struct sema_arg {
    struct ast_expr *value; // the argument, or the default of the parameter
    int32_t order;          // position in the source, from 0; -1 for a default
    bool is_mut;            // in-out: value is a place
};

// A capability by name, to be narrowed to what a field of a record says.
struct sema_narrowed {
    const char *family; // "FileSystem.Read"
    int32_t field;      // of the record's struct: List<String>, or bool
};

struct sema_call {
    enum call_kind kind;
    struct sema_use use;
    struct ast_expr
        *receiver;     // `self` of a method, the closure, the reference; NULL if there is none
    bool receiver_mut; // receiver is a place that changes
    AST_LIST(struct sema_arg) args;    // in the order of the parameters
    int32_t variant;                   // CALL_VARIANT
    struct sema_actor *actor;          // CALL_SPAWN, TELL, SEND, ASK, SELF_SEND
    int32_t message;                   // TELL, SEND, ASK, SELF_SEND
    struct ast_expr *timeout;          // ASK: of type Duration; or NULL
    struct type *bus;                  // SEND: to the event bus of this type that was bound; NULL
    bool to_self;                      // SEND, ASK: of a reentrant actor to itself
    const char *child;                 // SPAWN of a supervisor's child: its name; else NULL
    struct ast_expr *retries, *within; // of a child: u32, Duration; or NULL
    struct ast_expr *name, *mailbox;   // SPAWN: String; an integer or a Mailbox; or NULL
    struct ast_expr *capabilities;     // SPAWN: what it is handed; or NULL
    AST_LIST(struct sema_narrowed) narrowed; // of `attenuate`
    struct sema_format *format;              // the one argument is this text; args is empty
    bool is_projection; // use.function->projection is set and this is used as a place
};

// Named fields in the order of the declaration. A value is NULL if it comes from `base` or from the
// field's own initialiser (`is_default`).
struct sema_literal {
    int32_t variant; // of an enum, else -1
    AST_LIST(struct sema_arg) fields;
    struct ast_expr *base; // or NULL
};

// How a value is shown: `{:*<+08.3x}`. Nothing is asked for where all is 0 and precision is -1.
struct sema_format_spec {
    uint32_t fill;     // a character; 0: a space
    char side;         // '<' '^' '>', or 0: numbers to the right, all else to the left
    bool plus;         // before numbers that are not negative
    bool zeros;        // between sign and digits, up to the width
    char form;         // '?' by structure, 'x' 'X' 'b' 'o', or 0
    int32_t width;     // at least so many characters
    int32_t precision; // digits behind the point; of text: at most so many characters; or -1
};
struct sema_format_piece {
    struct str text;        // a literal part, when value is NULL
    struct ast_expr *value; // shown
    struct sema_format_spec spec;
};
struct sema_format {
    AST_LIST(struct sema_format_piece) pieces;
};

enum macro_kind {
    MACRO_FORMAT,    // format!(…): String
    MACRO_PRINT,     // print!, println! (the line's end is in the last piece)
    MACRO_EPRINT,    // eprint!, eprintln!
    MACRO_ASSERT,    // args[0]: bool
    MACRO_ASSERT_EQ, // args[0], args[1] of one type
    MACRO_ASSERT_NE,
    MACRO_PANIC,             // panic!(…): traps with the text
    MACRO_UNREACHABLE,       // unreachable!(…)
    MACRO_ASSERT_EVENTUALLY, // args[0]: bool
    MACRO_ALWAYS,            // args[0]: bool, here and below
    MACRO_NEVER,
    MACRO_SOMETIMES,
};
struct sema_macro {
    enum macro_kind kind;
    AST_LIST(struct ast_expr *) args;
    struct sema_format *format; // what is said; NULL if nothing was written
};

enum try_kind {
    TRY_RETURN, // Err leaves the function as Err of `result`
    TRY_VALUE,  // Err leaves the function as a bare value of `result`: R with `impl From<E> for R`
    TRY_NONE,   // Option: None leaves the function as None of `result`
    TRY_CRASH,  // handlers without reply, hooks, tasks, tests: crashes with the error
};
struct sema_try {
    enum try_kind kind;
    struct type *result;   // of the function, closure or async block that is left
    struct sema_use *from; // the From::from that converts the error, or NULL: as it is
    bool to_error;         // it is boxed into `Error`
    bool is_caught;        // an `async with` around it, in the same function, catches errors
};

struct sema_closure {
    struct ast_expr *expr;
    struct sema_function *function; // the function that it stands in
    struct sema_closure *parent;    // the closure or async block that it stands in, or NULL
    int32_t id;                     // dense in the function
    AST_LIST(struct sema_variable *) captures; // by copy, in the order of first use
    bool uses_self;                            // mentions the actor's self
    bool is_async;                             // `async { … }`
    bool has_result;                           // private: it was known before the body
    uint64_t state_writes;                     // private: as that of functions
    bool calls_own;                            // private: functions of the actor
    int32_t number;    // private: of those that are values, dense in the program, from 1; else 0
    bool is_kept;      // private: it is stored where it stands, and not called there
    bool is_limited;   // as of a function
    sema_types params; // empty for async blocks
    bool *in_out;      // one a parameter: where the closure goes it is `mut`
    AST_LIST(struct sema_variable *)
    variables;           // one a parameter; NULL where a pattern takes it apart
    struct type *result; // what the body gives: the T of Future<T> for an async block
};

enum for_kind {
    FOR_RANGE, // `a..b` of integers, written as a range or held in a value: low, high by evaluation
    FOR_BUFFER,  // a Buffer
    FOR_INDEXED, // length and at: methods `len(self) -> u64` and `item_at(self, u64) -> T`
    FOR_NEXT,    // next: a method `next(mut self) -> Option<T>` of the value
    FOR_ITER,    // iter: a method `iter(self) -> I`, and next of I
};
struct sema_for {
    enum for_kind kind;
    struct type *item;
    struct sema_use len, at, iter, next;
    struct type *iterator; // FOR_NEXT, FOR_ITER: what `next` changes
};

enum with_kind { WITH_TIMEOUT, WITH_CANCELLATION_SCOPE, WITH_ERROR_BOUNDARY };
enum catch_kind {
    CATCH_ANY,  // everything but cancellation; binds `error` of type Error, or nothing
    CATCH_TYPE, // what the pattern matches
};
struct sema_catch {
    enum catch_kind kind;
    struct type *type; // CATCH_TYPE
};
struct sema_with {
    enum with_kind kind;
    struct ast_expr *duration;           // WITH_TIMEOUT
    struct sema_variable *variable;      // `as scope`, or NULL
    AST_LIST(struct sema_catch) catches; // as in the tree
};

// ---- what is known about patterns ---------------------------------------------------------------

enum pattern_role {
    PATTERN_ROLE_NONE,    // the kind says it all: wildcard, literal, range, tuple, or
    PATTERN_ROLE_BIND,    // variable, then the pattern behind `@`
    PATTERN_ROLE_VARIANT, // variant of the enum `type`; `fields` per element
    PATTERN_ROLE_STRUCT,  // the struct `type`; `fields` per element
    PATTERN_ROLE_CONST,   // equal to constant
    PATTERN_ROLE_TYPE,    // the subject is an Error, this asks for the type `as`; with elements or
                       // fields they are matched with a value of it (variant >= 0: of its variant)
    PATTERN_ROLE_FAILURE, // as TYPE, or the failure `failure` of the runtime's
};
struct sema_pattern {
    struct type *type; // of what it is matched with
    uint8_t role;      // enum pattern_role
    int32_t variant;   // VARIANT, TYPE
    struct type *as;   // TYPE, FAILURE
    uint8_t failure;   // FAILURE: enum known_failure
    bool is_wrong;     // private: it has not the form of what it is matched with
    union {
        struct sema_variable *variable;
        struct sema_const *constant;
    };
    AST_LIST(int32_t)
    fields; // CALL, STRUCT, TUPLE patterns: the field that each element stands for
};

// ---- the program --------------------------------------------------------------------------------

struct sema_module {
    const struct module_ast *ast;
    bool is_std;
    const char *name; // of the file, without `.prism`, behind its folders
    AST_LIST(const char *) imported_as;
    struct sema_expr *exprs;         // by expression id
    struct sema_pattern *patterns;   // by pattern id
    struct sema_variable **bindings; // by binding id; NULL where nothing was bound
    struct type **types;             // by type expression id
    struct namespace *scope;         // private to sema
    int32_t variable_count;
};

// Structs of the library that stand for failures which the runtime makes.
enum known_failure {
    KNOWN_TIMEOUT,
    KNOWN_CANCELLED, // of a task, seen by who waited for it
    KNOWN_STOPPED,
    KNOWN_CRASHED,
    KNOWN_DROPPED,
    KNOWN_FAILURES
};

// What the language itself knows of the standard library. NULL if the library does not declare it.
struct sema_known {
    struct sema_struct *string, *bytes, *list, *map, *set, *duration, *instant, *timestamp;
    struct sema_struct *format; // its functions show values as formats ask for
    struct sema_struct *range, *range_from, *range_to, *range_full;
    struct sema_enum *option, *result, *ask_error, *ordering, *supervision_decision;
    struct type *failures[KNOWN_FAILURES];
};

struct typed_program {
    struct arena *arena;
    struct intern_table *names;
    AST_LIST(struct sema_module *) modules;     // the library's first, as given
    AST_LIST(struct sema_function *) functions; // all, in order of declaration; std's too
    AST_LIST(struct sema_struct *) structs;
    AST_LIST(struct sema_enum *) enums;
    AST_LIST(struct sema_actor *) actors;
    AST_LIST(struct sema_trait *) traits;
    AST_LIST(struct sema_const *) consts;
    AST_LIST(struct sema_service *) services;
    AST_LIST(struct sema_bind) binds;
    AST_LIST(struct sema_test) tests;
    struct sema_function *entry;              // `main`, or NULL
    AST_LIST(struct sema_function *) exports; // for C to call
    struct sema_known known;
    struct type_table *types; // private to sema
};

struct sema_source {
    const struct module_ast *ast;
    bool is_std;      // of the standard library: in scope everywhere, may use @builtin
    const char *name; // "shop.prices"; NULL: the file's, without `.prism`
    AST_LIST(const char *) imported_as; // how imports spell it
};

// Capabilities under a name, from outside of the program: what actors without a clause hold in a
// module with `@capability "name"`.
struct sema_bundle {
    struct str name;
    struct span span; // of the name
    const struct ast_ability *at; // their spans are those of the strings that they stand in
    int32_t len;
};
struct sema_bundles {
    const struct sema_bundle *at;
    int32_t len;
    bool are_wrong; // some capability could not be read: who holds what is not known
};

// What is checked together. The first module that is not of the library is the program's own file.
struct sema_package {
    const struct sema_source *modules;
    int32_t count;
    struct sema_bundles bundles;
};

// Never NULL; the sink says what was wrong. The bundles are kept by reference.
struct typed_program *sema_check(struct arena *a, struct intern_table *names,
                                 const struct sema_package *package, struct diag_sink *sink);

// The types of its declarations and variables, as text; not for a program with errors.
void sema_dump(struct typed_program *p, struct text *out);

// ---- making types -------------------------------------------------------------------------------

struct type *type_prim(struct typed_program *p, enum type_kind kind); // no arguments
// TUPLE, BUFFER, FN, REPLY, FUTURE, INOUT
struct type *type_make(struct typed_program *p, enum type_kind kind, struct type *const *args,
                       int32_t count);
struct type *type_struct(struct typed_program *p, struct sema_struct *s, struct type *const *args);
struct type *type_enum(struct typed_program *p, struct sema_enum *e, struct type *const *args);
// Does a trait ask for another one, or for one that does?
bool inherits(const struct sema_trait *trait, const struct sema_trait *from);
struct type *type_trait(struct typed_program *p, struct sema_trait *trait,
                        struct type *const *args);
// `base.Item`; the type itself where the base is known. args: the base, then the trait's arguments.
struct type *type_assoc(struct typed_program *p, struct sema_assoc *assoc, struct type *const *args,
                        int32_t count);
struct type *type_ref(struct typed_program *p, struct sema_actor *actor, struct type *const *args);
// `t` with each params[i] replaced by args[i].
struct type *sema_subst(struct typed_program *p, struct type *t, const sema_type_params *params,
                        const sema_types *args);
// The type of a field of a struct, tuple or variant, arguments put in.
struct type *sema_field_type(struct typed_program *p, struct type *t, int32_t variant,
                             int32_t field);
// As the user would write it, in the arena, terminated.
const char *type_show(struct typed_program *p, const struct type *t);
// The function that implements a trait's function for types without parameters, and the arguments
// for its type parameters; false if there is none. `type_args` are those of a CALL_TRAIT: the type
// that implements the trait, the arguments of the trait, those of the function's own parameters. A
// function with a body of the trait itself comes back with the same arguments.
bool sema_implementation(struct typed_program *p, struct sema_function *trait_function,
                         const sema_types *type_args, struct sema_use *out);

// Whether it follows from what is watched what all type parameters of the monitor are.
bool event_says_params(const struct sema_actor *a, const struct sema_event *e);

// The table entries of nodes.
static inline struct sema_expr *sema_of(const struct sema_module *m, const struct ast_expr *e) {
    return &m->exprs[e->id];
}
static inline struct sema_pattern *sema_of_pattern(const struct sema_module *m,
                                                   const struct ast_pattern *p) {
    return &m->patterns[p->id];
}

#endif
