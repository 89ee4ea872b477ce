// SPDX-License-Identifier: MIT
// The facts, and the rounds that complete them: every context is run with the facts at hand, which
// may give new facts and contexts, until a round gives none. The edges are those of that last
// round.
#include "checker/web.h"

#include <assert.h>
#include <inttypes.h>

void web_give_up(struct web *w, struct mir_loc loc, const char *format, ...) {
    if (w->why.len)
        return;
    struct text t = {.arena = w->arena};
    char line[400];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    text_put(&t, str_from(line));
    w->why = text_str(&t);
    w->why_loc = loc;
}

// ---- classes --------------------------------------------------------------------------------

static struct web_class *class_new(struct web *w, enum web_class_kind kind, struct str name,
                                   struct mir_loc loc, int32_t attrs) {
    struct web_class *c = arena_new(w->arena, struct web_class);
    *c = (struct web_class){.kind = kind, .name = name, .loc = loc, .attr_count = attrs};
    vec_push(w->arena, &w->classes, c);
    return c;
}

// The place of an instruction in its function, to tell apart the calls that lead to a spawn.
static void put_place(struct text *t, const struct mir_function *f, const struct mir_inst *in) {
    for (int32_t b = 0; b < f->blocks.len; b++) {
        const struct mir_block *block = &f->blocks.at[b];
        if (block->insts.len && in >= block->insts.at && in < block->insts.at + block->insts.len)
            text_printf(t, "%s:%d.%d", f->name, b, (int)(in - block->insts.at));
    }
}

int32_t web_class_at(struct exec *x, enum web_class_kind kind, const struct mir_inst *in) {
    struct web *w = x->w;
    struct text key = {.arena = x->a};
    const struct mir_function *f = x->stack[x->calls - 1];
    for (int32_t i = 1; i < x->calls; i++) {
        put_place(&key, x->stack[i - 1], x->stack_at[i]);
        text_putc(&key, '>');
    }
    put_place(&key, f, in);
    text_put(&key, STR(""));
    int32_t *known = map_get(&w->class_by_name, text_str(&key));
    if (known)
        return *known;
    int32_t attrs = 1 + x->loop_vars.len;
    if (attrs > VAL_ATTRS_MAX) {
        web_give_up(w, in->loc, "loops around a spawn are nested more than %d deep",
                    VAL_ATTRS_MAX - 1);
        return 0;
    }
    struct str name = str_format(x->a, "%s/%s#%d", f->name, mir_op_name(in->op), in->site);
    struct web_class *c = class_new(w, kind, name, in->loc, attrs);
    if (kind == WEB_ACTOR) {
        c->actor = mir_find_actor(w->module, in->actor);
        if (!c->actor) {
            web_give_up(w, in->loc, "there is no actor `%s`", in->actor);
            return 0;
        }
        c->fields = arena_array(w->arena, struct web_field, c->actor->state->fields.len + 1);
    }
    int32_t *index = arena_new(w->arena, int32_t);
    *index = w->classes.len - 1;
    map_put(w->arena, &w->class_by_name, text_str(&key), index);
    return *index;
}

// ---- facts ----------------------------------------------------------------------------------

static bool has_key(const struct closed *const *at, int32_t len, struct str key) {
    for (int32_t i = 0; i < len; i++)
        if (str_eq(at[i]->key, key))
            return true;
    return false;
}

// The reference with attributes of which nothing is known.
static const struct val *free_ref(struct exec *x, const struct val *ref) {
    struct val *v = arena_new(x->a, struct val);
    *v = *ref;
    v->attr_count = x->w->classes.at[ref->class]->attr_count;
    v->older = false;
    v->n = lin_const(0);
    for (int32_t i = 0; i < v->attr_count; i++)
        v->attrs[i] = lin_var(x->next_var++);
    return v;
}

static const struct val **blurred(struct exec *x, const struct val *const *vals, int32_t count) {
    const struct val **out = arena_array(x->a, const struct val *, count + 1);
    for (int32_t i = 0; i < count; i++)
        out[i] = val_blur(x, vals[i], true);
    return out;
}

void web_add_spawn(struct exec *x, int32_t class, const struct cons *cons,
                   const struct val *const *vals, int32_t count) {
    struct web_class *c = x->w->classes.at[class];
    if (!x->record)
        return;
    const struct closed *fact;
    if (c->spawns.len < WEB_FACTS_MAX) {
        fact = closed_make(x->a, x->w->params, cons, vals, count);
    } else {
        const struct val **b = blurred(x, vals, count);
        b[0] = free_ref(x, vals[0]);
        fact = closed_make(x->a, x->w->params, NULL, b, count);
    }
    if (has_key(c->spawns.at, c->spawns.len, fact->key))
        return;
    vec_push(x->a, &c->spawns, fact);
    x->w->changed = true;
}

