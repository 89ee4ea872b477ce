// SPDX-License-Identifier: MIT
// What operations do to other actors: they make classes, contexts and edges.
//
// An `ask` whose future is looked at is a wait of the one who asks, from then on until its handler
// ends: where exactly it waits is not followed. An `ask` with a time limit ends by itself and is
// none.
#include "checker/ops.h"

// ---- what is used ---------------------------------------------------------------------------

static bool place_reads(const struct mir_place *p, int32_t local) {
    if (p->local == local)
        return true;
    for (int32_t i = 0; i < p->projs.len; i++)
        if (p->projs.at[i].kind == MIR_PROJ_INDEX && p->projs.at[i].index->kind != MIR_CONST &&
            place_reads(&p->projs.at[i].index->place, local))
            return true;
    return false;
}

static bool result_used(const struct mir_function *f, const struct mir_inst *in) {
    if (in->dst.local == MIR_NO_PLACE)
        return false;
    if (in->dst.local < 0 || in->dst.projs.len)
        return true;
    for (int32_t b = 0; b < f->blocks.len; b++) {
        const struct mir_block *block = &f->blocks.at[b];
        for (int32_t i = 0; i < block->insts.len; i++)
            for (int32_t k = 0; k < block->insts.at[i].args.len; k++) {
                const struct mir_operand *o = &block->insts.at[i].args.at[k];
                if (o->kind != MIR_CONST && place_reads(&o->place, in->dst.local))
                    return true;
            }
        const struct mir_operand *v = &block->end.value;
        bool has_value = block->end.kind == MIR_RETURN || block->end.kind == MIR_IF ||
                         block->end.kind == MIR_SWITCH || block->end.kind == MIR_RAISE;
        if (has_value && v->kind != MIR_CONST && place_reads(&v->place, in->dst.local))
            return true;
    }
    return false;
}

// ---- births ---------------------------------------------------------------------------------

// Whoever is named in a constructor argument was there before.
static void born_after(struct exec *x, struct path *p, struct lin birth, const struct val *v) {
    if (!v)
        return;
    struct lin gap;
    if (v->kind == VAL_REF && v->attr_count && lin_add(&gap, birth, -1, v->attrs[0])) {
        gap.c -= 1;
        path_assume(x, p, CON_GE, gap);
    }
    for (int32_t i = 0; i < v->count; i++)
        born_after(x, p, birth, v->items[i]);
}

static const struct val *new_member(struct exec *x, struct path *p, int32_t class,
                                    const struct mir_type *t, const struct val *const *args,
                                    int32_t count) {
    struct val *ref = arena_new(x->a, struct val);
    ref->kind = VAL_REF;
    ref->type = t;
    ref->class = class;
    ref->attr_count = x->w->classes.at[class]->attr_count;
    ref->attrs[0] = lin_var(x->next_var++);
    for (int32_t i = 1; i < ref->attr_count; i++)
        ref->attrs[i] = lin_var(x->loop_vars.at[i - 1]);
    born_after(x, p, ref->attrs[0], x->node);
    for (int32_t i = 0; i < count; i++)
        born_after(x, p, ref->attrs[0], args[i]);
    return ref;
}

// [first, second, arguments...]
static const struct val **row(struct exec *x, const struct val *first, const struct val *second,
                              const struct val *const *args, int32_t count) {
    const struct val **v = arena_array(x->a, const struct val *, count + 2);
    v[0] = first;
    v[1] = second;
    for (int32_t i = 0; i < count; i++)
        v[i + 2] = args[i];
    return v;
}

// ---- the operations -------------------------------------------------------------------------

static void refuse_lost(struct exec *x, const struct mir_inst *in, int32_t from) {
    for (int32_t i = from; i < in->args.len; i++) {
        const struct mir_type *t = in->args.at[i].type;
        // A branch waits on behalf of the same node, for futures that were there before it: no
        // circle.
        bool same_node = in->op == MIR_OP_TASK && in->number == MIR_TASK_BRANCH;
        if (!same_node && t->kind != MIR_FN && mir_type_holds(t, MIR_FUTURE))
            web_give_up(x->w, in->loc, "a future is handed to somebody else");
        path_note_stored(x, t, in->loc);
    }
}

// A child of a supervisor is an actor like others: what is decided about its crashes needs nobody
// to do anything, as long as what is ended for it ends by itself (look_for_cleanup in web.c).
static void spawn(struct exec *x, const struct mir_function *f, const struct eval *e,
                  const struct mir_inst *in, struct paths *next) {
    int32_t class = web_class_at(x, WEB_ACTOR, in);
    int32_t first = in->op == MIR_OP_SPAWN_CHILD ? 3 : 0, count = in->args.len - first;
    refuse_lost(x, in, first);
    x->w->ends_early = x->w->ends_early || first > 0;
    if (web_stopped(x->w))
        return;
    struct path *p = path_copy(x, e->path, f);
    const struct mir_type *t = in->dst.local == MIR_NO_PLACE ? NULL : mir_place_type(f, &in->dst);
    const struct val *ref = new_member(x, p, class, t, e->vals + first, count);
    const struct val **args = row(x, ref, NULL, e->vals + first, count);
    for (int32_t i = 2; i < count + 2; i++)
        args[i] = val_older(x->a, args[i], ref->attrs[0]);
    web_add_spawn(x, class, p->cons, args, count + 2);
    ops_result(x, f, p, in, ref, next);
}

