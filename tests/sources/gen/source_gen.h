// SPDX-License-Identifier: MIT
// source-gen: valid programs in Prism from seeds. What a program gives does not depend on a
// schedule, so the interpreter of MIR, both runtimes and every compiler have to agree on it.
//
//   types.c      which types there are, their names, their declarations
//   traits.c     traits, their impls, values of whatever implements one
//   expr.c       expressions of a given type
//   methods.c    methods of the library, by what they give
//   pattern.c    patterns, and the statements that have them
//   place.c      writing through places, however deep
//   stmt.c       statements, blocks
//   flow.c       values that come later, loops, ways out, writing to what patterns name
//   functions.c  functions and how they are called
//   actors.c     actors of several kinds
//   turns.c      what runs within a handler's turn
//   tasks.c      time limits, races, scopes, tokens, failures
//   handles.c    channels, locks and their kin
//   supervisors.c  who is restarted when
//   services.c   services, event buses, untyped references
//   generics.c   generic services, actors, monitors; traits with types and constants
//   endings.c    how tasks and actors end, and in which order
//   replies.c    replies as values, and who is turned away
//   data.c       JSON and CBOR
//   program.c    one program: a module with what it declares, and an `outcome` that uses it
//   main.c       a file of such modules
//
// FAMILY_PROGRAMS programs share their types, so that one file of them is not compiled for as many
// instances of the library. What a program is follows from its seed alone all the same.
//
// A program is made from the top: a function calls only those before it, so that it ends; loops are
// counted; whatever may fail fails in a function whose caller in `outcome` notes the failure and
// goes on. Where things happen side by side, only what all orders have in common is noted.
#ifndef PRISM_TESTS_SOURCE_GEN_H
#define PRISM_TESTS_SOURCE_GEN_H

#include "frontend/base/base.h"

enum type_kind {
    T_I64,
    T_I32,
    T_I16,
    T_I8,
    T_U8,
    T_U16,
    T_U32,
    T_U64,
    T_USIZE,
    T_BOOL,
    T_F64,
    T_F32,
    T_CHAR,
    T_DURATION,
    T_STRING,
    T_BYTES,
    T_STRUCT,
    T_ENUM,
    T_DISTINCT,
    T_TRAIT, // a value of whatever implements it
    T_LIST,
    T_SET,
    T_QUEUE,
    T_OPTION,
    T_RESULT, // of a, or Fail
    T_MAP,    // from a to b
    T_TUPLE,  // of a and b
    T_PAIR,   // a generic struct of a and b
    // Those below are integers, and have no parts.
    INTEGER_TYPES = T_USIZE + 1,
    SIMPLE_TYPES = T_BYTES + 1,
};

struct type {
    enum type_kind kind;
    int32_t decl; // STRUCT, ENUM, DISTINCT, TRAIT
    const struct type *a, *b;
};

enum { FIELDS_MAX = 4, VARIANTS_MAX = 4, PARAMS_MAX = 4 };

struct struct_decl {
    int32_t count;
    const struct type *fields[FIELDS_MAX];
    const struct type *takes,
        *gives; // of its method `poke`, which changes it; `peek` takes nothing
};
struct enum_decl {
    int32_t count;
    const struct type *payloads[VARIANTS_MAX]; // NULL: none
};
// A trait with the functions `measure`, `twice` and `change`, and what implements it.
struct trait_decl {
    VEC(const struct type *) values;
};

struct variable {
    const char *name;
    const struct type *type;
    bool is_mut;
    bool is_copy;               // of a place: whoever changes it has to read it, too
    const struct type *closure; // what it takes, if it is a closure that gives `type`
};

struct scope {
    struct variable *at;
    int32_t len, cap;
};

struct param {
    const char *name;
    const struct type *type;
    bool is_mut, has_default;
};

struct function {
    const char *name;
    const struct type *result;
    int32_t count;
    struct param params[PARAMS_MAX];
    bool is_async, has_log,
        has_result; // the log is a further `mut` parameter; Result<result, Fail>
    bool of_self;   // of the actor at hand
};

enum { FAMILY_PROGRAMS = 500, POOL_TYPES = 16 };

struct gen {
    struct arena *arena;
    uint64_t random;
    struct text out;
    struct text uses;   // what the outcome does with what is declared
    struct text binds;  // what `main` and the test bind first
    const char *module; // its path
    int32_t indent;
    int32_t names;  // given so far
    int32_t budget; // of nodes, for the function at hand
    VEC(struct struct_decl) structs;
    VEC(struct enum_decl) enums;
    VEC(const struct type *) distincts; // what each has the form of
    VEC(struct trait_decl) traits;
    VEC(struct variable) constants;
    VEC(const struct type *) pool; // what types there are besides the simple ones
    VEC(struct function) functions;
    struct scope scope;
    // Where the text goes.
    bool in_async, in_result, in_closure, in_loop, has_log;
    bool gives_value; // the loop around, so that nobody just breaks it
    bool writes;      // what a pattern names may be written to
    bool is_lent;     // a part of something has a name: nobody may change what it is a part of
    bool in_handler;  // of an actor, so `self` is at hand
    const struct type *result; // of the function at hand; NULL: nothing can be returned
};

