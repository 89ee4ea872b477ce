// SPDX-License-Identifier: MIT
// Calls, closures, and suspending in the middle of one.
//
// A call that may suspend runs the callee's frame, which is part of the caller's or, in a cycle
// of calls, a box
// behind it. When the callee suspends, so does the caller, with the state that goes on at the
// same call: a
// strand is resumed from its root down. C variables are lost then; what is needed afterwards lies
// in a frame.
#include "frontend/emit/inner.h"

#include <assert.h>

static const struct mir_function *callee_of(struct body *b, const struct mir_inst *i) {
    const struct mir_function *f = mir_find_function(b->e->m, i->function);
    assert(f);
    return f;
}

static bool in_cycle(const struct body *b, const struct mir_function *callee) {
    return b->f->cycle && callee->cycle == b->f->cycle;
}

// ---- arguments ------------------------------------------------------------------------------

// Could the callee change what a lent argument is a part of? It could write to it as a `mut`
// argument, or,
// while it runs or waits, to the actor's state. Then it gets a reference of its own.
static bool may_change(const struct mir_function *callee, const struct mir_inst *i, int32_t n) {
    const struct mir_place *p = &i->args.at[n].place;
    if (p->local == MIR_SELF)
        return callee->suspends || callee->writes;
    for (int32_t k = 0; k < i->args.len; k++)
        if (callee->modes.at[k] == MIR_PARAM_MUT && i->args.at[k].place.local == p->local)
            return true;
    return false;
}

enum passing { PASS_LENT, PASS_COUNTED, PASS_OWN, PASS_MUT };

static enum passing passing(const struct mir_function *callee, const struct mir_inst *i,
                            int32_t n) {
    const struct mir_operand *o = &i->args.at[n];
    enum mir_param_mode mode = callee->modes.at[n];
    if (mode == MIR_PARAM_MUT)
        return PASS_MUT;
    if (mode == MIR_PARAM_OWN)
        return PASS_OWN;
    bool counted = o->kind == MIR_COPY && !o->type->plain && may_change(callee, i, n);
    return counted ? PASS_COUNTED : PASS_LENT;
}

struct arguments {
    const char **values;
    VEC(struct held) after; // counted for the time of the call
};

// Values first, then the places of `mut` arguments, whose finding may move buffers.
static void take_arguments(struct body *b, const struct mir_function *callee,
                           const struct mir_inst *i, struct arguments *args) {
    args->values = arena_array(b->e->arena, const char *, i->args.len);
    args->after.len = args->after.cap = 0;
    args->after.at = NULL;
    for (int32_t n = 0; n < i->args.len; n++) {
        const struct mir_operand *o = &i->args.at[n];
        enum passing how = passing(callee, i, n);
        if (how == PASS_LENT)
            args->values[n] = lend(b, o);
        else if (how != PASS_MUT)
            args->values[n] = own(b, o);
        if (how == PASS_COUNTED)
            vec_push(b->e->arena, &args->after, (struct held){args->values[n], o->type});
    }
    for (int32_t n = 0; n < i->args.len; n++)
        if (callee->modes.at[n] == MIR_PARAM_MUT)
            args->values[n] = place_lvalue(b, &i->args.at[n].place, ACCESS_WRITE);
}

static const char *result_or_nothing(struct body *b, const struct mir_type *t, const char *call) {
    if (!emit_is_void(t))
        return c_temp(b, t, call);
    line(b, "%s;", call);
    return NULL;
}

static void store_result(struct body *b, const struct mir_inst *i, const struct mir_type *t,
                         const char *value) {
    if (!value)
        return;
    hold(b, t, value);
    if (i->dst.local != MIR_NO_PLACE)
        store(b, &i->dst, value);
    else if (!t->plain)
        line(b, "%s", emit_drop(b->e, t, value));
}

// ---- plain calls ----------------------------------------------------------------------------