void web_add_field(struct exec *x, const struct cons *cons, int32_t field, const struct val *v) {
    struct web_class *c = x->w->classes.at[x->node->class];
    if (!x->record || c->kind != WEB_ACTOR)
        return;
    struct web_field *f = &c->fields[field];
    if (f->any)
        return;
    // What handlers count up would never come to an end.
    const struct val *vals[2] = {x->node,
                                 x->context->entry == WEB_ENTER_INIT ? v : val_blur(x, v, false)};
    const struct closed *fact = closed_make(x->a, x->w->params, cons, vals, 2);
    if (has_key(f->facts.at, f->facts.len, fact->key))
        return;
    if (f->facts.len == WEB_FACTS_MAX)
        f->any = true;
    else
        vec_push(x->a, &f->facts, fact);
    x->w->changed = true;
}

static int32_t contexts_like(const struct web *w, int32_t class, const struct mir_function *f) {
    int32_t n = 0;
    for (int32_t i = 0; i < w->contexts.len; i++)
        n += w->contexts.at[i]->class == class && w->contexts.at[i]->f == f;
    return n;
}

void web_add_context(struct exec *x, enum web_entry entry, int32_t class,
                     const struct mir_function *f, const struct cons *cons,
                     const struct val *const *vals, int32_t count) {
    struct web *w = x->w;
    if (!x->record)
        return;
    int32_t depth = x->context->depth + 1;
    if (depth > WEB_DEPTH_MAX || contexts_like(w, class, f) >= WEB_CONTEXTS_MAX) {
        vals = blurred(x, vals, count);
        cons = NULL;
    }
    const struct closed *closed = closed_make(x->a, w->params, cons, vals, count);
    struct str key =
        str_format(x->a, "%d %d %s %.*s", (int)entry, class, f->name, STR_ARGS(closed->key));
    if (map_get(&w->context_by_key, key))
        return;
    struct web_context *c = arena_new(w->arena, struct web_context);
    *c = (struct web_context){entry, class, f, closed, depth};
    vec_push(w->arena, &w->contexts, c);
    map_put(w->arena, &w->context_by_key, key, c);
    w->changed = true;
}

void web_add_edge(struct exec *x, const struct mir_inst *in, const struct cons *cons,
                  const struct val *from, const struct val *to, struct str target) {
    struct web *w = x->w;
    if (!x->record)
        return;
    const struct val *vals[2] = {from, to};
    if (!from->attr_count && w->classes.at[from->class]->attr_count)
        vals[0] = free_ref(x, from);
    const struct mir_function *f = x->stack[x->calls - 1];
    struct web_edge *e = arena_new(w->arena, struct web_edge);
    *e = (struct web_edge){.from = from->class, .to = to->class, .target = target, .loc = in->loc};
    e->closed = closed_make(x->a, w->params, cons, vals, 2);
    e->site = str_format(x->a, "%s/%s#%d", f->name, mir_op_name(in->op), in->site);
    struct str key = str_format(x->a, "%.*s %.*s %.*s", STR_ARGS(e->site), STR_ARGS(target),
                                STR_ARGS(e->closed->key));
    if (map_get(&w->edge_by_key, key))
        return;
    vec_push(w->arena, &w->edges, e);
    map_put(w->arena, &w->edge_by_key, key, e);
}

// ---- looking facts up -----------------------------------------------------------------------

static void same_actor(struct exec *x, struct path *p, const struct val *a, const struct val *b) {
    struct lin gap;
    for (int32_t i = 0; i < a->attr_count && i < b->attr_count; i++)
        if (lin_add(&gap, a->attrs[i], -1, b->attrs[i]))
            path_assume(x, p, CON_EQ, gap);
}

static struct path *with_field(struct exec *x, const struct path *p, int32_t field,
                               const struct val *v) {
    struct path *q = path_copy(x, p, x->stack[x->calls - 1]);
    struct val *self = val_tuple(x->a, VAL_STRUCT, p->self->type, p->self->count);
    for (int32_t i = 0; i < self->count; i++)
        self->items[i] = p->self->items[i];
    self->items[field] = v;
    q->self = self;
    return q;
}

