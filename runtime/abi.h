// SPDX-License-Identifier: MIT
// abi: the only door for generated code. The C that the compiler emits includes this header and
// nothing else of Prism; the same object links with the parallel runtime and with the simulator.
//
// Conventions
//   cx         every function's first argument: the context of the worker that runs it. No
//              thread-locals.
//   failure    a function that may trap sets cx->failure; callers test it after such calls and go
//              to their cleanup. While it is set only drops and prism_caught may be called.
//   ownership  `own` parameters are consumed, `lend` parameters stay the caller's, results are
//              owned by the caller. Ownership is in the names of the parameter types below; C
//              sees plain pointers.
//   zero       the all-zero value of every Prism type owns nothing: dropping it does nothing, a
//              zero buffer is empty. Generated code zeroes what it moved from.
//   segments   between two suspensions generated code runs alone in its home (actor or task);
//              nobody else touches its frame or its state.
//
// Layouts of values (size and alignment as the C compiler makes them):
//   unit: prism_unit. bool: bool. char: uint32_t. integers, floats: themselves. struct: a C
//   struct, fields in order. enum: struct { uint32_t tag; union { struct {...} v0, v1, ...; }; }
//   (no union unless several variants have a payload). Buffer: prism_buffer *, box: prism_boxed *.
//   closure: prism_closure *. ref: prism_ref. reply: prism_reply *.
//   future: prism_future *. scope: prism_scope *. token: prism_token *. error: prism_error *.
#ifndef PRISM_ABI_H
#define PRISM_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRISM_ABI_VERSION 4

// What happens almost never.
#define PRISM_RARE(condition) __builtin_expect(!!(condition), 0)

typedef struct prism_cx prism_cx;
typedef struct prism_type prism_type;
typedef struct prism_site prism_site;
typedef struct prism_program prism_program;
typedef struct prism_function prism_function;
typedef struct prism_actor_type prism_actor_type;

typedef struct {
    char nothing;
} prism_unit;

// ---- failures -------------------------------------------------------------------------------

enum prism_failure_kind {
    // clang-format off
    // failures.def, spelled out so that this header stands alone; a test compares the two.
    PRISM_NONE, PRISM_USER, PRISM_ASSERT, PRISM_OVERFLOW, PRISM_DIVISION, PRISM_INDEX, PRISM_UNWRAP,
    PRISM_CONVERT, PRISM_HOLE, PRISM_DEPTH, PRISM_MEMORY, PRISM_SPIN, PRISM_SHIFT, PRISM_ANSWERED,
    PRISM_TIMEOUT, PRISM_CANCELLED, PRISM_STOPPED, PRISM_CRASHED, PRISM_DROPPED, PRISM_INVARIANT,
    PRISM_CAPABILITY, PRISM_UNREACHABLE, PRISM_UNBOUND, PRISM_UNAVAILABLE, PRISM_TASK_CANCELLED,
    PRISM_MONITOR, PRISM_HISTORY, PRISM_PANIC,
    // clang-format on
};

typedef struct prism_error prism_error; // counted, immutable; see prism_error_* below

// Free blocks of one size, for the short ways of prism_alloc and prism_free. One that is empty and
// says that it holds PRISM_BATCH sends everybody the long way.
typedef struct prism_block {
    struct prism_block *next;
    struct prism_block *next_batch; // the runtime's own, of the first block of a batch
} prism_block;
typedef struct {
    prism_block *first;
    uint64_t count;     // at most PRISM_BATCH
    prism_block *spare; // the runtime's own
} prism_pool;

// Blocks of n bytes are in pool (n - 1) / PRISM_POOL_STEP; what is larger is in none.
#define PRISM_POOL_STEP 16
#define PRISM_POOLS     64
#define PRISM_BATCH     64

// ---- the context ----------------------------------------------------------------------------

// The part that generated code may touch. Each runtime embeds it at the start of its own, larger
// one.
struct prism_cx {
    prism_error *failure; // set while a failure travels
    int32_t depth;        // recursion in call-graph cycles, counted by prism_enter / prism_leave
    int32_t fuel;         // loop iterations left in this segment
    int32_t depth_max;    // beyond it prism_deep is asked; 0: not known yet
    int32_t withheld;     // fuel that is left besides: a scheduler wants to be asked early
    void *home;           // struct cell of the actor or task that runs (runtime/actor)
    void *strand;         // struct strand that runs
    void *awaiter;        // struct cell whose segment waits on the stack for what runs, or NULL
    prism_pool *pools;    // PRISM_POOLS of them
    // What the next spawn hands over: `endows` says that there is something.
    struct prism_buffer *confined, *named; // owned, or NULL
    uint32_t mail_limit;
    uint8_t mail_policy; // enum prism_mailbox
    bool endows, has_mailbox;
};

#define PRISM_DEPTH_MAX 10000
// Loop back edges per segment; a function that suspends yields when they are spent.
#define PRISM_FUEL 1000000
// Loops count in a variable of their own and pay so many at once; tests make it small.
#ifndef PRISM_PORTION
#define PRISM_PORTION 1024
#endif

