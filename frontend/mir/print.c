// SPDX-License-Identifier: MIT
// MIR to text. What is printed here parse.c reads back to the same bytes; docs/mir.md has the
// grammar.
#include "frontend/mir/inner.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <xxhash.h>

enum { LOCATION_COLUMN = 51 };

// ---- words --------------------------------------------------------------------------------------

static void print_string(struct text *out, struct str s) {
    text_putc(out, '"');
    for (size_t i = 0; i < s.len;) {
        uint32_t scalar;
        int len = utf8_decode((struct str){s.data + i, s.len - i}, &scalar);
        unsigned char c = (unsigned char)s.data[i];
        if (c == '"' || c == '\\')
            text_printf(out, "\\%c", c);
        else if (c == '\n' || c == '\t')
            text_put(out, c == '\n' ? STR("\\n") : STR("\\t"));
        else if (len == 0 || c < 0x20 || c == 0x7f)
            text_printf(out, "\\x%02X", c);
        else
            text_put(out, (struct str){s.data + i, (size_t)len});
        i += len ? (size_t)len : 1;
    }
    text_putc(out, '"');
}

void mir_print_name(struct text *out, const char *name) {
    if (mir_name_is_plain(name))
        text_put(out, str_from(name));
    else
        print_string(out, str_from(name));
}

static void print_char(struct text *out, uint32_t scalar) {
    text_putc(out, '\'');
    if (scalar == '\'' || scalar == '\\')
        text_printf(out, "\\%c", (char)scalar);
    else if (scalar == '\n' || scalar == '\t')
        text_put(out, scalar == '\n' ? STR("\\n") : STR("\\t"));
    else if (scalar < 0x20 || (scalar >= 0x7f && scalar < 0xa0))
        text_printf(out, "\\u{%" PRIX32 "}", scalar);
    else
        text_put_utf8(out, scalar);
    text_putc(out, '\'');
}

// The shortest digits that read back to the same value.
static void print_float(struct text *out, double v, bool narrow) {
    if (isnan(v) || isinf(v)) {
        text_printf(out, "%s%s", !isnan(v) && v < 0 ? "-" : "", isnan(v) ? "nan" : "inf");
        return;
    }
    char digits[40];
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, v);
        if (narrow ? strtof(digits, NULL) == (float)v : strtod(digits, NULL) == v)
            break;
    }
    text_put(out, str_from(digits));
}

// ---- types --------------------------------------------------------------------------------------

static void print_types(struct text *out, struct mir_type *const *at, int32_t len) {
    for (int32_t i = 0; i < len; i++) {
        text_put(out, i ? STR(", ") : STR(""));
        mir_print_type(out, at[i]);
    }
}

void mir_print_type(struct text *out, const struct mir_type *t) {
    static const char *const wrappers[] = {
        [MIR_BUFFER] = "buf(", [MIR_REPLY] = "reply(", [MIR_FUTURE] = "future("};
    switch (t->kind) {
    case MIR_STRUCT:
    case MIR_ENUM:
        mir_print_name(out, t->name);
        return;
    case MIR_BUFFER:
    case MIR_REPLY:
    case MIR_FUTURE:
        text_put(out, t->box ? STR("box(") : str_from(wrappers[t->kind]));
        mir_print_type(out, t->element);
        text_putc(out, ')');
        return;
    case MIR_FN:
        text_put(out, STR("fn("));
        for (int32_t i = 0; i < t->params.len; i++) {
            text_printf(out, "%s%s", i ? ", " : "", mir_fn_is_mut(t, i) ? "mut " : "");
            mir_print_type(out, t->params.at[i]);
        }
        text_put(out, STR(") -> "));
        mir_print_type(out, t->element);
        return;
    case MIR_REF:
        text_put(out, STR("ref"));
        if (t->name) {
            text_putc(out, '(');
            mir_print_name(out, t->name);
            text_putc(out, ')');
        }
        return;
    default:
        text_put(out, str_from(mir_prim_name(t->kind)));
    }
}

