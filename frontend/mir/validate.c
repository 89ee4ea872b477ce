// SPDX-License-Identifier: MIT
// The validator: what docs/mir.md forbids is named, so that a pass that breaks the form is found
// where it does, not where somebody stumbles over it. It reads any module without harm, however
// wrong.
//
// Order: declarations, then each function's frame (blocks, counts of operands, places), and only
// where that is right the types of operations and what is written before it is read.
#include "frontend/mir/validate.h"

#include "frontend/mir/flow.h"

#include <inttypes.h>

// ---- saying -------------------------------------------------------------------------------------

const char *mir_type_text(struct validator *v, const struct mir_type *t) {
    struct text out = {.arena = v->scratch};
    if (t)
        mir_print_type(&out, t);
    else
        text_putc(&out, '?');
    return out.data;
}

static void print_place_at_hand(struct validator *v, struct text *out, struct mir_loc *loc) {
    if (!v->function)
        return;
    *loc = v->function->loc;
    text_printf(out, "`%s`", v->function->name);
    if (v->block >= 0)
        text_printf(out, " bb%" PRId32, v->block);
    if (v->inst || v->end) {
        text_put(out, STR(" `"));
        if (v->inst)
            mir_print_inst(out, v->inst);
        else
            mir_print_terminator(out, v->end);
        text_putc(out, '`');
        *loc = v->inst ? v->inst->loc : v->end->loc;
    }
    text_put(out, STR(": "));
}

void mir_wrong(struct validator *v, enum diag_code code, const char *format, ...) {
    struct text out = {.arena = v->scratch};
    struct mir_loc loc = {0};
    char sentence[600];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    print_place_at_hand(v, &out, &loc);
    text_put(&out, str_from(sentence));
    struct diag *d = diag_add(v->sink, code, (struct span){0}, "%s", out.data);
    if (loc.line && loc.file >= 0 && loc.file < v->module->files.len)
        diag_note(v->sink, d, "it was made from %s:%" PRId32 ":%" PRId32,
                  v->module->files.at[loc.file], loc.line, loc.column);
}

// ---- types --------------------------------------------------------------------------------------

// { buf({ u64, key, value }), buf(u32) }
static bool is_map(const struct mir_type *t) {
    if (t->fields.len != 2 || t->fields.at[0].type->kind != MIR_BUFFER ||
        t->fields.at[1].type->kind != MIR_BUFFER)
        return false;
    const struct mir_type *entry = t->fields.at[0].type->element;
    return entry->kind == MIR_STRUCT && entry->fields.len == 3 &&
           entry->fields.at[0].type->kind == MIR_U64 &&
           t->fields.at[1].type->element->kind == MIR_U32;
}

static bool mark_fits(const struct mir_type *t) {
    const struct mir_type *only = t->fields.len == 1 ? t->fields.at[0].type : NULL;
    switch (t->mark) {
    case MIR_MARK_STRING:
        return only && only->kind == MIR_BUFFER && only->element->kind == MIR_U8;
    case MIR_MARK_LIST:
        return only && only->kind == MIR_BUFFER;
    case MIR_MARK_DURATION:
    case MIR_MARK_INSTANT:
        return only && only->kind == MIR_I64;
    case MIR_MARK_BYTES:
        return only && only->kind == MIR_BUFFER && only->element->kind == MIR_U8;
    case MIR_MARK_MAP:
        return is_map(t);
    case MIR_MARK_SET:
        return only && only->kind == MIR_STRUCT && only->mark == MIR_MARK_MAP;
    case MIR_MARK_QUEUE:
        return t->fields.len == 2 && t->fields.at[0].type->kind == MIR_BUFFER &&
               t->fields.at[0].type == t->fields.at[1].type;
    case MIR_MARK_OPTION:
        return t->variants.len == 2 && t->variants.at[0].types.len == 0 &&
               t->variants.at[1].types.len == 1;
    case MIR_MARK_TRAIT:
        for (int32_t i = 0; i < t->variants.len; i++)
            if (t->variants.at[i].types.len != 1)
                return false;
        return true;
    default:
        return true;
    }
}

