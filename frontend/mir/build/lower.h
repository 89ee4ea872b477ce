// SPDX-License-Identifier: MIT
// lower: what the files of frontend/mir/build share.
//
// A `struct fn` is a MIR function in the making; code goes to its block at hand. When nothing
// reaches the place at hand there is no such block, and whatever is put is dropped: lowering goes
// on without asking. Expressions become operands: constants, or copies of places. `want` says where
// a value would be welcome: what makes a value makes it there, what only names one ignores it.
#ifndef PRISM_MIR_BUILD_LOWER_H
#define PRISM_MIR_BUILD_LOWER_H

#include "frontend/mir/build/build.h"

#include <assert.h>

#define BUILD_INSTANCES_MAX 50000 // functions of one program, instances counted singly
#define BUILD_TYPE_SIZE_MAX 300   // types in a type: more is a recursion without end

enum failure {
#define FAILURE(name, word, sentence) FAILURE_##name,
#include "runtime/failures.def"
#undef FAILURE
};

// ---- the program --------------------------------------------------------------------------------

// The types that stand for type parameters.
struct env {
    const sema_type_params *params;
    sema_types args;
};

struct actor_instance {
    VEC(struct instance *)
    adopts; // of a supervisor: messages behind its own that make a child each
    bool is_filled;
    struct sema_actor *actor;
    struct env env;
    struct mir_actor *mir;
    struct mir_type *state;
};

// What a function of MIR is made of.
enum code_kind {
    CODE_FUNCTION,
    CODE_ADOPT,   // what a supervisor does with `spawn_child`
    CODE_TASK_INIT, // of the actor that a supervised task is
    CODE_TASK_RUN,
    CODE_WATCH,   // what a monitor does with an event
    CODE_TELLER,  // tells them what is for several
    CODE_STARTER, // starts the monitors that have type parameters
    CODE_SERVICE, // an operation: calls what is bound
    CODE_FOREIGN, // a function of C: calls its model
    CODE_CLOSURE,
    CODE_INIT,
    CODE_WRAPPER,
    CODE_NARROWED, // calls `inner` within what who made it holds
    CODE_SETTLE,
    CODE_TRY,
    CODE_DISPATCH,
    CODE_ANY,
    CODE_LITERAL,
    CODE_PROPERTY,
    CODE_DEFAULT, // of a struct's field, for decoding
    CODE_ENTRY, // runs `main`, whose `Err` is a failure
};

struct instance {
    enum code_kind kind;
    struct sema_function *function; // the declaration, or the one that a closure stands in
    struct sema_closure *closure;   // CLOSURE: its body, as a closure or as a task
    bool is_task;                   // CLOSURE: its result is awaited in it
    struct ast_expr *expr;          // CLOSURE: the expression when it is not a closure
    struct env env;
    struct actor_instance *actor; // whose self it has, or NULL
    struct mir_function *mir;
    struct sema_module *module;
    struct captures *captures;    // CLOSURE
    struct type *type;            // WRAPPER: the function type; SETTLE, TRY: the result
    struct sema_expr *made;       // WRAPPER: the name's entry
    struct type *raw;             // SETTLE: what the handler gives; TRY: the task's Result
    struct span span;             // ANY … DEFAULT, TELLER, STARTER: what it is made for
    int32_t field;                // DEFAULT: of `type`
    int32_t closure_count;        // of its closures, for their names
    const char *label;            // CLOSURE: what a value that it makes is bound to, or NULL
    struct mir_actor *child;      // ADOPT: of which kind; TASK: what runs the task
    const struct terms *terms;    // ADOPT: which options it is told
    struct mir_function *body;    // TASK: what is run
    int32_t event;                // WATCH, TELLER: which of the monitor's
    const struct sema_actor *watching; // TELLER: the monitor
    int32_t variants;             // DISPATCH: how many types it was made for
    struct instance *inner;       // NARROWED: what it calls
    int32_t narrowed_at;          // NARROWED: the parameter that is the ceiling
};

// A trait as a type: an enum of the types that implement it, which may grow to the end.
struct trait_value {
    struct type *trait;
    VEC(struct type *) types; // by variant
};

