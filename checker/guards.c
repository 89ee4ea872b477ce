// SPDX-License-Identifier: MIT
// What an actor asks services for. An operation of a service begins with a call of
// `guard_capability` for each capability of its clause (frontend/mir/build/build_capability.c); the
// values that it gives are constants, or parameters of the operation. Here the calls of operations
// that the actor's code can come to are found, and of each parameter whether its argument is a
// constant text. What is not known may be anything.
#include "checker/guards.h"

struct walk {
    struct arena *a;
    const struct mir_module *m;
    const struct capability *own;
    int32_t count;
    bool *seen;    // by function
    bool *applied; // by type: functions of that type are called without being named
    bool more;     // `applied` has grown
    int32_t *asked;
    struct guard_gap *gap;
};

static bool is_guard(const struct mir_inst *in) {
    return in->op == MIR_OP_CALL && !strcmp(in->function, "guard_capability");
}

// `guard_opening` and its like look at what a handle is used on.
static bool is_other_guard(const struct mir_inst *in) {
    return in->op == MIR_OP_CALL && !is_guard(in) && !strncmp(in->function, "guard_", 6);
}

// An operation of a service: it looks for what is bound.
static bool is_operation(const struct mir_function *f) {
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++)
            if (f->blocks.at[b].insts.at[i].op == MIR_OP_BOUND)
                return true;
    return false;
}

// ---- constants ----------------------------------------------------------------------------------

// The one operation that writes the local as a whole, or NULL: several, a parameter, or a part is
// written.
static const struct mir_inst *maker_of(const struct mir_module *m, const struct mir_function *f,
                                       int32_t local) {
    const struct mir_inst *found = NULL;
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++) {
            const struct mir_inst *in = &f->blocks.at[b].insts.at[i];
            for (int32_t n = 0; n < in->args.len; n++)
                if (in->args.at[n].kind != MIR_CONST && in->args.at[n].place.local == local &&
                    mir_arg_is_written(m, in, n))
                    return NULL;
            if (in->dst.local != local)
                continue;
            if (found || in->dst.projs.len)
                return NULL;
            found = in;
        }
    return local < f->param_count ? NULL : found;
}

// A text is a struct of its bytes.
static bool is_constant(const struct mir_module *m, const struct mir_function *f,
                        const struct mir_operand *value, struct str *out) {
    if (value->kind == MIR_CONST || value->place.local < 0 || value->place.projs.len)
        return false;
    const struct mir_inst *in = maker_of(m, f, value->place.local);
    if (in && in->op == MIR_OP_USE)
        return is_constant(m, f, &in->args.at[0], out);
    if (!in || in->op != MIR_OP_MAKE || in->args.len != 1 || in->args.at[0].kind != MIR_CONST ||
        in->args.at[0].type->kind != MIR_BUFFER)
        return false;
    *out = in->args.at[0].value.text;
    return true;
}

// What one guard of `operation` looks at: its values, in the order in which they were put in its
// list. `call` may be NULL: nothing is known of the arguments. False: not known.
static bool value_at(const struct mir_module *m, const struct mir_function *operation,
                     const struct mir_operand *value, const struct mir_function *caller,
                     const struct mir_inst *call, struct str *out) {
    if (is_constant(m, operation, value, out))
        return true;
    bool is_param = value->kind != MIR_CONST && value->place.local >= 0 &&
                    value->place.local < operation->param_count && !value->place.projs.len;
    return is_param && call && value->place.local < call->args.len &&
           is_constant(m, caller, &call->args.at[value->place.local], out);
}

// ---- one call -----------------------------------------------------------------------------------

static bool guard_holds(struct walk *w, const struct mir_function *operation,
                        const struct mir_inst *guard, const struct mir_function *caller,
                        const struct mir_inst *call) {
    ++*w->asked;
    struct str family = STR("");
    bool all = is_constant(w->m, operation, &guard->args.at[1], &family), shows = false;
    struct text known = {.arena = w->a}, shown = {.arena = w->a};
    text_put(&known, family);
    text_put(&shown, family);
    for (int32_t b = 0; b < operation->blocks.len; b++)
        for (int32_t i = 0; i < operation->blocks.at[b].insts.len; i++) {
            const struct mir_inst *in = &operation->blocks.at[b].insts.at[i];
            if (in->op != MIR_OP_BUF_PUSH ||
                in->args.at[0].place.local != guard->args.at[2].place.local)
                continue;
            struct str value;
            bool is_known = value_at(w->m, operation, &in->args.at[1], caller, call, &value);
            text_put(&shown, shows ? STR(", ") : STR("("));
            if (is_known)
                text_printf(&shown, "\"%.*s\"", STR_ARGS(value));
            else
                text_put(&shown, STR("..."));
            if (all && is_known)
                text_printf(&known, "%s\"%.*s\"", shows ? ", " : "(", STR_ARGS(value));
            all = all && is_known;
            shows = true;
        }
    text_put(&shown, shows ? STR(")") : STR(""));
    text_put(&known, shows && all ? STR(")") : STR(""));
    struct capability asked;
    struct str text = all ? text_str(&known) : family;
    if (family.len && !capability_parse(w->a, text, &asked) &&
        capability_within_any(w->a, &asked, w->own, w->count, NULL))
        return true;
    *w->gap = (struct guard_gap){text_str(&shown), call ? call->loc : operation->loc, !all};
    return false;
}