static void fallback_fits(struct validator *v, const struct mir_type *t,
                          const struct mir_field *field) {
    const struct mir_function *f = mir_find_function(v->module, field->fallback);
    if (!f || f->param_count || f->self || f->suspends || f->result != field->type)
        mir_wrong(v, P9010, "`%s` gives no default of the field `%s` of %s", field->fallback,
                  field->name, mir_type_text(v, t));
}

static void types(struct validator *v) {
    for (int32_t i = 0; i < v->module->types.len; i++) {
        const struct mir_type *t = v->module->types.at[i];
        if (t->depth < 0)
            mir_wrong(v, P9010, "the type %s contains itself without a buf between",
                      mir_type_text(v, t));
        if (t->depth > MIR_TYPE_NEST_MAX)
            mir_wrong(v, P9010, "the type %s is nested more than %d deep", mir_type_text(v, t),
                      MIR_TYPE_NEST_MAX);
        if (!mark_fits(t))
            mir_wrong(v, P9010, "the type %s has not the field that its mark `%s` needs",
                      mir_type_text(v, t), mir_mark_names[t->mark]);
        for (int32_t k = 0; k < t->fields.len; k++)
            if (t->fields.at[k].fallback)
                fallback_fits(v, t, &t->fields.at[k]);
        if (t->kind == MIR_REF && t->name && !mir_find_actor(v->module, t->name))
            mir_wrong(v, P9010, "the type %s names no actor", mir_type_text(v, t));
    }
}

// ---- operands -----------------------------------------------------------------------------------

static bool place_is_right(struct validator *v, const struct mir_place *p, int depth);

static bool const_is_right(const struct mir_operand *o) {
    enum mir_type_kind k = o->type->kind;
    if (k == MIR_BUFFER)
        return o->type->element->kind == MIR_U8 && !o->type->box;
    if (k == MIR_CHAR)
        return o->value.bits <= 0x10ffff && o->value.bits >> 11 != 0x1b;
    if (k == MIR_BOOL)
        return o->value.bits <= 1;
    return k == MIR_UNIT || mir_is_integer(k) || mir_is_float(k);
}

static bool operand_is_right(struct validator *v, const struct mir_operand *o, int depth) {
    if (!o->type || depth > MIR_OPERAND_DEPTH_MAX)
        return false;
    if (o->kind == MIR_CONST)
        return const_is_right(o);
    return place_is_right(v, &o->place, depth) && o->type == mir_place_type(v->function, &o->place);
}

static bool place_is_right(struct validator *v, const struct mir_place *p, int depth) {
    for (int32_t i = 0; i < p->projs.len; i++) {
        const struct mir_proj *proj = &p->projs.at[i];
        if (proj->kind == MIR_PROJ_INDEX &&
            (!proj->index || !operand_is_right(v, proj->index, depth + 1) ||
             proj->index->type->kind != MIR_U64))
            return false;
    }
    return mir_place_type(v->function, p) != NULL;
}

// ---- what each level allows ---------------------------------------------------------------------

static void operand_level(struct validator *v, const struct mir_operand *o) {
    if (o->kind != MIR_MOVE)
        return;
    if (!v->module->lowered)
        mir_wrong(v, P9009, "core has no `move`");
    else if (o->place.local < 0 || o->place.projs.len)
        mir_wrong(v, P9009, "only a whole local is moved");
    else if (o->place.local < v->function->param_count &&
             v->function->modes.at[o->place.local] != MIR_PARAM_OWN)
        mir_wrong(v, P9009, "_%" PRId32 " is lent to the function: it does not move",
                  o->place.local);
}

static void inst_level(struct validator *v, const struct mir_inst *i) {
    for (int32_t n = 0; n < i->args.len; n++)
        operand_level(v, &i->args.at[n]);
    if (i->op == MIR_OP_DROP && !v->module->lowered)
        mir_wrong(v, P9009, "core has no `drop`");
    if (i->op == MIR_OP_DROP && i->args.at[0].kind == MIR_COPY &&
        (i->args.at[0].place.local < 0 || i->args.at[0].place.projs.len))
        mir_wrong(v, P9009, "only a whole local is dropped");
}