// Memory for frames in boxes and for whatever the runtimes make: `bytes` uninitialised bytes,
// 16-aligned; never NULL. Freed with the same size, by any cx.
void *prism_alloc(prism_cx *cx, size_t bytes);
void prism_free(prism_cx *cx, void *memory, size_t bytes);

// The same, in line as long as the pool has a block, or room for one.
static inline void *prism_get(prism_cx *cx, size_t bytes) {
    size_t class = (bytes - 1) / PRISM_POOL_STEP;
    prism_block *block = class < PRISM_POOLS ? cx->pools[class].first : NULL;
    if (PRISM_RARE(!block))
        return prism_alloc(cx, bytes);
    cx->pools[class].first = block->next;
    cx->pools[class].count--;
    return block;
}
static inline void prism_put(prism_cx *cx, void *memory, size_t bytes) {
    size_t class = (bytes - 1) / PRISM_POOL_STEP;
    if (PRISM_RARE(class >= PRISM_POOLS || cx->pools[class].count == PRISM_BATCH)) {
        prism_free(cx, memory, bytes);
        return;
    }
    prism_block *block = (prism_block *)memory;
    block->next = cx->pools[class].first;
    cx->pools[class].first = block;
    cx->pools[class].count++;
}

// ---- types ----------------------------------------------------------------------------------

enum prism_kind {
    PRISM_UNIT,
    PRISM_BOOL,
    PRISM_CHAR,
    PRISM_I8,
    PRISM_I16,
    PRISM_I32,
    PRISM_I64,
    PRISM_U8,
    PRISM_U16,
    PRISM_U32,
    PRISM_U64,
    PRISM_F32,
    PRISM_F64,
    PRISM_STRUCT,
    PRISM_ENUM,
    PRISM_BUFFER,
    PRISM_FN,
    PRISM_REF,
    PRISM_REPLY,
    PRISM_FUTURE,
    PRISM_SCOPE,
    PRISM_TOKEN,
    PRISM_ERROR,
};

enum prism_type_flag {
    PRISM_PLAIN = 1,    // owns nothing: copied by memcpy, never dropped
    PRISM_TEXT = 2,     // struct of one u8 buffer, printed as text
    PRISM_TUPLE = 4,    // struct printed as (a, b)
    PRISM_DURATION = 8, // struct of one i64, nanoseconds
    PRISM_INSTANT = 16,
    PRISM_LIST = 32,   // struct printed and encoded as its one buffer
    PRISM_BOX = 64,    // a prism_boxed of one item, printed and encoded as that item
    PRISM_TRAIT = 128, // enum of what implements a trait, printed as what stands in it
    // How they are encoded; the library's types of these names, laid out as it has them.
    PRISM_BYTES = 256,
    PRISM_MAP = 512,
    PRISM_SET = 1024,
    PRISM_QUEUE = 2048,
    PRISM_OPTION = 4096,
};

typedef struct {
    const char *name; // NULL in a payload whose fields have no names
    const prism_type *type;
    uint32_t offset;
    // What a field is given that decoding finds nothing for; NULL: it has to be there.
    void (*fallback)(prism_cx *cx, void *out);
} prism_field;

typedef struct {
    const char *name;
    const prism_field *fields; // offsets from the start of the whole enum value
    uint32_t field_count;
} prism_variant;

// Immutable and static; equal types of one program have one descriptor.
struct prism_type {
    const char *name; // as the program writes it
    uint8_t kind;     // enum prism_kind
    uint16_t flags;
    uint32_t size, align;
    uint32_t count;                // STRUCT: fields, ENUM: variants
    const prism_field *fields;     // STRUCT
    const prism_variant *variants; // ENUM
    const prism_type *element;     // BUFFER, REPLY, FUTURE
    const char *actor;             // REF: the actor's name or NULL
};

// A place in the program that meets the runtime. Its identity is function, operation, ordinal.
struct prism_site {
    const char *function, *operation;
    uint32_t ordinal, file, line, column;
};

// ---- heap values ----------------------------------------------------------------------------
// A count is > 0 when one actor owns the object (plain), < 0 when it is shared (minus the count,
// atomic), 0 when it is immortal (a literal). What is sent is either unique or marked shared with
// all below it.

typedef struct prism_buffer {
    int64_t count;
    uint64_t len, capacity; // items
    const prism_type *element;
    _Alignas(16) unsigned char data[];
} prism_buffer;

// A box: one item, whose type is known wherever the box is. A value that contains itself does so
// through boxes (PRISM_BOX), so there are many of them, and they have no more than they need.
typedef struct prism_boxed {
    int64_t count;
    unsigned char data[]; // aligned as the count is
} prism_boxed;