static void print_struct(struct text *out, const struct mir_type *t) {
    text_put(out, STR(" struct "));
    if (t->mark != MIR_MARK_NONE)
        text_printf(out, "%s ", mir_mark_names[t->mark]);
    text_put(out, STR("{"));
    for (int32_t i = 0; i < t->fields.len; i++) {
        text_put(out, i ? STR(", ") : STR(" "));
        mir_print_name(out, t->fields.at[i].name);
        text_putc(out, ' ');
        mir_print_type(out, t->fields.at[i].type);
        if (t->fields.at[i].fallback) {
            text_put(out, STR(" = "));
            mir_print_name(out, t->fields.at[i].fallback);
        }
    }
}

static void print_enum(struct text *out, const struct mir_type *t) {
    text_put(out, STR(" enum "));
    if (t->mark != MIR_MARK_NONE)
        text_printf(out, "%s ", mir_mark_names[t->mark]);
    text_put(out, STR("{"));
    for (int32_t i = 0; i < t->variants.len; i++) {
        const struct mir_variant *v = &t->variants.at[i];
        text_put(out, i ? STR(", ") : STR(" "));
        mir_print_name(out, v->name);
        if (v->types.len == 0)
            continue;
        if (v->labels.len == 0) {
            text_putc(out, '(');
            print_types(out, v->types.at, v->types.len);
            text_putc(out, ')');
            continue;
        }
        for (int32_t k = 0; k < v->labels.len; k++) {
            text_put(out, k ? STR(", ") : STR(" { "));
            mir_print_name(out, v->labels.at[k]);
            text_putc(out, ' ');
            mir_print_type(out, v->types.at[k]);
        }
        text_put(out, STR(" }"));
    }
}

static void print_declaration(struct text *out, const struct mir_type *t) {
    text_put(out, STR("type "));
    mir_print_name(out, t->name);
    if (t->kind == MIR_STRUCT)
        print_struct(out, t);
    else
        print_enum(out, t);
    bool empty = t->fields.len == 0 && t->variants.len == 0;
    text_put(out, empty ? STR("}\n") : STR(" }\n"));
}

// ---- operands -----------------------------------------------------------------------------------

void mir_print_place(struct text *out, const struct mir_place *p) {
    if (p->local == MIR_SELF)
        text_put(out, STR("self"));
    else
        text_printf(out, "_%" PRId32, p->local);
    for (int32_t i = 0; i < p->projs.len; i++) {
        const struct mir_proj *proj = &p->projs.at[i];
        switch (proj->kind) {
        case MIR_PROJ_FIELD:
            text_printf(out, ".%" PRId32, proj->field);
            break;
        case MIR_PROJ_VARIANT:
            text_printf(out, " as %" PRId32 ".%" PRId32, proj->variant, proj->field);
            break;
        case MIR_PROJ_INDEX:
            text_putc(out, '[');
            mir_print_operand(out, proj->index);
            text_putc(out, ']');
            break;
        }
    }
}

static void print_integer(struct text *out, uint64_t bits, const struct mir_type *t) {
    if (mir_is_signed(t->kind))
        text_printf(out, "%" PRId64, (int64_t)bits);
    else
        text_printf(out, "%" PRIu64, bits);
}

static void print_const(struct text *out, const struct mir_operand *o) {
    enum mir_type_kind kind = o->type->kind;
    if (kind == MIR_UNIT)
        text_put(out, STR("()"));
    else if (kind == MIR_BOOL)
        text_put(out, o->value.bits ? STR("true") : STR("false"));
    else if (kind == MIR_CHAR)
        print_char(out, (uint32_t)o->value.bits);
    else if (kind == MIR_BUFFER)
        print_string(out, o->value.text);
    else if (mir_is_float(kind))
        print_float(out, o->value.number, kind == MIR_F32);
    else
        print_integer(out, o->value.bits, o->type);
    if (mir_is_float(kind) || mir_is_integer(kind))
        text_printf(out, "_%s", mir_prim_name(kind));
}

void mir_print_operand(struct text *out, const struct mir_operand *o) {
    if (o->kind == MIR_CONST) {
        print_const(out, o);
        return;
    }
    if (o->kind == MIR_MOVE)
        text_put(out, STR("move "));
    mir_print_place(out, &o->place);
}

