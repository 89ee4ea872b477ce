// SPDX-License-Identifier: MIT
// check: what the files of sema share: the checker's state, its symbols, and who does what.
// Sections are in the order of the pipeline. Only the files of this folder include it.
#ifndef PRISM_SEMA_CHECK_H
#define PRISM_SEMA_CHECK_H

#include "frontend/sema/sema.h"
#include "frontend/syntax/syntax.h"

#include <assert.h>

#define SEMA_ARGS_MAX       255 // arguments of a call, parameters of a function
#define SEMA_TYPE_DEPTH_MAX 64  // nesting of a type

// ---- pointer map: interned names to things; never iterated --------------------------------------

struct pointer_map {
    const void **keys;
    void **values;
    int32_t count, capacity;
};
void *pointer_map_get(const struct pointer_map *m, const void *key);
void pointer_map_put(struct arena *a, struct pointer_map *m, const void *key, void *value);

// ---- names --------------------------------------------------------------------------------------

enum symbol_kind {
    SYMBOL_TYPE,    // a type that needs no arguments: i64, Never, String's kin are SYMBOL_STRUCT
    SYMBOL_BUILTIN, // Buffer, Reply, Future, ActorRef: arguments follow
    SYMBOL_STRUCT,
    SYMBOL_ENUM,
    SYMBOL_ALIAS,
    SYMBOL_TRAIT,
    SYMBOL_ACTOR,
    SYMBOL_FUNCTION,
    SYMBOL_CONST,
    SYMBOL_VARIANT,
    SYMBOL_MODULE,
    SYMBOL_MESSAGE,
    SYMBOL_PARAM,  // a type parameter
    SYMBOL_MARKER, // Send, Sync, …
};

struct alias {
    struct ast_item *item;
    struct sema_module *module;
    struct namespace *scope;
    sema_type_params params;
    struct type *target; // once it is resolved
    int state;           // 0 new, 1 at it, 2 done
};

struct symbol {
    enum symbol_kind kind;
    const char *name;
    struct span span;
    bool is_private, is_told;
    struct namespace *home;
    const struct symbol *rival; // what another `.*` brings by this name, or NULL
    union {
        struct type *type;
        enum type_kind builtin;
        struct sema_struct *structure;
        struct sema_enum *enumeration; // VARIANT too
        struct alias *alias;
        struct sema_trait *trait;
        struct sema_actor *actor;
        struct sema_function *function;
        struct sema_const *constant;
        struct namespace *module;
        struct sema_type_param *param;
        unsigned marker;
    };
    int32_t variant;
};

// `where List<T>: Show`: what is asked of a type that is no parameter is kept as of one that is.
struct where_bound {
    struct type *subject;
    struct sema_type_param *like;
};

struct namespace {
    const char *name;
    const char *path; // "" or "shop." or "std."
    struct namespace *parent;
    struct sema_module *module;
    struct ast_item *item; // the nested module whose names these are, or NULL
    struct pointer_map map;
    struct pointer_map stars;     // what `.*` brought; it counts where `map` has the same
    VEC(struct symbol *) symbols; // in the order of declaration
    struct type *self_type;       // what `Self` is, or NULL
    struct sema_actor *actor;     // the actor whose members these are, or NULL
    struct sema_service *service; // whose operations these are, or NULL; not of what nests in it
    struct sema_impl *impl;       // the impl whose functions these are, or NULL
    VEC(struct where_bound) wheres;
};

struct method {
    struct sema_function *function;
    struct method *next; // of the same name: another impl or, in the library, an overload
};
struct method_table {
    struct pointer_map map; // name to struct method
    VEC(const char *) names;
    VEC(struct sema_impl *) impls; // of traits
};

// A trait's name that stands as a type.
struct trait_use {
    struct sema_trait *trait;
    struct span span;
};

struct sema_impl {
    struct ast_item *item;
    struct sema_module *module;
    struct namespace *scope, *inner; // inner has its parameters
    struct sema_trait *trait;        // or NULL
    sema_types trait_args;
    sema_type_params params;
    struct type *self_type;
    VEC(struct sema_function *) functions;
    VEC(struct ast_item *) types; // `type Item = …`
    VEC(struct type *) targets;   // what they are, once the impl is read
    bool is_lost;                 // there is no such trait
};

// ---- inference variables ------------------------------------------------------------------------