typedef struct prism_closure {
    int64_t count;
    // Cast to R (*)(prism_cx *, const void *captures, args…), or, where a value that comes there
    // may suspend, to prism_status (*)(prism_cx *, const void *captures, prism_box **box, void
    // *result, args…): see prism_box.
    void (*code)(void);
    const prism_type *captures; // struct type of the data
    _Alignas(16) unsigned char data[];
} prism_closure;

typedef struct prism_reply prism_reply;
typedef struct prism_future prism_future;
typedef struct prism_scope prism_scope;
typedef struct prism_token prism_token;

// An actor. Plain data: the cell's memory is never unmapped, and the receiving side compares
// generations.
typedef struct {
    void *cell; // struct cell *, NULL in the zero value: using it fails with STOPPED
    uint64_t generation;
} prism_ref;

// Values by descriptor; no walk recurses with the value's depth. `value` points at a value of
// `type`.
// Counts up all that it owns.
void prism_dup(prism_cx *cx, const prism_type *type, const void *value);
// Consumes it; does not zero it.
void prism_drop(prism_cx *cx, const prism_type *type, void *value);
// Before a value leaves its home: what is unique stays so, the rest is marked shared with all
// below.
void prism_share(prism_cx *cx, const prism_type *type, void *value);
// Structural; floats as IEEE says (nan differs from itself, 0.0 equals -0.0).
bool prism_equal(prism_cx *cx, const prism_type *type, const void *a, const void *b);
// -1, 0, 1 in a total order; of floats: -inf … -0.0, 0.0 … inf, nan.
int prism_compare(prism_cx *cx, const prism_type *type, const void *a, const void *b);
// As the library of C computes them. Compilers know these functions, too, but round some results in
// another way, so what they are given is not to be seen where they are called.
double prism_pow(double base, double exponent);
double prism_sin(double value);
double prism_cos(double value);
double prism_exp(double value);
double prism_ln(double value);
// XXH3 of the structure; equal values have equal hashes.
uint64_t prism_hash(prism_cx *cx, const prism_type *type, const void *value);
// How many bytes it has, counted by what it is and not by how it lies in memory
// (docs/language.md, Actors); no more than so many are counted. Adds the number of buffers that
// were looked into.
uint64_t prism_measure(prism_cx *cx, const prism_type *type, const void *value, uint64_t bytes_max,
                       uint64_t *visited);
// The same of a buffer whose items are their bytes: integers, bool, char; and of text.
uint64_t prism_hash_run(const prism_buffer *lend, size_t item_bytes);
// As `{}` prints it: a buffer of u8.
prism_buffer *prism_show(prism_cx *cx, const prism_type *type, const void *value);
// Plain data as text or bytes, and back (docs/language.md, "JSON and CBOR"). A buffer of u8.
enum prism_format { PRISM_JSON, PRISM_JSON_PRETTY, PRISM_CBOR };
prism_buffer *prism_encode(prism_cx *cx, enum prism_format format, const prism_type *type,
                           const void *value);
typedef struct {
    prism_buffer *value; // one item of the type, or none
    uint64_t at;         // where the input is wrong
    prism_buffer *expected; // what had to stand there: a buffer of u8
} prism_decoded;
// May fail where a field's default does.
void prism_decode(prism_cx *cx, enum prism_format format, const prism_type *type,
                  const prism_buffer *lend_text, prism_decoded *out);

// Buffers. `b` is the place that holds the buffer; its element type is given for the zero buffer.
prism_buffer *prism_buffer_new(prism_cx *cx, const prism_type *element, uint64_t capacity);
// Makes the buffer in *b unique (copying if it is not) with room for `capacity` items.
void prism_buffer_own(prism_cx *cx, prism_buffer **b, const prism_type *element, uint64_t capacity);
static inline prism_buffer *prism_buffer_owned(prism_cx *cx, prism_buffer *own,
                                               const prism_type *element, uint64_t capacity) {
    prism_buffer_own(cx, &own, element, capacity);
    return own;
}
// What the first item of an empty buffer gets room for, with others.
#define PRISM_FIRST_BYTES 32
static inline prism_buffer *prism_buffer_first(prism_cx *cx, const prism_type *element,
                                               size_t item_bytes) {
    uint64_t room = item_bytes < PRISM_FIRST_BYTES ? PRISM_FIRST_BYTES / item_bytes : 1;
    prism_buffer *b = (prism_buffer *)prism_get(cx, sizeof *b + room * item_bytes);
    b->count = 1;
    b->len = 0;
    b->capacity = room;
    b->element = element;
    return b;
}
// The same, but the room is a wish: an absurd one is cut.
void prism_buffer_reserve(prism_cx *cx, prism_buffer **b, const prism_type *element,
                          uint64_t capacity);
void prism_buffer_free(prism_cx *cx, prism_buffer *b); // last reference: drops the items
// Makes *b unique, of `len` plain items; those that are new are zero. Then others are given it,
// too, and items may be put into it all the same.
void prism_buffer_open(prism_cx *cx, prism_buffer **b, const prism_type *element, uint64_t len);
void prism_buffer_insert(prism_cx *cx, prism_buffer **b, const prism_type *element, uint64_t at,
                         void *own_item, const prism_site *site);