static void print_list(struct text *out, const struct mir_operand *at, int32_t len) {
    text_putc(out, '(');
    for (int32_t i = 0; i < len; i++) {
        text_put(out, i ? STR(", ") : STR(""));
        mir_print_operand(out, &at[i]);
    }
    text_putc(out, ')');
}

// ---- operations ---------------------------------------------------------------------------------

static void print_message(struct text *out, const struct mir_inst *i) {
    mir_print_name(out, i->actor);
    text_printf(out, ".%" PRId32, i->message);
}

// Prints one letter of a shape; `next` is the first operand that is not yet printed.
static void print_shape(struct text *out, const struct mir_inst *i, char letter, int32_t *next) {
    switch (letter) {
    case 'a':
        assert(*next < i->args.len);
        mir_print_operand(out, &i->args.at[(*next)++]);
        break;
    case '?':
        if (*next < i->args.len)
            mir_print_operand(out, &i->args.at[(*next)++]);
        break;
    case '*': {
        int32_t len = i->args.len - *next - (i->has_scope ? 1 : 0);
        print_list(out, i->args.at + *next, len);
        *next += len;
        break;
    }
    case 'F':
        mir_print_name(out, i->function);
        break;
    case 'A':
        mir_print_name(out, i->actor);
        break;
    case 'M':
        print_message(out, i);
        break;
    case 'N':
        text_printf(out, "%" PRId32 " ", i->number);
        break;
    case 'P':
        text_printf(out, "%" PRId32, i->number);
        break;
    case 'T':
        mir_print_type(out, i->type);
        break;
    case 'K':
        text_put(out, str_from(mir_task_names[i->number]));
        if (i->has_scope) {
            text_put(out, STR(" in "));
            mir_print_operand(out, &i->args.at[(*next)++]);
        }
        break;
    case 'm':
        for (; *next < i->args.len; ++*next) {
            text_put(out, *next ? STR(", ") : STR(""));
            mir_print_operand(out, &i->args.at[*next]);
        }
        break;
    default:
        assert(letter == ',' || letter == ' ');
        text_put(out, letter == ',' ? STR(", ") : STR(" "));
    }
}

void mir_print_inst(struct text *out, const struct mir_inst *i) {
    if (i->dst.local != MIR_NO_PLACE) {
        mir_print_place(out, &i->dst);
        text_put(out, STR(" = "));
    }
    text_put(out, str_from(mir_op_name(i->op)));
    const struct mir_family *family = mir_op_family(i->op);
    if (family)
        text_printf(out, ".%s", family->names[i->number]);
    const char *shape = mir_op_shape(i->op);
    if (*shape && !(*shape == '?' && i->args.len == 0))
        text_putc(out, ' ');
    int32_t next = 0;
    for (; *shape; shape++)
        print_shape(out, i, *shape, &next);
    assert(next == i->args.len);
}

static void print_switch(struct text *out, const struct mir_terminator *t) {
    text_put(out, STR("switch "));
    mir_print_operand(out, &t->value);
    text_put(out, STR(" ("));
    for (int32_t i = 0; i < t->cases.len; i++) {
        text_put(out, i ? STR(", ") : STR(""));
        print_integer(out, t->cases.at[i].value, t->value.type);
        text_printf(out, " bb%" PRId32, t->cases.at[i].block);
    }
    text_printf(out, ") bb%" PRId32, t->block_else);
}

void mir_print_terminator(struct text *out, const struct mir_terminator *t) {
    switch (t->kind) {
    case MIR_GOTO:
        text_printf(out, "goto bb%" PRId32, t->block);
        break;
    case MIR_IF:
        text_put(out, STR("if "));
        mir_print_operand(out, &t->value);
        text_printf(out, " bb%" PRId32 " bb%" PRId32, t->block, t->block_else);
        break;
    case MIR_SWITCH:
        print_switch(out, t);
        break;
    case MIR_RETURN:
    case MIR_RAISE:
        text_put(out, t->kind == MIR_RETURN ? STR("return ") : STR("raise "));
        mir_print_operand(out, &t->value);
        break;
    case MIR_END:
        text_put(out, STR("end"));
        break;
    case MIR_TRAP:
        text_printf(out, "trap %s", mir_failure_word(t->failure));
        if (t->text.len) {
            text_putc(out, ' ');
            print_string(out, t->text);
        }
        break;
    case MIR_UNREACHABLE:
        text_put(out, STR("unreachable"));
        break;
    }
}

