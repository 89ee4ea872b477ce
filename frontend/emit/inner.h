// SPDX-License-Identifier: MIT
// What the files of frontend/emit share.
//
//   emit.c      the order of the C file          names.c     C names of everything
//   types.c     C types, descriptors             counts.c    dup and drop of each type
//   buffer.c    making boxes, freeing buffers
//   literal.c   constants                        body.c      lines, sites, one function's C
//   place.c     places and operands              scalar.c    arithmetic, comparison, conversion
//   heap.c      structs, buffers, closures       call.c      calls, frames
//   world.c     actors, tasks, waiting, time     roots.c     what the runtime starts; the tables
//   closures.c  which closure a local holds     units.c     the C cut into files
//   foreign.c   functions of C                   choice.c    `if` as an expression
#ifndef PRISM_EMIT_INNER_H
#define PRISM_EMIT_INNER_H

#include "frontend/emit/emit.h"

typedef VEC(const char *) name_list;

// What is known of a type while the module is written.
struct type_state {
    const char *c;          // the C type: "int64_t", "prism_buffer *"
    const char *descriptor; // "type_list_i64"
    const char *buffer;     // BUFFER: how the names of its functions end, or NULL
    bool defined, has_dup, has_drop, has_far_drop, has_new, has_room;
};

// What a local of a function type is likely to hold: `many` others, too.
enum { CLOSURES_MAX = 3 };
struct closures {
    const struct mir_function *at[CLOSURES_MAX];
    int32_t count;
    bool many;
};

struct function_state {
    const char *c;    // "bank_transfer"; with prefixes: frame_…, args_…, fn_…
    bool needed;      // reached from a root
    bool is_root;     // a prism_function is made of it
    bool is_closure;  // an adapter is made of it
    bool is_waiting;  // one for values that may wait
    bool fails;       // a call may come back with cx->failure set
    bool deepens;     // code that counts recursion in cx->depth is reached
    bool frame_done;  // its frame is written
    name_list locals; // C names
    struct closures *closures; // closures.c, by local; NULL: none is of such a type
    int32_t calls_most, calls; // how often one function names it in a call, at most; roots.c
    const struct mir_function *caller; // whose calls are counted in `calls`
};

struct emitter {
    struct arena *arena;
    const struct mir_module *m;
    const struct emit_options *options;
    struct map taken;                 // C names at file level
    struct map texts;                 // literals: content to name
    struct type_state *types;         // by type id
    struct function_state *functions; // by index
    const char **actors;              // by position in the module
    bool is_large; // the function at hand: what it drops is dropped by calls
    // Parts of the C file, in its order.
    struct text declared, described, counting, literals, prototypes, frames, bodies, tables;
};

// ---- names ----------------------------------------------------------------------------------

