// SPDX-License-Identifier: MIT
// mir: the one form that is run, simulated and proved. docs/mir.md says what everything means; this
// is the same as C structs, in the order in which a module's text is written.
//
// A module and all below it live in one arena. Passes add or replace, they never free. Ids are
// indexes into the module's vectors; nothing is ordered by address.
#ifndef PRISM_MIR_H
#define PRISM_MIR_H

#include "frontend/base/base.h"
#include "frontend/diag/diag.h"

// ---- locations ----------------------------------------------------------------------------------

// `line` 0 means "no location".
struct mir_loc {
    int32_t file, line, column;
};

// ---- types --------------------------------------------------------------------------------------

enum mir_type_kind {
    MIR_UNIT,
    MIR_NEVER,
    MIR_BOOL,
    MIR_CHAR,
    MIR_I8,
    MIR_I16,
    MIR_I32,
    MIR_I64,
    MIR_U8,
    MIR_U16,
    MIR_U32,
    MIR_U64,
    MIR_F32,
    MIR_F64,
    MIR_STRUCT,
    MIR_ENUM,
    MIR_BUFFER,
    MIR_FN,
    MIR_REF,
    MIR_REPLY,
    MIR_FUTURE,
    MIR_SCOPE,
    MIR_TOKEN,
    MIR_ERROR,
};

enum mir_type_mark {
    MIR_MARK_NONE,
    MIR_MARK_STRING,
    MIR_MARK_TUPLE,
    MIR_MARK_DURATION,
    MIR_MARK_INSTANT,
    MIR_MARK_LIST,
    MIR_MARK_BYTES, // these are only encoded in a way of their own
    MIR_MARK_MAP,
    MIR_MARK_SET,
    MIR_MARK_QUEUE,
    MIR_MARK_TRAIT, // of enums, from here on
    MIR_MARK_OPTION,
    MIR_MARK_COUNT
};

struct mir_field {
    const char *name;
    struct mir_type *type;
    const char *fallback; // the function that gives its default where decoding needs one, or NULL
};
struct mir_variant {
    const char *name;
    VEC(struct mir_type *) types;
    VEC(const char *) labels; // of a payload with named fields: as many names as types; else none
};

// Types are unique per module: equal types are the same pointer (made by mir_type_*).
struct mir_type {
    enum mir_type_kind kind;
    int32_t id;                       // index in mir_module.types, the order of first use
    const char *name;                 // STRUCT, ENUM; REF: the actor's name or NULL
    enum mir_type_mark mark;          // STRUCT, ENUM
    bool box;                         // BUFFER: of one item, and printed as that item
    VEC(struct mir_field) fields;     // STRUCT
    VEC(struct mir_variant) variants; // ENUM
    struct mir_type *element;         // BUFFER, REPLY, FUTURE; FN: the result
    VEC(struct mir_type *) params;    // FN
    const bool *in_out;               // FN: which of them are `mut`; NULL: none
    // Filled by mir_infer. `plain`: values need no drop (no buf, fn, reply, future, scope, token or
    // error inside). `depth`: 0 for what has no declared type inside without a buf between, else
    // one more than the deepest; -1 when it contains itself so.
    // `data`: may be compared and hashed (no fn, reply, future, scope, token, error reachable).
    bool plain, data;
    int32_t depth;
};

// ---- operands -----------------------------------------------------------------------------------

enum mir_proj_kind { MIR_PROJ_FIELD, MIR_PROJ_VARIANT, MIR_PROJ_INDEX };
struct mir_operand;
struct mir_proj {
    enum mir_proj_kind kind;
    int32_t variant, field;    // FIELD: field; VARIANT: both
    struct mir_operand *index; // INDEX: u64
};

#define MIR_SELF     (-1)
#define MIR_NO_PLACE (-2)
struct mir_place {
    int32_t local; // index of a local, MIR_SELF, or MIR_NO_PLACE
    VEC(struct mir_proj) projs;
};

enum mir_operand_kind { MIR_COPY, MIR_MOVE, MIR_CONST };
struct mir_operand {
    enum mir_operand_kind kind;
    struct mir_place place; // COPY, MOVE
    struct mir_type *type;  // of the value, always set
    union {                 // CONST, by type
        uint64_t bits;      // integers sign-extended, bool, char
        double number;      // f32, f64
        struct str text;    // buf(u8)
    } value;
};

// ---- instructions -------------------------------------------------------------------------------

enum mir_op {
#define OP(name, text, flags) MIR_OP_##name,
#include "frontend/mir/ops.def"
#undef OP
    MIR_OP_COUNT
};

