// SPDX-License-Identifier: MIT
// What is reached, the frames of what suspends, and what the runtime starts: prism_functions,
// actors, tests,
// the program.
#include "frontend/emit/inner.h"

#include <assert.h>
#include <inttypes.h>

// ---- reaching -------------------------------------------------------------------------------

typedef VEC(const struct mir_function *) function_list;

static void reach(struct emitter *e, function_list *todo, const char *name, bool root) {
    if (!name)
        return;
    const struct mir_function *f = mir_find_function(e->m, name);
    assert(f);
    struct function_state *s = emit_function(e, f);
    s->is_root |= root;
    if (!s->needed)
        vec_push(e->arena, todo, f);
    s->needed = true;
}

static void reach_actor(struct emitter *e, function_list *todo, const struct mir_actor *a) {
    const char *const hooks[] = {a->init, a->on_start, a->on_stop, a->on_shutdown,
                                 a->on_child_failure};
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++)
        reach(e, todo, hooks[i], true);
    for (int32_t i = 0; i < a->invariants.len; i++)
        reach(e, todo, a->invariants.at[i].function, true);
    for (int32_t i = 0; i < a->messages.len; i++)
        reach(e, todo, a->messages.at[i].handler, true);
}

static void count_call(struct emitter *e, const struct mir_function *caller,
                       const struct mir_function *callee) {
    struct function_state *s = emit_function(e, callee);
    s->calls = s->caller == caller ? s->calls + 1 : 1;
    s->caller = caller;
    s->calls_most = s->calls > s->calls_most ? s->calls : s->calls_most;
}

static void reach_from(struct emitter *e, function_list *todo, const struct mir_function *f) {
    for (int32_t i = 0; i < f->blocks.len; i++)
        for (int32_t k = 0; k < f->blocks.at[i].insts.len; k++) {
            const struct mir_inst *inst = &f->blocks.at[i].insts.at[k];
            if (inst->op == MIR_OP_CALL || inst->op == MIR_OP_CLOSURE || inst->op == MIR_OP_TASK)
                reach(e, todo, inst->function, inst->op == MIR_OP_TASK);
            if (inst->op == MIR_OP_CALL)
                count_call(e, f, mir_find_function(e->m, inst->function));
            if (inst->op != MIR_OP_CLOSURE)
                continue;
            struct function_state *s = emit_function(e, mir_find_function(e->m, inst->function));
            s->is_closure |= !inst->waits;
            s->is_waiting |= inst->waits;
        }
}

static void successors(const struct mir_terminator *t, int32_t here, bool *loop) {
    bool two = t->kind == MIR_IF;
    *loop |= (t->kind == MIR_GOTO || two) && t->block <= here;
    *loop |= (two || t->kind == MIR_SWITCH) && t->block_else <= here;
    for (int32_t i = 0; i < t->cases.len && t->kind == MIR_SWITCH; i++)
        *loop |= t->cases.at[i].block <= here;
}

bool emit_has_loop(const struct mir_function *f) {
    bool loop = false;
    for (int32_t i = 0; i < f->blocks.len; i++)
        successors(&f->blocks.at[i].end, i, &loop);
    return loop;
}

// A callee that fails, fails its caller, unless that catches it; this errs on the careful side. One
// that counts recursion makes its callers do so.
static bool spread(struct emitter *e, const struct mir_function *f) {
    struct function_state *s = emit_function(e, f);
    bool fails = s->fails || f->traps || f->suspends || emit_has_loop(f);
    bool deepens = s->deepens || f->cycle;
    for (int32_t i = 0; i < f->blocks.len && !(fails && deepens); i++)
        for (int32_t k = 0; k < f->blocks.at[i].insts.len; k++) {
            const struct mir_inst *inst = &f->blocks.at[i].insts.at[k];
            const struct function_state *callee =
                inst->op == MIR_OP_CALL ? emit_function(e, mir_find_function(e->m, inst->function))
                                        : NULL;
            fails |= inst->op == MIR_OP_APPLY || (callee && callee->fails);
            deepens |= inst->op == MIR_OP_APPLY || (callee && callee->deepens);
        }
    bool changed = fails != s->fails || deepens != s->deepens;
    s->fails = fails;
    s->deepens = deepens;
    return changed;
}

