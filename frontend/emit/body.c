// SPDX-License-Identifier: MIT
// One function: its lines, its sites, its blocks, and where failures go.
//
// An operation is written in three steps, so that a failure in the middle leaks nothing: its
// operands are
// found (an index out of range fails here), their values are taken (counted up or moved; from
// then on they are
// held), and the operation is done, which hands them on. A failure drops what is held, then goes
// to the
// block's unwind block, or to the label `unwind` that drops every local and leaves the function.
#include "frontend/emit/inner.h"

#include <assert.h>

// ---- lines ----------------------------------------------------------------------------------

static void put_line(struct body *b, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *data = arena_alloc(b->e->arena, (size_t)len + 1);
    vsnprintf(data, (size_t)len + 1, format, args);
    bool is_label = data[len - 1] == ':' || (len > 1 && data[len - 2] == ':');
    for (int32_t i = is_label && b->depth == 0 ? 1 : 0; i <= b->depth; i++)
        text_put(&b->inst, STR("    "));
    text_put(&b->inst, (struct str){data, (size_t)len});
    text_putc(&b->inst, '\n');
}

void line(struct body *b, const char *format, ...) {
    va_list args;
    va_start(args, format);
    put_line(b, format, args);
    va_end(args);
}

void open_block(struct body *b, const char *format, ...) {
    va_list args;
    va_start(args, format);
    put_line(b, format, args);
    va_end(args);
    b->depth++;
}

void close_block(struct body *b) {
    b->depth--;
    line(b, "}");
}

// Says where the next line of C comes from, unless a debugger knows.
static void put_location(struct body *b) {
    if (!b->e->options->lines || !b->loc.line || b->line_at == b->loc.line)
        return;
    const char *file = b->e->m->files.at[b->loc.file];
    text_printf(&b->out, "#line %d %s\n", b->loc.line, emit_quoted(b->e, str_from(file)));
    b->line_at = b->loc.line;
}

// Moves the lines of an operation to the function; in braces when it has variables of its own.
static void flush(struct body *b) {
    struct str rest = text_str(&b->inst);
    if (b->temps) {
        put_location(b);
        text_put(&b->out, STR("    {\n"));
        b->line_at += b->line_at != 0;
    }
    while (rest.len) {
        const char *end = memchr(rest.data, '\n', rest.len);
        size_t len = (size_t)(end - rest.data) + 1;
        put_location(b);
        if (b->temps && rest.data[0] == ' ')
            text_put(&b->out, STR("    "));
        text_put(&b->out, (struct str){rest.data, len});
        b->line_at += b->line_at != 0;
        rest = (struct str){rest.data + len, rest.len - len};
    }
    if (b->temps) {
        text_put(&b->out, STR("    }\n"));
        b->line_at += b->line_at != 0;
    }
    b->inst.len = 0;
    b->temps = false;
}

const char *temp_of(struct body *b, const char *c_type, const char *value) {
    const char *name = emit_format(b->e, "t%d", ++b->temp_count);
    bool pointer = c_type[strlen(c_type) - 1] == '*';
    line(b, "%s%s%s = %s;", c_type, pointer ? "" : " ", name, value);
    b->temps = true;
    return name;
}

const char *c_temp(struct body *b, const struct mir_type *t, const char *value) {
    return temp_of(b, emit_type(b->e, t)->c, value);
}

// ---- sites and failures ---------------------------------------------------------------------

const char *site_here(struct body *b) {
    struct emitter *e = b->e;
    const char *entry = emit_format(e, "    {%s, \"%s\", %d, %d, %d, %d},\n",
                                    emit_quoted(e, str_from(b->f->name)), b->operation, b->ordinal,
                                    b->loc.line ? b->loc.file : 0, b->loc.line, b->loc.column);
    struct str last = str_from(entry);
    if (!b->site_count || !str_ends(text_str(&b->sites), last)) {
        text_put(&b->sites, last);
        b->site_count++;
    }
    return emit_format(e, "&sites_%s[%d]", b->c, b->site_count - 1);
}

void hold(struct body *b, const struct mir_type *t, const char *lvalue) {
    if (!t->plain)
        vec_push(b->e->arena, &b->held, (struct held){lvalue, t});
}

void release(struct body *b) {
    b->held.len = 0;
}

