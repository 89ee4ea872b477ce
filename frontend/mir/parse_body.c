// SPDX-License-Identifier: MIT
// Blocks, operations and operands of MIR text. An operation stands on one line. The types of places
// are known here: locals come before blocks, and types before the functions that use them.
#include "frontend/mir/parse.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

// ---- operands -----------------------------------------------------------------------------------

static struct mir_operand operand(struct parser *p);

static bool projection(struct parser *p, struct mir_place *place) {
    struct mir_proj proj = {0};
    if (p->failed)
        return false;
    if (p->at < p->text.len && p->text.data[p->at] == '.') {
        p->at++;
        proj.kind = MIR_PROJ_FIELD;
        proj.field = mir_scan_number(p, MIR_NUMBER_MAX);
    } else if (mir_scan_accept_word(p, "as")) {
        proj.kind = MIR_PROJ_VARIANT;
        mir_scan_place(p);
        proj.variant = mir_scan_number(p, MIR_NUMBER_MAX);
        mir_scan_expect(p, ".");
        proj.field = mir_scan_number(p, MIR_NUMBER_MAX);
    } else if (mir_scan_accept(p, "[")) {
        proj.kind = MIR_PROJ_INDEX;
        proj.index = arena_new(p->arena, struct mir_operand);
        *proj.index = operand(p);
        mir_scan_expect(p, "]");
    } else {
        return false;
    }
    vec_push(p->arena, &place->projs, proj);
    return !p->failed;
}

// Reads a place and gives its type, NULL after an error.
static struct mir_type *place(struct parser *p, struct mir_place *out) {
    size_t from = mir_scan_place(p);
    *out = (struct mir_place){.local = MIR_SELF};
    if (!mir_scan_accept_word(p, "self"))
        out->local = mir_scan_local(p);
    const struct mir_place root = *out;
    struct mir_type *whole = p->failed ? NULL : mir_place_type(p->function, &root);
    if (!whole) {
        mir_scan_error(p, from,
                       root.local == MIR_SELF ? "this function has no `self`"
                                              : "there is no such local");
        return NULL;
    }
    while (projection(p, out))
        ;
    struct mir_type *type = p->failed ? NULL : mir_place_type(p->function, out);
    if (!type)
        mir_scan_error(p, from, "the type of `%s%" PRId32 "` has no such part",
                       root.local == MIR_SELF ? "self" : "_",
                       root.local == MIR_SELF ? 0 : root.local);
    return type;
}

static struct mir_operand number(struct parser *p) {
    struct mir_operand o = {.kind = MIR_CONST};
    size_t from = mir_scan_place(p);
    struct str digits = mir_scan_digits(p);
    mir_scan_expect(p, "_");
    size_t word_from = p->at;
    struct str word = mir_scan_peek_word(p);
    p->at += word.len;
    enum mir_type_kind kind = MIR_UNIT;
    if (p->failed || !mir_prim_find(word, &kind) || !(mir_is_integer(kind) || mir_is_float(kind))) {
        mir_scan_error(p, word_from, "a number is followed by `_` and its type, as in 5_i64");
        return o;
    }
    o.type = mir_type_prim(p->module, kind);
    if (mir_is_integer(kind)) {
        o.value.bits = mir_scan_integer(p, from, digits, kind);
        return o;
    }
    char *end, *copy = (char *)str_dup(p->arena, digits).data;
    o.value.number = kind == MIR_F32 ? (double)strtof(copy, &end) : strtod(copy, &end);
    if (isnan(o.value.number))
        o.value.number = (double)NAN;
    if (*end || digits.len == 0)
        mir_scan_error(p, from, "`%s` is no number", copy);
    return o;
}

struct mir_operand mir_parse_const(struct parser *p) {
    struct mir_operand o = {.kind = MIR_CONST};
    switch (mir_scan_peek(p)) {
    case '(':
        mir_scan_expect(p, "(");
        mir_scan_expect(p, ")");
        o.type = mir_type_prim(p->module, MIR_UNIT);
        return o;
    case '"':
        o.value.text = mir_scan_string(p);
        o.type = mir_type_of(p->module, MIR_BUFFER, mir_type_prim(p->module, MIR_U8));
        return o;
    case '\'':
        o.value.bits = mir_scan_char(p);
        o.type = mir_type_prim(p->module, MIR_CHAR);
        return o;
    default:
        if (!mir_scan_accept_word(p, "true"))
            break;
        o.value.bits = 1;
        o.type = mir_type_prim(p->module, MIR_BOOL);
        return o;
    }
    if (mir_scan_accept_word(p, "false")) {
        o.type = mir_type_prim(p->module, MIR_BOOL);
        return o;
    }
    char c = mir_scan_peek(p);
    if (!p->failed && c != '-' && c != 'i' && c != 'n' && !(c >= '0' && c <= '9'))
        mir_scan_error(p, mir_scan_place(p), "here a value has to stand");
    return p->failed ? o : number(p);
}