void prism_buffer_remove(prism_cx *cx, prism_buffer **b, const prism_type *element, uint64_t at,
                         void *out, const prism_site *site);
void prism_buffer_truncate(prism_cx *cx, prism_buffer **b, const prism_type *element, uint64_t len);
void prism_buffer_append(prism_cx *cx, prism_buffer **b, const prism_type *element,
                         const prism_buffer *lend_items);
prism_buffer *prism_buffer_slice(prism_cx *cx, const prism_buffer *lend, const prism_type *element,
                                 uint64_t from, uint64_t to, const prism_site *site);
void prism_count_up_shared(int64_t *count);
bool prism_count_down_shared(int64_t *count); // true: that was the last

// A count may be changed by others only while it is negative; reading is relaxed for their sake.
static inline int64_t prism_count(const int64_t *count) {
    return __atomic_load_n(count, __ATOMIC_RELAXED);
}
static inline void prism_buffer_dup(const prism_buffer *lend) {
    prism_buffer *b = (prism_buffer *)lend;
    int64_t n = b ? prism_count(&b->count) : 0;
    if (n > 0)
        b->count = n + 1;
    else if (n < 0)
        prism_count_up_shared(&b->count);
}
// Counts down; true: that was the last reference, and the buffer is the caller's to free.
static inline bool prism_buffer_dies(prism_buffer *own) {
    int64_t n = own ? prism_count(&own->count) : 0;
    if (n > 1)
        own->count = n - 1;
    return n == 1 || (n < 0 && prism_count_down_shared(&own->count));
}
static inline void prism_buffer_drop(prism_cx *cx, prism_buffer *own) {
    if (prism_buffer_dies(own))
        prism_buffer_free(cx, own);
}
static inline uint64_t prism_buffer_len(const prism_buffer *lend) {
    return lend ? lend->len : 0;
}
// Equal items, for items that are their bytes: integers, bool, char.
static inline bool prism_buffer_same(const prism_buffer *a, const prism_buffer *b,
                                     size_t item_bytes) {
    uint64_t len = prism_buffer_len(a);
    return len == prism_buffer_len(b) &&
           (a == b || len == 0 || __builtin_memcmp(a->data, b->data, len * item_bytes) == 0);
}
// True when *b may be written in place and has room for `len` items.
static inline bool prism_buffer_ready(const prism_buffer *b, uint64_t len) {
    return b && prism_count(&b->count) == 1 && b->capacity >= len;
}

// Boxes, which have one item of the type `element`.
static inline void prism_boxed_dup(const prism_boxed *lend) {
    prism_buffer_dup((const prism_buffer *)lend); // both begin with their count
}
static inline bool prism_boxed_dies(prism_boxed *own) {
    return prism_buffer_dies((prism_buffer *)own);
}
// True when the item may be written in place.
static inline bool prism_boxed_ready(const prism_boxed *b) {
    return prism_count(&b->count) == 1;
}
// The box with its item, for one owner alone; copied if others have it, too.
prism_boxed *prism_boxed_owned(prism_cx *cx, prism_boxed *own, const prism_type *element);

// Closures: `data` is filled by the caller.
prism_closure *prism_closure_new(prism_cx *cx, void (*code)(void), const prism_type *captures);

// ---- failing --------------------------------------------------------------------------------

static inline bool prism_failed(const prism_cx *cx) {
    return PRISM_RARE(cx->failure != NULL);
}
// Where a function returns without a failure: a caller that it is inlined into need not look.
static inline void prism_went_well(const prism_cx *cx) {
    if (cx->failure != NULL)
        __builtin_unreachable();
}
// Sets cx->failure; `text` (may be NULL) is static and explains.
__attribute__((cold)) void prism_trap(prism_cx *cx, enum prism_failure_kind kind, const char *text,
                                      const prism_site *site);
// Raises an error value (consumed).
void prism_raise(prism_cx *cx, prism_error *own, const prism_site *site);
// Takes the failure out of cx; masks cancellation when it is one (see docs/mir.md, Unwinding).
prism_error *prism_caught(prism_cx *cx);
// A failure of that kind that says what `own_text`, a struct with PRISM_TEXT, says.
prism_error *prism_error_said(prism_cx *cx, enum prism_failure_kind kind, const prism_type *type,
                              void *own_text, const prism_site *site);
prism_error *prism_error_new(prism_cx *cx, const prism_type *type, void *own_value,
                             const prism_site *site);
int64_t prism_error_kind(const prism_error *lend);
bool prism_error_is(const prism_error *lend, const prism_type *type);
void prism_error_get(prism_cx *cx, const prism_error *lend, const prism_type *type, void *out);