void fail(struct body *b) {
    for (int32_t i = b->held.len - 1; i >= 0; i--)
        line(b, "%s", emit_drop(b->e, b->held.at[i].type, b->held.at[i].lvalue));
    if (b->block->unwind >= 0) {
        line(b, "goto bb%d;", b->block->unwind);
        return;
    }
    b->unwinds = true;
    line(b, "goto unwind;");
}

void c_trap(struct body *b, const char *failure, const char *text) {
    line(b, "prism_trap(cx, PRISM_%s, %s, %s);", failure, text ? text : "NULL", site_here(b));
    fail(b);
}

void fail_if_failed(struct body *b) {
    open_block(b, "if (prism_failed(cx)) {");
    fail(b);
    close_block(b);
}

// ---- blocks ---------------------------------------------------------------------------------

static void begin(struct body *b, const char *operation, int32_t ordinal, struct mir_loc loc) {
    assert(!b->inst.len && !b->held.len);
    b->operation = operation;
    b->ordinal = ordinal;
    b->loc = loc;
}

// Is the buffer that is being filled anything to the operation, but that one more item is pushed?
static bool leaves_filled(const struct body *b, const struct mir_inst *i) {
    bool is_left = i->state == 0 && i->dst.local != b->filled;
    for (int32_t n = i->op == MIR_OP_BUF_PUSH; n < i->args.len; n++)
        is_left &= i->args.at[n].kind == MIR_CONST || i->args.at[n].place.local != b->filled;
    return is_left && (i->op != MIR_OP_BUF_PUSH || i->args.at[0].place.local != b->filled ||
                       i->args.at[0].place.projs.len == 0);
}

static void put_inst(struct body *b, const struct mir_inst *i) {
    if (b->filled_ahead > 0) {
        b->filled_ahead--;
        return;
    }
    begin(b, mir_op_name(i->op), i->site, i->loc);
    if (b->filled >= 0 && !leaves_filled(b, i))
        b->filled = -1;
    b->fresh = i->fresh ? &i->dst : NULL;
    if (i->op <= MIR_OP_MATH && i->op != MIR_OP_USE)
        emit_scalar(b, i);
    else if (i->op == MIR_OP_CALL)
        emit_call(b, i);
    else if (i->op == MIR_OP_CLOSURE)
        emit_closure(b, i);
    else if (i->op == MIR_OP_APPLY)
        emit_apply(b, i);
    else if (i->op < MIR_OP_CALL || i->op == MIR_OP_USE || i->op == MIR_OP_DROP)
        emit_heap(b, i);
    else
        emit_world(b, i);
    release(b);
    flush(b);
}

static int32_t here(const struct body *b) {
    return (int32_t)(b->block - b->f->blocks.at);
}

static const char *label(struct body *b, int32_t block) {
    return emit_format(b->e, enters_loop(b, here(b), block) ? "bb%d_in" : "bb%d", block);
}

static void go(struct body *b, int32_t block) {
    const char *paid = prepaid(b, here(b), block);
    if (block <= here(b) && paid)
        open_block(b, "if (!%s) {", paid);
    if (block <= here(b))
        spend_fuel(b);
    if (block <= here(b) && paid)
        close_block(b);
    line(b, "goto %s;", label(b, block));
}

// At the end of a block: nothing when the next one that is written is meant.
static void go_on(struct body *b, int32_t block) {
    int32_t next = here(b) + 1;
    while (next < b->f->blocks.len && b->chosen[next])
        next++;
    if (block != next)
        go(b, block);
}

static void go_if(struct body *b, const char *condition, int32_t block) {
    if (block <= here(b)) {
        open_block(b, "if (%s) {", condition);
        go(b, block);
        close_block(b);
    } else {
        line(b, "if (%s)", condition);
        line(b, "    goto %s;", label(b, block));
    }
}

static void put_if(struct body *b, const struct mir_terminator *t) {
    const char *condition = lend(b, &t->value);
    if (t->block == here(b) + 1) {
        go_if(b, emit_format(b->e, "!%s", condition), t->block_else);
        return;
    }
    go_if(b, condition, t->block);
    go_on(b, t->block_else);
}

static void put_switch(struct body *b, const struct mir_terminator *t) {
    bool boolean = t->value.type->kind == MIR_BOOL;
    open_block(b, "switch (%s%s) {", boolean ? "(int)" : "", lend(b, &t->value));
    for (int32_t i = 0; i < t->cases.len; i++) {
        struct mir_operand o = {.kind = MIR_CONST, .type = t->value.type};
        o.value.bits = t->cases.at[i].value;
        b->depth--;
        line(b, "case %s:", emit_constant(b->e, &o));
        b->depth++;
        go(b, t->cases.at[i].block);
    }
    b->depth--;
    line(b, "default:");
    b->depth++;
    go(b, t->block_else);
    close_block(b);
}