static void enter(struct body *b) {
    open_block(b, "if (!prism_enter(cx, %s)) {", site_here(b));
    fail(b);
    close_block(b);
}

// Before what counts on in cx->depth, or looks at it.
static void tell_depth(struct body *b) {
    if (emit_knows_depth(b->f))
        line(b, "cx->depth = depth;");
}

static void call_plain(struct body *b, const struct mir_inst *i,
                       const struct mir_function *callee) {
    struct arguments args;
    take_arguments(b, callee, i, &args);
    const char *c = emit_function(b->e, callee)->c;
    struct text call = {.arena = b->e->arena};
    if (in_cycle(b, callee)) {
        open_block(b, "if (!prism_reach(cx, depth + 1, %s)) {", site_here(b));
        fail(b);
        close_block(b);
        text_printf(&call, "in_%s(cx, depth + 1", c);
    } else {
        if (emit_function(b->e, callee)->deepens)
            tell_depth(b);
        text_printf(&call, "%s(cx", c);
    }
    text_put(&call, callee->self ? STR(", self") : STR(""));
    for (int32_t n = 0; n < i->args.len; n++)
        text_printf(&call, ", %s%s", callee->modes.at[n] == MIR_PARAM_MUT ? "&" : "",
                    args.values[n]);
    text_putc(&call, ')');
    release(b);
    const char *value = result_or_nothing(b, callee->result, call.data);
    for (int32_t n = 0; n < args.after.len; n++)
        line(b, "%s", emit_drop(b->e, args.after.at[n].type, args.after.at[n].lvalue));
    for (int32_t n = 0; n < i->args.len; n++)
        if (passing(callee, i, n) == PASS_LENT && i->args.at[n].kind == MIR_MOVE &&
            !i->args.at[n].type->plain) {
            line(b, "%s", emit_drop(b->e, i->args.at[n].type, args.values[n]));
            line(b, "%s = %s;", args.values[n], emit_zero(b->e, i->args.at[n].type));
        }
    if (emit_function(b->e, callee)->fails || in_cycle(b, callee))
        fail_if_failed(b);
    store_result(b, i, callee->result, value);
}

// ---- calls that may suspend -----------------------------------------------------------------

void suspend_at(struct body *b, int32_t state, const char *expression) {
    vec_push(b->e->arena, &b->states, state);
    open_block(b, "if (%s == PRISM_SUSPENDED) {", expression);
    line(b, "f->head.state = %d;", state);
    line(b, "return PRISM_SUSPENDED;");
    line(b, "resume_%d:;", state);
    close_block(b);
    fail_if_failed(b);
}

bool emit_boxed(const struct mir_function *caller, const struct mir_function *callee) {
    return caller->cycle && caller->cycle == callee->cycle;
}

// Moves the arguments into the callee's frame; then they are that frame's.
static void fill_frame(struct body *b, const struct mir_inst *i, const struct mir_function *callee,
                       const char *frame) {
    struct arguments args;
    take_arguments(b, callee, i, &args);
    for (int32_t n = 0; n < i->args.len; n++) {
        if (callee->modes.at[n] != MIR_PARAM_MUT || i->args.at[n].type->plain)
            continue;
        const char *moved = c_temp(b, i->args.at[n].type, args.values[n]);
        line(b, "%s = %s;", args.values[n], emit_zero(b->e, i->args.at[n].type));
        args.values[n] = moved;
    }
    if (in_cycle(b, callee)) {
        line(b, "f->sub.boxed = prism_alloc(cx, sizeof(struct frame_%s));",
             emit_function(b->e, callee)->c);
    }
    line(b, "%s.head = (prism_frame){0, %s};", frame, callee->self ? "self" : "NULL");
    for (int32_t n = 0; n < i->args.len; n++)
        line(b, "%s.args.%s = %s;", frame, emit_function(b->e, callee)->locals.at[n],
             args.values[n]);
    release(b);
}