// What prism_enter does beyond depth_max.
bool prism_deep(prism_cx *cx, const prism_site *site);
// Calls in call-graph cycles: false (and the failure set) when it is too deep.
static inline bool prism_enter(prism_cx *cx, const prism_site *site) {
    return __builtin_expect(++cx->depth <= cx->depth_max, 1) || prism_deep(cx, site);
}
static inline void prism_leave(prism_cx *cx) {
    cx->depth--;
}
// The same where the depth is a parameter of the functions of a cycle: may the callee run at that
// depth? cx->depth is set by whoever calls out of the cycle.
static inline bool prism_reach(prism_cx *cx, int32_t depth, const prism_site *site) {
    if (__builtin_expect(depth <= cx->depth_max, 1))
        return true;
    cx->depth = depth;
    return prism_deep(cx, site);
}
// A loop's fuel is spent: a function that cannot suspend calls this (the simulator fails with
// SPIN when it has been called too often in one segment; the parallel runtime refills); then
// cx->failure may be set.
void prism_spin(prism_cx *cx, const prism_site *site);

// ---- code that the runtime starts -----------------------------------------------------------

typedef enum { PRISM_DONE, PRISM_SUSPENDED } prism_status;

// The head of every frame. A frame is plain data and never moves while it is suspended.
typedef struct {
    uint32_t state; // 0: not started; else the number of the suspension point to go on from
    void *self;     // the actor's state, or NULL
} prism_frame;

// A closure's call that has suspended: what its code has put into *box, with the frame behind it.
// `go_on` runs it further; DONE: *result is written unless cx->failure is set, and the box is
// freed. Captures and arguments are lent until then.
typedef struct prism_box {
    prism_status (*go_on)(prism_cx *cx, struct prism_box *box, void *result);
} prism_box;

// A handler, task body, test, init or hook. Exactly one of `call` and `run` is set.
//   call: never suspends. Consumes *args, writes *result (unless it failed).
//   run:  the frame (frame_size zeroed bytes, 16-aligned) holds prism_frame, then args and result
//         at the offsets. The runtime fills args before the first run. DONE: either cx->failure
//         is set or the result was written (and is the runtime's). SUSPENDED: run again when the
//         wait is over; a wait that failed is resumed with cx->failure set, and unwinds from
//         there.
struct prism_function {
    const char *name;
    const prism_type *args;   // a struct type; of size 0 without parameters
    const prism_type *result; // NULL for unit
    void (*call)(prism_cx *cx, void *self, void *args, void *result);
    prism_status (*run)(prism_cx *cx, void *frame);
    uint32_t frame_size, args_offset, result_offset;
    uint32_t file, line;
    uint64_t reads, writes; // fields of self, bit min(i, 63); for the dependence relation
    bool sends;             // does anything visible but reply
    bool brief;             // its segments are short: no loop, recursion or unknown code is in it,
                            // or it is a handle's, which does little whatever waits there
    bool of_handle;         // handles a message of what stands behind a handle
    uint8_t mailbox;        // handles a message: enum prism_mailbox of its actor; OWN where actors
                            // of that type are given mailboxes one by one
};

typedef struct {
    const char *name;
    const prism_function *handler; // args and result are the message's
    const char *const *params;     // names, handler->args->count of them
} prism_message;

typedef struct {
    const char *text;
    const prism_function *holds; // -> bool, never suspends
} prism_invariant;

// What a supervisor does about a failure of a child: the variants of `SupervisionDecision` in
// order. The payload of RESTART_WITH_DELAY is a duration.
enum prism_decision {
    PRISM_RESTART,
    PRISM_RESTART_WITH_DELAY,
    PRISM_RESUME,
    PRISM_STOP,
    PRISM_ESCALATE,
};
// Which children a restart concerns: the one, all, or the one and those that were made after it.
enum prism_strategy { PRISM_ONE_FOR_ONE, PRISM_ONE_FOR_ALL, PRISM_REST_FOR_ONE };

enum prism_mailbox {
    PRISM_MAILBOX_UNBOUNDED,
    PRISM_MAILBOX_REJECT,
    PRISM_MAILBOX_BLOCK,
    PRISM_MAILBOX_DROP_OLDEST,
    PRISM_MAILBOX_OWN, // of a message: who is sent it may have one or not
};

struct prism_actor_type {
    const char *name;
    const prism_type *state;    // a struct type; zero before init
    const prism_function *init; // constructor arguments; runs in the child
    const prism_function *on_start, *on_stop, *on_shutdown; // or NULL
    // (child: ref, error, restarts: u32) -> enum prism_decision, never suspends; NULL: restart
    const prism_function *on_child_failure;
    const prism_message *messages;
    const prism_invariant *invariants;
    uint32_t message_count, invariant_count;
    // It stands behind handles of that kind, such as "channel"; or NULL. Its handlers never
    // suspend; an ask of it is not interrupted but withdrawn (ENVELOPE_WITHDRAW in
    // runtime/actor/actor.h).
    const char *handle;
    // What it holds, as prism_ceiling gives it; NULL: nothing.
    const char *capabilities;
    // A monitor: its states that must be left, by the number that is the last field of its state.
    const uint8_t *hot;
    bool reentrant;
    bool model; // it stands for what is outside of the program: no fault strikes it
    bool task;     // it runs a task, in on_start, and ends
    bool measured; // its memory has a limit
    bool checked;  // something is looked at after each message: invariants, its memory
    uint8_t strategy; // enum prism_strategy
    uint8_t mailbox; // enum prism_mailbox
    uint32_t mailbox_limit; // at least 1 when it is bounded
    uint32_t file, line;
};