enum var_kind { VAR_ANY, VAR_INTEGER, VAR_FLOAT };
struct type_var {
    bool is_whole; // INTEGER: no float will do
    enum var_kind kind;
    struct type *bound;
    int32_t rank;     // no less than the longest way of bindings that ends here
    struct span span; // what it is the type of
    bool is_reported;
};

// ---- the checker --------------------------------------------------------------------------------

// Names that the language itself knows.
// clang-format off
#define SEMA_WORDS(X) \
    X(self) X(Self) X(async) X(len) X(item_at) X(next) X(iter) X(index) X(add) X(sub) X(mul) \
    X(div) X(rem) X(neg) X(send) X(tell) X(ask) X(reply) X(reference) X(stop) X(spawn) \
    X(timeout) X(from) X(value) X(join) X(map) X(race) X(try_join) X(main) X(on_start) \
    X(on_stop) X(on_shutdown) X(From) X(entry) X(or_insert) X(entry_or_insert) \
    X(cancellation_scope) X(error_boundary) X(TimeoutError) X(announce) X(builtin) X(place) \
    X(property) X(format) X(of) X(name) X(maxRetries) X(capabilities) X(universal) X(item) \
    X(waits) X(inlined) X(handle) X(named) X(within) X(on_child_failure) X(unwrap) X(expect) \
    X(clone) X(branches) X(guard) X(sliced) X(Items) X(mailbox)
// clang-format on
struct sema_words {
#define WORD(w) const char *w;
    struct {
        SEMA_WORDS(WORD)
        const char *new_;
    } w;
#undef WORD
};

struct loop_frame {
    const char *label;
    struct type *value; // what `break e` gives; NULL for loops that give ()
    bool has_break;
    struct loop_frame *outer;
    struct sema_closure *closure;
};

// What an expression is wanted for. NULL where nothing is known.
struct want {
    struct type *type;
    const char *what;    // "the argument `x`", "the result of `f`"; NULL: nothing to add
    struct span because; // where the type comes from; source NULL if nowhere
    bool is_return;      // a bare value may become Ok(value)
    bool is_hint;        // the type is only a hint
    bool is_discard;     // nobody wants the value: any type will do; type is ()
    int32_t open;        // of a function value: it becomes that parameter, which takes any (see
                         // sema_param.open), or, if negative, a variable; 0: it is stored
};

struct local_name {
    const char *name;
    struct sema_variable *variable;
};

struct pending_bound {
    struct type *type;
    struct sema_type_param *param;
    AST_LIST(struct sema_trait_ref) traits; // of the parameter, with the types at hand
    struct span span;
};
// A struct, enum or actor with arguments, as a declaration names it.
struct applied {
    struct type *type;
    struct span span;
    struct namespace *scope;
};
struct pending_literal {
    struct ast_expr *expr; // a literal, or the name of a constant
    bool is_integer, is_negative;
    uint64_t magnitude;
};

// `?` in a closure waits for the closure's result to be known.
struct closure_frame {
    VEC(struct ast_expr *) tries;
    struct closure_frame *outer;
};

// The variable or field of the state that a place begins in, and the first fields within.
enum { ROOT_FIELDS = 6 };
struct root {
    const void *variable;
    int32_t state; // -1: none
    int32_t fields[ROOT_FIELDS], depth;
    bool is_whole; // the place itself; else it is some part of what is named so far
};

// What has to be followed on the ways through a body, when all bodies are checked.
struct flow_body {
    struct sema_function *function;
    AST_LIST(struct sema_variable *) affine;  // that hold replies or futures
    AST_LIST(struct sema_variable *) aliases; // that are written through
    AST_LIST(struct sema_variable *) copies;  // of places, that are written to
    AST_LIST(struct sema_variable *) late;    // that are declared without a value
};

// Who calls or starts whom, for effects and capabilities.
struct call_edge {
    struct sema_function *caller, *callee; // callee is NULL when an actor is started
    struct sema_actor *actor;
    struct span span;
    const struct ast_clauses
        *declared;  // of the expression that it stands in; the innermost, or NULL
    bool is_handed; // the actor is handed what it may do, within what its starter holds
    struct sema_closure *closure; // that it stands in; the innermost that is a value, or NULL
};

// What becomes of a function value (latent.c).
enum value_use {
    VALUE_CALLED, // what it does is done there
    VALUE_HANDED, // … by a function that it is an argument of: the parameter `open`
    VALUE_KEPT,   // it becomes a value of the type `to`, which says what it may do
};
struct function_use {
    enum value_use use;
    struct ast_expr *value;
    struct type *to, *from; // KEPT; `from` where the types differ within, else NULL
    int32_t open;
    struct sema_module *module;
    struct sema_function *caller; // or NULL
    struct sema_closure *closure; // as in a call_edge
    const struct ast_clauses *declared;
    struct span because; // where `to` comes from
};