static void free_box(struct body *b, const struct mir_function *callee) {
    if (in_cycle(b, callee))
        line(b, "prism_free(cx, f->sub.boxed, sizeof(struct frame_%s));",
             emit_function(b->e, callee)->c);
}

// Gives `mut` arguments back, whether the callee failed or not, and drops what was counted for
// it. An item
// whose buffer has shrunk meanwhile has no place to go back to.
static void empty_frame(struct body *b, const struct mir_inst *i, const struct mir_function *callee,
                        const char *frame) {
    for (int32_t n = 0; n < i->args.len; n++) {
        const struct mir_operand *o = &i->args.at[n];
        const char *arg =
            emit_format(b->e, "%s.args.%s", frame, emit_function(b->e, callee)->locals.at[n]);
        enum passing how = passing(callee, i, n);
        bool moved = how == PASS_LENT && o->kind == MIR_MOVE && !o->type->plain;
        if (how == PASS_COUNTED || moved)
            line(b, "%s", emit_drop(b->e, o->type, arg));
        if (moved)
            line(b, "%s = %s;", place_lvalue(b, &o->place, ACCESS_WRITE_QUIET),
                 emit_zero(b->e, o->type));
        if (how != PASS_MUT)
            continue;
        hold(b, o->type, arg);
        const char *lvalue = place_lvalue(b, &o->place, ACCESS_WRITE_QUIET);
        release(b);
        line(b, "%s = %s;", lvalue, arg);
    }
}

static void call_suspending(struct body *b, const struct mir_inst *i,
                            const struct mir_function *callee) {
    struct emitter *e = b->e;
    const char *c = emit_function(e, callee)->c;
    bool cycle = in_cycle(b, callee);
    const char *frame = cycle ? emit_format(e, "(*(struct frame_%s *)f->sub.boxed)", c)
                              : emit_format(e, "f->sub.%s", c);
    if (cycle)
        enter(b);
    fill_frame(b, i, callee, frame);
    b->temps = true;
    if (cycle)
        line(b, "goto call_%d;", i->state);
    line(b, "resume_%d:;", i->state);
    if (cycle) {
        line(b, "cx->depth++;");
        line(b, "call_%d:;", i->state);
    }
    vec_push(e->arena, &b->states, i->state);
    const char *status = temp_of(b, "prism_status", emit_format(e, "%s(cx, &%s)", c, frame));
    if (cycle)
        line(b, "prism_leave(cx);");
    open_block(b, "if (%s == PRISM_SUSPENDED) {", status);
    line(b, "f->head.state = %d;", i->state);
    line(b, "return PRISM_SUSPENDED;");
    close_block(b);
    empty_frame(b, i, callee, frame);
    open_block(b, "if (prism_failed(cx)) {");
    free_box(b, callee);
    fail(b);
    close_block(b);
    const char *value = emit_is_void(callee->result)
                            ? NULL
                            : c_temp(b, callee->result, emit_format(e, "%s.result", frame));
    free_box(b, callee);
    store_result(b, i, callee->result, value);
}

void emit_call(struct body *b, const struct mir_inst *i) {
    const struct mir_function *callee = callee_of(b, i);
    if (callee->suspends)
        call_suspending(b, i, callee);
    else
        call_plain(b, i, callee);
}

// ---- closures -------------------------------------------------------------------------------

void emit_closure(struct body *b, const struct mir_inst *i) {
    struct emitter *e = b->e;
    const struct mir_function *f = callee_of(b, i);
    const char *c = emit_function(e, f)->c;
    if (!i->args.len) {
        store(b, &i->dst,
              emit_format(e, "(prism_closure *)&value_of_%s%s", i->waits ? "waiting_" : "", c));
        return;
    }
    struct text captures = {.arena = e->arena};
    for (int32_t n = 0; n < i->args.len; n++)
        text_printf(&captures, "%s%s", n ? ", " : "", own(b, &i->args.at[n]));
    const char *value =
        temp_of(b, "prism_closure *",
                emit_format(e, "prism_closure_new(cx, (void (*)(void))%s_%s, &type_of_caps_%s)",
                            i->waits ? "waiting" : "closure", c, c));
    line(b, "*(struct caps_%s *)%s->data = (struct caps_%s){%s};", c, value, c, captures.data);
    release(b);
    const struct mir_type *t = place_type(b, &i->dst);
    hold(b, t, value);
    store(b, &i->dst, value);
}