void web_load_field(struct exec *x, const struct path *p, int32_t field, struct paths *out) {
    if (!p->self || p->self->items[field]) {
        vec_push(x->a, &out->v, (struct path *)(uintptr_t)p);
        return;
    }
    const struct web_class *c = x->w->classes.at[x->node->class];
    const struct web_field *f = c->kind == WEB_ACTOR ? &c->fields[field] : NULL;
    if (!f || f->any)
        vec_push(x->a, &out->v,
                 with_field(x, p, field, val_top(x->a, p->self->type->fields.at[field].type)));
    for (int32_t i = 0; f && !f->any && i < f->facts.len; i++) {
        const struct cons *cons = p->cons;
        const struct val **open =
            closed_open(x->a, x->w->params, f->facts.at[i], &x->next_var, &cons);
        struct path *q = with_field(x, p, field, open[1]);
        q->cons = cons;
        same_actor(x, q, open[0], x->node);
        if (path_feasible(x, q))
            vec_push(x->a, &out->v, q);
    }
}

// Every actor of the class that the reference can stand for.
static void members(struct exec *x, const struct path *p, int32_t class, const struct val *ref,
                    struct targets *out) {
    const struct web_class *c = x->w->classes.at[class];
    for (int32_t i = 0; i < c->spawns.len; i++) {
        struct path *q = path_copy(x, p, x->stack[x->calls - 1]);
        const struct val **open =
            closed_open(x->a, x->w->params, c->spawns.at[i], &x->next_var, &q->cons);
        struct lin gap;
        if (ref->older && lin_add(&gap, ref->n, -1, open[0]->attrs[0])) {
            gap.c -= 1;
            path_assume(x, q, CON_GE, gap);
        }
        if (path_feasible(x, q))
            vec_push(x->a, &out->v, (struct target){q, open[0]});
    }
}

void web_targets(struct exec *x, const struct path *p, const struct val *ref, const char *actor,
                 struct targets *out) {
    struct web *w = x->w;
    if (ref->kind == VAL_REF && ref->attr_count) {
        const struct mir_actor *is = w->classes.at[ref->class]->actor;
        if (!is || strcmp(is->name, actor) != 0)
            return; // it was told by an untyped reference, and is another one
        vec_push(x->a, &out->v, (struct target){(struct path *)(uintptr_t)p, ref});
        return;
    }
    for (int32_t i = 0; i < w->classes.len; i++) {
        const struct web_class *c = w->classes.at[i];
        bool meant = c->kind == WEB_ACTOR && strcmp(c->actor->name, actor) == 0 &&
                     (ref->kind != VAL_REF || ref->class == i);
        if (meant)
            members(x, p, i, ref, out);
    }
}

// ---- running a context ----------------------------------------------------------------------

static bool has_tasks_of_its_own(const struct web *w, const struct mir_type *state) {
    for (int32_t i = 0; i < w->module->functions.len; i++) {
        const struct mir_function *f = w->module->functions.at[i];
        for (int32_t b = 0; f->self == state && b < f->blocks.len; b++)
            for (int32_t k = 0; k < f->blocks.at[b].insts.len; k++) {
                const struct mir_inst *in = &f->blocks.at[b].insts.at[k];
                if (in->op == MIR_OP_TASK && in->number != MIR_TASK_FREE)
                    return true;
            }
    }
    return false;
}

// A reply that is put away while somebody waits for it: who answers is not followed.
static void note_kept(struct web *w, const struct mir_function *f, struct mir_loc loc) {
    struct web_kept k = {str_from(f->name), loc};
    for (int32_t i = 0; i < w->kept.len; i++)
        if (str_eq(w->kept.at[i].message, k.message))
            return;
    vec_push(w->arena, &w->kept, k);
}

static void run_opened(struct exec *x, const struct web_context *c, const struct val **vals,
                       int32_t count, const struct cons *cons) {
    struct web *w = x->w;
    struct path p = {.cons = cons};
    x->node = vals[0];
    x->asker = vals[1];
    x->calls = 1;
    x->stack[0] = c->f;
    if (c->f->self) {
        p.self = val_tuple(x->a, VAL_STRUCT, c->f->self, c->f->self->fields.len);
        const struct mir_actor *actor = w->classes.at[c->class]->actor;
        x->shared = (actor && actor->reentrant) || has_tasks_of_its_own(w, c->f->self);
    }
    for (int32_t i = 2; i < count; i++)
        if (vals[i] && vals[i]->kind == VAL_TOP && mir_type_is_int(vals[i]->type))
            vals[i] = val_int(x->a, vals[i]->type, lin_var(exec_fresh(x, &p.cons, vals[i]->type)));
    struct outcomes outs = {0};
    exec_function(x, c->f, vals + 2, count - 2, &p, &outs);
    for (int32_t i = 0; i < outs.v.len; i++)
        exec_publish(x, outs.v.at[i].path, false);
    if (x->asker && x->took_reply && x->stored)
        note_kept(w, c->f, x->stored_at);
}

