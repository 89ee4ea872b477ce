// SPDX-License-Identifier: MIT
// The words of MIR text: operations and their shapes, types, names, characters.
#include "frontend/mir/inner.h"

#include <assert.h>

static const char *const op_names[MIR_OP_COUNT] = {
#define OP(name, text, flags) [MIR_OP_##name] = text,
#include "frontend/mir/ops.def"
#undef OP
};

const char *mir_op_name(enum mir_op op) {
    assert(op >= 0 && op < MIR_OP_COUNT);
    return op_names[op];
}

unsigned mir_op_flags(enum mir_op op) {
    enum {
        D = MIR_FLAG_D,
        T = MIR_FLAG_T,
        S = MIR_FLAG_S,
        V = MIR_FLAG_V,
        W = MIR_FLAG_W,
        R = MIR_FLAG_R
    };
    static const unsigned char flags_of[MIR_OP_COUNT] = {
#define OP(name, text, flags) [MIR_OP_##name] = (flags),
#include "frontend/mir/ops.def"
#undef OP
    };
    assert(op >= 0 && op < MIR_OP_COUNT);
    return flags_of[op];
}

bool mir_op_find(struct str text, enum mir_op *op) {
    for (int i = 0; i < MIR_OP_COUNT; i++) {
        if (str_is(text, op_names[i])) {
            *op = (enum mir_op)i;
            return true;
        }
    }
    return false;
}

static const char *shape_of_few(enum mir_op op) {
    switch (op) {
    case MIR_OP_MATH:
        return "m";
    case MIR_OP_FITS:
    case MIR_OP_ERROR_IS:
        return "a,T";
    case MIR_OP_MAKE:
    case MIR_OP_WAIT:
    case MIR_OP_WAIT_ANY:
        return "*";
    case MIR_OP_VARIANT:
        return "N*";
    case MIR_OP_CALL:
    case MIR_OP_CLOSURE:
        return "F *";
    case MIR_OP_APPLY:
        return "a *";
    case MIR_OP_SPAWN:
        return "A *";
    case MIR_OP_SPAWN_CHILD:
        return "a,a,a A *";
    case MIR_OP_TELL:
    case MIR_OP_ASK:
    case MIR_OP_FORWARD:
        return "a M *";
    case MIR_OP_TELL_ANY:
        return "a F *";
    case MIR_OP_ASK_TIMEOUT:
        return "a,a M *";
    case MIR_OP_TASK:
        return "F * K";
    case MIR_OP_PRINT:
    case MIR_OP_ERROR_TEXT:
        return "P,a";
    case MIR_OP_BIND:
        return "F a";
    case MIR_OP_BOUND:
        return "F";
    case MIR_OP_OUTSIDE:
        return "F *";
    case MIR_OP_BUF_NEW:
    case MIR_OP_SCOPE_OPEN:
        return "?";
    case MIR_OP_BUF_INSERT:
    case MIR_OP_BUF_SLICE:
    case MIR_OP_BUF_PUT:
        return "a,a,a";
    default:
        return NULL;
    }
}

const char *mir_op_shape(enum mir_op op) {
    const char *shape = shape_of_few(op);
    if (shape)
        return shape;
    switch (op) {
    case MIR_OP_REPLY:
    case MIR_OP_SELF_REF:
    case MIR_OP_CEILING:
    case MIR_OP_TOKEN:
    case MIR_OP_NEVER:
    case MIR_OP_YIELD:
    case MIR_OP_NOW:
    case MIR_OP_NOW_WALL:
    case MIR_OP_CORES:
    case MIR_OP_LATENCY:
    case MIR_OP_FAULT:
    case MIR_OP_CALM:
    case MIR_OP_CAUGHT:
        return "";
    case MIR_OP_NODE_DO:
        return "a,a,a";
    case MIR_OP_BUF_PUSH:
    case MIR_OP_BUF_REMOVE:
    case MIR_OP_BUF_TRUNCATE:
    case MIR_OP_BUF_RESERVE:
    case MIR_OP_BUF_OPEN:
    case MIR_OP_BUF_APPEND:
    case MIR_OP_ANSWER:
    case MIR_OP_HOLD:
    case MIR_OP_UNHOLD:
    case MIR_OP_RANDOM:
    case MIR_OP_SCOPE_ADOPT:
    case MIR_OP_SOMETIMES:
    case MIR_OP_ENDOW_MAILBOX:
        return "a,a";
    default: // arithmetic and comparison have two operands, all else has one
        return (op >= MIR_OP_ADD && op <= MIR_OP_CMP) ? "a,a" : "a";
    }
}