void emit_reach(struct emitter *e) {
    function_list todo = {0};
    reach(e, &todo, e->m->entry, true);
    for (int32_t i = 0; i < e->m->tests.len; i++)
        reach(e, &todo, e->m->tests.at[i].function, true);
    for (int32_t i = 0; e->options->library && i < e->m->exports.len; i++)
        reach(e, &todo, e->m->exports.at[i], true);
    for (int32_t i = 0; i < e->m->actors.len; i++)
        reach_actor(e, &todo, e->m->actors.at[i]);
    for (int32_t i = 0; i < e->m->types.len; i++)
        for (int32_t k = 0; k < e->m->types.at[i]->fields.len; k++)
            reach(e, &todo, e->m->types.at[i]->fields.at[k].fallback, false);
    for (int32_t i = 0; i < todo.len; i++)
        reach_from(e, &todo, todo.at[i]);
    for (bool changed = true; changed;) {
        changed = false;
        for (int32_t i = 0; i < todo.len; i++)
            changed |= spread(e, todo.at[i]);
    }
}

// ---- frames ---------------------------------------------------------------------------------

// The callees whose frames are parts of this one's, each once, or with `boxed` those that are not.
static function_list awaited(struct emitter *e, const struct mir_function *f, bool boxed) {
    function_list found = {0};
    for (int32_t i = 0; i < f->blocks.len; i++)
        for (int32_t k = 0; k < f->blocks.at[i].insts.len; k++) {
            const struct mir_inst *inst = &f->blocks.at[i].insts.at[k];
            const struct mir_function *callee =
                inst->op == MIR_OP_CALL ? mir_find_function(e->m, inst->function) : NULL;
            bool wanted = callee && callee->suspends && emit_boxed(f, callee) == boxed;
            for (int32_t n = 0; n < found.len && wanted; n++)
                wanted = found.at[n] != callee;
            if (wanted)
                vec_push(e->arena, &found, callee);
        }
    return found;
}

static bool applies_waiting(const struct mir_function *f) {
    for (int32_t i = 0; i < f->blocks.len; i++)
        for (int32_t k = 0; k < f->blocks.at[i].insts.len; k++)
            if (f->blocks.at[i].insts.at[k].op == MIR_OP_APPLY && f->blocks.at[i].insts.at[k].waits)
                return true;
    return false;
}

static void put_spill(struct emitter *e, struct text *out, const struct mir_function *f) {
    bool any = false;
    for (int32_t i = f->param_count; i < f->locals.len && emit_has_loop(f); i++) {
        if (f->locals.at[i].frame)
            continue;
        if (!any)
            text_put(out, STR("    struct { // C variables while a loop yields\n"));
        any = true;
        text_printf(out, "        %s;\n",
                    emit_declare(e, f->locals.at[i].type, emit_function(e, f)->locals.at[i]));
    }
    if (any)
        text_put(out, STR("    } spill;\n"));
}

void emit_frame(struct emitter *e, const struct mir_function *f) {
    struct function_state *s = emit_function(e, f);
    if (s->frame_done)
        return;
    s->frame_done = true;
    function_list parts = awaited(e, f, false);
    for (int32_t i = 0; i < parts.len; i++)
        emit_frame(e, parts.at[i]);
    struct text *out = &e->frames;
    text_printf(out, "struct frame_%s {\n    prism_frame head;\n    struct args_%s args;\n", s->c,
                s->c);
    if (!emit_is_void(f->result))
        text_printf(out, "    %s;\n", emit_declare(e, f->result, "result"));
    for (int32_t i = f->param_count; i < f->locals.len; i++)
        if (f->locals.at[i].frame)
            text_printf(out, "    %s;\n", emit_declare(e, f->locals.at[i].type, s->locals.at[i]));
    put_spill(e, out, f);
    bool boxed = awaited(e, f, true).len > 0, applied = applies_waiting(f);
    if (parts.len || boxed || applied)
        text_put(out, STR("    union {\n"));
    for (int32_t i = 0; i < parts.len; i++) {
        const char *c = emit_function(e, parts.at[i])->c;
        text_printf(out, "        struct frame_%s %s;\n", c, c);
    }
    if (boxed)
        text_put(out, STR("        void *boxed;\n"));
    if (applied)
        text_put(out, STR("        prism_box *applied;\n"));
    if (parts.len || boxed || applied)
        text_put(out, STR("    } sub;\n"));
    text_put(out, STR("};\n"));
}