// Depth is counted here too: code that comes back through closures stands in no cycle of calls. A
// closure that counts nothing in cx->depth need not find it counted.
static void count_depth(struct body *b, bool stays) {
    if (!stays) {
        enter(b);
        return;
    }
    b->near |= !b->suspends; // it stays what it is as long as the function runs
    open_block(b, "if (PRISM_RARE(%scx->depth >= cx->depth_max)) {",
               b->suspends ? "" : "!near && ");
    enter(b);
    line(b, "prism_leave(cx);");
    close_block(b);
    if (!b->suspends)
        line(b, "near = true;");
}

static bool is_written(const struct body *b, int32_t local) {
    for (int32_t at = 0; at < b->f->blocks.len; at++)
        for (int32_t k = 0; k < b->f->blocks.at[at].insts.len; k++) {
            const struct mir_inst *i = &b->f->blocks.at[at].insts.at[k];
            bool writes = i->dst.local == local;
            for (int32_t n = 0; n < i->args.len; n++)
                writes |= i->args.at[n].kind != MIR_CONST && i->args.at[n].place.local == local &&
                          (i->args.at[n].kind == MIR_MOVE || mir_arg_is_written(b->e->m, i, n));
            if (writes)
                return true;
        }
    return false;
}

// An expression: is the closure in `closure` that one, the `which`th of those that it is likely to
// be? Of a parameter that stays what it is that is found out where the function begins.
static const char *is_likely(struct body *b, const struct mir_operand *o, const char *closure,
                             const struct mir_function *likely, int32_t which) {
    int32_t local = o->place.local;
    const char *c = emit_function(b->e, likely)->c;
    if (b->suspends || local >= b->f->param_count || is_written(b, local))
        return emit_format(b->e, "%s->code == (void (*)(void))closure_%s", closure, c);
    bool is_new = true;
    for (int32_t i = 0; i < b->likely.len; i++)
        is_new &= b->likely.at[i].local != local || b->likely.at[i].which != which;
    if (is_new)
        vec_push(b->e->arena, &b->likely, (struct likely){local, which, likely});
    return emit_format(b->e, "likely%d_%s", which, emit_function(b->e, b->f)->locals.at[local]);
}

void declare_likely(struct body *b, struct text *out) {
    for (int32_t i = 0; i < b->likely.len; i++) {
        const struct likely *l = &b->likely.at[i];
        const char *lvalue = local_lvalue(b, l->local);
        text_printf(out, "    bool likely%d_%s = %s && %s->code == (void (*)(void))closure_%s;\n",
                    l->which, emit_function(b->e, b->f)->locals.at[l->local], lvalue, lvalue,
                    emit_function(b->e, l->closure)->c);
    }
    if (b->near)
        text_put(out, STR("    bool near = false; // the depth was looked at\n"));
}

// `value = ` of a call that gives one, before the call.
static const char *to_value(struct body *b, const char *value) {
    return value ? emit_format(b->e, "%s = ", value) : "";
}

static void apply_any(struct body *b, const struct mir_inst *i, const char *closure,
                      const name_list *args, const char *value) {
    struct emitter *e = b->e;
    const struct mir_type *fn = i->args.at[0].type;
    struct text call = {.arena = e->arena};
    text_printf(&call, "((%s(*)(prism_cx *, const void *",
                emit_is_void(fn->element) ? "void " : emit_declare(e, fn->element, ""));
    for (int32_t n = 0; n < fn->params.len; n++)
        text_printf(&call, ", %s%s", emit_type(e, fn->params.at[n])->c,
                    mir_fn_is_mut(fn, n) ? " *" : "");
    text_printf(&call, "))%s->code)(cx, %s->data", closure, closure);
    for (int32_t n = 0; n < args->len; n++)
        text_printf(&call, ", %s", args->at[n]);
    enter(b);
    line(b, "%s%.*s);", to_value(b, value), STR_ARGS(text_str(&call)));
    line(b, "prism_leave(cx);");
    drop_moved(b, i, 0);
    fail_if_failed(b);
}