// `e effects […] capabilities […]`: what it says is done there.
struct declared_expr {
    struct sema_function *caller;
    const struct ast_clauses *clauses;
    struct span span;
};

// A provider or a model.
struct stand_in {
    struct ast_item *item;
    struct sema_module *module;
    struct namespace *scope; // that it is declared in
    struct sema_struct *provider;
    struct sema_actor *model;
    struct sema_service *service; // whom it stands for, once that is known
    sema_types args;              // of the service, with the stand-in's own parameters
};

struct param_pair {
    int32_t of, by; // as sema_param.open
};

// The function, constant or initialiser that is being checked.
struct body {
    struct sema_function *function; // NULL in constants and struct defaults
    struct type *result;            // what `return` gives here: of the closure if there is one
    bool is_async;                  // await is allowed
    bool is_pure;                   // constants, invariants: no messages, no changes
    bool takes_reply;               // `self.reply()` was seen: the end needs no value
    struct closure_frame *frame;    // of the innermost closure
    struct sema_closure *closure;   // innermost
    struct loop_frame *loop;
    struct span result_span;
    VEC(struct local_name) locals;
    VEC(struct type **) slots; // types that had variables in them when they were written down
    VEC(struct pending_bound) bounds;
    VEC(struct pending_literal) literals;
    VEC(struct ast_expr *) matches; // to be tested for exhaustiveness when types are known
    VEC(struct sema_variable *) variables;
    int32_t closure_count, errors_before;
    struct body *next_spare;
    VEC(struct sema_closure *) catchers; // one for each `async with` around that catches errors
};

struct checker {
    struct arena *arena;
    struct intern_table *names;
    struct diag_sink *sink;
    struct typed_program *prog;
    struct sema_words words;
    struct namespace *prelude;
    struct sema_bundles bundles;
    struct sema_module *main;   // the program's own file
    struct sema_module *module; // at hand, as the two below
    struct namespace *scope;
    struct body *body;
    struct ast_type_args *service_args; // `Service::<T>` before the operation that is called next
    struct ast_expr *prechecked;        // an argument whose type is known already
    struct ast_expr *awaited;           // the operand of the last `await`
    struct body *spare;                 // bodies that are done: their lists are used again
    VEC(struct sema_impl *) impls;
    VEC(struct alias *) aliases;
    VEC(struct sema_module *) modules;
    VEC(struct sema_function *) functions;
    VEC(struct sema_struct *) structs;
    VEC(struct sema_enum *) enums;
    VEC(struct sema_actor *) actors;
    VEC(struct sema_trait *) traits;
    VEC(struct trait_use) trait_uses;
    VEC(struct applied) applied;
    int32_t assoc_count;
    VEC(struct sema_const *) consts;
    VEC(struct sema_service *) services;
    VEC(struct ast_item *) families; // of capabilities
    VEC(struct sema_function *) foreigns;
    VEC(struct sema_function *) exports; // for C to call
    VEC(struct stand_in) stand_ins;
    VEC(struct sema_bind) binds;
    VEC(struct sema_test) tests;
    VEC(struct flow_body) flows;
    struct pointer_map tests_by_path;
    VEC(struct call_edge) calls;
    VEC(struct declared_expr) declared;
    VEC(struct function_use) uses;
    VEC(struct sema_clause *) clauses;   // of function types
    VEC(struct sema_closure *) closures; // that are values, by number
    VEC(struct param_pair) param_pairs;  // of a trait's function, and of one that implements it
    int32_t open_count;
    struct pointer_map worst[3]; // of types, by what they are looked at for: see worst_part
    const struct looked *looked; // what is being looked at so; of types with variables only
    int32_t worst_depth;         // how deep in types that is
    struct type *t_error, *t_never, *t_unit, *t_bool, *t_i64, *t_u64, *t_f64, *t_char, *t_failure;
    struct type *t_string, *t_duration; // TYPE_ERROR if the library has none
};
#define W(name) (c->words.w.name)

enum { OPEN_VARIABLE = -1 }; // see struct want

// A list that was collected in a VEC becomes an AST_LIST.
#define LIST_OF(list, vec) ((list).at = (vec).at, (list).len = (vec).len)