// ---- what the runtime starts ----------------------------------------------------------------

static bool is_lent(const struct mir_function *f, int32_t i) {
    return f->modes.at[i] != MIR_PARAM_OWN && !f->locals.at[i].type->plain;
}

static void drop_lent(struct emitter *e, struct text *out, const struct mir_function *f,
                      const char *args) {
    for (int32_t i = 0; i < f->param_count; i++)
        if (is_lent(f, i))
            text_printf(out, "    %s\n",
                        emit_drop(e, f->locals.at[i].type,
                                  emit_format(e, "%s%s", args, emit_function(e, f)->locals.at[i])));
}

static bool lends(const struct mir_function *f) {
    for (int32_t i = 0; i < f->param_count; i++)
        if (is_lent(f, i))
            return true;
    return false;
}

// Arguments are the root's to drop, also where the function only borrows them.
static void put_run(struct emitter *e, const struct mir_function *f) {
    const char *c = emit_function(e, f)->c;
    if (!lends(f))
        return;
    text_printf(&e->bodies,
                "static prism_status run_%s(prism_cx *cx, void *frame) {\n"
                "    struct frame_%s *f = frame;\n"
                "    if (%s(cx, frame) == PRISM_SUSPENDED)\n"
                "        return PRISM_SUSPENDED;\n",
                c, c, c);
    drop_lent(e, &e->bodies, f, "f->args.");
    text_put(&e->bodies, STR("    return PRISM_DONE;\n}\n\n"));
}

static void put_call(struct emitter *e, const struct mir_function *f) {
    const struct function_state *s = emit_function(e, f);
    text_printf(&e->bodies,
                "static void call_%s(prism_cx *cx, void *self, void *args, void *result) {\n"
                "    struct args_%s *a = args;\n    ",
                s->c, s->c);
    if (!emit_is_void(f->result))
        text_printf(&e->bodies, "*(%s)result = ", emit_declare(e, f->result, "*"));
    text_printf(&e->bodies, "%s(cx%s", s->c, f->self ? ", self" : "");
    for (int32_t i = 0; i < f->param_count; i++)
        text_printf(&e->bodies, ", %sa->%s", f->modes.at[i] == MIR_PARAM_MUT ? "&" : "",
                    s->locals.at[i]);
    text_put(&e->bodies, STR(");\n"));
    drop_lent(e, &e->bodies, f, "a->");
    text_put(&e->bodies, STR("}\n\n"));
}

static bool is_visible(const struct mir_inst *i) {
    unsigned flags = mir_op_flags(i->op);
    return (flags & (MIR_FLAG_V | MIR_FLAG_R)) && i->op != MIR_OP_REPLY && i->op != MIR_OP_RANDOM &&
           i->op != MIR_OP_INPUT && i->op != MIR_OP_CORES && i->op != MIR_OP_LATENCY &&
           i->op != MIR_OP_FAULT && i->op != MIR_OP_BUGGIFY && i->op != MIR_OP_SOMETIMES;
}

static bool is_of_handle(const struct emitter *e, const struct mir_function *f) {
    for (int32_t i = 0; i < e->m->actors.len; i++) {
        const struct mir_actor *a = e->m->actors.at[i];
        for (int32_t k = 0; a->handle && k < a->messages.len; k++)
            if (!strcmp(a->messages.at[k].handler, f->name))
                return true;
    }
    return false;
}