// The same, of a closure that is known: its function is called, and may be put into this one.
static void apply_known(struct body *b, const struct mir_inst *i, const struct mir_function *callee,
                        const char *closure, const name_list *args, const char *value) {
    struct emitter *e = b->e;
    const struct function_state *s = emit_function(e, callee);
    struct text call = {.arena = e->arena};
    text_printf(&call, "%s(cx", s->c);
    for (int32_t n = 0; n < callee->param_count; n++) {
        const char *arg = n < callee->captures ? emit_format(e, "((struct caps_%s *)%s->data)->%s",
                                                             s->c, closure, s->locals.at[n])
                                               : args->at[n - callee->captures];
        const char *dup = emit_dup(e, callee->locals.at[n].type, arg);
        if (callee->modes.at[n] == MIR_PARAM_OWN && dup)
            line(b, "%s", dup);
        text_printf(&call, ", %s", arg);
    }
    count_depth(b, !s->deepens);
    line(b, "%s%.*s);", to_value(b, value), STR_ARGS(text_str(&call)));
    if (s->deepens)
        line(b, "prism_leave(cx);");
    drop_moved(b, i, 0);
    if (s->fails)
        fail_if_failed(b);
}

// Of a value that may wait. Its frame is in a box of its own; what is lent to it lives in this
// function's frame meanwhile.
static void apply_suspending(struct body *b, const struct mir_inst *i, const char *closure,
                             const name_list *args, const char *value) {
    struct emitter *e = b->e;
    const struct mir_type *fn = i->args.at[0].type;
    const char *into = value ? emit_format(e, "&%s", value) : "NULL";
    struct text types = {.arena = e->arena}, values = {.arena = e->arena};
    for (int32_t n = 0; n < fn->params.len; n++)
        text_printf(&types, ", %s%s", emit_type(e, fn->params.at[n])->c,
                    mir_fn_is_mut(fn, n) ? " *" : "");
    for (int32_t n = 0; n < args->len; n++)
        text_printf(&values, ", %s", args->at[n]);
    enter(b);
    const char *status = temp_of(
        b, "prism_status",
        emit_format(e,
                    "((prism_status (*)(prism_cx *, const void *, prism_box **, void *%.*s))"
                    "%s->code)(cx, %s->data, &f->sub.applied, %s%.*s)",
                    STR_ARGS(text_str(&types)), closure, closure, into,
                    STR_ARGS(text_str(&values))));
    line(b, "goto applied_%d;", i->state);
    line(b, "resume_%d:;", i->state);
    line(b, "cx->depth++;");
    line(b, "%s = f->sub.applied->go_on(cx, f->sub.applied, %s);", status, into);
    line(b, "applied_%d:;", i->state);
    vec_push(e->arena, &b->states, i->state);
    line(b, "prism_leave(cx);");
    open_block(b, "if (%s == PRISM_SUSPENDED) {", status);
    line(b, "f->head.state = %d;", i->state);
    line(b, "return PRISM_SUSPENDED;");
    close_block(b);
    drop_moved(b, i, 0);
    fail_if_failed(b);
}