// ---- choice (main.c) ----
uint64_t roll(struct gen *g, uint64_t count); // 0 .. count-1
bool chance(struct gen *g, int percent);
const char *fresh(struct gen *g, const char *prefix);

// ---- types.c ----
void make_types(struct gen *g); // of a family; prints their declarations
const struct type *any_type(struct gen *g);
// One of a few, for what is generic and large: channels, locks, actors.
const struct type *shared_type(struct gen *g);
const struct type *key_type(struct gen *g);
const struct type *simple(enum type_kind kind);
const struct type *list_of(struct gen *g, const struct type *item);
bool type_equal(const struct type *a, const struct type *b);
bool is_integer(const struct type *t);
bool is_signed(const struct type *t);
bool is_number(const struct type *t);
// Somewhere in it stands a trait's name, so that a literal has to be told its type.
bool has_trait(const struct type *t);
// Its values have an order.
bool is_ordered(struct gen *g, const struct type *t);
const char *type_name(struct gen *g, const struct type *t);

// ---- traits.c ----
void make_trait(struct gen *g);
// Methods of a struct: `poke` and `peek`.
void make_methods(struct gen *g, int32_t number);
void use_trait(struct gen *g, int32_t number);

// ---- expr.c ----
void expression(struct gen *g, const struct type *t, int depth);
void literal(struct gen *g, const struct type *t, int depth);
// What a closure gives for it; some wait.
void closure_value(struct gen *g, const struct type *t, int depth);
// A variable of the type, that is no closure; NULL if there is none.
const struct variable *find_variable(struct gen *g, const struct type *t, bool is_mut);
const struct variable *find_kind(struct gen *g, enum type_kind kind, bool is_mut);
const struct variable *find_any(struct gen *g, bool is_mut);
// Calls a function that gives `t`; false if there is none that may be called here.
bool call_any(struct gen *g, const struct type *t, int depth);

// ---- methods.c ----
// What a method of the library gives for a variable at hand; false if none gives `t`.
bool method_call(struct gen *g, const struct type *t, int depth);

// ---- pattern.c ----
bool match_stmt(struct gen *g, int depth);
bool if_let_stmt(struct gen *g, int depth);
bool while_let_stmt(struct gen *g, int depth);
bool let_else_stmt(struct gen *g);
bool match_value(struct gen *g, const struct type *t, int depth);
// What it names may be written to.
void writing_pattern(struct gen *g, const struct type *t);

// ---- place.c ----
bool change_stmt(struct gen *g);

// ---- flow.c ----
void late_let(struct gen *g, int depth);
bool loop_stmt(struct gen *g, int depth);
bool defer_stmt(struct gen *g);
bool write_stmt(struct gen *g, int depth);
void block_value(struct gen *g, const struct type *t, int depth);

// ---- stmt.c ----
void line(struct gen *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
void begin(struct gen *g); // a line whose text follows by text_printf(&g->out, …)
void end(struct gen *g, const char *tail);
// Lines with holes: %s a text, %d an int, %t a type's name, %a that of a function's one parameter,
// %e an expression and %l a literal of a type, %% itself. The lines are indented as a whole.
void form(struct gen *g, const char *lines, ...);
void block(struct gen *g, int statements, int depth); // the statements of a scope of its own
void some(struct gen *g, int depth);                  // a few
void log_values(struct gen *g);                       // some of those at hand
void let(struct gen *g, const struct type *t, int depth);
void declare(struct gen *g, const char *name, const struct type *t, bool is_mut);
void leave(struct gen *g); // returns what the function gives

// ---- functions.c ----
enum { FUNCTION_NODES = 14, PART_NODES = 4 }; // budgets
// The text of a function, handler or other body with its own names begins.
void enter(struct gen *g, bool in_async, bool in_result, bool has_log, const struct type *result);
void body(struct gen *g); // of the function entered: statements, and what it gives
void make_function(struct gen *g);
void make_recursion(struct gen *g);

// ---- turns.c ----
// In a handler: branches, tasks of a scope and functions that have a part in the actor's state.
bool turn_stmt(struct gen *g);
void limited_work(struct gen *g); // what fails in it is caught

// ---- parts of programs: each declares something and uses it ----
void actor_part(struct gen *g);
void task_part(struct gen *g);
void handle_part(struct gen *g);
void supervisor_part(struct gen *g);
void service_part(struct gen *g);
void data_part(struct gen *g);
void value_part(struct gen *g);
void generic_part(struct gen *g);
void ending_part(struct gen *g);
void reply_part(struct gen *g);

// ---- program.c ----
// Between these two the text goes to the outcome.
void begin_attempt(struct gen *g);
void end_attempt(struct gen *g);
// The same; what fails within is noted under the name.
void begin_use(struct gen *g);
void end_use(struct gen *g, const char *name);
void note(struct gen *g, const char *what,
          const char *value); // in the outcome: what an expression gives
// Declares what the program of a seed needs and its `outcome`; leaves what is to be bound in
// `binds`.
void make_program(struct gen *g);

#endif