// The mailbox of the actor whose message it handles, by the names of runtime/abi.h.
static const char *mailbox_of(const struct emitter *e, const struct mir_function *f) {
    static const char *const names[] = {"PRISM_MAILBOX_UNBOUNDED", "PRISM_MAILBOX_REJECT",
                                        "PRISM_MAILBOX_BLOCK", "PRISM_MAILBOX_DROP_OLDEST"};
    for (int32_t i = 0; i < e->m->actors.len; i++) {
        const struct mir_actor *a = e->m->actors.at[i];
        for (int32_t k = 0; (a->mailbox || a->own_mailboxes) && k < a->messages.len; k++)
            if (!strcmp(a->messages.at[k].handler, f->name))
                return a->own_mailboxes ? "PRISM_MAILBOX_OWN" : names[a->mailbox];
    }
    return names[0];
}

// Does the function, or one that it reaches, do anything visible but reply? `seen` is by index.
static bool sends(struct emitter *e, const struct mir_function *f, bool *seen) {
    function_list todo = {0};
    vec_push(e->arena, &todo, f);
    seen[f->index] = true;
    for (int32_t n = 0; n < todo.len; n++)
        for (int32_t i = 0; i < todo.at[n]->blocks.len; i++)
            for (int32_t k = 0; k < todo.at[n]->blocks.at[i].insts.len; k++) {
                const struct mir_inst *inst = &todo.at[n]->blocks.at[i].insts.at[k];
                if (is_visible(inst) || inst->op == MIR_OP_APPLY)
                    return true;
                const struct mir_function *callee =
                    inst->op == MIR_OP_CALL ? mir_find_function(e->m, inst->function) : NULL;
                if (!callee || seen[callee->index])
                    continue;
                seen[callee->index] = true;
                vec_push(e->arena, &todo, callee);
            }
    return false;
}

static void put_root(struct emitter *e, const struct mir_function *f) {
    const char *c = emit_function(e, f)->c;
    struct text *out = &e->tables;
    text_printf(
        out,
        "static const prism_function fn_%s = {\n    .name = %s,\n    .args = &type_of_args_%s,\n",
        c, emit_quoted(e, str_from(f->name)), c);
    if (!emit_is_void(f->result))
        text_printf(out, "    .result = &%s,\n", emit_type(e, f->result)->descriptor);
    if (f->suspends) {
        put_run(e, f);
        text_printf(out, "    .run = %s%s,\n    .frame_size = sizeof(struct frame_%s),\n",
                    lends(f) ? "run_" : "", c, c);
        text_printf(out, "    .args_offset = offsetof(struct frame_%s, args),\n", c);
        if (!emit_is_void(f->result))
            text_printf(out, "    .result_offset = offsetof(struct frame_%s, result),\n", c);
    } else {
        put_call(e, f);
        text_printf(out, "    .call = call_%s,\n", c);
    }
    bool *seen = arena_array(e->arena, bool, e->m->functions.len);
    text_printf(out, "    .file = %d,\n    .line = %d,\n", f->loc.line ? f->loc.file : 0,
                f->loc.line);
    text_printf(out,
                "    .reads = UINT64_C(%" PRIu64 "),\n    .writes = UINT64_C(%" PRIu64
                "),\n    .sends = %s,\n    .brief = %s,\n",
                f->reads, f->writes, sends(e, f, seen) ? "true" : "false",
                f->brief || is_of_handle(e, f) ? "true" : "false");
    text_printf(out, "    .of_handle = %s,\n    .mailbox = %s,\n};\n",
                is_of_handle(e, f) ? "true" : "false", mailbox_of(e, f));
}