// ---- types.c ------------------------------------------------------------------------------------

struct type_table *type_table_new(struct arena *a);
struct type *type_fn(struct typed_program *p, struct type *const *args, int32_t count,
                     struct sema_clause *clause); // clause or NULL
struct type *type_param_new(struct typed_program *p, struct sema_type_param *param);
struct type *type_var_new(struct checker *c, enum var_kind kind, struct span span);
// NULL if functions cannot be added to it.
struct method_table *methods_of(struct typed_program *p, const struct type *t);
struct method_table *methods_of_kind(struct typed_program *p, enum type_kind kind); // or NULL
bool type_is_copyable(struct checker *c, struct type *t); // false: Reply or Future is in it

// ---- unify.c ------------------------------------------------------------------------------------

struct type *resolve(struct type *t);                 // follows bound variables at the top
struct type *zonk(struct checker *c, struct type *t); // and everywhere
bool unify(struct checker *c, struct type *a, struct type *b);
bool can_unify(struct checker *c, struct type *a, struct type *b); // binds nothing
struct type *settle(struct checker *c, struct type *t); // integer variables become i64, floats f64
void keep_slot(struct checker *c, struct type **slot);  // to be zonked at the body's end
struct type *worst_part(struct checker *c, struct type *t, unsigned bound);
// The part of a value that has no form in JSON and CBOR; NULL if there is none.
struct type *worst_encoded(struct checker *c, struct type *t);
bool comparable(struct checker *c, struct type *t, struct span span, unsigned bound);
bool satisfies(struct checker *c, struct type *t, unsigned bound);
// To an actor: one that is known, any, or what a type parameter stands for.
bool is_reference(struct checker *c, struct type *t);

// ---- scope.c ------------------------------------------------------------------------------------

struct namespace *namespace_new(struct checker *c, struct namespace *parent, const char *name);
struct symbol *symbol_new(struct checker *c, struct namespace *n, enum symbol_kind kind,
                          struct ast_name name, struct span holder);
struct symbol *symbol_find(struct namespace *n, const char *name); // outwards
struct symbol *symbol_find_here(const struct namespace *n, const char *name);
// What a path of names means, the first of them looked up outwards; NULL if there is nothing.
struct symbol *symbol_at(struct namespace *n, const struct ast_name *names, int32_t count);
const char *symbol_nearest(struct checker *c, struct namespace *n, const char *name, bool is_type);
struct sema_variable *local_find(struct checker *c, const char *name);
struct sema_variable *local_new(struct checker *c, struct ast_binding *b, struct span holder,
                                struct type *type, enum variable_kind kind);
const char *symbol_word(const struct symbol *s);   // "struct", "actor", …
const char *symbol_phrase(const struct symbol *s); // "a struct", "an actor", …
void say_unknown(struct checker *c, struct ast_name name, struct span holder, bool is_type);
// Says where a name is used that is private elsewhere, or that two modules bring.
void check_visible(struct checker *c, struct symbol *s, struct span span);
void check_unique(struct checker *c, struct symbol *s, struct span span);
// What a path to a trait, `Shape` or `shapes.Shape`, names; NULL after a diagnostic.
struct symbol *symbol_of_path(struct checker *c, const struct ast_type_expr *t);

// ---- declare.c, signature.c, impl.c, annotation.c -----------------------------------------------

void declare_prelude(struct checker *c);
void declare_module(struct checker *c, struct sema_module *m);
void declare_within(struct checker *c, struct namespace *n, struct ast_item *item);
void declare_imports(struct checker *c, struct sema_module *m);
void declare_impl_generics(struct checker *c);
void declare_known(struct checker *c);
void check_signatures(struct checker *c);
void check_impls(struct checker *c);
void signature_of(struct checker *c, struct sema_function *f);
struct sema_function *function_new(struct checker *c, struct ast_item *item,
                                   struct namespace *scope, enum function_kind kind,
                                   const char *owner);
void read_annotations(struct checker *c, struct sema_function *f, struct ast_item *item);
bool is_library_annotation(struct checker *c, const char *name);
void read_struct_annotations(struct checker *c, struct sema_struct *s);
void read_actor_annotations(struct checker *c, struct sema_actor *a);
void resolve_projections(struct checker *c);
struct type *type_of_expr(struct checker *c, struct ast_type_expr *t);
// True if there are as many arguments as wanted. None at all: inside bodies they are inferred. In a
// bound there may be some like `Item = i64` beside them.
bool args_fit(struct checker *c, const char *name, struct ast_type_args *args, int32_t want,
              struct span span, struct span declared, bool is_bound, sema_types *out);