static void apply_at_once(struct body *b, const struct mir_inst *i, const char *closure,
                          const name_list *args, const char *value) {
    const struct closures *likely = emit_likely_closures(b, &i->args.at[0]);
    int32_t count = likely->many ? 0 : likely->count;
    tell_depth(b);
    for (int32_t k = 0; k < count; k++) {
        const char *test = is_likely(b, &i->args.at[0], closure, likely->at[k], k);
        open_block(b, k ? "else if (%s) {" : "if (%s) {", test);
        apply_known(b, i, likely->at[k], closure, args, value);
        close_block(b);
    }
    if (count)
        open_block(b, "else {");
    apply_any(b, i, closure, args, value);
    if (count)
        close_block(b);
}

void emit_apply(struct body *b, const struct mir_inst *i) {
    struct emitter *e = b->e;
    const struct mir_type *result = i->args.at[0].type->element;
    const char *closure = temp_of(b, "prism_closure *", lend(b, &i->args.at[0]));
    name_list args = {0};
    for (int32_t n = 1; n < i->args.len; n++)
        vec_push(e->arena, &args, mir_arg_is_written(e->m, i, n) ? NULL : lend(b, &i->args.at[n]));
    for (int32_t n = 1; n < i->args.len; n++) // as take_arguments
        if (!args.at[n - 1])
            args.at[n - 1] =
                emit_format(e, "&%s", place_lvalue(b, &i->args.at[n].place, ACCESS_WRITE));
    const char *value = emit_is_void(result) ? NULL : c_temp(b, result, emit_zero(e, result));
    if (i->waits)
        apply_suspending(b, i, closure, &args, value);
    else
        apply_at_once(b, i, closure, &args, value);
    store_result(b, i, result, value);
}

// ---- argument structs -----------------------------------------------------------------------

const char *pack_args(struct body *b, const struct mir_function *target, const struct mir_inst *i,
                      int32_t from, int32_t to) {
    struct text values = {.arena = b->e->arena};
    text_put(&values, to > from ? STR("{") : STR("{0"));
    for (int32_t n = from; n < to; n++)
        text_printf(&values, "%s%s", n > from ? ", " : "", own(b, &i->args.at[n]));
    text_putc(&values, '}');
    const char *c = emit_format(b->e, "struct args_%s", emit_function(b->e, target)->c);
    const char *args = temp_of(b, c, values.data);
    release(b);
    return emit_format(b->e, "&%s", args);
}

// ---- loops ----------------------------------------------------------------------------------

static void spill(struct body *b, bool back) {
    const struct function_state *s = emit_function(b->e, b->f);
    for (int32_t i = b->f->param_count; i < b->f->locals.len; i++) {
        if (b->f->locals.at[i].frame)
            continue;
        const char *c = s->locals.at[i];
        line(b, back ? "%s = f->spill.%s;" : "f->spill.%s = %s;", c, c);
    }
}

// Fuel is counted in a C variable and paid in portions, since a count in memory would be the
// slowest thing in a short loop; what is left is paid where the function returns. A function that
// suspends yields when none is left; its C variables go to the frame for that time alone, so that
// they can live in registers.
void spend_fuel(struct body *b) {
    b->operation = "loop";
    open_block(b, "if (PRISM_RARE(++spent >= PRISM_PORTION)) {");
    line(b, "cx->fuel -= spent;");
    line(b, "spent = 0;");
    open_block(b, "if (PRISM_RARE(cx->fuel < 0)) {");
    if (!b->suspends) {
        tell_depth(b);
        line(b, "prism_spin(cx, %s);", site_here(b));
        fail_if_failed(b);
        close_block(b);
        close_block(b);
        return;
    }
    int32_t state = ++b->extra_state;
    vec_push(b->e->arena, &b->states, state);
    open_block(b, "if (prism_spent(cx, %s) == PRISM_SUSPENDED) {", site_here(b));
    spill(b, false);
    line(b, "f->head.state = %d;", state);
    line(b, "return PRISM_SUSPENDED;");
    line(b, "resume_%d:;", state);
    spill(b, true);
    close_block(b);
    fail_if_failed(b);
    close_block(b);
    close_block(b);
}

void pay_fuel(struct body *b) {
    if (b->loops)
        line(b, "cx->fuel -= spent;");
}