// The captures, from a closure's data, and the arguments, both lent: as arguments of a call, or
// into the frame in a box.
static void pass_on(struct emitter *e, const struct mir_function *f, bool in_box,
                    struct text *out) {
    const struct function_state *s = emit_function(e, f);
    for (int32_t i = 0; i < f->param_count; i++) {
        const char *name = s->locals.at[i];
        const char *value = emit_format(e, i < f->captures ? "caps->%s" : "%s", name);
        if (in_box && f->modes.at[i] == MIR_PARAM_MUT) { // moved, until it is done
            text_printf(out, "    b->frame.args.%s = *%s;\n    *%s = %s;\n    b->at_%s = %s;\n",
                        name, name, name, emit_zero(e, f->locals.at[i].type), name, name);
            continue;
        }
        const char *dup = emit_dup(e, f->locals.at[i].type, value);
        if (f->modes.at[i] == MIR_PARAM_OWN && dup)
            text_printf(&e->bodies, "    %s\n", dup);
        if (in_box)
            text_printf(out, "    b->frame.args.%s = %s;\n", name, value);
        else
            text_printf(out, ", %s", value);
    }
}

static const char *declare_param(struct emitter *e, const struct mir_function *f, int32_t i,
                                 const char *name) {
    bool is_mut = f->modes.at[i] == MIR_PARAM_MUT;
    return emit_declare(e, f->locals.at[i].type, is_mut ? emit_format(e, "*%s", name) : name);
}

static void put_adapter_params(struct emitter *e, const struct mir_function *f) {
    const struct function_state *s = emit_function(e, f);
    for (int32_t i = f->captures; i < f->param_count; i++)
        text_printf(&e->bodies, ", %s", declare_param(e, f, i, s->locals.at[i]));
    text_printf(&e->bodies, ") {\n");
    if (f->captures)
        text_printf(&e->bodies, "    const struct caps_%s *caps = data;\n", s->c);
    else
        text_put(&e->bodies, STR("    (void)data;\n"));
}

// The value of a function that takes nothing along, by the code that is called for it.
static void put_value(struct emitter *e, const char *value, const char *code, const char *c) {
    text_printf(&e->bodies,
                "static const prism_closure %s_%s = {0, (void (*)(void))%s_%s, &type_of_caps_%s, "
                "{0}};\n\n",
                value, c, code, c, c);
}

// A closure's code.
static void put_adapter(struct emitter *e, const struct mir_function *f) {
    const struct function_state *s = emit_function(e, f);
    assert(!f->self && !f->suspends);
    struct text *out = &e->bodies;
    text_printf(out, "static %s(prism_cx *cx, const void *data",
                emit_is_void(f->result)
                    ? emit_format(e, "void closure_%s", s->c)
                    : emit_declare(e, f->result, emit_format(e, "closure_%s", s->c)));
    put_adapter_params(e, f);
    struct text call = {.arena = e->arena};
    text_printf(&call, "%s(cx", s->c);
    pass_on(e, f, false, &call);
    text_printf(out, "    %s%s);\n}\n", emit_is_void(f->result) ? "" : "return ", call.data);
    put_value(e, "value_of", "closure", s->c);
}

// The call of a closure whose function suspends, with its frame in a box.
static void put_box(struct emitter *e, const struct mir_function *f) {
    const char *c = emit_function(e, f)->c;
    struct text *out = &e->bodies;
    text_printf(out, "struct box_%s {\n    prism_box head;\n    struct frame_%s frame;\n", c, c);
    const struct function_state *s = emit_function(e, f);
    for (int32_t i = 0; i < f->param_count; i++)
        if (f->modes.at[i] == MIR_PARAM_MUT)
            text_printf(out, "    %s;\n",
                        declare_param(e, f, i, emit_format(e, "at_%s", s->locals.at[i])));
    text_put(out, STR("};\n"));
    text_printf(out,
                "static prism_status go_on_%s(prism_cx *cx, prism_box *box, void *result) {\n"
                "    struct box_%s *b = (struct box_%s *)box;\n"
                "    if (%s(cx, &b->frame) == PRISM_SUSPENDED)\n"
                "        return PRISM_SUSPENDED;\n",
                c, c, c, c);
    for (int32_t i = 0; i < f->param_count; i++)
        if (f->modes.at[i] == MIR_PARAM_MUT)
            text_printf(out, "    *b->at_%s = b->frame.args.%s;\n", s->locals.at[i],
                        s->locals.at[i]);
    if (emit_is_void(f->result))
        text_put(out, STR("    (void)result;\n"));
    else
        text_printf(out, "    if (!prism_failed(cx))\n        *(%s)result = b->frame.result;\n",
                    emit_declare(e, f->result, "*"));
    text_put(out, STR("    prism_put(cx, b, sizeof *b);\n    return PRISM_DONE;\n}\n"));
}