static const struct cons *param_conditions(struct web *w) {
    const struct cons *cons = NULL;
    for (int32_t i = 0; i < w->params; i++) {
        struct lin l = lin_var(i);
        l.c = -w->param_least[i];
        if (mir_type_is_int(w->root->locals.at[i].type))
            cons = cons_add(w->arena, cons, (struct con){CON_GE, l});
    }
    return cons;
}

// All arguments that the function takes: what is not known can be anything.
static const struct val **with_params(struct exec *x, const struct mir_function *f,
                                      const struct val *const *vals, int32_t count) {
    const struct val **all = arena_array(x->a, const struct val *, f->param_count + 2);
    memcpy(all, vals, sizeof(*all) * (size_t)count);
    for (int32_t i = count; i < f->param_count + 2; i++)
        all[i] = val_top(x->a, f->locals.at[i - 2].type);
    return all;
}

static void run_context(struct web *w, const struct web_context *c) {
    const struct closed *fact = c->closed;
    bool whose = !fact->vals[0]->attr_count && w->classes.at[c->class]->attr_count > 0;
    int32_t ways = whose ? w->classes.at[c->class]->spawns.len : 1;
    for (int32_t i = 0; i < ways && !web_stopped(w); i++) {
        struct exec x = {
            .w = w, .a = w->arena, .context = c, .next_var = w->params, .record = true};
        const struct cons *cons = param_conditions(w);
        const struct val **vals = closed_open(w->arena, w->params, fact, &x.next_var, &cons);
        if (whose)
            vals[0] = closed_open(w->arena, w->params, w->classes.at[c->class]->spawns.at[i],
                                  &x.next_var, &cons)[0];
        vals = with_params(&x, c->f, vals, fact->val_count);
        run_opened(&x, c, vals, c->f->param_count + 2, cons);
    }
}

// Who is ended early cleans up. What waits there could wait for those who wait for its end, and no
// edge says so.
static void look_for_cleanup(struct web *w) {
    for (int32_t i = 0; i < w->entered.len; i++) {
        const struct mir_function *f = w->entered.at[i].value;
        const struct mir_inst *in = mir_cleanup_wait(w->arena, w->module, f);
        if (in)
            web_give_up(w, in->loc,
                        "a `defer` of `%s` waits, where a supervisor or a test may end it",
                        f->name);
    }
    for (int32_t i = 0; i < w->classes.len; i++) {
        const struct mir_actor *a = w->classes.at[i]->actor;
        const char *names[] = {a ? a->on_stop : NULL, a ? a->on_shutdown : NULL,
                               a ? a->on_child_failure : NULL};
        for (int32_t k = 0; k < 3; k++) {
            const struct mir_function *f = names[k] ? mir_find_function(w->module, names[k]) : NULL;
            if (f && f->suspends)
                web_give_up(w, f->loc,
                            "the hook `%s` waits, where a supervisor or a test may end it",
                            f->name);
        }
    }
}

static void run_named(struct web *w, enum web_entry entry, int32_t class, const char *name,
                      const struct closed *fact, int32_t count) {
    const struct mir_function *f = name ? mir_find_function(w->module, name) : NULL;
    if (!f)
        return;
    struct closed *head = arena_new(w->arena, struct closed);
    *head = *fact;
    head->val_count = count;
    struct web_context c = {entry, class, f, head, 0};
    run_context(w, &c);
}

static void run_class(struct web *w, int32_t class) {
    const struct web_class *c = w->classes.at[class];
    for (int32_t i = 0; c->kind == WEB_ACTOR && i < c->spawns.len && !web_stopped(w); i++) {
        const struct closed *fact = c->spawns.at[i];
        run_named(w, WEB_ENTER_INIT, class, c->actor->init, fact, fact->val_count);
        run_named(w, WEB_ENTER_HOOK, class, c->actor->on_start, fact, 2);
        run_named(w, WEB_ENTER_HOOK, class, c->actor->on_stop, fact, 2);
        run_named(w, WEB_ENTER_HOOK, class, c->actor->on_shutdown, fact, 2);
        run_named(w, WEB_ENTER_HOOK, class, c->actor->on_child_failure, fact, 2);
    }
}