struct build {
    struct arena *arena;
    struct typed_program *program;
    struct diag_sink *sink;
    struct mir_module *module;
    struct map instances;        // key text to struct instance
    VEC(struct instance *) work; // in the order of their request
    VEC(struct actor_instance *) actors;
    VEC(struct mir_type *) types; // by sema type id; NULL until it is asked for
    VEC(struct instance *) dispatchers;
    struct instance *starter;    // of monitors that have type parameters; NULL until it is called
    VEC(struct instance *) followers; // functions that have a part for each of these monitors …
    int32_t monitors;                 // … of which there were so many when they were made
    VEC(struct instance *) task_actors; // TASK_RUN, one for each actor that runs a task
    VEC(struct trait_value) trait_values;
    VEC(struct type *) open;            // structs and enums that are being filled
    VEC(const struct source *) sources; // file number to source
    VEC(struct lent) lent;
    VEC(struct type *) decoded; // whose fields have their defaults
    bool is_over; // a limit was passed: said once
};

// What belongs to one home and would leave it: diagnostics, after mir_infer.
void check_homes(struct build *b);
struct span span_at(const struct build *b, struct mir_loc loc);

// ---- a function ---------------------------------------------------------------------------------

// A call of an async function that has not begun: its arguments were evaluated where it stands.
struct cold {
    struct ast_expr *expr;
    const struct sema_call *call;
    struct mir_operand receiver; // if it has one
    struct mir_operand *args;    // in the order of the parameters
    int32_t count;
};

// What a variable stands for.
struct binding {
    const struct sema_variable *variable;
    struct mir_place place;
    struct cold *cold; // a future of a call, not started
};

// A place of the actor that is lent to a call, for `mut`: said to be wrong if that call waits and
// others may run meanwhile.
struct lent {
    struct mir_function *caller, *callee; // callee: NULL for a function value
    struct span span;
};

// What a closure or task takes along.
struct captures {
    AST_LIST(struct sema_variable *) variables;
    VEC(int32_t) fields; // of the actor's self, by value (closures only)
    bool has_ref;        // the reference of the actor at hand (closures only)
};

enum cleanup_kind { CLEANUP_SCOPE, CLEANUP_DEFER, CLEANUP_CATCH };
// What is to be done on the way out of a region; `unwind` is where failures of doing it go.
struct cleanup {
    enum cleanup_kind kind;
    struct cleanup *outer;
    int32_t unwind;
    struct mir_operand scope;     // SCOPE
    bool is_group;                // SCOPE: the compiler's own, for the branches of one expression
    struct ast_expr *deferred;    // DEFER
    const struct sema_with *with; // CATCH
    struct ast_async_with *tree;  // CATCH
    int32_t pad;                  // DEFER: the block that failures go to first
};

struct loop {
    struct loop *outer;
    const char *label;
    int32_t next, out; // blocks
    bool is_out_used;
    struct cleanup *cleanups; // those around the loop
    struct mir_place value;   // of `break e`; local MIR_NO_PLACE if there is none
};

struct fn {
    struct build *b;
    struct mir_function *f;
    struct instance *instance;
    struct sema_module *module; // whose tables hold for the nodes at hand
    struct env env;
    struct type *result; // what `return` gives
    VEC(struct binding) bindings;
    VEC(bool) is_temp; // by local: written once, by the compiler
    int32_t block;     // at hand, or -1
    int32_t unwind;    // of the region at hand, or -1
    struct cleanup *cleanups;
    struct loop *loops;
    struct span inlined_at; // the call whose callee's body is being lowered in its place, or {0}
    bool is_alternative;    // a pattern with alternatives is being lowered: they bind copies
    struct choices *choices; // … but for those that are lowered one by one; NULL: none
    const char *label;      // what the value that is being made is bound to, or NULL: names handles
    const struct captures *captures; // in closures: fields of self are parameters
    int32_t captured_fields;         // … the first of them
};

// ---- build.c, mono.c: the program, its instances ------------------------------------------------

struct instance *instance_of(struct build *b, struct sema_function *f, struct env env,
                             struct actor_instance *actor);
void declare_params(struct build *b, struct instance *i);
void add_param(struct build *b, struct mir_function *f, struct mir_type *t, bool is_mut,
               const char *name);
struct instance *instance_new(struct build *b, enum code_kind kind, const char *name);
// The function that a use means under an env, traits resolved; NULL after a diagnostic.
struct instance *use_instance(struct fn *fn, const struct sema_use *use, bool is_trait,
                              struct span span);
// A method of that name and number of parameters behind self that the type's own impl has, or NULL.
struct instance *method_instance(struct build *b, struct type *t, const char *name,
                                 int32_t param_count);