static struct mir_operand operand(struct parser *p) {
    struct mir_operand o = {.kind = MIR_COPY};
    if (++p->depth > MIR_OPERAND_DEPTH_MAX)
        mir_scan_error(p, mir_scan_place(p), "places are nested more than %d deep",
                       MIR_OPERAND_DEPTH_MAX);
    if (!p->failed) {
        bool moves = mir_scan_accept_word(p, "move");
        if (moves || mir_scan_peek_place(p)) {
            o.kind = moves ? MIR_MOVE : MIR_COPY;
            o.type = place(p, &o.place);
        } else {
            o = mir_parse_const(p);
        }
    }
    p->depth--;
    return o;
}

static void operands(struct parser *p, struct mir_inst *i) {
    mir_scan_expect(p, "(");
    if (mir_scan_accept(p, ")"))
        return;
    do
        vec_push(p->arena, &i->args, operand(p));
    while (mir_scan_accept(p, ","));
    mir_scan_expect(p, ")");
}

// ---- operations ---------------------------------------------------------------------------------

// A.N: the last dot divides, unless the name is in quotes.
static void message(struct parser *p, struct mir_inst *i) {
    size_t from = mir_scan_place(p);
    if (mir_scan_peek(p) == '"') {
        i->actor = mir_scan_name(p);
        mir_scan_expect(p, ".");
    } else {
        struct str word = mir_scan_peek_word(p);
        size_t name_len = word.len;
        while (name_len && word.data[name_len - 1] != '.')
            name_len--;
        if (name_len < 2) {
            mir_scan_error(p, from, "here a message such as `Counter.0` has to stand");
            return;
        }
        i->actor = intern(&p->module->names, (struct str){word.data, name_len - 1});
        p->at += name_len;
    }
    i->message = mir_scan_number(p, MIR_NUMBER_MAX);
}

static int32_t word_of(struct parser *p, const char *const *words, int32_t count) {
    for (int32_t i = 0; i < count; i++)
        if (mir_scan_accept_word(p, words[i]))
            return i;
    mir_scan_error(p, mir_scan_place(p), "here one of %s, %s and so on has to stand", words[0],
                   words[1]);
    return 0;
}

static void task_kind(struct parser *p, struct mir_inst *i) {
    i->number = word_of(p, mir_task_names, 3);
    i->has_scope = mir_scan_accept_word(p, "in");
    if (i->has_scope)
        vec_push(p->arena, &i->args, operand(p));
}

static bool at_line_end(struct parser *p) {
    char c = mir_scan_peek(p);
    return c == 0 || c == '\n' || c == '@';
}

static void shape(struct parser *p, struct mir_inst *i, char letter) {
    switch (letter) {
    case '?':
        if (at_line_end(p))
            return;
        vec_push(p->arena, &i->args, operand(p));
        return;
    case 'a':
        vec_push(p->arena, &i->args, operand(p));
        return;
    case 'm':
        do
            vec_push(p->arena, &i->args, operand(p));
        while (mir_scan_accept(p, ","));
        return;
    case '*':
        operands(p, i);
        return;
    case 'F':
        i->function = mir_scan_name(p);
        return;
    case 'A':
        i->actor = mir_scan_name(p);
        return;
    case 'M':
        message(p, i);
        return;
    case 'N':
    case 'P':
        mir_scan_place(p);
        i->number = mir_scan_number(p, MIR_NUMBER_MAX);
        return;
    case 'T':
        i->type = mir_parse_type(p);
        return;
    case 'K':
        task_kind(p, i);
        return;
    case ',':
        mir_scan_expect(p, ",");
    }
}

// The operation's word, which is not yet taken, is `word`.
// "math.sqrt", "decode.json": the number is -1 if there is none of that name.
static bool operation_of_family(struct mir_inst *i, struct str word) {
    static const enum mir_op families[] = {MIR_OP_MATH, MIR_OP_ENCODE, MIR_OP_DECODE};
    for (size_t k = 0; k < sizeof families / sizeof *families; k++) {
        struct str prefix = str_from(mir_op_name(families[k]));
        if (!str_starts(word, prefix) || word.len <= prefix.len || word.data[prefix.len] != '.')
            continue;
        struct str name = {word.data + prefix.len + 1, word.len - prefix.len - 1};
        const struct mir_family *family = mir_op_family(families[k]);
        i->op = families[k];
        while (i->number < family->count && !str_is(name, family->names[i->number]))
            i->number++;
        if (i->number == family->count)
            i->number = -1;
        return true;
    }
    return false;
}

static void operation(struct parser *p, struct mir_inst *i, struct str word) {
    size_t from = mir_scan_place(p);
    p->at += word.len;
    if (operation_of_family(i, word)) {
        if (i->number < 0)
            mir_scan_error(p, from, "there is no function `%.*s`", STR_ARGS(word));
    } else if (!mir_op_find(word, &i->op) || mir_op_family(i->op)) {
        mir_scan_error(p, from, "there is no operation `%.*s`", STR_ARGS(word));
        return;
    }
    for (const char *s = mir_op_shape(i->op); *s && !p->failed; s++)
        shape(p, i, *s);
}