void resolve_alias(struct checker *c, struct alias *a);
sema_types type_args_of(struct checker *c, struct ast_type_args *args);
void method_add(struct checker *c, struct type *self, struct sema_function *f, struct span span);
struct sema_impl *impl_find(struct typed_program *p, struct sema_trait *trait, struct type *self,
                            const sema_types *trait_args, struct type ***args);
struct method *method_find(struct checker *c, struct type *self, const char *name);
// Is it a trait's name that stands for the same trait, or a type that implements it?
bool implements(struct checker *c, struct type *t, struct sema_trait *trait,
                const sema_types *args);
// What the impl that is found for the base says of an associated type; NULL while it is not known.
struct type *assoc_target(struct sema_assoc *assoc, struct type *const *args, int32_t count);
struct sema_assoc *assoc_find(const struct sema_trait *trait, const char *name);
// Complains where a trait stands as a type and cannot.
void check_trait_uses(struct checker *c);

// ---- family.c -----------------------------------------------------------------------------------

void declare_family(struct checker *c, struct ast_item *item);
void declare_foreign(struct checker *c, struct namespace *n, struct ast_item *item);
// After all signatures: types that C has, and models that stand for them.
void check_foreigns(struct checker *c);
void check_exports(struct checker *c);
// Holds the annotations over an item, and over its members, to their schemas.
void check_annotations(struct checker *c, const struct ast_item *item);
void check_module_annotations(struct checker *c, const struct module_ast *module);
// The name of the bundle that an actor without a clause may hold, or NULL if no `@capability`
// stands over it.
struct str bundle_name(const struct sema_actor *a);
// Gives such an actor what the bundle holds, if there is one of that name.
void hold_bundle(struct checker *c, struct sema_actor *a);
void check_families(struct checker *c);
// Names in bundles that are nearly those of families and capabilities which something asks for.
void check_bundles(struct checker *c);
void expand_clause(struct checker *c, struct sema_clause *k);

// ---- service.c ----------------------------------------------------------------------------------

void declare_service(struct checker *c, struct namespace *n, struct ast_item *item);
void declare_provider(struct checker *c, struct namespace *n, struct ast_item *item);
void declare_model(struct checker *c, struct namespace *n, struct ast_item *item,
                   struct sema_actor *model);
void check_services(struct checker *c);
// Monitors: a monitor is an actor with a handler for each event that it watches.
void declare_monitor(struct checker *c, struct namespace *n, struct ast_item *item);
void check_monitors(struct checker *c); // after the signatures
void check_binding(struct checker *c, struct ast_stmt *s);

// ---- bodies -------------------------------------------------------------------------------------

void check_bodies(struct checker *c);
void check_const(struct checker *c, struct sema_const *k);
// Finds the number that an integer constant without a type of its own is.
void constant_fold(struct checker *c, struct sema_const *k);
// The number of things that an expression which was checked says: from 1 to INT32_MAX - 1.
bool constant_count(struct checker *c, const struct ast_expr *e, int64_t *out);
// The type of a constant where `e` names it.
struct type *constant_value(struct checker *c, struct ast_expr *e, struct sema_const *k,
                            const struct want *want);
// Reports an integer that is none of that type.
void check_fits(struct checker *c, struct type *t, uint64_t magnitude, bool is_negative,
                struct span span);
// The type of an integer that is written out here, or of a constant: what is wanted, if that is a
// number.
struct type *check_integer(struct checker *c, struct ast_expr *e, uint64_t magnitude,
                           bool is_negative, const struct want *want);
struct type *check(struct checker *c, struct ast_expr *e, const struct want *want);
struct type *check_hint(struct checker *c, struct ast_expr *e, struct type *hint); // hint or NULL
void check_discard(struct checker *c, struct ast_expr *e);
struct type *default_now(struct checker *c, struct type *t);
struct type *type_new_var(struct checker *c, struct span span);
struct body *body_begin(struct checker *c, struct sema_function *f);
void body_end(struct checker *c);
struct type *check_as(struct checker *c, struct ast_expr *e, struct type *type, const char *what,
                      struct span because);