static void run_round(struct web *w) {
    w->changed = false;
    w->edges.len = w->kept.len = 0;
    w->edge_by_key = (struct map){0};
    w->waits = 0;
    for (int32_t c = 0, k = 0; !web_stopped(w) && (c < w->classes.len || k < w->contexts.len);) {
        if (c < w->classes.len)
            run_class(w, c++);
        else
            run_context(w, w->contexts.at[k++]);
    }
}

// ---- the whole ------------------------------------------------------------------------------

static void add_root(struct web *w, const struct mir_test *test) {
    struct arena *a = w->arena;
    const struct mir_function *f = w->root;
    class_new(w, WEB_ROOT, str_from(f->name), f->loc, 0)->function = f;
    struct val *self = arena_new(a, struct val);
    self->kind = VAL_REF;
    const struct val **vals = arena_array(a, const struct val *, f->param_count + 2);
    vals[0] = self;
    for (int32_t i = 0; i < f->param_count; i++) {
        const struct mir_type *t = f->locals.at[i].type;
        vals[i + 2] = test && mir_type_is_int(t) ? val_int(a, t, lin_var(i)) : val_top(a, t);
    }
    struct web_context *c = arena_new(a, struct web_context);
    *c = (struct web_context){WEB_ENTER_ROOT, 0, f, NULL, 0};
    c->closed = closed_make(a, w->params, NULL, vals, f->param_count + 2);
    vec_push(a, &w->contexts, c);
}

struct web *web_run(struct arena *a, struct smt *smt, const struct mir_module *m,
                    const struct mir_function *root, const struct mir_test *test,
                    const int64_t *param_least, struct web_effort effort) {
    struct web *w = arena_new(a, struct web);
    *w = (struct web){.arena = a, .module = m, .smt = smt, .root = root, .effort = effort};
    memcpy(w->param_least, param_least, sizeof w->param_least);
    w->cfgs = cfg_table_new(a, m);
    w->params = test ? root->param_count : 0;
    if (w->params > WEB_PARAMS_MAX) {
        web_give_up(w, root->loc, "more than %d parameters", WEB_PARAMS_MAX);
        return w;
    }
    for (int32_t i = 0; i < w->params; i++)
        w->param_names[i] = test && i < test->params.len ? test->params.at[i].name : "p";
    add_root(w, test);
    w->changed = true;
    for (int32_t round = 0; w->changed && !web_stopped(w); round++) {
        if (round == WEB_ROUNDS_MAX)
            web_give_up(w, root->loc, "who sends to whom did not settle");
        else
            run_round(w);
    }
    if (w->ends_early && !web_stopped(w))
        look_for_cleanup(w);
    return w;
}

// ---- for people -----------------------------------------------------------------------------

static void put_ref(struct text *out, const struct web *w, const struct val *v) {
    text_put(out, w->classes.at[v->class]->name);
    text_putc(out, '[');
    for (int32_t i = 0; i < v->attr_count; i++) {
        if (i)
            text_put(out, STR(", "));
        lin_print(out, v->attrs[i], w->params, w->param_names);
    }
    text_putc(out, ']');
}

void web_print(const struct web *w, struct text *out) {
    for (int32_t i = 0; i < w->classes.len; i++)
        text_printf(out, "class %d %.*s attrs %d spawns %d\n", i, STR_ARGS(w->classes.at[i]->name),
                    w->classes.at[i]->attr_count, w->classes.at[i]->spawns.len);
    text_printf(out, "contexts %d\n", w->contexts.len);
    for (int32_t i = 0; i < w->edges.len; i++) {
        const struct web_edge *e = w->edges.at[i];
        text_printf(out, "edge %.*s -> %.*s: ", STR_ARGS(e->site), STR_ARGS(e->target));
        put_ref(out, w, e->closed->vals[0]);
        text_put(out, STR(" -> "));
        put_ref(out, w, e->closed->vals[1]);
        for (int32_t k = 0; k < e->closed->con_count; k++) {
            text_put(out, k ? STR(", ") : STR(" if "));
            con_print(out, e->closed->cons[k], w->params, w->param_names);
        }
        text_putc(out, '\n');
    }
    if (w->why.len)
        text_printf(out, "given up: %.*s\n", STR_ARGS(w->why));
}