// A provider's function of that name, or NULL.
struct instance *provider_instance(struct build *b, struct type *t, const char *name);
struct env use_env(struct fn *fn, const struct sema_use *use);
struct actor_instance *actor_instance_of(struct build *b, struct type *ref);
void lower_function(struct build *b, struct instance *i);
void lower_again(struct build *b, struct instance *i); // what was made is dropped
// In a handler: ways out on which the reply was taken give none (`end`).
void end_taken(struct build *b, struct mir_function *f);
// Takes out what is not reached, and blocks that only go on to another.
void tidy_blocks(struct build *b, struct mir_function *f);
const char *env_suffix(struct build *b, const struct env *env, int32_t from);
void fill_actor(struct build *b, struct actor_instance *a);
void lower_init(struct fn *fn);
// ---- build_spawn.c ------------------------------------------------------------------------------

void put_adoption(struct build *b, struct actor_instance *a, const struct instance *i);
void lower_adopt(struct fn *fn);
void lower_task_init(struct fn *fn);
void lower_task_run(struct fn *fn);

// ---- build_type.c -------------------------------------------------------------------------------

struct type *subst(struct build *b, const struct env *env, struct type *t);
struct mir_type *mir_type_for(struct build *b, struct type *t); // t has no parameters
// The type of a part of what is being filled: boxed where it would never end.
struct mir_type *part_type(struct build *b, struct type *t);
bool type_is_endless(const struct type *t, int32_t size_max);
const char *type_path(struct build *b, struct type *t);
// A field is kept in a buffer of one item, because its type is part of itself.
bool field_is_boxed(struct build *b, struct type *t, int32_t variant, int32_t field);
// A struct that has the form of its one field.
bool type_is_transparent(const struct type *t);
bool type_is_known(const struct build *b, const struct type *t, const struct sema_struct *s);

// ---- emit.c: putting instructions ---------------------------------------------------------------

struct mir_inst inst(struct fn *fn, enum mir_op op, struct span span);
void inst_arg(struct fn *fn, struct mir_inst *i, struct mir_operand a);
void put(struct fn *fn, struct mir_inst i);
// Puts it with a destination: `want`, or a new local.
struct mir_operand put_value(struct fn *fn, struct mir_inst i, struct mir_type *t,
                             const struct mir_place *want);
struct mir_operand op1(struct fn *fn, enum mir_op op, struct mir_operand a, struct mir_type *t,
                       const struct mir_place *want, struct span span);
struct mir_operand op2(struct fn *fn, enum mir_op op, struct mir_operand a, struct mir_operand b,
                       struct mir_type *t, const struct mir_place *want, struct span span);
void assign(struct fn *fn, struct mir_place to, struct mir_operand value, struct span span);
struct mir_operand const_int(struct fn *fn, enum mir_type_kind kind, uint64_t bits);
struct mir_operand const_bool(struct fn *fn, bool value);
struct mir_operand const_text(struct fn *fn, struct str text);
struct mir_operand const_unit(struct fn *fn);
struct mir_operand operand_of(struct fn *fn, struct mir_place p);
struct mir_place local_place(int32_t local);
struct mir_place no_place(void);
struct mir_place place_field(struct fn *fn, struct mir_place p, int32_t field);
struct mir_place place_variant(struct fn *fn, struct mir_place p, int32_t variant, int32_t field);
struct mir_place place_index(struct fn *fn, struct mir_place p, struct mir_operand index);
bool place_eq(const struct mir_place *a, const struct mir_place *b);
int32_t temp(struct fn *fn, struct mir_type *t);
// Nothing can change it: only what the compiler, or a variable without `mut`, holds is in it.
bool is_stable_place(const struct fn *fn, const struct mir_place *p);
// The operand itself when nothing can change it, else a copy of it.
struct mir_operand keep(struct fn *fn, struct mir_operand a, struct span span);
// The operand as a place: its own, or a new local with its value.
struct mir_place materialize(struct fn *fn, struct mir_operand a, struct span span);
struct mir_type *prim(struct fn *fn, enum mir_type_kind kind);
struct mir_loc loc_of(struct build *b, struct span span);