// "bank.Account" to "bank_Account", made unique at file level behind `prefix`.
const char *emit_name(struct emitter *e, const char *prefix, const char *name);
// A field's name as a C member, or "fN" when C would not have it.
const char *emit_field(struct emitter *e, const struct mir_type *t, int32_t field);
// Arena printf.
const char *emit_format(struct emitter *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// A C string literal.
const char *emit_quoted(struct emitter *e, struct str s);
void emit_names(struct emitter *e);

static inline struct type_state *emit_type(const struct emitter *e, const struct mir_type *t) {
    return &e->types[t->id];
}
static inline struct function_state *emit_function(const struct emitter *e,
                                                   const struct mir_function *f) {
    return &e->functions[f->index];
}
int32_t emit_actor_index(const struct emitter *e, const char *actor);

// ---- types ----------------------------------------------------------------------------------

void emit_types(struct emitter *e);
void emit_defaults(struct emitter *e);
// "int64_t count", "prism_buffer *items"
const char *emit_declare(struct emitter *e, const struct mir_type *t, const char *name);
bool emit_is_void(const struct mir_type *t); // unit and never: C functions return void
// A struct of a function's first `count` parameters from `from` with its descriptor: "args_f",
// "caps_f".
void emit_struct_of_params(struct emitter *e, const char *prefix, const struct mir_function *f,
                           int32_t from, int32_t count);
// The zero value as an initialiser or an expression: "0", "NULL", "(T_x){0}".
const char *emit_zero(struct emitter *e, const struct mir_type *t);

// ---- dup and drop ---------------------------------------------------------------------------

// A statement for the value in the C lvalue; NULL when there is nothing to do.
const char *emit_dup(struct emitter *e, const struct mir_type *t, const char *lvalue);
const char *emit_drop(struct emitter *e, const struct mir_type *t, const char *lvalue);

// A statement that drops the buffer in the C lvalue; expressions for the buffer in one, made ours
// and with room for an item behind `len`, and for a box that holds an item.
const char *emit_drop_buffer(struct emitter *e, const struct mir_type *t, const char *lvalue);
const char *emit_room(struct emitter *e, const struct mir_type *t, const char *lvalue,
                      const char *len);
const char *emit_new_box(struct emitter *e, const struct mir_type *t, const char *item);

// ---- constants ------------------------------------------------------------------------------

const char *emit_constant(struct emitter *e, const struct mir_operand *o);
// The name of the immortal buffer with this content.
const char *emit_text(struct emitter *e, struct str content);

// ---- one function ---------------------------------------------------------------------------

struct held {
    const char *lvalue;
    const struct mir_type *type;
};

// A loop with one way in, at its header. One that counts a local up to a limit, without other loops
// in it, is counted: NAME says before it begins that all items which are looked at by that local
// are there, and that its fuel was paid; then nothing need be tested in it.
struct loop {
    int32_t header;
    bool *in;            // by block
    const char *counted; // NAME, or NULL
    int32_t counter;     // the local
    const struct mir_operand *limit;
};

// A buffer whose items are found through C variables in a loop: NAME, NAME_len and, where items are
// written, NAME_own: it may be written in place.
struct view {
    const struct loop *loop;
    struct mir_place place; // of the buffer
    int32_t count;          // projections of it
    const struct mir_type *buffer;
    bool writes;
    const char *name;
};

// Two ways to a local's value that meet at a block: an operation each, of which one operand at most
// differs.
struct choice {
    const struct mir_inst *yes, *no;
    int32_t end;
};

// A parameter, and a closure that it is likely to be, the how-manieth of it: `likely0_NAME`.
struct likely {
    int32_t local, which;
    const struct mir_function *closure;
};

// The function at hand. Lines go to `inst` and are moved to `out` when an operation is complete.
struct body {
    struct emitter *e;
    const struct mir_function *f;
    const char *c; // its C name
    struct text out, inst, sites;
    int32_t site_count, temp_count, extra_state, depth;
    bool temps;   // the operation at hand declared C variables
    bool unwinds; // something goes to the label `unwind`
    bool suspends, loops;
    const struct mir_block *block;
    const struct mir_place *fresh; // the destination at hand if it holds nothing, or NULL
    // A local that holds a new buffer with room for so many items, and has so many; -1: none.
    int32_t filled, filled_ahead; // ahead: pushes that have been done already
    uint64_t filled_room, filled_count;
    struct mir_loc loc;
    const char *operation; // for sites
    int32_t ordinal;
    VEC(struct held) held;    // values that the operation at hand owns, dropped when it fails
    VEC(int32_t) states;      // suspension points that were written, for the switch at the top
    VEC(struct loop) natural; // loops; filled with the views
    VEC(struct view) views;
    VEC(struct likely) likely;
    struct choice **choices; // by block: what its `if` is instead, or NULL
    bool *chosen;            // by block: it is an arm of a choice
    bool near; // closures are called whose depth is looked at once
    int32_t line_at; // the line that a debugger would show for the next line of C, or 0
};

void emit_function_body(struct emitter *e, const struct mir_function *f);
// What a function that stands for one of C does first: it calls that, where things are real.
void emit_foreign_call(struct emitter *e, const struct mir_function *f, struct text *out);
const char *emit_signature(struct emitter *e, const struct mir_function *f);
// Is the depth of recursion a parameter of the function, counted in registers? Then it is called
// in_NAME within its cycle, and NAME is what others call, for whom cx->depth stays what it is.
bool emit_knows_depth(const struct mir_function *f);
// The declaration of the one that others call.
const char *emit_outer_signature(struct emitter *e, const struct mir_function *f);

void line(struct body *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void open_block(struct body *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void close_block(struct body *b);
// The site of the operation at hand: "&sites_f[3]".
const char *site_here(struct body *b);
// "t3", declared with this type and value.
const char *c_temp(struct body *b, const struct mir_type *t, const char *value);
// A temp of a C type.
const char *temp_of(struct body *b, const char *c_type, const char *value);
// Drops what is held and goes to where failures of this block go. The failure is set.
void fail(struct body *b);
// Fails with a trap.
void c_trap(struct body *b, const char *failure, const char *text);
// "if (prism_failed(cx)) …"
void fail_if_failed(struct body *b);
// Marks a value as owned by the operation until `release`.
void hold(struct body *b, const struct mir_type *t, const char *lvalue);
void release(struct body *b); // all of them

// ---- places and operands --------------------------------------------------------------------

const char *local_lvalue(struct body *b, int32_t local);
// A place as a C lvalue. To write, every buffer on the way is made unique. An index out of range
// fails;
// `quiet` does so when another failure may be under way already.
enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_WRITE_QUIET };
const char *place_lvalue(struct body *b, const struct mir_place *p, enum access access);
// Only for places whose way is resolved at once: the type.
const struct mir_type *place_type(struct body *b, const struct mir_place *p);
// Operand n as an expression to look at, not to keep. An lvalue unless it is a constant.
const char *lend(struct body *b, const struct mir_operand *o);
// The same, always an lvalue.
const char *lend_lvalue(struct body *b, const struct mir_operand *o);
// A value of our own (counted up or moved), held.
const char *own(struct body *b, const struct mir_operand *o);
// Stores into the destination, dropping what was there; the value is no longer held.
void store(struct body *b, const struct mir_place *dst, const char *value);
// The item that a BUF_PUT writes.
struct mir_place emit_put_place(struct emitter *e, const struct mir_inst *put);
// After an operation that only looked at its operands: those that were to be moved are dropped.
void drop_moved(struct body *b, const struct mir_inst *i, int32_t from);

// ---- views ----------------------------------------------------------------------------------

void find_views(struct body *b);
void declare_views(struct body *b, struct text *out);
// The view of what the first `count` projections lead to, at the block at hand, or NULL.
const struct view *view_of(const struct body *b, const struct mir_place *p, int32_t count);
// The name of what says that this item of the view needs no test here, or NULL.
const char *untested(const struct body *b, const struct mir_operand *index);
// The same of a way back to a loop's header: its fuel was paid.
const char *prepaid(const struct body *b, int32_t from, int32_t to);
// Does going on from one block to the other enter a loop that has views?
bool enters_loop(const struct body *b, int32_t from, int32_t to);
void open_views(struct body *b, int32_t block);

// ---- choices --------------------------------------------------------------------------------

void find_choices(struct body *b);
void put_choice(struct body *b, const struct choice *c); // up to the way to its end

// ---- operations -----------------------------------------------------------------------------

void emit_scalar(struct body *b, const struct mir_inst *i);
void emit_heap(struct body *b, const struct mir_inst *i);
void emit_world(struct body *b, const struct mir_inst *i);
void emit_call(struct body *b, const struct mir_inst *i);
void emit_apply(struct body *b, const struct mir_inst *i);
void declare_likely(struct body *b, struct text *out);
void emit_closure(struct body *b, const struct mir_inst *i);
// The closures that the operand is likely to hold; none: that cannot be seen.
const struct closures *emit_likely_closures(const struct body *b, const struct mir_operand *o);
// "&args" for a struct of owned operands from..to of the function's parameters.
const char *pack_args(struct body *b, const struct mir_function *target, const struct mir_inst *i,
                      int32_t from, int32_t to);
// Suspends at the expression, which gives a prism_status, with this state number.
void suspend_at(struct body *b, int32_t state, const char *expression);
// A loop's back edge: spends fuel.
void spend_fuel(struct body *b);
// Before the function returns for good.
void pay_fuel(struct body *b);

// ---- frames, roots, tables ------------------------------------------------------------------

void emit_reach(struct emitter *e); // fills needed, is_root, is_closure, is_waiting, fails, deepens
void emit_find_closures(struct emitter *e); // of the functions that are needed
bool emit_has_loop(const struct mir_function *f);
bool emit_boxed(const struct mir_function *caller, const struct mir_function *callee);
void emit_frame(struct emitter *e, const struct mir_function *f);
void emit_roots(struct emitter *e);
void emit_program(struct emitter *e);
void emit_library(struct emitter *e); // what C calls

#endif