static void function_level(struct validator *v) {
    const struct mir_function *f = v->function;
    if (v->module->lowered)
        return;
    for (int32_t n = 0; n < f->modes.len; n++)
        if (f->modes.at[n] == MIR_PARAM_OWN)
            mir_wrong(v, P9009, "core has no `own` parameters");
    for (int32_t n = 0; n < f->locals.len; n++)
        if (f->locals.at[n].frame)
            mir_wrong(v, P9009, "core has no `frame` locals");
}

// ---- a function's frame -------------------------------------------------------------------------

// Is the number of operands what the shape needs?
static bool count_is_right(const struct mir_inst *i) {
    int32_t least = 0;
    bool open = false;
    for (const char *s = mir_op_shape(i->op); *s; s++) {
        least += *s == 'a' || *s == 'm';
        open |= *s == '*' || *s == 'm';
        open |= *s == '?' && i->args.len == 1;
    }
    least += i->has_scope;
    return i->args.len == least || (open && i->args.len > least);
}

static bool names_are_right(const struct mir_inst *i) {
    for (const char *s = mir_op_shape(i->op); *s; s++) {
        if ((*s == 'F' && !i->function) || ((*s == 'A' || *s == 'M') && !i->actor) ||
            (*s == 'T' && !i->type) || (*s == 'K' && (i->number < 0 || i->number > 2)) ||
            (*s == 'm' && (i->number < 0 || i->number >= MIR_MATH_COUNT)))
            return false;
    }
    return true;
}

static bool inst_is_right(struct validator *v, const struct mir_inst *i) {
    bool right = i->op >= 0 && i->op < MIR_OP_COUNT && count_is_right(i) && names_are_right(i);
    if (right && i->dst.local != MIR_NO_PLACE)
        right = place_is_right(v, &i->dst, 0);
    for (int32_t n = 0; right && n < i->args.len; n++)
        right = operand_is_right(v, &i->args.at[n], 0);
    return right;
}

static bool target_is_right(struct validator *v, int32_t block) {
    return block >= 0 && block < v->function->blocks.len;
}

static bool targets_are_right(struct validator *v, const struct mir_terminator *t) {
    struct mir_edges targets = {0};
    flow_targets(v->scratch, t, &targets);
    for (int32_t i = 0; i < targets.to.len; i++)
        if (!target_is_right(v, targets.to.at[i]))
            return false;
    return true;
}

static bool end_is_right(struct validator *v, const struct mir_terminator *t) {
    if (flow_end_has_value(t) && !operand_is_right(v, &t->value, 0))
        return false;
    if (t->kind == MIR_TRAP && (t->failure <= 0 || !mir_failure_word(t->failure)))
        return false;
    return targets_are_right(v, t);
}

static bool block_is_right(struct validator *v, const struct mir_block *b) {
    int32_t errors = v->sink->errors;
    if (b->unwind != -1 && !target_is_right(v, b->unwind))
        mir_wrong(v, P9011, "there is no block bb%" PRId32 " to unwind to", b->unwind);
    for (int32_t i = 0; i < b->insts.len; i++)
        if (!inst_is_right(v, &b->insts.at[i]))
            mir_wrong(v, P9011, "operation %" PRId32 " lacks or has wrong operands or names", i);
    if (!end_is_right(v, &b->end))
        mir_wrong(v, P9011, "the terminator has no or a wrong value, failure or target");
    return v->sink->errors == errors;
}

static bool locals_are_right(struct validator *v) {
    const struct mir_function *f = v->function;
    if (!f->result || f->param_count < 0 || f->param_count > f->locals.len ||
        f->param_count > MIR_PARAMS_MAX || f->captures < 0 || f->captures > f->param_count ||
        f->modes.len != f->param_count || (f->self && f->self->kind != MIR_STRUCT) ||
        f->blocks.len == 0)
        return false;
    for (int32_t i = 0; i < f->locals.len; i++)
        if (!f->locals.at[i].type)
            return false;
    return (int64_t)f->locals.len * f->blocks.len <= MIR_FLOW_BITS_MAX;
}