// The same for values that may wait, whether this one does or not.
static void put_waiting_adapter(struct emitter *e, const struct mir_function *f) {
    const char *c = emit_function(e, f)->c;
    struct text *out = &e->bodies, rest = {.arena = e->arena};
    if (f->suspends)
        put_box(e, f);
    text_printf(out,
                "static prism_status waiting_%s(prism_cx *cx, const void *data, prism_box **box, "
                "void *result",
                c);
    put_adapter_params(e, f);
    if (f->suspends) {
        text_printf(out,
                    "    struct box_%s *b = prism_get(cx, sizeof *b);\n"
                    "    b->head.go_on = go_on_%s;\n"
                    "    b->frame.head = (prism_frame){0, NULL};\n"
                    "    *box = &b->head;\n",
                    c, c);
        pass_on(e, f, true, &rest);
        text_printf(out, "%.*s    return go_on_%s(cx, &b->head, result);\n}\n",
                    STR_ARGS(text_str(&rest)), c);
    } else {
        bool is_void = emit_is_void(f->result);
        text_put(out, is_void ? STR("    (void)box, (void)result;\n") : STR("    (void)box;\n"));
        text_printf(&rest, "%s(cx", c);
        pass_on(e, f, false, &rest);
        text_printf(out, "    %s%s);\n    return PRISM_DONE;\n}\n",
                    is_void ? ""
                            : emit_format(e, "*(%s)result = ", emit_declare(e, f->result, "*")),
                    rest.data);
    }
    put_value(e, "value_of_waiting", "waiting", c);
}

void emit_roots(struct emitter *e) {
    for (int32_t i = 0; i < e->m->functions.len; i++) {
        const struct mir_function *f = e->m->functions.at[i];
        const struct function_state *s = emit_function(e, f);
        if (!s->needed)
            continue;
        text_printf(&e->prototypes, "%s;\n", emit_signature(e, f));
        if (emit_knows_depth(f))
            text_printf(&e->prototypes, "%s;\n", emit_outer_signature(e, f));
        if (s->is_root || f->suspends)
            emit_struct_of_params(e, "args", f, 0, f->param_count);
        if (f->suspends)
            emit_frame(e, f);
        if (s->is_root) {
            text_printf(&e->prototypes, "static const prism_function fn_%s;\n", s->c);
            put_root(e, f);
        }
        if (s->is_closure || s->is_waiting)
            emit_struct_of_params(e, "caps", f, 0, f->captures);
        if (s->is_closure)
            put_adapter(e, f);
        if (s->is_waiting)
            put_waiting_adapter(e, f);
    }
}

// ---- tables ---------------------------------------------------------------------------------

static const char *root_or_null(struct emitter *e, const char *function) {
    return function
               ? emit_format(e, "&fn_%s", emit_function(e, mir_find_function(e->m, function))->c)
               : "NULL";
}

static void put_messages(struct emitter *e, const struct mir_actor *a, const char *c) {
    struct text *out = &e->tables;
    for (int32_t i = 0; i < a->messages.len; i++) {
        const struct mir_function *f = mir_find_function(e->m, a->messages.at[i].handler);
        if (!f->param_count)
            continue;
        text_printf(out, "static const char *const params_%s_%d[] = {", c, i);
        for (int32_t k = 0; k < f->param_count; k++) {
            const char *name = f->locals.at[k].name;
            text_printf(out, "%s%s", k ? ", " : "",
                        emit_quoted(e, str_from(name ? name : emit_format(e, "_%d", k))));
        }
        text_put(out, STR("};\n"));
    }
    if (!a->messages.len)
        return;
    text_printf(&e->prototypes, "static const prism_message messages_%s[%d];\n", c,
                a->messages.len);
    text_printf(out, "static const prism_message messages_%s[%d] = {\n", c, a->messages.len);
    for (int32_t i = 0; i < a->messages.len; i++) {
        const struct mir_message *m = &a->messages.at[i];
        bool params = mir_find_function(e->m, m->handler)->param_count > 0;
        text_printf(out, "    {%s, %s, %s},\n", emit_quoted(e, str_from(m->name)),
                    root_or_null(e, m->handler),
                    params ? emit_format(e, "params_%s_%d", c, i) : "NULL");
    }
    text_put(out, STR("};\n"));
}