// ---- functions ----------------------------------------------------------------------------------

struct printer {
    struct text *out;
    unsigned flags;
    size_t line; // where the line at hand began
};

static void print_location(struct printer *p, struct mir_loc loc, size_t column) {
    if (loc.line == 0 || !(p->flags & MIR_PRINT_LOCATIONS))
        return;
    do
        text_putc(p->out, ' ');
    while (p->out->len - p->line < column);
    text_printf(p->out, "@ %" PRId32 ":%" PRId32 ":%" PRId32, loc.file, loc.line, loc.column);
}

static void end_line(struct printer *p, struct mir_loc loc) {
    print_location(p, loc, LOCATION_COLUMN);
    text_putc(p->out, '\n');
    p->line = p->out->len;
}

static void print_local(struct printer *p, const struct mir_function *f, int32_t i) {
    const struct mir_local *l = &f->locals.at[i];
    text_printf(p->out, "_%" PRId32 " ", i);
    mir_print_type(p->out, l->type);
    if (l->name && (p->flags & MIR_PRINT_LOCAL_NAMES)) {
        text_putc(p->out, ' ');
        print_string(p->out, str_from(l->name));
    }
    text_put(p->out, l->frame ? STR(" frame") : STR(""));
}

static void print_fields(struct text *out, const char *word, uint64_t fields) {
    if (fields == 0)
        return;
    text_printf(out, " %s (", word);
    const char *between = "";
    for (int i = 0; i < 64; i++) {
        if (fields >> i & 1) {
            text_printf(out, "%s%d", between, i);
            between = " ";
        }
    }
    text_putc(out, ')');
}

static void print_attributes(struct text *out, const struct mir_function *f) {
    if (f->self) {
        text_put(out, STR(" self "));
        mir_print_type(out, f->self);
    }
    print_fields(out, "reads", f->reads);
    print_fields(out, "writes", f->writes);
    text_put(out, f->suspends ? STR(" suspends") : STR(""));
    text_put(out, f->traps ? STR(" traps") : STR(""));
    if (f->captures)
        text_printf(out, " captures %" PRId32, f->captures);
    if (f->foreign) {
        text_put(out, STR(" foreign "));
        mir_print_name(out, f->foreign);
    }
    if (f->effects.len == 0)
        return;
    text_put(out, STR(" effects ("));
    for (int32_t i = 0; i < f->effects.len; i++) {
        text_put(out, i ? STR(" ") : STR(""));
        mir_print_name(out, f->effects.at[i]);
    }
    text_putc(out, ')');
}

static void print_head(struct printer *p, const struct mir_function *f) {
    static const char *const modes[] = {
        [MIR_PARAM_LEND] = "", [MIR_PARAM_OWN] = "own ", [MIR_PARAM_MUT] = "mut "};
    text_put(p->out, STR("fn "));
    mir_print_name(p->out, f->name);
    text_put(p->out, STR(" ("));
    for (int32_t i = 0; i < f->param_count; i++) {
        text_put(p->out, i ? STR(", ") : STR(""));
        text_put(p->out, str_from(i < f->modes.len ? modes[f->modes.at[i]] : ""));
        print_local(p, f, i);
    }
    text_put(p->out, STR(") -> "));
    mir_print_type(p->out, f->result);
    print_attributes(p->out, f);
    print_location(p, f->loc, 0);
    text_put(p->out, STR(" {\n"));
    p->line = p->out->len;
}

static void print_block(struct printer *p, const struct mir_function *f, int32_t number) {
    const struct mir_block *b = &f->blocks.at[number];
    text_printf(p->out, "bb%" PRId32, number);
    if (b->unwind >= 0)
        text_printf(p->out, " unwind bb%" PRId32, b->unwind);
    text_put(p->out, STR(":\n"));
    p->line = p->out->len;
    for (int32_t i = 0; i < b->insts.len; i++) {
        text_put(p->out, STR("  "));
        mir_print_inst(p->out, &b->insts.at[i]);
        end_line(p, b->insts.at[i].loc);
    }
    text_put(p->out, STR("  "));
    mir_print_terminator(p->out, &b->end);
    end_line(p, b->end.loc);
}