static void task(struct exec *x, const struct mir_function *f, const struct eval *e,
                 const struct mir_inst *in, struct paths *next) {
    const struct mir_function *g = mir_find_function(x->w->module, in->function);
    int32_t count = in->args.len - (in->has_scope ? 1 : 0);
    struct path *p = path_copy(x, e->path, f);
    refuse_lost(x, in, 0);
    if (!g || web_stopped(x->w))
        return;
    bool own = in->number == MIR_TASK_FREE;
    // In a scope it runs within the turn of the handler whose scope that is, as a branch does.
    bool in_scope = in->has_scope && in->args.at[count].type->kind == MIR_SCOPE;
    if (in->number == MIR_TASK_ISOLATED && !in_scope && result_used(f, in)) {
        web_give_up(x->w, in->loc, "a task of the actor itself is waited for");
        return;
    }
    const struct val *node = x->node;
    if (own) {
        int32_t class = web_class_at(x, WEB_TASK, in);
        if (web_stopped(x->w))
            return;
        x->w->classes.at[class]->function = g;
        node = new_member(x, p, class, NULL, e->vals, count);
        web_add_spawn(x, class, p->cons, row(x, node, NULL, e->vals, count), count + 2);
        // A scope that is left cancels its tasks, which may still clean up, and waits for them.
        if (result_used(f, in) || in->has_scope)
            web_add_edge(x, in, p->cons, x->node, node, str_from(g->name));
    }
    web_add_context(x, WEB_ENTER_TASK, node->class, g, p->cons,
                    row(x, node, own ? NULL : x->asker, e->vals, count), count + 2);
    ops_result(x, f, p, in, val_top(x->a, mir_place_type(f, &in->dst)), next);
}

// May a request that `from` forwards come back to `to`, by names of handlers?
static bool forwards_to(const struct web *w, const struct mir_function *from,
                        const struct mir_function *to, struct map *seen) {
    if (from == to)
        return true;
    if (!map_put(w->arena, seen, str_from(from->name), (void *)1))
        return false;
    for (int32_t b = 0; b < from->blocks.len; b++)
        for (int32_t i = 0; i < from->blocks.at[b].insts.len; i++) {
            const struct mir_inst *in = &from->blocks.at[b].insts.at[i];
            const struct mir_actor *a =
                in->op == MIR_OP_FORWARD ? mir_find_actor(w->module, in->actor) : NULL;
            const struct mir_function *g =
                a && in->message < a->messages.len
                    ? mir_find_function(w->module, a->messages.at[in->message].handler)
                    : NULL;
            if (g && forwards_to(w, g, to, seen))
                return true;
        }
    return false;
}

static void send_one(struct exec *x, const struct mir_function *f, const struct eval *e,
                     const struct mir_inst *in, const struct mir_actor *actor,
                     const struct mir_message *m) {
    int32_t first = in->op == MIR_OP_ASK_TIMEOUT ? 2 : 1;
    bool waits = in->op == MIR_OP_ASK && result_used(f, in);
    if (mir_mailbox_may_block(x->w->module, actor))
        web_give_up(x->w, in->loc, "the mailbox of `%s` blocks its senders, which is not followed",
                    actor->name);
    const struct mir_function *handler = mir_find_function(x->w->module, m->handler);
    const struct val *asker = waits ? x->node : in->op == MIR_OP_FORWARD ? x->asker : NULL;
    struct map seen = {0};
    if (handler && in->op == MIR_OP_FORWARD && forwards_to(x->w, handler, x->context->f, &seen))
        web_give_up(x->w, in->loc, "a request may be forwarded in a circle");
    struct targets targets = {0};
    web_targets(x, e->path, e->vals[0], actor->name, &targets);
    struct str name = str_format(x->a, "%s.%s", actor->name, m->name);
    for (int32_t i = 0; handler && i < targets.v.len && !web_stopped(x->w); i++) {
        struct target t = targets.v.at[i];
        web_add_context(x, WEB_ENTER_MESSAGE, t.ref->class, handler, t.path->cons,
                        row(x, t.ref, asker, e->vals + first, in->args.len - first),
                        in->args.len - first + 2);
        if (asker)
            web_add_edge(x, in, t.path->cons, asker, t.ref, name);
    }
}