static struct mir_loc line_end(struct parser *p) {
    struct mir_loc loc = mir_scan_location(p);
    if (!p->failed && mir_scan_peek(p) != '\n' && mir_scan_peek(p) != 0)
        mir_scan_error(p, mir_scan_place(p), "here the line has to end");
    return loc;
}

// ---- terminators --------------------------------------------------------------------------------

static void switch_cases(struct parser *p, struct mir_terminator *t) {
    size_t from = mir_scan_place(p);
    t->value = operand(p);
    enum mir_type_kind kind = t->value.type ? t->value.type->kind : MIR_U32;
    if (kind == MIR_CHAR)
        kind = MIR_U32;
    if (!mir_is_integer(kind))
        mir_scan_error(p, from, "a switch needs an integer");
    mir_scan_expect(p, "(");
    while (!p->failed && mir_scan_peek(p) != ')') {
        from = mir_scan_place(p);
        struct str digits = mir_scan_digits(p);
        struct mir_case c = {.value = mir_scan_integer(p, from, digits, kind)};
        c.block = mir_scan_block(p);
        vec_push(p->arena, &t->cases, c);
        if (!mir_scan_accept(p, ","))
            break;
    }
    mir_scan_expect(p, ")");
    t->block_else = mir_scan_block(p);
}

static void trap(struct parser *p, struct mir_terminator *t) {
    size_t from = mir_scan_place(p);
    struct str word = mir_scan_peek_word(p);
    p->at += word.len;
    t->failure = mir_failure_find(word);
    if (t->failure <= 0)
        mir_scan_error(p, from, "there is no failure `%.*s`", STR_ARGS(word));
    if (mir_scan_peek(p) == '"')
        t->text = mir_scan_string(p);
}

static const char *const terminators[] = {
    [MIR_GOTO] = "goto",     [MIR_IF] = "if",
    [MIR_SWITCH] = "switch", [MIR_RETURN] = "return",
    [MIR_END] = "end",       [MIR_TRAP] = "trap",
    [MIR_RAISE] = "raise",   [MIR_UNREACHABLE] = "unreachable"};

static void terminator_rest(struct parser *p, struct mir_terminator *t) {
    switch (t->kind) {
    case MIR_GOTO:
        t->block = mir_scan_block(p);
        break;
    case MIR_IF:
        t->value = operand(p);
        t->block = mir_scan_block(p);
        t->block_else = mir_scan_block(p);
        break;
    case MIR_SWITCH:
        switch_cases(p, t);
        break;
    case MIR_RETURN:
    case MIR_RAISE:
        t->value = operand(p);
        break;
    case MIR_TRAP:
        trap(p, t);
        break;
    case MIR_END:
    case MIR_UNREACHABLE:
        break;
    }
    t->loc = line_end(p);
}

// Reads a terminator if one comes.
static bool terminator(struct parser *p, struct mir_terminator *t) {
    for (int kind = 0; kind <= MIR_UNREACHABLE; kind++) {
        if (mir_scan_accept_word(p, terminators[kind])) {
            *t = (struct mir_terminator){.kind = (enum mir_term)kind};
            terminator_rest(p, t);
            return true;
        }
    }
    return false;
}

// ---- blocks -------------------------------------------------------------------------------------

static struct mir_inst inst(struct parser *p) {
    struct mir_inst i = {.dst = {.local = MIR_NO_PLACE}};
    if (mir_scan_peek_place(p)) {
        place(p, &i.dst);
        mir_scan_expect(p, "=");
    }
    struct str word = mir_scan_peek_word(p);
    if (word.len == 0)
        mir_scan_error(p, mir_scan_place(p), "here an operation has to stand");
    else
        operation(p, &i, word);
    i.loc = line_end(p);
    return i;
}

static void block(struct parser *p) {
    size_t from = mir_scan_place(p);
    int32_t number = mir_scan_block(p), expected = p->function->blocks.len;
    if (!p->failed && number != expected)
        mir_scan_error(p, from, "this block has to be bb%" PRId32, expected);
    struct mir_block b = {.unwind = -1};
    if (mir_scan_accept_word(p, "unwind"))
        b.unwind = mir_scan_block(p);
    mir_scan_expect(p, ":");
    while (!p->failed) {
        p->in_line = false;
        mir_scan_place(p); // the line's beginning
        p->in_line = true;
        if (terminator(p, &b.end))
            break;
        vec_push(p->arena, &b.insts, inst(p));
    }
    p->in_line = false;
    vec_push(p->arena, &p->function->blocks, b);
}

void mir_parse_blocks(struct parser *p) {
    if (!p->failed && mir_scan_peek(p) == '}')
        mir_scan_error(p, mir_scan_place(p), "a function has at least one block");
    while (!p->failed && mir_scan_peek(p) != '}')
        block(p);
}