enum mir_op_flag {
    MIR_FLAG_D = 1,
    MIR_FLAG_T = 2,
    MIR_FLAG_S = 4,
    MIR_FLAG_V = 8,
    MIR_FLAG_W = 16,
    MIR_FLAG_R = 32,
};
const char *mir_op_name(enum mir_op op);
unsigned mir_op_flags(enum mir_op op); // of MIR_FLAG_*; CALL's T and S come from the callee
// The columns of runtime/failures.def by number; NULL where there is no such failure.
const char *mir_failure_word(int32_t failure);
const char *mir_failure_sentence(int32_t failure);
int32_t mir_failure_find(struct str word); // -1 if there is none

enum mir_task_kind { MIR_TASK_ISOLATED, MIR_TASK_BRANCH, MIR_TASK_FREE };
enum mir_math {
    // clang-format off
    MIR_SQRT, MIR_FLOOR, MIR_CEIL, MIR_TRUNC, MIR_ROUND, MIR_POW, MIR_SIN, MIR_COS, MIR_EXP, MIR_LN,
    MIR_MATH_COUNT,
    // clang-format on
};

enum mir_format { MIR_JSON, MIR_JSON_PRETTY, MIR_CBOR, MIR_FORMAT_COUNT };

struct mir_inst {
    enum mir_op op;
    struct mir_loc loc;
    struct mir_place dst; // local is MIR_NO_PLACE when there is none
    VEC(struct mir_operand)
    args; // in the order of the text; places that are written are COPY operands
    // What an operation names besides operands; which ones are set follows from `op`.
    // CALL, CLOSURE, TASK; BIND, BOUND: the service; OUTSIDE: the operation; TELL_ANY: the message
    const char *function;
    const char *actor; // SPAWN, SPAWN_CHILD, TELL, ASK, ASK_TIMEOUT, FORWARD
    int32_t message;   // TELL, ASK, ASK_TIMEOUT, FORWARD: index in the actor
    // VARIANT: variant; PRINT: 1 or 2; ERROR_TEXT: failure; TASK: enum mir_task_kind; MATH: enum
    // mir_math; ENCODE, DECODE: enum mir_format
    int32_t number;
    struct mir_type *type; // FITS, ERROR_IS: the type asked for
    bool has_scope;        // TASK: the last operand is the scope or token
    int32_t site;          // ordinal among the function's equal operations; mir_fill_sites
    // CLOSURE, APPLY, WAITS: it is one of the function values that may suspend; mir_infer
    bool waits;
    bool fresh;    // lowered: the destination is a local that holds nothing before; mir_suspend
    int32_t state; // lowered: number of this suspension point in the function, from 1; else 0
};

enum mir_term {
    MIR_GOTO,
    MIR_IF,
    MIR_SWITCH,
    MIR_RETURN,
    MIR_END,
    MIR_TRAP,
    MIR_RAISE,
    MIR_UNREACHABLE,
};
struct mir_case {
    uint64_t value;
    int32_t block;
};
struct mir_terminator {
    enum mir_term kind;
    struct mir_loc loc;
    struct mir_operand value;   // IF, SWITCH, RETURN, RAISE
    int32_t block, block_else;  // GOTO: block; IF: then, else; SWITCH: block_else is the default
    VEC(struct mir_case) cases; // SWITCH
    int32_t failure;            // TRAP: position in runtime/failures.def
    struct str text;            // TRAP: what to say, may be empty
};

struct mir_block {
    int32_t unwind; // block that failures of this block go to, or -1
    VEC(struct mir_inst) insts;
    struct mir_terminator end;
};

// ---- functions ----------------------------------------------------------------------------------

enum mir_param_mode { MIR_PARAM_LEND, MIR_PARAM_OWN, MIR_PARAM_MUT };
struct mir_local {
    struct mir_type *type;
    const char *name; // the program's name or NULL
    bool frame;       // lowered: lives in the frame, since it is live across a suspension
};

struct mir_function {
    const char *name; // unique; path of the declaration, `$` before what the compiler made
    struct mir_loc loc;
    int32_t param_count; // the first locals
    VEC(enum mir_param_mode) modes;
    VEC(struct mir_local) locals;
    struct mir_type *result;
    struct mir_type *self; // state struct, or NULL
    VEC(struct mir_block) blocks;
    bool suspends, traps;
    bool brief;             // no loop, recursion or unknown code in it or what it calls
    int32_t captures;       // the first params of a closure
    const char *foreign;    // the function of C that it stands for, or NULL
    uint64_t reads, writes; // bit i: field min(i, 63) of self; inferred through calls
    VEC(const char *) effects;
    int32_t index; // in mir_module.functions
    int32_t cycle; // mir_infer: which cycle of the call graph it stands in, from 1; 0: in none
};