int32_t block_new(struct fn *fn);
bool is_reached(const struct fn *fn);
void enter(struct fn *fn, int32_t block);
void jump(struct fn *fn, int32_t block, struct span span);
void branch(struct fn *fn, struct mir_operand condition, int32_t yes, int32_t no, struct span span);
void leave(struct fn *fn, enum mir_term kind, struct mir_operand value, struct span span);
void trap(struct fn *fn, enum failure kind, struct str text, struct span span);
// From here on failures go to `block`.
void set_unwind(struct fn *fn, int32_t block);
// The failure that led into the unwind block at hand, its first operation.
struct mir_operand put_caught(struct fn *fn, struct span span);

// What a field begins with that nobody mentions: its own initialiser, in the module of the struct.
struct mir_operand lower_field_default(struct fn *fn, const struct type *t, int32_t field);

// ---- build_service.c ----------------------------------------------------------------------------

void lower_foreign(struct fn *fn);
void lower_operation(struct fn *fn);
void lower_binding(struct fn *fn, const struct ast_stmt *s);
// What is bound to the type of an event bus or a monitor: variant 1 is a reference, 0 nothing.
struct mir_place bound_actor(struct fn *fn, struct type *ref, struct span span);
void bind_actor(struct fn *fn, struct type *ref, struct mir_operand value, struct span span);
// The event bus of that type that was bound; a trap if none was.
struct mir_operand bound_bus(struct fn *fn, struct type *ref, struct span span);

// ---- build_monitor.c ----------------------------------------------------------------------------

void fill_monitor(struct build *b, struct actor_instance *a);
void lower_watch(struct fn *fn);
void lower_starter(struct fn *fn);
void lower_teller(struct fn *fn);
// Makes these anew if monitors were found since; true if so.
bool lower_followers(struct build *b);
// Tells the monitors that watch the message, if they are known.
void tell_monitors(struct fn *fn, const struct sema_function *f, const struct mir_operand *values,
                   int32_t count, struct span span);
void start_monitors(struct fn *fn, struct span span); // all there are, at the beginning of a test
// An operation of runtime/services.def: starts it, and waits.
struct mir_operand lower_outside(struct fn *fn, const char *name, struct mir_operand *args,
                                 int32_t count, struct type *result, const struct mir_place *want,
                                 struct span span);

// ---- expressions --------------------------------------------------------------------------------

struct mir_operand lower(struct fn *fn, struct ast_expr *e, const struct mir_place *want);
struct mir_operand lower_raw(struct fn *fn, struct ast_expr *e, const struct mir_place *want);
struct mir_place lower_place(struct fn *fn, struct ast_expr *e);
// The value is made at `to`.
void lower_to(struct fn *fn, struct ast_expr *e, struct mir_place to);
void lower_void(struct fn *fn, struct ast_expr *e);
// What nobody looks at: it traps where it is an item that is not there.
void index_all_the_same(struct fn *fn, struct mir_operand value, struct span span);
struct mir_place typed_field(struct fn *fn, struct mir_place p, struct type *t, int32_t variant,
                             int32_t field);
struct type *type_of(struct fn *fn, const struct ast_expr *e); // before its coercion
struct type *value_type_of(struct fn *fn, const struct ast_expr *e);
struct mir_type *mir_type_of_expr(struct fn *fn, const struct ast_expr *e);
struct sema_expr *entry(struct fn *fn, const struct ast_expr *e);
// May its evaluation change a place that the function can see?
bool writes(struct fn *fn, const struct ast_expr *e);
bool block_writes(struct fn *fn, const struct ast_block *b);
// Visits the expression and all below it.
void each_expr(struct ast_expr *e, void (*visit)(struct ast_expr *, void *), void *context);
struct mir_operand unbuilt(struct fn *fn, enum diag_code code, struct span span, const char *what);
struct mir_operand dead(struct fn *fn, struct mir_type *t);

struct mir_operand lower_literal(struct fn *fn, struct ast_expr *e, const struct mir_place *want);
struct mir_operand lower_unary(struct fn *fn, struct ast_expr *e, const struct mir_place *want);
struct mir_operand lower_binary(struct fn *fn, struct ast_expr *e, const struct mir_place *want);
struct mir_operand lower_compare(struct fn *fn, enum mir_op op, const struct mir_operand *sides,
                                 struct type *type, const struct mir_place *want, struct span span);
struct mir_operand lower_range(struct fn *fn, struct ast_expr *e, const struct mir_place *want);
void lower_assign(struct fn *fn, struct ast_expr *e);
// An integer of the program as a value of a type of numbers.
struct mir_operand whole_number(struct fn *fn, struct mir_type *t, uint64_t magnitude,
                                bool is_negative);