// ---- actors, replies, tasks -----------------------------------------------------------------
// `args` points at the message's or function's args struct and is consumed.

prism_ref prism_spawn(prism_cx *cx, const prism_actor_type *type, void *args,
                      const prism_site *site);
// A child that the actor at hand supervises: its failures are told to this actor, and a restart
// runs init again with the same arguments. At most `retries_max` restarts within `window_ns`
// (negative: no limit, for ever). `name` is a literal.
prism_ref prism_spawn_child(prism_cx *cx, const prism_buffer *lend_name, int64_t retries_max,
                            int64_t window_ns, const prism_actor_type *type, void *args,
                            const prism_site *site);
// The name of a supervisor's child or of who was given one, else NULL: a buffer of u8, owned.
prism_buffer *prism_actor_name(prism_cx *cx, prism_ref actor);
void prism_tell(prism_cx *cx, prism_ref to, const prism_message *message, void *args,
                const prism_site *site);
// Tells an actor of any type: the message of that taker which is of the actor's type. Who is none
// of them does not take it, which is counted and reported as `name`. `args` is consumed all the
// same; NULL if there are no takers.
typedef struct {
    const prism_actor_type *type;
    const prism_message *message;
} prism_taker;
void prism_tell_any(prism_cx *cx, prism_ref to, const prism_taker *takers, uint32_t count,
                    const char *name, void *args, const prism_site *site);
// timeout_ns < 0: none.
prism_future *prism_ask(prism_cx *cx, prism_ref to, const prism_message *message, void *args,
                        int64_t timeout_ns, const prism_site *site);
// Takes over the duty to reply of the handler at hand; ANSWERED when it was taken already.
prism_reply *prism_reply_take(prism_cx *cx, const prism_site *site);
void prism_answer(prism_cx *cx, prism_reply *lend, const prism_type *type, void *own_value,
                  const prism_site *site);
// The strand at hand holds a handle, in one of its ways: if it crashes before it lets go, the
// handle is sent `crashed` with that number. prism_unhold: false if nobody of this home holds it
// so.
void prism_hold(prism_cx *cx, prism_ref handle, int64_t way, const prism_message *crashed,
                const prism_site *site);
bool prism_unhold(prism_cx *cx, prism_ref handle, int64_t way);
// Masked, no wait of the strand is interrupted by a cancellation, nor by a deadline of the scopes
// that are open now. -1: masked from here on; what it gave before: as it was then. Returns what it
// was.
int64_t prism_mask(prism_cx *cx, int64_t masked);
// Capabilities as text, a line each, below the name of who holds them: `@NAME`; `!…`: denied to
// all. All that the home at hand is limited by, or NULL; nothing while its code is trusted.
prism_buffer *prism_ceiling(prism_cx *cx);
// While it is trusted, the code at hand acts for the program, not for its actor; gives what it was.
bool prism_trust(prism_cx *cx, bool trusted);
// The actor that is spawned next holds at most this.
void prism_confine(prism_cx *cx, const prism_buffer *lend_text);
// A ceiling limits the strand at hand, and tasks that it starts, besides what does so already.
// Gives what that was, but for its home's own: prism_widen brings it back.
prism_buffer *prism_narrow(prism_cx *cx, const prism_buffer *lend_text);
void prism_widen(prism_cx *cx, const prism_buffer *lend_text);
// It has that name; that mailbox, enum prism_mailbox, of so many messages (at least 1).
void prism_endow_name(prism_cx *cx, const prism_buffer *lend_name);
void prism_endow_mailbox(prism_cx *cx, int64_t policy, int64_t limit);
// False when the asker of a handle was interrupted and has been told so: no answer is wanted any
// more.
bool prism_reply_wanted(const prism_reply *lend);
void prism_forward(prism_cx *cx, prism_ref to, const prism_message *message, void *args,
                   const prism_site *site);
prism_ref prism_self(prism_cx *cx);
// Said by an actor's init: what it has under way when it is stopped may go on for so long; so many
// bytes may its state have (its type is `measured`).
void prism_limit_grace(prism_cx *cx, int64_t ns);
void prism_limit_memory(prism_cx *cx, int64_t bytes);
void prism_stop(prism_cx *cx, prism_ref actor, const prism_site *site);
// It crashes between two of its segments, which is no failure of the program.
void prism_kill(prism_cx *cx, prism_ref actor, const prism_site *site);
int64_t prism_mailbox_size(prism_cx *cx, prism_ref actor, const prism_site *site);