static bool frame_is_right(struct validator *v) {
    const struct mir_function *f = v->function;
    if (!locals_are_right(v)) {
        mir_wrong(v, P9011,
                  "its parameters, captures, self or locals are malformed, it has no "
                  "block, or it is too large");
        return false;
    }
    bool right = true;
    for (int32_t b = 0; b < f->blocks.len; b++) {
        v->block = b;
        right &= block_is_right(v, &f->blocks.at[b]);
    }
    v->block = -1;
    return right;
}

// ---- unwinding ----------------------------------------------------------------------------------

static void unwinding(struct validator *v) {
    const struct mir_function *f = v->function;
    bool *unwinds = arena_array(v->scratch, bool, f->blocks.len);
    for (int32_t b = 0; b < f->blocks.len; b++)
        if (f->blocks.at[b].unwind >= 0)
            unwinds[f->blocks.at[b].unwind] = true;
    for (int32_t b = 0; b < f->blocks.len; b++) {
        const struct mir_block *block = &f->blocks.at[b];
        v->block = b;
        bool begins = block->insts.len && block->insts.at[0].op == MIR_OP_CAUGHT;
        if (unwinds[b] && !begins)
            mir_wrong(v, P9004, "failures lead here, so it has to begin with `caught`");
        if (begins && !unwinds[b])
            mir_wrong(v, P9004, "it begins with `caught`, but no failure leads here");
        for (int32_t i = 1; i < block->insts.len; i++)
            if (block->insts.at[i].op == MIR_OP_CAUGHT)
                mir_wrong(v, P9004, "`caught` stands only at the beginning of a block");
        struct mir_edges targets = {0};
        flow_targets(v->scratch, &block->end, &targets);
        for (int32_t i = 0; i < targets.to.len; i++)
            if (unwinds[targets.to.at[i]])
                mir_wrong(v, P9004, "it goes to bb%" PRId32 ", which only failures lead to",
                          targets.to.at[i]);
    }
    if (unwinds[0])
        mir_wrong(v, P9004, "the first block is no unwind block");
    v->block = -1;
}

// ---- bodies -------------------------------------------------------------------------------------

static void switch_cases(struct validator *v, const struct mir_terminator *t) {
    enum mir_type_kind k = t->value.type->kind;
    if (!mir_is_integer(k) && k != MIR_CHAR)
        mir_wrong(v, P9002, "a switch needs an integer or char");
    struct map seen = {0};
    for (int32_t i = 0; i < t->cases.len; i++) {
        struct str key = str_format(v->scratch, "%" PRIu64, t->cases.at[i].value);
        if (!map_put(v->scratch, &seen, key, v))
            mir_wrong(v, P9002, "the case %s is there twice", key.data);
    }
}

static void terminator(struct validator *v, const struct mir_terminator *t) {
    const struct mir_function *f = v->function;
    if (flow_end_has_value(t))
        operand_level(v, &t->value);
    if (t->kind == MIR_IF && t->value.type->kind != MIR_BOOL)
        mir_wrong(v, P9002, "a condition is bool");
    if (t->kind == MIR_SWITCH)
        switch_cases(v, t);
    if (t->kind == MIR_RETURN && t->value.type != f->result)
        mir_wrong(v, P9002, "the function's result is %s", mir_type_text(v, f->result));
    if (t->kind == MIR_RAISE && t->value.type->kind != MIR_ERROR)
        mir_wrong(v, P9002, "what is raised is an error");
    if (t->kind == MIR_END && !v->handles[f->index])
        mir_wrong(v, P9011, "only the handler of a message may `end`");
}

static void body(struct validator *v) {
    const struct mir_function *f = v->function;
    for (int32_t b = 0; b < f->blocks.len; b++) {
        const struct mir_block *block = &f->blocks.at[b];
        v->block = b;
        for (int32_t i = 0; i < block->insts.len; i++) {
            v->inst = &block->insts.at[i];
            mir_validate_inst(v, v->inst);
            inst_level(v, v->inst);
        }
        v->inst = NULL;
        v->end = &block->end;
        terminator(v, &block->end);
        v->end = NULL;
    }
    v->block = -1;
}