static void went_well(struct body *b) {
    if (!b->suspends && emit_function(b->e, b->f)->fails)
        line(b, "prism_went_well(cx);");
}

// The value is ours before the function is left.
static void put_return(struct body *b, const struct mir_terminator *t) {
    if (emit_is_void(b->f->result)) {
        pay_fuel(b);
        went_well(b);
        line(b, b->suspends ? "return PRISM_DONE;" : "return;");
        return;
    }
    const char *value = own(b, &t->value);
    release(b);
    pay_fuel(b);
    if (b->suspends) {
        line(b, "f->result = %s;", value);
        line(b, "return PRISM_DONE;");
    } else {
        went_well(b);
        line(b, "return %s;", value);
    }
}

// Leaves without a value: a failure is under way, or nobody waits for it.
static void put_leave(struct body *b) {
    pay_fuel(b);
    if (b->suspends)
        line(b, "return PRISM_DONE;");
    else if (emit_is_void(b->f->result))
        line(b, "return;");
    else
        line(b, "return %s;", emit_zero(b->e, b->f->result));
}

static const char *failure_name(struct emitter *e, int32_t failure) {
    struct text t = {.arena = e->arena};
    for (const char *p = mir_failure_word(failure); *p; p++)
        text_putc(&t, (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p));
    return t.data;
}

static void put_terminator(struct body *b, const struct mir_terminator *t) {
    static const char *const names[] = {"goto", "if",   "switch", "return",
                                        "end",  "trap", "raise",  "unreachable"};
    begin(b, names[t->kind], 0, t->loc);
    switch (t->kind) {
    case MIR_GOTO:
        go_on(b, t->block);
        break;
    case MIR_IF:
        if (b->choices[here(b)]) {
            put_choice(b, b->choices[here(b)]);
            go_on(b, b->choices[here(b)]->end);
        } else {
            put_if(b, t);
        }
        break;
    case MIR_SWITCH:
        put_switch(b, t);
        break;
    case MIR_RETURN:
        put_return(b, t);
        break;
    case MIR_END:
        put_leave(b);
        break;
    case MIR_TRAP:
        c_trap(b, failure_name(b->e, t->failure), t->text.len ? emit_quoted(b->e, t->text) : NULL);
        break;
    case MIR_RAISE: {
        const char *error = own(b, &t->value);
        release(b);
        line(b, "prism_raise(cx, %s, %s);", error, site_here(b));
        fail(b);
        break;
    }
    case MIR_UNREACHABLE:
        c_trap(b, "UNREACHABLE", NULL);
        break;
    }
    release(b);
    flush(b);
}

// ---- the function ---------------------------------------------------------------------------

static bool in_frame(const struct body *b, int32_t local) {
    return b->suspends && (local < b->f->param_count || b->f->locals.at[local].frame);
}

static void declare_locals(struct body *b, struct text *out) {
    if (b->loops)
        text_put(out, STR("    int32_t spent = 0; // fuel\n"));
    const struct function_state *s = emit_function(b->e, b->f);
    for (int32_t i = b->f->param_count; i < b->f->locals.len; i++) {
        const struct mir_type *t = b->f->locals.at[i].type;
        if (in_frame(b, i))
            continue;
        bool braces =
            t->kind == MIR_STRUCT || t->kind == MIR_ENUM || t->kind == MIR_REF || emit_is_void(t);
        text_printf(out, "    %s = %s;\n", emit_declare(b->e, t, s->locals.at[i]),
                    braces ? "{0}" : emit_zero(b->e, t));
    }
}

// A local that this function has to drop when it is left by a failure.
static bool drops(const struct body *b, int32_t local) {
    if (b->f->locals.at[local].type->plain)
        return false;
    return local >= b->f->param_count || b->f->modes.at[local] == MIR_PARAM_OWN;
}

static void put_unwind(struct body *b) {
    if (!b->unwinds)
        return;
    b->depth = 0;
    line(b, "unwind:");
    for (int32_t i = 0; i < b->f->locals.len; i++)
        if (drops(b, i))
            line(b, "%s", emit_drop(b->e, b->f->locals.at[i].type, local_lvalue(b, i)));
    put_leave(b);
    flush(b);
}