enum prism_task_kind { PRISM_ISOLATED, PRISM_BRANCH, PRISM_FREE };
// scope, token: at most one is not NULL (lent).
prism_future *prism_task(prism_cx *cx, const prism_function *body, void *args,
                         enum prism_task_kind kind, prism_scope *scope, prism_token *token,
                         const prism_site *site);

// deadline_ns < 0: none. Opened scopes nest per strand and are closed in reverse.
prism_scope *prism_scope_open(prism_cx *cx, int64_t deadline_ns, const prism_site *site);
// The task whose end the future stands for belongs to the scope from now on, unless it has another
// scope or a token, or takes turns with the handler at hand.
void prism_scope_adopt(prism_cx *cx, prism_scope *lend, prism_future *lend_future);
void prism_scope_cancel(prism_cx *cx, prism_scope *lend, const prism_site *site);
bool prism_scope_cancelled(prism_cx *cx, const prism_scope *lend, const prism_site *site);
prism_token *prism_token_new(prism_cx *cx);
void prism_token_cancel(prism_cx *cx, prism_token *lend, const prism_site *site);
bool prism_token_cancelled(prism_cx *cx, const prism_token *lend, const prism_site *site);

// ---- suspension -----------------------------------------------------------------------------
// These return DONE when the strand may go on at once (then cx->failure may be set), else
// SUSPENDED: the caller stores its state and returns SUSPENDED up to the runtime; it is resumed
// at the same call with cx->failure set or not, and must not call again.

// A future that is never done, of a value of that type; NULL: unit.
prism_future *prism_never(prism_cx *cx, const prism_type *type, const prism_site *site);
prism_status prism_wait(prism_cx *cx, prism_future *const *lend, uint64_t count,
                        const prism_site *site);
// After DONE or resumption, prism_wait_winner tells the index.
prism_status prism_wait_any(prism_cx *cx, prism_future *const *lend, uint64_t count,
                            const prism_site *site);
uint64_t prism_wait_winner(prism_cx *cx);
prism_status prism_scope_close(prism_cx *cx, prism_scope *lend, const prism_site *site);
prism_status prism_sleep(prism_cx *cx, int64_t ns, const prism_site *site);
prism_status prism_yield(prism_cx *cx, const prism_site *site);
// A loop's fuel is spent, in a function that suspends: yields, or finds that there is some left.
prism_status prism_spent(prism_cx *cx, const prism_site *site);

// The result, once, into `out` (of the future's type); or its failure becomes cx->failure.
void prism_take(prism_cx *cx, prism_future *lend, const prism_type *type, void *out,
                const prism_site *site);
int64_t prism_outcome(const prism_future *lend);

// Counted handles; NULL is allowed. A reply's last drop without an answer fails the asker with
// DROPPED; a future's last drop forgets the result; a scope is closed before its last drop.
void prism_reply_dup(prism_reply *lend);
void prism_reply_drop(prism_cx *cx, prism_reply *own);
void prism_future_dup(prism_future *lend);
void prism_future_drop(prism_cx *cx, prism_future *own);
void prism_scope_dup(prism_scope *lend);
void prism_scope_drop(prism_cx *cx, prism_scope *own);
void prism_token_dup(prism_token *lend);
void prism_token_drop(prism_cx *cx, prism_token *own);
void prism_closure_dup(const prism_closure *lend);
void prism_closure_drop(prism_cx *cx, prism_closure *own);
void prism_error_dup(const prism_error *lend);
void prism_error_drop(prism_cx *cx, prism_error *own);

// ---- the environment: behind runtime/env.h --------------------------------------------------

int64_t prism_now(prism_cx *cx, const prism_site *site);
int64_t prism_now_wall(prism_cx *cx, const prism_site *site);
uint64_t prism_random(prism_cx *cx, uint64_t lo, uint64_t hi, const prism_site *site); // lo..=hi
uint64_t prism_input(prism_cx *cx, uint64_t hi,
                     const prism_site *site); // 0..=hi, of a generated input
uint64_t prism_cores(prism_cx *cx, const prism_site *site);
// Does this site misbehave now, with that chance? Only where faults strike.
bool prism_buggify(prism_cx *cx, uint64_t parts_per_million, const prism_site *site);
// Nodes. `stable` 1: no fault makes it crash. What prism_node_do does is said by enum
// prism_node_act; it gives the node on which the actor at hand placed what it spawns before, a NULL
// ref for none.
enum prism_node_act {
    PRISM_NODE_PLACE, // from now on on node a; NULL: on its own
    PRISM_NODE_CRASH,
    PRISM_NODE_RESTART,
    PRISM_NODE_CUT, // a from b
    PRISM_NODE_JOIN,
};
prism_ref prism_node(prism_cx *cx, uint64_t stable, const prism_site *site);
prism_ref prism_node_do(prism_cx *cx, uint64_t what, prism_ref a, prism_ref b,
                        const prism_site *site);