static bool operation_holds(struct walk *w, const struct mir_function *operation,
                            const struct mir_function *caller, const struct mir_inst *call) {
    for (int32_t b = 0; b < operation->blocks.len; b++)
        for (int32_t i = 0; i < operation->blocks.at[b].insts.len; i++) {
            const struct mir_inst *in = &operation->blocks.at[b].insts.at[i];
            if (is_guard(in) && !guard_holds(w, operation, in, caller, call))
                return false;
            if (!is_operation(operation) || !is_other_guard(in))
                continue;
            ++*w->asked;
            struct str text = str_format(w->a, "%s(...)", operation->name);
            *w->gap = (struct guard_gap){text, call ? call->loc : operation->loc, true};
            return false;
        }
    return true;
}

// ---- what the code of an actor comes to ---------------------------------------------------------

static bool walk_function(struct walk *w, const struct mir_function *f);

// What a value of capabilities is narrowed to has to lie within it: which values stand there is not
// followed.
static bool narrows(struct walk *w, const struct mir_function *f, const struct mir_inst *in) {
    bool to = !strcmp(in->function, "attenuated_to");
    if (in->op != MIR_OP_CALL || (!to && strcmp(in->function, "attenuated_whole") != 0))
        return false;
    struct str family = STR("");
    is_constant(w->m, f, &in->args.at[2], &family);
    struct str text = str_format(w->a, "%.*s%s", STR_ARGS(family), to ? "(...)" : "");
    *w->gap = (struct guard_gap){text, in->loc, true};
    return true;
}

static bool walk_call(struct walk *w, const struct mir_function *f, const struct mir_inst *in) {
    const struct mir_function *callee = mir_find_function(w->m, in->function);
    if (!callee)
        return true;
    if (narrows(w, f, in))
        return false;
    bool direct = in->op != MIR_OP_CLOSURE;
    if (!operation_holds(w, callee, f, direct ? in : NULL))
        return false;
    return is_operation(callee) || walk_function(w, callee);
}

static bool walk_function(struct walk *w, const struct mir_function *f) {
    if (w->seen[f->index])
        return true;
    w->seen[f->index] = true;
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++) {
            const struct mir_inst *in = &f->blocks.at[b].insts.at[i];
            bool names = in->op == MIR_OP_CALL || in->op == MIR_OP_CLOSURE || in->op == MIR_OP_TASK;
            if (names && !walk_call(w, f, in))
                return false;
            if (in->op != MIR_OP_APPLY || w->applied[in->args.at[0].type->id])
                continue;
            w->applied[in->args.at[0].type->id] = w->more = true;
        }
    return true;
}

// A function that the code calls without its name may be any of that type, from wherever it came.
static bool walk_applied(struct walk *w) {
    w->more = false;
    for (int32_t n = 0; n < w->m->functions.len; n++) {
        const struct mir_function *f = w->m->functions.at[n];
        for (int32_t b = 0; b < f->blocks.len; b++)
            for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++) {
                const struct mir_inst *in = &f->blocks.at[b].insts.at[i];
                bool whole = in->op == MIR_OP_CLOSURE && in->dst.local >= 0 && !in->dst.projs.len;
                bool fits = !whole || w->applied[f->locals.at[in->dst.local].type->id];
                if (in->op == MIR_OP_CLOSURE && fits && !walk_call(w, f, in))
                    return false;
            }
    }
    return true;
}

bool guards_within(struct arena *a, const struct mir_module *m, const struct mir_actor *actor,
                   const struct capability *own, int32_t count, int32_t *asked,
                   struct guard_gap *gap) {
    *asked = 0;
    struct walk w = {a, m, own, count, .asked = asked, .gap = gap};
    w.seen = arena_array(a, bool, m->functions.len + 1);
    w.applied = arena_array(a, bool, m->types.len + 1);
    for (int32_t i = 0; i < m->functions.len; i++)
        if (m->functions.at[i]->self == actor->state && !walk_function(&w, m->functions.at[i]))
            return false;
    while (w.more)
        if (!walk_applied(&w))
            return false;
    return true;
}