static void print_function(struct printer *p, const struct mir_function *f) {
    print_head(p, f);
    for (int32_t i = f->param_count; i < f->locals.len; i++) {
        text_put(p->out, STR("  let "));
        print_local(p, f, i);
        text_putc(p->out, '\n');
        p->line = p->out->len;
    }
    for (int32_t i = 0; i < f->blocks.len; i++)
        print_block(p, f, i);
    text_put(p->out, STR("}\n"));
    p->line = p->out->len;
}

void mir_print_function(const struct mir_module *m, const struct mir_function *f, unsigned flags,
                        struct text *out) {
    (void)m;
    struct printer p = {.out = out, .flags = flags, .line = out->len};
    print_function(&p, f);
}

// ---- actors, tests, the module ------------------------------------------------------------------

static void print_hook(struct text *out, const char *word, const char *function) {
    if (!function)
        return;
    text_printf(out, "  %s = ", word);
    mir_print_name(out, function);
    text_putc(out, '\n');
}

static void print_hooks(struct text *out, const struct mir_actor *a) {
    print_hook(out, "on_start", a->on_start);
    print_hook(out, "on_stop", a->on_stop);
    print_hook(out, "on_shutdown", a->on_shutdown);
    print_hook(out, "on_child_failure", a->on_child_failure);
    if (a->strategy != MIR_ONE_FOR_ONE)
        text_printf(out, "  restarts %s\n", mir_strategy_names[a->strategy]);
    text_put(out, a->reentrant ? STR("  reentrant\n") : STR(""));
    text_put(out, a->model ? STR("  model\n") : STR(""));
    for (int32_t i = 0; i < a->hot.len; i++)
        text_printf(out, "%s%d%s", i ? " " : "  monitor (", a->hot.at[i],
                    i + 1 == a->hot.len ? ")\n" : "");
    if (a->handle) {
        text_put(out, STR("  handle "));
        print_string(out, str_from(a->handle));
        text_putc(out, '\n');
    }
    if (a->mailbox != MIR_MAILBOX_UNBOUNDED)
        text_printf(out, "  mailbox %" PRId32 " %s\n", a->mailbox_limit,
                    mir_mailbox_names[a->mailbox]);
    text_put(out, a->own_mailboxes ? STR("  mailboxes\n") : STR(""));
    text_put(out, a->is_task ? STR("  task\n") : STR(""));
    text_put(out, a->measured ? STR("  measured\n") : STR(""));
    for (int32_t i = 0; i < a->capabilities.len; i++) {
        text_put(out, STR("  capability "));
        print_string(out, a->capabilities.at[i]);
        text_putc(out, '\n');
    }
    for (int32_t i = 0; i < a->invariants.len; i++) {
        text_put(out, STR("  invariant "));
        print_string(out, a->invariants.at[i].text);
        text_put(out, STR(" = "));
        mir_print_name(out, a->invariants.at[i].function);
        text_putc(out, '\n');
    }
}

static void print_message_of_actor(struct printer *p, const struct mir_message *m) {
    text_put(p->out, STR("  message "));
    mir_print_name(p->out, m->name);
    text_put(p->out, STR(" ("));
    print_types(p->out, m->params.at, m->params.len);
    text_put(p->out, STR(") -> "));
    mir_print_type(p->out, m->result);
    text_put(p->out, STR(" = "));
    mir_print_name(p->out, m->handler);
    end_line(p, m->loc);
}

static void print_actor(struct printer *p, const struct mir_actor *a) {
    text_put(p->out, STR("actor "));
    mir_print_name(p->out, a->name);
    text_put(p->out, STR(" state "));
    mir_print_type(p->out, a->state);
    text_put(p->out, STR(" init "));
    mir_print_name(p->out, a->init);
    print_location(p, a->loc, 0);
    text_put(p->out, STR(" {\n"));
    print_hooks(p->out, a);
    p->line = p->out->len;
    for (int32_t i = 0; i < a->messages.len; i++)
        print_message_of_actor(p, &a->messages.at[i]);
    text_put(p->out, STR("}\n"));
    p->line = p->out->len;
}