static void put_actor(struct emitter *e, const struct mir_actor *a, const char *c) {
    struct text *out = &e->tables;
    text_printf(&e->prototypes, "static const prism_actor_type %s;\n", c);
    put_messages(e, a, c);
    if (a->invariants.len)
        text_printf(out, "static const prism_invariant invariants_%s[] = {\n", c);
    for (int32_t i = 0; i < a->invariants.len; i++)
        text_printf(out, "    {%s, %s},\n", emit_quoted(e, a->invariants.at[i].text),
                    root_or_null(e, a->invariants.at[i].function));
    text_put(out, a->invariants.len ? STR("};\n") : STR(""));
    for (int32_t i = 0; i < a->hot.len; i++)
        text_printf(out, "%s%d%s",
                    i ? ", " : emit_format(e, "static const uint8_t hot_%s[] = {", c), a->hot.at[i],
                    i + 1 == a->hot.len ? "};\n" : "");
    text_printf(out, "static const prism_actor_type %s = {\n    .name = %s,\n    .state = &%s,\n",
                c, emit_quoted(e, str_from(a->name)), emit_type(e, a->state)->descriptor);
    text_printf(
        out, "    .init = %s,\n    .on_start = %s,\n    .on_stop = %s,\n    .on_shutdown = %s,\n",
        root_or_null(e, a->init), root_or_null(e, a->on_start), root_or_null(e, a->on_stop),
        root_or_null(e, a->on_shutdown));
    text_printf(out, "    .on_child_failure = %s,\n    .strategy = %d,\n",
                root_or_null(e, a->on_child_failure), a->strategy);
    if (a->messages.len)
        text_printf(out, "    .messages = messages_%s,\n    .message_count = %d,\n", c,
                    a->messages.len);
    if (a->hot.len)
        text_printf(out, "    .hot = hot_%s,\n", c);
    if (a->handle)
        text_printf(out, "    .handle = %s,\n", emit_quoted(e, str_from(a->handle)));
    if (a->capabilities.len || a->is_task)
        text_printf(out, "    .capabilities = %s,\n", emit_quoted(e, mir_clause_text(e->arena, a)));
    if (a->invariants.len)
        text_printf(out, "    .invariants = invariants_%s,\n    .invariant_count = %d,\n", c,
                    a->invariants.len);
    text_printf(out, "    .reentrant = %s,\n    .model = %s,\n", a->reentrant ? "true" : "false",
                a->model ? "true" : "false");
    if (a->is_task)
        text_put(out, STR("    .task = true,\n"));
    if (a->measured)
        text_put(out, STR("    .measured = true,\n"));
    if (a->measured || a->invariants.len)
        text_put(out, STR("    .checked = true,\n"));
    text_printf(
        out, "    .mailbox = %d,\n    .mailbox_limit = %d,\n    .file = %d,\n    .line = %d,\n};\n",
        a->mailbox, a->mailbox_limit, a->loc.line ? a->loc.file : 0, a->loc.line);
}

static void put_test_params(struct emitter *e, const struct mir_test *t, int32_t at) {
    struct text *out = &e->tables;
    for (int32_t i = 0; i < t->params.len; i++)
        text_printf(
            out, "static const %s = %s;\n",
            emit_declare(e, t->params.at[i].value.type, emit_format(e, "default_%d_%d", at, i)),
            emit_constant(e, &t->params.at[i].value));
    if (!t->params.len)
        return;
    text_printf(out, "static const prism_test_param test_params_%d[] = {\n", at);
    for (int32_t i = 0; i < t->params.len; i++)
        text_printf(out, "    {%s, &default_%d_%d},\n",
                    emit_quoted(e, str_from(t->params.at[i].name)), at, i);
    text_put(out, STR("};\n"));
}