// ---- attributes ---------------------------------------------------------------------------------

struct found {
    bool suspends, traps;
};

// What the body says of itself; calls within the cycle say nothing of suspension.
static struct found attributes_of(const struct mir_module *m, const struct mir_function *f) {
    struct found found = {0};
    for (int32_t b = 0; b < f->blocks.len; b++) {
        const struct mir_block *block = &f->blocks.at[b];
        bool leaves = block->unwind < 0;
        found.traps |= leaves && mir_end_traps(&block->end);
        for (int32_t n = 0; n < block->insts.len; n++) {
            const struct mir_inst *i = &block->insts.at[n];
            const struct mir_function *callee =
                i->op == MIR_OP_CALL ? mir_find_function(m, i->function) : NULL;
            bool within = callee && f->cycle && callee->cycle == f->cycle;
            found.suspends |= !within && mir_inst_suspends(m, i);
            found.traps |= leaves && mir_inst_traps(m, f, i);
        }
    }
    return found;
}

static void attributes(struct validator *v) {
    const struct mir_module *m = v->module;
    struct found *found = arena_array(v->scratch, struct found, m->functions.len);
    bool *suspends = arena_array(v->scratch, bool, m->functions.len + 1); // by cycle
    for (int32_t n = 0; n < m->functions.len; n++) {
        const struct mir_function *f = m->functions.at[n];
        found[n] = attributes_of(m, f);
        if (f->cycle > 0 && f->cycle <= m->functions.len)
            suspends[f->cycle] |= found[n].suspends;
    }
    for (int32_t n = 0; n < m->functions.len; n++) {
        const struct mir_function *f = v->function = m->functions.at[n];
        bool in_cycle = f->cycle > 0 && f->cycle <= m->functions.len;
        bool expected = found[n].suspends || (in_cycle && suspends[f->cycle]);
        if (f->suspends != expected)
            mir_wrong(v, P9006,
                      expected ? "it suspends, but does not say so"
                               : "it says `suspends`, but never does");
        if (f->traps != found[n].traps)
            mir_wrong(v, P9006,
                      found[n].traps ? "it traps, but does not say so"
                                     : "it says `traps`, but never does");
    }
    v->function = NULL;
}

// ---- actors, tests, the entry -------------------------------------------------------------------

// A function of the actor without parameters; says what is wrong and gives NULL, or the function.
static const struct mir_function *hook(struct validator *v, const struct mir_actor *a,
                                       const char *what, const char *name,
                                       enum mir_type_kind result) {
    const struct mir_function *f = mir_find_function(v->module, name);
    if (f && f->self == a->state && f->param_count == 0 && f->result && f->result->kind == result)
        return f;
    mir_wrong(v, P9012, "%s of actor `%s` has to be a function (), -> %s, with self %s", what,
              a->name, mir_prim_name(result), mir_type_text(v, a->state));
    return NULL;
}

static bool takes(const struct mir_function *f, struct mir_type *const *types, int32_t count) {
    if (f->param_count != count || f->locals.len < count || f->modes.len != count)
        return false;
    for (int32_t i = 0; i < count; i++)
        if (f->locals.at[i].type != types[i] || f->modes.at[i] == MIR_PARAM_MUT)
            return false;
    return true;
}

static void messages(struct validator *v, const struct mir_actor *a) {
    for (int32_t i = 0; i < a->messages.len; i++) {
        const struct mir_message *m = &a->messages.at[i];
        const struct mir_function *f = mir_find_function(v->module, m->handler);
        if (!f || f->self != a->state || f->result != m->result ||
            !takes(f, m->params.at, m->params.len))
            mir_wrong(v, P9012, "the handler of `%s.%s` has not its types, or not the self",
                      a->name, m->name);
        else
            v->handles[f->index] = m;
    }
}