struct mir_operand lower_const(struct fn *fn, struct sema_const *k, struct mir_type *type,
                               const struct mir_place *want);
struct mir_operand make_string(struct fn *fn, struct mir_operand bytes,
                               const struct mir_place *want, struct span span);
struct mir_operand box_value(struct fn *fn, struct mir_operand value, struct span span);
struct mir_operand make_struct(struct fn *fn, struct type *t, int32_t variant,
                               struct mir_operand *fields, int32_t count,
                               const struct mir_place *want, struct span span);
struct mir_operand convert(struct fn *fn, struct mir_operand a, struct type *to,
                           const struct mir_place *want, struct span span);
struct mir_operand nanoseconds(struct fn *fn, struct ast_expr *duration);
struct mir_operand lower_aggregate(struct fn *fn, struct ast_expr *e, const struct mir_place *want);

void bind(struct fn *fn, const struct sema_variable *v, struct mir_place p);
struct binding *binding_of(struct fn *fn, const struct sema_variable *v);
int32_t variable_local(struct fn *fn, const struct sema_variable *v); // a new local of its type

// ---- patterns, statements, control --------------------------------------------------------------

// Goes on where the pattern fits, jumps to `fail` where it does not. `may_alias`: bindings may name
// parts of the place instead of copying them.
void lower_pattern(struct fn *fn, struct ast_pattern *p, struct mir_place subject, bool may_alias,
                   int32_t fail);
struct parts { // of a pattern of a variant, tuple or struct
    struct ast_pattern *const *at;
    const struct ast_field_pattern *fields;
    int32_t count;
};
struct parts parts_of(const struct ast_pattern *p);
// Alternatives that give names which are written through are lowered one by one, each with all that
// stands behind the pattern. So between these two the pattern, or NULL, is lowered, and what
// follows it; the second one says whether that has to be done once more, where it has not fitted.
struct choice {
    struct ast_pattern *pattern;
    int32_t alternative;
};
struct choices {
    struct choices *outer;
    struct ast_pattern *pattern;
    VEC(struct choice) at;
    int32_t copies; // of what stands behind it, in the whole function
};
void choices_begin(struct fn *fn, struct choices *c, struct ast_pattern *p);
bool choices_next(struct fn *fn, struct choices *c);
// The one at hand of such a pattern; -1: all of them.
int32_t chosen_alternative(struct fn *fn, const struct ast_pattern *p);
// What a pattern is matched with; a projection that gives an option is taken apart without copying.
struct subject {
    struct mir_place place;
    bool is_projection; // `place` is the place itself; `index` the option of its index
    struct mir_place index;
};
struct subject lower_subject(struct fn *fn, struct ast_expr *e);
void match_subject(struct fn *fn, struct ast_pattern *p, const struct subject *s, bool may_alias,
                   int32_t fail);
bool pattern_binds_mutably(struct fn *fn, const struct ast_pattern *p);
// Before the first of its patterns: where that does not look at the subject its index is looked at.
void index_subject(struct fn *fn, const struct ast_pattern *first, const struct subject *s,
                   struct span span);
struct mir_operand lower_block(struct fn *fn, struct ast_block *b, const struct mir_place *want);
// Is it a condition on types, which is decided here and not in the program?
bool lower_type_condition(struct fn *fn, struct ast_expr *e, bool *holds);
struct mir_operand lower_if(struct fn *fn, struct ast_expr *e, const struct mir_place *want);
struct mir_operand lower_match(struct fn *fn, struct ast_expr *e, const struct mir_place *want);
// The text of an expression in the program.
struct str source_of(const struct ast_expr *e);
// `assert_eventually!`.
void lower_eventually(struct fn *fn, const struct sema_macro *m, struct span span);
void lower_while(struct fn *fn, struct ast_expr *e);
struct mir_operand lower_loop(struct fn *fn, struct ast_expr *e, const struct mir_place *want);
void lower_for(struct fn *fn, struct ast_expr *e);
void lower_jump(struct fn *fn, struct ast_expr *e);
void lower_return(struct fn *fn, struct mir_operand value, struct span span);
struct mir_operand lower_try(struct fn *fn, struct ast_expr *e, const struct mir_place *want);
struct mir_operand lower_with(struct fn *fn, struct ast_expr *e, const struct mir_place *want);
// Leaves all regions up to, not including, `outer`.
void run_cleanups(struct fn *fn, struct cleanup *outer, struct span span);
void push_defer(struct fn *fn, struct ast_expr *deferred, struct span span);
void pop_defer(struct fn *fn, struct span span);
// The scope of the `async with` around what is built, within this function; NULL: there is none.
const struct mir_operand *scope_around(const struct fn *fn);
struct cleanup *open_group(struct fn *fn, struct span span);
struct mir_operand close_group(struct fn *fn, struct cleanup *c, int32_t *normal, struct span span);
// Leaves with an error value of any type as the failure.
void raise_error(struct fn *fn, struct mir_operand error, struct span span);