static void print_service(struct printer *p, const struct mir_service *s) {
    text_put(p->out, STR("service "));
    mir_print_name(p->out, s->name);
    text_putc(p->out, ' ');
    mir_print_type(p->out, s->type);
    text_putc(p->out, '\n');
    p->line = p->out->len;
}

static void print_test(struct printer *p, const struct mir_test *t) {
    text_put(p->out, STR("test "));
    mir_print_name(p->out, t->name);
    text_put(p->out, STR(" = "));
    mir_print_name(p->out, t->function);
    text_put(p->out, STR(" ("));
    for (int32_t i = 0; i < t->params.len; i++) {
        text_put(p->out, i ? STR(", ") : STR(""));
        mir_print_name(p->out, t->params.at[i].name);
        text_putc(p->out, ' ');
        mir_print_type(p->out, t->params.at[i].value.type);
        text_put(p->out, STR(" = "));
        mir_print_operand(p->out, &t->params.at[i].value);
    }
    text_put(p->out, t->kind == MIR_TEST_PROPERTY ? STR(") property")
                     : t->kind == MIR_TEST_CHAOS  ? STR(") chaos")
                                                  : STR(")"));
    end_line(p, t->loc);
}

static void gap(struct printer *p) {
    text_putc(p->out, '\n');
    p->line = p->out->len;
}

static void print_files(struct printer *p, const struct mir_module *m) {
    for (int32_t i = 0; i < m->files.len; i++) {
        text_printf(p->out, "file %" PRId32 " ", i);
        print_string(p->out, str_from(m->files.at[i]));
        text_putc(p->out, '\n');
    }
}

static void print_declarations(struct printer *p, const struct mir_module *m) {
    bool first = true;
    for (int32_t i = 0; i < m->types.len; i++) {
        const struct mir_type *t = m->types.at[i];
        if (t->kind != MIR_STRUCT && t->kind != MIR_ENUM)
            continue;
        if (first)
            gap(p);
        first = false;
        print_declaration(p->out, t);
    }
}

static void print_entry(struct printer *p, const char *entry) {
    if (!entry)
        return;
    gap(p);
    text_put(p->out, STR("entry "));
    mir_print_name(p->out, entry);
    text_putc(p->out, '\n');
}

void mir_print(const struct mir_module *m, unsigned flags, struct text *out) {
    struct printer p = {.out = out, .flags = flags, .line = out->len};
    text_put(out, m->lowered ? STR("mir 1 lowered\n") : STR("mir 1 core\n"));
    if (flags & MIR_PRINT_LOCATIONS)
        print_files(&p, m);
    print_declarations(&p, m);
    for (int32_t i = 0; i < m->functions.len; i++) {
        gap(&p);
        print_function(&p, m->functions.at[i]);
    }
    for (int32_t i = 0; i < m->services.len; i++) {
        if (i == 0)
            gap(&p);
        print_service(&p, &m->services.at[i]);
    }
    for (int32_t i = 0; i < m->actors.len; i++) {
        gap(&p);
        print_actor(&p, m->actors.at[i]);
    }
    for (int32_t i = 0; i < m->tests.len; i++) {
        if (i == 0)
            gap(&p);
        print_test(&p, &m->tests.at[i]);
    }
    print_entry(&p, m->entry);
    for (int32_t i = 0; i < m->exports.len; i++) {
        if (i == 0)
            gap(&p);
        text_put(out, STR("export "));
        mir_print_name(out, m->exports.at[i]);
        text_putc(out, '\n');
    }
}

uint64_t mir_hash(const struct mir_module *m) {
    assert(!m->lowered);
    struct arena scratch = {0};
    struct text out = {.arena = &scratch};
    mir_print(m, 0, &out);
    uint64_t hash = XXH3_64bits(out.data, out.len);
    arena_free(&scratch);
    return hash;
}