static void put_tests(struct emitter *e) {
    struct text *out = &e->tables;
    for (int32_t i = 0; i < e->m->tests.len; i++)
        put_test_params(e, &e->m->tests.at[i], i);
    if (e->m->tests.len)
        text_put(out, STR("static const prism_test tests[] = {\n"));
    for (int32_t i = 0; i < e->m->tests.len; i++) {
        const struct mir_test *t = &e->m->tests.at[i];
        text_printf(out, "    {%s, %s, %s, %d, %d, %d},\n", emit_quoted(e, str_from(t->name)),
                    root_or_null(e, t->function),
                    t->params.len ? emit_format(e, "test_params_%d", i) : "NULL",
                    t->loc.line ? t->loc.file : 0, t->loc.line, (int)t->kind);
    }
    text_put(out, e->m->tests.len ? STR("};\n") : STR(""));
}

static void put_lists(struct emitter *e) {
    struct text *out = &e->tables;
    if (e->m->files.len)
        text_put(out, STR("static const char *const files[] = {\n"));
    for (int32_t i = 0; i < e->m->files.len; i++)
        text_printf(out, "    %s,\n", emit_quoted(e, str_from(e->m->files.at[i])));
    text_put(out, e->m->files.len ? STR("};\n") : STR(""));
    if (e->m->actors.len)
        text_put(out, STR("static const prism_actor_type *const actors[] = {\n"));
    for (int32_t i = 0; i < e->m->actors.len; i++)
        text_printf(out, "    &%s,\n", e->actors[i]);
    text_put(out, e->m->actors.len ? STR("};\n") : STR(""));
    if (e->m->services.len)
        text_put(out, STR("static const prism_service services[] = {\n"));
    for (int32_t i = 0; i < e->m->services.len; i++)
        text_printf(out, "    {%s, &%s},\n", emit_quoted(e, str_from(e->m->services.at[i].name)),
                    emit_type(e, e->m->services.at[i].type)->descriptor);
    text_put(out, e->m->services.len ? STR("};\n") : STR(""));
    if (e->m->types.len)
        text_put(out, STR("static const prism_type *const types[] = {\n"));
    for (int32_t i = 0; i < e->m->types.len; i++)
        text_printf(out, "    &%s,\n", e->types[i].descriptor);
    text_put(out, e->m->types.len ? STR("};\n") : STR(""));
}

void emit_program(struct emitter *e) {
    const struct mir_module *m = e->m;
    for (int32_t i = 0; i < m->actors.len; i++)
        put_actor(e, m->actors.at[i], e->actors[i]);
    put_tests(e);
    put_lists(e);
    struct text *out = &e->tables;
    text_put(out, STR("static const char *const abi __attribute__((used)) = &PRISM_ABI_SYMBOL;\n"));
    text_put(
        out,
        STR("const prism_program prism_program_main = {\n    .abi_version = PRISM_ABI_VERSION,\n"));
    text_printf(out, "    .mir_hash = UINT64_C(0x%016" PRIx64 "),\n    .name = %s,\n",
                e->options->mir_hash, emit_quoted(e, str_from(e->options->name)));
    if (m->files.len)
        text_printf(out, "    .files = files,\n    .file_count = %d,\n", m->files.len);
    if (m->entry)
        text_printf(out, "    .entry = %s,\n", root_or_null(e, m->entry));
    if (m->tests.len)
        text_printf(out, "    .tests = tests,\n    .test_count = %d,\n", m->tests.len);
    if (m->actors.len)
        text_printf(out, "    .actors = actors,\n    .actor_count = %d,\n", m->actors.len);
    if (m->services.len)
        text_printf(out, "    .services = services,\n    .service_count = %d,\n", m->services.len);
    if (m->types.len)
        text_printf(out, "    .types = types,\n    .type_count = %d,\n", m->types.len);
    text_put(out, STR("};\n"));
}