// Goes on where the frame says; a new one begins with empty locals.
static void put_resume(struct body *b, struct text *out) {
    text_put(out, STR("    switch (f->head.state) {\n    case 0:\n"));
    for (int32_t i = b->f->param_count; i < b->f->locals.len; i++)
        if (in_frame(b, i) && !b->f->locals.at[i].type->plain)
            text_printf(out, "        %s = %s;\n", local_lvalue(b, i),
                        emit_zero(b->e, b->f->locals.at[i].type));
    text_put(out, STR("        break;\n"));
    for (int32_t i = 0; i < b->states.len; i++)
        text_printf(out, "    case %d:\n        goto resume_%d;\n", b->states.at[i],
                    b->states.at[i]);
    text_put(out, STR("    default:\n        __builtin_trap();\n    }\n"));
}

// Operations up to which a function without loops is put into its callers: checks make the C
// compiler take it for larger than it is. One that calls itself may be put into itself, some levels
// deep; one that calls a function value may do so, too, since the value may be known (emit_apply).
// Where one function calls it very often, the C compiler would take very long, and may choose.
enum { INLINE_ALWAYS = 10, INLINE_MAYBE = 40, INLINE_CALLS = 40 };

static const char *inline_words(const struct emitter *e, const struct mir_function *f) {
    int32_t count = 0;
    bool applies = false;
    for (int32_t i = 0; i < f->blocks.len; i++) {
        count += f->blocks.at[i].insts.len;
        for (int32_t k = 0; k < f->blocks.at[i].insts.len; k++)
            applies |= f->blocks.at[i].insts.at[k].op == MIR_OP_APPLY;
    }
    if (count > INLINE_MAYBE || emit_has_loop(f))
        return "";
    bool always = count <= INLINE_ALWAYS && !f->cycle && !applies &&
                  emit_function(e, f)->calls_most <= INLINE_CALLS;
    return always ? "inline __attribute__((always_inline)) " : "inline ";
}

bool emit_knows_depth(const struct mir_function *f) {
    return f->cycle && !f->suspends;
}

static const char *signature(struct emitter *e, const struct mir_function *f, const char *words,
                             const char *called, const char *depth) {
    const struct function_state *s = emit_function(e, f);
    struct text t = {.arena = e->arena};
    text_printf(&t, "static %s%s(prism_cx *cx%s", words,
                emit_is_void(f->result) ? emit_format(e, "void %s", called)
                                        : emit_declare(e, f->result, called),
                depth);
    if (f->self)
        text_printf(&t, ", %s *self", emit_type(e, f->self)->c);
    for (int32_t i = 0; i < f->param_count; i++) {
        bool mut = f->modes.at[i] == MIR_PARAM_MUT;
        const char *name = mut ? emit_format(e, "*%s", s->locals.at[i]) : s->locals.at[i];
        text_printf(&t, ", %s", emit_declare(e, f->locals.at[i].type, name));
    }
    text_putc(&t, ')');
    return t.data;
}

const char *emit_signature(struct emitter *e, const struct mir_function *f) {
    const char *c = emit_function(e, f)->c;
    if (f->suspends)
        return emit_format(e, "static prism_status %s(prism_cx *cx, void *frame)", c);
    if (emit_knows_depth(f))
        return signature(e, f, inline_words(e, f), emit_format(e, "in_%s", c), ", int32_t depth");
    return signature(e, f, inline_words(e, f), c, "");
}

const char *emit_outer_signature(struct emitter *e, const struct mir_function *f) {
    return signature(e, f, "", emit_function(e, f)->c, "");
}

static void put_outer(struct emitter *e, const struct mir_function *f, struct text *out) {
    const struct function_state *s = emit_function(e, f);
    text_printf(out, "%s {\n    int32_t depth = cx->depth;\n    %sin_%s(cx, depth%s",
                emit_outer_signature(e, f),
                emit_is_void(f->result)
                    ? ""
                    : emit_format(e, "%s = ", emit_declare(e, f->result, "result")),
                s->c, f->self ? ", self" : "");
    for (int32_t i = 0; i < f->param_count; i++)
        text_printf(out, ", %s", s->locals.at[i]);
    text_printf(out, ");\n    cx->depth = depth;\n%s}\n\n",
                emit_is_void(f->result) ? "" : "    return result;\n");
}