const char *const mir_task_names[3] = {"isolated", "branch", "free"};
const char *const mir_math_names[MIR_MATH_COUNT] = {"sqrt", "floor", "ceil", "trunc", "round",
                                                    "pow",  "sin",   "cos",  "exp",   "ln"};
const char *const mir_strategy_names[3] = {"one", "all", "rest"};
const char *const mir_mailbox_names[4] = {"unbounded", "reject", "block", "drop_oldest"};
const char *const mir_format_names[MIR_FORMAT_COUNT] = {"json", "json.pretty", "cbor"};
const char *const mir_mark_names[MIR_MARK_COUNT] = {"",        "string", "tuple", "duration",
                                                    "instant", "list",   "bytes", "map",
                                                    "set",     "queue",  "trait", "option"};

const struct mir_family *mir_op_family(enum mir_op op) {
    static const struct mir_family math = {mir_math_names, MIR_MATH_COUNT};
    static const struct mir_family format = {mir_format_names, MIR_FORMAT_COUNT};
    if (op == MIR_OP_MATH)
        return &math;
    return op == MIR_OP_ENCODE || op == MIR_OP_DECODE ? &format : NULL;
}

static const struct mir_outside outsides[] = {
#define OUTSIDE(id, name, service, params, result, library)                                        \
    {name, service, params, result, library},
#include "runtime/services.def"
#undef OUTSIDE
};

const struct mir_outside *mir_outside_find(const char *name) {
    for (size_t i = 0; i < sizeof outsides / sizeof *outsides; i++)
        if (strcmp(outsides[i].name, name) == 0)
            return &outsides[i];
    return NULL;
}

static const char *const failure_words[] = {
#define FAILURE(name, word, sentence) word,
#include "runtime/failures.def"
#undef FAILURE
};
static const char *const failure_sentences[] = {
#define FAILURE(name, word, sentence) sentence,
#include "runtime/failures.def"
#undef FAILURE
};
enum { FAILURE_COUNT = sizeof failure_words / sizeof *failure_words };

const char *mir_failure_word(int32_t failure) {
    return failure >= 0 && failure < FAILURE_COUNT ? failure_words[failure] : NULL;
}

const char *mir_failure_sentence(int32_t failure) {
    return failure >= 0 && failure < FAILURE_COUNT ? failure_sentences[failure] : NULL;
}

int32_t mir_failure_find(struct str word) {
    for (int32_t i = 0; i < FAILURE_COUNT; i++)
        if (str_is(word, failure_words[i]))
            return i;
    return -1;
}

static const char *const prim_names[] = {
    [MIR_UNIT] = "unit",  [MIR_NEVER] = "never", [MIR_BOOL] = "bool",   [MIR_CHAR] = "char",
    [MIR_I8] = "i8",      [MIR_I16] = "i16",     [MIR_I32] = "i32",     [MIR_I64] = "i64",
    [MIR_U8] = "u8",      [MIR_U16] = "u16",     [MIR_U32] = "u32",     [MIR_U64] = "u64",
    [MIR_F32] = "f32",    [MIR_F64] = "f64",     [MIR_SCOPE] = "scope", [MIR_TOKEN] = "token",
    [MIR_ERROR] = "error"};

const char *mir_prim_name(enum mir_type_kind kind) {
    return prim_names[kind];
}

bool mir_prim_find(struct str text, enum mir_type_kind *kind) {
    for (int i = 0; i <= MIR_ERROR; i++) {
        if (prim_names[i] && str_is(text, prim_names[i])) {
            *kind = (enum mir_type_kind)i;
            return true;
        }
    }
    return false;
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool mir_name_is_plain(const char *name) {
    static const char *const words[] = {"buf", "box", "fn", "ref", "reply", "future", "self", "as"};
    if (!is_letter(name[0]) || (name[0] == '_' && is_digit(name[1])))
        return false;
    for (const char *c = name; *c; c++)
        if (!is_letter(*c) && !is_digit(*c) && *c != '.')
            return false;
    enum mir_type_kind kind;
    if (strncmp(name, "self.", 5) == 0 || mir_prim_find(str_from(name), &kind))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(name, words[i]) == 0)
            return false;
    return true;
}