// ---- actors, tests, the module ------------------------------------------------------------------

struct mir_message {
    const char *name;
    VEC(struct mir_type *) params;
    struct mir_type *result;
    const char *handler;
    struct mir_loc loc;
};
struct mir_invariant {
    struct str text;
    const char *function;
};
enum mir_mailbox {
    MIR_MAILBOX_UNBOUNDED,
    MIR_MAILBOX_REJECT,
    MIR_MAILBOX_BLOCK,
    MIR_MAILBOX_DROP_OLDEST
};
// Which children a restart concerns; as enum prism_strategy counts.
enum mir_strategy { MIR_ONE_FOR_ONE, MIR_ONE_FOR_ALL, MIR_REST_FOR_ONE };
struct mir_actor {
    const char *name;
    struct mir_loc loc;
    struct mir_type *state;
    const char *init;
    const char *on_start, *on_stop, *on_shutdown, *on_child_failure; // or NULL
    enum mir_strategy strategy;
    VEC(struct mir_invariant) invariants;
    VEC(struct mir_message) messages;
    bool reentrant;
    bool model;         // it stands for what is outside of the program
    VEC(bool) hot;      // of a monitor: its states that must be left, by their number; else empty
    const char *handle; // it stands behind handles of that kind, such as "channel"; or NULL
    enum mir_mailbox mailbox;
    int32_t mailbox_limit;
    bool own_mailboxes; // some are given a mailbox of their own when they are spawned
    bool measured;      // its memory has a limit
    bool is_task;       // it runs a task and ends: may do what its spawner may
    VEC(struct str) capabilities;
};

struct mir_test_param {
    const char *name;
    struct mir_operand value; // CONST
};
enum mir_test_kind { MIR_TEST_PLAIN, MIR_TEST_PROPERTY, MIR_TEST_CHAOS };
struct mir_test {
    enum mir_test_kind kind;
    const char *name;
    const char *function;
    struct mir_loc loc;
    VEC(struct mir_test_param) params;
};

// A service: what stands for it is bound once, at the entry or in a test. The all-zero value of
// the type, an enum, says that nothing does.
struct mir_service {
    const char *name;
    struct mir_type *type;
};

// An operation of runtime/services.def: the types of its operands and of its result, a
// letter each. i: i64, b: a struct of one buf(u8), l: a struct of one buffer of such structs.
struct mir_outside {
    const char *name, *service, *params, *result, *library;
};
const struct mir_outside *mir_outside_find(const char *name); // NULL if there is none

struct mir_module {
    struct arena *arena;
    struct intern_table names;
    bool lowered;
    VEC(const char *) files;
    VEC(struct mir_type *) types; // every type, in order of first use
    VEC(struct mir_function *) functions;
    VEC(struct mir_service) services;
    VEC(struct mir_actor *) actors;
    VEC(struct mir_test) tests;
    const char *entry;                                        // function or NULL
    VEC(const char *) exports; // functions that C may call, by what follows the last `.`
    struct map function_by_name, actor_by_name, type_by_text; // values: the structs
};

// ---- making -------------------------------------------------------------------------------------

struct mir_module *mir_module_new(struct arena *a);
struct mir_type *mir_type_prim(struct mir_module *m, enum mir_type_kind kind);
// BUFFER, REPLY, FUTURE
struct mir_type *mir_type_of(struct mir_module *m, enum mir_type_kind kind,
                             struct mir_type *element);
// A buffer that holds one item, where a type is part of itself: printed and encoded as that item.
struct mir_type *mir_type_box(struct mir_module *m, struct mir_type *element);
struct mir_type *mir_type_ref(struct mir_module *m, const char *actor_or_null);
// in_out: one a parameter
struct mir_type *mir_type_fn(struct mir_module *m, struct mir_type **params, const bool *in_out,
                             int32_t count, struct mir_type *result);
static inline bool mir_fn_is_mut(const struct mir_type *fn, int32_t param) {
    return fn->in_out && fn->in_out[param];
}
// The declared type of that name, declared empty (to be filled by the caller) if it was not there.
struct mir_type *mir_type_named(struct mir_module *m, enum mir_type_kind kind, const char *name,
                                bool *is_new);