// What stands behind a handle never waits, and its last message says that somebody was let go.
static void handle(struct validator *v, const struct mir_actor *a) {
    for (int32_t i = 0; i < a->messages.len; i++) {
        const struct mir_function *f = mir_find_function(v->module, a->messages.at[i].handler);
        if (f && f->suspends)
            mir_wrong(v, P9012, "`%s` suspends, and stands behind a handle", f->name);
    }
    const struct mir_message *last = a->messages.len ? &a->messages.at[a->messages.len - 1] : NULL;
    if (!last || last->params.len || last->result->kind != MIR_UNIT)
        mir_wrong(v, P9012, "the last message of the handle `%s` has to be () -> unit", a->name);
}

// The variants of what is decided, as enum prism_decision counts them.
static bool is_decision(const struct mir_type *t) {
    bool fits = t && t->kind == MIR_ENUM && t->variants.len == 5;
    for (int32_t i = 0; fits && i < 5; i++)
        fits = t->variants.at[i].types.len == (i == 1);
    if (!fits)
        return false;
    const struct mir_type *delay = t->variants.at[1].types.at[0];
    return delay->kind == MIR_STRUCT && delay->mark == MIR_MARK_DURATION;
}

static void decision(struct validator *v, const struct mir_actor *a) {
    const struct mir_function *f = mir_find_function(v->module, a->on_child_failure);
    bool fits = f && f->self == a->state && !f->suspends && is_decision(f->result) &&
                f->param_count == 3 && f->locals.at[0].type->kind == MIR_REF &&
                !f->locals.at[0].type->name && f->locals.at[1].type->kind == MIR_ERROR &&
                f->locals.at[2].type->kind == MIR_U32;
    for (int32_t i = 0; fits && i < 3; i++)
        fits = f->modes.at[i] != MIR_PARAM_MUT;
    if (!fits)
        mir_wrong(v, P9012,
                  "on_child_failure of actor `%s` has to be a function (ref, error, u32) -> "
                  "decision with its self that does not suspend",
                  a->name);
}

// The last field says in which of its states it is.
static void monitor(struct validator *v, const struct mir_actor *a) {
    int32_t fields = a->state->fields.len;
    const struct mir_type *t = fields ? a->state->fields.at[fields - 1].type : NULL;
    if (!t || t->kind != MIR_ENUM || t->variants.len != a->hot.len)
        mir_wrong(v, P9012, "the monitor `%s` has no enum of %d states as its last field", a->name,
                  (int)a->hot.len);
}

static void actor(struct validator *v, const struct mir_actor *a) {
    if (!a->state || a->state->kind != MIR_STRUCT) {
        mir_wrong(v, P9012, "actor `%s` has no struct as state", a->name);
        return;
    }
    const struct mir_function *init = mir_find_function(v->module, a->init);
    if (!init || init->self != a->state || !init->result || init->result->kind != MIR_UNIT)
        mir_wrong(v, P9012, "init of actor `%s` has to be a function -> unit with self %s", a->name,
                  mir_type_text(v, a->state));
    else
        for (int32_t i = 0; i < init->modes.len; i++)
            if (init->modes.at[i] == MIR_PARAM_MUT)
                mir_wrong(v, P9012, "init of actor `%s` has a `mut` parameter", a->name);
    if (a->on_start)
        hook(v, a, "on_start", a->on_start, MIR_UNIT);
    if (a->on_stop)
        hook(v, a, "on_stop", a->on_stop, MIR_UNIT);
    if (a->on_shutdown)
        hook(v, a, "on_shutdown", a->on_shutdown, MIR_UNIT);
    if (a->on_child_failure)
        decision(v, a);
    for (int32_t i = 0; i < a->invariants.len; i++) {
        const struct mir_function *f =
            hook(v, a, "an invariant", a->invariants.at[i].function, MIR_BOOL);
        if (f && (f->suspends || f->writes))
            mir_wrong(v, P9012, "the invariant `%s` suspends or changes self", f->name);
    }
    if (a->mailbox != MIR_MAILBOX_UNBOUNDED && a->mailbox_limit < 1)
        mir_wrong(v, P9012, "the mailbox of actor `%s` holds nothing", a->name);
    messages(v, a);
    if (a->hot.len)
        monitor(v, a);
    if (a->handle)
        handle(v, a);
}