struct type *coerce(struct checker *c, struct ast_expr *e, struct type *t, const struct want *want);
struct type *check_block(struct checker *c, struct ast_block *b, const struct want *want);
struct type *set_type(struct checker *c, struct ast_expr *e, struct type *t);
struct sema_expr *info(struct checker *c, const struct ast_expr *e);
void say_mismatch(struct checker *c, struct span span, struct type *have, const struct want *want);
int32_t locals_mark(struct checker *c);
void locals_reset(struct checker *c, int32_t mark);
struct type *join_types(struct checker *c, struct ast_expr *e, struct type *a, struct type *b,
                        struct span first);

struct type *check_name(struct checker *c, struct ast_expr *e, const struct want *want);
struct type *check_member(struct checker *c, struct ast_expr *e, const struct want *want);
// What a name or path stands for if it is no value: a symbol, or the type that `Self` is. Marks its
// nodes as ROLE_STATIC. Does not complain.
struct static_ref {
    struct ast_type_args *service; // `Service::<T>` before the name of an operation, or NULL
    struct symbol *symbol;         // or NULL
    struct type *type;             // of `Self`, or NULL
    struct ast_type_args *args;
    struct span span;
};
bool static_path(struct checker *c, struct ast_expr *e, struct static_ref *out);
struct type *static_type(struct checker *c, const struct static_ref *ref);
struct type *symbol_value(struct checker *c, struct ast_expr *e, struct symbol *s,
                          struct ast_type_args *args, const struct want *want);
struct type *function_value(struct checker *c, struct ast_expr *e, struct sema_function *f,
                            struct ast_type_args *args);
int32_t variant_find(const struct sema_enum *t, const char *name);
void say_no_member(struct checker *c, struct type *t, struct ast_name name, struct span holder);
void add_capture(struct checker *c, struct sema_variable *v);
struct type *self_type_here(struct checker *c); // what `Self` is, or NULL
bool in_actor(struct checker *c);               // `self` is an actor's state
struct type *check_variable(struct checker *c, struct ast_expr *e, struct sema_variable *v);
struct type *symbol_self_type(struct checker *c, struct symbol *s, struct ast_type_args *args,
                              struct span span);
bool field_find(struct checker *c, struct type *t, const char *name, int32_t *index);
// Says so if the field of a struct is private and this is outside of its module.
void check_field_visible(struct checker *c, const struct type *t, int32_t index, struct span span);

struct type *check_call(struct checker *c, struct ast_expr *e, const struct want *want);
// The argument of a method of who knows what. What is sent to it is a message of an actor that is
// not known.
void check_loosely(struct checker *c, struct ast_expr *e, const char *method);
void note_call(struct checker *c, struct sema_function *callee, struct sema_actor *actor,
               struct span span);
struct sema_use instantiate(struct checker *c, struct sema_function *f, struct ast_type_args *given,
                            struct span span);
struct type *use_type(struct checker *c, const struct sema_use *use, struct type *t);
struct method *param_method(struct checker *c, struct type *t, const char *name,
                            struct sema_trait_ref **ref);
// The one of several of one name that is of this type.
struct method *method_chosen(struct checker *c, struct method *m, struct type *self);
struct type *call_method(struct checker *c, struct ast_expr *e, struct ast_expr *receiver,
                         struct method *m, struct ast_arg *args, int32_t arg_count,
                         struct ast_type_args *given, struct span name_span,
                         const struct want *want);
void check_args(struct checker *c, struct sema_call *call, struct span span, const char *callee,
                const sema_params *params, const struct sema_use *use, struct ast_arg *args,
                int32_t arg_count, struct span declared);
struct type *check_actor_call(struct checker *c, struct ast_expr *e, struct type *ref,
                              const struct want *want); // NULL: not a call of an actor
struct type *check_self_call(struct checker *c, struct ast_expr *e, const struct want *want);
struct type *call_function(struct checker *c, struct ast_expr *e, struct sema_function *f,
                           struct ast_type_args *given, struct type *self, const struct want *want);
// ---- record.c, and what others share with it
// A record without a type: of the struct that is wanted, or of one of its own.
struct type *check_record(struct checker *c, struct ast_expr *e, const struct want *want);
// `self.capabilities`, which is a call.
struct type *check_capabilities(struct checker *c, struct ast_expr *e);
// What is handed to the actor that `call` starts; the start has been noted.
void take_capabilities(struct checker *c, struct sema_call *call, struct ast_expr *value);
// `x.attenuate({ ... })`, whose arguments have been checked.
void check_attenuation(struct checker *c, struct ast_expr *e, struct sema_call *call);
// The capabilities that `key` stands for are narrowed by that field of the record's struct.
void note_attenuated(struct checker *c, struct sema_call *call, int32_t field,
                     const struct ast_path *key);