// Something that should be so in one run at least; `lend_text` is a literal that says what.
void prism_sometimes(prism_cx *cx, bool holds, const prism_buffer *lend_text,
                     const prism_site *site);
// Faults are over; what the strand at hand has started in the background is cancelled.
void prism_calm(prism_cx *cx, const prism_site *site);
void prism_print(prism_cx *cx, int stream, const prism_buffer *lend_text, const prism_site *site);

// ---- services: what stands for each is bound once, at the entry or in a test -----------------

// How long a service takes to answer, in nanoseconds: a decision in a simulation, else 0.
int64_t prism_latency(prism_cx *cx, const prism_site *site);
// Are functions of C to be called? False in a simulation: their models are.
bool prism_foreign(prism_cx *cx);
// Does the service fail this call? A decision in a simulation with faults, else false.
bool prism_fault(prism_cx *cx, const prism_site *site);
// `service` is an index in prism_program.services, `type` its type. UNBOUND when it was bound.
void prism_bind(prism_cx *cx, uint32_t service, const prism_type *type, void *own_value,
                const prism_site *site);
// A copy of what was bound; all zero: nothing was.
void prism_bound(prism_cx *cx, uint32_t service, void *out);

// An operand of an operation outside: a buffer, with its type, or a number.
typedef struct {
    const prism_type *type; // NULL: a number
    union {
        int64_t number;
        prism_buffer *buffer; // consumed
    };
} prism_operand;
// An operation of runtime/services.def; the symbol of one is prism_outside_ID.
typedef struct prism_outside prism_outside;
// Starts it; the future gives a value of `result`.
prism_future *prism_start_outside(prism_cx *cx, const prism_outside *operation,
                                  const prism_operand *operands, uint32_t count,
                                  const prism_type *result, const prism_site *site);

// ---- the program ----------------------------------------------------------------------------

// A test's parameter: a plain integer, bool, float or text field of the test function's args.
typedef struct {
    const char *name;
    const void *value; // the default, of the type of the args field at the same index
} prism_test_param;

typedef struct {
    const char *name;
    const prism_function *function; // args: the parameters
    const prism_test_param *params; // function->args->count of them
    uint32_t file, line;
    uint32_t kind; // enum prism_test_kind
} prism_test;
// Faults strike in chaos tests, in the others only where they are asked for.
enum prism_test_kind { PRISM_TEST, PRISM_PROPERTY, PRISM_CHAOS_TEST };

typedef struct {
    const char *name;
    const prism_type *type; // an enum; its variant 0 stands for nothing
} prism_service;

// The one symbol that a program's object exports, besides PRISM_ABI_SYMBOL.
struct prism_program {
    uint32_t abi_version;
    uint64_t mir_hash;        // mir_hash() of its core MIR
    const char *name;         // path relative to the package
    const char *const *files; // as in MIR
    uint32_t file_count;
    const prism_function *entry; // or NULL
    const prism_test *tests;
    uint32_t test_count;
    const prism_actor_type *const *actors; // in MIR order
    uint32_t actor_count;
    const prism_service *services;
    uint32_t service_count;
    const prism_type *const *types; // every type, for reading traces and for checks
    uint32_t type_count;
};
extern const prism_program prism_program_main;

// ---- the program as a library of C (prism build --lib) ---------------------------------------

enum prism_library_status {
    PRISM_LIBRARY_OK,
    PRISM_LIBRARY_ERROR,   // the function gave an Err
    PRISM_LIBRARY_FAILED,  // it trapped, or failed otherwise
    PRISM_LIBRARY_STOPPED, // the library is not running, or was stopped meanwhile
    PRISM_LIBRARY_RUNNING, // it has been started already
};
// A text or bytes for C, which frees `data`; behind them stands a NUL that does not count.
typedef struct {
    char *data;
    size_t len;
} prism_library_text;
typedef struct {
    const prism_function *function;
    bool is_result; // it gives a Result: variant 1 is an error
} prism_export;
// Starts `workers` workers (0: one a core), runs main and waits for it.
int prism_library_start(const prism_program *program, uint32_t workers);
// Cancels calls that are under way, stops everything and waits for that.
int prism_library_stop(void);
// What the latest of these, and of the calls, said in the thread at hand.
const char *prism_library_message(void);
// A call: entered (NULL: it is not running), given arguments, made; nobody enters in between. The
// call consumes *args, and fails if something did since it was entered; it stores what C wants in
// *out, which may be NULL.
prism_cx *prism_library_enter(void);
prism_buffer *prism_library_bytes(prism_cx *cx, const void *bytes, size_t len);
prism_buffer *prism_library_utf8(prism_cx *cx, const char *bytes, size_t len);
uint32_t prism_library_char(prism_cx *cx, uint32_t c);
int prism_library_call(prism_cx *cx, const prism_export *what, void *args, void *out);

// Both runtimes define it; the object refers to it, so that a mismatched link fails by name.
#define PRISM_ABI_SYMBOL prism_abi_4
extern const char PRISM_ABI_SYMBOL;

#endif