// ---- calls --------------------------------------------------------------------------------------

struct mir_operand lower_call(struct fn *fn, struct ast_expr *e, const struct mir_place *want);
// Evaluates the arguments of a call that begins later.
struct cold *lower_cold(struct fn *fn, struct ast_expr *e);
// The expression in what declares its effects.
struct ast_expr *bare(struct ast_expr *e);
// Says so if the call changes places that it is given, which one that begins later cannot.
bool say_place_kept(struct fn *fn, const struct sema_call *call, struct span span);
// The receiver of a call of a function with self, evaluated or, if it is changed, as a place.
struct mir_operand lower_receiver(struct fn *fn, struct sema_call *call);
struct mir_operand lower_call_entry(struct fn *fn, struct sema_call *call, struct type *type,
                                    const struct mir_place *want, struct span span);
struct mir_operand lower_builtin(struct fn *fn, struct sema_call *call, struct type *type,
                                 const struct mir_place *want, struct span span);
// A function of the library that waits, or says `@inlined`, stands in its caller, at the place of
// the call: what it meets others by are sites of the program, and a wait costs no frame of its own.
// Its body has no `return`.
struct mir_operand lower_inline(struct fn *fn, const struct sema_use *use,
                                struct mir_operand receiver, struct mir_operand *args,
                                const struct mir_place *want, struct span span);
// The arguments of a call in the order of the parameters, evaluated in the order of the source.
struct mir_operand *lower_args(struct fn *fn, struct sema_call *call, int32_t *count);
// Does the call name a place of its receiver, or an option of one?
bool is_projection(const struct sema_call *call, bool is_option);
struct mir_place lower_projection(struct fn *fn, struct ast_expr *e, struct mir_place *index);
// Fails with a text, bytes or a string, that may be made at run time.
void raise_text(struct fn *fn, enum failure kind, struct mir_operand text, struct span span);
struct mir_operand lower_macro(struct fn *fn, struct ast_expr *e, const struct mir_place *want);
struct mir_operand lower_format(struct fn *fn, struct sema_format *f, struct span span); // buf(u8)
struct mir_place captured_field(struct fn *fn, int32_t field);
struct mir_operand lower_closure(struct fn *fn, struct ast_expr *e, const struct mir_place *want);
struct mir_operand lower_function_value(struct fn *fn, struct ast_expr *e,
                                        const struct mir_place *want);
void lower_closure_body(struct fn *fn);
void lower_wrapper(struct fn *fn);

// ---- actors, tasks, waiting ---------------------------------------------------------------------

struct mir_operand lower_spawn(struct fn *fn, struct sema_call *call, struct type *type,
                               const struct mir_place *want, struct span span);
// What a task of that recipe would run, and with which arguments; NULL after a diagnostic.
struct instance *task_body(struct fn *fn, struct ast_expr *e, struct mir_inst *task);
struct mir_operand lower_actor_call(struct fn *fn, struct sema_call *call, struct type *type,
                                    const struct mir_place *want, struct span span);
bool lower_forward(struct fn *fn, struct ast_expr *value, struct span span);
struct mir_operand self_reference(struct fn *fn, struct span span);
struct mir_operand lower_await(struct fn *fn, struct ast_expr *operand, struct type *result,
                               const struct mir_place *want, struct span span);
struct mir_operand lower_async_call(struct fn *fn, struct sema_call *call, struct type *type,
                                    const struct mir_place *want, struct span span);
// What a list of futures gives, in a new one; or the first failure, or that of the first to fail.
struct mir_operand lower_all_of_list(struct fn *fn, struct sema_call *call, struct span span);
// ---- capabilities -------------------------------------------------------------------------------

// Calls a function of the library.
struct mir_operand call_std(struct fn *fn, const char *name, struct mir_operand *args,
                            int32_t count, struct span span);