// Does one of the list cover it? What depends on values is covered.
bool ability_is_held(const struct ast_ability *list, int32_t count, const struct ast_ability *need);
const char *ability_text(struct checker *c, const struct ast_ability *a);

// `spawn_actor(A.new())` and its like; NULL if it means something else.
struct type *check_spawn_form(struct checker *c, struct ast_expr *e, const struct want *want);
// `supervisor.spawn_child(A.new())`
struct type *check_spawn_child(struct checker *c, struct ast_expr *e, struct type *supervisor);
// `announce(M(x))`; NULL if it means something else.
struct type *check_announce(struct checker *c, struct ast_expr *e);
// `Bus.publish(...)`: to the bus of that type that was bound; NULL if it means something else.
struct type *check_bus_call(struct checker *c, struct ast_expr *e, struct sema_actor *a,
                            struct type *bus);
struct type *check_spawn(struct checker *c, struct ast_expr *e, struct symbol *s,
                         struct ast_type_args *given);
// The strategy of an actor's clause; the type of a child by its recipe; the types of all
// on_child_failure.
void check_strategy(struct checker *c, struct sema_actor *a);
struct type *child_type(struct checker *c, struct ast_expr *recipe);
void check_decisions(struct checker *c);
// Takes the options of a recipe out of its arguments; `others` are those that are left, as many as
// it gives.
int32_t take_options(struct checker *c, struct ast_expr *e, struct sema_call *call,
                     struct ast_arg *others);
// What a child is made from has to be there for the next time.
void check_keepable(struct checker *c, struct ast_expr *e, const struct sema_call *call);
struct type *check_async_call(struct checker *c, struct ast_expr *e, const char *name);
struct type *check_operator(struct checker *c, struct ast_expr *e, const struct want *want);
struct type *check_unary(struct checker *c, struct ast_expr *e, const struct want *want);
struct type *check_assign(struct checker *c, struct ast_expr *e);
struct type *check_index(struct checker *c, struct ast_expr *e);
struct type *check_range(struct checker *c, struct ast_expr *e);
struct type *check_macro(struct checker *c, struct ast_expr *e);
bool is_macro(const char *name);
// The text of a macro or call from its argument `from` on, and what it shows. Never NULL.
struct sema_format *check_format(struct checker *c, struct ast_expr *e, int32_t from);
struct type *check_struct_literal(struct checker *c, struct ast_expr *e, const struct want *want);
struct type *check_closure(struct checker *c, struct ast_expr *e, const struct want *want);
struct type *check_async_block(struct checker *c, struct ast_expr *e, const struct want *want);
struct type *check_async_with(struct checker *c, struct ast_expr *e, const struct want *want);
struct type *check_await(struct checker *c, struct ast_expr *e);
struct type *check_try(struct checker *c, struct ast_expr *e);
void close_tries(struct checker *c, struct closure_frame *frame, struct sema_closure *closure);
struct type *check_if(struct checker *c, struct ast_expr *e, const struct want *want);
struct type *check_match(struct checker *c, struct ast_expr *e, const struct want *want);
struct type *check_loops(struct checker *c, struct ast_expr *e, const struct want *want);
struct type *check_select(struct checker *c, struct ast_expr *e, const struct want *want);
struct type *check_jump(struct checker *c, struct ast_expr *e);
void check_stmt_value(struct checker *c, struct ast_expr *e, struct type *t);
void note_self_use(struct checker *c, struct span span);
struct type *task_result(struct checker *c, struct type *t); // T of Future<T>, else NULL

// ---- places, patterns, flow ---------------------------------------------------------------------

bool is_place(struct checker *c, const struct ast_expr *e);
// The expression is about to be changed: marks what changes, complains if it must not.
void mutate_place(struct checker *c, struct ast_expr *e, const char *how);
// Where a place begins, names for parts of things being places of their own; may two be parts of
// each other?
struct root place_root(struct checker *c, const struct ast_expr *e);
bool roots_overlap(struct root a, struct root b);
void check_exclusive(struct checker *c, struct sema_call *call);
void check_pattern(struct checker *c, struct ast_pattern *p, struct type *t,
                   struct ast_expr *subject);