struct mir_function *mir_function_new(struct mir_module *m, const char *name);
struct mir_function *mir_find_function(const struct mir_module *m, const char *name);
// The index of that service, -1 if there is none.
int32_t mir_find_service(const struct mir_module *m, const char *name);
struct mir_actor *mir_actor_new(struct mir_module *m, const char *name);
struct mir_actor *mir_find_actor(const struct mir_module *m, const char *name);
// Which message of the actor a TELL_ANY is: of that name, and with parameters of just the types of
// its arguments; -1 if there is none.
int32_t mir_message_taking(const struct mir_actor *a, const struct mir_inst *tell_any);
// What the actor holds, as CEILING gives it: `@NAME`, then its capabilities, a line each; in
// `arena`.
struct str mir_clause_text(struct arena *arena, const struct mir_actor *a);
int32_t mir_local_new(struct mir_module *m, struct mir_function *f, struct mir_type *t,
                      const char *name);
int32_t mir_block_new(struct mir_module *m, struct mir_function *f);
// The type of a place, following its projections; NULL if it does not fit.
struct mir_type *mir_place_type(const struct mir_function *f, const struct mir_place *p);

// ---- text ---------------------------------------------------------------------------------------

enum mir_print_flag { MIR_PRINT_LOCATIONS = 1, MIR_PRINT_LOCAL_NAMES = 2, MIR_PRINT_ALL = 3 };
void mir_print(const struct mir_module *m, unsigned flags, struct text *out);
void mir_print_function(const struct mir_module *m, const struct mir_function *f, unsigned flags,
                        struct text *out);
// NULL when the text is wrong; then the sink says why.
struct mir_module *mir_parse(struct arena *a, const struct source *s, struct diag_sink *sink);
// XXH3 over the text without locations, files and local names; the module is core.
uint64_t mir_hash(const struct mir_module *m);

// ---- passes, in pipeline order ------------------------------------------------------------------

// Makes of each function that is given function values, some of which may suspend and some not, two
// functions. The module is core; what follows from bodies is recomputed.
void mir_split(struct mir_module *m);
// Recomputes what follows from the bodies: suspends, traps, brief, reads, writes, cycle, sites; and
// plain and depth of types. Idempotent. The module need not be valid: what is not there is left
// out.
void mir_infer(struct mir_module *m);
// Is something of this kind (a reply, a future) in its values, at any depth? After mir_infer.
bool mir_type_reaches(const struct mir_module *m, const struct mir_type *t,
                      enum mir_type_kind kind);
// May this operation leave through `unwind`? Sharper than the flag T: floats do not trap, nor does
// a conversion that loses nothing; a call traps as its callee does, and in a cycle (recursion too
// deep).
bool mir_inst_traps(const struct mir_module *m, const struct mir_function *f,
                    const struct mir_inst *i);
// The same for the end of a block: `trap`, `raise`, or a value that is an item of a buffer.
bool mir_end_traps(const struct mir_terminator *t);
// Is operand `n` written in place: the first of an operation with flag W, or a `mut` argument?
bool mir_arg_is_written(const struct mir_module *m, const struct mir_inst *i, int32_t n);
// Is it a suspension point: an operation with flag S, a call of a function that suspends, or one of
// a function value that may?
bool mir_inst_suspends(const struct mir_module *m, const struct mir_inst *i);
// A suspension point of `f` that can be reached while the strand is being cancelled: in what a
// `defer` left, or behind it. NULL: there is none. After mir_infer.
const struct mir_inst *mir_cleanup_wait(struct arena *a, const struct mir_module *m,
                                        const struct mir_function *f);
// May a mailbox of the actor's kind block its senders: the one that it declares, or one that some
// code hands to an actor that it spawns? What the code does not show may.
bool mir_mailbox_may_block(const struct mir_module *m, const struct mir_actor *a);
// Adds a P9xxx diagnostic for whatever docs/mir.md forbids; true if there was nothing. After
// mir_infer.
bool mir_validate(const struct mir_module *m, struct diag_sink *sink);
// Core to lowered, in place: parameter modes, moves, drops. The module is valid and inferred.
void mir_own(struct mir_module *m);
// Numbers suspension points, marks the locals that live across one, and the operations whose
// destination holds nothing: a local that is dead is all zero.
void mir_suspend(struct mir_module *m);

// The site's name, "bank.transfer/ask#0", in the arena.
struct str mir_site_name(struct arena *a, const struct mir_function *f, const struct mir_inst *i);

#endif