struct mir_operand lower_attenuate(struct fn *fn, struct sema_call *call, struct span span);
// The actor that is spawned next holds at most that; `args`, of the spawn, become locals.
void hand_over(struct fn *fn, struct ast_expr *capabilities, struct mir_operand *args,
               int32_t count);
// At the beginning of an operation of a service: does who calls it hold what it takes?
void guard_operation(struct fn *fn, struct span span);
// The function of a closure that is being made, `closure`, whose captures stand in it: `inner`, or
// one around it that narrows it to what is held here, if that can matter.
void narrow_value(struct fn *fn, struct mir_inst *closure, struct instance *inner, bool is_limited,
                  struct span span);
void lower_narrowed(struct fn *fn);
// A call of a provider, which does what it does for the program, not for the actor that asked.
struct mir_operand call_trusted(struct fn *fn, struct mir_inst call, struct mir_type *result,
                                struct span span);

// The library's function of that name, which has to be there.
struct sema_function *std_function(const struct build *b, const char *name);
struct mir_operand lower_select(struct fn *fn, struct ast_expr *e, const struct mir_place *want);
// A future on its way. `is_ask`: what is taken of it has still to become Result<T, AskError<E>>.
struct started {
    struct mir_operand future;
    bool is_ask;
    struct type *type; // what it gives in the end
    struct type *raw;  // what the handler gives, if it is an ask
};
struct started start(struct fn *fn, struct ast_expr *e, enum mir_task_kind kind,
                     const struct mir_operand *in);
struct mir_operand finish(struct fn *fn, const struct started *s, const struct mir_place *want,
                          struct span span);
struct mir_operand start_value(struct fn *fn, struct ast_expr *e, enum mir_task_kind kind,
                               const struct mir_operand *in);
bool is_cold_call(struct fn *fn, const struct ast_expr *e);
struct mir_operand lower_limited(struct fn *fn, struct sema_call *call, struct type *type,
                                 const struct mir_place *want, struct span span);
void wait_for(struct fn *fn, const struct mir_operand *futures, int32_t count, struct span span);
void lower_settle(struct fn *fn);
void lower_try_task(struct fn *fn);
// ---- build_trait.c ------------------------------------------------------------------------------

// Fills the enum of a trait's type.
void fill_trait(struct build *b, struct type *t, struct mir_type *made);
// The value as one of the trait's type.
struct mir_operand make_trait_value(struct fn *fn, struct mir_operand value, struct type *of,
                                    struct type *trait, const struct mir_place *want,
                                    struct span span);
// The function that calls the trait's function of whatever stands in `self`.
struct instance *dispatch_instance(struct build *b, struct sema_function *f, struct env env);
void lower_dispatch(struct fn *fn);
// Makes anew what was made before a type came to its trait; true if there was any.
bool lower_dispatchers(struct build *b);

// ---- build_entry.c ------------------------------------------------------------------------------

// What the program begins with: `main`, or what makes its `Err` a failure.
struct instance *entry_instance(struct build *b, struct sema_function *main);
void lower_entry(struct fn *fn);

// ---- build_property.c ---------------------------------------------------------------------------

struct instance *any_instance(struct build *b, struct type *t, struct span span);
struct instance *property_instance(struct build *b, struct sema_function *f);
void lower_any_value(struct fn *fn);
void lower_property(struct fn *fn);

// ---- build_decode.c -----------------------------------------------------------------------------

// Values of the type are decoded: where its fields are missing, their defaults stand in.
void give_defaults(struct build *b, struct type *t, struct span span);
void lower_default_function(struct fn *fn);
void check_defaults(struct build *b); // diagnostics, after mir_infer

// ---- build_literal.c ----------------------------------------------------------------------------

void literal_say(struct fn *fn, struct mir_operand text, struct str words);
// Appends the value to the text, both of which are places, as a program would write it.
void literal_put(struct fn *fn, struct mir_operand text, struct mir_operand value, struct type *t);
void lower_literal_function(struct fn *fn);

// A task that nobody is to wait for: of its own home, or isolated to the actor at hand; its future.
struct mir_operand put_free_task(struct fn *fn, struct mir_inst task, struct instance *body);
// The task function of an expression of type Future<T>, or of a closure that gives one, its
// captures first.
struct instance *task_instance(struct fn *fn, struct ast_expr *e, struct mir_inst *captures);

#endif