static void test(struct validator *v, const struct mir_test *t) {
    const struct mir_function *f = mir_find_function(v->module, t->function);
    struct mir_type **types = arena_array(v->scratch, struct mir_type *, t->params.len);
    for (int32_t i = 0; i < t->params.len; i++) {
        types[i] = t->params.at[i].value.type;
        struct mir_type *own = f && i < f->locals.len ? f->locals.at[i].type : NULL;
        if (types[i]->kind == MIR_BUFFER && own && own->mark == MIR_MARK_STRING)
            types[i] = own; // its bytes stand for a text
    }
    if (!f || f->self || f->result->kind != MIR_UNIT || !takes(f, types, t->params.len))
        mir_wrong(v, P9012, "the function of test `%s` has other parameters, a result or self",
                  t->name);
}

static void service(struct validator *v, const struct mir_service *s) {
    if (!s->type || s->type->kind != MIR_ENUM)
        mir_wrong(v, P9012, "the type of service `%s` has to be an enum", s->name);
}

static void exports(struct validator *v) {
    for (int32_t i = 0; i < v->module->exports.len; i++) {
        const struct mir_function *f = mir_find_function(v->module, v->module->exports.at[i]);
        if (!f || f->self)
            mir_wrong(v, P9012, "the export `%s` has to be a function without self",
                      v->module->exports.at[i]);
    }
}

static void entry(struct validator *v) {
    if (!v->module->entry)
        return;
    const struct mir_function *f = mir_find_function(v->module, v->module->entry);
    if (!f || f->self || f->param_count ||
        (f->result->kind != MIR_UNIT && f->result->kind != MIR_I64))
        mir_wrong(v, P9012, "the entry has to be a function () -> unit or i64, without self");
}

// ---- the module ---------------------------------------------------------------------------------

static void find_ends(struct validator *v) {
    for (int32_t n = 0; n < v->module->functions.len; n++) {
        const struct mir_function *f = v->module->functions.at[n];
        for (int32_t b = 0; b < f->blocks.len; b++)
            v->ends[n] |= f->blocks.at[b].end.kind == MIR_END;
    }
}

static void functions(struct validator *v) {
    const struct mir_module *m = v->module;
    bool right = true;
    for (int32_t n = 0; n < m->functions.len; n++) {
        const struct mir_function *f = v->function = m->functions.at[n];
        if (f->index != n || mir_find_function(m, f->name) != f) {
            mir_wrong(v, P9011, "the function is there twice");
            right = false;
        }
        right &= frame_is_right(v);
        v->function = NULL;
    }
    if (!right)
        return;
    for (int32_t n = 0; n < m->functions.len; n++) {
        v->function = m->functions.at[n];
        int32_t errors = v->sink->errors;
        function_level(v);
        unwinding(v);
        body(v);
        if (v->sink->errors == errors)
            mir_validate_flow(v);
        if (v->sink->errors == errors && m->lowered)
            mir_validate_own(v);
    }
    attributes(v);
}

bool mir_validate(const struct mir_module *m, struct diag_sink *sink) {
    struct arena scratch = {0};
    int32_t errors = sink->errors;
    struct validator v = {.module = m, .sink = sink, .scratch = &scratch, .block = -1};
    v.ends = arena_array(&scratch, bool, m->functions.len);
    v.handles = arena_array(&scratch, const struct mir_message *, m->functions.len);
    types(&v);
    for (int32_t i = 0; i < m->services.len; i++)
        service(&v, &m->services.at[i]);
    for (int32_t i = 0; i < m->actors.len; i++)
        actor(&v, m->actors.at[i]);
    find_ends(&v);
    functions(&v);
    for (int32_t i = 0; i < m->tests.len; i++)
        test(&v, &m->tests.at[i]);
    entry(&v);
    exports(&v);
    arena_free(&scratch);
    return sink->errors == errors;
}