static void send(struct exec *x, const struct mir_function *f, const struct eval *e,
                 const struct mir_inst *in, struct paths *next) {
    const struct mir_module *module = x->w->module;
    bool any = in->op == MIR_OP_TELL_ANY;
    refuse_lost(x, in, in->op == MIR_OP_ASK_TIMEOUT ? 2 : 1);
    for (int32_t i = 0; any && i < module->actors.len; i++) {
        const struct mir_actor *a = module->actors.at[i];
        int32_t at = mir_message_taking(a, in);
        if (at >= 0)
            send_one(x, f, e, in, a, &a->messages.at[at]);
    }
    const struct mir_actor *actor = any ? NULL : mir_find_actor(module, in->actor);
    if (!any && (!actor || in->message < 0 || in->message >= actor->messages.len)) {
        web_give_up(x->w, in->loc, "a message that `%s` does not have", in->actor);
        return;
    }
    if (!any)
        send_one(x, f, e, in, actor, &actor->messages.at[in->message]);
    // Whom exactly it was sent to is not remembered on the path: all of them.
    const struct mir_type *result =
        in->dst.local == MIR_NO_PLACE ? NULL : mir_place_type(f, &in->dst);
    ops_result(x, f, e->path, in, result ? val_top(x->a, result) : NULL, next);
}

static void reply(struct exec *x, const struct mir_function *f, const struct eval *e,
                  const struct mir_inst *in, struct paths *next) {
    struct val *v = arena_new(x->a, struct val);
    x->took_reply = x->took_reply || x->record;
    v->kind = VAL_REPLY;
    v->type = mir_place_type(f, &in->dst);
    ops_result(x, f, e->path, in, v, next);
}

// Operations of which it is known that nobody has to do anything for them to end (besides those
// above): what is new in MIR is refused until it was thought about.
static bool harmless(enum mir_op op) {
    switch (op) {
    case MIR_OP_ANSWER:
    case MIR_OP_WANTED:
    case MIR_OP_STOP:
    case MIR_OP_KILL:
    case MIR_OP_MAILBOX:
    case MIR_OP_SCOPE_OPEN:
    case MIR_OP_SCOPE_CLOSE: // cancels, then waits for tasks: see task()
    case MIR_OP_SCOPE_CANCEL:
    case MIR_OP_SCOPE_CANCELLED:
    case MIR_OP_TOKEN_CANCEL:
    case MIR_OP_TOKEN_CANCELLED:
    case MIR_OP_SLEEP:
    case MIR_OP_YIELD:
    case MIR_OP_NOW:
    case MIR_OP_NOW_WALL:
    case MIR_OP_RANDOM:
    case MIR_OP_INPUT:
    case MIR_OP_CORES:
    case MIR_OP_LATENCY:
    case MIR_OP_FAULT:
    case MIR_OP_TRUST:
    case MIR_OP_MASK: // see mir_cleanup_wait
    case MIR_OP_CEILING:
    case MIR_OP_CONFINE:
    case MIR_OP_NARROW:
    case MIR_OP_WIDEN:
    case MIR_OP_ENDOW_NAME:
    case MIR_OP_ENDOW_MAILBOX:
    case MIR_OP_LIMIT_GRACE:
    case MIR_OP_LIMIT_MEMORY:
    case MIR_OP_BIND:
    case MIR_OP_BUGGIFY:
    case MIR_OP_PRINT:
    case MIR_OP_SOMETIMES:
        return true;
    default:
        return (mir_op_flags(op) & (MIR_FLAG_S | MIR_FLAG_V | MIR_FLAG_R)) == 0;
    }
}

bool ops_actor(struct exec *x, const struct mir_function *f, const struct eval *e,
               const struct mir_inst *in, struct paths *next) {
    switch (in->op) {
    case MIR_OP_SPAWN:
    case MIR_OP_SPAWN_CHILD:
        spawn(x, f, e, in, next);
        return true;
    case MIR_OP_TASK:
        task(x, f, e, in, next);
        return true;
    case MIR_OP_TELL:
    case MIR_OP_TELL_ANY:
    case MIR_OP_ASK:
    case MIR_OP_ASK_TIMEOUT:
    case MIR_OP_FORWARD:
        send(x, f, e, in, next);
        return true;
    case MIR_OP_REPLY:
        reply(x, f, e, in, next);
        return true;
    case MIR_OP_WAIT:
    case MIR_OP_WAIT_ANY:
        x->w->waits += x->record;
        return false;
    case MIR_OP_CALM: // tasks are cancelled
        x->w->ends_early = true;
        return false;
    case MIR_OP_OUTSIDE: // always ends, and waits for nobody; but the other side may be the program
        if (!strcmp(in->function, "net.ready"))
            web_give_up(x->w, in->loc, "it waits for the other side of a connection");
        return false;
    default:
        if (!harmless(in->op))
            web_give_up(x->w, in->loc, "`%s` is not followed", mir_op_name(in->op));
        return false;
    }
}