bool pattern_is_refutable(struct checker *c, struct ast_pattern *p);
void check_exhaustive(struct checker *c, struct ast_expr *match);
void check_let_pattern(struct checker *c, struct ast_pattern *p);
// The body at hand has no mistake in it: what has to be followed on its ways is kept; when all are
// checked, it is.
void flow_keep(struct checker *c);
// The names of a pattern that are `mut`, if `of` is a place: what is written to them does not reach
// it.
void note_copies(struct checker *c, const struct ast_pattern *p, struct ast_expr *of);
// The same for a parameter of that closure: what it is given is the caller's.
void note_copied_param(struct checker *c, const struct ast_pattern *p, struct ast_expr *closure);
void check_flows(struct checker *c);

// ---- latent.c, effects.c ------------------------------------------------------------------------

struct sema_clause *clause_of(struct checker *c, const struct ast_clauses *written); // NULL: none
// Numbers the parameter if it takes any function.
void open_param(struct checker *c, struct sema_param *p);
void number_closure(struct checker *c, struct sema_closure *closure);
struct sema_closure *value_closure(const struct body *b); // the innermost that is a value
// The value of `e` is called here.
void note_called(struct checker *c, struct ast_expr *e);
// The value of `e`, of the type `t`, goes where `want` says.
void note_value(struct checker *c, struct ast_expr *e, struct type *t, const struct want *want);
// It becomes a part of a value whose type follows from it.
void note_part(struct checker *c, struct ast_expr *e, struct type *t);
void check_effects(struct checker *c);

// ---- bound.c ------------------------------------------------------------------------------------

sema_type_params declare_generics(struct checker *c, struct namespace *n, struct ast_generics *g,
                                  struct span holder);
// One more thing that is asked of a parameter.
void add_bound(struct checker *c, struct sema_type_param *p, struct ast_type_expr *bound);
// The same of a trait, with all that it asks for itself.
void ask_trait(struct checker *c, struct sema_type_param *p, struct sema_trait_ref ref);
void declare_wheres(struct checker *c, struct namespace *n, struct ast_clauses *clauses);
// What the `where` clauses around ask of a type that is no parameter; NULL if that is nothing.
const struct sema_type_param *asked_of(struct checker *c, struct type *t);
struct sema_trait_ref subst_trait_ref(struct checker *c, const struct sema_trait_ref *ref,
                                      const sema_type_params *params, const sema_types *by);
// What `of` asks for besides, in the order of its declaration, of a type that is `self`.
struct sema_trait_ref trait_parent(struct checker *c, const struct sema_trait_ref *of, int32_t at,
                                   struct type *self);
const char *trait_text(struct checker *c, const struct sema_trait_ref *ref); // "From<i64>"
bool same_trait_args(struct checker *c, const sema_types *a, const sema_types *b);
// Does what has `have` have that trait as well?
bool trait_brings(struct checker *c, const struct sema_trait_ref *have, struct type *self,
                  const struct sema_trait *trait, const sema_types *args);
// Notes what a use asks of the types that it is given, to be looked at when they are known.
void ask_bounds(struct checker *c, const struct sema_use *use, struct span span);
void check_bound(struct checker *c, const struct pending_bound *b);
// Notes that a type with arguments stands there, which have to be what its parameters ask for.
// Gives the type.
struct type *note_applied(struct checker *c, struct type *t, struct span span);
// The type is to be that of references to actors: of a parameter of the declaration at hand this is
// asked from now on. False if it cannot be, which is said.
bool ask_actor(struct checker *c, struct type *t, struct span span);
// What was noted in declarations holds.
void check_applied(struct checker *c);
// Of what was noted from there on: types that `Item = X` tells become known.
void settle_equals(struct checker *c, int32_t from);
// What the items of a list, a map and the like are; NULL if it has none.
struct type *items_of(struct checker *c, struct type *t);
// The first `Item = X` that does not hold of t, and what Item is; NULL if all hold.
const struct sema_equal *unequal(struct checker *c, struct type *t,
                                 const struct sema_trait_ref *ref, struct type **found);

// ---- typed_const.c ------------------------------------------------------------------------------

struct sema_function *declare_typed_const(struct checker *c, struct namespace *n,
                                          struct ast_item *item, enum function_kind kind,
                                          const char *owner);
// `Type.NAME`; bound is what asks for it where the type is not known, else NULL.
struct type *typed_const(struct checker *c, struct ast_expr *e, struct method *m, struct type *t,
                         const struct sema_trait_ref *bound);
// None is defined by itself.
void check_typed_consts(struct checker *c);

#endif