static void put_function(struct body *b, struct text *out) {
    struct emitter *e = b->e;
    if (b->site_count)
        text_printf(out, "static const prism_site sites_%s[] = {\n%.*s};\n", b->c,
                    STR_ARGS(text_str(&b->sites)));
    text_printf(out, "%s {\n", emit_signature(e, b->f));
    if (b->suspends) {
        text_printf(out, "    struct frame_%s *f = frame;\n", b->c);
        if (b->f->self)
            text_printf(out, "    %s *self = f->head.self;\n", emit_type(e, b->f->self)->c);
    }
    declare_locals(b, out);
    declare_views(b, out);
    declare_likely(b, out);
    if (b->suspends)
        put_resume(b, out);
    if (b->f->foreign)
        emit_foreign_call(e, b->f, out);
    put_location(b); // of the brace, at which a function ends
    text_put(out, text_str(&b->out));
    text_put(out, STR("}\n\n"));
    if (emit_knows_depth(b->f))
        put_outer(e, b->f, out);
}

// Which blocks something goes to by name.
struct labels {
    bool *plain, *entered; // by block; entered: from outside, where that is another label
};

static void name_block(struct body *b, struct labels *l, int32_t from, int32_t to) {
    (enters_loop(b, from, to) ? l->entered : l->plain)[to] = true;
}

static struct labels labelled_blocks(struct body *b) {
    const struct mir_function *f = b->f;
    struct labels l = {arena_array(b->e->arena, bool, f->blocks.len),
                       arena_array(b->e->arena, bool, f->blocks.len)};
    for (int32_t i = 0; i < f->blocks.len; i++) {
        const struct mir_terminator *t = &f->blocks.at[i].end;
        if (f->blocks.at[i].unwind >= 0)
            l.plain[f->blocks.at[i].unwind] = true;
        if (b->choices[i])
            name_block(b, &l, i, b->choices[i]->end);
        if (b->choices[i] || b->chosen[i])
            continue;
        if ((t->kind == MIR_GOTO || t->kind == MIR_IF) && t->block != i + 1)
            name_block(b, &l, i, t->block);
        if (t->kind == MIR_IF && (t->block_else != i + 1 || t->block == i + 1))
            name_block(b, &l, i, t->block_else);
        if (t->kind == MIR_SWITCH)
            name_block(b, &l, i, t->block_else);
        for (int32_t k = 0; t->kind == MIR_SWITCH && k < t->cases.len; k++)
            name_block(b, &l, i, t->cases.at[k].block);
    }
    return l;
}

// In line each drop is some branches, and a C compiler's time grows faster than their number.
enum { LARGE_INSTS = 500 };

static bool is_large(const struct mir_function *f) {
    int32_t count = 0;
    for (int32_t i = 0; i < f->blocks.len; i++)
        count += f->blocks.at[i].insts.len;
    return count >= LARGE_INSTS;
}

void emit_function_body(struct emitter *e, const struct mir_function *f) {
    e->is_large = is_large(f);
    struct body b = {.e = e,
                     .f = f,
                     .c = emit_function(e, f)->c,
                     .suspends = f->suspends,
                     .loops = emit_has_loop(f)};
    b.out.arena = b.inst.arena = b.sites.arena = e->arena;
    for (int32_t i = 0; i < f->blocks.len; i++)
        for (int32_t k = 0; k < f->blocks.at[i].insts.len; k++)
            if (f->blocks.at[i].insts.at[k].state > b.extra_state)
                b.extra_state = f->blocks.at[i].insts.at[k].state;
    find_views(&b);
    find_choices(&b);
    const struct labels labelled = labelled_blocks(&b);
    for (int32_t i = 0; i < f->blocks.len; i++) {
        if (b.chosen[i])
            continue;
        b.block = &f->blocks.at[i];
        b.filled = -1;
        if (labelled.entered[i]) {
            line(&b, "bb%d_in:;", i);
            flush(&b);
        }
        open_views(&b, i);
        flush(&b);
        if (labelled.plain[i]) {
            line(&b, "bb%d:;", i);
            flush(&b);
        }
        for (int32_t k = 0; k < b.block->insts.len; k++)
            put_inst(&b, &b.block->insts.at[k]);
        put_terminator(&b, &b.block->end);
    }
    put_unwind(&b);
    put_function(&b, &e->bodies);
    e->is_large = false;
}
